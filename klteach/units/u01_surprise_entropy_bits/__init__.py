"""Surprise, entropy, bits and nats."""

QUESTION_NAMES = ("entropy_bits", "to_bits", "expected_length", "code_lengths")
