"""Which cells a column gets. They are chosen on the baseline, once.

Whatever is chosen on the baseline suits it better than any other data of the same law: a value that
got a cell because it was frequent there is rarer everywhere else. A threshold that does not know
this calls it drift. Of numbers, the null is drawn through the choice (`null.quantiles_null`). Of
categories, one half of the rows chooses and the other half is counted, so that neither knows of the
other; where every value is frequent there is nothing to choose, and all rows are counted.
"""

import hashlib
import re
from collections import Counter
from itertools import pairwise

import numpy as np

from klteach.drift.errors import DriftError
from klteach.drift.values import as_numbers

OTHER, UNSEEN = "other", "unseen"
# Whole numbers that repeat, codes and counts, get a cell each up to so many distinct ones.
MOST_CODES = 30
# A value that is seen less often is no value to rely on: another one may come as often.
FEW_ROWS = 5
# With fewer rows every value gets a cell. No column can be judged on half of them.
LEAST_ROWS = 100
# Rare values share so many cells, so that a crowd in one of them shows.
GROUPS = 8
# Above so many distinct rare values, or if half of all rows would bring new ones, it is not kept
# which of them were there.
MOST_KNOWN, MOSTLY_NEW = 100_000, 0.5
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def plain_edges(column: str, values, cells: int = 10) -> tuple[float, ...]:
    """The cells that a divergence is usually taken over: edges at the quantiles, open at both ends.

    A value that is frequent enough to be several quantiles at once gets a cell of its own, and
    few distinct values get one each. Errors: DriftError if no finite value is there.

    >>> plain_edges("x", [1, 2, 3, 4], cells=2)
    (2.0,)
    """
    finite = _finite(column, values)
    distinct = np.unique(finite[: 100 * cells])  # a look at some is enough to see many
    if len(distinct) <= cells:
        distinct = np.unique(finite)
    if len(distinct) == 1:
        # everything in one cell, and a cell on either side for what is not there yet
        edges = np.array([distinct[0], np.nextafter(distinct[0], np.inf)])
    elif len(distinct) <= cells:
        edges = np.unique(distinct[1:] / 2 + distinct[:-1] / 2)
    else:
        edges, frequent = _quantiles(finite, cells)
        # the rest above it would share its cell, and could do anything there unseen
        edges = np.union1d(edges, np.nextafter(frequent, np.inf))
    return tuple(edges.tolist())


def _finite(column, values) -> np.ndarray:
    # a midpoint of two 32-bit numbers would be rounded to 32 bits
    values = as_numbers(column, values).astype(float, copy=False)
    finite = values[np.isfinite(values)]
    if not len(finite):
        raise DriftError(
            f"column {column!r} of the baseline has no finite value, so it has no quantiles."
        )
    return finite


def _quantiles(finite, cells) -> tuple[np.ndarray, np.ndarray]:
    """The values that are quantiles, and those that are several at once."""
    shares = np.arange(1, cells) / cells
    edges, times = np.unique(np.quantile(finite, shares, method="inverted_cdf"), return_counts=True)
    return edges, edges[times > 1]


def cells_of_numbers(column: str, values, cells: int = 10) -> dict:
    """What a Binning has to know: cells of about equally many of the baseline's values.

    There is one beyond either end as well.

    Few values that come again and again, or up to 30 whole numbers that do, get a cell each, and
    what lies between them others. A value that is frequent enough to be several quantiles at once
    gets a cell of its own, and the rest is shared among the other cells. Errors: DriftError if no
    finite value is there.

    >>> cells_of_numbers("status", [200, 404] * 50)["labels"]
    ('below 200', '200', 'between 200 and 404', '404', 'above 404')
    """
    finite = _finite(column, values)
    codes = _codes(finite, cells)
    if codes is not None:
        return _a_cell_each(codes)
    edges, after = _edges(finite, cells)
    return {"edges": edges, "labels": _names(edges, after), "quantiles": True}


def _codes(finite, cells) -> np.ndarray | None:
    """The distinct values, if they are so few that each gets a cell."""
    look = np.unique(finite[: 100 * max(cells, MOST_CODES)])  # of some is enough to see many
    if len(look) > max(cells, MOST_CODES):
        return None
    distinct = np.unique(finite)
    whole = bool((distinct == np.floor(distinct)).all())
    few = len(distinct) <= (max(cells, MOST_CODES) if whole else cells)
    return distinct if few and len(finite) >= 2 * len(distinct) else None


def _a_cell_each(codes) -> dict:
    """Narrow cells around the values: what differs in the last digits is the same value."""
    gap = np.diff(codes).min() if len(codes) > 1 else abs(codes[0]) or 1.0
    low = codes - gap / 1000
    high = np.maximum(codes + gap / 1000, np.nextafter(codes, np.inf))
    edges = [float(edge) for pair in zip(low, high, strict=True) for edge in pair]
    names = _short(codes)
    labels = [f"below {names[0]}"]
    for name, following in pairwise([*names, ""]):
        labels += [name, f"between {name} and {following}" if following else f"above {name}"]
    return {"edges": tuple(edges), "labels": tuple(labels)}


def _edges(finite, cells) -> tuple[tuple[float, ...], dict[float, float]]:
    """Edges, and of those that stand just above a value that value."""
    edges, frequent = _quantiles(finite, cells)
    if len(frequent):
        rest = finite[~np.isin(finite, frequent)]
        wanted = min(max(cells - len(frequent), cells // 2), len(rest) // FEW_ROWS)
        within = _quantiles(rest, wanted)[0] if wanted > 1 else frequent
        edges = np.union1d(frequent, within)
    closing = np.append(frequent, finite.max())
    above = np.nextafter(closing, np.inf)
    after = dict(zip(above.tolist(), closing.tolist(), strict=True))
    edges = np.unique(np.concatenate([edges, [finite.min()], above]))
    return tuple(edges.tolist()), after


def _names(edges, after) -> tuple[str, ...]:
    """Names of the cells between edges; an edge just above a value is called by that value."""
    shown = [after.get(edge, edge) for edge in edges]
    short = dict(zip(shown, _short(shown), strict=True))
    names = [f"below {short[shown[0]]}"]
    for (low, left), (high, right) in pairwise(zip(edges, shown, strict=True)):
        if left == right:
            names.append(short[left])
        elif low in after:
            names.append(f"above {short[left]}" + (f", below {short[right]}" * (high not in after)))
        else:
            names.append(f"{short[left]} to {short[right]}")
    return (*names, f"above {short[shown[-1]]}")


def _short(numbers) -> list[str]:
    """Six digits of each number, or all of them where six do not tell them apart."""
    short = [f"{number:.6g}" for number in numbers]
    return short if len(set(short)) == len(set(numbers)) else [repr(float(n)) for n in numbers]


def cells_of_categories(
    column: str, found: Counter | None, most: int = 50
) -> tuple[dict, Counter | None]:
    """What a Binning has to know, from how often each value comes (None is missing).

    `found` itself is None where there are too many different values to count.

    A cell each for the `most` commonest values; where each of them comes five times or more, that
    is all, and every other value is unseen. Else a half of the rows, drawn by chance,
    chooses: values with five rows of it get a cell, e-mail addresses never; the others it has share
    eight, by a digest of the value; and what it has not is unseen. A column of which half of the
    rows or more would bring new values, such as identifiers, has the eight cells alone.

    How often each value comes in the half that did not choose is returned as well, or None where
    there was nothing to choose. Errors: DriftError if there is no value at all.

    >>> cells_of_categories("city", Counter(Ulm=60, Bern=40))
    ({'values': ('Ulm', 'Bern'), 'rest': 'unseen'}, None)
    """
    if found is None:
        return {"groups": GROUPS, "rest": UNSEEN}, None
    known = _known(column, found)
    private = any(map(_ADDRESS.fullmatch, known))
    rows = sum(known.values())
    plain = len(known) <= most and min(known.values()) >= FEW_ROWS
    if rows < LEAST_ROWS or (plain and not private):
        values = _ranked(known, most)
        rest = UNSEEN if len(values) == len(known) else OTHER
        return {"values": values, "rest": rest}, None
    first, second = _halves(found)
    named = {
        value: count
        for value, count in first.items()
        if value is not None and count >= FEW_ROWS and not _ADDRESS.fullmatch(value)
    }
    values = _ranked(named, most)
    new = sum(count == 1 for count in known.values()) / rows
    rare = set(first) - {None, *values} if new <= MOSTLY_NEW else set()
    digests = sorted({digest_of(value) for value in rare})
    if len(digests) > MOST_KNOWN:
        digests = []
    groups = GROUPS if len(values) < len(first) else 0
    chosen = {"values": values, "groups": groups, "known": tuple(digests), "rest": UNSEEN}
    return chosen, second


def commonest(column: str, found: Counter, most: int) -> tuple[str, ...]:
    """The `most` commonest values; DriftError if there is no value at all.

    >>> commonest("city", Counter(Ulm=3, Bern=5, Rome=3), 2)
    ('Bern', 'Rome')
    """
    return _ranked(_known(column, found), most)


def _known(column, found) -> dict[str, int]:
    known = {value: count for value, count in found.items() if value is not None and count}
    if not known:
        raise DriftError(f"column {column!r} of the baseline has no value at all.")
    return known


def _ranked(found, most) -> tuple[str, ...]:
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(value for value, _ in ranked[:most])


def _halves(found: Counter) -> tuple[Counter, Counter]:
    """The counts of a random half of the rows, and those of the others; alike for alike counts."""
    values = sorted(found, key=lambda value: (value is not None, value or ""))
    counts = np.array([found[value] for value in values])
    # one seed for all data would put the same value on the same side of its half every time
    seed = digest_of(" ".join(map(str, counts.tolist())))
    half = np.random.default_rng(seed).binomial(counts, 0.5)
    first = {v: int(n) for v, n in zip(values, half, strict=True) if n}
    second = {v: int(n) for v, n in zip(values, counts - half, strict=True) if n}
    return Counter(first), Counter(second)


def digest_of(value: str) -> int:
    """A number from 0 to 2³² - 1 for a text, the same on every machine.

    It stands in a baseline where the text itself, a name or an address, has no business. Of a
    checksum instead, numbers in a row would fill the groups more evenly than chance does.
    """
    digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "little")
