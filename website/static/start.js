// What all parts of the site's script stand on. It is a classic script: a page that is opened from
// the disk may load nothing else, so data come as scripts that call `klteach.take`.

const ROOT = document.body.dataset.root;
const klteach = (globalThis.klteach = { renderers: {} });

/** What the browser keeps for this site; it may refuse, and then nothing is kept. */
const kept = {
  get(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(name, text) {
    try {
      localStorage.setItem(name, text);
      return true;
    } catch {
      return false;
    }
  },
};

/** Loads a script of the site once. */
const loading = new Map();
function load(path) {
  if (!loading.has(path)) {
    loading.set(
      path,
      new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = ROOT + path;
        script.onload = done;
        script.onerror = () => failed(new Error(`${path} did not load`));
        document.head.append(script);
      }),
    );
  }
  return loading.get(path);
}

const taken = new Map();
/** Called by every file of data: its name, and what it holds. */
klteach.take = (name, data) => taken.set(name, data);

/** The data called `name`, which the file at `path` hands over. */
async function fetchData(name, path) {
  if (!taken.has(name)) await load(path);
  return taken.get(name);
}

/** A file whose mark in the name the page knows: `sharedData("units")`. */
function sharedData(name) {
  return fetchData(name, document.body.dataset[`${name}File`]);
}

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
