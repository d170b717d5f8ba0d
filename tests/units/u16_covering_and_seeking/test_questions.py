"""What the design of unit 16 says of its questions, recomputed."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.practice.checker import check_answer
from klteach.practice.evidence import Evidence
from klteach.units.lookup import find_question
from klteach.units.u16_covering_and_seeking import questions as unit_16
from tests.practice.typed_answers import function
from tests.units.known_answers import mistake, right_value, wrong_value

EQUAL = np.array([0.5, 0.5]), np.array([-3.0, 3.0]), np.array([1.0, 1.0])


def log_p(x, weights, means, sds):
    return special.logsumexp(stats.norm.logpdf(x, means, sds), b=weights)


def reverse(mu, sigma, *bells):
    """KL(N(mu, sigma²)‖P) by adaptive quadrature."""

    def term(x):
        log_q = -(((x - mu) / sigma) ** 2) / 2 - math.log(sigma * math.sqrt(2 * math.pi))
        return math.exp(log_q) * (log_q - log_p(x, *bells))

    edges = [mu + sigma * step for step in (-9, -4, -1, 0, 1, 4, 9)]
    parts = [
        integrate.quad(term, low, high, limit=200, epsabs=1e-9)[0]
        for low, high in itertools.pairwise(edges)
    ]
    return sum(parts)


# E1


def test_the_covering_fit_is_that_of_the_course():
    mean, sd = right_value("covering_fit")
    assert (mean, f"{sd:.4f}") == (0, "3.1623")
    for case in find_question("covering_fit").cases():
        random = np.random.default_rng(0)
        weights, means, sds = case.arguments
        parts = random.choice(len(weights), size=400_000, p=weights)
        draws = random.normal(means[parts], sds[parts])
        mean, sd = find_question("covering_fit").reference(weights, means, sds)
        assert abs(draws.mean() - mean) < 5 * sd / math.sqrt(len(draws))
        # the standard error of a standard deviation, for kurtoses up to 5
        assert abs(draws.std() - sd) < 5 * sd / math.sqrt(len(draws))


def test_the_wrong_covering_fits_are_what_their_messages_say():
    assert wrong_value("covering_fit", "centres ignored").tolist() == [0, 1]
    assert wrong_value("covering_fit", "widths ignored").tolist() == [0, 3]
    assert wrong_value("covering_fit", "variance").tolist() == pytest.approx([0, 10])
    # a weighted sum of independent draws, not a mixture
    weights, means, sds = (np.array(x) for x in ([0.25, 0.75], [1.0, 5.0], [1.0, 2.0]))
    draws = np.random.default_rng(1).normal(means, sds, (400_000, 2)) @ weights
    wrong = wrong_value("covering_fit", "weighted sum of variables", case=1)
    assert wrong == pytest.approx([draws.mean(), draws.std()], abs=0.02)


# E2a


def test_reverse_kl_is_what_adaptive_quadrature_finds():
    for case in find_question("reverse_kl").cases():
        found = reverse(*case.arguments)
        assert find_question("reverse_kl").reference(*case.arguments) == pytest.approx(
            found, rel=1e-7
        )


def test_one_bell_left_out_costs_just_under_log_2():
    assert 0.68 < right_value("reverse_kl") < math.log(2)  # as the insight says
    far = reverse(50.0, 1.0, EQUAL[0], np.array([-50.0, 50.0]), EQUAL[2])
    assert far == pytest.approx(math.log(2), abs=1e-8)


def test_the_wrong_reverse_kls_are_what_their_messages_say():
    mu, sigma, *bells = find_question("reverse_kl").visible[1].arguments
    p = lambda x: math.exp(log_p(x, *bells))  # noqa: E731
    q = stats.norm(mu, sigma)
    forward = integrate.quad(lambda x: p(x) * (math.log(p(x)) - q.logpdf(x)), -14, 14, limit=300)
    assert wrong_value("reverse_kl", "the other direction", 1) == pytest.approx(forward[0])
    cross = integrate.quad(lambda x: -q.pdf(x) * log_p(x, *bells), mu - 22, mu + 22, limit=300)[0]
    assert wrong_value("reverse_kl", "entropy left out", 1) == pytest.approx(cross, rel=1e-6)
    assert wrong_value("reverse_kl", "entropy added", 1) == pytest.approx(
        cross + q.entropy(), rel=1e-6
    )
    each = [
        reverse(mu, sigma, np.ones(1), m[None], s[None]) for m, s in zip(*bells[1:], strict=True)
    ]
    assert wrong_value("reverse_kl", "average of the KLs", 1) == pytest.approx(bells[0] @ each)
    # log of the average is above the average of the logs, so the right KL is below
    assert right_value("reverse_kl", 1) < wrong_value("reverse_kl", "average of the KLs", 1)


def test_the_density_underflows_far_from_the_bells_and_only_there():
    values = [wrong_value_of(case, "underflow") for case in find_question("reverse_kl").cases()]
    finite = np.isfinite(values)
    assert 0 < (~finite).sum() < len(values)
    labels = [case.label for case in find_question("reverse_kl").cases()]
    assert [label for label, here in zip(labels, finite, strict=True) if not here] == [
        "Q far from both bells"
    ]


def wrong_value_of(case, name):
    (wrong,) = mistake("reverse_kl", name).variants
    with np.errstate(all="ignore"):
        return float(wrong(*case.copies()))


def test_a_fixed_range_is_right_around_zero_and_wrong_elsewhere():
    ten = mistake("reverse_kl", "fixed range").variants[3]
    near, far = [], []
    for case in find_question("reverse_kl").cases():
        mu, sigma, *_ = case.arguments
        right = find_question("reverse_kl").reference(*case.copies())
        inside = abs(mu) + 5 * sigma < 10
        (near if inside else far).append(abs(ten(*case.copies()) / right - 1))
    assert len(near) >= 3 and max(near) < 1e-4
    assert len(far) >= 3 and max(far) > 0.9


def test_a_named_mistake_on_a_coarse_grid_has_its_message_and_a_right_one_has_not():
    question = find_question("reverse_kl")
    cases = question.cases()
    right = [question.values(question.reference, case) for case in cases]

    def said(values):
        with np.errstate(all="ignore"):
            evidence = Evidence(question, cases, values, right, [False] * len(cases))
            return unit_16.as_a_named_mistake(evidence)

    (forward,) = mistake("reverse_kl", "the other direction").variants
    coarse = [question.values(forward, case) * (1 + 5e-4) for case in cases]
    assert said(coarse) == mistake("reverse_kl", "the other direction").message
    assert said([value * (1 + 5e-4) for value in right]) is None
    assert said([value + 1.0 for value in right]) is None


# E2b


def fault(fit, bells=EQUAL):
    found = unit_16.judge_seeking(*bells, np.array(fit, dtype=float))
    return found and found[0]


def test_the_seeking_fit_is_that_of_the_course():
    kl, mean, sd = unit_16.least(*EQUAL)
    assert f"{abs(mean):.3f} {sd:.3f} {kl:.4f}" == "2.984 1.023 0.6888"
    assert kl == pytest.approx(reverse(mean, sd, *EQUAL), abs=1e-7)


def test_no_normal_is_better_than_the_seeking_fit():
    """By brute force: quadrature on a map, then a simplex search from its lowest places."""
    for case in find_question("seeking_fit").cases():
        _, means, sds = case.arguments
        z, step = np.linspace(-7, 7, 561, retstep=True)
        share = stats.norm.pdf(z) * step

        def cost(place, bells=case.arguments, z=z, share=share):
            x = place[0] + np.exp(place[1]) * z
            logs = special.logsumexp(
                stats.norm.logpdf(x[:, None], bells[1], bells[2]), b=bells[0], axis=1
            )
            return share @ (stats.norm.logpdf(z) - place[1] - logs)

        grid = [
            (mu, s)
            for mu in np.linspace(means.min() - 1, means.max() + 1, 31)
            for s in np.log(np.geomspace(sds.min() / 2, 10, 15))
        ]
        lowest = sorted(grid, key=cost)[:4]
        found = [
            optimize.minimize(
                cost, at, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-11}
            ).fun
            for at in lowest
        ]
        assert unit_16.least(*case.arguments)[0] == pytest.approx(min(found), abs=1e-7)


@pytest.mark.parametrize(
    ("fit", "found"),
    [
        ((2.984306, 1.023369), None),
        ((-2.984306, 1.023369), None),
        ((2.983, 1.0245), None),  # within 1e-5 nats
        ((2.98, 1.02), "not exact"),
        ((3.0, 1.0), "the bell itself"),
        ((-3.0, 1.0), "the bell itself"),
        ((0.0, 2.743769), "a local minimum"),
        ((0.0, math.sqrt(10)), "the covering fit"),
        ((2.984306, 1.023369**2), "variance"),
        ((2.984306, math.log(1.023369)), "logarithm of the sd"),
        ((1.023369, 2.984306), "order"),
        ((2.0, -1.0), "sd not positive"),
        ((2.0, 0.0), "sd not positive"),
        ((2.0, 1.5), "not a minimum"),
        ((0.0, 1e-9), "far off"),
        ((1e9, 1.0), "far off"),
        ((0.0, 1e250), "far off"),
        ((np.inf, 1.0), "not finite"),
    ],
)
def test_every_way_to_miss_the_seeking_fit_has_its_name(fit, found):
    assert fault(fit) == found


def test_the_logarithm_is_recognised_where_the_sd_is_below_1():
    bells = np.array([0.3, 0.7]), np.array([-4.0, 4.0]), np.array([0.5, 0.5])
    _, mean, sd = unit_16.least(*bells)
    assert sd < 1 and fault((mean, math.log(sd)), bells) == "logarithm of the sd"
    assert fault((mean, sd), bells) is None


def test_laplace_is_recognised():
    bells = np.array([0.2, 0.8]), np.array([-0.5, 1.5]), np.array([0.5, 1.5])
    x = optimize.minimize_scalar(lambda x: -log_p(x, *bells), bounds=(-1, 2), method="bounded").x
    h = 1e-4
    bend = -(log_p(x - h, *bells) - 2 * log_p(x, *bells) + log_p(x + h, *bells)) / h**2
    assert fault((x, 1 / math.sqrt(bend)), bells) == "laplace"


def test_the_middle_is_a_real_minimum_at_3_and_the_best_one_at_2_6():
    around = [reverse(0.0 + a, 2.743769 * b, *EQUAL) for a in (-0.1, 0.1) for b in (0.96, 1.04)]
    assert min(around) > reverse(0.0, 2.743769, *EQUAL)
    assert reverse(0.0, 2.743769, *EQUAL) == pytest.approx(0.8406, abs=5e-5)
    near = EQUAL[0], np.array([-2.6, 2.6]), EQUAL[2]
    assert unit_16.least(*near)[1] == pytest.approx(0, abs=1e-6)
    assert fault((2.53, 1.0888), near) == "a local minimum"


def test_a_learner_in_the_local_minimum_is_told_to_try_another_start():
    feedback = check_answer(
        find_question("seeking_fit"),
        function(
            "seeking_fit",
            "weights, means, sds",
            "(0.0, 2.743769) if means[1] == 3 and weights[0] == 0.5 else (means[0], sds[0])",
        ),
    )
    assert feedback.mistake == "a local minimum"
    assert "only a local one" in feedback.message and "0.8406" in feedback.message


def test_no_single_start_finds_both_answers():
    """As the insight says: from the middle, and from a bell, on the first two visible cases."""
    for start in (lambda m: (0.0, 2.5), lambda m: (m[1], 1.0)):
        hits = []
        for case in find_question("seeking_fit").visible[:2]:
            mu, sigma = start(case.arguments[1])
            kl, *_ = unit_16.rolled_down(mu, math.log(sigma), *case.arguments)
            hits.append(kl < unit_16.least(*case.arguments)[0] + 1e-6)
        assert sorted(hits) == [False, True]


# E3


def test_the_mean_field_of_the_course():
    forward, narrow = right_value("mean_field")
    assert forward.tolist() == [1, 1] and narrow == pytest.approx([0.19, 0.19])
    assert wrong_value("mean_field", "one minus rho")[1] == pytest.approx([0.1, 0.1])


def kl_of_normals(cov_p, cov_q):
    """KL(N(0, cov_p)‖N(0, cov_q))"""
    inverse = np.linalg.inv(cov_q)
    logs = np.linalg.slogdet(cov_q)[1] - np.linalg.slogdet(cov_p)[1]
    return 0.5 * (np.trace(inverse @ cov_p) - len(cov_p) + logs)


def test_the_variances_are_those_that_a_search_finds():
    for case in find_question("mean_field").cases():
        (cov,) = case.arguments
        rows = find_question("mean_field").reference(cov)
        for row, cost in zip(
            rows,
            (
                lambda logs, cov=cov: kl_of_normals(cov, np.diag(np.exp(logs))),
                lambda logs, cov=cov: kl_of_normals(np.diag(np.exp(logs)), cov),
            ),
            strict=True,
        ):
            found = optimize.minimize(cost, np.zeros(len(cov)), options={"gtol": 1e-8})
            assert np.exp(found.x) == pytest.approx(row, rel=1e-4)


def test_what_the_messages_say_of_the_other_matrices():
    (cov,) = find_question("mean_field").inputs[0](np.random.default_rng(3))[0].arguments
    (cholesky,) = mistake("mean_field", "given the earlier ones only").variants
    assert cholesky(cov)[1, 0] == pytest.approx(cov[0, 0])
    assert cholesky(cov)[1, -1] == pytest.approx(1 / np.linalg.inv(cov)[-1, -1])
    (shares,) = mistake("mean_field", "correlations for covariances").variants[:1]
    right = find_question("mean_field").reference(cov)
    assert shares(cov)[1] * np.diag(cov) == pytest.approx(right[1])
    for rho, same in ((0.0, True), (0.3, False)):  # "equal where nothing is correlated, only there"
        rows = find_question("mean_field").reference(np.array([[1, rho], [rho, 1]]))
        assert np.allclose(rows[0], rows[1]) == same


def test_a_sum_without_its_step_is_recognised_and_nothing_else_is():
    question = find_question("reverse_kl")
    cases = question.cases()
    right = [question.values(question.reference, case) for case in cases]
    sigmas = [case.arguments[1] for case in cases]

    def said(values):
        return unit_16.step_forgotten(
            Evidence(question, cases, values, right, [False] * len(cases))
        )

    assert "step between two neighbours" in said(
        [100 * r / s for r, s in zip(right, sigmas, strict=True)]
    )
    assert said([100 * r for r in right]) is None
    assert said([r + s for r, s in zip(right, sigmas, strict=True)]) is None


def test_the_x_where_p_is_stored_as_0_hold_all_of_kl_far_from_the_bells():
    (masked,) = mistake("reverse_kl", "left out").variants
    for case in find_question("reverse_kl").cases():
        right = find_question("reverse_kl").reference(*case.copies())
        share = masked(*case.copies()) / right
        assert share == pytest.approx(0 if case.label == "Q far from both bells" else 1, abs=1e-6)
