"""What lesson 26 and its exercises say: numbers by a second route, claims in words."""

from functools import cache

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from klteach.data import state_of_the_union
from klteach.drift.clusters import Clusters
from klteach.units.u26_embedding_clusters import retriever
from klteach.units.u26_embedding_clusters.retriever import asked
from tests.units.lesson_text import read, says
from tests.units.u26_embedding_clusters.routes import (
    BASELINE,
    COHORTS,
    DATA,
    NEW,
    OLD,
    THEN,
    YEARS,
    by_year,
    carrying,
    cohort,
    counts_of,
    figures,
    fitted,
    found_in,
    good_days,
    kl_of_counts,
    over_five_days,
    places_of,
    served,
    terms_of_counts,
)

LESSON = "notebooks/26_embedding_clusters"
EXERCISES = LESSON.replace("notebooks", "solutions")
START_0, START_5 = figures(20, 0), figures(20, 5)
TOP, PART, BEFORE, NOW = carrying(20, 0)
HAND = terms_of_counts([3, 3, 4], [11, 6, 2])


def margin_of_pinsker():
    clusters = fitted(20, 0)
    p, q = (counts_of(rows, clusters) + 0.5 for rows in (cohort(2001, 2008), clusters.rest))
    return np.sqrt(START_0[3] / 2) - np.abs(p / p.sum() - q / q.sum()).sum() / 2


def turned():
    """KL of the same texts, all their vectors turned in one way."""
    turn = np.linalg.qr(np.random.default_rng(26).normal(size=(32, 32)))[0]
    clusters = fitted(12, 0)
    moved = np.linalg.norm(OLD[:5] @ turn - OLD[:5], axis=1) / np.linalg.norm(OLD[:5], axis=1)
    return kl_of_counts(counts_of(OLD @ turn, clusters), counts_of(OLD, clusters)), moved


@cache
def means():
    return {k: np.mean([figures(k, start) for start in range(10)], axis=0) for k in (10, 20, 40)}


DAY_21 = served(21, "stale", 0)
STORY = {
    "before": over_five_days("stale", 0),
    "40 %": over_five_days("stale", 40),
    "all": over_five_days("stale"),
    "rebuilt": over_five_days("rebuilt"),
    "swapped": over_five_days("exchanged"),
}
QUIET = max(kl_of_counts(day, good_days().sum(axis=0) - day) for day in good_days())
TURNED, MOVED = turned()


def tripled_at(day):
    """The smallest share, in steps of 5 %, at which KL is three times what it is at 0 %."""
    before = served(day, "stale", 0)[0]
    return next(share for share in range(5, 105, 5) if served(day, "stale", share)[0] >= 3 * before)


TRIPLED = [tripled_at(day) for day in range(21, 26)]

SAID = {
    (LESSON, "text"): [
        (
            "It reports {:.3f} nats against a threshold of {:.3f} to one of them: drift. To the "
            "other it reports {:.3f} nats against {:.3f}: none",
            START_0[4],
            START_0[1],
            START_5[4],
            START_5[1],
        ),
        ("made from the baseline alone: {:.0f} % of its random halves", 95),
        (
            "$P = (3.5, 3.5, 4.5) / {:.1f} = ({:.3f}, {:.3f}, {:.3f})$",
            11.5,
            *np.array([3.5, 3.5, 4.5]) / 11.5,
        ),
        (
            "$Q = (11.5, 6.5, 2.5) / {:.1f} = ({:.3f}, {:.3f}, {:.3f})$",
            20.5,
            *np.array([11.5, 6.5, 2.5]) / 20.5,
        ),
        ("$P = ({:.1f}, {:.1f}, {:.1f}) /", 3 + 0.5, 3 + 0.5, 4 + 0.5),
        ("$Q = ({:.1f}, {:.1f}, {:.1f}) /", 11 + 0.5, 6 + 0.5, 2 + 0.5),
        (
            "The $c_i$: ${:.3f} + {:.3f} + {:.3f} = {:.3f}$ nats. The third cluster carries "
            "{:.0f} %",
            *HAND,
            HAND.sum(),
            100 * HAND[2] / HAND.sum(),
        ),
        ("On the five days at {:.0f} % to {:.0f} %", min(TRIPLED), max(TRIPLED)),
    ],
    (LESSON, "printed"): lambda: [
        (
            "In 20 clusters 2001–08 is {:.3f} nats from 1981–2000, above both lines. One cluster "
            "carries {:.0f} % of it: its share went from {:.0f} % to {:.0f} %. | KL(P‖Q): {:.3f} "
            "nats; {:.0f} % line, paragraphs: {:.3f} nats; {:.0f} % line, addresses: {:.3f} nats",
            START_0[3],
            100 * PART,
            100 * BEFORE,
            100 * NOW,
            START_0[3],
            95,
            # the picture deals paragraphs out of the same urn with the same seed
            START_0[0],
            95,
            START_0[1],
        ),
        (
            "KL ≥ 0: holds, margin {:.3f}; TV ≤ √(KL/2): holds, margin {:.3f}",
            START_0[3],
            margin_of_pinsker(),
        ),
        (" {:.0f} % line, dealt by", 95),
        *((f"\n{k}" + 6 * " {:.3f}", *means()[k]) for k in means()),
        (f"cluster {TOP}: {{:.3f}} to {{:.3f}}\n", BEFORE, NOW),
        ("recall {:.3f}\n", np.mean(found_in(asked(1)[1], OLD) == asked(1)[0])),
        (
            "The new list answers {:.0f} % of the requests, and the index is as it was: KL is "
            "{:.3f} nats, not above that of the good days; recall is {:.3f} and the similarity to "
            "the source {:.3f}. | KL(P‖Q): {:.3f} nats; largest of 20 good days: {:.3f} nats; "
            "recall: {:.3f}; similarity to the source: {:.3f}; KL ≥ 0: holds, margin {:.3f}",
            0,
            DAY_21[0],
            DAY_21[1],
            DAY_21[3],
            DAY_21[0],
            QUIET,
            DAY_21[1],
            DAY_21[3],
            DAY_21[0],
        ),
        *(
            (f"\n{name} {{:.3f}} {{:.3f}} {{:.3f}} {{:.3f}}", *numbers)
            for name, numbers in STORY.items()
            if name != "40 %"
        ),
        ("\n{:.0f} % {:.3f} {:.3f} {:.3f} {:.3f}", 40, *STORY["40 %"]),
        ("KL of the turned vectors: {:.3f} nats", TURNED),
        (
            "has moved by {:.0f} % of its length, and {:.0f} % is allowed",
            100 * MOVED.max(),
            1,
        ),
    ],
    (EXERCISES, "printed"): [
        ("The {:.0f} % quantile of these is the line", 95),
        *(
            (f"{name} recall {{:.3f}} similarity {{:.3f}}", *served(21, "stale", share)[[1, 3]])
            for name, share in (("before", 0), ("stale", 100))
        ),
    ],
}

ALLOWED = {
    (LESSON, "text"): [
        ("At 0 % all is as it was", "a place of the handle"),
        ("At 100 %, rebuild the index", "a place of the handle"),
        ("with 40 % of the requests on the new list", "a choice"),
    ],
}


# The claims in words


def test_the_second_route_finds_the_monitors_clusters():
    for k, seed in ((12, 0), (20, 0), (40, 3)):
        ours, theirs = fitted(k, seed), Clusters.of(BASELINE, k, seed)
        np.testing.assert_allclose(ours.centres, theirs.centres, atol=1e-9)
        assert ours.radius == pytest.approx(theirs.radius)


def test_what_was_drawn():
    says(LESSON, "on the same 491 paragraphs", "and the 931 of the baseline are 17 draws")
    assert len(cohort(2009, 2016)) == 491 and len(BASELINE) == 931 and len(YEARS) == 17
    says(LESSON, "an address of 55 paragraphs")
    assert len(BASELINE) / len(YEARS) == pytest.approx(55, abs=0.5)
    for when, addresses in zip(COHORTS, (7, 7, 3), strict=True):
        here = DATA.spoken & (DATA.year >= when[0]) & (DATA.year <= when[1])
        assert len(set(DATA.year[here].tolist())) == addresses
    says(LESSON, "The cohort 2017–20 has three addresses")


def test_2009_to_2016_lies_on_the_threshold():
    says(LESSON, "By addresses five of ten, by paragraphs nine")
    rings = {
        k: np.array([figures(k, start)[4] > figures(k, start)[:2] for start in range(10)]).sum(0)
        for k in (10, 20, 40)
    }
    assert rings[20].tolist() == [9, 5]
    for by_paragraph, by_address in rings.values():
        assert by_paragraph >= 9 and 3 <= by_address <= 7
        assert (
            f"2009-16 rings in {by_paragraph} of 10 starts by paragraph, {by_address} by address"
            in read(LESSON).printed
        )


def test_the_other_cohorts_ring_also_by_their_own_number_of_addresses():
    says(
        LESSON, "By paragraphs every cohort rings", "it has to pass the third column, which it does"
    )
    for k in means():
        paragraph, address, three, first, second, third = means()[k]
        assert min(first, second, third) > paragraph
        assert first > 1.8 * address and third > 1.4 * three > 1.4 * address
        assert second == pytest.approx(address, rel=0.1)


def test_the_line_by_addresses_is_twice_as_high():
    says(LESSON, "The line comes out twice as high", "the line is twice as high")
    for k in means():
        assert means()[k][1] / means()[k][0] == pytest.approx(2, abs=0.25)


def test_kl_and_its_null_grow_with_k():
    says(LESSON, "KL grows with k, and so does its null")
    ten, twenty, forty = (values[:4] for values in means().values())
    assert (ten < twenty).all() and (twenty < forty).all()


def test_what_chance_alone_makes_of_independent_rows():
    says(LESSON, r"$\frac{k}{2}\left(\frac{1}{n} + \frac{1}{m}\right)$ on average")
    random = np.random.default_rng(2600)
    for k, n, m in ((12, 400, 400), (20, 600, 900)):
        shares = random.dirichlet(np.full(k, 5.0))
        drawn = [
            kl_of_counts(random.multinomial(n, shares), random.multinomial(m, shares))
            for _ in range(2000)
        ]
        # k - 1 would be exact, and half a row in each cell takes a little
        assert np.mean(drawn) == pytest.approx(k / 2 * (1 / n + 1 / m), rel=0.12)


def test_one_cluster_carries_most():
    says(LESSON, "one cluster, hatched in the column, carries more than half of that")
    assert PART > 0.5
    assert np.mean([carrying(20, start)[1] for start in range(10)]) > 0.5


def test_the_words_of_the_cluster():
    says(LESSON, "Terrorism and the wars that followed")
    words, clusters = state_of_the_union(), fitted(20, 0)
    spoken = sorted(set(DATA.year[DATA.spoken].tolist()))
    share, rates, totals = [], [], 0
    for year in spoken:
        counts = counts_of(DATA.vectors[DATA.spoken & (DATA.year == year)], clusters)
        (row,) = np.flatnonzero((words.year == year) & (words.form == "spoken"))
        share.append(counts[TOP] / counts.sum())
        rates.append(words.counts[row][:-1] / words.counts[row].sum())
        totals = totals + words.counts[row][:-1]
    fit = {
        words.words[place]: stats.pearsonr(share, np.array(rates)[:, place])[0]
        for place in np.flatnonzero(totals >= 50)
    }
    leading = sorted(fit, key=fit.get, reverse=True)[:6]
    first, last = ", ".join(f"*{word}*" for word in leading[:5]), leading[5]
    says(
        LESSON,
        f"use at least 50 times (unit 25), {first} and *{last}* go most closely with this cluster",
    )
    assert {"terrorists", "qaida", "iraqi"} <= set(leading)
    # with other starts the same words lead
    for start in (1, 2):
        top = carrying(20, start)[0]
        other = fitted(20, start)
        again = [
            counts_of(DATA.vectors[DATA.spoken & (DATA.year == y)], other)[top] for y in spoken
        ]
        place = words.words.index("terrorists")
        assert stats.pearsonr(again, np.array(rates)[:, place])[0] > 0.6


def test_rows_that_made_the_centres_lie_nearer():
    says(LESSON, "In many dimensions a centre lies nearer to its own rows than to new ones")
    random = np.random.default_rng(2601)
    rows, new = random.normal(size=(2, 400, 60))
    centres = rows[:8].copy()
    for _ in range(20):
        own = cdist(rows, centres).argmin(axis=1)
        centres = np.array([rows[own == place].mean(axis=0) for place in range(8)])
    assert cdist(rows, centres).min(axis=1).mean() < cdist(new, centres).min(axis=1).mean() - 0.05


def test_half_of_the_baseline_is_counted():
    assert "931 rows, 466 of them counted" in read(LESSON).printed
    assert len(fitted(20, 0).rest) == 466


def test_the_monitor_puts_a_row_to_the_nearest_centre():
    ours, theirs, rows = fitted(20, 0), Clusters.of(BASELINE, 20, 0), cohort(2001, 2008)
    names = [theirs.binning.values[place] for place in places_of(rows, ours)]
    assert list(theirs.assign(rows)) == names


# The retriever


def test_recall_and_the_own_score_cannot_see_the_list():
    says(LESSON, "Recall and the *own score*", "ask the index about itself")
    np.testing.assert_array_equal(STORY["before"][1:3], STORY["all"][1:3])
    np.testing.assert_array_equal(STORY["before"][1:3], STORY["swapped"][1:3])


def test_kl_has_more_than_tripled_with_40_percent_and_comes_back():
    says(LESSON, "At which share has KL tripled?")
    assert 3 < STORY["40 %"][0] / STORY["before"][0] < 4.5
    assert STORY["all"][0] > 10 * STORY["before"][0]
    np.testing.assert_allclose(STORY["rebuilt"], STORY["before"], atol=0.02)
    says(LESSON, "Recall ends a hair lower than before, since 306 more rows compete")
    assert 0 < STORY["before"][1] - STORY["rebuilt"][1] < 0.02
    assert STORY["all"][3] == pytest.approx(0, abs=0.03)


def test_clusters_do_not_see_a_wrong_text_of_the_right_topic():
    says(LESSON, "a wrong text of the right topic")
    assert STORY["swapped"][0] == STORY["before"][0]
    assert STORY["swapped"][3] < 0.5 * STORY["before"][3]


def test_the_story_is_none_of_five_lucky_days():
    sources_of = [asked(day) for day in range(101, 109)]
    clusters, good = fitted(12, 0), good_days().sum(axis=0)
    quiet, stale = [], []
    for _, questions in sources_of:
        found = found_in(questions, OLD)
        quiet.append(kl_of_counts(counts_of(OLD[found], clusters), good))
        stale.append(kl_of_counts(counts_of(NEW[found], clusters), good))
    assert np.mean(quiet) < 0.07 and min(stale) > 3 * max(quiet)


def test_the_questions_are_what_the_lesson_says():
    says(
        LESSON,
        "each is the vector of a paragraph, its *source*, with noise",
        "each topic has its usual share of the 300 questions of a day",
        "puts 306 paragraphs on top of the list, the message that Carter sent in 1981",
    )
    sources, questions = asked(3)
    assert questions.shape == (300, 32) and np.std(questions - OLD[sources]) == pytest.approx(
        retriever.NOISE, rel=0.03
    )
    np.testing.assert_array_equal(NEW[306:], OLD)
    np.testing.assert_array_equal(NEW[:306], DATA.vectors[DATA.year == 1981])
    assert set(DATA.president[DATA.year == 1981]) == {"Jimmy Carter"}
    assert not DATA.spoken[DATA.year == 1981].any()
    assert "931 texts, later 1237 · 300 questions a day" in read(LESSON).printed
    usual = [np.bincount(places_of(OLD[asked(d)[0]], fitted(12, 0)), minlength=13) for d in (1, 2)]
    assert stats.chi2_contingency(np.array(usual)[:, np.sum(usual, axis=0) > 0])[1] > 1e-6


def test_turned_vectors_find_the_same_rows_and_are_refused():
    says(LESSON, "among themselves nothing changes and every search finds what it found")
    assert "True · the same rows are found" in read(LESSON).printed
    assert "another model made these vectors: probe" in read(LESSON).printed
    clusters = fitted(12, 0)
    halves = kl_of_counts(counts_of(OLD[::2], clusters), counts_of(OLD[1::2], clusters))
    assert TURNED > 5 * halves
    assert f"probe {MOVED.argmax()} has moved" in read(LESSON).printed


def test_nineteen_days_are_the_least():
    says(LESSON, "take the threshold from at least 19 of them")
    assert 1 / (1 + 19) <= 0.05 < 1 / (1 + 18)


# The exercises


def test_the_rows_to_read_of_the_exercises():
    says(EXERCISES, "Recall is the same to the last digit, and the similarity is gone")
    clusters, good = fitted(12, 0), good_days().sum(axis=0)
    places = places_of(NEW[found_in(asked(21)[1], OLD)], clusters)
    now = np.bincount(places, minlength=13)
    terms = terms_of_counts(now, good)
    p, q = (now + 0.5) / (now + 0.5).sum(), (good + 0.5) / (good + 0.5).sum()
    top = np.where(p > q, terms, -1).argmax()
    assert f"{(places == top).sum()} of 300 rows to read" in read(EXERCISES).printed
    says(EXERCISES, "those of one cluster that the good days hardly asked for")
    assert q[top] < 0.06 and p[top] > 3 * q[top]


def test_the_baseline_of_the_lesson_is_spoken():
    assert by_year(20, 0).sum() == THEN.sum()
