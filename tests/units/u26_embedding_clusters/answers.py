"""Answers to the questions of unit 26: right in other words, and wrong."""

import numpy as np
from scipy import stats
from scipy.cluster.vq import vq
from scipy.spatial.distance import cdist


def with_vq(start, baseline, current):
    places, _ = vq(baseline, start)
    centres = np.array([baseline[places == place].mean(axis=0) for place in range(len(start))])
    found, _ = vq(current, centres)
    return [int(np.sum(found == place)) for place in range(len(start))]


def with_loops(start, baseline, current):
    def nearest(row, centres):
        return min(range(len(centres)), key=lambda i: sum((row - centres[i]) ** 2))

    sums, sizes = np.zeros(np.shape(start)), np.zeros(len(start))
    for row in baseline:
        place = nearest(row, start)
        sums[place] += row
        sizes[place] += 1
    centres = sums / sizes[:, None]
    counts = [0] * len(start)
    for row in current:
        counts[nearest(row, centres)] += 1
    return counts


def with_entropy(counts, picks):
    found = []
    for pick in picks:
        rest = np.delete(counts, pick, axis=0).sum(axis=0)
        found.append(stats.entropy(counts[pick].sum(axis=0) + 0.5, rest + 0.5))
    return found


def with_a_mask(counts, picks):
    rows = []
    for pick in picks:
        chosen = np.isin(np.arange(len(counts)), pick)
        p, q = counts[chosen].sum(axis=0) + 0.5, counts[~chosen].sum(axis=0) + 0.5
        p, q = p / p.sum(), q / q.sum()
        rows.append(p @ np.log(p / q))
    return np.array(rows)


def with_a_loop_over_clusters(cells, baseline):
    k = len(baseline)
    now = [(np.sum(cells == place) + 0.5) / (len(cells) + k / 2) for place in range(k)]
    then = [(count + 0.5) / (np.sum(baseline) + k / 2) for count in baseline]
    best, most = None, -1.0
    for place in range(k):
        p, q = now[place], then[place]
        part = p * np.log(p / q) - p + q
        if p > q and part > most:
            best, most = place, part
    return [bool(cell == best) for cell in cells]


def by_plain_terms_of_those_that_grew(cells, baseline):
    p = np.bincount(cells, minlength=len(baseline)) + 0.5
    q = baseline + 0.5
    p, q = p / p.sum(), q / q.sum()
    parts = q * (p / q * np.log(p / q) - p / q + 1)
    parts[p <= q] = 0
    return cells == parts.argmax()


def with_cdist(index, texts, questions, sources):
    found = cdist(questions, index, "cosine").argmin(axis=1)
    alike = [
        1 - cdist(texts[[f]], index[[s]], "cosine")[0, 0]
        for f, s in zip(found, sources, strict=True)
    ]
    return float(np.mean(found == sources)), float(np.mean(alike))


def question_by_question(index, texts, questions, sources):
    def cosine(a, b):
        return a @ b / np.sqrt(a @ a) / np.sqrt(b @ b)

    hits, total = 0, 0.0
    for question, source in zip(questions, sources, strict=True):
        found = max(range(len(index)), key=lambda row: cosine(question, index[row]))
        hits += found == source
        total += cosine(texts[found], index[source])
    return [hits / len(sources), total / len(sources)]


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "locked_clusters": {"vq": with_vq, "loops": with_loops},
    "address_null": {"entropy": with_entropy, "mask": with_a_mask},
    "to_review": {
        "loop": with_a_loop_over_clusters,
        "generator form": by_plain_terms_of_those_that_grew,
    },
    "retriever_check": {"cdist": with_cdist, "question by question": question_by_question},
}

SINGLE_PRECISION = {
    "locked_clusters": with_loops,
    "address_null": with_a_mask,
    "to_review": by_plain_terms_of_those_that_grew,
    "retriever_check": question_by_question,
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    (
        "locked_clusters",
        "own = nearest(baseline, start)",
        "baseline = np.concatenate([baseline, current])\n    own = nearest(baseline, start)",
        "centres of both",
    ),
    (
        "locked_clusters",
        "own = nearest(baseline, start)",
        "baseline = current\n    own = nearest(baseline, start)",
        "centres of the current rows",
    ),
    (
        "locked_clusters",
        "nearest(current, centres)",
        "nearest(current, start)",
        "centres not moved",
    ),
    (
        "locked_clusters",
        "nearest(current, centres)",
        "nearest(baseline, centres)",
        "the baseline counted",
    ),
    ("locked_clusters", "argmin", "argmax", "furthest"),
    ("locked_clusters", ".mean(axis=0)", ".sum(axis=0)", "sums for means"),
    (
        "address_null",
        "rest = counts.sum(axis=0) - half",
        "rest = np.broadcast_to(counts.sum(axis=0), half.shape)",
        "the half in its own baseline",
    ),
    ("address_null", "p * np.log(p / q)", "q * np.log(q / p)", "the rest first"),
    ("address_null", "p * np.log(p / q)", "(p - q) * np.log(p / q)", "both directions"),
    ("address_null", "np.log(p / q)", "np.log2(p / q)", "bits"),
    ("address_null", "x + 0.5", "x + 1", "smoothed by one"),
    ("to_review", "np.where(p > q, parts, -1)", "parts", "clusters that shrank too"),
    ("to_review", "cells ==", "cells !=", "the other rows"),
    (
        "retriever_check",
        "unit(index[sources])",
        "unit(texts[sources])",
        "today's text of the source row",
    ),
    ("retriever_check", "unit(texts[found])", "unit(index[found])", "the vector in the index"),
    ("retriever_check", "unit(questions) @ unit(index).T", "questions @ index.T", "product"),
    ("retriever_check", "unit(index[sources])", "unit(questions)", "against the question"),
    ("retriever_check", "np.mean(found == sources)", "np.sum(found == sources)", "number found"),
    ("retriever_check", "argmax", "argmin", "least similar"),
]

# Mutants that change nothing: NumPy takes 2 for true, a mean over d coordinates is nearest where
# the sum is, of clusters with p = q none carries anything, -2 is below every part as -1 is, and
# two vectors that are both turned round have the same cosine.
EQUIVALENT_MUTANTS = {
    "locked_clusters": {".mean(axis=2)"},
    "address_null": {"keepdims=2"},
    "to_review": {"p >= q", "parts, -2"},
    "retriever_check": {"keepdims=2", "-(rows / "},
}
