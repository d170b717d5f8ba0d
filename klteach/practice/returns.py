"""What a question asks an answer to return: its form in words, its shape, its words as numbers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Returns:
    """The form of a returned value.

    asked    what it is, in words, as in "not one number"
    shape    a function of the arguments: the shape of the value
    choices  for answers in words: the words that are allowed; each stands for its place in the list
    """

    asked: str
    shape: Callable[..., tuple[int, ...]]
    choices: tuple[str, ...] = ()

    def numbers(self, value) -> np.ndarray:
        """The value of a reference or a named mistake in double precision, words as their places.

        >>> choices("yes", "no", count=2).numbers(["no", "yes"])
        array([1., 0.])
        """
        if self.choices:
            value = [self.choices.index(word) for word in value]
        return np.asarray(value, dtype=float)

    def as_returned(self, values: np.ndarray):
        """`values` as the answer returned them: words again, where words were asked for."""
        return [self.choices[int(place)] for place in values] if self.choices else values


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


def choices(*words: str, count: int) -> Returns:
    """A list of `count` entries, each one of these words.

    >>> choices("AB", "BA", count=8).asked
    "a list of 8 entries, each 'AB' or 'BA'"
    """
    asked = f"a list of {count} entries, each {' or '.join(map(repr, words))}"
    return Returns(asked, lambda *_: (count,), words)
