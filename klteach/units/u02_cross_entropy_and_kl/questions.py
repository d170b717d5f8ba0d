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
# p sums to less than 1: outside the question, and the sum p log(p/q) is negative
NO_DISTRIBUTION = (case([0.25, 0.25], [0.5, 0.5]), case([0.1, 0.2, 0.1], [0.5, 0.3, 0.2]))
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


def _divided(shares):
    """Made to sum to 1."""
    return shares / shares.sum()


# Where people put a small number "to be safe": into the weights, the p and the q of the sum
_Q = ((False, False, True),)
_BOTH = ((False, True, True), (True, True, True))
_SMALL_NUMBERS = (1e-2, *SMALL_NUMBERS)
_COMMON_SMALL_NUMBERS = (1e-8, 1e-9, 1e-10, 1e-12, 2.0**-52)


def _added(shares, small):
    return shares + small


def _added_and_divided(shares, small):
    return _divided(shares + small)


def _zeros_replaced(shares, small):
    return np.where(shares == 0, small, shares)


_PADS = (
    (_added, _SMALL_NUMBERS, _Q + _BOTH),
    (np.maximum, _SMALL_NUMBERS, _Q + _BOTH),
    (_zeros_replaced, _SMALL_NUMBERS, _Q),
    (_added_and_divided, _COMMON_SMALL_NUMBERS, _BOTH),
)
_COMMON_PADS = (
    (_added, _COMMON_SMALL_NUMBERS, _Q + _BOTH),
    (np.maximum, _COMMON_SMALL_NUMBERS, _Q + _BOTH),
)


def _padded(function, pads=_PADS):
    """Variants of one mistake: `function` of weights, p and q with a small number in them."""

    def with_padding(pad, small, places):
        def variant(p, q):
            shares = zip((p, p, q), places, strict=True)
            return function(*(pad(each, small) if here else each for each, here in shares))

        return variant

    return tuple(
        with_padding(pad, small, places)
        for pad, small_numbers, ways in pads
        for small in small_numbers
        for places in ways
    )


def _exchanged(functions):
    """The functions with p and q in each other's places."""
    return tuple(lambda p, q, function=function: function(q, p) for function in functions)


def _weighted_log_ratios(weights, p, q):
    """weights · log(p/q), and 0 where p = 0."""
    return weights * np.log(np.where(p > 0, p / q, 1.0))


def _only_where_q(function):
    """The same sum without the outcomes that q calls impossible, and with what is left divided."""

    def left_out(p, q):
        return np.sum(np.where(q > 0, function(p, q), 0.0))

    def divided(p, q):
        return np.sum(function(_divided(p[q > 0]), _divided(q[q > 0])))

    return left_out, divided


def _infinite_at_any_zero(function):
    """`function`, but infinite wherever some q is 0, also where p is 0 there."""
    return lambda p, q: np.inf if (q == 0).any() else function(p, q)


def _over(numerators, denominators):
    """Numerator over denominator, outcome by outcome, and 0 where both are 0."""
    return np.where(numerators == 0, 0.0, numerators / denominators)


def _shares_of_the_sum(p, q):
    total = np.sum(terms(p, q))
    return terms(p, q) / (total if np.isfinite(total) and total > 0 else 1.0)


def _softmax(values):
    return np.exp(values) / np.sum(np.exp(values))


INFINITE_AT_ANY_ZERO = (
    "Infinite as soon as some q is 0. It is only so where p is not 0 there: an outcome that both "
    "rule out never comes and adds nothing."
)
HUGE = (
    "A huge finite number came out where the answer is infinite, as `np.nan_to_num` puts the "
    "largest float in the place of infinity. Leave `np.inf` as it is."
)
PADDED_TERMS = (
    "A small number was added to p or q, or put in the place of their zeros. With it a term is not "
    "0 where p is 0, or not infinite where only q is 0: it is whatever that number makes it."
)
PADDED_MEAN = (
    "Two things: a mean over the outcomes stands where a sum belongs, and a small number was added "
    "or put in the place of zeros, where the answer may be infinite."
)
PADDED_BITS = (
    "Two things: this is in bits where the question asks for nats, and a small number was added or "
    "put in the place of zeros, where the answer may be infinite."
)
LOGITS = (
    "You took q for logits: a softmax was applied to it, as `nn.CrossEntropyLoss` of PyTorch does "
    "with the output of a model. Here q holds probabilities already, so take their logarithm."
)


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
            "logits",
            (
                lambda p, q: cross_entropy(p, _softmax(q)),
                lambda p, q: cross_entropy(_softmax(p), _softmax(q)),
            ),
            LOGITS,
        ),
        Mistake(
            "entropy of q and kl",
            lambda p, q: entropy(q) + kl_divergence(p, q),
            "This is H(q) + KL(p‖q). The symbols come from p, so the part that no code avoids is "
            "the entropy of p.",
        ),
        Mistake(
            "entropy minus kl",
            lambda p, q: entropy(p) - kl_divergence(p, q),
            "This is H(p) - KL(p‖q). The wrong code costs more than the right one, so KL is added.",
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
            (
                lambda p, q: np.sum(surprise_terms(p, q) + surprise_terms(1 - p, 1 - q)),
                lambda p, q: np.mean(surprise_terms(p, q) + surprise_terms(1 - p, 1 - q)),
            ),
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
            "logarithm of 1 + q",
            (
                lambda p, q: -np.sum(p * np.log1p(q)),
                lambda p, q: np.sum(p * np.log1p(q)),
            ),
            "You took the logarithm of 1 + q. That has no trouble at q = 0, and it is another "
            "function: the price of a symbol is -log q.",
        ),
        Mistake(
            "likeliest symbol only",
            lambda p, q: -np.log(q[np.argmax(p)]),
            "This is the price of p's likeliest symbol alone, as for a label that is sure. Here "
            "the others come, too: average over all of them with the weights p.",
        ),
        Mistake(
            "squared difference",
            (
                lambda p, q: np.sum((p - q) ** 2),
                lambda p, q: np.mean((p - q) ** 2),
            ),
            "These are squared differences, the Brier score or mean squared error. A cross-entropy "
            "averages the prices -log q.",
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
            _padded(lambda weights, p, q: -np.sum(weights * np.log(q))),
            PADDED,
        ),
        Mistake(
            "mean with a small number",
            _padded(lambda weights, p, q: -np.mean(weights * np.log(q)), _COMMON_PADS),
            PADDED_MEAN,
        ),
        Mistake(
            "bits with a small number",
            _padded(lambda weights, p, q: -np.sum(weights * np.log2(q)), _COMMON_PADS),
            PADDED_BITS,
        ),
        Mistake("outcomes removed", _only_where_q(surprise_terms), REMOVED),
        Mistake("infinite at any zero", _infinite_at_any_zero(cross_entropy), INFINITE_AT_ANY_ZERO),
        Mistake(
            "infinity replaced",
            (
                lambda p, q: np.sum(np.nan_to_num(surprise_terms(p, q))),
                lambda p, q: -np.sum(p * np.nan_to_num(np.log(q))),
            ),
            HUGE,
        ),
        Mistake(
            "minus infinity",
            lambda p, q: -np.inf if np.isinf(cross_entropy(p, q)) else cross_entropy(p, q),
            "Minus infinity came out where the price is infinite. The logarithm of 0 is -∞, and "
            "the minus in front makes +∞ of it.",
        ),
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
            "where the question asks for nats.",
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
            "entropy of q subtracted",
            lambda p, q: cross_entropy(p, q) - entropy(q),
            "This is H(p, q) - H(q). The symbols come from p, so the right code would cost H(p): "
            "that is what to subtract.",
        ),
        Mistake(
            "entropies added",
            (
                lambda p, q: cross_entropy(p, q) + entropy(p),
                lambda p, q: cross_entropy(p, q) + entropy(q),
            ),
            "An entropy was added to the cross-entropy. The cross-entropy contains H(p) already: "
            "subtract it.",
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
            "root of jensen-shannon",
            lambda p, q: np.sqrt(np.maximum(_half_way(p, q), 0)),
            "This is the root of the Jensen-Shannon divergence, as "
            "`scipy.spatial.distance.jensenshannon` gives it: symmetric and always finite. KL "
            "compares p with q itself.",
        ),
        Mistake(
            "square roots",
            (
                lambda p, q: np.sum((np.sqrt(p) - np.sqrt(q)) ** 2),
                lambda p, q: np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2,
                lambda p, q: np.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2),
                lambda p, q: -np.log(np.sum(np.sqrt(p * q))),
                lambda p, q: np.sum(np.sqrt(p * q)),
            ),
            "The square roots of p and q are compared here, as Hellinger and Bhattacharyya do. KL "
            "averages the log ratios log(p/q).",
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
            "logarithms divided",
            lambda p, q: np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1)) / np.log(q), 0)),
            "You divided log(p) by log(q). The logarithm of a ratio is a difference: "
            "log(p/q) = log(p) - log(q).",
        ),
        Mistake(
            "logarithm of 1 + p/q",
            lambda p, q: np.sum(np.where(p > 0, p * np.log1p(p / q), 0.0)),
            "You took the logarithm of 1 + p/q. That has no trouble at p = 0, and it is another "
            "function: at p = q it is log 2, and log(p/q) is 0.",
        ),
        Mistake(
            "a logarithm missing",
            (
                lambda p, q: np.sum(np.where(q > 0, q * np.log(np.where(q > 0, q, 1)), 0) - q * p),
                lambda p, q: np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0) - p * q),
            ),
            "One of the two logarithms is missing: q (log q - p) or p (log p - q) was added up. So "
            "does `F.kl_div` of PyTorch if it is given probabilities where it wants their "
            "logarithms.",
        ),
        Mistake(
            "logits",
            lambda p, q: kl_divergence(_softmax(p), _softmax(q)),
            "You took p and q for logits and applied a softmax to them. They are probabilities "
            "already.",
        ),
        Mistake(
            "chi-square",
            (
                lambda p, q: np.sum(_over((p - q) ** 2, q)),
                lambda p, q: np.sum(_over((p - q) ** 2, p)),
            ),
            "These are squared differences over one of the two: a chi-square divergence. KL has "
            "the logarithm of the ratio, weighted by p.",
        ),
        Mistake(
            "differences",
            (
                lambda p, q: np.sum(np.abs(p - q)),
                lambda p, q: np.sum(np.abs(p - q)) / 2,
                lambda p, q: np.max(np.abs(p - q)),
                lambda p, q: np.sum((p - q) ** 2),
                lambda p, q: np.mean((p - q) ** 2),
                lambda p, q: np.max(np.abs(np.cumsum(p - q))),
                lambda p, q: np.sum(np.abs(np.cumsum(p - q))),
            ),
            "These are differences p - q, absolute, squared or cumulated, and no logarithm is in "
            "them. KL averages the log ratios log(p/q).",
        ),
        Mistake(
            "largest term",
            lambda p, q: np.max(terms(p, q)),
            "This is the largest term alone. KL is the sum of all of them, negative ones included.",
        ),
        Mistake(
            "small number added",
            _padded(lambda weights, p, q: np.sum(_weighted_log_ratios(weights, p, q))),
            PADDED,
        ),
        Mistake(
            "mean with a small number",
            _padded(
                lambda weights, p, q: np.mean(_weighted_log_ratios(weights, p, q)), _COMMON_PADS
            ),
            PADDED_MEAN,
        ),
        Mistake(
            "bits with a small number",
            _padded(
                lambda weights, p, q: to_bits(np.sum(_weighted_log_ratios(weights, p, q))),
                _COMMON_PADS,
            ),
            PADDED_BITS,
        ),
        Mistake(
            "swapped with a small number",
            _exchanged(
                _padded(
                    lambda weights, p, q: np.sum(_weighted_log_ratios(weights, p, q)), _COMMON_PADS
                )
            ),
            "Two things: the arguments are swapped, as the samples come from p and the weights "
            "with them, and a small number was added or put in the place of zeros, where the "
            "answer may be infinite.",
        ),
        Mistake("outcomes removed", _only_where_q(terms), REMOVED),
        Mistake("infinite at any zero", _infinite_at_any_zero(kl_divergence), INFINITE_AT_ANY_ZERO),
        Mistake(
            "infinity replaced",
            (
                lambda p, q: np.sum(np.nan_to_num(terms(p, q))),
                lambda p, q: np.sum(p * np.nan_to_num(np.log(np.where(p > 0, p / q, 1.0)))),
            ),
            HUGE,
        ),
        Mistake(
            "abs of the sum",
            lambda p, q: abs(np.sum(terms(p, q))),
            "an `abs` stands around the sum. For distributions it does nothing. The p below does "
            "not sum to 1, which makes the sum negative: a warning worth seeing, and the `abs` "
            "hides it.",
            probes=NO_DISTRIBUTION,
        ),
        Mistake(
            "cut at 0",
            lambda p, q: max(0.0, np.sum(terms(p, q))),
            "what would be negative is cut off at 0. For distributions that takes away rounding "
            "alone. The p below does not sum to 1, which makes the sum negative: a warning worth "
            "seeing, and the cut hides it.",
            probes=NO_DISTRIBUTION,
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
            "sum is the same, but each term is another one: none is negative. The question asks "
            "for p log(p/q).",
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
            "These are running sums. The question asks for each term by itself.",
        ),
        Mistake(
            "entropy terms",
            (
                lambda p, q: terms(p, np.ones_like(q)),
                lambda p, q: -terms(p, np.ones_like(q)),
            ),
            "These are p log p, the terms of p's entropy. q does not take part in them.",
        ),
        Mistake(
            "entropies subtracted",
            (
                lambda p, q: terms(p, np.ones_like(q)) - terms(q, np.ones_like(p)),
                lambda p, q: terms(q, np.ones_like(p)) - terms(p, np.ones_like(q)),
            ),
            "Each logarithm has a weight of its own here: p log p and q log q. The symbols come "
            "from p, so p is the weight of both.",
        ),
        Mistake(
            "jeffreys",
            lambda p, q: np.where(p == q, 0.0, (p - q) * np.log(p / q)),
            "The weight is p - q: these are the terms of both directions together, KL(p‖q) and "
            "KL(q‖p), and none of them is negative. The weight of KL(p‖q) is p.",
        ),
        Mistake(
            "shares of the sum",
            _shares_of_the_sum,
            "You divided the terms by their sum, so that they add up to 1. The question asks for "
            "the terms themselves, which add up to KL.",
        ),
        Mistake(
            "small number added",
            _padded(_weighted_log_ratios),
            PADDED_TERMS,
        ),
        Mistake(
            "outcomes removed",
            lambda p, q: np.where(q > 0, terms(p, q), 0.0),
            REMOVED,
        ),
        Mistake(
            "infinite at any zero",
            lambda p, q: np.where(q == 0, np.inf, terms(p, q)),
            INFINITE_AT_ANY_ZERO,
        ),
        Mistake("infinity replaced", lambda p, q: np.nan_to_num(terms(p, q)), HUGE),
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
            "This is KL(p‖q), what the growth tends to in the long run. The question asks what "
            "happened in these rounds: use `winners`.",
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
            "This is the growth over all rounds together. The question asks for the average per "
            "round.",
        ),
        Mistake(
            "divided by outcomes",
            lambda p, q, winners: np.sum(np.log(p / q)[winners]) / len(p),
            "You divided by the number of outcomes. Per round means divided by the number of "
            "rounds.",
        ),
        Mistake(
            "one round less",
            lambda p, q, winners: np.sum(np.log(p / q)[winners]) / (len(winners) - 1),
            "You divided by one less than the number of rounds, as a variance does. A mean divides "
            "by the number itself.",
        ),
        Mistake(
            "one round alone",
            (
                lambda p, q, winners: np.log(p / q)[winners][0],
                lambda p, q, winners: np.log(p / q)[winners][-1],
                lambda p, q, winners: np.log(p / q)[winners][0] / len(winners),
                lambda p, q, winners: np.log(p / q)[winners][-1] / len(winners),
            ),
            "Only one round is in it, the first or the last. Does a `return` stand inside the "
            "loop, or does each step overwrite the sum (`=` for `+=`)?",
        ),
        Mistake(
            "spread",
            (
                lambda p, q, winners: np.std(np.log(p / q)[winners]),
                lambda p, q, winners: np.std(np.log(p / q)[winners], ddof=1),
                lambda p, q, winners: np.std(np.log(p / q)[winners]) / np.sqrt(len(winners)),
                lambda p, q, winners: (
                    np.std(np.log(p / q)[winners], ddof=1) / np.sqrt(len(winners))
                ),
            ),
            "This is the standard deviation of the rounds, or the standard error of their mean: "
            "how much they scatter. The question asks for the mean itself.",
        ),
        Mistake(
            "median",
            (
                lambda p, q, winners: np.median(np.log(p / q)[winners]),
                lambda p, q, winners: np.log(np.median((p / q)[winners])),
            ),
            "This is the median of the rounds. After many rounds the bankroll has grown by the sum "
            "of their logarithms, so it is the mean that counts.",
        ),
        Mistake(
            "winners from 1",
            lambda p, q, winners: np.mean(np.log(p / q)[winners - 1]),
            "You took 1 off `winners`. They count from 0 already, as NumPy does: 0 is the first "
            "outcome.",
        ),
        Mistake(
            "winners as numbers",
            (
                lambda p, q, winners: np.mean(winners * np.log(p / q)[winners]),
                lambda p, q, winners: np.mean(np.log(p / q)[winners]) * np.mean(winners),
            ),
            "You multiplied by `winners`. They are names of outcomes, places in p and q, and no "
            "amounts.",
        ),
        Mistake(
            "shares of the winners",
            lambda p, q, winners: kl_divergence(
                np.bincount(winners, minlength=len(p)) / len(winners), q
            ),
            "You staked the shares in which the outcomes came to win. This bettor does not know "
            "them before the rounds are over, and stakes p.",
        ),
        Mistake(
            "net odds",
            (
                lambda p, q, winners: np.mean(np.log(p / q + p)[winners]),
                lambda p, q, winners: np.mean(np.log(p / q + 1)[winners]),
                lambda p, q, winners: np.mean(np.log(1 + p * (1 / q - 1))[winners]),
            ),
            "A stake or the bankroll was added to what the bookmaker pays. The whole bankroll is "
            "staked in every round, and 1/q for each euro is the whole payment, with the stake in "
            "it: nothing else is left.",
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
            "This is the factor per round. The question asks for its logarithm.",
        ),
        Mistake(
            "relative growth",
            lambda p, q, winners: np.expm1(np.mean(np.log(p / q)[winners])),
            "This is the factor per round less 1, the growth as a rate of interest. The question "
            "asks for the logarithm of the factor.",
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
            "Right but for the unit: this is in bits, doublings per round. The question asks for "
            "the natural logarithm.",
        ),
        Mistake(
            "log10",
            lambda p, q, winners: np.mean(np.log10(p / q)[winners]),
            "Right but for the unit: this comes from a logarithm to base 10. The question asks for "
            "the natural logarithm.",
        ),
        Mistake(
            "every outcome once",
            (
                lambda p, q, winners: np.mean(np.log(p / q)),
                lambda p, q, winners: np.mean(np.log(p / q)[np.unique(winners)]),
            ),
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
