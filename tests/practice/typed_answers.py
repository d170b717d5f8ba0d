"""Notebooks with answers in them, as a learner would type them."""

import linecache

HEADER = "import math\n\nimport numpy as np\n\n"


def notebook(source: str) -> dict:
    """The names of a notebook after a cell with `source` was run, its lines known to tracebacks."""
    file_name = f"<cell {abs(hash(source))}>"
    linecache.cache[file_name] = (len(source), None, source.splitlines(keepends=True), file_name)
    names = {"__name__": "__main__"}
    exec(HEADER, names)
    exec(compile(source, file_name, "exec"), names)
    return names


def function(name: str, arguments: str, body: str) -> dict:
    """A notebook with one function; a body of one line is the expression that it returns."""
    if "\n" not in body:
        body = f"return {body}"
    lines = [f"def {name}({arguments}):", *(f"    {line}" for line in body.splitlines())]
    return notebook("\n".join(lines) + "\n")


def wrapped(name: str, answer) -> dict:
    """A notebook in which `name` is a function that does what `answer` does."""
    return {name: lambda *arguments: answer(*arguments)}
