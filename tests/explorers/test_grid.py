import base64
import json

import numpy as np

from klteach.explorers.grid import pack

UNPACK = """(async () => {{
  const packed = new DataView(Uint8Array.from(atob("{packed}"), (c) => c.charCodeAt(0)).buffer);
  const grid = await explorer.unpack(packed);
  return {keys}.map((key) => {{
    const row = grid.rows.get(key.join());
    return [[...grid.numbers(row)], grid.strings(row)];
  }});
}})()"""


def test_the_browser_unpacks_what_python_packed(javascript):
    random = np.random.default_rng(0)
    states = 37  # an odd number, so that no block ends where the next may start
    numbers = random.normal(size=(states, 5)).astype(np.float32)
    numbers[:, 1] = 7  # constant, and one column twice
    numbers[:, 3] = numbers[:, 0]
    keys = [[row, 2 * row + 1, 65535 - row] for row in range(states)]
    strings = [[f"KL = {row % 4} ‖ ∞" for row in range(states)], [""] * states]
    packed = base64.b64encode(pack(keys, numbers, strings)).decode()
    answers = javascript(UNPACK.format(packed=packed, keys=json.dumps(keys)))
    for row, (row_numbers, row_strings) in enumerate(answers):
        assert np.array_equal(np.array(row_numbers, dtype=np.float32), numbers[row])
        assert row_strings == [column[row] for column in strings]


def test_what_repeats_is_sent_once():
    states = 1000
    moving = np.linspace(0, 1, states, dtype=np.float32)[:, None]
    keys = [[row] for row in range(states)]
    once = len(pack(keys, moving, []))
    often = len(pack(keys, np.repeat(moving, 200, axis=1), []))
    assert often < once + 1000
