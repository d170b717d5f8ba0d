"""klteach: an interactive course on Kullback-Leibler divergence, and the library behind it.

`from klteach import kl_divergence` and likewise for every measure; everything else is reached by
its module. Nothing is loaded before it is asked for, so that `import klteach` is quick, and the
command `klteach` can say so itself if NumPy cannot be loaded.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from klteach.measures import *  # noqa: F403
    from klteach.measures import __all__ as __all__


def __getattr__(name: str):
    """A measure, or the list of all of them."""
    if name != "__all__" and name.startswith("_"):
        raise AttributeError(f"module 'klteach' has no attribute {name!r}")
    import importlib

    measures = importlib.import_module("klteach.measures")
    if name != "__all__" and name not in measures.__all__:
        raise AttributeError(f"module 'klteach' has no attribute {name!r}")
    return getattr(measures, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__getattr__("__all__")])
