"""What a channel leaves of a distribution: noise, binning, merging of outcomes, any summary."""

import numpy as np
from numpy.typing import ArrayLike

from klteach.inference.reading import probabilities, rows_of_probabilities, shares
from klteach.measures.validation import counted


@np.errstate(under="ignore")
def push_forward(p: ArrayLike, channel: ArrayLike) -> np.ndarray:
    """The distribution of what comes out of a channel, if p goes in.

    Formula: Σ_x p(x) W(y|x), where row x of the channel W is the law of the output y for the input
             x. A summary is a channel whose rows hold a single 1. No channel enlarges a divergence:
             KL(pW‖qW) <= KL(p‖q).
    Shapes:  p (k,) and channel (k, m) give (m,); a batch of distributions (..., k) gives (..., m).
    Units:   none; probabilities.
    Errors:  ValueError if p or a row of the channel is not a distribution, if p has not as many
             outcomes as the channel has rows, or if the channel lies on its side.
    Source:  I. Csiszar, "Information-type measures of difference of probability distributions and
             indirect observations" (1967).

    >>> push_forward([0.5, 0.3, 0.2], [[1, 0], [0, 1], [0, 1]])
    array([0.5, 0.5])
    """
    goes_in = probabilities("p", p)
    meaning = "row i lists how likely each output is for input i"
    rows = rows_of_probabilities("channel", channel, meaning)
    if goes_in.shape[-1] != len(rows):
        raise ValueError(
            f"p has {counted(goes_in.shape[-1])} and channel has {len(rows)} rows: the channel "
            "must have a row for each outcome of p, in the same order."
        )
    return shares(goes_in) @ shares(rows)
