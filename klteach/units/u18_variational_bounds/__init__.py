"""Variational bounds: what a critic and a sample can say of a divergence, and what they cannot."""

QUESTION_NAMES = ("dv_bound", "best_constant", "infonce", "twin_kl")
