"""The class on one page, for a teacher who has five minutes: first who needs a person, and why."""

from collections.abc import Iterable

from klteach.grading.pages import class_lists
from klteach.grading.pages.class_lists import Around, remarks_on
from klteach.grading.pages.class_summary import (
    OUTCOMES,
    SUPERSEDED,
    Misconception,
    by_lesson,
    for_a_person,
    graded,
    identical,
    in_order,
    median_share,
    misconceptions,
    question_summaries,
    students,
    times_taken,
    title_of,
    unexplained,
)
from klteach.grading.pages.class_tables import (
    LEGEND,
    answers,
    points,
    question_row,
    scores_of,
    share,
    status,
)
from klteach.grading.pages.page_parts import (
    bar,
    code,
    facts,
    name,
    page,
    paragraphs,
    percent,
    several,
    several_points,
    table,
)
from klteach.grading.similar import can_compare
from klteach.html_page import text
from klteach.practice.feedback import STATES
from klteach.practice.wording import listed

MOST_OPEN = 12  # misconceptions; the rest is folded
MOST_NAMED = 6  # students in a sentence; a longer list is folded


def class_page(
    records: Iterable[dict],
    times: dict[str, float],
    title: str,
    links=None,
    around: Around | None = None,
) -> str:
    """The class as the text of one HTML file, to be written as UTF-8.

    times    the seconds that each notebook took, by the key of its record
    links    the address of each student's own page, where there is one
    around   what is known of the class beside its records
    """
    return _ClassPage(in_order(records), times, links or {}, around or Around()).page(title)


class _ClassPage:
    def __init__(self, records, times, links, around):
        self.records = records
        self.links = links
        self.around = around
        self.graded = graded(records)
        self.lessons = by_lesson(records)
        self.for_a_person = for_a_person(records)
        self.questions = question_summaries(records)
        self.misconceptions = misconceptions(records)
        self.unexplained = unexplained(records)
        self.identical = identical(records)
        self.times = times_taken(records, times)

    def page(self, title):
        parts = {
            "a-person": ("Who needs a person", self._a_person()),
            **self._lists(),
            "scores": ("Scores", self._scores()),
            "questions": ("Questions", self._questions()),
            "misconceptions": ("Misconceptions", self._misconceptions()),
            "identical": ("Identical and similar", self._identical()),
            "adjusted": ("Your marks", class_lists.adjusted(self.records, self._student)),
            "times": ("Time", self._times()),
            "everybody": ("Everybody", self._everybody()),
        }
        links = "".join(f'<li><a href="#{key}">{part[0]}</a></li>\n' for key, part in parts.items())
        sections = "".join(
            f'<section aria-labelledby="{key}">\n<h2 id="{key}">{heading}</h2>\n{body}</section>\n'
            for key, (heading, body) in parts.items()
        )
        return page(
            title,
            f'<p class="lead">{self._counts()}</p>\n{class_lists.notices(self.around)}'
            f"{self._in_short()}"
            f'<nav aria-label="On this page">\n<ul>\n{links}</ul>\n</nav>\n',
            sections,
            f"<h2>How it was graded</h2>\n{self._basis()}",
        )

    def _lists(self):
        lists = {}
        if self.around.missing is not None:
            lists["missing"] = ("Who is missing", class_lists.missing(self.around))
        if self.around.due or any(record["late"] for record in self.records):
            words = class_lists.late(self.records, self.around, self._student)
            lists["late"] = ("Who is late", words)
        return lists

    def _student(self, student):
        link = self.links.get(student)
        return f'<a href="{text(link)}">{name(student)}</a>' if link else name(student)

    def _students(self, them):
        named = [self._student(student) for student in them]
        if len(named) <= MOST_NAMED:
            return f"<p>{listed(named)}</p>\n"
        return f"<details><summary>Who they are</summary>\n<p>{listed(named)}</p></details>\n"

    # The beginning

    def _counts(self):
        them, files = len(students(self.records)), len(self.records)
        looks = len(self.for_a_person)
        replaced = sum(record["status"] == SUPERSEDED for record in self.records)
        missing = files - len(self.graded) - replaced
        earlier = sum(record["earlier"] for record in self.records)
        counts = [f"{len(self.graded):,} graded"]
        if replaced:
            counts.append(f"{replaced:,} replaced by a newer one")
        if missing:
            counts.append(f"{missing:,} without a score")
        return (
            f"{several(them, 'student')} handed in {several(files, 'notebook')}: "
            f"{', '.join(counts)}. "
            + (f"{earlier:,} of them from earlier runs. " if earlier else "")
            + (f"A person should look at {looks:,}." if looks else "None needs a person.")
        )

    def _in_short(self):
        said = []
        for lesson, marks in self.lessons.items():
            about = f" in {text(title_of(lesson))}" if len(self.lessons) > 1 else ""
            said.append(
                f"The median score{about} is <strong>{percent(median_share(marks))}</strong> of "
                f"{several_points(marks[0]['points'])}."
            )
        if self.questions:
            hardest = min(self.questions, key=lambda question: question.success)
            said.append(
                f"The hardest question is {code(hardest.name)}: "
                f"<strong>{percent(hardest.success)}</strong> have it right."
                if hardest.success < 1
                else "Everybody has every question right."
            )
        if self.misconceptions and len(self.misconceptions[0].students) > 1:
            first = self.misconceptions[0]
            said.append(
                f"The most common mistake is “{text(first.name)}” in {code(first.question)}: "
                f"<strong>{len(first.students):,} of {first.of:,}</strong> students."
            )
        copies = sum(len(group.students) for group in self.identical if group.answered)
        if copies:
            said.append(
                f"<strong>{copies:,}</strong> students handed in a "
                '<a href="#identical">file that another one handed in</a>, too.'
            )
        if self.times and self.times.slow:
            said.append(
                f"<strong>{len(self.times.slow):,}</strong> took "
                '<a href="#times">much longer than the others</a>.'
            )
        items = "".join(f"<li>{sentence}</li>\n" for sentence in said)
        return f'<ul class="in-short">\n{items}</ul>\n' if items else ""

    # The sections

    def _a_person(self):
        if not self.for_a_person:
            return "<p>Every notebook was graded, and nothing about any of them is unclear.</p>\n"
        rows = "".join(
            f'<tr><th scope="row">{self._student(record["student"])}</th>'
            f"<td>{points(record)}{status(record)}</td>"
            f'<td class="words">{"".join(map(paragraphs, why))}'
            f'<p class="muted">{name(record["file"])}</p></td></tr>\n'
            for record, why in self.for_a_person
        )
        return "<p>What has no score is blank in the tables of marks, not 0.</p>\n" + table(
            "Notebooks that a person should look at", ("student", "score", "why"), rows
        )

    def _scores(self):
        if not self.graded:
            return "<p>There are no scores.</p>\n"
        return "".join(scores_of(lesson, marks) for lesson, marks in self.lessons.items())

    def _questions(self):
        if not self.questions:
            return "<p>There are no answers.</p>\n"
        return LEGEND + "".join(self._questions_of(lesson) for lesson in self.lessons)

    def _questions_of(self, lesson):
        rows = "".join(map(question_row, (q for q in self.questions if q.lesson == lesson)))
        heads = ("question", "success", "", *OUTCOMES, "mean score")
        return table(f"{text(title_of(lesson))}: notebooks by outcome", heads, rows)

    def _misconceptions(self):
        if not self.misconceptions:
            return f"<p>No wrong answer was recognised.</p>\n{self._unexplained()}"
        items = list(map(self._misconception, self.misconceptions))
        shown, folded = items[:MOST_OPEN], items[MOST_OPEN:]
        body = (
            "<p>Wrong answers that were recognised by what they give on every input, the most "
            "common first, each with what the learners read about it.</p>\n"
            f'<ol class="misconceptions">\n{"".join(shown)}</ol>\n'
        )
        if folded:
            body += (
                f"<details><summary>{several(len(folded), 'rarer one')}</summary>\n"
                f'<ol class="misconceptions" start="{MOST_OPEN + 1}">\n{"".join(folded)}</ol>\n'
                "</details>\n"
            )
        return body + self._unexplained()

    def _unexplained(self):
        if not self.unexplained:
            return ""
        items = "".join(
            f"<li>{code(found.question)}: {_state(found.state)}, "
            f"{several(len(found.students), 'student')}\n{self._students(found.students)}</li>\n"
            for found in self.unexplained
        )
        return f"<h3>Wrong for other reasons</h3>\n<ul>\n{items}</ul>\n"

    def _misconception(self, found: Misconception):
        count = len(found.students)
        share = count / found.of
        return (
            f"<li><h3>{code(found.question)}: {text(found.name)}</h3>\n"
            f'<p class="how-many">{bar(("not-yet", share))} <span>{count:,} of {found.of:,} '
            f"students, {percent(share)}</span></p>\n<blockquote>\n"
            f"{paragraphs(found.sentence)}</blockquote>\n"
            f"{self._students(found.students)}</li>\n"
        )

    def _identical(self):
        if not self.identical:
            return "<p>No file came from more than one student.</p>\n" + _COMPARED
        items = "".join(
            f"<li>{several(len(group.students), 'student')}, {points(group.file)}"
            + ("" if group.answered else ": no answer in it, so perhaps the exercise as handed out")
            + f"\n{self._students(group.students)}</li>\n"
            for group in self.identical
        )
        return (
            "<p>These files are the same to the last byte, with outputs and all.</p>\n"
            f"<ul>\n{items}</ul>\n{_COMPARED}"
        )

    def _times(self):
        if self.times is None:
            return "<p>No times are known.</p>\n"
        said = (
            f"<p>{several(self.times.known, 'different file')} graded; the median "
            f"took {_seconds(self.times.median)}, the longest "
            f"{_seconds(self.times.longest)}.</p>\n"
        )
        if not self.times.slow:
            return said + "<p>None took much longer than the others.</p>\n"
        rows = "".join(
            f'<tr><th scope="row">{self._student(record["student"])}</th>'
            f"<td>{_seconds(seconds)}</td><td>{_times_the_median(seconds, self.times.median)}</td>"
            f'<td class="words">{"".join(map(paragraphs, record["notes"]))}</td></tr>\n'
            for record, seconds in self.times.slow
        )
        heads = ("student", "time", "× median", "notes")
        return said + table("Notebooks that took much longer than the others", heads, rows)

    def _everybody(self):
        rows = "".join(
            f'<tr><th scope="row">{self._student(record["student"])}</th>'
            f"<td>{text(record['lesson'][:2]) if record['lesson'] else '–'}</td>"
            f'<td>{points(record)}</td><td class="one-line">{share(record)}</td>'
            f"<td>{answers(record)}</td><td>{remarks_on(record)}</td></tr>\n"
            for record in self.records
        )
        heads = ("student", "lesson", "score", "share", "answers", "remarks")
        return (
            "<details>\n"
            f"<summary>All {several(len(self.records), 'notebook')}</summary>\n"
            + table("Every notebook, by student", heads, rows)
            + "</details>\n"
        )

    def _basis(self):
        return facts(
            {
                "Score": "full points for an answer that is right on every input, half of them if "
                "it is within 1 per cent on every input, otherwise none",
                "Isolation": _counted(record["isolation"] for record in self.records),
                "Seed": _counted(record["seed"] for record in self.records),
                "Made with": _counted(record["made_with"] for record in self.records),
            }
        )


def _counted(values):
    """The different values; if there are several, with how many notebooks have each."""
    values = [value for value in values if value]  # a file that was not opened needed none
    kinds = dict.fromkeys(values)
    if len(kinds) == 1:
        return text(values[0])
    return "; ".join(f"{text(kind)} ({several(values.count(kind), 'notebook')})" for kind in kinds)


def _state(state):
    words = STATES[state].words if state in STATES else state
    return text(words.lower() if state != "wrong" else "wrong, and no known mistake")


_COMPARED = (
    "<p>Answers of one form, whatever the names and comments in them, are under "
    '<a href="#a-person">Who needs a person</a>, as far as they are long and unusual enough that '
    "two would hardly write them alike. Who wrote first is not known.</p>\n"
    if can_compare()
    else "<p>Other answers were not compared: the course’s solutions, which all may read, are "
    "not on this machine.</p>\n"
)


def _seconds(value):
    return f"{value:.1f} s" if value >= 1 else f"{1000 * value:.0f} ms"


def _times_the_median(seconds, median):
    return f"{seconds / median:,.0f}" if median else "–"
