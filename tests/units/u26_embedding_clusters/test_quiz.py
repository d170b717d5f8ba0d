"""What the quiz items of unit 26 claim, each claim recomputed by a route of its own."""

import numpy as np
import pytest

from klteach.units.u26_embedding_clusters.retriever import asked
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right
from tests.units.u26_embedding_clusters.routes import (
    DATA,
    NEW,
    OLD,
    THEN,
    cohort,
    counts_of,
    figures,
    fitted,
    found_in,
    kl_of_counts,
    over_five_days,
)


def test_kl_and_its_halves_grow_with_k():
    assert right("26-more-clusters") == "both grow"
    few, many = (np.mean([figures(k, start) for start in range(10)], axis=0) for k in (10, 40))
    reveal = PREDICTIONS["26-more-clusters"].reveal
    assert f"goes from {few[3]:.2f} to {many[3]:.2f} nats" in reveal
    assert f"below {few[1]:.3f} with 10 clusters and below {many[1]:.3f} with 40" in reveal
    assert few[0] < many[0]


def test_merging_two_clusters_only_loses():
    says = options("26-more-clusters")["smaller-shares-smaller-kl"].says
    assert "what two merged ones differed by is lost" in says
    random = np.random.default_rng(2602)
    for _ in range(200):
        p, q = random.integers(1, 60, (2, 8))
        merged = [np.append(side[:-2], side[-2:].sum()) for side in (p, q)]
        whole = (p / p.sum() * np.log(p / p.sum() / (q / q.sum()))).sum()
        after = [side / side.sum() for side in merged]
        assert (after[0] * np.log(after[0] / after[1])).sum() <= whole + 1e-12


def test_the_clusters_of_what_is_handed_out_move_and_nothing_else():
    assert right("26-stale") == "the clusters of the texts that are handed out"
    before, stale = over_five_days("stale", 0), over_five_days("stale")
    reveal = PREDICTIONS["26-stale"].reveal
    assert f"from {before[0]:.3f} to {stale[0]:.3f} nats" in reveal
    assert f"from {before[3]:.2f} to {abs(stale[3]):.2f}" in reveal
    assert before[1] == stale[1] and before[2] == stale[2]  # recall and the own score
    text = PREDICTIONS["26-stale"].text
    assert f"an index of {len(OLD)} vectors" in text
    assert f"{len(NEW) - len(OLD)} new texts on top" in text


def test_rows_that_made_the_centres_lie_nearer():
    assert right("26-whose-centres").startswith("a part of the baseline")
    says = next(
        one.says
        for one in REVIEW["26-whose-centres"].answers.options
        if one.text == right("26-whose-centres")
    )
    assert "lie nearer to them than new ones do" in says
    clusters = fitted(40, 0)
    made = np.array([row for row in OLD if not (clusters.rest == row).all(axis=1).any()])

    def far(rows):
        return np.sqrt(((rows[:, None] - clusters.centres) ** 2).sum(axis=2)).min(axis=1).mean()

    assert far(made) < far(clusters.rest)


def test_the_paragraphs_of_seven_addresses():
    assert right("26-paragraphs").startswith("no drift seen")
    assert f"The {len(cohort(2009, 2016))} paragraphs of seven addresses" in (
        REVIEW["26-paragraphs"].text
    )
    assert f"against {THEN.sum()} of seventeen" in REVIEW["26-paragraphs"].text
    here = DATA.spoken & (DATA.year >= 2009) & (DATA.year <= 2016)
    assert len(set(DATA.year[here].tolist())) == 7
    assert len(set(DATA.year[THEN].tolist())) == 17
    # "it would ring between two halves of the baseline": nearly all halves of addresses pass it
    below = [figures(20, start)[0] < figures(20, start)[1] for start in range(10)]
    assert all(below)


def test_two_starts_of_one_cohort():
    assert right("26-on-the-line").startswith("that it lies on the threshold")
    text = REVIEW["26-on-the-line"].text
    for start, said in ((0, "at {:.3f} nats, against a threshold of {:.3f}"),
                        (5, "at {:.3f}, against {:.3f}")):  # fmt: skip
        numbers = figures(20, start)
        assert said.format(numbers[4], numbers[1]) in text


def test_texts_that_change_places_within_their_clusters():
    assert right("26-swap").startswith("it stays; the similarity")
    before, after = over_five_days("stale", 0), over_five_days("exchanged")
    assert after[0] == before[0] and after[3] < before[3] / 2


def test_a_new_model_would_be_reported_as_a_change_of_topics():
    assert right("26-new-model").startswith("refuse them")
    turn = np.linalg.qr(np.random.default_rng(2603).normal(size=(32, 32)))[0]
    clusters = fitted(12, 0)
    halves = kl_of_counts(counts_of(OLD[::2], clusters), counts_of(OLD[1::2], clusters))
    assert kl_of_counts(counts_of(OLD @ turn, clusters), counts_of(OLD, clusters)) > 5 * halves


def test_other_questions_answered_well():
    assert right("26-still-similar").startswith("most likely the questions changed")
    # the same retriever with questions that come evenly from all texts: KL rises, recall stays
    random = np.random.default_rng(2604)
    clusters = fitted(12, 0)
    usual = sum(counts_of(OLD[found_in(asked(day)[1], OLD)], clusters) for day in range(1, 6))
    sources = random.integers(len(OLD), size=300)
    questions = OLD[sources] + random.normal(0, 0.12, (300, 32))
    found = found_in(questions, OLD)
    assert kl_of_counts(counts_of(OLD[found], clusters), usual) > 0.2
    assert np.mean(found == sources) == pytest.approx(0.83, abs=0.06)
