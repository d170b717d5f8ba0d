"""What the names of a notebook meant on the way, in case they get another meaning later."""

import contextlib
import dis
from types import CodeType, FunctionType

from klteach.grading.inside.stand_in import on_check
from klteach.practice.calls import of_klteach

_ABSENT = object()


class Meanings:
    """The functions that a learner wrote, and what their names meant when each was checked."""

    def __init__(self, names: dict):
        self._names = names
        # of each name the last function, and what the names that it uses meant at its last check
        self._functions: dict[str, tuple[FunctionType, dict]] = {}
        on_check.append(self._checked)

    def remember(self) -> None:
        """A cell is over: keep the functions that it wrote."""
        for name, value in list(self._names.items()):
            if self._is_written(value) and value is not self._functions.get(name, (None,))[0]:
                self._keep(name, value)

    def _checked(self, name):
        if self._is_written(self._names.get(name)):
            self._keep(name, self._names[name])

    def _keep(self, name, function):
        used = _reached(function, self._names)
        self._functions[name] = function, {key: self._names.get(key, _ABSENT) for key in used}

    def _is_written(self, value) -> bool:
        return type(value) is FunctionType and value.__globals__ is self._names

    def put_back(self, name: str) -> bool:
        """Let `name` mean the last function that the learner wrote under it; whether it did not.

        Another callable that it stands for was the learner's choice, unless klteach's own.
        """
        value = self._names.get(name)
        if name not in self._functions or (callable(value) and not of_klteach(value)):
            return False
        self._names[name], _ = self._functions[name]
        return True

    @contextlib.contextmanager
    def as_at_check(self, name: str):
        """What `name` uses means what it did when it was checked last, or else after its cell.

        The context is whether that is something else than now; if not, nothing changes.
        """
        written, before = self._functions.get(name, (None, {}))
        now = {key: self._names.get(key, _ABSENT) for key in before}
        differs = self._names.get(name) is written is not None and any(
            before[key] is not now[key] for key in before
        )
        try:
            if differs:
                self._become(before)
            yield differs
        finally:
            if differs:
                self._become(now)

    def _become(self, meanings):
        for key, value in meanings.items():
            if value is _ABSENT:
                self._names.pop(key, None)
            else:
                self._names[key] = value


def _reached(function, names: dict) -> set[str]:
    """The names of the notebook that a function of it looks up, and those that these look up."""
    found: set[str] = set()
    left, seen = [function], set()
    while left:
        value = left.pop()
        code = value.__code__ if type(value) is FunctionType else value
        if type(code) is not CodeType or code in seen:
            continue
        seen.add(code)
        left += [inner for inner in code.co_consts if type(inner) is CodeType]
        new = _looked_up(code) - found
        found |= new
        left += [names.get(name) for name in new]
    return found


def _looked_up(code: CodeType) -> set[str]:
    steps = dis.get_instructions(code)
    return {step.argval for step in steps if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
