"""What axe-core says of the widgets on the page, and the contrast of the texts it cannot judge."""

from axe_playwright_python.base import AXE_SCRIPT

WIDGETS = ".klx, .klteach-quiz"
ABOUT_COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that depend on the theme
LEAST_CONTRAST = 4.5  # to 1, asks WCAG 2.2, 1.4.3

# Axe takes for hidden what is in a box without height, as JupyterLab's body is, and would then not
# judge a single colour. It leaves open what is behind a text where other boxes overlap, and the
# shapes of a picture do: there the nearest background counts.
RUN_AXE = """async ([widgets, rules]) => {
  const options = { resultTypes: ["violations", "passes", "incomplete"] };
  if (rules) options.runOnly = rules;
  document.body.style.height = "100vh";
  const found = await axe.run({ include: widgets.split(", ").map((each) => [each]) }, options);
  document.body.style.height = "";

  const serious = found.violations
    .filter((rule) => ["serious", "critical"].includes(rule.impact))
    .flatMap((rule) => rule.nodes.map((node) => [rule.id, node.html, node.failureSummary]));

  const byAxe = [...found.passes, ...found.violations].flatMap((rule) => rule.nodes
    .filter((node) => rule.id === "color-contrast" && node.any[0].data?.contrastRatio));
  const leftOpen = found.incomplete
    .flatMap((rule) => (rule.id === "color-contrast" ? rule.nodes : []));
  const element = (node) => document.querySelector(node.target[0]);

  const numbers = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = numbers(colour).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return (numbers(colour)[3] ?? 1) < 1 ? background(node.parentElement) : colour;
  };
  const contrast = (node) => {
    const style = getComputedStyle(node);
    const ink = luminance(node.closest("svg") ? style.fill : style.color);
    const paper = luminance(background(node));
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  };
  const byHand = leftOpen.map(element)
    .map((node) => [node.textContent, contrast(node)]);

  const judged = new Set([...byAxe, ...leftOpen].map((node) => element(node).closest(widgets)));
  const notJudged = [...document.querySelectorAll(widgets)]
    .filter((widget) => !judged.has(widget))
    .map((widget) => widget.getAttribute("aria-label"));
  return { serious, byHand, notJudged, passed: found.passes.length };
}"""


def nothing_serious(notebook, rules=None):
    """Look at every widget of the notebook, its table open, by all rules or by these."""
    page = notebook.page
    page.locator(".klx details").evaluate_all(
        "(tables) => { for (const table of tables) table.open = true; }"
    )
    if page.evaluate("() => typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    with notebook.on_screen_at_once(WIDGETS):
        found = page.evaluate(RUN_AXE, [WIDGETS, rules])
    assert found["serious"] == []
    assert found["notJudged"] == []  # a widget of which not one colour was looked at
    assert found["passed"] >= (10 if rules is None else 1)
    too_faint = [
        (text, contrast) for text, contrast in found["byHand"] if contrast < LEAST_CONTRAST
    ]
    assert too_faint == []
