"""A small variational autoencoder of the digits in NumPy: the model, its loss and its gradients.

    image, 64 pixels -> 64 tanh -> mean and log variance of two latents        encoder, q(z|x)
    two latents -> 64 tanh -> 64 tanh -> 64 pixels, by a logistic function      decoder, p(x|z)

The prior p(z) is two independent standard normals, and p(x|z) is normal around the decoder's image
with the standard deviation NOISE in each pixel. `tools/train_vae.py` trains it.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from klteach.data import digits, digits_vae
from klteach.data.digits_vae import Weights, training_rows

LATENTS = 2
NOISE = 0.2  # of a pixel between 0 and 1
ENCODER = 4  # how many of the arrays of weights are the encoder's
OTHERS_OF_EACH = 50
SAMPLES = 500
NODES_OF_SEEN, NODES_OF_OTHERS, NODES_OF_GAP = 15, 9, 10  # of a quadrature, along each latent


@dataclass(frozen=True, eq=False)
class VAE:
    """The model with these weights: see `klteach.data.digits_vae`."""

    weights: Weights

    def encode(self, images):
        """Images (n, 64) to means and standard deviations of q(z|x), both (n, 2)."""
        *_, last = _layers(images, self.weights[:ENCODER])
        return last[:, :LATENTS], np.exp(last[:, LATENTS:] / 2)

    def decode(self, latents):
        """Latents (n, 2) to the images (n, 64) that the decoder draws for them."""
        *_, last = _layers(latents, self.weights[ENCODER:])
        return _logistic(last)


def loss_and_gradients(weights, images, noise, beta):
    """Squared error over 2 NOISE² plus β KL, the mean over images, and its slope by each weight.

    noise has the shape (n, 2): one standard normal draw for each latent of each image.
    """
    encoding = _layers(images, weights[:ENCODER])
    mean, log_variance = encoding[-1][:, :LATENTS], encoding[-1][:, LATENTS:]
    sd = np.exp(log_variance / 2)
    decoding = _layers(mean + sd * noise, weights[ENCODER:])
    drawn = _logistic(decoding[-1])
    loss = reconstruction_error(images, drawn) + beta * kl_to_prior(mean, sd)
    slope = (drawn - images) / NOISE**2 * drawn * (1 - drawn) / len(images)
    of_decoder, by_latent = _back(decoding, weights[ENCODER:], slope)
    by_mean = by_latent + beta * mean / len(images)
    by_log_variance = by_latent * noise * sd / 2 + beta * (sd**2 - 1) / 2 / len(images)
    slope = np.concatenate([by_mean, by_log_variance], axis=1)
    of_encoder, _ = _back(encoding, weights[:ENCODER], slope)
    return loss.mean(), (*of_encoder, *of_decoder)


def reconstruction_error(images, drawn):
    """−log p(x|z) but for a constant: the squared error over 2 NOISE², in nats an image."""
    return ((images - drawn) ** 2).sum(axis=-1) / (2 * NOISE**2)


def kl_to_prior(mean, sd):
    """KL(q(z|x)‖p(z)) in nats for each image."""
    return (mean**2 + sd**2 - 1 - np.log(sd**2)).sum(axis=-1) / 2


def _layers(values, weights):
    """What goes in and what comes out of each layer; all but the last end in a tanh."""
    values = [values]
    for place in range(0, len(weights), 2):
        sums = values[-1] @ weights[place] + weights[place + 1]
        values.append(np.tanh(sums) if place + 2 < len(weights) else sums)
    return values


def _back(values, weights, slope):
    """The slopes of the loss by the weights, and by what went in, from that by what came out."""
    slopes: list[np.ndarray] = []
    for place in reversed(range(0, len(weights), 2)):
        entered = values[place // 2]
        slopes[:0] = [entered.T @ slope, slope.sum(axis=0)]
        slope = slope @ weights[place].T
        if place:
            slope = slope * (1 - entered**2)
    return slopes, slope


def _logistic(x):
    return 1 / (1 + np.exp(-x))


# -- what a model is worth ------------------------------------------------------------------------


class Images(NamedTuple):
    """A hundred images that the models were trained on, 500 others, and all there are."""

    seen: np.ndarray
    others: np.ndarray
    all: np.ndarray


@cache
def images():
    """The three sets of images, each (n, 64)."""
    data = digits()
    seen = training_rows(data.labels)
    rest = np.setdiff1d(np.arange(len(data.labels)), seen)
    of_each = [rest[data.labels[rest] == digit][::3][:OTHERS_OF_EACH] for digit in range(10)]
    others = np.sort(np.concatenate(of_each))
    return Images(data.pixels[seen], data.pixels[others], data.pixels)


class Measures(NamedTuple):
    """What a model does, in nats an image."""

    reconstruction: float  # expected error of the images it was trained on
    of_others: float  # the same of other images
    kl: float  # KL(q(z|x)‖p(z)), the mean over the images it was trained on
    information: float  # how much of it is information about which image it was
    gap: float  # and how much is KL(q(z)‖p(z)), where q(z) is the mean of all q(z|x)
    samples: float  # from an image drawn from the prior to the nearest real one


def measures(model):
    """The measures of a VAE: integrals by quadrature, samples from a fixed seed."""
    seen, others, everything = images()
    mean, sd = model.encode(seen)
    kl = kl_to_prior(mean, sd).mean()
    gap = aggregate_gap(mean, sd)
    drawn = model.decode(np.random.default_rng(20).standard_normal((SAMPLES, LATENTS)))
    return Measures(
        expected_error(model, seen, NODES_OF_SEEN),
        expected_error(model, others, NODES_OF_OTHERS),
        float(kl),
        float(kl - gap),
        gap,
        float(distance_to_nearest(drawn, everything).mean()),
    )


@cache
def all_measures():
    """{β: its measures} for all models that there are."""
    return {beta: measures(VAE(weights)) for beta, weights in digits_vae().items()}


def expected_error(model, pixels, count):
    """The reconstruction error over q(z|x), the mean over images, from count² nodes for each."""
    mean, sd = model.encode(pixels)
    nodes, weights = _nodes(count)
    latents = mean[:, None] + sd[:, None] * nodes
    drawn = model.decode(latents.reshape(-1, LATENTS)).reshape(*latents.shape[:2], -1)
    return float((reconstruction_error(pixels[:, None], drawn) @ weights).mean())


def aggregate_gap(mean, sd):
    """KL(q(z)‖p(z)): how far the mean of all posteriors is from the prior."""
    nodes, weights = _nodes(NODES_OF_GAP)
    latents = (mean[:, None] + sd[:, None] * nodes).reshape(-1, LATENTS)
    log_q = np.logaddexp.reduce(_log_normal(latents[:, None], mean, sd), axis=1) - np.log(len(mean))
    log_ratio = log_q - _log_normal(latents, 0.0, 1.0)
    return float((log_ratio.reshape(len(mean), -1) @ weights).mean())


def _nodes(count):
    """Nodes (count², 2) and weights of a quadrature under two independent standard normals."""
    x, w = np.polynomial.hermite_e.hermegauss(count)
    nodes = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, LATENTS)
    return nodes, np.outer(w, w).ravel() / (2 * np.pi)


def _log_normal(z, mean, sd):
    log_sd = np.broadcast_to(np.log(sd), (*np.shape(sd)[:-1], LATENTS))
    return -(((z - mean) / sd) ** 2 / 2 + log_sd).sum(axis=-1) - np.log(2 * np.pi)


def distance_to_nearest(drawn, pixels):
    """The squared error over 2 NOISE² from each drawn image to the nearest of these."""
    return squared_distances(drawn, pixels).min(axis=1) / (2 * NOISE**2)


def squared_distances(drawn, pixels):
    """(n, m) squared distances of n images from m others."""
    squares = (drawn**2).sum(axis=1)[:, None] + (pixels**2).sum(axis=1)
    return np.maximum(squares - 2 * drawn @ pixels.T, 0)
