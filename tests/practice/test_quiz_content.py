"""What the quiz items claim, each claim recomputed by a route of its own."""

import itertools
import math
import re
from collections import Counter

import mpmath
import numpy as np
import pytest
from scipy.stats import entropy, wasserstein_distance

from klteach.practice.quizzes import unit_00, unit_01, unit_02
from klteach.practice.misconceptions import MISCONCEPTIONS
from klteach.practice.quiz_items import (
    RIGHT,
    Choice,
    InventoryQuestion,
    Number,
    Prediction,
    ReviewQuestion,
)

UNITS = {"00": unit_00, "01": unit_01, "02": unit_02}
PREDICTIONS = {item.name: item for unit in UNITS.values() for item in unit.PREDICTIONS}
REVIEW = {item.name: item for unit in UNITS.values() for item in unit.REVIEW}
INVENTORY = {item.name: item for item in unit_00.INVENTORY}
ITEMS = PREDICTIONS | REVIEW | INVENTORY
MARKED = {name: item for name, item in ITEMS.items() if name != "00-order"}


def right(name):
    return ITEMS[name].answers.truth


def options(name):
    return {option.code: option for option in ITEMS[name].answers.options}


# Form


def test_the_items_are_where_they_belong():
    for unit, module in UNITS.items():
        assert all(type(item) is Prediction and item.unit == unit for item in module.PREDICTIONS)
        assert all(type(item) is ReviewQuestion and item.unit == unit for item in module.REVIEW)
        assert len(module.REVIEW) >= 5
    assert all(type(item) is InventoryQuestion for item in unit_00.INVENTORY)
    assert len(INVENTORY) == 10
    assert list(PREDICTIONS) == [
        "00-order",
        "01-peak",
        "01-die",
        "02-symbols",
        "02-average",
        "02-swap",
    ]
    count = sum(len(u.PREDICTIONS) + len(u.REVIEW) for u in UNITS.values()) + 10
    assert len(ITEMS) == count, "two items have the same name"


@pytest.mark.parametrize("name", ITEMS)
def test_every_item_is_complete(name):
    item = ITEMS[name]
    answers = item.answers.options if isinstance(item.answers, Choice) else item.answers.bands
    assert item.text[0].isupper()
    assert all(answer.says.endswith((".", ":")) for answer in answers)
    codes = [answer.code for answer in answers]
    assert len(set(codes)) == len(codes), "a recorded code must name one answer"
    if isinstance(item, Prediction):
        assert item.reveal.endswith(".")
    if isinstance(item.answers, Choice):
        texts = [option.text for option in item.answers.options]
        assert len(set(texts)) == len(texts)
        assert item.answers.guess == math.ceil(100 / len(texts))


@pytest.mark.parametrize("name", MARKED)
def test_one_answer_is_right_and_every_other_has_a_known_misconception(name):
    answers = MARKED[name].answers
    if isinstance(answers, Number):
        wrong = [band.code for band in answers.bands]
    else:
        codes = [option.code for option in answers.options]
        assert codes.count(RIGHT) == 1
        wrong = [code for code in codes if code != RIGHT]
    assert set(wrong) <= set(MISCONCEPTIONS)


def test_every_misconception_is_used():
    used = {
        answer.code
        for item in MARKED.values()
        for answer in getattr(item.answers, "options", None) or item.answers.bands
    }
    assert used - {RIGHT} == set(MISCONCEPTIONS)


def test_the_right_option_is_not_always_in_the_same_place():
    for group in (REVIEW, INVENTORY):
        places = Counter(item.answers.right for item in group.values())
        assert max(places.values()) <= len(group) / 2


def test_the_inventory_lets_a_beginner_say_so():
    for item in INVENTORY.values():
        assert item.answers.options[-1].code == "not-known-yet"


def test_words_that_the_course_does_not_use():
    said = [
        text
        for item in ITEMS.values()
        for answer in getattr(item.answers, "options", None) or item.answers.bands
        for text in (answer.says, getattr(answer, "text", ""))
    ]
    said += [item.text for item in ITEMS.values()]
    said += [item.reveal for item in PREDICTIONS.values()]
    for text in said:
        assert "!" not in text and "simply" not in text.lower()
        assert not re.search(r"KL distance|distance (between|from) P", text)


# 01-peak


def test_the_peak_is_at_one_over_e():
    answers = PREDICTIONS["01-peak"].answers
    found = mpmath.findroot(lambda p: mpmath.diff(lambda x: -x * mpmath.log(x), p), 0.4)
    assert answers.truth == pytest.approx(float(found), abs=1e-9)
    grid = np.linspace(1e-6, 1, 2_000_001)
    assert grid[np.argmax(-grid * np.log(grid))] == pytest.approx(answers.truth, abs=1e-6)
    assert f"{answers.truth:.3f}" == "0.368"


def test_the_numbers_in_the_bands_of_the_peak():
    said = {band.code: band.says for band in PREDICTIONS["01-peak"].answers.bands}

    def cost(p):
        return f"{-p * math.log(p):.3f}"

    assert cost(0.5) in said["half-is-the-peak"] and cost(1 / math.e) in said["half-is-the-peak"]
    assert cost(0.1) in said["rarest-costs-most"]
    assert cost(0.9) in said["likeliest-costs-most"]


@pytest.mark.parametrize(
    "answer, code",
    [
        (0.368, RIGHT),
        (0.35, RIGHT),
        (0.3678 + 0.0199, RIGHT),
        (0.34, "peak-in-the-neighbourhood"),
        (0.39, "peak-in-the-neighbourhood"),
        (0.45, "peak-in-the-neighbourhood"),
        (0.5, "half-is-the-peak"),
        (0.0, "rarest-costs-most"),
        (0.1, "rarest-costs-most"),
        (0.6, "likeliest-costs-most"),
        (1, "likeliest-costs-most"),
    ],
)
def test_the_bands_of_the_peak(answer, code):
    judgement = PREDICTIONS["01-peak"].answers.judge(answer)
    assert (judgement.code, judgement.hit) == (code, code == RIGHT)


def test_no_number_in_range_is_without_a_sentence():
    for item in PREDICTIONS.values():
        if isinstance(item.answers, Number):
            for answer in np.linspace(item.answers.low, item.answers.high, 10_001):
                assert item.answers.judge(float(answer)).says


# 01-die


def test_the_die_is_more_uncertain_by_enumeration():
    def bits(outcomes):
        counts = Counter(outcomes)
        total = sum(counts.values())
        return -sum(n / total * math.log2(n / total) for n in counts.values())

    die = bits(range(1, 7))
    coins = bits(itertools.product("HT", repeat=2))
    assert die > coins
    assert right("01-die") == "one fair die"
    reveal = PREDICTIONS["01-die"].reveal
    assert f"{die:.3f} bits" in reveal and f"= {coins:g} bits" in reveal


# 02-symbols, 02-average and 02-swap


def test_a_wrong_code_is_cheaper_for_some_symbols_and_never_on_average():
    random = np.random.default_rng(7)
    for size in (2, 3, 10):
        p = random.dirichlet(np.ones(size), 2000)
        q = random.dirichlet(np.ones(size), 2000)
        discount = np.log(q) - np.log(p)
        assert (discount.max(axis=1) > 0).all()
        assert ((p * -discount).sum(axis=1) > 0).all()
    assert (right("02-symbols"), right("02-average")) == ("yes", "no")


def test_the_numbers_of_the_standard_probe():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    own, paid = -np.log(p), -np.log(q)
    symbols, average = PREDICTIONS["02-symbols"].reveal, PREDICTIONS["02-average"].reveal
    assert f"{paid[2]:.2f} instead of {own[2]:.2f} nats" in symbols
    assert f"{paid[0]:.2f} instead of {own[0]:.2f} nats" in average
    assert f"{(p * paid).sum() - (p * own).sum():.2f} nats too high" in average


def test_swapping_the_standard_probe_gives_another_number():
    p, q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
    swap = PREDICTIONS["02-swap"]
    assert f"KL(P‖Q) is {RULERS['KL(P‖Q)'](p, q):.3f} nats" in swap.text
    assert f"KL(Q‖P) is {RULERS['KL(Q‖P)'](p, q):.3f} nats" in swap.reveal
    assert right("02-swap") == "another number, and not a negative one"


# 00-order: kept, and every ruler has an order of its own

DAYS = [1, 2, 3, 4]
RULERS = {
    "KL(P‖Q)": lambda p, q: float(sum(a * mpmath.log(a / b) for a, b in zip(p, q))),
    "KL(Q‖P)": lambda p, q: float(sum(b * mpmath.log(b / a) for a, b in zip(p, q))),
    "TV": lambda p, q: max(
        abs(sum(p[i] - q[i] for i in event))
        for size in range(5)
        for event in itertools.combinations(range(4), size)
    ),
    "W1": lambda p, q: wasserstein_distance(DAYS, DAYS, p, q),
    "JS": lambda p, q: sum(entropy(x, np.add(p, q) / 2) for x in (p, q)) / 2,
    "Hellinger": lambda p, q: np.square(np.sqrt(p) - np.sqrt(q)).sum(),
    "chi-square": lambda p, q: (np.subtract(p, q) ** 2 / q).sum(),
    "reverse chi-square": lambda p, q: (np.subtract(p, q) ** 2 / p).sum(),
    "Jeffreys": lambda p, q: entropy(p, q) + entropy(q, p),
}


def order(ruler):
    sizes = {pair.name: RULERS[ruler](pair.p, pair.q) for pair in PREDICTIONS["00-order"].pairs}
    return "".join(sorted(sizes, key=sizes.get)), sizes


def test_the_pairs_are_distributions():
    for pair in PREDICTIONS["00-order"].pairs:
        for shares in (pair.p, pair.q):
            assert len(shares) == 4 and min(shares) > 0
            assert math.isclose(sum(shares), 1, abs_tol=1e-12)


def test_three_rulers_give_three_orders_with_a_clear_margin():
    assert order("KL(P‖Q)")[0] == "CBA"
    assert order("TV")[0] == "ACB"
    assert order("W1")[0] == "ABC"
    for ruler in ("KL(P‖Q)", "TV", "W1"):
        small, middle, large = sorted(order(ruler)[1].values())
        assert middle > 1.2 * small and large > 1.2 * middle


def test_the_sentences_of_the_orders():
    said = {code: option.says for code, option in options("00-order").items()}
    assert set(said) == {"".join(letters) for letters in itertools.permutations("ABC")}
    for code, option in options("00-order").items():
        assert option.text == "{}, then {}, then {}".format(*code)
    assert "Wasserstein" in said[order("W1")[0]]
    assert "total variation" in said[order("TV")[0]]
    assert "KL(P‖Q)" in said[order("KL(P‖Q)")[0]]
    assert "KL(Q‖P)" in said[order("KL(Q‖P)")[0]]
    assert "Jensen-Shannon" in said[order("JS")[0]]
    taken = {order(ruler)[0] for ruler in RULERS}
    assert {code for code, says in said.items() if "none of the" in says} == set(said) - taken


def test_the_numbers_of_the_kept_reveal():
    reveal = PREDICTIONS["00-order"].reveal
    for ruler in ("KL(P‖Q)", "TV", "W1"):
        letters, sizes = order(ruler)
        assert ", ".join(f"{letter} {sizes[letter]:.2f}" for letter in letters) in reveal
    assert PREDICTIONS["00-order"].kept_until == "11"
    assert PREDICTIONS["00-order"].answers.right is None


# Review and inventory: every number that appears


def bits(*shares):
    return entropy(shares, base=2)


def test_the_numbers_of_the_review_questions():
    counts = np.array([6, 2, 0])
    assert right("00-zero-count") == "0.75, 0.25, 0"
    assert list(counts / counts.sum()) == [0.75, 0.25, 0]

    def shown(values):
        return ", ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in values)

    assert options("00-zero-count")["divided-by-largest"].text == shown(counts / counts.max())
    assert options("00-zero-count")["divided-by-length"].text == shown(counts / counts.size)
    assert math.isclose(sum([0.5, 0.3, 0.3]), 1.1)
    assert right("00-is-it-one").endswith("1.1")
    assert right("00-calibrated") == f"{0.7 * 10:g}"

    assert right("01-one-in-eight") == f"{math.log2(8):g}"
    assert options("01-one-in-eight")["nats-for-bits"].text == f"{math.log(8):.2f}"
    assert right("01-half-as-likely") == "one bit more surprising"
    assert math.log2(1 / 0.15) - math.log2(1 / 0.3) == pytest.approx(1)
    assert right("01-nats-to-bits") == "2"
    assert 1.386 / math.log(2) == pytest.approx(2, abs=1e-3)
    assert options("01-nats-to-bits")["unit-upside-down"].text == f"{1.386 * math.log(2):.3f}"
    uncertain = options("01-most-uncertain")
    assert right("01-most-uncertain") == "(0.25, 0.25, 0.25, 0.25)"
    assert f"{bits(0.25, 0.25, 0.25, 0.25):g} bits" in uncertain[RIGHT].says
    assert f"{bits(0.97, 0.01, 0.01, 0.01):.2f} bits" in uncertain["skewed-is-uncertain"].says
    assert f"{bits(0.4, 0.3, 0.2, 0.1):.2f} bits" in uncertain["variety-is-uncertain"].says
    shares, lengths = [1 / 2, 1 / 4, 1 / 8, 1 / 8], [1, 2, 3, 3]
    assert sum(2.0**-length for length in lengths) <= 1
    assert right("01-dyadic-code") == f"{np.dot(shares, lengths):g} bits"
    assert bits(*shares) == np.dot(shares, lengths)
    assert options("01-dyadic-code")["unweighted-mean"].text == f"{np.mean(lengths):g} bits"
    assert right("01-kraft") == "no"
    assert sum(2.0**-length for length in (1, 1, 2)) == 1.25
    assert right("01-certain") == f"{abs(bits(1)):g}"

    assert right("02-subtract") == f"{1.90 - 0.80:.2f} nats"
    subtract = options("02-subtract")
    assert subtract["added-for-subtracted"].text == f"{1.90 + 0.80:.2f} nats"
    assert subtract["bits-for-nats"].text == f"{(1.90 - 0.80) / math.log(2):.2f} nats"


def test_no_prefix_code_has_the_lengths_one_one_two_by_enumeration():
    words = [
        ["".join(letters) for letters in itertools.product("01", repeat=length)]
        for length in (1, 1, 2)
    ]
    for code in itertools.product(*words):
        pairs = itertools.permutations(code, 2)
        assert any(longer.startswith(shorter) for shorter, longer in pairs)


def test_the_formulas_of_the_review_question_on_random_pairs():
    random = np.random.default_rng(5)
    formulas = {
        RIGHT: lambda p, q: (p * np.log(p / q)).sum(),
        "weights-are-q": lambda p, q: (q * np.log(p / q)).sum(),
        "swapped-roles": lambda p, q: (q * np.log(q / p)).sum(),
        "absolute-terms": lambda p, q: (p * np.abs(np.log(p / q))).sum(),
    }
    assert set(formulas) == set(options("02-formula"))
    for _ in range(100):
        p, q = random.dirichlet(np.ones(4), 2)
        equal = {c for c, f in formulas.items() if math.isclose(f(p, q), entropy(p, q))}
        assert equal == {RIGHT}


def test_the_parts_of_the_bill_on_random_pairs():
    random = np.random.default_rng(6)
    parts = {
        RIGHT: lambda p, q: entropy(p) + entropy(p, q),
        "wrong-entropy": lambda p, q: entropy(q) + entropy(p, q),
        "difference-upside-down": lambda p, q: entropy(p) - entropy(p, q),
    }
    assert set(parts) == set(options("02-bill"))
    for _ in range(100):
        p, q = random.dirichlet(np.ones(4), 2)
        bill = -(p * np.log(q)).sum()
        assert {c for c, f in parts.items() if math.isclose(f(p, q), bill)} == {RIGHT}


def test_zeros():
    assert entropy([0.98, 0.02], [1.0, 0.0]) == math.inf
    assert right("02-model-zero") == right("00-inventory-model-zero") == "infinite"
    assert entropy([1.0, 0.0], [0.98, 0.02]) == pytest.approx(-math.log(0.98))
    assert right("02-truth-zero") == right("01-never-occurs") == "nothing"
    assert entropy([0.5, 0.5, 0.0]) == entropy([0.5, 0.5])
    assert right("00-inventory-impossible-symbol") == "nothing"
    assert right("00-inventory-new-name") == "stays as it is"
    with_eps = [0.02 * math.log(0.02 / eps) for eps in (1e-9, 1e-12)]
    assert with_eps[1] - with_eps[0] == pytest.approx(0.02 * math.log(1000))


def test_the_bettor_at_right_odds_neither_gains_nor_loses():
    p = np.array([0.5, 0.3, 0.2])
    bankroll_factors = p * (1 / p)
    assert (bankroll_factors == 1).all()
    assert right("02-bettor") == "stays as it is"


def coin_at(kl):
    """The coin whose divergence from a fair one is `kl`."""
    found = mpmath.findroot(
        lambda p: p * mpmath.log(2 * p) + (1 - p) * mpmath.log(2 - 2 * p) - kl,
        (0.6, 0.999),
        solver="anderson",
    )
    return [float(found), 1 - float(found)]


def test_the_claims_of_the_inventory():
    # the reverse of 0.4 nats may be larger, smaller, or infinite
    assert right("00-inventory-symmetry") == "it cannot be told from that"
    left_out = 1 - math.exp(-0.4)
    p, q = [1.0, 0.0], [1 - left_out, left_out]
    assert (entropy(p, q), entropy(q, p)) == (pytest.approx(0.4), math.inf)
    assert entropy(coin_at(0.4), [0.5, 0.5]) == pytest.approx(0.4)
    assert entropy([0.5, 0.5], coin_at(0.4)) > 0.5

    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    assert (p * np.log(p / q)).min() < 0 < (p * np.log(p / q)).sum()
    assert right("00-inventory-terms") == "single terms, but not the sum"

    assert right("00-inventory-units") == "1"
    assert 0.693 / math.log(2) == pytest.approx(1, abs=1e-3)
    wrong = options("00-inventory-units")["unit-upside-down"]
    assert wrong.text == f"{0.693 * math.log(2):.2f}"

    a, b = np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.9, 0.1])
    assert sum(entropy(x, (a + b) / 2) for x in (a, b)) / 2 == pytest.approx(math.log(2))
    assert right("00-inventory-jensen-shannon") == "log 2"


def test_psi_alarms_without_any_drift_depend_on_rows_and_bins():
    random = np.random.default_rng(11)

    def alarms(rows, bins):
        p, q = (random.multinomial(rows, np.full(bins, 1 / bins), 4000) / rows for _ in "pq")
        fair = (p > 0).all(axis=1) & (q > 0).all(axis=1)
        psi = ((p - q)[fair] * np.log(p[fair] / q[fair])).sum(axis=1)
        return (psi > 0.2).mean()

    assert alarms(100, 10) > 2 * alarms(200, 10)
    assert alarms(100, 20) > 2 * alarms(100, 10)
    assert right("00-inventory-psi") == "the number of rows and of bins"


def test_maximum_likelihood_makes_the_forward_direction_small():
    # P is not among the models: the count of heads in two flips of a coin with heads t
    p = np.array([0.5, 0.1, 0.4])
    t = np.linspace(0.01, 0.99, 981)
    models = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], axis=1)
    sample = np.random.default_rng(12).multinomial(1_000_000, p)
    fitted = t[np.argmax(np.log(models) @ sample)]
    assert fitted == pytest.approx(t[np.argmin(entropy(p[None], models, axis=1))], abs=0.003)
    assert abs(fitted - t[np.argmin(entropy(models, p[None], axis=1))]) > 0.1
    assert right("00-inventory-direction") == "KL(P‖Q)"


def test_centimetres_move_the_entropy_of_a_density_and_not_kl():
    def entropy_of_normal(sigma):
        return 0.5 * math.log(2 * math.pi * math.e * sigma**2)

    def kl_by_quadrature(m1, s1, m2, s2):
        x = np.linspace(m1 - 12 * s1, m1 + 12 * s1, 200_001)
        log_p = -0.5 * ((x - m1) / s1) ** 2 - math.log(s1)
        log_q = -0.5 * ((x - m2) / s2) ** 2 - math.log(s2)
        p = np.exp(log_p) / math.sqrt(2 * math.pi)
        return np.trapezoid(p * (log_p - log_q), x)

    assert entropy_of_normal(200) - entropy_of_normal(2) == pytest.approx(math.log(100))
    assert f"{math.log(100):.3f}" in options("00-inventory-density")[RIGHT].says
    metres = kl_by_quadrature(0, 2, 1, 3)
    assert metres == pytest.approx(kl_by_quadrature(0, 200, 100, 300), rel=1e-9)
    assert right("00-inventory-density") == "h(P) only"
