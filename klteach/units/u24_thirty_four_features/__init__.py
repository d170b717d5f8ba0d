"""Thirty-four features: many columns, and rows that share a week."""

QUESTION_NAMES = (
    "benjamini_hochberg",
    "week_null",
    "window_p_value",
    "forecast_bias",
    "cells_that_carry",
)
