"""Bug museum: published formulas and programs, and the property that each of them breaks."""

QUESTION_NAMES = (
    "kl_repaired",
    "js_repaired",
    "hellinger_repaired",
    "normal_kl_repaired",
    "information_repaired",
)
