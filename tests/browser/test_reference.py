"""Links lead to their place in another notebook: a term to the glossary, a lesson to the map, the
map to a lesson, a right answer to the section that it is from."""

from playwright.sync_api import expect

from tests.units.known_answers import RIGHT

LESSON = "notebooks/02_cross_entropy_and_kl.ipynb"
GLOSSARY = "notebooks/B_glossary.ipynb"


def already_open(notebook, path):
    """While JupyterLab opens a notebook on a busy machine it may forget to go to the place that the
    link names (one of six links tried); the second click finds it, and is what is tested.
    """
    notebook.command("docmanager:open", path=path)
    notebook.wait_until_drawn(path)


def test_a_term_leads_to_its_entry_in_the_glossary(notebook):
    # JupyterLab knows only roughly how tall cells are that it has not drawn, so it may stop up to a
    # screen above the entry; this page is two screens high
    notebook.page.set_viewport_size({"width": 1200, "height": 1800})
    notebook.open(LESSON)
    already_open(notebook, GLOSSARY)
    for term in ("Cross-entropy", "Gibbs' inequality", "KL divergence"):
        notebook.command("docmanager:open", path=LESSON)
        notebook.page.get_by_role("link", name=term, exact=True).click()
        notebook.wait_until_drawn(GLOSSARY)
        entry = notebook.page.get_by_role("heading", name=term).and_(
            notebook.page.get_by_role("heading", level=2)
        )
        expect(entry).to_be_in_viewport()
    notebook.page.set_viewport_size({"width": 1200, "height": 900})


def test_every_lesson_leads_back_to_the_map_and_the_map_to_every_lesson(notebook):
    notebook.open(LESSON)
    already_open(notebook, "notebooks/00_start_here.ipynb")
    notebook.command("docmanager:open", path=LESSON)
    notebook.page.get_by_role("link", name="↑ Map of the course").first.click()
    notebook.wait_until_drawn("notebooks/00_start_here.ipynb")
    heading = notebook.page.get_by_role("heading", name="Map of the course")
    expect(heading.first).to_be_in_viewport()
    notebook.page.get_by_role("link", name="05 two directions").click()
    notebook.wait_until_drawn("notebooks/05_two_directions.ipynb")


def test_a_right_answer_leads_into_its_lesson_at_the_section_that_it_is_from(notebook):
    exercises = "my-work/copy_02_cross_entropy_and_kl.ipynb"
    notebook.open(exercises)
    already_open(notebook, LESSON)
    notebook.command("docmanager:open", path=exercises)
    notebook.run_cell("import check")
    notebook.run_cell("def kl(", RIGHT["kl"].strip())
    notebook.run_cell('check("kl")').get_by_role("link", name="lesson 02, The idea").click()
    notebook.wait_until_drawn(LESSON)
    expect(notebook.page.get_by_role("heading", name="The idea")).to_be_in_viewport()
