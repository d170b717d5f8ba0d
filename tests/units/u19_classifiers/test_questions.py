"""What the design of unit 19 says of its questions, recomputed."""

import math

import numpy as np
import pytest
from scipy import optimize, special

from klteach.measures import brier_decomposition, brier_score, kl_bernoulli
from klteach.units.lookup import find_question
from klteach.units.u19_classifiers.questions import (
    ENOUGH,
    best,
    judge_temperature,
    least_brier,
    without_axis,
)
from tests.units.known_answers import mistake, right_value, wrong_value

# E1: what a forecast costs


@pytest.mark.parametrize(
    ("said", "log_loss", "brier"), [(0.01, 0.7777, 0.0841), (0.1, 0.1537, 0.0400)]
)
def test_the_values_of_the_course(said, log_loss, brier):
    assert find_question("excess_log_loss").reference(0.3, said) == pytest.approx(
        log_loss, abs=5e-5
    )
    (by_brier,) = mistake("excess_log_loss", "brier").variants
    assert by_brier(0.3, said) == pytest.approx(brier, abs=5e-5)


def test_the_excess_is_the_difference_of_two_expected_losses():
    for case in find_question("excess_log_loss").cases():
        chance, forecast = case.arguments
        own = find_question("excess_log_loss").reference(chance, forecast)
        assert own == pytest.approx(float(kl_bernoulli(chance, forecast)), rel=1e-12)
        losses = [
            -float(special.xlogy(chance, f) + special.xlog1py(1 - chance, -f))
            for f in (forecast, chance)
        ]
        assert own == pytest.approx(losses[0] - losses[1], abs=1e-12) or math.isinf(own)


def test_a_small_number_makes_the_loss_of_a_ruled_out_event():
    values = [wrong_value("excess_log_loss", "clipped", 3, variant) for variant in (0, 3, 6)]
    assert np.isfinite(values).all() and values == sorted(values)
    assert right_value("excess_log_loss", 3) == math.inf


# E2: judged by the loss on the held-out rows


def cases():
    return [case.arguments for case in find_question("held_out_temperature").cases()]


def fault(arguments, temperature):
    found = judge_temperature(*arguments, np.float64(temperature))
    return found and found[0]


def loss(temperature, logits, labels):
    return -special.log_softmax(logits / temperature, axis=1)[np.arange(len(labels)), labels].mean()


def least(function, *rows):
    found = optimize.minimize_scalar(
        lambda log_t: function(math.exp(log_t), *rows), bounds=(-4, 4), method="bounded"
    )
    return math.exp(found.x)


def test_the_best_temperature_is_that_of_a_search():
    for logits, labels, trained_on in cases():
        rows = logits[~trained_on], labels[~trained_on]
        assert best(*rows) == pytest.approx(least(loss, *rows), rel=1e-3)
        assert fault((logits, labels, trained_on), best(*rows)) is None


@pytest.mark.parametrize("which", [0, 1])
def test_every_way_to_miss_the_temperature_has_its_name(which):
    logits, labels, trained_on = arguments = cases()[which]
    rows = logits[~trained_on], labels[~trained_on]
    right = best(*rows)
    found = {
        "upside down": 1 / right,
        "logarithm": math.log(right),
        "training rows": least(loss, logits[trained_on], labels[trained_on]),
        "all rows": least(loss, logits, labels),
        "brier": least_brier(*rows),
        "probabilities divided": least(loss, special.softmax(rows[0], axis=1), rows[1]),
        "the loss itself": loss(right, *rows),
        "axis": without_axis(*rows),
        "not positive": -1.0,
        "not finite": np.inf,
        "not the least": right / 2,
    }
    assert {name: fault(arguments, value) for name, value in found.items()} == {
        name: name for name in found
    }


def test_without_its_axis_a_loss_is_least_elsewhere():
    for logits, labels, trained_on in cases():
        rows = logits[~trained_on], labels[~trained_on]

        def whole_table(temperature, z, y):
            own = z[np.arange(len(y)), y] / temperature
            return special.logsumexp(z / temperature) - own.mean()

        assert without_axis(*rows) == pytest.approx(least(whole_table, *rows), rel=1e-2)


def test_the_least_brier_score_is_that_of_a_search():
    for logits, labels, trained_on in cases()[2:]:
        rows = logits[~trained_on], labels[~trained_on]

        def score(temperature, z, y):
            return brier_score(y, special.softmax(z / temperature, axis=1))

        found = least_brier(*rows)
        assert score(found, *rows) <= score(least(score, *rows), *rows) + 1e-5


def test_a_temperature_a_fifth_of_the_way_is_refused_and_told_which_way_to_go():
    for arguments in cases()[:4]:
        logits, labels, trained_on = arguments
        right = best(logits[~trained_on], labels[~trained_on])
        _, message = judge_temperature(*arguments, np.float64(1.5 + 0.2 * (right - 1.5)))
        assert "is smaller still if T grows" in message and f"{right:.3g}" not in message
        _, message = judge_temperature(*arguments, np.float64(3 * right))
        assert "is smaller still if T falls" in message


def test_what_is_accepted_is_within_a_thousandth_of_the_least():
    for arguments in cases():
        logits, labels, trained_on = arguments
        rows = logits[~trained_on], labels[~trained_on]
        right = best(*rows)
        for factor in (0.9, 0.97, 0.99, 1.01, 1.03, 1.1):
            near = loss(factor * right, *rows) <= (1 + ENOUGH) * loss(right, *rows)
            assert (fault(arguments, factor * right) is None) == near


def test_every_case_has_a_best_temperature_between_a_tenth_and_ten():
    for logits, labels, trained_on in cases():
        assert 0.1 < best(logits[~trained_on], labels[~trained_on]) < 10
        assert 0 < trained_on.sum() < len(trained_on)


# E3: the Brier score in parts


def test_the_parts_add_up_to_the_score_and_are_those_of_the_library():
    question = find_question("brier_parts")
    for case in question.cases():
        outcomes, forecasts = case.arguments
        reliability, resolution, uncertainty = question.reference(outcomes, forecasts)
        score = np.mean((outcomes - forecasts) ** 2)
        assert reliability - resolution + uncertainty == pytest.approx(score, abs=1e-15)
        library = brier_decomposition(outcomes, forecasts, bins=None)
        assert (reliability, resolution, uncertainty) == pytest.approx(library[:3], abs=1e-15)


def test_only_the_right_parts_add_up():
    """What messages say of some: roots and unweighted means do not add up to the score."""
    for name in ("unweighted", "roots", "n minus 1", "twice", "tenths"):
        for wrong in mistake("brier_parts", name).variants:
            off = []
            for case in find_question("brier_parts").cases():
                outcomes, forecasts = case.arguments
                parts = wrong(outcomes, forecasts)
                off.append(parts[0] - parts[1] + parts[2] - np.mean((outcomes - forecasts) ** 2))
            assert max(map(abs, off)) > 1e-4, name


def test_the_absolute_gaps_are_the_expected_calibration_error():
    outcomes, forecasts = find_question("brier_parts").visible[0].arguments
    assert wrong_value("brier_parts", "absolute gaps")[0] == pytest.approx(4 / 6 * 0.05)
    assert len(outcomes) == len(forecasts) == 6


# E4: label smoothing


def test_the_parts_of_label_smoothing_add_up_to_the_cross_entropy_of_the_target():
    question = find_question("smoothed_loss_parts")
    for case in question.cases():
        forecast, label, epsilon = case.arguments
        k = len(forecast)
        target = np.full(k, epsilon / k)
        target[label] += 1 - epsilon
        whole = -special.xlogy(target, forecast).sum()
        assert sum(question.reference(forecast, label, epsilon)) == pytest.approx(whole)


def test_the_number_that_pytorch_gives():
    """1.0223803431877154 by PyTorch 2.14.1, for these rows at 0.1."""
    logits = np.array([[2.0, 1.0, 0.0], [0.5, 2.5, 1.0], [1.0, 0.0, 3.0]])
    reference = find_question("smoothed_loss_parts").reference
    losses = [
        sum(reference(special.softmax(row), label, 0.1))
        for row, label in zip(logits, (0, 1, 0), strict=True)
    ]
    assert np.mean(losses) == pytest.approx(1.0223803431877154, rel=1e-12)
