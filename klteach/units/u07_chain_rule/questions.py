"""The questions of unit 07: two parts of a KL, nats a step, a padded text, batches of losses."""

import math
from functools import wraps

import numpy as np

from klteach.practice.common_mistakes import terms
from klteach.practice.diagnosis import ROWS
from klteach.practice.evidence import ZERO
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import named_numbers

LESSON = "07_chain_rule"


def if_nothing_general_fits(row):
    """A row of the diagnosis of one question that speaks where no row of all questions does."""

    @wraps(row)
    def last(evidence):
        found = row(evidence)
        return None if found is None or any(general(evidence) for general in ROWS) else found

    return last


# E1: both parts of the chain rule


def kl(p, q):
    return float(terms(p, q).sum())


def rows_of(table):
    """Each row divided by its sum: what the columns do, given the row."""
    return table / table.sum(axis=1, keepdims=True)


def row_kls(p, q):
    """KL of the columns given the row, one number per row."""
    return terms(rows_of(p), rows_of(q)).sum(axis=1)


def of_rows(p, q):
    return kl(p.sum(axis=1), q.sum(axis=1))


def of_columns(p, q):
    return kl(p.sum(axis=0), q.sum(axis=0))


def given_row(p, q):
    return float(p.sum(axis=1) @ row_kls(p, q))


def given_column(p, q):
    return given_row(p.T, q.T)


def two_parts(p, q):
    return np.array([of_rows(p, q), given_row(p, q)])


def log_of_rows(p, q):
    """log P(column | row) - log Q(column | row), 0 where P is 0."""
    with np.errstate(divide="ignore"):
        return np.where(p > 0, np.log(positive(rows_of(p))) - np.log(rows_of(q)), 0.0)


def averaged(weights, logs):
    """Σ weights · logs, where a weight of 0 takes anything to 0."""
    return float(np.where(weights > 0, weights * logs, 0.0).sum())


def only_p_divided(p, q):
    return kl(p, q) + kl_to_one(p.sum(axis=1))


def only_q_divided(p, q):
    """Σ p log(p / Q(column | row)): too small by what the log of Q's row sums is on average."""
    return kl(p, q) + float(p.sum(axis=1) @ np.log(q.sum(axis=1)))


def kl_to_one(shares):
    return float(-(shares * np.log(shares)).sum())


def size_of_rows(p, q):
    return np.abs(terms(p.sum(axis=1), q.sum(axis=1))).sum()


def size_given_row(p, q):
    return p.sum(axis=1) @ np.abs(terms(rows_of(p), rows_of(q))).sum(axis=1)


def softmax(scores):
    return rows_of(np.exp(scores))


def positive(shares):
    """The shares with 1 in the place of 0, whose logarithm is then 0."""
    return np.where(shares > 0, shares, 1.0)


def given_row_cross(p, q):
    with np.errstate(divide="ignore"):
        return -averaged(p, np.log(rows_of(q)))


def table(random, rows, columns):
    return random.dirichlet(np.ones(rows * columns)).reshape(rows, columns)


def random_tables(random):
    return [
        case(table(random, *shape), table(random, *shape), label=f"{shape[0]} rows")
        for shape in ((2, 3), (3, 2), (2, 2), (4, 5), (6, 3))
    ]


def special_tables(random):
    """A cell that P never uses, a cell that only Q rules out, and equal tables."""
    p, q = table(random, 3, 3), table(random, 3, 3)
    unused, missing = p.copy(), q.copy()
    unused[1, 2] = 0.0
    missing[2, 0] = 0.0
    return [
        case(unused / unused.sum(), q, label="a cell that p never uses"),
        case(p, missing / missing.sum(), label="a cell that q rules out"),
        case(q, q, label="p = q"),
    ]


@if_nothing_general_fits
def one_number_right(e):
    """Which of the two numbers is right on every input, or whether their sum is."""
    values, references = np.array(e.values), np.array(e.references)
    right = np.isclose(values, references, rtol=e.question.tolerance, atol=ZERO).all(axis=0)
    shown = e.small(e.wrong)
    if right[0]:
        return (
            "Your first number is right on every input, the second is not. What share of the "
            "samples from p lands in each row, and what is the KL of its columns?",
            shown,
        )
    if right[1]:
        return (
            "Your second number is right on every input, the first is not. The first compares the "
            "sums of the rows and nothing else.",
            shown,
        )
    if np.allclose(values.sum(axis=1), references.sum(axis=1), rtol=1e-6):
        return (
            "Your two numbers add up to the KL of the whole tables, as they should, but are not "
            "the two parts that the question asks for.",
            shown,
        )
    return (
        "Neither of your two numbers is right on every input. Take them one at a time: first the "
        "KL of the row sums alone.",
        shown,
    )


BOTH_PARTS = Question(
    "both_parts",
    points=2,
    reference=two_parts,
    returns=named_numbers("KL of the row sums", "KL given the row"),
    exchangeable=False,  # the two numbers do not change places with the rows
    rows=[one_number_right],
    unit="nats",
    visible=[
        case(
            [[0.10, 0.20, 0.10], [0.30, 0.05, 0.25]],
            [[0.20, 0.15, 0.35], [0.05, 0.15, 0.10]],
            label="the table of the text",
        ),
        case([[0.1, 0.4], [0.3, 0.2]], [[0.25, 0.25], [0.1, 0.4]], label="equal row sums"),
        case([[0.5, 0.0], [0.1, 0.4]], [[0.1, 0.2], [0.4, 0.3]], label="a cell that p never uses"),
    ],
    inputs=[random_tables, special_tables],
    mistakes=[
        Mistake(
            "rows weighted by q",
            lambda p, q: [of_rows(p, q), q.sum(axis=1) @ row_kls(p, q)],
            "Your second number weighs the rows by q. The samples come from p: how often is a row "
            "met, and with it the price of a wrong belief about its columns?",
        ),
        Mistake(
            "averaged under q",
            lambda p, q: [of_rows(p, q), averaged(q, log_of_rows(p, q))],
            "Your second number has the right log ratios and averages them under q. It may even "
            "come out negative. The samples come from p.",
        ),
        Mistake(
            "rows not weighted",
            (
                lambda p, q: [of_rows(p, q), row_kls(p, q).sum()],
                lambda p, q: [of_rows(p, q), row_kls(p, q).mean()],
            ),
            "In your second number every row counts the same, however often it comes. What share "
            "of the samples from p lands in each row?",
        ),
        Mistake(
            "weighted twice",
            lambda p, q: [of_rows(p, q), (p.sum(axis=1) ** 2) @ row_kls(p, q)],
            "In your second number each row is weighted by its share twice. Weigh the table's "
            "cells, or the rows' KLs, but not both.",
        ),
        Mistake(
            "joint rows weighted",
            lambda p, q: [of_rows(p, q), p.sum(axis=1) @ terms(p, q).sum(axis=1)],
            "In your second number the rows of the joint tables are weighted by the shares of the "
            "rows, which are in them already. Divide each row by its sum, then weigh.",
        ),
        Mistake(
            "first row alone",
            lambda p, q: [of_rows(p, q), (p.sum(axis=1) * row_kls(p, q))[0]],
            "Only the first row is in your second number. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "last row alone",
            lambda p, q: [of_rows(p, q), (p.sum(axis=1) * row_kls(p, q))[-1]],
            "Only the last row is in your second number. Does each turn of the loop overwrite the "
            "result (`=`) where it should add to it (`+=`)?",
        ),
        Mistake(
            "whole for the second",
            lambda p, q: [of_rows(p, q), kl(p, q)],
            "Your second number is the KL of the whole tables, and the first number is in it "
            "already. Given the row, p and q have each row divided by its own sum.",
        ),
        Mistake(
            "whole for the first",
            (
                lambda p, q: [kl(p, q), given_row(p, q)],
                lambda p, q: [kl(p, q), of_rows(p, q)],
            ),
            "Your first number is the KL of the whole tables: the sum of both parts. The first "
            "part compares the sums of the rows and looks at no column.",
        ),
        Mistake(
            "columns first",
            lambda p, q: [of_columns(p, q), given_column(p, q)],
            "The parts of the other order: the column first, then the row given the column. They "
            "add up to the same, but the question has the row first: sums over `axis=1`.",
        ),
        Mistake(
            "column by itself",
            lambda p, q: [of_rows(p, q), of_columns(p, q)],
            "Your second number is the KL of the column sums, which forgets the row. It is that of "
            "the columns given the row only if rows and columns are independent.",
        ),
        Mistake(
            "axes mixed",
            (
                lambda p, q: [of_rows(p, q), given_column(p, q)],
                lambda p, q: [of_columns(p, q), given_row(p, q)],
                lambda p, q: [of_columns(p, q), of_rows(p, q)],
            ),
            "One of your two numbers belongs to the rows and the other to the columns, so they do "
            "not add up to the KL of the tables. For the row, sum over `axis=1`.",
        ),
        Mistake(
            "swapped",
            lambda p, q: two_parts(q, p),
            "Both parts in the other direction, KL(q‖p). The samples come from p, so weigh by p "
            "and take log(p/q).",
        ),
        Mistake(
            "one part swapped",
            (
                lambda p, q: [of_rows(q, p), given_row(p, q)],
                lambda p, q: [of_rows(p, q), given_row(q, p)],
                lambda p, q: [of_rows(p, q), p.sum(axis=1) @ row_kls(q, p)],
                lambda p, q: [of_rows(q, p), p.sum(axis=1) @ row_kls(q, p)],
            ),
            "In one of your two numbers at least p and q have changed places inside a KL. Both "
            "parts are of KL(p‖q).",
        ),
        Mistake(
            "other way round",
            lambda p, q: two_parts(p, q)[::-1],
            "The right two numbers in the wrong order: first the KL of the row sums, then the KL "
            "given the row.",
        ),
        Mistake(
            "subtracted the wrong way",
            lambda p, q: [of_rows(p, q), of_rows(p, q) - kl(p, q)],
            "Your second number has the wrong sign. The whole is never smaller than a part.",
        ),
        Mistake(
            "both added up",
            lambda p, q: [of_rows(p, q), of_rows(p, q) + kl(p, q)],
            "Your second number is the KL of the tables and that of the row sums added up. The "
            "whole is the sum of the parts, so a part is a difference.",
        ),
        Mistake(
            "only one side divided",
            (
                lambda p, q: [of_rows(p, q), only_p_divided(p, q)],
                lambda p, q: [of_rows(p, q), only_q_divided(p, q)],
            ),
            "In your second number one of the two tables still holds its joint probabilities, and "
            "only the other has had its rows divided by their sums. Divide the rows of both.",
        ),
        Mistake(
            "p with itself",
            (
                lambda p, q: [0.0, kl(p, q)],
                lambda p, q: [0.0, given_row(p, q)],
            ),
            "Your first number is 0 on every input, as if p's row sums were compared with "
            "themselves. Is q in it?",
        ),
        Mistake(
            "absolute values",
            (
                lambda p, q: [size_of_rows(p, q), size_given_row(p, q)],
                lambda p, q: [size_of_rows(p, q), given_row(p, q)],
                lambda p, q: [of_rows(p, q), size_given_row(p, q)],
            ),
            "The sizes of the terms were added up, without their signs. Some terms of a KL are "
            "negative, and they belong there; the sum never is.",
        ),
        Mistake(
            "largest row",
            lambda p, q: [of_rows(p, q), row_kls(p, q).max()],
            "Your second number is the KL of the row that differs most. All rows count, each as "
            "often as p meets it.",
        ),
        Mistake(
            "weights of both",
            lambda p, q: [of_rows(p, q), (p + q).sum(axis=1) / 2 @ row_kls(p, q)],
            "Your second number weighs the rows by the mean of p and q. Only p supplies samples.",
        ),
        Mistake(
            "margins added up",
            lambda p, q: [of_rows(p, q), of_rows(p, q) + of_columns(p, q)],
            "Your second number is the KL of the row sums and that of the column sums, added up. "
            "It looks at no cell of the tables, and so not at what goes together.",
        ),
        Mistake(
            "softmax",
            lambda p, q: [of_rows(p, q), p.sum(axis=1) @ terms(softmax(p), softmax(q)).sum(axis=1)],
            "A softmax was taken of the rows. They hold probabilities already: divide each by its "
            "sum.",
        ),
        Mistake(
            "conditional entropy",
            lambda p, q: [of_rows(p, q), -averaged(p, np.log(positive(rows_of(p))))],
            "Your second number is the entropy of p's columns given the row: how uncertain they "
            "are. q does not come in, and KL compares the two.",
        ),
        Mistake(
            "conditional cross-entropy",
            lambda p, q: [of_rows(p, q), given_row_cross(p, q)],
            "Your second number is the cross-entropy of the columns given the row. It has the "
            "entropy of p in it, which a right model pays, too.",
        ),
        Mistake(
            "first part alone",
            lambda p, q: [of_rows(p, q), 0.0],
            "Your second number is always 0: true only if q has the columns of every row right.",
        ),
    ],
    hints=[
        "How often does a sample from p land in each row, and what does it then cost to believe "
        "q's columns?",
        "KL(X) = Σ p(x) log(p(x)/q(x)) of the row sums, and Σ p(x) KL(P(·|x)‖Q(·|x)), where "
        "P(y|x) = p(x, y)/p(x)",
        "`from scipy.special import rel_entr`, `row_p, row_q = p.sum(axis=1), q.sum(axis=1)`, "
        "`rows = rel_entr(p / row_p[:, None], q / row_q[:, None]).sum(axis=1)`, then "
        "`return rel_entr(row_p, row_q).sum(), row_p @ rows`",
    ],
    insight="Their sum is the KL of the whole tables, and neither part is negative. So leaving a "
    "column out never raises KL, and a table whose parts do not add up has a mistake in it.",
    lesson=LESSON,
)


# E2: nats a step of a Markov chain


def stationary(p):
    """The law that a step leaves as it is: (P' - 1) law = 0, with a sum of 1."""
    size = len(p)
    equations = np.vstack([p.T - np.eye(size), np.ones(size)])
    return np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0), rcond=None)[0]


def plain_row_kls(p, q):
    return terms(p, q).sum(axis=1)


def kls_of_columns(p, q):
    """KL of the columns, each divided by its sum, as `stats.entropy` does without an axis."""
    return terms(p / p.sum(axis=0), q / q.sum(axis=0)).sum(axis=0)


def rate(p, q):
    return float(stationary(p) @ plain_row_kls(p, q))


def mixed(random, size, stay=0.0):
    """A chain that forgets its start: every row has a share of the uniform law."""
    rows = random.dirichlet(np.full(size, 0.5), size)
    return 0.55 * rows + 0.45 * (stay * np.eye(size) + (1 - stay) / size)


def random_chains(random):
    chains = [(mixed(random, size), mixed(random, size), f"{size} states") for size in (2, 3, 5, 9)]
    return [case(p, q, label=label) for p, q, label in chains]


def special_chains(random):
    p, q = mixed(random, 3), mixed(random, 3)
    never = np.array([[0.0, 0.7, 0.3], [0.6, 0.1, 0.3], [0.2, 0.5, 0.3]])
    forbidden = np.array([[0.5, 0.25, 0.25], [0.5, 0.0, 0.5], [0.1, 0.2, 0.7]])
    return [
        case(never, q, label="a step that p never takes"),
        case(p, forbidden, label="a step that q forbids"),
        case(p, p, label="p = q"),
    ]


def unnormalised(p, q):
    law = stationary(p)
    return law / np.linalg.norm(law) @ plain_row_kls(p, q)


def against_averages(e, parts, words):
    """Whether each value lies where an average of these parts lies; else on which side of it.

    `words` holds what to say of a value inside on every input, of one above and of one below.
    """
    finite = [i for i in e.wrong if np.isfinite(e.references[i]) and np.isfinite(e.values[i])]
    room = 1e-9
    above = [i for i in finite if e.values[i] > parts(e.cases[i]).max() + room]
    below = [i for i in finite if e.values[i] < parts(e.cases[i]).min() - room]
    if not finite:
        return None
    inside, larger, smaller = words
    if above:
        return larger, e.small(above)
    return (smaller, e.small(below)) if below else (inside, e.small(finite))


@if_nothing_general_fits
def average_of_the_rows(e):
    return against_averages(
        e,
        lambda tried: plain_row_kls(*tried.arguments),
        (
            "Yours lies between the smallest and the largest KL of the rows, as an average of them "
            "does. If it is one, its weights are not the stationary law of p.",
            "Yours is larger here than the KL of any row. An average of them is not: do your "
            "weights add up to 1, and does each row have its own KL?",
            "Yours is smaller here than the KL of any row. An average of them is not: do your "
            "weights add up to 1, and does each row have its own KL?",
        ),
    )


KL_RATE = Question(
    "kl_rate",
    points=3,
    reference=rate,
    unit="nats",
    exchangeable=False,
    rows=[average_of_the_rows],
    visible=[
        case([[0.9, 0.1], [0.5, 0.5]], [[0.8, 0.2], [0.3, 0.7]], label="two states"),
        case([[0.4, 0.6], [0.2, 0.8]], [[0.4, 0.6], [0.6, 0.4]], label="q has the first row right"),
        case([[0.5, 0.5], [1.0, 0.0]], [[0.6, 0.4], [0.5, 0.5]], label="a step that p never takes"),
    ],
    inputs=[random_chains, special_chains],
    mistakes=[
        Mistake(
            "stationary law of q",
            lambda p, q: stationary(q) @ plain_row_kls(p, q),
            "You weighed the states by the stationary law of q. The chain that runs is p: how "
            "often is *it* in each state?",
        ),
        Mistake(
            "every state the same",
            lambda p, q: plain_row_kls(p, q).mean(),
            "Every state has the same weight in yours. The chain is in some of them more often "
            "than in others: weigh by the stationary law of p. (If yours came from "
            "`np.linalg.eig(p)`: that has the vectors with p v = v, which are constant. The "
            "stationary law is one of `p.T`.)",
        ),
        Mistake(
            "rows added up",
            lambda p, q: plain_row_kls(p, q).sum(),
            "You added the KLs of all rows. A step starts in one state, so it is their average, "
            "weighted by how often p is there.",
        ),
        Mistake(
            "mean of all entries",
            lambda p, q: terms(p, q).mean(),
            "You averaged over all entries of the table. A row's entries add up to its KL; what is "
            "averaged are the rows, with the weights of the stationary law.",
        ),
        Mistake(
            "times the number of states",
            lambda p, q: len(p) * rate(p, q),
            "The right number times the number of states. All rows of a high power of p are the "
            "stationary law: were they added up? One of them is enough.",
        ),
        Mistake(
            "weighted twice",
            lambda p, q: stationary(p) @ terms(p, q) @ stationary(p),
            "Your weights are π(i) π(j), as if the next state did not depend on this one. A step "
            "from i to j has the probability π(i) P(i, j), and P(i, j) is in the term.",
        ),
        Mistake(
            "columns for rows",
            (
                lambda p, q: terms(p, q).sum(axis=0) @ stationary(p),
                lambda p, q: kls_of_columns(p, q) @ stationary(p),
            ),
            "Your weights go with the columns, where a step ends, and not with the rows, where it "
            "starts. The KL of a state is that of its row, a sum over `axis=1`.",
        ),
        Mistake(
            "swapped",
            (
                lambda p, q: rate(q, p),
                lambda p, q: stationary(p) @ plain_row_kls(q, p),
            ),
            "The rows are compared in the other direction, KL(q‖p). The steps come from p.",
        ),
        Mistake(
            "stationary laws alone",
            (
                lambda p, q: kl(stationary(p), stationary(q)),
                lambda p, q: kl(stationary(q), stationary(p)),
            ),
            "This is the KL of the two stationary laws: of single states, not of steps. Two chains "
            "may visit all states equally often and yet follow different rules.",
        ),
        Mistake(
            "pairs of states",
            lambda p, q: kl(stationary(p), stationary(q)) + rate(p, q),
            "This is the KL of a pair of neighbouring states: the first state is in it, and then a "
            "step. In a long text the first state comes once and the steps come every time; the "
            "rate is that of a step.",
        ),
        Mistake(
            "column of the power",
            (
                lambda p, q: stationary(p)[0] * plain_row_kls(p, q).sum(),
                lambda p, q: stationary(p)[-1] * plain_row_kls(p, q).sum(),
            ),
            "All states have the same weight in yours, and the weights do not sum to 1: a column "
            "of a high power of p holds one share again and again. The stationary law is a row.",
        ),
        Mistake(
            "tables of two steps",
            (
                lambda p, q: stationary(p) @ plain_row_kls(p @ p, q @ q),
                lambda p, q: stationary(p) @ plain_row_kls(p @ p, q @ q) / 2,
            ),
            "You compared p @ p and q @ q: where the chain is after two steps, whatever lies "
            "between. The text shows the state between as well.",
        ),
        Mistake(
            "both directions",
            (
                lambda p, q: stationary(p) @ (plain_row_kls(p, q) + plain_row_kls(q, p)),
                lambda p, q: stationary(p) @ (plain_row_kls(p, q) + plain_row_kls(q, p)) / 2,
            ),
            "Both directions are in yours, as in Jeffreys' divergence. The steps come from p: "
            "KL(p‖q) alone.",
        ),
        Mistake(
            "half of a pair",
            lambda p, q: (kl(stationary(p), stationary(q)) + rate(p, q)) / 2,
            "Half of the KL of a pair of states. In a pair one state is met without a step before "
            "it, which in a long text happens once: the rate is what a step adds.",
        ),
        Mistake(
            "one step from anywhere",
            (
                lambda p, q: p.mean(axis=0) @ plain_row_kls(p, q),
                lambda p, q: (p @ p).mean(axis=0) @ plain_row_kls(p, q),
            ),
            "Your weights are where p is after a step or two from a state chosen blindly. Go on: "
            "the stationary law is what a further step leaves as it is.",
        ),
        Mistake(
            "first state alone",
            (
                lambda p, q: plain_row_kls(p, q)[0],
                lambda p, q: (stationary(p) * plain_row_kls(p, q))[0],
            ),
            "Only the first row counts in yours. Does a `return` stand inside the loop? The chain "
            "leaves that state: add up all rows, weighted.",
        ),
        Mistake(
            "last state alone",
            (
                lambda p, q: plain_row_kls(p, q)[-1],
                lambda p, q: (stationary(p) * plain_row_kls(p, q))[-1],
            ),
            "Only the last row counts in yours. Does each turn of a loop overwrite the result "
            "(`=`) where it should add to it (`+=`)?",
        ),
        Mistake(
            "power of each entry",
            tuple(lambda p, q, n=n: (p**n)[0] @ plain_row_kls(p, q) for n in (10, 20, 50, 100)),
            "`p ** n` raises each entry to the power of n. `np.linalg.matrix_power(p, n)` takes n "
            "steps.",
        ),
        Mistake(
            "weights not normalised",
            (unnormalised, lambda p, q: -unnormalised(p, q)),
            "Your weights are in the right proportion and do not add up to 1. The vectors of "
            "`np.linalg.eig` have the length 1, and any sign: divide by the sum.",
        ),
        Mistake(
            "two steps",
            lambda p, q: 2 * rate(p, q),
            "Twice the rate: the KL of two steps. One step is asked for.",
        ),
    ],
    hints=[
        "A long text of p: what share of its steps starts in each state, and what does a step from "
        "there cost?",
        "Σ π(i) Σ P(i, j) log(P(i, j)/Q(i, j)), where π is the law with Σ π(i) P(i, j) = π(j)",
        "`from scipy.special import rel_entr`, `law = np.linalg.matrix_power(p, 200)[0]`, then "
        "`return law @ rel_entr(p, q).sum(axis=1)`",
    ],
    insight="The rate is the slope of the line n · KL: a text of n steps has about n times as "
    "much. It sees what single states cannot, since two chains may have equal stationary laws.",
    lesson=LESSON,
)


# E3a: a padded text


def chosen(log, tokens):
    """log-probability of each token but the first, from the row before it."""
    return np.take_along_axis(log[:-1], tokens[1:, None], axis=1)[:, 0]


def per_token(tokens, log_p, log_q):
    return chosen(log_p, tokens) - chosen(log_q, tokens)


def log_ratio(tokens, log_p, log_q, mask):
    return float(per_token(tokens, log_p, log_q)[mask[1:] == 1].sum())


def at_the_same_place(log, tokens, real):
    values = np.take_along_axis(log, tokens[:, None], axis=1)[:, 0]
    return float(values[real].sum())


def shifted_back(log, tokens, real):
    """The log-probability of each token in the row after it: one too far the other way."""
    values = np.take_along_axis(log[1:], tokens[:-1, None], axis=1)[:, 0]
    return float(values[real].sum())


def next_token_kl(log_p, log_q):
    return (np.exp(log_p) * (log_p - log_q)).sum(axis=1)


def real(mask):
    return mask == 1


def log_softmax(scores):
    return np.log(softmax(scores))


def text(random, length, padding, vocabulary, word=0):
    """A text of so many tokens, padded with the token 0, which is a word, too."""
    tokens = random.integers(0, vocabulary, length + padding)
    tokens[min(2, length - 1)] = word
    tokens[length:] = 0
    mask = np.append(np.ones(length, dtype=int), np.zeros(padding, dtype=int))
    log_p, log_q = (
        log_softmax(random.normal(0, 1.2, (length + padding, vocabulary))) for _ in range(2)
    )
    return tokens, log_p, log_q, mask


def random_texts(random):
    sizes = ((5, 3, 4), (12, 0, 6), (20, 9, 30), (8, 1, 3), (3, 6, 5))
    return [
        case(*text(random, *size), label=f"{size[0]} tokens and {size[1]} of padding")
        for size in sizes
    ]


def equal_models(random):
    tokens, log_p, _, mask = text(random, 6, 2, 4)
    return [case(tokens, log_p, log_p, mask, label="q = p")]


_P = np.log(np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
_Q = np.log(np.array([[0.4, 0.6], [0.7, 0.3], [0.5, 0.5], [0.1, 0.9]]))

BUMP = 0.125  # added to one log-probability, to see whether it counts


@if_nothing_general_fits
def what_counts(e):
    """Which log-probability counts and should not, or should and does not, found by trying each."""
    at = next((i for i in e.wrong if i < len(e.question.visible)), None)
    if at is None:
        return None
    tokens, log_p, log_q, mask = e.cases[at].arguments
    places = list(np.ndindex(log_p.shape))
    tried = e.call([case(tokens, _bumped(log_p, place), log_q, mask) for place in places])
    if any(value is None or np.shape(value) for value in tried):
        return None
    slopes = np.array([float(value) - e.values[at] for value in tried]) / BUMP
    follows = {(t - 1, int(tokens[t])) for t in range(1, len(tokens)) if mask[t]}
    entries = [f"`log_p[{row}, {column}]`" for row, column in places]
    moves = np.abs(slopes) > 1e-9
    wanted = np.array([place in follows for place in places])
    for at_fault, words in (
        (moves & ~wanted, "Yours changes when {} alone is raised."),
        (~moves & wanted, "Yours stays the same when {} alone is raised."),
    ):
        if at_fault.any():
            first = int(np.flatnonzero(at_fault)[0])
            return f"{words.format(entries[first])} {_after(places[first], tokens, mask)}", at
    if np.allclose(slopes[wanted], 1):
        return (
            "The right entries of `log_p` count, each once. So look at `log_q`, and at what is "
            "done with the sum.",
            at,
        )
    return (
        "Yours changes with the right entries of `log_p` and with no others, but not as a sum of "
        "them does. They are added up, with no weights and no further function.",
        at,
    )


def _bumped(log, place):
    log = np.array(log)
    log[place] += BUMP
    return log


def _after(place, tokens, mask):
    """What really comes after the token of this row, in a sentence."""
    t = place[0] + 1
    if t == len(tokens):
        return f"After token {place[0]}, the last one, nothing comes."
    if not mask[t]:
        return f"After token {place[0]} padding comes."
    return f"The token after token {place[0]} is {tokens[t]}, and it is text."


TEXT_LOG_RATIO = Question(
    "text_log_ratio",
    points=3,
    reference=log_ratio,
    unit="nats",
    exchangeable=False,
    rows=[what_counts],
    visible=[
        case([1, 0, 1, 0], _P, _Q, [1, 1, 1, 0], label="three tokens and one of padding"),
        case([0, 0, 1, 1], _P, _Q, [1, 1, 1, 1], label="no padding"),
        case([1, 1, 0, 0], _P, _Q, [1, 1, 0, 0], label="two tokens and two of padding"),
    ],
    inputs=[random_texts, equal_models],
    mistakes=[
        Mistake(
            "mean for sum",
            lambda t, p, q, m: log_ratio(t, p, q, m) / max(real(m)[1:].sum(), 1),
            "You averaged over the tokens that are scored. That is per token; the log ratio of the "
            "text is their sum, since its probabilities multiply.",
        ),
        Mistake(
            "mean over the row",
            (
                lambda t, p, q, m: log_ratio(t, p, q, m) / len(t),
                lambda t, p, q, m: log_ratio(t, p, q, m) / (len(t) - 1),
                lambda t, p, q, m: log_ratio(t, p, q, m) / real(m).sum(),
            ),
            "The right sum, divided by a number of tokens. The log ratio of a text is the sum "
            "itself.",
        ),
        Mistake(
            "padding counted",
            lambda t, p, q, m: per_token(t, p, q).sum(),
            "Padding is counted as if it were text, so the value depends on the longest text of "
            "the batch. The mask says which tokens are real.",
        ),
        Mistake(
            "mean, padding counted",
            lambda t, p, q, m: per_token(t, p, q).mean(),
            "Two things at once: padding is counted as text, and you averaged where a sum belongs.",
        ),
        Mistake(
            "not shifted",
            (
                lambda t, p, q, m: at_the_same_place(p - q, t, real(m)),
                lambda t, p, q, m: at_the_same_place((p - q)[1:], t[1:], real(m)[1:]),
                lambda t, p, q, m: at_the_same_place((p - q)[:-1], t[:-1], real(m)[:-1]),
                lambda t, p, q, m: at_the_same_place((p - q)[:-1], t[:-1], real(m)[1:]),
            ),
            "Off by one: you looked each token up in its own row. Row t holds the probabilities of "
            "the token that comes *after* token t.",
        ),
        Mistake(
            "not shifted, padding counted",
            lambda t, p, q, m: at_the_same_place(p - q, t, np.full(len(t), True)),
            "Two things at once: each token is looked up in its own row, where the probabilities "
            "of the next one stand, and padding is counted as text.",
        ),
        Mistake(
            "shifted the wrong way",
            (
                lambda t, p, q, m: shifted_back(p - q, t, real(m)[:-1]),
                lambda t, p, q, m: shifted_back(p - q, t, real(m)[1:]),
            ),
            "Shifted the wrong way: you looked each token up in the row after it. Its "
            "probabilities stand in the row before it.",
        ),
        Mistake(
            "mask not shifted",
            lambda t, p, q, m: per_token(t, p, q)[real(m)[:-1]].sum(),
            "The tokens are shifted and the mask is not, so the first token of the padding counts. "
            "What is scored is `tokens[1:]`; it needs `mask[1:]`.",
        ),
        Mistake(
            "mask from the token",
            lambda t, p, q, m: per_token(t, p, q)[t[1:] != 0].sum(),
            "You left out every token 0. It marks the padding, but here it is a word of the text "
            "as well: the mask is what tells them apart.",
        ),
        Mistake(
            "stopped at the first 0",
            lambda t, p, q, m: per_token(t, p, q)[np.cumprod(t[1:] != 0) == 1].sum(),
            "You stopped at the first token 0. Here 0 is a word as well as the padding: the mask "
            "says where the text ends.",
        ),
        Mistake(
            "first token counted",
            (
                lambda t, p, q, m: log_ratio(t, p, q, m) + (p - q)[-1, t[0]],
                lambda t, p, q, m: per_token(t, p, q).sum() + (p - q)[-1, t[0]],
            ),
            "You scored the first token, too, from row -1, which in Python is the last row. No row "
            "is about the first token.",
        ),
        Mistake(
            "first of them alone",
            lambda t, p, q, m: per_token(t, p, q)[0],
            "Only one token is scored. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "last of them alone",
            lambda t, p, q, m: per_token(t, p, q)[real(m)[1:]][-1],
            "Only the last token counts. Does each turn of the loop overwrite the result (`=`) "
            "where it should add to it (`+=`)?",
        ),
        Mistake(
            "every row with every token",
            (
                lambda t, p, q, m: ((p - q)[:, t] * m).sum(),
                lambda t, p, q, m: ((p - q)[:-1][:, t[1:]] * m[1:]).sum(),
                lambda t, p, q, m: (p - q)[:-1][:, t[1:]].sum(),
                lambda t, p, q, m: (p - q)[:, t].sum(),
            ),
            "`log_p[:, tokens]` looks every token up in every row. One token for each row: "
            "`log_p[rows, tokens]`, with an array of row numbers that is as long as the tokens.",
        ),
        Mistake(
            "rolled without the mask",
            lambda t, p, q, m: at_the_same_place(p - q, np.roll(t, -1), real(m)),
            "After `np.roll` each row meets the next token, but the mask still speaks of this one: "
            "what follows the last real token counts, be it padding or the first token again.",
        ),
        Mistake(
            "likeliest token",
            (
                lambda t, p, q, m: (p.max(axis=1) - q.max(axis=1))[real(m)].sum(),
                lambda t, p, q, m: (p.max(axis=1) - q.max(axis=1))[:-1][real(m)[1:]].sum(),
            ),
            "You took the largest log probability of each row: that of the token which the model "
            "likes best. Score the token that came.",
        ),
        Mistake(
            "difference of probabilities",
            lambda t, p, q, m: (np.exp(chosen(p, t)) - np.exp(chosen(q, t)))[real(m)[1:]].sum(),
            "You subtracted probabilities. A log ratio is a difference of their logarithms.",
        ),
        Mistake(
            "probabilities added up",
            lambda t, p, q, m: np.log(
                np.exp(chosen(p, t))[real(m)[1:]].sum() / np.exp(chosen(q, t))[real(m)[1:]].sum()
            ),
            "You added up the probabilities of the tokens and took the logarithm at the end. The "
            "probabilities of a text's tokens multiply, so their logarithms add up.",
        ),
        Mistake(
            "padding alone",
            (
                lambda t, p, q, m: per_token(t, p, q)[~real(m)[1:]].sum(),
                lambda t, p, q, m: at_the_same_place(p - q, t, ~real(m)),
            ),
            "Yours scores the padding and leaves the text out. The mask is 1 where a token is "
            "text.",
        ),
        Mistake(
            "whole vocabulary, averaged",
            (
                lambda t, p, q, m: next_token_kl(p, q)[real(m)].sum() / real(m).sum(),
                lambda t, p, q, m: next_token_kl(p, q)[:-1][real(m)[1:]].sum() / real(m)[1:].sum(),
                lambda t, p, q, m: next_token_kl(p, q).mean(),
            ),
            "This is a KL of the next token over the whole vocabulary, averaged over places: nats "
            "a token, whatever was drawn. The question is what the tokens of this text add up to.",
        ),
        Mistake(
            "logs divided",
            (
                lambda t, p, q, m: (chosen(p, t) / chosen(q, t))[real(m)[1:]].sum(),
                lambda t, p, q, m: np.log(chosen(p, t) / chosen(q, t))[real(m)[1:]].sum(),
            ),
            "You divided one logarithm by the other. log(a/b) is log a - log b: a difference.",
        ),
        Mistake(
            "absolute values",
            lambda t, p, q, m: np.abs(per_token(t, p, q))[real(m)[1:]].sum(),
            "You added up the sizes of the log ratios. Some tokens are likelier under q, and their "
            "minus counts.",
        ),
        Mistake(
            "never below 0",
            lambda t, p, q, m: (np.exp(-per_token(t, p, q)) - 1 + per_token(t, p, q))[
                real(m)[1:]
            ].sum(),
            "You summed 1/r - 1 + log r, which is an estimate of KL that is never negative (k3, "
            "unit 17). The log ratio of one text may well be negative.",
        ),
        Mistake(
            "last token left out",
            lambda t, p, q, m: per_token(t, p, q)[real(m)[1:]][:-1].sum(),
            "The last real token does not count in yours. Does a slice end one too early?",
        ),
        Mistake(
            "swapped",
            lambda t, p, q, m: -log_ratio(t, p, q, m),
            "The sign: this is log Q - log P.",
        ),
        Mistake(
            "one model alone",
            (
                lambda t, p, q, m: chosen(p, t)[real(m)[1:]].sum(),
                lambda t, p, q, m: chosen(q, t)[real(m)[1:]].sum(),
                lambda t, p, q, m: -chosen(p, t)[real(m)[1:]].sum(),
                lambda t, p, q, m: -chosen(q, t)[real(m)[1:]].sum(),
            ),
            "This is the log-probability of the text under one model. A log ratio compares two.",
        ),
        Mistake(
            "ratio",
            lambda t, p, q, m: math.exp(log_ratio(t, p, q, m)),
            "This is the likelihood ratio itself. Its logarithm is asked for: for a long text the "
            "ratio leaves the range of floats.",
        ),
        Mistake(
            "weighted by the probability",
            lambda t, p, q, m: (np.exp(chosen(p, t)) * per_token(t, p, q))[real(m)[1:]].sum(),
            "You weighed each token by its probability under p. The text was drawn already: each "
            "of its tokens counts once.",
        ),
        Mistake(
            "whole vocabulary",
            (
                lambda t, p, q, m: next_token_kl(p, q)[:-1][real(m)[1:]].sum(),
                lambda t, p, q, m: next_token_kl(p, q)[real(m)].sum(),
                lambda t, p, q, m: next_token_kl(p, q).sum(),
            ),
            "This sums the KL of the next token over the whole vocabulary: what the text costs on "
            "average, whatever was drawn. The log ratio of *this* text takes the tokens that came.",
        ),
        Mistake(
            "whole vocabulary, not weighted",
            (
                lambda t, p, q, m: (p - q)[:-1][real(m)[1:]].sum(),
                lambda t, p, q, m: (p - q)[real(m)].sum(),
                lambda t, p, q, m: (p - q).sum(),
            ),
            "You added up the log ratios of all tokens of the vocabulary. Only the one that came "
            "next belongs to this text.",
        ),
    ],
    hints=[
        "Which row holds the probabilities of the token at place 1? And is the token at this place "
        "text or padding?",
        "Σ log_p[t - 1, tokens[t]] - log_q[t - 1, tokens[t]], over all t ≥ 1 with mask[t] = 1",
        "`t = np.flatnonzero(mask)[1:]`, then "
        "`return np.sum(log_p[t - 1, tokens[t]] - log_q[t - 1, tokens[t]])`",
    ],
    insight="Averaged over texts that P writes, this is the KL of texts: nats a text. Divide by "
    "the tokens that were scored and it is nats a token. A report must say which.",
    lesson=LESSON,
)


# E3b: batches of losses


def overall(losses, tokens):
    return float(np.exp(losses @ tokens / tokens.sum()))


def batches(random):
    found = []
    for number in (2, 4, 9):
        tokens = random.integers(20, 900, number)
        losses = random.uniform(0.5, 5.0, number)
        found.append(case(losses, tokens, label=f"{number} batches"))
    found.append(
        case(random.uniform(1, 4, 3), np.array([1, 50, 2000]), label="a batch of one token")
    )
    return found


@if_nothing_general_fits
def average_of_the_batches(e):
    return against_averages(
        e,
        lambda tried: np.exp(tried.arguments[0]),
        (
            "Yours lies between the perplexities of the batches, as an average of them does. Which "
            "numbers may be averaged, and what share of the tokens has each batch?",
            "Yours is larger here than the perplexity of any batch. Together they cannot be worse "
            "than the worst of them.",
            "Yours is smaller here than the perplexity of any batch. Together they cannot be "
            "better than the best of them.",
        ),
    )


JOINT_PERPLEXITY = Question(
    "joint_perplexity",
    points=1,
    reference=overall,
    rows=[average_of_the_batches],
    visible=[
        case([1.0, 3.0], [10, 30], label="two batches"),
        case([2.0, 4.0], [50, 50], label="two batches of the same size"),
        case([2.5], [40], label="one batch"),
    ],
    inputs=[batches],
    mistakes=[
        Mistake(
            "mean of perplexities",
            lambda losses, tokens: np.exp(losses).mean(),
            "You averaged the perplexities of the batches. That depends on how the text was cut "
            "up: logarithms add up over tokens, perplexities do not.",
        ),
        Mistake(
            "weighted mean of perplexities",
            lambda losses, tokens: np.exp(losses) @ tokens / tokens.sum(),
            "You weighed the batches by their tokens, which is right, but averaged perplexities. "
            "Average the losses, and take the exponential once, at the end.",
        ),
        Mistake(
            "batches weighted alike",
            lambda losses, tokens: np.exp(losses.mean()),
            "Every batch counts the same in yours, however few tokens it has. Each token should.",
        ),
        Mistake(
            "power of 2",
            (
                lambda losses, tokens: 2 ** (losses @ tokens / tokens.sum()),
                lambda losses, tokens: 2 ** losses.mean(),
                lambda losses, tokens: (2.0**losses).mean(),
            ),
            "A power of 2 needs a loss in bits. These are in nats, so it is a power of e.",
        ),
        Mistake(
            "exponential of bits",
            lambda losses, tokens: np.exp(losses @ tokens / tokens.sum() / math.log(2)),
            "You turned the loss into bits and took a power of e. Nats go with e, bits with 2.",
        ),
        Mistake(
            "divided after the exponential",
            lambda losses, tokens: np.exp(losses @ tokens) / tokens.sum(),
            "You took the exponential of the sum of all losses and divided afterwards. The "
            "division belongs inside the bracket.",
        ),
        Mistake(
            "losses for weights",
            lambda losses, tokens: np.exp(losses @ tokens / losses.sum()),
            "You divided by the sum of the losses. The weights are the tokens.",
        ),
        Mistake(
            "weights upside down",
            lambda losses, tokens: np.exp(np.average(losses, weights=1 / tokens)),
            "You weighed the batches by 1 over their tokens, so that a small batch counts most.",
        ),
        Mistake(
            "power of 10",
            lambda losses, tokens: 10 ** (losses @ tokens / tokens.sum()),
            "A power of 10 needs logarithms to base 10. Nats are a power of e.",
        ),
        Mistake(
            "logarithm",
            lambda losses, tokens: np.log(losses @ tokens / tokens.sum()),
            "You took the logarithm of the mean loss, which is a logarithm already. The way back "
            "from nats is e to them.",
        ),
        Mistake(
            "divided by the mean size",
            lambda losses, tokens: np.exp(losses @ tokens / tokens.mean()),
            "You divided the sum of the losses by the mean number of tokens. A sum goes with a "
            "sum: of all tokens.",
        ),
        Mistake(
            "divided twice",
            lambda losses, tokens: np.exp(losses @ tokens / tokens.sum() / len(losses)),
            "You took a mean over the batches and divided by all tokens as well: divided twice.",
        ),
        Mistake(
            "square root",
            lambda losses, tokens: np.exp(losses.sum() / 2),
            "A square root of the product is for two batches, and for two of the same size.",
        ),
        Mistake(
            "largest batch perplexity",
            lambda losses, tokens: np.exp(losses.max()),
            "This is the perplexity of the worst batch alone.",
        ),
        Mistake(
            "cut to a whole number",
            lambda losses, tokens: np.exp(losses @ tokens // tokens.sum()),
            "The mean loss was cut to a whole number: `//` is not `/`.",
        ),
        Mistake(
            "losses taken for sums",
            (
                lambda losses, tokens: np.exp(losses.sum() / tokens.sum()),
                lambda losses, tokens: np.exp((losses / tokens).sum()),
                lambda losses, tokens: np.exp((losses / tokens).mean()),
            ),
            "You divided by the tokens without having multiplied by them. Each loss is a mean over "
            "its batch already: times the tokens it is a sum.",
        ),
        Mistake(
            "sum of losses",
            (
                lambda losses, tokens: np.exp(losses.sum()),
                lambda losses, tokens: np.prod(np.exp(losses)),
            ),
            "You added up the mean losses of the batches. More batches would then mean a larger "
            "perplexity, even if all are alike.",
        ),
        Mistake(
            "divided by the batches",
            lambda losses, tokens: np.exp(losses @ tokens / len(losses)),
            "You divided the sum of all losses by the number of batches. It is a sum over tokens.",
        ),
        Mistake(
            "not exponentiated",
            (
                lambda losses, tokens: losses @ tokens / tokens.sum(),
                lambda losses, tokens: losses.mean(),
            ),
            "This is a mean loss, in nats. Perplexity is e to that.",
        ),
        Mistake(
            "sign",
            lambda losses, tokens: 1 / overall(losses, tokens),
            "This is e to minus the mean loss: the typical probability of a token. Perplexity is 1 "
            "over it.",
        ),
        Mistake(
            "sum of perplexities",
            lambda losses, tokens: np.exp(losses).sum(),
            "You added up the perplexities of the batches. Average the losses first.",
        ),
    ],
    hints=[
        "What is the loss of all tokens together, and what is it per token?",
        "exp(Σ loss · tokens / Σ tokens)",
        "`return np.exp(np.sum(losses * tokens) / np.sum(tokens))`",
    ],
    insight="The same text gives the same number, however it is cut into batches. The mean of "
    "batch perplexities is never smaller, for batches of equal size: that is Jensen.",
    lesson=LESSON,
    section="Predict again",
)


QUESTIONS = [BOTH_PARTS, KL_RATE, TEXT_LOG_RATIO, JOINT_PERPLEXITY]
