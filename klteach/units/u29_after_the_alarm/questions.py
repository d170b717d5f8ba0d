"""The questions of unit 29: counts of parts, a calibrated line, a daily check, a decision."""

import math

import numpy as np

from klteach.practice.common_mistakes import SMALL_NUMBERS, special
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns

LESSON = "29_after_the_alarm"


# E1: PSI of a table that lies in parts


def psi(p, q):
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def shares(counts):
    return counts / counts.sum(axis=-1, keepdims=True)


def smoothed(counts):
    return shares(counts + 0.5)


def psi_of_parts(parts, baseline):
    return psi(smoothed(parts.sum(axis=0)), smoothed(baseline))


def _of_each(parts, baseline):
    """PSI of each part from the baseline."""
    return psi(smoothed(parts), smoothed(baseline))


def _unsmoothed(parts, baseline):
    """What the plain shares give: ∞ where a cell is empty on one side."""
    p, q = shares(parts.sum(axis=0)), shares(baseline)
    used = (p > 0) | (q > 0)
    with np.errstate(divide="ignore"):
        return psi(p[used], q[used])


def _only_where_both(parts, baseline):
    p, q = shares(parts.sum(axis=0)), shares(baseline)
    both = (p > 0) & (q > 0)
    return psi(p[both], q[both])


def tables_in_parts(random):
    """Parts of unlike sizes and unlike shares; cells that are empty in some parts, or in all."""
    cases = []
    for many, cells, rows in ((2, 4, 60), (3, 5, 200), (5, 3, 40), (4, 6, 900)):
        law = random.dirichlet(np.full(cells, 2.0))
        each = [
            random.multinomial(random.integers(5, rows), random.dirichlet(8 * law + 0.3))
            for _ in range(many)
        ]
        cases.append(case(each, random.multinomial(3 * rows, random.dirichlet(8 * law + 0.3)) + 1))
    return [
        *cases,
        case([[3, 0, 1], [0, 0, 4], [90, 0, 10]], [40, 3, 57], label="a cell that is empty today"),
        case([[5, 2, 0, 1], [2, 9, 4, 0]], [10, 0, 8, 12], label="a cell the baseline never saw"),
        case([[7, 1, 12]], [20, 30, 50], label="one part"),
    ]


PSI_OF_PARTS = Question(
    "psi_of_parts",
    points=2,
    reference=psi_of_parts,
    unit="nats",
    visible=[
        case([[8, 2], [10, 80]], [50, 50], label="a small part and a large one"),
        case([[4, 0, 6], [0, 3, 7]], [5, 5, 10], label="parts with empty cells"),
    ],
    inputs=[tables_in_parts],
    mistakes=[
        Mistake(
            "mean of the parts",
            lambda parts, baseline: _of_each(parts, baseline).mean(),
            "You took PSI of each part and averaged. PSI is no sum over rows, so it does not add "
            "up over parts, and the noise of small parts stays in. Counts do: merge them first.",
        ),
        Mistake(
            "mean weighted by rows",
            lambda parts, baseline: np.average(
                _of_each(parts, baseline), weights=parts.sum(axis=1)
            ),
            "You took PSI of each part and averaged, weighted by rows. Even so it is not the PSI "
            "of the whole: two parts that are off in opposite ways would not cancel. Merge the "
            "counts first.",
        ),
        Mistake(
            "sum of the parts",
            lambda parts, baseline: _of_each(parts, baseline).sum(),
            "You added up the PSI of the parts. Counts of parts add up; PSI does not. Merge the "
            "counts first, then take PSI once.",
        ),
        Mistake(
            "shares averaged",
            (
                lambda parts, baseline: psi(smoothed(parts).mean(axis=0), smoothed(baseline)),
                lambda parts, baseline: psi(
                    smoothed(shares(parts).mean(axis=0) * parts.sum()), smoothed(baseline)
                ),
                lambda parts, baseline: psi(
                    smoothed(shares(parts).mean(axis=0)), smoothed(baseline)
                ),
                lambda parts, baseline: psi(
                    smoothed(shares(parts).sum(axis=0)), smoothed(baseline)
                ),
                lambda parts, baseline: psi(shares(parts).mean(axis=0), shares(baseline)),
            ),
            "You averaged the shares of the parts, so a part with ten rows weighs as much as one "
            "with a thousand. Add up the counts, and divide once.",
        ),
        Mistake(
            "half a row in each part",
            lambda parts, baseline: psi(shares((parts + 0.5).sum(axis=0)), smoothed(baseline)),
            "Half a row was added for each part, or to the mean of the parts, which comes to the "
            "same: the more machines count, the more it weighs. Merge first, smooth once; the "
            "result must not depend on how the table was cut.",
        ),
        Mistake(
            "not smoothed",
            _unsmoothed,
            "No half row was added. It belongs to each cell, on both sides, after merging.",
        ),
        Mistake(
            "half a row in empty cells alone",
            lambda parts, baseline: psi(
                *(shares(np.where(side == 0, 0.5, side)) for side in (parts.sum(axis=0), baseline))
            ),
            "Half a row was put into the empty cells alone. It is added to every cell of both "
            "sides, so that all cells are treated alike.",
        ),
        Mistake(
            "another small number",
            tuple(
                lambda parts, baseline, how=how, small=small: psi(
                    *(how(shares(side), small) for side in (parts.sum(axis=0), baseline))
                )
                for small in (0.01, *SMALL_NUMBERS)
                for how in (np.maximum, np.add, lambda p, least: np.where(p == 0, least, p))
            ),
            "A small number of another kind, added to the shares or put in the place of a 0. How "
            "far an empty cell counts then hangs on that number. The question asks for half a row "
            "in each cell.",
        ),
        Mistake(
            "all cells together",
            lambda parts, baseline: psi(
                np.array([parts.sum() + 0.5]), np.array([baseline.sum() + 0.5])
            ),
            "The cells were added up as well, so one number of rows is compared with another. Add "
            "along `axis=0` only, over the parts.",
        ),
        Mistake(
            "sum of differences",
            tuple(
                lambda parts, baseline, half=half: (
                    half * abs(smoothed(parts.sum(axis=0)) - smoothed(baseline)).sum()
                )
                for half in (1, 0.5)
            ),
            "Right shares, but their differences were added up, without the logarithm: that is "
            "total variation, or twice it. PSI weighs each difference with log(p/q).",
        ),
        Mistake(
            "empty cells left out",
            (
                _only_where_both,
                lambda parts, baseline: psi(
                    *(
                        smoothed(side[(parts.sum(axis=0) > 0) & (baseline > 0)])
                        for side in (parts.sum(axis=0), baseline)
                    )
                ),
            ),
            "Cells that are empty on one side were left out, and they are the ones to worry about. "
            "Half a row in each cell keeps them in.",
        ),
        Mistake(
            "smoothed on one side",
            (
                lambda parts, baseline: psi(shares(parts.sum(axis=0) + 0.5), shares(baseline)),
                lambda parts, baseline: psi(shares(parts.sum(axis=0)), smoothed(baseline)),
            ),
            "Half a row was added on one side only. Both sides get it, or the smoothing itself is "
            "a difference.",
        ),
        Mistake(
            "half added to the shares",
            (
                lambda parts, baseline: psi(
                    shares(parts.sum(axis=0)) + 0.5, shares(baseline) + 0.5
                ),
                lambda parts, baseline: psi(
                    smoothed(shares(parts.sum(axis=0))), smoothed(shares(baseline))
                ),
            ),
            "The half was added to shares, where it is half of everything. Half a *row* is added "
            "to the counts, before they are divided.",
        ),
        Mistake(
            "a whole row",
            lambda parts, baseline: psi(shares(parts.sum(axis=0) + 1), shares(baseline + 1)),
            "A whole row was added to each cell. The question asks for half a row.",
        ),
        Mistake(
            "divided by rows without the half ones",
            lambda parts, baseline: psi(
                (parts.sum(axis=0) + 0.5) / parts.sum(), (baseline + 0.5) / baseline.sum()
            ),
            "The half rows are in the cells and not in the total, so the shares sum to more than "
            "1. Divide by the sum of what you divide.",
        ),
        Mistake(
            "one direction",
            lambda parts, baseline: (
                special().rel_entr(smoothed(parts.sum(axis=0)), smoothed(baseline)).sum()
            ),
            "That is KL of today from the baseline alone. PSI has both directions: "
            "Σ (p - q) log(p/q).",
        ),
        Mistake(
            "the other direction",
            lambda parts, baseline: (
                special().rel_entr(smoothed(baseline), smoothed(parts.sum(axis=0))).sum()
            ),
            "That is KL of the baseline from today alone. PSI has both directions: "
            "Σ (p - q) log(p/q).",
        ),
        Mistake(
            "counts for shares",
            lambda parts, baseline: psi(parts.sum(axis=0) + 0.5, baseline + 0.5),
            "Counts went into a formula for shares, so the number grows with the rows. Divide each "
            "side by its total.",
        ),
        Mistake(
            "one part only",
            (
                lambda parts, baseline: _of_each(parts, baseline)[0],
                lambda parts, baseline: _of_each(parts, baseline)[-1],
            ),
            "One part only went in, the first or the last. Is there a `return` inside the loop, or "
            "is the total overwritten each time round?",
        ),
        Mistake(
            "largest of the parts",
            lambda parts, baseline: _of_each(parts, baseline).max(),
            "That is the part that is furthest out. With many small parts one of them always is. "
            "Merge the counts first.",
        ),
        Mistake(
            "mean over cells",
            lambda parts, baseline: psi_of_parts(parts, baseline) / len(baseline),
            "The right terms, and their mean. PSI is their sum over the cells.",
        ),
        Mistake(
            "sign",
            lambda parts, baseline: -psi_of_parts(parts, baseline),
            "The right size with the wrong sign: (q - p) log(p/q) is never positive.",
        ),
    ],
    hints=[
        "Somebody cuts the same table into twice as many parts. What must not change?",
        "Counts of the whole: the sum of the parts, cell by cell. Then half a row to each cell of "
        "both sides, shares, Σ (p - q) log(p/q)",
        "`today = parts.sum(axis=0)`, "
        "`p = (today + 0.5) / np.sum(today + 0.5)`, "
        "`q = (baseline + 0.5) / np.sum(baseline + 0.5)`, "
        "then `return np.sum((p - q) * np.log(p / q))`",
    ],
    insight="Each machine sends a handful of counts, whatever its table weighs, and what comes out "
    "is the number of the whole table to the last unit.",
    lesson=LESSON,
    exchangeable=False,
)


# E2: the line above which a day alarms


def quiet_days(random):
    """Known-good values; rates for which none, one or several of them may be reached."""
    cases = []
    for days, rate in ((19, 0.05), (39, 0.05), (50, 0.1), (15, 0.125), (31, 0.25), (27, 0.1)):
        null = random.gamma(4, 0.005, days)
        for share in (0.3, 1.2):
            cases.append(case(null, rate, share * float(np.sort(null)[-max(1, days // 12)])))
    return [
        *cases,
        case(random.gamma(4, 0.005, 18), 0.05, 0.01, label="one good day too few"),
        case(random.gamma(4, 0.005, 6), 0.125, 0.5, label="six good days"),
    ]


def _allowed(null, rate):
    return math.floor(rate * (len(null) + 1))


def _largest(null, place):
    """The value at this place from the top, 1 for the largest; ∞ above it."""
    if place < 1:
        return math.inf
    return float(np.sort(null)[-min(place, len(null))])


def alarm_line(null, rate, least_effect):
    return max(_largest(null, _allowed(null, rate)), least_effect)


def _line_of(place, too_few=math.inf):
    """A mistake in the place that is taken; its line is combined with the least effect."""

    def wrong(null, rate, least_effect):
        found = place(null, rate)
        line = too_few if found < 1 else _largest(null, found)
        return max(line, least_effect)

    return wrong


def _with_least(line):
    """A line that is made in another way, alone and together with the least effect."""
    return (
        lambda null, rate, least_effect: max(line(null, rate), least_effect),
        lambda null, rate, least_effect: line(null, rate),
    )


ALARM_LINE = Question(
    "alarm_line",
    points=2,
    reference=alarm_line,
    visible=[
        case(
            [0.02, 0.05, 0.01, 0.04, 0.03, 0.06, 0.015],
            0.25,
            0.01,
            label="seven good days, at 25 %",
        ),
        case(
            [0.02, 0.05, 0.01, 0.04, 0.03, 0.06, 0.015],
            0.25,
            0.1,
            label="a least effect above all of them",
        ),
        case([0.02, 0.05, 0.01], 0.05, 0.01, label="three good days, at 5 %"),
    ],
    inputs=[quiet_days],
    mistakes=[
        Mistake(
            "quantile",
            tuple(
                line
                for method in ("linear", "higher")
                for line in _with_least(
                    lambda null, rate, method=method: float(
                        np.quantile(null, 1 - rate, method=method)
                    )
                )
            ),
            "That is a quantile of the good days alone. It forgets that the new day counts as "
            "well, and gives a line even where they are too few for one. Where is p = "
            "(1 + number of days ≥ x) / (1 + days) still at most the rate?",
        ),
        Mistake(
            "quantile, with enough days",
            tuple(
                lambda null, rate, least_effect, method=method: (
                    max(float(np.quantile(null, 1 - rate, method=method)), least_effect)
                    if _allowed(null, rate)
                    else math.inf
                )
                for method in ("linear", "higher", "inverted_cdf")
            ),
            "That is a quantile of the good days alone, wherever there are enough of them. It "
            "forgets that the new day counts as well: where is p = (1 + number of days ≥ x) / "
            "(1 + days) still at most the rate?",
        ),
        Mistake(
            "least effect ignored",
            lambda null, rate, least_effect: _largest(null, _allowed(null, rate)),
            "The line of the null alone. A day must be above two things: what chance makes, and "
            "what is too small to act on.",
        ),
        Mistake(
            "least effect only",
            lambda null, rate, least_effect: least_effect,
            "The least effect alone: a fixed cutoff again. Where it lies below what good days make "
            "of themselves, they will ring.",
        ),
        Mistake(
            "smaller of the two",
            (
                lambda null, rate, least_effect: min(
                    _largest(null, _allowed(null, rate)), least_effect
                ),
                lambda null, rate, least_effect: (
                    min(_largest(null, _allowed(null, rate)), least_effect)
                    if _allowed(null, rate) >= 1
                    else math.inf
                ),
            ),
            "The smaller of the two lines, so it is enough to pass one of them. An alarm needs "
            "both: more than chance *and* large enough to matter.",
        ),
        Mistake(
            "added",
            lambda null, rate, least_effect: _largest(null, _allowed(null, rate)) + least_effect,
            "The two lines were added. A day has to pass each of them, not the sum.",
        ),
        Mistake(
            "new day does not count",
            _line_of(lambda null, rate: math.floor(rate * len(null))),
            "The rate was multiplied by the number of good days. The new day is one of the days, "
            "so it is rate · (1 + days).",
        ),
        Mistake(
            "largest value",
            (
                lambda null, rate, least_effect: max(null.max(), least_effect),
                lambda null, rate, least_effect: null.max(),
            ),
            "The largest good day is the line, whatever the rate and however few the days. At a "
            "higher rate more of them may be passed, and with too few days none is enough.",
        ),
        Mistake(
            "too few days and still a line",
            (
                _line_of(lambda null, rate: max(_allowed(null, rate), 1)),
                _line_of(_allowed, too_few=0.0),
            ),
            "With so few good days no p-value can fall to the rate, and your answer still gives a "
            "line that can be passed. No alarm is possible there: `np.inf`.",
        ),
        Mistake(
            "one place too low",
            (
                _line_of(lambda null, rate: _allowed(null, rate) + 1),
                _line_of(
                    lambda null, rate: _allowed(null, rate) + (1 if _allowed(null, rate) else 0)
                ),
            ),
            "One place too far down: a day just above your line is reached by too many good days, "
            "and with itself its p-value is above the rate.",
        ),
        Mistake(
            "one place too high",
            _line_of(lambda null, rate: _allowed(null, rate) - 1),
            "One place too far up: a day just below your line would already have a p-value at the "
            "rate.",
        ),
        Mistake(
            "rounded",
            (
                _line_of(lambda null, rate: round(rate * (len(null) + 1))),
                _line_of(lambda null, rate: math.ceil(rate * (len(null) + 1))),
            ),
            "rate · (1 + days) was rounded up. p may not be above the rate, so it is rounded down.",
        ),
        Mistake(
            "wrong tail",
            lambda null, rate, least_effect: max(
                float(np.sort(null)[_allowed(null, rate) - 1])
                if _allowed(null, rate) >= 1
                else math.inf,
                least_effect,
            ),
            "That place was counted from the smallest. A day is odd if it is *far* from the "
            "others, so count from the largest.",
        ),
        Mistake(
            "not sorted",
            lambda null, rate, least_effect: max(
                float(null[-_allowed(null, rate)]) if _allowed(null, rate) >= 1 else math.inf,
                least_effect,
            ),
            "A place was counted from the end, but the good days stand in no order. Sort them "
            "first.",
        ),
        Mistake(
            "mean and standard deviations",
            tuple(
                line
                for freedom in (0, 1)
                for line in _with_least(
                    lambda null, rate, freedom=freedom: float(
                        null.mean() + special().ndtri(1 - rate) * null.std(ddof=freedom)
                    )
                )
            )
            + tuple(
                line
                for many in (2, 3, 1.645, 1.96)
                for freedom in (0, 1)
                for line in _with_least(
                    lambda null, rate, many=many, freedom=freedom: float(
                        null.mean() + many * null.std(ddof=freedom)
                    )
                )
            ),
            "The mean and a few standard deviations: a rule for bell curves. Divergences are never "
            "negative and lean to the right. Count good days.",
        ),
    ],
    hints=[
        "Write the p-value of a new day in words. How many good days may reach it before the "
        "p-value is above the rate?",
        "p = (1 + #{null ≥ x}) / (1 + W) ≤ rate, so x must be above the k-th largest, "
        "k = floor(rate · (1 + W)); with k = 0 there is none",
        "`k = int(rate * (1 + len(null)))`, `if k < 1: return np.inf`, "
        "then `return max(np.sort(null)[-k], least_effect)`",
    ],
    insight="Two lines, two questions: what chance makes of good days, and what is worth waking "
    "somebody for. More rows lower the first and never the second.",
    lesson=LESSON,
    exchangeable=False,
)


# E3: the exit codes of a daily check


QUIET, ALARM, CANNOT_TELL = 0, 1, 2


def daily_check(values, rows, line, least_rows):
    return _codes(values, rows, line, least_rows)


def _codes(
    values,
    rows,
    line,
    least_rows,
    few=CANNOT_TELL,
    no_line=CANNOT_TELL,
    above=lambda values, line: values > line,
    below=lambda rows, least: rows < least,
):
    codes = np.where(above(values, line), ALARM, QUIET)
    if math.isinf(line):
        codes = np.full(len(codes), no_line)
    if few is not None:
        codes = np.where(below(rows, least_rows), few, codes)
    return codes


def _coded(**changes):
    return lambda values, rows, line, least_rows: _codes(values, rows, line, least_rows, **changes)


def _renamed(*names):
    """The right verdicts under other codes."""
    return lambda *arguments: np.array(names)[daily_check(*arguments)]


def fortnights(random):
    """Days of every kind, some exactly on the line, some with exactly enough rows."""
    cases = []
    for days in (7, 14, 14):
        values = random.gamma(2, 0.04, days)
        rows = random.integers(150, 900, days)
        line, least = float(np.round(values[1], 3)), int(rows[2])
        values[1], values[2] = line, 3 * line
        rows[3], values[3] = least - 1, 4 * line  # loud, and too few rows
        rows[4], values[4] = least // 2, line / 4  # quiet, and too few rows
        rows[1] = rows[5] = 2 * least
        values[5], values[6] = math.inf, line / 2
        rows[0], values[0] = 3 * least, 2 * line
        rows[6] = 2 * least
        cases.append(case(values, rows, line, least))
    return [
        *cases,
        case([0.3, 0.02, 0.9], [400, 300, 20], math.inf, 50, label="too few good days for a line"),
        case([0.5, 0.02], [0, 300], 0.1, 50, label="a day without rows"),
    ]


EACH_DAY = Returns("an array with one code per day", lambda values, *_: np.shape(values))

DAILY_CHECK = Question(
    "daily_check",
    points=2,
    reference=daily_check,
    returns=EACH_DAY,
    visible=[
        case([0.02, 0.3, 0.3], [400, 400, 12], 0.1, 50, label="a good day, a drift, a few rows"),
        case([math.inf, 0.05], [400, 50], 0.1, 50, label="an infinite day, a day with 50 rows"),
        case([0.02, 0.3], [400, 400], math.inf, 50, label="no line, as good days are too few"),
    ],
    inputs=[fortnights],
    mistakes=[
        Mistake(
            "too few rows are quiet",
            _coded(few=QUIET),
            "A day with too few rows was called quiet. Nothing was seen, and nobody looked closely "
            "enough to say so: 2.",
        ),
        Mistake(
            "too few rows not asked for",
            (_coded(few=None), _coded(few=None, no_line=QUIET)),
            "Days with too few rows were judged like the others. Eight rows can be as far out as "
            "you like by chance: ask for the rows first.",
        ),
        Mistake(
            "alarm before rows",
            (
                lambda values, rows, line, least_rows: np.where(
                    values > line, ALARM, daily_check(values, rows, line, least_rows)
                ),
                lambda values, rows, line, least_rows: np.where(
                    values > line,
                    ALARM,
                    np.where((rows < least_rows) | math.isinf(line), CANNOT_TELL, QUIET),
                ),
                lambda values, rows, line, least_rows: np.where(
                    values > line, ALARM, np.where(rows < least_rows, CANNOT_TELL, QUIET)
                ),
            ),
            "The alarm was asked for before the rows, so a loud day with too few rows rings. "
            "Whether it can be judged comes first.",
        ),
        Mistake(
            "no line is quiet",
            _coded(no_line=QUIET),
            "Nothing is above an infinite line, so every day was called quiet. With too few good "
            "days there is no line, and the check cannot tell.",
        ),
        Mistake(
            "on the line",
            _coded(above=lambda values, line: values >= line),
            "A day exactly on the line rings. The question asks for days above it.",
        ),
        Mistake(
            "exactly enough rows",
            _coded(below=lambda rows, least: rows <= least),
            "A day with exactly `least_rows` rows was refused. So many are enough.",
        ),
        Mistake(
            "below the line",
            _coded(above=lambda values, line: values < line),
            "The comparison is the wrong way round: days below the line ring, and those above it "
            "are quiet.",
        ),
        Mistake(
            "1 and 2 exchanged",
            _renamed(0, 2, 1),
            "The right verdicts, and the codes of two of them exchanged: 1 is drift, 2 is “cannot "
            "tell”.",
        ),
        Mistake(
            "0 and 1 exchanged",
            _renamed(1, 0, 2),
            "The right verdicts, and two codes exchanged. For a shell 0 is success: nothing to do.",
        ),
        Mistake(
            "minus one",
            (_renamed(0, 1, -1), _renamed(0, 1, 3)),
            "The right verdicts, but “cannot tell” has another code in your answer. Here it is 2.",
        ),
        Mistake(
            "cannot tell is an alarm",
            _renamed(0, 1, 1),
            "“Cannot tell” rings like a drift. They lead to different work: somebody looks at the "
            "rows, or somebody looks for the file. It has a code of its own, 2.",
        ),
        Mistake(
            "cannot tell is quiet",
            _renamed(0, 1, 0),
            "“Cannot tell” is passed off as quiet, wherever it occurs. It has a code of its own, "
            "2.",
        ),
    ],
    hints=[
        "Which question comes first: is it far out, or can it be judged at all?",
        "2 where rows < least_rows, and everywhere if the line is infinite; else 1 where "
        "value > line, else 0",
        "`codes = np.where(values > line, 1, 0)`, "
        "`unknown = (rows < least_rows) | np.isinf(line)`, "
        "then `return np.where(unknown, 2, codes)`",
    ],
    insight="Three answers, not two. A check that crashed, an empty file and a day that is all "
    "right are different mornings.",
    lesson=LESSON,
    section="By code",
    exchangeable=False,
)


# E4: what to do about a confirmed alarm


NOTHING, RETRAIN, ROLL_BACK = 0, 1, 2
ALARMS = 6


def decide(golden, golden_before, review, review_before, least):
    return _decided(golden_before - golden >= least, review_before - review >= least)


def _decided(system, world):
    return np.where(system, ROLL_BACK, np.where(world, RETRAIN, NOTHING))


def alarms_of(random):
    """Six alarms each: drops of either, both, none, exactly the least one, and rises."""
    cases = []
    for least in (0.0625, 0.125, 0.03125):
        before, review_before = random.integers(36, 47, (2, ALARMS)) / 64
        drops = least * np.array([0, 3, 0.5, 2, 1, -2])
        falls = least * np.array([2.5, 1.5, 1, 4, 0.5, 0.25])
        order = random.permutation(ALARMS)
        cases.append(
            case(
                (before - drops)[order], before[order],
                (review_before - falls)[order], review_before[order], least,
            )
        )  # fmt: skip
    return [
        *cases,
        # the level of the rows is another one than that of the golden set, before and after
        case(
            [0.9375, 0.9375, 0.5, 0.75, 0.9375, 0.875],
            [0.9375, 0.9375, 0.5, 0.9375, 0.9375, 0.9375],
            [0.5, 0.625, 0.875, 0.5, 0.75, 0.9375],
            [0.5, 0.9375, 0.875, 0.5, 0.8125, 0.75],
            0.125,
            label="rows that were always harder",
        ),
        case(
            [0.25, 0.25, 0.25, 0.1875, 0.25, 0.5],
            [0.25, 0.25, 0.3125, 0.25, 0.25, 0.4375],
            [0.1875, 0.25, 0.25, 0.25, 0.375, 0.25],
            [0.25, 0.25, 0.25, 0.25, 0.25, 0.28125],
            0.0625,
            label="low scores throughout",
        ),
    ]


def _with(system=None, world=None):
    """A mistake in one of the two questions; the other one is asked as it should be."""

    def wrong(golden, golden_before, review, review_before, least):
        given = golden, golden_before, review, review_before, least
        first = golden_before - golden >= least if system is None else system(*given)
        second = review_before - review >= least if world is None else world(*given)
        return _decided(first, second)

    return wrong


def _both(rule):
    """The same wrong rule in both questions."""
    return _with(
        lambda golden, golden_before, review, review_before, least: rule(
            golden, golden_before, least
        ),
        lambda golden, golden_before, review, review_before, least: rule(
            review, review_before, least
        ),
    )


def _never(golden, *_):
    return np.zeros(len(golden), dtype=bool)


def _rows_first(golden, golden_before, review, review_before, least):
    system, world = golden_before - golden >= least, review_before - review >= least
    return np.where(world, RETRAIN, np.where(system, ROLL_BACK, NOTHING))


DECIDE = Question(
    "decide",
    points=2,
    reference=decide,
    returns=Returns("an array with one code per alarm", lambda golden, *_: np.shape(golden)),
    visible=[
        case(
            [0.96, 0.96, 0.8, 0.8, 0.96, 0.97],
            [0.96, 0.96, 0.96, 0.96, 0.96, 0.96],
            [0.95, 0.1, 0.5, 0.95, 0.93, 0.97],
            [0.95, 0.95, 0.95, 0.95, 0.95, 0.95],
            0.05,
            label="six alarms, a drop of 0.05 matters",
        ),
    ],
    inputs=[alarms_of],
    mistakes=[
        Mistake(
            "golden set not asked",
            _with(system=_never),
            "The golden set was not asked. Where its score has fallen, the same inputs get worse "
            "answers than before, so something of yours has changed, and training anew would learn "
            "the fault.",
        ),
        Mistake(
            "rows first",
            _rows_first,
            "Where both scores fell you retrain. A drop of the golden set comes first: a fault of "
            "the system harms the rows, too.",
        ),
        Mistake(
            "larger drop decides",
            lambda golden, golden_before, review, review_before, least: np.where(
                np.maximum(golden_before - golden, review_before - review) < least,
                NOTHING,
                np.where(golden_before - golden >= review_before - review, ROLL_BACK, RETRAIN),
            ),
            "Where both scores fell, the larger drop decided. However far the rows fell: a drop of "
            "the golden set comes first.",
        ),
        Mistake(
            "codes added",
            lambda golden, golden_before, review, review_before, least: (
                2 * (golden_before - golden >= least) + (review_before - review >= least)
            ),
            "Where both scores fell, the two codes were added. It is one decision: roll back, 2.",
        ),
        Mistake(
            "each against the other before",
            lambda golden, golden_before, review, review_before, least: _decided(
                golden_before - review >= least, review_before - golden >= least
            ),
            "The golden set and the rows under review were mixed up: each was held against the "
            "other's score before. Hold each against its own.",
        ),
        Mistake(
            "roll back only if both fell",
            lambda *given: np.where(
                (decide(*given) == ROLL_BACK) & (given[3] - given[2] < given[4]),
                NOTHING,
                decide(*given),
            ),
            "Where the golden set fell and the rows under review did not, you do nothing. The same "
            "inputs got worse answers: that alone is enough to roll back.",
        ),
        Mistake(
            "rows not asked",
            _with(world=_never),
            "The rows under review were not asked. The golden set is old: it cannot tell how the "
            "model does on those who came lately.",
        ),
        Mistake(
            "always retrain",
            (
                _with(world=lambda golden, *_: np.ones(len(golden), dtype=bool)),
                lambda golden, *_: np.full(len(golden), RETRAIN),
            ),
            "An alarm alone was enough to retrain. It says that the population moved; where no "
            "score fell there is nothing to repair.",
        ),
        Mistake(
            "a drop of exactly the least",
            _both(lambda now, before, least: before - now > least),
            "A drop of exactly `least` was let pass. The question says at least.",
        ),
        Mistake(
            "sign",
            _both(lambda now, before, least: now - before >= least),
            "The difference is the wrong way round: a score that *rose* counts as a drop.",
        ),
        Mistake(
            "any change",
            _both(lambda now, before, least: abs(now - before) >= least),
            "A score that rose by so much counts as a drop in your answer. Which way has it to "
            "move?",
        ),
        Mistake(
            "relative drop",
            _both(lambda now, before, least: (before - now) / before >= least),
            "The drop was divided by the score before, so low scores drop more easily. The "
            "question asks for the difference.",
        ),
        Mistake(
            "any drop",
            _both(lambda now, before, least: before - now > 0),
            "Every drop counts, however small, so noise decides. Only one of at least `least` "
            "matters.",
        ),
        Mistake(
            "levels instead of drops",
            (
                _both(lambda now, before, least: now < 1 - least),
                _both(lambda now, before, least: now <= 1 - least),
            ),
            "The scores of today were compared with a level. Some rows are harder than others and "
            "always were: ask how far each score fell from where it was before.",
        ),
        Mistake(
            "rows against the golden set",
            (
                _with(
                    world=lambda golden, golden_before, review, review_before, least: (
                        golden - review >= least
                    )
                ),
                _with(
                    world=lambda golden, golden_before, review, review_before, least: (
                        golden_before - review >= least
                    )
                ),
            ),
            "The rows under review were held against the golden set. Perhaps they were always "
            "harder: hold them against their own score before.",
        ),
        Mistake(
            "decisions exchanged",
            lambda *given: np.array([NOTHING, ROLL_BACK, RETRAIN])[decide(*given)],
            "The right questions, and the two decisions exchanged. A golden set that falls means "
            "that the system changed (2, roll back); rows that fall alone, that the world "
            "did (1, retrain).",
        ),
        Mistake(
            "codes turned round",
            lambda *given: 2 - decide(*given),
            "The right decisions, their codes turned round: 0 is for nothing, 1 for retrain, 2 for "
            "roll back.",
        ),
    ],
    hints=[
        "The golden set has the same inputs every day. If its score falls, who has changed?",
        "2 where golden_before - golden ≥ least; else 1 where review_before - review ≥ least; "
        "else 0",
        "`system = golden_before - golden >= least`, `world = review_before - review >= least`, "
        "then `return np.where(system, 2, np.where(world, 1, 0))`",
    ],
    insight="A golden set tells a changed world from a changed system, which no divergence of "
    "today's data can.",
    lesson=LESSON,
    exchangeable=False,
)


QUESTIONS = [PSI_OF_PARTS, ALARM_LINE, DAILY_CHECK, DECIDE]
