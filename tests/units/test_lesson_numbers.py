"""Every number that the notebooks print, by a second route.

Each unit has a file of its own, test_lesson.py. Its SAID holds the sentences of the lesson and
of its exercises: a fragment of a notebook with a placeholder for each number, then the numbers,
computed there and never by klteach. Numbers that take long stand in a `lambda: [...]`, since every
process of a run imports the file. Whoever edits a number in a lesson, or changes what the library
prints into it, meets a test that quotes the sentence; whoever adds a number meets the test of
completeness and adds a sentence. The claims that are made in words are tested beside them.

What a quiz prints into a lesson is recomputed in tests/practice.
"""

import re
from functools import cache
from importlib import import_module

import pytest

from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.course import test_reference_notebooks
from tests.plugins.unit_option import chosen
from tests.units.lesson_text import (
    LESSONS,
    MEASURED,
    NOTEBOOKS,
    fault,
    matches,
    read,
    without_a_sentence,
)

UNITS = [
    *(import_module(f"tests.units.u{unit.name}.test_lesson") for unit in chosen()),
    test_reference_notebooks,
]
_SAID = {where: said for unit in UNITS for where, said in unit.SAID.items()}
# measured numbers that need no second route: (the words that they stand in, why not)
ALLOWED = {
    where: allowed for unit in UNITS for where, allowed in getattr(unit, "ALLOWED", {}).items()
}


@cache
def sentences(place, part):
    """What is said in this part of the notebook."""
    said = _SAID.get((place, part), [])
    return said() if callable(said) else said


@pytest.mark.parametrize(("place", "part"), _SAID)
def test_the_notebook_says_what_the_second_route_finds(place, part):
    text = getattr(read(place), part)
    faults = [fault(sentence, text) for sentence in sentences(place, part)]
    if any(faults):
        pytest.fail("\n".join(filter(None, faults)), pytrace=False)


@pytest.mark.parametrize("part", ["text", "printed"])
@pytest.mark.parametrize("place", NOTEBOOKS)
def test_every_measured_number_has_its_sentence(place, part):
    text = getattr(read(place), part)
    for words, _ in ALLOWED.get((place, part), []):
        assert MEASURED.search(words) and text.count(words) == 1, f"allowed for nothing: {words}"
        text = text.replace(words, "")
    left = without_a_sentence(text, sentences(place, part))
    if left:
        where = f'SAID["{place}", "{part}"] of the unit\'s test_lesson.py'
        advice = f"each needs a sentence in {where}, or its reason in ALLOWED:"
        pytest.fail("\n".join([f"{len(left)} numbers; {advice}", *left]), pytrace=False)


def test_a_link_to_a_thread_leads_to_the_number_that_it_names():
    link = re.compile(r"\[(?:issue|pull request) (\d+)\]\(\S+/(\d+)\)")
    threads = [
        found
        for place in NOTEBOOKS
        for cell in read_notebook(ROOT / f"{place}.ipynb").cells
        for found in link.findall(cell.source)
    ]
    assert threads and all(named == linked for named, linked in threads)


# These tests themselves


@pytest.mark.parametrize(("place", "part"), _SAID)
def test_a_changed_digit_is_noticed(place, part):
    text = getattr(read(place), part)
    for sentence in sentences(place, part):
        if fault(sentence, text) is not None:
            continue  # its own test says so
        (match,) = matches(sentence, text)
        for group in range(1, len(match.groups()) + 1):
            for position in range(*match.span(group)):
                if text[position].isdigit():
                    other = str((int(text[position]) + 1) % 10)
                    edited = text[:position] + other + text[position + 1 :]
                    assert fault(sentence, edited) is not None


@pytest.mark.parametrize("place", LESSONS)
def test_a_number_without_a_sentence_is_noticed(place):
    known = sentences(place, "text")
    text = read(place).text
    added = without_a_sentence(f"{text}\nIt costs 3.21 nats, 5 % or 7 GB.", known)
    assert len(added) == len(without_a_sentence(text, known)) + 3
