"""How many minutes a lesson takes: what there is to read and to do, counted, each at its pace.

    python tools/lesson_minutes.py notebooks/01_surprise_entropy_bits.ipynb

Prints the minutes of each section, to read and to work, and where each begins; with --write it puts
them into the headings and the header of the lesson. The paces are those of a careful first reading;
whoever times learners should replace them by what was measured.
"""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from normalise_notebooks import read_notebook
from notebook_running import EXPLORER_IMPORT

# Carver (1990) finds 200 words a minute for reading to learn, 138 for reading to memorise; a first
# reading of mathematics is slower still.
WORDS_A_MINUTE = 120
# seconds each
READ = {"formula": 40, "symbols": 4, "table row": 10, "code line": 8, "printed line": 5}
WORK = {
    "review question": 45,
    "prediction": 120,  # think, choose, say how sure, read the reveal
    "explorer": 60,  # look at it and move something, before any task
    "task": 120,  # one item of "Try this"
    "cell": 10,  # run it and look
    "by hand": 180,  # do it on paper, too
}


@dataclass
class Section:
    name: str
    mark: int | None = None  # the minute that the heading says
    read: float = 0.0  # seconds
    work: float = 0.0


def sections_of(notebook):
    """The sections of a lesson, with the seconds that each takes to read and to work through."""
    sections = [Section("header")]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = re.match(r"## (.+?)(?: · (\d+) min)?\n", cell.source + "\n")
            if heading:
                sections.append(Section(heading[1], heading[2] and int(heading[2])))
                sections[-1].work += WORK["by hand"] * (heading[1] == "By hand")
            _read_text(cell.source, sections[-1])
        else:
            _run_code(cell, sections[-1])
    return sections


def _read_text(source, section):
    display = re.findall(r"\$\$.*?\$\$", source, re.DOTALL)
    source = re.sub(r"\$\$.*?\$\$", " ", source, flags=re.DOTALL)
    inline = re.findall(r"\$[^$\n]+\$", source)
    source = re.sub(r"\$[^$\n]+\$", " x ", source)
    rows = [line for line in source.split("\n") if line.startswith("|")]
    rows = [row for row in rows if not re.fullmatch(r"[|:\- ]+", row)]
    text = "\n".join(line for line in source.split("\n") if not line.startswith("|"))
    text = re.sub(r"(?<=\])\([^)]*\)", "", text)
    section.read += 60 * len(re.findall(r"\w[\w'’‖.,-]*", text)) / WORDS_A_MINUTE
    section.read += READ["formula"] * len(display) + READ["symbols"] * len(inline)
    section.read += READ["table row"] * len(rows)
    if "**Try this" in source:
        section.work += WORK["task"] * len(re.findall(r"^\d+\. ", source, re.MULTILINE))


def _run_code(cell, section):
    source = cell.source
    section.work += WORK["prediction"] * len(re.findall(r"^predict\(", source, re.MULTILINE))
    section.work += WORK["review question"] * 3 * len(re.findall(r"^warm_up\(", source, re.M))
    section.work += WORK["review question"] * 10 * len(re.findall(r"^inventory\(", source, re.M))
    if re.search(r"^(predict|reveal|warm_up|inventory)\(", source, re.MULTILINE):
        return
    section.work += WORK["cell"]
    if EXPLORER_IMPORT.search(source):
        section.work += WORK["explorer"]
        return
    lines = [line for line in source.split("\n") if line.strip()]
    printed = "".join(output.get("text", "") for output in cell.outputs).split("\n")
    section.read += READ["code line"] * len(lines)
    section.read += READ["printed line"] * len([line for line in printed if line.strip()])


def marks(sections):
    """{section: the minute at which it begins, by the count}, for the sections with a heading."""
    minutes, found = 0.0, {}
    for section in sections:
        found[section.name] = minutes
        minutes += (section.read + section.work) / 60
    found["header"], found["Warm-up"] = 0.0, 0.0  # the clock starts after the header
    return found


def totals(sections):
    """(minutes to read, minutes to work), rounded."""
    return tuple(round(sum(getattr(s, kind) for s in sections) / 60) for kind in ("read", "work"))


def report(path, sections):
    print(Path(path).stem)
    for section in sections[1:]:
        said = "" if section.mark is None else f"heading says {section.mark}"
        spent = f"read {section.read / 60:4.1f}  work {section.work / 60:4.1f}"
        print(f"  {marks(sections)[section.name]:5.1f}  {section.name:20} {spent}  {said}")
    read, work = totals(sections)
    print(f"  {read + work:5}  in all: {read} to read, {work} to work\n")


def write(path, notebook):
    """Put the counted minutes into the header and the headings."""
    sections = sections_of(notebook)
    read, work = totals(sections)
    time = f"**Time** {read + work} minutes, {read} to read and {work} to work"
    header = notebook.cells[0]
    header.source = re.sub(
        r"\*\*Time\*\* \d+ minutes(, \d+ to read and \d+ to work)?", time, header.source
    )
    for cell in notebook.cells:
        heading = re.match(r"## (.+?) · \d+ min", cell.source)
        if cell.cell_type == "markdown" and heading:
            minutes = round(marks(sections)[heading[1]])
            cell.source = f"## {heading[1]} · {minutes} min{cell.source[heading.end() :]}"
    nbformat.write(notebook, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="put the minutes into the lessons")
    chosen = parser.parse_args()
    for path in chosen.lessons:
        notebook = read_notebook(path)
        report(path, sections_of(notebook))
        if chosen.write:
            write(path, notebook)


if __name__ == "__main__":
    main()
