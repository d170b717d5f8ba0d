"""What of a cell can still run after one of its statements has failed."""

import ast
from collections.abc import Iterator
from types import CodeType, TracebackType

_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)


def failed_at(statements: list[ast.stmt], code: CodeType | None, traceback) -> int:
    """The place among the statements of the one that failed; the last one, if it is not known."""
    position = _position(code, traceback)
    if position is None:
        return len(statements) - 1
    begun = [place for place, each in enumerate(statements) if _start(each) <= position]
    return begun[-1] if begun else 0


def _position(code: CodeType | None, traceback: TracebackType | None) -> tuple[int, int] | None:
    while traceback is not None:
        if traceback.tb_frame.f_code is code:
            line, _, column, _ = list(code.co_positions())[traceback.tb_lasti // 2]
            return None if line is None else (line, column or 0)
        traceback = traceback.tb_next
    return None


def _start(statement: ast.stmt) -> tuple[int, int]:
    nodes = [statement, *getattr(statement, "decorator_list", ())]
    return min((node.lineno, node.col_offset) for node in nodes)


def imports(statements: list[ast.stmt]) -> list[ast.stmt]:
    """What these statements import outside of functions and classes, one name at a time."""
    return list(_imports(statements))


def _imports(nodes) -> Iterator[ast.stmt]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield ast.copy_location(ast.Import([alias]), node)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield ast.copy_location(ast.ImportFrom(node.module, [alias], node.level), node)
        elif isinstance(node, _BLOCKS) and not isinstance(node, _APART):
            yield from _imports(ast.iter_child_nodes(node))


def bound(statements: list[ast.stmt]) -> set[str]:
    """The names that these statements would have bound."""
    names: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.alias):
                names.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, _APART):
                names.add(node.name)
    return names
