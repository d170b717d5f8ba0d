"""What a reward makes of a reference policy: by a penalty on the divergence, or by choosing."""

import numpy as np
from numpy.typing import ArrayLike

from klteach.inference.reading import FloatOrArray, probabilities, require_whole, shares
from klteach.measures.labels import require_same_labels
from klteach.measures.parameters import plain, read, require_finite, require_positive
from klteach.measures.validation import require_same_shape


@np.errstate(under="ignore")
def tilted_policy(reference: ArrayLike, reward: ArrayLike, beta: float) -> np.ndarray:
    """The policy that earns the most reward after a penalty of beta for each nat of divergence.

    Formula: π = reference exp(reward/beta) / Z, which maximises E[reward] - beta KL(π‖reference);
             the maximum is beta log Z. A small beta leaves only the best actions that the reference
             takes, a large one the reference. In logarithms, so that neither tiny beta nor large
             rewards overflow.
    Shapes:  reference (k,) and reward (k,) give (k,); of the two, one or both may be a batch
             (..., k), which gives (..., k). beta is a number.
    Units:   probabilities; reward and beta in one unit.
    Errors:  ValueError if reference is not a distribution, if a reward is not finite, if beta is
             not positive, or if they do not match in shape.
    Source:  R. Rafailov and others, "Direct preference optimization: your language model is
             secretly a reward model" (2023), section 4.

    >>> tilted_policy([0.4, 0.3, 0.2, 0.1], [0.0, 1.0, 2.0, 4.0], 1.0).round(4)
    array([0.0491, 0.1   , 0.1813, 0.6697])
    """
    policy, rewards = _reference_and_reward(reference, reward)
    (temperature,) = read(beta=beta)
    if temperature.ndim:
        raise ValueError(f"beta has shape {temperature.shape}: pass a single number.")
    require_positive("it is the price of a nat in units of reward", beta=temperature)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        allowed = policy > 0
        best = np.where(allowed, rewards, -np.inf).max(axis=-1, keepdims=True)
        # Halved, so that the difference of two large rewards stays in float64.
        behind = (rewards / 2 - best / 2) / temperature * 2
        logs = np.where(allowed, np.log(policy) + behind, -np.inf)
        tilted = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return tilted / tilted.sum(axis=-1, keepdims=True)


@np.errstate(under="ignore")
def best_of_n(reference: ArrayLike, reward: ArrayLike, n: int) -> np.ndarray:
    """The distribution of the draw with the highest reward among n independent ones.

    Formula: P(highest reward = r) = F(r)^n - F(r-)^n, where F is the distribution function of the
             reward under the reference, and F(r-) its value just below r. Actions of equal reward
             share that in proportion to the reference, as if the first of the tied draws is taken.
    Shapes:  reference (k,) and reward (k,) give (k,). n is a whole number.
    Units:   probabilities.
    Errors:  ValueError if reference is not a distribution, if a reward is not finite, if n is no
             whole number from 1 on, or if they do not match in shape.
    Source:  A. Beirami and others, "Theoretical guarantees on the best-of-n alignment policy"
             (2024), for rewards without ties.

    >>> best_of_n([0.5, 0.3, 0.2], [0.0, 1.0, 2.0], 2).round(6)
    array([0.25, 0.39, 0.36])
    """
    policy, rewards = _reference_and_reward(reference, reward)
    for name, array in (("reference", policy), ("reward", rewards)):
        if array.ndim > 1:
            raise ValueError(f"{name} has shape {array.shape}: pass a single list, (k,).")
    (draws,) = read(n=n)
    if draws.ndim:
        raise ValueError(f"n has shape {draws.shape}: pass a single whole number.")
    require_whole("n", draws, 1, "the number of draws")
    _, level = np.unique(rewards, return_inverse=True)
    at_level = np.bincount(level, weights=policy)
    up_to = np.cumsum(at_level)
    above = np.append(np.cumsum(at_level[:0:-1])[::-1], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # F, near 1 from what is above; and F^n - F(r-)^n = F^n (1 - (F(r-)/F)^n)
        log_up_to = np.where(above < 0.5, np.log1p(-above), np.log(up_to))
        wins = np.exp(draws * log_up_to) * -np.expm1(draws * np.log1p(-at_level / up_to))
        of_its_level = policy / at_level[level]
    return np.where(policy > 0, wins[level] * of_its_level, 0.0)


def best_of_n_bound(n: ArrayLike) -> FloatOrArray:
    """The divergence of the best of n draws from the reference is at most this.

    Formula: log n - (n-1)/n; 0 for n = 1. It is reached where no two actions have equal reward and
             every single one is rare; otherwise the divergence is smaller.
    Shapes:  a number gives a float, an array an array.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if n is no whole number from 1 on.
    Source:  A. Beirami and others, "Theoretical guarantees on the best-of-n alignment policy"
             (2024), which shows that it is a bound.

    >>> round(best_of_n_bound(4), 6)
    0.636294
    """
    (draws,) = read(n=n)
    require_whole("n", draws, 1, "the number of draws")
    return plain(np.log(draws) - (draws - 1) / draws)


def _reference_and_reward(reference: ArrayLike, reward: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The reference as float64 shares, and the rewards; ValueError if they do not fit."""
    require_same_labels(-1, reference=reference, reward=reward)
    policy = probabilities("reference", reference)
    (rewards,) = read(reward=reward)
    if rewards.ndim == 0:
        raise ValueError(
            f"reward is the single number {rewards:.12g}: list a reward for each outcome."
        )
    require_same_shape({"reference": policy, "reward": rewards})
    require_finite(reward=rewards)
    return shares(policy), rewards
