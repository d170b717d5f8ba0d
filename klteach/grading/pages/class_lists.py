"""Lists of a class that need more than its notebooks: who is late or missing, what was adjusted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from klteach.grading.marking.roster import Enrolled
from klteach.grading.pages.class_summary import SUPERSEDED, in_order, title_of
from klteach.grading.pages.page_parts import code, name, number, paragraphs, several, table
from klteach.html_page import text
from klteach.practice.wording import listed

Student = Callable[[str], str]  # a learner's name as it stands on the page


@dataclass(frozen=True)
class Around:
    """What is known of a class beside its records.

    notices    sentences on what lies in the folder, for the teacher
    due        the due date of each lesson, in words
    unsure     lessons whose files are all from after the due date, so that nobody is called late
    missing    who of the roster handed in nothing, by lesson; None without a roster
    enrolled   how many are on the roster
    anonymous  whether names may not be shown
    """

    notices: tuple[str, ...] = ()
    due: Mapping[str, str] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()
    missing: Mapping[str, Sequence[Enrolled]] | None = None
    enrolled: int = 0
    anonymous: bool = False


def notices(around: Around) -> str:
    """What the teacher should know about the folder, before everything else."""
    items = "".join(f"<li>{text(sentence)}</li>\n" for sentence in around.notices)
    return f'<ul class="notices">\n{items}</ul>\n' if items else ""


def missing(around: Around) -> str:
    """Who of the roster handed in nothing, by lesson."""
    assert around.missing is not None
    said = f"<p>{several(around.enrolled, 'learner')} on the roster.</p>\n"
    for lesson, entries in around.missing.items():
        about = f"{text(title_of(lesson))}: " if lesson else ""
        if not entries:
            said += f"<p>{about}everybody handed something in.</p>\n"
        elif around.anonymous:
            said += (
                f"<p>{about}<strong>{several(len(entries), 'learner')}</strong> handed in "
                "nothing; <code>grades.csv</code> names them.</p>\n"
            )
        else:
            items = "".join(f"<li>{_entry(entry)}</li>\n" for entry in entries)
            said += (
                f"<p>{about}<strong>{len(entries):,}</strong> handed in nothing:</p>\n"
                f'<ul class="names">\n{items}</ul>\n'
            )
    return said


def _entry(entry):
    return name(entry.id) + (f" ({name(entry.name)})" if entry.name else "")


def late(records: Iterable[dict], around: Around, student: Student) -> str:
    """Who handed in late, and by whose word."""
    them = [
        record
        for record in in_order(records)
        if record["late"] == "yes" and record["status"] != SUPERSEDED
    ]
    said = "".join(
        f"<p>{f'{text(title_of(lesson))} was' if lesson else 'It was'} due on {text(due)}.</p>\n"
        for lesson, due in sorted(around.due.items())
    )
    for lesson in around.unsure:
        said += (
            f"<p>The files of {text(title_of(lesson))} are all from after that: these are the "
            "times of a download, and tell nothing. So <code>late</code> is blank for them.</p>\n"
        )
    if not them:
        return said + "<p>Nobody is known to be late.</p>\n"
    rows = "".join(
        f'<tr><th scope="row">{student(record["student"])}</th>'
        f"<td>{text((record['lesson'] or '–')[:2])}</td>"
        f'<td class="words">{text(record["late_by"])}</td></tr>\n'
        for record in them
    )
    return (
        said
        + "<p>No points were taken off; <code>adjustments.csv</code> is for that.</p>\n"
        + table("Notebooks that were handed in late", ("student", "lesson", "late"), rows)
    )


def adjusted(records: Iterable[dict], student: Student) -> str:
    """What the teacher changed, and said."""
    rows = "".join(
        f'<tr><th scope="row">{student(record["student"])}</th><td>{what}</td>'
        f'<td class="one-line">{change}</td><td class="words">{paragraphs(comment)}</td></tr>\n'
        for record in in_order(records)
        for what, change, comment in _changes(record)
    )
    if not rows:
        return (
            "<p>None. Marks and comments of yours go into <code>adjustments.csv</code>, a line "
            "for each: <code>NAME,kl,1.5,right idea</code> or <code>NAME,total,7,as agreed</code>. "
            "Every run applies them.</p>\n"
        )
    heads = ("student", "what", "points", "comment")
    return table("Your marks and comments, from adjustments.csv", heads, rows)


def has_changes(record: dict) -> bool:
    """Whether the teacher changed a mark of a notebook, or said something about it."""
    return any(True for _ in _changes(record))


def _changes(record):
    for question in record["questions"]:
        if "graded" in question:
            was = "no score" if question["graded"] is None else number(question["graded"])
            change = f"{was} → {number(question['score'])}"
            yield code(question["name"]), change, question.get("comment", "")
        elif question.get("comment"):
            yield code(question["name"]), "", question["comment"]
    if record["adjustment"]:
        by = f"{record['adjustment']:+.4g}".replace("-", "−")
        yield "total", f"{by} → {number(record['score'])}", record["comment"]
    elif record["comment"]:
        yield "total", "", record["comment"]


def remarks_on(record: dict) -> str:
    """What a row of the list of everybody says beside the marks."""
    said = [
        "from an earlier run" if record["earlier"] else "",
        "late" if record["late"] == "yes" else "",
        "adjusted" if has_changes(record) else "",
    ]
    return listed([word for word in said if word])
