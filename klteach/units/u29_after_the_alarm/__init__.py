"""After the alarm: from a verdict to the rows, to a decision, and the same counts at scale."""

QUESTION_NAMES = ("psi_of_parts", "alarm_line", "daily_check", "decide")
