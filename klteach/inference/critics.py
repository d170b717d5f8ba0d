"""Lower bounds of a divergence from a critic, a function that gives high values where p is likely.

Each takes the values of the critic at samples, so it is an estimate of its bound: a sample of the
mean of an exponential is often too small, and the bound then comes out too large.
"""

import numpy as np
from numpy.typing import ArrayLike

from klteach.measures.parameters import read, require


@np.errstate(under="ignore")
def donsker_varadhan(critic_p: ArrayLike, critic_q: ArrayLike) -> float:
    """Donsker-Varadhan bound: a lower bound of KL(p‖q) from any critic, tight for the log ratio.

    Formula: mean of T over samples of p, minus the log of the mean of exp(T) over samples of q. At
             most KL(p‖q) where the means are exact, and equal for T = log(p/q) + any constant. By
             log-sum-exp, so that no critic value is too large.
    Shapes:  critic_p (n,), the values of T at samples of p, and critic_q (m,), those at samples of
             q, give a float.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError for nan, for -inf in critic_p or inf in critic_q, or if a list is empty or
             has another shape.
    Source:  M. D. Donsker and S. R. S. Varadhan, "Asymptotic evaluation of certain Markov process
             expectations for large time, I" (1975).

    >>> round(donsker_varadhan([1.0, 2.0], [0.0, -1.0]), 6)
    1.879885
    """
    at_p, at_q = _critics(critic_p, critic_q)
    top, rest = _log_mean_exp(at_q)
    return np.inf if top == -np.inf else float((at_p - top).mean() - rest)


@np.errstate(under="ignore")
def nwj(critic_p: ArrayLike, critic_q: ArrayLike) -> float:
    """Nguyen-Wainwright-Jordan bound: a lower bound of KL(p‖q), tight for the log ratio plus 1.

    Formula: mean of T over samples of p, minus the mean of exp(T - 1) over samples of q. At most
             KL(p‖q) where the means are exact, and equal only for T = 1 + log(p/q): a constant in
             T matters here. Never above `donsker_varadhan` of the same critic.
    Shapes:  critic_p (n,), the values of T at samples of p, and critic_q (m,), those at samples of
             q, give a float.
    Units:   nats; use to_bits for bits.
    Errors:  as for donsker_varadhan. A value below -1.8e308 is -inf, with NumPy's overflow
             warning.
    Source:  X. Nguyen, M. J. Wainwright and M. I. Jordan, "Estimating divergence functionals and
             the likelihood ratio by convex risk minimization" (2010).

    >>> round(nwj([2.0, 3.0], [1.0, 0.0]), 6)
    1.81606
    """
    at_p, at_q = _critics(critic_p, critic_q)
    # The same with 1 taken off both means: near T = 1, where p is near q, nothing cancels.
    return float((at_p - 1).mean() - np.expm1(at_q - 1).mean())


@np.errstate(under="ignore")
def info_nce(scores: ArrayLike) -> float:
    """InfoNCE bound: a lower bound of mutual information from telling the true pair among N.

    Formula: mean over rows i of log(exp(s_ii) / (mean over j of exp(s_ij))) = log N - the mean
             cross-entropy of picking the true pair. Never above log N, however much X tells
             about Y.
    Shapes:  scores (N, N): row i holds the scores of x_i with y_1 ... y_N, so that the true pairs
             lie on the diagonal. Gives a float.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError for nan or inf, for -inf on the diagonal, or if the table is not square.
    Source:  A. van den Oord, Y. Li and O. Vinyals, "Representation learning with contrastive
             predictive coding" (2018).

    >>> round(info_nce([[2.0, 0.0], [0.0, 2.0]]), 6)
    0.566219
    """
    (table,) = read(scores=scores)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ValueError(
            f"scores has shape {table.shape}: pass a square table, in which row i holds the scores "
            "of x_i with every y, the true one on the diagonal."
        )
    require(table < np.inf, "scores", table, "must not be inf: find out where it comes from")
    of_pairs = np.diagonal(table)
    impossible = np.eye(len(table), dtype=bool) & np.isneginf(table)
    require(~impossible, "scores", table, "rules out a true pair: find out where it comes from")
    bounds = []
    for pair, row in zip(of_pairs, table, strict=True):
        top, rest = _log_mean_exp(row)
        bounds.append((pair - top) - rest)
    return float(min(np.mean(bounds), np.log(len(table))))  # by force, as the mean is rounded


def _critics(critic_p: ArrayLike, critic_q: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    at_p, at_q = read(critic_p=critic_p, critic_q=critic_q)
    for name, array in (("critic_p", at_p), ("critic_q", at_q)):
        if array.ndim != 1:
            raise ValueError(
                f"{name} has shape {array.shape}: pass one value of the critic for each sample, "
                "(n,)."
            )
    advice = "find out where it comes from, or keep the critic within bounds"
    require(at_p > -np.inf, "critic_p", at_p, f"rules out a sample of p: {advice}")
    require(at_q < np.inf, "critic_q", at_q, f"has no finite exponential: {advice}")
    return at_p, at_q


def _log_mean_exp(values: np.ndarray) -> tuple[float, float]:
    """log of the mean of exp(values) in two parts, the largest value and the rest.

    Apart, since the rest would lose its digits beside a large value. Good for values that are near
    one another too.
    """
    top = float(values.max())
    if top == -np.inf:
        return top, 0.0
    below = np.expm1(values - top).mean()
    if below > -0.5:
        return top, float(np.log1p(below))
    return top, float(np.log(np.exp(values - top).mean()))
