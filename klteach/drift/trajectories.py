"""Tool calls, states, clicks: what an agent did, step by step, as cells.

`States` counts which steps are taken, `Transitions` which step follows which, begin and end
included: a change of the order alone is seen only by the second. The unit is the task, so windows
are made of whole trajectories. `kl_rate` is the divergence per step of two Markov chains.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from klteach import kl_divergence
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
    Divide each row by its sum, having added what your smoothing adds, for `kl_rate`.

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


def kl_rate(p_transitions, q_transitions) -> float:
    """The divergence of two Markov chains per step: what each step of P adds on average.

    Formula: Σ_i π_i KL(P_i‖Q_i) = Σ_i π_i Σ_j P_ij log(P_ij / Q_ij), with π the stationary law of
             P; inf where Q forbids a transition that P makes. It is the limit of KL(P‖Q) of the
             first n steps, divided by n, wherever the chains start.
    Shapes:  (k, k) twice, rows of probabilities, gives a float.
    Units:   nats per step; divided by the π of "between tasks" of `transition_counts`, per task.
    Errors:  DriftError if a row is not a distribution, the shapes differ, or P is reducible: then
             the rate depends on where the chain starts.
    Source:  T. M. Cover and J. A. Thomas, "Elements of Information Theory" (2006), section 4.2.

    >>> round(kl_rate([[0.9, 0.1], [0.5, 0.5]], [[0.8, 0.2], [0.5, 0.5]]), 6)
    0.030575
    """
    p, q = np.asarray(p_transitions), np.asarray(q_transitions)
    for name, matrix in (("P", p), ("Q", q)):
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
            raise DriftError(
                f"the transitions of {name} have the shape {matrix.shape}; pass a row and a column "
                "for each state."
            )
    if p.shape != q.shape:
        raise DriftError(
            f"P has {len(p)} states and Q has {len(q)}: count both over the same states."
        )
    try:
        rows = kl_divergence(p, q)
    except ValueError as error:
        raise DriftError(f"the rows of transitions are not all distributions: {error}") from None
    return float(stationary_law(p) @ rows)


def stationary_law(transitions) -> np.ndarray:
    """The share of its time that an irreducible chain spends in each state: (k, k) gives (k,).

    Formula: π = π P, Σ π = 1, by taking one state after the other out of the chain. Nothing is
             subtracted on the way, so that even the smallest share has its digits.
    Errors:  DriftError if the chain is reducible: some state is not reached from some other.
    Source:  W. K. Grassmann, M. I. Taksar and D. P. Heyman, "Regenerative analysis and steady
             state distributions for Markov chains" (1985).

    >>> stationary_law([[0.9, 0.1], [0.5, 0.5]]).round(6).tolist()
    [0.833333, 0.166667]
    """
    chain = np.array(transitions, dtype=float)
    _require_irreducible(chain)
    for last in range(len(chain) - 1, 0, -1):
        # whoever would have gone to `last` goes where `last` would have sent them
        chain[:last, last] /= chain[last, :last].sum()
        chain[:last, :last] += np.outer(chain[:last, last], chain[last, :last])
    law = np.ones(len(chain))
    for state in range(1, len(chain)):
        law[state] = law[:state] @ chain[:state, state]
    return law / law.sum()


def _require_irreducible(chain):
    from scipy.sparse.csgraph import breadth_first_order

    for matrix, back in ((chain, False), (chain.T, True)):
        reached = breadth_first_order(matrix > 0, 0, return_predecessors=False)
        if len(reached) < len(chain):
            cut_off = int(np.setdiff1d(np.arange(len(chain)), reached)[0])
            start, goal = (cut_off, 0) if back else (0, cut_off)
            raise DriftError(
                f"the chain P is reducible: from state {start} it never gets to state {goal}, so "
                "its stationary law is not unique and its rate depends on the start. Leave out "
                "states that are left for good, or join end and begin as transition_counts does."
            )
