"""Answers to the questions of unit 31: right in other words, and wrong."""

import math

import numpy as np
from scipy import special, stats


def verdict_by_loops(good_days, today, rate, least_effect):
    days = [list(map(float, day)) for day in good_days]

    def far(a, b):
        n, m = sum(a) + len(a) / 2, sum(b) + len(b) / 2
        pairs = [((x + 0.5) / n, (y + 0.5) / m) for x, y in zip(a, b, strict=True)]
        return sum((p - q) * math.log(p / q) for p, q in pairs)

    def added(rows):
        return [sum(column) for column in zip(*rows, strict=True)]

    effect = far(list(map(float, today)), added(days))
    null = [far(day, added(days[:i] + days[i + 1 :])) for i, day in enumerate(days)]
    p = (1 + sum(value >= effect for value in null)) / (1 + len(days))
    if rate * (1 + len(days)) < 1:
        return effect, p, 2.0
    return effect, p, 1.0 if p <= rate and effect >= least_effect else 0.0


def verdict_by_scipy(good_days, today, rate, least_effect):
    def psi(counts, baseline):
        a, b = counts + 0.5, baseline + 0.5
        return stats.entropy(a, b, axis=-1) + stats.entropy(b, a, axis=-1)

    total = good_days.sum(axis=0)
    effect, null = psi(today, total), psi(good_days, total - good_days)
    p = np.mean(np.append(null, np.inf) >= effect)
    few = np.count_nonzero(null) + 1 < 1 / rate
    return np.array([effect, p, np.where(few, 2, (p <= rate) & (effect >= least_effect))])


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "orders_alarm": {"KL": lambda: ("KL", "half row", "days", "Days differ")},
    "two_models": {
        "nats": lambda: ["cross_entropy", "people", "nats_per_byte", "documents", "paired"]
    },
    "stuck_loss": {
        "with spaces": lambda: (
            ["teacher entropy", "KL", "subtract floor", "teacher first", "constant term"]
        )
    },
    "negative_kl": {
        "without top-k": lambda: ["sampler", "policy-first", "full-sampling", "other-law"]
    },
    "unequal_arms": {
        "a tuple": lambda: ("plan", "2n-KL", "people", "find cause", "missing by cause")
    },
    "one_cutoff": {"capitals": lambda: ["PSI", "JS-nats", "TV", "shift", "square or root"]},
    "floor_of_loss": {
        "log_softmax": lambda z, t: (
            -(t**2)
            * (special.softmax(z / t, axis=1) * special.log_softmax(z / t, axis=1)).sum(1).mean()
        ),
        "entr": lambda z, t: t * t * special.entr(special.softmax(z / t, axis=1)).sum() / len(z),
        "SciPy": lambda z, t: (
            np.mean(stats.entropy(special.softmax(z / t, axis=-1), axis=1)) * t**2
        ),
        "logsumexp less the mean logit": lambda z, t: (
            t**2
            * np.mean(
                special.logsumexp(z / t, axis=1)
                - (special.softmax(z / t, axis=1) * z / t).sum(axis=1)
            )
        ),
    },
    "day_verdict": {"loops": verdict_by_loops, "SciPy": verdict_by_scipy},
}

SINGLE_PRECISION = {
    "floor_of_loss": lambda z, t: (
        np.float32(t**2)
        * special.entr(special.softmax((z / t).astype(np.float32), axis=1)).sum(axis=1).mean()
    ),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("orders_alarm", '"psi"', '"tv"', "measure: tv"),
    ("orders_alarm", '"psi"', '"days"', "measure: none of its options"),
    ("orders_alarm", '"half-row"', '"drop"', "empty cells: drop"),
    ("orders_alarm", '"days"', '"rows"', "null: rows"),
    ("orders_alarm", '"days-differ"', '"many-rows"', "reason: many-rows"),
    ("two_models", '"bits-per-byte"', '"nats-per-token"', "unit: nats-per-token"),
    ("two_models", '"documents"', '"tokens"', "null: tokens"),
    ("stuck_loss", '"teacher-entropy"', '"zero"', "floor: zero"),
    ("stuck_loss", '"subtract-floor"', '"learning-rate"', "next step: learning-rate"),
    ("negative_kl", '"sampler"', '"chance"', "cause: chance"),
    ("negative_kl", '"exact-sum"', '"k3"', "estimator: k3"),
    ("unequal_arms", '"2n-kl"', '"psi"', "measure: psi"),
    ("unequal_arms", '"find-cause"', '"read-on"', "next step: read-on"),
    ("one_cutoff", '"psi"', '"kl"', "column A: kl"),
    ("one_cutoff", '"shift"', '"factor"', "common scale: factor"),
    ("floor_of_loss", "-(temperature**2) * ", "-", "T squared missing"),
    ("floor_of_loss", "temperature**2", "temperature", "T once"),
    ("floor_of_loss", "logits / temperature", "logits", "not softened"),
    ("floor_of_loss", "logits / temperature", "logits * temperature", "sharpened"),
    ("floor_of_loss", "np.mean(np.sum(p * logs, axis=1))", "np.sum(p * logs)", "sum over images"),
    (
        "floor_of_loss",
        "np.mean(np.sum(p * logs, axis=1))",
        "np.mean(p * logs)",
        "mean over classes",
    ),
    ("floor_of_loss", "-(temperature**2)", "temperature**2", "sign"),
    ("floor_of_loss", "np.log(", "np.log2(", "bits"),
    ("day_verdict", "psi(day, total - day)", "psi(day, total)", "own day left in"),
    ("day_verdict", "psi(day, total - day)", "psi(day, today)", "good days against today"),
    (
        "day_verdict",
        "np.sum((p - q) * np.log(p / q))",
        "np.sum(p * np.log(p / q))",
        "one direction",
    ),
    ("day_verdict", "0.5", "1", "a whole row"),
    (
        "day_verdict",
        "(1 + np.sum(null >= effect)) / (1 + len(null))",
        "np.mean(null >= effect)",
        "today not counted",
    ),
    (
        "day_verdict",
        "(1 + np.sum(null >= effect))",
        "np.sum(null >= effect)",
        "one in the denominator only",
    ),
    ("day_verdict", " and effect >= least_effect", "", "least effect ignored"),
    ("day_verdict", "p <= rate and ", "", "effect alone"),
    ("day_verdict", "rate and effect", "rate or effect", "either is enough"),
    ("day_verdict", "null >= effect", "null <= effect", "other tail"),
    ("day_verdict", "return [effect, p, 2]", "return [effect, p, 1]", "few days ring"),
    (
        "day_verdict",
        "    if 1 / (1 + len(null)) > rate:\n        return [effect, p, 2]\n",
        "",
        "never cannot tell",
    ),
]

# keepdims=2 is as true as True; and where a share is 0, any logarithm counts 0 times
EQUIVALENT_MUTANTS = {"floor_of_loss": ("keepdims=2", "np.where(p > 0, p, 2)")}
