"""Unit 28: predictions and review questions on arms that are, or are not, comparable."""

import math

from klteach.practice.quiz.items import Band, Choice, Number, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "28-eleven",
        "A coin puts 4,000 people into two arms. Eleven covariates are compared, and each has a "
        "band that a coin leaves in 5 % of all experiments. In what per cent of them is at least "
        "one of the eleven outside its band?",
        Number(
            truth=41.2,
            tolerance=5.0,
            low=0.0,
            high=100.0,
            label="Experiments with one outside:",
            unit="%",
            out_of_range="A share of experiments lies between 0 and 100 %.",
            says="A coin promises nothing about a single experiment, and eleven chances are many.",
            bands=(
                Band(
                    0.0,
                    3.0,
                    "A coin makes the arms alike on average over experiments, not in each of them.",
                    "coin-balances-each",
                ),
                Band(
                    3.0,
                    8.0,
                    "That is the rate of one covariate. Here any of eleven is enough.",
                    "rate-of-one-is-the-rate-of-all",
                ),
                Band(
                    46.2,
                    100.0,
                    "11 · 5 % = 0.55 covariates are outside on average. Some "
                    "experiments have two or three, and so more than half have none.",
                    "rates-add-up",
                ),
                Band(
                    8.0,
                    36.2,
                    "The right direction. All eleven stay inside in 0.95 · 0.95 · …, eleven times, "
                    "or a little more often, as covariates hang together.",
                    "many-chances-little-risk",
                ),
            ),
        ),
        reveal="About 41 %, counted in 10,000 tosses for the people of this unit. Eleven "
        "independent covariates would make it 1 − 0.95¹¹ = 43 %; these hang together a little.",
    ),
    Prediction(
        "28-split",
        "A test was to send half of its visitors to each of two pages. It counted 9,463 and 7,681, "
        "that is 55 % and 45 %. Among those, 2.48 % and 2.51 % bought something. What do you "
        "report?",
        Choice(
            (
                Option(
                    "no effect: the rates agree, and 55 to 45 is near enough to a half",
                    "Near in per cent. With 17,144 tosses a coin keeps to within 0.8 points of a "
                    "half.",
                    "small-share-small-matter",
                ),
                Option(
                    "no effect: with so many visitors, a difference of 1,782 is to be expected",
                    "The difference to be expected grows with the root of the number: it is about "
                    "131 here.",
                    "huge-count-forgives",
                ),
                Option(
                    "no effect, once both arms are weighted to the same size",
                    "The rates do not depend on the sizes. What is wrong is *who* is missing, and "
                    "no weight brings them back.",
                    "split-is-repaired-by-weights",
                ),
                Option(
                    "nothing: no coin splits like this, so visitors were lost, and not at random",
                    "Whoever is missing from one arm would have been a part of its rate.",
                ),
            )
        ),
        reveal="A coin does this with a probability of 3·10⁻⁴². The cause was a slow page, which "
        "lost phones and old browsers in one arm. PSI of the split against the plan is 0.011, "
        "which a rule of thumb calls stable.",
    ),
    Prediction(
        "28-classes",
        "Twenty classes of 25 pupils; in eight of them the teacher has a master's degree. An "
        "honest lot puts ten classes into each arm. Then somebody compares the teacher's degree "
        "pupil by pupil, 250 in each arm, with a threshold that rings in 5 % of cases for "
        "independent pupils. In what per cent of lots does it ring?",
        Number(
            truth=65.0,
            tolerance=6.0,
            low=0.0,
            high=100.0,
            label="Lots that ring:",
            unit="%",
            out_of_range="A share of lots lies between 0 and 100 %.",
            says="Only an exact half of the eight degrees in each arm keeps it still.",
            bands=(
                Band(
                    0.0,
                    7.0,
                    "It would, if each pupil had a teacher of their own. Twenty-five pupils share "
                    "one.",
                    "rows-are-independent",
                ),
                Band(
                    7.0,
                    59.0,
                    "More often, indeed. Ask how many degrees the one arm may have more than the "
                    "other before 250 pupils take it for more than chance.",
                    "few-classes-ring-a-little",
                ),
                Band(
                    71.0,
                    100.0,
                    "Not quite: four degrees in each arm, an exact half, is the likeliest lot.",
                    "classes-always-ring",
                ),
            ),
        ),
        reveal="65 %. Four degrees in each arm have a probability of 35 %; already five against "
        "three make a PSI of 0.169, and the threshold for pupils is 0.031.",
    ),
]


def _visitors(per_cent, visitors) -> tuple[str, Choice]:
    """A split off its plan by so many points, seen by PSI and by a test."""
    p = 0.5 + per_cent / 100
    kl = p * math.log(2 * p) + (1 - p) * math.log(2 - 2 * p)
    first = round(visitors * p)
    return (
        f"Planned was half and half; {first:,} and {visitors - first:,} people came. PSI of the "
        f"split against the plan is {2 * kl:.4f}. What do you do?",
        Choice(
            (
                Option(
                    "go on: PSI is far below 0.1",
                    "A cutoff that knows no number of people. All of them together make "
                    f"{visitors * kl:.0f} nats.",
                    "psi-cutoff-is-universal",
                ),
                Option(
                    "weight the arms to equal sizes, and go on",
                    "Weights mend sizes. They do not know who is missing.",
                    "split-is-repaired-by-weights",
                ),
                Option(
                    "stop, and look for where people are lost, before any outcome is read",
                    f"n·KL is {visitors * kl:.0f} nats, and chance seldom makes more than 2.",
                ),
            )
        ),
    )


def _people_needed(thousandths) -> tuple[str, Choice]:
    """From how many people on a split is noticed at 5 %."""
    needed = math.ceil(3.841458820694124 / (2 * thousandths / 1000))
    return (
        f"Two arms, and a fault that makes the split cost {thousandths / 1000:g} nats a person. "
        "From about how many people on does the test of the split ring at 5 %, where 2n·KL has to "
        "reach 3.84?",
        Choice(
            (
                Option(
                    f"{needed:,}",
                    f"{needed:,} · {thousandths / 1000:g} are 1.92 nats, and twice that is 3.84.",
                ),
                Option(
                    f"{round(1000 / thousandths):,}",
                    "These make one nat. It takes 1.92 of them.",
                    "one-over-kl-people",
                ),
                Option(
                    "never: PSI of such a split is far below 0.1, and stays there",
                    "PSI stays where it is. The nats of all people together do not.",
                    "psi-of-a-tenth-people",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "28-split-of-many",
        *_visitors(2, 10_000),
        vary=lambda random: _visitors(random.choice([2, 3, 4]), random.choice([10_000, 20_000])),
    ),
    ReviewQuestion(
        "28-people-needed",
        *_people_needed(2),
        vary=lambda random: _people_needed(random.choice([1, 2, 4, 5, 8])),
    ),
    ReviewQuestion(
        "28-inside",
        "Two hundred people chose the new plan and two hundred the old one. All eleven covariates "
        "are inside their bands. What is known?",
        Choice(
            (
                Option(
                    "the two groups are comparable",
                    "With 400 people the bands are wide, and what nobody asked is in none of them.",
                    "in-the-band-is-proof",
                ),
                Option(
                    "that these eleven do not differ by more than the bands are wide",
                    "That, and no more: not about twelve, and not about smaller differences.",
                ),
                Option(
                    "as the groups are of equal size, that a coin could have made them",
                    "The split says how many, not who.",
                    "half-is-randomised",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "28-one-outside",
        "The coin is sound, the split is fine, and the experiment has run. Of eleven covariates "
        "one is out of balance, with p = 0.03 by itself. What does this say?",
        Choice(
            (
                Option(
                    "that people were not randomised after all",
                    "A coin does this in four experiments of ten, with eleven covariates.",
                    "chance-imbalance-is-a-bug",
                ),
                Option(
                    "nothing about the coin; adjust for the covariate if the plan says so",
                    "11 · 0.03 is 0.33. Whether to adjust was to be settled beforehand, by what "
                    "predicts the outcome.",
                ),
                Option(
                    "adjust for it if the result changes by that, and leave it otherwise",
                    "Then the outcome has chosen the method, and one gets what one hoped for.",
                    "outcome-decides-what-to-adjust",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "28-draw-again",
        "Until when may one draw the arms anew because a covariate is out of balance?",
        Choice(
            (
                Option(
                    "until the outcome has been read",
                    "The treatment has been given by then, to the arms as they were.",
                    "draw-until-it-pleases",
                ),
                Option(
                    "until the experiment starts, by a rule that is written down",
                    "Then the arms are one of the lots that the rule allows, and the analysis "
                    "draws among the same.",
                ),
                Option(
                    "never, since only the first toss is random",
                    "A toss that is kept or not by covariates alone is still blind to the outcome.",
                    "tossing-again-spoils-chance",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "28-larger-classes",
        "Ten classes in each arm by lot, and a covariate that belongs to the teacher. Next year "
        "the classes are twice as large. How often does a threshold that counts pupils ring now?",
        Choice(
            (
                Option(
                    "half as often",
                    "There are as many teachers as before.",
                    "more-pupils-help",
                ),
                Option(
                    "as often as before, or more often",
                    "The threshold falls, and PSI of the teachers stays what it is.",
                ),
                Option(
                    "in 5 % of cases, as there are enough pupils now",
                    "A threshold that counts pupils knows no teachers, whatever their number.",
                    "rows-are-independent",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "28-adjusted",
        "People chose their arm, and the older chose the new one more often. Adjusted for age, the "
        "difference of the outcome is almost 0. What remains open?",
        Choice(
            (
                Option(
                    "nothing: adjusted is as good as randomised",
                    "A coin balances what nobody measured, too, on average. Adjusting does not.",
                    "adjusting-is-randomising",
                ),
                Option(
                    "whether they differ in something that age does not know",
                    "Adjusting compares like with like only as far as one has measured.",
                ),
                Option(
                    "everything: such groups cannot be compared at all",
                    "They can, with an assumption that has to be said aloud.",
                    "nothing-can-be-adjusted",
                ),
            )
        ),
    ),
]
