"""`import klteach` costs less than `import numpy`, and a measure loads nothing heavier."""

import subprocess
import sys

import course

HEAVY = {"scipy", "matplotlib", "ipywidgets", "anywidget", "IPython", "pandas", "polars"}


def run_in_a_fresh_python(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=course.ROOT, capture_output=True, text=True, check=True
    ).stdout


def seconds_to_import(module: str) -> float:
    # of the processor: what others do on the machine is not the import's
    program = f"import time; start = time.process_time(); import {module}; "
    return float(run_in_a_fresh_python(program + "print(time.process_time() - start)"))


def test_a_measure_takes_at_most_half_as_long_again_to_import_as_numpy():
    # A busy machine only ever adds time, so the shortest of several is the truest; the two take
    # turns, so that a slow spell hits both.
    numpy, klteach = [], []
    for attempt in range(40):
        numpy.append(seconds_to_import("numpy"))
        klteach.append(seconds_to_import("klteach.measures"))
        if attempt >= 6 and min(klteach) <= 1.5 * min(numpy):
            break
    print(f"import klteach.measures {min(klteach) * 1e3:.0f} ms, numpy {min(numpy) * 1e3:.0f} ms")
    assert min(klteach) <= 1.5 * min(numpy)


def test_import_loads_nothing_before_it_is_asked_for():
    program = "import sys, klteach; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(run_in_a_fresh_python(program).split())
    assert not loaded & {"numpy", *HEAVY}
    program = "import sys, klteach; klteach.kl_divergence; print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run_in_a_fresh_python(program).split()}
    assert "numpy" in loaded and not loaded & HEAVY
