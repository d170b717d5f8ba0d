"""Unit 04: predictions and review questions on zeros, infinity and smoothing."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "04-eps",
        "P sends a word 2 % of the time, and Q gives it 0. Somebody writes ε = 1e-9 in the place "
        "of the 0, and the word adds 0.336 nats to KL(P‖Q). Next they try ε = 1e-12. What does "
        "the word add now?",
        Choice(
            (
                Option(
                    "0.336 nats still: both are practically 0",
                    "To a sum they are; to a logarithm they are 6.9 nats apart.",
                    "eps-is-smoothing",
                ),
                Option(
                    "less: a smaller ε is closer to the truth",
                    "Closer to the 0, yes, and there the word costs more, not less.",
                    "smaller-eps-is-closer",
                ),
                Option("0.474 nats", "p·log 1000 = 0.138 more, and again with every step."),
                Option(
                    "about 336 nats, a thousand times as much",
                    "ε stands inside a logarithm: a factor of 1000 adds p·log 1000 = 0.138.",
                    "eps-grows-in-proportion",
                ),
            )
        ),
        reveal="The word adds p·log(p/ε), so 0.336 becomes 0.474 nats, and every further factor of "
        "1000 adds 0.02·log 1000 = 0.138 once more. It never settles, because what it creeps "
        "towards is infinity. What you read off is your ε.",
    ),
    Prediction(
        "04-shift",
        "P puts half on 0 and half on 1, Q half on 10 and half on 11: nothing in common. Now Q "
        "moves on, to 100 and 101. Which of KL(P‖Q), JS, TV and W1 change?",
        Choice(
            (
                Option("W1 alone", "It is the only one of the four that is told the positions."),
                Option(
                    "all four",
                    "KL, JS and TV compare shares outcome by outcome. Where the outcomes lie is "
                    "unknown to them.",
                    "divergences-feel-distance",
                ),
                Option(
                    "JS and W1",
                    "JS is finite, but it knows no positions either: it stays at log 2.",
                    "js-feels-distance",
                ),
                Option(
                    "none: disjoint is disjoint",
                    "For KL, JS and TV it is. W1 counts how far the mass must be carried.",
                    "disjoint-is-the-end",
                ),
            )
        ),
        reveal="KL stays infinite, JS stays at log 2 = 0.693 nats, TV stays at 1. W1 goes from 10 "
        "to 100: all mass must be carried so much further.",
    ),
]


def _unseen(first, third) -> tuple[str, Choice]:
    """The question on the counts (first, 0, third) with α = 1."""
    total = first + third
    text = f"Three words were counted {first}, 0 and {third} times. With α = 1 added to each "
    return text + "count, what is the share of the second?", Choice(
        (
            Option(
                f"1/{total}",
                f"Each count grew by 1, so the total grew too, to {total + 3}.",
                "alpha-leaves-the-total",
            ),
            Option(
                f"1/{total + 1}",
                f"Three words got one more each: the total is {total + 3}.",
                "alpha-once",
            ),
            Option(f"1/{total + 3}", f"(0 + 1)/({total} + 3·1)."),
            Option(
                "1/4",
                "That is (0 + 1)/(1 + 3): α was added to the shares. Added to the counts it weighs "
                "less, the more you have counted.",
                "alpha-on-shares",
            ),
        )
    )


def _thousandth(percent) -> tuple[str, Choice]:
    """The question on an empty bin of so many per cent when ε is divided by 1000."""
    grows = percent / 100 * math.log(1000)
    return (
        f"P puts {percent} % into a bin that is empty in Q. The ε that fills it goes from 1e-6 to "
        "1e-9. What happens to KL(P‖Q)?",
        Choice(
            (
                Option(
                    f"it grows by {grows:.2f} nats",
                    f"By p·log 1000 = {percent / 100:g}·6.908, as with every factor of 1000.",
                ),
                Option(
                    "hardly anything: ε is negligible",
                    f"Not to a logarithm. KL grows by p·log 1000 = {grows:.2f} nats.",
                    "eps-is-smoothing",
                ),
                Option(
                    "it becomes about 1000 times as large",
                    f"ε stands inside a logarithm: a factor of 1000 adds {grows:.2f} nats.",
                    "eps-grows-in-proportion",
                ),
            )
        ),
    )


def _as_alpha(power) -> tuple[str, Choice]:
    """The question on which α an ε of 1e-6 is, with 10 to the `power` counts."""
    return (
        f"You add ε = 1e-6 to every share of a table of {10**power} counts and let it sum to 1 "
        "again. Which α, added to every count, does the same?",
        Choice(
            (
                Option(
                    "none: that is another method",
                    "Multiply all shares by the number of counts: ε becomes ε times that number.",
                    "eps-has-no-alpha",
                ),
                Option(f"{10.0 ** (power - 6):g}", "ε times the number of counts."),
                Option(
                    "1e-6 too",
                    "Shares are counts over their total, so ε must be multiplied by it.",
                    "alpha-on-shares",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "04-unseen",
        *_unseen(7, 3),
        vary=lambda random: _unseen(random.randrange(4, 30), random.randrange(2, 20)),
    ),
    ReviewQuestion(
        "04-thousandth",
        *_thousandth(5),
        vary=lambda random: _thousandth(random.choice([1, 3, 4, 5, 8, 10, 12])),
    ),
    ReviewQuestion(
        "04-as-alpha",
        *_as_alpha(4),
        vary=lambda random: _as_alpha(random.choice([2, 3, 4, 5])),
    ),
    ReviewQuestion(
        "04-zero-over-zero",
        "P and Q both give an outcome 0. What does it add to KL(P‖Q)?",
        Choice(
            (
                Option(
                    "it cannot be said: 0·log(0/0)",
                    "Floating point says nan. The outcome never comes, and its weight p is 0.",
                    "zero-is-undefined",
                ),
                Option(
                    "infinity, since q = 0",
                    "Only if p > 0. Nobody pays for a word that is never sent.",
                    "zero-is-infinite",
                ),
                Option("nothing", "What is never sent costs nothing, whatever Q thinks of it."),
            )
        ),
    ),
    ReviewQuestion(
        "04-finite",
        "Over a finite list of outcomes, KL(P‖Q) is finite exactly if …",
        Choice(
            (
                Option(
                    "P sends everything that Q allows",
                    "Q may allow what never comes. It must not rule out what does.",
                    "support-the-wrong-way",
                ),
                Option("Q allows everything that P sends", "Then every symbol has a codeword."),
                Option(
                    "P and Q rule out the same outcomes",
                    "More than is needed: where only P is 0, the term is 0.",
                    "supports-must-agree",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "04-left-out",
        "P = (0.98, 0.02) and Q = (1, 0). A colleague leaves out the second outcome, where q = 0, "
        "and gets −0.02 nats. What do you say?",
        Choice(
            (
                Option(
                    "KL is infinite, and the minus betrays the missing outcome",
                    "Gibbs: KL of two distributions is never negative.",
                ),
                Option(
                    "fine: KL may be a little below 0",
                    "Single terms may, the sum never: something is missing from it.",
                    "kl-can-be-negative",
                ),
                Option(
                    "fine: an outcome of 2 % does not change much",
                    "It does, if Q rules it out: 0.02·log(0.02/0) is infinite.",
                    "small-p-small-term",
                ),
                Option(
                    "fine: an outcome without a q cannot be compared",
                    "It can. Q says that it never happens, and it does.",
                    "drop-the-row",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "04-more-data",
        "You add α = 1 to the counts of 12 words. With 100 words counted, the added ones make up "
        "11 % of Q. And with 100 000 words?",
        Choice(
            (
                Option(
                    "11 % as well: α is the same",
                    "The added counts stay 12 in all, while the total grows a thousandfold.",
                    "alpha-never-fades",
                ),
                Option("0.01 %", "12 of 100 012: what was imagined fades as data come in."),
            )
        ),
    ),
    ReviewQuestion(
        "04-finite-choice",
        "New words turn up every day. You want one finite number a day that depends on no ε and no "
        "α. Which?",
        Choice(
            (
                Option(
                    "KL with ε = 1e-12",
                    "Then each new word is worth p·log(p/1e-12): the ε is the number.",
                    "eps-is-smoothing",
                ),
                Option(
                    "KL over the words that both days have",
                    "That leaves out exactly what is new.",
                    "drop-the-row",
                ),
                Option(
                    "there is none: JS is infinite too",
                    "JS compares with the mixture, which allows every word of both days.",
                    "js-infinite-like-kl",
                ),
                Option("JS, in nats", "At most log 2, and a new word moves it by little."),
            )
        ),
    ),
]
