"""IPython's shell as far as a cell of an exercise needs it: magics, and the names of results.

Magics that run Python run it; those that show or set something do nothing. No program is started
and nothing is installed, which is said in a note.
"""

import contextlib
import io
import os
import shlex
import sys
from collections.abc import Callable

from klteach.grading.inside.stand_in import Nothing

_MOST_NOTES = 20
_LONGEST_CAPTURE = 1_000_000
# They start a program, or fetch something.
_PROGRAMS = {
    *("pip", "conda", "mamba", "micromamba", "uv", "sx", "sc", "system", "bash", "sh", "script"),
    *("cmd", "perl", "ruby", "R", "julia", "python2", "pypy", "cython", "writetemplate"),
    *("python", "python3", "bigquery", "sql", "notebook"),
}
# They show something, or change how a notebook looks and is run by a person.
_SHOWN = {"html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG"}


class NoOutput(list):
    """What a command gave that was not run: an empty list, in which every line is an empty text."""

    n = s = l = p = nlstr = spstr = ""  # noqa: E741 - as IPython calls them

    def __getitem__(self, place):
        return super().__getitem__(place) if isinstance(place, slice) or self else ""

    def fields(self, *_):
        return NoOutput()

    grep = fields


class Captured:
    """What `%%capture` caught."""

    def __init__(self):
        self.stdout = self.stderr = ""
        self.outputs: list = []

    def __str__(self):
        return self.stdout

    def show(self):
        pass

    __call__ = show


class _Beginning(io.StringIO):
    """Keeps the beginning of what is printed."""

    def write(self, text):
        if self.tell() < _LONGEST_CAPTURE:
            super().write(text[:_LONGEST_CAPTURE])
        return len(text)


class Shell:
    """What `get_ipython()` returns. `run` runs the source of a cell among `names`."""

    def __init__(self, names: dict, run: Callable[[str], None]):
        self.user_ns = self.user_global_ns = names
        self.execution_count = 0
        self.refused: list[str] = []  # what was left out of the cell that runs now
        self._run = run
        self._results = {"_": "", "__": "", "___": ""}
        names.update(self._results, In=[""], Out={}, _i="", _ii="", _iii="", _dh=[os.getcwd()])
        names.update(_ih=names["In"], _oh=names["Out"])

    # Results

    def begin(self, source: str) -> None:
        """A cell begins: it is the last of `In`."""
        self.refused = []
        self.execution_count += 1
        names = self.user_ns
        if isinstance(known := names.get("_ih"), list):
            known.append(source)
            names.update(
                {"_i": known[-2], "_ii": ([""] + known)[-3], "_iii": ([""] * 2 + known)[-4]}
            )

    def show(self, value) -> None:
        """A cell ends in an expression: its value is `_`, unless the learner uses that name."""
        if value is None:
            return
        names, mine = self.user_ns, self._results
        theirs = any(key in names and names[key] is not mine[key] for key in mine)
        mine.update({"___": mine["__"], "__": mine["_"], "_": value})
        if not theirs:
            names.update(mine)
        names[f"_{self.execution_count}"] = value
        if isinstance(known := names.get("_oh"), dict):
            known[self.execution_count] = value

    # Magics

    def run_line_magic(self, name, line="", *_, **__):
        """A line such as `%matplotlib inline`."""
        if name in _PROGRAMS:
            return self._refuse(f"%{name} {line}")
        known = getattr(self, f"_line_{name}", None)
        return known(line) if known else None

    def run_cell_magic(self, name, line, cell):
        """A cell that begins with such as `%%time`; those that run Python run."""
        if name in ("time", "timeit", "prun", "debug"):
            self._run(cell)
        elif name == "capture":
            self._capture(line, cell)
        elif name in ("writefile", "file"):
            self._write(line, cell)
        elif name not in _SHOWN:
            self._refuse(f"%%{name}")

    def magic(self, line):
        """As `%` and this line."""
        name, _, rest = line.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def run_cell(self, cell, *_, **__):
        """As a cell of its own."""
        self._run(cell)

    def system(self, command, *_, **__):
        """A line such as `!ls`."""
        self._refuse(f"!{command}")

    system_piped = system_raw = system

    def getoutput(self, command, *_, **__):
        """What stands on the right of `files = !ls`."""
        return self._refuse(f"!{command}")

    def push(self, names, *_, **__):
        """Names for the notebook."""
        self.user_ns.update(names)

    def ev(self, source):
        """The value of an expression among the names of the notebook."""
        return eval(source, self.user_ns)

    def ex(self, source):
        """Run statements among the names of the notebook."""
        exec(source, self.user_ns)

    def _line_time(self, line):
        try:
            code = compile(line, "<magic>", "eval")
        except SyntaxError:
            return self._run(line)
        return eval(code, self.user_ns)

    _line_prun = _line_time

    def _line_env(self, line):
        name, equals, value = line.replace(" ", "=", 1).partition("=") if line else ("", "", "")
        if equals:
            os.environ[name.strip()] = value.strip()
            return None
        return os.environ.get(name, "") if name else dict(os.environ)

    _line_set_env = _line_env

    def _line_cd(self, line):
        # where there is no such folder IPython says so, and goes on
        with contextlib.suppress(OSError):
            os.chdir(os.path.expanduser(line.split(" -")[0].strip().strip("\"'") or "~"))

    def _line_pwd(self, _):
        return os.getcwd()

    def _line_who_ls(self, _):
        return sorted(name for name in self.user_ns if not name.startswith("_"))

    def _line_run(self, line):
        words = [word for word in shlex.split(line) if not word.startswith("-")]
        path = words[0] if words else ""
        path = path if os.path.exists(path) else f"{path}.py"
        with open(path, encoding="utf-8") as file:
            code = compile(file.read(), path, "exec")
        apart = "-i" not in line.split()
        names = {"__name__": "__main__", "__file__": path} if apart else self.user_ns
        exec(code, names)
        if apart:
            hidden = ("__name__", "__file__", "__builtins__")
            self.user_ns.update({key: names[key] for key in names if key not in hidden})

    def _line_pylab(self, _):
        self._run("import numpy\nimport numpy as np\nfrom numpy import *\n")
        with contextlib.suppress(ImportError):
            self._run("import matplotlib.pyplot as plt\nfrom matplotlib import pylab, pyplot\n")

    def _capture(self, line, cell):
        captured, out, err = Captured(), _Beginning(), _Beginning()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                self._run(cell)
        finally:
            captured.stdout, captured.stderr = out.getvalue(), err.getvalue()
            names = [word for word in line.split() if word.isidentifier()]
            self.user_ns.update(dict.fromkeys(names[:1], captured))

    def _write(self, line, cell):
        *options, path = shlex.split(line) or [""]
        mode = "a" if {"-a", "--append"} & set(options) else "w"
        with open(path, mode, encoding="utf-8") as file:
            file.write(cell)

    def _refuse(self, what):
        what = " ".join(what.split())
        if what not in self.refused and len(self.refused) < _MOST_NOTES:
            self.refused.append(what)
        return NoOutput()

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Nothing()


def line_as_magic(source: str) -> str | None:
    """The Python of a cell of one line such as `pip install numpy`, a magic without its sign."""
    name, _, rest = source.strip().partition(" ")
    if "\n" in source.strip() or not (name in _PROGRAMS or hasattr(Shell, f"_line_{name}")):
        return None
    return f"get_ipython().run_line_magic({name!r}, {rest!r})\n"


def install(shell: Shell) -> None:
    """Let `get_ipython` be found wherever a learner looks for it."""

    def get_ipython():
        return shell

    for home in ("IPython", "IPython.core.getipython"):
        if home in sys.modules:
            vars(sys.modules[home])["get_ipython"] = get_ipython
    shell.user_ns["get_ipython"] = get_ipython
