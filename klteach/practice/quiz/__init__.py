"""Predictions before the reveal, warm-ups and the concept inventory."""
