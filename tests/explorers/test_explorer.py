import struct
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from klteach.explorers.controls import Simplex, Slider
from klteach.explorers.explorer import GRID_LIMIT, Explorer
from klteach.explorers.frame import Frame, Invariant, Readout, line
from klteach.explorers.look import P_COLOUR
from klteach.explorers.picture import Picture


def draw():
    picture = Picture(4.0, 2.0, [["left", "right"]])
    picture.axes["left"].set(xlim=(0, 1), ylim=(0, 1))
    picture.axes["right"].set(xlim=(1, 100), ylim=(0, 10), xscale="log")
    picture.bars("height", picture.axes["left"], [0.5], width=0.2, facecolor=P_COLOUR)
    picture.shapes("curve", picture.axes["right"], closed=False, facecolor="none")
    picture.texts("label", picture.axes["right"], offset=(0, 5))
    return picture


def update(state):
    height = state.height
    if np.any(height > 0.9):
        raise ZeroDivisionError("this state is broken on purpose")
    return Frame(
        shapes={"curve": line([1.0, 10.0, 100.0], height[:, None] * [1.0, 5.0, 10.0])},
        texts={"label": (np.full((1, 1), 10.0), height[:, None], [["" if x else "zero"] for x in height])},
        readouts=[Readout("height", height)],
        invariants=[Invariant("height ≥ 0", height)],
        sentence=[f"The height is {x:.2f}." for x in height],
    )


def make(**changes):
    arguments = {
        "title": "Test",
        "description": "A bar and a curve.",
        "controls": [Slider("height", "Height", 0.0, 0.9, 0.1, start=0.3)],
        "draw": draw,
        "update": update,
    }
    return Explorer(**(arguments | changes))


@pytest.fixture(scope="module")
def explorer():
    return make()


@pytest.fixture
def conversation(monkeypatch):
    """Messages to the explorer, and what it answers."""
    sent = []
    monkeypatch.setattr(
        Explorer, "send", lambda self, content, buffers=None: sent.append((content, buffers))
    )

    def ask(explorer, content):
        explorer._answer(explorer, content, [])
        return sent.pop()

    return ask


def test_every_live_part_is_in_the_drawing(explorer):
    svg = ElementTree.fromstring(explorer.spec["svg"].replace("xlink:", ""))
    ids = {element.get("id") for element in svg.iter()}
    layout = explorer.spec["layout"]
    live = [part["id"] for part in layout["shapes"] + layout["bars"]] + layout["texts"]
    assert len(live) == 3
    assert set(live) <= ids


def test_the_drawing_has_no_colour_of_its_own(explorer):
    assert "var(--klx-p)" in explorer.spec["svg"]
    assert P_COLOUR not in explorer.spec["svg"]


def test_vertices_are_the_pixels_of_the_drawing(explorer):
    picture, (axes, patches, _) = explorer._picture, explorer._picture._shapes["curve"]
    numbers = np.frombuffer(explorer.first, dtype=np.float32)
    layout = explorer.spec["layout"]["shapes"][0]
    points = numbers[: 2 * layout["vertices"]].reshape(-1, 2)
    # second route: where Matplotlib says that the patch is
    pixels = patches[0].get_transform().transform(patches[0].get_path().vertices)
    pixels[:, 1] = picture.figure.bbox.height - pixels[:, 1]
    np.testing.assert_allclose(points, pixels, atol=1e-3)


def test_a_bar_is_as_high_as_the_axis_says(explorer):
    bar = explorer.spec["layout"]["bars"][0]
    axes = explorer._picture.axes["left"]
    height = explorer._picture.figure.bbox.height
    zero, one = (height - axes.transData.transform((0, y))[1] for y in (0, 1))
    assert bar["zero"] == pytest.approx(zero, abs=1e-3)
    assert bar["one"] == pytest.approx(one, abs=1e-3)


def test_infinite_numbers_are_drawn_far_outside_and_stay_finite():
    def to_infinity(state):
        frame = update(state)
        return Frame(
            **{
                **frame.__dict__,
                "shapes": {"curve": line([1.0, 10.0, 100.0], np.full((len(state.height), 3), np.inf))},
            }
        )

    numbers = np.frombuffer(make(update=to_infinity).first, dtype=np.float32)
    assert np.isfinite(numbers).all()


def test_a_small_grid_is_sent_whole_and_a_large_one_is_left_to_the_kernel(explorer):
    assert explorer.grid
    fine = Slider("height", "Height", 0.0, 0.9, 0.9 / GRID_LIMIT / 2, start=0.3)
    assert make(controls=[fine]).grid == b""


def test_a_state_is_answered_with_its_frame(explorer, conversation):
    content, buffers = conversation(explorer, {"type": "state", "id": 7, "state": {"height": 0.5}})
    assert (content["type"], content["id"]) == ("frame", 7)
    assert "The height is 0.50." in content["strings"]
    assert len(buffers[0]) == len(explorer.first)
    assert buffers[0] != explorer.first


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"height": 5}, "5 is outside 0.0 to 0.9"),
        ({"hight": 0.5}, "must name exactly the controls ['height']"),
        (None, "must name exactly"),
    ],
)
def test_a_bad_state_is_answered_in_words(explorer, conversation, state, words):
    content, _ = conversation(explorer, {"type": "state", "id": 1, "state": state})
    assert content["type"] == "error"
    assert words in content["text"]


def test_a_crash_in_update_reaches_the_widget_in_words(conversation):
    live = make(controls=[Slider("height", "Height", 0.0, 1.0, 1e-4, start=0.3)])
    content, _ = conversation(live, {"type": "state", "id": 2, "state": {"height": 0.95}})
    assert content == {
        "type": "error",
        "id": 2,
        "text": "ZeroDivisionError: this state is broken on purpose",
    }
    content, _ = conversation(live, {"type": "state", "id": 3, "state": {"height": 0.5}})
    assert content["type"] == "frame"


def test_other_messages_are_left_alone(explorer):
    explorer._answer(explorer, {"type": "hello"}, [])


def test_the_output_is_a_widget_a_picture_and_one_line(explorer):
    data, metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == (
        "Test | The height is 0.30. | height: 0.300; height ≥ 0: holds, margin 0.300"
    )
    assert "application/vnd.jupyter.widget-view+json" in data
    assert metadata["image/png"]["alt"] == "Test. A bar and a curve. The height is 0.30."
    width, height = struct.unpack(">II", explorer._png[16:24])
    assert width / height == pytest.approx(
        metadata["image/png"]["width"] / metadata["image/png"]["height"], rel=1e-2
    )


def test_the_same_explorer_gives_the_same_bytes(explorer):
    again = make()
    assert again._png == explorer._png
    assert again.spec == explorer.spec
    assert again.grid == explorer.grid


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"presets": {"too high": {"height": 3}}}, "outside"),
        ({"presets": {"typo": {"hight": 0.3}}}, "must name exactly the controls"),
        ({"update": lambda state: Frame(sentence=["x"])}, "shapes"),
        (
            {"update": lambda state: Frame(**{**update(state).__dict__, "sentence": ["x", "y"]})},
            "one row per state",
        ),
    ],
)
def test_an_authors_slip_is_named(changes, words):
    with pytest.raises(ValueError, match=words):
        make(**changes)


def test_an_author_is_told_the_shape_that_a_part_must_have():
    def flat(state):
        return Frame(**{**update(state).__dict__, "shapes": {"curve": np.zeros((1, 3, 2))}})

    with pytest.raises(ValueError, match=r"shapes\['curve'\] must have the shape \(states, 1"):
        make(update=flat)


def test_a_simplex_with_many_states_is_live():
    control = Simplex("height", "Height", "abcd", 100, (25, 25, 25, 25))
    assert control.count() > GRID_LIMIT
