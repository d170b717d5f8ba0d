"""The house has floors: a module imports only from its own floor's room and from those above it.

The README and CONTRIBUTING.md name the layers in this order. What a unit holds stands on the
engines and is found by its name at run time, so no engine imports a unit.
"""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import klteach
from tests.together import together

ROOT = Path(klteach.__file__).parent
# a room, and the rooms that its modules may import from, beside itself
LAYERS = {
    "measures": set(),
    "inference": {"measures"},
    "data": {"measures"},
    "files": set(),
    "drift": {"measures", "data", "files"},
    "table": set(),  # klteach/units: __init__, routes and lookup: names, no contents
    "explorers": {"measures", "files"},
    "practice": {"measures", "table", "files"},
    "units": {"measures", "inference", "data", "drift", "table", "explorers", "practice"},
    "grading": {"measures", "table", "practice", "files"},
    "cli": {"drift", "grading", "practice", "table"},
}
# modules that stand beside the rooms
SINGLE = {
    "klteach.whole_files": "files",
    "klteach.html_page": "files",
    "klteach.front_end": "files",
    "klteach.units": "table",
    "klteach.units.lookup": "table",
    "klteach.units.routes": "table",
    "klteach.__main__": "cli",
    "klteach": "measures",
}
# for types alone
EXCUSED = {
    ("klteach.units.lookup", "klteach.practice.question"),
    ("klteach.units.lookup", "klteach.practice.quiz.items"),
}


def name_of(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    return SINGLE.get(module) or module.split(".")[1]


MODULES = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}
each_module = together([(room_of(name), name, (name,)) for name in MODULES])
each_module_of_a_unit = together([
    (name.split(".")[2], name, (name,)) for name in MODULES if ".units.u" in name
])  # fmt: skip


@cache
def imports_of(module):
    """The modules that a module imports anywhere, inside of functions too."""
    return list(_imports_of(module))


def _imports_of(module):
    path = MODULES[module]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                base = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
                base = base[: len(base) - node.level + 1]
                origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                name = f"{origin}.{alias.name}"
                yield name if name in MODULES else origin
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@each_module
def test_a_module_imports_from_the_layers_above_it(module):
    room = room_of(module)
    for imported in set(imports_of(module)):
        if imported not in MODULES or (module, imported) in EXCUSED:
            continue
        other = room_of(imported)
        assert other == room or other in LAYERS[room], f"{module} imports {imported}"


@each_module_of_a_unit
def test_a_unit_leans_on_no_other_unit(module):
    own = ".".join(module.split(".")[:3])
    for imported in imports_of(module):
        if imported.startswith("klteach.units.u"):
            assert imported == own or imported.startswith(own + "."), f"{module}: {imported}"


@each_module
def test_the_library_knows_nothing_of_its_web_edition(module):
    assert not [name for name in imports_of(module) if name.partition(".")[0] == "website"]


def circle(graph):
    """Modules that import each other in a circle, of {module: what it imports}; None if none do."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def test_the_modules_import_each_other_in_no_circle():
    """Wherever the import stands, inside of functions too."""
    graph = {
        module: {
            other
            for other in imports_of(module)
            if other in MODULES and other != module and (module, other) not in EXCUSED
        }
        for module in MODULES
    }
    assert "klteach.drift.null" in graph["klteach.drift.multiplicity"]
    assert circle(graph) is None


def test_a_circle_is_found():
    assert circle({"page": {"report"}, "report": set()}) is None
    assert set(circle({"page": {"report"}, "report": {"page"}})) == {"page", "report"}
