"""What the design of unit 26 says of its questions, recomputed."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from klteach.drift.divergence import contributions
from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook
from tests.units.known_answers import RIGHT, mistake, right_value, wrong_value
from tests.units.u26_embedding_clusters.routes import figures


def answers_of(name):
    question = find_question(name)
    return [(case.copies(), question.reference(*case.copies())) for case in question.cases()]


def test_counts_in_locked_clusters_are_those_of_distances():
    for (start, baseline, current), value in answers_of("locked_clusters"):
        own = cdist(baseline, start).argmin(axis=1)
        centres = [baseline[own == place].mean(axis=0) for place in range(len(start))]
        places = cdist(current, centres).argmin(axis=1).tolist()
        assert value.tolist() == [places.count(place) for place in range(len(start))]
        assert set(own.tolist()) == set(range(len(start)))  # each has at least one row


def test_nobody_is_as_near_to_one_centre_as_to_another():
    for (start, baseline, current), _ in answers_of("locked_clusters"):
        own = cdist(baseline, start).argmin(axis=1)
        centres = np.array([baseline[own == place].mean(axis=0) for place in range(len(start))])
        for rows, around in ((baseline, start), (current, centres)):
            nearest = np.sort(cdist(rows, around), axis=1)
            assert (nearest[:, 1] - nearest[:, 0]).min() > 1e-6


def test_some_cluster_is_empty_today():
    assert any((value == 0).any() for _, value in answers_of("locked_clusters"))


def test_what_the_visible_cases_show():
    assert right_value("locked_clusters").tolist() == [3, 1]
    assert wrong_value("locked_clusters", "centres not moved").tolist() == [1, 3]


def test_the_address_null_is_that_of_scipy():
    for (counts, picks), value in answers_of("address_null"):
        for pick, found in zip(picks, value, strict=True):
            rest = np.delete(counts, pick, axis=0).sum(axis=0)
            kl = stats.entropy(counts[pick].sum(axis=0) + 0.5, rest + 0.5)
            assert found == pytest.approx(kl, abs=1e-12)


def test_a_half_is_nearer_to_what_contains_it_as_the_message_says():
    found = mistake("address_null", "the half in its own baseline")
    for arguments, value in answers_of("address_null"):
        assert (found.function(*arguments) < value).mean() > 0.9


def test_single_paragraphs_give_about_half_as_much_as_the_insight_says():
    ratios = [np.divide(*figures(20, start)[:2]) for start in range(10)]
    assert np.mean(ratios) == pytest.approx(0.5, abs=0.06)


def test_the_rows_to_review_are_those_of_the_monitors_contributions():
    for (cells, baseline), value in answers_of("to_review"):
        now = np.array([(cells == place).sum() for place in range(len(baseline))])
        p, q = (now + 0.5) / (now + 0.5).sum(), (baseline + 0.5) / (baseline + 0.5).sum()
        parts = np.where(p > q, contributions("kl", p, q), -1)
        first, second = np.sort(parts)[::-1][:2]
        assert first > second + 1e-9  # no tie
        assert value.tolist() == (cells == parts.argmax()).tolist() and value.any()


def test_in_some_case_the_cluster_that_carries_most_has_shrunk():
    found = mistake("to_review", "clusters that shrank too")
    assert not wrong_value("to_review", found.name, case=2).any()


def test_no_hair_decides_between_the_smoothed_and_other_parts():
    for name in ("not smoothed", "smoothed by one", "one side smoothed"):
        question = find_question("to_review")
        for variant in mistake("to_review", name).variants:
            assert any(
                not np.array_equal(variant(*case.copies()), question.reference(*case.copies()))
                for case in question.cases()
            )


def test_the_retriever_check_is_that_of_scipy():
    for (index, texts, questions, sources), value in answers_of("retriever_check"):
        found = cdist(questions, index, "cosine").argmin(axis=1)
        alike = [
            1 - cdist(texts[[f]], index[[s]], "cosine")[0, 0]
            for f, s in zip(found, sources, strict=True)
        ]
        assert value == pytest.approx([np.mean(found == sources), np.mean(alike)])


def test_the_two_rows_of_a_list_that_moved_look_alike_as_the_message_says():
    right, wrong = (
        right_value("retriever_check"),
        wrong_value("retriever_check", "today's text of the source row"),
    )
    assert right[0] == wrong[0] == 1 and wrong[1] == pytest.approx(1) and right[1] < 0.6


def test_the_index_believes_that_nothing_has_changed_as_the_message_says():
    assert wrong_value("retriever_check", "the vector in the index")[1] == pytest.approx(1)


def test_no_question_is_as_near_to_one_row_as_to_another():
    for (index, _, questions, _), _ in answers_of("retriever_check"):
        nearest = np.sort(cdist(questions, index, "cosine"), axis=1)
        assert (nearest[:, 1] - nearest[:, 0]).min() > 1e-6


@pytest.mark.parametrize(
    ("name", "old", "new", "word"),
    [
        ("locked_clusters", ", minlength=len(start)", "", "number"),
        ("address_null", ", axis=1)\n", ")\n", "number"),
        ("to_review", "return cells ==", "return", "True or False"),
        ("retriever_check", "np.mean(found == sources), ", "", "list of 2 numbers"),
    ],
)
def test_an_answer_of_another_form_is_met_by_its_form(name, old, new, word):
    assert old in RIGHT[name]
    head, _, tail = RIGHT[name].rpartition(old)
    feedback = check_answer(find_question(name), notebook(head + new + tail))
    assert feedback.score == 0 and word in str(feedback), str(feedback)
