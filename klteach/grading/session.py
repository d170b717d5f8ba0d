"""The grader's side of a learner's process: starts it, asks it, and ends it when its time is up.

Everything that comes back is read as the word of a stranger: by its form alone, in frames of a
limited length and number, and within a limited time.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from klteach.grading.errors import GradingError
from klteach.grading.inside import wire
from klteach.grading.inside.isolation import LAYERS
from klteach.grading.inside.wire import ProtocolError
from klteach.grading.limits import Limits
from klteach.practice.calls import KINDS, Failure, Found, Outcome

PROGRAM = Path(__file__).parent / "inside" / "warm.py"
GRACE = 1.0  # seconds that a process gets to stop by itself
MOST_FRAMES = 20_000  # of one submission
_SECONDS_TO_START = 60


class Lost(Exception):
    """A learner's process is no more: `why` is "time", "ended" or "protocol"."""

    def __init__(self, why: str, detail: str = ""):
        super().__init__(detail or why)
        self.why = why


class Warm:
    """A warm process, and at most one learner's process at a time that it has forked."""

    def __init__(self, limits: Limits, layers=LAYERS):
        if not hasattr(socket, "send_fds"):
            raise GradingError("grading needs Linux or macOS; on Windows, use WSL.")
        self.limits = limits
        self._socket, theirs = socket.socketpair()
        self._control = wire.Channel(self._socket)
        self._scratch = tempfile.mkdtemp(prefix="klteach-")
        klteach = Path(__file__).resolve().parents[1]
        hidden = [str(klteach), *_course_folders(klteach)]
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-s", "-P", str(PROGRAM)),
                *(str(theirs.fileno()), self._scratch, ",".join(layers), *hidden),
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={
                "PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "MPLBACKEND": "Agg",
                "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
                "HOME": os.environ.get("HOME", "/"), "PYTHONDONTWRITEBYTECODE": "1",
            },
            start_new_session=True,
        )  # fmt: skip
        theirs.close()
        self._socket.settimeout(_SECONDS_TO_START)
        try:
            ready = self._control.receive()
        except (OSError, ProtocolError):
            ready = None
        if ready is None:
            self.close()
            raise GradingError("the process that runs notebooks did not start.")
        self._shared = not ready["ready"]  # whether learners write into folders of this machine
        if not self._shared:
            os.rmdir(self._scratch)
        self._learner: Learner | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def start(self, end: float | None = None) -> "Learner":
        """Fork a process for one submission, whose time is up at `end` of the monotonic clock."""
        mine, theirs = socket.socketpair()
        self._work = self._new_folder() if self._shared else ""
        order = {"do": "start", "work": self._work, "limits": asdict(self.limits)}
        socket.send_fds(self._socket, [wire._encode_json(order).encode()], [theirs.fileno()])
        self._control.receive()
        theirs.close()
        learner = self._learner = Learner(mine, self.limits, end)
        return learner

    def _new_folder(self) -> str:
        folder = tempfile.mkdtemp(dir=self._scratch)
        os.chmod(self._scratch, 0o711)
        os.chmod(folder, 0o777)
        return folder

    def end(self) -> None:
        """End the submission's process, whatever it does, and all that it left."""
        if self._learner is None:
            return
        self._learner.close()
        self._learner = None
        socket.send_fds(self._socket, [b'{"do":"end"}'], [])
        self._control.receive()
        if self._work:
            shutil.rmtree(self._work, ignore_errors=True)

    def close(self) -> None:
        """End the warm process."""
        self._control.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)


def _course_folders(klteach: Path) -> list[str]:
    """All of the course that lies beside klteach, where it is used from the course's folder."""
    course = klteach.parent
    if not (course / "course.py").exists():
        return []
    python = Path(sys.prefix).resolve()
    folders = (path for path in sorted(course.iterdir()) if path.is_dir())
    return [str(path) for path in folders if not python.is_relative_to(path)]


class Learner:
    """One learner's process."""

    def __init__(self, connection, limits: Limits, end: float | None = None):
        self._socket = connection
        self._channel = wire.Channel(connection)
        self._limits = limits
        self._frames = 0
        self._end = time.monotonic() + limits.submission_seconds if end is None else end

    def ready(self) -> tuple[str, ...]:
        """The layers of isolation that hold."""
        layers = self._receive(self._limits.cell_seconds).get("ready")
        if not isinstance(layers, list) or not set(layers) <= set(LAYERS):
            raise _broken("what it is behind")
        return tuple(layer for layer in LAYERS if layer in layers)

    def run(self, cells) -> Iterator[tuple[int, dict]]:
        """Run cells, (number, source) each; what each did, as it comes.

        Errors:  Lost, with the cell being the one after the last that came.
        """
        seconds = self._limits.cell_seconds
        self._send(do="cells", cells=[list(cell) for cell in cells], seconds=seconds)
        for number, _ in cells:
            said = self._receive(seconds + GRACE)
            yield number, self._cell(said, number)

    def find(self, questions) -> tuple[dict[str, Found], list[str]]:
        """What stands under the questions' names, and what was changed in the libraries."""
        names = [[question.name, len(question.visible[0].arguments)] for question in questions]
        self._send(do="find", names=names)
        said = self._receive(self._limits.call_seconds)
        try:
            found = _is(dict, said.get("found"))
            return {q.name: _found(found[q.name]) for q in questions}, _texts(said.get("changed"))
        except (TypeError, ValueError, KeyError):
            raise _broken("what it defines") from None

    def call(self, name: str, calls, seconds: float) -> list[Outcome | None]:
        """What the function `name` does with each tuple of arguments; None for want of time."""
        functions: list[Callable] = []
        encoded = [[wire.encode(a, functions) for a in arguments] for arguments in calls]
        self._send(do="calls", name=name, calls=encoded, seconds=seconds)
        outcomes: list[Outcome | None] = []
        deadline = time.monotonic() + seconds + GRACE
        while len(outcomes) < len(calls):
            said = self._receive(deadline - time.monotonic())
            if "ask" in said:
                self._answer(said, functions)
            elif said.get("place") != len(outcomes):
                raise _broken("the outcomes of calls")
            else:
                outcomes.append(self._outcome(said.get("outcome")))
        return outcomes

    def close(self) -> None:
        """Hang up; the warm process ends the rest."""
        self._channel.close()

    def _answer(self, said, functions):
        """The value of a function that was an argument and stays here."""
        try:
            function = functions[said["ask"]]
            arguments = [wire.decode(argument) for argument in said["arguments"]]
        except (LookupError, TypeError, ProtocolError):
            raise _broken("a question of its own") from None
        try:
            with np.errstate(all="ignore"):
                value = wire.encode(function(*arguments))
        except Exception as error:  # as it would come to a caller in the same process
            self._send(error=f"{type(error).__name__}: {error}"[: wire.MOST_TEXT])
        else:
            self._send(value=value)

    def _cell(self, said, number):
        stopped, error, notes = said.get("stopped"), said.get("error"), said.get("notes")
        try:
            if said.get("cell") != number or type(stopped) is not bool:
                raise ValueError
            error = error and tuple(_texts(error, 2))
            return {"stopped": stopped, "error": error, "notes": _texts(notes)}
        except (TypeError, ValueError):
            raise _broken("what a cell did") from None

    def _outcome(self, said):
        if said is None:
            return None
        try:
            value, failure, changed, printed = said
            failure = failure and _failure(*failure)
            return Outcome(wire.decode(value), failure, _is(bool, changed), _is(str, printed)[:300])
        except (TypeError, ValueError, ProtocolError):
            raise _broken("the outcome of a call") from None

    def _send(self, **message):
        self._socket.settimeout(self._limits.call_seconds)
        try:
            self._channel.send(message)
        except OSError:
            raise Lost("ended") from None

    def _receive(self, seconds) -> dict:
        self._frames += 1
        if self._frames > MOST_FRAMES:
            raise _broken("frames without an end")
        left = min(seconds, self._end - time.monotonic())
        if left <= 0:
            raise Lost("time")
        self._socket.settimeout(left)
        try:
            message = self._channel.receive()
        except TimeoutError:
            raise Lost("time") from None
        except ProtocolError as error:
            raise _broken(str(error)) from None
        except OSError:
            raise Lost("ended") from None
        if message is None:
            raise Lost("ended")
        return message


def _broken(what) -> Lost:
    return Lost("protocol", f"it sent {what} in a form that no honest notebook does")


def _is(kind, value):
    if type(value) is not kind:
        raise ValueError
    return value


def _texts(values, count=None) -> list[str]:
    texts = [_is(str, value)[: wire.MOST_TEXT] for value in _is(list, values)]
    if count is not None and len(texts) != count:
        raise ValueError
    return texts[:100]


def _found(said) -> Found:
    kind, functions, type_name, parameters, empty, borrowed = said
    if kind not in KINDS:
        raise ValueError
    return Found(
        kind, tuple(_texts(functions)), _is(str, type_name), tuple(_texts(parameters)),
        _is(bool, empty), _is(str, borrowed),
    )  # fmt: skip


def _failure(kinds, text, line, source) -> Failure:
    if line is not None and not (type(line) is int and 0 <= line < 10**6):
        raise ValueError
    kinds, (text, source) = tuple(_texts(kinds)), _texts([text, source])
    return Failure(kinds or ("Exception",), text, line, source)
