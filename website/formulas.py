"""Formulas as HTML with MathML inside, by KaTeX in an embedded JavaScript engine.

They are made when the site is built, so a page shows them without a script, and a screen reader
reads the MathML.
"""

import json
from functools import cache
from pathlib import Path

KATEX = Path(__file__).parent / "vendor" / "katex"


class WrongFormula(ValueError):
    """KaTeX does not understand a formula."""


@cache
def formula(tex: str, display: bool) -> str:
    """The formula as HTML; raises WrongFormula where it cannot be set."""
    from py_mini_racer import JSEvalException

    options = {"displayMode": display, "output": "htmlAndMathml", "strict": "error"}
    call = f"katex.renderToString({json.dumps(tex)}, {json.dumps(options)})"
    try:
        return _engine().eval(call)
    except JSEvalException as problem:
        raise WrongFormula(f"{tex!r}: {problem}") from problem


@cache
def _engine():
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    engine.eval("var self = globalThis;")
    engine.eval((KATEX / "katex.min.js").read_text(encoding="utf-8"))
    return engine
