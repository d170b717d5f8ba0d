"""Unit 15: maximum likelihood makes KL from the shares in the data small; what a loss is worth."""

QUESTION_NAMES = ("kl_of_counts", "token_loss", "fit_normal", "left_over")
