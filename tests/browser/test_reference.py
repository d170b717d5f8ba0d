"""A term in a lesson leads to its entry in the glossary, in a real JupyterLab."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("term", ["Cross-entropy", "Gibbs' inequality", "KL divergence"])
def test_a_term_opens_the_glossary_at_its_entry(notebook, term):
    notebook.open("notebooks/02_cross_entropy_and_kl.ipynb")
    notebook.page.get_by_role("link", name=term, exact=True).click()
    entry = notebook.page.get_by_role("heading", name=term).and_(
        notebook.page.get_by_role("heading", level=2)
    )
    expect(entry).to_be_in_viewport()
