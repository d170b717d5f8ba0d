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
CHANNEL = 3  # the descriptor of the child's socket; below it there is only /dev/null


def load(name: str, path: Path):
    """Load a module with a table of built-in functions of its own.

    A learner's code may put something else into `builtins`; the code of this file and those loaded
    here goes on with the real ones.
    """
    module = types.ModuleType(name)
    module.__file__ = str(path)
    vars(module)["__builtins__"] = dict(vars(builtins))
    sys.modules[name] = module  # dataclasses look for it there
    exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    return module


class Memory:
    """What modules held before a learner's code ran: put back before answers are called."""

    # No more than these: whoever looks at a name copies the memory shared with the warm process
    NAMES = (
        *("builtins", "math", "numpy", "numpy.linalg"),
        # and what the calls themselves are made with
        *("dis", "inspect", "io", "json", "linecache", "signal", "struct", "time", "traceback"),
        *("types", "warnings"),
    )

    def __init__(self):
        found = ((name, sys.modules.get(name)) for name in self.NAMES)
        self._modules = [
            (name, vars(module), dict(vars(module))) for name, module in found if module
        ]

    def restore(self) -> list[str]:
        """Put everything back; the names of what had been changed."""
        changed = []
        for name, now, before in self._modules:
            for key, value in before.items():
                if now.get(key, now) is not value:
                    now[key] = value
                    changed.append(f"{name}.{key}")
        return changed


class Child:
    """A learner's process: runs cells and calls functions, as it is asked to."""

    def __init__(self, channel, modules, memory):
        self.channel = channel
        self.wire, self.calls, self.isolation = (
            modules[name] for name in ("wire", "calls", "isolation")
        )
        self.cells = modules["cells"].Cells()
        self.memory = memory

    def serve(self):
        """Answer until nobody asks any more."""
        most = 64 * self.wire.MOST_BYTES
        while (message := self.channel.receive(most)) is not None:
            getattr(self, f"_{message['do']}")(message)

    def _cells(self, message):
        for number, source in message["cells"]:
            said = self.cells.run(number, source, message["seconds"])
            self.channel.send({"cell": number, **said})

    def _find(self, message):
        self.isolation.open_reserve()
        changed = self.memory.restore()
        found = {}
        for name, count in message["names"]:
            it = self.calls.find(name, self.cells.names, count)
            found[name] = [
                it.kind,
                [str(other)[:100] for other in it.functions[:100]],
                str(it.type_name)[:100],
                [str(parameter)[:100] for parameter in it.parameters[:100]],
                it.empty,
                str(it.borrowed)[:100],
            ]
        self.channel.send({"found": found, "changed": changed[:100]})

    def _calls(self, message):
        function = self.cells.names.get(message["name"])
        calls = [
            tuple(self.wire.decode(argument, self._asked) for argument in arguments)
            for arguments in message["calls"]
        ]
        seconds = message["seconds"]
        outcomes = self.calls.call_all(function, calls, seconds, self.cells.names, waiting=seconds)
        self.cells.stay_one()
        told = [outcome and self._told(outcome) for outcome in outcomes]
        self.channel.send(*({"place": i, "outcome": said} for i, said in enumerate(told)))

    def _told(self, outcome):
        failure = outcome.failure and [
            list(outcome.failure.kinds),
            outcome.failure.text,
            outcome.failure.line,
            outcome.failure.source,
        ]
        value = self.wire.encode(outcome.value)
        return [value, failure, bool(outcome.changed_its_input), outcome.printed]

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
        folder = {"calls": HERE.parent.parent / "practice"}
        names = ("wire", "calls", "isolation", "stand_in", "cells")
        self.modules = {name: load(name, folder.get(name, HERE) / f"{name}.py") for name in names}
        self.modules["stand_in"].install()
        self.isolation = self.modules["isolation"]
        self.plan = self.isolation.plan(hidden, layers)
        self.user = self.isolation.unprivileged_user()
        self.memory = Memory()
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
        os.dup2(connection.detach(), CHANNEL)
        os.closerange(CHANNEL + 1, 1024)
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
        Child(channel, self.modules, self.memory).serve()


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
