"""Notebooks as learners hand them in: an exercise with typed answers, and with what some add."""

import json
from pathlib import Path

from tests.units.known_answers import RIGHT

ROOT = Path(__file__).parents[2]
LESSON = "02_cross_entropy_and_kl"
QUESTIONS = ("cross_entropy", "kl", "kl_contributions", "kelly_growth")
SWAPPED = """def kl(p, q):
    p, q = np.asarray(p), np.asarray(q)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(q > 0, q * np.log(q / p), 0).sum())
"""


def exercise(lesson: str = LESSON) -> dict:
    """The exercise as it is handed out."""
    path = ROOT / "exercises" / f"{lesson}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def submission(answers=None, before=(), after=(), lesson: str = LESSON) -> dict:
    """An exercise with answers (the right ones, changed by `answers`), and cells around them.

    `answers` gives sources by the question's name, and None for an untouched one.
    """
    notebook = exercise(lesson)
    typed = {name: RIGHT[name] for name in RIGHT}
    typed.update(answers or {})
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if typed.get(name):
            cell["source"] = typed[name]
    first = next(i for i, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code")
    notebook["cells"][first + 1 : first + 1] = [code(source) for source in before]
    notebook["cells"] += [code(source) for source in after]
    return notebook


def untouched(lesson: str = LESSON) -> dict:
    """The exercise of somebody who did nothing."""
    return exercise(lesson)


def code(source: str, **metadata) -> dict:
    """A code cell."""
    return {
        "cell_type": "code", "execution_count": None, "metadata": metadata,
        "outputs": [], "source": source,
    }  # fmt: skip


def as_bytes(notebook: dict) -> bytes:
    """The file."""
    return json.dumps(notebook).encode()
