"""What a function says when it refuses its input."""

import warnings

import pytest


def refusal(function, *arguments, **options):
    """The message of the ValueError, after a check that no warning came before it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError) as caught:
            function(*arguments, **options)
    return str(caught.value)
