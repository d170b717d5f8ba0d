"""Every number that the lessons and the exercises print, by a second route.

SAID holds their sentences: a fragment of a notebook with a placeholder for each number, then the
numbers, computed here and never by klteach. Whoever edits a number in a lesson, or changes what the
library prints into it, meets a test that quotes the sentence; whoever adds a number meets the test
of completeness and adds a sentence here. Below stand the claims that are made in words.

What a quiz prints into a lesson is recomputed in tests/practice/test_quiz_content.py.
"""

import heapq
import itertools
import math
import re
from collections import Counter

import mpmath
import numpy as np
import pytest
from lesson_text import MEASURED, fault, matches, read, without_a_sentence
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from scipy import integrate, optimize, special, stats

from klteach.explorers import unit_00, unit_01, unit_02
from klteach.measures import kl_divergence
from klteach.practice.checker import check_answer
from klteach.practice.question import find_question

START = "notebooks/00_start_here"
SURPRISE = "notebooks/01_surprise_entropy_bits"
WRONG_CODE = "notebooks/02_cross_entropy_and_kl"
SURPRISE_EXERCISES = SURPRISE.replace("notebooks", "solutions")
WRONG_CODE_EXERCISES = WRONG_CODE.replace("notebooks", "solutions")
# exercises/ is made from solutions/ and tested to be its image
NOTEBOOKS = [
    f"{folder}/{path.stem}"
    for folder in ("notebooks", "solutions")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
]
LESSONS = [place for place in NOTEBOOKS if place.startswith("notebooks")]
WORDS = "no one two three four five six seven eight nine ten".split()


# The second route


def nats(p):
    return special.entr(p).sum()


def bits(p):
    return stats.entropy(p, base=2)


def cross(p, q):
    return -special.xlogy(p, q).sum()


def kl(p, q):
    return special.rel_entr(p, q).sum()


def expected(p, lengths):
    return sum(share * length for share, length in zip(p, lengths, strict=True))


def kraft(lengths):
    return sum(2.0**-length for length in lengths)


def rounded_up(p):
    # 1e-12: the logarithm of a power of two may come out a hair above a whole number
    return [math.ceil(math.log2(1 / share) - 1e-12) for share in p]


def huffman(p):
    """The lengths of an optimal prefix code: merge the two rarest groups until one is left."""
    groups = [(share, [index]) for index, share in enumerate(p)]
    heapq.heapify(groups)
    lengths = [0] * len(p)
    while len(groups) > 1:
        (share, some), (other, more) = heapq.heappop(groups), heapq.heappop(groups)
        for index in some + more:
            lengths[index] += 1
        heapq.heappush(groups, (share + other, some + more))
    return lengths


def prefix_free(words):
    return not any(b.startswith(a) for a, b in itertools.permutations(words, 2))


def distributions(size, count=1000):
    return np.random.default_rng(size).dirichlet(np.ones(size), count)


def simulated_growth(seed, rounds=20_000):
    """(mean, its standard error) of the log growth, from the counts of the outcomes alone."""
    winners = np.random.default_rng(seed).choice(3, size=rounds, p=P)
    shares = [list(winners).count(outcome) / rounds for outcome in range(3)]
    mean = expected(shares, LOG_RATIOS)
    variance = expected(shares, [(ratio - mean) ** 2 for ratio in LOG_RATIOS])
    return mean, math.sqrt(variance / (rounds - 1))


def interleaved(*columns):
    return [value for row in zip(*columns, strict=True) for value in row]


P, Q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
SURPRISES = [-math.log(share) for share in P]
AREAS = [share * surprise for share, surprise in zip(P, SURPRISES, strict=True)]
LOG_RATIOS = [math.log(p) - math.log(q) for p, q in zip(P, Q, strict=True)]
TERMS = [p * ratio for p, ratio in zip(P, LOG_RATIOS, strict=True)]

RAIN, FORECAST = [0.30, 0.70], [0.01, 0.99]
STATUS, ROWS, ROW_BITS = [0.97, 0.01, 0.01, 0.01], 10**9, 16
FOUR = [0.4, 0.3, 0.2, 0.1]
DYADIC, CODEWORDS = [0.5, 0.25, 0.125, 0.125], ["0", "10", "110", "111"]
LN_2 = integrate.quad(lambda x: 1 / x, 1, 2)[0]
PEAK = optimize.minimize_scalar(lambda p: -special.entr(p), bounds=(0, 1), method="bounded")
# what pull request 242 of huggingface/evaluate lists for one sentence, before and after
PERPLEXITY_BEFORE, PERPLEXITY_AFTER = 19.1218, 70.6083

# the positions of the explorer of unit 02: steps of 0.02, never 0
POSITIONS = np.array([(a, b, 50 - a - b) for a in range(1, 50) for b in range(1, 50 - a)]) / 50
POSITION_KL = special.rel_entr(P, POSITIONS).sum(axis=1)
# its lower panel: the share of each symbol among 200 drawn from P
DRAWN = np.bincount(np.random.default_rng(2).choice(3, size=200, p=P), minlength=3) / 200

# the plan of the course: the first unit of each part, the last unit, routes, minutes of each unit
PARTS, UNITS = {"A": 0, "B": 7, "C": 11, "D": 15, "E": 19, "F": 23, "G": 30}, range(32)
CORE = {0, 1, 2, 4, 5, 6, 11, 13, 15, 16, 17, 19, 23}
ROUTES = {
    "Core": CORE,
    "LLM": CORE | {7, 20, 21, 22, 25, 27},
    "Statistician": CORE | {3, 8, 10, 12, 14, 18},
    "Monitoring": {*range(6), 11, 13, 17, *range(23, 30)},
}
MINUTES = dict(enumerate([
    20, 40, 45, 40, 40, 40, 50,  # A
    40, 40, 35, 45,  # B
    45, 45, 40, 50,  # C
    40, 45, 50, 45,  # D
    45, 50, 40, 50,  # E
    50, 60, 50, 50, 50, 40, 50,  # F
    60, 60,  # G
]))  # fmt: skip


def part_of(unit):
    return max(part for part, first in PARTS.items() if first <= unit)


# The sentences


SAID = {}

SAID[START, "text"] = [
    # what the course is about
    ("rains on {:g} days in 100, and a forecast says {:g} %", 100 * RAIN[0], 100 * FORECAST[0]),
    (
        "the average price of that wrong belief: {:.2f} nats a day more than an honest {:g} %",
        kl(RAIN, FORECAST),
        100 * RAIN[0],
    ),
    # Does it work?
    ("drag the bar until the gauge reads **{:.2f}**", unit_00.GOAL),
    ("A gauge that reads {:.2f} proves", unit_00.GOAL),
    # Three verbs
    ("`return {:g} * counts / np.sum(counts)` | almost", 1.001),
    # Map of the course
    ("The map shows {} parts and {} units", WORDS[len(PARTS)], len(UNITS)),
    (
        "The core route runs through {} of the {}.",
        WORDS[len({part_of(unit) for unit in CORE})],
        WORDS[len(PARTS)],
    ),
]
SAID[START, "printed"] = [
    ("The gauge reads {:.2f}; drag the bar up to {:.2f}. | gauge: {:.2f}", 0.2, unit_00.GOAL, 0.2),
    ("shares([3, 1]) gives [{:g}, {:g}]", 3 / 2, 1 / 2),
    ("| {} units in {} parts, A to G", len(UNITS), len(PARTS)),
]

SAID[SURPRISE, "text"] = [
    # Why it matters
    (
        "per request: {:.0f} % are 200, and 404, 429 and 500 make up {:.0f} % each",
        100 * STATUS[0],
        100 * STATUS[1],
    ),
    (
        "At a billion requests a day, {} bits per row fill {:.1f} GB",
        ROW_BITS,
        ROWS * ROW_BITS / 8 / 1e9,
    ),
    ("fits into **{:.0f} MB**", ROWS * bits(STATUS) / 8 / 1e6),
    ("The gap is a factor of {:.0f}", ROW_BITS / bits(STATUS)),
    (
        "the number behind the {:.0f} MB: {:.3f} bits per row",
        ROWS * bits(STATUS) / 8 / 1e6,
        bits(STATUS),
    ),
    # Explore
    ("the areas add up to the entropy: {:.3f} bits at the start", bits(FOUR)),
    ("read the total: {:g} bits", bits(np.full(4, 1 / 4))),
    ("always says the same thing has area {:g}", bits([1, 0, 0, 0])),
    (
        "the rectangle peaks at {:.3f} bits when its bar stands near {:.2f}",
        -PEAK.fun / LN_2,
        PEAK.x,
    ),
    # The idea
    (r"1 \text{{ nat}} = \frac{{1}}{{\ln 2}} \text{{ bits}} = {:.4f} \text{{ bits}}", 1 / LN_2),
    (r"1 \text{{ bit}} = \ln 2 \text{{ nats}} = {:.4f} \text{{ nats}}", LN_2),
    (r"The bar is $1/e \approx {:.3f}$ tall", PEAK.x),
    *(
        (f"| {symbol} | {{:g}} | {{:g}} | `{word}` |", share, -math.log2(share))
        for symbol, share, word in zip("abcd", DYADIC, CODEWORDS, strict=True)
    ),
    ("so the average length is the entropy: {:.2f} bits", bits(DYADIC)),
    # By hand
    ("Take $P = ({:g}, {:g}, {:g})$", *P),
    (
        r"$-\ln {:g} = {:.3f}, \quad -\ln {:g} = {:.3f}, \quad -\ln {:g} = {:.3f}$",
        *interleaved(P, SURPRISES),
    ),
    (
        r"${:g} \cdot {:.3f} + {:g} \cdot {:.3f} + {:g} \cdot {:.3f} = {:.3f} + {:.3f} + {:.3f}$",
        *interleaved(P, SURPRISES),
        *AREAS,
    ),
    (
        r"$H(P) = {:.3f} \text{{ nats}} = {:.3f} \cdot {:.4f} = {:.3f} \text{{ bits}}$",
        nats(P),
        nats(P),
        1 / LN_2,
        bits(P),
    ),
    # Predict again
    (
        r"$\log_2 4 = {:g}$ bits; the die has six, $\log_2 6 = {:.3f}$ bits",
        bits(np.full(4, 1 / 4)),
        bits(np.full(6, 1 / 6)),
    ),
    # Where this bites
    ("before and after: {:.2f} became **{:.2f}**", PERPLEXITY_AFTER**LN_2, PERPLEXITY_AFTER),
    # Main take-away
    ("Bits are nats divided by {:.4f}", LN_2),
]
SAID[SURPRISE, "printed"] = [
    (
        "On average a symbol carries {:.3f} bits; a, with share {:.3f}, contributes most: {:.3f}.",
        bits(FOUR),
        FOUR[0],
        -FOUR[0] * math.log2(FOUR[0]),
    ),
    (
        "entropy H(p): {:.3f} bits; largest surprise: {:.3f} bits",
        bits(FOUR),
        -math.log2(FOUR[3]),
    ),
    (
        "H ≥ 0: holds, margin {:.3f}; H ≤ log 4: holds, margin {:.3f}",
        bits(FOUR),
        math.log2(4) - bits(FOUR),
    ),
    # By code
    (
        "{:.4f} nats = {:.4f} bits\n{:.4f} nats = {:.4f} bits\nperplexity {:.2f}",
        *2 * (nats(DYADIC), bits(DYADIC)),
        2 ** bits(DYADIC),
    ),
    ("two rows: [{:.3f} {:.0f}. ]", nats(P), nats([1, 0, 0])),
    (
        "p holds whole numbers that sum to {}, so these are counts and not probabilities: "
        "pass normalize(p).\n{:.4f}",
        7 + 2 + 1,
        nats(P),
    ),
    # Predict again
    ("die {:.3f} bits", math.log2(6)),
    ("two coins {:.3f} bits", math.log2(4)),
    ("number of heads {:.3f} bits", bits([1 / 4, 1 / 2, 1 / 4])),
    # Where this bites
    ("e to the nats {:.2f}", PERPLEXITY_AFTER),
    ("2 to the bits {:.2f}", PERPLEXITY_AFTER),
    ("2 to the nats {:.2f}", PERPLEXITY_AFTER**LN_2),
]

SAID[WRONG_CODE, "text"] = [
    # Why it matters
    ("a validation loss of {:.2f} nats", cross(P, Q)),
    ("It cannot get there: {:.2f} of it is in the data", nats(P)),
    ("The other **{:.2f} nats** are the price", kl(P, Q)),
    # Explore
    ("P is fixed at ({:g}, {:g}, {:g}), solid blue", *P),
    (
        "less discounts are KL(P‖Q): {:.3f} - {:.3f} - {:.3f} = {:.3f} nats at the start",
        TERMS[0],
        -TERMS[1],
        -TERMS[2],
        kl(P, Q),
    ),
    ("and the bill is $H(P)$ = {:.3f} nats", nats(P)),
    ("Play the game: KL = {:.2f} ± {:.2f} nats", unit_02.GOAL, unit_02.WITHIN),
    ("The average bill of {} symbols from P", unit_02.ROUNDS),
    ("The explorer has {} positions of Q", len(POSITIONS)),
    # By hand
    ("$P = ({:g}, {:g}, {:g})$, $Q = ({:g}, {:g}, {:g})$, term by term", *P, *Q),
    (
        r"${:g} \ln \tfrac{{{:g}}}{{{:g}}} = {:.3f}, "
        r"\quad {:g} \ln \tfrac{{{:g}}}{{{:g}}} = {:.3f}, "
        r"\quad {:g} \ln \tfrac{{{:g}}}{{{:g}}} = {:.3f}$",
        *interleaved(P, P, Q, TERMS),
    ),
    (
        r"$\mathrm{{KL}}(P \Vert Q) = {:.3f} - {:.3f} - {:.3f} = {:.3f} \text{{ nats}}$",
        TERMS[0],
        -TERMS[1],
        -TERMS[2],
        kl(P, Q),
    ),
    (
        r"$H(P, Q) = H(P) + \mathrm{{KL}}(P \Vert Q) = {:.3f} + {:.3f} = {:.3f} \text{{ nats}}$",
        nats(P),
        kl(P, Q),
        cross(P, Q),
    ),
    # By code
    (
        "The factors are {:g}, {:.2f} and {:.2f}: this bettor loses in {} rounds out of ten",
        *(math.exp(ratio) for ratio in LOG_RATIOS),
        WORDS[round(10 * sum(p for p, q in zip(P, Q, strict=True) if p < q))],
    ),
    (r"grows by a factor of $e^{{{:.3f}}} = {:.2f}$ a round", kl(P, Q), math.exp(kl(P, Q))),
    # Predict again
    ("Here they are close, {:.3f} and {:.3f}", kl(P, Q), kl(Q, P)),
    # Where this bites
    ("| `(log q, p)`, sum | {:.4f} | KL(P‖Q) |", kl(P, Q)),
    ("| `(log q, p)`, mean (the default) | {:.4f} |", kl(P, Q) / len(P)),
    ("| `(log p, q)`, sum | {:.4f} | KL(Q‖P), swapped |", kl(Q, P)),
    ("| `(p, q)`, sum | {:.4f} | no KL at all", -nats(Q) - np.dot(Q, P)),
    # Next: the pages are 79 to 86 and 917 to 926
    ("The paper behind the name; {} pages", WORDS[86 - 79 + 1]),
    ("The bettor, in {} pages", WORDS[926 - 917 + 1]),
]
SAID[WRONG_CODE, "printed"] = [
    (
        "yet the average rises to {:.3f} nats per symbol: {:.3f} nats are wasted.",
        cross(P, Q),
        kl(P, Q),
    ),
    (
        "KL(P‖Q): {:.3f} nats; H(P, Q): {:.3f} nats; H(P): {:.3f} nats",
        kl(P, Q),
        cross(P, Q),
        nats(P),
    ),
    (
        "game: KL = {:.1f} ± {:.2f}: {:.3f} too high",
        unit_02.GOAL,
        unit_02.WITHIN,
        kl(P, Q) - unit_02.GOAL,
    ),
    ("KL ≥ 0: holds, margin {:.3f}; H(P, Q) = H(P) + KL: holds, margin {:.3f}", kl(P, Q), 0),
    # By code
    ("H(P, Q) {:.4f} H(P) {:.4f} KL {:.4f} nats", cross(P, Q), nats(P), kl(P, Q)),
    ("cross-entropy {:.4f} nats\nKL {:.4f} nats", cross(P, Q), kl(P, Q)),
    ("in bits {:.4f} bits", stats.entropy(P, Q, base=2)),
    ("KL of itself {:.4f}", kl(P, P)),
    ("a zero in Q {}", kl(P, [0.5, 0.5, 0.0])),
    (
        "growth {:.3f} ± {:.3f} a round, KL {:.3f}\n{:.1f} standard errors apart, within 3: {}",
        *simulated_growth(1956),
        kl(P, Q),
        abs(simulated_growth(1956)[0] - kl(P, Q)) / simulated_growth(1956)[1],
        True,
    ),
    # Predict again
    ("KL(P‖Q) = {:.3f} nats\nKL(Q‖P) = {:.3f} nats", kl(P, Q), kl(Q, P)),
    # Where this bites
    (
        "log q, p {:.4f}\nlog q, p, mean {:.4f}\nlog p, q {:.4f}\np, q {:.4f}",
        kl(P, Q),
        kl(P, Q) / len(P),
        kl(Q, P),
        -nats(Q) - np.dot(Q, P),
    ),
]

SAID["solutions/00_start_here", "code"] = [
    (">>> shares([3, 1]).tolist()\n [{:g}, {:g}]", 3 / 4, 1 / 4),
]
SAID[SURPRISE_EXERCISES, "code"] = [
    ("entropy_bits([0.5, 0.25, 0.125, 0.125])), 6)\n {:g}", bits(DYADIC)),
]
SAID[SURPRISE_EXERCISES, "text"] = [
    (
        "You may want to beat {:.3f} for the second source: a cleverer prefix code reaches {:.3f}.",
        expected(P, rounded_up(P)),
        expected(P, huffman(P)),
    ),
]
SAID[SURPRISE_EXERCISES, "printed"] = [
    ("1 nat = {:.6f} bits", 1 / LN_2),
    (
        "[{:g} {:g} {:g} {:g}]: length {:.3f}, entropy {:.3f} bits",
        *DYADIC,
        expected(DYADIC, rounded_up(DYADIC)),
        bits(DYADIC),
    ),
    (
        "[{:g} {:g} {:g}]: length {:.3f}, entropy {:.3f} bits",
        *P,
        expected(P, rounded_up(P)),
        bits(P),
    ),
]
SAID[WRONG_CODE_EXERCISES, "code"] = [
    (">>> float(cross_entropy([0.5, 0.5], [1.0, 0.0]))\n {}", kl([0.5, 0.5], [1.0, 0.0])),
    (">>> float(kl([0.5, 0.5], [0.5, 0.5]))\n {}", kl([0.5, 0.5], [0.5, 0.5])),
]
SAID[WRONG_CODE_EXERCISES, "printed"] = [
    (
        "growth {:.3f} ± {:.3f} a round, KL {:.3f}\nwithin 3 standard errors: {}",
        *simulated_growth(7),
        kl(P, Q),
        True,
    ),
]

# measured numbers that need no second route: (the words that they stand in, why not)
ALLOWED = {
    (WRONG_CODE, "text"): [("Section 5.4 prices the wrong code", "a section of a book")],
}

SENTENCES = [(*where, sentence) for where, sentences in SAID.items() for sentence in sentences]


@pytest.mark.parametrize(
    ("place", "part", "sentence"),
    [
        pytest.param(*case, id=f"{case[0]}, {case[1]}: {case[2][0][:60]}".replace("\n", " "))
        for case in SENTENCES
    ],
)
def test_the_notebook_says_what_the_second_route_finds(place, part, sentence):
    problem = fault(sentence, getattr(read(place), part))
    assert problem is None, problem


@pytest.mark.parametrize("part", ["text", "printed"])
@pytest.mark.parametrize("place", NOTEBOOKS)
def test_every_measured_number_has_its_sentence(place, part):
    text = getattr(read(place), part)
    for words, _ in ALLOWED.get((place, part), []):
        assert MEASURED.search(words) and text.count(words) == 1, f"allowed for nothing: {words}"
        text = text.replace(words, "")
    assert without_a_sentence(text, SAID.get((place, part), [])) == []


def says(place, *words):
    """The claim that a test is about must still be there, in these words."""
    for fragment in words:
        assert fragment in read(place).text, f"{place} no longer says: {fragment}"


# The claims of 00 in words


def test_the_first_lesson_counts_right():
    says(START, "an order of three pairs", "Next, ten short questions", "the next of three hints")
    assert read(START).quizzes.count("Pair ") == 3
    assert read(START).quizzes.count("I do not know yet") == 10
    assert "Hint 1 of 3: " in read(START).printed


def test_the_points_of_all_exercises_are_those_that_the_grader_counts():
    points = [
        cell.metadata["nbgrader"]["points"]
        for place in NOTEBOOKS
        for cell in read_notebook(ROOT / f"{place}.ipynb").cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    wanted = f"Exercises: 1 of {len(points)} correct, 1 of {sum(points)} points."
    assert wanted in read(START).printed


def test_the_routes_and_their_hours():
    says(START, "All four begin with 00, 01 and 02")
    rows = re.findall(r"\| \*\*(\w+)\*\* \|[^|]*\| ([^|]*) \| (\d+) \|", read(START).text)
    assert [name for name, _, _ in rows] == list(ROUTES)
    for name, units, hours in rows:
        assert units_of(units) == ROUTES[name]
        assert {0, 1, 2} <= ROUTES[name]
        minutes = sum(MINUTES[unit] for unit in ROUTES[name])
        assert hours == f"{minutes / 60:.0f}", f"{name}: {minutes} minutes"


def units_of(text):
    """The units of "Core + 07 20" or "00–05 11"."""
    units = set(CORE) if "Core" in text else set()
    for first, last in re.findall(r"(\d\d)(?:–(\d\d))?", text):
        units |= set(range(int(first), int(last or first) + 1))
    return units


def test_the_map_shows_the_units_that_there_are():
    written = [place.split("/")[1][:2] for place in LESSONS]
    says(START, f"Units {', '.join(written[:-1])} and {written[-1]} exist so far")
    core = ", ".join(f"{unit:02d}" for unit in sorted(CORE))
    assert f"written so far: {', '.join(written)}; core route: {core}\n" in read(START).printed


@pytest.mark.parametrize("place", LESSONS)
def test_a_lesson_takes_the_minutes_of_the_plan(place):
    unit = int(place.split("/")[1][:2])
    says(place, f"**Time** {MINUTES[unit]} minutes")


@pytest.mark.parametrize("place", LESSONS[1:])
def test_the_exercises_take_the_minutes_that_the_lesson_says(place):
    exercises = read(place.replace("notebooks", "solutions")).text
    minutes = re.findall(r"^## .*· (\d+) min\b", exercises, re.MULTILINE)
    says(place, f"then {sum(map(int, minutes))} for the exercises")


@pytest.mark.parametrize("place", LESSONS[1:])
def test_a_warm_up_asks_three_questions(place):
    says(place, "Three short questions")
    warm_up = read(place).quizzes.split("Run this cell to answer.")[0]
    assert len(re.findall(r"[?…] *$", warm_up, re.MULTILINE)) == 3


def test_the_attempt_that_is_almost_right():
    def shares(counts):
        return 1.001 * counts / np.sum(counts)

    assert check_answer(find_question("shares"), {"shares": shares}).state == "almost"


# The claims of 01 in words


def presets(explorer, name):
    """{preset: the distribution that it sets} for the control called `name`."""
    steps = {preset["name"]: preset["state"][name] for preset in explorer.spec["presets"]}
    return {preset: [step / sum(values) for step in values] for preset, values in steps.items()}


def test_the_presets_that_the_first_two_explorers_offer():
    says(SURPRISE, "*uniform*", "*one symbol only*", "this source *halves of halves*")
    offered = presets(unit_01.surprise_areas(), "p")
    assert offered["uniform"] == [1 / 4] * 4
    assert offered["one symbol only"] == [1, 0, 0, 0]
    assert offered["halves of halves"] == DYADIC
    says(WRONG_CODE, "Choose *Q = P*.")
    assert presets(unit_02.wrong_code(), "q")["Q = P"] == P


def test_the_peak_on_the_steps_of_the_explorer():
    says(SURPRISE, "The first task proves that one half is not the answer", "shrinks on both sides")
    p = np.arange(1, unit_01.TOTAL) / unit_01.TOTAL
    areas = stats.entropy([p, 1 - p], base=2) - special.entr(1 - p) / LN_2  # that of one bar
    best = areas.argmax()
    assert f"{areas[best]:.3f}" == f"{-PEAK.fun / LN_2:.3f}"
    assert abs(p[best] - PEAK.x) <= 1 / unit_01.TOTAL
    assert (np.diff(areas[: best + 1]) > 0).all() and (np.diff(areas[best:]) < 0).all()


def test_the_peak_is_at_one_over_e_in_place_and_in_height():
    says(
        SURPRISE,
        "is zero at $p = 1/e$, and $f''(p) = -1/p < 0$",
        "its area is $1/e$ nats as well",
        "one symbol adds at most $1/e$ nats, at $p = 1/e$",
    )

    def area(p):
        return -p * mpmath.log(p)

    assert mpmath.findroot(lambda p: mpmath.diff(area, p), 0.4) == pytest.approx(1 / math.e)
    assert mpmath.diff(area, 1 / math.e, 2) == pytest.approx(-math.e)
    assert -PEAK.fun == pytest.approx(1 / math.e)


def test_the_limit_of_p_log_p_is_zero():
    says(SURPRISE, r"which is also the limit of $p \log p$ as $p$ goes to 0")
    areas = [-p * math.log(p) for p in (1e-3, 1e-10, 1e-100, 1e-300)]
    assert areas == sorted(areas, reverse=True) and areas[-1] < 1e-290


def test_nothing_beats_the_uniform_source():
    says(SURPRISE, "Try to beat it.", r"at most $\log n$, reached when all are equally likely")
    shares = np.array([s for s in itertools.product(range(41), repeat=3) if sum(s) <= 40]) / 40
    entropies = stats.entropy(np.column_stack([shares, 1 - shares.sum(axis=1)]), base=2, axis=1)
    assert entropies.max() == pytest.approx(2) and (entropies > 2 - 1e-9).sum() == 1
    for size in (2, 3, 10):
        assert (stats.entropy(distributions(size), axis=1) < math.log(size)).all()


def test_the_code_of_the_table():
    says(SURPRISE, "Each codeword is as long as its symbol is surprising")
    lengths = [len(word) for word in CODEWORDS]
    assert prefix_free(CODEWORDS)
    assert lengths == [-math.log2(share) for share in DYADIC]
    assert expected(DYADIC, lengths) == bits(DYADIC)
    assert kraft(lengths) == 1
    streams = ["".join(letters) for letters in itertools.product("01", repeat=6)]
    for word in CODEWORDS:
        begin = sum(stream.startswith(word) for stream in streams)
        assert begin / len(streams) == 2.0 ** -len(word)


def test_kraft_decides_whether_there_is_a_prefix_code_by_enumeration():
    says(SURPRISE, "Kraft's inequality", "belong to some prefix code")
    words = {
        length: ["".join(letters) for letters in itertools.product("01", repeat=length)]
        for length in (1, 2, 3)
    }
    for size in (2, 3, 4):
        for lengths in itertools.combinations_with_replacement((1, 2, 3), size):
            codes = itertools.product(*(words[length] for length in lengths))
            assert any(map(prefix_free, codes)) == (kraft(lengths) <= 1)


@pytest.mark.parametrize("size", [2, 3, 5, 12])
def test_rounding_up_keeps_kraft_and_stays_within_a_bit_and_no_code_beats_the_entropy(size):
    says(
        SURPRISE,
        "so Kraft still holds, and the average stays below $H + 1$",
        "No prefix code averages less than $H$",
        "cannot average fewer bits than the entropy, and need not average more than one bit above",
    )
    says(SURPRISE_EXERCISES, "Any other source leaves one, and rounding up keeps it below 1.")
    for p in distributions(size, 200):
        entropy, simple, best = bits(p), rounded_up(p), huffman(p)
        assert kraft(simple) <= 1 and kraft(best) == 1
        assert entropy < expected(p, best) <= expected(p, simple) < entropy + 1


def test_a_dyadic_source_leaves_no_gap():
    says(SURPRISE_EXERCISES, "A dyadic source leaves no gap")
    for lengths in itertools.combinations_with_replacement(range(1, 7), 5):
        if kraft(lengths) == 1:
            p = [2.0**-length for length in lengths]
            assert expected(p, rounded_up(p)) == pytest.approx(bits(p), abs=1e-12)


def test_the_cleverer_code_is_the_best_one_by_enumeration():
    possible = itertools.product(range(1, 7), repeat=3)
    best = min(expected(P, lengths) for lengths in possible if kraft(lengths) <= 1)
    assert expected(P, huffman(P)) == pytest.approx(best)
    assert best < expected(P, rounded_up(P))


def test_the_middle_symbol_adds_most():
    says(SURPRISE, "Neither the commonest symbol nor the rarest adds most; the one in the middle")
    assert P == sorted(P, reverse=True) and max(AREAS) == AREAS[1]


def test_seeing_only_the_number_of_heads_costs_half_a_bit():
    says(SURPRISE, "half a bit is gone: HT and TH have become one outcome")
    tosses = list(itertools.product("HT", repeat=2))
    heads = Counter(toss.count("H") for toss in tosses)
    assert heads[1] == 2
    seen = bits([count / len(tosses) for count in heads.values()])
    assert math.log2(len(tosses)) - seen == pytest.approx(0.5)


def test_a_link_to_a_thread_leads_to_the_number_that_it_names():
    link = re.compile(r"\[(?:issue|pull request) (\d+)\]\(\S+/(\d+)\)")
    threads = [
        found
        for place in LESSONS
        for cell in read_notebook(ROOT / f"{place}.ipynb").cells
        for found in link.findall(cell.source)
    ]
    assert [named for named, _ in threads] == ["241", "242", "57459"]
    assert all(named == linked for named, linked in threads)


def test_mixed_units_explain_all_of_the_difference():
    says(
        SURPRISE,
        r"With the loss in bits it would be $2^{\text{loss}}$, the same number",
        "so mixed units explain all of the difference",
    )
    loss = mpmath.log(PERPLEXITY_AFTER)
    assert mpmath.power(2, loss / mpmath.ln2) == pytest.approx(PERPLEXITY_AFTER)
    # both were published with four decimals; the power turns the error of one into 1e-5
    assert mpmath.power(2, loss) == pytest.approx(PERPLEXITY_BEFORE, abs=6e-5)


def test_the_entropy_of_the_uniform_distribution_is_not_negative():
    says(SURPRISE, r"as $-\log n$", r"it is $+\log n$")
    for n in (2, 10, 100):
        assert nats(np.full(n, 1 / n)) == pytest.approx(math.log(n))


# The claims of 02 in words


def test_the_positions_of_the_explorer():
    says(WRONG_CODE, "whatever Q you choose", "the surcharges win")
    assert unit_02.TOTAL == 50 and list(unit_02.P) == P
    assert len(POSITIONS) == len(np.unique(POSITIONS, axis=0)) == math.comb(49, 2)
    right = (np.abs(POSITIONS - P) < 1e-9).all(axis=1)
    discount = (POSITIONS > np.array(P) + 1e-9).any(axis=1)
    assert right.sum() == 1
    assert (discount == ~right).all()
    assert (POSITION_KL[~right] > 1e-4).all() and abs(POSITION_KL[right]) < 1e-12


def test_the_things_to_find_in_the_explorer_are_there():
    says(
        WRONG_CODE,
        "At the start *b* and *c* have a discount. Find a Q that gives *a* one.",
        "Then find a second Q that hits.",
    )
    assert [q > p for p, q in zip(P, Q, strict=True)] == [False, True, True]
    assert (POSITIONS[:, 0] > P[0] + 1e-9).sum() > 50  # many, so that one is met by dragging
    assert (np.abs(POSITION_KL - unit_02.GOAL) <= unit_02.WITHIN).sum() >= 2


def test_the_lower_panel_ends_near_its_line_in_every_position():
    says(WRONG_CODE, "ends near the dashed line, $H(P, Q)$", "it settles near KL(P‖Q)")
    bill, growth = -np.log(POSITIONS), np.log(P) - np.log(POSITIONS)
    for values in (bill, growth):
        assert np.abs(values @ DRAWN - values @ P).max() < 0.1  # the axis is 3.7 nats high


def test_cross_entropy_and_kl_have_the_same_best_q():
    says(WRONG_CODE, "so both have the same best Q", "since its floor is 0")
    bills = -np.log(POSITIONS) @ P
    assert bills.argmin() == POSITION_KL.argmin()
    assert bills.min() == pytest.approx(nats(P)) and abs(POSITION_KL.min()) < 1e-12


def test_terms_may_be_negative_and_the_sum_never_is():
    says(WRONG_CODE, "**Single terms may be negative.**", "**The sum never is**")
    for size in (2, 3, 10):
        p, q = distributions(size), distributions(size + 20)[:, :size]
        q = q / q.sum(axis=1, keepdims=True)
        terms = p * np.log(p / q)
        assert ((terms < 0) == (q > p)).all() and (terms < 0).any(axis=1).all()
        assert (terms.sum(axis=1) > 0).all()


def test_the_first_surcharge_outweighs_both_discounts():
    says(
        WRONG_CODE,
        "Two symbols have a discount, and the first one's surcharge outweighs both.",
        'These are the loss, the floor and the gap of "Why it matters"',
    )
    assert TERMS[0] > 0 > max(TERMS[1:]) and TERMS[0] > -sum(TERMS[1:])
    assert cross(P, Q) == pytest.approx(nats(P) + kl(P, Q))


def test_a_zero_in_q_is_fatal():
    says(WRONG_CODE, "the bill is infinite: there is no codeword for it")
    assert cross(P, [0.5, 0.5, 0.0]) == math.inf


def test_no_other_shares_grow_faster_than_those_of_kelly():
    says(WRONG_CODE, "The second KL is a loss, so B = P is best")
    shares = distributions(3)
    growth = (P * np.log(shares / Q)).sum(axis=1)
    loss = special.rel_entr(P, shares).sum(axis=1)
    np.testing.assert_allclose(growth, kl(P, Q) - loss, atol=1e-12)
    best = optimize.minimize(
        lambda z: -np.dot(P, np.log(special.softmax([*z, 0]) / Q)), x0=[0, 0], tol=1e-12
    )
    np.testing.assert_allclose(special.softmax([*best.x, 0]), P, atol=1e-5)


@pytest.mark.parametrize("seed", [1956, 7])
def test_the_simulated_growth_agrees_with_the_exact_law_of_a_round(seed):
    says(
        WRONG_CODE,
        "Now the bettor, for 20 000 rounds",
        "agree within three standard errors",
        "*Bell System Technical Journal* 35 (1956)",
    )
    says(WRONG_CODE_EXERCISES, "an average over 20 000 rounds")
    assert "default_rng(1956) # the year of Kelly's paper" in read(WRONG_CODE).code
    mean, error = simulated_growth(seed)
    variance = expected(P, [ratio**2 for ratio in LOG_RATIOS]) - kl(P, Q) ** 2
    exact_error = math.sqrt(variance / 20_000)
    assert abs(mean - kl(P, Q)) < 3 * exact_error
    assert error == pytest.approx(exact_error, rel=0.02)


def test_the_difference_of_the_two_sums_loses_its_digits_close_to_p():
    says(WRONG_CODE, "stays exact when Q is very close to P")
    q = [0.7 + 1e-9, 0.2 - 1e-9, 0.1]
    with mpmath.workdps(50):
        p_exact, q_exact = (
            [mpmath.mpf(share) / mpmath.fsum(shares) for share in shares] for shares in (P, q)
        )
        exact = mpmath.fsum(
            a * mpmath.log(a / b) for a, b in zip(p_exact, q_exact, strict=True)
        )
    assert abs(cross(P, q) - nats(P) - exact) > 0.5 * exact
    assert abs(kl_divergence(P, q) - exact) < 1e-6 * exact


def test_probabilities_in_place_of_logs_come_out_negative():
    says(WRONG_CODE, "no KL at all: with probabilities in place of logs it comes out negative")
    target, values = distributions(3), distributions(4)[:, :3]
    assert ((target * (np.log(target) - values)).sum(axis=1) < 0).all()


def test_the_pair_whose_swap_does_not_look_wrong():
    says(WRONG_CODE, "so a swap in your code would not look wrong")
    assert kl(P, Q) != kl(Q, P) and kl(P, Q) / kl(Q, P) < 1.2


def test_what_scipy_adds_to_every_term():
    says(WRONG_CODE_EXERCISES, "it adds $q_i - p_i$ to every term", "The sum does not notice")
    np.testing.assert_allclose(special.kl_div(P, Q), np.array(TERMS) + Q - P, atol=1e-15)
    assert special.kl_div(P, Q).sum() == pytest.approx(sum(TERMS))
    assert abs(special.kl_div(P, Q) - TERMS).max() > 0.1


# These tests themselves


@pytest.mark.parametrize(("place", "part"), SAID)
def test_a_changed_digit_is_noticed(place, part):
    text = getattr(read(place), part)
    for sentence in SAID[place, part]:
        if fault(sentence, text) is not None:
            continue  # its own test says so
        (match,) = matches(sentence, text)
        for group in range(1, len(match.groups()) + 1):
            for position in range(*match.span(group)):
                if text[position].isdigit():
                    other = str((int(text[position]) + 1) % 10)
                    edited = text[:position] + other + text[position + 1 :]
                    assert fault(sentence, edited) is not None


@pytest.mark.parametrize("place", LESSONS)
def test_a_number_without_a_sentence_is_noticed(place):
    known = SAID.get((place, "text"), [])
    text = read(place).text
    added = without_a_sentence(f"{text}\nIt costs 3.21 nats, 5 % or 7 GB.", known)
    assert len(added) == len(without_a_sentence(text, known)) + 3
