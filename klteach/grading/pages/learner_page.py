"""What one learner reads about their notebooks: the state of every answer, and what to do next."""

from collections.abc import Sequence

from klteach.grading.pages.class_summary import (
    CORRECT,
    NO_ANSWER,
    NO_VERDICT,
    SUPERSEDED,
    outcome,
    title_of,
)
from klteach.grading.pages.page_parts import (
    bar,
    code,
    facts,
    marked,
    name,
    number,
    page,
    paragraphs,
    several,
    several_points,
    source,
)
from klteach.grading.remarks import OTHER_LESSON
from klteach.html_page import text
from klteach.practice.feedback import STATES
from klteach.units.lookup import questions

# Why there is no score, and the way out, for the learner.
WITHOUT_SCORE = {
    "unreadable": (
        "This file could not be read",
        "Open it in JupyterLab. If it opens, save it and hand in the file that you saved; if it "
        "does not, go back to the last copy that does.",
    ),
    "not a notebook": (
        "This file is no notebook that can be graded",
        "Hand in the file that ends in `.ipynb`, as JupyterLab saves it: no PDF, no web page and "
        "no shortcut to it.",
    ),
    "wrong language": (
        "This notebook is not in Python",
        "Hand in the exercise notebook of the lesson, with a Python kernel.",
    ),
    "unknown lesson": (
        "It is not clear which lesson this is",
        "Hand in the exercise notebook of the lesson with your answers in it, each function under "
        "the name that it has there.",
    ),
    "refused": (
        "This file was not opened",
        "Hand in one notebook, as JupyterLab saves it. If it is large, clear its outputs first.",
    ),
    NO_VERDICT: (
        "Not all of your answers could be called",
        "Nothing for now. Your teacher has been told, and the answers that could be called are "
        "below.",
    ),
    OTHER_LESSON: (
        "These are the exercises of another lesson than the one that was set",
        "Hand in the exercise notebook of the lesson that was set, or tell your teacher.",
    ),
    "failed": (
        "This notebook could not be graded",
        "Nothing for now. It may be no fault of yours, and your teacher has been told.",
    ),
    SUPERSEDED: (
        "You handed in a newer notebook of the same exercise, and that one counts",
        "Nothing, unless it is this one that should count: then tell your teacher.",
    ),
}
_NOT_KNOWN = ("This notebook has no score", "Nothing for now; your teacher has been told.")


def learner_page(record: dict, others: Sequence[dict] = ()) -> str:
    """The page of one learner as the text of one HTML file, to be written as UTF-8.

    It begins with `record` and goes on with `others`, further records of the same student.
    """
    records = [record, *others]
    if any(other["student"] != record["student"] for other in others):
        raise ValueError("a learner's page holds the records of one student")
    return page(
        f"Feedback for {_shown(record['student'])}",
        _overview(records),
        "".join(map(_section, range(1, len(records) + 1), records)),
        "<p>Each answer was called on many inputs, some of them drawn when it was graded: full "
        "points if it was right on all, half of them if it was within 1 per cent on all, and "
        "otherwise none.</p>\n" + facts(_origin(records)),
    )


def _shown(student):
    return student if len(student) <= 80 else f"{student[:79]}…"


def _origin(records):
    return {
        "Isolation": text(
            "; ".join(dict.fromkeys(r["isolation"] for r in records if r["isolation"]))
            or "none needed"
        ),
        "Made with": text("; ".join(dict.fromkeys(r["made_with"] for r in records))),
    }


def _overview(records):
    if len(records) == 1:
        return ""
    links = "".join(
        f'<li><a href="#notebook-{place}">{_heading(record)}</a>: {_result(record)}</li>\n'
        for place, record in enumerate(records, 1)
    )
    return f'<nav aria-label="Notebooks">\n<ul>\n{links}</ul>\n</nav>\n'


def _heading(record):
    if not record["lesson"]:
        return _file(record)
    title = f"Exercises {text(title_of(record['lesson']))}"
    # of one lesson there may be an older file beside the one that counts
    return title if record["score"] is not None else f"{title}: {_file(record)}"


def _file(record):
    # the folders above it may be named after anybody
    return name(record["file"].rsplit("/", 1)[-1])


def _result(record):
    if record["score"] is None:
        return "no score"
    return f"{number(record['score'])} of {several_points(record['points'])}"


def _section(place, record):
    body = _without_score(record) if record["score"] is None else _graded(record)
    return (
        f'<section id="notebook-{place}" aria-labelledby="heading-{place}">\n'
        f'<h2 id="heading-{place}">{_heading(record)}</h2>\n{body}</section>\n'
    )


def _without_score(record):
    why, way_out = WITHOUT_SCORE.get(record["status"], _NOT_KNOWN)
    more = ""
    if record["status"] != SUPERSEDED:
        problem = f": {marked(record['problem'].rstrip('.'))}" if record["problem"] else ""
        more = f"{problem}. So there is no score, which is not a score of 0"
    answers = record["questions"] if record["status"] == NO_VERDICT else ()
    return (
        f'<p class="lead">{why}{more}.</p>\n'
        f'<p class="next"><b>What to do:</b> {marked(way_out)}</p>\n{_from_the_teacher(record)}'
        f'<p class="muted">File: {_file(record)}</p>\n{_notes(record)}'
        + "".join(_answer(record["lesson"], answer) for answer in answers)
    )


def _graded(record):
    answers = record["questions"]
    right = sum(answer["state"] == CORRECT for answer in answers)
    share = record["score"] / record["points"] if record["points"] else 1.0
    looked_at = ""
    if record["human"]:
        looked_at = (
            "<p>Your teacher was asked to look at this notebook, so the score may change.</p>\n"
        )
    correct = f"; {right} of {several(len(answers), 'answer')} correct" if answers else ""
    file = f'<p class="muted">File: {_file(record)}</p>\n' if record["file"] else ""
    return (
        f'<p class="lead">{_result(record)}{correct}.</p>\n'
        f"<p>{bar(('correct', share))}</p>\n{looked_at}{_from_the_teacher(record)}"
        f"{file}{_notes(record)}" + "".join(_answer(record["lesson"], answer) for answer in answers)
    )


def _from_the_teacher(record):
    """The teacher's comment, points beside those of the answers, and whether it came late."""
    said = ""
    if record["adjustment"]:
        how = "gave" if record["adjustment"] > 0 else "took off"
        some = several_points(abs(record["adjustment"]))
        said += f"<p>Beside the answers below, your teacher {how} {some}.</p>\n"
    if record["comment"]:
        said += _comment(record["comment"])
    if record["late"] == "yes":
        said += f"<p>Handed in late, {text(record['late_by'])}.</p>\n"
    return said


def _comment(words):
    return f'<div class="comment"><p><b>From your teacher</b></p>\n{paragraphs(words)}</div>\n'


def _notes(record):
    notes = "".join(f"<li>{marked(note)}</li>\n" for note in record["notes"])
    if not notes:
        return ""
    return f"<h3>Notes</h3>\n<ul>\n{notes}</ul>\n"


def _answer(lesson, answer):
    look = STATES.get(answer["state"])
    icon, words = (look.icon, look.words) if look else ("", answer["state"])
    reached = outcome(answer["state"]).replace(" ", "-")
    notes = "".join(f"<p>Note: {marked(note)}</p>\n" for note in answer["notes"])
    evidence = f'<p class="evidence">{marked(answer["evidence"])}</p>\n'
    return (
        f'<article class="{reached}">\n<h3>{code(answer["name"])} '
        f'<span class="state"><span aria-hidden="true">{text(icon)}</span> {text(words)}</span> '
        f'<span class="points">{_given(answer)} of {several_points(answer["points"])}</span>'
        f"</h3>\n{_adjusted(answer)}{paragraphs(answer['message'])}"
        f"{evidence if answer['evidence'] else ''}{notes}{_code(answer)}"
        f'<p class="next">{marked(_next_step(lesson, answer))}</p>\n</article>\n'
    )


def _code(answer):
    # what is right needs no second look
    return source(answer.get("code", ""), 0 if answer["state"] == CORRECT else 15)


def _given(answer):
    return "no score" if answer["score"] is None else number(answer["score"])


def _adjusted(answer):
    said = ""
    if "graded" in answer:
        was = "none" if answer["graded"] is None else number(answer["graded"])
        said = f"<p>Your teacher set the points; the check had given {was}.</p>\n"
    return said + (_comment(answer["comment"]) if answer.get("comment") else "")


def _next_step(lesson, answer):
    question = questions().get(answer["name"])
    where = f"lesson {lesson[:2]}" + (f", section “{question.section}”" if question else "")
    if answer["state"] == CORRECT:
        return f"More on this: {where}."
    hint = f'`hint("{answer["name"]}")`'
    if outcome(answer["state"]) == NO_ANSWER:
        return f"Next: read {where}; in the exercise notebook, {hint} gives a first step."
    return (
        f"Next: in your notebook, {hint} goes one step further each time, and "
        f'`check("{answer["name"]}")` says at once how a new answer does. It is about {where}.'
    )
