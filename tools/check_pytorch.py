"""Run the lines of PyTorch that lessons show, and hold what they give against what the lessons say.

PyTorch is no part of the course, so this has an environment of its own:

    python -m venv ENV && ENV/bin/pip install torch numpy
    ENV/bin/python tools/check_pytorch.py

The tests find the same numbers without PyTorch. Exits with 1 if a number differs.
"""

import ast
import contextlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence
from torch.nn import functional

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
NUMBER = re.compile(r"-?\d+\.(\d+)")
MODULES = {"torch": torch, "F": functional, "Normal": Normal, "kl_divergence": kl_divergence}
TENSORS = {  # what a lesson says in words that its lines begin with; other arrays are the lesson's
    "20": {"mu": [[0.5, -1.0]], "logvar": [[-1.0, 0.5]]},
    "22": {"ref": [0.4, 0.3, 0.2, 0.1], "policy": [0.3, 0.28, 0.22, 0.2]},
}


def main():
    wrong = checked = 0
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        names = MODULES | {
            name: torch.tensor(value, dtype=torch.double)
            for name, value in TENSORS.get(path.name[:2], {}).items()
        }
        for cell in cells:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code":
                names |= arrays_of(source, names)
            for block in BLOCK.findall(source):
                if "PyTorch" not in source:
                    continue
                for said, given in numbers_of(block, dict(names)):
                    checked += 1
                    wrong += said != given
                    print(f"{path.stem}: {said}" + (f", PyTorch: {given}" * (said != given)))
    print(f"{checked} numbers with PyTorch {torch.__version__}, {wrong} of them wrong")
    return int(wrong > 0 or checked == 0)


def arrays_of(source, known):
    """The arrays that a cell writes out, by their names, but for those that are known already."""
    found = {}
    for node in ast.parse(source).body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Attribute(_, "array"), [written, *_])):
                with contextlib.suppress(ValueError):  # it is computed, not written out
                    found[name] = np.array(ast.literal_eval(written))
    return {name: value for name, value in found.items() if name not in known}


def numbers_of(block, names):
    """(number as it is said, number as it comes out) for each expression with a comment."""
    lines = block.split("\n")
    for node in ast.parse(block).body:
        source = ast.unparse(node)
        if not isinstance(node, ast.Expr):
            exec(source, names)
            continue
        value = eval(source, names)
        if value is None:  # it was called for what it does
            continue
        value = np.ravel(value)
        if "# " not in (line := lines[node.end_lineno - 1]):
            line = lines[node.end_lineno]  # the comment stands below
        said = list(NUMBER.finditer(line.partition("#")[2]))
        if len(said) != value.size:
            raise ValueError(f"{source} gives {value.size} numbers, the comment has {len(said)}")
        for number, given in zip(said, value, strict=True):
            yield number.group(), f"{given:.{len(number.group(1))}f}"


if __name__ == "__main__":
    sys.exit(main())
