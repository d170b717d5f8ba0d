"""Numbers in a box, as people type them."""

import json

import pytest

READ = {
    "0.5": 0.5,
    "0,5": 0.5,
    "0,125": 0.125,
    ",5": 0.5,
    "50 %": 0.5,
    "50%": 0.5,
    "1/3": 1 / 3,
    " 1 / 4 ": 0.25,
    "-2": -2,
    "−2,5": -2.5,
    "1e-3": 0.001,
    "+3.": 3,
    "12,5 %": 0.125,
    "1 000": 1000,
}
NOT_READ = ["", "abc", "1,000", "1,000.5", "1,2,3", "1/0", "1/2/3", "½x", "0.5.1", "e5", "%", "--1"]


def test_numbers_are_read_as_people_write_them(javascript):
    texts = json.dumps(list(READ))
    assert javascript(f"{texts}.map(readNumber)") == pytest.approx(list(READ.values()))


def test_what_could_be_anything_is_no_number(javascript):
    texts = json.dumps(NOT_READ)
    assert javascript(f"{texts}.map(readNumber)") == [None] * len(NOT_READ)  # NaN in JSON
