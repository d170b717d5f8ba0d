"""How long a lesson takes, against the plan of the course."""

import re

import pytest

from klteach.units import UNITS
from lesson_minutes import marks, sections_of, totals
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.units.lesson_text import LESSONS, read, says

# 00 has a trial of the verbs and nothing before it to warm up on
WITH_EXERCISES = [place for place in LESSONS if not place.startswith("notebooks/00")]


@pytest.mark.parametrize("place", LESSONS)
def test_a_lesson_takes_the_minutes_that_were_counted(place):
    sections = sections_of(read_notebook(ROOT / f"{place}.ipynb"))
    begins = marks(sections)
    for section in sections[1:]:
        assert abs(section.mark - begins[section.name]) <= 2, section
    time = r"\*\*Time\*\* (\d+) minutes, (\d+) to read and (\d+) to work"
    in_all, to_read, to_work = map(int, re.search(time, read(place).text).groups())
    assert in_all == to_read + to_work
    assert abs(to_read - totals(sections)[0]) <= 2 and abs(to_work - totals(sections)[1]) <= 2


@pytest.mark.parametrize("place", LESSONS)
def test_a_lesson_takes_about_the_minutes_of_the_plan(place):
    planned = UNITS[int(place.split("/")[1][:2])].minutes
    counted = sum(totals(sections_of(read_notebook(ROOT / f"{place}.ipynb"))))
    words = f"{counted} minutes by tools/lesson_minutes.py, {planned} in the unit's row"
    assert abs(counted - planned) <= 8, words


@pytest.mark.parametrize("place", WITH_EXERCISES)
def test_the_exercises_take_the_minutes_that_the_lesson_says(place):
    exercises = read(place.replace("notebooks", "solutions")).text
    minutes = re.findall(r"^## .*· (\d+) min\b", exercises, re.MULTILINE)
    says(place, f"then {sum(map(int, minutes))} for the exercises")


@pytest.mark.parametrize("place", WITH_EXERCISES)
def test_a_warm_up_asks_three_questions(place):
    says(place, "Three short questions")
    warm_up = read(place).quizzes.split("Run this cell to answer.")[0]
    assert len(re.findall(r"[?…] *$", warm_up, re.MULTILINE)) == 3
