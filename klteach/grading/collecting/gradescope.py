"""Who handed in what, by the list that Gradescope puts beside the folders of an export.

The folders are called submission_1234567, and submission_metadata.yml tells whose each is:

    submission_1234567:
      :submitters:
      - :name: Ada Lovelace
        :sid: '100'
        :email: ada@example.edu

Only this much of it is read; a group has several submitters.
"""

import re
from collections import defaultdict

LIST = "submission_metadata.yml"

_FOLDER = re.compile(r"['\"]?(submission_\d+)['\"]?:\s*")
_BEGIN = re.compile(r"  :submitters:\s*")
_NEW, _ID = re.compile(r"  - |    - "), re.compile(r"\s+(?:- )?:(sid|email): (\S.*)")
_LONGEST = 200  # characters of an id


def ids(text: str) -> dict[str, str]:
    """Folder -> the ids of those who handed it in, those of a group with + between them.

    The student id if all of them have one, their email addresses if not.

    >>> ids("submission_1:\\n  :submitters:\\n  - :name: Ada\\n    :sid: '100'\\n    :email: a@b.c")
    {'submission_1': '100'}
    """
    known: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    folder, listing = "", False
    for line in text.splitlines():
        if found := _FOLDER.fullmatch(line):
            folder, listing = found[1], False
        elif _BEGIN.fullmatch(line):
            listing = True
        elif re.match(r" {0,2}[^\s-]", line):
            listing = False
        elif listing and folder:
            if _NEW.match(line) or not known[folder]:
                known[folder].append({})
            if (found := _ID.fullmatch(line)) and (value := _plain(found[2])):
                known[folder][-1][found[1]] = value
    return {folder: together for folder, them in known.items() if (together := _together(them))}


def _plain(value):
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return value[:_LONGEST] if value not in ("null", "~") else ""


def _together(them):
    for which in ("sid", "email"):
        if all(one.get(which) for one in them):
            return "+".join(one[which] for one in them)
    return ""
