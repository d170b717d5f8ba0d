"""Similar answers: a copy with other names is listed; two honest learners are not."""

import random
import re

import pytest

from klteach.grading import similar as module
from klteach.grading.code_forms import form_of
from klteach.grading.remarks import remarked
from klteach.grading.similar import similar
from klteach.units.lookup import questions
from tests.grading import submissions
from tests.grading.class_records import record
from tests.units.known_answers import RIGHT, TYPED_MISTAKES

LESSONS = sorted({question.lesson for question in questions().values()})
LESSON = "02_cross_entropy_and_kl"

# An unusual way to write them, long enough that nobody else would by chance
OWN_WAY = {
    "cross_entropy": """def cross_entropy(p, q):
    # first make arrays
    p = np.asarray(p, dtype=float)
    q = np.asarray(q, dtype=float)
    total = 0.0
    for i in range(len(p)):
        if p[i] == 0:
            continue
        if q[i] == 0:
            return float("inf")
        total -= p[i] * np.log(q[i])
    return float(total)
""",
    "kl": """def kl(p, q):
    p = np.asarray(p, dtype=float)
    q = np.asarray(q, dtype=float)
    total = 0.0
    for i in range(len(p)):
        if p[i] > 0 and q[i] == 0:
            return float("inf")
        if p[i] > 0:
            total += p[i] * (np.log(p[i]) - np.log(q[i]))
    return float(total)
""",
}


def disguised(code):
    """The same code under other names, with other comments and blanks."""
    for old, new in {"total": "summe", "p": "truth", "q": "model", "i": "place"}.items():
        code = re.sub(rf"\b{old}\b", new, code)
    return code.replace("    # first make arrays\n", "").replace(" = ", "=") + "\n# mine!\n"


def handed_in(student, code_of, lesson=LESSON, **mistakes):
    given = [
        {"name": name, "points": 1.0, "score": 1.0, "state": "correct", "notes": []}
        | {"message": "", "evidence": "", "code": code, "mistake": mistakes.get(name)}
        for name, code in code_of.items()
    ]
    return record(student, given, lesson, file=f"all/{student}/kl.ipynb")


def pairs(records):
    return [
        (one.first["student"], one.second["student"], one.questions) for one in similar(records)
    ]


def honest(names, lesson, code_of):
    return [handed_in(name, code_of(name), lesson) for name in names]


def test_a_copy_under_other_names_is_listed():
    records = [
        handed_in("ada", OWN_WAY),
        handed_in("bob", {name: disguised(code) for name, code in OWN_WAY.items()}),
        handed_in("cyd", {name: RIGHT[name] for name in OWN_WAY}),
    ]
    assert pairs(records) == [("ada", "bob", ("cross_entropy", "kl"))]


def test_it_is_told_with_whose_and_without_a_verdict():
    records = [
        handed_in("ada", OWN_WAY) | {"file": "section 1/ada/kl.ipynb"},
        handed_in("bob", {n: disguised(c) for n, c in OWN_WAY.items()})
        | {"file": "section 2/bob/kl.ipynb"},
    ]
    for made, other in zip(
        remarked(records), ("bob (section 2/bob", "ada (section 1/ada"), strict=True
    ):
        (said,) = made["human"]
        assert other in said and "cross_entropy and kl" in said
        assert not re.search(r"cop(y|ied)|plagia|cheat|suspic", said)
        assert made["suspicious"] == [] and made["score"] == made["points"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_two_with_the_textbooks_answers_are_not_listed(lesson):
    """In the words of the course's solution, of which names and comments were changed."""
    names = [q.name for q in questions().values() if q.lesson == lesson]
    records = honest("ab", lesson, lambda _: {name: RIGHT[name] for name in names})
    records += honest("cd", lesson, lambda _: {name: disguised(RIGHT[name]) for name in names})
    assert pairs(records) == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_learners_who_make_the_known_mistakes_are_not_listed(lesson):
    names = [q.name for q in questions().values() if q.lesson == lesson]
    typed = {name: [RIGHT[name]] * 3 for name in names}
    for name, old, new, _ in TYPED_MISTAKES:
        if name in typed:
            typed[name].append(RIGHT[name].replace(old, new))
    records = []
    for seed in range(40):
        chance = random.Random(f"{lesson} {seed}")
        chosen = {name: chance.choice(forms) for name, forms in typed.items()}
        records.append(handed_in(f"learner {seed}", chosen, lesson))
    assert pairs(records) == []  # of 780, and although no mistake was recognised


def test_short_answers_are_written_alike_by_many():
    short = {
        "cross_entropy": "def cross_entropy(p, q):\n    return -np.sum(p * np.log(q))\n",
        "kl": "def kl(p, q):\n    return np.sum(p * np.log(p / q))\n",
        "kl_contributions": "def kl_contributions(p, q):\n    return p * np.log(p / q)\n",
        "kelly_growth": "def kelly_growth(p, odds):\n    return np.sum(p * np.log(p * odds))\n",
    }
    assert pairs(honest("ab", LESSON, lambda _: short)) == []


def test_one_long_answer_alone_is_not_enough():
    mixed = {"cross_entropy": OWN_WAY["cross_entropy"]}
    assert pairs(honest("ab", LESSON, lambda _: mixed)) == []


def test_what_a_whole_class_was_shown_is_nobodys_copy():
    assert pairs(honest([f"learner {n}" for n in range(12)], LESSON, lambda _: OWN_WAY)) == []


def test_a_known_mistake_tells_nothing():
    records = [handed_in(name, OWN_WAY, kl="swapped") for name in "ab"]
    assert pairs(records) == []


def test_untouched_exercises_are_not_listed():
    cells = submissions.exercise()["cells"]
    stub = {
        cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
        for cell in cells
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    assert set(OWN_WAY) < set(stub)
    assert pairs(honest("ab", LESSON, lambda _: stub)) == []


def test_files_equal_to_the_last_byte_are_told_as_that_alone():
    records = [made | {"key": "same"} for made in honest("ab", LESSON, lambda _: OWN_WAY)]
    assert pairs(records) == []


def test_two_notebooks_of_one_learner_are_no_pair():
    records = [handed_in("ada", OWN_WAY), handed_in("ada", OWN_WAY) | {"key": "another"}]
    assert pairs(records) == []


def test_without_the_solutions_nothing_is_compared_and_this_is_said(monkeypatch):
    from klteach.grading import remarks

    monkeypatch.setattr(module, "solutions_folder", lambda: None)
    assert not module.can_compare()
    assert remarks.can_compare is module.can_compare
    records = honest("ab", LESSON, lambda _: OWN_WAY)
    assert [made["human"] for made in remarked(records)] == [[], []]


@pytest.mark.parametrize(
    "code",
    [
        "def f(p:\n",
        "%%bash\nls",
        "\0",
        "",
        "# nothing",
        "(" * 5000,
        "x = " + "-" * 6000 + "1",
        "[" * 90 + "]" * 90,
        "a." * 3000 + "b",
        "\udc80",
    ],
)
def test_what_is_no_code_has_no_form_and_does_no_harm(code):
    form_of(code)


def test_names_comments_types_and_layout_are_no_part_of_a_form():
    plain = "def kl(p, q):\n    r = p / q\n    return float(sum(r))\n"
    same = [
        "def kl(a, b):\n    '''KL'''\n    c = a/b  # ratio\n\n    return float(sum(c))\n",
        "def kl(p: list, q: list) -> float:\n    r: float = p / q\n    return float(sum(r))\n",
        "import numpy as np\ndef kl(q, p):\n    x = q / p\n    return float(sum(x))\n",
    ]
    assert {form_of(code) for code in same} == {form_of(plain)}
    others = [
        plain.replace("p / q", "q / p"),
        plain.replace("sum", "max"),
        plain.replace("float(sum(r))", "sum(r)"),
        plain.replace("p / q", "p / q / 1"),
    ]
    assert form_of(plain) not in {form_of(code) for code in others}
