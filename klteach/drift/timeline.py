"""Several windows, one after the other: a report on each, and one verdict on all of them.

Of fourteen quiet days, each judged at 5 %, one or more alarm in half of all fortnights. So what
alarms over all windows is that more of them drift than chance explains, or that a column is far
beyond its threshold in one; who wants to know of each single one asks for "any", and who looks
every day at the newest asks for "last".
"""

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from math import comb

from klteach.drift.errors import DriftError, several
from klteach.drift.report import ColumnReport, DriftReport
from klteach.drift.timeline_page import timeline_page
from klteach.drift.verdicts import CANNOT_TELL, DRIFT, NO_DRIFT, most_urgent

MOST_NAMED = 2  # columns in the headline
FAR = 4  # times its threshold is no chance: an outage, a broken load
ALARMS = ("more than chance", "any", "last")


@dataclass(frozen=True)
class WindowCheck:
    """One window that was held against the baseline.

    name     the window as the data has it: "2024-05-01"; the name of the file if it has none
    file     the name of the file that the rows came from, or ""
    report   what was found
    """

    name: str
    file: str
    report: DriftReport


@dataclass(frozen=True)
class Timeline:
    """The windows in their order.

    windows   a WindowCheck each
    rate      the false-alarm rate of one window
    alarm     what alarms: "more than chance", "any" window, or the "last" one
    """

    windows: tuple[WindowCheck, ...]
    rate: float
    alarm: str = ALARMS[0]

    def __post_init__(self):
        if self.alarm not in ALARMS:
            raise DriftError(f"alarm {self.alarm!r} is not known; there are {', '.join(ALARMS)}.")
        if not self.windows:
            raise DriftError("there is no window at all, so there is nothing to judge.")

    @cached_property
    def drifting(self) -> tuple[WindowCheck, ...]:
        """The windows in which a column drifts."""
        return tuple(window for window in self.windows if window.report.verdict == DRIFT)

    @cached_property
    def far(self) -> tuple[WindowCheck, ...]:
        """The windows in which a column drifts at four times its threshold or more."""
        return tuple(
            window
            for window in self.drifting
            if any(c.value >= FAR * c.threshold for c in window.report.with_verdict(DRIFT))
        )

    @cached_property
    def judged(self) -> int:
        """How many windows could be judged, at least in part."""
        blind = sum(
            all(column.verdict in CANNOT_TELL for column in window.report.columns)
            for window in self.windows
        )
        return len(self.windows) - blind

    @cached_property
    def least(self) -> int:
        """So many drifting windows are more than chance: as many come at the rate or less."""
        return next(k for k in range(1, self.judged + 2) if self._chance(k) <= self.rate)

    def _chance(self, least: int) -> float:
        """How likely `least` or more of the windows are flagged if all are quiet.

        Windows that are all held against the same W known-good ones go astray together: among all
        of them, those beyond the known ones' r-th largest value follow the negative hypergeometric
        law. Other nulls are taken as independent.
        """
        new, report = self.judged, self.windows[0].report
        known = report.baseline_window.get("windows", 0) if report.null == "windows" else 0
        if not known:
            few = (comb(new, k) * self.rate**k * (1 - self.rate) ** (new - k) for k in range(least))
            return 1 - sum(few)
        beyond = int(self.rate * (known + 1) + 1e-9)
        if not beyond:
            return 0.0
        few = (
            comb(k + beyond - 1, k) * comb(known - beyond + new - k, new - k) for k in range(least)
        )
        return 1 - sum(few) / comb(known + new, new)

    @property
    def verdict(self) -> str:
        """One verdict on all windows, by what `alarm` says."""
        last = self.windows[-1].report.verdict
        if self.alarm == "last":
            return last
        needed = 1 if self.alarm == "any" or self.far else self.least
        if len(self.drifting) >= needed:
            return DRIFT
        others = [w.report.verdict for w in self.windows if w.report.verdict != DRIFT]
        return most_urgent(others) if others or not self.windows else NO_DRIFT

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        of = several(len(self.windows), "window")
        found = len(self.drifting)
        said = f"drift in {found} of {of}{self._where}" if found else f"no drift seen in {of}"
        if self.verdict in CANNOT_TELL:
            return f"cannot tell: {self.verdict} ({said})"
        if found and self.verdict != DRIFT:
            share = f"{100 * self._chance(found):.2g} %"
            why = (
                f"as many come by chance in {share} of such data without drift"
                if self.alarm != "last"
                else "and none in the last"
            )
            return f"no drift: {said}, {why}"
        return said

    @property
    def _where(self) -> str:
        """The columns that drift most often, and since when."""
        often = Counter(
            column.column
            for window in self.drifting
            for column in window.report.with_verdict(DRIFT)
        )
        named = [f"{column} in {count}" for column, count in often.most_common(MOST_NAMED)]
        if len(often) > MOST_NAMED:
            named.append(several(len(often) - MOST_NAMED, "more column"))
        return f", first {self.drifting[0].name}: {', '.join(named)}"

    @property
    def basis(self) -> tuple[str, ...]:
        """What the verdict rests on, a line each."""
        how = {
            "more than chance": f"it alarms if {several(self.least, 'window')} or more drift, "
            f"which chance does at a rate of {self.rate:g} or less, or if a column is at {FAR} "
            "times its threshold in one",
            "any": "it alarms if any window drifts",
            "last": "it alarms if the last window drifts",
        }
        last = self.windows[-1].report
        about = {key: value for key, value in last.about.items() if key in ("baseline", "checked")}
        every = [set(window.report.notes) for window in self.windows]
        notes = tuple(note for note in last.notes if all(note in own for own in every))
        shared = replace(last, about=about, current_window={}, notes=notes)
        return (*shared.basis, how[self.alarm])

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns, in the order of the baseline."""
        found = (column.column for window in self.windows for column in window.report.columns)
        return tuple(dict.fromkeys(found))

    def of_column(self, name: str) -> tuple[tuple[WindowCheck, ColumnReport], ...]:
        """Window by window what was found of one column."""
        return tuple(
            (window, column)
            for window in self.windows
            for column in window.report.columns
            if column.column == name
        )

    def __str__(self):
        rows = [("window", "verdict", "in")]
        for window in self.windows:
            verdict = window.report.verdict
            named = window.report.with_verdict(verdict) if verdict != NO_DRIFT else ()
            rows.append((window.name, verdict, ", ".join(column.column for column in named)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        reasons = self._reasons()
        return "\n".join(
            [self.headline, *self.basis, "", *lines, *([""] * bool(reasons)), *reasons]
        )

    def _reasons(self) -> list[str]:
        """Why columns could not be judged, a line each, with the windows that it is about."""
        about: dict[tuple[str, str], list[str]] = {}
        for window in self.windows:
            for column in window.report.columns:
                if column.verdict in CANNOT_TELL:
                    about.setdefault((column.column, column.note), []).append(window.name)
        found = []
        for (name, note), windows in about.items():
            more = f" and {several(len(windows) - 1, 'window')} more" if len(windows) > 1 else ""
            found.append(f"{name}, {windows[0]}{more}: {note}")
        return found

    def to_dict(self) -> dict:
        """Plain values for JSON."""
        return {
            "format": "klteach drift timeline",
            "version": 1,
            "verdict": self.verdict,
            "headline": self.headline,
            "alarm": self.alarm,
            "rate": self.rate,
            "windows": [_of_window(window) for window in self.windows],
        }

    def to_json(self) -> str:
        """All windows as JSON."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def to_html(self) -> str:
        """All windows as one HTML file, pictures and all, that loads nothing."""
        return timeline_page(self)

    def to_json_lines(self) -> str:
        """A line of JSON for each window: what a dashboard reads, and `>>` appends to a history."""
        return "".join(
            json.dumps(_of_window(window), ensure_ascii=False, allow_nan=False) + "\n"
            for window in self.windows
        )


def _of_window(window: WindowCheck) -> dict:
    return {"window": window.name, "file": window.file} | window.report.to_dict()
