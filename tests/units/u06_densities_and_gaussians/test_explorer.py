"""The pictures of unit 06: areas and numbers by quadrature, their bounds in every state."""

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u06_densities_and_gaussians import explorer as unit_06
from tests.units.states import area, readout, state_of


def kl_by_quadrature(p, q):
    x = np.linspace(p.ppf(1e-15), p.isf(1e-15), 20_001)
    return np.trapezoid(p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), x)


# Two normals


@pytest.fixture(scope="module")
def gaussians():
    raws, state = state_of(unit_06.two_gaussians(), count=60)
    return raws, state, unit_06._update_gaussians(state)


def pair(state, row):
    return (
        stats.norm(state.mean_p[row], state.sd_p[row]),
        stats.norm(state.mean_q[row], state.sd_q[row]),
    )


def rows_with(state, width):
    return np.flatnonzero(np.array(unit_06.WIDTHS)[state.bins] == width)


def test_both_directions_by_quadrature(gaussians):
    _, state, frame = gaussians
    for row in rows_with(state, 0):
        p, q = pair(state, row)
        assert readout(frame, "KL(P‖Q)")[row] == pytest.approx(kl_by_quadrature(p, q), abs=1e-8)
        assert readout(frame, "KL(Q‖P)")[row] == pytest.approx(kl_by_quadrature(q, p), abs=1e-8)


def test_the_positive_area_less_the_negative_one_is_kl(gaussians):
    _, state, frame = gaussians
    inside = [
        row
        for row in rows_with(state, 0)
        if abs(state.mean_p[row]) + 4 * state.sd_p[row] < 7  # the picture shows all of P
    ]
    assert len(inside) > 10
    positive, negative = (
        area(frame.shapes[name][inside])[:, 0] for name in ("positive", "negative")
    )
    kl = readout(frame, "KL(P‖Q)")[inside]
    np.testing.assert_allclose(positive - negative, kl, rtol=2e-3, atol=2e-3)


def test_the_areas_of_the_sentence(gaussians):
    _, state, frame = gaussians
    for row in rows_with(state, 0)[:15]:
        p, q = pair(state, row)
        grid = np.linspace(p.ppf(1e-16), p.isf(1e-16), 400_001)
        gain = p.pdf(grid) * np.maximum(p.logpdf(grid) - q.logpdf(grid), 0)
        above = np.trapezoid(gain, grid)
        assert f"Area /// {above:.3f} less area \\\\\\" in frame.sentence[row]


def test_equal_widths_are_said_to_be_symmetric_and_are(gaussians):
    explorer = unit_06.two_gaussians()
    start = {preset["name"]: preset["state"] for preset in explorer.spec["presets"]}
    equal = {"bins": 0} | start["equal widths"]
    raws = [equal | {"mean_q": mean} for mean in (-2.0, -0.3, 0.55, 2.0)]
    frame = unit_06._update_gaussians(explorer._numeric(raws))
    forward, reverse = readout(frame, "KL(P‖Q)"), readout(frame, "KL(Q‖P)")
    np.testing.assert_allclose(forward, reverse, rtol=1e-12)
    np.testing.assert_allclose(forward, [raw["mean_q"] ** 2 / 2 for raw in raws])
    assert all("with equal widths KL(Q‖P) is the same" in text for text in frame.sentence)
    _, state, frame = gaussians
    said = ["is the same" in text for text in frame.sentence]
    unequal = (state.sd_p != state.sd_q) & (state.bins == 0)
    assert unequal.any() and not np.array(said)[unequal].any()


@pytest.mark.parametrize("width", [0.25, 0.5, 1.0, 2.0, 4.0])
def test_the_kl_of_the_bins_is_a_sum_over_their_masses(gaussians, width):
    _, state, frame = gaussians
    for row in rows_with(state, width):
        p, q = pair(state, row)
        # masses of a bin on the side where differences of the distribution function keep digits
        low = np.arange(-40, 40, width)
        masses = [
            np.where(
                low >= d.mean(), d.sf(low) - d.sf(low + width), d.cdf(low + width) - d.cdf(low)
            )
            for d in (p, q)
        ]
        seen = (masses[0] > 1e-14) & (masses[1] > 0)
        total = special.rel_entr(masses[0][seen], masses[1][seen]).sum()
        assert readout(frame, "KL of the bins")[row] == pytest.approx(total, abs=1e-6)
        assert f"Bins of width {width:g}" in frame.sentence[row]


def test_a_binned_curve_has_the_mean_height_of_its_bin(gaussians):
    _, state, frame = gaussians
    row = rows_with(state, 1.0)[3]
    p, _ = pair(state, row)
    heights = frame.shapes["p"][row, 0, 1:-1, 1]
    for edge in (-2, 0, 1):
        at = np.flatnonzero(np.isclose(unit_06.X, edge + 0.5))[0]
        assert heights[at] == pytest.approx(p.cdf(edge + 1) - p.cdf(edge))


def test_narrower_bins_see_more_and_never_more_than_there_is():
    explorer = unit_06.two_gaussians()
    raws, _ = state_of(explorer, count=40)
    raws = [raw for raw in raws if raw["bins"] == 0]
    kl = readout(unit_06._update_gaussians(explorer._numeric(raws)), "KL(P‖Q)")
    seen = []
    for width in range(len(unit_06.WIDTHS) - 1, 0, -1):  # 4, 2, 1, ½, ¼: each halves the one before
        state = explorer._numeric([raw | {"bins": width} for raw in raws])
        seen.append(readout(unit_06._update_gaussians(state), "KL of the bins"))
    assert (np.diff(seen, axis=0) >= -1e-12).all()
    assert (seen[-1] <= kl + 1e-12).all()
    gaps = kl - np.array(seen[-2:])
    assert (gaps[1] <= 0.3 * gaps[0] + 1e-12).all()  # half the width, a quarter of the loss


def test_the_invariants_of_two_normals_hold_with_a_margin(gaussians):
    _, state, frame = gaussians
    different = (state.mean_p != state.mean_q) | (state.sd_p != state.sd_q)
    assert (frame.invariants[0].margins[different] > 0).all()
    binned = different & (state.bins > 0)
    assert (frame.invariants[1].margins[binned] > 0).all()


def test_equal_normals_leave_nothing():
    explorer = unit_06.two_gaussians()
    same = {"mean_p": 0.35, "sd_p": 0.7, "mean_q": 0.35, "sd_q": 0.7}
    frame = unit_06._update_gaussians(explorer._numeric([same | {"bins": b} for b in range(6)]))
    assert (readout(frame, "KL(P‖Q)") == 0).all() and (readout(frame, "KL of the bins") == 0).all()
    assert (area(frame.shapes["positive"]) == 0).all()
    assert all(text.startswith("Q is P") for text in frame.sentence)


def test_the_tops_that_are_dragged_are_those_of_the_bells(gaussians):
    explorer = unit_06.two_gaussians()
    axes = explorer._picture.axes["densities"]
    names = {control.name: control for control in explorer._controls}
    for handle, letter in zip(explorer.spec["layout"]["handles"], "pq", strict=True):
        across, up = handle["x"], handle["y"]
        assert (across["control"], up["control"]) == (f"mean_{letter}", f"sd_{letter}")
        for sd in names[up["control"]].every():
            height = stats.norm(0, sd).pdf(0)
            assert up["scale"] * sd ** up["power"] == pytest.approx(height)
            assert height < axes.get_ylim()[1]
    _, state, frame = gaussians
    for letter, mean, sd in (
        ("P", state.mean_p, state.sd_p),
        ("Q", state.mean_q, state.sd_q),
    ):
        x, y, _ = frame.texts[letter]
        np.testing.assert_allclose(y, stats.norm(mean, sd).pdf(x))


def test_the_tasks_of_the_normals_are_done_where_they_say_so():
    explorer = unit_06.two_gaussians()
    start = {control.name: control.describe()["value"] for control in explorer._controls}
    equal = start | {"sd_q": 1.0, "mean_q": 2.0}
    raws = [
        start,
        equal,
        equal | {"mean_q": 1.0},  # the same both ways, and not more than 0.5
        start | {"bins": 2},  # width ½
        start | {"bins": 3},
    ]
    tasks = unit_06._update_gaussians(explorer._numeric(raws)).tasks
    assert tasks[0].reached.tolist() == [False, True, False, False, False]
    p, q = stats.norm(0, 1), stats.norm(1, 2)
    kept = [0, 0, 0, 0.437, 0.419]  # of the bins, as the lesson has them
    enough = [nats > 0.99 * kl_by_quadrature(p, q) for nats in kept]
    assert tasks[1].reached.tolist() == enough == [False, False, False, False, False]
    narrow = unit_06._update_gaussians(explorer._numeric([start | {"bins": 1}])).tasks
    assert narrow[1].reached.tolist() == [True]


def test_an_area_that_leaves_the_picture_says_how_high_it_rises():
    explorer = unit_06.two_gaussians()
    start = {control.name: control.describe()["value"] for control in explorer._controls}
    raws = [start, start | {"mean_q": 2.0, "sd_q": 0.5}]
    frame = unit_06._update_gaussians(explorer._numeric(raws))
    p, q = stats.norm(0, 1), stats.norm(2, 0.5)
    terms = p.pdf(unit_06.X) * (p.logpdf(unit_06.X) - q.logpdf(unit_06.X))
    said = [row[0] for row in frame.texts["cut"][2]]
    assert said == ["", f"cut off: it rises to {terms.max():.1f}"]


def test_the_first_state_is_the_pair_of_the_lesson():
    line = repr(unit_06.two_gaussians())
    assert "KL(P‖Q): 0.443 nats" in line and "KL(Q‖P): 1.307 nats" in line


# A change of units


@pytest.fixture(scope="module")
def units():
    explorer = unit_06.change_units()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_06._update_units(state)


def test_the_numbers_in_every_unit_by_quadrature(units):
    _, _, state, frame = units
    for row in range(0, len(state.factor), 10):
        factor = state.factor[row]
        p, q = (
            stats.norm(factor * mean, factor * sd)
            for mean, sd in (unit_06.METRES_P, unit_06.METRES_Q)
        )
        kl = kl_by_quadrature(p, q)
        assert readout(frame, "KL(P‖Q)")[row] == pytest.approx(kl, abs=1e-9)
        assert readout(frame, "h(P)")[row] == pytest.approx(p.entropy(), abs=1e-9)
        assert readout(frame, "h(Q)")[row] == pytest.approx(q.entropy(), abs=1e-9)
        assert readout(frame, "h(P, Q)")[row] == pytest.approx(p.entropy() + kl, abs=1e-9)


def test_every_area_stays_what_it_is(units):
    _, _, _, frame = units
    for name in ("p", "q"):
        areas = area(frame.shapes[name])[:, 0]
        np.testing.assert_allclose(areas, areas[0], rtol=1e-12)
        np.testing.assert_allclose(areas, 1, atol=1e-3)


def test_the_stick_ends_where_the_metre_does(units):
    _, _, state, frame = units
    corners = frame.shapes["stick"][:, 0, :, 0]
    assert (corners.min(axis=1) == 0).all()
    np.testing.assert_allclose(corners.max(axis=1), state.factor)
    (line,) = unit_06.change_units().spec["layout"]["handles"]
    assert line["x"]["control"] == "factor"  # the line that is dragged stands at its end


def test_the_bar_of_kl_reaches_from_the_entropy_to_the_cross_entropy(units):
    _, _, _, frame = units
    corners = frame.shapes["kl"][:, 0, :, 0]
    np.testing.assert_allclose(corners.min(axis=1), readout(frame, "h(P)"))
    np.testing.assert_allclose(corners.max(axis=1), readout(frame, "h(P, Q)"))
    np.testing.assert_allclose(np.ptp(corners, axis=1), np.ptp(corners[0]))
    entropy = frame.shapes["h_p"][:, 0, :, 0]
    np.testing.assert_allclose(entropy.min(axis=1) + entropy.max(axis=1), readout(frame, "h(P)"))
    assert (entropy == 0).any(axis=1).all()


def test_the_entropies_move_by_the_log_of_the_factor_and_kl_does_not(units):
    _, raws, state, frame = units
    metres = raws.index({"factor": 1.0})
    for label in ("h(P)", "h(Q)", "h(P, Q)"):
        values = readout(frame, label)
        np.testing.assert_allclose(values - values[metres], np.log(state.factor), atol=1e-9)
    assert (readout(frame, "h(P)") < 0).any()
    changes = frame.table.columns["change"]
    np.testing.assert_allclose(changes[:, 3], 0, atol=1e-12)


def test_the_whole_picture_is_inside_its_axes(units):
    explorer, _, _, frame = units
    axes = explorer._picture.axes
    low, high = axes["densities"].get_ylim()
    for name in ("p", "q", "stick"):
        heights = frame.shapes[name][..., 1]
        assert low <= heights.min() and heights.max() <= high
    low, high = axes["scale"].get_xlim()
    for name in ("h_p", "kl"):
        places = frame.shapes[name][..., 0]
        assert low <= places.min() and places.max() <= high


def test_the_tasks_of_the_units_are_done_where_they_say_so(units):
    _, _, state, frame = units
    negative, grown = (task.reached for task in frame.tasks)
    entropies = np.array([stats.norm(0, 0.4 * factor).entropy() for factor in state.factor])
    np.testing.assert_array_equal(negative, entropies < 0)
    assert state.factor[grown] == pytest.approx([np.e], abs=0.01)


def test_how_many_states_there_are(units):
    _, raws, _, _ = units
    assert len(raws) == 151
