"""ELBO and VAE: a lower bound of log p(x), what its KL pays for, and where it loses the image."""

QUESTION_NAMES = ("elbo", "kl_to_prior", "information_and_gap", "collapse_beta")
