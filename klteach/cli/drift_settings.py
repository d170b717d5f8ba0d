"""How a check is done: from the options of the command, and from a file of settings.

    rate = 0.01
    least_shift = 0.1
    [columns.amount]
    least_effect = 0.02
    [columns.comment]
    ignore = true

What is given on the command line goes before what is in the file.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from klteach.drift.errors import DriftError, listed

OPTIONS = ("divergence", "smoothing", "null", "rate", "multiplicity", "like", "seed")
ALL = (*OPTIONS, "alarm", "ignore", "least_effect", "least_shift", "columns")
LEAST = ("least_effect", "least_shift")
OF_A_COLUMN = ("ignore", *LEAST)


@dataclass(frozen=True)
class Settings:
    """What `klteach.drift.compare` is called with, and what it is not called with.

    options   by name, without those that nobody chose
    ignored   columns not to look at
    alarm     of several windows, or None
    """

    options: dict
    ignored: list[str]
    alarm: str | None


def settings_of(chosen, columns: list[str]) -> Settings:
    """The settings of a check; `columns` are those of the baseline.

    Errors: DriftError for a file that cannot be read, and for a name or a column that is not known.
    """
    file = _file(chosen.settings) if chosen.settings else {}
    given = {name: getattr(chosen, name) for name in OPTIONS}
    options = {
        name: file.get(name) if value is None else value
        for name, value in given.items()
        if value is not None or name in file
    }
    if "seed" in options:
        options["random"] = options.pop("seed")
    of_columns = file.get("columns", {})
    _require_known(of_columns, columns, "column", chosen.settings)
    ignored = [name for name, of in of_columns.items() if of.get("ignore", False)]
    ignored += file.get("ignore", []) if chosen.ignore is None else names_in(chosen.ignore)
    left = [name for name in columns if name not in ignored]
    least = dict.fromkeys(left, 0.0)
    for names, setting, value in [*_in_file(file, left), *_on_the_line(chosen, columns, left)]:
        least |= dict.fromkeys((name for name in names if name in left), _least(setting, value))
    if any(least.values()):
        options["least_effect"] = least
    return Settings(options, list(dict.fromkeys(ignored)), chosen.alarm or file.get("alarm"))


def names_in(text: str) -> list[str]:
    """The names in "A, B"."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _file(path) -> dict:
    try:
        settings = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DriftError(f"the settings {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DriftError(f"the settings {path} are no TOML: {error}.") from None
    _require_known(settings, ALL, "setting", path)
    for name, of in settings.get("columns", {}).items():
        if not isinstance(of, dict):
            raise DriftError(f"{path}: the settings of a column stand below [columns.{name}].")
        _require_known(of, OF_A_COLUMN, "setting of a column", path)
    return settings


def _require_known(names, known, what, path):
    strangers = [name for name in names if name not in known]
    if strangers:
        raise DriftError(
            f"{path}: there is no {what} {listed(strangers)}; there are {listed(known)}."
        )


def _in_file(file, left):
    """(columns, setting, value): what is said of all columns, then what of each."""
    yield from ((left, setting, file[setting]) for setting in LEAST if setting in file)
    for name, of in file.get("columns", {}).items():
        yield from (([name], setting, of[setting]) for setting in LEAST if setting in of)


def _on_the_line(chosen, columns, left):
    """The same from X or COLUMN=X."""
    of_one = []
    for setting in LEAST:
        for text in getattr(chosen, setting) or []:
            column, equals, number = text.rpartition("=")
            if not equals:
                yield left, setting, number
            elif column in columns:
                of_one.append(([column], setting, number))
            else:
                raise DriftError(f"--{setting.replace('_', '-')}: there is no column {column!r}.")
    yield from of_one


def _least(setting, value) -> float:
    """The least divergence that matters; a shift is squared, as PSI is of two normal laws."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not number >= 0:
        raise DriftError(f"{setting.replace('_', ' ')} {value!r} is no number from 0 on.")
    return number**2 if setting == "least_shift" else number
