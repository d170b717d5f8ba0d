"""Links lead to their place in another notebook: a term to the glossary, a lesson to the map, the
map to a lesson, a right answer to the section that it is from."""

import pytest
from playwright.sync_api import expect

from tests.units.known_answers import RIGHT

LESSON = "notebooks/02_cross_entropy_and_kl.ipynb"


@pytest.mark.parametrize("term", ["Cross-entropy", "Gibbs' inequality", "KL divergence"])
def test_a_term_opens_the_glossary_at_its_entry(notebook, term):
    # JupyterLab knows only roughly how tall cells are that it has not drawn, so it may stop up to a
    # screen above the entry; this page is two screens high
    notebook.page.set_viewport_size({"width": 1200, "height": 1800})
    notebook.open(LESSON)
    notebook.page.get_by_role("link", name=term, exact=True).click()
    notebook.wait_until_drawn("notebooks/B_glossary.ipynb")
    entry = notebook.page.get_by_role("heading", name=term).and_(
        notebook.page.get_by_role("heading", level=2)
    )
    expect(entry).to_be_in_viewport()
    notebook.page.set_viewport_size({"width": 1200, "height": 900})


def test_every_lesson_leads_back_to_the_map_and_the_map_to_every_lesson(notebook):
    notebook.open(LESSON)
    notebook.page.get_by_role("link", name="↑ Map of the course").first.click()
    notebook.wait_until_drawn("notebooks/00_start_here.ipynb")
    heading = notebook.page.get_by_role("heading", name="Map of the course")
    expect(heading.first).to_be_in_viewport()
    notebook.page.get_by_role("link", name="05 two directions").click()
    notebook.wait_until_drawn("notebooks/05_two_directions.ipynb")


def test_a_right_answer_opens_its_lesson_at_the_section_that_it_is_from(notebook):
    notebook.open("my-work/copy_02_cross_entropy_and_kl.ipynb")
    notebook.run_cell("import check")
    notebook.run_cell("def kl(", RIGHT["kl"].strip())
    notebook.run_cell('check("kl")').get_by_role("link", name="lesson 02, The idea").click()
    notebook.wait_until_drawn(LESSON)
    expect(notebook.page.get_by_role("heading", name="The idea")).to_be_in_viewport()
