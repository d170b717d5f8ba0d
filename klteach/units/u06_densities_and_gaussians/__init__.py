"""KL of densities: Gaussians, bins, and changes of variables."""

QUESTION_NAMES = ("kl_normal", "kl_mvn", "kl_beta_uniform")
