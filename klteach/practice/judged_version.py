"""Which version of an answer a check judges: the last that ran, not what stands in the cell now.

IPython keeps the text of every cell that was run, those that failed as well. No kernel knows what
was only edited; but it knows that an answer is still the one that the last check judged.
"""

import ast
import linecache
import re
from dataclasses import dataclass, replace
from types import CodeType, FunctionType

from klteach.practice.feedback import Feedback

# By question: what the last check of this session judged, and what it said.
_last: dict[str, tuple[CodeType, Feedback]] = {}


@dataclass(frozen=True)
class _Run:
    """A cell that was run: its number in the notebook's brackets, and its text."""

    number: int
    text: str


def with_version(feedback: Feedback, names: dict) -> Feedback:
    """The feedback with a word on what was judged, where a learner may take it for another."""
    name = feedback.question.name
    runs = _runs(names)
    if not runs:
        return feedback
    judged = names.get(name)
    code = judged.__code__ if type(judged) is FunctionType else None
    last_code, last = _last.pop(name, (None, None))
    if code is not None:
        _last[name] = (code, feedback)
    failure = _newest_that_failed(name, judged, code, runs)
    if failure and feedback.state == "missing name":
        return replace(feedback, message=f"{failure} Mend it, run it, then check again.")
    if failure:
        found = _run_of(code, runs)
        where = f"the one of cell [{found.number}]" if found else "an earlier one"
        sentence = f"{failure} Judged is {where}."
        return replace(feedback, message=f"{sentence}\n{feedback.message}")
    again = code is not None and code is last_code and _says_the_same(feedback, last)
    if again and feedback.state != "correct":
        note = (
            f"`{name}` has not been run anew since the last check. An edit counts once its cell "
            "has been run."
        )
        return replace(feedback, notes=(*feedback.notes, note))
    return feedback


def _runs(names: dict) -> list[_Run]:
    """The cells that were run, first the one that checks, last the oldest; none outside IPython."""
    texts = names.get("In")
    if type(texts) is not list or not all(type(text) is str for text in texts):
        return []
    return [_Run(number, text) for number, text in enumerate(texts)][::-1]


def _newest_that_failed(name: str, judged, code: CodeType | None, runs: list[_Run]) -> str:
    """A sentence on the newest cell that defines `name`, if its definition did not take effect."""
    checking, *earlier = runs
    if _run_of(code, [checking]):
        return ""
    for run in earlier:
        if not re.search(rf"\b{name}\b", run.text):
            continue
        holds = f"Cell [{run.number}] holds the newest `{name}`, and"
        try:
            binding = _last_binding(name, ast.parse(run.text))
        except SyntaxError as error:
            if re.search(rf"^[ \t]*(async +)?def +{name}\b", run.text, re.MULTILINE):
                return f"{holds} it did not run: Python cannot read its line {error.lineno}."
            continue
        except (ValueError, RecursionError):
            return ""
        if binding == "definition":
            known = judged is None or _run_of(code, earlier)
            if known and not _run_of(code, [run]):
                return f"{holds} an error stopped it before that definition."
        if binding:
            return ""
    return ""


def _run_of(code: CodeType | None, runs: list[_Run]) -> _Run | None:
    """The newest of these cells that the code can be from."""
    own = "".join(linecache.getlines(code.co_filename)).strip() if code else ""
    return next((run for run in runs if own and run.text.strip() == own), None)


def _last_binding(name: str, tree: ast.Module) -> str:
    """How a cell that runs to its end gives `name` its meaning.

    "definition" by a plain `def`, "other" in a way that does not tell what it means then, or ""
    """
    found = ""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
            found = "definition" if statement.name == name else found
        elif any(_binds(name, node) for node in ast.walk(statement)):
            found = "other"
    return found


def _binds(name: str, node: ast.AST) -> bool:
    """Whether it may bind the name: where it only seems to, nothing is said, which is no harm."""
    if isinstance(node, ast.Name):
        # a magic is a call of `get_ipython`, with the code as text
        return node.id == "get_ipython" or (node.id == name and type(node.ctx) is not ast.Load)
    if isinstance(node, ast.alias):
        return name in (node.asname or node.name, "*")
    return getattr(node, "name", None) == name


def _says_the_same(feedback: Feedback, last: Feedback | None) -> bool:
    return last is not None and (feedback.state, feedback.message, feedback.evidence) == (
        last.state,
        last.message,
        last.evidence,
    )
