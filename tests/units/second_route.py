"""The second route to the numbers of the lessons: short, plain, and never through klteach."""

import math

import numpy as np
from scipy import integrate, special, stats

WORDS = "no one two three four five six seven eight nine ten".split()

# the pair that the whole course uses
P, Q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
LOG_RATIOS = [math.log(p) - math.log(q) for p, q in zip(P, Q, strict=True)]
TERMS = [p * ratio for p, ratio in zip(P, LOG_RATIOS, strict=True)]
LN_2 = integrate.quad(lambda x: 1 / x, 1, 2)[0]


def nats(p):
    return special.entr(p).sum()


def bits(p):
    return stats.entropy(p, base=2)


def cross(p, q):
    return -special.xlogy(p, q).sum()


def kl(p, q):
    return special.rel_entr(p, q).sum()


def expected(p, lengths):
    return sum(share * length for share, length in zip(p, lengths, strict=True))


def distributions(size, count=1000):
    return np.random.default_rng(size).dirichlet(np.ones(size), count)


def interleaved(*columns):
    return [value for row in zip(*columns, strict=True) for value in row]
