"""Several windows, one after the other: a report on each, and one verdict on all of them."""

import json
from dataclasses import dataclass

from klteach.drift.report import ColumnReport, DriftReport


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
    """The windows in their order."""

    windows: tuple[WindowCheck, ...]

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

    def to_json_lines(self) -> str:
        """A line of JSON for each window: what a dashboard reads, and `>>` appends to a history."""
        return "".join(
            json.dumps(
                {"window": window.name, "file": window.file} | window.report.to_dict(),
                ensure_ascii=False,
                allow_nan=False,
            )
            + "\n"
            for window in self.windows
        )
