"""The graded questions, one module per unit, each with a list QUESTIONS."""
