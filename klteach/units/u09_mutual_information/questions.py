"""The questions of unit 09: information in a table, of two normals, and beyond chance."""

import math

import numpy as np

from klteach.practice.common_mistakes import SMALL_NUMBERS, special
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import named_numbers

LESSON = "09_mutual_information"
LN_2 = math.log(2)


# E1: of a table


def margins(p):
    """The probabilities of X, as a column, and those of Y, as a row."""
    return p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)


def product(p):
    of_x, of_y = margins(p)
    return of_x * of_y


def kl(p, q):
    return special().rel_entr(p, q).sum()


def entropy(p):
    return special().entr(p).sum()


def information(p):
    return kl(p, product(p))


def entropies(p):
    """H(X), H(Y), H(X, Y)."""
    of_x, of_y = margins(p)
    return entropy(of_x), entropy(of_y), entropy(p)


def log_ratios(p):
    """log p(x, y) / p(x) p(y): minus infinity where only p(x, y) is 0, and 0 where both are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.log(p / product(p)), nan=0.0, neginf=-np.inf)


def _of_entropies(function):
    return lambda p: function(*entropies(p))


def _of_terms(function):
    """A mistake in what is done with the terms p log(p/q), 0 where p is 0."""
    return lambda p: function(special().rel_entr(p, product(p)))


def _share_of(function):
    """The information as a share of something; 0 where that is 0."""

    def wrong(p):
        whole = function(*entropies(p))
        return information(p) / whole if whole > 1e-12 else 0.0

    return wrong


def _rows(p):
    """KL from the margin of Y of each row, made to sum to 1; rows that never occur left out."""
    of_x, of_y = margins(p)
    seen = of_x[:, 0] > 0
    return special().rel_entr(p[seen] / of_x[seen], of_y).sum(axis=1)


def _columns(p):
    return _rows(p.T)


def _added(how):
    """What is made of the terms by a small number: `how` gets p, the product, the number."""

    def wrong(small):
        def sum_of(p):
            q = np.maximum(product(p), 1e-300)  # where it is 0, p is 0 as well
            return np.sum(special().xlogy(p, how(p, q, small)))

        return sum_of

    return wrong


_beside_both = _added(lambda p, q, small: (p + small) / (q + small))
_beside_product = _added(lambda p, q, small: p / (q + small))
_beside_ratio = _added(lambda p, q, small: p / q + small)


def tables(random):
    """Tables of many shapes, square ones and others, some with zeros."""

    def table(*shape, low=0.5):
        return random.dirichlet(np.full(math.prod(shape), low)).reshape(shape)

    sparse = table(4, 3)
    sparse[[0, 1, 3], [1, 2, 0]] = 0
    return [
        *(case(table(*shape)) for shape in ((2, 2), (3, 3), (2, 4), (5, 2), (6, 7))),
        case(sparse / sparse.sum(), label="pairs that never occur"),
        case([[0, 0.3, 0], [0.5, 0, 0], [0, 0, 0.2]], label="X decides Y, and Y decides X"),
        case([[0.25, 0, 0], [0, 0.25, 0.5]], label="Y decides X"),
        case([[0.2, 0.3], [0, 0], [0.4, 0.1]], label="a value of X that never occurs"),
        case([[0.3, 0.6, 0.1]], label="X is always the same"),
    ]


MUTUAL_INFORMATION = Question(
    "mutual_information",
    points=3,
    reference=information,
    unit="nats",
    where_p_is_zero="A pair that never occurs adds nothing: mask it (`p > 0`) before you take the "
    "logarithm, and divide nowhere by a probability that is 0.",
    visible=[
        case([[0.3, 0.1], [0.1, 0.5]], label="rain and umbrellas"),
        case([[0.12, 0.28], [0.18, 0.42]], label="independent X and Y"),
        case([[0.5, 0], [0.25, 0.25]], label="a pair that never occurs"),
        case([[0.1, 0.2, 0.1], [0.3, 0.1, 0.2]], label="two rows, three columns"),
    ],
    inputs=[tables],
    mistakes=[
        Mistake(
            "product first",
            lambda p: kl(product(p), p),
            "The two tables changed places: yours is KL(product‖joint), averaged under the "
            "product. The pairs come from the joint, so weight by p.",
        ),
        Mistake(
            "weights of the product",
            (
                lambda p: np.sum(np.where(product(p) > 0, product(p) * log_ratios(p), 0)),
                lambda p: np.sum(np.where(p > 0, product(p) * log_ratios(p), 0)),
            ),
            "The right log ratios with the wrong weights: yours are those of the product. The "
            "pairs come from the joint.",
        ),
        Mistake(
            "weights missing",
            (
                lambda p: np.sum(log_ratios(p)),
                lambda p: np.sum(np.where(p > 0, log_ratios(p), 0)),
                lambda p: np.mean(log_ratios(p)),
                lambda p: np.mean(log_ratios(p)[p > 0]),
            ),
            "These are log ratios alone, added up or averaged as if each pair came equally often. "
            "Weight each by how often its pair comes, p.",
        ),
        Mistake(
            "mean for sum",
            (_of_terms(np.mean), lambda p: information(p) / np.count_nonzero(p)),
            "A mean over the cells stands where a sum belongs. The probabilities are the weights "
            "already, and they add up to 1.",
        ),
        Mistake(
            "absolute terms",
            _of_terms(lambda terms: np.abs(terms).sum()),
            "Yours adds the sizes of the terms. Pairs that are rarer than independent ones would "
            "be have negative terms, and they belong in the sum as they are.",
        ),
        Mistake(
            "positive terms only",
            (
                _of_terms(lambda terms: np.maximum(terms, 0).sum()),
                _of_terms(lambda terms: np.minimum(terms, 0).sum()),
            ),
            "Yours has the terms of one sign only. Pairs that are rarer than independent ones "
            "would be have negative terms, the others positive ones; add up all of them.",
        ),
        Mistake(
            "largest term",
            (_of_terms(np.max), lambda p: np.max(log_ratios(p))),
            "This is the largest of the terms, or of the log ratios. Mutual information is their "
            "average over all pairs.",
        ),
        Mistake(
            "logarithm missing",
            (
                lambda p: np.sum(p**2 / np.where(p > 0, product(p), 1)),
                lambda p: np.sum(np.where(p > 0, p / np.where(p > 0, product(p), 1), 0)),
            ),
            "The ratios p(x, y) / p(x) p(y) are there, and their logarithm is not.",
        ),
        Mistake(
            "chi-square",
            (
                lambda p: (np.sum(p**2 / np.where(p > 0, product(p), 1)) - 1) / 2,
                lambda p: np.sum(p**2 / np.where(p > 0, product(p), 1)) - 1,
            ),
            "This is Σ (p - q)²/q, with q the product, or half of it. Mutual information is close "
            "to the half for a weak dependence, and it is something else: take p log(p/q).",
        ),
        Mistake(
            "total variation",
            (
                lambda p: np.abs(p - product(p)).sum() / 2,
                lambda p: np.abs(p - product(p)).sum(),
            ),
            "You added up differences of the joint and the product. Mutual information takes the "
            "logarithm of their ratio, weighted by p.",
        ),
        Mistake(
            "both directions",
            (
                lambda p: kl(p, product(p)) + kl(product(p), p),
                lambda p: (kl(p, product(p)) + kl(product(p), p)) / 2,
            ),
            "You took both directions, KL(joint‖product) and KL(product‖joint). Only the first is "
            "the mutual information.",
        ),
        Mistake(
            "through the middle",
            lambda p: (kl(p, (p + product(p)) / 2) + kl(product(p), (p + product(p)) / 2)) / 2,
            "This is Jensen–Shannon of the joint and the product. The question asks for KL of the "
            "joint from the product itself.",
        ),
        Mistake(
            "sum of both entropies",
            _of_entropies(lambda x, y, both: x + y),
            "This is H(X) + H(Y), which is also the cross-entropy of the joint under the product: "
            "the whole bill. Mutual information is what is too much of it; take away H(X, Y).",
        ),
        Mistake(
            "joint entropy",
            (
                _of_entropies(lambda x, y, both: both),
                _of_entropies(lambda x, y, both: -both),
            ),
            "This is H(X, Y), the surprise of a pair, or the same with a minus: the margins take "
            "no part. Mutual information is what H(X) + H(Y) is more than that.",
        ),
        Mistake(
            "conditional entropy",
            (
                _of_entropies(lambda x, y, both: both - x),
                _of_entropies(lambda x, y, both: both - y),
                _of_entropies(lambda x, y, both: x - both),
                _of_entropies(lambda x, y, both: y - both),
            ),
            "This is H(X, Y) less one of H(X) and H(Y), or the same with a minus: a conditional "
            "entropy, what is still unknown of one when the other is known. Mutual information is "
            "what became known: H(Y) - H(Y|X).",
        ),
        Mistake(
            "variation of information",
            _of_entropies(lambda x, y, both: 2 * both - x - y),
            "This is H(X|Y) + H(Y|X), what the two do not share. Mutual information is what they "
            "do share.",
        ),
        Mistake(
            "entropies added up",
            _of_entropies(lambda x, y, both: x + y + both),
            "H(X, Y) has the wrong sign: it is taken away from H(X) + H(Y), not added.",
        ),
        Mistake(
            "one entropy",
            (
                _of_entropies(lambda x, y, both: x),
                _of_entropies(lambda x, y, both: y),
                _of_entropies(lambda x, y, both: min(x, y)),
                _of_entropies(lambda x, y, both: max(x, y)),
            ),
            "This is the entropy of X or of Y, by itself. It does not ask how they go together: "
            "for independent ones mutual information is 0.",
        ),
        Mistake(
            "normalised",
            (
                _share_of(lambda x, y, both: min(x, y)),
                _share_of(lambda x, y, both: max(x, y)),
                _share_of(lambda x, y, both: (x + y) / 2),
                _share_of(lambda x, y, both: math.sqrt(x * y)),
                _share_of(lambda x, y, both: both),
                _share_of(lambda x, y, both: x),
                _share_of(lambda x, y, both: y),
            ),
            "You divided by an entropy, so yours is a share between 0 and 1. The question asks for "
            "nats.",
        ),
        Mistake(
            "uniform model",
            (
                lambda p: math.log(p.size) - entropy(p),
                lambda p: math.log(len(p)) + math.log(p.shape[1]) - entropy(p),
            ),
            "You compared the joint with cells that are all equally likely. The model that knows "
            "of no dependence is the product of the margins, whatever these are.",
        ),
        Mistake(
            "rows not weighted",
            (
                lambda p: _rows(p).sum(),
                lambda p: _rows(p).mean(),
                lambda p: _columns(p).sum(),
                lambda p: _columns(p).mean(),
            ),
            "KL of each row (or column) from the margin, and then their plain sum or mean. Some "
            "values come more often than others: weight each KL by the probability of its row, or "
            "column.",
        ),
        Mistake(
            "one row only",
            (
                lambda p: kl(p[0], product(p)[0]),
                lambda p: kl(p[-1], product(p)[-1]),
                lambda p: kl(p[:, 0], product(p)[:, 0]),
                lambda p: kl(p[:, -1], product(p)[:, -1]),
                lambda p: kl(p[0, 0], product(p)[0, 0]),
                lambda p: kl(p[-1, -1], product(p)[-1, -1]),
                lambda p: _rows(p)[0],
                lambda p: _rows(p)[-1],
            ),
            "One row, one column or one cell counts in yours, and the others do not. Does a "
            "`return` stand inside a loop, or does each turn overwrite the result (`=`) where it "
            "should add to it (`+=`)?",
        ),
        Mistake(
            "diagonal only",
            _of_terms(np.trace),
            "Only the cells of the diagonal count in yours. X and Y each have values of their own: "
            "every pair of them is a cell.",
        ),
        Mistake(
            "softmax",
            lambda p: information(np.exp(p) / np.exp(p).sum()),
            "You put p through a softmax, as if its entries were logits. They are probabilities "
            "already, and they sum to 1.",
        ),
        Mistake(
            "log1p",
            lambda p: np.sum(p * np.log1p(p / np.where(p > 0, product(p), 1))),
            "`log1p(r)` is log(1 + r), so a ratio of 1 gives log 2 where it should give 0. Take "
            "`np.log`.",
        ),
        Mistake(
            "small number added",
            (
                *map(_beside_both, (1e-2, 1e-3, 1e-4)),
                *map(_beside_product, (number for number in SMALL_NUMBERS if number > 1e-13)),
                *map(_beside_ratio, (number for number in SMALL_NUMBERS if number > 1e-11)),
            ),
            "A small number was added in the logarithm. No logarithm needs one: a pair that never "
            "occurs adds nothing, so mask it (`p > 0`).",
        ),
    ],
    hints=[
        "If X and Y had nothing to do with each other, how often would each pair come? And what "
        "does it cost to believe that?",
        "Σ p(x, y) log [p(x, y) / (p(x) p(y))], over the pairs that occur; p(x) and p(y) are the "
        "sums of the rows and of the columns",
        "`q = p.sum(axis=1, keepdims=True) * p.sum(axis=0)`, `seen = p > 0`, then "
        "`return np.sum(p[seen] * np.log(p[seen] / q[seen]))`",
    ],
    insight="A KL, so never negative and 0 for independent X and Y alone. Exchange X and Y and "
    "nothing changes: both tables turn over together.",
    lesson=LESSON,
    section="The idea",
)


# E2: of two normals


def of_normals(rho):
    return -0.5 * math.log1p(-(rho**2))


def correlations(random):
    """Weak and strong correlations of both signs."""
    drawn = random.uniform(0.05, 0.95, size=6) * np.array([1, -1, 1, -1, 1, -1])
    return [*(case(float(rho)) for rho in drawn), case(0.999), case(-0.01)]


def _minus_log(x):
    return -math.log(x) if x > 0 else math.inf


NORMAL_INFORMATION = Question(
    "normal_information",
    points=1,
    reference=of_normals,
    unit="nats",
    visible=[
        case(0.8, label="a strong correlation"),
        case(-0.6, label="one that falls"),
        case(0.0, label="no correlation"),
        case(0.1, label="a weak one"),
    ],
    inputs=[correlations],
    mistakes=[
        Mistake(
            "half missing",
            lambda rho: -math.log1p(-(rho**2)),
            "Twice too much: the ½ is missing. A normal density has the root of a determinant in "
            "it, here √(1 - ρ²), and the logarithm of a root is half a logarithm.",
        ),
        Mistake(
            "not squared",
            (
                lambda rho: -math.log1p(-rho),
                lambda rho: -math.log1p(-rho) / 2,
                lambda rho: math.log1p(rho) / 2,
                lambda rho: math.log1p(rho),
                lambda rho: -math.log1p(rho) / 2,
            ),
            "ρ and -ρ give different values in yours, and they tell the same. It is ρ² that is "
            "taken away from 1: `1 - rho**2`, and not `1 - rho` or `(1 - rho)**2`.",
        ),
        Mistake(
            "size in the place of the square",
            (
                lambda rho: -math.log1p(-abs(rho)),
                lambda rho: -math.log1p(-abs(rho)) / 2,
                lambda rho: -math.log1p(-math.sqrt(abs(rho))) / 2,
            ),
            "You took |ρ|, or its root, away from 1. It is ρ² that is taken away.",
        ),
        Mistake(
            "plus for minus",
            (
                lambda rho: math.log1p(rho**2) / 2,
                lambda rho: math.log1p(rho**2),
                lambda rho: -math.log1p(rho**2) / 2,
                lambda rho: -math.log1p(rho**2),
            ),
            "Yours has 1 + ρ² under the logarithm. As ρ goes to 1, Y says all about X and the "
            "information grows without end: that takes 1 - ρ².",
        ),
        Mistake(
            "1 minus missing",
            (
                lambda rho: _minus_log(abs(rho)),
                lambda rho: 2 * _minus_log(abs(rho)),
                lambda rho: -_minus_log(abs(rho)),
            ),
            "This is a logarithm of ρ itself: infinite for independent normals. Take ρ² away from "
            "1 first.",
        ),
        Mistake(
            "squared twice",
            (
                lambda rho: -math.log1p(-(rho**4)) / 2,
                lambda rho: -math.log1p(-(rho**4)),
                lambda rho: -math.log1p(-(rho**2)) / 2 * rho**2,
            ),
            "ρ was squared once too often: 1 - ρ² stands under the logarithm, and nothing in front "
            "of it but -½.",
        ),
        Mistake(
            "logarithm missing",
            (
                lambda rho: 1 / math.sqrt(1 - rho**2),
                lambda rho: math.sqrt(1 - rho**2),
                lambda rho: 1 / (1 - rho**2),
                lambda rho: 1 - rho**2,
                lambda rho: (1 - rho**2) / 2,
                lambda rho: -(1 - rho**2) / 2,
                lambda rho: 1 - math.sqrt(1 - rho**2),
                lambda rho: math.exp(-(1 - rho**2) / 2),
            ),
            "The logarithm is missing. For ρ = 0 the information must be 0, and for ρ near 1 it "
            "must have no limit.",
        ),
        Mistake(
            "square of the correlation",
            (
                lambda rho: rho**2,
                lambda rho: rho**2 / 2,
                lambda rho: abs(rho),
                lambda rho: rho,
            ),
            "This is the correlation, its size or its square, perhaps halved. Mutual information "
            "has no limit as ρ goes to 1; for a small ρ it is close to ρ²/2.",
        ),
        Mistake(
            "fisher's z",
            (
                math.atanh,
                lambda rho: math.atanh(abs(rho)),
                lambda rho: 2 * math.atanh(abs(rho)),
                lambda rho: math.atanh(rho**2),
            ),
            "This is ½ log((1 + ρ)/(1 - ρ)), or like it: Fisher's z, which makes correlations "
            "comparable. Mutual information is -½ log((1 + ρ)(1 - ρ)).",
        ),
        Mistake(
            "product first",
            lambda rho: rho**2 / (1 - rho**2) + math.log1p(-(rho**2)) / 2,
            "This is KL(product‖joint). The pairs come from the joint: the other direction is "
            "asked for, and it is shorter.",
        ),
        Mistake(
            "entropy of the pair",
            (
                lambda rho: math.log(2 * math.pi * math.e) + math.log1p(-(rho**2)) / 2,
                lambda rho: math.log(2 * math.pi * math.e),
                lambda rho: math.log(2 * math.pi * math.e * (1 - rho**2)) / 2,
            ),
            "Here is a differential entropy, with its 2πe. In the difference h(X) + h(Y) - h(X, Y) "
            "all of that cancels.",
        ),
        Mistake(
            "half under the logarithm",
            (
                lambda rho: _minus_log((1 - rho**2) / 2),
                lambda rho: _minus_log(1 - rho**2 / 2),
                lambda rho: _minus_log(1 - rho**2 / 2) / 2,
                lambda rho: math.log((1 - rho**2) / 2),
            ),
            "A ½ went under the logarithm. It stands in front of it: -½ log(1 - ρ²).",
        ),
    ],
    hints=[
        "Mutual information is the KL of the joint normal from the product of its margins. What "
        "are the determinants of the two covariance matrices?",
        "I(X; Y) = -½ log(1 - ρ²)",
        "`return -0.5 * np.log(1 - rho**2)`",
    ],
    insight="Neither the means nor the units of X and Y take part. Near ρ = 0 it is ρ²/2, so a "
    "correlation ten times smaller tells a hundred times less; as ρ goes to 1 it has no limit.",
    lesson=LESSON,
    section="By code",
)


# E3: beyond chance


def plug_in(x, y):
    """The mutual information of the shares of the pairs."""
    counts = np.zeros((x.max() + 1, y.max() + 1))
    np.add.at(counts, (x, y), 1)
    return information(counts / len(x))


def null_of(x, y, orders):
    return np.array([plug_in(x, y[order]) for order in orders])


def beyond_chance(x, y, orders):
    observed, null = plug_in(x, y), null_of(x, y, orders)
    return observed, observed - null.mean(), (1 + np.sum(null >= observed)) / (1 + len(null))


def shuffles(x, y, random, pairs, itself):
    """Orders of the rows: each with the one that undoes it, so that x may be shuffled as well as y.

    None gives nearly the same information as the data, where rounding would decide; but `itself`
    adds the order that leaves all in place, whose information is the same whoever computes it.
    """
    found = [np.arange(len(x))] if itself else []
    observed = plug_in(x, y)
    while len(found) < 2 * pairs:
        order = random.permutation(len(x))
        back = np.argsort(order)
        if all(abs(plug_in(x, y[each]) - observed) > 1e-6 for each in (order, back)):
            found += [order, back]
    return np.array(found)


def data(random, rows, kinds, dependence, pairs, itself=False, label=""):
    """Two columns of labels, so many of each, of which y follows x in a share of the rows."""
    x = random.integers(kinds[0], size=rows)
    y = np.where(
        random.random(rows) < dependence, x % kinds[1], random.integers(kinds[1], size=rows)
    )
    return case(x, y, shuffles(x, y, random, pairs, itself), label=label)


def columns(random):
    """Dependent and independent columns, few and many labels, one label that never occurs."""
    x, y = random.integers(2, size=(2, 30))
    gap = case(3 * x, 2 * y, shuffles(3 * x, 2 * y, random, 5, True), label="labels with gaps")
    return [
        data(random, 40, (3, 3), 0.5, 6),
        data(random, 60, (4, 3), 0.0, 8, itself=True),
        data(random, 25, (5, 5), 0.2, 5),
        data(random, 80, (2, 6), 0.6, 4, itself=True),
        data(random, 50, (6, 2), 0.0, 7),
        gap,
        data(random, 90, (14, 3), 0.5, 4, label="fourteen labels beside three"),
    ]


def _parts(function):
    """A wrong answer from what was observed and the null."""

    def wrong(x, y, orders):
        observed, null = plug_in(x, y), null_of(x, y, orders)
        return np.array(function(observed, null), dtype=float)

    return wrong


def tail(observed, null):
    return (1 + np.sum(null >= observed)) / (1 + len(null))


def _excess(function):
    """The excess wrong, the p-value right, or right but for the 1 above and below."""
    return (
        _parts(lambda o, null: (o, function(o, null), tail(o, null))),
        _parts(lambda o, null: (o, function(o, null), np.mean(null >= o))),
    )


def _p_value(function):
    """The p-value wrong, all else right."""
    return _parts(lambda o, null: (o, o - null.mean(), function(o, null)))


def _with_null(draw):
    """The right steps on the draws of another null."""

    def wrong(x, y, orders):
        observed, null = plug_in(x, y), np.array(draw(x, y, orders))
        return np.array([observed, observed - null.mean(), tail(observed, null)])

    return wrong


def _one_after_the_other(x, y, orders):
    null = []
    for order in orders:
        y = y[order]
        null.append(plug_in(x, y))
    return null


def _in_ten_bins(x, y, orders):
    def coarse(labels):
        return np.searchsorted(np.linspace(labels.min(), labels.max(), 11)[1:-1], labels, "right")

    return np.array(beyond_chance(coarse(x), coarse(y), orders))


def _from_the_last(x, y, orders):
    """The column was shuffled in place, so what is called observed is the last shuffle."""
    null = np.array(_one_after_the_other(x, y, orders))
    return np.array([null[-1], null[-1] - null.mean(), tail(null[-1], null)])


def _cells(x, y):
    return len(np.unique(x)), len(np.unique(y))


def _by_formula(x, y, orders):
    observed, null = plug_in(x, y), null_of(x, y, orders)
    rows, columns = _cells(x, y)
    bias = (rows - 1) * (columns - 1) / (2 * len(x))
    return np.array([observed, observed - bias, tail(observed, null)])


def which_of_the_three(e):
    """Which of the three numbers are right on every input, and what to look at."""
    right = np.isclose(e.values, e.references, rtol=1e-6, atol=1e-12).all(axis=0)
    p_values = np.array(e.values)[:, 2]
    if right[0] and right[1]:
        no_share = ((p_values < 0) | (p_values > 1)).any()
        return "The plug-in information and the excess are right, the p-value is not" + (
            ", and it is no share between 0 and 1: `(1 + a) / (1 + b)` needs both pairs of "
            "brackets."
            if no_share
            else ". Is it counted from the shuffles, all of them and nothing else?"
        )
    if right[0] and right[2]:
        return (
            "The plug-in information and the p-value are right, the excess is not: what was "
            "observed, less the mean of the shuffles."
        )
    if right[0]:
        return (
            "The plug-in information is right, the excess and the p-value are not. Do both come "
            "from the shuffles, each of them `y[order]` with `y` as it came, and `order` a row of "
            "`orders`?"
        )
    if right[1] and right[2]:
        return (
            "The excess and the p-value are right, the plug-in information is not: something is "
            "missing from it that shuffling does not change, such as H(X) + H(Y)."
        )
    return (
        "The plug-in information is not right, and the other two are made from it. Print it for a "
        "few rows and compare it with what E1 gives for the table of their shares."
    )


BEYOND_CHANCE = Question(
    "beyond_chance",
    points=3,
    reference=beyond_chance,
    unit="nats",
    returns=named_numbers("plug-in", "excess", "p-value"),
    rows=(which_of_the_three,),
    exchangeable=False,
    visible=[
        case([0, 0, 1, 1], [0, 0, 1, 1], [[0, 1, 2, 3], [0, 2, 1, 3]], label="y is x"),
        case([0, 0, 1, 1], [0, 1, 0, 1], [[0, 2, 1, 3], [0, 1, 2, 3]], label="independent columns"),
        case([0, 0, 1, 2], [0, 1, 1, 1], [[2, 1, 0, 3], [0, 1, 2, 3]], label="three labels"),
    ],
    inputs=[columns],
    mistakes=[
        Mistake(
            "compared with 0",
            (
                *_excess(lambda o, null: o),
                _parts(lambda o, null: (o, o, np.mean(null <= 0))),
                _parts(lambda o, null: (o, o, 1 / (1 + len(null)))),
                _parts(lambda o, null: (o, o, 1.0)),
                _parts(lambda o, null: (o, o, 0.0)),
            ),
            "You compared with 0, as if independent columns had a plug-in information of 0. They "
            "have more, since chance alone makes a table uneven. What is left over is what goes "
            "beyond the mean of the shuffles.",
        ),
        Mistake(
            "mean of the null",
            _excess(lambda o, null: null.mean()),
            "Your excess is what chance leaves, the mean over the shuffles. The question asks for "
            "what the data have beyond it.",
        ),
        Mistake(
            "sign",
            _excess(lambda o, null: null.mean() - o),
            "Your excess has the wrong sign: what was observed comes first, and the mean of "
            "the shuffles is taken away from it.",
        ),
        Mistake(
            "median",
            _excess(lambda o, null: o - np.median(null)),
            "You took away the median of the shuffles. Their mean is asked for.",
        ),
        Mistake(
            "quantile",
            (
                *_excess(lambda o, null: o - np.quantile(null, 0.95)),
                *_excess(lambda o, null: o - null.max()),
            ),
            "You took away the largest of the shuffles, or a high quantile. That is a threshold: "
            "for the excess take away their mean.",
        ),
        Mistake(
            "standard scores",
            (
                *_excess(lambda o, null: (o - null.mean()) / null.std()),
                *_excess(lambda o, null: (o - null.mean()) / null.std(ddof=1)),
            ),
            "You divided by the standard deviation of the shuffles. The excess is asked for in "
            "nats, without that.",
        ),
        Mistake(
            "ratio",
            (
                *_excess(lambda o, null: o / null.mean()),
                *_excess(lambda o, null: (o - null.mean()) / o),
            ),
            "You divided where only a difference is asked for: what was observed, less the mean "
            "of the shuffles, in nats.",
        ),
        Mistake(
            "observed in the mean",
            _excess(lambda o, null: o - (o + null.sum()) / (1 + len(null))),
            "What was observed went into the mean, as if it were one more shuffle. That 1 belongs "
            "to the p-value alone.",
        ),
        Mistake(
            "bits",
            (
                _parts(lambda o, null: (o / LN_2, (o - null.mean()) / LN_2, tail(o, null))),
                _parts(lambda o, null: (o / LN_2, (o - null.mean()) / LN_2, np.mean(null >= o))),
            ),
            "Your information is in bits. The question asks for nats.",
        ),
        Mistake(
            "changed at the end",
            (
                *_excess(lambda o, null: (o - null.mean()) * 100),
                *_excess(lambda o, null: max(o - null.mean(), 0)),
            ),
            "Your excess was changed at the end: cut off at 0, or made a percentage. It may be "
            "negative, and it is in nats.",
        ),
        Mistake(
            "formula for the shuffles",
            _by_formula,
            "You took away (rows - 1)(columns - 1)/2n. That is about what chance leaves in a large "
            "sample; here the mean of the shuffles is asked for, which needs no large sample.",
        ),
        Mistake(
            "both columns shuffled alike",
            (
                _parts(lambda o, null: (o, 0.0, 1.0)),
                _parts(lambda o, null: (o, 0.0, 0.0)),
            ),
            "After each shuffle yours finds the information that was there before. Were both "
            "columns put into the same new order, or was the column never shuffled? Shuffle one of "
            "them, so that the pairs come apart.",
        ),
        Mistake(
            "one shuffle after the other",
            _with_null(_one_after_the_other),
            "Each order was applied to a column that was shuffled before. Begin from `y` itself "
            "each time: `y[order]`, without giving it the name `y`.",
        ),
        Mistake(
            "shuffled before it was observed",
            _from_the_last,
            "What you compare with the shuffles is itself a shuffle: `y` had been overwritten. "
            "Keep the plug-in information of `x` and `y` as they came.",
        ),
        Mistake(
            "first order only",
            _with_null(lambda x, y, orders: null_of(x, y, orders[:1])),
            "Only the first order counts in yours. Does something stand inside the loop that "
            "belongs behind it?",
        ),
        Mistake(
            "last order only",
            (
                _with_null(lambda x, y, orders: null_of(x, y, orders[-1:])),
                _with_null(lambda x, y, orders: null_of(x, y, orders[:-1])),
                _with_null(lambda x, y, orders: null_of(x, y, orders[1:])),
            ),
            "Only the last order counts in yours, or one of the orders at the ends does not. Keep "
            "the information of each shuffle in a list.",
        ),
        Mistake(
            "ten bins",
            _in_ten_bins,
            "With more than ten labels some of them share a cell in yours, as in "
            "`np.histogram2d(x, y)`, which makes ten bins of each column. Give each label a cell "
            "of its own.",
        ),
        Mistake(
            "1 missing",
            _p_value(lambda o, null: np.mean(null >= o)),
            "Your p-value is the plain share of the shuffles. The data themselves are one more "
            "way to deal the columns: add 1 above and 1 below, and it is never 0.",
        ),
        Mistake(
            "1 on one side",
            (
                _p_value(lambda o, null: (1 + np.sum(null >= o)) / len(null)),
                _p_value(lambda o, null: np.sum(null >= o) / (1 + len(null))),
                _p_value(lambda o, null: 1 + np.sum(null >= o) / (1 + len(null))),
                _p_value(lambda o, null: 1 + np.mean(null >= o)),
            ),
            "In your p-value the 1 stands on one side of the fraction only, or beside it. It is "
            "counted above and below, and the fraction needs brackets for that: "
            "`(1 + a) / (1 + b)`.",
        ),
        Mistake(
            "ties left out",
            (
                _p_value(lambda o, null: (1 + np.sum(null > o)) / (1 + len(null))),
                _p_value(lambda o, null: np.mean(null > o)),
            ),
            "Shuffles that give exactly what was observed do not count in your p-value. They "
            "reach it, so they count: `>=`.",
        ),
        Mistake(
            "other tail",
            (
                _p_value(lambda o, null: (1 + np.sum(null <= o)) / (1 + len(null))),
                _p_value(lambda o, null: (1 + np.sum(null < o)) / (1 + len(null))),
                _p_value(lambda o, null: np.mean(null <= o)),
                _p_value(lambda o, null: np.mean(null < o)),
                _p_value(lambda o, null: 1 - tail(o, null)),
            ),
            "Your p-value counts the shuffles that stay below. It is the other way round: how many "
            "of them reach what was observed?",
        ),
        Mistake(
            "two tails",
            (
                _p_value(lambda o, null: 2 * tail(o, null)),
                _p_value(lambda o, null: min(1.0, 2 * tail(o, null))),
                _p_value(
                    lambda o, null: (
                        (1 + np.sum(np.abs(null - null.mean()) >= abs(o - null.mean())))
                        / (1 + len(null))
                    )
                ),
            ),
            "You counted both tails. Dependence only makes the information larger: one tail is "
            "enough, the upper one.",
        ),
        Mistake(
            "a number of shuffles",
            (
                _p_value(lambda o, null: np.sum(null >= o)),
                _p_value(lambda o, null: 1 + np.sum(null >= o)),
                _p_value(lambda o, null: 100 * tail(o, null)),
                _p_value(lambda o, null: 100 * np.mean(null >= o)),
            ),
            "In the place of the p-value stands a count of shuffles, or a percentage. It is a "
            "share between 0 and 1.",
        ),
        Mistake(
            "a verdict",
            (
                _p_value(lambda o, null: float(tail(o, null) < 0.05)),
                _p_value(lambda o, null: float(tail(o, null) <= 0.05)),
                _p_value(lambda o, null: float(tail(o, null) >= 0.05)),
                _p_value(lambda o, null: float(o > null.mean())),
                _p_value(lambda o, null: float(o > np.quantile(null, 0.95))),
                _p_value(lambda o, null: np.quantile(null, 0.95)),
            ),
            "In the place of the p-value stands a verdict, 0 or 1, or a threshold. The p-value is "
            "the share that a verdict is made from.",
        ),
        Mistake(
            "in the other order",
            (
                _parts(lambda o, null: (o, tail(o, null), o - null.mean())),
                _parts(lambda o, null: (o - null.mean(), o, tail(o, null))),
                _parts(lambda o, null: (o - null.mean(), tail(o, null), o)),
                _parts(lambda o, null: (tail(o, null), o, o - null.mean())),
                _parts(lambda o, null: (tail(o, null), o - null.mean(), o)),
            ),
            "The right three numbers, in another order: first the plug-in information, then the "
            "excess, then the p-value.",
        ),
    ],
    hints=[
        "If the columns had nothing to do with each other, what would change when one of them is "
        "shuffled? What does that say about the plug-in information of the shuffled data?",
        "observed; observed less the mean of the null; (1 + how many of the null are ≥ observed) / "
        "(1 + how many orders)",
        "`def f(x, y): p = np.zeros((x.max() + 1, y.max() + 1)); np.add.at(p, (x, y), 1 / len(x)); "
        "q = np.outer(p.sum(1), p.sum(0)); m = p > 0; return np.sum(p[m] * np.log(p[m] / q[m]))`, "
        "`null = np.array([f(x, y[o]) for o in orders])`, `a = f(x, y)`, "
        "`return [a, a - null.mean(), (1 + np.sum(null >= a)) / (1 + len(null))]`",
    ],
    insight="Shuffling keeps each column as it is and makes them independent: exactly the model "
    "that mutual information asks about. It needs no formula for the bias, and no large sample.",
    lesson=LESSON,
    section="Predict again",
)


QUESTIONS = [MUTUAL_INFORMATION, NORMAL_INFORMATION, BEYOND_CHANCE]
