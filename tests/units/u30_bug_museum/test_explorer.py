"""The picture of unit 30: every light of every pair of coins, by a second route."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial import distance

from klteach.units.u30_bug_museum import explorer as unit_30
from tests.units.states import readout, state_of


@pytest.fixture(scope="module")
def lights():
    explorer = unit_30.property_lights()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_30._update(state)


def kl(p, q):
    return special.rel_entr(p, q).sum()


def js(p, q):
    return distance.jensenshannon(p, q) ** 2


def padded(p, q, eps):
    if any(a > eps > b for a, b in zip(p, q, strict=True)):
        return math.inf
    return sum(a * math.log(a / (b + eps)) for a, b in zip(p, q, strict=True) if a > 0)


def filled(p, q, eps):
    p, q = ([share or eps for share in side] for side in (p, q))
    return sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))


def one_side(p, q):
    return math.sqrt(sum((a**0.5 - b**0.5) ** 2 for a, b in zip(p, q, strict=True) if a > 0) / 2)


def ratio_only(p, q):
    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        return math.inf
    return sum(a * a / b for a, b in zip(p, q, strict=True) if a > 0)


def roots(p, q):
    return np.linalg.norm(np.sqrt(p) - np.sqrt(q))


# published and right, by SciPy or by loops
VALUES = {
    "B4": (lambda p, q: padded(p, q, 1e-10), kl),
    "B9": (lambda p, q: (kl(p, q) + kl(q, p)) / 2, js),
    "B10": (ratio_only, kl),
    "B16": (lambda p, q: filled(p, q, 1e-4), lambda p, q: kl(p, q) + kl(q, p)),
    "B17": (kl, lambda p, q: 2 * kl(p, q)),
    "B18": (js, distance.jensenshannon),
    "B23": (lambda p, q: roots(p, q) / 2, lambda p, q: roots(p, q) ** 2 / 2),
    "B24": (one_side, lambda p, q: roots(p, q) / math.sqrt(2)),
    "B28": (
        lambda p, q: stats.wasserstein_distance(p, q),
        lambda p, q: stats.wasserstein_distance([0, 1], [0, 1], p, q),
    ),
}


def pair_of(raw):
    return np.array([raw["p"], 1 - raw["p"]]), np.array([raw["q"], 1 - raw["q"]])


def name_of(raw):
    return unit_30.SHOWN[raw["exhibit"]].name.split()[0]


def test_every_state_says_what_was_published_and_what_is_right(lights):
    _, raws, _, frame = lights
    assert len(raws) == 9 * 21 * 21
    value, right, _ = values_of(raws)
    for row, raw in enumerate(raws):
        published, truth = (f(*pair_of(raw)) for f in VALUES[name_of(raw)])
        assert value[row] == pytest.approx(published, rel=1e-9, abs=1e-12)
        # a root of JS near 0 is a root of rounding
        assert right[row] == pytest.approx(truth, rel=1e-9, abs=1e-7, nan_ok=True)
    assert frame.readouts[0].strings == [unit_30._value(x) for x in value]
    assert frame.readouts[1].strings == [unit_30._value(x) for x in right]


def values_of(raws):
    seen = unit_30._all()
    place = tuple(
        np.array(column)
        for column in zip(
            *(
                (raw["exhibit"], round(raw["p"] / unit_30.STEP), round(raw["q"] / unit_30.STEP))
                for raw in raws
            ),
            strict=True,
        )
    )
    return seen.value[place], seen.right[place], seen.broken[place]


def where(name, light):
    """The pairs of coins at which a light is red, as a set of twentieths."""
    index = next(i for i, shown in enumerate(unit_30.SHOWN) if shown.name.startswith(name + " "))
    red = unit_30._all().broken[index, ..., light]
    return set(zip(*np.nonzero(red), strict=True))


SQUARE = set(product(range(21), repeat=2))


def test_the_lights_of_b4_are_red_on_the_diagonal_only():
    diagonal = {(i, i) for i in range(21)}
    assert where("B4", unit_30.NEGATIVE) == where("B4", unit_30.EQUAL) == diagonal
    assert not where("B4", unit_30.INFINITE) | where("B4", unit_30.TOSSES)


def test_b16_is_red_on_the_edges():
    edges = {(i, j) for i, j in SQUARE if {i, j} & {0, 20} and i != j}
    assert where("B16", unit_30.INFINITE) == where("B16", unit_30.EPSILON) == edges


def test_b9_is_red_above_log_2():
    found = where("B9", unit_30.BOUND)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = {
            (i, j)
            for i, j in SQUARE
            if VALUES["B9"][0](*pair_of({"p": i / 20, "q": j / 20})) > math.log(2)
        }
    assert found == expected and len(found) == 150


def test_b28_sees_no_mirror_image():
    assert where("B28", unit_30.EQUAL) == {(i, 20 - i) for i in range(21) if i != 10}


def test_b24_needs_a_zero():
    found = where("B24", unit_30.SYMMETRY) | where("B24", unit_30.BOUND)
    edges = {(i, j) for i, j in SQUARE if {i, j} & {0, 20} and i != j}
    assert found == edges


def test_b23_is_red_in_two_corners_only():
    assert where("B23", unit_30.BOUND) == {(0, 20), (20, 0)}


def test_js_breaks_the_triangle_wherever_the_coins_differ():
    assert where("B18", unit_30.TRIANGLE) == {(i, j) for i, j in SQUARE if i != j}
    p, q = np.array([0.2, 0.8]), np.array([0.9, 0.1])
    middle = (p + q) / 2
    assert js(p, q) > js(p, middle) + js(middle, q)
    assert distance.jensenshannon(p, q) < sum(
        distance.jensenshannon(a, b) for a, b in ((p, middle), (middle, q))
    )


def test_a_mean_over_tosses_is_red_wherever_there_is_something_to_add():
    zero_or_infinite = {(i, j) for i, j in SQUARE if i == j or (j in (0, 20) and i != j)}
    assert where("B17", unit_30.TOSSES) == SQUARE - zero_or_infinite


def test_a_light_is_a_ring_a_square_or_nothing(lights):
    _, raws, _, frame = lights
    broken = values_of(raws)[2]
    promised = np.array([[n in unit_30.SHOWN[raw["exhibit"]].promised for n in range(8)]
                         for raw in raws])  # fmt: skip
    for name, shown in (("broken", broken), ("crosses", broken), ("holds", promised & ~broken)):
        size = np.ptp(frame.shapes[name][..., 1], axis=-1)
        np.testing.assert_array_equal(size > 0, shown)
    np.testing.assert_array_equal(frame.table.columns["broken"], broken)
    np.testing.assert_array_equal(frame.table.columns["promised"], promised)
    assert not (broken & ~promised).any()


def test_the_sentence_names_the_red_lights(lights):
    _, raws, _, frame = lights
    for text, raw, broken in zip(frame.sentence, raws, values_of(raws)[2], strict=True):
        assert text.startswith(name_of(raw) + " gives")
        for name, red in zip(unit_30.LIGHTS, broken, strict=True):
            assert (f"“{name}”" in text) == red
    np.testing.assert_array_equal(readout(frame, "red lights"), values_of(raws)[2].sum(axis=1))


def test_the_share_of_pairs_is_counted(lights):
    _, raws, _, frame = lights
    broken = values_of(raws)[2].any(axis=1)
    exhibit = np.array([raw["exhibit"] for raw in raws])
    for index in range(len(unit_30.SHOWN)):
        share = readout(frame, "pairs of coins with one")[exhibit == index]
        assert share == pytest.approx(100 * broken[exhibit == index].mean())


def test_the_tasks_are_done_where_they_say_so(lights):
    _, raws, _, frame = lights
    value, _, broken = values_of(raws)
    below, ninth, hellinger, mirror = (task.reached for task in frame.tasks)
    for row, raw in enumerate(raws):
        name = name_of(raw)
        assert below[row] == (name == "B4" and value[row] < 0)
        assert ninth[row] == (name == "B9" and broken[row].any())
        assert hellinger[row] == (name == "B24" and broken[row].any())
        equal = raw["p"] == raw["q"]
        assert mirror[row] == (name == "B28" and not equal and abs(value[row]) < 1e-9)


def test_the_start_answers_no_prediction(lights):
    assert "no light is red" in repr(lights[0]) and "B4" in repr(lights[0])


@pytest.mark.parametrize(
    ("value", "text"),
    [(-2e-10, "−2·10⁻¹⁰"), (0.0, "0.000"), (1.0986, "1.099"), (math.inf, "∞")],
)
def test_a_tiny_value_is_written_with_a_power(value, text):
    assert unit_30._value(value) == text
