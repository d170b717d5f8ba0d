// Brings explorers and quizzes to life shortly before they come into view.

const AHEAD = "800px";

function bytes(text) {
  return new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

/** What `explorer.js` of the library takes for the widget's model. */
function explorerModel({ spec, first, grid }) {
  const values = { spec, first: bytes(first), grid: bytes(grid), state: {}, reached: [] };
  const model = new EventTarget();
  return Object.assign(model, {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
      model.dispatchEvent(new Event(`change:${name}`));
    },
    on: (type, listen) => model.addEventListener(type, listen),
    off: (type, listen) => model.removeEventListener(type, listen),
    send() {},
  });
}

async function modelFor(place) {
  const data = await fetchData(place.dataset.cell, place.dataset.source);
  if (place.dataset.widget === "explorer") return explorerModel(data);
  return quizModel(data.warm_up ? await warmUpSheet(data) : data);
}

async function bringToLife(place) {
  const script = document.body.dataset[`${place.dataset.widget}File`];
  const [model] = await Promise.all([modelFor(place), load(script)]);
  const alive = element("div", { class: "alive" });
  const still = element("div", { class: "still" });
  still.append(...place.childNodes);
  place.append(still, alive);
  try {
    klteach.renderers[place.dataset.widget].render({ model, el: alive });
  } catch (problem) {
    alive.remove();
    throw problem;
  }
  place.dataset.alive = ""; // the picture shows in print only, from now on
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      // what stands there is true without a script, and the next widget is not to suffer
      bringToLife(target).catch((problem) => console.warn(problem));
    }
  },
  { rootMargin: AHEAD },
);
for (const place of document.querySelectorAll(".widget")) watcher.observe(place);

addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("article details")) each.open = true;
});
