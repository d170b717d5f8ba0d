"""What lesson 05 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy import optimize, special, stats
from scipy.spatial import distance

from klteach.measures import population_stability_index
from klteach.units.lookup import find_question
from klteach.units.u05_two_directions import explorer as unit_05
from tests.units.lesson_text import read, says
from tests.units.second_route import LOG_RATIOS, P, Q, cross, distributions, kl, nats

LESSON = "notebooks/05_two_directions"
EXERCISES = LESSON.replace("notebooks", "solutions")

FAIR, BENT = [0.5, 0.5], [0.9, 0.1]
SURE = [1.0, 0.0]
SALES = [0.45, 0.04, 0.02, 0.04, 0.45]
EVEN, MORNING = [0.2] * 5, [0.90, 0.04, 0.02, 0.02, 0.02]
LAST_MONTH, THIS_MONTH = [0.20, 0.30, 0.30, 0.20], [0.21, 0.30, 0.30, 0.19]

# the positions of the explorer: steps of 0.02, the borders among them
STEPS = np.arange(51) / 50
POSITIONS = np.array(list(itertools.product(STEPS, STEPS)))


def jeffreys(p, q):
    return np.dot(np.subtract(p, q), np.log(np.divide(p, q)))


def middle(p, q):
    return np.add(p, q) / 2


def js(p, q):
    return distance.jensenshannon(p, q) ** 2


def js_swapped(p, q):
    """What becomes of JS when the middle comes first."""
    return (kl(middle(p, q), p) + kl(middle(p, q), q)) / 2


def step_towards(p, q, step):
    return np.add(p, step * np.subtract(q, p))


def coin(heads):
    return [heads, 1 - heads]


def row(step):
    near = step_towards(P, Q, step)
    forward, reverse = kl(P, near), kl(near, P)
    both = jeffreys(P, near)
    return forward, reverse, forward / reverse, both / forward, both / js(P, near)


SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    (
        "sells {:.0f} % of its drinks in the morning and {:.0f} % in the evening",
        100 * SALES[0],
        100 * SALES[4],
    ),
    (
        "leaves **{:.0f} %** of the sales to {:.0f} % of the staff",
        100 * SALES[4],
        100 * MORNING[4],
    ),
    # Predict
    ("two numbers that were close, {:.3f} and {:.3f}", kl(P, Q), kl(Q, P)),
    # Explore
    (
        "believing 90/10 of a fair coin costs {:.3f} nats a flip, "
        "believing fair of a 90/10 coin {:.3f}",
        kl(FAIR, BENT),
        kl(BENT, FAIR),
    ),
    ("The explorer has {} positions.", len(POSITIONS)),
    # The idea
    (r"pays $-\ln {:g} = {:.3f}$ nats for tails", BENT[1], -math.log(BENT[1])),
    ("A believer in fairness pays {:.3f} nats whatever comes", nats(FAIR)),
    ("| sales P | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | | |", *SALES),
    (
        "| even plan Q | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | **{:.3f}** | {:.3f} |",
        *EVEN,
        math.log(5) - nats(SALES),
        kl(EVEN, SALES),
    ),
    (
        "| morning plan Q | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.3f} | **{:.3f}** |",
        *MORNING,
        kl(SALES, MORNING),
        kl(MORNING, SALES),
    ),
    ("nowhere short by more than a factor of {:.2f}", max(np.divide(SALES, EVEN))),
    ("short by a factor of {:.1f} in the evening", max(np.divide(SALES, MORNING))),
    ("one cutoff of {:g} for all three", 0.1),
    # By hand
    (
        r"${:g} \ln \tfrac{{{:g}}}{{{:g}}} + {:g} \ln \tfrac{{{:g}}}{{{:g}}} "
        r"= {:.3f} + {:.3f} = {:.3f}$".replace("$", "", 1),
        *(0.5, 0.5, 0.9, 0.5, 0.5, 0.1),
        *special.rel_entr(FAIR, BENT),
        kl(FAIR, BENT),
    ),
    (
        r"{:g} \ln \tfrac{{{:g}}}{{{:g}}} + {:g} \ln \tfrac{{{:g}}}{{{:g}}} "
        r"= {:.3f} - {:.3f} = {:.3f}$",
        *(0.9, 0.9, 0.5, 0.1, 0.1, 0.5),
        special.rel_entr(BENT, FAIR)[0],
        -special.rel_entr(BENT, FAIR)[1],
        kl(BENT, FAIR),
    ),
    (
        r"$J(P, Q) = {:.3f} + {:.3f} = {:.3f} \text{{ nats}}$",
        kl(FAIR, BENT),
        kl(BENT, FAIR),
        jeffreys(FAIR, BENT),
    ),
    (
        r"Tails have the log ratio $\ln \tfrac{{{:g}}}{{{:g}}} = {:.3f}$",
        FAIR[1],
        BENT[1],
        math.log(FAIR[1] / BENT[1]),
    ),
    (
        "a surcharge of weight {:g} in the first, a discount of weight {:g} in the second",
        FAIR[1],
        BENT[1],
    ),
    # By code
    ("they agree within {:.1f} %", 100 * (1 - row(0.01)[2])),
    # Predict again
    ("an alarm that should be infinite reads {:.3f}", kl(SURE, coin(0.8))),
    # Where this bites
    ("For {:.2f} and {:.2f} nothing shows", 0.6, 0.4),
    (
        "For {:.2f} and {:.2f} the two values are {:.3f} and {:.3f}",
        *coin(0.9),
        js(coin(0.9), coin(0.1)),
        js_swapped(coin(0.9), coin(0.1)),
    ),
    (
        "For {:.2f} and {:.2f} the swapped one is {:.3f}, and JS is never above {:.3f}",
        *coin(0.99),
        js_swapped(coin(0.99), coin(0.01)),
        js([1, 0], [0, 1]),
    ),
]
SAID[LESSON, "printed"] = [
    # Explore
    (
        "P shows heads with probability {:.2f}, Q with {:.2f}: the same coin, so both directions",
        *(0.7, 0.7),
    ),
    (
        "KL(P‖Q): {:.3f} nats; KL(Q‖P): {:.3f} nats; KL(P‖Q) - KL(Q‖P): {:.3f} nats",
        *3 * [kl(coin(0.7), coin(0.7))],
    ),
    ("both ≥ 0: holds, margin {:.3f}", kl(coin(0.7), coin(0.7))),
    ("the longer bar as shaded: holds, margin {:.3f}", kl(coin(0.7), coin(0.7))),
    # By code
    (
        "KL(P‖Q) {:.6f}\nKL(Q‖P) {:.6f}\nJ(P, Q) {:.6f}",
        np.dot(P, LOG_RATIOS),
        -np.dot(Q, LOG_RATIOS),
        np.dot(np.subtract(P, Q), LOG_RATIOS),
    ),
    (
        "J/JS\n" + "\n".join(3 * ["{:g} {:.6f} {:.6f} {:.3f} {:.3f} {:.3f}"]),
        *itertools.chain.from_iterable((step, *row(step)) for step in (1, 0.1, 0.01)),
    ),
    # Predict again
    ("sure coin, believed 80/20: {:.3f} nats", -math.log(0.8)),
    ("80/20 coin, believed sure: {} nats", kl(coin(0.8), SURE)),
    # Where this bites
    (
        "\n".join(3 * ["{:.2f} and {:.2f}: JS {:.3f} swapped {:.3f}"]),
        *itertools.chain.from_iterable(
            (
                *coin(heads),
                js(coin(heads), coin(1 - heads)),
                js_swapped(coin(heads), coin(1 - heads)),
            )
            for heads in (0.6, 0.9, 0.99)
        ),
    ),
]
SAID[EXERCISES, "code"] = [
    (
        ">>> float(jeffreys(np.array([1.0, 0.0]), np.array([0.5, 0.5])))\n {}",
        kl(SURE, FAIR) + kl(FAIR, SURE),
    ),
]
SAID[EXERCISES, "text"] = [
    ("more than {:g} away in the probability of heads", 0.1),
]
SAID[EXERCISES, "printed"] = [
    (
        "PSI {:.6f} = {:.2f} KL = {:.2f} JS",
        jeffreys(LAST_MONTH, THIS_MONTH),
        jeffreys(LAST_MONTH, THIS_MONTH) / kl(LAST_MONTH, THIS_MONTH),
        jeffreys(LAST_MONTH, THIS_MONTH) / js(LAST_MONTH, THIS_MONTH),
    ),
]


def test_the_presets_that_the_lesson_names():
    says(LESSON, "*fair, believed 90/10*", "*90/10, believed fair*")
    offered = {p["name"]: p["state"] for p in unit_05.two_coins().spec["presets"]}
    assert offered["fair, believed 90/10"] == {"p": FAIR[0], "q": BENT[0]}
    assert offered["90/10, believed fair"] == {"p": BENT[0], "q": FAIR[0]}


def both_directions(p, q):
    """KL(P‖Q) and KL(Q‖P) of coins, with arrays of heads."""
    forward = special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q)
    return forward, special.rel_entr(q, p) + special.rel_entr(1 - q, 1 - p)


def test_the_surer_belief_costs_more_and_only_the_diagonals_are_equal():
    says(
        LESSON,
        "In each where one coin is nearer to certain, believing that coin costs more.",
        "equal on the two diagonals only",
        "then go to the upper left corner",
    )
    p, q = POSITIONS.T
    forward, reverse = both_directions(p, q)
    surer = np.round(abs(q - 0.5) - abs(p - 0.5), 9)
    assert (forward[surer > 0] > reverse[surer > 0]).all()
    assert (forward[surer < 0] < reverse[surer < 0]).all()
    finite = np.isfinite(forward[surer == 0])
    np.testing.assert_allclose(forward[surer == 0][finite], reverse[surer == 0][finite], atol=1e-12)
    assert np.isinf(reverse[surer == 0][~finite]).all()
    on_a_diagonal = (abs(p - q) < 1e-9) | (abs(p + q - 1) < 1e-9)
    assert ((surer == 0) == on_a_diagonal).all()
    assert both_directions(0.0, 1.0) == (math.inf, math.inf)  # the upper left corner


def test_the_same_log_ratios_with_other_weights():
    says(LESSON, "**The log ratios are the same** but for their sign.")
    says(LESSON, "the fair coin shows tails every other flip")
    assert kl(P, Q) == pytest.approx(np.dot(P, LOG_RATIOS))
    assert kl(Q, P) == pytest.approx(-np.dot(Q, LOG_RATIOS))
    says(LESSON, "in both lines, but for its sign")
    dear = math.log(FAIR[1] / BENT[1])
    assert special.rel_entr(FAIR, BENT)[1] == pytest.approx(0.5 * dear)
    assert special.rel_entr(BENT, FAIR)[1] == pytest.approx(-0.1 * dear)


def test_where_the_infinity_lives():
    says(
        LESSON,
        "| infinite if | P does what Q says never | Q does what P says never |",
        "A 0 in the one that samples costs nothing.",
    )
    for p, q in itertools.product(distributions(3, 20), repeat=2):
        for zero_p, zero_q in itertools.product((None, 0, 1), repeat=2):
            a, b = without(p, zero_p), without(q, zero_q)
            assert math.isinf(kl(a, b)) == bool(((a > 0) & (b == 0)).any())
            assert math.isinf(kl(b, a)) == bool(((b > 0) & (a == 0)).any())


def without(p, outcome):
    p = p.copy()
    if outcome is not None:
        p[outcome] = 0
    return p / p.sum()


def test_forward_covers_and_reverse_seeks():
    says(
        LESSON,
        "Forward prefers the even plan: wrong everywhere",
        "its own samples hardly ever get there",
        "Neither mistyped a formula: the arguments stood in the other order.",
    )
    for plan in (SALES, EVEN, MORNING):
        assert sum(plan) == pytest.approx(1)
    assert kl(SALES, EVEN) < kl(SALES, MORNING) and kl(EVEN, SALES) > kl(MORNING, SALES)
    assert all(p != q for p, q in zip(SALES, EVEN, strict=True))
    assert np.divide(SALES, MORNING).argmax() == 4  # the evening
    # where nothing may be 0 in P, and where nothing may be 0 in Q, also in the limit
    assert kl(SALES, [1, 0, 0, 0, 0]) == math.inf
    assert kl([1, 0, 0, 0, 0], SALES) == pytest.approx(-math.log(SALES[0]))
    assert kl(EVEN, [0.5, 0, 0, 0, 0.5]) == math.inf


def test_jeffreys_is_both_directions_and_psi_and_not_js():
    says(
        LESSON,
        "symmetric and infinite as soon as one direction is",
        'So PSI is not "KL on bins".',
        "Nor is half of it, the mean of the two directions.",
        r"is never above $\log 2$",
        "The drift tools call J by its other name, `population_stability_index`",
    )
    assert jeffreys(P, Q) == pytest.approx(kl(P, Q) + kl(Q, P)) == pytest.approx(jeffreys(Q, P))
    assert kl(SURE, FAIR) + kl(FAIR, SURE) == math.inf
    for p, q in zip(distributions(4), distributions(5)[:, :4], strict=True):
        q = q / q.sum()
        assert abs(jeffreys(p, q) / 2 - js(p, q)) > 1e-6
        assert 0 < js(p, q) < math.log(2)
        # PSI as drift tools write it, bin by bin
        psi = sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))
        assert psi == pytest.approx(kl(p, q) + kl(q, p))
        assert population_stability_index(p, q) == pytest.approx(psi)


def test_up_close_all_of_them_are_one_quadratic_form_but_for_a_factor():
    says(
        LESSON,
        "but for terms of third order",
        "So PSI ≈ 2 · KL ≈ 8 · JS",
        "At full length the directions differ by a tenth.",
        "J is about twice KL, and it is eight times JS",
    )
    assert row(1)[2] == pytest.approx(1.1, abs=0.005)
    assert row(0.01)[3] == pytest.approx(2, abs=0.02)
    assert row(0.01)[4] == pytest.approx(8, abs=0.02)
    # the error falls with the third power of the step
    for p, q in zip(distributions(3, 20), distributions(4, 20)[:, :3], strict=True):
        coarse, fine = (errors_of_the_form(p, q, step) for step in (1e-4, 1e-5))
        assert fine[0] < coarse[0] / 500 and fine[1] < coarse[1] / 500


@mpmath.workdps(40)
def errors_of_the_form(p, q, step):
    """How far KL(P‖Q) and KL(Q‖P) are from ½ Σ (p - q)²/p, a step from P towards Q."""
    p, q = ([mpmath.mpf(float(x)) for x in shares] for shares in (p, q))
    p, q = [x / sum(p) for x in p], [x / sum(q) for x in q]
    near = [a + mpmath.mpf(step) * (b - a) for a, b in zip(p, q, strict=True)]
    form = sum((a - b) ** 2 / a for a, b in zip(p, near, strict=True)) / 2
    forward = sum(a * mpmath.log(a / b) for a, b in zip(p, near, strict=True))
    reverse = sum(b * mpmath.log(b / a) for a, b in zip(p, near, strict=True))
    return abs(forward - form), abs(reverse - form)


# The seven readings


def test_the_surprise_reading_and_the_coding_reading():
    says(
        LESSON,
        "| surprise | the extra surprise of a believer in Q |",
        "| coding | the nats wasted per symbol |",
    )
    for p, q in ((P, Q), (FAIR, BENT), (BENT, FAIR)):
        assert cross(p, q) - nats(p) == pytest.approx(kl(p, q))
    # bits, with the codes of dyadic shares: whole words, counted
    source, other = [0.5, 0.25, 0.125, 0.125], [0.125, 0.125, 0.25, 0.5]
    own, wrong = [1, 2, 3, 3], [3, 3, 2, 1]
    assert np.dot(source, wrong) - np.dot(source, own) == kl(source, other) / math.log(2)


def test_the_two_betting_readings():
    says(LESSON, "| betting, gain | the growth per round of one who knows P |", "at any odds |")
    odds_for_q = 1 / np.array(Q)
    assert np.dot(P, np.log(P * odds_for_q)) == pytest.approx(kl(P, Q))
    for odds in 1 / distributions(3, 100):
        knows = np.dot(P, np.log(P * odds))
        believes = np.dot(P, np.log(Q * odds))
        assert knows - believes == pytest.approx(kl(P, Q))


def test_the_reading_as_a_gap_above_a_tangent():
    says(LESSON, "| geometry | the gap at P between negative entropy and its tangent at Q |")
    for p, q in zip(distributions(4, 100), distributions(5, 100)[:, :4], strict=True):
        q = q / q.sum()
        slope = optimize.approx_fprime(q, lambda x: -special.entr(x).sum(), 1e-7)
        tangent = -nats(q) + np.dot(slope, p - q)
        assert -nats(p) - tangent == pytest.approx(kl(p, q), abs=1e-4)


def test_the_reading_as_a_likelihood():
    says(LESSON, "| likelihood | what maximum likelihood makes small | the shares in the data |")
    # 0 to 2 heads in two flips: a family that does not hold the shares themselves
    shares = np.array([0.5, 0.1, 0.4])
    heads = np.linspace(0.01, 0.99, 99)
    models = stats.binom.pmf(np.arange(3), 2, heads[:, None])
    likelihood = np.log(models) @ shares
    forward = special.rel_entr(shares, models).sum(axis=1)
    assert np.ptp(likelihood + forward) < 1e-12
    assert likelihood.argmax() == forward.argmin()
    assert forward.argmin() != special.rel_entr(models, shares).sum(axis=1).argmin()


def test_the_reading_as_an_error_exponent():
    says(
        LESSON,
        "| testing | how fast samples from Q stop passing for P | the hypothesis to keep |",
        "a test keeps its rate of rejecting a true P fixed",
    )
    # the best test of P = 80 % heads against Q = fair rejects few heads; exact, by the binomial
    p, q = coin(0.8), coin(0.5)
    exponents = []
    for n in (400, 2000, 10_000):
        threshold = stats.binom.ppf(0.05, n, p[0])  # keeps P in about 95 of 100 cases
        passing = stats.binom.logpmf(np.arange(threshold, n + 1), n, q[0])
        exponents.append(-special.logsumexp(passing) / n)
    assert exponents == sorted(exponents)
    variance = np.dot(p, np.log(np.divide(p, q)) ** 2) - kl(p, q) ** 2
    second_order = kl(p, q) - math.sqrt(variance / 10_000) * stats.norm.ppf(0.95)
    assert exponents[-1] == pytest.approx(second_order, rel=0.01)
    assert abs(exponents[-1] - kl(p, q)) < 0.01 < kl(q, p) - exponents[-1]


def test_seven_readings_are_seven():
    says(LESSON, "**Seven readings of one number.** All of them read KL(P‖Q)")
    table = read(LESSON).text.split("| reading |")[1].split("\n\n")[0]
    assert len(table.split("\n")) - 2 == 7


# Where this bites


def test_a_turned_formula_shows_far_apart_and_not_close_by():
    says(
        LESSON,
        "nothing shows: close by, both directions agree",
        "our prediction once more, since the middle is a fair coin",
        "| before | KL(F‖M), as JS asks |",
        "| after | KL(M‖F) |",
        "still averages KL(M‖F)",
    )
    close, swapped = js(coin(0.6), coin(0.4)), js_swapped(coin(0.6), coin(0.4))
    assert f"{close:.3f}" == f"{swapped:.3f}"
    assert list(middle(coin(0.9), coin(0.1))) == FAIR
    assert js(coin(0.9), coin(0.1)) == pytest.approx(kl(BENT, FAIR))
    assert js_swapped(coin(0.9), coin(0.1)) == pytest.approx(kl(FAIR, BENT))
    assert js_swapped(coin(0.99), coin(0.01)) > math.log(2)


# The exercises


def test_each_phrase_of_the_exercise_means_what_the_reference_says():
    """Every phrase is computed from what it describes, and compared with both directions."""
    a, b = np.array([0.7, 0.2, 0.1]), np.array([0.2, 0.2, 0.6])
    draws = np.random.default_rng(5).choice(3, size=400_000, p=b)
    counts = np.bincount(np.random.default_rng(6).choice(3, size=400_000, p=a), minlength=3)
    meant = [
        np.dot(a, -np.log(b)) - np.dot(a, -np.log(a)),  # wasted: data from A, code for B
        np.dot(b, -np.log(a)) - nats(b),  # minus log-likelihood of A on data B, less a constant
        np.mean(np.log(b[draws]) - np.log(a[draws])),  # samples of the encoder B
        np.dot(counts / counts.sum(), np.log(a) - np.log(b)),  # answers written by the policy A
        np.sum(b * (np.log(b) - np.log(a))),  # PyTorch: target * (log target - input)
        stats.entropy(a, b),
        np.dot(b, np.log(b / a)),  # the truth B supplies the samples
        np.dot(a, -np.log(b)) - nats(a),  # cross-entropy with the teacher's probabilities
    ]
    directions = {"AB": kl(a, b), "BA": kl(b, a)}
    assert abs(directions["AB"] - directions["BA"]) > 0.05
    found = [min(directions, key=lambda d: abs(directions[d] - value)) for value in meant]
    for value, direction in zip(meant, found, strict=True):
        assert value == pytest.approx(directions[direction], abs=0.005)
    assert found == find_question("directions").reference()
    phrases = [line for line in read(EXERCISES).text.split("\n") if line[:2].strip(".").isdigit()]
    assert len(phrases) == len(found)


def test_the_mirror_image_is_the_only_other_coin_with_equal_directions():
    heads = np.linspace(0.001, 0.999, 999)
    for p in (0.7, 0.2, 0.95):
        forward, reverse = both_directions(p, heads)
        equal = heads[abs(forward - reverse) < 1e-9]
        apart = equal[abs(equal - p) > 0.1]
        assert apart == pytest.approx([1 - p])


def test_the_near_months_of_the_comparison():
    says(EXERCISES, "It should be twice and eight times")
    assert sum(LAST_MONTH) == pytest.approx(1) and sum(THIS_MONTH) == pytest.approx(1)
    psi = jeffreys(LAST_MONTH, THIS_MONTH)
    assert psi / kl(LAST_MONTH, THIS_MONTH) == pytest.approx(2, abs=0.01)
    assert psi / js(LAST_MONTH, THIS_MONTH) == pytest.approx(8, abs=0.01)
