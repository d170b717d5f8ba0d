"""Mutual information: the KL of what is joint from the product of its margins."""

QUESTION_NAMES = ("mutual_information", "normal_information", "beyond_chance")
