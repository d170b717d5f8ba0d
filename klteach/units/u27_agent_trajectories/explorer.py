"""Explorers of unit 27: a tool that is withheld, and a hand-off that favours a new path."""

from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from klteach.data import tool_calls
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
from klteach.explorers.look import FAINT, INK, MUTED, P_COLOUR, Q_COLOUR
from klteach.explorers.picture import Picture
from klteach.units.u27_agent_trajectories.hand_off import AGENTS, DAYS, GOOD_DAYS, days_of

END_OF_TURN = "end of turn"

# -- a withheld tool ------------------------------------------------------------------------------

TASKS = 200
STEP = 10  # tasks
WITHHELD = np.arange(0, TASKS + 1, STEP)
ALPHAS = (1.0, 0.5, 0.05, 0.001)
ALPHA_NAMES = ("α = 1", "α = ½", "α = 0.05", "α = 0.001")
SWAPS = 400
SHOWN_TOOLS = 7
TOP = 0.68  # nats
LARGEST = 0.4  # share, of a square that fills its cell
# the rows and columns of the matrix: between tasks, end of turn, seven tools, all others
STATES = ("between tasks", END_OF_TURN, *["tool"] * SHOWN_TOOLS, "other tools")


def steps(task, marks=True):
    """The calls of a task, one after the other, with or without the ends of its turns."""
    return [step for turn in task for step in (*turn, *([END_OF_TURN] if marks else []))]


@cache
def _withheld_order():
    """In which order the tasks become tasks with a withheld tool."""
    return np.random.default_rng(27).permutation(TASKS)


def _rows(pieces):
    """Counts of the pieces of each task, (tasks, distinct pieces), and the pieces in order."""
    names = sorted({piece for task in pieces for piece in task})
    place = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(pieces), len(names)), dtype=int)
    for row, task in enumerate(pieces):
        np.add.at(counts[row], [place[piece] for piece in task], 1)
    return counts, names


@cache
def _pairs_of_counts():
    """{what is counted: (rows of miss_func, rows of base, names)}, a row for each task."""
    found = {}
    both = [*tool_calls("miss_func"), *tool_calls()]
    walks = {marks: [["begin", *steps(task, marks), "end"] for task in both] for marks in (0, 1)}
    for name, pieces in (
        ("calls", [steps(task, marks=False) for task in both]),
        ("marked", [list(pairwise(walk)) for walk in walks[1]]),
        ("flat", [list(pairwise(walk)) for walk in walks[0]]),
    ):
        counts, names = _rows(pieces)
        found[name] = counts[:TASKS], counts[TASKS:], names
    return found


def _kl(current, baseline, alpha):
    """KL of counts with α in each cell that either side uses, along the last axis."""
    used = (current + baseline).reshape(-1, current.shape[-1]).sum(axis=0) > 0
    p, q = (side[..., used] + alpha for side in (current, baseline))
    p, q = (side / side.sum(axis=-1, keepdims=True) for side in (p, q))
    return (p * np.log(p / q)).sum(axis=-1)


@cache
def _measured():
    """Divergences and thresholds for each α and number of tasks, of each thing counted."""
    order = _withheld_order()
    swap = np.random.default_rng(2700).random((SWAPS, TASKS)) < 0.5
    found = {}
    for name, (withheld, base, _) in _pairs_of_counts().items():
        kl, threshold = (np.zeros((len(ALPHAS), len(WITHHELD))) for _ in range(2))
        for column, tasks in enumerate(WITHHELD):
            current = base.copy()
            current[order[:tasks]] = withheld[order[:tasks]]
            moved = swap @ (base - current)
            sides = current.sum(axis=0) + moved, base.sum(axis=0) - moved
            for row, alpha in enumerate(ALPHAS):
                kl[row, column] = _kl(current.sum(axis=0), base.sum(axis=0), alpha)
                threshold[row, column] = np.quantile(_kl(*sides, alpha), 0.95)
        found[name] = SimpleNamespace(kl=kl, threshold=threshold)
    return found


@cache
def _matrices():
    """(names of the rows, {marks: P's shares for each number of tasks}, {marks: Q's})."""
    order = _withheld_order()
    base, withheld = tool_calls(), tool_calls("miss_func")
    counts, names = _rows([steps(task, marks=False) for task in base])
    commonest = np.argsort(-counts.sum(axis=0), kind="stable")[:SHOWN_TOOLS]
    shown = ["between tasks", END_OF_TURN, *(names[i] for i in commonest)]
    place = {name: i for i, name in enumerate(shown)}

    def table(task, marks):
        found = np.zeros((len(STATES), len(STATES)))
        stations = [0, *(place.get(step, len(shown)) for step in steps(task, marks)), 0]
        np.add.at(found, (stations[:-1], stations[1:]), 1)
        return found

    p, q = {}, {}
    for marks in (True, False):
        then = np.array([table(task, marks) for task in base])
        now = np.array([table(task, marks) for task in withheld])
        current = [
            now[order[:tasks]].sum(axis=0) + then[order[tasks:]].sum(axis=0) for tasks in WITHHELD
        ]
        p[marks] = np.array([one / one.sum() for one in current])
        q[marks] = then.sum(axis=0) / then.sum()
    return (*shown, "other tools"), p, q


def a_withheld_tool():
    """Drag how many tasks lack a tool for one turn, and see which counts notice."""
    return Explorer(
        title="A withheld tool",
        description=(
            "Left: what follows what, as a table of squares; the row is a step, the column the "
            "next one, the area how often it comes; P solid blue, Q dashed orange. Right: KL(P‖Q) "
            "of single calls, dash-dotted, and of transitions, solid, against the number of tasks "
            "in which a tool is withheld; a line to drag sets it, and a dotted trail shows what "
            "swapped tasks give."
        ),
        controls=[
            Slider("tasks", "Tasks with a withheld tool, of 200", 0, TASKS, STEP, start=0),
            Choice("marks", "Ends of turns", ("counted as a step", "left out")),
            Choice("alpha", "Added to each cell", ALPHA_NAMES, start=1),
        ],
        presets={
            "every task": {"tasks": TASKS},
            "α = ½": {"alpha": 1},
            "α = 0.001": {"alpha": 3},
        },
        draw=_draw_withheld,
        update=_update_withheld,
    )


SHORT = {"get_zipcode_based_on_city": "get_zipcode", "pressBrakePedal": "pressBrake"}


def _draw_withheld():
    picture = Picture(6.6, 3.9, [["matrix", "kl"]], width_ratios=[1.25, 1])
    names = [SHORT.get(name, name) for name in _matrices()[0]]
    matrix = picture.axes["matrix"]
    size = len(STATES)
    matrix.set(xlim=(-0.6, size - 0.4), ylim=(size - 0.4, -0.6), aspect="equal")
    matrix.set_xticks(range(size), names, rotation=90, fontsize=8.5)
    matrix.set_yticks(range(size), names, fontsize=8.5)
    matrix.tick_params(length=0)
    matrix.set_title("From the row to the column:")
    head = {"fontsize": 10.5, "fontweight": "bold"}
    matrix.text(size - 1.75, -0.92, "P", color=P_COLOUR, **head)
    matrix.text(size - 1.05, -0.92, "Q", color=Q_COLOUR, **head)
    for side in ("left", "bottom"):
        matrix.spines[side].set_visible(False)
    for edge in np.arange(size + 1) - 0.5:
        matrix.plot([-0.5, size - 0.5], [edge, edge], color=FAINT, linewidth=0.6, zorder=0)
        matrix.plot([edge, edge], [-0.5, size - 0.5], color=FAINT, linewidth=0.6, zorder=0)
    cells = size * size
    picture.shapes("p", matrix, count=cells, facecolor="none", edgecolor=P_COLOUR, linewidth=1.6)
    dashed = {"linestyle": (0, (2, 1.5)), "linewidth": 1.4}
    picture.shapes("q", matrix, count=cells, facecolor="none", edgecolor=Q_COLOUR, **dashed)

    kl = picture.axes["kl"]
    kl.set(xlim=(-8, 212), ylim=(-0.012, TOP), xticks=[0, 100, 200], yticks=[0, 0.2, 0.4, 0.6])
    kl.set_xlabel("drag: tasks with a withheld tool", labelpad=2)
    kl.set_title("KL(P‖Q) in nats")
    trail = {"closed": False, "facecolor": "none"}
    picture.shapes("transitions", kl, edgecolor=INK, linewidth=1.8, **trail)
    picture.shapes("calls", kl, edgecolor=INK, linewidth=1.8, linestyle="-.", **trail)
    picture.shapes("threshold", kl, edgecolor=MUTED, linewidth=1.6, linestyle=":", **trail)
    held = {"edgecolor": P_COLOUR, "linestyle": ":", "linewidth": 1.2}
    picture.line("tasks", kl, "x", (0, TOP), grip=0.93, **held)
    picture.texts("transitions", kl, offset=(-5, 5), ha="right", fontsize=9.5)
    picture.texts("calls", kl, offset=(-5, 5), ha="right", fontsize=9.5)
    return picture


def _update_withheld(state):
    column = np.searchsorted(WITHHELD, state.tasks)
    alpha, marks = state.alpha.astype(int), state.marks.astype(int) == 0
    measured = _measured()
    calls, flat, marked = (measured[name] for name in ("calls", "flat", "marked"))
    _, p, q = _matrices()
    p = np.where(marks[:, None, None], p[True][column], p[False][column])
    q = np.where(marks[:, None, None], q[True], q[False])
    of_calls = calls.kl[alpha, column]
    swapped_calls = calls.threshold[alpha, column]
    curves = np.where(marks[:, None], marked.kl[alpha], flat.kl[alpha])
    limits = np.where(marks[:, None], marked.threshold[alpha], flat.threshold[alpha])
    here = np.arange(len(state.tasks))
    of_transitions, limit = curves[here, column], limits[here, column]
    until = np.minimum(np.arange(len(WITHHELD)), column[:, None])  # the trail ends at the line
    trail = WITHHELD[until].astype(float)
    size = len(STATES)
    row, place = (index.ravel() for index in np.indices((size, size)))
    told = of_transitions > 0.05
    return Frame(
        shapes={
            "p": _squares(p, row, place),
            "q": _squares(q, row, place),
            "transitions": line(trail, np.take_along_axis(curves, until, axis=1)),
            "calls": line(trail, np.take_along_axis(calls.kl[alpha], until, axis=1)),
            "threshold": line(trail, np.take_along_axis(limits, until, axis=1)),
        },
        texts={
            "transitions": (
                state.tasks[:, None],
                of_transitions[:, None],
                [["transitions" if one else ""] for one in told.tolist()],
            ),
            "calls": (
                state.tasks[:, None],
                of_calls[:, None],
                [["single calls" if one >= 100 else ""] for one in state.tasks.tolist()],
            ),
        },
        readouts=[
            Readout("KL of single calls", of_calls, "nats", digits=4),
            Readout("KL of transitions", of_transitions, "nats", digits=4),
            Readout("95 % of swaps are below", limit, "nats", digits=4),
        ],
        invariants=[Invariant("KL ≥ 0, both", np.minimum(of_calls, of_transitions))],
        sentence=each(
            _withheld_sentence,
            state.tasks,
            of_calls,
            swapped_calls,
            of_transitions,
            limit,
            state.marks,
            alpha,
        ),
        table=Table(
            ("between tasks → end of turn", "end of turn → end of turn", "end of turn → a tool"),
            {"p": _three(p), "q": _three(q)},
            digits=4,
        ),
        tasks=[
            Task(
                "Withhold a tool in every task: which curve leaves the ground?",
                (state.tasks == TASKS) & marks & (alpha == 1),
            ),
            Task(
                "Leave the ends of turns out: what is left of it?",
                (state.tasks == TASKS) & ~marks,
            ),
        ],
    )


def _squares(shares, row, column):
    """Squares whose area is the share, the largest a little under a cell."""
    half = 0.48 * np.sqrt(shares.reshape(len(shares), -1) / LARGEST)
    return rectangles(column - half, row - half, 2 * half, 2 * half)


def _three(shares):
    return np.stack([shares[:, 0, 1], shares[:, 1, 1], shares[:, 1, 2:].sum(axis=1)], axis=1)


def _withheld_sentence(tasks, calls, swapped_calls, transitions, limit, marks, alpha):
    if tasks == 0:
        return (
            f"No task has changed: P is Q, and both divergences are 0, with {ALPHA_NAMES[alpha]}."
        )
    said = [
        f"single calls {'see' if calls > swapped_calls + 1e-12 else 'do not see'} it "
        f"({number(calls, 4)} nats)",
        f"transitions {'see' if transitions > limit + 1e-12 else 'do not see'} it "
        f"({number(transitions, 4)})",
    ]
    without = ", and no end of a turn is counted" if marks == 1 else ""
    return (
        f"A tool is withheld for one turn in {number(tasks, 0)} of 200 tasks{without}: "
        f"{said[0]}, {said[1]}."
    )


# -- a hand-off -----------------------------------------------------------------------------------

SIZES = (50, 200, 800)
SEED = 8
PLACES = {
    "between tasks": (0.0, 0.0),
    "planner": (1.1, 0.0),
    "researcher": (2.3, 0.75),
    "writer": (2.3, -0.75),
    "reviewer": (3.5, 0.0),
}
ARROWS = tuple(
    (AGENTS.index(before), AGENTS.index(after))
    for before, after in (
        ("planner", "researcher"),
        ("planner", "writer"),
        ("researcher", "writer"),
        ("writer", "researcher"),
        ("writer", "reviewer"),
        ("researcher", "reviewer"),
        ("reviewer", "writer"),
    )
)
KL_TOP = 0.62


def a_new_path():
    """Drag the day, and see which of three curves leaves its good days first."""
    return Explorer(
        title="A new path",
        description=(
            "Simulated. Above: KL(P‖Q) of the day's hand-offs against twenty good days, solid, and "
            "of how often each agent worked, dash-dotted; below it the share of tasks that were "
            "completed. Dotted lines show the worst of the good days. A line to drag chooses the "
            "day. At the bottom: who hands over to whom on that day, the width of an arrow is its "
            "share; P solid blue, Q, the good days, dashed orange beside it."
        ),
        controls=[
            Slider("day", "Day", 1, DAYS, 1, start=GOOD_DAYS),
            Choice("size", "Tasks a day", tuple(map(str, SIZES)), start=1),
        ],
        presets={
            "last good day": {"day": GOOD_DAYS},
            "ten days later": {"day": GOOD_DAYS + 10},
            "last day": {"day": DAYS},
        },
        draw=_draw_path,
        update=_update_path,
    )


def first_of_two(outside):
    """The first day after the good ones that is outside with the next one, from 1; 0 for none."""
    both = outside[GOOD_DAYS:-1] & outside[GOOD_DAYS + 1 :]
    return int(GOOD_DAYS + 1 + both.argmax()) if both.any() else 0


@cache
def _watched():
    """What a monitor sees, for each number of tasks a day."""
    found = []
    for size in SIZES:
        tables, completed = days_of(size, SEED)
        used = tables.reshape(DAYS, -1).sum(axis=0) > 0
        moves = tables.reshape(DAYS, -1)[:, used]
        visits = tables.sum(axis=1)[:, 1:]
        seen = {}
        for name, counts in (("moves", moves), ("visits", visits)):
            good = counts[:GOOD_DAYS]
            total = good.sum(axis=0)
            kl = _kl(counts, np.broadcast_to(total, counts.shape), 0.5)
            left_out = np.array([_kl(one, total - one, 0.5) for one in good])
            kl[:GOOD_DAYS] = left_out
            seen[name] = kl
            seen[f"{name} limit"] = left_out.max()
            seen[f"{name} first"] = first_of_two(kl > left_out.max())
        lowest = completed[:GOOD_DAYS].min()
        seen |= {"completed": completed, "completed limit": lowest}
        seen["completed first"] = first_of_two(completed < lowest)
        shares = tables / tables.sum(axis=(1, 2), keepdims=True)
        base = tables[:GOOD_DAYS].sum(axis=0)
        seen |= {"p": shares, "q": base / base.sum(), "tables": tables}
        found.append(seen)
    return found


def _column(name):
    return np.array([seen[name] for seen in _watched()])


def _draw_path():
    picture = Picture(6.4, 4.7, [["kl"], ["done"], ["agents"]], height_ratios=[1.1, 0.75, 1.15])
    kl, done, agents = (picture.axes[name] for name in ("kl", "done", "agents"))
    ticks = [1, 10, 20, 30, 40, 50, 60]
    kl.set(xlim=(0, DAYS + 1), ylim=(0, KL_TOP), yticks=[0, 0.2, 0.4, 0.6])
    kl.set_xticks(ticks, [])
    kl.set_title("KL, nats: hand-offs solid, agents dash-dotted")
    done.set(xlim=(0, DAYS + 1), ylim=(0.78, 1.01), yticks=[0.8, 0.9, 1])
    done.set_yticks([0.8, 0.9, 1], ["80 %", "90 %", "100 %"])
    done.set_xticks(ticks, [f"day {ticks[0]}", *map(str, ticks[1:])])
    done.set_title("Tasks completed")
    for axes in (kl, done):
        axes.axvspan(0.5, GOOD_DAYS + 0.5, color=FAINT, alpha=0.35, linewidth=0)
    trail = {"closed": False, "facecolor": "none", "edgecolor": INK}
    picture.shapes("moves", kl, linewidth=1.8, **trail)
    picture.shapes("visits", kl, linewidth=1.5, linestyle="-.", **trail)
    picture.shapes("completed", done, linewidth=1.6, **trail)
    dotted = {"closed": False, "facecolor": "none", "edgecolor": MUTED, "linestyle": ":"}
    picture.shapes("moves limit", kl, linewidth=1.4, **dotted)
    picture.shapes("completed limit", done, linewidth=1.4, **dotted)
    held = {"edgecolor": P_COLOUR, "linestyle": ":", "linewidth": 1.2}
    picture.line("day", kl, "x", (0, KL_TOP), grip=0.85, **held)
    agents.set(xlim=(-0.5, 4.1), ylim=(-1.25, 1.2), xticks=[], yticks=[])
    for side in ("left", "bottom"):
        agents.spines[side].set_visible(False)
    for name in AGENTS[1:]:
        x, y = PLACES[name]
        box = {"boxstyle": "round,pad=0.3", "facecolor": "none", "edgecolor": MUTED}
        agents.text(x, y, name, ha="center", va="center", fontsize=9.5, bbox=box)
    agents.text(-0.45, 0.95, "Who hands over to whom:", fontsize=10.5, va="center")
    legend = {"fontsize": 10, "va": "center", "fontweight": "bold"}
    agents.text(-0.45, 0.52, "P, this day, solid", color=P_COLOUR, **legend)
    agents.text(-0.45, -0.9, "Q, the good days, dashed", color=Q_COLOUR, **legend)
    solid = {"facecolor": P_COLOUR, "edgecolor": P_COLOUR, "linewidth": 0.8}
    dashed = {"facecolor": "none", "edgecolor": Q_COLOUR, "linewidth": 1.2}
    picture.shapes("p", agents, count=len(ARROWS), **solid)
    picture.shapes("q", agents, count=len(ARROWS), linestyle=(0, (3, 2)), **dashed)
    return picture


def _arrow(before, after, width, side):
    """An arrow beside the straight line from one agent to the next, as wide as its share."""
    start, end = (np.array(PLACES[AGENTS[agent]]) for agent in (before, after))
    along = (end - start) / np.hypot(*(end - start))
    across = np.array([-along[1], along[0]])
    start, end = start + 0.42 * along, end - 0.42 * along
    middle = across * (0.06 + 0.17 * side)
    half = (0.5 * width)[:, None] * across
    head = (0.5 * width + np.where(width > 0, 0.03, 0.0))[:, None] * across
    neck = end - 0.12 * along
    corners = [
        start + middle - half,
        neck + middle - half,
        neck + middle - head,
        np.broadcast_to(end + middle, half.shape),
        neck + middle + head,
        neck + middle + half,
        start + middle + half,
    ]
    return np.stack(corners, axis=1)


def _update_path(state):
    day, size = state.day.astype(int) - 1, state.size.astype(int)
    watched = {
        name: _column(name)[size]
        for name in ("moves", "visits", "completed", "moves limit", "completed limit")
    }
    here = np.arange(len(day))
    days = np.arange(1, DAYS + 1)
    until = np.minimum(np.arange(DAYS), day[:, None])
    trails = {
        name: line(days[until], np.take_along_axis(watched[name], until, axis=1))
        for name in ("moves", "visits", "completed")
    }
    limits = {
        name: line(np.array([0.5, DAYS + 0.5]), np.repeat(watched[name][:, None], 2, axis=1))
        for name in ("moves limit", "completed limit")
    }
    p, q = _column("p")[size, day], _column("q")[size]
    widths = [(0.45 * side[:, before, after]) for side in (p, q) for before, after in ARROWS]
    arrows = [
        _arrow(*ARROWS[place % len(ARROWS)], width, place // len(ARROWS))
        for place, width in enumerate(widths)
    ]
    shapes = np.stack(arrows, axis=1)
    moves, visits, completed = (
        watched[name][here, day] for name in ("moves", "visits", "completed")
    )
    firsts = {name: _column(f"{name} first")[size] for name in ("moves", "visits", "completed")}
    reached = {name: (firsts[name] > 0) & (state.day >= firsts[name] + 1) for name in firsts}
    planner = p[:, 1] / p[:, 1].sum(axis=1, keepdims=True)
    return Frame(
        shapes={
            **trails,
            **limits,
            "p": shapes[:, : len(ARROWS)],
            "q": shapes[:, len(ARROWS) :],
        },
        readouts=[
            Readout("KL of hand-offs", moves, "nats", digits=4),
            Readout("KL of agents", visits, "nats", digits=4),
            Readout("completed", 100 * completed, "%", digits=1),
        ],
        invariants=[Invariant("KL ≥ 0, both", np.minimum(moves, visits))],
        sentence=each(
            _path_sentence,
            state.day,
            100 * planner[:, AGENTS.index("writer")],
            reached["moves"],
            reached["visits"],
            reached["completed"],
        ),
        table=Table(
            [f"{AGENTS[a]} → {AGENTS[b]}" for a, b in ARROWS],
            {
                "p": np.stack([p[:, a, b] for a, b in ARROWS], axis=1),
                "q": np.stack([q[:, a, b] for a, b in ARROWS], axis=1),
            },
            digits=4,
        ),
        tasks=[
            Task(
                "Find the day on which the hand-offs have rung, and nothing else.",
                reached["moves"] & ~reached["visits"] & ~reached["completed"],
            ),
            Task(
                "Find the day on which the completion rate rings too.",
                reached["completed"] & (state.day == firsts["completed"] + 1),
            ),
        ],
    )


def _path_sentence(day, share, moves, visits, completed):
    rung = [
        name
        for name, there in (
            ("the hand-offs", moves),
            ("the agents' own counts", visits),
            ("the completion rate", completed),
        )
        if there
    ]
    if day <= GOOD_DAYS:
        said = "one of the good days, which set the limits"
    elif not rung:
        said = "nothing has rung yet"
    else:
        verb = "has" if rung == ["the completion rate"] else "have"
        said = f"{', '.join(rung[:-1])}{' and ' if len(rung) > 1 else ''}{rung[-1]} {verb} rung"
    return (
        f"Day {number(day, 0)}: the planner hands {number(share, 0)} % of tasks straight to the "
        f"writer; {said}."
    )
