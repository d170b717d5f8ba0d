"""What the layer offers: every promised name, documented, its example run, loaded late."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import klteach.inference

# the interface, in the words of those who call it
PROMISED = {
    "best_of_n": ["reference", "reward", "n"],
    "best_of_n_bound": ["n"],
    "chain_rule": ["joint_p", "joint_q"],
    "chernoff_information": ["p", "q"],
    "donsker_varadhan": ["critic_p", "critic_q"],
    "fisher_information_bernoulli": ["p"],
    "fisher_information_normal": ["mu", "sigma"],
    "fisher_information_poisson": ["rate"],
    "fit_normal_forward": ["weights", "means", "sigmas"],
    "fit_normal_reverse": ["weights", "means", "sigmas"],
    "fit_temperature": ["logits", "labels"],
    "info_nce": ["scores"],
    "k1": ["log_p", "log_q"],
    "k2": ["log_p", "log_q"],
    "k3": ["log_p", "log_q"],
    "markov_kl_rate": ["transitions_p", "transitions_q"],
    "nearest_neighbour_kl": ["x", "y", "neighbours"],
    "nwj": ["critic_p", "critic_q"],
    "plug_in_bias": ["outcomes", "n"],
    "plug_in_kl": ["counts", "q"],
    "push_forward": ["p", "channel"],
    "sequence_log_ratio": ["log_p", "log_q", "mask"],
    "stationary_distribution": ["transitions"],
    "tilted_policy": ["reference", "reward", "beta"],
}
LABELS = ["Formula:", "Shapes:", "Units:", "Errors:", "Source:"]
DOCUMENTED = [getattr(klteach.inference, name) for name in PROMISED]
MODULES = ["klteach.inference"] + [
    module.name
    for module in pkgutil.walk_packages(klteach.inference.__path__, "klteach.inference.")
]


def test_the_public_names():
    assert klteach.inference.__all__ == sorted(PROMISED)
    assert set(PROMISED) <= set(dir(klteach.inference))


@pytest.mark.parametrize("name", PROMISED)
def test_the_promised_arguments(name):
    parameters = inspect.signature(getattr(klteach.inference, name)).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert positional == PROMISED[name]


def test_a_star_import_brings_all_of_them_and_an_unknown_name_is_an_error():
    names: dict = {}
    exec("from klteach.inference import *", names)
    assert set(PROMISED) <= set(names)
    with pytest.raises(AttributeError, match=r"klteach\.inference.*'k4'"):
        klteach.inference.k4  # noqa: B018
    with pytest.raises(ImportError):
        exec("from klteach.inference import k4")


@pytest.mark.parametrize("thing", DOCUMENTED, ids=lambda thing: thing.__name__)
def test_every_docstring_has_its_parts(thing):
    lines = inspect.getdoc(thing).splitlines()
    assert lines[0].endswith((".", "?")) and lines[1] == ""
    assert max(map(len, lines)) <= 96
    starts = [next(i for i, line in enumerate(lines) if line.startswith(part)) for part in LABELS]
    assert starts == sorted(starts)
    for label, start in zip(LABELS, starts, strict=True):
        assert lines[start].removeprefix(label).strip()


@pytest.mark.parametrize("thing", DOCUMENTED, ids=lambda thing: thing.__name__)
def test_every_docstring_has_one_example_that_runs(thing):
    (found,) = doctest.DocTestFinder(recurse=False).find(
        thing, globs=vars(importlib.import_module(thing.__module__))
    )
    assert len(found.examples) == 1
    assert doctest.DocTestRunner(verbose=False).run(found).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is(name):
    module = importlib.import_module(name)
    assert module.__doc__ and doctest.testmod(module).failed == 0


def in_a_fresh_python(program):
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_nothing_is_loaded_before_it_is_asked_for_and_then_only_that():
    loaded = in_a_fresh_python("import sys, klteach.inference; print(*sys.modules)")
    assert "numpy" not in loaded and "klteach.inference.sequences" not in loaded
    program = "import sys; from klteach.inference import chain_rule; print(*sys.modules)"
    loaded = in_a_fresh_python(program)
    assert "numpy" in loaded and "klteach.inference.fitting" not in loaded


def test_only_the_neighbours_need_scipy():
    calls = {
        "stationary_distribution": "[[0.5, 0.5], [0.1, 0.9]]",
        "markov_kl_rate": "[[0.5, 0.5], [0.1, 0.9]], [[0.4, 0.6], [0.1, 0.9]]",
        "chernoff_information": "[0.5, 0.5], [0.1, 0.9]",
        "fit_normal_reverse": "[0.5, 0.5], [-1, 1], 1",
        "fit_temperature": "[[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]], [0, 0, 1]",
        "donsker_varadhan": "[1.0], [0.0]",
        "best_of_n": "[0.5, 0.5], [0, 1], 4",
    }
    run = "; ".join(f"inference.{name}({arguments})" for name, arguments in calls.items())
    program = f"import sys; from klteach import inference; {run}; print(*sys.modules)"
    roots = {name.partition(".")[0] for name in in_a_fresh_python(program)}
    assert not roots & {"scipy", "matplotlib", "pandas", "polars", "mpmath"}
