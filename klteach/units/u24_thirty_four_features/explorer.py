"""Explorer of unit 24: thirty-four features over a year of weeks, and a level to alarm at."""

from functools import cache

import numpy as np
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from scipy.special import chdtrc

from klteach.data.lifetime_value import BASELINE_WEEKS, DRIFTING, LAUNCHES, WEEKS, lifetime_value
from klteach.drift import Profile, Smoothing
from klteach.drift.divergence import divergence
from klteach.drift.multiplicity import adjusted
from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    each,
    line,
    number,
    rectangles,
)
from klteach.explorers.look import DIFFERENCE_COLOUR, INK, MUTED
from klteach.explorers.picture import Picture

CUSTOMERS_A_WEEK = 60
SEED = 1
CELLS = 5  # about twelve customers in each
FIRST = BASELINE_WEEKS.stop  # the weeks after the baseline are watched, a year of them
WATCHED = range(FIRST, WEEKS)
# The week of a launch is still untouched: it takes effect from the next one on.
EFFECTS = (LAUNCHES[1] + 1, LAUNCHES[0] + 1, LAUNCHES[0] + 1)
LEVELS = np.arange(1, 41) / 2  # per cent
RULES = ("none", "Benjamini–Hochberg", "Bonferroni")
# p-values up to here, and how strong the colour of their cells is
SHADES = ((0.1, 0.18), (0.01, 0.4), (0.001, 0.7))
TALL = 3.5  # the height of a drifting row; the others have 1
SHORT = {
    "average_session_length": "session length",
    "integrations_used": "integrations",
    "feature_adoption_breadth": "adoption",
}


def alarm_threshold():
    """Drag the level at which a feature alarms; count false alarms and caught drifts."""
    return Explorer(
        title="Thirty-four features, week by week (simulated)",
        description=(
            "Above: 52 weeks across, 34 features down, the three that drift on top in taller rows, "
            "each framed from the week in which its drift begins. The smaller the p-value of a "
            "feature in a week, the stronger its colour; a narrow mark is an alarm. Marks outside "
            "the frames are false. Below: against the level, the share of drifting cells that "
            "alarm, solid, and of weeks with a false alarm, dash-dotted; the level is a line to "
            "drag. Dotted: 1 − (1 − level)^34."
        ),
        controls=[
            Slider("level", "Alarm level", 0.5, 20.0, 0.5, start=5.0, unit="%"),
            Choice("rule", "Correction for 34 features", RULES, start=2),
        ],
        presets={
            "none, 5 %": {"level": 5.0, "rule": 0},
            "B–H, 5 %": {"level": 5.0, "rule": 1},
            "none, 0.5 %": {"level": 0.5, "rule": 0},
        },
        draw=_draw,
        update=_update,
    )


# -- what is watched ------------------------------------------------------------------------------


@cache
def watched():
    """(features, p-values, drifting): the last two (34, 52), a row for each feature."""
    data = lifetime_value(SEED, CUSTOMERS_A_WEEK)
    baseline = Profile.of(data.in_weeks(BASELINE_WEEKS).columns, cells=CELLS, plain=True)
    later = data.week >= FIRST
    weeks = data.week[later] - FIRST
    p_values = []
    for name, known in baseline.histograms.items():
        cells = len(known.counts)
        places = weeks * cells + known.binning.cell_of(data.columns[name][later])
        counts = np.bincount(places, minlength=len(WATCHED) * cells).reshape(-1, cells)
        psi = divergence("psi", *Smoothing.additive().shares(counts, known.counts))
        # the χ² law of `klteach.drift.null`, for all weeks at once
        degrees = ((counts > 0) | (known.counts > 0)).sum(axis=1) - 1
        p_values.append(chdtrc(degrees, psi / (1 / CUSTOMERS_A_WEEK + 1 / known.total)))
    features = tuple(baseline.histograms)
    drifting = np.zeros((len(features), len(WATCHED)), dtype=bool)
    for name, begins in zip(DRIFTING, EFFECTS, strict=True):
        drifting[features.index(name), begins - FIRST :] = True
    return features, np.array(p_values), drifting


@cache
def _answering():
    """For each rule the smallest level, in per cent, at which a cell alarms: (3, 34, 52)."""
    _, p_values, _ = watched()
    return 100 * np.stack([
        p_values,
        *(
            np.stack([adjusted(week, method) for week in p_values.T], axis=1)
            for method in ("benjamini-hochberg", "bonferroni")
        ),
    ])  # fmt: skip


def _alarms(level, rule):
    """Which cells alarm: (states, 34, 52)."""
    return _answering()[rule] <= level[:, None, None] * (1 + 1e-9)


@cache
def _candidates():
    """For each feature the weeks that alarm at some level: the others need no mark."""
    return [np.flatnonzero(row <= LEVELS[-1]) for row in _answering()[0]]


def _rates(alarms):
    """The share of drifting cells caught, and of weeks with a false alarm, of (..., 34, 52)."""
    _, _, drifting = watched()
    caught = (alarms & drifting).sum(axis=(-2, -1)) / drifting.sum()
    return caught, (alarms & ~drifting).any(axis=-2).mean(axis=-1)


def _bottoms(features):
    """Where the row of each feature begins, from the top down, the drifting ones first."""
    heights = _heights(features)
    return heights.sum() - np.cumsum(heights)


def _heights(features):
    return np.where(np.isin(features, DRIFTING), TALL, 1.0)


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.2, 5.2, [["strip"], ["curves"]], height_ratios=[1.75, 1])
    _draw_strip(picture, picture.axes["strip"])
    _draw_curves(picture, picture.axes["curves"])
    return picture


def _draw_strip(picture, strip):
    features, p_values, drifting = watched()
    bottoms, heights = _bottoms(features), _heights(features)
    others = heights[~drifting.any(axis=1)].sum()
    strip.set(xlim=(FIRST - 0.5, WEEKS + 0.5), ylim=(-0.3, heights.sum() + 0.3), xlabel="week")
    strip.set_xticks([FIRST, *LAUNCHES, 100, 110, 120, WEEKS])
    names = [SHORT[name] for name in DRIFTING]
    middles = [bottoms[features.index(name)] + TALL / 2 for name in DRIFTING]
    strip.set_yticks([*middles, others / 2], [*names, "31 features\nwithout\ndrift"], fontsize=8.5)
    strip.tick_params(axis="y", length=0)
    strip.set_title("Simulated. Framed: drift. Narrow marks: alarms")
    for (most, alpha), least in zip(SHADES, (*(shade[0] for shade in SHADES[1:]), -1), strict=True):
        rows, weeks = np.nonzero((p_values <= most) & (p_values > least))
        corners = rectangles(weeks + FIRST, bottoms[rows], 1.0, heights[rows])
        strip.add_patch(
            PathPatch(_compound(corners), facecolor=DIFFERENCE_COLOUR, alpha=alpha, linewidth=0)
        )
    for row in np.flatnonzero(drifting.any(axis=1)):
        begins = FIRST + int(drifting[row].argmax())
        frame = Rectangle((begins, bottoms[row]), WEEKS - begins, TALL, fill=False)
        frame.set(edgecolor=INK, linewidth=1.2)
        strip.add_patch(frame)
    strip.axhline(others, color=MUTED, linewidth=0.8)
    for name in features:
        picture.shapes(name, strip, facecolor=INK, linewidth=0)


def _compound(corners):
    """Many rectangles as one path."""
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    closed = np.concatenate([corners, corners[:, :1]], axis=1)
    return Path(closed.reshape(-1, 2), codes * len(corners))


def _draw_curves(picture, curves):
    curves.set(xlim=(0, 20.5), ylim=(0, 1.04), xlabel="alarm level in %", xticks=[0, 5, 10, 15, 20])
    curves.set(yticks=[0, 0.25, 0.5, 0.75, 1])
    curves.set_title("Shares at each alarm level: drag the line")
    level = np.linspace(0, 20.5, 60)
    everything = len(watched()[0])
    curves.plot(level, 1 - (1 - level / 100) ** everything, color=MUTED, lw=1.2, linestyle=":")
    style = {"closed": False, "facecolor": "none"}
    picture.shapes("caught", curves, **style, edgecolor=INK, linewidth=2.0)
    picture.shapes("false", curves, **style, edgecolor=INK, linewidth=1.6, linestyle="-.")
    picture.texts("caught", curves, offset=(0, -12), ha="left", fontsize=9)
    picture.texts("false", curves, offset=(0, 5), ha="right", fontsize=9)
    picture.line("level", curves, "x", (0, 1.0), edgecolor=INK, linewidth=1.6)


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    features, _, drifting = watched()
    alarms = _alarms(state.level, state.rule)
    false, caught = alarms & ~drifting, alarms & drifting
    total, bad, good = (x.sum(axis=(1, 2)) for x in (alarms, false, caught))
    by_rule = [_rates(_answering()[rule] <= LEVELS[:, None, None]) for rule in range(len(RULES))]
    curves = np.array(by_rule)[state.rule]
    each_rule = [_alarms(state.level, np.full(len(alarms), rule)) for rule in range(len(RULES))]
    plain, stepped, strict = (x.sum(axis=(1, 2)) for x in each_rule)
    in_weeks = false.any(axis=1).sum(axis=1)
    # a week without an alarm has a share of 0 of false ones
    own = (false.sum(axis=1) / np.maximum(alarms.sum(axis=1), 1)).mean(axis=1)
    return Frame(
        shapes={
            **_marks(alarms, features),
            "caught": line(LEVELS, curves[:, 0]),
            "false": line(LEVELS, curves[:, 1]),
        },
        texts={
            "caught": (0.7, curves[:, 0, :1], [["caught"]] * len(alarms)),
            "false": (
                20.3,
                np.minimum(curves[:, 1, -1:], 0.72),
                [["weeks with a false alarm"]] * len(alarms),
            ),
        },
        readouts=[
            Readout("false alarms", bad, digits=0),
            Readout("weeks with one", in_weeks, digits=0),
            Readout(f"caught, of {drifting.sum()}", good, digits=0),
            Readout("false, of all alarms", 100 * bad / np.maximum(total, 1), "%", digits=0),
            Readout("false, mean of weeks", 100 * own, "%", digits=0),
        ],
        invariants=[
            Invariant("Bonferroni ≤ B–H", stepped - strict, digits=0),
            Invariant("B–H ≤ none", plain - stepped, digits=0),
        ],
        sentence=each(_sentence, state.level, state.rule, bad, in_weeks, good),
        table=Table(
            [name.replace("_", " ") for name in features],
            {
                "weeks with drift": np.broadcast_to(drifting.sum(axis=1), alarms.shape[:2]),
                "caught": caught.sum(axis=2),
                "false alarms": false.sum(axis=2),
            },
            digits=0,
        ),
        tasks=[
            Task("Let half of the weeks ring falsely.", in_weeks >= len(WATCHED) / 2),
            Task("Catch 116, with fewer than 10 false alarms.", (good >= 116) & (bad < 10)),
        ],
    )


def _marks(alarms, features):
    """A row's marks as one outline along its base, which rises where the feature alarms."""
    found = {}
    rows = zip(features, _bottoms(features), _heights(features), _candidates(), strict=True)
    for row, (name, bottom, height, weeks) in enumerate(rows):
        low = np.full((len(alarms), len(weeks)), bottom + 0.25 * height)
        top = low + 0.5 * height * alarms[:, row, weeks]
        x = FIRST + weeks[:, None] + np.array([0.22, 0.22, 0.78, 0.78])
        y = np.stack([low, top, top, low], axis=-1).reshape(len(alarms), -1)
        found[name] = line(x.ravel(), y)
    return found


def _sentence(level, rule, false, in_weeks, caught):
    _, _, drifting = watched()
    how = (
        f"Each feature by itself at {number(level, 1)} %",
        f"Benjamini–Hochberg at {number(level, 1)} %",
        f"Bonferroni at {number(level, 1)} %",
    )[rule]
    alarms = f"{false} false alarm{'s' * (false != 1)} in {in_weeks} of {len(WATCHED)} weeks"
    return f"{how}: {alarms}; {caught} of {drifting.sum()} drifting cells are caught (simulated)."
