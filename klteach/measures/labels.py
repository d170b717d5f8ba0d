"""Labels of pandas: two arguments that list the same outcomes in another order are refused.

Measures pair values by their place. `value_counts` sorts by frequency, so the shares of two samples
come in different orders, and paired by place they look far more alike than they are.
"""

import numpy as np

_MOST = 3  # labels shown


def require_same_labels(axis=-1, **arguments):
    """ValueError that names the way out, if two arguments have labels that differ.

    `axis` runs over the outcomes. What has no labels, a list or an array, is as it is.
    """
    labelled = {name: values for name, values in arguments.items() if _index(values) is not None}
    if len(labelled) < 2:
        return
    (first, left), *others = labelled.items()
    for name, right in others:
        _require_same(first, left, name, right, axis)


def _require_same(first, left, name, right, axis):
    for_outcomes = _labels(left, axis), _labels(right, axis)
    if not _equal(*for_outcomes):
        raise ValueError(
            f"{first} lists {_shown(for_outcomes[0])} and {name} lists {_shown(for_outcomes[1])}: "
            + _remedy(first, left, name, right, *for_outcomes, axis)
        )
    if not (hasattr(left, "columns") and hasattr(right, "columns")):
        return
    for_rows = _labels(left, axis, of_rows=True), _labels(right, axis, of_rows=True)
    if not _equal(*for_rows):
        raise ValueError(
            f"the rows of {first} are {_shown(for_rows[0])} and those of {name} are "
            f"{_shown(for_rows[1])}: bring both into one order with reindex, or pass arrays if "
            "they belong together as they are."
        )


def _remedy(first, left, name, right, of_left, of_right, axis) -> str:
    wide = [_is_wide(left, axis), _is_wide(right, axis)]
    of_first = f"{first}.{'columns' if wide[0] else 'index'}"
    if set(of_left) == set(of_right):
        keyword = "columns=" if wide[1] else ""
        return f"pass {name}.reindex({keyword}{of_first})."
    both = f"{of_first}.union({name}.{'columns' if wide[1] else 'index'})"
    calls = [
        f"{own}.reindex({'columns=' if is_wide else ''}both, fill_value=0)"
        for own, is_wide in zip((first, name), wide, strict=True)
    ]
    return f"with both = {both}, pass {calls[0]} and {calls[1]}."


def _index(values):
    """The index of a Series or a frame; None for all else (the `index` of a list is a method)."""
    index = getattr(values, "index", None)
    return None if index is None or callable(index) else index


def _is_wide(values, axis) -> bool:
    """Whether the outcomes are the columns of a frame."""
    return hasattr(values, "columns") and axis in (-1, 1)


def _labels(values, axis, of_rows=False):
    """The labels of the outcomes, or those of the rows of a frame."""
    if not hasattr(values, "columns"):
        return values.index
    return values.columns if _is_wide(values, axis) != of_rows else values.index


def _equal(left, right) -> bool:
    return len(left) == len(right) and bool(np.all(np.asarray(left) == np.asarray(right)))


def _shown(labels) -> str:
    more = ", …" if len(labels) > _MOST else ""
    return ", ".join(map(str, labels[:_MOST])) + more
