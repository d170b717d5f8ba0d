"""RLHF: a reward, a price for every nat from a reference, and the policy that both make."""

QUESTION_NAMES = ("tilted_policy", "loss_gradients", "best_of_n_kl", "batch_penalty")
"""The questions of unit 22: the best policy, three losses, the best of n draws, a penalty."""
