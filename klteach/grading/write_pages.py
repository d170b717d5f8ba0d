"""The reports of a class as HTML: one page for the teacher, and one for each learner.

class.html                 for the teacher: everybody's names and scores are in it
learners/NAME.html         for one learner: nobody else is in it, so it can be handed out
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from klteach.grading.class_page import class_page
from klteach.grading.class_summary import in_order, lessons, title_of
from klteach.grading.learner_page import learner_page
from klteach.grading.page_parts import listed
from klteach.grading.saving import write_whole
from klteach.grading.students import safe_name

__all__ = ["class_page", "learner_page", "write_pages"]


def write_pages(
    records: Iterable[dict], times: dict[str, float], folder: Path, title: str = ""
) -> list[Path]:
    """Write the page of the class and of each learner; returns the paths, the class's first.

    Errors: GradingError if a file cannot be written.
    """
    by_student = defaultdict(list)
    for record in in_order(records):
        by_student[record["student"]].append(record)
    names = {student: f"learners/{safe_name(student)}.html" for student in by_student}
    for student, own in by_student.items():
        first, *others = sorted(own, key=lambda record: record["score"] is None)
        write_whole(folder / names[student], learner_page(first, others))
    everybody = [record for own in by_student.values() for record in own]
    links = {student: quote(name) for student, name in names.items()}
    text = class_page(everybody, times, title or _title(everybody), links)
    write_whole(folder / "class.html", text)
    return [folder / "class.html", *(folder / name for name in names.values())]


def _title(records):
    named = [title_of(lesson) for lesson in lessons(records)]
    return f"The class: {listed(named)}" if named else "The class"
