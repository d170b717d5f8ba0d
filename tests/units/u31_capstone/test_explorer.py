"""The picture of unit 31: nine dots and a cutoff, by a second route."""

import re

import numpy as np
import pytest

from klteach.units.u31_capstone import explorer as unit_31
from klteach.units.u31_capstone.scales import NAMES, js_of_shift, nine_scales
from tests.units.states import area, state_of
from tests.units.u31_capstone.test_lesson import MEASURES, js, shift_at


@pytest.fixture(scope="module")
def dots():
    explorer = unit_31.nine_dots()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_31._update(state)


def test_the_nine_values_are_those_of_the_definitions():
    assert tuple(MEASURES) == NAMES
    for shift in (0.02, 0.1, 0.34, 0.8, 1.2):
        expected = [measure(shift) for measure in MEASURES.values()]
        assert nine_scales(shift) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert nine_scales(0.0) == pytest.approx(np.zeros(9), abs=1e-7)
    for shift in (0.01, 1.0, 3.0):
        assert js_of_shift(shift) == pytest.approx(js(shift), rel=1e-6)


def test_a_dot_is_filled_from_the_cutoff_on(dots):
    _, raws, _, frame = dots
    values = nine_scales(np.array([raw["shift"] for raw in raws]))
    above = values >= np.array([raw["cutoff"] for raw in raws])[:, None] - 1e-9
    np.testing.assert_array_equal(area(frame.shapes["above"]) > 0, above)
    np.testing.assert_array_equal(area(frame.shapes["below"]) > 0, ~above)
    np.testing.assert_array_equal(frame.table.columns["above"], above)
    np.testing.assert_allclose(frame.table.columns["value"], values)
    middle = np.where(above[..., None], *(frame.shapes[k].mean(axis=2) for k in ("above", "below")))
    np.testing.assert_allclose(middle[..., 0], np.minimum(values, unit_31.END), atol=1e-12)
    np.testing.assert_allclose(
        middle[..., 1], np.broadcast_to(np.arange(9), values.shape), atol=1e-12
    )
    assert frame.readouts[2].strings == [f"{count} of 9" for count in above.sum(axis=1)]


def test_the_curve_of_p_has_its_peak_at_the_shift(dots):
    _, raws, _, frame = dots
    curve = frame.shapes["p"][:, 0]
    peak = curve[np.arange(len(raws)), curve[..., 1].argmax(axis=1)]
    np.testing.assert_allclose(peak[:, 0], [raw["shift"] for raw in raws], atol=1e-9)
    np.testing.assert_allclose(peak[:, 1], unit_31.PEAK)


def test_the_sentence_names_who_rings_or_who_does_not(dots):
    _, raws, _, frame = dots
    for text, raw in zip(frame.sentence, raws, strict=True):
        values = nine_scales(raw["shift"])
        ring = [n for n, v in zip(NAMES, values, strict=True) if v >= raw["cutoff"] - 1e-9]
        if len(ring) in (0, 9):
            assert text.endswith("none of the nine rings." if not ring else "all nine ring.")
            continue
        first, second = text.split(": ", 1)[1].split("; ")
        if len(ring) <= 9 - len(ring):
            assert second == f"the other {9 - len(ring)} do not."
            assert first.rsplit(" ", 1)[0].split(", ") == ring
        else:
            assert first == f"{len(ring)} ring"
            quiet = [name for name in NAMES if name not in ring]
            assert re.sub(r" do(es)? not\.", "", second).split(", ") == quiet


def test_the_tasks_are_done_where_they_say_so(dots):
    _, raws, _, frame = dots
    five, all_nine, psi_alone = (task.reached for task in frame.tasks)
    names = list(MEASURES)
    ring_at = np.array([shift_at(name) for name in names])
    for row, raw in enumerate(raws):
        if raw["cutoff"] == 0.1:
            assert five[row] == (np.sum(ring_at <= raw["shift"] + 1e-6) == 5)
            assert all_nine[row] == (raw["shift"] - 0.02 < ring_at.max() <= raw["shift"])
        else:
            assert not five[row] and not all_nine[row]
        psi, tv = raw["shift"] ** 2, MEASURES["total variation"](raw["shift"])
        assert psi_alone[row] == (psi >= raw["cutoff"] - 1e-9 and tv < raw["cutoff"])


def test_the_start_answers_no_prediction(dots):
    explorer = dots[0]
    assert "1 of 9" in repr(explorer)
    for name in ("JS (nats)", "JS (bits)", "KL"):
        assert f"{shift_at(name):.2f}" not in repr(explorer)
