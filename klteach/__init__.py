"""klteach: an interactive course on Kullback-Leibler divergence, and the library behind it.

`from klteach import kl_divergence` and likewise for every measure; everything else is reached by
its module. Only NumPy is loaded here, so that `import klteach` stays quick.
"""

from klteach.measures import *  # noqa: F403
from klteach.measures import __all__ as __all__
