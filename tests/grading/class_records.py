"""Records of a class, with feedback that the checker itself gave on typed answers."""

import hashlib
from functools import cache

from klteach.grading.marking.marks import mark_tables
from klteach.grading.pages.all_pages import pages
from klteach.grading.pages.class_lists import Around
from klteach.grading.saving import write_whole
from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
from tests.practice.typed_answers import notebook
from tests.units.known_answers import RIGHT, TYPED_MISTAKES

LESSON = "02_cross_entropy_and_kl"
OTHER_LESSON = "01_surprise_entropy_bits"
NAMES = """
    Ada Bao Chidi Dina Emil Fatou Grace Hugo Ines Jun Kofi Lena Mira Noor Oleg Priya Quentin Rosa
    Sven Tomás Uma Viktor Wanda Xenia Yusuf Zoë Anneke Björn Carla Dmitri
""".split()
UNTOUCHED = "raise NotImplementedError()"


@cache
def answers_of(lesson):
    """Of each question of the lesson: the feedback on the untouched, right and wrong answers."""
    found = {}
    for question in questions().values():
        if question.lesson == lesson:
            right = RIGHT[question.name]
            wrong = [
                right.replace(old, new)
                for name, old, new, _ in TYPED_MISTAKES
                if name == question.name
            ]
            head = right.strip().splitlines()[0]
            stub = f"{head}\n    {UNTOUCHED}\n"
            rounded = right.replace("return ", "return 1.004 * ")
            error = f"{head}\n    return {question.argument_names[0]}.summe()\n"
            found[question.name] = {
                "untouched": told(question, stub),
                "right": told(question, right),
                "almost": told(question, rounded),
                "error": told(question, error),
                "missing": told(question, "pass\n"),
                "wrong": [told(question, source) for source in wrong],
            }
    return found


def write_marks(records, folder):
    """Write the tables alone, and return their paths."""
    return _write(mark_tables(records), folder)


def write_pages(records, times, folder, around=None):
    """Write the pages alone, and return their paths, the class's first."""
    learners, class_page = pages(records, times)
    return _write({"class.html": class_page(around or Around()), **learners}, folder)


def _write(files, folder):
    for name, content in files.items():
        write_whole(folder / name, content)
    return [folder / name for name in files]


def told(question, source):
    feedback = check_answer(question, notebook(source))
    return {
        "name": question.name,
        "points": question.points,
        "score": feedback.score,
        "state": feedback.state,
        "mistake": feedback.mistake,
        "message": feedback.message,
        "evidence": feedback.evidence,
        "notes": list(feedback.notes),
        "code": source,
    }


def record(student, answers=None, lesson=LESSON, **changes):
    """A record as the grader makes it; without answers it has no score."""
    file = f"submissions/{student}.ipynb"
    made = {
        "format": 2,
        "key": hashlib.sha256(file.encode("utf-8", "surrogatepass")).hexdigest(),
        "student": student,
        "file": file,
        "lesson": lesson,
        "kind": "exercise",
        "status": "graded",
        "problem": "",
        "score": None,
        "points": None,
        "questions": answers or [],
        "notes": [],
        "human": [],
        "suspicious": [],
        "isolation": "namespaces, Landlock, seccomp, limits",
        "seed": "5f1d",
        "made_with": "klteach 0.1.0",
        # of the file
        "modified": 0.0,
        "order": "",
        "place": "",
        "by": "folder",
        "doubt": "",
        "name": "",
        # of the hand-in
        "time": "",
        "clock": "",
        "said": [],
        "set": "",
        "again": "",
        "replaced": "",
        "taken_out": False,
        "earlier": False,
        # what the teacher adds
        "comment": "",
        "adjustment": 0.0,
        "late": "",
        "late_by": "",
        "full_name": "",
    }
    if answers:
        made["score"] = sum(answer["score"] for answer in answers)
        made["points"] = sum(answer["points"] for answer in answers)
    return made | changes


def without_score(student, status, problem, **changes):
    changes = {"lesson": None, "human": [problem]} | changes
    return record(student, status=status, problem=problem, **changes)


def answers(kind, lesson=LESSON, place=0):
    """One answer to each question, all of one kind."""
    known = answers_of(lesson).values()
    if kind == "wrong":
        return [given["wrong"][place % len(given["wrong"])] for given in known]
    return [given[kind] for given in known]


def class_of_thirty():
    """Thirty students, most of them graded, and the seconds that each notebook took."""
    known = list(answers_of(LESSON).values())
    kinds = ("right", "right", "wrong", "right", "almost", "wrong", "untouched", "error", "missing")
    records = []
    for place, name in enumerate(NAMES[:26]):
        given = []
        for number, of_question in enumerate(known):
            kind = kinds[(place * (number + 2) + number) % len(kinds)]
            if place % 5 == 0:
                kind = "right"
            wrong = of_question["wrong"]
            given.append(
                wrong[(0, 0, 1, 0, 2, 0, 1)[place % 7] % len(wrong)]
                if kind == "wrong"
                else of_question[kind]
            )
        records.append(record(name, given))
    records[3]["notes"] = [
        "Cell 7 was stopped after 10 seconds; what it had defined by then counts."
    ]
    changed = "it changed numpy.log, which was put back"
    records[4] |= {"suspicious": [changed], "human": [changed]}
    records[8]["human"] = ["kl was not called: the time of the whole notebook was up before"]
    for copy in (2, 11, 17):
        records[copy] |= {
            "human": ["byte for byte the file of 2 other students"],
            **{key: records[2][key] for key in ("key", "questions", "score", "points")},
        }
    untouched = record("x", answers("untouched"))
    for place in (20, 21):
        records[place] = untouched | {
            "student": NAMES[place],
            "file": f"submissions/{NAMES[place]}.ipynb",
        }
    records += [
        without_score("Anneke", "unreadable", "it ends in the middle of line 214"),
        without_score("Björn", "unknown lesson", "it is no exercise of this course"),
        without_score("Carla", "refused", "it has 2 147 483 648 bytes, and 10 485 760 are read"),
        without_score("Dmitri", "failed", "the grader failed; please report it", isolation=""),
        without_score("Ada", "wrong language", "its kernel is R", file="submissions/Ada (1).ipynb"),
        # as the grader leaves the older one of two: with its answers, and no score
        record(
            "Bao",
            answers("right"),
            file="submissions/Bao (1).ipynb",
            status="superseded",
            problem="a newer file of the same exercise counts: submissions/Bao.ipynb",
            key="an older one",
            score=None,
        ),
    ]
    times = {r["key"]: 0.02 + 0.001 * place for place, r in enumerate(records)}
    times[records[3]["key"]] = 11.6
    return records, times
