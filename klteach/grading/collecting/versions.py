"""Which of several notebooks by one learner of one lesson counts, and when nobody can tell."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from klteach.grading.collecting.copies import (
    copy_number,
    was_downloaded_beside_another,
    without_copy,
)
from klteach.grading.collecting.platform_names import NAME, PLATFORM
from klteach.grading.collecting.submission import Submission
from klteach.practice.wording import listed

SAME_TIME = 2.0  # seconds: archives keep times to two


@dataclass(frozen=True)
class Choice:
    """Which of several versions counts, why, and whether a person should look (`doubt`).

    apart   the others that are marked beside it, since they may be other learners', or newer
    """

    submission: Submission
    reason: str = ""
    doubt: bool = False
    apart: tuple[Submission, ...] = ()


def newest(versions: Sequence[tuple[Submission, str]]) -> Choice:
    """Which of several notebooks by one learner of one lesson counts.

    `versions` holds each with the kind that `match` found: exercises count before a solution that
    was handed in beside them. Of equals the newest counts, by the platform's word, then by the time
    of the file. Where neither tells, and where they may be the work of several learners, all of
    them are marked, and a person should look.
    """
    exercises = [one for one, kind in versions if kind != "solution"]
    rivals = exercises or [one for one, _ in versions]
    if len(versions) == 1:
        return Choice(rivals[0])
    which = f"of {len(versions)} notebooks of this lesson"
    if len(rivals) == 1:
        return Choice(rivals[0], f"{which} this one counts; the others are the course's solution")
    rivals = sorted(rivals, key=_age)
    if why := _may_be_of_several(rivals):
        return Choice(rivals[-1], why, True, tuple(rivals[:-1]))
    chosen, second = rivals[-1], rivals[-2]
    if chosen.order > second.order:
        why, doubt = "the last attempt counts", False
    elif second.modified and chosen.modified - second.modified > SAME_TIME:
        # of different names one may be no hand-in at all
        why, doubt = "the one saved last counts", len(set(map(_plain_name, rivals))) > 1
    else:
        equal = [one for one in rivals if chosen.modified - one.modified <= SAME_TIME]
        chosen = max(equal, key=lambda one: (_copy(one), one.label))
        others = tuple(one for one in rivals if one is not chosen)
        why = f"{which} none is known to be the newest; all of them were graded"
        return Choice(chosen, f"{why}. Take out those that do not count", True, others)
    replaced = ", ".join(one.label for one, _ in versions if one is not chosen)
    return Choice(chosen, f"{which} {why}; not graded: {replaced}", doubt)


def _may_be_of_several(rivals: list[Submission]) -> str:
    """Why these may be the work of several learners of one name; "" if they hardly are."""
    which = f"{len(rivals)} notebooks of this lesson"
    student = rivals[0].student
    places = sorted({one.place for one in rivals} - {""})
    if len(places) > 1:
        return (
            f"{which} are {student}'s, in {listed(places)}; all of them were graded. If it is one "
            "learner, take out those that do not count; if not, give the folders different names"
        )
    if all(one.order for one in rivals) and rivals[-1].order > rivals[-2].order:
        return ""
    folders = set(map(_folder, rivals))
    names = set(map(_plain_name, rivals))
    if len(folders) > 1:
        return (
            f"{which} lie in different folders of {student}; all of them were graded. If they are "
            f"one learner's, take out those that do not count{_if_of_a_class(rivals)}"
        )
    if rivals[0].by == NAME and any(map(was_downloaded_beside_another, map(_entry, rivals))):
        return (
            f"{which} have one name but for a number; all of them were graded. If they are "
            f"one learner's, {student}, take out those that do not count; if not, give each the "
            "name of its learner"
        )
    if rivals[0].by != PLATFORM and len(names) > 1:
        return (
            f"{which} have different names and lie in one folder of {student}; all of them were "
            "graded. If they are one learner's, take out those that do not count"
            f"{_if_of_a_class(rivals)}"
        )
    return ""


def _if_of_a_class(rivals) -> str:
    """What to type if the folder that holds all these is that of several learners."""
    shared = []
    for column in zip(*(one.label.split("/")[:-1] for one in rivals), strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    folder, begin = "/".join(shared), "; if they are several learners',"
    if not folder or rivals[0].by == PLATFORM:
        return ""
    if any(step.lower().endswith(".zip") for step in shared[:-1]):
        return f"{begin} unpack the archive, and name the folder that is {folder!r} now as a path"
    return f"{begin} name what holds them as a path: klteach grade {shlex.quote(folder)}"


def _age(one):
    return one.order, one.modified, _copy(one), one.label


def _copy(one):
    return copy_number(_name(one))


def _name(one):
    return one.name or one.label.split("/")[-1]


def _entry(one):
    """What is the learner's own in the folder of several: a folder, an archive or the file."""
    return one.label.removeprefix(one.place).strip("/").split("/")[0]


def _plain_name(one):
    return without_copy(_name(one))


def _folder(one) -> str:
    """The folder that a notebook lies in; of an archive that was handed in again it is the same."""
    *folders, _ = one.label.split("/")
    return "/".join(
        f"{without_copy(step)}.zip" if step.lower().endswith(".zip") else step for step in folders
    )
