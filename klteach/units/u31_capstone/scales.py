"""Nine measures of two normals with the same width, as functions of the shift between them."""

import numpy as np
from scipy.special import ndtr, rel_entr

# in the order in which they reach 0.1
NAMES = (
    "W1 (in sds)",
    "root of JS (bits)",
    "total variation",
    "Hellinger",
    "root of JS (nats)",
    "PSI",
    "KL",
    "JS (bits)",
    "JS (nats)",
)


def _density(x):
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def js_of_shift(shift):
    """JS of N(shift, 1) and N(0, 1) in nats, for shifts up to 3: no closed form, so an integral."""
    shift = np.asarray(shift, dtype=float)[..., None]
    x = np.linspace(-9, 9, 1201) + shift / 2  # both tails are below 1e-13 at the ends
    p, q = _density(x - shift), _density(x)
    middle = (p + q) / 2
    terms = (rel_entr(p, middle) + rel_entr(q, middle)) / 2
    return terms.sum(axis=-1) * (x[..., 1] - x[..., 0])


def nine_scales(shift):
    """The nine values at each shift, in the order of NAMES along the last axis.

    >>> nine_scales(0.8).round(3)
    array([0.8  , 0.327, 0.311, 0.277, 0.272, 0.64 , 0.32 , 0.107, 0.074])
    """
    shift = np.asarray(shift, dtype=float)
    js = js_of_shift(shift)
    values = (
        shift,
        np.sqrt(js / np.log(2)),
        2 * ndtr(shift / 2) - 1,
        np.sqrt(-np.expm1(-(shift**2) / 8)),
        np.sqrt(js),
        shift**2,
        shift**2 / 2,
        js / np.log(2),
        js,
    )
    return np.stack(values, axis=-1)
