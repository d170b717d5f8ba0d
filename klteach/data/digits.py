"""Handwritten digits of 8 × 8 pixels: small enough for a model that NumPy trains in seconds."""

from dataclasses import dataclass

import numpy as np

from klteach.data.extract import open_extract

# A pixel counts the black points among 16 of the original.
BLACK = 16


@dataclass(frozen=True, eq=False)
class Digits:
    """One row for each digit, in the order of the source.

    images     (1797, 8, 8) whole numbers, 0 for white paper to 16 for black ink
    labels     (1797,) the digit that was written, 0 to 9
    """

    images: np.ndarray
    labels: np.ndarray

    @property
    def pixels(self) -> np.ndarray:
        """The images as rows of 64 numbers from 0 to 1: (1797, 64), for a model.

        >>> digits().pixels[0, :8].tolist()
        [0.0, 0.0, 0.3125, 0.8125, 0.5625, 0.0625, 0.0, 0.0]
        """
        return self.images.reshape(len(self.images), -1) / BLACK


def digits() -> Digits:
    """1797 digits that 13 people wrote, scanned, cut out and reduced to 8 × 8 pixels.

    People filled a form; a program of NIST cut the digits out and brought them to one size, 32 × 32
    points that are black or white, and each pixel is the number of black ones in a block of 4 × 4.
    These are the test set of the source, whose other set comes from 30 other people. Digits of one
    person stand together, but the source does not say where the next begins: the first and the last
    part of the rows are by different people, rows drawn at random are not.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, 1998, CC BY 4.0; from scikit-learn 1.9.1, BSD-3-Clause.

    >>> data = digits()
    >>> data.images.shape, data.labels[:5].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4])
    """
    stored = open_extract("digits")
    return Digits(stored["images"].astype(np.int64), stored["labels"].astype(np.int64))
