"""What the quiz items of unit 25 claim, each claim recomputed by a route of its own."""

import math
import re

import numpy as np
import pytest
from scipy import stats

from klteach.data import passages, state_of_the_union
from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right, variants

DATA = state_of_the_union()
SPOKEN = DATA.form == "spoken"


def years(first, last):
    return (DATA.year >= first) & (DATA.year <= last)


TWO_DECADES = years(1981, 2000) & SPOKEN
CARTER = years(1978, 1980)


def counted(chosen, counts=None):
    """All counts in the 1000 commonest words of the chosen addresses, and OTHER."""
    order = np.lexsort((np.array(DATA.words), -DATA.counts[chosen].sum(axis=0)[:-1]))[:1000]
    counts = DATA.counts if counts is None else counts
    return np.column_stack([counts[:, order], counts.sum(axis=1) - counts[:, order].sum(axis=1)])


def kl_of_counts(current, baseline, alpha=0.5):
    return stats.entropy(np.asarray(current) + alpha, np.asarray(baseline) + alpha)


def moved(current, baseline):
    counts = counted(baseline)
    return kl_of_counts(counts[current].sum(axis=0), counts[baseline].sum(axis=0))


# Predictions


def test_writing_moves_more_than_another_generation():
    assert right("25-register").startswith("Carter's")
    form = moved(CARTER & ~SPOKEN, CARTER & SPOKEN)
    politics = {
        f"{first}–{last % 100:02d}": moved(years(first, last), TWO_DECADES)
        for first, last in ((1961, 1969), (2001, 2008), (2009, 2016), (2017, 2020))
    }
    reveal = PREDICTIONS["25-register"].reveal
    assert f"spoken is {form:.3f} nats" in reveal
    assert all(f"{name} is {nats:.3f}" in reveal for name, nats in politics.items())
    assert form > max(politics.values())
    low, high = min(politics.values()), form
    says = options("25-register")["all-text-drifts-alike"].says
    assert f"from {low:.2f} to {high:.2f} nats" in says


def test_what_comes_and_goes_with_the_form():
    counts = counted(CARTER & SPOKEN)
    order = np.lexsort((np.array(DATA.words), -DATA.counts[CARTER & SPOKEN].sum(axis=0)[:-1]))
    words = [DATA.words[place] for place in order[:1000]]
    written, spoken = (counts[CARTER & side].sum(axis=0) for side in (~SPOKEN, SPOKEN))
    p, q = written / written.sum(), spoken / spoken.sum()
    for word in ("you", "tonight", "we've", "it's"):
        assert p[words.index(word)] < q[words.index(word)] / 3
    for word in ("legislation", "program"):
        assert p[words.index(word)] > 3 * q[words.index(word)]


def test_one_address_against_single_addresses():
    assert right("25-one") == "it cannot be said: one address is one draw"
    item = PREDICTIONS["25-one"]
    here = years(2025, 2026)
    assert here.sum() == 1 and DATA.counts[here].sum() == 10_864
    assert "It has 10 864 words" in item.text
    assert f"is {moved(here, TWO_DECADES):.3f} nats" in item.text
    groups = ((1961, 1969), (2001, 2008), (2009, 2016), (2017, 2020), (2022, 2024))
    others = [moved(years(*group), TWO_DECADES) for group in groups]
    assert moved(here, TWO_DECADES) > max(others)
    cohort = options("25-one")["one-document-is-a-cohort"].text
    assert f"far above {max(others):.3f}, the largest" in cohort
    sizes = [int(years(*group).sum()) for group in groups]
    assert (min(sizes), max(sizes)) == (3, 10)  # "sums of three to ten addresses"
    counts = counted(TWO_DECADES)[TWO_DECADES]
    alone = [kl_of_counts(one, counts.sum(axis=0) - one) for one in counts]
    assert f"are {min(alone):.3f} to {max(alone):.3f} nats away" in item.reveal
    assert len(alone) == 17 and "each against the other 16" in item.reveal
    assert f"1/18 = {1 / 18:.3f}" in item.reveal and moved(here, TWO_DECADES) > max(alone)


# Review questions


def test_new_tokens_are_counted_in_other():
    assert right("25-new-name") == "in OTHER"
    share = float(re.search(r"(\d+) %", REVIEW["25-new-name"].text)[1])
    baseline, current = np.array([70, 25, 5]), np.array([65, 22, 5 + share])
    assert stats.entropy(current, baseline) > stats.entropy(current[:2], baseline[:2]) * 10


def test_merging_words_only_loses():
    assert right("25-fewer-words") == "it falls or stays"
    random = np.random.default_rng(25)
    for _ in range(300):
        p, q = random.dirichlet(np.full(30, 0.5), 2)
        merged = [np.append(side[:5], side[5:].sum()) for side in (p, q)]
        assert stats.entropy(*merged) <= stats.entropy(p, q) + 1e-12


def test_only_the_lifted_terms_are_parts_of_a_whole():
    assert right("25-carrier") == "sorted by p log(p/q) − p + q"
    p, q = np.random.default_rng(26).dirichlet(np.ones(40), 2)
    parts = p * np.log(p / q) - p + q
    assert (parts >= 0).all() and parts.sum() == pytest.approx(stats.entropy(p, q))
    counts = counted(TWO_DECADES)
    now, then = (counts[side].sum(axis=0) for side in (years(2001, 2008), TWO_DECADES))
    now, then = (now + 0.5) / (now + 0.5).sum(), (then + 0.5) / (then + 0.5).sum()
    order = np.lexsort((np.array(DATA.words), -DATA.counts[TWO_DECADES].sum(axis=0)[:-1]))
    leading = np.argsort(-np.abs(now - then)[:-1])[:2]
    assert [DATA.words[order[place]] for place in leading] == ["and", "to"]


def test_shuffled_words_differ_less_than_whole_passages():
    assert right("25-unit").startswith("too often")
    spoken = years(1981, 2012) & SPOKEN
    pieces = counted(spoken, passages().counts)
    total, random = pieces.sum(axis=0), np.random.default_rng(27)
    words = random.multivariate_hypergeometric(total, total.sum() // 2, 60, method="marginals")
    whole = [
        pieces[random.permutation(len(pieces))[: len(pieces) // 2]].sum(axis=0) for _ in range(60)
    ]
    of_words, of_passages = (
        np.array([kl_of_counts(half, total - half) for half in halves]) for halves in (words, whole)
    )
    assert (of_passages > np.quantile(of_words, 0.95)).mean() > 0.95


def test_the_p_value_of_the_furthest():
    for (good, *_), found in variants("25-none-as-far"):
        assert found[RIGHT].text == f"1/{good + 1:.0f}"
        assert found["new-one-not-counted"].text == f"1/{good:.0f}"
        assert found["p-value-of-zero"].text == "0"
        random = np.random.default_rng(int(good))
        furthest = random.random((40_000, int(good) + 1)).argmax(axis=1)
        assert np.mean(furthest == 0) == pytest.approx(1 / (good + 1), abs=0.004)


def test_a_word_that_has_gone_is_infinite_in_the_other_direction():
    assert right("25-word-gone") == "KL(baseline‖current), and with it PSI"
    current, baseline = [0.6, 0.4, 0.0], [0.5, 0.3, 0.2]
    assert math.isfinite(stats.entropy(current, baseline))
    assert stats.entropy(baseline, current) == math.inf


def test_the_form_is_asked_for_first():
    assert right("25-first-question").startswith("whether the form changed")
