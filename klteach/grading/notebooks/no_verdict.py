"""The questions on which nothing can be said, and why: they are blank, never a 0."""

from collections import defaultdict
from collections.abc import Mapping

from klteach.grading.notebooks.notebook_run import NotebookRun

HANDED_OUT = "np"  # as what the first cell of every exercise imports NumPy


def without_verdict(run: NotebookRun) -> dict[str, str]:
    """The questions without a verdict, each with the reason.

    An answer that was not called, one that a cell which did not get so far would have defined, one
    that waits on a machine which does not tell why, and those that want a name which is there where
    the learner works.
    """
    names = [question.name for question in run.match.questions]
    reasons = {name: reason for name in names if (reason := _reason(run, name))}
    attempted = [name for name in names if name in run.feedback and run.feedback[name].attempted]
    enough = len(attempted) > 1 or len(names) == 1
    if enough and run.undefined.keys() >= set(attempted):
        missed = ", ".join(f"`{name}`" for name in dict.fromkeys(run.undefined.values()))
        for name in attempted:
            reasons.setdefault(name, f"every answer ended with a NameError, for want of {missed}")
    return reasons


def in_words(reasons: Mapping[str, str]) -> str:
    """The reasons as one line, each with the questions that it is about.

    >>> in_words({"kl": "it rains", "js": "it snows", "tv": "it rains"})
    '`kl`, `tv`: it rains; `js`: it snows'
    """
    names = defaultdict(list)
    for name, reason in reasons.items():
        names[reason].append(f"`{name}`")
    return "; ".join(f"{', '.join(them)}: {reason}" for reason, them in names.items())


def _reason(run: NotebookRun, name: str) -> str:
    feedback = run.feedback.get(name)
    if feedback is None:
        return f"not called, since {run.unanswered}"
    if feedback.state == "not called":
        return feedback.message.rstrip(".")
    if feedback.state == "missing name" and name in run.match.lost:
        return run.match.lost[name]
    if feedback.state == "missing name" and name in run.wanting:
        return "not called, since the cell that defines it did not get so far here"
    if run.undefined.get(name) == HANDED_OUT:
        return f"it needs `{HANDED_OUT}`, which the first cell of every exercise imports"
    if run.undefined.get(name) in run.wanting:
        return f"it needs `{run.undefined[name]}`, which could not be had here"
    if name in run.starved:
        return (
            "it was stopped while it waited, or while others had the processor, which this machine "
            "does not tell apart; grade it again when nothing else runs"
        )
    return ""
