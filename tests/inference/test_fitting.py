"""Fits, against quadrature by SciPy, against a search of the half-plane, against closed forms."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize
from scipy.special import logsumexp, softmax

from klteach.inference import fit_normal_forward, fit_normal_reverse, fit_temperature
from klteach.inference.fitting import _newton_step
from tests.inference.inference_exact import near
from tests.refusals import refusal

MIXTURES = {
    "of the course": ([0.5, 0.5], [-3.0, 3.0], [1.0, 1.0]),
    "before the jump": ([0.5, 0.5], [-2.7, 2.7], [1.0, 1.0]),
    "close together": ([0.5, 0.5], [-0.5, 0.5], [1.0, 1.0]),
    "of different weight": ([0.3, 0.7], [-2.0, 1.5], [1.0, 0.6]),
    "a narrow one within a broad one": ([0.7, 0.3], [0.0, 1.0], [3.0, 0.2]),
    "one centre, two widths": ([0.5, 0.5], [1.0, 1.0], [0.5, 4.0]),
    "three, two of them neighbours": ([0.3, 0.3, 0.4], [-3.0, -1.5, 4.0], [0.7, 0.7, 0.7]),
    "five in a row": ([0.1, 0.2, 0.4, 0.2, 0.1], [-4, -2, 0, 2, 4], [0.8, 0.8, 0.8, 0.8, 0.8]),
    "two pairs far apart": ([0.27, 0.27, 0.23, 0.23], [-53, -48, 47, 53], [1.0, 1.0, 1.0, 1.0]),
    "one hardly there": ([1 - 1e-6, 1e-6], [0.0, 4.0], [1.0, 1.0]),
}

# narrower than the steps of any grid that has the same steps everywhere
SPIKES = {
    "a spike beside the centre": ([0.7, 0.3], [0.0, 1.234567], [1.0, 1e-4]),
    "a needle": ([0.7, 0.3], [0.0, -0.3], [1.0, 1e-6]),
    "two spikes": ([0.6, 0.2, 0.2], [0.0, 1.0, -1.7], [1.0, 3e-3, 1e-3]),
}
ALL = {**MIXTURES, **SPIKES}


def divergence(mu, sigma, mixture):
    """KL(N(mu, sigma)‖mixture) by adaptive quadrature, cut around every component."""
    weights, means, sigmas = map(np.asarray, mixture)

    def integrand(z):
        x = mu + sigma * z
        logs = np.log(weights) - np.log(sigmas) - ((x - means) / sigmas) ** 2 / 2
        return math.exp(-z * z / 2) * (-z * z / 2 - math.log(sigma) - logsumexp(logs))

    around = [-20, -10, -6, -4, -2, -1, 0, 1, 2, 4, 6, 10, 20]
    cuts = ((means[:, None] + sigmas[:, None] * around - mu) / sigma).ravel()
    edges = [-12.0, *np.unique(cuts[np.abs(cuts) < 12]), 12.0]
    pieces = [
        integrate.quad(integrand, *pair, epsabs=1e-14, epsrel=1e-12, limit=400)[0]
        for pair in itertools.pairwise(edges)
    ]
    return math.fsum(pieces) / math.sqrt(2 * math.pi)


@pytest.mark.parametrize("kind", MIXTURES)
def test_the_forward_fit_has_the_moments_of_the_mixture(kind):
    weights, means, sigmas = MIXTURES[kind]
    with mpmath.workdps(50):
        w, m, s = ([mpmath.mpf(float(v)) for v in values] for values in MIXTURES[kind])
        w = [v / mpmath.fsum(w) for v in w]
        mean = mpmath.fdot(w, m)
        variance = mpmath.fsum(
            a * (c**2 + (b - mean) ** 2) for a, b, c in zip(w, m, s, strict=True)
        )
    mu, sigma = fit_normal_forward(weights, means, sigmas)
    assert mu == pytest.approx(float(mean), rel=1e-12, abs=1e-15)
    assert near(sigma, mpmath.sqrt(variance), 1e-12)


def test_the_forward_fit_is_the_least_expected_surprise():
    weights, means, sigmas = MIXTURES["of different weight"]
    x = np.linspace(-15, 15, 20_001)
    density = np.exp(-((x[:, None] - means) ** 2) / (2 * np.square(sigmas))) / sigmas @ weights
    density /= density.sum()

    def surprise(parameters):
        mu, log_sigma = parameters
        return log_sigma + density @ (x - mu) ** 2 / (2 * math.exp(2 * log_sigma))

    best = optimize.minimize(surprise, [0.0, 0.0], tol=1e-12).x
    mu, sigma = fit_normal_forward(weights, means, sigmas)
    assert (mu, sigma) == pytest.approx((best[0], math.exp(best[1])), rel=1e-5)


def test_the_forward_fit_in_extreme_places():
    assert fit_normal_forward([0.5, 0.5], [-3.0, 3.0], 1.0) == (0.0, pytest.approx(math.sqrt(10)))
    assert fit_normal_forward([1.0], [1e8], [1e-9]) == (1e8, 1e-9)
    assert fit_normal_forward([0.25, 0.75], [1e8, 1e8], [1e-9, 1e-9]) == (1e8, pytest.approx(1e-9))
    mu, sigma = fit_normal_forward([0.5, 0.5], [-1e200, 1e200], 1e-200)
    assert mu == 0 and sigma == pytest.approx(1e200, rel=1e-14)
    mu, sigma = fit_normal_forward([0.5, 0.5], [-1e-200, 1e-200], 1e-200)
    assert mu == 0 and sigma == pytest.approx(math.sqrt(2) * 1e-200, rel=1e-14)
    assert fit_normal_forward([1.0, 0.0], [2.0, 1e6], [3.0, 1.0]) == (2.0, 3.0)
    mu, sigma = fit_normal_forward([1.0, 1e-300], [0.0, 1e150], 1.0)
    assert mu == pytest.approx(1e-150) and sigma == pytest.approx(math.sqrt(2), rel=1e-12)


@pytest.mark.parametrize("kind", ALL)
def test_the_reverse_fit_has_the_divergence_of_quadrature(kind):
    mu, sigma, kl = fit_normal_reverse(*ALL[kind])
    exact = divergence(mu, sigma, ALL[kind])
    assert kl == pytest.approx(exact, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("kind", ALL)
def test_no_step_away_from_the_reverse_fit_leads_down(kind):
    """The slopes at the fit, of differences whose own error is below 1e-6."""
    mu, sigma, kl = fit_normal_reverse(*ALL[kind])
    step = 1e-3
    for i, j in ((1, 0), (0, 1)):
        up, down = (
            divergence(mu + s * i * step * sigma, sigma * math.exp(s * j * step), ALL[kind])
            for s in (1, -1)
        )
        bend = up - 2 * kl + down
        assert bend > 0
        # where the parabola through the three has its minimum, in steps of sigma
        assert abs((up - down) / (2 * bend)) * step < 5e-6


@pytest.mark.parametrize("kind", MIXTURES)
def test_nothing_in_the_half_plane_is_better_than_the_reverse_fit(kind):
    weights, means, sigmas = map(np.asarray, MIXTURES[kind])
    *_, kl = fit_normal_reverse(weights, means, sigmas)
    z = np.linspace(-8, 8, 401)
    normal = np.exp(-(z**2) / 2)
    normal /= normal.sum()
    for sigma in np.geomspace(sigmas.min() * 0.9, 6, 30):
        x = np.linspace(means.min() - 1, means.max() + 1, 41)[:, None] + sigma * z
        logs = np.log(weights / sigmas) - ((x[..., None] - means) / sigmas) ** 2 / 2
        there = -math.log(sigma) - 0.5 - logsumexp(logs, axis=-1) @ normal
        assert there.min() > kl - 1e-9


def test_the_numbers_of_the_course():
    mu, sigma, kl = fit_normal_reverse([0.5, 0.5], [-3, 3], [1, 1])
    assert (mu, sigma, kl) == pytest.approx((2.98431, 1.02337, 0.688769), abs=6e-6)
    assert divergence(0.0, 2.74377, MIXTURES["of the course"]) == pytest.approx(0.840621, abs=1e-6)
    assert fit_normal_forward([0.5, 0.5], [-3, 3], [1, 1])[1] == pytest.approx(3.1623, abs=5e-5)


@pytest.mark.parametrize("kind", ["of the course", "of different weight", "close together"])
def test_the_reverse_fit_is_where_both_slopes_are_0(kind):
    """For x = mu + sigma z and the slope s of the log density: E s(x) = 0, E z s(x) = -1/sigma."""
    mu, sigma, _ = fit_normal_reverse(*MIXTURES[kind])
    with mpmath.workdps(25):
        parts = [[mpmath.mpf(float(v)) for v in part] for part in zip(*MIXTURES[kind], strict=True)]

        def score(z):
            x = mu + sigma * z
            densities = [w / s * mpmath.exp(-(((x - m) / s) ** 2) / 2) for w, m, s in parts]
            pulls = [(m - x) / s**2 for _, m, s in parts]
            return mpmath.fdot(densities, pulls) / mpmath.fsum(densities)

        panels = mpmath.linspace(-11, 11, 45)
        slopes = [
            mpmath.quad(lambda z, f=factor: f(z) * score(z) * mpmath.npdf(z), panels)
            for factor in (lambda z: 1, lambda z: z)
        ]
    assert abs(slopes[0]) < 1e-11 and abs(slopes[1] + 1 / sigma) < 1e-11


def test_a_pair_of_neighbours_is_found_where_neither_all_nor_one_is_best():
    mu, sigma, kl = fit_normal_reverse(*MIXTURES["two pairs far apart"])
    pair = fit_normal_reverse([0.5, 0.5], [-53, -48], 1.0)
    assert (mu, sigma) == pytest.approx(pair[:2], rel=1e-9) and 2.2 < sigma < 2.6
    assert kl == pytest.approx(pair[2] - math.log(0.54), rel=1e-9)


def test_on_a_hill_the_step_leads_down_and_is_short():
    gradient = np.array([0.3, -20.0])
    for curvature in ([[-1.0, 0.2], [0.2, 3.0]], [[-1.0, 0.0], [0.0, -2.0]], np.zeros((2, 2))):
        step = _newton_step(gradient, np.array(curvature))
        assert gradient @ step < 0 and 0 < np.hypot(*step) <= 0.5 + 1e-15
    step = _newton_step(np.array([1e-3, 2e-3]), np.array([[2.0, 0.0], [0.0, 4.0]]))
    assert step.tolist() == pytest.approx([-5e-4, -5e-4])


def test_the_fit_jumps_from_the_middle_to_one_side():
    before = fit_normal_reverse([0.5, 0.5], [-2.80007, 2.80007], 1)
    after = fit_normal_reverse([0.5, 0.5], [-2.80009, 2.80009], 1)
    assert before == pytest.approx((0.0, 2.6015, 0.68427), abs=1e-4)
    assert after == pytest.approx((2.7680, 1.0443, 0.68427), abs=1e-4)
    assert after[2] == pytest.approx(before[2], abs=2e-5)


def test_a_mixture_of_one_is_fitted_by_itself():
    assert fit_normal_reverse([1.0], [2.0], [3.0]) == (2.0, 3.0, 0.0)
    assert fit_normal_reverse([0.2, 0.8], [2.0, 2.0], [3.0, 3.0]) == (2.0, 3.0, 0.0)
    assert fit_normal_reverse([0.0, 1.0], [7.0, 2.0], 3.0) == (2.0, 3.0, 0.0)
    mu, sigma, kl = fit_normal_reverse([0.5, 0.5], [0.0, 1e-7], 1.0)
    assert (mu, sigma) == pytest.approx((5e-8, 1.0), abs=1e-9) and 0 <= kl < 1e-14


def test_far_apart_one_component_is_taken_whole():
    for apart in (20.0, 1e3, 1e6):
        mu, sigma, kl = fit_normal_reverse([0.3, 0.7], [-apart, apart], [1.0, 2.0])
        assert (mu, sigma) == pytest.approx((apart, 2.0), rel=1e-9)
        assert kl == pytest.approx(-math.log(0.7), rel=1e-9)
    mu, sigma, kl = fit_normal_reverse([1e-300, 1.0], [-50.0, 50.0], 1.0)
    assert (mu, sigma) == pytest.approx((50.0, 1.0)) and kl == pytest.approx(0, abs=1e-13)


def test_a_component_too_narrow_for_float64_is_refused_and_one_just_wide_enough_is_not():
    message = refusal(fit_normal_reverse, [0.5, 0.5], [-1e200, 1e200], [1.0, 1e-200])
    assert "narrowest of sigmas is 1e-200" in message and "1e+200 wide" in message
    mu, sigma, kl = fit_normal_reverse([0.2, 0.8], [-1.0, 1.0], [1.0, 1e-8])
    assert (mu, sigma) == pytest.approx((1.0, 1e-8), rel=1e-6)
    assert kl == pytest.approx(-math.log(0.8), abs=1e-7)


def test_place_and_scale_do_not_matter():
    weights, means, sigmas = map(np.asarray, MIXTURES["of different weight"])
    mu, sigma, kl = fit_normal_reverse(weights, means, sigmas)
    for scale, place in ((1e-200, 0.0), (1e200, 0.0), (1.0, 1e6), (-2.0, 5.0)):
        moved = fit_normal_reverse(weights, scale * means + place, abs(scale) * sigmas)
        assert moved[0] == pytest.approx(scale * mu + place, rel=1e-8)
        assert moved[1] == pytest.approx(abs(scale) * sigma, rel=1e-8)
        assert moved[2] == pytest.approx(kl, rel=1e-8)


def test_of_equally_good_fits_the_one_with_the_larger_mean_is_given():
    assert fit_normal_reverse([0.5, 0.5], [3.0, -3.0], 1.0)[0] > 2.9
    assert fit_normal_reverse([0.5, 0.5], [-30.0, -10.0], 1.0)[0] == pytest.approx(-10.0)


@pytest.mark.parametrize("fit", [fit_normal_forward, fit_normal_reverse])
@pytest.mark.parametrize(
    "weights, means, sigmas, parts",
    [
        ([0.5, 0.6], [0, 1], [1, 1], ["weights sums to 1.1", "normalize(weights)"]),
        ([1, 3], [0, 1], [1, 1], ["weights holds whole numbers that sum to 4"]),
        ([0.5, 0.5], [0, 1, 2], [1, 1], ["weights has shape (2,) and means has shape (3,)"]),
        ([0.5, 0.5], [0, 1], [1, 1, 1], ["weights has shape (2,) and sigmas has shape (3,)"]),
        ([0.5, 0.5], [0, 1], [1, 0], ["sigmas[1] is 0", "standard deviation"]),
        ([0.5, 0.5], [0, 1], -1, ["sigmas is -1"]),
        ([0.5, 0.5], [0, np.inf], [1, 1], ["means[1] is inf"]),
        ([0.5, 0.5], [0, np.nan], [1, 1], ["means[1] is nan"]),
        ([[0.5, 0.5]], [0, 1], [1, 1], ["weights has shape (1, 2)"]),
        (1.0, [0, 1], [1, 1], ["weights is the single number 1"]),
    ],
)
def test_what_is_no_mixture_is_refused(fit, weights, means, sigmas, parts):
    message = refusal(fit, weights, means, sigmas)
    assert all(part in message for part in parts), message


def log_loss(temperature, logits, labels):
    logits = np.asarray(logits) / temperature
    return np.mean(logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels])


def cases(random, n=300, classes=5, sharpness=2.0):
    """Logits that are `sharpness` times those by which the labels were drawn."""
    logits = 1.5 * random.standard_normal((n, classes))
    labels = np.array([random.choice(classes, p=row) for row in softmax(logits, axis=1)])
    return sharpness * logits, labels


def test_the_temperature_is_where_the_slope_of_the_loss_is_0():
    logits, labels = cases(np.random.default_rng(1))
    temperature = fit_temperature(logits, labels)
    assert 1.5 < temperature < 2.6
    search = optimize.minimize_scalar(log_loss, (1, 2, 4), args=(logits, labels), tol=1e-12)
    assert temperature == pytest.approx(search.x, rel=1e-6)
    with mpmath.workdps(40):
        table = [[mpmath.mpf(value) for value in row] for row in logits[:60]]

        def slope(coldness):
            total = mpmath.mpf(0)
            for row, label in zip(table, labels, strict=False):
                powers = [mpmath.exp(coldness * value) for value in row]
                total += mpmath.fdot(powers, row) / mpmath.fsum(powers) - row[int(label)]
            return total

        exact = 1 / mpmath.findroot(slope, 0.5)
    assert near(fit_temperature(logits[:60], labels[:60]), exact, 1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1e-3, 1e3, 1e12, 1e300])
def test_the_temperature_grows_with_the_logits(scale):
    logits, labels = cases(np.random.default_rng(2), n=50)
    expected = fit_temperature(logits, labels)
    assert fit_temperature(logits * scale, labels) == pytest.approx(scale * expected, rel=1e-9)


@pytest.mark.parametrize("lead", [1e-300, 1e-6, 1.0, 4.0, 1e300])
@pytest.mark.parametrize("right, wrong", [(2, 1), (99, 1), (501, 500), (9999, 1)])
def test_two_classes_with_one_lead_have_a_closed_form(lead, right, wrong):
    logits = np.tile([lead, 0.0], (right + wrong, 1))
    labels = np.repeat([0, 1], [right, wrong])
    expected = lead / math.log(right / wrong)
    assert fit_temperature(logits, labels) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("slip", [1e-3, 1e-9, 1e-30])
def test_a_temperature_near_0_is_exact(slip):
    """Nine times right with a lead of 1 and once wrong by a slip, of which little is to be lost."""
    logits = [[1.0, 0.0]] * 9 + [[slip, 0.0]]
    labels = [0] * 9 + [1]
    with mpmath.workdps(80):
        size = mpmath.mpf(slip)

        def slope(coldness):
            of_right = -9 / (1 + mpmath.exp(coldness))
            return of_right + size / (1 + mpmath.exp(-coldness * size))

        low, high = mpmath.mpf(1) / 1000, mpmath.mpf(1000)
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    assert near(fit_temperature(logits, labels), 1 / low)


@pytest.mark.parametrize("excess", [1, 3])
def test_a_temperature_near_infinity_is_exact(excess):
    """Barely more right than wrong, by 1 or 3 of 40,000 cases."""
    half = 20_000
    logits = np.tile([1.0, 0.0], (2 * half + excess, 1))
    labels = np.repeat([0, 1], [half + excess, half])
    expected = 1 / math.log1p(excess / half)
    assert fit_temperature(logits, labels) == pytest.approx(expected, rel=1e-9)


def test_a_class_that_is_ruled_out_does_not_count():
    logits, labels = cases(np.random.default_rng(3), n=40, classes=3)
    wider = np.column_stack([logits, np.full(40, -np.inf)])
    assert fit_temperature(wider, labels) == pytest.approx(fit_temperature(logits, labels))
    assert fit_temperature(logits + 1e6, labels) == pytest.approx(
        fit_temperature(logits, labels), rel=1e-8
    )


@pytest.mark.parametrize(
    "logits, labels, parts",
    [
        ([[2.0, 0.0], [0.0, 1.0]], [0, 1], ["every label has the largest logit", "T goes to 0"]),
        ([[2.0, 2.0], [0.0, 1.0]], [0, 1], ["every label has the largest logit"]),
        ([[2.0, 0.0], [2.0, 0.0]], [0, 1], ["no larger logits", "T goes to infinity"]),
        ([[2.0, 0.0], [2.0, 0.0]], [1, 1], ["T goes to infinity", "row by row"]),
        ([[2.0, 2.0], [0.0, 0.0]], [0, 1], ["all equal", "before the softmax"]),
        ([[2.0], [1.0]], [0, 0], ["all equal"]),
        ([2.0, 1.0], [0, 1], ["logits has shape (2,)", "column for each class"]),
        ([[2.0, 0.0]], [0, 1], ["labels has shape (2,) and logits has shape (1, 2)"]),
        ([[2.0, 0.0]], [2], ["labels[0] is 2", "class number from 0 to 1"]),
        ([[2.0, 0.0]], [-1], ["labels[0] is -1"]),
        ([[2.0, 0.0]], [0.5], ["labels[0] is 0.5"]),
        ([[2.0, np.nan]], [0], ["logits[0, 1] is nan"]),
        ([[2.0, np.inf]], [0], ["logits[0, 1] is inf"]),
        ([[2.0, -np.inf]], [1], ["logit of labels[0] is -inf"]),
        ([[2.0, 0.0]], [True], ["labels holds True and False"]),
        (np.zeros((0, 3)), [], ["logits is empty"]),
    ],
)
def test_where_no_temperature_is_best_or_nothing_fits_it_is_refused(logits, labels, parts):
    message = refusal(fit_temperature, logits, labels)
    assert all(part in message for part in parts), message
