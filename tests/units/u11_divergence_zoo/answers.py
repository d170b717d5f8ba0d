"""Answers to the questions of unit 11: right in other words, and wrong."""

import numpy as np
from scipy import special, stats
from scipy.spatial.distance import cityblock, jensenshannon


def kl(p, q):
    return special.rel_entr(p, q).sum()


def nats(p):
    return special.entr(p).sum()


def quantile_coupling(p, q, x):
    """W1 as a transport: mass is carried from left to right, in pieces."""
    order = np.argsort(x)
    p, q, x = list(p[order]), list(q[order]), x[order]
    i = j = 0
    total = 0.0
    while i < len(p) and j < len(q):
        piece = min(p[i], q[j])
        total += piece * abs(x[i] - x[j])
        p[i] -= piece
        q[j] -= piece
        if p[i] <= q[j]:
            i += 1
        else:
            j += 1
    return total


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "js": {
        "the square of scipy's root": lambda p, q: jensenshannon(p, q) ** 2,
        "entropies": lambda p, q: nats((p + q) / 2) - (nats(p) + nats(q)) / 2,
        "rel_entr": lambda p, q: 0.5 * kl(p, (p + q) / 2) + 0.5 * kl(q, (p + q) / 2),
        "margin of convexity": lambda p, q: (
            (kl(p, np.full(len(p), 1 / len(p))) + kl(q, np.full(len(p), 1 / len(p)))) / 2
            - kl((p + q) / 2, np.full(len(p), 1 / len(p)))
        ),
        "nansum": lambda p, q: (
            (np.nansum(p * np.log(2 * p / (p + q))) + np.nansum(q * np.log(2 * q / (p + q)))) / 2
        ),
    },
    "tv": {
        "what is not shared": lambda p, q: 1 - np.minimum(p, q).sum(),
        "one side": lambda p, q: np.clip(p - q, 0, None).sum(),
        "the event where p is larger": lambda p, q: p[p > q].sum() - q[p > q].sum(),
        "cityblock": lambda p, q: cityblock(p, q) / 2,
        "loop": lambda p, q: sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2,
    },
    "w1": {
        "scipy": lambda p, q, x: stats.wasserstein_distance(x, x, p, q),
        "carried in pieces": quantile_coupling,
    },
    "triangle_violation": {
        "array": lambda: np.array([0.1, 0.3, 0.5]),
        "the other half": lambda: [0.2, 0.5, 0.9],
        "tuple": lambda: (0.9, 0.6, 0.3),
        "a sure truth": lambda: [0, 0.25, 0.5],
    },
}

SINGLE_PRECISION = {
    "js": RIGHT_FORMS["js"]["nansum"],
    "tv": lambda p, q: np.abs(p - q).sum() / 2,
    "w1": lambda p, q, x: np.abs(np.cumsum((p - q)[np.argsort(x)])[:-1]) @ np.diff(np.sort(x)),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("js", "(kl(p, m) + kl(q, m)) / 2", "(kl(p, q) + kl(q, p)) / 2", "mean of the two directions"),
    ("js", "(kl(p, m) + kl(q, m)) / 2", "np.sqrt((kl(p, m) + kl(q, m)) / 2)", "square root"),
    ("js", "(kl(p, m) + kl(q, m)) / 2", "kl(p, m) + kl(q, m)", "half forgotten"),
    ("js", "(kl(p, m) + kl(q, m)) / 2", "(kl(m, p) + kl(m, q)) / 2", "middle first"),
    (
        "js",
        "(kl(p, m) + kl(q, m)) / 2",
        "(kl(p, m) + kl(m, q)) / 2",
        "one of them the wrong way round",
    ),
    ("js", "kl(q, m)) / 2", "kl(p, m)) / 2", "one side"),
    ("js", "m = (p + q) / 2", "m = p + q", "middle not halved"),
    ("js", "m = (p + q) / 2", "m = p + q / 2", "bracket missing in the middle"),
    ("js", "(kl(p, m) + kl(q, m)) / 2", "kl(p, m) + kl(q, m) / 2", "bracket missing at the end"),
    ("js", "m = (p + q) / 2", "m = np.sqrt(p * q)", "geometric middle"),
    ("js", "np.log(", "np.log2(", "bits"),
    ("js", "occurs = a > 0", "occurs = (p > 0) & (q > 0)", "outcomes removed"),
    ("js", "a[occurs] / b[occurs]", "b[occurs] / a[occurs]", "sign"),
    ("tv", " / 2", "", "not halved"),
    (
        "tv",
        "np.sum(np.abs(np.subtract(p, q))) / 2",
        "np.max(np.abs(np.subtract(p, q)))",
        "largest difference",
    ),
    ("tv", "np.sum(np.abs(np.subtract(p, q))) / 2", "np.sum(p[p > q])", "not subtracted"),
    ("tv", "np.sum", "np.mean", "mean"),
    ("tv", "np.sum(np.abs(np.subtract(p, q)))", "np.abs(np.sum(np.subtract(p, q)))", "without abs"),
    ("tv", "np.abs(np.subtract(p, q))", "np.maximum(np.subtract(p, q), 0)", "halved twice"),
    ("tv", "np.abs(np.subtract(p, q))", "np.abs(np.cumsum(np.subtract(p, q)))", "running sums"),
    ("tv", "np.subtract(p, q)", "np.subtract(np.sort(p), np.sort(q))", "sorted"),
    ("w1", "np.argsort(x)", "np.arange(len(x))", "not sorted by x"),
    (
        "w1",
        "np.cumsum(np.subtract(p, q)[order])",
        "np.cumsum(np.subtract(p, q))[order]",
        "added up before sorting",
    ),
    ("w1", " * np.diff(np.asarray(x)[order])", "", "spacing ignored"),
    ("w1", "np.subtract(p, q)[order]", "np.subtract(p, q)", "only x sorted"),
    ("w1", "np.cumsum(np.subtract(p, q)[order])", "np.subtract(p, q)[order]", "not added up"),
    (
        "w1",
        "np.sum(np.abs(ahead) * np.diff(np.asarray(x)[order]))",
        "np.abs(np.sum(ahead * np.diff(np.asarray(x)[order])))",
        "difference of the means",
    ),
    ("w1", "[:-1]", "[1:]", "gap on the wrong side"),
    (
        "w1",
        "[:-1]\n    return np.sum(np.abs(ahead) * np.diff(np.asarray(x)[order]))",
        "\n    return np.trapezoid(np.abs(ahead), np.asarray(x)[order])",
        "trapezoids",
    ),
    ("w1", "np.abs(ahead)", "ahead ** 2", "squares"),
    ("triangle_violation", "[0.1, 0.3, 0.5]", "[0.1, 0.5, 0.3]", "not between"),
    ("triangle_violation", "[0.1, 0.3, 0.5]", "[0.1, 0.1, 0.5]", "no detour"),
    ("triangle_violation", "[0.1, 0.3, 0.5]", "[0.1, 0.3, 0.1]", "nowhere to go"),
    ("triangle_violation", "[0.1, 0.3, 0.5]", "[0.1, 0.3, 1.0]", "infinite"),
    ("triangle_violation", "[0.1, 0.3, 0.5]", "[0.1, 0.105, 0.5]", "too close"),
    ("triangle_violation", "[0.1, 0.3, 0.5]", "[10, 30, 50]", "no probability"),
]

# Mutants that change nothing: both sides are arrays already.
EQUIVALENT_MUTANTS = {
    "js": {"q, q = (np.asarray(p, dtype=float), np.asarray(q, dtype=float))"},
}
