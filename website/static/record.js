// The learner's record: events, one JSON object a line, as in the notebooks' progress.jsonl.

const RECORD = "klteach.progress";
const NOT_SAVED = "This was not saved: the browser keeps no data for this page.";

/** As in klteach/practice/events.py: what other readers take for an event. */
function isEvent(event) {
  const text = (name, missing) => typeof (event[name] ?? missing) === "string";
  return (
    event !== null && typeof event === "object" && !Array.isArray(event) &&
    text("kind") && text("time") && text("item", "") && text("question", "")
  );
}

/** [events of a record's text, how many of its lines are none] */
function readRecord(text) {
  const events = [];
  let unreadable = 0;
  for (const line of text.replace(/^\uFEFF/, "").split("\n")) {
    if (!line.trim()) continue;
    try {
      const event = JSON.parse(line);
      if (!isEvent(event)) throw new TypeError("no event");
      events.push(event);
    } catch {
      unreadable += 1;
    }
  }
  return [events, unreadable];
}

function history(kind) {
  const [events] = readRecord(kept.get(RECORD) ?? "");
  return kind ? events.filter((event) => event.kind === kind) : events;
}

/** Appends an event; returns "" or, if that failed, a sentence about it. */
function record(kind, fields) {
  const time = `${new Date().toISOString().slice(0, 19)}+00:00`;
  return keepLines([JSON.stringify({ time, kind, ...fields })]);
}

/** The same for events that are lines already: those of the page's Python. */
function keepLines(lines) {
  const text = lines.map((line) => `${line}\n`).join("");
  return kept.set(RECORD, `${kept.get(RECORD) ?? ""}${text}`) ? "" : NOT_SAVED;
}

/** The events of two records in the order of their times, each once. */
function merged(one, other) {
  const lines = new Map();
  for (const event of [...one, ...other]) lines.set(JSON.stringify(event, Object.keys(event).sort()), event);
  const events = [...lines.values()];
  const at = (event) => Date.parse(event.time) || 0;
  return events.sort((a, b) => at(a) - at(b));
}

/** How far the learner has come: the codes of the units that are begun, and of those that are done. */
async function standing() {
  const units = await sharedData("units");
  const events = history();
  const right = new Set(
    events.filter((e) => e.kind === "check" && e.outcome === "correct").map((e) => e.question),
  );
  const begun = visitedUnits(events, units);
  const done = units
    .filter((unit) => unit.questions.length && unit.questions.every((name) => right.has(name)))
    .map((unit) => unit.code);
  return { begun, done: new Set(done) };
}

/** Marks the units of the map: a unit that is not begun shows its minutes, as in the file. */
async function showStanding() {
  const boxes = document.querySelectorAll("[data-unit]");
  if (!boxes.length) return;
  const { begun, done } = await standing();
  for (const box of boxes) {
    const state = box.querySelector(".state");
    state.dataset.minutes ??= state.textContent;
    const { unit } = box.dataset;
    state.textContent = done.has(unit) ? "✓ done" : begun.has(unit) ? "◐ begun" : state.dataset.minutes;
  }
}

// -- the page "My record"

function showRecord(place) {
  const events = history();
  const of = (kind) => events.filter((event) => event.kind === kind).length;
  const rows = [
    ["predictions committed", of("prediction")],
    ["questions of warm-ups answered", of("review")],
    ["questions of the concept inventory answered", of("inventory")],
    ["exercises checked", of("check")],
  ];
  place.replaceChildren(
    ...rows.map(([words, count]) =>
      element("li", {}, element("b", {}, String(count)), ` ${words}`),
    ),
  );
}

function makeRecordPage() {
  const counts = document.querySelector("#record-counts");
  if (!counts) return;
  const status = document.querySelector("#record-status");
  document.querySelector("#record-tools").hidden = false;
  const refresh = () => {
    showRecord(counts);
    const text = kept.get(RECORD) ?? "";
    const download = document.querySelector("#record-download");
    download.href = `data:application/x-ndjson;charset=utf-8,${encodeURIComponent(text)}`;
  };
  document.querySelector("#record-load").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    const [events, unreadable] = readRecord(await file.text());
    const before = history();
    const all = merged(before, events);
    const saved = kept.set(RECORD, all.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const left = unreadable ? ` Lines that could not be read and were left out: ${unreadable}.` : "";
    status.textContent = saved ? `${all.length - before.length} events are new here.${left}` : NOT_SAVED;
    target.value = "";
    refresh();
  });
  const erase = document.querySelector("#record-erase");
  erase.addEventListener("click", () => {
    if (erase.dataset.sure === undefined) {
      erase.dataset.sure = "";
      erase.textContent = "Erase for good";
      status.textContent = "This cannot be undone. Download your record first if you may need it.";
      return;
    }
    kept.set(RECORD, "");
    delete erase.dataset.sure;
    erase.textContent = "Erase";
    status.textContent = "Your record in this browser is empty now.";
    refresh();
  });
  refresh();
  whenRecordChanges(refresh);
}

/** Another tab may write into the record, and this page itself may come back from behind another. */
function whenRecordChanges(show) {
  addEventListener("storage", ({ key }) => (key ?? RECORD) === RECORD && show()); // null: all of it went
  addEventListener("pageshow", ({ persisted }) => persisted && show());
}

makeRecordPage();
// the map is as true without the marks
const mark = () => showStanding().catch((error) => console.warn("The map has no marks:", error));
if (history().length) mark();
whenRecordChanges(mark);
