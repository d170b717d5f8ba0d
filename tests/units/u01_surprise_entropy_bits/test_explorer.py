"""The picture of unit 01: areas and numbers by a second route, bounds in every state."""

import re

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u01_surprise_entropy_bits import explorer as unit_01
from tests.units.states import area, readout, state_of


@pytest.fixture(scope="module")
def surprise():
    explorer = unit_01.surprise_areas()
    raws, state = state_of(explorer, count=300)
    return raws, state, unit_01._update(state)


def test_the_areas_add_up_to_the_entropy(surprise):
    _, state, frame = surprise
    bits = stats.entropy(state.p, base=2, axis=-1)
    np.testing.assert_allclose(area(frame.shapes["areas"]).sum(axis=-1), bits, atol=1e-12)
    np.testing.assert_allclose(area(frame.shapes["entropy"])[:, 0], bits, atol=1e-12)


def test_the_unit_changes_the_number_and_not_the_areas(surprise):
    _, state, frame = surprise
    half = len(state.p) // 2
    assert (state.unit[:half] == 0).all()
    assert np.array_equal(frame.shapes["areas"][:half], frame.shapes["areas"][half:])
    bits, nats = np.split(readout(frame, "entropy H(p)"), 2)
    np.testing.assert_allclose(nats, bits * np.log(2), atol=1e-12)
    np.testing.assert_allclose(nats, special.entr(state.p[:half]).sum(axis=-1), atol=1e-12)


def test_the_ruler_measures_in_the_unit_that_is_shown(surprise):
    _, state, frame = surprise
    mark_at_3 = frame.shapes["ruler"][:, 3, 0, 0]
    expected = np.where(state.unit == 1, 3 / np.log(2), 3.0)
    np.testing.assert_allclose(mark_at_3, expected)


def test_the_sentence_names_the_largest_area(surprise):
    _, state, frame = surprise
    for p, text in zip(state.p, frame.sentence, strict=True):
        if "contributes most" in text:
            parts = special.entr(p)
            named = "abcd".index(text.split("; ")[1][0])
            assert parts[named] == pytest.approx(parts.max(), abs=1e-12)
            assert np.isclose(parts, parts.max(), rtol=1e-9).sum() == 1
        else:
            assert p.max() == 1 or "contribute most" in text


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((50, 50, 50, 50), "a, b, c and d contribute most: 0.500 each."),
        ((100, 50, 25, 25), "a and b contribute most: 0.500 each."),
        ((120, 40, 20, 20), "b, with share 0.200, contributes most: 0.464."),
    ],
)
def test_the_sentence_names_all_that_contribute_most(steps, words):
    state = unit_01.surprise_areas()._numeric([{"p": list(steps), "unit": 0}])
    assert unit_01._update(state).sentence[0].endswith(words)


def test_the_first_state_does_not_show_where_the_peak_is():
    """Prediction 01-peak is asked above the saved picture: no share of it is near 1/e."""
    start = np.array([120, 40, 20, 20]) / unit_01.TOTAL
    assert np.abs(start - 1 / np.e).min() > 0.1
    numbers = re.findall(r"\d\.\d+", repr(unit_01.surprise_areas()))
    assert numbers and all(abs(float(number) - 1 / np.e) > 0.02 for number in numbers)
