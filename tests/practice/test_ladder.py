"""Every rung of the ladder below the named mistakes, and what must never happen on it."""

import signal
import sys
from dataclasses import replace
from types import FunctionType

import numpy as np
import pytest

from klteach.practice import checker
from klteach.practice.calls import Found
from klteach.practice.checker import check_answer, judge_answer
from klteach.practice.question import Mistake
from klteach.units.lookup import find_question
from tests.practice.typed_answers import function, notebook, wrapped
from tests.units.known_answers import RIGHT

ENTROPY, KL, TERMS = map(find_question, ("entropy_bits", "kl", "kl_contributions"))


def entropy_with(body):
    return check_answer(ENTROPY, function("entropy_bits", "p", body))


def kl_with(body):
    return check_answer(KL, function("kl", "p, q", body))


# Not attempted, missing, no function


@pytest.mark.parametrize("body", ['"""Text."""\npass', "...\n", "# nothing\nreturn None", "pass\n"])
def test_an_empty_body_is_not_attempted(body):
    feedback = entropy_with(body)
    assert (feedback.state, repr(feedback), feedback.attempted) == ("not attempted", "0", False)


def test_the_stub_with_a_line_left_behind_is_told_which_line():
    feedback = entropy_with("total = np.sum(p)\nraise NotImplementedError()")
    assert feedback.state == "not attempted"
    assert "raise NotImplementedError()" in feedback.message


def test_the_library_s_own_function_is_no_answer():
    from klteach import cross_entropy

    feedback = check_answer(find_question("cross_entropy"), {"cross_entropy": cross_entropy})
    assert feedback.state == "not attempted"
    assert "klteach's own" in feedback.message


@pytest.mark.parametrize(
    "source",
    [
        "import klteach\ndef entropy_bits(p):\n    return klteach.entropy(p) / np.log(2)\n",
        "from klteach import entropy\ndef entropy_bits(p):\n    return entropy(p) / np.log(2)\n",
        "def entropy_bits(p):\n    from klteach import entropy\n    return entropy(p)\n",
        "import klteach.measures as known\ndef helper(p):\n    return known.entropy(p)\n"
        "def entropy_bits(p):\n    return [helper(x) for x in [p]][0] / np.log(2)\n",
    ],
)
def test_an_answer_that_calls_the_library_is_not_the_learners(source):
    feedback = check_answer(ENTROPY, notebook(source))
    assert (feedback.state, feedback.score) == ("borrowed", 0)
    assert "it is yours to write" in feedback.message


def test_an_answer_may_call_the_learners_own_functions():
    source = "def entropy(p):\n    q = p[p > 0]\n    return -np.sum(q * np.log2(q))\n"
    source += "def entropy_bits(p):\n    return entropy(p)\n"
    assert check_answer(ENTROPY, notebook(source)).state == "correct"


def test_what_is_called_of_the_library_is_named_as_it_was_written():
    for source, name in (
        ("import klteach\ndef kl(p, q):\n    return klteach.kl_divergence(p, q)\n", "klteach"),
        ("def kl(p, q):\n    import klteach\n    return klteach.kl_divergence(p, q)\n", "klteach"),
        ("import klteach as kt\ndef kl(p, q):\n    return kt.kl_divergence(p, q)\n", "kt"),
    ):
        message = check_answer(KL, notebook(source)).message
        assert "klteach` of klteach" not in message
        assert f"Yours calls `{name}" in message


OWN_ENTROPY = """
def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log2(p))

def entropy_bits(p):
    return entropy(p)
"""
OF_SCIPY = """
from scipy import stats

def entropy_bits(p):
    return stats.entropy(p, base=2)
"""


@pytest.mark.parametrize("source", [OWN_ENTROPY, OF_SCIPY])
def test_what_a_later_cell_imports_to_compare_with_is_not_what_the_answer_called(source):
    """It is called with what the name meant where it was defined, and the import stays."""
    names = notebook(source)
    exec("from klteach import entropy", names)
    imported = names["entropy"]
    assert check_answer(ENTROPY, names).state == "correct"
    assert names["entropy"] is imported


def test_a_name_of_an_earlier_cell_is_what_it_was_then():
    """IPython keeps the cells in `In`."""
    helper, answer = OWN_ENTROPY.split("\n\n")
    names = notebook(helper + "\n")
    later = notebook(answer)
    names["entropy_bits"] = FunctionType(later["entropy_bits"].__code__, names)
    names["In"] = ["", helper, answer, "from klteach import entropy"]
    exec("from klteach import entropy", names)
    assert check_answer(ENTROPY, names).state == "correct"
    names["In"] = ["", helper, "from klteach import entropy", answer]
    assert check_answer(ENTROPY, names).state == "borrowed"


def test_an_attribute_called_like_a_function_of_the_library_is_no_call_of_it():
    source = "from klteach import to_bits\nclass Mine:\n    to_bits = staticmethod(np.log2)\n"
    source += "def to_bits(x):\n    return x / Mine.to_bits(np.e) / np.log(2)\n"
    source = source.replace("x / Mine.to_bits(np.e) / np.log(2)", "x * Mine.to_bits(np.e)")
    assert check_answer(find_question("to_bits"), notebook(source)).state == "correct"


def test_where_the_library_has_no_answer_it_may_help_to_find_one():
    question = replace(find_question("balanced_partner"), may_call_klteach=True)
    source = "from klteach import kl_divergence\ndef balanced_partner(p):\n"
    source += "    assert kl_divergence(p, p) == 0\n    return p[::-1]\n"
    feedback = check_answer(question, notebook(source))
    assert feedback.state == "correct"
    assert "yours calls `kl_divergence` of klteach" in feedback.notes[0]
    refused = replace(question, may_call_klteach=False)
    assert check_answer(refused, notebook(source)).state == "borrowed"


def test_where_klteach_is_not_at_hand_a_person_is_asked():
    class Elsewhere:
        found = Found("borrowed", borrowed="kl_divergence")

    question = replace(find_question("balanced_partner"), may_call_klteach=True)
    feedback = judge_answer(question, Elsewhere(), question.cases())
    assert feedback.state == "not called"


def test_a_misspelt_name_is_found():
    names = notebook("def entorpy_bits(p):\n    return 1\n\ndef unrelated(p):\n    return 2\n")
    feedback = check_answer(ENTROPY, names)
    assert feedback.state == "missing name"
    assert "Did you mean `entorpy_bits`?" in feedback.message


def test_only_the_learner_s_own_functions_are_suggested():
    names = notebook("from klteach import entropy\nentropy_bit = 3\n")
    feedback = check_answer(ENTROPY, names)
    assert feedback.state == "missing name"
    assert "Did you mean" not in feedback.message
    assert "Run the cell" in feedback.message


def test_a_number_under_the_name_is_no_function():
    feedback = check_answer(KL, {"kl": 1.1})
    assert feedback.state == "not a function"
    assert "`float`" in feedback.message


@pytest.mark.parametrize("arguments", ["", "p", "p, q, r", "p, *, q"])
def test_other_arguments_are_named(arguments):
    feedback = check_answer(KL, notebook(f"def kl({arguments}):\n    return 1.0\n"))
    assert feedback.state == "wrong signature"
    assert "`kl(p, q)`" in feedback.message
    assert f"`kl({arguments})`" in feedback.message


@pytest.mark.parametrize("arguments", ["p, q, base=2", "*both", "truth, model"])
def test_arguments_that_can_be_called_are_fine(arguments):
    names = notebook(f"def kl({arguments}):\n    return 1.0\n")
    assert check_answer(KL, names).state != "wrong signature"


# Errors


def test_an_error_is_shown_with_the_learner_s_own_line_and_arguments():
    names = notebook(
        """
def surprise(x):
    return math.log2(x)

def entropy_bits(p):
    total = 0
    for x in p:
        total -= x * surprise(x)
    return total
"""
    )
    feedback = check_answer(ENTROPY, names)
    assert feedback.state == "raised"
    assert "ValueError" in feedback.message
    assert "line 3 of its cell: `return math.log2(x)`" in feedback.message
    assert "Some entry of `p` is 0" in feedback.message
    assert feedback.evidence == "Called as `entropy_bits([1, 0, 0])`."
    assert "checker.py" not in str(feedback)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("undefined_name", "NameError"),
        ("math.log(p)", "those of `np` a whole array"),
        ("np.log(p, 2)", "`np.log2` has the base 2"),
        ("p ^ 2", "`**` is"),
        ("p / np.sum", "`x.sum()` calls it"),
        ("len(p[0])", "a single number stands where"),
        ("np.zeros(4, int).__iadd__(p)", "An array of whole numbers takes no others"),
        ("p[p > 2].max()", "Nothing is left in the array"),
        ("p + p[:2]", "whose shapes do not fit"),
        ("np.random.shuffle(p)[0]", "Something returned `None`"),
        ("x = 1\nassert (p > 1).all()", "Yours stops itself here"),
        ("x = 1\nimport no_such_module", "It is not installed here"),
        ("1.0 if p > 0 else 0.0", "a mask such as `p > 0`"),
        ("entropy_bits(p)", "without an end"),
        ("sys.exit(3)", "`exit` or `quit`"),
        ("p['a']", "IndexError"),
        ("p.missing", "AttributeError"),
        ("x = 1\nraise GeneratorExit", "GeneratorExit"),
        ("x = 1\nraise ExceptionGroup('several', [ValueError()])", "ExceptionGroup"),
        ("x = 1\nraise Unreadable", "its text cannot be read"),
    ],
)
def test_no_error_escapes(body, words):
    names = function("entropy_bits", "p", body)
    names |= {"sys": sys, "Unreadable": Unreadable}
    entropy = names["entropy_bits"]
    entropy.__globals__.update(names)
    feedback = check_answer(ENTROPY, names)
    assert feedback.state == "raised"
    assert words in feedback.message
    assert feedback.score == 0


class Treacherous:
    """A callable whose every unknown attribute raises."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __call__(self, p):
        return Treacherous()


def test_an_object_whose_attributes_raise_does_no_harm():
    feedback = check_answer(ENTROPY, {"entropy_bits": Treacherous()})
    assert feedback.state == "wrong type"
    assert "Treacherous" in feedback.message


class Unreadable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def test_exit_of_ipython_does_not_end_the_kernel():
    """It is no exception there: it tells the shell to end after the cell."""
    ended = []
    autocall = type("ZMQExitAutocall", (), {"__call__": lambda self: ended.append(1)})
    autocall.__module__ = "IPython.core.autocall"
    names = function("entropy_bits", "p", "exit()\n")
    names["exit"] = keeper = autocall()
    feedback = check_answer(ENTROPY, names)
    assert feedback.state == "raised"
    assert "`exit` or `quit`" in feedback.message
    assert not ended and names["exit"] is keeper


def test_input_without_anybody_to_ask_is_no_untouched_stub():
    body = "raise StdinNotImplementedError('raw_input was called')\n"
    names = function("entropy_bits", "p", body)
    names["StdinNotImplementedError"] = type("StdinNotImplementedError", (NotImplementedError,), {})
    names["entropy_bits"].__globals__.update(names)
    feedback = check_answer(ENTROPY, names)
    assert feedback.state == "raised"
    assert "Nobody is asked" in feedback.message


def test_an_interrupt_by_the_learner_is_honoured():
    with pytest.raises(KeyboardInterrupt):
        entropy_with("x = 1\nraise KeyboardInterrupt")


def test_an_error_on_a_later_case_is_no_untouched_stub():
    feedback = entropy_with("if (p == 0).any():\n    raise NotImplementedError\nreturn 1.0")
    assert feedback.state == "raised"


# Nothing returned, kinds, shapes


def test_nothing_returned_but_printed():
    feedback = entropy_with("print(-np.nansum(p * np.log2(p)))\n")
    assert feedback.state == "returned nothing"
    assert "It printed `1.75`" in feedback.message
    assert "`return` instead of `print`" in feedback.message
    assert feedback.notes == ()


def test_nothing_returned_at_all():
    feedback = entropy_with("total = np.sum(p)\n")
    assert feedback.state == "returned nothing"
    assert "Is a `return` missing" in feedback.message


def test_printing_is_a_remark_and_no_fault(capsys):
    names = notebook(RIGHT["kl"].replace("occurs = p > 0", "occurs = p > 0; print('step', occurs)"))
    feedback = check_answer(KL, names)
    assert feedback.state == "correct"
    assert feedback.notes == ("it printed `step [ True True True]`; only what it returns counts.",)
    assert capsys.readouterr() == ("", "")


class AlwaysEqual(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Unshowable:
    def __repr__(self):
        raise RuntimeError("no text")


CONTAINS_ITSELF = []
CONTAINS_ITSELF.append(CONTAINS_ITSELF)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("1.75", "a string"),
        ({"entropy": 1.75}, "a dictionary"),
        ({1.75}, "a set"),
        (True, "`True` or `False`"),
        (np.True_, "`True` or `False`"),
        (1.75 + 0j, "a complex number"),
        (AlwaysEqual(1.75), "`AlwaysEqual`"),
        (object(), "`object`"),
        (iter([1.75]), "`list_iterator`"),
        (np.ma.array([1.75]), "`MaskedArray`"),
        (np.array(["1.75"]), "a list of strings"),
        (np.array([object()]), "an array of objects"),
        (["1.75"], "a list"),
        ([[1.75], [1, 2]], "a list"),
        ([True], "a list"),
        ([Unshowable()], "a list"),
        (CONTAINS_ITSELF, "a list"),
        (10**400, "`int`"),
    ],
)
def test_other_kinds_of_values_are_refused_in_words(value, word):
    feedback = check_answer(ENTROPY, wrapped("entropy_bits", lambda p: value))
    assert feedback.state == "wrong type"
    assert word in feedback.message
    assert feedback.evidence


def test_a_coroutine_is_refused_and_leaves_no_warning(recwarn):
    feedback = check_answer(ENTROPY, notebook("async def entropy_bits(p):\n    return 1.0\n"))
    assert feedback.state == "wrong type"
    assert "`coroutine`" in feedback.message
    assert len(recwarn) == 0


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("entropy_bits", lambda p: -p * np.log2(p), "Is a sum missing?"),
        ("entropy_bits", lambda p: [1.75], "Return the number itself"),
        ("entropy_bits", lambda p: np.ones((3000, 3000)), "shape (3000, 3000)"),
        ("entropy_bits", lambda p: np.ones((2, 2)), "shape (2, 2), not one number"),
        ("kl_contributions", lambda p, q: 1.1, "one number for a whole array"),
        ("kl_contributions", lambda p, q: p[p > 0.15], "2 values for 3 outcomes"),
        ("kl_contributions", lambda p, q: np.ones((2, 3)), "the shape should be (3,)"),
        ("kl_contributions", lambda p, q: np.outer(p, q), "the shape should be (3,)"),
        ("to_bits", lambda x: np.sum(x) / np.log(2), "one number for a whole array"),
    ],
)
def test_shapes(name, value, words):
    feedback = check_answer(find_question(name), wrapped(name, value))
    assert feedback.state == "wrong shape"
    assert words in feedback.message


# NaN


def test_nan_is_told_about_zero_times_log_zero():
    feedback = kl_with("np.sum(p * np.log(p / q))")
    assert feedback.state == "nan"
    assert "0·log 0" in feedback.message
    assert "gives `nan`" in feedback.evidence
    assert feedback.mistake is None


@pytest.mark.parametrize(
    ("body", "mistake", "words"),
    [
        ("np.sum(q * np.log(q / p))", "swapped", "swapped"),
        ("np.sum(p * np.log2(p / q))", "bits", "unit"),
        ("np.sum(np.log(p / q))", "weights missing", "weights are missing"),
    ],
)
def test_nan_does_not_hide_a_named_mistake(body, mistake, words):
    feedback = kl_with(body)
    assert (feedback.state, feedback.mistake) == ("nan", mistake)
    assert "NumPy met" in feedback.message and "mask it (`p > 0`)" in feedback.message
    assert words in feedback.message


def test_nan_without_a_zero_is_not_blamed_on_one():
    feedback = entropy_with("np.sum(np.log2(-p))")
    assert feedback.state == "nan"
    assert "negative number" in feedback.message
    assert "0·log 0" not in feedback.message


@pytest.mark.parametrize("name", ["entropy_bits", "kl", "cross_entropy", "kl_contributions"])
def test_the_answer_without_a_mask_is_told_about_zeros(name):
    source = {
        "entropy_bits": "-np.sum(p * np.log2(p))",
        "kl": "np.sum(p * np.log(p / q))",
        "cross_entropy": "-np.sum(p * np.log(q))",
        "kl_contributions": "p * np.log(p / q)",
    }[name]
    question = find_question(name)
    feedback = check_answer(question, function(name, ", ".join(question.argument_names), source))
    assert (feedback.state, feedback.mistake) == ("nan", None)
    assert "0·log 0" in feedback.message


# Named mistakes beside wrong zeros


def test_a_named_mistake_is_seen_although_zeros_are_wrong_too():
    feedback = kl_with("np.sum(np.where(p > 0, q * np.log(q / p), 0.5))")
    if feedback.state == "nan":  # q = 0 as well
        feedback = kl_with("np.nansum(np.where(p > 0, q * np.log(q / p), 0.5))")
    assert (feedback.state, feedback.mistake) == ("named mistake", "swapped")
    assert "zeros come next" in feedback.message


# Almost, wrong, correct


def test_within_one_per_cent_is_almost_and_gets_half():
    feedback = entropy_with("-np.nansum(p * np.log2(p)) * 1.004")
    assert (feedback.state, feedback.score) == ("almost", 1)
    assert "Within 1 per cent" in feedback.message


@pytest.mark.parametrize("decimals", [2, 3, 6])
def test_rounding_is_recognised(decimals):
    feedback = entropy_with(f"round(-np.nansum(p * np.log2(p)), {decimals})")
    if decimals == 6:  # below the tolerance of 1e-6 for most values, and then no fault
        assert feedback.state in ("almost", "correct")
    else:
        assert (feedback.state, feedback.mistake) == ("almost", "rounded")
        assert f"Rounded to {decimals} decimals" in feedback.message


def test_two_per_cent_off_is_not_almost():
    assert entropy_with("-np.nansum(p * np.log2(p)) * 1.02").score == 0


def test_an_unknown_error_shows_one_input_to_work_by_hand():
    feedback = entropy_with("-np.nansum(p * np.log2(p)) + np.sum(np.exp(p))")
    assert (feedback.state, feedback.mistake, feedback.score) == ("wrong", None, 0)
    assert "entropy_bits([0.5, 0.25, 0.125, 0.125])" in feedback.evidence
    assert "Yours is too large on every input." in feedback.message


def test_an_unknown_error_is_told_by_what_is_right_and_what_the_right_value_is():
    feedback = kl_with(
        "if len(p) != 3:\n    return np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0]))\n"
        "return np.sum(np.exp(p) * (p[p > 0] * np.log(p[p > 0] / q[p > 0])).sum())"
    )
    assert feedback.state == "wrong", feedback.message
    assert "It is right on" in feedback.message


# Abs, and what else hides a sign


@pytest.mark.parametrize(
    ("name", "body", "mistake"),
    [
        ("entropy_bits", "p = p[p > 0]\nreturn abs(np.sum(p * np.log2(p)))", "abs"),
        ("kl", "o = p > 0\nreturn abs(np.sum(p[o] * np.log(p[o] / q[o])))", "abs"),
    ],
)
def test_an_abs_over_a_right_value_is_right_with_a_note(name, body, mistake):
    question = find_question(name)
    names = function(name, ", ".join(question.argument_names), body)
    feedback = check_answer(question, names)
    assert feedback.state == "correct" and feedback.mistake.startswith(mistake)
    assert feedback.score == question.points
    assert any("gives `" in note for note in feedback.notes)


# Judged questions


def test_a_judged_question_with_one_right_value_has_an_almost_rung():
    question = replace(
        ENTROPY,
        judge=lambda p, value: None if np.isclose(value, ENTROPY.reference(p)) else ("off", "No."),
        mistakes=[],
    )
    rounded = wrapped("entropy_bits", lambda p: round(float(ENTROPY.reference(p)), 2))
    assert check_answer(question, rounded).state == "diagnosed"
    question = replace(question, one_right_value=True)
    feedback = check_answer(question, rounded)
    assert (feedback.state, feedback.mistake, feedback.score) == ("almost", "rounded", 1)


def test_a_judge_is_kind_to_single_precision_and_to_it_alone():
    question = find_question("balanced_partner")
    narrow = wrapped("balanced_partner", lambda p: p[::-1].astype(np.float32))
    assert check_answer(question, narrow).state == "correct"
    off = wrapped("balanced_partner", lambda p: (p[::-1] + [1e-3, -1e-3]).astype(np.float32))
    assert check_answer(question, off).state != "correct"


def test_a_named_mistake_of_a_judged_question_is_not_judged_as_well():
    question = find_question("code_lengths")
    down = wrapped("code_lengths", lambda p: np.floor(-np.log2(p)))
    feedback = check_answer(question, down)
    assert feedback.state == "named mistake"
    assert "collide" not in feedback.evidence


def test_a_mistake_may_be_nan_on_every_input():
    lost = Mistake("lost", lambda p: np.nan, "The arguments of `ppf` are exchanged.")
    question = replace(ENTROPY, mistakes=[*ENTROPY.mistakes, lost])
    feedback = check_answer(question, wrapped("entropy_bits", lambda p: np.log(-1.0)))
    assert (feedback.state, feedback.mistake) == ("named mistake", "lost")
    feedback = check_answer(question, wrapped("entropy_bits", lambda p: np.sum(p * np.log(p))))
    assert feedback.state == "nan"


# Time

needs_timer = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="this system has no interval timer"
)


@needs_timer
def test_an_endless_loop_is_stopped():
    names = function("kl", "p, q", "while True:\n    pass")
    feedback = check_answer(KL, names, seconds=0.2)
    assert feedback.state == "too slow"
    assert "Stopped after 0.2 seconds of computing" in feedback.message
    assert "kl([0.7, 0.2, 0.1]" in feedback.evidence


@needs_timer
def test_an_endless_loop_with_except_exception_is_stopped():
    body = "while True:\n    try:\n        x = 1\n    except Exception:\n        pass"
    assert check_answer(KL, function("kl", "p, q", body), seconds=0.2).state == "too slow"


@needs_timer
def test_a_sleep_is_stopped():
    names = function("kl", "p, q", "import time\ntime.sleep(60)")
    feedback = check_answer(KL, names, seconds=0.05)
    assert feedback.state == "too slow"
    assert "Stopped after 0.6 seconds, of which it computed for less than 0.05" in feedback.message
    assert "Does it wait for something" in feedback.message


@needs_timer
def test_a_slow_diagnosis_still_ends_in_a_verdict():
    calls, again = [], set()

    def slow_when_asked_again(p, q):
        calls.append(1)
        while len(calls) > len(KL.cases()):
            again.add(len(calls))
        return float(np.sum(p**2) + q[0])

    feedback = check_answer(KL, wrapped("kl", slow_when_asked_again), seconds=0.2)
    assert feedback.score == 0 and feedback.state in ("wrong", "diagnosed")
    assert again


def test_what_is_tried_to_explain_an_answer_has_an_end(monkeypatch):
    """Each try may take its second; all together may not take a minute."""
    monkeypatch.setattr(checker, "SECONDS_AGAIN_IN_ALL", 0.0)
    calls = []

    def wrong(p, q):
        calls.append(1)
        return float(np.sum(p**2) + q[0])

    check_answer(KL, wrapped("kl", wrong))
    cases = len(KL.cases())
    assert cases < len(calls) <= 2 * cases


# Odd answers


def test_a_lambda_a_partial_and_a_callable_object_are_functions():
    from functools import partial

    class Answer:
        def __call__(self, p, q):
            return KL.reference(p, q)

    for answer in (lambda p, q: KL.reference(p, q), partial(KL.reference), Answer()):
        assert check_answer(KL, {"kl": answer}).state == "correct"


def test_warnings_are_silenced(recwarn, capsys):
    body = "warnings.warn('careful')\nreturn np.nansum(p * np.log(p / q))"
    feedback = kl_with("import warnings\n" + body)
    assert feedback.state == "correct"
    assert len(recwarn) == 0
    assert capsys.readouterr() == ("", "")


def test_a_learner_s_numpy_settings_are_left_as_they_were():
    with np.errstate(all="raise"):
        kl_with("np.nansum(p * np.log(p / q))")
        assert set(np.geterr().values()) == {"raise"}
