"""Settings of a check: from a file, from the command line, and the line goes first."""

import argparse

import pytest

from klteach.cli.drift_settings import ALL, settings_of
from klteach.drift.errors import DriftError

COLUMNS = ["amount", "comment", "a.b"]


def chosen(**given):
    nothing = dict.fromkeys((*ALL, "settings"))
    return argparse.Namespace(**nothing | given)


@pytest.fixture
def file(tmp_path):
    def write(text):
        (tmp_path / "s.toml").write_text(text, encoding="utf-8")
        return tmp_path / "s.toml"

    return write


def test_nothing_chosen_is_nothing_passed_on():
    settings = settings_of(chosen(), COLUMNS)
    assert (settings.options, settings.ignored, settings.alarm) == ({}, [], None)


def test_a_file_speaks_of_all_columns_and_of_each(file):
    path = file(
        'rate = 0.01\nseed = 7\nalarm = "any"\nleast_shift = 0.1\n'
        "[columns.amount]\nleast_effect = 0.3\n[columns.comment]\nignore = true\n"
    )
    settings = settings_of(chosen(settings=path), COLUMNS)
    assert settings.options == {
        "rate": 0.01,
        "random": 7,
        "least_effect": {"amount": 0.3, "a.b": pytest.approx(0.01)},
    }
    assert settings.ignored == ["comment"] and settings.alarm == "any"


def test_the_command_line_goes_first(file):
    path = file('rate = 0.01\nnull = "chi2"\nignore = ["comment"]\nleast_effect = 0.5\n')
    given = chosen(settings=path, rate=0.2, ignore="a.b, amount", least_effect=["amount=2"])
    settings = settings_of(given, COLUMNS)
    assert settings.options == {"null": "chi2", "rate": 0.2, "least_effect": {"comment": 0.5}}
    assert settings.ignored == ["a.b", "amount"]
    given = chosen(settings=path, least_effect=["0.1", "a.b=0.2"], least_shift=["amount=0.5"])
    least = settings_of(given, COLUMNS).options["least_effect"]
    assert least == {"amount": 0.25, "a.b": 0.2}


@pytest.mark.parametrize(
    "text, message",
    [
        ("rate = ", "no TOML"),
        ("raet = 0.1", "no setting 'raet'; there are 'divergence'"),
        ("[columns.amont]\nignore = true", "no column 'amont'; there are 'amount'"),
        ("[columns.amount]\nrate = 1", "no setting of a column 'rate'"),
        ("columns.amount = 3", r"stand below \[columns.amount\]"),
        ("least_effect = -1", "least effect -1 is no number from 0 on"),
        ('[columns.amount]\nleast_shift = "big"', "least shift 'big' is no number"),
    ],
)
def test_what_a_file_cannot_say_is_named(file, text, message):
    with pytest.raises(DriftError, match=message):
        settings_of(chosen(settings=file(text)), COLUMNS)


def test_what_the_command_line_cannot_say_is_named(tmp_path):
    with pytest.raises(DriftError, match="no column 'amont'"):
        settings_of(chosen(least_effect=["amont=1"]), COLUMNS)
    with pytest.raises(DriftError, match="'much' is no number"):
        settings_of(chosen(least_shift=["much"]), COLUMNS)
    with pytest.raises(DriftError, match="cannot be read: No such file"):
        settings_of(chosen(settings=tmp_path / "none.toml"), COLUMNS)
