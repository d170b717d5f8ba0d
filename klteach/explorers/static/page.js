// An explorer's parts on the page: picture, words, tasks, table.

const COPIED_FOR = 2000; // ms for which "Copied." shows

function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function makeSvg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function buildView(el, spec) {
  // no counter: every widget may load a copy of this module of its own
  const prefix = `klx-${Math.random().toString(36).slice(2)}-`;
  const picture = make("div", { className: "klx-picture" });
  picture.innerHTML = spec.svg
    .replaceAll(/ id="/g, ` id="${prefix}`)
    .replaceAll(/url\(#/g, `url(#${prefix}`)
    .replaceAll(/href="#/g, `href="#${prefix}`);
  const svg = picture.firstElementChild;
  // the drawing is read through its label; only the handles are things of their own
  const drawing = makeSvg("g", { "aria-hidden": "true" }, ...svg.childNodes);
  const handles = makeSvg("g");
  svg.append(drawing, handles);
  svg.setAttribute("role", "group");

  const view = {
    svg,
    size: svg.getAttribute("viewBox").split(" ").map(Number).slice(2),
    handles: spec.layout.panels.map(() => handles.appendChild(makeSvg("g"))),
    part: (id) => svg.querySelector(`[id="${prefix}${id}"]`),
    description: `${spec.title}. ${spec.description}`,
    sentence: make("p", { className: "klx-sentence" }),
    announcement: make("p", { className: "klx-offscreen", "aria-live": "polite" }),
    error: make("p", { className: "klx-error", role: "alert", hidden: true }),
    status: make("p", { className: "klx-status", role: "status" }),
    readouts: spec.words.readouts.map(() => make("span")),
    invariants: spec.words.invariants.map(() => make("span")),
    cells: [],
    tasks: spec.words.tasks.map((task) => make("li", { textContent: task })),
    progress: make("span", { role: "status" }),
    controls: make("div", { className: "klx-controls" }),
  };
  const list = (labels, values, className) =>
    make(
      "dl",
      { className },
      ...labels.map((label, i) => make("div", {}, make("dt", { textContent: label }), make("dd", { className: "klx-room" }, values[i]))),
    );
  const words = make(
    "div",
    { className: "klx-words" },
    view.error,
    make("div", { className: "klx-sentences klx-room" }, view.sentence),
    list(spec.words.readouts, view.readouts, "klx-readouts"),
    list(spec.words.invariants, view.invariants, "klx-invariants"),
    ...buildTasks(view),
  );
  const hands = make(
    "div",
    { className: "klx-hands" },
    view.controls,
    make("div", { className: "klx-foot" }, ...buildFoot(view, spec)),
  );
  view.body = make("div", { className: "klx-body" }, picture, words, hands);
  view.root = make(
    "figure",
    { className: "klx", role: "group", "aria-label": `Explorer: ${spec.title}` },
    make("div", { className: "klx-head" }, make("figcaption", { textContent: spec.title }), view.status),
    view.body,
    view.announcement,
  );
  view.root.addEventListener("keydown", keepPlainKeys);
  el.append(view.root);
  // the painter alone says where these stand
  const moving = spec.layout.texts.map((id) => view.part(id).querySelector("text"));
  moving.forEach((text) => text.removeAttribute("transform"));
  // a formula is set in pieces and moves as a whole; it does not grow
  const whole = (node) => (node.querySelector("tspan") ? node.parentElement : node);
  view.upright = spec.layout.panels.flatMap(({ id }, panel) =>
    [...view.part(id).querySelectorAll("text, use")].map(whole).map((node) => ({
      node,
      panel,
      own: node.getAttribute("transform") ?? "",
      size: parseFloat(node.style.fontSize), // as drawn: the element may not be on the page yet
    })),
  );
  view.moving = view.upright.filter(({ node }) => moving.includes(node));
  Object.assign(view, asDrawn(spec.layout.panels, view.size));
  return view;
}

function buildTasks(view) {
  if (!view.tasks.length) return [];
  const title = make("p", {}, make("strong", { textContent: "Try this" }), " ", view.progress);
  return [make("div", { className: "klx-tasks" }, title, make("ul", {}, ...view.tasks))];
}

/** Tick the tasks that have been done. The count is read out; the ticks are for the eye as well. */
function showReached(view, reached) {
  view.tasks.forEach((task, index) => task.classList.toggle("klx-done", reached.includes(index)));
  setText(view.progress, reached.length ? `${reached.length} of ${view.tasks.length} done` : "");
}

function buildFoot(view, spec) {
  const said = make("span", { role: "status" });
  const copy = make("button", {
    type: "button",
    textContent: "Copy as text",
    onclick: async () => {
      const done = await copyText(asText(view, spec));
      said.textContent = done ? "Copied." : "The browser did not allow copying.";
      setTimeout(() => (said.textContent = ""), COPIED_FOR);
    },
  });
  const copying = make("span", {}, copy, " ", said);
  return spec.words.rows.length ? [buildTable(view, spec), copying] : [copying];
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or a page that is not served securely
  }
}

/** What the picture says, for a note or a mail. */
function asText(view, spec) {
  const pairs = (labels, nodes) => labels.map((label, i) => `${label}: ${nodes[i].textContent}`);
  const width = spec.words.columns.length;
  const rows = spec.words.rows.map((row, i) =>
    [row, ...view.cells.slice(i * width, (i + 1) * width).map((cell) => cell.textContent)],
  );
  return [
    spec.title,
    view.sentence.textContent,
    ...pairs(spec.words.readouts, view.readouts),
    ...pairs(spec.words.invariants, view.invariants),
    ...(rows.length ? [["", ...spec.words.columns], ...rows].map((row) => row.join("\t")) : []),
  ].join("\n");
}

function buildTable(view, spec) {
  const head = (text, scope) => make("th", { textContent: text, scope });
  const body = spec.words.rows.map((row) => {
    const cells = spec.words.columns.map(() => make("td"));
    view.cells.push(...cells);
    return make("tr", {}, head(row, "row"), ...cells);
  });
  const columns = spec.words.columns.map((column) => head(column, "col"));
  const table = make(
    "table",
    {},
    make("thead", {}, make("tr", {}, make("td"), ...columns)),
    make("tbody", {}, ...body),
  );
  // it scrolls where it is wider than the explorer, by the keys as well
  const scroller = make("div", { className: "klx-table", tabIndex: 0 }, table);
  return make("details", {}, make("summary", { textContent: "Show as table" }), scroller);
}

function showStatus(view, text) {
  view.status.textContent = text;
  view.root.classList.toggle("klx-stale", text !== "");
}

function showError(view, text) {
  view.error.textContent = text && `This picture could not be computed. ${text}`;
  view.error.hidden = !text;
  view.root.classList.toggle("klx-stale", Boolean(text));
}
