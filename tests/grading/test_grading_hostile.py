"""The submissions that a grader has to survive: each gets what its answers are worth.

The numbers are those of the table in the grading design. What is about files and their names, rows
4 to 6, 8, 10 and 25, is tested where files are found and read, and in the class of all of them.
"""

import os
from functools import partial
from pathlib import Path

import pytest

from klteach.grading import session
from klteach.grading.grade import grade
from klteach.grading.session import Warm
from tests.grading.patience import HASTY, PATIENT, wait_until
from tests.grading.processes import commands
from tests.grading.submissions import LESSON, QUESTIONS, SWAPPED, as_bytes, exercise, submission

FULL = 9.0
COMPUTES_FOREVER = "while True:\n    pass\n"
# loops as well, and leaves the processor to others
WAITS_FOREVER = "import time\nwhile True:\n    time.sleep(0.01)\n"
# Takes an exception for a slip and goes on; no signal that Python can handle stops it.
STUBBORN = """import signal, time
for name in ("SIGINT", "SIGALRM", "SIGPROF", "SIGTERM"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
while True:
    try:
        while True:
            time.sleep(0.01)
    except BaseException:
        pass
"""


@pytest.fixture(scope="module")
def warm():
    with Warm(PATIENT) as process:
        yield process


@pytest.fixture(scope="module")
def hasty():
    with Warm(HASTY) as process:
        yield process


def graded(warm, answers=None, before=(), after=(), seed="course", notebook=None):
    notebook = notebook or submission(answers, before, after)
    return grade(as_bytes(notebook), warm, seed)


@pytest.fixture
def marks(warm):
    return partial(graded, warm)


@pytest.fixture
def hasty_marks(hasty):
    """Marks where a cell has two seconds: for what goes on for ever."""
    return partial(graded, hasty)


def states(record):
    return {question["name"]: question["state"] for question in record["questions"]}


def scores(record):
    return {question["name"]: question["score"] for question in record["questions"]}


def others_are_right(record, name):
    return all(state == "correct" for other, state in states(record).items() if other != name)


def test_right_answers_and_a_wrong_one(marks):
    record = marks()
    assert (record["status"], record["score"], record["points"]) == ("graded", FULL, FULL)
    assert record["lesson"] == LESSON and set(states(record)) == set(QUESTIONS)
    assert record["human"] == record["suspicious"] == []
    wrong = marks({"kl": SWAPPED})
    question = next(q for q in wrong["questions"] if q["name"] == "kl")
    assert (question["score"], question["mistake"]) == (0, "swapped")
    assert wrong["score"] == FULL - 2 and others_are_right(wrong, "kl")


def test_untouched_is_zero_and_not_attempted(marks):
    record = marks(notebook=exercise())
    assert (record["status"], record["score"]) == ("graded", 0)
    assert set(states(record).values()) == {"not attempted"}


def test_1_an_endless_loop_in_a_cell(hasty_marks):
    record = hasty_marks({"kl": f"{submission_source('kl')}\n\n{COMPUTES_FOREVER}"})
    # what the cell had defined by then counts
    assert record["score"] == FULL
    assert "was stopped after 1 second" in record["notes"][-1]


@pytest.mark.parametrize(
    ("name", "loop"), [("cross_entropy", COMPUTES_FOREVER), ("kl", WAITS_FOREVER)]
)
def test_2_an_endless_loop_in_an_answer(hasty_marks, name, loop):
    record = hasty_marks({name: f"def {name}(p, q):\n{indented(loop)}"})
    assert states(record)[name] == "too slow" and others_are_right(record, name)
    # the last cell of the exercise calls kl
    stopped = [note.split(";")[0] for note in record["notes"]]
    assert stopped == ["Cell 20 was stopped after 1 second"] * (name == "kl")


def indented(source):
    return "".join(f"    {line}\n" for line in source.splitlines())


def test_3_a_loop_that_nothing_but_the_end_of_its_process_stops(hasty_marks, monkeypatch):
    monkeypatch.setattr(session, "GRACE", 0.4)
    record = hasty_marks(before=[STUBBORN])
    assert record["score"] == FULL and "could not be stopped" in record["notes"][0]
    record = hasty_marks({"kl": f"def kl(p, q):\n{indented(STUBBORN)}"})
    assert states(record)["kl"] == "too slow" and others_are_right(record, "kl")


def test_7_a_missing_cell_is_found_by_name_or_missing(marks):
    notebook = submission()
    kl = next(
        c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "kl"
    )
    kl["metadata"] = {}
    assert marks(notebook=notebook)["score"] == FULL
    notebook["cells"].remove(kl)
    record = marks(notebook=notebook)
    assert states(record)["kl"] == "missing name" and others_are_right(record, "kl")


def test_8_the_last_definition_wins(marks):
    assert marks({"kl": SWAPPED}, after=[submission_source("kl")])["score"] == FULL
    assert marks(after=[SWAPPED])["score"] == FULL - 2


def submission_source(name):
    cells = submission()["cells"]
    return next(
        c["source"] for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


def test_9_all_metadata_stripped(marks):
    notebook = submission()
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    notebook["metadata"] = {"colab": {"name": "my copy"}}
    assert marks(notebook=notebook)["score"] == FULL


@pytest.mark.parametrize(
    "end",
    [
        "import os\nos._exit(0)",
        "import sys\nsys.exit()",
        "quit()",
        "raise SystemExit(3)",
        "import os\nos.kill(os.getpid(), 9)",
        "import ctypes\nctypes.string_at(0)",
        "import os, signal\nos.kill(0, signal.SIGTERM)",
        "raise KeyboardInterrupt",
    ],
)
def test_11_a_cell_that_ends_its_process(marks, end):
    record = marks(before=[end], after=[end])
    assert record["score"] == FULL


def test_11_an_answer_that_ends_its_process(marks):
    record = marks({"kl": "import os\ndef kl(p, q):\n    os._exit(0)\n"})
    assert states(record)["kl"] == "raised" and others_are_right(record, "kl")


PATCHES = {
    "NumPy compares everything as equal": """
for name in ("allclose", "array_equal", "isclose", "all", "any"):
    setattr(np, name, lambda *_, **__: True)
np.testing.assert_allclose = lambda *_, **__: None
""",
    "built-in functions": """
import builtins
builtins.len = lambda *_: 1
builtins.float = lambda *_: 0.0
builtins.isinstance = lambda *_: True
builtins.abs = lambda *_: 0
builtins.type = lambda *_: float
builtins.AssertionError = type("Never", (Exception,), {})
""",
    "klteach": """
import klteach, klteach.practice, sys
klteach.practice.check = lambda *_: 2
klteach.kl_divergence = lambda *_: 0.0
sys.modules["klteach.practice.question"] = klteach
""",
    "IPython": """
shell = get_ipython()
shell.showtraceback = lambda *_: None
shell.input_transformers_post.append(lambda lines: [])
""",
    "the modules of the process itself": """
import json, struct, signal, sys, gc
json.dumps = json.loads = lambda *_: {"score": 9}
struct.pack = lambda *_: b""
signal.setitimer = lambda *_: None
""",
}


@pytest.mark.parametrize("patch", PATCHES)
def test_12_patches_gain_nothing_and_cost_nothing(marks, patch):
    unpatched = marks({"kl": SWAPPED})
    patched = marks({"kl": SWAPPED}, before=[PATCHES[patch]])
    assert scores(patched) == scores(unpatched)
    assert marks(before=[PATCHES[patch]])["score"] == FULL


def test_12_a_patched_library_is_told(marks):
    record = marks(before=[PATCHES["NumPy compares everything as equal"]])
    assert "numpy.allclose" in record["suspicious"][0] and record["human"]


IMPOSTORS = {
    "equal to all": "class Same:\n    def __eq__(self, other): return True\n"
    "    def __float__(self): return 0.0\n    __le__ = __ge__ = __lt__ = __eq__\n",
    "a kind of float": "class Same(float):\n    def __eq__(self, other): return True\n"
    "    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n",
    "a kind of array": "class Same(np.ndarray):\n"
    "    def __new__(cls): return np.array(0.0).view(cls)\n"
    "    def __eq__(self, other): return True\n",
    "a masked array": "def Same():\n    return np.ma.masked\n",
    "lazy": "class Same:\n    def __getattr__(self, name): return lambda *_: 0.0\n"
    "    def __array__(self, *_, **__): return np.array(0.0)\n",
}


@pytest.mark.parametrize("impostor", IMPOSTORS)
def test_13_objects_that_claim_to_be_right(marks, impostor):
    record = marks({"kl": f"{IMPOSTORS[impostor]}\ndef kl(p, q):\n    return Same()\n"})
    question = next(q for q in record["questions"] if q["name"] == "kl")
    assert question["state"] == "wrong type" and "one number" in question["message"]
    assert others_are_right(record, "kl")


FORGED = {
    "an answer to every question": '[["float", "0x0p+0"], None, False, ""]',
    "no list": '"9 points"',
    "a value of no kind": '[["object", 1], None, False, ""]',
    "an array of objects": '[["array", "|O", [1], "AAAAAAAAAAA="], None, False, ""]',
    "a shape that does not fit": '[["array", "<f8", [9999, 9999], "AAAAAAAAAAA="], '
    'None, False, ""]',
    "a shape below zero": '[["array", "<f8", [-1], "AAAAAAAAAAA="], None, False, ""]',
    "nested without an end": "[" * 60_000 + "]" * 60_000,
}


@pytest.mark.parametrize("forged", FORGED)
def test_14_forged_frames(marks, forged):
    cell = f"""import os, struct
text = ('{{"place": 0, "outcome": ' + {FORGED[forged]!r} + '}}').encode()
frame = struct.pack(">I", len(text)) + text
def kl(p, q):
    for number in range(3, 20):
        try:
            os.write(number, frame)
        except OSError:
            pass
    return 0.0
"""
    record = marks({"kl": cell})
    assert states(record)["kl"] != "correct" and others_are_right(record, "kl")


@pytest.mark.parametrize(
    "sent", ["b'garbage' * 1000", "bytes(2**20)", "b'\\xff' * 2**27", "struct.pack('>I', 2**31)"]
)
def test_14_garbage_on_the_channel(marks, sent):
    cell = f"import os, struct\nos.write(3, {sent})"
    record = marks(before=[cell], after=[])
    assert record["score"] == FULL and record["suspicious"] and record["human"]


def test_14_a_channel_that_is_closed(marks):
    assert marks(after=["import os\nos.close(3)"])["score"] == FULL


def test_15_edited_points_tests_and_checksums(marks):
    notebook = submission({"kl": SWAPPED})
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("grade"):
            about.update(points=100, checksum="0" * 32)
            cell["source"] = "assert True"
    record = marks(notebook=notebook)
    assert (record["score"], record["points"]) == (FULL - 2, FULL)


SECRETS = {
    "solutions": "open({root!r} + '/solutions/02_cross_entropy_and_kl.ipynb').read()",
    # the folder of the environment may be in it
    "the course": "sorted(set(__import__('os').listdir({root!r})) - {{'.venv'}})[0]",
    "klteach": "open({root!r} + '/klteach/units/u02_cross_entropy_and_kl/questions.py').read()",
    "the cases": "__import__('klteach.practice.question').practice.question.questions()['kl']",
    "klteach's own function": "__import__('klteach').kl_divergence([.5, .5], [.5, .5])",
    "passwords": "open('/etc/passwd').read()",
    "another's work": "open({theirs!r}).read()",
    "home": "__import__('os').listdir(__import__('os').path.expanduser('~root'))[0]",
    "the environment": "__import__('os').environ['KLTEACH_SECRET']",
    "processes": "open('/proc/1/cmdline').read()",
    "the parent": "open(f'/proc/{{__import__(\"os\").getppid()}}/environ').read() or 1 / 0",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_16_there_is_nothing_to_read(marks, secret, monkeypatch, tmp_path):
    monkeypatch.setenv("KLTEACH_SECRET", "known")
    theirs = tmp_path / "theirs.ipynb"
    theirs.write_text("def kl(p, q): ...")
    source = SECRETS[secret].format(root=str(Path(__file__).parents[2]), theirs=str(theirs))
    record = marks(after=[f"found = {source}\nraise RuntimeError(repr(found)[:200])"])
    ended = [note for note in record["notes"] if note.startswith("Cell")]
    assert not any("RuntimeError" in note for note in ended), ended
    assert record["score"] == FULL


def test_16_no_reference_is_in_the_memory(marks):
    # Every function and every frame that the collector knows.
    cell = """import gc, sys
known = [o for o in gc.get_objects() if callable(o) and getattr(o, "__module__", "")]
names = {str(getattr(o, "__qualname__", "")) for o in known
         if str(o.__module__).startswith("klteach")}
frame, seen = sys._getframe(), ""
while frame:
    seen += repr(sorted(map(str, frame.f_locals)))
    frame = frame.f_back
raise RuntimeError(f"{sorted(names)} {'reference' in seen} {'cases' in seen}")
"""
    note = marks(after=[cell])["notes"][-1]
    assert "kl_divergence" not in note and "False False" in note


HARD_CODED = """known = {(0.7, 0.2, 0.1): 1.1018681357942808, (0.5, 0.5): 0.14384103622589042}
def kl(p, q):
    return known.get(tuple(np.asarray(p).tolist()), 0.0)
"""
BY_COUNT = """from itertools import count
calls = count()
def kl(p, q):
    return [1.1018681357942808, 0.14384103622589042, 0.0][next(calls) % 3]
"""


@pytest.mark.parametrize("source", [HARD_CODED, BY_COUNT, "def kl(p, q):\n    return 0.0\n"])
def test_17_hard_coded_answers(marks, source):
    record = marks({"kl": source})
    assert scores(record)["kl"] == 0 and others_are_right(record, "kl")


def test_18_files_do_not_outlive_their_submission(marks, warm):
    write = "open('left.txt', 'w').write('x' * 1000)\nimport os\nos.mkdir('left')"
    see = "import os\nraise RuntimeError(str(os.listdir('.')))"
    marks(after=[write])
    assert "[]" in marks(after=[see])["notes"][-1]
    fill = "with open('big', 'wb') as file:\n    while True:\n        file.write(bytes(2**20))"
    record = marks(after=[fill])
    assert record["score"] == FULL and "OSError" in record["notes"][-1]
    assert "Error" in marks(after=["open('/usr/x', 'w')"])["notes"][-1]
    assert not os.path.exists(warm._scratch) or os.listdir(warm._scratch) == []


@pytest.mark.parametrize(
    "greed",
    [
        "x = bytearray(6 * 2**30)",
        "x = np.ones((40_000, 40_000))\nnp.linalg.svd(x)",
        "x = 10 ** 10 ** 9",
        "def f(n):\n    return f(n + 1)\nf(0)",
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(n):\n    return f(n + 1)\nf(0)",
        "x = []\nwhile True:\n    x.append('x' * 10**6)",
    ],
)
def test_19_too_much(hasty_marks, greed):
    assert hasty_marks(after=[greed])["score"] == FULL


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    "noise",
    [
        "for _ in range(200):\n    print('x' * 10**6)",
        "import os\nfor _ in range(200):\n    os.write(1, b'x' * 10**6)",
        "for _ in range(10**5):\n    display('x' * 1000)",
        "print('\\x1b]0;title\\x07\\x1b[2J</script><script>alert(1)</script>')",
        "raise RuntimeError('</script>' + 'x' * 10**8)",
    ],
)
def test_20_noise(marks, noise):
    before = resident()
    record = marks(after=[noise])
    assert record["score"] == FULL
    assert resident() - before < 20 * 2**20
    assert all(len(note) < 1000 for note in record["notes"])


LONG = {
    "objects": "[object()] * 20000",
    "objects of many kinds": "[type(f'Kind{n}', (), {})() for n in range(3000)]",
    "numbers": "[0.1] * 10**6",
    "texts": "['x' * 10**4] * 10**4",
    "lists in lists": "[[[1.0] * 100] * 100] * 100",
    "arrays": "[np.zeros(1000)] * 1000",
    "a big array": "np.zeros(10**7)",
    "empty tuples": "[()] * 10**5",
    "itself": "(lambda it: it.append(it) or it)([])",
    "emoji": "['\\U0001f389' * 1000] * 1000",
}


@pytest.mark.parametrize("kind", LONG)
def test_20_long_values_are_wrong_at_once_and_take_no_memory(marks, kind):
    before = resident()
    record = marks({"kl": f"def kl(p, q):\n    return {LONG[kind]}\n"})
    question = next(q for q in record["questions"] if q["name"] == "kl")
    assert question["state"] in ("wrong type", "wrong shape") and others_are_right(record, "kl")
    assert record["human"] == record["suspicious"] == []
    assert resident() - before < 40 * 2**20


FORGED_VALUES = {
    "many kinds": "'[\"list\",[' + ','.join(f'[\"other\",\"{n}\"]' for n in range(30000)) + ']]'",
    "nothing, often": "'[\"list\",[' + ','.join(['[\"list\",[]]'] * 80000) + ']]'",
    "a long text": "'[\"text\",\"' + 'x' * 900000 + '\"]'",
    "a long number": "'[\"int\",\"0x' + 'f' * 900000 + '\"]'",
    "a long name": "'[\"other\",\"' + 'x' * 900000 + '\"]'",
    "a large shape": "'[\"array\",\"<f8\",[0,' + '9' * 4000 + '],\"\"]'",
}


@pytest.mark.parametrize("kind", FORGED_VALUES)
def test_14_forged_values_take_no_memory(marks, kind):
    cell = f"""import os, struct
text = ('{{"place": 0, "outcome": [' + {FORGED_VALUES[kind]} + ', null, false, ""]}}').encode()
frame = struct.pack(">I", len(text)) + text
def kl(p, q):
    left = frame
    while left:
        left = left[os.write(3, left):]
    return 0.0
"""
    before = resident()
    record = marks({"kl": cell})
    assert states(record)["kl"] != "correct" and others_are_right(record, "kl")
    assert record["suspicious"] and resident() - before < 40 * 2**20


@pytest.mark.parametrize(
    "crowd",
    [
        "import os\nwhile True:\n    os.fork()",
        "import threading, time\nwhile True:\n"
        "    threading.Thread(target=time.sleep, args=(60,)).start()",
        "import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)",
        "import multiprocessing\nmultiprocessing.Process(target=print).start()",
    ],
)
def test_21_a_crowd(marks, crowd):
    assert marks(after=[crowd])["score"] == FULL
    asleep = b"sleep\0001000"
    wait_until(lambda: not any(asleep in command for command in commands()), "no sleep is left")


@pytest.mark.parametrize(
    "call",
    [
        "import socket\nsocket.create_connection(('192.0.2.1', 80), 0.2)",
        "import socket\nsocket.socket().bind(('127.0.0.1', 0))\nraise RuntimeError('bound')",
        "from urllib.request import urlopen\nurlopen('http://127.0.0.1:9', timeout=0.2)",
    ],
)
def test_22_no_network(marks, call):
    record = marks(after=[call])
    assert record["score"] == FULL
    assert "Error" in record["notes"][-1] and "RuntimeError" not in record["notes"][-1]


def test_22_installing_is_told(marks):
    record = marks(before=["%pip install nothing", "!pip install nothing"])
    assert record["score"] == FULL
    assert all("nothing is installed" in note for note in record["notes"])


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "breakpoint()",
        "%debug",
        "%%time\nx = 1",
        "import asyncio\nawait asyncio.sleep(0)\nx = 1",
        "import asyncio\nasyncio.run(asyncio.sleep(0))",
        "from IPython.display import HTML, display\ndisplay(HTML('<b>'))",
        "import ipywidgets\nipywidgets.IntSlider()",
        "?np.log",
    ],
)
def test_23_what_notebooks_do_is_harmless(marks, cell):
    record = marks(before=[cell])
    assert record["score"] == FULL and record["notes"] == []


def test_23_input_has_nobody_to_ask(marks):
    record = marks(after=["name = input('Your name? ')"])
    assert record["score"] == FULL and "EOFError" in record["notes"][-1]


HONEST = {
    "a warning": "import warnings\ndef kl(p, q):\n    warnings.warn('careful')\n"
    "    return right(p, q)\n",
    "a NumPy number": "def kl(p, q):\n    return np.float64(right(p, q))\n",
    "an array of one": "def kl(p, q):\n    return np.array(right(p, q))\n",
    "minus zero": "def kl(p, q):\n    return right(p, q) or -0.0\n",
    "printing": "def kl(p, q):\n    print('here')\n    return right(p, q)\n",
    "another order": "def kl(p, q):\n    return right(p[::-1], q[::-1])\n",
}


@pytest.mark.parametrize("form", HONEST)
def test_24_honest_answers_in_other_forms(marks, form):
    right = submission_source("kl").replace("def kl(", "def right(")
    assert marks({"kl": f"{right}\n\n{HONEST[form]}"})["score"] == FULL


def test_24_a_list_and_single_precision_for_an_array(marks):
    right = submission_source("kl_contributions").replace("def kl_", "def right_")
    for form in ("list(map(float, {}))", "np.asarray({}, dtype=np.float32)"):
        value = form.format("right_contributions(p, q)")
        source = f"{right}\n\ndef kl_contributions(p, q):\n    return {value}\n"
        assert marks({"kl_contributions": source})["score"] == FULL


def test_24_changed_inputs_are_told_and_cost_nothing_here(marks):
    right = submission_source("kl").replace("def kl(", "def right(")
    change = "def kl(p, q):\n    value = right(p, q)\n    p[0] = 7.0\n    return value\n"
    record = marks({"kl": f"{right}\n\n{change}"})
    question = next(q for q in record["questions"] if q["name"] == "kl")
    assert "changed the arrays" in question["notes"][0]


def test_25_the_same_seed_gives_the_same_record(marks):
    noisy = "def kl(p, q):\n    return float(np.random.default_rng().random())\n"
    for answers in ({}, {"kl": SWAPPED}, {"kl": noisy}):
        assert marks(answers) == marks(answers)
    assert marks({"kl": noisy})["questions"][1]["mistake"] == "not repeatable"
    assert marks(seed="one")["seed"] != marks(seed="two")["seed"]
