// Shows an explorer: Python draws the picture and computes every number and every word;
// the scripts beside this one move paths and text in the picture, and turn hands and keys into
// states. They stand before this text, and before them those of klteach/static.

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
