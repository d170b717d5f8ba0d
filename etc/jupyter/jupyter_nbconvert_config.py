"""The course's settings for nbconvert: an HTML page keeps its explorers alive and loads no widgets.

`course.py lab` sets them for JupyterLab's export menu; on the command line:

    JUPYTER_CONFIG_PATH=etc/jupyter jupyter nbconvert --to html --execute notebooks/NN_slug.ipynb
"""

c = get_config()  # noqa: F821  (nbconvert provides it)

c.HTMLExporter.preprocessors = ["klteach.explorers.static_page.ExplorersInPage"]
# Nothing in the page needs these two, so it does not ask a content network for them. (MathJax it
# does ask for: without a network the formulas show as they are written.)
c.HTMLExporter.require_js_url = "data:text/javascript,"
c.HTMLExporter.jquery_url = "data:text/javascript,"
