"""Answers to the questions of unit 07: right in other words, and wrong."""

import math

import numpy as np
from scipy import special, stats

# E1


def by_the_difference(p, q):
    """The second part as what is left of the whole."""
    first = special.rel_entr(p.sum(axis=1), q.sum(axis=1)).sum()
    return [first, special.rel_entr(p, q).sum() - first]


def by_loops(p, q):
    first = second = 0.0
    for row_p, row_q in zip(p, q, strict=True):
        a, b = sum(row_p), sum(row_q)
        first += a * math.log(a / b)
        for x, y in zip(row_p, row_q, strict=True):
            if x > 0:
                second += math.inf if y == 0 else x * math.log((x / a) / (y / b))
    return first, second


def by_scipy(p, q):
    """`stats.entropy` divides by the sum of each row itself."""
    rows = np.array([stats.entropy(a, b) for a, b in zip(p, q, strict=True)])
    return np.array([stats.entropy(p.sum(1), q.sum(1)), p.sum(1) @ rows])


# E2


def by_eigenvector(p, q):
    values, vectors = np.linalg.eig(p.T)
    law = np.real(vectors[:, np.argmax(np.real(values))])
    law = law / law.sum()
    return law @ special.rel_entr(p, q).sum(axis=1)


def by_powers(p, q):
    return np.linalg.matrix_power(p, 300)[0] @ special.rel_entr(p, q).sum(axis=1)


def by_equations(p, q):
    equations = (p - np.eye(len(p))).T
    equations[-1] = 1.0
    law = np.linalg.solve(equations, np.eye(len(p))[-1])
    return (law[:, None] * special.rel_entr(p, q)).sum()


def by_pairs(p, q):
    """KL of pairs less KL of single states, when the pair's first state follows P's law twice."""
    law = np.linalg.matrix_power(p, 300)[0][:, None]
    return special.rel_entr(law * p, law * q).sum()


# E3


def by_indices(tokens, log_p, log_q, mask):
    at = np.flatnonzero(mask)[1:]
    return np.sum(log_p[at - 1, tokens[at]]) - np.sum(log_q[at - 1, tokens[at]])


def by_take_along(tokens, log_p, log_q, mask):
    ratios = np.take_along_axis((log_p - log_q)[:-1], tokens[1:, None], axis=1).ravel()
    return float((ratios * mask[1:]).sum())


def cut_to_length(tokens, log_p, log_q, mask):
    n = int(mask.sum())
    return sum(log_p[t][tokens[t + 1]] - log_q[t][tokens[t + 1]] for t in range(n - 1))


def one_hot(tokens, log_p, log_q, mask):
    came = np.eye(log_p.shape[1])[tokens[1:]] * mask[1:, None]
    return np.sum(came * (log_p - log_q)[:-1])


def in_bits(losses, tokens):
    return 2 ** (np.average(losses, weights=tokens) / math.log(2))


RIGHT_FORMS = {
    "both_parts": {
        "difference": by_the_difference,
        "loops": by_loops,
        "scipy": by_scipy,
    },
    "kl_rate": {
        "eigenvector": by_eigenvector,
        "powers": by_powers,
        "equations": by_equations,
        "pairs": by_pairs,
    },
    "text_log_ratio": {
        "indices": by_indices,
        "take along": by_take_along,
        "cut to length": cut_to_length,
        "one-hot": one_hot,
    },
    "joint_perplexity": {
        "average": lambda losses, tokens: np.exp(np.average(losses, weights=tokens)),
        "dot": lambda losses, tokens: math.exp(losses @ tokens / tokens.sum()),
        "product": lambda losses, tokens: np.prod(np.exp(losses) ** (tokens / tokens.sum())),
        "bits": in_bits,
        "repeated": lambda losses, tokens: np.exp(np.repeat(losses, tokens).mean()),
    },
}

SINGLE_PRECISION = {
    "both_parts": lambda p, q: by_scipy(np.float32(p), np.float32(q)),
    "kl_rate": lambda p, q: by_powers(np.float32(p), np.float32(q)),
    "text_log_ratio": lambda t, p, q, m: by_indices(t, np.float32(p), np.float32(q), m),
    "joint_perplexity": lambda losses, tokens: np.exp(
        np.float32(losses) @ np.float32(tokens) / np.float32(tokens.sum())
    ),
}

_SECOND = "np.sum(row_p * given_row)"
_LAW = "law * rel_entr(p, q).sum(axis=1)"
_SCORE = "log_p[t - 1, tokens[t]] - log_q[t - 1, tokens[t]]"
_MEAN = "np.exp(np.sum(losses * tokens) / np.sum(tokens))"

# the question, what is replaced in its solution, by what, and what is recognised
TYPED_MISTAKES = [
    ("both_parts", "row_p * given_row", "row_q * given_row", "rows weighted by q"),
    ("both_parts", _SECOND, "np.sum(given_row)", "rows not weighted"),
    ("both_parts", _SECOND, "np.mean(given_row)", "rows not weighted"),
    ("both_parts", "row_p * given_row", "row_p**2 * given_row", "weighted twice"),
    ("both_parts", _SECOND, "rel_entr(p, q).sum()", "whole for the second"),
    ("both_parts", "rel_entr(row_p, row_q).sum(),", "rel_entr(p, q).sum(),", "whole for the first"),
    ("both_parts", _SECOND, "rel_entr(p.sum(axis=0), q.sum(axis=0)).sum()", "column by itself"),
    ("both_parts", "rel_entr(row_p, row_q)", "rel_entr(row_q, row_p)", "one part swapped"),
    ("both_parts", _SECOND, "0", "first part alone"),
    (
        "both_parts",
        _SECOND,
        "rel_entr(row_p, row_q).sum() - rel_entr(p, q).sum()",
        "subtracted the wrong way",
    ),
    (
        "both_parts",
        "rel_entr(row_p, row_q).sum(), np.sum(row_p * given_row)",
        "np.sum(row_p * given_row), rel_entr(row_p, row_q).sum()",
        "other way round",
    ),
    ("kl_rate", "law = law @ p", "law = law @ q", "stationary law of q"),
    ("kl_rate", "range(200)", "range(0)", "every state the same"),
    ("kl_rate", "range(200)", "range(1)", "one step from anywhere"),
    ("kl_rate", f"np.sum({_LAW})", "np.sum(rel_entr(p, q))", "rows added up"),
    ("kl_rate", f"np.sum({_LAW})", "rel_entr(p, q).sum(axis=1)[0]", "first state alone"),
    ("kl_rate", "rel_entr(p, q)", "rel_entr(q, p)", "swapped"),
    ("text_log_ratio", "return total", "return total / sum(mask[1:])", "mean for sum"),
    ("text_log_ratio", "return total", "return total / sum(mask)", "mean over the row"),
    ("text_log_ratio", "mask[t] == 1", "True", "padding counted"),
    ("text_log_ratio", "mask[t] == 1", "mask[t - 1] == 1", "mask not shifted"),
    ("text_log_ratio", "mask[t] == 1", "tokens[t] != 0", "mask from the token"),
    ("text_log_ratio", _SCORE, "log_p[t, tokens[t]] - log_q[t, tokens[t]]", "not shifted"),
    (
        "text_log_ratio",
        _SCORE,
        "log_p[t, tokens[t - 1]] - log_q[t, tokens[t - 1]]",
        "shifted the wrong way",
    ),
    ("text_log_ratio", _SCORE, "log_p[t - 1, tokens[t]]", "one model alone"),
    ("text_log_ratio", "return total", "return -total", "swapped"),
    ("text_log_ratio", "return total", "return np.exp(total)", "ratio"),
    ("joint_perplexity", _MEAN, "np.mean(np.exp(losses))", "mean of perplexities"),
    ("joint_perplexity", _MEAN, "np.exp(np.mean(losses))", "batches weighted alike"),
    (
        "joint_perplexity",
        _MEAN,
        "np.average(np.exp(losses), weights=tokens)",
        "weighted mean of perplexities",
    ),
    ("joint_perplexity", "np.exp(", "np.exp2(", "power of 2"),
    ("joint_perplexity", "losses * tokens", "losses", "losses taken for sums"),
    ("joint_perplexity", _MEAN, "np.exp(np.sum(losses))", "sum of losses"),
]

# a step more changes no law, p and q have as many states, and log_p as many rows as tokens
EQUIVALENT_MUTANTS = {
    "kl_rate": {"range(201)", "np.full(len(q)", "1 / len(q))"},
    "text_log_ratio": {"range(1, len(log_p))"},
}
