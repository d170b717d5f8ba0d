"""The exhibits as NumPy: what was published, in a few lines each, and what is right.

A name ends with `_published` where the function does what the source does, bug included. The
sources are linked in the lesson. Outcomes lie along the last axis.
"""

import numpy as np


def terms(p, q):
    """p log(p/q): 0 where p is 0, ∞ where only q is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * np.log(p / q), 0.0)


def kl(p, q):
    return terms(p, q).sum(axis=-1)


def psi(p, q):
    return kl(p, q) + kl(q, p)


def js(p, q):
    middle = (p + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def hellinger(p, q):
    return np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1) / 2)


def b4_published(p, q, eps=1e-10):
    """KL with a small number in the logarithm, and ∞ where q is below that number."""
    occurs = p > eps
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(occurs, p * np.log(p / (q + eps)), 0.0).sum(axis=-1)
    return np.where((occurs & (q < eps)).any(axis=-1), np.inf, total)


def b8_published(p, q):
    """JS with the arguments of each KL exchanged."""
    middle = (p + q) / 2
    return (kl(middle, p) + kl(middle, q)) / 2


def b9_published(p, q):
    """The mean of both directions, called JS."""
    return (kl(p, q) + kl(q, p)) / 2


def b10_published(p, q):
    """KL without its logarithm."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * (p / q), 0.0).sum(axis=-1)


def b16_published(p, q, eps=1e-4):
    """PSI with a small number in the place of an empty share."""
    p, q = np.where(p == 0, eps, p), np.where(q == 0, eps, q)
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def b19_published(joint, p_x, p_y):
    """Mutual information in bits, from margins that are taken as given."""
    ratio = joint / (p_x * p_y)
    return (joint * np.log2(ratio)).sum()


def b23_published(p, q):
    """1 - I, with half of the root of the sum."""
    return np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1)) / 2


def b23_right(p, q):
    return ((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1) / 2


def b24_published(p, q):
    """Hellinger over the outcomes that p has."""
    parts = np.where(p > 0, (np.sqrt(p) - np.sqrt(q)) ** 2, 0.0)
    return np.sqrt(parts.sum(axis=-1) / 2)


def b25_published(m1, s1, m2, s2):
    """KL of two normals, with s1² outside the bracket that is divided by 2 s2²."""
    return np.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2 / (2 * s2**2)) - 0.5


def b25_right(m1, s1, m2, s2):
    return np.log(s2 / s1) + ((s1 / s2) ** 2 + ((m1 - m2) / s2) ** 2 - 1) / 2


def b28_published(p, q):
    """W1 between the lists of probabilities, as if they were positions."""
    return np.abs(np.sort(p, axis=-1) - np.sort(q, axis=-1)).mean(axis=-1)


def b28_right(p, q):
    """W1 of shares at the positions 0, 1, 2, ..."""
    return np.abs(np.cumsum(p - q, axis=-1)).sum(axis=-1)


def b20_information(joint):
    """Mutual information in nats of a table as it comes, whatever it sums to."""
    return terms(joint, np.outer(joint.sum(axis=1), joint.sum(axis=0))).sum()


def b1_published(seed=1, size=10_000):
    """KL(P‖Q) and KL(Q‖P) in bits of N(0, 1) and N(1, 1), from sorted samples as shares."""
    random = np.random.default_rng(seed)
    samples = np.sort(random.normal(np.array([0.0, -1.0, 1.0])[:, None], 1.0, (3, size)))

    def published(a, b):
        with np.errstate(invalid="ignore"):
            return np.abs(np.nansum(a * np.log2(a / b)))

    return published(samples[0], samples[2]), published(samples[2], samples[0]), samples[0].sum()


def b20_published(joint):
    """H(Y | X) in bits by a formula that is right for tables with the margin (0.2, 0.8)."""
    return -(joint * np.log2(joint / np.array([0.2, 0.8]))).sum()


def catalogue():
    """[(exhibit, input, with the fault, right)], in nats where nothing is said."""
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    fair, sure, other = np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.array([0.0, 1.0])
    pair = np.array([0.3, 0.3, 0.4]), np.array([0.5, 0.5, 0.0])
    joint, wrong = np.array([[0.1, 0.5], [0.1, 0.3]]), np.array([[0.1, 0.5], [0.2, 0.3]])
    margins = np.array([0.2, 0.8]), np.array([0.75, 0.25])
    two = np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.5, 0.5])
    ln2 = np.log(2)
    return [
        ("B1", "N(0, 1), N(1, 1), bits", b1_published()[0], 0.5 / ln2),
        ("B2", "Beta(0.1, 0.2), uniform", b2_published(), b2_right()),
        ("B3", "entropy of a die", -np.log(6), np.log(6)),
        ("B4", "probe, P = Q", b4_published(p, p), 0.0),
        ("B6", "two fair coins, Q right", kl(2 * fair, fair), 0.0),
        ("B7", "JS, disjoint", np.inf, js(sure, other)),
        ("B8", "JS, the pair of B26", b8_published(*pair), js(*pair)),
        ("B9", "JS, probe", b9_published(p, q), js(p, q)),
        ("B10", "KL, probe", b10_published(p, q), kl(p, q)),
        ("B11", "KL, probe", -kl(p, q), kl(p, q)),
        ("B13", "KL, probe", kl(q, p), kl(p, q)),
        ("B16", "p = 0.02, q = 0", 0.02 * np.log(0.02 / 1e-4), np.inf),
        ("B17", "KL, two of the probe", kl(p, q), 2 * kl(p, q)),
        ("B18", "JS, probe", np.sqrt(js(p, q)), js(p, q)),
        ("B19", "information, bits", b19_published(joint, *margins), _bits(joint)),
        ("B20", "H(Y | X), bits", b20_published(wrong), b20_published(joint)),
        ("B23", "overlap, probe", 1 - b23_published(p, q), 1 - b23_right(p, q)),
        ("B24", "Hellinger, sure and fair", b24_published(sure, fair), hellinger(sure, fair)),
        ("B25", "equal normals, sd 1/2", b25_published(0, 0.5, 0, 0.5), b25_right(0, 0.5, 0, 0.5)),
        ("B26", "JS, its pair", np.nan, js(*pair)),
        ("B27", "perplexity of a die", 2 ** np.log(6), 6.0),
        ("B28", "W1, two and two", b28_published(*two), b28_right(*two)),
    ]


def _bits(joint):
    return b20_information(joint) / np.log(2)


def b2_published():
    """KL of Beta(0.1, 0.2) from a uniform distribution, integrated from 1e-5 to 1 - 1e-5 only."""
    from scipy import integrate, stats

    def part(x):
        return stats.beta.pdf(x, 0.1, 0.2) * stats.beta.logpdf(x, 0.1, 0.2)

    halves = ((1e-5, 0.5), (0.5, 1 - 1e-5))
    return sum(integrate.quad(part, *half, limit=500)[0] for half in halves)


def b2_right():
    from scipy.special import betaln, digamma

    a, b = 0.1, 0.2
    return -betaln(a, b) + (
        (a - 1) * (digamma(a) - digamma(a + b)) + (b - 1) * (digamma(b) - digamma(a + b))
    )
