"""klteach: an interactive course on Kullback-Leibler divergence, and the library behind it.

`from klteach import kl_divergence` and likewise for every measure; everything else is reached by
its module. Only NumPy is loaded here, so that `import klteach` stays quick.
"""

from klteach.measures import (
    cross_entropy,
    entropy,
    kl_divergence,
    kl_terms,
    normalize,
    perplexity,
    to_bits,
    to_nats,
)

__all__ = [
    "cross_entropy",
    "entropy",
    "kl_divergence",
    "kl_terms",
    "normalize",
    "perplexity",
    "to_bits",
    "to_nats",
]
