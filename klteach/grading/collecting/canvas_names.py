"""Whose a file is in a download of Canvas: "lovelaceada_LATE_123_4567_kl-1.ipynb".

That is the learner's name, LATE or nothing, Canvas' number of the learner, its number of the file,
and what the learner called the file. A group that hands in together has its name in the first
place, which may end in a number too, and the learner's part may begin with one: of three numbers in
a row ("team_7_123_4567_kl.ipynb", "ada_123_4567_8_kl.ipynb") the others in the class tell which is
which. Where the teacher may not know the names there is a code, "anon_x1y2z_4567_kl.ipynb".
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<student>anon_[0-9A-Za-z]+)_(?P<number>[1-9]\d*)_(?P<file>.+)", re.DOTALL
)
_ID = re.compile(r"[1-9][0-9]*")
_FAR = 2  # digits by which a number that is none of Canvas' differs from those that are


@dataclass(frozen=True)
class CanvasName:
    """One way to read a name. `doubt`: it can be read in another way as well."""

    student: str
    learner: str  # Canvas' number of the learner
    number: str  # Canvas' number of the file
    file: str
    late: bool
    doubt: bool = False


def canvas_names(names: Collection[str], lessons: Collection[str] = ()) -> dict[str, CanvasName]:
    """Of files side by side, those that may be named by Canvas.

    >>> names = ["team_7_123_4567_kl.ipynb", "team_8_124_4568_kl.ipynb"]
    >>> [name.student for name in canvas_names(names).values()]
    ['team_7_123', 'team_8_124']
    """
    ways = {name: _ways(name, lessons) for name in names}
    ways = {name: found for name, found in ways.items() if found}
    sure = [found[0] for found in ways.values() if len(found) == 1]
    unsure = {name: found for name, found in ways.items() if len(found) == 2}
    chosen = {name: found[0] for name, found in ways.items()}
    chosen |= _by_the_others(unsure, sure) if sure else _by_size(unsure)
    # each file has a number of its own: what is the same in all is a date, or part of a name
    numbers = {one.number for one in chosen.values()}
    return chosen if 2 * len(numbers) > len(chosen) else {}


def _ways(name: str, lessons) -> list[CanvasName]:
    if found := _ANONYMOUS.fullmatch(name):
        late = found["late"] is not None
        return [CanvasName(found["student"], "", found["number"], found["file"], late)]
    parts = name.split("_")
    first = next((at for at in range(len(parts) - 2) if _two_numbers(parts, at)), None)
    if first is None or not all(map(_is_word, parts[:first])):
        return []
    ways = [_read(parts, first)]
    # Canvas takes underscores from around the numbers in a name, but for one at its end
    if not ways[0].late and first + 3 < len(parts) and _two_numbers(parts, first + 1):
        ways.append(_read(parts, first + 1))
    named_as_handed_out = [way for way in ways if way.file.lower().startswith(tuple(lessons))]
    return named_as_handed_out if lessons and len(named_as_handed_out) == 1 else ways


def _two_numbers(parts, at):
    return all(_ID.fullmatch(part) for part in parts[at : at + 2])


def _read(parts, at) -> CanvasName:
    late = at > 0 and parts[at - 1] == "LATE"
    name = parts[: at - late]
    learner, number = parts[at : at + 2]
    return CanvasName("_".join([*name, learner]), learner, number, "_".join(parts[at + 2 :]), late)


def _is_word(part):
    """Whether Canvas would have left these characters in a name: letters, with their accents."""
    return all(letter.isalnum() or unicodedata.category(letter)[0] == "M" for letter in part)


def _by_the_others(unsure, sure) -> Mapping[str, CanvasName]:
    """The way whose numbers are as long as those that are known."""

    lengths = [
        {len(one.learner) for one in sure if one.learner} or {0},
        {len(one.number) for one in sure},
    ]

    def distance(way):
        ours = len(way.learner), len(way.number)
        return sum(
            min(abs(own - other) for other in others)
            for own, others in zip(ours, lengths, strict=True)
        )

    chosen = {}
    for name, ways in unsure.items():
        near, far = sorted(ways, key=distance)
        chosen[name] = replace(near, doubt=distance(far) - distance(near) < _FAR)
    return chosen


def _by_size(unsure) -> Mapping[str, CanvasName]:
    """The way in which the file has the greater number: there are more files than learners."""
    chosen = {}
    for name, (first, second) in unsure.items():
        chosen[name] = second if int(second.number) > int(first.number) else first
    # in a whole class of groups nobody's own number would be another in each, and of one length
    groups = all(chosen[name] == unsure[name][1] for name in unsure)
    lengths = {len(one.number) for one in chosen.values()}
    numbers = {one.number for one in chosen.values()}
    if len(unsure) > 1 and groups and len(numbers) == len(unsure) and len(lengths) <= 2:
        return chosen
    return {name: replace(one, doubt=True) for name, one in chosen.items()}
