"""Fisher information: KL up close, and the ruler that it lays over a model's parameters."""

QUESTION_NAMES = ("curvature", "exact_and_local", "natural_steps", "fisher_diagonal")
