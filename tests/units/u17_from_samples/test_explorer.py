"""The picture of unit 17: exact means and spreads by quadrature, and what its runs must be."""

import numpy as np
import pytest
from scipy import stats

from klteach.units.u17_from_samples import explorer as unit_17
from tests.units.states import readout, state_of

Q = stats.norm()


@pytest.fixture(scope="module")
def shown():
    explorer = unit_17.three_estimates()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_17._update(state)


def by_quadrature(mean, width):
    """KL, the means and the standard deviations of k1, k2, k3, χ²(Q‖P) and Jeffreys."""
    p = stats.norm(mean, width)
    x = mean + width * np.linspace(-36, 36, 40_001)
    log_r = Q.logpdf(x) - p.logpdf(x)
    weight = p.pdf(x)

    def average(values):
        return np.trapezoid(values * weight, x)

    each = [-log_r, log_r**2 / 2, np.exp(log_r) - 1 - log_r]
    means = [average(values) for values in each]
    sds = [np.sqrt(average((v - m) ** 2)) for v, m in zip(each, means, strict=True)]
    reverse = average(np.exp(log_r) * log_r)
    return means[0], means, sds, average((np.exp(log_r) - 1) ** 2), means[0] + reverse


def rows_of(state, **wanted):
    there = np.ones(len(state.mean), dtype=bool)
    for name, value in wanted.items():
        there &= np.isclose(getattr(state, name), value)
    return np.flatnonzero(there)


def test_means_and_spreads_are_those_of_an_integral(shown):
    _, _, state, frame = shown
    table = frame.table.columns
    for row in rows_of(state, size=1)[::7]:
        mean, width = state.mean[row], state.width[row]
        if width < 0.74:
            continue
        kl, means, sds, chi, both = by_quadrature(mean, width)
        assert readout(frame, "KL(P‖Q)")[row] == pytest.approx(kl, abs=1e-8)
        assert readout(frame, "χ²(Q‖P)")[row] == pytest.approx(chi, rel=1e-5, abs=1e-8)
        assert readout(frame, "2 J")[row] == pytest.approx(2 * both, abs=1e-7)
        np.testing.assert_allclose(table["mean"][row], means, atol=1e-7)
        np.testing.assert_allclose(table["sd of a sample"][row], sds, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(table["sd of a run"][row], table["sd of a sample"][row] / 10)


def test_k3_has_no_finite_spread_where_q_is_too_wide_and_one_elsewhere(shown):
    _, _, state, frame = shown
    infinite = np.isinf(frame.table.columns["sd of a sample"][:, 2])
    np.testing.assert_array_equal(infinite, state.width < np.sqrt(0.5))
    np.testing.assert_array_equal(np.isinf(readout(frame, "χ²(Q‖P)")), infinite)
    # the integral of q²/p grows without end as its limits do
    p = stats.norm(0, 0.7)
    parts = []
    for end in (10, 20, 30):
        x = np.linspace(-end, end, 100_001)
        parts.append(np.trapezoid(np.exp(2 * Q.logpdf(x) - p.logpdf(x)), x))
    assert parts[2] / parts[1] > parts[1] / parts[0] > 1.5


def test_every_invariant_holds_and_the_rule_is_put_to_a_test_on_both_sides(shown):
    _, _, _, frame = shown
    for invariant in frame.invariants:
        assert (invariant.margins >= -invariant.tolerance).all()
        assert not np.isnan(invariant.margins).any()
    sds = frame.table.columns["sd of a sample"]
    calmer = sds[:, 2] < sds[:, 0]
    by_rule = readout(frame, "χ²(Q‖P)") < readout(frame, "2 J")
    apart = readout(frame, "KL(P‖Q)") > 1e-12
    np.testing.assert_array_equal(calmer[apart], by_rule[apart])
    assert 0.3 < calmer.mean() < 0.9


def test_the_dots_are_estimates_from_the_same_draws(shown):
    _, _, state, frame = shown
    z = np.random.default_rng(17).normal(size=(40, 400))
    dots = frame.shapes["runs"][..., 0, 0].reshape(len(state.mean), 3, 40)
    for row in (*rows_of(state, mean=0.5, width=1.0), *rows_of(state, mean=0.0, width=1.25)):
        size = (10, 100, 400)[state.size[row]]
        mean, width = state.mean[row], state.width[row]
        x = mean + width * z[:, :size]
        log_r = Q.logpdf(x) - stats.norm(mean, width).logpdf(x)
        kl = readout(frame, "KL(P‖Q)")[row]
        for place, values in enumerate((-log_r, log_r**2 / 2, np.exp(log_r) - 1 - log_r)):
            expected = np.clip(values.mean(axis=1) / kl, -1.07, 3.07)
            np.testing.assert_allclose(dots[row, place], expected, atol=1e-9)
    assert dots.min() >= -1.07 and dots.max() <= 3.07


def test_the_dots_scatter_as_far_as_the_bars_say(shown):
    """Where all of them are on the axis: forty runs tell a spread to a ninth."""
    _, _, state, frame = shown
    dots = frame.shapes["runs"][..., 0, 0].reshape(len(state.mean), 3, 40)
    bars = frame.shapes["spread"][..., 0]
    same = rows_of(state, mean=0.0, width=1.0)
    for row in rows_of(state, size=2):
        if state.width[row] < 0.9 or row in same:
            continue
        for place in range(3):
            inside = np.abs(dots[row, place] - 1) < 2
            half = (bars[row, place, 1] - bars[row, place, 0]) / 2
            if inside.all() and bars[row, place].max() < 3 and bars[row, place].min() > -1:
                assert dots[row, place].std(ddof=1) == pytest.approx(half, rel=0.75)
                centre = bars[row, place].mean()
                assert abs(dots[row, place].mean() - centre) < 4 * half / np.sqrt(40)


def test_bias_and_spread_are_written_beside_the_bars(shown):
    _, _, _, frame = shown
    means, sds = frame.table.columns["mean"], frame.table.columns["sd of a run"]
    kl = readout(frame, "KL(P‖Q)")
    for row in range(0, len(kl), 5):
        bias, sd = frame.texts["bias"][2][row], frame.texts["sd"][2][row]
        if kl[row] < 1e-12:
            assert bias == ["0 %"] * 3 and sd == ["0 %"] * 3
            continue
        for place in range(3):
            share = 100 * (means[row, place] / kl[row] - 1)
            assert float(bias[place][:-2].replace("−", "-")) == pytest.approx(share, abs=0.5001)
            spread = 100 * sds[row, place] / kl[row]
            if np.isinf(spread):
                assert sd[place] == "∞"
            else:
                assert float(sd[place][:-2]) == pytest.approx(spread, abs=0.5001)


def test_the_sentence_says_which_scatters_more(shown):
    _, _, _, frame = shown
    sds, kl = frame.table.columns["sd of a run"], readout(frame, "KL(P‖Q)")
    for row, text in enumerate(frame.sentence):
        if kl[row] < 1e-12:
            assert text.startswith("P = Q")
            continue
        first, third = sds[row, 0] / kl[row], sds[row, 2] / kl[row]
        assert f"k1 scatters by {100 * first:.0f} % of KL" in text
        if np.isinf(third):
            assert "without end" in text
        elif abs(third / first - 1) > 0.005:
            assert f"k3 {'less' if third < first else 'more'}, by {100 * third:.0f} %" in text
        bias = frame.table.columns["mean"][row, 1] / kl[row] - 1
        assert ("too large" in text) == (bias >= 0.005)
        assert ("too small" in text) == (bias <= -0.005)


def test_where_p_is_q_every_dot_stands_at_the_truth(shown):
    _, _, state, frame = shown
    rows = rows_of(state, mean=0.0, width=1.0)
    assert len(rows) == 3
    np.testing.assert_allclose(frame.shapes["runs"][rows][..., 0], 1)
    np.testing.assert_allclose(frame.shapes["spread"][rows][..., 0], 1)


def test_the_tasks_are_done_where_they_say_so(shown):
    _, _, state, frame = shown
    alike, without_end, as_wide = (task.reached for task in frame.tasks)
    sds = frame.table.columns["sd of a sample"]
    apart = readout(frame, "KL(P‖Q)") > 1e-12
    ratio = np.divide(sds[:, 2], sds[:, 0], out=np.zeros(len(sds)), where=apart)
    np.testing.assert_array_equal(alike, apart & (ratio > 0.9) & (ratio < 1.1))
    np.testing.assert_array_equal(without_end, np.isinf(sds[:, 2]))
    np.testing.assert_array_equal(as_wide, np.isclose(state.width, 1) & (ratio > 1))
    # the first with P on the centre of Q, as the lesson asks for it
    centred = np.isclose(state.mean, 0)
    assert set(state.width[alike & centred]) == {0.8}
    assert state.mean[as_wide].min() == pytest.approx(1.2)


def test_the_top_of_p_is_dragged_and_stands_on_its_curve(shown):
    explorer, _, state, frame = shown
    (point,) = explorer.spec["layout"]["handles"]
    assert point["kind"] == "point"
    assert (point["x"]["control"], point["y"]["control"]) == ("mean", "width")
    assert (point["y"]["power"], point["y"]["scale"]) == (-1, pytest.approx(Q.pdf(0)))
    heights = frame.shapes["p"][:, 0, :, 1].max(axis=1)
    assert heights.max() < unit_17.HIGHEST
    at_a_point = np.isclose(state.mean % 0.05, 0) & (state.mean == 0)
    np.testing.assert_allclose(heights[at_a_point], Q.pdf(0) / state.width[at_a_point])


def test_the_first_state_tells_nothing_of_a_sharper_p(shown):
    explorer, raws, _, _ = shown
    start = {control["name"]: control["value"] for control in explorer.spec["controls"]}
    assert start["width"] == 1 and start["mean"] == 0.5
    assert "sharper" not in repr(explorer)
    assert len(raws) == 16 * 21 * 3
