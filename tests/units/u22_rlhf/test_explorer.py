"""The pictures of unit 22, by a second route: the frontier, and a proxy that is not the truth."""

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u22_rlhf import explorer as unit_22
from tests.units.states import readout, state_of

REF = np.array([0.4, 0.3, 0.2, 0.1])


@pytest.fixture(scope="module")
def four():
    explorer = unit_22.price_of_a_nat()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_22._update_four(state)


@pytest.fixture(scope="module")
def lengths():
    explorer = unit_22.reward_and_truth()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_22._update_lengths(state)


def rewards_of(state):
    return np.stack([0 * state.b, state.b, state.c, state.d], axis=-1)


def prices_of(state, first=-15):
    return np.power(10.0, (state.price + first) / 15)


def tilted(ref, reward, beta):
    return special.softmax(np.log(ref) + reward / beta[:, None], axis=-1)


def kl_to(ref, policies):
    return special.rel_entr(policies, ref).sum(axis=-1)


# Four answers


def test_the_readouts_are_those_of_the_best_policy(four):
    _, raws, state, frame = four
    rewards, beta = rewards_of(state), prices_of(state)
    policy = tilted(REF, rewards, beta)
    reward, kl = (policy * rewards).sum(axis=-1), kl_to(REF, policy)
    np.testing.assert_allclose(readout(frame, "expected reward"), reward, atol=1e-9)
    np.testing.assert_allclose(readout(frame, "KL(π‖ref)"), kl, atol=1e-9)
    log_z = special.logsumexp(rewards / beta[:, None], b=REF, axis=-1)
    np.testing.assert_allclose(readout(frame, "J = reward − β · KL"), beta * log_z, atol=1e-9)
    assert len(raws) == 5**3 * 31


def test_the_bars_are_as_high_as_the_policy(four):
    _, _, state, frame = four
    policy = tilted(REF, rewards_of(state), prices_of(state))
    np.testing.assert_allclose(frame.shapes["policy"][:, :, 2, 1], policy, atol=1e-12)
    assert (frame.shapes["policy"][:, :, 0, 1] == 0).all()


def test_no_random_policy_is_above_the_line_or_the_frontier(four):
    _, _, state, frame = four
    policies = np.random.default_rng(22).dirichlet(np.full(4, 0.6), 300)
    kl = kl_to(REF, policies)
    rewards, beta = rewards_of(state), prices_of(state)
    worth = policies @ rewards.T - kl[:, None] * beta
    assert (worth <= readout(frame, "J = reward − β · KL") + 1e-9).all()


def test_the_line_touches_the_frontier_at_the_policy_with_the_slope_beta(four):
    _, _, state, frame = four
    line = frame.shapes["tangent"][:, 0]
    step = line[:, 1] - line[:, 0]
    np.testing.assert_allclose(step[:, 1] / step[:, 0], prices_of(state), rtol=1e-9)
    kl, reward = readout(frame, "KL(π‖ref)"), readout(frame, "expected reward")
    at = line[:, 0, 1] + kl * prices_of(state)
    np.testing.assert_allclose(at, reward, atol=1e-9)
    assert (line[:, 0, 0] == 0).all()
    curve = frame.shapes["frontier"][:, 0]
    above = line[:, :1, 1] + prices_of(state)[:, None] * curve[..., 0] - curve[..., 1]
    assert (above > -1e-9).all()
    np.testing.assert_allclose(
        frame.shapes["here"][:, 0].mean(axis=1), np.stack([kl, reward], axis=-1), atol=1e-12
    )


def test_the_frontier_ends_at_the_log_of_what_ref_gives_the_best(four):
    _, _, state, frame = four
    rewards = rewards_of(state)
    best = rewards == rewards.max(axis=1, keepdims=True)
    limit = -np.log(best @ REF)
    np.testing.assert_allclose(frame.shapes["frontier"][:, 0, -1, 0], limit, atol=1e-12)
    room = frame.invariants[0].margins
    np.testing.assert_allclose(room, limit - readout(frame, "KL(π‖ref)"), atol=1e-9)
    assert limit.max() < unit_22.LIMIT


def test_the_squares_are_the_best_of_n_draws(four):
    """Every draw enumerated for two of them, and drawn for four."""
    _, raws, state, frame = four
    row = raws.index({"b": 1, "c": 2, "d": 4, "price": 15})
    rewards = rewards_of(state)[row]
    squares = frame.shapes["draws"][row].mean(axis=1)
    pairs = np.zeros(4)
    for draws in np.ndindex(4, 4):
        pairs[max(draws, key=lambda x: rewards[x])] += np.prod(REF[list(draws)])
    np.testing.assert_allclose(squares[0], [kl_to(REF, pairs), pairs @ rewards], atol=1e-12)
    drawn = np.random.default_rng(4).choice(4, p=REF, size=(100_000, 4)).max(axis=1)
    assert squares[1, 1] == pytest.approx(rewards[drawn].mean(), abs=0.02)
    assert (frame.invariants[1].margins > -1e-6).all()


def test_the_sentence_names_the_answer_that_gained_most(four):
    _, _, state, frame = four
    rewards, beta = rewards_of(state), prices_of(state)
    policy = tilted(REF, rewards, beta)
    for row, text in enumerate(frame.sentence):
        if rewards[row].max() == 0:
            assert text.startswith("All rewards are equal")
            continue
        name = text.split("gives ")[1][0]
        place = "ABCD".index(name)
        assert rewards[row, place] == rewards[row].max()
        assert f"probability {policy[row, place]:.3f}, the reference with {REF[place]:.1f}" in text
        assert text.startswith(f"At β = {beta[row]:.2f} ")


def test_the_tasks_are_done_where_they_say_so(four):
    _, _, state, frame = four
    rewards, policy = rewards_of(state), tilted(REF, rewards_of(state), prices_of(state))
    kl, reward = kl_to(REF, policy), (policy * rewards).sum(axis=-1)
    far, alike, cheap = (task.reached for task in frame.tasks)
    np.testing.assert_array_equal(far, kl > 2.2)
    assert set(rewards[far].argmax(axis=1)) == {3}  # only the rarest answer alone leads so far
    np.testing.assert_allclose(policy[alike, 3], policy[alike, 0], atol=0.012)
    assert (rewards[alike, 3] > 0).all()
    np.testing.assert_array_equal(cheap, (reward >= 3.9) & (kl <= 0.6))


def test_the_diamond_is_dragged_along_the_price(four):
    handles = four[0].spec["layout"]["handles"]
    held = [handle for handle in handles if handle["kind"] == "held"]
    assert [handle["controls"] for handle in held] == [["price"]]
    assert sum(handle["kind"] == "bar" for handle in handles) == 3


def test_the_prices_are_named_as_they_are(four):
    for name, beta in zip(unit_22.PRICES, unit_22.BETAS, strict=True):
        assert float(name) == pytest.approx(beta, abs=0.005)
    for name, beta in zip(unit_22.LOW_PRICES, unit_22.LOW_BETAS, strict=True):
        assert float(name) == pytest.approx(beta, rel=0.05)


def test_the_first_state_has_another_limit_than_the_first_prediction(four):
    assert "2.303" not in repr(four[0]) and "log 10" not in four[0].spec["description"]
    assert "2.30" not in four[0].spec["svg"]


# Lengths


WORDS = np.arange(20, 401, 20)
HABIT = stats.norm.pdf(WORDS, 120, 80) / stats.norm.pdf(WORDS, 120, 80).sum()


def truth_of(bend):
    return np.where(WORDS <= bend, WORDS, bend - 0.5 * (WORDS - bend)) / 100


def test_the_readouts_of_proxy_and_truth(lengths):
    _, raws, state, frame = lengths
    policy = tilted(HABIT, WORDS / 100, prices_of(state, first=-25))
    truth = np.array([truth_of(bend) for bend in state.bend])
    np.testing.assert_allclose(readout(frame, "proxy reward"), policy @ WORDS / 100, rtol=1e-9)
    np.testing.assert_allclose(
        readout(frame, "true reward"), (policy * truth).sum(axis=1), rtol=1e-9
    )
    np.testing.assert_allclose(readout(frame, "KL(π‖ref)"), kl_to(HABIT, policy), rtol=1e-7)
    np.testing.assert_allclose(
        readout(frame, "lengths in use, exp(entropy)"),
        np.exp(stats.entropy(policy, axis=1)),
        rtol=1e-9,
    )
    assert len(raws) == 15 * 31


def test_the_proxy_rises_all_along_and_the_truth_turns_round(lengths):
    _, _, state, frame = lengths
    for bend in np.unique(state.bend):
        rows = np.flatnonzero(state.bend == bend)
        rows = rows[np.argsort(-state.price[rows])]  # the price falls
        proxy, true, kl = (
            readout(frame, name)[rows] for name in ("proxy reward", "true reward", "KL(π‖ref)")
        )
        assert (np.diff(proxy) > 0).all() and (np.diff(kl) > 0).all()
        if 160 <= bend <= 360:
            top = true.argmax()
            assert 0 < top < len(rows) - 1
            assert (np.diff(true[: top + 1]) > 0).all() and (np.diff(true[top:]) < 0).all()


def test_what_is_drawn_is_what_is_read_out(lengths):
    _, _, _, frame = lengths
    kl, proxy, true = (
        readout(frame, name) for name in ("KL(π‖ref)", "proxy reward", "true reward")
    )
    here, above = (frame.shapes[name][:, 0].mean(axis=1) for name in ("here", "proxy here"))
    np.testing.assert_allclose(here, np.stack([kl, true], axis=-1), atol=1e-12)
    np.testing.assert_allclose(above, np.stack([kl, proxy], axis=-1), atol=1e-12)
    path = frame.shapes["true path"][:, 0]
    nearest = np.abs(path - here[:, None]).sum(axis=-1).min(axis=1)
    assert nearest.max() < 0.15  # the diamond is on the curve, between two of its points
    assert kl.max() < unit_22.FARTHEST


def test_the_tasks_of_proxy_and_truth(lengths):
    _, _, state, frame = lengths
    best, below, single = (task.reached for task in frame.tasks)
    assert np.flatnonzero(best).size == 1
    true = readout(frame, "true reward")
    rows = state.bend == 200
    assert true[best][0] == pytest.approx(true[rows].max()) and rows[best].all()
    habit = np.array([HABIT @ truth_of(bend) for bend in state.bend])
    np.testing.assert_array_equal(below, true < habit)
    spread = readout(frame, "lengths in use, exp(entropy)")
    np.testing.assert_array_equal(single, (spread < 1.05) & (true > 3))


def test_the_sentence_of_proxy_and_truth(lengths):
    _, _, state, frame = lengths
    proxy, true = readout(frame, "proxy reward"), readout(frame, "true reward")
    habit = np.array([HABIT @ truth_of(bend) for bend in state.bend])
    for row, text in enumerate(frame.sentence):
        assert f"The proxy says {proxy[row]:.2f}" in text
        assert ("is the same" in text) == (proxy[row] - true[row] < 5e-3)
        if "is the same" not in text:
            assert f"the true reward is {true[row]:.2f}".replace("-", "−") in text
            assert ("of the reference" in text) == (true[row] < habit[row])
            top = true[state.bend == state.bend[row]].max()
            assert ("its best." in text) == (true[row] >= habit[row] and true[row] > top - 5e-3)


def test_the_second_picture_begins_where_proxy_and_truth_are_one(lengths):
    assert "the true reward is the same" in repr(lengths[0])
