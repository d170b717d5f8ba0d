"""Finds a learner's function, calls it, and survives whatever it does: errors, exits, loops.

It protects a learner's session from accidents. It is no sandbox against bad will: marks that count
are made elsewhere, in a process that the learner's code does not control. That process loads this
module by itself, so it needs NumPy and nothing of klteach, and tells what it saw as plain values.
"""

import ast
import contextlib
import dis
import inspect
import io
import linecache
import sys
import traceback
import warnings
from dataclasses import dataclass, replace
from types import CodeType, CoroutineType, FrameType, FunctionType, ModuleType

import numpy as np

from klteach.practice.time_limit import OutOfTime, TimeLimit

_LONGEST_TRANSCRIPT = 300
_LONGEST_TEXT = 1000
KINDS = ("function", "missing", "no function", "of klteach", "other arguments", "borrowed")
_LOOK_UPS = {"LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME"}
NUMBERS = (int, float, *{np.dtype(code).type for code in "bhilqBHILQefdg"})
_MOST_OBJECTS = 100_000  # that are looked at one by one
_DOES_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}


@dataclass(frozen=True)
class Found:
    """What stands under the name of an answer.

    kind        "function", or why it is none: "missing", "no function", "of klteach",
                "other arguments", or "borrowed" if it calls klteach to answer
    functions   if missing: the names of the learner's own functions
    type_name   if it is no function: its type
    parameters  if it takes other arguments: their names
    empty       whether the body is a docstring, `pass` or `...` and nothing else
    borrowed    if it calls klteach: the function's name there
    reused      whether its name meant something else at the end, and the last function is called
    earlier     where names that it uses mean something else since it was checked: what it was then
    """

    kind: str
    functions: tuple[str, ...] = ()
    type_name: str = ""
    parameters: tuple[str, ...] = ()
    empty: bool = False
    borrowed: str = ""
    reused: bool = False
    earlier: "Found | None" = None


@dataclass(frozen=True)
class Failure:
    """What a call raised.

    kinds         the name of its class and of those above it
    text          its message
    line, source  where in the learner's own cell, if it was there
    """

    kinds: tuple[str, ...]
    text: str = ""
    line: int | None = None
    source: str = ""


@dataclass(frozen=True)
class Undefined:
    """Where NumPy met an operation without a result, of which it makes nan.

    operation     as NumPy calls it: "multiply", "log"
    line, source  where in the learner's own cell
    """

    operation: str
    line: int | None = None
    source: str = ""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one call did; `undefined` are the operations without a result, each place once."""

    value: object = None
    failure: Failure | None = None
    changed_its_input: bool = False
    printed: str = ""
    undefined: tuple[Undefined, ...] = ()


class Transcript(io.TextIOBase):
    """Keeps the beginning of what is printed and throws the rest away."""

    def __init__(self):
        self.text = ""

    def clear(self):
        self.text = ""

    def writable(self):
        return True

    def write(self, text):
        self.text += text[: max(0, _LONGEST_TRANSCRIPT - len(self.text))]
        return len(text)


@contextlib.contextmanager
def quiet(transcript: Transcript):
    """No warnings from Python or NumPy, and prints go into the transcript."""
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(transcript),
        contextlib.redirect_stderr(transcript),
    ):
        warnings.simplefilter("ignore")
        yield


def find(name: str, names: dict, arguments: int) -> Found:
    """Look for the function `name`, to be called with so many arguments, among `names`."""
    if name not in names:
        own = [
            other
            for other, value in names.items()
            if type(value) is FunctionType and value.__globals__ is names
        ]
        return Found("missing", functions=tuple(own))
    value = names[name]
    if not callable(value):
        return Found("no function", type_name=type(value).__name__)
    if of_klteach(value):
        return Found("of klteach")
    borrowed = _borrowed(value, names)
    if borrowed:
        return Found("borrowed", borrowed=borrowed)
    try:
        signature = inspect.signature(value)
    except Exception:  # functions written in C may not tell theirs, and odd objects may object
        return Found("function")
    try:
        signature.bind(*range(arguments))
    except TypeError:
        return Found("other arguments", parameters=_written(signature))
    return Found("function", empty=_does_nothing(value))


def _written(signature: inspect.Signature) -> tuple[str, ...]:
    """The parameters as they stand in a definition, with their stars and without defaults."""
    bare = [
        each.replace(default=inspect.Parameter.empty, annotation=inspect.Parameter.empty)
        for each in signature.parameters.values()
    ]
    text = str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    return tuple(text.strip("()").split(", "))


def of_klteach(value) -> bool:
    home = value.__name__ if type(value) is ModuleType else getattr(value, "__module__", "")
    return str(home).split(".")[0] == "klteach"


def _borrowed(value, names: dict) -> str:
    """What of klteach a function of the notebook names in its code, or in functions it calls."""
    for function, name, dotted in _names_used(value, names):
        if function is None or (of_klteach(names.get(name)) and not _meant(function, name, names)):
            return dotted
    return ""


def _names_used(value, names: dict):
    """(function, name, name with attributes) for each global name in the code of the notebook's own
    function `value` and of those that it calls; the function is None for an import of klteach.
    """
    seen, left = set(), [value]
    while left:
        function = left.pop()
        if type(function) is not FunctionType or function.__globals__ is not names:
            continue
        codes = [function.__code__]
        while codes:
            code = codes.pop()
            if code in seen:
                continue
            seen.add(code)
            codes += [inner for inner in code.co_consts if type(inner) is CodeType]
            steps = list(dis.get_instructions(code))
            for place, step in enumerate(steps):
                if step.opname == "IMPORT_NAME" and step.argval.split(".")[0] == "klteach":
                    yield None, step.argval, _dotted(steps, place, "IMPORT_FROM")
                if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                    yield function, step.argval, _dotted(steps, place, "LOAD_ATTR", "LOAD_METHOD")
                    left.append(names.get(step.argval))


def _dotted(steps, place: int, *kinds: str) -> str:
    """The name that is loaded at this place, with the attributes that are taken of it."""
    name = steps[place].argval
    for step in steps[place + 1 :]:
        if step.opname not in kinds:
            break
        name += f".{step.argval}"
    return name


# What a name meant when a function was defined


def _meant(function, name: str, names: dict) -> ast.stmt | None:
    """The statement of the learner's that gave `name` the meaning it had for this function.

    None if it meant what klteach holds under this name, or if nothing is known. A notebook that is
    run to its end may import a function of klteach to compare with, under the name of the
    learner's own.
    """
    file_name = function.__code__.co_filename
    own = "".join(linecache.getlines(file_name, function.__globals__))
    history = names.get("In")  # IPython's list of all cells that were run
    earlier = history if type(history) is list and all(type(c) is str for c in history) else []
    places = [place for place, source in enumerate(earlier) if source.strip() == own.strip()]
    for source in (own, *reversed(earlier[: places[-1]] if places else [])):
        statement = _last_binding(source, name)
        if statement is not None:
            return None if _imports_klteach(statement) else statement
    return None


def _last_binding(source: str, name: str) -> ast.stmt | None:
    """The last statement outside of functions that binds the name to what can be made again."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):  # a magic, or no Python
        return None
    for statement in reversed(statements):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            bound = [(alias.asname or alias.name).split(".")[0] for alias in statement.names]
        elif isinstance(statement, ast.FunctionDef):
            bound = [statement.name]
        elif isinstance(statement, ast.Assign) and isinstance(
            statement.value, (ast.Lambda, ast.Name, ast.Attribute)
        ):
            bound = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        else:
            bound = []
        if name in bound:
            return statement
    return None


def _imports_klteach(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").split(".")[0] == "klteach"
    if isinstance(statement, ast.Import):
        return any(alias.name.split(".")[0] == "klteach" for alias in statement.names)
    return isinstance(statement, ast.Assign) and "klteach" in ast.unparse(statement.value)


@contextlib.contextmanager
def _as_defined(function, names: dict):
    """The names that a function uses mean again what they meant when it was defined."""
    meanings = {
        name: statement
        for user, name, _ in _names_used(function, names)
        if user is not None
        and of_klteach(names.get(name))
        and (statement := _meant(user, name, names)) is not None
    }
    now = {name: names[name] for name in meanings}
    try:
        for statement in meanings.values():
            module = ast.Module([statement], type_ignores=[])
            exec(compile(module, "<the name as it was>", "exec"), names)
        yield
    finally:
        names.update(now)


@contextlib.contextmanager
def _exit_raises(names: dict):
    """`exit` and `quit` raise SystemExit: IPython's own end the kernel when the cell is over."""
    now = {
        name: names[name]
        for name in ("exit", "quit")
        if type(names.get(name)).__module__.split(".")[0] == "IPython"
    }
    names.update(dict.fromkeys(now, _exit))
    try:
        yield
    finally:
        names.update({name: value for name, value in now.items() if names.get(name) is _exit})


def _exit(*_):
    raise SystemExit


def _is_plain_pandas(value) -> bool:
    """Whether it is one of pandas' own in which each number has its place and no other name."""
    pandas = sys.modules.get("pandas")
    if pandas is None or type(value).__module__.split(".")[0] != "pandas":
        return False
    numbered = type(value) is pandas.Series and list(value.index) == list(range(len(value)))
    return numbered or isinstance(value, pandas.Index)


def _does_nothing(function) -> bool:
    return type(function) is FunctionType and all(
        step.opname in _DOES_NOTHING for step in dis.get_instructions(function)
    )


def call_all(
    function, calls, seconds: float, names: dict, waiting: float | None = None
) -> list[Outcome | None]:
    """What each call did; None for those that the time was not enough for.

    `calls` are tuples of arguments, of which copies are handed over. `names` are those of the
    notebook. A call in which `waiting` seconds passed and less than `seconds` were computed has the
    failure OutOfTime, see TimeLimit.
    """
    # what the frames of the learner's own code have in common, wherever it was written
    names = function.__globals__ if type(function) is FunctionType else names
    outcomes: list[Outcome | None] = [None] * len(calls)
    transcript, undefined = Transcript(), _UndefinedOperations(names)
    with (
        quiet(transcript),
        np.errstate(invalid="log", call=undefined),
        _exit_raises(names),
        _as_defined(function, names),
    ):
        limit, place = TimeLimit(seconds, waiting), 0
        try:
            with limit:
                for place, arguments in enumerate(calls):
                    transcript.clear()
                    undefined.clear()
                    outcome = _call(function, arguments, names, transcript)
                    limit.check()
                    outcomes[place] = replace(outcome, undefined=undefined.found())
        except OutOfTime as end:
            if end.waiting:
                outcomes[place] = Outcome(failure=Failure(("OutOfTime",), f"{limit.waiting:g}"))
    return outcomes


def _call(function, arguments, names, transcript) -> Outcome:
    copies = tuple(a.copy() if isinstance(a, np.ndarray) else a for a in arguments)
    try:
        value = function(*copies)
    except (KeyboardInterrupt, OutOfTime):
        raise
    except BaseException as error:  # SystemExit among them: it must not end the session
        return Outcome(failure=_failure(error, names), printed=transcript.text)
    if type(value) is CoroutineType:
        value.close()  # a coroutine that nobody awaits would complain later
    changed = any(
        not np.array_equal(mine, theirs) for mine, theirs in zip(arguments, copies, strict=True)
    )
    return Outcome(plain(value), changed_its_input=changed, printed=transcript.text)


class _UndefinedOperations:
    """Is told by NumPy of each operation without a result, and looks where it was."""

    MOST = 5

    def __init__(self, names: dict):
        self._names = names
        self._places: dict[tuple, None] = {}

    def clear(self):
        self._places = {}

    def write(self, text: str):
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals is not self._names:
            frame = frame.f_back
        place = (None, None) if frame is None else (frame.f_code.co_filename, frame.f_lineno)
        if len(self._places) <= self.MOST:
            self._places[text.rpartition(" in ")[2].strip().removeprefix("scalar "), *place] = None

    def found(self) -> tuple[Undefined, ...]:
        return tuple(
            Undefined(operation, line, _source(file_name, line, self._names))
            for operation, file_name, line in self._places
        )


def _source(file_name: str | None, line: int | None, names: dict) -> str:
    if file_name is None or line is None:
        return ""
    return linecache.getline(file_name, line, names).strip()[:_LONGEST_TEXT]


def plain(value):
    """The value as Python's and NumPy's own kinds, where there is no doubt about what it says.

    A pandas Series counts if its index is 0, 1, 2, ...: with another one it is not known which
    number belongs where. An array of objects counts if it holds numbers, or words, alone.
    """
    try:
        return _plain(value)
    except Exception:  # an object of some library's that fails to tell what it holds
        return value


def _plain(value):
    if _is_plain_pandas(value):
        value = value.to_numpy()
    if type(value) is np.ndarray and value.dtype == object and value.size <= _MOST_OBJECTS:
        items = value.ravel().tolist()
        kinds = {type(item) for item in items}
        if kinds and kinds <= {bool, np.bool_}:
            return np.array(items, dtype=bool).reshape(value.shape)
        if kinds and kinds <= set(NUMBERS):
            return np.array(items, dtype=float).reshape(value.shape)
        if value.ndim == 1 and kinds <= {str, np.str_}:
            return [str(item) for item in items]
    if type(value) is np.ndarray and value.dtype.kind == "U" and value.ndim == 1:
        return value.tolist()
    if type(value) in (list, tuple) and any(type(item) is np.str_ for item in value):
        return type(value)(str(item) if type(item) is np.str_ else item for item in value)
    return value


def _failure(error: BaseException, names: dict) -> Failure:
    line, source = None, ""
    frames = traceback.walk_tb(error.__traceback__)
    own = [(frame, number) for frame, number in frames if frame.f_globals is names]
    if own:
        frame, line = own[-1]
        source = _source(frame.f_code.co_filename, line, frame.f_globals)
    try:
        text = str(error)
    except Exception:  # a learner's exception whose own text fails
        text = "(its text cannot be read)"
    return Failure(
        kinds=tuple(kind.__name__ for kind in type(error).__mro__),
        text=text[:_LONGEST_TEXT],
        line=line,
        source=source,
    )
