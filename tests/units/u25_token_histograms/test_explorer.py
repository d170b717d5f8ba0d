"""The pictures of unit 25: which words carry a divergence, and what unseen ones cost."""

from functools import cache

import numpy as np
import pytest
from scipy import special

from klteach.data import state_of_the_union
from klteach.units.u25_token_histograms import explorer as unit_25
from tests.units.states import area, readout, state_of

DATA = state_of_the_union()
YEARS = [
    (1860, 1880), (1900, 1912), (1961, 1969), (1981, 2000), (2001, 2008), (2009, 2016),
    (2017, 2020), (2022, 2024), (2025, 2026), (1978, 1980), (1978, 1980),
]  # fmt: skip
FORMS = {3: "spoken", 9: "written", 10: "spoken"}
PAIRS = [*((group, 3) for group in range(9)), (9, 10)]


def rows_of(group):
    first, last = YEARS[group]
    here = (first <= DATA.year) & (DATA.year <= last)
    return np.flatnonzero(here & (DATA.form == FORMS[group]) if group in FORMS else here)


@cache
def vocabulary(baseline, size):
    counts = DATA.counts[rows_of(baseline)].sum(axis=0)[:-1]
    order = np.lexsort((np.array(DATA.words), -counts))[: int(size)]
    return order, [DATA.words[place] for place in order]


def counts_of(baseline, size, rows):
    order, _ = vocabulary(baseline, size)
    counts = DATA.counts[list(rows)].sum(axis=0)
    return np.append(counts[order], counts.sum() - counts[order].sum())


def shares(counts, alpha=0.5):
    return (counts + alpha) / (counts + alpha).sum()


@cache
def sides(pair, size):
    """The shares of P and of Q."""
    current, against = PAIRS[int(pair)]
    return [shares(counts_of(against, size, rows_of(group))) for group in (current, against)]


def terms_of(raw):
    return special.kl_div(*sides(raw["pair"], raw["size"]))


def floor_of(raw):
    _, against = PAIRS[int(raw["pair"])]
    rows = rows_of(against)
    halves = [shares(counts_of(against, raw["size"], half)) for half in (rows[1::2], rows[::2])]
    return special.kl_div(*halves).sum()


# Which words moved


@pytest.fixture(scope="module")
def moved():
    explorer = unit_25.words_that_moved()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_25._update_words(state)


def test_the_groups_are_what_their_names_say(moved):
    names = moved[0].spec["controls"][0]["names"]
    assert len(names) == len(PAIRS) == len(unit_25.LABELS)
    for name, label, (group, against) in zip(names, unit_25.LABELS, PAIRS, strict=True):
        rows = rows_of(group)
        first, last = YEARS[group]
        written = name.split(" (")[0].removeprefix("Carter ")
        if "one address" in name:
            assert len(rows) == 1 and set(DATA.year[rows]) == {int(written)} and last == 2026
        else:
            assert len(rows) > 1
            assert written in (f"{first}–{last}", f"{first}–{last % 100:02d}")
        if group in FORMS:
            assert f"({FORMS[group]})" in name
        assert (against == 3) == ("Carter" not in name)
        short = label.replace("\n", "").replace("Carterwrote", "Carter 1978–80 (written)")
        assert name.startswith(short)
    for group in (9, 10):
        assert set(DATA.president[rows_of(group)]) == {"Jimmy Carter"}
    assert "(spoken)" in unit_25.NAMES[3] and "(spoken)" in unit_25.NAMES[10]


def test_the_divergence_and_its_parts_are_those_of_scipy(moved):
    _, raws, _, frame = moved
    expected = [terms_of(raw) for raw in raws]
    kl = np.array([found.sum() for found in expected])
    np.testing.assert_allclose(readout(frame, "KL(P‖Q)"), kl, rtol=1e-9, atol=1e-12)
    eight = np.array([np.sort(found[:-1])[::-1][:8] for found in expected])
    np.testing.assert_allclose(frame.table.columns["adds, nats"], eight, rtol=1e-9, atol=1e-12)
    floor = np.array([floor_of(raw) for raw in raws])
    np.testing.assert_allclose(readout(frame, "Q's alternate addresses"), floor, rtol=1e-9)
    np.testing.assert_allclose(frame.shapes["floor"][:, 0, 0, 1], floor, rtol=1e-9)
    assert (kl == 0).any() and kl.max() < unit_25.HIGHEST


def test_the_words_shown_have_the_rates_that_stand_beside_them(moved):
    _, raws, _, frame = moved
    words = frame.texts["words"][2]
    for row, raw in enumerate(raws):
        _, names = vocabulary(PAIRS[int(raw["pair"])][1], raw["size"])
        places = [names.index(word) for word in words[row]]
        assert len(set(places)) == 8
        for side, found in zip("pq", sides(raw["pair"], raw["size"]), strict=True):
            np.testing.assert_allclose(frame.table.columns[side][row], found[places], atol=1e-15)
            rates = [f"{10_000 * share:.1f}" for share in found[places]]
            assert frame.texts[side][2][row] == rates


def test_the_chosen_column_is_made_of_its_parts_and_all_columns_of_their_divergence(moved):
    _, raws, state, frame = moved
    bottom, top = (
        {name: fun(frame.shapes[name][:, 0, :, 1]) for name in ("other", "eight", "rest")}
        for fun in (lambda y: y.min(axis=1), lambda y: y.max(axis=1))
    )
    kl = readout(frame, "KL(P‖Q)")
    np.testing.assert_allclose(bottom["other"], 0, atol=1e-12)
    np.testing.assert_allclose(bottom["eight"], top["other"], atol=1e-12)
    np.testing.assert_allclose(bottom["rest"], top["eight"], atol=1e-12)
    np.testing.assert_allclose(top["rest"], kl, atol=1e-12)
    np.testing.assert_allclose(top["other"], [terms_of(raw)[-1] for raw in raws], atol=1e-12)
    for name in ("other", "eight", "rest"):
        middle = frame.shapes[name][:, 0, :, 0].mean(axis=1)
        np.testing.assert_allclose(middle, state.pair)
    for row, raw in enumerate(raws):
        heights = frame.shapes["columns"][row, :, :, 1].max(axis=1)
        expected = [terms_of(raw | {"pair": pair}).sum() for pair in range(9)]
        np.testing.assert_allclose(heights, expected, atol=1e-12)


def test_a_bar_that_is_cut_has_an_arrow(moved):
    _, _, _, frame = moved
    lengths = frame.shapes["words"][..., 0].max(axis=-1)
    assert (lengths <= unit_25.LONGEST).all()
    for row, nats in zip(frame.texts["nats"][2], frame.table.columns["adds, nats"], strict=True):
        assert [text.endswith("→") for text in row] == (nats > unit_25.LONGEST).tolist()


def test_the_numbers_of_words(moved):
    _, raws, _, frame = moved
    n, m = readout(frame, "words in P"), readout(frame, "words in Q")
    for row, raw in enumerate(raws):
        current, against = (rows_of(group) for group in PAIRS[int(raw["pair"])])
        assert n[row] == DATA.counts[current].sum() and m[row] == DATA.counts[against].sum()


def test_the_sentence_says_what_carries(moved):
    _, raws, _, frame = moved
    for row, raw in enumerate(raws):
        said, found = frame.sentence[row], terms_of(raw)
        current, against = PAIRS[int(raw["pair"])]
        if current == against:
            assert said.startswith(f"{unit_25.NAMES[3]} is the baseline itself")
            continue
        assert f"From {unit_25.NAMES[against]} to {unit_25.NAMES[current]}" in said
        assert f"by {found.sum():.3f} nats" in said
        eight = np.sort(found[:-1])[-8:].sum()
        percent = [f"{100 * part / found.sum():.0f} %" for part in (found[-1], eight)]
        assert f"OTHER carries {percent[0]} of it" in said
        assert f"the eight words shown {percent[1]}" in said
        assert "too few" not in said  # the prediction on one address comes later


def test_the_numbers_that_the_course_names(moved):
    explorer, raws, _, frame = moved
    named = [0.3683, 0.3213, 0.1135, 0, 0.0952, 0.0801, 0.1422, 0.1387, 0.2187, 0.2757]
    for pair, kl in enumerate(named):
        row = raws.index({"pair": pair, "size": 1000})
        assert readout(frame, "KL(P‖Q)")[row] == pytest.approx(kl, abs=5e-5)
    presets = {preset["name"]: preset["state"] for preset in explorer.spec["presets"]}
    assert presets["the same president"] == {"pair": 9} and presets["politics"] == {"pair": 4}
    assert presets["one address"] == {"pair": 8}


def test_the_saved_picture_does_not_answer_the_prediction(moved):
    explorer, _, _, frame = moved
    assert frame.shapes["columns"].shape[1] == 9  # none of the president against himself
    assert "0.276" not in explorer.spec["svg"] and "0.276" not in repr(explorer)


def test_the_tasks_about_words_are_done_where_they_say_so(moved):
    _, raws, _, frame = moved
    energetic, farthest, fewer = (task.reached for task in frame.tasks)
    since_1961 = {
        pair: terms_of({"pair": pair, "size": 1000}).sum()
        for pair, (group, _) in enumerate(PAIRS)
        if YEARS[group][0] >= 1961
    }
    for row, raw in enumerate(raws):
        shown = frame.texts["words"][2][row]
        rates = {
            word: [float(frame.texts[side][2][row][place]) for side in "pq"]
            for place, word in enumerate(shown)
        }
        if raw["size"] == 1000:
            more = "energy" in rates and rates["energy"][0] > rates["energy"][1]
            less = "must" in rates and rates["must"][0] < rates["must"][1]
            assert energetic[row] == (more and less)
        assert farthest[row] == (raw["pair"] == max(since_1961, key=since_1961.get))
        assert fewer[row] == (raw["pair"] == 4 and terms_of(raw).sum() < 0.06)
    assert fewer.any() and not fewer.all()


def test_how_many_states_there_are(moved):
    _, raws, _, _ = moved
    assert len(raws) == 40


# Words that one side lacks


@pytest.fixture(scope="module")
def unseen():
    explorer = unit_25.unseen_words()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_25._update_unseen(state)


SPOKEN, WRITTEN = (counts_of(10, 1000, rows_of(group)) for group in (10, 9))


def alpha_of(raw):
    """To two digits, and nothing at the left end."""
    return float(f"{10.0 ** raw['added']:.1e}") if raw["added"] > -7.25 else 0.0


def test_both_directions_are_those_of_scipy(unseen):
    _, raws, _, frame = unseen
    pairs = [(shares(WRITTEN, alpha_of(raw)), shares(SPOKEN, alpha_of(raw))) for raw in raws]
    forward = [special.rel_entr(p, q).sum() for p, q in pairs]
    back = [special.rel_entr(q, p).sum() for p, q in pairs]
    np.testing.assert_allclose(readout(frame, "KL(P‖Q)"), forward, atol=1e-9)
    np.testing.assert_allclose(readout(frame, "KL(Q‖P)"), back, atol=1e-9)
    lacking = (WRITTEN == 0) & (SPOKEN > 0)
    assert lacking.sum() == 76
    empty = [special.kl_div(q, p)[lacking].sum() for p, q in pairs]
    np.testing.assert_allclose(readout(frame, "of it, in the 76 empty cells"), empty, atol=1e-9)
    curves = unit_25._curves()
    np.testing.assert_allclose(curves, np.array([forward, back]), atol=1e-9)
    columns = frame.table.columns
    np.testing.assert_allclose(columns["all cells"], np.stack([forward, back], axis=1), atol=1e-9)
    np.testing.assert_allclose(columns["those empty in P"][:, 1], empty, atol=1e-9)
    one_way = [special.kl_div(p, q)[lacking].sum() for p, q in pairs]
    np.testing.assert_allclose(columns["those empty in P"][:, 0], one_way, atol=1e-9)


def test_infinite_exactly_where_nothing_is_added(unseen):
    _, raws, _, frame = unseen
    infinite = np.array([alpha_of(raw) == 0 for raw in raws])
    assert infinite.any()
    assert (np.isinf(readout(frame, "KL(Q‖P)")) == infinite).all()
    assert np.isfinite(readout(frame, "KL(P‖Q)")).all()
    assert ((area(frame.shapes["arrow"])[:, 0] > 0) == infinite).all()
    assert [row[0] == "∞" for row in frame.texts["kl"][2]] == infinite.tolist()
    assert ["infinite" in sentence for sentence in frame.sentence] == infinite.tolist()


def test_the_bar_is_the_other_direction_and_hatched_where_p_is_empty(unseen):
    _, _, state, frame = unseen
    back, empty = readout(frame, "KL(Q‖P)"), readout(frame, "of it, in the 76 empty cells")
    finite = np.isfinite(back)
    rest, hatched = (frame.shapes[name][:, 0, :, 1] for name in ("rest", "empty"))
    np.testing.assert_allclose(rest.min(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(hatched.min(axis=1), rest.max(axis=1), atol=1e-12)
    np.testing.assert_allclose(hatched.max(axis=1)[finite], back[finite], atol=1e-12)
    np.testing.assert_allclose(np.ptp(hatched, axis=1)[finite], empty[finite], atol=1e-12)
    assert hatched.max() < unit_25.TOP
    for name in ("rest", "empty"):
        np.testing.assert_allclose(frame.shapes[name][:, 0, :, 0].mean(axis=1), state.added)


def test_an_eps_in_the_empty_shares_comes_to_the_same_as_its_alpha(unseen):
    """The upper scale: by the other recipe, an ε in the place of each share of 0."""
    explorer, _, _, _ = unseen
    axes = explorer._picture.axes["kl"]
    (above,) = axes.child_axes
    assert above.get_xlim() == axes.get_xlim()
    q, p = SPOKEN / SPOKEN.sum(), WRITTEN / WRITTEN.sum()
    for place, label in zip(above.get_xticks(), above.get_xticklabels(), strict=True):
        power = label.get_text().translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
        eps = float(power.replace("10-", "1e-"))
        by_eps = special.rel_entr(q, np.where(p == 0, eps, p)).sum()
        alpha = 10.0**place
        by_alpha = special.rel_entr(shares(SPOKEN, alpha), shares(WRITTEN, alpha)).sum()
        assert by_alpha == pytest.approx(by_eps, abs=0.003)


def test_the_slider_says_what_is_added(unseen):
    explorer, raws, _, frame = unseen
    (slider,) = explorer._controls
    assert {"α = 0.5", "α = 5", "nothing"} <= set(slider.names)
    for raw, name, sentence in zip(raws, slider.names, frame.sentence, strict=True):
        alpha = alpha_of(raw)
        assert name == (f"α = {alpha:g}" if alpha else "nothing")
        assert (f"With {alpha:g} added" in sentence) == (alpha > 0)
    presets = {preset["name"]: preset["state"]["added"] for preset in explorer.spec["presets"]}
    assert presets == {"α = ½": -0.3, "α = 5": 0.7, "ε = 1e-12": -7.2, "nothing": -8.0}


def test_the_tasks_about_unseen_words_are_done_where_they_say_so(unseen):
    _, raws, _, frame = unseen
    infinite, half = (task.reached for task in frame.tasks)
    assert infinite.tolist() == [alpha_of(raw) == 0 for raw in raws]
    back = readout(frame, "KL(Q‖P)")
    assert half.sum() == 1 and back[half] == pytest.approx(0.5, abs=0.0025)


def test_how_many_states_of_unseen_words_there_are(unseen):
    _, raws, _, _ = unseen
    assert len(raws) == 88
