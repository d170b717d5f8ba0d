"""What the grader says when it cannot begin."""


class GradingError(ValueError):
    """A path, an option or a file cannot be used; the message names what, where and the way out."""
