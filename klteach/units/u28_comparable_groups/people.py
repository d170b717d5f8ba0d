"""The people of unit 28: real answers to a survey, in eleven covariates of a few cells each."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from klteach.data import employment

YEAR = 2018
FULL_AGE = 18
SEED_OF_THE_ORDER = 28


@dataclass(frozen=True, eq=False)
class People:
    """Adults, one row each, in no order.

    cells     {covariate: the number of the cell of each person, from 0 on}
    age_rank  the place of each person by age, from -1 for the youngest to 1 for the oldest
    employed  1 for who has work, else 0: the outcome, not to be read before the groups are checked
    """

    cells: dict[str, np.ndarray]
    age_rank: np.ndarray
    employed: np.ndarray

    def first(self, count) -> "People":
        """The first so many people."""
        cells = {name: values[:count] for name, values in self.cells.items()}
        return People(cells, self.age_rank[:count], self.employed[:count])


@cache
def people() -> People:
    """57,513 adults of the American Community Survey in Massachusetts, 2018.

    >>> everybody = people()
    >>> len(everybody.cells), len(everybody.employed)
    (11, 57513)
    """
    data = employment()
    data = data.chosen((data.year == YEAR) & (data.columns["AGEP"] >= FULL_AGE))
    data = data.chosen(np.random.default_rng(SEED_OF_THE_ORDER).permutation(len(data.year)))
    codes = {name: np.asarray(values, dtype=int) for name, values in data.columns.items()}
    age = codes["AGEP"]
    deciles = np.quantile(age, np.arange(1, 10) / 10)
    cells = {
        "age": np.searchsorted(deciles, age, side="right"),
        "marital status": codes["MAR"] - 1,
        "household role": np.select([codes["RELP"] == 0, codes["RELP"] == 1], [0, 1], 2),
        "military service": np.isin(codes["MIL"], (1, 2)).astype(int),
        "hearing": codes["DEAR"] - 1,
        "disability": codes["DIS"] - 1,
        "moved this year": (codes["MIG"] > 1).astype(int),
        # no diploma, school, some college, a degree
        "schooling": np.digitize(codes["SCHL"], (16, 18, 21)),
        "memory": codes["DREM"] - 1,
        # born a citizen, naturalised, not a citizen
        "citizenship": np.maximum(codes["CIT"] - 3, 0),
        "sex": codes["SEX"] - 1,
    }
    order = np.argsort(np.argsort(age, kind="stable"))
    return People(cells, 2 * order / (len(age) - 1) - 1, data.employed)
