"""The grader's side of a learner's process: starts it, asks it, and ends it when its time is up.

Everything that comes back is read as the word of a stranger: by its form alone, in frames of a
limited length and number, and within a limited time: time of its own, so that a busy machine takes
nothing from anybody.
"""

import math
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from klteach.grading import scratch
from klteach.grading.errors import GradingError
from klteach.grading.inside import originals, wire
from klteach.grading.inside.isolation import LAYERS
from klteach.grading.inside.wire import ProtocolError
from klteach.grading.limits import Limits
from klteach.grading.own_time import OwnTime
from klteach.practice.calls import KINDS, Failure, Found, Outcome, Undefined

PROGRAM = Path(__file__).parent / "inside" / "warm.py"
GRACE = 2.0  # seconds that a process gets to stop by itself
WITH_WAITING = 3  # times the seconds that may be computed: the others go into imports and waiting
# Bytes of a message that an honest process needs no more of, by what it says.
MOST_READY, MOST_CELL = 2**10, 2**19
MOST_FOUND = 2**17  # for each question
MOST_VALUES = 2**22  # of all outcomes of one call
UNNAMED = "something that it does not name"
_SECONDS_TO_START = 300  # the warm process is ours; on a busy machine it takes its time
_SECONDS_TO_LOOK = 0.25  # from one look to the next at what has been written


class Lost(Exception):
    """A learner's process is no more: `why` is "time", "ended", "files" or "protocol"."""

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

    def start(self, left: float | None = None) -> "Learner":
        """Fork a process for one submission, for which so many seconds of its own are left."""
        mine, theirs = socket.socketpair()
        self._work = scratch.new_folder(self._scratch) if self._shared else ""
        order = {"do": "start", "work": self._work, "limits": asdict(self.limits)}
        with theirs:
            self._order(wire._encode_json(order).encode(), theirs.fileno())
        learner = self._learner = Learner(mine, self.limits, left, self._work)
        return learner

    def _order(self, order: bytes, *descriptors: int) -> None:
        try:
            if descriptors:
                socket.send_fds(self._socket, [order], descriptors)
            else:
                self._socket.sendall(order)
            done = self._control.receive()
        except (OSError, ProtocolError):
            done = None
        if done is None:
            raise GradingError("the process that runs notebooks has ended.")

    def end(self) -> None:
        """End the submission's process, whatever it does, and all that it left."""
        if self._learner is None:
            return
        self._learner.close()
        self._learner = None
        try:
            self._order(b'{"do":"end"}')
        finally:
            if self._work:
                scratch.remove(self._work)

    def close(self) -> None:
        """End the warm process."""
        self._control.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if os.path.exists(self._scratch):
            for name in os.listdir(self._scratch):
                scratch.remove(os.path.join(self._scratch, name))
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

    def __init__(self, connection, limits: Limits, left: float | None = None, work: str = ""):
        self._socket = connection
        self._channel = wire.Channel(connection, self._wait)
        self._limits = limits
        self._left = limits.submission_seconds if left is None else left
        self._end = self._left  # of what is waited for now
        self._work = work  # the folder of this machine that it writes to, if it does
        self._time = OwnTime()
        self._spent: float | None = None

    @property
    def knows_held_up(self) -> bool:
        """Whether the system tells the time in which others had the processor."""
        return self._time.told

    def spent(self) -> float:
        """Seconds of its own, so far."""
        return self._time.passed() if self._spent is None else self._spent

    def ready(self) -> tuple[str, ...]:
        """The layers of isolation that hold."""
        self._begin()
        layers = self._receive(self._limits.cell_seconds, MOST_READY).get("ready")
        if not isinstance(layers, list) or not set(layers) <= set(LAYERS):
            raise _broken("what it is behind")
        return tuple(layer for layer in LAYERS if layer in layers)

    def _begin(self):
        """Take over what the kernel tells of its time; no line of a learner's has run yet."""
        self._socket.settimeout(_SECONDS_TO_START)
        try:
            begun, schedules, *_ = socket.recv_fds(self._socket, 1, 1)
        except OSError:
            begun = b""
        if not begun:
            raise Lost("ended")
        self._time.close()
        self._time = OwnTime(*schedules)
        self._socket.setblocking(False)

    def run(self, cells, together: float | None = None) -> Iterator[tuple[int, dict]]:
        """Run cells, (number, source) each, in so many seconds `together`; what each did.

        Errors:  Lost, with the cell being the one after the last that came.
        """
        seconds = self._limits.cell_seconds
        self._send(
            do="cells", cells=[list(cell) for cell in cells], seconds=seconds, together=together
        )
        most = WITH_WAITING * seconds
        until = self._time.passed() + (self._left if together is None else together)
        for number, _ in cells:
            left = max(until - self._time.passed(), 0)
            said = self._receive(min(most, left) + GRACE, MOST_CELL)
            yield number, self._cell(said, number)

    def find(self, questions) -> tuple[dict[str, Found], list[str]]:
        """What stands under the questions' names, and what was changed in the libraries."""
        names = [[question.name, len(question.visible[0].arguments)] for question in questions]
        self._send(do="find", names=names)
        said = self._receive(self._limits.call_seconds, MOST_FOUND * (1 + len(names)))
        try:
            found = _is(dict, said.get("found"))
            return {q.name: _found(found[q.name]) for q in questions}, _names(said.get("changed"))
        except (TypeError, ValueError, KeyError):
            raise _broken("what it defines") from None

    def call(self, name: str, calls, seconds: float, earlier: bool = False) -> list[Outcome | None]:
        """What the function `name` does with each tuple of arguments; None for want of time.

        `earlier` lets all names mean what they did where the notebook checks it.
        """
        functions: list[Callable] = []
        encoded = [[wire.encode(a, functions) for a in arguments] for arguments in calls]
        self._send(do="calls", name=name, calls=encoded, seconds=seconds, earlier=earlier)
        outcomes: list[Outcome | None] = []
        end = self._time.passed() + WITH_WAITING * seconds + GRACE
        room = self._channel.taken + MOST_VALUES
        while len(outcomes) < len(calls):
            said = self._receive(end - self._time.passed(), wire.MOST_BYTES)
            if "ask" in said:
                self._answer(said, functions)
            elif said.get("place") != len(outcomes):
                raise _broken("the outcomes of calls")
            else:
                outcomes.append(self._outcome(said.get("outcome"), self._channel.taken > room))
        return outcomes

    def close(self) -> None:
        """Hang up; the warm process ends the rest."""
        self._spent = self.spent()
        self._time.close()
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
            return {
                "stopped": stopped,
                "error": error,
                "notes": _texts(notes),
                "wanting": _texts(said.get("wanting")),
            }
        except (TypeError, ValueError):
            raise _broken("what a cell did") from None

    def _outcome(self, said, leave: bool):
        """An outcome; `leave` the value as it is, where there have been too many of them."""
        if said is None:
            return None
        try:
            value, failure, changed, printed, undefined = said
            value = ["other", _is(str, value[0])] if leave else value
            failure = failure and _failure(*failure)
            return Outcome(
                wire.decode(value),
                failure,
                _is(bool, changed),
                _is(str, printed)[:300],
                tuple(_undefined(*place) for place in _is(list, undefined)[:100]),
            )
        except (TypeError, ValueError, ProtocolError):
            raise _broken("the outcome of a call") from None

    def _send(self, **message):
        self._end = self._time.passed() + self._limits.call_seconds
        try:
            self._channel.send(message)
        except TimeoutError:
            raise Lost("time") from None
        except OSError:
            raise Lost("ended") from None

    def _receive(self, seconds: float, most: int) -> dict:
        self._end = min(self._time.passed() + seconds, self._left)
        if self._time.passed() > self._end:
            raise Lost("time")
        try:
            message = self._channel.receive(most)
        except TimeoutError:
            raise Lost("time") from None
        except ProtocolError as error:
            raise _broken(str(error)) from None
        except OSError:
            raise Lost("ended") from None
        if message is None:
            raise Lost("ended")
        return message

    def _wait(self, writing: bool) -> None:
        """Wait until something can be read or written.

        What is there is taken even if the time is up, since it may have come in time.
        """
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT if writing else select.POLLIN)
        while True:
            left = self._end - self._time.passed()
            most = min(left, _SECONDS_TO_LOOK) if self._work else left
            if poll.poll(max(0, math.ceil(1000 * most))):
                return
            if left <= 0:
                raise TimeoutError
            if self._work and scratch.is_too_full(self._work, self._limits.files_bytes):
                raise Lost("files", "wrote more files than it may")


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


def _names(said) -> list[str]:
    """The names of what was changed, in no words but ours."""
    try:
        names = _texts(said)
    except ValueError:
        return [UNNAMED]
    known = list(dict.fromkeys(filter(originals.can_be_told, names)))
    return known if set(known) == set(names) else [UNNAMED, *known]


def _found(said) -> Found:
    kind, functions, type_name, parameters, empty, borrowed, reused, earlier = said
    if kind not in KINDS:
        raise ValueError
    return Found(
        kind, tuple(_texts(functions)), _is(str, type_name), tuple(_texts(parameters)),
        _is(bool, empty), _is(str, borrowed), _is(bool, reused),
        None if earlier is None else _found([*earlier[:7], None]),
    )  # fmt: skip


def _line(line) -> int | None:
    if line is not None and not (type(line) is int and 0 <= line < 10**6):
        raise ValueError
    return line


def _undefined(operation, line, source) -> Undefined:
    operation, source = _texts([operation, source])
    return Undefined(operation, _line(line), source)


def _failure(kinds, text, line, source) -> Failure:
    line = _line(line)
    kinds, (text, source) = tuple(_texts(kinds)), _texts([text, source])
    return Failure(kinds or ("Exception",), text, line, source)
