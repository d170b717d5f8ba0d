"""What the tests of the explorers share: many states of one, and what its frame says in them."""

import itertools
import math

import numpy as np

MOST_STATES = 5000


def state_of(explorer, count=300, seed=0):
    """(raw states, the arrays that update receives): all of them where the grid is small enough.

    Elsewhere `count` random settings of the sliders and the distributions, each with every choice.
    The controls come in order, the first one changing fastest.
    """
    controls = explorer._controls
    if math.prod(control.count() for control in controls) <= MOST_STATES:
        raws = _product(controls)
    else:
        random = np.random.default_rng(seed)
        drawn = [control for control in controls if control.kind != "choice"]
        columns = [_draws(control, count, random) for control in drawn]
        settings = [
            {control.name: value for control, value in zip(drawn, values, strict=True)}
            for values in zip(*columns, strict=True)
        ]
        choices = _product([control for control in controls if control.kind == "choice"])
        raws = [setting | choice for choice in choices for setting in settings]
    return raws, explorer._numeric(raws)


def one_hand(explorer):
    """The raw states that one handle reaches from the start, each slider and each share alone."""
    controls = explorer._controls
    start = {control.name: control.describe()["value"] for control in controls}
    for control in controls:
        values = _rescaled(control) if control.kind == "simplex" else control.every()
        yield from (start | {control.name: value} for value in values)


def _rescaled(control):
    """Each share at each height, the others in the proportions of the start, in whole numbers."""
    start, size = np.array(control.start), len(control.outcomes)
    for index in range(size):
        others = np.delete(start - control.minimum, index)
        for share in range(control.minimum, control.total - control.minimum * (size - 1) + 1):
            free = control.total - share - control.minimum * (size - 1)
            weights = others if others.sum() else np.ones(size - 1)
            shares = np.floor(free * weights / weights.sum()).astype(int)
            shares[0] += free - shares.sum()
            yield np.insert(shares + control.minimum, index, share).tolist()


def _product(controls):
    every = itertools.product(*(control.every() for control in reversed(controls)))
    names = [control.name for control in reversed(controls)]
    return [dict(zip(names, values, strict=True)) for values in every]


def _draws(control, count, random):
    if control.kind == "slider":
        return random.choice(control.every(), size=count).tolist()
    size = len(control.outcomes)
    free = control.total - control.minimum * size
    sparse = np.r_[0.97, np.full(size - 1, 0.03 / (size - 1))]
    shares = np.concatenate([
        random.multinomial(free, np.full(size, 1 / size), size=count - count // 2 - 1),
        random.multinomial(free, sparse, size=count // 2),
        [[free] + [0] * (size - 1)],
    ])  # fmt: skip
    return (shares + control.minimum).tolist()


def readout(frame, label):
    return next(item.values for item in frame.readouts if item.label == label)


def margins_hold(frame):
    for invariant in frame.invariants:
        assert (invariant.margins >= -invariant.tolerance).all(), invariant.label


def area(corners):
    """The area of polygons (..., vertices, 2), by the shoelace formula."""
    x, y = corners[..., 0], corners[..., 1]
    return abs((x * np.roll(y, -1, axis=-1) - y * np.roll(x, -1, axis=-1)).sum(axis=-1)) / 2
