"""What lesson 00 says: its numbers by a second route, its claims in words."""

import math
import re

import numpy as np

from klteach.practice.checker import check_answer
from klteach.units import PARTS, UNITS, WRITTEN
from klteach.units.lookup import find_question
from klteach.units.routes import CORE, ROUTES
from klteach.units.u00_start_here import explorer as unit_00
from lesson_minutes import WORK
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.units.lesson_text import read, says
from tests.units.second_route import WORDS, kl

LESSON = "notebooks/00_start_here"
EXERCISES = "solutions/00_start_here"

RAIN, FORECAST = [0.30, 0.70], [0.01, 0.99]

SAID = {}


SAID[LESSON, "text"] = [
    # what the course is about
    ("rains on {:g} days in 100, and a forecast says {:g} %", 100 * RAIN[0], 100 * FORECAST[0]),
    (
        "the average price of that wrong belief: {:.2f} nats a day more than an honest {:g} %",
        kl(RAIN, FORECAST),
        100 * RAIN[0],
    ),
    # Does it work?
    ("drag the bar until the gauge reads **{:.2f}**", unit_00.GOAL),
    ("A gauge that reads {:.2f} proves", unit_00.GOAL),
    # Three verbs
    ("`return {:g} * counts / np.sum(counts)` | almost", 1.001),
    # Map of the course
    ("The map shows {} parts and {} units", WORDS[len(PARTS)], len(UNITS)),
    (
        "The core route runs through {} of the {}.",
        WORDS[sum(any(unit.number in CORE for unit in part.units) for part in PARTS)],
        WORDS[len(PARTS)],
    ),
]
SAID[LESSON, "printed"] = [
    ("The gauge reads {:.2f}; drag the bar up to {:.2f}. | gauge: {:.2f}", 0.2, unit_00.GOAL, 0.2),
    ("shares([3, 1]) gives [{:g}, {:g}]", 3 / 2, 1 / 2),
    ("| {} units in {} parts, A to G", len(UNITS), len(PARTS)),
]
SAID[EXERCISES, "code"] = [
    (">>> shares(np.array([3, 1])).tolist()\n [{:g}, {:g}]", 3 / 4, 1 / 4),
]


def test_the_first_lesson_counts_right():
    says(LESSON, "an order of three pairs", "**Ten questions, if you like.**")
    says(LESSON, "the next of three hints")
    assert read(LESSON).quizzes.count("Pair ") == 3
    assert read(LESSON).quizzes.count("I do not know yet") == 10
    assert "Hint 1 of 3: " in read(LESSON).printed


def test_the_ten_questions_are_offered_behind_the_content_and_take_the_minutes_that_it_says():
    says(LESSON, "and take eight minutes", "not graded")
    cells = read_notebook(ROOT / f"{LESSON}.ipynb").cells
    (asked,) = (place for place, cell in enumerate(cells) if "inventory()" in cell.source)
    headings = [cell.source.split(" · ")[0] for cell in cells[:asked] if cell.source[:3] == "## "]
    assert headings[-1] == "## Routes"
    assert math.ceil(10 * WORK["review question"] / 60) == 8


def test_what_the_minutes_are_is_said():
    says(LESSON, "the time on the clock at which its section begins", "are what it takes")
    says(EXERCISES, "The minutes in a heading are what that exercise takes.")


def test_the_points_of_all_exercises_are_those_that_the_grader_counts():
    points = [
        cell.metadata["nbgrader"]["points"]
        for unit in WRITTEN
        for cell in read_notebook(ROOT / "solutions" / f"{unit.name}.ipynb").cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    wanted = f"Exercises: 1 of {len(points)} correct, 1 of {sum(points)} points."
    assert wanted in read(LESSON).printed


def test_the_routes_and_their_hours():
    says(LESSON, "All four begin with 00, 01 and 02")
    rows = re.findall(r"\| \*\*(\w+)\*\* \|[^|]*\| ([^|]*) \| (\d+) \|", read(LESSON).text)
    for (name, units, hours), route in zip(rows, ROUTES, strict=True):
        assert (name, units_of(units)) == (route.name, route.numbers)
        assert {0, 1, 2} <= route.numbers
        minutes = sum(UNITS[number].minutes for number in route.numbers)
        assert hours == f"{minutes / 60:.0f}", f"{name}: {minutes} minutes"


def units_of(text):
    """The units of "Core + 07 20" or "00–05 11"."""
    units = set(CORE) if "Core" in text else set()
    for first, last in re.findall(r"(\d\d)(?:–(\d\d))?", text):
        units |= set(range(int(first), int(last or first) + 1))
    return units


def test_the_map_shows_the_units_that_there_are():
    written = [unit.code for unit in WRITTEN]
    core = ", ".join(f"{unit:02d}" for unit in sorted(CORE))
    route = f"written so far: {', '.join(written)}; core route: {core}; done: 00; begun: none\n"
    assert route in read(LESSON).printed
    says(LESSON, "Of 00 that is `shares`, which you have just seen repaired")


def test_the_attempt_that_is_almost_right():
    def shares(counts):
        return 1.001 * counts / np.sum(counts)

    assert check_answer(find_question("shares"), {"shares": shares}).state == "almost"
