"""Hypothesis testing: what KL buys in observations, by Wald, Stein, Chernoff and Sanov."""

QUESTION_NAMES = ("evidence", "tail_exponent", "type_two_exponent", "chernoff")
