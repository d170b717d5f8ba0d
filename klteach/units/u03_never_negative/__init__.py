"""Why KL is never negative: Gibbs, Jensen, convexity."""

QUESTION_NAMES = ("tangent_terms", "broken_pair", "convexity_margin")
