"""Comparable groups: are two arms alike before anything is done to one of them?"""

QUESTION_NAMES = ("split_test", "balance", "class_lots", "adjusted_difference")
