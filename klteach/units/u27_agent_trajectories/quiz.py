"""Unit 27: predictions and review questions on the trajectories of agents."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "27-withheld",
        "In each of 200 tasks a tool is withheld for one turn, in which nothing can be called. A "
        "turn later it is there, and the work is done. One monitor counts calls: how often each of "
        "81 tools comes. Another counts transitions: which step follows which, with the ends of "
        "turns as steps. Which of them sees it?",
        Choice(
            (
                Option(
                    "both: every task has changed",
                    "Every task has, and the calls of all tasks together are the same to within "
                    "two.",
                    "every-change-shows-in-counts",
                ),
                Option(
                    "the calls: the withheld tool is called less",
                    "It is called a turn later. Counts do not know when.",
                    "late-means-never",
                ),
                Option(
                    "the transitions alone",
                    "A turn that ends without a call is two steps that did not follow each other "
                    "before.",
                ),
                Option(
                    "neither: the work is done in the end",
                    "The result is the same and the way is not. Transitions are about the way.",
                    "same-result-no-drift",
                ),
            )
        ),
        reveal="Single calls move by 0.00009 nats and transitions by 0.303, against a threshold of "
        "about 0.013. If the ends of turns are left out, the transitions are as blind as the "
        "calls: 0.0008 nats.",
    ),
    Prediction(
        "27-how-many",
        "The larger surroundings move the single calls by 0.1125 nats, more than anything "
        "else today. In how many of the 200 tasks does the number of calls differ by more "
        "than one?",
        Choice(
            (
                Option(
                    "in nearly all: the sums of all tasks have moved",
                    "A sum moves as far if one part of it moves far enough.",
                    "drift-is-everywhere",
                ),
                Option(
                    "in about twenty: a tenth of them",
                    "0.11 nats is no share of the tasks. A few tasks can make any number of nats.",
                    "nats-are-a-share",
                ),
                Option(
                    "in two",
                    "Each of the two calls the tool rm thirty times more. The other 198 differ by "
                    "one call or by none.",
                ),
            )
        ),
        reveal="In two: tasks 46 and 38 call the tool rm 30 times more each, three others differ "
        "by one call, and 195 are the same. Without the two the divergence is 0.0002 nats.",
    ),
]


def _fewest(differ) -> tuple[str, Choice]:
    """The question on the smallest p-value of swapped pairs."""
    text = (
        f"The same tasks ran before and after. {differ} of them differ at all. Every way to swap "
        "pairs is tried once, the data as they are among them. How small can the p-value become?"
    )
    return text, Choice(
        (
            Option(
                f"1/{2**differ}",
                "Each differing pair has two orders, and the data are one of all these ways.",
            ),
            Option(
                f"1/{differ + 1}",
                "That is the floor for that many known-good windows. Pairs are swapped one by one, "
                "in any combination.",
                "pairs-are-windows",
            ),
            Option(
                "as small as you like, with more draws",
                "More draws repeat the same few ways.",
                "more-draws-cure-all",
            ),
        )
    )


REVIEW = [
    ReviewQuestion(
        "27-other-order",
        "After an update an agent reads a file after editing it, and no longer before. It makes as "
        "many calls of each tool as ever. What moves?",
        Choice(
            (
                Option(
                    "the histogram of tools",
                    "The same calls make the same histogram, in any order.",
                    "every-change-shows-in-counts",
                ),
                Option("the transitions", "What follows what has changed, and nothing else."),
                Option(
                    "nothing: the same work is done",
                    "The same calls are made. Whether a file is read before it is edited may "
                    "matter a great deal.",
                    "same-result-no-drift",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "27-shuffled-calls",
        "The threshold for an agent's tool histogram comes from calls that were shuffled one by "
        "one between two halves. How often does it ring without drift?",
        Choice(
            (
                Option(
                    "as often as its rate says: there are thousands of calls",
                    "Thousands of calls are not thousands of independent draws.",
                    "words-are-the-sample",
                ),
                Option(
                    "in general too often: the calls of a task belong together",
                    "A task that needs a tool calls it again. Whole tasks must be dealt out.",
                ),
                Option(
                    "never: shuffling is exact",
                    "It is exact for calls that are drawn one by one. Tasks were drawn.",
                    "shuffling-is-always-exact",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "27-requested",
        "One log, two histograms: the calls that an agent requested and those that were executed. "
        "KL(requested‖executed) is 0.001 nats; good weeks differ from each other by up to 0.1. Is "
        "this an alarm?",
        Choice(
            (
                Option(
                    "no: it is far below what good weeks differ by",
                    "That is noise between different tasks. These are the same calls, counted "
                    "twice.",
                    "one-threshold-for-all",
                ),
                Option(
                    "yes: it should be exactly 0",
                    "Two records of the same calls have no noise. Some were not executed.",
                ),
                Option(
                    "no: below 0.1 nothing counts",
                    "No cutoff is good for every comparison, and here the right one is 0.",
                    "psi-cutoff-is-universal",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "27-zero-requested",
        "KL(requested‖executed) of a log is exactly 0. Was every call executed?",
        Choice(
            (
                Option(
                    "yes: KL is 0 only if the two are equal",
                    "Their shares are. If every tool lost a tenth of its calls, they still are.",
                    "shares-show-totals",
                ),
                Option(
                    "not necessarily: KL compares shares",
                    "Compare the totals too, or each task by itself.",
                ),
                Option(
                    "no: an exact 0 never happens",
                    "Two records of the same calls agree exactly, and that is the normal case.",
                    "kl-is-never-zero",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "27-smallest-p",
        *_fewest(5),
        vary=lambda random: _fewest(random.randrange(3, 9)),
    ),
    ReviewQuestion(
        "27-rate-weights",
        "In the KL rate of two Markov chains each row has a weight. Which?",
        Choice(
            (
                Option(
                    "how often P's chain is in that state",
                    "P supplies the steps, so P says how often each row is used.",
                ),
                Option(
                    "how often Q's chain is in that state",
                    "Q is scored on the steps that P makes.",
                    "weights-are-q",
                ),
                Option(
                    "the same for each",
                    "Then a state that nobody visits counts as much as the busiest one.",
                    "parts-need-no-weights",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "27-which-alpha",
        "With α = 1, ½ and 0.001 in each cell the KL of an agent's transitions is 0.25, 0.30 and "
        "0.62 nats. Which should the monitor use?",
        Choice(
            (
                Option(
                    "0.001: it changes the counts least",
                    "And sets the price of what the baseline never did: the answer is mostly what "
                    "was typed.",
                    "eps-is-smoothing",
                ),
                Option(
                    "any one, named, the same for the data and for their threshold",
                    "Only numbers with one α can be compared, and the verdict compares.",
                ),
                Option(
                    "their mean",
                    "Three answers to three questions have no useful mean.",
                    "smoothings-average",
                ),
            )
        ),
    ),
]
