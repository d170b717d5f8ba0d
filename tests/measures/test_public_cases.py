"""What people reported of other libraries, in public threads: the right values, or a refusal."""

import json
from pathlib import Path

import numpy as np
import pytest

import klteach

FILE = Path(__file__).with_name("public_cases.json")
CASES = json.loads(FILE.read_text(encoding="utf-8"))["cases"]


def argument(given):
    if isinstance(given, dict):
        return np.array(given["values"], given["dtype"])
    return given


@pytest.mark.filterwarnings("ignore:x and y sum to 1")  # one is about that very trap
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_public_case(case):
    function = getattr(klteach, case["function"])
    arguments = [argument(given) for given in case["args"]]
    expected = case["expected"]
    if isinstance(expected, dict) and "error" in expected:
        with pytest.raises(ValueError) as caught:
            function(*arguments)
        assert type(caught.value).__name__ == expected["error"]
        assert expected["says"] in str(caught.value)
        return
    found = function(*arguments, **case.get("kwargs", {}))
    if isinstance(expected, dict):
        for name, value in expected.items():
            assert getattr(found, name) == pytest.approx(value, rel=case["rtol"], abs=0)
        return
    expected = np.inf if expected == "inf" else expected
    np.testing.assert_allclose(found, expected, rtol=case["rtol"], atol=0)
