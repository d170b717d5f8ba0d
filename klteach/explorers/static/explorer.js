// Shows an explorer: Python draws the picture and computes every number and every word;
// this module moves paths and text in the picture, and turns hands and keys into states.
// `readNumber` and `keepPlainKeys` come from klteach/static, which stands before this text.

const PAGE = 10; // steps per PageUp / PageDown
const REST = 500; // ms before a screen reader hears the new sentence, and a task counts as done
const WAIT_BEFORE_SAYING_SO = 1000; // ms without an answer before the learner is told
const WAITING =
  "No answer from the kernel yet: the numbers are those of before. If it was stopped or restarted, " +
  "run this cell again.";
const TARGET = 24; // CSS px: what a finger can hit
const POINTS = 72 / 96; // units of a picture in a CSS px
const LEAST_SCALE = 0.68; // of a picture's own size: below, its words would not fit any more
const READABLE_SCALE = 0.82; // at which they need not grow to be legible
const BESIDE = 300; // CSS px that the words need beside the picture
const GAP = 24; // CSS px between the two
const LEGIBLE = 11; // CSS px of the smallest word in a picture
const APART = 2; // CSS px between two numbers below an axis
const BETWEEN = 8; // points between panels that flow
const TIE = 9; // picture units² for a step across a control: of shapes in one place the nearest state wins
const COPIED_FOR = 2000; // ms for which "Copied." shows
const GIVE_UP_AFTER = 5000; // ms of silence after which lost requests no longer block the next
const IN_FLIGHT = 2; // requests: one on the way while the other is computed

export default { render };

export function render({ model, el }) {
  const spec = model.get("spec");
  const view = buildView(el, spec);
  const reach = (tasks) => {
    const reached = [...new Set([...model.get("reached"), ...tasks])].sort((a, b) => a - b);
    if (reached.length > model.get("reached").length) model.set("reached", reached);
  };
  const painter = makePainter(view, spec.layout, reach, (numbers) => hands.follow(numbers));
  const showTasks = () => showReached(view, model.get("reached"));
  const source = model.get("grid").byteLength
    ? gridSource(model.get("grid"), spec.controls, (texts) => {
        painter.keepRoom(texts);
        placeControls(view);
      })
    : kernelSource(model, view);
  const start = Object.fromEntries(spec.controls.map((control) => [control.name, control.value]));
  // The state belongs to the widget and not to this view of it: a second view, a cell that is
  // moved, and one that comes back after it was deleted show the same.
  const state = () => ({ ...start, ...model.get("state") });
  const show = () => {
    hands.show(state()); // the handle itself never waits
    view.root.classList.toggle("klx-moved", JSON.stringify(state()) !== JSON.stringify(start));
    source.request(state(), painter.paint, (text) => showError(view, text));
  };
  const move = (change) => model.set("state", { ...state(), ...change });
  const hands = makeHands(view, spec, start, move, (names) => source.around(state(), names));
  model.on("change:state", show);
  model.on("change:reached", showTasks);
  const watcher = new ResizeObserver(() => {
    if (!view.body.clientWidth) return; // hidden, as on paper
    arrange(view, spec.layout.panels);
    hands.fit();
  });
  watcher.observe(view.body);

  hands.show(start);
  painter.paint(new Float32Array(bytes(model.get("first"))), spec.strings);
  painter.leaveGhosts();
  hands.leaveGhosts();
  showTasks();
  if (Object.keys(model.get("state")).length) show();
  return () => {
    watcher.disconnect();
    model.off("change:state", show);
    model.off("change:reached", showTasks);
    source.close();
    view.root.remove(); // the page may keep the old output for long; its pictures need not stay
  };
}

// -- where pictures come from -----------------------------------------------------------------

/** All states are here: an answer comes at once, with no kernel. */
function gridSource(packed, controls, ready) {
  let grid = null;
  let waiting = null;
  const answer = (state, paint, fail) => {
    const row = grid.rows.get(stateKey(state, controls));
    if (row === undefined) fail(`No picture for ${JSON.stringify(state)}.`);
    else paint(grid.numbers(row), grid.strings(row));
  };
  unpack(packed).then((unpacked) => {
    grid = unpacked;
    ready(grid.distinct);
    if (waiting) answer(...waiting);
  });
  return {
    request(...args) {
      if (grid) answer(...args);
      else waiting = args;
    },
    /** [{change, numbers}]: every state that differs in the controls of these names only. */
    around(state, names) {
      if (!grid) return [];
      let changes = [{}];
      for (const { name, min, step, max, options } of controls) {
        if (!names.includes(name)) continue;
        const count = options ? options.length : Math.round((max - min) / step) + 1;
        const values = Array.from({ length: count }, (_, i) => (options ? i : min + i * step));
        changes = changes.flatMap((change) => values.map((value) => ({ ...change, [name]: value })));
      }
      return changes.map((change) => ({
        change,
        numbers: grid.numbers(grid.rows.get(stateKey({ ...state, ...change }, controls))),
      }));
    },
    close() {},
  };
}

/** The kernel computes: few requests in flight, then the latest state; an old answer is dropped. */
function kernelSource(model, view) {
  const flying = new Map(); // id -> {paint, fail}
  let next = null;
  let id = 0;
  let newest = 0; // the latest id that was answered
  let heard = performance.now();
  let timer = null;

  const watch = () => {
    clearTimeout(timer);
    if (flying.size) timer = setTimeout(() => showStatus(view, WAITING), WAIT_BEFORE_SAYING_SO);
    else showStatus(view, "");
  };
  const send = ([state, paint, fail]) => {
    id += 1;
    if (!flying.size) heard = performance.now();
    flying.set(id, { paint, fail });
    if (flying.size === 1) watch();
    try {
      model.send({ type: "state", id, state });
    } catch {
      flying.clear(); // there is no kernel to send to: the timer says so, the next move tries again
    }
  };
  const receive = (content, buffers) => {
    const request = flying.get(content.id);
    if (!request) return;
    flying.delete(content.id);
    heard = performance.now();
    watch();
    if (content.id > newest) {
      newest = content.id;
      if (content.type === "error") request.fail(content.text);
      else request.paint(new Float32Array(bytes(buffers[0])), content.strings);
    }
    if (next) {
      const waiting = next;
      next = null;
      send(waiting);
    }
  };
  model.on("msg:custom", receive);
  return {
    request(...args) {
      if (performance.now() - heard > GIVE_UP_AFTER) flying.clear();
      if (flying.size < IN_FLIGHT) send(args);
      else next = args;
    },
    close() {
      clearTimeout(timer);
      model.off("msg:custom", receive);
    },
  };
}

function bytes(view) {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

/** The grid that klteach/explorers/grid.py packed. */
export async function unpack(packed) {
  const stream = new Blob([bytes(packed)]).stream();
  const plain = await new Response(
    stream.pipeThrough(new DecompressionStream("deflate")),
  ).arrayBuffer();
  const align = (offset) => Math.ceil(offset / 4) * 4;
  const headerLength = new DataView(plain).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(plain, 4, headerLength)));
  const { states, parts, columns, columnOf, strings } = header;
  let offset = align(4 + headerLength);
  const keys = new Uint16Array(plain, offset, states * parts);
  offset = align(offset + keys.byteLength);
  const numbers = new Float32Array(plain, offset, states * columns);
  offset = align(offset + numbers.byteLength);
  const indices = new Uint16Array(plain, offset, states * strings.length);

  const rows = new Map();
  for (let row = 0; row < states; row++) {
    rows.set(keys.subarray(row * parts, (row + 1) * parts).join(), row);
  }
  return {
    rows,
    distinct: strings,
    numbers: (row) => Float32Array.from(columnOf, (column) => numbers[column * states + row]),
    strings: (row) => strings.map((distinct, place) => distinct[indices[place * states + row]]),
  };
}

/** The same whole numbers as `key` of the controls in Python. */
export function stateKey(state, controls) {
  return controls
    .flatMap((control) => {
      const raw = state[control.name];
      return control.kind === "slider" ? Math.round((raw - control.min) / control.step) : raw;
    })
    .join();
}

// -- moving a distribution --------------------------------------------------------------------

/**
 * Set share `index` to `target` and share the rest among the others in the proportions of
 * `anchor`, in whole numbers (largest remainders), none below `minimum`.
 */
export function rescale(anchor, index, target, total, minimum) {
  const others = anchor.length - 1;
  const chosen = Math.min(Math.max(Math.round(target), minimum), total - minimum * others);
  const free = total - chosen - minimum * others;
  let weights = anchor.map((share, i) => (i === index ? 0 : share - minimum));
  let sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) {
    weights = anchor.map((_, i) => (i === index ? 0 : 1));
    sum = others;
  }
  const shares = weights.map((weight) => minimum + Math.floor((free * weight) / sum));
  shares[index] = chosen;
  let left = total - shares.reduce((a, b) => a + b, 0);
  const byRemainder = weights
    .map((weight, i) => [(free * weight) % sum, i]) // whole numbers, so that a tie is a tie
    .filter(([, i]) => i !== index)
    .sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (const [, i] of byRemainder) {
    if (left === 0) break;
    shares[i] += 1;
    left -= 1;
  }
  return shares;
}

// -- the page ---------------------------------------------------------------------------------

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

/**
 * Where there is width, the words stand beside the picture, and the controls below the picture or
 * below the words, whichever needs less height: all in view with what they move.
 * Where there is little, the panels flow into rows like words, and their words stay legible.
 */
function arrange(view, panels) {
  const natural = view.size[0] / POINTS;
  const width = view.body.clientWidth;
  const beside = width - BESIDE - GAP >= LEAST_SCALE * natural;
  const left = Math.min(natural, width - BESIDE - GAP);
  view.body.style.gridTemplateColumns = beside ? `${left}px minmax(0, 1fr)` : "";
  view.root.classList.toggle("klx-beside", beside);
  const flowing = width < LEAST_SCALE * natural;
  const { places, across, down } = flowing ? flow(panels, width * POINTS) : asDrawn(panels, view.size);
  Object.assign(view, { places, across });
  panels.forEach(({ id }, index) => {
    const { squeeze, x, y } = places[index];
    const transform = flowing ? `matrix(${squeeze} 0 0 1 ${x} ${y})` : "";
    view.part(id).setAttribute("transform", transform);
    view.handles[index].setAttribute("transform", transform);
  });
  view.root.classList.toggle("klx-flowing", flowing);
  view.svg.setAttribute("viewBox", `0 0 ${across} ${down}`);
  view.svg.style.maxWidth = `${across / POINTS}px`;
  if (width !== view.width) placeControls(view);
  view.width = width;
  const scale = view.svg.getScreenCTM()?.a;
  if (!scale) return; // not on the page
  for (const { node, size } of view.upright) {
    if (size) node.style.fontSize = `${Math.max(size, LEGIBLE / scale)}px`;
  }
  view.upright.forEach((each) => stand(view, each));
  thinOut(view.svg);
}

function placeControls({ root, body }) {
  if (!root.classList.contains("klx-beside")) return;
  const heightWith = (aside) => {
    root.classList.toggle("klx-aside", aside);
    return body.offsetHeight;
  };
  root.classList.toggle("klx-aside", heightWith(true) < heightWith(false));
}

function asDrawn(panels, [across, down]) {
  return { places: panels.map(({ axes }) => ({ squeeze: 1, axes, x: 0, y: 0 })), across, down };
}

/**
 * Where panels go that fill rows of a width in points, and the size of it all. A panel that is too
 * wide is squeezed: what is in its axes becomes narrower, what stands beside them keeps its room.
 */
function flow(panels, width) {
  const room = width / READABLE_SCALE;
  let [x, y, row, across] = [0, 0, 0, 0];
  const places = panels.map(({ box: [left, top, wide, height], axes }) => {
    const narrower = Math.min(wide, room);
    if (x && x + narrower > room) [x, y, row] = [0, y + row + BETWEEN, 0];
    const squeeze = 1 - (wide - narrower) / (axes[1] - axes[0]);
    const place = { squeeze, axes, x: x + axes[0] * (1 - squeeze) - left, y: y - top };
    [x, row] = [x + narrower + 2 * BETWEEN, Math.max(row, height)];
    across = Math.max(across, x - 2 * BETWEEN);
    return place;
  });
  return { places, across, down: y + row };
}

/** Words and marks keep their shape in a squeezed panel, and words end where the picture ends. */
function stand({ places, across }, { node, panel, own, size }) {
  const { squeeze, axes, x } = places[panel];
  const anchor = Number(node.getAttribute("x") ?? own.match(/[-\d.]+/)[0]);
  const nearest = Math.min(Math.max(anchor, axes[0]), axes[1]);
  let at = squeeze * nearest + x + anchor - nearest;
  const rising = own.includes("rotate(-90");
  if (node.tagName === "text" && !rising) at += wayInside(node, at, across);
  const moved = at - x === anchor && squeeze === 1 ? "" : `translate(${(at - x - anchor) / squeeze} 0) `;
  const upright = squeeze === 1 ? "" : `scale(${1 / squeeze} 1) `;
  // a name that rises to an axis ends there, however large it is
  const longer = rising && own.startsWith("translate") && 1 - size / parseFloat(node.style.fontSize);
  const lowered = longer ? ` translate(${-longer * node.getComputedTextLength()} 0)` : "";
  const transform = moved + upright + own + lowered;
  if (node.getAttribute("transform") !== transform) node.setAttribute("transform", transform);
}

/** How far a text that begins in the picture must move for all of it to be there. */
function wayInside(text, at, across) {
  const most = text.textContent.length * parseFloat(text.style.fontSize); // if all letters were wide
  if (at < 0 || at > across || (at > most && at + most < across)) return 0;
  const length = text.getComputedTextLength();
  const before = length * { middle: 0.5, end: 1 }[text.style.textAnchor] || 0;
  return Math.max(Math.min(0, across - at + before - length), before - at);
}

/** Below an axis, leave out every other number, or more, until none runs into the next. */
function thinOut(svg) {
  for (const axis of svg.querySelectorAll('[id*="matplotlib.axis"]')) {
    const labels = [...axis.querySelectorAll('g[id*="xtick_"]')]
      .map((tick) => [...tick.querySelectorAll("text")]) // one for each line of the label
      .filter((lines) => lines.length);
    const boxes = labels.map((lines) => lines.map((line) => line.getBoundingClientRect()));
    const left = boxes.map((lines) => Math.min(...lines.map((box) => box.left)));
    const right = boxes.map((lines) => Math.max(...lines.map((box) => box.right)));
    const clear = (step) =>
      left.every((edge, i) => i < step || i % step || right[i - step] + APART <= edge);
    const step = [1, 2, 3, 4].find(clear) ?? labels.length;
    labels.forEach((lines, i) =>
      lines.forEach(({ style }) => (style.visibility = i % step ? "hidden" : "")),
    );
  }
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

// -- painting ---------------------------------------------------------------------------------

function makePainter(view, layout, reach, follow) {
  const paths = layout.shapes.map((shape) => ({
    ...shape,
    path: view.part(shape.id).querySelector("path"),
  }));
  const texts = layout.texts.map((id) => view.part(id).querySelector("text"));
  const words = [...view.readouts, ...view.invariants];
  let announcing = null;
  let resting = null;

  const paint = (numbers, strings) => {
    let at = 0;
    for (const { path, vertices, closed } of paths) {
      let d = "M";
      for (const end = at + 2 * vertices; at < end; at += 2) {
        d += `${numbers[at].toFixed(2)} ${numbers[at + 1].toFixed(2)} `;
      }
      path.setAttribute("d", closed ? `${d}Z` : d);
    }
    follow(numbers);
    let word = 0;
    for (const text of texts) {
      text.setAttribute("x", numbers[at++]);
      text.setAttribute("y", numbers[at++]);
      setText(text, strings[word++]);
    }
    view.moving.forEach((each) => stand(view, each));
    for (const node of words) {
      keepRoomOf(node, strings[word]);
      setText(node, strings[word++]);
    }
    for (const node of view.invariants) {
      node.closest("div").classList.toggle("klx-fails", node.textContent.startsWith("FAILS"));
    }
    const sentence = strings[word++];
    for (const cell of view.cells) setText(cell, strings[word++]);
    const reached = view.tasks.flatMap((_, index) => (strings[word++] ? [index] : []));
    // what is only passed on the way has not been found
    clearTimeout(resting);
    if (reached.length) resting = setTimeout(() => reach(reached), REST);
    say(sentence);
    showError(view, "");
  };

  const say = (sentence) => {
    if (sentence === view.sentence.textContent) return;
    setText(view.sentence, sentence);
    keepRoomOf(view.sentence, sentence);
    view.svg.setAttribute("aria-label", `${view.description} ${sentence}`);
    clearTimeout(announcing);
    announcing = setTimeout(() => setText(view.announcement, sentence), REST);
  };
  /** Room for the longest text of each place, from all texts that stand there in some state. */
  const keepRoom = (all) => {
    const columns = all.slice(texts.length);
    const longer = (one, other) => (other.length > one.length ? other : one);
    [...words, view.sentence].forEach((node, place) =>
      keepRoomOf(node, columns[place].reduce(longer)),
    );
  };
  /** What moves and is to leave one keeps an outline at the place of the start. */
  const leaveGhosts = () => {
    for (const { path, ghost } of paths) if (ghost) path.before(makeGhost(path));
  };
  return { paint, leaveGhosts, keepRoom };
}

function makeGhost(shape) {
  const ghost = shape.cloneNode();
  for (const name of ["id", "style"]) ghost.removeAttribute(name);
  ghost.setAttribute("class", "klx-ghost");
  return ghost;
}

/** Nothing below a text jumps when a shorter or a longer one takes its place. */
function keepRoomOf(node, text) {
  const { dataset } = node.parentElement;
  if (text.length > (dataset.longest ?? "").length) dataset.longest = text;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// -- hands and keys ---------------------------------------------------------------------------

/** Handles in the picture and boxes below it; `move` receives {control name: raw value}. */
function makeHands(view, spec, start, move, around) {
  const showers = [];
  const fitters = [];
  const ghosts = [];
  const setters = {};
  const ways = spec.layout.handles.flatMap(({ x, y }) => [x, y]);
  const inPicture = new Set(ways.map((way) => way?.control));
  for (const control of spec.controls) {
    const maker = { slider: sliderBoxes, simplex: simplexBoxes, choice: choiceBoxes }[control.kind];
    const { nodes, set, show } = maker(control, move, inPicture.has(control.name));
    view.controls.append(fieldset(control.label, nodes));
    setters[control.name] = set;
    showers.push(show);
  }
  const byName = Object.fromEntries(spec.controls.map((control) => [control.name, control]));
  const isHeld = ({ kind }) => kind === "held";
  const held = spec.layout.handles
    .filter(isHeld)
    .map((layout) => heldShape(view, layout, spec, move, around));
  showers.push(...held.map(({ show }) => show));
  fitters.push(...held.map(({ fit }) => fit));
  for (const layout of withRoom(spec.layout.handles.filter((layout) => !isHeld(layout)))) {
    const handle = pictureHandle(view, layout, byName, setters);
    showers.push(handle.show);
    fitters.push(handle.fit);
    ghosts.push(handle.leaveGhost);
  }
  const button = ({ name, state }) =>
    make("button", { type: "button", textContent: name, onclick: () => move(state) });
  const buttons = [...spec.presets, { name: "↺ Start", state: start }].map(button);
  view.controls.append(fieldset("Choose", buttons));
  const fit = () => {
    const scale = view.svg.getScreenCTM()?.a; // CSS px in a unit of the picture
    if (scale) fitters.forEach((each) => each(TARGET / scale, view.places));
  };
  return {
    show: (state) => showers.forEach((show) => show(state)),
    fit,
    follow: (numbers) => held.forEach(({ follow }) => follow(numbers)),
    leaveGhosts: () => ghosts.forEach((leave) => leave()),
  };
}

function fieldset(legend, nodes) {
  return make("fieldset", {}, make("legend", { textContent: legend }), ...nodes);
}

/**
 * A box for a number as people write it; `commit` gets it. What it cannot take, and what it takes
 * with a change, is said beside it.
 */
function numberBox(label, { min, max, step, decimals, ...properties }, commit) {
  const box = make("input", {
    type: "text",
    inputMode: "decimal",
    role: "spinbutton",
    autocomplete: "off",
    "aria-valuemin": min,
    "aria-valuemax": max,
    ...properties,
  });
  const complaint = make("span", { className: "klx-complaint", role: "status" });
  const text = (value) => value.toFixed(decimals);
  box.style.width = `${Math.max(text(min).length, text(max).length) + 3}ch`;
  let shown = min;
  const show = (value) => {
    shown = value;
    box.value = text(value);
    box.setAttribute("aria-valuenow", box.value);
  };
  const take = (value) => {
    const inside = Math.min(Math.max(value, min), max);
    commit(inside);
    complaint.textContent = "";
    if (value < min) complaint.textContent = `${text(min)} is the least here.`;
    else if (value > max) complaint.textContent = `${text(max)} is the most here.`;
    else if (Math.abs(value - shown) > 1e-9) complaint.textContent = `The nearest step is ${text(shown)}.`;
  };
  const read = () => {
    const value = readNumber(box.value);
    if (Number.isNaN(value)) {
      complaint.textContent = box.value.trim() ? `“${box.value}” is no number.` : "A number is missing.";
      show(shown);
    } else if (value !== shown) take(value);
    else show(shown);
  };
  box.addEventListener("change", read);
  box.addEventListener("input", () => (complaint.textContent = ""));
  box.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: PAGE, PageDown: -PAGE }[event.key];
    if (!steps) return;
    take(Math.min(Math.max(shown + steps * step, min), max));
    event.preventDefault();
  });
  const node = make("label", {}, make("span", { textContent: label }), box, complaint);
  return { node, show };
}

/** A slider with its number; the number alone where the slider is the handle in the picture. */
function sliderBoxes(control, move, inPicture) {
  const { min, max, step, decimals, name, label, names } = control;
  let raw = control.value;
  const set = (value) => {
    const steps = Math.round((Math.min(Math.max(value, min), max) - min) / step);
    move({ [name]: Number((min + steps * step).toFixed(decimals)) });
  };
  const range = make("input", { type: "range", min, max, step, "aria-label": label });
  range.addEventListener("input", () => set(range.valueAsNumber));
  const box = numberBox(
    "",
    { min, max, step, decimals, "aria-label": `${label}, as a number` },
    set,
  );
  const called = make("output");
  const text = (value) =>
    names.length
      ? names[Math.round((value - min) / step)]
      : `${value.toFixed(decimals)} ${control.unit}`.trim();
  return {
    nodes: [...(inPicture ? [] : [range]), names.length ? called : box.node],
    set: { by: (steps) => set(raw + steps * step), to: (_, share) => set(share), min, max, text },
    show(state) {
      raw = state[name];
      range.value = raw;
      range.setAttribute("aria-valuetext", text(raw));
      setText(called, text(raw));
      box.show(raw);
    },
  };
}

function simplexBoxes(control, move) {
  const { name, labels, total, minimum } = control;
  const decimals = Math.ceil(Math.log10(total));
  const highest = total - minimum * (labels.length - 1);
  let shares = control.value;
  let anchor = shares; // the proportions that the others keep while one share is moved
  let active = null;
  const setShare = (index, share) => {
    if (active !== index) [active, anchor] = [index, shares];
    move({ [name]: rescale(anchor, index, share, total, minimum) });
  };
  const boxes = labels.map((label, index) =>
    numberBox(
      label,
      { min: minimum / total, max: highest / total, step: 1 / total, decimals },
      (value) => setShare(index, value * total),
    ),
  );
  return {
    nodes: boxes.map(({ node }) => node),
    set: {
      by: (steps, index) => setShare(index, shares[index] + steps),
      to: (index, share) => setShare(index, share * total),
      min: minimum / total,
      max: highest / total,
      text: (value) => value.toFixed(decimals),
    },
    show(state) {
      const changedElsewhere =
        active !== null && rescale(anchor, active, state[name][active], total, minimum).join() !==
          state[name].join();
      shares = state[name];
      if (changedElsewhere) active = null;
      boxes.forEach((box, index) => box.show(shares[index] / total));
    },
  };
}

function choiceBoxes(control, move) {
  const group = `klx-${Math.random().toString(36).slice(2)}`; // one name per view of the widget
  const radios = control.options.map((option, index) =>
    make("input", { type: "radio", name: group, onchange: () => move({ [control.name]: index }) }),
  );
  return {
    nodes: control.options.map((option, index) => make("label", {}, radios[index], option)),
    set: null,
    show: (state) => radios.forEach((radio, index) => (radio.checked = index === state[control.name])),
  };
}

/** A bar, line or point that is dragged: a slider in the picture. */
function pictureHandle(view, layout, controls, setters) {
  const ways = ["x", "y"].filter((axis) => typeof layout[axis] === "object");
  const motions = ways.map((axis) => makeMotion(axis, layout[axis], controls, setters));
  const [first] = motions;
  const reach = [first.set.min, first.set.max].map(first.pixelAt);
  const makers = { bar: barShape, line: lineShape, point: pointShape };
  const shape = makers[layout.kind](view, layout, reach);
  const handle = makeSvg(
    "g",
    {
      class: `klx-handle klx-moves-${ways.join("")}`,
      role: "slider",
      tabindex: 0,
      "aria-label": motions.map((motion) => motion.name).join(" and "),
      "aria-valuemin": first.set.min,
      "aria-valuemax": first.set.max,
    },
    shape.hit,
    shape.grip,
  );
  if (ways.length === 1) {
    handle.setAttribute("aria-orientation", ways[0] === "x" ? "horizontal" : "vertical");
  }
  shape.grip.style.fill = layout.colour;
  view.handles[layout.panel].append(handle);

  handle.addEventListener("keydown", (event) => {
    const across = ["ArrowLeft", "ArrowRight"].includes(event.key);
    // with two directions the arrows part; with one, all of them move it
    const motion = motions.length === 1 || across ? first : motions[1];
    const steps = {
      ArrowUp: 1,
      ArrowRight: 1,
      ArrowDown: -1,
      ArrowLeft: -1,
      PageUp: PAGE,
      PageDown: -PAGE,
    }[event.key];
    if (steps) motion.set.by(steps, motion.index);
    else if (event.key === "Home") first.set.to(first.index, first.set.min);
    else if (event.key === "End") first.set.to(first.index, first.set.max);
    else return;
    event.preventDefault();
  });
  const follow = (point) => {
    for (const motion of motions) motion.set.to(motion.index, motion.valueAt(point[motion.axis]));
  };
  followPointer(handle, () => handle.focus({ preventScroll: true }), follow);
  return {
    fit(least, places) {
      const { squeeze } = places[layout.panel];
      shape.fit(least, 1 / squeeze);
      stretchGrip(shape.grip, 1 / squeeze);
    },
    leaveGhost: () => view.handles[layout.panel].prepend(makeGhost(shape.ghost)),
    show(state) {
      const place = { x: layout.x, y: layout.y };
      const values = motions.map((motion) => motion.read(state));
      motions.forEach((motion, i) => (place[motion.axis] = motion.pixelAt(values[i])));
      shape.show(place);
      const texts = motions.map((motion, i) => motion.set.text(values[i]));
      handle.setAttribute("aria-valuenow", values[0]);
      handle.setAttribute("aria-valuetext", texts.join(", "));
    },
  };
}

/** `begin()` when a hand takes hold, then `follow({x, y})` in the picture's own units. */
function followPointer(handle, begin, follow) {
  const point = (event) =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(
      handle.parentElement.getScreenCTM().inverse(),
    );
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    handle.setPointerCapture(event.pointerId);
    begin();
    follow(point(event));
    event.preventDefault();
  });
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) follow(point(event));
  });
  // a finger that moves a handle must not scroll the page, whatever the browser makes of the styles
  handle.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
}

/** One direction in which a handle moves: value to pixel and back, as in handles.py. */
function makeMotion(axis, at, controls, setters) {
  const { control: name, index, scale, power, zero, one, log } = at;
  const control = controls[name];
  return {
    axis,
    index,
    name: control.labels ? `${control.label}: ${control.labels[index]}` : control.label,
    set: setters[name],
    read: (state) =>
      control.kind === "simplex" ? state[name][index] / control.total : state[name],
    pixelAt(value) {
      const place = scale * value ** power;
      return zero + (log ? Math.log10(place) : place) * (one - zero);
    },
    valueAt(pixel) {
      const place = (pixel - zero) / (one - zero);
      const value = (log ? 10 ** place : place) / scale;
      return power === 1 ? value : 1 / Math.max(value, 0);
    },
  };
}

/** A grip of this size, on a thing that may be narrower. */
function makeGrip(width, height, room = Infinity) {
  const ry = Math.min(width, height) / 2;
  const grip = makeSvg("rect", { class: "klx-grip", y: -height / 2, height, ry });
  Object.assign(grip.dataset, { width, room });
  stretchGrip(grip, 1);
  return grip;
}

/** In a squeezed panel a grip is drawn wider, so that it looks the same. */
function stretchGrip(grip, stretch) {
  const width = Math.min(grip.dataset.width * stretch, grip.dataset.room);
  grip.setAttribute("x", -width / 2);
  grip.setAttribute("width", width);
  grip.setAttribute("rx", grip.getAttribute("ry") * stretch);
}

function barShape(view, layout, reach) {
  const path = view.part(layout.id).querySelector("path");
  const [left, right] = layout.ends;
  const middle = (left + right) / 2;
  const { zero } = layout.y;
  const grip = makeGrip(22, 7, right - left);
  const hit = makeSvg("rect", {
    class: "klx-hit",
    y: Math.min(...reach) - 8,
    height: Math.abs(reach[0] - reach[1]) + 16,
  });
  return {
    hit,
    grip,
    ghost: path,
    fit(least, stretch) {
      const width = Math.max(right - left, Math.min(least * stretch, layout.room));
      hit.setAttribute("x", middle - width / 2);
      hit.setAttribute("width", width);
    },
    show({ y }) {
      path.setAttribute("d", `M${left} ${zero}V${y}H${right}V${zero}Z`);
      grip.setAttribute("transform", `translate(${middle} ${y})`);
    },
  };
}

function lineShape(view, layout) {
  const path = view.part(layout.id).querySelector("path");
  const [from, to] = layout.ends;
  const middle = from + layout.grip * (to - from);
  const alongX = typeof layout.x === "object";
  const grip = alongX ? makeGrip(7, 22) : makeGrip(22, 7);
  const hit = makeSvg("rect", { class: "klx-hit" });
  const [across, along] = alongX ? ["x", "y"] : ["y", "x"];
  const [thickness, length] = alongX ? ["width", "height"] : ["height", "width"];
  hit.setAttribute(along, Math.min(from, to));
  hit.setAttribute(length, Math.abs(to - from));
  return {
    hit,
    grip,
    ghost: path,
    fit(least, stretch) {
      const thick = Math.max(18, least) * (alongX ? stretch : 1);
      hit.setAttribute(across, -thick / 2);
      hit.setAttribute(thickness, thick);
    },
    show({ x, y }) {
      path.setAttribute("d", alongX ? `M${x} ${from}V${to}` : `M${from} ${y}H${to}`);
      hit.setAttribute("transform", alongX ? `translate(${x} 0)` : `translate(0 ${y})`);
      const place = alongX ? `${x} ${middle}` : `${middle} ${y}`;
      grip.setAttribute("transform", `translate(${place})`);
    },
  };
}

/** Room for a finger around a point. */
function fitAround(hit, least, stretch) {
  const radius = Math.max(16, least / 2);
  hit.setAttribute("rx", radius * stretch);
  hit.setAttribute("ry", radius);
}

function pointShape(view, layout) {
  view.part(layout.id).setAttribute("display", "none"); // the grip takes the marker's place
  const grip = makeGrip(13, 13);
  const hit = makeSvg("ellipse", { class: "klx-hit" });
  return {
    hit,
    grip,
    ghost: grip,
    fit: (least, stretch) => fitAround(hit, least, stretch),
    show({ x, y }) {
      for (const part of [grip, hit]) part.setAttribute("transform", `translate(${x} ${y})`);
    },
  };
}

/**
 * A moving shape that is dragged itself: the state becomes the one whose shape lies nearest to the
 * hand, and of two that lie there the one that is reached with the smaller change.
 */
function heldShape(view, layout, spec, move, around) {
  const place = spec.layout.shapes.findIndex(({ id }) => id === layout.id);
  const before = spec.layout.shapes.slice(0, place);
  const from = 2 * before.reduce((sum, { vertices }) => sum + vertices, 0);
  const { vertices } = spec.layout.shapes[place];
  const middle = (numbers) => {
    let [x, y] = [0, 0];
    for (let i = from; i < from + 2 * vertices; i += 2) {
      x += numbers[i] / vertices;
      y += numbers[i + 1] / vertices;
    }
    return [x, y];
  };
  const ranges = spec.controls
    .filter(({ name }) => layout.controls.includes(name))
    .map(({ name, min, max, options }) => [name, options ? options.length - 1 : max - min]);
  const grip = makeGrip(9, 9);
  grip.style.fill = layout.colour;
  const hit = makeSvg("ellipse", { class: "klx-hit" });
  // keys move the controls below, which say what they are
  const handle = makeSvg("g", { class: "klx-handle klx-moves-xy", "aria-hidden": "true" }, hit, grip);
  view.handles[layout.panel].append(handle);
  let present = null;
  let places = [];
  const begin = () => {
    places = around(layout.controls).map(({ change, numbers }) => ({ change, at: middle(numbers) }));
  };
  const pull = ({ x, y }) => {
    if (!places.length) return; // the grid is still being unpacked
    const step = (change) =>
      ranges.reduce((sum, [name, range]) => sum + ((change[name] - present[name]) / range) ** 2, 0);
    const away = ({ at, change }) => (at[0] - x) ** 2 + (at[1] - y) ** 2 + TIE * step(change);
    move(places.reduce((best, next) => (away(next) < away(best) ? next : best)).change);
  };
  followPointer(handle, begin, pull);
  return {
    show: (state) => (present = state),
    fit(least, places) {
      const { squeeze } = places[layout.panel];
      fitAround(hit, least, 1 / squeeze);
      stretchGrip(grip, 1 / squeeze);
    },
    follow(numbers) {
      handle.setAttribute("transform", `translate(${middle(numbers).join(" ")})`);
    },
  };
}

/** How much room each bar has for a finger: as far as the next one's middle. */
function withRoom(handles) {
  const middle = ({ ends }) => (ends[0] + ends[1]) / 2;
  const bars = handles.filter(({ kind }) => kind === "bar");
  return handles.map((handle) => {
    if (handle.kind !== "bar") return handle;
    const away = bars.map((bar) => Math.abs(middle(bar) - middle(handle))).filter(Boolean);
    return { ...handle, room: Math.min(Infinity, ...away) };
  });
}
