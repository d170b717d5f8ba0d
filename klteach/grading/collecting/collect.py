"""What a class handed in, found in files, folders and archives.

Everything is found before anything is read, and told in one list: what cannot be graded is in it
too, with the reason, so that nobody's work is missing without a word. Each folder that is named is
a group, and so is each archive with the work of several learners; where one id is in two groups it
stays in both, and whether that is one learner is for a person to say.
"""

import contextlib
import os
import stat
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from klteach.grading.collecting import gradescope
from klteach.grading.collecting.archive import too_large
from klteach.grading.collecting.found_files import (
    ARCHIVE,
    NOTEBOOK,
    OTHER,
    FoundFile,
    as_text,
    file_at,
    files_in,
    files_in_archive,
)
from klteach.grading.collecting.other_files import not_graded
from klteach.grading.collecting.platform_names import NAME, Named, platform_names, whose_inside
from klteach.grading.collecting.students import (
    is_a_section,
    safe_name,
    says_nobody,
    several_learners,
    students,
)
from klteach.grading.collecting.submission import Submission, unreadable
from klteach.grading.collecting.versions import Choice, newest
from klteach.grading.errors import GradingError
from klteach.grading.limits import Limits
from klteach.units.lookup import questions

__all__ = ["Choice", "Submission", "find_submissions", "newest", "safe_name"]

_NBGRADER = "submitted"  # its folder of what was handed in
_MOST_NOTEBOOKS = 200  # of one learner; the whole course has some eighty


def find_submissions(paths: Sequence[Path], limits: Limits) -> list[Submission]:
    """Every notebook in these files, folders and zips, by learner and path; the same every time.

    Errors: GradingError if a path does not exist, or no notebook is found anywhere.
    """
    loose, groups = [], []
    for path in map(Path, paths):
        try:
            kind = os.stat(path).st_mode
        except OSError as error:
            raise GradingError(f"{path} {unreadable(error)}") from None
        except ValueError:  # a zero byte
            raise GradingError(f"{str(path)!r} is no path.") from None
        if stat.S_ISDIR(kind):
            groups.append(_in_folder(path, limits))
        else:
            loose.append(path)
    groups = _named_after_their_folders(groups)
    groups += _given(loose, limits)
    found = _once(groups)
    if not found:
        names = ", ".join(map(str, paths))
        raise GradingError(f"no notebook (.ipynb) and no zip with one is in {names}.")
    return sorted(found, key=lambda one: (one.student, one.label))


@dataclass(frozen=True, eq=False)
class _Group:
    """What is in one of the paths named. `name` is the folder's, `root` where it is."""

    name: str
    root: Path
    found: list[Submission] = field(default_factory=list)


def _named_after_their_folders(groups: list[_Group]) -> list[_Group]:
    """Folders of learners, named one by one, whose notebooks are called alike or as they like.

    That `ada/kl.ipynb` is kl's is true only as long as there is no `bob/kl.ipynb`.
    """
    loose = [
        group
        for group in groups
        if group.name
        and group.found
        and not is_a_section(group.name)
        and all(one.by == NAME for one in group.found)
    ]
    often = Counter(one for group in loose for one in {found.student for found in group.found})
    alike = sum(often[one.student] > 1 for group in loose for one in group.found)
    one_each = all(len(group.found) == 1 for group in loose)
    if len({group.root for group in loose}) < 2 or not (
        one_each or 2 * alike > sum(len(group.found) for group in loose)
    ):
        return groups
    return [_renamed(group) if group in loose else group for group in groups]


def _renamed(group: _Group) -> _Group:
    return replace(group, found=[replace(one, student=group.name) for one in group.found])


def _once(groups: list[_Group]) -> list[Submission]:
    """What is in two of the paths named, as the one that leads closer to it has it."""
    closest: dict[tuple, int] = defaultdict(int)
    for group in groups:
        for one in group.found:
            key = one.path, one.member
            closest[key] = max(closest[key], len(group.root.parts))
    # one file may be named twice, or beside the folder that holds it
    unique = {
        (one.student, one.path, one.member, one.problem and one.label): one
        for group in groups
        for one in group.found
        if len(group.root.parts) == closest[one.path, one.member]
    }
    return list(unique.values())


def _in_folder(folder: Path, limits) -> _Group:
    root = folder.resolve()
    name = _name_of(root)
    return _Group(name, root, _attributed(files_in(folder, root), name, limits))


def _given(paths: list[Path], limits) -> list[_Group]:
    """Files that were named one by one, as if the folder that holds them all had been named.

    They are read whatever their names end in: that they are notebooks is their user's word. Of
    several archives, those with the work of several learners are a class each.
    """
    if not paths:
        return []
    paths = list({path.resolve(): path for path in reversed(paths)}.values())[::-1]
    places = [Path(os.path.abspath(path)) for path in paths]
    base = Path(os.path.commonpath([place.parent for place in places]))
    files = []
    for path, place in zip(paths, places, strict=True):
        steps = tuple(map(as_text, place.relative_to(base).parts))
        file = file_at("", steps, path.resolve(), os.stat(path))
        kind = ARCHIVE if file.kind == ARCHIVE else NOTEBOOK
        files.append(replace(file, shown=as_text(path.as_posix()), taken_as=kind))
    classes = [file for file in files if len(files) > 1 and _is_class(file, limits)]
    rest = [file for file in files if file not in classes]
    found = _attributed(rest, _name_of(base), limits, with_classes=bool(classes))
    groups = [_Group("", base, found), *(_class_in(file, limits) for file in classes)]
    return _doubted(groups, classes, [file for file in rest if file.kind == ARCHIVE])


def _is_class(file: FoundFile, limits) -> bool:
    if file.kind != ARCHIVE:
        return False
    try:
        inside = files_in_archive(file, limits, [limits.archive_bytes])
    except GradingError:
        return False
    wanted = [one.steps for one in inside if one.kind != OTHER]
    return bool(whose_inside(one.steps[0] for one in inside)) or several_learners(
        wanted, _lessons()
    )


def _class_in(archive: FoundFile, limits) -> _Group:
    budget = [limits.archive_bytes]
    inside = files_in_archive(archive, limits, budget)
    return _Group("", archive.path, _attributed(inside, _source(archive), limits, budget))


def _doubted(groups: list[_Group], classes, learners) -> list[_Group]:
    """Of archives of both kinds named together, the fewer may be of the other kind."""
    if not classes or not learners:
        return groups
    of_learners, *of_classes = groups
    a_class = "as a class, since it holds the work of several"
    if len(classes) < len(learners):
        end = f"{learners[0].label}, named with it, as one learner's"
        marked = [_with_doubt(group, classes, a_class, end) for group in of_classes]
        return [of_learners, *marked]
    end = f"{classes[0].label}, named with it, {a_class}"
    return [_with_doubt(of_learners, learners, "as one learner's", end), *of_classes]


def _with_doubt(group: _Group, archives, taken, end) -> _Group:
    def marked(one):
        label = next((a.label for a in archives if one.label.startswith(f"{a.label}/")), "")
        why = (
            f"the archive {label} was taken {taken}, and {end}. If that is right, grade it by a "
            "command of its own"
        )
        return replace(one, doubt=one.doubt or why) if label else one

    return replace(group, found=[marked(one) for one in group.found])


def _name_of(folder: Path) -> str:
    """The name of a folder, or of one around it if its own says what is in it and not whose."""
    names = [as_text(place.name) for place in (folder, *folder.parents[:2])]
    return next((name for name in names if not says_nobody(name, _lessons())), "")


def _attributed(
    files: list[FoundFile], source, limits, budget=None, with_classes=False
) -> list[Submission]:
    """Each notebook with its learner; and learners who handed in nothing that is a notebook."""
    if any(len(file.steps) > 2 and file.steps[0] == _NBGRADER for file in files):
        # the course folder of nbgrader, where only this part was handed in
        files = [file for file in files if file.steps[0] == _NBGRADER]
    wanted = [file for file in files if file.kind != OTHER]
    others = [file for file in files if file.kind == OTHER]
    owners = students([file.steps for file in wanted], source, _lessons())
    owned = list(zip(wanted, owners, strict=True))
    names = _by_gradescope(others, limits)
    found = []
    for file, owner in owned:
        if file.kind == ARCHIVE:
            alone = len(wanted) == len(file.steps) == 1 and owner.by == NAME and not with_classes
            found += _unpacked(file, owner, limits, alone, budget)
        else:
            found.append(_submission(file, owner, limits))
    for one in not_graded(others, owned, _lessons()):
        found.append(_submission(replace(one.file, problem=one.problem), one.owner, limits))
    found = [
        replace(one, student=names.get((one.place, one.student), one.student)) for one in found
    ]
    whole = {one.student for one in found if not one.problem}
    # an archive of data beside a notebook is nothing to speak of
    return [one for one in found if not (one.empty and one.student in whole)]


def _by_gradescope(others: list[FoundFile], limits) -> dict[tuple[str, str], str]:
    """(Place, folder) -> id, where Gradescope's list of an export lies beside the folders."""
    found: dict[tuple[str, str], str] = {}
    for file in others:
        if file.steps[-1] == gradescope.LIST:
            place = file.up_to(len(file.steps) - 1)
            with contextlib.suppress(GradingError):  # without the list the folders stay the ids
                data = _submission(file, Named("", entry=len(file.steps)), limits).read()
                listed = gradescope.ids(data.decode("utf-8", "replace"))
                found.update({(place, folder): one for folder, one in listed.items()})
    return found


def _unpacked(file: FoundFile, owner: Named, limits, alone, budget=None) -> list[Submission]:
    """The notebooks in an archive. One that stands alone holds a class, any other one learner's.

    What is in a learner's archive is the learner's, whatever names it bears.
    """
    budget = [limits.archive_bytes] if budget is None else budget
    try:
        inside = files_in_archive(file, limits, budget)
    except GradingError as error:
        return [_submission(replace(file, problem=str(error)), owner, limits)]
    wanted = [one for one in inside if one.kind != OTHER]
    named = whose_inside(one.steps[0] for one in inside)
    if alone and (wanted or named):
        return _attributed(inside, _source(file), limits, budget)
    notebooks = [one for one in wanted if one.kind == NOTEBOOK]
    problem = ""
    if not wanted:
        problem = f"holds no notebook (.ipynb), but {_what(inside)}."
    elif len(wanted) > _MOST_NOTEBOOKS:
        problem = f"holds {len(wanted)} notebooks; of one learner {_MOST_NOTEBOOKS} are read."
    elif len(named) > 1:
        problem = (
            "looks like the download of a class. If it is one, name it as a path of its own: "
            f"klteach grade {file.label!r}."
        )
    if problem:
        return [_submission(replace(file, problem=problem), owner, limits, empty=not wanted)]
    if notebooks:
        place = file.up_to(owner.entry - 1)
        return [replace(_submission(one, owner, limits), place=place) for one in notebooks]
    return [found for one in wanted for found in _unpacked(one, owner, limits, False, budget)]


def _what(inside):
    if not inside:
        return "nothing at all"
    more = f" and {len(inside) - 2} more" if len(inside) > 2 else ""
    return ", ".join(one.steps[-1] for one in inside[:2]) + more


def _source(file):
    name = file.steps[-1]
    named = platform_names([name], (), _lessons()).get(name)
    return Path(named.file if named and named.file else name).stem


def _submission(file: FoundFile, named: Named, limits, empty=False) -> Submission:
    problem = file.problem
    if not problem and file.size > limits.notebook_bytes:
        problem = str(too_large(file.size, limits.notebook_bytes))
    return Submission(
        named.student,
        file.label,
        file.path,
        "/".join(member.name for member in file.packed) or None,
        file.size,
        file.modified,
        (named.note,) if named.note else (),
        file.up_to(named.entry - 1),
        named.by,
        named.doubt,
        f"the file {problem}" if problem else "",
        limits.notebook_bytes,
        named.order,
        named.file,
        file.packed,
        empty,
    )


def _lessons() -> set[str]:
    return {question.lesson for question in questions().values()}
