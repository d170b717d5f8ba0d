"""The questions of unit 15: KL of counts, the loss of labels, a fit, and what fits leave over."""

import math

import numpy as np

from klteach.practice.common_mistakes import PADDED, REMOVED, SMALL_NUMBERS, terms
from klteach.practice.evidence import Evidence, Found
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import named_numbers

LESSON = "15_maximum_likelihood"
LN_2 = math.log(2)


def shares(counts):
    return counts / counts.sum()


def entropy(p):
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def kl(p, q):
    return terms(p, q).sum()


# E1: KL of counts


def kl_from_shares(counts, q):
    return kl(shares(counts), q)


def smoothed(alpha):
    return lambda counts, q: kl((counts + alpha) / (counts + alpha).sum(), q)


def cross_entropy(p, q):
    occurs = p > 0
    return -(p[occurs] * np.log(q[occurs])).sum()


def log_odds_of_terms(counts, q):
    """KL(q‖p), infinite where a count is 0 and q is not."""
    return kl(q, shares(counts))


def chi_square(counts, q):
    p, there = shares(counts), (counts > 0) | (q > 0)
    return ((p - q)[there] ** 2 / q[there]).sum()


def _padded(function):
    """The function with each of the small numbers as its last argument."""
    return tuple(lambda counts, q, x=x: function(counts, q, x) for x in SMALL_NUMBERS)


def counted_tables(random):
    """Counts few and many, with zeros and without, against models with zeros and without."""
    cases = []
    for size, rows in ((2, 8), (4, 40), (7, 30), (50, 400)):
        p, q = random.dirichlet(np.ones(size), size=2)
        cases.append(case(random.multinomial(rows, p), q))
    ruled_out = random.dirichlet(np.ones(5))
    ruled_out[2] = 0
    return [
        *cases,
        case([5, 3, 2], [0.5, 0.3, 0.2], label="a model that is the shares"),
        case([0, 12, 0, 8, 4], ruled_out / ruled_out.sum(), label="both rule the third out"),
        case([6, 1, 3, 8, 4], ruled_out / ruled_out.sum()),
        case([700_000, 200_000, 100_000], [0.1, 0.3, 0.6], label="a million rows"),
    ]


KL_OF_COUNTS = Question(
    "kl_of_counts",
    points=2,
    reference=kl_from_shares,
    unit="nats",
    where_p_is_zero="An outcome without a row has the share 0 and adds nothing: mask it "
    "(`counts > 0`) before you take the logarithm.",
    visible=[
        case([7, 2, 1], [0.1, 0.3, 0.6], label="ten rows"),
        case([3, 0, 1], [0.5, 0.25, 0.25], label="an outcome without a row"),
        case([2, 1, 1], [0.5, 0.5, 0.0], label="a row that the model rules out"),
    ],
    inputs=[counted_tables],
    mistakes=[
        Mistake(
            "smoothed",
            tuple(smoothed(alpha) for alpha in (1, 0.5, 0.1, 0.01, 2)),
            "You added a number to the counts first. That is a good thing to do to a *model*; here "
            "the counts are the data, and an outcome without a row weighs nothing.",
        ),
        Mistake(
            "swapped",
            log_odds_of_terms,
            "This is KL(q‖P̂). The rows come from the data, so their shares are the weights and "
            "stand first: KL(P̂‖q).",
        ),
        Mistake(
            "counts as they are",
            lambda c, q: terms(c.astype(float), q).sum(),
            "You took the counts as if they were shares. Divide by the number of rows first.",
        ),
        Mistake(
            "sign",
            lambda c, q: -kl_from_shares(c, q),
            "This is minus KL. Inside the logarithm the share stands above the line, P̂/q, and "
            "there is no minus in front.",
        ),
        Mistake(
            "first outcome alone",
            lambda c, q: terms(shares(c), q)[0],
            "Only the first outcome is in yours. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "outcomes without a row left out of q",
            lambda c, q: kl(shares(c)[c > 0], shares(q[c > 0])),
            "The model's probabilities of the outcomes that came add up to 1 in yours. What it "
            "gives to the others is lost to it, and that is a part of KL: leave q as it is.",
        ),
        Mistake(
            "infinite without a row",
            lambda c, q: kl_from_shares(c, q) if (c > 0).all() else np.inf,
            "Infinite where an outcome has no row. Such an outcome adds nothing; what is "
            "infinitely expensive is a row that the model rules out.",
        ),
        Mistake(
            "another total",
            (
                lambda c, q: terms(c / len(c), q).sum(),
                lambda c, q: terms(c / c.max(), q).sum(),
            ),
            "Your shares do not add up to 1: the counts were divided by the number of outcomes, or "
            "by the largest count. A share is a count divided by the number of rows.",
        ),
        Mistake(
            "one row less",
            lambda c, q: terms(c / (c.sum() - 1), q).sum(),
            "You divided by the number of rows less one, as an unbiased variance does. Shares are "
            "divided by the number of rows: they must add up to 1.",
        ),
        Mistake(
            "difference of entropies",
            (
                lambda c, q: entropy(q) - entropy(shares(c)),
                lambda c, q: entropy(shares(c)) - entropy(q),
            ),
            "This is a difference of two entropies. Each of them prices its own outcomes; KL has "
            "the model's price for the rows of the data, -log q with the shares as weights.",
        ),
        Mistake(
            "both directions",
            (
                lambda c, q: kl_from_shares(c, q) + log_odds_of_terms(c, q),
                lambda c, q: (kl_from_shares(c, q) + log_odds_of_terms(c, q)) / 2,
                lambda c, q: ((shares(c) - q) * np.log(shares(c) / q))[(c > 0) & (q > 0)].sum(),
            ),
            "Both directions are in yours, as in Jeffreys' divergence or PSI. Maximum likelihood "
            "has one: KL(P̂‖q).",
        ),
        Mistake(
            "Jensen-Shannon",
            lambda c, q: (kl(shares(c), (shares(c) + q) / 2) + kl(q, (shares(c) + q) / 2)) / 2,
            "This is the Jensen–Shannon divergence, from the middle of the two. The question asks "
            "for KL from the shares to q itself.",
        ),
        Mistake(
            "total variation",
            (
                lambda c, q: np.abs(shares(c) - q).sum() / 2,
                lambda c, q: np.abs(shares(c) - q).sum(),
            ),
            "These are differences of probabilities, as in total variation. KL has logarithms of "
            "ratios.",
        ),
        Mistake(
            "divided by log K",
            lambda c, q: kl_from_shares(c, q) / math.log(len(c)),
            "You divided by the logarithm of the number of outcomes. KL in nats needs no such "
            "scale.",
        ),
        Mistake(
            "log1p",
            lambda c, q: (shares(c) * np.log1p(shares(c) / q))[c > 0].sum(),
            "You added 1 inside the logarithm (`np.log1p`). Where share and model agree, log(1 + 1)"
            " is not 0.",
        ),
        Mistake(
            "sizes of the terms",
            lambda c, q: np.abs(terms(shares(c), q)).sum(),
            "You added up the sizes of the terms, without their signs. Where the model says more "
            "than the share, the term is negative, and rightly so.",
        ),
        Mistake(
            "weighted by counts",
            lambda c, q: c.sum() * kl_from_shares(c, q),
            "The logarithms are right, and the weights are counts: this is the number of rows "
            "times KL.",
        ),
        Mistake(
            "ratio of counts",
            lambda c, q: kl_from_shares(c, q) + math.log(c.sum()),
            "The weights are shares, and inside the logarithm stands the count itself. It must be "
            "the share there, too.",
        ),
        Mistake(
            "loss",
            lambda c, q: cross_entropy(shares(c), q),
            "This is the loss, the mean of -log q over the rows. KL is what is left of it when "
            "H(P̂), which no model can change, is taken away.",
        ),
        Mistake(
            "log-likelihood",
            (
                lambda c, q: -cross_entropy(c.astype(float), q),
                lambda c, q: cross_entropy(c.astype(float), q),
            ),
            "This is the log-likelihood of all rows, or minus it: counts times log q. KL compares "
            "the shares with q.",
        ),
        Mistake(
            "floor",
            lambda c, q: entropy(shares(c)),
            "This is H(P̂), the floor under every model's loss. KL is how far above it q is.",
        ),
        Mistake(
            "entropy added",
            lambda c, q: cross_entropy(shares(c), q) + entropy(shares(c)),
            "Loss and H(P̂) are added up in yours. The loss holds H(P̂) already: take it away.",
        ),
        Mistake(
            "weighted by q",
            lambda c, q: (q * np.log(shares(c) / q))[(q > 0) & (c > 0)].sum(),
            "The weights of your log ratios are q. The rows come from the data, so their shares "
            "are the weights.",
        ),
        Mistake(
            "without weights",
            lambda c, q: np.log(shares(c)[c > 0] / q[c > 0]).sum(),
            "The log ratios are added up without weights. Each belongs to a share of the rows.",
        ),
        Mistake(
            "likelihood-ratio statistic",
            (
                lambda c, q: 2 * c.sum() * kl_from_shares(c, q),
                lambda c, q: 2 * kl_from_shares(c, q),
            ),
            "There is a factor 2, as in the likelihood-ratio statistic G = 2n·KL. The question "
            "asks for KL itself.",
        ),
        Mistake(
            "chi-square",
            (chi_square, lambda c, q: c.sum() * chi_square(c, q)),
            "This is chi-square, squared differences over what the model says. KL has logarithms "
            "of ratios.",
        ),
        Mistake(
            "padded",
            (
                *_padded(lambda c, q, x: kl(shares(c), q + x)),
                *_padded(lambda c, q, x: kl(shares(c), np.maximum(q, x))),
                *_padded(lambda c, q, x: kl(shares(c), shares(q + x))),
                *_padded(lambda c, q, x: kl(shares(c) + x, q + x)),
                *_padded(lambda c, q, x: kl(np.maximum(shares(c), x), np.maximum(q, x))),
                *_padded(lambda c, q, x: (shares(c) * np.log((shares(c) + x) / (q + x))).sum()),
            ),
            PADDED,
        ),
        Mistake(
            "removed",
            lambda c, q: terms(shares(c), q)[q > 0].sum(),
            REMOVED,
        ),
        Mistake(
            "mean over outcomes",
            lambda c, q: kl_from_shares(c, q) / len(c),
            "Divided by the number of outcomes. The shares are weights already, and they add up "
            "to 1: sum, do not average.",
        ),
    ],
    hints=[
        "What is the distribution of a row that is drawn from the data at random? And which of the "
        "two, data or model, supplies the rows?",
        "P̂ = counts / rows, and KL = Σ P̂ log(P̂/q) over the outcomes that have rows",
        "`p, occurs = counts / counts.sum(), counts > 0` and then "
        "`return np.sum(p[occurs] * np.log(p[occurs] / q[occurs]))`",
    ],
    insight="0 only for the model that is the shares themselves, which is what maximum likelihood "
    "makes of a table without constraints. A row that q rules out is infinitely expensive.",
    lesson=LESSON,
    section="The idea",
)


# E2: the loss of labels and logits


def log_softmax(logits, axis=-1):
    top = logits.max(axis=axis, keepdims=True)
    return logits - top - np.log(np.exp(logits - top).sum(axis=axis, keepdims=True))


def of_labels(table, labels):
    return table[np.arange(len(labels)), labels]


def mean_loss(logits, labels):
    return float(-of_labels(log_softmax(logits), labels).mean())


def softmax(logits, axis=-1):
    return np.exp(log_softmax(logits, axis))


def mean_over_classes(logits, labels):
    losses = -of_labels(log_softmax(logits), labels)
    return np.mean([losses[labels == label].mean() for label in np.unique(labels)])


def brier(logits, labels):
    """The squared distance of each probability from 1 for the label, and 0 for the others."""
    return (softmax(logits) - np.eye(logits.shape[1])[labels]) ** 2


def _label_logits(logits, labels):
    return of_labels(logits, labels)


def underflow(logits, labels):
    """The logarithm of a probability that became 0 before."""
    scaled = np.exp(logits - logits.max(axis=-1, keepdims=True))
    q = scaled / scaled.sum(axis=-1, keepdims=True)
    return -np.log(of_labels(q, labels)).mean()


def padded_softmax(x):
    return lambda logits, labels: -np.log(of_labels(softmax(logits), labels) + x).mean()


def clipped_softmax(x):
    return lambda logits, labels: -np.log(np.maximum(of_labels(softmax(logits), labels), x)).mean()


def shifted(logits, labels):
    """The loss of the next label, as if labels had not been shifted yet."""
    return mean_loss(logits[:-1], labels[1:])


def batches(random):
    """Few tokens and many, more classes than tokens and fewer, and logits in the thousands."""
    cases = []
    for tokens, size in ((2, 5), (3, 3), (6, 4), (40, 7), (5, 60)):
        logits = random.normal(0, 2, (tokens, size))
        cases.append(case(logits, random.integers(0, size, tokens)))
    # in quarters, which single precision holds exactly however large they are
    large = random.integers(-8, 9, (4, 3)) / 4 + [[1000.0], [-1000.0], [0.0], [5000.0]]
    certain = random.integers(-8, 9, (20, 3)) / 4
    certain[7] = 800.0, 0.0, 10.0
    labels = random.integers(0, 3, 20)
    labels[7] = 1
    return [
        *cases,
        case(large, random.integers(0, 3, 4), label="logits far from 0"),
        case(certain, labels, label="20 tokens, of one of which it is sure, and wrong"),
    ]


TOKEN_LOSS = Question(
    "token_loss",
    points=2,
    reference=mean_loss,
    unit="nats",
    exchangeable=False,
    visible=[
        case([[5.0, 0.0], [3.0, 0.0], [0.0, 2.0]], [0, 1, 1], label="three tokens, two classes"),
        case([[2.0, 0.0, 1.0], [0.0, 1.0, -1.0]], [0, 2], label="two tokens, three classes"),
        case([[0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]], [3, 1], label="logits that say nothing"),
    ],
    inputs=[batches],
    mistakes=[
        Mistake(
            "perplexity",
            lambda z, y: math.exp(mean_loss(z, y)),
            "This is the perplexity, e to the loss. The question asks for the loss itself.",
        ),
        Mistake(
            "sum",
            lambda z, y: len(y) * mean_loss(z, y),
            "The sum over the tokens: minus the log-likelihood of the whole text. The loss is the "
            "mean.",
        ),
        Mistake(
            "no softmax",
            lambda z, y: -_label_logits(z, y).mean(),
            "You took the logit of the label for its log probability. A logit becomes one when the "
            "log of Σ exp(logits) of its row is taken away.",
        ),
        Mistake(
            "labels' logits missing",
            lambda z, y: (z - log_softmax(z))[:, 0].mean(),
            "This is the mean of log Σ exp(logits). The logit of each label still has to be taken "
            "away from it.",
        ),
        Mistake(
            "label's logit added",
            lambda z, y: (2 * _label_logits(z, y) + of_labels(-log_softmax(z), y)).mean(),
            "You added the logit of the label to the log of Σ exp(logits). Take it away: the "
            "larger it is, the smaller the loss.",
        ),
        Mistake(
            "largest logit not added back",
            (
                lambda z, y: (
                    np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1))
                    - _label_logits(z, y)
                ).mean(),
            ),
            "The largest logit of the row was taken away inside the exponentials and is not added "
            "back to their logarithm. Or take it away from the label's logit as well.",
        ),
        Mistake(
            "largest in the place of the label",
            lambda z, y: -log_softmax(z).max(axis=1).mean(),
            "You took -log q of the class with the largest logit. The question asks for that of "
            "the label, of what came.",
        ),
        Mistake(
            "margin",
            lambda z, y: (z.max(axis=1) - _label_logits(z, y)).mean(),
            "This is how far the label's logit is behind the largest one. The log of Σ exp(logits) "
            "belongs where you have the largest logit; it is always above it.",
        ),
        Mistake(
            "classes weigh alike",
            mean_over_classes,
            "You averaged class by class and then over the classes, so that a rare label weighs as "
            "much as a common one. Every token weighs the same.",
        ),
        Mistake(
            "one token left out",
            (
                lambda z, y: mean_loss(z[:-1], y[:-1]),
                lambda z, y: mean_loss(z[1:], y[1:]),
            ),
            "The first or the last token is left out. Each row has its label: all of them count.",
        ),
        Mistake(
            "smoothed labels",
            tuple(
                lambda z, y, e=e: (
                    -(
                        (1 - e) * of_labels(log_softmax(z), y) + e * log_softmax(z).mean(axis=1)
                    ).mean()
                )
                for e in (0.05, 0.1, 0.2)
            ),
            "A part of the weight went to all classes alike, as in label smoothing. Here the label "
            "has all of it.",
        ),
        Mistake(
            "sum, in bits",
            lambda z, y: len(y) * mean_loss(z, y) / LN_2,
            "The sum over the tokens, and in bits: the size of the text if the model compresses "
            "it. The question asks for the mean, in nats.",
        ),
        Mistake(
            "base 2 in the normaliser",
            (
                lambda z, y: (np.logaddexp2.reduce(z, axis=1) - _label_logits(z, y)).mean(),
                lambda z, y: (np.logaddexp.reduce(z, axis=1) / LN_2 - _label_logits(z, y)).mean(),
            ),
            "A base of 2 came into the log of Σ exp(logits), and not into the logits. Softmax "
            "takes powers of e, so the logarithm is the natural one.",
        ),
        Mistake(
            "sigmoid of the label's logit",
            lambda z, y: np.logaddexp(0, -_label_logits(z, y)).mean(),
            "This is the loss of a sigmoid of the label's logit alone, for a yes or no. A softmax "
            "weighs it against the other classes of its row.",
        ),
        Mistake(
            "first token alone",
            (
                lambda z, y: -of_labels(log_softmax(z), y)[0],
                lambda z, y: -of_labels(log_softmax(z), y)[0] / len(y),
            ),
            "Only the first token is in yours. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "last token alone",
            (
                lambda z, y: -of_labels(log_softmax(z), y)[-1],
                lambda z, y: -of_labels(log_softmax(z), y)[-1] / len(y),
            ),
            "Only the last token is in yours. Is a sum overwritten in the loop, `=` for `+=`?",
        ),
        Mistake(
            "median",
            lambda z, y: -np.median(of_labels(log_softmax(z), y)),
            "This is the median over the tokens, which does not see how bad the bad ones are. The "
            "loss is the mean.",
        ),
        Mistake(
            "squared error",
            (
                lambda z, y: brier(z, y).sum(axis=1).mean(),
                lambda z, y: brier(z, y).mean(),
            ),
            "This is the Brier score, the squared deviation of the probabilities from the label. "
            "The question asks for -log q of the label.",
        ),
        Mistake(
            "softmax over tokens",
            lambda z, y: -of_labels(log_softmax(z, axis=0), y).mean(),
            "Your softmax goes down the columns, over the tokens. Each token, a row, has its own "
            "distribution over the classes: `axis=1`.",
        ),
        Mistake(
            "softmax over everything",
            lambda z, y: -of_labels(log_softmax(z.reshape(1, -1)).reshape(z.shape), y).mean(),
            "One softmax for the whole table: all its entries add up to 1 in yours. Each row has a "
            "distribution of its own.",
        ),
        Mistake(
            "softmax twice",
            lambda z, y: mean_loss(softmax(z), y),
            "Softmax came twice: probabilities went in where logits belong. It runs and trains, "
            "and the loss can never get near 0.",
        ),
        Mistake(
            "logarithm after the mean",
            lambda z, y: -math.log(max(of_labels(softmax(z), y).mean(), 1e-300)),
            "You took the logarithm of the mean probability. Likelihoods multiply, so it is the "
            "logarithms that are averaged.",
        ),
        Mistake(
            "no logarithm",
            (
                lambda z, y: 1 - of_labels(softmax(z), y).mean(),
                lambda z, y: of_labels(softmax(z), y).mean(),
                lambda z, y: -of_labels(softmax(z), y).mean(),
            ),
            "Probabilities of the labels, without a logarithm. The price of a label is -log q.",
        ),
        Mistake(
            "mean over classes too",
            lambda z, y: mean_loss(z, y) / z.shape[1],
            "You divided by the number of classes as well, as a mean over a one-hot table does. "
            "One class of each row counts; the mean is over the tokens.",
        ),
        Mistake(
            "every label for every token",
            lambda z, y: -log_softmax(z)[:, y].mean(),
            "Each token is charged for the labels of all tokens in yours, as `[:, labels]` does, "
            "or the shares of the labels. Each row has its own label alone: "
            "`[np.arange(len(labels)), labels]`.",
        ),
        Mistake(
            "every label in the first row",
            lambda z, y: -log_softmax(z)[0, y].mean(),
            "Each label was looked up in the first row, as `np.take(table, labels)` does without "
            "an axis. Each token has a row of its own: `table[np.arange(len(labels)), labels]`.",
        ),
        Mistake(
            "all classes",
            lambda z, y: -log_softmax(z).mean(),
            "This is the mean of -log q over all classes, and the labels play no part in it. Pick "
            "that of the label in each row.",
        ),
        Mistake(
            "entropy of the model",
            lambda z, y: -(softmax(z) * log_softmax(z)).sum(axis=1).mean(),
            "This is how unsure the model is by its own account, its mean entropy. The labels "
            "play no part in it.",
        ),
        Mistake(
            "underflow",
            underflow,
            "Right where no probability is tiny, and infinite where one becomes 0 before its "
            "logarithm is taken. Take log-softmax in one step: the logit, less the log of "
            "Σ exp(logits).",
        ),
        Mistake(
            "small number in the logarithm",
            (
                *(padded_softmax(x) for x in SMALL_NUMBERS),
                *(clipped_softmax(x) for x in (*SMALL_NUMBERS, 1e-300)),
            ),
            "A small number was added inside the logarithm, or put in the place of what is smaller "
            "(`np.clip`, `np.maximum`). Where the model is sure and wrong, the loss is then "
            "whatever that number makes it. With log-softmax none is needed.",
        ),
        Mistake(
            "wrong share",
            lambda z, y: (z.argmax(axis=1) != y).mean(),
            "This is the share of tokens where the largest logit is not the label's. A loss asks "
            "how probable the label was.",
        ),
        Mistake(
            "right share",
            lambda z, y: (z.argmax(axis=1) == y).mean(),
            "This is the accuracy: how often the largest logit is the label's. A loss asks how "
            "probable the label was.",
        ),
        Mistake(
            "shifted",
            (shifted, lambda z, y: mean_loss(z[1:], y[:-1])),
            "You moved the labels by one place against the logits. Here each row stands beside its "
            "own label already.",
        ),
        Mistake(
            "divided by one less",
            lambda z, y: len(y) * mean_loss(z, y) / (len(y) - 1),
            "You divided by the number of tokens less one. The loss is the plain mean.",
        ),
        Mistake(
            "sign",
            (lambda z, y: -mean_loss(z, y), lambda z, y: -len(y) * mean_loss(z, y)),
            "Below 0: this is the log-likelihood, a sum or a mean of log q. A loss is to be small, "
            "so it has a minus.",
        ),
    ],
    hints=[
        "What is the probability of the label in one row? What happens to exp(1000), and do you "
        "need it?",
        "log q(label) = logit of the label - log Σ exp(logits of the row); then the mean over rows",
        "`log_q = logits - np.logaddexp.reduce(logits, axis=1)[:, None]` and then "
        "`return -np.mean(log_q[np.arange(len(labels)), labels])`",
    ],
    insight="It is what `F.cross_entropy(logits, labels)` returns, and e to it is the perplexity. "
    "A minimum of it over a model is a maximum of the likelihood.",
    lesson=LESSON,
    section="By code",
)


# E3: a normal for values that come in heaps


def moments(values, counts):
    p = shares(counts)
    mean = p @ values
    return np.array([mean, math.sqrt(p @ (values - mean) ** 2)])


def _fit(mean, sd):
    """A wrong fit: its mean and its sd, as functions of values, counts and the two right ones."""

    def fit(values, counts):
        right = moments(values, counts)
        return np.array([mean(values, counts, *right), sd(values, counts, *right)])

    return fit


def _right_mean(values, counts, mean, sd):
    return mean


def _right_sd(values, counts, mean, sd):
    return sd


def _root_of_fewer(values, counts, mean, sd):
    rows = counts.sum()
    return sd * math.sqrt(rows / (rows - 1))


def _variance(values, counts, mean, sd):
    return sd**2


def weighted_median(values, counts, *_):
    return float(np.median(np.repeat(values, counts)))


def median_deviation(values, counts):
    rows = np.repeat(values, counts)
    return float(np.median(np.abs(rows - np.median(rows))))


def middle_of_the_range(values, counts, *_):
    return (values.min() + values.max()) / 2


def sum_of_the_rows(values, counts, *_):
    return counts @ values


def about(middle):
    """The root mean square distance of the rows from a middle."""
    return lambda v, c, m, s: math.sqrt(shares(c) @ (v - middle(v, c, m, s)) ** 2)


def most_common(values, counts, *_):
    return float(values[np.argmax(counts)])


def heaps(random):
    """Values in one heap and in two, of equal weight and not; negative ones; a million rows."""
    cases = []
    for size in (2, 3, 6, 20):
        values = np.sort(random.normal(0, 4, size)).round(2)
        cases.append(case(values, random.integers(1, 12, size)))
    apart = np.r_[random.normal(-5, 0.5, 4), random.normal(40, 0.5, 3)].round(2)
    return [
        *cases,
        case(apart, random.integers(2, 30, 7), label="two heaps far apart"),
        case([1.0, 2.0, 4.0], [200_000, 500_000, 300_000], label="a million rows"),
        case([-3.0, -1.0, 0.0, 5.0], [4, 0, 3, 2], label="a value without a row"),
    ]


def one_of_the_two(e: Evidence) -> Found:
    """One of the two numbers is right on every input, the other is not."""
    names = ("mean", "standard deviation")
    right = [
        all(
            e.is_right(v[i : i + 1], r[i : i + 1])
            for v, r in zip(e.values, e.references, strict=True)
        )
        for i in (0, 1)
    ]
    if right == [True, False]:
        return (
            f"The {names[0]} is right on every input, the {names[1]} is not. It is the root of a "
            "mean: of what, and over how many?"
        )
    if right == [False, True]:
        return f"The {names[1]} is right on every input, the {names[0]} is not."
    return None


FIT_NORMAL = Question(
    "fit_normal",
    points=2,
    reference=moments,
    returns=named_numbers("mean", "sd"),
    tolerance=1e-5,  # an optimiser is welcome
    exchangeable=False,
    rows=[one_of_the_two],
    visible=[
        case([-2.0, 4.0], [5, 5], label="ten rows in two places"),
        case([0.0, 1.0, 4.0], [2, 5, 3], label="ten rows in three places"),
        case([10.0, 12.0], [1, 3], label="four rows"),
    ],
    inputs=[heaps],
    mistakes=[
        Mistake(
            "n - 1",
            _fit(_right_mean, _root_of_fewer),
            "You divided by the number of rows less one. That makes the variance unbiased, which "
            "is another aim: the likelihood is largest where it is divided by the number of rows.",
        ),
        Mistake(
            "variance",
            _fit(_right_mean, _variance),
            "The second number is the variance. The question asks for the standard deviation, its "
            "root.",
        ),
        Mistake(
            "variance, n - 1",
            _fit(_right_mean, lambda v, c, m, s: _root_of_fewer(v, c, m, s) ** 2),
            "The second number is a variance, and the number of rows less one stands below the "
            "line. The likelihood is largest with the number of rows itself; then take the root.",
        ),
        Mistake(
            "counts ignored",
            (
                lambda v, c: np.array([v.mean(), v.std()]),
                lambda v, c: np.array([v.mean(), v.std(ddof=1)]),
                _fit(lambda v, c, m, s: v.mean(), _right_sd),
                _fit(lambda v, c, m, s: v.mean(), about(lambda v, *_: v.mean())),
            ),
            "You took the mean of the values as if each had one row. A value weighs as much as it "
            "has rows.",
        ),
        Mistake(
            "spread of the values",
            (
                _fit(_right_mean, lambda v, c, m, s: v.std()),
                _fit(_right_mean, lambda v, c, m, s: math.sqrt(np.mean((v - m) ** 2))),
            ),
            "The mean is weighted by the counts and the spread is not. Each squared deviation from "
            "the mean weighs as much as its value has rows.",
        ),
        Mistake(
            "divided by the number of values",
            (
                _fit(
                    lambda v, c, m, s: c @ v / len(v),
                    lambda v, c, m, s: math.sqrt(c @ (v - c @ v / len(v)) ** 2 / len(v)),
                ),
                _fit(
                    _right_mean,
                    lambda v, c, m, s: math.sqrt(c @ (v - m) ** 2 / len(v)),
                ),
            ),
            "You divided by the number of different values. The rows are more: `counts.sum()` of "
            "them.",
        ),
        Mistake(
            "not divided",
            (
                _fit(sum_of_the_rows, _right_sd),
                _fit(sum_of_the_rows, lambda v, c, m, s: math.sqrt(c @ (v - c @ v) ** 2)),
                _fit(_right_mean, lambda v, c, m, s: math.sqrt(c @ (v - m) ** 2)),
                _fit(_right_mean, lambda v, c, m, s: c @ (v - m) ** 2),
            ),
            "A sum over the rows stands where a mean belongs. Divide by the number of rows.",
        ),
        Mistake(
            "root of the mean square",
            _fit(_right_mean, about(lambda *_: 0.0)),
            "You took the root of the mean square without taking the mean away first: the spread "
            "around 0, not around the mean.",
        ),
        Mistake(
            "one heap",
            (
                _fit(most_common, _right_sd),
                _fit(most_common, about(most_common)),
            ),
            "You put the mean on the value that has most rows. That row is then most probable, and "
            "the rows far away pay for it: the likelihood counts them all.",
        ),
        Mistake(
            "median",
            (
                _fit(weighted_median, _right_sd),
                _fit(weighted_median, about(weighted_median)),
                _fit(weighted_median, lambda v, c, m, s: median_deviation(v, c)),
                _fit(weighted_median, lambda v, c, m, s: 1.4826 * median_deviation(v, c)),
            ),
            "The first number is the median. It is the best middle for a Laplace distribution; for "
            "a normal it is the mean.",
        ),
        Mistake(
            "middle of the range",
            (
                _fit(middle_of_the_range, _right_sd),
                _fit(middle_of_the_range, about(middle_of_the_range)),
            ),
            "The first number is half way between the smallest and the largest value. The mean "
            "asks how many rows there are on each side.",
        ),
        Mistake(
            "smoothed",
            tuple(lambda v, c, a=a: moments(v, c + a) for a in (1, 0.5)),
            "You added a number to the counts. They are the data, and maximum likelihood takes "
            "them as they are.",
        ),
        Mistake(
            "mean absolute deviation",
            _fit(_right_mean, lambda v, c, m, s: shares(c) @ np.abs(v - m)),
            "The second number is the mean absolute deviation. A normal looks at squares: the root "
            "of the mean squared deviation.",
        ),
        Mistake(
            "standard error",
            (
                _fit(_right_mean, lambda v, c, m, s: s / math.sqrt(c.sum())),
                _fit(
                    _right_mean,
                    lambda v, c, m, s: _root_of_fewer(v, c, m, s) / math.sqrt(c.sum()),
                ),
            ),
            "The second number is a standard error, which says how well the mean is known and "
            "shrinks with the rows. The fit needs the spread of the rows.",
        ),
        Mistake(
            "order",
            lambda v, c: moments(v, c)[::-1],
            "The right two numbers in the other order: first the mean, then the standard "
            "deviation.",
        ),
        Mistake(
            "around the plain mean",
            _fit(_right_mean, about(lambda v, *_: v.mean())),
            "The deviations are taken from the plain mean of the values, not from the mean of the "
            "rows.",
        ),
    ],
    hints=[
        "-log q of a normal is log sd + (x - mean)²/(2 sd²) and a constant. What of the rows "
        "enters its mean over all of them?",
        "mean = Σ share · value, and sd² = Σ share · (value - mean)², with share = counts / rows",
        "`p = counts / counts.sum()`, then `mean = np.sum(p * values)`, and then "
        "`return [mean, np.sqrt(np.sum(p * (values - mean) ** 2))]`",
    ],
    insight="The rows enter through their mean and their spread alone. Two heaps and one broad "
    "heap with the same two numbers get the same normal.",
    lesson=LESSON,
    section="The idea",
)


# E4: what two families leave over


def numbers_of(counts):
    return np.arange(len(counts))


def mean_of(counts):
    return shares(counts) @ numbers_of(counts)


def log_factorials(counts):
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, len(counts))))])


def log_poisson(counts, rate):
    return numbers_of(counts) * math.log(rate) - rate - log_factorials(counts)


def log_geometric(counts, mean):
    """A geometric distribution on 0, 1, 2, ... with this mean."""
    return numbers_of(counts) * math.log(mean / (1 + mean)) - math.log1p(mean)


def gap(counts, log_q):
    """KL of the shares from a model, given its logarithms."""
    return -(shares(counts) @ log_q) - entropy(shares(counts))


def both_gaps(counts, rate=None, mean=None):
    rate = mean_of(counts) if rate is None else rate
    mean = mean_of(counts) if mean is None else mean
    return np.array(
        [gap(counts, log_poisson(counts, rate)), gap(counts, log_geometric(counts, mean))]
    )


def variance_of(counts):
    return shares(counts) @ (numbers_of(counts) - mean_of(counts)) ** 2


def middle_number(counts):
    return max(float(np.median(np.repeat(numbers_of(counts), counts))), 0.5)


def most_common_number(counts):
    return max(float(np.argmax(counts)), 0.5)


def _renormalised(log_q):
    return log_q - math.log(np.exp(log_q).sum())


def cut_off(counts):
    m = mean_of(counts)
    return np.array(
        [
            gap(counts, _renormalised(log_poisson(counts, m))),
            gap(counts, _renormalised(log_geometric(counts, m))),
        ]
    )


def losses(counts):
    return both_gaps(counts) + entropy(shares(counts))


def chi_squares(counts):
    """Over the numbers up to the largest one."""
    models = log_poisson(counts, mean_of(counts)), log_geometric(counts, mean_of(counts))
    return np.array([((shares(counts) - np.exp(m)) ** 2 / np.exp(m)).sum() for m in models])


def total_variations(counts):
    models = log_poisson(counts, mean_of(counts)), log_geometric(counts, mean_of(counts))
    return np.array([np.abs(shares(counts) - np.exp(m)).sum() / 2 for m in models])


def swapped_gaps(counts):
    m = mean_of(counts)
    return np.array(
        [
            kl(np.exp(log_q), shares(counts))
            for log_q in (log_poisson(counts, m), log_geometric(counts, m))
        ]
    )


def _geometric_alone(log_q):
    """Right for the Poisson, with other logarithms for the geometric."""
    return lambda c: np.array([both_gaps(c)[0], gap(c, log_q(c, mean_of(c)))])


def from_one(counts, mean):
    """p = 1/mean, and the exponents one lower: the geometric distribution on 1, 2, 3, ..."""
    return (numbers_of(counts) - 1) * math.log(1 - 1 / mean) - math.log(mean)


def one_over_the_mean(counts, mean):
    return numbers_of(counts) * math.log(1 - 1 / mean) - math.log(mean)


def one_step_early(counts, mean):
    return (numbers_of(counts) - 1) * math.log(mean / (1 + mean)) - math.log1p(mean)


def turned(counts, mean):
    """Success and failure exchanged."""
    return numbers_of(counts) * -math.log1p(mean) + math.log(mean / (1 + mean))


def first_factor_missing(counts, mean):
    return numbers_of(counts) * math.log(mean / (1 + mean))


def tallies(random):
    """Numbers of incidents: even and clustered, in two heaps, rarely, and on many days."""
    cases = []
    for rows in (12, 30, 200):
        numbers = random.poisson(random.uniform(2, 4), rows)
        cases.append(case(np.bincount(numbers)))
    clustered = random.geometric(0.25, 300) - 1
    heaped = np.r_[random.poisson(1, 20), 9 + random.poisson(1, 20)]
    return [
        *cases,
        case(np.bincount(clustered), label="300 days, clustered"),
        case(np.bincount(heaped), label="two kinds of days"),
        case([0, 0, 6, 0, 3], label="never 0, 1 or 3"),
        case([0, 900, 2400, 1700, 0, 600], label="5600 days"),
    ]


def one_gap_right(e: Evidence) -> Found:
    """One of the two numbers is right on every input."""
    right = [
        all(
            e.is_right(v[i : i + 1], r[i : i + 1])
            for v, r in zip(e.values, e.references, strict=True)
        )
        for i in (0, 1)
    ]
    if right == [True, False]:
        return (
            "The number of the Poisson is right on every input, that of the geometric is not. Is "
            "its mean the mean of the rows, and do its probabilities from 0 on add up to 1?"
        )
    if right == [False, True]:
        return (
            "The number of the geometric is right on every input, that of the Poisson is not. Is "
            "its mean the mean of the rows, and do its probabilities from 0 on add up to 1?"
        )
    return None


LEFT_OVER = Question(
    "left_over",
    points=3,
    reference=both_gaps,
    returns=named_numbers("Poisson", "geometric"),
    unit="nats",
    exchangeable=False,
    rows=[one_gap_right],
    where_p_is_zero="A number without a row has the share 0 and adds nothing to H(P̂) and to KL: "
    "mask it (`counts > 0`) before you take the logarithm.",
    visible=[
        case([1, 2, 1, 1], label="five days"),
        case([1, 0, 3], label="four days, with 0 or 2"),
        case([0, 3, 4, 2, 1], label="ten days, none of them with 0"),
    ],
    inputs=[tallies],
    mistakes=[
        Mistake(
            "losses",
            losses,
            "These are the losses of the two fits. KL is what is left of them when H(P̂) is taken "
            "away.",
        ),
        Mistake(
            "order",
            lambda c: both_gaps(c)[::-1],
            "The right two numbers in the other order: first the Poisson, then the geometric.",
        ),
        Mistake(
            "factorial missing",
            lambda c: np.array(
                [gap(c, log_poisson(c, mean_of(c)) + log_factorials(c)), both_gaps(c)[1]]
            ),
            "The factorial of the Poisson is missing. The best rate does not depend on it, and KL "
            "does.",
        ),
        Mistake(
            "geometric from 1",
            (_geometric_alone(from_one), _geometric_alone(one_over_the_mean)),
            "Your geometric distribution has 1/mean for the chance to stop. That belongs to the "
            "one which begins at 1, as SciPy's does; here it begins at 0, and its mean is the mean "
            "of the rows if the chance to stop is 1/(1 + mean).",
        ),
        Mistake(
            "geometric one step early",
            _geometric_alone(one_step_early),
            "The exponents of the geometric are one too low: from 0 on, its probabilities do not "
            "add up to 1.",
        ),
        Mistake(
            "geometric turned round",
            _geometric_alone(turned),
            "In your geometric distribution the chance to go on and the chance to stop changed "
            "places.",
        ),
        Mistake(
            "geometric without its first factor",
            _geometric_alone(first_factor_missing),
            "The chance to stop is missing in your geometric distribution: r to the power of the "
            "number alone does not add up to 1.",
        ),
        Mistake(
            "variance matched",
            (
                lambda c: both_gaps(c, variance_of(c)),
                lambda c: both_gaps(c, variance_of(c), variance_of(c)),
            ),
            "You gave the Poisson the variance of the rows. Its mean and its variance are the same "
            "number, and the likelihood looks at the mean alone.",
        ),
        Mistake(
            "most common number",
            lambda c: both_gaps(c, most_common_number(c), most_common_number(c)),
            "You put the mean of the models at the number that most days have. The likelihood is "
            "largest at the mean of the rows.",
        ),
        Mistake(
            "median",
            lambda c: both_gaps(c, middle_number(c), middle_number(c)),
            "You put the mean of the models at the median. The likelihood is largest at the mean "
            "of the rows.",
        ),
        Mistake(
            "rounded mean",
            (
                lambda c: both_gaps(c, round(mean_of(c)), round(mean_of(c))),
                lambda c: both_gaps(c, math.floor(mean_of(c)), math.floor(mean_of(c))),
            ),
            "The mean was rounded to a whole number (`round`, `int`, `//`). Days have whole "
            "numbers of incidents, their mean need not be one.",
        ),
        Mistake(
            "mean of the numbers",
            lambda c: both_gaps(c, numbers_of(c).mean(), numbers_of(c).mean()),
            "You averaged the numbers 0, 1, 2, … without weights. Each weighs as much as it has "
            "days.",
        ),
        Mistake(
            "mean of the counts",
            lambda c: both_gaps(c, c.mean(), c.mean()),
            "You averaged the counts themselves. `counts[k]` says how many days had the number k; "
            "it is the numbers that are averaged.",
        ),
        Mistake(
            "numbers from 1",
            lambda c: both_gaps(c, mean_of(c) + 1, mean_of(c) + 1),
            "Your mean is 1 too large: `counts[0]` is how many days had the number 0.",
        ),
        Mistake(
            "cut off",
            cut_off,
            "You cut the models off behind the largest number and let the rest add up to 1. The "
            "models go on for ever, and what they spend on larger numbers is lost.",
        ),
        Mistake(
            "swapped",
            swapped_gaps,
            "This is KL(Q‖P̂). The rows come from the data: their shares are the weights, KL(P̂‖Q).",
        ),
        Mistake(
            "sums",
            lambda c: c.sum() * both_gaps(c),
            "The sum over all days. KL is a mean: divide by the number of days.",
        ),
        Mistake(
            "criterion",
            (lambda c: 2 * c.sum() * losses(c) + 2, lambda c: 2 * c.sum() * losses(c)),
            "This is twice minus the log-likelihood, as in an AIC. Divide by twice the number of "
            "days, and take H(P̂) away.",
        ),
        Mistake(
            "chi-square",
            chi_squares,
            "These are chi-squares, squared differences over what the model says. KL has "
            "logarithms of ratios.",
        ),
        Mistake(
            "likelihood-ratio statistic",
            (lambda c: 2 * c.sum() * both_gaps(c), lambda c: 2 * both_gaps(c)),
            "There is a factor 2, as in the likelihood-ratio statistic G = 2n·KL. The question "
            "asks for KL itself.",
        ),
        Mistake(
            "total variation",
            total_variations,
            "These are differences of probabilities, as in total variation. KL has logarithms of "
            "ratios.",
        ),
        Mistake(
            "log-likelihoods",
            (lambda c: -c.sum() * losses(c), lambda c: c.sum() * losses(c), lambda c: -losses(c)),
            "These are log-likelihoods, or minus them. Divide by the number of days if they are "
            "sums, turn the sign if it is a minus, and take H(P̂) away from what is then the loss.",
        ),
        Mistake(
            "smoothed",
            tuple(
                lambda c, a=a, m=m: both_gaps(c + a, m and m(c), m and m(c))
                for a in (1, 0.5, 0.1)
                for m in (None, mean_of)
            ),
            "You added a number to the counts. They are the data, and maximum likelihood takes "
            "them as they are.",
        ),
        Mistake(
            "floor",
            lambda c: np.full(2, entropy(shares(c))),
            "Both of your numbers are H(P̂), which is the same for every model. KL is what is left "
            "of each model's loss when it is taken away.",
        ),
        Mistake(
            "entropy added",
            lambda c: losses(c) + entropy(shares(c)),
            "Loss and H(P̂) are added up in yours. The loss holds H(P̂) already: take it away.",
        ),
    ],
    hints=[
        "At which mean is the loss of each family least? What has to be taken away from a loss to "
        "make it a KL?",
        "m = Σ share · k; -log q(k) is m - k log m + `log(k!)` for the Poisson and "
        "log(1 + m) + k log((1 + m)/m) for the geometric",
        "`from math import lgamma`, then `k, p = np.arange(len(counts)), counts / counts.sum()`, "
        "then `m, h = np.sum(p * k), -np.sum(p[p > 0] * np.log(p[p > 0]))`, then "
        "`log_factorial = np.array([lgamma(number + 1) for number in k])`, and then "
        "`return [np.sum(p * (m - k * np.log(m) + log_factorial)) - h, "
        "np.sum(p * (np.log(1 + m) + k * np.log((1 + m) / m))) - h]`",
    ],
    insight="Both fits have the mean of the rows, and the smaller of the two numbers tells which "
    "family is nearer to them. H(P̂) plays no part in that comparison.",
    lesson=LESSON,
    section="Explore",
)


QUESTIONS = [KL_OF_COUNTS, TOKEN_LOSS, FIT_NORMAL, LEFT_OVER]
