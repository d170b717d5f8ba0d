"""The reports of a class as HTML: one page for the teacher, and one for each learner.

class.html                 for the teacher: everybody's names and scores are in it
learners/NAME.html         for one learner: nobody else is in it, so it can be handed out
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from urllib.parse import quote

from klteach.grading.collecting.students import safe_name
from klteach.grading.pages.class_lists import Around
from klteach.grading.pages.class_page import class_page
from klteach.grading.pages.class_summary import in_order, lessons, title_of
from klteach.grading.pages.learner_page import learner_page
from klteach.practice.wording import listed


def page_of(student: str) -> str:
    """Where a learner's page is, in the folder of the class."""
    return f"learners/{safe_name(student)}.html"


def pages(
    records: Iterable[dict], times: dict[str, float], title: str = ""
) -> tuple[dict[str, str], Callable[[Around], str]]:
    """The pages of the learners by their names, and a function that makes the one of the class."""
    by_student = defaultdict(list)
    for record in in_order(records):
        by_student[record["student"]].append(record)
    learners = {}
    for student, own in by_student.items():
        first, *others = sorted(own, key=lambda record: record["score"] is None)
        learners[page_of(student)] = learner_page(first, others)
    everybody = [record for own in by_student.values() for record in own]
    links = {student: quote(page_of(student)) for student in by_student}
    title = title or _title(everybody)
    return learners, lambda around: class_page(everybody, times, title, links, around)


def _title(records):
    named = [title_of(lesson) for lesson in lessons(records)]
    return f"The class: {listed(named)}" if named else "The class"
