"""What the quiz items of unit 08 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def cut_keeps(cut, p, q):
    """KL of two cells, P and Q given by their means."""
    a, b = stats.norm.cdf(cut, p), stats.norm.cdf(cut, q)
    return special.rel_entr([a, 1 - a], [b, 1 - b]).sum()


# Predictions


def test_two_summaries_of_the_same_rows_may_differ_in_either_direction():
    """Rows (brightness, content): one summary sees the one, the other sees both."""
    assert right("08-embedding") == "0.30 nats or more"
    assert "At least 0.30 nats" in PREDICTIONS["08-embedding"].reveal
    # brightness hardly differs, the content does; both made from the same pairs
    brightness = [np.array([0.5, 0.5]), np.array([0.6, 0.4])]
    content = [np.array([0.8, 0.2]), np.array([0.45, 0.55])]
    rows = [np.outer(b, c).ravel() for b, c in zip(brightness, content, strict=True)]
    small, large = (special.rel_entr(*pair).sum() for pair in (brightness, content))
    assert small < 0.03 and large > 0.2
    assert special.rel_entr(*rows).sum() == pytest.approx(small + large)  # more than either
    says = options("08-embedding")["summary-adds-divergence"].text
    assert f"{0.30 - 0.02:.2f} were added" in says


def test_the_best_cut_stands_on_the_left_of_the_crossing():
    assert right("08-cut").startswith("one to the left of ½")
    cuts = np.linspace(-4, 5, 90_001)
    a, b = stats.norm.cdf(cuts), stats.norm.cdf(cuts - 1)
    forward = special.rel_entr(a, b) + special.rel_entr(1 - a, 1 - b)
    reverse = special.rel_entr(b, a) + special.rel_entr(1 - b, 1 - a)
    best, mirror = cuts[forward.argmax()], cuts[reverse.argmax()]
    reveal = PREDICTIONS["08-cut"].reveal
    assert f"at {best:.3f} the cut keeps {forward.max():.3f} nats" in reveal
    assert f"at ½ {cut_keeps(0.5, 0, 1):.3f}" in reveal
    assert f"the mirror image, at {mirror:.3f}" in reveal
    assert cuts[np.argmax(a - b)] == pytest.approx(0.5)
    assert cuts[np.argmax(forward + reverse)] == pytest.approx(0.5)
    says = options("08-cut")[RIGHT].says
    assert f"at {best:.3f} and keeps {forward.max():.3f} nats" in says
    assert f"keeps {cut_keeps(0.5, 0, 1):.3f}" in says
    assert cut_keeps(-3.5, 0, 1) < 0.001  # far out on the left hardly anything is kept


def test_the_number_of_heads_keeps_all():
    assert right("08-heads") == "all of it"
    heads = np.arange(101)
    counted = special.rel_entr(stats.binom.pmf(heads, 100, 0.5), stats.binom.pmf(heads, 100, 0.8))
    one = special.rel_entr([0.5, 0.5], [0.8, 0.2]).sum()
    assert counted.sum() == pytest.approx(100 * one)


# Review questions


def test_a_histogram_has_from_nothing_to_all():
    for (rows, *_), answers in variants("08-impossible"):
        assert answers["quiet-is-equal"].text == "0"
        assert answers["summary-always-loses"].text == f"{rows:.2f} nats, all of it"
        assert float(answers[RIGHT].text.split()[0]) == pytest.approx(1.5 * rows)
    # 0 is possible: the difference lies inside the cells
    p, q = np.array([0.4, 0.1, 0.1, 0.4]), np.array([0.1, 0.4, 0.4, 0.1])
    cells = [x.reshape(2, 2).sum(axis=1) for x in (p, q)]
    assert special.rel_entr(*cells).sum() == pytest.approx(0)
    assert special.rel_entr(p, q).sum() > 0.5


def test_cells_are_a_lower_bound():
    for (cells, *_), answers in variants("08-alarm"):
        assert answers[RIGHT].text == f"it is at least {cells:.2f} nats"
        assert answers["cells-bound-the-rows"].text == f"it is at most {cells:.2f} nats"
    # ten cells in the wrong places: all beyond four standard deviations
    edges = np.concatenate([[-np.inf], np.linspace(4, 5, 9), [np.inf]])
    p, q = (np.diff(stats.norm.cdf(edges, mean)) for mean in (0, 1))
    assert special.rel_entr(p, q).sum() < 0.01 * 0.5
    random = np.random.default_rng(1)
    for p, q in random.dirichlet(np.ones(12), (300, 2)):
        merged = [x.reshape(4, 3).sum(axis=1) for x in (p, q)]
        assert special.rel_entr(*merged).sum() <= special.rel_entr(p, q).sum() + 1e-12


def test_noise_for_both_alike_brings_them_nearer():
    for (percent, *_), answers in variants("08-noise"):
        assert answers[RIGHT].text == "it falls, or stays if it was 0"
        noise = percent / 100
        for p, q in np.random.default_rng(2).dirichlet(np.ones(4), (50, 2)):
            after = [(1 - noise) * x + noise / 4 for x in (p, q)]
            assert special.rel_entr(*after).sum() < special.rel_entr(p, q).sum()


def test_quiet_cells_say_nothing_of_what_is_inside():
    assert right("08-quiet") == "nothing about what goes on inside the cells"
    # ten cells of two halves; P and Q take another half in each: equal shares, nothing in common
    p, q = np.tile([0.1, 0], 10), np.tile([0, 0.1], 10)
    assert p.reshape(10, 2).sum(axis=1) == pytest.approx(q.reshape(10, 2).sum(axis=1))
    assert special.rel_entr(p, q).sum() == math.inf > math.log(10)


def test_merging_turns_infinite_into_finite():
    assert right("08-finite").startswith("finite")
    p, q = np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.5, 0.0])
    assert special.rel_entr(p, q).sum() == math.inf
    merged = [np.array([x[0], x[1] + x[2]]) for x in (p, q)]
    assert math.isfinite(special.rel_entr(*merged).sum())


def test_more_than_ten_heads_is_not_sufficient():
    assert right("08-sufficient") == "whether there were more than ten heads"
    heads = np.arange(21)
    for first, second in ((0.5, 0.8), (0.3, 0.6), (0.5, 0.2)):
        p, q = (stats.binom.pmf(heads, 20, side) for side in (first, second))
        many = [np.array([x[heads > 10].sum(), x[heads <= 10].sum()]) for x in (p, q)]
        whole = 20 * special.rel_entr([first, 1 - first], [second, 1 - second]).sum()
        assert special.rel_entr(p, q).sum() == pytest.approx(whole)
        assert special.rel_entr(*many).sum() < 0.9 * whole


def test_the_best_cut_for_the_other_direction_is_the_mirror_image():
    assert right("08-direction") == "no: it is the mirror image that is"
    assert options("08-direction")[RIGHT].says == "0.206 for the one, 0.794 for the other."
    assert 0.206 + 0.794 == 1
    assert cut_keeps(0.206, 0, 1) == pytest.approx(cut_keeps(0.794, 1, 0))
    assert cut_keeps(0.206, 0, 1) > cut_keeps(0.794, 0, 1)
    assert "0.5 nats each" in options("08-direction")["one-summary-for-both"].says
