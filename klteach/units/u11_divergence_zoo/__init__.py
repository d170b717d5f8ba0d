"""The relatives of KL side by side: JS, total variation, Wasserstein and others."""

QUESTION_NAMES = ("js", "tv", "w1", "triangle_violation")
