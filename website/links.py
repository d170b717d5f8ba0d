"""Where a link of a notebook leads on the site."""

import re

# The folders of the notebooks, and of their pages. A learner's own copy of an exercise is on the
# site the exercise itself.
FOLDERS = {"notebooks": "lessons", "exercises": "exercises", "my-work": "exercises"}
NOTEBOOK = re.compile(r"(?:\.\./(notebooks|exercises|my-work)/)?(?:copy_)?(\w+)\.ipynb")
ELSEWHERE = re.compile(r"[a-z]+:")


class UnknownLink(ValueError):
    """A link that leads to nothing the site has."""


class Links:
    """The links of a notebook in one folder.

    home       the notebook's folder: "notebooks" or "exercises"
    pages      what the site shows: {("lessons", "02_cross_entropy_and_kl"), ...}
    announced  names of notebooks that are on their way: a link to one becomes plain words
    """

    def __init__(self, home: str, pages: set[tuple[str, str]], announced: set[str]):
        self._home = home
        self._pages = pages
        self._announced = announced

    def target(self, url: str) -> str | None:
        """The address on the site; None where the page is still on its way.

        Raises UnknownLink for a notebook or a file that the site does not have.
        """
        if ELSEWHERE.match(url):
            return url
        path, _, anchor = url.partition("#")
        anchor = "#" + anchor.removeprefix("cell-id=") if anchor else ""
        if not path:
            return anchor
        match = NOTEBOOK.fullmatch(path)
        if match is None:
            raise UnknownLink(f"{url!r} is no notebook of the course")
        folder, name = FOLDERS[match[1] or self._home], match[2]
        if (folder, name) in self._pages:
            away = "" if folder == FOLDERS[self._home] else f"../{folder}/"
            return f"{away}{name}.html{anchor}"
        if name in self._announced:
            return None
        raise UnknownLink(f"{url!r} leads to no page of the site")
