"""Numbers of unit 28 that its lesson and its quiz both print, by a route of their own."""

from functools import cache

import numpy as np
from scipy import special, stats

from klteach.data import employment


@cache
def adults():
    """{covariate: cell of each person}, rank of the age from -1 to 1, work: from the survey."""
    data = employment()
    grown = (data.year == 2018) & (data.columns["AGEP"] >= 18)
    order = np.random.default_rng(28).permutation(grown.sum())
    column = {name: values[grown][order] for name, values in data.columns.items()}
    age = column["AGEP"]
    tenths = np.quantile(age, np.linspace(0.1, 0.9, 9))
    school = column["SCHL"].astype(int)
    born = {"1": 0, "2": 0, "3": 0, "4": 1, "5": 2}
    cells = {
        "age": (age[:, None] >= tenths).sum(axis=1),
        "marital status": column["MAR"].astype(int) - 1,
        "household role": np.where(column["RELP"] == "0", 0, np.where(column["RELP"] == "1", 1, 2)),
        "military service": np.array([code in "12" for code in column["MIL"]]).astype(int),
        "hearing": (column["DEAR"] == "2").astype(int),
        "disability": (column["DIS"] == "2").astype(int),
        "moved this year": np.array([code in "23" for code in column["MIG"]]).astype(int),
        "schooling": sum((school >= edge).astype(int) for edge in (16, 18, 21)),
        "memory": (column["DREM"] == "2").astype(int),
        "citizenship": np.array([born[code] for code in column["CIT"]]),
        "sex": (column["SEX"] == "2").astype(int),
    }
    place = np.empty(len(age))
    place[np.argsort(age, kind="stable")] = np.linspace(-1, 1, len(age))
    return cells, place, data.employed[grown][order]


def psi(values, in_p):
    """(PSI, its p-value) of one covariate between the arms, with half a person in each cell."""
    value = divergence(values, in_p)
    return value, stats.chi2.sf(value / (1 / in_p.sum() + 1 / (~in_p).sum()), values.max())


def divergence(values, in_p):
    """PSI with half a person in each cell."""
    p, q = (np.bincount(values[rows], minlength=values.max() + 1) + 0.5 for rows in (in_p, ~in_p))
    p, q = p / p.sum(), q / q.sum()
    return special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()


@cache
def any_outside(tosses=1500, size=4000, rate=0.05, seed=99):
    """(how often a coin leaves at least one band, standard error), by tosses of its own."""
    covariates = [values[:size] for values in adults()[0].values()]
    edges = [stats.chi2.isf(rate, values.max()) for values in covariates]
    random = np.random.default_rng(seed)
    hit = 0
    for _ in range(tosses):
        in_p = random.random(size) < 0.5
        noise = 1 / in_p.sum() + 1 / (~in_p).sum()
        hit += any(
            divergence(values, in_p) > edge * noise
            for values, edge in zip(covariates, edges, strict=True)
        )
    share = hit / tosses
    return share, np.sqrt(share * (1 - share) / tosses)
