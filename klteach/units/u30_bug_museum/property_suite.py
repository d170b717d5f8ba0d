"""The property suite of the exercises: each row names the property that an answer breaks.

Rows of the diagnosis, see klteach.practice.question: functions of an Evidence that return a
sentence and the number of the case that shows it, or None. None of them fits a right answer.
"""

from collections.abc import Callable

import numpy as np

from klteach.practice.diagnosis import mean_for_sum, sign, some_factor, unit_of_the_logarithm
from klteach.practice.evidence import Evidence, Found, same
from klteach.practice.question import Case

SLACK = 1e-11
# what explains an answer everywhere comes before what it breaks somewhere
CAUSES = (sign, unit_of_the_logarithm, mean_for_sum, some_factor)


def _found(e: Evidence, sentence: str, places) -> Found:
    place = e.small(list(places))
    return None if place is None else (sentence, place)


def never_negative(e: Evidence) -> Found:
    return _found(
        e,
        "Red: never negative. Yours is below 0 on the input below.",
        (i for i, value in enumerate(e.values) if (value < -SLACK).any()),
    )


def zero_exactly_if(name: str, here: str, otherwise: str) -> Callable[[Evidence], Found]:
    """The row of a quantity that is 0 in one case, called `name`, and in no other."""

    def zero_elsewhere(e: Evidence) -> Found:
        zero = [same(reference, 0.0) for reference in e.references]
        values = [float(value) for value in e.values]
        return _found(
            e,
            f"Red: 0 if {name}. {here} here, and yours is not 0.",
            (i for i, value in enumerate(values) if zero[i] and abs(value) > SLACK),
        ) or _found(
            e,
            f"Red: 0 only if {name}. {otherwise} here, and yours is 0.",
            (i for i, value in enumerate(values) if not zero[i] and abs(value) <= 1e-14),
        )

    return zero_elsewhere


zero_exactly_if_equal = zero_exactly_if("the two are equal", "They are equal", "They differ")


def infinite_where_it_must(e: Evidence) -> Found:
    infinite = [bool(np.isinf(reference).any()) for reference in e.references]
    values = [bool(np.isinf(value).any()) for value in e.values]
    return _found(
        e,
        "Red: ∞ exactly where it must be. Q rules out what P does here, and yours is finite.",
        (i for i, value in enumerate(values) if infinite[i] and not value),
    ) or _found(
        e,
        "Red: finite. Yours is infinite here, which this quantity is not for such an input.",
        (i for i, value in enumerate(values) if value and not infinite[i]),
    )


def bound(largest: float, name: str) -> Callable[[Evidence], Found]:
    """The row of a quantity that is at most `largest`, which disjoint distributions reach."""

    def bound_broken(e: Evidence) -> Found:
        above = (i for i, value in enumerate(e.values) if (value > largest + SLACK).any())
        return _found(
            e, f"Red: the bound. Yours is above {name} here, which nothing exceeds.", above
        ) or _found(
            e,
            "Red: the bound is reached. The two share no outcome here, so nothing is further "
            f"apart, and yours stays below {name}.",
            (
                i
                for i, (value, right) in enumerate(zip(e.values, e.references, strict=True))
                if same(right, largest) and (value < largest - SLACK).any()
            ),
        )

    return bound_broken


def symmetry(e: Evidence) -> Found:
    changed = (
        i for i, other in enumerate(e.swapped) if other is not None and not same(other, e.values[i])
    )
    return _found(e, "Red: symmetry. Let P and Q change places, and yours changes.", changed)


def another(
    change: Callable[[Case], Case], words: str, property_: str
) -> Callable[[Evidence], Found]:
    """The row of a change of the input that leaves the right value as it is."""

    def changed_by_what_changes_nothing(e: Evidence) -> Found:
        others = e.call(list(map(change, e.cases)))
        return _found(
            e,
            f"Red: {property_}. {words}, and yours changes.",
            (
                i
                for i, other in enumerate(others)
                if other is not None and not same(other, e.values[i])
            ),
        )

    return changed_by_what_changes_nothing


def in_another_unit(case: Case) -> Case:
    """All numbers ten times as large: means and sds in millimetres, or counts of ten times."""
    return Case(tuple(10 * argument for argument in case.arguments))


def exchanged(case: Case) -> Case:
    """The two variables of a joint table exchanged."""
    return Case(tuple(argument.T for argument in case.arguments))
