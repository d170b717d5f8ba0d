"""Inference: what follows from the measures where there are data, models and decisions.

Divergences are in nats, with arguments in the order (p, q) = (truth, model). Every name is offered
here, as in `from klteach.inference import chain_rule`, and its module is loaded when it is asked
for. Where to look:

    sequences       tables, Markov chains and texts: how divergences add up
    channels        what a summary or a noisy channel leaves of a distribution
    information     Fisher information: the divergence seen close up
    testing         how fast two hypotheses can be told apart
    fitting         the best normal distribution and the best temperature
    estimators      the divergence from samples alone
    critics         lower bounds from a critic, a function that tells samples of p from those of q
    policies        what a reward makes of a reference policy

Underneath: `reading` refuses bad input, with the words of the measures.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from klteach.inference.channels import push_forward
    from klteach.inference.critics import donsker_varadhan, info_nce, nwj
    from klteach.inference.estimators import (
        k1,
        k2,
        k3,
        nearest_neighbour_kl,
        plug_in_bias,
        plug_in_kl,
    )
    from klteach.inference.fitting import (
        fit_normal_forward,
        fit_normal_reverse,
        fit_temperature,
    )
    from klteach.inference.information import (
        fisher_information_bernoulli,
        fisher_information_normal,
        fisher_information_poisson,
    )
    from klteach.inference.policies import best_of_n, best_of_n_bound, tilted_policy
    from klteach.inference.sequences import (
        chain_rule,
        markov_kl_rate,
        sequence_log_ratio,
        stationary_distribution,
    )
    from klteach.inference.testing import chernoff_information

__all__ = [
    "best_of_n",
    "best_of_n_bound",
    "chain_rule",
    "chernoff_information",
    "donsker_varadhan",
    "fisher_information_bernoulli",
    "fisher_information_normal",
    "fisher_information_poisson",
    "fit_normal_forward",
    "fit_normal_reverse",
    "fit_temperature",
    "info_nce",
    "k1",
    "k2",
    "k3",
    "markov_kl_rate",
    "nearest_neighbour_kl",
    "nwj",
    "plug_in_bias",
    "plug_in_kl",
    "push_forward",
    "sequence_log_ratio",
    "stationary_distribution",
    "tilted_policy",
]

_MODULES = {
    "best_of_n": "policies",
    "best_of_n_bound": "policies",
    "chain_rule": "sequences",
    "chernoff_information": "testing",
    "donsker_varadhan": "critics",
    "fisher_information_bernoulli": "information",
    "fisher_information_normal": "information",
    "fisher_information_poisson": "information",
    "fit_normal_forward": "fitting",
    "fit_normal_reverse": "fitting",
    "fit_temperature": "fitting",
    "info_nce": "critics",
    "k1": "estimators",
    "k2": "estimators",
    "k3": "estimators",
    "markov_kl_rate": "sequences",
    "nearest_neighbour_kl": "estimators",
    "nwj": "critics",
    "plug_in_bias": "estimators",
    "plug_in_kl": "estimators",
    "push_forward": "channels",
    "sequence_log_ratio": "sequences",
    "stationary_distribution": "sequences",
    "tilted_policy": "policies",
}


def __getattr__(name: str):
    """A name of `__all__`, from the module where it stands."""
    if name not in _MODULES:
        raise AttributeError(f"module 'klteach.inference' has no attribute {name!r}")
    return getattr(importlib.import_module(f"klteach.inference.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
