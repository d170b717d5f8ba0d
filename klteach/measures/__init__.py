"""The measures: entropy, cross-entropy and Kullback-Leibler divergence of discrete distributions.

All in nats, with arguments in the order (p, q) = (truth, model). Each measure is a few lines in
`divergences`; `validation` refuses bad input, `blocks` makes long input quick, `units` converts.
"""

from klteach.measures.divergences import (
    cross_entropy,
    entropy,
    kl_divergence,
    kl_terms,
    normalize,
    perplexity,
)
from klteach.measures.units import to_bits, to_nats

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
