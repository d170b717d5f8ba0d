"""One notebook, read from bytes that nobody has looked at yet.

What a class hands in was saved by Jupyter, Colab, VS Code or a text editor, was cut off on its way,
or is no notebook at all; some of it is meant to hurt the reader. So the bytes are measured before
they are parsed (a small file can hold a million values, or lists within lists to any depth), and
of the notebook only what grading needs is kept. Nothing is ever executed here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from klteach.grading.errors import GradingError

UNREADABLE = "unreadable"
NOT_A_NOTEBOOK = "not a notebook"
WRONG_LANGUAGE = "wrong language"

DEEPEST = 200  # lists within lists; an interactive plot in an output has some fifty
MOST_MEMORY = 64 << 20  # of the values in a file, beside its text
# Bytes that a value takes once it is parsed, by the mark that comes with it
_COSTS = {b",": 70, b":": 180, b"[": 100, b"{": 100}
CLEAR = "Clear the outputs, save the notebook and hand it in again."

# The names of kernels that say another language, where neither `language` nor `language_info` does
OTHER_KERNELS = (
    ("ir", "R"),
    ("julia", "Julia"),
    ("xcpp", "C++"),
    ("octave", "Octave"),
    ("matlab", "MATLAB"),
    ("javascript", "JavaScript"),
    ("deno", "TypeScript"),
    ("bash", "Bash"),
    ("rust", "Rust"),
    (".net-csharp", "C#"),
    (".net-fsharp", "F#"),
    (".net-powershell", "PowerShell"),
)

# How other kinds of file begin
OTHER_FILES = (
    (b"PK\x03\x04", "a zip archive. Unpack it, or let its name end in .zip"),
    (b"%PDF", "a PDF. Hand in the notebook itself, the .ipynb file"),
    (b"<!doctype html", "a web page. Hand in the notebook itself, the .ipynb file"),
    (b"<html", "a web page. Hand in the notebook itself, the .ipynb file"),
    (b"\x1f\x8b", "a gzip archive. Unpack it"),
    (b"Rar!", "a rar archive. Unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive. Unpack it"),
    (b"\x89PNG", "a picture. Hand in the notebook itself, the .ipynb file"),
    (b"\xff\xd8\xff", "a picture. Hand in the notebook itself, the .ipynb file"),
    (b"{\\rtf", "an RTF document. Hand in the notebook itself, the .ipynb file"),
    (b"\xd0\xcf\x11\xe0", "an Office document. Hand in the notebook itself, the .ipynb file"),
    (b"version https://git-lfs", "a pointer of Git LFS and not the file. Run `git lfs pull`"),
)


class Unreadable(GradingError):
    """No answers can be taken from these bytes; `status` is the word for the report."""

    def __init__(self, status: str, sentence: str):
        super().__init__(sentence)
        self.status = status

    def __reduce__(self):
        return Unreadable, (self.status, str(self))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it says, and what nbgrader's metadata say of it (claims, never facts).

    number    1 for the first cell of the file, of whatever kind
    kind      "code", "markdown" or "raw"
    points, checksum   as they stand in the file, to notice that they were edited
    """

    number: int
    kind: str
    source: str
    id: str | None = None
    grade_id: str | None = None
    grade: bool = False
    points: object = None
    checksum: str | None = None


@dataclass(frozen=True)
class Notebook:
    """The cells in the order of the file, and sentences on what was odd about it."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


def read_notebook(data: bytes) -> Notebook:
    """The notebook in these bytes: format 4, or an older one with worksheets, in UTF-8.

    Errors: Unreadable, with a status and a sentence that says what is wrong, where, and what helps.

    >>> read_notebook(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "1"}]}').cells[0]
    Cell(number=1, kind='code', source='1', id=None, grade_id=None, grade=False, points=None, \
checksum=None)
    """
    notes: list[str] = []
    text = _text(data, notes)
    _require_ordinary_size(data)
    content = _parsed(text, notes)
    if not isinstance(content, dict):
        raise Unreadable(NOT_A_NOTEBOOK, f"the file is JSON, but {_described(content)}")
    cells = _cell_list(content, notes)
    _require_python(content, cells)
    kept = tuple(_cells(cells, notes))
    if not kept:
        raise Unreadable(NOT_A_NOTEBOOK, "the notebook has no cells: it was handed in empty.")
    return Notebook(kept, tuple(notes))


def _text(data, notes):
    """The bytes as text; a file that is no text in UTF-8 is refused with the first bad byte."""
    if not data:
        raise Unreadable(UNREADABLE, "the file is empty (0 bytes): the upload went wrong.")
    if not data.strip(b"\0 \t\r\n"):
        what = "zero bytes" if b"\0" in data else "blanks"
        raise Unreadable(UNREADABLE, f"the file holds {len(data)} {what} and nothing else.")
    beginning = data[:64].lstrip()
    for magic, kind in OTHER_FILES:
        if beginning.startswith(magic) or beginning.lower().startswith(magic):
            raise Unreadable(UNREADABLE, f"the file is {kind}.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _every_other_byte_is_zero(data):
        raise Unreadable(
            UNREADABLE,
            "the file is text in UTF-16 or UTF-32 from its first byte on, which no Jupyter opens. "
            "Save it as UTF-8 and hand it in again.",
        )
    if data.startswith(b"\xef\xbb\xbf"):
        notes.append("The file begins with a byte order mark, which was skipped.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            UNREADABLE,
            f"byte {error.start + 1} (line {data.count(10, 0, error.start) + 1}) is no text in "
            "UTF-8: the file is damaged, or is another kind of file that was renamed.",
        ) from None


def _every_other_byte_is_zero(data):
    beginning = data[:16]
    return len(beginning) > 3 and not (any(beginning[1::2]) and any(beginning[::2]))


_STEP = np.zeros(256, np.int8)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1
_COST = np.zeros(256, np.int32)
for _mark, _bytes in _COSTS.items():
    _COST[ord(_mark)] = _bytes


def _require_ordinary_size(data, part=1 << 20):
    """Refuse what would take too much memory or too deep a stack once it is parsed.

    json itself stops at the interpreter's limit of recursion, which any library may have raised
    above what the stack holds.
    """
    opened = data.count(b"[") + data.count(b"{")
    memory = sum(data.count(mark) * cost for mark, cost in _COSTS.items())
    if opened <= DEEPEST and memory <= MOST_MEMORY:
        return  # even if all of it stood outside of texts
    if b"\\" in data:  # without escapes, a quotation mark always begins or ends a text
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    inside, depth, memory = False, 0, 0
    for start in range(0, len(data), part):
        block = np.frombuffer(data, np.uint8, min(part, len(data) - start), start)
        in_text = np.logical_xor.accumulate(block == ord('"')) ^ inside
        inside = bool(in_text[-1])
        step = _STEP[block]
        step[in_text] = 0
        depths = np.cumsum(step, dtype=np.int32) + depth
        if depths.max() > DEEPEST:
            line = data.count(b"\n", 0, start + int(np.argmax(depths > DEEPEST))) + 1
            raise Unreadable(
                NOT_A_NOTEBOOK,
                f"on line {line} lists and objects are nested more than {DEEPEST} deep, as in no "
                "notebook.",
            )
        depth = int(depths[-1])
        memory += int(_COST[block[~in_text]].sum())
        if memory > MOST_MEMORY:
            line = data.count(b"\n", 0, start) + 1
            raise Unreadable(
                NOT_A_NOTEBOOK,
                f"by line {line} the file holds more values than any notebook needs. {CLEAR}",
            )


def _parsed(text, notes):
    twice: dict[str, int] = {}

    def without_twins(pairs):
        """As every other reader does: of two values under one key, the last is meant."""
        found = dict(pairs)
        if len(found) < len(pairs) and len(twice) < 3:
            keys = [key for key, _ in pairs]
            twice.update((key, 1) for key in found if keys.count(key) > 1 and len(twice) < 3)
        return found

    def whole_number(digits):
        # the interpreter refuses numbers of thousands of digits; none of ours has ten
        return int(digits) if len(digits) < 10 else 0

    try:
        content = json.loads(text, object_pairs_hook=without_twins, parse_int=whole_number)
    except json.JSONDecodeError as error:
        raise Unreadable(UNREADABLE, _broken(text, error)) from None
    except RecursionError:
        raise Unreadable(NOT_A_NOTEBOOK, "lists and objects are nested too deep.") from None
    if twice:
        names = ", ".join(repr(_short(key)) for key in twice)
        notes.append(f"The key {names} comes twice in one object; the last one was read.")
    return content


def _broken(text, error):
    where = f"line {error.lineno}, column {error.colno}"
    if text.rstrip("\0").rstrip()[error.pos :] == "" or error.msg.startswith("Unterminated"):
        return (
            f"the file ends in the middle of the notebook ({where}): it was cut off on its way. "
            "Hand it in again."
        )
    begin = text.rfind("\n", 0, error.pos) + 1
    if text.startswith(("<<<<<<<", "=======", ">>>>>>>"), begin):
        return f"an unfinished merge of Git is left in the file ({where}). Resolve it."
    if error.msg == "Extra data":
        return f"after the end of the notebook something else follows ({where})."
    if begin == 0 and not text.lstrip().startswith(("{", "[")):
        return (
            f"the file is text, but no notebook in JSON ({where}, {_short(text.strip(), 30)!r}). "
            "Hand in the .ipynb file itself."
        )
    return f"the file is no valid JSON from {where} on ({error.msg[0].lower()}{error.msg[1:]})."


def _described(content):
    if isinstance(content, list):
        return f"it holds a list of {len(content)} values and no notebook."
    return f"it holds {_short(repr(content), 40)} and no notebook."


def _cell_list(content, notes):
    """The cells as they stand in the file; those of an old notebook are in worksheets."""
    version = content.get("nbformat")
    cells = content.get("cells")
    if not isinstance(cells, list):
        sheets = content.get("worksheets")
        if not isinstance(sheets, list):
            keys = ", ".join(repr(_short(key, 20)) for key in list(content)[:4]) or "no keys"
            raise Unreadable(
                NOT_A_NOTEBOOK,
                f"the file is JSON, but no notebook: it has no list of cells (it has {keys}).",
            )
        cells = []
        for sheet in sheets:
            found = sheet.get("cells") if isinstance(sheet, dict) else None
            cells.extend(found if isinstance(found, list) else ())
        notes.append("The notebook is of an old format, with worksheets; it was read as format 4.")
    elif not isinstance(version, int):
        notes.append(
            "The file does not say which format of notebook it is; it was read as format 4."
        )
    elif version > 4:
        notes.append(f"The file says that it is of format {version}; it was read as format 4.")
    return cells


def _require_python(content, cells):
    language = _language(content.get("metadata"))
    if language is None and "worksheets" in content:
        said = {
            cell.get("language", "python")
            for cell in cells
            if isinstance(cell, dict)
            and cell.get("cell_type") == "code"
            and isinstance(cell.get("language", "python"), str)
        }
        language = min(said) if said and not any(map(_is_python, said)) else None
    if language is not None:
        raise Unreadable(
            WRONG_LANGUAGE,
            f"the notebook says that it is written in {_short(language, 30)!r}; the answers "
            "are Python. If they are, choose a Python kernel, save and hand in again.",
        )


def _language(metadata):
    """The language that the metadata name if it is not Python; None if it is or none is named.

    One mention of Python is enough: editors leave the kernel of the machine before in place.
    """
    metadata = metadata if isinstance(metadata, dict) else {}
    info, kernel = metadata.get("language_info"), metadata.get("kernelspec")
    info = info if isinstance(info, dict) else {}
    kernel = kernel if isinstance(kernel, dict) else {}
    named = (info.get("name"), kernel.get("language"))
    said = [name for name in named if isinstance(name, str) and name.strip()]
    if said:
        return None if any(map(_is_python, said)) else said[0].strip()
    name = kernel.get("name")
    if isinstance(name, str):
        for beginning, language in OTHER_KERNELS:
            rest = name.lower().removeprefix(beginning)
            if rest != name.lower() and not rest[:1].isalpha():
                return language
    return None


def _is_python(language):
    return "python" in language.lower()


def _cells(cells, notes) -> Iterator[Cell]:
    odd: list[tuple[int, str]] = []
    for number, cell in enumerate(cells, start=1):
        kind = cell.get("cell_type") if isinstance(cell, dict) else None
        if kind == "heading":
            level = cell.get("level")
            marks = "#" * level if isinstance(level, int) and 1 <= level <= 6 else "#"
            yield Cell(number, "markdown", f"{marks} {_source(cell, number, odd)}")
        elif kind in ("code", "markdown", "raw"):
            metadata = cell.get("metadata")
            graded = metadata.get("nbgrader") if isinstance(metadata, dict) else None
            graded = graded if isinstance(graded, dict) else {}
            points = graded.get("points")
            yield Cell(
                number,
                kind,
                _source(cell, number, odd),
                _word(cell.get("id")),
                _word(graded.get("grade_id")),
                graded.get("grade") is True,
                points if isinstance(points, (int, float)) else _word(points),
                _word(graded.get("checksum")),
            )
        else:
            odd.append((number, "is neither code nor text and was skipped"))
    for number, what in odd[:5]:
        notes.append(f"Cell {number} {what}.")
    if len(odd) > 5:
        notes.append(f"{len(odd) - 5} more cells are damaged.")


def _source(cell, number, odd):
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        if len(lines) < len(source):
            odd.append((number, "has lines that are no text; they were left out"))
        source = "".join(lines)
    elif not isinstance(source, str):
        odd.append((number, "has no text for its source; it was read as empty"))
        source = ""
    if not source.isascii():
        # half of a pair, which JSON can spell and no program can pass on
        whole = source.encode("utf-8", "replace").decode("utf-8")
        if whole != source:
            odd.append((number, "has characters that do not exist; they are '?' now"))
            source = whole
    return source


def _word(value):
    """A name from the metadata, if it is one: short, and of characters that exist."""
    if not isinstance(value, str) or len(value) > 200:
        return None
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _short(text, length=40):
    text = str(text).encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= length else f"{text[:length]}…"
