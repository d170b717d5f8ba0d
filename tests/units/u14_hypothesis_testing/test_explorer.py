"""The pictures of unit 14: exact error rates and flips, against walks that were simulated."""

import math

import mpmath
import numpy as np
import pytest
from scipy import stats

from klteach.units.u14_hypothesis_testing import explorer as unit_14
from tests.units.second_route import kl
from tests.units.states import readout, state_of

P, Q = 0.8, 0.5
HEADS, TAILS = math.log(1.6), math.log(0.4)
KL_P, KL_Q = kl([P, 1 - P], [Q, 1 - Q]), kl([Q, 1 - Q], [P, 1 - P])
WALKS = 100_000


@pytest.fixture(scope="module")
def between():
    explorer = unit_14.two_thresholds()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_14._update_walks(state)


@pytest.fixture(scope="module")
def one():
    explorer = unit_14.one_threshold()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_14._update_errors(state)


def row_of(raws, **wanted):
    return next(i for i, raw in enumerate(raws) if wanted.items() <= raw.items())


# Two thresholds: the exact test


def simulated(heads, upper, lower, random):
    """(says P: 0 or 1, flips, place at the stop) of each of so many walks."""
    says_p, flips = np.zeros(WALKS, bool), np.zeros(WALKS, int)
    place, alive = np.zeros(WALKS), np.arange(WALKS)
    while len(alive):
        steps = np.where(random.random(len(alive)) < heads, HEADS, TAILS)
        place[alive] += steps
        flips[alive] += 1
        says_p[alive[place[alive] >= upper]] = True
        alive = alive[(place[alive] < upper) & (place[alive] > lower)]
    return says_p, flips, place


@pytest.mark.parametrize(("upper", "lower"), [(3.0, -3.0), (1.0, -1.0), (4.5, -2.0), (6.0, -0.5)])
def test_a_hundred_thousand_walks_agree_within_three_standard_errors(upper, lower):
    outcome = unit_14.sequential_test([upper], [lower])
    random = np.random.default_rng(round(100 * (upper - lower)))
    for index, heads in enumerate((P, Q)):
        says_p, flips, place = simulated(heads, upper, lower, random)
        for found, exact in (
            (says_p, outcome.says_p),
            (~says_p, outcome.says_q),
            (flips, outcome.mean_flips),
            (place, outcome.mean_walk),
        ):
            error = found.std() / math.sqrt(WALKS)
            assert abs(found.mean() - exact[0, index]) < 3 * error


def linear(heads, upper, lower):
    """P(says P) and the mean flips with as many equations as there are places to stand on.

    The walk stands where its heads and tails put it, so the places are followed for 400 flips,
    each flip a step of a chain whose transitions are solved backwards from the end.
    """
    says_p, flips = {}, {}
    for n in range(400, -1, -1):
        for k in range(n + 1):
            place = k * HEADS + (n - k) * TAILS
            if n and place >= upper:
                says_p[n, k], flips[n, k] = 1.0, 0.0
            elif n and place <= lower:
                says_p[n, k], flips[n, k] = 0.0, 0.0
            elif n == 400:
                says_p[n, k], flips[n, k] = 0.5, 0.0  # hardly ever reached
            else:
                up, down = (n + 1, k + 1), (n + 1, k)
                says_p[n, k] = heads * says_p[up] + (1 - heads) * says_p[down]
                flips[n, k] = 1 + heads * flips[up] + (1 - heads) * flips[down]
    return says_p[0, 0], flips[0, 0]


@pytest.mark.parametrize(("upper", "lower"), [(3.0, -3.0), (0.5, -0.5), (2.5, -4.0)])
def test_the_same_by_backward_induction(upper, lower):
    outcome = unit_14.sequential_test([upper], [lower])
    for index, heads in enumerate((P, Q)):
        says_p, flips = linear(heads, upper, lower)
        assert outcome.says_p[0, index] == pytest.approx(says_p, abs=1e-9)
        assert outcome.mean_flips[0, index] == pytest.approx(flips, rel=1e-8)


def test_many_pairs_at_once_are_the_same_as_each_by_itself():
    pairs = [(0.5, -6.0), (6.0, -0.5), (6.0, -6.0), (3.0, -1.75)]
    together = unit_14.sequential_test(*np.transpose(pairs), shown=40)
    for row, (upper, lower) in enumerate(pairs):
        alone = unit_14.sequential_test([upper], [lower], shown=40)
        for name in ("says_p", "says_q", "mean_flips", "mean_walk", "decided"):
            np.testing.assert_allclose(
                getattr(together, name)[row], getattr(alone, name)[0], rtol=1e-11, atol=1e-15
            )


def test_every_pair_ends_with_a_decision_and_obeys_walds_identity(between):
    _, _, _, frame = between
    says_p, says_q = frame.table.columns["says P"], frame.table.columns["says Q"]
    flips, walk = frame.table.columns["mean flips"], frame.table.columns["mean walk"]
    np.testing.assert_allclose(says_p + says_q, 1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(walk, flips * [KL_P, -KL_Q], rtol=1e-10)


def test_thresholds_without_an_end_are_refused(monkeypatch):
    monkeypatch.setattr(unit_14, "LONGEST", 20)
    with pytest.raises(ValueError, match="still between the thresholds"):
        unit_14.sequential_test([6.0], [-6.0])


# Two thresholds: the picture


def test_the_readouts_the_margins_and_the_sentence_are_those_of_the_table(between):
    _, _, state, frame = between
    says_p, says_q = frame.table.columns["says P"], frame.table.columns["says Q"]
    np.testing.assert_allclose(readout(frame, "P true: says Q (type I)"), 100 * says_q[:, 0])
    np.testing.assert_allclose(readout(frame, "Q true: says P (type II)"), 100 * says_p[:, 1])
    lower, upper = frame.invariants
    np.testing.assert_allclose(lower.margins, np.exp(state.lower) - says_q[:, 0])
    np.testing.assert_allclose(upper.margins, np.exp(-state.upper) - says_p[:, 1])
    for row in range(0, len(says_p), 53):
        sentence = frame.sentence[row]
        assert f"takes {readout(frame, 'P true: mean flips')[row]:.1f} flips" in sentence
        assert f"{readout(frame, 'Q true: mean flips')[row]:.1f} flips and" in sentence


def test_a_drawn_walk_ends_where_it_first_meets_a_threshold(between):
    _, raws, state, frame = between
    streams = unit_14.walks()
    assert streams.shape == (2, unit_14.WALKS, unit_14.FLIPS + 1)
    steps = np.diff(streams, axis=-1)
    assert np.isclose(steps, HEADS).sum() + np.isclose(steps, TAILS).sum() == steps.size
    for row in range(0, len(raws), 37):
        truth = raws[row]["truth"]
        drawn = frame.shapes["walks_" + "pq"[truth]][row]
        assert np.isnan(frame.shapes["walks_" + "qp"[truth]][row]).all()
        for path, stream in zip(drawn, streams[truth], strict=True):
            stop = int(path[-1, 0])
            np.testing.assert_allclose(path[: stop + 1, 1], stream[: stop + 1])
            inside = (path[:stop, 1] < state.upper[row]) & (path[:stop, 1] > state.lower[row])
            assert inside.all()
            ended = not state.lower[row] < path[-1, 1] < state.upper[row]
            assert ended or stop == unit_14.FLIPS


def test_the_dotted_line_has_the_slope_of_the_coin_that_is_flipped(between):
    _, raws, _, frame = between
    ends = frame.shapes["drift"][:, 0, -1]
    slopes = ends[:, 1] / ends[:, 0]
    truth = np.array([raw["truth"] for raw in raws])
    np.testing.assert_allclose(slopes, np.where(truth == 0, KL_P, -KL_Q))


def test_the_areas_below_are_the_shares_that_have_decided_by_then(between):
    _, raws, _, frame = between
    row = row_of(raws, upper=3.0, lower=-3.0, truth=0)
    random = np.random.default_rng(9)
    says_p, flips, _ = simulated(P, 3.0, -3.0, random)
    said_p, said_q = frame.shapes["said_p"][row, 0], frame.shapes["said_q"][row, 0]
    for index, flip in enumerate(unit_14.CURVE):
        assert said_p[index, 0] == said_q[index, 0] == flip
        for share, height in (
            (says_p & (flips <= flip), said_p[index, 1]),
            (~says_p & (flips <= flip), 1 - said_q[index, 1]),
        ):
            assert abs(share.mean() - height) < 4 * math.sqrt(height * (1 - height) / WALKS) + 1e-9


def test_the_thresholds_are_written_as_odds(between):
    _, raws, _, frame = between
    for raw, (up, low) in zip(raws, frame.texts["thresholds"][2], strict=True):
        assert up.startswith("say P at ") and up.endswith(":1")
        assert float(up[9:-2]) == pytest.approx(math.exp(raw["upper"]), rel=0.06)
        assert float(low[11:]) == pytest.approx(math.exp(-raw["lower"]), rel=0.06)


def test_the_tasks_are_done_where_they_say(between):
    _, raws, _, frame = between
    twenty, four_hundred = frame.tasks
    assert [raws[i]["upper"] for i in np.flatnonzero(twenty.reached)] == [3.0, 3.0]
    assert [raws[i]["upper"] for i in np.flatnonzero(four_hundred.reached)] == [6.0, 6.0]
    assert f"{math.exp(3):.0f}" in twenty.text and f"{math.exp(6):.0f}" == "403"


def test_the_first_state_gives_no_prediction_away(between):
    explorer, *_ = between
    assert {c["name"]: c["value"] for c in explorer.spec["controls"]} == {
        "upper": 1.0, "lower": -1.0, "truth": 0
    }  # fmt: skip
    for number in ("17", "32", "15.5", "0.193"):
        assert number not in repr(explorer)


# One threshold on many flips


def exact_log(n, heads, least):
    """log P(K ≥ least), from the last term down, with 30 digits."""
    with mpmath.workdps(30):
        heads, total, term = mpmath.mpf(heads), mpmath.mpf(0), mpmath.mpf(heads) ** n
        for k in range(n, least - 1, -1):
            total += term
            term *= mpmath.mpf(k) / (n - k + 1) * (1 - heads) / heads
        return float(mpmath.log(total))


def test_the_exponents_are_exact_to_twenty_thousand_flips(one):
    _, raws, _, frame = one
    for share, count in ((0.5, 0), (0.7, 0), (0.66, 1), (0.785, 1), (0.8, 2), (0.66, 2)):
        n = unit_14.COUNTS[count]
        least = round(share * n)
        row = row_of(raws, share=share, count=count)
        type_one, _, type_two, _ = (
            item.values[row] for item in frame.readouts if hasattr(item, "values")
        )
        # P shows fewer than `least` heads: more than n - least tails
        assert type_one == pytest.approx(-exact_log(n, 1 - P, n - least + 1) / n, rel=1e-9)
        assert type_two == pytest.approx(-exact_log(n, Q, least) / n, rel=1e-9)


def test_the_limits_are_kl_from_the_share_and_the_diamonds_stand_at_the_exact_values(one):
    _, raws, _, frame = one
    values = [item.values for item in frame.readouts if hasattr(item, "values")]
    for row in range(0, len(raws), 7):
        share = raws[row]["share"]
        assert values[1][row] == pytest.approx(kl([share, 1 - share], [P, 1 - P]), abs=1e-12)
        assert values[3][row] == pytest.approx(kl([share, 1 - share], [Q, 1 - Q]), abs=1e-12)
    for name, exact in (("at_one", values[0]), ("at_two", values[2])):
        centre = frame.shapes[name][:, 0].mean(axis=1)
        np.testing.assert_allclose(centre[:, 0], [raw["share"] for raw in raws], atol=1e-12)
        np.testing.assert_allclose(centre[:, 1], exact, atol=1e-12)


def test_the_thin_curves_come_nearer_to_the_thick_ones_with_more_flips(one):
    _, raws, _, frame = one
    gaps = []
    for count in range(3):
        row = row_of(raws, share=0.66, count=count)
        curve = frame.shapes["exact_two"][row, 0]
        inside = curve[:, 1] < unit_14.TOP
        limit = np.array([kl([r, 1 - r], [Q, 1 - Q]) for r in curve[inside, 0]])
        gaps.append((curve[inside, 1] - limit).max())
    assert gaps[0] > gaps[1] > gaps[2] > 0


def test_the_crossing_is_chernoffs_number(one):
    explorer, *_ = one
    share, height = unit_14.MIDDLE, unit_14.CHERNOFF
    assert kl([share, 1 - share], [P, 1 - P]) == pytest.approx(height, rel=1e-9)
    assert kl([share, 1 - share], [Q, 1 - Q]) == pytest.approx(height, rel=1e-9)
    for words in (f"Chernoff {height:.4f}", f"Stein {KL_P:.3f}"):
        assert words in explorer.spec["svg"]
    assert f"cross at {height:.4f}" in explorer.spec["description"]


def test_the_tasks_of_the_second_explorer_are_done_where_they_say(one):
    _, raws, _, frame = one
    together, small = (np.flatnonzero(task.reached) for task in frame.tasks)
    assert {(raws[i]["share"], raws[i]["count"]) for i in together} == {(0.66, 2)}
    assert {(raws[i]["share"], raws[i]["count"]) for i in small} == {(0.785, 1)}
    assert stats.binom.cdf(round(0.785 * 2000) - 1, 2000, P) <= 0.05
    assert stats.binom.cdf(round(0.79 * 2000) - 1, 2000, P) > 0.05


@pytest.mark.parametrize(
    ("logarithm", "text"),
    [
        (math.log(0.5), "50.0 %"),
        (math.log(0.0123), "1.2 %"),
        (math.log(2.81e-4), "2.8·10⁻⁴"),
        (math.log(9.97e-9), "1.0·10⁻⁸"),
        (-1000 * math.log(10), "1.0·10⁻¹⁰⁰⁰"),
    ],
)
def test_probabilities_are_written_however_small_they_are(logarithm, text):
    assert unit_14._tiny(logarithm) == text


def test_the_sentence_names_the_slower_error(one):
    _, raws, _, frame = one
    values = [item.values for item in frame.readouts if hasattr(item, "values")]
    for row, (raw, sentence) in enumerate(zip(raws, frame.sentence, strict=True)):
        if raw["share"] in (P, Q):
            assert "near one half" in sentence
            continue
        slower = "type I" if values[0][row] < values[2][row] else "type II"
        assert f"counts: {slower}, {min(values[0][row], values[2][row]):.4f}." in sentence
