"""The upper rungs of the ladder: what the numbers say, once every call has given numbers.

nan, named mistake, judged, diagnosed, almost, wrong, correct. Nothing here runs a learner's code
but through `again`, so that the same verdict can be reached on values from another process.
"""

import re
from collections.abc import Callable

import numpy as np

from klteach.practice.diagnosis import Evidence, diagnose, rounded_to
from klteach.practice.feedback import Feedback
from klteach.practice.question import Case, Mistake, Question
from klteach.practice.results import Result
from klteach.practice.wording import is_small, value_text

ZERO_TIMES_LOG_ZERO = "`nan` is what NumPy makes of 0·log 0 and of 0/0."
OTHER_NAN = (
    "`nan` comes from 0/0, from 0·∞, from ∞ - ∞ or from the logarithm of a negative "
    "number. Print the steps for this input and see where it begins."
)

_SHARES = re.compile(r"[pq]\d*")  # how the questions call shares of probability: p, q, p1, ...

Again = Callable[[list[Case]], list[np.ndarray | None]]


def verdict(question: Question, cases: list[Case], results: list[Result], again: Again) -> Feedback:
    """Feedback on the results of an answer for these cases.

    `again` calls the answer on further cases and returns the values, with None for calls that gave
    none; it is asked only where a verdict needs it.
    """
    return _Verdict(question, cases, results, again).feedback()


def agrees(result: Result, reference: np.ndarray, tolerance: float) -> bool:
    """Whether a result is the reference but for rounding; looser in single precision."""
    values = result.values
    if values is None or values.shape != reference.shape:
        return False
    relative, absolute = (1e-4, 1e-6) if result.single_precision else (tolerance, 1e-12)
    return bool(np.allclose(values, reference, rtol=relative, atol=absolute))


class _Verdict:
    def __init__(self, question, cases, results, again):
        self.question = question
        self.cases = cases
        self.results = results
        self.again = again
        self.references = [question.values(question.reference, case) for case in cases]
        self.faults = {i: fault for i in range(len(cases)) if (fault := self._fault(i))}
        self.wrong = list(self.faults)
        self.positive = [i for i, case in enumerate(cases) if _is_positive(case)]

    def feedback(self) -> Feedback:
        if not self.wrong:
            return self._hidden_mistake() or Feedback(
                self.question, "correct", self.question.insight
            )
        return (
            self._not_a_number()
            or self._named_mistake()
            or (self._judged() if self.question.judge else self._diagnosed() or self._almost())
            or self._give(
                "wrong",
                "No common mistake explains this one. Work the input below by hand, step by step, "
                "and compare.",
            )
        )

    def _fault(self, i: int) -> tuple[str, str] | None:
        """The name of what is wrong on case i and a sentence about it, or None if it is right."""
        values = self.results[i].values
        if np.isnan(values).any():
            return "nan", ""
        if self.question.judge:
            return self.question.judge(*self.cases[i].copies(), values)
        right = agrees(self.results[i], self.references[i], self.question.tolerance)
        return None if right else ("wrong", "")

    def _not_a_number(self) -> Feedback | None:
        nans = [i for i in self.wrong if np.isnan(self.results[i].values).any()]
        if not nans:
            return None
        named = zip(self.question.argument_names, self.cases[nans[0]].arguments, strict=True)
        shares = [value for name, value in named if _SHARES.fullmatch(name)]
        message = OTHER_NAN
        if any((np.asarray(value) == 0).any() for value in shares):
            message = f"{ZERO_TIMES_LOG_ZERO} {self.question.where_p_is_zero}"
        mistake = self._match([i for i in self.positive if i not in nans])
        if mistake is None:
            return self._give("nan", message, shown=nans[0])
        message += f"\nOne more thing, on the inputs without a zero: {mistake.message}"
        return self._give("nan", message, mistake.name, shown=nans[0])

    def _named_mistake(self) -> Feedback | None:
        mistake = self._match(range(len(self.cases)))
        if mistake:
            return self._give("named mistake", mistake.message, mistake.name)
        mistake = self._match(self.positive)
        if mistake:
            message = f"{mistake.message}\nThat is on the inputs without a zero; zeros come next."
            shown = self._tiny([i for i in self.positive if i in self.wrong])
            return self._give("named mistake", message, mistake.name, shown)
        return None

    def _match(self, indices) -> Mistake | None:
        """The mistake that gives the answer's value on each of these cases, if one does."""
        if len(indices) < 2 or not any(i in self.wrong for i in indices):
            return None
        tolerance = self.question.tolerance
        for mistake in self.question.mistakes:
            for variant in () if mistake.probes else mistake.variants:
                if all(
                    agrees(self.results[i], self.question.values(variant, self.cases[i]), tolerance)
                    for i in indices
                ):
                    return mistake
        return None

    def _hidden_mistake(self) -> Feedback | None:
        """A mistake that gives right values on every fair input."""
        for mistake in self.question.mistakes:
            values = self.again(mistake.probes) if mistake.probes else []
            for variant in mistake.variants if values else ():
                expected = [self.question.values(variant, case) for case in mistake.probes]
                if all(_same(v, e) for v, e in zip(values, expected, strict=True)):
                    evidence = value_text(self.question, mistake.probes[0], values[0])
                    return Feedback(
                        self.question, "named mistake", mistake.message, mistake.name, evidence
                    )
        return None

    def _judged(self) -> Feedback:
        shown = self._tiny(self.wrong)
        name, message = self.faults[shown]
        return self._give("diagnosed", message, name, shown)

    def _diagnosed(self) -> Feedback | None:
        names = self.question.argument_names
        exchangeable = self.question.exchangeable
        found = diagnose(
            Evidence(
                cases=self.cases,
                names=names,
                values=[result.values for result in self.results],
                references=self.references,
                right=[i not in self.faults for i in range(len(self.cases))],
                unit=self.question.unit,
                where_p_is_zero=self.question.where_p_is_zero,
                again=self.again(self.cases),
                swapped=self._swapped() if names == ("p", "q") and self._has_direction() else (),
                permuted=self._permuted() if exchangeable else (),
                misaligned=self._misaligned() if exchangeable and self._has_pairs() else (),
            )
        )
        if found is None:
            return None
        return self._give("diagnosed", found.sentence, found.name, found.at)

    def _almost(self) -> Feedback | None:
        values = [result.values for result in self.results]
        decimals = rounded_to(values, self.references)
        if decimals:
            return self._give(
                "almost",
                f"Rounded to {decimals} decimals. Return the number as it is, and round it only "
                "where it is printed.",
                "rounded",
            )
        pairs = zip(values, self.references, strict=True)
        if all(np.allclose(v, r, rtol=0.01, atol=1e-12) for v, r in pairs):
            return self._give(
                "almost",
                "Within 1 per cent on every input, so the idea is right. Look for a constant that "
                "was typed by hand, a rounding on the way, or a small number added to be safe.",
            )
        return None

    def _give(self, state, message, mistake=None, shown=None) -> Feedback:
        """The feedback, with the learner's own value on one tiny input."""
        i = self._tiny(self.wrong) if shown is None else shown
        evidence = value_text(self.question, self.cases[i], self.results[i].values)
        if state == "named mistake" and self.question.judge:
            evidence += f" {self.faults[i][1]}"
        return Feedback(self.question, state, message, mistake, evidence)

    def _tiny(self, indices: list[int]) -> int:
        """The first of these cases that is small enough to be shown; the first if none is."""
        return next((i for i in indices if is_small(self.cases[i])), indices[0])

    # Further calls, for the diagnosis

    def _swapped(self) -> list[np.ndarray | None]:
        return self.again([Case(case.arguments[::-1]) for case in self.cases])

    def _has_direction(self) -> bool:
        """Whether the right value changes when the arguments change places."""
        swapped = [Case(case.arguments[::-1]) for case in self.cases]
        other = [self.question.values(self.question.reference, case) for case in swapped]
        return not all(map(np.allclose, self.references, other))

    def _has_pairs(self) -> bool:
        """Whether a last array runs beside the others, outcome by outcome."""
        return all(len(c.arguments) > 1 and np.ndim(c.arguments[-1]) for c in self.cases)

    def _misaligned(self) -> list[np.ndarray | None]:
        return self.again([Case((*c.arguments[:-1], c.arguments[-1][::-1])) for c in self.cases])

    def _permuted(self) -> list[np.ndarray | None]:
        """The values on outcomes in reverse order, put back into their own."""
        reversed_cases = [Case(tuple(map(_reversed, case.arguments))) for case in self.cases]
        return [v if v is None else _reversed(v) for v in self.again(reversed_cases)]


def _reversed(value):
    return value[::-1] if np.ndim(value) else value


def _same(values: np.ndarray | None, expected) -> bool:
    if values is None or values.shape != expected.shape:
        return False
    return bool(np.allclose(values, expected))


def _is_positive(case: Case) -> bool:
    numbers = [argument for argument in case.arguments if not callable(argument)]
    return all((np.asarray(number) > 0).all() for number in numbers)
