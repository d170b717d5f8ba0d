"""Reading one notebook: what editors save, what uploads damage, and what is meant to hurt."""

import contextlib
import json
import subprocess
import sys
import time
import tracemalloc
from functools import cache
from pathlib import Path

import pytest

from klteach.grading.errors import GradingError
from klteach.grading.notebooks.notebook import Cell, Unreadable, read_notebook

ROOT = Path(__file__).parents[2]
EXERCISE = (ROOT / "exercises" / "02_cross_entropy_and_kl.ipynb").read_bytes()
MEGABYTES = 10 * 2**20


def code(source, **more):
    return {"cell_type": "code", "source": source, **more}


def notebook(*cells, **more):
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": list(cells), **more}).encode()


def refusal(data):
    with pytest.raises(Unreadable) as caught:
        read_notebook(data)
    assert isinstance(caught.value, GradingError)
    return caught.value.status, str(caught.value)


def test_an_exercise_is_read_whole():
    read = read_notebook(EXERCISE)
    raw = json.loads(EXERCISE)["cells"]
    assert read.notes == ()
    assert [cell.source for cell in read.cells] == ["".join(cell["source"]) for cell in raw]
    assert [cell.number for cell in read.cells] == list(range(1, len(raw) + 1))
    starter, check = (
        next(cell for cell in read.cells if cell.grade_id == name) for name in ("kl", "check_kl")
    )
    assert (starter.id, starter.kind, starter.grade) == ("02-kl", "code", False)
    assert (check.grade, check.points) == (True, 2)


def test_a_source_is_a_text_or_a_list_of_lines():
    assert read_notebook(notebook(code("a = 1\nb = 2"))) == read_notebook(
        notebook(code(["a = 1\n", "b = 2"]))
    )
    empty = read_notebook(notebook(code([]), {"cell_type": "markdown"}))
    assert [cell.source for cell in empty.cells] == ["", ""] and empty.notes == ()


def test_metadata_that_are_no_metadata_do_no_harm():
    for broken in (None, [], "x", 3, {"nbgrader": []}, {"nbgrader": {"grade_id": 7}}):
        [cell] = read_notebook(notebook(code("a", metadata=broken, id=[1]))).cells
        assert cell == Cell(1, "code", "a")
    [cell] = read_notebook(
        notebook(code("a", metadata={"nbgrader": {"points": "all", "grade": "yes"}}))
    ).cells
    assert (cell.points, cell.grade) == ("all", False)


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "0 bytes"),
        (b" \n\t ", "4 blanks"),
        (b"\0" * 5000, "5000 zero bytes"),
        (EXERCISE[:-200], "cut off"),
        (EXERCISE[:2000], "cut off"),
        (EXERCISE.decode().encode("utf-16"), "UTF-16"),
        (EXERCISE.decode().encode("utf-16-le"), "UTF-16"),
        (EXERCISE.decode().encode("utf-32-be"), "UTF-32"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a picture"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"  <!DOCTYPE html><html></html>", "a web page"),
        (b"PK\x03\x04" + bytes(100), "zip archive"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
        (b"import numpy as np\n", "line 1, column 1, 'import numpy as np'"),
        (b'{"cells": [\n<<<<<<< HEAD\n]}', "merge of Git is left in the file (line 2, column 1)"),
        (b'{"cells": [],\n "a": }', "line 2, column 7"),
        (notebook(code("a")) * 2, "something else follows (line 1, column"),
        (notebook(code("gr\u00fc\u00df")).replace(b"\\u00fc", b"\n\xfc"), "(line 2) is no text"),
    ],
)
def test_4_what_cannot_be_read_is_told_with_its_place(data, words):
    status, sentence = refusal(data)
    assert status == "unreadable" and words in sentence
    assert sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize(
    "data, words",
    [
        (b"[]", "a list of 0 values"),
        (b"3", "it holds 3"),
        (b"null", "it holds None"),
        (b'{"a": 1, "b": 2}', "'a', 'b'"),
        (b"{}", "no keys"),
        (b'{"cells": {"a": 1}}', "no list of cells"),
        (notebook(), "no cells"),
        (b'{"cells": [1, null, []]}', "no cells"),
        (b"[" * 10**5, "nested more than 200 deep"),
        (b'{"a":\n' * 10**5, "on line 201 "),
        (b'{"cells": ' + b"[" * 201 + b"]" * 201 + b"}", "nested more than 200 deep"),
        (b"[" + b"[]," * 10**6 + b"1]", "by line 1 the file holds more values than any"),
    ],
)
def test_5_json_that_is_no_notebook_is_told_why(data, words):
    status, sentence = refusal(data)
    assert status == "not a notebook" and words in sentence and sentence.endswith(".")


def test_5_brackets_in_texts_are_not_nested():
    texts = ["[" * 5000, "\\[{" * 5000, '"[[' * 5000, "\\\\" * 301 + '"[[[']
    read = read_notebook(notebook(*map(code, texts)))
    assert [cell.source for cell in read.cells] == texts and read.notes == ()


def test_5_depth_is_counted_across_the_parts_in_which_a_file_is_measured(monkeypatch):
    from klteach.grading.notebooks import notebook as module

    deep = notebook(code("a"), metadata={"x": json.loads("[" * 190 + "]" * 190)})
    deeper = notebook(code("["), metadata={"x": json.loads("[" * 210 + "]" * 210)})
    for part in (1, 2, 7, 100):
        monkeypatch.setattr(module._require_ordinary_size, "__defaults__", (part,))
        assert len(read_notebook(deep).cells) == 1
        assert "nested" in refusal(deeper)[1]


def test_5_a_raised_limit_of_recursion_changes_nothing():
    # what some libraries do; a parser that relies on the limit then breaks the whole process
    program = (
        "import sys; sys.setrecursionlimit(10**7)\n"
        "from klteach.grading.notebooks.notebook import read_notebook, Unreadable\n"
        "try: read_notebook(b'[' * 10**6)\n"
        "except Unreadable as error: print(error.status)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "not a notebook\n")


def test_5_nan_and_repeated_keys_and_huge_numbers():
    text = (
        '{"nbformat": 4, "cells": [], "metadata": {"x": NaN, "y": -Infinity, "z": %s},'
        ' "cells": [{"cell_type": "code", "source": "old", "source": "new"}]}' % ("9" * 10_000)
    )
    read = read_notebook(text.encode())
    assert [cell.source for cell in read.cells] == ["new"]
    assert read.notes == ("The key 'source', 'cells' comes twice in one object; the last one was "
                          "read.",)  # fmt: skip


def test_5_a_notebook_of_format_3_is_read_as_it_would_be_today():
    old = {
        "nbformat": 3,
        "metadata": {"name": ""},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": ["Title"]},
                    {"cell_type": "code", "language": "python", "input": ["a = 1\n", "a"]},
                ]
            },
            {"cells": [{"cell_type": "markdown", "source": "text"}]},
            "no worksheet",
        ],
    }
    read = read_notebook(json.dumps(old).encode())
    assert [(cell.kind, cell.source) for cell in read.cells] == [
        ("markdown", "## Title"),
        ("code", "a = 1\na"),
        ("markdown", "text"),
    ]
    assert "old format" in read.notes[0]
    old["worksheets"][0]["cells"][1]["language"] = "r"
    assert refusal(json.dumps(old).encode())[0] == "wrong language"


@pytest.mark.parametrize("more", [{}, {"nbformat": "4"}, {"nbformat": 5}, {"nbformat": None}])
def test_cells_count_more_than_the_format(more):
    data = json.dumps({"cells": [code("a")], **more}).encode()
    assert read_notebook(data).cells == (Cell(1, "code", "a"),)
    assert "read as format 4" in read_notebook(data).notes[0]


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}},
        {"kernelspec": {"name": "python2", "language": "python"}},
        {"kernelspec": {"name": "kl-course", "display_name": "KL"}},
        {"kernelspec": {"name": "irene"}},
        {"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "python"}},
        {"language_info": {"name": "ipython", "version": "2.7"}},
        {"language_info": "R", "kernelspec": ["R"]},
        {"language_info": {"name": ""}, "kernelspec": {"language": None}},
        None,
        [],
    ],
)
def test_9_python_of_any_version_or_nothing_said_is_python(metadata):
    assert read_notebook(notebook(code("a"), metadata=metadata)).cells


@pytest.mark.parametrize(
    "metadata, language",
    [
        ({"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "R"}}, "R"),
        ({"language_info": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"name": "julia-1.10"}}, "Julia"),
        ({"kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"name": ".net-csharp"}}, "C#"),
    ],
)
def test_9_another_language_is_named(metadata, language):
    status, sentence = refusal(notebook(code("a"), metadata=metadata))
    assert status == "wrong language" and f"written in {language!r};" in sentence


def test_damaged_cells_are_told_and_the_others_kept():
    read = read_notebook(
        notebook(code(["a", 1, "b"]), code(7), {"source": "x"}, None, code("\ud800 = 1"), code("é"))
    )
    assert [(cell.number, cell.source) for cell in read.cells] == [
        (1, "ab"),
        (2, ""),
        (5, "? = 1"),
        (6, "é"),
    ]
    assert [note.split()[1] for note in read.notes] == ["1", "2", "3", "4", "5"]
    many = read_notebook(notebook(*[None] * 1000, code("a")))
    assert len(many.notes) == 6 and many.notes[-1] == "995 more cells are damaged."


def test_a_byte_order_mark_is_passed_over():
    read = read_notebook(b"\xef\xbb\xbf" + EXERCISE)
    assert read.cells == read_notebook(EXERCISE).cells and len(read.notes) == 1


def filled(value):
    return b'{"nbformat": 4, "cells": [], "x": ' + value + b"}"


def different_keys():
    return filled(b"{" + b",".join(b'"%08x":"%06x"' % (i, i) for i in range(268_000)) + b"}")


# Made when they are read: together they would fill the memory of whoever only collects the tests.
HOSTILE = {
    "open brackets": lambda: b"[" * MEGABYTES,
    "open objects": lambda: b'{"a":' * (MEGABYTES // 5),
    "empty lists": lambda: filled(b"[" + b"[]," * (MEGABYTES // 3) + b"1]"),
    "escaped quotes": lambda: b'"' + b'\\"' * (MEGABYTES // 2),
    "backslashes": lambda: b'"' + b"\\" * MEGABYTES,
    "quotes": lambda: b'"' * MEGABYTES,
    "one number": lambda: filled(b"9" * MEGABYTES),
    "numbers": lambda: filled(b"[" + b"1.5," * (MEGABYTES // 4) + b"1]"),
    "halves of pairs": lambda: filled(b'"' + b"\\ud800" * (MEGABYTES // 6) + b'"'),
    "line breaks": lambda: b"{" + b"\n" * MEGABYTES,
    "blanks": lambda: b" " * MEGABYTES,
    "wide characters": lambda: filled(b'"\xf0\x9f\x98\x80' + b"a" * (MEGABYTES - 100) + b'"'),
    # just few enough to be parsed
    "objects": lambda: filled(b"[" + b'{"a":1},' * 190_000 + b"1]"),
    "texts": lambda: filled(b"[" + b'"abcdefg",' * 950_000 + b"1]"),
    "keys": different_keys,
    "one key": lambda: filled(b"{" + b'"a":1,' * 268_000 + b'"a":1}'),
    "cells": lambda: b'{"cells": [' + b"{}," * 390_000 + b'{"cell_type":"code","source":"a"}]}',
}
PARSED = ["objects", "texts", "keys", "one key"]


@cache
def hostile_reading(name):
    """The seconds of the processor that reading it takes, and what comes of it."""
    data = HOSTILE[name]()
    start = time.process_time()
    try:
        came = read_notebook(data)
    except Unreadable as error:
        came = str(error)
    return time.process_time() - start, came


@pytest.mark.parametrize("name", PARSED)
def test_the_worst_that_is_parsed_is_parsed(name):
    assert "no cells" in hostile_reading(name)[1]


def test_the_most_cells_that_are_parsed_are_read():
    assert len(hostile_reading("cells")[1].cells) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_ten_hostile_megabytes_take_no_time(name):
    seconds, came = hostile_reading(name)
    assert not isinstance(came, str) or len(came) < 300
    assert seconds < 3  # .02 to .4 on a slow core


@pytest.mark.parametrize("name", HOSTILE)
def test_ten_hostile_megabytes_take_little_memory(name):
    data = HOSTILE[name]()
    tracemalloc.start()
    with contextlib.suppress(Unreadable):
        read_notebook(data)
    used = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    assert used < 100  # megabytes; "wide characters" take most, four bytes for each
