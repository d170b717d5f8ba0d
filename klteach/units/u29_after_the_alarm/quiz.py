"""Unit 29: predictions and review questions on what follows an alarm, and on tables in parts."""

from klteach.practice.quiz.items import Band, Choice, Number, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "29-silenced",
        "A new version of an app writes the same wrong distance into 30 % of all orders. The alarm "
        "rings. After three weeks the team trains the forecast anew on these three weeks and locks "
        "a new baseline on them. What happens next?",
        Choice(
            (
                Option(
                    "the alarm clears, and the forecasts are right again",
                    "The new model has seen such orders, but not how far they really went: that is "
                    "no longer in the data.",
                    "retraining-repairs",
                ),
                Option(
                    "the alarm goes on, since the distances are still wrong",
                    "The alarm does not know what is wrong. It compares with a baseline, and that "
                    "one now looks like today.",
                    "alarm-knows-wrong",
                ),
                Option(
                    "the alarm clears, and the forecasts stay wrong",
                    "Today looks like the new baseline, and both are broken.",
                ),
            )
        ),
        reveal="The alarm clears and the forecasts stay wrong: a baseline of broken days silences "
        "an alarm for good. One of the three stories in the picture below is this one.",
    ),
    Prediction(
        "29-quartiles",
        "The numbers 1 to 100 lie in ten files, in order: 1 to 10 in the first, 91 to 100 in the "
        "last. Each file sends its lower quartile, and you take the mean of the ten. The lower "
        "quartile of all hundred is 25.75. What is the mean?",
        Number(
            truth=48.25,
            tolerance=1.5,
            low=0.0,
            high=100.0,
            label="Mean of the ten lower quartiles:",
            out_of_range="It lies between 0 and 100.",
            says="Each file has its quartile near its own middle, and the middles average to 50.",
            bands=(
                Band(
                    24.0,
                    27.5,
                    "That is the quartile of all. Each file sees its own ten numbers only, and "
                    "the last one sends more than 90.",
                    "quantiles-average",
                ),
                Band(
                    2.0,
                    5.0,
                    "That is the lower quartile of the first file. The others send 13, 23 and so "
                    "on.",
                    "first-part-stands-for-all",
                ),
                Band(
                    49.75,
                    51.0,
                    "That is the median, and the mean. Near it, but each file sends a number a "
                    "little below its middle.",
                    "quantile-is-median",
                ),
                Band(
                    0.0,
                    48.25,
                    "Too small. Each file sends a number a quarter of the way up its own ten: "
                    "3.25, 13.25 and so on, up to 93.25.",
                    "quartiles-lie-low",
                ),
                Band(
                    48.25,
                    100.0,
                    "Too large. Each file sends a number a quarter of the way up its own ten: "
                    "3.25, 13.25 and so on, up to 93.25.",
                    "quartiles-lie-high",
                ),
            ),
        ),
        reveal="48.25. The three quartiles come out as 48.25, 50.5 and 52.75, and cells cut there "
        "hold 48, 2, 2 and 48 of the hundred numbers.",
    ),
    Prediction(
        "29-rows",
        "The forecasts of the new model are right on average. How are they for the customers in "
        "none of the three cells that grew, those who live as most did before the launches?",
        Choice(
            (
                Option(
                    "right, as they were with the old model",
                    "They are few among the customers of the new window, and the new model was "
                    "fitted to the others.",
                    "average-holds-everywhere",
                ),
                Option(
                    "about a third too low",
                    "The sums were fitted to customers who use much, and give too little here.",
                ),
                Option(
                    "a little too high, to make up for the others",
                    "Something has to make up for something, but here it is the middle that is too "
                    "high.",
                    "errors-cancel-at-the-ends",
                ),
            )
        ),
        reveal="35 % too low; with the old model they were 4 % too high. An average that is right "
        "can be put together from groups that are not.",
    ),
]


def _line_of(good_days, rate) -> tuple[str, Choice]:
    """Which of the good days is the line of an alarm."""
    place = rate * (good_days + 1) // 100
    names = {1: "the largest", 2: "the second largest", 3: "the third largest",
             4: "the fourth largest", 5: "the fifth largest"}  # fmt: skip
    return (
        f"You know {good_days} good days, and a new day may ring with a probability of at most "
        f"{rate} %. Above which of the good days does it ring?",
        Choice(
            (
                Option(
                    names[place],
                    f"{rate} % of {good_days + 1} days, itself among them, are {place}.",
                ),
                Option(
                    names[place + 1],
                    f"Then up to {place} good days and the new one itself reach so far, "
                    f"{place + 1} of {good_days + 1}: more than {rate} %.",
                    "new-week-does-not-count",
                ),
                Option(
                    "the mean plus three standard deviations",
                    "That is a rule for bell curves. Divergences lean to the right, and the rate "
                    "does not even enter.",
                    "divergences-are-normal",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "29-golden",
        "After an alarm the score of the golden set has fallen, and so has that of the rows under "
        "review. What has changed?",
        Choice(
            (
                Option(
                    "the world: other customers come",
                    "The golden set has the same inputs as on the day of release. No customer can "
                    "make it worse.",
                    "golden-sees-the-world",
                ),
                Option(
                    "the system: roll back, then look for the fault",
                    "The same inputs get worse answers.",
                ),
                Option(
                    "nothing that matters: both fell alike",
                    "Both fell against their own score before. That they did so together is the "
                    "sign of a fault.",
                    "drops-alike-cancel",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "29-clears",
        "The model was trained anew on the latest weeks, the baseline was locked on them, and the "
        "alarm has cleared. What has been repaired?",
        Choice(
            (
                Option(
                    "the forecasts: otherwise it would still ring",
                    "The alarm never looked at a forecast.",
                    "alarm-knows-wrong",
                ),
                Option(
                    "that is not known yet: score rows that came after the window",
                    "The baseline moved to today; that alone clears it.",
                ),
                Option(
                    "nothing: a new baseline is a trick",
                    "It may be the right thing. Only its silence is no evidence.",
                    "new-baseline-is-circular",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "29-two-lines",
        "Tomorrow there are a hundred times as many independent rows on both sides. What happens "
        "to the line of the null, and what to the least effect?",
        Choice(
            (
                Option("the first falls to a hundredth, the second stays", "What matters to people "
                       "does not depend on the size of the file."),
                Option(
                    "both fall: more data, finer lines",
                    "A shift that is too small to act on does not become worth acting on.",
                    "effect-shrinks-with-rows",
                ),
                Option(
                    "the first rises: more rows, more noise",
                    "More rows make the shares steadier, so chance makes less of a divergence.",
                    "more-rows-raise-the-line",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "29-parts",
        "A table lies on four machines in unequal parts. What can each of them send so that the "
        "sum, or the mean, is exactly that of the whole table?",
        Choice(
            (
                Option(
                    "its PSI",
                    "Two parts that are off in opposite ways have a PSI each, and together none.",
                    "psi-adds-up",
                ),
                Option(
                    "its shares in locked cells",
                    "A small part would weigh as much as a large one. Its total would have to come "
                    "along, and then these are counts.",
                    "shares-average",
                ),
                Option("its counts in locked cells", "Each row is counted once, somewhere."),
                Option(
                    "its quartiles",
                    "A part sees its own rows only. The mean of quartiles is the quartile of "
                    "nothing.",
                    "quantiles-average",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "29-empty",
        "The file of today is empty. Which exit code should the daily check give?",
        Choice(
            (
                Option(
                    "0: nothing is above the line",
                    "Nothing was looked at, either. A feed that died would be quiet for ever.",
                    "empty-is-quiet",
                ),
                Option(
                    "1: something is wrong",
                    "Something is, but no drift was seen. Whoever comes to look at rows will find "
                    "none.",
                    "empty-is-drift",
                ),
                Option("2: cannot tell", "A code of its own, and work for somebody else."),
            )
        ),
    ),
    ReviewQuestion(
        "29-line",
        *_line_of(39, 5),
        vary=lambda random: _line_of(*random.choice([(39, 5), (19, 5), (59, 5), (29, 10),
                                                     (49, 2)])),
    ),
]  # fmt: skip
