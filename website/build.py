"""The walk through the course that writes the site."""

import json
import re
import shutil
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from klteach.units import PARTS, UNITS, WRITTEN, Unit
from klteach.units.routes import CORE, ROUTES
from website import scripts
from website.collect import widgets_of
from website.course_zip import checks_zip, more_zip
from website.exercise import code_cells, exercise_body, scipy_modules
from website.fonts import cut_fonts, style_sheet
from website.formulas import KATEX
from website.links import Links
from website.page import Body, PageMaker, digest
from website.python_files import PYODIDE, first_load
from website.search import glossary_terms, search_rows
from website.widget_data import review_data, review_index

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = Path(__file__).parent / "templates"
# The release that this is: what Binder opens for a page is what the page was made from.
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
BINDER = f"https://mybinder.org/v2/gh/klteach/klteach/v{VERSION}?urlpath=lab/tree"
# in the place of closing(), which reads a record that is not the author's
CLOSING = (
    "<p>In the notebook <code>closing()</code> shows what has changed between your two answers to "
    "each of the ten questions, how well your confidence agreed with what came out, and three "
    "ideas to revisit. It reads what this browser has kept, too: "
    '<a href="../record.html">My record</a> has it as a file.</p>'
)
MARK = ".klteach-site"  # in a folder that this has written, and may write anew
TO_SOLVE = (
    "These are functions to write. Solve them in the notebook: download the course and open it "
    "with “python3 course.py lab”, or open this page in Binder, which may take minutes to start. "
    "There check(...) names your mistake, hint(...) helps on and solution(...) shows an answer."
)


class FolderTaken(Exception):
    """The folder for the site holds something else."""


@dataclass(frozen=True)
class Page:
    """A notebook and its page on the site. `source` is the notebook's path in the course."""

    path: str
    title: str
    source: Path

    @property
    def home(self) -> str:
        return self.source.parent.name

    @property
    def download(self) -> str:
        """The copy of the notebook, for a learner's machine. A lesson has its exercises' name."""
        before = "exercises_" if self.home == "exercises" else ""
        return f"downloads/{before}{self.source.name}"


def build(
    out: Path, only: tuple[Unit, ...] | None = None, python: dict[str, bytes] | None = None
) -> None:
    """Write the site into the folder `out`; `only` leaves out the pages of all other units.

    python  the files of the browser's Python, as `python_files` gives them; without them the
            exercises are read on the site and solved elsewhere

    A folder that this has written before is written anew. Raises FolderTaken for one that holds
    anything else.
    """
    if not _is_free(out):
        raise FolderTaken(f"{out} is there already and was not made by this command")
    # A site that is there stays until the new one is whole.
    partial = out.with_name(f".{out.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        Site(partial, WRITTEN if only is None else only, python or {}).write()
        if out.exists():
            shutil.rmtree(out)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _is_free(out: Path) -> bool:
    if not out.exists():
        return True
    return out.is_dir() and (not any(out.iterdir()) or (out / MARK).is_file())


class Site:
    """One site in the making."""

    def __init__(self, out: Path, units: tuple[Unit, ...], python: dict[str, bytes]):
        self._out = out
        self._units = units
        self._python = python
        self._rows: list[list[str]] = []  # of the search index
        self._terms: dict[str, dict[str, str]] = {}
        self._letters: set[str] = set()
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def write(self) -> None:
        """Pages come last: they name the files of data by marks made from their bytes."""
        bodies = {page: self._body(page) for page in self._pages}
        for page, body in bodies.items():
            for path, content in body.files.items():
                self._write(path, content)
            self._letters |= body.letters
            self._rows += search_rows(page.path, page.title, body)
            if page.source.stem == "B_glossary":
                self._terms = glossary_terms(body)
        self._shared  # noqa: B018 - writes what every page names
        for page, body in bodies.items():
            self._write_page(page, body)
            self._write(page.download, page.source.read_bytes())
        self._write_front()
        self._write_html("record.html", "record.html.j2", title="My record")
        self._write_html("404.html", "missing.html.j2", title="No such page")
        self._write(MARK, b"Written by python3 course.py site, which may write it anew.\n")
        self._write("LICENSE", (ROOT / "LICENSE").read_bytes())
        self._write(".nojekyll", b"")  # or GitHub's pages would leave files out

    # -- the pages

    @cached_property
    def _lessons(self) -> dict[Unit, Page]:
        return {unit: _page(ROOT / "notebooks" / f"{unit.name}.ipynb") for unit in self._units}

    @cached_property
    def _exercises(self) -> dict[Unit, Page]:
        return {unit: _page(ROOT / "exercises" / f"{unit.name}.ipynb") for unit in self._units}

    @cached_property
    def _look_up(self) -> list[Page]:
        return [_page(path) for path in sorted((ROOT / "notebooks").glob("[A-Z]_*.ipynb"))]

    @cached_property
    def _pages(self) -> list[Page]:
        return [*self._lessons.values(), *self._look_up, *self._exercises.values()]

    def _body(self, page: Page) -> Body:
        notebook = nbformat.read(page.source, as_version=4)
        pages = {(Path(each.path).parent.name, each.source.stem) for each in self._pages}
        maker = PageMaker(Links(page.home, pages, {unit.name for unit in UNITS}))
        if page.home == "exercises":
            return exercise_body(notebook, maker)
        instead = {
            "00-map-of-the-course-code": self._map("../"),
            "00-routes-code": "",  # the author's progress; the line above it leads to one's own
            "31-main-take-away-code": CLOSING,
        }
        return maker.body(notebook, widgets_of(notebook, page.source.parent), instead)

    def _write_page(self, page: Page, body: Body) -> None:
        row = next(
            row
            for row in ([*self._lessons.values()], self._look_up, [*self._exercises.values()])
            if page in row
        )
        place = row.index(page)
        self._write_html(
            page.path,
            "page.html.j2",
            root="../",
            title=page.title,
            body=Markup(body.html),
            sections=[section for section in body.sections if section.level == 2],
            tools=self._tools(page),
            notice=TO_SOLVE if page.home == "exercises" else "",
            python=self._told_to(page) if self._python and page.home == "exercises" else "",
            previous=row[place - 1] if place else None,
            next=row[place + 1] if place + 1 < len(row) else None,
        )

    def _tools(self, page: Page) -> list[dict]:
        tools = []
        other, words = (
            (self._lessons, "Lesson")
            if page.home == "exercises"
            else (self._exercises, "Exercises")
        )
        for each in other.values():
            if each.source.name == page.source.name:
                tools.append({"href": f"../{each.path}", "words": words, "download": False})
        tools.append(
            {
                "href": f"{BINDER}/{page.home}/{page.source.name}",
                "words": "Open in Binder",
                "download": False,
            }
        )
        tools.append(
            {"href": f"../{page.download}", "words": "Download this notebook", "download": True}
        )
        return tools

    # -- the front page

    def _write_front(self) -> None:
        units = self._map_parts
        by_number = {unit["number"]: unit for part in units for unit in part["units"]}
        routes = [
            {
                "name": route.name,
                "purpose": route.purpose,
                "units": [by_number[number] for number in sorted(route.numbers)],
            }
            for route in ROUTES
        ]
        self._write_html(
            "index.html",
            "front.html.j2",
            title="klteach",
            course_map=Markup(self._map("")),
            routes=routes,
            first=next(iter(self._lessons.values())),
            python=bool(self._python),
        )

    @cached_property
    def _map_parts(self) -> list[dict]:
        return [
            {
                "letter": part.letter,
                "title": part.title,
                "units": [self._map_unit(unit) for unit in part.units],
            }
            for part in PARTS
        ]

    def _map_unit(self, unit: Unit) -> dict:
        page = self._lessons.get(unit)
        return {
            "number": unit.number,
            "code": unit.code,
            "title": unit.title,
            "label": " ".join(unit.label.split()),
            "minutes": unit.minutes,
            "core": unit.number in CORE,
            "path": page.path if page else "",
        }

    def _map(self, root: str) -> str:
        return self._templates.get_template("map.html.j2").render(map=self._map_parts, root=root)

    # -- Python in the exercises

    def _told_to(self, page: Page) -> str:
        """What an exercise page is told of the Python that it may start, as JSON."""
        unit = next(unit for unit, each in self._exercises.items() if each == page)
        modules = scipy_modules(
            ROOT / "solutions" / page.source.name,
            ROOT / "klteach" / "units" / f"u{unit.name}" / "questions.py",
        )
        packages = ["numpy", "scipy"] if modules else ["numpy"]
        return json.dumps(
            self._python_files
            | {
                "size": first_load(packages),
                "packages": packages,
                "modules": modules,
                "cells": code_cells(nbformat.read(page.source, as_version=4)),
            }
        )

    @cached_property
    def _python_files(self) -> dict[str, str]:
        folder = f"assets/pyodide-{PYODIDE}"
        for name, content in self._python.items():
            self._write(f"{folder}/{name}", content)
        solutions = [ROOT / "solutions" / f"{unit.name}.ipynb" for unit in self._units]
        worker = (scripts.STATIC / "worker.mjs").read_bytes()
        return {
            "core": folder,
            "worker": self._marked("assets/python/worker.mjs", worker),
            "course": self._marked("assets/python/klteach.zip", checks_zip(solutions)),
            "more": self._marked("assets/python/more.zip", more_zip()),
        }

    # -- what pages share

    @cached_property
    def _shared(self) -> dict:
        """What every page is told: where its scripts, styles and data are, and the units."""
        return {
            "script": self._marked("assets/site.js", _bytes(scripts.site_script())),
            "styles": [
                self._formulas(),
                self._marked("assets/site.css", _bytes(scripts.site_style())),
            ],
            "data_files": {
                kind: self._marked(f"assets/{kind}.js", _bytes(scripts.widget_script(kind)))
                for kind in ("explorer", "quiz")
            }
            | {
                "units": self._data("units", self._units_with_their_reviews()),
                "search": self._data("search", self._rows),
                "glossary": self._data("glossary", self._terms),
            },
            "parts": [
                {
                    "letter": part.letter,
                    "title": part.title,
                    "pages": [self._lessons[unit] for unit in part.units if unit in self._lessons],
                }
                for part in PARTS
                if any(unit in self._lessons for unit in part.units)
            ],
            "look_up": self._look_up,
        }

    def _units_with_their_reviews(self) -> list[dict]:
        rows = review_index()["units"]
        by_code = {unit.code: unit for unit in UNITS}
        for row in rows:
            name = f"review-{row['code']}"
            row["file"] = self._data(name, review_data(by_code[row["code"]]))
        return rows

    def _formulas(self) -> str:
        self._write("assets/formulas/LICENSE", (KATEX / "LICENSE").read_bytes())
        style = style_sheet()
        for name, content in cut_fonts(self._letters).items():
            marked = self._marked(f"assets/formulas/fonts/{name}", content)
            style = style.replace(f"fonts/{name}", f"fonts/{marked.rpartition('/')[2]}")
        return self._marked("assets/formulas/katex.css", _bytes(style))

    def _data(self, name: str, data) -> str:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return self._marked(
            f"assets/data/{name}.js", _bytes(f"klteach.take({json.dumps(name)},{text});\n")
        )

    def _marked(self, path: str, content: bytes) -> str:
        """Write a file whose name says what it holds, so that no browser keeps an old one."""
        stem, _, ending = path.rpartition(".")
        marked = f"{stem}.{digest(content)}.{ending}"
        self._write(marked, content)
        return marked

    def _write_html(self, path: str, template: str, root: str = "", **words) -> None:
        page = self._templates.get_template(template)
        words |= self._shared | {"root": root, "path": path}
        self._write(path, _bytes(page.render(words) + "\n"))

    def _write(self, path: str, content: bytes) -> None:
        target = self._out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8")


def _page(source: Path) -> Page:
    first = nbformat.read(source, as_version=4).cells[0].source
    title = re.search(r"^# (.*)$", first, re.MULTILINE)
    if title is None:
        raise ValueError(f"{source} does not begin with its title")
    folder = "exercises" if source.parent.name == "exercises" else "lessons"
    return Page(f"{folder}/{source.stem}.html", title[1], source)
