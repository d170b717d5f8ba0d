"""The questions of unit 14: a walk of evidence, an exact tail, Stein's error, Chernoff's number."""

import math
from functools import partial

import numpy as np

from klteach.practice.common_mistakes import special
from klteach.practice.evidence import Evidence, Found
from klteach.practice.inputs import dirichlet_pairs, equal_pair, tiny_mass
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns

LESSON = "14_hypothesis_testing"
LN_2 = math.log(2)


def coin_kl(p, q):
    """KL of two coins, neither of them sure."""
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


# E1: the walk


def of_heads_and_tails(flips, heads, tails):
    """One number for each flip."""
    return np.where(np.asarray(flips) == 1, heads, tails)


def steps(flips, p, q):
    return of_heads_and_tails(flips, math.log(p / q), math.log((1 - p) / (1 - q)))


def walk(flips, heads_p, heads_q):
    return np.cumsum(steps(flips, heads_p, heads_q))


def likelihood_ratio(flips, heads_p, heads_q):
    with np.errstate(over="ignore"):
        return np.exp(walk(flips, heads_p, heads_q))


def cut_off_at_zero(flips, p, q):
    """A walk that never goes below 0, as in a CUSUM chart."""
    total, found = 0.0, []
    for step in steps(flips, p, q):
        total = max(total + step, 0.0)
        found.append(total)
    return np.array(found)


def _log_of(flips, heads):
    return of_heads_and_tails(flips, math.log(heads), math.log1p(-heads))


def _walk_of(heads, tails):
    """A wrong walk: what heads add and what tails add, as functions of both coins."""
    return lambda flips, p, q: np.cumsum(of_heads_and_tails(flips, heads(p, q), tails(p, q)))


def streams(random):
    """Short streams and longer ones, P's coin above and below Q's, and one of thousands."""
    cases = []
    for place, length in enumerate((1, 2, 4, 7, 30, 200)):
        p, q = random.uniform(0.55, 0.95), random.uniform(0.1, 0.5)
        p, q = (p, q) if place % 2 else (q, p)
        cases.append(case(random.binomial(1, p, length), float(p), float(q)))
    many = random.binomial(1, 0.9, 4000)
    return [*cases, case(many, 0.9, 0.3, label="4000 flips of P's coin")]


EVIDENCE = Question(
    "evidence",
    points=2,
    reference=walk,
    returns=Returns("an array with one number per flip", lambda flips, *_: np.shape(flips)),
    unit="nats",
    exchangeable=False,
    visible=[
        case([1, 0, 1, 1], 0.8, 0.5, label="heads, tails, heads, heads"),
        case([0, 0, 1], 0.8, 0.5, label="tails, tails, heads"),
        case([1, 1, 0], 0.25, 0.5, label="a coin that shows heads less often than Q's"),
    ],
    inputs=[streams],
    mistakes=[
        Mistake(
            "turned round",
            lambda flips, p, q: -walk(flips, p, q),
            "Upside down: yours rises where the flips speak for Q. The ratio is p over q, P's "
            "probability above the line.",
        ),
        Mistake(
            "not added up",
            steps,
            "These are the steps: what each flip says by itself. The walk adds them up, so that "
            "the number after a flip holds all flips so far.",
        ),
        Mistake(
            "tails add nothing",
            _walk_of(lambda p, q: math.log(p / q), lambda p, q: 0.0),
            "Tails add nothing in yours. They speak as well: their ratio is (1 - p)/(1 - q).",
        ),
        Mistake(
            "heads add nothing",
            _walk_of(lambda p, q: 0.0, lambda p, q: math.log((1 - p) / (1 - q))),
            "Heads add nothing in yours. They speak as well: their ratio is p/q.",
        ),
        Mistake(
            "tails undo heads",
            _walk_of(lambda p, q: math.log(p / q), lambda p, q: -math.log(p / q)),
            "In yours a tail takes back what a head gave. Tails have a ratio of their own, "
            "(1 - p)/(1 - q); only where that is q/p do they take back as much.",
        ),
        Mistake(
            "every flip a head",
            _walk_of(lambda p, q: math.log(p / q), lambda p, q: math.log(p / q)),
            "Every flip adds log(p/q) in yours, tails too. Which of them are heads?",
        ),
        Mistake(
            "every flip a tail",
            _walk_of(
                lambda p, q: math.log((1 - p) / (1 - q)), lambda p, q: math.log((1 - p) / (1 - q))
            ),
            "Every flip adds log((1 - p)/(1 - q)) in yours, heads too. Which of them are heads?",
        ),
        Mistake(
            "heads against tails",
            _walk_of(lambda p, q: math.log(p * (1 - q) / (q * (1 - p))), lambda p, q: 0.0),
            "You add the difference of log odds for each head, and nothing for a tail. That is by "
            "how much a head says more than a tail; what a tail says is missing in each flip.",
        ),
        Mistake(
            "ratio of tails turned",
            _walk_of(lambda p, q: math.log(p / q), lambda p, q: math.log((1 - q) / (1 - p))),
            "Heads are right, and the ratio of tails stands upside down: (1 - p)/(1 - q).",
        ),
        Mistake(
            "heads and tails exchanged",
            _walk_of(lambda p, q: math.log((1 - p) / (1 - q)), lambda p, q: math.log(p / q)),
            "Heads and tails changed places: 1 stands for heads, which P shows with probability "
            "`heads_p`.",
        ),
        Mistake(
            "mean so far",
            lambda flips, p, q: walk(flips, p, q) / np.arange(1, len(flips) + 1),
            "You divided by the number of flips: the mean step so far. Evidence adds up; it is "
            "the sum that meets a threshold.",
        ),
        Mistake(
            "no logarithm",
            likelihood_ratio,
            "This is the likelihood ratio itself, a product. Its logarithm is a sum, and stays "
            "of a size that floats can hold.",
        ),
        Mistake(
            "product that overflows",
            lambda flips, p, q: np.where(walk(flips, p, q) > 709.78, np.inf, walk(flips, p, q)),
            "Right for short streams, and infinite where thousands of flips speak for P: there a "
            "product came first and its logarithm second. Take logarithms first, and add them up.",
        ),
        Mistake(
            "total everywhere",
            lambda flips, p, q: np.full(len(flips), walk(flips, p, q)[-1]),
            "Every entry is the total at the end. After each flip stands the sum up to that flip.",
        ),
        Mistake(
            "ratios added up",
            lambda flips, p, q: np.exp(steps(flips, p, q)).cumsum(),
            "You added up the ratios. For independent flips they multiply, and it is their "
            "logarithms that add up.",
        ),
        Mistake(
            "probabilities added up",
            lambda flips, p, q: np.log(
                of_heads_and_tails(flips, p, 1 - p).cumsum()
                / of_heads_and_tails(flips, q, 1 - q).cumsum()
            ),
            "You added up probabilities, and took the logarithm after that. The probabilities of "
            "independent flips multiply; their logarithms add up.",
        ),
        Mistake(
            "logarithms divided",
            (
                lambda flips, p, q: (_log_of(flips, p) / _log_of(flips, q)).cumsum(),
                lambda flips, p, q: _log_of(flips, p).cumsum() / _log_of(flips, q).cumsum(),
            ),
            "You divided one logarithm by the other. The logarithm of a ratio is the difference of "
            "the logarithms.",
        ),
        Mistake(
            "cut off at 0",
            cut_off_at_zero,
            "Your walk is held at 0 where it would go below. That is a CUSUM, which watches for a "
            "change; here what speaks for Q counts as well, below 0.",
        ),
        Mistake(
            "posterior",
            lambda flips, p, q: 1 / (1 + np.exp(-walk(flips, p, q))),
            "You turned the walk into the probability of P, with even odds before. The question "
            "asks for the walk itself, which needs no odds before.",
        ),
        Mistake(
            "p alone",
            _walk_of(lambda p, q: math.log(p), lambda p, q: math.log(1 - p)),
            "This is the log likelihood of P by itself. Evidence compares: take Q's away.",
        ),
        Mistake(
            "q alone",
            _walk_of(lambda p, q: math.log(q), lambda p, q: math.log(1 - q)),
            "This is the log likelihood of Q by itself. Evidence compares it with P's.",
        ),
        Mistake(
            "one flip late",
            lambda flips, p, q: walk(flips, p, q) - steps(flips, p, q),
            "Each of your numbers lacks the flip that it stands at: the first should hold the "
            "first flip already.",
        ),
        Mistake(
            "summed from the end",
            lambda flips, p, q: np.cumsum(steps(flips, p, q)[::-1])[::-1],
            "You added up from the end: each number holds what is still to come.",
        ),
        Mistake(
            "weighted steps",
            _walk_of(
                lambda p, q: p * math.log(p / q),
                lambda p, q: (1 - p) * math.log((1 - p) / (1 - q)),
            ),
            "You weighted each step by its probability, as KL does. KL is the mean step; here "
            "the flips have come, and each counts once.",
        ),
        Mistake(
            "difference of probabilities",
            _walk_of(lambda p, q: p - q, lambda p, q: q - p),
            "You added up p - q. Likelihoods multiply, so it is the logarithms of their ratios "
            "that add up.",
        ),
        Mistake(
            "mean walk",
            lambda flips, p, q: coin_kl(p, q) * np.arange(1, len(flips) + 1),
            "This is the mean walk if P is true, KL(P‖Q) a flip. It does not look at the flips "
            "that came.",
        ),
    ],
    hints=[
        "How many times likelier is heads under P than under Q? And tails? What becomes of a "
        "product of such ratios under the logarithm?",
        "Heads add log(p/q), tails add log((1 - p)/(1 - q)), and `np.cumsum` adds up as it goes",
        "`each = np.where(flips == 1, np.log(heads_p / heads_q), "
        "np.log((1 - heads_p) / (1 - heads_q)))` and then `return np.cumsum(each)`",
    ],
    insight="On average it climbs KL(P‖Q) a flip if P is true and falls KL(Q‖P) if Q is: KL is the "
    "speed of evidence.",
    lesson=LESSON,
    section="The idea",
)


# E2: an exact tail, in logarithms


def log_probabilities(n, heads, first, last):
    """log P(K = k) for k from `first` to `last`, K heads in n flips."""
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    k = np.arange(first, last + 1)
    ways = log_factorial[n] - log_factorial[k] - log_factorial[n - k]
    return ways + k * math.log(heads) + (n - k) * math.log1p(-heads)


def log_sum(logarithms):
    """The logarithm of the sum, from the logarithms of its terms; -inf for no terms."""
    if not len(logarithms):
        return -math.inf
    largest = logarithms.max()
    return float(largest + math.log(np.exp(logarithms - largest).sum()))


def log_at_least(n, heads, least):
    return log_sum(log_probabilities(n, heads, max(least, 0), n))


def log_fewer(n, heads, least):
    return log_sum(log_probabilities(n, heads, 0, least - 1))


def exact_tail(n, heads, least):
    return -log_at_least(n, heads, least) / n


SMALLEST = -744.0  # the logarithm of the smallest positive float is a little below


def without_room(logarithm):
    """What is left if the probability is computed before its logarithm."""
    return logarithm if logarithm > SMALLEST else -math.inf


def _deviation(n, heads, least):
    return (least - n * heads) / math.sqrt(n * heads * (1 - heads))


def _normal_tail(correction, room=lambda logarithm: logarithm):
    return lambda n, h, k: -room(float(special().log_ndtr(-_deviation(n, h, k - correction)))) / n


def _of_one_sequence(n, heads, k):
    return k * math.log(heads) + (n - k) * math.log1p(-heads)


def rows_of_small_probabilities(e: Evidence) -> Found:
    """Right where the probability is not small; otherwise infinite, or what stood in for 0 says."""
    flips = np.array([case.arguments[0] for case in e.cases])
    values = np.array([float(value) for value in e.values])
    logs = -flips * np.array([float(reference) for reference in e.references])
    right = np.array(e.right)
    many = flips >= 500
    if (values[many] < 1e-6).all() and (values[many] > -1e-6).all():
        return (
            "Next to 0 for many flips: the event whose probability you took is nearly certain "
            "there. The question is about a rare one.",
            int(np.argmax(many)),
        )
    no_float = logs < SMALLEST
    if right[~no_float].all() and np.isfinite(values[no_float]).all():
        return (
            "Right for few flips, and too small for very many: there the probability is smaller "
            "than the smallest float, and some other number took its place (`+ 1e-300`, "
            "`np.maximum`, `tiny`). Keep the logarithms of the terms.",
            int(np.argmax(no_float)),
        )
    lost = logs < math.log(1e-17)  # beside 1 nothing is left of it
    if right[logs > math.log(1e-6)].all() and np.isinf(values[lost]).all():
        return (
            "Right where the probability is not small, and infinite where it is below 1e-16. Was "
            "it taken as 1 minus the others (`1 - cdf`)? Beside 1 a float has no room for it. Add "
            "up the terms themselves, in logarithms.",
            int(np.argmax(np.isinf(values))),
        )
    return None


UNDERFLOW = (
    "Right for few flips, and infinite for very many: the probability there is smaller than the "
    "smallest float, so it became 0 before its logarithm was taken (`binom.sf`, `binom.pmf` and "
    "even `binom.logsf` do that). Keep the logarithms of the terms, and add the terms up from them."
)


def counts_and_coins(random):
    """Fair and bent coins, tails near and far, and more flips than floats can bear."""
    cases = [case(12, 0.3, 11), case(25, 0.4, 11), case(9, 0.2, 1)]
    for n in (40, 150, 600, 1500):
        heads = float(random.uniform(0.2, 0.6))
        least = math.ceil(n * (heads + random.uniform(0.05, 0.2)))
        cases.append(case(n, heads, least))
    return [*cases, case(20000, 0.5, 14000, label="20 000 flips, of which 70 % show heads")]


TAIL_EXPONENT = Question(
    "tail_exponent",
    points=2,
    reference=exact_tail,
    unit="nats",
    exchangeable=False,
    rows=[rows_of_small_probabilities],
    visible=[
        case(3, 0.5, 2, label="2 heads or more in 3 flips"),
        case(10, 0.5, 7, label="7 heads or more in 10 flips"),
        case(100, 0.5, 70, label="70 heads or more in 100 flips"),
        case(500, 0.5, 350, label="350 heads or more in 500 flips"),
    ],
    inputs=[counts_and_coins],
    mistakes=[
        Mistake("underflow", lambda n, h, k: -without_room(log_at_least(n, h, k)) / n, UNDERFLOW),
        Mistake(
            "limit",
            lambda n, h, k: coin_kl(k / n, h),
            "This is Sanov's limit, KL between the share and the coin. The question asks for the "
            "exact number, which comes near it only as the flips become many.",
        ),
        Mistake(
            "limit in the other direction",
            lambda n, h, k: coin_kl(h, k / n),
            "This is KL with the arguments exchanged. In Sanov's limit what was seen stands first, "
            "and besides the question asks for the exact number.",
        ),
        Mistake(
            "one number of heads alone",
            lambda n, h, k: -float(log_probabilities(n, h, k, k)[0]) / n,
            "You have the probability of exactly `least` heads. More heads belong to it as well.",
        ),
        Mistake(
            "more than least",
            (
                lambda n, h, k: -log_at_least(n, h, k + 1) / n,
                lambda n, h, k: -without_room(log_at_least(n, h, k + 1)) / n,
            ),
            "You have the probability of more than `least` heads; `least` itself belongs to it. "
            "`binom.sf(k)` is P(K > k).",
        ),
        Mistake(
            "from one below",
            lambda n, h, k: -log_at_least(n, h, k - 1) / n,
            "One number of heads too many: yours begins at `least` - 1.",
        ),
        Mistake(
            "all heads left out",
            lambda n, h, k: -log_sum(log_probabilities(n, h, k, n - 1)) / n,
            "n heads in n flips is left out: `np.arange` and `range` stop before their end.",
        ),
        Mistake(
            "logarithms added up",
            (
                lambda n, h, k: -float(log_probabilities(n, h, k, n).sum()) / n,
                lambda n, h, k: -float(log_probabilities(n, h, k, n).mean()) / n,
            ),
            "You added up the logarithms, or took their mean. The probabilities add up: it is the "
            "logarithm of their sum that is wanted, which `logsumexp` gives.",
        ),
        Mistake(
            "other side",
            (
                lambda n, h, k: -log_fewer(n, h, k) / n,
                lambda n, h, k: -log_fewer(n, h, k + 1) / n,
            ),
            "You added up the other side: few heads. `binom.cdf` counts from 0 upwards.",
        ),
        Mistake(
            "not divided by n",
            lambda n, h, k: -log_at_least(n, h, k),
            "This is minus the logarithm of the probability. The exponent is that for each flip: "
            "divide by n.",
        ),
        Mistake(
            "not divided by n, and underflow",
            lambda n, h, k: -without_room(log_at_least(n, h, k)),
            "Minus the logarithm of the probability, not yet divided by n; and for very many flips "
            "it is infinite, since the probability became 0 before its logarithm was taken.",
        ),
        Mistake(
            "probability",
            (
                lambda n, h, k: math.exp(log_at_least(n, h, k)),
                lambda n, h, k: math.exp(log_at_least(n, h, k)) / n,
            ),
            "This is the probability itself. The exponent is minus its logarithm, divided by n.",
        ),
        Mistake(
            "normal approximation",
            (
                _normal_tail(0.0),
                _normal_tail(0.5),
                _normal_tail(0.0, without_room),
                _normal_tail(0.5, without_room),
                lambda n, h, k: -float(special().log_ndtr((n * h - k) / (n * h * (1 - h)))) / n,
            ),
            "This is the tail of a normal with the same mean and sd. It is good near the mean; far "
            "out it has another exponent, and that is where this question lives.",
        ),
        Mistake(
            "hoeffding",
            lambda n, h, k: 2 * (k / n - h) ** 2,
            "This is 2 (share - heads)², Hoeffding's bound, or Pinsker's for KL: true as a bound, "
            "and neither Sanov's limit nor the exact number.",
        ),
        Mistake(
            "limit with a correction",
            (
                lambda n, h, k: coin_kl(k / n, h) + math.log(n) / (2 * n),
                lambda n, h, k: coin_kl(k / n, h) + math.log(n + 1) / n,
            ),
            "This is Sanov's limit with a term for a finite n. It comes nearer; the question asks "
            "for the exact sum.",
        ),
        Mistake(
            "divided by the number of terms",
            lambda n, h, k: -log_at_least(n, h, k) / (n - k + 1),
            "You divided by how many numbers of heads there are from `least` on. The exponent is "
            "per flip: divide by n.",
        ),
        Mistake(
            "divided by least",
            lambda n, h, k: -log_at_least(n, h, k) / k,
            "You divided by the number of heads. The exponent is per flip: divide by n.",
        ),
        Mistake(
            "tails for heads",
            lambda n, h, k: exact_tail(n, 1 - h, k),
            "Heads and tails changed places: you counted with 1 - `heads`.",
        ),
        Mistake(
            "term of heads alone",
            lambda n, h, k: k / n * math.log(k / (n * h)),
            "This is one term of the two in KL(share‖heads), and so it may even be negative. "
            "Besides, KL is the limit, and the question asks for the exact number.",
        ),
        Mistake(
            "parabola",
            lambda n, h, k: (k / n - h) ** 2 / (2 * h * (1 - h)),
            "This is the parabola that KL follows near the coin's own share. The question asks for "
            "the exact probability.",
        ),
        Mistake(
            "both tails",
            lambda n, h, k: -(log_at_least(n, h, k) + LN_2) / n,
            "You doubled the probability, as for a test of both sides. Only many heads count here.",
        ),
        Mistake(
            "without the number of ways",
            (
                lambda n, h, k: -(k * math.log(h) + (n - k) * math.log1p(-h)) / n,
                lambda n, h, k: -log_sum(_of_one_sequence(n, h, np.arange(k, n + 1))) / n,
            ),
            "A number of heads counts once in yours, as if one sequence showed it. There are "
            "`math.comb(n, k)` sequences with k heads.",
        ),
    ],
    hints=[
        "Which numbers of heads belong to it? How small is the probability of the likeliest of "
        "them for 20 000 flips, and has a float room for it?",
        "-log P(K ≥ least) / n. `binom.logpmf` gives the logarithms of the terms, and "
        "`scipy.special.logsumexp` the logarithm of a sum from the logarithms of its terms",
        "`from scipy.special import logsumexp`, `from scipy.stats import binom`, "
        "`k = np.arange(least, n + 1)` and then "
        "`return -logsumexp(binom.logpmf(k, n, heads)) / n`",
    ],
    insight="It comes down to KL(0.7‖0.5) = 0.0823 from above: the probability of a share that is "
    "not the coin's own falls like exp(-n KL), with what was seen as the first argument.",
    lesson=LESSON,
    section="Predict again",
)


# E3: the type II error of the best test with a fixed type I error


def least_heads(n, heads_p, alpha):
    """The largest k with P(K < k) ≤ alpha."""
    logarithms = log_probabilities(n, heads_p, 0, n)
    below = np.cumsum(np.exp(logarithms))  # P(K ≤ k)
    return int(np.searchsorted(below, alpha, side="right"))


def exact_type_two(n, heads_p, heads_q, alpha):
    return -log_at_least(n, heads_q, least_heads(n, heads_p, alpha)) / n


def _with_least(change, room=lambda logarithm: logarithm):
    """The type II exponent of the test whose threshold is that of the best one plus `change`."""
    return lambda n, p, q, a: -room(log_at_least(n, q, least_heads(n, p, a) + change)) / n


def _exchanged(n, p, q, alpha):
    """Q's error is held at alpha, and the exponent is that of P's."""
    logarithms = log_probabilities(n, q, 0, n)
    from_above = np.cumsum(np.exp(logarithms[::-1]))[::-1]  # P(K ≥ k)
    least = int(np.argmax(np.append(from_above, 0.0) <= alpha))
    return -log_fewer(n, p, least) / n


def _randomised(n, p, q, alpha):
    """With type I exactly alpha: at the threshold a further coin decides."""
    k = least_heads(n, p, alpha)
    there = math.exp(float(log_probabilities(n, p, k, k)[0]))
    share = (alpha - math.exp(log_fewer(n, p, k))) / there
    kept = math.log1p(-share) + float(log_probabilities(n, q, k, k)[0])
    return -log_sum(np.array([kept, log_at_least(n, q, k + 1)])) / n


def _variance(p, q):
    """Of the log ratio of one flip, under P."""
    return p * (1 - p) * math.log(p * (1 - q) / ((1 - p) * q)) ** 2


def _second_order(n, p, q, alpha):
    return coin_kl(p, q) + math.sqrt(_variance(p, q) / n) * float(special().ndtri(alpha))


def _normal_everywhere(n, p, q, alpha, spread):
    """Threshold and error from normals, the second one with the sd of a coin with `spread`."""
    place = n * p + math.sqrt(n * p * (1 - p)) * float(special().ndtri(alpha))
    deviation = (place - n * q) / math.sqrt(n * spread * (1 - spread))
    return -float(special().log_ndtr(-deviation)) / n


def _upper_quantile(n, heads, alpha):
    """The smallest k with P(K ≤ k) ≥ 1 - alpha."""
    below = np.cumsum(np.exp(log_probabilities(n, heads, 0, n)))
    return int(np.argmax(below >= 1 - alpha))


def _normal_threshold(rounded):
    def exponent(n, p, q, alpha):
        place = n * p + math.sqrt(n * p * (1 - p)) * float(special().ndtri(alpha))
        return -log_at_least(n, q, rounded(place)) / n

    return exponent


def tests_to_judge(random):
    """Pairs of coins, P's above Q's, few flips and many, and errors from lax to strict."""
    cases = [case(20, 0.9, 0.4, 0.1), case(30, 0.7, 0.4, 0.01)]
    for n in (50, 130, 900, 1500):
        q = float(random.uniform(0.2, 0.5))
        p = float(q + random.uniform(0.2, 0.35))
        cases.append(case(n, p, q, float(10 ** random.uniform(-3, -0.8))))
    return [*cases, case(20000, 0.8, 0.5, 0.05, label="20 000 flips")]


TYPE_TWO_EXPONENT = Question(
    "type_two_exponent",
    points=3,
    reference=exact_type_two,
    unit="nats",
    exchangeable=False,
    rows=[rows_of_small_probabilities],
    visible=[
        case(10, 0.8, 0.5, 0.05, label="ten flips"),
        case(100, 0.8, 0.5, 0.05, label="100 flips"),
        case(2000, 0.8, 0.5, 0.05, label="2000 flips"),
        case(100, 0.8, 0.5, 0.001, label="100 flips, a stricter test"),
    ],
    inputs=[tests_to_judge],
    mistakes=[
        Mistake(
            "underflow",
            lambda n, p, q, a: -without_room(log_at_least(n, q, least_heads(n, p, a))) / n,
            UNDERFLOW,
        ),
        Mistake(
            "limit",
            lambda n, p, q, a: coin_kl(p, q),
            "This is Stein's limit. The question asks for the exact number at n flips, and at "
            "2000 flips it is still a tenth below.",
        ),
        Mistake(
            "limit in the other direction",
            lambda n, p, q, a: coin_kl(q, p),
            "This is KL(Q‖P), and it does not depend on n. It belongs to the other bargain, with "
            "the error of Q held fixed; and besides the question asks for the exact number.",
        ),
        Mistake(
            "second order",
            (
                _second_order,
                lambda n, p, q, a: _second_order(n, p, q, a) + math.log(n) / (2 * n),
            ),
            "This is the asymptote with its second term, a root of 1/n. It comes near; the "
            "question asks for the exact sum over numbers of heads.",
        ),
        Mistake(
            "hypotheses exchanged",
            _exchanged,
            "You held the error under Q at alpha and followed the one under P. Here `alpha` limits "
            "type I: saying Q although P is true.",
        ),
        Mistake(
            "one above",
            (_with_least(1), _with_least(1, without_room)),
            "Yours begins one number of heads too high: either the threshold itself was left out "
            "(`binom.sf(k)` is P(K > k)), or type I is above alpha.",
        ),
        Mistake(
            "one below",
            (_with_least(-1), _with_least(-1, without_room)),
            "Yours begins one number of heads too low: a higher threshold still keeps type I at "
            "alpha or less.",
        ),
        Mistake(
            "all heads left out",
            lambda n, p, q, a: -log_sum(log_probabilities(n, q, least_heads(n, p, a), n - 1)) / n,
            "n heads in n flips make the test say P, too: `np.arange` and `range` stop before "
            "their end.",
        ),
        Mistake(
            "type I",
            lambda n, p, q, a: -log_fewer(n, p, least_heads(n, p, a)) / n,
            "This is the exponent of type I, which is held near alpha. Type II is the error under "
            "Q: enough heads for P although Q is true.",
        ),
        Mistake(
            "exponent of alpha",
            lambda n, p, q, a: -math.log(a) / n,
            "This is alpha, written as an exponent. The threshold comes from alpha, and then the "
            "error under Q from the threshold.",
        ),
        Mistake(
            "right decisions",
            lambda n, p, q, a: -log_fewer(n, q, least_heads(n, p, a)) / n,
            "This is the probability of the right decision under Q. Type II is the wrong one.",
        ),
        Mistake(
            "right decisions under p",
            lambda n, p, q, a: -log_at_least(n, p, least_heads(n, p, a)) / n,
            "You took the threshold and the probability both from P's coin: that is how often it "
            "rightly says P. Type II is counted under Q.",
        ),
        Mistake(
            "two-sided",
            lambda n, p, q, a: exact_type_two(n, p, q, a / 2),
            "You halved alpha, as for a test of both sides. Only few heads speak against P here.",
        ),
        Mistake(
            "randomised",
            _randomised,
            "Well seen, but this is the test that uses a further coin at the threshold to make "
            "type I exactly alpha. The question asks for the one that does not.",
        ),
        Mistake(
            "normal threshold",
            (_normal_threshold(math.floor), _normal_threshold(math.ceil)),
            "The threshold comes from a normal approximation, and on some inputs it is not the "
            "exact one. `binom.ppf` finds that.",
        ),
        Mistake(
            "not divided by n",
            (
                lambda n, p, q, a: n * exact_type_two(n, p, q, a),
                lambda n, p, q, a: -without_room(-n * exact_type_two(n, p, q, a)),
            ),
            "This is minus the logarithm of type II. The exponent is that for each flip: divide "
            "by n.",
        ),
        Mistake(
            "probability",
            lambda n, p, q, a: math.exp(-n * exact_type_two(n, p, q, a)),
            "This is type II itself. Its exponent is minus the logarithm, divided by n.",
        ),
        Mistake(
            "divided by the threshold",
            lambda n, p, q, a: n * exact_type_two(n, p, q, a) / least_heads(n, p, a),
            "You divided by the threshold. The exponent is per flip: divide by n.",
        ),
        Mistake(
            "both errors",
            lambda n, p, q, a: (
                -log_sum(
                    np.array(
                        [-n * exact_type_two(n, p, q, a), log_fewer(n, p, least_heads(n, p, a))]
                    )
                )
                / n
            ),
            "You added type I to it. Type I is held near alpha and does not fall; the question is "
            "how fast type II does, by itself.",
        ),
        Mistake(
            "normal for both",
            (
                lambda n, p, q, a: _normal_everywhere(n, p, q, a, q),
                lambda n, p, q, a: _normal_everywhere(n, p, q, a, p),
            ),
            "You took normal laws for both coins. Near their means they are good, and type II lies "
            "far from Q's mean, where a normal has another exponent.",
        ),
        Mistake(
            "wrong end of p",
            lambda n, p, q, a: -log_at_least(n, q, _upper_quantile(n, p, a)) / n,
            "Your threshold lies at the upper end of what P's coin shows. The test says Q when "
            "there are few heads, so alpha belongs to the lower end.",
        ),
        Mistake(
            "limit at the threshold",
            lambda n, p, q, a: coin_kl(least_heads(n, p, a) / n, q),
            "The right threshold, and then Sanov's limit for its share of heads. The question asks "
            "for the exact probability, as in E2.",
        ),
        Mistake(
            "one number of heads alone",
            lambda n, p, q, a: -float(log_probabilities(n, q, *2 * [least_heads(n, p, a)])[0]) / n,
            "You have the probability of the threshold's number of heads alone. More heads make "
            "the test say P as well.",
        ),
        Mistake(
            "factor of the proof",
            (
                lambda n, p, q, a: coin_kl(p, q) - math.log1p(-a) / n,
                lambda n, p, q, a: -without_room(math.log1p(-a) - n * coin_kl(p, q)) / n,
            ),
            "You took (1 - alpha) exp(-n KL) for type II. In the proof that stands with an ε that "
            "is not 0, and for a given n the scatter of the walk counts for more.",
        ),
        Mistake(
            "share of kl",
            lambda n, p, q, a: (1 - a) * coin_kl(p, q),
            "You put alpha into the exponent. It moves the threshold by some roots of n, and the "
            "limit not at all.",
        ),
    ],
    hints=[
        "With few heads the test says Q. How many heads does P's coin fall short of with a "
        "probability of at most alpha? And what does Q's coin do from there on?",
        "`binom.ppf(alpha, n, heads_p)` is the largest k with P(K < k) ≤ alpha. Type II is Q's "
        "P(K ≥ k), and the exponent -log(type II)/n, summed in logarithms as in E2",
        "`from scipy.special import logsumexp`, `from scipy.stats import binom`, "
        "`k = np.arange(binom.ppf(alpha, n, heads_p), n + 1)` and then "
        "`return -logsumexp(binom.logpmf(k, n, heads_q)) / n`",
    ],
    insight="It climbs towards KL(P‖Q), slowly: what is missing shrinks like 1/√n. A stricter "
    "alpha starts lower and goes to the same limit.",
    lesson=LESSON,
    section="By code",
)


# E4: Chernoff information

GOLDEN = (math.sqrt(5) - 1) / 2


def largest(function):
    """The largest value of a concave function on 0 to 1, by golden sections."""
    low, high = 0.0, 1.0
    for _ in range(80):
        first, second = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, second) if function(first) > function(second) else (first, high)
    return function((low + high) / 2)


def overlap(p, q, weight):
    """Σ p^weight q^(1 - weight)."""
    return float(np.sum(p**weight * q ** (1 - weight)))


def chernoff_by_sections(p, q):
    return largest(lambda weight: -math.log(overlap(p, q, weight)))


def kl(p, q):
    return float(np.sum(p * np.log(p / q)))


def reverse_kl(p, q):
    return kl(q, p)


def smaller_kl(p, q):
    return min(kl(p, q), kl(q, p))


def js(p, q):
    return (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2


def even_product(p, q):
    """The normalised product of powers at λ = ½."""
    return np.sqrt(p * q) / overlap(p, q, 0.5)


def on_a_grid(p, q, points):
    return max(-math.log(overlap(p, q, weight)) for weight in np.linspace(0, 1, points))


def _in_parallel(first, second):
    return first * second / (first + second) if first + second > 0 else 0.0


def _other_direction(p, q):
    def nearer(weight):
        middle = p**weight * q ** (1 - weight) / overlap(p, q, weight)
        return min(kl(p, middle), kl(q, middle))

    return largest(nearer)


def _from_the_mixture(p, q):
    def nearer(weight):
        mixture = weight * p + (1 - weight) * q
        return min(kl(mixture, p), kl(mixture, q))

    return largest(nearer)


def same_power_twice(e: Evidence) -> Found:
    """Largest for Σ p^λ q^λ, as near as a search gets to the end of the interval, where it lies."""
    for each, value in zip(e.cases, e.values, strict=True):
        p, q = each.arguments
        if not np.isclose(
            value, largest(lambda w, p=p, q=q: -math.log(np.sum((p * q) ** w))), 1e-4
        ):
            return None
    return "The two powers in the sum should add up to 1: λ for p and 1 - λ for q."


def place_of_the_largest(e: Evidence) -> Found:
    """The λ at which the value is largest, or 1 minus it, wherever there is only one."""
    for each, value, right in zip(e.cases, e.values, e.references, strict=True):
        p, q = each.arguments
        if right > 1e-9 and not any(
            abs(-math.log(overlap(p, q, min(max(weight, 0.0), 1.0))) - right) < 1e-5 * right
            for weight in (float(value), 1 - float(value))
        ):
            return None
    return (
        "This is λ, the place where the value is largest. The question asks for the value there: "
        "in SciPy's result `.x` is the place, and `.fun` the value of the function at it."
    )


def whole_numbers(e: Evidence) -> Found:
    """The place in a grid, as `argmax` gives it."""
    values = np.array([float(value) for value in e.values])
    if (values != np.round(values)).any() or values.max() < 2:
        return None
    return (
        "Whole numbers on every pair. Is it the place of the largest value, as `np.argmax` gives "
        "it, in the place of the value, `np.max`?"
    )


def half_of_the_interval(e: Evidence) -> Found:
    """Largest over λ up to ½, or from ½ on."""
    for begin in (0.0, 0.5):
        halves = (partial(_over_half, each.arguments, begin) for each in e.cases)
        if all(
            np.isclose(value, largest(half), 1e-4, 1e-9)
            for value, half in zip(e.values, halves, strict=True)
        ):
            return "Largest over one half of the interval. The best λ may lie in the other half."
    return None


def _over_half(pair, begin, place):
    p, q = pair
    return -math.log(overlap(p, q, begin + place / 2))


def next_to_nothing(e: Evidence) -> Found:
    """Values next to 0: where a search for the smallest value stops short of the end."""
    values = np.array([float(value) for value in e.values])
    if not 0 < np.abs(values).max() < 2e-3 * max(map(float, e.references)):
        return None
    return (
        "Next to 0 on every pair: the search ended at an end of the interval of λ, where the sum "
        "is 1 and its logarithm 0. `minimize_scalar` looks for the smallest value of what it is "
        "given: look at the signs."
    )


def mean_of_all(e: Evidence) -> Found:
    """Nearly the mean over λ, from whatever grid."""
    grid = np.linspace(0, 1, 1001)
    for each, value in zip(e.cases, e.values, strict=True):
        p, q = each.arguments
        found = np.mean([-math.log(overlap(p, q, weight)) for weight in grid])
        if not np.isclose(value, found, 0.02, 1e-9):
            return None
    return "Nearly the mean over all λ. The question asks for the largest value."


def next_to_kl(e: Evidence) -> Found:
    """Within some hundredths of one KL, as the largest value of a Rényi divergence is."""
    for name, of_pair in (("KL(p‖q)", kl), ("KL(q‖p)", reverse_kl)):
        pairs = [
            (of_pair(*each.arguments), value) for each, value in zip(e.cases, e.values, strict=True)
        ]
        if all(np.isclose(value, right, 0.03, 1e-9) for right, value in pairs):
            return (
                f"Yours is nearly {name} on every pair. Was the logarithm divided by λ or 1 - λ, "
                "as in a Rényi divergence? The question divides by nothing."
            )
    return None


CHERNOFF = Question(
    "chernoff",
    points=3,
    reference=chernoff_by_sections,
    unit="nats",
    visible=[
        case([0.8, 0.2], [0.5, 0.5], label="the coins of the lesson"),
        case([0.9, 0.1], [0.2, 0.8], label="two bent coins"),
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6], label="the pair of the course"),
        case([0.5, 0.5], [0.999, 0.001], label="a fair coin and one that is nearly sure"),
    ],
    inputs=[dirichlet_pairs(), equal_pair, tiny_mass],
    rows=[
        same_power_twice,
        place_of_the_largest,
        whole_numbers,
        half_of_the_interval,
        next_to_nothing,
        mean_of_all,
        next_to_kl,
    ],
    mistakes=[
        Mistake(
            "bhattacharyya",
            lambda p, q: -math.log(overlap(p, q, 0.5)),
            "This is the value at λ = ½, the Bhattacharyya divergence. Near for many pairs, and "
            "never above; but the largest value over λ lies at ½ for special pairs only.",
        ),
        Mistake(
            "smallest",
            lambda p, q: 0.0,
            "0 on every pair. The sum is 1 and its logarithm 0 at λ = 0 and at λ = 1, and that is "
            "the smallest value; a sum of mixtures, λp + (1 - λ)q, is 1 for every λ. The question "
            "asks for the largest value, with products of powers of p and of q.",
        ),
        Mistake(
            "one minus the sum",
            (
                lambda p, q: 1 - math.exp(-chernoff_by_sections(p, q)),
                lambda p, q: 1 - overlap(p, q, 0.5),
                lambda p, q: 2 - 2 * overlap(p, q, 0.5),
            ),
            "1 minus the sum, or twice that, where minus the logarithm of the sum belongs.",
        ),
        Mistake(
            "sum at one half",
            lambda p, q: overlap(p, q, 0.5),
            "This is Σ √(pq), what P and Q have in common. Take minus its logarithm, and look at "
            "other λ than ½.",
        ),
        Mistake(
            "bhattacharyya in bits",
            lambda p, q: -math.log2(overlap(p, q, 0.5)),
            "This is the value at λ = ½, the Bhattacharyya divergence, and in bits. The largest "
            "value over λ is wanted, in nats.",
        ),
        Mistake(
            "pinsker",
            lambda p, q: np.abs(p - q).sum() ** 2 / 2,
            "This is 2 TV², which by Pinsker no KL is below. Chernoff's number may be below it.",
        ),
        Mistake(
            "twice the value at one half",
            lambda p, q: -2 * math.log(overlap(p, q, 0.5)),
            "This is -2 log Σ √(pq), the Rényi divergence of order ½: twice the value at λ = ½.",
        ),
        Mistake(
            "kl",
            kl,
            "This is KL(p‖q): how fast type II falls if type I is only held fixed. If both are to "
            "fall, the exponent is smaller.",
        ),
        Mistake(
            "kl reversed",
            reverse_kl,
            "This is KL(q‖p): how fast type I falls if type II is only held fixed. If both are to "
            "fall, the exponent is smaller.",
        ),
        Mistake(
            "smaller kl",
            smaller_kl,
            "This is the smaller of both KLs. Each of them is what one error gets while the other "
            "stands still; if both are to fall, there is less.",
        ),
        Mistake(
            "both directions",
            (
                lambda p, q: (kl(p, q) + kl(q, p)) / 2,
                lambda p, q: kl(p, q) + kl(q, p),
                lambda p, q: (kl(p, q) + kl(q, p)) / 8,
            ),
            "You built it from the sum of both KLs. For pairs that are near each other an eighth "
            "of that sum comes out, and for others not.",
        ),
        Mistake(
            "part of kl",
            tuple(
                (lambda p, q, kl_of=kl_of, part=part: kl_of(p, q) / part)
                for kl_of in (kl, reverse_kl, smaller_kl)
                for part in (2, 4)
            ),
            "You took a fixed part of a KL. For pairs that are near each other it is about a "
            "quarter, and for others no fixed part.",
        ),
        Mistake(
            "mean for sum",
            lambda p, q: chernoff_by_sections(p, q) + math.log(len(p)),
            "You took the mean over the outcomes where their sum belongs: at λ = 1 it should be "
            "the sum of p, which is 1.",
        ),
        Mistake(
            "coarse grid",
            tuple(partial(on_a_grid, points=points) for points in (5, 6, 9, 10, 11, 20, 21)),
            "The largest of a few values of λ. The best λ lies between yours, and for some pairs "
            "near an end: take a much finer grid, or let `scipy.optimize` search.",
        ),
        Mistake(
            "half-way in λ",
            (lambda p, q: kl(even_product(p, q), p), lambda p, q: kl(even_product(p, q), q)),
            "You took KL from the product of powers at λ = ½. The point that is as far from p as "
            "from q lies at another λ for most pairs.",
        ),
        Mistake(
            "root of jensen-shannon",
            (
                lambda p, q: math.sqrt(max(js(p, q), 0.0)),
                lambda p, q: math.sqrt(max(js(p, q), 0.0) / LN_2),
            ),
            "This is the root of the Jensen–Shannon divergence, as SciPy's `jensenshannon` gives "
            "it. Chernoff's number is another one.",
        ),
        Mistake(
            "jensen-shannon",
            js,
            "This is the Jensen–Shannon divergence: mean KL to the mixture. Chernoff's has "
            "products of powers in the place of the mixture.",
        ),
        Mistake(
            "resistor average",
            (
                lambda p, q: _in_parallel(kl(p, q), kl(q, p)),
                lambda p, q: _in_parallel(kl(p, q), kl(q, p)) / 2,
            ),
            "You combined both KLs as resistors in parallel, or their harmonic mean. For pairs "
            "that are near each other half of that comes near, and for others not.",
        ),
        Mistake(
            "other direction",
            _other_direction,
            "You looked for the point to which p and q have the same KL. What is seen stands "
            "first: it is the point that has the same KL *to* p and *to* q.",
        ),
        Mistake(
            "mixture",
            (
                _from_the_mixture,
                lambda p, q: min(kl((p + q) / 2, p), kl((p + q) / 2, q)),
            ),
            "You took KL from a mixture, λp + (1 - λ)q, to p and to q. The nearest point with "
            "equal KL to both lies among products of powers, p^λ q^(1-λ), made to sum to 1.",
        ),
    ],
    hints=[
        "For each λ between 0 and 1 there is a number -log Σ p^λ q^(1-λ). Where is it 0, and where "
        "is it largest?",
        "`scipy.optimize.minimize_scalar(f, bounds=(0, 1), method='bounded')` finds the smallest "
        "value of f, as `.fun`. What must f be?",
        "`from scipy.optimize import minimize_scalar`, "
        "`f = lambda weight: np.log(np.sum(p**weight * q ** (1 - weight)))` and then "
        '`return -minimize_scalar(f, bounds=(0, 1), method="bounded").fun`',
    ],
    insight="0 exactly when p = q, the same in both directions, and never above either KL: it is "
    "KL from the point half-way to either of the two.",
    lesson=LESSON,
    section="Predict again",
)


QUESTIONS = [EVIDENCE, TAIL_EXPONENT, TYPE_TWO_EXPONENT, CHERNOFF]
