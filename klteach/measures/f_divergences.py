"""f-divergences: one formula, Σ q f(p/q), with a convex function f for each divergence.

The generators KL, REVERSE_KL, JEFFREYS, JENSEN_SHANNON, TOTAL_VARIATION, SQUARED_HELLINGER,
CHI_SQUARE and REVERSE_CHI_SQUARE, at the end of the file, give the measures of these names;
`Generator` makes one from any function.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from klteach.measures.distributions import Distributions
from klteach.measures.terms import (
    chi_square_term,
    jeffreys_term,
    js_term,
    kl_term,
    squared_hellinger_term,
    total_variation_term,
)

RATIOS = np.geomspace(1e-6, 1e6, 1201)  # where convexity is looked at, 2.3 % from each to the next
ROUNDING = 1e-12


@np.errstate(under="ignore")
def f_divergence(generator, p, q, *, axis=-1):
    """f-divergence: the average, under q, of a convex function f of the ratio p/q.

    Formula: D_f(p‖q) = Σ q f(p/q), f convex with f(1) = 0. An outcome with p = 0 adds q f(0), one
             with q = 0 adds p times the slope of f at infinity. Never negative, 0 for p = q, and
             the same for f(t) + c (t-1), whatever c is.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   those of f: nats where it is made of natural logarithms.
    Errors:  ValueError if p or q is not a distribution, if they do not match in shape, or if the
             generator is neither a Generator nor a function that can be one.
    Source:  I. Csiszar, "Information-type measures of difference of probability distributions
             and indirect observations" (1967).

    >>> round(f_divergence(lambda t: t * np.log(t), [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    1.101868
    """
    if not isinstance(generator, Generator):
        generator = Generator(generator)
    distributions = Distributions(axis, p=p, q=q)
    if generator.term is not None:
        largest = generator.value_at_zero + generator.final_slope
        result = np.minimum(distributions.sum_of_terms(generator.term), largest)
        return distributions.one_per_row(result)
    result = distributions.sum_of_terms(generator.plain_term)
    if (result < 0).any():
        # The terms of f have both signs, so that near p = q rounding may tip the sum below 0: the
        # rounding of the terms, and that of the ratios times the slope of f.
        size = distributions.sum_of_terms(lambda *given: np.abs(generator.plain_term(*given)))
        slope = np.abs(generator.values(np.array([0.5, 2.0]))).max()
        if (result < -ROUNDING * (size + slope)).any():
            raise ValueError(
                f"the sum of q f(p/q) is {result.min():.6g}, which cannot be for a convex f with "
                "f(1) = 0: look at f between the smallest and the largest p/q."
            )
        result = np.maximum(result, 0.0)
    return distributions.one_per_row(result)


@dataclass(frozen=True)
class Generator:
    """The convex function f that makes an f-divergence, with its limits at 0 and at infinity.

    Formula: f(t) for t = p/q > 0, with f(1) = 0. The conjugate, t f(1/t), is the generator of the
             reverse divergence, D_f(q‖p).
    Shapes:  `function` takes an array of ratios and returns as many values.
    Units:   those of f.
    Errors:  ValueError if f(1) is not 0, if f is not convex on 1201 ratios from 1e-6 to 1e6, or if
             it cannot be called with an array. Also, once p or q has a zero, if a limit cannot be
             told from the values of f: then pass `at_zero` = f(0) or `slope_at_infinity`, the
             limit of f(t)/t. A ratio beyond the range of float64 counts as 0 or infinite.
    Source:  I. Csiszar and P. C. Shields, "Information Theory and Statistics: A Tutorial" (2004),
             section 4.

    >>> Generator(lambda t: (t - 1) ** 2).conjugate(4.0)
    2.25
    """

    function: Callable
    at_zero: float | None = None
    slope_at_infinity: float | None = None
    # The exact form of q f(p/q) + c (p-q), from `terms`; then the limits must be given, too.
    term: Callable | None = None

    def __post_init__(self):
        if not callable(self.function):
            raise ValueError(
                f"the generator is of type {type(self.function).__name__}: pass a function such as "
                "lambda t: t * np.log(t), or a generator of klteach.measures.f_divergences."
            )
        values = self.values(RATIOS)
        (at_one,) = self.values(np.ones(1))
        if abs(at_one) > ROUNDING:
            raise ValueError(
                f"f(1) is {at_one:.6g}, but must be 0, or equal distributions would differ: "
                f"subtract {at_one:.6g} from the generator."
            )
        require_convex(RATIOS, values)

    def __call__(self, ratios):
        """f(ratios), with its limit where a ratio is 0."""
        ratios = np.asarray(ratios, dtype=np.float64)
        result = self.values(np.where(ratios == 0, 1.0, ratios))
        if (ratios == 0).any():
            result = np.where(ratios == 0, self.value_at_zero, result)
        return float(result) if result.ndim == 0 else result

    @cached_property
    def value_at_zero(self):
        """f(0), or the limit of f there."""
        if self.at_zero is not None:
            return float(self.at_zero)
        (value,) = self.evaluate(np.zeros(1))
        if np.isnan(value):  # 0 log 0, for example
            value = limit("f(t) for t to 0", "at_zero", *self.evaluate(np.array([1e-50, 1e-100])))
        return float(value)

    @cached_property
    def final_slope(self):
        """The slope of f at infinity: the limit of f(t)/t."""
        if self.slope_at_infinity is not None:
            return float(self.slope_at_infinity)
        far = np.array([1e50, 1e100])
        return limit("f(t)/t for t to inf", "slope_at_infinity", *(self.evaluate(far) / far))

    @cached_property
    def conjugate(self):
        """The generator t f(1/t) of the reverse divergence."""
        term = None if self.term is None else reverse(self.term)
        function = partial(_conjugate, self.function)
        return Generator(function, self.final_slope, self.value_at_zero, term)

    def plain_term(self, p, q, difference):
        """q f(p/q), as it stands, with the limits where a ratio is 0 or infinite."""
        with np.errstate(all="ignore"):
            ratios = p / (q + 0.0)  # which turns -0.0 into 0.0
            inside = (ratios > 0) & (ratios < np.inf)  # which excludes 0/0 = NaN
            result = q * self.values(np.where(inside, ratios, 1.0))
        if not inside.all():
            zero, infinite = (ratios == 0) & ~inside, ratios == np.inf
            if zero.any():
                result[zero] = q[zero] * self.value_at_zero
            if infinite.any():
                result[infinite] = p[infinite] * self.final_slope
        return result

    def values(self, ratios):
        """f(ratios) for ratios above 0, after a check of what the function returns."""
        values = self.evaluate(ratios)
        bad = np.isnan(values) | (values == -np.inf)
        if bad.any():
            raise ValueError(
                f"f({ratios[bad][0]:.6g}) is {values[bad][0]}, but a generator needs a value for "
                "every ratio above 0."
            )
        return values

    def evaluate(self, ratios):
        """What the function returns, as float64 numbers in the shape of the ratios."""
        try:
            with np.errstate(all="ignore"):
                values = np.asarray(self.function(ratios))
        except (TypeError, ValueError) as error:
            raise ValueError(
                "the generator cannot be called with an array of ratios: write it with NumPy, as "
                f"np.log for math.log or np.maximum for max ({error})."
            ) from error
        if values.dtype.kind not in "fiu" or values.shape not in (ratios.shape, ()):
            raise ValueError(
                f"the generator makes {values.dtype} values of shape {values.shape} from ratios "
                f"of shape {ratios.shape}: it must return one real number for each ratio."
            )
        return np.broadcast_to(values, ratios.shape).astype(np.float64)


def require_convex(ratios, values):
    """ValueError unless the slope from each ratio to the next grows, up to rounding."""
    widths = np.diff(ratios)
    with np.errstate(invalid="ignore"):
        slopes = np.diff(values) / widths
        error = ROUNDING * (1 + np.abs(values[:-1]) + np.abs(values[1:])) / widths
        falls = slopes[:-1] - slopes[1:] - error[:-1] - error[1:]
    if (falls > 0).any():
        worst = np.nanargmax(falls)
        raise ValueError(
            f"the generator is not convex: at t = {ratios[worst + 1]:.6g} its slope falls from "
            f"{slopes[worst]:.6g} to {slopes[worst + 1]:.6g}. Only a convex f makes a divergence."
        )


def limit(what, parameter, near, nearer):
    """The limit of a convex function, from values near it and very much nearer to it."""
    if nearer == np.inf or (nearer > 1 and nearer > 1.5 * near):
        return np.inf  # even a logarithm doubles between the two
    if abs(nearer - near) <= 1e-9 * max(1.0, abs(nearer)):
        return float(nearer)
    raise ValueError(
        f"p or q has a zero, and the limit of {what} cannot be told from the values {near:.6g} and "
        f"{nearer:.6g}: pass Generator(f, {parameter}=...) with the value of the limit."
    )


def reverse(term):
    """The same term with p and q exchanged."""
    return partial(_exchanged, term)


def _exchanged(term, p, q, difference):
    return term(q, p, -difference)


def _conjugate(function, ratios):
    return ratios * function(1 / ratios)


HALF_LOG_2 = np.log(2.0) / 2


# Functions with names, so that a generator can be sent to another process.
def _kl(t):
    return t * np.log(t)


def _reverse_kl(t):
    return -np.log(t)


def _jeffreys(t):
    return (t - 1) * np.log(t)


def _jensen_shannon(t):
    return (t * np.log(t) - (1 + t) * np.log((1 + t) / 2)) / 2


def _total_variation(t):
    return np.abs(t - 1) / 2


def _squared_hellinger(t):
    return (np.sqrt(t) - 1) ** 2


def _chi_square(t):
    return (t - 1) ** 2


def _reverse_chi_square(t):
    return (1 - t) ** 2 / t


KL = Generator(_kl, 0.0, np.inf, kl_term)
REVERSE_KL = Generator(_reverse_kl, np.inf, 0.0, reverse(kl_term))
JEFFREYS = Generator(_jeffreys, np.inf, np.inf, jeffreys_term)
JENSEN_SHANNON = Generator(_jensen_shannon, HALF_LOG_2, HALF_LOG_2, js_term)
TOTAL_VARIATION = Generator(_total_variation, 0.5, 0.5, total_variation_term)
SQUARED_HELLINGER = Generator(_squared_hellinger, 1.0, 1.0, squared_hellinger_term)
CHI_SQUARE = Generator(_chi_square, 1.0, np.inf, chi_square_term)
REVERSE_CHI_SQUARE = Generator(_reverse_chi_square, np.inf, 1.0, reverse(chi_square_term))
