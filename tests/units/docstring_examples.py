"""The examples in the docstring of a starter, run on the answer that its third hint gives away.

An example that only a part of the right answers can run (a list, where `check` passes arrays) tells
a learner that a right answer is wrong.
"""

import ast
import doctest
import io
import re

import numpy as np

from tests.practice.typed_answers import notebook
from tests.units.known_answers import RIGHT


def failures(question) -> str:
    """What doctest reports of the examples, "" if all of them hold; LookupError if there are none.

    The function is the one of the third hint, with the docstring of the starter.
    """
    tree = ast.parse(RIGHT[question.name])
    starter = next(n for n in tree.body if getattr(n, "name", None) == question.name)
    names = notebook(_hinted(question))
    examples = doctest.DocTestParser().get_doctest(
        ast.get_docstring(starter), names, question.name, None, 0
    )
    if not examples.examples:
        raise LookupError(f"the docstring of {question.name} has no example")
    report = io.StringIO()
    with np.errstate(all="ignore"):  # what a hint divides by zero it means to
        doctest.DocTestRunner(verbose=False).run(examples, out=report.write)
    return report.getvalue()


def _hinted(question) -> str:
    """The code of the third hint as a function."""
    *lines, last = re.findall("`([^`]+)`", question.hints[2])
    if not last.startswith("return"):
        lines, last = [*lines, last], "return terms"
    body = "\n".join(f"    {line}" for line in [*lines, last])
    return f"def {question.name}({', '.join(question.argument_names)}):\n{body}\n"
