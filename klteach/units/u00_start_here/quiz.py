"""Unit 00: the prediction kept for unit 11, the review questions and the concept inventory."""

from klteach.practice.quiz.items import (
    Choice,
    InventoryQuestion,
    Option,
    Pair,
    Prediction,
    ReviewQuestion,
)

PREDICTIONS = [
    Prediction(
        "00-order",
        "Parcels arrive on day 1, 2, 3 or 4. P (solid bars) is what happened, Q (dashed) is the "
        "forecast. Order the three pairs by how far apart P and Q are, closest pair first.",
        Choice(
            (
                Option(
                    "A, then B, then C",
                    "That is the order of the Wasserstein distance: how far the mass has to go.",
                    "ABC",
                ),
                Option(
                    "A, then C, then B",
                    "That is the order of total variation: how much mass has to move.",
                    "ACB",
                ),
                Option(
                    "B, then A, then C",
                    "That is the order of none of the course's rulers.",
                    "BAC",
                ),
                Option(
                    "B, then C, then A",
                    "That is the order of none of the course's rulers.",
                    "BCA",
                ),
                Option(
                    "C, then A, then B",
                    "That is the order of KL(Q‖P), with the roles swapped, and of Jensen-Shannon.",
                    "CAB",
                ),
                Option(
                    "C, then B, then A",
                    "That is the order of KL(P‖Q): what the forecast costs.",
                    "CBA",
                ),
            )
        ),
        reveal="There was no wrong order to give, only a ruler to choose. Total variation finds "
        "A 0.19, C 0.25, B 0.40. The Wasserstein distance, which knows that day 1 is far from "
        "day 4, finds A 0.19, B 0.40, C 0.75 days. KL(P‖Q) finds C 0.27, B 0.34, A 0.49 nats: "
        "a forecast of 0.01 for something that happens one time in five is expensive.",
        kept_until="11",
        pairs=(
            Pair("A", (0.40, 0.30, 0.10, 0.20), (0.40, 0.30, 0.29, 0.01), "day"),
            Pair("B", (0.35, 0.15, 0.35, 0.15), (0.15, 0.35, 0.15, 0.35), "day"),
            Pair("C", (0.35, 0.20, 0.20, 0.25), (0.10, 0.20, 0.20, 0.50), "day"),
        ),
    ),
]


def _shares_of(first, second) -> tuple[str, Choice]:
    def shares(over, last="0"):
        return f"{_short(first / over)}, {_short(second / over)}, {last}"

    total = first + second
    return f"Three bins hold the counts {first}, {second}, 0. What are the shares?", Choice(
        (
            Option(
                shares(max(first, second)),
                "You divided by the largest count. Divide by the total, so that they sum to 1.",
                "divided-by-largest",
            ),
            Option(shares(total), f"Each count over the total of {total}, and they sum to 1."),
            Option(
                shares(3),
                "You divided by the number of bins. Divide by the total, so that they sum to 1.",
                "divided-by-length",
            ),
            Option(
                shares(total, "0.000001"),
                f"The share in the sample is 0 of {total}. A tiny number in its place is a belief "
                "about other samples, and unit 04 shows what it does.",
                "eps-is-smoothing",
            ),
        )
    )


def _short(number):
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _counts(random):
    total = random.choice((10, 20))  # shares of one or two decimals
    largest = random.randrange(total // 2 + 1, total)
    return random.sample((largest, total - largest), 2)


REVIEW = [
    ReviewQuestion(
        "00-zero-count", *_shares_of(6, 2), vary=lambda random: _shares_of(*_counts(random))
    ),
    ReviewQuestion(
        "00-compass",
        "In KL(P‖Q), which one supplies the samples?",
        Choice(
            (
                Option(
                    "P",
                    "P is the truth and supplies the samples; Q is the model and is "
                    "scored on them.",
                ),
                Option(
                    "Q",
                    "Q is the model. It is scored on samples that come from P.",
                    "swapped-roles",
                ),
                Option(
                    "both, in equal parts",
                    "The two have different jobs: P supplies the samples, Q is scored on them.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "00-is-it-one",
        "Is (0.5, 0.3, 0.3) a distribution?",
        Choice(
            (
                Option(
                    "Yes: every number lies between 0 and 1",
                    "That is needed, but they must also sum to 1, and these sum to 1.1.",
                    "shares-need-not-sum",
                ),
                Option(
                    "No: two of its numbers are equal",
                    "Equal shares are fine, a fair coin has two. The sum is the trouble: 1.1.",
                    "shares-need-to-differ",
                ),
                Option("No: it sums to 1.1", "A distribution sums to 1. Dividing by 1.1 mends it."),
            )
        ),
    ),
    ReviewQuestion(
        "00-doubled",
        "You double every count in a table. What happens to the shares?",
        Choice(
            (
                Option(
                    "they double",
                    "Both the counts and their total double, so each share stays.",
                    "shares-grow-with-counts",
                ),
                Option("they stay as they are", "The total doubles too, so every ratio stays."),
                Option(
                    "it depends on the number of bins",
                    "The number of bins does not enter: a share is a count over the total.",
                    "divided-by-length",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "00-calibrated",
        "Somebody well calibrated makes ten predictions at 70 % each. How many come true on "
        "average?",
        Choice(
            (
                Option(
                    "10",
                    "70 % says that three in ten will fail. If all ten come true, the 70 % was "
                    "too modest.",
                    "sure-means-always",
                ),
                Option(
                    "5",
                    "Half of them would be the record of somebody who says 50 %.",
                    "unsure-means-half",
                ),
                Option(
                    "7",
                    "That is what calibrated means: of all that is said at 70 %, 70 % comes true.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "00-order-of-arguments",
        "You have the observed shares and a forecast of them. How do you call a measure f(p, q)?",
        Choice(
            (
                Option(
                    "f(observed, forecast)", "Truth first, model second, everywhere in this course."
                ),
                Option(
                    "f(forecast, observed)",
                    "Truth comes first: the observed shares are p, the forecast is q.",
                    "swapped-roles",
                ),
                Option(
                    "in either order, the result is the same",
                    "For KL the order matters: the first one supplies the samples.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
]


def _with_not_known(*options: Option) -> Choice:
    """A beginner meets the inventory before the course: not knowing must be a possible answer."""
    unknown = Option("I do not know yet", "Now you have met it.", "not-known-yet")
    return Choice((*options, unknown))


INVENTORY = [
    InventoryQuestion(
        "00-inventory-symmetry",
        "KL(P‖Q) is 0.4 nats. How large is KL(Q‖P)?",
        _with_not_known(
            Option("0.4 nats", "Only some pairs are symmetric; most are not.", "kl-is-symmetric"),
            Option(
                "−0.4 nats",
                "Neither direction is ever negative.",
                "swapping-flips-the-sign",
            ),
            Option("it cannot be told from that", "It may be smaller, larger, or infinite."),
        ),
        taught="05-the-idea-text",
    ),
    InventoryQuestion(
        "00-inventory-terms",
        "KL(P‖Q) is the sum of p log(p/q) over all outcomes. Which of its parts can be negative?",
        _with_not_known(
            Option(
                "single terms, but not the sum",
                "A term is negative wherever q > p; the sum never is.",
            ),
            Option(
                "neither the terms nor the sum",
                "Where q > p the logarithm is negative, and so is the term.",
                "every-term-non-negative",
            ),
            Option(
                "the terms and the sum",
                "The sum is never negative: that is Gibbs' inequality.",
                "kl-can-be-negative",
            ),
        ),
        taught="03-the-idea-text",
    ),
    InventoryQuestion(
        "00-inventory-impossible-symbol",
        "A symbol never occurs, p = 0. What does it add to the entropy −Σ p log p?",
        _with_not_known(
            Option(
                "infinity: log 0 is infinite",
                "p goes to 0 faster than log p goes to −∞, so the product goes to 0.",
                "zero-is-infinite",
            ),
            Option("nothing", "p log p goes to 0 with p: what never occurs costs nothing."),
            Option(
                "nothing that is defined, unless 0 is replaced by a tiny number",
                "The limit of p log p is 0, and no replacement is needed.",
                "zero-is-undefined",
            ),
        ),
        taught="01-the-idea-text-2",
    ),
    InventoryQuestion(
        "00-inventory-new-name",
        "You add a fifth outcome of probability 0 to a list of four. The entropy …",
        _with_not_known(
            Option(
                "rises: there are more outcomes",
                "Only what can happen counts, and that has not changed.",
                "more-names-more-entropy",
            ),
            Option("stays as it is", "What cannot happen makes nothing more uncertain."),
            Option(
                "is undefined from then on",
                "The new term is 0.",
                "zero-is-undefined",
            ),
        ),
        taught="01-the-idea-text-2",
    ),
    InventoryQuestion(
        "00-inventory-model-zero",
        "The model gives q = 0 to an outcome that happens 2 % of the time. KL(P‖Q) is …",
        _with_not_known(
            Option("infinite", "The model calls impossible what happens."),
            Option(
                "the sum over the other outcomes",
                "That deletes the one row that matters.",
                "drop-the-row",
            ),
            Option(
                "finite, if 0 is replaced by 1e-12",
                "Then the answer is the 1e-12: each factor of 1000 adds p log 1000.",
                "eps-is-smoothing",
            ),
            Option(
                "hardly changed, since 2 % is little",
                "However small p is, p log(p/0) is infinite.",
                "small-p-small-term",
            ),
        ),
        taught="04-the-idea-text",
    ),
    InventoryQuestion(
        "00-inventory-units",
        "An entropy is 0.693 nats. In bits that is …",
        _with_not_known(
            Option("0.48", "Divide by log 2 = 0.693, do not multiply.", "unit-upside-down"),
            Option(
                "0.693 as well",
                "A bit is 0.693 nats: the number depends on the unit, as with metres and feet.",
                "unit-is-a-name",
            ),
            Option("1", "0.693 / log 2 = 1: one fair coin."),
        ),
        taught="01-the-idea-text",
    ),
    InventoryQuestion(
        "00-inventory-jensen-shannon",
        "P and Q have no outcome in common. Their Jensen-Shannon divergence is …",
        _with_not_known(
            Option(
                "infinite, as KL is",
                "Both are compared with their mixture, which is never 0 where they are not.",
                "js-infinite-like-kl",
            ),
            Option("log 2", "That is its ceiling, and disjoint pairs reach it."),
            Option(
                "larger, the further apart their outcomes lie",
                "It does not know where outcomes lie: disjoint is disjoint.",
                "divergences-feel-distance",
            ),
        ),
        taught="11-the-idea-text-2",
    ),
    InventoryQuestion(
        "00-inventory-psi",
        "A monitor raises an alarm when the population stability index, PSI, is above 0.2. "
        "How often it does so when nothing has changed depends on …",
        _with_not_known(
            Option("the number of rows and of bins", "With few rows, chance alone passes 0.2."),
            Option(
                "nothing: 0.2 means the same everywhere",
                "The noise of PSI shrinks with the rows and grows with the bins.",
                "psi-cutoff-is-universal",
            ),
            Option(
                "the bins alone, since PSI is KL on bins",
                "PSI adds both directions of KL, and it is made of shares: those of few rows "
                "scatter more than those of many, so the rows matter, too.",
                "psi-is-kl",
            ),
        ),
        taught="23-the-idea-text-2",
    ),
    InventoryQuestion(
        "00-inventory-direction",
        "Fitting a model Q by maximum likelihood to a large sample from P makes … small.",
        _with_not_known(
            Option(
                "KL(Q‖P)",
                "The samples come from P, so P weights the logarithms.",
                "swapped-roles",
            ),
            Option("KL(P‖Q)", "The average of −log q over samples from P is H(P) + KL(P‖Q)."),
            Option(
                "both directions of KL, which are equal",
                "They differ, and their minima can be different models.",
                "kl-is-symmetric",
            ),
        ),
        taught="15-the-idea-text",
    ),
    InventoryQuestion(
        "00-inventory-density",
        "A length has a density. You measure in centimetres instead of metres. "
        "What changes: its entropy h(P), or KL(P‖Q) between two such densities?",
        _with_not_known(
            Option(
                "both",
                "In p/q the unit cancels, so KL stays.",
                "density-kl-has-a-unit",
            ),
            Option(
                "neither",
                "A density has a unit, and so h(P) moves by log 100.",
                "density-entropy-has-no-unit",
            ),
            Option("h(P) only", "h(P) grows by log 100 = 4.605; in p/q the unit cancels."),
        ),
        taught="06-the-idea-text-4",
    ),
]
