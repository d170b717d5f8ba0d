"""Labels in a picture: short, and different where the names are different."""

from collections.abc import Sequence
from itertools import count

HEAD = 6  # letters of a common beginning that are kept, so that it can be recognised
CUT = "…"


def distinct_labels(names: Sequence[str], longest: int) -> list[str]:
    """A label for each name, of `longest` letters at most; different names stay different.

    A name that is too long loses its end if that leaves it different from all others, else its
    middle, else the beginning that it shares with the others.

    >>> distinct_labels(["ab", "a very long name", "a very long nose"], 10)
    ['ab', 'a ver…name', 'a ver…nose']
    """
    shown = {name: name for name in names}
    crowded = [name for name in shown if len(name) > longest]
    for shortened in (_without_end, _without_middle, _without_beginning):
        shown |= shortened(crowded, longest)
        crowded = _alike(crowded, shown)
        if not crowded:
            break
    for name in crowded:
        shown[name] = _numbered(name, longest, set(shown.values()))
    return [shown[name] for name in names]


def _alike(names, shown) -> list[str]:
    """Those of the names whose label another one has, too."""
    users: dict[str, int] = {}
    for label in shown.values():
        users[label] = users.get(label, 0) + 1
    return [name for name in names if users[shown[name]] > 1]


def _without_end(names, longest):
    return {name: name[: longest - 1] + CUT for name in names}


def _without_middle(names, longest):
    head = longest // 2
    return {name: name[:head] + CUT + name[head + 1 - longest :] for name in names}


def _without_beginning(names, longest):
    """The first letters, and what comes from the first letter on that is not the same in all."""
    same = _common(names)
    head = min(HEAD, longest // 3)
    found = {}
    for name in names:
        label = name[:head] + CUT + name[max(same, head) :]
        found[name] = label if len(label) <= longest else label[: longest - 1] + CUT
    return found


def _common(names) -> int:
    """How many letters all names begin with."""
    first, last = min(names), max(names)
    pairs = enumerate(zip(first, last, strict=False))
    return next((place for place, (one, other) in pairs if one != other), len(first))


def _numbered(name, longest, taken):
    """Names that differ in several places far apart can only be told apart by a number."""
    for place in count(1):
        end = f"{CUT} {place}"
        label = name[: max(0, longest - len(end))] + end
        if label not in taken:
            return label
    raise AssertionError("numbers do not end")


def spread(spans: Sequence[tuple[float, float]], first: Sequence[int]) -> list[int]:
    """Which of the labels, each from where to where, can be written without touching another.

    Those in `first` have the first choice, in their order; then come the middle ones of the gaps,
    so that what is shown is spread evenly.

    >>> spread([(0, 3), (2, 5), (4, 7), (6, 9), (8, 11)], [0, 4])
    [0, 2, 4]
    """
    kept: list[int] = []
    for place in [*first, *_halving(0, len(spans))]:
        start, end = spans[place]
        if place not in kept and all(end < spans[k][0] or start > spans[k][1] for k in kept):
            kept.append(place)
    return sorted(kept)


def _halving(start, end):
    """The middle, the middles of both halves, and so on."""
    parts = [(start, end)]
    for low, high in parts:  # grows while it is read
        if low < high:
            middle = (low + high) // 2
            yield middle
            parts += [(low, middle), (middle + 1, high)]
