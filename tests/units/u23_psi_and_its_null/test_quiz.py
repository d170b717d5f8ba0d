"""What the quiz items of unit 23 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.data import footfall
from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def psi(p, q):
    return (special.rel_entr(p, q) + special.rel_entr(q, p)).sum(axis=-1)


def drawn(n, shares, others, draws, seed, alpha=0.5):
    """PSI of two samples of n rows, with half a row added to each cell."""
    random = np.random.default_rng(seed)
    sides = [random.multinomial(n, side, draws) + alpha for side in (shares, others)]
    return psi(*(side / side.sum(axis=1, keepdims=True) for side in sides))


def shifted(shift, cells):
    edges = stats.norm.ppf(np.arange(cells + 1) / cells)
    return np.diff(stats.norm.cdf(edges - shift))


def even(cells):
    return np.full(cells, 1 / cells)


def line(n, cells):
    return 2 / n * stats.chi2.isf(0.05, cells - 1)


@pytest.fixture(scope="module")
def street():
    data = footfall()
    people = data.counts[:, data.sensors.index("45 Queen Street")]
    year = people[data.time.astype("datetime64[Y]") == np.datetime64("2019")]
    start, end = np.datetime64("2020-03-26"), np.datetime64("2020-04-28")
    return year, people[(data.time >= start) & (data.time < end)]


# Predictions


def test_how_often_the_custom_alarms_without_drift():
    item = PREDICTIONS["23-null"]
    shares = {cells: (drawn(200, even(cells), even(cells), 100_000, cells) > 0.1).mean()
              for cells in (5, 10, 20)}  # fmt: skip
    plain = drawn(200, even(10), even(10), 100_000, 10, alpha=0)
    by_law = stats.chi2.sf(0.1 / (2 / 200), 9)
    assert item.answers.truth == pytest.approx(100 * by_law, abs=0.6)
    assert f"About {100 * by_law:.0f} of 100." in item.reveal
    assert (
        f"Simulated it is {100 * (plain > 0.1).mean():.0f} of 100 for the plain shares, and "
        f"{100 * shares[10]:.0f} if half a row is added" in item.reveal
    )
    assert "With 20 cells more than 90 of 100" in item.reveal and 0.9 < shares[20] < 0.95
    assert f"with 5 cells about {100 * shares[5]:.0f}." in item.reveal
    assert (
        f"{9 * 2 / 200:.2f} on average, {100 * by_law:.0f} % lie above 0.1, and 5 % above "
        f"{line(200, 10):.3f}" in item.reveal
    )
    assert "χ² with 9 degrees" in item.reveal
    found = drawn(200, even(10), even(10), 100_000, 1)
    assert f"{found.mean():.2f} on average" in options_of_bands("same-law-is-zero").says
    assert f"{found.mean():.2f} on average" in options_of_bands("few-rows-always-alarm").says
    assert (found < 0.1).mean() > 0.5


def options_of_bands(code):
    return next(b for b in PREDICTIONS["23-null"].answers.bands if b.code == code)


@pytest.mark.parametrize(
    ("answer", "code"),
    [(33, RIGHT), (37, RIGHT), (26, RIGHT), (44, RIGHT), (5, "cutoff-means-five-percent"),
     (0, "same-law-is-zero"), (10, "same-law-is-zero"), (50, "few-rows-always-alarm"),
     (100, "few-rows-always-alarm")],
)  # fmt: skip
def test_which_belief_an_answer_stands_for(answer, code):
    assert PREDICTIONS["23-null"].answers.judge(answer).code == code


def test_the_custom_sleeps_through_a_small_shift():
    item, said = PREDICTIONS["23-asleep"], options("23-asleep")
    n = 100_000
    found = drawn(n, shifted(0.1, 10), even(10), 3000, 2)
    assert f"PSI is {found.mean():.4f}, give or take {found.std():.3f}" in item.reveal
    assert f"{line(n, 10):.5f}" in item.reveal and "0.00034" in item.reveal
    assert found.max() < 0.02 and found.min() > line(n, 10)
    assert right("23-asleep").endswith(f"PSI is about {found.mean():.2f}")
    assert f"that is {found.mean() / line(n, 10):.0f} times the line" in said[RIGHT].says
    noise = drawn(n, even(10), even(10), 3000, 3).mean()
    assert f"noise makes {noise:.4f}" in said["small-psi-is-noise"].says
    assert found.mean() / noise == pytest.approx(50, abs=8)  # "fifty times as large"
    # "a tenth of a standard deviation makes a tenth of that"
    assert psi(shifted(0.1, 10), even(10)) == pytest.approx(0.1 / 10, abs=0.001)


def test_own_deciles_agree_whatever_happened(street):
    year, closed = street
    item = PREDICTIONS["23-refit"]
    ordered = np.sort(year)
    edges = ordered[[math.ceil(len(year) * k / 10) - 1 for k in range(1, 10)]]

    def shares(values, edges, alpha=0.5):
        cells = sum((values[:, None] >= edges).astype(int).T)
        counts = np.bincount(cells, minlength=10) + alpha
        return counts / counts.sum()

    locked = psi(shares(closed, edges), shares(year, edges))
    assert f"PSI {locked:.2f}" in item.text
    own = [shares(x, np.quantile(x, np.arange(1, 10) / 10), 0) for x in (closed, year)]
    assert item.reveal.startswith(f"{psi(*own):.3f}. ")
    assert right("23-refit") == "near 0"
    assert f"about {locked:.1f}:" in options("23-refit")["cells-do-not-matter"].text
    assert f"about {locked / 2:.1f}:" in options("23-refit")["own-cells-halve"].text


# Review questions


def test_the_line_falls_with_the_rows():
    for (rows, _, first, many), answers in (
        ((n[0], n[1], n[2], n[-1]), a) for n, a in variants("23-more-rows")
    ):
        assert rows == 200 and f"{line(200, 10):.3f}" == "0.169" and first in (5, 0.169)
        factor = many / 200
        assert answers[RIGHT].text == f"above {0.169 / factor:.4f}"
        assert line(many, 10) == pytest.approx(0.169 / factor, rel=0.002)
        root = answers["everything-falls-like-a-root"]
        assert root.text == f"above {0.169 / math.sqrt(factor):.4f}"
        assert answers["more-rows-raise-psi"].text == f"above {0.169 * factor:.3f}"


def test_the_average_without_drift():
    for (rows, cells, *_), answers in variants("23-average"):
        found = drawn(10 * int(rows), even(int(cells)), even(int(cells)), 4000, 4).mean() * 10
        right_one = float(answers[RIGHT].text)
        assert rows == 100 and right_one == pytest.approx(found, rel=0.05)
        assert answers[RIGHT].says.endswith(f"= {cells - 1:g} · {2 / rows:g}.")
        assert answers["baseline-is-the-truth"].text == f"{right_one / 2:.2f}"


def test_a_p_value_is_never_zero():
    for (draws,), answers in variants("23-never-zero"):
        assert answers[RIGHT].text == f"1/{draws + 1:.0f}"
        assert f"1/{draws + 1:.0f}" in answers["p-needs-a-hit"].says
        assert answers["p-value-of-zero"].text == "0"


def test_percentages_make_psi_a_hundred_times_as_large():
    p, q = np.array([10.0, 90.0]), np.array([25.0, 75.0])
    assert psi(p, q) / psi(p / 100, q / 100) == pytest.approx(100)
    assert right("23-percentages") == "100 times as large"


def test_twelve_of_51_weeks_are_no_chance():
    said = options("23-windows")["rates-are-loose"].says
    assert "Of 51 weeks 5 % are two or three. Twelve" in said
    assert 2 < 51 * 0.05 < 3 and stats.binom.sf(11, 51, 0.05) < 1e-4
    assert right("23-windows").startswith("the hours of a week have something in common")


def test_mondays_against_mondays():
    """The numbers of the lesson, which its own tests recompute."""
    assert right("23-monday").startswith("hold Monday mornings against other Monday mornings")
    assert "PSI is 0.02" in options("23-monday")[RIGHT].says


def test_what_an_alarm_says():
    assert right("23-after") == "that the population of its rows moved"
