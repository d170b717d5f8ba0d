"""Pages without names: everybody has a code, and a file for the teacher says whose it is.

The codes come from the course's secret, so that they stay the same from run to run and nobody else
can tell them. Tables of marks keep the names, since a learning platform needs them.
"""

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none is taken for another
_SHORTEST = 5
_OWN_WORDS = 3  # letters of a part of a name that is looked for in what its bearer wrote


def codes(students: Iterable[str], seed: str) -> dict[str, str]:
    """A code for each learner, as short as they stay different."""
    students = set(students)
    for length in range(_SHORTEST, 40):
        found = {student: _code(student, seed, length) for student in students}
        if len(set(found.values())) == len(students):
            return found
    raise AssertionError("two digests of thirty letters are equal")


def _code(student, seed, length):
    said = f"code of {student}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(hmac.digest(seed.encode(), said, hashlib.sha256), "big")
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)


def without_names(records: list[dict], code_of: Mapping[str, str]) -> list[dict]:
    """The records with codes for learners and their files, wherever they are mentioned.

    A name that a learner wrote into an answer is looked for there, too: its bearer's own.
    """
    labels: dict[str, str] = {}
    count: defaultdict[str, int] = defaultdict(int)
    for record in records:
        if record["file"] and record["file"] not in labels:
            code = code_of[record["student"]]
            count[code] += 1
            labels[record["file"]] = f"{code}-{count[code]}.ipynb"
    mentioned = _replacing({**labels, **code_of})
    return [_renamed(record, code_of, labels, mentioned) for record in records]


def _renamed(record, code_of, labels, mentioned):
    code = code_of[record["student"]]
    own = _replacing(dict.fromkeys(_own_words(record), code), re.IGNORECASE)

    def ours(text):
        return own(mentioned(text))

    return {
        **record,
        "student": code,
        "full_name": "",
        "file": labels.get(record["file"], ""),
        "problem": ours(record["problem"]),
        "comment": ours(record["comment"]),
        **{key: list(map(ours, record[key])) for key in ("notes", "human", "suspicious", "said")},
        "questions": [_in_answer(own, question) for question in record["questions"]],
    }


def _own_words(record) -> set[str]:
    """What a learner may have signed with: the id, the name, and the parts of a name."""
    student, name = record["student"], record["full_name"]
    called = {student, student.rpartition("_")[0], name}
    parts = {part for words in called if " " in words for part in re.split(r"[\W\d_]+", words)}
    return {word for word in called | parts if len(word) >= _OWN_WORDS and not word.isdigit()}


def _in_answer(own, question):
    words = {key: own(question.get(key, "")) for key in ("message", "evidence", "code", "comment")}
    return {**question, **words, "notes": list(map(own, question["notes"]))}


def _replacing(new: Mapping[str, str], flags=0):
    """A function that puts the new words in the place of the old ones, the longest first."""
    if not any(new):
        return lambda text: text
    old = sorted(filter(None, new), key=len, reverse=True)
    lowered = {word.casefold(): new[word] for word in old}
    # a word, and not a part of one: not the "ada" of "adapted"
    words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, old))})(?!\w)", flags)
    return lambda text: words.sub(
        lambda found: new.get(found[0]) or lowered[found[0].casefold()], text
    )
