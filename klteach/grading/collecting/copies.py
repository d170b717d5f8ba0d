"""What programs add to the name of a file that is saved, copied or downloaded once more.

JupyterLab writes "kl-Copy1", Colab "Copy of kl", Windows "kl - Copy (2)", macOS "kl copy 2", Linux
desktops "kl (another copy)", every browser "kl (1)"; each in the language of its user, and one on
top of the other.
"""

import re

ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".zip")  # browsers add .txt and .json

_WORD = (
    r"(?:copy|kopie|copie|copia|c[oó]pia|kopi|kopia|kopio|k[oó]pia|kopya|m[aá]solat|копия|копія|コピー|"
    r"副本|拷贝|복사본)"
)
_OF = r"(?:of|von|van|de|di|do|da|av|af|från|fra)"
_NUMBER = r"(\d{1,4})"
_DOWNLOADED = rf" ?\({_NUMBER}\)"
_MARK = (
    rf"(?:{_DOWNLOADED}"
    rf"| [-–—] {_WORD}(?: ?\({_NUMBER}\))?"  # Windows
    rf"|[-_ ]{_WORD} ?{_NUMBER}?"  # JupyterLab, macOS
    rf"| \((?:{_NUMBER}\w{{0,3}}\.? |[^\W\d]{{1,9}} )?{_WORD}(?: {_NUMBER})?\)"  # Linux
    rf"| ?(?:のコピー|的副本){_NUMBER}?)"
)
_AT_THE_END = re.compile(rf"{_MARK}$", re.IGNORECASE)
_RIGHT_OF_A_NAME = re.compile(rf"^(?:{_MARK})+(?=[-_ .+]|$)", re.IGNORECASE)
_BY_DOWNLOADS = re.compile(rf"(?:{_DOWNLOADED})+$")
_AT_THE_BEGINNING = re.compile(
    rf"(?:^|(?<= - )){_WORD}(?: \({_NUMBER}\))?(?: {_OF})? ", re.IGNORECASE
)
_LEFT_OF_A_NAME = re.compile(
    rf"(?:^|[-_ ]+){_WORD}(?: \({_NUMBER}\))?(?: {_OF})?[-_ ]*$", re.IGNORECASE
)
_RESUBMITTED = re.compile(r"-(\d{1,4})$")
_MOST = 20  # marks in one name


def stem(name: str) -> str:
    """A file's name without the endings of notebooks and archives."""
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def without_copy(name: str) -> str:
    """The stem of a file's name, without the marks of a copy.

    >>> without_copy("Copy of kl - Copy (2)-Copy1 (3).ipynb")
    'kl'
    """
    return _plain(stem(name))[0]


def copy_number(name: str) -> int:
    """How often a file was saved before under this name: 2 for "kl (2).ipynb", 0 for "kl.ipynb".

    "kl-1.ipynb" is Canvas' name for the second version of "kl.ipynb".
    """
    number = _plain(stem(name))[1]
    if not number and (found := _RESUBMITTED.search(stem(name))):
        return int(found[1])
    return number


def was_downloaded_beside_another(name: str) -> bool:
    """Whether all that tells two files apart is a browser's number, as in "kl (1).ipynb".

    The other copies are made by their owner; of this one nobody knows whether it is the same
    learner's, or another's who had chosen the same name.
    """
    plain = stem(name)
    return plain != without_copy(name) == _BY_DOWNLOADS.sub("", plain)


def without_copy_before(text: str) -> str:
    """The left part of a name that something was cut out of: "Ada - Copy of " is "Ada"."""
    return _LEFT_OF_A_NAME.sub("", text)


def without_copy_after(text: str) -> str:
    """The right part of a name that something was cut out of: " (1)-Copy2_ada" is "_ada"."""
    return _RIGHT_OF_A_NAME.sub("", text)


def _plain(name: str) -> tuple[str, int]:
    """The name without marks, and the sum of their numbers."""
    number = 0
    for _ in range(_MOST):
        found = _AT_THE_END.search(name) or _AT_THE_BEGINNING.search(name)
        if not found:
            break
        shorter = name[: found.start()] + name[found.end() :]
        if not shorter.strip(" -_"):
            break
        name, number = shorter, number + int(next(filter(None, found.groups()), 1))
    return name, number
