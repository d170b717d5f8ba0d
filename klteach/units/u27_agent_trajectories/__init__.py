"""Agents: what tool calls, their order and their hand-offs tell of drift."""

QUESTION_NAMES = ("transition_rate", "worth_in_calls", "swap_test")
