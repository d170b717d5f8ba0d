"""Answers as a learner would type them, for the tests of the practice engine."""

import linecache

HEADER = "import math\n\nimport numpy as np\n\n"

RIGHT = {
    "shares": """
def shares(counts):
    return counts / np.sum(counts)
""",
    "entropy_bits": """
def entropy_bits(p):
    used = p[p > 0]
    return -np.sum(used * np.log2(used))
""",
    "to_bits": """
def to_bits(x):
    return x / np.log(2)
""",
    "expected_length": """
def expected_length(p, lengths):
    return np.sum(p * lengths)
""",
    "code_lengths": """
def code_lengths(p):
    return np.ceil(-np.log2(p))
""",
    "cross_entropy": """
def cross_entropy(p, q):
    used = p > 0
    return -np.sum(p[used] * np.log(q[used]))
""",
    "kl": """
def kl(p, q):
    used = p > 0
    return np.sum(p[used] * np.log(p[used] / q[used]))
""",
    "kl_contributions": """
def kl_contributions(p, q):
    used = p > 0
    terms = np.zeros(len(p))
    terms[used] = p[used] * np.log(p[used] / q[used])
    return terms
""",
    "kelly_growth": """
def kelly_growth(p, q, winners):
    return np.mean(np.log(p / q)[winners])
""",
}


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
