"""Unit NN: predictions and review questions on TODO."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

# a wrong option carries a code of klteach/practice/quiz/misconceptions.py; a new belief is added
# there
PREDICTIONS = [
    Prediction(
        "NN-first",
        "TODO: a question whose answer surprises, before the explorer?",
        Choice(
            (
                Option("TODO: a wrong answer", "TODO: why it is not.", "kl-is-symmetric"),
                Option("TODO: the right one", "TODO: why it is so."),
                Option("TODO: another wrong one", "TODO: why not.", "weights-are-q"),
            )
        ),
        reveal="TODO: what is true, and where the learner has just seen it.",
    ),
    Prediction(
        "NN-second",
        "TODO: a question after the idea, before it is run?",
        Choice(
            (
                Option("TODO: the right answer", "TODO: why it is so."),
                Option("TODO: a wrong one", "TODO: why it is not.", "swapped-roles"),
            )
        ),
        reveal="TODO: what is true.",
    ),
]


def _review(name, right_first):
    """TODO: a review question is written out; this only fills five places."""
    right = Option("TODO: the right answer", "TODO: why it is so.")
    wrong = Option("TODO: a wrong one", "TODO: why it is not.", "kl-is-symmetric")
    options = (right, wrong) if right_first else (wrong, right)
    return ReviewQuestion(
        f"NN-{name}", "TODO: a short question for later warm-ups?", Choice(options)
    )


REVIEW = [
    _review(name, right_first)
    for name, right_first in zip(("a", "b", "c", "d", "e"), (True, False) * 3, strict=False)
]
