"""The students of lesson 21 once more, without its code: to the minimum, by SciPy's L-BFGS."""

from functools import cache

import numpy as np
from scipy import optimize, special

from klteach.data import digit_teacher, digits

LABELS = digits().labels
LOGITS = digit_teacher()
P = special.softmax(LOGITS, axis=1)
LOG_P = special.log_softmax(LOGITS, axis=1)
SPARE, UNSEEN = slice(900, 1200), slice(1200, 1797)


def with_a_constant(columns):
    return np.hstack([columns, np.ones((len(columns), 1))])


PIXELS = with_a_constant(digits().images.reshape(1797, 64) / 16)


@cache
def quarters():
    """The mean ink of the four quarters, cut out one by one."""
    images = digits().images / 16
    parts = [images[:, a : a + 4, b : b + 4] for a in (0, 4) for b in (0, 4)]
    return with_a_constant(np.stack([part.mean(axis=(1, 2)) for part in parts], axis=1))


def least(inputs, loss, decay, start=None):
    """The weights of the least mean loss and decay; loss(logits) gives (mean, its gradient)."""

    def objective(flat):
        weights = flat.reshape(-1, 10)
        value, gradient = loss(inputs @ weights)
        gradient = inputs.T @ gradient + decay * weights
        return value + decay / 2 * (weights**2).sum(), gradient.ravel()

    start = np.zeros(inputs.shape[1] * 10) if start is None else start
    options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-9}
    found = optimize.minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    return found.x.reshape(-1, 10)


def softened(target, temperature):
    """T² times the cross-entropy to the target, and its gradient."""

    def loss(z):
        log_q = special.log_softmax(z / temperature, axis=1)
        value = -(temperature**2) * (target * log_q).sum(axis=1).mean()
        return value, temperature * (np.exp(log_q) - target) / len(z)

    return loss


def reverse(log_p):
    """KL(student‖teacher), and its gradient: q (log(q/p) - KL), row by row."""

    def loss(z):
        log_q = special.log_softmax(z, axis=1)
        q = np.exp(log_q)
        kl = (q * (log_q - log_p)).sum(axis=1, keepdims=True)
        return kl.mean(), q * (log_q - log_p - kl) / len(z)

    return loss


def right(z):
    return 100 * np.mean(z.argmax(axis=1) == LABELS[UNSEEN])


@cache
def distilled(images):
    """The mean share of unseen digits that are right: labels, evenly, T = 1, T = 4."""
    random, found = np.random.default_rng(21), []
    for _ in range(10):
        rows = random.choice(np.arange(900, 1200), images, replace=False)
        soft = special.softmax(LOGITS[rows] / 4, axis=1)
        first = soft.argmax(axis=1)
        evenly = np.empty_like(soft)
        for i, place in enumerate(first):
            evenly[i] = (1 - soft[i, place]) / 9
            evenly[i, place] = soft[i, place]
        targets = (
            (np.eye(10)[LABELS[rows]], 1.0),
            (evenly, 4.0),
            (P[rows], 1.0),
            (soft, 4.0),
        )
        found.append(
            [right(PIXELS[UNSEEN] @ least(PIXELS[rows], softened(p, T), 0.003)) for p, T in targets]
        )
    return np.mean(found, axis=0)


@cache
def starved(way, rows=300):
    """The shares that a student gives to all images by their quarters."""
    inputs, spare = quarters()[900 : 900 + rows], slice(900, 900 + rows)
    loss = softened(P[spare], 1.0) if way == "forward" else reverse(LOG_P[spare])
    return special.softmax(quarters() @ least(inputs, loss, 0.001), axis=1)


def outside(student, teacher, k):
    """The student's mass outside the teacher's k first choices, mean over the rows."""
    masses = [
        sum(q for q, _ in sorted(zip(s, t, strict=True), key=lambda pair: -pair[1])[k:])
        for s, t in zip(student.tolist(), teacher.tolist(), strict=True)
    ]
    return float(np.mean(masses))


@cache
def forgetting():
    """The simulation once more: (right on the head twice, two divergences)."""
    random, share = np.random.default_rng(25), 1 / np.arange(1, 201)
    share = share / share.sum()
    asked = random.choice(200, 20_000, p=share)

    def answers(known):
        slip = random.choice(200, 20_000, p=share)
        answer = np.where(random.random(20_000) < 0.95, asked, slip)
        guess = random.choice(known, 20_000, p=share[:known] / share[:known].sum())
        return np.where(answer < known, answer, guess)

    old, new = answers(200), answers(150)
    head = [np.mean((side == asked)[asked < 20]) for side in (old, new)]
    then, now = (np.bincount(side, minlength=200) for side in (old, new))
    return *head, kl_of_counts(now, then), kl_of_counts(then, now)


def kl_of_counts(first, second):
    p, q = np.asarray(first) + 0.5, np.asarray(second) + 0.5
    return special.rel_entr(p / p.sum(), q / q.sum()).sum()
