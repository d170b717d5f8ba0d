"""What lesson 21 and its exercises say: numbers by a second route, claims in words."""

import math

import numpy as np
import pytest
from scipy import special

from klteach.units.u21_distillation import explorer as unit_21
from tests.units.lesson_text import read, says
from tests.units.second_route import interleaved
from tests.units.u21_distillation.second_route import (
    LOGITS,
    SPARE,
    UNSEEN,
    P,
    distilled,
    forgetting,
    outside,
    quarters,
    reverse,
    right,
    starved,
)

LESSON = "notebooks/21_distillation"
EXERCISES = LESSON.replace("notebooks", "solutions")

FIRST, SURER = np.array([4.0, 2.0, 1.0, 0.0]), np.array([1.0, 4.0, 0.0, 0.0])
STUDENT = np.array([1.0, 2.0, 0.0, 1.0])
HEATS = (1, 2, 4, 8, 16)
SEVEN = 1459  # the row of the image that is shown first


def shares(logits, temperature):
    odds = np.exp(np.asarray(logits) / temperature)
    return odds / odds.sum()


def kl(teacher, student, temperature):
    return special.rel_entr(shares(teacher, temperature), shares(student, temperature)).sum()


def slopes(teacher, student, temperature):
    """By central differences."""
    steps = 1e-4 * np.eye(len(student))
    return np.array(
        [
            (kl(teacher, student + h, temperature) - kl(teacher, student - h, temperature)) / 2e-4
            for h in steps
        ]
    )


def length(teacher, temperature):
    return math.sqrt((slopes(teacher, STUDENT, temperature) ** 2).sum())


def half(temperature):
    """The share of the first of two classes whose logits are 2 and 0."""
    return special.expit(2 / temperature)


def reductions():
    """(KL a token, mean, batchmean) of random logits of 4 texts, 16 tokens, 50 words."""
    t, s = np.random.default_rng(0).normal(size=(2, 4, 16, 50))
    terms = special.rel_entr(special.softmax(t, axis=2), special.softmax(s, axis=2))
    return terms.sum(axis=2).mean(), terms.mean(), terms.sum() / 4


def in_the_exercise(way):
    """(KL(teacher‖student), mass outside the first 1, 2, 3) on the 60 images of the exercise."""
    rows = slice(900, 960)
    student = starved(way, 60)[rows]
    forward = special.rel_entr(P[rows], student).sum(axis=1).mean()
    return forward, *(outside(student, P[rows], k) for k in (1, 2, 3))


SAID = {}

SAID[LESSON, "text"] = [
    # Explore
    (
        "the gradient of the first teacher becomes {:.0f} times shorter, while times T² it "
        "stays within {} % of where it began",
        length(FIRST, 1) / length(FIRST, 16),
        7,
    ),
    # By hand
    (
        r"T = 4: $p = 1/(1 + e^{{-2/4}}) = {:.4f}$, so the first entry is "
        r"$({:.1f} - {:.4f})/4 = {:.4f}$",
        half(4),
        0.5,
        half(4),
        (0.5 - half(4)) / 4,
    ),
    (
        r"T = 8: $p = 1/(1 + e^{{-2/8}}) = {:.4f}$, and $({:.1f} - {:.4f})/8 = {:.5f}$",
        half(8),
        0.5,
        half(8),
        (0.5 - half(8)) / 8,
    ),
    (
        r"The ratio is {:.2f}. Times T² they are {:.3f} and {:.3f}, on the way to "
        r"$-\frac{{2 - 1}}{{2}} = {:.1f}$",
        2 * (half(4) - 0.5) / (half(8) - 0.5),
        4 * (0.5 - half(4)),
        8 * (0.5 - half(8)),
        -0.5,
    ),
    # By code
    (
        "T = {:.1f}\nF.kl_div(F.log_softmax(s / T, dim=1), F.softmax(t / T, dim=1), "
        'reduction="batchmean") * T * T\n# tensor({:.4f})',
        4.0,
        16 * (kl(FIRST, STUDENT, 4) + kl(SURER, STUDENT, 4)) / 2,
    ),
]
SAID[LESSON, "printed"] = lambda: [
    # Explore
    (
        "At T = 1 the teacher gives its second choice, 7, a share of {:.3f}; the gradient has the "
        "length {:.3f}.",
        shares(FIRST, 1)[1],
        length(FIRST, 1),
    ),
    (
        "KL(teacher‖student) at T: {:.4f} nats; length of the gradient: {:.4f}; × T²: {:.3f}; "
        "× T², for T → ∞: {:.3f}; gradient ≤ √2/T: holds, margin {:.3f}",
        kl(FIRST, STUDENT, 1),
        length(FIRST, 1),
        length(FIRST, 1),
        1e8 * np.linalg.norm(shares(STUDENT, 1e4) - shares(FIRST, 1e4)) / 1e4,
        math.sqrt(2) - length(FIRST, 1),
    ),
    # By code
    (
        "by the formula [{:.6f} {:.6f} {:.6f} {:.6f}]",
        *((shares(STUDENT, 4) - shares(FIRST, 4)) / 4),
    ),
    ("central difference [{:.6f} {:.6f} {:.6f} {:.6f}]", *slopes(FIRST, STUDENT, 4)),
    (
        "T length × T²\n" + "\n".join(5 * [" {} {:.5f} {:.4f}"]),
        *interleaved(
            HEATS,
            [length(FIRST, T) for T in HEATS],
            [length(FIRST, T) * T**2 for T in HEATS],
        ),
    ),
    (
        "The label says 7 and no more. At T = 1 the teacher gives {:.3f} to 7, {:.3f} to 4, "
        "{:.3f} to 5, and least to 6.",
        *P[SEVEN][[7, 4, 5]],
    ),
    (
        "share of the label: {:.3f}; largest other share: {:.3f}; smallest share: {:.5f}; "
        "entropy: {:.3f} nats; entropy ≤ log 10: holds, margin {:.3f}",
        P[SEVEN][7],
        P[SEVEN][4],
        P[SEVEN][6],
        special.entr(P[SEVEN]).sum(),
        math.log(10) - special.entr(P[SEVEN]).sum(),
    ),
    ("% right, ten draws (teacher: {:.0f} %):", right(LOGITS[UNSEEN])),
    *(
        (f"{images} images [{{:.0f}}. {{:.0f}}. {{:.0f}}. {{:.0f}}.]", *distilled(images))
        for images in (20, 50, 100)
    ),
    # Predict again
    *(
        (
            f"{way} [ {' '.join(10 * ['{}'])}]\n {{:.2f}} outside the teacher's first three, "
            "{:.0f} % right",
            *np.bincount(starved(way)[UNSEEN].argmax(axis=1), minlength=10),
            outside(starved(way)[UNSEEN], P[UNSEEN], 3),
            right(starved(way)[UNSEEN]),
        )
        for way in ("forward", "reverse")
    ),
    ("right of the 20 commonest kinds {:.3f} {:.3f}", *forgetting()[:2]),
    ("KL(after‖before) {:.3f}", forgetting()[2]),
    ("KL(before‖after) {:.3f}", forgetting()[3]),
]
SAID[EXERCISES, "printed"] = lambda: [
    (
        f"{way}: KL(teacher‖student) {{:.2f}}, outside the first 1, 2, 3 "
        "{:.2f} {:.2f} {:.2f}",
        *in_the_exercise(way),
    )
    for way in ("forward", "reverse")
]


# Explore


def test_the_scaled_gradient_of_the_first_teacher_stays_where_it_is():
    scaled = [T**2 * length(FIRST, T) / length(FIRST, 1) - 1 for T in HEATS]
    assert 0.06 < max(map(abs, scaled)) < 0.07


def test_heat_shows_the_order_of_the_small_shares_and_keeps_it():
    says(LESSON, "Heat shows the order of the small shares")
    for T in HEATS:
        assert (np.diff(shares(FIRST, T)) < 0).all()
    assert shares(FIRST, 16)[3] > 10 * shares(FIRST, 1)[3]


def test_the_tasks_are_those_of_the_picture():
    says(
        LESSON,
        "Drag T until the gradient is less than a hundredth of what it is at T = 1.",
        "Drag the teacher's logits, none of them equal to the student's, until nothing pulls",
    )
    assert len(unit_21.heat_the_teacher().spec["words"]["tasks"]) == 2
    for T in HEATS:
        assert np.abs(slopes(np.array([0.0, 1.0, -1.0, 0.0]), STUDENT, T)).max() < 1e-9


# The idea


def pairs(count=50, classes=5):
    return np.random.default_rng(2).normal(0, 2, (count, 2, classes))


def test_the_gradient_of_the_idea_against_central_differences():
    says(
        LESSON, r"\frac{\partial\, \mathrm{KL}(p \Vert q)}{\partial z^Q_x} = \frac{q(x) - p(x)}{T}"
    )
    says(LESSON, "Its entries sum to 0.")
    for teacher, student in pairs():
        for T in (0.7, 1.0, 4.0):
            formula = (shares(student, T) - shares(teacher, T)) / T
            assert np.abs(formula - slopes(teacher, student, T)).max() < 1e-6
            assert abs(formula.sum()) < 1e-12
            moved = (shares(student + 3, T) - shares(teacher - 1, T)) / T
            np.testing.assert_allclose(moved, formula, atol=1e-12)


def test_the_gradient_of_reverse_kl_against_central_differences():
    z = np.random.default_rng(3).normal(0, 2, (4, 10))
    log_p = special.log_softmax(np.random.default_rng(4).normal(0, 3, (4, 10)), axis=1)
    loss = reverse(log_p)
    for place in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[place] = 1e-4
        slope = (loss(z + step)[0] - loss(z - step)[0]) / 2e-4
        assert slope == pytest.approx(loss(z)[1][place], abs=1e-6)


def test_a_cross_entropy_pulls_alike_and_does_not_end_at_zero():
    says(LESSON, r"$-\sum_x p \log q$ pulls alike. Only, it does not end at 0.")
    for teacher, student in pairs(10):
        p = shares(teacher, 2)
        steps = 1e-4 * np.eye(5)
        found = [
            (p @ np.log(shares(student - h, 2)) - p @ np.log(shares(student + h, 2))) / 2e-4
            for h in steps
        ]
        np.testing.assert_allclose(found, slopes(teacher, student, 2), atol=1e-7)
        assert -(p @ np.log(p)) > 0.1


def test_the_limit_of_high_temperatures():
    says(LESSON, r"\frac{(z^Q_x - \bar z^Q) - (z^P_x - \bar z^P)}{K}")
    says(LESSON, r"\approx \frac1K \bigl(1 + \frac{z_x - \bar z}{T}\bigr)")
    for teacher, student in pairs(20):
        limit = ((student - student.mean()) - (teacher - teacher.mean())) / 5
        errors = [
            np.abs(T * (shares(student, T) - shares(teacher, T)) - limit).max() for T in (1e2, 1e3)
        ]
        assert errors[1] < errors[0] / 8 and errors[1] < 0.02
        linear = (1 + (teacher - teacher.mean()) / 1e3) / 5
        assert np.abs(shares(teacher, 1e3) - linear).max() < 1e-4


def test_the_scaled_length_may_rise_and_fall():
    says(LESSON, "up to the limit the length may rise as well as fall.")
    rising = np.array([4 * (half(T) - 0.5) * T / 4 for T in HEATS])
    assert (np.diff(rising) > 0).all()
    says(LESSON, "This one rises.")
    says(LESSON, "falls slowly from T = 2 on, where that of the two classes above rose.")
    falling = [T**2 * length(FIRST, T) for T in HEATS[1:]]
    assert (np.diff(falling) < 0).all() and falling[-1] > 0.9 * falling[0]


# By code


def test_what_a_soft_target_teaches():
    says(
        LESSON,
        "With 20 images the teacher's shares at T = 4 do nearly what labels do with 50.",
        "with the rest spread evenly, do no better than labels",
        "At T = 1 most of these shares are too small to be heard.",
    )
    labels, evenly, _, four = np.transpose([distilled(images) for images in (20, 50, 100)])
    assert labels[0] + 10 < four[0] < labels[1] < four[0] + 5
    assert (evenly < labels + 0.5).all() and (four > labels + 4).all()
    small = np.sort(P[SPARE], axis=1)[:, :-1]
    assert np.mean(small < 0.001) > 0.5
    assert np.median(np.sort(special.softmax(LOGITS[SPARE] / 4, axis=1), axis=1)[:, :-1]) > 0.02


def test_what_is_seen_of_the_images_at_two_temperatures():
    says(LESSON, "At T = 1 nearly all is on one digit.", "and they differ from image to image")
    rows = unit_21.doubtful()
    assert rows[7] == SEVEN and rows.min() >= 900
    assert (P[rows].max(axis=1) > 0.88).all()
    warm = np.argsort(-special.softmax(LOGITS[rows] / 4, axis=1), axis=1)
    assert len({tuple(order[1:4]) for order in warm}) == 10


def test_the_students_have_not_seen_the_people_of_the_test():
    says(LESSON, "that the teacher has never seen and are tested on the last 597")
    assert P[UNSEEN].shape == (597, 10) and (SPARE.start, SPARE.stop) == (900, 1200)
    assert "1797" in read(LESSON).code


# Predict again


def test_one_student_covers_and_the_other_drops_four_digits():
    says(LESSON, "Trained forward, the student is unsure and names all ten.")
    says(LESSON, "The reverse student has less there, and gives up four digits.")
    forward, backward = starved("forward")[UNSEEN], starved("reverse")[UNSEEN]
    assert forward.max(axis=1).mean() < 0.3 < backward.max(axis=1).mean()
    assert set(forward.argmax(axis=1)) == set(range(10))
    assert set(backward.argmax(axis=1)) == {3, 5, 6, 7, 8, 9}
    assert outside(backward, P[UNSEEN], 3) < outside(forward, P[UNSEEN], 3) - 0.1
    says(LESSON, "The accuracy hardly tells the two apart.")
    assert 0 < right(forward) - right(backward) < 4


def test_the_reverse_student_is_the_same_from_other_starts():
    from tests.units.u21_distillation.second_route import LOG_P, least

    random = np.random.default_rng(5)
    for _ in range(3):
        start = random.normal(0, 2, 50)
        weights = least(quarters()[SPARE], reverse(LOG_P[SPARE]), 0.001, start)
        again = special.softmax(quarters() @ weights, axis=1)
        np.testing.assert_allclose(again, starved("reverse"), atol=1e-4)


def test_the_head_sees_nothing_and_forward_kl_does():
    says(
        LESSON,
        "In this simulation the test set of common prompts sees nothing.",
        "what is lost shows there, and what is new in the other",
    )
    before, after, backward, forward = forgetting()
    assert abs(before - after) < 0.01 and forward > 2.5 * backward


# Where this bites


def test_the_factors_of_the_reductions():
    says(LESSON, "`mean` gives a fiftieth of the KL a token, and `batchmean` 16 times as much")
    token, mean, batchmean = reductions()
    assert token / mean == pytest.approx(50) and batchmean / token == pytest.approx(16)
    says(LESSON, "a distribution over 17 cells", "17 times weaker than the formula")
    says(LESSON, "the batch times 1000 classes", "with it a term that is a thousand times weaker")


# Exercises


def test_the_forward_student_of_the_exercise_has_the_smaller_loss():
    says(EXERCISES, "The forward student has the smaller loss, for that is what it minimises.")
    says(EXERCISES, "The reverse one keeps more of its mass where the teacher's is.")
    forward, backward = in_the_exercise("forward"), in_the_exercise("reverse")
    assert forward[0] < backward[0]
    assert all(b < f for f, b in zip(forward[1:], backward[1:], strict=True))
