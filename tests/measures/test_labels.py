"""Arguments with pandas' labels in another order are refused, and the way out gives the value."""

import numpy as np
import pandas as pd
import pytest

import klteach
from klteach import brier_score, kl_divergence, normalize, wasserstein_distance
from klteach.measures.f_divergences import KL

LETTERS = pd.Series(list("a" * 70 + "b" * 20 + "c" * 10))
OTHERS = pd.Series(list("a" * 10 + "b" * 30 + "c" * 60))
P, Q = (letters.value_counts(normalize=True) for letters in (LETTERS, OTHERS))
TWO = ["kl_divergence", "kl_terms", "jeffreys_divergence", "js_divergence", "js_distance",
       "total_variation", "hellinger_distance", "chi_square_divergence", "cross_entropy",
       "perplexity", "population_stability_index", "kl_categorical"]  # fmt: skip


@pytest.mark.parametrize("name", TWO)
def test_shares_by_frequency_are_not_paired_by_place(name):
    measure = getattr(klteach, name)
    with pytest.raises(ValueError) as caught:
        measure(P, Q)
    assert str(caught.value) == "p lists a, b, c and q lists c, b, a: pass q.reindex(p.index)."
    right = measure(P.to_numpy(), Q.to_numpy()[::-1])
    assert measure(P, Q.reindex(P.index)) == pytest.approx(right, rel=1e-14)


def test_an_f_divergence_refuses_them_as_well():
    with pytest.raises(ValueError, match="p lists a, b, c and q lists c, b, a"):
        klteach.f_divergence(KL, P, Q)


def test_outcomes_of_one_side_only_come_with_a_zero():
    with pytest.raises(ValueError) as caught:
        kl_divergence(P.drop("c") / 0.9, Q)
    said = "with both = p.index.union(q.index), pass p.reindex(both, fill_value=0) and q.reindex"
    assert said in str(caught.value)
    left = P.drop("c") / 0.9
    both = left.index.union(Q.index)
    value = kl_divergence(left.reindex(both, fill_value=0), Q.reindex(both, fill_value=0))
    assert value == pytest.approx(kl_divergence([7 / 9, 2 / 9, 0], [0.1, 0.3, 0.6]))


def test_what_has_no_labels_or_the_same_is_as_before():
    plain = kl_divergence([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])
    same = Q.reindex(P.index)
    for p, q in ((P, same), (P, list(same)), (P.to_numpy(), same), (normalize(P), same)):
        assert kl_divergence(p, q) == pytest.approx(plain, rel=1e-14)
    assert klteach.entropy(P) == klteach.entropy(list(P))


def test_frames_are_looked_at_along_the_outcomes_and_along_the_batch():
    frame = pd.DataFrame([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], columns=list("abc"), index=["m", "n"])
    for wrong, said in (
        (frame[["c", "b", "a"]], r"pass q.reindex\(columns=p.columns\)"),
        (Q, r"pass q.reindex\(p.columns\)"),
        (frame.iloc[::-1], "the rows of p are m, n and those of q are n, m"),
    ):
        with pytest.raises(ValueError, match=said):
            kl_divergence(frame, wrong)
    assert kl_divergence(frame, frame.copy()).tolist() == [0, 0]
    assert kl_divergence(frame, Q.reindex(frame.columns)).shape == (2,)
    with pytest.raises(ValueError, match="p lists a, b, c and q lists c, b, a"):
        kl_divergence(frame.T, frame.T.iloc[::-1], axis=0)


def test_many_labels_are_shown_by_the_first_ones():
    many = pd.Series(np.full(50, 0.02), index=[f"w{number}" for number in range(50)])
    with pytest.raises(
        ValueError, match="p lists w0, w1, w2, … and q lists w49, w48, w47, …: pass"
    ):
        kl_divergence(many, many[::-1])


def test_forecasts_belong_to_their_outcomes():
    outcomes = pd.Series([1, 0, 1], index=["mon", "tue", "wed"])
    forecasts = pd.Series([0.6, 0.9, 0.2], index=["wed", "mon", "tue"])
    with pytest.raises(
        ValueError, match="outcomes lists mon, tue, wed and forecasts lists wed, mon"
    ):
        brier_score(outcomes, forecasts)
    assert brier_score(outcomes, forecasts.reindex(outcomes.index)) == pytest.approx(0.07)
    with pytest.raises(ValueError, match="weights lists"):
        brier_score(outcomes, [0.9, 0.2, 0.6], weights=forecasts)


def test_one_hot_rows_belong_to_the_classes_of_the_forecasts():
    forecasts = pd.DataFrame([[0.7, 0.3], [0.4, 0.6]], columns=["no", "yes"], index=["mon", "tue"])
    one_hot = pd.get_dummies(pd.Series(["no", "yes"], index=forecasts.index))
    assert brier_score(one_hot, forecasts) == pytest.approx((0.18 + 0.32) / 2)
    with pytest.raises(ValueError, match="rows of outcomes are yes, no and those of forecasts"):
        brier_score(one_hot[["yes", "no"]], forecasts)
    with pytest.raises(ValueError, match="outcomes lists tue, mon"):
        brier_score(one_hot[::-1], forecasts)


def test_probabilities_belong_to_their_positions():
    places = pd.Series([1.0, 2.0], index=["near", "far"])
    shares = pd.Series([0.25, 0.75], index=["far", "near"])
    with pytest.raises(ValueError, match="x lists near, far and p lists far, near"):
        wasserstein_distance(places, [1, 2], shares, [0.5, 0.5])
    assert wasserstein_distance(places, places[::-1]) == 0  # two samples of their own
