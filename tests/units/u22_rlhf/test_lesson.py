"""What lesson 22 and its exercises say: numbers by a second route, claims in words."""

import math
import re

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.units.lookup import find_question
from klteach.units.u22_rlhf import explorer as unit_22
from tests.units.lesson_text import read, says
from tests.units.second_route import interleaved, kl

LESSON = "notebooks/22_rlhf"
EXERCISES = LESSON.replace("notebooks", "solutions")

REF = np.array([0.4, 0.3, 0.2, 0.1])
REWARD = np.array([0.0, 1.0, 2.0, 4.0])
POLICY = np.array([0.3, 0.28, 0.22, 0.2])  # of the gradient audit and of the filtered samples
D = np.log(POLICY) - np.log(REF)
K1, K2, K3 = D, D**2 / 2, REF / POLICY - 1 + D
TOP_2 = POLICY * [1, 1, 0, 0] / POLICY[:2].sum()

WORDS = np.arange(20, 401, 20)
HABIT = stats.norm.pdf(WORDS, 120, 80) / stats.norm.pdf(WORDS, 120, 80).sum()
TRUTH = np.where(WORDS <= 200, WORDS, 200 - 0.5 * (WORDS - 200)) / 100


def tilted(ref, reward, beta):
    return special.softmax(np.log(ref) + np.asarray(reward) / beta)


def log_z(beta):
    return special.logsumexp(REWARD / beta, b=REF)


def worth(policy, beta=1.0):
    return policy @ REWARD - beta * kl(policy, REF)


def best_of(n):
    """The law of the best of n draws: those with none above an answer, less those with all below.

    The answers of the text stand from worst to best.
    """
    up_to = np.append(0.0, np.cumsum(REF))
    return up_to[1:] ** n - up_to[:-1] ** n


def bound(n):
    """KL of the largest of n uniform numbers from one, by quadrature."""
    return integrate.quad(lambda u: special.xlogy(n * u ** (n - 1), n * u ** (n - 1)), 0, 1)[0]


def share_of_the_rare(rare, extra):
    """In 30 digits, from the odds."""
    with mpmath.workdps(30):
        odds = mpmath.mpf(rare) / (1 - mpmath.mpf(rare)) * mpmath.exp(extra)
        return float(odds / (1 + odds))


def trained_with_k1():
    """After 4000 steps of gradient ascent on the reward alone: it would never end."""
    logits = np.log(REF)
    for _ in range(4000):
        policy = special.softmax(logits)
        logits = logits + 0.1 * policy * (REWARD - (policy * REWARD).sum())
    return special.softmax(logits)


def trained_with_k2():
    """Where the reward less KL(π‖ref) is largest, found by a solver."""
    found = optimize.minimize(lambda t: -worth(special.softmax(t)), np.zeros(4), tol=1e-12)
    return special.softmax(found.x)


def trained_with_k3():
    """Where the gradient of the reward less KL(ref‖π) is 0: π = ref / (level - reward)."""
    level = optimize.brentq(lambda a: np.sum(REF / (a - REWARD)) - 1, 4.0001, 50)
    return REF / (level - REWARD)


BEST = tilted(REF, REWARD, 1.0)
WITH_K1, WITH_K2, WITH_K3 = trained_with_k1(), trained_with_k2(), trained_with_k3()
PRICES = [10 ** (k / 15) for k in range(-25, 6)]
TRUE_ALONG = {beta: tilted(HABIT, WORDS / 100, beta) @ TRUTH for beta in PRICES}
TURN = max(TRUE_ALONG, key=TRUE_ALONG.get)
LEAST = min(PRICES)
EXTRA = (5, 10, 20)


def rounded(values, digits):
    return [float(f"{value:.{digits}f}") + 0.0 for value in values]


def reverse_gradient():
    """∇KL(π‖ref) in the logits, in 30 digits."""
    with mpmath.workdps(30):
        return [
            float(mpmath.diff(lambda t, place=place: _kl_at(t, place), 0)) for place in range(4)
        ]


def _kl_at(t, place):
    weights = [mpmath.mpf(p) for p in POLICY]
    weights[place] *= mpmath.exp(t)
    total = sum(weights)
    shares = [w / total for w in weights]
    return sum(s * mpmath.log(s / mpmath.mpf(r)) for s, r in zip(shares, REF, strict=True))


REVERSE = reverse_gradient()
FORWARD = (POLICY - REF).tolist()
COST = kl(best_of(4), REF)
EQUAL_COST = optimize.brentq(lambda b: kl(tilted(REF, REWARD, b), REF) - COST, 0.5, 20)
AS_COSTLY = tilted(REF, REWARD, EQUAL_COST)
AS_COSTLY_D = np.log(AS_COSTLY / REF)

SAID = {}

SAID[LESSON, "text"] = [
    # Explore
    ("right about {:.0f} % of the answers", 100 * HABIT[WORDS <= 200].sum()),
    (
        "Down to β = {:.2g} the true reward rises, from {:.2f} to {:.2f}. Then it falls, to "
        "{:.2f}, while the proxy rises to {:.2f}",
        TURN,
        HABIT @ TRUTH,
        TRUE_ALONG[TURN],
        TRUE_ALONG[LEAST],
        tilted(HABIT, WORDS / 100, LEAST) @ WORDS / 100,
    ),
    # The idea
    (r"costs $\beta \log 10$, or {:.3f} β", math.log(10)),
    ("makes an answer {:.0f} times rarer", math.exp(5)),
    # By hand
    ("ref = ({:g}, {:g}, {:g}, {:g}), rewards", *REF),
    (
        r"{:g} \cdot 1 = {:g}$, ${:g} \cdot {:.3f} = {:.3f}$, ${:g} \cdot {:.3f} = {:.3f}$, "
        r"${:g} \cdot {:.3f} = {:.3f}$; their sum is $Z = {:.3f}$",
        0.4,
        0.4,
        *interleaved(REF[1:], np.exp(REWARD[1:]), REF[1:] * np.exp(REWARD[1:])),
        math.exp(log_z(1.0)),
    ),
    (r"\pi^* = ({:.3f}, {:.3f}, {:.3f}, {:.3f})$, and $J", *BEST),
    (r"$J = \log Z = {:.3f}$", log_z(1.0)),
    (
        r"Reward: ${:.3f} \cdot 1 + {:.3f} \cdot 2 + {:.3f} \cdot 4 = {:.3f}$, so KL is "
        r"${:.3f} - {:.3f} = {:.3f}$ nats.",
        *BEST[1:],
        BEST @ REWARD,
        BEST @ REWARD,
        log_z(1.0),
        kl(BEST, REF),
    ),
    ("$F = ({:.1f}, {:.1f}, {:.1f}, 1)$", *np.cumsum(REF)[:3]),
    ("$F^4 = ({:.4f}, {:.4f}, {:.4f}, 1)$", *np.cumsum(REF)[:3] ** 4),
    ("A, B, C, D with {:.4f}, {:.4f}, {:.4f} and {:.4f}.", *best_of(4)),
    (r"Its KL is {:.3f} nats, below the bound $\log 4 - \tfrac34 = {:.3f}$", COST, bound(4)),
    # By code
    ("The last row needs more than {:.1f}, the logarithm of 10", 9 * math.log(10)),
    # Predict again
    ("loss.item() # {:.4f}, which is KL(policy||ref)", kl(POLICY, REF)),
    ("logits.grad # [{:.4f}, {:.4f}, {:.4f}, {:.4f}], which is", *FORWARD),
    # Where this bites
    ("In the second, {:.3f} is no KL", TOP_2 @ K1),
    ("k3 shows {:.3f} and hides", TOP_2 @ K3),
    (
        "At {:.2f} nats a token, {} tokens are 1 nat and {} are 10; the mean says {:.2f} both",
        1 / 50,
        50,
        500,
        10 / 500,
    ),
    # Main take-away
    ("in ref is worth {:.3f} β of reward", math.log(10)),
]

FIRST = tilted(REF, [0, 2, 1, 1], 1.0)
FIRST_KL, FIRST_REWARD = kl(FIRST, REF), FIRST @ [0, 2, 1, 1]


def margin_of_four():
    """How far the best of 4, for the rewards of the start, is below the frontier at its KL."""
    reward = np.array([0.0, 2.0, 1.0, 1.0])
    level = {0.0: 0.4, 1.0: 0.7, 2.0: 1.0}  # the probability of a reward that is no higher
    wins = {0.0: 0.4**4, 1.0: 0.7**4 - 0.4**4, 2.0: 1 - 0.7**4}
    mass = {0.0: 0.4, 1.0: 0.3, 2.0: 0.3}
    assert level[2.0] == 1
    best = np.array([wins[r] * ref / mass[r] for r, ref in zip(reward, REF, strict=True)])
    beta = optimize.brentq(lambda b: kl(tilted(REF, reward, b), REF) - kl(best, REF), 0.05, 20)
    return tilted(REF, reward, beta) @ reward - best @ reward


AT_ONE = tilted(HABIT, WORDS / 100, 1.0)

SAID[LESSON, "printed"] = [
    (
        "At β = {:.2f} the best policy gives B with probability {:.3f}, the reference with "
        "{:.1f}: a reward of {:.2f} for {:.2f} nats, worth {:.2f} after the penalty.",
        1.0,
        FIRST[1],
        0.3,
        FIRST_REWARD,
        FIRST_KL,
        FIRST_REWARD - FIRST_KL,
    ),
    ("expected reward: {:.3f}; KL(π‖ref): {:.3f} nats; J", FIRST_REWARD, FIRST_KL),
    ("J = reward - β · KL: {:.3f};", FIRST_REWARD - FIRST_KL),
    ("KL below its limit: holds, margin {:.3f}", -math.log(0.3) - FIRST_KL),
    ("best of 4 below the frontier: holds, margin {:.4f}", margin_of_four()),
    (
        "writes {:.0f} words on average. The proxy says {:.2f}, and",
        AT_ONE @ WORDS,
        AT_ONE @ WORDS / 100,
    ),
    ("proxy reward: {:.3f}; true reward: {:.3f};", *2 * [AT_ONE @ WORDS / 100]),
    ("; KL(π‖ref): {:.3f} nats; lengths", kl(AT_ONE, HABIT)),
    ("exp(entropy): {:.1f};", math.exp(stats.entropy(AT_ONE))),
    (
        "that of the reference: holds, margin {:.3f}",
        (AT_ONE - HABIT) @ WORDS / 100,
    ),
    ("scratch [{:g} {:g} {:g} {:g}] J {:.4f}", *rounded(BEST, 4), log_z(1.0)),
    ("library [{:g} {:g} {:g} {:g}] J {:.4f}, KL {:.4f}", *rounded(BEST, 4), worth(BEST),
     kl(BEST, REF)),
    *(
        (
            f"best of {n} reward {{:.3f}} KL {{:.4f}} <= {{:.4f}}",
            best_of(n) @ REWARD,
            kl(best_of(n), REF),
            bound(n),
        )
        for n in (2, 4, 16)
    ),
    ("\n{:g} {:.7f} {:.7f} {:.7f}\n1e-06", 1e-3, *(share_of_the_rare(1e-3, a) for a in EXTRA)),
    ("\n1e-06 {:.7f} {:.7f} {:.7f}", *(share_of_the_rare(1e-6, a) for a in EXTRA)),
    ("\n1e-09 {:.7f} {:.7f} {:.7f}", *(share_of_the_rare(1e-9, a) for a in EXTRA)),
    ("\nk2 [{:g} {:g} {:g} {:g}]\nk3", *rounded(REVERSE, 4)),
    ("\nk3 [{:g} {:g} {:g} {:g} ]\nof", *rounded(FORWARD, 4)),
    ("of KL(policy||ref) [{:g} {:g} {:g} {:g}]", *rounded(REVERSE, 4)),
    ("of KL(ref||policy) [{:g} {:g} {:g} {:g} ]", *rounded(FORWARD, 4)),
    (
        "\nk1 [0. 0. 0. {:g}] reward {:.3f} KL {:.3f} J {:.3f}",
        *rounded(WITH_K1[3:], 3),
        WITH_K1 @ REWARD,
        kl(WITH_K1, REF),
        worth(WITH_K1),
    ),
    (
        "\nk2 [{:g} {:g} {:g} {:g} ] reward {:.3f} KL {:.3f} J {:.3f}",
        *rounded(WITH_K2, 3),
        WITH_K2 @ REWARD,
        kl(WITH_K2, REF),
        worth(WITH_K2),
    ),
    (
        "\nk3 [{:g} {:g} {:g} {:g}] reward {:.3f} KL {:.3f} J {:.3f}",
        *rounded(WITH_K3, 3),
        WITH_K3 @ REWARD,
        kl(WITH_K3, REF),
        worth(WITH_K3),
    ),
    ("all k1 {:.4f} k3 {:.4f}", POLICY @ K1, POLICY @ K3),
    ("top 2 k1 {:.4f} k3 {:.4f}", TOP_2 @ K1, TOP_2 @ K3),
    ("KL of the top 2 from ref: {:.4f}", kl(TOP_2, REF)),
]  # fmt: skip

ALLOWED = {
    (LESSON, "text"): [("A KL of -5.27.", "reported in the thread that the lesson links")],
}

SAID[EXERCISES, "text"] = [("earns more than the {:.3f} of the best of 4", best_of(4) @ REWARD)]
SAID[EXERCISES, "printed"] = [
    ("best of 4: {:.4f} nats; the price for as many: beta = {:.3f}", COST, EQUAL_COST),
    ("policy earns {:.3f}, its penalty is {:.3f}", AS_COSTLY @ REWARD, EQUAL_COST * COST),
    (
        "\nk2 [{:g} {:g} {:g} {:g}]",
        *rounded(AS_COSTLY * (AS_COSTLY_D - AS_COSTLY @ AS_COSTLY_D), 3),
    ),
    ("\nk3 [{:g} {:g} {:g} {:g}]", *rounded(AS_COSTLY - REF, 3)),
]


# Why it matters, Predict


def test_every_part_of_the_pitch_has_its_place():
    says(LESSON, "three ways to charge it wrongly", "**k1 in the reward, or k2 as a loss.**")
    says(LESSON, "costs β/500", "is no KL of anything")


# Explore


def test_the_presets_of_the_first_explorer_show_what_the_text_says():
    says(LESSON, "Choose *0, 1, 2, 4*", "Choose *all but A are good*")
    explorer = unit_22.price_of_a_nat()
    named = {preset["name"]: preset["state"] for preset in explorer.spec["presets"]}
    assert [named["0, 1, 2, 4"][name] for name in "bcd"] == REWARD[1:].tolist()
    good = [0, *(named["all but A are good"][name] for name in "bcd")]
    lowest = tilted(REF, good, 0.1)
    says(LESSON, "Half a nat leads to nearly all of the reward.")
    assert kl(lowest, REF) == pytest.approx(0.5, abs=0.02)
    assert lowest @ good > 0.99 * max(good)


def test_no_policy_is_above_the_curve_and_the_squares_lie_a_little_below():
    says(LESSON, "none lies above the curve", "only a little below")
    for policy in np.random.default_rng(5).dirichlet(np.ones(4), 2000):
        nats = kl(policy, REF)
        if nats < kl(tilted(REF, REWARD, 0.05), REF):
            beta = optimize.brentq(lambda b, k=nats: kl(tilted(REF, REWARD, b), REF) - k, 0.05, 1e5)
            assert policy @ REWARD <= tilted(REF, REWARD, beta) @ REWARD + 1e-6
    for n in (2, 4, 8, 16):
        beta = optimize.brentq(
            lambda b, n=n: kl(tilted(REF, REWARD, b), REF) - kl(best_of(n), REF), 0.1, 50
        )
        gap = tilted(REF, REWARD, beta) @ REWARD - best_of(n) @ REWARD
        assert 0 < gap < 0.2


def test_there_one_nat_more_is_worth_just_its_price():
    says(LESSON, "there one nat more is worth just its price", "At the left edge it shows J")
    for beta in (0.4, 1.0, 3.0):
        one, other = tilted(REF, REWARD, beta * 1.0001), tilted(REF, REWARD, beta / 1.0001)
        slope = (other - one) @ REWARD / (kl(other, REF) - kl(one, REF))
        assert slope == pytest.approx(beta, rel=1e-5)


def test_people_lose_half_for_what_the_proxy_gives_one():
    says(LESSON, "gives 1 for every hundred words", "every hundred words cost them a half")
    assert unit_22._true_reward(200).tolist() == pytest.approx(TRUTH.tolist())
    np.testing.assert_allclose(unit_22.HABIT, HABIT, rtol=1e-12)


def test_the_truth_ends_below_the_reference_with_the_longest_answer():
    says(LESSON, "one length is left: the longest")
    assert TRUE_ALONG[LEAST] < HABIT @ TRUTH < TRUE_ALONG[TURN]
    assert tilted(HABIT, WORDS / 100, LEAST)[-1] > 0.99


# The idea


def test_the_gap_to_the_best_policy_is_its_kl():
    says(LESSON, r"any other one lacks β times its KL from $\pi^*$")
    for beta in (0.3, 1.0, 4.0):
        best = tilted(REF, REWARD, beta)
        assert worth(best, beta) == pytest.approx(beta * log_z(beta))
        for policy in np.random.default_rng(1).dirichlet(np.ones(4), 50):
            lacking = beta * log_z(beta) - worth(policy, beta)
            assert lacking == pytest.approx(beta * kl(policy, best))


def test_how_reward_and_kl_grow_with_one_over_beta():
    says(LESSON, r"grows at the rate $\mathrm{Var}(r)$", r"grows at $t\, \mathrm{Var}(r)$")
    for t in (0.2, 1.0, 2.5):
        at = [tilted(REF, REWARD, 1 / (t + step)) for step in (-1e-5, 0, 1e-5)]
        variance = at[1] @ REWARD**2 - (at[1] @ REWARD) ** 2
        assert (at[2] - at[0]) @ REWARD / 2e-5 == pytest.approx(variance, rel=1e-6)
        rise = (kl(at[2], REF) - kl(at[0], REF)) / 2e-5
        assert rise == pytest.approx(t * variance, rel=1e-5)


def test_the_limits_of_small_and_large_prices():
    says(LESSON, r"KL to $-\log \text{ref}(\text{best})$")
    assert kl(tilted(REF, REWARD, 0.01), REF) == pytest.approx(-math.log(0.1))
    assert kl(tilted(REF, REWARD, 1e6), REF) < 1e-9


def test_the_law_of_the_best_of_n_and_its_bound():
    says(LESSON, "So this is a bound.")
    for n in (2, 3, 5):
        drawn = np.random.default_rng(n).choice(4, p=REF, size=(200_000, n)).max(axis=1)
        shares = np.bincount(drawn) / len(drawn)
        np.testing.assert_allclose(shares, best_of(n), atol=5 * 0.5 / math.sqrt(len(drawn)))
    for n in (2, 4, 16, 64):
        assert bound(n) == pytest.approx(math.log(n) - (n - 1) / n)
        assert kl(best_of(n), REF) < bound(n)
    fine = np.full(5000, 1 / 5000)  # where every answer is rare, it is nearly reached
    up_to = np.arange(5001) / 5000
    law = up_to[1:] ** 4 - up_to[:-1] ** 4
    assert kl(law, fine) == pytest.approx(bound(4), abs=1e-5)


def test_when_a_rare_answer_becomes_the_likelier_one():
    says(LESSON, r"only from $a = \beta \log \frac{1 - \varepsilon}{\varepsilon}")
    for rare, beta in ((1e-3, 1.0), (1e-6, 0.2), (1e-9, 3.0)):
        needed = beta * math.log((1 - rare) / rare)
        for extra, more in ((0.999 * needed, False), (1.001 * needed, True)):
            first, second = tilted([1 - rare, rare], [0, extra], beta)
            assert (second > first) == more
    says(LESSON, "an answer that comes once in a million is not among a hundred thousand")
    assert (1 - 1e-6) ** 100_000 > 0.9


def test_only_what_ref_rules_out_stays_out():
    says(LESSON, "Only what ref rules out stays out, at any reward.")
    ask = find_question("tilted_policy").reference
    assert ask(np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.0, 1e6]), 1.0)[2] == 0
    assert ask(np.array([0.5, 0.5]), np.array([0.0, -5.0]), 1.0)[1] > 0


# Predict again


def finite(function, step=1e-6):
    """Central differences in the logits of the policy."""
    ends = [
        [function(special.softmax(np.log(POLICY) + sign * step * e)) for e in np.eye(4)]
        for sign in (1, -1)
    ]
    return np.subtract(*ends) / (2 * step)


def test_every_gradient_against_central_differences():
    """Of formulas that the lesson states in words, to 1e-6."""
    score = np.eye(4) - POLICY
    for loss, slopes, claimed in (
        (lambda p: POLICY @ np.log(p / REF), np.ones(4), np.zeros(4)),
        (lambda p: POLICY @ np.log(p / REF) ** 2 / 2, D, REVERSE),
        (lambda p: POLICY @ (REF / p - 1 + np.log(p / REF)), 1 - REF / POLICY, FORWARD),
    ):
        np.testing.assert_allclose(finite(loss), claimed, atol=1e-6)
        np.testing.assert_allclose((POLICY * slopes) @ score, claimed, atol=1e-12)
    np.testing.assert_allclose(finite(lambda p: kl(p, REF)), REVERSE, atol=1e-6)
    np.testing.assert_allclose(finite(lambda p: kl(REF, p)), FORWARD, atol=1e-6)
    np.testing.assert_allclose(-REF @ score, FORWARD, atol=1e-12)
    np.testing.assert_allclose(POLICY @ score, 0, atol=1e-12)


def test_k1_in_the_reward_is_right_and_the_others_are_not():
    says(LESSON, r"and $d \cdot s$ is right")
    score = np.eye(4) - POLICY
    np.testing.assert_allclose((POLICY * K1) @ score, REVERSE, atol=1e-12)
    for value in (K2, K3):
        assert np.abs((POLICY * value) @ score - REVERSE).max() > 0.05


def test_through_the_weights_k1_and_k3_are_right_by_accident():
    for k, equal in (
        (lambda d: d, True),
        (lambda d: d**2 / 2, False),
        (lambda d: np.exp(-d) - 1 + d, True),
    ):
        whole = finite(lambda p, k=k: p @ k(np.log(p / REF)))
        assert np.allclose(whole, REVERSE, atol=1e-6) == equal


def test_samples_give_what_the_enumeration_says():
    says(LESSON, "what a very large sample averages to")
    n = 400_000
    drawn = np.random.default_rng(0).choice(4, p=POLICY, size=n)
    score = np.eye(4) - POLICY
    for slopes, claimed in ((np.ones(4), np.zeros(4)), (D, REVERSE), (1 - REF / POLICY, FORWARD)):
        each = slopes[drawn, None] * score[drawn]
        error = each.std(axis=0) / math.sqrt(n)
        assert (np.abs(each.mean(axis=0) - claimed) < 5 * error).all()


def test_where_the_three_losses_lead():
    says(LESSON, r"Only k2 ends in $\pi^*$.", "keeps a tenth for each of A, B and C")
    np.testing.assert_allclose(WITH_K2, BEST, atol=1e-5)
    np.testing.assert_allclose(WITH_K3[:3], 0.1, atol=0.008)
    # at its end the gradient of reward less k3, as a loss, is 0
    gain = REWARD - (1 - REF / WITH_K3)
    np.testing.assert_allclose(WITH_K3 * (gain - WITH_K3 @ gain), 0, atol=1e-9)
    says(LESSON, "k1 holds nothing back.")
    assert WITH_K1[3] > 0.999
    says(LESSON, "the value of k3 is an honest estimate of KL(π‖ref)")
    d = np.log(WITH_K3 / REF)
    assert WITH_K3 @ (np.exp(-d) - 1 + d) == pytest.approx(kl(WITH_K3, REF))


# Where this bites


def test_a_filter_makes_another_law_of_the_samples():
    assert f"{TOP_2 @ K1:.3f} {kl(POLICY, REF):.4f}" == "-0.182 0.0540"
    kept = (drawn for drawn in np.random.default_rng(3).choice(4, p=POLICY, size=100_000))
    kept = np.array([drawn for drawn in kept if drawn < 2])
    assert D[kept].mean() == pytest.approx(TOP_2 @ K1, abs=0.005)
    assert "top_2 = np.array([0.3, 0.28, 0, 0]) / 0.58" in read(LESSON).code
    assert POLICY[:2].sum() == pytest.approx(0.58)


# The exercises


def test_the_time_of_the_exercises():
    minutes = [int(m) for m in re.findall(r"^## .* (\d+) min", read(EXERCISES).text, re.MULTILINE)]
    says(LESSON, f"then {sum(minutes)} for the exercises")
