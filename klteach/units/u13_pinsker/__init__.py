"""Pinsker and Bretagnolle–Huber: what a KL says about the probability of events."""

QUESTION_NAMES = ("pinsker", "bretagnolle_huber", "crossing", "flips_needed")
