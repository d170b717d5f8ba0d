"""The pictures of unit 21: shares, gradients and their lengths, by a second route."""

import math

import numpy as np
import pytest
from scipy import special

from klteach.data import digit_teacher, digits
from klteach.units.u21_distillation import explorer as unit_21
from tests.units.states import readout, state_of

STUDENT = np.array([1.0, 2.0, 0.0, 1.0])
HEATS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])


@pytest.fixture(scope="module")
def heated():
    explorer = unit_21.heat_the_teacher()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_21._update(state)


def teachers(state):
    return np.stack([state.one, state.seven, state.four, np.zeros(len(state.one))], axis=1)


def heat(state):
    return HEATS[state.doublings.astype(int)]


def kl_of(teacher, student, temperature):
    p = special.softmax(teacher / temperature, axis=-1)
    q = special.softmax(student / temperature, axis=-1)
    return special.rel_entr(p, q).sum(axis=-1)


def slopes(teacher, temperature):
    """The gradient by central differences, (states, 4)."""
    temperature = np.asarray(temperature, dtype=float)[:, None]
    steps = 1e-4 * np.eye(4)
    return np.stack(
        [
            (
                kl_of(teacher, STUDENT + step, temperature)
                - kl_of(teacher, STUDENT - step, temperature)
            )
            / 2e-4
            for step in steps
        ],
        axis=-1,
    )


def test_the_gradient_is_that_of_central_differences(heated):
    _, _, state, frame = heated
    expected = slopes(teachers(state), heat(state))
    np.testing.assert_allclose(frame.table.columns["gradient"], expected, atol=1e-6, rtol=0)
    lengths = readout(frame, "length of the gradient")
    np.testing.assert_allclose(lengths, np.sqrt((expected**2).sum(axis=1)), atol=1e-6)
    np.testing.assert_allclose(readout(frame, "× T²"), lengths * heat(state) ** 2)


def test_the_divergence_and_the_shares(heated):
    _, _, state, frame = heated
    kl = kl_of(teachers(state), STUDENT, heat(state)[:, None])
    np.testing.assert_allclose(readout(frame, "KL(teacher‖student) at T"), kl, atol=1e-12)
    odds = np.exp(teachers(state) / heat(state)[:, None])
    p = odds / odds.sum(axis=1, keepdims=True)
    heights = frame.shapes["teacher"][:, :, 2, 1]
    np.testing.assert_allclose(heights, p)
    others = np.exp(STUDENT / heat(state)[:, None])
    heights = frame.shapes["student"][:, :, 2, 1]
    np.testing.assert_allclose(heights, others / others.sum(axis=1, keepdims=True))
    ticks = frame.shapes["at one"]
    assert (ticks[:, :, 0, 1] == ticks[:, :, 1, 1]).all()
    np.testing.assert_allclose(ticks[:, :, 0, 1], special.softmax(teachers(state), axis=1))


def test_the_limit_is_where_the_scaled_length_goes(heated):
    _, _, state, frame = heated
    hot = np.full(len(state.one), 1e5)
    p, q = (special.softmax(z / 1e5, axis=-1) for z in (teachers(state), STUDENT))
    expected = np.linalg.norm((q - p) * hot[:, None], axis=1)
    np.testing.assert_allclose(readout(frame, "× T², for T → ∞"), expected, rtol=1e-3, atol=1e-6)


def test_the_arrows_are_the_pull_from_the_end_of_the_dashed_bars(heated):
    _, _, state, frame = heated
    arrows = frame.shapes["arrows"]
    weight = np.where(state.weight == 1, heat(state) ** 2, 1.0)[:, None]
    pull = -slopes(teachers(state), heat(state)) * weight
    np.testing.assert_allclose(arrows[:, :, 0, 1], np.broadcast_to(STUDENT, pull.shape))
    tips = arrows[:, :, 3, 1] - STUDENT
    np.testing.assert_allclose(tips, unit_21.PULL * pull, atol=3e-4)
    assert arrows[..., 1].min() > -2.5 and arrows[..., 1].max() < 4.6  # inside the panel


def test_the_lines_are_the_lengths_at_every_temperature(heated):
    _, _, state, frame = heated
    for place, temperature in enumerate(HEATS):
        length = np.linalg.norm(
            slopes(teachers(state), np.full(len(state.one), temperature)), axis=1
        )
        seen = length > 2 * unit_21.FLOOR
        for name, factor in (("raw", 1.0), ("scaled", temperature**2)):
            points = frame.shapes[name][:, 0, place]
            assert (points[:, 0] == place).all()
            np.testing.assert_allclose(points[seen, 1], factor * length[seen], rtol=1e-3)
    assert frame.shapes["scaled"][..., 1].max() < unit_21.CEILING
    moving = frame.shapes["raw"][..., 1][readout(frame, "× T²") > 1e-6]
    assert moving.min() > unit_21.FLOOR / 2


def test_the_diamond_stands_on_the_line_that_the_arrows_show(heated):
    _, _, state, frame = heated
    centre = frame.shapes["here"][:, 0, 0]
    shown = np.where(
        state.weight == 1, readout(frame, "× T²"), readout(frame, "length of the gradient")
    )
    np.testing.assert_allclose(centre[:, 0] + 0.11, state.doublings)
    np.testing.assert_allclose(centre[:, 1], np.maximum(shown, unit_21.FLOOR / 2))


def test_the_gradient_is_never_longer_than_its_bound(heated):
    _, _, state, frame = heated
    (invariant,) = frame.invariants
    lengths = readout(frame, "length of the gradient")
    np.testing.assert_allclose(invariant.margins, math.sqrt(2) / heat(state) - lengths)
    assert (invariant.margins > 0).all()


def test_the_tasks_are_done_where_they_say_so(heated):
    _, _, state, frame = heated
    faded, still = (task.reached for task in frame.tasks)
    teacher, temperature = teachers(state), heat(state)
    apart = teacher - STUDENT
    constant = np.ptp(apart, axis=1) < 1e-9
    now = np.linalg.norm(slopes(teacher, temperature), axis=1)
    first = np.linalg.norm(slopes(teacher, np.ones(len(now))), axis=1)
    np.testing.assert_array_equal(faded, ~constant & (now < 0.01 * first))
    np.testing.assert_array_equal(still, constant & (apart != 0).all(axis=1))
    assert set(teacher[still][:, 0]) == {0.0} and set(temperature[faded]) == {16.0}


def test_the_sentence_says_how_much_of_the_gradient_is_left(heated):
    _, raws, state, frame = heated
    teacher, temperature = teachers(state), heat(state)
    now = np.linalg.norm(slopes(teacher, temperature), axis=1)
    first = np.linalg.norm(slopes(teacher, np.ones(len(now))), axis=1)
    for row in np.random.default_rng(0).choice(len(raws), 300, replace=False):
        text = frame.sentence[row]
        if np.ptp(teacher[row] - STUDENT) == 0:
            assert "nothing pulls" in text
            continue
        second = np.sort(special.softmax(teacher[row]))[-2]
        if temperature[row] == 1:
            assert f"a share of {second:.3f}; the gradient has the length {now[row]:.3f}" in text
            continue
        assert f"At T = {temperature[row]:g} " in text
        assert f"T = 1 gives it {second:.3f}" in text
        assert f"1/{first[row] / now[row]:.0f} of its length" in text
        grown = temperature[row] ** 2 * now[row] / first[row] - 1
        word = "longer" if grown > 0 else "shorter"
        assert text.endswith(f"{abs(100 * grown):.0f} % {word}.")


def test_three_bars_and_the_line_are_dragged(heated):
    handles = heated[0].spec["layout"]["handles"]
    assert [handle["kind"] for handle in handles] == ["bar", "bar", "bar", "line"]
    assert len(heated[1]) == 7**3 * 5 * 2


def test_the_first_state_is_the_pair_of_the_prediction(heated):
    assert "KL(teacher‖student) at T: 0.9604 nats" in repr(heated[0])
    start = {control["name"]: control["value"] for control in heated[0].spec["controls"]}
    assert [start[name] for name in unit_21.DRAGGED] == [4, 2, 1]


# What the teacher says of an image


@pytest.fixture(scope="module")
def images():
    explorer = unit_21.what_the_teacher_sees()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_21._update_images(state)


def test_each_image_is_one_that_the_teacher_gets_right_with_some_doubt():
    rows = unit_21.doubtful()
    assert (digits().labels[rows] == np.arange(10)).all()
    p = special.softmax(digit_teacher()[rows], axis=1)
    assert (p.argmax(axis=1) == np.arange(10)).all()
    assert (abs(p.max(axis=1) - 0.9) < 0.02).all()


def test_the_bars_are_the_shares_of_the_teacher(images):
    _, _, state, frame = images
    temperature = heat(state)
    odds = np.exp(
        digit_teacher()[unit_21.doubtful()][state.image.astype(int)] / temperature[:, None]
    )
    p = odds / odds.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(frame.shapes["shares"][:, :, 2, 1], p)
    np.testing.assert_allclose(readout(frame, "smallest share"), p.min(axis=1))
    np.testing.assert_allclose(readout(frame, "largest other share"), np.sort(p, axis=1)[:, -2])
    np.testing.assert_allclose(readout(frame, "entropy"), special.entr(p).sum(axis=1))
    margins = frame.invariants[0].margins
    np.testing.assert_allclose(margins, special.rel_entr(p, 0.1).sum(axis=1))  # KL to the uniform
    assert (margins > 0).all()


def test_the_ticks_have_the_same_first_share_and_an_even_rest(images):
    _, _, _, frame = images
    bars, ticks = frame.shapes["shares"][:, :, 2, 1], frame.shapes["evenly"][:, :, 0, 1]
    np.testing.assert_allclose(ticks.sum(axis=1), 1)
    np.testing.assert_allclose(ticks.max(axis=1), bars.max(axis=1))
    np.testing.assert_allclose(np.sort(ticks, axis=1)[:, :-1].std(axis=1), 0, atol=1e-12)


def test_the_squares_hold_the_ink(images):
    _, _, state, frame = images
    squares = frame.shapes["ink"]
    area = np.ptp(squares[..., 0], axis=-1) * np.ptp(squares[..., 1], axis=-1)
    expected = digits().images[unit_21.doubtful()][state.image.astype(int)].reshape(-1, 64) / 16
    np.testing.assert_allclose(area, expected, atol=1e-12)
    centre = squares.mean(axis=2)
    np.testing.assert_allclose(centre[:, :, 0], np.tile(np.arange(8) + 0.5, 8)[None].repeat(50, 0))


def test_the_triangle_stands_below_the_label_and_the_sentence_names_it(images):
    _, raws, _, frame = images
    marks = frame.shapes["label"][:, 0]
    for raw, mark, text in zip(raws, marks, frame.sentence, strict=True):
        assert mark[2, 0] == raw["image"] and mark[:, 1].max() < 0
        assert text.startswith(f"The label says {raw['image']:.0f} and no more. At T = ")
    assert "The label says 7 and no more." in repr(images[0])
