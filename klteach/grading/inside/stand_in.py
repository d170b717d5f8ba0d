"""What takes the place of klteach and of Google's Colab while a notebook is graded.

klteach's own functions are the right answers, so they are not there; its verbs do nothing, and
whoever calls anything else of it is told that it is not there. What Colab offers does nothing.
Nothing is drawn, asked or installed.
"""

import builtins
import importlib.abc
import importlib.machinery
import sys

VERBS = (
    "check",
    "failing_case",
    "hint",
    "solution",
    "progress",
    "predict",
    "reveal",
    "warm_up",
    "inventory",
    "closing",
)


on_check: list = []  # functions that are told the name in `check("kl")`


class NotHere(NotImplementedError):
    """Something of klteach was called that is not there while a notebook is graded."""


class Nothing:
    """What a verb returns: it shows as nothing, and whatever is done with it does nothing."""

    score = points = 0

    def __repr__(self):
        return ""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __call__(self, *_, **__):
        return Nothing()

    __getitem__ = __call__

    def __contains__(self, _):
        return False

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def verb(*_, **__):
    """Nothing is checked in here."""
    return Nothing()


def check(name=None, *_, **__):
    """As the other verbs; what all names mean here is remembered."""
    for tell in on_check:
        tell(name)
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
            if name == "check":
                return check
            return verb if name in VERBS else _Unavailable(f"{home}.{name}")

        module.__getattr__ = __getattr__


class _Unavailable:
    """Stands for a function or a class of klteach, and stops whoever uses it."""

    def __init__(self, name):
        self.__module__, _, self.__name__ = name.rpartition(".")
        self._called = name

    def __call__(self, *_, **__):
        raise NotHere(f"{self._called} is not there while a notebook is graded")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Unavailable(f"{self._called}.{name}")


class _Colab(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stand-in for google.colab, whose functions do nothing; comes after all others."""

    def find_spec(self, name, path=None, target=None):
        if name == "google" or f"{name}.".startswith("google.colab."):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        if module.__name__ != "google":
            module.__getattr__ = Nothing().__getattr__


def install() -> None:
    """Let every import of klteach find the stand-in, and let nothing ask a person."""
    sys.meta_path.insert(0, _Klteach())
    sys.meta_path.append(_Colab())
    builtins.input = _no_input
    sys.breakpointhook = verb


def _no_input(prompt=""):
    raise EOFError("nobody is there to answer while a notebook is graded")
