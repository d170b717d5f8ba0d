"""Do two PNG pictures look the same?

Another machine draws the same figure with other grey values along the edges of letters and lines.
Such a picture keeps its committed bytes; a changed digit or a moved curve does not pass.
"""

import base64
from io import BytesIO

import numpy as np
from PIL import Image

BLOCK = 8  # pixels
LARGEST_BLOCK_DIFFERENCE = 12  # of 255, mean over a block; 3 and 5 in 9 points differ by 20


def same_picture(one, other):
    """Whether two base64 PNGs have one size and no 8 x 8 block differs by more than noise."""
    if one == other:
        return True
    one, other = _pixels(one), _pixels(other)
    if one.shape != other.shape:
        return False
    difference = np.abs(one - other).max(axis=2)
    height, width = difference.shape
    padded = np.pad(difference, ((0, -height % BLOCK), (0, -width % BLOCK)))
    blocks = padded.reshape(padded.shape[0] // BLOCK, BLOCK, padded.shape[1] // BLOCK, BLOCK)
    return blocks.mean(axis=(1, 3)).max() <= LARGEST_BLOCK_DIFFERENCE


def _pixels(encoded):
    """(height, width, 4) colours on white, and the opacity: unseen colours must not count."""
    with Image.open(BytesIO(base64.b64decode(encoded))) as picture:
        pixels = np.asarray(picture.convert("RGBA"), dtype=float)
    opacity = pixels[..., 3:]
    colours = 255 + (pixels[..., :3] - 255) * opacity / 255
    return np.concatenate([colours, opacity], axis=2)
