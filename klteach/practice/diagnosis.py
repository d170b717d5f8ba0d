"""Reads the pattern of wrong values when no named mistake matches.

Each row looks at the evidence and returns a sentence, a sentence with the number of the case that
shows it best, or None. The first row that fits wins. A row says what it can prove from the values
and no more, and none tells the right value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from klteach.practice.question import Case

CLOSE = 1e-6  # patterns are looked for with this relative error
_ZERO = 1e-12
_HAIR = 1e-3  # what a small number added inside a logarithm may leave behind

Found = str | tuple[str, int] | None


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known about a wrong answer, case by case.

    values      what the answer gave
    references  what is right
    right       which of them agree
    unit        the unit of the right answer, "nats" or "bits", where it has one
    where_p_is_zero  what the right answer is for an outcome that never occurs, as a sentence

    Further calls; empty where they make no sense, and None in the place of a call that failed:

    again       the same arguments once more
    swapped     p and q exchanged
    permuted    the outcomes in reverse order; an array is put back into the old order
    misaligned  the outcomes of the last argument alone in reverse order
    """

    cases: list[Case]
    names: tuple[str, ...]
    values: list[np.ndarray]
    references: list[np.ndarray]
    right: list[bool]
    unit: str | None = None
    where_p_is_zero: str = ""
    again: Sequence[np.ndarray | None] = ()
    swapped: Sequence[np.ndarray | None] = ()
    permuted: Sequence[np.ndarray | None] = ()
    misaligned: Sequence[np.ndarray | None] = ()

    @property
    def pairs(self) -> bool:
        return self.names == ("p", "q")


@dataclass(frozen=True)
class Finding:
    """The row that fits, its sentence, and the case that shows it best if there is one."""

    name: str
    sentence: str
    at: int | None = None


# What the rows share


def same(a, b) -> bool:
    """Whether two values are the same but for rounding."""
    return bool(np.allclose(a, b, rtol=CLOSE, atol=_ZERO))


def _flat(arrays) -> np.ndarray:
    return np.concatenate([np.ravel(a) for a in arrays])


def common_ratio(e: Evidence) -> float | None:
    """The factor between values and references, if it is the same wherever there is one.

    Zeros must be zeros and infinities infinities, and the references must differ among themselves:
    one number is always some multiple of another.
    """
    values, references = _flat(e.values), _flat(e.references)
    infinite = np.isinf(references)
    zero = np.abs(references) <= _ZERO
    usable = ~infinite & ~zero
    if not np.array_equal(infinite, np.isinf(values)):
        return None
    if np.abs(values[zero]).max(initial=0) > _ZERO:
        return None
    values, references = values[usable], references[usable]
    if len(references) < 2 or same(references, references[0]):
        return None
    ratios = values / references
    return float(ratios[0]) if same(ratios, ratios[0]) else None


def _infinity_missing_at(e: Evidence) -> int | None:
    """The first case with a finite value where the right one is infinite."""
    pairs = zip(e.values, e.references, strict=True)
    return _first(np.isfinite(v[np.isinf(r)]).any() for v, r in pairs)


def _first(conditions) -> int | None:
    return next((i for i, condition in enumerate(conditions) if condition), None)


def _changed_at(others, values) -> int | None:
    """The first case whose value another call did not give again."""
    both = zip(others, values, strict=False)
    return _first(o is not None and not (o.shape == v.shape and same(o, v)) for o, v in both)


# The rows


def not_repeatable(e: Evidence) -> Found:
    at = _changed_at(e.again, e.values)
    if at is None:
        return None
    return (
        "The same input gave two different values. Something outside the function takes part: a "
        "global variable, a list that keeps growing, a random number.",
        at,
    )


def always_the_same(e: Evidence) -> Found:
    if len(e.values) < 3 or not _alike(e.values) or _alike(e.references):
        return None
    return "The value is the same whatever goes in. Does the function use its arguments?"


def _alike(arrays) -> bool:
    return all(a.shape == arrays[0].shape and same(a, arrays[0]) for a in arrays)


def sign(e: Evidence) -> Found:
    ratio = common_ratio(e)
    if ratio is None or not same(ratio, -1):
        return None
    if e.pairs:
        return "Right but for the sign. Is it log(q/p) in the place of log(p/q), or a minus?"
    if e.unit:
        return "Right but for the sign. The logarithm of a number below 1 is negative."
    return "Right but for the sign."


def unit_of_the_logarithm(e: Evidence) -> Found:
    ratio = common_ratio(e)
    if ratio is None:
        return None
    in_bits = e.unit == "bits"
    asked = f" The question asks for {e.unit}." if e.unit else ""
    if ratio < 0:
        asked += " The sign is off as well."
    ratio = abs(ratio)
    if same(ratio, np.log10(2) if in_bits else np.log10(np.e)):
        return f"The unit: this comes from a logarithm to base 10.{asked}"
    if same(ratio, np.log(2)):
        if in_bits:
            return f"The unit: this is in nats, from a natural logarithm.{asked}"
        return f"The unit: multiplied by log 2, as if it were in bits.{asked}"
    if same(ratio, 1 / np.log(2)):
        if in_bits:
            return f"The unit: divided by log 2 once too often.{asked}"
        return f"The unit: this is in bits, from a logarithm to base 2.{asked}"
    return None


def mean_for_sum(e: Evidence) -> Found:
    sizes = [np.size(case.arguments[0]) for case in e.cases]
    with_size = {
        n
        for n, r in zip(sizes, e.references, strict=True)
        if np.isfinite(r).all() and np.abs(r).max() > _ZERO
    }
    if len(with_size) < 2:
        return None  # with a single n, 1/n is a factor like any other
    if not all(same(v * n, r) for v, n, r in zip(e.values, sizes, e.references, strict=True)):
        return None
    return (
        "Divided by the number of outcomes: a mean stands where a sum belongs. The masses are "
        "weights already, and they add up to 1."
    )


def some_factor(e: Evidence) -> Found:
    ratio = common_ratio(e)
    if ratio is None or abs(ratio - 1) <= 0.01:
        return None
    return (
        "All values are off by one and the same factor: look for a number that multiplies or "
        "divides the whole result, or for the base of the logarithm."
    )


def constant_added(e: Evidence) -> Found:
    values, references = _flat(e.values), _flat(e.references)
    finite = np.isfinite(references)
    if not np.array_equal(values[~finite], references[~finite]):
        return None
    difference = values[finite] - references[finite]
    if len(difference) < 3 or not np.abs(difference).min() > _HAIR or np.ptp(difference) > CLOSE:
        return None
    return "All values are off by the same amount: a constant was added or left out."


def zeros_in_p(e: Evidence) -> Found:
    if e.names[0] != "p":
        return None
    zero = [bool(np.any(np.equal(case.arguments[0], 0))) for case in e.cases]
    at = _first(z and not ok for z, ok in zip(zero, e.right, strict=True))
    elsewhere = [ok for z, ok in zip(zero, e.right, strict=True) if not z]
    if at is None or not elsewhere or not all(elsewhere):
        return None
    return f"Right wherever every p is positive, wrong where some p is 0. {e.where_p_is_zero}", at


_INFINITE = (
    "Finite, where the right value is infinite: q = 0 for an outcome with p > 0. Was that outcome "
    "removed (a mask on q or on the finite terms) or padded (a small number added)? It is the one "
    "that matters."
)


def only_infinity_missing(e: Evidence) -> Found:
    at = _infinity_missing_at(e)
    finite = [ok for ok, r in zip(e.right, e.references, strict=True) if np.isfinite(r).all()]
    return (_INFINITE, at) if at is not None and finite and all(finite) else None


def not_zero_at_equality(e: Evidence) -> Found:
    if not e.pairs:
        return None
    equal = [i for i, c in enumerate(e.cases) if np.array_equal(c.arguments[0], c.arguments[1])]
    if not equal or any(np.abs(e.references[i]).max() > 0 for i in equal):
        return None
    at = next((i for i in equal if np.abs(e.values[i]).max() > _ZERO), None)
    if at is None:
        return None
    if np.abs(e.values[at]).max() < _HAIR:
        return "Nearly 0 when p = q, but not 0: was a small number added in the logarithm?", at
    return "Not 0 when p = q. A right model costs nothing extra: what is left over in your sum?", at


def negative(e: Evidence) -> Found:
    if any(np.min(r) < 0 for r in e.references):
        return None
    at = _first(np.min(v) < -_ZERO for v in e.values)
    if at is None:
        return None
    if min(np.min(v) for v in e.values) > -_HAIR:
        return "Below 0 by a hair: was a small number added in the logarithm?", at
    if e.pairs:
        return (
            "Negative. Gibbs: if p and q each add up to 1, this is never below 0. Do the weights "
            "and the logarithm use the distributions that they should?",
            at,
        )
    return "Negative, which the right value never is.", at


def symmetric(e: Evidence) -> Found:
    compared = [
        (s, v)
        for s, v, r in zip(e.swapped, e.values, e.references, strict=False)
        if s is not None and s.shape == v.shape and not same(v, r)
    ]
    if len(compared) < 2 or not all(same(s, v) for s, v in compared):
        return None
    return (
        "The value stays the same when p and q change places. The right one does not: p supplies "
        "the samples, and q is the one that is scored."
    )


def order_of_outcomes(e: Evidence) -> Found:
    at = _changed_at(e.permuted, e.values)
    if at is None:
        return None
    return (
        "The value changes when all outcomes are put into another order. Was something sorted, "
        "shifted or cut off, so that what belongs together no longer stands side by side?",
        at,
    )


def last_argument_unused(e: Evidence) -> Found:
    compared = [
        (m, v)
        for m, v, case in zip(e.misaligned, e.values, e.cases, strict=False)
        if m is not None and not same(case.arguments[-1], case.arguments[-1][::-1])
    ]
    if len(compared) < 2 or not all(m.shape == v.shape and same(m, v) for m, v in compared):
        return None
    name = e.names[-1]
    return (
        f"The value stays the same when the outcomes of {name} alone are put into another order. "
        f"Is {name} used at all, or was it sorted?"
    )


def overflow(e: Evidence) -> Found:
    pairs = zip(e.values, e.references, strict=True)
    at = _first(np.isinf(v[np.isfinite(r)]).any() for v, r in pairs)
    if at is None:
        return None
    return (
        "Infinite, where the right value is finite. Is it a logarithm of 0, a division by 0, or a "
        "long product that a sum of logarithms would replace?",
        at,
    )


def infinity_missing(e: Evidence) -> Found:
    at = _infinity_missing_at(e)
    return None if at is None else (_INFINITE, at)


# A row that proves one thing stands before a row that many different errors would fit.
ROWS: tuple[Callable[[Evidence], Found], ...] = (
    not_repeatable,
    always_the_same,
    sign,
    unit_of_the_logarithm,
    mean_for_sum,
    some_factor,
    constant_added,
    zeros_in_p,
    only_infinity_missing,
    order_of_outcomes,
    not_zero_at_equality,
    symmetric,
    negative,
    last_argument_unused,
    overflow,
    infinity_missing,
)


def diagnose(evidence: Evidence) -> Finding | None:
    """The first row that fits, or None."""
    with np.errstate(all="ignore"):
        for row in ROWS:
            found = row(evidence)
            if found:
                sentence, at = (found, None) if isinstance(found, str) else found
                return Finding(row.__name__.replace("_", " "), sentence, at)
    return None


def rounded_to(values, references) -> int | None:
    """The number of decimals, if the values are the references rounded to 2 to 6 of them."""
    for decimals in range(2, 7):
        pairs = zip(values, references, strict=True)
        if all(np.allclose(v, np.round(r, decimals), rtol=0, atol=_ZERO) for v, r in pairs):
            return decimals
    return None
