"""Unit 14: predictions and review questions on what KL buys in observations."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "14-twenty",
        "The coin is the bent one, and you flip until the likelihood ratio reaches 20: the flips "
        "are 20 times likelier under P than under Q. How many flips does that take on average?",
        Choice(
            (
                Option(
                    "about 3",
                    "That would be a whole nat of evidence a flip. A head gives 0.47 of one, and a "
                    "tail takes 0.92 away.",
                    "one-nat-each",
                ),
                Option(
                    "about 7",
                    "So it is if all flips are heads. One in five is a tail, on average, and takes "
                    "back nearly what two heads gave.",
                    "counter-evidence-forgotten",
                ),
                Option(
                    "about 17",
                    "A logarithm of 3 nats, at 0.193 nats a flip, and a little for the last step, "
                    "which goes over the line.",
                ),
                Option(
                    "about 250",
                    "So many it takes to know the share of heads to within 5 points. It is enough "
                    "to tell 0.8 from 0.5.",
                    "decide-means-estimate",
                ),
            )
        ),
        reveal="17.2 flips. The logarithm must climb to log 20 = 3.00, and on average it climbs "
        "0.8 · 0.470 − 0.2 · 0.916 = 0.193 a flip, which is KL(P‖Q): 15.5 flips. But it stops "
        "above the line, at 3.31 on average, and that takes 17.2.",
    ),
    Prediction(
        "14-surer",
        "You want to be surer, twenty times as sure: the likelihood ratio must reach 400. How "
        "many flips does that take, compared with 20?",
        Choice(
            (
                Option(
                    "about twice as many",
                    "From 1 to 20, and once more from 20 to 400: the same factor, the same number "
                    "of flips.",
                ),
                Option(
                    "between 4 and 5 times as many, the root of 20",
                    "Roots belong to standard errors. Evidence multiplies, so its logarithm grows "
                    "in proportion to the flips.",
                    "sureness-by-the-root",
                ),
                Option(
                    "20 times as many",
                    "The odds multiply with every flip, so twenty times the odds takes a number of "
                    "flips *more*, whatever the odds were before.",
                    "sureness-is-linear",
                ),
            )
        ),
        reveal="32.3 flips instead of 17.2. A factor of 20 is log 20 = 3.00 nats, wherever it "
        "begins; the overshoot is paid once.",
    ),
    Prediction(
        "14-both",
        "If type I stays at 5 %, type II falls by KL(P‖Q) = 0.193 nats a flip in the end; with the "
        "roles exchanged it is 0.223. Now both errors are to fall, equally fast. At how many nats "
        "a flip?",
        Choice(
            (
                Option(
                    "at about 0.19, the smaller of the two",
                    "That is what one error gets if the other stands still. Here they compete for "
                    "one threshold.",
                    "both-at-the-smaller-kl",
                ),
                Option(
                    "at about 0.10: they share it half and half",
                    "The curves are no straight lines: near its own coin's share each of them is "
                    "flat, so half-way there is less than half.",
                    "both-at-half",
                ),
                Option(
                    "at about 0.05, a quarter of it",
                    "KL grows with the square of the way, and the best threshold lies about "
                    "half-way between the coins.",
                ),
                Option(
                    "not at all: one error can only fall if the other rises",
                    "For a fixed number of flips, yes. More flips make both smaller.",
                    "errors-only-trade",
                ),
            )
        ),
        reveal="At 0.0528 nats a flip, the Chernoff information, with the threshold at a share of "
        "0.661 heads. Each coin is half a way from there, and half the way is a quarter of the KL: "
        "0.193/4 = 0.048 and 0.223/4 = 0.056.",
    ),
]


def _which_kl(first, second) -> tuple[str, Choice]:
    """Which KL, in hundredths of a nat, the error that is let fall has in its exponent."""
    return (
        f"KL(P‖Q) is {first / 100:.2f} nats and KL(Q‖P) is {second / 100:.2f}. A test says Q "
        "although P is true in 5 % of all cases, however many outcomes n it sees. How does the "
        "error under Q fall?",
        Choice(
            (
                Option(
                    f"like exp(−{second / 100:.2f} n)",
                    "That is KL(Q‖P), for the error under P, if the one under Q is held.",
                    "stein-the-other-way",
                ),
                Option(
                    f"like exp(−{first / 100:.2f} n)",
                    "Stein: KL(P‖Q). P supplies what the test must still accept, and Q hardly ever "
                    "makes it.",
                ),
                Option(
                    f"like exp(−{(first + second) / 200:.3f} n), the mean of the two",
                    "The two do not mix. What P typically shows is fixed, and only Q's probability "
                    "of it counts.",
                    "stein-by-the-mean",
                ),
            )
        ),
    )


def _rows(ten_thousandths) -> tuple[str, Choice]:
    """How many rows a KL of so many ten-thousandths of a nat a row takes to 20:1."""
    kl = ten_thousandths / 10_000
    rows = [math.log(20) / kl, 1 / kl, 20 / kl]
    right, without, linear = (f"about {float(f'{number:.2g}'):,.0f}" for number in rows)
    return (
        f"A drift makes KL(P‖Q) = {kl:g} nats a row. After how many rows do the odds for it stand "
        "at 20:1?",
        Choice(
            (
                Option(right, "log 20 = 3.0 nats, divided by the nats of a row."),
                Option(
                    without,
                    "That is one nat: odds of e, 2.7:1.",
                    "one-nat-is-enough",
                ),
                Option(
                    linear,
                    "Twenty nats would be odds of five hundred million. It takes the logarithm "
                    "of 20.",
                    "odds-without-logarithm",
                ),
            )
        ),
    )


def _ever(odds) -> tuple[str, Choice]:
    """How often the likelihood ratio ever gets so high under the wrong hypothesis."""
    return (
        f"Q is true, and you look at the likelihood ratio of P against Q after every row, for "
        f"ever. How probable is it that it reaches {odds}:1 at some time?",
        Choice(
            (
                Option(
                    "it is certain: who waits long enough sees everything",
                    "The walk goes down by KL(Q‖P) a row. The longer it has gone, the less likely "
                    "is the way back.",
                    "reached-sooner-or-later",
                ),
                Option(
                    f"it grows with the rows, since each look is one more chance of 1 in {odds}",
                    "The looks are not independent chances: they are looks at one walk, which "
                    "leads down.",
                    "each-look-a-new-chance",
                ),
                Option(
                    f"at most 1 in {odds}",
                    f"All sequences that get there are at least {odds} times likelier under P, and "
                    "under P they add up to 1 at most.",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "14-which-kl",
        *_which_kl(19, 22),
        vary=lambda random: _which_kl(*random.sample([8, 12, 19, 22, 31, 45, 60], 2)),
    ),
    ReviewQuestion(
        "14-rows",
        *_rows(50),
        vary=lambda random: _rows(random.choice([5, 10, 20, 50, 100, 200])),
    ),
    ReviewQuestion(
        "14-ever",
        *_ever(20),
        vary=lambda random: _ever(random.choice([10, 20, 50, 100])),
    ),
    ReviewQuestion(
        "14-alpha",
        "A test is made stricter: type I may be 0.1 % instead of 5 %. What happens to the exponent "
        "of type II, in the limit of many outcomes?",
        Choice(
            (
                Option(
                    "it becomes 50 times smaller",
                    "α is a factor in front of exp(−n KL). A factor has no part in the exponent.",
                    "alpha-in-the-exponent",
                ),
                Option(
                    "nothing: it is KL(P‖Q) for both",
                    "For a given number of outcomes type II is larger, but the rate at which it "
                    "falls is the same in the end.",
                ),
                Option(
                    "it is divided by log 0.001 / log 0.05, about 2.3",
                    "Logarithms of α are a fixed number of nats. Shared among n outcomes they "
                    "vanish.",
                    "log-alpha-in-the-exponent",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "14-drift",
        "Q is true. Where does the log likelihood ratio of P against Q go, on average?",
        Choice(
            (
                Option("down, by KL(Q‖P) an outcome", "The mean of log(p/q) under Q is −KL(Q‖P)."),
                Option(
                    "down, by KL(P‖Q) an outcome",
                    "The average is now taken under Q, and that is the other KL.",
                    "walk-falls-by-the-other-kl",
                ),
                Option(
                    "nowhere: it stays about 0 as long as P is not true",
                    "Evidence against P is evidence too. It stays about 0 if nothing can be told, "
                    "P = Q.",
                    "no-evidence-against",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "14-seen",
        "A fair coin shows 70 % heads or more in n flips with a probability that falls like "
        "exp(−n · …). What stands in the exponent?",
        Choice(
            (
                Option(
                    "KL(0.5‖0.7) = 0.0872",
                    "What was seen stands first: the flips behave as those of a 0.7 coin, and the "
                    "fair coin is charged for them.",
                    "sanov-the-other-way",
                ),
                Option(
                    "2 · 0.2² = 0.0800",
                    "That is Hoeffding's bound, which is true and not quite sharp.",
                    "bound-taken-for-the-rate",
                ),
                Option("KL(0.7‖0.5) = 0.0823", "Sanov: KL of what was seen from the coin itself."),
            )
        ),
    ),
    ReviewQuestion(
        "14-peek",
        "A coin is fair. You look at a one-sided p-value after every flip and stop with an alarm "
        "as soon as it is 0.05 or less. How probable is an alarm within 1000 flips?",
        Choice(
            (
                Option(
                    "5 %: that is what the test promises",
                    "It promises that for one look, at a number of flips that was fixed before.",
                    "looks-are-free",
                ),
                Option(
                    "nearly 100 %: a thousand looks at 5 % each",
                    "The looks depend on each other, as neighbouring shares of heads hardly "
                    "differ. It does go there, but slowly.",
                    "looks-are-independent",
                ),
                Option(
                    "about a third",
                    "34 %, and it goes on rising. A likelihood ratio of 20:1 comes up in at most "
                    "5 %, for ever.",
                ),
            )
        ),
    ),
]
