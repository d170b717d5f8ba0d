"""The pictures of unit 26: which clusters moved, and a list that its index does not know."""

import re

import numpy as np
import pytest

from klteach.units.u26_embedding_clusters import explorer as unit_26
from tests.units.states import area, readout, state_of
from tests.units.u26_embedding_clusters.routes import (
    COHORTS,
    cohort,
    counts_of,
    figures,
    fitted,
    good_days,
    kl_of_counts,
    served,
    terms_of_counts,
)


def numbers_of(sentence):
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", sentence.replace("−", "-"))]


# Which clusters moved


@pytest.fixture(scope="module")
def moved():
    explorer = unit_26.clusters_that_moved()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_26._update_clusters(state)


def sides(raw):
    clusters = fitted(int(raw["k"]), int(raw["start"]))
    now = cohort(*COHORTS[int(raw["cohort"])])
    return counts_of(now, clusters), counts_of(clusters.rest, clusters)


def some(raws, step=7):
    """Every seventh state: each k, each start and each cohort is among them."""
    chosen = range(0, len(raws), step)
    assert all(
        {raws[row][name] for row in chosen} == {raw[name] for raw in raws} for name in raws[0]
    )
    return chosen


def test_how_many_states_there_are(moved):
    assert len(moved[1]) == 3 * 4 * 10


def test_the_cohorts_are_what_their_names_say():
    for name, first, last in unit_26.COHORTS:
        assert name == f"{first}–{last % 100:02d}"
    assert [group[1:] for group in unit_26.COHORTS] == list(COHORTS)


def test_the_divergence_and_both_lines_are_those_of_the_second_route(moved):
    _, raws, _, frame = moved
    for row in some(raws):
        raw = raws[row]
        by_paragraph, by_address, _, *kl = figures(int(raw["k"]), int(raw["start"]))
        assert readout(frame, "KL(P‖Q)")[row] == pytest.approx(kl[int(raw["cohort"])])
        assert readout(frame, "95 % line, paragraphs")[row] == pytest.approx(by_paragraph)
        assert readout(frame, "95 % line, addresses")[row] == pytest.approx(by_address)
        heights = frame.shapes["columns"][row, :, :, 1].max(axis=1)
        np.testing.assert_allclose(heights, kl)
        for name, value in (("paragraphs", by_paragraph), ("addresses", by_address)):
            np.testing.assert_allclose(frame.shapes[name][row, 0, :, 1], value)
            assert frame.texts[f"by {name}"][2][row] == [f"by {name} {value:.3f}"]


def test_nothing_leaves_the_axes(moved):
    _, _, _, frame = moved
    assert frame.shapes["columns"][..., 1].max() < 0.95 * unit_26.TOP
    for side in "pq":
        assert frame.shapes[side][..., 1].max() < 0.9 * unit_26.HIGHEST


def test_the_eight_clusters_are_those_that_carry_most(moved):
    _, raws, _, frame = moved
    for row in some(raws):
        current, baseline = sides(raws[row])
        terms = terms_of_counts(current, baseline)
        order = np.argsort(-terms)[:8]
        np.testing.assert_allclose(frame.table.columns["adds, nats"][row], terms[order], atol=1e-12)
        for side, counts in (("p", current), ("q", baseline)):
            shares = (counts + 0.5) / (counts + 0.5).sum()
            np.testing.assert_allclose(frame.table.columns[side][row], shares[order])
            heights = frame.shapes[side][row, :, :, 1].max(axis=1)
            np.testing.assert_allclose(heights, shares[order])
        assert frame.texts["nats"][2][row] == [f"{one:.3f}" for one in terms[order]]


def test_the_chosen_column_is_hatched_up_to_what_one_cluster_carries(moved):
    _, _, state, frame = moved
    for name in ("largest", "chosen"):
        np.testing.assert_allclose(frame.shapes[name][:, 0, :, 0].mean(axis=1), state.cohort)
    kl = readout(frame, "KL(P‖Q)")
    np.testing.assert_allclose(frame.shapes["chosen"][:, 0, :, 1].max(axis=1), kl)
    largest = frame.table.columns["adds, nats"][:, 0]
    np.testing.assert_allclose(frame.shapes["largest"][:, 0, :, 1].max(axis=1), largest)


def test_how_many_starts_ring(moved):
    _, raws, _, frame = moved
    (note,) = [one for one in frame.readouts if one.label.startswith("starts that pass")]
    for row in some(raws, 11):
        k, place = int(raws[row]["k"]), int(raws[row]["cohort"])
        ring = sum(figures(k, start)[3 + place] > figures(k, start)[1] for start in range(10))
        assert note.texts()[row] == f"{ring} of 10"


def test_the_sentence_says_where_the_column_ends(moved):
    _, _, _, frame = moved
    kl, dotted, dashed = (
        readout(frame, name)
        for name in ("KL(P‖Q)", "95 % line, paragraphs", "95 % line, addresses")
    )
    kinds = set()
    for row, said in enumerate(frame.sentence):
        if kl[row] > dashed[row]:
            where = "above both lines"
        elif kl[row] > dotted[row]:
            where = "above the line of the paragraphs and below that of the addresses"
        else:
            where = "below both lines"
        kinds.add(where)
        assert where in said and f"is {kl[row]:.3f} nats" in said
        columns = frame.table.columns
        part, before, now = (
            100 * columns[name][row, 0] / whole
            for name, whole in (("adds, nats", kl[row]), ("q", 1), ("p", 1))
        )
        assert f"carries {part:.0f} % of it: its share went from {before:.0f} % to {now:.0f} %" in (
            said
        )
    assert len(kinds) == 3


def test_the_tasks_about_clusters_are_done_where_they_say_so(moved):
    _, raws, _, frame = moved
    above, below, carries = (task.reached for task in frame.tasks)
    kl, dashed = readout(frame, "KL(P‖Q)"), readout(frame, "95 % line, addresses")
    here = np.array([raw["cohort"] == 1 and raw["k"] == 20 for raw in raws])
    assert (above == (here & (kl > dashed))).all() and (below == (here & (kl < dashed))).all()
    assert above.sum() == 5 and below.sum() == 5
    largest = frame.table.columns["adds, nats"][:, 0]
    assert (carries == (largest > 0.65 * kl)).all() and 0 < carries.sum() < len(raws) / 2


def test_the_start_does_not_answer_the_prediction_on_k(moved):
    explorer, _, _, _ = moved
    assert "In 20 clusters" in repr(explorer) and "40" not in repr(explorer).split("|")[1]
    presets = {preset["name"]: preset["state"] for preset in explorer.spec["presets"]}
    assert presets == {
        "2009–16": {"cohort": 1},
        "few clusters": {"k": 10},
        "many clusters": {"k": 40},
    }


# A list that its index does not know


@pytest.fixture(scope="module")
def stale():
    explorer = unit_26.stale_index()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_26._update_stale(state)


NAMES = ("KL(P‖Q)", "recall", "similarity to the source")


def case_of(raw):
    return ("stale", "rebuilt")[int(raw["index"])]


def test_how_many_states_of_the_list_there_are(stale):
    assert len(stale[1]) == 21 * 5 * 2


def test_the_three_measures_are_those_of_the_second_route(stale):
    _, raws, _, frame = stale
    for row in range(0, len(raws), 9):
        raw = raws[row]
        kl, recall, _, similarity = served(int(raw["day"]), case_of(raw), int(raw["share"]))
        found = [readout(frame, name)[row] for name in NAMES]
        assert found == pytest.approx([kl, recall, similarity])
    quiet = max(kl_of_counts(day, good_days().sum(axis=0) - day) for day in good_days())
    np.testing.assert_allclose(readout(frame, "largest of 20 good days"), quiet)
    np.testing.assert_allclose(frame.shapes["quiet"][:, 0, :, 1], quiet)


def test_each_curve_ends_at_the_handle_with_the_number_beside_it(stale):
    _, raws, state, frame = stale
    for name, shape in zip(NAMES[1:], ("recall", "score"), strict=True):
        np.testing.assert_allclose(frame.shapes[shape][:, 0, -1, 0], state.share)
        np.testing.assert_allclose(frame.shapes[shape][:, 0, -1, 1], readout(frame, name))
        np.testing.assert_allclose(frame.shapes[shape][:, 0, 0, 0], 0)
    top = frame.shapes["kl"][:, 0, : unit_26.POINTS]
    np.testing.assert_allclose(top[:, -1, 1], readout(frame, "KL(P‖Q)"))
    np.testing.assert_allclose(top[:, -1, 0], state.share)
    zero = np.array([raw["share"] == 0 for raw in raws])
    assert ((area(frame.shapes["kl"])[:, 0] < 1e-12) == zero).all()


def test_no_label_covers_another_and_each_is_near_its_value(stale):
    _, _, _, frame = stale
    heights = np.stack([frame.texts[name][1][:, 0] for name in ("recall", "score", "kl")], axis=1)
    values = np.stack(
        [readout(frame, "recall"), readout(frame, NAMES[2]), readout(frame, "KL(P‖Q)")], axis=1
    )
    assert np.diff(np.sort(heights, axis=1), axis=1).min() > 0.089
    assert np.abs(heights - values).max() < 0.2 and heights.max() < 1.05
    for column, name in enumerate(("recall", "score", "kl")):
        words = [row[0] for row in frame.texts[name][2]]
        for word, value in zip(words, values[:, column], strict=True):
            assert f" {value:.3f}".replace("-", "−") in word or value < 0


def test_a_curve_passes_through_what_its_other_places_show(stale):
    _, raws, _, frame = stale
    kl = readout(frame, "KL(P‖Q)")
    (row,) = [i for i, raw in enumerate(raws) if raw == {"index": 0, "day": 22, "share": 100}]
    x, y = frame.shapes["kl"][row, 0, : unit_26.POINTS].T
    for place, raw in enumerate(raws):
        if (raw["index"], raw["day"]) == (0, 22):
            assert np.interp(raw["share"], x, y) == pytest.approx(kl[place], abs=0.01)


def test_recall_does_not_move_with_the_old_index(stale):
    _, raws, _, frame = stale
    recall = readout(frame, "recall")
    for day in unit_26.DAYS:
        rows = [i for i, raw in enumerate(raws) if raw["day"] == day and raw["index"] == 0]
        assert np.ptp(recall[rows]) == 0


def test_the_bars_are_the_shares_of_the_day_and_of_the_good_days(stale):
    _, raws, _, frame = stale
    total = good_days().sum(axis=0) + 0.5
    np.testing.assert_allclose(
        frame.table.columns["q"], np.tile(total / total.sum(), (len(raws), 1))
    )
    for side in "pq":
        heights = frame.shapes[side][..., 1].max(axis=-1)
        np.testing.assert_allclose(heights, frame.table.columns[side])
        assert heights.max() < 0.5
    p, q = frame.table.columns["p"], frame.table.columns["q"]
    np.testing.assert_allclose((p * np.log(p / q)).sum(axis=1), readout(frame, "KL(P‖Q)"))


def test_the_sentence_has_the_numbers_of_the_readouts(stale):
    _, raws, _, frame = stale
    quiet = readout(frame, "largest of 20 good days")
    for row, said in enumerate(frame.sentence):
        kl, recall, similarity = (readout(frame, name)[row] for name in NAMES)
        shown = numbers_of(said)
        assert shown == pytest.approx([raws[row]["share"], kl, recall, similarity], abs=6e-4)
        assert ("not above" in said) == (kl <= quiet[row])
        assert ("rebuilt" in said) == (raws[row]["index"] == 1)


def test_the_start_does_not_answer_the_prediction_on_the_list(stale):
    explorer, _, _, _ = stale
    start = {control.name: control.describe()["value"] for control in explorer._controls}
    assert start["share"] == 0 and "answers 0 %" in repr(explorer)


def test_the_tasks_about_the_list_are_done_where_they_say_so(stale):
    _, raws, _, frame = stale
    tripled, silent = (task.reached for task in frame.tasks)
    kl, quiet = readout(frame, "KL(P‖Q)"), readout(frame, "largest of 20 good days")
    for row, raw in enumerate(raws):
        (first,) = [i for i, one in enumerate(raws) if one == {**raw, "share": 0}]
        assert tripled[row] == (raw["index"] == 0 and kl[row] >= 3 * kl[first])
        assert silent[row] == (raw["share"] == 100 and kl[row] <= quiet[row])
    assert silent.sum() == 5 and all(raws[row]["index"] == 1 for row in np.flatnonzero(silent))
