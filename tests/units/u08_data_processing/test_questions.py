"""What is special about the questions of unit 08."""

import math
from itertools import product

import mpmath
import numpy as np
import pytest
from scipy import optimize, special, stats

from klteach.units.lookup import find_question
from tests.units.known_answers import mistake, right_value, wrong_value

SHIFTS = (1.0, -1.0, 1.5, -2.0, 3.0, 5.0, 6.0, -6.0)


def kept(cut, shift):
    """KL(P‖Q) of the two cells, in forty digits."""
    with mpmath.workdps(40):
        p, q = mpmath.ncdf(cut), mpmath.ncdf(mpmath.mpf(cut) - shift)
        r, s = mpmath.ncdf(-cut), mpmath.ncdf(shift - mpmath.mpf(cut))
        return float(p * mpmath.log(p / q) + r * mpmath.log(r / s))


def best(shift):
    found = optimize.minimize_scalar(
        lambda cut: -kept(cut, shift), bounds=sorted((0, shift)), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    return found.x, -found.fun


# E1


def test_the_visible_channels_by_hand():
    half = math.log(0.5 / 0.9) / 2 + math.log(0.5 / 0.1) / 2
    merged = 0.75 * math.log(0.75 / 0.95) + 0.25 * math.log(0.25 / 0.05)
    assert right_value("before_and_after") == pytest.approx([half, merged])
    before, after = right_value("before_and_after", case=1)
    assert before == pytest.approx(special.rel_entr([0.6, 0.4], [0.2, 0.8]).sum()) and after == 0
    before, after = right_value("before_and_after", case=2)
    assert before == pytest.approx(after)


def test_no_case_grows_and_some_lose_nothing_some_all_and_some_an_infinity():
    question = find_question("before_and_after")
    values = [question.values(question.reference, case) for case in question.cases()]
    assert all(after <= before + 1e-12 for before, after in values)
    assert any(before > 0.1 and after == pytest.approx(before) for before, after in values)
    assert any(before > 0.1 and after == 0 for before, after in values)
    assert any(np.isinf(before) and np.isfinite(after) for before, after in values)


def test_the_rows_of_every_channel_sum_to_one_and_its_columns_do_not():
    for case in find_question("before_and_after").cases():
        *_, channel = case.arguments
        assert channel.sum(axis=1) == pytest.approx(1)
    channels = [case.arguments[2] for case in find_question("before_and_after").cases()]
    assert sum(not np.allclose(channel.sum(axis=0), 1) for channel in channels) > 8


def test_a_transposed_channel_does_not_sum_to_one():
    """As the message says: check that what comes out sums to 1."""
    _, q, channel = find_question("before_and_after").visible[0].arguments
    assert (channel @ q).sum() != pytest.approx(1)
    assert wrong_value("before_and_after", "transposed")[1] < 0  # nor is it a KL any more


def test_pairs_and_terms_forget_nothing_as_the_message_says():
    random = np.random.default_rng(8)
    p, q = random.dirichlet(np.ones(4), size=2)
    channel = random.dirichlet(np.ones(4), size=4)
    terms = special.rel_entr(p, q)
    pairs = special.rel_entr(p[:, None] * channel, q[:, None] * channel)
    assert (terms @ channel).sum() == pytest.approx(terms.sum()) == pytest.approx(pairs.sum())


# E2a


def test_the_cuts_of_the_course():
    assert right_value("kept_by_cut") == pytest.approx(0.309007, abs=5e-7)
    question = find_question("kept_by_cut")
    assert question.reference(-4.0, 1.0) == pytest.approx(0.000118, abs=5e-7)
    for case in question.cases():
        value = question.reference(*case.arguments)
        assert value == pytest.approx(kept(*case.arguments), rel=1e-9)
        assert 0 < value < case.arguments[1] ** 2 / 2  # "it stays below shift²/2"


def test_the_integral_below_the_cut_is_what_its_mistake_says():
    from scipy.integrate import quad

    below, above = (mistake("kept_by_cut", f"integral {side} the cut").variants[0]
                    for side in ("below", "above"))  # fmt: skip
    for cut, shift in ((0.5, 1.0), (-1.0, -2.0)):
        found, _ = quad(lambda x, s=shift: stats.norm.pdf(x) * (s**2 / 2 - s * x), -np.inf, cut)
        assert below(cut, shift) == pytest.approx(found)
        assert below(cut, shift) + above(cut, shift) == pytest.approx(shift**2 / 2)


def test_one_term_may_be_negative_as_its_message_says():
    assert wrong_value("kept_by_cut", "right cell only") < 0


# E2b


def fault(shift, cut):
    found = find_question("best_cut").judge(shift, np.float64(cut))
    return found and found[0]


@pytest.mark.parametrize("shift", SHIFTS)
def test_the_reference_is_the_best_cut(shift):
    cut, nats = best(shift)
    found = find_question("best_cut").reference(shift)
    assert found == pytest.approx(cut, abs=1e-5)
    assert kept(found, shift) == pytest.approx(nats, rel=1e-9)
    # no worse than any cut of the whole line
    line = np.linspace(-8, 8, 3201)
    p, q = special.log_ndtr([line, -line]), special.log_ndtr([line - shift, shift - line])
    assert nats >= (np.exp(p) * (p - q)).sum(axis=0).max() - 1e-9


def test_the_best_cut_of_the_course():
    cut, nats = best(1.0)
    assert f"{cut:.5f} {nats:.6f}" == "0.20590 0.318566"
    assert fault(1.0, cut) is None
    assert fault(1.0, 0.0387) is None and fault(1.0, 0.3744) is None
    assert fault(1.0, 0.038) == "not enough" == fault(1.0, 0.375)


@pytest.mark.parametrize("shift", SHIFTS)
def test_every_way_to_miss_the_best_cut_has_its_name(shift):
    cut, _ = best(shift)
    assert fault(shift, cut) is None and fault(shift, 0.97 * cut) is None
    assert fault(shift, shift / 2) == "crossing"
    assert fault(shift, shift - cut) == "mirror"
    assert fault(shift, shift) == "middle of q"
    assert fault(shift, 0.0) == "middle of p"
    assert fault(shift, -cut) == "other side"
    assert fault(shift, np.inf) == "not finite"
    assert fault(shift, 200.0) == "next to nothing"


def test_an_amount_in_the_place_of_a_place_is_told():
    for shift in (-2.0, 3.0, -6.0):
        assert fault(shift, best(shift)[1]) == "what is kept"


def test_the_side_to_which_it_keeps_more_is_the_right_one():
    judge = find_question("best_cut").judge
    for shift in (1.0, -2.0, 6.0):
        cut, _ = best(shift)
        for place in (0.3 * cut, 0.5 * cut, cut + 0.35 * (shift / 2 - cut)):
            found = judge(shift, np.float64(place))
            if found and found[0] == "not enough":
                towards = 0.0 if found[1].endswith("the middle of P.") else shift
                assert kept(place + 0.01 * (towards - place), shift) > kept(place, shift)
                assert f"{100 * kept(place, shift) / best(shift)[1]:.1f} %" in found[1]


def test_the_mirror_image_is_the_best_for_the_other_direction():
    for shift in (1.0, -2.0, 3.0):
        cut, nats = best(shift)
        mirror = shift - cut
        p, q = special.ndtr(mirror), special.ndtr(mirror - shift)
        assert special.rel_entr([q, 1 - q], [p, 1 - p]).sum() == pytest.approx(nats)


def test_which_shifts_tell_the_crossing_and_the_stretched_cut_from_the_best():
    for shift in SHIFTS:
        assert kept(shift / 2, shift) < 0.971 * best(shift)[1]
    for shift in (6.0, -6.0):
        assert all(kept(f * shift, shift) < 0.99 * best(shift)[1] for f in (0.2, 0.2059, 0.206))
    assert all(abs(c.arguments[0]) >= 1 for c in find_question("best_cut").cases())
    assert {np.sign(c.arguments[0]) for c in find_question("best_cut").cases()} == {-1, 1}


def test_total_variation_is_largest_at_the_crossing_as_the_message_says():
    for shift in (1.0, 2.0, 6.0):
        cuts = np.linspace(-3, shift + 3, 1201)
        variation = special.ndtr(cuts) - special.ndtr(cuts - shift)
        assert cuts[variation.argmax()] == pytest.approx(shift / 2, abs=0.01)


# E3


def flips():
    return list(product((0, 1), repeat=9))


def longest_run(sequence):
    longest = run = 0
    for flip in sequence:
        run = run + 1 if flip else 0
        longest = max(longest, run)
    return longest


def log_ratio(sequence):
    heads = sum(sequence)
    return round(heads * math.log(0.5 / 0.8) + (9 - heads) * math.log(0.5 / 0.2), 9)


FUNCTIONS = [
    sum,
    lambda s: sum(s) > 4,
    None,  # shuffled: by chance
    lambda s: s[:5],
    log_ratio,
    lambda s: round(sum(s) / 9, 1),
    None,  # misread: by chance
    lambda s: (sum(s), longest_run(s)),
]


def law(heads, function):
    """The law of a summary of nine flips."""
    found = {}
    for sequence in flips():
        share = heads ** sum(sequence) * (1 - heads) ** (9 - sum(sequence))
        value = function(sequence)
        found[value] = found.get(value, 0) + share
    return found


def divergence(p, q):
    return sum(share * math.log(share / q[value]) for value, share in p.items())


def of_chance(which):
    if which == 2:  # every order of the same flips is equally likely, as it was before
        count = [math.comb(9, sum(s)) for s in flips()]
        laws = [law(heads, sum) for heads in (0.5, 0.8)]
        return divergence(*(
            {s: found[sum(s)] / c for s, c in zip(flips(), count, strict=True)} for found in laws
        ))  # fmt: skip
    misread = [0.9 * heads + 0.1 * (1 - heads) for heads in (0.5, 0.8)]
    counts = [stats.binom.pmf(np.arange(10), 9, heads) for heads in misread]
    return special.rel_entr(*counts).sum()


def test_each_summary_keeps_or_loses_what_the_answer_says():
    whole = 9 * special.rel_entr([0.5, 0.5], [0.8, 0.2]).sum()
    for place, (word, function) in enumerate(
        zip(find_question("keeps_all").reference(), FUNCTIONS, strict=True)
    ):
        if function is None:
            nats = of_chance(place)
        else:
            nats = divergence(*(law(heads, function) for heads in (0.5, 0.8)))
        assert (word == "keeps") == (nats == pytest.approx(whole)), place + 1
        assert nats < whole - 0.5 or word == "keeps"


def test_the_ten_rounded_shares_differ_as_the_message_lets_find_out():
    assert len({round(heads / 9, 1) for heads in range(10)}) == 10


def test_the_judge_names_the_first_that_is_wrong_and_says_how_many():
    question = find_question("keeps_all")
    right = np.array([question.returns.place(word) for word in question.reference()], dtype=float)
    assert question.judge(right) is None
    for place in range(8):
        given = right.copy()
        given[place] = 1 - given[place]
        name, sentence = question.judge(given)
        assert name == "1 wrong" and f"number {place + 1}," in sentence
    assert question.judge(1 - right)[0] == "all reversed"
    assert question.judge(np.zeros(8))[0] == "3 wrong"
