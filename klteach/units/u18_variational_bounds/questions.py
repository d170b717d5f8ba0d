"""The questions of unit 18: two bounds from a critic, InfoNCE from a table, and a model's twin."""

import math

import numpy as np

from klteach.practice.question import Mistake, Question, case

LESSON = "18_variational_bounds"
LN_2 = math.log(2)


def log_sum_exp(values):
    """log of the sum of exp(values), over the last axis, for values of any size."""
    values = np.asarray(values, dtype=float)
    top = values.max(axis=-1, keepdims=True)
    return np.log(np.exp(values - top).sum(axis=-1)) + top[..., 0]


def log_mean_exp(values):
    return log_sum_exp(values) - np.log(np.shape(values)[-1])


def naive_log_sum_exp(values):
    """The same as it stands on paper: infinite from 710 on, and minus infinity below -746."""
    return np.log(np.exp(values).sum(axis=-1))


def naive_log_mean_exp(values):
    return np.log(np.mean(np.exp(values), axis=-1))


def either_way(build):
    """Two variants of one mistake, with the logarithm that holds for large values and without."""
    return build(log_mean_exp), build(naive_log_mean_exp)


def softplus(values):
    return np.logaddexp(0.0, values)


def critics(random):
    """Critic values at n samples of p and m of q: small and large ones, of either sign."""
    drawn = []
    for n, m, mean, spread in ((3, 5, 0.5, 1.0), (40, 25, -1.0, 2.0), (7, 60, 2.0, 0.5)):
        at_p, at_q = random.normal(mean + 1, spread, n), random.normal(mean - 1, spread, m)
        drawn.append(case(at_p, at_q, label=f"{n} samples of p and {m} of q"))
    high = random.uniform(760, 790, 4), random.uniform(740, 770, 6)
    low = random.uniform(-790, -760, 5), random.uniform(-800, -780, 3)
    apart = random.uniform(880, 900, 3), random.uniform(20, 25, 4)
    wide = random.uniform(600, 700, 4), [-700.0, -690.0, -680.0, -20.0, 700.0]
    return [
        *drawn,
        case(*high, label="a critic with values near 770"),
        case(*low, label="a critic with values near −780"),
        case(*apart, label="a critic that is far higher at samples of p"),
        case(*wide, label="a critic between −700 and 700 at samples of q"),
        case(*random.normal([[-1.0], [2.0]], 0.5, (2, 6)), label="a critic that is higher under q"),
    ]


def large_values_break_it(e):
    """Wrong where the values are large: there alone, or infinite there and wrong elsewhere too."""
    small = [bool(np.abs(tried.arguments[-1]).max() < 15) for tried in e.cases]
    off = [float(np.max(abs(v - r))) for v, r in zip(e.values, e.references, strict=True)]
    far = [i for i, is_small in enumerate(small) if not is_small and not off[i] <= 0.02]
    if not far:
        return None
    if max(off[i] for i, is_small in enumerate(small) if is_small) <= 0.02:
        right = all(e.right[i] for i, is_small in enumerate(small) if is_small)
        return (
            f"{'Right' if right else 'Within 0.02'} where the values are small, and far off where "
            "they are large, as here. Is there a cut (`clip`), a small number added, or a search "
            "that does not reach so far? The logarithm of a mean of exponentials can be had for "
            "any values: take the largest one out first.",
            e.small(far),
        )
    near = [i for i in e.wrong if small[i] and e.is_finite(i)]
    if not near or e.is_finite(far[0]):
        return None
    return (
        "Infinite where the values are large, for exp of 710 is infinite and exp of -750 is 0: "
        "take the largest one out first. And small values do not give the right number either: "
        "begin with the input below.",
        e.small(near),
    )


# E1: Donsker and Varadhan


def donsker_varadhan(critic_p, critic_q):
    return np.mean(critic_p) - log_mean_exp(critic_q)


DV_BOUND = Question(
    "dv_bound",
    points=2,
    reference=donsker_varadhan,
    unit="nats",
    rows=(large_values_break_it,),
    visible=[
        case([1.0, 2.0], [0.0, -1.0], label="two samples of each"),
        case([0.5, 0.5, 2.0], [0.0, 0.0], label="a critic that is 0 at all samples of q"),
        case([802.0, 800.0], [800.0, 799.0, 797.0], label="a critic with large values"),
    ],
    inputs=[critics],
    mistakes=[
        Mistake(
            "mean of the logarithms",
            (
                lambda a, b: np.mean(a) - np.mean(b),
                lambda a, b: np.mean(a) - np.mean(np.log(np.exp(b))),
            ),
            "You subtracted the mean of T over the samples of q. The logarithm stands outside the "
            "mean: exponentials first, then their mean, then its logarithm.",
        ),
        Mistake(
            "a sum for the mean",
            (
                lambda a, b: np.mean(a) - log_sum_exp(b),
                lambda a, b: np.mean(a) - naive_log_sum_exp(b),
            ),
            "You took the logarithm of the sum of the exponentials. The bound has their mean: the "
            "sum, divided by the number of samples of q.",
        ),
        Mistake(
            "divided by the other number",
            (
                lambda a, b: np.mean(a) - log_sum_exp(b) + np.log(len(a)),
                lambda a, b: np.mean(a) - naive_log_sum_exp(b) + np.log(len(a)),
            ),
            "You divided the sum of the exponentials by the number of samples of p. They are taken "
            "at samples of q: divide by how many there are of those.",
        ),
        Mistake(
            "number of samples with the wrong sign",
            (
                lambda a, b: np.mean(a) - log_sum_exp(b) - np.log(len(b)),
                lambda a, b: np.mean(a) - naive_log_sum_exp(b) - np.log(len(b)),
            ),
            "The logarithm of the number of samples has the wrong sign. The logarithm of a mean is "
            "that of the sum, less that of the number; all of it is then taken away.",
        ),
        Mistake(
            "overflow",
            lambda a, b: np.mean(a) - naive_log_mean_exp(b),
            "The right formula, and in floats it breaks: exp of 710 is infinite, and exp of -750 "
            "is 0. Take the largest critic value out first, log mean exp(T) = M + log mean "
            "exp(T - M).",
        ),
        Mistake(
            "largest of p taken out",
            lambda a, b: np.mean(a) - np.max(a) - naive_log_mean_exp(b - np.max(a)),
            "You took out the largest critic value at the samples of p, or of all of them. Where "
            "the values at samples of q lie far below it, all their exponentials are 0: take out "
            "the largest one at the samples of q.",
        ),
        Mistake(
            "mean taken out",
            lambda a, b: np.mean(a) - np.mean(b) - naive_log_mean_exp(b - np.mean(b)),
            "You took the mean of the critic out of the exponentials. Where its values lie far "
            "apart, the largest one is still too large for exp: take that one out.",
        ),
        Mistake(
            "bits in one part",
            either_way(lambda lme: lambda a, b: np.mean(a) - lme(b) / LN_2),
            "The logarithm has the base 2, and the exponential the base e: the two no longer undo "
            "each other. Take the natural logarithm.",
        ),
        Mistake(
            "largest not put back",
            lambda a, b: np.mean(a) - log_mean_exp(b) + np.max(b),
            "You took the largest critic value off before the exponential and did not add it "
            "again after the logarithm.",
        ),
        Mistake(
            "each its own largest",
            lambda a, b: np.mean(a) - np.max(a) - log_mean_exp(b) + np.max(b),
            "You took one number off the critic at the samples of p and another one off at those "
            "of q. The bound stays the same only if it is the same number for both.",
        ),
        Mistake(
            "samples exchanged",
            either_way(lambda lme: lambda a, b: np.mean(b) - lme(a)),
            "You averaged T over the samples of q and its exponential over those of p. The samples "
            "of the truth, p, belong into the first mean.",
        ),
        Mistake(
            "exponential under p too",
            lambda a, b: log_mean_exp(a) - log_mean_exp(b),
            "You took the logarithm of a mean of exponentials under both. Under p it is the plain "
            "mean of T.",
        ),
        Mistake(
            "logarithm left out",
            lambda a, b: np.mean(a) - np.mean(np.exp(b)),
            "You subtracted the mean of the exponentials without its logarithm.",
        ),
        Mistake(
            "nwj",
            lambda a, b: np.mean(a) - np.mean(np.exp(b - 1)),
            "This is the other bound, by Nguyen, Wainwright and Jordan. It is never above the one "
            "that is asked for.",
        ),
        Mistake(
            "all samples in the exponential mean",
            either_way(lambda lme: lambda a, b: np.mean(a) - lme(np.concatenate([a, b]))),
            "You put the samples of p into the mean of the exponentials as well. Only those of q "
            "belong there.",
        ),
        Mistake(
            "plus",
            either_way(lambda lme: lambda a, b: np.mean(a) + lme(b)),
            "You added the second part. It is what the critic gives to samples of q, and is to be "
            "taken away.",
        ),
        Mistake(
            "loss",
            either_way(lambda lme: lambda a, b: lme(b) - np.mean(a)),
            "This is minus the bound, as one trains by it: a loss is made small, and the bound is "
            "to be large.",
        ),
        Mistake(
            "a sum over the samples of p",
            either_way(lambda lme: lambda a, b: np.sum(a) - lme(b)),
            "You added up T over the samples of p. Their mean is needed: more samples must not "
            "make the bound larger.",
        ),
        Mistake(
            "jensen-shannon",
            (
                lambda a, b: -np.mean(softplus(-a)) - np.mean(softplus(b)),
                lambda a, b: 2 * LN_2 - np.mean(softplus(-a)) - np.mean(softplus(b)),
            ),
            "This is what a classifier of p against q is trained by (softplus). It bounds the "
            "Jensen-Shannon divergence, not KL.",
        ),
    ],
    hints=[
        "Two means, each over its own samples. Where does the logarithm stand in the second one, "
        "and what becomes of exp(800)?",
        "mean of T at samples of p - (M + log mean exp(T - M) at samples of q), M the largest",
        "`top = np.max(critic_q)`, then "
        "`return np.mean(critic_p) - top - np.log(np.mean(np.exp(critic_q - top)))`",
    ],
    insight="Add any number to the critic and nothing changes: the logarithm takes it off again. "
    "And by Jensen the logarithm of a sample's mean is too small on average, so the bound of a "
    "sample is too large.",
    lesson=LESSON,
    section="The idea",
)


# E2: the constant that NWJ needs


def one_minus_log_mean_exp(critic_p, critic_q):
    return 1 - log_mean_exp(critic_q)


BEST_CONSTANT = Question(
    "best_constant",
    points=2,
    reference=one_minus_log_mean_exp,
    rows=(large_values_break_it,),
    visible=[
        case([1.0, 2.0], [0.0, -1.0], label="two samples of each"),
        case([1.0, 3.0], [0.5, 0.5, 0.5], label="a critic that is 0.5 at all samples of q"),
        case([802.0, 800.0], [800.0, 799.0, 797.0], label="a critic with large values"),
    ],
    inputs=[critics],
    mistakes=[
        Mistake(
            "always 1",
            lambda a, b: 1.0,
            "1 is right where the mean of exp(T) over the samples of q is 1: for log p/q, with all "
            "of q. Another critic needs another constant.",
        ),
        Mistake(
            "1 forgotten",
            either_way(lambda lme: lambda a, b: -lme(b)),
            "This makes the mean of exp(T + c) equal to 1. In NWJ stands exp(T + c - 1): where "
            "is the bound highest?",
        ),
        Mistake(
            "1 with the wrong sign",
            either_way(lambda lme: lambda a, b: -1 - lme(b)),
            "The 1 has the wrong sign. In NWJ stands exp(T + c - 1), and its mean over the samples "
            "of q is to be 1.",
        ),
        Mistake(
            "sign of the logarithm",
            either_way(lambda lme: lambda a, b: 1 + lme(b)),
            "The logarithm has the wrong sign: the larger the exponentials are, the lower the "
            "critic must be shifted.",
        ),
        Mistake(
            "sign",
            either_way(lambda lme: lambda a, b: lme(b) - 1),
            "This is what the critic has too much. The constant is to be added, so it has the "
            "other sign.",
        ),
        Mistake(
            "mean of T",
            (
                lambda a, b: 1 - np.mean(b),
                lambda a, b: -np.mean(b),
                lambda a, b: np.mean(a) - np.mean(b),
            ),
            "You took the mean of T over the samples of q. What counts is the mean of exp(T); its "
            "logarithm is larger than the mean of T unless T is the same everywhere.",
        ),
        Mistake(
            "logarithm left out",
            lambda a, b: 1 - np.mean(np.exp(b)),
            "You took the mean of the exponentials and not its logarithm.",
        ),
        Mistake(
            "logarithm alone",
            either_way(lambda lme: lambda a, b: lme(b)),
            "This is the logarithm of the mean of the exponentials. Which constant makes the mean "
            "of exp(T + c - 1) equal to 1?",
        ),
        Mistake(
            "nwj itself",
            lambda a, b: np.mean(a) - np.mean(np.exp(b - 1)),
            "This is the bound itself, with c = 0. The question asks for the c at which it is "
            "highest.",
        ),
        Mistake(
            "1 twice",
            either_way(lambda lme: lambda a, b: 2 - lme(b)),
            "The 1 is in it twice. With exp(T - 1) in the mean its logarithm is smaller by 1 "
            "already.",
        ),
        Mistake(
            "largest",
            lambda a, b: 1 - np.max(b),
            "You took the largest critic value for the logarithm of the mean of the exponentials. "
            "That is only the first step: the others count too, and so does their number.",
        ),
        Mistake(
            "slope at 0",
            lambda a, b: 1 - np.mean(np.exp(b - 1)),
            "This is the slope of the bound in c, at c = 0. The best c is where the slope is 0.",
        ),
        Mistake(
            "a sum for the mean",
            (lambda a, b: 1 - log_sum_exp(b), lambda a, b: 1 - naive_log_sum_exp(b)),
            "This is made with the sum of the exponentials. NWJ has their mean.",
        ),
        Mistake(
            "samples of p",
            either_way(lambda lme: lambda a, b: 1 - lme(a)),
            "You took the samples of p. The exponentials in NWJ are those at samples of q.",
        ),
        Mistake(
            "the bound itself",
            either_way(lambda lme: lambda a, b: np.mean(a) - lme(b)),
            "This is how high the bound gets with the best constant. The question asks for the "
            "constant itself.",
        ),
        Mistake(
            "factor",
            (
                lambda a, b: np.exp(1 - log_mean_exp(b)),
                lambda a, b: np.e / np.mean(np.exp(b)),
                lambda a, b: 1 / np.mean(np.exp(b)),
            ),
            "This is a factor, by which the exponentials would be multiplied. The question asks "
            "for the constant that is added to T: its logarithm.",
        ),
        Mistake(
            "bits",
            either_way(lambda lme: lambda a, b: 1 - lme(b) / LN_2),
            "A logarithm to base 2, against an exponential to base e. Take the natural one.",
        ),
        Mistake(
            "overflow",
            lambda a, b: 1 - naive_log_mean_exp(b),
            "The right formula, and in floats it breaks: exp of 710 is infinite, and exp of -750 "
            "is 0. Take the largest critic value out first, log mean exp(T) = M + log mean "
            "exp(T - M).",
        ),
        Mistake(
            "largest of p taken out",
            lambda a, b: 1 - np.max(a) - naive_log_mean_exp(b - np.max(a)),
            "You took out the largest critic value at the samples of p, or of all of them. Where "
            "the values at samples of q lie far below it, all their exponentials are 0: take out "
            "the largest one at the samples of q.",
        ),
        Mistake(
            "largest not put back",
            lambda a, b: 1 - log_mean_exp(b) + np.max(b),
            "You took the largest critic value off before the exponential and did not add it "
            "again after the logarithm.",
        ),
    ],
    hints=[
        "Write the bound with T + c in the place of T. Which of its two parts are straight in c, "
        "and which is an exponential? Where is the slope 0?",
        "The slope in c is 1 - exp(c - 1) · mean exp(T), so c = 1 - log mean exp(T), over the "
        "samples of q",
        "`top = np.max(critic_q)`, then `return 1 - top - np.log(np.mean(np.exp(critic_q - top)))`",
    ],
    insight="Put this c into NWJ and it becomes DV, whatever the critic. DV is NWJ with its best "
    "constant, and it is chosen by the very sample that is then judged.",
    lesson=LESSON,
    section="The idea",
)


# E3: InfoNCE


def row_bound(scores, lme=log_mean_exp):
    return np.mean(np.diagonal(scores) - lme(scores))


def without_diagonal(scores):
    """The table without the true pairs, (N, N - 1)."""
    n = len(scores)
    return np.asarray(scores, dtype=float)[~np.eye(n, dtype=bool)].reshape(n, n - 1)


def cross_entropy(scores, lme=log_mean_exp):
    return np.log(len(scores)) - row_bound(scores, lme)


def tables(random):
    """Tables of scores: weak, strong, misleading, and with a level of their own in every row."""
    drawn = []
    for n, strength in ((3, 1.0), (5, 3.0), (12, 0.5)):
        scores = random.normal(0, 1, (n, n)) + strength * np.eye(n)
        drawn.append(case(scores, label=f"{n} pairs"))
    levels = random.normal(0, 4, (6, 1))
    ruled_out = random.normal(0, 1, (5, 5)) + 2 * np.eye(5)
    ruled_out[2, 2] = -40
    return [
        *drawn,
        case(
            random.normal(0, 1, (6, 6)) + levels + 2 * np.eye(6), label="rows on different levels"
        ),
        case(random.normal(0, 1, (4, 4)) - 2 * np.eye(4), label="true pairs that score low"),
        case(ruled_out, label="a true pair that is all but ruled out"),
        case(random.uniform(740, 790, (4, 4)) + 15 * np.eye(4), label="scores near 770"),
        case(random.normal(0, 1, (8, 8)) + 30 * np.eye(8), label="true pairs that score 30 more"),
    ]


INFO_NCE = Question(
    "infonce",
    points=2,
    reference=row_bound,
    unit="nats",
    exchangeable=False,
    rows=(large_values_break_it,),
    visible=[
        case([[2.0, 0.0], [0.0, 2.0]], label="two pairs, told apart well"),
        case([[0.0, 1.0], [2.0, 0.0]], label="two pairs, taken for each other"),
        case([[5.0, 4.0], [0.0, 3.0]], label="two pairs, each row on a level of its own"),
    ],
    inputs=[tables],
    mistakes=[
        Mistake(
            "log N left out",
            either_way(lambda lme: lambda s: -cross_entropy(s, lme)),
            "This is minus the cross-entropy of picking the true pair, never above 0. Blind "
            "guessing costs log N, and the bound says how much better the critic is: add log N.",
        ),
        Mistake(
            "the cross-entropy itself",
            either_way(lambda lme: lambda s: cross_entropy(s, lme)),
            "This is the cross-entropy of picking the true pair, the loss that is trained. The "
            "bound is log N minus that.",
        ),
        Mistake(
            "columns",
            either_way(lambda lme: lambda s: row_bound(s.T, lme)),
            "You took the mean of the exponentials down the columns: each y among all x. The "
            "question puts each x among all y, along its row (`axis=1`).",
        ),
        Mistake(
            "all pairs",
            (
                *either_way(lambda lme: lambda s: np.mean(s - lme(s)[:, None])),
                *either_way(lambda lme: lambda s: np.mean(s - lme(s)[:, None]) - np.log(len(s))),
            ),
            "You averaged over all entries of the table, so that every pair counts as a true one. "
            "The true pairs stand on the diagonal.",
        ),
        Mistake(
            "rows and columns",
            either_way(lambda lme: lambda s: (row_bound(s, lme) + row_bound(s.T, lme)) / 2),
            "This is the average over rows and columns, as CLIP is trained. A bound too; the "
            "question takes the rows alone.",
        ),
        Mistake(
            "clip loss",
            either_way(lambda lme: lambda s: (cross_entropy(s, lme) + cross_entropy(s.T, lme)) / 2),
            "This is the loss that CLIP is trained by, the cross-entropy of rows and of columns, "
            "averaged. The bound is log N minus a cross-entropy, and here that of the rows alone.",
        ),
        Mistake(
            "first row alone",
            either_way(lambda lme: lambda s: s[0, 0] - lme(s[0])),
            "This is the first row alone. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "largest taken off across the rows",
            lambda s: row_bound(s - s.max(axis=1)),
            "`scores.max(axis=1)` has one entry for each row, and NumPy takes it off column by "
            "column. `keepdims=True` keeps each one beside its row.",
        ),
        Mistake(
            "largest for the logarithm of the mean",
            (
                lambda s: np.mean(np.diagonal(s) - s.max(axis=1)),
                lambda s: np.mean(np.diagonal(s) - s.max(axis=1)) + np.log(len(s)),
            ),
            "You took the largest score of each row for the logarithm of its exponentials. That is "
            "only the first step: the other scores count too.",
        ),
        Mistake(
            "probability",
            (
                lambda s: np.mean(np.exp(np.diagonal(s) - log_sum_exp(s))),
                lambda s: np.mean(np.exp(np.diagonal(s) - log_mean_exp(s))),
            ),
            "This is made of the probabilities that a softmax gives to the true pairs. The bound "
            "takes their logarithms, row by row.",
        ),
        Mistake(
            "eps",
            tuple(
                lambda s, eps=eps: (
                    np.log(len(s)) + np.mean(np.log(np.exp(np.diagonal(s) - log_sum_exp(s)) + eps))
                )
                for eps in (1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)
            ),
            "A small number was added to the probability before the logarithm. Where a true pair "
            "is all but ruled out, the answer is then made of that number: compute the logarithm "
            "from the scores.",
        ),
        Mistake(
            "true pair left out",
            tuple(
                lambda s, lme=lme, shift=shift: (
                    np.mean(np.diagonal(s) - lme(without_diagonal(s))) + shift(len(s))
                )
                for lme in (log_mean_exp, naive_log_mean_exp)
                for shift in (
                    lambda n: 0.0,
                    lambda n: np.log(n) - np.log(n - 1),
                    lambda n: -np.log(n - 1),
                )
            ),
            "You left the true pair out of the mean of its row. With it the bound cannot pass "
            "log N; without it, it can, and it is no bound any more.",
        ),
        Mistake(
            "one mean for the whole table",
            (
                *either_way(lambda lme: lambda s: np.mean(np.diagonal(s)) - lme(np.ravel(s))),
                *either_way(
                    lambda lme: (
                        lambda s: np.mean(np.diagonal(s)) - lme(np.ravel(s)) - np.log(len(s))
                    )
                ),
                *either_way(
                    lambda lme: (
                        lambda s: np.mean(np.diagonal(s)) - lme(np.ravel(without_diagonal(s)))
                    )
                ),
            ),
            "You took one mean of exponentials over the whole table: that is Donsker and Varadhan. "
            "In InfoNCE each row has its own.",
        ),
        Mistake(
            "mean of the logarithms",
            lambda s: np.mean(np.diagonal(s)) - np.mean(s),
            "You subtracted the plain mean of the scores. In each row stands the logarithm of the "
            "mean of the exponentials.",
        ),
        Mistake(
            "logarithm after the mean over the rows",
            lambda s: np.log(len(s)) + np.log(np.mean(np.exp(np.diagonal(s) - log_sum_exp(s)))),
            "You averaged the probabilities of the true pairs and took the logarithm then. Take it "
            "in every row, and average after that.",
        ),
        Mistake(
            "a sum over the rows",
            (
                *either_way(lambda lme: lambda s: len(s) * row_bound(s, lme)),
                *either_way(lambda lme: lambda s: np.log(len(s)) - len(s) * cross_entropy(s, lme)),
                *either_way(lambda lme: lambda s: len(s) * cross_entropy(s, lme)),
                *either_way(lambda lme: lambda s: -len(s) * cross_entropy(s, lme)),
            ),
            "You added up over the rows. It is a mean: the bound of a batch must not grow with the "
            "number of its rows.",
        ),
        Mistake(
            "log of N - 1",
            either_way(lambda lme: lambda s: np.log(len(s) - 1) - cross_entropy(s, lme)),
            "You took N - 1, the number of the false ones, for N. The true one is among those that "
            "are picked from.",
        ),
        Mistake(
            "log N in bits",
            either_way(lambda lme: lambda s: np.log2(len(s)) - cross_entropy(s, lme)),
            "log N is in bits here, and the cross-entropy in nats. Take the natural logarithm of "
            "both.",
        ),
        Mistake(
            "temperature",
            tuple(lambda s, t=t: row_bound(s / t) for t in (0.05, 0.07, 0.1, 0.2, 0.5)),
            "You divided the scores by a temperature. Here they are the critic's values as they "
            "are to be used.",
        ),
        Mistake(
            "pair by pair",
            (
                lambda s: np.mean(softplus(s) - np.eye(len(s)) * s),
                lambda s: -np.mean(softplus(s) - np.eye(len(s)) * s),
            ),
            "You judged each pair by itself, true or false (a sigmoid and its cross-entropy). In "
            "InfoNCE the pairs of a row compete: a softmax.",
        ),
        Mistake(
            "share of hits",
            (
                lambda s: np.mean(np.argmax(s, axis=1) == np.arange(len(s))),
                lambda s: np.mean(np.argmax(s, axis=1) == np.arange(len(s))) * np.log(len(s)),
            ),
            "This is made of how often the true pair has the highest score. The bound also asks by "
            "how much.",
        ),
        Mistake(
            "overflow",
            lambda s: np.mean(np.diagonal(s) - naive_log_mean_exp(s)),
            "The right formula, and in floats it breaks: exp of 710 is infinite. Take the largest "
            "score of each row out before the exponential.",
        ),
        Mistake(
            "one largest for all rows, not put back",
            (
                lambda s: np.mean(np.diagonal(s) - log_mean_exp(s) + np.max(s, axis=1)),
                lambda s: np.mean(np.diagonal(s) - log_mean_exp(s)) + np.max(s),
            ),
            "You took the largest score off before the exponential and did not add it again after "
            "the logarithm.",
        ),
    ],
    hints=[
        "In row i the true pair is scores[i, i]. How likely does a softmax along the row make it, "
        "and what would blind guessing make it?",
        "mean over i of scores[i, i] - log mean over j of exp(scores[i, j])",
        "`top = scores.max(axis=1, keepdims=True)`, "
        "`rows = np.log(np.mean(np.exp(scores - top), axis=1)) + top[:, 0]`, then "
        "`return np.mean(np.diagonal(scores) - rows)`",
    ],
    insight="With the true pair in its own row no term can be above log N. So a batch of 64 can "
    "never report more than 4.16 nats, however good the encoder is.",
    lesson=LESSON,
    section="The idea",
)


# E4: the twin


def kl(p, q):
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sum(np.where(p > 0, p * np.log(p / q), 0.0))


def mixed(p, q, n):
    return (1 - 1 / n) * q + p / n


def of_twin(p, q, n):
    return kl(p, mixed(p, q, n))


def pairs(random):
    """A truth, a model and a number of samples; some models never do what the truth does."""
    drawn = []
    for size, n in ((2, 5), (4, 40), (6, 500)):
        p, q = random.dirichlet(np.full(size, 0.8), 2)
        drawn.append(case(p, q, n, label=f"{size} outcomes, n = {n}"))
    p, q = random.dirichlet(np.ones(5), 2)
    q[0] = 0
    q /= q.sum()
    drawn.append(case(p, q, 30, label="an outcome that q rules out"))
    p, q = random.dirichlet(np.ones(4), 2)
    p[1] = 0
    p /= p.sum()
    drawn.append(case(p, q, 12, label="an outcome that never occurs"))
    p, q = random.dirichlet(np.ones(3), 2)
    p, q = np.concatenate([p, np.zeros(3)]), np.concatenate([np.zeros(3), q])
    drawn.append(case(p, q, 200, label="nothing in common"))
    p = random.dirichlet(np.ones(3))
    drawn.append(case(p, p, 7, label="p = q"))
    q = np.array([1 - 1e-9, 1e-9])
    drawn.append(case(np.array([0.4, 0.6]), q, 1000, label="nearly ruled out"))
    return drawn


TWIN_KL = Question(
    "twin_kl",
    points=2,
    reference=of_twin,
    unit="nats",
    visible=[
        case([0.5, 0.5], [0.75, 0.25], 2, label="two coins, n = 2"),
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6], 10, label="the pair of the course, n = 10"),
        case([0.0, 1.0], [1.0, 0.0], 100, label="nothing in common, n = 100"),
    ],
    inputs=[pairs],
    mistakes=[
        Mistake(
            "q itself",
            lambda p, q, n: kl(p, q),
            "This is KL(p‖q), of the model before it was mixed. The twin stands in its place.",
        ),
        Mistake(
            "log n",
            lambda p, q, n: math.log(n),
            "log n is what the twin's KL cannot pass. How large is it for this pair?",
        ),
        Mistake(
            "the smaller of the two",
            lambda p, q, n: min(kl(p, q), math.log(n)),
            "This is the smaller one of KL(p‖q) and log n. The twin's KL is below both; mix p into "
            "q and compute it.",
        ),
        Mistake(
            "weights exchanged",
            lambda p, q, n: kl(p, mixed(q, p, n)),
            "You made a twin of p, with a little of q in it. It is q with a little of p: of n "
            "samples one comes from p, on average.",
        ),
        Mistake(
            "not normalised",
            lambda p, q, n: kl(p, q + p / n),
            "You added p/n to q and did not make room for it: the twin sums to more than 1. "
            "Multiply q by 1 - 1/n.",
        ),
        Mistake(
            "n + 1",
            lambda p, q, n: kl(p, (n * q + p) / (n + 1)),
            "In your twin p has the weight 1/(n + 1). It is to be 1/n.",
        ),
        Mistake(
            "half and half",
            lambda p, q, n: kl(p, (p + q) / 2),
            "You mixed p and q half and half, as Jensen-Shannon does. Here p has the weight 1/n.",
        ),
        Mistake(
            "jensen-shannon",
            lambda p, q, n: (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2,
            "This is Jensen-Shannon. It has no n; here p has the weight 1/n, and only KL from p "
            "counts.",
        ),
        Mistake(
            "brackets",
            lambda p, q, n: kl(p, 1 - q / n + p / n),
            "Brackets: `1 - 1 / n * q` takes q/n off from 1. `(1 - 1 / n) * q` is meant.",
        ),
        Mistake(
            "mean for sum",
            (
                lambda p, q, n: of_twin(p, q, n) / len(p),
                lambda p, q, n: of_twin(p, q, n) / np.count_nonzero(p),
            ),
            "You took the plain mean over the outcomes. Each is weighted by p already: add up.",
        ),
        Mistake(
            "weighted by the twin",
            lambda p, q, n: -kl(np.where(p > 0, mixed(p, q, n), 0.0), p),
            "You weighted the logarithms by the twin. The truth p supplies the samples, so p is "
            "the weight.",
        ),
        Mistake(
            "logarithm left out",
            lambda p, q, n: np.sum(p * p / np.where(p > 0, mixed(p, q, n), 1.0)),
            "You averaged the ratio p/twin itself. Average its logarithm.",
        ),
        Mistake(
            "total variation",
            lambda p, q, n: np.abs(p - mixed(p, q, n)).sum() / 2,
            "This is the total variation of p and the twin. The question asks for KL.",
        ),
        Mistake(
            "uniform mixed in",
            (
                lambda p, q, n: kl(p, (1 - 1 / n) * q + 1 / (n * len(q))),
                lambda p, q, n: kl(p, (n * q + 1) / (n + len(q))),
                lambda p, q, n: kl(p, (1 - 1 / n) * q + 1 / n),
            ),
            "You mixed the uniform distribution into q. The twin has p mixed in.",
        ),
        Mistake(
            "fraction turned over",
            lambda p, q, n: -of_twin(p, q, n),
            "The fraction is turned over: it is log(p/twin), with the truth above.",
        ),
        Mistake(
            "other direction",
            lambda p, q, n: kl(mixed(p, q, n), p),
            "This is KL(twin‖p). The truth p stands first: it supplies the samples.",
        ),
        Mistake(
            "from q to the twin",
            lambda p, q, n: kl(q, mixed(p, q, n)),
            "This is KL(q‖twin). It is small for a large n, which is why nobody can tell the two "
            "apart. The question asks for KL(p‖twin).",
        ),
        Mistake(
            "mixed divergences",
            lambda p, q, n: (1 - 1 / n) * kl(p, q),
            "You mixed the divergences, (1 - 1/n) KL(p‖q) + 1/n KL(p‖p). Mix the distributions, "
            "and take KL then: it is smaller, as KL is convex.",
        ),
        Mistake(
            "cross-entropy",
            lambda p, q, n: -np.sum(p * np.log(mixed(p, q, n) + (p == 0))),
            "This is the cross-entropy. The entropy of p is still to be taken off.",
        ),
        Mistake(
            "eps",
            tuple(
                lambda p, q, n, eps=eps, pad=pad: pad(p, q, eps)
                for eps in (1e-12, 1e-10, 1e-9, 1e-8, 1e-6)
                for pad in (
                    lambda p, q, eps: kl(p, q + eps),
                    lambda p, q, eps: kl(p, np.maximum(q, eps)),
                    lambda p, q, eps: np.sum(p * np.log((p + eps) / (q + eps))),
                )
            ),
            "You put a small number in the place of q's zeros, and n does not occur in it. Mix p "
            "into q with the weight 1/n.",
        ),
    ],
    where_p_is_zero="An outcome that never occurs costs nothing, so its term is 0: mask it "
    "(`p > 0`) before you take the logarithm.",
    hints=[
        "Draw from the twin: most of the time from q, once in n times from p. What is its "
        "probability of each outcome?",
        "twin = (1 - 1/n) q + p/n, then Σ p log(p/twin) over the outcomes with p > 0",
        "`twin = (1 - 1 / n) * q + p / n`, `occurs = p > 0`, then "
        "`return np.sum(p[occurs] * np.log(p[occurs] / twin[occurs]))`",
    ],
    insight="Never above log n, though KL(p‖q) may be infinite. And n samples of the twin have no "
    "draw of p among them in more than a third of all cases from n = 6 on: then they are samples "
    "of q, and nobody can tell.",
    lesson=LESSON,
    section="Where this bites",
)


QUESTIONS = [DV_BOUND, BEST_CONSTANT, INFO_NCE, TWIN_KL]
