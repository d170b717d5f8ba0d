"""The VAEs of unit 20 by a second route: read from the bytes, run and measured in other words."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import expit, logsumexp
from scipy.stats import norm

import klteach

DATA = Path(klteach.__file__).parent / "data"
BETAS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 15.0, 20.0)
NOISE = 0.2
SHAPES = ((64, 64), (64,), (64, 4), (4,), (2, 64), (64,), (64, 64), (64,), (64, 64), (64,))


class Figures(NamedTuple):
    """What the lesson's table says of a model."""

    seen: float
    others: float
    kl: float
    information: float
    gap: float
    samples: float


@cache
def pixels():
    """(the hundred images that were trained on, 500 others, all), by counting digit by digit."""
    with np.load(DATA / "digits.npz") as file:
        everything = file["images"].reshape(-1, 64) / 16
        labels = file["labels"].tolist()
    seen, others = [], []
    for digit in range(10):
        rows = [row for row, label in enumerate(labels) if label == digit]
        trained = [rows[17 * k] for k in range(10)]
        rest = [row for row in rows if row not in trained]
        seen += trained
        others += [rest[3 * k] for k in range(50)]
    return everything[sorted(seen)], everything[sorted(others)], everything


@cache
def weights(beta):
    """The ten arrays of a model: low and high bytes of thousandths, one after the other."""
    with np.load(DATA / "digits_vae.npz") as file:
        low, high = file["weights"][:, BETAS.index(beta)].astype(int)
    row = (low + 256 * high + 2**15) % 2**16 - 2**15
    arrays, start = [], 0
    for shape in SHAPES:
        end = start + int(np.prod(shape))
        arrays.append(row[start:end].reshape(shape) / 1000)
        start = end
    return arrays


def encoded(beta, images):
    """Means and standard deviations, (n, 2) each."""
    w = weights(beta)
    hidden = np.tanh(np.einsum("np,ph->nh", images, w[0]) + w[1])
    out = np.einsum("nh,ho->no", hidden, w[2]) + w[3]
    return out[:, :2], np.sqrt(np.exp(out[:, 2:]))


def decoded(beta, latents):
    w = weights(beta)
    hidden = np.tanh(np.tanh(latents @ w[4] + w[5]) @ w[6] + w[7])
    return expit(hidden @ w[8] + w[9])


def grid(count):
    """Gauss-Hermite nodes in the plane for a standard normal, and their weights."""
    x, w = np.polynomial.hermite.hermgauss(count)
    first, second = np.meshgrid(np.sqrt(2) * x, np.sqrt(2) * x)
    return np.column_stack([first.ravel(), second.ravel()]), np.outer(w, w).ravel() / np.pi


def expected_error(beta, images, count):
    """Squared error over 2 s², averaged over q(z|x) and over the images."""
    mean, sd = encoded(beta, images)
    nodes, share = grid(count)
    total = 0.0
    for node, weight in zip(nodes, share, strict=True):
        difference = decoded(beta, mean + sd * node) - images
        total += weight * np.square(difference).sum() / (2 * NOISE**2) / len(images)
    return total


def kl_of_latents(beta, images):
    """KL of each latent of each image from the prior, by entropies: (n, 2)."""
    mean, sd = encoded(beta, images)
    cross = (np.log(2 * np.pi) + mean**2 + sd**2) / 2
    return cross - norm(mean, sd).entropy()


def log_aggregate(beta, latents):
    """log q(z) at the points: the mean of a hundred densities."""
    mean, sd = encoded(beta, pixels()[0])
    logs = norm.logpdf(latents[:, None], mean, sd).sum(axis=-1)
    return logsumexp(logs, axis=1, b=1 / len(mean))


def gap(beta, count=12):
    """KL of the mean of the posteriors from the prior, image by image."""
    mean, sd = encoded(beta, pixels()[0])
    nodes, share = grid(count)
    points = (mean[:, None] + sd[:, None] * nodes).reshape(-1, 2)
    ratio = log_aggregate(beta, points) - norm.logpdf(points).sum(axis=1)
    return (ratio.reshape(len(mean), -1) @ share).mean()


def off(images, real):
    """Squared error over 2 s² from each image to the nearest real one."""
    return cdist(images, real, "sqeuclidean").min(axis=1) / (2 * NOISE**2)


@cache
def figures(beta):
    seen, others, everything = pixels()
    kl, missing = kl_of_latents(beta, seen).sum(axis=1).mean(), gap(beta)
    drawn = decoded(beta, np.random.default_rng(20).normal(size=(500, 2)))
    return Figures(
        expected_error(beta, seen, 15),
        expected_error(beta, others, 9),
        kl,
        kl - missing,
        missing,
        off(drawn, everything).mean(),
    )
