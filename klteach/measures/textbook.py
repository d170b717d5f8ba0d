"""KL, Jeffreys and Jensen-Shannon in the fewest possible calls of NumPy.

The sums of the textbook are right to a few 1e-16 in absolute terms. So where a result is below
SMALL, or not finite (q may be 0, or only too small for a ratio), the terms of `terms` are summed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from klteach.measures.blocks import BLOCK
from klteach.measures.distributions import balanced
from klteach.measures.terms import SMALL, jeffreys_term, js_term, kl_term
from klteach.measures.validation import ROUNDING_ALLOWANCE

SAMPLE = 128  # so many outcomes tell which form a block will need


@dataclass(frozen=True)
class Textbook:
    """A divergence as sums over blocks, what these make of it, and the terms where that is wrong.

    sums        (p, q) -> a tuple of sums along the last axis; NaN only for what is no pair of
                probabilities, or where the divergence is infinite
    divergence  (Σp, Σq, *sums) -> the divergence between p/Σp and q/Σq, where the totals differ
                by no more than float64 is allowed to
    term        (p, q, p - q) -> what each outcome adds, never negative
    """

    sums: Callable
    divergence: Callable
    term: Callable

    def of_plain(self, p, q, axis):
        """The divergence of two plain arrays of probabilities; None if they are not that.

        Most calls are of this kind, and for ten outcomes the way by rows takes five times as long.
        Here are the same checks and the same sum. In any doubt, such as a sum that is off or a
        long array with a small result, the way by rows decides.
        """
        if not _are_plain(p, q, axis):
            return None
        pieces: list[tuple] = []
        with np.errstate(all="ignore"):
            for left in range(0, p.size, BLOCK):
                some_p, some_q = p[left : left + BLOCK], q[left : left + BLOCK]
                # A negative q makes a logarithm NaN, unless p = 0 takes it out of the sum.
                least = np.minimum.reduce(some_p)
                if not (least > 0 or (least == 0 and np.minimum.reduce(some_q) >= 0)):
                    return None
                piece = np.add.reduce(some_p), np.add.reduce(some_q), *self.sums(some_p, some_q)
                # Where the beginning is nearly equal the rest will be, and this is the wrong way.
                if not pieces and p.size > BLOCK and not self.divergence(*piece) >= SMALL:
                    return None
                pieces.append(piece)
            if len(pieces) > 1:
                piece = np.add.reduce(np.array(pieces).T.copy(), axis=-1)
            total_p, total_q, *_ = piece
            allowance = ROUNDING_ALLOWANCE["d"]
            if not (abs(total_p - 1) <= allowance and abs(total_q - 1) <= allowance):
                return None
            result = self.divergence(*piece)
            if SMALL <= result < np.inf:
                return float(result)
            if len(pieces) > 1 or result != result:
                return None
            excess = np.add.reduce(p - q) / total_q
            return float(np.add.reduce(self.term(*balanced(p, q, excess))) / total_p)

    def of_rows(self, distributions):
        """The divergence of each pair of rows, each in the way that is right for it."""
        rows_p, rows_q = distributions.rows
        if len(rows_p) == 1:
            quick = self.of_plain(rows_p[0], rows_q[0], -1)
            return distributions.sum_of_terms(self.term) if quick is None else np.array([quick])
        if likely(rows_p, rows_q) < SMALL:
            return distributions.sum_of_terms(self.term)
        total_p, total_q, *sums = distributions.sums(lambda p, q, *_: self.sums(p, q))
        with np.errstate(all="ignore"):
            result = self.divergence(total_p, total_q, *sums)
            right = (result >= SMALL) & (result < np.inf)
            right &= np.abs(total_q - total_p) <= 2 * ROUNDING_ALLOWANCE["d"]
        if not right.all():
            result[~right] = distributions.sum_of_terms(self.term, ~right)
        return result


def _are_plain(p, q, axis) -> bool:
    return (
        type(p) is type(q) is np.ndarray
        and p.dtype.char == q.dtype.char == "d"
        and p.ndim == 1
        and p.shape == q.shape
        and p.size > 0
        and type(axis) is int
        and axis == -1
    )


def likely(p, q):
    """About the KL divergence of rows, from a few outcomes of the first; NaN for no idea."""
    step = -(-p.shape[1] // SAMPLE)
    some_p, some_q = p[0, ::step], q[0, ::step]
    difference, both = some_p - some_q, some_p + some_q
    with np.errstate(all="ignore"):
        return 2 * np.vecdot(difference, difference / both) / np.add.reduce(both)


def kl_sum(p, q):
    """Σ p log(p/q), with 0 log 0 = 0."""
    logs = _log_ratio(p, q)
    total = np.vecdot(p, logs)
    if (total != total).any():
        np.copyto(logs, 0.0, where=p == 0)
        total = np.vecdot(p, logs)
    return (total,)


def _jeffreys_sums(p, q):
    """Σ p log(p/q) and Σ q log(p/q)."""
    logs = _log_ratio(p, q)
    sums = np.vecdot(p, logs), np.vecdot(q, logs)
    if (sums[0] != sums[0]).any() or (sums[1] != sums[1]).any():
        np.copyto(logs, 0.0, where=(p == 0) & (q == 0))
        sums = np.vecdot(p, logs), np.vecdot(q, logs)
    return sums


def _js_sums(p, q):
    """Σ p log(2p / (p+q)) and Σ q log(2q / (p+q))."""
    half = (p + q) * 0.5
    sums = []
    for own in (p, q):
        logs = _log_ratio(own, half)
        total = np.vecdot(own, logs)
        if (total != total).any():
            np.copyto(logs, 0.0, where=own == 0)
            total = np.vecdot(own, logs)
        sums.append(total)
    return tuple(sums)


def _log_ratio(p, q):
    ratio = np.divide(p, q)
    return np.log(ratio, out=ratio)


def _kl(total_p, total_q, of_p):
    return of_p / total_p - np.log(total_p / total_q)


def _jeffreys(total_p, total_q, of_p, of_q):
    # the constant log(Σp/Σq) falls out, as both sides sum to 1
    return of_p / total_p - of_q / total_q


def _js(total_p, total_q, of_p, of_q):
    # to first order in the difference of the totals, of which the square is below 1e-15
    return (of_p + of_q) / (2 * total_p) - (total_q / total_p - 1) * of_q / (2 * total_q)


KL = Textbook(kl_sum, _kl, kl_term)
JEFFREYS = Textbook(_jeffreys_sums, _jeffreys, jeffreys_term)
JENSEN_SHANNON = Textbook(_js_sums, _js, js_term)
