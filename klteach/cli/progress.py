"""A progress bar."""

import sys
import time

_BAR = 30  # characters


class Progress:
    """A bar on the error output while something long goes on, if a person is looking at it."""

    def __init__(self, label: str, unit: str, quiet: bool, stream=None):
        self._stream = sys.stderr if stream is None else stream
        self._label = label
        self._unit = unit
        self._shown = not quiet and self._stream.isatty()
        self._width = 0
        self._next = 0.0

    def __enter__(self):
        return self

    def __call__(self, done: int, total: int) -> None:
        """So many are done, of so many in all."""
        if not self._shown or (done < total and time.monotonic() < self._next):
            return
        self._next = time.monotonic() + 0.1
        share = min(1.0, done / total) if total else 1.0
        full = round(share * _BAR)
        text = (
            f"{self._label} [{'#' * full}{'.' * (_BAR - full)}] {share:4.0%} {done:,} {self._unit}"
        )
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)

    def __exit__(self, *error):
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
