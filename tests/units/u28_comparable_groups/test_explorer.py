"""The picture of unit 28: who is in which arm, PSI and bands, by a second route."""

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u28_comparable_groups import explorer as unit_28
from klteach.units.u28_comparable_groups.people import people
from tests.units.states import margins_hold, readout, state_of


@pytest.fixture(scope="module")
def plot():
    raws, state = state_of(unit_28.love_plot())
    return raws, state, unit_28._update(state)


def arms(raw):
    """Who joins P: the person's own draw against the chance at that age."""
    size = unit_28.SIZES[raw["people"]]
    uniform = np.random.default_rng([unit_28.SEED, raw["toss"] - 1]).random(40000)[:size]
    return uniform < 0.5 + raw["lean"] / 100 * people().age_rank[:size]


def psi_and_edge(raw, name):
    in_p = arms(raw)
    values = people().cells[name][: len(in_p)]
    sides = [np.bincount(values[rows], minlength=values.max() + 1) + 0.5 for rows in (in_p, ~in_p)]
    p, q = (side / side.sum() for side in sides)
    psi = special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()
    rate = 0.05 if raw["rule"] == 0 else 0.05 / 11
    whole = people().cells[name].max()  # cells less one
    return psi, stats.chi2.isf(rate, whole) * (1 / in_p.sum() + 1 / (~in_p).sum())


def test_every_covariate_lies_where_a_count_of_its_people_puts_it(plot):
    raws, _, frame = plot
    names = list(people().cells)
    for i in np.random.default_rng(0).choice(len(raws), 60, replace=False):
        found = np.array([psi_and_edge(raws[i], name) for name in names])
        np.testing.assert_allclose(frame.table.columns["PSI"][i], found[:, 0], rtol=1e-9)
        np.testing.assert_allclose(frame.table.columns["band ends at"][i], found[:, 1], rtol=1e-9)
        outside = found[:, 0] > found[:, 1]
        assert readout(frame, "outside their bands, of 11")[i] == outside.sum()
        assert readout(frame, "largest PSI")[i] == pytest.approx(found[:, 0].max())
        in_p = arms(raws[i])
        assert f"{in_p.sum():,} and {(~in_p).sum():,}" in [n.texts()[i] for n in frame.readouts]
        split = stats.power_divergence([in_p.sum(), (~in_p).sum()], lambda_=0).pvalue
        assert readout(frame, "p of the split")[i] == pytest.approx(split)
        # a diamond has its size in one of the two groups, and none in the other
        for shape, there in (("outside", outside), ("inside", ~outside)):
            corners = frame.shapes[shape][i]
            assert ((np.ptp(corners[..., 1], axis=-1) > 0) == there).all()


def test_the_bands_end_where_the_table_says(plot):
    _, _, frame = plot
    right = frame.shapes["bands"][..., 0].max(axis=-1)
    np.testing.assert_allclose(right, frame.table.columns["band ends at"])
    assert (right < unit_28.MOST).all()


def test_what_holds_in_every_state(plot):
    margins_hold(plot[2])


def test_a_sentence_for_every_kind_of_state(plot):
    raws, _, frame = plot
    out = readout(frame, "outside their bands, of 11")
    for raw, count, sentence in zip(raws, out, frame.sentence, strict=True):
        assert sentence.startswith("A coin decides") == (raw["lean"] == 0)
        assert ("all eleven covariates stay" in sentence) == (count == 0)
        assert ("1 of 11 covariates leaves" in sentence) == (count == 1)


def test_the_tasks_can_be_done_in_more_than_one_way(plot):
    raws, _, frame = plot
    for task in frame.tasks:
        assert 20 < task.reached.sum() < len(raws) / 2
    coin, choice = (np.flatnonzero(task.reached) for task in frame.tasks)
    assert {raws[i]["lean"] for i in coin} == {0}
    assert 0 not in {raws[i]["lean"] for i in choice}


def shares_outside(lean, size, rule=0):
    """For each covariate in how many of the 20 tosses it leaves its band."""
    size = unit_28.SIZES.index(size)
    seen = unit_28.compared()
    place = list(unit_28.LEANS).index(lean)
    return dict(zip(seen.names, (seen.psi > seen.edges[..., rule])[size, :, place].mean(axis=0),
                    strict=True))  # fmt: skip


def test_what_the_lesson_says_of_the_picture():
    # "age leaves its band, and what hangs together with age follows ... Sex hardly moves."
    choosing = shares_outside(20, 4000)
    assert min(choosing[name] for name in ("age", "marital status", "household role")) == 1
    assert choosing["hearing"] > 0.8
    assert choosing["sex"] < 0.2
    # "With 400 people a choice hides behind it; with 40,000 a leaning of two points is usually
    # seen."
    assert np.mean(list(shares_outside(10, 400).values())) < 0.2
    assert shares_outside(2, 40000)["age"] > 0.5
    # "Which handle helps most?" The number of people.
    seen = unit_28.compared()
    hidden = (seen.psi <= seen.edges[..., 0]).all(axis=-1)[:, :, 1:]  # sizes, tosses, leans
    assert hidden[0].sum() > 5 * hidden[1].sum() > 0
    # "The sizes of the arms do not notice anything"
    even = np.abs(seen.n / (seen.n + seen.m) - 0.5) * 2 * np.sqrt(seen.n + seen.m)
    assert np.mean(even[:, :, -1] > 1.96) < 0.15
