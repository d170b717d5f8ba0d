// Shows a sheet of quiz items. It holds no answers: Python judges, and only after a commit.
// `readNumber` and `keepPlainKeys` come from klteach/static, which stands before this text.

const PATIENCE_MS = 4000;
const NO_ANSWER =
  "No answer from the kernel yet. If it is busy, the reveal will come when it is free. If it is " +
  "not running, nothing was recorded: start it (Kernel menu, Restart Kernel), run this cell " +
  "again, and commit then.";

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) node.setAttribute(name, value);
  for (const child of children) {
    node.append(...(typeof child === "string" ? withCode(child) : [child]));
  }
  return node;
}

// What stands between backticks is code.
function withCode(words) {
  return words.split(/`([^`]+)`/).map((part, place) => {
    const code = place % 2 ? document.createElement("code") : null;
    code?.append(part);
    return code ?? part;
  });
}

const NOT_SAID = "not said: move the slider to say it";

function sureness(percent, guess) {
  if (percent === 100) return "100 %, certain";
  if (guess > 0 && percent === guess) return `${percent} %, a pure guess`;
  return `${percent} %`;
}

// The answer form of one item: `value()` is the answer or null, `show(answer)` a committed one.
function choiceForm(item, id, changed) {
  const inputs = item.options.map((_, place) =>
    element("input", { type: "radio", name: id, value: place }),
  );
  const labels = item.options.map((text, place) =>
    element("label", { class: "klq-option" }, inputs[place], element("span", {}, text)),
  );
  for (const input of inputs) input.addEventListener("change", changed);
  return {
    nodes: labels,
    inputs,
    complaint: () => (inputs.some((input) => input.checked) ? "" : "Choose an answer first."),
    value: () => inputs.findIndex((input) => input.checked),
    show(reveal) {
      inputs[reveal.answer].checked = true;
      const mark = (place, words) => {
        labels[place].lastChild.append(" ", element("span", { class: "klq-mark" }, words));
        labels[place].classList.add("klq-marked");
      };
      if (reveal.right === null) {
        mark(reveal.answer, "your answer");
      } else if (reveal.right === reveal.answer) {
        mark(reveal.answer, "✓ your answer, and right");
      } else {
        mark(reveal.right, "✓ right");
        mark(reveal.answer, "✗ your answer");
      }
    },
  };
}

function numberForm(item, id, changed) {
  const input = element("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    id: `${id}-number`,
    "aria-describedby": `${id}-complaint`,
  });
  const number = () => readNumber(input.value);
  input.addEventListener("input", changed);
  const label = element("label", { for: input.id }, item.label);
  return {
    nodes: [element("div", { class: "klq-number" }, label, input, item.unit)],
    inputs: [input],
    complaint() {
      if (!input.value.trim()) return "Type a number first.";
      if (Number.isNaN(number())) return "This is no number that can be read here.";
      return number() >= item.low && number() <= item.high ? "" : item.outOfRange;
    },
    value: number,
    show(reveal) {
      input.value = reveal.answer;
    },
  };
}

function confidenceForm(item, id) {
  const start = item.guess || 50;
  const slider = element("input", {
    type: "range",
    id: `${id}-confidence`,
    min: item.guess,
    max: 100,
    step: 1,
    value: start,
  });
  // The slider itself reads its value out, so the visible copy is not read a second time.
  const shown = element("span", { class: "klq-percent", "aria-hidden": "true" });
  const words = item.form === "number" ? `How sure are you to be within ±${item.tolerance}?` :
    "How sure are you?";
  // Where the slider starts is nobody's opinion: it counts once it was moved, or clicked to stay.
  let said = false;
  const refresh = () => {
    shown.textContent = said ? sureness(slider.valueAsNumber, item.guess) : NOT_SAID;
    slider.setAttribute("aria-valuetext", shown.textContent);
  };
  const say = () => {
    said = true;
    refresh();
  };
  for (const type of ["input", "click"]) slider.addEventListener(type, say);
  refresh();
  return {
    node: element(
      "div",
      { class: "klq-confidence" },
      element("label", { for: slider.id }, words),
      element("div", { class: "klq-slider" }, slider, shown),
    ),
    slider,
    value: () => (said ? slider.valueAsNumber : null),
    show(percent) {
      if (percent === null) {
        shown.textContent = "not said";
        slider.setAttribute("aria-valuetext", shown.textContent);
        return;
      }
      slider.value = percent;
      say();
    },
  };
}

function revealNodes(reveal) {
  const nodes = [];
  const paragraph = (words, name) => {
    if (words) nodes.push(element("p", name ? { class: name } : {}, words));
  };
  paragraph(reveal.headline, "klq-headline");
  paragraph(reveal.yours);
  for (const line of reveal.lines) paragraph(line);
  if (reveal.others.length) {
    const list = element("dl");
    for (const other of reveal.others) {
      list.append(element("dt", {}, other.text), element("dd", {}, other.says));
    }
    nodes.push(element("details", {}, element("summary", {}, "The other answers"), list));
  }
  paragraph(reveal.when, "klq-when");
  return nodes;
}

// One item: the question, its answer form, and the place where the reveal arrives.
function card(item, id, changed) {
  const form = (item.form === "number" ? numberForm : choiceForm)(item, id, changed);
  const confidence = "guess" in item ? confidenceForm(item, id) : null;
  const fieldset = element("fieldset", {}, element("legend", {}, item.text));
  if (item.pairs) {
    const pairs = element("div");
    pairs.innerHTML = item.pairs; // drawn by the course itself: nothing a learner wrote is in it
    fieldset.append(pairs);
  }
  fieldset.append(...form.nodes);
  if (confidence) fieldset.append(confidence.node);
  const revealed = element("div", { class: "klq-reveal", "aria-live": "polite" });
  const inputs = confidence ? [...form.inputs, confidence.slider] : form.inputs;
  return {
    item: item.item,
    fieldset,
    revealed,
    complaint: form.complaint,
    committed: false,
    message: () => ({
      type: "commit",
      item: item.item,
      answer: form.value(),
      confidence: confidence ? confidence.value() : null,
    }),
    lock(locked) {
      for (const input of inputs) input.disabled = locked;
    },
    reveal(reveal) {
      if (this.committed) return;
      this.committed = true;
      form.show(reveal);
      if (confidence) confidence.show(reveal.confidence);
      this.lock(true);
      if (reveal.headline) {
        revealed.replaceChildren(...revealNodes(reveal));
        revealed.classList.add("klq-shown");
      }
    },
  };
}

// A button that commits some cards: one for a prediction, all ten of the inventory.
function commitButton(cards, id, words, done, model) {
  const button = element("button", { type: "button", "aria-describedby": `${id}-complaint` });
  const complaint = element("span", { class: "klq-complaint", id: `${id}-complaint` });
  const status = element("span", { class: "klq-status", role: "status" });
  const alert = element("p", { class: "klq-alert", role: "alert" });
  let timer = null;
  const waiting = () => timer !== null;

  const refresh = () => {
    const finished = cards.every((each) => each.committed);
    const complaints = cards.filter((each) => !each.committed).map((each) => each.complaint());
    const open = complaints.filter(Boolean);
    // Once committed, the button stays focusable: the keyboard's place must not be lost.
    button.disabled = !finished && !waiting() && open.length > 0;
    button.setAttribute("aria-disabled", String(finished || waiting() || button.disabled));
    button.textContent = finished ? words.after : words.before;
    if (finished || waiting()) complaint.textContent = "";
    else if (cards.length === 1) complaint.textContent = open[0] || "";
    else complaint.textContent = `${cards.length - open.length} of ${cards.length} answered`;
    if (finished && done) status.textContent = done;
  };

  const stopWaiting = () => {
    clearTimeout(timer);
    timer = null;
    status.textContent = "";
    for (const each of cards) if (!each.committed) each.lock(false);
  };
  const complain = (message) => {
    stopWaiting();
    alert.textContent = message;
    refresh();
  };

  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    const open = cards.filter((each) => !each.committed);
    status.textContent = "Waiting for the kernel …";
    alert.textContent = "";
    timer = setTimeout(() => complain(NO_ANSWER), PATIENCE_MS);
    try {
      for (const each of open) {
        each.lock(true);
        model.send(each.message());
      }
    } catch {
      complain(NO_ANSWER);
    }
    refresh();
  });

  return {
    node: element(
      "div",
      {},
      element("div", { class: "klq-commit" }, button, complaint, status),
      alert,
    ),
    refresh,
    answered(reveal) {
      if (reveal) alert.textContent = reveal.alert;
      if (cards.every((each) => each.committed)) stopWaiting();
      refresh();
    },
    complain,
  };
}

function render({ model, el }) {
  // Radio buttons of one name are one group, so every sheet on the page needs its own names.
  const sheet = Math.random().toString(36).slice(2);
  const title = model.get("title");
  const root = element("section", { class: "klteach-quiz", "aria-label": title });
  root.addEventListener("keydown", keepPlainKeys);
  root.append(element("p", { class: "klq-title" }, title));
  if (model.get("intro")) root.append(element("p", {}, model.get("intro")));

  const together = model.get("together");
  const buttons = new Map();
  const cards = new Map();
  const items = model.get("items");
  const words = { before: together ? "Record my answers" : "Commit", after: "Committed" };
  items.forEach((item, place) => {
    const id = `klq-${sheet}-${place}`;
    const each = card(item, id, () => buttons.get(item.item).refresh());
    cards.set(item.item, each);
    const block = element("div", { class: "klq-item" }, each.fieldset);
    if (!together) {
      const button = commitButton([each], id, words, "", model);
      buttons.set(item.item, button);
      block.append(button.node);
    }
    block.append(each.revealed);
    root.append(block);
  });
  if (together) {
    const id = `klq-${sheet}-all`;
    const button = commitButton([...cards.values()], id, words, model.get("done"), model);
    for (const item of items) buttons.set(item.item, button);
    root.append(button.node);
  }
  for (const item of items) {
    if (item.reveal) cards.get(item.item).reveal(item.reveal);
    buttons.get(item.item).answered(item.reveal);
  }

  const receive = (message) => {
    const each = cards.get(message.item) || cards.values().next().value;
    const button = buttons.get(each.item);
    if (message.type === "reveal") {
      each.reveal(message.reveal);
      button.answered(message.reveal);
    } else if (message.type === "error") {
      button.complain(message.message);
    }
  };
  model.on("msg:custom", receive);
  el.append(root);
  return () => model.off("msg:custom", receive);
}

export default { render };
