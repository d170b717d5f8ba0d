"""Data processing: a summary never adds to KL, and what it takes away depends on the summary."""

QUESTION_NAMES = ("before_and_after", "kept_by_cut", "best_cut", "keeps_all")
