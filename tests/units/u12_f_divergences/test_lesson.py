"""What lesson 12 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math

import numpy as np
import pytest
from scipy import special

from klteach.measures import f_divergence, f_divergences
from klteach.units.lookup import find_question
from klteach.units.u12_f_divergences import explorer as unit_12
from klteach.units.u12_f_divergences import generators
from tests.units.lesson_text import read, says
from tests.units.second_route import P, Q, distributions, interleaved, kl

LESSON = "notebooks/12_f_divergences"
EXERCISES = LESSON.replace("notebooks", "solutions")
SHOWN = [0.1, 0.3, 0.6], [0.4, 0.4, 0.2]  # the pair of the explorers
RULED_OUT = [0.45, 0.45, 0.1], [0.5, 0.5, 0.0]
DISJOINT = [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]


# Each divergence by its own formula, from p and q and with no generator


def tv(p, q):
    return np.abs(np.subtract(p, q)).sum() / 2


def h2(p, q):
    return 2 - 2 * np.sqrt(np.multiply(p, q)).sum()


def chi(p, q):
    with np.errstate(divide="ignore"):
        return np.divide(np.square(p), q).sum() - 1


def js(p, q):
    middle = np.add(p, q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def psi(p, q):
    return kl(p, q) + kl(q, p)


def reverse(p, q):
    return kl(q, p)


MEASURES = {
    "KL": kl,
    "REVERSE_KL": reverse,
    "JEFFREYS": psi,
    "CHI_SQUARE": chi,
    "SQUARED_HELLINGER": h2,
    "JENSEN_SHANNON": js,
    "TOTAL_VARIATION": tv,
}
SIX = ["KL", "REVERSE_KL", "TOTAL_VARIATION", "SQUARED_HELLINGER", "CHI_SQUARE", "JENSEN_SHANNON"]
# and as averages of a function of the ratio
GENERATED = {
    "KL": lambda t: t * np.log(t),
    "REVERSE_KL": lambda t: -np.log(t),
    "JEFFREYS": lambda t: (t - 1) * np.log(t),
    "CHI_SQUARE": lambda t: (t - 1) ** 2,
    "SQUARED_HELLINGER": lambda t: (np.sqrt(t) - 1) ** 2,
    "JENSEN_SHANNON": lambda t: (t * np.log(t) - (1 + t) * np.log((1 + t) / 2)) / 2,
    "TOTAL_VARIATION": lambda t: np.abs(t - 1) / 2,
}


def scores(p, q):
    """The score of overlap as it was printed, as it was corrected, and in the other package."""
    return 1 - math.sqrt(h2(p, q)) / 2, 1 - h2(p, q) / 2, 1 - math.sqrt(h2(p, q) / 2)


def towards(step):
    return np.array(Q) + step * np.subtract(P, Q)


def per_chi_square(step):
    near = towards(step)
    return [measure(near, Q) / chi(near, Q) for measure in (psi, kl, js)]


def shown_start():
    """The start of the second explorer: (D, f(0), slope, ceiling, smallest bend) of its lines."""
    ratios, heights = [0.25, 0.75, 1.0, 3.0], [0.75, 0.125, 0.0, 1.5]
    slopes = np.diff(heights) / np.diff(ratios)
    total = np.dot(SHOWN[1], np.interp(np.divide(*SHOWN), ratios, heights))
    at_zero = heights[0] - ratios[0] * slopes[0]
    return total, at_zero, slopes[-1], at_zero + slopes[-1], np.diff(slopes).min()


SHOWN_TERMS = [p * math.log(p / q) for p, q in zip(*SHOWN, strict=True)]
RATIOS = np.divide(P, Q)
TV_TERMS = np.abs(np.subtract(P, Q)) / 2
CHI_TERMS = np.square(np.subtract(P, Q)) / Q
H2_TERMS = np.square(np.sqrt(P) - np.sqrt(Q))
SIX_VALUES = [MEASURES[name](P, Q) for name in SIX]

SAID = {}

SAID[LESSON, "text"] = [
    ("gives them **{:.2f}**", scores(*DISJOINT)[0]),
    ("There are three outcomes, $P = ({:g}, {:g}, {:g})$ and $Q = ({:g}, {:g}, {:g})$", *SHOWN[0],
     *SHOWN[1]),
    ("it is in all {} positions", 6 * 2 * 13 * 11),
    ("in none of the {} positions", 13 * 7 * 17),
    # By hand
    ("$P = ({:g}, {:g}, {:g})$, $Q = ({:g}, {:g}, {:g})$, so the ratios are {:g}", *P, *Q,
     round(RATIOS[0], 9)),
    (
        r"χ² has ${:g} \cdot ({:g} - 1)^2 = {:g} \cdot {:g} = {:g}$, "
        r"and TV ${:g} \cdot \tfrac12 \cdot 6 = {:g}$",
        Q[0], round(RATIOS[0], 9), Q[0], round((RATIOS[0] - 1) ** 2, 9), round(CHI_TERMS[0], 9),
        Q[0], round(TV_TERMS[0], 9),
    ),
    *(
        (f"| {letter} | {t} | {{:.3f}} | {{:.3f}} | {{:.3f}} |", *row)
        for letter, t, *row in zip("abc", ("7", "⅔", "⅙"), TV_TERMS, CHI_TERMS, H2_TERMS,
                                   strict=True)
    ),
    ("| sum | | {:.3f} | {:.3f} | {:.3f} |", tv(P, Q), chi(P, Q), h2(P, Q)),
    # By code
    ("At the smallest step the ratios are within {} % of ½ f″(1), which is 1, ½ and ⅛", 3),
    # Where this bites
    (r"never falls below $1 - \tfrac12 \sqrt 2 = {:.3f}$", 1 - math.sqrt(2) / 2),
    ("On our pair that is {:.3f} where the correction has {:.3f}", scores(P, Q)[2],
     scores(P, Q)[1]),
]  # fmt: skip
SAID[LESSON, "printed"] = [
    (
        "The bars are {:.3f}, {:.3f} and {:.3f}. Their sum is KL(P‖Q) = {:.3f}.",
        *SHOWN_TERMS,
        kl(*SHOWN),
    ),
    (
        "D is: KL(P‖Q); D, the sum of the bars: {:.3f} nats; moved by the tilt: {:.3f} nats; "
        "the other direction: {:.3f} nats; D ≥ 0: holds, margin {:.3f}; "
        "the tilt moves nothing: holds, margin {:.3f}",
        kl(*SHOWN), 0, reverse(*SHOWN), kl(*SHOWN), 0,
    ),
    ("So it makes a divergence: D = {:.3f}.", shown_start()[0]),
    (
        "D, the sum of the bars: {:.3f}; f(0): {:.3f}; slope at ∞: {:.3f}; "
        "largest D of any pair, f(0) + slope: {:.3f}; D ≥ 0: holds, margin {:.3f}; "
        "f bends up only: holds, margin {:.3f}",
        *shown_start()[:4], shown_start()[0], shown_start()[4],
    ),
    *(
        (f"{name} {{:.5f}} tilted {{:.5f}}", value, value)
        for name, value in zip(("\nreverse KL", "TV", "H²", "χ²", "JS"), SIX_VALUES[1:],
                               strict=True)
    ),
    ("KL {:.5f} tilted {:.5f}\nreverse", kl(P, Q), kl(P, Q)),
    ("KL {:.5f}\nby its conjugate {:.5f}", kl(P, Q), kl(Q, P)),
    (
        "step PSI/χ² KL/χ² JS/χ²" + 3 * "\n{:g} {:.4f} {:.4f} {:.4f}",
        *(value for step in (1, 0.1, 0.01) for value in (step, *per_chi_square(step))),
    ),
    (
        "nothing in common" + "".join(f"\n{name} {{:.3f}} {{:.3f}}" for name in SIX),
        *(MEASURES[name](*pair) for name in SIX for pair in (RULED_OUT, DISJOINT)),
    ),
    *(
        (f"{name} printed {{:.3f}} corrected {{:.3f}} other {{:.3f}}", *scores(*pair))
        for name, pair in (("same", (P, P)), ("ours", (P, Q)), ("disjoint", DISJOINT))
    ),
]  # fmt: skip
SAID[EXERCISES, "code"] = [
    ("np.array([1.0, 0.0]), np.array([0.5, 0.5]))), 6)\n {}", tv([1, 0], [0.5, 0.5])),
    # f*(1/2) = (1 - 1/2)²/(1/2), and so on
    (">>> conjugate(CHI_SQUARE, np.array([0.5, 1.0, 2.0])).tolist()\n [{}, {}, {}]",
     *((1 - t) ** 2 / t for t in (0.5, 1.0, 2.0))),
]  # fmt: skip
SAID[EXERCISES, "printed"] = [
    (
        "\n".join(3 * ["step {:g} JS {:.6f} local law {:.6f} ratio {:.3f}"]),
        *(
            value
            for step in (1, 0.2, 0.04)
            for value in (
                step,
                js(towards(step), Q),
                chi(towards(step), Q) / 8,
                8 * js(towards(step), Q) / chi(towards(step), Q),
            )
        ),
    ),
    *(
        (f"\n{name} {{:.5f}} turned twice {{:.5f}}", *2 * [measure(P, Q)])
        for name, measure in (("KL", kl), ("reverse KL", reverse), ("Jeffreys", psi), ("TV", tv),
                              ("H²", h2), ("χ²", chi), ("JS", js))
    ),
]  # fmt: skip


def averages(f, p, q):
    return (q * f(p / q)).sum(axis=-1)


PAIRS = distributions(4), distributions(5)[:, :4] / distributions(5)[:, :4].sum(axis=1)[:, None]


# Explore


def test_the_explorers_show_the_pair_of_the_lesson():
    assert (unit_12.P.tolist(), unit_12.FAR.tolist()) == SHOWN
    says(LESSON, "Choose *KL, touching 0*.", "Choose *total variation*, then *bent on one side*.")
    tilts = {preset["name"]: preset["state"]["tilt"]
             for preset in unit_12.tilt_the_generator().spec["presets"]}  # fmt: skip
    assert tilts["KL, touching 0"] == -1


def test_the_list_of_generators_has_five_meters_of_unit_11_and_chi_square():
    says(LESSON, "Five meters of unit 11 are in the list of generators, with χ²")
    names = [named[0] for named in unit_12.NAMED]
    assert names == ["KL", "reverse KL", "total variation", "squared Hellinger", "χ²",
                     "Jensen–Shannon"]  # fmt: skip
    says("notebooks/11_divergence_zoo", "The six meters stand below")


def test_kl_touching_0_has_the_terms_of_unit_03():
    says(LESSON, "Now no bar is negative. Where have you met these bars?")
    for p, q in zip(*PAIRS, strict=True):
        bars = q * (special.xlogy(p / q, p / q) - (p / q - 1))
        np.testing.assert_allclose(bars, special.kl_div(p, q), atol=1e-12)
        assert (bars >= 0).all()


def test_which_conjugates_move_nothing():
    says(LESSON, "For which generators does *its conjugate* move nothing?")
    t = np.geomspace(0.05, 20, 41)
    same = [name for name, f in GENERATED.items() if np.allclose(t * f(1 / t), f(t))]
    symmetric = [
        name for name, f in GENERATED.items()
        if np.allclose(averages(f, *PAIRS), averages(f, *PAIRS[::-1]))
    ]  # fmt: skip
    assert same == symmetric
    assert same == ["JEFFREYS", "SQUARED_HELLINGER", "JENSEN_SHANNON", "TOTAL_VARIATION"]


def test_two_curves_of_total_variation():
    says(LESSON, "Two curves, one divergence: which tilt leads from one to the other?")
    t = np.geomspace(0.01, 100, 99)
    np.testing.assert_allclose(np.maximum(t - 1, 0) - np.abs(t - 1) / 2, (t - 1) / 2)
    presets = {p["name"]: p["state"] for p in unit_12.shape_the_generator().spec["presets"]}
    ratios = np.divide(*SHOWN)
    assert list(presets["total variation"].values()) == pytest.approx(abs(ratios - 1) / 2)
    assert list(presets["bent on one side"].values()) == pytest.approx(np.maximum(ratios - 1, 0))


def test_a_flat_generator_sees_nothing():
    says(LESSON, "Make the sum 0, although Q is not P. What has this $f$ lost at $t = 1$?")
    p, q = map(np.array, SHOWN)
    t = p / q
    assert (q * (np.maximum(0.25 - t, 0) + np.maximum(t - 3, 0))).sum() == 0


# The idea


@pytest.mark.parametrize("name", GENERATED)
def test_each_generator_of_the_table_makes_its_divergence(name):
    says(LESSON, "| KL | $t \\log t$ |", "| χ² | $(t - 1)^2$ |", "| TV | $\\tfrac12 \\lvert t")
    p, q = PAIRS
    expected = [MEASURES[name](a, b) for a, b in zip(p, q, strict=True)]
    np.testing.assert_allclose(averages(GENERATED[name], p, q), expected, rtol=1e-10)
    assert (averages(GENERATED[name], p, q) > 0).all()


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("KL", "0 | ∞ | ∞ | no | 1"),
        ("REVERSE_KL", "∞ | 0 | ∞ | no | 1"),
        ("JEFFREYS", "∞ | ∞ | ∞ | yes | 2"),
        ("CHI_SQUARE", "1 | ∞ | ∞ | no | 2"),
        ("SQUARED_HELLINGER", "1 | 1 | 2 | yes | ½"),
        ("JENSEN_SHANNON", r"$\tfrac12 \log 2$ | $\tfrac12 \log 2$ | $\log 2$ | yes | ¼"),
        ("TOTAL_VARIATION", "½ | ½ | 1 | yes | none: a kink"),
    ],
)
def test_the_table_of_generators(name, row):
    says(LESSON, f" | {row} |")
    words = {"∞": math.inf, "½": 0.5, "¼": 0.25, r"$\tfrac12 \log 2$": math.log(2) / 2,
             r"$\log 2$": math.log(2)}  # fmt: skip
    at_zero, slope, ceiling, symmetric, curvature = row.split(" | ")
    f, measure = GENERATED[name], MEASURES[name]

    def limit(near, nearer):
        return math.inf if nearer > 1.5 * near and nearer > 5 else nearer

    found = limit(f(1e-100), f(1e-200)), limit(f(1e50) / 1e50, f(1e100) / 1e100)
    for said, value in zip((at_zero, slope), found, strict=True):
        assert float(words.get(said, said)) == pytest.approx(value, rel=1e-9, abs=1e-20)
    assert float(words.get(ceiling, ceiling)) == pytest.approx(measure(*DISJOINT))
    p, q = PAIRS[0][:50], PAIRS[1][:50]
    both_ways = [math.isclose(measure(a, b), measure(b, a)) for a, b in zip(p, q, strict=True)]
    assert all(both_ways) if symmetric == "yes" else not any(both_ways)
    second = (f(1 + 1e-4) - 2 * f(1.0) + f(1 - 1e-4)) / 1e-8
    if curvature.startswith("none"):
        assert second > 1e3  # it grows without end as the step shrinks
    else:
        assert float(words.get(curvature, curvature)) == pytest.approx(second, rel=1e-4)


def test_no_pair_has_more_than_the_ceiling():
    says(LESSON, "$D_f = f(0) + \\text{slope}$. No pair has more.")
    p, q = PAIRS
    sparse = p * (distributions(6)[:, :4] > 0.15)
    sparse = sparse[sparse.sum(axis=1) > 0]
    sparse /= sparse.sum(axis=1)[:, None]
    for name, ceiling in (("SQUARED_HELLINGER", 2), ("JENSEN_SHANNON", math.log(2)),
                          ("TOTAL_VARIATION", 1)):  # fmt: skip
        values = [MEASURES[name](a, b) for a, b in zip(sparse, q, strict=False)]
        assert max(values) <= ceiling


def test_one_line_and_what_it_needs():
    says(
        LESSON,
        "the average ratio under Q is $\\sum q \\cdot \\frac{p}{q} = 1$",
        "If $f$ is not straight around $t = 1$, the sum is 0 only for P = Q.",
    )
    p, q = PAIRS
    np.testing.assert_allclose((q * (p / q)).sum(axis=1), 1)
    assert (averages(lambda t: np.maximum(t - 1, 0), p, q) > 0).all()  # bent on one side only


def test_a_tilt_matters_where_the_sums_differ():
    says(LESSON, "The tilt does matter where p and q sum to different numbers")
    p, q = np.array(P), 1.3 * np.array(Q)
    plain = averages(GENERATED["KL"], p, q)
    tilted = averages(lambda t: t * np.log(t) - t + 1, p, q)
    assert plain < tilted and tilted == pytest.approx(special.kl_div(p, q).sum())


def test_the_conjugate_is_the_other_direction():
    says(LESSON, "KL's $t \\log t$ becomes $-\\log t$, which generates reverse KL.")
    p, q = PAIRS
    for f in GENERATED.values():
        turned = averages(lambda t, f=f: t * f(1 / t), p, q)
        np.testing.assert_allclose(turned, averages(f, q, p), rtol=1e-9)


def test_merging_and_noise_add_nothing():
    says(LESSON, "or P and Q pass through the same noise, no f-divergence grows")
    p, q = PAIRS
    noise = distributions(4, 4)
    for f in GENERATED.values():
        before = averages(f, p, q)
        assert (averages(f, p @ noise, q @ noise) <= before + 1e-12).all()
        merged = [np.column_stack([d[:, 0] + d[:, 1], d[:, 2:]]) for d in (p, q)]
        assert (averages(f, *merged) <= before + 1e-12).all()


def test_the_local_law_and_the_kink():
    says(
        LESSON,
        "So PSI : KL : JS = 2 : 1 : ¼",
        "the direction no longer matters",
        "half the step halves it, and quarters the others",
        "1, ½ and ⅛",
    )
    direction = np.subtract(P, Q)
    far, near = (np.array(Q) + step * direction for step in (2e-4, 1e-4))
    for name, measure in MEASURES.items():
        shrinks = measure(far, Q) / measure(near, Q)
        assert shrinks == pytest.approx(2 if name == "TOTAL_VARIATION" else 4, rel=2e-3)
        assert measure(near, Q) == pytest.approx(measure(Q, near), rel=2e-3)
    scale = [measure(near, Q) / chi(near, Q) for measure in (psi, kl, js)]
    assert scale == pytest.approx([1, 1 / 2, 1 / 8], rel=1e-3)
    assert all(abs(r / s - 1) < 0.03 for r, s in zip(per_chi_square(0.01), scale, strict=True))


# By hand, by code, where this bites


def test_one_outcome_makes_most_of_it():
    says(LESSON, "One outcome makes eight ninths of χ² and half of TV")
    assert CHI_TERMS[0] / chi(P, Q) == pytest.approx(8 / 9)
    assert TV_TERMS[0] / tv(P, Q) == pytest.approx(1 / 2)
    assert interleaved(RATIOS) == pytest.approx([7, 2 / 3, 1 / 6])


def test_the_library_refuses_what_is_no_generator():
    says(LESSON, "refuses one that is not convex or has f(1) ≠ 0")
    for f in (lambda t: -t * np.log(t), lambda t: t * np.log(t) + 1):
        with pytest.raises(ValueError, match="convex|f\\(1\\)"):
            f_divergence(f, P, Q)


def test_which_survive_a_zero():
    says(LESSON, "reverse KL survives a zero in Q, but not one in P")
    finite = {name for name in SIX if MEASURES[name](*RULED_OUT) < math.inf}
    always = {name for name in SIX if MEASURES[name](*DISJOINT) < math.inf}
    assert finite - always == {"REVERSE_KL"}
    assert always == {"TOTAL_VARIATION", "SQUARED_HELLINGER", "JENSEN_SHANNON"}
    assert reverse(*RULED_OUT[::-1]) == math.inf


def test_the_printed_score_and_its_correction():
    says(
        LESSON,
        "In 2020 and in 2024 users",
        "H² is $\\sum (\\sqrt p - \\sqrt q)^2$, twice the square of unit 11's Hellinger distance.",
    )
    for p, q in itertools.islice(zip(*PAIRS, strict=True), 100):
        assert np.square(np.sqrt(p) - np.sqrt(q)).sum() == pytest.approx(h2(p, q))
        printed, corrected, other = scores(p, q)
        assert corrected == pytest.approx(np.sqrt(p * q).sum())  # the affinity
        assert printed > 1 - math.sqrt(2) / 2 and 0 < other < corrected < 1
    assert scores(*DISJOINT)[1:] == pytest.approx((0, 0))


def test_the_generators_that_the_exercises_import_are_those_of_the_library():
    code = read(EXERCISES).code
    assert "from klteach.units.u12_f_divergences.generators import (" in code
    ratios = np.array([0.0, 0.2, 1.0, 5.0])
    for name in GENERATED:
        ours, library = getattr(generators, name), getattr(f_divergences, name)
        assert name in code and repr(ours) == name
        np.testing.assert_array_equal(ours(ratios), library(ratios))
        assert (ours.value_at_zero, ours.final_slope) == (
            library.value_at_zero,
            library.final_slope,
        )


def test_check_passes_the_very_generators_that_the_learner_has():
    for question in ("f_divergence", "conjugate"):
        for case in find_question(question).cases():
            assert case.arguments[0] is getattr(generators, case.arguments[0].name)
            assert case.copies()[0] is case.arguments[0]


def test_two_turns_lead_back():
    says(EXERCISES, "And two turns lead back", "Up close the ratio goes to 1")
    p, q = np.array(P), np.array(Q)
    for name, f in GENERATED.items():
        assert (p * (q / p) * f(p / q)).sum() == pytest.approx(MEASURES[name](P, Q))
    step = 1e-4
    assert 8 * js(towards(step), Q) / chi(towards(step), Q) == pytest.approx(1, abs=1e-3)
