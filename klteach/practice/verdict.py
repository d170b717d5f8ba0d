"""The upper rungs of the ladder: what the numbers say, once every call has given numbers.

nan, named mistake, judged, diagnosed, almost, wrong, correct. Nothing here runs a learner's code
but through `again`, so that the same verdict can be reached on values from another process.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np

from klteach.practice.diagnosis import LAST_ROWS, ROWS, diagnose, rounded_to, unexplained
from klteach.practice.evidence import Evidence
from klteach.practice.feedback import Feedback
from klteach.practice.question import Case, Mistake, Question
from klteach.practice.results import Result
from klteach.practice.trials import not_repeatable
from klteach.practice.undefined import nan_text
from klteach.practice.wording import is_small, shares_of, value_text

Again = Callable[[list[Case]], list[np.ndarray | None]]


def verdict(question: Question, cases: list[Case], results: list[Result], again: Again) -> Feedback:
    """Feedback on the results of an answer for these cases.

    `again` calls the answer on further cases and returns the values, with None for calls that gave
    none; it is asked only where a verdict needs it.
    """
    return _Verdict(question, cases, results, again).feedback()


# Of what is computed in single precision throughout, the largest relative and absolute errors
_SINGLE = (1e-5, 1e-6)
_NEARER = 0.02  # a mistake has to explain so much more than the right answer does
_STEP = 2 * float(np.finfo(np.float32).eps)
_OFTEN = (
    0.75  # rounding in single precision passes the limit of double now and then, not that often
)


def agrees(result: Result, reference: np.ndarray, tolerance: float) -> bool:
    """Whether a result is the reference but for rounding; looser in single precision."""
    values = result.values
    if values is None or values.shape != reference.shape:
        return False
    relative, absolute = _SINGLE if result.single_precision else (tolerance, 1e-12)
    return bool(np.allclose(values, reference, rtol=relative, atol=absolute))


class _Verdict:
    def __init__(self, question, cases, results, again):
        self.question = question
        self.cases = cases
        self.results = results
        self.again = again
        self.references = [question.values(question.reference, case) for case in cases]
        self.step = _STEP if any(result.single_precision for result in results) else 0.0
        self.strict = bool(self.step) and self._is_off_by_more_than_its_precision()
        self.faults = {i: fault for i in range(len(cases)) if (fault := self._fault(i))}
        self.wrong = list(self.faults)
        self.positive = [i for i, case in enumerate(cases) if _is_positive(question, case)]

    def feedback(self) -> Feedback:
        if not self.wrong:
            return self._correct()
        return (
            self._not_a_number()
            or self._named_mistake()
            or (self._judged() if self.question.judge else self._explained())
        )

    def _is_off_by_more_than_its_precision(self) -> bool:
        """Whether values in single precision are off as a rule, or rounded to decimals.

        What they would not get in double precision they do not get in single precision either.
        """
        if self.question.judge:
            return False
        tolerance, doubled = self.question.tolerance + self.step, []
        for result, reference in zip(self.results, self.references, strict=True):
            if np.any(np.isfinite(reference) & (reference != 0)):
                in_double = replace(result, single_precision=False)
                doubled.append(not agrees(in_double, reference, tolerance))
        return sum(doubled) > _OFTEN * len(doubled) or (
            any(doubled) and rounded_to(self._values, self.references, self.step) is not None
        )

    @property
    def _values(self) -> list[np.ndarray]:
        return [result.values for result in self.results if result.values is not None]

    def _fault(self, i: int) -> tuple[str, str] | None:
        """The name of what is wrong on case i and a sentence about it, or None if it is right."""
        values = self.results[i].values
        if np.isnan(values).any():
            return "nan", ""
        if self.question.judge:
            return self._judgement(i)
        result = self.results[i]
        if self.strict:
            result = replace(result, single_precision=False)
        right = agrees(result, self.references[i], self.question.tolerance)
        return None if right else ("wrong", "")

    def _judgement(self, i: int) -> tuple[str, str] | None:
        """What the judge says; of values in single precision, of the nearest that may be meant."""
        values = self.results[i].values
        fault = self.question.judge(*self.cases[i].copies(), values)
        if not fault or not self.results[i].single_precision:
            return fault
        meant = [self.references[i]] if agrees(self.results[i], self.references[i], 0) else []
        if values.ndim and np.allclose(values.sum(axis=-1), 1, rtol=0, atol=_SINGLE[1]):
            meant.append(values / values.sum(axis=-1, keepdims=True))
        right = any(self.question.judge(*self.cases[i].copies(), each) is None for each in meant)
        return None if right else fault

    def _not_a_number(self) -> Feedback | None:
        nans = [i for i in self.wrong if np.isnan(self.results[i].values).any()]
        if not nans:
            return None
        mistake = self._nowhere_a_number() if len(nans) == len(self.cases) else None
        if mistake:
            return self._give("named mistake", mistake.message, mistake.name)
        shown = self._tiny(nans)
        message = nan_text(
            self.question, self.cases[shown], self.results[shown], self.references[shown]
        )
        numbers = [i for i in range(len(self.cases)) if i not in nans]
        positive = [i for i in self.positive if i not in nans]
        for indices, where in (
            (numbers, "where yours gives numbers"),
            (positive, "on the inputs without a zero"),
        ):
            mistake = self._match(indices)
            if mistake:
                message += f"\nOne more thing, {where}: {mistake.message}"
                return self._give("nan", message, mistake.name, shown)
        return self._give("nan", message, shown=shown)

    def _nowhere_a_number(self) -> Mistake | None:
        """The mistake that gives nan on every case, of an answer that does."""
        for mistake in self.question.mistakes:
            for variant in () if mistake.probes else mistake.variants:
                if all(np.isnan(self.question.values(variant, case)).all() for case in self.cases):
                    return mistake
        return None

    def _named_mistake(self) -> Feedback | None:
        mistake = self._match(range(len(self.cases)))
        if mistake:
            return self._give("named mistake", mistake.message, mistake.name)
        # where no input has a zero, they have just been compared
        mistake = None if len(self.positive) == len(self.cases) else self._match(self.positive)
        if mistake:
            message = f"{mistake.message}\nThat is on the inputs without a zero"
            zeros_too = any(i not in self.positive for i in self.wrong)
            message += "; zeros come next." if zeros_too else "."
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
                values = {}
                for i in indices:  # most variants differ on the first that is looked at
                    values[i] = self.question.values(variant, self.cases[i])
                    if not agrees(self.results[i], values[i], tolerance):
                        break
                else:
                    if not self.strict or self._is_nearer(values):
                        return mistake
        return None

    def _is_nearer(self, values: dict[int, np.ndarray]) -> bool:
        """Whether these are much nearer to the results than the right values are.

        What is off by little in single precision agrees with a mistake that is off by little, too.
        """
        pairs = [(self.results[i].values, value, self.references[i]) for i, value in values.items()]
        with np.errstate(invalid="ignore"):
            off = [np.nan_to_num(abs(ours - value), posinf=0).sum() for ours, value, _ in pairs]
            all_off = [np.nan_to_num(abs(ours - right), posinf=1).sum() for ours, _, right in pairs]
        return sum(off) < _NEARER * sum(all_off)

    def _correct(self) -> Feedback:
        """Full marks, with a note on a mistake that gives right values on every fair input."""
        right = Feedback(self.question, "correct", self.question.insight)
        for mistake in self.question.mistakes:
            values = self.again(mistake.probes) if mistake.probes else []
            for variant in mistake.variants if values else ():
                expected = [self.question.values(variant, case) for case in mistake.probes]
                if all(_same(v, e) for v, e in zip(values, expected, strict=True)):
                    evidence = value_text(self.question, mistake.probes[0], values[0])
                    note = f"{mistake.message} {evidence}"
                    return replace(right, mistake=mistake.name, notes=(note,))
        return right

    def _judged(self) -> Feedback:
        almost = self._almost() if self.question.one_right_value else None
        if almost:
            return almost
        shown = self._tiny(self.wrong)
        name, message = self.faults[shown]
        return self._give("diagnosed", message, name, shown)

    @cached_property
    def _evidence(self) -> Evidence:
        return Evidence(
            self.question,
            cases=self.cases,
            values=self._values,
            references=self.references,
            right=[i not in self.faults for i in range(len(self.cases))],
            call=self.again,
        )

    def _explained(self) -> Feedback:
        almost = self._almost()
        if almost:
            return self._diagnosed((not_repeatable,)) or almost
        return (
            self._diagnosed((*self.question.rows, *ROWS))
            or self._diagnosed(LAST_ROWS)
            or self._unexplained()
        )

    def _diagnosed(self, rows) -> Feedback | None:
        found = diagnose(self._evidence, rows)
        if found is None:
            return None
        return self._give("diagnosed", found.sentence, found.name, found.at)

    def _unexplained(self) -> Feedback:
        sentence, shown = unexplained(self._evidence)
        return self._give("wrong", sentence, shown=shown)

    def _almost(self) -> Feedback | None:
        values = [result.values for result in self.results]
        decimals = rounded_to(values, self.references, self.step)
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
                "was typed by hand, a rounding on the way, a small number added to be safe, or an "
                "integral or a simulation that is not exact enough.",
            )
        return None

    def _give(self, state, message, mistake=None, shown=None) -> Feedback:
        """The feedback, with the learner's own value on one tiny input."""
        i = self._tiny(self.wrong) if shown is None else shown
        evidence = value_text(self.question, self.cases[i], self.results[i].values)
        return Feedback(self.question, state, message, mistake, evidence, case=self.cases[i])

    def _tiny(self, indices: list[int]) -> int:
        """The first of these cases that is small enough to be shown; the first if none is."""
        return next((i for i in indices if is_small(self.cases[i])), indices[0])


def _same(values: np.ndarray | None, expected) -> bool:
    if values is None or values.shape != expected.shape:
        return False
    return bool(np.allclose(values, expected))


def _is_positive(question: Question, case: Case) -> bool:
    """Whether no share in it is 0, and no other number; a count such as `winners` may be."""
    shares = shares_of(question, case).values()
    others = [
        argument
        for argument in case.arguments
        if not callable(argument)
        and np.ndim(argument) <= 1
        and np.asarray(argument).dtype.kind == "f"
    ]
    return all((share != 0).all() for share in shares) and all(np.all(o != 0) for o in others)
