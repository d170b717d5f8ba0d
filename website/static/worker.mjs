// Python in a worker of the page: it loads what the page says, then runs one cell after the other.

const COURSE = "/course";
const RECORD = `${COURSE}/progress.jsonl`;

let python = null;
let shown = null; // website/cells.py's
let more = ""; // the address of what few cells need

/** Tells the page how many bytes have come of what is loaded; Pyodide itself says nothing. */
const plainFetch = globalThis.fetch;
globalThis.fetch = async (...request) => {
  const response = await plainFetch(...request);
  if (response.ok && response.body) count(response.clone().body.getReader()).catch(() => {});
  return response;
};
let arrived = 0;
async function count(reader) {
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    arrived += piece.value.byteLength;
    postMessage({ type: "loading", arrived });
  }
}

async function unpack(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} is not there`);
  python.unpackArchive(await response.arrayBuffer(), "zip", { extractDir: COURSE });
  python.runPython("import importlib; importlib.invalidate_caches()");
}

const quietly = { messageCallback() {} };

async function start(files) {
  more = files.more;
  const { loadPyodide } = await import(`${files.core}/pyodide.mjs`);
  python = await loadPyodide({
    indexURL: `${files.core}/`,
    packages: files.packages,
    env: { KLTEACH_PROGRESS: RECORD },
  });
  await unpack(files.course);
  python.runPython(`import sys; sys.path.insert(0, "${COURSE}")`);
  const cells = python.pyimport("cells");
  cells.make_up_for_the_page();
  // slow to import, so before a cell asks for them
  for (const name of files.modules) python.runPython(`import ${name}`);
  shown = cells.shown;
}

/** Bring what a cell did not find; false if that is nothing of ours, or is here already. */
const brought = new Set();
async function bring(missing) {
  const part = /^scipy\b/.test(missing) ? "scipy" : /^klteach\.(data|drift)\b/.test(missing) ? more : "";
  if (!part || brought.has(part)) return false;
  brought.add(part);
  if (part === more) await unpack(more);
  else await python.loadPackage(part, quietly);
  return true;
}

/** The events that the verbs recorded, which are kept by the page. */
function recorded() {
  if (!python.FS.analyzePath(RECORD).exists) return [];
  const lines = python.FS.readFile(RECORD, { encoding: "utf8" }).split("\n").filter(Boolean);
  python.FS.unlink(RECORD);
  return lines;
}

async function run({ source, cell }) {
  await python.loadPackagesFromImports(source, quietly);
  for (;;) {
    postMessage({ type: "begun" });
    const found = shown(source, cell);
    const answer = found.toJs({ dict_converter: Object.fromEntries });
    found.destroy();
    const events = recorded();
    if (answer.missing && (await bring(answer.missing))) continue;
    postMessage({ type: "done", answer, events });
    return;
  }
}

let turn = Promise.resolve();
onmessage = ({ data }) => {
  turn = turn
    .then(() => (data.files ? start(data.files) : run(data)))
    .catch((problem) => postMessage({ type: "failed", text: String(problem.message ?? problem) }));
};
