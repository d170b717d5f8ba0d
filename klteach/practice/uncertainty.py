"""How far a mean of few numbers may be from what it estimates."""

import numpy as np
from scipy.special import betaincinv, ndtr, stdtrit

LEVEL = 0.9
RESAMPLES = 2000


def rate_interval(hits: int, count: int) -> tuple[float, float]:
    """Where the rate behind so many hits may lie: the exact interval of Clopper and Pearson."""
    tail = (1 - LEVEL) / 2
    low = betaincinv(hits, count - hits + 1, tail) if hits else 0.0
    high = betaincinv(hits + 1, count - hits, 1 - tail) if hits < count else 1.0
    return float(low), float(high)


def mean_interval(values: list[float]) -> tuple[float, float]:
    """Where the mean behind two values and more may lie: a percentile bootstrap.

    The values are drawn anew, with replacement, RESAMPLES times, and always the same way. The
    percentiles are those of Student's t, and farther out by √(n/(n − 1)), without which the
    interval of few values is too short (Hesterberg 2015, "expanded percentile").
    """
    count = len(values)
    draws = np.random.default_rng(31).integers(count, size=(RESAMPLES, count))
    means = np.sort(np.asarray(values, dtype=float)[draws].mean(axis=1))
    tail = ndtr(np.sqrt(count / (count - 1)) * stdtrit(count - 1, (1 - LEVEL) / 2))
    low, high = int(tail * (RESAMPLES - 1)), int(np.ceil((1 - tail) * (RESAMPLES - 1)))
    return float(means[low]), float(means[high])
