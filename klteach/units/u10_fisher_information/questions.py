"""The questions of unit 10: a curvature, KL two ways, a natural step, and a mean of squares."""

import math

import numpy as np

from klteach.practice.question import Case, Mistake, Question, case
from klteach.practice.returns import Returns, named_numbers

LESSON = "10_fisher_information"
LN_2 = math.log(2)


# Two of the questions ask for two numbers at once. A fault of one of them is (function, or a tuple
# of functions, of the question's arguments; message).


def functions_of(fault):
    return fault[0] if isinstance(fault[0], tuple) else (fault[0],)


def mistakes_of_one(faults, place, rest):
    """A named mistake for each fault of the number at this place; `rest` gives the right other."""

    def both(function):
        pair = (function, rest) if place == 0 else (rest, function)
        return lambda *arguments: [each(*arguments) for each in pair]

    return [
        Mistake(name, tuple(map(both, functions_of(fault))), fault[1])
        for name, fault in faults.items()
    ]


def each_number_alone(faults, rights, words):
    """A row of the diagnosis: what is known of the first number, and what of the second."""

    def row(e):
        if any(np.shape(value) != (2,) for value in e.values):
            return None
        first, second = (
            _said_of(e, place, faults[place], rights[place]) for place in range(len(words))
        )
        if first and second:
            return f"Both numbers are off. {first}\nAnd the second one: {second}"
        for one, other, place in ((first, second, 0), (second, first, 1)):
            this, that = words[place], words[1 - place]
            if one == "" and other is None:
                return (
                    f"Of the two numbers {this} is right on every input, and {that} is not. "
                    f"{_pattern(e, 1 - place)}"
                ).strip()
            if one and other is None:
                return f"{one}\nAnd {that} is off in a way of its own.".strip()
        return None

    row.__name__ = "each_number_alone"
    return row


def _said_of(e, place, faults, right):
    """The message of the fault that gives this number everywhere; "" if it is right, else None."""
    values = np.array([value[place] for value in e.values])

    def gives(function):
        expected = [function(*tried.arguments) for tried in e.cases]
        return np.allclose(values, expected, rtol=1e-6, atol=1e-12)

    if gives(right):
        return ""
    known = (fault[1] for fault in faults.values() if any(map(gives, functions_of(fault))))
    return next(known, None)


def _pattern(e, place):
    """How a number without a known fault differs from the right one, where it is one way."""
    values, references = (np.array([pair[place] for pair in x]) for x in (e.values, e.references))
    ratios = values / references
    if np.ptp(ratios) < 1e-6 * abs(ratios[0]):
        words = {
            -1: "right but for the sign",
            0.5: "half of the right one",
            2: "twice the right one",
        }
        known = (text for ratio, text in words.items() if math.isclose(ratio, ratios[0]))
        return f"It is {next(known, 'off by one and the same factor')}, on every input."
    if (references > 0).all() and (values < 0).any():
        return "It is below 0 on some inputs, and the right one never is."
    for word, off in (("small", values < references), ("large", values > references)):
        if off.all():
            return f"It is too {word} on every input."
    return ""


# E1: the second derivative of KL where the two coins are the same


def coins(random):
    """Coins on both sides of one half, none so bent that a second difference is rough."""
    bent = (*random.uniform(0.16, 0.47, 3), *random.uniform(0.55, 0.84, 3))
    return [case(float(p)) for p in bent]


def curvature_of_coin(p):
    return 1 / (p * (1 - p))


def lost_in_rounding(e):
    """The values jump between coins that are next to the same: only rounding does that."""
    beside = e.call([Case((case.arguments[0] + 1e-7,)) for case in e.cases])
    if any(value is None for value in (*beside, *e.again)):
        return None
    sizes = np.maximum(np.abs(np.ravel(e.values)), np.abs(np.ravel(e.references)))
    jumps = np.abs(np.ravel(beside) - np.ravel(e.values)) / sizes
    if jumps.max() < 1e-3 or not np.allclose(np.ravel(e.again), np.ravel(e.values)):
        return None
    return (
        "Your values jump when p moves by one ten-millionth, and the right ones hardly move. So it "
        "is with a second difference whose step is too small: KL of a step of 1e-8 is about 1e-16, "
        "which is the rounding of its own terms. Take a larger step.",
        int(np.argmax(jumps)),
    )


def slope(e):
    """0 but for what a difference leaves: where KL is least, its slope is 0."""
    values, ratios = np.abs(np.ravel(e.values)), np.ravel(e.values) / np.ravel(e.references)
    if values.max() > 2e-3 or (ratios.min() > 0 and ratios.max() < 1.5 * ratios.min()):
        return None
    return (
        "Next to 0 on every input. So is the slope of KL, its first derivative, at q = p, where KL "
        "is least. The question is how fast the slope changes there."
    )


def power_of_the_step(e):
    """Off by one factor that is very small or very large, but for what a difference leaves."""
    ratios = np.ravel(e.values) / np.ravel(e.references)
    factor = float(np.median(ratios))
    if factor <= 0 or 1e-2 < factor < 1e2 or np.ptp(ratios) > 0.1 * factor:
        return None
    return (
        f"About the right values times {factor:.0e}, all of them. If yours is a difference with a "
        "step h: KL of that step is about ½ F h², so it is the square of h that you divide by, "
        "once."
    )


def factor_but_for_the_step(e):
    """Half, twice or minus the right values, or those of another logarithm, but for a difference.

    What a formula gives exactly is a named mistake; this is for steps that are not that small.
    """
    ratios = np.ravel(e.values) / np.ravel(e.references)
    for factor, sentence in (
        (
            0.5,
            "About half of it, on every input. For a small step h the KL is ½ F h². So one step to "
            "one side, KL / h², is ½ F; a step to either side, both KLs added up, is F h².",
        ),
        (2, "About twice the right value, on every input: is there a 2 too many?"),
        (
            math.log10(math.e),
            "About the right values times 0.434, as with a logarithm to base 10. The question asks "
            "for nats.",
        ),
        (1 / LN_2, "About the right values in bits. The question asks for nats."),
    ):
        if np.abs(ratios / factor - 1).max() < 0.05:
            return sentence
    return None


def step_too_large(e):
    """Too large everywhere, by what a second difference with one large step is too large."""
    p, values = np.array([case.arguments[0] for case in e.cases]), np.ravel(e.values)
    squares = 2 * (values - np.ravel(e.references)) / (1 / p**3 + 1 / (1 - p) ** 3)
    if squares.min() <= 0 or squares.max() > 1.4 * squares.min() or squares.max() > 0.05:
        return None
    return (
        "A little too large on every input, and most where the coin is most bent. So it is with a "
        f"second difference whose step is too large (about {math.sqrt(squares.min()):.1g} would "
        "explain it): it sees more than the bend. Take a smaller step."
    )


def mirrored(e):
    """Another value for 1 - p than for p, though heads and tails are only names."""
    others = e.call([Case((1 - case.arguments[0],)) for case in e.cases])
    if any(other is None for other in (*others, *e.again)) or not _alike(e, e.again):
        return None
    at = next((i for i, v in enumerate(e.values) if not np.allclose(v, others[i], rtol=1e-3)), None)
    if at is None:
        return None
    return (
        "Yours gives one value for p and another for 1 - p. Which side of the coin is called heads "
        "changes no KL, so it changes no curvature. (Or is it a difference with a step to one side "
        "only?)",
        at,
    )


def not_steeper_outwards(e):
    """0 for a fair coin, or smaller for a bent coin than for a fair one."""
    values = {case.arguments[0]: float(v) for case, v in zip(e.cases, e.values, strict=True)}
    fair, most = values[0.5], values[max(values, key=lambda p: abs(p - 0.5))]
    if abs(fair) < 1e-9:
        return "Yours is 0 for a fair coin. KL bends there as well, though less than elsewhere."
    if 0 < most < fair:
        return (
            "Yours is smaller for a bent coin than for a fair one. A step of 0.01 is a large one "
            "where p is small, so there KL bends more."
        )
    return None


def _alike(e, others):
    return all(np.allclose(a, b) for a, b in zip(others, e.values, strict=True))


CURVATURE = Question(
    "curvature",
    points=2,
    reference=curvature_of_coin,
    tolerance=9e-5,
    exchangeable=False,
    rows=[
        lost_in_rounding,
        slope,
        power_of_the_step,
        factor_but_for_the_step,
        step_too_large,
        mirrored,
        not_steeper_outwards,
    ],
    visible=[
        case(0.3, label="heads in three of ten"),
        case(0.5, label="a fair coin"),
        case(0.8, label="a coin that likes heads"),
    ],
    inputs=[coins],
    mistakes=[
        Mistake(
            "half",
            lambda p: 0.5 / (p * (1 - p)),
            "Half of it. For a small step h the KL is ½ F h², whose second derivative is F, while "
            "KL / h² is ½ F only.",
        ),
        Mistake(
            "twice",
            lambda p: 2 / (p * (1 - p)),
            "Twice too large. KL of a step to the left and KL of one to the right, added up, are "
            "F h² already: is there a 2 too many, or KL in both directions?",
        ),
        Mistake(
            "variance",
            lambda p: p * (1 - p),
            "This is the variance of a flip, which is largest for a fair coin, where the curvature "
            "is smallest. (KL bends by so much if it is the log-odds that move; here q moves.)",
        ),
        Mistake(
            "root",
            lambda p: 1 / math.sqrt(p * (1 - p)),
            "This is 1 over the standard deviation of a flip, the root of what the question asks "
            "for.",
        ),
        Mistake(
            "one side of the coin",
            (lambda p: 1 / p, lambda p: 1 / (1 - p)),
            "Only one side of the coin counts in yours. KL has a term for heads and one for tails, "
            "and each of them bends. (Or does a `return` stand inside a loop?)",
        ),
        Mistake(
            "weights missing",
            (
                lambda p: 1 / p**2 + 1 / (1 - p) ** 2,
                lambda p: (1 / p**2 + 1 / (1 - p) ** 2) / 2,
            ),
            "1/p² and 1/(1 - p)² have the same weight in yours. Heads come with probability p and "
            "tails with 1 - p: these are the weights of the average.",
        ),
        Mistake(
            "a square without its average",
            (lambda p: 1 / p**2, lambda p: 1 / (1 - p) ** 2, lambda p: (1 / p - 1 / (1 - p)) ** 2),
            "There is a square of slopes in yours that was not averaged: 1/p² is what heads add, "
            "with the weight p, and 1/(1 - p)² what tails add, with the weight 1 - p.",
        ),
        Mistake(
            "minus between the sides",
            (lambda p: 1 / p - 1 / (1 - p), lambda p: 1 / (1 - p) - 1 / p),
            "There is a minus between heads and tails. In q both terms of KL bend upwards, so "
            "their second derivatives add up.",
        ),
        Mistake(
            "bends downwards",
            lambda p: -1 / (p * (1 - p)),
            "Right but for the sign. An entropy or a log likelihood bends downwards like this; KL "
            "is least at q = p, so it bends upwards.",
        ),
        Mistake(
            "squared",
            lambda p: 1 / (p * (1 - p)) ** 2,
            "The square of the right value: one factor p (1 - p) below the fraction line is "
            "enough.",
        ),
        Mistake(
            "in bits",
            lambda p: 1 / (p * (1 - p)) / LN_2,
            "This is the curvature of KL in bits: a logarithm to base 2 went in. The question asks "
            "for nats.",
        ),
        Mistake(
            "third derivative",
            lambda p: 2 / (1 - p) ** 2 - 2 / p**2,
            "One derivative too many: this is how the curvature itself changes along q.",
        ),
        Mistake(
            "weights exchanged",
            lambda p: (1 - p) / p**2 + p / (1 - p) ** 2,
            "The weights are exchanged: 1/p² belongs to heads, which come with probability p.",
        ),
        Mistake(
            "entropy",
            lambda p: -p * math.log(p) - (1 - p) * math.log(1 - p),
            "This is the entropy of the coin. The question asks how KL bends.",
        ),
        Mistake(
            "1 + p",
            (lambda p: 1 / p + 1 / (1 + p), lambda p: 1 / (p * (1 + p))),
            "There is 1 + p in yours where 1 - p, the probability of tails, belongs.",
        ),
        Mistake(
            "first bracket missing",
            lambda p: 1 / p * (1 - p),
            "Python reads `1 / p * (1 - p)` from the left, as (1/p) times (1 - p). A bracket puts "
            "both below the line: `1 / (p * (1 - p))`.",
        ),
    ],
    hints=[
        "Keep p and let q move. KL(p‖q) is 0 at q = p and larger on both sides. By how much, for a "
        "small step h to the left and to the right?",
        "(KL(p‖p + h) + KL(p‖p - h)) / h² with a small h, such as 1e-4. Or on paper: twice the "
        "derivative of p log(p/q) + (1 - p) log((1 - p)/(1 - q)) by q, then q = p",
        "`return 1 / (p * (1 - p))`",
    ],
    insight="This is the Fisher information of a coin: 1 over the variance of a flip. It is least "
    "for a fair coin and grows without end towards 0 and 1.",
    lesson=LESSON,
)


# E2: KL of a step, exact and local


def steps_of_coins(random):
    """Coins and steps up and down, large and small; the coin a step the other way is one, too."""
    coins = np.concatenate([random.uniform(0.3, 0.45, 3), random.uniform(0.55, 0.7, 3)])
    steps = np.concatenate([random.uniform(0.03, 0.25, 3), -random.uniform(0.03, 0.25, 3)])
    return [
        *(case(float(p), float(step)) for p, step in zip(coins, steps, strict=True)),
        case(0.4, -0.005, label="a small step down"),
    ]


def coin_kl(p, q):
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def exact_kl(p, step):
    return coin_kl(p, p + step)


def local_kl(p, step):
    return step**2 / (2 * p * (1 - p))


def both_kl(p, step):
    return [exact_kl(p, step), local_kl(p, step)]


EXACT_FAULTS = {
    "swapped": (
        lambda p, d: coin_kl(p + d, p),
        "Your exact KL runs from the new coin to the old one. The truth is p, the coin before the "
        "step; the model is p + step.",
    ),
    "step the other way": (
        lambda p, d: coin_kl(p, p - d),
        "Your exact KL is that of a step the other way, from p to p - step.",
    ),
    "exact in bits": (
        lambda p, d: exact_kl(p, d) / LN_2,
        "Your exact KL is in bits, and the question asks for nats.",
    ),
    "heads alone": (
        lambda p, d: p * math.log(p / (p + d)),
        "Your exact KL has the term of heads alone. Tails are an outcome, too, and their term has "
        "the other sign.",
    ),
    "weights of the new coin": (
        lambda p, d: (
            (p + d) * math.log(p / (p + d)) + (1 - p - d) * math.log((1 - p) / (1 - p - d))
        ),
        "In your exact KL the logarithms are weighted with the coin after the step. The truth "
        "supplies the samples, and it is the coin before.",
    ),
    "both directions": (
        (
            lambda p, d: coin_kl(p, p + d) + coin_kl(p + d, p),
            lambda p, d: (coin_kl(p, p + d) + coin_kl(p + d, p)) / 2,
        ),
        "Your exact KL is made of both directions. The question asks for one of them, from the old "
        "coin to the new.",
    ),
    "q for 1 - q": (
        lambda p, d: p * math.log(p / (p + d)) + (1 - p) * math.log((1 - p) / (p + d)),
        "In the term of tails of your exact KL stands q, the heads of the new coin, where 1 - q "
        "belongs.",
    ),
    "total variation": (
        (lambda p, d: abs(d), lambda p, d: 2 * abs(d)),
        "Your first number is the size of the step or twice that, as in total variation. KL has "
        "logarithms in it.",
    ),
    "absolute terms": (
        lambda p, d: (
            p * abs(math.log(p / (p + d))) + (1 - p) * abs(math.log((1 - p) / (1 - p - d)))
        ),
        "In your exact KL both terms are positive. One of them should be negative: they nearly "
        "cancel, which is why KL of a small step is so small.",
    ),
}
LOCAL_FAULTS = {
    "half missing": (
        lambda p, d: d**2 / (p * (1 - p)),
        "The ½ of ½ F step² is missing.",
    ),
    "half twice": (
        lambda p, d: d**2 / (4 * p * (1 - p)),
        "Your ½ F step² has a ¼ where ½ belongs.",
    ),
    "step not squared": (
        (lambda p, d: d / (2 * p * (1 - p)), lambda p, d: abs(d) / (2 * p * (1 - p))),
        "In your ½ F step² the step is not squared. Up close KL is a parabola: half of the step "
        "costs a quarter.",
    ),
    "times the variance": (
        lambda p, d: d**2 * p * (1 - p) / 2,
        "Your ½ F step² is multiplied with p (1 - p), the variance of a flip. F is 1 over it. (Or "
        "is a bracket missing? Python reads `1 / 2 * p * (1 - p)` as half of p times 1 - p.)",
    ),
    "F after the step": (
        (
            lambda p, d: d**2 / (2 * (p + d / 2) * (1 - p - d / 2)),
            lambda p, d: d**2 / (2 * (p + d) * (1 - p - d)),
            lambda p, d: d**2 * (1 / (p * (1 - p)) + 1 / ((p + d) * (1 - p - d))) / 4,
        ),
        "The coin after the step takes part in your F. Take F where the step begins, at p.",
    ),
    "F missing": (
        lambda p, d: d**2 / 2,
        "F takes no part in yours: ½ step² is the same for every coin.",
    ),
    "one side of the coin in F": (
        (lambda p, d: d**2 / (2 * p), lambda p, d: d**2 / (2 * (1 - p))),
        "Your F has one side of the coin in it. Heads and tails both bend KL: F is the sum of 1/p "
        "and 1/(1 - p).",
    ),
    "root of F": (
        lambda p, d: d**2 / (2 * math.sqrt(p * (1 - p))),
        "In your ½ F step² stands the root of F.",
    ),
    "F squared": (
        (
            lambda p, d: d**2 / (2 * (p * (1 - p)) ** 2),
            lambda p, d: (d / (p * (1 - p))) ** 2 / 2,
        ),
        "In your ½ F step² F is squared as well. Only the step is.",
    ),
    "bracket missing": (
        lambda p, d: d**2 / (2 * p) * (1 - p),
        "A bracket is missing in your ½ F step²: Python reads `x / p * (1 - p)` as (x/p) times "
        "(1 - p).",
    ),
    "sign of the step": (
        lambda p, d: d * abs(d) / (2 * p * (1 - p)),
        "Your ½ F step² is below 0 for a step down. A square has no sign.",
    ),
    "next term": (
        (
            lambda p, d: local_kl(p, d) - (1 - 2 * p) / (p * (1 - p)) ** 2 * d**3 / 3,
            lambda p, d: local_kl(p, d) + (1 - 2 * p) / (p * (1 - p)) ** 2 * d**3 / 3,
        ),
        "Your second number has the next term in it, the one with step³. The question asks for ½ F "
        "step² alone.",
    ),
    "pinsker": (
        lambda p, d: 2 * d**2,
        "Your second number is 2 step², which is ½ F step² for a fair coin alone: F is 4 there.",
    ),
    "the error": (
        (
            lambda p, d: local_kl(p, d) - exact_kl(p, d),
            lambda p, d: exact_kl(p, d) - local_kl(p, d),
            lambda p, d: abs(exact_kl(p, d) - local_kl(p, d)),
        ),
        "Your second number is the difference of the two. The question asks for ½ F step² itself.",
    ),
    "local in bits": (
        lambda p, d: local_kl(p, d) / LN_2,
        "Your ½ F step² is divided by log 2. F is that of nats here.",
    ),
    "cube": (
        lambda p, d: d**3 / (2 * p * (1 - p)),
        "In your ½ F step² the step has the power 3. It is the error that is of that size.",
    ),
}

EXACT_AND_LOCAL = Question(
    "exact_and_local",
    points=2,
    reference=both_kl,
    returns=named_numbers("exact", "local"),
    exchangeable=False,
    rows=[
        each_number_alone(
            (EXACT_FAULTS, LOCAL_FAULTS),
            (exact_kl, local_kl),
            ("the first, the exact KL,", "the second, ½ F step²,"),
        )
    ],
    visible=[
        case(0.3, 0.1, label="a step from 0.3 to 0.4"),
        case(0.3, 0.01, label="a step from 0.3 to 0.31"),
        case(0.5, -0.2, label="a step down"),
    ],
    inputs=[steps_of_coins],
    mistakes=[
        *mistakes_of_one(EXACT_FAULTS, 0, local_kl),
        *mistakes_of_one(LOCAL_FAULTS, 1, exact_kl),
        Mistake(
            "other order",
            lambda p, d: [local_kl(p, d), exact_kl(p, d)],
            "The right two numbers in the other order: the exact KL comes first.",
        ),
        Mistake(
            "local twice",
            lambda p, d: [local_kl(p, d), local_kl(p, d)],
            "Both numbers are ½ F step². The first one should be KL itself, with its logarithms.",
        ),
        Mistake(
            "exact twice",
            lambda p, d: [exact_kl(p, d), exact_kl(p, d)],
            "Both numbers are the exact KL. The second should be ½ F step², without a logarithm.",
        ),
        Mistake(
            "in bits",
            lambda p, d: [exact_kl(p, d) / LN_2, local_kl(p, d) / LN_2],
            "Both numbers are in bits, and the question asks for nats.",
        ),
    ],
    hints=[
        "Which coin is the truth, the one before the step or the one after it? And what did E1 say "
        "about the bend of KL there?",
        "KL(p‖q) with q = p + step, and ½ F step² with F = 1/(p (1 - p))",
        "`q = p + step`, `exact = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))`, then "
        "`return [exact, step**2 / (2 * p * (1 - p))]`",
    ],
    insight="A step ten times smaller makes the error about a thousand times smaller: what is left "
    "out begins with step³. For a fair coin even that is missing, since a step up costs what a "
    "step down costs, and the error goes with step⁴.",
    lesson=LESSON,
)


# E3: one natural step, in σ and in log σ


def widths(random):
    """Widths of the truth and of the model, too narrow and too wide, and rates."""
    truth, rates = random.uniform(0.4, 6, 6), random.uniform(0.02, 0.9, 6)
    ratios = random.uniform([0.3] * 3 + [1.3] * 3, [0.8] * 3 + [3.0] * 3)
    return [
        *(
            case(float(width), float(width * ratio), float(rate))
            for width, ratio, rate in zip(truth, ratios, rates, strict=True)
        ),
        case(2.0, 0.7, 1.0, label="a rate of 1"),
    ]


def gradient(s, t):
    """The derivative of KL(N(0, s)‖N(0, t)) by t, the width of the model."""
    return 1 / t - s**2 / t**3


def step_in_sigma(s, t, rate):
    return -rate * gradient(s, t) * t**2 / 2


def step_in_log(s, t, rate):
    return -rate * gradient(s, t) * t / 2


def both_steps(sigma_p, sigma_q, rate):
    return [step(sigma_p, sigma_q, rate) for step in (step_in_sigma, step_in_log)]


def times(factor):
    """-rate · gradient · factor, where the factor depends on the model's σ alone."""
    return lambda s, t, a: -a * gradient(s, t) * factor(t)


def along(other):
    """The two natural steps with another gradient in σ, a function of both widths."""
    return lambda s, t, a: [-a * other(s, t) * t**2 / 2, -a * other(s, t) * t / 2]


def pair(first, second):
    return lambda s, t, a: [first(s, t, a), second(s, t, a)]


SIGMA_FAULTS = {
    "plain step in σ": (
        times(lambda t: 1.0),
        "Your step in σ is the plain one, -rate times the gradient. The natural step divides that "
        "by F, which for σ is 2/σ².",
    ),
    "F of the mean in σ": (
        times(lambda t: t**2),
        "Your step in σ is divided by 1/σ², the F of a mean. For a standard deviation it is 2/σ².",
    ),
    "F multiplied in σ": (
        times(lambda t: 2 / t**2),
        "Your step in σ is multiplied by F. Where a step costs much it should be short: divide.",
    ),
    "σ in F not squared": (
        (times(lambda t: t / 2), times(lambda t: t)),
        "The F below your step in σ has σ in it without a square. F of σ is 2/σ².",
    ),
    "step of the variance": (
        times(lambda t: t**3),
        "Your first number is the natural step of the variance σ². The question asks for that of "
        "σ.",
    ),
    "F at the truth in σ": (
        lambda s, t, a: -a * gradient(s, t) * s**2 / 2,
        "The F below your step in σ is that of sigma_p. The step begins at the model, and so does "
        "its F: 2/sigma_q².",
    ),
    "uphill in σ": (
        times(lambda t: -(t**2) / 2),
        "Your step in σ goes uphill: the gradient points where KL grows.",
    ),
    "new σ": (
        lambda s, t, a: t + step_in_sigma(s, t, a),
        "Your first number is the new σ. The question asks for the step, by how much σ changes.",
    ),
}
LOG_FAULTS = {
    "gradient of σ for log σ": (
        times(lambda t: 1 / 2),
        "In your step of log σ a factor σ is missing, as if the gradient were still that of σ. By "
        "the chain rule the slope along log σ is σ times as large.",
    ),
    "F of σ for log σ": (
        times(lambda t: t**3 / 2),
        "Your step of log σ has a factor σ² too many, as if F were still that of σ, 2/σ². F of log "
        "σ is σ² times as large.",
    ),
    "σ for log σ": (
        times(lambda t: t**2 / 2),
        "Your step of log σ is the step of σ itself. A small step of log σ is a share of σ, the "
        "step of σ divided by σ.",
    ),
    "divided by σ": (
        (times(lambda t: 1 / (2 * t)), times(lambda t: t**5 / 2), times(lambda t: t**4 / 2)),
        "In your step of log σ something was divided by σ that should be multiplied. As σ = "
        "exp(log σ), its derivative by log σ is σ: the gradient gets it once, F twice.",
    ),
    "plain step of log σ": (
        times(lambda t: t),
        "Your step of log σ is the plain one, -rate times the gradient along log σ. F of log σ is "
        "missing below it.",
    ),
    "uphill in log σ": (
        times(lambda t: -t / 2),
        "Your step of log σ goes uphill: the gradient points where KL grows.",
    ),
    "new log σ": (
        (
            lambda s, t, a: math.log(t) + step_in_log(s, t, a),
            lambda s, t, a: math.log(t + step_in_sigma(s, t, a)),
        ),
        "Your second number is the new log σ. The question asks for the step, by how much log σ "
        "changes.",
    ),
    "back in σ": (
        (
            lambda s, t, a: t * math.expm1(step_in_log(s, t, a)),
            lambda s, t, a: t * math.exp(step_in_log(s, t, a)),
            lambda s, t, a: math.exp(step_in_log(s, t, a)),
        ),
        "You took the step of log σ back to σ by an exponential. The question asks for the step of "
        "log σ itself.",
    ),
    "logarithm of the step": (
        lambda s, t, a: math.log(abs(step_in_sigma(s, t, a))),
        "Your second number is the logarithm of the step of σ. A step of log σ is something else: "
        "by how much log σ changes.",
    ),
    "logarithm of the new σ": (
        lambda s, t, a: math.log(abs(1 + step_in_sigma(s, t, a) / t)),
        "Your second number is how much log σ changes when σ takes its step. Up to small steps "
        "that is the same; the question asks for a step of its own, by the gradient and the F of "
        "log σ.",
    ),
}


def like_the_plain_gradient(e):
    """The first number is one multiple of the plain gradient, whatever σ is."""
    if any(np.shape(value) != (2,) for value in e.values):
        return None
    tried = [(value[0], *c.arguments) for value, c in zip(e.values, e.cases, strict=True)]
    ratios = [first / (-a * gradient(s, t)) for first, s, t, a in tried if not math.isclose(s, t)]
    if ratios[0] == 0 or np.ptp(ratios) > 1e-6 * abs(ratios[0]):
        return None
    return (
        f"Your first step is -rate times the plain gradient times {ratios[0]:.3g}, with one and "
        "the same factor for every model. A natural step divides by F, and F of σ depends on σ."
    )


def not_in_proportion_to_the_rate(e):
    """Twice the rate does not make both steps twice as long."""
    doubled = [Case((s, t, 2 * a)) for s, t, a in (case.arguments for case in e.cases)]
    others = e.call(doubled)
    if any(other is None for other in (*others, *e.again)) or not _alike(e, e.again):
        return None
    at = next((i for i, v in enumerate(e.values) if not np.allclose(2 * v, others[i])), None)
    if at is None:
        return None
    return "Twice the rate does not make your steps twice as long. Both go with the rate.", at


def moves_a_right_model(e):
    """A model that is right already does not stay."""
    right = [Case((t, t, a)) for _, t, a in (case.arguments for case in e.cases)]
    others = e.call(right)
    if any(other is None for other in others) or not np.abs(others).max() > 1e-6:
        return None
    return (
        "With your steps a model moves that is right already: put sigma_q = sigma_p into them. The "
        "gradient of KL is 0 there. Is it the derivative of log(sigma_q/sigma_p) + "
        "sigma_p²/(2 sigma_q²) by sigma_q?"
    )


NATURAL_STEPS = Question(
    "natural_steps",
    points=3,
    reference=both_steps,
    returns=named_numbers("step of σ", "step of log σ"),
    tolerance=5e-5,  # so that a slope may be a difference
    exchangeable=False,
    rows=[
        each_number_alone(
            (SIGMA_FAULTS, LOG_FAULTS),
            (step_in_sigma, step_in_log),
            ("the first, the step of σ,", "the second, the step of log σ,"),
        ),
        like_the_plain_gradient,
        not_in_proportion_to_the_rate,
        moves_a_right_model,
    ],
    visible=[
        case(1.0, 2.0, 0.1, label="a model twice too wide"),
        case(3.0, 1.5, 0.1, label="a model twice too narrow"),
        case(2.0, 2.2, 0.5, label="a model that is nearly right"),
    ],
    inputs=[widths],
    mistakes=[
        *mistakes_of_one(SIGMA_FAULTS, 0, step_in_log),
        *mistakes_of_one(LOG_FAULTS, 1, step_in_sigma),
        Mistake(
            "plain gradient",
            (
                pair(times(lambda t: 1.0), times(lambda t: t)),
                pair(times(lambda t: 1.0), times(lambda t: 1.0)),
            ),
            "These are steps of plain gradient descent: no F stands below them. The natural step "
            "is -rate times the gradient, divided by F.",
        ),
        Mistake(
            "F of the mean",
            pair(times(lambda t: t**2), times(lambda t: t)),
            "Both steps are twice too large: 1/σ² is the F of a mean. For a standard deviation it "
            "is 2/σ², and for log σ it is 2.",
        ),
        Mistake(
            "F of the variance",
            (
                pair(times(lambda t: 2 * t**4), times(lambda t: 2 * t**3)),
                pair(times(lambda t: 2 * t**2), times(lambda t: 2 * t)),
            ),
            "The ½ of F is not where it belongs. 1/(2σ⁴) is the F of a variance; that of a "
            "standard deviation is 2/σ², with the 2 above the line.",
        ),
        Mistake(
            "F at the truth",
            (
                lambda s, t, a: [
                    -a * gradient(s, t) * s**2 / 2,
                    -a * gradient(s, t) * s**2 / (2 * t),
                ],
                lambda s, t, a: [
                    -a * gradient(s, t) * s**2 / 2,
                    -a * gradient(s, t) * t * s**2 / 2,
                ],
            ),
            "Both steps are divided by an F with sigma_p in it. The truth is where you want to go; "
            "the ruler belongs to the model, where the step begins.",
        ),
        Mistake(
            "newton",
            (
                lambda s, t, a: [
                    -a * gradient(s, t) / (3 * s**2 / t**4 - 1 / t**2),
                    -a * gradient(s, t) * t**3 / (2 * s**2),
                ],
                lambda s, t, a: [
                    -a * gradient(s, t) / (3 * s**2 / t**4 - 1 / t**2),
                    -a * gradient(s, t) / t / (3 * s**2 / t**4 - 1 / t**2),
                ],
            ),
            "You divided by the second derivative of KL(P‖Q) at the model, as Newton's method "
            "does. F is the second derivative of the KL between the model and what lies beside it; "
            "it never asks where the truth is, and is never negative.",
        ),
        Mistake(
            "F multiplied",
            pair(times(lambda t: 2 / t**2), times(lambda t: 2 * t)),
            "You multiplied by F. Where a step costs much KL it should be short: divide by F.",
        ),
        Mistake(
            "root of F",
            pair(
                times(lambda t: t / math.sqrt(2)),
                times(lambda t: t / math.sqrt(2)),
            ),
            "You divided by the root of F, as adaptive optimisers do with their mean square. The "
            "natural step divides by F itself.",
        ),
        Mistake(
            "uphill",
            pair(times(lambda t: -(t**2) / 2), times(lambda t: -t / 2)),
            "Both steps go uphill. The gradient points where KL grows; to make it smaller, go "
            "against it.",
        ),
        Mistake(
            "F twice",
            pair(times(lambda t: t**4 / 4), times(lambda t: t / 4)),
            "You divided by F twice.",
        ),
        Mistake(
            "rate squared",
            lambda s, t, a: both_steps(s, t, a**2),
            "The rate is squared, or was multiplied with twice.",
        ),
        Mistake(
            "KL for its gradient",
            (
                along(lambda s, t: math.log(t / s) + s**2 / (2 * t**2) - 0.5),
                pair(
                    lambda s, t, a: -a * (math.log(t / s) + s**2 / (2 * t**2) - 0.5) * t**2 / 2,
                    lambda s, t, a: -a * (math.log(t / s) + s**2 / (2 * t**2) - 0.5) / 2,
                ),
            ),
            "KL itself stands where its gradient belongs. KL is never negative, so these steps "
            "make every model narrower.",
        ),
        Mistake(
            "share of the way",
            lambda s, t, a: [a * (s - t), a * (math.log(s) - math.log(t))],
            "You went a share of the way to sigma_p. A gradient step does not know where the "
            "best model is; it knows the slope and F.",
        ),
        Mistake(
            "rate missing",
            lambda s, t, a: both_steps(s, t, 1.0),
            "The rate takes no part: these are steps at a rate of 1.",
        ),
        Mistake(
            "new values",
            lambda s, t, a: [t + step_in_sigma(s, t, a), math.log(t) + step_in_log(s, t, a)],
            "These are the new values of σ and of log σ. The question asks for the steps: by how "
            "much each changes.",
        ),
        Mistake(
            "new σ twice",
            lambda s, t, a: [t + step_in_sigma(s, t, a), t * math.exp(step_in_log(s, t, a))],
            "These are the new σ after either step. The question asks for the steps themselves, in "
            "σ and in log σ.",
        ),
        Mistake(
            "other order",
            lambda s, t, a: both_steps(s, t, a)[::-1],
            "The right two numbers in the other order: the step of σ comes first.",
        ),
        Mistake(
            "other direction of KL",
            along(lambda s, t: t / s**2 - 1 / t),
            "You went down KL(Q‖P), with the model's samples. The truth is P, with sigma_p, and "
            "KL(P‖Q) has sigma_q below the fraction line.",
        ),
        Mistake(
            "roles exchanged",
            (
                lambda s, t, a: both_steps(t, s, a),
                pair(
                    lambda s, t, a: -a * gradient(t, s) * t**2 / 2,
                    lambda s, t, a: -a * gradient(t, s) * t / 2,
                ),
            ),
            "sigma_p and sigma_q are exchanged: the model is Q, and it is sigma_q that moves.",
        ),
        Mistake(
            "slope of the logarithm missing",
            along(lambda s, t: -(s**2) / t**3),
            "The gradient lacks 1/sigma_q, the slope of log(sigma_q/sigma_p). Without it a right "
            "model would still move.",
        ),
        Mistake(
            "slope of the fraction missing",
            along(lambda s, t: 1 / t),
            "The gradient is 1/sigma_q alone: the truth takes no part. The fraction with sigma_p² "
            "has a slope, too.",
        ),
        Mistake(
            "sign inside the gradient",
            along(lambda s, t: 1 / t + s**2 / t**3),
            "In your gradient both parts are positive. 1/sigma_q² falls as sigma_q grows, so its "
            "part has a minus.",
        ),
        Mistake(
            "squares missing in the gradient",
            along(lambda s, t: 1 / t - s / t**2),
            "In your gradient the second part is sigma_p/sigma_q². One power more belongs "
            "to each: the derivative of sigma_p²/(2 sigma_q²) is -sigma_p²/sigma_q³.",
        ),
        Mistake(
            "factor inside the gradient",
            (
                along(lambda s, t: 1 / t - 2 * s**2 / t**3),
                along(lambda s, t: 1 / t - s**2 / (2 * t**3)),
                along(lambda s, t: 1 / t - s / t**3),
                along(lambda s, t: 1 / t - s**2 / (2 * t**2)),
                along(lambda s, t: 1 / t - s**2 / t**2),
                along(lambda s, t: t / s - s**2 / t**3),
                along(lambda s, t: 1 / (t * s) - s**2 / t**3),
            ),
            "The gradient is off: with it a right model would move. KL is log(sigma_q/sigma_p) + "
            "sigma_p²/(2 sigma_q²) - ½; take the derivative of each part by sigma_q.",
        ),
    ],
    hints=[
        "The natural step is -rate times the gradient divided by F. What is the slope of KL along "
        "σ, and how does a slope change when you count in log σ?",
        "g = 1/σ_q - σ_p²/σ_q³ and F = 2/σ_q² for σ; σ_q g and σ_q² F for log σ",
        "`g = 1 / sigma_q - sigma_p**2 / sigma_q**3`, `f = 2 / sigma_q**2`, then "
        "`return [-rate * g / f, -rate * (sigma_q * g) / (sigma_q**2 * f)]`",
    ],
    insight="The second is the first divided by σ, and that is what a small step of σ does to "
    "log σ: both move the model alike. The plain gradient does not know that the two are names of "
    "one thing.",
    lesson=LESSON,
    section="The idea",
)


# E4: the diagonal of F, from a gradient for each example

ONE_PER_WEIGHT = Returns(
    "an array with one number per weight", lambda gradients: gradients.shape[1:]
)
BATCHES = (2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100)


def tables_of_gradients(random):
    """Gradients of few and of many examples; at an optimum their mean is 0."""
    some = [random.normal(random.normal(0, 1, d), 1, (n, d)) for n, d in ((3, 5), (7, 2), (150, 4))]
    centred = random.normal(0, random.uniform(0.5, 3, 3), (40, 3))
    return [
        *map(case, some),
        case(centred - centred.mean(axis=0), label="an optimum, where the mean gradient is 0"),
    ]


def mean_of_squares(gradients):
    return (gradients**2).mean(axis=0)


def in_batches(size, count, of=np.mean):
    """Squared mean gradients of batches, added up and divided by `count(examples, batches)`."""

    def value(gradients):
        batches = [gradients[i : i + size] for i in range(0, len(gradients), size)]
        squares = sum(of(batch, axis=0) ** 2 for batch in batches)
        return squares / count(len(gradients), len(batches))

    return value


def running_average(kept):
    """Of the squares, from 0 on: each example takes the share 1 - kept."""

    def value(gradients):
        average = np.zeros(gradients.shape[1])
        for gradient in gradients:
            average = kept * average + (1 - kept) * gradient**2
        return average

    return value


def something_added(e):
    """The same small number too large everywhere."""
    over = np.concatenate([v - r for v, r in zip(e.values, e.references, strict=True)])
    if over.min() <= 1e-12 or np.ptp(over) > 1e-9:
        return None
    return (
        f"Every number is {over[0]:.1g} too large: a damping, as optimisers add it before they "
        "divide? It is no part of F."
    )


def _changed_by(e, change):
    """The first input on which the answer changes with `change`, a function of the table."""
    others = e.call([Case((change(case.arguments[0]),)) for case in e.cases])
    if any(other is None for other in (*others, *e.again)) or not _alike(e, e.again):
        return None
    return next((i for i, v in enumerate(e.values) if not np.allclose(v, others[i])), None)


def order_of_the_examples(e):
    """Another value where the examples come the other way round."""
    at = _changed_by(e, lambda table: table[::-1].copy())
    if at is None:
        return None
    return (
        "The value changes when the examples come in another order. Are they put into batches, do "
        "some of them count more, or are some left out? F is a mean over all of them.",
        at,
    )


def sign_of_the_gradients(e):
    """Another value where all gradients point the other way."""
    at = _changed_by(e, lambda table: -table)
    if at is None:
        return None
    return (
        "The value changes when every gradient is turned round. A square does not: is each "
        "gradient squared before anything else is done with it?",
        at,
    )


def other_weights(e):
    """The number of one weight changes with the gradients of another."""

    def change(table):
        return np.column_stack([table[:, 0], 2 * table[:, 1:]])

    others = e.call([Case((change(case.arguments[0]),)) for case in e.cases])
    if any(
        other is None or np.shape(other) != np.shape(v)
        for other, v in zip(others, e.values, strict=True)
    ):
        return None
    at = next((i for i, v in enumerate(e.values) if not np.allclose(v[0], others[i][0])), None)
    if at is None or not _alike(e, e.again):
        return None
    return (
        "The number of the first weight changes with the gradients of the others. Each weight has "
        "its own: the mean of the squares in its own column.",
        at,
    )


FISHER_DIAGONAL = Question(
    "fisher_diagonal",
    points=2,
    reference=mean_of_squares,
    returns=ONE_PER_WEIGHT,
    exchangeable=False,
    rows=[something_added, order_of_the_examples, sign_of_the_gradients, other_weights],
    visible=[
        case([[1.0, 2.0], [-1.0, 0.0], [3.0, -2.0]], label="three examples, two weights"),
        case([[0.5, -1.0], [-0.5, 1.0]], label="two examples that pull in opposite directions"),
        case([[2.0, 1.0, -1.0], [2.0, 1.0, -1.0]], label="two examples that agree"),
    ],
    inputs=[tables_of_gradients],
    mistakes=[
        Mistake(
            "squared mean",
            lambda g: g.mean(axis=0) ** 2,
            "You squared the mean gradient. Examples that pull in opposite directions cancel "
            "before the square, and at an optimum all that is left is 0. Square each example's "
            "gradient first.",
        ),
        Mistake(
            "squared sum",
            lambda g: g.sum(axis=0) ** 2,
            "You squared the sum of the gradients. Examples that pull in opposite directions "
            "cancel in it. Square each example's gradient first, then average.",
        ),
        Mistake(
            "squared sum over n",
            lambda g: g.sum(axis=0) ** 2 / len(g),
            "You squared the sum and then divided by the number of examples. The square belongs "
            "on each example's gradient, before anything is added.",
        ),
        Mistake(
            "squared means of batches",
            tuple(
                in_batches(size, count)
                for size in BATCHES
                for count in (lambda n, batches: batches, lambda n, batches: n)
            ),
            "You squared the mean gradient of each batch. The larger the batch, the more cancels "
            "before the square. Square example by example.",
        ),
        Mistake(
            "squared sums of batches",
            tuple(
                in_batches(size, count, of=np.sum)
                for size in BATCHES
                for count in (lambda n, batches: batches, lambda n, batches: n)
            ),
            "You added up the gradients of each batch before the square. Within a batch they "
            "cancel. Square example by example.",
        ),
        Mistake(
            "sum of squares",
            lambda g: (g**2).sum(axis=0),
            "The squares are right and were added up, not averaged. Twice the data would make "
            "every weight twice as important.",
        ),
        Mistake(
            "n squared",
            lambda g: (g**2).sum(axis=0) / len(g) ** 2,
            "Divided by the number of examples twice: that shrinks with every example more.",
        ),
        Mistake(
            "variance",
            (lambda g: g.var(axis=0), lambda g: g.var(axis=0, ddof=1)),
            "This is the variance of the gradients: their mean was taken away before the square. "
            "The question asks for the mean of the squares as they are. (Under the model's own "
            "samples the two agree, for there the mean is 0.)",
        ),
        Mistake(
            "one less than n",
            lambda g: (g**2).sum(axis=0) / (len(g) - 1),
            "You divided by n - 1, as for a variance whose mean was estimated. No mean is taken "
            "away here: divide by the number of examples.",
        ),
        Mistake(
            "root",
            lambda g: np.sqrt((g**2).mean(axis=0)),
            "The root of it, as an optimiser has it below its step. The diagonal of F is the mean "
            "square itself.",
        ),
        Mistake(
            "length of a column",
            lambda g: np.linalg.norm(g, axis=0),
            "This is the length of each column (`np.linalg.norm`), the root of the sum of its "
            "squares. The diagonal of F is their mean, without a root.",
        ),
        Mistake(
            "standard deviation",
            (lambda g: g.std(axis=0), lambda g: g.std(axis=0, ddof=1)),
            "This is the standard deviation of the gradients. The question asks for the mean of "
            "their squares: no mean taken away, no root.",
        ),
        Mistake(
            "absolute values",
            (lambda g: np.abs(g).mean(axis=0), lambda g: np.abs(g).mean(axis=0) ** 2),
            "There are absolute values where squares belong.",
        ),
        Mistake(
            "mean gradient",
            (lambda g: g.mean(axis=0), lambda g: np.abs(g.mean(axis=0))),
            "This is the mean gradient, without a square. At an optimum it is 0.",
        ),
        Mistake(
            "last example alone",
            (lambda g: g[-1] ** 2, lambda g: g[-1] ** 2 / len(g)),
            "Only the last example counts in yours. Does each turn of the loop overwrite the "
            "result (`=`) where it should add to it (`+=`)?",
        ),
        Mistake(
            "first example alone",
            (lambda g: g[0] ** 2, lambda g: g[0] ** 2 / len(g)),
            "Only the first example counts in yours. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "last example left out",
            (
                lambda g: (g[:-1] ** 2).mean(axis=0),
                lambda g: (g[:-1] ** 2).sum(axis=0) / len(g),
            ),
            "The last example does not count in yours. Does a slice or a loop end one too early?",
        ),
        Mistake(
            "first example left out",
            (
                lambda g: (g[1:] ** 2).mean(axis=0),
                lambda g: (g[1:] ** 2).sum(axis=0) / len(g),
            ),
            "The first example does not count in yours. Does a slice or a loop begin one too late?",
        ),
        Mistake(
            "divided by the weights",
            (
                lambda g: (g**2).sum(axis=0) / g.shape[1],
                lambda g: (g**2).sum(axis=0) / g.size,
            ),
            "The number of weights is in what you divided by. The mean runs over the examples.",
        ),
        Mistake(
            "running average",
            tuple(map(running_average, (0.5, 0.9, 0.95, 0.99, 0.999))),
            "A running average that forgets: the last examples count most. F gives every example "
            "the same weight.",
        ),
        Mistake(
            "one more than n",
            lambda g: (g**2).sum(axis=0) / (len(g) + 1),
            "You divided by n + 1. Divide by the number of examples.",
        ),
        Mistake(
            "clipped",
            lambda g: (np.clip(g, -1, 1) ** 2).mean(axis=0),
            "The gradients were cut off at 1. F is made of the large ones above all.",
        ),
        Mistake(
            "inverse matrix",
            lambda g: np.diag(np.linalg.pinv(g.T @ g / len(g))),
            "This is the diagonal of the inverse of F, which is about variances of estimates. The "
            "question asks for that of F.",
        ),
        Mistake(
            "largest",
            lambda g: (g**2).max(axis=0),
            "This is the largest of the squares, not their mean.",
        ),
        Mistake(
            "gradients made of length 1",
            lambda g: (g**2 / (g**2).sum(axis=1, keepdims=True)).mean(axis=0),
            "Each example's gradient was divided by its length first. Whether a gradient is long "
            "or short is what F is made of.",
        ),
        Mistake(
            "shares",
            (
                lambda g: mean_of_squares(g) / mean_of_squares(g).sum(),
                lambda g: mean_of_squares(g) / mean_of_squares(g).max(),
            ),
            "The mean squares were divided by their sum or by the largest. They are no shares: "
            "their size says how much KL a step costs.",
        ),
        Mistake(
            "half",
            lambda g: mean_of_squares(g) / 2,
            "Half of it. The ½ stands in front of F, in ½ F step², and is no part of F.",
        ),
        Mistake(
            "median",
            lambda g: np.median(g**2, axis=0),
            "This is the median of the squares. F is their mean: it is the few examples with large "
            "gradients that make it.",
        ),
    ],
    hints=[
        "Two examples pull a weight by +1 and by -1. Does the weight matter to them? And what is "
        "the square of their mean?",
        "for each weight the mean over the examples of gradient²",
        "`return (gradients**2).mean(axis=0)`",
    ],
    insight="First the square, then the mean. The squared mean gradient of a batch is smaller by "
    "the factor of its size where a model fits, and 0 over all the data it was fitted to.",
    lesson=LESSON,
    section="Where this bites",
)


QUESTIONS = [CURVATURE, EXACT_AND_LOCAL, NATURAL_STEPS, FISHER_DIAGONAL]
