"""What the monitor says when it cannot answer, and how it puts names and counts into words."""


class DriftError(ValueError):
    """The data or a file cannot be used; the message names what, where and the way out."""


def listed(names) -> str:
    """Names as they stand in a message, in quotes and with commas."""
    return ", ".join(map(repr, names))


def several(count: int, thing: str) -> str:
    """A count with its noun.

    >>> several(1, "row"), several(1200, "row")
    ('1 row', '1200 rows')
    """
    return f"{count} {thing}" + "s" * (count != 1)


def joined(*notes: str) -> str:
    """Several notes as one, without those that are empty.

    >>> joined("few rows", "", "ties")
    'few rows; ties'
    """
    return "; ".join(filter(None, notes))
