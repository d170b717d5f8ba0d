"""Answers to the questions of unit 27: right in other words, and wrong."""

import numpy as np
from scipy import special, stats


def state_by_state(current, baseline):
    total, rate = (current + 0.5).sum(), 0.0
    for p, q in zip(current + 0.5, baseline + 0.5, strict=True):
        rate += p.sum() / total * stats.entropy(p, q)
    return rate


def by_the_chain_rule(current, baseline):
    """The divergence of the pairs, less that of the states that they begin in."""
    p, q = current + 0.5, baseline + 0.5
    return stats.entropy(p.ravel(), q.ravel()) - stats.entropy(p.sum(axis=1), q.sum(axis=1))


def by_eigenvector(current, baseline):
    p, q = ((side + 0.5) / (side + 0.5).sum(axis=1, keepdims=True) for side in (current, baseline))
    values, vectors = np.linalg.eig(p.T)
    law = np.real(vectors[:, np.argmax(np.real(values))])
    return np.sum((law / law.sum())[:, None] * special.rel_entr(p, q))


def in_columns(current, baseline):
    """The same law, by how often each state is entered."""
    p, q = current + 0.5, baseline + 0.5
    return p.sum(axis=0) @ stats.entropy(p, q, axis=1) / p.sum()


def by_residuals(hits, calls):
    share = np.sum(hits) / np.sum(calls)
    spread = sum((x - share * n) ** 2 for x, n in zip(hits, calls, strict=True))
    tasks = len(hits)
    return share * (1 - share) * np.sum(calls) ** 2 * (tasks - 1) / (tasks * spread)


def by_the_variance(hits, calls):
    """The residuals sum to 0, so their variance with ddof=1 is what the formula asks for."""
    share = hits.sum() / calls.sum()
    return (
        share * (1 - share) * calls.sum() ** 2 / (len(hits) * np.var(hits - share * calls, ddof=1))
    )


def by_differences(current, baseline, signs):
    """A swap takes the difference of a task from one sum to the other."""
    moved = (1 - np.asarray(signs)) // 2 @ (np.asarray(baseline) - current)
    left, right = current.sum(axis=0) + moved, baseline.sum(axis=0) - moved
    null = stats.entropy(left + 0.5, right + 0.5, axis=1)
    seen = stats.entropy(current.sum(axis=0) + 0.5, baseline.sum(axis=0) + 0.5)
    return [seen, (1 + np.sum(null >= seen - 1e-12)) / (1 + len(signs))]


def task_after_task(current, baseline, signs):
    def divergence(pairs):
        left = np.sum([a for a, _ in pairs], axis=0)
        right = np.sum([b for _, b in pairs], axis=0)
        return stats.entropy(left + 0.5, right + 0.5)

    pairs = list(zip(current, baseline, strict=True))
    seen, reached = divergence(pairs), 1
    for row in signs:
        reached += (
            divergence([p[::-1] if s < 0 else p for p, s in zip(pairs, row, strict=True)]) >= seen
        )
    return seen, reached / (1 + len(signs))


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "transition_rate": {
        "state by state": state_by_state,
        "chain rule": by_the_chain_rule,
        "eigenvector": by_eigenvector,
        "entered": in_columns,
        "backwards in time": lambda current, baseline: state_by_state(current.T, baseline.T),
    },
    "worth_in_calls": {
        "residuals": by_residuals,
        "variance": by_the_variance,
    },
    "swap_test": {
        "differences": by_differences,
        "task after task": task_after_task,
    },
}

SINGLE_PRECISION = {
    "transition_rate": state_by_state,
    "worth_in_calls": by_residuals,
    "swap_test": task_after_task,
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    (
        "transition_rate",
        "p.sum(axis=1) / p.sum()",
        "q.sum(axis=1) / q.sum()",
        "weights of the baseline",
    ),
    (
        "transition_rate",
        "np.sum(weights * np.sum",
        "np.mean(np.sum",
        "every row the same weight",
    ),
    (
        "transition_rate",
        "side / side.sum(axis=1, keepdims=True)",
        "side / side.sum(axis=1)",
        "rows divided across",
    ),
    (
        "transition_rate",
        "side / side.sum(axis=1, keepdims=True)",
        "side / side.sum()",
        "rows divided by the total",
    ),
    ("transition_rate", "np.log(", "np.log2(", "bits"),
    (
        "transition_rate",
        "current + 0.5, baseline + 0.5",
        "baseline + 0.5, current + 0.5",
        "swapped",
    ),
    ("transition_rate", "+ 0.5", "+ 1", "one smoothed"),
    ("transition_rate", "+ 0.5", "+ 1e-9", "eps on shares"),
    ("worth_in_calls", "tasks / (tasks - 1) * ", "", "T over T - 1 forgotten"),
    ("worth_in_calls", "total**2", "total", "N not squared"),
    ("worth_in_calls", "hits.sum() / total", "np.mean(hits / calls)", "mean of the tasks' shares"),
    ("worth_in_calls", "share * (1 - share) / variance", "variance", "variance itself"),
    ("worth_in_calls", "share * (1 - share)", "1", "one over v"),
    (
        "swap_test",
        "right = np.where(row < 0, current, baseline)",
        "right = baseline",
        "one side swapped",
    ),
    ("swap_test", "null >= observed", "null > observed", "ties left out"),
    ("swap_test", "null >= observed", "null <= observed", "the other side"),
    (
        "swap_test",
        "(1 + np.sum(null >= observed)) / (1 + len(null))",
        "np.mean(null >= observed)",
        "the observed one not counted",
    ),
    ("swap_test", "row < 0", "row > 0", "signs upside down"),
]

# Mutants that change nothing: NumPy takes 2 for true, and there are as many calls as hits; null is
# a list, which NumPy compares in the same way; < 1 and < 0 are the same for signs.
EQUIVALENT_MUTANTS = {
    "transition_rate": {"keepdims=2"},
    "worth_in_calls": {"len(calls)"},
    "swap_test": {"row < 1"},
}
