"""Train the nine variational autoencoders of unit 20 again, which `klteach.data.digits_vae` holds.

    python tools/train_vae.py

It trains, prints what each model is worth beside the committed one, and exits with 1 if a figure
differs by more than TOLERANCE: under a minute on one core. `tools/rebuild_data.py digits_vae`
trains and writes the file.

The same seed gives the same draws everywhere, but another processor adds up in another order, and
10,000 steps turn the last digit into other weights. So it is the figures that have to agree.

An author's command: learners have the weights.
"""

import argparse
import io
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from klteach.data.digits_vae import BETAS, SHAPES, WEIGHT_SCALE, split
from klteach.data.extract import open_extract, pack, unpack
from klteach.units.u20_elbo_and_vae.vae import (
    LATENTS,
    VAE,
    Measures,
    images,
    loss_and_gradients,
    measures,
)

SEED = 20
STEPS = 10_000
TOLERANCE = (0.5, 0.15)  # nats, and a share of the figure
RATE = 0.008  # of Adam, for the first half; from there on it falls to 0
DECAY = (0.9, 0.999)  # of the two averages that Adam keeps


def trained(beta, steps=STEPS):
    """The weights of one model in a row, from the committed seed: Adam, all images in a step."""
    random = np.random.default_rng(SEED)
    row = initial(random)
    first, second = np.zeros((2, len(row)))
    pixels = images().seen
    for step in range(1, steps + 1):
        noise = random.standard_normal((len(pixels), LATENTS))
        slope = slope_of(row, pixels, noise, beta)
        first += (1 - DECAY[0]) * (slope - first)
        second += (1 - DECAY[1]) * (slope**2 - second)
        mean, square = first / (1 - DECAY[0] ** step), second / (1 - DECAY[1] ** step)
        row -= RATE * min(1, 2 * (1 - step / steps)) * mean / (np.sqrt(square) + 1e-8)
    return row


def initial(random):
    """Normal weights that keep the size of what goes through them, and offsets of 0, in a row."""
    return np.concatenate([
        random.standard_normal(shape).ravel() / np.sqrt(shape[0]) * (len(shape) == 2)
        for shape in SHAPES
    ])  # fmt: skip


def slope_of(row, pixels, noise, beta):
    """The slope of the loss by each weight, in a row."""
    _, slopes = loss_and_gradients(split(row), pixels, noise, beta)
    return np.concatenate([slope.ravel() for slope in slopes])


def arrays():
    """What the file holds: the weights of all models, rounded."""
    rows = np.stack([trained(beta) for beta in BETAS])
    return {"weights": pack(np.round(rows * WEIGHT_SCALE) / WEIGHT_SCALE, WEIGHT_SCALE)}


def figures(stored):
    """{β: the measures of its model} from what the file holds."""
    rows = unpack(stored["weights"]) / WEIGHT_SCALE
    return {beta: measures(VAE(split(row))) for beta, row in zip(BETAS, rows, strict=True)}


def near(new, old):
    """Whether two figures agree as far as they must."""
    return abs(new - old) <= TOLERANCE[0] + TOLERANCE[1] * abs(old)


def same_figures(first, second):
    """Whether the models of two files, given as bytes, are worth the same."""
    with np.load(io.BytesIO(first)) as a, np.load(io.BytesIO(second)) as b:
        old, new = figures(a), figures(b)
    return all(near(x, y) for beta in BETAS for x, y in zip(new[beta], old[beta], strict=True))


def main(arguments=None):
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args(arguments)
    new, old = figures(arrays()), figures(open_extract("digits_vae"))
    print(" " * 17 + "".join(f"{name:>15}" for name in Measures._fields))
    far = []
    for beta in BETAS:
        for name, worth in (("now", new[beta]), ("committed", old[beta])):
            print(f"{beta:6g} {name:10}" + "".join(f"{value:15.3f}" for value in worth))
        pairs = zip(Measures._fields, new[beta], old[beta], strict=True)
        far += [f"{name} at β = {beta:g}" for name, x, y in pairs if not near(x, y)]
    if far:
        sys.exit(f"Too far apart: {', '.join(far)}")


if __name__ == "__main__":
    main()
