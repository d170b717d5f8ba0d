"""Questions as data: what is refused, how one is found, and that the inputs are what they claim."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from klteach.practice import inputs
from klteach.practice.checker import check_answer
from klteach.practice.course_folder import course_root, solutions_folder
from klteach.practice.feedback import Feedback
from klteach.practice.question import Mistake, case
from klteach.practice.wording import show
from klteach.units.lookup import UnknownQuestion, find_question, questions
from tests.practice.typed_answers import wrapped
from tests.together import together

KL = find_question("kl")


def test_a_question_is_found_by_its_name():
    assert find_question("kl").name == "kl"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("entorpy_bits", "entropy_bits"), ("KL", "kl"), ("crossentropy", "cross_entropy")],
)
def test_a_misspelt_name_gets_a_suggestion(typed, meant):
    with pytest.raises(UnknownQuestion, match=f"Did you mean '{meant}'"):
        find_question(typed)


def test_an_unknown_name_gets_the_list():
    with pytest.raises(UnknownQuestion, match="The questions are: shares, entropy_bits"):
        find_question("zzzzzzzz")


def test_the_questions_come_in_the_order_of_the_units():
    assert list(questions())[:2] == ["shares", "entropy_bits"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "two words"}, "cannot be the name of a function"),
        ({"hints": ["one"]}, "three hints"),
        ({"visible": []}, "visible case"),
        ({"returns": "text"}, "returns='text'"),
        ({"mistakes": [Mistake("a", abs, "A."), Mistake("a", abs, "B.")]}, "the same name"),
    ],
)
def test_a_faulty_question_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        replace(KL, **changes)


needs_course = pytest.mark.skipif(
    solutions_folder() is None, reason="klteach is installed without the course"
)


each_question = together([(q.lesson, q.name, (q,)) for q in questions().values()])


def cells(folder, question):
    return cells_of(course_root() / folder / f"{question.lesson}.ipynb")


@cache
def cells_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@needs_course
@each_question
def test_a_question_points_to_a_heading_of_its_lesson(question):
    lines = [line for cell in cells("notebooks", question) for line in cell["source"]]
    headings = [line for line in lines if line.startswith("## ")]
    assert any(heading.startswith(f"## {question.section}") for heading in headings)


@needs_course
@each_question
def test_a_right_answer_is_led_to_the_cell_where_that_section_begins(question):
    """JupyterLab finds a cell by its id in a notebook that it has just opened, and no heading."""
    said = Feedback(question, "correct", "Right.")._repr_html_()
    target = re.search(r'href="\.\./notebooks/([^"#]+)#cell-id=([^"]+)"', said)
    assert target[1] == f"{question.lesson}.ipynb"
    (cell,) = [cell for cell in cells("notebooks", question) if cell["id"] == target[2]]
    assert cell["source"][0].startswith(f"## {question.section} · ")


@needs_course
@each_question
def test_a_question_gives_as_many_points_as_its_notebook_says(question):
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells("solutions", question)]
    (points,) = [m["points"] for m in marks if m.get("grade_id") == f"check_{question.name}"]
    assert points == question.points


@each_question
def test_sentences_are_plain(question):
    texts = [question.insight, *question.hints, *(m.message for m in question.mistakes)]
    for text in texts:
        words = re.sub(r"`[^`]*`|(Mahalanobis|Wasserstein|Euclidean) distance", "", text)
        assert "!" not in words and "simply" not in words
        # none but the metrics is one; between points it is Euclid's
        assert "distance" not in words or question.name == "knn_kl"
        assert len(words) < 330  # one or two sentences
        assert text.count("`") % 2 == 0


def test_argument_names_are_those_that_are_passed():
    assert KL.argument_names == ("p", "q")
    assert find_question("to_bits").argument_names == ("x",)


def test_what_is_right_is_computed_once_for_all_answers():
    calls = []

    def reference(p, q):
        calls.append(1)
        return KL.reference(p, q)

    question = replace(KL, reference=reference)
    for _ in range(2):
        assert check_answer(question, wrapped("kl", KL.reference)).state == "correct"
    assert len(calls) == len(question.cases())


def test_what_is_known_of_a_case_cannot_be_spoilt():
    values = find_question("kl_contributions").values(lambda p, q: p * q, KL.visible[0])
    with pytest.raises(ValueError, match="read-only"):
        values[0] = 1


# Inputs

ONE = ["certain_source", "zero_in_source", "tiny_mass_in_source"]
TWO = ["zero_in_p", "zero_in_q", "zero_in_both", "tiny_mass", "equal_pair"]


def drawn(generator):
    return generator(np.random.default_rng(5))


def generators():
    one = [*(getattr(inputs, name) for name in ONE), inputs.sources(), inputs.uniform_sources()]
    return [*one, *(getattr(inputs, name) for name in TWO), inputs.dirichlet_pairs()]


def test_distributions_are_distributions():
    for generator in generators():
        for drawn_case in drawn(generator):
            for weights in drawn_case.arguments:
                assert weights.min() >= 0
                assert weights.sum() == pytest.approx(1, abs=1e-12)


def test_zeros_are_where_they_should_be():
    for c in drawn(inputs.zero_in_source):
        assert (c.arguments[0] == 0).any()
    for c in drawn(inputs.zero_in_p):
        p, q = c.arguments
        assert (p == 0).any() and (q > 0).all()
    for c in drawn(inputs.zero_in_q):
        p, q = c.arguments
        assert ((q == 0) & (p > 0)).any()
    for c in drawn(inputs.zero_in_both):
        p, q = c.arguments
        assert ((q == 0) & (p == 0)).any() and not ((q == 0) & (p > 0)).any()
    for c in drawn(inputs.equal_pair):
        assert np.array_equal(*c.arguments)


def test_the_first_case_of_each_kind_is_tiny_and_the_sizes_differ():
    for name in (*ONE, *TWO):
        assert drawn(getattr(inputs, name))[0].arguments[0].size <= 3
    assert len({c.arguments[0].size for c in drawn(inputs.dirichlet_pairs())}) > 2


def test_tiny_masses_survive_single_precision():
    for c in drawn(inputs.tiny_mass):
        for weights in c.arguments:
            assert (weights.astype(np.float32) > 0).all()
            assert weights.min() < 1e-20 or weights.min() > 0.1


def test_counts_lengths_and_bets():
    for c in drawn(inputs.counts()):
        assert c.arguments[0].dtype.kind == "i" and c.arguments[0].sum() > 0
    for c in drawn(inputs.sources_with_lengths()):
        p, lengths = c.arguments
        assert len(p) == len(lengths) and lengths.min() >= 1
    for c in drawn(inputs.rounds_of_bets(rounds=1000)):
        p, q, winners = c.arguments
        assert len(winners) == 1000 and winners.max() < len(p) and q.min() > 0
    assert np.inf in [c.arguments[0] for c in drawn(inputs.numbers) if np.ndim(c.arguments[0]) == 0]


def test_the_same_seed_gives_the_same_inputs():
    for generator in generators():
        for a, b in zip(drawn(generator), drawn(generator), strict=True):
            assert all(map(np.array_equal, a.arguments, b.arguments))


def test_the_verbs_come_without_the_widgets():
    script = (
        "import sys; from klteach.practice import check, hint, solution, progress; "
        "heavy = {'anywidget', 'ipywidgets', 'matplotlib', 'scipy'} & set(sys.modules); "
        "assert callable(progress); sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (-0.0, "0"),
        (np.float32(0.1), "0.1"),
        (np.array(2.0), "2"),
        (np.arange(3), "[0, 1, 2]"),
        (np.arange(20.0), "[0, 1, 2, 3, 4, 5, 6, 7, ...]"),
        (np.eye(2), "[[1, 0], [0, 1]]"),
        ([np.inf, np.nan], "[inf, nan]"),
        ("a`b", "'a'b'"),
    ],
)
def test_values_are_shown_as_a_person_would_write_them(value, text):
    assert show(value) == text


def test_a_case_knows_its_label():
    assert case([1.0], label="a certain outcome").label == "a certain outcome"
