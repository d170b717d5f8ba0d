"""The map of the course: every unit, the way to it, and how far the learner has come."""

import re

import pytest

from klteach.practice.events import record
from klteach.units import PARTS, UNITS, WRITTEN
from klteach.units.lookup import questions_of
from klteach.units.routes import CORE
from klteach.units.u00_start_here.course_map import course_map
from notebook_running import ROOT


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "progress.jsonl"))


def boxes():
    """{code of a unit: the HTML of its box}"""
    found = re.findall(r"<li.*?</li>", course_map()._repr_html_())
    return {re.search(r">(\d\d) ", box)[1]: box for box in found}


def states():
    """{code of a unit: what its box says of it}"""
    return {code: re.search(r"<span[^>]*>(.*?)</span>", box)[1] for code, box in boxes().items()}


def test_every_unit_has_its_box_and_every_written_one_a_link_to_its_lesson():
    found = boxes()
    assert list(found) == [unit.code for unit in UNITS]
    for unit in UNITS:
        target = re.search(r'href="\.\./notebooks/([^"]+)"', found[unit.code])
        assert bool(target) is unit.written
        if target:
            assert target[1] == f"{unit.name}.ipynb"
            assert (ROOT / "notebooks" / target[1]).is_file()
    html = course_map()._repr_html_()
    assert all(f"{part.letter} · {part.title}" in html for part in PARTS)


def test_before_anything_is_done_it_gives_minutes():
    found = states()
    for unit in UNITS:
        words = f"{unit.minutes} min" if unit.written else "planned"
        assert found[unit.code] == words + (" · core" if unit.number in CORE else "")
    assert repr(course_map()).endswith("; done: none; begun: none")


def test_a_unit_is_begun_by_any_answer_and_done_when_every_exercise_is_right():
    unit = WRITTEN[2]
    first, *others = (question.name for question in questions_of(unit))
    record("prediction", item=f"{WRITTEN[1].code}-die", answer="one fair die")
    record("review", item=f"{WRITTEN[0].code}-compass", answer="P", hit=True)
    record("check", question=first, outcome="raised", score=0)
    assert states()[WRITTEN[1].code].startswith("◐ begun, 0 of ")
    assert states()[unit.code].startswith(f"◐ begun, 0 of {1 + len(others)}")
    record("check", question=first, outcome="correct", score=1)
    record("check", question=first, outcome="wrong", score=0)
    record("seen", question=others[0])
    assert states()[unit.code].startswith(f"◐ begun, 1 of {1 + len(others)}")
    for name in others:
        record("check", question=name, outcome="correct", score=1)
    assert states()[unit.code].startswith("✓ done")
    assert states()[WRITTEN[0].code].startswith(f"{WRITTEN[0].minutes} min")
    assert repr(course_map()).endswith(f"; done: {unit.code}; begun: {WRITTEN[1].code}")


def test_no_word_of_it_is_small_and_its_colours_are_those_of_the_page():
    html = course_map()._repr_html_()
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)em", html)]
    assert sizes and min(sizes) * 13 >= 11  # the smallest text of JupyterLab's pages is 13 px
    assert "background" not in html and not re.search(r"[ ;\"]color:", html)
    assert '<div lang="en" dir="ltr"' in html
