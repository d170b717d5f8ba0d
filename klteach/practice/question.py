"""What a question is, written down as data.

A question knows what the right answer does (`reference`), on which inputs it is tried, which wrong
answers are common and what to say about each. It knows nothing of notebooks, colours or grades.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from klteach.practice.returns import NUMBER, Returns

_NEVER_OCCURS = (
    "An outcome that never occurs costs nothing, so its term is 0: mask it (`p > 0`) before you "
    "take the logarithm."
)


@dataclass(frozen=True, eq=False)
class Case:
    """One input on which an answer is tried: the arguments of one call, and a name for people.

    known       what references and named mistakes have given for it: the same for every answer
    """

    arguments: tuple
    label: str = ""
    known: dict[Callable, np.ndarray] = field(default_factory=dict, init=False, repr=False)

    def copies(self) -> tuple:
        """Fresh arguments, so that an answer which changes its input spoils nothing."""
        return tuple(a.copy() if isinstance(a, np.ndarray) else a for a in self.arguments)


def case(*arguments, label: str = "") -> Case:
    """One input: lists become arrays, numbers stay numbers.

    >>> case([0.5, 0.5], [0.25, 0.75], label="a fair coin").arguments[1]
    array([0.25, 0.75])
    """
    frozen = []
    for argument in arguments:
        if isinstance(argument, (list, tuple, np.ndarray)):
            argument = np.array(argument)
            argument.setflags(write=False)  # cases are shared: only their copies may be changed
        frozen.append(argument)
    return Case(tuple(frozen), label)


@dataclass(frozen=True, eq=False)
class Mistake:
    """A wrong answer that people really give, and what to say to the one who gave it.

    `function` takes the question's arguments; a tuple of functions holds variants of one mistake.
    A few mistakes give the right value on every fair input (an `abs` that hides a sign). They show
    on `probes` alone: inputs outside the question, on which no answer is wrong but this one.
    """

    name: str
    function: Callable | tuple[Callable, ...]
    message: str
    probes: tuple[Case, ...] = ()

    @property
    def variants(self) -> tuple[Callable, ...]:
        return self.function if isinstance(self.function, tuple) else (self.function,)


@dataclass(frozen=True, eq=False)
class Question:
    """One graded question.

    name        the function that the learner writes, and the word given to `check`
    points      full marks
    reference   the right answer, as a function
    visible     the first cases: small enough to check by hand, and the ones that feedback shows
    inputs      functions of a NumPy Generator that return further cases
    mistakes    the wrong answers that have a message of their own
    hints       three: a question back, a formula, a line of code
    insight     the sentence that a right answer has earned
    lesson      file name of the lesson without its ending, and `section`, one of its headings
    returns     the form of the value, one of `klteach.practice.returns`
    judge       for questions with many right answers: called with the arguments and the value,
                returns None or a pair (name of the fault, sentence about it)
    unit        "nats" or "bits" where the answer has a unit
    tolerance   largest relative error of a right answer
    exchangeable  False if the outcomes may not be put into another order
    where_p_is_zero  what the answer is for an outcome that never occurs, as a sentence
    rows        rows of the diagnosis for this question alone, tried before those of all questions:
                functions of an Evidence, see klteach.practice.evidence
    one_right_value  True if a judge compares with one right value, so that an answer within 1 per
                cent of the reference is almost right
    may_call_klteach  True if the library has no answer, so that one may call it to find one
    """

    name: str
    points: float
    reference: Callable
    visible: Sequence[Case]
    inputs: Sequence[Callable[[np.random.Generator], list[Case]]]
    mistakes: Sequence[Mistake]
    hints: Sequence[str]
    insight: str
    lesson: str
    section: str = "The idea"
    returns: Returns = NUMBER
    judge: Callable | None = None
    unit: str | None = None
    tolerance: float = 1e-6
    exchangeable: bool = True
    where_p_is_zero: str = _NEVER_OCCURS
    rows: Sequence[Callable] = ()
    one_right_value: bool = False
    may_call_klteach: bool = False

    def __post_init__(self):
        if not self.name.isidentifier():
            raise ValueError(f"{self.name!r} cannot be the name of a function")
        if len(self.hints) != 3:
            raise ValueError(f"{self.name}: three hints are needed, not {len(self.hints)}")
        if not self.visible:
            raise ValueError(f"{self.name}: at least one visible case is needed")
        if not isinstance(self.returns, Returns):
            raise ValueError(f"{self.name}: returns={self.returns!r} is not of klteach's Returns")
        names = [mistake.name for mistake in self.mistakes]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: two mistakes have the same name")

    @property
    def has_general_advice(self) -> bool:
        """Whether it says of an outcome with p = 0 what is said in general."""
        return self.where_p_is_zero == _NEVER_OCCURS

    @property
    def argument_names(self) -> tuple[str, ...]:
        """The names of the arguments that are passed, as the reference calls them."""
        names = tuple(inspect.signature(self.reference).parameters)
        return names[: len(self.visible[0].arguments)]

    def values(self, function: Callable, case: Case) -> np.ndarray:
        """What the reference or a named mistake gives for a case, as numbers."""
        if function not in case.known:
            values = self.returns.numbers(function(*case.copies()))
            values.setflags(write=False)  # they are shared
            case.known[function] = values
        return case.known[function]

    def cases(self, seed: bytes | None = None) -> list[Case]:
        """The visible cases, then the generated ones: the same for the same seed, everywhere."""
        return [*self.visible, *_generated(self, self.name.encode() if seed is None else seed)]


@cache
def _generated(question: Question, seed: bytes) -> tuple[Case, ...]:
    random = np.random.default_rng(list(seed))
    return tuple(case for generator in question.inputs for case in generator(random))
