"""The modules of the monitor build on each other, and none on one that builds on it."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import klteach.drift

PACKAGE = "klteach.drift"


def imported_by(source: str) -> set[str]:
    """The modules of the package that a text imports, wherever in it: in functions as well."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.removeprefix(f"{PACKAGE}.") for name in found if name.startswith(f"{PACKAGE}.")}


def circle(sources: dict[str, str]) -> list[str] | None:
    """Modules that import each other in a circle, from name and text; None if there are none."""
    graph = {name: imported_by(text) & set(sources) for name, text in sources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def test_the_modules_import_each_other_in_no_circle():
    folder = Path(klteach.drift.__file__).parent
    sources = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    del sources["__init__"]  # which hands out the names of the others
    assert len(sources) > 20 and "null" in imported_by(sources["multiplicity"])
    assert circle(sources) is None


def test_a_circle_is_found_in_functions_and_where_only_types_are_read():
    page = "from klteach.drift.report import DRIFT"
    inside = "def to_html():\n    from klteach.drift import page"
    types = "if TYPE_CHECKING:\n    import klteach.drift.page"
    assert circle({"page": page, "report": ""}) is None
    for report in (inside, types):
        assert set(circle({"page": page, "report": report})) == {"page", "report"}
