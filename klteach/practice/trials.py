"""Rows of the diagnosis that try a wrong answer on further inputs before they say anything."""

from collections.abc import Callable

import numpy as np

from klteach.practice.evidence import (
    Evidence,
    Found,
    changes,
    indices_where,
    is_array,
    is_whole,
    reverse_all,
    reverse_last,
    same,
    swap,
    turned,
    with_argument,
)
from klteach.practice.question import Case
from klteach.practice.wording import is_small, listed

_TRIED = 6  # so many inputs are tried again where each takes several calls


def not_repeatable(e: Evidence) -> Found:
    """The same input gave another value the second time."""
    changed = indices_where(
        a is not None and not same(a, v) for a, v in _side_by_side(e.again, e.values)
    )
    if not changed:
        return None
    return (
        "The same input gave two different values. Something outside the function takes part: a "
        "global variable, a list that keeps growing, a random number.",
        changed[0],
    )


def _side_by_side(others, values):
    return zip(others, values, strict=False)


def _of_floats(case: Case) -> Case:
    return Case(tuple(a.astype(float) if is_whole(a) else a for a in case.arguments))


def whole_number_arrays(e: Evidence) -> Found:
    """Wrong for arrays of whole numbers, and right for the same numbers as floats."""
    at = [i for i in e.wrong if any(map(is_whole, e.cases[i].arguments))]
    if not at or at != e.wrong or all(e.is_right(e.values[i], e.references[i]) for i in at):
        return None
    of_floats = e.call([_of_floats(e.cases[i]) for i in at])
    if not all(e.is_right(v, e.references[i]) for i, v in zip(at, of_floats, strict=True)):
        return None
    shown = e.small(at)
    assert shown is not None
    arguments = zip(e.names, e.cases[shown].arguments, strict=True)
    name = next(name for name, argument in arguments if is_whole(argument))
    return (
        f"Right where `{name}` holds floats, wrong where it holds whole numbers, as here. "
        f"`np.zeros_like({name})` or a copy of it then holds whole numbers too and cuts off what "
        "stands after the point (infinity becomes the least whole number there is): "
        "`dtype=float` or `.astype(float)` makes room.",
        shown,
    )


def _with_outcome_changed(case: Case, outcome: int, much: bool) -> Case:
    """The case with other numbers for one outcome in each array: above all others, or smaller."""

    def changed(argument):
        argument = argument.copy()
        if much:
            argument[outcome] = argument.max() + 1
        elif not is_whole(argument):
            argument[outcome] *= 0.1
        elif argument[outcome]:
            argument[outcome] -= 1
        return argument

    return Case(tuple(changed(a) if is_array(a) else a for a in case.arguments))


def one_outcome(e: Evidence) -> Found:
    """Only the first outcome counts, or the last; or one of them does not."""
    if not e.question.exchangeable:
        return None
    tried = [i for i in e.wrong if _can_be_taken_apart(e.cases[i], e.references[i])][:2]
    patterns = []
    for i in tried:
        outcomes = range(len(e.cases[i].arguments[0]))
        more = e.call([_with_outcome_changed(e.cases[i], outcome, True) for outcome in outcomes])
        less = e.call([_with_outcome_changed(e.cases[i], outcome, False) for outcome in outcomes])
        if any(value is None for value in (*more, *less)):
            return None
        counts = tuple(
            not (same(a, e.values[i]) and same(b, e.values[i]))
            for a, b in zip(more, less, strict=True)
        )
        unused = [outcome for outcome, matters in enumerate(counts) if not matters]
        # nor may the right value do without them; mass is moved, so that it still is a distribution
        if not any(changes(e, [_with_mass_moved(e.cases[i], o)], i) for o in unused):
            return None
        together = e.cases[i]
        for outcome in unused:
            together = _with_outcome_changed(together, outcome, True)
        (value,) = e.call([together])
        if value is None or not same(value, e.values[i]):
            return None
        patterns.append(next((words for words, fits in _OUTCOMES.items() if fits(counts)), None))
    if len(patterns) < 2 or patterns[0] is None or patterns[0] != patterns[1]:
        return None
    return patterns[0], tried[0]


def _with_mass_moved(case: Case, outcome: int) -> Case:
    """The case with mass moved from this outcome to its neighbour, in the first array.

    A whole number in this place becomes one more.
    """
    first = case.arguments[0].copy()
    if is_whole(first):
        first[outcome] += 1
    else:
        moved = 0.3 * first[outcome]
        first[outcome] -= moved
        first[outcome - 1] += moved
    return with_argument(case, 0, first)


_OUTCOMES: dict[str, Callable[[tuple[bool, ...]], bool]] = {
    "Only the first outcome counts in yours: whatever the others are, the value is the same. Does "
    "a `return` stand inside the loop?": lambda counts: counts[0] and not any(counts[1:]),
    "Only the last outcome counts in yours: whatever the others are, the value is the same. Does "
    "each turn of the loop overwrite the result (`=`) where it should add to it (`+=`)?": (
        lambda counts: counts[-1] and not any(counts[:-1])
    ),
    "The last outcome does not count in yours: whatever it is, the value is the same. Does a slice "
    "or a loop end one too early?": lambda counts: not counts[-1] and all(counts[:-1]),
    "The first outcome does not count in yours: whatever it is, the value is the same. Does a "
    "slice or a loop begin one too late?": lambda counts: not counts[0] and all(counts[1:]),
}


def _can_be_taken_apart(case: Case, reference: np.ndarray) -> bool:
    arrays = [argument for argument in case.arguments if is_array(argument)]
    return (
        reference.ndim == 0
        and bool(np.isfinite(reference))
        and bool(arrays)
        and case.arguments[0] is arrays[0]
        and all(array.ndim == 1 and len(array) == len(arrays[0]) for array in arrays)
        and bool((arrays[0] > 0).all())
        and 3 <= len(arrays[0]) <= 8
    )


def order_of_outcomes(e: Evidence) -> Found:
    """The value changes with the order of the outcomes."""
    if not e.question.exchangeable:
        return None
    changed = indices_where(
        o is not None and not same(o, v) for o, v in _side_by_side(e.permuted, e.values)
    )
    reordered = [(i, turned(e.right_value(reverse_all(e.cases[i])))) for i in changed[:_TRIED]]
    tried = [(i, right) for i, right in reordered if right is not None]
    if not tried or not all(same(right, e.references[i]) for i, right in tried):
        return None
    shown = min((i for i, _ in tried), key=lambda i: not is_small(e.cases[i]))
    arguments = dict(zip(e.names, e.cases[shown].arguments, strict=True))
    arrays = [f"`{name}`" for name, argument in arguments.items() if is_array(argument)]
    what = "rows" if any(np.ndim(a) > 1 for a in arguments.values()) else "entries"
    return (
        f"The value changes when the {what} of {listed(arrays)} are put into another order, all in "
        "the same way, and the right one does not. Is something sorted, shifted, cumulated or cut "
        "off on the way?",
        shown,
    )


def argument_unused(e: Evidence) -> Found:
    """The value does not change when one argument does."""
    for place, name in enumerate(e.names):
        tried = _inputs_that_ignore(e, place)
        if len(tried) > 1:
            return (
                f"The value stayed the same when `{name}` alone was changed, on each of the "
                f"{len(tried)} inputs on which that was tried. Is `{name}` used?",
                e.small(tried) or 0,
            )
    return None


def _inputs_that_ignore(e: Evidence, place: int) -> list[int]:
    """Cases on which the value is the same for other arguments at this place; none if one is not.

    Only those count on which the right value changes.
    """
    tried: list[int] = []
    for i in filter(e.is_finite, e.wrong):
        others = _with_others(e.cases[i], place)
        if len(tried) == _TRIED or not others or not changes(e, others, i):
            continue
        if not all(value is not None and same(value, e.values[i]) for value in e.call(others)):
            return []
        tried.append(i)
    return tried


def _with_others(case: Case, place: int) -> list[Case]:
    """The case with other arguments at this place, one near to the old one and one far from it."""
    argument = case.arguments[place]
    if is_array(argument) and argument.dtype.kind == "f" and np.isfinite(argument).all():
        near = 0.5 * argument + 0.3 * argument[::-1] + 0.2 * argument.mean(axis=0)
        far = 0.1 * argument
        far.flat[argument.argmin()] += 0.9 * argument.sum()
        if argument.ndim > 1:
            others = [near, _across(argument)]  # one keeps the sums of columns, one those of rows
        elif np.isclose(argument.sum(), 1):
            others = [near, far]
        else:
            others = [near, 0.8 * argument]  # no distribution, so its sum and its mean may matter
        return [with_argument(case, place, other) for other in others]
    if isinstance(argument, float) and np.isfinite(argument) and argument:
        return [with_argument(case, place, 0.9 * argument)]
    return []


def _across(table: np.ndarray) -> np.ndarray:
    """The table with some of each row exchanged between its columns."""
    return 0.7 * table + 0.3 * table[:, ::-1]


def order_of_the_last_argument(e: Evidence) -> Found:
    """The value stays the same when the entries of the last argument change places."""
    if not e.question.exchangeable or not all(
        len(c.arguments) > 1 and is_array(c.arguments[-1]) for c in e.cases
    ):
        return None
    compared = [
        (i, m)
        for i, m in enumerate(e.misaligned)
        if m is not None
        and not e.right[i]
        and e.is_finite(i)
        and not same(e.cases[i].arguments[-1], e.cases[i].arguments[-1][::-1])
    ]
    if len(compared) < 2 or not all(same(m, e.values[i]) for i, m in compared):
        return None
    if not any(changes(e, [reverse_last(e.cases[i])], i) for i, _ in compared[:_TRIED]):
        return None
    name = e.names[-1]
    shown = e.small([i for i, _ in compared])
    return (
        f"The value stays the same when the entries of `{name}` alone are put into another order, "
        f"and the right one does not: it matters which stands beside which. Is `{name}` sorted, or "
        "summed up before it meets the others?",
        shown or 0,
    )


def symmetric(e: Evidence) -> Found:
    """The value stays the same when p and q change places."""
    if not e.pairs:
        return None
    compared = [
        (i, s)
        for i, s in enumerate(e.swapped)
        if s is not None and e.is_finite(i) and not same(e.values[i], e.references[i])
    ]
    if len(compared) < 2 or not all(same(s, e.values[i]) for i, s in compared):
        return None
    if not any(changes(e, [swap(e.cases[i])], i) for i, _ in compared[:_TRIED]):
        return None
    return (
        "The value stays the same when p and q change places, and the right one does not: p "
        "supplies the samples, and q is the one that is scored.",
        e.small([i for i, _ in compared]) or 0,
    )
