// Turns numbers that are typed, sliders and choices into states.

const PAGE = 10; // steps per PageUp / PageDown, here and in the picture

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
