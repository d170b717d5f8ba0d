"""The pictures of unit 07, by a second route."""

import math
import re

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u07_chain_rule import explorer as unit_07
from tests.units.states import area, readout, state_of

# Two mosaics


@pytest.fixture(scope="module")
def mosaics():
    explorer = unit_07.two_mosaics()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_07._update_mosaics(state)


def texts(yes, please_yes, please_no):
    """Probabilities of yes please, yes thanks, no please, no thanks, one row per state."""
    no = 1 - yes
    cells = yes * please_yes, yes * (1 - please_yes), no * please_no, no * (1 - please_no)
    return np.stack(np.broadcast_arrays(*cells), axis=-1)


def joints(state):
    return (
        texts(state.p_yes, unit_07.PLEASE_AFTER_YES, unit_07.PLEASE_AFTER_NO),
        texts(state.q_yes, state.q_please_yes, state.q_please_no),
    )


def coins(a, b):
    return special.rel_entr(a, b) + special.rel_entr(1 - a, 1 - b)


def test_the_readouts_are_the_parts_and_the_whole(mosaics):
    _, raws, state, frame = mosaics
    p, q = joints(state)
    assert len(raws) == 9 * 9 * 7 * 7
    whole = special.rel_entr(p, q).sum(axis=1)
    first = coins(state.p_yes, state.q_yes)
    after_yes = coins(unit_07.PLEASE_AFTER_YES, state.q_please_yes)
    after_no = coins(unit_07.PLEASE_AFTER_NO, state.q_please_no)
    second = state.p_yes * after_yes + (1 - state.p_yes) * after_no
    for label, values in (
        ("KL of the first word", first),
        ("KL of the second, given the first", second),
        ("KL of the whole text", whole),
    ):
        np.testing.assert_allclose(readout(frame, label), values, atol=1e-12)
    np.testing.assert_allclose(first + second, whole, atol=1e-12)


def test_the_pieces_of_both_bars_lie_end_to_end_and_end_at_the_whole(mosaics):
    _, _, state, frame = mosaics
    whole = special.rel_entr(*joints(state)).sum(axis=1)
    margins, given = frame.shapes["margins"], frame.shapes["given"]
    for bar in (0, 1):
        pieces = np.stack([margins[:, bar], given[:, 2 * bar], given[:, 2 * bar + 1]], axis=1)
        left, right = pieces[..., 0].min(axis=-1), pieces[..., 0].max(axis=-1)
        np.testing.assert_allclose(left[:, 0], 0, atol=1e-12)
        np.testing.assert_allclose(left[:, 1:], right[:, :-1], atol=1e-12)
        np.testing.assert_allclose(right[:, -1], whole, atol=1e-9)
        tick = frame.shapes["whole"][:, bar, :, 0]
        np.testing.assert_allclose(tick, np.stack([whole, whole], axis=-1), atol=1e-12)
    assert unit_07.LONGEST > whole.max()


def test_the_lower_bar_begins_with_the_second_word_by_itself(mosaics):
    _, _, state, frame = mosaics
    p, q = joints(state)
    please_p, please_q = p[:, 0] + p[:, 2], q[:, 0] + q[:, 2]
    np.testing.assert_allclose(
        frame.shapes["margins"][:, 1, :, 0].max(axis=-1), coins(please_p, please_q), atol=1e-12
    )


def test_every_area_of_p_is_a_probability_and_q_is_cut_at_its_own(mosaics):
    _, _, state, frame = mosaics
    p, _ = joints(state)
    np.testing.assert_allclose(area(frame.shapes["p"]), p, atol=1e-12)
    left, right = frame.shapes["q"][:, 0], frame.shapes["q"][:, 1]
    np.testing.assert_allclose(left[..., 1], state.q_please_yes[:, None] * [1, 1])
    np.testing.assert_allclose(right[..., 1], state.q_please_no[:, None] * [1, 1])
    np.testing.assert_allclose(left[:, 1, 0], state.q_yes)
    np.testing.assert_allclose(right[:, 0, 0], state.q_yes)


def test_the_labels_stand_in_their_own_areas(mosaics):
    _, _, _, frame = mosaics
    for name in ("p", "q"):
        x, y, labels = frame.texts[f"areas_{name}"]
        assert ((x > 0) & (x < 1) & (y > 0) & (y < 1)).all()
        for row in labels[::97]:
            for label, text in zip(row, unit_07.TEXTS, strict=True):
                assert label in (text, text.split()[1], "")


def test_only_a_move_of_p_or_inside_a_column_moves_the_second_part(mosaics):
    """The first prediction: Q's upright cut leaves it as it is."""
    _, _, state, frame = mosaics
    second = readout(frame, "KL of the second, given the first")
    rest = np.stack([state.p_yes, state.q_please_yes, state.q_please_no], axis=-1)
    _, group = np.unique(rest, axis=0, return_inverse=True)
    for chosen in np.unique(group)[::7]:
        values = second[group == chosen]
        assert len(values) == 9 and np.ptp(values) < 1e-12


def test_the_sentence_and_the_labels_say_the_numbers(mosaics):
    _, _, state, frame = mosaics
    p, q = joints(state)
    whole = special.rel_entr(p, q).sum(axis=1)
    for row in range(0, len(whole), 61):
        text = frame.sentence[row]
        if whole[row] < 1e-12:
            assert text.startswith("Q is P")
            continue
        assert f"make {whole[row]:.3f} for the text" in text
        assert text.startswith(f"{coins(state.p_yes, state.q_yes)[row]:.3f} nats for the first")
        assert frame.texts["total"][2][row] == [f"KL of the text {whole[row]:.3f}"]
    assert any(text.startswith("Q is P") for text in frame.sentence)


def test_the_tasks_of_the_mosaics_are_done_where_they_say(mosaics):
    _, _, state, frame = mosaics
    free, halved, apart = (task.reached for task in frame.tasks)
    whole = special.rel_entr(*joints(state)).sum(axis=1)
    np.testing.assert_array_equal(free, (np.abs(state.p_yes - state.q_yes) < 1e-9) & (whole > 1e-9))
    assert set(state.q_yes[halved]) == {0.8} and set(state.q_please_no[halved]) == {0.4}
    assert set(np.round(state.p_yes[halved], 1)) == {0.1}
    p, q = joints(state)
    assert np.allclose(p[apart, 0] + p[apart, 1], q[apart, 0] + q[apart, 1])
    assert np.allclose(p[apart, 0] + p[apart, 2], q[apart, 0] + q[apart, 2])
    assert (whole[apart] > 0.01).all() and apart.any()


# Many tokens


@pytest.fixture(scope="module")
def tokens():
    explorer = unit_07.many_tokens()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_07._update_tokens(state)


def other_coin(kl):
    """r with KL of (½, ½) from (r, 1 - r) equal to kl."""
    return (1 + math.sqrt(1 - math.exp(-2 * kl))) / 2


def test_the_token_has_the_kl_that_it_is_called_by(tokens):
    _, raws, state, _ = tokens
    assert len(raws) == 50 * 19
    for kl in np.unique(state.kl):
        r = other_coin(kl)
        assert stats.entropy([0.5, 0.5], [r, 1 - r]) == pytest.approx(kl)


def test_the_sum_is_n_times_kl_and_the_band_holds_nine_texts_in_ten(tokens):
    _, _, state, frame = tokens
    np.testing.assert_allclose(readout(frame, "per text: n · KL"), state.tokens * state.kl)
    low, high = readout(frame, "nine texts in ten from"), readout(frame, "to")
    for row in range(0, len(low), 37):
        n, r = int(state.tokens[row]), other_coin(state.kl[row])
        heads = np.arange(n + 1)
        ratio = -heads * math.log(2 * (1 - r)) - (n - heads) * math.log(2 * r)
        mass = stats.binom.pmf(heads, n, 0.5)
        assert mass @ ratio == pytest.approx(n * state.kl[row])
        inside = mass[(ratio >= low[row] - 1e-9) & (ratio <= high[row] + 1e-9)].sum()
        assert 0.9 <= inside < 0.98


def test_the_band_widens_like_the_root_of_the_length(tokens):
    _, _, state, frame = tokens
    width = readout(frame, "to") - readout(frame, "nine texts in ten from")
    for kl in np.unique(state.kl):
        four = width[(state.kl == kl) & (state.tokens == 400)]
        one = width[(state.kl == kl) & (state.tokens == 100)]
        assert four / one == pytest.approx(2, rel=0.1)


def test_the_right_picture_is_the_left_one_divided_by_the_length(tokens):
    _, _, _, frame = tokens
    total, mean = frame.shapes["band_sum"][:, 0], frame.shapes["band_mean"][:, 0]
    lengths = unit_07.NODES
    count = len(lengths)
    np.testing.assert_allclose(mean[:, : count - 1, 1] * lengths[1:], total[:, 1:count, 1])
    assert total[..., 1].max() < 42 and total[..., 1].min() > -7


def test_the_tokens_sentence_says_the_ratio_and_where_nine_texts_in_ten_lie(tokens):
    _, _, state, frame = tokens
    ends = readout(frame, "nine texts in ten from"), readout(frame, "to")
    for row, (low, high) in enumerate(zip(*ends, strict=True)):
        text = frame.sentence[row].replace("−", "-")
        assert f"{unit_07._ratio(state.tokens[row] * state.kl[row])} times" in text
        assert re.search(r"between (-?[\d.]+) and", text)[1] == f"{low:.1f}".replace("-0.0", "0.0")
        assert text.endswith(f"and {high:.1f} nats.")


@pytest.mark.parametrize(
    ("nats", "words"),
    [(0.5, "1.65"), (5, "148"), (10, "22,026"), (25, "7.2 · 10¹⁰")],
)
def test_a_ratio_is_written_as_one_reads_it(nats, words):
    assert unit_07._ratio(nats) == words


def test_the_tasks_of_the_tokens_are_done_where_they_say(tokens):
    _, _, state, frame = tokens
    likelier, leaves = (task.reached for task in frame.tasks)
    assert (state.tokens[likelier] == 100).all()
    assert math.exp(100 * state.kl[likelier].min()) >= 10
    assert (state.kl[leaves] == 0.02).all() and leaves.any()
