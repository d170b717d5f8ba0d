"""What the quiz items of unit 21 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants
from tests.units.u21_distillation.second_route import (
    LABELS,
    UNSEEN,
    P,
    distilled,
    kl_of_counts,
    starved,
)

TEACHER, STUDENT = np.array([4.0, 2.0, 1.0, 0.0]), np.array([1.0, 2.0, 0.0, 1.0])


def length(temperature, teacher=TEACHER, student=STUDENT):
    p, q = special.softmax(teacher / temperature), special.softmax(student / temperature)
    return np.linalg.norm(q - p) / temperature


def test_doubling_the_temperature_divides_the_gradient_by_about_four():
    assert right("21-hotter") == "about a quarter as long"
    assert "logits 4, 2, 1 and 0, a student 1, 2, 0 and 1" in PREDICTIONS["21-hotter"].text
    assert 4 < length(4) / length(8) < 4.3
    assert f"From {length(4):.4f} to {length(8):.4f}" in PREDICTIONS["21-hotter"].reveal
    losses = [special.rel_entr(*special.softmax([TEACHER / T, STUDENT / T], axis=1)).sum()
              for T in (4, 8)]  # fmt: skip
    assert losses[0] / losses[1] == pytest.approx(4, abs=0.2)


def test_an_even_rest_does_about_what_labels_do():
    assert right("21-evenly") == "about as well as with the labels"
    labels, evenly, _, four = distilled(50)
    item = PREDICTIONS["21-evenly"]
    assert f"it gets {labels:.0f} % of other people's digits right" in item.text
    assert f"It gets {evenly:.0f} % right" in item.reveal
    assert f"own shares make it {four:.0f} %" in item.reveal
    assert abs(evenly - labels) < 1 and four > labels + 8


def test_the_reverse_student_names_six_digits():
    assert right("21-starved") == "six of the ten, the others never"
    reveal = PREDICTIONS["21-starved"].reveal
    named = sorted(set(starved("reverse")[UNSEEN].argmax(axis=1).tolist()))
    assert reveal.startswith(f"Six: {', '.join(map(str, named[:-1]))} and {named[-1]}.")
    assert reveal.endswith("gives up 0, 1, 2 and 4.")
    assert (
        len(named) == 6 and f"{UNSEEN.stop - UNSEEN.start} images" in PREDICTIONS["21-starved"].text
    )
    average, teachers = starved("forward")[UNSEEN].mean(axis=0), P[UNSEEN].mean(axis=0)
    assert np.abs(average - teachers).max() < 0.015
    often = np.bincount(LABELS[UNSEEN], minlength=10) / 597
    assert np.abs(average - often).max() < 0.025  # "about as often as they come"


def test_a_lost_tail_shows_in_the_forward_direction():
    assert right("21-forgets").startswith("KL(before‖after)")
    item, share = PREDICTIONS["21-forgets"], 1 / np.arange(1, 201)
    share = share / share.sum()
    lost = share[150:].sum()
    assert f"{100 * lost:.0f} % of all prompts" in item.text
    head = options("21-forgets")["head-accuracy-sees-all"].text
    assert f"{100 * share[:20].sum():.0f} % of all prompts" in head
    due = 20_000 * share[150:]
    assert 15 < due.min() and due.max() < 24  # "some twenty of each"
    assert f"log(1/{1 - lost:.3f}) = {-math.log(1 - lost):.3f} nats" in item.reveal
    # the expected counts, and a slip in 5 % of all answers that goes to any kind
    before = 20_000 * share
    after = np.where(np.arange(200) < 150, before / (1 - lost), 0)
    backward, forward = kl_of_counts(after, before), kl_of_counts(before, after)
    assert stats.entropy(after, before) == pytest.approx(-math.log(1 - lost))
    assert backward == pytest.approx(-math.log(1 - lost), abs=0.006)  # with ½ in every cell
    assert forward / backward == pytest.approx(3, abs=0.4)
    assert 0.95 + 0.05 * (share[:20] ** 2).sum() / share[:20].sum() == pytest.approx(0.95, abs=0.01)


# Review questions


def test_the_factor_that_is_missing():
    for (temperature, *_), answers in variants("21-factor"):
        assert answers[RIGHT].text == f"{temperature**2:.0f} times"
        assert answers["gradient-fades-once"].text == f"about {temperature:.0f} times"
        high = length(temperature)
        assert temperature**2 * high == pytest.approx(
            length(1), rel=0.1
        )  # it does hold the balance


def test_logits_that_differ_by_a_constant():
    for numbers, answers in variants("21-shift"):
        teacher, student = np.array(numbers[:3]), np.array(numbers[3:6])
        down = teacher[0] - student[0]
        student[2] = teacher[2] - down  # its minus sign is no digit
        assert answers[RIGHT].text == "0"
        for T in (1, 3, 10):
            assert length(T, teacher, student) < 1e-12
        assert answers["logits-must-match"].text.startswith(f"{down:.0f}/3 of a nat")


def test_the_reductions():
    random = np.random.default_rng(0)
    for (images, classes), answers in variants("21-reduction"):
        assert images == 32
        t, s = random.normal(size=(2, 32, int(classes)))
        terms = special.rel_entr(special.softmax(t, axis=1), special.softmax(s, axis=1))
        ratio = terms.sum() / 32 / terms.mean()
        assert answers[RIGHT].text == f"it is {ratio:.0f} times smaller"
        assert answers["mean-divides-by-all"].text == f"it is {32 * classes:.0f} times smaller"


def test_the_limit():
    assert right("21-limit").startswith("the differences of the logits, centred")
    p, q = special.softmax(TEACHER / 1e4), special.softmax(STUDENT / 1e4)
    apart = STUDENT - TEACHER
    np.testing.assert_allclose(1e4 * (q - p), (apart - apart.mean()) / 4, atol=1e-3)
    cold = special.softmax(TEACHER / 0.05)
    np.testing.assert_allclose(cold, [1, 0, 0, 0], atol=1e-6)


def test_the_floor_of_a_cross_entropy_is_the_entropy():
    assert right("21-floor").startswith("the entropy of the teacher's shares is 1.3 nats")
    p = special.softmax([1.0, 0.6, 0.2, 0.0])
    assert stats.entropy(p) == pytest.approx(1.3, abs=0.05)
    for q in np.random.default_rng(1).dirichlet(np.ones(4), 200):
        assert -(p @ np.log(q)) >= stats.entropy(p)


def test_forward_kl_keeps_the_average_of_each_class():
    assert right("21-average") == "it is the teacher's average share of that class"
    # two kinds of images that look alike: one row of shares for both, forward and reverse
    shares = np.array([[0.9, 0.08, 0.02], [0.1, 0.3, 0.6]])
    grid = np.array([(a, b, 1 - a - b) for a in np.arange(0.01, 1, 0.01)
                     for b in np.arange(0.01, 1 - a - 0.005, 0.01)])  # fmt: skip
    forward = [special.rel_entr(shares, q).sum() for q in grid]
    np.testing.assert_allclose(grid[np.argmin(forward)], shares.mean(axis=0), atol=0.011)
    backward = [special.rel_entr(q, shares).sum() for q in grid]
    assert np.abs(grid[np.argmin(backward)] - shares.mean(axis=0)).max() > 0.03
