"""What the learner reads after a check, and how it looks in a notebook."""

import html
import re
from dataclasses import dataclass

from klteach.practice.question import Case, Question
from klteach.practice.wording import is_small


@dataclass(frozen=True)
class _Look:
    icon: str
    words: str
    colour: str


# Each colour has a contrast of at least 3:1 on JupyterLab's light and on its dark background. The
# words and the icon say the same as the colour does.
_GREEN, _AMBER, _RED, _GREY = "#00875f", "#b37400", "#d6500f", "#7a7a7a"
BLUE = "#1f7fc4"  # for what is no verdict

STATES = {
    "not attempted": _Look("○", "Not attempted yet", _GREY),
    "missing name": _Look("?", "Name not found", _GREY),
    "not called": _Look("?", "No verdict", _GREY),  # while grading: a person is asked
    "not a function": _Look("✗", "Not a function", _RED),
    "borrowed": _Look("✗", "Borrowed from klteach", _RED),
    "wrong signature": _Look("✗", "Other arguments expected", _RED),
    "raised": _Look("✗", "Stopped with an error", _RED),
    "too slow": _Look("✗", "Out of time", _RED),
    "returned nothing": _Look("✗", "Nothing returned", _RED),
    "wrong type": _Look("✗", "Wrong kind of value", _RED),
    "wrong shape": _Look("✗", "Wrong shape", _RED),
    "nan": _Look("✗", "Not a number", _RED),
    "named mistake": _Look("✗", "Not yet", _RED),
    "diagnosed": _Look("✗", "Not yet", _RED),
    "wrong": _Look("✗", "Not yet", _RED),
    "almost": _Look("≈", "Almost", _AMBER),
    "correct": _Look("✓", "Correct", _GREEN),
}


_IMPORT_FAILING_CASE = "(`from klteach.practice import failing_case`)"


@dataclass(frozen=True)
class Feedback:
    """The outcome of one check.

    As text it is the score and nothing else ("0", "1", "2"), since that is what nbgrader reads as
    partial credit; in a notebook it is a box with the explanation; `print` gives the explanation.

    The rule for the score: full points if the answer is correct on every input, half of them if it
    is within 1 per cent on every input ("almost"), otherwise 0.

    state      the rung of the ladder that was reached, a key of STATES
    message    what is wrong or, if correct, the insight; a line is a paragraph
    mistake    the name of the mistake that was recognised, if one was
    evidence   one call with the learner's own value
    notes      remarks that do not change the verdict
    case       the input that the evidence is about
    """

    question: Question
    state: str
    message: str
    mistake: str | None = None
    evidence: str = ""
    notes: tuple[str, ...] = ()
    case: Case | None = None

    @property
    def points(self) -> float:
        return self.question.points

    @property
    def score(self) -> float:
        return self.points * {"correct": 1, "almost": 0.5}.get(self.state, 0)

    @property
    def attempted(self) -> bool:
        return self.state not in ("not attempted", "missing name", "not called")

    @property
    def _next_step(self) -> str:
        name, lesson = self.question.name, self.question.lesson
        if self.state == "correct":
            return f"More on this: [lesson {lesson[:2]}, {self.question.section}]" + (
                f"(../notebooks/{lesson}.ipynb#cell-id={opening_cell(self.question)})"
            )
        return f'Stuck? `hint("{name}")` goes one step further each time.'

    @property
    def _offer(self) -> str:
        """How to get at an input that is too large to be shown."""
        if self.case is None or is_small(self.case):
            return ""
        name = self.question.name
        return f'To try it: `{name}(*failing_case("{name}"))`. {_IMPORT_FAILING_CASE}'

    def __repr__(self):
        return f"{self.score:g}"

    def __str__(self):
        look = STATES[self.state]
        head = f"{look.icon} {look.words}: {self.question.name}, {self._marks}"
        parts = (self.message, self.evidence, self._offer, *self.notes, self._next_step)
        return "\n".join([head, *(plain(part) for part in parts if part)])

    @property
    def _marks(self) -> str:
        return f"{self.score:g} of {self.points:g} point{'s' if self.points != 1 else ''}"

    def _repr_html_(self):
        look = STATES[self.state]
        notes = [f"Note: {note}" for note in self.notes]
        shown = (*self.message.split("\n"), self.evidence, self._offer)
        parts = [part for part in (*shown, *notes) if part]
        return box(
            look.colour,
            look.icon,
            look.words,
            f"`{self.question.name}` · {self._marks}",
            "".join(paragraph(part) for part in parts) + paragraph(self._next_step, quiet=True),
        )


def opening_cell(question: Question) -> str:
    """The cell with which the question's section begins, as the course names the cells of lessons.

    A heading could be named as well, and is found in a notebook that is open already alone.
    """
    section = re.sub(r"[^a-z0-9_]+", "-", question.section.lower()).strip("-")
    return f"{question.lesson[:2]}-{section}-text"


def plain(text: str) -> str:
    """The text with its links written out, without the place in the page."""
    return _LINK.sub(r"\1 (\2)", text)


def rich(text: str) -> str:
    """The text as HTML: everything escaped, `code` and [links](../notebooks/...) marked up."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
    return _LINK.sub(r'<a href="\2\3">\1</a>', text)


def paragraph(text: str, quiet: bool = False) -> str:
    """One paragraph of a box; a quiet one is set smaller, not paler."""
    size = "; font-size: 0.92em" if quiet else ""
    return f'<p style="margin: 0.35em 0; overflow-wrap: anywhere{size}">{rich(text)}</p>'


def box(colour: str, icon: str, title: str, subtitle: str, body: str) -> str:
    """A box for a notebook: coloured edge, icon and title, then `body` (HTML, already escaped)."""
    return (
        f'<div role="status" style="{_BOX}; border-left: 6px solid {colour}">'
        f'<p style="margin: 0 0 0.35em">'
        f'<span aria-hidden="true" style="{_ICON}; border: 2px solid {colour}">'
        f"{html.escape(icon)}</span>"
        f"<strong>{html.escape(title)}</strong> "
        f'<span style="margin-left: 0.6em; font-size: 0.92em">{rich(subtitle)}</span></p>'
        f"{body}</div>"
    )


def code_block(code: str) -> str:
    """Python code in the editor's own colours, if Pygments is there to tell its parts apart."""
    return f'<pre style="{_PRE}">{"".join(_coloured(code))}</pre>'


def _coloured(code: str):
    try:
        from pygments.lexers import PythonLexer
    except ImportError:
        yield html.escape(code)
        return
    for kind, text in PythonLexer().get_tokens(code):
        colour = next((c for name, c in _CODE_COLOURS.items() if str(kind).startswith(name)), None)
        text = html.escape(text)
        yield f'<span style="color: {colour}">{text}</span>' if colour else text


_LINK = re.compile(r"\[([^\]]+)\]\((\.\./notebooks/[\w.-]+)(#cell-id=[\w-]+)?\)")

# Written into the elements, since a style sheet would be repeated in every output as well and is
# taken away where a notebook is not trusted. The second value of each `var` is for other front
# ends: dark text on white, as a pair.
_BOX = (
    "max-width: 46em; margin: 0.3em 0; padding: 0.6em 1em; border: 1px solid "
    "var(--jp-border-color2, #d0d0d0); border-radius: 3px; line-height: 1.5; "
    "background: var(--jp-layout-color1, #fff); color: var(--jp-content-font-color1, #1b1b1b); "
    "font-family: var(--jp-content-font-family, system-ui, sans-serif)"
)
_ICON = (
    "display: inline-block; width: 1.25em; height: 1.25em; margin-right: 0.55em; "
    "border-radius: 50%; line-height: 1.25; text-align: center; font-weight: bold"
)
_PRE = (
    "margin: 0.5em 0; padding: 0.6em 0.8em; overflow-x: auto; line-height: 1.4; "
    "background: var(--jp-cell-editor-background, #f5f5f5); "
    "color: var(--jp-mirror-editor-variable-color, #1b1b1b); "
    "font-family: var(--jp-code-font-family, monospace)"
)
_CODE_COLOURS = {
    "Token.Keyword": "var(--jp-mirror-editor-keyword-color, #00680f)",
    "Token.Operator.Word": "var(--jp-mirror-editor-keyword-color, #00680f)",
    "Token.Comment": "var(--jp-mirror-editor-comment-color, #35686d)",
    "Token.Literal.String": "var(--jp-mirror-editor-string-color, #a82121)",
    "Token.Literal.Number": "var(--jp-mirror-editor-number-color, #086)",
    "Token.Name.Function": "var(--jp-mirror-editor-def-color, #00f)",
}
