"""A sample of the rows of a table that comes in parts, for the quantiles of the baseline."""

import numpy as np

MOST_ROWS = 1_000_000


class Sample:
    """All rows of a table of up to a million; of a larger one, every row with the same chance.

    Every row draws a number; those below a bound are kept, and the bound is halved whenever more
    than a million are. So half a million to a million rows are left, the quantiles' shares are
    right to ±0.0007, and the draws come from a fixed seed: the same table gives the same rows,
    whatever parts it comes in.

    >>> sample = Sample()
    >>> sample.add({"x": np.arange(3.0)})
    >>> sample.values()["x"].tolist(), sample.thinned
    ([0.0, 1.0, 2.0], False)
    """

    def __init__(self, most: int = MOST_ROWS):
        self._most = most
        self._bound = 1.0
        self._random = np.random.default_rng(0)
        self._draws: list[np.ndarray] = []
        self._parts: list[dict[str, np.ndarray]] = []
        self._kept = 0

    @property
    def thinned(self) -> bool:
        """Whether rows were left out."""
        return self._bound < 1

    def add(self, part: dict[str, np.ndarray]) -> None:
        """The next rows of the table."""
        rows = len(next(iter(part.values()))) if part else 0
        draws = self._random.random(rows)
        kept = draws < self._bound
        self._draws.append(draws[kept])
        self._parts.append({column: values[kept] for column, values in part.items()})
        self._kept += int(kept.sum())
        while self._kept > self._most:
            self._halve()

    def _halve(self):
        self._bound /= 2
        kept = [draws < self._bound for draws in self._draws]
        self._parts = [
            {column: values[rows] for column, values in part.items()}
            for part, rows in zip(self._parts, kept, strict=True)
        ]
        self._draws = [draws[rows] for draws, rows in zip(self._draws, kept, strict=True)]
        self._kept = sum(map(len, self._draws))

    def values(self) -> dict[str, np.ndarray]:
        """The kept values of each column."""
        columns = self._parts[0] if self._parts else {}
        return {c: np.concatenate([part[c] for part in self._parts]) for c in columns}
