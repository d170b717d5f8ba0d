"""The widget that shows a sheet of quiz items in the notebook."""

import threading
from pathlib import Path

import anywidget
import traitlets

from klteach.front_end import module
from klteach.practice.quiz.sheet import Sheet

STATIC = Path(__file__).parent / "static"


class QuizWidget(anywidget.AnyWidget):
    """A sheet of quiz items; answers arrive as messages, and only then is anything revealed."""

    _esm = module(STATIC / "quiz.js")
    _css = (STATIC / "quiz.css").read_text(encoding="utf-8")

    title = traitlets.Unicode().tag(sync=True)
    intro = traitlets.Unicode().tag(sync=True)
    together = traitlets.Bool().tag(sync=True)
    done = traitlets.Unicode().tag(sync=True)
    items: traitlets.List = traitlets.List().tag(sync=True)

    def __init__(self, sheet: Sheet, intro: str = "", done: str = ""):
        self.sheet = sheet
        self._one_at_a_time = threading.Lock()
        super().__init__(
            title=sheet.title,
            intro=intro,
            together=sheet.together,
            done=done,
            items=sheet.state(),
        )
        self.on_msg(self._answer)

    def _answer(self, _, message, __) -> None:
        # JupyterLab may deliver messages on several threads of the kernel at once.
        with self._one_at_a_time:
            self.send(self._reply(message))
            # For a second view, and for a page that is loaded again.
            self.items = self.sheet.state()

    def _reply(self, message) -> dict:
        # An exception in a message handler is invisible in the notebook: it goes back as words.
        try:
            return self.sheet.answer(message)
        except Exception as problem:
            words = f"Something went wrong in Python: {type(problem).__name__}: {problem}"
            item = message.get("item") if isinstance(message, dict) else None
            return {"type": "error", "item": item, "message": words}

    def __repr__(self) -> str:
        return self.sheet.line()

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        words = {"text/plain": self.sheet.line(), "text/html": self.sheet.html()}
        return data | words, metadata
