"""Answers to the questions of unit NN: right in other words, and wrong."""

import numpy as np

# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "odds_NN": {
        "one over": lambda p: 1 / (1 / p - 1),  # TODO
        "list": lambda p: [float(share / (1 - share)) for share in p],
    },
}

SINGLE_PRECISION = {"odds_NN": lambda p: p / (np.float32(1) - p)}

# the question, what is replaced in its solution, by what, and what is recognised
TYPED_MISTAKES = [
    ("odds_NN", "p / (1 - p)", "(1 - p) / p", "inverted"),  # TODO: one for each mistake
    ("odds_NN", "p / (1 - p)", "np.log(p / (1 - p))", "logarithm taken"),
]
