"""What honest code puts into modules is no fault of theirs; what could help a wrong answer is told.

All of it is put back before answers are called, and what is told of it are words of the grader.
"""

import importlib.util

import pytest

from klteach.grading.grade import grade
from klteach.grading.inside import originals
from klteach.grading.session import UNNAMED, Warm
from tests.grading.patience import PATIENT
from tests.grading.submissions import SWAPPED, as_bytes, submission

FULL = 9.0


@pytest.fixture(scope="module")
def warm():
    with Warm(PATIENT) as process:
        yield process


HONEST = {
    "pandas sets the time zone": "import pandas",
    "a time zone": "import os, time\nos.environ['TZ'] = 'Asia/Tokyo'\ntime.tzset()",
    "warnings on one line": "import warnings\n"
    "warnings.formatwarning = lambda message, *_, **__: f'{message}\\n'",
    "warnings shown elsewhere": "import warnings\nwarnings.showwarning = lambda *_, **__: None",
    "no warnings": "import warnings\nwarnings.warn = lambda *_, **__: None",
    "a truth under its old name": "np.bool = bool",
    "numbers under their old names": "np.int, np.float, np.complex, np.object = "
    "int, float, complex, object\nnp.long, np.str, np.unicode = int, str, str",
    "one kind of number for another": "np.float_ = np.float64\nnp.float128 = np.longdouble\n"
    "np.longdouble = np.float64\nnp.bool_ = bool",
    "functions under their old names": "np.product, np.alltrue = np.prod, np.all\n"
    "np.in1d = np.isin\nnp.trapz = np.trapezoid\nnp.row_stack = np.vstack\nnp.Inf = np.inf",
    "an own print in the notebook": "def print(*_, **__):\n    pass\nprint('quiet')",
    "an own print for all": "import builtins\nold = builtins.print\n"
    "builtins.print = lambda *texts, **__: old('>', *texts)",
    "an own input and display": "import builtins\nbuiltins.input = lambda prompt='': '7'\n"
    "builtins.display = print\nx = int(input('How many? '))",
    "own functions by built-in names": "def sum(values):\n    return values\nmax = min = abs = len",
    "Python 2's names": "import builtins\nbuiltins.xrange, builtins.unicode = range, str\n"
    "builtins.raw_input = builtins.input",
    "an own open": "import builtins, functools\n"
    "builtins.open = functools.partial(open, encoding='utf-8')",
    "print options": "np.set_printoptions(precision=3, suppress=True)",
    "own array text": "np.array_repr = np.array2string = repr",
    "errors of NumPy": "np.seterr(all='ignore')\nnp.seterrcall(lambda *_: None)",
    "loading pickles": "import functools\nnp.load = functools.partial(np.load, allow_pickle=True)",
    "chance": "import random\nnp.random.seed(1)\nrandom.seed(1)\n"
    "np.random.normal = lambda *_, **__: 0.0",
    "settings of matplotlib": "import matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 80\n"
    "plt.style.use('ggplot')\nplt.show = lambda *_, **__: None",
    "settings of pandas": "import pandas as pd\npd.set_option('display.width', 80)\n"
    "pd.DataFrame.head = lambda frame, n=3: frame[:n]",
    "a mock for a moment": "from unittest import mock\nwith mock.patch('builtins.print'), "
    "mock.patch('numpy.log'), mock.patch('math.log'):\n    print('nothing')",
    "doctest": "import doctest\ndoctest.run_docstring_examples('>>> 1\\n1\\n', {})",
    "JSON of arrays": "import json\njson.JSONEncoder.default = lambda self, value: list(value)\n"
    "json._default_encoder = json.JSONEncoder(indent=1)",
    "an old inspect": "import inspect\ninspect.getargspec = inspect.getfullargspec",
    "no time to sleep": "import time\ntime.sleep = lambda seconds: None\ntime.clock = time.time",
    "an own display hook": "import sys, builtins\nsys.displayhook = print\nbuiltins._ = str",
    "deeper recursion": "import sys\nsys.setrecursionlimit(5000)",
    "errors in colour": "import traceback\ntraceback.print_exc = lambda *_, **__: None",
    "deleted functions": "del np.allclose\nimport math\ndel math.log",
    "constants": "import math\nnp.pi = math.pi = 3.14159\nnp.newaxis = None",
    "imports looked at": "import builtins\nold = builtins.__import__\n"
    "builtins.__import__ = lambda *a, **k: old(*a, **k)",
    "an extension of its own": "np.kl = lambda p, q: 0.0\nimport math\nmath.xlogy = print",
    "logging": "import logging\nlogging.basicConfig()\nlogging.captureWarnings(True)",
}


def record_of(warm, cell, answers=None):
    return grade(as_bytes(submission(answers, before=[cell])), warm, "course")


@pytest.mark.parametrize("what", HONEST)
def test_honest_changes_are_put_back_and_not_told(warm, what):
    if "pandas" in HONEST[what] and importlib.util.find_spec("pandas") is None:
        pytest.skip("pandas is not there")
    record = record_of(warm, HONEST[what])
    assert (record["score"], record["human"], record["suspicious"]) == (FULL, [], [])


SUSPICIOUS = {
    "numpy.allclose": "np.allclose = lambda *_, **__: True",
    "numpy.array_equal": "np.array_equal = np.allclose",
    "numpy.log": "np.log = lambda x: x * 0",
    "numpy.float64": "class Same(np.float64):\n    __eq__ = lambda *_: True\nnp.float64 = Same",
    "numpy.linalg.norm": "np.linalg.norm = lambda *_, **__: 0.0",
    "builtins.abs": "import builtins\nbuiltins.abs = lambda *_: 0",
    "builtins.round": "import builtins\nbuiltins.round = lambda *_: 0",
    "builtins.AssertionError": "import builtins\n"
    "builtins.AssertionError = type('Never', (Exception,), {})",
    "builtins.float": "import builtins\nclass Same(float):\n    __eq__ = lambda *_: True\n"
    "builtins.float = Same",
    "math.isclose": "import math\nmath.isclose = lambda *_, **__: True",
}


@pytest.mark.parametrize("what", SUSPICIOUS)
def test_another_function_that_computes_or_compares_is_told(warm, what):
    record = record_of(warm, SUSPICIOUS[what])
    assert record["suspicious"] == [f"it changed {what}, which was put back"]
    assert record["human"] and record["score"] == FULL
    wrong = record_of(warm, SUSPICIOUS[what], {"kl": SWAPPED})
    assert wrong["score"] == FULL - 2


FORGED = {
    "escapes": "['\\x1b[2J60 of 60 notebooks graded']",
    "a name of a person": "['bob']",
    "a name in a module": "['numpy.bob handed in a copy']",
    "another module": "['os.system']",
    "numbers": "[7]",
    "no list": "'numpy.log'",
    "a long one": "['numpy.log'] * 49 + ['x' * 5000]",
    "deep ones": "[[['numpy.log']]]",
    "a text": "{'numpy.log': 1}",
}


@pytest.mark.parametrize("what", FORGED)
def test_no_words_of_a_notebook_are_told_as_the_graders(warm, what):
    cell = f"""import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Child":
        type(thing.originals).restore = lambda self: {FORGED[what]}
"""
    record = record_of(warm, cell)
    said = " ".join([*record["human"], *record["suspicious"]])
    assert "bob" not in said and "\x1b" not in said and "60 of 60" not in said
    assert "os.system" not in said and len(said) < 500
    assert record["human"]
    if what != "a text":  # of which no beginning can be taken: its process ends
        assert UNNAMED in said and record["score"] == FULL


def test_only_names_that_are_there_can_be_told():
    assert originals.can_be_told("numpy.allclose") and originals.can_be_told("builtins.abs")
    for name in ("numpy.bob", "numpy.load", "numpy.pi", "os.path", "numpy", "", ".", "builtins."):
        assert not originals.can_be_told(name)
