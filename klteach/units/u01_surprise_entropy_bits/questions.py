"""The questions of unit 01: entropy in bits, units, and what a code costs."""

import numpy as np

from klteach.measures import entropy, to_bits
from klteach.practice.inputs import (
    certain_source,
    numbers,
    sources,
    sources_with_lengths,
    tiny_mass_in_source,
    uniform_sources,
    zero_in_source,
)
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import SAME_SHAPE, WHOLE_NUMBERS

LESSON = "01_surprise_entropy_bits"
DYADIC = [0.5, 0.25, 0.125, 0.125]


def entropy_in_bits(p):
    return to_bits(entropy(p))


def _padded(small):
    """Entropies in bits of p with a small number added to it or put in the place of its zeros."""

    def minus_sum(weights, inside):
        return -np.sum(weights * np.log2(inside))

    def of_itself(padded):
        return minus_sum(padded, padded)

    return (
        lambda p: minus_sum(p, p + small),
        lambda p: of_itself(p + small),
        lambda p: of_itself((p + small) / np.sum(p + small)),
        lambda p: of_itself(np.maximum(p, small)),
        lambda p: of_itself(np.maximum(p, small) / np.sum(np.maximum(p, small))),
        lambda p: of_itself(np.clip(p, small, 1 - small)),
    )


def _minus_entropy_unchecked(p):
    return np.sum(p[p > 0] * np.log2(p[p > 0]))


def _unweighted(p):
    return -np.sum(np.log2(p[p > 0]))


def _share_of_the_most(p):
    return entropy(p) / np.log(len(p)) if len(p) > 1 else 0.0


ENTROPY_BITS = Question(
    "entropy_bits",
    points=2,
    reference=entropy_in_bits,
    unit="bits",
    visible=[
        case(DYADIC, label="the dyadic source"),
        case([0.7, 0.2, 0.1]),
        case(np.full(8, 1 / 8), label="8 equal outcomes"),
    ],
    inputs=[
        sources(),
        uniform_sources(),
        certain_source,
        zero_in_source,
        tiny_mass_in_source,
    ],
    mistakes=[
        Mistake(
            "nats",
            entropy,
            "This is in nats: the natural logarithm was used. The question asks for bits.",
        ),
        Mistake(
            "log10",
            lambda p: entropy(p) / np.log(10),
            "This comes from a logarithm to base 10. A bit is the answer to one question with two "
            "outcomes: base 2.",
        ),
        Mistake(
            "converted the wrong way",
            lambda p: entropy(p) * np.log(2),
            "The unit was converted the wrong way round. Is a bit more than a nat or less?",
        ),
        Mistake(
            "sign",
            lambda p: -entropy_in_bits(p),
            "Negative. The logarithm of a number below 1 is negative, so the sum needs a minus in "
            "front.",
        ),
        Mistake(
            "nats and sign",
            lambda p: -entropy(p),
            "Two things: the minus in front is missing, and the natural logarithm gives nats where "
            "the question asks for bits.",
        ),
        Mistake(
            "mean",
            lambda p: entropy_in_bits(p) / len(p),
            "You took a mean over the outcomes. The average is in the weights p already: Σ, "
            "without dividing by n.",
        ),
        Mistake(
            "weights missing",
            (_unweighted, lambda p: -np.sum(np.log2(p))),
            "You added up the surprises without their weights. A surprise that comes rarely counts "
            "rarely.",
        ),
        Mistake(
            "unweighted mean",
            (lambda p: _unweighted(p) / len(p), lambda p: -np.mean(np.log2(p))),
            "You gave every outcome the same weight 1/n. Outcome i comes with probability p[i].",
        ),
        Mistake(
            "number of outcomes",
            (lambda p: np.log2(len(p)), lambda p: np.log2(np.count_nonzero(p))),
            "This is log2 of the number of outcomes, whatever their probabilities. It is the "
            "entropy of a uniform source only, and the most that there can be.",
        ),
        Mistake(
            "logarithm of the average",
            lambda p: -np.log2(np.sum(p**2)),
            "You took the logarithm of an average. Entropy is the average of a logarithm, and the "
            "two do not change places.",
        ),
        Mistake(
            "largest surprise",
            lambda p: -np.log2(p[p > 0].min()),
            "This is the surprise of the rarest outcome alone. Entropy is the average surprise.",
        ),
        Mistake(
            "smallest surprise",
            lambda p: -np.log2(p.max()),
            "This is the surprise of the likeliest outcome alone. Entropy is the average surprise.",
        ),
        Mistake(
            "binary entropy of each",
            lambda p: sum(entropy_in_bits(np.array([x, 1 - x])) for x in p),
            "You added (1 - p) log(1 - p) as well. That is for a yes or no per outcome; here one "
            "outcome happens, and the others are in the sum by themselves.",
        ),
        Mistake(
            "perplexity",
            (
                lambda p: np.exp(entropy(p)),
                lambda p: np.exp(entropy_in_bits(p)),
                lambda p: np.exp2(entropy(p)),
            ),
            "You raised 2 (or e) to the entropy: that is the perplexity, a number of outcomes. "
            "Stop one step earlier.",
        ),
        Mistake(
            "share of the most",
            _share_of_the_most,
            "This is a share of the largest entropy that so many outcomes can have, between 0 and "
            "1: the entropy divided by log(n). The question asks for the entropy itself.",
        ),
        Mistake(
            "redundancy",
            lambda p: np.log2(len(p)) - entropy_in_bits(p),
            "This is what is missing to the entropy of equal outcomes, log2(n) - H(p), which is 0 "
            "where H is largest.",
        ),
        Mistake(
            "Gini impurity",
            lambda p: 1 - np.sum(p**2),
            "This is 1 - Σ p², the Gini impurity: the chance that two draws differ. Entropy "
            "averages the surprise -log2(p).",
        ),
        Mistake(
            "squared weights",
            lambda p: -np.sum(p[p > 0] ** 2 * np.log2(p[p > 0])),
            "The weight p is there twice. Each surprise is weighted by p once.",
        ),
        Mistake(
            "largest contribution",
            lambda p: np.max(-p[p > 0] * np.log2(p[p > 0])),
            "This is the largest contribution -p log2(p) alone. Entropy is the sum of them all.",
        ),
        Mistake(
            "logarithm of 1 + p",
            (
                lambda p: -np.sum(p * np.log2(1 + p)),
                lambda p: -np.sum(p * np.log1p(p)),
                lambda p: np.sum(p * np.log2(1 + p)),
            ),
            "You took the logarithm of 1 + p. That has no trouble at p = 0, but it is another "
            "function: the surprise is -log2(p).",
        ),
        Mistake(
            "small number added",
            tuple(variant for k in range(2, 13) for variant in _padded(10.0**-k))
            + _padded(2.0**-23),  # np.finfo(np.float32).eps
            "A small number was added to p or put in the place of its zeros. Then the entropy of a "
            "certain outcome is not exactly 0: mask the zeros (`p > 0`) instead.",
        ),
        Mistake(
            "abs",
            (
                lambda p: abs(_minus_entropy_unchecked(p)),
                lambda p: np.sum(np.abs(p[p > 0] * np.log2(p[p > 0]))),
            ),
            "an `abs` stands where the minus belongs. The two agree on every distribution. On a p "
            "that sums to more than 1, such as the one below, a minus gives a negative value, and "
            "one sees that something is wrong; the `abs` hides it.",
            probes=(case([3.0, 1.0]), case([2.0, 1.5, 0.5])),
        ),
        Mistake(
            "cut at 0",
            lambda p: max(0.0, -_minus_entropy_unchecked(p)),
            "what would be negative is cut off at 0. No distribution has a negative entropy, but a "
            "p that sums to more than 1 may, such as the one below, and the cut hides it.",
            probes=(case([3.0, 1.0]), case([2.0, 1.5, 0.5])),
        ),
    ],
    hints=[
        "How surprised are you by an outcome of probability 1/4, in questions with two answers, "
        "and how often does it come?",
        "H(p) = -Σ p log2(p), where an outcome with p = 0 adds nothing",
        "`p = p[p > 0]` and then `return -np.sum(p * np.log2(p))`",
    ],
    insight="The number of yes-or-no questions that the best questioner needs on average: 3 for 8 "
    "equal outcomes, 0 for a certain one.",
    lesson=LESSON,
    section="The idea",
)


def large_amounts(random):
    """What long files hold: finite, and out of the reach of e to the power of it."""
    return [case(1000.0, label="a thousand nats"), case([2000.0, random.uniform(1e4, 1e9)])]


TO_BITS = Question(
    "to_bits",
    points=1,
    reference=to_bits,
    returns=SAME_SHAPE,
    visible=[
        case(1.0, label="one nat"),
        case(float(np.log(2)), label="log 2 nats"),
        case(0.0, label="no information"),
        case([0.5, 2.0, 3.0], label="an array"),
    ],
    inputs=[numbers, large_amounts],
    mistakes=[
        Mistake(
            "multiplied",
            lambda x: x * np.log(2),
            "You multiplied by log 2. A bit is the smaller unit (log 2 = 0.693 nats), so the same "
            "information is more bits than nats.",
        ),
        Mistake(
            "unchanged",
            lambda x: x * 1.0,
            "The number went through unchanged. log 2 nats are one bit.",
        ),
        Mistake(
            "logarithm of the value",
            (lambda x: np.log2(x), lambda x: np.abs(np.log2(x)), lambda x: -np.log2(x)),
            "You took the logarithm of x. The logarithm was taken when x was made; what is left is "
            "a change of unit, like metres to feet.",
        ),
        Mistake(
            "base 10",
            (
                lambda x: x / np.log10(2),
                lambda x: x * np.log10(2),
                lambda x: x / np.log(10),
                lambda x: x * np.log(10),
                lambda x: x / np.log2(10),
                lambda x: x * np.log2(10),
            ),
            "A 10 slipped in, as a base or as what the logarithm is taken of. Nats belong to base "
            "e and bits to base 2.",
        ),
        Mistake(
            "divided by 2",
            lambda x: x / 2,
            "You divided by 2. It is the logarithm of 2 that stands between nats and bits.",
        ),
        Mistake(
            "doubled",
            lambda x: x * 2,
            "You multiplied by 2. It is the logarithm of 2 that stands between nats and bits.",
        ),
        Mistake(
            "divided by e",
            (lambda x: x / np.e, lambda x: x * np.e),
            "The base e itself is in the factor. It is a logarithm that stands between nats and "
            "bits.",
        ),
        Mistake(
            "as bytes",
            (lambda x: x * 8, lambda x: x / 8, lambda x: to_bits(x) / 8, lambda x: to_bits(x) * 8),
            "There is an 8 in the factor, as between bytes and bits. A nat is no byte.",
        ),
        Mistake(
            "powers",
            (lambda x: np.exp2(x), lambda x: np.exp(x)),
            "You raised a base to x. That gives a number of outcomes, not bits.",
        ),
        Mistake(
            "through the exponential",
            (lambda x: np.log2(np.exp(x)), lambda x: np.log(np.exp(x)) / np.log(2)),
            "You raised e to x and took the logarithm again. On paper that changes nothing, but "
            "above 709 nats e^x leaves the range of floating point.",
        ),
        Mistake(
            "infinity replaced",
            (
                lambda x: np.nan_to_num(to_bits(x)),
                lambda x: np.where(np.isfinite(x), to_bits(x), 0.0),
            ),
            "A finite number came out for an infinite amount. An infinite amount of nats is an "
            "infinite amount of bits (`np.inf`).",
        ),
        Mistake(
            "sign",
            lambda x: -to_bits(x),
            "Right but for the sign: a change of unit keeps it.",
        ),
        Mistake(
            "twice",
            lambda x: to_bits(to_bits(x)),
            "You divided by log 2 twice.",
        ),
    ],
    hints=[
        "A fair coin carries log 2 = 0.693 nats. How many bits should come out for it?",
        "bits = nats / log 2",
        "`return x / np.log(2)`",
    ],
    insight="A unit changes the number and never the information: 1 nat = 1.442695 bits.",
    lesson=LESSON,
    section="By code",
)


def expected_code_length(p, lengths):
    return np.sum(p * lengths)


EXPECTED_LENGTH = Question(
    "expected_length",
    points=1,
    reference=expected_code_length,
    visible=[
        case([0.7, 0.2, 0.1], [1, 2, 2]),
        case(DYADIC, [1, 2, 3, 3], label="the dyadic source and its code"),
        case([0.1, 0.2, 0.7], [1, 2, 2], label="a code in the wrong order"),
    ],
    inputs=[sources_with_lengths()],
    mistakes=[
        Mistake(
            "unweighted mean",
            lambda p, lengths: np.mean(lengths),
            "You averaged the lengths as if all symbols were equally likely. Weight each length by "
            "its probability.",
        ),
        Mistake(
            "sum of lengths",
            lambda p, lengths: np.sum(lengths),
            "You added the lengths up: the price of sending every symbol once. How often does each "
            "one come?",
        ),
        Mistake(
            "divided by n",
            lambda p, lengths: np.mean(p * lengths),
            "You divided by the number of symbols as well. The weights p add up to 1 already.",
        ),
        Mistake(
            "weights of the code",
            (
                lambda p, lengths: np.sum(2.0**-lengths * lengths),
                lambda p, lengths: np.average(lengths, weights=2.0**-lengths),
            ),
            "You weighted by 2^-l, the probabilities that the code was made for. The symbols come "
            "with the probabilities p.",
        ),
        Mistake(
            "entropy",
            lambda p, lengths: entropy_in_bits(p),
            "This is the entropy of p: what the best code could reach. The question is what this "
            "code costs, so the lengths must take part.",
        ),
        Mistake(
            "entropy in nats",
            lambda p, lengths: entropy(p),
            "This is the entropy of p, in nats. The question is what this code costs in bits, so "
            "the lengths must take part.",
        ),
        Mistake(
            "extra over the entropy",
            lambda p, lengths: np.sum(p * lengths) - entropy_in_bits(p),
            "You subtracted the entropy: this is what the code wastes. The question asks for all "
            "that it costs.",
        ),
        Mistake(
            "Kraft sum",
            lambda p, lengths: np.sum(2.0**-lengths),
            "This is the Kraft sum Σ 2^-l. It says whether a prefix code exists, not what it "
            "costs.",
        ),
        Mistake(
            "longest",
            lambda p, lengths: np.max(lengths),
            "This is the longest codeword: the worst case. The question asks for the average.",
        ),
        Mistake(
            "likeliest symbol",
            lambda p, lengths: lengths[np.argmax(p)],
            "This is the length for the likeliest symbol alone. The others come too.",
        ),
        Mistake(
            "sorted",
            lambda p, lengths: np.sum(np.sort(p)[::-1] * np.sort(lengths)),
            "You sorted before multiplying. `lengths[i]` belongs to `p[i]`, good code or bad.",
        ),
        Mistake(
            "weights exchanged",
            lambda p, lengths: np.average(p, weights=lengths),
            "You averaged the probabilities with the lengths as weights. It is the lengths that "
            "are averaged, and p gives the weights.",
        ),
        Mistake(
            "surprises for weights",
            lambda p, lengths: -np.sum(np.log2(p) * lengths),
            "You multiplied each length by the surprise of its symbol. A symbol comes with "
            "probability p, so weight by p.",
        ),
        Mistake(
            "squared",
            (
                lambda p, lengths: np.sum(p * lengths**2),
                lambda p, lengths: np.sum(p**2 * lengths),
                lambda p, lengths: np.sum((p * lengths) ** 2),
            ),
            "A square slipped in. Multiply each length by its probability, once, and add up.",
        ),
        Mistake(
            "powers of 2",
            (
                lambda p, lengths: np.sum(p * 2.0**-lengths),
                lambda p, lengths: np.sum(p * 2.0**lengths),
                lambda p, lengths: -np.log2(np.sum(p * 2.0**-lengths)),
            ),
            "You averaged 2 to the power of the lengths. The question asks for the average of the "
            "lengths themselves.",
        ),
        Mistake(
            "compared with the entropy",
            (
                lambda p, lengths: np.sum(p * lengths) / entropy_in_bits(p),
                lambda p, lengths: entropy_in_bits(p) / np.sum(p * lengths),
            ),
            "You divided by the entropy, or the entropy by the length: that compares the code with "
            "the best one. The question asks for the length alone.",
        ),
        Mistake(
            "lengths converted",
            (
                lambda p, lengths: np.sum(p * lengths) / np.log(2),
                lambda p, lengths: np.sum(p * lengths) * np.log(2),
            ),
            "A factor log 2, or 1 / log 2, is in it that does not belong there. Lengths are in "
            "bits already.",
        ),
    ],
    hints=[
        "If you send 1000 symbols, how many of them are symbol i, and what do they cost together?",
        "L = Σ p[i] · lengths[i]",
        "`return np.sum(p * lengths)`",
    ],
    insight="An average under p of lengths that somebody chose. Choose them for p and it comes "
    "near the entropy; choose them for another source and you pay extra, which is unit 02.",
    lesson=LESSON,
    section="By hand",
)


def shannon_lengths(p):
    return np.ceil(-np.log2(p))


def judge_code(p, lengths):
    """None for lengths of a prefix code less than a bit above the entropy, or what is wrong."""
    wrong = ~np.isfinite(lengths) | (lengths != np.round(lengths)) | (lengths < 0)
    if wrong.any():
        return "not whole", (
            f"A length of {lengths[wrong][0]:.6g}: no codeword has that many bits. Lengths are "
            "whole numbers, from 0 on."
        )
    kraft = np.sum(2.0**-lengths)
    if kraft > 1:
        return "Kraft", (
            f"Σ 2^-l = {kraft:.6g} > 1: two codewords collide. A word of length l uses up 2^-l of "
            "all bit strings, and more than all are used here."
        )
    cost, floor = np.sum(p * lengths), entropy_in_bits(p)
    if cost > floor + 1 - 1e-9:
        return "too long", (
            f"A prefix code, but an expensive one: it needs {cost:.4g} bits per symbol, which is "
            f"not below the entropy ({floor:.4g}) plus one. Which symbols deserve shorter words?"
        )
    return None


CODE_LENGTHS = Question(
    "code_lengths",
    points=2,
    reference=shannon_lengths,
    returns=WHOLE_NUMBERS,
    judge=judge_code,
    may_call_klteach=True,  # the library makes no codes
    visible=[
        case(DYADIC, label="the dyadic source"),
        case([0.7, 0.2, 0.1]),
        case([0.1, 0.2, 0.7], label="a source in rising order"),
        case([0.97, 0.01, 0.01, 0.01], label="a nearly certain source"),
    ],
    inputs=[sources(), uniform_sources()],
    mistakes=[
        Mistake(
            "rounded down",
            lambda p: np.floor(-np.log2(p)),
            "You rounded down, so the words come out too short to be told apart. Which way keeps "
            "2^-l at or below p?",
        ),
        Mistake(
            "rounded to nearest",
            lambda p: np.round(-np.log2(p)),
            "You rounded to the nearest whole number. Where that goes down, the words come out too "
            "short. Which way keeps 2^-l at or below p?",
        ),
        Mistake(
            "not rounded",
            lambda p: -np.log2(p),
            "These are the surprises themselves. They are the best lengths that there could be, "
            "but no codeword has a part of a bit: make whole numbers of them.",
        ),
        Mistake(
            "nats",
            lambda p: np.ceil(-np.log(p)),
            "You used the natural logarithm. Codewords are made of bits: base 2.",
        ),
        Mistake(
            "fixed length",
            lambda p: np.full(len(p), np.ceil(np.log2(len(p)))),
            "Every word has the same length, whatever its probability. Give the frequent symbols "
            "shorter words.",
        ),
        Mistake(
            "one too many",
            lambda p: np.ceil(-np.log2(p)) + 1,
            "A prefix code, but each word is one bit longer than it need be.",
        ),
        Mistake(
            "rounded down and one added",
            lambda p: np.floor(-np.log2(p)) + 1,
            "These are the surprises rounded down, and one added. That is rounding up, but not "
            "where a surprise is whole already: there the word is one bit longer than it need be. "
            "If all of them are whole, the code costs a whole bit more than the entropy.",
        ),
        Mistake(
            "sign",
            (
                lambda p: np.floor(np.log2(p)),
                lambda p: np.ceil(np.log2(p)),
                lambda p: np.round(np.log2(p)),
                lambda p: np.log2(p),
            ),
            "No length is negative. The logarithm of a probability is, so a minus is missing.",
        ),
        Mistake(
            "sorted",
            lambda p: np.sort(np.ceil(-np.log2(p))),
            "The lengths come in rising order, whatever the order of p. `lengths[i]` is the word "
            "of symbol i.",
        ),
        Mistake(
            "contributions",
            lambda p: -p * np.log2(p),
            "You took p times the surprise, which is what a symbol adds to the average. Its word "
            "is as long as the surprise alone.",
        ),
        Mistake(
            "by rank",
            (
                lambda p: 1.0 + np.argsort(np.argsort(-p)),
                lambda p: 1.0 + np.arange(len(p)),
            ),
            "Lengths 1, 2, 3, … make a prefix code, but they grow however alike the probabilities "
            "are. With 100 equal symbols the average is 50.5 bits.",
        ),
        Mistake(
            "one over p",
            lambda p: np.ceil(1 / p),
            "You took 1/p. A symbol that is twice as rare deserves one bit more, not twice as many "
            "bits: a logarithm is missing.",
        ),
    ],
    hints=[
        "A symbol of probability 1/8 in a code that fits it: how many bits is its word? And what "
        "if the probability lies between 1/8 and 1/4?",
        "lengths[i] = ⌈log2(1 / p[i])⌉",
        "`return np.ceil(-np.log2(p)).astype(int)`",
    ],
    insight="Rounding the surprise up costs less than one bit per symbol and always keeps Kraft's "
    "promise: Σ 2^-l ≤ Σ p = 1. So the entropy is what a code costs, give or take that bit.",
    lesson=LESSON,
    section="By hand",
)


QUESTIONS = [ENTROPY_BITS, TO_BITS, EXPECTED_LENGTH, CODE_LENGTHS]
