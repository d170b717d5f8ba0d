"""The chain rule: KL of a pair, of a text, of a chain of tokens, as a sum of its parts."""

QUESTION_NAMES = ("both_parts", "kl_rate", "text_log_ratio", "joint_perplexity")
