"""Tool calls, states, clicks: what an agent did, step by step, as cells.

`States` counts which steps are taken, `Transitions` which step follows which, begin and end
included: a change of the order alone is seen only by the second. The unit is the task, so windows
are made of whole trajectories. What two chains of transitions differ by in a step is
`klteach.inference.markov_kl_rate`.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from klteach.drift.errors import DriftError
from klteach.drift.sequences import Sequences
from klteach.drift.values import as_pieces

BEGIN, END, MISSING = "begin", "end", "missing"
ARROW = " -> "
BETWEEN_TASKS = "between tasks"
RESERVED = (BEGIN, END, MISSING, BETWEEN_TASKS)


class States(Sequences):
    """The commonest states of the baseline's trajectories, a cell each.

    >>> States.of([["search", "read", "read"], ["search"]]).binning.cells
    ('read', 'search', 'other', 'missing')
    """

    column = "state"

    @staticmethod
    def pieces(sequence) -> list[str | None]:
        return as_pieces(_steps(sequence))


class Transitions(Sequences):
    """The commonest transitions of the baseline's trajectories, a cell each.

    A trajectory of n steps has n + 1 transitions, as it begins and ends; one without any step has
    "begin -> end". A state is put in quotes where its name could be taken for something else.

    >>> transitions = Transitions.of([["search", "read"], ["search", "read"], ["search"]])
    >>> transitions.binning.cells[:2]
    ('begin -> search', 'read -> end')
    >>> Transitions.pieces(["end"])
    ["begin -> 'end'", "'end' -> end"]
    """

    column = "transition"

    @staticmethod
    def pieces(sequence) -> list[str | None]:
        names = [BEGIN, *map(_name, as_pieces(_steps(sequence))), END]
        return [f"{before}{ARROW}{after}" for before, after in pairwise(names)]


def _steps(sequence):
    if isinstance(sequence, str):
        raise DriftError(
            f"the trajectory {sequence!r} is a text. A trajectory is a list of steps: "
            f"[{sequence!r}] has one."
        )
    return sequence


def _name(state: str | None) -> str:
    if state is None:
        return MISSING
    mistakable = state in RESERVED or ARROW in state or state[:1] in "'\""
    return repr(state) if mistakable else state


def transition_counts(
    trajectories: Iterable[Sequence], states: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """How often each state follows each, and the names of the states: (k, k) and k names.

    The first state stands between the tasks: it is left when a task begins and entered when it
    ends. So the chain starts again and again, and has a stationary law. Pass the `states` of one
    side for the other, so that rows and columns mean the same; DriftError if another one comes.
    Divide each row by its sum, having added what your smoothing adds, for
    `klteach.inference.markov_kl_rate`.

    >>> counts, names = transition_counts([["a", "b"], ["a", "a", "b"]])
    >>> names
    ('between tasks', 'a', 'b')
    >>> counts.tolist()
    [[0, 2, 0], [0, 1, 2], [2, 0, 0]]
    """
    # a list of its own, as every trajectory is read twice
    walks = [[_name(state) for state in as_pieces(_steps(steps))] for steps in trajectories]
    if states is None:
        names = (BETWEEN_TASKS, *sorted({name for walk in walks for name in walk}))
    else:
        names = (BETWEEN_TASKS, *(name for name in states if name != BETWEEN_TASKS))
    places = {name: place for place, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    for walk in walks:
        unknown = [name for name in walk if name not in places]
        if unknown:
            raise DriftError(
                f"the state {unknown[0]!r} is not among the {len(names) - 1} states given. Take "
                "the states of both sides together."
            )
        stations = [0, *(places[name] for name in walk), 0]
        np.add.at(counts, (stations[:-1], stations[1:]), 1)
    return counts, names
