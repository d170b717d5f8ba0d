"""Unit 19: predictions and review questions on scores of forecasts and on calibration."""

import math

from klteach.practice.quiz.items import Band, Choice, Number, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "19-rank",
        "Two models forecast the same events, and the true chances are known. By its expected log "
        "loss model A is the better one. Which is better by its expected Brier score?",
        Choice(
            (
                Option(
                    "A as well: both scores are best for the truth",
                    "Both are best there. How fast they grow away from it is another matter, and "
                    "that is what ranks two models of which none is right.",
                    "proper-scores-agree",
                ),
                Option(
                    "A as well, unless the sample is small",
                    "No sample is in the question: the chances are known, and the two scores still "
                    "weigh errors differently.",
                    "scores-differ-by-noise",
                ),
                Option(
                    "B: Brier rewards what the log loss punishes",
                    "Neither rewards an error. Both are least for the true chances.",
                    "brier-is-the-opposite",
                ),
                Option(
                    "either may be: it depends on where they err",
                    "The log loss looks hard at errors near 0 and 1, Brier at the size of the gap "
                    "alone.",
                ),
            )
        ),
        reveal="Either. Both scores are least for the true chances, but a gap of 0.1 near ½ and "
        "one of 0.01 next to 0 are weighed very differently: Brier sees the gap alone, the log "
        "loss also where it is.",
    ),
    Prediction(
        "19-groups",
        "A score says of each of 168,916 people in a survey how likely it is that they have work. "
        "In every tenth of the scale what it says and what is true differ by less than 2 points. "
        "Now look at the people in group quarters: student halls, shelters, group homes, barracks. "
        "The score gave 110 of them between 70 % and 80 %, on average 75 %. How many per cent of "
        "them have work?",
        Number(
            truth=41.8,
            tolerance=5,
            low=0,
            high=100,
            says="46 of the 110. For them the score promises far too much.",
            bands=(
                Band(
                    70,
                    80,
                    "That is what the score says, and what is true of everybody together. In a "
                    "group it may be off as far as the others make up for it.",
                    "calibrated-in-every-group",
                ),
                Band(
                    80,
                    100,
                    "The errors of a group may go either way. Here the score says too much, not "
                    "too little.",
                    "groups-are-underrated",
                ),
                Band(
                    42,
                    70,
                    "The right way, and the gap is larger: these are few among 168,916, so they "
                    "hardly move the diagram of all.",
                    "group-gaps-are-small",
                ),
                Band(
                    0,
                    42,
                    "Too far: they have work less often than the score says, but not so rarely.",
                    "groups-are-hopeless",
                ),
            ),
            label="Per cent who have work",
            unit="%",
            out_of_range="A percentage lies between 0 and 100.",
        ),
        reveal="42 %: 46 of 110, and chance alone moves that by about 5 points either way. 110 of "
        "the 21,076 people with such a score do not show in the diagram of all.",
    ),
    Prediction(
        "19-say",
        "An event comes 30 times in a hundred. Model A says 10 %, model B says 1 %. Each loses "
        "something beyond what saying 30 % would cost. How many times as much as A does B lose?",
        Choice(
            (
                Option(
                    "by the log loss and by Brier about one and a half times: the gap is 29 points "
                    "in the place of 20",
                    "Neither is proportional to the gap. Brier takes its square, and the log loss "
                    "grows without end as the forecast goes to 0.",
                    "losses-are-linear",
                ),
                Option(
                    "by the log loss about five times, by Brier about twice",
                    "From 10 % to 1 % Brier's square of the gap has not far to go, but every event "
                    "that comes is ten times as surprising.",
                ),
                Option(
                    "by the log loss about twice, by Brier about five times",
                    "The square belongs to Brier, and (29/20)² is 2.1. It is the logarithm that "
                    "has no ceiling here.",
                    "brier-is-the-harsher",
                ),
                Option(
                    "by both about ten times: 1 % is ten times less than 10 %",
                    "Ten times less probable is 2.3 nats more surprising, and only when the event "
                    "comes.",
                    "losses-follow-the-ratio",
                ),
            )
        ),
        reveal="Log loss: 0.7777 nats in the place of 0.1537, five times as much. Brier: 0.0841 in "
        "the place of 0.0400, twice as much.",
    ),
]


def _square_of_the_gap(chance, forecast) -> tuple[str, Choice]:
    """What a forecast costs by the Brier score, both in hundredths."""
    gap = abs(chance - forecast) / 100
    return (
        f"An event comes in {chance} of 100 cases, and a model always says {forecast} %. By how "
        f"much is its expected Brier score above that of saying {chance} %?",
        Choice(
            (
                Option(f"{gap:.2f}", "That is the gap. Brier takes its square.", "brier-is-a-gap"),
                Option(f"{gap**2:.4f}", "The square of the gap, wherever on the scale it is."),
                Option(
                    f"{(forecast / 100) ** 2:.4f}",
                    "That is the square of what was said. What costs is how far it is from how "
                    "often the event comes.",
                    "brier-knows-no-chance",
                ),
            )
        ),
    )


def _after_the_best_map(loss, calibration) -> tuple[str, Choice]:
    """A log loss without its calibration part, both in hundredths of a nat."""
    left = (loss - calibration) / 100
    return (
        f"A model's log loss is {loss / 100:.2f} nats, of which its calibration KL is "
        f"{calibration / 100:.2f}. Somebody maps each of its forecasts to how often the event "
        "comes with it. What is the log loss then?",
        Choice(
            (
                Option(
                    "0 nats: the forecasts are true now",
                    "True forecasts of uncertain events still cost their entropy.",
                    "true-forecasts-cost-nothing",
                ),
                Option(
                    f"{loss / 100:.2f} nats: the model has learnt nothing new",
                    "It knows no more, and it says it better: the calibration KL is gone.",
                    "recalibration-changes-no-loss",
                ),
                Option(f"{left:.2f} nats", "The calibration KL goes to 0, and the rest stays."),
            )
        ),
    )


def _two_definitions(hundredths) -> tuple[str, Choice]:
    """The other definition of a Brier score of one event, in hundredths."""
    one = hundredths / 100
    return (
        f"For an event that comes or not a program prints a Brier score of {one:.2f}, the mean of "
        "(f − y)². Another one adds up over both classes, as Brier did. What does it print for the "
        "same forecasts?",
        Choice(
            (
                Option(
                    f"{one:.2f}: one score has one scale",
                    "There are two in use, and with two classes they differ by a factor of 2.",
                    "brier-has-one-scale",
                ),
                Option(
                    f"{2 * one:.2f}",
                    "Both classes miss by the same amount, so each case counts twice.",
                ),
                Option(
                    f"{one / 2:.2f}",
                    "That would be a mean over the two classes. Brier's own score adds them up.",
                    "brier-averages-the-classes",
                ),
            )
        ),
    )


def _best_under_smoothing(classes, hundredths) -> tuple[str, Choice]:
    """What is best to say of a certain class, with so many hundredths of smoothing."""
    epsilon = hundredths / 100
    best = 1 - epsilon + epsilon / classes
    digits = 1 if round(100 * best, 1) % 1 else 0
    return (
        f"A classifier of {classes} classes is trained with label smoothing {epsilon:g}, as in "
        "PyTorch. For some inputs the class is certain. What is the best that it can say of it?",
        Choice(
            (
                Option(
                    f"{100 * best:.{digits}f} %",
                    "What the smoothed target says: 1 − ε, and its own share of the ε.",
                ),
                Option(
                    "100 %: that is the truth",
                    "The truth is not what the loss asks for any more: the target has been mixed "
                    "with a uniform one.",
                    "smoothing-keeps-the-truth-best",
                ),
                Option(
                    f"{100 * (1 - epsilon):.0f} %",
                    "The uniform part goes to all classes, this one among them.",
                    "smoothing-spares-the-label",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "19-square",
        *_square_of_the_gap(30, 10),
        vary=lambda random: _square_of_the_gap(
            *random.choice([(30, 10), (60, 90), (5, 35), (50, 70)])
        ),
    ),
    ReviewQuestion(
        "19-after",
        *_after_the_best_map(60, 5),
        vary=lambda random: _after_the_best_map(random.randrange(40, 69), random.randrange(3, 19)),
    ),
    ReviewQuestion(
        "19-two-definitions",
        *_two_definitions(18),
        vary=lambda random: _two_definitions(2 * random.randrange(4, 12)),
    ),
    ReviewQuestion(
        "19-smoothing",
        *_best_under_smoothing(10, 10),
        vary=lambda random: _best_under_smoothing(
            random.choice([2, 4, 5, 10, 20]), random.choice([10, 20])
        ),
    ),
    ReviewQuestion(
        "19-temperature",
        "A classifier's logits are divided by a temperature of 3. What stays as it was?",
        Choice(
            (
                Option(
                    "its log loss: only a constant was divided out",
                    "The same logits at another temperature are other forecasts, so they cost "
                    "something else.",
                    "temperature-is-a-unit",
                ),
                Option(
                    "how often its likeliest class is right",
                    "The largest logit stays the largest, so accuracy does not change.",
                ),
                Option(
                    "how far its forecasts keep their word",
                    "That is what a temperature is for: it moves every forecast.",
                    "temperature-keeps-calibration",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "19-never",
        "A model says 0 % of an event in a million cases, and in one of them it comes. What is its "
        "log loss over the million?",
        Choice(
            (
                Option(
                    "infinite",
                    "One surprise of ∞ makes the mean infinite. A finite number comes from a "
                    "library that put something small in the place of 0.",
                ),
                Option(
                    "next to 0: one case in a million does not count",
                    "It counts a millionth of ∞.",
                    "one-case-averages-out",
                ),
                Option(
                    f"about {math.log(1e6):.0f} nats: the logarithm of a million",
                    "That would be the surprise if it had said one in a million.",
                    "zero-is-one-in-n",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "19-base-rate",
        "A model says the same to everybody: how often the event comes on the whole. What is true "
        "of it?",
        Choice(
            (
                Option(
                    "it is badly calibrated, since it tells nobody apart",
                    "To keep one's word and to tell people apart are two things. It keeps its "
                    "word.",
                    "useless-means-uncalibrated",
                ),
                Option(
                    "its calibration KL is 0, so its log loss is as good as it gets",
                    "Its log loss is all of the entropy: nothing is taken off for what forecasts "
                    "tell apart.",
                    "calibrated-means-good",
                ),
                Option(
                    "its calibration KL is 0 and its forecasts tell nothing",
                    "It keeps its word and is worth nothing: calibration alone is no quality.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "19-stopped",
        "A temperature is fitted from 1.5 on, in at most 50 small steps. It ends at 1.71, where "
        "the log loss still falls. What do you know?",
        Choice(
            (
                Option(
                    "that 1.71 is the best, since the optimiser returned it",
                    "It returned where it was when its steps were used up.",
                    "returned-is-converged",
                ),
                Option(
                    "that the best temperature is larger",
                    "The log loss is convex in 1/T: while it falls the best lies ahead.",
                ),
                Option(
                    "that a temperature does not help this model",
                    "It helps as far as it went. The search has not arrived.",
                    "small-change-no-effect",
                ),
            )
        ),
    ),
]
