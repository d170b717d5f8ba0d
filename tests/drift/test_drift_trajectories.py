"""The rate of two Markov chains, by listing every task that can happen."""

import itertools

import numpy as np
import pytest

from klteach.drift.trajectories import Transitions, transition_counts
from klteach.inference import markov_kl_rate, stationary_distribution

# the first state stands between the tasks; no state is entered twice, so tasks can be listed
P = np.array([[0.0, 0.6, 0.4, 0.0], [0.0, 0.0, 0.5, 0.5], [0.3, 0.0, 0.0, 0.7], [1.0, 0, 0, 0]])
Q = np.array([[0.0, 0.2, 0.8, 0.0], [0.0, 0.0, 0.9, 0.1], [0.4, 0.0, 0.0, 0.6], [1.0, 0, 0, 0]])


def tasks():
    """Every task, as the states it visits."""
    states = range(1, len(P))
    for length in range(1, len(P)):
        for steps in itertools.permutations(states, length):
            if chance(P, steps) > 0:
                yield steps


def chance(chain, steps):
    stations = [0, *steps, 0]
    return np.prod([chain[a, b] for a, b in itertools.pairwise(stations)])


def test_the_rate_per_task_is_the_divergence_of_whole_tasks():
    listed = list(tasks())
    assert sum(chance(P, steps) for steps in listed) == pytest.approx(1)
    divergence = sum(
        chance(P, steps) * np.log(chance(P, steps) / chance(Q, steps)) for steps in listed
    )
    between_tasks = stationary_distribution(P)[0]
    # a task takes 1/π steps on average, the one that ends it included
    length = sum(chance(P, steps) * (len(steps) + 1) for steps in listed)
    assert 1 / between_tasks == pytest.approx(length)
    assert markov_kl_rate(P, Q) / between_tasks == pytest.approx(divergence)


def test_a_chain_that_goes_round_has_a_rate():
    # the law of its state never settles, and the shares of its time are known all the same
    circle = np.roll(np.eye(4), 1, axis=1)
    assert stationary_distribution(circle) == pytest.approx(np.full(4, 0.25))
    assert markov_kl_rate(circle, np.full((4, 4), 0.25)) == pytest.approx(np.log(4))


def test_counted_tasks_give_back_their_chain():
    random = np.random.default_rng(11)
    listed = list(tasks())
    shares = [chance(P, steps) for steps in listed]
    drawn = random.choice(len(listed), p=shares, size=10_000)
    counts, names = transition_counts([list(map(str, listed[task])) for task in drawn])
    assert names == ("between tasks", "1", "2", "3")
    rows = counts / counts.sum(axis=1, keepdims=True)
    # four standard errors of a share of 4,000 rows or more
    assert np.abs(rows - P).max() < 4 * np.sqrt(0.25 / counts.sum(axis=1).min())


def test_no_two_transitions_are_written_alike():
    # every name that could be taken for a mark, for an arrow or for a quoted name
    names = ["begin", "end", "missing", "a", "'a'", '"a"', "b -> a", "a -> b", "'b -> a'", None]
    written = [Transitions.pieces([a, b])[1] for a, b in itertools.product(names, names)]
    assert len(set(written)) == len(names) ** 2
