"""Zeros: where KL is infinite, and what smoothing does about it."""

QUESTION_NAMES = ("kl_safe", "add_alpha", "four_measures")
