import numpy as np

from klteach.explorers.frame import (
    Frame,
    Invariant,
    Note,
    Readout,
    Table,
    each,
    line,
    number,
    rectangles,
)


def test_numbers_read_as_a_reader_wants_them():
    assert [number(x, 2) for x in (1.005, -1.5, -0.001, np.inf, -np.inf, np.nan)] == [
        "1.00",
        "−1.50",
        "0.00",
        "∞",
        "−∞",
        "undefined",
    ]


def test_words_come_in_the_order_of_their_layout():
    frame = Frame(
        readouts=[Readout("KL", np.array([1.0, np.inf]), "nats"), Note("game", ["hit", "miss"])],
        invariants=[Invariant("KL ≥ 0", np.array([0.5, -0.25]))],
        sentence=each(lambda x: f"x is {x}", np.array([1, 2])),
        table=Table(["a", "b"], {"p": np.array([[0.1, 0.9], [0.2, 0.8]])}),
    )
    assert [column[1] for column in frame.words()] == [
        "∞ nats",
        "miss",
        "FAILS, margin −0.250",
        "x is 2",
        "0.200",
        "0.800",
    ]
    assert frame.word_layout() == {
        "readouts": ["KL", "game"],
        "invariants": ["KL ≥ 0"],
        "rows": ["a", "b"],
        "columns": ["p"],
        "tasks": [],
    }


def test_an_invariant_forgives_rounding_and_nothing_more():
    holds, fails = Invariant("KL ≥ 0", np.array([-1e-12, -1e-6])).texts()
    assert holds.startswith("holds")
    assert fails.startswith("FAILS")


def test_rectangles_and_lines_broadcast_over_states():
    corners = rectangles(0.0, [0.0, 1.0], np.array([[2.0, 3.0]]), 1.0)
    assert corners.shape == (1, 2, 4, 2)
    assert corners[0, 1].tolist() == [[0, 1], [3, 1], [3, 2], [0, 2]]
    assert line([0.0, 1.0, 2.0], np.zeros((5, 3))).shape == (5, 1, 3, 2)
