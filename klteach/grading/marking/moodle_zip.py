"""The learners' pages in one zip, for "Upload multiple feedback files in a zip" in Moodle.

Moodle knows whose a file is by the name of its folder, the one that it gave itself to the folder
when the submissions were downloaded.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping

from klteach.grading.collecting.platforms import moodle_id
from klteach.grading.pages.all_pages import page_of

NAME = "moodle_feedback.zip"
_ALWAYS = (1980, 1, 1, 0, 0, 0)  # the same pages make the same bytes


def feedback_zip(
    records: Iterable[tuple[dict, dict]], pages: Mapping[str, str]
) -> dict[str, bytes]:
    """The zip as {name: bytes}; nothing, if no file was named by Moodle.

    `records` are pairs: as they were handed in, and as the pages show them.
    """
    files = {}
    for record, shown in records:
        named = f"{record['student']}_assignsubmission_file"
        steps = record["file"].split("/")
        if moodle_id(record):
            own = next(place for place, step in enumerate(steps) if step.startswith(named))
            # a folder of the learner's, or all files side by side
            step = f"{steps[own]}/" if own < len(steps) - 1 else f"{named}_"
            files[f"{step}feedback.html"] = pages[page_of(shown["student"])]
    if not files:
        return {}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name].encode("utf-8", "backslashreplace"))
    return {NAME: packed.getvalue()}
