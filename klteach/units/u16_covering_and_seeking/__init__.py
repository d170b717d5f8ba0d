"""Mode-covering and mode-seeking: the nearest normal in each direction of KL, and mean field."""

QUESTION_NAMES = ("covering_fit", "reverse_kl", "seeking_fit", "mean_field")
