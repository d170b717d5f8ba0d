"""The questions of unit 04: KL with every kind of zero, additive smoothing, four measures."""

import itertools

import numpy as np

from klteach.measures import (
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    normalize,
    to_bits,
    total_variation,
    wasserstein_distance,
)
from klteach.practice import common_mistakes
from klteach.practice.common_mistakes import terms
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import ARRAY, Returns, named_numbers

LESSON = "04_zeros_and_smoothing"
SMALL_NUMBERS = (*common_mistakes.SMALL_NUMBERS, 1e-300)
LARGEST = np.finfo(float).max  # what `np.nan_to_num` puts in the place of infinity
LARGE_NUMBERS = (*(10.0**k for k in (2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 100, 300)), LARGEST)


# kl_safe: a table of pairs, one pair in each row


def tables(random):
    """Tables without a zero, with each kind of zero, and with all kinds at once."""

    def row_with(*zeros, size=6):
        weights = random.dirichlet(np.ones(size))
        weights[list(zeros)] = 0
        return weights / weights.sum()

    sizes = ((1, 3), (4, 5), (20, 12))
    dirichlet = [case(*random.dirichlet(np.ones(k), size=(2, m))) for m, k in sizes]
    zeros_in_p = [row_with(0), row_with(5), row_with(1, 2, 3), row_with()]
    # the last row has no zero: what becomes of a row is no matter of the others
    zeros_in_q = [row_with(0), row_with(4), row_with(1, 2, 3), row_with()]
    without = [row_with() for _ in zeros_in_p]
    return [
        *dirichlet,
        case([[0.25, 0.75], [0.5, 0.5]], [[0.25, 0.75], [0.25, 0.75]], label="p = q in one row"),
        case([[0.5, 0.5, 0.0]], [[0.25, 0.25, 0.5]], label="an outcome that never occurs"),
        case([[1.0, 1e-30]], [[1.0, 0.0]], label="an outcome of mass 1e-30 that q rules out"),
        case([[0.5, 0.5, 0.0, 0.0]], [[0.0, 0.0, 0.5, 0.5]], label="no outcome in common"),
        case(np.array(zeros_in_p), np.array(without)),
        case(np.array(without), np.array(zeros_in_q)),
        case(np.array(zeros_in_p), np.array(zeros_in_q)),
    ]


def _ratio(p, q):
    return np.divide(p, q, out=np.full(p.shape, np.inf), where=q > 0)


def finite_terms(p, q):
    return np.where(q > 0, terms(p, q), 0.0)


def _where(condition, value):
    """The sum of the finite terms, but `value` in the rows where `condition` holds somewhere."""
    return lambda p, q: np.where(
        condition(p, q).any(axis=-1), value, finite_terms(p, q).sum(axis=-1)
    )


def _for_the_whole_table(condition):
    """Infinite in every row if `condition` holds anywhere in the table."""
    return lambda p, q: np.where(condition(p, q).any(), np.inf, kl_divergence(p, q))


def _without_zeros_of_q(p, q):
    p = np.where(q > 0, p, 0)
    totals = p.sum(axis=-1, keepdims=True)
    return terms(p / np.where(totals > 0, totals, 1), q).sum(axis=-1)


def _without_any_zero(p, q):
    q = np.where(p > 0, q, 0)
    totals = q.sum(axis=-1, keepdims=True)
    return _without_zeros_of_q(p, q / np.where(totals > 0, totals, 1))


def _each(numbers, function):
    """One function for each of the numbers, which becomes its last argument."""
    return tuple(lambda *arguments, x=x: function(*arguments, x) for x in numbers)


def _shares(p):
    return p / p.sum(axis=-1, keepdims=True)


# a small number x in the place of a zero, or added to everything
PADDINGS = (
    lambda p, q, x: terms(p, q + x).sum(axis=-1),
    lambda p, q, x: terms(p, _shares(q + x)).sum(axis=-1),
    lambda p, q, x: terms(p, np.maximum(q, x)).sum(axis=-1),
    lambda p, q, x: terms(p + x, q + x).sum(axis=-1),
    lambda p, q, x: terms(_shares(p + x), _shares(q + x)).sum(axis=-1),
    lambda p, q, x: terms(np.maximum(p, x), np.maximum(q, x)).sum(axis=-1),
    lambda p, q, x: (p * np.log((p + x) / (q + x))).sum(axis=-1),
)


KL_SAFE = Question(
    "kl_safe",
    points=2,
    reference=kl_divergence,
    unit="nats",
    returns=Returns("an array with one number per row", lambda p, q: p.shape[:1]),
    visible=[
        case(
            [[0.5, 0.5, 0.0], [0.5, 0.25, 0.25]],
            [[0.25, 0.75, 0.0], [0.5, 0.5, 0.0]],
            label="a row where both rule out an outcome, and one where only q does",
        ),
        case([[0.5, 0.5], [0.2, 0.8]], [[0.25, 0.75], [0.6, 0.4]], label="no zeros"),
        # tables of floats: `np.zeros_like(p)` must have room for a divergence
        case([[1.0, 0.0], [0.0, 1.0]], [[0.5, 0.5], [1.0, 0.0]], label="certain outcomes"),
    ],
    inputs=[tables],
    mistakes=[
        Mistake(
            "outcomes removed",
            lambda p, q: finite_terms(p, q).sum(axis=-1),
            "Finite, because you left out the outcomes with q = 0: by a mask on q, a masked array "
            "or a filter on finite terms. If such an outcome has p > 0 you deleted the one entry "
            "that matters. What does a code cost that has no word for something that is sent?",
        ),
        Mistake(
            "outcomes removed and renormalised",
            (_without_zeros_of_q, _without_any_zero),
            "You left out the outcomes with a zero and made the rest sum to 1 again. That is the "
            "divergence given that nothing unseen happens, and the unseen does happen.",
        ),
        Mistake(
            "small number added",
            tuple(variant for padded in PADDINGS for variant in _each(SMALL_NUMBERS, padded)),
            "Finite, because a small number stands where q is 0. Make it a thousand times smaller "
            "and the answer grows by p·log 1000: your number is the answer, not the data. Where "
            "q = 0 < p the answer is `np.inf`.",
        ),
        Mistake(
            "large number",
            (
                *_each(LARGE_NUMBERS, lambda p, q, x: np.minimum(terms(p, q), x).sum(axis=-1)),
                *_each(LARGE_NUMBERS, lambda p, q, x: np.minimum(kl_divergence(p, q), x)),
            ),
            "A large number stands in the place of infinity, as `np.nan_to_num` puts it there. It "
            "can be averaged and plotted like any other number, and means nothing: return "
            "`np.inf`.",
        ),
        Mistake(
            "ratio made finite",
            lambda p, q: np.where((p > 0) & (q == 0), p * np.log(LARGEST), terms(p, q)).sum(
                axis=-1
            ),
            "The ratio p/q was made finite before the logarithm, as `np.nan_to_num(p / q)` does: "
            "log(1.8e308) is about 710, and 710·p looks like a result. It is an infinity that "
            "was cut off.",
        ),
        Mistake(
            "minus infinity",
            _where(lambda p, q: (p > 0) & (q == 0), -np.inf),
            "Minus infinity: the ratio p/q became 0 where q is 0, and log 0 is -∞. It is p that is "
            "divided by 0, so the ratio grows without a limit.",
        ),
        Mistake(
            "zero instead of infinity",
            _where(lambda p, q: (p > 0) & (q == 0), 0.0),
            "You returned 0 for a row in which q rules out what happens. 0 says that the model is "
            "right; this model could not be more wrong.",
        ),
        Mistake(
            "infinite at every zero of q",
            _where(lambda p, q: q == 0, np.inf),
            "Infinite wherever some q is 0. But if p is 0 there as well, the outcome never comes "
            "and nobody pays for it: 0/0 adds 0. Look at p too.",
        ),
        Mistake(
            "one row for all",
            (
                _for_the_whole_table(lambda p, q: (p > 0) & (q == 0)),
                _for_the_whole_table(lambda p, q: q == 0),
            ),
            "As soon as one row is infinite, you make all of them so: `any()` without an axis asks "
            "about the whole table. Each row has its own answer: `any(axis=1)`, or let the "
            "infinite term decide it in its own sum.",
        ),
        Mistake(
            "first row for all",
            lambda p, q: np.full(len(p), kl_divergence(p[0], q[0])),
            "Every row got the number of the first one. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "infinite at every zero",
            _where(lambda p, q: (p == 0) | (q == 0), np.inf),
            "Infinite wherever there is a zero. Only one kind of zero is fatal: which of the two "
            "distributions sends the symbols?",
        ),
        Mistake(
            "zeros the wrong way round",
            _where(lambda p, q: (p == 0) & (q > 0), np.inf),
            "The two zeros changed places. Where p = 0 the outcome never comes and costs nothing; "
            "where q = 0 it comes and has no codeword.",
        ),
        Mistake(
            "swapped",
            lambda p, q: kl_divergence(q, p),
            "The arguments are swapped: these are KL(q‖p), with the infinities where p is 0. p "
            "sends the symbols, q is scored.",
        ),
        Mistake(
            "logarithm outside the sum",
            (
                lambda p, q: np.log(np.where(p > 0, p * _ratio(p, q), 0).sum(axis=-1)),
                lambda p, q: np.log(np.where(p > 0, _ratio(p, q), 0).sum(axis=-1)),
            ),
            "You took the logarithm of a sum. KL is a sum of logarithms, each weighted by p: the "
            "logarithm comes first, outcome by outcome.",
        ),
        Mistake(
            "mean",
            lambda p, q: terms(p, q).mean(axis=-1),
            "You took the mean of each row. The shares p are weights already: it is a sum.",
        ),
        Mistake(
            "abs of each term",
            lambda p, q: np.abs(terms(p, q)).sum(axis=-1),
            "You took the absolute value of each term. A term is negative where q > p, and rightly "
            "so: there the wrong code is cheaper.",
        ),
        Mistake(
            "jensen-shannon",
            js_divergence,
            "You compared with the mean of p and q. That is the Jensen-Shannon divergence, which "
            "is never infinite; E3 asks for it.",
        ),
    ],
    hints=[
        "Of p = 0, q = 0 and both, which one is a symbol that is sent and has no codeword?",
        "The term is 0 where p = 0, whatever q is; ∞ where q = 0 < p; p log(p/q) elsewhere",
        "`terms = np.where(p > 0, p * np.log(p / q), 0.0)` and then `return terms.sum(axis=1)`",
    ],
    insight="KL is finite exactly where everything that p sends has a word in q. Infinity is a "
    "finding: it names a model that rules out what happens.",
    lesson=LESSON,
    section="The idea",
)


# add_alpha


def counts_and_alphas(random):
    """Counts with zeros among them, and an α below, at and above 1."""
    cases = []
    for size, alpha in ((3, 0.01), (6, 0.5), (6, 2.5), (40, 0.1), (40, 10.0)):
        counts = random.poisson(4, size)
        counts[0], counts[1], counts[-1] = 0, 1, 9
        cases.append(case(counts, alpha))
    return cases


def add_alpha(counts, alpha):
    return normalize(counts + alpha)


def _shares_or_zeros(numbers):
    """Numbers over their total; 0 where there is no total."""
    return numbers / max(numbers.sum(), 1e-300)


ADD_ALPHA = Question(
    "add_alpha",
    points=2,
    reference=add_alpha,
    returns=ARRAY,
    exchangeable=False,
    visible=[
        case([7, 0, 3], 1.0, label="one word unseen, α = 1"),
        case([7, 0, 3], 0.5, label="one word unseen, α = 1/2"),
        case([0, 4, 1, 0], 2.0, label="two words unseen, α = 2"),
    ],
    inputs=[counts_and_alphas],
    mistakes=[
        Mistake(
            "alpha ignored",
            lambda counts, alpha: counts / counts.sum(),
            "These are the plain shares: α has no effect, and what was unseen keeps the share 0. "
            "(As a factor it would cancel: it is to be added.)",
        ),
        Mistake(
            "added to the shares",
            lambda counts, alpha: normalize(counts / counts.sum() + alpha),
            "You divided first and added α to the shares. Added to counts, α is a number of "
            "imagined sightings, which fades as data come in; added to shares it equals αN of them "
            "and never fades. Add first, divide last.",
        ),
        Mistake(
            "added to the shares, total forgotten",
            lambda counts, alpha: counts / counts.sum() + alpha,
            "You divided first and added α to the shares, and now they sum to more than 1. Add α "
            "to the counts, then divide by the new total.",
        ),
        Mistake(
            "not divided",
            lambda counts, alpha: counts + alpha,
            "These are the new counts. The question asks for shares: divide by the new total.",
        ),
        Mistake(
            "old total",
            lambda counts, alpha: (counts + alpha) / counts.sum(),
            "Divided by the old total. Every count grew by α, so the total grew as well: by how "
            "much? Shares that sum to more than 1 show it.",
        ),
        Mistake(
            "alpha once in the total",
            lambda counts, alpha: (counts + alpha) / (counts.sum() + alpha),
            "The total grew by one α only. There is one for each outcome, seen or unseen.",
        ),
        Mistake(
            "alpha missing in the total",
            lambda counts, alpha: (counts + alpha) / (counts.sum() + len(counts)),
            "The total grew by the number of outcomes, which is right for α = 1 alone: it grows by "
            "α for each of them.",
        ),
        Mistake(
            "only the seen in the total",
            lambda counts, alpha: (
                (counts + alpha) / (counts.sum() + alpha * np.count_nonzero(counts))
            ),
            "The total grew by α for each outcome that was seen. The unseen ones got their α too.",
        ),
        Mistake(
            "only where zero",
            lambda counts, alpha: normalize(np.where(counts == 0, alpha, counts)),
            "Only the zeros got something. Then α = 2 makes the unseen likelier than what was seen "
            "once: every count gets the same α, and their order stays.",
        ),
        Mistake(
            "only where zero, total forgotten",
            (
                lambda counts, alpha: np.where(counts == 0, alpha, counts) / counts.sum(),
                lambda counts, alpha: np.where(counts == 0, alpha, counts / counts.sum()),
            ),
            "Only the zeros got something, and the total was left as it was. Every count gets α, "
            "and then everything is divided by the new total.",
        ),
        Mistake(
            "raised to alpha",
            lambda counts, alpha: normalize(np.maximum(counts, alpha)),
            "Counts below α were raised to α, so what was seen once and what was never seen come "
            "out alike. Add α to each count instead.",
        ),
        Mistake(
            "always one",
            lambda counts, alpha: normalize(counts + 1),
            "You added 1, whatever α is.",
        ),
        Mistake(
            "alpha shared out",
            lambda counts, alpha: normalize(counts + alpha / len(counts)),
            "One α was shared out among all outcomes. Some books do define it so; here each count "
            "gets a whole α. It is why one should say which.",
        ),
        Mistake(
            "mixed with uniform",
            lambda counts, alpha: (1 - alpha) * counts / counts.sum() + alpha / len(counts),
            "You mixed the shares with the uniform ones by the weight α. Additive smoothing does "
            "mix them, but the weight is αK/(N + αK), which shrinks as data come in.",
        ),
        Mistake(
            "cut to whole numbers",
            (
                lambda counts, alpha: _shares_or_zeros(np.trunc(counts + alpha)),
                lambda counts, alpha: np.trunc(add_alpha(counts, alpha)),
                lambda counts, alpha: _shares_or_zeros(np.where(counts == 0, int(alpha), counts)),
            ),
            "Something was cut to whole numbers on the way: by `//` or `int`, or by an array that "
            "has room for nothing else. `counts.copy()` and `np.zeros_like(counts)` are such "
            "arrays, since counts are whole numbers; `counts + alpha` makes a new one of floats.",
        ),
        Mistake(
            "bracket missing",
            (
                lambda counts, alpha: counts + alpha / counts.sum(),
                lambda counts, alpha: counts + alpha / (counts.sum() + alpha * len(counts)),
                lambda counts, alpha: counts + alpha / (counts + alpha).sum(),
                lambda counts, alpha: (counts + alpha) / counts.sum() + alpha * len(counts),
                lambda counts, alpha: counts / (counts.sum() + alpha * len(counts)) + alpha,
            ),
            "A bracket is missing: `/` comes before `+`. All of n + α stands above the fraction "
            "line, and all of N + αK below it.",
        ),
        Mistake(
            "one outcome more",
            lambda counts, alpha: (counts + alpha) / (counts.sum() + alpha * (len(counts) + 1)),
            "The total grew by α for one outcome more than there are, as if one were kept for "
            "words outside the list. Then the shares sum to less than 1; here the list is "
            "complete.",
        ),
        Mistake(
            "softmax",
            (
                lambda counts, alpha: (
                    np.exp(counts - counts.max() + 0.0) / np.exp(counts - counts.max() + 0.0).sum()
                ),
            ),
            "This is a softmax of the counts. It cancels the α, which is the same in every "
            "exponent, and makes shares of counts that differ by 1 differ by a factor of e.",
        ),
        Mistake(
            "to the power of alpha",
            lambda counts, alpha: normalize(counts**alpha),
            "You raised the counts to the power of α. What was never seen stays at 0; α is added.",
        ),
        Mistake(
            "mean",
            lambda counts, alpha: (counts + alpha) / len(counts),
            "Divided by the number of outcomes. A share is a count over the total of all counts.",
        ),
        Mistake(
            "by the largest",
            lambda counts, alpha: (counts + alpha) / (counts + alpha).max(),
            "Divided by the largest count. A share is a count over the total of all counts.",
        ),
    ],
    hints=[
        "If you had seen each word α times more, what would the counts be, and what their total?",
        "(n + α) / (N + αK), with N the total of the counts and K their number",
        "`new = np.asarray(counts) + alpha` and then `return new / new.sum()`",
    ],
    insight="The same as having seen each outcome α times before you began. With N = 10 000 counts "
    "these imagined ones hardly weigh; a number added to the shares would weigh as much as ever.",
    lesson=LESSON,
    section="By hand",
)


# four_measures

MEASURES = ("KL", "JS", "TV", "W1")


def pairs_on_positions(random):
    """Pairs that overlap, that do not, that are equal, and distribution functions that cross."""
    cases = [
        case([0.5, 0.0, 0.5], [0.0, 1.0, 0.0], [0, 2, 4], label="the same mean"),
        case([0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0, 1, 5], label="p = q"),
        case([0.0, 0.5, 0.5], [0.25, 0.5, 0.25], [-1, 0, 3], label="an outcome that p rules out"),
        case([1.0, 0.0], [0.0, 1.0], [0, 0.25], label="two certain outcomes"),
    ]
    for size in (3, 8, 30):
        p, q = random.dirichlet(np.ones(size), size=2)
        cases.append(case(p, q, np.sort(random.uniform(-5, 5, size))))
    return cases


def four_measures(p, q, x):
    carried = wasserstein_distance(x, x, p, q)
    return np.array([kl_divergence(p, q), js_divergence(p, q), total_variation(p, q), carried])


def _mixture_first(p, q, x):
    middle = (p + q) / 2
    return (kl_divergence(middle, p) + kl_divergence(middle, q)) / 2


def _ahead(p, q):
    """What p has more than q up to each position but the last."""
    return np.abs(np.cumsum(p - q))[:-1]


# of each measure: the mistake's name, its functions, its message
PART_MISTAKES = {
    "KL": [
        (
            "without the outcomes of q",
            [lambda p, q, x: finite_terms(p, q).sum()],
            "KL is finite because the outcomes with q = 0 were left out. They are the ones that "
            "matter: there KL is infinite.",
        ),
        (
            "with a small number",
            [
                *_each(SMALL_NUMBERS, lambda p, q, x, small: terms(p, q + small).sum()),
                *_each(SMALL_NUMBERS, lambda p, q, x, small: terms(p + small, q + small).sum()),
                *_each(SMALL_NUMBERS, lambda p, q, x, small: terms(p, np.maximum(q, small)).sum()),
            ],
            "KL is finite because a small number stands where q is 0. Then that number is the "
            "answer. Your `kl_safe` knows what belongs there.",
        ),
        (
            "with a large number",
            [
                *_each(LARGE_NUMBERS, lambda p, q, x, top: min(kl_divergence(p, q), top)),
                lambda p, q, x: np.minimum(terms(p, q), LARGEST).sum(),
            ],
            "KL has a large number in the place of infinity. It means nothing: `np.inf` does.",
        ),
        (
            "swapped",
            [lambda p, q, x: kl_divergence(q, p)],
            "KL is swapped: p is the truth and comes first, KL(p‖q).",
        ),
        (
            "in bits",
            [lambda p, q, x: to_bits(kl_divergence(p, q))],
            "KL is in bits (a logarithm to base 2). The question asks for nats, as for JS.",
        ),
    ],
    "JS": [
        (
            "in bits",
            [lambda p, q, x: to_bits(js_divergence(p, q))],
            "JS is in bits, where its ceiling is 1. The question asks for nats, as for KL.",
        ),
        (
            "square root",
            [
                lambda p, q, x: js_distance(p, q),
                lambda p, q, x: np.sqrt(to_bits(js_divergence(p, q))),
            ],
            "JS is a square root, as `scipy.spatial.distance.jensenshannon` returns it. The root "
            "is a metric; the divergence is its square.",
        ),
        (
            "without the mixture",
            [lambda p, q, x: jeffreys_divergence(p, q) / 2],
            "JS is the mean of KL(p‖q) and KL(q‖p): that is half of Jeffreys' divergence, infinite "
            "where one of them is. JS compares p and q with their mixture m = (p + q)/2 instead.",
        ),
        (
            "is Jeffreys",
            [lambda p, q, x: jeffreys_divergence(p, q)],
            "JS is KL(p‖q) + KL(q‖p): that is Jeffreys' divergence. JS compares each of the two "
            "with their mixture m = (p + q)/2 instead.",
        ),
        (
            "infinite",
            [lambda p, q, x: np.inf if ((p == 0) != (q == 0)).any() else js_divergence(p, q)],
            "JS is infinite where one of the two has a zero. But m = (p + q)/2 is 0 only where "
            "both are: whatever p or q sends has a word in m, and no term is infinite.",
        ),
        (
            "the wrong way round",
            [_mixture_first],
            "JS has its arguments swapped: KL(m‖p) is infinite wherever p alone has a zero. p and "
            "q send the symbols, and m is scored: KL(p‖m) and KL(q‖m).",
        ),
        (
            "without the half",
            [lambda p, q, x: 2 * js_divergence(p, q)],
            "JS is twice too large: it is the mean of the two divergences, not their sum.",
        ),
        (
            "one side",
            [
                lambda p, q, x: kl_divergence(p, (p + q) / 2),
                lambda p, q, x: kl_divergence(q, (p + q) / 2),
            ],
            "JS is one of its two halves alone. It is the mean of KL(p‖m) and KL(q‖m).",
        ),
        (
            "with m = p + q",
            [lambda p, q, x: js_divergence(p, q) - np.log(2)],
            "The mixture in JS sums to 2: m = p + q is not a distribution, and JS came out "
            "negative. Halve it.",
        ),
    ],
    "TV": [
        (
            "doubled",
            [lambda p, q, x: np.abs(p - q).sum()],
            "TV is twice too large: that is Σ |p - q|, which reaches 2. What one outcome gains "
            "another one loses, so half of it counts.",
        ),
        (
            "largest difference",
            [
                lambda p, q, x: np.abs(p - q).max(),
                lambda p, q, x: np.abs(p - q).max() / 2,
            ],
            "TV is the largest difference of a single outcome. It is the largest difference of an "
            "event, which may hold several outcomes: half of Σ |p - q|.",
        ),
        (
            "mean",
            [
                lambda p, q, x: np.abs(p - q).mean(),
                lambda p, q, x: np.abs(p - q).mean() / 2,
            ],
            "TV is a mean over the outcomes. It is half of the sum: shares are weights already.",
        ),
        (
            "without abs",
            [lambda p, q, x: 0.0],
            "TV is 0 whatever goes in. So it is if the differences are added up with their signs: "
            "both sum to 1, and they cancel. Take absolute values first.",
        ),
        (
            "with squares",
            [
                lambda p, q, x: np.sqrt(((p - q) ** 2).sum()),
                lambda p, q, x: ((p - q) ** 2).sum() / 2,
                lambda p, q, x: ((p - q) ** 2).sum(),
            ],
            "TV has squares in it. It is half of the sum of |p - q|, not squared.",
        ),
    ],
    "W1": [
        (
            "without the gaps",
            [lambda p, q, x: _ahead(p, q).sum()],
            "W1 counts positions in steps of 1. What is carried from x[i] to x[i + 1] goes as far "
            "as the gap between the two: `np.diff(x)`.",
        ),
        (
            "of the shares",
            [lambda p, q, x: np.mean(np.abs(np.sort(p) - np.sort(q)))],
            "W1 took the shares for positions: `wasserstein_distance(p, q)` in SciPy compares two "
            "samples. The positions are x, the shares their weights.",
        ),
        (
            "of the means",
            [
                lambda p, q, x: abs(np.dot(p - q, x)),
                lambda p, q, x: np.dot(p - q, x),
                lambda p, q, x: np.dot(q - p, x),
            ],
            "W1 is the difference of the two means. They agree when all mass moves the same way; "
            "mass that moves left and mass that moves right must not cancel.",
        ),
        (
            "mean",
            [
                lambda p, q, x: np.mean(_ahead(p, q) * np.diff(x)),
                lambda p, q, x: np.sum(_ahead(p, q) * np.diff(x)) / len(x),
            ],
            "W1 is a mean over the gaps. It is the sum: each gap is crossed by what has to cross "
            "it.",
        ),
        (
            "gaps shifted",
            [lambda p, q, x: np.sum(np.abs(np.cumsum(p - q))[1:] * np.diff(x))],
            "W1 pairs each difference with the gap to its left. What has piled up at x[i] is "
            "carried on to x[i + 1]: the gap to its right.",
        ),
        (
            "times positions",
            [
                lambda p, q, x: np.sum(np.abs(np.cumsum(p - q)) * x),
                lambda p, q, x: np.sum(np.abs(p - q) * x),
                lambda p, q, x: np.sum(np.abs(p - q) * x) / 2,
            ],
            "W1 multiplies by the positions x. The way from one position to the next is their "
            "difference: `np.diff(x)`.",
        ),
        (
            "not added up",
            [lambda p, q, x: np.sum(np.abs(p - q)[:-1] * np.diff(x))],
            "W1 uses the differences of the single shares. What has to cross a gap is everything "
            "to its left: add the differences up first (`np.cumsum`).",
        ),
        (
            "squared",
            [
                lambda p, q, x: np.sum(_ahead(p, q) ** 2 * np.diff(x)),
                lambda p, q, x: np.sqrt(np.sum(_ahead(p, q) ** 2 * np.diff(x))),
            ],
            "W1 has squares in it. The mass that crosses a gap counts as it is, not squared.",
        ),
    ],
}
ADVICE = {
    "KL": "In KL a term is infinite where q = 0 < p, and 0 where p = 0.",
    "JS": "JS is half of KL(p‖m) and half of KL(q‖m), with m = (p + q)/2.",
    "TV": "TV is half of what the shares differ by in all.",
    "W1": "In W1, what p has more than q up to each position is carried on to the next one.",
}


def judge_measures(p, q, x, values):
    """None if all four are right; otherwise which are not, and a word on the first of them."""
    right = _close(values, four_measures(p, q, x))
    if right.all():
        return None
    good = [name for name, fine in zip(MEASURES, right, strict=True) if fine]
    bad = [name for name, fine in zip(MEASURES, right, strict=True) if not fine]
    first = bad[0]
    value = values[MEASURES.index(first)]
    known = [
        message
        for _, functions, message in PART_MISTAKES[first]
        if any(_close(value, function(p, q, x)) for function in functions)
    ]
    # on a single input two mistakes may give the same value, and then neither is named
    word = known[0] if len(known) == 1 else ADVICE[first]
    found = f"Right here: {', '.join(good)}. " if good else ""
    return f"wrong: {', '.join(bad)}", f"{found}Not yet: {', '.join(bad)}. {word}"


def _close(values, others):
    return np.isclose(values, others, rtol=1e-5, atol=1e-6)


def _with_part(part, function):
    """The right row, but for one of its numbers."""

    def row(p, q, x):
        values = four_measures(p, q, x)
        values[MEASURES.index(part)] = function(p, q, x)
        return values

    return row


def _in_another_order(order):
    return lambda p, q, x: four_measures(p, q, x)[list(order)]


FOUR_MEASURES = Question(
    "four_measures",
    points=3,
    reference=four_measures,
    returns=named_numbers(*MEASURES),
    judge=judge_measures,
    one_right_value=True,
    visible=[
        case([0.4, 0.3, 0.2, 0.1], [0.1, 0.15, 0.25, 0.5], [1, 2, 3, 4], label="overlapping"),
        case([0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], [0, 1, 2, 3], label="no outcome in common"),
        case([0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], [0, 1, 10, 11], label="the same, further apart"),
    ],
    inputs=[pairs_on_positions],
    mistakes=[
        *(
            Mistake(
                f"{part} {name}",
                tuple(_with_part(part, function) for function in functions),
                message,
            )
            for part, mistakes in PART_MISTAKES.items()
            for name, functions, message in mistakes
        ),
        Mistake(
            "bits",
            lambda p, q, x: four_measures(p, q, x) / np.array([np.log(2), np.log(2), 1, 1]),
            "KL and JS are in bits (a logarithm to base 2). The question asks for nats, in which "
            "the ceiling of JS is log 2.",
        ),
        Mistake(
            "order",
            tuple(map(_in_another_order, list(itertools.permutations(range(4)))[1:])),
            "The right four numbers in another order. The order is KL, JS, TV, W1.",
        ),
    ],
    hints=[
        "For JS: what is the mixture m where p is 0 but q is not, and can KL(q‖m) be infinite?",
        "JS = KL(p‖m)/2 + KL(q‖m)/2; TV = Σ |p - q| / 2; W1 = Σ |F - G| · gap, where F and G add "
        "up p and q from the left",
        "`def kl(p, q): return np.sum(np.where(p > 0, p * np.log(p / q), 0.0))`, then "
        "`m, gaps = (p + q) / 2, np.diff(x)`, then "
        "`w1 = np.sum(np.abs(np.cumsum(p - q))[:-1] * gaps)`, and then "
        "`return [kl(p, q), (kl(p, m) + kl(q, m)) / 2, np.sum(np.abs(p - q)) / 2, w1]`",
    ],
    insight="Once nothing overlaps, KL, JS and TV say the same however far apart the outcomes lie: "
    "∞, log 2 and 1. Only W1 knows where they lie.",
    lesson=LESSON,
    section="Predict again",
)


QUESTIONS = [KL_SAFE, ADD_ALPHA, FOUR_MEASURES]
