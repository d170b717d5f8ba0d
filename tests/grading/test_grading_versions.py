"""Of several notebooks by one learner the newest counts; where that is not sure, all are marked."""

from dataclasses import replace
from pathlib import Path

import pytest

from klteach.grading.collecting.submission import Submission
from klteach.grading.collecting.versions import newest


def version(label, modified=0.0, order="", kind="exercise", **known):
    return Submission("ada", label, Path(label), modified=modified, order=order, **known), kind


def chosen(*versions):
    choice = newest(versions)
    again = newest(versions[::-1])
    assert (again.submission, again.doubt) == (choice.submission, choice.doubt)
    assert set(again.apart) == set(choice.apart) and choice.submission not in choice.apart
    assert choice.doubt or not choice.apart
    return choice.submission.label, choice.doubt


def all_stay(*versions):
    chosen(*versions)
    choice = newest(versions)
    assert {choice.submission, *choice.apart} == {one for one, _ in versions}
    assert choice.doubt and "all of them were graded" in choice.reason
    return choice.reason


def test_10_of_two_versions_the_newest_counts():
    assert newest([version("kl.ipynb")]).reason == ""
    assert chosen(version("kl.ipynb", 100), version("kl (1).ipynb", 900)) == ("kl (1).ipynb", False)
    assert chosen(version("kl.ipynb", 900), version("kl (1).ipynb", 100)) == ("kl.ipynb", False)
    # of other names, they may be two learners'
    assert chosen(version("a.ipynb", 100), version("b.ipynb", 900)) == ("b.ipynb", True)
    # saved in one moment, as after unpacking
    assert chosen(version("kl.ipynb", 900), version("kl (2).ipynb", 900.5)) == (
        "kl (2).ipynb", True,
    )  # fmt: skip
    assert chosen(version("kl.ipynb"), version("x.ipynb")) == ("x.ipynb", True)
    # the platform knows better than the clock
    assert chosen(version("b", 900, "2024-05-01"), version("a", 100, "2024-05-02")) == ("a", False)
    reason = newest([version("kl.ipynb", 100), version("kl (1).ipynb", 900)]).reason
    assert reason == (
        "of 2 notebooks of this lesson the one saved last counts; not graded: kl.ipynb"
    )


def test_10_a_solution_that_was_handed_in_beside_the_exercise_does_not_count():
    solution = version("solutions/kl.ipynb", 900, kind="solution")
    assert chosen(version("exercises/kl.ipynb", 100), solution) == ("exercises/kl.ipynb", False)
    assert chosen(solution) == ("solutions/kl.ipynb", False)
    other = (replace(solution[0], label="z.ipynb", modified=1.0), "solution")
    assert chosen(solution, other)[0] == "solutions/kl.ipynb"


def test_where_none_is_known_to_be_the_newest_all_stay():
    for times in ((0, 0), (900, 900.5), (0, 900)):
        versions = [version(f"ada/kl{mark}.ipynb", time)
                    for mark, time in zip(("", " (1)"), times, strict=True)]  # fmt: skip
        assert "none is known to be the newest" in all_stay(*versions)


def test_of_a_learner_whom_a_platform_names_the_newest_counts_whatever_the_files_are_called():
    files = [
        version("A_1/kl.ipynb", 100, by="platform"),
        version("A_1/b.ipynb", 900, by="platform"),
    ]
    assert chosen(*files) == ("A_1/b.ipynb", True) and not newest(files).apart
    attempts = [
        version(f"A_1_{name}", 900, order, by="platform", name=name)
        for name, order in (("kl.ipynb", "1"), ("other.ipynb", "2"))
    ]
    assert chosen(*attempts) == ("A_1_other.ipynb", False)


@pytest.mark.parametrize(
    "one, other",
    [
        (version("A/ada/kl.ipynb", 100, place="A"), version("B/ada/kl.ipynb", 900, place="B")),
        (version("A/ada/kl.ipynb", 100, "1", place="A", by="platform"),
         version("B/ada/kl.ipynb", 900, "2", place="B", by="platform")),
        (version("ada/x/kl.ipynb", 100), version("ada/y/kl.ipynb", 900)),
        (version("ada/x.zip/kl.ipynb", 100), version("ada/y.zip/kl.ipynb", 900)),
        (version("ada/x.zip/kl.ipynb", 100), version("ada/kl.ipynb", 900)),
        (version("ada/x.ipynb", 100), version("ada/y.ipynb", 900)),
        (version("kl.ipynb", 100, by="name"), version("kl (1).ipynb", 900, by="name")),
        (version("c/w.zip/kl.ipynb", 100, by="name", place="c"),
         version("c/w (1).zip/kl.ipynb", 900, by="name", place="c")),
        (version("A_1/a/kl.ipynb", 100, by="platform"),
         version("A_1/kl.ipynb", 900, by="platform")),
    ],
)  # fmt: skip
def test_notebooks_that_may_be_of_several_learners_all_stay(one, other):
    all_stay(one, other)
    solution = (replace(one[0], label="z.ipynb"), "solution")
    choice = newest([one, other, solution])
    assert {choice.submission, *choice.apart} == {one[0], other[0]}


@pytest.mark.parametrize(
    "one, other",
    [
        (version("ada/kl.ipynb", 100), version("ada/kl (1).ipynb", 900)),
        (version("ada/kl.ipynb", 100), version("ada/Copy of kl - Copy.ipynb", 900)),
        (version("ada.ipynb", 100, by="name"), version("ada-Copy1.ipynb", 900, by="name")),
        (version("ada.ipynb", 100, by="name"), version("Kopie von ada.ipynb", 900, by="name")),
        (version("ada/w.zip/kl.ipynb", 100), version("ada/w (1).zip/kl.ipynb", 900)),
        (version("x+1/kl.ipynb", 900, "1", by="platform"),
         version("x+2/kl.ipynb", 100, "2", by="platform")),
    ],
)  # fmt: skip
def test_of_a_learners_own_versions_the_newest_counts_and_nobody_is_asked(one, other):
    assert chosen(one, other) == (other[0].label, False)


@pytest.mark.parametrize(
    "files, command",
    [
        (["c/A/x/kl.ipynb", "c/A/y/kl.ipynb"], "klteach grade c/A"),
        (["c/A 1/x.ipynb", "c/A 1/y.ipynb"], "klteach grade 'c/A 1'"),
        (["c/A.zip/x/kl.ipynb", "c/A.zip/y/kl.ipynb"], "klteach grade c/A.zip"),
        (["c.zip/A/x/kl.ipynb", "c.zip/A/y/kl.ipynb"], "unpack the archive"),
    ],
)
def test_a_doubt_says_what_to_type_if_it_is_a_folder_of_several(files, command):
    reason = all_stay(*(version(file, time) for time, file in enumerate(files, 100)))
    assert command in reason and ("klteach grade" in reason) == ("klteach" in command)
