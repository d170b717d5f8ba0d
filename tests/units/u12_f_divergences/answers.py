"""Answers to the questions of unit 12: right in other words, and wrong."""

import numpy as np

import klteach
from klteach.measures import f_divergences


def term_by_term(f, p, q):
    total = 0.0
    for a, b in zip(p, q, strict=True):
        if b > 0:
            total += b * f(a / b)
        elif a > 0:
            total += a * f.final_slope
    return total


def masked(f, p, q):
    ratio = np.divide(p, q, out=np.ones_like(p), where=q > 0)
    lost = np.where(p > 0, p * f.final_slope, 0.0)
    return np.sum(np.where(q > 0, q * f(ratio), lost))


def tilted(f, p, q):
    """The same with 3 (t - 1) added to f, and to its slope."""
    used = q > 0
    t = p[used] / q[used]
    total = np.sum(q[used] * (f(t) + 3 * (t - 1)))
    return total + p[~used].sum() * (f.final_slope + 3) if p[~used].any() else total


def by_the_conjugate(f, p, q):
    """Σ p g(q/p) with g(t) = t f(1/t)."""
    both = (p > 0) & (q > 0)
    t = q[both] / p[both]
    total = np.sum(p[both] * t * f(1 / t)) + np.sum(q[(p == 0) & (q > 0)] * f(0.0))
    lost = p[q == 0].sum()
    return total + lost * f.final_slope if lost > 0 else total


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "f_divergence": {
        "loop": term_by_term,
        "masked": masked,
        "tilted": tilted,
        "conjugate": by_the_conjugate,
        "library": klteach.f_divergence,
        "dot product": lambda f, p, q: (
            q[q > 0] @ f(p[q > 0] / q[q > 0])
            + (p[q == 0].sum() * f.final_slope if p[q == 0].any() else 0)
        ),
    },
    "conjugate": {
        "loop": lambda f, t: [x * f(1 / x) if x > 0 else f.final_slope for x in t],
        "masked": lambda f, t: np.where(t > 0, t * f(1 / np.where(t > 0, t, 1)), f.final_slope),
        "library": lambda f, t: getattr(f_divergences, f.name).conjugate(t),
        "quotient": lambda f, t: np.where(
            t > 0, f(1 / np.where(t > 0, t, 1)) / (1 / np.where(t > 0, t, 1)), f.final_slope
        ),
    },
    "local_law": {
        "weights": lambda curvature, p, q: 0.5 * curvature * (q @ (p / q - 1) ** 2),
        "difference of squares": lambda curvature, p, q: curvature * (np.sum(p**2 / q) - 1) / 2,
        "library": lambda curvature, p, q: curvature / 2 * klteach.chi_square_divergence(p, q),
        "loop": lambda curvature, p, q: sum(
            curvature / 2 * (a - b) ** 2 / b for a, b in zip(p, q, strict=True)
        ),
    },
}

SINGLE_PRECISION = {
    "f_divergence": masked,
    "conjugate": RIGHT_FORMS["conjugate"]["masked"],
    "local_law": RIGHT_FORMS["local_law"]["weights"],
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("f_divergence", "q[used] * f(", "p[used] * f(", "weights p"),
    ("f_divergence", "p[used] / q[used]", "q[used] / p[used]", "ratio upside down"),
    ("f_divergence", "q[used] * f(", "f(", "weights missing"),
    ("f_divergence", "np.sum(q", "np.mean(q", "mean"),
    ("f_divergence", "total + lost * f.final_slope", "total", "outcomes removed"),
    ("f_divergence", "total + lost * f.final_slope", "np.inf", "all infinite"),
    ("f_divergence", "used = q > 0", "used = (q > 0) & (p > 0)", "zeros of p removed"),
    ("f_divergence", "used = q > 0", "used = q > -1", None),
    ("f_divergence", "def f_divergence(f, p, q)", "def f_divergence(f, q, p)", "swapped"),
    ("f_divergence", "* f(p[used] / q[used])", "* abs(f(p[used] / q[used]))", "absolute terms"),
    ("f_divergence", "q[used] * f(p[used] / q[used])", "f(np.sum(q[used] * p[used] / q[used]))",
     "f of the average"),
    ("f_divergence", "total + lost * f.final_slope if lost > 0 else total",
     "-(total + lost * f.final_slope) if lost > 0 else -total", "sign"),
    ("f_divergence", "total + lost * f.final_slope if lost > 0 else total",
     "(total + lost * f.final_slope) / 2 if lost > 0 else total / 2", "some factor"),
    ("conjugate", "t[above] * f(", "f(", "factor missing"),
    ("conjugate", "t[above] * f(1 / t[above])", "f(1 / t[above]) / t[above]", "divided by t"),
    ("conjugate", "f(1 / t[above])", "f(t[above])", "ratio not turned"),
    ("conjugate", "t[above] * f(1 / t[above])", "f(t[above])", "f itself"),
    ("conjugate", "f.final_slope", "0.0", "nothing at 0"),
    ("conjugate", "f.final_slope", "f(0.0)", "f(0) at 0"),
    ("conjugate", "t[above] * f(", "-t[above] * f(", "sign"),
    ("conjugate", "t > 0", "t >= 0", None),
    ("local_law", "curvature / 2", "1 / 2", "curvature forgotten"),
    ("local_law", "curvature / 2", "curvature", "half forgotten"),
    ("local_law", "curvature / 2", "1", "plain chi square"),
    ("local_law", "/ q)", "/ p)", "divided by p"),
    ("local_law", " / q)", ")", "not divided"),
    ("local_law", "(p - q) ** 2 / q", "((p - q) / q) ** 2", "divided by q twice"),
    ("local_law", "(p - q) ** 2", "np.abs(p - q)", "absolute differences"),
    ("local_law", "np.sum((p - q) ** 2 / q)", "np.sum(p - q) ** 2", "square of the sum"),
    ("local_law", "np.sum(", "np.mean(", "mean"),
]  # fmt: skip

# Mutants that change nothing: both sides are arrays already.
ARRAYS_AGAIN = "q, q = (np.asarray(p, dtype=float), np.asarray(q, dtype=float))"
EQUIVALENT_MUTANTS = {"f_divergence": {ARRAYS_AGAIN}, "local_law": {ARRAYS_AGAIN}}
