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

LABELS = ["Formula:", "Shapes:", "Units:", "Errors:", "Source:"]
MODULES = ["klteach.measures"] + [
    f"klteach.measures.{module.name}"
    for module in pkgutil.iter_modules(klteach.measures.__path__)
]


def test_the_public_names():
    assert sorted(klteach.__all__) == sorted(klteach.measures.__all__) == [
        "cross_entropy",
        "entropy",
        "kl_divergence",
        "kl_terms",
        "normalize",
        "perplexity",
        "to_bits",
        "to_nats",
    ]
    for name in klteach.__all__:
        assert getattr(klteach, name) is getattr(klteach.measures, name)


@pytest.mark.parametrize("name", klteach.measures.__all__)
def test_every_docstring_has_its_parts(name):
    lines = inspect.getdoc(getattr(klteach, name)).splitlines()
    assert lines[0].endswith(".") and lines[1] == ""
    starts = [next(i for i, line in enumerate(lines) if line.startswith(part)) for part in LABELS]
    assert starts == sorted(starts)
    for label, start in zip(LABELS, starts):
        assert lines[start].removeprefix(label).strip()


@pytest.mark.parametrize("name", klteach.measures.__all__)
def test_every_docstring_has_one_example(name):
    (found,) = doctest.DocTestFinder(recurse=False).find(getattr(klteach, name), name)
    assert len(found.examples) == 1


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_the_import_loads_numpy_and_nothing_heavier():
    heavy = "{'scipy', 'matplotlib', 'ipywidgets', 'IPython', 'pandas', 'polars', 'mpmath'}"
    program = f"import sys, klteach; print('numpy' in sys.modules, {heavy} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.stdout.strip() == "True set()", ran.stderr
