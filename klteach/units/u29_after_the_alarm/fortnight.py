"""Some mornings in a row: a file for each day, and the daily check on it."""

import contextlib
import csv
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from klteach.drift import Profile
from klteach.units.u29_after_the_alarm.daily_check import main


def every_morning(
    baseline: Profile, days: Mapping[int, np.ndarray], *options: str
) -> tuple[list[int], list[int]]:
    """The exit code of each day's check, and the rows to review of the last one, from 0.

    days     the number of each day, and its distances
    options  of the script, such as "--least-effect", "0.1"
    """
    codes = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        baseline.save(folder / "baseline.json")
        for day, distance in days.items():
            file, rows = folder / f"day_{day}.csv", folder / "rows.csv"
            file.write_text("\n".join(["distance", *map(repr, distance.tolist())]) + "\n")
            with contextlib.suppress(FileNotFoundError):
                rows.unlink()
            files = (str(folder / "baseline.json"), str(file), "--rows", str(rows))
            codes.append(main([*files, "--quiet", *options]))
        review = list(csv.DictReader(rows.read_text().splitlines())) if rows.exists() else []
    return codes, [int(line["row"]) for line in review]
