"""The questions of unit NN: TODO: what they ask, in one line."""

import numpy as np

from klteach.practice.common_mistakes import special  # noqa: F401  TODO: scipy.special, if needed
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import ARRAY

LESSON = "NN_SLUG"


def odds(p):
    return p / (1 - p)


def random_shares(random):
    """TODO: inputs that tell every small change of a right answer from the answer."""
    return [case(random.uniform(0.05, 0.95, size=n), label=f"{n} shares") for n in (2, 5)]


ODDS = Question(
    "odds_NN",  # TODO: what `check` is called with; unique in the course
    points=1,
    reference=odds,
    returns=ARRAY,  # or another form of klteach.practice.returns; one number if it is left out
    # unit="nats" where the answer has one
    visible=[case([0.5, 0.2], label="TODO: small enough to check by hand")],  # lists become arrays
    inputs=[random_shares],
    mistakes=[
        Mistake(
            "inverted",
            lambda p: (1 - p) / p,
            "TODO: what the learner did, in words that are true of it; never the expected value.",
        ),
        Mistake(
            "logarithm taken",
            lambda p: np.log(p / (1 - p)),
            "TODO: a second mistake that people make.",
        ),
    ],
    hints=[
        "TODO: a question back, or a number to try by hand?",
        "TODO: the formula, `p / (1 - p)`",
        "`return p / (1 - p)`",
    ],
    insight="TODO: the sentence that a right answer has earned.",
    lesson=LESSON,
)

QUESTIONS = [ODDS]
