"""The questions of unit 28: a split, eleven covariates at once, whole classes, and adjusting."""

import numpy as np

from klteach.practice.common_mistakes import special
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import ARRAY, named_numbers

LESSON = "28_comparable_groups"


# E1: does the split keep to the plan?


def splits(random):
    """Two arms and more, plans that are even and uneven, chance and more than chance."""
    cases = []
    for plan, people in (
        ([0.5, 0.5], 300),
        ([0.2, 0.8], 90),
        ([0.25, 0.25, 0.5], 400),
        ([0.1, 0.2, 0.3, 0.4], 150),
    ):
        moved = random.dirichlet(60 * np.array(plan))
        cases.append(case(random.multinomial(people, moved) + 1, plan))
    return [
        *cases,
        case([46, 61], [0.5, 0.5], label="a hundred and seven people"),
        case([58, 22, 31], [0.5, 0.25, 0.25]),
        case([31, 44, 25, 28], [0.25, 0.25, 0.25, 0.25]),
    ]


def observed(counts):
    return counts / counts.sum()


def kl(p, q):
    return special().rel_entr(p, q).sum()


def split_in_nats(counts, plan):
    return counts.sum() * kl(observed(counts), plan)


def tail(statistic, degrees):
    return special().chdtrc(degrees, statistic)


def split_test(counts, plan):
    nats = split_in_nats(counts, plan)
    return [nats, tail(2 * nats, len(counts) - 1)]


def _pearson(counts, plan):
    expected = counts.sum() * plan
    return ((counts - expected) ** 2 / expected).sum()


def _split(statistic, doubled=2.0, degrees=1, shown=1.0):
    """A mistake in the statistic, its factor, its degrees of freedom, or in what is returned."""

    def wrong(counts, plan):
        value = statistic(counts, plan)
        return [shown * value, tail(doubled * value, len(counts) - degrees)]

    return wrong


def _p_of_split(function):
    """The right nats, and a p-value made from the right one."""
    return lambda counts, plan: [split_in_nats(counts, plan), function(split_test(counts, plan)[1])]


SPLIT_TEST = Question(
    "split_test",
    points=2,
    reference=split_test,
    returns=named_numbers("nats", "p-value"),
    visible=[
        case([60, 40], [0.5, 0.5], label="sixty and forty of a hundred"),
        case([9, 3], [0.75, 0.25], label="exactly the plan"),
        case([0, 6], [0.5, 0.5], label="one arm stayed empty"),
        case([30, 10, 20], [0.5, 0.25, 0.25], label="three arms"),
    ],
    inputs=[splits],
    mistakes=[
        Mistake(
            "swapped",
            _split(lambda counts, plan: counts.sum() * kl(plan, observed(counts))),
            "You averaged under the plan. The people supply the samples here, so what they did is "
            "P and weights the logarithms, and the plan is Q.",
        ),
        Mistake(
            "per person",
            (
                lambda counts, plan: [kl(observed(counts), plan), split_test(counts, plan)[1]],
                _split(lambda counts, plan: kl(observed(counts), plan)),
                lambda counts, plan: [
                    split_in_nats(counts, plan),
                    tail(2 * kl(observed(counts), plan), len(counts) - 1),
                ],
            ),
            "The divergence of one person on average stands where that of all of them belongs. "
            "The people's nats add up: multiply by their number.",
        ),
        Mistake(
            "2 forgotten",
            (
                _split(split_in_nats, doubled=1.0),
                lambda counts, plan: [
                    2 * split_in_nats(counts, plan),
                    tail(split_in_nats(counts, plan), len(counts) - 1),
                ],
            ),
            "The χ² law belongs to twice the nats, and yours is read off at the nats themselves.",
        ),
        Mistake(
            "twice the nats returned",
            _split(split_in_nats, shown=2.0),
            "The p-value is right. The first number is twice the nats, the statistic of the χ² "
            "law; the question asks for the nats.",
        ),
        Mistake(
            "bits",
            (
                _split(lambda *arguments: split_in_nats(*arguments) / np.log(2)),
                lambda *arguments: [
                    split_in_nats(*arguments) / np.log(2),
                    split_test(*arguments)[1],
                ],
            ),
            "These are bits, from a logarithm to base 2. The question asks for nats, and it is "
            "twice the nats that follow the χ² law.",
        ),
        Mistake(
            "degrees of freedom",
            (
                _split(split_in_nats, degrees=0),
                lambda counts, plan: [
                    split_in_nats(counts, plan),
                    tail(2 * split_in_nats(counts, plan), 1),
                ],
                lambda counts, plan: [
                    split_in_nats(counts, plan),
                    tail(2 * split_in_nats(counts, plan), counts.sum() - 1),
                ],
            ),
            "Other degrees of freedom. Once all shares but one are known, so is the last: there "
            "is one fewer than there are arms.",
        ),
        Mistake(
            "arguments of the tail exchanged",
            lambda counts, plan: [
                split_in_nats(counts, plan),
                tail(len(counts) - 1, 2 * split_in_nats(counts, plan)),
            ],
            "The two arguments of `chdtrc` have changed places: first the degrees of freedom, then "
            "twice the nats.",
        ),
        Mistake(
            "the other tail",
            _p_of_split(lambda p: 1 - p),
            "The p-value is the probability of a split that is at least as far from the plan. "
            "Yours is that of one nearer to it, one minus the p-value.",
        ),
        Mistake(
            "half the p-value",
            _p_of_split(lambda p: p / 2),
            "Half the p-value. The χ² law holds for a departure from the plan to any side, so both "
            "sides are in it already: nothing is to be halved, and nothing doubled.",
        ),
        Mistake(
            "twice the p-value",
            (_p_of_split(lambda p: 2 * p), _p_of_split(lambda p: np.minimum(1, 2 * p))),
            "Twice the p-value. The χ² law holds for a departure from the plan to any side, so "
            "both sides are in it already.",
        ),
        Mistake(
            "pearson",
            (
                _split(_pearson, doubled=1.0),
                _split(_pearson, doubled=1.0, shown=0.5),
                lambda counts, plan: [
                    split_in_nats(counts, plan),
                    tail(_pearson(counts, plan), len(counts) - 1),
                ],
            ),
            "That is Pearson's χ², as `scipy.stats.chisquare` gives it: the squared differences "
            "over what was expected. Near the plan it is almost 2n·KL, and further out it is not. "
            "The question asks for KL itself.",
        ),
        Mistake(
            "psi",
            tuple(
                _split(
                    lambda counts, plan: (
                        counts.sum() * (kl(observed(counts), plan) + kl(plan, observed(counts)))
                    ),
                    doubled=doubled,
                )
                for doubled in (1.0, 2.0)
            ),
            "You took both directions, as PSI does. The logarithm of a likelihood ratio has one: "
            "what the people did, held against the plan.",
        ),
        Mistake(
            "plan ignored",
            _split(
                lambda counts, plan: (
                    counts.sum() * kl(observed(counts), np.full(len(plan), 1 / len(plan)))
                )
            ),
            "Each arm was held against the same share. A plan may be uneven: compare with `plan`.",
        ),
        Mistake(
            "one arm alone",
            tuple(
                lambda counts, plan, place=place: _one_arm(counts, plan, place) for place in (0, -1)
            ),
            "One arm's term is there, counts · log(share/plan), and those of the other arms are "
            "missing. A single term may be negative; the sum over all arms is not.",
        ),
        Mistake(
            "one arm tested",
            (
                lambda counts, plan: [split_in_nats(counts, plan), 2 * _normal_tail(counts, plan)],
                lambda counts, plan: [split_in_nats(counts, plan), _normal_tail(counts, plan)],
                lambda counts, plan: [split_in_nats(counts, plan), _binomial(counts, plan)],
            ),
            "The nats are right. The p-value looks at one arm alone, by a normal or a binomial "
            "law, and the question asks for the χ² law at twice the nats, in which all arms are.",
        ),
        Mistake(
            "other order",
            lambda counts, plan: split_test(counts, plan)[::-1],
            "The right two numbers in the other order: first the nats, then the p-value.",
        ),
        Mistake(
            "people added",
            tuple(
                lambda counts, plan, added=added: split_test(counts + added, plan)
                for added in (0.5, 1.0)
            ),
            "A part of a person, or a whole one, was added to each arm. An empty arm needs no "
            "such help: its term is 0.",
        ),
        Mistake(
            "mean over the arms",
            _split(lambda counts, plan: split_in_nats(counts, plan) / len(counts)),
            "The terms of the arms were averaged. KL is their sum.",
        ),
    ],
    hints=[
        "Which of the two supplies the samples, the people or the plan? And how many nats do all "
        "of them make together?",
        "n·KL(counts/n ‖ plan), with 0 for an empty arm; then the χ² law at twice that, with one "
        "degree of freedom fewer than there are arms",
        "`from scipy.special import chdtrc, rel_entr`, `n = counts.sum()`, "
        "`nats = n * np.sum(rel_entr(counts / n, plan))`, then "
        "`return [nats, chdtrc(len(counts) - 1, 2 * nats)]`",
    ],
    insight="A split costs KL for each person, and the people's nats add up. That is why a share "
    "that looks harmless may be impossible as a coin's work.",
    lesson=LESSON,
    section="The idea",
)


def _normal_tail(counts, plan):
    n = counts.sum()
    z = (counts[0] - n * plan[0]) / np.sqrt(n * plan[0] * (1 - plan[0]))
    return special().ndtr(-abs(z))


def _binomial(counts, plan):
    from scipy.stats import binomtest

    return binomtest(int(counts[0]), int(counts.sum()), plan[0]).pvalue


def _one_arm(counts, plan, place):
    nats = special().xlogy(counts[place], counts[place] / counts.sum() / plan[place])
    # as `chi2.sf` does it where one term is below 0
    return [nats, tail(max(0.0, 2 * nats), len(counts) - 1)]


# E2: many covariates, each with cells of its own


def covariates(random):
    """PSI near the thresholds, cells from two to twenty, arms of unlike sizes."""
    cases = []
    for count, n, m in ((3, 80, 120), (6, 400, 350), (11, 2000, 1500), (5, 30, 900)):
        cells = random.permutation(np.r_[2, random.integers(2, 12, count - 1)])
        tails = random.uniform(0.001, 0.3, count)
        tails[0] = 0.8
        psi = special().chdtri(cells - 1, tails) * (1 / n + 1 / m)
        cases.append(case(psi, cells, n, m))
    return [*cases, case([0.05, 0.001, 0.03], [4, 2, 7], 250, 400)]


def single_p(psi, cells, n, m):
    return tail(psi / (1 / n + 1 / m), cells - 1)


def balance(psi, cells, n, m):
    return np.minimum(1, len(psi) * single_p(psi, cells, n, m))


def _by(p_of, adjust=lambda p: np.minimum(1, len(p) * p)):
    return lambda *arguments: adjust(p_of(*arguments))


def _holm(p):
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _back(np.minimum(1, steps), order)


def _benjamini_hochberg(p):
    order = np.argsort(p, kind="stable")
    raised = p[order] * len(p) / np.arange(1, len(p) + 1)
    return _back(np.minimum(1, np.minimum.accumulate(raised[::-1])[::-1]), order)


def _back(values, order):
    result = np.empty(len(order))
    result[order] = values
    return result


BALANCE = Question(
    "balance",
    points=2,
    reference=balance,
    returns=ARRAY,
    visible=[
        case([0.02, 0.0], [2, 3], 100, 300, label="two covariates"),
        case([0.04, 0.06, 0.01], [2, 10, 5], 200, 200, label="three covariates"),
    ],
    inputs=[covariates],
    mistakes=[
        Mistake(
            "not corrected",
            single_p,
            "These are the p-values of each covariate by itself. With eleven of them a coin rings "
            "in four experiments of ten; multiply by the number of covariates.",
        ),
        Mistake(
            "not cut off at 1",
            _by(single_p, lambda p: len(p) * p),
            "Right below 1, and some of yours are above it. A probability is at most 1.",
        ),
        Mistake(
            "divided",
            (
                _by(single_p, lambda p: p / len(p)),
                lambda *arguments: np.minimum(1, single_p(*arguments) / len(arguments[0])),
            ),
            "The p-values were divided by the number of covariates, so everything looks rarer than "
            "it is. The *level* is divided; an adjusted p-value is multiplied.",
        ),
        Mistake(
            "šidák",
            _by(single_p, lambda p: 1 - (1 - p) ** len(p)),
            "That is 1 - (1 - p)^k, which holds for independent covariates. These depend on each "
            "other; the question asks for k·p, which holds for any.",
        ),
        Mistake(
            "benjamini-hochberg",
            _by(single_p, _benjamini_hochberg),
            "That is the correction of Benjamini and Hochberg, for the share of false findings. "
            "Here one false alarm stops an experiment, and the question asks for Bonferroni.",
        ),
        Mistake(
            "holm",
            _by(single_p, _holm),
            "That is Holm's rule, with a smaller factor for each next p-value. The question asks "
            "for Bonferroni's, the same factor for all.",
        ),
        Mistake(
            "degrees of freedom",
            (
                _by(lambda psi, cells, n, m: single_p(psi, cells + 1, n, m)),
                lambda psi, cells, n, m: single_p(psi, cells + 1, n, m),
            ),
            "The degrees of freedom are one fewer than the cells of the covariate: the last share "
            "follows from the others.",
        ),
        Mistake(
            "one law for all",
            (
                _by(lambda psi, cells, n, m: single_p(psi, np.full(len(psi), cells[0]), n, m)),
                _by(lambda psi, cells, n, m: single_p(psi, np.full(len(psi), cells.max()), n, m)),
                _by(lambda psi, cells, n, m: single_p(psi, np.full(len(psi), len(psi)), n, m)),
                _by(lambda psi, cells, n, m: single_p(psi, np.full(len(psi), cells.sum()), n, m)),
                _by(
                    lambda psi, cells, n, m: single_p(
                        psi, np.full(len(psi), (cells - 1).sum() + 1), n, m
                    )
                ),
                _by(lambda psi, cells, n, m: single_p(psi, np.full(len(psi), 2), n, m)),
                _by(lambda psi, cells, n, m: single_p(psi, np.full(len(psi), 10), n, m)),
            ),
            "All covariates were held against one χ² law. Each has its own number of cells, and "
            "with more cells chance alone makes a larger PSI.",
        ),
        Mistake(
            "people added up",
            _by(lambda psi, cells, n, m: tail(psi * (n + m), cells - 1)),
            "PSI was multiplied by all people, n + m. Each arm brings noise of its own: the scale "
            "is 1/n + 1/m.",
        ),
        Mistake(
            "one arm's noise",
            (
                _by(lambda psi, cells, n, m: tail(psi * n, cells - 1)),
                _by(lambda psi, cells, n, m: tail(psi * m, cells - 1)),
                _by(lambda psi, cells, n, m: tail(psi * min(n, m), cells - 1)),
            ),
            "The noise of one arm only. Both are samples: 1/n + 1/m.",
        ),
        Mistake(
            "mean size",
            _by(lambda psi, cells, n, m: tail(psi * (n + m) / 2, cells - 1)),
            "You scaled with the mean of both sizes. The noise of two arms adds up, 1/n + 1/m, "
            "and the smaller arm brings most of it.",
        ),
        Mistake(
            "not divided by the noise",
            (
                _by(lambda psi, cells, n, m: tail(psi, cells - 1)),
                _by(lambda psi, cells, n, m: tail(psi * (1 / n + 1 / m), cells - 1)),
                lambda psi, cells, n, m: tail(psi, cells - 1),
                lambda psi, cells, n, m: tail(psi * (1 / n + 1 / m), cells - 1),
            ),
            "PSI went to the χ² law without being divided by 1/n + 1/m, so the law took it for "
            "next to nothing. What follows the law is PSI / (1/n + 1/m), with these brackets.",
        ),
        Mistake(
            "the other tail",
            (
                lambda *arguments: 1 - single_p(*arguments),
                _by(lambda *arguments: 1 - single_p(*arguments)),
                lambda *arguments: 1 - balance(*arguments),
            ),
            "The wrong tail: a large PSI gets a large value. A p-value is the probability of a "
            "PSI at least as large, and becomes small.",
        ),
        Mistake(
            "doubled",
            (
                _by(lambda psi, cells, n, m: tail(2 * psi / (1 / n + 1 / m), cells - 1)),
                _by(lambda psi, cells, n, m: tail(psi / (1 / n + 1 / m) / 2, cells - 1)),
            ),
            "There is a factor 2 in the argument of the χ² law that does not belong there. It is "
            "2n·KL that follows it, and PSI is both directions already: PSI / (1/n + 1/m).",
        ),
        Mistake(
            "flags",
            (
                lambda *arguments: 1 * (balance(*arguments) <= 0.05),
                lambda *arguments: 1 * (single_p(*arguments) <= 0.05),
            ),
            "These are verdicts at 5 %. The question asks for the adjusted p-values, so that "
            "whoever reads them may choose the level.",
        ),
        Mistake(
            "the smallest for all",
            _by(single_p, lambda p: np.full(len(p), min(1, len(p) * p.min()))),
            "Every covariate got the p-value of the most striking one. Each has its own.",
        ),
        Mistake(
            "the larger for the smaller",
            _by(single_p, lambda p: np.maximum(1, len(p) * p)),
            "None of yours is below 1: `np.maximum` keeps the larger of two numbers, and "
            "`np.minimum` the smaller.",
        ),
        Mistake(
            "multiplied by the cells",
            (
                lambda psi, cells, n, m: np.minimum(1, cells * single_p(psi, cells, n, m)),
                lambda psi, cells, n, m: np.minimum(1, cells.sum() * single_p(psi, cells, n, m)),
            ),
            "The p-values were multiplied by numbers of cells. What had its chance to look odd "
            "is the covariate: multiply by how many of them there are.",
        ),
        Mistake(
            "always eleven",
            _by(single_p, lambda p: np.minimum(1, 11 * p)),
            "Eleven, however many covariates there are. Count those that were passed.",
        ),
    ],
    hints=[
        "What does chance alone do to PSI in a covariate with few cells, and in one with many? "
        "And how many covariates have had their chance?",
        "p = χ² tail at PSI / (1/n + 1/m) with cells - 1 degrees of freedom, then the smaller of 1 "
        "and k·p, for k covariates",
        "`from scipy.special import chdtrc`, `p = chdtrc(cells - 1, psi / (1 / n + 1 / m))`, then "
        "`return np.minimum(1, len(psi) * p)`",
    ],
    insight="Out of balance at 5 % is whatever has an adjusted p-value of at most 0.05, and a coin "
    "gets there in at most one experiment of twenty, however the covariates hang together.",
    lesson=LESSON,
    section="The idea",
)


# E3: whole classes are drawn by lot


def classes(random):
    """Classes that differ, of unlike sizes, and the lots that were not drawn."""
    cases = []
    for size, cells, spread, draws in ((8, 2, 4.0, 19), (12, 3, 6.0, 39), (10, 4, 3.0, 24)):
        shares = random.dirichlet(np.full(cells, spread), size)
        pupils = random.integers(15, 31, size)
        counts = [random.multinomial(n, share) + 1 for n, share in zip(pupils, shares, strict=True)]
        lots = np.array([random.permutation(size) < size // 2 for _ in range(draws)]).astype(int)
        # a lot among the more extreme ones, so that not every p-value is near one half
        reached = [_psi_of(np.array(counts), lot) for lot in lots]
        place = int(np.argsort(reached)[-3])
        # rounding would decide whether a mirror image has the same PSI
        others = [lot for lot in lots if not np.array_equal(lot, 1 - lots[place])]
        cases.append(case(np.array(counts), lots[place], np.array(others)))
    return [
        *cases,
        case([[9, 1], [8, 2], [1, 4], [2, 3]], [1, 1, 0, 0],
             [[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 0], [0, 1, 1, 0]], label="a lot as it was"),
    ]  # fmt: skip


def arms(counts, lot):
    """Counts of both arms, those that the lot chose first."""
    return counts[lot == 1].sum(axis=0), counts[lot == 0].sum(axis=0)


def shares(counts):
    return counts / counts.sum(axis=-1, keepdims=True)


def psi_of_shares(p, q):
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def _psi_of(counts, lot):
    return psi_of_shares(*(shares(arm) for arm in arms(counts, lot)))


HAIR = 1e-9  # of two equal divergences that were added up in another order


def _by_lots(statistic, p_value):
    def wrong(counts, treated, lots):
        observed = statistic(counts, treated)
        null = np.array([statistic(counts, lot) for lot in lots])
        return [observed, p_value(null, observed)]

    return wrong


def _p_value(null, observed):
    return (1 + np.sum(null >= observed * (1 - HAIR))) / (1 + len(null))


class_lots = _by_lots(_psi_of, _p_value)


def _instead(p_value):
    """The right PSI, and another p-value."""
    return _by_lots(_psi_of, p_value)


def _of_statistic(statistic):
    """Another statistic, and the right way to its p-value."""
    return _by_lots(statistic, _p_value)


def _mean_of_classes(counts, lot):
    own = shares(counts)
    return psi_of_shares(own[lot == 1].mean(axis=0), own[lot == 0].mean(axis=0))


def _against_all(counts, lot):
    return psi_of_shares(shares(arms(counts, lot)[0]), shares(counts.sum(axis=0)))


def _of_counts(counts, lot):
    p, q = arms(counts, lot)
    return ((p - q) * np.log(p / q)).sum()


def _chi_square(p, q):
    return ((p - q) ** 2 / q).sum()


def _of_pupils(correction):
    """What a test of the table of pupils says, with the correction of Yates or without."""

    def wrong(counts, treated, lots):
        from scipy.stats import chi2_contingency

        table = np.array(arms(counts, treated))
        p_value = chi2_contingency(table, correction=correction)[1]
        return [_psi_of(counts, treated), p_value]

    return wrong


def _pupils(counts, treated, lots):
    p, q = arms(counts, treated)
    value = _psi_of(counts, treated)
    return [value, tail(value / (1 / p.sum() + 1 / q.sum()), counts.shape[1] - 1)]


CLASS_LOTS = Question(
    "class_lots",
    points=3,
    reference=class_lots,
    returns=named_numbers("PSI", "p-value"),
    visible=[
        case(
            [[8, 2], [7, 3], [3, 7], [2, 8]],
            [1, 1, 0, 0],
            [[1, 0, 1, 0], [1, 0, 0, 1]],
            label="four classes, two other lots",
        ),
        case(
            [[5, 5], [20, 10], [4, 6], [12, 18]],
            [1, 0, 1, 0],
            [[1, 1, 0, 0], [0, 1, 1, 0]],
            label="classes of unlike size",
        ),
    ],
    inputs=[classes],
    mistakes=[
        Mistake(
            "pupils as independent",
            (_pupils, _of_pupils(True), _of_pupils(False)),
            "The PSI is right. The p-value is the χ² law's, which counts pupils as if each had "
            "been drawn by lot. Whole classes were: ask how often a lot among classes gives as "
            "much.",
        ),
        Mistake(
            "the observed one not counted",
            _instead(lambda null, value: np.mean(null >= value * (1 - HAIR))),
            "The lot that was drawn is one of the lots as well. Count it, above and below: "
            "without it a p-value can be 0.",
        ),
        Mistake(
            "counted above only",
            (
                _instead(lambda null, value: (1 + np.sum(null >= value * (1 - HAIR))) / len(null)),
                _instead(lambda null, value: np.sum(null >= value * (1 - HAIR)) / (1 + len(null))),
            ),
            "The lot that was drawn is counted in one place and not in the other. It belongs above "
            "and below.",
        ),
        Mistake(
            "ties left out",
            (
                _instead(
                    lambda null, value: (1 + np.sum(null > value * (1 + HAIR))) / (1 + len(null))
                ),
                _instead(lambda null, value: np.mean(null > value * (1 + HAIR))),
            ),
            "Lots with the same PSI as the one that was drawn were left out. “At least as large” "
            "includes them.",
        ),
        Mistake(
            "the other side",
            (
                _instead(
                    lambda null, value: (1 + np.sum(null <= value * (1 + HAIR))) / (1 + len(null))
                ),
                _instead(lambda null, value: np.mean(null <= value * (1 + HAIR))),
                _instead(lambda null, value: np.mean(null < value * (1 - HAIR))),
            ),
            "You counted the lots with a smaller PSI. The p-value is the share of those with one "
            "at least as large.",
        ),
        Mistake(
            "shares of the classes averaged",
            _of_statistic(_mean_of_classes),
            "You averaged the shares of the classes, so a small class weighs as much as a large "
            "one. Add up the pupils of an arm first, and divide once.",
        ),
        Mistake(
            "one direction",
            (
                _of_statistic(lambda counts, lot: kl(*(shares(x) for x in arms(counts, lot)))),
                _of_statistic(
                    lambda counts, lot: kl(*(shares(x) for x in arms(counts, lot)[::-1]))
                ),
            ),
            "That is one direction of KL. PSI adds both.",
        ),
        Mistake(
            "half of it",
            _of_statistic(lambda counts, lot: _psi_of(counts, lot) / 2),
            "Half of PSI: the mean of both directions. PSI is their sum.",
        ),
        Mistake(
            "bits",
            _of_statistic(lambda counts, lot: _psi_of(counts, lot) / np.log(2)),
            "The PSI is in bits, from a logarithm to base 2. The question asks for nats.",
        ),
        Mistake(
            "against everybody",
            _of_statistic(_against_all),
            "The chosen classes were compared with all classes, themselves among them. Compare "
            "them with the other arm.",
        ),
        Mistake(
            "counts",
            _of_statistic(_of_counts),
            "Counts went into a formula for shares. Divide each arm by its own number of pupils.",
        ),
        Mistake(
            "smoothed",
            tuple(
                _of_statistic(
                    lambda counts, lot, alpha=alpha: psi_of_shares(
                        *(shares(arm + alpha) for arm in arms(counts, lot))
                    )
                )
                for alpha in (0.5, 1.0)
            ),
            "A part of a pupil was added to each cell. No cell is empty here, and the question "
            "asks for the plain shares.",
        ),
        Mistake(
            "brackets",
            _instead(lambda null, value: 1 + np.sum(null >= value * (1 - HAIR)) / (1 + len(null))),
            "A p-value of 1 or more: the 1 for the lot that was drawn is added to the share, and "
            "belongs to the number above. Brackets around 1 + how many reach it.",
        ),
        Mistake(
            "one minus the p-value",
            _instead(lambda null, value: 1 - _p_value(null, value)),
            "One minus the p-value. A lot that is hard to reach has a small p-value, not a large "
            "one.",
        ),
        Mistake(
            "first lot only",
            _instead(
                lambda null, value: (1 + np.sum(null[:1] >= value * (1 - HAIR))) / (1 + len(null))
            ),
            "Only the first of the lots was counted. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "mean of the lots",
            lambda counts, treated, lots: [
                np.mean([_psi_of(counts, lot) for lot in lots]),
                class_lots(counts, treated, lots)[1],
            ],
            "The p-value is right. The first number is the mean over the other lots; the question "
            "asks for the PSI of the lot that was drawn.",
        ),
        Mistake(
            "no difference in any lot",
            lambda counts, treated, lots: [0.0, 1.0],
            "PSI is 0 for every lot. Were the counts of an arm added up to one number? Sum over "
            "the classes only, `axis=0`. Or was a lot taken for row numbers? `counts[lot]` picks "
            "the first two classes again and again, `counts[lot == 1]` those that were drawn.",
        ),
        Mistake(
            "total variation",
            tuple(
                _of_statistic(
                    lambda counts, lot, factor=factor: (
                        factor * np.abs(np.subtract(*map(shares, arms(counts, lot)))).sum()
                    )
                )
                for factor in (0.5, 1.0)
            ),
            "That is total variation, or twice it: differences of shares without a logarithm. The "
            "question asks for PSI.",
        ),
        Mistake(
            "jensen-shannon",
            _of_statistic(
                lambda counts, lot: (
                    sum(
                        kl(shares(arm), sum(map(shares, arms(counts, lot))) / 2)
                        for arm in arms(counts, lot)
                    )
                    / 2
                )
            ),
            "That is the Jensen–Shannon divergence, each arm against the middle of both. PSI "
            "compares the arms with each other.",
        ),
        Mistake(
            "chi-square",
            (
                _of_statistic(lambda counts, lot: _chi_square(*map(shares, arms(counts, lot)))),
                _of_statistic(
                    lambda counts, lot: _chi_square(*map(shares, arms(counts, lot)[::-1]))
                ),
            ),
            "Squared differences over one arm's shares: that is the χ² divergence. PSI has a "
            "difference times the logarithm of the ratio.",
        ),
    ],
    hints=[
        "What was drawn by lot, pupils or classes? So what may be drawn again?",
        "PSI between the arms' summed pupils, for the lot that was drawn and for each of `lots`; "
        "then (1 + how many of them reach it) / (1 + how many there are)",
        "`def psi(lot): a, b = counts[lot == 1].sum(axis=0), counts[lot == 0].sum(axis=0); "
        "p, q = a / a.sum(), b / b.sum(); return np.sum((p - q) * np.log(p / q))`, "
        "`seen = psi(treated)`, `null = np.array([psi(lot) for lot in lots])`, then "
        "`return [seen, (1 + np.sum(null >= seen - 1e-12)) / (1 + len(null))]`",
    ],
    insight="The lot is the experiment's only source of chance. Draw it again, in the units in "
    "which it was drawn, and the null is exact whatever pupils of a class have in common.",
    lesson=LESSON,
    section="The idea",
)


# E4: what is left of a difference where like is compared with like


def strata(random):
    """Groups of unlike size, in which the arms have unlike shares and the hits follow the group."""
    cases = []
    for groups, people in ((2, 60), (4, 200), (7, 120)):
        inside = random.integers(8, people, (2, groups))
        rates = np.clip(random.uniform(0.1, 0.9, groups) + [[0.05], [-0.04]], 0.02, 0.98)
        cases.append(case(inside, random.binomial(inside, rates)))
    return [
        *cases,
        case([[10, 40], [80, 20]], [[4, 30], [28, 12]], label="unlike arms"),
        case([[30, 20], [25, 40]], [[6, 4], [11, 15]], label="P does worse"),
    ]


def adjusted_difference(people, hits):
    weights = people.sum(axis=0) / people.sum()
    return np.sum(weights * differences(people, hits))


def differences(people, hits):
    rates = hits / people
    return rates[0] - rates[1]


def plain_rates(people, hits):
    return hits.sum(axis=1) / people.sum(axis=1)


def adjusted_rates(people, hits):
    return hits / people @ people.sum(axis=0) / people.sum()


def naive(people, hits):
    rates = plain_rates(people, hits)
    return rates[0] - rates[1]


def _weighted(weights):
    def wrong(people, hits):
        w = weights(people, hits)
        return np.sum(w * differences(people, hits)) / np.sum(w)

    return wrong


ADJUSTED_DIFFERENCE = Question(
    "adjusted_difference",
    points=2,
    reference=adjusted_difference,
    exchangeable=False,
    visible=[
        case([[20, 20, 10], [10, 30, 30]], [[10, 5, 9], [4, 9, 24]], label="three groups"),
        case([[10, 30], [30, 10]], [[2, 15], [6, 5]], label="two groups, the same rates in each"),
    ],
    inputs=[strata],
    mistakes=[
        Mistake(
            "not adjusted",
            naive,
            "That is the plain difference of the arms, which each arm's own weights give as well: "
            "the arm with more people of an able group wins by that alone. Compare within each "
            "group, and give the groups the same weights in both arms.",
        ),
        Mistake(
            "every group the same weight",
            _weighted(lambda people, hits: np.ones(people.shape[1])),
            "Each group counts the same here, however few people are in it. Weight by the group's "
            "share of all people.",
        ),
        Mistake(
            "weights of one arm",
            (_weighted(lambda people, hits: people[0]), _weighted(lambda people, hits: people[1])),
            "The weights are those of one arm. That answers another question, the difference for "
            "people like those of that arm; here both arms together are meant.",
        ),
        Mistake(
            "one arm adjusted",
            (
                lambda people, hits: adjusted_rates(people, hits)[0] - plain_rates(people, hits)[1],
                lambda people, hits: plain_rates(people, hits)[0] - adjusted_rates(people, hits)[1],
            ),
            "You weighted the groups in one arm and took the plain rate of the other. Give the "
            "groups the same weights in both arms.",
        ),
        Mistake(
            "weights by precision",
            _weighted(lambda people, hits: people[0] * people[1] / people.sum(axis=0)),
            "These weights, n·m/(n + m), are those of Mantel and Haenszel: they give most weight "
            "where the comparison is most precise. The question asks for the groups' shares of "
            "all people.",
        ),
        Mistake(
            "weights of the hits",
            _weighted(lambda people, hits: hits.sum(axis=0)),
            "The groups were weighted by their hits. The outcome must not decide how much a group "
            "counts: weight by people.",
        ),
        Mistake(
            "Q less P",
            lambda people, hits: -adjusted_difference(people, hits),
            "The right size, the other way round: row 0, the new arm P, comes first.",
        ),
        Mistake(
            "per cent",
            lambda people, hits: 100 * adjusted_difference(people, hits),
            "These are percentage points. The question asks for a difference of shares.",
        ),
        Mistake(
            "weights not divided",
            lambda people, hits: np.sum(people.sum(axis=0) * differences(people, hits)),
            "The weights are people and not shares of people, so they do not sum to 1.",
        ),
        Mistake(
            "differences only added up",
            lambda people, hits: np.sum(differences(people, hits)),
            "The differences of the groups were added up. Take their average, weighted by the "
            "groups' shares of all people.",
        ),
        Mistake(
            "each arm with its own weights",
            (
                lambda people, hits: np.sum(
                    people[0] / people.sum() * hits[0] / people[0]
                    - people[1] / people.sum() * hits[1] / people[1]
                ),
            ),
            "Each arm's hits were divided by all people of both arms. Within a group, divide the "
            "hits of an arm by the people of that arm in that group.",
        ),
        Mistake(
            "ratio",
            lambda people, hits: (
                np.sum(people.sum(axis=0) / people.sum() * (hits[0] / people[0]))
                / np.sum(people.sum(axis=0) / people.sum() * (hits[1] / people[1]))
            ),
            "That is the ratio of the adjusted rates. The question asks for their difference.",
        ),
        Mistake(
            "sign lost",
            lambda people, hits: abs(adjusted_difference(people, hits)),
            "The sign is lost. Where P does worse than Q the difference is negative.",
        ),
        Mistake(
            "sign lost in each group",
            lambda people, hits: np.average(
                np.abs(differences(people, hits)), weights=people.sum(axis=0)
            ),
            "The sign is lost in each group: a group in which P does better and one in which it "
            "does worse should weigh against each other.",
        ),
        Mistake(
            "divided twice",
            lambda people, hits: adjusted_difference(people, hits) / people.shape[1],
            "Weighted by shares that sum to 1, and divided by the number of groups as well. The "
            "weighted sum is the average already.",
        ),
        Mistake(
            "first group only",
            lambda people, hits: people[:, 0].sum() / people.sum() * differences(people, hits)[0],
            "Only the first group has been added. Does a `return` stand inside the loop?",
        ),
    ],
    hints=[
        "In which comparison are the people alike, that of the arms or that of a group in both "
        "arms? And how much should each group count?",
        "Σ over the groups of (people of the group in both arms / all people) · (rate in row 0 - "
        "rate in row 1)",
        "`weights = people.sum(axis=0) / people.sum()`, `rates = hits / people`, then "
        "`return np.sum(weights * (rates[0] - rates[1]))`",
    ],
    insight="Within a group like meets like, and the weights are the same for both arms. What the "
    "groups do not know, it cannot mend.",
    lesson=LESSON,
    section="By code",
)


QUESTIONS = [SPLIT_TEST, BALANCE, CLASS_LOTS, ADJUSTED_DIFFERENCE]
