"""How much of the processor's time the check of an answer takes, for each question of the course.

    python -m benchmarks.checks [--rounds 7] [unit ...]

Two answers are checked: the right one, and one that is like no known mistake, which goes through
all mistakes and the whole diagnosis. Both take turns with the floor, the reference called once on
every case; what is printed is the median of the rounds, and its ratio to the floor in the same
round. Time is that of this process with all its threads, so that other programs do not count. How
often a check may call what is held by tests/units/test_questions.py.
"""

import argparse
import platform
import statistics
import time
from importlib import metadata

import numpy as np

from klteach.practice.checker import check_answer
from klteach.units import WRITTEN
from klteach.units.lookup import questions_of
from tests.practice.typed_answers import wrapped
from tests.units.known_answers import unknown_answer

FLOOR, RIGHT, UNKNOWN = "floor", "right", "unknown"
MOST_MILLISECONDS = 50  # what a learner does not notice
SHORTEST = 0.02  # a round repeats a short call until it takes this many seconds or more


def ways(question):
    """The floor and both checks, as functions without arguments."""
    cases = question.cases()
    numbers = question.returns.numbers
    answers = {RIGHT: question.reference, UNKNOWN: unknown_answer(question)}
    names = {way: wrapped(question.name, answer) for way, answer in answers.items()}
    return {
        FLOOR: lambda: [numbers(question.reference(*case.copies())) for case in cases],
        RIGHT: lambda: first_check(question, names[RIGHT]),
        UNKNOWN: lambda: first_check(question, names[UNKNOWN]),
    }


def first_check(question, names):
    """The check of an answer where nothing is known yet of what is right."""
    for case in question.cases():
        case.known.clear()
    return check_answer(question, names)


def seconds(function, calls):
    start = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - start) / calls


def calls_for(function):
    """How many calls a round makes: doubled until they take long enough for the clock."""
    calls = 1
    while calls * seconds(function, calls) < SHORTEST:
        calls *= 2
    return calls


def take_turns(functions, rounds):
    """Name -> seconds of a call, one number for each round."""
    calls = {name: calls_for(function) for name, function in functions.items()}
    times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(seconds(function, calls[name]))
    return times


def main():
    codes = [unit.code for unit in WRITTEN]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("units", nargs="*", metavar="unit", help=f"of {', '.join(codes)}")
    parser.add_argument("--rounds", type=int, default=7, help="rounds per question (default 7)")
    arguments = parser.parse_args()
    if set(arguments.units) - set(codes):
        parser.error(f"a unit is one of {', '.join(codes)}")
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy"))
    print(f"Python {platform.python_version()}, {versions}, {platform.machine()}\n")
    print(f"{'':24}{FLOOR:>14}{'a right answer':>26}{'an unknown one':>26}")
    slowest = {}
    for unit in WRITTEN:
        if arguments.units and unit.code not in arguments.units:
            continue
        for question in questions_of(unit):
            name = f"{unit.code} {question.name}"
            slowest[name] = show(name, question, arguments.rounds)
    worst = max(slowest, key=slowest.get)
    print(f"\nslowest: {worst}, {slowest[worst]:.1f} ms   wanted: {MOST_MILLISECONDS} at most")


def show(name, question, rounds):
    """Print the line of a question; return the milliseconds of its slower check."""
    with np.errstate(all="ignore"):
        times = take_turns(ways(question), rounds)
    milliseconds = {way: 1e3 * statistics.median(own) for way, own in times.items()}
    cells = [f"{milliseconds[FLOOR]:11.3f} ms"]
    for way in (RIGHT, UNKNOWN):
        pairs = zip(times[way], times[FLOOR], strict=True)
        ratio = statistics.median(own / floor for own, floor in pairs)
        cells.append(f"{milliseconds[way]:9.2f} ms {ratio:6.1f} x floor")
    print(f"{name:24}{''.join(cells)}")
    return max(milliseconds[RIGHT], milliseconds[UNKNOWN])


if __name__ == "__main__":
    main()
