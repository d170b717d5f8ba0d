"""Capstone: six briefs to choose for and to defend, and one of them from end to end."""

QUESTION_NAMES = (
    "orders_alarm",
    "two_models",
    "stuck_loss",
    "negative_kl",
    "unequal_arms",
    "one_cutoff",
    "floor_of_loss",
    "day_verdict",
)
