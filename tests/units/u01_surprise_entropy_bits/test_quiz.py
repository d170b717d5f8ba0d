"""What the quiz items of unit 01 claim, each claim recomputed by a route of its own."""

import itertools
import math
from collections import Counter

import mpmath
import numpy as np
import pytest
from scipy.stats import entropy

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants

WORDS = "no one two three four five".split()

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


# Review questions


def bits(*shares):
    return entropy(shares, base=2)


def test_the_numbers_of_the_review_questions():
    for (_, number), answers in variants("01-one-in-eight"):
        bits_of = math.log2(number)
        assert answers[RIGHT].text == f"{bits_of:g}"
        assert f"log₂ {number:g} = {bits_of:g}:" in answers[RIGHT].says
        assert f"{WORDS[int(bits_of)]} heads" in answers[RIGHT].says
        assert answers["nats-for-bits"].text == f"{math.log(number):.2f}"
        assert f"log {number:g} " in answers["nats-for-bits"].says
    assert right("01-half-as-likely") == "one bit more surprising"
    assert math.log2(1 / 0.15) - math.log2(1 / 0.3) == pytest.approx(1)
    for (nats,), answers in variants("01-nats-to-bits"):
        assert float(answers[RIGHT].text) == pytest.approx(nats / math.log(2), abs=1e-3)
        assert f"{nats:.3f} / 0.693 = {answers[RIGHT].text}." in answers[RIGHT].says
        assert answers["unit-upside-down"].text == f"{nats * math.log(2):.3f}"
        assert answers["unit-is-a-name"].text == f"{nats:.3f}"
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
    assert right("01-never-occurs") == "nothing"
    assert entropy([0.5, 0.5, 0.0]) == entropy([0.5, 0.5])


def test_no_prefix_code_has_the_lengths_one_one_two_by_enumeration():
    words = [
        ["".join(letters) for letters in itertools.product("01", repeat=length)]
        for length in (1, 1, 2)
    ]
    for code in itertools.product(*words):
        pairs = itertools.permutations(code, 2)
        assert any(longer.startswith(shorter) for shorter, longer in pairs)
