"""The inequalities between the divergences, on more than 100 000 random pairs, zeros among them.

The divergences of the library, the bounds in plain NumPy: what unit 13 and its neighbours state.
"""

import numpy as np
import pytest

from klteach.measures import (
    chi_square_divergence,
    hellinger_distance,
    jeffreys_divergence,
    js_divergence,
    kl_divergence,
    normalize,
    total_variation,
)

EACH = 6000  # pairs of every size and concentration
SIZES = (2, 3, 5, 12, 60)
CONCENTRATIONS = (0.1, 0.5, 1.0, 20.0)  # from spiky to flat
LITTLE = 2e-15  # to what a sum of probabilities near 1 may be rounded


def pairs(size, concentration, random):
    """Random pairs: most as they are drawn, some nearly equal, some with zeros, some equal."""
    p, q = random.dirichlet(np.full(size, concentration), size=(2, EACH))
    tenth = EACH // 10
    steps = 10 ** random.uniform(-9, 0, (3 * tenth, 1))
    q[: 3 * tenth] = (1 - steps) * p[: 3 * tenth] + steps * q[: 3 * tenth]
    q[3 * tenth : 4 * tenth, 0] = 0  # what the model rules out
    p[4 * tenth : 5 * tenth, -1] = 0  # what never happens
    p[5 * tenth : 6 * tenth, 0], q[5 * tenth : 6 * tenth, -1] = 0, 0
    for values in (p, q):
        values[values.sum(axis=1) == 0] = 1  # nothing was left: the uniform distribution
    p, q = normalize(p), normalize(q)
    q[-20:] = p[-20:]
    return p, q


@pytest.fixture(scope="module")
def drawn():
    random = np.random.default_rng(13)
    return [pairs(size, flat, random) for size in SIZES for flat in CONCENTRATIONS]


@pytest.fixture(scope="module")
def values(drawn):
    """Every divergence of every pair, one after the other, and the smallest q of each."""

    def of(measure):
        return np.concatenate([measure(p, q) for p, q in drawn])

    return {
        "kl": of(kl_divergence),
        "reverse": np.concatenate([kl_divergence(q, p) for p, q in drawn]),
        "tv": of(total_variation),
        "h2": of(hellinger_distance) ** 2,
        "js": of(js_divergence),
        "jeffreys": of(jeffreys_divergence),
        "chi2": of(chi_square_divergence),
        "least q": np.concatenate([q.min(axis=1) for _, q in drawn]),
    }


def at_most(smaller, larger):
    """No pair violates it by more than rounding does."""
    with np.errstate(invalid="ignore"):
        broken = ~(smaller <= larger * (1 + 1e-12) + LITTLE)
    assert not broken.any(), (smaller[broken][:3], larger[broken][:3])


def test_the_pairs_are_many_and_of_every_kind(drawn, values):
    kl = values["kl"]
    assert len(kl) == EACH * len(SIZES) * len(CONCENTRATIONS) >= 100_000
    assert np.isinf(kl).sum() > 5000 and (kl == 0).sum() >= 20 * len(drawn)
    assert ((kl > 0) & (kl < 1e-12)).sum() > 1000
    assert ((kl > 2) & np.isfinite(kl)).sum() > 5000
    assert any((p == 0).any() for p, _ in drawn)


def test_gibbs(values):
    assert (values["kl"] >= 0).all()


def test_pinsker(values):
    at_most(values["tv"], np.sqrt(values["kl"] / 2))
    at_most(values["tv"], np.sqrt(values["reverse"] / 2))


def test_bretagnolle_huber_and_its_weaker_form(values):
    kl = values["kl"]
    at_most(values["tv"], np.sqrt(-np.expm1(-kl)))
    at_most(np.sqrt(-np.expm1(-kl)), 1 - np.exp(-kl) / 2)
    at_most(values["tv"], np.sqrt(-np.expm1(-values["reverse"])))


def test_which_of_the_two_is_the_tighter(values):
    kl = values["kl"]
    pinsker, other = np.sqrt(kl / 2), np.sqrt(-np.expm1(-kl))
    apart = abs(kl - 1.59362426) > 1e-8
    assert ((pinsker < other) == (kl < 1.59362426))[apart & (kl > 1e-12)].all()


def test_reverse_pinsker_where_q_has_a_floor(values):
    floor = values["least q"] > 0
    tv, least = values["tv"][floor], values["least q"][floor]
    at_most(values["kl"][floor], np.log1p(2 * (tv + LITTLE) * ((tv + LITTLE) / least)))


def test_without_a_floor_a_small_total_variation_allows_any_kl(values):
    assert np.isinf(values["kl"][values["tv"] < 0.01]).any()


def test_jensen_shannon_is_below_log_two_and_below_total_variation(values):
    at_most(values["js"], np.full(len(values["js"]), np.log(2)))
    at_most(values["js"], np.log(2) * values["tv"])
    at_most(values["js"], values["jeffreys"] / 4)


def test_hellinger_holds_total_variation_between_two_bounds(values):
    h2, tv = values["h2"], values["tv"]
    at_most(h2, tv)
    at_most(tv, np.sqrt(np.maximum(h2 * (2 - h2), 0)))


def test_hellinger_and_chi_square_around_kl(values):
    at_most(2 * values["h2"], values["kl"])
    at_most(np.exp(-values["kl"] / 2), 1 - values["h2"])  # the overlap of unit 13
    at_most(values["kl"], np.log1p(values["chi2"]))
    at_most(4 * values["tv"] ** 2, values["chi2"])


def test_jeffreys_is_both_directions(values):
    np.testing.assert_allclose(values["jeffreys"], values["kl"] + values["reverse"], rtol=1e-9)


def test_grouping_outcomes_keeps_total_variation_and_never_raises_kl(drawn):
    """Step 1 of Pinsker's proof: {p > q} as one outcome, the rest as the other."""
    for p, q in drawn:
        more = p > q
        a, b = (p * more).sum(axis=1), (q * more).sum(axis=1)
        rest = (p * ~more).sum(axis=1), (q * ~more).sum(axis=1)
        grouped = normalize(np.stack([a, rest[0]], axis=-1)), normalize(np.stack([b, rest[1]], -1))
        np.testing.assert_allclose(a - b, total_variation(p, q), atol=1e-14)
        # where p and q are nearly equal, rounding the two sums weighs more than KL itself
        at_most(kl_divergence(*grouped), kl_divergence(p, q) + 1e-14)
