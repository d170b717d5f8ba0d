// Turns hands and keys into states, by handles in the picture.

const TARGET = 24; // CSS px: what a finger can hit
const TIE = 9; // picture units² for a step across a control: of shapes in one place the nearest state wins

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
