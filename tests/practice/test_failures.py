"""What is said to errors that learners meet, which are known by the words that NumPy has for them.

Each is raised by an answer, so that a version of Python or NumPy with other words is noticed.
"""

import pytest

from klteach.practice.checker import check_answer
from klteach.practice.wording import _REMARKS
from klteach.units.lookup import find_question
from tests.practice.typed_answers import function

ERRORS = [
    ("np.log(p, 2)", "`np.log2` has the base 2"),
    ("x = np.zeros(3, dtype=int)\nx += np.full(3, .5)\nreturn x", "takes no others"),
    ("int(np.inf)", "takes no others"),
    ("int(np.nan)", "takes no others"),
    ("if p > 0:\n    return 1", "a mask such as `p > 0`"),
    ("float(np.array([1, 2, 3]))", "one number"),
    ("math.log(np.array([1, 2, 3]))", "one number"),
    ("2 ^ 0.5", "`**` is"),
    ("np.array([1., 2.]) ^ np.array([1., 2.])", "`**` is"),
    ("(np.ones(3) * np.ones(4)).sum()", "stand side by side"),
    ("np.array([[1, 2], [3]])", "make no table"),
    ("np.max(np.array([]))", "Nothing is left"),
    ("max([])", "Nothing is left"),
    ("len(0.5)", "a single number stands"),
    ("sum(0.5)", "a single number stands"),
    ("(0.5)[0]", "a single number stands"),
    ("None + 1", "Something returned `None`"),
    ("np.log(np.array([None]))", "Something returned `None`"),
    ("x = [3, 1].sort()\nreturn x[0]", "Something returned `None`"),
    ("np.log(p.sum)", "is the function itself"),
    ("p.sum / 2", "is the function itself"),
    ("np.sum / 2", "is the function itself"),
    ("np.array([1, 2])(0)", "Round brackets call"),
    ("sum = 1\nreturn sum([1])", "Round brackets call"),
    ("np.ones(3)[np.array([True] * 4)]", "of its own shape"),
    ("np.ones(3)[0, 1]", "more places than the array has axes"),
    ("np.ones(3)[3]", "number n − 1"),
    ("[1][1]", "number n − 1"),
    ("np.ones(3)[0.0]", "a whole number or a mask"),
    ("np.ones(3)[np.array([0.0])]", "a whole number or a mask"),
    ("[1][0.0]", "a whole number or a mask"),
    ("np.linalg.inv(np.ones((2, 2)))", "has no inverse"),
    ("math.exp(1000)", "larger than any float"),
    ("10.0 ** 400", "larger than any float"),
    ("np.ones(3).log()", "`np.log(x)`, not `x.log()`"),
    ("np.float64(1).exp()", "`np.log(x)`, not `x.log()`"),
    ("np.softmax(p)", "scipy.special"),
]


def message_on(body):
    """What is told to an answer of this expression or these lines, which raises."""
    feedback = check_answer(find_question("entropy_bits"), function("entropy_bits", "p", body))
    assert feedback.state == "raised"
    return feedback.message


@pytest.mark.parametrize(("body", "remark"), ERRORS)
def test_an_error_gets_the_remark_that_is_meant_for_it(body, remark):
    assert remark in message_on(body)


def test_every_form_of_words_is_met_by_an_error():
    told = [message_on(body) for body, _ in ERRORS]
    never = [form for forms, _ in _REMARKS for form in forms if not any(form in x for x in told)]
    assert never == []
