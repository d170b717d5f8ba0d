"""Many small cases in one test, since pytest's own work on a test costs more than most of them.

The test of one case becomes one test for each group of cases, such as the questions of a unit. It
tries all of them and names each that fails, with the lines that pytest shows of a failure.
"""

import pytest


def together(cases):
    """A decorator for the test of a case; `cases` are (group, name, arguments of the test)."""
    groups = {}
    for group, name, arguments in cases:
        groups.setdefault(group, []).append((name, arguments))

    def decorate(test):
        @pytest.mark.parametrize("group", groups)
        def all_of_a_group(group):
            failures = [failure(test, *case) for case in groups[group]]
            failures = [words for words in failures if words]
            if failures:
                failed = f"{len(failures)} of {len(groups[group])} cases fail"
                pytest.fail("\n\n".join([failed, *failures]), pytrace=False)

        all_of_a_group.__name__, all_of_a_group.__doc__ = test.__name__, test.__doc__
        all_of_a_group.__module__ = test.__module__
        return all_of_a_group

    return decorate


def failure(test, name, arguments):
    """The name of a case that fails, and why; None for one that passes."""
    try:
        test(*arguments)
    except (Exception, pytest.fail.Exception) as error:
        info = pytest.ExceptionInfo.from_exception(error)
        shown = info.getrepr(style="short", tbfilter=lambda info: info.traceback[1:])
        return f"{name}\n{shown}"
    return None
