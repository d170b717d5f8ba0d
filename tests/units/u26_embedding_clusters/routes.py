"""A second route to the clusters of unit 26: k-means in loops, counts row by row."""

from functools import cache
from types import SimpleNamespace

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist

from klteach.data import paragraph_vectors
from klteach.units.u26_embedding_clusters.retriever import asked, lists

DATA = paragraph_vectors()
THEN = DATA.spoken & (DATA.year >= 1981) & (DATA.year <= 2000)
BASELINE = DATA.vectors[THEN]
YEARS = list(dict.fromkeys(DATA.year[THEN].tolist()))
COHORTS = ((2001, 2008), (2009, 2016), (2017, 2020))
OLD, NEW = lists()


def kl_of_counts(current, baseline):
    return float(stats.entropy(np.asarray(current) + 0.5, np.asarray(baseline) + 0.5))


def terms_of_counts(current, baseline):
    p, q = (np.asarray(side) + 0.5 for side in (current, baseline))
    p, q = p / p.sum(), q / q.sum()
    return p * np.log(p / q) - p + q


@cache
def fitted(k, seed):
    """k-means++ and 25 rounds on a random half of the baseline, both by hand."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(BASELINE))
    rows, rest = BASELINE[order[: len(order) // 2]], BASELINE[np.sort(order[len(order) // 2 :])]
    chosen, squares = [int(random.integers(len(rows)))], np.full(len(rows), np.inf)
    while len(chosen) < k:
        squares = np.minimum(squares, ((rows - rows[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(random.choice(len(rows), p=squares / squares.sum())))
    centres = rows[chosen].copy()
    for _ in range(25):
        own = cdist(rows, centres).argmin(axis=1)
        for place in set(own.tolist()):
            centres[place] = rows[own == place].mean(axis=0)
    centres = centres[np.unique(cdist(rows, centres).argmin(axis=1))]
    radius = np.sort(cdist(rest, centres).min(axis=1))[-(len(rest) // 1000 + 1)]
    return SimpleNamespace(centres=centres, radius=radius, rest=rest)


def places_of(rows, clusters):
    distances = cdist(rows, clusters.centres)
    return np.where(
        distances.min(axis=1) > clusters.radius * (1 + 1e-12),
        len(clusters.centres),
        distances.argmin(axis=1),
    )


def counts_of(rows, clusters):
    return np.bincount(places_of(rows, clusters), minlength=len(clusters.centres) + 1)


def cohort(first, last):
    return DATA.vectors[DATA.spoken & (DATA.year >= first) & (DATA.year <= last)]


@cache
def by_year(k, seed):
    clusters = fitted(k, seed)
    return np.array([counts_of(DATA.vectors[THEN & (DATA.year == y)], clusters) for y in YEARS])


@cache
def figures(k, seed):
    """By paragraph, by address, by three addresses; then the KL of each cohort."""
    units, random = by_year(k, seed), np.random.default_rng(seed)
    total = units.sum(axis=0)
    halves = [
        random.multivariate_hypergeometric(total, total.sum() // 2, 200, method="marginals"),
        *(
            np.array([units[random.permutation(17)[:n]].sum(axis=0) for _ in range(200)])
            for n in (8, 3)
        ),
    ]
    lines = [np.quantile([kl_of_counts(h, total - h) for h in some], 0.95) for some in halves]
    clusters = fitted(k, seed)
    q = counts_of(clusters.rest, clusters)
    return np.array(
        [*lines, *(kl_of_counts(counts_of(cohort(*when), clusters), q) for when in COHORTS)]
    )


@cache
def carrying(k, seed, when=COHORTS[0]):
    """(the cluster that carries most, its part of KL, its share before and now)."""
    clusters = fitted(k, seed)
    q, p = (counts_of(rows, clusters) for rows in (clusters.rest, cohort(*when)))
    terms = terms_of_counts(p, q)
    top = int(terms.argmax())
    before, now = ((side[top] + 0.5) / (side + 0.5).sum() for side in (q, p))
    return top, terms[top] / terms.sum(), before, now


# The retriever


def found_in(questions, index):
    return cdist(questions, index, "cosine").argmin(axis=1)


def alike(a, b):
    return np.array(
        [1 - cdist(x[None], y[None], "cosine")[0, 0] for x, y in zip(a, b, strict=True)]
    )


@cache
def good_days():
    clusters = fitted(12, 0)
    return np.array(
        [counts_of(OLD[found_in(asked(day)[1], OLD)], clusters) for day in range(1, 21)]
    )


@cache
def exchanged():
    """Every text has changed places with the one before it in its own cluster."""
    places, texts = places_of(OLD, fitted(12, 0)), OLD.copy()
    for place in set(places.tolist()):
        rows = np.flatnonzero(places == place)
        for row, other in zip(rows, [rows[-1], *rows[:-1]], strict=True):
            texts[row] = OLD[other]
    return texts


@cache
def served(day, case, share=100):
    """KL, recall, own score and similarity of a day: case is stale, rebuilt or exchanged."""
    sources, questions = asked(day)
    was = found_in(questions, OLD)
    row = found_in(questions, NEW) if case == "rebuilt" else was
    texts = exchanged() if case == "exchanged" else NEW
    index, added = (NEW, 306) if case == "rebuilt" else (OLD, 0)
    handed_out, right = [], 0
    for place in range(300):
        on = place < 3 * share
        handed_out.append(texts[row[place]] if on else OLD[was[place]])
        right += row[place] == sources[place] + added if on else was[place] == sources[place]
    counts = counts_of(np.array(handed_out), fitted(12, 0))
    return np.array(
        [
            kl_of_counts(counts, good_days().sum(axis=0)),
            right / 300,
            alike(questions, index[row]).mean(),
            alike(handed_out, OLD[sources]).mean(),
        ]
    )


def over_five_days(case, share=100):
    return np.mean([served(day, case, share) for day in range(21, 26)], axis=0)
