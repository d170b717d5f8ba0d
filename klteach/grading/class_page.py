"""The class on one page, for a teacher who has five minutes: first who needs a person, and why."""

from collections.abc import Iterable

from klteach.grading.class_summary import (
    ALMOST,
    CORRECT,
    NO_ANSWER,
    OUTCOMES,
    SUPERSEDED,
    TRIED,
    Misconception,
    bands,
    by_lesson,
    for_a_person,
    graded,
    identical,
    in_order,
    median_share,
    misconceptions,
    outcome,
    question_summaries,
    students,
    times_taken,
    title_of,
    unexplained,
)
from klteach.grading.page_parts import (
    bar,
    code,
    facts,
    listed,
    name,
    number,
    page,
    paragraphs,
    percent,
    several,
)
from klteach.html_page import text
from klteach.practice.feedback import STATES

MOST_OPEN = 12  # misconceptions; the rest is folded
MOST_NAMED = 6  # students in a sentence; a longer list is folded
_CLASSES = {CORRECT: "correct", ALMOST: "almost", TRIED: "not-yet", NO_ANSWER: "no-answer"}


def class_page(records: Iterable[dict], times: dict[str, float], title: str, links=None) -> str:
    """The class as the text of one HTML file, to be written as UTF-8.

    times   the seconds that each notebook took, by the key of its record
    links   the address of each student's own page, where there is one
    """
    return _ClassPage(in_order(records), times, links or {}).page(title)


class _ClassPage:
    def __init__(self, records, times, links):
        self.records = records
        self.links = links
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
            "scores": ("Scores", self._scores()),
            "questions": ("Questions", self._questions()),
            "misconceptions": ("Misconceptions", self._misconceptions()),
            "identical": ("Identical files", self._identical()),
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
            f'<p class="lead">{self._counts()}</p>\n{self._in_short()}'
            f'<nav aria-label="On this page">\n<ul>\n{links}</ul>\n</nav>\n',
            sections,
            f"<h2>How it was graded</h2>\n{self._basis()}",
        )

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
        counts = [f"{len(self.graded):,} graded"]
        if replaced:
            counts.append(f"{replaced:,} replaced by a newer one")
        if missing:
            counts.append(f"{missing:,} without a score")
        return (
            f"{several(them, 'student')} handed in {several(files, 'notebook')}: "
            f"{', '.join(counts)}. "
            + (f"A person should look at {looks:,}." if looks else "None needs a person.")
        )

    def _in_short(self):
        said = []
        for lesson, marks in self.lessons.items():
            about = f" in {text(title_of(lesson))}" if len(self.lessons) > 1 else ""
            said.append(
                f"The median score{about} is <strong>{percent(median_share(marks))}</strong> of "
                f"{number(marks[0]['points'])} points."
            )
        if self.questions:
            hardest = min(self.questions, key=lambda question: question.success)
            said.append(
                f"The hardest question is {code(hardest.name)}: "
                f"<strong>{percent(hardest.success)}</strong> have it right."
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
            f"<td>{_points(record)}{_status(record)}</td>"
            f'<td class="words">{"".join(map(paragraphs, why))}'
            f'<p class="muted">{name(record["file"])}</p></td></tr>\n'
            for record, why in self.for_a_person
        )
        return "<p>What has no score is blank in the tables of marks, not 0.</p>\n" + _table(
            "Notebooks that a person should look at", ("student", "score", "why"), rows
        )

    def _scores(self):
        if not self.graded:
            return "<p>There are no scores.</p>\n"
        return "".join(_scores_of(lesson, marks) for lesson, marks in self.lessons.items())

    def _questions(self):
        if not self.questions:
            return "<p>There are no answers.</p>\n"
        return _LEGEND + "".join(self._questions_of(lesson) for lesson in self.lessons)

    def _questions_of(self, lesson):
        rows = "".join(map(_question_row, (q for q in self.questions if q.lesson == lesson)))
        heads = ("question", "success", "", *OUTCOMES, "mean score")
        return _table(f"{text(title_of(lesson))}: notebooks by outcome", heads, rows)

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
            return "<p>No file came from more than one student.</p>\n"
        items = "".join(
            f"<li>{several(len(group.students), 'student')}, {_points(group.file)}"
            + ("" if group.answered else ": no answer in it, so perhaps the exercise as handed out")
            + f"\n{self._students(group.students)}</li>\n"
            for group in self.identical
        )
        return (
            "<p>These files are the same to the last byte, with outputs and all.</p>\n"
            f"<ul>\n{items}</ul>\n"
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
        return said + _table("Notebooks that took much longer than the others", heads, rows)

    def _everybody(self):
        rows = "".join(
            f'<tr><th scope="row">{self._student(record["student"])}</th>'
            f"<td>{text(record['lesson'][:2]) if record['lesson'] else '–'}</td>"
            f'<td>{_points(record)}</td><td class="one-line">{_share(record)}</td>'
            f"<td>{_answers(record)}</td></tr>\n"
            for record in self.records
        )
        heads = ("student", "lesson", "score", "share", "answers")
        return (
            "<details>\n"
            f"<summary>All {several(len(self.records), 'notebook')}</summary>\n"
            + _table("Every notebook, by student", heads, rows)
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


def _points(record):
    if record["score"] is None:
        return "no score"
    return f"{number(record['score'])} of {number(record['points'])}"


def _status(record):
    return f": {text(record['status'])}" if record["score"] is None else ""


def _state(state):
    words = STATES[state].words if state in STATES else state
    return text(words.lower() if state != "wrong" else "wrong, and no known mistake")


def _share(record):
    if record["score"] is None or not record["points"]:
        return "–"
    return percent(record["score"] / record["points"])


_SIGNS = {CORRECT: "✓", ALMOST: "≈", TRIED: "✗", NO_ANSWER: "○"}


def _answers(record):
    if record["score"] is None:
        return text(record["status"])
    reached = [outcome(question["state"]) for question in record["questions"]]
    return (
        f'<span aria-hidden="true">{"".join(_SIGNS[each] for each in reached)}</span>'
        f'<span class="unseen">{reached.count(CORRECT)} of {len(reached)} right</span>'
    )


def _scores_of(lesson, marks):
    counts = bands(marks)
    rows = "".join(
        f'<tr><th scope="row" class="one-line">{band}</th><td>{count:,}</td>'
        f'<td class="wide-bar">{bar(("correct", count / max(counts.values())))}</td></tr>\n'
        for band, count in counts.items()
    )
    caption = (
        f"{text(title_of(lesson))}: {several(len(marks), 'score')}, as a share of "
        f"{number(marks[0]['points'])} points"
    )
    return _table(caption, ("share of the points", "notebooks", ""), rows)


def _question_row(question):
    parts = [(_CLASSES[key], question.counts[key] / question.notebooks) for key in OUTCOMES]
    counts = "".join(f"<td>{question.counts[key]:,}</td>" for key in OUTCOMES)
    return (
        f'<tr><th scope="row">{code(question.name)}</th><td>{percent(question.success)}</td>'
        f'<td class="wide-bar">{bar(*parts)}</td>{counts}'
        f"<td>{number(round(question.mean, 2))} of {number(question.points)}</td></tr>\n"
    )


def _seconds(value):
    return f"{value:.1f} s" if value >= 1 else f"{1000 * value:.0f} ms"


def _times_the_median(seconds, median):
    return f"{seconds / median:,.0f}" if median else "–"


def _table(caption, heads, rows):
    # whoever has no mouse scrolls a wide table with the keyboard, so it can be focused
    cells = "".join(f'<th scope="col">{head}</th>' if head else "<td></td>" for head in heads)
    return (
        f'<div class="wide" role="region" aria-label="{caption}" tabindex="0">\n<table>\n'
        f"<caption>{caption}</caption>\n<thead><tr>{cells}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


_LEGEND = (
    '<svg class="pattern" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" '
    'width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0V5" class="hatch"/></pattern></defs></svg>\n<ul class="legend">\n'
    + "".join(
        f'<li><svg class="key" aria-hidden="true"><rect class="{_CLASSES[key]}" width="100%" '
        f'height="100%"/></svg>{meaning}</li>\n'
        for key, meaning in {
            CORRECT: "correct",
            ALMOST: "almost: within 1 per cent",
            TRIED: "not yet: tried, but wrong or stopped",
            NO_ANSWER: "no answer",
        }.items()
    )
    + "</ul>\n"
)
