"""What the diagnosis claims of an answer holds of it, for answers of every question.

The answers are right ones that were bent: scaled, shifted, cut, put into another order, and so on.
Each has the property that some row looks for, and often that of another row as well, for another
reason. Whatever the feedback says is tested here by other means, on inputs of its own where it
speaks of all inputs.
"""

import re
from dataclasses import replace
from functools import cache

import numpy as np

from klteach.practice import diagnosis
from klteach.practice.checker import check_answer
from klteach.practice.evidence import Evidence
from klteach.practice.question import Case
from klteach.units.lookup import questions
from tests.practice.typed_answers import wrapped
from tests.together import together

# without their own mistakes and rows, so that the general ones have to do the work
PLAIN = [
    replace(question, mistakes=(), rows=())
    for question in questions().values()
    if not question.judge
]
each_question = together([(question.lesson, question.name, (question,)) for question in PLAIN])
ROWS = (*diagnosis.ROWS, *diagnosis.LAST_ROWS)


@cache
def inputs(question):
    return question.cases()


def values(question, answer, cases=None):
    with np.errstate(all="ignore"):
        cases = inputs(question) if cases is None else cases
        return [question.returns.numbers(answer(*case.copies())) for case in cases]


@cache
def right(question):
    return values(question, question.reference)


def close(a, b):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-5, atol=1e-11)


# No row fits what the right value does as well


@each_question
def test_no_row_fits_the_reference_even_if_it_is_called_wrong(question):
    """Each row that looks at the answer alone has to look at the right one too."""

    def call(cases):
        result = []
        for case in cases:
            try:
                result.append(question.values(question.reference, case))
            except Exception:
                result.append(None)
        return result

    cases = inputs(question)
    e = Evidence(question, cases, right(question), right(question), [False] * len(cases), call)
    with np.errstate(all="ignore"):
        fitting = {row.__name__: found for row in ROWS if (found := row(e))}
    assert not fitting


# Bent answers


def of_value(function):
    return lambda question: lambda *arguments: function(np.asarray(question.reference(*arguments)))


def of_arguments(function):
    """The reference, on arguments that were bent; it need not be told the truth of them."""

    def bend(question):
        def answer(*arguments):
            try:
                return question.reference(*map(function, arguments))
            except ValueError:  # no distributions any more
                return 0.123 * np.asarray(question.reference(*arguments))

        return answer

    return bend


def is_array(argument):
    return isinstance(argument, np.ndarray) and argument.ndim > 0


def of_first_array(function):
    """The reference, plus something of the first array among the arguments."""

    def bend(question):
        def answer(*arguments):
            arrays = [argument for argument in arguments if is_array(argument)]
            extra = function(arrays[0].astype(float)) if arrays else 0.5
            return np.asarray(question.reference(*arguments)) + extra

        return answer

    return bend


def of_last_array_alone(question):
    return lambda *arguments: (
        np.asarray(question.reference(*arguments)) * 0
        + np.sum([np.sum(a) for a in arguments if is_array(a)][-1:] or 0.7)
    )


def of_some_outcomes(part):
    """A number made of some of the outcomes alone."""

    def bend(question):
        def answer(*arguments):
            arrays = [argument[part] for argument in arguments if is_array(argument)]
            number = np.sum([np.sum(np.exp(-a / (1 + a.max())) * a) for a in arrays if a.size])
            return np.asarray(question.reference(*arguments)) * 0 + number

        return answer

    return bend


def large_for_infinite(value):
    return np.where(np.isinf(value), 1e4, value)


def without_zero_entries(question):
    def answer(*arguments):
        value = np.asarray(question.reference(*arguments))
        zero = any((a == 0).any() for a in arguments if is_array(a))
        return value * 0 + 0.25 if zero else value

    return answer


def wrong_for_many(question):
    def answer(*arguments):
        value = np.asarray(question.reference(*arguments))
        return value + 1 if max([np.size(a) for a in arguments], default=0) > 8 else value

    return answer


def wrong_in_the_first_entry(value):
    value = np.array(value, dtype=float)
    value.ravel()[:1] += 0.5
    return value


def memory(question):
    calls = []

    def answer(*arguments):
        calls.append(1)
        return np.asarray(question.reference(*arguments)) + len(calls)

    return answer


BENT = {
    "minus": of_value(lambda v: -v),
    "twice": of_value(lambda v: 2 * v),
    "a third": of_value(lambda v: v / 3),
    "nothing": of_value(lambda v: 0 * np.nan_to_num(v)),
    "infinite": of_value(
        lambda v: v * 0 + np.inf if np.isfinite(v).all() else np.full_like(v, np.inf)
    ),
    "nats": of_value(lambda v: v * np.log(2)),
    "base 10": of_value(lambda v: v / np.log(10)),
    "one more": of_value(lambda v: v + 1),
    "a hair more": of_value(lambda v: v + 1e-7),
    "a hair less": of_value(lambda v: v - 1e-5),
    "whole": of_value(lambda v: np.trunc(v)),
    "up": of_value(lambda v: np.ceil(v)),
    "one decimal": of_value(lambda v: np.round(v, 1)),
    "root": of_value(lambda v: np.sqrt(np.abs(v))),
    "square": of_value(lambda v: v**2),
    "power": of_value(lambda v: np.exp(v)),
    "complement": of_value(lambda v: 1 - v),
    "inverse": of_value(lambda v: np.where(v == 0, 7.0, 1 / np.where(v == 0, 1, v))),
    "absolute": of_value(lambda v: np.abs(v)),
    "at most 1": of_value(lambda v: np.minimum(v, 1)),
    "at least 0": of_value(lambda v: np.maximum(v, 0)),
    "running sum": of_value(lambda v: np.cumsum(v).reshape(np.shape(v))),
    "backwards": of_value(lambda v: v[::-1] if np.ndim(v) else v + 0.3),
    "sorted": of_value(lambda v: np.sort(v, axis=0) if np.ndim(v) else v * 1.5),
    "large for infinite": of_value(large_for_infinite),
    "largest for infinite": of_value(np.nan_to_num),
    "first entry": of_value(wrong_in_the_first_entry),
    "negative ones 0": of_value(lambda v: np.where(v < 0, 0.1, v)),
    "zeros are halves": of_value(lambda v: np.where(v == 0, 0.5, v)),
    "zeros are hairs": of_value(lambda v: np.where(v == 0, 1e-8, v)),
    "sorted arguments": of_arguments(lambda a: np.sort(a, axis=0) if is_array(a) else a),
    "whole arguments": of_arguments(lambda a: np.round(a) if is_array(a) else a),
    "first counts more": of_first_array(lambda a: a.ravel()[0]),
    "last counts more": of_first_array(lambda a: a.ravel()[-1]),
    "largest counts more": of_first_array(lambda a: a.max()),
    "squares added": of_first_array(lambda a: np.sum(a**2)),
    "the first outcome": of_some_outcomes(slice(1)),
    "the last outcome": of_some_outcomes(slice(-1, None)),
    "all but the last": of_some_outcomes(slice(None, -1)),
    "all but the first": of_some_outcomes(slice(1, None)),
    "the second outcome": of_some_outcomes(slice(1, 2)),
    "the last array alone": of_last_array_alone,
    "without zero entries": without_zero_entries,
    "wavering": of_value(lambda v: v * (1 + 0.1 * np.sin(1e3 * np.nan_to_num(v, posinf=0)))),
    "wrong for many": wrong_for_many,
    "memory": memory,
}


# The claims, by the name of the row: what must hold of an answer of which the row has spoken


def ratios(question, answer):
    v, r = (
        np.concatenate([np.ravel(x) for x in each])
        for each in (values(question, answer), right(question))
    )
    usable = np.isfinite(r) & (np.abs(r) > 1e-9)
    return v[usable] / r[usable]


def has_ratio(question, answer, *expected):
    found = ratios(question, answer)
    return np.ptp(found) < 1e-4 * abs(found[0]) and any(np.isclose(found[0], x) for x in expected)


def everywhere(question, answer, function):
    pairs = zip(values(question, answer), right(question), strict=True)
    with np.errstate(all="ignore"):
        return all(close(v, function(r)) for v, r in pairs)


def shown(feedback):
    return feedback.case


def right_on(question, case):
    return values(question, question.reference, [case])[0]


def value_on(question, answer, case):
    return values(question, answer, [case])[0]


def claims_not_repeatable(question, answer, feedback):
    return not close(
        value_on(question, answer, feedback.case), value_on(question, answer, feedback.case)
    )


def claims_always_the_same(question, answer, feedback):
    found = np.concatenate([np.ravel(v) for v in values(question, answer)])
    if feedback.message.startswith(("Infinite", "Minus infinity")):
        return np.isinf(found).all() and (found > 0).all() == feedback.message.startswith("Inf")
    return close(found, np.full_like(found, 0 if "gives 0" in feedback.message else found[0]))


def claims_sign(question, answer, feedback):
    return has_ratio(question, answer, -1)


def claims_unit(question, answer, feedback):
    factors = {
        "multiplied by log 2": np.log(2),
        "divided by log 2": 1 / np.log(2),
        "this is in nats": np.log(2),
        "this is in bits": 1 / np.log(2),
        "base 10": np.log10(2) if question.unit == "bits" else np.log10(np.e),
    }
    factor = next(x for words, x in factors.items() if words in feedback.message)
    return question.unit and has_ratio(question, answer, factor, -factor)


def claims_mean(question, answer, feedback):
    sizes = [len(case.arguments[0]) for case in inputs(question)]
    triples = zip(values(question, answer), right(question), sizes, strict=True)
    return all(close(v * n, r) for v, r, n in triples)


def claims_factor(question, answer, feedback):
    words = {"Twice": 2, "Half": 0.5, "A hundred": 100}
    factor = next((x for word, x in words.items() if feedback.message.startswith(word)), None)
    if factor:
        return has_ratio(question, answer, factor)
    found = ratios(question, answer)
    return np.ptp(found) < 1e-4 * abs(found[0]) and abs(found[0]) > 1e-9


def claims_constant(question, answer, feedback):
    difference = np.concatenate(
        [
            np.ravel(v - r)[np.isfinite(np.ravel(r))]
            for v, r in zip(values(question, answer), right(question), strict=True)
        ]
    )
    return np.ptp(difference) < 1e-5 and abs(difference[0]) > 1e-4


def claims_whole_number_arrays(question, answer, feedback):
    floats = Case(tuple(a * 1.0 if is_array(a) else a for a in feedback.case.arguments))
    return close(value_on(question, answer, floats), right_on(question, floats)) and not close(
        value_on(question, answer, feedback.case), right_on(question, feedback.case)
    )


FUNCTIONS = {
    "cut off. Is": lambda r: np.trunc(r),
    "rounded down": np.floor,
    "rounded up": np.ceil,
    "rounded to whole": np.round,
    "to one decimal": lambda r: np.round(r, 1),
    "The square root": np.sqrt,
    "The square of": np.square,
    "power of e": np.exp,
    "power of 2": np.exp2,
    "Minus the log": lambda r: -np.log(r),
    "to base 2": np.log2,
    "The logarithm": np.log,
    "1 minus": lambda r: 1 - r,
    "1 divided": lambda r: 1 / r,
    "of minus": lambda r: np.exp(-r),
    "the signs": np.abs,
    "cut off at 0": lambda r: np.maximum(r, 0),
    "cut off at 1": lambda r: np.minimum(r, 1),
}


def claims_function(question, answer, feedback):
    (function, *_) = [f for words, f in FUNCTIONS.items() if words in feedback.message]
    return everywhere(question, answer, function) and not everywhere(question, answer, lambda r: r)


def claims_running_sum(question, answer, feedback):
    return everywhere(question, answer, np.cumsum)


def claims_other_order(question, answer, feedback):
    return all(
        close(np.sort(v), np.sort(r))
        for v, r in zip(values(question, answer), right(question), strict=True)
    )


def claims_missing_infinity(question, answer, feedback):
    value, correct = (
        f(feedback.case)
        for f in (
            lambda case: value_on(question, answer, case),
            lambda case: right_on(question, case),
        )
    )
    if not np.isfinite(value[np.isinf(correct)]).any():
        return False
    if "nan_to_num" in feedback.message:
        return (np.abs(value[np.isinf(correct)]) > 1e300).any()
    if "q = 0" not in feedback.message:
        return True
    p, q = feedback.case.arguments
    forbidden = (q == 0) & (p > 0)
    deleted = "is deleted" not in feedback.message or close(
        value_on(question, answer, Case((p[~forbidden], q[~forbidden]))), value
    )
    return forbidden.any() and deleted


NAME = r"`(\w+)`"
FEATURES = {
    # words, and whether they are true of the arguments by name and the right value
    rf"{NAME} is 0 and {NAME} is not, for some outcome": (
        lambda a, r, x, y: ((a[x] == 0) & (a[y] != 0)).any()
    ),
    rf"{NAME} and {NAME} are both 0 for some outcome": (
        lambda a, r, x, y: ((a[x] == 0) & (a[y] == 0)).any()
    ),
    rf"some entry of {NAME} is 0": lambda a, r, x: (a[x] == 0).any(),
    "there is a 0 among the shares": lambda a, r: any((v == 0).any() for v in a.values()),
    "p and q are equal": lambda a, r: np.array_equal(a["p"], a["q"]),
    "the right value is 0": lambda a, r: (r == 0).all(),
    "the right value is infinite": lambda a, r: np.isinf(r).any(),
    rf"{NAME} is 0": lambda a, r, x: a[x] == 0,
    rf"{NAME} is infinite": lambda a, r, x: np.isinf(a[x]),
    rf"{NAME} is below (\d)": lambda a, r, x, n: a[x] < float(n),
    rf"{NAME} is above (\d)": lambda a, r, x, n: a[x] > float(n),
    rf"some entry of {NAME} is infinite": lambda a, r, x: np.isinf(a[x]).any(),
    rf"some entry of {NAME} is below 0": lambda a, r, x: (a[x] < 0).any(),
    rf"some entry of {NAME} is above 0 and below 1e-6": (
        lambda a, r, x: ((a[x] > 0) & (a[x] < 1e-6)).any()
    ),
    rf"{NAME} has one entry alone": lambda a, r, x: a[x].size == 1,
    rf"all entries of {NAME} are equal": lambda a, r, x: len(set(a[x].ravel())) == 1,
    rf"some entries of {NAME} are equal": lambda a, r, x: len(set(a[x].ravel())) < a[x].size,
    rf"{NAME} is not in rising order": (
        lambda a, r, x: a[x].ndim == 1 and list(a[x]) != sorted(a[x])
    ),
    rf"{NAME} is a single number": lambda a, r, x: a[x].ndim == 0,
    rf"{NAME} is an array": lambda a, r, x: a[x].ndim > 0,
    rf"{NAME} has more than one dimension": lambda a, r, x: a[x].ndim > 1,
    rf"{NAME} has more than (\d+) entries": lambda a, r, x, n: a[x].size > int(n),
}


def holds(words, question, case, correct):
    arguments = dict(zip(question.argument_names, map(np.asarray, case.arguments), strict=True))
    for pattern, predicate in FEATURES.items():
        match = re.fullmatch(pattern, words)
        if match:
            return bool(predicate(arguments, correct, *match.groups()))
    raise AssertionError(f"unknown feature: {words}")


def claims_feature(question, answer, feedback):
    every = re.match(r"Right on every input but those in which (.*?)\.(?: |$)", feedback.message)
    some = re.match(r"Wrong only on inputs in which (.*), though not on all", feedback.message)
    words = (every or some)[1]
    wrong = [
        not np.allclose(v, r, rtol=question.tolerance, atol=1e-12)
        for v, r in zip(values(question, answer), right(question), strict=True)
    ]
    there = [
        holds(words, question, case, r)
        for case, r in zip(inputs(question), right(question), strict=True)
    ]
    if every:
        return wrong == there and claims_how(question, answer, feedback, wrong)
    return all(t for w, t in zip(wrong, there, strict=True) if w) and not all(
        w for w, t in zip(wrong, there, strict=True) if t
    )


def claims_how(question, answer, feedback, wrong):
    v, r = (
        np.concatenate([np.ravel(x) for x, w in zip(each, wrong, strict=True) if w])
        for each in (values(question, answer), right(question))
    )
    for words, true in (
        ("Yours is infinite there", np.isinf(v).all()),
        ("The right value is infinite there", np.isinf(r).all()),
        ("Yours is 0 there", np.allclose(v, 0)),
        ("The right value is 0 there", np.allclose(r, 0)),
        ("Yours is too small there", (v < r).all()),
        ("Yours is too large there", (v > r).all()),
    ):
        if words in feedback.message and not true:
            return False
    return True


def claims_entries(question, answer, feedback):
    """Right in every entry but those named: tested for what stands in the sentence."""
    words = re.match(r"Right in every entry but those where (.*?)\.(?: |$)", feedback.message)[1]
    rules = {
        r"`(\w+)` is 0 and `(\w+)` is not": lambda a, r, x, y: (a[x] == 0) & (a[y] != 0),
        r"`(\w+)` and `(\w+)` are both 0": lambda a, r, x, y: (a[x] == 0) & (a[y] == 0),
        r"`(\w+)` is larger than `(\w+)`": lambda a, r, x, y: a[x] > a[y],
        r"`(\w+)` is 0": lambda a, r, x: a[x] == 0,
        "the right value is 0": lambda a, r: r == 0,
        "the right value is below 0": lambda a, r: r < 0,
        "the right value is infinite": lambda a, r: np.isinf(r),
        "nothing stands before: the first": lambda a, r: np.arange(len(r)) == 0,
        "nothing follows: the last": lambda a, r: np.arange(len(r))[::-1] == 0,
    }
    for v, r, case in zip(values(question, answer), right(question), inputs(question), strict=True):
        a = dict(zip(question.argument_names, case.arguments, strict=True))
        match, rule = next((m, f) for p, f in rules.items() if (m := re.fullmatch(p, words)))
        named = rule(a, r, *match.groups())
        if named.ndim > 1:
            named = named.any(axis=1)
        wrong = ~np.isclose(v, r, rtol=question.tolerance, atol=1e-12)
        if not np.array_equal(named, wrong):
            return False
    return True


def other_numbers(random, array, among=slice(None)):
    """The array with other numbers in some places: of shares, others that sum to the same."""
    result = array.copy()
    if array.dtype.kind in "iu":
        result[among] = random.permutation(result[among]) + random.integers(3)
    else:
        result[among] = random.dirichlet(np.ones(len(result[among]))) * array[among].sum()
    return result


def claims_one_outcome(question, answer, feedback):
    random, case = np.random.default_rng(1), feedback.case
    outcomes = {
        "Only the first": slice(1, None),
        "Only the last": slice(None, -1),
        "The last outcome does not": slice(-1, None),
        "The first outcome does not": slice(1),
    }
    among = next(part for words, part in outcomes.items() if feedback.message.startswith(words))
    for _ in range(5):
        other = [other_numbers(random, a, among) if is_array(a) else a for a in case.arguments]
        if not close(
            value_on(question, answer, Case(tuple(other))), value_on(question, answer, case)
        ):
            return False
    return True


def reversed_all(case):
    return Case(tuple(a[::-1] if is_array(a) else a for a in case.arguments))


def back(value):
    return value[::-1] if np.ndim(value) else value


def claims_order(question, answer, feedback):
    case = feedback.case
    turned = reversed_all(case)
    return not close(
        back(value_on(question, answer, turned)), value_on(question, answer, case)
    ) and close(back(right_on(question, turned)), right_on(question, case))


def claims_unused(question, answer, feedback):
    """On inputs of its own."""
    name = re.match(r"The value stayed the same when `(\w+)` alone was changed", feedback.message)[
        1
    ]
    place, random, case = (
        question.argument_names.index(name),
        np.random.default_rng(2),
        feedback.case,
    )
    argument = case.arguments[place]
    for _ in range(5):
        if not is_array(argument):
            other = argument * random.uniform(0.8, 1)
        elif argument.ndim > 1:
            return True
        elif np.isclose(argument.sum(), 1):
            other = other_numbers(random, argument)
        else:
            other = 0.9 * argument + 0.1 * argument[::-1]
        arguments = (*case.arguments[:place], other, *case.arguments[place + 1 :])
        if not close(value_on(question, answer, Case(arguments)), value_on(question, answer, case)):
            return False
    return True


def claims_last_order(question, answer, feedback):
    case = feedback.case
    other = Case((*case.arguments[:-1], case.arguments[-1][::-1]))
    return close(value_on(question, answer, other), value_on(question, answer, case))


def claims_symmetric(question, answer, feedback):
    random = np.random.default_rng(3)
    pairs = [Case(tuple(random.dirichlet(np.ones(n), size=2))) for n in (2, 3, 4)]
    if feedback.case.arguments[0].ndim > 1:
        pairs = [Case(tuple(a[None] for a in pair.arguments)) for pair in pairs]
    swapped = [Case(pair.arguments[::-1]) for pair in pairs]
    alike = map(close, values(question, answer, pairs), values(question, answer, swapped))
    right_ones = values(question, question.reference, pairs)
    return all(alike) and not all(
        map(close, right_ones, values(question, question.reference, swapped))
    )


def claims_equality(question, answer, feedback):
    p, q = feedback.case.arguments
    value = np.abs(value_on(question, answer, feedback.case)).max()
    nearly = feedback.message.startswith("Nearly")
    return np.array_equal(p, q) and value > 0 and (value < 1e-3) == nearly


def claims_negative(question, answer, feedback):
    if "Gibbs" in feedback.message and question.name != "kl":
        return False
    below = np.min(value_on(question, answer, feedback.case)) < 0
    return below and all(np.min(r) >= 0 for r in right(question))


def claims_nearly(question, answer, feedback):
    value, correct = value_on(question, answer, feedback.case), right_on(question, feedback.case)
    if not (np.abs(value[correct == 0]) > 0).any():
        return False
    return all(
        np.allclose(v[abs(r) > 1e-9], r[abs(r) > 1e-9], rtol=0.0101, atol=1e-12)
        for v, r in zip(values(question, answer), right(question), strict=True)
    )


def claims_estimate(question, answer, feedback):
    pairs = list(zip(values(question, answer), right(question), strict=True))
    finite = [np.isfinite(r) & (np.abs(r) > 1e-9) for _, r in pairs]
    ratio = np.concatenate([v[f] / r[f] for (v, r), f in zip(pairs, finite, strict=True)])
    return (np.abs(ratio - 1) <= 0.25).all() and (ratio > 1).any() and (ratio < 1).any()


def claims_overflow(question, answer, feedback):
    value, correct = value_on(question, answer, feedback.case), right_on(question, feedback.case)
    return np.isinf(value[np.isfinite(correct)]).any()


CLAIMS = {
    "not repeatable": claims_not_repeatable,
    "always the same": claims_always_the_same,
    "sign": claims_sign,
    "unit of the logarithm": claims_unit,
    "mean for sum": claims_mean,
    "some factor": claims_factor,
    "constant added": claims_constant,
    "whole number arrays": claims_whole_number_arrays,
    "made whole": claims_function,
    "transformed": claims_function,
    "running sum": claims_running_sum,
    "right numbers in another order": claims_other_order,
    "missing infinity": claims_missing_infinity,
    "zeros": claims_feature,
    "entries": claims_entries,
    "one outcome": claims_one_outcome,
    "order of outcomes": claims_order,
    "argument unused": claims_unused,
    "not zero at equality": claims_equality,
    "symmetric": claims_symmetric,
    "order of the last argument": claims_last_order,
    "negative": claims_negative,
    "nearly": claims_nearly,
    "estimate": claims_estimate,
    "overflow": claims_overflow,
    "other inputs": claims_feature,
}


def test_the_claims_of_every_row_are_tested():
    assert set(CLAIMS) == {row.__name__.replace("_", " ") for row in ROWS}


@each_question
def test_what_is_said_of_a_bent_answer_is_true_of_it(question):
    untrue = []
    for name, bend in BENT.items():
        answer = bend(question)
        feedback = check_answer(question, wrapped(question.name, answer))
        if feedback.state != "diagnosed":
            assert feedback.state in ("correct", "almost", "wrong", "nan", "raised"), str(feedback)
            continue
        if not CLAIMS[feedback.mistake](question, answer, feedback):
            untrue.append(f"{name}: {feedback.mistake}: {feedback.message} {feedback.evidence}")
    assert not untrue, "\n".join(untrue)


# The sentences on zeros


def test_the_general_advice_on_zeros_is_true_of_each_question_that_gives_it():
    """Of questions with a unit and a share p: there an outcome with p = 0 adds no term."""
    given = {
        question.name
        for question in questions().values()
        if question.has_general_advice
        and question.unit
        and any(re.fullmatch(r"p\d*", name) for name in question.argument_names)
    }
    assert given == {
        "entropy_bits", "cross_entropy", "kl", "kl_contributions", "kl_safe", "convexity_margin",
        "kelly_growth", "both_parts", "kl_rate", "before_and_after", "chernoff", "twin_kl",
        "kl_repaired",
    }  # fmt: skip
