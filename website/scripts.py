"""The scripts and style sheets of the site, each as one file.

A page that is opened from the disk may load classic scripts only, so modules become such.
"""

import re
from pathlib import Path

import klteach
from klteach.explorers.explorer import SCRIPTS
from klteach.front_end import module

STATIC = Path(__file__).parent / "static"
LIBRARY = Path(klteach.__file__).parent
EXPLORER = LIBRARY / "explorers" / "static"
QUIZ = LIBRARY / "practice" / "quiz" / "static"
WIDGETS = {"explorer": SCRIPTS, "quiz": [QUIZ / "quiz.js"]}
# in the order in which they need each other
PARTS = (
    "start", "record", "warm_up", "quiz", "widgets", "theme", "search", "glossary", "exercise",
)  # fmt: skip


class NotClassic(ValueError):
    """A module holds what a classic script cannot."""


def site_script() -> str:
    """The script that every page loads."""
    parts = [(STATIC / f"{name}.js").read_text(encoding="utf-8") for name in PARTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n"


def widget_script(kind: str) -> str:
    """The library's script for one kind of widget, which puts itself into `klteach.renderers`."""
    return classic(module(*WIDGETS[kind]), kind)


def classic(code: str, name: str) -> str:
    """A module as a classic script; its default export becomes `klteach.renderers.NAME`."""
    code, found = re.subn(
        r"^export default (.*);$", rf"klteach.renderers.{name} = \1;", code, flags=re.MULTILINE
    )
    code = re.sub(r"^export (?=(?:async )?function|const|class)", "", code, flags=re.MULTILINE)
    if found != 1 or re.search(r"^(?:export|import)\b", code, re.MULTILINE):
        raise NotClassic(f"the module {name} exports or imports more than the site knows")
    return f'(() => {{\n"use strict";\n{code}\n}})();\n'


def site_style() -> str:
    """The site's own style after that of the widgets, whose colours it sets."""
    paths = (EXPLORER / "explorer.css", QUIZ / "quiz.css", STATIC / "site.css")
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
