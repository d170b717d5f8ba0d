"""Numbers, arrays and calls as a person would write them, for the sentences of the feedback."""

import numpy as np

from klteach.practice.calls import Failure
from klteach.practice.question import Case, Question

_LONGEST_TEXT = 200
_LONGEST_ARRAY = 8


def shorten(text: str) -> str:
    """At most 200 characters of `text`, on one line, without backticks (they mark code)."""
    text = " ".join(text.replace("`", "'").split())
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def show(value, depth: int = 2) -> str:
    """A number, or the beginning of an array or a list.

    >>> show(np.array([0.5, 1 / 3]))
    '[0.5, 0.3333333]'
    """
    if isinstance(value, np.ndarray):  # cut first: it may be large
        value = value[(slice(_LONGEST_ARRAY + 1),) * value.ndim]
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)) and depth:
        dots = ["..."] if len(value) > _LONGEST_ARRAY else []
        return f"[{', '.join([*(show(x, depth - 1) for x in value[:_LONGEST_ARRAY]), *dots])}]"
    if isinstance(value, float):
        return f"{value + 0.0:.7g}"  # no minus before a zero
    try:
        return shorten(repr(value))
    except Exception:  # an object of the learner's that fails to describe itself
        return f"({type(value).__name__})"


def is_small(case: Case) -> bool:
    """Whether the whole case can be shown in a sentence."""
    return all(np.size(argument) <= _LONGEST_ARRAY for argument in case.arguments)


def call_text(question: Question, case: Case) -> str:
    """The call as code, with the arguments themselves if they are short."""
    if is_small(case):
        return f"`{question.name}({', '.join(map(show, case.arguments))})`"
    names = question.argument_names
    described = map(_describe, names, case.arguments)
    return f"`{question.name}({', '.join(names)})` with {', '.join(described)}"


def _describe(name: str, argument) -> str:
    if np.ndim(argument) == 0:
        return f"{name} = {show(argument)}"
    if np.ndim(argument) == 1:
        return f"{name} of length {len(argument)}"
    return f"{name} of shape {np.shape(argument)}"


def value_text(question: Question, case: Case, values: np.ndarray) -> str:
    """What the learner's function gave for this case."""
    label = f", for {case.label}" if case.label else ""
    returned = show(question.returns.as_returned(values))
    return f"Yours{label}: {call_text(question, case)} gives `{returned}`."


def failure_text(failure: Failure) -> str:
    """The error in the learner's terms: its message, their own line, a word on frequent ones."""
    kind = failure.kinds[0]
    sentence = f"`{shorten(f'{kind}: {failure.text}')}`"
    if "SystemExit" in failure.kinds:
        sentence = "It called `exit` or `quit`; a function ends with `return`"
    if failure.line is not None:
        sentence += f", in line {failure.line} of its cell"
        sentence += f": `{shorten(failure.source)}`" if failure.source else ""
    remark = _remark(failure)
    return f"{sentence}." + (f" {remark}" if remark else "")


def _remark(failure: Failure) -> str:
    kinds, text = failure.kinds, failure.text
    if "RecursionError" in kinds:
        return "The function calls itself without an end."
    if "ZeroDivisionError" in kinds or "math domain" in text or "positive input" in text:
        return "One of the masses is 0 here: what should happen then?"
    if "truth value of an array" in text:
        return "`if` decides once for a whole array; a mask such as `p > 0` decides per outcome."
    if "converted to Python scalars" in text or "0-dimensional arrays" in text:
        return "`float` and the functions of `math` take one number, those of `np` a whole array."
    if "NameError" in kinds and "UnboundLocalError" not in kinds:
        return "Is there an import or a cell that has not been run yet?"
    return ""
