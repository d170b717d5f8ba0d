"""The picture of unit 25: who carries the divergence of two groups of addresses, in every state."""

from functools import cache

import numpy as np
import pytest
from scipy import special

from klteach.data import state_of_the_union
from klteach.units.u25_token_histograms import explorer as unit_25
from tests.units.states import readout, state_of

DATA = state_of_the_union()
PLACES = [5, 3]  # of the baselines among the groups
SMOOTHED = [("alpha", 0.5), ("alpha", 0.01), ("alpha", 5), ("eps", 1e-6), ("eps", 1e-12), None]
YEARS = [
    (1860, 1880), (1900, 1912), (1961, 1969), (1978, 1980), (1978, 1980), (1981, 2000),
    (2001, 2008), (2009, 2016), (2017, 2020), (2022, 2024), (2025, 2026),
]  # fmt: skip
FORMS = {3: "spoken", 4: "written", 5: "spoken"}


def rows_of(group):
    first, last = YEARS[group]
    here = (first <= DATA.year) & (DATA.year <= last)
    return np.flatnonzero(here & (DATA.form == FORMS[group]) if group in FORMS else here)


@cache
def vocabulary(baseline, size):
    counts = DATA.counts[rows_of(PLACES[baseline])].sum(axis=0)[:-1]
    order = np.lexsort((np.array(DATA.words), -counts))[: int(size)]
    return order, [DATA.words[place] for place in order]


@cache
def counts_of(baseline, size, rows):
    order, _ = vocabulary(baseline, size)
    counts = DATA.counts[list(rows)].sum(axis=0)
    return np.append(counts[order], counts.sum() - counts[order].sum())


def shares(counts, policy):
    kind, number = SMOOTHED[policy] or (None, 0)
    found = counts + (number if kind == "alpha" else 0)
    found = found / found.sum()
    if kind == "eps":
        found = np.where(found == 0, number, found)
    return found / found.sum()


@cache
def terms(baseline, size, way, policy, current, against):
    """The terms of each cell, by SciPy; `current` and `against` are rows of the data."""
    p, q = (shares(counts_of(baseline, size, rows), policy) for rows in (current, against))
    return special.kl_div(p, q) if way == 0 else special.kl_div(q, p)


def terms_of(raw):
    against = tuple(rows_of(PLACES[raw["baseline"]]))
    current = tuple(rows_of(raw["cohort"]))
    keys = (raw[name] for name in ("baseline", "size", "way", "policy"))
    return terms(*keys, current, against)


def floor_of(raw):
    rows = tuple(rows_of(PLACES[raw["baseline"]]))
    keys = (raw[name] for name in ("baseline", "size", "way", "policy"))
    return terms(*keys, rows[1::2], rows[::2]).sum()


@pytest.fixture(scope="module")
def moved():
    explorer = unit_25.words_that_moved()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_25._update(state)


def test_the_groups_are_what_their_names_say(moved):
    names = moved[0].spec["controls"][1]["options"]
    for group, name in enumerate(names):
        rows = rows_of(group)
        first, last = YEARS[group]
        assert name.split(" (")[0].removeprefix("Carter ") in (
            f"{first}–{last}", f"{first}–{last % 100:02d}"
        )  # fmt: skip
        if group in FORMS:
            assert f"({FORMS[group]})" in name
        if "Carter" in name:
            assert set(DATA.president[rows]) == {"Jimmy Carter"}
        assert (len(rows) == 1) == ("one address" in name)
    baselines = moved[0].spec["controls"][0]["options"]
    assert list(baselines) == [names[place] for place in PLACES]


def test_the_divergence_and_its_parts_are_those_of_scipy(moved):
    _, raws, _, frame = moved
    expected = [terms_of(raw) for raw in raws]
    kl = np.array([found.sum() for found in expected])
    np.testing.assert_allclose(readout(frame, "divergence"), kl, rtol=1e-9, atol=1e-12)
    eight = np.array([np.sort(found[:-1])[::-1][:8] for found in expected])
    np.testing.assert_allclose(frame.table.columns["adds, nats"], eight, rtol=1e-9, atol=1e-12)
    floor = np.array([floor_of(raw) for raw in raws])
    label = "the baseline's alternate addresses"
    np.testing.assert_allclose(readout(frame, label), floor, rtol=1e-9, atol=1e-12)
    assert np.isinf(kl).any() and (kl == 0).any()


def test_the_words_shown_have_the_shares_that_are_drawn(moved):
    _, raws, _, frame = moved
    words = frame.texts["words"][2]
    p, q = (frame.shapes[side][..., 0].max(axis=-1) for side in "pq")
    for row, raw in enumerate(raws):
        _, names = vocabulary(raw["baseline"], raw["size"])
        places = [names.index(word) for word in words[row]]
        assert len(set(places)) == 8
        both = [rows_of(raw["cohort"]), rows_of(PLACES[raw["baseline"]])]
        for drawn, column, rows in zip((p, q), "pq", both, strict=True):
            counts = counts_of(raw["baseline"], raw["size"], tuple(rows))
            found = shares(counts, raw["policy"])[places]
            np.testing.assert_allclose(frame.table.columns[column][row], found, atol=1e-15)
            np.testing.assert_allclose(drawn[row], np.maximum(found, unit_25.LEAST), atol=1e-12)


def test_the_bar_of_the_divergence_is_made_of_its_parts(moved):
    _, raws, _, frame = moved
    kl = np.minimum(readout(frame, "divergence"), unit_25.RIGHTMOST)
    other, eight, rest = (frame.shapes[name][:, 0, :, 0] for name in ("other", "eight", "rest"))
    np.testing.assert_allclose(other.min(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(eight.min(axis=1), other.max(axis=1), atol=1e-12)
    np.testing.assert_allclose(rest.min(axis=1), eight.max(axis=1), atol=1e-12)
    np.testing.assert_allclose(rest.max(axis=1), kl, atol=1e-12)
    carried = np.array([terms_of(raw)[-1] for raw in raws])
    within = kl < unit_25.RIGHTMOST
    np.testing.assert_allclose(other.max(axis=1)[within], carried[within], atol=1e-12)


def test_what_runs_out_of_the_picture_has_an_arrow(moved):
    _, _, _, frame = moved
    (kl,) = zip(*frame.texts["total"][2], strict=True)
    for text, nats in zip(kl, readout(frame, "divergence"), strict=True):
        assert text.endswith("→") == (nats > unit_25.RIGHTMOST)
        assert text.startswith("∞" if np.isinf(nats) else f"{nats:.3f}")
    lengths = frame.shapes["words"][..., 0].max(axis=-1)
    assert (lengths <= unit_25.LONGEST).all()
    for row, nats in zip(frame.texts["nats"][2], frame.table.columns["adds, nats"], strict=True):
        assert [text.endswith("→") for text in row] == (nats > unit_25.LONGEST).tolist()


def test_the_counts_below_the_picture(moved):
    _, raws, _, frame = moved
    n, m = readout(frame, "words in P"), readout(frame, "words in Q")
    empty = readout(frame, "cells empty on one side")
    for row, raw in enumerate(raws):
        current, against = rows_of(raw["cohort"]), rows_of(PLACES[raw["baseline"]])
        assert n[row] == DATA.counts[current].sum() and m[row] == DATA.counts[against].sum()
        counts = [
            counts_of(raw["baseline"], raw["size"], tuple(rows)) for rows in (current, against)
        ]
        assert empty[row] == np.count_nonzero((counts[0] == 0) != (counts[1] == 0))


def test_the_sentence_says_what_carries_and_when_nothing_can_be_said(moved):
    _, raws, _, frame = moved
    for row, raw in enumerate(raws):
        said, found = frame.sentence[row], terms_of(raw)
        same = raw["cohort"] == PLACES[raw["baseline"]]
        if same:
            assert said.startswith("The current data are the baseline itself")
            continue
        way = ("KL(current‖baseline)", "KL(baseline‖current)")[raw["way"]]
        assert said.startswith(f"{way} is ")
        if np.isinf(found.sum()):
            assert "infinite" in said and raw["policy"] == 5 and raw["way"] == 1
            continue
        assert f"is {found.sum():.3f} nats" in said
        if "that part is the ε's" in said:
            p = counts_of(raw["baseline"], raw["size"], tuple(rows_of(raw["cohort"])))
            q = counts_of(raw["baseline"], raw["size"], tuple(rows_of(PLACES[raw["baseline"]])))
            assert f"{found[(p == 0) & (q > 0)].sum():.3f} of it" in said
            assert raw["policy"] in (3, 4) and raw["way"] == 1
        else:
            eight = np.sort(found[:-1])[-8:].sum()
            percent = [f"{100 * part / found.sum():.0f} %" for part in (found[-1], eight)]
            assert f"OTHER carries {percent[0]} of it" in said
            assert f"the eight words shown {percent[1]}" in said
        assert "too few" not in said  # the prediction on one address comes later


def test_the_baseline_against_itself_is_nothing(moved):
    _, raws, _, frame = moved
    same = [raw["cohort"] == PLACES[raw["baseline"]] for raw in raws]
    assert (np.abs(readout(frame, "divergence")[same]) < 1e-12).all()


def test_the_numbers_that_the_course_names(moved):
    explorer, raws, _, frame = moved

    def value(**wanted):
        start = {"baseline": 0, "cohort": 6, "way": 0, "policy": 0, "size": 1000}
        return readout(frame, "divergence")[raws.index(start | wanted)]

    assert value() == pytest.approx(0.0952, abs=5e-5)
    assert value(cohort=7) == pytest.approx(0.0801, abs=5e-5)
    assert value(cohort=8) == pytest.approx(0.1422, abs=5e-5)
    assert value(cohort=10) == pytest.approx(0.2187, abs=5e-5)
    assert value(cohort=2) == pytest.approx(0.1135, abs=5e-5)
    assert value(cohort=1) == pytest.approx(0.3213, abs=5e-5)
    assert value(cohort=0) == pytest.approx(0.3683, abs=5e-5)
    assert value(baseline=1, cohort=4) == pytest.approx(0.2757, abs=5e-5)
    presets = {preset["name"]: preset["state"] for preset in explorer.spec["presets"]}
    assert presets["the same president"]["cohort"] == 4


def test_how_many_states_there_are(moved):
    _, raws, _, _ = moved
    assert len(raws) == 1056
