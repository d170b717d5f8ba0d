"""How the course works: an explorer, a prediction, an exercise, and the map."""

QUESTION_NAMES = ("shares",)
