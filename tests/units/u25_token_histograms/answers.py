"""Answers to the questions of unit 25: right in other words, and wrong."""

from collections import Counter

import numpy as np
from scipy import special, stats


def shares_of(counts, alpha):
    return (counts + alpha) / (np.sum(counts) + alpha * len(counts))


def with_counter(baseline, current, most):
    kept = [token for token, _ in Counter(baseline.tolist()).most_common(most)]
    found = Counter(token if token in kept else "OTHER" for token in current.tolist())
    return [found[token] / len(current) for token in [*kept, "OTHER"]]


def with_lookup(baseline, current, most):
    kept = np.argsort(-np.bincount(baseline), kind="stable")[:most]
    cell = {int(token): place for place, token in enumerate(kept)}
    places = [cell.get(int(token), most) for token in current]
    return np.bincount(places, minlength=most + 1) / len(places)


def passage_by_passage(passages, current):
    def kl(a, b):
        return stats.entropy(np.asarray(a) + 0.5, np.asarray(b) + 0.5)

    seen = kl(current, passages.sum(axis=0))
    as_far = 1
    for place, passage in enumerate(passages):
        others = np.delete(passages, place, axis=0)
        as_far += kl(passage, others.sum(axis=0)) >= seen
    return seen, as_far / (1 + len(passages))


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "smoothed_kl": {
        "rel_entr": lambda current, baseline, alpha: special.rel_entr(
            shares_of(current, alpha), shares_of(baseline, alpha)
        ).sum(),
        "entropy": lambda current, baseline, alpha: stats.entropy(
            current + alpha, baseline + alpha
        ),
        "kl_div": lambda current, baseline, alpha: special.kl_div(
            shares_of(current, alpha), shares_of(baseline, alpha)
        ).sum(),
    },
    "locked_shares": {
        "Counter": with_counter,
        "dictionary of cells": with_lookup,
        "list": lambda *arguments: with_lookup(*arguments).tolist(),
    },
    "passage_test": {
        "passage by passage": passage_by_passage,
    },
    "carriers": {
        "kl_div": lambda p, q, top: np.argsort(special.kl_div(p, q))[::-1][:top],
        "sorted": lambda p, q, top: sorted(
            range(len(p)), key=lambda i: -special.kl_div(p[i], q[i])
        )[:top],
        "p times the gap": lambda p, q, top: np.argsort(-p * (q / p - 1 - np.log(q / p)))[:top],
    },
}

SINGLE_PRECISION = {
    "smoothed_kl": RIGHT_FORMS["smoothed_kl"]["rel_entr"],
    "locked_shares": with_lookup,
    "passage_test": passage_by_passage,
    "carriers": RIGHT_FORMS["carriers"]["kl_div"],
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    (
        "smoothed_kl",
        "p, q = current + alpha, baseline + alpha\n    p, q = p / p.sum(), q / q.sum()",
        "p, q = current / current.sum(), baseline / baseline.sum() + 1e-9\n"
        "    p, q = p[p > 0], q[p > 0]",
        "eps on shares",
    ),
    ("smoothed_kl", "p, q = current + alpha,", "p, q = current,", "alpha in the baseline only"),
    ("smoothed_kl", "p / p.sum()", "p / current.sum()", "old total"),
    ("smoothed_kl", "np.log(p / q)", "np.log2(p / q)", "bits"),
    ("smoothed_kl", "np.sum(p * np.log(p / q))", "np.sum((p - q) * np.log(p / q))", "PSI"),
    ("smoothed_kl", "np.sum(p * np.log(p / q))", "np.sum(q * np.log(q / p))", "swapped"),
    (
        "smoothed_kl",
        "np.sum(p * np.log(p / q))",
        "np.sum((p * np.log(p / q))[baseline > 0])",
        "words unseen in the baseline skipped",
    ),
    (
        "locked_shares",
        "np.unique(baseline,",
        "np.unique(current,",
        "vocabulary of the current data",
    ),
    (
        "locked_shares",
        "np.unique(baseline,",
        "np.unique(np.append(baseline, current),",
        "vocabulary of both",
    ),
    ("locked_shares", "1 - np.sum(shares)", "0", "OTHER dropped"),
    (
        "locked_shares",
        "1 - np.sum(shares)",
        "np.mean(~np.isin(current, baseline))",
        "only new tokens in OTHER",
    ),
    ("locked_shares", "-counts", "counts", "rarest first"),
    ("locked_shares", "np.mean(current", "np.sum(current", "negative"),
    ("passage_test", "kl(passage, total - passage)", "kl(passage, total)", "passages not left out"),
    (
        "passage_test",
        "(1 + np.sum(null >= observed))",
        "np.sum(null >= observed)",
        "one only below",
    ),
    (
        "passage_test",
        "(1 + np.sum(null >= observed)) / (1 + len(passages))",
        "np.mean(null >= observed)",
        "the text itself not counted",
    ),
    ("passage_test", "null >= observed", "null <= observed", "the other side"),
    (
        "passage_test",
        "kl(passage, total - passage)",
        "kl(passage, current)",
        "passages against the text",
    ),
    ("carriers", " - p + q", "", "plain terms"),
    ("carriers", "-parts", "parts", "upwards"),
    ("carriers", "p * np.log(p / q) - p + q", "np.abs(p - q)", "by difference"),
    ("carriers", "p * np.log(p / q) - p + q", "p / q", "by ratio"),
]

# Mutants that change nothing: NumPy takes 2 for true.
EQUIVALENT_MUTANTS = {"locked_shares": {"return_counts=2"}}
