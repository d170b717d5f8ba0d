"""Nats and bits: the unit of information is the base of the logarithm."""

import numpy as np

from klteach.measures.validation import numbers, require_not_nan

NATS_PER_BIT = np.log(2.0)


@np.errstate(under="ignore")
def to_bits(x):
    """Convert information from nats to bits.

    Formula: x / log 2; one bit is log 2 = 0.693147 nats.
    Shapes:  a number gives a float; an array gives a float64 array of the same shape.
    Units:   nats in, bits out.
    Errors:  ValueError if x holds NaN or anything but real numbers. Infinity stays infinity.
    Source:  C. E. Shannon, "A mathematical theory of communication" (1948), introduction.

    >>> round(to_bits(1.101868), 4)
    1.5897
    """
    return _plain(_information(x) / NATS_PER_BIT)


@np.errstate(under="ignore")
def to_nats(x):
    """Convert information from bits to nats.

    Formula: x * log 2; one bit is log 2 = 0.693147 nats.
    Shapes:  a number gives a float; an array gives a float64 array of the same shape.
    Units:   bits in, nats out.
    Errors:  ValueError if x holds NaN or anything but real numbers. Infinity stays infinity.
    Source:  C. E. Shannon, "A mathematical theory of communication" (1948), introduction.

    >>> round(to_nats(1.0), 6)
    0.693147
    """
    return _plain(_information(x) * NATS_PER_BIT)


def _information(x):
    information = numbers("x", x)
    require_not_nan("x", information)
    return information.astype(np.float64)


def _plain(information):
    return float(information) if information.ndim == 0 else information
