"""The questions of unit 19: what a forecast costs, a temperature, and two losses in their parts."""

import math

import numpy as np

from klteach.practice.common_mistakes import SMALL_NUMBERS
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import named_numbers

LESSON = "19_classifiers"
LN_2 = math.log(2)


# E1: what a forecast costs beyond the best one


def part(p, q):
    """p log(p/q) of two numbers: 0 where p is 0, infinite where only q is."""
    if p == 0:
        return 0.0
    return p * math.log(p / q) if q > 0 else math.inf


def cross(p, q):
    """-p log q: 0 where p is 0, infinite where only q is."""
    if p == 0:
        return 0.0
    return -p * math.log(q) if q > 0 else math.inf


def entropy(p):
    return cross(p, p) + cross(1 - p, 1 - p)


def excess(chance, forecast):
    return part(chance, forecast) + part(1 - chance, 1 - forecast)


def expected(chance, forecast):
    return cross(chance, forecast) + cross(1 - chance, 1 - forecast)


def clipped(eps, cost=excess):
    """What a forecast costs that is kept away from 0 and 1."""
    return lambda chance, forecast: cost(chance, min(max(forecast, eps), 1 - eps))


def both_clipped(eps):
    """The excess with the chance kept away from 0 and 1, too."""

    def wrong(chance, forecast):
        return clipped(eps)(min(max(chance, eps), 1 - eps), forecast)

    return wrong


def padded(eps):
    """The excess with a small number added inside the logarithms."""

    def wrong(chance, forecast):
        return part(chance, forecast + eps) + part(1 - chance, 1 - forecast + eps)

    return wrong


VISIBLE_TO_CLIPPING = tuple(eps for eps in SMALL_NUMBERS if 1 - eps < 1 and eps < 0.01)


def chances_and_forecasts(random):
    pairs = random.uniform(0.02, 0.98, (6, 2))
    pairs[:3, 0] = np.sort(pairs[:3, 0])
    return [
        *(case(float(chance), float(forecast)) for chance, forecast in pairs),
        case(0.0003, 0.02, label="a rare event, called too often"),
        case(0.02, 0.0003, label="a rare event, called too rarely"),
        case(0.0, 0.2, label="an event that never comes"),
        case(1.0, 0.9, label="an event that always comes"),
        case(0.6, 1.0, label="a certain forecast of something uncertain"),
        case(0.0, 0.0, label="certain, and right"),
        case(1.0, 0.0, label="certain, and wrong"),
    ]


EXCESS_LOG_LOSS = Question(
    "excess_log_loss",
    points=1,
    reference=excess,
    unit="nats",
    exchangeable=False,
    visible=[
        case(0.5, 0.6, label="an even chance, called 60 %"),
        case(0.2, 0.05, label="a chance of 20 %, called 5 %"),
        case(0.4, 0.4, label="a forecast that is right"),
        case(0.25, 0.0, label="a possible event, ruled out"),
    ],
    inputs=[chances_and_forecasts],
    mistakes=[
        Mistake(
            "swapped",
            lambda c, f: excess(f, c),
            "You averaged over the forecast. It is the event that comes or not, with its own "
            "chance: the weights are `chance` and `1 - chance`.",
        ),
        Mistake(
            "bits",
            lambda c, f: excess(c, f) / LN_2,
            "This is in bits, what a logarithm to base 2 gives. A log loss is in nats.",
        ),
        Mistake(
            "the log loss itself",
            (expected, *(clipped(eps, expected) for eps in VISIBLE_TO_CLIPPING)),
            "This is all of the expected log loss. A forecast that is right pays some of it, too: "
            "take away what saying `chance` would cost.",
        ),
        Mistake(
            "the other entropy taken away",
            lambda c, f: expected(c, f) - entropy(f),
            "You took away the entropy of the forecast. The best forecast is the chance itself, "
            "and what that costs is the entropy of `chance`.",
        ),
        Mistake(
            "the event alone",
            lambda c, f: part(c, f),
            "You counted the times when the event comes, and left out those when it does not. They "
            "cost something, too: what did the forecast say of them?",
        ),
        Mistake(
            "the other outcome alone",
            lambda c, f: part(1 - c, 1 - f),
            "You counted the times when the event does not come, and left out those when it does.",
        ),
        Mistake(
            "the event's surprise",
            (
                lambda c, f: part(c, f) / c if c > 0 else 0.0,
                lambda c, f: part(c, f) / c if c > 0 else math.inf,
            ),
            "You took the difference of two surprises, for when the event comes. It comes in the "
            "share `chance` of cases, and the others cost something, too.",
        ),
        Mistake(
            "every certain forecast infinite",
            lambda c, f: excess(c, f) if 0 < f < 1 else math.inf,
            "You made every certain forecast infinite. One that comes true costs nothing: infinite "
            "is only one that rules out what may come.",
        ),
        Mistake(
            "complement forgotten",
            lambda c, f: part(c, f) + part(1 - c, f),
            "When the event does not come, the forecast that counts is `1 - forecast`. In yours it "
            "is `forecast` again.",
        ),
        Mistake(
            "without weights",
            lambda c, f: sum(part(p, q) / p for p, q in ((c, f), (1 - c, 1 - f)) if p > 0),
            "You added up the logarithms without weights. How often does each of the two outcomes "
            "come?",
        ),
        Mistake(
            "mean of the two",
            lambda c, f: excess(c, f) / 2,
            "Half of it: a mean over the two outcomes stands where their weighted sum belongs.",
        ),
        Mistake(
            "sign",
            lambda c, f: -excess(c, f),
            "The sign is turned round. No forecast is better than the chance itself, so the excess "
            "is never negative.",
        ),
        Mistake(
            "absolute terms",
            lambda c, f: abs(part(c, f)) + abs(part(1 - c, 1 - f)),
            "You took the absolute value of each of the two terms. One of them may be negative: "
            "too high a forecast is cheap when the event comes.",
        ),
        Mistake(
            "brier",
            lambda c, f: (f - c) ** 2,
            "This is what the forecast costs beyond the best one by the Brier score. The question "
            "asks for the log loss.",
        ),
        Mistake(
            "gap",
            lambda c, f: abs(f - c),
            "This is the gap between the two. A log loss takes logarithms of what was said, and "
            "averages them over what comes.",
        ),
        Mistake(
            "both directions",
            lambda c, f: excess(c, f) + excess(f, c),
            "You added up both directions. Only one of the two numbers supplies the outcomes.",
        ),
        Mistake(
            "clipped",
            tuple(
                kind(eps) for eps in VISIBLE_TO_CLIPPING for kind in (clipped, both_clipped, padded)
            ),
            "A small number keeps yours away from log 0. Then what a ruled-out event costs is "
            "whatever that number makes it. If it can come, the expected log loss is infinite.",
        ),
    ],
    hints=[
        "What does saying `forecast` cost on average, and what does saying `chance` cost?",
        "KL(chance‖forecast) of two coins, each with two outcomes; 0 · log 0 is 0, and a possible "
        "outcome that was ruled out costs infinitely much",
        "`from scipy.special import rel_entr` and then "
        "`return rel_entr(chance, forecast) + rel_entr(1 - chance, 1 - forecast)`",
    ],
    insight="The excess log loss of a forecast is KL(chance‖forecast): 0 only if they are equal. "
    "That is what makes the log loss proper.",
    lesson=LESSON,
    section="The idea",
)


# E2: the temperature, on rows that the model has not seen


ENOUGH = 1e-3  # how far above the least log loss, as a share of it, a temperature may be
ALIKE = 5e-3  # relative


def log_softmax(scores):
    scores = scores - scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def log_loss(temperature, logits, labels):
    return float(-log_softmax(logits / temperature)[np.arange(len(labels)), labels].mean())


def slope(temperature, logits, labels):
    """The derivative of the log loss by 1/T: it grows with 1/T, and is 0 at the best one."""
    share = np.exp(log_softmax(logits / temperature))
    return ((share * logits).sum(axis=1) - logits[np.arange(len(labels)), labels]).mean()


def best(logits, labels):
    """The best temperature between exp(-7) and exp(7), by halving."""
    low, high = -7.0, 7.0  # of log T
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(math.exp(middle), logits, labels) > 0 else (low, middle)
    return math.exp((low + high) / 2)


def without_axis(logits, labels):
    """The T at which a log loss is least whose logsumexp runs over the whole table."""
    own = logits[np.arange(len(labels)), labels].mean()

    def grows(cold):
        weights = np.exp(cold * (logits - logits.max()))
        return (weights * logits).sum() / weights.sum() > own

    low, high = -7.0, 7.0  # of log T
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if grows(math.exp(-middle)) else (low, middle)
    return math.exp((low + high) / 2)


def held_out(logits, labels, trained_on):
    return logits[~trained_on], labels[~trained_on]


def best_held_out(logits, labels, trained_on):
    return best(*held_out(logits, labels, trained_on))


def least_brier(logits, labels):
    """The temperature with the least Brier score, over a fine grid."""
    came = np.arange(logits.shape[1]) == labels[:, None]
    grid = np.exp(np.linspace(-2.5, 3, 1101))
    scores = [((np.exp(log_softmax(logits / t)) - came) ** 2).sum() for t in grid]
    return float(grid[np.argmin(scores)])


def judge_temperature(logits, labels, trained_on, temperature):
    """None for a temperature that is good enough on the held-out rows, or what is wrong with it."""
    temperature = float(temperature)
    rows = held_out(logits, labels, trained_on)
    right = best(*rows)
    if not np.isfinite(temperature):
        return "not finite", "An infinite temperature makes all classes alike. The best is finite."
    if temperature <= 0:
        if abs(temperature - math.log(right)) < ALIKE:
            return _LOGARITHM
        return "not positive", (
            f"A temperature is above 0, and yours is {temperature:.4g}. Give the search bounds, or "
            "let it run over the logarithm of T."
        )
    loss, least = log_loss(temperature, *rows), log_loss(right, *rows)
    if loss - least <= ENOUGH * least:
        return None
    for fault, other in (
        (_UPSIDE_DOWN, lambda: 1 / right),
        (_LOGARITHM, lambda: math.log(right)),
        (_TRAINING_ROWS, lambda: best(logits[trained_on], labels[trained_on])),
        (_ALL_ROWS, lambda: best(logits, labels)),
        (_BRIER, lambda: least_brier(*rows)),
        (_PROBABILITIES, lambda: best(np.exp(log_softmax(rows[0])), rows[1])),
        (_THE_LOSS, lambda: least),
        (_AXIS, lambda: without_axis(*rows)),
    ):
        if math.isclose(temperature, other(), rel_tol=ALIKE):
            return fault
    way = "grows" if slope(temperature, *rows) > 0 else "falls"
    return "not the least", (
        f"At T = {temperature:.4g} the log loss of the held-out rows is {loss:.4f} nats, and it is "
        f"smaller still if T {way}: that is not the best T. Did the search stop before it arrived, "
        "or does it minimise something else?"
    )


_UPSIDE_DOWN = (
    "upside down",
    "This is 1/T: you multiplied the logits by it, or returned what they must be multiplied by. "
    "The logits are divided by the temperature.",
)
_LOGARITHM = ("logarithm", "This is the logarithm of the temperature. Return `np.exp` of it.")
_TRAINING_ROWS = (
    "training rows",
    "This is the best T of the rows that the model was trained on. There it knows the answers, "
    "and its sureness proves nothing. Fit on the others: `~trained_on`.",
)
_ALL_ROWS = (
    "all rows",
    "This is the best T of all rows, those that the model was trained on among them. Leave these "
    "out: `~trained_on`.",
)
_BRIER = (
    "brier",
    "This T has the least Brier score on the held-out rows. The question asks for the least log "
    "loss.",
)
_PROBABILITIES = (
    "probabilities divided",
    "You divided probabilities by T and put them through a softmax once more. Divide the logits, "
    "before the only softmax.",
)


_THE_LOSS = (
    "the loss itself",
    "This is the least log loss that there is, not the T that has it: `.x` of the result, not "
    "`.fun`.",
)
_AXIS = (
    "axis",
    "A sum or a logsumexp in your loss runs over the whole table. A softmax belongs to one row: "
    "`axis=1`.",
)


def rows_of_a_model(random):
    """Models that are surer, or less sure, of the rows that they were trained on."""
    cases = []
    for count, classes, trained, unseen in (
        (60, 3, 0.8, 2.5),
        (80, 5, 1.2, 3.5),
        (100, 2, 0.3, 0.7),
    ):
        logits = random.normal(0, 1.6 * unseen, (count, classes))
        trained_on = random.random(count) < 0.5
        temperature = np.where(trained_on, trained, unseen)[:, None]
        below = np.exp(log_softmax(logits / temperature)).cumsum(axis=1) < random.random((count, 1))
        labels = np.minimum(below.sum(axis=1), classes - 1)
        cases.append(case(logits, labels, trained_on, label=f"{count} rows, {classes} classes"))
    return cases


HELD_OUT_TEMPERATURE = Question(
    "held_out_temperature",
    points=2,
    reference=best_held_out,
    judge=judge_temperature,
    exchangeable=False,
    visible=[
        case(
            [[5.0, 0.0], [6.0, 0.0], [0.5, 0.0], [3.0, 0.0]],
            [0, 0, 1, 1],
            [True, False, True, False],
            label="four rows, two of them held out",
        ),
        case(
            [[0.0, 8.0], [3.0, 0.0], [9.0, 0.0], [0.0, 1.0]],
            [1, 1, 0, 0],
            [False, False, True, True],
            label="four rows in another order",
        ),
    ],
    inputs=[rows_of_a_model],
    mistakes=[],
    hints=[
        "Which rows does the model not know the answers of? And which single number do you turn "
        "until their log loss is least?",
        "log loss = mean of logsumexp(z/T) - z[label]/T over the rows with `~trained_on`; "
        "`scipy.optimize.minimize_scalar(loss, bounds=(low, high), method='bounded').x`",
        "`from scipy.optimize import minimize_scalar`, `from scipy.special import logsumexp`, "
        "`z, y = logits[~trained_on], labels[~trained_on]`, "
        "`loss = lambda T: np.mean(logsumexp(z / T, axis=1) - z[np.arange(len(y)), y] / T)`, "
        "`return minimize_scalar(loss, bounds=(0.01, 100), method='bounded').x`",
    ],
    insight="One number, a loss that is convex in 1/T, and rows that the model has not seen: there "
    "is no reason to stop before the slope is 0.",
    lesson=LESSON,
    section="Where this bites",
)


# E3: the Brier score in its parts


PARTS = named_numbers("reliability", "resolution", "uncertainty")


def groups(outcomes, forecasts):
    """Each distinct forecast, how often the event came with it, and how many cases it has."""
    distinct = np.unique(forecasts)
    came = np.array([outcomes[forecasts == f].mean() for f in distinct])
    return distinct, came, np.array([(forecasts == f).sum() for f in distinct])


def parts(outcomes, forecasts):
    f, o, n = groups(outcomes, forecasts)
    rate, share = np.mean(outcomes), n / n.sum()
    return np.array([share @ (f - o) ** 2, share @ (o - rate) ** 2, rate * (1 - rate)])


def changed(reliability=None, resolution=None, uncertainty=None):
    """A wrong answer: of each part that is given, a function of (f, o, n, outcomes, forecasts)."""

    def wrong(outcomes, forecasts):
        given = (*groups(outcomes, forecasts), outcomes, forecasts)
        right = parts(outcomes, forecasts)
        functions = (reliability, resolution, uncertainty)
        pairs = zip(functions, right, strict=True)
        return np.array([function(*given) if function else value for function, value in pairs])

    return wrong


def unweighted_reliability(f, o, *_):
    return np.mean((f - o) ** 2)


def unweighted_resolution(f, o, n, y, g):
    return np.mean((o - np.mean(y)) ** 2)


def summed_reliability(f, o, *_):
    return np.sum((f - o) ** 2)


def summed_resolution(f, o, n, y, g):
    return np.sum((o - np.mean(y)) ** 2)


def of_one_group(place):
    """The parts of all but one group left out: what a loop gives that is left, or overwritten."""

    def wrong(outcomes, forecasts):
        f, o, n = groups(outcomes, forecasts)
        rate, share = np.mean(outcomes), n[place] / n.sum()
        first_two = [share * (f[place] - o[place]) ** 2, share * (o[place] - rate) ** 2]
        return np.array([*first_two, rate * (1 - rate)])

    return wrong


def of_cases(own, outcomes, forecasts):
    """The parts from the frequency in each case's own group."""
    rate = np.mean(outcomes)
    reliability, resolution = np.mean((forecasts - own) ** 2), np.mean((own - rate) ** 2)
    return np.array([reliability, resolution, rate * (1 - rate)])


def cut_off(outcomes, forecasts):
    """The parts with the frequencies in an array of whole numbers."""
    own = np.array([outcomes[forecasts == f].mean() for f in forecasts]).astype(int)
    return of_cases(own, outcomes, forecasts)


def of_neighbours(outcomes, forecasts):
    """The parts where equal forecasts make one group only if they stand side by side."""
    runs = np.split(outcomes, np.flatnonzero(np.diff(forecasts)) + 1)
    own = np.concatenate([np.full(len(run), run.mean()) for run in runs])
    return of_cases(own, outcomes, forecasts)


def in_tenths(outcomes, forecasts):
    """The parts of bins that are a tenth wide, with the mean forecast of each."""
    tenth = np.minimum((forecasts * 10 + 1e-9).astype(int), 9)
    mean = np.array([forecasts[tenth == t].mean() for t in tenth])
    return parts(outcomes, mean)


def coin_kl(p, q):
    return np.array(
        [excess(a, b) for a, b in zip(np.ravel(p), np.broadcast_to(q, np.shape(p)), strict=True)]
    )


def with_rate(rate_of):
    """The parts with another number in the place of the rate of all cases."""

    def wrong(outcomes, forecasts):
        f, o, n = groups(outcomes, forecasts)
        rate, share = rate_of(f, o, n), n / n.sum()
        return np.array([share @ (f - o) ** 2, share @ (o - rate) ** 2, rate * (1 - rate)])

    return wrong


def few_forecasts(random):
    """Forecasts that repeat, in any order, some of them in one tenth and some given once."""
    cases = []
    for count, levels in ((12, [0.1, 0.4, 0.9]), (60, [0.05, 0.12, 0.17, 0.5, 0.83]), (200, None)):
        values = random.uniform(0.02, 0.98, 7).round(2) if levels is None else np.array(levels)
        weights = random.dirichlet(np.full(len(values), 1.5))
        forecasts = random.choice(values, count, p=weights)
        forecasts[0] = 0.69  # once, among all
        outcomes = (random.random(count) < 0.8 * forecasts + 0.1).astype(int)
        cases.append(case(outcomes, forecasts))
    return cases


def which_part(e):
    """Which of the three parts are right on every input, and what the others are."""
    right = np.isclose(e.values, e.references, rtol=1e-6, atol=1e-12).all(axis=0)
    if not right.any() or right.all():
        return None
    names = np.array(["the reliability", "the resolution", "the uncertainty"])
    told = (
        "Reliability compares each distinct forecast with how often the event came with it.",
        "Resolution compares how often the event came with each distinct forecast with the rate of "
        "all cases.",
        "Uncertainty needs nothing but the rate of the event.",
    )
    asked = " ".join(text for text, fine in zip(told, right, strict=True) if not fine)
    weights = " Both are means over the cases." if not right[:2].any() else ""
    return f"Right on every input: {' and '.join(names[right])}. {asked}{weights}"


BRIER_PARTS = Question(
    "brier_parts",
    points=3,
    reference=parts,
    returns=PARTS,
    visible=[
        case([0, 1, 1, 1, 0, 1], [0.5, 0.5, 0.8, 0.8, 0.8, 0.8], label="two forecasts"),
        case([1, 0, 0, 0], [0.4, 0.4, 0.4, 0.4], label="one forecast for all"),
        case([1, 0, 1], [1.0, 0.0, 1.0], label="certain, and right"),
        case([1, 0, 0, 1, 1], [0.3, 0.6, 0.3, 0.6, 0.6], label="in no order"),
    ],
    inputs=[few_forecasts],
    mistakes=[
        Mistake(
            "unweighted",
            changed(unweighted_reliability, unweighted_resolution),
            "Every group of equal forecasts counts the same in yours, however few cases it has. "
            "Weight each by its share of the cases.",
        ),
        Mistake(
            "unweighted reliability",
            changed(unweighted_reliability),
            "In your reliability every group of equal forecasts counts the same, however few cases "
            "it has. Weight each by its share of the cases, as in your resolution.",
        ),
        Mistake(
            "unweighted resolution",
            changed(None, unweighted_resolution),
            "In your resolution every group of equal forecasts counts the same, however few cases "
            "it has. Weight each by its share of the cases, as in your reliability.",
        ),
        Mistake(
            "summed",
            changed(summed_reliability, summed_resolution),
            "You added up over the groups of equal forecasts without weights. Weight each by its "
            "share of the cases.",
        ),
        Mistake(
            "one group",
            (of_one_group(0), of_one_group(-1)),
            "Your first two numbers have one group of equal forecasts in them, the first or the "
            "last. Is there a `return` inside the loop, or `=` where `+=` belongs?",
        ),
        Mistake(
            "whole numbers",
            cut_off,
            "Your frequencies have lost all that stands after the point: an array made like "
            "`outcomes` takes whole numbers only. Make it with `dtype=float`.",
        ),
        Mistake(
            "neighbours only",
            of_neighbours,
            "Equal forecasts that do not stand side by side became groups of their own, as "
            "`itertools.groupby` makes them. Sort the cases by forecast first, or collect them in "
            "a dictionary.",
        ),
        Mistake(
            "counts for shares",
            changed(
                lambda f, o, n, *_: n @ (f - o) ** 2,
                lambda f, o, n, y, g: n @ (o - np.mean(y)) ** 2,
            ),
            "You weighted by the numbers of cases and did not divide by how many there are in all. "
            "The score is a mean over the cases.",
        ),
        Mistake(
            "divided by the groups",
            changed(
                lambda f, o, n, *_: n @ (f - o) ** 2 / len(n),
                lambda f, o, n, y, g: n @ (o - np.mean(y)) ** 2 / len(n),
            ),
            "You weighted by the numbers of cases and divided by the number of groups. Divide by "
            "the number of all cases.",
        ),
        Mistake(
            "rate as a mean of groups",
            with_rate(lambda f, o, n: np.mean(o)),
            "Your rate of the event is a mean over the groups. Take it over all cases.",
        ),
        Mistake(
            "mean forecast for the rate",
            with_rate(lambda f, o, n: n @ f / n.sum()),
            "You used the mean forecast where the rate of the event belongs: resolution and "
            "uncertainty are about what came.",
        ),
        Mistake(
            "one half for the rate",
            with_rate(lambda f, o, n: 0.5),
            "You took ½ for the rate of the event. Take it from the outcomes.",
        ),
        Mistake(
            "order",
            lambda y, g: parts(y, g)[[1, 0, 2]],
            "The first two have changed places. Reliability compares the forecast with what came "
            "of it, resolution what came of it with the rate of all.",
        ),
        Mistake(
            "order of all",
            lambda y, g: parts(y, g)[::-1],
            "The right numbers, but in another order: reliability, resolution, uncertainty.",
        ),
        Mistake(
            "absolute gaps",
            (
                changed(lambda f, o, n, *_: n @ abs(f - o) / n.sum()),
                changed(
                    lambda f, o, n, *_: n @ abs(f - o) / n.sum(),
                    lambda f, o, n, y, g: n @ abs(o - np.mean(y)) / n.sum(),
                ),
            ),
            "You averaged the sizes of the gaps; that is the expected calibration error. In the "
            "Brier score they are squared.",
        ),
        Mistake(
            "squared too late",
            changed(
                lambda f, o, n, *_: (n @ (f - o) / n.sum()) ** 2,
            ),
            "In your reliability the gaps cancel before they are squared. Square each, then take "
            "the mean.",
        ),
        Mistake(
            "roots",
            lambda y, g: np.sqrt(parts(y, g)),
            "You took the root of each part. Roots do not add up to the score.",
        ),
        Mistake(
            "the score for the reliability",
            changed(lambda f, o, n, y, g: np.mean((g - y) ** 2)),
            "Your first number is the Brier score itself. Reliability compares each forecast with "
            "the frequency in its group, not with single outcomes.",
        ),
        Mistake(
            "forecasts in the resolution",
            changed(None, lambda f, o, n, y, g: n @ (f - np.mean(y)) ** 2 / n.sum()),
            "In your resolution stand the forecasts. What counts is how far the frequencies of the "
            "groups are from the rate of all: a forecaster may say much and know little.",
        ),
        Mistake(
            "uncertainty within the groups",
            changed(None, None, lambda f, o, n, *_: n @ (o * (1 - o)) / n.sum()),
            "Your third number is the uncertainty that is left within the groups: it has the "
            "resolution taken away already. Uncertainty belongs to the rate of all cases.",
        ),
        Mistake(
            "resolution with its minus",
            changed(None, lambda f, o, n, y, g: -(n @ (o - np.mean(y)) ** 2) / n.sum()),
            "Your resolution has the minus sign of the sum in it. It is a mean of squares.",
        ),
        Mistake(
            "log parts",
            changed(
                lambda f, o, n, *_: n @ coin_kl(o, f) / n.sum(),
                lambda f, o, n, y, g: n @ coin_kl(o, np.mean(y)) / n.sum(),
                lambda f, o, n, y, g: entropy(np.mean(y)),
            ),
            "These are the parts of the log loss: divergences and an entropy. The Brier score has "
            "squares in their place.",
        ),
        Mistake(
            "entropy for the uncertainty",
            changed(None, None, lambda f, o, n, y, g: entropy(np.mean(y))),
            "Your third number is an entropy. In the Brier score the uncertainty is a variance.",
        ),
        Mistake(
            "twice",
            lambda y, g: 2 * parts(y, g),
            "Twice the parts: those of Brier's own score, which adds up over both classes. Here "
            "there is one probability, of the event.",
        ),
        Mistake(
            "n minus 1",
            (
                changed(None, None, lambda f, o, n, y, g: np.var(y) * len(y) / (len(y) - 1)),
                changed(
                    None,
                    lambda f, o, n, y, g: n @ (o - np.mean(y)) ** 2 / (n.sum() - 1),
                    lambda f, o, n, y, g: np.var(y) * len(y) / (len(y) - 1),
                ),
            ),
            "A variance of yours is divided by n - 1. Here it is a mean over all n cases, and then "
            "the parts add up exactly.",
        ),
        Mistake(
            "standard deviation",
            changed(None, None, lambda f, o, n, y, g: np.std(y)),
            "Your uncertainty is a standard deviation. The score is a mean of squares, so the "
            "variance belongs there.",
        ),
        Mistake(
            "tenths",
            in_tenths,
            "You put forecasts of one tenth together. Here every distinct forecast is a group of "
            "its own; only so do the three parts add up to the score exactly.",
        ),
    ],
    hints=[
        "Of the cases with one and the same forecast, how many have it, and how often did the "
        "event come?",
        "Σ w (f - o)², Σ w (o - rate)² and rate · (1 - rate), with the share w of the cases with "
        "the forecast f and the frequency o of the event among them; `np.unique(forecasts)`",
        "`f, group = np.unique(forecasts, return_inverse=True)`, `n = np.bincount(group)`, "
        "`o, rate = np.bincount(group, outcomes) / n, np.mean(outcomes)`, "
        "`return [n @ (f - o) ** 2 / n.sum(), n @ (o - rate) ** 2 / n.sum(), rate * (1 - rate)]`",
    ],
    insight="reliability - resolution + uncertainty is the Brier score, to the last digit. Only "
    "the first can be mended by saying other numbers; the second needs more knowledge.",
    lesson=LESSON,
    section="The idea",
    rows=[which_part],
)


# E4: label smoothing


SMOOTHED = named_numbers("label", "uniform", "constant")


def smoothed(forecast, label, epsilon):
    """(1 - ε)(-log f[label]), ε KL(uniform‖f) and ε log k."""
    k = len(forecast)
    to_uniform = sum(part(1 / k, f) for f in forecast)
    return np.array([(1 - epsilon) * cross(1.0, forecast[label]), epsilon * to_uniform,
                     epsilon * math.log(k)])  # fmt: skip


def from_uniform(forecast):
    return sum(part(f, 1 / len(forecast)) for f in forecast)


def other_parts(label=None, uniform=None, constant=None):
    """A wrong answer: of each part that is given, a function of (f, label, epsilon, k)."""

    def wrong(forecast, y, epsilon):
        right = smoothed(forecast, y, epsilon)
        given = (forecast, y, epsilon, len(forecast))
        pairs = zip((label, uniform, constant), right, strict=True)
        return np.array([function(*given) if function else value for function, value in pairs])

    return wrong


def to_the_others(f, y, e, k):
    """ε KL(u‖f) with u uniform over the k - 1 other classes."""
    return e * sum(part(1 / (k - 1), q) for j, q in enumerate(f) if j != y)


def forecasts_and_labels(random):
    cases = []
    for classes, epsilon in ((2, 0.2), (4, 0.05), (10, 0.1), (50, 0.3)):
        forecast = random.dirichlet(np.ones(classes))
        label = int(random.integers(1, classes))
        cases.append(case(forecast, label, epsilon, label=f"{classes} classes"))
    return [
        *cases,
        case([0.5, 0.5, 0.0], 0, 0.1, label="another class ruled out"),
        case([0.25, 0.25, 0.25, 0.25], 3, 0.1, label="a uniform forecast"),
        case([0.9, 0.1, 0.0], 2, 0.1, label="the label ruled out"),
    ]


def which_number(e):
    """Which of the three numbers are right on every input."""
    right = np.isclose(e.values, e.references, rtol=1e-6, atol=1e-12).all(axis=0)
    if not right.any() or right.all():
        return None
    words = np.array(["that of the label", "the KL", "the constant"])
    told = (
        "(1 - ε) times the surprise of the label.",
        "ε times KL(uniform‖forecast).",
        "ε times the entropy of the uniform distribution over all k classes.",
    )
    asked = " ".join(text for text, fine in zip(told, right, strict=True) if not fine)
    return f"Right on every input: {' and '.join(words[right])}. Look again at the rest: {asked}"


SMOOTHED_LOSS_PARTS = Question(
    "smoothed_loss_parts",
    points=2,
    reference=smoothed,
    returns=SMOOTHED,
    unit="nats",
    exchangeable=False,
    visible=[
        case([0.7, 0.2, 0.1], 0, 0.1, label="three classes"),
        case([0.7, 0.2, 0.1], 2, 0.1, label="the same, and another label"),
        case([0.9, 0.1], 1, 0.4, label="two classes, strongly smoothed"),
    ],
    inputs=[forecasts_and_labels],
    mistakes=[
        Mistake(
            "reversed",
            other_parts(None, lambda f, y, e, k: e * from_uniform(f)),
            "Your KL is KL(forecast‖uniform). The smoothed target supplies the weights, and its "
            "smooth part is uniform: KL(uniform‖forecast).",
        ),
        Mistake(
            "constant twice",
            other_parts(None, lambda f, y, e, k: e * sum(cross(1 / k, q) for q in f)),
            "Your second number is a cross-entropy, KL + log k. The log k stands in the third, so "
            "it counts twice in the sum.",
        ),
        Mistake(
            "constant left out",
            other_parts(None, None, lambda f, y, e, k: 0.0),
            "Your constant is 0. It changes no gradient, but it is a part of the number that a "
            "library prints.",
        ),
        Mistake(
            "constant without epsilon",
            other_parts(None, None, lambda f, y, e, k: math.log(k)),
            "Your constant lacks its weight ε.",
        ),
        Mistake(
            "divergence without epsilon",
            other_parts(None, lambda f, y, e, k: sum(part(1 / k, q) for q in f)),
            "Your second number lacks its weight ε: only so much of the target is uniform.",
        ),
        Mistake(
            "no weights",
            lambda f, y, e: smoothed(f, y, e) / np.array([1 - e, e, e]),
            "All three lack their weights: 1 - ε of the target stays on the label, ε is uniform.",
        ),
        Mistake(
            "label in full",
            other_parts(lambda f, y, e, k: cross(1.0, f[y])),
            "Your first number is the whole log loss. Of the target 1 - ε stays on the label, and "
            "so of its loss.",
        ),
        Mistake(
            "weights exchanged",
            lambda f, y, e: smoothed(f, y, 1 - e),
            "ε and 1 - ε have changed places. ε is the share that is taken from the label.",
        ),
        Mistake(
            "the label's whole share",
            other_parts(lambda f, y, e, k: (1 - e + e / k) * cross(1.0, f[y])),
            "Your first number weights the label with 1 - ε + ε/k, all that it has in the target. "
            "The ε/k belongs to the uniform part, and there it is counted again.",
        ),
        Mistake(
            "over the others",
            (
                other_parts(None, to_the_others, lambda f, y, e, k: e * math.log(max(k - 1, 1))),
                other_parts(None, to_the_others),
            ),
            "Your smooth part is shared out among the other classes alone. Here, as in PyTorch, it "
            "is uniform over all k, the label among them.",
        ),
        Mistake(
            "bits",
            lambda f, y, e: smoothed(f, y, e) / LN_2,
            "These are bits, what logarithms to base 2 give. The question asks for nats.",
        ),
        Mistake(
            "probability for surprise",
            other_parts(lambda f, y, e, k: (1 - e) * (1 - f[y])),
            "Your first number has 1 - f where -log f belongs.",
        ),
        Mistake(
            "mean over the classes",
            other_parts(None, lambda f, y, e, k: e * sum(part(1 / k, q) for q in f) / k),
            "Your KL is divided by k once too often: the weights 1/k are in it already.",
        ),
        Mistake(
            "without 1/k",
            other_parts(None, lambda f, y, e, k: e * sum(part(1 / k, q) for q in f) * k),
            "Your KL lacks the weights 1/k of the uniform distribution.",
        ),
        Mistake(
            "epsilon over k",
            other_parts(
                None,
                lambda f, y, e, k: e / k * sum(part(1 / k, q) for q in f),
                lambda f, y, e, k: e / k * math.log(k),
            ),
            "You weighted the last two with ε/k. That is what each class gets; together they get "
            "ε, and the 1/k is in the KL already.",
        ),
        Mistake(
            "sign of the constant",
            other_parts(None, None, lambda f, y, e, k: -e * math.log(k)),
            "Your constant has the wrong sign: log k is an entropy.",
        ),
        Mistake(
            "softmax of the forecast",
            lambda f, y, e: smoothed(np.exp(f) / np.exp(f).sum(), y, e),
            "You put the forecast through a softmax. It is a distribution already, no row of "
            "logits.",
        ),
        Mistake(
            "forecast smoothed",
            lambda f, y, e: smoothed((1 - e) * f + e / len(f), y, e),
            "You smoothed the forecast. It is the target that is smoothed; the forecast stays as "
            "the model gave it.",
        ),
        Mistake(
            "label from 1",
            lambda f, y, e: smoothed(f, y - 1, e),
            "You read the probability of the class before the label. Classes are numbered from 0.",
        ),
        Mistake(
            "sign of the label",
            other_parts(lambda f, y, e, k: -(1 - e) * cross(1.0, f[y])),
            "Your first number has the wrong sign: a surprise is -log f.",
        ),
        Mistake(
            "sign of the divergence",
            other_parts(None, lambda f, y, e, k: -e * sum(part(1 / k, q) for q in f)),
            "Your second number has the wrong sign. A KL is never negative.",
        ),
        Mistake(
            "order",
            lambda f, y, e: smoothed(f, y, e)[[0, 2, 1]],
            "The last two have changed places: first the KL, then the constant.",
        ),
    ],
    hints=[
        "The smoothed target is (1 - ε) · one-hot + ε · uniform. What does the cross-entropy to "
        "the forecast do with a sum of weights?",
        "(1 - ε) · (-log f[label]), then ε · KL(uniform‖f), then ε · log k",
        "`k = len(forecast)`, `with np.errstate(divide='ignore'): logs = np.log(forecast)`, "
        "`return [-(1 - epsilon) * logs[label], -epsilon * (np.mean(logs) + np.log(k)), "
        "epsilon * np.log(k)]`",
    ],
    insight="The three add up to what `F.cross_entropy(..., label_smoothing=ε)` prints. The second "
    "pulls every forecast towards the uniform one, so the best forecast is not the truth.",
    lesson=LESSON,
    section="The idea",
    rows=[which_number],
)


QUESTIONS = [EXCESS_LOG_LOSS, HELD_OUT_TEMPERATURE, BRIER_PARTS, SMOOTHED_LOSS_PARTS]
