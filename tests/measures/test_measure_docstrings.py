"""The measures are read with `??`: their docstrings are complete and their examples run."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import klteach
import klteach.measures
from klteach.measures.f_divergences import Generator

LABELS = ["Formula:", "Shapes:", "Units:", "Errors:", "Source:"]
DOCUMENTED = [getattr(klteach, name) for name in klteach.__all__] + [Generator]
MODULES = ["klteach.measures"] + [
    module.name for module in pkgutil.walk_packages(klteach.measures.__path__, "klteach.measures.")
]
PROMISED = """
    entropy cross_entropy kl_divergence kl_terms perplexity normalize to_bits to_nats
    jeffreys_divergence js_divergence js_distance total_variation hellinger_distance
    chi_square_divergence f_divergence mutual_information wasserstein_distance
    population_stability_index
    kl_bernoulli kl_categorical kl_poisson kl_exponential kl_gamma kl_beta kl_dirichlet
    kl_normal kl_normal_diag kl_mvn
    pinsker bretagnolle_huber reverse_pinsker js_upper_bound total_variation_bounds
    brier_score log_score calibration_curve brier_decomposition log_loss_decomposition
""".split()


def test_the_public_names():
    assert klteach.__all__ == klteach.measures.__all__ == sorted(PROMISED)
    for name in klteach.__all__:
        assert getattr(klteach, name) is getattr(klteach.measures, name)


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
def test_every_docstring_has_one_example(thing):
    (found,) = doctest.DocTestFinder(recurse=False).find(thing)
    assert len(found.examples) == 1


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_a_measure_loads_numpy_and_nothing_heavier():
    heavy = "{'scipy', 'matplotlib', 'ipywidgets', 'IPython', 'pandas', 'polars', 'mpmath'}"
    loaded = f"print('numpy' in sys.modules, {heavy} & set(sys.modules))"
    program = f"import sys, klteach; klteach.kl_divergence; {loaded}"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.stdout.strip() == "True set()", ran.stderr
