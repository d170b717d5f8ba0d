"""Explorer of unit 29: three stories behind one alarm, and what to do about each."""

from functools import cache

import numpy as np
from scipy.special import chdtri

from klteach.drift import Profile, Smoothing
from klteach.drift.divergence import divergence
from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Readout, Table, Task, each, line
from klteach.explorers.look import DIFFERENCE_COLOUR, INK, MUTED, P_COLOUR, Q_COLOUR
from klteach.explorers.picture import Picture
from klteach.units.u29_after_the_alarm.deliveries import (
    DAYS,
    EVENT,
    KNOWN_GOOD,
    ORDERS,
    QUIET,
    STORIES,
    WINDOW,
    Forecast,
    golden,
    orders,
    through_the_app,
)

FIRST = KNOWN_GOOD.stop  # the first day that is shown; those before it are the baseline
SHOWN = np.arange(FIRST, DAYS + 1)
ACTING = range(EVENT + 1, DAYS - 6)  # the days on which something can be done
LAST_WEEK = SHOWN > DAYS - 7
DECISIONS = ("wait", "train anew on the last 21 days", "roll the app back")
WAIT, TRAIN, ROLL_BACK = range(3)
RATE = 0.01  # of false alarms, each day
LOWEST, HIGHEST = 0.006, 3.0  # of the axis of PSI
GOOD = 0.9  # the share of right forecasts that is good enough here


def after_the_alarm():
    """Decide what to do about an alarm, and when; see whether it clears, and what it repairs."""
    return Explorer(
        title="One alarm, three stories (simulated)",
        description=(
            "Days 22 to 70 across. Above: PSI of each day's recorded distances from the baseline, "
            "on a logarithmic axis; strong bars are above the threshold, a line. Below: the share "
            "of forecasts that are right, of the orders of that day solid, of the golden set "
            "dashed. A dotted line marks day 29, on which something changed; the line to drag "
            "is the day on which you act."
        ),
        controls=[
            Choice("story", "Story", ("A", "B", "C")),
            Choice("decision", "You", DECISIONS),
            Slider("day", "Day on which you act", ACTING[0], ACTING[-1], 1, start=36),
        ],
        draw=_draw,
        update=_update,
    )


# -- the simulation, once -------------------------------------------------------------------------


@cache
def followed(story, decision, day):
    """(PSI, threshold, right today, right of the golden set), each day that is shown: (4, 49)."""
    name = STORIES[story]
    broken = orders(name)
    mended = decision == ROLL_BACK and name == "a release"
    now = broken.rolled_back(day) if mended else broken
    days = _judged(now, now.of_days(KNOWN_GOOD), name, day if mended else DAYS + 1)
    if decision == TRAIN:
        anew = _judged(now, now.of_days(range(day - WINDOW, day)), name, DAYS + 1)
        days = np.where(SHOWN >= day, anew, days)
    return days


def _judged(now, past, story, mended):
    """The four rows of `followed`, with the model and the baseline of the orders in `past`."""
    baseline = Profile.of({"distance": past.distance}, plain=True).histograms["distance"]
    cells = len(baseline.counts)
    later = now.of_days(SHOWN)
    places = (later.day - FIRST) * cells + baseline.binning.cell_of(later.distance)
    counts = np.bincount(places, minlength=len(SHOWN) * cells).reshape(-1, cells)
    psi = divergence("psi", *Smoothing.additive().shares(counts, baseline.counts))
    # the χ² law of `klteach.drift.null`, for all days at once
    degrees = ((counts > 0) | (baseline.counts > 0)).sum(axis=1) - 1
    threshold = (1 / ORDERS + 1 / len(past)) * chdtri(degrees, RATE)
    model, known = Forecast.trained_on(past), golden()
    today = model.right(later).reshape(len(SHOWN), -1).mean(axis=1)
    # the app is either as it was or as it is after the event
    well, ill = (model.right(through_the_app(known, EVENT, app)).mean() for app in (QUIET, story))
    on_golden = np.where((SHOWN >= EVENT) & (SHOWN < mended), ill, well)
    return np.stack([psi, threshold, today, on_golden])


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.4, 4.0, [["alarm"], ["score"]], height_ratios=[1.2, 1])
    alarm, score = picture.axes["alarm"], picture.axes["score"]
    for axes in (alarm, score):
        axes.set_xlim(FIRST - 0.8, DAYS + 0.8)
        axes.axvline(EVENT - 0.5, color=MUTED, linewidth=1.2, linestyle=":")
        axes.set_xticks([FIRST, EVENT, 36, 43, 50, 57, 64, DAYS])
    alarm.set(yscale="log", ylim=(LOWEST, HIGHEST), yticks=[0.01, 0.1, 1], ylabel="PSI")
    alarm.set_yticklabels(["0.01", "0.1", "1"])
    alarm.minorticks_off()
    alarm.set_title("PSI against the baseline; drag the day you act")
    score.set(ylim=(50, 102), yticks=[50, 60, 70, 80, 90, 100], ylabel="right in %", xlabel="day")
    score.set_title("Right forecasts: orders solid, golden dashed")
    picture.shapes("quiet", alarm, facecolor=MUTED, alpha=0.55, linewidth=0)
    picture.shapes("alarms", alarm, facecolor=DIFFERENCE_COLOUR, linewidth=0)
    style = {"closed": False, "facecolor": "none"}
    picture.shapes("threshold", alarm, **style, edgecolor=INK, linewidth=1.4)
    picture.shapes("acted", score, **style, edgecolor=INK, linewidth=1.6)
    picture.shapes("golden", score, **style, edgecolor=Q_COLOUR, linewidth=2, linestyle=(0, (4, 2)))
    picture.shapes("today", score, **style, edgecolor=P_COLOUR, linewidth=2)
    picture.texts("threshold", alarm, offset=(0, 4), ha="left", fontsize=9)
    picture.line("day", alarm, "x", (LOWEST, HIGHEST), edgecolor=INK, linewidth=1.6)
    return picture


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    keys = zip(*(x.astype(int).tolist() for x in (state.story, state.decision, state.day)),
               strict=True)  # fmt: skip
    psi, threshold, today, known = np.stack([followed(*key) for key in keys], axis=1)
    alarms = psi > threshold
    last, week = alarms[:, LAST_WEEK].sum(axis=1), today[:, LAST_WEEK].mean(axis=1)
    on_golden = known[:, LAST_WEEK].mean(axis=1)
    quiet, good = last <= 1, (week >= GOOD) & (on_golden >= GOOD)
    ends = np.stack([state.day, state.day], axis=-1)
    return Frame(
        shapes={
            "quiet": _bars(np.where(alarms, LOWEST, np.maximum(psi, LOWEST))),
            "alarms": _bars(np.where(alarms, psi, LOWEST)),
            "threshold": line(SHOWN, threshold),
            "acted": line(ends, np.tile([50.0, 102.0], (len(ends), 1))),
            "golden": line(SHOWN, 100 * known),
            "today": line(SHOWN, 100 * today),
        },
        texts={"threshold": (FIRST - 0.4, threshold[:, :1], [["threshold"]] * len(psi))},
        readouts=[
            Readout("alarms, last 7 days", last, digits=0),
            Readout("right, orders of these days", 100 * week, "%", digits=1),
            Readout("right, golden set", 100 * on_golden, "%", digits=1),
        ],
        invariants=[Invariant("PSI ≥ 0", psi.min(axis=1), digits=4)],
        sentence=each(_sentence, state.story, state.decision, state.day, last, week, on_golden),
        table=Table(
            [f"day {day}" for day in SHOWN],
            {"PSI": psi, "threshold": threshold, "right, orders": today, "right, golden": known},
            digits=3,
        ),
        tasks=[
            Task("A: alarms off, forecasts right again.", (state.story == 0) & quiet & good),
            Task(
                "C: silence the alarms and repair nothing.",
                (state.story == 2) & quiet & ~good & (state.decision == TRAIN),
            ),
            Task("C: alarms off, forecasts right again.", (state.story == 2) & quiet & good),
        ],
    )


def _bars(tops):
    """A bar for each day as one outline along the bottom of the axis."""
    x = SHOWN[:, None] + np.array([-0.36, -0.36, 0.36, 0.36])
    low = np.full_like(tops, LOWEST)
    return line(x.ravel(), np.stack([low, tops, tops, low], axis=-1).reshape(len(tops), -1))


def _sentence(story, decision, day, last, week, on_golden):
    did = (
        "Nobody acts",
        f"Trained anew on days {day - WINDOW:.0f} to {day - 1:.0f}",
        f"Rolled back on day {day:.0f}",
    )[int(decision)]
    alarms = "no alarm" if last == 0 else f"{last} alarm{'s' * (last != 1)}"
    broken = [
        name
        for name, share in (("the orders", week), ("the golden set", on_golden))
        if share < GOOD
    ]
    score = (
        f"forecasts of {' and '.join(broken)} are wrong too often"
        if broken
        else "the forecasts are right"
    )
    return f"Story {'ABC'[int(story)]}. {did}: {alarms} in the last week, and {score}."
