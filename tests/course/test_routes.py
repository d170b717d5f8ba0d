"""A walk along each route, from unit 00 to its last: what is needed has been there or is linked.

Whoever takes a route passes units by. So a lesson says of each unit that it needs whether a route
leaves it out, a term of a unit that was left out leads to the glossary where it is met first, and
arrows and warm-ups keep to the route.
"""

import re
from functools import cache
from itertools import pairwise

import pytest

from klteach.practice.events import record
from klteach.practice.quiz.verbs import warm_up_questions
from klteach.practice.wording import listed
from klteach.units import UNITS, WRITTEN
from klteach.units.lookup import predictions_of
from klteach.units.routes import ROUTES
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.course.notebook_lint import links, text_cells
from tests.units.lesson_text import read

each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def units_of(route):
    return [unit for unit in WRITTEN if unit.number in route.numbers]


@cache
def cells_of(unit):
    """{id: source} of the markdown cells of a lesson."""
    notebook = read_notebook(ROOT / f"notebooks/{unit.name}.ipynb")
    return {cell.id: cell.source for _, cell in text_cells(notebook)}


def header(unit):
    return cells_of(unit)[f"{unit.code}-start-text"]


# What a lesson needs

NEEDED = re.compile(
    r"\[(\d\d)[^\]]*\]\(\d\d_\w+\.ipynb\)"
    r"(?: \(not on the routes? ([\w, ]+): "
    r"\[its idea\]\(\d\d_\w+\.ipynb#cell-id=\d\d-the-idea-text\) is enough\))?"
)


@pytest.mark.parametrize("unit", WRITTEN[1:], ids=lambda unit: unit.code)
def test_what_a_lesson_needs_was_on_the_route_or_is_said_to_lie_beside_it(unit):
    needs = re.search(r"\*\*Needs\*\* (.*?) · \*\*Compass", header(unit))[1]
    needed = NEEDED.findall(needs)
    assert needed
    for code, said in needed:
        assert code < unit.code
        beside = [
            route.name
            for route in ROUTES
            if unit.number in route.numbers and int(code) not in route.numbers
        ]
        assert said == (listed(beside) if beside else ""), f"{unit.code} needs {code}"


# Terms

FIRST_MET = re.compile(r"First met in \[(\d\d) ")
# terms whose words are everyday English as well, which no search tells apart
EVERYDAY = {"Channel", "Evidence", "Generator", "Margin", "Policy", "Score"}
# where a lesson uses other words than the heading of the entry
OTHER_WORDS = {
    "Covariance matrix": "covariance",
    "Multivariate normal distribution": "multivariate normal",
    "Normal distribution": "normal",
    "Window null": "`windows`",
}


@cache
def glossary():
    """{term: (the unit that it is first met in, the id of its entry)}"""
    found = {}
    for _, cell in text_cells(read_notebook(ROOT / "notebooks/B_glossary.ipynb")):
        heading, met = re.match(r"## (.+)\n", cell.source), FIRST_MET.search(cell.source)
        if heading and met:
            found[heading[1]] = int(met[1]), cell.id
    return found


def prose(unit):
    """What a lesson says, without its lines of links and without its references."""
    text = "\n".join(cells_of(unit).values()).split("**References**")[0]
    lines = text.split("\n")
    return "\n".join(each for each in lines if "[↑ Map" not in each and "**Needs**" not in each)


def linked_terms(unit):
    """The ids of the glossary's entries that a lesson links to."""
    return {
        target.removeprefix("B_glossary.ipynb#cell-id=")
        for source in cells_of(unit).values()
        for _, target in links(source)
    }


@each_route
def test_a_term_of_a_unit_passed_by_leads_to_the_glossary_where_the_route_first_meets_it(route):
    assert len(glossary()) > 100
    for term, (first, entry) in glossary().items():
        if first in route.numbers or term in EVERYDAY:
            continue  # introduced there; no lesson links to a term of a later one
        words = re.escape(OTHER_WORDS.get(term, term.split(" (")[0]))
        pattern = re.compile(rf"(?<![\w-]){words}s?(?!\w)", re.IGNORECASE)
        for unit in units_of(route):
            if unit.number > first and pattern.search(prose(unit)):
                assert entry in linked_terms(unit), f"{term} in unit {unit.code}"
                break


# Arrows and warm-ups


def next_on(route_name, unit):
    """The code of the unit that the arrows of a lesson lead to for somebody on this route."""
    line = next(line for line in header(unit).split("\n") if "[↑ Map of the course]" in line)
    ways = line.split("↑ Map of the course")[1].split(" · ")[1:]
    for way in ways[1:]:
        names, _, target = way.partition(": ")
        if route_name in names.split(", "):
            return target[1:3]
    return ways[0].lstrip("[")[:2] if ways else ""


@each_route
def test_the_arrows_follow_the_route_and_end_at_the_close_of_the_course(route):
    units = units_of(route)
    for unit, following in pairwise(units):
        assert next_on(route.name, unit) == following.code
    if UNITS[-1].written:
        assert next_on(route.name, units[-1]) == UNITS[-1].code


@each_route
def test_a_warm_up_asks_about_the_units_of_the_route_alone(route, tmp_path, monkeypatch):
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "progress.jsonl"))
    visited = set()
    for unit in units_of(route):
        if visited:
            asked = warm_up_questions(unit.code)
            assert len(asked) == 3 and {question.unit for question in asked} <= visited
            for question in asked:
                record("review", item=question.name, warm_up=unit.code, hit=True, code="right")
        record("prediction", item=predictions_of(unit)[0].name, hit=True)
        visited.add(unit.code)


# Minutes

# what a sentence more may add to fifty planned minutes, before a unit is to be split
LONGEST = 53
OF_ANOTHER_LENGTH = {
    "00": "a trial of the tools before the first unit",
    "31": "the briefs of the whole course, and its close",
}


@pytest.mark.parametrize("unit", WRITTEN, ids=lambda unit: unit.code)
def test_a_unit_takes_half_an_hour_to_fifty_minutes(unit):
    if unit.code not in OF_ANOTHER_LENGTH:
        counted = int(re.search(r"\*\*Time\*\* (\d+) minutes", header(unit))[1])
        assert 30 <= unit.minutes <= 50 and 30 <= counted <= LONGEST


# The seven readings of KL

# {reading: {cell: the words in which it stands there}}
READINGS = {
    "surprise": {
        "01-where-this-bites-text": "the text decides which tokens come, and the surprise is",
        "02-the-idea-text": r"= \log \frac{p(x)}{q(x)}$, averaged under P",
    },
    "coding": {"02-the-idea-text": "the part of the bill that the right code would have saved"},
    "betting, gain": {
        "02-the-idea-text-4": r"grows on average by $\sum_x p(x) \log \frac{p(x)}{q(x)}",
    },
    "betting, loss": {"02-the-idea-text-4": "The second KL is a loss, so B = P is best."},
    "geometry": {"03-the-idea-text-4": "**KL is itself the gap above a tangent.**"},
    "likelihood": {
        "15-the-idea-text": "**The θ that makes the rows likeliest makes KL(P̂‖Q) smallest:**"
    },
    "testing": {
        "14-the-idea-text-2": r"(\text{type II}) \;\longrightarrow\; \mathrm{KL}(P \Vert Q)"
    },
}


def test_the_seven_readings_of_kl_stand_where_part_a_says():
    table = cells_of(UNITS[5])["05-the-idea-text-4"]
    assert "**Seven readings of one number.**" in table
    rows = re.findall(r"^\| (.+?) \| .* \| ([\d, ]+) \|$", table, re.MULTILINE)
    assert [name for name, _ in rows] == list(READINGS) and len(rows) == 7
    for name, units in rows:
        assert {cell[:2] for cell in READINGS[name]} == set(units.split(", ")), name
        for cell, words in READINGS[name].items():
            assert words in cells_of(UNITS[int(cell[:2])])[cell], f"{name} in {cell}"


def test_lesson_00_says_how_every_route_ends():
    if UNITS[-1].written:
        assert "31_capstone.ipynb" in "\n".join(cells_of(UNITS[0]).values())
    assert "All four begin with 00, 01 and 02" in read("notebooks/00_start_here").text
