"""Answers that two learners share beyond what chance and the textbook explain.

Only the form of an answer is compared: names, comments and layout make no difference. The course's
own solution is everybody's to read, and so is what differs from it by a slip; a known mistake is
made by many, and short code is written alike by people who never met; none of these counts. What is
left is a list for a person to look at, and it says nothing about who wrote first or why.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from klteach.grading.code_forms import Form, form_of
from klteach.practice.course_folder import solutions_folder

LEAST_SIZE = 25  # parts of one answer: less is written alike by many
LEAST_IN_ALL = 100  # parts of all shared answers together
LEAST_ANSWERS = 2
LIKE_PUBLISHED = 0.85  # of its parts: then it is the course's own, with a slip or a change
_MOST_SHARE = 4  # a form that more learners have is common, in a class of up to forty


@dataclass(frozen=True)
class Similar:
    """Two notebooks of one lesson, and the questions to which their answers have one form."""

    first: dict
    second: dict
    questions: tuple[str, ...]


def similar(records: Iterable[dict]) -> list[Similar]:
    """The pairs of notebooks with similar answers; files that are equal in every byte are not.

    `records` are graded, one for each learner and lesson.
    """
    by_lesson = defaultdict(list)
    for record in records:
        by_lesson[record["lesson"]].append(record)
    return [pair for marks in by_lesson.values() for pair in _in_lesson(marks)]


def _in_lesson(records):
    have = defaultdict(list)  # question and form -> the records that have it
    for place, record in enumerate(records):
        for question in record["questions"]:
            form = _telling(record["lesson"], question)
            if form:
                have[question["name"], form].append(place)
    most = max(_MOST_SHARE, len(records) // 10)
    shared: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    size: Counter[tuple[int, int]] = Counter()
    for (name, form), places in have.items():
        keys = {records[place]["key"] for place in places}
        if len(keys) < 2 or len(places) > most:
            continue
        for pair in combinations(places, 2):
            shared[pair].append(name)
            size[pair] += form.size
    for (one, other), names in sorted(shared.items()):
        first, second = records[one], records[other]
        enough = len(names) >= LEAST_ANSWERS and size[one, other] >= LEAST_IN_ALL
        if enough and first["key"] != second["key"] and first["student"] != second["student"]:
            order = [question["name"] for question in first["questions"]]
            yield Similar(first, second, tuple(sorted(names, key=order.index)))


def _telling(lesson, question) -> Form | None:
    """The form of an answer, if it says something that two learners have it."""
    if question.get("mistake") or not question.get("code"):
        return None
    form = form_of(question["code"])
    if form is None or form.size < LEAST_SIZE or _is_published(lesson, form):
        return None
    return form


@cache
def _is_published(lesson, form) -> bool:
    published = _published(lesson)
    return form in published or any(form.share_of(one) > LIKE_PUBLISHED for one in published)


def can_compare() -> bool:
    """Whether the course's solutions are here, without which nobody's answers are compared."""
    return solutions_folder() is not None


@cache
def _published(lesson: str) -> frozenset[Form]:
    """The forms of the course's own solutions and of what is handed out."""
    folder = solutions_folder()
    forms = set()
    for place in (folder, folder.parent / "exercises") if folder else ():
        try:
            notebook = json.loads((place / f"{lesson}.ipynb").read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                if cell["cell_type"] == "code":
                    forms.add(form_of("".join(cell["source"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return frozenset(form for form in forms if form)
