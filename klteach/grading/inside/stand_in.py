"""What takes the place of klteach and of IPython while a notebook is graded.

klteach's own functions are the right answers, so they are not there; its verbs do nothing, and a
cell that calls anything else of it stops like one that is not attempted. Nothing is drawn, asked
or installed.
"""

import builtins
import importlib.abc
import importlib.machinery
import sys

VERBS = ("check", "hint", "solution", "progress", "predict", "reveal", "warm_up", "inventory")


class Nothing:
    """What a verb returns: it shows as nothing."""

    score = points = 0

    def __repr__(self):
        return ""


def verb(*_, **__):
    """Nothing is checked in here."""
    return Nothing()


class _Klteach(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stand-in for klteach and all of its modules."""

    def find_spec(self, name, path=None, target=None):
        if name == "klteach" or name.startswith("klteach."):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        home = module.__name__

        def __getattr__(name):
            if name.startswith("__"):
                raise AttributeError(name)
            return verb if name in VERBS else _Unavailable(f"{home}.{name}")

        module.__getattr__ = __getattr__


class _Unavailable:
    """Stands for a function or a class of klteach, and stops whoever uses it."""

    def __init__(self, name):
        self.__module__, _, self.__name__ = name.rpartition(".")
        self._called = name

    def __call__(self, *_, **__):
        raise NotImplementedError(f"{self._called} is not there while a notebook is graded")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Unavailable(f"{self._called}.{name}")


class Shell:
    """The part of IPython's shell that a cell may ask for."""

    def __init__(self, names: dict, notes: list[str]):
        self.user_ns = names
        self._notes = notes

    def run_line_magic(self, name, line, *_, **__):
        """A line such as `%matplotlib inline`."""
        if name in ("pip", "conda", "mamba", "uv", "sx", "system", "bash", "sh"):
            self._refuse(f"%{name} {line}")

    def run_cell_magic(self, name, line, cell):
        """A cell that begins with such as `%%time`; those that run Python run."""
        if name in ("time", "timeit", "capture", "prun"):
            exec(compile(cell, "<cell>", "exec"), self.user_ns)
        else:
            self._refuse(f"%%{name}")

    def system(self, command, *_, **__):
        """A line such as `!ls`."""
        self._refuse(f"!{command}")

    getoutput = system

    def _refuse(self, what):
        note = f"`{what[:80]}` was left out: nothing is installed or started while grading"
        if note not in self._notes and len(self._notes) < 20:
            self._notes.append(note)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return verb


def install() -> None:
    """Let every import of klteach find the stand-in, and let nothing ask a person."""
    sys.meta_path.insert(0, _Klteach())
    builtins.input = _no_input
    sys.breakpointhook = verb


def _no_input(prompt=""):
    raise EOFError("nobody is there to answer while a notebook is graded")
