"""What the learner has done so far: a small file of events.

The file holds one JSON object per line and only ever grows. Each event is written by a single
append, so two notebooks that are open at once never overwrite each other. Nothing is sent
anywhere.
"""

import json
import os
from codecs import BOM_UTF8
from datetime import UTC, datetime
from typing import TypeGuard

from klteach.practice.course_folder import progress_path


def record(kind: str, **fields) -> str:
    """Append one event to the progress file; return "" or, if that failed, a sentence about it.

    Kinds and their fields:
    check       question, outcome ("correct", or the rung reached), score, points
    seen        question
    prediction  unit, item, answer, confidence (0 to 1, or None if not said), truth, hit, code
    review      unit, item, warm_up (the unit that asked), answer, hit, code
    inventory   unit, item, answer, again (whether it is the second asking; older records have
                only the first, and no such field), code
    where code is "right" or the code of a misconception.

    Never raises: a full disk or a read-only folder must not take the learner's feedback away.
    """
    event = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "kind": kind}
    try:
        line = json.dumps(event | fields, default=_plain_value, ensure_ascii=False) + "\n"
        path = progress_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        _append(path, line.encode("utf-8"))
    except (OSError, RuntimeError, TypeError, ValueError) as problem:
        return f"This was not saved to your progress file: {_in_words(problem)}."
    return ""


def history(kind: str | None = None) -> list[dict]:
    """All readable events, oldest first; only those of one kind if `kind` is given."""
    events, _ = read()
    return [event for event in events if kind is None or event["kind"] == kind]


def is_confidence(value) -> TypeGuard[float]:
    """Whether a recorded value is a confidence: a number from 0 to 1."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _append(path, line: bytes) -> None:
    # O_APPEND and one write: the operating system puts concurrent lines one after the other.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0))
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size:
            # A line that a full disk cut short must not swallow the next one.
            os.lseek(descriptor, size - 1, os.SEEK_SET)
            if os.read(descriptor, 1) != b"\n":
                line = b"\n" + line
        if os.write(descriptor, line) != len(line):
            raise OSError("the disk is full")
    finally:
        os.close(descriptor)


def read() -> tuple[list[dict], list[str]]:
    """The readable events, and a sentence for each thing that could not be read."""
    try:
        lines = progress_path().read_bytes().removeprefix(BOM_UTF8).split(b"\n")
    except FileNotFoundError:
        return [], []
    except (OSError, RuntimeError) as problem:
        return [], [f"Your progress file could not be read: {_in_words(problem)}."]
    events, unreadable = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            event = None
        if _is_event(event):
            events.append(event)
        else:
            unreadable.append(str(number))
    if not unreadable:
        return events, []
    which = "Line " if len(unreadable) == 1 else "Lines "
    return events, [
        f"{which}{', '.join(unreadable)} of your progress file could not be read;"
        " left there as found, and skipped."
    ]


def _is_event(event) -> bool:
    # Names are looked up in tables, so a list in the place of a name would break the reader.
    return isinstance(event, dict) and all(
        isinstance(event.get(name, default), str)
        for name, default in (("kind", None), ("time", None), ("item", ""), ("question", ""))
    )


def _plain_value(value):
    """NumPy numbers and arrays as plain ones; anything else as its text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _in_words(problem: Exception) -> str:
    return (getattr(problem, "strerror", None) or str(problem) or type(problem).__name__).lower()
