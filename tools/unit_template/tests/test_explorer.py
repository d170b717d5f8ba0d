"""The picture of unit NN, by a second route."""

import numpy as np

from klteach.units.uNN_SLUG import explorer
from tests.units.states import readout, state_of


def test_the_readout_is_what_it_is_called():
    raws, state = state_of(explorer.share_and_odds())
    frame = explorer._update(state)
    np.testing.assert_allclose(readout(frame, "odds"), 1 / (1 / state.share - 1))  # TODO
    assert len(raws) == 19
