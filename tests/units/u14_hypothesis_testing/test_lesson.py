"""What lesson 14 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math
from functools import cache

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.units.u14_hypothesis_testing import explorer as unit_14
from tests.units.lesson_text import read, says
from tests.units.second_route import distributions, interleaved, kl

LESSON = "notebooks/14_hypothesis_testing"
EXERCISES = LESSON.replace("notebooks", "solutions")

BENT, FAIR = [0.8, 0.2], [0.5, 0.5]
P, Q = BENT[0], FAIR[0]
HEADS, TAILS = math.log(1.6), math.log(0.4)
KL_P, KL_Q = kl(BENT, FAIR), kl(FAIR, BENT)
TWENTY = math.log(20)
FLIPS = (100, 400, 2000, 20_000)


@cache
def walked(heads, above, below=-math.inf, most=4000):
    """(says P, says Q, mean flips, mean walk at the stop), place by place in a dictionary."""
    alive, says_p, says_q, flips, at_stop = {0: 1.0}, 0.0, 0.0, 0.0, 0.0
    for n in range(1, most):
        flips += sum(alive.values())
        reached = {}
        for k, mass in alive.items():
            reached[k + 1] = reached.get(k + 1, 0.0) + heads * mass
            reached[k] = reached.get(k, 0.0) + (1 - heads) * mass
        alive = {}
        for k, mass in reached.items():
            place = k * HEADS + (n - k) * TAILS
            if place >= above:
                says_p, at_stop = says_p + mass, at_stop + mass * place
            elif place <= below:
                says_q, at_stop = says_q + mass, at_stop + mass * place
            elif mass > 1e-18:
                alive[k] = mass
        if not alive:
            break
    return says_p, says_q, flips, at_stop


@cache
def tail(n, heads, least):
    """P(K ≥ least) as a number of any size: from the last term down, with 40 digits."""
    with mpmath.workdps(40):
        heads = mpmath.mpf(heads)
        term = heads**n
        total, k = mpmath.mpf(0), n
        while k >= least:
            total += term
            term *= mpmath.mpf(k) / (n - k + 1) * (1 - heads) / heads
            k -= 1
        return total


def exponent(n, probability):
    return float(-mpmath.log(probability) / n)


@cache
def least_heads(n, alpha=0.05):
    """The largest k with P(K < k) ≤ alpha for the bent coin, by halving."""
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) // 2
        below = stats.binom.cdf(middle - 1, n, P)
        low, high = (middle, high) if below <= alpha else (low, middle)
    return low


@cache
def type_two(n, alpha=0.05):
    return exponent(n, tail(n, Q, least_heads(n, alpha)))


def second_order(n):
    """KL - z sd/√n, the quantile from its integral and the sd from the two steps."""
    z = optimize.brentq(lambda x: stats.norm.sf(x) - 0.05, 0, 5)
    sd = math.sqrt(P * HEADS**2 + (1 - P) * TAILS**2 - KL_P**2)
    return KL_P - z * sd / math.sqrt(n)


@cache
def crossing():
    """The share of heads that is as far from the one coin as from the other, and how far."""
    share = optimize.brentq(lambda r: kl([r, 1 - r], BENT) - kl([r, 1 - r], FAIR), 0.5, 0.8)
    return share, kl([share, 1 - share], FAIR)


@cache
def of_chess(elo_in_one):
    """The log likelihood ratio of 880 wins, 1863 draws, 759 losses: 5 units against none."""
    wins, draws, losses = 880, 1863, 759
    games = wins + draws + losses
    draw_elo = 200 * math.log10((1 - losses / games) * (1 - wins / games))
    draw_elo -= 200 * math.log10(losses / games * wins / games)

    def log_shares(strength):
        win = 1 / (1 + 10 ** ((draw_elo - strength) / 400))
        loss = 1 / (1 + 10 ** ((draw_elo + strength) / 400))
        return np.log([win, 1 - win - loss, loss])

    def elo(strength):
        """On the usual scale: from the mean score."""
        win, draw, _ = np.exp(log_shares(strength))
        score = win + draw / 2
        return 400 * math.log10(score / (1 - score))

    unit = 5 / (elo(1e-3) / 1e-3) if elo_in_one else 5
    return float(np.dot([wins, draws, losses], log_shares(unit) - log_shares(0.0)))


@cache
def peeked(most=1000):
    """How often a one-sided p-value of a fair coin is 0.05 or less at some time."""
    alive, alarm = np.array([1.0]), 0.0
    for n in range(1, most + 1):
        alive = np.convolve(alive, [0.5, 0.5])
        p_values = np.cumsum(stats.binom.pmf(np.arange(n, -1, -1), n, 0.5))[::-1]
        alarm += alive[p_values <= 0.05].sum()
        alive[p_values <= 0.05] = 0
    return alarm


def rows_to_twenty(shift):
    """log 20 / KL of two normals, by quadrature."""
    density = stats.norm.pdf
    nats, _ = integrate.quad(
        lambda x: density(x, shift) * (shift * x - shift**2 / 2), -12, 12, epsabs=1e-14
    )
    return TWENTY / nats


NEAR, FAR = walked(P, 3.0, -6.0), walked(P, 6.0, -6.0)
BOTH_P, BOTH_Q = walked(P, TWENTY, -TWENTY), walked(Q, TWENTY, -TWENTY)
START_P, START_Q = walked(P, 1.0, -1.0), walked(Q, 1.0, -1.0)
TO_TWENTY = walked(P, TWENTY)
SHIFTS = (1, 0.3, 0.1, 0.03)

SAID = {}
SAID[LESSON, "text"] = lambda: [
    ("from **{} % to {} %**. Waiting", 1, 2),
    (
        "a head multiplies it by {:g}/{:g} = {:g}, a tail by {:g}/{:g} = {:g}.",
        *(P, Q, P / Q),
        *(1 - P, 1 - Q, (1 - P) / (1 - Q)),
    ),
    ("either bent, with {:.0f} % heads", 100 * P),
    # Explore
    (
        "takes the mean flips from {:.1f} to {:.1f} and type II from {:.1f} % to {:.1f} %",
        *(NEAR[2], FAR[2]),
        *(100 * walked(Q, top, -6.0)[0] for top in (3.0, 6.0)),
    ),
    ("in the second is {:.3f}, the slope of the dotted line", KL_P),
    # By hand
    (r"$\log {:g} = {:.3f}$ and $\log {:g} = {:.3f}$.", 1.6, HEADS, 0.4, TAILS),
    (
        r"= {:g} \cdot {:.3f} - {:g} \cdot {:.3f} = {:.3f}$, and under Q",
        *(P, HEADS, 1 - P, -TAILS, KL_P),
    ),
    (
        r"the mean step is ${:g} \cdot {:.3f} - {:g} \cdot {:.3f} = {:.3f}$",
        *(Q, HEADS, 1 - Q, -TAILS, -KL_Q),
    ),
    (
        r"$\log {} / {:.3f} = {:.2f} / {:.3f} = {:.1f}$ flips",
        *(20, KL_P, TWENTY, KL_P, TWENTY / KL_P),
    ),
    (
        "The exact mean is {:.1f}, as the walk ends at {:.2f} on average and not at {:.2f}.",
        *(TO_TWENTY[2], TO_TWENTY[3], TWENTY),
    ),
    # By code
    (
        "promised errors of at most {:.0f} %; they are {:.1f} %, since",
        *(100 * math.exp(-TWENTY), 100 * BOTH_P[1]),
    ),
    ("With a fixed number of flips it takes {} to keep both errors below {} %", 28, 5),
    ("with type I at most {} %. There is a trap", 5),
    (
        "type II is about $10^{{-{}}}$, and floats end at $10^{{-{}}}$",
        *(-math.floor(float(mpmath.log10(tail(20_000, Q, least_heads(20_000))))), 324),
    ),
    ("so type I is somewhat below {} %.)", 5),
    # Predict again
    ("the crossing, $r = {:.3f}$, with {:.4f} nats a flip", *crossing()),
    ("as small as type I ≤ {} % allows", 5),
    # Where this bites
    ("a log likelihood ratio of {:.2f}, above log 19 = {:.2f};", of_chess(True), math.log(19)),
    ("another script said {:.2f}, go on", of_chess(False)),
    (
        "|---|---|---|\n"
        "| {} sd | {:.1f} | {:.0f} |\n| {:g} sd | {:.3f} | {:.0f} |\n"
        "| {:g} sd | {:.3f} | {:.0f} |\n| {:g} sd | {:.5f} | {:.0f} |",
        *interleaved(SHIFTS, [d**2 / 2 for d in SHIFTS], map(rows_to_twenty, SHIFTS)),
    ),
    (
        "KL({} %‖{} %) is {:.4f} nats: **{:.0f} requests**",
        *(2, 1, kl([0.02, 0.98], [0.01, 0.99]), TWENTY / kl([0.02, 0.98], [0.01, 0.99])),
    ),
    ("p-value is {:g} or less: a false alarm in {:.0f} % of all", 0.05, 100 * peeked()),
    ("gets to 20:1 in {:.1f} %, in all eternity", 100 * walked(Q, TWENTY)[0]),
]
SAID[LESSON, "printed"] = [
    # Explore
    (
        "a decision takes {:.1f} flips on average and is wrong in {:.1f} % of all cases; if Q is "
        "true, {:.1f} flips and {:.1f} %.",
        *(START_P[2], 100 * START_P[1], START_Q[2], 100 * START_Q[0]),
    ),
    (
        "P true: mean flips: {:.1f}; P true: says Q (type I): {:.2f} %; P true: mean walk at the "
        "stop: {:.2f} nats; Q true: mean flips: {:.1f}; Q true: says P (type II): {:.2f} %;",
        *(START_P[2], 100 * START_P[1], START_P[3], START_Q[2], 100 * START_Q[0]),
    ),
    (
        "type I ≤ exp(lower): holds, margin {:.4f}; type II ≤ exp(-upper): holds, margin {:.4f}",
        *(1 / math.e - START_P[1], 1 / math.e - START_Q[0]),
    ),
    # By code
    ("P true: says P {:.4f}, says Q {:.4f}, {:.1f} flips", *BOTH_P[:3]),
    ("Q true: says P {:.4f}, says Q {:.4f}, {:.1f} flips", *BOTH_Q[:3]),
    (
        "second order\n"
        + "\n".join(" {} {:.4f} {:.4f} {:.4f}" for _ in FLIPS[:-1])
        + "\n {} {:.4f} {} {:.4f}\n",
        *interleaved(
            FLIPS,
            map(type_two, FLIPS),
            [*map(type_two, FLIPS[:-1]), math.inf],
            map(second_order, FLIPS),
        ),
    ),
    ("\n limit {:.4f}", KL_P),
    # Predict again
    (
        "Saying P from {:g} on, {} flips make the errors fall by {:.4f} (type I) and {:.4f} (type "
        "II) nats a flip. The slower one counts: type I, {:.4f}.",
        *(0.7, 200, exponent(200, 1 - tail(200, P, 140)), exponent(200, tail(200, Q, 140))),
        exponent(200, 1 - tail(200, P, 140)),
    ),
    (
        "type I: P true, says Q: {:.1f}·10⁻⁴; type I: exponent: {:.4f} nats a flip; type I: "
        "limit, KL(share‖P): {:.4f};",
        *(1e4 * float(1 - tail(200, P, 140)), exponent(200, 1 - tail(200, P, 140))),
        kl([0.7, 0.3], BENT),
    ),
    (
        "type II: Q true, says P: {:.1f}·10⁻⁹; type II: exponent: {:.4f} nats a flip; type II: "
        "limit, KL(share‖Q): {:.4f};",
        *(1e9 * float(tail(200, Q, 140)), exponent(200, tail(200, Q, 140))),
        kl([0.7, 0.3], FAIR),
    ),
    (
        "the smaller limit ≤ {:.4f}: holds, margin {:.4f}; error ≤ exp(-flips × limit): holds, "
        "margin {:.4f}",
        *(crossing()[1], crossing()[1] - kl([0.7, 0.3], BENT)),
        exponent(200, tail(200, Q, 140)) - kl([0.7, 0.3], FAIR),
    ),
    (
        "largest {:.6f}, at ½ {:.6f}, by klteach {:.6f}",
        *(crossing()[1], -math.log(math.sqrt(0.4) + math.sqrt(0.1)), crossing()[1]),
    ),
    # Where this bites
    ("\n5 Elo log likelihood ratio {:.2f}", of_chess(True)),
    ("\n5 BayesElo log likelihood ratio {:.2f}", of_chess(False)),
]
SAID[EXERCISES, "text"] = [
    (
        "comes down to KL({:g}‖{:g}) = {:.4f}, type II climbs to KL({:g}‖{:g}) = {:.3f}, and no",
        *(0.7, 0.5, kl([0.7, 0.3], FAIR), P, Q, KL_P),
    ),
]
DRAWN = np.random.default_rng(14).binomial(1, 0.8, 10_000)
SAID[EXERCISES, "printed"] = [
    (
        "mean step {:.3f} KL {:.3f}",
        *(DRAWN.mean() * HEADS + (1 - DRAWN.mean()) * TAILS, KL_P),
    ),
    (
        "tail type II\n" + "\n".join(3 * [" {} {:.4f} {:.4f}"]),
        *interleaved(
            (100, 500, 20_000),
            [exponent(n, tail(n, Q, 7 * n // 10)) for n in (100, 500, 20_000)],
            map(type_two, (100, 500, 20_000)),
        ),
    ),
    ("\nChernoff {:.6f}", crossing()[1]),
    ("comes down to KL({:g}‖{:g}) = {:.4f} from above", 0.7, 0.5, kl([0.7, 0.3], FAIR)),
]


# Explore


def test_the_walk_goes_on_between_the_thresholds_and_the_mean_of_its_end_is_kl_times_flips():
    says(
        LESSON,
        "What stays in the second is",
        r"\mathbb{E}_P[\text{flips}] \cdot \mathrm{KL}(P \Vert Q) = \mathbb{E}_P[L",
    )
    for above, below in ((3, -6), (6, -6), (1, -1), (0.5, -4), (2.25, -0.75)):
        for heads, slope in ((P, KL_P), (Q, -KL_Q)):
            _, _, flips, at_stop = walked(heads, above, below)
            assert at_stop / flips == pytest.approx(slope, rel=1e-9)


def test_twenty_times_as_sure_takes_less_than_twice_the_flips():
    says(
        LESSON, "400:1 instead of 20:1 takes", "twenty times as sure for less than twice the flips"
    )
    assert FAR[2] < 2 * NEAR[2] and walked(Q, 3.0, -6.0)[0] / walked(Q, 6.0, -6.0)[0] > 15
    assert f"{math.exp(3):.0f} {math.exp(6):.0f}" == "20 403"


# The idea


def test_the_bounds_of_the_sequential_test():
    says(LESSON, r"\text{type II} = \sum_s q(s) \;\le\; e^{-a} \sum_s p(s) \;\le\; e^{-a}")
    for above, below in itertools.product((0.5, 1.0, 3.0, 5.0), (-0.5, -2.0, -4.0)):
        says_p, says_q, *_ = walked(P, above, below)
        wrong_p, wrong_q, *_ = walked(Q, above, below)
        assert wrong_p <= math.exp(-above) * says_p <= math.exp(-above)
        assert says_q <= math.exp(below) * wrong_q <= math.exp(below)


def test_the_two_halves_of_steins_lemma_for_the_coins():
    says(LESSON, "type II is at most $e^{-n(\\mathrm{KL} - \\varepsilon)}$")
    says(LESSON, r"\;\ge\; (1 - \alpha - \delta_n)\, e^{-n (\mathrm{KL} + \varepsilon)}")
    epsilon = 0.03
    for n in (50, 200, 1000):
        k = np.arange(n + 1)
        place = k * HEADS + (n - k) * TAILS
        under_p, under_q = stats.binom.pmf(k, n, P), stats.binom.pmf(k, n, Q)
        says_p = place >= n * (KL_P - epsilon)
        assert under_q[says_p].sum() <= math.exp(-n * (KL_P - epsilon))
        missed = 1 - under_p[says_p].sum()
        assert n < 1000 or missed < 0.05
        delta = under_p[place > n * (KL_P + epsilon)].sum()
        for least in np.arange(n + 1)[np.cumsum(under_p) <= 0.6]:  # other tests, other α
            alpha = under_p[:least].sum()
            bound = (1 - alpha - delta) * math.exp(-n * (KL_P + epsilon))
            assert under_q[least:].sum() >= bound


def test_alpha_does_not_get_into_the_exponent():
    says(LESSON, "It does not get into the exponent.")
    exponents = [[type_two(n, alpha) for alpha in (0.001, 0.05, 0.3)] for n in (100, 2000, 20_000)]
    for few, many in itertools.pairwise(exponents):
        assert np.ptp(many) < np.ptp(few) / 3
    assert all(abs(value - KL_P) < 0.012 for value in exponents[-1])


def test_the_second_order_is_what_is_missing():
    says(LESSON, r"the exponent is about $\mathrm{KL} - z \sqrt{V/n}$")
    says(LESSON, "At 2000 flips a tenth of the limit is still missing, as the second order says")
    assert 1 - type_two(2000) / KL_P == pytest.approx(0.1, abs=0.006)
    for n in FLIPS:
        # the next term is log n / 2n, and thresholds on whole numbers of heads shift it by some 1/n
        assert type_two(n) - second_order(n) == pytest.approx(math.log(n) / (2 * n), abs=2 / n)


# By code


def test_with_a_fixed_number_of_flips_it_takes_28():
    def both_below(n):
        k = np.arange(n + 2)
        type_one, two = stats.binom.cdf(k - 1, n, P), stats.binom.sf(k - 1, n, Q)
        return (np.maximum(type_one, two) <= 0.05).any()

    assert next(n for n in itertools.count(1) if both_below(n)) == 28
    says(LESSON, "nearly twice as many")
    assert 1.7 < 28 / BOTH_P[2] < 28 / BOTH_Q[2] < 2.05


def test_type_i_is_at_most_five_percent_and_the_probability_has_no_float():
    for n in FLIPS:
        type_one = 1 - tail(n, P, least_heads(n))
        assert 0.03 < type_one <= 0.05 < 1 - tail(n, P, least_heads(n) + 1)
    assert 5e-324 > 0 and 4e-325 / 10 == 0
    assert stats.binom.logsf(least_heads(20_000) - 1, 20_000, Q) == -math.inf


# Predict again


def test_the_crossing_is_chernoffs_number_and_the_product_of_powers():
    says(LESSON, "**[Chernoff information]** is the height", "is the height of the crossing")
    share, height = crossing()
    for p, q in zip(distributions(4, 30), distributions(5, 30)[:, :4], strict=True):
        q = q / q.sum()

        def middle(weight, p=p, q=q):
            mixed = p**weight * q ** (1 - weight)
            return mixed / mixed.sum()

        found = optimize.minimize_scalar(
            lambda w, p=p, q=q: np.log(np.sum(p**w * q ** (1 - w))),
            bounds=(0, 1),
            method="bounded",
            options={"xatol": 1e-12},
        )
        nearest = middle(found.x)
        assert kl(nearest, p) == pytest.approx(-found.fun, rel=1e-6)
        assert kl(nearest, q) == pytest.approx(-found.fun, rel=1e-6)
        assert -found.fun < min(kl(p, q), kl(q, p))
        assert -math.log(np.sum(np.sqrt(p * q))) <= -found.fun + 1e-12  # "never above the largest"
    assert f"{share:.3f} {height:.4f}" == "0.661 0.0528"


def test_the_total_error_of_the_best_test_falls_by_chernoffs_number():
    says(LESSON, "the total error of the best test, unit 13, falls like $e^{-n\\,C}$")
    rates = []
    for n in (40, 400, 4000, 20_000):
        k = np.arange(n + 1)
        smaller = np.minimum(stats.binom.logpmf(k, n, P), stats.binom.logpmf(k, n, Q))
        rates.append(-np.logaddexp.reduce(smaller) / n)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(crossing()[1], rel=0.005)


def test_sanov_for_a_coin_and_for_a_die():
    says(LESSON, r"\frac{1}{n + 1}\, e^{-n\,\mathrm{KL}(r \Vert P)} \;\le\; P(\text{share} = r)")
    for n in (5, 40, 300):
        for k in range(n + 1):
            rate = math.exp(-n * kl([k / n, 1 - k / n], BENT))
            there = stats.binom.pmf(k, n, P)
            assert rate / (n + 1) <= there * (1 + 1e-9) and there <= rate * (1 + 1e-9)
            # "times the chance that a coin with r itself does"
            assert there == pytest.approx(rate * stats.binom.pmf(k, n, k / n), rel=1e-9)
    # a set of distributions: dice whose mean is 4.5 or more; the nearest is a tilted one
    faces = np.arange(1, 7)
    slope = optimize.brentq(lambda t: special.softmax(t * faces) @ faces - 4.5, 0, 2)
    nearest = kl(special.softmax(slope * faces), np.full(6, 1 / 6))
    n, law = 400, np.array([1.0])
    for _ in range(n):
        law = np.convolve(law, np.full(6, 1 / 6))
    exact = -math.log(law[math.ceil(4.5 * n) - n :].sum()) / n
    assert nearest < exact < nearest + 0.015


def test_no_threshold_makes_both_errors_fall_faster_than_chernoffs_number():
    says(EXERCISES, "no single test lets both errors fall faster than Chernoff's number")
    shares = np.linspace(0.5, 0.8, 301)
    slower = [min(kl([r, 1 - r], BENT), kl([r, 1 - r], FAIR)) for r in shares]
    assert max(slower) <= crossing()[1] + 1e-12


def test_the_second_task_of_the_second_explorer_finds_the_number_of_the_table():
    says(LESSON, "Where have you seen the number?")
    explorer = unit_14.one_threshold()
    state = explorer._numeric([{"share": least_heads(2000) / 2000, "count": 1}])
    frame = unit_14._update_errors(state)
    assert frame.tasks[1].reached[0]
    assert f"{frame.readouts[4].values[0]:.4f}" == f"{type_two(2000):.4f}" == "0.1744"
    assert "0.1744" in read(LESSON).printed


# Where this bites


def test_the_two_programs_stand_on_both_sides_of_the_threshold():
    assert of_chess(False) < math.log(19) < of_chess(True)
    # both errors 5 %: the threshold is log (0.95 / 0.05)
    assert math.log(0.95 / 0.05) == pytest.approx(math.log(19))


def test_a_tenth_of_the_shift_takes_a_hundred_times_the_rows():
    says(LESSON, "A tenth of the shift takes a hundred times the rows.", "KL is $d^2/2$ (unit 06)")
    assert rows_to_twenty(0.1) == pytest.approx(100 * rows_to_twenty(1), rel=1e-6)
    assert rows_to_twenty(0.3) == pytest.approx(TWENTY / (0.3**2 / 2), rel=1e-6)


def test_in_two_arms_it_takes_four_times_as_many_in_all():
    """The mean of n rows has variance 1/n, and the difference of two such means 2/n."""
    says(LESSON, "for small effects four times as many visitors in all")
    shift, nats = 0.01, TWENTY
    one = 2 * nats / shift**2  # n with n shift² / 2 = nats
    in_each_arm = 2 * nats * 2 / shift**2  # n with shift² / (2 · 2/n) = nats
    assert 2 * in_each_arm == pytest.approx(4 * one)


def test_the_question_of_the_beginning_is_answered():
    says(LESSON, "may you look after each of them?", "*although you look after every flip*")
