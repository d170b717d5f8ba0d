"""Unit 15: predictions and review questions on likelihood, KL and what a loss is worth."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "15-two-heaps",
        "Many numbers lie in two heaps, half of them around −3 and half around 3, each heap with "
        "a standard deviation of 1. You fit one normal by maximum likelihood. Where is its mean, "
        "and how wide is it?",
        Choice(
            (
                Option(
                    "on one of the heaps, with an sd of 1",
                    "Then half of the rows lie six sd away and are next to impossible. A product "
                    "of all rows' probabilities does not forgive that.",
                    "mle-picks-a-heap",
                ),
                Option(
                    "in the middle, with an sd of 1",
                    "The middle is right. With an sd of 1 all rows would be about three sd away, "
                    "and each would be likelier under a wider normal.",
                    "mle-keeps-the-width",
                ),
                Option(
                    "in the middle, with an sd above 3",
                    "It covers both heaps, at the price of the gap between them.",
                ),
                Option(
                    "nowhere: there is no best normal, as none fits",
                    "None fits, and yet one is likelier than all others.",
                    "no-fit-without-truth",
                ),
            )
        ),
        reveal="In the middle, with an sd of √(1 + 3²) = 3.16: the fit has the mean and the "
        "variance of the rows. Its peak is where hardly any row is. What is lost there costs "
        "less than rows that the model calls impossible.",
    ),
    Prediction(
        "15-lower-loss",
        "Two teams each count incidents for twenty days and fit a Poisson by maximum likelihood. "
        "The loss, the mean of −log q over their own rows, is 1.6 nats for the first and 2.0 for "
        "the second. Which of the two fits is nearer to its rows, in KL?",
        Choice(
            (
                Option(
                    "the first: its loss is lower",
                    "A loss is H(P̂) + KL, and H(P̂) differs from rows to rows.",
                    "lower-loss-fits-better",
                ),
                Option(
                    "the second",
                    "A higher loss may be more entropy or more KL. It does not say which.",
                    "higher-loss-learns-more",
                ),
                Option(
                    "both alike: at the largest likelihood KL is 0",
                    "KL is as small as the family allows, and 0 only if the family holds the "
                    "shares themselves.",
                    "fitted-means-zero",
                ),
                Option(
                    "the losses do not tell",
                    "The constant between loss and KL belongs to the rows, and these are other "
                    "rows.",
                ),
            )
        ),
        reveal="The losses do not tell. Days that hardly vary are easy to guess and have a low "
        "loss, and a Poisson may be far from them all the same. The explorer has such rows.",
    ),
    Prediction(
        "15-hundredth",
        "A language model's loss on fresh text falls by 0.01 nats a token. Which of these follows, "
        "whatever the loss was?",
        Choice(
            (
                Option(
                    "its perplexity falls by 0.01",
                    "Perplexity is e to the loss: a difference of losses is a ratio of "
                    "perplexities.",
                    "perplexity-moves-by-the-loss",
                ),
                Option(
                    "its perplexity falls by 1 %",
                    "e to −0.01 is 0.990, wherever the loss was.",
                ),
                Option(
                    "the text becomes 1 % likelier",
                    "That is one token. The factors of all tokens multiply.",
                    "ratio-does-not-grow",
                ),
                Option(
                    "nothing: it depends on how large the loss was",
                    "What share of the loss it is depends on that, and this share means little, as "
                    "most of a loss may be floor.",
                    "relative-loss-counts",
                ),
            )
        ),
        reveal="Perplexity falls by 1 %: the factor is exp(−0.01), and the loss before cancels. "
        "Over a million tokens the text is e to 10 000 times likelier. What share of the "
        "remaining KL it is, only the floor would tell.",
    ),
]


def _table(first, second) -> tuple[str, Choice]:
    """A table of three outcomes, the middle one never seen, fitted without constraints."""
    rows = first + second
    smooth = rows + 3
    return (
        f"Of {rows} rows {first} were red, none green and {second} blue. A model with a free "
        "probability for each colour is fitted by maximum likelihood. Which does it become?",
        Choice(
            (
                Option(
                    f"{first}/{rows}, 0, {second}/{rows}",
                    "The shares: KL(P̂‖Q) is 0 there, and nothing is below 0.",
                ),
                Option(
                    f"{first + 1}/{smooth}, 1/{smooth}, {second + 1}/{smooth}",
                    "That is add-one smoothing, a good habit and another model: the rows are less "
                    "likely under it.",
                    "mle-smooths",
                ),
                Option(
                    "1/3, 1/3, 1/3",
                    "The uniform model knows nothing of the rows.",
                    "mle-is-uniform",
                ),
            )
        ),
    )


def _floor(tenths, gap) -> tuple[str, Choice]:
    """What is left to learn of a loss whose floor is known, in hundredths of a nat."""
    loss, floor = (tenths * 10 + gap) / 100, tenths / 10
    return (
        f"A model without context has a loss of {loss:.2f} nats on some rows, whose shares have "
        f"H(P̂) = {floor:.2f}. What is KL(P̂‖Q)?",
        Choice(
            (
                Option(
                    f"{loss:.2f} nats, the loss",
                    "The loss holds H(P̂) as well, which no model removes.",
                    "loss-is-kl",
                ),
                Option(f"{gap / 100:.2f} nats", "Loss less H(P̂): what a better model could win."),
                Option(
                    f"{loss + floor:.2f} nats",
                    "H(P̂) is a part of the loss already: it is taken away, not added.",
                    "added-for-subtracted",
                ),
            )
        ),
    )


def _spread(half) -> tuple[str, Choice]:
    """The likeliest sd of two rows that are twice `half` apart."""
    return (
        f"Two rows, {10 - half} and {10 + half}. Which standard deviation does the likeliest "
        "normal have?",
        Choice(
            (
                Option(
                    f"{half * math.sqrt(2):.2f}",
                    "That divides by n − 1 = 1, which makes the variance unbiased. The rows are "
                    "likelier with n.",
                    "unbiased-is-likeliest",
                ),
                Option(
                    f"{half**2:.2f}",
                    "That is the variance, the mean squared distance from 10.",
                    "variance-for-sd",
                ),
                Option(
                    f"{half:.2f}",
                    "The root of the mean squared distance from the mean, with n below the line.",
                ),
            )
        ),
    )


def _corpus(thousands) -> tuple[str, Choice]:
    """What 0.02 nats a token are over so many thousand tokens."""
    total = 20 * thousands
    return (
        f"On the same text of {thousands} 000 tokens model A has 0.02 nats a token less than model "
        "B. By how much do their log-likelihoods differ?",
        Choice(
            (
                Option(
                    "by 0.02 nats",
                    "That is for one token. The log-likelihood of a text is a sum.",
                    "kl-does-not-add-up",
                ),
                Option(f"by {total} nats", "0.02 for each token, added up."),
                Option(
                    f"by {0.02 * math.sqrt(1000 * thousands):.1f} nats",
                    "It is the scatter that goes with the root of the number. A mean difference "
                    "adds up.",
                    "kl-grows-with-the-root",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "15-table",
        *_table(7, 3),
        vary=lambda random: _table(*random.choice([(7, 3), (5, 2), (8, 1), (4, 9), (11, 2)])),
    ),
    ReviewQuestion(
        "15-floor",
        *_floor(19, 12),
        vary=lambda random: _floor(random.randrange(8, 30), random.choice([4, 7, 12, 18, 25])),
    ),
    ReviewQuestion(
        "15-spread",
        *_spread(3),
        vary=lambda random: _spread(random.choice([2, 3, 4, 5, 6])),
    ),
    ReviewQuestion(
        "15-corpus",
        *_corpus(50),
        vary=lambda random: _corpus(random.choice([10, 20, 50, 100, 200])),
    ),
    ReviewQuestion(
        "15-metres",
        "A model of heights in centimetres has a loss of 3.3 nats a row. With all heights in "
        "metres the loss becomes −1.3. What did the model gain?",
        Choice(
            (
                Option(
                    "4.6 nats: it is much better in metres",
                    "A density is a probability per unit, and the unit became 100 times larger: "
                    "log 100 = 4.6, for every model alike.",
                    "unit-is-a-gain",
                ),
                Option(
                    "nothing that is allowed: a loss is never negative",
                    "That of probabilities is not. A density may be above 1, so this one may.",
                    "density-loss-not-negative",
                ),
                Option(
                    "nothing: every model's loss moves by the same amount",
                    "Only the difference of two models' losses means anything, and it stays.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "15-by-heart",
        "A language model has a loss of nearly 0 on its training text. What does that say?",
        Choice(
            (
                Option(
                    "that it knows this text by heart",
                    "A long context comes once in it, so the shares behind it are all on one "
                    "token, and the floor is 0.",
                ),
                Option(
                    "that it is nearly the source of the text",
                    "It is near the shares P̂ in this text. How near it is to P, fresh text must "
                    "tell.",
                    "training-loss-is-the-truth",
                ),
                Option(
                    "that the source of the text has an entropy of nearly 0",
                    "H(P̂) given long contexts is 0 for any text. H(P) is not.",
                    "floor-of-the-sample-is-the-floor",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "15-intercept",
        "A logistic regression with an intercept is fitted by maximum likelihood, without a "
        "penalty. Of its training rows 3 % are positive. What is the mean of its probabilities "
        "on these rows?",
        Choice(
            (
                Option(
                    "½, as classes are treated alike",
                    "The likelihood counts rows, and 97 of a hundred are negative.",
                    "classes-count-alike",
                ),
                Option(
                    "3 %",
                    "The slope of the loss in the intercept is the mean of q − p̂, and it is 0.",
                ),
                Option(
                    "that depends on the other columns",
                    "Each row's probability does. Their mean is held by the intercept.",
                    "fit-keeps-no-average",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "15-criterion",
        "One program gives a model the AIC 370, another one gives 372 for the same model and the "
        "same rows. What does the difference say of the model?",
        Choice(
            (
                Option(
                    "that the first program found a better fit",
                    "The likelihood may be the same to the last digit: count the parameters that "
                    "each program counts.",
                    "criteria-share-a-zero",
                ),
                Option(
                    "that the second model is a little further from the truth",
                    "It is the same model. An AIC has a constant in it, and two programs need not "
                    "agree on it.",
                    "criterion-is-a-distance",
                ),
                Option(
                    "nothing",
                    "The programs count parameters differently. Differences within one program "
                    "mean something.",
                ),
            )
        ),
    ),
]
