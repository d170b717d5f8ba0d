"""How much two variables depend on each other, from the table of their joint probabilities."""

import numpy as np

from klteach.measures.divergences import kl_divergence
from klteach.measures.validation import (
    numbers,
    require_non_negative,
    rounding_allowance,
    wrong_total,
)


@np.errstate(under="ignore")
def mutual_information(joint):
    """Mutual information: how much knowing one of two variables tells about the other.

    Formula: I(X; Y) = Σ p(x, y) log(p(x, y) / (p(x) p(y))) = Σ p(x) KL(p(y|x) ‖ p(y)); 0 where X
             and Y are independent. Taken in the second form, in which no term is negative.
    Shapes:  (rows, columns) gives a float: X chooses the row, Y the column. A batch of tables
             (..., rows, columns) gives (...,).
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if a value is negative or not finite, or if a table does not sum to 1.
    Source:  T. M. Cover and J. A. Thomas, "Elements of Information Theory" (2006), section 2.3.

    >>> round(mutual_information([[0.3, 0.1], [0.1, 0.5]]), 6)
    0.177741
    """
    given = numbers("joint", joint)
    require_table("joint", given)
    one = given.ndim == 2
    remedy = "joint / joint.sum()" if one else "joint / joint.sum(axis=(-2, -1), keepdims=True)"
    require_non_negative("joint", given, f"pass {remedy}")
    joint = given.astype(np.float64)
    with np.errstate(over="ignore"):
        rows, columns = joint.sum(axis=-1), joint.sum(axis=-2)
        total = rows.sum(axis=-1)
    off = ~(np.abs(total - 1) <= rounding_allowance(given))
    if off.any():
        if one and has_margins(joint):
            raise ValueError(
                "joint has its margins, which are sums and no outcomes: pass it without its last "
                "row and its last column."
            )
        where = "joint" if one else f"joint[{', '.join(map(str, np.argwhere(off)[0]))}, :, :]"
        raise ValueError(wrong_total(where, total[off][0], given, remedy))
    columns = np.broadcast_to((columns / total[..., np.newaxis])[..., np.newaxis, :], joint.shape)
    # A row that never occurs tells nothing: it may as well have the probabilities of all rows.
    empty = (rows == 0)[..., np.newaxis]
    given_row = np.where(empty, columns, joint / np.where(empty, 1.0, rows[..., np.newaxis]))
    result = np.add.reduce(rows * kl_divergence(given_row, columns), axis=-1) / total
    return float(result) if one else result


def has_margins(joint):
    """Whether the last row and the last column are the sums of the others, as of a crosstab."""
    inner = joint[:-1, :-1]
    return bool(
        min(inner.shape) > 1
        and np.allclose(joint[-1, :-1], inner.sum(axis=0))
        and np.allclose(joint[:-1, -1], inner.sum(axis=1))
        and np.isclose(joint[-1, -1], inner.sum())
    )


def require_table(name, array):
    """ValueError unless the array has rows and columns."""
    if array.ndim < 2 or array.size == 0:
        raise ValueError(
            f"{name} has shape {array.shape}: pass a table of probabilities with a row for each "
            "value of X and a column for each value of Y."
        )
