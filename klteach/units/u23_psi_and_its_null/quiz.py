"""Unit 23: predictions and review questions on PSI, its null, its cells and its windows."""

from klteach.practice.quiz.items import (
    Band,
    Choice,
    Number,
    Option,
    Prediction,
    ReviewQuestion,
)

PREDICTIONS = [
    Prediction(
        "23-null",
        "Nothing has drifted: 200 current rows and 200 rows of the baseline come from one law, and "
        "are counted in ten cells of a tenth each. In how many of 100 such comparisons is PSI "
        "above 0.1?",
        Number(
            truth=35.0,
            tolerance=10.0,
            low=0.0,
            high=100.0,
            label="Of 100",
            out_of_range="Of 100 comparisons it can be 0 to 100.",
            says="A line that a third of all comparisons cross by chance is no alarm.",
            bands=(
                Band(
                    4.0,
                    6.0,
                    "5 % is what one expects of a threshold that was made for 5 %. This one was "
                    "not made for any rate.",
                    "cutoff-means-five-percent",
                ),
                Band(
                    0.0,
                    25.0,
                    "Two samples of one law differ, and PSI adds up their differences over the "
                    "cells: 0.09 on average here.",
                    "same-law-is-zero",
                ),
                Band(
                    45.0,
                    100.0,
                    "PSI without drift is 0.09 on average here, so more than half of the "
                    "comparisons stay below 0.1.",
                    "few-rows-always-alarm",
                ),
            ),
        ),
        reveal="About 35 of 100. Without drift PSI is about (1/n + 1/m) times χ² with 9 degrees of "
        "freedom: 0.09 on average, 35 % lie above 0.1, and 5 % above 0.169. Simulated it is 37 of "
        "100 for the plain shares, and 33 if half a row is added to each cell. With 20 cells more "
        "than 90 of 100 lie above 0.1, with 5 cells about 4.",
    ),
    Prediction(
        "23-asleep",
        "Now there is a real shift: the mean moves by a tenth of a standard deviation. There are "
        "100 000 rows on each side and ten cells. Does PSI pass 0.1?",
        Choice(
            (
                Option(
                    "yes: with so many rows every shift is seen",
                    "It is seen, by a line that falls with the rows. PSI itself does not rise with "
                    "them: it settles.",
                    "more-rows-raise-psi",
                ),
                Option(
                    "in about half of all comparisons",
                    "That would need a PSI of about 0.1. A tenth of a standard deviation makes a "
                    "tenth of that.",
                    "cutoff-is-the-shift",
                ),
                Option(
                    "no, never: PSI is about 0.01",
                    "And that is 29 times the line that 5 % exceed without drift.",
                ),
                Option(
                    "no, and rightly: below 0.1 everything is noise",
                    "With 100 000 rows noise makes 0.0002. This PSI is fifty times as large.",
                    "small-psi-is-noise",
                ),
            )
        ),
        reveal="PSI is 0.0098, give or take 0.001. It never comes near 0.1, although without drift "
        "only 5 % would exceed 0.00034. Whether so small a shift matters is for somebody to say "
        "who knows the column; that it is there is certain.",
    ),
    Prediction(
        "23-refit",
        "Lockdown against 2019, in cells locked on 2019: PSI 4.41. Now each of the two samples is "
        "cut at its own deciles. What is PSI?",
        Choice(
            (
                Option(
                    "about 4.4: the cells are only a way of counting",
                    "They are the ruler. This ruler shrinks with the street.",
                    "cells-do-not-matter",
                ),
                Option(
                    "near 0",
                    "A tenth of the rows is in each own decile, whatever has happened.",
                ),
                Option(
                    "larger: each sample gets the cells that fit it",
                    "They fit so well that nothing is left to see.",
                    "own-cells-are-sharper",
                ),
                Option(
                    "about 2.2: only one side changes its cells",
                    "One side keeps its deciles and the other gets its own, so both hold a tenth "
                    "in each.",
                    "own-cells-halve",
                ),
            )
        ),
        reveal="0.002. Each side holds a tenth of its rows in each of its own deciles, so any two "
        "samples agree. Lock the cells on the baseline, and count whatever comes in them.",
    ),
]


def _more_rows(factor) -> tuple[str, Choice]:
    """The question on a threshold when both sides have `factor` times as many rows."""
    threshold = 0.169 / factor
    return (
        "With 200 rows on each side and ten cells, 5 % of the comparisons without drift have a PSI "
        f"above 0.169. And with {200 * factor} rows on each side?",
        Choice(
            (
                Option(
                    "above 0.169: the shares are the same",
                    "They scatter less. The more rows, the nearer to 0 is PSI without drift.",
                    "psi-cutoff-is-universal",
                ),
                Option(
                    f"above {threshold:.4f}",
                    f"PSI without drift falls like 1/n: {factor} times the rows, a line {factor} "
                    "times as low.",
                ),
                Option(
                    f"above {0.169 / factor**0.5:.4f}",
                    f"That is a fall with the root of {factor}. PSI is made of squares: it falls "
                    f"by {factor}.",
                    "everything-falls-like-a-root",
                ),
                Option(
                    f"above {0.169 * factor:.3f}",
                    "More rows add certainty, not noise: the line falls.",
                    "more-rows-raise-psi",
                ),
            )
        ),
    )


def _degrees(cells) -> tuple[str, Choice]:
    """The question on the average of PSI without drift, with 100 rows on each side."""
    right = (cells - 1) * 0.02
    return (
        f"No drift, 100 rows on each side, {cells} cells. What is PSI on average, roughly?",
        Choice(
            (
                Option(f"{right:.2f}", f"(B − 1)(1/n + 1/m) = {cells - 1} · 0.02."),
                Option("0", "Two samples of one law are not equal.", "same-law-is-zero"),
                Option(
                    f"{right / 2:.2f}",
                    "One side alone would make that. Both are samples: 1/100 + 1/100.",
                    "baseline-is-the-truth",
                ),
                Option(
                    "0.02, whatever the number of cells",
                    f"Each cell but one adds its noise: {cells - 1} times 0.02.",
                    "cells-cost-nothing",
                ),
            )
        ),
    )


def _never_zero(draws) -> tuple[str, Choice]:
    """The question on a p-value when none of the draws reaches the observation."""
    return (
        f"You deal the counts anew {draws} times, and no draw reaches the PSI that you saw. What "
        "is the p-value?",
        Choice(
            (
                Option(
                    "0",
                    f"{draws} draws cannot prove that. Without drift the observation is one more "
                    "draw.",
                    "p-value-of-zero",
                ),
                Option(
                    "it cannot be said: more draws are needed",
                    f"It is 1/{draws + 1}, and a true statement at that. More draws may lower it.",
                    "p-needs-a-hit",
                ),
                Option(f"1/{draws + 1}", "(1 + 0)/(1 + the number of draws)."),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "23-more-rows",
        *_more_rows(4),
        vary=lambda random: _more_rows(random.choice([4, 9, 16, 25])),
    ),
    ReviewQuestion(
        "23-average",
        *_degrees(10),
        vary=lambda random: _degrees(random.choice([5, 8, 10, 16, 20])),
    ),
    ReviewQuestion(
        "23-never-zero",
        *_never_zero(999),
        vary=lambda random: _never_zero(random.choice([99, 199, 499, 999, 1999])),
    ),
    ReviewQuestion(
        "23-monday",
        "Monday mornings of an ordinary year, held against that whole year, have a PSI of 1.05. "
        "What do you do?",
        Choice(
            (
                Option(
                    "raise the cutoff to 1.2",
                    "Then the next lesser drift passes unseen. The comparison is wrong, not the "
                    "line.",
                    "raise-the-cutoff",
                ),
                Option(
                    "average over more Mondays, so that the noise goes",
                    "It is no noise: every morning differs from the nights, and every week anew.",
                    "rhythm-is-noise",
                ),
                Option(
                    "find out what happened on Mondays",
                    "The same that happened on Tuesdays: people came in the morning.",
                    "every-alarm-is-an-event",
                ),
                Option(
                    "hold Monday mornings against other Monday mornings",
                    "Like with like: PSI is 0.02 then.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "23-windows",
        "A permutation null at 5 % alarms in a quarter of ordinary weeks. The likeliest reason?",
        Choice(
            (
                Option(
                    "too few permutations",
                    "More of them make the wrong threshold more exact.",
                    "more-draws-cure-all",
                ),
                Option(
                    "the hours of a week have something in common",
                    "Dealing single rows anew breaks up the weeks, so weeks seem more alike than "
                    "they are.",
                ),
                Option(
                    "5 % is an average, and a quarter is within it",
                    "Of 51 weeks 5 % are two or three. Twelve are no chance.",
                    "rates-are-loose",
                ),
                Option(
                    "the weeks did drift",
                    "If every fourth ordinary week counts as drift, the word is of no use.",
                    "every-alarm-is-an-event",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "23-percentages",
        "Somebody puts percentages, 10 and 25, where fractions belong, 0.1 and 0.25. Their PSI is",
        Choice(
            (
                Option(
                    "the same: only ratios count",
                    "Inside the logarithm. In front of it stands a difference.",
                    "psi-is-ratios-only",
                ),
                Option(
                    "10 000 times as large",
                    "The difference counts once, and the ratio not at all.",
                    "psi-is-a-square",
                ),
                Option("100 times as large", "(p − q) is a hundred times as large, log(p/q) not."),
            )
        ),
    ),
    ReviewQuestion(
        "23-after",
        "A column's PSI is far above a threshold that was calibrated well. What do you know?",
        Choice(
            (
                Option(
                    "that the population of its rows moved",
                    "Whether anything broke is for a look at the rows that moved.",
                ),
                Option(
                    "that the model has become worse",
                    "It may be as good as ever on the new rows. PSI never saw a label.",
                    "drift-is-damage",
                ),
                Option(
                    "that the column is broken",
                    "A closed street and a dead sensor look alike to PSI.",
                    "drift-is-a-fault",
                ),
            )
        ),
    ),
]
