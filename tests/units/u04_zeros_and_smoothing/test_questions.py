"""What the design of unit 04 says of its questions, recomputed."""

import math

import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial.distance import jensenshannon

from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
from tests.practice.typed_answers import notebook
from tests.units.known_answers import mistake, right_value, wrong_value


def test_kl_safe_knows_the_four_cases():
    reference = questions()["kl_safe"].reference
    p, q = np.array([[0.5, 0.5, 0, 0], [0.5, 0.25, 0.25, 0]]), np.array([[0.5, 0.25, 0.25, 0]] * 2)
    assert reference(p, q) == pytest.approx([0.5 * math.log(2), 0])
    assert list(reference(q, p)) == [math.inf, 0]


def test_the_cases_of_kl_safe_hold_every_kind_of_zero_in_one_table():
    kinds = set()
    for case in questions()["kl_safe"].cases():
        p, q = case.arguments
        assert p.sum(axis=1) == pytest.approx(1) and q.sum(axis=1) == pytest.approx(1)
        kinds.add((
            bool(((p == 0) & (q > 0)).any()),
            bool(((p > 0) & (q == 0)).any()),
            bool(((p == 0) & (q == 0)).any()),
        ))  # fmt: skip
    assert {(False, False, False), (True, True, True)} <= kinds


def test_what_the_patterns_of_numpy_really_give():
    p, q = questions()["kl_safe"].visible[0].copies()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        terms = p * np.log(p / q)
        masked = np.ma.sum(p * np.ma.log(np.ma.divide(p, q)), axis=1)
        finite = np.where(np.isfinite(terms), terms, 0).sum(axis=1)
        filled = np.nan_to_num(terms).sum(axis=1)
        ratio = np.where(p > 0, p * np.log(np.nan_to_num(p / q)), 0).sum(axis=1)
        right = np.nansum(terms, axis=1)
        largest = np.asarray(mistake("kl_safe", "large number").variants[-1](p, q))
    assert right == pytest.approx(special.rel_entr(p, q).sum(axis=1))  # nansum keeps infinities
    removed = wrong_value("kl_safe", "outcomes removed")
    np.testing.assert_allclose(masked.filled(np.nan), removed)
    np.testing.assert_allclose(finite, removed)
    assert removed[1] < 0  # which betrays it
    assert filled == pytest.approx(largest)
    assert ratio == pytest.approx(wrong_value("kl_safe", "ratio made finite"))
    assert ratio[1] == pytest.approx(0.25 * math.log(np.finfo(float).max), abs=1)


def test_the_tables_hold_floats_so_that_an_array_like_them_has_room_for_a_divergence():
    for case in questions()["kl_safe"].cases():
        assert all(table.dtype == float for table in case.arguments)
    body = (
        "    terms = np.zeros_like(p)\n    used = p > 0\n"
        "    terms[used] = p[used] * np.log(p[used] / q[used])\n    return terms.sum(axis=1)\n"
    )
    answer = notebook(f"def kl_safe(p, q):\n{body}")
    assert check_answer(questions()["kl_safe"], answer).state == "correct"


def test_one_infinite_row_that_spoils_the_table_is_named():
    body = (
        "    if ((p > 0) & (q == 0)).any():\n        return np.full(len(p), np.inf)\n"
        "    return np.where(p > 0, p * np.log(p / q), 0).sum(axis=1)\n"
    )
    feedback = check_answer(questions()["kl_safe"], notebook(f"def kl_safe(p, q):\n{body}"))
    assert feedback.mistake == "one row for all"
    # in some table with no zero in p, some rows are infinite and some are not
    kinds = [
        set(np.isinf(questions()["kl_safe"].reference(*case.copies())))
        for case in questions()["kl_safe"].cases()
        if (case.arguments[0] > 0).all()
    ]
    assert {True, False} in kinds


def test_a_nan_is_met_by_the_word_on_zeros():
    answer = notebook("def kl_safe(p, q):\n    return np.sum(p * np.log(p / q), axis=1)\n")
    feedback = check_answer(questions()["kl_safe"], answer)
    assert feedback.state == "nan" and "0/0" in feedback.message


def test_a_mask_that_flattens_the_table_is_met_by_its_shape():
    body = "    used = p > 0\n    return np.sum(p[used] * np.log(p[used] / q[used]))\n"
    feedback = check_answer(questions()["kl_safe"], notebook(f"def kl_safe(p, q):\n{body}"))
    assert feedback.state == "wrong shape"


def test_seven_none_three():
    value = right_value("add_alpha")
    assert value == pytest.approx([0.6154, 0.0769, 0.3077], abs=5e-5)
    assert value == pytest.approx([8 / 13, 1 / 13, 4 / 13])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("added to the shares", [1.7 / 4, 1 / 4, 1.3 / 4]),
        ("added to the shares, total forgotten", [1.7, 1, 1.3]),
        ("not divided", [8, 1, 4]),
        ("old total", [0.8, 0.1, 0.4]),
        ("alpha once in the total", [8 / 11, 1 / 11, 4 / 11]),
        ("only where zero", [7 / 11, 1 / 11, 3 / 11]),
        ("alpha ignored", [0.7, 0, 0.3]),
    ],
)
def test_what_the_mistakes_make_of_seven_none_three(name, value):
    assert wrong_value("add_alpha", name) == pytest.approx(value)


def test_adding_to_the_shares_never_fades_as_its_message_says():
    question = questions()["add_alpha"]
    added = mistake("add_alpha", "added to the shares").variants[0]
    counts = np.array([7, 0, 3])
    for factor in (1, 10, 1000):
        assert added(counts * factor, 0.1) == pytest.approx(added(counts, 0.1))
        # as many imagined sightings as α times the counts that there are
        same = question.reference(counts * factor, 0.1 * 10 * factor)
        assert added(counts * factor, 0.1) == pytest.approx(same)
    assert question.reference(counts * 1000, 1.0)[1] < 1e-4 < added(counts, 1.0)[1]


def test_more_for_the_unseen_than_for_what_was_seen_once():
    found = mistake("add_alpha", "only where zero")
    assert "α = 2 makes the unseen likelier than what was seen once" in found.message
    first, _, third, _ = found.variants[0](np.array([0, 4, 1, 0]), 2.0)
    assert first > third


def test_the_row_of_disjoint_supports():
    question = questions()["four_measures"]
    near, far = (right_value("four_measures", case) for case in (1, 2))
    assert near == pytest.approx([math.inf, 0.6931, 1, 2], abs=5e-5)
    assert far == pytest.approx([math.inf, 0.6931, 1, 10], abs=5e-5)  # only the shift moves
    probe = right_value("four_measures")
    js = jensenshannon(*question.visible[0].arguments[:2]) ** 2
    assert probe == pytest.approx([0.556889, js, 0.45, 1.15], abs=5e-7)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("JS without the mixture", 1, math.inf),
        ("JS infinite", 1, math.inf),
        ("JS the wrong way round", 1, math.inf),
        ("JS in bits", 1, 1),
        ("JS square root", 1, math.sqrt(math.log(2))),
        ("TV doubled", 2, 2),
        ("TV largest difference", 2, 0.5),
        ("W1 of the shares", 3, 0),
    ],
)
def test_the_wrong_rows_of_disjoint_supports(name, place, value):
    row = wrong_value("four_measures", name, case=1)
    assert row[place] == pytest.approx(value)
    others = np.delete(row, place)
    assert others == pytest.approx(np.delete(right_value("four_measures", case=1), place))


def test_of_two_wrong_parts_the_first_is_explained():
    source = """
def four_measures(p, q, x):
    kl, reverse = (np.where(a > 0, a * np.log(a / b), 0).sum() for a, b in ((p, q), (q, p)))
    carried = np.sum(np.abs(np.cumsum(p - q))[:-1] * np.diff(x))
    return [kl, (kl + reverse) / 2, np.sum(np.abs(p - q)), carried]
"""
    feedback = check_answer(questions()["four_measures"], notebook(source))
    assert feedback.state == "diagnosed" and feedback.score == 0
    assert feedback.mistake == "wrong: JS, TV"
    assert feedback.message.startswith("Right here: KL, W1. Not yet: JS, TV. JS is ")
    assert "half of Jeffreys' divergence" in feedback.message


@pytest.mark.parametrize(
    ("js", "carried", "says"),
    [
        ("jensenshannon(p, q)", "np.abs(np.cumsum(p - q)).sum()", "JS is a square root"),
        ("jensenshannon(p, q, base=2) ** 2", "abs((p - q) @ x)", "JS is in bits"),
    ],
)
def test_a_part_that_alone_is_wrong_on_an_input_has_its_own_message(js, carried, says):
    """On the input that is shown the second mistake gives the right value."""
    source = f"""
def four_measures(p, q, x):
    from scipy.spatial.distance import jensenshannon
    from scipy.special import rel_entr
    return [rel_entr(p, q).sum(), {js}, np.abs(p - q).sum() / 2, {carried}]
"""
    feedback = check_answer(questions()["four_measures"], notebook(source))
    assert feedback.mistake == "wrong: JS"
    assert feedback.message.startswith(f"Right here: KL, TV, W1. Not yet: JS. {says}")


def test_a_row_that_was_rounded_is_almost_right():
    def rounded(p, q, x):
        return np.round(questions()["four_measures"].reference(p, q, x), 3)

    feedback = check_answer(questions()["four_measures"], {"four_measures": rounded})
    assert (feedback.state, feedback.mistake) == ("almost", "rounded")


def test_a_right_row_in_single_precision_passes_and_one_off_by_a_thousandth_is_almost_right():
    question = questions()["four_measures"]

    def off(p, q, x):
        return question.reference(p, q, x) * (1 + 1e-3)

    def narrow(p, q, x):
        return question.reference(p, q, x).astype(np.float32)

    assert check_answer(question, {"four_measures": narrow}).state == "correct"
    assert check_answer(question, {"four_measures": off}).state == "almost"


def test_w1_of_the_cases_by_scipy():
    question = questions()["four_measures"]
    for case in question.cases():
        p, q, x = case.copies()
        assert (np.diff(x) > 0).all()
        expected = stats.wasserstein_distance(x, x, p, q)
        assert question.reference(p, q, x)[3] == pytest.approx(expected, abs=1e-12)
