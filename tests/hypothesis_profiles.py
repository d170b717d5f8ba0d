"""How many examples hypothesis tries: few and the same in every run, many and new ones on demand.

    everyday   40 examples, the same for everybody, so that a failure is never a matter of luck
    long       500 examples, other ones each time: KLTEACH_HYPOTHESIS=long

The conftest.py at the top calls `load`, so a test has only to say `@given`. Where 40 examples do
not find what a test is there for, it is seldom their number: let the strategy draw what matters.
"""

import os

from hypothesis import settings

VARIABLE = "KLTEACH_HYPOTHESIS"
EXAMPLES = {"everyday": 40, "long": 500}


def load() -> None:
    """Make the profile that the environment names the default of all tests."""
    name = os.environ.get(VARIABLE, "everyday")
    if name not in EXAMPLES:
        raise ValueError(f"{VARIABLE} is {name!r}; there are {', '.join(EXAMPLES)}.")
    for profile, count in EXAMPLES.items():
        # No deadline, as a busy machine is slow. Nothing is kept on disk: the blob that a failure
        # prints is enough to see it again.
        settings.register_profile(
            profile,
            max_examples=count,
            derandomize=profile == "everyday",
            deadline=None,
            database=None,
            print_blob=True,
        )
    settings.load_profile(name)
