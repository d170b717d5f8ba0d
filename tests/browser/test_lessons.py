"""A learner goes through a lesson and its exercises, in a real JupyterLab."""

import pytest
from playwright.sync_api import expect

FEEDBACK = "[role=status]"


@pytest.mark.parametrize(
    ("path", "explorer"),
    [
        ("notebooks/00_start_here.ipynb", "Reach one half"),
        ("notebooks/01_surprise_entropy_bits.ipynb", "Surprise areas"),
        ("notebooks/02_cross_entropy_and_kl.ipynb", "The price of the wrong code"),
    ],
)
def test_a_lesson_runs_from_top_to_bottom(notebook, path, explorer):
    notebook.open(path)
    notebook.run_all()
    assert notebook.failed_cells() == 0
    expect(notebook.explorer(explorer).locator("svg")).to_be_visible()


def test_a_prediction_is_committed_and_then_revealed(notebook):
    notebook.open("notebooks/01_surprise_entropy_bits.ipynb")
    notebook.run_cell("warm_up(")
    output = notebook.run_cell('predict("01-peak")')
    expect(output).not_to_contain_text("0.368")
    output.get_by_role("spinbutton").fill("0.5")
    output.get_by_role("slider").press("End")
    output.get_by_role("button", name="Commit").click()
    expect(output).to_contain_text("0.368")

    # run again: what was committed stands, and the reveal with it
    again = notebook.run_cell('predict("01-peak")')
    expect(again).to_contain_text("0.368")
    expect(again.get_by_role("spinbutton")).to_have_value("0.5")


def test_an_exercise_is_done_wrongly_and_then_rightly(notebook):
    notebook.open("my-work/02_cross_entropy_and_kl.ipynb")
    notebook.run_cell("from klteach.practice import")

    notebook.run_cell("def kl(p, q)")
    output = notebook.run_cell('check("kl")')
    expect(output.locator(FEEDBACK)).to_contain_text("Not attempted")

    swapped = "def kl(p, q):\n    return np.sum(q * np.log(q / p))"
    notebook.run_cell("def kl(p, q)", swapped)
    output = notebook.run_cell('check("kl")')
    expect(output.locator(FEEDBACK)).to_contain_text("0·log 0")

    swapped = (
        "def kl(p, q):\n"
        "    p, q = np.asarray(p), np.asarray(q)\n"
        "    terms = np.zeros(len(q))\n"
        "    with np.errstate(divide='ignore'):\n"
        "        terms[q > 0] = q[q > 0] * np.log(q[q > 0] / p[q > 0])\n"
        "    return terms.sum()"
    )
    notebook.run_cell("def kl(p, q)", swapped)
    output = notebook.run_cell('check("kl")')
    expect(output.locator(FEEDBACK)).to_contain_text("swapped")
    expect(output.locator(FEEDBACK)).to_contain_text("0 of 2 points")

    right = swapped.replace("len(q)", "len(p)").replace(
        "terms[q > 0] = q[q > 0] * np.log(q[q > 0] / p[q > 0])",
        "terms[p > 0] = p[p > 0] * np.log(p[p > 0] / q[p > 0])",
    )
    notebook.run_cell("def kl(p, q)", right)
    output = notebook.run_cell('check("kl")')
    expect(output.locator(FEEDBACK)).to_contain_text("Correct")
    expect(output.locator(FEEDBACK)).to_contain_text("2 of 2 points")
