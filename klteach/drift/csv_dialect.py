"""How a CSV file is written: what separates the fields, and how numbers and gaps are spelled.

Nothing is guessed while a file is read: a guess that goes one way for the baseline and another for
today looks like drift. What does not fit is refused, and the refusal names the option to add.
"""

import codecs
from dataclasses import dataclass, fields

from klteach.drift.errors import DriftError


@dataclass(frozen=True)
class CsvDialect:
    """How a CSV file is written, where it is not as usual.

    separator       between the fields; None is a comma, and a tab in a .tsv
    decimal         the decimal mark of numbers, "." or ","
    thousands       what parts the thousands of a number: ",", ".", " " or "'"
    encoding        of the text, such as "latin-1" or "utf-16"
    comment         lines that begin with it are passed over
    missing         texts that stand for a missing value, in every column: ("-", "#N/A")
    signs           characters around numbers that are left out: "$%"
    last_line_open  whether the last line may end without a line break

    Errors: DriftError for what no CSV can be written with.

    >>> CsvDialect(separator=";", decimal=",").options
    '--separator ";" --decimal ","'
    """

    separator: str | None = None
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8"
    comment: str = ""
    missing: tuple[str, ...] = ()
    signs: str = ""
    last_line_open: bool = False

    def __post_init__(self):
        if self.separator == "\\t":
            object.__setattr__(self, "separator", "\t")
        object.__setattr__(self, "missing", tuple(self.missing))
        separator = self.separator
        plain = separator is None or (len(separator) == 1 and separator.isascii())
        if not plain or (separator and (separator.isalnum() or separator in '"\r\n.-+')):
            raise DriftError(
                f"the separator is {separator!r}; it is one character, such as ; or | or \\t."
            )
        if self.decimal not in (".", ","):
            raise DriftError(f"the decimal mark is {self.decimal!r}; it is . or a comma.")
        if len(self.thousands) > 1 or self.thousands.isalnum():
            raise DriftError(f"the mark of thousands is {self.thousands!r}; it is one character.")
        if self.thousands == self.decimal:
            raise DriftError(f"{self.decimal!r} is the decimal mark and that of thousands.")
        try:
            codecs.lookup(self.encoding)
        except (LookupError, ValueError):
            raise DriftError(
                f"the encoding {self.encoding!r} is not known; utf-8, latin-1, cp1252 and utf-16 "
                "are the usual ones."
            ) from None
        if any(mark in self.comment for mark in '"\r\n'):
            raise DriftError(f"a comment cannot begin with {self.comment!r}.")

    @property
    def is_utf8(self) -> bool:
        """Whether the file can be read as it is."""
        return codecs.lookup(self.encoding).name in ("utf-8", "ascii")

    @property
    def options(self) -> str:
        """What differs from the usual as options of the command line."""
        said = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default:
                continue
            option = "--" + field.name.replace("_", "-")
            if value is True:
                said.append(option)
            else:
                texts = value if isinstance(value, tuple) else (value,)
                # a value that begins with a dash would be taken for an option
                said += [
                    f"{option}{'=' if text.startswith('-') else ' '}{_quoted(text)}"
                    for text in texts
                ]
        return " ".join(said)

    def to_dict(self) -> dict:
        """What differs from the usual, as plain values."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in found.items()
            if value != getattr(CsvDialect, name)
        }

    @classmethod
    def from_dict(cls, saved: dict) -> "CsvDialect":
        """The dialect that `to_dict` described."""
        return cls(**saved)


def _quoted(text: str) -> str:
    # double quotes are read by the shells of all systems
    return '"\\t"' if text == "\t" else f'"{text}"'
