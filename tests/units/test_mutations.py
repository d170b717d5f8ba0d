"""Every small change to a right answer must be noticed: the inputs are sharp enough."""

import ast
import copy

import pytest
from tests.practice.typed_answers import notebook
from tests.units.known_answers import EQUIVALENT_MUTANTS, RIGHT, TYPED_MISTAKES

from klteach.practice.checker import check_answer
from klteach.units.registry import find_question

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


def mutants(source):
    """All programs that differ from `source` in one operator, function, name, constant or sign."""
    tree = ast.parse(source)
    arguments = [argument.arg for argument in tree.body[0].args.args]
    for position, node in enumerate(ast.walk(tree)):
        for change in changes(node, arguments):
            twin = copy.deepcopy(tree)
            change(list(ast.walk(twin))[position])
            yield ast.unparse(ast.fix_missing_locations(twin))


def changes(node, arguments):
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
    elif isinstance(node, ast.Name) and node.id in arguments and len(arguments) > 1:
        following = arguments[(arguments.index(node.id) + 1) % len(arguments)]
        yield lambda n: setattr(n, "id", following)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield lambda n: setattr(n, "value", n.value + 1)
    elif isinstance(node, ast.Return):
        yield lambda n: setattr(
            n, "value", ast.BinOp(n.value, ast.Add(), ast.Constant(1e-3))
        )
        yield lambda n: setattr(
            n, "value", ast.BinOp(n.value, ast.Mult(), ast.Constant(1.0001))
        )
        yield lambda n: setattr(n, "value", ast.UnaryOp(ast.USub(), n.value))


MUTANTS = [
    pytest.param(name, mutant, id=f"{name} {number}")
    for name, source in RIGHT.items()
    for number, mutant in enumerate(mutants(source))
    if not any(line in mutant for line in EQUIVALENT_MUTANTS.get(name, ()))
]


def test_there_are_mutants_of_every_answer():
    assert {parameters.values[0] for parameters in MUTANTS} == set(RIGHT)
    assert len(MUTANTS) > 80


@pytest.mark.parametrize(("name", "mutant"), MUTANTS)
def test_a_mutant_is_noticed(name, mutant):
    feedback = check_answer(find_question(name), notebook(mutant))
    assert feedback.state not in ("correct", "not attempted"), mutant
    assert feedback.score < feedback.points


def test_a_mistake_is_typed_for_every_question():
    assert {name for name, *_ in TYPED_MISTAKES} == set(RIGHT)


@pytest.mark.parametrize(("name", "old", "new", "mistake"), TYPED_MISTAKES)
def test_a_typed_mistake_is_recognised(name, old, new, mistake):
    assert old in RIGHT[name]
    source = RIGHT[name].replace(old, new)
    if source.count("(") > source.count(")"):
        source = source.rstrip() + ")\n"
    feedback = check_answer(find_question(name), notebook(source))
    assert feedback.mistake == mistake, str(feedback)
    assert feedback.score == 0
