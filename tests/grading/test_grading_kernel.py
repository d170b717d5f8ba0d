"""A notebook runs as in a kernel: magics, results, `await`, flags, and names with a new meaning.

Every cell of AS_IN_A_KERNEL checks itself, and all of them run in IPython itself as well.
"""

import json
import subprocess
import sys

import pytest

from klteach.grading.grade import grade
from klteach.grading.session import Warm
from tests.grading.patience import PATIENT
from tests.grading.submissions import SWAPPED, as_bytes, submission
from tests.units.known_answers import RIGHT

FULL = 9.0
LEFT_OUT = "was left out: nothing is installed or started while grading"


@pytest.fixture(scope="module")
def warm():
    with Warm(PATIENT) as process:
        yield process


@pytest.fixture(scope="module")
def marks(warm):
    def graded(answers=None, before=(), after=()):
        return grade(as_bytes(submission(answers, before, after)), warm, "a seed")

    return graded


AS_IN_A_KERNEL = {
    "%%time with a magic in it": ["%%time\n%precision 3\nx = 1", "assert x == 1"],
    "%%time over %%capture": ["%%time\n%%capture said\nprint(1)\ny = 2", "assert y == 2"],
    "%%capture over %%time": ["%%capture said\n%%time\nz = 3", "assert z == 3"],
    "%%capture keeps what was printed": [
        "%%capture said\nprint('a')\nimport sys\nprint('b', file=sys.stderr)",
        "assert said.stdout == 'a\\n' and said.stderr == 'b\\n'\nsaid.show()",
    ],
    "%%capture without a name": ["%%capture\nw = 4", "assert w == 4"],
    "%%prun": ["%%prun -q\nprofiled = 5", "assert profiled == 5"],
    "%%timeit": ["%%timeit -n1 -r1\n1 + 1"],
    "%time has a value": ["x = %time 3 + 4", "assert x == 7"],
    "%time with a statement": ["%time x = 8", "assert x == 8"],
    "%timeit": ["%timeit -n1 -r1 sum(range(3))"],
    "a magic within a block": ["for _i_ in range(2):\n    %time x = _i_", "assert x == 1"],
    "_": ["5 * 5", "assert _ == 25", "6", "_ + 1", "assert _ == 7 and __ == 6 and ___ == 25"],
    "_ with a semicolon": ["11", "12;", "assert _ == 11"],
    "_ of nothing": ["13", "None", "print()", "assert _ == 13"],
    "_ that a learner uses": ["_ = 'mine'", "14", "assert _ == 'mine'"],
    "_ of a loop": ["for _ in range(3):\n    pass", "15", "assert _ == 2"],
    "In and Out": [
        "number = len(In) - 1",
        "'shown'",
        "assert Out[number + 1] == 'shown' and In[number + 1] == \"'shown'\"",
        "assert _oh is Out and _ih is In and _ii == In[-3] and _i == In[-2]",
    ],
    "_ and a number": [
        "number = len(In) - 1",
        "16",
        "assert eval(f'_{number + 1}') == 16",
    ],
    "%%writefile and import": [
        "%%writefile written_here.py\nfrom math import pi\ndef area(r):\n    return pi * r * r",
        "import written_here\nassert written_here.area(1) > 3",
    ],
    "%%writefile and %run": [
        "%%writefile runs_here.py\nfound = __name__\nimport math",
        "%run runs_here.py",
        "assert found == '__main__' and math.pi > 3",
    ],
    "%%writefile -a": [
        "%%writefile twice.txt\none",
        "%%writefile -a twice.txt\ntwo",
        "assert open('twice.txt').read().split() == ['one', 'two']",
    ],
    "await": [
        "import asyncio\nx = await asyncio.sleep(0, 17)",
        "assert x == 17",
        "async def later():\n    return 18",
        "assert await later() == 18",
    ],
    "a task of another cell": [
        "import asyncio\nfuture = asyncio.Future()\nfuture.set_result(19)\nawait asyncio.sleep(0)",
        "assert await future == 19",
    ],
    "async for": [
        "async def two():\n    yield 1\n    yield 2",
        "assert [i async for i in two()] == [1, 2]",
    ],
    "from __future__ import annotations": [
        "from __future__ import annotations",
        "def f(a: not_there) -> nor_this:\n    return a",
        "assert f.__annotations__['a'] == 'not_there'",
    ],
    "help": ["?len", "len?", "import os\nos.path??"],
    "%load_ext": ["%load_ext autoreload\n%autoreload 2"],
    "%matplotlib": ["%matplotlib inline\nimport matplotlib.pyplot as p\np.plot([1])\np.close()"],
    "%config": ["%config Completer.use_jedi = False"],
    "%env": ["%env A_SETTING=1", "import os\nassert os.environ['A_SETTING'] == '1'"],
    "%pwd": ["place = %pwd", "import os\nassert place == os.getcwd()"],
    "%who_ls": ["nobody_else = 1", "names = %who_ls", "assert 'nobody_else' in names"],
    "%%html": ["%%html\n<b>bold</b>"],
    "prompts": [">>> x = 20", "assert x == 20"],
    "an indented cell": ["    x = 21\n    y = 22", "assert x + y == 43"],
    "get_ipython": [
        "from IPython import get_ipython\nget_ipython().run_line_magic('precision', '3')",
        "from IPython.core.getipython import get_ipython as again\n"
        "assert again() is get_ipython() is not None",
        "get_ipython().run_cell('x = 23')\nassert x == 23",
        "get_ipython().run_cell_magic('time', '', 'x = 24')\nassert get_ipython().ev('x') == 24",
    ],
    "IPython.display": [
        "from IPython.display import HTML, Markdown, clear_output, display\n"
        "display(HTML('<b>'), Markdown('*'))\nclear_output()",
        "display('without an import')",
    ],
    "a cell of comments": ["# only this", "", "   \n"],
    "__main__": ["import sys\nassert sys.modules['__main__'].__dict__ is globals()"],
    "__name__": ["assert __name__ == '__main__'"],
}

IPYTHON = """
import json, os, sys, tempfile
from IPython.core.interactiveshell import InteractiveShell

os.chdir(tempfile.mkdtemp())
sys.path.insert(0, "")
shell = InteractiveShell.instance()
shell.enable_gui = lambda *_: None  # the kernel's shell knows how, this one does not
sys.modules["__main__"] = shell.user_module
failed = {}
for name, cells in json.load(sys.stdin).items():
    for cell in cells:
        done = shell.run_cell(cell, store_history=True)
        if not done.success:
            failed.setdefault(name, repr(done.error_before_exec or done.error_in_exec))
with open(sys.argv[1], "w") as file:
    json.dump(failed, file)
"""


def test_the_cells_run_in_ipython_itself(tmp_path):
    pytest.importorskip("IPython")
    found = tmp_path / "failed.json"
    subprocess.run(
        [sys.executable, "-c", IPYTHON, str(found)],
        input=json.dumps(AS_IN_A_KERNEL),
        text=True,
        check=True,
        capture_output=True,
        env={"IPYTHONDIR": str(tmp_path), "MPLBACKEND": "agg", "HOME": str(tmp_path)},
    )
    assert json.loads(found.read_text()) == {}


@pytest.mark.parametrize("case", AS_IN_A_KERNEL)
def test_a_cell_does_what_it_does_in_a_kernel(marks, case):
    record = marks(before=AS_IN_A_KERNEL[case])
    assert record["notes"] == [] and record["human"] == []
    assert record["score"] == FULL


WITHOUT_PROGRAMS = {
    "x = !cmd": ["x = !echo a", "assert x == [] and x[:2] == [] and x[0] == '' and x.n == ''"],
    "x = !cmd, used at once": ["lines = !ls\nfirst = lines[0]\nn = len(lines)", "assert n == 0"],
    "x = !cmd, of which too much is expected": [
        "n = !nproc\nn = int(n[0])\nm = 2",
        "assert m == 2",
    ],
    "!cmd in a block": ["for i in range(2):\n    !echo {i}\nassert i == 1"],
    "%%time with !cmd": ["%%time\n!pip list\nx = 1", "assert x == 1"],
    "!!cmd": ["!!ls", "assert len(_) == 0"],
    "%pip": ["%pip install nothing\nx = 1", "assert x == 1"],
    "pip without a sign": ["pip install nothing"],
    "%sx": ["files = %sx ls\nassert list(files) == []"],
    "%%bash": ["%%bash\necho a"],
    "%%script": ["%%script python\nprint(1)"],
    "getoutput": ["from IPython import get_ipython\nassert get_ipython().getoutput('ls') == []"],
}


@pytest.mark.parametrize("case", WITHOUT_PROGRAMS)
def test_a_program_is_not_started_and_the_cells_go_on(marks, case):
    record = marks(before=WITHOUT_PROGRAMS[case])
    assert record["score"] == FULL
    assert record["notes"] and "AssertionError" not in " ".join(record["notes"])
    assert LEFT_OUT in record["notes"][0]


@pytest.mark.parametrize(
    "magic",
    ["%%time", "%%capture said", "%%time\n%precision 3", "%%prun -q", "%%capture\n%%time"],
)
def test_an_answer_under_a_magic_counts(marks, magic):
    record = marks({"kl": f"{magic}\n{RIGHT['kl']}"})
    assert (record["score"], record["notes"]) == (FULL, [])


# Names with a new meaning


def question(record, name):
    (found,) = (q for q in record["questions"] if q["name"] == name)
    return found


BOUND_AGAIN = {
    "its own value": "p = q = np.array([0.5, 0.5])\nkl = kl(p, q)",
    "a number": "kl = 0.25",
    "an array": "kl = np.linspace(0, 1)",
    "nothing": "kl = None",
    "a loop": "for kl in range(3):\n    pass",
    "taken away": "del kl",
    "with": "with np.errstate() as kl:\n    pass",
    "klteach's own": "from klteach import kl_divergence as kl",
    "all in one": "kl, cross_entropy = 1, 2",
}


@pytest.mark.parametrize("how", BOUND_AGAIN)
def test_a_name_that_is_used_again_at_the_end_costs_nothing(marks, how):
    record = marks(after=[BOUND_AGAIN[how]])
    assert record["score"] == FULL and record["human"] == []
    assert "the last function" in question(record, "kl")["notes"][0]
    assert RIGHT["kl"].strip() in question(record, "kl")["code"]


def test_the_last_function_is_meant_even_if_an_earlier_one_was_right(marks):
    record = marks(after=[SWAPPED, "kl = kl(np.array([0.5, 0.5]), np.array([0.2, 0.8]))"])
    assert question(record, "kl")["score"] == 0
    assert question(record, "kl")["mistake"]


@pytest.mark.parametrize(
    "end",
    [
        "from scipy.special import rel_entr as kl",
        "from scipy.stats import entropy as kl",
        "class kl:\n    pass",
    ],
)
def test_another_callable_that_a_learner_chose_is_the_answer(marks, end):
    assert question(marks(after=[end]), "kl")["notes"] == []


def test_a_function_that_the_learner_did_not_write_never_counts(marks):
    taken = "from klteach import kl_divergence as kl"
    record = marks({"kl": taken}, after=["kl = 3"])
    assert question(record, "kl")["score"] == 0
    record = marks({"kl": "import klteach\nkl = klteach.kl_divergence"})
    assert question(record, "kl")["score"] == 0


HELPED = {
    "a value": ("def h(x):\n    return np.log(x)", "h = h(2.0)"),
    "another function": ("def h(x):\n    return np.log(x)", "def h(x, base):\n    return x"),
    "a constant": ("h = np.log", "h = np.log2"),
    "taken away": ("def h(x):\n    return np.log(x)", "del h"),
    "a built-in function": (
        "def h(x):\n    return np.log(float(x) if len(x) < 2 else x)",
        "len = 2",
    ),
    "NumPy": ("def h(x):\n    return np.log(x)", "np = 3"),
    "a module": ("import math\ndef h(x):\n    return np.log(x) * math.exp(0)", "math = 9.5"),
    "klteach's own": ("def h(x):\n    return np.log(x)", "from klteach import entropy as h"),
}


@pytest.mark.parametrize("how", HELPED)
def test_what_an_answer_needs_may_mean_something_else_after_its_check(marks, how):
    helper, later = HELPED[how]
    kl = f"{helper}\n\n{RIGHT['kl'].replace('np.log(', 'h(')}"
    record = marks({"kl": kl}, after=[later])
    assert record["score"] == FULL
    told = "at the end of the notebook" in " ".join(question(record, "kl")["notes"])
    assert told == (how != "klteach's own")  # which is known from the code alone


def test_an_attribute_is_no_function_of_klteach(marks):
    kl = "from scipy import stats\ndef kl(p, q):\n    return stats.entropy(p, q)"
    record = marks({"kl": kl}, after=["from klteach import entropy"])
    assert question(record, "kl")["state"] == "correct" and question(record, "kl")["notes"] == []


def test_a_check_in_the_cell_of_the_answer_remembers_the_answer(marks):
    kl = f"{RIGHT['kl']}\ncheck('kl')\nkl = kl(np.array([0.5, 0.5]), np.array([0.2, 0.8]))"
    assert marks({"kl": kl})["score"] == FULL
