"""What lesson 13 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math
import re

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.measures import pinsker, reverse_pinsker
from klteach.units.lookup import find_question
from klteach.units.u13_pinsker import explorer as unit_13
from tests.units.lesson_text import read, says
from tests.units.second_route import P, Q, distributions, interleaved, kl

LESSON = "notebooks/13_pinsker"
EXERCISES = LESSON.replace("notebooks", "solutions")

FAIR, BENT, FAR = [0.5, 0.5], [0.6, 0.4], [0.8, 0.2]
RARE = [0.02, 0.98]  # of the second prediction
FLIPS = (1, 5, 10, 20, 40)

# the positions of the explorer: steps of 0.02, the borders among them
STEPS = np.arange(51) / 50
POSITIONS = np.array(list(itertools.product(STEPS, STEPS)))


def tv(p, q):
    """Total variation as the largest difference over all events, each of them tried."""
    events = np.array(list(itertools.product((0, 1), repeat=len(p))))
    return float(np.max(events @ np.subtract(p, q)))


def by_pinsker(nats):
    return math.sqrt(nats / 2)


def by_bretagnolle_huber(nats):
    return math.sqrt(1 - math.exp(-nats))


def crossing():
    """Where both bounds are equal: x = 2 (1 - exp(-x)), solved by Lambert's function."""
    return float(2 + mpmath.lambertw(-2 * mpmath.exp(-2)).real)


def best_error(n, p, q):
    """The least total error of a test on n flips: over all thresholds on the number of heads."""
    heads = np.arange(-1, n + 1)
    first, second = stats.binom.cdf(heads, n, p), stats.binom.cdf(heads, n, q)
    return float(np.min([first + 1 - second, second + 1 - first]))


def fewest(error, nats):
    """The first n with ½ exp(-n nats) not above the error, counted."""
    return next(n for n in itertools.count() if math.exp(-n * nats) / 2 <= error)


NATS = kl(P, Q)
SMALLER = min(kl(FAIR, FAR), kl(FAR, FAIR))
WHOLE = float(np.abs(np.subtract(FAIR, BENT)).sum())
COIN_NATS = kl(FAIR, BENT)
COIN_BITS = stats.entropy(FAIR, BENT, base=2)
RARER = (0.01, 1e-6, 1e-100, 0.0)

SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    ("reports a KL of **{:.2f} nats** a question", COIN_NATS),
    # Explore
    ("any of the {} pairs of coins", len(POSITIONS)),
    (
        "the crossing at KL = {:.3f} nats and TV = {:.3f}",
        crossing(),
        by_pinsker(crossing()),
    ),
    ("another pair with at least {} %", 99),
    ("try to beat its {:.0f} % with a KL between {:g} and {:g} nats", 91, 1.4, 1.8),
    ("Exchange the two coins: ({:g}, {:g}), then ({:g}, {:g})", 0.2, 0.6, 0.6, 0.2),
    ("reach {:.2f} % of Pinsker's bound", 100 * 0.02 / by_pinsker(kl([0.48, 0.52], FAIR))),
    # The idea
    (
        "at {:.4f} nats, or {:.3f} bits",
        crossing(),
        crossing() / integrate.quad(lambda x: 1 / x, 1, 2)[0],
    ),
    # By hand
    (
        "$P = ({:g}, {:g}, {:g})$, $Q = ({:g}, {:g}, {:g})$, with KL(P‖Q) = {:.3f} nats:",
        *P,
        *Q,
        NATS,
    ),
    (
        r"\tfrac12 ({:.1f} + {:.1f} + {:.1f}) = {:.1f}$",
        *np.abs(np.subtract(P, Q)),
        tv(P, Q),
    ),
    (r"Pinsker: $\sqrt{{{:.3f} / 2}} = {:.3f}$", NATS, by_pinsker(NATS)),
    (
        r"$\sqrt{{1 - e^{{-{:.3f}}}}} = \sqrt{{1 - {:.3f}}} = {:.3f}$",
        NATS,
        math.exp(-NATS),
        by_bretagnolle_huber(NATS),
    ),
    ("KL is below {:.3f}, so Pinsker is the tighter one", crossing()),
    (
        r"The other direction has {:.3f} nats and tells a little more: "
        r"$\sqrt{{{:.3f} / 2}} = {:.3f}$",
        kl(Q, P),
        kl(Q, P),
        by_pinsker(kl(Q, P)),
    ),
    # Main take-away
    ("is tighter from {:.3f} nats on and never reaches 1", crossing()),
]
SAID[LESSON, "printed"] = [
    # Explore
    (
        "With KL = {:.3f} nats, Pinsker allows a TV of at most {:.3f}, and your pair has {:.3f}. "
        "The other bound allows {:.3f}.",
        kl(FAIR, [0.9, 0.1]),
        by_pinsker(kl(FAIR, [0.9, 0.1])),
        tv(FAIR, [0.9, 0.1]),
        by_bretagnolle_huber(kl(FAIR, [0.9, 0.1])),
    ),
    (
        "KL(P‖Q): {:.3f} nats; TV(P, Q): {:.3f}; Pinsker: {:.3f}; Bretagnolle–Huber: {:.3f}; "
        "tighter here: Pinsker, by {:.3f};",
        kl(FAIR, [0.9, 0.1]),
        tv(FAIR, [0.9, 0.1]),
        by_pinsker(kl(FAIR, [0.9, 0.1])),
        by_bretagnolle_huber(kl(FAIR, [0.9, 0.1])),
        by_bretagnolle_huber(kl(FAIR, [0.9, 0.1])) - by_pinsker(kl(FAIR, [0.9, 0.1])),
    ),
    (
        "TV ≤ Pinsker: holds, margin {:.4f}; TV ≤ B–H: holds, margin {:.4f}; "
        "KL ≤ log(1 + 2 TV²/min q): holds, margin {:.3f}",
        by_pinsker(kl(FAIR, [0.9, 0.1])) - 0.4,
        by_bretagnolle_huber(kl(FAIR, [0.9, 0.1])) - 0.4,
        math.log(1 + 2 * 0.4**2 / 0.1) - kl(FAIR, [0.9, 0.1]),
    ),
    # By code
    ("TV {:.4f} {:.4f}\nPinsker", *2 * [tv(P, Q)]),
    ("\nPinsker {:.4f} {:.4f}\nB-H", *2 * [by_pinsker(NATS)]),
    ("\nB-H {:.4f} {:.4f}\n", *2 * [by_bretagnolle_huber(NATS)]),
    ("the smaller KL: {:.4f} nats a flip", SMALLER),
    (
        "best test\n" + "\n".join(len(FLIPS) * [" {} {:.4f} {:.4f} {:.4f}"]),
        *interleaved(
            FLIPS,
            [1 - by_pinsker(n * SMALLER) for n in FLIPS],
            [math.exp(-n * SMALLER) / 2 for n in FLIPS],
            [best_error(n, FAIR[0], FAR[0]) for n in FLIPS],
        ),
    ),
    # Predict again
    (
        "ever rarer under Q\n"
        + "\n".join(
            f"q = {name} TV {{:.3f}} KL {{:.3f}}" for name in ("{:.2f}", "1e-06", "1e-100", "0")
        ),
        RARER[0],
        *interleaved(
            [tv(RARE, [rare, 1 - rare]) for rare in RARER],
            [kl(RARE, [rare, 1 - rare]) for rare in RARER],
        ),
    ),
    # Where this bites
    ("TV, sqrt(nats / 2) {:.3f} <= {:.3f} holds", tv(FAIR, BENT), math.sqrt(COIN_NATS / 2)),
    (
        "sum, sqrt(2 ln 2 * bits) {:.3f} <= {:.3f} holds",
        WHOLE,
        math.sqrt(2 * math.log(2) * COIN_BITS),
    ),
    ("TV, sqrt(bits / 2) {:.3f} <= {:.3f} holds", tv(FAIR, BENT), math.sqrt(COIN_BITS / 2)),
    ("sum, sqrt(nats / 2) {:.3f} <= {:.3f} broken", WHOLE, math.sqrt(COIN_NATS / 2)),
    (
        "sum, sqrt(2 ln 2 * nats) {:.3f} <= {:.3f} broken",
        WHOLE,
        math.sqrt(2 * math.log(2) * COIN_NATS),
    ),
]
SAID[EXERCISES, "printed"] = [
    (
        "the bounds cross at KL {:.6f}, TV {:.4f} {:.4f}",
        crossing(),
        by_pinsker(crossing()),
        by_bretagnolle_huber(crossing()),
    ),
    (
        "a total error of {:g}: {} flips at least, {} for the best test",
        0.1,
        max(fewest(0.1, kl(FAIR, BENT)), fewest(0.1, kl(BENT, FAIR))),
        next(n for n in itertools.count(1) if best_error(n, 0.5, 0.6) <= 0.1),
    ),
]
ALLOWED = {
    (LESSON, "text"): [
        ("(lemma 11.6.1)", "the number of a lemma"),
        ("Section 11.6 has", "the number of a section"),
    ],
}


# Explore


def both(positions):
    """(KL, TV, the smaller bound) of pairs of coins."""
    p, q = positions.T
    nats = special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q)
    return nats, abs(p - q), np.sqrt(np.minimum(nats / 2, 1 - np.exp(-nats)))


def shares(positions):
    nats, variation, bound = both(positions)
    return nats, np.divide(variation, bound, out=np.zeros(len(bound)), where=bound > 0)


def test_no_pair_of_coins_and_no_dot_is_above_a_curve():
    says(LESSON, "No pair gets above a curve, neither one of the dots nor any of the")
    says(LESSON, "a random pair of distributions over 2 to 50 outcomes")
    _, variation, bound = both(POSITIONS)
    assert (variation <= bound + 1e-12).all()
    nats, variation = unit_13.cloud()
    assert len(nats) > 300
    assert (variation <= np.sqrt(np.minimum(nats / 2, 1 - np.exp(-nats)))).all()
    assert (min(unit_13.SIZES), max(unit_13.SIZES)) == (2, 50)


def test_what_the_tasks_of_the_explorer_promise():
    offered = {p["name"]: p["state"] for p in unit_13.touch_the_curve().spec["presets"]}
    says(LESSON, *(f"*{name}*" for name in ("nearly equal", "near the crossing")))
    nats, share = shares(POSITIONS)
    near = (POSITIONS[:, 0] == 0.02) & (POSITIONS[:, 1] == 0.84)
    assert offered["near the crossing"] == {"p": 0.02, "q": 0.84}
    assert f"{share[near][0]:.0%}" == "91%"
    between = (nats > 1.4) & (nats < 1.8)
    assert share[between].max() == pytest.approx(share[near][0])  # nobody beats it
    assert offered["nearly equal"] == {"p": 0.48, "q": 0.5}
    touching = (share >= 0.99) & np.isfinite(nats)
    assert touching.sum() > 100 and nats[touching].max() < 0.2
    says(LESSON, "(The last row is the preset *never against rarely* of the explorer.)")
    assert offered["never against rarely"] == {"p": RARE[0], "q": RARER[-1]}
    says(LESSON, "Which of the two KLs tells you more about it?")
    assert kl([0.2, 0.8], BENT) < kl(BENT, [0.2, 0.8])


def test_the_lower_curve_around_the_crossing_and_beyond_two_nats():
    says(
        LESSON,
        "the solid one up to the crossing",
        "Beyond 2 nats the solid one is above 1.",
        "Below, Pinsker is tighter; above, Bretagnolle–Huber.",
    )
    nats = np.linspace(1e-6, 30, 100_000)
    solid, dashed = np.sqrt(nats / 2), np.sqrt(-np.expm1(-nats))
    assert ((solid < dashed) == (nats < crossing())).all()
    assert ((solid > 1) == (nats > 2)).all() and dashed.max() <= 1


def test_around_the_crossing_no_pair_at_all_comes_near_a_curve():
    says(LESSON, "Around the crossing no pair comes near either curve")
    # by step 1 of the proof coins are enough; a finer grid than that of the explorer
    grid = np.linspace(0.0005, 0.9995, 1000)
    nats, share = shares(np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2))
    assert share[(nats > 1.4) & (nats < 1.8)].max() < 0.93


def test_the_constant_of_pinsker_cannot_be_smaller():
    says(LESSON, "so its constant cannot be smaller")
    for step in (1e-2, 1e-3, 1e-4):
        ratio = step**2 / kl([0.5 + step, 0.5 - step], FAIR)
        assert ratio == pytest.approx(0.5, rel=4 * step**2)
        assert ratio < 0.5


# The idea


def test_the_best_test_errs_by_one_minus_total_variation():
    says(LESSON, r"\text{type I} + \text{type II} = 1 - \bigl(P(A) - Q(A)\bigr)")
    says(LESSON, "The best choice, $A = \\{p > q\\}$, makes it an equality.")
    says(LESSON, "whose errors add up to 1")
    for p, q in itertools.pairwise(distributions(5, 60)):
        events = np.array(list(itertools.product((0, 1), repeat=5)))
        errors = (1 - events @ p) + events @ q
        assert errors.min() == pytest.approx(1 - tv(p, q))
        assert errors.min() == pytest.approx(1 - (p - q)[p > q].sum())
        assert tv(p, q) == pytest.approx(np.abs(p - q).sum() / 2)


def test_grouping_keeps_total_variation_and_lowers_kl_by_a_times_a_kl():
    says(LESSON, "TV is still $a - b$. KL can only fall")
    for p, q in zip(distributions(6, 200), distributions(7, 200)[:, :6], strict=True):
        q = q / q.sum()
        more = p > q
        a, b = p[more].sum(), q[more].sum()
        assert a - b == pytest.approx(tv(p, q))
        lost = special.rel_entr(p, q)[more].sum() - a * math.log(a / b)
        assert lost == pytest.approx(a * kl(p[more] / a, q[more] / b), abs=1e-12)
        assert kl([a, 1 - a], [b, 1 - b]) <= kl(p, q) + 1e-12


def test_the_slope_of_the_last_step():
    says(LESSON, r"g'(b) = (b - a) \Bigl(\frac{1}{b (1 - b)} - 4\Bigr)")
    for a, b in distributions(3, 100)[:, :2]:
        slope = mpmath.diff(
            lambda x, a=a: (
                a * mpmath.log(a / x) + (1 - a) * mpmath.log((1 - a) / (1 - x)) - 2 * (a - x) ** 2
            ),
            b,
        )
        assert float(slope) == pytest.approx((b - a) * (1 / (b * (1 - b)) - 4), rel=1e-6)
        assert kl([a, 1 - a], [b, 1 - b]) >= 2 * (a - b) ** 2


def test_the_two_lines_of_bretagnolle_and_huber():
    says(
        LESSON,
        r"\sum_x u\, v \le \sqrt{\sum_x u^2 \sum_x v^2}",
        r"with $u = \lvert \sqrt p - \sqrt q \rvert$ and $v = \sqrt p + \sqrt q$",
        r"\le \tfrac12 \sqrt{(2 - 2C)(2 + 2C)} = \sqrt{1 - C^2}",
        r"= -\tfrac12\, \mathrm{KL}(P \Vert Q)",
        "what P and Q have in common, 1 if they are equal and 0 if they share nothing",
    )
    for p, q in zip(distributions(6, 300), distributions(7, 300)[:, :6], strict=True):
        q = q / q.sum()
        common = np.sqrt(p * q).sum()
        minus, plus = np.sqrt(p) - np.sqrt(q), np.sqrt(p) + np.sqrt(q)
        assert np.abs(minus * plus).sum() / 2 == pytest.approx(tv(p, q))
        assert (minus**2).sum() == pytest.approx(2 - 2 * common)
        assert (plus**2).sum() == pytest.approx(2 + 2 * common)
        assert np.abs(minus) @ plus <= math.sqrt((minus**2).sum() * (plus**2).sum()) + 1e-12
        assert tv(p, q) <= math.sqrt(1 - common**2)
        assert math.log(common) == pytest.approx(math.log((p * np.sqrt(q / p)).sum()))
        assert math.log(common) >= -kl(p, q) / 2


def test_kl_adds_up_over_independent_outcomes():
    says(LESSON, "and $n$ of them have $n$ times the KL of one (unit 07)")
    for n in (2, 3, 4):
        p, q = np.array(P), np.array(Q)
        for _ in range(n - 1):
            p, q = np.outer(p, P).ravel(), np.outer(q, Q).ravel()
        assert kl(p, q) == pytest.approx(n * NATS)


def test_every_test_on_many_flips_errs_more_than_the_bounds():
    says(LESSON, r"\ge\; 1 - \sqrt{1 - e^{-n\,\mathrm{KL}(P \Vert Q)}} \;\ge\; \tfrac12\, e^{")
    says(LESSON, "The best test never gets below a bound.")
    says(LESSON, "In the last two rows only Bretagnolle–Huber forbids anything")
    says(LESSON, r"from $n = 2/\mathrm{KL}$ on it is 0 or less")
    for (p, q), n in itertools.product(((FAIR, FAR), (FAIR, BENT), (BENT, FAR)), (1, 3, 10, 60)):
        for nats in (kl(p, q), kl(q, p)):
            error = best_error(n, p[0], q[0])
            sharp = 1 - by_bretagnolle_huber(n * nats)
            assert error >= sharp >= math.exp(-n * nats) / 2 > 0
            assert error >= 1 - by_pinsker(n * nats)
            assert (1 - by_pinsker(n * nats) <= 0) == (n >= 2 / nats)
    assert [n for n in FLIPS if by_pinsker(n * SMALLER) >= 1] == list(FLIPS[-2:])


def test_the_error_of_a_test_on_flips_is_that_of_a_test_on_the_number_of_heads():
    for n in (1, 2, 5):
        flips = list(itertools.product((0, 1), repeat=n))
        first, second = (
            [math.prod(c[0] if side else c[1] for side in row) for row in flips]
            for c in (FAIR, FAR)
        )
        assert 1 - np.abs(np.subtract(first, second)).sum() / 2 == pytest.approx(
            best_error(n, FAIR[0], FAR[0])
        )


def test_a_floor_under_q_leads_back():
    says(LESSON, r"then $\mathrm{KL} \le \log (1 + 2\, \mathrm{TV}^2 / q_{\min})$")
    says(LESSON, "TV sees that two outcomes in a hundred are new")
    for p, q in zip(distributions(4, 300), distributions(5, 300)[:, :4], strict=True):
        q = q / q.sum()
        bound = math.log(1 + 2 * tv(p, q) ** 2 / q.min())
        assert kl(p, q) <= bound
        assert reverse_pinsker(tv(p, q), q.min()) == pytest.approx(bound)
    assert kl(RARE, [0, 1]) == math.inf


def test_the_library_does_not_cut_the_bound_off():
    says(LESSON, "the library does not cut the bound off at 1")
    assert pinsker(3.0) == pytest.approx(math.sqrt(1.5)) and pinsker(3.0) > 1


# Where this bites


def test_half_as_sharp_means_twice_the_penalty():
    says(LESSON, "half as sharp as Pinsker", "asks for twice the penalty that is needed")
    for p, q in zip(distributions(4, 300), distributions(5, 300)[:, :4], strict=True):
        q = q / q.sum()
        assert tv(p, q) ** 2 <= kl(p, q) / 2 <= kl(p, q)


def test_the_worked_pair_that_found_the_missing_half():
    says(LESSON, "(2/3, 1/3) against (1/3, 2/3)")
    p, q = np.array([2, 1]) / 3, np.array([1, 2]) / 3
    # the least cost of moving p to q where every move costs 1
    plans = optimize.linprog(
        [0, 1, 1, 0],
        A_eq=[[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]],
        b_eq=[*p, *q],
    )
    assert plans.fun == pytest.approx(1 / 3) == pytest.approx(tv(p, q))
    assert np.abs(p - q).sum() == pytest.approx(2 / 3)


def test_the_first_two_statements_are_one_and_the_last_would_pass_elsewhere():
    says(LESSON, "The first two are one theorem.", 'would pass on the pair of "By hand"')
    for p, q in itertools.pairwise(distributions(4, 200)):
        nats, bits = kl(p, q), stats.entropy(p, q, base=2)
        assert 2 * math.sqrt(nats / 2) == pytest.approx(math.sqrt(2 * math.log(2) * bits))
    whole = np.abs(np.subtract(P, Q)).sum()
    assert by_pinsker(NATS) < whole <= math.sqrt(2 * math.log(2) * NATS)


# The exercises


def test_the_time_of_the_exercises():
    minutes = [int(m) for m in re.findall(r"^## .* (\d+) min", read(EXERCISES).text, re.MULTILINE)]
    says(LESSON, f"then {sum(minutes)} for the exercises")


def test_the_stronger_direction_of_the_exercise():
    says(EXERCISES, "the one that asks for more flips")
    flips = find_question("flips_needed").reference
    for p, q in ((0.5, 0.6), (0.6, 0.5), (0.2, 0.7)):
        first, second = [p, 1 - p], [q, 1 - q]
        counted = [fewest(0.01, kl(first, second)), fewest(0.01, kl(second, first))]
        assert flips(p, q, 0.01) == max(counted)
    says(EXERCISES, "With fewer flips than the first number no test is that good")
    assert best_error(79, 0.5, 0.6) > 0.1
