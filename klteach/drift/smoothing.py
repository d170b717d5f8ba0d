"""What to do about an empty cell: a policy with a name, printed with every result.

There is no eps in here. The answer to an empty cell is whatever is put into it, so it is chosen by
name, on counts, and said aloud.
"""

import re
from dataclasses import dataclass

import numpy as np

from klteach.drift.errors import DriftError

KINDS = ("additive", "infinite", "error", "merge-empty")


@dataclass(frozen=True)
class Smoothing:
    """How counts become shares.

    additive(alpha)  α is added to the count of every cell that either side uses
    infinite()       counts are divided by their sum; an empty cell makes KL and PSI infinite
    error()          refuse: an empty cell has to be looked at by somebody
    merge_empty()    the cells that are empty on one side become one cell, with the rarest of the
                     others, until neither side of it is empty

    >>> str(Smoothing.additive(0.5)), Smoothing.parse("merge-empty")
    ('additive:0.5', Smoothing(kind='merge-empty', alpha=0.0))
    """

    kind: str
    alpha: float = 0.0

    def __post_init__(self):
        if self.kind not in KINDS:
            raise DriftError(f"smoothing {self.kind!r} is not known; there are {', '.join(KINDS)}.")
        if self.kind == "additive" and not 0 < self.alpha < np.inf:
            raise DriftError(f"additive smoothing adds more than 0 to counts, not {self.alpha}.")

    @classmethod
    def additive(cls, alpha: float = 0.5) -> "Smoothing":
        return cls("additive", float(alpha))

    @classmethod
    def infinite(cls) -> "Smoothing":
        return cls("infinite")

    @classmethod
    def error(cls) -> "Smoothing":
        return cls("error")

    @classmethod
    def merge_empty(cls) -> "Smoothing":
        return cls("merge-empty")

    @classmethod
    def parse(cls, text: str) -> "Smoothing":
        """The policy that `str` writes: "additive:0.5", "infinite", "error", "merge-empty"."""
        found = re.fullmatch(r"([a-z-]+)(?::([\d.eE+-]+))?", text)
        try:
            alpha = float(found[2]) if found and found[2] else 0.5
        except ValueError:
            found = None
        if not found:
            raise DriftError(f'smoothing {text!r} cannot be read; write it as "additive:0.5".')
        return cls(found[1], alpha if found[1] == "additive" else 0.0)

    def __str__(self):
        return f"{self.kind}:{self.alpha:g}" if self.kind == "additive" else self.kind

    def shares(self, current, baseline, cells=None) -> tuple[np.ndarray, np.ndarray]:
        """The shares of both sides, one pair of rows for each pair of rows of counts.

        Formula: additive (n_i + α) / (N + α K), with K the number of cells that either side uses;
                 a cell that is empty on both sides carries nothing and stays 0.
        Shapes:  (..., k) twice gives (..., k) twice.
        Errors:  DriftError if a side has no rows, or by the policy `error`, with the cell's name
                 from `cells`.
        Source:  W. E. Johnson, "Probability: the deductive and inductive problems" (1932).

        >>> p, q = Smoothing.additive(1).shares([7, 0, 3, 0], [5, 5, 0, 0])
        >>> p.round(3).tolist()
        [0.615, 0.077, 0.308, 0.0]
        """
        current, baseline = np.broadcast_arrays(
            np.asarray(current, dtype=float), np.asarray(baseline, dtype=float)
        )
        if not current.sum(axis=-1).all() or not baseline.sum(axis=-1).all():
            raise DriftError("a histogram without rows has no shares.")
        used = (current > 0) | (baseline > 0)
        if self.kind == "error":
            _refuse_empty(current, baseline, used, cells)
        if self.kind == "merge-empty":
            return _merged(current, baseline)
        sides = (current + self.alpha * used, baseline + self.alpha * used)
        return tuple(counts / counts.sum(axis=-1, keepdims=True) for counts in sides)


def _refuse_empty(current, baseline, used, cells):
    for side, counts in (("current data", current), ("baseline", baseline)):
        empty = used & (counts == 0)
        if empty.any():
            place = int(np.argwhere(empty)[0][-1])
            name = cells[place] if cells else f"number {place}"
            raise DriftError(
                f"the cell {name!r} is empty in the {side} and not on the other side. Choose a "
                "smoothing (additive, infinite, merge-empty), or other cells."
            )


def _merged(current, baseline):
    """One cell takes in all that are empty on one side; rows of shares of the old length."""
    shape = current.shape
    current = current.reshape(-1, shape[-1]).copy()
    baseline = baseline.reshape(-1, shape[-1]).copy()
    one_sided = (current > 0) != (baseline > 0)
    for row in np.flatnonzero(one_sided.any(axis=-1)):
        p, q, pool = current[row], baseline[row], np.flatnonzero(one_sided[row])
        rest = np.flatnonzero((p > 0) & (q > 0))
        rest = rest[np.argsort(p[rest] + q[rest], kind="stable")]
        taken = 0
        while not (p[pool].sum() and q[pool].sum()):
            pool = np.append(pool, rest[taken])
            taken += 1
        home = pool[0]
        for counts in (p, q):
            total = counts[pool].sum()
            counts[pool] = 0
            counts[home] = total
    current /= current.sum(axis=-1, keepdims=True)
    baseline /= baseline.sum(axis=-1, keepdims=True)
    return current.reshape(shape), baseline.reshape(shape)
