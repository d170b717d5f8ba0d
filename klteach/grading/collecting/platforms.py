"""What a learning platform calls a learner, where it named the file or its folder."""

import re


def canvas_id(record: dict) -> str | None:
    """Canvas's own number of the student, if Canvas named the file."""
    found = re.fullmatch(r"(?:(?P<name>.+)_)?(?P<number>\d+)", record["student"], re.DOTALL)
    if not found:
        return None
    name = f"{found['name']}_" if found["name"] else ""
    form = re.compile(re.escape(name) + r"(LATE_)?" + found["number"] + r"_\d+_.+", re.DOTALL)
    # the file may be in an archive that Canvas named
    return found["number"] if any(map(form.fullmatch, record["file"].split("/"))) else None


def moodle_id(record: dict) -> tuple[str, str] | None:
    """The name and Moodle's number of the participant, if Moodle named the file or its folder."""
    name, _, number = record["student"].rpartition("_")
    named = f"{record['student']}_assignsubmission_file"
    if re.fullmatch(r"[0-9]+", number) and any(
        part.startswith(named) for part in record["file"].split("/")
    ):
        return name, number
    return None
