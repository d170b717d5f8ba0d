"""The marks of a class as they stand in its tables: scores, shares, and the outcomes of answers."""

from klteach.grading.pages.class_summary import (
    ALMOST,
    CORRECT,
    NO_ANSWER,
    OUTCOMES,
    TRIED,
    QuestionSummary,
    bands,
    outcome,
    title_of,
)
from klteach.grading.pages.page_parts import (
    bar,
    code,
    number,
    percent,
    several,
    several_points,
    table,
)
from klteach.html_page import text

_CLASSES = {CORRECT: "correct", ALMOST: "almost", TRIED: "not-yet", NO_ANSWER: "no-answer"}


def points(record: dict) -> str:
    """The score and what it is of, or that there is none."""
    if record["score"] is None:
        return "no score"
    return f"{number(record['score'])} of {number(record['points'])}"


def status(record: dict) -> str:
    """The status, where there is no score."""
    return f": {text(record['status'])}" if record["score"] is None else ""


def share(record: dict) -> str:
    """The score in per cent of the points."""
    if record["score"] is None or not record["points"]:
        return "–"
    return percent(record["score"] / record["points"])


_SIGNS = {CORRECT: "✓", ALMOST: "≈", TRIED: "✗", NO_ANSWER: "○"}


def answers(record: dict) -> str:
    """A sign for every answer, and in words how many are right."""
    if record["score"] is None or not record["questions"]:
        return text(record["status"])
    reached = [outcome(question["state"]) for question in record["questions"]]
    return (
        f'<span aria-hidden="true">{"".join(_SIGNS[each] for each in reached)}</span>'
        f'<span class="unseen">{reached.count(CORRECT)} of {len(reached)} right</span>'
    )


def scores_of(lesson: str, marks: list[dict]) -> str:
    """How many notebooks of a lesson have how much of the points."""
    counts = bands(marks)
    rows = "".join(
        f'<tr><th scope="row" class="one-line">{band}</th><td>{count:,}</td>'
        f'<td class="wide-bar">{bar(("correct", count / max(counts.values())))}</td></tr>\n'
        for band, count in counts.items()
    )
    caption = (
        f"{text(title_of(lesson))}: {several(len(marks), 'score')}, as a share of "
        f"{several_points(marks[0]['points'])}"
    )
    return table(caption, ("share of the points", "notebooks", ""), rows)


def question_row(question: QuestionSummary) -> str:
    """The row of a question: how many notebooks reached which outcome."""
    parts = [(_CLASSES[key], question.counts[key] / question.notebooks) for key in OUTCOMES]
    counts = "".join(f"<td>{question.counts[key]:,}</td>" for key in OUTCOMES)
    return (
        f'<tr><th scope="row">{code(question.name)}</th><td>{percent(question.success)}</td>'
        f'<td class="wide-bar">{bar(*parts)}</td>{counts}'
        f"<td>{number(round(question.mean, 2))} of {number(question.points)}</td></tr>\n"
    )


LEGEND = (
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
