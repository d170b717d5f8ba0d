"""Reads the pattern of wrong values when no named mistake matches.

Each row looks at the evidence and returns a sentence, a sentence with the number of the case that
shows it best, or None. The first row that fits wins. A row says what was seen; a cause it names
only where it has tested it, and asks for it otherwise. No row fits a right answer: what the right
value does as well, in the same place, is no fault. None tells the right value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from klteach.practice.evidence import (
    CLOSE,
    HAIR,
    NEAR,
    ZERO,
    Evidence,
    Found,
    flat,
    indices_where,
    near,
    same,
    values_beside_references,
    without_outcomes,
)
from klteach.practice.features import Feature, in_cases, in_entries, of_zeros
from klteach.practice.question import Case, Question
from klteach.practice.returns import one_per_outcome
from klteach.practice.trials import (
    argument_unused,
    not_repeatable,
    one_outcome,
    order_of_outcomes,
    order_of_the_last_argument,
    symmetric,
    whole_number_arrays,
)
from klteach.practice.wording import shares_of, show

_LARGEST = 1e300  # what stands in the place of infinity is larger
_ROUGHLY = 0.25  # how far off an estimate may be
_LEAST = float(np.iinfo(np.int64).min)


@dataclass(frozen=True)
class Finding:
    """The row that fits, its sentence, and the case that shows it best if there is one."""

    name: str
    sentence: str
    at: int | None = None


def common_ratio(e: Evidence) -> float | None:
    """The factor between values and references, if it is the same wherever there is one.

    Zeros must be zeros and infinities infinities, and the references must differ among themselves:
    one number is always some multiple of another.
    """
    values, references = flat(e.values), flat(e.references)
    infinite = np.isinf(references)
    zero = np.abs(references) <= ZERO
    usable = ~infinite & ~zero
    if not np.array_equal(infinite, np.isinf(values)):
        return None
    if np.abs(values[zero]).max(initial=0) > ZERO:
        return None
    values, references = values[usable], references[usable]
    if len(references) < 2 or same(references, np.full_like(references, references[0])):
        return None
    ratios = values / references
    found = same(ratios, np.full_like(ratios, ratios[0])) and abs(ratios[0]) > ZERO
    return float(ratios[0]) if found else None


def _alike(arrays) -> bool:
    return all(same(a, arrays[0]) for a in arrays)


def always_the_same(e: Evidence) -> Found:
    if len(e.values) < 3 or _alike(e.references):
        return None
    values = flat(e.values)
    if not _alike(list(values)):
        return None
    if np.isinf(values[0]):
        what = "Infinite" if values[0] > 0 else "Minus infinity"
        return f"{what} on every input. Is there a division by 0 or a logarithm of 0?"
    if abs(values[0]) <= ZERO:
        return (
            "Yours gives 0 on every input. Was everything below 1 cut off (`//`, `int`, an array "
            "of whole numbers), do the terms cancel, or is the result never put into what is "
            "returned?"
        )
    return "The value is the same whatever goes in. Does the function use its arguments?"


def sign(e: Evidence) -> Found:
    ratio = common_ratio(e)
    if ratio is None or not same(ratio, -1):
        return None
    if e.pairs and (_is_kl(e) or e.question.returns.shape is one_per_outcome):
        return "Right but for the sign. Is it log(q/p) in the place of log(p/q), or a minus?"
    if e.question.unit:
        return "Right but for the sign. The logarithm of a number below 1 is negative."
    return "Right but for the sign."


def unit_of_the_logarithm(e: Evidence) -> Found:
    ratio = common_ratio(e)
    if ratio is None or not e.question.unit:
        return None
    in_bits = e.question.unit == "bits"
    asked = f" The question asks for {e.question.unit}."
    if ratio < 0:
        asked += " The sign is off as well."
    ratio = abs(ratio)
    if same(ratio, np.log10(2) if in_bits else np.log10(np.e)):
        return f"The unit: this is what a logarithm to base 10 gives.{asked}"
    if same(ratio, np.log(2)):
        if in_bits:
            return f"The unit: this is in nats, what a natural logarithm gives.{asked}"
        return f"The unit: multiplied by log 2, as if it were in bits.{asked}"
    if same(ratio, 1 / np.log(2)):
        if in_bits:
            return f"The unit: divided by log 2 once too often.{asked}"
        return f"The unit: this is in bits, what a logarithm to base 2 gives.{asked}"
    return None


def mean_for_sum(e: Evidence) -> Found:
    firsts = [np.asarray(case.arguments[0] if case.arguments else 0) for case in e.cases]
    if not all(first.ndim == 1 for first in firsts):
        return None
    sizes = [len(first) for first in firsts]
    with_size = {
        n
        for n, r in zip(sizes, e.references, strict=True)
        if np.isfinite(r).all() and np.abs(r).max() > ZERO
    }
    if len(with_size) < 2:
        return None  # with a single n, 1/n is a factor like any other
    if not all(same(v * n, r) for v, n, r in zip(e.values, sizes, e.references, strict=True)):
        return None
    sentence = f"The right value, divided by the number of entries of `{e.names[0]}`. "
    if e.names[0] == "p":
        return sentence + (
            "Does a mean stand where a sum belongs? The masses are weights already, and they add "
            "up to 1."
        )
    return sentence + "Does a mean stand where a sum belongs?"


def some_factor(e: Evidence) -> Found:
    ratio = common_ratio(e)
    if ratio is None or abs(ratio - 1) <= NEAR:
        return None
    for factor, words in ((2, "Twice"), (0.5, "Half of"), (100, "A hundred times")):
        if same(ratio, factor):
            return f"{words} the right value, on every input."
    base = ", or for the base of the logarithm" if e.question.unit else ""
    return (
        "All values are off by one and the same factor: look for a number that multiplies or "
        f"divides the whole result{base}."
    )


def constant_added(e: Evidence) -> Found:
    values, references = flat(e.values), flat(e.references)
    finite = np.isfinite(references)
    if not np.array_equal(values[~finite], references[~finite]):
        return None
    difference = values[finite] - references[finite]
    if len(difference) < 3 or not np.abs(difference).min() > HAIR or np.ptp(difference) > CLOSE:
        return None
    return "All values are off by the same amount: a constant was added or left out."


_MADE_WHOLE = (
    (
        np.trunc,
        "The right values with all that stands after the point cut off. Is there an `int`, a `//`, "
        "or an array of whole numbers, as `np.zeros_like` makes it of one?",
    ),
    (np.floor, "The right values, rounded down to whole numbers."),
    (np.ceil, "The right values, rounded up to whole numbers."),
    (np.round, "The right values, rounded to whole numbers."),
    (lambda r: np.round(r, 1), "The right values, rounded to one decimal."),
)


def made_whole(e: Evidence) -> Found:
    least = any((np.isinf(r) & (v == _LEAST)).any() for v, r in values_beside_references(e))
    if least:  # what becomes of infinity in an array of whole numbers
        values = [np.where(np.isinf(r), r, v) for v, r in values_beside_references(e)]
        e = Evidence(e.question, e.cases, values, e.references, e.right, e.call)
    return _function_of_the_right_value(e, _MADE_WHOLE)


_TRANSFORMED = (
    (np.sqrt, "The square root of the right value, on every input."),
    (np.square, "The square of the right value, on every input."),
    (np.exp, "The right value as a power of e: `np.exp` of it."),
    (np.exp2, "The right value as a power of 2."),
    (np.log, "The logarithm of the right value, on every input."),
    (lambda r: -np.log(r), "Minus the logarithm of the right value, on every input."),
    (np.log2, "The logarithm of the right value to base 2, on every input."),
    (lambda r: 1 - r, "1 minus the right value, on every input."),
    (lambda r: 1 / r, "1 divided by the right value, on every input."),
    (lambda r: np.exp(-r), "`np.exp` of minus the right value, on every input."),
    (np.abs, "Right but for the signs: yours are never below 0, and some right ones are."),
    (
        lambda r: np.maximum(r, 0),
        "Right where the right value is not below 0, and cut off at 0 where it is.",
    ),
    (lambda r: np.minimum(r, 1), "Right up to 1, and cut off at 1 where the right value is above."),
)


def transformed(e: Evidence) -> Found:
    return _function_of_the_right_value(e, _TRANSFORMED)


def _function_of_the_right_value(e: Evidence, table) -> Found:
    """The sentence of the function that makes the values of the right ones, if one does."""
    references, values = flat(e.references), flat(e.values)
    if len(np.unique(np.round(references[np.isfinite(references)], 9))) < 3:
        return None
    for function, sentence in table:
        made = function(references)
        if same(made, values) and not np.allclose(made, references, rtol=NEAR, atol=HAIR):
            shown = (i for i in e.wrong if not same(e.values[i], e.references[i]))
            return sentence, next(shown, e.wrong[0])
    return None


def running_sum(e: Evidence) -> Found:
    if not _rows_of_entries(e):
        return None
    if not all(same(np.cumsum(r), v) for r, v in zip(e.references, e.values, strict=True)):
        return None
    return "These are running sums: each entry has those before it in it."


def right_numbers_in_another_order(e: Evidence) -> Found:
    moved = indices_where(not same(r, v) for r, v in zip(e.references, e.values, strict=True))
    if not _rows_of_entries(e) or not moved:
        return None
    if not all(same(np.sort(r), np.sort(v)) for r, v in zip(e.references, e.values, strict=True)):
        return None
    sentence = "The right numbers, but in another order: each belongs in its own place."
    return sentence, e.small(moved) or 0


def _rows_of_entries(e: Evidence) -> bool:
    """Whether the values are flat arrays, some of them with an order to speak of."""
    return all(r.ndim == 1 for r in e.references) and max(map(np.size, e.references)) > 2


def missing_infinity(e: Evidence) -> Found:
    """Finite where the right value is infinite, and right or nearly so elsewhere."""
    infinite = [np.isinf(r) for r in e.references]
    at = indices_where(np.isfinite(v[i]).any() for v, i in zip(e.values, infinite, strict=True))
    if not at:
        return None
    for v, r, i in zip(e.values, e.references, infinite, strict=True):
        if not np.allclose(v[~i], r[~i], rtol=NEAR, atol=HAIR):
            return None
    shown = e.small(at)
    assert shown is not None
    finite = e.values[shown][infinite[shown] & np.isfinite(e.values[shown])]
    sentence = "Finite, where the right value is infinite"
    if (np.abs(finite) > _LARGEST).any():
        return (
            f"{sentence}: {show(finite[0])} stands there, as `np.nan_to_num` and the like put it. "
            "Infinity is a value: `np.inf`.",
            shown,
        )
    case = e.cases[shown]
    if not e.pairs:
        return f"{sentence}.", shown
    p, q = case.arguments
    forbidden = (q == 0) & (p > 0)
    if not forbidden.any():
        return f"{sentence}.", shown
    sentence += ": q = 0 for an outcome with p > 0."
    if e.references[shown].ndim == 0:
        (without,) = e.call([without_outcomes(case, forbidden)])
        if without is not None and same(without, e.values[shown]):
            return (
                f"{sentence} Yours gives the same value if that outcome is deleted: it was left "
                "out, and it is the one that matters.",
                shown,
            )
    return (
        f"{sentence} Was that outcome left out, or did some number take the place of its 0? It is "
        "the one that matters.",
        shown,
    )


def zeros(e: Evidence) -> Found:
    """Right on every input but those with a certain kind of zero."""
    return _right_but_for(e, of_zeros(e.question, e.cases), exactly=False)


def entries(e: Evidence) -> Found:
    """Right in every entry but those of one kind."""
    if not all(
        np.ndim(r) == 1 and case.arguments and np.shape(case.arguments[-1])[:1] == np.shape(r)
        for r, case in zip(e.references, e.cases, strict=True)
    ):
        return None
    wrong = np.concatenate(
        [
            ~np.isclose(v, r, rtol=e.question.tolerance, atol=ZERO)
            for v, r in zip(e.values, e.references, strict=True)
        ]
    )
    if not wrong.any() or (~wrong).sum() < 3:
        return None
    of_case = np.repeat(np.arange(len(e.cases)), [len(r) for r in e.references])
    for feature in in_entries(e.question, e.cases, e.references):
        if np.array_equal(feature.there, wrong):
            at = e.small(sorted(set(of_case[wrong])))
            how = _how(flat(e.values)[wrong], flat(e.references)[wrong])
            return f"Right in every entry but those where {feature.words}.{how}", at or 0
    return None


def other_inputs(e: Evidence) -> Found:
    """Right on every input but those that have something in common."""
    return _right_but_for(e, in_cases(e.question, e.cases, e.references), exactly=True)


def _right_but_for(e: Evidence, features: list[Feature], exactly: bool) -> Found:
    wrong = ~np.array(e.right)
    if not wrong.any() or (~wrong).sum() < 2:
        return None
    exact = [feature for feature in features if np.array_equal(feature.there, wrong)]
    wider = [
        feature
        for feature in features
        if not exactly and feature.there[wrong].all() and (~feature.there).sum() >= 2
    ]
    wider.sort(key=lambda feature: feature.there.sum())
    if not exact and not wider:
        return None
    shown = e.small(e.wrong)
    assert shown is not None
    feature = exact[0] if exact else wider[0]
    if exact:
        sentence = f"Right on every input but those in which {feature.words}."
    else:
        sentence = f"Wrong only on inputs in which {feature.words}, though not on all of them."
    values, references = ([each[i] for i in e.wrong] for each in (e.values, e.references))
    sentence += _how(flat(values), flat(references))
    if feature.of_p and where_p_is_zero_holds(e.question, e.cases[shown]):
        sentence += f" {e.question.where_p_is_zero}"
    return sentence, shown


def where_p_is_zero_holds(question: Question, case: Case) -> bool:
    """Whether this case has the zero that the question's advice on p = 0 speaks of.

    The general advice is on logarithms of shares called p; other zeros need advice of their own.
    """
    shares = shares_of(question, case)
    if question.has_general_advice:
        shares = {name: p for name, p in shares.items() if name[0] == "p" and name != "passages"}
        return bool(question.unit) and any((p == 0).any() for p in shares.values())
    return any((share == 0).any() for share in shares.values())


def _how(values: np.ndarray, references: np.ndarray) -> str:
    """In which way values that are all wrong are wrong, where it is the same way."""
    if np.isinf(values).all() and np.isfinite(references).all():
        return " Yours is infinite there, and the right value is not."
    if np.isinf(references).all() and np.isfinite(values).all():
        return " The right value is infinite there, and yours is not."
    no_value, no_reference = np.abs(values) <= ZERO, np.abs(references) <= ZERO
    if no_value.all() and not no_reference.any():
        return " Yours is 0 there, and the right value is not."
    if no_reference.all() and not no_value.any():
        return " The right value is 0 there, and yours is not."
    if (values < references).all():
        return " Yours is too small there."
    if (values > references).all():
        return " Yours is too large there."
    return ""


def not_zero_at_equality(e: Evidence) -> Found:
    if not e.pairs:
        return None
    equal = [i for i, c in enumerate(e.cases) if np.array_equal(*c.arguments)]
    if not equal or any(np.abs(e.references[i]).max() > 0 for i in equal):
        return None
    at = e.small([i for i in equal if np.abs(e.values[i]).max() > ZERO])
    if at is None:
        return None
    if np.abs(e.values[at]).max() < HAIR:
        return "Nearly 0 when p = q, but not 0: was a small number added in the logarithm?", at
    if _is_kl(e):
        return "Not 0 when p = q. A right model costs nothing extra: what is left over?", at
    return "Not 0 when p = q, where the right value is 0: what is left over?", at


def negative(e: Evidence) -> Found:
    if any(np.min(r) < 0 for r in e.references):
        return None
    below = indices_where(np.min(v) < -ZERO for v in e.values)
    at = e.small(below)
    if at is None:
        return None
    if np.min(e.values[at]) == _LEAST:
        return (
            "Negative, which the right value never is: -9.223372e+18 is what becomes of infinity "
            "and of `nan` among whole numbers. Keep the numbers floats.",
            at,
        )
    if min(np.min(v) for v in e.values) > -HAIR:
        return (
            "Below 0 by a hair, which the right value never is. Was a small number added, or was "
            "something small cut off: the tail of an integral, some decimals?",
            at,
        )
    if _is_kl(e):
        return (
            "Negative. Gibbs: if p and q each add up to 1, this is never below 0. Do the weights "
            "and the logarithm use the distributions that they should?",
            at,
        )
    return "Negative, which the right value never is.", at


def _is_kl(e: Evidence) -> bool:
    """Whether the right value is KL(p‖q), tested where p has no zero."""
    if not e.pairs or e.references[0].ndim:
        return False
    tested = [
        (np.sum(p * np.log(p / q)), reference)
        for (p, q), reference in zip((c.arguments for c in e.cases), e.references, strict=True)
        if (p > 0).all()
    ]
    return len(tested) > 2 and all(same(kl, reference) for kl, reference in tested)


def estimate(e: Evidence) -> Found:
    """Near the right value everywhere, above it here and below it there."""
    off = []
    for value, reference in zip(e.values, e.references, strict=True):
        usable = np.isfinite(reference) & (np.abs(reference) > ZERO)
        if not np.allclose(value[~usable], reference[~usable], atol=HAIR):
            return None
        off.append(value[usable] / reference[usable] - 1)
    errors = flat(off)
    if np.abs(errors).max(initial=0) > _ROUGHLY or min((errors > 0).sum(), (errors < 0).sum()) < 2:
        return None
    if np.abs(errors).max() <= NEAR or np.median(np.abs(errors)) < CLOSE:
        return None  # almost right on all, or right on most
    if rounded_to(e.values, e.references):
        return None
    return (
        f"Within {_ROUGHLY * 100:.0f} per cent of the right value on every input, above it on some "
        "and below it on others. Is it an estimate: from random samples, from bins, on a grid?",
        e.small(e.wrong) or 0,
    )


def overflow(e: Evidence) -> Found:
    pairs = zip(e.values, e.references, strict=True)
    at = e.small(indices_where(np.isinf(v[np.isfinite(r)]).any() for v, r in pairs))
    if at is None:
        return None
    long = max((np.size(argument) for argument in e.cases[at].arguments), default=0) > 100
    causes = "a logarithm of 0, or a division by 0"
    if long:
        causes = "a logarithm of 0, a division by 0, or a product of many numbers"
    return f"Infinite, where the right value is finite. Is there {causes}?", at


def nearly(e: Evidence) -> Found:
    """Within 1 per cent where the right value is not 0, and a small number where it is."""
    zero = [np.abs(r) <= ZERO for r in e.references]
    for v, r, z in zip(e.values, e.references, zero, strict=True):
        if not near(v[~z], r[~z]) or not (np.abs(v[z]) < HAIR).all():
            return None
    exactly = [r == 0 for r in e.references]
    at = e.small(
        indices_where((np.abs(v[z]) > ZERO).any() for v, z in zip(e.values, exactly, strict=True))
    )
    if at is None:
        return None
    return (
        "Within 1 per cent wherever the right value is not 0 or next to it. Here it is 0, and "
        "yours is not quite. Was a small number added or put in the place of 0 (`np.clip`, "
        "`np.maximum`, `+ 1e-9`), or is it an estimate?",
        at,
    )


# A row that proves one thing stands before a row that many different errors would fit.
ROWS: tuple[Callable[[Evidence], Found], ...] = (
    not_repeatable,
    always_the_same,
    sign,
    unit_of_the_logarithm,
    mean_for_sum,
    some_factor,
    constant_added,
    whole_number_arrays,
    made_whole,
    transformed,
    running_sum,
    right_numbers_in_another_order,
    missing_infinity,
    zeros,
    entries,
    estimate,
    one_outcome,
    order_of_outcomes,
    argument_unused,
    not_zero_at_equality,
    symmetric,
    order_of_the_last_argument,
    negative,
    nearly,
    overflow,
)
# And these after all else, rounding included
LAST_ROWS: tuple[Callable[[Evidence], Found], ...] = (other_inputs,)


def diagnose(evidence: Evidence, rows: Sequence[Callable] = ROWS) -> Finding | None:
    """The first of these rows that fits, or None."""
    with np.errstate(all="ignore"):
        if all(map(same, evidence.values, evidence.references)):
            return None  # off by less than the patterns are looked for with
        for row in rows:
            found = row(evidence)
            if found:
                sentence, at = (found, None) if isinstance(found, str) else found
                return Finding(row.__name__.replace("_", " "), sentence, at)
    return None


def unexplained(e: Evidence) -> tuple[str, int]:
    """What can be said of an answer that no row fits, and the case to begin with."""
    shown = e.small(e.wrong)
    assert shown is not None
    sentence = "No common mistake explains this one."
    if any(e.right):
        sentence += f" It is right on {sum(e.right)} of {len(e.right)} inputs."
    value, reference = e.values[shown], e.references[shown]
    property_ = _property(reference)
    values, references = ([each[i] for i in e.wrong] for each in (e.values, e.references))
    for words, compare in (("small", np.less), ("large", np.greater)):
        if compare(flat(values), flat(references)).all():
            place = "on all the others" if any(e.right) else "on every input"
            sentence += f" Yours is too {words} {place}."
            break
        if value.ndim == 0 and compare(value, reference):
            sentence += f" Yours is too {words} on the input below{property_}."
            return f"{sentence} Work it by hand, step by step, and compare.", shown
    return f"{sentence} Work the input below by hand, step by step, and compare.", shown


def _property(reference: np.ndarray) -> str:
    if reference.ndim:
        return ""
    if reference == 0:
        return ": the right value there is 0"
    if np.isinf(reference):
        return ": the right value there is infinite"
    return ": the right value there is negative" if reference < 0 else ""


def rounded_to(values, references, relative: float = 0.0) -> int | None:
    """The number of decimals, if the values are the references rounded to 2 to 6 of them.

    `relative` is the largest error of the rounding itself, which is none in double precision.
    """
    for decimals in range(2, 7):
        half = 0.5000001 * 10.0**-decimals  # a tie may go either way
        if all(
            np.allclose(v, np.round(v, decimals), rtol=relative, atol=ZERO)
            and np.allclose(v, r, rtol=relative, atol=half)
            for v, r in zip(values, references, strict=True)
        ):
            return decimals
    return None
