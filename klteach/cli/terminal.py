"""Text that others wrote, for a terminal: a name, a message or a path may hold anything."""


def for_terminal(text: object) -> str:
    """The text on one line, every character that is no sign on the paper written as an escape.

    A terminal obeys some of these: they clear it, move the cursor, or turn what follows around.

    >>> for_terminal("\\x1b[2J60 of 60\\u202e graded")
    '\\\\x1b[2J60 of 60\\\\u202e graded'
    """
    return "".join(map(_shown, str(text)))


def lines_for_terminal(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(for_terminal, text.split("\n")))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
