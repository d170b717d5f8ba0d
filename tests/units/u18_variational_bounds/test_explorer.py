"""The pictures of unit 18: exact bounds by quadrature, those of the samples by plain loops."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from klteach.units.u18_variational_bounds import explorer as unit_18
from tests.units.states import readout, state_of

P, Q = stats.norm(2, 1), stats.norm(0, 1)
SHAPES = [(-4, 0, 4), (-3, 1, 5), (0, 0, 0), (-2, 0, 2), (5, -5, 6), (-5, -5, 6), (3, 2, -1)]


# A critic, drawn by hand


@pytest.fixture(scope="module")
def drawn():
    explorer = unit_18.draw_the_critic()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_18._update_critic(state)


def critic(shape):
    """T by interpolation between its points, and straight on beyond them."""
    left, middle, right = shape
    far = 100.0
    x = [-1 - far, -1, 1, 3, 3 + far]
    y = [left - far * (middle - left) / 2, *shape, right + far * (right - middle) / 2]
    return lambda at: np.interp(at, x, y)


def integral(function):
    return sum(
        integrate.quad(function, *ends, limit=300, epsabs=1e-12)[0]
        for ends in itertools.pairwise((-14, -1, 1, 3, 16))
    )


def row_of(raws, shape, sample=0):
    return next(
        i
        for i, raw in enumerate(raws)
        if (raw["left"], raw["middle"], raw["right"]) == shape and raw["sample"] == sample
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_the_exact_bounds_are_those_of_quadrature(drawn, shape):
    _, raws, _, frame = drawn
    t = critic(shape)
    mean = integral(lambda x: t(x) * P.pdf(x))
    z = integral(lambda x: math.exp(t(x) + Q.logpdf(x)))
    i = row_of(raws, shape)
    assert readout(frame, "DV")[i] == pytest.approx(mean - math.log(z), abs=1e-7)
    assert readout(frame, "NWJ")[i] == pytest.approx(mean - z / math.e, rel=1e-7, abs=1e-7)
    bent = integral(lambda x: P.pdf(x) * (P.logpdf(x) - Q.logpdf(x) - t(x) + math.log(z)))
    assert readout(frame, "KL(P‖bent Q)")[i] == pytest.approx(bent, abs=1e-7)


@pytest.mark.parametrize("shape", [(-4, 0, 4), (-2, 0, 2), (3, 2, -1)])
def test_info_nce_is_that_of_a_grid_in_four_dimensions(drawn, shape):
    """A product of trapezoid grids: the mean over one point of P and three of Q, in one sum."""
    _, raws, _, frame = drawn
    t = critic(shape)
    step = 0.25
    z = np.arange(-5.5, 5.5 + step / 2, step)
    weight = stats.norm.pdf(z) * step
    values = np.exp(t(z))
    two, two_weight = np.add.outer(values, values).ravel(), np.outer(weight, weight).ravel()
    total = 0.0
    for x, share in zip(t(z + 2), weight, strict=True):
        inside = np.log1p(np.add.outer(two, values) * math.exp(-x))
        total += share * (two_weight @ inside @ weight)
    i = row_of(raws, shape)
    assert readout(frame, "InfoNCE, 1 of 4")[i] == pytest.approx(math.log(4) - total, abs=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_info_nce_is_that_of_many_draws(drawn, shape):
    _, raws, _, frame = drawn
    t, random = critic(shape), np.random.default_rng(4)
    x, y = random.normal(2, 1, (1, 200_000)), random.normal(0, 1, (3, 200_000))
    log_sum = np.logaddexp.reduce(t(np.concatenate([x, y])), axis=0)
    gains = t(x[0]) - log_sum + math.log(4)
    error = gains.std() / math.sqrt(gains.size)
    i = row_of(raws, shape)
    assert abs(readout(frame, "InfoNCE, 1 of 4")[i] - gains.mean()) <= 3.5 * error + 1e-5


def test_a_critic_without_an_opinion_tells_nothing(drawn):
    _, raws, _, frame = drawn
    i = row_of(raws, (3, 3, 3))
    for label in ("DV", "DV of the sample", "InfoNCE, 1 of 4"):
        assert readout(frame, label)[i] == pytest.approx(0, abs=1e-4)
    assert readout(frame, "NWJ")[i] == pytest.approx(3 - math.exp(2))


def test_no_exact_bound_is_above_the_truth(drawn):
    _, raws, _, frame = drawn
    assert len(raws) == 1728 * 2 <= 4000
    dv, nwj, nce = (readout(frame, label) for label in ("DV", "NWJ", "InfoNCE, 1 of 4"))
    assert (dv <= 2 + 1e-12).all() and (nwj <= dv + 1e-12).all() and (nce <= 2).all()
    assert nce.max() < math.log(4)
    above = readout(frame, "DV of the sample") > 2
    assert 10 < above.sum() < len(raws) / 2  # and some of the samples are


def test_a_constant_moves_nwj_alone(drawn):
    _, raws, _, frame = drawn
    values = {
        (raw["left"], raw["middle"], raw["right"], raw["sample"]): i for i, raw in enumerate(raws)
    }
    labels = ("DV", "DV of the sample", "InfoNCE, 1 of 4", "NWJ")
    columns = np.stack([readout(frame, label) for label in labels], axis=-1)
    pairs = [
        (i, values[left + 1, middle + 1, right + 1, sample])
        for (left, middle, right, sample), i in values.items()
        if (left + 1, middle + 1, right + 1, sample) in values
    ]
    first, second = (columns[list(rows)] for rows in zip(*pairs, strict=True))
    np.testing.assert_allclose(first[:, :2], second[:, :2], atol=1e-9)
    np.testing.assert_allclose(first[:, 2], second[:, 2], atol=1e-3)
    assert (abs(first[:, 3] - second[:, 3]) > 1e-3).all()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sample", [0, 1])
def test_the_bounds_of_a_sample_are_means_over_its_points(drawn, shape, sample):
    _, raws, _, frame = drawn
    t = critic(shape)
    x, y = (points[sample] for points in unit_18.samples())
    assert len(x) == len(y) == 30
    mean = sum(map(t, x)) / 30
    z = sum(math.exp(t(at)) for at in y) / 30
    ratios = []
    for place, at in enumerate(x):
        four = [math.exp(t(at)), *(math.exp(t(y[(place + k) % 30])) for k in range(3))]
        ratios.append(math.log(four[0] / (sum(four) / 4)))
    i = row_of(raws, shape, sample)
    seen = frame.table.columns["of the sample"][i]
    np.testing.assert_allclose(seen, [mean - math.log(z), mean - z / math.e, np.mean(ratios)])
    assert readout(frame, "DV of the sample")[i] == pytest.approx(seen[0])


def test_the_bars_end_at_their_values_and_at_the_ends_of_the_axis(drawn):
    _, _, _, frame = drawn
    for name, column in (("exact", "exact"), ("seen", "of the sample")):
        corners, values = frame.shapes[name][..., 0], frame.table.columns[column]
        ends = np.where(values < 0, corners.min(axis=-1), corners.max(axis=-1))
        np.testing.assert_allclose(ends, np.clip(values, -1.5, 4.4), atol=1e-12)
        for value, (text, *_) in zip(values[:, 0], frame.texts[name][2], strict=True):
            assert ("←" in text) == (value < -1.5) and ("→" in text) == (value > 4.4)


def test_the_bent_curve_is_a_density_and_p_where_the_critic_is_right(drawn):
    _, raws, _, frame = drawn
    x, height = np.moveaxis(frame.shapes["bent"][:, 0], -1, 0)
    right = height[row_of(raws, (-4, 0, 4))]
    np.testing.assert_allclose(right, P.pdf(x[0]), atol=1e-12)
    np.testing.assert_allclose(height[row_of(raws, (2, 2, 2))], Q.pdf(x[0]), atol=1e-12)
    narrow = height[row_of(raws, (-2, 2, -2))]
    assert np.trapezoid(narrow, x[0]) == pytest.approx(1, abs=5e-3)


def test_the_tasks_are_done_where_they_say_so(drawn):
    _, raws, _, frame = drawn
    constant, both, pushed = (task.reached for task in frame.tasks)
    shapes = [tuple(int(raw[name]) for name in ("left", "middle", "right")) for raw in raws]
    assert {s for s, done in zip(shapes, constant, strict=True) if done} == {
        (c - 4, c, c + 4) for c in (-1, 1, 2)
    }
    assert {s for s, done in zip(shapes, both, strict=True) if done} == {(-3, 1, 5)}
    assert pushed.any()
    assert all(raws[i]["sample"] == 0 for i in np.flatnonzero(pushed))
    assert (readout(frame, "DV of the sample")[pushed] > 5).all()
    for preset in drawn[0].spec["presets"]:
        assert not pushed[row_of(raws, tuple(preset["state"].values()))]


def test_the_sentence_tells_the_gap_and_on_which_side_the_sample_is(drawn):
    _, raws, _, frame = drawn
    dv, seen = readout(frame, "DV"), readout(frame, "DV of the sample")
    for i, text in enumerate(frame.sentence):
        gap = 2 - dv[i]
        assert ("is P, so DV is the truth" in text) == (gap < 5e-4)
        assert ("above the truth" in text) == (seen[i] > 2)
        assert ("fresh" in text) == (raws[i]["sample"] == 1)


# The best critic, on samples


@pytest.fixture(scope="module")
def best():
    explorer = unit_18.best_critic_on_samples()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_18._update_best(state)


def by_hand(truth, n, runs=200):
    """DV, NWJ and InfoNCE with the same noise, run by run and row by row."""
    of_p, of_q = np.random.default_rng(18).standard_normal((2, runs, 2048))
    mean = math.sqrt(2 * truth)
    found = []
    for run in range(runs):
        x, y = mean + of_p[run, :n], of_q[run, :n]
        at_p, at_q = log_ratio(x, mean), log_ratio(y, mean)
        z = np.exp(at_q).mean()
        others = np.exp(at_q[: n - 1]).sum()
        nce = np.mean([math.log(math.exp(t) / ((math.exp(t) + others) / n)) for t in at_p])
        found.append((at_p.mean() - math.log(z), at_p.mean() + 1 - z, nce))
    return np.array(found)


def log_ratio(x, mean):
    return stats.norm.logpdf(x, mean) - stats.norm.logpdf(x)


@pytest.mark.parametrize(("truth", "n"), [(4, 512), (18, 512), (2, 8), (20, 2), (7, 64)])
def test_the_reports_are_quantiles_over_two_hundred_samples(best, truth, n):
    _, raws, _, frame = best
    found = by_hand(truth, n)
    i = raws.index({"truth": float(truth), "doublings": math.log2(n)})
    for place, label in enumerate(("5 % below", "median", "5 % above")):
        wanted = np.quantile(found, (0.05, 0.5, 0.95)[place], axis=0)
        np.testing.assert_allclose(frame.table.columns[label][i], wanted, rtol=1e-9, atol=1e-9)
    share = 100 * (found[:, 0] > truth).mean()
    assert readout(frame, "DV above the truth")[i] == pytest.approx(share)


def mean_log_of_mean(mean, n):
    """E of log of the mean of exp(mean y - mean²/2) over n points of Q, by Frullani's integral."""
    y = np.linspace(-9, 9, 4001)
    weight = stats.norm.pdf(y) * (y[1] - y[0])
    u = np.arange(-80, 80, 0.5)
    parts = [np.exp(-np.exp(a + mean * y - mean**2 / 2) / n) @ weight for a in u]
    return float(np.sum(np.exp(-np.exp(u)) - np.array(parts) ** n) * 0.5)


@pytest.mark.parametrize(("truth", "n"), [(2, 32), (8, 512), (18, 512)])
def test_the_mean_of_dv_is_the_exact_one_within_three_standard_errors(truth, n):
    found = by_hand(truth, n)[:, 0]
    exact = truth - mean_log_of_mean(math.sqrt(2 * truth), n)
    assert abs(found.mean() - exact) < 3 * found.std() / math.sqrt(len(found))


def test_no_info_nce_is_above_log_n_and_nwj_never_above_dv(best):
    _, _, state, frame = best
    highest = frame.table.columns["5 % above"]
    assert (highest[:, 2] <= state.doublings * math.log(2)).all()
    for column in frame.table.columns.values():
        assert (column[:, 1] <= column[:, 0] + 1e-12).all()


def test_the_best_tasks_are_done_where_they_say_so(best):
    _, raws, _, frame = best
    nce, above, apart = (task.reached for task in frame.tasks)
    median = frame.table.columns["median"]
    truth = np.array([raw["truth"] for raw in raws])
    np.testing.assert_array_equal(nce, (truth >= 5) & (truth - median[:, 2] <= 0.5))
    np.testing.assert_array_equal(above, readout(frame, "DV above the truth") >= 95)
    np.testing.assert_array_equal(apart, median[:, 0] - median[:, 1] > 10)
    assert nce.any() and above.any() and apart.any()


def test_the_level_line_stands_at_log_n(best):
    handle = next(h for h in best[0].spec["layout"]["handles"] if "y" in h)
    assert handle["y"]["control"] == "doublings"
    assert handle["y"]["scale"] == pytest.approx(math.log(2))
    _, raws, _, frame = best
    for raw, (text,) in zip(raws, frame.texts["ceiling"][2], strict=True):
        assert text == f"log N = {math.log(2 ** int(raw['doublings'])):.2f}"


def test_the_sentence_says_whether_log_n_is_in_the_way(best):
    _, raws, _, frame = best
    for raw, text in zip(raws, frame.sentence, strict=True):
        beyond = raw["truth"] > raw["doublings"] * math.log(2) - 1
        assert ("cannot pass log N" in text) == beyond
