"""Every rule of the notebook lint, each with a notebook that breaks it."""

from copy import deepcopy

import pytest
from nbformat import v4

from tests.course import notebook_lint
from tests.course.notebook_lint import LESSON_SECTIONS, START_SECTIONS

NAME = "01_surprise.ipynb"
REFERENCES = ["A_notation.ipynb", "B_glossary.ipynb"]
NAMES = ["00_start_here.ipynb", NAME, "02_kl.ipynb", *REFERENCES]
NAVIGATION = (
    "[← 00 Start](00_start_here.ipynb) · [↑ Map of the course](00_start_here.ipynb"
    "#cell-id=00-map-of-the-course-text) · [02 KL →](02_kl.ipynb)"
)
HEADER = f"""# 01 · Surprise

{NAVIGATION}

**You will be able to**

* compute an entropy,
* convert nats to bits,
* compare two codes.

**Time** 40 minutes · **Needs** [00](00_start_here.ipynb) · **Compass** P = truth, Q = model"""
PICTURE = v4.new_output(
    "display_data", data={"image/png": "iVBOR"}, metadata={"image/png": {"alt": "Four bars."}}
)


def notebook(*sources):
    """A notebook of markdown texts (str) and ready cells."""
    cells = [v4.new_markdown_cell(s) if isinstance(s, str) else s for s in sources]
    return v4.new_notebook(cells=deepcopy(cells))


def code(source, *outputs):
    return v4.new_code_cell(source, outputs=list(outputs))


def lesson():
    """A lesson without a finding."""
    sections = [f"## {name} · {3 * i} min\n\nText." for i, name in enumerate(LESSON_SECTIONS)]
    sections[3:4] = [sections[3], code("draw()", PICTURE), "The picture proves it."]
    sections[-1] += f"\n\n[your copy](../my-work/copy_{NAME})\n\n{NAVIGATION}"
    return notebook(HEADER, *sections)


@pytest.fixture
def root(tmp_path):
    """A course folder in which the lesson's links lead somewhere."""
    for folder in ("notebooks", "exercises", "solutions"):
        (tmp_path / folder).mkdir()
        for name in NAMES:
            (tmp_path / folder / name).write_text("{}")
    return tmp_path


def start_page(_):
    page = notebook("# 00 · Start", "## Map of the course\n\nAll units.")
    page.cells[1].id = "00-map-of-the-course-text"
    return page


def lint(checked, root, folder="notebooks", name=NAME):
    return notebook_lint.lint(checked, root / folder / name, root, start_page, NAMES)


def test_a_sound_lesson_has_no_finding(root):
    assert lint(lesson(), root) == []


def test_a_sound_start_page_has_no_finding(root):
    header = HEADER.replace("# 01", "# 00").replace(NAVIGATION, "[01 →](01_surprise.ipynb)")
    sections = [f"## {name} · {i} min" for i, name in enumerate(START_SECTIONS)]
    page = notebook(header, *sections, "[01 →](01_surprise.ipynb)")
    assert lint(page, root, name="00_start_here.ipynb") == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("## By hand · 15 min", "Text", '"## By hand" is missing'),
        ("## By hand", "## By foot", '"## By foot" is no section'),
        ("## Explore · 9 min", "## Explore · 5 min", '"## Explore" is at 5 min, after 6 min'),
        ("## Explore · 9 min", "## Explore", '"## Explore" needs its time mark'),
        ("**Time** 40", "**Time** 20", "begins at 30 min of a lesson of 20 min"),
        ("# 01 · Surprise", "# 1. Surprise", 'must begin with "# 01 · Title"'),
        ("**Time** 40 minutes", "40 minutes", "needs **Time**"),
        ("**Needs** [00](00_start_here.ipynb)", "", "needs **Needs**"),
        ("**Needs** [00](00_start_here.ipynb)", "**Needs** unit 00\n", "**Needs** must link"),
        ("P = truth, Q = model", "P and Q", "P = truth and Q = model"),
        ("P = truth, Q = model", "Q = truth, P = model", "P = truth and Q = model"),
        ("**You will be able to**", "You will", "needs **You will be able to**"),
        ("* compute an entropy,\n", "", "has 2 items, not 3 to 5"),
        ("* compute an entropy,\n", "* a\n* b\n* c\n* d\n", "has 6 items, not 3 to 5"),
        ("* compute an entropy", "* understand entropy", "something a learner can be seen to do"),
        ("[02 KL →](02_kl.ipynb)", "", "needs the link [the lesson after →](02_kl.ipynb)"),
        ("[← 00 Start](00_start_here.ipynb)", "", "needs the link [← the lesson before]"),
        ("#cell-id=00-map-of-the-course-text", "", "needs the link [↑ Map of the course]"),
    ],
)
def test_a_break_of_the_skeleton_is_found(root, old, new, finding):
    broken = lesson()
    assert any(old in cell.source for cell in broken.cells)
    for cell in broken.cells:
        cell.source = cell.source.replace(old, new)
    assert any(finding in found for found in lint(broken, root))


def test_sections_in_another_order_are_found(root):
    swapped = lesson()
    swapped.cells[1], swapped.cells[2] = swapped.cells[2], swapped.cells[1]
    assert any("the sections stand in the order" in found for found in lint(swapped, root))


def test_navigation_is_asked_of_the_first_and_of_the_last_cell(root):
    for index, where in ((0, "first"), (-1, "last")):
        broken = lesson()
        broken.cells[index].source = broken.cells[index].source.replace(NAVIGATION, "")
        found = lint(broken, root)
        assert len([f for f in found if f"the {where} cell needs the link" in f]) == 3


REFERENCE_NAVIGATION = (
    "[↑ Map](00_start_here.ipynb#cell-id=00-map-of-the-course-text) · **A** · "
    "[B Glossary](B_glossary.ipynb)"
)


def reference():
    """A notebook to look things up in, without a finding."""
    return notebook(
        f"# A · Notation\n\n{REFERENCE_NAVIGATION}",
        "## Letters\n\nText.",
        "## Signs\n\nText.",
        REFERENCE_NAVIGATION,
    )


def test_a_sound_reference_has_no_finding_and_is_no_lesson(root):
    assert lint(reference(), root, name="A_notation.ipynb") == []
    names = [notebook_lint.is_reference(name) for name in NAMES]
    assert names == [False, False, False, True, True]


def test_a_reference_may_be_long_and_a_lesson_not(root):
    pages = reference(), lesson()
    for page in pages:
        page.cells[1:1] = notebook(*["Text."] * 40).cells
    assert lint(pages[0], root, name="A_notation.ipynb") == []
    assert any("cells are more than 40" in found for found in lint(pages[1], root))


@pytest.mark.parametrize(
    ("cell", "old", "new", "finding"),
    [
        (0, "# A", "# B", 'must begin with "# A · Title"'),
        (
            0,
            "#cell-id=00-map-of-the-course-text",
            "",
            "the first cell needs the link [↑ Map of the course]",
        ),
        (
            3,
            "#cell-id=00-map-of-the-course-text",
            "",
            "the last cell needs the link [↑ Map of the course]",
        ),
        (3, "(B_glossary.ipynb)", "", "the last cell needs the link [B_glossary]"),
        (2, "Signs", "Letters", 'cell 3: "## Letters" stands here a second time'),
    ],
)
def test_a_reference_out_of_form_is_found(root, cell, old, new, finding):
    broken = reference()
    assert old in broken.cells[cell].source
    broken.cells[cell].source = broken.cells[cell].source.replace(old, new)
    (found,) = lint(broken, root, name="A_notation.ipynb")
    assert finding in found


def test_too_many_cells_are_found():
    assert notebook_lint.cell_count(notebook(*["text"] * 40)) == []
    assert notebook_lint.cell_count(notebook(*["text"] * 41)) == ["41 cells are more than 40"]


def test_long_code_is_found():
    assert notebook_lint.code_length(notebook(code("\n".join(["x = 1"] * 16)))) == []
    assert notebook_lint.code_length(notebook("text", code("\n".join(["x = 1"] * 17)))) == [
        "cell 2: 17 lines of code are more than 16"
    ]


@pytest.mark.parametrize(
    "source",
    ["%matplotlib inline", "%%time\nx = 1", "!ls", "x = !ls", "x = %who", "?print", "", "1 +"],
)
def test_what_is_not_plain_python_is_found(source):
    assert notebook_lint.plain_code(notebook(code(source)))


@pytest.mark.parametrize("source", ["x = 5 % 3", "entropy??", "import math\nmath.log?", "# check"])
def test_plain_python_and_help_pass(source):
    assert notebook_lint.plain_code(notebook(code(source))) == []


@pytest.mark.parametrize("source", ["draw();", "x = 1\ndraw();  # quiet", "x = 1;\ny = 2"])
def test_a_semicolon_at_the_end_is_found(source):
    assert len(notebook_lint.semicolons(notebook(code(source)))) == 1


def test_other_semicolons_pass():
    assert notebook_lint.semicolons(notebook(code("x = 'a;'\ny = 1; z = 2  # so;"))) == []


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("import requests", "requests"),
        ("def f():\n    import os", "os"),
        ("from .near import x", ".near"),
        ("from klteach import *", "import the names"),
        ("import numpy, torch", "torch"),
    ],
)
def test_other_imports_are_found(source, finding):
    (found,) = notebook_lint.imports(notebook(code(source)))
    assert finding in found


def test_permitted_imports_pass():
    source = "import numpy as np\nfrom klteach.practice import check\nimport matplotlib.pyplot"
    assert notebook_lint.imports(notebook(code(source))) == []


@pytest.mark.parametrize("source", ["![](a.png)", "![ ](a.png)", "<img src='a.png'>"])
def test_an_image_without_words_is_found(source):
    assert len(notebook_lint.image_alt_texts(notebook(source))) == 1


def test_an_image_with_words_passes():
    source = "![Four bars](a.png) <img src='a.png' alt='Four bars'> `![](a.png)`"
    assert notebook_lint.image_alt_texts(notebook(source.replace("`![](a.png)`", ""))) == []


def test_a_picture_among_the_outputs_needs_words():
    silent = v4.new_output("display_data", data={"image/png": "iVBOR"})
    assert notebook_lint.output_alt_texts(notebook(code("draw()", PICTURE))) == []
    assert len(notebook_lint.output_alt_texts(notebook(code("draw()", silent)))) == 1


@pytest.mark.parametrize("after", [[], [code("1")], ["## Next · 5 min\n\nText."]])
def test_a_picture_without_its_sentence_is_found(after):
    broken = notebook(code("draw()", PICTURE), *after)
    assert len(notebook_lint.sentence_after_picture(broken)) == 1


@pytest.mark.parametrize("source", ["The distance from P to Q is 1.", "Two *distances* differ."])
def test_distance_for_divergence_is_found(source):
    assert len(notebook_lint.divergence_not_distance(notebook(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "The Hellinger distance and the total variation distance are metrics.",
        "An estimate from nearest-neighbour distances.",
        'KL is not a distance, though some say "distance".',
        "`js_distance(p, q)` is a [metric](distance.html).",
        "```python\ndistance = 3\n```",
    ],
)
def test_distance_where_it_is_meant_passes(source):
    assert notebook_lint.divergence_not_distance(notebook(source)) == []


@pytest.mark.parametrize(
    "cell",
    [
        "Well done!",
        "This is simply so.",
        code("x = 1  # done!"),
        code("print('done!')"),
        code("f'{x} done!'"),
    ],
)
def test_a_loud_or_belittling_voice_is_found(cell):
    assert len(notebook_lint.voice(notebook(cell))) == 1


@pytest.mark.parametrize(
    "cell",
    ["$n!$ ways, `x != y`, ![bars](a.png) <!-- aside! -->", code("x != 1\nf'{x!r}: {x}'")],
)
def test_marks_that_are_not_exclamations_pass(cell):
    assert notebook_lint.voice(notebook(cell)) == []


@pytest.mark.parametrize(
    ("target", "finding"),
    [
        ("missing.ipynb", "leads to no file"),
        ("../my-work/copy_09_x.ipynb", "leads to no file"),
        (f"../my-work/{NAME}", "leads to no file"),
        ("../../outside.ipynb", "leaves the course's folder"),
        ("/notebooks/02_kl.ipynb", "must be relative"),
        ("http://example.org/a", "must be relative, or https"),
        ("file:///notes.txt", "must be relative"),
        ("00_start_here.ipynb#Map", "names no heading"),
        ("#Nowhere", "names no heading"),
        ("#Epsilon-(adding-two)", "names no heading"),
        ("00_start_here.ipynb#cell-id=00-other", "names no heading and no cell"),
        ("#cell-id=here", "names no heading"),  # which only another notebook's link finds
        ("#Idea-·-5-min", "beyond plain letters"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(root, target, finding):
    broken = notebook(f"## Idea · 5 min\n\n[a link]({target})")
    broken.cells[0].id = "here"
    path = root / "notebooks" / NAME
    (found,) = notebook_lint.broken_links(broken, path, root, start_page)
    assert found.startswith(f"cell 1: ({target})") and finding in found


@pytest.mark.parametrize(
    "target",
    [
        "02_kl.ipynb",
        "../exercises/02_kl.ipynb",
        f"../my-work/copy_{NAME}",
        "00_start_here.ipynb#cell-id=00-map-of-the-course-text",
        "#A-heading-with-code",
        "#Epsilon-(adding-one)",
        "#named",
        "https://doi.org/10.1002/j.1538-7305.1948.tb01338.x",
    ],
)
def test_a_link_that_leads_somewhere_passes(root, target):
    headings = "# A heading *with* `code`\n\n## Epsilon (adding one)\n\n"
    sound = notebook(f'{headings}<a id="named"></a> [a link]({target})')
    path = root / "notebooks" / NAME
    assert notebook_lint.broken_links(sound, path, root, start_page) == []


@pytest.mark.parametrize(
    "cell",
    [
        "<script src='https://cdn.jsdelivr.net/npm/x'></script>",
        code("import x  # https://unpkg.com/x"),
        code("1", v4.new_output("display_data", data={"text/html": "https://cdnjs.org/x"})),
    ],
)
def test_a_content_delivery_network_is_found(cell):
    assert len(notebook_lint.content_delivery_networks(notebook(cell))) == 1


@pytest.mark.parametrize(
    "cell",
    [
        "See /home/me/course.",
        code(r"open('C:\Users\me')"),
        code("1", v4.new_output("stream", name="stdout", text="in /srv/x/y\n")),
    ],
)
def test_a_path_of_one_machine_is_found(cell):
    assert len(notebook_lint.machine_paths(notebook(cell))) == 1


def test_other_slashes_pass():
    texts = notebook("https://example.org/home/x and ../home/x, and/or, 1/e, p/q")
    assert notebook_lint.machine_paths(texts) == []


# Exercises


def exercise(**changes):
    """An exercise notebook of one question, with some of its parts replaced."""
    parts = {
        "heading": "## E1 · kl · 8 min · difficulty 2/5\n\nPrepares for unit 03.",
        "starter": 'def kl(p, q):\n    """KL in nats."""\n    raise NotImplementedError()',
        "starter_id": "kl",
        "check": 'check("kl")',
        "check_id": "check_kl",
        "points": 2,
        "verbs": '# hint("kl")\n# solution("kl")',
    } | changes
    starter, check = code(parts["starter"]), code(parts["check"])
    starter.metadata.nbgrader = {"solution": True, "grade_id": parts["starter_id"]}
    check.metadata.nbgrader = {
        "grade": True,
        "grade_id": parts["check_id"],
        "points": parts["points"],
    }
    return notebook(
        f"# Exercises 01 · Surprise\n\n[← Lesson](../notebooks/{NAME})",
        parts["heading"],
        starter,
        check,
        code(parts["verbs"]),
    )


def test_a_sound_exercise_has_no_finding(root):
    assert notebook_lint.exercise_questions(exercise(), {"kl": 2}) == []
    assert lint(exercise(), root, "exercises") == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"heading": "## E1 · entropy · 8 min · difficulty 2/5\n\nPrepares for"}, "the heading"),
        ({"heading": "## E1 · kl · 8 min\n\nPrepares for"}, "the heading"),
        ({"heading": "## E1 · kl · 8 min · difficulty 2/5"}, "Prepares for"),
        ({"starter": "def kl(p, q):\n    raise NotImplementedError()"}, "with a docstring"),
        ({"starter": 'def k(p, q):\n    """KL."""'}, "must define kl"),
        ({"starter_id": "k"}, "klteach.practice has no question 'k'"),
        ({"starter_id": "k"}, "the question 'kl' is not asked"),
        ({"check": 'check("kl");'}, 'must be check("kl") alone'),
        ({"check_id": "check_k"}, 'grade_id must be "check_kl"'),
        ({"points": 3}, "3 points, not 2"),
        ({"verbs": 'hint("kl")'}, "commented hint and solution"),
    ],
)
def test_a_question_out_of_form_is_found(changes, finding):
    found = notebook_lint.exercise_questions(exercise(**changes), {"kl": 2})
    assert any(finding in sentence for sentence in found)


def test_a_question_that_ends_too_early_is_found():
    cut = exercise()
    del cut.cells[3:]
    found = notebook_lint.exercise_questions(cut, {"kl": 2})
    assert any("must be check" in sentence for sentence in found)
    assert "0 graded cells for 1 starter cells" in found


def test_the_title_of_an_exercise_names_its_kind_and_links_back(root):
    found = lint(exercise(), root, "solutions")
    assert found == ['the first cell must begin with "# Solutions 01 · Title"']
    broken = exercise()
    broken.cells[0].source = "# Exercises 01 · Surprise"
    (found,) = lint(broken, root, "exercises")
    assert "a link back to the lesson" in found


def test_a_question_that_points_to_no_section_is_found():
    wanted = {"kl": "The idea", "entropy": "The proof"}
    (found,) = notebook_lint.sections_of_questions(lesson(), wanted)
    assert "entropy sends the learner to the section 'The proof'" in found
