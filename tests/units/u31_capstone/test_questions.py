"""What the checks of unit 31 say: every option of a brief, and every number in a message."""

import math
import re

import numpy as np
import pytest
from scipy import optimize, special, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from klteach.units.u31_capstone import briefs
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.practice.typed_answers import wrapped
from tests.units.u31_capstone import test_lesson as lesson

BRIEFS = {question.name: question for question in briefs.BRIEFS}
CELLS = read_notebook(ROOT / "solutions/31_capstone.ipynb").cells


def lines_of(question):
    """The lines of a brief, which its judge keeps."""
    return question.judge.lines


WRONG = [
    pytest.param(name, number, option, id=f"31 {name}: {line.about}, {option}")
    for name, question in BRIEFS.items()
    for number, line in enumerate(lines_of(question))
    for option in line.wrong
]


def said(name, number, option):
    """What is said of the answer of which one line is wrong."""
    question = find_question(name)
    answer = list(question.reference())
    answer[number] = option
    return check_answer(question, wrapped(name, lambda: answer))


@pytest.mark.parametrize(("name", "number", "option"), WRONG)
def test_each_option_that_cannot_be_defended_has_its_own_message(name, number, option):
    line = lines_of(BRIEFS[name])[number]
    feedback = said(name, number, option)
    assert (feedback.state, feedback.mistake) == ("diagnosed", f"{line.about}: {option}")
    assert feedback.message == f"Line {number + 1}, `{option}`: {line.wrong[option]}"
    assert len(feedback.message) < 330
    assert feedback.score == 0


@pytest.mark.parametrize("name", BRIEFS)
def test_a_message_stands_once_and_holds_a_number(name):
    messages = [says for line in lines_of(BRIEFS[name]) for says in line.wrong.values()]
    assert len(set(messages)) == len(messages)
    assert all(re.search(r"\d|∞", says) for says in messages)


@pytest.mark.parametrize("name", BRIEFS)
def test_every_option_that_can_be_defended_is_right(name):
    question = find_question(name)
    for number, line in enumerate(lines_of(question)):
        for option in line.right:
            answer = list(question.reference())
            answer[number] = option
            assert check_answer(question, wrapped(name, lambda answer=answer: answer)).score == 2


@pytest.mark.parametrize("name", BRIEFS)
def test_the_notebook_prints_every_option(name):
    """In the table above the cell and in the cell itself, and no other word."""
    (starter,) = (cell.source for cell in CELLS if cell.source.startswith(f"def {name}("))
    (text,) = (cell.source for cell in CELLS if f"· {name} ·" in cell.source)
    options = {option for line in lines_of(BRIEFS[name]) for option in line.options}
    docstring = starter.split('"""')[1]
    table = "\n".join(row for row in text.splitlines() if row.startswith("| "))
    assert options <= set(re.findall(r"[\w-]+", docstring))
    assert set(re.findall(r"`([\w-]+)`", table)) == options


@pytest.mark.parametrize("name", BRIEFS)
def test_the_place_of_an_option_tells_nothing(name):
    """In each line the options stand in the alphabet."""
    (starter,) = (cell.source for cell in CELLS if cell.source.startswith(f"def {name}("))
    docstring = starter.split('"""')[1]
    for line in lines_of(BRIEFS[name]):
        places = [re.search(rf"(?<![\w-]){option}(?![\w-])", docstring).start()
                  for option in sorted(line.options)]  # fmt: skip
        assert places == sorted(places), line.about


def test_two_wrong_lines_are_counted_and_one_is_told():
    question = find_question("orders_alarm")
    answer = ["tv", "drop", "days", "days-differ"]
    feedback = check_answer(question, wrapped("orders_alarm", lambda: answer))
    assert feedback.message.startswith("2 of the 4 lines are off. The first: Line 1, `tv`:")


def test_a_word_of_another_line_is_told_as_such():
    question = find_question("orders_alarm")
    answer = ["days", "half-row", "days", "days-differ"]
    feedback = check_answer(question, wrapped("orders_alarm", lambda: answer))
    assert feedback.message == "`days` is no option of line 1, measure."


# -- the numbers in the messages ------------------------------------------------------------------


def claims(name, option):
    """The message of an option that cannot be defended."""
    (says,) = (line.wrong[option] for line in lines_of(BRIEFS[name]) if option in line.wrong)
    return says


def term(p, q):
    return (p - q) * math.log(p / q)


def test_the_numbers_of_the_orders():
    assert "PSI it is worth 0.03" in claims("orders_alarm", "tv")
    assert term(5 / 906.5, 0.5 / 27_006.5) == pytest.approx(0.03, abs=0.005)
    kinds, before = np.arange(1, 13), np.r_[0.2, np.full(11, 0.8 / 11)]
    for kind, way in ((2, 0.1), (12, 1.1)):
        after = before.copy()
        after[[0, kind - 1]] += -0.1, 0.1
        assert stats.wasserstein_distance(kinds, kinds, before, after) == pytest.approx(way)
    assert "makes 0.1, from kind 1 to kind 12 it makes 1.1." in claims("orders_alarm", "w1")
    assert "0.08 to PSI with an ε of 1e-9, and 0.11 with 1e-12" in claims("orders_alarm", "epsilon")
    assert term(0.005, 1e-9) == pytest.approx(0.08, abs=0.005)
    assert term(0.005, 1e-12) == pytest.approx(0.11, abs=0.005)
    assert "rang on 25 of 28 days, one drawn by days on 4" in claims("orders_alarm", "rows")
    assert len(lesson.above_their_rows()) == 25 and len(lesson.alarms()) == 4
    assert "17 of 31 good days" in claims("orders_alarm", "cutoff")
    assert sum(value > 0.1 for value in lesson.judged()[0]) == 17
    assert "about 0.02" in claims("orders_alarm", "many-rows")
    line = (1 / 900 + 1 / 27_000) * stats.chi2.ppf(0.95, 11)
    assert line == pytest.approx(0.02, abs=0.005)


def test_a_third_of_pairs_with_200_rows_have_a_psi_above_a_tenth():
    assert "a third of cases with 200 rows each" in claims("orders_alarm", "usual-line")
    scale = 2 / 200
    assert stats.chi2.sf(0.1 / scale, 9) == pytest.approx(1 / 3, abs=0.03)
    assert stats.chi2.sf(0.1 / (2 / 20_000), 9) < 1e-100


def test_the_numbers_of_the_two_models():
    assert 2.05 / 4.0 == pytest.approx(0.51, abs=0.005) and 2.31 / 4.8 == pytest.approx(
        0.48, abs=0.005
    )
    assert "1 of B's is 1.2 of A's" in claims("two_models", "nats-per-token")
    assert 4.8 / 4.0 == pytest.approx(1.2)
    assert claims("two_models", "perplexity").startswith(
        f"{math.exp(2.05):.1f} and {math.exp(2.31):.1f} are"
    )
    assert f"{math.sqrt(1 + 999 * 0.01):.1f} times that" in claims("two_models", "tokens")
    assert claims("two_models", "none").startswith(f"{2.05 / 4 - 2.31 / 4.8:.2f} nats a byte")
    assert f"{1 / math.sqrt(1 - 0.9):.1f} times smaller" in claims("two_models", "two-means")


def test_half_of_the_texts_by_each_model_compares_two_kls():
    """What two_models says of `both-models`, on three outcomes."""
    a, b = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    both = (a + b) / 2
    lead = -both @ np.log(a) + both @ np.log(b)  # of A's loss over B's
    assert lead == pytest.approx((stats.entropy(b, a) - stats.entropy(a, b)) / 2)


def test_the_numbers_of_the_stuck_loss():
    shares = special.softmax(np.array([8, 4, 2, 0, 0]) / 4)
    floor = 16 * stats.entropy(shares)
    assert f"its first class {shares[0]:.2f}." in claims("stuck_loss", "zero")
    assert f"16 · log 5 = {16 * math.log(5):.1f}" in claims("stuck_loss", "log-classes")
    assert 21.90 < 16 * math.log(5)
    left = [loss - floor for loss in (20.66, 20.65)]
    assert f"by {100 * 0.01 / 20.66:.2f} %" in claims("stuck_loss", "loss")
    assert f"by {100 * (1 - left[1] / left[0]):.0f} %" in claims("stuck_loss", "loss")
    other = np.array([0.9, 0.025, 0.025, 0.025, 0.025])
    assert f"is {stats.entropy(shares, other):.2f} nats" in claims("stuck_loss", "accuracy")
    warm = 64 * stats.entropy(special.softmax(np.array([8, 4, 2, 0, 0]) / 8))
    assert f"the floor is {warm:.0f}:" in claims("stuck_loss", "temperature")
    assert f"has {-math.log(shares[0]):.2f} nats" in claims("stuck_loss", "student-first")
    assert f"is {left[1] / 16:.3f} nats" in claims("stuck_loss", "bad-minimum")
    assert f"between {shares.min():.2f} and {shares.max():.2f}" in claims("stuck_loss", "saturated")


def test_the_numbers_of_the_negative_kl():
    ref, policy = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.3, 0.28, 0.22, 0.2])
    seen = np.array([0.3, 0.28, 0, 0]) / 0.58
    log_ratio = np.log(policy / ref)
    exact, logged = stats.entropy(policy, ref), seen @ log_ratio
    assert (round(exact, 3), round(logged, 2)) == (0.054, -0.18)
    for option in ("nearness", "absolute", "clip", "k3"):
        assert "0.054" in claims("negative_kl", option)
    for option in ("nearness", "absolute", "few-tokens"):
        assert "-0.18" in claims("negative_kl", option)
    error = 0.4 / math.sqrt(60_000)
    assert f"= {error:.4f}, and -0.018 is {0.018 / error:.0f} of" in claims("negative_kl", "chance")
    assert f"{stats.entropy(ref, policy):.3f} on" in claims("negative_kl", "reference-first")
    k3 = seen @ (np.exp(-log_ratio) - 1 + log_ratio)
    assert f"it gives {k3:.3f}" in claims("negative_kl", "k3")
    # top-k leaves the tokens that the policy has made rarer
    assert (log_ratio[:2] < 0).all()


def test_the_numbers_of_the_unequal_arms():
    people = np.array([90_550, 9_450])
    n = people.sum()
    shares, plan = people / n, np.array([0.9, 0.1])
    statistic = 2 * n * stats.entropy(shares, plan)

    def psi(p, q):
        return stats.entropy(p, q) + stats.entropy(q, p)

    assert f"a PSI of {psi(shares, np.array([0.5, 0.5])):.2f}," in claims("unequal_arms", "half")
    planned = psi(plan, np.array([0.5, 0.5]))
    assert f"as planned has {planned:.2f}:" in claims("unequal_arms", "half")
    assert f"is {psi(shares, plan):.4f}, for" in claims("unequal_arms", "psi")
    assert "0.00001" in claims("unequal_arms", "psi") and 1 / n == 0.00001
    error = math.sqrt(0.1 * 0.9 / n)
    assert f"which is {100 * error:.3f} %." in claims("unequal_arms", "share")
    assert f"{12 * statistic:.0f} for {statistic:.0f}," in claims("unequal_arms", "pages")
    assert find_question("unequal_arms").insight.startswith(f"2n·KL = {statistic:.0f}, p = 5e-9:")
    assert stats.chi2.sf(statistic, 1) == pytest.approx(5e-9, rel=0.02)
    missing = 10_000 - people[1]
    assert f"{missing} people are missing" in claims("unequal_arms", "read-on")
    assert f"{2.51 * people[1] / 10_000:.2f} %" in claims("unequal_arms", "read-on")
    assert f"{100 * missing / 10_000} %" in claims("unequal_arms", "weight")
    assert f"by about {n * error:.0f}," in claims("unequal_arms", "large-n")


def test_the_numbers_of_the_nine_kinds():
    by_kind = dict(
        zip(
            (
                "w1",
                "root-js-bits",
                "tv",
                "hellinger",
                "root-js-nats",
                "psi",
                "kl",
                "js-bits",
                "js-nats",
            ),
            (measure(0.8) for measure in lesson.MEASURES.values()),
            strict=True,
        )
    )
    assert by_kind == pytest.approx(briefs.KINDS, abs=5e-4)
    assert len(set(briefs.KINDS.values())) == 9
    factor = claims("one_cutoff", "factor")
    for shift in (0.2, 0.8):
        assert f"{lesson.psi(shift) / lesson.tv(shift):.2f}" in factor
    rank = claims("one_cutoff", "rank")
    for name in ("total variation", "PSI", "JS (nats)"):
        assert f"{lesson.shift_at(name):.2f}" in rank
    eights = [lesson.psi(shift) / lesson.js(shift) for shift in (0.2, 0.8)]
    assert 8 <= eights[0] < eights[1] <= 9
    assert f"{1 / math.log(2):.2f}" in claims("one_cutoff", "bits")
    growth = lesson.psi(0.8) / lesson.tv(0.8) / (lesson.psi(0.2) / lesson.tv(0.2))
    assert growth == pytest.approx(4, abs=0.2)


# -- the two functions ----------------------------------------------------------------------------


def test_no_student_gets_below_the_floor():
    logits = np.random.default_rng(31).normal(0, 3, (4, 5))
    teacher = special.softmax(logits / 3, axis=1)

    def loss(student):
        return 9 * -np.sum(teacher * special.log_softmax(student.reshape(4, 5) / 3, axis=1)) / 4

    found = optimize.minimize(loss, np.zeros(20)).fun
    assert find_question("floor_of_loss").reference(logits, 3.0) == pytest.approx(found, rel=1e-6)


def test_the_verdict_of_the_lessons_days():
    table = lesson.counted()[0]
    good = np.array([cells for day, cells in table.items() if day < "2013-02"])
    verdict = find_question("day_verdict").reference
    for day, effect in lesson.judged()[1].items():
        found, p, code = verdict(good, np.array(table[day]), 0.05, 0.1)
        assert found == pytest.approx(effect)
        assert p == pytest.approx(lesson.p_value(effect, lesson.judged()[0]))
        assert code == (day in lesson.alarms())


def test_what_is_right_so_far_is_said():
    question = find_question("day_verdict")

    def p_of_a_normal(good_days, today, rate, least_effect):
        effect, _, code = question.reference(good_days, today, rate, least_effect)
        return [effect, 0.5, code]

    feedback = check_answer(question, wrapped("day_verdict", p_of_a_normal))
    assert feedback.mistake == "part that is wrong"
    assert feedback.message.startswith("The effect is right on every input, and p is not.")

    def always_quiet(*arguments):
        return [*question.reference(*arguments)[:2], 0]

    feedback = check_answer(question, wrapped("day_verdict", always_quiet))
    assert feedback.message.startswith("Effect and p are right on every input, and the code is not")
