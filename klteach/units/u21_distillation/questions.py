"""The questions of unit 21: a loss with a temperature, its gradient, and what strays outside."""

import math

import numpy as np

from klteach.practice.common_mistakes import special
from klteach.practice.evidence import near
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns

LESSON = "21_distillation"
LN_2 = math.log(2)


def log_softmax(logits, axis=-1):
    logits = logits - logits.max(axis=axis, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


def softmax(logits, axis=-1):
    return np.exp(log_softmax(logits, axis))


# E1: the loss


def terms(log_p, log_q):
    """p log(p/q), 0 where p is too small to be written."""
    return np.exp(log_p) * (log_p - log_q)


def rows(teacher, student, warmer=1.0, other=None):
    """KL of each row, both at `warmer`, or the student at `other`."""
    log_p = log_softmax(teacher / warmer)
    log_q = log_softmax(student / (warmer if other is None else other))
    return terms(log_p, log_q).sum(axis=1)


def loss(teacher, student, temperature):
    return temperature**2 * rows(teacher, student, temperature).mean()


def cross_entropies(teacher, student, temperature):
    return -(softmax(teacher / temperature) * log_softmax(student / temperature)).sum(axis=1)


def through_the_shares(teacher, student, temperature):
    """As it is with the logarithm of a softmax: infinite where a share is too small."""
    p, q = softmax(teacher / temperature), softmax(student / temperature)
    return temperature**2 * special().rel_entr(p, q).sum(axis=1).mean()


def down_the_columns(teacher, student, temperature):
    log_p, log_q = (log_softmax(x / temperature, axis=0) for x in (teacher, student))
    return terms(log_p, log_q)


def of_the_whole_table(teacher, student, temperature):
    return loss(teacher.reshape(1, -1), student.reshape(1, -1), temperature)


def softened_shares(shares, temperature):
    return log_softmax(softmax(shares) / temperature)


def hard_labels(teacher, student):
    return -log_softmax(student)[np.arange(len(teacher)), teacher.argmax(axis=1)].mean()


def of_the_shares(formula):
    """Variants of a wrong loss made of the shares of both, with T² and without it."""

    def with_factor(teacher, student, temperature):
        return temperature**2 * plain(teacher, student, temperature)

    def plain(teacher, student, temperature):
        return formula(softmax(teacher / temperature), softmax(student / temperature))

    return with_factor, plain


def row_alone(which, divided=False):
    """The loss of one row, which stands for all of them."""

    def wrong(teacher, student, temperature):
        found = temperature**2 * rows(teacher, student, temperature)[which]
        return found / len(teacher) if divided else found

    return wrong


def js_of_shares(p, q):
    middle = (p + q) / 2
    rel_entr = special().rel_entr
    return (rel_entr(p, middle) + rel_entr(q, middle)).sum(axis=1).mean() / 2


def mixed_with_labels(weight, other):
    return lambda t, s, T: weight * loss(t, s, T) + other * hard_labels(t, s)


def softened_after(teacher, student, temperature):
    """log softmax divided by T, in the place of the softmax of logits divided by T."""
    log_p, log_q = log_softmax(teacher) / temperature, log_softmax(student) / temperature
    return terms(log_p, log_q).sum(axis=1).mean()


def absolute_terms(teacher, student, temperature):
    log_p, log_q = log_softmax(teacher / temperature), log_softmax(student / temperature)
    return abs(terms(log_p, log_q)).sum(axis=1).mean()


def softmax_twice(teacher, student, temperature, both):
    log_q = log_softmax(softmax(student / temperature))
    log_p = log_softmax(softmax(teacher / temperature) if both else teacher / temperature)
    return temperature**2 * terms(log_p, log_q).sum(axis=1).mean()


def large_logits_break_it(e):
    """Right or nearly so for small logits, and finite but far off for large ones."""
    large = [bool(np.abs(tried.arguments[0]).max() > 100) for tried in e.cases]
    at = [i for i in e.wrong if large[i]]
    close = (near(v, r) for v, r, big in zip(e.values, e.references, large, strict=True) if not big)
    if not at or not e.is_finite(at[0]) or not all(close):
        return None
    return (
        "Right, or nearly so, where the logits are small, and wrong where they are large, as here. "
        "Is there a small number in a logarithm, or a `clip`? Then a share that is smaller than "
        "this number costs what the number makes it. log softmax(z) = z - logsumexp(z) needs none.",
        e.small(at),
    )


def batches(random):
    """Batches of logits at several temperatures, and logits of a size that exp cannot bear."""
    cases = []
    for count, classes, temperature in ((2, 3, 2.0), (3, 4, 1.0), (6, 10, 4.0), (25, 5, 0.5)):
        teacher = random.normal(0, 2.5, (count, classes))
        student = random.normal(0, 1.5, (count, classes))
        cases.append(case(teacher, student, temperature, label=f"{count} rows, T = {temperature}"))
    same = random.normal(0, 2, (3, 4))
    return [
        *cases,
        case(random.normal(0, 3, (4, 3)), random.normal(0, 3, (4, 3)), 8),
        case(same, same, 3.0, label="a student that is the teacher"),
        case(
            [[900.0, 0.0, -900.0], [0.0, 20.0, 10.0]],
            [[0.0, 1600.0, 0.0], [5.0, 0.0, 5.0]],
            1.0,
            label="logits too large for exp",
        ),
        case(
            [[4000.0, 3998.0], [-2000.0, -2001.0]],
            [[3001.0, 3000.0], [-3000.0, -2998.0]],
            2.0,
            label="large logits that differ by little",
        ),
    ]


DISTILLATION_LOSS = Question(
    "distillation_loss",
    points=3,
    reference=loss,
    unit="nats",
    exchangeable=False,
    visible=[
        case(
            [[2.0, 0.0], [0.0, 1.0], [3.0, 0.0]],
            [[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]],
            2.0,
            label="three rows at T = 2",
        ),
        case([[3.0, 1.0, 0.0]], [[1.0, 1.0, 1.0]], 4.0, label="one row at T = 4"),
        case([[2.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [1.0, 0.0]], 1.0, label="two rows at T = 1"),
    ],
    inputs=[batches],
    mistakes=[
        Mistake(
            "no t squared",
            lambda t, s, T: rows(t, s, T).mean(),
            "The factor T² is missing. Without it the gradient fades as 1/T², and beside a loss on "
            "labels the teacher is hardly heard at a high temperature.",
        ),
        Mistake(
            "t for t squared",
            lambda t, s, T: T * rows(t, s, T).mean(),
            "You multiplied by T. The gradient fades as 1/T²: one factor 1/T from the chain rule, "
            "and another one since the shares themselves come closer together.",
        ),
        Mistake(
            "divided by t squared",
            lambda t, s, T: rows(t, s, T).mean() / T**2,
            "You divided by T². The loss is small already at a high temperature: multiply.",
        ),
        Mistake(
            "teacher alone softened",
            (
                lambda t, s, T: T**2 * rows(t, s, T, 1.0).mean(),
                lambda t, s, T: rows(t, s, T, 1.0).mean(),
            ),
            "You divided the teacher's logits by T and not the student's. Then even a student with "
            "the teacher's own logits has a loss. Both are softened alike.",
        ),
        Mistake(
            "student alone softened",
            (
                lambda t, s, T: T**2 * rows(t, s, 1.0, T).mean(),
                lambda t, s, T: rows(t, s, 1.0, T).mean(),
            ),
            "You divided the student's logits by T and not the teacher's. Then even a student with "
            "the teacher's own logits has a loss. Both are softened alike.",
        ),
        Mistake(
            "temperature left out",
            (
                lambda t, s, T: rows(t, s).mean(),
                lambda t, s, T: T**2 * rows(t, s).mean(),
            ),
            "The logits were divided by no temperature: the divergence in it is the one at T = 1.",
        ),
        Mistake(
            "logits times t",
            (
                lambda t, s, T: T**2 * rows(t, s, 1 / T).mean(),
                lambda t, s, T: rows(t, s, 1 / T).mean(),
            ),
            "You multiplied the logits by T, which makes both surer. Divide them by it.",
        ),
        Mistake(
            "reversed",
            lambda t, s, T: loss(s, t, T),
            "You averaged under the student: this is KL(student‖teacher). The teacher is the truth "
            "here, so its shares are the weights.",
        ),
        Mistake(
            "reversed, without t squared",
            lambda t, s, T: rows(s, t, T).mean(),
            "Two things. You averaged under the student, KL(student‖teacher), and the teacher's "
            "shares are the weights. And the factor T² is missing.",
        ),
        Mistake(
            "both directions",
            (
                lambda t, s, T: loss(t, s, T) + loss(s, t, T),
                lambda t, s, T: (loss(t, s, T) + loss(s, t, T)) / 2,
            ),
            "Both directions are in it. KL(teacher‖student) alone is asked for.",
        ),
        Mistake(
            "another power of t",
            tuple(
                lambda t, s, T, power=power: T**power * rows(t, s, T).mean()
                for power in (0.5, 3, 4, -1)
            ),
            "A power of T stands before the divergence, and it is not the square.",
        ),
        Mistake(
            "divided twice",
            (
                lambda t, s, T: T**2 * rows(t, s, T**2).mean(),
                lambda t, s, T: rows(t, s, T**2).mean(),
            ),
            "You divided the logits by T². They are divided by T; the square stands before the KL.",
        ),
        Mistake(
            "whole division",
            (
                lambda t, s, T: T**2 * rows(t // T, s // T).mean(),
                lambda t, s, T: rows(t // T, s // T).mean(),
            ),
            "The logits were divided by `//`, which rounds down to a whole number. `/` is the "
            "division.",
        ),
        Mistake(
            "absolute terms",
            (
                lambda t, s, T: T**2 * absolute_terms(t, s, T),
                absolute_terms,
            ),
            "You took the absolute value of each term. Some of them are negative, and count as "
            "such.",
        ),
        Mistake(
            "entropy added",
            lambda t, s, T: T**2 * (cross_entropies(t, s, T) + cross_entropies(t, t, T)).mean(),
            "You added the teacher's entropy to the cross-entropy. KL is what is left when it is "
            "taken away.",
        ),
        Mistake(
            "sum over rows",
            (
                lambda t, s, T: T**2 * rows(t, s, T).sum(),
                lambda t, s, T: rows(t, s, T).sum(),
            ),
            "You added up the rows, so a batch of twice the size has twice the loss. Average over "
            "them.",
        ),
        Mistake(
            "mean over all entries",
            (
                lambda t, s, T: T**2 * rows(t, s, T).mean() / t.shape[1],
                lambda t, s, T: rows(t, s, T).mean() / t.shape[1],
            ),
            "You averaged over all entries of the table. A KL is a sum over the classes; only the "
            "rows are averaged. This way it is weaker by the number of classes.",
        ),
        Mistake(
            "mean over the classes",
            lambda t, s, T: T**2 * rows(t, s, T).sum() / t.shape[1],
            "You added up the rows and divided by the number of classes. It is the other way "
            "round: add up the classes of a row, and average over the rows.",
        ),
        Mistake(
            "cross-entropy",
            (
                lambda t, s, T: T**2 * cross_entropies(t, s, T).mean(),
                lambda t, s, T: cross_entropies(t, s, T).mean(),
            ),
            "This is a cross-entropy, -Σ p log q: the teacher's entropy is still in it. It pulls "
            "the student alike, but it is not 0 for a student that says what the teacher says.",
        ),
        Mistake(
            "labels of the teacher",
            (
                lambda t, s, T: hard_labels(t, s),
                lambda t, s, T: hard_labels(t, s / T),
                lambda t, s, T: T**2 * hard_labels(t, s / T),
            ),
            "You kept the teacher's first choice of each row and nothing else of what it says. Its "
            "whole row of shares is the target.",
        ),
        Mistake(
            "logarithm of a softmax",
            through_the_shares,
            "Infinite for large logits: a share became so small that it was written as 0, and then "
            "the logarithm was taken. Logits know better: log softmax(z) = z - logsumexp(z).",
        ),
        Mistake(
            "shares divided by t",
            (
                lambda t, s, T: (
                    T**2 * terms(softened_shares(t, T), softened_shares(s, T)).sum(axis=1).mean()
                ),
                lambda t, s, T: (
                    terms(softened_shares(t, T), softened_shares(s, T)).sum(axis=1).mean()
                ),
            ),
            "You divided shares by T and put them through a softmax once more. The temperature "
            "belongs to the logits, before the only softmax.",
        ),
        Mistake(
            "softmax down the columns",
            (
                lambda t, s, T: T**2 * down_the_columns(t, s, T).sum(axis=1).mean(),
                lambda t, s, T: T**2 * down_the_columns(t, s, T).sum(axis=0).mean(),
                lambda t, s, T: down_the_columns(t, s, T).sum(axis=1).mean(),
            ),
            "The softmax ran down the columns, over the images of the batch. Each row is a "
            "distribution of its own: `axis=1`.",
        ),
        Mistake(
            "softmax of the whole table",
            (
                lambda t, s, T: of_the_whole_table(t, s, T) / len(t),
                of_the_whole_table,
                lambda t, s, T: of_the_whole_table(t, s, T) / t.size,
                lambda t, s, T: of_the_whole_table(t, s, T) / T**2,
                lambda t, s, T: of_the_whole_table(t, s, T) / T**2 / len(t),
            ),
            "The softmax ran over all entries of the table at once, as SciPy's does if `axis` is "
            "missing. Each row is a distribution of its own: `axis=1`.",
        ),
        Mistake(
            "the first row alone",
            (row_alone(0), row_alone(0, divided=True)),
            "The first row alone is in it. Does a loop end too early, with its `return` inside?",
        ),
        Mistake(
            "the last row alone",
            (row_alone(-1), row_alone(-1, divided=True)),
            "The last row alone is in it. Is each row of the loop added to those before it?",
        ),
        Mistake(
            "with a loss on labels",
            tuple(
                mixed_with_labels(weight, other)
                for weight, other in (
                    *((share, 1 - share) for share in (0.5, 0.1, 0.2, 0.3, 0.7, 0.8, 0.9)),
                    (1, 1),
                )
            ),
            "A loss on labels, the teacher's first choices, is mixed in. The question asks for the "
            "distillation loss alone.",
        ),
        Mistake(
            "average first",
            of_the_shares(lambda p, q: special().rel_entr(p.mean(axis=0), q.mean(axis=0)).sum()),
            "You averaged the shares over the rows and took one KL of the averages. Each row has a "
            "KL of its own, and these are averaged.",
        ),
        Mistake(
            "jensen-shannon",
            of_the_shares(js_of_shares),
            "This is the Jensen-Shannon divergence, to the middle of both. The question asks for "
            "KL(teacher‖student).",
        ),
        Mistake(
            "squared differences of shares",
            (
                *of_the_shares(lambda p, q: ((p - q) ** 2).sum(axis=1).mean()),
                *of_the_shares(lambda p, q: ((p - q) ** 2).mean()),
            ),
            "You squared the differences of the shares. KL has logarithms: Σ p (log p - log q).",
        ),
        Mistake(
            "softmax twice",
            (
                lambda t, s, T: softmax_twice(t, s, T, both=False),
                lambda t, s, T: softmax_twice(t, s, T, both=True),
            ),
            "A softmax was taken of a softmax: `log_softmax` takes logits, not shares.",
        ),
        Mistake(
            "divided after the softmax",
            (
                lambda t, s, T: T**2 * softened_after(t, s, T),
                softened_after,
            ),
            "You took the softmax first and divided its logarithm by T. What comes out is no "
            "distribution: divide the logits, then take the softmax.",
        ),
        Mistake(
            "no weights",
            lambda t, s, T: T**2 * (log_softmax(t / T) - log_softmax(s / T)).sum(axis=1).mean(),
            "The log ratios were added up without weights. The teacher's shares are the weights.",
        ),
        Mistake(
            "bits",
            lambda t, s, T: loss(t, s, T) / LN_2,
            "This is in bits, what a logarithm to base 2 gives. A loss is in nats.",
        ),
        Mistake(
            "squared differences of logits",
            (
                lambda t, s, T: float(((t - s) ** 2).mean()),
                lambda t, s, T: float(((t - s) ** 2).sum(axis=1).mean()),
            ),
            "You compared the logits themselves. That is what distillation comes to at a very high "
            "T, but for a constant; the question asks for the KL at this T.",
        ),
    ],
    hints=[
        "What does each side say once its logits are divided by T? Who is the truth of the two? "
        "And over what is there a sum, over what a mean?",
        "T² · mean over the rows of Σ p (log p - log q), with log p = z - logsumexp(z), z = "
        "teacher/T, p = exp(log p), and log q likewise from student/T",
        "`from scipy.special import log_softmax`, `log_p = log_softmax(teacher / temperature, "
        "axis=1)`, `log_q = log_softmax(student / temperature, axis=1)`, "
        "`return temperature**2 * (np.exp(log_p) * (log_p - log_q)).sum(axis=1).mean()`",
    ],
    rows=[large_logits_break_it],
    insight="Sum over the classes, mean over the rows, T² before it: three factors that a "
    "library's `reduction` may take away without a word.",
    lesson=LESSON,
    section="The idea",
)


# E2: its gradient


GRADIENT = Returns("an array with one number per logit", lambda first, *_: np.shape(first))


def difference(teacher, student, temperature, other=None):
    """The student's shares minus the teacher's; the student's at `other` if it is given."""
    warmer = temperature if other is None else other
    return softmax(student / warmer) - softmax(teacher / temperature)


def gradient(teacher, student, temperature):
    return difference(teacher, student, temperature) / temperature


def by_the_first(log_p, log_q):
    """The gradient of KL(p‖q) by the logits of p."""
    ratio = log_p - log_q
    p = np.exp(log_p)
    return p * (ratio - (p * ratio).sum())


def log_shares(teacher, student, temperature):
    return log_softmax(teacher / temperature), log_softmax(student / temperature)


def reversed_gradient(teacher, student, temperature):
    log_p, log_q = log_shares(teacher, student, temperature)
    return by_the_first(log_q, log_p)


def teachers_gradient(teacher, student, temperature):
    return by_the_first(*log_shares(teacher, student, temperature))


def of_squares(teacher, student, temperature):
    q = softmax(student / temperature)
    apart = 2 * (q - softmax(teacher / temperature))
    return q * (apart - q @ apart) / temperature


def hot(teacher, student, temperature):
    """What the gradient comes to at a very high temperature."""
    apart = student - teacher
    return (apart - apart.mean()) / (len(apart) * temperature**2)


def pairs_of_logits(random):
    cases = []
    for classes, temperature in ((3, 3.0), (4, 0.5), (10, 6.0), (5, 1.0), (2, 20.0)):
        teacher, student = random.normal(0, 2, (2, classes))
        cases.append(case(teacher, student, temperature, label=f"{classes} classes"))
    return [*cases, case([3, 0, 1], [0, 2, 1], 2, label="whole numbers")]


DISTILLATION_GRADIENT = Question(
    "distillation_gradient",
    points=2,
    reference=gradient,
    returns=GRADIENT,
    exchangeable=False,
    tolerance=1e-5,  # good finite differences pass
    visible=[
        case([2.0, 0.0], [0.0, 0.0], 4.0, label="two classes at T = 4"),
        case([4.0, 2.0, 1.0], [1.0, 2.0, 0.0], 2.0, label="three classes at T = 2"),
        case([1.0, 0.0], [0.0, 3.0], 1.0, label="two classes at T = 1"),
    ],
    inputs=[pairs_of_logits],
    mistakes=[
        Mistake(
            "1/t forgotten",
            difference,
            "The factor 1/T of the chain rule is missing: the student's logits go into the softmax "
            "divided by T.",
        ),
        Mistake(
            "sign",
            lambda t, s, T: -gradient(t, s, T),
            "The sign is turned round: this is the way downhill, minus the gradient. A logit whose "
            "share is larger than the teacher's has a positive entry.",
        ),
        Mistake(
            "sign, and 1/t forgotten",
            lambda t, s, T: -difference(t, s, T),
            "The teacher's shares minus the student's: the sign is turned round, and the factor "
            "1/T of the chain rule is missing.",
        ),
        Mistake(
            "times t squared",
            lambda t, s, T: T * difference(t, s, T),
            "This is the gradient of T² · KL. The question asks for the gradient of KL itself, to "
            "see how it fades.",
        ),
        Mistake(
            "1/t squared",
            lambda t, s, T: difference(t, s, T) / T**2,
            "You divided by T². The chain rule gives one factor 1/T. That the gradient falls as "
            "1/T² comes of the shares, which are nearer to each other at a high T.",
        ),
        Mistake(
            "temperature in front only",
            (
                lambda t, s, T: difference(t, s, 1.0) / T,
                lambda t, s, T: difference(t, s, 1.0) / T**2,
            ),
            "The shares in it are those at T = 1. The logits are divided by T before the softmax.",
        ),
        Mistake(
            "at t = 1",
            lambda t, s, T: difference(t, s, 1.0),
            "This is the gradient at T = 1, whatever T is.",
        ),
        Mistake(
            "teacher alone softened",
            (
                lambda t, s, T: difference(t, s, T, 1.0) / T,
                lambda t, s, T: difference(t, s, T, 1.0),
            ),
            "The teacher's logits were divided by T and the student's were not. Both are softened "
            "alike.",
        ),
        Mistake(
            "student alone softened",
            (
                lambda t, s, T: difference(t, s, 1.0, T) / T,
                lambda t, s, T: difference(t, s, 1.0, T),
            ),
            "The student's logits were divided by T and the teacher's were not. Both are softened "
            "alike.",
        ),
        Mistake(
            "logits times t",
            (
                lambda t, s, T: difference(t, s, 1 / T) / T,
                lambda t, s, T: difference(t, s, 1 / T) * T,
                lambda t, s, T: difference(t, s, 1 / T),
            ),
            "The logits were multiplied by T before the softmax. Divide them by it.",
        ),
        Mistake(
            "of the other direction",
            (
                lambda t, s, T: reversed_gradient(t, s, T) / T,
                reversed_gradient,
            ),
            "The derivative of KL(student‖teacher). Here the teacher comes first: its shares are "
            "weights that do not depend on the student.",
        ),
        Mistake(
            "by the teacher's logits",
            (
                lambda t, s, T: teachers_gradient(t, s, T) / T,
                teachers_gradient,
            ),
            "This is the derivative by the teacher's logits. The teacher stays as it is; it is the "
            "student that learns.",
        ),
        Mistake(
            "by the shares",
            (
                lambda t, s, T: -softmax(t / T) / softmax(s / T),
                lambda t, s, T: -softmax(t / T) / softmax(s / T) / T,
            ),
            "This has -p/q in it, the derivative by the student's shares. What is asked for is the "
            "derivative by the logits: a softmax lies between the two.",
        ),
        Mistake(
            "its limit",
            (
                hot,
                lambda t, s, T: (s - t) / (len(t) * T**2),
                lambda t, s, T: (s - t) / T**2,
                lambda t, s, T: (s - t) / T,
            ),
            "You took the difference of the logits themselves. That is what a very high T makes of "
            "the gradient; at this T the softmax still counts.",
        ),
        Mistake(
            "mean over the classes",
            (
                lambda t, s, T: gradient(t, s, T) / len(t),
                lambda t, s, T: difference(t, s, T) / len(t),
            ),
            "You divided by the number of classes. A KL is a sum over the classes, and "
            "nothing in its gradient is an average.",
        ),
        Mistake(
            "absolute values",
            (
                lambda t, s, T: abs(gradient(t, s, T)),
                lambda t, s, T: abs(difference(t, s, T)),
            ),
            "No entry of yours is negative, but the entries of this gradient add up to 0: some "
            "logits are to rise, and others to fall.",
        ),
        Mistake(
            "log ratio",
            (
                lambda t, s, T: np.subtract(*log_shares(s, t, T)) / T,
                lambda t, s, T: np.subtract(*log_shares(s, t, T)),
            ),
            "You subtracted the logarithms of the shares. In the gradient the shares themselves "
            "are subtracted.",
        ),
        Mistake(
            "terms of a divergence",
            (
                lambda t, s, T: terms(*log_shares(t, s, T)),
                lambda t, s, T: terms(*log_shares(t, s, T)) / T,
                lambda t, s, T: terms(*log_shares(s, t, T)),
                lambda t, s, T: terms(*log_shares(s, t, T)) / T,
            ),
            "These are the terms of a KL, a share times a log ratio. What is asked for is how KL "
            "changes with each logit.",
        ),
        Mistake(
            "softmax of the difference",
            (
                lambda t, s, T: softmax((s - t) / T) / T,
                lambda t, s, T: softmax((s - t) / T),
            ),
            "You subtracted the logits and took one softmax. Take a softmax of each side, then "
            "subtract.",
        ),
        Mistake(
            "a softmax missing",
            (
                lambda t, s, T: (s / T - softmax(t / T)) / T,
                lambda t, s, T: s / T - softmax(t / T),
                lambda t, s, T: (s - softmax(t / T)) / T,
            ),
            "The student's logits stand where its shares belong: its softmax is missing.",
        ),
        Mistake(
            "of squared differences",
            (
                lambda t, s, T: of_squares(t, s, T),
                lambda t, s, T: of_squares(t, s, T) / 2,
            ),
            "This is the gradient of the squared differences of the shares. The question asks for "
            "that of KL, which is simpler.",
        ),
        Mistake(
            "made one long",
            lambda t, s, T: difference(t, s, T) / np.linalg.norm(difference(t, s, T)),
            "You divided by its length, so that all have the length 1. How long it is, is what "
            "the temperature changes.",
        ),
        Mistake(
            "a step",
            lambda t, s, T: s - gradient(t, s, T),
            "These are the student's logits after a step downhill. Return the gradient itself.",
        ),
        Mistake(
            "not normalised",
            (
                lambda t, s, T: (np.exp(s / T) - np.exp(t / T)) / T,
                lambda t, s, T: np.exp(s / T) - np.exp(t / T),
            ),
            "You subtracted the exponentials themselves. A share is the exponential divided by the "
            "sum of all of them.",
        ),
        Mistake(
            "through its own share alone",
            (
                lambda t, s, T: -softmax(t / T) * (1 - softmax(s / T)) / T,
                lambda t, s, T: -softmax(t / T) * (1 - softmax(s / T)),
            ),
            "You let each logit move its own share alone. The shares sum to 1, so it moves all the "
            "others, too.",
        ),
        Mistake(
            "np.gradient",
            (
                lambda t, s, T: np.gradient(terms(*log_shares(t, s, T))),
                lambda t, s, T: np.gradient(softmax(s / T) - softmax(t / T)),
            ),
            "`np.gradient` takes differences of neighbours in an array. What is asked for is how "
            "KL changes when one logit changes.",
        ),
        Mistake(
            "sorted",
            lambda t, s, T: (softmax(np.sort(s) / T) - softmax(np.sort(t) / T)) / T,
            "The shares were sorted before they were subtracted. Each class belongs to itself.",
        ),
        Mistake(
            "a label of the teacher",
            (
                lambda t, s, T: (softmax(s / T) - np.eye(len(t))[t.argmax()]) / T,
                lambda t, s, T: softmax(s / T) - np.eye(len(t))[t.argmax()],
                lambda t, s, T: softmax(s) - np.eye(len(t))[t.argmax()],
            ),
            "You made a label of the teacher's first choice. Its shares at T are the target, the "
            "small ones among them.",
        ),
    ],
    hints=[
        "For T = 1 the gradient of a cross-entropy is shares minus target. Which target is it "
        "here, and what does the division of the logits by T add?",
        "(softmax(student/T) - softmax(teacher/T)) / T",
        "`from scipy.special import softmax`, "
        "`return (softmax(student / temperature) - softmax(teacher / temperature)) / temperature`",
    ],
    insight="One 1/T stands in the formula. The other hides in the shares, which a high T moves "
    "towards each other: together they make 1/T².",
    lesson=LESSON,
    section="The idea",
)


# E3: how much of what the student says lies outside the teacher's first choices


def marked(scores, k):
    """True for the k largest of each row."""
    order = order_of(scores)[:, :k]
    found = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(found, order, True, axis=1)
    return found


def order_of(scores):
    """The classes of each row, the one with the largest score first."""
    return np.argsort(-scores, axis=1, kind="stable")


def of_each(teacher, student, k):
    return np.where(marked(teacher, k), 0.0, student).sum(axis=1)


def outside(teacher, student, k):
    return of_each(teacher, student, k).mean()


def smallest(teacher, student, k):
    return np.where(marked(-teacher, k), 0.0, student).sum(axis=1).mean()


def of_the_average(teacher, student, k):
    """Outside the k classes that the teacher likes best on average, the same in each row."""
    average = np.broadcast_to(teacher.mean(axis=0), teacher.shape)
    return outside(average, student, k)


def strays(teacher, student, k):
    """How often the student's first choice is not among the teacher's k."""
    first = student.argmax(axis=1)
    return float((~marked(teacher, k)[np.arange(len(teacher)), first]).mean())


def two_sides(random):
    """Shares without ties, for one row and for many."""
    cases = []
    for count, classes, k in ((3, 4, 1), (4, 5, 2), (12, 10, 3), (40, 6, 4), (5, 4, 3)):
        teacher = random.dirichlet(np.full(classes, 0.6), count)
        student = 0.5 * random.dirichlet(np.full(classes, 0.8), count) + 0.5 * random.dirichlet(
            np.full(classes, 2.0), count
        )
        cases.append(case(teacher, student, k, label=f"{count} rows, k = {k}"))
    return cases


MASS_OUTSIDE = Question(
    "mass_outside",
    points=2,
    reference=outside,
    exchangeable=False,
    visible=[
        case([[0.6, 0.3, 0.1]], [[0.2, 0.3, 0.5]], 1, label="one row, its first choice"),
        case(
            [[0.6, 0.3, 0.1], [0.05, 0.15, 0.8]],
            [[0.5, 0.2, 0.3], [0.25, 0.6, 0.15]],
            2,
            label="two rows, two choices",
        ),
    ],
    inputs=[two_sides],
    mistakes=[
        Mistake(
            "inside",
            lambda t, s, k: 1 - outside(t, s, k),
            "This is what lies inside the teacher's first choices. The question asks for the rest.",
        ),
        Mistake(
            "the student's own choices",
            lambda t, s, k: outside(s, s, k),
            "You looked for the student's own largest shares. It is the teacher who says which "
            "classes count.",
        ),
        Mistake(
            "the teacher's mass",
            lambda t, s, k: outside(t, t, k),
            "You added up the teacher's shares outside its own choices. The question asks for "
            "those of the student.",
        ),
        Mistake(
            "exchanged",
            lambda t, s, k: outside(s, t, k),
            "This is the teacher's mass outside the student's choices. The two are exchanged.",
        ),
        Mistake(
            "exchanged, and inside",
            lambda t, s, k: 1 - outside(s, t, k),
            "This is the teacher's mass inside the student's choices. The two are exchanged, and "
            "what lies outside is asked for.",
        ),
        Mistake(
            "rows turned round",
            lambda t, s, k: (
                np.take_along_axis(s, order_of(-t)[::-1][:, k:], axis=1).sum(axis=1).mean()
            ),
            "`[::-1]` turns the order of the rows round, and the smallest shares still come first. "
            "`[:, ::-1]` turns the classes of each row round.",
        ),
        Mistake(
            "the student sorted",
            lambda t, s, k: (
                np.take_along_axis(-np.sort(-s, axis=1), order_of(t)[:, k:], axis=1)
                .sum(axis=1)
                .mean()
            ),
            "The student's shares were sorted before they were picked, so they no longer stand "
            "beside their classes.",
        ),
        Mistake(
            "one list for the table",
            (
                lambda t, s, k: np.sum(s.ravel()[np.argsort(-t, axis=None)[k:]]) / len(t),
                lambda t, s, k: np.sum(s.ravel()[np.argsort(-t, axis=None)[k * len(t) :]]) / len(t),
            ),
            "The largest shares were looked for in the table as a whole. Each row has k first "
            "choices of its own: `axis=1`.",
        ),
        Mistake(
            "total variation",
            (
                lambda t, s, k: abs(t - s).sum(axis=1).mean() / 2,
                lambda t, s, k: abs(t - s).sum(axis=1).mean(),
            ),
            "You added up the differences of the two. The question asks for the student's mass "
            "on the classes that are not among the teacher's k first.",
        ),
        Mistake(
            "divided by the teacher's",
            (
                lambda t, s, k: np.mean(of_each(t, s, k) / of_each(t, t, k)),
                lambda t, s, k: outside(t, s, k) / outside(t, t, k),
            ),
            "You divided by what the teacher itself has outside. The question asks for the "
            "student's mass alone.",
        ),
        Mistake(
            "a fixed share",
            (
                lambda t, s, k: np.where(t < 1 / k, s, 0.0).sum(axis=1).mean(),
                lambda t, s, k: np.where(t < 1 / t.shape[1], s, 0.0).sum(axis=1).mean(),
                lambda t, s, k: np.where(t < 0.5, s, 0.0).sum(axis=1).mean(),
            ),
            "You compared the teacher's shares with one and the same number. How large its k-th "
            "largest share is differs from row to row.",
        ),
        Mistake(
            "choices that differ",
            lambda t, s, k: (marked(s, k) & ~marked(t, k)).sum(axis=1).mean() / k,
            "You counted how many of the student's k first choices are none of the teacher's. The "
            "question asks for shares: how much, not how many.",
        ),
        Mistake(
            "the least likely one alone",
            lambda t, s, k: s[np.arange(len(t)), t.argmin(axis=1)].mean(),
            "You took the teacher's least likely class alone. All classes that are not among its k "
            "first lie outside.",
        ),
        Mistake(
            "the smallest ones",
            smallest,
            "You left out the k classes to which the teacher gives least. `np.argsort` puts the "
            "smallest first: the largest stand at the end.",
        ),
        Mistake(
            "inside the smallest ones",
            lambda t, s, k: 1 - smallest(t, s, k),
            "You added up the student's shares of the k classes to which the teacher gives least. "
            "Outside its first k choices lie all other classes, not k of them.",
        ),
        Mistake(
            "sum over rows",
            lambda t, s, k: of_each(t, s, k).sum(),
            "You added up the rows. A mass is between 0 and 1: average over the rows.",
        ),
        Mistake(
            "one list for all rows",
            of_the_average,
            "You took the classes that the teacher likes best on average, the same for every row. "
            "Each row has first choices of its own.",
        ),
        Mistake(
            "one too many",
            lambda t, s, k: outside(t, s, k + 1),
            "One class too many was left out: the k + 1 first choices. Look at where the slice "
            "begins or ends.",
        ),
        Mistake(
            "one too few",
            lambda t, s, k: outside(t, s, k - 1),
            "One class too few was left out: the k - 1 first choices. Look at where the slice "
            "begins or ends.",
        ),
        Mistake(
            "the k-th alone",
            lambda t, s, k: (
                1
                - np.take_along_axis(s, np.argsort(-t, axis=1, kind="stable")[:, k - 1 : k], axis=1)
            ).mean(),
            "Of the k first choices you left out the last one alone. All k of them count as "
            "inside.",
        ),
        Mistake(
            "the first columns",
            lambda t, s, k: s[:, k:].sum(axis=1).mean(),
            "You left out the first k columns. The teacher's first choices are its k largest "
            "shares, wherever they stand.",
        ),
        Mistake(
            "mean over classes",
            (
                lambda t, s, k: outside(t, s, k) / (t.shape[1] - k),
                lambda t, s, k: outside(t, s, k) / t.shape[1],
            ),
            "You averaged over the classes. The mass of several classes is their sum; only the "
            "rows are averaged.",
        ),
        Mistake(
            "counted",
            strays,
            "You counted the rows in which the student's first choice is none of the teacher's. "
            "The question asks for shares: how much, not how often.",
        ),
        Mistake(
            "columns of every row",
            (
                lambda t, s, k: s[:, order_of(t)[:, k:]].sum(axis=-1).mean(),
                lambda t, s, k: s[:, order_of(t)[:, k:]].sum(axis=1).mean(),
                lambda t, s, k: 1 - s[:, order_of(t)[:, :k]].sum(axis=-1).mean(),
            ),
            "`student[:, order]` takes the columns of every list from every row, so all rows are "
            "mixed. `np.take_along_axis(student, order, axis=1)` takes each row's own.",
        ),
        Mistake(
            "order for rank",
            (
                lambda t, s, k: np.where(order_of(t) >= k, s, 0).sum(axis=1).mean(),
                lambda t, s, k: np.where(order_of(-t) < t.shape[1] - k, s, 0).sum(axis=1).mean(),
            ),
            "`np.argsort` gives the order: its first entry is the class that comes first. You read "
            "it as if it were the rank of each class.",
        ),
        Mistake(
            "the first row alone",
            (
                lambda t, s, k: of_each(t, s, k)[0],
                lambda t, s, k: of_each(t, s, k)[0] / len(t),
            ),
            "The first row alone is in it. Does a loop end too early, with its `return` inside?",
        ),
        Mistake(
            "the last row alone",
            (
                lambda t, s, k: of_each(t, s, k)[-1],
                lambda t, s, k: of_each(t, s, k)[-1] / len(t),
            ),
            "The last row alone is in it. Is each row of the loop added to those before it?",
        ),
        Mistake(
            "less the teacher's mass",
            lambda t, s, k: outside(t, s, k) - outside(t, t, k),
            "You took away what the teacher itself has outside. The question asks for the "
            "student's mass alone.",
        ),
        Mistake(
            "weighted by the teacher",
            lambda t, s, k: np.where(marked(t, k), 0.0, t * s).sum(axis=1).mean(),
            "You multiplied the student's shares by the teacher's. The teacher says only which "
            "classes count.",
        ),
        Mistake(
            "logarithm",
            (
                lambda t, s, k: -np.log(1 - of_each(t, s, k)).mean(),
                lambda t, s, k: -np.log(1 - of_each(t, s, k).mean()),
            ),
            "This is minus a logarithm of the mass inside. The question asks for the mass outside "
            "itself.",
        ),
        Mistake(
            "the worst row",
            lambda t, s, k: of_each(t, s, k).max(),
            "This is the largest of the rows. Take their mean.",
        ),
        Mistake(
            "the median row",
            lambda t, s, k: float(np.median(of_each(t, s, k))),
            "This is the median over the rows. Take their mean.",
        ),
        Mistake(
            "per cent",
            lambda t, s, k: 100 * outside(t, s, k),
            "This is in per cent. A mass is between 0 and 1.",
        ),
    ],
    hints=[
        "Which k classes of this row have the teacher's largest shares? What does the student give "
        "to all the others?",
        "order = classes of each row by the teacher's share, largest first; mean over the rows of "
        "Σ student[order[k:]]",
        "`order = np.argsort(-teacher, axis=1)`, "
        "`return np.take_along_axis(student, order[:, k:], axis=1).sum(axis=1).mean()`",
    ],
    insight="It is what a student says that its teacher would hardly say: the price of covering, "
    "which a reverse KL refuses to pay.",
    lesson=LESSON,
    section="Predict again",
)


QUESTIONS = [DISTILLATION_LOSS, DISTILLATION_GRADIENT, MASS_OUTSIDE]
