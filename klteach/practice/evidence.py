"""What is known of a wrong answer: its values, the right ones, and what it does on other inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from klteach.practice.question import Case, Question
from klteach.practice.wording import call_text, is_small

CLOSE = 1e-6  # patterns are looked for with this relative error
ZERO = 1e-12
HAIR = 1e-3  # what a small number added inside a logarithm may leave behind
NEAR = 0.01
Found = str | tuple[str, int] | None
Values = list[np.ndarray | None]


def _no_calls(cases: list[Case]) -> Values:
    return [None] * len(cases)


@dataclass(eq=False)
class Evidence:
    """What is known about a wrong answer, case by case.

    values      what the answer gave
    references  what is right
    right       which of them agree
    call        the answer on further cases, with None in the place of a call that failed
    """

    question: Question
    cases: list[Case]
    values: list[np.ndarray]
    references: list[np.ndarray]
    right: list[bool]
    call: Callable[[list[Case]], Values] = field(default=_no_calls)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arguments."""
        return self.question.argument_names

    @property
    def wrong(self) -> list[int]:
        """The numbers of the cases on which it is wrong."""
        return [i for i, right in enumerate(self.right) if not right]

    @property
    def pairs(self) -> bool:
        """Whether the question takes the truth p and the model q and nothing else."""
        return self.names == ("p", "q")

    def small(self, indices: Sequence[int]) -> int | None:
        """The one of these cases that is worked most easily by hand; None of none."""
        return min(indices, key=self._effort, default=None)

    def _effort(self, i: int) -> tuple:
        case, hidden = self.cases[i], i >= len(self.question.visible)
        written = len(call_text(self.question, case)) if hidden else 0
        return not is_small(case), hidden, written, i

    def is_right(self, value: np.ndarray | None, reference: np.ndarray) -> bool:
        """Whether a value is the reference, by the question's own tolerance."""
        if value is None or value.shape != reference.shape:
            return False
        return bool(np.allclose(value, reference, rtol=self.question.tolerance, atol=ZERO))

    def is_finite(self, i: int) -> bool:
        """Whether the value of this case is finite: infinite ones say little of what is in them."""
        return bool(np.isfinite(self.values[i]).all())

    def right_value(self, case: Case) -> np.ndarray | None:
        """What the reference gives; None where it refuses."""
        try:
            return self.question.values(self.question.reference, case)
        except Exception:  # a reference may refuse what is no distribution
            return None

    @cached_property
    def again(self) -> Values:
        """The same arguments once more."""
        return self.call(self.cases)

    @cached_property
    def swapped(self) -> Values:
        """p and q exchanged."""
        return self.call(list(map(swap, self.cases)))

    @cached_property
    def permuted(self) -> Values:
        """The outcomes of all arguments in reverse order; an array is put back into the old one."""
        return list(map(turned, self.call(list(map(reverse_all, self.cases)))))

    @cached_property
    def misaligned(self) -> Values:
        """The outcomes of the last argument alone in reverse order."""
        return self.call(list(map(reverse_last, self.cases)))


def same(a, b) -> bool:
    """Whether two values are the same but for rounding."""
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=CLOSE, atol=ZERO))


def near(a, b) -> bool:
    return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=NEAR, atol=ZERO))


def flat(arrays) -> np.ndarray:
    return np.concatenate([np.ravel(a) for a in arrays])


def values_beside_references(e: Evidence):
    return zip(e.values, e.references, strict=True)


def indices_where(conditions) -> list[int]:
    return [i for i, condition in enumerate(conditions) if condition]


def changes(e: Evidence, cases: list[Case], i: int) -> bool:
    """Whether the right value of case i is another one on each of these cases."""
    others = [e.right_value(case) for case in cases]
    return all(other is not None and not same(other, e.references[i]) for other in others)


def swap(case: Case) -> Case:
    return Case(case.arguments[::-1])


def turned(value):
    return value[::-1] if np.ndim(value) else value


def reverse_all(case: Case) -> Case:
    return Case(tuple(map(turned, case.arguments)))


def reverse_last(case: Case) -> Case:
    return Case((*case.arguments[:-1], case.arguments[-1][::-1]))


def is_array(argument) -> bool:
    return isinstance(argument, np.ndarray) and argument.ndim > 0


def is_whole(argument) -> bool:
    return is_array(argument) and argument.dtype.kind in "iu"


def with_argument(case: Case, place: int, argument) -> Case:
    return Case((*case.arguments[:place], argument, *case.arguments[place + 1 :]))


def without_outcomes(case: Case, outcomes: np.ndarray) -> Case:
    """The case without the outcomes that are marked."""
    return Case(tuple(a[~outcomes] if is_array(a) else a for a in case.arguments))
