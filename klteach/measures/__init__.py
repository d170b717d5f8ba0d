"""The measures: what a distribution holds, and how far one is from another.

Divergences are in nats, with arguments in the order (p, q) = (truth, model). Where to look:

    entropies, divergences, f_divergences, dependence, wasserstein    lists of probabilities
    families                                                    closed forms, from parameters
    bounds, scores, units                                       what follows from the measures

Underneath: `validation` and `parameters` refuse bad input, `distributions` brings arrays of any
shape into rows, `terms` holds the forms in which nothing cancels near p = q, `textbook`
the quick forms elsewhere, `kl_sums` weighs the two for KL, and `blocks` keeps both in the cache.
`labels` refuses pandas' labels in another order.
"""

from klteach.measures.bounds import (
    bretagnolle_huber,
    js_upper_bound,
    pinsker,
    reverse_pinsker,
    total_variation_bounds,
)
from klteach.measures.dependence import mutual_information
from klteach.measures.distributions import normalize
from klteach.measures.divergences import (
    chi_square_divergence,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    kl_terms,
    population_stability_index,
    total_variation,
)
from klteach.measures.entropies import cross_entropy, entropy, perplexity
from klteach.measures.f_divergences import f_divergence
from klteach.measures.families import (
    kl_bernoulli,
    kl_beta,
    kl_categorical,
    kl_dirichlet,
    kl_exponential,
    kl_gamma,
    kl_mvn,
    kl_normal,
    kl_normal_diag,
    kl_poisson,
)
from klteach.measures.scores import (
    brier_decomposition,
    brier_score,
    calibration_curve,
    log_loss_decomposition,
    log_score,
)
from klteach.measures.units import to_bits, to_nats
from klteach.measures.wasserstein import wasserstein_distance

__all__ = [
    "bretagnolle_huber",
    "brier_decomposition",
    "brier_score",
    "calibration_curve",
    "chi_square_divergence",
    "cross_entropy",
    "entropy",
    "f_divergence",
    "hellinger_distance",
    "jeffreys_divergence",
    "js_distance",
    "js_divergence",
    "js_upper_bound",
    "kl_bernoulli",
    "kl_beta",
    "kl_categorical",
    "kl_dirichlet",
    "kl_divergence",
    "kl_exponential",
    "kl_gamma",
    "kl_mvn",
    "kl_normal",
    "kl_normal_diag",
    "kl_poisson",
    "kl_terms",
    "log_loss_decomposition",
    "log_score",
    "mutual_information",
    "normalize",
    "perplexity",
    "pinsker",
    "population_stability_index",
    "reverse_pinsker",
    "to_bits",
    "to_nats",
    "total_variation",
    "total_variation_bounds",
    "wasserstein_distance",
]
