"""The picture of unit 16: every pair of bells, its fits and its landscape, by a second route."""

import itertools
import math
import re

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from klteach.units.u16_covering_and_seeking import explorer as unit_16
from tests.units.states import readout, state_of

# enough to see every kind: one valley, two, three; middle, side, slope
SAMPLE = [
    *itertools.product((2.4, 2.5, 2.8, 3.2), (0.3, 0.5, 0.6)),
    *((1.0, 0.5), (1.7, 0.2), (2.0, 0.8), (2.2, 0.7), (2.9, 0.5)),
]


@pytest.fixture(scope="module")
def bells():
    explorer = unit_16.two_bells()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_16._update(state)


@pytest.fixture(scope="module")
def rows(bells):
    """{(a, w): the numbers of its states in the batch}"""
    _, raws, _, _ = bells
    found = {}
    for row, raw in enumerate(raws):
        found.setdefault((raw["a"], raw["w"]), []).append(row)
    return found


def log_p(x, a, w):
    """The log density of the two bells."""
    right, left = -((x - a) ** 2) / 2, -((x + a) ** 2) / 2
    return np.logaddexp(np.log(w) + right, np.log1p(-w) + left) - 0.5 * np.log(2 * np.pi)


def quadrature():
    """Gauss–Legendre in twelve panels, for the mean over a standard normal."""
    nodes, shares = np.polynomial.legendre.leggauss(20)
    edges = np.linspace(-9, 9, 13)
    z = (edges[:-1, None] + 0.75 * (1 + nodes)).ravel()
    return z, np.tile(0.75 * shares, 12) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


Z, SHARES = quadrature()


def reverse(mu, sigma, a, w):
    """KL(N(mu, sigma²)‖P)"""
    return -np.log(sigma * np.sqrt(2 * np.pi * np.e)) - SHARES @ log_p(mu + sigma * Z, a, w)


def minima_of(a, w):
    """All local minima of KL(N(mu, sigma²)‖P), by a simplex search from many starts."""
    found = []
    for mu, sigma in itertools.product(np.linspace(-a, a, 5), (1.0, 2.2)):
        end = optimize.minimize(
            lambda at: reverse(at[0], math.exp(at[1]), a, w),
            (mu, math.log(sigma)),
            options={"gtol": 1e-7},
        )
        place = (end.x[0], math.exp(end.x[1]), end.fun)
        if not any(np.allclose(place[:2], other[:2], atol=1e-2) for other in found):
            found.append(place)
    return sorted(found)


def shown(frame, row):
    """The minima in the table of a state, from left to right, as (mean, sd, KL)."""
    columns = frame.table.columns
    values = np.stack([columns[name][row] for name in ("mean", "sd", "KL(Q‖P)")], axis=-1)[1:]
    return values[~np.isnan(values[:, 0])]


@pytest.mark.parametrize(("a", "w"), SAMPLE)
def test_the_picture_shows_all_minima_to_four_digits(bells, rows, a, w):
    frame = bells[3]
    row = rows[a, w][0]
    expected = minima_of(a, w)
    assert len(shown(frame, row)) == len(expected)
    np.testing.assert_allclose(shown(frame, row), expected, atol=1e-4)
    least = min(kl for *_, kl in expected)
    assert readout(frame, "least KL(Q‖P)")[row] == pytest.approx(least, abs=1e-6)


def test_the_other_shares_are_mirror_images(bells, rows):
    frame = bells[3]
    for a, w in SAMPLE:
        mirror = shown(frame, rows[a, round(1 - w, 1)][0])[::-1] * [-1, 1, 1]
        np.testing.assert_allclose(shown(frame, rows[a, w][0]), mirror, atol=1e-9)


def test_the_landscape_has_the_best_standard_deviation_for_every_mean(bells, rows):
    frame = bells[3]
    for a, w in SAMPLE[::4]:
        curve = frame.shapes["curve"][rows[a, w][0], 0]
        for mean, height in curve[::6]:
            best = optimize.minimize_scalar(
                lambda s, mean=mean, a=a, w=w: reverse(mean, math.exp(s), a, w),
                bounds=(-0.7, 2.0),
                method="bounded",
                options={"xatol": 1e-6},
            ).fun
            assert height == pytest.approx(best, abs=2e-3)


def test_the_ball_rolls_downhill_to_a_minimum_and_never_uphill(bells):
    _, _, _, frame = bells
    way = frame.shapes["way"][:, 0]
    assert (np.diff(way[:, :, 1], axis=1) < 0.02).all()  # but for the corners of the drawn curve
    end = readout(frame, "the ball ends at")
    np.testing.assert_allclose(way[:, -1, 0], end, atol=1e-12)
    columns = frame.table.columns["mean"][:, 1:]
    assert (np.nanmin(np.abs(columns - end[:, None]), axis=1) < 1e-12).all()


def test_gradient_descent_ends_where_the_ball_does(bells, rows):
    """In both parameters at once, started on the landscape."""
    _, raws, _, frame = bells
    differ = tried = 0
    for a, w in ((2.0, 0.5), (2.6, 0.5), (3.0, 0.5), (2.6, 0.6), (3.2, 0.3), (2.2, 0.8)):
        for row in rows[a, w][1::6]:
            mean = raws[row]["start"] * a
            log_sigma = optimize.minimize_scalar(
                lambda s, mean=mean, a=a, w=w: reverse(mean, math.exp(s), a, w),
                bounds=(-0.7, 2.0),
                method="bounded",
            ).x
            flow = integrate.solve_ivp(
                lambda _, at, a=a, w=w: -slope(at, a, w), (0, 60), (mean, log_sigma), rtol=1e-5
            )
            tried += 1
            differ += abs(flow.y[0, -1] - readout(frame, "the ball ends at")[row]) > 0.05
    assert tried == 24 and differ <= 1  # a start on a ridge may go either way


def slope(at, a, w, h=1e-4):
    mu, s = at
    return np.array([
        reverse(mu + h, math.exp(s), a, w) - reverse(mu - h, math.exp(s), a, w),
        reverse(mu, math.exp(s + h), a, w) - reverse(mu, math.exp(s - h), a, w),
    ]) / (2 * h)  # fmt: skip


def test_the_dotted_fit_has_the_moments_of_p_and_the_least_forward_kl(bells, rows):
    frame = bells[3]
    x = np.linspace(-13, 13, 5201)
    for a, w in SAMPLE[::2]:
        row = rows[a, w][0]
        log_density = log_p(x, a, w)
        p = np.exp(log_density)
        mean = np.trapezoid(p * x, x)
        sd = math.sqrt(np.trapezoid(p * (x - mean) ** 2, x))
        kl = np.trapezoid(p * (log_density - stats.norm.logpdf(x, mean, sd)), x)
        assert readout(frame, "least KL(P‖Q)")[row] == pytest.approx(kl, abs=1e-6)
        table = [frame.table.columns[name][row, 0] for name in ("mean", "sd", "KL(P‖Q)")]
        assert table == pytest.approx([mean, sd, kl], abs=1e-6)
        assert frame.table.columns["KL(Q‖P)"][row, 0] == pytest.approx(
            reverse(mean, sd, a, w), abs=1e-4
        )
        for i in (1, 2, 3):
            mu, sigma, forward = (
                frame.table.columns[name][row, i] for name in ("mean", "sd", "KL(P‖Q)")
            )
            if not np.isnan(mu):
                of_it = np.trapezoid(p * (log_density - stats.norm.logpdf(x, mu, sigma)), x)
                assert forward == pytest.approx(of_it, rel=1e-5)
                assert forward >= kl


def test_the_margins_are_what_their_labels_say(bells):
    _, _, state, frame = bells
    first, second, third = frame.invariants
    columns = frame.table.columns
    kl = columns["KL(Q‖P)"]
    best = np.nanmin(kl[:, 1:], axis=1)
    np.testing.assert_allclose(second.margins, kl[:, 0] - best, atol=1e-12)
    np.testing.assert_allclose(
        third.margins, np.log(1 / np.maximum(state.w, 1 - state.w)) - best, atol=1e-12
    )
    assert (first.margins > 0).all() and (second.margins > 0).all() and (third.margins > 0).all()


def test_the_bold_bells_and_the_discs_are_the_best_minima(bells):
    frame = bells[3]
    columns = frame.table.columns
    for row in range(0, len(frame.sentence), 7):
        kl = columns["KL(Q‖P)"][row, 1:]
        best = kl <= np.nanmin(kl) + 1e-9
        means, sds = columns["mean"][row, 1:], columns["sd"][row, 1:]
        discs = frame.shapes["discs"][row].mean(axis=1)
        np.testing.assert_allclose(sorted(set(discs[:, 0].round(9))), means[best].round(9))
        for curve in frame.shapes["best"][row]:
            x, heights = curve.T
            assert any(
                np.allclose(heights, stats.norm.pdf(x, mean, sd), atol=1e-9)
                for mean, sd in zip(means[best], sds[best], strict=True)
            )
        for curve, here in zip(frame.shapes["minima"][row], ~best & ~np.isnan(means), strict=True):
            assert np.isfinite(curve[:, 1]).all() == here


def test_the_bells_of_p_have_their_tops_where_the_handles_are(bells):
    explorer, _, state, frame = bells
    kinds = [handle["kind"] for handle in explorer.spec["layout"]["handles"]]
    assert sorted(kinds) == ["held", "held", "point"]
    peak = 1 / math.sqrt(2 * math.pi)
    centre = frame.shapes["left_top"][:, 0].mean(axis=1)
    np.testing.assert_allclose(
        centre, np.stack([-state.a, (1 - state.w) * peak], axis=-1), atol=1e-9
    )
    x, heights = frame.shapes["p"][:, 0, 1:-1].transpose(2, 0, 1)
    np.testing.assert_allclose(
        heights[::97],
        [np.exp(log_p(x[0], *pair)) for pair in zip(state.a[::97], state.w[::97], strict=True)],
    )


def test_the_ball_and_every_minimum_stay_in_the_picture(bells):
    frame = bells[3]
    ball = frame.shapes["ball"][:, 0]
    assert ball[..., 1].max() < unit_16.TOP and np.abs(ball[..., 0]).max() < 6
    assert np.nanmax(frame.table.columns["KL(Q‖P)"][:, 1:]) < unit_16.TOP
    assert frame.shapes["best"][..., 1].max() < 0.5  # below the names of the lines


def test_the_sentence_says_where_the_best_sits_and_whether_the_ball_found_it(bells):
    frame = bells[3]
    kl, means = frame.table.columns["KL(Q‖P)"][:, 1:], frame.table.columns["mean"][:, 1:]
    end = readout(frame, "the ball ends at")
    for row, text in enumerate(frame.sentence):
        depths = kl[row]
        best = np.nonzero(depths <= np.nanmin(depths) + 1e-9)[0].tolist()
        where = {
            (0, 2): "on one bell, either one",
            (0,): "on the left bell",
            (1,): "in the middle",
            (2,): "on the right bell",
        }[tuple(best)]
        assert where in text
        assert f"at {np.nanmin(depths):.3f} nats" in text
        ends_in = int(np.nanargmin(abs(means[row] - end[row])))
        lost = depths[ends_in] - np.nanmin(depths)
        assert ("not the best" in text) == (lost > 1e-9)
        if lost > 1e-9:
            assert f"{lost:.3f} nats above" in text
    assert any("either one" in text for text in frame.sentence)
    assert {re.search(r"(middle|left|right|either)", text)[1] for text in frame.sentence} == {
        "middle",
        "left",
        "right",
        "either",
    }


def test_a_fit_that_is_called_on_a_bell_is_on_one(bells):
    """The left and the right column hold narrow fits near a bell, the middle one wide ones."""
    _, _, state, frame = bells
    means, sds = (frame.table.columns[name] for name in ("mean", "sd"))
    for column, sign in ((1, -1), (3, 1)):
        here = ~np.isnan(means[:, column])
        assert (np.abs(means[here, column] - sign * state.a[here]) < 0.35).all()
        assert sds[here, column].max() <= 1.2
    assert np.nanmin(sds[:, 2]) > 1.2


def test_the_tasks_are_done_where_they_say_so(bells):
    _, _, state, frame = bells
    first, stuck, light = (task.reached for task in frame.tasks)
    kl, means = frame.table.columns["KL(Q‖P)"][:, 1:], frame.table.columns["mean"][:, 1:]
    end = readout(frame, "the ball ends at")
    aside = kl[:, 2] < np.where(np.isnan(kl[:, 1]), np.inf, kl[:, 1])
    smallest = state.a[aside & (state.w == 0.5)].min()
    assert smallest == 2.9
    np.testing.assert_array_equal(first, (state.w == 0.5) & (state.a == smallest))
    ends_in = np.nanargmin(np.abs(means - end[:, None]), axis=1)
    lost = np.take_along_axis(kl, ends_in[:, None], axis=1)[:, 0] - np.nanmin(kl, axis=1)
    np.testing.assert_array_equal(stuck, lost > 1e-9)
    lighter = np.where(state.w > 0.5, 0, 2)
    np.testing.assert_array_equal(light, (lost > 1e-9) & (ends_in == lighter) & (state.w != 0.5))
    assert first.any() and stuck.any() and light.any()


def test_the_first_state_shows_one_valley_and_gives_nothing_away(bells):
    line = repr(bells[0])
    assert "in the middle" in line and "0.227 nats" in line
    assert not re.search(r"2\.8|one bell, either|0\.69|1\.04", line)
