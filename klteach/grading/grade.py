"""Grades one submission: its record, from running its cells in a process apart.

The verdict is reached here, on inputs that are drawn here, by the same checks that a learner meets
in the notebook. Where there is no verdict on an answer, there is no score: that is no score of 0.
"""

import hashlib
from collections.abc import Iterable, Mapping

from klteach.grading.notebooks.cell_code import bound_names
from klteach.grading.notebooks.matching import match
from klteach.grading.notebooks.no_verdict import in_words, without_verdict
from klteach.grading.notebooks.notebook import Unreadable, read_notebook
from klteach.grading.notebooks.notebook_run import NotebookRun
from klteach.grading.pages.class_summary import NO_VERDICT
from klteach.grading.session import Warm
from klteach.practice.feedback import Feedback
from klteach.practice.question import Question
from klteach.whole_files import made_with

FORMAT = 2
MOST_CODE = 6_000  # characters of an answer's cell that a record keeps
_MOST_NOTES = 20


def grade(data: bytes, warm: Warm, seed: str) -> dict:
    """The record of one notebook, as JSON types; the same for the same bytes and seed."""
    record = empty_record(hashlib.sha256(data).hexdigest(), seed)
    try:
        notebook = read_notebook(data)
    except Unreadable as error:
        return {**record, "status": error.status, "problem": str(error), "human": [str(error)]}
    found = match(notebook)
    record["notes"] = [*notebook.notes, *found.notes]
    record["kind"] = found.kind
    if found.lesson is None:
        problem = found.problem
        return {**record, "status": "unknown lesson", "problem": problem, "human": [problem]}
    run = NotebookRun(notebook, found, warm, seed)
    run.go()
    return {**record, **_record(run, found.doubts, record["notes"])}


def empty_record(key: str, seed: str) -> dict:
    """A record in which nothing is known yet but the bytes and how they would be graded."""
    return {
        "format": FORMAT,
        "key": key,
        "student": "",
        "file": "",
        "lesson": None,
        "kind": "",
        "status": "failed",
        "problem": "",
        "score": None,
        "points": None,
        "questions": [],
        "notes": [],
        "human": [],
        "suspicious": [],
        "isolation": "",
        # its fingerprint, since whoever knows the seed knows the hidden inputs
        "seed": hashlib.sha256(seed.encode()).hexdigest()[:16],
        "made_with": made_with(),
    }


def _record(run: NotebookRun, doubts: Iterable[str], notes: Iterable[str]) -> dict:
    """The part of the record that comes from running the notebook."""
    if run.match.kind == "solution":
        run.suspect("the course's own solution is in it")
    blank = without_verdict(run)
    questions = [_question(run, question, blank) for question in run.match.questions]
    problem = in_words(blank)
    return {
        "lesson": run.match.lesson,
        "status": NO_VERDICT if blank else "graded",
        "problem": problem,
        "score": None if blank else sum(question["score"] for question in questions),
        "points": sum(question["points"] for question in questions),
        "questions": questions,
        "notes": [*notes, *run.notes][:_MOST_NOTES],
        "human": [*doubts, *run.suspicious, *filter(None, [problem])],
        "suspicious": run.suspicious,
        "isolation": ", ".join(run.layers) or "none",
    }


def _question(run: NotebookRun, question: Question, blank: Mapping[str, str]) -> dict:
    feedback = run.feedback.get(question.name)
    if question.name in blank:
        called = feedback is not None and feedback.state == "raised"
        said = f"\n{feedback.message}" if feedback and called else ""
        feedback = Feedback(question, "not called", f"No verdict: {blank[question.name]}.{said}")
    assert feedback is not None  # what was not called is blank
    notes = list(feedback.notes)
    if question.name in run.reused:
        notes.append(
            f"`{question.name}` means something else at the end of the notebook; the last function "
            "of that name counts."
        )
    return {
        "name": question.name,
        "points": question.points,
        "score": None if question.name in blank else feedback.score,
        "state": feedback.state,
        "mistake": feedback.mistake,
        "message": feedback.message,
        # two calls of an answer that is not repeatable would make two records of one file
        "evidence": "" if feedback.mistake == "not repeatable" else feedback.evidence,
        "notes": notes,
        "code": _code(run, question.name),
    }


def _code(run: NotebookRun, name: str) -> str:
    """The cell that the answer is in, as the learner wrote it, up to MOST_CODE."""
    numbers = run.match.defined.get(name, ())
    cells = [cell.source for cell in run.notebook.cells if cell.number in numbers]
    if name in run.reused:
        cells = [source for source in cells if name in bound_names(source)[0]] or cells
    return "".join(cells[-1:])[:MOST_CODE]
