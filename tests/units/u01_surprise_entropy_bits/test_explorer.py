"""The picture of unit 01: areas and numbers by a second route, bounds in every state."""

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
        else:
            assert p.max() == 1
