// Where the pictures of an explorer's states come from: a grid that holds them all, or the kernel.

const WAIT_BEFORE_SAYING_SO = 1000; // ms without an answer before the learner is told
const WAITING =
  "No answer from the kernel yet: the numbers are those of before. If it was stopped or restarted, " +
  "run this cell again.";
const GIVE_UP_AFTER = 5000; // ms of silence after which lost requests no longer block the next
const IN_FLIGHT = 2; // requests: one on the way while the other is computed

/** All states are here: an answer comes at once, with no kernel. */
function gridSource(packed, controls, ready) {
  let grid = null;
  let waiting = null;
  const answer = (state, paint, fail) => {
    const row = grid.rows.get(stateKey(state, controls));
    if (row === undefined) fail(`No picture for ${JSON.stringify(state)}.`);
    else paint(grid.numbers(row), grid.strings(row));
  };
  unpack(packed).then((unpacked) => {
    grid = unpacked;
    ready(grid.distinct);
    if (waiting) answer(...waiting);
  });
  return {
    request(...args) {
      if (grid) answer(...args);
      else waiting = args;
    },
    /** [{change, numbers}]: every state that differs in the controls of these names only. */
    around(state, names) {
      if (!grid) return [];
      let changes = [{}];
      for (const { name, min, step, max, options } of controls) {
        if (!names.includes(name)) continue;
        const count = options ? options.length : Math.round((max - min) / step) + 1;
        const values = Array.from({ length: count }, (_, i) => (options ? i : min + i * step));
        changes = changes.flatMap((change) => values.map((value) => ({ ...change, [name]: value })));
      }
      return changes.map((change) => ({
        change,
        numbers: grid.numbers(grid.rows.get(stateKey({ ...state, ...change }, controls))),
      }));
    },
    close() {},
  };
}

/** The kernel computes: few requests in flight, then the latest state; an old answer is dropped. */
function kernelSource(model, view) {
  const flying = new Map(); // id -> {paint, fail}
  let next = null;
  let id = 0;
  let newest = 0; // the latest id that was answered
  let heard = performance.now();
  let timer = null;

  const watch = () => {
    clearTimeout(timer);
    if (flying.size) timer = setTimeout(() => showStatus(view, WAITING), WAIT_BEFORE_SAYING_SO);
    else showStatus(view, "");
  };
  const send = ([state, paint, fail]) => {
    id += 1;
    if (!flying.size) heard = performance.now();
    flying.set(id, { paint, fail });
    if (flying.size === 1) watch();
    try {
      model.send({ type: "state", id, state });
    } catch {
      flying.clear(); // there is no kernel to send to: the timer says so, the next move tries again
    }
  };
  const receive = (content, buffers) => {
    const request = flying.get(content.id);
    if (!request) return;
    flying.delete(content.id);
    heard = performance.now();
    watch();
    if (content.id > newest) {
      newest = content.id;
      if (content.type === "error") request.fail(content.text);
      else request.paint(new Float32Array(bytes(buffers[0])), content.strings);
    }
    if (next) {
      const waiting = next;
      next = null;
      send(waiting);
    }
  };
  model.on("msg:custom", receive);
  return {
    request(...args) {
      if (performance.now() - heard > GIVE_UP_AFTER) flying.clear();
      if (flying.size < IN_FLIGHT) send(args);
      else next = args;
    },
    close() {
      clearTimeout(timer);
      model.off("msg:custom", receive);
    },
  };
}

function bytes(view) {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

/** The grid that klteach/explorers/grid.py packed. */
export async function unpack(packed) {
  const stream = new Blob([bytes(packed)]).stream();
  const plain = await new Response(
    stream.pipeThrough(new DecompressionStream("deflate")),
  ).arrayBuffer();
  const align = (offset) => Math.ceil(offset / 4) * 4;
  const headerLength = new DataView(plain).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(plain, 4, headerLength)));
  const { states, parts, columns, columnOf, strings } = header;
  let offset = align(4 + headerLength);
  const keys = new Uint16Array(plain, offset, states * parts);
  offset = align(offset + keys.byteLength);
  const numbers = new Float32Array(plain, offset, states * columns);
  offset = align(offset + numbers.byteLength);
  const indices = new Uint16Array(plain, offset, states * strings.length);

  const rows = new Map();
  for (let row = 0; row < states; row++) {
    rows.set(keys.subarray(row * parts, (row + 1) * parts).join(), row);
  }
  return {
    rows,
    distinct: strings,
    numbers: (row) => Float32Array.from(columnOf, (column) => numbers[column * states + row]),
    strings: (row) => strings.map((distinct, place) => distinct[indices[place * states + row]]),
  };
}

/** The same whole numbers as `key` of the controls in Python. */
export function stateKey(state, controls) {
  return controls
    .flatMap((control) => {
      const raw = state[control.name];
      return control.kind === "slider" ? Math.round((raw - control.min) / control.step) : raw;
    })
    .join();
}
