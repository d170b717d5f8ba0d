"""f-divergences: one formula for many divergences."""

QUESTION_NAMES = ("f_divergence", "conjugate", "local_law")
