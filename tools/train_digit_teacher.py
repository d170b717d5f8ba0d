"""Train the teacher of unit 21 and write its logits to klteach/data/digit_teacher.npz.

    python tools/train_digit_teacher.py [--check]

Five small networks, 64 pixels to 64 rectified units to 10 digits, trained on the first 900 rows of
`digits` with cross-entropy by Adam; the teacher's logits are the mean of theirs. About two seconds.
`--check` writes nothing and exits with 1 if a logit would move by more than ALLOWED: another
processor adds up in another order.

An author's command: learners have the file.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from klteach.data.digit_teacher import LOGIT_SCALE, TAUGHT
from klteach.data.digits import digits
from klteach.data.extract import FOLDER, open_extract, pack, unpack

NETWORKS = 5
UNITS = 64
STEPS = 400  # each on all taught rows
RATE = 0.003
DECAY = 1e-3  # of the weights, not of the thresholds
ALLOWED = 0.05  # between two processors; the logits go from about -15 to 14


def logits_of_the_teacher():
    """(1797, 10): the mean of the networks' logits for every row of `digits`."""
    data = digits()
    pixels, wanted = data.pixels, np.eye(10)[data.labels]
    networks = [_trained(pixels[:TAUGHT], wanted[:TAUGHT], seed) for seed in range(NETWORKS)]
    return np.mean([_logits(network, pixels)[1] for network in networks], axis=0)


def _trained(pixels, wanted, seed):
    """The weights and thresholds of one network, from a random start."""
    random = np.random.default_rng(seed)
    inputs, outputs = pixels.shape[1], wanted.shape[1]
    network = [
        random.normal(0, np.sqrt(2 / inputs), (inputs, UNITS)),
        np.zeros(UNITS),
        random.normal(0, np.sqrt(1 / UNITS), (UNITS, outputs)),
        np.zeros(outputs),
    ]
    mean = [np.zeros_like(part) for part in network]
    square = [np.zeros_like(part) for part in network]
    for step in range(1, STEPS + 1):
        for part, gradient, m, s in zip(
            network, _gradients(network, pixels, wanted), mean, square, strict=True
        ):
            m += 0.1 * (gradient - m)
            s += 0.001 * (gradient**2 - s)
            part -= RATE * (m / (1 - 0.9**step)) / (np.sqrt(s / (1 - 0.999**step)) + 1e-8)
    return network


def _gradients(network, pixels, wanted):
    first, _, second, _ = network
    hidden, logits = _logits(network, pixels)
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    at_logits = (share - wanted) / len(pixels)
    at_hidden = at_logits @ second.T * (hidden > 0)
    return (
        pixels.T @ at_hidden + DECAY * first,
        at_hidden.sum(axis=0),
        hidden.T @ at_logits + DECAY * second,
        at_logits.sum(axis=0),
    )


def _logits(network, pixels):
    """(what the hidden units give, the logits)."""
    first, first_threshold, second, second_threshold = network
    hidden = np.maximum(pixels @ first + first_threshold, 0)
    return hidden, hidden @ second + second_threshold


def arrays():
    """What the file holds: one row for each digit, so that neighbours are alike."""
    return {"logits": pack(np.round(logits_of_the_teacher().T, 2), LOGIT_SCALE)}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say what would change")
    options = parser.parse_args(arguments)
    made = arrays()
    if options.check:
        old = unpack(open_extract("digit_teacher")["logits"], LOGIT_SCALE)
        moved = float(abs(unpack(made["logits"], LOGIT_SCALE) - old).max())
        print(f"digit_teacher.npz: a logit moves by {moved:.2f} at most")
        sys.exit(1 if moved > ALLOWED else 0)
    from rebuild_data import written

    (FOLDER / "digit_teacher.npz").write_bytes(written(made))


if __name__ == "__main__":
    main()
