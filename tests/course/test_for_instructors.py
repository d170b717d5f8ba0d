"""The plans for instructors add up to the minutes of the course's table, and teach in order."""

import re

import pytest

from klteach.units import UNITS
from klteach.units.routes import CORE
from notebook_running import ROOT

PAGE = (ROOT / "docs" / "for_instructors.md").read_text(encoding="utf-8")
PLANS = {
    heading: section
    for heading, section in re.findall(
        r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE
    )
    if "\n|---" in section
}
TITLES = {unit.code: unit.title for unit in UNITS}


def rows(plan):
    """[cells] of the rows of a plan's table."""
    lines = re.findall(r"^\| (.*) \|$", PLANS[plan], re.MULTILINE)
    return [line.split(" | ") for line in lines[1:]]


def total(plan):
    return int(re.search(r"In all (\d+) minutes", PLANS[plan])[1])


def minutes(codes):
    return sum(UNITS[int(code)].minutes for code in codes)


WEEKS = [plan for plan in PLANS if "weeks" in plan]


@pytest.mark.parametrize("plan", WEEKS)
def test_the_weeks_add_up(plan):
    taught = []
    for place, (week, units, said) in enumerate(rows(plan), start=1):
        assert int(week) == place
        assert int(said) == minutes(units.split())
        taught += units.split()
    assert taught == sorted(set(taught))
    assert total(plan) == minutes(taught)


def test_one_plan_is_the_core_route_and_one_the_whole_course():
    taught = [{int(code) for _, units, _ in rows(plan) for code in units.split()} for plan in WEEKS]
    assert taught == [CORE, set(range(len(UNITS)))]
    assert [len(rows(plan)) for plan in WEEKS] == [6, 12]


def test_the_workshop_goes_by_the_clock():
    (plan,) = set(PLANS) - set(WEEKS)
    clock, lessons = 0, 0
    for hour, what, said in rows(plan):
        hours, past = map(int, hour.split(":"))
        assert 60 * hours + past == clock
        code, _, title = what.partition(" ")
        if code in TITLES:
            assert int(said) == minutes([code]) and title.startswith(TITLES[code])
            lessons += int(said)
        clock += int(said)
    assert clock == total(plan) == 240
    assert f"{lessons} of them lessons" in PLANS[plan]


def test_the_readme_leads_to_the_pages_of_docs():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{page.name})" in readme
    for target in re.findall(r"\]\(\.\./([\w./]+)", PAGE):
        assert (ROOT / target).is_file()
