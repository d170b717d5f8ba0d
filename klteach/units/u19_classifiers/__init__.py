"""Classifiers: what a log loss is made of, and forecasts that keep their word."""

QUESTION_NAMES = ("excess_log_loss", "held_out_temperature", "brier_parts", "smoothed_loss_parts")
