import json
from fractions import Fraction

import numpy as np
import pytest

from klteach.explorers.controls import Choice, Simplex, Slider

SLIDER = Slider("x", "x", -1.0, 1.0, 0.05, start=0.3)
SIMPLEX = Simplex("p", "P", "abc", 10, (5, 3, 2))
CHOICE = Choice("unit", "Unit", ("bits", "nats"))


@pytest.mark.parametrize("control", [SLIDER, SIMPLEX, CHOICE])
def test_every_raw_value_is_counted_checked_and_has_its_own_key(control):
    every = list(control.every())
    assert len(every) == control.count()
    assert [control.check(raw) for raw in every] == every
    assert len({tuple(control.key(raw)) for raw in every}) == len(every)


def test_a_slider_snaps_to_decimals_that_a_reader_expects():
    assert 0.15 in SLIDER.every()
    assert SLIDER.check(0.1 + 0.2 + 1e-9) == 0.3


def test_a_simplex_becomes_probabilities_that_sum_to_one():
    p = SIMPLEX.numeric(list(SIMPLEX.every()))
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=0, atol=1e-15)


def test_a_minimum_keeps_every_share_above_zero():
    raws = list(Simplex("q", "Q", "abc", 10, (5, 3, 2), minimum=1).every())
    assert len(raws) == 36
    assert min(min(raw) for raw in raws) == 1


@pytest.mark.parametrize(
    ("control", "raw", "words"),
    [
        (SLIDER, 2.0, "outside -1.0 to 1.0"),
        (SLIDER, "0.3", "expected a number"),
        (SLIDER, float("nan"), "expected a number"),
        (SLIDER, True, "expected a number"),
        (SIMPLEX, [5, 5], "expected 3 whole numbers"),
        (SIMPLEX, [5, 3, 3], "sum to 11 and must sum to 10"),
        (SIMPLEX, [11, 0, -1], "share of c must be a whole number of at least 0, got -1"),
        (SIMPLEX, [5.0, 3, 2], "whole number"),
        (CHOICE, 2, "expected the index of one of ['bits', 'nats']"),
        (CHOICE, "bits", "expected the index"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(control, raw, words):
    with pytest.raises(ValueError, match=f"control '{control.name}'") as error:
        control.check(raw)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Slider("x", "x", 1.0, 1.0, 0.1, start=1.0),
        lambda: Slider("x", "x", 0.0, 1.0, 0.0, start=1.0),
        lambda: Slider("x", "x", 0.0, 1.0, 0.1, start=3.0),
        lambda: Simplex("x", "x", "ab", 10, (5, 4)),
        lambda: Choice("x", "x", ("a", "b"), start=2),
    ],
)
def test_an_authors_slip_is_refused_when_the_control_is_made(make):
    with pytest.raises(ValueError, match="control 'x'"):
        make()


def test_the_browser_and_python_give_a_state_the_same_key(javascript):
    controls = [SLIDER, SIMPLEX, CHOICE]
    states = [{"x": x, "p": [1, 2, 7], "unit": 1} for x in SLIDER.every()]
    expected = [
        ",".join(str(part) for control in controls for part in control.key(state[control.name]))
        for state in states
    ]
    described = [{"name": c.name, "kind": c.kind, **c.describe()} for c in controls]
    code = f"{json.dumps(states)}.map((state) => explorer.stateKey(state, {json.dumps(described)}))"
    assert javascript(code) == expected


# -- moving one share of a distribution, which only the browser does ------------------------------


def rescaled(anchor, index, target, total, minimum):
    """The rule in exact arithmetic: proportional shares, largest remainders first."""
    others = [i for i in range(len(anchor)) if i != index]
    chosen = min(max(target, minimum), total - minimum * len(others))
    free = total - chosen - minimum * len(others)
    weights = {i: anchor[i] - minimum for i in others}
    if sum(weights.values()) == 0:
        weights = dict.fromkeys(others, 1)
    exact = {i: Fraction(free * weights[i], sum(weights.values())) for i in others}
    shares = {i: minimum + exact[i].__floor__() for i in others} | {index: chosen}
    by_remainder = sorted(others, key=lambda i: (-(exact[i] - exact[i].__floor__()), i))
    for i in by_remainder[: total - sum(shares.values())]:
        shares[i] += 1
    return [shares[i] for i in range(len(anchor))]


def some_moves(count):
    random = np.random.default_rng(0)
    for _ in range(count):
        minimum = int(random.integers(0, 3))
        anchor = (random.integers(0, 40, size=random.integers(2, 7)) + minimum).tolist()
        anchor[0] += 1  # at least one share can move
        target = int(random.integers(-5, sum(anchor) + 6))
        yield anchor, int(random.integers(len(anchor))), target, sum(anchor), minimum


def test_the_browser_moves_one_share_and_rescales_the_others(javascript):
    moves = list(some_moves(2000))
    answers = javascript(f"{json.dumps(moves)}.map((move) => explorer.rescale(...move))")
    for (anchor, index, target, total, minimum), shares in zip(moves, answers, strict=True):
        assert sum(shares) == total
        assert min(shares) >= minimum
        assert shares == rescaled(anchor, index, target, total, minimum)


def test_going_back_restores_the_other_shares(javascript):
    anchor = [80, 60, 40, 20]
    assert javascript(f"explorer.rescale({anchor}, 0, 80, 200, 0)") == anchor


def test_steps_with_names_need_one_each():
    slider = Slider("year", "Year", 0, 2, 1, start=1, names=("1801", "1802", "1803"))
    assert slider.describe()["names"] == ["1801", "1802", "1803"]
    with pytest.raises(ValueError, match="2 names for 3 steps"):
        Slider("year", "Year", 0, 2, 1, start=1, names=("1801", "1802"))
