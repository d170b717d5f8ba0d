"""What a question asks an answer to return: its form in words, its shape, its words as numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Returns:
    """The form of a returned value.

    asked    what it is, in words, as in "not one number"
    shape    a function of the arguments: the shape of the value
    choices  for answers in words: the words that are allowed; each stands for its place in the list
    also     other words for some of the choices, each with the one that it stands for
    booleans  whether True and False count as 1 and 0
    """

    asked: str
    shape: Callable[..., tuple[int, ...]]
    choices: tuple[str, ...] = ()
    also: Mapping[str, str] = field(default_factory=dict)
    booleans: bool = False

    def numbers(self, value) -> np.ndarray:
        """The value of a reference or a named mistake in double precision, words as their places.

        >>> choices("yes", "no", count=2).numbers(["no", "yes"])
        array([1., 0.])
        """
        if self.choices:
            value = [self.choices.index(word) for word in value]
        return np.asarray(value, dtype=float)

    def place(self, word: str) -> int | None:
        """The place of the choice that is meant, in whatever letters; None if it is none.

        A parameter may follow after a colon: "additive:0.5" is "additive".

        >>> choices("AB", "BA", count=8).place(" ab ")
        0
        """
        known = {_bare(choice): place for place, choice in enumerate(self.choices)}
        known |= {_bare(other): self.choices.index(choice) for other, choice in self.also.items()}
        return known.get(_bare(word))

    def as_returned(self, values: np.ndarray):
        """`values` as the answer returned them: words again, where words were asked for."""
        return [self.choices[int(place)] for place in values] if self.choices else values


def _bare(word: str) -> str:
    return word.partition(":")[0].strip().casefold().replace("_", "-").replace(" ", "-")


def one_per_outcome(first, *_) -> tuple[int, ...]:
    """The shape of the first argument."""
    return np.shape(first)


NUMBER = Returns("one number", lambda *_: ())
ARRAY = Returns("an array with one number per outcome", one_per_outcome)
WHOLE_NUMBERS = Returns("an array with one whole number per outcome", one_per_outcome)
SAME_SHAPE = Returns("a value of the same shape as its argument", one_per_outcome)
PAIR = Returns("two distributions over n outcomes, `p, q`", lambda n, *_: (2, n))


def named_numbers(*names: str) -> Returns:
    """So many numbers, in the order of their names.

    >>> named_numbers("KL", "JS", "TV").asked
    'a list of 3 numbers, in the order KL, JS, TV'
    """
    asked = f"a list of {len(names)} numbers, in the order {', '.join(names)}"
    return Returns(asked, lambda *_: (len(names),))


def choices(*words: str, count: int, also: Mapping[str, str] | None = None) -> Returns:
    """A list of `count` entries, each one of these words, or `also` another word for one of them.

    >>> choices("AB", "BA", count=8).asked
    "a list of 8 entries, each 'AB' or 'BA'"
    """
    asked = f"a list of {count} entries, each {' or '.join(map(repr, words))}"
    return Returns(asked, lambda *_: (count,), words, also or {})
