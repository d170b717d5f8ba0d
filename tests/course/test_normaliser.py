"""The form in which notebooks are committed: the same bytes whenever and wherever it is made."""

import base64
import json
from copy import deepcopy
from io import BytesIO

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from nbformat import v4
from PIL import Image

import normalise_notebooks
from normalise_notebooks import committed_form, differences, read_notebook, write
from notebook_running import NotebookProblem
from pictures import same_picture


def run(*arguments):
    return normalise_notebooks.main([str(argument) for argument in arguments])


def code(source, *outputs):
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=7)


def result(**data):
    data = {key.replace("_", "/"): value for key, value in data.items()}
    return v4.new_output("execute_result", data=data, execution_count=7)


def printed(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def form(notebook, committed=None):
    return json.loads(committed_form(deepcopy(notebook), committed or notebook, "01_x.ipynb"))


def outputs(cell, committed_cell=None):
    committed = committed_cell and v4.new_notebook(cells=[committed_cell])
    if committed_cell:
        committed_cell.id = "01-start-code"
    return form(v4.new_notebook(cells=[cell]), committed)["cells"][0]["outputs"]


# With a kernel: the whole way


def test_twice_gives_the_same_bytes_and_check_says_what_would_change(tmp_path, capsys):
    path = tmp_path / "03_x.ipynb"
    widget = "import ipywidgets\nipywidgets.IntSlider(3)"
    plot = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.show()"
    place = f"import os\nprint(os.path.basename(os.getcwd()) == os.path.basename('{tmp_path}'))"
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(source) for source in (widget, plot, place)],
        metadata={"widgets": {"state": {}}, "language_info": {"name": "python"}},
    )
    path.write_text(v4.writes(notebook), encoding="utf-8", newline="\r\n")

    assert run(path, "--check") == 1
    assert "cell 1 (03-start-code): execution_count, id, outputs" in capsys.readouterr().out
    assert run(path) == 0
    first = path.read_bytes()
    assert run(path) == 0 and path.read_bytes() == first
    assert first.endswith(b"}\n") and not first.endswith(b"\n\n") and b"\r" not in first

    written = json.loads(first)
    assert set(written["metadata"]) == {"kernelspec", "language_info"}
    assert written["metadata"]["language_info"]["version"] == "3.11"
    slider, picture, printed_place = (cell["outputs"] for cell in written["cells"])
    assert set(slider[0]["data"]) == {"text/plain"}
    assert "image/png" in picture[0]["data"]
    assert printed_place[0]["text"] == ["True\n"]


def test_a_cell_that_raises_is_named_and_nothing_is_written(tmp_path, capsys):
    path = tmp_path / "03_x.ipynb"
    cells = [v4.new_code_cell("x = 1"), v4.new_code_cell("print(x)\nx / 0")]
    path.write_text(v4.writes(v4.new_notebook(cells=cells)), encoding="utf-8")
    before = path.read_bytes()
    assert run(path) == 1
    problem = capsys.readouterr().err
    assert "03_x.ipynb, cell 2 (print(x))" in problem and "ZeroDivisionError" in problem
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_learners_history_does_not_reach_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "mine.jsonl"))
    path = tmp_path / "03_x.ipynb"
    own = str(tmp_path / "mine.jsonl")
    show = f"import os\nprint(os.environ['KLTEACH_PROGRESS'] == {own!r})"
    path.write_text(v4.writes(v4.new_notebook(cells=[v4.new_code_cell(show)])), encoding="utf-8")
    assert run(path) == 0
    assert read_notebook(path).cells[0].outputs[0].text == "False\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a notebook"),
        (b'{"cells": [', "is not a notebook"),
        (b"[1, 2]", "is not a notebook"),
        (b'{"cells": [], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}', "not a notebook of"),
        (b"\xff\xfe\x00", "is not a notebook"),
    ],
)
def test_what_is_no_notebook_is_named_and_left_alone(tmp_path, capsys, content, message):
    path = tmp_path / "03_x.ipynb"
    path.write_bytes(content)
    assert run(path) == 1
    assert message in capsys.readouterr().err
    assert path.read_bytes() == content


def test_a_file_that_is_missing_is_named(tmp_path, capsys):
    assert run(tmp_path / "04_x.ipynb") == 1
    assert "04_x.ipynb: cannot be read: No such file" in capsys.readouterr().err


# Without a kernel: what the form keeps, drops and refuses


def test_a_hidden_output_stays_hidden():
    cell = code("1", result(text_plain="1"))
    cell.metadata["jupyter"] = {"outputs_hidden": True, "source_hidden": True}
    (written,) = form(v4.new_notebook(cells=[cell]))["cells"]
    assert written["metadata"] == {"jupyter": {"outputs_hidden": True}}


def test_run_time_traces_are_dropped():
    cell = code("1", result(**{"text_plain": "1", "application_vnd.jupyter.widget-view+json": {}}))
    cell.metadata.update(
        execution={"iopub.execute_input": "now"}, trusted=True, tags=["kept"], collapsed=False
    )
    cell.metadata["jupyter"] = {"outputs_hidden": False, "source_hidden": True}
    notebook = v4.new_notebook(
        cells=[v4.new_markdown_cell("text"), cell], metadata={"widgets": {}, "toc": 1}
    )
    written = form(notebook)
    assert set(written["metadata"]) == {"kernelspec", "language_info"}
    assert written["cells"][1]["metadata"] == {"tags": ["kept"]}
    assert written["cells"][1]["execution_count"] == 1
    assert written["cells"][1]["outputs"] == [
        {
            "data": {"text/plain": ["1"]},
            "execution_count": 1,
            "metadata": {},
            "output_type": "execute_result",
        }
    ]


def test_an_output_that_was_only_a_live_widget_is_dropped():
    live = v4.new_output(
        "display_data", data={"application/vnd.jupyter.widget-view+json": {"model_id": "5a"}}
    )
    assert outputs(code("1", live, printed("kept\n"))) == [
        {"name": "stdout", "output_type": "stream", "text": ["kept\n"]}
    ]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (printed("DeprecationWarning: old\n", "stderr"), "writes to stderr: DeprecationWarning"),
        (result(text_plain="<f at 0x7f3a2b4c>"), r"shows a memory address \(at 0x7f3a2b4c\)"),
        (printed("<f at 0x7f3a2b4c>\n"), "shows a memory address"),
        (v4.new_output("display_data", data={"image/svg+xml": "<svg/>"}), "shows an SVG"),
        (v4.new_output("error", ename="ValueError", evalue="no", traceback=[]), "ValueError: no"),
    ],
)
def test_an_output_that_is_never_twice_the_same_is_refused(output, message):
    with pytest.raises(NotebookProblem, match=r"01_x.ipynb, cell 1 \(show\(\)\): .*" + message):
        form(v4.new_notebook(cells=[code("show()", output)]))


def test_versions_stay_as_they_were_committed_and_other_words_do_not():
    old = code("1", printed("Python 3.11.7, 5 checks\n"), result(text_plain="'NumPy 2.4.6'"))
    new = code("1", printed("Python 3.14.0, 5 checks\n"), result(text_plain="'NumPy 2.5'"))
    kept = outputs(new, old)
    assert kept[0]["text"] == ["Python 3.11.7, 5 checks\n"]
    assert kept[1]["data"]["text/plain"] == ["'NumPy 2.4.6'"]
    other = code("1", printed("Python 3.14.0, 6 checks\n"), result(text_plain="'NumPy 2.5'"))
    assert outputs(other, old)[0]["text"] == ["Python 3.14.0, 6 checks\n"]


def test_the_times_inside_a_progress_file_stay_as_they_were_committed():
    link = '<a href="data:application/x-ndjson;base64,{}">progress</a>, {} checks'
    old, new = link.format("eyJ0aW1l/+8=", 2), link.format("eyJ0aW1m", 2)
    kept = outputs(code("1", result(text_html=new)), code("1", result(text_html=old)))
    assert kept[0]["data"]["text/html"] == [old]
    other = link.format("eyJ0aW1m", 3)
    kept = outputs(code("1", result(text_html=other)), code("1", result(text_html=old)))
    assert kept[0]["data"]["text/html"] == [other]


def test_ids_depend_on_the_place_alone():
    cells = [
        v4.new_markdown_cell("# 01 · Title"),
        v4.new_markdown_cell("## The idea · 15 min\n\nText."),
        v4.new_code_cell("1"),
        v4.new_code_cell("2"),
        v4.new_markdown_cell("## P‖Q · 20 min"),
        v4.new_markdown_cell("### A part\n\n## no section of its own"),
    ]
    ids = [cell["id"] for cell in form(v4.new_notebook(cells=cells))["cells"]]
    assert ids == [
        "01-start-text",
        "01-the-idea-text",
        "01-the-idea-code",
        "01-the-idea-code-2",
        "01-p-q-text",
        "01-p-q-text-2",
    ]


def test_writing_leaves_the_old_file_whole_until_the_new_one_stands(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_text("old")

    def interrupted(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(path, "new")
    assert path.read_text() == "old"


def test_differences_name_layout_and_metadata(tmp_path):
    text = committed_form(v4.new_notebook(), v4.new_notebook(), "01_x.ipynb")
    path = tmp_path / "01_x.ipynb"
    path.write_bytes(text.encode())
    assert differences(path, text) == []
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert "line ends" in differences(path, text)[0]
    path.write_bytes(text.replace("ipykernel", "mine").encode())
    assert differences(path, text) == ["the notebook's metadata"]


# Pictures


def figure(label="0.50", height=1.0, software="one"):
    drawn = Figure(figsize=(4, 3), dpi=100)
    FigureCanvasAgg(drawn)
    axes = drawn.subplots()
    axes.plot([0, height, 0])
    axes.text(1, 0.2, label, fontsize=9)
    stream = BytesIO()
    drawn.savefig(stream, metadata={"Software": software})
    return base64.b64encode(stream.getvalue()).decode()


def noisy(picture):
    """The picture with other grey values, as another machine's letters have them."""
    with Image.open(BytesIO(base64.b64decode(picture))) as image:
        pixels = np.asarray(image).astype(int)
    edges = (pixels[..., :3].max(axis=2) < 250)[..., None]
    noise = np.random.default_rng(1).integers(-12, 13, pixels.shape) * edges
    stream = BytesIO()
    Image.fromarray(np.clip(pixels + noise, 0, 255).astype("uint8")).save(stream, "png")
    return base64.b64encode(stream.getvalue()).decode()


def test_a_picture_that_looks_the_same_keeps_its_bytes():
    committed = figure()
    for again in (figure(software="two"), noisy(committed)):
        assert again != committed
        assert same_picture(again, committed)
        kept = outputs(code("1", result(image_png=again)), code("1", result(image_png=committed)))
        assert kept[0]["data"]["image/png"] == committed


@pytest.mark.parametrize("change", [{"label": "0.60"}, {"label": "0.5"}, {"height": 1.01}])
def test_a_picture_that_shows_something_else_is_replaced(change):
    committed, changed = figure(), figure(**change)
    assert not same_picture(changed, committed)
    kept = outputs(code("1", result(image_png=changed)), code("1", result(image_png=committed)))
    assert kept[0]["data"]["image/png"] == changed


def test_a_picture_of_another_size_is_another_picture():
    small = BytesIO()
    Image.new("RGB", (3, 2)).save(small, "png")
    assert not same_picture(base64.b64encode(small.getvalue()).decode(), figure())
