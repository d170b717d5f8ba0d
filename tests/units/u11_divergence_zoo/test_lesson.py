"""What lesson 11 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math
import re

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats
from scipy.spatial import distance

from klteach.units.lookup import find_question
from klteach.units.u11_divergence_zoo import explorer as unit_11
from tests.units.lesson_text import read, says
from tests.units.second_route import P, Q, distributions, kl, nats

LESSON = "notebooks/11_divergence_zoo"
EXERCISES = LESSON.replace("notebooks", "solutions")

PROBE_P, PROBE_Q = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.1, 0.15, 0.25, 0.5])
APART = np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.5, 0.5])
SURE_HEADS, FAIR, SURE_TAILS = np.array([1.0, 0]), np.array([0.5, 0.5]), np.array([0, 1.0])
LN_2 = math.log(2)


# The nine measures, in rows, and never through klteach


def rel_entr(p, q):
    return special.rel_entr(p, q).sum(axis=-1)


def js(p, q):
    m = (np.asarray(p) + q) / 2
    return (special.entr(m) - (special.entr(p) + special.entr(q)) / 2).sum(axis=-1)


def w1(p, q):
    """Mass carried from bin to bin: the least cost, by the running sums from the right."""
    later = np.cumsum(np.subtract(p, q)[..., ::-1], axis=-1)[..., :-1]
    return np.abs(later).sum(axis=-1)


def chi_square(p, q):
    p, q = np.broadcast_arrays(np.asarray(p, dtype=float), q)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p == q, 0.0, p * p / q - 2 * p + q).sum(axis=-1)


MEASURES = {
    "KL": rel_entr,
    "reverse KL": lambda p, q: rel_entr(q, p),
    "Jeffreys": lambda p, q: rel_entr(p, q) + rel_entr(q, p),
    "JS": js,
    "√JS": lambda p, q: np.sqrt(np.maximum(js(p, q), 0)),
    "TV": lambda p, q: 1 - np.minimum(p, q).sum(axis=-1),
    "Hellinger": lambda p, q: np.sqrt(np.maximum(1 - np.sqrt(np.multiply(p, q)).sum(axis=-1), 0)),
    "χ²": chi_square,
    "W1": w1,
}
LIKE_SQUARES = ("KL", "reverse KL", "Jeffreys", "JS", "χ²")
METRICS = ("√JS", "TV", "Hellinger", "W1")
SYMMETRIC = ("Jeffreys", "JS", *METRICS)


# What the cells draw, in their order


def drawn():
    random = np.random.default_rng(11)
    triples = random.dirichlet(np.ones(3), size=(3, 100_000))
    sizes = 100, 1000, 10_000
    samples = [random.multinomial(n, np.full(10, 0.1), size=(2, 1000)) / n for n in sizes]
    return triples, samples, random.normal(size=(2, 1000))


(A, M, B), SAMPLES, RAW = drawn()
DIRECT = {name: measure(A, B) for name, measure in MEASURES.items()}
DETOUR = {name: measure(A, M) + measure(M, B) for name, measure in MEASURES.items()}
SHORTER = {name: np.mean(DETOUR[name] < DIRECT[name] * (1 - 1e-9)) for name in MEASURES}

CHANGED = np.array([0.29, 0.2, 0.3, 0.2, 0.01])
NEXT = [0.19, 0.3, 0.3, 0.2, 0.01]
FAR = [0.19, 0.2, 0.3, 0.3, 0.01]
RARE = [0.29, 0.2, 0.3, 0.2099, 0.0001]

PAIRS = {
    "A": ([0.40, 0.30, 0.10, 0.20], [0.40, 0.30, 0.29, 0.01]),
    "B": ([0.35, 0.15, 0.35, 0.15], [0.15, 0.35, 0.15, 0.35]),
    "C": ([0.35, 0.20, 0.20, 0.25], [0.10, 0.20, 0.20, 0.50]),
}


def boxes(shift, width=1.0):
    """Two boxes of one width as shares of fine bins, and the width of a bin."""
    bins = np.linspace(-2, 4, 12_001)
    middles, step = (bins[1:] + bins[:-1]) / 2, bins[1] - bins[0]
    p, q = ((abs(middles - centre) < width / 2) / width * step for centre in (0, shift))
    return p, q, step


HALF_APART = boxes(0.5)[:2]


def bells(shift):
    """Two normal densities of sd ½ as shares of fine bins, and the width of a bin."""
    x, step = np.linspace(-5, 6, 110_001, retstep=True)
    p, q = (stats.norm(centre, 0.5).pdf(x) * step for centre in (0, shift))
    return p, q, step


START_P, START_Q, STEP = bells(0.6)


def normals(sd):
    """KL, TV and W1 of N(0, sd) and N(1, sd), by quadrature and by quantiles."""
    p, q = stats.norm(0, sd), stats.norm(1, sd)
    kl_value = integrate.quad(
        lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), -12 * sd, 12 * sd, points=[0]
    )[0]
    # below the middle p is the larger of the two
    tv = optimize.minimize_scalar(
        lambda x: q.cdf(x) - p.cdf(x), bounds=(0, 1), method="bounded", options={"xatol": 1e-9}
    )
    carried = integrate.quad(lambda u: abs(p.ppf(u) - q.ppf(u)), 0, 1)[0]
    return kl_value, -tv.fun, carried


SAID = {}

SAID[LESSON, "text"] = [
    # Explore
    (
        "prints **{:.3f}** for the new sensor and **{:.3f}** for the open door",
        js(*APART),
        js(*APART),
    ),
    # The idea
    ("the same, made a metric | 0 to {:.3f} |", math.sqrt(js(*APART))),
    ("| √JS | **both** | {:.3f} | as JS |", math.sqrt(js(*APART))),
    (
        "| A | {:.2f} goes from day 4 to day 3, and {:.2f} is left there | **{:.2f}** | "
        "**{:.2f}** | {:.2f} |",
        PAIRS["A"][0][3] - PAIRS["A"][1][3],
        PAIRS["A"][1][3],
        *(MEASURES[name](*PAIRS["A"]) for name in ("TV", "W1", "KL")),
    ),
    (
        "| B | {:.2f} goes from day 1 to 2, and {:.2f} from 3 to 4 | {:.2f} | {:.2f} | {:.2f} |",
        PAIRS["B"][0][0] - PAIRS["B"][1][0],
        PAIRS["B"][0][2] - PAIRS["B"][1][2],
        *(MEASURES[name](*PAIRS["B"]) for name in ("TV", "W1", "KL")),
    ),
    (
        "| C | {:.2f} goes from day 1 to day 4 | {:.2f} | {:.2f} | **{:.2f}** |",
        PAIRS["C"][0][0] - PAIRS["C"][1][0],
        *(MEASURES[name](*PAIRS["C"]) for name in ("TV", "W1", "KL")),
    ),
    ("the forecast of A gives {:g} to what happens", PAIRS["A"][1][3]),
    # By hand
    ("$P = ({:g}, {:g}, {:g}, {:g})$", *PROBE_P),
    ("$Q = ({:g}, {:g}, {:g}, {:g})$", *PROBE_Q),
    ("| $p - q$ | {:.2f} | {:.2f} | {:.2f} | {:.2f} |", *(PROBE_P - PROBE_Q)),
    (
        "| $F - G$, running | {:.2f} | {:.2f} | {:.2f} | 0 |",
        *(sum(PROBE_P[: i + 1]) - sum(PROBE_Q[: i + 1]) for i in range(3)),
    ),
    (
        r"\tfrac12 ({:.2f} + {:.2f} + {:.2f} + {:.2f}) = {:.2f}$",
        *abs(PROBE_P - PROBE_Q),
        MEASURES["TV"](PROBE_P, PROBE_Q),
    ),
    ("the largest single difference is {:.2f}", max(abs(PROBE_P - PROBE_Q))),
    (
        r"= {:.2f} \cdot 1 + {:.2f} \cdot 1 + {:.2f} \cdot 1 = {:.2f}$",
        *(0.3, 0.45, 0.4),
        stats.wasserstein_distance(range(4), range(4), PROBE_P, PROBE_Q),
    ),
    (
        r"${:.2f} + {:.2f} + {:.2f} \cdot 8 = {:.2f}$",
        *(0.3, 0.45, 0.4),
        stats.wasserstein_distance([0, 1, 2, 10], [0, 1, 2, 10], PROBE_P, PROBE_Q),
    ),
    # By code
    (
        "three changes: {:g} goes to the *next* outcome, {:g} goes *far*, three outcomes on, or a "
        "*rare* outcome of {:g} is left {:g}",
        CHANGED[0] - NEXT[0],
        CHANGED[0] - FAR[0],
        CHANGED[4],
        RARE[4],
    ),
    # Where this bites
    ("KL is infinite and JS is {:.3f}, with slope 0", js(SURE_HEADS, SURE_TAILS)),
    ("An alarm at {:g} shows the difference: for the root, that is a JS of {:g}", 0.1, 0.1**2),
    (
        "On the pair of unit 02 it is {:.3f}, and JS is {:.3f}.",
        (kl(P, Q) + kl(Q, P)) / 2,
        js(P, Q),
    ),
]
SAID[LESSON, "printed"] = [
    # Explore
    (
        "Q is {:.1f} to the right of P, and {:.1f} % of",
        0.6,
        100 * np.minimum(START_P, START_Q).sum(),
    ),
    (
        "KL(P‖Q): {:.3f} nats; KL(Q‖P): {:.3f} nats; "
        "W1: {:.3f}; JS: {:.3f} nats; TV: {:.3f}; Hellinger: {:.3f}; still moving: all six",
        *2 * [0.6**2 / (2 * 0.5**2)],
        w1(START_P, START_Q) * STEP,
        *(MEASURES[name](START_P, START_Q) for name in ("JS", "TV", "Hellinger")),
    ),
    ("JS ≤ ln 2: holds, margin {:.3f}", LN_2 - js(START_P, START_Q)),
    (
        "Hellinger² ≤ TV: holds, margin {:.3f}",
        abs(MEASURES["TV"](START_P, START_Q) - MEASURES["Hellinger"](START_P, START_Q) ** 2),
    ),
    (
        "W1 ≥ difference of the means: holds, margin {:.3f}",
        abs(round(w1(START_P, START_Q) * STEP - 0.6, 6)),
    ),
    # By code
    (
        "JS {:.4f}, TV {:.4f}, Hellinger {:.4f}, W1 {:.4f}",
        *(MEASURES[name](PROBE_P, PROBE_Q) for name in ("JS", "TV", "Hellinger", "W1")),
    ),
    (
        "".join(
            f"\n{name} {{:.4f}} {'symmetric' if name in SYMMETRIC else '-'} "
            "detour shorter {:.1f}%, apart {:.3f}"
            for name in MEASURES
        ),
        *itertools.chain.from_iterable(
            (measure(PROBE_P, PROBE_Q), 100 * SHORTER[name], measure(*APART))
            for name, measure in MEASURES.items()
        ),
    ),
    (
        " next far rare\n"
        + "\n".join(f"{name} {{:.4f}} {{:.4f}} {{:.4f}} " for name in MEASURES)
        + "\n",
        *itertools.chain.from_iterable(
            (measure(CHANGED, q) for q in (NEXT, FAR, RARE)) for measure in MEASURES.values()
        ),
    ),
    (
        "n 100 1000 10 000\n"
        + "\n".join(f"{name} {{:.4f}} {{:.4f}} {{:.4f}} " for name in MEASURES)
        + "\n",
        *itertools.chain.from_iterable(
            (measure(*shares).mean() for shares in SAMPLES) for measure in MEASURES.values()
        ),
    ),
    ("W1 of raw numbers: {:.4f}, {:.4f}", *2 * [stats.wasserstein_distance(*RAW)]),
    # Predict again
    (
        "squeezed, with the centres fixed\n"
        + "\n".join(3 * ["σ = {:g} KL {:.1f} TV {:.3f} W1 {:.3f}"]),
        *itertools.chain.from_iterable((sd, *normals(sd)) for sd in (1, 0.1, 0.01)),
    ),
]
SAID[EXERCISES, "code"] = [
    (">>> round(float(js(np.array([1.0, 0.0]), np.array([0.0, 1.0]))), 4)\n {:.4f}", LN_2),
]
YOURS = [np.array([heads, 1 - heads]) for heads in (0.1, 0.3, 0.5)]
SAID[EXERCISES, "printed"] = [
    (
        "yours: JS {:.4f}, TV {:.4f}, W1 {:.4f}",
        *(MEASURES[name](YOURS[0], YOURS[2]) for name in ("JS", "TV", "W1")),
    ),
    *(
        (
            f"\n{name} direct {{:.4f}} detour {{:.4f}}",
            MEASURES[name](YOURS[0], YOURS[2]),
            MEASURES[name](YOURS[0], YOURS[1]) + MEASURES[name](YOURS[1], YOURS[2]),
        )
        for name in ("KL", "JS", "√JS", "TV")
    ),
]


# Why it matters, and the explorer


def test_the_two_freezers():
    says(
        LESSON,
        "never stray by more than a quarter of a degree",
        "the first reads 1 degree warmer",
        "The second reads 38 degrees warmer",
    )
    readings = np.linspace(-18.25, -17.75, 501)
    for warmer in (1, 38):
        assert readings.max() < (readings + warmer).min()  # nothing in common
        moved = stats.wasserstein_distance(readings, readings + warmer)
        assert moved == pytest.approx(warmer)


def offered():
    start = {c["name"]: c["value"] for c in unit_11.divergence_meters().spec["controls"]}
    return start, {p["name"]: p["state"] for p in unit_11.divergence_meters().spec["presets"]}


def test_the_presets_that_the_lesson_names():
    says(LESSON, "*half apart*", "*out of touch*", "*Q inside P*", "*Gaussians, far apart*")
    start, presets = offered()
    assert start == {"centre": 0.6, "width": 1.0, "shape": 1}
    assert presets["half apart"] == {"shape": 0, "centre": 0.5, "width": 1.0}
    apart, inside = presets["out of touch"], presets["Q inside P"]
    assert apart["shape"] == 0 and apart["centre"] - apart["width"] / 2 > 0.5
    assert inside["shape"] == 0 and abs(inside["centre"]) + inside["width"] / 2 < 0.5
    assert presets["Gaussians, far apart"] == {"shape": 1, "centre": 3.2, "width": 1.0}


def test_both_kls_of_two_boxes_are_infinite_before_they_are_apart():
    says(
        LESSON,
        "two boxes: both KLs are infinite already, since each box has a part that the other rules",
    )
    first, second = HALF_APART
    assert kl(first, second) == kl(second, first) == math.inf
    assert 0 < MEASURES["TV"](first, second) < 1


def test_all_six_meters_move_at_the_start():
    says(LESSON, "At the start all six meters move: two Gaussians always have some mass in common.")
    further = bells(0.7)
    for name in ("KL", "reverse KL", "JS", "TV", "Hellinger", "W1"):
        assert MEASURES[name](*further[:2]) > MEASURES[name](START_P, START_Q) + 1e-3


def test_only_w1_moves_out_of_touch_and_inside():
    says(
        LESSON,
        "go on to the right. Only W1 moves: this answers the first prediction",
        "move Q by a few steps without leaving P. Which meters move",
    )
    for width, shifts in ((1.0, (1.5, 1.7, 2.5)), (0.5, (0, 0.1, 0.2))):
        readings = []
        for shift in shifts:
            bins = np.linspace(-2, 4, 12_001)
            middles = (bins[1:] + bins[:-1]) / 2
            p = (abs(middles) < 0.5) / 2000
            q = (abs(middles - shift) < width / 2) / (2000 * width)
            readings.append([measure(p, q) for measure in MEASURES.values()])
        for name, values in zip(MEASURES, np.transpose(readings), strict=True):
            moves = len({f"{value:.6g}" for value in values}) > 1
            assert moves == (name == "W1"), (name, values)


def test_far_gaussians_hardly_move_and_their_kl_ever_faster():
    says(
        LESSON,
        "Nothing is infinite here and nothing quite at its ceiling.",
        "which ones move faster with every step",
    )
    x = np.linspace(-4, 8, 60_001)
    step = x[1] - x[0]
    p = stats.norm(0, 0.5).pdf(x) * step
    readings = {name: [] for name in MEASURES}
    for centre in (3.2, 3.3, 3.4):
        q = stats.norm(centre, 0.5).pdf(x) * step
        for name, measure in MEASURES.items():
            readings[name].append(measure(p, q) * (step if name == "W1" else 1))
    for name, ceiling in (("JS", LN_2), ("TV", 1), ("Hellinger", 1)):
        assert max(readings[name]) < ceiling and 0 < np.diff(readings[name])[0] < 1e-3
    steps = {name: np.diff(values) for name, values in readings.items()}
    assert steps["KL"][1] > steps["KL"][0] + 0.03 and steps["reverse KL"][1] > steps["KL"][0] + 0.03
    assert steps["W1"] == pytest.approx([0.1, 0.1], abs=1e-6)


def test_all_but_w1_never_notice_where_the_outcomes_lie():
    says(LESSON, "compares P and Q place by place sees overlap and nothing else; W1 alone sees")
    order = np.random.default_rng(1).permutation(6)
    pairs = zip(distributions(6, 50), distributions(6, 100)[50:], strict=True)
    moved = dict.fromkeys(MEASURES, False)
    for p, q in pairs:
        for name, measure in MEASURES.items():
            moved[name] |= abs(measure(p, q) - measure(p[order], q[order])) > 1e-9
    assert [name for name in MEASURES if moved[name]] == ["W1"]


# The first table: definitions, ranges, meanings


def row_of(name, heading):
    """The other cells of the row that begins with this name, in the table with this heading."""
    _, table = read(LESSON).text.split(f"| measure | {heading}")
    rows = [line.strip("| ").split(" | ") for line in table.split("\n\n")[0].split("\n")[2:]]
    assert len(rows) == len(MEASURES)
    (row,) = [row for row in rows if re.match(rf"\[?{re.escape(name)}(\]|,|$)", row[0])]
    return row[1:]


DEFINITIONS = {
    "KL": (r"\sum p \log \frac{p}{q}", lambda p, q: np.sum(p * np.log(p / q))),
    "reverse KL": (r"\sum q \log \frac{q}{p}", lambda p, q: np.sum(q * np.log(q / p))),
    "Jeffreys": (
        r"\sum (p - q) \log \frac{p}{q}",
        lambda p, q: np.sum((p - q) * np.log(p / q)),
    ),
    "JS": (
        r"\tfrac12 \mathrm{KL}(P \Vert M)$ + $\tfrac12 \mathrm{KL}(Q \Vert M)",
        lambda p, q: kl(p, (p + q) / 2) / 2 + kl(q, (p + q) / 2) / 2,
    ),
    "√JS": (r"\sqrt{\mathrm{JS}}", lambda p, q: distance.jensenshannon(p, q)),
    "TV": (r"\tfrac12 \sum \lvert p - q \rvert", lambda p, q: distance.cityblock(p, q) / 2),
    "Hellinger": (
        r"\sqrt{\tfrac12 \sum (\sqrt p - \sqrt q)^2}",
        lambda p, q: distance.euclidean(np.sqrt(p), np.sqrt(q)) / math.sqrt(2),
    ),
    "χ²": (r"\sum \frac{(p - q)^2}{q}", lambda p, q: np.sum((p - q) ** 2 / q)),
    "W1": (
        r"\int \lvert F(x) - G(x) \rvert \, dx",
        lambda p, q: stats.wasserstein_distance(range(len(p)), range(len(p)), p, q),
    ),
}


@pytest.mark.parametrize("name", MEASURES)
def test_the_definitions_are_those_of_the_table(name):
    formula, function = DEFINITIONS[name]
    written = row_of(name, "definition")[0]
    assert written.startswith(f"${formula}$ <br> ")
    for p, q in zip(distributions(5, 100), distributions(5, 200)[100:], strict=True):
        assert function(p, q) == pytest.approx(MEASURES[name](p, q), rel=1e-6, abs=1e-9)


def test_the_ranges_are_those_of_the_table():
    ceilings = {"JS": r"0 to $\ln 2$", "√JS": "0 to 0.833", "TV": "0 to 1", "Hellinger": "0 to 1"}
    for name, measure in MEASURES.items():
        assert row_of(name, "definition")[1] == ceilings.get(name, "0 to ∞")
        assert measure(FAIR, FAIR) == pytest.approx(0, abs=1e-12)
        assert DIRECT[name].min() >= -1e-12
        if name in ceilings:
            assert DIRECT[name].max() <= measure(*APART)
    far = np.zeros((2, 1000))
    far[0, 0] = far[1, -1] = 1
    assert w1(*far) == 999  # in the unit of x, without an end


def test_what_the_measures_say():
    says(
        LESSON,
        "nats wasted per sample of P by a believer in Q",
        "nats that one sample tells about whether P or Q sent it",
        r"the best guess of the sender is right $\tfrac12 (1 + \mathrm{TV})$ of the time",
        "how much the weight $p/q$ varies under Q",
    )
    for p, q in zip(distributions(4, 30), distributions(4, 60)[30:], strict=True):
        assert np.dot(p, -np.log(q)) - nats(p) == pytest.approx(MEASURES["KL"](p, q))
        joint = np.stack([p, q]) / 2
        independent = np.outer(joint.sum(axis=1), joint.sum(axis=0))
        assert kl(joint, independent) == pytest.approx(js(p, q))  # about the sender
        rules = itertools.product((0, 1), repeat=4)  # for each outcome, P or Q
        right = max(sum(joint[who, i] for i, who in enumerate(rule)) for rule in rules)
        assert right == pytest.approx((1 + MEASURES["TV"](p, q)) / 2)
        assert np.dot(q, (p / q - np.dot(q, p / q)) ** 2) == pytest.approx(chi_square(p, q))


def test_w1_is_the_least_cost_of_carrying():
    says(LESSON, "how far mass is carried on average", "mass that must move")
    positions = np.arange(4)
    cost = abs(positions[:, None] - positions)
    rows = [np.kron(np.eye(4), np.ones(4)), np.kron(np.ones(4), np.eye(4))]
    for p, q in zip(distributions(4, 10), distributions(4, 20)[10:], strict=True):
        for costs, name in ((cost, "W1"), (cost > 0, "TV")):
            plan = optimize.linprog(costs.ravel(), A_eq=np.vstack(rows), b_eq=[*p, *q])
            assert plan.fun == pytest.approx(MEASURES[name](p, q), abs=1e-9)


def test_the_other_face_of_js():
    says(
        LESSON,
        r"$\mathrm{JS} = H(M) - \tfrac12 H(P) - \tfrac12 H(Q)$",
        "the entropy that mixing P and Q adds to the average of theirs",
    )
    margin = find_question("convexity_margin").reference
    for p, q, model in distributions(3, 90).reshape(30, 3, 3):
        m = (p + q) / 2
        assert nats(m) - nats(p) / 2 - nats(q) / 2 == pytest.approx(js(p, q))
        assert (kl(p, m) + kl(q, m)) / 2 == pytest.approx(js(p, q))
        assert margin(p, model, q, model, 0.5) == pytest.approx(js(p, q))


# The second table: symmetry, triangle, nothing in common, sensitivity


def test_half_the_way_costs_a_quarter_up_close():
    says(
        LESSON,
        "Up close both grow like a square (unit 05). Half of the way then costs about a quarter",
        "two halves cost half as much as the whole",
        "Symmetry does not help: Jeffreys is symmetric, and fails.",
    )
    for p, q in zip(distributions(3, 50), distributions(3, 100)[50:], strict=True):
        p = (p + 1 / 3) / 2
        near, half = p + 0.002 * (q - p), p + 0.001 * (q - p)
        for name, measure in MEASURES.items():
            share = 1 / 4 if name in LIKE_SQUARES else 1 / 2
            assert measure(p, half) / measure(p, near) == pytest.approx(share, rel=0.02)


@pytest.mark.parametrize("name", MEASURES)
def test_the_row_of_the_second_table(name):
    obeys, disjoint, *_ = row_of(name, "symmetry, triangle")
    symmetric = np.allclose(DIRECT[name], MEASURES[name](B, A))
    triangle = bool((DETOUR[name] >= DIRECT[name] - 1e-9).all())
    assert symmetric or not triangle
    assert obeys == ("neither", "symmetry", "**both**")[symmetric + triangle]
    apart = MEASURES[name](*APART)
    words = {math.inf: "∞", 1.0: "1", round(LN_2, 9): r"$\ln 2$", 2.0: "how far apart"}
    assert disjoint == words.get(round(apart, 9), f"{apart:.3f}")


def test_the_metrics_are_lengths_of_differences():
    says(
        LESSON,
        r"Hellinger of $\sqrt p - \sqrt q$, TV of $p - q$, W1 of $F - G$",
        "The root cures JS.",
    )
    p, q = A[:1000], B[:1000]
    lengths = {
        "Hellinger": np.linalg.norm(np.sqrt(p) - np.sqrt(q), axis=1) / math.sqrt(2),
        "TV": np.linalg.norm(p - q, ord=1, axis=1) / 2,
        "W1": np.linalg.norm(np.cumsum(p, axis=1) - np.cumsum(q, axis=1), ord=1, axis=1),
    }
    for name, length in lengths.items():
        np.testing.assert_allclose(length, DIRECT[name][:1000], atol=1e-7)
    assert (DETOUR["√JS"] >= DIRECT["√JS"] - 1e-9).all()


def test_the_random_triples():
    says(
        LESSON,
        "For the five that grow like squares about one detour in four is shorter; "
        "for the four metrics none of 100 000 is.",
    )
    assert all(0.2 < SHORTER[name] < 0.3 for name in LIKE_SQUARES) and len(LIKE_SQUARES) == 5
    assert all(SHORTER[name] == 0 for name in METRICS) and len(METRICS) == 4
    assert set(LIKE_SQUARES) | set(METRICS) == set(MEASURES)


def test_what_the_measures_are_most_sensitive_to():
    says(
        LESSON,
        "Only W1 tells *far* from *next*.",
        "*Rare* moves a tenth of the mass that *next* does: TV and W1 read a tenth, reverse KL "
        "about a quarter, KL nearly as much, χ² eleven times as much.",
        "| overlap, rare outcomes more than TV |",
    )
    near, far, rare = (
        {name: measure(CHANGED, q) for name, measure in MEASURES.items()} for q in (NEXT, FAR, RARE)
    )
    assert [name for name in MEASURES if abs(near[name] - far[name]) > 1e-9] == ["W1"]
    shares = {name: rare[name] / near[name] for name in MEASURES}
    assert shares["TV"] == pytest.approx(0.1, abs=0.002) == shares["W1"]
    assert shares["reverse KL"] == pytest.approx(0.25, abs=0.03)
    assert 0.8 < shares["KL"] < 1 and round(shares["χ²"]) == 11
    assert shares["Hellinger"] > 5 * shares["TV"]
    assert max(shares, key=shares.get) == "χ²"
    # what P calls rare, under the reverse
    back = {name: measure(RARE, CHANGED) for name, measure in MEASURES.items()}
    assert back["reverse KL"] == pytest.approx(rare["KL"])
    assert back["Jeffreys"] == pytest.approx(rare["Jeffreys"]) == rare["KL"] + rare["reverse KL"]


def test_an_outcome_adds_at_most_ln_2_times_its_mass_to_js():
    says(LESSON, r"an outcome adds at most $\ln 2$ times its mass in M")
    p, q = np.random.default_rng(2).uniform(size=(2, 100_000)) ** 4
    m = (p + q) / 2
    added = (special.rel_entr(p, m) + special.rel_entr(q, m)) / 2
    assert (added <= LN_2 * m + 1e-12).all()
    assert special.rel_entr(1.0, 0.5) / 2 == pytest.approx(LN_2 * 0.5)  # and reaches it


# The kept prediction


def test_three_measures_put_the_three_pairs_into_three_orders():
    says(
        LESSON,
        "TV counts mass: A, C, B.",
        "W1 counts mass times way: A, B, C, for C is carried three days.",
        "KL counts surprise: C, B, A,",
        "to what happens one time in five",
    )

    def order(name):
        values = {pair: MEASURES[name](*shares) for pair, shares in PAIRS.items()}
        return "".join(sorted(values, key=values.get))

    assert [order(name) for name in ("TV", "W1", "KL")] == ["ACB", "ABC", "CBA"]
    assert MEASURES["W1"](*PAIRS["C"]) / MEASURES["TV"](*PAIRS["C"]) == pytest.approx(3)
    assert PAIRS["A"][0][3] == 1 / 5
    # what Q changes, in the words of the table
    changes = {pair: np.subtract(q, p) for pair, (p, q) in PAIRS.items()}
    assert changes["A"] == pytest.approx([0, 0, 0.19, -0.19])
    assert changes["B"] == pytest.approx([-0.2, 0.2, -0.2, 0.2])
    assert changes["C"] == pytest.approx([-0.25, 0, 0, 0.25])


def test_the_pairs_are_those_that_the_learner_has_seen():
    from klteach.units.u00_start_here.quiz import PREDICTIONS

    seen = {pair.name: (list(pair.p), list(pair.q)) for pair in PREDICTIONS[0].pairs}
    assert seen == PAIRS
    assert "opened" in read(LESSON).quizzes


# The last columns of both tables: use, and samples of one law


@pytest.mark.parametrize("name", MEASURES)
def test_how_a_measure_falls_between_two_samples_of_one_law(name):
    says(LESSON, "A hundred times more data divides KL by a hundred and TV by ten.")
    falls = row_of(name, "symmetry, triangle")[-1]
    small, _, large = (MEASURES[name](*shares).mean() for shares in SAMPLES)
    by = small / large
    root = r"$1/\sqrt n$" in falls
    assert by == pytest.approx(10 if root else 100, rel=0.25)
    assert root or "$1/n$" in falls
    assert root == (name in METRICS)


def test_the_empty_bin():
    says(
        LESSON,
        "∞ if Q has an empty bin",
        "∞ if P has one",
        "∞ if either has one",
        "like $1/n$, always finite",
        "like $1/n$; ∞ as KL",
    )
    full, empty = FAIR, SURE_HEADS
    infinite = {
        name: (math.isinf(measure(full, empty)), math.isinf(measure(empty, full)))
        for name, measure in MEASURES.items()
    }
    assert infinite["KL"] == infinite["χ²"] == (True, False)
    assert infinite["reverse KL"] == (False, True) and infinite["Jeffreys"] == (True, True)
    assert all(infinite[name] == (False, False) for name in ("JS", *METRICS))


def test_the_uses_that_can_be_computed():
    says(
        LESSON,
        "training by likelihood: cross-entropy",
        "hypothesis tests: 1 minus the two error rates of the best one",
        "tests with many samples, whose overlaps multiply",
        "goodness of fit; variance of importance weights",
    )
    for p, q in zip(distributions(4, 20), distributions(4, 40)[20:], strict=True):
        # a test says P or Q for each outcome; its two error rates
        errors = min(
            sum(p[i] if says_q else q[i] for i, says_q in enumerate(rule))
            for rule in itertools.product((False, True), repeat=4)
        )
        assert 1 - errors == pytest.approx(MEASURES["TV"](p, q))
        overlap = 1 - MEASURES["Hellinger"](p, q) ** 2
        twice = 1 - MEASURES["Hellinger"](np.outer(p, p).ravel(), np.outer(q, q).ravel()) ** 2
        assert twice == pytest.approx(overlap**2)
        counts = np.array([7, 11, 5, 2])
        statistic = stats.chisquare(counts, 25 * q).statistic
        assert 25 * chi_square(counts / 25, q) == pytest.approx(statistic)


def test_w1_of_raw_numbers_is_a_matter_of_sorting():
    says(
        LESSON,
        "two samples of a continuous law share no value. W1 sorts them and is done.",
    )
    x, y = RAW
    assert not set(x) & set(y)
    by_sorting = np.mean(abs(np.sort(x) - np.sort(y)))
    assert by_sorting == pytest.approx(stats.wasserstein_distance(x, y))
    # in the plane no order of the points does it: a rule by the first coordinate costs too much
    points, others = np.random.default_rng(3).normal(size=(2, 40, 2))
    cost = distance.cdist(points, others)
    rows, columns = optimize.linear_sum_assignment(cost)
    by_first = cost[np.argsort(points[:, 0]), np.argsort(others[:, 0])].mean()
    assert cost[rows, columns].mean() < 0.7 * by_first


def test_over_the_standard_deviation_of_the_baseline_w1_has_no_unit():
    says(LESSON, "divide each W1 by the standard deviation of the baseline's column")
    x, y = RAW
    in_feet, in_metres = (
        stats.wasserstein_distance(unit * x, unit * y) / np.std(unit * x) for unit in (3.28, 1)
    )
    assert in_feet == pytest.approx(in_metres)


# By hand, Predict again


def test_tv_does_not_notice_the_last_outcome():
    says(LESSON, "Now move the last outcome from 3 to 10. TV does not notice")
    assert MEASURES["TV"](PROBE_P, PROBE_Q) == pytest.approx(0.45)
    moved = stats.wasserstein_distance([0, 1, 2, 10], [0, 1, 2, 10], PROBE_P, PROBE_Q)
    assert moved > 3 * w1(PROBE_P, PROBE_Q)


def test_a_change_of_unit_moves_w1_alone():
    says(LESSON, "Change that unit, and KL and TV stay (unit 06); W1 does not.")
    x = np.linspace(-6, 7, 20_001)

    def readings(unit):
        step = unit * (x[1] - x[0])
        p, q = (stats.norm(unit * mean, unit).pdf(unit * x) * step for mean in (0, 1))
        return kl(p, q), MEASURES["TV"](p, q), w1(p, q) * step

    metres, feet = readings(1.0), readings(3.28)
    assert feet[:2] == pytest.approx(metres[:2])
    assert feet[2] == pytest.approx(3.28 * metres[2])


# Where this bites


def test_the_loss_of_a_gan_is_twice_js_less_log_4():
    says(LESSON, "against the best discriminator its loss is twice JS, less log 4")
    for p, q in zip(distributions(3, 10), distributions(3, 20)[10:], strict=True):

        def value(logits, p=p, q=q):
            return np.dot(p, special.log_expit(logits)) + np.dot(q, special.log_expit(-logits))

        best = optimize.minimize(lambda logits: -value(logits), np.zeros(3))
        assert -best.fun == pytest.approx(2 * js(p, q) - math.log(4), abs=1e-6)


def test_the_two_parallel_lines():
    says(
        LESSON,
        "For every θ but 0 the lines share no point",
        "W1 is θ, with slope 1 all the way.",
    )
    assert kl(SURE_HEADS, SURE_TAILS) == math.inf and js(SURE_HEADS, SURE_TAILS) == LN_2
    for theta in (1, 0.1, 0.001):
        assert stats.wasserstein_distance([0], [theta]) == pytest.approx(theta)


def test_scipy_returns_the_root():
    says(LESSON, "SciPy returned the root, Faiss the divergence")
    assert distance.jensenshannon(P, Q) ** 2 == pytest.approx(js(P, Q))


# The exercises


def test_any_coin_between_breaks_the_inequality_and_none_outside():
    """The insight of E4, and what its judge takes for granted."""
    heads = np.linspace(0.02, 0.98, 49)
    p, m, q = np.meshgrid(heads, heads, heads, indexing="ij")
    between = (p - m) * (m - q) > 0
    outside = (p - m) * (m - q) < 0

    def coins(x):
        return np.stack([x, 1 - x], axis=-1)

    for name in ("KL", "JS"):
        measure = MEASURES[name]
        direct = measure(coins(p), coins(q))
        detour = measure(coins(p), coins(m)) + measure(coins(m), coins(q))
        assert (detour[between] < direct[between]).all()
        assert (detour[outside] > direct[outside]).all()


def test_what_the_comparison_says_of_three_coins_in_a_row():
    says(
        EXERCISES,
        "KL and JS call the detour shorter, √JS calls it longer, and TV calls it equal: for coins "
        "in a row TV is the difference in heads. No choice of yours could have broken the last "
        "two.",
    )
    p, m, q = YOURS
    for name, sign in (("KL", -1), ("JS", -1), ("√JS", 1), ("TV", 0)):
        measure = MEASURES[name]
        longer = measure(p, m) + measure(m, q) - measure(p, q)
        assert np.sign(round(longer, 9)) == sign
    assert MEASURES["TV"](p, q) == pytest.approx(abs(p[0] - q[0]))


def test_the_inequalities_of_the_explorer_on_100_000_random_pairs():
    for p, q in ((A, B), np.random.default_rng(4).dirichlet(np.full(8, 0.3), size=(2, 100_000))):
        values = {name: measure(p, q) for name, measure in MEASURES.items()}
        assert (values["JS"] <= LN_2).all() and (values["TV"] <= 1).all()
        assert (values["Hellinger"] ** 2 <= values["TV"] + 1e-12).all()
        means = abs((p - q) @ np.arange(p.shape[-1]))
        assert (values["W1"] >= means - 1e-12).all()
