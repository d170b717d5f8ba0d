"""Distributions: made from counts by `normalize`, and read by the measures one per row.

`Distributions` is what the measures share: it takes the arguments in whatever shape they come,
checks them in the same pass that does the arithmetic, and hands results back in that shape.
"""

import math

import numpy as np

from klteach.measures.blocks import sums_in_blocks
from klteach.measures.labels import require_same_labels
from klteach.measures.validation import (
    last_axis,
    numbers,
    refuse_total,
    require_non_negative,
    require_outcomes,
    require_same_shape,
    rounding_allowance,
    row,
)


@np.errstate(under="ignore")
def normalize(counts, *, axis=-1):
    """Turn counts or weights into probabilities.

    Formula: counts / Σ counts.
    Shapes:  (..., k) gives a float64 array of the same shape; each distribution along `axis` is
             divided by its own total. The labels of a pandas Series are left behind: bring two of
             them into one order before, as p.reindex(q.index) does.
    Units:   none: counts in, probabilities out.
    Errors:  ValueError if a count is negative, NaN or infinite, or if a total is 0.
    Source:  the relative frequency; T. M. Cover and J. A. Thomas, "Elements of Information
             Theory" (2006), section 11.1.

    >>> normalize([7, 2, 1])
    array([0.7, 0.2, 0.1])
    """
    given = numbers("counts", counts).astype(np.float64)
    require_outcomes("counts", given)
    values = last_axis("counts", given, axis)
    require_non_negative("counts", given)
    with np.errstate(over="ignore"):
        totals = values.sum(axis=-1, keepdims=True)
    if np.isinf(totals).any():
        # Two finite counts can have an infinite total. A power of two changes no digit.
        values = np.where(np.isinf(totals), values * 2.0**-64, values)
        totals = values.sum(axis=-1, keepdims=True)
    empty = totals[..., 0] == 0
    if empty.any():
        raise ValueError(
            f"the total of {row('counts', axis % given.ndim, empty)} is 0, so there is nothing to "
            "share out: leave it out, or add a constant to every count if that is what you mean."
        )
    return np.moveaxis(values / totals, -1, axis)


class Distributions:
    """The arguments of a measure, as float64 arrays that hold one distribution per row.

    The kind of the values and the shapes are checked at once. That the values are probabilities is
    checked by `sums`, in the same pass that does the arithmetic: on long arrays, reading memory a
    second time would cost more than the check itself.
    """

    def __init__(self, axis, **arguments):
        self.axis = axis
        require_same_labels(axis, **arguments)
        self.given = {name: numbers(name, values) for name, values in arguments.items()}
        for name, array in self.given.items():
            require_outcomes(name, array)
        # A single distribution beside a batch has only one axis, whichever the batch uses.
        dimensions = max(array.ndim for array in self.given.values())
        moved = {
            name: last_axis(name, array, axis) if array.ndim == dimensions else array
            for name, array in self.given.items()
        }
        require_same_shape(moved)
        self.shape = max((array.shape for array in moved.values()), key=len)
        self.rows = [self._as_rows(array) for array in moved.values()]

    def _as_rows(self, array):
        rows = np.ascontiguousarray(array, dtype=np.float64).reshape(-1, self.shape[-1])
        count = math.prod(self.shape[:-1])
        return rows if len(rows) == count else np.broadcast_to(rows, (count, self.shape[-1]))

    def sums(self, block_sums):
        """The totals of the arguments and the sums of their blocks, each of shape (rows,).

        `block_sums(*blocks, *totals)` takes a block of each argument and its totals, and returns a
        tuple of sums along the last axis. Raises ValueError unless every row is a distribution;
        until that is known, NumPy's warnings are off.
        """

        def checked_sums(*blocks):
            for name, block in zip(self.given, blocks, strict=True):
                # NaN compares as False, so this one comparison finds it too.
                if not np.minimum.reduce(block, axis=None) >= 0:
                    require_non_negative(name, self.given[name])
            totals = [np.add.reduce(block, axis=-1) for block in blocks]
            return *totals, *block_sums(*blocks, *totals)

        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            results = sums_in_blocks(checked_sums, *self.rows)
        # the sums follow the totals in `results`, so that it is the longer of the two
        for (name, array), total in zip(self.given.items(), results, strict=False):
            if not (np.abs(total - 1) <= rounding_allowance(array)).all():
                require_non_negative(name, array)
                refuse_total(name, array, self.axis, total)
        return results

    def excess(self):
        """The total of p, and by what share of itself q must grow to have the same total.

        The totals may be off by rounding, which matters near p = q. Not total_p - total_q: the
        differences p - q are exact near p = q, while the totals are rounded.
        """
        total_p, total_q, gap = self.sums(
            lambda p, q, total_p, total_q: (np.add.reduce(p - q, axis=-1),)
        )
        return total_p, gap / total_q

    def sum_of_terms(self, term, chosen=None):
        """Σ term(p, q, p - q) for each (chosen) pair of rows, each row divided by its total."""
        total_p, excess = self.excess()
        rows = self.rows
        if chosen is not None:
            rows, total_p, excess = self.rows_where(chosen), total_p[chosen], excess[chosen]
        excess = np.broadcast_to(excess[:, np.newaxis], rows[0].shape)
        (result,) = sums_in_blocks(
            lambda p, q, excess: (np.add.reduce(term(*balanced(p, q, excess)), axis=-1),),
            *rows,
            excess,
        )
        return result / total_p

    def rows_where(self, chosen):
        """The chosen rows of each argument, copied only if they are not all."""
        return self.rows if chosen.all() else [rows[chosen] for rows in self.rows]

    def one_per_row(self, values):
        """Values of shape (rows,) as the caller expects them: a float or the shape of the batch."""
        return float(values[0]) if len(self.shape) == 1 else values.reshape(self.shape[:-1])

    def one_per_outcome(self, values):
        """Values of shape (rows, outcomes) in the shape of the (larger) argument."""
        values = values.reshape(self.shape)
        return values if len(self.shape) == 1 else np.moveaxis(values, -1, self.axis)


def balanced(p, q, excess):
    """p, q enlarged by (1 + excess), and the difference of the two with all its digits."""
    correction = excess * q
    return p, q + correction, (p - q) - correction
