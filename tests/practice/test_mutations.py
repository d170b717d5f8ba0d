"""Every small change to a right answer must be noticed: the inputs are sharp enough."""

import ast
import copy

import pytest

from answers import RIGHT, notebook
from klteach.practice.checker import check_answer
from klteach.practice.question import find_question

OPERATORS = {
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
NAMES = {"p": ("q",), "q": ("p",), "lengths": ("p",), "winners": ("p",)}


def mutants(source):
    """All programs that differ from `source` in one operator, function, name, constant or sign."""
    tree = ast.parse(source)
    arguments = {argument.arg for argument in tree.body[0].args.args}
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
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for name in NAMES.get(node.id, ()):
            if name in arguments:
                yield lambda n, name=name: setattr(n, "id", name)
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


# Changes that change nothing: the length of p is the length of q, and where p > 0 the two masks of
# the same name agree.
EQUIVALENT = {"kl_contributions": {"terms = np.zeros(len(q))"}}

MUTANTS = [
    pytest.param(name, mutant, id=f"{name} {number}")
    for name, source in RIGHT.items()
    for number, mutant in enumerate(mutants(source))
    if not any(line in mutant for line in EQUIVALENT.get(name, ()))
]


def test_there_are_mutants_of_every_answer():
    assert {parameters.values[0] for parameters in MUTANTS} == set(RIGHT)
    assert len(MUTANTS) > 80


@pytest.mark.parametrize(("name", "mutant"), MUTANTS)
def test_a_mutant_is_noticed(name, mutant):
    feedback = check_answer(find_question(name), notebook(mutant))
    assert feedback.state not in ("correct", "not attempted"), mutant
    assert feedback.score < feedback.points


TYPED = [
    # name, what is replaced, by what, and what is recognised
    ("entropy_bits", "np.log2(used)", "np.log2(used + 1e-9)", "small number added"),
    ("entropy_bits", "-np.sum(used * np.log2(used))", "-np.sum(p * np.log2(p))", None),
    ("entropy_bits", "np.log2", "np.log", "nats"),
    ("entropy_bits", "-np.sum", "np.sum", "sign"),
    ("entropy_bits", "used * np.log2(used)", "np.log2(used)", "weights missing"),
    ("to_bits", "/ np.log(2)", "* np.log(2)", "multiplied"),
    ("expected_length", "p * lengths", "lengths", "sum of lengths"),
    ("code_lengths", "np.ceil", "np.floor", "rounded down"),
    ("code_lengths", "np.ceil", "1 * ", "not rounded"),
    ("cross_entropy", "np.log(q[used])", "np.log(p[used])", "entropy of p"),
    ("cross_entropy", "p[used] * np.log(q[used])", "q * np.log(p)", "swapped"),
    ("kl", "p[used] *", "q[used] *", "expectation under q"),
    ("kl", "p[used] * np.log", "np.log", "weights missing"),
    ("kl", "p[used] / q[used]", "q[used] / p[used]", "sign"),
    ("kl", "np.log(", "np.log2(", "bits"),
    ("kl", "np.log(", "np.log10(", "log10"),
    ("kl", "/ q[used]", "/ (q[used] + 1e-10)", "small number added"),
    ("kl", "p > 0", "(p > 0) & (q > 0)", "outcomes removed"),
    ("kl", "np.sum(", "np.sum(np.abs(", "abs of each term"),
    ("kl", "np.sum(", "np.abs(np.sum(", "abs of the sum"),
    ("kl_contributions", "return terms", "return terms - p + q", "kl_div"),
    ("kl_contributions", "p[used] *", "1 *", "weights missing"),
    ("kelly_growth", "np.mean(np.log(p / q)[winners])", "np.mean((p / q)[winners]) - 1",
     "arithmetic growth"),
    ("kelly_growth", "(p / q)", "(1 / q / np.sum(1 / q) / q)", "bets on the odds"),
]


@pytest.mark.parametrize(("name", "old", "new", "mistake"), TYPED)
def test_a_typed_mistake_is_recognised(name, old, new, mistake):
    assert old in RIGHT[name]
    source = RIGHT[name].replace(old, new)
    if source.count("(") > source.count(")"):
        source = source.rstrip() + ")\n"
    feedback = check_answer(find_question(name), notebook(source))
    assert feedback.mistake == mistake, str(feedback)
    assert feedback.score == 0
