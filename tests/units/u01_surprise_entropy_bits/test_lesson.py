"""What lesson 01 and its exercises say: numbers by a second route, claims in words."""

import heapq
import itertools
import math
from collections import Counter

import mpmath
import numpy as np
import pytest
from scipy import optimize, special, stats

from klteach.units.u01_surprise_entropy_bits import explorer as unit_01
from tests.units.lesson_text import presets, says
from tests.units.second_route import LN_2, P, bits, distributions, expected, interleaved, nats

LESSON = "notebooks/01_surprise_entropy_bits"
EXERCISES = LESSON.replace("notebooks", "solutions")

SURPRISES = [-math.log(share) for share in P]
AREAS = [share * surprise for share, surprise in zip(P, SURPRISES, strict=True)]
STATUS, ROWS, ROW_BITS = [0.97, 0.01, 0.01, 0.01], 10**9, 16
START = [0.6, 0.2, 0.1, 0.1]  # of the explorer
DYADIC, CODEWORDS = [0.5, 0.25, 0.125, 0.125], ["0", "10", "110", "111"]
PEAK = optimize.minimize_scalar(lambda p: -special.entr(p), bounds=(0, 1), method="bounded")
# what pull request 242 of huggingface/evaluate lists for one sentence, before and after
PERPLEXITY_BEFORE, PERPLEXITY_AFTER = 19.1218, 70.6083


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


SAID = {}

SAID[LESSON, "text"] = [
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
    ("the areas add up to the entropy: {:.3f} bits at the start", bits(START)),
    ("read the total: {:g} bits", bits(np.full(4, 1 / 4))),
    ("always says the same thing has area {:g}", bits([1, 0, 0, 0])),
    ("the rectangle peaks at a lower bar, with an area of {:.3f} bits", -PEAK.fun / LN_2),
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
    # Where this bites
    ("before and after: {:.2f} became **{:.2f}**", PERPLEXITY_AFTER**LN_2, PERPLEXITY_AFTER),
    # Main take-away
    ("Bits are nats divided by {:.4f}", LN_2),
]
SAID[LESSON, "printed"] = [
    (
        "On average a symbol carries {:.3f} bits; b, with share {:.3f}, contributes most: {:.3f}.",
        bits(START),
        START[1],
        -START[1] * math.log2(START[1]),
    ),
    (
        "entropy H(p): {:.3f} bits; largest surprise: {:.3f} bits",
        bits(START),
        -math.log2(START[3]),
    ),
    (
        "H ≥ 0: holds, margin {:.3f}; H ≤ log 4: holds, margin {:.3f}",
        bits(START),
        math.log2(4) - bits(START),
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
    ("entropy in bits\ndie {:.3f}\n", math.log2(6)),
    ("two coins {:.3f}\nnumber of heads {:.3f}", math.log2(4), bits([1 / 4, 1 / 2, 1 / 4])),
    # Where this bites
    ("e to the nats {:.2f}", PERPLEXITY_AFTER),
    ("2 to the bits {:.2f}", PERPLEXITY_AFTER),
    ("2 to the nats {:.2f}", PERPLEXITY_AFTER**LN_2),
]
SAID[EXERCISES, "code"] = [
    ("entropy_bits(np.array([0.5, 0.25, 0.125, 0.125]))), 6)\n {:g}", bits(DYADIC)),
]
SAID[EXERCISES, "text"] = [
    (
        "You may want to beat {:.3f} for the second source: a cleverer prefix code reaches {:.3f}.",
        expected(P, rounded_up(P)),
        expected(P, huffman(P)),
    ),
]
SAID[EXERCISES, "printed"] = [
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


def test_the_presets_that_the_explorer_offers():
    says(LESSON, "*uniform*", "*one symbol only*", "this source *halves of halves*")
    offered = presets(unit_01.surprise_areas(), "p")
    assert offered["uniform"] == [1 / 4] * 4
    assert offered["one symbol only"] == [1, 0, 0, 0]
    assert offered["halves of halves"] == DYADIC


def test_the_peak_on_the_steps_of_the_explorer():
    says(LESSON, "The first task proves that one half is not the answer", "shrinks on both sides")
    p = np.arange(1, unit_01.TOTAL) / unit_01.TOTAL
    areas = stats.entropy([p, 1 - p], base=2) - special.entr(1 - p) / LN_2  # that of one bar
    best = areas.argmax()
    assert f"{areas[best]:.3f}" == f"{-PEAK.fun / LN_2:.3f}"
    assert abs(p[best] - PEAK.x) <= 1 / unit_01.TOTAL
    assert (np.diff(areas[: best + 1]) > 0).all() and (np.diff(areas[best:]) < 0).all()


def test_the_peak_is_at_one_over_e_in_place_and_in_height():
    says(
        LESSON,
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
    says(LESSON, r"which is also the limit of $p \log p$ as $p$ goes to 0")
    areas = [-p * math.log(p) for p in (1e-3, 1e-10, 1e-100, 1e-300)]
    assert areas == sorted(areas, reverse=True) and areas[-1] < 1e-290


def test_nothing_beats_the_uniform_source():
    says(LESSON, "Try to beat it.", r"at most $\log n$, reached when all are equally likely")
    shares = np.array([s for s in itertools.product(range(41), repeat=3) if sum(s) <= 40]) / 40
    entropies = stats.entropy(np.column_stack([shares, 1 - shares.sum(axis=1)]), base=2, axis=1)
    assert entropies.max() == pytest.approx(2) and (entropies > 2 - 1e-9).sum() == 1
    for size in (2, 3, 10):
        assert (stats.entropy(distributions(size), axis=1) < math.log(size)).all()


def test_the_code_of_the_table():
    says(LESSON, "Each codeword is as long as its symbol is surprising")
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
    says(LESSON, "Kraft's inequality", "belong to some prefix code")
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
        LESSON,
        "so Kraft still holds, and the average stays below $H + 1$",
        "No prefix code averages less than $H$",
        "cannot average fewer bits than the entropy, and need not average more than one bit above",
    )
    says(EXERCISES, "Any other source leaves one, and rounding up keeps it below 1.")
    for p in distributions(size, 200):
        entropy, simple, best = bits(p), rounded_up(p), huffman(p)
        assert kraft(simple) <= 1 and kraft(best) == 1
        assert entropy < expected(p, best) <= expected(p, simple) < entropy + 1


def test_a_dyadic_source_leaves_no_gap():
    says(EXERCISES, "A dyadic source leaves no gap")
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
    says(LESSON, "Neither the commonest symbol nor the rarest adds most; the one in the middle")
    assert P == sorted(P, reverse=True) and max(AREAS) == AREAS[1]


def test_seeing_only_the_number_of_heads_costs_half_a_bit():
    says(LESSON, "half a bit is gone: HT and TH have become one outcome")
    tosses = list(itertools.product("HT", repeat=2))
    heads = Counter(toss.count("H") for toss in tosses)
    assert heads[1] == 2
    seen = bits([count / len(tosses) for count in heads.values()])
    assert math.log2(len(tosses)) - seen == pytest.approx(0.5)


def test_the_perplexity_of_a_model_on_a_text_is_of_two_parties():
    """The loss of a text is the mean surprise of its tokens under the model: a cross-entropy."""
    says(
        LESSON,
        "the text decides which tokens come, and the surprise is the model's",
        "as if it chose among that many equally likely tokens",
    )
    text, model = [0, 0, 1, 2, 0, 1, 0, 3], np.array([0.1, 0.2, 0.3, 0.4])
    loss = np.mean([-math.log(model[token]) for token in text])
    shares = np.bincount(text) / len(text)
    assert loss == pytest.approx(-special.xlogy(shares, model).sum())
    assert abs(loss - nats(shares)) > 0.1 and abs(loss - nats(model)) > 0.1
    n = math.exp(loss)  # a choice among n equally likely tokens costs as much
    assert -math.log(1 / n) == pytest.approx(loss)


def test_mixed_units_explain_all_of_the_difference():
    says(
        LESSON,
        r"With the loss in bits it would be $2^{\text{loss}}$, the same number",
        "so mixed units explain all of the difference",
    )
    loss = mpmath.log(PERPLEXITY_AFTER)
    assert mpmath.power(2, loss / mpmath.ln2) == pytest.approx(PERPLEXITY_AFTER)
    # both were published with four decimals; the power turns the error of one into 1e-5
    assert mpmath.power(2, loss) == pytest.approx(PERPLEXITY_BEFORE, abs=6e-5)


def test_the_entropy_of_the_uniform_distribution_is_not_negative():
    says(LESSON, r"as $-\log n$", r"it is $+\log n$")
    for n in (2, 10, 100):
        assert nats(np.full(n, 1 / n)) == pytest.approx(math.log(n))
