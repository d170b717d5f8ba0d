"""The picture of unit 19: the diagram, the two losses and their parts, by a second route."""

from functools import cache

import numpy as np
import pytest
from scipy import special

from klteach.data import employment
from klteach.units.u19_classifiers import explorer as unit_19
from tests.units.states import readout, state_of

NETWORK, EVERYBODY, QUARTERS = range(3)


@pytest.fixture(scope="module")
def diagram():
    explorer = unit_19.keep_your_word()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_19._update(state)


@cache
def people(who):
    """(score, outcome) of the people of a group, one by one."""
    data = employment()
    chosen = np.ones(len(data.score), bool) if who == EVERYBODY else data.columns["RELP"] == "17"
    return data.score[chosen], data.employed[chosen]


@cache
def told(who):
    """(logit, how often it came, share) of each forecast, counted in a loop."""
    if who == NETWORK:
        true = np.array([-2.7, -2.1, -1.5, -0.9, -0.3, 0.3, 0.9, 1.5, 2.1, 2.7])
        return 2.5 * true, special.expit(true), np.full(10, 0.1)
    score, outcome = people(who)
    rows = [(score >= k / 10) & (score < (k + 1) / 10) for k in range(10)]
    rows = [row for row in rows if row.any()]
    means = [(score[row].mean(), outcome[row].mean(), row.mean()) for row in rows]
    says, came, share = np.array(means).T
    return special.logit(says), came, share


def parts(who, temperature, bias):
    """(log loss, calibration KL, Brier score, its calibration part), each in full."""
    logit, came, share = told(who)
    says = special.expit(logit / temperature + bias)
    log_loss = -share @ (came * np.log(says) + (1 - came) * np.log(1 - says))
    kl = share @ (special.rel_entr(came, says) + special.rel_entr(1 - came, 1 - says))
    brier = share @ (came * (1 - says) ** 2 + (1 - came) * says**2)
    return log_loss, kl, brier, share @ (says - came) ** 2


@pytest.fixture(scope="module")
def recomputed(diagram):
    _, raws, _, _ = diagram
    return np.array([parts(raw["who"], raw["temperature"], raw["bias"]) for raw in raws[::7]]).T


def base_rates(raws):
    """(log loss, Brier score) of saying the base rate to all."""
    rates = [share @ came for _, came, share in map(told, range(3))]
    rate = np.array(rates)[[raw["who"] for raw in raws]]
    return special.entr(rate) + special.entr(1 - rate), rate * (1 - rate)


def test_the_readouts_are_the_losses_and_what_is_paid_for_calibration(diagram, recomputed):
    frame = diagram[3]
    labels = ("log loss", "its calibration KL", "Brier score", "its calibration part")
    for label, values in zip(labels, recomputed, strict=True):
        np.testing.assert_allclose(readout(frame, label)[::7], values, atol=1e-10)


def test_the_losses_of_the_tenths_are_those_of_the_people_themselves():
    for who in (EVERYBODY, QUARTERS):
        score, outcome = people(who)
        tenth = np.minimum((10 * score).astype(int), 9)
        mean = np.array([score[tenth == k].mean() if (tenth == k).any() else 0 for k in range(10)])
        says = mean[tenth]
        log_loss = -np.mean(np.where(outcome == 1, np.log(says), np.log(1 - says)))
        found = parts(who, 1.0, 0.0)
        assert found[0] == pytest.approx(log_loss, rel=1e-12)
        assert found[2] == pytest.approx(np.mean((says - outcome) ** 2), rel=1e-12)


def test_the_plain_part_of_a_bar_is_the_same_for_every_temperature_and_bias(diagram):
    _, _, state, frame = diagram
    heights = frame.shapes["refinement"][..., 2, 1]
    for who in range(3):
        here = heights[state.who == who]
        assert np.ptp(here, axis=0).max() < 1e-12
    held = frame.invariants[1].margins
    assert (held > -1e-9).all()


def test_the_bars_are_in_units_of_the_base_rate_and_add_up(diagram, recomputed):
    _, raws, _, frame = diagram
    log_unit, brier_unit = base_rates(raws[::7])
    log_loss, kl, brier, gaps = recomputed
    top = frame.shapes["calibration"][::7, :, 2, 1]
    left = frame.shapes["refinement"][::7, :, 2, 1]
    for bar, (whole, part, unit) in enumerate(
        ((log_loss, kl, log_unit), (brier, gaps, brier_unit))
    ):
        np.testing.assert_allclose(left[:, bar], (whole - part) / unit, atol=1e-10)
        np.testing.assert_allclose(top[:, bar], np.minimum(whole / unit, unit_19.TOP), atol=1e-10)
        for texts, height, value in zip(
            frame.texts["scores"][2][::7], whole / unit, whole, strict=True
        ):
            assert texts[bar].endswith(f"{value:.3f}")
            assert texts[bar].startswith("↑") == (height > unit_19.TOP)


def test_no_dot_changes_its_height_and_each_gap_ends_on_the_diagonal(diagram):
    _, raws, state, frame = diagram
    dots, gaps = frame.shapes["dots"], frame.shapes["gaps"]
    for who in range(3):
        logit, came, share = told(who)
        here = dots[state.who == who]
        np.testing.assert_allclose(here[:, : len(came), :, 1].mean(axis=-1) - came, 0, atol=1e-9)
        assert np.isnan(here[:, len(came) :]).all()  # nobody gets that forecast
        wide = np.ptp(here[0, : len(came), :, 1], axis=-1)
        assert (np.argsort(wide, kind="stable")[-1]) == np.argmax(share) or who == NETWORK
        raw = next(
            i for i, r in enumerate(raws) if r == {"who": who, "temperature": 2.0, "bias": 0.3}
        )
        says = special.expit(logit / 2 + 0.3)
        np.testing.assert_allclose(gaps[raw, : len(came), 0], np.stack([says, came], -1), atol=1e-9)
        np.testing.assert_allclose(gaps[raw, : len(came), 1], np.stack([came, came], -1), atol=1e-9)


def test_calibration_kl_is_at_least_twice_that_of_brier(diagram, recomputed):
    _, kl, _, gaps = recomputed
    np.testing.assert_allclose(diagram[3].invariants[0].margins[::7], kl - 2 * gaps, atol=1e-10)


def test_the_sentence_says_which_score_prefers_the_base_rate(diagram, recomputed):
    _, raws, _, frame = diagram
    log_unit, brier_unit = base_rates(raws[::7])
    log_loss, kl, brier, _ = recomputed
    for text, a, b, loss, paid in zip(
        frame.sentence[::7], log_loss > log_unit, brier > brier_unit, log_loss, kl, strict=True
    ):
        assert f"is {loss:.3f} nats" in text and f"and {paid:.3f} for forecasts" in text
        assert ("better by both scores" in text) == (a and b)
        assert ("By the log loss saying the base rate to all would be better" in text) == (a > b)
        assert ("By the Brier score saying the base rate to all would be better" in text) == (b > a)


def test_the_tasks_are_done_where_they_say_so(diagram, recomputed):
    _, raws, _, frame = diagram
    network, quarters, disagree = (task.reached for task in frame.tasks)
    done = [raw for raw, reached in zip(raws, network, strict=True) if reached]
    assert done == [{"who": NETWORK, "temperature": 2.5, "bias": 0.0}]
    half = parts(QUARTERS, 1.0, 0.0)[1] / 2
    for raw, reached in zip(raws, quarters, strict=True):
        if raw["who"] != QUARTERS:
            assert not reached
        elif raw["bias"] in (-0.3, -0.2, -0.1):
            assert reached == (parts(QUARTERS, raw["temperature"], raw["bias"])[1] < 0.0045)
    assert half == pytest.approx(0.0045, abs=1e-5)
    log_unit, brier_unit = base_rates(raws[::7])
    log_loss, _, brier, _ = recomputed
    np.testing.assert_array_equal(disagree[::7], (log_loss > log_unit) & (brier < brier_unit))
    assert disagree.any()


def test_two_dots_are_dragged_and_each_moves_one_control(diagram):
    handles = diagram[0].spec["layout"]["handles"]
    assert [h["kind"] for h in handles] == ["held", "held"]
    assert [h["controls"] for h in handles] == [["temperature"], ["bias"]]
    _, _, state, frame = diagram
    for name, of_each in (("T", unit_19.HELD_BY_T), ("b", unit_19.HELD_BY_B)):
        middle = frame.shapes[name][:, 0].mean(axis=1)
        dots = frame.shapes["dots"].mean(axis=2)
        own = dots[np.arange(len(dots)), np.array(of_each)[state.who]]
        np.testing.assert_allclose(middle, own, atol=1e-9)


def test_the_start_is_the_overconfident_network(diagram):
    assert "log loss: 0.634 nats; its calibration KL: 0.1660 nats" in repr(diagram[0])
