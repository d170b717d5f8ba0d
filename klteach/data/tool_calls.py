"""Which tools a task calls for, turn by turn: reference answers of a public benchmark."""

import numpy as np

from klteach.data.extract import open_extract, unpack

VARIANTS = ("base", "miss_func", "miss_param", "long_context")
# Marks in the stored sequence, beside the numbers of the tools from 0 on.
END_OF_TURN, END_OF_TASK = -1, -2

Task = tuple[tuple[str, ...], ...]


def tool_calls(variant: str = "base") -> list[Task]:
    """200 tasks of the Berkeley Function-Calling Leaderboard, each a tuple of turns of tool names.

    These are answers that people wrote for reference, not logs of an agent at work. The tasks have
    the same numbers in all variants:

    base          the task as it is
    miss_func     a tool is withheld for one turn, in which nothing is called
    miss_param    something is left unsaid for one turn, in which nothing is called
    long_context  the same tasks in larger surroundings

    An empty turn is a turn without a call. The unit is the task: its calls belong together.
    Errors: ValueError for another variant.

    Source: H. Mao, S. Patil and others, bfcl-eval 2026.3.23, Apache-2.0; the arguments of the calls
    are left out.

    >>> tool_calls()[0][:2]
    (('cd', 'mkdir', 'mv'), ('cd', 'grep'))
    """
    if variant not in VARIANTS:
        raise ValueError(f"there are the variants {', '.join(VARIANTS)}, not {variant!r}.")
    stored = open_extract("tool_calls")
    tools = stored["tools"].tolist()
    return [_turns(task, tools) for task in _parts(unpack(stored[variant]), END_OF_TASK)]


def _turns(task, tools):
    return tuple(tuple(tools[code] for code in turn.tolist()) for turn in _parts(task, END_OF_TURN))


def _parts(codes, end):
    """The pieces before each mark."""
    return [part[part != end] for part in np.split(codes, np.flatnonzero(codes == end) + 1)[:-1]]
