"""Nine small variational autoencoders of the digits, which differ in β alone: their weights.

Each has seen the same hundred images. `tools/train_vae.py` trains them again in under a minute, and
unit 20 says what they are good for.
"""

import numpy as np

from klteach.data.extract import open_extract, unpack

BETAS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 15.0, 20.0)
# weights and offsets of each layer, two of the encoder and three of the decoder
SHAPES = ((64, 64), (64,), (64, 4), (4,), (2, 64), (64,), (64, 64), (64,), (64, 64), (64,))
WEIGHT_SCALE = 1000
OF_EACH_DIGIT = 10
EVERY = 17  # so that the ten of a digit are spread over the people who wrote them

Weights = tuple[np.ndarray, ...]


def digits_vae() -> dict[float, Weights]:
    """{β: the weights of the model}, for nine β from 0.01 to 20.

    Ten arrays: weights and offsets of two layers of the encoder, which ends in two means and two
    log variances, and of three layers of the decoder, from two latents to 64 pixels. They were
    trained by `tools/train_vae.py` and rounded to three decimals.

    Source: this course; trained on a hundred of the images of `digits`.

    >>> models = digits_vae()
    >>> list(models), sum(array.size for array in models[1.0])
    ([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 15.0, 20.0], 12932)
    """
    rows = unpack(open_extract("digits_vae")["weights"]) / WEIGHT_SCALE
    return {beta: split(row) for beta, row in zip(BETAS, rows, strict=True)}


def split(row: np.ndarray) -> Weights:
    """The arrays of SHAPES that stand one after the other in a row of numbers."""
    sizes = [int(np.prod(shape)) for shape in SHAPES]
    parts = np.split(row, np.cumsum(sizes)[:-1])
    return tuple(part.reshape(shape) for part, shape in zip(parts, SHAPES, strict=True))


def training_rows(labels: np.ndarray) -> np.ndarray:
    """Which images the models have seen: every 17th of each digit, ten of each.

    >>> from klteach.data.digits import digits
    >>> rows = training_rows(digits().labels)
    >>> len(rows), rows[:5].tolist()
    (100, [0, 1, 2, 3, 4])
    """
    chosen = [np.flatnonzero(labels == digit)[::EVERY][:OF_EACH_DIGIT] for digit in range(10)]
    return np.sort(np.concatenate(chosen))
