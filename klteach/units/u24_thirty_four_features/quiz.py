"""Unit 24: predictions and review questions on many features, and on rows that share something."""

from klteach.practice.quiz.items import Band, Choice, Number, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "24-fifty",
        "A monitor watches 50 independent features, each with a threshold that rings in 5 % of all "
        "weeks without drift. Nothing drifts. In what per cent of the weeks does at least one "
        "ring?",
        Number(
            truth=100 * (1 - 0.95**50),
            tolerance=2.5,
            low=0.0,
            high=100.0,
            label="Weeks with an alarm:",
            unit="%",
            out_of_range="A share of weeks lies between 0 and 100 %.",
            says="Fifty chances of 5 % each leave little room for a quiet week.",
            bands=(
                Band(
                    4.0,
                    6.0,
                    "That is the rate of one feature. Here any of fifty is enough.",
                    "rate-of-one-is-the-rate-of-all",
                ),
                Band(
                    0.0,
                    4.0,
                    "Fewer than for one feature alone? That would be all of them at once. Any of "
                    "fifty is enough.",
                    "any-is-all",
                ),
                Band(
                    94.7,
                    100.0,
                    "50 · 5 % are 2.5 false alarms a week on average, and they are not spread "
                    "evenly: some weeks have five, and a few have none.",
                    "rates-add-up",
                ),
                Band(
                    4.0,
                    95.0,
                    "The right direction. The quiet weeks are those in which all fifty keep still: "
                    "0.95 · 0.95 · …, fifty times.",
                    "many-chances-little-risk",
                ),
            ),
        ),
        reveal="1 − 0.95⁵⁰ = 92.3 %. For the 34 features of this unit it is 82.5 %, for one it is "
        "5 %.",
    ),
    Prediction(
        "24-weeks",
        "From January to March 2013, 80,789 flights left New York, each with the air pressure at "
        "its airport. Shuffle them into two halves: PSI of the pressure is 0.001. Now split them "
        "by odd and even weeks instead. What is PSI between these two halves of one winter?",
        Choice(
            (
                Option(
                    "about 0.001 again: so many rows, and the same winter",
                    "It would be, if each row had a pressure of its own. About fifty flights share "
                    "an hour, and the hours of a week share the weather.",
                    "rows-are-independent",
                ),
                Option(
                    "about 0.02: weeks differ a little, and seven of them average out",
                    "They do average out, as seven numbers do and not as 40,000 do.",
                    "few-weeks-average-out",
                ),
                Option(
                    "about 0.6: more than summer against this winter",
                    "There are thirteen weeks in it, however many rows.",
                ),
                Option(
                    "0: both halves have the same law",
                    "Two samples of one law differ. The question is how many independent pieces "
                    "they are made of.",
                    "same-law-is-zero",
                ),
            )
        ),
        reveal="0.61, with 12 % of missing pressures in a cell of their own; summer against this "
        "winter is 0.38. A threshold that counts rows is 0.001 here. It is off by a factor of 600, "
        "and nothing has drifted.",
    ),
    Prediction(
        "24-thirteen",
        "Known-good weeks are the null now: 13 of them, each against the others. In the 14th week "
        "the pressure is one that nobody has ever seen, and PSI is enormous. What p-value does it "
        "get?",
        Choice(
            (
                Option(
                    "0, since no good week comes near",
                    "The new week itself is one of 14. If nothing has happened, one of them has to "
                    "be the largest.",
                    "unseen-has-p-zero",
                ),
                Option(
                    "about 0.001, as PSI is so large",
                    "Only the order counts. Thirteen weeks do not know how rare a rare week is.",
                    "large-value-small-p",
                ),
                Option(
                    "about 0.07, and it can never be smaller",
                    "One of 14 weeks is the largest, whatever its PSI.",
                ),
                Option(
                    "none: a p-value needs a law such as χ²",
                    "Counting is enough, as long as one may exchange the weeks.",
                    "p-value-needs-a-law",
                ),
            )
        ),
        reveal="1/14 = 0.071. At 5 % no week can alarm, so the monitor does not say “no drift”. It "
        "says “too few windows” and names what is missing: 19 good weeks, where the smallest "
        "p-value is 1/20.",
    ),
]


def _any_alarm(features) -> tuple[str, Choice]:
    """The chance of any false alarm among so many features at 5 % each."""
    return (
        f"There are {features} independent features, each at 5 %, and no drift. How likely is any "
        "alarm?",
        Choice(
            (
                Option(
                    "5 %",
                    "Each has its own chance, and any is enough.",
                    "rate-of-one-is-the-rate-of-all",
                ),
                Option(
                    f"{100 * (1 - 0.95**features):.0f} %",
                    f"All keep still with probability 0.95 to the power of {features}.",
                ),
                Option(
                    f"{5 * features} %",
                    "That adds the chances, and counts a week with two alarms twice. With enough "
                    "features it would pass 100 %.",
                    "rates-add-up",
                ),
            )
        ),
    )


def _false_among(flagged) -> tuple[str, Choice]:
    """What Benjamini-Hochberg promises about so many alarms."""
    return (
        f"Of 500 features, Benjamini–Hochberg at 5 % flags {flagged}. What does the 5 % say?",
        Choice(
            (
                Option(
                    "25 of the flagged ones are false on average, 5 % of 500",
                    "That would be so without any correction, if nothing drifted.",
                    "rate-of-all-features",
                ),
                Option(
                    "in the mean over many such tables at most 5 % of the flagged ones are false",
                    f"It is a mean of shares, so of these {flagged} it may be none or "
                    f"{flagged // 10}.",
                ),
                Option(
                    "with probability 95 % none of the flagged ones is false",
                    "That is what Bonferroni promises, and it flags fewer.",
                    "false-discovery-is-any-false",
                ),
            )
        ),
    )


def _least_weeks(per_cent) -> tuple[str, Choice]:
    """How many good weeks a p-value needs to get down to a level."""
    least = round(100 / per_cent) - 1
    return (
        "A new week is judged by known-good weeks, each left out once. How many of them are needed "
        f"before any week can alarm at {per_cent} %?",
        Choice(
            (
                Option(
                    f"{least}",
                    f"The smallest p-value is 1/{least + 1}: the new week is one of them.",
                ),
                Option(
                    f"{least + 1}",
                    "One fewer is enough, since the new week counts as well.",
                    "new-week-does-not-count",
                ),
                Option(
                    "5 or so: a week that is far enough out always alarms",
                    "How far out it is does not count, only how many weeks there are to be "
                    "exceeded.",
                    "large-value-small-p",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "24-any-alarm",
        *_any_alarm(10),
        vary=lambda random: _any_alarm(random.choice([5, 10, 12, 15, 20])),
    ),
    ReviewQuestion(
        "24-step-up",
        "The p-values are 0.004, 0.022, 0.029, 0.048 and 0.5. How many does Benjamini–Hochberg "
        "flag at 5 %?",
        Choice(
            (
                Option(
                    "1: the second is above its line, and there one stops",
                    "It is a step-up rule: the third is below its line of 0.03, and takes the "
                    "second along.",
                    "step-up-stops-early",
                ),
                Option(
                    "2: the first and the third are below their lines",
                    "All up to the last one that is below its line are flagged.",
                    "each-against-its-own-line",
                ),
                Option(
                    "4: those below 0.05",
                    "That is no correction at all.",
                    "rate-of-one-is-the-rate-of-all",
                ),
                Option("3", "The lines are 0.01, 0.02, 0.03, 0.04, 0.05; the third is the last."),
            )
        ),
    ),
    ReviewQuestion(
        "24-promise",
        *_false_among(40),
        vary=lambda random: _false_among(random.choice([40, 60, 80, 100])),
    ),
    ReviewQuestion(
        "24-least-weeks",
        *_least_weeks(5),
        vary=lambda random: _least_weeks(random.choice([1, 2, 4, 5, 10, 20])),
    ),
    ReviewQuestion(
        "24-own-baseline",
        "Thresholds are set from good weeks, each compared with all weeks, itself among them. What "
        "does that do to the threshold?",
        Choice(
            (
                Option(
                    "nothing worth the trouble, one week among many",
                    "It adds up where weeks are few, and a new week is never in its own baseline.",
                    "own-week-is-harmless",
                ),
                Option(
                    "it comes out too low, and good weeks alarm",
                    "Each week pulls the baseline towards itself. A new one does not.",
                ),
                Option(
                    "it comes out too high, and drifts are missed",
                    "A week that is part of its baseline looks closer to it, not further.",
                    "own-week-widens",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "24-more-rows",
        "All flights of an hour have the same weather. Next year there are a hundred times as many "
        "flights. What happens to PSI of the pressure between two halves of the weeks?",
        Choice(
            (
                Option(
                    "it falls to a hundredth",
                    "So it would for independent rows. The hours of weather are as many as before.",
                    "rows-are-independent",
                ),
                Option(
                    "it falls to a tenth, with the root",
                    "Averages of independent rows go with the root. Here not one independent piece "
                    "was added.",
                    "few-weeks-average-out",
                ),
                Option("it stays about what it is", "The same weather, counted more often."),
            )
        ),
    ),
    ReviewQuestion(
        "24-retrained",
        "A model is trained again on the latest months. The customers who came after these months "
        "are held against them, and no feature alarms any more. What has been shown?",
        Choice(
            (
                Option(
                    "that its forecasts are right again",
                    "That takes the truth, or a look at the rows. KL knows the inputs only.",
                    "no-drift-is-quality",
                ),
                Option(
                    "that no drift is seen between those it was trained on and those who come now",
                    "That much the inputs can say, column by column. Whether it forecasts well is "
                    "another question.",
                ),
                Option(
                    "nothing, as any data look the same as themselves",
                    "The customers who are checked came after the months of training.",
                    "new-baseline-is-circular",
                ),
            )
        ),
    ),
]
