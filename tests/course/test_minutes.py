"""How long a lesson takes, against the plan of the course."""

import re

import pytest
from lesson_text import LESSONS, read, says
from plan import MINUTES

WITH_EXERCISES = LESSONS[1:]  # 00 has a trial of the verbs and nothing before it to warm up on


@pytest.mark.parametrize("place", LESSONS)
def test_a_lesson_takes_the_minutes_of_the_plan(place):
    unit = int(place.split("/")[1][:2])
    says(place, f"**Time** {MINUTES[unit]} minutes")


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
