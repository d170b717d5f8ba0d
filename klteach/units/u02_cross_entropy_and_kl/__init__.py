"""Cross-entropy and the price of the wrong code: KL."""

QUESTION_NAMES = ("cross_entropy", "kl", "kl_contributions", "kelly_growth")
