"""The JavaScript of the widgets, each as one text: it is loaded from memory, not from a place.

What the explorers and the quizzes share is in `static/` beside this file.
"""

from pathlib import Path

SHARED = [Path(__file__).parent / "static" / name for name in ("numbers.js", "keys.js")]


def module(*paths: Path) -> str:
    """One module of the scripts at these paths, with what they use of the shared ones before it."""
    shared = (each.read_text(encoding="utf-8") for each in SHARED)
    before = [text.replace("export function", "function") for text in shared]
    return "\n".join([*before, *(path.read_text(encoding="utf-8") for path in paths)])
