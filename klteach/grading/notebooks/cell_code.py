"""What the source of a cell says as Python, without running it."""

import ast
import re
import warnings

from klteach.grading.inside.remainder import imports

_SHELL_LINE = re.compile(
    r"^([ \t]*+)(?:[%!?].*|[\w., \t]{1,80}=[ \t]*[%!].*|.*\?[ \t]*)$", re.MULTILINE
)
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*")
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "python", "python3", "debug"}
_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^\n]*\n(.*?)\n?[ \t]*\1[ \t]*\s*", re.DOTALL)


def bound_names(source: str) -> tuple[set[str], set[str]]:
    r"""The functions that a cell defines at its top level, and what else it assigns or imports.

    Lines for IPython or the shell are passed over. Two empty sets if the cell cannot be read.

    >>> bound_names("%matplotlib inline\nfrom math import log as ln\ndef kl(p, q): ...")
    ({'kl'}, {'ln'})
    """
    while magic := _CELL_MAGIC.match(source):
        if magic[1] not in _PYTHON_MAGICS:
            return set(), set()
        source = source[magic.end() :]
    tree = _parsed(source)
    if tree is None and any(mark in source for mark in "%!?"):
        tree = _parsed(_SHELL_LINE.sub(r"\1pass", source))
    return (set(), set()) if tree is None else _bound(tree.body)


def python_in_text(text: str) -> str | None:
    r"""The Python that a Markdown or raw cell holds and nothing else, perhaps in a fence.

    >>> python_in_text("```python\nx = 1\n```")
    'x = 1'
    >>> python_in_text("Let x be 1.") is None
    True
    """
    fenced = _FENCE.fullmatch(text)
    source = fenced[2] if fenced else text
    tree = _parsed(source)
    return source if tree is not None and tree.body else None


def imports_in(source: str) -> str:
    r"""What a cell imports outside of functions, as a source of its own.

    >>> imports_in("import os, math\nos._exit(1)")
    'import os\nimport math'
    """
    tree = _parsed(source)
    return "\n".join(map(ast.unparse, imports(tree.body))) if tree else ""


def _parsed(source):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a learner's "\d"
            return ast.parse(source)
    # ValueError: null bytes; the last two: brackets and chains of any depth
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _bound(statements):
    functions: set[str] = set()
    others: set[str] = set()
    left = list(statements)
    while left:
        node = left.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            functions.add(node.name)  # what is inside is not at the top level
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            others.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign):
            names = functions if isinstance(node.value, ast.Lambda) else others
            for target in node.targets:
                parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
                names.update(part.id for part in parts if isinstance(part, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            others.add(node.target.id)
        elif isinstance(node, (ast.stmt, ast.excepthandler, ast.match_case)):
            for block in ("body", "orelse", "finalbody", "handlers", "cases"):
                left += getattr(node, block, ())
    return functions, others
