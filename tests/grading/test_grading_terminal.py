"""Nothing that a learner wrote is obeyed by the instructor's terminal."""

import json
import sys

import pytest

from klteach.cli import main
from klteach.cli.terminal import for_terminal, lines_for_terminal
from tests.grading.submissions import as_bytes, submission

CLEAR = "\x1b[2J\x1b[H60 of 60 graded\x1b[8m"
FORGE = f"""import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Child":
        type(thing.originals).restore = lambda self: [{CLEAR!r}]
"""
RAISE = f"raise type({CLEAR!r}, (Exception,), {{}})({CLEAR!r})"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"), ("\x9b2J", "\\x9b2J"), ("a\rb\nc\td", "a\\rb\\nc\\td"),
        ("\x07\x08\x00\x7f", "\\x07\\x08\\x00\\x7f"), ("\u202egnp", "\\u202egnp"),
        ("\u2066\u200f\u200d\ufeff", "\\u2066\\u200f\\u200d\\ufeff"),
        ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"), ("\ud800", "\\ud800"),
        ("\U000e0041\ue000", "\\U000e0041\\ue000"), ("\xa0", "\\xa0"),
        ("KL(P‖Q) ✓ é 漢 🎉", "KL(P‖Q) ✓ é 漢 🎉"), ("", ""),
    ],
)  # fmt: skip
def test_what_is_no_sign_on_paper_is_written_as_an_escape(text, shown):
    assert for_terminal(text) == shown
    assert lines_for_terminal(f"{text}\n{text}").count("\n") >= 1


def with_language(language):
    notebook = submission()
    notebook["metadata"] = {"language_info": {"name": language}}
    return notebook


def hostile_class(folder):
    """Hand-ins of which each tries to write on the terminal in another way."""
    notebooks = {
        "language": with_language(CLEAR[:30]),
        "forged": submission(before=[FORGE]),
        "raises": submission(before=[RAISE]),
        f"name {CLEAR}": with_language("\x1b[31mR"),
        "kind": {**submission(), "cells": CLEAR, CLEAR: 1},
    }
    for name, notebook in notebooks.items():
        (folder / name).mkdir(parents=True)
        (folder / name / f"{CLEAR[:20]}.ipynb").write_bytes(as_bytes(notebook))
    (folder / "twice").mkdir()
    twice = f'{{"cells": [], {json.dumps(CLEAR)}: 1, {json.dumps(CLEAR)}: 2}}'
    (folder / "twice" / "02.ipynb").write_text(twice)


def is_harmless(text):
    return all(line.isprintable() for line in text.replace("\r", "").split("\n"))


@pytest.mark.skipif(sys.platform == "win32", reason="grading needs Linux or macOS")
def test_no_notebook_and_no_file_name_writes_on_the_terminal_of_a_class(tmp_path, capsys):
    hostile_class(tmp_path / CLEAR)
    code = main(["grade", str(tmp_path / CLEAR), "--out", str(tmp_path / f"out{CLEAR}"), "--quiet"])
    assert code == 3 and capsys.readouterr().out == ""
    code = main(["grade", str(tmp_path / CLEAR), "--out", str(tmp_path / f"out{CLEAR}"), "-j", "1"])
    said = capsys.readouterr()
    assert code == 3 and "look at" in said.err
    assert is_harmless(said.out) and is_harmless(said.err)


RAISED = f"""def kl(p, q):
    raise type({CLEAR!r}, (Exception,), {{}})({CLEAR!r})
"""
PRINTED = f"def kl(p, q):\n    print({CLEAR!r})\n"
ODD = f"kl = type({CLEAR!r}, (), {{}})()"
RETURNED = f"def kl(p, q):\n    return [{CLEAR!r}, type({CLEAR!r}, (), {{}})()]\n"


@pytest.mark.skipif(sys.platform == "win32", reason="grading needs Linux or macOS")
def test_no_notebook_writes_on_the_terminal_of_a_check(tmp_path, capsys):
    path = tmp_path / f"{CLEAR[:20]}.ipynb"
    answers = {"kl": RAISED, "cross_entropy": PRINTED.replace("kl", "cross_entropy")}
    answers |= {"kl_contributions": RETURNED.replace("kl", "kl_contributions")}
    answers |= {"kelly_growth": ODD.replace("kl", "kelly_growth")}
    path.write_bytes(as_bytes(submission(answers, before=[RAISE], after=[FORGE])))
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr()
    assert "60 of 60" in said.out
    assert is_harmless(said.out) and is_harmless(said.err)


@pytest.mark.parametrize("kind", ["language", "no notebook", "not there"])
def test_no_refusal_writes_on_the_terminal(tmp_path, capsys, kind):
    path = tmp_path / f"{CLEAR[:20]}.ipynb"
    if kind == "language":
        path.write_bytes(as_bytes(with_language(CLEAR[:30])))
    elif kind == "no notebook":
        path.write_text(json.dumps({CLEAR: CLEAR}))
    assert main(["check", str(path)]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("klteach: ") and is_harmless(said.err)
