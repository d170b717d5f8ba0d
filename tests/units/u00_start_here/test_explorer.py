"""The picture of unit 00: the gauge and the bar."""

import numpy as np

from klteach.units.u00_start_here import explorer as unit_00
from tests.units.states import state_of


def test_the_gauge_points_where_the_bar_stands_and_praises_only_one_half():
    explorer = unit_00.reach_one_half()
    raws, state = state_of(explorer)
    frame = unit_00._update(state)
    tip = frame.shapes["needle"][:, 0, 1]
    angle = np.degrees(np.arctan2(tip[:, 1], tip[:, 0]))
    np.testing.assert_allclose(angle, 180 * (1 - state.height), atol=1e-9)
    praised = [
        raw["height"] for raw, text in zip(raws, frame.sentence, strict=True) if "works" in text
    ]
    assert praised == [0.5]
