"""Small tables on which a drift monitor once was wrong without a word, and a desk to try them at.

Each function gives a baseline and what was checked against it. Seeds are fixed: of data without
drift one table in twenty alarms, as promised, and these do not.
"""

import contextlib
import datetime
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars

from klteach.cli import main


@dataclass(frozen=True)
class Outcome:
    """What the command said, and its exit code."""

    code: int
    out: str
    err: str

    def verdict(self, column: str) -> str:
        """The verdict on one column, from the text table."""
        lines = (line.split() for line in self.out.splitlines())
        words = next(words for words in lines if words[:1] == [column])
        return " ".join(words[1:3]) if words[1] in ("no", "other", "not", "too") else words[1]


class Desk:
    """A folder in which the command is used as a person would use it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def put(self, name: str, table: polars.DataFrame) -> Path:
        """Write a table as CSV or Parquet, by the ending of the name."""
        path = self.folder / name
        (table.write_csv if path.suffix == ".csv" else table.write_parquet)(path)
        return path

    def baseline(self, file, *options) -> Outcome:
        """Lock the baseline b.json on a file of the folder."""
        return self._run(
            "baseline", self.folder / file, "--out", self._baseline, "--force", *options
        )

    def check(self, *arguments) -> Outcome:
        """Check files of the folder; what is no file there is an option."""
        there = (self.folder / str(word) for word in arguments)
        words = (
            path if path.exists() else word for path, word in zip(there, arguments, strict=True)
        )
        return self._run("check", self._baseline, *words)

    def reports(self, *arguments) -> list[dict]:
        """The reports on the windows of a check, as JSON has them."""
        self.check(*arguments, "--json", self.folder / "report.json", "--quiet")
        found = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        return found.get("windows", [found])

    @property
    def _baseline(self):
        return self.folder / "b.json"

    @staticmethod
    def _run(*arguments) -> Outcome:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["drift", *map(str, arguments)])
        return Outcome(code, out.getvalue(), err.getvalue())


def _table(**columns) -> polars.DataFrame:
    return polars.DataFrame(columns)


def constant_in_all_windows():
    """Case 1: the currency is always EUR, and a quarter of today's rows are USD."""
    random = np.random.default_rng(101)

    def table(first, days, dollars, rows=200):
        total = days * rows
        return _table(
            day=np.repeat(np.arange(first, first + days), rows),
            amount=random.lognormal(2, 1, total).round(2),
            currency=np.where(random.random(total) < dollars, "USD", "EUR").tolist(),
        )

    return table(0, 40, 0), table(40, 1, 0.25)


def rare_flag():
    """Case 2: an error comes on six of sixty days, and today all distances are four times."""
    random = np.random.default_rng(102)

    def table(first, days, times, rows=300):
        day = np.repeat(np.arange(first, first + days), rows)
        bad = (day >= 20) & (day < 26)
        return _table(
            day=day,
            km=(random.gamma(2, 5, len(day)) * times).round(2),
            error=(bad & (random.random(len(day)) < 0.01)).astype(int),
        )

    return table(0, 60, 1), table(60, 1, 4)


def codes_in_whole_numbers():
    """Case 3: values that were never there, between and beyond those that were."""
    random = np.random.default_rng(103)
    rows = 1000
    then = _table(
        flag=random.integers(0, 2, rows),
        label=random.integers(0, 2, rows),
        status=random.choice([200, 301, 404, 500], rows, p=[0.7, 0.1, 0.1, 0.1]),
    )
    now = _table(
        flag=random.integers(0, 2, rows) * 100,
        label=random.integers(0, 2, rows) * 2,
        status=random.choice([200, 206, 301, 404, 503], rows, p=[0.35, 0.35, 0.1, 0.1, 0.1]),
    )
    return then, now


def all_rows_one_text():
    """Case 4: each row has a text of its own, and today all of them have the same."""
    rows = 3000
    then = _table(
        email=[f"person.{row}@example.com" for row in range(rows)],
        remark=[f"remark number {row}" for row in range(rows)],
    )
    return then, _table(email=["test@example.com"] * 500, remark=[""] * 500)


def numbers_written_as_text():
    """Case 5: amounts as people write them; today all of them are three times as large."""
    random = np.random.default_rng(105)

    def table(rows, times):
        amounts = random.lognormal(4, 0.8, rows) * times
        return _table(
            dollars=[f"${amount:.2f}" for amount in amounts],
            comma=[f"{amount:.2f}".replace(".", ",") for amount in amounts],
            percent=[f"{amount:.2f}%" for amount in amounts],
        )

    return table(16_000, 1), table(1000, 3)


def beyond_the_last_edge():
    """Case 6: only what was among the largest has changed, or what was not zero."""
    random = np.random.default_rng(106)
    rows = 2000
    amount = random.lognormal(3, 1, rows)
    score = random.random(rows)

    def mostly_zero(times):
        return np.where(random.random(rows) < 0.95, 0, random.lognormal(3, 1, rows) * times)

    then = _table(
        amount=random.lognormal(3, 1, rows), score=random.random(rows), paid=mostly_zero(1)
    )
    now = _table(
        amount=np.where(amount > np.quantile(amount, 0.92), amount * 1000, amount),
        score=np.where(score > 0.92, score + 5, score),
        paid=mostly_zero(20),
    )
    return then, now


def many_categories(seed):
    """Case 7: one law on both sides, of 800 codes and of identifiers."""
    random = np.random.default_rng(seed)
    codes = [f"{code:05}" for code in random.integers(10_000, 99_999, 800)]

    def table(rows=3000):
        return _table(
            postal_code=random.choice(codes, rows),
            order_id=[f"{number:016x}" for number in random.integers(0, 2**62, rows)],
        )

    return table(), table()


def times_as_windows():
    """Case 9: 40 days, each row with its own second."""
    random = np.random.default_rng(109)
    rows = 2000
    seconds = np.sort(random.integers(0, 40 * 86_400, rows))
    start = datetime.datetime(2024, 3, 1)
    times = [start + datetime.timedelta(seconds=int(second)) for second in seconds]
    return _table(created_at=times, x=random.normal(size=rows))


def fourteen_shifted_days():
    """Case 10: days differ by a tenth of a standard deviation, and the new ones by more."""
    random = np.random.default_rng(110)

    def table(first, days, shift, rows=400):
        day = np.repeat(np.arange(first, first + days), rows)
        own = np.repeat(random.normal(shift, 0.1, days), rows)
        return _table(day=day, x=random.normal(size=len(day)) + own)

    return table(0, 60, 0), table(60, 14, 0.25)


def plain(seed=112, rows=400):
    """Cases 12 to 14 and 21: a plain table, which is drawn anew for another seed."""
    random = np.random.default_rng(seed)
    return _table(
        x=random.normal(size=rows),
        y=random.choice(["a", "b"], rows),
        k=random.integers(0, 100, rows),
    )


def unusable_columns(rows=200):
    """Case 15: five columns that have no cells, and one that has."""
    random = np.random.default_rng(115)
    return _table(
        created=[datetime.datetime(2024, 1, 1)] * rows,
        updated=[datetime.datetime(2024, 1, 2)] * rows,
        tags=[["a", "b"]] * rows,
        address=[{"street": "High Street"}] * rows,
        legacy=polars.Series([None] * rows, dtype=polars.String),
        x=random.normal(size=rows),
    )


def three_bad_days():
    """Case 16: three of sixty days are three standard deviations off, and today is one."""
    random = np.random.default_rng(116)
    shifts = random.normal(0, 0.05, 60)
    shifts[[11, 12, 47]] += 3

    def table(first, shifts, rows=200):
        day = np.repeat(np.arange(first, first + len(shifts)), rows)
        own = np.repeat(shifts, rows)
        return _table(day=day, x=random.normal(size=len(day)) + own, y=random.normal(size=len(day)))

    return table(0, shifts), table(60, [1.0])


def long_labels():
    """Case 18: names that begin alike."""
    random = np.random.default_rng(118)
    rows = 2000
    names = np.array([f"a_category_with_a_long_name_{number}" for number in range(20)])
    smaller = np.minimum(random.integers(0, 20, rows), random.integers(0, 20, rows))
    return _table(c=random.choice(names, rows)), _table(c=names[smaller])


def days_that_differ():
    """Case 19: every day has a mean of its own, and today is a day like the others."""
    random = np.random.default_rng(119)

    def table(first, shifts, rows=300):
        day = np.repeat(np.arange(first, first + len(shifts)), rows)
        return _table(day=day, x=random.normal(size=len(day)) + np.repeat(shifts, rows))

    return table(0, random.normal(0, 0.15, 60)), table(60, [0.2])


def orders(seed, days=74, first=datetime.date(2024, 3, 1), rows=300):
    """Orders of some days, one table a day, with small effects of days and weekends.

    Twelve columns of many kinds, and the number, time and day of the order; from the ninth day
    after the sixtieth the deliveries are a fifth longer.
    """
    random = np.random.default_rng(seed)
    return [
        _orders_of(random, first + datetime.timedelta(days=day), rows, 1.2 if day >= 68 else 1)
        for day in range(days)
    ]


def _orders_of(random, date, usual, longer):
    weekend = date.weekday() >= 5
    rows = int(random.poisson(usual * (0.8 if weekend else 1)))

    def effect(size):
        return np.exp(random.normal(0, size))

    def mixed(names, shares):
        shares = np.array(shares) * np.exp(random.normal(0, 0.02, len(shares)))
        shares[0] *= 1.03 if weekend else 1
        return random.choice(names, rows, p=shares / shares.sum())

    midnight = datetime.datetime.combine(date, datetime.time())
    seconds = np.sort(random.integers(0, 86_400, rows))
    age = random.normal(42, 12, rows).round()
    age[random.random(rows) < 0.05] = np.nan
    return polars.DataFrame(
        {
            "order_id": [f"{number:016x}" for number in random.integers(0, 2**62, rows)],
            "created_at": [midnight + datetime.timedelta(seconds=int(s)) for s in seconds],
            "day": [date] * rows,
            "price": random.lognormal(3, 0.8, rows).round(2) * effect(0.02),
            "delivery_km": (random.gamma(6, 1, rows) * effect(0.01) * longer).round(2),
            "items": 1 + random.poisson(2.5, rows),
            "weight": 4 * random.weibull(1.5, rows) * effect(0.01),
            "discount": np.where(random.random(rows) < 0.8, 0, random.beta(2, 8, rows)).round(3),
            "age": age,
            "minutes": random.exponential(30, rows) * effect(0.02),
            "country": mixed(["DE", "AT", "CH", "FR"], [0.4, 0.25, 0.2, 0.15]),
            "payment": mixed(["card", "bill", "voucher"], [0.6, 0.3, 0.1]),
            "is_new": random.random(rows) < 0.12 * effect(0.05),
            "postal_code": (10_000 + np.minimum(random.zipf(1.3, rows), 900)).astype(str),
            "error_code": np.where(random.random(rows) < 0.002, 500, 0),
        },
        nan_to_null=True,
    )
