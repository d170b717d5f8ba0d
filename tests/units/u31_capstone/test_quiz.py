"""What the quiz of unit 31 claims, by a second route."""

from itertools import product

import pytest
from scipy import stats

from tests.units.quiz_content import ITEMS, PREDICTIONS, options, right, variants
from tests.units.u31_capstone import test_lesson as lesson


def test_the_nine_shifts_lie_nine_times_apart():
    assert right("31-nine") == "about 9 times"
    shifts = lesson.shifts()
    assert max(shifts) / min(shifts) == pytest.approx(9.4, abs=0.05)
    assert "a shift of 0.10" in PREDICTIONS["31-nine"].reveal
    assert f"in nats at {max(shifts):.2f}" in PREDICTIONS["31-nine"].reveal
    assert min(shifts) == pytest.approx(0.1) and max(shifts) == lesson.shift_at("JS (nats)")


def test_the_gate_rings_in_fourteen_of_sixty_four_cases():
    ways = [sum(coins) for coins in product((0, 1), repeat=6)]
    assert right("31-gate") == f"in {100 * sum(w >= 5 or w <= 1 for w in ways) / 64:.1f} %"
    by_code = options("31-gate")
    assert by_code["any-is-all"].text.startswith(f"in {100 * 2 / 64:.1f} %")
    assert by_code["one-side-is-both"].text.startswith(f"in {100 * 7 / 64:.1f} %")
    assert sum(w >= 5 for w in ways) == 7


def test_a_line_by_rows_rings_nearly_every_day():
    assert right("31-rows") == f"on {len(lesson.above_their_rows())}"
    null, later = lesson.judged()
    days = sorted(later)
    lines = [lesson.line_of_rows(day) for day in days]
    middle = sorted(lines)[len(lines) // 2]
    assert max(null) / middle == pytest.approx(20, abs=1)  # "twenty times lower"
    assert middle == pytest.approx(0.02, abs=0.001)
    ordinary = sorted(later.values())[len(later) // 2]
    assert ordinary == pytest.approx(0.05, abs=0.01)
    assert len(lesson.alarms()) == 4 and len(later) == 28


def test_one_number_of_two_measures_is_two_shifts():
    for (value,), by_code in variants("31-same-number"):
        by_psi = value**0.5
        by_tv = lesson.shift_at("total variation", value)
        assert by_psi > by_tv
        for code in ("right", "divergences-share-a-scale", "tv-is-kl-squared"):
            assert f"{by_psi:.2f}" in by_code[code].says and f"{by_tv:.2f}" in by_code[code].says
    # "for values above 0.16 it is so"
    assert 0.165**0.5 < lesson.shift_at("total variation", 0.165)
    assert 0.155**0.5 > lesson.shift_at("total variation", 0.155)


def test_the_better_model_has_the_lower_loss_per_byte():
    for (a, a_bytes, b, b_bytes), by_code in variants("31-per-byte"):
        assert a < b and a / a_bytes > b / b_bytes
        assert by_code["right"].text == "B"
        assert f"{b / b_bytes:.3f} nats against {a / a_bytes:.3f}" in by_code["right"].says


def test_all_alike_counts_both_sides():
    for (number,), by_code in variants("31-all-alike"):
        ways = [sum(coins) for coins in product((0, 1), repeat=int(number))]
        both = sum(way in (0, number) for way in ways) / len(ways)
        assert by_code["right"].text == f"in {100 * both:.1f} %"
        assert by_code["one-side-is-both"].text == f"in {100 * both / 2:.1f} %"


def test_a_small_psi_of_a_large_split():
    people = 100_000
    assert people * 0.0003 == pytest.approx(30)
    assert stats.chi2.sf(30, 1) < 1e-7
    assert stats.chi2.mean(1) / people == pytest.approx(0.00001)


def test_the_right_answers_of_the_other_questions():
    assert right("31-floor") == "nothing: it is at its floor"
    assert right("31-negative") == "nothing: the tokens are not drawn from π"
    assert -0.02 / 0.001 == pytest.approx(-20)
    assert right("31-split").startswith("chance does not do that")
    assert {name for name in ITEMS if name.startswith("31-")} == {
        "31-nine",
        "31-gate",
        "31-rows",
        "31-same-number",
        "31-per-byte",
        "31-all-alike",
        "31-floor",
        "31-negative",
        "31-split",
    }
