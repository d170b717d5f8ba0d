"""Execute notebooks and write them in the one form in which they are committed.

    python tools/normalise_notebooks.py [FILE ...] [--check]

Without files: every notebook of the course. `--check` writes nothing, says which cells would change
and exits with 1. Running it twice changes no byte, on any machine: what a run brings with it
(times, model ids, versions, the grey values of a picture's edges) is dropped or kept as committed.
"""

import argparse
import os
import re
import sys
from pathlib import Path

import nbformat
from nbformat import v4

from cell_ids import assign_cell_ids
from notebook_running import ROOT, NotebookProblem, course_path, running_notebook
from pictures import same_picture

FOLDERS = ("notebooks", "solutions", "exercises")
SANITIZE = ROOT / "tests" / "sanitize.cfg"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": "3.11",  # the oldest that runs the course, so that a newer one changes nothing
}
KEPT_CELL_METADATA = {"deletable", "editable", "nbgrader", "tags"}
HIDDEN = "outputs_hidden"  # an output that would give away a prediction: the learner opens it
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{4,}")


def read_notebook(path):
    """The notebook in a file; NotebookProblem where there is none."""
    try:
        notebook = v4.reads(Path(path).read_text(encoding="utf-8"))
        usable = notebook.nbformat == 4 and all("cell_type" in cell for cell in notebook.cells)
    except OSError as error:
        raise NotebookProblem(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise NotebookProblem(path, f"is not a notebook: {error}") from error
    if not usable:
        raise NotebookProblem(path, "is not a notebook of format 4")
    return notebook


def normalised(path):
    """The text that the notebook at `path` should have: executed now, in the committed form."""
    committed = read_notebook(path)
    with running_notebook(committed, path) as client:
        return committed_form(client.nb, committed, path)


def committed_form(executed, committed, path):
    """The text of an executed notebook, with what looks the same kept as it was in `committed`.

    Raises NotebookProblem for an output that cannot be the same twice.
    """
    before = {cell.get("id"): cell.get("outputs", []) for cell in committed.cells}
    notebook = v4.new_notebook(
        cells=executed.cells, metadata={"kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO}
    )
    notebook.nbformat_minor = 5
    assign_cell_ids(notebook, path)
    count = 0
    for position, cell in enumerate(notebook.cells, start=1):
        hidden = cell.metadata.get("jupyter", {}).get(HIDDEN) is True
        cell.metadata = {
            key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA
        } | ({"jupyter": {HIDDEN: True}} if hidden else {})
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        for output in cell.outputs:
            _refuse(output, path, position, cell)
        outputs = [_stable(output, count) for output in cell.outputs]
        cell.outputs = _kept(
            [output for output in outputs if output.get("data") != {}], before.get(cell.id, [])
        )
    nbformat.validate(notebook)
    return v4.writes(notebook) + "\n"


def _refuse(output, path, position, cell):
    if output.output_type == "error":
        raise NotebookProblem(path, f"raises {output.ename}: {output.evalue}", position, cell)
    if output.get("name") == "stderr":
        raise NotebookProblem(path, f"writes to stderr: {output.text.strip()}", position, cell)
    if "image/svg+xml" in output.get("data", {}):
        raise NotebookProblem(path, "shows an SVG, which is never twice the same", position, cell)
    for text in _texts(output):
        found = MEMORY_ADDRESS.search(text)
        if found:
            raise NotebookProblem(path, f"shows a memory address ({found[0]})", position, cell)


def _texts(output):
    values = [output.get("text"), *output.get("data", {}).values()]
    return [value for value in values if isinstance(value, str)]


def _stable(output, count):
    """The output without the live widget, whose model ends with the kernel."""
    if output.output_type == "execute_result":
        output.execution_count = count
    for part in (output.get("data", {}), output.get("metadata", {})):
        part.pop(WIDGET_VIEW, None)
    return output


def _kept(outputs, before):
    """The outputs, each text and picture as committed where it differs only by the machine."""
    if len(outputs) != len(before):
        return outputs
    for output, old in zip(outputs, before, strict=True):
        if "text" in output and "text" in old:
            output.text = _older(output.text, old.text)
        for kind, value in output.get("data", {}).items():
            committed = old.get("data", {}).get(kind)
            if committed is None:
                continue
            if kind == "image/png":
                output.data[kind] = committed if same_picture(value, committed) else value
            elif isinstance(value, str) and isinstance(committed, str):
                output.data[kind] = _older(value, committed)
    return outputs


def _older(text, committed):
    return committed if sanitized(text) == sanitized(committed) else text


def sanitized(text):
    """The text after the replacements that nbval makes before it compares."""
    rules = SANITIZE.read_text(encoding="utf-8")
    for pattern, replacement in re.findall(r"^regex: (.*)$\n^replace: (.*)$", rules, re.MULTILINE):
        text = re.sub(pattern, replacement, text)
    return text


def differences(path, text):
    """What would change in the file at `path` if `text` were written; empty if no byte would."""
    path = Path(path)
    if not path.exists():
        return ["the file is missing"]
    committed_text = path.read_bytes().decode("utf-8")
    if committed_text == text:
        return []
    old, new = v4.reads(committed_text), v4.reads(text)
    found = []
    if len(old.cells) != len(new.cells):
        found.append(f"{len(old.cells)} cells would be {len(new.cells)}")
    for position, (one, other) in enumerate(zip(old.cells, new.cells, strict=False), start=1):
        parts = sorted(key for key in {*one, *other} if one.get(key) != other.get(key))
        if parts:
            found.append(f"cell {position} ({other.id}): {', '.join(parts)}")
    if old.metadata != new.metadata:
        found.append("the notebook's metadata")
    return found or ["how the file is written: the order of keys, the indents or the line ends"]


def write(path, text):
    """Replace the file in one step, so that an interrupted run leaves the old one whole."""
    path = Path(path)
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    os.replace(beside, path)


def process(paths, text_of, check):
    """Write `text_of(path)` to every path, or only say what would change; the exit code.

    A problem in one notebook leaves that file as it is and does not stop the others.
    """
    code = 0
    for path in paths:
        try:
            text = text_of(path)
            changes = differences(path, text)
        except NotebookProblem as problem:
            print(problem, file=sys.stderr)
            code = 1
            continue
        if not changes:
            print(f"{course_path(path)}: unchanged")
            continue
        print(f"{course_path(path)}: {'would change' if check else 'written'}")
        for change in changes:
            print(f"  {change}")
        if check:
            code = 1
        else:
            write(path, text)
    return code


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, help="notebooks; all of the course if none")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it would")
    options = parser.parse_args(arguments)
    files = options.files or [
        path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))
    ]
    return process(files, normalised, options.check)


if __name__ == "__main__":
    sys.exit(main())
