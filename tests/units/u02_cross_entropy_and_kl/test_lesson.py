"""What lesson 02 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math
import re
import statistics

import mpmath
import numpy as np
import pytest
from scipy import optimize, special, stats

from klteach.measures import kl_divergence
from klteach.units.routes import ROUTES
from klteach.units.u02_cross_entropy_and_kl import explorer as unit_02
from tests.units.lesson_text import presets, read, says
from tests.units.second_route import (
    LOG_RATIOS,
    TERMS,
    WORDS,
    P,
    Q,
    cross,
    distributions,
    expected,
    interleaved,
    kl,
    nats,
)

LESSON = "notebooks/02_cross_entropy_and_kl"
EXERCISES = LESSON.replace("notebooks", "solutions")


# the positions of the explorer of unit 02: steps of 0.02, never 0
POSITIONS = np.array([(a, b, 50 - a - b) for a in range(1, 50) for b in range(1, 50 - a)]) / 50
POSITION_KL = special.rel_entr(P, POSITIONS).sum(axis=1)
# its lower panel: the share of each symbol among 200 drawn from P
DRAWN = np.bincount(np.random.default_rng(2).choice(3, size=200, p=P), minlength=3) / 200


def simulated_growth(seed, rounds=20_000):
    """(mean, its standard error) of the log growth, from the counts of the outcomes alone."""
    winners = np.random.default_rng(seed).choice(3, size=rounds, p=P)
    shares = [list(winners).count(outcome) / rounds for outcome in range(3)]
    mean = expected(shares, LOG_RATIOS)
    variance = expected(shares, [(ratio - mean) ** 2 for ratio in LOG_RATIOS])
    return mean, math.sqrt(variance / (rounds - 1))


# "From labels and logits", by counting; and its training, with a gradient by finite differences
LABELS = np.random.default_rng(1951).choice(3, size=1000, p=P).tolist()
LABEL_SHARES = [LABELS.count(label) / 1000 for label in range(3)]
ROW_LOSSES = [math.log(1 / Q[label]) for label in LABELS]
BATCHES = [statistics.fmean(ROW_LOSSES[i : i + 50]) for i in range(0, 1000, 50)]


def loss_of_logits(z):
    return special.logsumexp(z) - statistics.fmean(z[label] for label in LABELS)


def trained():
    """Q at each step of steepest descent on the mean of -log q(label)."""
    z, found = np.zeros(3), []
    for _ in range(31):
        found.append(special.softmax(z))
        z = z - optimize.approx_fprime(z, loss_of_logits, 1e-7)
    return found


TRAINED = trained()

SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    ("a validation loss of {:.2f} nats", cross(P, Q)),
    ("how much of the **{:.2f}** a better model could remove", cross(P, Q)),
    # Explore
    ("Choose *a wrong code*, Q = ({:g}, {:g}, {:g})", *Q),
    ("P is fixed at ({:g}, {:g}, {:g}), solid blue", *P),
    (
        "less discounts are KL(P‖Q): here {:.3f} - {:.3f} - {:.3f} = {:.3f} nats",
        TERMS[0],
        -TERMS[1],
        -TERMS[2],
        kl(P, Q),
    ),
    ("and the average bill is $H(P)$ = {:.3f} nats", nats(P)),
    ("Play the game: KL = {:.2f} ± {:.2f} nats", unit_02.GOAL, unit_02.WITHIN),
    ("The average bill of {} symbols from P", unit_02.ROUNDS),
    ("The explorer has {} positions of Q", len(POSITIONS)),
    # By hand
    ("$P = ({:g}, {:g}, {:g})$, $Q = ({:g}, {:g}, {:g})$, term by term", *P, *Q),
    (
        r"${:g} \ln \tfrac{{{:g}}}{{{:g}}} = {:.3f}, "
        r"\quad {:g} \ln \tfrac{{{:g}}}{{{:g}}} = {:.3f}, "
        r"\quad {:g} \ln \tfrac{{{:g}}}{{{:g}}} = {:.3f}$",
        *interleaved(P, P, Q, TERMS),
    ),
    (
        r"$\mathrm{{KL}}(P \Vert Q) = {:.3f} - {:.3f} - {:.3f} = {:.3f} \text{{ nats}}$",
        TERMS[0],
        -TERMS[1],
        -TERMS[2],
        kl(P, Q),
    ),
    (
        r"$H(P, Q) = H(P) + \mathrm{{KL}}(P \Vert Q) = {:.3f} + {:.3f} = {:.3f} \text{{ nats}}$",
        nats(P),
        kl(P, Q),
        cross(P, Q),
    ),
    (
        "the loss is $H(P, Q)$: {:.2f} of it is the floor of these data, and {:.2f} is what",
        nats(P),
        kl(P, Q),
    ),
    # By code
    ("The loss ends at {:.4f} and does not say", nats(LABEL_SHARES)),
    (
        "The factors are {:g}, {:.2f} and {:.2f}: this bettor loses in {} rounds out of ten",
        *(math.exp(ratio) for ratio in LOG_RATIOS),
        WORDS[round(10 * sum(p for p, q in zip(P, Q, strict=True) if p < q))],
    ),
    (r"grows by a factor of $e^{{{:.3f}}} = {:.2f}$ a round", kl(P, Q), math.exp(kl(P, Q))),
    # Where this bites
    ("| `(log q, p)`, sum | {:.4f} | KL(P‖Q) |", kl(P, Q)),
    ("| `(log q, p)`, mean (the default) | {:.4f} |", kl(P, Q) / len(P)),
    ("| `(log p, q)`, sum | {:.4f} | KL(Q‖P), swapped |", kl(Q, P)),
    ("| `(p, q)`, sum | {:.4f} | no KL at all", -nats(Q) - np.dot(Q, P)),
    # Next: the pages are 79 to 86 and 917 to 926
    ("The paper behind the name; {} pages", WORDS[86 - 79 + 1]),
    ("The bettor, in {} pages", WORDS[926 - 917 + 1]),
]
SAID[LESSON, "printed"] = [
    ("made for P itself: on average it costs H(P), {:.3f} nats.", nats(P)),
    (
        "KL(P‖Q): {:.3f} nats; H(P, Q): {:.3f} nats; H(P): {:.3f} nats",
        kl(P, P),
        cross(P, P),
        nats(P),
    ),
    (
        "game: KL = {:.1f} ± {:.2f}: {:.3f} too low",
        unit_02.GOAL,
        unit_02.WITHIN,
        unit_02.GOAL - kl(P, P),
    ),
    ("KL ≥ 0: holds, margin {:.3f}; H(P, Q) = H(P) + KL: holds, margin {:.3f}", 0, 0),
    # By code
    ("H(P, Q) {:.4f} H(P) {:.4f} KL {:.4f} nats", cross(P, Q), nats(P), kl(P, Q)),
    ("cross-entropy {:.4f} nats\nKL {:.4f} nats", cross(P, Q), kl(P, Q)),
    ("in bits {:.4f} bits", stats.entropy(P, Q, base=2)),
    ("KL of itself {:.4f}", kl(P, P)),
    ("a zero in Q {}", kl(P, [0.5, 0.5, 0.0])),
    (
        "mean of -log q(label) {:.4f}\nH(shares, Q) {:.4f}",
        math.fsum(ROW_LOSSES) / 1000,
        cross(LABEL_SHARES, Q),
    ),
    (
        "mean of 20 batches {:.4f}, from {:.2f} to {:.2f}",
        statistics.fmean(BATCHES),
        min(BATCHES),
        max(BATCHES),
    ),
    *(
        (
            f"step {step:2} loss {{:.4f}} KL {{:.4f}} loss - KL {{:.4f}}".replace("  ", " "),
            cross(LABEL_SHARES, TRAINED[step]),
            kl(LABEL_SHARES, TRAINED[step]),
            nats(LABEL_SHARES),
        )
        for step in (0, 10, 20, 30)
    ),
    (
        "growth {:.3f} ± {:.3f} a round, KL {:.3f}\n{:.1f} standard errors apart, within 3: {}",
        *simulated_growth(1956),
        kl(P, Q),
        abs(simulated_growth(1956)[0] - kl(P, Q)) / simulated_growth(1956)[1],
        True,
    ),
    # Predict again
    ("in nats\nKL(P‖Q) = {:.3f}\nKL(Q‖P) = {:.3f}", kl(P, Q), kl(Q, P)),
    # Where this bites
    (
        "log q, p {:.4f}\nlog q, p, mean {:.4f}\nlog p, q {:.4f}\np, q {:.4f}",
        kl(P, Q),
        kl(P, Q) / len(P),
        kl(Q, P),
        -nats(Q) - np.dot(Q, P),
    ),
]
SAID[EXERCISES, "code"] = [
    (
        ">>> float(cross_entropy(np.array([0.5, 0.5]), np.array([1.0, 0.0])))\n {}",
        cross([0.5, 0.5], [1.0, 0.0]),
    ),
    (
        ">>> float(kl(np.array([0.5, 0.5]), np.array([0.5, 0.5])))\n {}",
        kl([0.5, 0.5], [0.5, 0.5]),
    ),
]
SAID[EXERCISES, "printed"] = [
    (
        "growth {:.3f} ± {:.3f} a round, KL {:.3f}\nwithin 3 standard errors: {}",
        *simulated_growth(7),
        kl(P, Q),
        True,
    ),
]

# measured numbers that need no second route: (the words that they stand in, why not)
ALLOWED = {
    (LESSON, "text"): [("Section 5.4 prices the wrong code", "a section of a book")],
}


def test_the_preset_that_the_explorer_offers():
    says(LESSON, "At the start Q = P", "in any way but *Q = P*", "Choose *a wrong code*")
    offered = presets(unit_02.wrong_code(), "q")
    assert offered["Q = P"] == P
    assert offered["a wrong code"] == Q


def test_the_positions_of_the_explorer():
    says(LESSON, "whatever Q you choose", "the surcharges win")
    assert unit_02.TOTAL == 50 and list(unit_02.P) == P
    assert len(POSITIONS) == len(np.unique(POSITIONS, axis=0)) == math.comb(49, 2)
    right = (np.abs(POSITIONS - P) < 1e-9).all(axis=1)
    discount = (POSITIONS > np.array(P) + 1e-9).any(axis=1)
    assert right.sum() == 1
    assert (discount == ~right).all()
    assert (POSITION_KL[~right] > 1e-4).all() and abs(POSITION_KL[right]) < 1e-12


def test_the_things_to_find_in_the_explorer_are_there():
    says(
        LESSON,
        "Can you get rid of all of it in any way but *Q = P*?",
        "Under *a wrong code* *b* and *c* have a discount. Find a Q that gives *a* one.",
        "Then find a second Q that hits.",
    )
    assert [q > p for p, q in zip(P, Q, strict=True)] == [False, True, True]
    assert (POSITIONS[:, 0] > P[0] + 1e-9).sum() > 50  # many, so that one is met by dragging
    assert (np.abs(POSITION_KL - unit_02.GOAL) <= unit_02.WITHIN).sum() >= 2


def test_the_lower_panel_ends_near_its_line_in_every_position():
    says(LESSON, "ends near the dashed line, $H(P, Q)$", "it settles near KL(P‖Q)")
    bill, growth = -np.log(POSITIONS), np.log(P) - np.log(POSITIONS)
    for values in (bill, growth):
        assert np.abs(values @ DRAWN - values @ P).max() < 0.1  # the axis is 3.7 nats high


def test_cross_entropy_and_kl_have_the_same_best_q():
    says(LESSON, "so both have the same best Q", "since its floor is 0")
    says(
        LESSON, "Loss and KL fall by the same amounts, since their difference, $H(\\hat P)$, stays."
    )
    bills = -np.log(POSITIONS) @ P
    assert bills.argmin() == POSITION_KL.argmin()
    assert bills.min() == pytest.approx(nats(P)) and abs(POSITION_KL.min()) < 1e-12


def test_a_loss_over_labels_is_a_cross_entropy_whatever_the_logits():
    says(
        LESSON,
        r"= H(\hat P, Q) = H(\hat P) + \mathrm{KL}(\hat P \Vert Q)",
        r"since $\log q_k = z_k - \log \sum_j e^{z_j}$, the *log-softmax*",
    )
    random = np.random.default_rng(3)
    for _ in range(20):
        z, labels = random.normal(size=5), random.integers(5, size=40)
        q = special.softmax(z)
        shares = [list(labels).count(label) / 40 for label in range(5)]
        rows = [-(z[label] - math.log(math.fsum(np.exp(z)))) for label in labels]
        assert rows == pytest.approx([-math.log(q[label]) for label in labels])
        assert statistics.fmean(rows) == pytest.approx(cross(shares, q))
        assert cross(shares, q) == pytest.approx(nats(shares) + kl(shares, q))
        np.testing.assert_allclose(special.softmax(z + 4), q)  # "changes nothing"


def test_the_gradient_in_the_logits_is_model_less_labels():
    says(LESSON, r"The gradient of this loss in the logits is $q - \hat p$")
    for z in np.random.default_rng(4).normal(size=(10, 3)):
        gradient = optimize.approx_fprime(z, loss_of_logits, 1e-7)
        np.testing.assert_allclose(gradient, special.softmax(z) - LABEL_SHARES, atol=1e-6)


def test_batches_of_one_size_average_to_all_rows_and_a_shorter_one_has_to_be_weighted():
    says(LESSON, "Batches of equal size average to the loss of all rows", "weighted by its rows")
    whole = statistics.fmean(ROW_LOSSES)
    assert statistics.fmean(BATCHES) == pytest.approx(whole)
    uneven = [ROW_LOSSES[i : i + 300] for i in range(0, 1000, 300)]
    means, sizes = zip(*((statistics.fmean(batch), len(batch)) for batch in uneven), strict=True)
    assert abs(statistics.fmean(means) - whole) > 1e-3
    assert np.average(means, weights=sizes) == pytest.approx(whole)


def test_the_floor_of_a_loss_belongs_to_the_inputs():
    """Two inputs with labels of their own: one Q for both has another floor than one for each."""
    says(
        LESSON,
        "No model *of these inputs* gets below the average of $H(P_x)$.",
        "Other inputs, such as a longer context, have another floor.",
    )
    given_x, of_x = np.array([[0.9, 0.1], [0.2, 0.8]]), [0.5, 0.5]
    floor = np.dot(of_x, [nats(row) for row in given_x])
    grid = np.linspace(0.001, 0.999, 999)
    best = [min(cross(row, [a, 1 - a]) for a in grid) for row in given_x]
    assert np.dot(of_x, best) == pytest.approx(floor, abs=1e-6)
    assert floor < nats(of_x @ given_x) - 0.1  # without x


def test_the_two_promises_of_unit_01():
    says(
        LESSON,
        r"so $\log n = H(P) + \mathrm{KL}(P \Vert Q) \ge H(P)$",
        "so the average length is at least $H(P, Q)$, and that is at least $H(P)$",
    )
    for size in (2, 3, 10):
        uniform = np.full(size, 1 / size)
        for p in distributions(size, 50):
            assert nats(p) + kl(p, uniform) == pytest.approx(math.log(size))
    p = [0.7, 0.2, 0.1]
    for lengths in itertools.product(range(1, 6), repeat=3):
        kraft = sum(2.0**-length for length in lengths)
        if kraft <= 1:
            q = [2.0**-length / kraft for length in lengths]
            assert sum(q) == pytest.approx(1)
            in_bits = cross(p, q) / math.log(2)
            assert np.dot(p, lengths) == pytest.approx(in_bits + math.log2(1 / kraft))
            assert np.dot(p, lengths) >= in_bits - 1e-12 >= nats(p) / math.log(2) - 2e-12


def test_terms_may_be_negative_and_the_sum_never_is():
    says(LESSON, "**Single terms may be negative.**", "**The sum never is**")
    for size in (2, 3, 10):
        p, q = distributions(size), distributions(size + 20)[:, :size]
        q = q / q.sum(axis=1, keepdims=True)
        terms = p * np.log(p / q)
        assert ((terms < 0) == (q > p)).all() and (terms < 0).any(axis=1).all()
        assert (terms.sum(axis=1) > 0).all()


def test_the_first_surcharge_outweighs_both_discounts():
    says(
        LESSON,
        "Two symbols have a discount, and the first one's surcharge outweighs both.",
        'In "Why it matters" the loss is $H(P, Q)$',
        "what a better model of the same inputs could remove",
    )
    assert TERMS[0] > 0 > max(TERMS[1:]) and TERMS[0] > -sum(TERMS[1:])
    assert cross(P, Q) == pytest.approx(nats(P) + kl(P, Q))


def test_a_zero_in_q_is_fatal():
    says(LESSON, "the bill is infinite: there is no codeword for it")
    assert cross(P, [0.5, 0.5, 0.0]) == math.inf


def test_no_other_shares_grow_faster_than_those_of_kelly():
    says(LESSON, "The second KL is a loss, so B = P is best")
    shares = distributions(3)
    growth = (P * np.log(shares / Q)).sum(axis=1)
    loss = special.rel_entr(P, shares).sum(axis=1)
    np.testing.assert_allclose(growth, kl(P, Q) - loss, atol=1e-12)
    best = optimize.minimize(
        lambda z: -np.dot(P, np.log(special.softmax([*z, 0]) / Q)), x0=[0, 0], tol=1e-12
    )
    np.testing.assert_allclose(special.softmax([*best.x, 0]), P, atol=1e-5)


@pytest.mark.parametrize("seed", [1956, 7])
def test_the_simulated_growth_agrees_with_the_exact_law_of_a_round(seed):
    says(
        LESSON,
        "Now the bettor, for 20 000 rounds",
        "agree within three standard errors",
        "*Bell System Technical Journal* 35 (1956)",
    )
    says(EXERCISES, "an average over 20 000 rounds")
    assert "default_rng(1956) # the year of Kelly's paper" in read(LESSON).code
    mean, error = simulated_growth(seed)
    variance = expected(P, [ratio**2 for ratio in LOG_RATIOS]) - kl(P, Q) ** 2
    exact_error = math.sqrt(variance / 20_000)
    assert abs(mean - kl(P, Q)) < 3 * exact_error
    assert error == pytest.approx(exact_error, rel=0.02)


def test_the_difference_of_the_two_sums_loses_its_digits_close_to_p():
    says(LESSON, "stays exact when Q is very close to P")
    q = [0.7 + 1e-9, 0.2 - 1e-9, 0.1]
    with mpmath.workdps(50):
        p_exact, q_exact = (
            [mpmath.mpf(share) / mpmath.fsum(shares) for share in shares] for shares in (P, q)
        )
        exact = mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(p_exact, q_exact, strict=True))
    assert abs(cross(P, q) - nats(P) - exact) > 0.5 * exact
    assert abs(kl_divergence(P, q) - exact) < 1e-6 * exact


def test_probabilities_in_place_of_logs_come_out_negative():
    says(LESSON, "no KL at all: with probabilities in place of logs it comes out negative")
    target, values = distributions(3), distributions(4)[:, :3]
    assert ((target * (np.log(target) - values)).sum(axis=1) < 0).all()


def test_the_pair_whose_swap_does_not_look_wrong():
    says(LESSON, "In your code nothing would warn you of a swap", "neither of the two numbers")
    assert kl(P, Q) != kl(Q, P) and kl(P, Q) / kl(Q, P) < 1.2


def test_the_bookmaker_of_the_exercise_pays_the_stake_back_within_the_odds():
    """With p = q everybody has afterwards what was staked: neither more nor less comes back."""
    says(LESSON, "gets $1/q(x)$ euros, the stake included; all other stakes are lost")
    says(EXERCISES, "That is all that comes back, the stake included", "and so all of it")
    p = [0.5, 0.3, 0.2]
    for winner in range(3):
        assert p[winner] * (1 / p[winner]) == 1


def test_the_routes_part_here_as_the_lesson_says():
    says(LESSON, "Core and LLM go on with", "it is on the routes Statistician and Monitoring")
    after = {route.name: min(route.numbers - {0, 1, 2}) for route in ROUTES}
    assert after == {"Core": 4, "LLM": 4, "Statistician": 3, "Monitoring": 3}


def test_the_exercises_import_nothing_of_klteach_by_name_but_the_verbs():
    """Else a learner's function that calls one of its own of that name would count as borrowed."""
    assert re.findall(r"from (klteach\S*) import", read(EXERCISES).code) == ["klteach.practice"]


def test_what_scipy_adds_to_every_term():
    says(EXERCISES, "it adds $q_i - p_i$ to every term", "The sum does not notice")
    np.testing.assert_allclose(special.kl_div(P, Q), np.array(TERMS) + Q - P, atol=1e-15)
    assert special.kl_div(P, Q).sum() == pytest.approx(sum(TERMS))
    assert abs(special.kl_div(P, Q) - TERMS).max() > 0.1
