"""The two directions of KL, and which one a phrase means."""

QUESTION_NAMES = ("balanced_partner", "jeffreys", "directions")
