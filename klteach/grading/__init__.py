"""Grading a class: fair, isolated, fast, and useful to the teacher."""
