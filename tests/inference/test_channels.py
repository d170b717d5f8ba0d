"""What comes out of a channel, against sums written out, and what it does to divergences."""

import math

import numpy as np
import pytest

from klteach import kl_divergence
from klteach.inference import push_forward
from tests.refusals import refusal

P = [0.5, 0.3, 0.2]
CHANNEL = [[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]


def test_each_output_is_the_sum_over_what_can_lead_to_it():
    expected = [math.fsum(p * row[y] for p, row in zip(P, CHANNEL, strict=True)) for y in range(2)]
    out = push_forward(P, CHANNEL)
    assert out.tolist() == pytest.approx(expected, rel=1e-14)
    assert out.sum() == pytest.approx(1, abs=1e-15)


def test_a_batch_goes_through_one_by_one():
    batch = np.random.default_rng(1).dirichlet(np.ones(3), (4, 2))
    out = push_forward(batch, CHANNEL)
    assert out.shape == (4, 2, 2)
    np.testing.assert_allclose(out[3, 1], push_forward(batch[3, 1], CHANNEL), rtol=1e-14)


def test_the_plain_channels():
    assert push_forward(P, np.eye(3, dtype=int)).tolist() == pytest.approx(P, rel=1e-15)
    assert push_forward(P, [[1], [1], [1]]).tolist() == pytest.approx([1])
    assert push_forward(P, np.eye(3)[[1, 2, 0]]).tolist() == pytest.approx([0.2, 0.5, 0.3])
    assert push_forward([1.0, 0.0, 0.0], CHANNEL).tolist() == [0.9, 0.1]


def test_tiny_probabilities_keep_their_digits():
    assert push_forward([1e-300, 1.0], [[1e-5, 1 - 1e-5], [0.0, 1.0]])[0] == pytest.approx(1e-305)
    out = push_forward([1.0, 3e-300], [[0.0, 1.0], [1.0, 0.0]])
    assert out[0] == pytest.approx(3e-300, rel=1e-12)
    p = np.full(100_000, 1e-5)
    halves = np.repeat([[1, 0], [0, 1]], 50_000, axis=0)
    assert push_forward(p, halves).tolist() == pytest.approx([0.5, 0.5], rel=1e-12)


def test_a_sufficient_statistic_loses_nothing_and_a_constant_loses_all():
    flips = np.array(np.meshgrid(*[[0, 1]] * 3)).reshape(3, -1).sum(axis=0)  # heads of eight texts
    p, q = (theta**flips * (1 - theta) ** (3 - flips) for theta in (0.5, 0.8))
    heads, majority = np.eye(4)[flips], np.eye(2)[(flips > 1).astype(int)]
    before = kl_divergence(p, q)
    assert kl_divergence(push_forward(p, heads), push_forward(q, heads)) == pytest.approx(before)
    assert kl_divergence(push_forward(p, majority), push_forward(q, majority)) < 0.8 * before
    constant = np.ones((8, 1))
    assert kl_divergence(push_forward(p, constant), push_forward(q, constant)) == 0


def test_what_comes_in_float32_goes_out_as_a_distribution():
    out = push_forward(np.array(P, dtype=np.float32), np.array(CHANNEL, dtype=np.float32))
    assert kl_divergence(out, push_forward(P, CHANNEL)) < 1e-12
    out = push_forward(np.array([0.7, 0.2, 0.1], dtype=np.float32), CHANNEL)
    assert out.dtype == np.float64 and out.sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    "p, channel, parts",
    [
        ([0.5, 0.5], CHANNEL, ["p has 2 outcomes and channel has 3 rows"]),
        (P, np.transpose(CHANNEL), ["the columns of channel", "channel.T"]),
        ([0.5, 0.5], [[0.5, 0.9, 0.1], [0.5, 0.1, 0.9]], ["the columns of channel", "channel.T"]),
        (P, [[0.9, 0.1], [0.2, 0.7], [0.5, 0.5]], ["channel[1, :] sums to 0.9"]),
        (P, [[9, 1], [2, 8], [5, 5]], ["channel[0, :] holds whole numbers", "normalize(channel)"]),
        (P, [[1.1, -0.1], [0.2, 0.8], [0.5, 0.5]], ["channel[0, 1] is -0.1"]),
        (P, [0.5, 0.5], ["channel has shape (2,)", "row i lists"]),
        ([0.5, 0.3], CHANNEL, ["p sums to 0.8", "normalize(p)"]),
        ([5, 3, 2], CHANNEL, ["p holds whole numbers that sum to 10"]),
        ([0.5, np.nan, 0.5], CHANNEL, ["p[1] is nan"]),
        (0.5, CHANNEL, ["p is the single number 0.5"]),
        (P, None, ["channel is of type NoneType"]),
    ],
)
def test_what_is_no_channel_for_p_is_refused(p, channel, parts):
    message = refusal(push_forward, p, channel)
    assert all(part in message for part in parts), message
