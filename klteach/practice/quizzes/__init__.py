"""What is asked without a grade, one module per unit: PREDICTIONS, REVIEW, and in 00 the INVENTORY."""
