"""The baseline: locked once, kept in a file, and refused if anything about the file is odd."""

import doctest
import hashlib
import importlib
import json
import os
import stat
from pkgutil import iter_modules

import numpy as np
import pytest

import klteach.drift
from klteach.drift.binning import Binning
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram
from klteach.drift.profile import FORMAT, Profile
from klteach.drift.saving import write_whole
from klteach.whole_files import made_with


def table(rows=1000, seed=1):
    random = np.random.default_rng(seed)
    return {
        "income": random.lognormal(10, 1, rows),
        "children": random.integers(0, 4, rows),
        "city": random.choice(["Ulm", "Bern", "Graz"], rows).tolist(),
        "member": random.random(rows) < 0.3,
        "week": np.arange(rows) % 12,
    }


@pytest.fixture
def baseline():
    return Profile.of(table(), window="week")


def test_columns_are_numbers_or_categories_by_what_they_hold(baseline):
    kinds = {name: binning.kind for name, binning in baseline.binnings.items()}
    assert kinds == {
        "income": "numbers",
        "children": "numbers",
        "city": "categories",
        "member": "categories",
    }
    named = Profile.of(table(), categorical=["children"], columns=["children", "income"])
    assert (
        named.binnings["children"].values
        == Binning.of_categories("children", table()["children"]).values
    )
    assert list(named.histograms) == ["children", "income"]
    assert list(Profile.of(table(), without="city").histograms) == [
        "income", "children", "member", "week"
    ]  # fmt: skip


def test_the_cells_stay_where_the_baseline_put_them(baseline):
    shifted = table(seed=2)
    shifted["income"] = shifted["income"] * 3
    shifted["income"][0] = 1e300  # an outlier that would move every edge
    assert baseline.count(shifted).binnings == baseline.binnings


def test_windows_add_up_to_the_whole_and_are_in_order(baseline):
    assert baseline.window == {"column": "week", "from": "0", "to": "11", "windows": 12}
    assert baseline.window_names == tuple(map(str, range(12)))
    for name, histogram in baseline.histograms.items():
        counts = baseline.window_counts[name]
        assert counts.shape == (12, len(histogram.binning.cells))
        assert counts.sum(axis=0).tolist() == histogram.counts.tolist()
        third = histogram.binning.count(np.asarray(table()[name])[np.arange(1000) % 12 == 3])
        assert counts[3].tolist() == third.counts.tolist()


def test_the_sum_of_two_profiles_is_the_profile_of_both_tables(baseline):
    more = table(500, seed=5)
    more["week"] = more["week"] + 9  # some windows are in both
    both = {name: [*values, *more[name]] for name, values in table().items()}
    for window in ("week", None):
        parts = [baseline.count(part, window=window) for part in (table(), more)]
        assert parts[0] + parts[1] == baseline.count(both, window=window)


def test_a_sum_of_unlike_profiles_is_refused(baseline):
    with pytest.raises(DriftError, match="windows of 'week' and the other of None"):
        baseline + baseline.count(table())
    with pytest.raises(DriftError, match="column 'income' has the cells"):
        baseline + Profile.of(table(seed=8), window="week")
    with pytest.raises(DriftError, match="no column 'city'"):
        baseline + Profile.of(table(), without=["city"], window="week")


def test_an_empty_table_counts_as_no_rows_and_makes_no_baseline(baseline):
    empty = {name: values[:0] for name, values in table().items()}
    assert baseline.count(empty).rows == 0
    assert baseline.count(empty, window="week").window_names == ()
    with pytest.raises(DriftError, match="the table has no rows"):
        Profile.of(empty)


def test_a_column_without_values_makes_no_baseline():
    for values in ([None] * 3, [float("nan")] * 3, [float("inf")] * 3):
        with pytest.raises(DriftError, match=r"'x' .*no finite value.*without=\['x'\]"):
            Profile.of({"x": values, "y": [1, 2, 3]})
    with pytest.raises(DriftError, match=r"'c' .*no value at all.*without=\['c'\]"):
        Profile.of({"c": [None] * 3}, categorical=["c"])


def test_a_column_that_is_all_missing_now_is_counted_as_missing(baseline):
    gone = table() | {"income": [None] * 1000, "city": [None] * 1000}
    found = baseline.count(gone).histograms
    assert found["income"].counts.tolist() == [0] * 12 + [0, 0, 1000]
    assert found["city"].counts.tolist() == [0, 0, 0, 0, 1000]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"columns": ["income", "citty"]}, r"no column 'citty' \(did you mean 'city'\?\)"),
        ({"window": "weak"}, r"no column 'weak' \(did you mean 'week'\?\)"),
        ({"categorical": ["x"]}, "no column 'x'"),
        ({"without": ["x"]}, "no column 'x'"),
        ({"columns": ["week"], "window": "week"}, "each window has its own value"),
        ({"columns": []}, "no column is left"),
        ({"columns": ["income"], "categorical": ["city"]}, "'city' is named as categorical"),
        ({"cells": 1}, "two cells or more"),
        ({"cells": 2.5}, "two cells or more"),
        ({"most": 0}, "one category at least"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(DriftError, match=message):
        Profile.of(table(), **options)


def test_a_saved_profile_is_the_same_again(baseline, tmp_path):
    awkward = Profile.of(
        {"ünï": [0.1, 5e-324, -1.7e308, 2 / 3], "c": ["a\n", '"', "\u2028", "𝄞"]}, cells=3
    )
    for place, profile in enumerate((baseline, awkward, baseline.count(table()))):
        path = tmp_path / f"{place}.json"
        profile.save(path)
        again = Profile.load(path)
        assert again == profile
        assert again.window_names == profile.window_names and again.window == profile.window
        assert [h.binning.fingerprint for h in again.histograms.values()] == [
            h.binning.fingerprint for h in profile.histograms.values()
        ]


def test_the_file_is_one_that_people_can_read(baseline, tmp_path):
    baseline.save(tmp_path / "b.json")
    content = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert content["format"] == FORMAT == 2 and content["made with"] == made_with()
    assert content["rows"] == 1000 and len(content["checksum"]) == 64
    city = content["columns"][2]
    assert city["binning"]["column"] == "city" and len(city["fingerprint"]) == 64
    assert sum(city["counts"]) == 1000 and len(city["window counts"]) == 12


def test_saving_never_overwrites_unasked_and_leaves_nothing_behind(baseline, tmp_path):
    path = tmp_path / "b.json"
    baseline.save(path)
    before = path.read_bytes()
    other = Profile.of(table(seed=3))
    with pytest.raises(DriftError, match="exists already"):
        other.save(path)
    assert path.read_bytes() == before
    other.save(path, overwrite=True)
    assert Profile.load(path) == other
    assert stat.S_IMODE(path.stat().st_mode) & 0o444 == 0o444 & ~_umask()
    assert [file.name for file in tmp_path.iterdir()] == ["b.json"]


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "b.json"
    path.write_text("old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DriftError, match="cannot be written: No space left"):
        write_whole(path, "new", overwrite=True)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written_are_named(baseline, tmp_path):
    with pytest.raises(DriftError, match="cannot be written"):
        baseline.save(tmp_path / "no" / "b.json")
    with pytest.raises(DriftError, match="is a folder"):
        baseline.save(tmp_path, overwrite=True)


def saved(profile, tmp_path, change=None, seal=True):
    """A baseline file with something changed in it; sealed with a checksum that fits again."""
    path = tmp_path / "b.json"
    profile.save(path, overwrite=True)
    content = json.loads(path.read_text(encoding="utf-8"))
    if change:
        change(content)
    if seal:
        content.pop("checksum")
        text = json.dumps(content, sort_keys=True, ensure_ascii=True)
        content["checksum"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def set_in(*path, to):
    def change(content):
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = to

    return change


def test_an_unknown_field_under_a_right_checksum_is_no_error(baseline, tmp_path):
    path = saved(baseline, tmp_path, set_in("comment", to="made on a Monday"))
    assert Profile.load(path) == baseline
    path = saved(baseline, tmp_path, set_in("comment", to="made on a Monday"), seal=False)
    with pytest.raises(DriftError, match="edited by hand or cut off"):
        Profile.load(path)


@pytest.mark.parametrize("path", [("rows",), ("columns", 0, "counts", 0), ("made with",)])
def test_a_file_that_was_edited_is_refused(baseline, tmp_path, path):
    with pytest.raises(DriftError, match="b.json was edited by hand or cut off: its checksum"):
        Profile.load(saved(baseline, tmp_path, set_in(*path, to=7), seal=False))


@pytest.mark.parametrize(
    "change, message",
    [
        (set_in("format", to=3), f"has the format 3, made with klteach.*{made_with()} reads the"),
        (set_in("format", to="1"), "has the format '1'"),
        (set_in("format", to=True), "has the format True"),
        (set_in("columns", 0, "fingerprint", to="0" * 64), "counts belong to the cells 0000"),
        (set_in("columns", 0, "binning", "edges", 0, to=-5.0), "'income' has the cells"),
        (set_in("columns", 0, "binning", "edges", 0, to=1e99), "do not rise"),
        (set_in("columns", 0, "binning", "kind", to="words"), "of the kind 'words'"),
        (set_in("columns", 0, "counts", 0, to=-1), "whole numbers from 0 on"),
        (set_in("columns", 0, "counts", 0, to=10.5), "no whole numbers"),
        (set_in("columns", 0, "counts", 0, to=True), "no whole numbers"),
        (set_in("columns", 0, "counts", 0, to=None), "no whole numbers"),
        (set_in("columns", 0, "counts", 0, to=2**70), "lacks something or has it in another form"),
        (set_in("columns", 0, "counts", to=[1]), "15 cells, and 1 counts"),
        (set_in("columns", 0, "counts", to="many"), "no whole numbers"),
        (set_in("columns", 0, "window counts", to=[]), "counts of 0 windows, and there are 12"),
        (set_in("columns", 0, "window counts", 0, 0, to=-3), "whole numbers from 0 on"),
        (set_in("rows", to=-1), "the number of rows is -1"),
        (set_in("rows", to=1.5), "the number of rows is 1.5"),
        (set_in("columns", to=[]), "no columns"),
        (set_in("columns", to=7), "lacks something"),
        (set_in("window", to=7), "lacks something"),
        (lambda content: content.pop("rows"), "lacks something .*KeyError: 'rows'"),
        (lambda content: content["columns"][0].pop("window counts"), "others have none"),
        (lambda content: content["columns"].append(content["columns"][0]), "'income' comes twice"),
        (lambda content: content.pop("format"), "does not say which format"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_by_name(baseline, tmp_path, change, message):
    with pytest.raises(DriftError, match=message) as refusal:
        Profile.load(saved(baseline, tmp_path, change))
    assert "b.json" in str(refusal.value)


def test_what_is_no_baseline_at_all_is_refused(baseline, tmp_path):
    path = tmp_path / "b.json"
    baseline.save(path)
    whole = path.read_bytes()
    for content in (b"", b"not JSON", whole[:-50], whole[: len(whole) // 2], b"\xff\xfe", b"[1]",
                    b"1", b"null", b"{}", b"[" * 100_000):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(DriftError, match="b.json is no baseline"):
            Profile.load(path)
    with pytest.raises(DriftError, match="cannot be read: No such file"):
        Profile.load(tmp_path / "none.json")
    with pytest.raises(DriftError, match="cannot be read"):
        Profile.load(tmp_path)


def test_a_baseline_in_other_cells_is_not_compared(baseline):
    other = Profile.of(table(seed=4))
    with pytest.raises(DriftError, match="Counts in different cells"):
        baseline.histograms["income"].require_same_cells(other.histograms["income"])


def test_profiles_are_made_of_any_histograms():
    binning = Binning("token", "categories", values=("the", "cat"))
    profile = Profile({"token": Histogram(binning, np.array([2, 1, 0, 0]))}, rows=3)
    assert profile.window == {} and profile.window_counts is None
    assert profile.made_with == made_with()
    assert (profile + profile).rows == 6


@pytest.mark.parametrize("module", [found.name for found in iter_modules(klteach.drift.__path__)])
def test_examples_in_docstrings(module):
    assert doctest.testmod(importlib.import_module(f"klteach.drift.{module}")).failed == 0
