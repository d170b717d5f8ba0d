"""Unit 11: predictions and review questions on the relatives of KL, side by side."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "11-boxes",
        "P and Q are uniform on two boxes that do not overlap. Now Q slides on, further away from "
        "P. Which of KL(P‖Q), KL(Q‖P), JS, total variation, Hellinger and W1 still move?",
        Choice(
            (
                Option(
                    "all six",
                    "Five of them compare P and Q place by place, and at every place one of the "
                    "two is 0 already. They are not told how far apart the places are.",
                    "divergences-feel-distance",
                ),
                Option(
                    "the four finite ones",
                    "Finite, and stuck all the same: JS stands at log 2, total variation and "
                    "Hellinger at 1, each at its ceiling.",
                    "js-feels-distance",
                ),
                Option("W1 alone", "It is the only one that measures along the line."),
                Option(
                    "none: nothing can be more different than disjoint",
                    "For five of them nothing can. W1 counts how far the mass must be carried.",
                    "disjoint-is-the-end",
                ),
            )
        ),
        reveal="Only W1 moves. KL is infinite both ways, JS is stuck at log 2 = 0.693 nats, total "
        "variation and Hellinger at 1. A ceiling keeps a meter finite, and beyond it the meter is "
        "blind.",
    ),
    Prediction(
        "11-triangle",
        "JS is symmetric, and 0 only for P = Q. Can a detour over a third distribution M be "
        "shorter, so that JS(P, M) + JS(M, Q) is less than JS(P, Q)?",
        Choice(
            (
                Option(
                    "no: what is symmetric, and 0 only for equals, is a metric",
                    "A metric needs a third law, and symmetry does not bring it: no detour is "
                    "shorter.",
                    "symmetric-is-a-metric",
                ),
                Option(
                    "yes for JS, no for its root √JS",
                    "JS grows like a square, and its root like a length.",
                ),
                Option(
                    "yes, for JS and for its root √JS",
                    "The root changes it: of a small step it takes more than of a large one, and "
                    "two small steps are then never less than one large one.",
                    "root-changes-nothing",
                ),
            )
        ),
        reveal="Go from always heads to always tails over a fair coin. Directly JS is 0.693 nats, "
        "and the two steps add up to 0.216 + 0.216 = 0.432: shorter. Their roots are 0.833 and "
        "0.465 + 0.465 = 0.929: longer. √JS is a metric and JS is not.",
    ),
    Prediction(
        "11-squeeze",
        "Two Gaussians stand 1 apart, both with standard deviation σ. Squeeze both, from σ = 1 to "
        "σ = 0.01. What happens to KL and to W1?",
        Choice(
            (
                Option(
                    "KL rises from 0.5 to 5000 nats, W1 stays 1",
                    "Each is carried by 1, whatever its width. KL counts the gap in units of σ.",
                ),
                Option(
                    "both stay: the centres do not move",
                    "W1 stays. KL looks at the overlap, and that vanishes.",
                    "kl-knows-the-centres-only",
                ),
                Option(
                    "KL stops at a ceiling once they hardly overlap, W1 stays",
                    "JS and total variation have a ceiling. KL has none: at σ = 0.01 the samples "
                    "of P lie 100 σ from the centre of Q.",
                    "kl-has-a-ceiling",
                ),
                Option(
                    "both rise: narrow peaks are further apart",
                    "KL rises. For W1 every bit of mass still goes 1 to the right.",
                    "narrower-is-further",
                ),
            )
        ),
        reveal="KL is 1/(2σ²): 0.5 nats at σ = 1, 50 at 0.1 and 5000 at 0.01. W1 is 1 throughout. "
        "Total variation goes from 0.383 to its ceiling 1.",
    ),
]


def _root(hundredths) -> tuple[str, Choice]:
    """The question on SciPy's Jensen-Shannon, with the root in hundredths."""
    root = hundredths / 100
    text = (
        f"SciPy's `jensenshannon(p, q)` prints {root:.2f}. What is the Jensen-Shannon divergence?"
    )
    return text, Choice(
        (
            Option(
                f"{root:.2f} nats",
                "The function returns the root, the Jensen-Shannon distance.",
                "root-is-the-divergence",
            ),
            Option(f"{root**2:.4f} nats", "The function returns the root; square it."),
            Option(
                f"{root**0.5:.4f} nats",
                "The root was taken already. Square it, and do not take it again.",
                "root-taken-twice",
            ),
        )
    )


def _guess(hundredths) -> tuple[str, Choice]:
    """The question on the best guess, with the total variation in hundredths."""
    tv = hundredths / 100
    text = (
        f"The total variation of P and Q is {tv:.2f}. You see one sample, from P or from Q at even "
        "odds, and guess which. How often is the best guess right?"
    )
    return text, Choice(
        (
            Option(
                f"{100 * (1 + tv) / 2:.0f} times in 100",
                "Half of the time by luck, and half of the total variation on top.",
            ),
            Option(
                f"{hundredths} times in 100",
                "With a total variation of 0 you would still be right half of the time.",
                "tv-is-the-hit-rate",
            ),
            Option(
                f"{100 - hundredths} times in 100",
                "That is the mass that P and Q have in common. The larger the total variation, "
                "the easier the guess.",
                "tv-is-the-overlap",
            ),
        )
    )


REVIEW = [
    ReviewQuestion(
        "11-two-shifts",
        "One delay went from about 5 to about 6 minutes, another from about 5 to about 60, and old "
        "and new values never overlap. Which measure tells the two apart?",
        Choice(
            (
                Option(
                    "JS, as it is always finite",
                    "Finite, but at its ceiling both times.",
                    "js-feels-distance",
                ),
                Option("W1", "About 1 minute and about 55: it is told where the values lie."),
                Option(
                    "none: both are disjoint",
                    "For KL, JS and total variation that is all there is to say. W1 says more.",
                    "disjoint-is-the-end",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "11-flat",
        "A model is trained to make JS small, and so far shares no outcome with the data. How "
        "steep is the loss in a small move of its outcomes?",
        Choice(
            (
                Option(
                    "steepest of all: JS is at its largest",
                    "Largest and flat: every model without a common outcome has the same JS.",
                    "largest-is-steepest",
                ),
                Option(
                    "infinitely steep, as KL is infinite",
                    "The middle of the two has a share for everything, so JS is finite.",
                    "js-infinite-like-kl",
                ),
                Option("flat", "JS stays log 2 until they overlap, so there is no slope."),
            )
        ),
    ),
    ReviewQuestion("11-root", *_root(30), vary=lambda random: _root(random.randrange(20, 70, 2))),
    ReviewQuestion(
        "11-guess", *_guess(60), vary=lambda random: _guess(random.randrange(12, 90, 4))
    ),
    ReviewQuestion(
        "11-detour",
        "Which of these is a metric, so that a detour is never shorter?",
        Choice(
            (
                Option(
                    "JS",
                    "Symmetric, but half the way costs about a quarter, so two halves are "
                    "shorter. Its root is a metric.",
                    "symmetric-is-a-metric",
                ),
                Option(
                    "KL",
                    "Neither symmetric nor bound by the triangle inequality.",
                    "kl-is-symmetric",
                ),
                Option("total variation", "Half of a sum of absolute values obeys all the laws."),
            )
        ),
    ),
    ReviewQuestion(
        "11-same-law",
        "Two samples of one and the same law fill ten bins. Both samples are made 100 times "
        "larger. The JS of their shares …",
        Choice(
            (
                Option(
                    "is 0 before and after, as the law is the same",
                    "The law is, the samples are not: their shares differ by chance.",
                    "same-law-is-zero",
                ),
                Option("falls by a factor of about 100", "Like 1/n, as KL and PSI do."),
                Option(
                    "falls by a factor of about 10",
                    "That is 1/√n, as for total variation, W1 and the root of JS.",
                    "everything-falls-like-a-root",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "11-rare",
        "Q gives 0.0001 to something that happens once in 100. Which of these makes most of it?",
        Choice(
            (
                Option("χ²", "It divides by q: this outcome alone adds 0.98."),
                Option(
                    "total variation",
                    "It counts mass, and this is one hundredth of it at most.",
                    "tv-sees-rarity",
                ),
                Option(
                    "W1, if the outcome is next to the others",
                    "It counts mass times the way, and both are small here.",
                    "w1-sees-rarity",
                ),
            )
        ),
    ),
]
