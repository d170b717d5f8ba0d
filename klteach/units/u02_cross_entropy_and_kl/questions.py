"""The questions of unit 02: cross-entropy, KL, its terms, and what a bettor gains by it."""

import numpy as np

from klteach.measures import cross_entropy, entropy, kl_divergence, to_bits
from klteach.practice.common_mistakes import PADDED, REMOVED, SMALL_NUMBERS, terms
from klteach.practice.inputs import (
    dirichlet_pairs,
    equal_pair,
    rounds_of_bets,
    tiny_mass,
    zero_in_both,
    zero_in_p,
    zero_in_q,
)
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import ARRAY

LESSON = "02_cross_entropy_and_kl"
PROBE = case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])
PAIRS = [dirichlet_pairs(), zero_in_p, zero_in_both, zero_in_q, tiny_mass, equal_pair]


def surprise_terms(p, q):
    """-p log q, outcome by outcome: 0 where p = 0, inf where only q is 0."""
    result = np.zeros(len(p))
    occurs = p > 0
    result[occurs] = -p[occurs] * np.log(q[occurs])
    return result


def _half_way(p, q):
    middle = (p + q) / 2
    return (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2


def _for_each_small_number(function):
    """Variants of one mistake, for the numbers that people add "to be safe"."""
    return tuple(lambda p, q, small=small: function(p, q, small) for small in SMALL_NUMBERS)


def _only_where_q(function):
    """The same sum, with the outcomes that q calls impossible left out."""

    def left_out(p, q):
        return np.sum(np.where(q > 0, function(p, q), 0.0))

    return left_out


CROSS_ENTROPY = Question(
    "cross_entropy",
    points=2,
    reference=cross_entropy,
    unit="nats",
    visible=[
        PROBE,
        case([0.5, 0.5], [0.25, 0.75], label="a fair coin"),
        case([0.2, 0.8], [0.2, 0.8], label="a right model"),
    ],
    inputs=PAIRS,
    mistakes=[
        Mistake(
            "entropy of p",
            lambda p, q: entropy(p),
            "This is H(p): the bill with the right code. q does not take part, and it is q's code "
            "that is used.",
        ),
        Mistake(
            "entropy of q",
            lambda p, q: entropy(q),
            "You weighted by q. The symbols come from p, so p gives the weights; q only sets the "
            "prices -log q.",
        ),
        Mistake(
            "swapped",
            lambda p, q: cross_entropy(q, p),
            "p and q are swapped: you weighted by q and took log p. p supplies the symbols, q is "
            "scored.",
        ),
        Mistake(
            "kl",
            kl_divergence,
            "This is KL(p‖q), the extra alone. The cross-entropy is the whole bill: the entropy of "
            "p and the extra.",
        ),
        Mistake(
            "minus kl",
            lambda p, q: -kl_divergence(p, q),
            "This is -KL(p‖q). Cross-entropy has no log p in it, and it is not negative.",
        ),
        Mistake(
            "sign",
            lambda p, q: -cross_entropy(p, q),
            "Negative: the minus in front of the sum is missing. log q is never above 0.",
        ),
        Mistake(
            "bits",
            lambda p, q: to_bits(cross_entropy(p, q)),
            "Right but for the unit: this is in bits (a logarithm to base 2) and the question asks "
            "for nats.",
        ),
        Mistake(
            "log10",
            lambda p, q: cross_entropy(p, q) / np.log(10),
            "Right but for the unit: this comes from a logarithm to base 10, and nats come from "
            "`np.log`.",
        ),
        Mistake(
            "mean",
            lambda p, q: cross_entropy(p, q) / len(p),
            "You took a mean over the outcomes. The weights p make the average already: Σ, without "
            "dividing by n.",
        ),
        Mistake(
            "weights missing",
            (lambda p, q: -np.sum(np.log(q)), lambda p, q: -np.sum(np.log(q[p > 0]))),
            "The weights are missing: this adds up the prices -log q as if every symbol came once.",
        ),
        Mistake(
            "unweighted mean",
            (lambda p, q: -np.mean(np.log(q)), lambda p, q: -np.mean(np.log(q[p > 0]))),
            "Every price -log q got the same weight 1/n. Symbol i comes with probability p[i].",
        ),
        Mistake(
            "binary loss",
            lambda p, q: np.sum(surprise_terms(p, q) + surprise_terms(1 - p, 1 - q)),
            "You added (1 - p) log(1 - q) as well: the loss for independent yes-or-no labels. Here "
            "exactly one symbol comes, and the others have terms of their own.",
        ),
        Mistake(
            "logarithm of the average",
            lambda p, q: -np.log(np.sum(p * q)),
            "You took the logarithm of an average. It is the average of the logarithms -log q, and "
            "the two do not change places.",
        ),
        Mistake(
            "perplexity",
            (
                lambda p, q: np.exp(cross_entropy(p, q)),
                lambda p, q: np.exp2(cross_entropy(p, q)),
            ),
            "You raised a base to the cross-entropy: that is the perplexity. Stop one step "
            "earlier.",
        ),
        Mistake(
            "both entropies",
            lambda p, q: entropy(p) + entropy(q),
            "This is H(p) + H(q). In a cross-entropy p and q meet in one sum: weights from one, "
            "prices from the other.",
        ),
        Mistake(
            "small number added",
            _for_each_small_number(lambda p, q, small: -np.sum(p * np.log(q + small)))
            + _for_each_small_number(lambda p, q, small: -np.sum(p * np.log(np.maximum(q, small)))),
            PADDED,
        ),
        Mistake("outcomes removed", _only_where_q(surprise_terms), REMOVED),
    ],
    hints=[
        "Who supplies the symbols, and whose price list do you pay by?",
        "H(p, q) = -Σ p log(q)",
        "`occurs = p > 0` and then `return -np.sum(p[occurs] * np.log(q[occurs]))`",
    ],
    insight="The bill when q prices what p sends. It is never below H(p), and it is infinite if q "
    "calls something impossible that happens.",
    lesson=LESSON,
    section="The idea",
)


KL = Question(
    "kl",
    points=2,
    reference=kl_divergence,
    unit="nats",
    visible=[
        PROBE,
        case([0.5, 0.5], [0.25, 0.75], label="a fair coin"),
        case([0.2, 0.8], [0.2, 0.8], label="a right model"),
    ],
    inputs=PAIRS,
    mistakes=[
        Mistake(
            "swapped",
            lambda p, q: kl_divergence(q, p),
            "The arguments are swapped: this is KL(q‖p), an average under q. The samples come from "
            "p, so weight by p.",
        ),
        Mistake(
            "expectation under q",
            lambda p, q: -kl_divergence(q, p),
            "The expectation is taken under q: Σ q log(p/q), which is never above 0. The log ratio "
            "is right; the samples come from p, so weight it by p.",
        ),
        Mistake(
            "sign",
            lambda p, q: -kl_divergence(p, q),
            "Right but for the sign. Is it log(q/p), or a minus that is not needed? KL is never "
            "below 0.",
        ),
        Mistake(
            "weights missing",
            lambda p, q: np.sum(np.log(p / q)[p > 0]),
            "The weights are missing: the log ratios are added up as if every outcome came equally "
            "often. Weight each one by p.",
        ),
        Mistake(
            "unweighted mean",
            lambda p, q: np.mean(np.log(p / q)[p > 0]),
            "A plain mean of the log ratios gives every outcome the weight 1/n. Outcome i comes "
            "with probability p[i].",
        ),
        Mistake(
            "mean",
            lambda p, q: kl_divergence(p, q) / len(p),
            "You took the mean of the terms. The weights p make the average already: Σ, without "
            "dividing by n.",
        ),
        Mistake(
            "bits",
            lambda p, q: to_bits(kl_divergence(p, q)),
            "Right but for the unit: this is in bits (a logarithm to base 2) and the question asks "
            "for nats.",
        ),
        Mistake(
            "log10",
            lambda p, q: kl_divergence(p, q) / np.log(10),
            "Right but for the unit: this comes from a logarithm to base 10, and nats come from "
            "`np.log`.",
        ),
        Mistake(
            "swapped and bits",
            lambda p, q: to_bits(kl_divergence(q, p)),
            "Two things: the arguments are swapped, which makes this KL(q‖p), and the unit is bits "
            "where nats are asked.",
        ),
        Mistake(
            "abs of each term",
            lambda p, q: np.sum(np.abs(terms(p, q))),
            "You took the absolute value of each term. Negative terms are legitimate: a wrong code "
            "may be cheaper for some outcomes. Only the sum is never below 0.",
        ),
        Mistake(
            "negative terms cut",
            lambda p, q: np.sum(np.maximum(terms(p, q), 0)),
            "You cut the negative terms off. They are legitimate: a wrong code may be cheaper for "
            "some outcomes. Only the sum is never below 0.",
        ),
        Mistake(
            "cross-entropy",
            cross_entropy,
            "This is the cross-entropy, the whole bill. KL is the extra alone: subtract what the "
            "right code would cost.",
        ),
        Mistake(
            "entropy of p",
            lambda p, q: entropy(p),
            "This is H(p): what the right code costs. q does not take part, and KL is what q's "
            "code costs on top.",
        ),
        Mistake(
            "entropies subtracted",
            (lambda p, q: entropy(q) - entropy(p), lambda p, q: entropy(p) - entropy(q)),
            "This is the difference of two entropies, each under its own distribution. KL prices "
            "both codes under p: H(p, q) - H(p).",
        ),
        Mistake(
            "jeffreys",
            lambda p, q: kl_divergence(p, q) + kl_divergence(q, p),
            "You added both directions: that is Jeffreys' divergence. KL(p‖q) is the one whose "
            "samples come from p.",
        ),
        Mistake(
            "half of jeffreys",
            lambda p, q: (kl_divergence(p, q) + kl_divergence(q, p)) / 2,
            "You averaged both directions. KL(p‖q) is the one whose samples come from p.",
        ),
        Mistake(
            "jensen-shannon",
            _half_way,
            "You compared with the mean of p and q: that is the Jensen-Shannon divergence, "
            "symmetric and always finite. KL compares p with q itself.",
        ),
        Mistake(
            "logarithm of the average",
            lambda p, q: np.log(np.sum(np.where(p > 0, p * p / q, 0.0))),
            "You took the logarithm of an average. KL is the average of a logarithm, and the two "
            "do not change places.",
        ),
        Mistake(
            "p log p over q",
            lambda p, q: np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1)) / q, 0.0)),
            "This is p log(p) divided by q: a bracket is missing. The ratio p/q stands inside the "
            "logarithm.",
        ),
        Mistake(
            "small number added",
            _for_each_small_number(lambda p, q, small: np.sum(terms(p, q + small)))
            + _for_each_small_number(
                lambda p, q, small: np.sum(p * np.log((p + small) / (q + small)))
            )
            + _for_each_small_number(
                lambda p, q, small: np.sum((p + small) * np.log((p + small) / (q + small)))
            )
            + _for_each_small_number(lambda p, q, small: np.sum(terms(p, np.maximum(q, small)))),
            PADDED,
        ),
        Mistake("outcomes removed", _only_where_q(terms), REMOVED),
        Mistake(
            "abs of the sum",
            lambda p, q: abs(np.sum(terms(p, q))),
            "Right on every pair of distributions, where an `abs` around the sum does nothing. The "
            "p below does not sum to 1, which makes the sum negative: a warning worth seeing, and "
            "the `abs` hides it.",
            probes=(case([0.25, 0.25], [0.5, 0.5]), case([0.1, 0.2, 0.1], [0.5, 0.3, 0.2])),
        ),
    ],
    hints=[
        "Which distribution supplies the samples, and which one is being scored?",
        "KL(p‖q) = Σ p log(p/q)",
        "`occurs = p > 0` and then `return np.sum(p[occurs] * np.log(p[occurs] / q[occurs]))`",
    ],
    insight="Zero exactly when p = q and never negative, though single terms may be: that is "
    "Gibbs.",
    lesson=LESSON,
    section="The idea",
)


KL_CONTRIBUTIONS = Question(
    "kl_contributions",
    points=2,
    reference=terms,
    returns=ARRAY,
    unit="nats",
    visible=[
        PROBE,
        case([0.5, 0.5], [0.25, 0.75], label="a fair coin"),
        case([0.2, 0.8], [0.2, 0.8], label="a right model"),
    ],
    inputs=PAIRS,
    mistakes=[
        Mistake(
            "kl_div",
            lambda p, q: np.where(q > 0, terms(p, q) - p + q, terms(p, q)),
            "These are the terms p log(p/q) - p + q, as `scipy.special.kl_div` gives them. Their "
            "sum is the same, but each term is another one: none is negative. Asked is p log(p/q).",
        ),
        Mistake(
            "swapped",
            lambda p, q: terms(q, p),
            "The arguments are swapped: these are the terms of KL(q‖p). The samples come from p.",
        ),
        Mistake(
            "weights q",
            lambda p, q: -terms(q, p),
            "The log ratio is right, but it is weighted by q. The samples come from p.",
        ),
        Mistake(
            "weights missing",
            lambda p, q: np.where(p > 0, np.log(p / q), 0.0),
            "The weights are missing: these are the log ratios. Each counts as often as its "
            "outcome comes.",
        ),
        Mistake(
            "sign",
            lambda p, q: -terms(p, q),
            "Right but for the sign: it is log(p/q), not log(q/p).",
        ),
        Mistake(
            "abs",
            lambda p, q: np.abs(terms(p, q)),
            "An absolute value was taken. Negative terms are legitimate: for those outcomes the "
            "wrong code is cheaper.",
        ),
        Mistake(
            "negative terms cut",
            lambda p, q: np.maximum(terms(p, q), 0),
            "The negative terms were cut off at 0. They are legitimate: for those outcomes the "
            "wrong code is cheaper.",
        ),
        Mistake(
            "bits",
            lambda p, q: to_bits(terms(p, q)),
            "Right but for the unit: these are bits, and the question asks for nats.",
        ),
        Mistake(
            "log10",
            lambda p, q: terms(p, q) / np.log(10),
            "Right but for the unit: this comes from a logarithm to base 10.",
        ),
        Mistake(
            "cross-entropy terms",
            surprise_terms,
            "These are -p log q, the terms of the cross-entropy. What would the right code have "
            "charged for the same symbols?",
        ),
        Mistake(
            "divided by n",
            lambda p, q: terms(p, q) / len(p),
            "Every term is divided by the number of outcomes. The weight of a term is p alone.",
        ),
        Mistake(
            "running sum",
            lambda p, q: np.cumsum(terms(p, q)),
            "These are running sums. Asked is each term by itself.",
        ),
        Mistake(
            "small number added",
            _for_each_small_number(lambda p, q, small: terms(p, q + small))
            + _for_each_small_number(lambda p, q, small: p * np.log((p + small) / (q + small)))
            + _for_each_small_number(lambda p, q, small: terms(p, np.maximum(q, small))),
            PADDED,
        ),
        Mistake(
            "outcomes removed",
            lambda p, q: np.where(q > 0, terms(p, q), 0.0),
            REMOVED,
        ),
    ],
    hints=[
        "What does outcome i alone add to KL, and may that be negative?",
        "term[i] = p[i] log(p[i] / q[i]), and 0 where p[i] = 0",
        "`terms = np.zeros(len(p))`, `occurs = p > 0`, then "
        "`terms[occurs] = p[occurs] * np.log(p[occurs] / q[occurs])`",
    ],
    insight="Some outcomes are cheaper under the wrong code: their terms are negative. The sum "
    "never is.",
    lesson=LESSON,
    section="By hand",
)


def average_log_growth(p, q, winners):
    return np.mean(np.log(p / q)[winners])


KELLY_GROWTH = Question(
    "kelly_growth",
    points=3,
    reference=average_log_growth,
    unit="nats",
    exchangeable=False,
    visible=[
        case([0.7, 0.3], [0.5, 0.5], [0, 0, 1, 0], label="four rounds"),
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [2, 1], label="two unlucky rounds"),
        case([0.2, 0.8], [0.2, 0.8], [0, 1, 1], label="fair odds"),
    ],
    inputs=[rounds_of_bets()],
    mistakes=[
        Mistake(
            "arithmetic growth",
            (
                lambda p, q, winners: np.mean((p / q)[winners]) - 1,
                lambda p, q, winners: np.mean((p / q)[winners]),
                lambda p, q, winners: np.log(np.mean((p / q)[winners])),
            ),
            "You averaged the factors p/q themselves. Winnings multiply from round to round, so it "
            "is their logarithms that add up and have an average.",
        ),
        Mistake(
            "bets on the odds",
            lambda p, q, winners: np.mean(np.log(1 / q / np.sum(1 / q) / q)[winners]),
            "You staked in proportion to the odds 1/q. This bettor stakes the share p[i] on "
            "outcome i, and the odds are what is paid.",
        ),
        Mistake(
            "equal bets",
            lambda p, q, winners: np.mean(np.log(1 / len(p) / q)[winners]),
            "You staked the same on every outcome. This bettor stakes the share p[i] on outcome i.",
        ),
        Mistake(
            "kl",
            lambda p, q, winners: kl_divergence(p, q),
            "This is KL(p‖q), what the growth tends to in the long run. Asked is what happened in "
            "these rounds: use `winners`.",
        ),
        Mistake(
            "weighted twice",
            (
                lambda p, q, winners: np.mean((p * np.log(p / q))[winners]),
                lambda p, q, winners: np.sum((p * np.log(p / q))[winners]),
            ),
            "You weighted by p as well. An outcome that p makes frequent wins more often already: "
            "`winners` carries the weights.",
        ),
        Mistake(
            "sum",
            lambda p, q, winners: np.sum(np.log(p / q)[winners]),
            "This is the growth over all rounds together. Asked is the average per round.",
        ),
        Mistake(
            "divided by outcomes",
            lambda p, q, winners: np.sum(np.log(p / q)[winners]) / len(p),
            "You divided by the number of outcomes. Per round means divided by the number of "
            "rounds.",
        ),
        Mistake(
            "final bankroll",
            (
                lambda p, q, winners: np.prod((p / q)[winners]),
                lambda p, q, winners: np.exp(np.sum(np.log(p / q)[winners])),
            ),
            "This is the bankroll at the end, which soon leaves the range of floating point. Add "
            "logarithms instead, and divide by the number of rounds.",
        ),
        Mistake(
            "growth factor",
            lambda p, q, winners: np.exp(np.mean(np.log(p / q)[winners])),
            "This is the factor per round. Asked is its logarithm.",
        ),
        Mistake(
            "product overflows",
            lambda p, q, winners: np.log(np.prod((p / q)[winners])) / len(winners),
            "Right for a few rounds, but over 20 000 of them the product leaves the range of "
            "floating point. Take the logarithms first, then add.",
        ),
        Mistake(
            "odds forgotten",
            lambda p, q, winners: np.mean(np.log(p)[winners]),
            "Only the stakes are here. A stake of p[i] on the winner is paid 1/q[i] times.",
        ),
        Mistake(
            "stakes forgotten",
            lambda p, q, winners: np.mean(-np.log(q)[winners]),
            "Only the odds are here: this bettor staked everything on the winner each time. The "
            "stake was p[i].",
        ),
        Mistake(
            "sign",
            lambda p, q, winners: np.mean(np.log(q / p)[winners]),
            "Right but for the sign: a round multiplies the bankroll by p/q, stake times odds, not "
            "by q/p.",
        ),
        Mistake(
            "odds of q times",
            lambda p, q, winners: np.mean(np.log(p * q)[winners]),
            "You multiplied stake and q. The odds are 1/q: the likelier the bookmaker thinks it, "
            "the less is paid.",
        ),
        Mistake(
            "bits",
            lambda p, q, winners: np.mean(np.log2(p / q)[winners]),
            "Right but for the unit: this is in bits, doublings per round. Asked is the natural "
            "logarithm.",
        ),
        Mistake(
            "log10",
            lambda p, q, winners: np.mean(np.log10(p / q)[winners]),
            "Right but for the unit: this comes from a logarithm to base 10. Asked is the natural "
            "logarithm.",
        ),
        Mistake(
            "every outcome once",
            lambda p, q, winners: np.mean(np.log(p / q)),
            "You averaged over the outcomes, not over the rounds. `np.log(p / q)[winners]` picks "
            "one number per round.",
        ),
    ],
    hints=[
        "If outcome i wins, by which factor does one euro grow? And how do factors of many rounds "
        "combine?",
        "growth = (1/n) Σ over the rounds of log(p[winner] / q[winner])",
        "`return np.mean(np.log(p / q)[winners])`",
    ],
    insight="In the long run a bettor who knows p grows by KL(p‖q) per round against odds set by "
    "q: knowing better than the bookmaker is worth exactly the divergence.",
    lesson=LESSON,
    section="Explore",
)


QUESTIONS = [CROSS_ENTROPY, KL, KL_CONTRIBUTIONS, KELLY_GROWTH]
