"""The form of a piece of code: what is left of it without names, comments and layout."""

import ast
import hashlib
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

_LONGEST = 6_000  # characters that are looked at
_NOT_PYTHON = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
_WITHOUT_WEIGHT = (ast.expr_context, ast.operator, ast.cmpop, ast.unaryop, ast.boolop)


@dataclass(frozen=True)
class Form:
    """What two pieces of code have in common if only names, comments and layout differ.

    size    how many parts it has: names, numbers, calls, statements
    parts   what they are, in their order
    """

    digest: str
    size: int
    parts: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def share_of(self, other: "Form") -> float:
        """How much of the two forms is the same, in the same order: from 0 to 1."""
        matcher = SequenceMatcher(None, self.parts, other.parts, autojunk=False)
        return matcher.ratio()


def form_of(code: str) -> Form | None:
    """The form of a cell; None if it is no Python, or nothing.

    >>> form_of("def f(p): # mine\\n    return p + 1") == form_of("def f(x):\\n\\n  return x+1")
    True
    >>> form_of("def f(p): return p + 1") == form_of("def f(p): return 1 + p")
    False
    """
    try:
        tree = ast.parse(_NOT_PYTHON.sub("", code[:_LONGEST]))
        named = _Named()
        named.visit(tree)
        plain = _Plain(named.own).visit(tree)
        nodes = [node for node in ast.walk(plain) if not isinstance(node, _WITHOUT_WEIGHT)][1:]
        dumped = ast.dump(plain, annotate_fields=False)
    # ValueError: null bytes; the last two: brackets and chains of any depth
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not nodes:
        return None
    digest = hashlib.sha256(dumped.encode("utf-8", "replace")).hexdigest()[:24]
    return Form(digest, len(nodes), tuple(map(_part, nodes)))


def _part(node) -> str:
    values = (getattr(node, key, None) for key in ("id", "attr", "arg", "value"))
    said = next((value for value in values if isinstance(value, (str, int, float))), "")
    return f"{type(node).__name__} {said}"


class _Named(ast.NodeVisitor):
    """The names that the code gives, in the order in which it gives them."""

    def __init__(self):
        self.own: dict[str, str] = {}

    def _give(self, name):
        self.own.setdefault(name, f"name {len(self.own)}")

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load):
            self._give(node.id)

    def visit_arg(self, node):
        self._give(node.arg)

    def visit_FunctionDef(self, node):
        self._give(node.name)
        self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef


class _Plain(ast.NodeTransformer):
    """The code with its own names replaced, and without what does nothing."""

    def __init__(self, own):
        self._own = own

    def visit_Name(self, node):
        return ast.Name(self._own.get(node.id, node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self._own.get(node.arg, node.arg))

    def visit_keyword(self, node):
        # an argument of one of its own functions may be named in a call
        named = self._own.get(node.arg, node.arg)
        return ast.keyword(named, self.visit(node.value))

    def visit_FunctionDef(self, node):
        node.name = self._own.get(node.name, node.name)
        node.returns, node.type_comment = None, None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_AnnAssign(self, node):
        if node.value is None:
            return None
        return self.visit(ast.Assign([node.target], node.value))

    def visit_Expr(self, node):
        # a text on its own does nothing: it explains
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Import(self, node):
        return None

    visit_ImportFrom = visit_Import
