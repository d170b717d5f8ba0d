"""The picture of unit 15: loss and KL over the mean of a model, by a second route."""

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u15_maximum_likelihood import explorer as unit_15
from tests.units.states import area, readout, state_of

COUNTS = np.array(list(unit_15.DAYS.values()))
SHARES = COUNTS / unit_15.ROWS


def log_pmf(family, means):
    """log q of each value by SciPy, (..., values), for the family and the mean of each state."""
    means = np.asarray(means)[..., None]
    poisson = stats.poisson.logpmf(unit_15.VALUES, means)
    geometric = stats.geom.logpmf(unit_15.VALUES + 1, 1 / (1 + means))
    family = np.asarray(family).reshape(-1, *[1] * (means.ndim - 1))
    return np.where(family == 0, poisson, geometric)


@pytest.fixture(scope="module")
def valley():
    explorer = unit_15.one_valley()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_15._update(state)


def losses(state, means=None):
    """The mean of -log q, for the means of the states or for others, (states, ...)."""
    means = state.mean if means is None else means
    shares = SHARES[state.days].reshape(len(state.mean), *[1] * (np.ndim(means) - 1), -1)
    return -(shares * log_pmf(state.family, means)).sum(axis=-1)


def means_of_rows(state):
    return (SHARES @ unit_15.VALUES)[state.days]


def entropies(state):
    return stats.entropy(SHARES, axis=1)[state.days]


def lowest(state):
    return np.isclose(state.mean, means_of_rows(state))


def test_the_readouts_are_loss_entropy_and_divergence(valley):
    _, raws, state, frame = valley
    assert len(raws) == 87 * 5 * 2
    np.testing.assert_allclose(readout(frame, "loss, mean of −log q"), losses(state), rtol=1e-12)
    np.testing.assert_allclose(readout(frame, "H(P̂)"), entropies(state), rtol=1e-12)
    kl = special.rel_entr(SHARES[state.days], np.exp(log_pmf(state.family, state.mean)))
    np.testing.assert_allclose(readout(frame, "KL(P̂‖Q)"), kl.sum(axis=-1), atol=1e-12)


def test_the_margins_are_what_they_are_called(valley):
    _, _, state, frame = valley
    positive, split, least = (invariant.margins for invariant in frame.invariants)
    np.testing.assert_allclose(positive, losses(state) - entropies(state), atol=1e-12)
    np.testing.assert_allclose(split, 0, atol=1e-12)
    at_the_mean = losses(state, means_of_rows(state))
    np.testing.assert_allclose(least, losses(state) - at_the_mean, atol=1e-12)


def test_both_families_have_their_lowest_loss_at_the_mean_of_the_rows(valley):
    _, _, state, _ = valley
    found = losses(state)
    for days in range(5):
        for family in (0, 1):
            here = (state.days == days) & (state.family == family)
            assert lowest(state)[here][np.argmin(found[here])]


def test_there_are_twenty_days_and_three_draws_from_one_poisson():
    assert (COUNTS.sum(axis=1) == unit_15.ROWS).all()
    random = np.random.default_rng(31)
    for counts in COUNTS[:3]:
        drawn = np.bincount(random.poisson(3, 20), minlength=len(unit_15.VALUES))
        np.testing.assert_array_equal(counts, drawn)


def test_the_bars_are_the_shares_and_the_model(valley):
    _, _, state, frame = valley
    for name, heights in (
        ("p", SHARES[state.days]),
        ("q", np.exp(log_pmf(state.family, state.mean))),
    ):
        np.testing.assert_allclose(area(frame.shapes[name]), 0.8 * heights, atol=1e-12)


def test_there_is_a_tick_for_each_row_below_its_value(valley):
    _, _, state, frame = valley
    places = frame.shapes["rug"].mean(axis=2)
    assert (places[..., 1] < 0).all()
    for ticks, days in zip(places[..., 0], state.days, strict=True):
        np.testing.assert_array_equal(np.round(ticks), np.repeat(unit_15.VALUES, COUNTS[days]))
        assert len(set(ticks.tolist())) == 20


def test_the_two_bars_are_kl_and_entropy_and_end_at_the_dots(valley):
    _, _, state, frame = valley
    loss, entropy = losses(state), entropies(state)
    tops = {"kl": (0 * loss, loss - entropy), "entropy": (loss - entropy, loss)}
    for name, (bottom, top) in tops.items():
        heights = frame.shapes[name][:, 0, :, 1]
        np.testing.assert_allclose(heights.min(axis=-1), bottom, atol=1e-12)
        np.testing.assert_allclose(heights.max(axis=-1), top, atol=1e-12)
    for name, height in (("loss dot", loss), ("kl dot", loss - entropy)):
        centre = frame.shapes[name][:, 0].mean(axis=1)
        np.testing.assert_allclose(centre, np.stack([state.mean, height], axis=-1), atol=1e-12)


def test_the_curves_are_the_same_but_for_the_entropy(valley):
    _, _, state, frame = valley
    upper, lower = (frame.shapes[name][:, 0] for name in ("loss curve", "kl curve"))
    np.testing.assert_array_equal(upper[..., 0], lower[..., 0])
    expected = np.repeat(entropies(state)[:, None], upper.shape[1], axis=1)
    np.testing.assert_allclose(upper[..., 1] - lower[..., 1], expected, atol=1e-12)
    np.testing.assert_allclose(upper[..., 1], losses(state, upper[..., 0]), rtol=1e-12)


def test_the_sentence_says_where_it_is_lower(valley):
    _, _, state, frame = valley
    loss, entropy = losses(state), entropies(state)
    for row, (text, best) in enumerate(zip(frame.sentence, lowest(state), strict=True)):
        assert f"{loss[row]:.3f} nats a row" in text
        assert f"{entropy[row]:.3f} of H(P̂) and {abs(loss[row] - entropy[row]):.3f} of KL" in text
        assert text.startswith("The lowest point of both curves") == bool(best)
        side = "left" if state.mean[row] > means_of_rows(state)[row] else "right"
        assert (f"further {side} it" in text) != bool(best)


def test_the_tasks_are_done_where_they_say_so(valley):
    _, _, state, frame = valley
    poisson, geometric, steady = (task.reached for task in frame.tasks)
    np.testing.assert_array_equal(poisson, lowest(state) & (state.family == 0))
    np.testing.assert_array_equal(geometric, lowest(state) & (state.family == 1))
    loss, kl = losses(state), losses(state) - entropies(state)
    np.testing.assert_array_equal(steady, (loss < 1.7) & (kl > 0.5))
    assert set(state.days[steady]) == {list(unit_15.DAYS).index("steady days")}


def test_a_name_beside_the_bar_stands_between_the_curves(valley):
    _, _, state, frame = valley
    x, y, names = frame.texts["parts"]
    loss = losses(state, x[:, 0])
    kl = loss - entropies(state)
    for row, (kl_name, entropy_name) in enumerate(names):
        low, high = y[row]
        assert kl_name in ("", "KL") and entropy_name in ("", "H(P̂)")
        assert not kl_name or 0.2 < low < kl[row] < unit_15.HIGHEST
        assert not entropy_name or kl[row] + 0.2 < high < loss[row] - 0.2
        assert not entropy_name or loss[row] < unit_15.HIGHEST


def test_line_and_dot_are_dragged_for_the_mean(valley):
    line, dot = valley[0].spec["layout"]["handles"]
    assert (line["kind"], line["x"]["control"]) == ("line", "mean")
    assert (dot["kind"], dot["controls"], dot["id"]) == ("held", ["mean"], "shape-loss dot-0")
