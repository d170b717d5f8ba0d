"""A notebook as a web page whose precomputed explorers move, with no kernel and no network.

`jupyter nbconvert --to html --execute` stores the state of the widgets in the notebook. This
preprocessor puts the explorers that need no kernel into the page itself, together with the module
that shows them. All other widgets show what they are without a browser: a picture or a text.
"""

import base64
import json
from html import escape

from nbconvert.preprocessors import Preprocessor

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
EXPLORER = "klteach.explorers.explorer.Explorer"

PAGE = """
<div id="{id}"></div>
<style>{css}</style>
<script type="module">
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const state = {state};
const first = bytes(state.first), grid = bytes(state.grid);
const values = {{ spec: state.spec, first, grid, state: {{}}, reached: [] }};
const model = Object.assign(new EventTarget(), {{
  get: (name) => values[name],
  set(name, value) {{
    values[name] = value;
    model.dispatchEvent(new Event(`change:${{name}}`));
  }},
  on: EventTarget.prototype.addEventListener,
  off: EventTarget.prototype.removeEventListener,
  send() {{}},
}});
const code = new Blob([state.code], {{ type: "text/javascript" }});
const {{ default: explorer }} = await import(URL.createObjectURL(code));
explorer.render({{ model, el: document.getElementById("{id}") }});
</script>
"""


class ExplorersInPage(Preprocessor):
    """For nbconvert's HTML: explorers with a grid become part of the page."""

    def preprocess(self, notebook, resources):
        widgets = notebook.metadata.pop("widgets", {}).get(
            "application/vnd.jupyter.widget-state+json", {}
        )
        models = widgets.get("state", {})
        for cell in notebook.cells:
            for output in cell.get("outputs", ()):
                view = output.get("data", {}).pop(WIDGET_VIEW, None)
                page = _page(view["model_id"], models) if view else None
                page = page or _image(output)
                if page:
                    output["data"]["text/html"] = page
        return notebook, resources


def _image(output):
    """A picture with its text alternative, which nbconvert's own template would leave out."""
    metadata = output.get("metadata", {}).get("image/png", {})
    if "alt" not in metadata:
        return None
    return (
        f'<img alt="{escape(metadata["alt"])}" width="{metadata["width"]}" '
        f'src="data:image/png;base64,{output["data"]["image/png"]}">'
    )


def _page(model_id, models):
    """A stored model's explorer as HTML; None for another widget or one that needs a kernel."""
    model = models.get(model_id, {})
    state = model.get("state", {})
    if state.get("_anywidget_id") != EXPLORER:
        return None
    buffers = {"/".join(buffer["path"]): buffer["data"] for buffer in model.get("buffers", ())}
    if not base64.b64decode(buffers.get("grid", "")):
        return None
    needed = {
        "spec": state["spec"],
        "first": buffers["first"],
        "grid": buffers["grid"],
        "code": state["code"],
    }
    # "</" would end the script element in the middle of the text
    text = json.dumps(needed, ensure_ascii=False).replace("</", "<\\/")
    return PAGE.format(id=f"explorer-{model_id}", css=state["_css"], state=text)
