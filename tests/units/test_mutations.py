"""Every small change to a right answer must be noticed: the inputs are sharp enough."""

import ast
import copy
from functools import cache

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook
from tests.together import together
from tests.units.known_answers import EQUIVALENT_MUTANTS, RIGHT, TYPED_MISTAKES, case_of

SECONDS = 2.0  # what computes for longer is noticed by that: a right answer takes far less
OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.Gt: (ast.GtE, ast.Lt),
}
FUNCTIONS = {
    "sum": ("mean", "max", "cumsum"),
    "mean": ("sum", "median"),
    "log": ("log2", "log10", "exp", "log1p"),
    "log2": ("log", "log10", "exp"),
    "ceil": ("floor", "round"),
    "zeros": ("ones",),
}


def mutants(source, name):
    """All cells in which the function `name` differs in one operator, name, constant or sign."""
    tree = ast.parse(source)
    asked = function_in(tree, name)
    neighbours = neighbours_of(asked)
    for position, node in enumerate(ast.walk(asked)):
        for change in changes(node, neighbours):
            twin = copy.deepcopy(tree)
            change(list(ast.walk(function_in(twin, name)))[position])
            yield ast.unparse(ast.fix_missing_locations(twin))


def function_in(tree, name):
    """The definition of the function `name`; what else stands in its cell is not asked for."""
    (found,) = (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)
    return found


def neighbours_of(function):
    """For each argument of the function, and of those inside it, the one that follows it."""
    found = {}
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef):
            arguments = [argument.arg for argument in node.args.args]
            found |= zip(arguments, arguments[1:] + arguments[:1], strict=True)
    return {name: following for name, following in found.items() if name != following}


def changes(node, neighbours):
    if isinstance(node, ast.BinOp):
        for kind in OPERATORS.get(type(node.op), ()):
            yield lambda n, kind=kind: setattr(n, "op", kind())
    elif isinstance(node, ast.Compare):
        for kind in OPERATORS.get(type(node.ops[0]), ()):
            yield lambda n, kind=kind: setattr(n, "ops", [kind()])
    elif isinstance(node, ast.UnaryOp):
        yield lambda n: setattr(n, "op", ast.UAdd())
    elif isinstance(node, ast.Attribute):
        for name in FUNCTIONS.get(node.attr, ()):
            yield lambda n, name=name: setattr(n, "attr", name)
    elif isinstance(node, ast.Name) and node.id in neighbours:
        yield lambda n: setattr(n, "id", neighbours[n.id])
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield lambda n: setattr(n, "value", n.value + 1)
    elif isinstance(node, ast.Return):
        yield lambda n: setattr(n, "value", ast.BinOp(n.value, ast.Add(), ast.Constant(1e-3)))
        yield lambda n: setattr(n, "value", ast.BinOp(n.value, ast.Mult(), ast.Constant(1.0001)))
        yield lambda n: setattr(n, "value", ast.UnaryOp(ast.USub(), n.value))


def changes_nothing(name, mutant):
    return any(line in mutant for line in EQUIVALENT_MUTANTS.get(name, ()))


@cache
def mutants_of(name):
    """All mutants of the shipped answer: (those to be noticed, those that change nothing)."""
    noticed, equivalent = [], []
    for mutant in mutants(RIGHT[name], name):
        (equivalent if changes_nothing(name, mutant) else noticed).append(mutant)
    return noticed, equivalent


def states(name, sources):
    """What check says of each of these cells."""
    for source in sources:
        feedback = check_answer(find_question(name), notebook(source), SECONDS)
        yield source, feedback.state, feedback.score < feedback.points


def test_there_are_many_mutants():
    assert sum(len(mutants_of(name)[0]) for name in RIGHT) > 80


@together([case_of(name, name) for name in RIGHT])
def test_every_mutant_is_noticed(name):
    noticed, _ = mutants_of(name)
    assert noticed
    passed = [
        f"{state}:\n{source}"
        for source, state, loses_points in states(name, noticed)
        if state in ("correct", "not attempted") or not loses_points
    ]
    assert not passed, "\n\n".join(passed)


@together([case_of(name, name) for name in EQUIVALENT_MUTANTS])
def test_a_mutant_that_is_said_to_change_nothing_is_right(name):
    _, equivalent = mutants_of(name)
    for line in EQUIVALENT_MUTANTS[name]:
        assert any(line in mutant for mutant in equivalent), line
    wrong = [
        f"{state}:\n{source}" for source, state, _ in states(name, equivalent) if state != "correct"
    ]
    assert not wrong, "\n\n".join(wrong)


def test_a_mistake_is_typed_for_every_question():
    assert {name for name, *_ in TYPED_MISTAKES} == set(RIGHT)


@together([
    case_of(typed[0], *typed, part=f"typed {number} {typed[3]}")
    for number, typed in enumerate(TYPED_MISTAKES)
])  # fmt: skip
def test_a_typed_mistake_is_recognised(name, old, new, mistake):
    assert old in RIGHT[name]
    source = RIGHT[name].replace(old, new)
    feedback = check_answer(find_question(name), notebook(source))
    assert feedback.mistake == mistake, str(feedback)
    assert feedback.score == 0
