import base64
import json
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from klteach.explorers.controls import Choice, Simplex, Slider
from klteach.explorers.explorer import GRID_LIMIT, Explorer
from klteach.explorers.frame import Frame, Invariant, Readout, Task, line
from klteach.explorers.handles import At
from klteach.explorers.look import P_COLOUR, Q_COLOUR
from klteach.explorers.picture import Picture


def draw(**style):
    picture = Picture(4.0, 2.0, [["left", "right"]])
    picture.axes["left"].set(xlim=(0, 1), ylim=(0, 1))
    picture.axes["right"].set(xlim=(1, 100), ylim=(0, 10), xscale="log")
    picture.bars("height", picture.axes["left"], [0.5], width=0.2, facecolor=P_COLOUR)
    picture.shapes("curve", picture.axes["right"], closed=False, facecolor="none")
    picture.texts("label", picture.axes["right"], offset=(0, 5), **style)
    return picture


def update(state):
    height = state.height
    if np.any(height > 0.9):
        raise ZeroDivisionError("this state is broken on purpose")
    return Frame(
        shapes={"curve": line([1.0, 10.0, 100.0], height[:, None] * [1.0, 5.0, 10.0])},
        texts={
            "label": (
                np.full((1, 1), 10.0),
                height[:, None],
                [["" if x else "zero"] for x in height],
            )
        },
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
    live = [part["id"] for part in layout["shapes"] + layout["handles"]] + layout["texts"]
    assert len(live) == 3
    assert set(live) <= ids


def test_the_drawing_has_no_colour_of_its_own(explorer):
    assert "var(--klx-p)" in explorer.spec["svg"]
    assert P_COLOUR not in explorer.spec["svg"]


def test_vertices_are_the_pixels_of_the_drawing(explorer):
    picture, (_, patches, _) = explorer._picture, explorer._picture._shapes["curve"]
    numbers = np.frombuffer(explorer.first, dtype=np.float32)
    layout = explorer.spec["layout"]["shapes"][0]
    points = numbers[: 2 * layout["vertices"]].reshape(-1, 2)
    # second route: where Matplotlib says that the patch is
    pixels = patches[0].get_transform().transform(patches[0].get_path().vertices)
    pixels[:, 1] = picture.figure.bbox.height - pixels[:, 1]
    np.testing.assert_allclose(points, pixels, atol=1e-3)


def test_a_bar_is_as_high_as_the_axis_says(explorer):
    bar = explorer.spec["layout"]["handles"][0]["y"]
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
                "shapes": {
                    "curve": line([1.0, 10.0, 100.0], np.full((len(state.height), 3), np.inf))
                },
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


def test_a_text_that_says_nothing_yet_leaves_no_mark_in_the_saved_picture(explorer):
    assert ">·<" in explorer.spec["svg"]
    assert make(draw=lambda: draw(alpha=0))._png == explorer._png


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


def with_task(reached):
    def update_with_task(state):
        return replace(update(state), tasks=[Task("Make it high.", reached(state.height))])

    return make(update=update_with_task)


def test_a_task_is_a_word_of_its_own_in_every_state():
    explorer = with_task(lambda height: height > 0.5)
    assert explorer.spec["words"]["tasks"] == ["Make it high."]
    assert explorer.spec["strings"][-1] == ""
    assert explorer.reached == []
    answers = []
    explorer.send = lambda content, buffers=None: answers.append(content["strings"][-1])
    for height in (0.5, 0.6):
        message = {"type": "state", "id": 1, "state": {"height": height}}
        explorer._answer(explorer, message, [])
    assert answers == ["", "done"]


@pytest.mark.parametrize(
    ("reached", "words"),
    [
        (lambda height: height >= 0, "done at the start"),
        (lambda height: height > 1, "no state fulfils it"),
    ],
)
def test_a_task_that_is_none_is_refused(reached, words):
    with pytest.raises(ValueError, match=words) as error:
        with_task(reached)
    assert "Make it high." in str(error.value)


def test_what_moves_leaves_a_ghost_only_where_the_author_says_so():
    def draw_with_ghost():
        picture = draw()
        picture.shapes("area", picture.axes["left"], ghost=True)
        return picture

    def update_with_area(state):
        frame = update(state)
        return replace(frame, shapes={**frame.shapes, "area": frame.shapes["curve"]})

    layout = make(draw=draw_with_ghost, update=update_with_area).spec["layout"]
    assert [shape["ghost"] for shape in layout["shapes"]] == [False, True]


@pytest.mark.parametrize(
    ("colour", "variable"),
    [(P_COLOUR, "var(--klx-p)"), (Q_COLOUR, "var(--klx-q)"), ("#123456", "var(--klx-ink)")],
)
def test_a_grip_has_the_colour_of_what_it_holds(colour, variable):
    picture = Picture(4.0, 2.0, [["only"]])
    axes = picture.axes["only"]
    axes.set(xlim=(0, 1), ylim=(0, 1))
    picture.bars("bar", axes, [0.5], width=0.2, facecolor="none", edgecolor=colour)
    picture.line("line", axes, "x", (0, 1), edgecolor=colour)
    picture.point(axes, "point", 0.5, color=colour)
    picture.freeze()
    handles = picture.layout(Frame())["handles"]
    assert [handle["colour"] for handle in handles] == [variable] * 3


def test_a_simplex_with_many_states_is_live():
    control = Simplex("height", "Height", "abcd", 100, (25, 25, 25, 25))
    assert control.count() > GRID_LIMIT


def test_an_author_who_asks_for_too_large_a_grid_is_told_how_large_it_would_be():
    fine = Slider("height", "Height", 0.0, 0.9, 1e-4, start=0.3)
    with pytest.raises(ValueError, match=r"9001 states \(height: 9001\), and 4000 is the limit"):
        make(controls=[fine], precompute=True)


def test_an_author_whose_grid_holds_too_many_numbers_is_told_how_many(monkeypatch):
    monkeypatch.setattr("klteach.explorers.explorer.GRID_BYTES", 100)
    with pytest.raises(ValueError, match="the grid takes 0.0 MB.*set precompute=False"):
        make()


def test_an_author_can_leave_a_small_grid_to_the_kernel():
    assert make(precompute=False).grid == b""


def handles_of(draw, state):
    """(layout of the only handle, Matplotlib's artist after drawing the state)."""
    picture = draw()
    picture.freeze()
    picture.draw(Frame(sentence=[""]), SimpleNamespace(**state))
    (handle,) = picture._handles
    return handle.layout(picture._pixels), handle, picture


def place_of(motion, value):
    return motion["zero"] + (np.log10(value) if motion["log"] else value) * (
        motion["one"] - motion["zero"]
    )


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_line_stands_where_the_axis_says(scale):
    def draw_line():
        picture = Picture(4.0, 2.0, [["one"]])
        picture.axes["one"].set(xscale=scale, xlim=(0.1, 10), ylim=(0, 1))
        picture.line("x", picture.axes["one"], "x", (0.0, 0.5))
        return picture

    layout, line_handle, picture = handles_of(draw_line, {"x": np.array([3.0])})
    drawn = picture.axes["one"].transData.transform(line_handle.patch.get_path().vertices)
    assert place_of(layout["x"], 3.0) == pytest.approx(drawn[0, 0], abs=1e-3)
    height = picture.figure.bbox.height
    assert layout["ends"] == pytest.approx((height - drawn[:, 1]).tolist(), abs=1e-3)


def test_a_point_stands_where_its_controls_say_and_keeps_a_fixed_coordinate():
    def draw_point():
        picture = Picture(4.0, 2.0, [["one"]])
        picture.axes["one"].set(xlim=(0, 1), ylim=(0, 2))
        picture.point(picture.axes["one"], "x", 1.5)
        return picture

    layout, point_handle, picture = handles_of(draw_point, {"x": np.array([0.25])})
    (x,), (y,) = point_handle.artist.get_data()
    drawn = picture.axes["one"].transData.transform((x, y))
    assert place_of(layout["x"], 0.25) == pytest.approx(drawn[0], abs=1e-3)
    assert layout["y"] == pytest.approx(picture.figure.bbox.height - drawn[1], abs=1e-3)


def test_a_text_without_a_place_takes_nothing_else_along():
    picture = Picture(4.0, 2.0, [["one"]])
    axes = picture.axes["one"]
    axes.set(xlim=(0, 1), ylim=(0, 1), title="stays")
    picture.texts("mark", axes, count=2)
    picture.freeze()
    places = np.array([[np.nan, 0.5]])
    picture.draw(Frame(texts={"mark": (places, places, [["gone", "here"]])}), SimpleNamespace())
    drawn = ElementTree.fromstring(picture.svg().replace("xlink:", ""))
    gone, here = (drawn.find(f".//g[@id='text-mark-{k}']") for k in (0, 1))
    assert here is not None and here not in list(gone.iter())


@pytest.mark.parametrize(
    ("where", "place"),
    [(At("sd", scale=0.4, power=-1), 0.2), (At("shares", index=1, scale=10.0), 6.0)],
)
def test_a_handle_can_stand_where_something_follows_from_its_control(where, place):
    picture = Picture(4.0, 2.0, [["only"]])
    axes = picture.axes["only"]
    axes.set(xlim=(0, 1), ylim=(0, 10))
    picture.point(axes, 0.5, where)
    picture.line(where, axes, "y", (0.0, 1.0), grip=1.0)
    picture.freeze()
    state = SimpleNamespace(sd=np.array([2.0]), shares=np.array([[0.4, 0.6]]))
    picture.draw(Frame(), state)
    line, *_ = [patch for patch in axes.patches if patch.get_gid().startswith("shape-line")]
    assert line.get_path().vertices[:, 1].tolist() == pytest.approx([place, place])
    (point,) = [artist for artist in axes.lines if artist.get_gid().startswith("point")]
    assert point.get_ydata() == pytest.approx([place])
    of_point, of_line = picture.layout(Frame())["handles"]
    assert of_point["y"] == of_line["y"]
    motion = of_line["y"]
    assert (motion["control"], motion["index"]) == (where.control, where.index)
    value = {"sd": 2.0, "shares": 0.6}[where.control]
    height = picture.figure.bbox.height - axes.transData.transform((0, place))[1]
    pixel = motion["zero"] + motion["scale"] * value ** motion["power"] * (
        motion["one"] - motion["zero"]
    )
    assert pixel == pytest.approx(height, abs=1e-3)
    assert of_line["grip"] == 1.0


def test_a_shape_is_held_only_where_all_states_are_at_hand():
    def draw_held():
        picture = draw()
        picture.held("curve", "height")
        return picture

    kinds = [handle["kind"] for handle in make(draw=draw_held).spec["layout"]["handles"]]
    assert kinds == ["bar", "held"]
    with pytest.raises(ValueError, match="computed beforehand"):
        make(draw=draw_held, precompute=False)


def test_what_a_page_without_a_kernel_needs():
    explorer = make()
    state = json.loads(json.dumps(explorer.static_state()))
    assert state["spec"] == json.loads(json.dumps(explorer.spec))
    assert base64.b64decode(state["first"]) == explorer.first
    assert zlib.decompress(base64.b64decode(state["grid"])) == zlib.decompress(explorer.grid)
    assert make(precompute=False).static_state() is None


def fine(steps=GRID_LIMIT, **changes):
    """An explorer with too many states for a grid, which a kernel has to answer."""
    slider = Slider("height", "Height", 0.0, 0.9, 0.9 / steps, start=0.3)
    return make(controls=[slider], presets={"lower": {"height": 0.18}}, **changes)


def test_coarser_controls_span_the_grid_of_a_page_without_a_kernel():
    explorer = fine(coarser=[Slider("height", "Height", 0.0, 0.9, 0.03, start=0.3)])
    assert explorer.grid == b""
    state, small = (
        explorer.static_state(),
        make(controls=[Slider("height", "Height", 0.0, 0.9, 0.03, start=0.3)]),
    )
    assert state["spec"]["controls"] == small.spec["controls"]
    assert state["spec"]["presets"] == [{"name": "lower", "state": {"height": 0.18}}]
    assert zlib.decompress(base64.b64decode(state["grid"])) == zlib.decompress(small.grid)
    assert base64.b64decode(state["first"]) == explorer.first == small.first


def test_a_preset_keeps_its_shares_on_a_coarser_grid():
    def shares(total, quarters):
        steps = [total * quarter // 4 for quarter in quarters]
        return Simplex("p", "P", ("a", "b", "c"), total, start=steps)

    explorer = make(
        controls=[shares(400, (2, 1, 1)), Choice("unit", "Unit", ("bits", "nats"))],
        coarser=[shares(8, (2, 1, 1)), Choice("unit", "Unit", ("bits", "nats"))],
        presets={"first": {"p": [400, 0, 0]}, "nats": {"unit": 1}},
        draw=lambda: Picture(4.0, 2.0, [["empty"]]),
        update=lambda state: Frame(
            shapes={}, texts={}, readouts=[], invariants=[], sentence=["Nothing."] * len(state.p)
        ),
    )
    presets = explorer.static_state()["spec"]["presets"]
    assert [preset["state"] for preset in presets] == [{"p": [8, 0, 0]}, {"unit": 1}]


@pytest.mark.parametrize(
    ("coarser", "words"),
    [
        (Slider("width", "Height", 0.0, 0.9, 0.03, start=0.3), "name the same controls"),
        (Choice("height", "Height", ("low", "high")), "of the same kind"),
        (Slider("height", "Height", 0.0, 0.9, 0.03, start=0.6), "start where the others do"),
        (Slider("height", "Height", 0.0, 0.9, 0.1, start=0.3), "between the steps"),
    ],
)
def test_coarser_controls_that_would_show_another_thing_are_refused(coarser, words):
    with pytest.raises(ValueError, match=words):
        fine(coarser=[coarser])
