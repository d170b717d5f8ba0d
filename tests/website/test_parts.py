"""The parts of the builder, each by itself: links, words, Markdown, formulas, scripts."""

import doctest

import nbformat
import pytest

from website import page, plain_text, scripts
from website.collect import TO_RUN, widgets_of
from website.fonts import cut_fonts, letters_of
from website.formulas import WrongFormula, formula
from website.links import Links, UnknownLink
from website.markdown import Markdown
from website.words import OF_A_NOTEBOOK, for_the_site

PAGES = {("lessons", "02_kl"), ("lessons", "B_glossary"), ("exercises", "02_kl")}


@pytest.mark.parametrize("module", [page, plain_text])
def test_every_example_of_a_module_is_true(module):
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize(
    ("home", "url", "target"),
    [
        ("notebooks", "02_kl.ipynb", "02_kl.html"),
        ("notebooks", "02_kl.ipynb#cell-id=02-start-text", "02_kl.html#02-start-text"),
        ("notebooks", "../my-work/copy_02_kl.ipynb", "../exercises/02_kl.html"),
        ("notebooks", "#KL-divergence", "#KL-divergence"),
        ("notebooks", "https://doi.org/10.1/x", "https://doi.org/10.1/x"),
        (
            "exercises",
            "../notebooks/B_glossary.ipynb#cell-id=b-x",
            "../lessons/B_glossary.html#b-x",
        ),
        ("exercises", "02_kl.ipynb", "02_kl.html"),
        ("notebooks", "30_bug_museum.ipynb", None),
    ],
)
def test_a_link_of_a_notebook_leads_to_the_page(home, url, target):
    assert Links(home, PAGES, {"30_bug_museum"}).target(url) == target


@pytest.mark.parametrize("url", ["99_nothing.ipynb", "../README.md", "../tests/02_kl.ipynb"])
def test_a_link_to_nothing_stops_the_build(url):
    with pytest.raises(UnknownLink):
        Links("notebooks", PAGES, set()).target(url)


def test_words_that_fit_a_notebook_only_become_those_of_a_page():
    said = for_the_site(
        "[← 01 Surprise](01_x.ipynb) · [↑ Map](00_x.ipynb)\n\n**Exercises:** [your copy]"
        "(../my-work/copy_02_kl.ipynb), made from [the blank original](../exercises/02_kl.ipynb)."
    )
    assert said == "**Exercises:** [here](../exercises/02_kl.ipynb)."
    assert OF_A_NOTEBOOK.search("click it and press Shift+Enter")


def test_a_heading_has_the_id_by_which_jupyterlab_knows_it():
    html = Markdown(Links("notebooks", PAGES, set())).html("## Epsilon (adding *one*)\n\n## A < B")
    assert '<h2 id="Epsilon-(adding-one)">' in html and '<h2 id="A-&lt;-B">' in html


def test_a_term_of_the_glossary_is_marked_and_a_planned_unit_is_plain_words():
    markdown = Markdown(Links("notebooks", PAGES, {"30_bug_museum"}))
    html = markdown.html("[KL](B_glossary.ipynb#cell-id=b-kl-text), [30](30_bug_museum.ipynb)")
    assert html == '<p><a class="term" href="B_glossary.html#b-kl-text">KL</a>, 30</p>\n'


def test_a_formula_is_html_for_the_eye_and_mathml_for_the_ear():
    html = Markdown(Links("notebooks", PAGES, set())).html(
        r"So $p < q$ and $$\sum_x p(x) \log p(x)$$"
    )
    assert html.count("<math") == 2 and html.count('class="katex-html"') == 2
    assert "<script" not in html and "<div" not in html  # it stands in a paragraph


@pytest.mark.parametrize("tex", [r"\frac{1", r"\nosuchthing"])
def test_a_wrong_formula_stops_the_build_and_is_named(tex):
    with pytest.raises(WrongFormula) as problem:
        formula(tex, False)
    assert repr(tex) in str(problem.value)


def test_fonts_are_cut_down_to_the_letters_in_use():
    letters = letters_of(formula(r"\mathbb{E} + \sum_x p", False))
    assert {"E", "∑", "x", "p", "+"} <= letters and "=" not in letters
    fonts = cut_fonts(letters)
    assert fonts == cut_fonts(letters)
    assert sum(map(len, fonts.values())) < 60_000


def test_a_module_becomes_a_script_that_the_disk_can_load():
    code = "export function f() {}\nexport default { f };\n"
    assert scripts.classic(code, "x").splitlines()[2:4] == [
        "function f() {}",
        "klteach.renderers.x = { f };",
    ]


@pytest.mark.parametrize(
    "code",
    ["export function f() {}", "import x from 'y';\nexport default {};", "export { f };"],
)
def test_a_module_that_cannot_become_a_script_stops_the_build(code):
    with pytest.raises(scripts.NotClassic):
        scripts.classic(code, "x")


def test_of_a_notebook_imports_and_widgets_are_run_and_leave_no_name_behind(tmp_path):
    asks = nbformat.v4.new_output("display_data", {"text/html": f"<p>Which?</p>{TO_RUN}"})
    cells = [
        nbformat.v4.new_code_cell("from klteach.practice import predict\n1 / 0"),
        nbformat.v4.new_code_cell("import math\npredict('02-swap')", id="here", outputs=[asks]),
        nbformat.v4.new_code_cell("math.takes_a_minute()"),
    ]
    found = widgets_of(nbformat.v4.new_notebook(cells=cells), tmp_path)
    assert list(found) == ["here"] and found["here"].title == "Prediction 02-swap"
    assert "predict" not in vars(__import__("__main__"))
