"""Unit 05: predictions and review questions on the two directions of KL."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "05-coins",
        "One coin is fair, another shows heads nine times in ten. Which costs more per flip: to "
        "believe 90/10 of the fair coin, or to believe fair of the 90/10 coin?",
        Choice(
            (
                Option(
                    "both the same: it is the same pair of coins",
                    "The log ratios are the same, but they are met at other rates: the coin that "
                    "is flipped sets the weights.",
                    "kl-is-symmetric",
                ),
                Option(
                    "to believe fair of the 90/10 coin",
                    "A believer in fairness is never much surprised: heads and tails cost "
                    "log 2 = 0.693 nats each.",
                    "surer-truth-costs-more",
                ),
                Option(
                    "to believe 90/10 of the fair coin",
                    "The expensive surprise is tails, and a fair coin shows it every other flip.",
                ),
            )
        ),
        reveal="To believe 90/10 of a fair coin wastes 0.511 nats a flip; to believe fair of a "
        "90/10 coin wastes 0.368. The first believer pays −log 0.1 = 2.303 nats for every tails, "
        "and tails is half of all flips.",
    ),
    Prediction(
        "05-sure",
        "A coin always lands heads, and you believe that it does so eight times in ten. Another "
        "coin lands heads eight times in ten, and you believe that it always does. What do the two "
        "mistakes cost per flip?",
        Choice(
            (
                Option(
                    "0.223 nats and infinity",
                    "The first coin never does what you rule out; the second does, soon.",
                ),
                Option(
                    "infinity and 0.223 nats",
                    "A 0 in the truth costs nothing. A 0 in the belief does, as soon as the "
                    "impossible comes.",
                    "swapped-roles",
                ),
                Option(
                    "infinity both times: each has a 0 in it",
                    "Only a 0 in the belief is fatal, and only if the truth goes there.",
                    "zero-is-infinite",
                ),
                Option(
                    "nothing and infinity: a sure coin holds no surprise",
                    "It holds none for those who know it. You expected one tails in five, and pay "
                    "−log 0.8 for each heads.",
                    "no-surprise-no-price",
                ),
            )
        ),
        reveal="Believing 80/20 of the sure coin costs −log 0.8 = 0.223 nats a flip, since each "
        "heads was given 0.8. Believing the 80/20 coin sure costs infinitely much: with the first "
        "tails the bill is infinite.",
    ),
]


def _jeffreys(forward, reverse) -> tuple[str, Choice]:
    """The question on the two directions in hundredths of a nat."""
    text = (
        f"KL(P‖Q) is {forward / 100:.2f} nats and KL(Q‖P) is {reverse / 100:.2f}. "
        "What is Jeffreys' divergence?"
    )
    return text, Choice(
        (
            Option(
                f"{(forward + reverse) / 200:.2f}",
                "That is the mean. Jeffreys is the sum.",
                "jeffreys-is-a-mean",
            ),
            Option(
                f"{abs(forward - reverse) / 100:.2f}",
                "That is what one direction costs more than the other. Jeffreys adds them.",
                "jeffreys-is-a-difference",
            ),
            Option(f"{(forward + reverse) / 100:.2f}", "Both directions, added."),
        )
    )


REVIEW = [
    ReviewQuestion(
        "05-who-samples",
        "In KL(P‖Q), who supplies the samples and who is scored?",
        Choice(
            (
                Option(
                    "Q supplies them, P is scored",
                    "That is KL(Q‖P). The weights come from the first letter.",
                    "swapped-roles",
                ),
                Option("P supplies them, Q is scored", "The average is taken under P."),
                Option(
                    "both supply half of them",
                    "Then the order would not matter. The average is taken under P alone.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "05-reverse-infinity",
        "When is the reverse direction, KL(Q‖P), infinite?",
        Choice(
            (
                Option(
                    "where Q does something that P never does",
                    "Now Q supplies the samples, and P prices them.",
                ),
                Option(
                    "where P does something that Q never does",
                    "That makes KL(P‖Q) infinite.",
                    "swapped-roles",
                ),
                Option(
                    "as soon as one of the two has a 0",
                    "A 0 in the one that samples costs nothing. Only one in the one that is "
                    "scored does.",
                    "zero-is-infinite",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "05-call",
        "A library's function takes two distributions. Which of its arguments is the truth?",
        Choice(
            (
                Option(
                    "the first one",
                    "In SciPy it is; in PyTorch's `kl_div` it is the second.",
                    "first-argument-is-p",
                ),
                Option(
                    "that depends on the library: try it on a pair whose KLs you know",
                    "SciPy takes the truth first, PyTorch second.",
                ),
                Option(
                    "it makes no difference",
                    "It does: the truth sets the weights.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "05-jeffreys",
        *_jeffreys(50, 40),
        vary=lambda random: _jeffreys(*random.sample(range(40, 100, 2), 2)),
    ),
    ReviewQuestion(
        "05-psi",
        "The population stability index of two histograms with the same bins is …",
        Choice(
            (
                Option("KL(P‖Q) + KL(Q‖P)", "It is Jeffreys' divergence of the bins."),
                Option(
                    "KL(P‖Q)",
                    "That is about half of it for histograms that are close.",
                    "psi-is-kl",
                ),
                Option(
                    "the Jensen-Shannon divergence",
                    "That one is bounded by log 2, and for close histograms an eighth of PSI.",
                    "jeffreys-is-js",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "05-close",
        "P and Q give every outcome nearly the same probability: no ratio p/q is further than 1 % "
        "from 1. How do KL(P‖Q) and KL(Q‖P) compare?",
        Choice(
            (
                Option(
                    "they may be far apart, even infinite",
                    "Far apart they are where some ratio is large. Here the two differ by less "
                    "than 1 %.",
                    "directions-always-differ",
                ),
                Option(
                    "nearly equal",
                    "Up close, KL is half of Σ (p − q)²/p, which hardly cares who is first.",
                ),
                Option(
                    "one is about minus the other",
                    "Neither is ever negative.",
                    "swapping-flips-the-sign",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "05-mirror",
        "P and Q are two different coins. Can KL(P‖Q) and KL(Q‖P) be equal?",
        Choice(
            (
                Option(
                    "no: KL is not symmetric",
                    "Not symmetric means that some pairs differ, not that all do.",
                    "directions-always-differ",
                ),
                Option(
                    "yes, if they are mirror images",
                    "With q = 1 − p, exchanging heads and tails turns one sum into the other.",
                ),
                Option(
                    "yes, for any two coins",
                    "A fair coin and a 90/10 coin give 0.511 and 0.368 nats.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "05-cover",
        "P has two separate peaks, and every model Q has one. Which direction, made small, spreads "
        "Q over both?",
        Choice(
            (
                Option("KL(P‖Q)", "P samples both peaks, and Q pays for each that it calls rare."),
                Option(
                    "KL(Q‖P)",
                    "There Q samples: it can sit on one peak and never meet the other.",
                    "reverse-covers",
                ),
                Option(
                    "either: the best Q is the same",
                    "If some Q matched P, yes. Where none can, the two directions choose "
                    "differently.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
]
