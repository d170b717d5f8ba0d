"""The map of the course: the units by part, a way to each, and how far the learner has come."""

from html import escape

from klteach.practice.events import history
from klteach.practice.quiz.verbs import visited_units
from klteach.units import PARTS, UNITS, WRITTEN, Unit
from klteach.units.lookup import question_names
from klteach.units.routes import CORE

DONE, BEGUN, PLANNED = "✓ done", "◐ begun", "planned"


class CourseMap:
    """All units by part with their state, as a page and as a line of text."""

    def __init__(self, events: list[dict]):
        right = {
            event.get("question")
            for event in events
            if event["kind"] == "check" and event.get("outcome") == "correct"
        }
        visited = visited_units(events)
        self._states = {unit: _state(unit, right, unit.code in visited) for unit in UNITS}

    def __repr__(self):
        core = [unit for unit in UNITS if unit.number in CORE]
        return (
            f"Map of the course | {len(UNITS)} units in {len(PARTS)} parts, A to G; "
            f"written so far: {_codes(WRITTEN)}; core route: {_codes(core)}; "
            f"done: {_codes(self._in(DONE))}; begun: {_codes(self._in(BEGUN))}"
        )

    def _in(self, state: str) -> list[Unit]:
        return [unit for unit, own in self._states.items() if own.startswith(state)]

    def _repr_html_(self):
        parts = "".join(self._row(part) for part in PARTS)
        legend = (
            f"{DONE}: every exercise right · {BEGUN}: so many of them right · minutes: not begun · "
            f"dashed: {PLANNED} · core, with a thick edge: the core route"
        )
        # the words are English, whichever way the page around them is written
        return (
            f'<div lang="en" dir="ltr" role="group" aria-label="Map of the course" '
            f'style="{_MAP}">{parts}<p style="{_SMALL}; margin: 0">{legend}</p></div>'
        )

    def _row(self, part) -> str:
        name = escape(f"{part.letter} · {part.title}")
        boxes = "".join(self._box(unit) for unit in part.units)
        return (
            f'<div style="{_ROW}"><strong style="flex: 0 0 9.5em">{name}</strong>'
            f'<ul aria-label="{name}" style="{_BOXES}">{boxes}</ul></div>'
        )

    def _box(self, unit: Unit) -> str:
        name = escape(f"{unit.code} {' '.join(unit.label.split())}")
        state, colour = self._states[unit], "#7a7a7a"
        if unit.written:
            name = f'<a href="../notebooks/{unit.name}.ipynb">{name}</a>'
            colour = "#00875f" if state == DONE else colour
        core = unit.number in CORE
        edge = f"{2 if core else 1}px {'solid' if unit.written else 'dashed'} {colour}"
        words = f"{state} · core" if core else state
        return f'<li style="{_BOX}; {_SMALL}; border: {edge}">{name}<br><span>{words}</span></li>'


def _state(unit: Unit, right: set, visited: bool) -> str:
    """What a box says of a unit, of which the questions in `right` are answered."""
    if not unit.written:
        return PLANNED
    names = question_names(unit)
    solved = len(right.intersection(names))
    if solved == len(names):
        return DONE
    return f"{BEGUN}, {solved} of {len(names)}" if visited else f"{unit.minutes} min"


def course_map():
    """The map of the course, with what you have done so far, to be shown in a notebook."""
    return CourseMap(history())


def _codes(units) -> str:
    return ", ".join(unit.code for unit in units) or "none"


# In the elements, as in the boxes of the feedback. The colours are those of the page; an edge has a
# contrast of at least 3:1 on light and on dark, and says nothing that the words do not say.
_MAP = "max-width: 72em; margin: 0.3em 0; line-height: 1.3"
_ROW = "display: flex; flex-wrap: wrap; gap: 0.2em 0.8em; margin: 0 0 0.8em"
_BOXES = (
    "flex: 1 1 20em; display: flex; flex-wrap: wrap; gap: 0.4em; list-style: none; margin: 0; "
    "padding: 0"
)
_BOX = "box-sizing: border-box; width: 8.3em; margin: 0; padding: 0.3em 0.4em; border-radius: 4px"
_SMALL = "font-size: 0.9em"
