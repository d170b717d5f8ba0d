"""A small retriever on real vectors: simulated questions, and a list of paragraphs that grows."""

from functools import cache

import numpy as np

from klteach.data import paragraph_vectors
from klteach.drift.clusters import Clusters

TOPICS = 12
GOOD_DAYS = 20  # days 1 to 20 set the baseline of what is handed out
ASKED = 300  # questions a day
NOISE = 0.12  # of each coordinate of a question, beside that of its source
STEADY = 200  # how firmly a day keeps to the usual mix of topics


@cache
def lists():
    """The paragraphs before and after a message is put on top of them: (931, 32), (1237, 32)."""
    data = paragraph_vectors()
    old = data.in_years(1981, 2000)
    return old, np.concatenate([data.in_years(1981, 1981, spoken=False), old])


@cache
def topics() -> Clusters:
    """Clusters of the old list."""
    return Clusters.of(lists()[0], TOPICS)


@cache
def _places():
    names = topics().binning.values
    return np.array([names.index(name) for name in topics().assign(lists()[0])])


def asked(day: int) -> tuple[np.ndarray, np.ndarray]:
    """A simulated day: the rows of the old list that are asked for, and the questions, (300, 32).

    Each topic has its usual share of the questions, and a day its own shares around these. A
    question is the vector of its source with noise.

    >>> sources, questions = asked(1)
    >>> sources.shape, questions.shape
    ((300,), (300, 32))
    """
    old, places = lists()[0], _places()
    cells = places.max() + 1
    usual = np.random.default_rng(26).dirichlet(np.ones(cells))
    random = np.random.default_rng([26, day])
    mix = random.dirichlet(STEADY * usual)
    shares = (mix / np.bincount(places))[places]
    sources = random.choice(len(old), ASKED, p=shares / shares.sum())
    return sources, old[sources] + random.normal(0, NOISE, (ASKED, old.shape[1]))


def nearest(questions, index) -> np.ndarray:
    """The row of the index that is nearest to each question, by cosine.

    >>> nearest(np.array([[0.1, 2.0]]), np.array([[5.0, 0.0], [0.0, 1.0]])).tolist()
    [1]
    """
    rows = index / np.linalg.norm(index, axis=1, keepdims=True)
    return np.argmax(questions @ rows.T, axis=1)
