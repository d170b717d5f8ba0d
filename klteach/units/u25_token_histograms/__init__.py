"""Token histograms: drift of text."""

QUESTION_NAMES = ("smoothed_kl", "locked_shares", "passage_test", "carriers")
