"""Explorer of unit 19: a reliability diagram whose temperature and bias are dragged."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from klteach.data import employment
from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    diamond,
    each,
    number,
    rectangles,
)
from klteach.explorers.look import (
    DIFFERENCE_COLOUR,
    DIFFERENCE_STYLE,
    FAINT,
    INK,
    MUTED,
    P_COLOUR,
    Q_COLOUR,
)
from klteach.explorers.picture import Picture
from klteach.measures import calibration_curve, entropy, kl_bernoulli

CELLS = 10  # forecasts, each of them a dot
HONEST_STEP = 0.6  # from one true log odds of the simulated events to the next
TOO_SURE = 2.5  # by how much the log odds of the simulated network are too large
GROUP_QUARTERS = "17"  # the code of RELP for those that are no institutions
WHO = ("network (simulated)", "survey: everybody", "survey: group quarters")
NETWORK, EVERYBODY, QUARTERS = range(len(WHO))
BARS = np.arange(2.0)  # log loss and Brier score
HELD_BY_T, HELD_BY_B = (6, 7, 6), (4, 4, 4)  # which forecast, for each of WHO
TOP = 1.7  # where a bar ends that is higher, in scores of the base rate
CORNERS = math.pi / 8 + np.linspace(0, 2 * math.pi, 8, endpoint=False)  # of a dot
SIZE, LEAST = 0.075, 0.013  # the radius of a dot that stands for everything, and of the smallest
SMALL = {"fontsize": 9, "va": "center"}


def keep_your_word():
    """Drag the temperature and the bias of a classifier and see what its losses are made of."""
    return Explorer(
        title="Forecasts that keep their word",
        description=(
            "Left, a reliability diagram: across what the model says, up how often the event "
            "comes; up to ten dots, larger where they stand for more cases, and the diagonal of "
            "forecasts that keep their word. A line from each dot to the diagonal is its gap. Two "
            "dots are dragged sideways, T for the temperature and b for the bias; no dot changes "
            "its height. Right: log loss and Brier score in units of what saying the base rate to "
            "all would cost, a plain part that stays and a hatched part for calibration."
        ),
        controls=[
            Choice("who", "Whose forecasts", WHO),
            Slider("temperature", "Temperature T", 0.2, 4.0, 0.1, start=1.0),
            Slider("bias", "Bias b", -1.2, 1.2, 0.1, start=0.0),
        ],
        presets={
            "as the model says": {"temperature": 1.0, "bias": 0.0},
            "reckless": {"temperature": 0.3},
            "timid": {"temperature": 4.0},
            "everybody": {"who": EVERYBODY},
            "group quarters": {"who": QUARTERS},
        },
        draw=_draw,
        update=_update,
    )


class Forecasts(NamedTuple):
    """Ten forecasts: their log odds, how often the event comes, and their shares of all cases."""

    log_odds: np.ndarray
    came: np.ndarray
    share: np.ndarray


@cache
def forecasts():
    """Of all of WHO, each array (3, 10); a forecast that nobody of a group gets has no share."""
    honest = HONEST_STEP * (np.arange(CELLS) - (CELLS - 1) / 2)  # log odds
    people = employment()
    quarters = people.columns["RELP"] == GROUP_QUARTERS
    found = [
        (TOO_SURE * honest, _sigmoid(honest), np.full(CELLS, 1 / CELLS)),
        _in_tenths(people.employed, people.score),
        _in_tenths(people.employed[quarters], people.score[quarters]),
    ]
    return Forecasts(*(np.stack(part) for part in zip(*found, strict=True)))


def _in_tenths(outcomes, scores):
    """Each score becomes the mean of its tenth of the scale."""
    curve = calibration_curve(outcomes, scores, CELLS)
    says, came = (np.where(curve.weight > 0, x, 0.5) for x in (curve.forecast, curve.observed))
    return np.log(says / (1 - says)), came, curve.weight


def _sigmoid(log_odds):
    return 1 / (1 + np.exp(-log_odds))


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.4, 3.5, [["word", "scores"]], width_ratios=[1.45, 1])
    _draw_word(picture, picture.axes["word"])
    _draw_scores(picture, picture.axes["scores"])
    return picture


def _draw_word(picture, word):
    ticks = [0, 0.25, 0.5, 0.75, 1]
    word.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), xticks=ticks, yticks=ticks)
    word.set_xlabel("what the model says (Q)", color=Q_COLOUR)
    word.set_ylabel("how often it comes (P)", color=P_COLOUR)
    word.set_title("Drag T and b onto the diagonal")
    word.plot([0, 1], [0, 1], color=MUTED, linewidth=1.0)
    word.text(0.02, 0.95, "says less than comes", ha="left", **SMALL)
    word.text(1.02, 0.06, "says more than comes", ha="right", **SMALL)
    gap = {"facecolor": "none", "edgecolor": DIFFERENCE_COLOUR, "linewidth": 2.2}
    picture.shapes("gaps", word, count=CELLS, closed=False, **gap)
    picture.shapes("dots", word, count=CELLS, ghost=True, facecolor=INK, linewidth=0)
    grip = {"facecolor": INK, "edgecolor": INK, "linewidth": 1.0}
    for name, control, below in (("T", "temperature", -17), ("b", "bias", 9)):
        picture.shapes(name, word, **grip)
        picture.held(name, control)
        picture.texts(name, word, offset=(0, below), fontsize=11, fontweight="bold")


def _draw_scores(picture, scores):
    scores.set(xlim=(-0.6, 1.6), ylim=(0, 1.9), yticks=[0, 0.5, 1, 1.5])
    scores.set_xticks([0, 1], ["log loss", "Brier"])
    scores.set_title("Loss, base rate = 1")
    scores.tick_params(axis="x", length=0)
    picture.shapes("refinement", scores, count=2, facecolor=FAINT, edgecolor=INK, linewidth=1.0)
    picture.shapes("calibration", scores, count=2, ghost=True, **DIFFERENCE_STYLE)
    scores.plot([-0.6, 1.6], [1, 1], color=INK, linewidth=1.0, linestyle="--")
    picture.texts("scores", scores, count=2, fontsize=9.5, fontweight="bold")
    picture.texts("left", scores, count=2, fontsize=9, va="center")


# -- every state ----------------------------------------------------------------------------------


class Losses(NamedTuple):
    """Log loss and Brier score, each array (states, 2), in units of what the base rate costs.

    `left` is what no temperature and no bias can change, `calibration` what is paid for forecasts
    that do not keep their word, and `unit` the score of the base rate.
    """

    left: np.ndarray
    calibration: np.ndarray
    unit: np.ndarray

    @property
    def total(self):
        return self.left + self.calibration


def _update(state):
    log_odds, came, share = (part[state.who] for part in forecasts())
    says = _sigmoid(log_odds / state.temperature[:, None] + state.bias[:, None])
    kl, square = kl_bernoulli(came, says), (says - came) ** 2
    losses = _losses(came, share, kl, square)
    log_loss, brier = (losses.total * losses.unit).T
    calibration, gaps = (losses.calibration * losses.unit).T
    direct = _mean(share, -came * np.log(says) - (1 - came) * np.log1p(-says))
    held = {
        name: _held(state.who, of_each, says, came)
        for name, of_each in (("T", HELD_BY_T), ("b", HELD_BY_B))
    }
    return Frame(
        shapes={
            "gaps": _gaps(says, came, share),
            "dots": _dots(says, came, share),
            **{name: diamond(x, y, 0.028) for name, (x, y) in held.items()},
            "refinement": rectangles(BARS - 0.36, 0.0, 0.72, losses.left),
            "calibration": rectangles(
                BARS - 0.36, losses.left, 0.72, np.minimum(losses.calibration, TOP - losses.left)
            ),
        },
        texts={
            **{name: (x[:, None], y[:, None], [[name]] * len(x)) for name, (x, y) in held.items()},
            "scores": (BARS, 1.78, each(_scores, log_loss, brier, *losses.total.T)),
            "left": (BARS, losses.left / 2, [["stays", "stays"]] * len(says)),
        },
        readouts=[
            Readout("log loss", log_loss, "nats"),
            Readout("its calibration KL", calibration, "nats", digits=4),
            Readout("Brier score", brier),
            Readout("its calibration part", gaps, digits=4),
        ],
        invariants=[
            Invariant("calibration KL ≥ 2 × Brier's part", calibration - 2 * gaps, digits=4),
            Invariant("the rest of the log loss stays", -np.abs(direct - log_loss)),
        ],
        sentence=each(_sentence, log_loss, calibration, *losses.total.T),
        table=Table(
            [f"forecast {tenth + 1}" for tenth in range(CELLS)],
            {
                "share of cases": share,
                "says": says,
                "comes": came,
                "KL(comes‖says)": kl,
                "(says − comes)²": square,
            },
        ),
        tasks=_tasks(state, losses, calibration),
    )


def _losses(came, share, kl, square):
    rate = _mean(share, came)
    unit = np.stack([_entropy(rate), rate * (1 - rate)], axis=-1)
    left = np.stack([_mean(share, _entropy(came)), _mean(share, came * (1 - came))], axis=-1)
    calibration = np.stack([_mean(share, kl), _mean(share, square)], axis=-1)
    return Losses(left / unit, calibration / unit, unit)


def _mean(share, values):
    return (share * values).sum(axis=-1)


def _entropy(chance):
    return entropy(np.stack([chance, 1 - chance], axis=-1))


def _tasks(state, losses, calibration):
    log_loss, brier = losses.total.T
    return [
        Task(
            "Network: find the T that leaves no calibration KL.",
            (state.who == NETWORK) & (calibration < 1e-6),
        ),
        Task(
            "Group quarters: halve the calibration KL.",
            (state.who == QUARTERS) & (calibration < 0.0045),
        ),
        Task(
            "Make the log loss worse than that of the base rate, and the Brier score better.",
            (log_loss > 1) & (brier < 1),
        ),
    ]


def _gaps(says, came, share):
    """From each dot sideways to the diagonal; nowhere where there is no dot."""
    ends = np.stack([np.stack([says, came], -1), np.stack([came, came], -1)], axis=-2)
    return np.where(share[..., None, None] > 0, ends, np.nan)


def _dots(says, came, share):
    radius = np.where(share > 0, np.maximum(SIZE * np.sqrt(share), LEAST), np.nan)[..., None]
    x = says[..., None] + 0.88 * radius * np.cos(CORNERS)
    y = came[..., None] + radius * np.sin(CORNERS)
    return np.stack([x, y], axis=-1)


def _held(who, of_each, says, came):
    """Where the dot stands that is held: (x, y), one for each state."""
    states, tenth = np.arange(len(says)), np.array(of_each)[who]
    return says[states, tenth], came[states, tenth]


def _scores(log_loss, brier, *in_base_rates):
    """What stands above the bars; an arrow where one is cut off."""
    arrows = ["↑ " if total > TOP else "" for total in in_base_rates]
    return [
        f"{arrow}{number(value)}" for arrow, value in zip(arrows, (log_loss, brier), strict=True)
    ]


def _sentence(log_loss, calibration, log_total, brier_total):
    text = (
        f"The log loss is {number(log_loss)} nats: {number(log_loss - calibration)} that no T and "
        f"no b can change, and {number(calibration)} for forecasts that do not keep their word."
    )
    if log_total > 1 and brier_total > 1:
        return f"{text} Saying the base rate to all would be better by both scores."
    if log_total > 1:
        return (
            f"{text} By the log loss saying the base rate to all would be better, by the Brier "
            "score worse."
        )
    if brier_total > 1:
        return (
            f"{text} By the Brier score saying the base rate to all would be better, by the log "
            "loss worse."
        )
    return text
