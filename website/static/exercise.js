// The exercises of a page: an editor for each answer, and a Python that is loaded when it is first
// asked for. Without the files of that Python the page stays as it was written.

const SECONDS = 20; // for one cell; what takes longer may have no end
const ENDLESS =
  `Stopped after ${SECONDS} seconds. Is there a loop that never ends? ` +
  "Python starts anew with the next check.";
const NOT_LOADED = "Python could not be loaded. In Binder or as a notebook the exercise works too.";
const FROM_THE_DISK =
  "This page was opened from the disk, where a browser starts no Python. " +
  "“python3 course.py site FOLDER --serve” shows the site in a way in which it does. " +
  "In Binder or as a notebook the exercises work too.";
const HOW_TO =
  "Write your answers here. Check says what is right or wrong with one, Hint helps on, Solution " +
  "shows one way. What you write stays in this browser. In an editor Tab indents, Escape and then " +
  "Tab leaves it, Shift+Enter checks.";

/** Python in a worker of its own, which is ended with a cell that does not come to its end. */
class PagePython {
  #files;
  #worker = null;
  #request = null; // what runs: {done, clock, say}
  #runs = new Map(); // by cell: what it held when it was last run
  #loaded = false;

  constructor(files) {
    this.#files = files;
  }

  /** Whether this is what the cell held when it was last run. */
  hasRun(cell, source) {
    return this.#runs.get(cell) === source;
  }

  /**
   * Run a cell. If that takes time `say(share)` hears how much of Python has been loaded; null
   * while something is loaded that only this cell wants.
   */
  run(cell, source, say) {
    return new Promise((resolve) => {
      const done = (answer) => {
        if (answer.error || answer.ended) this.#runs.delete(cell);
        else this.#runs.set(cell, source);
        resolve(answer);
      };
      this.#request = { done, say, clock: null };
      if (!this.#worker) this.#start();
      this.#worker.postMessage({ cell, source });
    });
  }

  #start() {
    const address = (path) => new URL(ROOT + path, location.href).href;
    const { worker, core, course, more, packages, modules } = this.#files;
    this.#worker = new Worker(address(worker), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = () => this.#stop(NOT_LOADED);
    const places = { core: address(core), course: address(course), more: address(more) };
    this.#worker.postMessage({ files: { ...places, packages, modules } });
  }

  #hear({ type, arrived, answer, events, text }) {
    const request = this.#request;
    if (!request) return;
    clearTimeout(request.clock);
    if (type === "loading") request.say(this.#loaded ? null : Math.min(arrived / this.#files.size, 1));
    else if (type === "begun") request.clock = setTimeout(() => this.#stop(ENDLESS), 1000 * SECONDS);
    else if (type === "failed") this.#stop(`${NOT_LOADED} (${text})`);
    else {
      this.#loaded = true;
      this.#answer({ ...answer, alert: events.length ? keepLines(events) : "" });
    }
  }

  #answer(answer) {
    const { done } = this.#request;
    this.#request = null;
    done(answer);
  }

  #stop(alert) {
    this.#worker.terminate();
    this.#worker = null;
    this.#runs.clear();
    this.#loaded = false;
    this.#answer({ alert, ended: true });
  }
}

/** Types into an editor as its owner would, so that it can be undone. */
function typeInto(box, text) {
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input"));
}

function onEditorKey(event, box, check) {
  if (event.isComposing) return; // a letter that takes several keys
  const leaving = box.dataset.leaving !== undefined;
  delete box.dataset.leaving;
  if (event.key === "Escape") box.dataset.leaving = "";
  else if (event.key === "Tab" && !event.shiftKey && !leaving) {
    event.preventDefault();
    typeInto(box, "    ");
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      check();
      return;
    }
    const line = box.value.slice(0, box.selectionStart).split("\n").at(-1);
    const deeper = line.trimEnd().endsWith(":") ? "    " : "";
    typeInto(box, `\n${line.match(/^ */)[0]}${deeper}`);
  }
}

/** The editor of a starter, which keeps what is written in it. */
function makeEditor(cell, question, starter, check) {
  const name = `klteach.answer.${cell.id}`;
  const box = element("textarea", {
    "aria-label": `Your ${question}`, spellcheck: "false", autocapitalize: "off",
    autocomplete: "off", wrap: "off",
  });
  const fit = () => {
    box.rows = box.value.split("\n").length + 1;
  };
  box.value = kept.get(name) || starter;
  box.addEventListener("input", () => {
    kept.set(name, box.value === starter ? "" : box.value);
    fit();
  });
  box.addEventListener("keydown", (event) => onEditorKey(event, box, check));
  cell.querySelector(".input").replaceChildren(box);
  fit();
  return box;
}

/** Shows below a cell what came of it. Of all that, HTML is only what klteach drew. */
function showAnswer(place, { printed, html, text, error, alert }) {
  place.replaceChildren();
  const lines = (words, name) => place.append(element("pre", { class: name, tabindex: "0" }, words));
  if (printed) lines(printed, "output");
  if (text) lines(text, "output");
  if (error) lines(error, "output error");
  if (alert) place.append(element("p", { class: "note" }, alert));
  if (!html) return;
  const box = element("div");
  box.innerHTML = html;
  for (const link of box.querySelectorAll("a[href*='/notebooks/']")) {
    const [, lesson, anchor] = /(\w+)\.ipynb(?:#cell-id=(.*))?$/.exec(link.href);
    link.href = `${ROOT}lessons/${lesson}.html#${anchor ?? ""}`;
  }
  // the place itself is what is read out
  for (const status of box.querySelectorAll("[role=status]")) status.removeAttribute("role");
  place.append(box);
}

function makeExercises(article) {
  const { cells, ...files } = JSON.parse(article.dataset.python);
  const python = location.protocol === "file:" ? null : new PagePython(files);
  let busy = false;

  /** While something runs, the buttons wait. */
  async function alone(place, work) {
    if (busy) return;
    busy = true;
    article.dataset.busy = "";
    place.replaceChildren(element("p", { class: "note" }, python ? "Running …" : FROM_THE_DISK));
    try {
      if (python) showAnswer(place, await work());
    } finally {
      busy = false;
      delete article.dataset.busy;
    }
  }

  function ask(cell, source, place) {
    const bar = element("progress", { max: "1", "aria-label": "Loading" });
    const size = Math.round(files.size / 1e6);
    return python.run(cell, source, (share) => {
      const words =
        share === null
          ? "Data and SciPy for this cell are loading. "
          : `Python is loading: ${size} MB the first time, then your browser keeps it. `;
      if (!bar.isConnected) place.replaceChildren(element("p", { class: "note" }, words, bar));
      if (share !== null) bar.value = share;
    });
  }

  /** As in a notebook: the cells above that are new or changed, then this one, new or not. */
  async function runTo(cell, place = cell.place) {
    for (const above of all.slice(0, all.indexOf(cell))) {
      if (python.hasRun(above.name, above.source())) continue;
      const answer = await ask(above.name, above.source(), place);
      if (answer.ended) return answer;
      if (answer.error) showAnswer(above.place, answer);
    }
    return ask(cell.name, cell.source(), place);
  }

  async function check(cell) {
    const ran = await runTo(cell);
    if (ran.error || ran.ended) return ran;
    const answer = await ask("check", `check("${cell.question}")`, cell.place);
    return { ...answer, printed: `${ran.printed}${answer.printed ?? ""}` };
  }

  async function say(cell, verb) {
    const imported = await runTo(all[0], cell.place);
    return imported.ended ? imported : ask(verb, `${verb}("${cell.question}")`, cell.place);
  }

  function startOver(cell) {
    const before = cell.box.value;
    const set = (text) => {
      cell.box.value = text;
      cell.box.dispatchEvent(new Event("input"));
    };
    set(cell.starter);
    const undo = element("button", { type: "button" }, "Undo");
    undo.addEventListener("click", () => {
      set(before);
      cell.place.replaceChildren();
      cell.box.focus();
    });
    cell.place.replaceChildren(element("p", { class: "note" }, "The beginning is back. ", undo));
  }

  function button(cell, words, work) {
    const made = element("button", { type: "button" }, words);
    made.addEventListener("click", () => alone(cell.place, work));
    return made;
  }

  const all = cells.map(({ id, question }) => {
    const node = document.getElementById(id);
    const starter = node.querySelector("pre").textContent.replace(/\n$/, "");
    const place = element("div", { class: "answer", "aria-live": "polite" });
    const name = question ? `your ${question}` : id;
    return { id, node, name, question, starter, place, source: () => starter };
  });
  for (const cell of all.slice(1)) {
    const row = element("div", { class: "verbs" });
    if (cell.question) {
      cell.box = makeEditor(cell.node, cell.question, cell.starter, () =>
        alone(cell.place, () => check(cell)),
      );
      cell.source = () => cell.box.value;
      const over = element("button", { type: "button" }, "Start over");
      over.addEventListener("click", () => busy || startOver(cell));
      row.append(
        button(cell, "Check", () => check(cell)),
        button(cell, "Hint", () => say(cell, "hint")),
        button(cell, "Solution", () => say(cell, "solution")),
        over,
      );
    } else {
      for (const old of cell.node.querySelectorAll(".output")) cell.place.append(old);
      row.append(button(cell, "Run", () => runTo(cell)));
    }
    cell.node.append(row, cell.place);
  }
  all[0].node.append(all[0].place);
  article.querySelector(".notice p").textContent = python ? HOW_TO : FROM_THE_DISK;
}

const exercises = document.querySelector("article[data-python]");
if (exercises) makeExercises(exercises);
