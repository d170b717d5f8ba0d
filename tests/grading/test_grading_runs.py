"""Several runs into one folder: nobody's mark is lost, whatever is graded when, however typed."""

import itertools
import json
import os
import random
import shutil
from concurrent.futures import Future

import pytest

from klteach.grading import run
from tests.grading.patience import PATIENT
from tests.grading.quick_class import FULL, LESSONS, Quick

DAY = 86_400
MONDAY = 1_800_000_000.0
LESSON = LESSONS["02"]


@pytest.fixture
def quick(tmp_path, monkeypatch):
    return Quick(tmp_path, monkeypatch)


def four_and_a_late_one(quick):
    for name in ("ada", "bob", "cyd", "dan"):
        quick.hand_in(f"all/{name}", f"02 right, {name}")
    quick.hand_in("late/eve", "02 almost, eve")


def test_a_late_learner_graded_alone_keeps_all_other_marks(quick, capsys):
    four_and_a_late_one(quick)
    assert quick.grade("all") == 0
    assert quick.grade("late") == 0
    assert "5 of 5 notebooks graded, of 5 students, 4 from earlier runs" in capsys.readouterr().out
    assert quick.scores() == {**dict.fromkeys(("ada", "bob", "cyd", "dan"), "9"), "eve": "4.5"}
    for name in (f"canvas_{LESSON}.csv", f"moodle_{LESSON}.csv", "nbgrader.csv"):
        assert all(each in (quick.out / name).read_text() for each in ("ada", "dan", "eve"))
    assert len(list((quick.out / "learners").iterdir())) == 5
    assert len((quick.out / "results.jsonl").read_text().splitlines()) == 5
    assert "4 of them from earlier runs" in quick.page()
    assert len(quick.graded) == 5


@pytest.mark.parametrize("order", [*itertools.permutations(["one", "two", "three"])])
def test_the_order_of_the_runs_makes_no_difference(quick, order):
    quick.hand_in("one/ada", "02 right, ada", MONDAY)
    quick.hand_in("one/bob", "02 wrong, bob", MONDAY)
    quick.hand_in("two/ada", "02 almost, ada", MONDAY + DAY)
    quick.hand_in("three/cyd", "02 almost, cyd", MONDAY)
    for path in order:
        quick.grade(path)
    assert quick.scores() == {"ada": "4.5", "bob": "0", "cyd": "4.5"}
    quick.grade("three")
    assert quick.scores() == {"ada": "4.5", "bob": "0", "cyd": "4.5"}
    assert len(quick.graded) == 4


def test_however_a_path_is_typed_a_notebook_is_graded_once(quick):
    quick.hand_in("one/ada", "02 right, ada")
    quick.hand_in("one/bob", "02 almost, bob")
    for path in ("one", "./one", str(quick.folder / "one"), "one/../one", "one/"):
        assert quick.grade(path) == 0
        assert quick.scores() == {"ada": "9", "bob": "4.5"}
    assert len(quick.graded) == 2
    assert len((quick.out / "times.jsonl").read_text().splitlines()) == 2
    assert len((quick.out / "results.jsonl").read_text().splitlines()) == 2
    assert "earlier run" not in quick.page()


def test_a_file_that_was_moved_is_the_same_hand_in(quick):
    quick.hand_in("one/ada", "02 right, ada")
    quick.grade("one")
    shutil.move(quick.folder / "one", quick.folder / "two")
    assert quick.grade("two") == 0
    assert quick.scores() == {"ada": "9"} and len(quick.rows()) == 1


def test_a_newer_hand_in_in_the_same_place_counts_and_the_old_one_is_told(quick):
    quick.hand_in("one/ada", "02 almost, ada")
    quick.grade("one")
    quick.hand_in("one/ada", "02 right, ada")
    assert quick.grade("one") == 0
    assert quick.scores() == {"ada": "9"}
    assert [row["status"] for row in quick.rows()].count("superseded") == 1
    quick.grade("one")
    assert quick.scores() == {"ada": "9"} and len(quick.rows()) == 2


def test_a_file_that_was_put_back_counts_again(quick):
    quick.hand_in("one/ada", "02 right, ada")
    quick.grade("one")
    quick.hand_in("one/ada", "02 wrong, ada")
    quick.grade("one")
    quick.hand_in("one/ada", "02 right, ada")
    assert quick.grade("one") == 0
    assert quick.scores() == {"ada": "9"} and len(quick.graded) == 2


def test_one_of_the_same_name_from_another_folder_is_shown_to_a_person(quick, capsys):
    quick.hand_in("group A/kim", "02 right, kim of A", MONDAY)
    quick.hand_in("group B/kim", "02 wrong, kim of B", MONDAY + DAY)
    assert quick.grade("group A") == 0
    assert quick.grade("group B") == 3
    said = capsys.readouterr().err
    assert "group A/kim" in said and "9 of 9" in said and "another person" in said
    assert quick.grade("group B") == 3  # and does not go unsaid in the next run
    assert quick.grade("group A", "group B") == 3


def test_what_was_decided_between_two_runs_stays_in_one_run_of_both(quick):
    quick.hand_in("all/ada", "02 almost, ada", MONDAY)
    quick.hand_in("late/ada", "02 right, ada", MONDAY + DAY)
    quick.grade("all")
    quick.grade("late")
    for paths in (["all", "late"], ["late", "all"], ["all"], ["late"]):
        assert quick.grade(*paths) == 3
        assert quick.scores() == {"ada": "9"}


def test_an_older_one_graded_later_does_not_count_and_is_shown_to_a_person(quick, capsys):
    quick.hand_in("new/ada", "02 right, ada", MONDAY + DAY)
    quick.hand_in("old/ada", "02 wrong, ada", MONDAY)
    quick.grade("new")
    assert quick.grade("old") == 3
    assert quick.scores() == {"ada": "9"}
    assert "old/ada" in capsys.readouterr().err


def test_what_moodle_says_is_one_learner_is_one(quick):
    folder = "Ada Lovelace_12345_assignsubmission_file_"
    quick.hand_in(f"one/{folder}", "02 almost, first", MONDAY)
    quick.hand_in("one/Bob_2_assignsubmission_file_", "02 right, bob", MONDAY)
    quick.hand_in(f"two/{folder}", "02 right, second", MONDAY + DAY)
    assert quick.grade("one") == quick.grade("two") == 0
    assert quick.scores() == {"Ada Lovelace_12345": "9", "Bob_2": "9"}


def test_what_could_not_be_read_and_was_handed_in_anew_needs_nobody_any_more(quick):
    quick.hand_in("one/ada", "broken")
    quick.hand_in("one/bob", "02 right, bob")
    assert quick.grade("one") == 3
    quick.hand_in("late/ada", "02 right, ada")
    assert quick.grade("late") == 0
    assert quick.scores() == {"ada": "9", "bob": "9"}
    assert quick.grade("late") == 0 == quick.grade("late")


def test_a_broken_file_in_the_place_of_a_good_one_takes_no_mark_away(quick):
    quick.hand_in("one/ada", "02 right, ada")
    quick.grade("one")
    quick.hand_in("one/ada", "broken")
    assert quick.grade("one") == 3
    assert {(row["status"], row["score"]) for row in quick.rows()} == {
        ("graded", "9"),
        ("unreadable", ""),
    }


def test_another_lesson_of_a_learner_replaces_nothing(quick):
    quick.hand_in("submissions/ada/work.ipynb", "01 right, ada")
    quick.grade("submissions")
    quick.hand_in("submissions/ada/work.ipynb", "02 right, ada")
    assert quick.grade("submissions") == 0
    assert {row["lesson"]: row["score"] for row in quick.rows()} == {
        LESSONS["01"]: f"{sum_of('01'):g}",
        LESSON: "9",
    }


def sum_of(number):
    from klteach.units.lookup import questions

    return sum(q.points for q in questions().values() if q.lesson == LESSONS[number])


def test_replace_leaves_only_what_is_in_these_paths_and_keeps_a_copy(quick):
    four_and_a_late_one(quick)
    quick.grade("all")
    before = (quick.out / "results.jsonl").read_bytes()
    assert quick.grade("late", "--replace") == 0
    assert quick.scores() == {"eve": "4.5"}
    assert [path.name for path in (quick.out / "learners").iterdir()] == ["eve.html"]
    assert (quick.out / "earlier" / "results-1.jsonl").read_bytes() == before
    quick.grade("all", "--replace")
    assert sorted(quick.scores()) == ["ada", "bob", "cyd", "dan"]
    assert (quick.out / "earlier" / "results-2.jsonl").exists()
    assert len(quick.graded) == 5 + 4  # whoever was put aside is graded again


def test_replace_with_the_same_paths_puts_nothing_aside(quick):
    four_and_a_late_one(quick)
    quick.grade("all")
    quick.grade("all", "--replace")
    assert not (quick.out / "earlier").exists() and len(quick.graded) == 4


def test_results_of_another_seed_or_form_are_refused_with_the_way_out(quick, capsys):
    quick.hand_in("one/ada", "02 right, ada")
    quick.grade("one")
    (quick.folder / "seed").write_text("another")
    assert quick.grade("one", "--seed-file", "seed") == 2
    assert "--replace" in capsys.readouterr().err
    results = quick.out / "results.jsonl"
    record = json.loads(results.read_text())
    old = {key: record[key] for key in ("student", "file", "key", "seed", "made_with", "status")}
    results.write_text(json.dumps({**old, "format": 1}) + "\n")
    assert quick.grade("one") == 2
    assert "form 1" in (said := capsys.readouterr().err) and "--replace" in said
    assert quick.grade("one", "--replace") == 0
    assert (quick.out / "earlier" / "results-1.jsonl").read_text() == results_text(old)
    assert quick.scores() == {"ada": "9"}


def results_text(old):
    return json.dumps({**old, "format": 1}, sort_keys=True) + "\n"


def test_one_learner_is_graded_anew_and_nobody_else(quick):
    for name in ("Ada", "bob"):
        quick.hand_in(f"all/{name}", f"02 right, {name}")
    quick.grade("all")
    assert quick.grade("all", "--regrade", "ada") == 0  # however it is written
    assert quick.graded[2:] == ["02 right, Ada"]
    assert quick.scores() == {"Ada": "9", "bob": "9"}
    assert len((quick.out / "results.jsonl").read_text().splitlines()) == 2


def test_names_that_differ_by_case_are_two_learners(quick, capsys):
    quick.hand_in("all/ada", "02 right, small")
    quick.hand_in("all/Ada", "02 almost, capital")
    quick.grade("all")
    assert quick.scores() == {"ada": "9", "Ada": "4.5"}
    assert quick.grade("all", "--regrade", "ADA") == 2
    assert "nobody in these paths" in capsys.readouterr().err
    quick.grade("all", "--regrade", "Ada")
    assert quick.graded[2:] == ["02 almost, capital"]
    assert len(list((quick.out / "learners").iterdir())) == 2


def test_a_renamed_learner_is_one_and_the_old_page_is_gone(quick):
    quick.hand_in("all/ada", "02 right, ada")
    quick.hand_in("all/adda", "02 right, bob")
    quick.grade("all")
    (quick.folder / "all" / "adda").rename(quick.folder / "all" / "bob")
    assert quick.grade("all") == 0
    assert sorted(p.name for p in (quick.out / "learners").iterdir()) == ["ada.html", "bob.html"]
    assert quick.scores() == {"ada": "9", "bob": "9"}


def test_of_two_with_one_file_the_one_who_is_taken_out_keeps_the_mark(quick):
    quick.hand_in("all/ada", "02 right")
    quick.hand_in("all/bob", "02 right")
    quick.grade("all")
    shutil.rmtree(quick.folder / "all" / "ada")
    quick.grade("all")
    assert quick.scores() == {"ada": "9", "bob": "9"}


def test_who_did_nothing_is_not_taken_for_another_who_did_nothing(quick):
    quick.hand_in("all/ada", "02 untouched")
    quick.grade("all")
    shutil.rmtree(quick.folder / "all" / "ada")
    quick.hand_in("all/bob", "02 untouched")
    quick.grade("all")
    assert quick.scores() == {"ada": "0", "bob": "0"}


def test_what_was_taken_out_for_another_one_needs_nobody_any_more(quick):
    first = quick.hand_in("all/ada/work.ipynb", "02 wrong, ada")
    quick.hand_in("all/ada/work (1).ipynb", "02 right, ada")
    quick.hand_in("all/bob/work.ipynb", "02 right, bob")
    assert quick.grade("all") == 3  # the same time: which is the newest?
    first.unlink()
    assert quick.grade("all") == 0 == quick.grade("all")
    assert quick.scores() == {"ada": "9", "bob": "9"}


def test_the_old_one_of_two_runs_taken_out_needs_nobody_any_more(quick):
    old = quick.hand_in("all/ada", "02 wrong, ada", MONDAY)
    quick.hand_in("all/bob", "02 right, bob", MONDAY)
    quick.hand_in("late/ada", "02 right, ada", MONDAY + DAY)
    quick.grade("all")
    assert quick.grade("late") == 3
    shutil.rmtree(old.parent)
    assert quick.grade("all") == 0
    assert quick.scores() == {"ada": "9", "bob": "9"}
    assert quick.grade("late") == 0


def test_two_of_one_name_are_two_as_soon_as_one_is_renamed(quick):
    quick.hand_in("group A/kim", "02 right, kim of A", MONDAY)
    quick.hand_in("group B/kim", "02 wrong, kim of B", MONDAY + DAY)
    quick.hand_in("group B/lee", "02 right, lee", MONDAY + DAY)
    quick.grade("group A")
    assert quick.grade("group B") == 3
    (quick.folder / "group B" / "kim").rename(quick.folder / "group B" / "kim b")
    assert quick.grade("group B") == 0
    assert quick.scores() == {"kim": "9", "kim b": "0", "lee": "9"}


def test_a_folder_that_is_filled_anew_each_week_loses_nobody(quick):
    quick.hand_in("in/ada/a.ipynb", "01 right, ada")
    quick.hand_in("in/bob/a.ipynb", "01 right, bob")
    quick.grade("in")
    shutil.rmtree(quick.folder / "in")
    quick.hand_in("in/ada/a.ipynb", "02 right, ada")
    assert quick.grade("in") == 0
    marks = {(row["student"], row["lesson"][:2]) for row in quick.rows() if row["score"]}
    assert marks == {("ada", "01"), ("bob", "01"), ("ada", "02")}


def test_a_copy_is_named_with_whose_it_is(quick, capsys):
    quick.hand_in("section 1/ada", "02 right")
    quick.hand_in("section 2/bob", "02 right")
    assert quick.grade("section 1") == 0
    assert quick.grade("section 2") == 3
    said = capsys.readouterr().err
    assert "file of ada (section 1/ada/" in said and "file of bob (section 2/bob/" in said


def test_failures_of_the_grader_are_tried_again(quick, monkeypatch):
    from tests.grading import quick_class

    quick.hand_in("all/ada", "02 right, ada")
    good = quick_class.worth
    failed = {"status": "failed", "score": None, "human": ["the grader failed"]}
    monkeypatch.setattr(quick_class, "worth", lambda *a: {**good(*a), **failed})
    assert quick.grade("all") == 3
    monkeypatch.setattr(quick_class, "worth", good)
    assert quick.grade("all") == 0
    assert quick.scores() == {"ada": "9"}


# The lesson that was set


def test_a_notebook_of_another_lesson_has_no_mark_where_one_was_set(quick, capsys):
    quick.hand_in("all/ada", "02 right, ada")
    quick.hand_in("all/bob/notebook.ipynb", "00 right, bob")
    assert quick.grade("all", "--lesson", "02") == 3
    assert "it holds the exercises of 00_start_here, and 02_cross" in capsys.readouterr().err
    assert quick.scores() == {"ada": "9", "bob": ""}
    assert [row["status"] for row in quick.rows()] == ["graded", "other lesson"]
    assert "another lesson than the one that was set" in quick.page("learners/bob.html")


@pytest.mark.parametrize("said", ["2", "02", LESSON, LESSON.upper()])
def test_a_lesson_is_named_by_its_number_or_its_file(quick, said):
    quick.hand_in("all/ada", "02 right, ada")
    assert quick.grade("all", "--lesson", said) == 0


def test_the_odd_one_out_is_told_without_a_lesson(quick, capsys):
    for name in ("ada", "bob", "cyd", "dan"):
        quick.hand_in(f"all/{name}/notebook.ipynb", f"02 right, {name}")
    quick.hand_in("all/eve/notebook.ipynb", "00 right, eve")
    assert quick.grade("all") == 3
    said = capsys.readouterr().err
    assert "eve" in said and "most handed in 02_cross_entropy_and_kl" in said
    assert said.count("look at") == 1


def test_a_file_named_after_another_lesson_is_told_in_a_class_of_two(quick, capsys):
    quick.hand_in("all/ada", "02 right, ada")
    quick.hand_in("all/bob", "00 right, bob")
    assert quick.grade("all") == 3
    assert "its file is named after 02_cross_entropy_and_kl" in capsys.readouterr().err


def test_whoever_has_several_lessons_is_not_odd(quick):
    for name in ("ada", "bob", "cyd", "dan"):
        quick.hand_in(f"all/{name}/a.ipynb", f"02 right, {name}")
    quick.hand_in("all/eve/a.ipynb", "02 right, eve")
    quick.hand_in("all/eve/b.ipynb", "01 right, eve")
    assert quick.grade("all") == 0


def test_weeks_in_one_folder_keep_their_lessons(quick):
    quick.hand_in("week 1/ada/a.ipynb", "01 right, ada")
    quick.hand_in("week 2/ada/a.ipynb", "02 right, ada")
    assert quick.grade("week 1", "--lesson", "01") == 0
    assert quick.grade("week 2", "--lesson", "02") == 0
    assert {row["lesson"]: row["status"] for row in quick.rows()} == {
        LESSONS["01"]: "graded",
        LESSON: "graded",
    }


def test_the_old_notebook_handed_in_again_keeps_its_old_mark(quick, capsys):
    quick.hand_in("week 1/ada/a.ipynb", "01 right, ada")
    quick.hand_in("week 2/ada/a.ipynb", "01 right, ada")
    quick.grade("week 1", "--lesson", "01")
    assert quick.grade("week 2", "--lesson", "02") == 3
    assert "its mark for 01_surprise_entropy_bits stays" in capsys.readouterr().err
    (row,) = quick.rows()
    assert (row["lesson"], row["status"]) == (LESSONS["01"], "graded")
    assert quick.grade("week 1", "--lesson", "01") == 0


def test_a_mistyped_lesson_is_put_right_by_the_next_run(quick):
    quick.hand_in("all/ada/a.ipynb", "02 right, ada")
    assert quick.grade("all", "--lesson", "03") == 3
    assert quick.grade("all", "--lesson", "02") == 0
    assert quick.grade("all", "--lesson", "03") == 3
    assert quick.scores() == {"ada": "9"}  # the same slip after a good run takes nothing away
    assert quick.grade("all", "--lesson", "02") == 0


# Interruptions


class Stop(Exception):
    """Stands for an interruption."""


def test_an_interrupted_run_keeps_every_notebook_that_was_done(quick, monkeypatch):
    four_and_a_late_one(quick)
    each = quick._each

    def interrupted(waiting, limits, seed):
        yield next(each(waiting, limits, seed))
        yield next(each(waiting, limits, seed))
        raise KeyboardInterrupt

    quick._each = interrupted
    assert quick.grade("all") == 130
    assert len((quick.out / "results.jsonl").read_text().splitlines()) == 2
    quick._each = each
    assert quick.grade("all") == 0
    assert len(quick.graded) == 4 and len(set(quick.graded)) == 4


def test_what_other_processes_have_done_by_an_interruption_is_kept(monkeypatch):
    class Pool:
        def submit(self, function, items, *_):
            future = Future()
            if items[0][0] < 3:
                future.set_result(f"graded {items[0][0]}")
            return future

    def stopped(futures, return_when):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "wait", stopped)
    waiting = [(number, b"") for number in range(5)]
    done = run._windowed(Pool(), waiting, PATIENT, "seed", False, 5)
    assert {next(done) for _ in range(3)} == {"graded 0", "graded 1", "graded 2"}
    with pytest.raises(KeyboardInterrupt):
        next(done)


def test_an_interrupted_second_run_loses_nothing_of_the_first(quick):
    four_and_a_late_one(quick)
    quick.grade("all")
    each = quick._each

    def interrupted(waiting, limits, seed):
        raise KeyboardInterrupt
        yield

    quick._each = interrupted
    assert quick.grade("late") == 130
    quick._each = each
    quick.grade("late")
    assert len(quick.scores()) == 5


def test_the_scores_are_those_of_the_words(quick):
    quick.hand_in("all/ada", "02 right, ada")
    quick.grade("all")
    assert float(quick.scores()["ada"]) == FULL
    assert os.listdir(quick.folder / "all") == ["ada"]


def test_two_runs_at_once_into_one_folder_are_one_too_many(quick, capsys):
    four_and_a_late_one(quick)
    each, said = quick._each, []

    def meanwhile(waiting, limits, seed):
        quick._each = each
        said.append((quick.grade("late"), capsys.readouterr().err))
        yield from each(waiting, limits, seed)

    quick._each = meanwhile
    assert quick.grade("all") == 0
    ((code, words),) = said
    assert code == 2 and "another run is writing into" in words
    assert quick.grade("late") == 0
    assert len(quick.scores()) == 5


def test_a_path_that_does_not_exist_leaves_no_folder(quick):
    assert quick.grade("nowhere") == 2
    assert not quick.out.exists()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_between_runs_nobody_loses_a_mark_and_a_run_repeats_itself(quick, seed):
    chance = random.Random(seed)
    marked: set[str] = set()
    for step in range(8):
        group, name = chance.choice(["A", "B", "C"]), chance.choice(["ada", "bob", "cyd"])
        words = f"02 {chance.choice(['right', 'almost', 'wrong'])}, {name} {step}"
        if chance.random() < 0.2:
            words = "broken"
        file = quick.hand_in(f"{group}/{name}", words, MONDAY + chance.randrange(5) * DAY)
        if chance.random() < 0.15:
            file.unlink()
        groups = [g for g in "ABC" if any((quick.folder / g).rglob("*.ipynb"))]
        paths = chance.sample(groups, min(len(groups), chance.choice([1, 2])))
        if not paths:
            continue
        quick.grade(*paths)
        rows = quick.rows()
        marked |= {row["student"] for row in rows if row["score"]}
        assert marked == {row["student"] for row in rows if row["score"]}
        before = {path: path.read_bytes() for path in quick.out.glob("*.*")}
        graded = len(quick.graded)
        quick.grade(*paths)
        assert {path: path.read_bytes() for path in quick.out.glob("*.*")} == before
        assert len(quick.graded) == graded


def test_one_is_one_in_what_is_said(quick, capsys):
    quick.hand_in("all/ada", "02 right, ada")
    quick.grade("all")
    assert "1 of 1 notebook graded, of 1 student." in capsys.readouterr().out
