// Moves shapes and words to where a state has them.

const REST = 500; // ms before a screen reader hears the new sentence, and a task counts as done

function makePainter(view, layout, reach, follow) {
  const paths = layout.shapes.map((shape) => ({
    ...shape,
    path: view.part(shape.id).querySelector("path"),
  }));
  const texts = layout.texts.map((id) => view.part(id).querySelector("text"));
  const words = [...view.readouts, ...view.invariants];
  let announcing = null;
  let resting = null;

  const paint = (numbers, strings) => {
    let at = 0;
    for (const { path, vertices, closed } of paths) {
      let d = "M";
      for (const end = at + 2 * vertices; at < end; at += 2) {
        d += `${numbers[at].toFixed(2)} ${numbers[at + 1].toFixed(2)} `;
      }
      path.setAttribute("d", closed ? `${d}Z` : d);
    }
    follow(numbers);
    let word = 0;
    for (const text of texts) {
      text.setAttribute("x", numbers[at++]);
      text.setAttribute("y", numbers[at++]);
      setText(text, strings[word++]);
    }
    view.moving.forEach((each) => stand(view, each));
    for (const node of words) {
      keepRoomOf(node, strings[word]);
      setText(node, strings[word++]);
    }
    for (const node of view.invariants) {
      node.closest("div").classList.toggle("klx-fails", node.textContent.startsWith("FAILS"));
    }
    const sentence = strings[word++];
    for (const cell of view.cells) setText(cell, strings[word++]);
    const reached = view.tasks.flatMap((_, index) => (strings[word++] ? [index] : []));
    // what is only passed on the way has not been found
    clearTimeout(resting);
    if (reached.length) resting = setTimeout(() => reach(reached), REST);
    say(sentence);
    showError(view, "");
  };

  const say = (sentence) => {
    if (sentence === view.sentence.textContent) return;
    setText(view.sentence, sentence);
    keepRoomOf(view.sentence, sentence);
    view.svg.setAttribute("aria-label", `${view.description} ${sentence}`);
    clearTimeout(announcing);
    announcing = setTimeout(() => setText(view.announcement, sentence), REST);
  };
  /** Room for the longest text of each place, from all texts that stand there in some state. */
  const keepRoom = (all) => {
    const columns = all.slice(texts.length);
    const longer = (one, other) => (other.length > one.length ? other : one);
    [...words, view.sentence].forEach((node, place) =>
      keepRoomOf(node, columns[place].reduce(longer)),
    );
  };
  /** What moves and is to leave one keeps an outline at the place of the start. */
  const leaveGhosts = () => {
    for (const { path, ghost } of paths) if (ghost) path.before(makeGhost(path));
  };
  return { paint, leaveGhosts, keepRoom };
}

function makeGhost(shape) {
  const ghost = shape.cloneNode();
  for (const name of ["id", "style"]) ghost.removeAttribute(name);
  ghost.setAttribute("class", "klx-ghost");
  return ghost;
}

/** Nothing below a text jumps when a shorter or a longer one takes its place. */
function keepRoomOf(node, text) {
  const { dataset } = node.parentElement;
  if (text.length > (dataset.longest ?? "").length) dataset.longest = text;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
