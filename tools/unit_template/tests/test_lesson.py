"""What lesson NN and its exercises say: numbers by a second route, claims in words."""

from tests.units.lesson_text import says

LESSON = "notebooks/NN_SLUG"
EXERCISES = LESSON.replace("notebooks", "solutions")

# TODO: every measured number of the lesson, by a second route that never calls klteach: a fragment
# of its "text", its "code" or what is "printed", with a placeholder for each number. A number that
# needs none (a section, a year) stands in ALLOWED, a dict of the same keys: [(words, why)].
SAID = {
    (LESSON, "printed"): [
        ("share of {:.2f} has odds of {:.3f}.", 0.5, 1.0),
        ("| odds: {:.3f}; odds are never negative: holds, margin {:.3f}", 1.0, 1.0),
        ("the odds of {:.1f} are {:.4f}", 0.2, 1 / 4),
    ],
}


def test_the_claim_of_the_lesson():
    says(LESSON, "TODO: the sentence that the picture proves.")
    assert 0.5 / (1 - 0.5) == 1  # TODO: the proof of the claim, without klteach
