"""Inputs on which answers are tried. Each function of a Generator returns a list of cases.

The first case of each kind is small enough to check by hand, because feedback shows the learner's
own value on it. Masses go down to 1e-30 and no further, so that an honest answer in single
precision is still right.
"""

import numpy as np

from klteach.practice.question import Case, case

TINY = 1e-30


def _with_zero(random: np.random.Generator, size: int) -> np.ndarray:
    weights = random.dirichlet(np.ones(size))
    weights[random.integers(size)] = 0.0
    return weights / weights.sum()


# One distribution: a source p


def sources(sizes=(2, 3, 7, 50)):
    """Random sources, one of each size."""

    def draw(random: np.random.Generator) -> list[Case]:
        return [case(random.dirichlet(np.ones(size))) for size in sizes]

    return draw


def uniform_sources(sizes=(2, 3, 100)):
    """Sources in which every outcome is as likely as any other."""

    def draw(random: np.random.Generator) -> list[Case]:
        return [case(np.full(size, 1 / size), label=f"{size} equal outcomes") for size in sizes]

    return draw


def certain_source(random: np.random.Generator) -> list[Case]:
    """All mass on one outcome: nothing is left to learn."""
    return [case([1.0, 0.0, 0.0], label="a certain outcome"), case([0.0, 1.0]), case([1.0])]


def zero_in_source(random: np.random.Generator) -> list[Case]:
    """Some outcome never occurs."""
    small = case([0.5, 0.5, 0.0], label="an outcome that never occurs")
    return [small, case(_with_zero(random, 5)), case(_with_zero(random, 20))]


def tiny_mass_in_source(random: np.random.Generator) -> list[Case]:
    """Some outcome hardly ever occurs."""
    return [case([1.0, TINY], label="an outcome of mass 1e-30")]


# Two distributions: the truth p and the model q


def dirichlet_pairs(sizes=(2, 3, 7, 50)):
    """Random pairs, one of each size, every mass positive."""

    def draw(random: np.random.Generator) -> list[Case]:
        return [case(*random.dirichlet(np.ones(size), size=2)) for size in sizes]

    return draw


def zero_in_p(random: np.random.Generator) -> list[Case]:
    """Some outcome never occurs, though the model expects it."""
    return [
        case([0.5, 0.5, 0.0], [0.25, 0.25, 0.5], label="an outcome that never occurs"),
        case(_with_zero(random, 5), random.dirichlet(np.ones(5))),
        case(_with_zero(random, 20), random.dirichlet(np.ones(20))),
    ]


def zero_in_q(random: np.random.Generator) -> list[Case]:
    """Some outcome occurs that the model calls impossible."""
    return [
        case([0.5, 0.25, 0.25], [0.5, 0.5, 0.0], label="an outcome that q calls impossible"),
        case(random.dirichlet(np.ones(6)), _with_zero(random, 6)),
    ]


def zero_in_both(random: np.random.Generator) -> list[Case]:
    """Some outcome never occurs and the model knows it."""
    return [case([0.75, 0.25, 0.0], [0.25, 0.75, 0.0], label="an outcome that both rule out")]


def tiny_mass(random: np.random.Generator) -> list[Case]:
    """Some outcome has hardly any mass, in p or in q."""
    return [
        case([0.5, 0.5], [1.0, TINY], label="an outcome of mass 1e-30 in q"),
        case([1.0, TINY], [0.5, 0.5], label="an outcome of mass 1e-30 in p"),
    ]


def equal_pair(random: np.random.Generator) -> list[Case]:
    """The model is right: p = q."""
    same = random.dirichlet(np.ones(8))
    return [case([0.5, 0.3, 0.2], [0.5, 0.3, 0.2], label="p = q"), case(same, same)]


# Further kinds


def counts(sizes=(2, 5, 40)):
    """Counts of outcomes, some of them zero."""

    def draw(random: np.random.Generator) -> list[Case]:
        return [case(np.append(random.poisson(6, size - 1), 3)) for size in sizes]

    return draw


def numbers(random: np.random.Generator) -> list[Case]:
    """Positive numbers from small to infinite, and an array of two dimensions."""
    several = [*random.uniform(0.1, 5, size=4), 1e-6, 250.0, np.inf]
    return [*(case(float(x)) for x in several), case(random.uniform(0.1, 5, size=(2, 3)))]


def sources_with_lengths(sizes=(2, 3, 7, 50)):
    """Random sources with codeword lengths between 1 and 12."""

    def draw(random: np.random.Generator) -> list[Case]:
        return [
            case(random.dirichlet(np.ones(size)), random.integers(1, 13, size)) for size in sizes
        ]

    return draw


def rounds_of_bets(rounds: int = 20_000, sizes=(2, 5)):
    """Random pairs, and the winners of many rounds drawn from p."""

    def draw(random: np.random.Generator) -> list[Case]:
        pairs = [random.dirichlet(np.full(size, 3.0), size=2) for size in sizes]
        return [case(p, q, random.choice(len(p), size=rounds, p=p)) for p, q in pairs]

    return draw
