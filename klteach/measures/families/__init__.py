"""Closed forms: the divergence between two members of one family, from their parameters alone.

One file for each kind of family. Every form is written as a sum of gaps between the logarithm and
its tangent (`logarithms`), none of which is negative, so that no result is below zero, equal
parameters give exactly 0, and nearly equal ones keep their digits.
"""

from klteach.measures.families.dirichlet import kl_beta, kl_dirichlet
from klteach.measures.families.discrete import kl_bernoulli, kl_categorical, kl_poisson
from klteach.measures.families.gamma import kl_exponential, kl_gamma
from klteach.measures.families.multivariate_normal import kl_mvn
from klteach.measures.families.normal import kl_normal, kl_normal_diag

__all__ = [
    "kl_bernoulli",
    "kl_beta",
    "kl_categorical",
    "kl_dirichlet",
    "kl_exponential",
    "kl_gamma",
    "kl_mvn",
    "kl_normal",
    "kl_normal_diag",
    "kl_poisson",
]
