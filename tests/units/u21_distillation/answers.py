"""Answers to the questions of unit 21: right in other words, and wrong."""

import numpy as np
from scipy import special


def row_by_row(teacher, student, temperature):
    total = 0.0
    for t, s in zip(teacher / temperature, student / temperature, strict=True):
        log_p, log_q = t - special.logsumexp(t), s - special.logsumexp(s)
        total += float(np.exp(log_p) @ (log_p - log_q))
    return temperature**2 * total / len(teacher)


def by_the_normalisers(teacher, student, temperature):
    """KL of two softmaxes: the mean difference of their logits, and of their normalisers."""
    t, s = teacher / temperature, student / temperature
    p = special.softmax(t, axis=1)
    kl = (p * (t - s)).sum(axis=1) - special.logsumexp(t, axis=1) + special.logsumexp(s, axis=1)
    return temperature**2 * kl.mean()


def cross_entropy_less_entropy(teacher, student, temperature):
    p = special.softmax(teacher / temperature, axis=1)
    log_q = special.log_softmax(student / temperature, axis=1)
    log_p = special.log_softmax(teacher / temperature, axis=1)
    return temperature**2 * (-(p * log_q).sum() + (p * log_p).sum()) / len(teacher)


def subtracting_the_largest(teacher, student, temperature):
    logs = []
    for logits in (teacher, student):
        z = logits / temperature
        z = z - z.max(axis=-1, keepdims=True)
        logs.append(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)))
    return np.mean(temperature**2 * np.sum(np.exp(logs[0]) * (logs[0] - logs[1]), axis=-1))


def differences(teacher, student, temperature):
    def kl(logits):
        log_p = special.log_softmax(teacher / temperature)
        return np.exp(log_p) @ (log_p - special.log_softmax(logits / temperature))

    steps = 1e-4 * np.eye(len(student))
    return [(kl(student + step) - kl(student - step)) / 2e-4 for step in steps]


def by_hand(teacher, student, temperature):
    p, q = np.exp(teacher / temperature), np.exp(student / temperature)
    return (q / q.sum() - p / p.sum()) / temperature


def through_the_jacobian(teacher, student, temperature):
    p = special.softmax(teacher / temperature)
    q = special.softmax(student / temperature)
    jacobian = (np.diag(q) - np.outer(q, q)) / temperature
    return jacobian @ (-p / q)


def sorted_pairs(teacher, student, k):
    total = 0.0
    for t, s in zip(teacher, student, strict=True):
        pairs = sorted(zip(t, s, strict=True), reverse=True)
        total += sum(share for _, share in pairs[k:])
    return total / len(teacher)


def by_partition(teacher, student, k):
    inside = np.argpartition(-teacher, k - 1, axis=1)[:, :k]
    return 1 - np.take_along_axis(student, inside, axis=1).sum(axis=1).mean()


def by_rank(teacher, student, k):
    rank = (-teacher).argsort(axis=1).argsort(axis=1)
    return np.where(rank >= k, student, 0).sum() / len(student)


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "distillation_loss": {
        "row by row": row_by_row,
        "by the normalisers": by_the_normalisers,
        "cross-entropy less entropy": cross_entropy_less_entropy,
        "subtracting the largest": subtracting_the_largest,
    },
    "distillation_gradient": {
        "central differences": differences,
        "by hand": by_hand,
        "through the jacobian": through_the_jacobian,
        "list": lambda t, s, T: by_hand(t, s, T).tolist(),
    },
    "mass_outside": {
        "sorted pairs": sorted_pairs,
        "partition": by_partition,
        "rank": by_rank,
    },
}

SINGLE_PRECISION = {
    "distillation_gradient": lambda t, s, T: (
        (special.softmax(s / T) - special.softmax(t / T)) / np.float32(T)
    ),
    "mass_outside": sorted_pairs,
}

# the question, what is replaced in its solution, by what, and what is recognised
TYPED_MISTAKES = [
    ("distillation_loss", "temperature**2 * kl.mean()", "kl.mean()", "no t squared"),
    ("distillation_loss", "temperature**2 * kl", "temperature * kl", "t for t squared"),
    ("distillation_loss", "student / temperature", "student", "teacher alone softened"),
    ("distillation_loss", "teacher / temperature", "teacher", "student alone softened"),
    (
        "distillation_loss",
        "np.exp(log_p) * (log_p - log_q)",
        "np.exp(log_q) * (log_q - log_p)",
        "reversed",
    ),
    ("distillation_loss", "kl.mean()", "kl.sum()", "sum over rows"),
    ("distillation_loss", ".sum(axis=1)", "", "mean over all entries"),
    ("distillation_loss", "(log_p - log_q)", "-log_q", "cross-entropy"),
    ("distillation_loss", ", axis=1)\n", ", axis=0)\n", "softmax down the columns"),
    ("distillation_loss", ", axis=1)\n", ")\n", "softmax of the whole table"),
    ("distillation_gradient", ") / temperature\n", ")\n", "1/t forgotten"),
    ("distillation_gradient", "return (", "return -(", "sign"),
    ("distillation_gradient", ") / temperature\n", ") * temperature\n", "times t squared"),
    ("distillation_gradient", ") / temperature\n", ") / temperature**2\n", "1/t squared"),
    ("distillation_gradient", "student / temperature", "student", "teacher alone softened"),
    ("distillation_gradient", "teacher / temperature", "teacher", "student alone softened"),
    ("mass_outside", "order[:, k:]", "order[:, :k]", "inside"),
    ("mass_outside", "argsort(-teacher", "argsort(-student", "the student's own choices"),
    ("mass_outside", "(student, order", "(teacher, order", "the teacher's mass"),
    ("mass_outside", "argsort(-teacher", "argsort(teacher", "the smallest ones"),
    ("mass_outside", ".sum(axis=1).mean()", ".sum()", "sum over rows"),
    ("mass_outside", "order[:, k:]", "order[:, k + 1 :]", "one too many"),
    ("mass_outside", ".sum(axis=1).mean()", ".mean()", "mean over classes"),
]
