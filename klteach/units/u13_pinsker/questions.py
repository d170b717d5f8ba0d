"""The questions of unit 13: two bounds on total variation, where they cross, and flips to tell."""

import math

import numpy as np

from klteach.practice.question import Mistake, Question, case

LESSON = "13_pinsker"
LN_2 = math.log(2)


def divergences(random):
    """Numbers of nats from small to large, on both sides of 1.5936 and of 2, and 0 and infinity."""
    between = random.uniform([0.02, 0.3, 1.0, 1.62, 2.1, 4.0], [0.3, 1.0, 1.57, 1.98, 4.0, 12.0])
    return [
        *(case(float(kl)) for kl in between),
        case(0.0, label="P = Q"),
        case(np.inf, label="an outcome that Q rules out"),
    ]


# E1: Pinsker


def root_of_half(kl):
    return math.sqrt(kl / 2)


PINSKER = Question(
    "pinsker",
    points=1,
    reference=root_of_half,
    visible=[
        case(1.101868, label="the pair of the course"),
        case(0.02, label="a small divergence"),
        case(3.0, label="a large divergence"),
    ],
    inputs=[divergences],
    mistakes=[
        Mistake(
            "root missing",
            lambda kl: kl / 2,
            "You halved KL and took no root. For a small KL that promises far too much: two coins "
            "that are nearly equal break it, since KL shrinks with the square of what they differ "
            "by.",
        ),
        Mistake(
            "half missing",
            math.sqrt,
            "This is √KL: true, but √2 times too large. The ½ belongs under the root; it comes "
            "from b(1 - b) ≤ ¼ in the proof.",
        ),
        Mistake(
            "half outside the root",
            lambda kl: math.sqrt(kl) / 2,
            "You halved after the root, which makes the bound too small, and false for coins that "
            "are nearly equal. The ½ belongs under the root.",
        ),
        Mistake(
            "L1",
            lambda kl: math.sqrt(2 * kl),
            "This bounds Σ|p - q|, without the ½ in front of it. Total variation is half of that "
            "sum, so its bound is half as large.",
        ),
        Mistake(
            "for the sum, in bits",
            lambda kl: math.sqrt(2 * LN_2 * kl),
            "This is Pinsker as Cover and Thomas write it: for KL in bits, and for Σ|p - q|, which "
            "is twice TV. Here KL is in nats, and the bound is on TV.",
        ),
        Mistake(
            "bits",
            lambda kl: math.sqrt(kl / LN_2 / 2),
            "You turned KL into bits first. The constant ½ belongs to nats: in bits the number "
            "is larger, and so is the bound.",
        ),
        Mistake(
            "nats taken for bits",
            lambda kl: math.sqrt(kl * LN_2 / 2),
            "You multiplied KL by log 2, as if it were in bits. It is in nats already, and the "
            "bound came out too small: some pairs of coins break it.",
        ),
        Mistake(
            "cut off at 1",
            lambda kl: min(math.sqrt(kl / 2), 1.0),
            "You cut the bound off at 1. That is true, but it hides that Pinsker says nothing any "
            "more. The question asks for the root as it is.",
        ),
        Mistake(
            "bretagnolle-huber",
            lambda kl: math.sqrt(-math.expm1(-kl)),
            "This is the other bound, Bretagnolle and Huber's, which E2a asks for. Pinsker's has "
            "no exponential.",
        ),
        Mistake(
            "squared",
            (lambda kl: kl**2 / 2, lambda kl: (kl / 2) ** 2),
            "You squared where a root is needed: KL is at least 2 TV², so TV is at most a root.",
        ),
        Mistake(
            "read backwards",
            lambda kl: 2 * kl**2,
            "You put KL in the place of TV: 2 TV² is the least that KL can be. Here KL is given; "
            "solve KL ≥ 2 TV² for TV.",
        ),
    ],
    hints=[
        "Pinsker says KL ≥ 2 TV². What is the largest TV that this KL leaves room for?",
        "TV ≤ √(KL/2), with KL in nats",
        "`return np.sqrt(kl / 2)`",
    ],
    insight="A root: a KL a hundred times smaller makes the bound only ten times smaller. And from "
    "KL = 2 on it is 1 or more, which says nothing.",
    lesson=LESSON,
    section="The idea",
)


# E2a: Bretagnolle and Huber


def root_of_the_rest(kl):
    return math.sqrt(-math.expm1(-kl))


BRETAGNOLLE_HUBER = Question(
    "bretagnolle_huber",
    points=1,
    reference=root_of_the_rest,
    visible=[
        case(1.101868, label="the pair of the course"),
        case(0.02, label="a small divergence"),
        case(3.0, label="a large divergence"),
    ],
    inputs=[divergences],
    mistakes=[
        Mistake(
            "1 minus missing",
            lambda kl: math.exp(-kl / 2),
            "You took the root of exp(-KL) alone: it falls as KL grows, but a bound on TV must "
            "rise. This is what P and Q have in common at least; what is left of 1?",
        ),
        Mistake(
            "exponential alone",
            lambda kl: math.exp(-kl),
            "You returned exp(-KL), which falls as KL grows. 1 - TV² is at least this; solve for "
            "TV.",
        ),
        Mistake(
            "root missing",
            lambda kl: -math.expm1(-kl),
            "The root is missing. 1 - exp(-KL) is smaller than its root, and coins that are nearly "
            "equal break it: their TV is of the size of √KL.",
        ),
        Mistake(
            "weaker form",
            lambda kl: 1 - math.exp(-kl) / 2,
            "This is 1 - ½ exp(-KL), the form in which the bound is often stated. It is true and "
            "weaker; at KL = 0 it still allows one half. Take the one with the root.",
        ),
        Mistake(
            "half of KL in the exponent",
            lambda kl: math.sqrt(-math.expm1(-kl / 2)),
            "You put exp(-KL/2) where exp(-KL) belongs. What P and Q have in common, Σ√(pq), is "
            "at least exp(-KL/2), and in the bound its square is taken away from 1.",
        ),
        Mistake(
            "root inside",
            lambda kl: -math.expm1(-kl / 2),
            "You took the root of exp(-KL) and then the difference from 1. It is the other way "
            "round: first 1 - exp(-KL), then the root of all of it.",
        ),
        Mistake(
            "sign in the exponent",
            lambda kl: math.sqrt(math.expm1(kl)),
            "You have exp(KL) - 1 under the root, which grows without end. The bound never passes "
            "1: under the root stands 1 - exp(-KL).",
        ),
        Mistake(
            "half of the exponential",
            (lambda kl: math.exp(-kl) / 2, lambda kl: math.exp(-kl / 2) / 2),
            "There is half of an exponential in yours, which falls as KL grows. ½ exp(-KL) is what "
            "type I and type II error of a test add up to at least; the question asks for the most "
            "that TV can be.",
        ),
        Mistake(
            "twice KL in the exponent",
            lambda kl: math.sqrt(-math.expm1(-2 * kl)),
            "You squared once too often: Σ√(pq) is at least exp(-KL/2), so its square is at least "
            "exp(-KL).",
        ),
        Mistake(
            "base 10",
            lambda kl: math.sqrt(1 - 10**-kl),
            "You took 10 to the power of -KL. KL is in nats, and its exponential has the base e.",
        ),
        Mistake(
            "bits",
            (
                lambda kl: math.sqrt(-math.expm1(-kl / LN_2)),
                lambda kl: math.sqrt(-math.expm1(-kl * LN_2)),
            ),
            "A base of 2 came in: as 2 to the power of -KL, or as KL in bits. KL is in nats here, "
            "and its exponential has the base e.",
        ),
        Mistake(
            "pinsker",
            lambda kl: math.sqrt(kl / 2),
            "This is Pinsker's bound, which exceeds 1. The one asked for never does.",
        ),
        Mistake(
            "the smaller of both",
            lambda kl: min(math.sqrt(kl / 2), math.sqrt(-math.expm1(-kl))),
            "The smaller of both bounds is the best that you know of TV, but the question asks for "
            "Bretagnolle and Huber's alone.",
        ),
        Mistake(
            "complement",
            lambda kl: 1 - math.sqrt(-math.expm1(-kl)),
            "You took it away from 1: this is the least error of a test, type I + type II. The "
            "question asks for the most that TV can be.",
        ),
        Mistake(
            "divided by two",
            lambda kl: math.sqrt(-math.expm1(-kl) / 2),
            "A ½ came in from Pinsker's bound. There is none here: for a KL without a limit the "
            "bound must go to 1.",
        ),
    ],
    hints=[
        "The bound is 0 at KL = 0, rises with KL, and never passes 1. What has exp(-KL) to do with "
        "it?",
        "TV ≤ √(1 - exp(-KL)), with KL in nats",
        "`return np.sqrt(1 - np.exp(-kl))`",
    ],
    insight="Below 1 for every finite KL: if Q rules nothing out that P does, no test of one "
    "outcome is without error. For a small KL it is about √KL, which is √2 times Pinsker's.",
    lesson=LESSON,
    section="The idea",
)


# E2b: where the two are equal


EXACT = 1e-6  # how far the two bounds may differ, relative to their size


def by_repetition():
    """x = 2 (1 - exp(-x)), put into itself until it stays."""
    kl = 1.0
    for _ in range(60):
        kl = -2 * math.expm1(-kl)
    return kl


def judge_crossing(kl):
    """None for the KL above 0 at which both bounds are the same, or what is wrong."""
    if not np.isfinite(kl):
        return "not finite", "At an infinite KL one bound is infinite and the other 1: not equal."
    if kl < -1e-3:
        return "negative", "A KL is never negative. The two bounds cross at a positive number."
    if kl < 1e-3:
        return "the trivial crossing", (
            "There the bounds are equal because both are 0: KL = 0 means P = Q. A root finder that "
            "starts at 0 stays there. Give it an interval that begins above 0."
        )
    first, second = math.sqrt(kl / 2), math.sqrt(-math.expm1(-kl))
    if abs(first - second) <= EXACT * first:
        return None
    if abs(kl - 2) < 1e-6:
        return "where pinsker becomes vacuous", (
            "At 2 nats Pinsker's bound reaches 1 and stops saying anything. Bretagnolle and "
            f"Huber's is {second:.3f} there, so it became the tighter one before."
        )
    if _is_crossing(kl * LN_2):
        return "bits", (
            "That is the place in bits. The question asks for nats: multiply by the natural "
            "logarithm of 2."
        )
    if _is_crossing(2 * kl**2):
        return "the total variation", (
            "That is how high the curves are where they cross, their TV. The question asks for the "
            "KL: how far to the right."
        )
    if abs(first - second) < 1e-3:
        return "not exact", (
            f"Close: the bounds differ by {abs(first - second):.1g} there. Six digits are asked; "
            "let a root finder do it, and do not round."
        )
    return "no crossing", (
        f"At KL = {kl:.6g} Pinsker's bound is {first:.4f} and Bretagnolle and Huber's "
        f"{second:.4f}: not equal. The smaller one is the tighter one."
    )


def _is_crossing(kl):
    return abs(math.sqrt(kl / 2) - math.sqrt(-math.expm1(-kl))) < 1e-3


CROSSING = Question(
    "crossing",
    points=2,
    reference=by_repetition,
    judge=judge_crossing,
    may_call_klteach=True,
    unit="nats",
    visible=[case()],
    inputs=[],
    mistakes=[],
    hints=[
        "Where are two roots equal? Square both sides first.",
        "KL/2 = 1 - exp(-KL), and KL is not 0. `scipy.optimize.brentq(f, low, high)` finds where f "
        "is 0, if f has different signs at the two ends",
        "`from scipy.optimize import brentq` and then "
        "`return brentq(lambda kl: kl / 2 - 1 + np.exp(-kl), 1, 2)`",
    ],
    insight="Below it take Pinsker, above it Bretagnolle–Huber, or always the smaller of the two. "
    "The place where Pinsker becomes vacuous, 2 nats, lies beyond.",
    lesson=LESSON,
    section="The idea",
)


# E3: how many flips


def coin_kl(p, q):
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def heads_alone(p, q):
    return p * math.log(p / q)


def flips(needed):
    """The whole number of flips at which a bound no longer forbids the errors."""
    return float(max(math.ceil(needed), 0))


def smaller(p, q):
    return min(coin_kl(p, q), coin_kl(q, p))


def larger(p, q):
    return max(coin_kl(p, q), coin_kl(q, p))


def log_of_room(total_error):
    """From total_error ≥ ½ exp(-n KL): n KL must be at least this."""
    return -math.log(2 * total_error)


def fewest_flips(heads_p, heads_q, total_error):
    return flips(log_of_room(total_error) / smaller(heads_p, heads_q))


def coins_and_errors(random):
    """Pairs of coins of which now the one, now the other direction is smaller, and errors."""
    cases = []
    for place in range(8):
        nearer, farther = random.uniform(0.3, 0.48), random.uniform(0.03, 0.25)
        p, q = (nearer, farther) if place % 2 else (farther, nearer)
        if place % 4 > 1:
            p, q = 1 - p, 1 - q
        error = 10 ** -random.uniform(0.75, 1.2 + place)
        cases.append(case(float(p), float(q), float(error)))
    return [*cases, case(0.5, 0.51, 0.02, label="two coins that are hard to tell apart")]


FLIPS_NEEDED = Question(
    "flips_needed",
    points=3,
    reference=fewest_flips,
    exchangeable=False,
    visible=[
        case(0.5, 0.6, 0.1, label="a fair coin and a 60/40 coin"),
        case(0.6, 0.5, 0.1, label="the same two, exchanged"),
        case(0.2, 0.7, 0.001, label="two coins far apart"),
        case(0.5, 0.9, 0.01, label="a fair coin and a 90/10 coin"),
    ],
    inputs=[coins_and_errors],
    mistakes=[
        Mistake(
            "one direction only",
            lambda p, q, e: flips(log_of_room(e) / coin_kl(p, q)),
            "True, but not all that you know. You used KL(p‖q) alone. The error of a test does not "
            "depend on which coin you call P, so the bound holds with KL(q‖p) as well: which of "
            "the two makes the stronger statement?",
        ),
        Mistake(
            "the other direction only",
            lambda p, q, e: flips(log_of_room(e) / coin_kl(q, p)),
            "True, but not all that you know. You used KL(q‖p) alone, and the bound holds with "
            "KL(p‖q) as well: which of the two makes the stronger statement?",
        ),
        Mistake(
            "weaker direction",
            lambda p, q, e: flips(log_of_room(e) / larger(p, q)),
            "You took the larger of the two directions. Both statements are true, and the stronger "
            "one asks for more flips.",
        ),
        Mistake(
            "both directions mixed",
            (
                lambda p, q, e: flips(log_of_room(e) / (coin_kl(p, q) + coin_kl(q, p))),
                lambda p, q, e: flips(2 * log_of_room(e) / (coin_kl(p, q) + coin_kl(q, p))),
            ),
            "You put the sum or the mean of both directions into the bound. It holds for each of "
            "the two alone; take the one that makes the stronger statement.",
        ),
        Mistake(
            "bits",
            (
                lambda p, q, e: flips(log_of_room(e) * LN_2 / smaller(p, q)),
                lambda p, q, e: flips(log_of_room(e) * LN_2 / coin_kl(p, q)),
                lambda p, q, e: flips(log_of_room(e) * LN_2 / coin_kl(q, p)),
                lambda p, q, e: flips(log_of_room(e) * LN_2 / larger(p, q)),
            ),
            "Too few flips, by a factor of log 2: KL is in bits here and the logarithm of the "
            "error is not. The bound has exp(-n KL), so everything is in nats.",
        ),
        Mistake(
            "logarithm of the error in bits",
            (
                lambda p, q, e: flips(log_of_room(e) / LN_2 / smaller(p, q)),
                lambda p, q, e: flips(log_of_room(e) / LN_2 / coin_kl(p, q)),
                lambda p, q, e: flips(log_of_room(e) / LN_2 / coin_kl(q, p)),
            ),
            "Too many flips, by a factor of 1/log 2: KL is in nats, and the logarithm of the error "
            "has the base 2. Take the natural logarithm for both.",
        ),
        Mistake(
            "logarithm to base 10",
            (
                lambda p, q, e: flips(log_of_room(e) / math.log(10) / smaller(p, q)),
                lambda p, q, e: flips(log_of_room(e) / math.log(10) / coin_kl(p, q)),
                lambda p, q, e: flips(log_of_room(e) / math.log(10) / coin_kl(q, p)),
            ),
            "The logarithm of the error has the base 10, and KL is in nats. Take the natural "
            "logarithm for both.",
        ),
        Mistake(
            "logarithm missing",
            (
                lambda p, q, e: flips(1 / (2 * e) / smaller(p, q)),
                lambda p, q, e: flips(1 / (2 * e) / coin_kl(p, q)),
            ),
            "The logarithm is missing. n stands in the exponent of exp(-n KL), so it is the "
            "logarithm of the error that is divided by KL.",
        ),
        Mistake(
            "factor two",
            (
                lambda p, q, e: flips(log_of_room(e) / smaller(p, q) / 2),
                lambda p, q, e: flips(log_of_room(e) / smaller(p, q) * 2),
                lambda p, q, e: flips(log_of_room(e) / coin_kl(p, q) / 2),
                lambda p, q, e: flips(log_of_room(e) / coin_kl(p, q) * 2),
            ),
            "A factor of two is off. In the exponent stands n KL, neither half of it nor twice as "
            "much; the ½ stands in front of the exponential.",
        ),
        Mistake(
            "one half forgotten",
            (
                lambda p, q, e: flips(-math.log(e) / smaller(p, q)),
                lambda p, q, e: flips(-math.log(e) / coin_kl(p, q)),
                lambda p, q, e: flips(-math.log(e) / coin_kl(q, p)),
                lambda p, q, e: flips(-math.log(e) / larger(p, q)),
            ),
            "The ½ of the bound is missing: you asked when exp(-n KL) falls to the error. More "
            "flips than the bound can promise.",
        ),
        Mistake(
            "one half the wrong way",
            (
                lambda p, q, e: flips(-math.log(e / 2) / smaller(p, q)),
                lambda p, q, e: flips(-math.log(e / 2) / coin_kl(p, q)),
                lambda p, q, e: flips(-math.log(e / 2) / coin_kl(q, p)),
            ),
            "The ½ went to the wrong side. From ½ exp(-n KL) ≤ error it follows that exp(-n KL) is "
            "at most twice the error.",
        ),
        Mistake(
            "one half for each flip",
            (
                lambda p, q, e: flips(-math.log(e) / (smaller(p, q) + LN_2)),
                lambda p, q, e: flips(-math.log(e) / (coin_kl(p, q) + LN_2)),
                lambda p, q, e: flips(-math.log(e) / (coin_kl(q, p) + LN_2)),
            ),
            "You raised the ½ to the power of n, too. KL adds up over the flips, and the ½ stands "
            "once, in front of exp(-n KL).",
        ),
        Mistake(
            "one flip",
            (
                lambda p, q, e: flips(math.exp(-smaller(p, q)) / (2 * e)),
                lambda p, q, e: flips(math.exp(-coin_kl(p, q)) / (2 * e)),
                lambda p, q, e: flips(math.exp(-coin_kl(q, p)) / (2 * e)),
            ),
            "You took the bound of one flip, ½ exp(-KL), and divided it by the error. Errors are "
            "not shared out among flips: n flips have the divergence n KL, in the exponent.",
        ),
        Mistake(
            "rounded down",
            (
                lambda p, q, e: flips(math.floor(log_of_room(e) / smaller(p, q))),
                lambda p, q, e: float(round(log_of_room(e) / smaller(p, q))),
                lambda p, q, e: flips(math.floor(log_of_room(e) / coin_kl(p, q))),
                lambda p, q, e: float(round(log_of_room(e) / coin_kl(p, q))),
            ),
            "Rounded the wrong way: with that many flips the bound still forbids so small an "
            "error. The first whole number that is enough lies above.",
        ),
        Mistake(
            "one too many",
            lambda p, q, e: flips(math.floor(log_of_room(e) / smaller(p, q)) + 2),
            "One flip too many: rounding up is enough.",
        ),
        Mistake(
            "not rounded",
            (
                lambda p, q, e: log_of_room(e) / smaller(p, q),
                lambda p, q, e: log_of_room(e) / coin_kl(p, q),
            ),
            "The right idea, but flips come in whole numbers. Which is the first one that is "
            "enough?",
        ),
        Mistake(
            "pinsker",
            (
                lambda p, q, e: flips(2 * (1 - e) ** 2 / smaller(p, q)),
                lambda p, q, e: flips(2 * (1 - e) ** 2 / coin_kl(p, q)),
            ),
            "You used Pinsker: 1 - √(n KL/2) ≤ error. True, but however small the error it asks "
            "for 2/KL flips at most. Here the bound ½ exp(-n KL) is wanted.",
        ),
        Mistake(
            "sharper bound",
            (
                lambda p, q, e: flips(-math.log(e * (2 - e)) / smaller(p, q)),
                lambda p, q, e: flips(-math.log(e * (2 - e)) / coin_kl(p, q)),
            ),
            "You used 1 - √(1 - exp(-n KL)), which is larger than ½ exp(-n KL) and a little "
            "stronger. Well seen; the question asks for the simpler one.",
        ),
        Mistake(
            "total variation for KL",
            lambda p, q, e: flips(log_of_room(e) / abs(p - q)),
            "You divided by |p - q|, the total variation of one flip. It does not add up over the "
            "flips; KL does.",
        ),
        Mistake(
            "heads alone",
            (
                lambda p, q, e: flips(log_of_room(e) / abs(heads_alone(p, q))),
                lambda p, q, e: math.ceil(log_of_room(e) / heads_alone(p, q)),
                lambda p, q, e: math.ceil(log_of_room(e) / heads_alone(q, p)),
                lambda p, q, e: math.ceil(
                    log_of_room(e) / min(heads_alone(p, q), heads_alone(q, p))
                ),
                lambda p, q, e: math.ceil(
                    log_of_room(e) / max(heads_alone(p, q), heads_alone(q, p))
                ),
            ),
            "Tails was left out. A coin has two outcomes, and its KL two terms: "
            "p log(p/q) + (1 - p) log((1 - p)/(1 - q)). One alone may be negative.",
        ),
        Mistake(
            "2 TV² for KL",
            lambda p, q, e: flips(log_of_room(e) / (2 * (p - q) ** 2)),
            "You put 2 TV² in the place of KL. That is the least that KL can be, by Pinsker; the "
            "bound has KL itself.",
        ),
        Mistake(
            "1/2 times the error",
            (
                lambda p, q, e: math.ceil(math.log(e / 2) / smaller(p, q)),
                lambda p, q, e: math.ceil(math.log(e / 2) / coin_kl(p, q)),
                lambda p, q, e: math.ceil(math.log(e / 2) / coin_kl(q, p)),
            ),
            "You took the logarithm of half of the error, which is negative. Python reads "
            "`1 / 2 * error` from the left: a bracket, `1 / (2 * error)`, puts the error below the "
            "line.",
        ),
        Mistake(
            "sign",
            (
                lambda p, q, e: -fewest_flips(p, q, e),
                lambda p, q, e: math.ceil(math.log(2 * e) / smaller(p, q)),
                lambda p, q, e: math.ceil(math.log(2 * e) / coin_kl(p, q)),
            ),
            "Negative: the logarithm of a number below 1 is. Turn the fraction round, "
            "log(1/(2 error)).",
        ),
    ],
    hints=[
        "The bound is ½ exp(-n KL) ≤ type I + type II. For which n does it leave room for the "
        "error? And which of KL(p‖q) and KL(q‖p) may stand in it?",
        "n ≥ log(1/(2 error)) / KL, with the smaller of the two KLs, rounded up",
        "`p, q = heads_p, heads_q`, "
        "`a = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))`, "
        "`b = q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))`, then "
        "`return np.ceil(np.log(1 / (2 * total_error)) / min(a, b))`",
    ],
    insight="No test, however clever, gets by with fewer flips. It may need more: the bound says "
    "what is impossible, not what is enough.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [PINSKER, BRETAGNOLLE_HUBER, CROSSING, FLIPS_NEEDED]
