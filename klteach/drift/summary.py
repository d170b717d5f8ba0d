"""A column in a few numbers, now and in the baseline, as far as its cells tell them."""

from collections.abc import Mapping

import numpy as np

from klteach.drift.binning import MISSING, NUMBERS, UNSEEN, Binning
from klteach.drift.picture import number, percent

QUARTERS = (0.25, 0.5, 0.75)


def summary_of(binning: Binning, shares: Mapping[str, float]) -> dict:
    """Plain values from the shares of the cells; what the cells cannot tell is left out.

    missing      the share of missing values
    new          of numbers, the share beyond the baseline's range or, of codes, of other values; of
                 categories, of values that the baseline never had
    quartiles    of numbers, about: within a cell the values are taken as evenly spread
    commonest    of categories and codes, the value with the largest share, and that share

    >>> ages = Binning.with_edges("age", [0, 50, 100])
    >>> summary_of(ages, {"0 to 50": 0.45, "50 to 100": 0.45, "missing": 0.1})["quartiles"]
    [25.0, 50.0, 75.0]
    """
    found = np.array([shares.get(cell, 0.0) for cell in binning.cells])
    said: dict = {"missing": float(found[-1])}
    if binning.kind == NUMBERS:
        regular = found[: binning.regular]
        if binning.quantiles:
            said["new"] = float(regular[0] + regular[-1])
        elif binning.labels:  # the codes, and between them what lies between
            said["new"] = float(regular[::2].sum())
            return said | _commonest(binning.labels[1::2], regular[1::2])
        if regular.sum() > 0 and len(binning.edges) > 1:
            said["quartiles"] = _quartiles(binning, regular)
        return said
    if binning.rest == UNSEEN:
        said["new"] = shares.get(UNSEEN, 0.0)
    return said | _commonest(binning.values, found[: len(binning.values)])


def _commonest(values, shares) -> dict:
    if not len(values) or not shares.max() > 0:
        return {}
    best = int(shares.argmax())
    return {"commonest": [values[best], float(shares[best])]}


def _quartiles(binning, shares) -> list[float]:
    """What lies beyond the outer edges is taken as at them."""
    edges = np.array(binning.edges)
    # the edge just above a value stands for that value
    after = np.flatnonzero(binning.single)
    edges[after] = edges[after - 1]
    below = np.cumsum(shares)[:-1] / shares.sum()
    # where nothing lies between two edges, the quantile is the lower one
    rising, places = np.unique(below, return_index=True)
    return np.interp(QUARTERS, rising, edges[places]).tolist()


def in_words(now: Mapping, then: Mapping) -> str:
    """Both summaries in one line: what is now, and in brackets what was in the baseline.

    >>> in_words({"missing": 0.2, "new": 0.0}, {"missing": 0.1, "new": 0.0})
    'missing 20 % (10 %)'
    """
    said = []
    if "quartiles" in now and "quartiles" in then:
        low, middle, high = map(number, now["quartiles"])
        was_low, was_middle, was_high = map(number, then["quartiles"])
        said.append(
            f"median about {middle} ({was_middle}), middle half {low} to {high} "
            f"({was_low} to {was_high})"
        )
    if "commonest" in now and "commonest" in then:
        (value, share), (was, was_share) = now["commonest"], then["commonest"]
        said.append(f"commonest {value!r} {percent(share)} ({was!r} {percent(was_share)})")
    if now.get("new", 0.0) > 0:
        said.append(f"outside of the baseline {percent(now['new'])}")
    if now[MISSING] or then[MISSING]:
        said.append(f"missing {percent(now[MISSING])} ({percent(then[MISSING])})")
    return "; ".join(said)
