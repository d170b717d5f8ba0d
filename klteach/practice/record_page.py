"""What the pages share that are made from the learner's record: a table, and where it is kept."""

import base64
from html import escape
from pathlib import Path

from klteach.practice.course_folder import course_root, progress_path

LARGEST_DOWNLOAD = 200_000  # bytes: the link carries the whole file, and is saved in the notebook


def table(caption: str, columns, rows) -> str:
    """A table whose cells are text, with a caption above it."""
    left = 'style="text-align: left"'
    head = "".join(f'<th scope="col" {left}>{column}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td {left}>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f"<p><b>{caption}</b></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def where_it_is_kept() -> str:
    """A paragraph that names the record's file, and offers it as a download."""
    path = progress_path()
    root = course_root()
    base, prefix = (root, "") if root and path.is_relative_to(root) else (Path.home(), "~/")
    shown = prefix + path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name
    words = f"<p>Kept in <code>{escape(shown)}</code>, on this machine only."
    try:
        content = path.read_bytes()
    except OSError:
        return words + "</p>"
    if len(content) > LARGEST_DOWNLOAD:
        return words + "</p>"
    link = "data:application/x-ndjson;base64," + base64.b64encode(content).decode("ascii")
    return words + f' <a href="{link}" download="progress.jsonl">Download my progress</a></p>'
