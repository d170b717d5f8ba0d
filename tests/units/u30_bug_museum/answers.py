"""Answers to the questions of unit 30: right in other words, and wrong."""

import math

import numpy as np
from scipy import special, stats
from scipy.spatial import distance


def by_loop(p, q):
    total = 0.0
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        if a > 0:
            total += math.inf if b == 0 else a * math.log(a / b)
    return total


def js_of_entropies(p, q):
    return special.entr((p + q) / 2).sum() - (special.entr(p).sum() + special.entr(q).sum()) / 2


def information_of_entropies(joint):
    j = joint / joint.sum()
    parts = (j.sum(axis=0), j.sum(axis=1))
    return sum(special.entr(part).sum() for part in parts) - special.entr(j).sum()


def information_by_loop(joint):
    n = joint.sum()
    total = 0.0
    for i, row in enumerate(joint):
        for j, cell in enumerate(row):
            if cell:
                total += cell / n * math.log(cell * n / (joint[i].sum() * joint[:, j].sum()))
    return total


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "kl_repaired": {
        "rel_entr": lambda p, q: special.rel_entr(p, q).sum(),
        "loop": by_loop,
        "SciPy": stats.entropy,
        "cross-entropy less entropy": lambda p, q: (
            -special.xlogy(p, q).sum() - special.entr(p).sum()
        ),
    },
    "js_repaired": {
        "SciPy, squared": lambda p, q: distance.jensenshannon(p, q) ** 2,
        "entropies": js_of_entropies,
        "rel_entr": lambda p, q: (
            (special.rel_entr(p, (p + q) / 2).sum() + special.rel_entr(q, (p + q) / 2).sum()) / 2
        ),
    },
    "hellinger_repaired": {
        "norm": lambda p, q: np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / np.sqrt(2),
        "overlap": lambda p, q: np.sqrt(max(0.0, 1 - np.sum(np.sqrt(p * q)))),
        "loop": lambda p, q: math.sqrt(
            sum((math.sqrt(a) - math.sqrt(b)) ** 2 for a, b in zip(p, q, strict=True)) / 2
        ),
    },
    "normal_kl_repaired": {
        "variances": lambda m1, s1, m2, s2: (
            (math.log(s2**2 / s1**2) - 1 + s1**2 / s2**2 + (m1 - m2) ** 2 / s2**2) / 2
        ),
        "ratio first": lambda m1, s1, m2, s2: (
            -math.log(s1 / s2) + ((s1 / s2) ** 2 - 1) / 2 + ((m2 - m1) / s2) ** 2 / 2
        ),
    },
    "information_repaired": {
        "entropies": information_of_entropies,
        "loop": information_by_loop,
        "keepdims": lambda joint: special.rel_entr(
            joint / joint.sum(),
            joint.sum(axis=1, keepdims=True)
            * joint.sum(axis=0, keepdims=True)
            / float(joint.sum()) ** 2,
        ).sum(),
    },
}

SINGLE_PRECISION = {
    "kl_repaired": lambda p, q: special.rel_entr(p.astype(np.float32), q.astype(np.float32)).sum(),
    "hellinger_repaired": lambda p, q: np.sqrt(
        ((np.sqrt(p.astype(np.float32)) - np.sqrt(q.astype(np.float32))) ** 2).sum() / np.float32(2)
    ),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    (
        "kl_repaired",
        "np.log(p[occurs] / q[occurs])",
        "(p[occurs] / q[occurs])",
        "logarithm missing",
    ),
    ("kl_repaired", "/ q[occurs])", "/ (q[occurs] + 1e-10))", "small number"),
    ("kl_repaired", "/ q[occurs])", "/ np.maximum(q[occurs], 1e-12))", "small number"),
    ("kl_repaired", "occurs = p > 0", "occurs = (p > 0) & (q > 0)", "impossible outcomes left out"),
    ("kl_repaired", "np.log(p[occurs] / q[occurs])", "np.log(q[occurs] / p[occurs])", "sign"),
    ("kl_repaired", "(p, q)", "(q, p)", "other direction"),
    (
        "kl_repaired",
        "np.sum(p[occurs] * np.log(p[occurs] / q[occurs]))",
        "np.sum(np.abs(p[occurs] * np.log(p[occurs] / q[occurs])))",
        "absolute terms",
    ),
    (
        "kl_repaired",
        "np.sum(p[occurs] * np.log(p[occurs] / q[occurs]))",
        "np.log(np.sum(p[occurs] * p[occurs] / q[occurs]))",
        "logarithm around the sum",
    ),
    (
        "kl_repaired",
        "p[occurs] * np.log(p[occurs] / q[occurs])",
        "np.log(p[occurs] / q[occurs])",
        "weights missing",
    ),
    ("kl_repaired", "np.log(p[occurs] / q[occurs])", "-np.log(q[occurs])", "cross-entropy"),
    ("js_repaired", "total / 2", "total", "half forgotten"),
    ("js_repaired", "total / 2", "total / 4", "halved twice"),
    ("js_repaired", "total / 2", "np.sqrt(total / 2)", "root"),
    ("js_repaired", "np.log(", "np.log2(", "in bits"),
    ("js_repaired", "occurs = a > 0", "occurs = (p > 0) & (q > 0)", "zeros left out"),
    ("js_repaired", "m = (p + q) / 2", "m = p + q", "middle not halved"),
    ("js_repaired", "for a in (p, q):", "for a in (p,):", "one sum only"),
    (
        "js_repaired",
        "        total += np.sum(a[occurs] * np.log(a[occurs] / m[occurs]))",
        "        with np.errstate(all='ignore'):\n            total += np.sum(m * np.log(m / a))",
        "middle first",
    ),
    ("hellinger_repaired", "(np.sqrt(p) - np.sqrt(q))", "(p - q)", "roots missing"),
    ("hellinger_repaired", "0.5 * ", "", "half forgotten"),
    ("hellinger_repaired", "np.sqrt(0.5 * np.sum(", "(0.5 * np.sum(", "squared"),
    (
        "hellinger_repaired",
        "np.sqrt(0.5 * np.sum(",
        "0.5 * np.sqrt(np.sum(",
        "half outside the root",
    ),
    (
        "hellinger_repaired",
        "((np.sqrt(p) - np.sqrt(q)) ** 2)",
        "(((np.sqrt(p) - np.sqrt(q)) ** 2)[p > 0])",
        "outcomes of p only",
    ),
    (
        "hellinger_repaired",
        "((np.sqrt(p) - np.sqrt(q)) ** 2)",
        "(((np.sqrt(p) - np.sqrt(q)) ** 2)[q > 0])",
        "outcomes of q only",
    ),
    (
        "hellinger_repaired",
        "((np.sqrt(p) - np.sqrt(q)) ** 2)",
        "(((np.sqrt(p) - np.sqrt(q)) ** 2)[(p > 0) & (q > 0)])",
        "outcomes of both only",
    ),
    ("normal_kl_repaired", "(s1 / s2) ** 2", "(s1 / s2)", "ratio not squared"),
    ("normal_kl_repaired", "np.log(s2 / s1)", "np.log(s1 / s2)", "logarithm upside down"),
    (
        "normal_kl_repaired",
        "0.5 * ((s1 / s2) ** 2 + ((m1 - m2) / s2) ** 2 - 1)",
        "s1**2 + ((m1 - m2) / s2) ** 2 / 2 - 0.5",
        "bracket",
    ),
    (
        "normal_kl_repaired",
        "np.log(s2 / s1)",
        "2 * np.log(s2 / s1)",
        "log of the variances in full",
    ),
    ("normal_kl_repaired", "np.log(s2 / s1)", "0.5 * np.log(s2 / s1)", "logarithm halved"),
    ("normal_kl_repaired", " - 1)", ")", "minus one missing"),
    ("normal_kl_repaired", "+ 0.5 *", "+", "half missing"),
    ("normal_kl_repaired", "((m1 - m2) / s2) ** 2", "(m1 - m2) ** 2 / s2", "shift over the sd"),
    ("normal_kl_repaired", "((m1 - m2) / s2) ** 2", "(m1 - m2) ** 2", "shift not divided"),
    (
        "normal_kl_repaired",
        "((m1 - m2) / s2) ** 2",
        "((m1 - m2) / s1) ** 2",
        "shift in the truth's sds",
    ),
    ("normal_kl_repaired", "((m1 - m2) / s2) ** 2", "0", "shift missing"),
    ("normal_kl_repaired", "(m1, s1, m2, s2)", "(m2, s2, m1, s1)", "other direction"),
    ("information_repaired", "    joint = joint / joint.sum()\n", "", "does not sum to one"),
    (
        "information_repaired",
        "joint / joint.sum()",
        "joint / joint.max()",
        "divided by the largest",
    ),
    (
        "information_repaired",
        "np.outer(joint.sum(axis=1), joint.sum(axis=0))",
        "np.broadcast_to(joint.sum(axis=0) ** 2, joint.shape)",
        "row times row",
    ),
    (
        "information_repaired",
        "np.outer(joint.sum(axis=1), joint.sum(axis=0))",
        "np.broadcast_to(joint.sum(axis=0), joint.shape)",
        "one margin only",
    ),
    (
        "information_repaired",
        "joint / joint.sum()",
        "joint / joint.sum(axis=1, keepdims=True)",
        "rows normalised",
    ),
    (
        "information_repaired",
        "np.log(joint[occurs] / product[occurs])",
        "-np.log(joint[occurs])",
        "entropies",
    ),
    (
        "information_repaired",
        "np.log(joint[occurs] / product[occurs])",
        "(joint[occurs] / product[occurs])",
        "logarithm missing",
    ),
    ("information_repaired", "np.log(", "np.log2(", "in bits"),
    (
        "information_repaired",
        "joint[occurs] / product[occurs]",
        "product[occurs] / joint[occurs]",
        "sign",
    ),
]
