"""One number for two rows of shares, and what each cell adds to it.

P is the current data, Q the baseline. Shares come from `Smoothing.shares`, so they sum to 1; a cell
that is empty on both sides adds 0. These run over the thousand rows of a null distribution, which
is why they leave out the checks of `klteach.measures`; tests hold them to those.
"""

import numpy as np

from klteach.drift.errors import DriftError

_NAMES = {
    "psi": "PSI(P, Q) = KL(P‖Q) + KL(Q‖P)",
    "kl": "KL(current‖baseline)",
    "reverse kl": "KL(baseline‖current)",
    "js": "JS(P, Q)",
}
# c · divergence / (1/n + 1/m) is χ² without drift, with many rows
CHI2_FACTOR = {"psi": 1.0, "kl": 2.0, "reverse kl": 2.0, "js": 8.0}
DIVERGENCES = tuple(_NAMES)


def formula(name: str) -> str:
    """The divergence as it is written: "KL(current‖baseline)"."""
    return _NAMES[require_known(name)]


def require_known(name: str) -> str:
    """The name itself; DriftError with the names that there are if it is none of them."""
    if name not in _NAMES:
        raise DriftError(f"divergence {name!r} is not known; there are {', '.join(DIVERGENCES)}.")
    return name


def divergence(name: str, p, q) -> np.ndarray:
    """The divergence of each pair of rows, in nats: (..., k) twice gives (...,).

    >>> float(divergence("kl", [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]).round(6))
    1.101868
    """
    return contributions(name, p, q).sum(axis=-1)


def contributions(name: str, p, q) -> np.ndarray:
    """What each cell adds, never negative: (..., k) twice gives the same, and sums to it.

    For KL these are the terms p log(p/q) - p + q of `klteach.kl_terms`.
    """
    p, q = np.asarray(p, dtype=float), np.asarray(q, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        if require_known(name) == "psi":
            return _where_used(p, q, (p - q) * np.log(p / q))
        if name == "js":
            middle = (p + q) / 2
            return (_kl_terms(p, middle) + _kl_terms(q, middle)) / 2
        return _kl_terms(p, q) if name == "kl" else _kl_terms(q, p)


def _kl_terms(p, q):
    terms = np.where(p > 0, p * np.log(p / q), 0) - p + q
    # rounding may leave a hair below 0 where p is nearly q
    return np.maximum(_where_used(p, q, terms), 0)


def _where_used(p, q, terms):
    return np.where((p > 0) | (q > 0), terms, 0)
