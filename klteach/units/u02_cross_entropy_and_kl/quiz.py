"""Unit 02: predictions and review questions on cross-entropy and the price of the wrong code."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "02-symbols",
        "Symbols come from P, but your code was made for another distribution Q. Can it be cheaper "
        "for some of the symbols than the code made for P?",
        Choice(
            (
                Option("yes", "Every symbol that Q expects more often than it comes is cheaper."),
                Option(
                    "no",
                    "A symbol that Q takes for more likely than it is gets a word that is too "
                    "short: cheaper than it should be.",
                    "every-term-non-negative",
                ),
            )
        ),
        reveal="A symbol costs −log q instead of −log p, which is less wherever q > p. P and Q "
        "both sum to 1, so if Q differs from P, there is always such a symbol. With "
        "P = (0.7, 0.2, 0.1) and Q = (0.1, 0.3, 0.6) the third one costs 0.51 instead of 2.30 "
        "nats. Whether such discounts can win on average is another question.",
    ),
    Prediction(
        "02-average",
        "And on average, over many symbols that come from P: can the code made for Q be cheaper "
        "than the code made for P?",
        Choice(
            (
                Option(
                    "yes",
                    "The discounts fall on symbols that come seldom, the surcharges on those that "
                    "come often.",
                    "wrong-code-can-win",
                ),
                Option("no", "The surcharges always win, or there is nothing to win."),
            )
        ),
        reveal="On average the wrong code costs KL(P‖Q) more, and that is never negative; it is "
        "zero only if Q = P. With P = (0.7, 0.2, 0.1) and Q = (0.1, 0.3, 0.6) the first symbol "
        "costs 2.30 instead of 0.36 nats, seven times in ten, and the average is 1.10 nats too "
        "high. Unit 03 proves it for every pair.",
    ),
    Prediction(
        "02-swap",
        "With P = (0.7, 0.2, 0.1) and Q = (0.1, 0.3, 0.6), KL(P‖Q) is 1.102 nats. Now truth and "
        "model change places. What is KL(Q‖P)?",
        Choice(
            (
                Option(
                    "1.102 nats again",
                    "Now Q supplies the samples, so the same log ratios get other weights.",
                    "kl-is-symmetric",
                ),
                Option(
                    "−1.102 nats",
                    "The log ratios change sign, and the weights change too; neither direction is "
                    "ever negative.",
                    "swapping-flips-the-sign",
                ),
                Option(
                    "another number, and not a negative one",
                    "Other samples, other weights, another price.",
                ),
            )
        ),
        reveal="KL(Q‖P) is 1.002 nats. The symbols now come from Q, so the third one comes six "
        "times in ten and the first only once. The two directions are close for this pair, and for "
        "other pairs one of them is even infinite.",
    ),
]


def _subtract(own, extra) -> tuple[str, Choice]:
    """The question on H(P) and KL(P‖Q) in hundredths of a nat."""
    entropy, bill, kl = (f"{nats / 100:.2f}" for nats in (own, own + extra, extra))
    in_bits = f"{extra / 100 / math.log(2):.2f}"
    text = f"H(P) is {entropy} nats and H(P, Q) is {bill} nats. How large is KL(P‖Q)?"
    return text, Choice(
        (
            Option(f"{kl} nats", "Cross-entropy less entropy: what the wrong code adds."),
            Option(
                f"{(2 * own + extra) / 100:.2f} nats",
                "The cross-entropy contains the entropy: subtract it.",
                "added-for-subtracted",
            ),
            Option(
                f"{in_bits} nats",
                f"{in_bits} is right in bits. In nats it is {bill} − {entropy} = {kl}.",
                "bits-for-nats",
            ),
        )
    )


def _random_parts(random) -> tuple[int, int]:
    """H(P) and KL in hundredths of a nat, such that no two of the three answers are equal."""
    while True:
        own, extra = random.randrange(40, 150), random.randrange(10, 200)
        _, answers = _subtract(own, extra)
        if len({option.text for option in answers.options}) == len(answers.options):
            return own, extra


REVIEW = [
    ReviewQuestion(
        "02-bill",
        "The bill of the wrong code, H(P, Q), is the sum of two parts. Which?",
        Choice(
            (
                Option(
                    "H(Q) + KL(P‖Q)",
                    "The symbols come from P, so H(P) is the part that no code avoids.",
                    "wrong-entropy",
                ),
                Option("H(P) + KL(P‖Q)", "What nobody can avoid, and the price of the wrong code."),
                Option(
                    "H(P) − KL(P‖Q)",
                    "The wrong code costs more, not less: KL is added.",
                    "difference-upside-down",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "02-formula",
        "Which of these is KL(P‖Q)?",
        Choice(
            (
                Option(
                    "Σ p log(p/q)",
                    "Weighted by p, as the symbols come from P; truth over model.",
                ),
                Option("Σ q log(p/q)", "The symbols come from P, so weight by p.", "weights-are-q"),
                Option("Σ q log(q/p)", "That is KL(Q‖P): the roles are swapped.", "swapped-roles"),
                Option(
                    "Σ p |log(p/q)|",
                    "Negative terms are legitimate: they are the discounts.",
                    "absolute-terms",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "02-model-zero",
        "A symbol comes 2 % of the time and Q gives it 0. KL(P‖Q) is …",
        Choice(
            (
                Option(
                    "small, since 2 % is little",
                    "log(0.02/0) is infinite, and 2 % of infinity is infinite.",
                    "small-p-small-term",
                ),
                Option("infinite", "The code has no word for something that happens."),
                Option(
                    "unchanged: the term is 0",
                    "That holds where p = 0. Here p > 0 and q = 0, and the term is infinite.",
                    "zero-cancels-infinity",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "02-truth-zero",
        "A symbol never comes, and Q gives it 2 %. What does it add to Σ p log(p/q)?",
        Choice(
            (
                Option(
                    "infinity",
                    "Infinite is the other way round: q = 0 where p > 0.",
                    "zero-is-infinite",
                ),
                Option(
                    "something negative, since q > p",
                    "Where p = 0, the term has the weight 0. Q pays elsewhere: the 2 % are "
                    "missing for the symbols that do come.",
                    "weights-are-q",
                ),
                Option("nothing", "Its weight is p = 0, and 0·log 0 = 0."),
            )
        ),
    ),
    ReviewQuestion(
        "02-subtract",
        *_subtract(80, 110),
        vary=lambda random: _subtract(*_random_parts(random)),
    ),
    ReviewQuestion(
        "02-labels",
        "A model gives each label a probability q(label), the same in every row, and its loss is "
        "the mean of −log q(label) over the rows. With P̂ for the shares of the labels, it is …",
        Choice(
            (
                Option(
                    "H(P̂, Q)",
                    "Each label comes in its share of the rows, so the mean weights −log q by "
                    "those shares.",
                ),
                Option(
                    "H(Q, P̂)",
                    "The labels are the samples, so they give the weights; Q is what is scored.",
                    "swapped-roles",
                ),
                Option(
                    "H(Q) + KL(P̂‖Q)",
                    "The part that no Q avoids is the entropy of the labels, H(P̂).",
                    "wrong-entropy",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "02-negative-term",
        "One term p log(p/q) comes out as −0.18. What do you do?",
        Choice(
            (
                Option(
                    "look for the error: KL is never negative",
                    "KL is not, but a term is negative wherever q > p.",
                    "every-term-non-negative",
                ),
                Option("keep it", "It is the discount of a symbol with q > p."),
                Option(
                    "take its absolute value",
                    "Then the discounts become surcharges, and the sum too large.",
                    "absolute-terms",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "02-bettor",
        "A bettor stakes all in the true shares p. A euro on the winner is paid 1/q euros, the "
        "stake included, and the odds are right: q = p. The bankroll …",
        Choice(
            (
                Option(
                    "grows, since the bettor's belief is true",
                    "The market knows it too: the growth rate is KL(P‖Q), here 0.",
                    "being-right-pays",
                ),
                Option("stays as it is", "The growth rate is KL(P‖Q), and that is 0 here."),
                Option(
                    "shrinks",
                    "Each round pays p/q = 1: the growth rate is KL(P‖Q) = 0, never negative.",
                    "kl-can-be-negative",
                ),
            )
        ),
    ),
]
