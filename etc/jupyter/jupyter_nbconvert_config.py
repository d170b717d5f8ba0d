"""The course's settings for nbconvert: an HTML page keeps its explorers alive and loads no widgets.

The settings of the server take them in, for the export menu of JupyterLab: a notebook as it was
saved, with the pictures of its explorers. On the command line, with the explorers themselves:

    JUPYTER_CONFIG_PATH=etc/jupyter jupyter nbconvert --to html --execute notebooks/NN_slug.ipynb
"""

c = get_config()  # noqa: F821  (nbconvert provides it)

c.HTMLExporter.preprocessors = ["klteach.explorers.static_page.ExplorersInPage"]
# Nothing in the page needs these two, so it does not ask a content network for them. (MathJax it
# does ask for: without a network the formulas show as they are written.)
c.HTMLExporter.require_js_url = "data:text/javascript,"
c.HTMLExporter.jquery_url = "data:text/javascript,"
