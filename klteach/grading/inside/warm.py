"""A warm process: Python with NumPy and SciPy loaded, which forks one child for each submission.

Started as a program of its own, so that no reference and no case has ever been in its memory. It
has one thread, obeys one socket and runs no line of a learner's: its children do.
"""

import builtins
import gc
import json
import os
import shutil
import signal
import socket
import sys
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What exercises and learners use, loaded once here instead of once in each child.
LIBRARIES = ("numpy", "scipy.special", "scipy.stats", "scipy.optimize", "asyncio", "ast")
OPTIONAL = ("IPython.core.inputtransformer2", "matplotlib.font_manager")
MODULES = (
    *("kernel", "landlock", "seccomp", "new_root", "isolation", "originals", "wire"),
    *("time_limit", "calls", "stand_in", "remainder", "shell", "names", "cells"),
)
_OF_PRACTICE = ("time_limit", "calls")
_PACKAGE = "klteach.grading.inside"
_BEGUN = b"!"  # the first byte of a child
CHANNEL = 3  # the descriptor of the child's socket; below it there is only /dev/null
_MOST_TEXTS, _LONGEST_TEXT, _LONGEST_NAME = 50, 500, 100
SCHEDULE = 4  # what the kernel tells of the child's processor time, where it does


def load(name: str, path: Path):
    """Load a module with a table of built-in functions of its own.

    A learner's code may put something else into `builtins`; the code of this file and those loaded
    here goes on with the real ones. They know each other by their names in klteach's package, which
    is not there itself.
    """
    module = types.ModuleType(name)
    home = sys.modules.setdefault(_PACKAGE, types.ModuleType(_PACKAGE))
    setattr(home, name, module)
    sys.modules[_full(name)] = module
    module.__file__ = str(path)
    vars(module)["__builtins__"] = dict(vars(builtins))
    sys.modules[name] = module  # dataclasses look for it there
    exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    return module


def _full(name: str) -> str:
    return f"{'klteach.practice' if name in _OF_PRACTICE else _PACKAGE}.{name}"


class Child:
    """A learner's process: runs cells and calls functions, as it is asked to."""

    def __init__(self, channel, modules, originals):
        self.channel = channel
        self.wire, self.calls, self.isolation = (
            modules[name] for name in ("wire", "calls", "isolation")
        )
        self.cells = modules["cells"].Cells()
        self.originals = originals

    def serve(self):
        """Answer until nobody asks any more."""
        most = 64 * self.wire.MOST_BYTES
        while (message := self.channel.receive(most)) is not None:
            getattr(self, f"_{message['do']}")(message)

    def _cells(self, message):
        self.cells.allot(message["together"], len(message["cells"]))
        for number, source in message["cells"]:
            said = self.cells.run(number, source, message["seconds"])
            self.channel.send({"cell": number, **_cut(said)})

    def _find(self, message):
        self.isolation.open_reserve()
        changed = self.originals.restore()
        found = {}
        for name, count in message["names"]:
            reused, earlier = self.cells.meanings.put_back(name), None
            with self.cells.meanings.as_at_check(name) as differs:
                if differs:
                    earlier = [*self._found(name, count), True, None]
            found[name] = [*self._found(name, count), reused, earlier]
        self.channel.send({"found": found, "changed": changed[:_MOST_TEXTS]})

    def _found(self, name, count):
        it = self.calls.find(name, self.cells.names, count)
        return [
            it.kind,
            _cut(list(map(str, it.functions)), _LONGEST_NAME),
            str(it.type_name)[:_LONGEST_NAME],
            _cut(list(map(str, it.parameters)), _LONGEST_NAME),
            it.empty,
            str(it.borrowed)[:_LONGEST_NAME],
        ]

    def _calls(self, message):
        calls = [
            tuple(self.wire.decode(argument, self._asked) for argument in arguments)
            for arguments in message["calls"]
        ]
        seconds = message["seconds"]
        names = self.cells.names
        with self.cells.meanings.as_at_check(message["name"] if message["earlier"] else ""):
            function = names.get(message["name"])
            outcomes = self.calls.call_all(function, calls, seconds, names, waiting=2 * seconds)
        self.cells.stay_one()
        told = [outcome and self._told(outcome) for outcome in outcomes]
        self.channel.send(*({"place": i, "outcome": said} for i, said in enumerate(told)))

    def _told(self, outcome):
        failure = outcome.failure and [
            _cut(outcome.failure.kinds),
            outcome.failure.text,
            outcome.failure.line,
            outcome.failure.source,
        ]
        value = self.wire.encode(outcome.value)
        undefined = [[it.operation, it.line, it.source] for it in outcome.undefined[:_MOST_TEXTS]]
        return [value, failure, bool(outcome.changed_its_input), outcome.printed, undefined]

    def _asked(self, number, attributes):
        """A function that stays with the grader, which is asked for its values."""

        def function(*arguments):
            # out of time in the middle of a frame would break off all that follows
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            try:
                encoded = [self.wire.encode(argument) for argument in arguments]
                self.channel.send({"ask": number, "arguments": encoded})
                said = self.channel.receive()
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
            if "error" in said:
                raise ValueError(said["error"])
            return self.wire.decode(said["value"])

        vars(function).update(attributes)
        return function


def _cut(said, longest=_LONGEST_TEXT):
    """Texts of a learner's, and lists of them, as long as a message has room for."""
    if type(said) is dict:
        return {name: _cut(value, longest) for name, value in said.items()}
    if type(said) in (list, tuple):
        return [_cut(value, longest) for value in said[:_MOST_TEXTS]]
    return said[:longest] if type(said) is str else said


class Warm:
    """The warm process itself."""

    def __init__(self, place: str, layers, hidden):
        for name in LIBRARIES:
            __import__(name)
        for name in OPTIONAL:
            try:
                __import__(name)
            except Exception:  # not installed, or broken: nobody needs it to be graded
                continue
        folder = dict.fromkeys(_OF_PRACTICE, HERE.parent.parent / "practice")
        self.modules = {name: load(name, folder.get(name, HERE) / f"{name}.py") for name in MODULES}
        for name in (_PACKAGE, *map(_full, MODULES)):
            del sys.modules[name]
        self.modules["stand_in"].install()
        self.isolation = self.modules["isolation"]
        self.plan = self.isolation.plan(hidden, layers)
        self.user = self.isolation.unprivileged_user()
        self.processes = _folder_of_processes()  # it is not there any more, once this has settled
        self.originals = self.modules["originals"].Originals()
        self.own = self.isolation.settle(self.plan, self.user, place)
        self.learner: int | None = None
        gc.freeze()  # so that a collection in a child does not touch, and copy, all of this memory

    def obey(self, control) -> None:
        """Do what the control socket asks for, until it closes."""
        answers = self.modules["wire"].Channel(control)
        answers.send({"ready": self.own is not None})
        while True:
            data, descriptors, *_ = socket.recv_fds(control, 65536, 1)
            try:
                order = json.loads(data)
            except ValueError:  # the end, or a grader that was interrupted in the middle of a word
                return self.end()
            if order["do"] == "start":
                self.start(socket.socket(fileno=descriptors[0]), order)
            else:
                self.end()
            answers.send({"done": order["do"]})

    def start(self, connection, order) -> None:
        """Fork the process of a learner."""
        self.learner = self.isolation.fork(self.own)
        if not self.learner:
            try:
                self._become_learner(connection, order)
            finally:
                os._exit(0)
        connection.close()

    def end(self) -> None:
        """End the learner's process and what it has left."""
        if self.learner is None:
            return
        os.kill(self.learner, signal.SIGKILL)
        os.waitpid(self.learner, 0)
        self.learner = None
        # without a space of processes of its own, what it started has become ours
        while self.own is None and (strays := _children()):
            for stray in strays:
                os.kill(stray, signal.SIGKILL)
                os.waitpid(stray, 0)

    def _become_learner(self, connection, order):
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        schedule = _schedule(self.processes)
        # for the grader too, which then need not believe this process
        if schedule is None:
            connection.sendall(_BEGUN)
        else:
            socket.send_fds(connection, [_BEGUN], [schedule])
        os.dup2(connection.detach(), CHANNEL)
        if schedule is not None:
            os.dup2(schedule, SCHEDULE)
            self.modules["time_limit"].keep_schedule(SCHEDULE)
        os.closerange(SCHEDULE + (schedule is not None), 1024)
        channel = self.modules["wire"].Channel(socket.socket(fileno=CHANNEL))
        signal.signal(signal.SIGINT, signal.default_int_handler)
        layers = self.isolation.enter(
            self.plan, self.own is not None, self.user, order["work"], order["limits"]
        )
        channel.send({"ready": layers})
        os.environ.clear()
        os.environ.update(HOME=os.getcwd(), TMPDIR=os.getcwd(), MPLBACKEND="Agg", LANG="C.UTF-8")
        sys.argv[:] = [""]
        sys.path[:] = [path for path in sys.path if Path(path).resolve() != HERE]
        for name in self.modules:
            sys.modules.pop(name, None)
        sys.setrecursionlimit(3000)
        _seed()
        Child(channel, self.modules, self.originals).serve()


def _folder_of_processes() -> int | None:
    try:
        return os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, AttributeError):  # macOS has neither
        return None


def _schedule(processes: int | None) -> int | None:
    """Of this thread: how long it computed, and how long others had the processor instead."""
    try:
        return os.open("thread-self/schedstat", os.O_RDONLY, dir_fd=processes)
    except (OSError, TypeError):
        return None


def _seed():
    """The same chance in every child, where a learner's code leaves it to the libraries."""
    import random

    import numpy

    random.seed(0)
    numpy.random.seed(0)


def _children() -> list[int]:
    found = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(number) for number in found.read_text().split()] if found.exists() else []


def main(control: str, place: str, layers: str, *hidden: str) -> None:
    """Start, and obey the socket whose descriptor is `control` until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader decides what an interrupt means
    connection = socket.socket(fileno=int(control))
    try:
        warm = Warm(place, [layer for layer in layers.split(",") if layer], hidden)
        warm.obey(connection)
    finally:
        shutil.rmtree(place, ignore_errors=True)  # unless nothing is left of it here


if __name__ == "__main__":
    main(*sys.argv[1:])
