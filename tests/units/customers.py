"""The simulated customers and a forecast of their value, by the second route of units 24 and 29."""

from functools import cache

import numpy as np

from klteach.data.lifetime_value import (
    BASELINE_WEEKS,
    LATEST_WEEKS,
    WINDOW_WEEKS,
    lifetime_value,
)


@cache
def customers():
    """(18 months, rolling window, latest) as columns and values, of the simulated table."""
    data = lifetime_value()
    chosen = [np.isin(data.week, list(w)) for w in (BASELINE_WEEKS, WINDOW_WEEKS, LATEST_WEEKS)]
    return [
        ({name: values[rows] for name, values in data.columns.items()}, data.value[rows])
        for rows in chosen
    ]


def design(columns):
    parts = [np.ones(len(columns["seats"]))]
    for values in columns.values():
        if values.dtype == object:
            parts += [(values == kind) * 1.0 for kind in sorted(set(values))[1:]]
        else:
            parts.append(values.astype(float))
    return np.column_stack(parts)


@cache
def forecast(past):
    """Of the latest customers, by the normal equations, trained on 0: 18 months, 1: the window."""
    columns, value = customers()[past]
    x = design(columns)
    scale = x.std(axis=0) + (x.std(axis=0) == 0)  # or the equations are badly conditioned
    x, now = x / scale, design(customers()[2][0]) / scale
    return now @ np.linalg.solve(x.T @ x, x.T @ value)


def bias(past, rows=slice(None)):
    return forecast(past)[rows].mean() / customers()[2][1][rows].mean() - 1
