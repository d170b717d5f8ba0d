// Where an explorer's parts go, and what keeps its words legible, for the width that there is.

const POINTS = 72 / 96; // units of a picture in a CSS px
const LEAST_SCALE = 0.68; // of a picture's own size: below, its words would not fit any more
const READABLE_SCALE = 0.82; // at which they need not grow to be legible
const BESIDE = 300; // CSS px that the words need beside the picture
const GAP = 24; // CSS px between the two
const LEGIBLE = 11; // CSS px of the smallest word in a picture
const APART = 2; // CSS px between two numbers below an axis
const BETWEEN = 8; // points between panels that flow

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
