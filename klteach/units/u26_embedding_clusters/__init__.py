"""Embedding clusters: drift of vectors, and of what a retriever hands out."""

QUESTION_NAMES = ("locked_clusters", "address_null", "to_review", "retriever_check")
