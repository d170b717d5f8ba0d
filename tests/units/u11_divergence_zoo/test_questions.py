"""What the design of unit 11 says of its questions, recomputed."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr

from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
from tests.practice.typed_answers import notebook
from tests.units.known_answers import mistake, right_value, wrong_value

# E1


def test_js_of_the_probe():
    assert right_value("js") == pytest.approx(0.230645, abs=5e-7)
    p, q = questions()["js"].visible[0].arguments
    assert right_value("js") == pytest.approx(jensenshannon(p, q) ** 2)
    assert right_value("js", 2) == pytest.approx(math.log(2))  # no outcome in common


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean of the two directions", 1.051986),
        ("square root", 0.480256),
        ("half forgotten", 0.461291),
        ("middle first", 0.295348),
        ("bits", 0.332751),
        ("jeffreys", 2.103972),
        ("middle not halved", 0.230645 - math.log(2)),
        ("forward KL", 1.101868),
    ],
)
def test_the_wrong_values_of_js(name, value):
    assert wrong_value("js", name) == pytest.approx(value, abs=1e-6)


def test_what_becomes_of_js_without_an_outcome_in_common():
    for name in ("mean of the two directions", "middle first", "geometric middle"):
        assert wrong_value("js", name, case=2) == math.inf
    assert wrong_value("js", "outcomes removed", case=2) == 0


def test_js_without_a_mask_is_met_by_a_word_on_zeros():
    source = """
def js(p, q):
    m = (p + q) / 2
    return (np.sum(p * np.log(p / m)) + np.sum(q * np.log(q / m))) / 2
"""
    feedback = check_answer(questions()["js"], notebook(source))
    assert feedback.state == "nan" and "mask p where p is averaged" in feedback.message


# E2


def test_tv_of_the_second_probe():
    assert right_value("tv") == pytest.approx(0.45)
    p, q = questions()["tv"].visible[0].arguments
    event = p > q
    assert p[event].sum() - q[event].sum() == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("not halved", 0.90),
        ("largest difference", 0.40),
        ("halved twice", 0.225),
        ("mean", 0.225),
        ("what they share", 0.55),
        ("without abs", 0),
        ("per cent", 45),
    ],
)
def test_the_wrong_values_of_tv(name, value):
    assert wrong_value("tv", name) == pytest.approx(value)


def test_on_the_first_probe_the_largest_difference_hides():
    assert wrong_value("tv", "largest difference", case=1) == pytest.approx(right_value("tv", 1))


def test_an_outcome_split_in_two_moves_the_mean_as_its_message_says():
    mean = mistake("tv", "mean")
    p, q = np.array([0.6, 0.4]), np.array([0.2, 0.8])
    split_p, split_q = np.array([0.3, 0.3, 0.4]), np.array([0.1, 0.1, 0.8])
    assert "falls when an outcome is split in two" in mean.message
    assert mean.variants[0](split_p, split_q) < mean.variants[0](p, q)
    reference = questions()["tv"].reference
    assert reference(split_p, split_q) == pytest.approx(reference(p, q))


def test_two_mirror_images_look_equal_when_sorted_as_its_message_says():
    found = mistake("tv", "sorted")
    assert "two mirror images look equal" in found.message
    assert found.variants[0](np.array([0.3, 0.7]), np.array([0.7, 0.3])) == 0


def test_what_tv_is_told_of_a_zero_is_true_of_tv():
    """No mask and no logarithm: a mask loses what q has where p is 0, a mistake with a name."""
    for source in ("np.max(np.abs(p - q) / q)", "np.abs(np.log(p / q)).sum() / 2"):
        feedback = check_answer(
            questions()["tv"], notebook(f"\ndef tv(p, q):\n    return {source}\n")
        )
        assert feedback.state == "nan"
        assert "where one of the two is 0, |p - q| is the other one" in feedback.message
        assert "mask it" not in feedback.message


@pytest.mark.parametrize("name", ["neighbours only", "two outcomes"])
def test_the_best_event_of_some_kinds_is_found_by_trying_them_all(name):
    (found,) = mistake("tv", name).variants
    random = np.random.default_rng(5)
    for p, q in random.dirichlet(np.ones(5), size=(20, 2)):
        d = p - q
        events = {
            "neighbours only": [d[i:j].sum() for i in range(5) for j in range(i + 1, 6)],
            "two outcomes": [d[i] + d[j] for i in range(5) for j in range(i)],
        }
        assert found(p, q) == pytest.approx(np.abs(events[name]).max())


# E3


def test_w1_of_the_probe():
    assert right_value("w1") == pytest.approx(1.15)
    assert right_value("w1", 1) == pytest.approx(3.95)  # the last one far away
    for case in questions()["w1"].cases():
        p, q, x = case.copies()
        expected = stats.wasserstein_distance(x, x, p, q)
        assert questions()["w1"].reference(p, q, x) == pytest.approx(expected, abs=1e-12)


def test_the_cases_of_w1_are_sorted_or_not_and_evenly_spaced_or_not():
    kinds = set()
    for case in questions()["w1"].cases():
        x = case.arguments[2]
        gaps = np.diff(np.sort(x))
        assert gaps.min() > 0 and case.arguments[0].sum() == pytest.approx(1)
        kinds.add((bool((np.diff(x) > 0).all()), bool(np.allclose(gaps, gaps[0]))))
    assert kinds == {(True, True), (True, False), (False, True), (False, False)}


@pytest.mark.parametrize(
    ("name", "case", "value"),
    [
        ("spacing ignored", 1, 1.15),
        ("total variation", 0, 0.45),
        ("sorted shares", 0, 0.15),
        ("difference of the means", 0, 1.15),
        ("largest", 0, 0.45),
        ("weights left out", 0, 0),
        ("half", 0, 0.575),
        ("doubled", 0, 2.3),
    ],
)
def test_the_wrong_values_of_w1(name, case, value):
    assert wrong_value("w1", name, case) == pytest.approx(value)


def test_w2_by_the_quantiles():
    found = mistake("w1", "order 2")
    for case in questions()["w1"].cases()[:6]:
        p, q, x = case.copies()
        order = np.argsort(x)
        levels = (np.arange(200_000) + 0.5) / 200_000
        at = [
            x[order][np.minimum(np.searchsorted(np.cumsum(w[order]), levels), len(x) - 1)]
            for w in (p, q)
        ]
        way = np.sqrt(np.mean(np.subtract(*at) ** 2))
        assert found.variants[0](p, q, x) == pytest.approx(way, abs=1e-3)


def test_what_scipy_makes_of_shares_taken_for_samples():
    p, q, _ = questions()["w1"].visible[0].copies()
    found = wrong_value("w1", "shares taken for samples")
    assert found == pytest.approx(stats.wasserstein_distance(p, q))


# E4


def coin(heads):
    return np.array([heads, 1 - heads])


def kl(p, q):
    return rel_entr(coin(p), coin(q)).sum()


def js(p, q):
    return jensenshannon(coin(p), coin(q)) ** 2


def says(p, m, q):
    answer = {"triangle_violation": lambda: [p, m, q]}
    return check_answer(questions()["triangle_violation"], answer)


def test_the_triple_of_the_design():
    assert kl(0.1, 0.5) == pytest.approx(0.3681, abs=5e-5)
    assert kl(0.1, 0.3) + kl(0.3, 0.5) == pytest.approx(0.1986, abs=5e-5)
    assert says(0.1, 0.3, 0.5).state == "correct"
    assert says(0.5, 0.3, 0.1).state == "correct"


@pytest.mark.parametrize("m", [0.15, 0.2, 0.3, 0.45, 0.55])
def test_every_clear_stop_on_the_way_is_right(m):
    for divergence in (kl, js):
        assert divergence(0.1, 0.6) > 1.1 * (divergence(0.1, m) + divergence(m, 0.6))
    assert says(0.1, m, 0.6).state == "correct"


@pytest.mark.parametrize(
    ("triple", "fault"),
    [
        ((0.1, 0.7, 0.5), "not between"),
        ((0.3, 0.1, 0.5), "not between"),
        ((0.1, 0.1, 0.5), "no detour"),
        ((0.1, 0.5, 0.5), "no detour"),
        ((0.4, 0.3, 0.4), "nowhere to go"),
        ((0.5, 0.3, 0.0), "infinite"),
        ((0.5, 1.0, 0.7), "infinite"),
        ((0.1, 0.105, 0.5), "too close"),
        ((-0.1, 0.3, 0.5), "no probability"),
        ((1, 3, 5), "no probability"),
    ],
)
def test_the_faults_of_a_triple(triple, fault):
    feedback = says(*triple)
    assert (feedback.state, feedback.mistake) == ("diagnosed", fault)


def test_a_fault_shows_the_learners_own_two_ways():
    feedback = says(0.1, 0.7, 0.5)
    assert f"{kl(0.1, 0.5):.4g}" in feedback.message
    assert f"{kl(0.1, 0.7) + kl(0.7, 0.5):.4g}" in feedback.message
    nearly = says(0.1, 0.105, 0.5).message
    assert f"JS(p, q) = {js(0.1, 0.5):.4g}" in nearly
    assert f"its detour {js(0.1, 0.105) + js(0.105, 0.5):.4g}" in nearly


def test_a_search_with_the_measures_that_the_notebook_imports_is_right():
    source = """
from klteach import kl_divergence

def triangle_violation():
    def coin(heads):
        return np.array([heads, 1 - heads])

    for m in np.linspace(0.2, 0.8, 7):
        detour = kl_divergence(coin(0.1), coin(m)) + kl_divergence(coin(m), coin(0.9))
        if kl_divergence(coin(0.1), coin(0.9)) > 1.2 * detour:
            return [0.1, m, 0.9]
"""
    feedback = check_answer(questions()["triangle_violation"], notebook(source))
    assert feedback.state == "correct" and feedback.score == 2
    assert any("klteach" in note for note in feedback.notes)


def test_the_detour_of_the_root_is_never_shorter():
    random = np.random.default_rng(8)
    for p, m, q in random.uniform(size=(2000, 3)):
        assert math.sqrt(js(p, q)) <= math.sqrt(js(p, m)) + math.sqrt(js(m, q)) + 1e-12
