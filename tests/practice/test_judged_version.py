"""Which version of an answer was judged: what a check says where the learner may be mistaken."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from klteach.practice import check, judged_version
from tests.practice.typed_answers import notebook
from tests.units.known_answers import RIGHT

WRONG = "import numpy as np\n\ndef kl(p, q):\n    return -1.0"
SYNTAX_ERROR = "def kl(p, q):\n    terms = p * (q\n    return terms.sum()"
RAISES = "import no_such_module\n\ndef kl(p, q):\n    return 1.0"
RIGHT_KL = f"import numpy as np\n{RIGHT['kl']}"


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "progress.jsonl"))
    monkeypatch.setattr(judged_version, "_last", {})


@pytest.fixture
def shell():
    return InteractiveShell(config=Config(HistoryManager={"hist_file": ":memory:"}))


def run(shell, *cells):
    for cell in cells:
        shell.run_cell(cell, store_history=True)


def checked(shell, *cells):
    """The feedback on `kl` that a last cell asks for, after these were run."""
    run(shell, "from klteach.practice import check", *cells, 'done = check("kl", globals())')
    return shell.user_ns["done"]


def sentence(feedback):
    """The first paragraph of the feedback, if it is about the version."""
    first = feedback.message.split("\n")[0]
    return first if first.startswith("Cell [") else ""


def test_a_syntax_error_in_the_newest_version_is_said_before_the_verdict(shell):
    feedback = checked(shell, WRONG, SYNTAX_ERROR)
    assert feedback.mistake == "always the same"
    assert sentence(feedback) == (
        "Cell [3] holds the newest `kl`, and it did not run: Python cannot read its line 2. "
        "Judged is the one of cell [2]."
    )
    assert str(feedback).splitlines()[1] == sentence(feedback)


def test_an_error_before_the_definition_is_said_too_even_where_the_older_one_is_right(shell):
    feedback = checked(shell, RIGHT_KL, RAISES)
    assert feedback.state == "correct" and repr(feedback) == "2"
    assert sentence(feedback) == (
        "Cell [3] holds the newest `kl`, and an error stopped it before that definition. "
        "Judged is the one of cell [2]."
    )


@pytest.mark.parametrize(
    ("cell", "problem"), [(SYNTAX_ERROR, "Python cannot read"), (RAISES, "an error stopped it")]
)
def test_an_answer_that_never_ran_is_not_only_missing(shell, cell, problem):
    feedback = checked(shell, cell)
    assert feedback.state == "missing name"
    assert problem in feedback.message and "Mend it, run it" in feedback.message


def test_the_cell_that_ran_last_counts_and_not_the_one_written_last(shell):
    feedback = checked(shell, SYNTAX_ERROR, WRONG, "kl([0.5, 0.5], [0.5, 0.5])", WRONG)
    assert sentence(feedback) == ""
    feedback = checked(shell, SYNTAX_ERROR, WRONG, SYNTAX_ERROR, "2 * 2", "q = 'kl'", 'kl("")')
    assert "Judged is the one of cell [" in sentence(feedback)


NOTHING_TO_SAY = {
    "an error after the definition": (WRONG, f"{RIGHT_KL}\n1 / 0"),
    "an error in another cell": (WRONG, "kl(", "1 / 0"),
    "another function in a broken cell": (WRONG, "def kl_bits(p, q):\n    return ("),
    "a cell that checks what it defines": (SYNTAX_ERROR, f"{WRONG}\ncheck('kl', globals())"),
    "the older one put back by hand": (WRONG, "old = kl", RIGHT_KL, "kl = old"),
    "a decorated one": (
        "def doubled(f):\n    def g(p, q):\n        return 2 * f(p, q)\n    return g",
        "@doubled\ndef kl(p, q):\n    return 1.0",
    ),
    "one that was made of another": (f"{WRONG}\nkl = np.vectorize(kl)",),
    "a method of that name": (WRONG, "class A:\n    def kl(self):\n        return 1"),
    "one under a condition": (WRONG, "if False:\n    def kl(p, q):\n        return 1"),
    "a timed cell": (WRONG, "%%time\ndef kl(p, q):\n    return 1.0"),
    "an earlier failure, and a timed cell": (SYNTAX_ERROR, "%%time\ndef kl(p, q):\n    return 1."),
    "one that was read from a file": ("import abc\nkl = abc.abstractmethod",),
    "none at all": (),
}


@pytest.mark.parametrize("cells", NOTHING_TO_SAY.values(), ids=NOTHING_TO_SAY)
def test_nothing_is_said_that_is_not_known(shell, cells):
    feedback = checked(shell, *cells)
    assert "newest" not in str(feedback)


def test_a_second_check_of_the_same_version_says_that_an_edit_has_to_be_run(shell):
    assert checked(shell, WRONG).notes == ()
    (note,) = checked(shell).notes
    assert note == (
        "`kl` has not been run anew since the last check. An edit counts once its cell has been "
        "run."
    )
    assert checked(shell, WRONG).notes == ()  # run anew, though it is the same


def test_a_second_check_says_nothing_of_it_where_it_is_right_or_the_verdict_is_new(shell):
    checked(shell, RIGHT_KL)
    assert checked(shell).notes == ()
    checked(shell, "value = -1.0\ndef kl(p, q):\n    return value")
    assert checked(shell, "value = -2.0").notes == ()


def test_without_a_history_of_cells_nothing_is_said():
    names = notebook(WRONG)
    assert check("kl", names).notes == check("kl", names).notes == ()
    assert check("kl", names | {"In": "a learner's own"}).notes == ()
    assert check("kl", names | {"In": []}).message == check("kl", names).message
