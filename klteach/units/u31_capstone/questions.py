"""The questions of unit 31: six briefs, the floor of a loss, and a day's verdict."""

import math
from dataclasses import replace

import numpy as np

from klteach.practice.evidence import Evidence, Found
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import named_numbers
from klteach.units.u31_capstone.briefs import BRIEFS, LESSON

# E7: the floor of a distillation loss


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def entropies(p):
    """The entropy of each row, in nats."""
    return -np.sum(p * np.log(np.where(p > 0, p, 1)), axis=-1)


def floor_of_loss(logits, temperature):
    return temperature**2 * entropies(softmax(logits / temperature)).mean()


def teachers(random):
    """Logits of several images; a single image; logits that overflow; temperatures below 1."""
    return [
        case(random.normal(0, 3, (4, 5)), 4.0),
        case(random.normal(0, 5, (6, 3)), 2.5),
        case(random.normal(2, 1, (3, 8)), 1.5),
        case(random.normal(0, 4, (2, 4)), 8.0),
        case(random.normal(0, 1, (3, 3)), 0.5),
        case(random.normal(0, 6, (1, 6)), 3.0, label="one image"),
        case([[1500.0, 1492.0, 1484.0], [-900.0, -905.0, -903.0]], 4.0, label="large logits"),
        case([[3000.0, 0.0, 0.0], [2.0, 2.0, 0.0]], 2.0, label="a share that rounds to 0"),
    ]


def _floor(of, power=2):
    """The floor with something else in the place of the mean entropy, or another factor."""
    return lambda logits, temperature: temperature**power * of(logits, temperature)


def _soft(logits, temperature):
    return softmax(logits / temperature)


def _crossed(of_teacher, of_student):
    """Cross-entropy with shares of which one side may be left at T = 1."""

    def mean(logits, temperature):
        teacher = softmax(logits / temperature**of_teacher)
        z = logits / temperature**of_student
        z = z - z.max(axis=1, keepdims=True)
        logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return -np.sum(teacher * logs, axis=1).mean()

    return mean


def _padded(p, small):
    return -np.sum(p * np.log(p + small), axis=1).mean()


FLOOR_OF_LOSS = Question(
    "floor_of_loss",
    points=2,
    reference=floor_of_loss,
    unit="nats",
    exchangeable=False,
    visible=[
        case([[4.0, 2.0, 0.0]], 2.0, label="one image"),
        case([[3.0, 0.0], [0.0, 0.0]], 1.0, label="two images, no temperature"),
        case([[8.0, 4.0, 0.0], [1.0, 1.0, 1.0]], 4.0, label="two images"),
    ],
    inputs=[teachers],
    mistakes=[
        Mistake(
            "zero",
            lambda logits, temperature: 0.0,
            "That is the floor of KL. This loss is a cross-entropy, and a student who copies the "
            "teacher still pays the teacher's entropy.",
        ),
        Mistake(
            "T squared missing",
            _floor(lambda z, t: entropies(_soft(z, t)).mean(), power=0),
            "The mean entropy of the softened teacher, without T². The loss in the log is "
            "multiplied by T², and so is its floor.",
        ),
        Mistake(
            "T once",
            _floor(lambda z, t: entropies(_soft(z, t)).mean(), power=1),
            "Multiplied by T. The factor of the loss is T², since the gradient fades with the "
            "square.",
        ),
        Mistake(
            "divided by T squared",
            (
                _floor(lambda z, t: entropies(_soft(z, t)).mean(), power=-2),
                _floor(lambda z, t: entropies(_soft(z, t)).mean(), power=-1),
            ),
            "You divided by the temperature. The loss is multiplied by T², to make up for what "
            "softening takes from the gradient.",
        ),
        Mistake(
            "not softened",
            _floor(lambda z, t: entropies(softmax(z)).mean()),
            "The factor is there, and the shares are those of T = 1. The loss compares softened "
            "shares: divide the logits by T before the softmax.",
        ),
        Mistake(
            "not softened, no factor",
            lambda logits, temperature: entropies(softmax(logits)).mean(),
            "The temperature is in no part of it: neither in the softmax nor as the factor T².",
        ),
        Mistake(
            "one side softened",
            tuple(
                _floor(_crossed(of_teacher, of_student), power)
                for of_teacher, of_student in ((1, 0), (0, 1))
                for power in (2, 0)
            ),
            "One of the two is softened and the other is not. Teacher and student are both "
            "divided by T, and at the floor they are the same shares.",
        ),
        Mistake(
            "small number in the logarithm",
            tuple(
                _floor(lambda z, t, small=small: _padded(_soft(z, t), small))
                for small in (0.01, 0.001)
            ),
            "A small number was added in the logarithm. A share of 0 has the logarithm 0 times: "
            "mask it, and nothing has to be added.",
        ),
        Mistake(
            "sharpened",
            _floor(lambda z, t: entropies(softmax(z * t)).mean()),
            "The logits are multiplied by T, which makes the shares sharper. A temperature above 1 "
            "softens: divide.",
        ),
        Mistake(
            "shares divided by T",
            _floor(lambda z, t: entropies(softmax(z) / t).mean()),
            "The shares were divided by T, after the softmax, and no longer sum to 1. The logits "
            "are what is divided.",
        ),
        Mistake(
            "sum over images",
            _floor(lambda z, t: entropies(_soft(z, t)).sum()),
            "You added up over the images. The log shows a mean over them: it must not grow with "
            "the batch.",
        ),
        Mistake(
            "mean over classes",
            _floor(lambda z, t: entropies(_soft(z, t)).mean() / z.shape[1]),
            "A mean over images and classes. Over the classes an entropy is a sum; that mean makes "
            "it K times too small.",
        ),
        Mistake(
            "along the images",
            (
                _floor(lambda z, t: entropies(softmax(z / t, axis=0).T).mean()),
                _floor(lambda z, t: entropies(softmax(z / t, axis=0).T).sum() / len(z)),
                _floor(lambda z, t: entropies(softmax(z / t, axis=0)).mean()),
            ),
            "The softmax ran down the columns, over the images. Each row is an image: "
            "`axis=1`, with `keepdims=True`.",
        ),
        Mistake(
            "over everything",
            (
                _floor(lambda z, t: float(entropies(softmax((z / t).ravel())))),
                _floor(lambda z, t: float(entropies(softmax((z / t).ravel()))) / len(z)),
            ),
            "One softmax over the whole table. Each image has shares of its own, which sum to 1.",
        ),
        Mistake(
            "mean teacher",
            _floor(lambda z, t: float(entropies(_soft(z, t).mean(axis=0)))),
            "You averaged the shares over the images and took one entropy. A student sees the "
            "image: take the entropy of each row, then the mean.",
        ),
        Mistake(
            "mean logits",
            _floor(lambda z, t: float(entropies(softmax(z.mean(axis=0) / t)))),
            "You averaged the logits over the images and took one entropy. Take the entropy of "
            "each row, then the mean.",
        ),
        Mistake(
            "first image only",
            (
                _floor(lambda z, t: entropies(_soft(z, t))[0]),
                _floor(lambda z, t: entropies(_soft(z, t))[-1]),
            ),
            "One image only, the first or the last. Is there a `return` inside the loop, or is the "
            "sum overwritten each time round?",
        ),
        Mistake(
            "hard label",
            (
                _floor(lambda z, t: -np.log(_soft(z, t).max(axis=1)).mean()),
                lambda z, t: -np.log(_soft(z, t).max(axis=1)).mean(),
                lambda z, t: -np.log(softmax(z).max(axis=1)).mean(),
            ),
            "The surprise of the likeliest class. That is a loss against hard labels; here all "
            "classes count, each with the teacher's share.",
        ),
        Mistake(
            "uniform student",
            (
                _floor(lambda z, t: math.log(z.shape[1])),
                lambda z, t: math.log(z.shape[1]),
            ),
            "The logarithm of the number of classes, which is what a student pays who says "
            "nothing. The least loss has the student equal to the teacher.",
        ),
        Mistake(
            "sign",
            lambda logits, temperature: -floor_of_loss(logits, temperature),
            "The right size with the wrong sign: logarithms of shares are negative, and an entropy "
            "is minus their mean.",
        ),
        Mistake(
            "bits",
            lambda logits, temperature: floor_of_loss(logits, temperature) / math.log(2),
            "This is in bits. The log is in nats.",
        ),
        Mistake(
            "KL from uniform",
            _floor(lambda z, t: (math.log(z.shape[1]) - entropies(_soft(z, t))).mean()),
            "This is KL of the teacher from equal shares, log K less the entropy. The floor is the "
            "entropy itself.",
        ),
        Mistake(
            "Brier",
            _floor(lambda z, t: (1 - np.sum(_soft(z, t) ** 2, axis=1)).mean()),
            "One minus the sum of squares: the floor of a Brier score. This loss has a logarithm.",
        ),
    ],
    hints=[
        "Which student has the least loss, and what does that one still pay?",
        "T² times the mean over the images of -Σ p log p, with p = softmax(logits/T), row by row; "
        "subtract the largest logit of the row before `exp`, and let 0 · log 0 be 0",
        "`z = logits / temperature`, `e = np.exp(z - z.max(axis=1, keepdims=True))`, "
        "`p = e / e.sum(axis=1, keepdims=True)`, `logs = np.log(np.where(p > 0, p, 1))`, "
        "then `return -temperature**2 * np.mean(np.sum(p * logs, axis=1))`",
    ],
    insight="No student gets below it, and none is stuck who reaches it. Subtract it, divide by "
    "T², and what is left is KL.",
    lesson=LESSON,
    section="The idea",
)


# E8: from counts to a verdict

QUIET, DRIFT, CANNOT_TELL = 0, 1, 2


def shares(counts):
    return counts / counts.sum(axis=-1, keepdims=True)


def smoothed(counts):
    return shares(counts + 0.5)


def psi(p, q):
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def effects(good_days, today):
    """(PSI of today from all good days, PSI of each good day from the others)."""
    total = good_days.sum(axis=0)
    null = psi(smoothed(good_days), smoothed(total - good_days))
    return psi(smoothed(today), smoothed(total)), null


def code(effect, p, days, rate, least_effect):
    if 1 / (1 + days) > rate:
        return CANNOT_TELL
    return DRIFT if p <= rate and effect >= least_effect else QUIET


def p_of(effect, null):
    return (1 + np.sum(null >= effect)) / (1 + len(null))


def day_verdict(good_days, today, rate, least_effect):
    effect, null = effects(good_days, today)
    p = p_of(effect, null)
    return [effect, p, code(effect, p, len(null), rate, least_effect)]


def _changed(effect_and_null=effects, p_value=p_of, verdict=code):
    """The right answer with one part of it replaced."""

    def wrong(good_days, today, rate, least_effect):
        effect, null = effect_and_null(good_days, today)
        p = p_value(effect, null)
        return [effect, p, verdict(effect, p, len(null), rate, least_effect)]

    return wrong


def _of(measure, smooth=smoothed):
    """Effect and null by another measure or another smoothing."""

    def found(good_days, today):
        total = good_days.sum(axis=0)
        null = measure(smooth(good_days), smooth(total - good_days))
        return measure(smooth(today), smooth(total)), null

    return found


def part_that_is_wrong(e: Evidence) -> Found:
    """Which of the three numbers is off, if those before it are right everywhere."""
    values, right = (np.stack(each) for each in (e.values, e.references))
    off = ~np.isclose(values, right, rtol=1e-6)
    if off[:, 0].any():
        return None
    if off[:, 1].any():
        return (
            "The effect is right on every input, and p is not. How many good days, each held "
            "against the others, are at least as far out as today? And today is one of the days.",
            int(np.argmax(off[:, 1])),
        )
    return (
        "Effect and p are right on every input, and the code is not. Drift takes p ≤ rate and "
        "effect ≥ least_effect; before that, can p be as small as the rate at all?",
        int(np.argmax(off[:, 2])),
    )


def _kl(p, q):
    return (p * np.log(p / q)).sum(axis=-1)


def _own_day_left_in(good_days, today):
    total = good_days.sum(axis=0)
    return psi(smoothed(today), smoothed(total)), psi(smoothed(good_days), smoothed(total))


def _pairs(good_days, today):
    """Each good day against today, in the place of against the other good days."""
    effect, _ = effects(good_days, today)
    return effect, psi(smoothed(good_days), smoothed(today))


def _mean_shares(good_days, today):
    """Shares of the days averaged, so that a small day weighs as much as a large one."""
    each = smoothed(good_days)
    others = (each.sum(axis=0) - each) / (len(each) - 1)
    return psi(smoothed(today), each.mean(axis=0)), psi(each, others)


def _half_of_each_day(good_days, today):
    each = good_days + 0.5
    total = each.sum(axis=0)
    return psi(smoothed(today), shares(total)), psi(shares(each), shares(total - each))


def _small(small, how):
    """A small number added to the shares, or put in the place of a 0."""

    def smooth(counts):
        p = shares(counts)
        return p + small if how == "added" else np.maximum(p, small)

    return smooth


def months(random):
    """Good days that differ, and days of every kind: quiet, loud, small, on the edge."""
    cases = []
    for days, cells, rate, least in (
        (39, 4, 0.05, 0.05),
        (24, 5, 0.1, 0.03),
        (19, 6, 0.05, 0.02),
        (30, 3, 0.1, 0.4),
        (59, 4, 0.05, 0.01),
    ):
        law = random.dirichlet(np.full(cells, 5.0))
        good = np.array(
            [
                random.multinomial(random.integers(60, 900), random.dirichlet(60 * law))
                for _ in range(days)
            ]
        )
        turned = law[::-1]
        for mixed in (0.0, 0.35, 1.0):
            shifted = (1 - mixed) * law + mixed * turned
            cases.append(case(good, random.multinomial(400, shifted), rate, least))
    few = random.multinomial(200, [0.2, 0.3, 0.5], 12)
    eighteen = random.multinomial(300, [0.2, 0.3, 0.5], 18)
    equal = np.full((19, 2), 100) + random.integers(3, size=(19, 2))
    return [
        *cases,
        case(eighteen, [90, 5, 5], 0.05, 0.1, label="one good day too few"),
        case(few, [90, 5, 5], 0.05, 0.1, label="twelve good days, at 5 %"),
        case(few, [90, 5, 5], 0.1, 0.1, label="twelve good days, at 10 %"),
        case(equal, [115, 85], 0.05, 0.1, label="odd, and too small to matter"),
        case(equal, [150, 50], 0.05, 0.1, label="odd, and large enough"),
        case(np.c_[few, np.zeros(12, int)], [40, 60, 90, 10], 0.1, 0.05, label="a new cell"),
    ]


FOUR = [[40, 60], [50, 50], [45, 55], [55, 45]]

DAY_VERDICT = Question(
    "day_verdict",
    points=3,
    reference=day_verdict,
    returns=replace(named_numbers("effect", "p", "code"), booleans=True),
    exchangeable=False,
    rows=(part_that_is_wrong,),
    visible=[
        case(FOUR, [20, 80], 0.25, 0.1, label="four good days and a loud one"),
        case(FOUR, [46, 54], 0.25, 0.1, label="a quiet day"),
        case(FOUR, [38, 62], 0.25, 0.1, label="a small shift"),
        case(FOUR, [20, 80], 0.05, 0.1, label="four good days, at 5 %"),
    ],
    inputs=[months],
    mistakes=[
        Mistake(
            "own day left in",
            _changed(_own_day_left_in),
            "Each good day is compared with a total that holds it. So it is nearer to the baseline "
            "than a new day can be, and the line comes out too low: take it out of the total.",
        ),
        Mistake(
            "good days against today",
            _changed(_pairs),
            "The null holds each good day against today. It has to show what happens without "
            "today: each good day against the other good days.",
        ),
        Mistake(
            "one direction",
            (_changed(_of(_kl)), _changed(_of(lambda p, q: _kl(q, p)))),
            "That is KL in one direction, for the effect or for all. PSI adds both: "
            "Σ (p - q) log(p/q).",
        ),
        Mistake(
            "half of both directions",
            _changed(_of(lambda p, q: psi(p, q) / 2)),
            "The mean of the two directions. PSI is their sum.",
        ),
        Mistake(
            "total variation",
            (
                _changed(_of(lambda p, q: abs(p - q).sum(axis=-1) / 2)),
                _changed(_of(lambda p, q: abs(p - q).sum(axis=-1))),
            ),
            "Differences of shares were added up, which is total variation or twice it. PSI weighs "
            "each difference with log(p/q).",
        ),
        Mistake(
            "mean over cells",
            _changed(_of(lambda p, q: psi(p, q) / p.shape[-1])),
            "A mean over the cells. PSI is the sum over them.",
        ),
        Mistake(
            "sign",
            _changed(lambda good_days, today: tuple(-value for value in effects(good_days, today))),
            "PSI with the wrong sign, so that what is farthest out is the smallest: "
            "(p - q) log(p/q), never (p - q) log(q/p).",
        ),
        Mistake(
            "a whole row",
            _changed(_of(psi, lambda counts: shares(counts + 1))),
            "A whole row was added to each cell. The question asks for half a row.",
        ),
        Mistake(
            "not smoothed, or a small number",
            tuple(
                _changed(_of(psi, _small(small, how)))
                for small in (1e-12, 1e-10, 1e-9, 1e-8, 1e-6, 1e-4, 1e-3)
                for how in ("added", "put in")
            ),
            "No half row was added to the counts; a small number stands where a share is 0, or is "
            "added to each. How far an empty cell counts then hangs on that number.",
        ),
        Mistake(
            "half added to the shares",
            _changed(_of(psi, lambda counts: shares(shares(counts) + 0.5))),
            "The half was added to shares, where it is half of everything. Half a row is added to "
            "counts, before they are divided.",
        ),
        Mistake(
            "total without the half rows",
            _changed(_of(psi, lambda c: (c + 0.5) / c.sum(axis=-1, keepdims=True))),
            "The half rows are in the cells and not in the total, so the shares sum to more than "
            "1. Divide by the sum of what you divide.",
        ),
        Mistake(
            "shares averaged",
            _changed(_mean_shares),
            "The shares of the good days were averaged, so a day with few rows counts as much as "
            "one with many. Add up their counts.",
        ),
        Mistake(
            "half a row for each day",
            _changed(_half_of_each_day),
            "Half a row was added for each good day, or to the mean of the days, which comes to "
            "the same: many half rows in each cell. Add up first, then smooth once.",
        ),
        Mistake(
            "counts for shares",
            _changed(_of(psi, lambda counts: counts + 0.5)),
            "Counts went into a formula for shares, so that a day with more rows is farther out. "
            "Divide each side by its total.",
        ),
        Mistake(
            "today not counted",
            _changed(p_value=lambda effect, null: np.mean(null >= effect)),
            "A share of the good days. Today is one of the days, too: "
            "(1 + number that reach it) / (1 + days), which is never 0.",
        ),
        Mistake(
            "one in the numerator only",
            _changed(p_value=lambda effect, null: (1 + np.sum(null >= effect)) / len(null)),
            "One was added to the number that reach it and not to the number of days. Today is in "
            "both.",
        ),
        Mistake(
            "one in the denominator only",
            _changed(p_value=lambda effect, null: np.sum(null >= effect) / (1 + len(null))),
            "One was added to the number of days and not to the number that reach it. Today is in "
            "both.",
        ),
        Mistake(
            "other tail",
            (
                _changed(p_value=lambda effect, null: p_of(-effect, -null)),
                _changed(p_value=lambda effect, null: 1 - p_of(effect, null)),
                _changed(p_value=lambda effect, null: np.mean(null < effect)),
                _changed(p_value=lambda effect, null: np.mean(null <= effect)),
            ),
            "The good days that are *nearer* than today were counted. A p-value counts those that "
            "are at least as far out.",
        ),
        Mistake(
            "least effect ignored",
            _changed(
                verdict=lambda effect, p, days, rate, least: (
                    CANNOT_TELL if 1 / (1 + days) > rate else int(p <= rate)
                )
            ),
            "The verdict looks at p alone. A shift that is real and too small to act on is quiet: "
            "drift takes an effect of at least `least_effect`, too.",
        ),
        Mistake(
            "effect alone",
            _changed(
                verdict=lambda effect, p, days, rate, least: (
                    CANNOT_TELL if 1 / (1 + days) > rate else int(effect >= least)
                )
            ),
            "The verdict looks at the effect alone, a fixed cutoff. Drift takes p ≤ `rate`, too: "
            "more than good days make of themselves.",
        ),
        Mistake(
            "either is enough",
            _changed(
                verdict=lambda effect, p, days, rate, least: (
                    CANNOT_TELL if 1 / (1 + days) > rate else int(p <= rate or effect >= least)
                )
            ),
            "One of the two lines is enough for your drift. Both have to be passed.",
        ),
        Mistake(
            "never cannot tell",
            _changed(
                verdict=lambda effect, p, days, rate, least: int(p <= rate and effect >= least)
            ),
            "The right verdict where there are days enough. With so few that no p-value can be as "
            "small as `rate`, a quiet day is no news: that is code 2.",
        ),
        Mistake(
            "few days ring",
            _changed(
                verdict=lambda effect, p, days, rate, least: (
                    DRIFT if 1 / (1 + days) > rate else code(effect, p, days, rate, least)
                )
            ),
            "With too few good days yours says drift. It cannot tell, and that is code 2.",
        ),
        Mistake(
            "codes mixed up",
            (
                _changed(verdict=lambda *a: (1, 0, 2)[code(*a)]),
                _changed(verdict=lambda *a: (0, 2, 1)[code(*a)]),
                _changed(verdict=lambda *a: (1, 2, 0)[code(*a)]),
                _changed(verdict=lambda *a: (2, 1, 0)[code(*a)]),
                _changed(verdict=lambda *a: (2, 0, 1)[code(*a)]),
            ),
            "The three verdicts are told apart, under other codes: 0 is quiet, 1 is drift, 2 is "
            "cannot tell.",
        ),
        Mistake(
            "strictly below",
            _changed(
                verdict=lambda effect, p, days, rate, least: (
                    CANNOT_TELL if 1 / (1 + days) > rate else int(p < rate and effect >= least)
                )
            ),
            "A p that is equal to the rate is quiet in yours. It is drift from p ≤ `rate` on: with "
            "19 good days and 5 % no p is smaller than that.",
        ),
        Mistake(
            "p turned round",
            _changed(
                verdict=lambda effect, p, days, rate, least: (
                    CANNOT_TELL if 1 / (1 + days) > rate else int(p > rate and effect >= least)
                )
            ),
            "Your drift takes a p above the rate. A small p says that good days hardly ever go so "
            "far.",
        ),
    ],
    hints=[
        "Three parts: how far is today out, how far out are good days by themselves, and which of "
        "two lines does today pass?",
        "Shares of (counts + ½); PSI of today from the sum of the good days, and of each good day "
        "from the sum of the others; p = (1 + #{null ≥ effect}) / (1 + days); code 2 if "
        "1 / (1 + days) > rate, 1 if p ≤ rate and effect ≥ least_effect, else 0",
        "`share = lambda c: (c + 0.5) / np.sum(c + 0.5)`, "
        "`far = lambda a, b: np.sum((share(a) - share(b)) * np.log(share(a) / share(b)))`, "
        "`total = good_days.sum(axis=0)`, `effect = far(today, total)`, "
        "`null = [far(day, total - day) for day in good_days]`, "
        "`p = (1 + np.sum(np.array(null) >= effect)) / (1 + len(null))`, "
        "`few = 1 / (1 + len(null)) > rate`, "
        "then `return [effect, p, 2 if few else int(p <= rate and effect >= least_effect)]`",
    ],
    insight="Effect, p and verdict: how far, how odd, and what to do. A report that shows one of "
    "the three leaves its reader to guess the others.",
    lesson=LESSON,
    section="By code",
)

QUESTIONS = [*BRIEFS, FLOOR_OF_LOSS, DAY_VERDICT]
