"""TODO: what unit NN is about, in one line."""

QUESTION_NAMES = ("odds_NN",)  # TODO: the names of the questions, in the order of questions.py
