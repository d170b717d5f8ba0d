"""Scores of forecasts: how good were the probabilities, now that the outcomes are known?

Arguments are in the order (outcomes, forecasts), the truth first. Both scores are losses, and both
split exactly into parts: a forecaster pays for the uncertainty of the world, earns back what the
forecasts tell apart (resolution), and pays for probabilities that do not keep their word
(reliability, which is a divergence).
"""

from typing import NamedTuple

import numpy as np

from klteach.measures.families.discrete import kl_bernoulli
from klteach.measures.labels import require_same_labels
from klteach.measures.parameters import read, require, require_between, require_finite
from klteach.measures.validation import refuse_total, require_non_negative, rounding_allowance

STRICTLY_BETWEEN_0_AND_1 = np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0)


class CalibrationCurve(NamedTuple):
    """One entry for each bin of forecasts; `edges` has one more. See calibration_curve."""

    edges: np.ndarray
    forecast: np.ndarray
    observed: np.ndarray
    weight: np.ndarray


class Decomposition(NamedTuple):
    """score = reliability - resolution + uncertainty + within_bins. See brier_decomposition."""

    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float


@np.errstate(under="ignore")
def brier_score(outcomes, forecasts, weights=None):
    """Brier score: the mean squared error of forecasts that are probabilities; lower is better.

    Formula: mean of (f - y)², where f is the probability forecast for the event and y is 1 if it
             came, else 0; for k classes Brier's own definition, the mean of Σ (f - y)² over the
             classes, not divided by k. For two classes that is twice the first.
    Shapes:  outcomes (n,) of 0 and 1, forecasts (n,); or forecasts (n, k) and outcomes (n,) of
             class numbers from 0, or (n, k) of one-hot rows, 1 for the class that came and 0 for
             the others. weights (n,) or None for equal ones. Gives a float.
    Units:   none; from 0 to 1, for classes from 0 to 2.
    Errors:  ValueError if forecasts are not probabilities, outcomes are not 0 or 1, a class or
             one-hot rows, or the lengths differ.
    Source:  G. W. Brier, "Verification of forecasts expressed in terms of probability" (1950),
             whose score is that of the classes.

    >>> round(brier_score([1, 0, 1], [0.9, 0.2, 0.6]), 6), brier_score([2], [[0.25, 0.25, 0.5]])
    (0.07, 0.375)
    """
    outcomes, forecasts, weights = read_forecasts(outcomes, forecasts, weights)
    if forecasts.ndim == 1:
        return average((forecasts - outcomes) ** 2, weights)
    came = outcomes[:, np.newaxis] == np.arange(forecasts.shape[1])
    return average(((forecasts - came) ** 2).sum(axis=-1), weights)


@np.errstate(under="ignore")
def log_score(outcomes, forecasts, weights=None):
    """Log score or log loss: the mean surprise at what came; lower is better.

    Formula: mean of -log of the probability that the forecast gave to what came; inf where it was
             ruled out. The expected excess over the best forecast is KL(truth‖forecast).
    Shapes:  outcomes (n,) of 0 and 1, forecasts (n,); or forecasts (n, k) and outcomes (n,) of
             class numbers from 0, or (n, k) of one-hot rows, 1 for the class that came and 0 for
             the others. weights (n,) or None for equal ones. Gives a float.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if forecasts are not probabilities, outcomes are not 0 or 1, a class or
             one-hot rows, or the lengths differ.
    Source:  I. J. Good, "Rational decisions" (1952).

    >>> round(log_score([1, 0, 1], [0.9, 0.2, 0.6]), 6), log_score([[0, 1]], [[0.5, 0.5]])
    (0.279777, 0.6931471805599453)
    """
    outcomes, forecasts, weights = read_forecasts(outcomes, forecasts, weights)
    if forecasts.ndim == 1:
        return average(surprise(outcomes, forecasts), weights)
    given = np.take_along_axis(forecasts, outcomes[:, np.newaxis].astype(int), axis=1)[:, 0]
    return average(surprise(1.0, given), weights)


@np.errstate(under="ignore")
def calibration_curve(outcomes, forecasts, bins=10, weights=None):
    """Calibration curve, or reliability diagram: how often came what was forecast with 30 %.

    Formula: in each bin of forecasts the (weighted) mean forecast, the frequency of the event, and
             the bin's share of all weight; both means are nan in a bin that holds nothing.
    Shapes:  outcomes (n,) of 0 and 1, forecasts (n,), weights (n,) or None for equal ones. `bins`
             is the number of equally wide bins, or their edges, increasing from 0 to 1; a forecast
             on an edge belongs to the bin above it, 1 to the last. Gives a named tuple of arrays:
             edges (bins + 1,), forecast, observed, weight (bins,).
    Units:   probabilities.
    Errors:  ValueError if forecasts are not probabilities, outcomes are not 0 or 1, the lengths
             differ, or the bins do not cover 0 to 1.
    Source:  A. H. Murphy and R. L. Winkler, "Reliability of subjective probability forecasts of
             precipitation and temperature" (1977).

    >>> calibration_curve([0, 1, 1, 1], [0.2, 0.4, 0.8, 0.9], bins=2).observed
    array([0.5, 1. ])
    """
    outcomes, forecasts, weights = read_forecasts(outcomes, forecasts, weights, classes=False)
    edges = bin_edges(bins)
    bin_number = bin_of(forecasts, edges)
    forecast, observed, weight = bin_means(outcomes, forecasts, weights, bin_number, len(edges) - 1)
    return CalibrationCurve(edges, forecast, observed, weight / weight.sum())


@np.errstate(under="ignore")
def brier_decomposition(outcomes, forecasts, bins=10, weights=None):
    """Brier score in parts: how far from its word, how well told apart, how uncertain the event.

    Formula: Brier score = reliability - resolution + uncertainty + within_bins, with the mean
             forecast f, the frequency o and the share w of each bin, and the frequency o* of all:
             reliability = Σ w (f - o)², resolution = Σ w (o - o*)², uncertainty = o* (1 - o*), and
             within_bins is what the score would lose if every forecast were its bin's mean. It is
             0 where a bin holds one forecast only: bins=None gives every forecast its own.
    Shapes:  as for calibration_curve. Gives a named tuple of four floats.
    Units:   none.
    Errors:  as for calibration_curve.
    Source:  A. H. Murphy, "A new vector partition of the probability score" (1973); the parts
             within bins: D. B. Stephenson and others, "Two extra components in the Brier score
             decomposition" (2008).

    >>> brier_decomposition([0, 1, 1, 1], [0.5, 0.5, 1.0, 1.0])
    Decomposition(reliability=0.0, resolution=0.0625, uncertainty=0.1875, within_bins=0.0)
    """
    outcomes, forecasts, weights = read_forecasts(outcomes, forecasts, weights, classes=False)
    bin_number, forecast, observed, weight = occupied_bins(outcomes, forecasts, weights, bins)
    rate = event_rate(outcomes, weights)
    own, mean = forecasts, forecast[bin_number]
    return Decomposition(
        reliability=average((forecast - observed) ** 2, weight),
        resolution=average((observed - rate) ** 2, weight),
        uncertainty=rate * (1 - rate),
        # (own - outcome)² - (mean - outcome)², factored so that own = mean gives exactly 0
        within_bins=average((own - mean) * (own + mean - 2 * outcomes), weights),
    )


@np.errstate(under="ignore")
def log_loss_decomposition(outcomes, forecasts, bins=10, weights=None):
    """Log score in parts: how far from its word, how well told apart, how uncertain the event.

    Formula: log score = reliability - resolution + uncertainty + within_bins, with the mean
             forecast f, the frequency o and the share w of each bin, and the frequency o* of all:
             reliability = Σ w KL(o‖f), resolution = Σ w KL(o‖o*), uncertainty = H(o*), each of a
             coin, and within_bins is what the score would lose if every forecast were its bin's
             mean. It is 0 where a bin holds one forecast only: bins=None gives every forecast its
             own.
    Shapes:  as for calibration_curve. Gives a named tuple of four floats.
    Units:   nats; use to_bits for bits.
    Errors:  as for calibration_curve.
    Source:  S. V. Weijs, R. van Nooijen and N. van de Giesen, "Kullback-Leibler divergence as a
             forecast skill score with classic reliability-resolution-uncertainty decomposition"
             (2010).

    >>> round(log_loss_decomposition([0, 1, 1, 1], [0.5, 0.5, 0.9, 0.9]).reliability, 6)
    0.05268
    """
    outcomes, forecasts, weights = read_forecasts(outcomes, forecasts, weights, classes=False)
    bin_number, forecast, observed, weight = occupied_bins(outcomes, forecasts, weights, bins)
    rate = event_rate(outcomes, weights)
    own, mean = forecasts, forecast[bin_number]
    with np.errstate(invalid="ignore"):
        gain = surprise(outcomes, own) - surprise(outcomes, mean)
    return Decomposition(
        reliability=average(kl_bernoulli(observed, forecast), weight),
        resolution=average(kl_bernoulli(observed, rate), weight),
        uncertainty=average(surprise(outcomes, rate), weights),
        within_bins=average(np.where(own == mean, 0.0, gain), weights),
    )


def surprise(outcomes, forecasts):
    """-log of what the forecast of an event gave to its coming (1) or not coming (0)."""
    with np.errstate(divide="ignore"):
        return -np.where(outcomes == 1, np.log(forecasts), np.log1p(-forecasts))


def average(values, weights):
    """The weighted mean as a float, and 0.0 rather than -0.0."""
    return float(np.average(values, weights=weights)) + 0.0


def occupied_bins(outcomes, forecasts, weights, bins):
    """The bin of each forecast, and what `bin_means` says of the bins that are not empty."""
    if bins is None:
        distinct, bin_number = np.unique(forecasts, return_inverse=True)
        _, observed, weight = bin_means(outcomes, forecasts, weights, bin_number, len(distinct))
        return bin_number, distinct, observed, weight
    edges = bin_edges(bins)
    occupied, bin_number = np.unique(bin_of(forecasts, edges), return_inverse=True)
    return bin_number, *bin_means(outcomes, forecasts, weights, bin_number, len(occupied))


def bin_means(outcomes, forecasts, weights, bin_number, count):
    """Mean forecast, frequency of the event and weight of each bin, each of shape (count,)."""
    forecast, observed = (
        weighted_means(values, weights, bin_number, count) for values in (forecasts, outcomes)
    )
    return forecast, observed, np.bincount(bin_number, weights, count)


def event_rate(outcomes, weights):
    """The frequency of the event in all cases."""
    everything = np.zeros(len(outcomes), dtype=int)
    return float(weighted_means(outcomes, weights, everything, 1)[0])


def weighted_means(values, weights, bin_number, count):
    """The weighted mean of the probabilities in each bin; nan in an empty bin."""
    total = np.bincount(bin_number, weights * values, count)
    with np.errstate(invalid="ignore"):
        mean = total / np.bincount(bin_number, weights, count)
    # Probabilities that differ have no mean of 0 or 1, although a small weight may round it so;
    # a surprise would then be infinite.
    differ = np.bincount(bin_number, values != mean[bin_number], count) > 0
    return np.where(differ, np.clip(mean, *STRICTLY_BETWEEN_0_AND_1), mean)


def bin_of(forecasts, edges):
    """The number of the bin of each forecast; the last bin has both its edges."""
    return np.minimum(np.searchsorted(edges, forecasts, side="right") - 1, len(edges) - 2)


def bin_edges(bins):
    """The edges of the bins; ValueError unless they increase from 0 to 1."""
    if isinstance(bins, (int, np.integer)) and not isinstance(bins, bool):
        if bins < 1:
            raise ValueError(f"bins is {bins}, but there must be at least one: pass 10, say.")
        return np.arange(bins + 1) / bins  # linspace would put 0.3 into the bin below 0.3
    (edges,) = read(bins=bins)
    if edges.ndim == 0:
        raise ValueError(f"bins is {bins!r}: pass a whole number of bins, or their edges.")
    covering = edges.ndim == 1 and len(edges) > 1 and edges[0] == 0 and edges[-1] == 1
    if not covering or (np.diff(edges) <= 0).any():
        raise ValueError(
            "bins does not increase from 0 to 1: pass the number of bins, or edges such as "
            "[0, 0.25, 1]."
        )
    return edges


def as_numbers(outcomes):
    """True and False as 1 and 0, however they are stored; all else as it is."""
    array = np.asarray(outcomes)
    if (
        array.dtype.kind == "O"
        and array.size
        and all(isinstance(value, (bool, np.bool_)) for value in array.flat)
    ):
        array = array.astype(bool)
    return array.astype(float) if array.dtype.kind == "b" else outcomes


def class_numbers(one_hot, forecasts):
    """The class of each one-hot row; ValueError for rows of anything else, or of other classes."""
    if one_hot.shape != forecasts.shape:
        raise ValueError(
            f"outcomes has shape {one_hot.shape} and forecasts has shape {forecasts.shape}: pass "
            "a one-hot row for each row of forecasts, or one class number."
        )
    whole = (one_hot == 0) | (one_hot == 1)
    demand = "must be 0 or 1: in a one-hot row the class that came has 1, all others 0"
    require(whole, "outcomes", one_hot, demand)
    ones = one_hot.sum(axis=1)
    if (ones != 1).any():
        row = int(np.argmax(ones != 1))
        raise ValueError(
            f"outcomes[{row}, :] holds {ones[row]:.0f} ones, and a one-hot row holds one: exactly "
            "one class came."
        )
    return one_hot.argmax(axis=1).astype(float)


def read_forecasts(outcomes, given, weights, classes=True):
    """Outcomes, forecasts and weights as float64 arrays; ValueError unless they fit together.

    What has weight 0 is left out: it counts for nothing, even if its surprise is infinite.
    """
    require_same_labels(0, outcomes=outcomes, forecasts=given, weights=weights)
    outcomes = as_numbers(outcomes)
    outcomes, forecasts = read(outcomes=outcomes, forecasts=given)
    weights = np.ones(outcomes.shape[:1]) if weights is None else read(weights=weights)[0]
    expected = "(n,) or (n, classes)" if classes else "(n,)"
    if forecasts.ndim not in (1, 2 if classes else 1):
        raise ValueError(
            f"forecasts has shape {forecasts.shape} where {expected} is expected: pass the "
            "probability of the event for each case."
        )
    if forecasts.ndim == outcomes.ndim == 2:
        outcomes = class_numbers(outcomes, forecasts)
    for name, array in {"outcomes": outcomes, "weights": weights}.items():
        if array.shape != forecasts.shape[:1]:
            raise ValueError(
                f"{name} has shape {array.shape} and forecasts has shape {forecasts.shape}: "
                f"pass one number in {name} for each forecast."
            )
    require_finite(weights=weights)
    require_between(0, np.inf, "a weight says how much a case counts", weights=weights)
    if not weights.any():
        raise ValueError("weights are all 0, so nothing counts: give some case a positive weight.")
    if forecasts.ndim == 1:
        require_between(0, 1, "it is a probability, not a percentage", forecasts=forecasts)
        both = (outcomes == 0) | (outcomes == 1)
        require(both, "outcomes", outcomes, "must be 0 or 1: whether the event came")
    else:
        require_non_negative("forecasts", forecasts)
        totals = forecasts.sum(axis=1)
        given = np.asarray(given)  # a softmax in float32 sums to 1 less exactly than in float64
        if (np.abs(totals - 1) > rounding_allowance(given)).any():
            refuse_total("forecasts", given, 1, totals)
        forecasts = forecasts / totals[:, np.newaxis]
        last = forecasts.shape[1] - 1
        whole = (outcomes >= 0) & (outcomes <= last) & (outcomes == np.floor(outcomes))
        require(whole, "outcomes", outcomes, f"must be a class number from 0 to {last}")
    weights = weights / weights.max()
    counts = weights > 0
    return outcomes[counts], forecasts[counts], weights[counts]
