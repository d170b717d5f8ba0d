"""What many questions share: terms that the wrong answers are built from, and the course's words.

A mistake that is made in several units is told in the same words in each of them.
"""

import numpy as np

# the numbers that people add "to be safe"
SMALL_NUMBERS = (*(10.0**-k for k in (3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 20)), 2.0**-52)

PADDED = (
    "A small number was added inside the logarithm, or put in the place of what is smaller. Where "
    "q = 0 for an outcome that does occur, the answer is infinite; with the small number it is "
    "whatever that number makes it."
)
REMOVED = (
    "You left out the outcomes that q calls impossible (a mask on q). If such an "
    "outcome occurs the price is infinite: you deleted the one row that matters."
)


def terms(p, q):
    """p log(p/q), outcome by outcome: 0 where p = 0, inf where only q is 0."""
    result = np.zeros(p.shape)
    occurs = p > 0
    result[occurs] = p[occurs] * np.log(p[occurs] / q[occurs])
    return result


def special():
    """`scipy.special`, imported at the moment when a mistake needs it: most checks never do."""
    from scipy import special

    return special
