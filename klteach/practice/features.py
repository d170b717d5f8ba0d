"""What inputs may have in common: zeros, equal arguments, sizes. A wrong answer may be wrong there
and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from klteach.practice.question import Case, Question
from klteach.practice.wording import shares_of

_TINY = 1e-6


@dataclass(frozen=True, eq=False)
class Feature:
    """Something that is there or not: in each case, or in each entry of each case.

    words  as in "the inputs in which some q is 0"
    of_p   whether it speaks of zeros of the first share alone
    """

    words: str
    there: np.ndarray
    of_p: bool = False


def of_zeros(question: Question, cases: list[Case]) -> list[Feature]:
    """The kinds of zeros that the shares in these cases have."""
    shares = [shares_of(question, case) for case in cases]
    names = list(shares[0]) if shares else []
    found = []
    for first, second in pairwise(names):
        pairs = [(share[first], share[second]) for share in shares]
        if all(a.shape == b.shape for a, b in pairs):
            found += [
                Feature(
                    f"`{first}` is 0 and `{second}` is not, for some outcome",
                    _each(((a == 0) & (b > 0)).any() for a, b in pairs),
                    of_p=first == names[0],
                ),
                Feature(
                    f"`{second}` is 0 and `{first}` is not, for some outcome",
                    _each(((b == 0) & (a > 0)).any() for a, b in pairs),
                ),
                Feature(
                    f"`{first}` and `{second}` are both 0 for some outcome",
                    _each(((a == 0) & (b == 0)).any() for a, b in pairs),
                ),
            ]
    for name in names:
        there = _each((share[name] == 0).any() for share in shares)
        found.append(Feature(f"some entry of `{name}` is 0", there, of_p=name == names[0]))
    if len(names) > 1:
        there = _each(any((share[name] == 0).any() for name in names) for share in shares)
        found.append(Feature("there is a 0 among the shares", there))
    return found


def in_cases(question: Question, cases: list[Case], references: list) -> list[Feature]:
    """What else cases may have in common."""
    found: list[Feature] = []
    for place, name in enumerate(question.argument_names):
        arguments = [case.arguments[place] for case in cases]
        if not any(map(callable, arguments)):
            found += _of_argument(name, [np.asarray(argument) for argument in arguments])
    if question.argument_names == ("p", "q"):
        equal = _each(np.array_equal(*case.arguments) for case in cases)
        found.append(Feature("p and q are equal", equal))
    found += [
        Feature("the right value is 0", _each(np.all(r == 0) for r in references)),
        Feature("the right value is infinite", _each(np.isinf(r).any() for r in references)),
    ]
    return found


def _of_argument(name: str, arguments: list[np.ndarray]) -> Iterator[Feature]:
    if all(argument.ndim == 0 for argument in arguments):
        for words, there in (
            ("is 0", [a == 0 for a in arguments]),
            ("is infinite", [np.isinf(a) for a in arguments]),
            ("is below 0", [a < 0 for a in arguments]),
            ("is below 1", [a < 1 for a in arguments]),
            ("is above 1", [a > 1 for a in arguments]),
        ):
            yield Feature(f"`{name}` {words}", _each(there))
        return
    for words, there in (
        (f"some entry of `{name}` is 0", [(a == 0).any() for a in arguments]),
        (f"some entry of `{name}` is infinite", [np.isinf(a).any() for a in arguments]),
        (f"some entry of `{name}` is below 0", [(a < 0).any() for a in arguments]),
        (f"some entry of `{name}` is above 0 and below 1e-6", [_is_tiny(a) for a in arguments]),
        (f"`{name}` has one entry alone", [a.size == 1 for a in arguments]),
        (f"all entries of `{name}` are equal", [np.min(a) == np.max(a) for a in arguments]),
        (f"some entries of `{name}` are equal", [len(np.unique(a)) < a.size for a in arguments]),
        (f"`{name}` is not in rising order", [a.ndim == 1 and _falls(a) for a in arguments]),
        (f"`{name}` is a single number", [a.ndim == 0 for a in arguments]),
        (f"`{name}` is an array", [a.ndim > 0 for a in arguments]),
        (f"`{name}` has more than one dimension", [a.ndim > 1 for a in arguments]),
    ):
        yield Feature(words, _each(there))
    for size in (2, 8, 20, 100):
        there = [a.size > size for a in arguments]
        yield Feature(f"`{name}` has more than {size} entries", _each(there))


def _is_tiny(argument: np.ndarray) -> bool:
    return bool(((argument > 0) & (argument < _TINY)).any())


def _falls(argument: np.ndarray) -> bool:
    return bool((np.diff(argument.astype(float)) < 0).any())


def in_entries(question: Question, cases: list[Case], references: list) -> list[Feature]:
    """What the entries of a value may have in common: the zeros beside them, and their place.

    For a value with one entry per row of tables, what holds for some outcome of the row.
    """
    lengths = [len(reference) for reference in references]
    shares = [shares_of(question, case) for case in cases]
    names = [
        name
        for name in (shares[0] if shares else ())
        if all(len(share[name]) == n for share, n in zip(shares, lengths, strict=True))
    ]
    found = []

    def add(words, entries):
        found.append(Feature(words, np.concatenate([_of_rows(each) for each in entries])))

    for first, second in pairwise(names):
        pairs = [(share[first], share[second]) for share in shares]
        if all(a.shape == b.shape for a, b in pairs):
            add(f"`{first}` is 0 and `{second}` is not", [(a == 0) & (b > 0) for a, b in pairs])
            add(f"`{second}` is 0 and `{first}` is not", [(b == 0) & (a > 0) for a, b in pairs])
            add(f"`{first}` and `{second}` are both 0", [(a == 0) & (b == 0) for a, b in pairs])
            add(f"`{second}` is larger than `{first}`", [b > a for a, b in pairs])
            add(f"`{first}` is larger than `{second}`", [a > b for a, b in pairs])
    for name in names:
        add(f"`{name}` is 0", [share[name] == 0 for share in shares])
    add("the right value is 0", [reference == 0 for reference in references])
    add("the right value is below 0", [reference < 0 for reference in references])
    add("the right value is infinite", [np.isinf(reference) for reference in references])
    add("nothing stands before: the first", [np.arange(n) == 0 for n in lengths])
    add("nothing follows: the last", [np.arange(n) == n - 1 for n in lengths])
    return found


def _of_rows(marked: np.ndarray) -> np.ndarray:
    rows: np.ndarray = np.any(marked.reshape(len(marked), -1), axis=1)
    return rows


def _each(conditions) -> np.ndarray:
    return np.array([bool(condition) for condition in conditions])
