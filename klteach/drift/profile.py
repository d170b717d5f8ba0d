"""The baseline: a table as counts in cells that are locked for good, and the file that keeps it."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from klteach.drift.binning import CATEGORIES, NUMBERS, Binning
from klteach.drift.engines import table_of
from klteach.drift.errors import DriftError, listed
from klteach.drift.histogram import Histogram
from klteach.drift.saving import write_whole
from klteach.drift.tables import DATES, in_order, require_columns, require_windows
from klteach.whole_files import made_with

FORMAT = 2
OLDER = (1,)  # read as well: in these nobody held rows out


@dataclass(frozen=True, eq=False)
class Profile:
    """The histograms of the columns of a table.

    histograms     a Histogram for each column
    rows           how many rows were counted
    window         where the rows come from, if known: {"column", "from", "to", "windows"}
    window_counts  for each column the counts of each window, of shape (windows, cells)
    window_names   the windows, in the order of those counts
    made_with      the version that made it
    held_out       counts of the rows that did not choose the cells, for columns where others did
    absent         columns of the baseline that could not be counted, and why
    new_columns    columns that the baseline does not know
    window_name    the window, if this is but one of several
    reading        how the table was read, for the next one to be read alike: a CSV's dialect, the
                   period of its windows, parts of times, columns that were left out on purpose

    >>> baseline = Profile.of({"age": list(range(100)), "city": ["Ulm", "Bern"] * 50}, cells=4)
    >>> baseline.histograms["age"].counts.tolist()
    [0, 24, 25, 25, 26, 0, 0, 0, 0]
    >>> today = baseline.count({"age": [3, None], "city": ["Ulm", "Rome"]})
    >>> today.histograms["city"].counts.tolist()
    [0, 1, 1, 0]
    """

    histograms: dict[str, Histogram[Binning]]
    rows: int
    window: dict = field(default_factory=dict)
    window_counts: dict[str, np.ndarray] | None = None
    window_names: tuple[str, ...] = ()
    made_with: str = field(default_factory=made_with)
    held_out: dict[str, np.ndarray] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    new_columns: tuple[str, ...] = ()
    window_name: str = ""
    reading: dict = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        table,
        columns=None,
        cells: int = 10,
        categorical=(),
        window: str | None = None,
        most: int = 50,
        without=(),
        without_windows=(),
        period: str = "day",
        plain: bool = False,
        progress=None,
    ) -> "Profile":
        """Lock the cells on a table and count it.

        table        a dict of arrays or lists, a NumPy structured array, a frame that Narwhals
                     knows, or the path of a CSV or Parquet file
        columns      those to watch; all if None, but `without` and `window`
        cells        of each column of numbers, about equally full; codes get a cell each
        categorical  columns of numbers that are categories
        window       a column by which rows belong together (a day, a class, a task); the counts of
                     each window are kept, as they show how much good windows differ
        most         a category each for so many of the commonest values
        without_windows  windows that were not good: their rows choose cells, and are not counted
        period       of a column of times as window: hour, day, week or month
        plain        the usual cells, quantiles that are open at both ends and one cell for all
                     other categories, instead of those that see what is new as well

        Edges are exact quantiles; of a file with more than a million rows, those of a sample of
        half a million rows or more that is always the same (its shares are right to ±0.0007). The
        counts are of all rows. Errors: DriftError for a table without rows, columns that are not
        there, without any value, or of dates, lists and the like.
        """
        if isinstance(cells, bool) or int(cells) != cells or cells < 2:
            raise DriftError(f"cells is {cells!r}; a drift shows in two cells or more.")
        if int(most) != most or most < 1:
            raise DriftError(f"most is {most!r}; there is one category at least.")
        source = table_of(table)
        wanted, categorical = _chosen(source, columns, _names(categorical), window, _names(without))
        if source.empty:
            raise DriftError("the table has no rows, and a baseline needs some.")
        kinds, reasons = source.kinds([c for c in wanted if c not in categorical])
        kinds = {c: CATEGORIES if c in categorical else kinds.get(c, "") for c in wanted}
        known = {column: kind for column, kind in kinds.items() if kind}
        source.set_kinds(known)
        binnings, held_out, empty = _locked(source, known, cells, most, plain)
        _refuse(reasons | empty)
        profile = _counted(source, binnings, window, progress, period=period)
        left_out = [name for name in source.names if name not in binnings and name != window]
        reading = {"period": period if window else "", "left out": left_out}
        kept = {name: value for name, value in reading.items() if value}
        profile = replace(profile, held_out=held_out, reading=kept)
        return profile.without_windows(_names(without_windows)) if without_windows else profile

    def count(
        self, table, window: str | None = None, progress=None, absent: str = "raise"
    ) -> "Profile":
        """Another table in the same cells; `window` as for `of`.

        A column that is not there, or that held numbers and now holds text, is an error; with
        absent="report" it is noted, and the others are counted. An error it is if none is left.
        """
        period = self.reading.get("period", "day")
        reading = {name: value for name, value in self.reading.items() if name != "period"}
        reading |= {"period": period} if window else {}
        if absent == "raise":
            counted = _counted(table, self.binnings, window, progress, period=period)
            return replace(counted, reading=reading)
        source = table_of(table, {c: b.kind for c, b in self.binnings.items()})
        there, reasons = source.countable(self.binnings)
        if not there:
            raise DriftError(
                "no column of the baseline can be counted: "
                + "; ".join(f"{column!r}: {reason}" for column, reason in reasons.items())
                + "."
            )
        counted = _counted(source, there, window, progress, "skip", period)
        left_out = self.reading.get("left out", [])
        known = {*self.binnings, *left_out, window, self.window.get("column")}
        new = tuple(name for name in source.names if name not in known)
        return replace(counted, absent=reasons | counted.absent, new_columns=new, reading=reading)

    def of_window(self, place: int) -> "Profile":
        """One of the windows by itself."""
        name = self.window_names[place]
        histograms = {
            column: Histogram(self.binnings[column], counts[place])
            for column, counts in self._windows.items()
        }
        rows = next((h.total for h in histograms.values()), 0)
        about = {"column": self.window["column"], "from": name, "to": name, "windows": 1}
        return Profile(
            histograms,
            rows,
            about,
            absent=self.absent,
            new_columns=self.new_columns,
            window_name=name,
        )

    def without_windows(self, names) -> "Profile":
        """The profile without the rows of some windows; DriftError if one is not there."""
        if not self.window_names:
            raise DriftError("the table is not counted by windows, so none can be left out.")
        strangers = [name for name in names if name not in self.window_names]
        if strangers:
            there = f"from {self.window_names[0]} to {self.window_names[-1]}"
            raise DriftError(
                f"the table has no window {listed(strangers)}; it has {len(self.window_names)}, "
                f"{there}."
            )
        kept = [place for place, name in enumerate(self.window_names) if name not in set(names)]
        if not kept:
            raise DriftError("no window is left.")
        windows = {
            self.window_names[place]: {c: rows[place] for c, rows in self._windows.items()}
            for place in kept
        }
        histograms = {
            column: Histogram(self.binnings[column], rows[kept].sum(axis=0))
            for column, rows in self._windows.items()
        }
        rows = next(iter(histograms.values())).total
        profile = _with_windows(histograms, rows, self.window["column"], windows)
        # the half that did not choose is not known by windows; the others' rows chose nothing
        return replace(profile, reading=self.reading, made_with=self.made_with)

    def without_columns(self, names) -> "Profile":
        """The profile of the other columns; DriftError if one is not there, or none is left."""
        require_columns(names, self.histograms, "the baseline")
        kept = {c: h for c, h in self.histograms.items() if c not in set(names)}
        if not kept:
            raise DriftError("no column is left to watch.")
        windows = self.window_counts
        return replace(
            self,
            histograms=kept,
            window_counts=None if windows is None else {c: windows[c] for c in kept},
            held_out={c: counts for c, counts in self.held_out.items() if c in kept},
        )

    @property
    def _windows(self) -> dict[str, np.ndarray]:
        return self.window_counts or {}

    def independent(self, column: str) -> Histogram[Binning]:
        """Counts of a column that know nothing of how its cells were chosen among categories."""
        histogram = self.histograms[column]
        held_out = self.held_out.get(column)
        return histogram if held_out is None else Histogram(histogram.binning, held_out)

    @property
    def binnings(self) -> dict[str, Binning]:
        """The cells of each column."""
        return {column: histogram.binning for column, histogram in self.histograms.items()}

    def __add__(self, other: "Profile") -> "Profile":
        """The profile of both tables together. A window that both have is one window."""
        require_columns(self.histograms, other.histograms, "the other profile")
        require_columns(other.histograms, self.histograms, "the profile")
        if self.window.get("column") != other.window.get("column"):
            raise DriftError(
                f"one profile has windows of {self.window.get('column')!r} and the other of "
                f"{other.window.get('column')!r}. Count both with the same window."
            )
        histograms = {c: own + other.histograms[c] for c, own in self.histograms.items()}
        windows = None
        mine, theirs = self.window_counts, other.window_counts
        if mine is not None and theirs is not None:
            both: dict[str, dict[str, np.ndarray]] = {}
            for names, found in ((self.window_names, mine), (other.window_names, theirs)):
                for place, name in enumerate(names):
                    part = both.setdefault(name, {})
                    for column, counts in found.items():
                        part[column] = part.get(column, 0) + counts[place]
            windows = in_order(both)
        held_out = {
            c: self.independent(c).counts + other.independent(c).counts
            for c in self.histograms
            if c in self.held_out or c in other.held_out
        }
        both_rows = self.rows + other.rows
        profile = _with_windows(histograms, both_rows, self.window.get("column"), windows)
        return replace(profile, held_out=held_out, reading=self.reading)

    def __eq__(self, other) -> bool:
        return isinstance(other, Profile) and self._content() == other._content()

    def save(self, path, overwrite: bool = False) -> None:
        """Write one JSON file; an existing one is only replaced with `overwrite=True`."""
        content = self._content()
        content["checksum"] = _checksum(content)
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        write_whole(path, text + "\n", overwrite)

    @classmethod
    def load(cls, path) -> "Profile":
        """The profile that `save` wrote.

        Errors: DriftError for what is no such file, is of another format, was edited or cut off, or
        contradicts itself.
        """
        path = Path(path)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise DriftError(f"the baseline {path} cannot be read: {error.strerror}.") from None
        except (ValueError, RecursionError):
            raise DriftError(
                f"{path} is no baseline: it is not JSON, or was cut off. Make it again with "
                "klteach drift baseline."
            ) from None
        if not isinstance(content, dict) or "format" not in content:
            raise DriftError(f"{path} is no baseline: it does not say which format it has.")
        if content["format"] not in (FORMAT, *OLDER) or isinstance(content["format"], bool):
            raise DriftError(
                f"{path} has the format {content['format']!r}, made with "
                f"{content.get('made with', 'an unknown version')}; {made_with()} reads the format "
                f"{FORMAT}. Make the baseline again, or use the version that made it."
            )
        checksum = content.pop("checksum", None)
        if checksum != _checksum(content):
            raise DriftError(
                f"the baseline {path} was edited by hand or cut off: its checksum does not match. "
                "Make it again; a threshold is only as good as the counts behind it."
            )
        try:
            return cls._of_content(content)
        except DriftError as error:
            raise DriftError(f"the baseline {path} contradicts itself: {error}") from None
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DriftError(
                f"the baseline {path} lacks something or has it in another form "
                f"({type(error).__name__}: {error}). Make it again."
            ) from None

    def _content(self) -> dict:
        columns = []
        for name, histogram in self.histograms.items():
            column = {
                "binning": histogram.binning.to_dict(),
                "fingerprint": histogram.binning.fingerprint,
                "counts": histogram.counts.tolist(),
            }
            if name in self.held_out:
                column["held out"] = self.held_out[name].tolist()
            if self.window_counts is not None:
                column["window counts"] = np.asarray(self.window_counts[name]).tolist()
            columns.append(column)
        content = {
            "format": FORMAT,
            "made with": self.made_with,
            "rows": self.rows,
            "window": self.window,
            "window names": list(self.window_names),
            "columns": columns,
        }
        if self.reading:
            content["reading"] = self.reading
        return json.loads(json.dumps(content))  # tuples as the lists that they are in the file

    @classmethod
    def _of_content(cls, content: dict) -> "Profile":
        names = tuple(content["window names"])
        histograms, windows, held_out = {}, {}, {}
        for column in content["columns"]:
            binning = Binning.from_dict(column["binning"])
            name = binning.column
            if name in histograms:
                raise DriftError(f"the column {name!r} comes twice.")
            if column["fingerprint"] != binning.fingerprint:
                raise DriftError(
                    f"column {name!r} has the cells {binning.fingerprint[:12]} and its counts "
                    f"belong to the cells {str(column['fingerprint'])[:12]}. Make it again."
                )
            histograms[name] = Histogram(binning, _whole(name, column["counts"]))
            if "held out" in column:
                held_out[name] = Histogram(binning, _whole(name, column["held out"])).counts
            if "window counts" in column:
                rows = [_whole(name, row) for row in column["window counts"]]
                windows[name] = np.array(
                    [Histogram(binning, row).counts for row in rows], dtype=np.int64
                ).reshape(-1, len(binning.cells))
                if len(windows[name]) != len(names):
                    raise DriftError(
                        f"column {name!r} has counts of {len(windows[name])} windows, and there "
                        f"are {len(names)}."
                    )
        if not histograms:
            raise DriftError("it has no columns.")
        if windows and set(windows) != set(histograms):
            raise DriftError("some columns have counts of windows and others have none.")
        rows = content["rows"]
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
            raise DriftError(f"the number of rows is {rows!r}.")
        return cls(
            histograms,
            rows,
            dict(content["window"]),
            windows or None,
            names,
            str(content["made with"]),
            held_out,
            reading=dict(content.get("reading", {})),
        )


def _chosen(source, columns, categorical, window, without):
    """The columns to watch, and which of them are categories by name."""
    columns = None if columns is None else _names(columns)
    named = [*(columns or ()), *categorical, *without, *([window] if window else [])]
    require_columns(dict.fromkeys(named), source.names)
    if columns is None:
        columns = [name for name in source.names if name not in without and name != window]
    else:
        columns = [name for name in dict.fromkeys(columns) if name not in without]
    if window in columns:
        raise DriftError(
            f"the window {window!r} is not watched itself: each window has its own value. Take it "
            "out of the columns."
        )
    if not columns:
        raise DriftError("no column is left to watch.")
    apart = [name for name in categorical if name not in columns]
    if apart:
        raise DriftError(f"{apart[0]!r} is named as categorical and is not among the columns.")
    return columns, set(categorical)


def _names(names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _locked(source, kinds, cells, most, plain):
    """The cells of each column, and the counts of those rows that did not choose them.

    Columns without any value have none; with them, why comes third.
    """
    numbers = [column for column, kind in kinds.items() if kind == NUMBERS]
    categories = [column for column, kind in kinds.items() if kind == CATEGORIES]
    values = source.numbers(numbers) if numbers else {}
    found = source.values(categories) if categories else {}
    binnings: dict[str, Binning] = {}
    held_out: dict[str, np.ndarray] = {}
    reasons: dict[str, str] = {}
    for column, kind in kinds.items():
        try:
            if kind == NUMBERS:
                lock = Binning.of_numbers if plain else Binning.watching_numbers
                binnings[column] = lock(column, values.pop(column), cells)
            elif plain:
                known = found[column] or Counter()
                binnings[column] = Binning.of_category_counts(column, known, most)
            else:
                binnings[column], others = Binning.watching_categories(column, found[column], most)
                if others is not None:
                    held_out[column] = others
        except DriftError:
            reasons[column] = "no finite value" if kind == NUMBERS else "no value at all"
    return binnings, held_out, reasons


def _refuse(reasons: dict[str, str]) -> None:
    """DriftError that names all columns that cannot be watched, and how to go on without them."""
    if not reasons:
        return
    each = "; ".join(f"{column!r} has {reason}" for column, reason in reasons.items())
    one = len(reasons) == 1
    raise DriftError(
        f"{'a column' if one else f'{len(reasons)} columns'} cannot be watched: {each}. Leave "
        f"{'it' if one else 'them'} out: --without {','.join(reasons)} (in Python "
        f"without={list(reasons)})."
        + " A column of dates or times can be the window."
        * (DATES in reasons.values())
    )


def _counted(table, binnings, window, progress, on_bad="raise", period="day") -> Profile:
    source = table_of(table, {column: binning.kind for column, binning in binnings.items()})
    counts = source.count(binnings, window, progress, period, on_bad)
    if window is not None:
        counts = require_windows(counts, window)
    binnings = {c: binning for c, binning in binnings.items() if c not in source.skipped}
    histograms = {
        column: Histogram(
            binning,
            sum((part[column] for part in counts.values()), np.zeros(len(binning.cells), int)),
        )
        for column, binning in binnings.items()
    }
    rows = next((histogram.total for histogram in histograms.values()), 0)
    windows = None if window is None else counts
    return replace(_with_windows(histograms, rows, window, windows), absent=source.skipped)


def _with_windows(histograms, rows, column, windows) -> Profile:
    if windows is None:
        return Profile(histograms, rows)
    names = tuple(windows)
    about = {"column": column, "from": names[0], "to": names[-1]} if names else {"column": column}
    counts = {
        name: np.array([windows[window][name] for window in names], dtype=np.int64).reshape(
            -1, len(histogram.counts)
        )
        for name, histogram in histograms.items()
    }
    return Profile(histograms, rows, about | {"windows": len(names)}, counts, names)


def _whole(column, counts) -> np.ndarray:
    if any(isinstance(count, bool) or not isinstance(count, int) for count in counts):
        raise DriftError(f"column {column!r} has counts that are no whole numbers.")
    return np.array(counts, dtype=np.int64)


def _checksum(content: dict) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
