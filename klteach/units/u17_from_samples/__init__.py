"""KL from samples: three averages of log ratios, counts put in for shares, nearest neighbours."""

QUESTION_NAMES = ("three_estimates", "corrected_kl", "knn_kl")
