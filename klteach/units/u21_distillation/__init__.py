"""Distillation: a temperature, its gradient, and what a student with less room keeps."""

QUESTION_NAMES = ("distillation_loss", "distillation_gradient", "mass_outside")
