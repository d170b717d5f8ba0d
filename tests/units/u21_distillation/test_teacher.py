"""The teacher of unit 21: its logits are those that its script trains, and what they are worth."""

import numpy as np
from scipy import special

import train_digit_teacher
from klteach.data import digit_teacher, digits
from klteach.data.digit_teacher import LOGIT_SCALE, TAUGHT
from klteach.data.extract import FOLDER


def test_training_it_again_gives_the_same_logits():
    stored = digit_teacher()
    again = train_digit_teacher.logits_of_the_teacher()
    assert abs(again - stored).max() <= train_digit_teacher.ALLOWED
    assert (again.argmax(axis=1) == stored.argmax(axis=1)).mean() > 0.999


def test_the_logits_are_small_and_stored_to_two_decimals():
    logits = digit_teacher()
    assert logits.shape == (1797, 10) and np.isfinite(logits).all()
    np.testing.assert_allclose(logits * LOGIT_SCALE, np.round(logits * LOGIT_SCALE))
    assert (FOLDER / "digit_teacher.npz").stat().st_size < 250_000


def test_it_knows_what_it_was_taught_and_less_of_what_it_was_not():
    right = digit_teacher().argmax(axis=1) == digits().labels
    assert TAUGHT == 900 and right[:TAUGHT].all()
    assert 0.96 < right[TAUGHT:1200].mean() < 0.99 and 0.92 < right[1200:].mean() < 0.94


def test_the_gradient_that_trains_it_is_that_of_central_differences():
    random = np.random.default_rng(1)
    pixels, wanted = random.random((7, 64)), np.eye(10)[random.integers(0, 10, 7)]
    network = [
        random.normal(0, 0.3, shape)
        for shape in ((64, train_digit_teacher.UNITS), train_digit_teacher.UNITS, (64, 10), 10)
    ]

    def loss():
        hidden = np.maximum(pixels @ network[0] + network[1], 0)
        logits = hidden @ network[2] + network[3]
        lost = special.logsumexp(logits, axis=1) - (wanted * logits).sum(axis=1)
        decay = train_digit_teacher.DECAY / 2
        return lost.mean() + decay * ((network[0] ** 2).sum() + (network[2] ** 2).sum())

    gradients = train_digit_teacher._gradients(network, pixels, wanted)
    for part, gradient in zip(network, gradients, strict=True):
        for place in random.integers(0, part.size, 40):
            kept = part.flat[place]
            values = []
            for step in (-1e-5, 1e-5):
                part.flat[place] = kept + step
                values.append(loss())
            part.flat[place] = kept
            slope = (values[1] - values[0]) / 2e-5
            assert abs(slope - gradient.flat[place]) < 1e-6
