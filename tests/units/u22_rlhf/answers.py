"""Answers to the questions of unit 22: right in other words, and wrong."""

import math

import numpy as np
from scipy import optimize, special, stats


def maximised(ref, reward, beta):
    """The best policy, from the condition that all marginal gains are equal: one root."""
    logs = np.log(np.where(ref > 0, ref, 1.0)) + reward / beta
    logs = logs[ref > 0] - logs[ref > 0].max()
    level = optimize.brentq(lambda c: np.exp(logs - c).sum() - 1, -1, math.log(len(ref)) + 1)
    found = np.zeros(len(ref))
    found[ref > 0] = np.exp(logs - level)
    return found / found.sum()


def against_the_first(ref, reward, beta):
    """Odds against the best answer that ref gives."""
    best = max(range(len(ref)), key=lambda x: reward[x] if ref[x] > 0 else -np.inf)
    odds = [
        r / ref[best] * math.exp((gain - reward[best]) / beta) if r > 0 else 0.0
        for r, gain in zip(ref, reward, strict=True)
    ]
    return [each / sum(odds) for each in odds]


def by_differences(logits, ref, step=1e-5):
    held = special.softmax(logits)
    rows = []
    for k in (lambda d: d, lambda d: d**2 / 2, lambda d: np.exp(-d) - 1 + d):
        row = []
        for place in range(len(logits)):
            ends = []
            for sign in (1, -1):
                moved = logits.copy()
                moved[place] += sign * step
                ends.append(held @ k(special.log_softmax(moved) - np.log(ref)))
            row.append((ends[0] - ends[1]) / (2 * step))
        rows.append(row)
    return rows


def closed_forms(logits, ref):
    p = special.softmax(logits)
    d = np.log(p) - np.log(ref)
    return [np.zeros(len(p)), p * (d - np.sum(p * d)), p - ref]


def by_enumeration(ref, reward, n):
    """All pairs, triples, ... of draws, where there are few; else from the law of the maximum."""
    if len(ref) ** n > 5000:
        return from_above(ref, reward, n)
    best = np.zeros(len(ref))
    for draws in np.ndindex(*[len(ref)] * int(n)):
        best[max(draws, key=lambda x: reward[x])] += np.prod(ref[list(draws)])
    return stats.entropy(best, ref)


def from_above(ref, reward, n):
    total = 0.0
    for x in range(len(ref)):
        at_most = ref[reward <= reward[x]].sum()
        share = at_most**n - (at_most - ref[x]) ** n
        total += share * np.log(share / ref[x])
    return total


def added_up(ref, reward, n):
    ref = ref[np.argsort(reward)]
    best = np.diff(np.cumsum(ref) ** n, prepend=np.float32(0))
    return np.sum(best * np.log(best / ref))


def by_factor(ref, reward, n):
    order = np.argsort(-reward)
    up_to = 1 - np.cumsum(ref[order]) + ref[order]
    best = up_to**n * -np.expm1(n * np.log1p(-np.minimum(ref[order] / up_to, 1 - 1e-16)))
    return special.rel_entr(best, ref[order]).sum()


def looped(log_policy, log_ref, mask, beta):
    answers = []
    for of_policy, of_ref, real in zip(log_policy, log_ref, mask, strict=True):
        answers.append(sum(a - b for a, b, r in zip(of_policy, of_ref, real, strict=True) if r))
    return beta * sum(answers) / len(answers)


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "tilted_policy": {
        "softmax": lambda ref, reward, beta: (
            special.softmax(special.log1p(ref - 1) + reward / beta)
            if (ref > 0).all()
            else against_the_first(ref, reward, beta)
        ),
        "one root": maximised,
        "odds against the best": against_the_first,
    },
    "loss_gradients": {
        "central differences": by_differences,
        "closed forms": closed_forms,
    },
    "best_of_n_kl": {
        "enumeration": by_enumeration,
        "one answer after the other": from_above,
        "from the top": by_factor,
    },
    "batch_penalty": {
        "loops": looped,
        "einsum": lambda a, b, m, beta: beta * np.einsum("ij,ij->", a - b, m) / len(m),
        "masked array": lambda a, b, m, beta: (
            beta * float(np.ma.masked_array(a - b, mask=1 - m).sum(axis=1).mean())
        ),
    },
}

SINGLE_PRECISION = {
    "tilted_policy": lambda ref, reward, beta: np.float32(against_the_first(ref, reward, beta)),
    "loss_gradients": closed_forms,
    "best_of_n_kl": added_up,
    "batch_penalty": lambda a, b, m, beta: beta * np.sum((a - b) * m, axis=1).mean(),
}

# the question, what is replaced in its solution, by what, and what is recognised
TYPED_MISTAKES = [
    ("tilted_policy", "reward / beta", "reward * beta", "times beta"),
    ("tilted_policy", "reward / beta", "reward", "beta not used"),
    ("tilted_policy", "np.log(ref) + reward", "reward", "reference forgotten"),
    ("tilted_policy", "np.log(ref) + reward", "ref + reward", "logarithm of ref missing"),
    ("tilted_policy", "np.log(ref) + reward", "np.log(ref) - reward", "sign"),
    ("tilted_policy", "np.log(ref) + reward / beta", "(np.log(ref) + reward) / beta",
     "reference tempered"),
    ("tilted_policy", "return weights / np.sum(weights)", "return ref * np.exp(reward / beta)",
     "not normalised"),
    ("tilted_policy", "return weights / np.sum(weights)",
     "return ref * reward / np.sum(ref * reward)", "reward as a factor"),
    ("loss_gradients", "np.ones(len(policy)), d, 1 - ref / policy",
     "1 + d, d + d**2 / 2, ref / policy - 1 + d + 1 - ref / policy", "through the weights"),
    ("loss_gradients", "np.ones(len(policy)), d, 1 - ref / policy",
     "d, d**2 / 2, ref / policy - 1 + d", "in the reward"),
    ("loss_gradients", "(policy * slope) @ score", "slope @ score", "every outcome once"),
    ("loss_gradients", "(policy * slope) @ score", "(ref * slope) @ score", "weighted by ref"),
    ("loss_gradients", "(policy * slope) @ score", "policy * slope", "in the log-probabilities"),
    ("loss_gradients", "(policy * slope) @ score", "slope", "in the probabilities"),
    ("loss_gradients", "1 - ref / policy]", "policy / ref - 1]", "upside down"),
    ("loss_gradients", "len(policy)), d,", "len(policy)), 2 * d,", "half missing in k2"),
    ("best_of_n_kl", "ref = ref[np.argsort(reward)]", "pass", "rewards not used"),
    ("best_of_n_kl", "np.argsort(reward)", "np.argsort(-reward)", "worst of n"),
    ("best_of_n_kl", "return np.sum(best * np.log(best / ref))",
     "return np.log(n) - (n - 1) / n", "bound taken for the value"),
    ("best_of_n_kl", "best * np.log(best / ref)", "best * np.log2(best / ref)", "bits"),
    ("best_of_n_kl", "best * np.log(best / ref)", "ref * np.log(ref / best)", "other direction"),
    ("best_of_n_kl", "best * np.log(best / ref)", "ref * np.log(best / ref)", "weighted by ref"),
    ("batch_penalty", "np.sum((log_policy - log_ref) * mask, axis=1)",
     "np.sum(log_policy - log_ref, axis=1)", "padding counted"),
    ("batch_penalty", "np.mean(per_answer)", "np.sum(per_answer)", "summed over answers"),
    ("batch_penalty", "np.mean(per_answer)", "np.sum(per_answer) / mask.sum()",
     "mean over tokens"),
    ("batch_penalty", "np.mean(per_answer)", "np.mean(per_answer / mask.sum(axis=1))",
     "mean of the means"),
    ("batch_penalty", "log_policy - log_ref", "log_ref - log_policy", "upside down"),
    ("batch_penalty", "beta * np.mean", "np.mean", "beta missing"),
]  # fmt: skip

# A constant in the slopes adds nothing: the score averages to 0 under the policy.
EQUIVALENT_MUTANTS = {"loss_gradients": {"2 - ref / policy"}}
