"""What the quiz items of unit 28 claim, each claim recomputed by a route of its own."""

import itertools
import math
import re

import numpy as np
import pytest
from scipy import optimize, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right, variants
from tests.units.u28_comparable_groups.second_route import any_outside


def numbers(text):
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text.replace(",", ""))]


# Predictions


def test_eleven_covariates():
    item = PREDICTIONS["28-eleven"]
    rate, error = any_outside()
    assert item.answers.truth == pytest.approx(100 * rate, abs=300 * error)
    assert item.reveal.startswith(f"About {item.answers.truth:.0f} %")
    assert f"0.95¹¹ = {100 * (1 - 0.95**11):.0f} %" in item.reveal
    assert rate < 1 - 0.95**11
    judge = item.answers.judge
    assert {answer: judge(float(answer)).code for answer in (41, 43, 0, 5, 55, 20)} == {
        41: RIGHT,
        43: RIGHT,
        0: "coin-balances-each",
        5: "rate-of-one-is-the-rate-of-all",
        55: "rates-add-up",
        20: "many-chances-little-risk",
    }
    assert f"11 · 5 % = {11 * 0.05:.2f}" in judge(55.0).says
    assert rate < 0.5  # "more than half have none"


def test_the_split():
    counts = np.array([9463, 7681])
    n = counts.sum()
    assert "no coin splits like this" in right("28-split")
    text, said = PREDICTIONS["28-split"].text, options("28-split")
    assert "55 % and 45 %" in text and [round(x) for x in 100 * counts / n] == [55, 45]
    assert f"With {n:,} tosses" in said["small-share-small-matter"].says
    # 95 of 100 times
    assert 1.96 * math.sqrt(0.25 / n) == pytest.approx(0.008, abs=0.0006)
    difference = said["huge-count-forgives"]
    assert f"{counts[0] - counts[1]:,}" in difference.text
    assert f"about {math.sqrt(n):.0f} " in difference.says
    g = stats.power_divergence(counts, lambda_="log-likelihood")
    assert f"{g.pvalue:.0e}" == "3e-42"
    shares = counts / n
    psi = stats.entropy(shares, [0.5, 0.5]) + stats.entropy([0.5, 0.5], shares)
    assert f"the plan is {psi:.3f}, which" in PREDICTIONS["28-split"].reveal


def test_the_classes():
    item = PREDICTIONS["28-classes"]
    even = stats.hypergeom(20, 8, 10).pmf(4)
    assert item.answers.truth == pytest.approx(100 * (1 - even), abs=0.05)
    psi = stats.entropy([0.5, 0.5], [0.3, 0.7]) + stats.entropy([0.3, 0.7], [0.5, 0.5])
    edge = stats.chi2.isf(0.05, 1) * (1 / 250 + 1 / 250)
    assert psi > edge
    assert f"a probability of {100 * even:.0f} %" in item.reveal
    assert f"a PSI of {psi:.3f}, and the threshold for pupils is {edge:.3f}" in item.reveal
    judge = item.answers.judge
    assert {answer: judge(float(answer)).code for answer in (65, 5, 30, 90)} == {
        65: RIGHT,
        5: "rows-are-independent",
        30: "few-classes-ring-a-little",
        90: "classes-always-ring",
    }
    # "an exact half, is the likeliest lot"
    assert even == max(stats.hypergeom(20, 8, 10).pmf(range(9)))


# Review questions


def test_a_split_of_many():
    seen = set()
    for _, said in variants("28-split-of-many"):
        seen.add(said[RIGHT].says)
    assert len(seen) > 2
    for times in range(20):
        item = (
            REVIEW["28-split-of-many"].asked_again(times) if times else REVIEW["28-split-of-many"]
        )
        first, second, psi = numbers(item.text)
        n, share = first + second, np.array([first, second]) / (first + second)
        kl = stats.entropy(share, [0.5, 0.5])
        assert psi == pytest.approx(kl + stats.entropy([0.5, 0.5], share), abs=5e-5)
        assert psi < 0.1
        nats = numbers(next(o.says for o in item.answers.options if o.code == RIGHT))[0]
        assert nats == round(n * kl)
        assert nats > 2
    # "chance seldom makes more than 2" nats
    assert stats.chi2.sf(4, 1) < 0.05


def test_how_many_people_it_takes():
    for (kl, *_), said in variants("28-people-needed"):
        needed = numbers(said[RIGHT].text)[0]
        assert needed == math.ceil(stats.chi2.isf(0.05, 1) / 2 / kl)
        assert numbers(said["one-over-kl-people"].text)[0] == round(1 / kl)
        share = optimize.brentq(
            lambda s, kl=kl: stats.entropy([s, 1 - s], [0.5] * 2) - kl, 0.5, 0.9
        )
        both = [share, 1 - share]
        assert stats.entropy(both, [0.5] * 2) + stats.entropy([0.5] * 2, both) < 0.1


def test_one_outside():
    assert "p = 0.03" in REVIEW["28-one-outside"].text
    said = options("28-one-outside")[RIGHT].says
    assert f"11 · 0.03 is {11 * 0.03:.2f}" in said
    rate, _ = any_outside()
    assert round(10 * rate) == 4  # "four experiments of ten"


def test_larger_classes_ring_as_often_or_more_often():
    def rings(pupils):
        edge = stats.chi2.isf(0.05, 1) * 2 / (10 * pupils)
        chance = stats.hypergeom(20, 8, 10)
        return sum(chance.pmf(k) for k in range(9) if psi_of_degrees(k) > edge)

    found = [rings(pupils) for pupils in (1, 2, 5, 25, 50)]
    assert all(b >= a - 1e-12 for a, b in itertools.pairwise(found))
    assert found[-1] == pytest.approx(found[-2])


def psi_of_degrees(k):
    p, q = ([x / 10, 1 - x / 10] for x in (k, 8 - k))
    return stats.entropy(p, q) + stats.entropy(q, p)
