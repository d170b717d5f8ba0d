"""PSI, and what it looks like where nothing has drifted."""

QUESTION_NAMES = (
    "psi",
    "psi_threshold",
    "rows_needed",
    "shuffled_counts",
    "p_value",
    "new_category",
)
