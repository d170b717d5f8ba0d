"""A warm process: Python with NumPy and SciPy loaded, which forks one child for each submission.

Started as a program of its own, `python warm.py CONTROL HIDDEN…`, so that no reference, no case
and no file name of the grader has ever been in its memory. It has one thread, obeys one socket and
runs no line of a learner's: its children do.
"""

import builtins
import gc
import os
import resource
import signal
import socket
import sys
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What exercises and learners use, loaded once here instead of once in each child.
LIBRARIES = ("numpy", "scipy.special", "scipy.stats", "scipy.optimize", "asyncio", "ast")
OPTIONAL = ("matplotlib.pyplot", "IPython.display", "IPython.core.inputtransformer2")
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

    NAMES = (
        *("builtins", "math", "numpy", "numpy.linalg", "scipy", "scipy.special", "scipy.stats"),
        # and what the calls themselves are made with
        *("dis", "inspect", "io", "json", "linecache", "signal", "struct", "threading", "time"),
        *("traceback", "types", "warnings"),
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

    def __init__(self, channel, modules):
        self.channel = channel
        self.wire, self.calls = modules["wire"], modules["calls"]
        self.cells = modules["cells"].Cells()
        self.memory = Memory()
        self.functions = {}

    def serve(self):
        """Answer until nobody asks any more."""
        while (
            message := self.wire.receive(self.channel, most=64 * self.wire.MOST_BYTES)
        ) is not None:
            getattr(self, f"_{message['do']}")(message)

    def _send(self, **message):
        self.wire.send(self.channel, message)

    def _cells(self, message):
        for number, source in message["cells"]:
            self._send(cell=number, **self.cells.run(number, source, message["seconds"]))

    def _find(self, message):
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
        self._send(found=found, changed=changed[:100])

    def _calls(self, message):
        function = self.cells.names.get(message["name"])
        calls = [
            tuple(self.wire.decode(argument, self._asked) for argument in arguments)
            for arguments in message["calls"]
        ]
        outcomes = self.calls.call_all(function, calls, message["seconds"], self.cells.names)
        self.cells.stay_one()
        for place, outcome in enumerate(outcomes):
            self._send(place=place, outcome=outcome and self._told(outcome))

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
                self._send(ask=number, arguments=encoded)
                said = self.wire.receive(self.channel)
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
            if "error" in said:
                raise ValueError(said["error"])
            return self.wire.decode(said["value"])

        vars(function).update(attributes)
        return function


def start(channel, control, order, plan, user, modules) -> int:
    """Fork a keeper, which forks the learner's process and waits for it. Returns the keeper."""
    keeper = os.fork()
    if keeper:
        return keeper
    try:
        control.close()
        isolation = modules["isolation"]
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        learner, held = isolation.fork_apart(plan, user)
        if not learner:
            _become_learner(channel, order, plan, held, user, modules)
            os._exit(0)
        channel.close()
        _keep(learner)
        os._exit(0)
    except BaseException as error:
        os.write(2, f"klteach: the keeper of a submission failed: {error!r}\n".encode())
        os._exit(70)


def _become_learner(channel, order, plan, held, user, modules):
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.dup2(channel.fileno(), CHANNEL)
    os.closerange(CHANNEL + 1, 1024)
    channel.detach()
    channel = socket.socket(fileno=CHANNEL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    layers = modules["isolation"].enter(plan, held, user, order["work"], order["limits"])
    modules["wire"].send(channel, {"ready": layers})
    os.environ.clear()
    os.environ.update(HOME=os.getcwd(), TMPDIR=os.getcwd(), MPLBACKEND="Agg", LANG="C.UTF-8")
    sys.argv[:] = [""]
    sys.path[:] = [path for path in sys.path if Path(path).resolve() != HERE]
    for name in modules:
        sys.modules.pop(name, None)
    sys.setrecursionlimit(3000)
    _seed()
    Child(channel, modules).serve()


def _seed():
    """The same chance in every child, where a learner's code leaves it to the libraries."""
    import random

    import numpy

    random.seed(0)
    numpy.random.seed(0)


def _keep(learner):
    """Wait until the learner's process is over, and end it and its strays if told to."""

    def end(*_):
        try:
            os.kill(learner, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has just ended by itself

    signal.signal(signal.SIGTERM, end)
    while True:
        try:
            if os.waitpid(learner, 0):
                break
        except InterruptedError:
            continue
    # without a process space of its own, what it started has become ours
    while True:
        for stray in _children():
            os.kill(stray, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    found = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(number) for number in found.read_text().split()] if found.exists() else []


def _end(keeper) -> dict:
    os.kill(keeper, signal.SIGTERM)
    _, status, _used = os.wait4(keeper, 0)
    return {"status": status}


def main(control_number: str, layers: str, *hidden: str) -> None:
    """Obey the control socket until it closes."""
    control = socket.socket(fileno=int(control_number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the grader decides what an interrupt means
    for name in LIBRARIES:
        __import__(name)
    for name in OPTIONAL:
        try:
            __import__(name)
        except Exception:  # not installed, or broken: nobody needs it to be graded
            continue
    folder = {"calls": HERE.parent.parent / "practice"}
    names = ("wire", "calls", "isolation", "stand_in", "cells")
    modules = {name: load(name, folder.get(name, HERE) / f"{name}.py") for name in names}
    modules["stand_in"].install()
    wire, isolation = modules["wire"], modules["isolation"]
    plan = isolation.plan(hidden, [layer for layer in layers.split(",") if layer])
    user = isolation.unprivileged_user()
    gc.freeze()  # so that a collection in a child does not touch, and copy, all of this memory
    wire.send(control, {"ready": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss})
    keeper = None
    while True:
        data, descriptors, *_ = socket.recv_fds(control, 65536, 1)
        if not data:
            break
        order = wire._decode_json(data.decode())
        if order["do"] == "start":
            channel = socket.socket(fileno=descriptors[0])
            keeper = start(channel, control, order, plan, user, modules)
            channel.close()
            wire.send(control, {"keeper": keeper})
        else:
            said = _end(keeper) if keeper else {}
            keeper = None
            wire.send(control, said)
    if keeper:
        _end(keeper)


if __name__ == "__main__":
    main(*sys.argv[1:])
