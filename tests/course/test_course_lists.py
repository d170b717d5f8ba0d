"""What lists the units is in step with the course's table, and the table with itself."""

import re

import course_lists
from klteach.units import PARTS, UNITS, WRITTEN
from klteach.units.routes import CORE, ROUTES
from notebook_running import ROOT


def test_the_tool_would_change_nothing():
    texts = course_lists.in_step()
    assert len(texts) == 1 + 2 * len(WRITTEN)
    stale = [path.name for path, text in texts.items() if path.read_text("utf-8") != text]
    assert stale == [], "run tools/course_lists.py"


def test_the_units_are_numbered_in_order_and_no_name_stands_twice():
    assert [unit.number for unit in UNITS] == list(range(32))
    assert [part.letter for part in PARTS] == list("ABCDEFG")
    for names in ([unit.slug for unit in UNITS], [unit.title for unit in UNITS]):
        assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z_]*[a-z]", unit.slug) for unit in UNITS)


def test_every_route_contains_what_it_starts_from():
    assert all(route.numbers <= set(range(len(UNITS))) for route in ROUTES)
    assert {route.name for route in ROUTES if route.numbers >= CORE} == {
        "Core",
        "LLM",
        "Statistician",
    }


def test_every_notebook_belongs_to_a_unit_or_is_a_reference():
    names = {unit.name for unit in UNITS} | {"A_notation", "B_glossary", "C_bibliography"}
    for folder in ("notebooks", "solutions", "exercises"):
        assert {path.stem for path in (ROOT / folder).glob("*.ipynb")} <= names
    assert all((ROOT / "notebooks" / f"{unit.name}.ipynb").exists() for unit in WRITTEN)


def test_the_sentence_on_what_exists_follows_the_table(monkeypatch):
    monkeypatch.setattr(course_lists, "WRITTEN", UNITS[:3])
    assert course_lists.units_that_exist() == "Units 00, 01 and 02 exist so far."
    assert "on its way" in course_lists.lesson_links(UNITS[2])
    assert course_lists.exercise_links(UNITS[1]).endswith(
        "[Exercises 02 →](02_cross_entropy_and_kl.ipynb)"
    )
    monkeypatch.setattr(course_lists, "WRITTEN", UNITS)
    assert course_lists.units_that_exist() == "Units 00 to 31 exist."
    assert course_lists.lesson_links(UNITS[31]).endswith(course_lists.MAP + ")")
    # whose route ends is led to the unit that closes the course
    assert "Core, Statistician: [31 Capstone →]" in course_lists.lesson_links(UNITS[23])
    assert "Monitoring: [31 Capstone →]" in course_lists.lesson_links(UNITS[29])


def test_check_writes_nothing_and_says_what_would_change(monkeypatch, capsys, tmp_path):
    page = tmp_path / "README.md"
    page.write_text("old")
    monkeypatch.setattr(course_lists, "ROOT", tmp_path)
    monkeypatch.setattr(course_lists, "in_step", lambda: {page: "new"})
    assert course_lists.main(["--check"]) == 1 and page.read_text() == "old"
    assert "README.md: would change" in capsys.readouterr().out
    assert course_lists.main([]) == 0 and page.read_text() == "new"
    assert course_lists.main(["--check"]) == 0
