"""The questions of unit 05: equal both ways, both ways together, and which way a phrase goes."""

import numpy as np

from klteach.measures import (
    cross_entropy,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    to_bits,
    total_variation,
)
from klteach.practice.common_mistakes import SMALL_NUMBERS, terms
from klteach.practice.inputs import (
    dirichlet_pairs,
    equal_pair,
    tiny_mass,
    zero_in_both,
    zero_in_p,
    zero_in_q,
)
from klteach.practice.question import Case, Mistake, Question, case
from klteach.practice.returns import ARRAY, choices

LESSON = "05_two_directions"


def unfair_coins(random: np.random.Generator) -> list[Case]:
    """Coins that show one side more than 55 times in 100, heads or tails."""
    rarer = [*random.uniform(0.01, 0.44, size=4), 0.449, 0.001]
    return [case([x, 1 - x] if odd % 2 else [1 - x, x]) for odd, x in enumerate(rarer)]


def mirrored(p):
    return p[::-1]


SMALLEST_STEP = 0.1  # of the probability of heads
SAME = 1e-5  # relative; what a search leaves over, or single precision


def judge_partner(p, q):
    """None for another coin, clearly apart from p, that costs the same in both directions."""
    allowed = 1e-6 if q.dtype == np.float32 else 1e-9
    q = q.astype(float)
    if not np.isfinite(q).all() or (q < 0).any():
        return "no distribution", (
            "That is no coin: two probabilities are needed, and a probability is not below 0."
        )
    if abs(q.sum() - 1) > allowed:
        return "no distribution", (
            f"That is no coin: its two probabilities add up to {q.sum():.6g}, not to 1."
        )
    q = q / q.sum()
    apart = total_variation(p, q)
    if apart < 1e-9:
        return "p itself", "That is p itself: equal both ways, but nothing apart."
    if apart <= SMALLEST_STEP:
        return "too near", (
            f"Equal or not, q is too near: the two coins differ by {apart:.3g} in the probability "
            f"of heads, and the question wants more than {SMALLEST_STEP}. Close to p the two "
            "directions nearly agree."
        )
    forward, reverse = kl_divergence(p, q), kl_divergence(q, p)
    gap = abs(forward - reverse)
    if np.isfinite(gap) and gap <= SAME * max(forward, reverse):
        return None
    found = f"Not equal: KL(p‖q) = {forward:.6g} and KL(q‖p) = {reverse:.6g}"
    if np.isfinite(gap) and gap <= 0.01 * max(forward, reverse):
        return "nearly equal", (
            f"{found} differ by {gap:.2g}, and up to {SAME * max(forward, reverse):.2g} is "
            "allowed. Near, but there is an exact answer, and it needs no search."
        )
    return "not equal", (
        f"{found}. In the explorer, where do the two bars have the same length, other than on "
        "P = Q?"
    )


BALANCED_PARTNER = Question(
    "balanced_partner",
    points=2,
    reference=mirrored,
    returns=ARRAY,
    judge=judge_partner,
    may_call_klteach=True,
    visible=[
        case([0.7, 0.3], label="heads seven times in ten"),
        case([0.2, 0.8], label="heads twice in ten"),
        case([0.95, 0.05], label="nearly always heads"),
    ],
    inputs=[unfair_coins],
    mistakes=[
        Mistake(
            "p itself",
            lambda p: p.copy(),
            "You gave p back. It is equal both ways, since both are 0, but it is no other coin.",
        ),
        Mistake(
            "a fair coin",
            lambda p: np.array([0.5, 0.5]),
            "The fair coin is the half-way house and no mirror image. p is nearer to certain than "
            "it is, so believing p costs more.",
        ),
        Mistake(
            "a fixed coin",
            (lambda p: np.array([0.3, 0.7]), lambda p: np.array([0.7, 0.3])),
            "This is one and the same coin for every p. The partner of p must be made from p.",
        ),
        Mistake(
            "sorted",
            (lambda p: np.sort(p), lambda p: np.sort(p)[::-1]),
            "You sorted. That turns the two sides round for some coins and leaves the others as "
            "they are. Turn them round whatever their order.",
        ),
        Mistake(
            "nudged",
            lambda p: p + np.array([1e-5, -1e-5]),
            "You moved p by a hair. The directions agree there, but only because nothing is apart: "
            "the other solution is far away.",
        ),
        Mistake(
            "half-way",
            lambda p: (p + 0.5) / 2,
            "You mixed p with a fair coin. That is nearer to fair than p is, so the two directions "
            "cannot be equal: which other coin is as far from fair as p?",
        ),
        Mistake(
            "squared",
            lambda p: p**2 / np.sum(p**2),
            "You squared and renormalised: a coin on the same side, nearer to certain. Which other "
            "coin is exactly as near to certain as p?",
        ),
        Mistake(
            "square root",
            lambda p: np.sqrt(p) / np.sum(np.sqrt(p)),
            "You took roots and renormalised: a coin on the same side, nearer to fair. Which other "
            "coin is exactly as far from fair as p?",
        ),
        Mistake(
            "not normalised",
            (lambda p: p / 2, lambda p: 2 * p, lambda p: 1 / p, lambda p: p + 0.2),
            "The two numbers no longer add up to 1, so this is no coin. What one side gains, the "
            "other must lose.",
        ),
        Mistake(
            "sign",
            lambda p: -p[::-1],
            "Probabilities came out negative. It is 1 - p that is wanted and not -p.",
        ),
        Mistake(
            "a sure coin",
            (lambda p: np.array([1.0, 0.0]), lambda p: np.array([0.0, 1.0])),
            "A sure coin says never to something that p does: KL(p‖q) is infinite and KL(q‖p) is "
            "not.",
        ),
    ],
    hints=[
        "In the explorer, which line of the square other than P = Q has two equal bars?",
        "q(heads) = 1 - p(heads), which is p(tails)",
        "`return p[::-1]`",
    ],
    insight="Mirror images cost the same both ways: swapping heads and tails turns one sum into "
    "the other. For coins there is no second solution.",
    lesson=LESSON,
    section="Explore",
)


def both_ways(p, q):
    """(p - q) log(p/q), outcome by outcome: inf where one of the two is 0, 0 where both are."""
    return terms(p, q) + terms(q, p)


LARGEST = np.finfo(float).max  # what `np.nan_to_num` puts in the place of infinity


def _log_ratio(p, q):
    """log(p/q), and 0 for an outcome that both rule out."""
    both_zero = (p == 0) & (q == 0)
    return np.log(np.where(both_zero, 1, p)) - np.log(np.where(both_zero, 1, q))


def _harmonic(a, b):
    if np.isinf(a) or np.isinf(b):
        return min(a, b)
    return a * b / (a + b) if a + b > 0 else 0.0


def padded(p, q, small):
    """What becomes of Jeffreys' divergence with a small number, in each of the usual places."""
    floor_p, floor_q = np.maximum(p, small), np.maximum(q, small)
    filled_p, filled_q = np.where(p == 0, small, p), np.where(q == 0, small, q)
    return (
        np.sum((p - q) * np.log((p + small) / (q + small))),
        np.sum(terms(p, q + small) + terms(q, p + small)),
        np.sum((p - q) * np.log(floor_p / floor_q)),
        np.sum((floor_p - floor_q) * np.log(floor_p / floor_q)),
        np.sum((filled_p - filled_q) * np.log(filled_p / filled_q)),
    )


JEFFREYS = Question(
    "jeffreys",
    points=2,
    reference=jeffreys_divergence,
    unit="nats",
    where_p_is_zero="An outcome that both rule out adds 0; where only one of the two is 0, the "
    "answer is infinite.",
    visible=[
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]),
        case([0.5, 0.5], [0.9, 0.1], label="a fair coin and a 90/10 coin"),
        case([0.2, 0.8], [0.2, 0.8], label="a right model"),
    ],
    inputs=[dirichlet_pairs(), zero_in_p, zero_in_both, zero_in_q, tiny_mass, equal_pair],
    mistakes=[
        Mistake(
            "half of it",
            lambda p, q: jeffreys_divergence(p, q) / 2,
            "This is J/2, and not JS either: the mean of the two directions. Jeffreys is their "
            "sum.",
        ),
        Mistake(
            "jensen-shannon",
            (js_divergence, lambda p, q: 2 * js_divergence(p, q)),
            "You compared p and q with their middle: that is Jensen-Shannon, which is always "
            "finite. Jeffreys compares them with each other, both ways.",
        ),
        Mistake(
            "root of jensen-shannon",
            js_distance,
            "This is the root of the Jensen-Shannon divergence, as SciPy's `jensenshannon` gives "
            "it. Jeffreys is another quantity: both directions of KL, added.",
        ),
        Mistake(
            "forward only",
            kl_divergence,
            "This is KL(p‖q) alone. Jeffreys adds the way back.",
        ),
        Mistake(
            "reverse only",
            lambda p, q: kl_divergence(q, p),
            "This is KL(q‖p) alone. Jeffreys adds the other way.",
        ),
        Mistake(
            "twice one direction",
            (lambda p, q: 2 * kl_divergence(p, q), lambda p, q: 2 * kl_divergence(q, p)),
            "The same direction was counted twice. Were the arguments of the second call swapped?",
        ),
        Mistake(
            "difference",
            (
                lambda p, q: kl_divergence(p, q) - kl_divergence(q, p),
                lambda p, q: kl_divergence(q, p) - kl_divergence(p, q),
            ),
            "This is the difference of the two directions: what one costs more than the other. "
            "With a single sum, look at the weights: (p - q) log(p/q), and not (p + q).",
        ),
        Mistake(
            "size of the difference",
            lambda p, q: abs(kl_divergence(p, q) - kl_divergence(q, p)),
            "This is how far apart the two directions are. Jeffreys is what they cost together.",
        ),
        Mistake(
            "larger one",
            lambda p, q: np.maximum(kl_divergence(p, q), kl_divergence(q, p)),
            "This is the larger of the two directions. Symmetric it is, but Jeffreys is the sum.",
        ),
        Mistake(
            "smaller one",
            lambda p, q: np.minimum(kl_divergence(p, q), kl_divergence(q, p)),
            "This is the smaller of the two directions. Symmetric it is, but Jeffreys is the sum.",
        ),
        Mistake(
            "product",
            lambda p, q: kl_divergence(p, q) * kl_divergence(q, p),
            "You multiplied the two directions. Nats times nats is no longer a number of nats: "
            "add them.",
        ),
        Mistake(
            "root",
            lambda p, q: np.sqrt(jeffreys_divergence(p, q)),
            "You took a root of the sum. Jeffreys is the sum itself.",
        ),
        Mistake(
            "sign",
            lambda p, q: -jeffreys_divergence(p, q),
            "Right but for the sign: (p - q) goes with log(p/q), so that both change sign together "
            "and no term is negative.",
        ),
        Mistake(
            "mean of the terms",
            lambda p, q: jeffreys_divergence(p, q) / len(p),
            "You took a mean over the outcomes. The probabilities are weights already: add the "
            "terms up.",
        ),
        Mistake(
            "bits",
            lambda p, q: to_bits(jeffreys_divergence(p, q)),
            "Right but for the unit: this is in bits (a logarithm to base 2) and the question asks "
            "for nats.",
        ),
        Mistake(
            "log10",
            lambda p, q: jeffreys_divergence(p, q) / np.log(10),
            "Right but for the unit: this comes from a logarithm to base 10, and nats come from "
            "`np.log`.",
        ),
        Mistake(
            "percentages",
            lambda p, q: 100 * jeffreys_divergence(p, q),
            "A hundred times too large: percentages were put in where fractions belong. The ratio "
            "does not notice, the difference p - q does.",
        ),
        Mistake(
            "chi-square",
            lambda p, q: np.sum(np.where(p == q, 0.0, (p - q) * (p / q))),
            "This is Σ (p - q)² / q, the χ² divergence; Σ (p - q) (p/q) is the same number. It has "
            "no logarithm and one of the two below the fraction line.",
        ),
        Mistake(
            "triangular",
            (
                lambda p, q: np.sum((p - q) ** 2 / np.where(p + q > 0, p + q, 1)),
                lambda p, q: np.sum((p - q) ** 2 / np.where(p + q > 0, p + q, 1)) / 2,
            ),
            "This is Σ (p - q)² / (p + q) or half of it. Symmetric it is, but bounded and without "
            "a logarithm: Jeffreys adds the two directions of KL.",
        ),
        Mistake(
            "weights missing",
            (
                lambda p, q: np.sum(np.abs(_log_ratio(p, q))),
                lambda p, q: np.sum(_log_ratio(p, q)),
            ),
            "The weights are missing: these are the log ratios alone. In each direction they are "
            "weighted by the one who supplies the samples, together by p - q.",
        ),
        Mistake(
            "complements",
            lambda p, q: kl_divergence(p, q) + np.sum(terms(1 - p, 1 - q)),
            "The second sum runs over 1 - p and 1 - q: what does not happen. The way back is "
            "KL(q‖p), the same two with their roles exchanged.",
        ),
        Mistake(
            "harmonic",
            lambda p, q: _harmonic(kl_divergence(p, q), kl_divergence(q, p)),
            "You combined the two directions as resistors in parallel are combined, ab/(a + b). "
            "Jeffreys is their sum.",
        ),
        Mistake(
            "large number",
            lambda p, q: np.minimum(both_ways(p, q), LARGEST).sum(),
            "A large number stands in the place of infinity, as `np.nan_to_num` puts it there. It "
            "can be averaged and plotted like any other number, and means nothing: return "
            "`np.inf`.",
        ),
        Mistake(
            "infinite at every zero",
            lambda p, q: np.inf if ((p == 0) | (q == 0)).any() else jeffreys_divergence(p, q),
            "Infinite wherever there is a 0. Where both rule an outcome out nobody pays for it: it "
            "adds 0.",
        ),
        Mistake(
            "cross-entropies",
            lambda p, q: cross_entropy(p, q) + cross_entropy(q, p),
            "You added two whole bills, H(p, q) and H(q, p). Each contains an entropy that no code "
            "avoids: KL is what is left without it.",
        ),
        Mistake(
            "total variation",
            (total_variation, lambda p, q: 2 * total_variation(p, q)),
            "This adds up the differences of the probabilities. Symmetric it is, but without a "
            "logarithm it is another measure, and it cannot be infinite.",
        ),
        Mistake(
            "hellinger",
            (
                lambda p, q: np.sum((np.sqrt(p) - np.sqrt(q)) ** 2),
                lambda p, q: np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2,
            ),
            "This compares the roots of the probabilities: Hellinger's measure. Symmetric it is, "
            "but Jeffreys adds the two directions of KL.",
        ),
        Mistake(
            "small number added",
            tuple(
                lambda p, q, small=small, place=place: padded(p, q, small)[place]
                for small in SMALL_NUMBERS
                for place in range(5)
            ),
            "A small number was put where a 0 was. If only one of the two says never, Jeffreys is "
            "infinite; with the small number it is whatever that number makes it.",
        ),
        Mistake(
            "outcomes removed",
            (
                lambda p, q: np.sum(both_ways(p, q)[(p > 0) & (q > 0)]),
                lambda p, q: np.sum(both_ways(p, q)[p > 0]),
                lambda p, q: np.sum(both_ways(p, q)[q > 0]),
            ),
            "You left out outcomes with a 0 (a mask). If only one of the two says never, one "
            "direction is infinite, and so is the sum: p = 0 < q matters on the way back.",
        ),
    ],
    hints=[
        "You have a function for one direction. What does the other one need?",
        "J(p, q) = KL(p‖q) + KL(q‖p) = Σ (p - q) log(p/q)",
        "`either = (p > 0) | (q > 0)` and `p, q = p[either], q[either]` and then "
        "`return np.sum((p - q) * np.log(p / q))`",
    ],
    insight="Symmetric, and infinite as soon as one of the two says never. On bins it is called "
    "the population stability index.",
    lesson=LESSON,
    section="The idea",
)


# what each phrase means, and what to say to somebody who took it for the other direction
PHRASES = (
    (
        "AB",
        "1 (wasted bits): yours takes the data from B. Whose symbols are sent, and whose code is "
        "only paid for?",
    ),
    (
        "BA",
        "2 (maximum likelihood): yours averages under the model. A likelihood is averaged over "
        "the data.",
    ),
    (
        "BA",
        "3 (VAE): yours averages under the prior. The samples in this term are drawn from the "
        "encoder, and the prior scores them.",
    ),
    (
        "AB",
        "4 (RLHF): yours averages over what the reference would write. The penalty is paid on "
        "what the policy itself writes.",
    ),
    (
        "BA",
        "5 (`F.kl_div`): yours is the order in which the call reads. PyTorch takes the model's "
        "logarithms first and the truth, which gives the weights, second.",
    ),
    (
        "AB",
        "6 (`stats.entropy`): yours reads SciPy as if it were PyTorch. In SciPy the first argument "
        "gives the weights.",
    ),
    (
        "BA",
        "7 (forward KL): in yours the model supplies the samples, which makes it the reverse. "
        "Forward begins with the truth.",
    ),
    (
        "AB",
        "8 (distillation): yours averages over the student's outputs. The classic loss is weighted "
        "by the teacher's.",
    ),
)


def eight_directions():
    return [direction for direction, _ in PHRASES]


DIRECTIONS_ASKED = choices("AB", "BA", count=len(PHRASES))


def judge_directions(values):
    """None if all are right; else how many go the other way, and a sentence about the first.

    With two words to choose from, a list of all that are wrong would be the whole key.
    """
    right = DIRECTIONS_ASKED.numbers(eight_directions())
    wrong = [says for (_, says), off in zip(PHRASES, values != right, strict=True) if off]
    if not wrong:
        return None
    if len(wrong) == len(PHRASES):
        return "all reversed", (
            "All eight go the other way round, so you can tell them apart. KL(A‖B) is written "
            "with the one who supplies the samples first."
        )
    if len(wrong) == 1:
        return "1 wrong", f"Seven of the eight are right. The other is number {wrong[0]}"
    return f"{len(wrong)} wrong", (
        f"{len(wrong)} of the {len(PHRASES)} go the other way round. The first of them is number "
        f"{wrong[0]}"
    )


DIRECTIONS = Question(
    "directions",
    points=2,
    reference=eight_directions,
    returns=DIRECTIONS_ASKED,
    judge=judge_directions,
    visible=[case()],
    inputs=[],
    mistakes=[],
    hints=[
        "For each phrase: over whose outcomes is the average taken? That letter comes first.",
        "KL(A‖B) = Σ a log(a/b): samples from A, and B is scored",
        f"`return {eight_directions()}`",
    ],
    insight="One question settles all eight: over whose outcomes is the average taken? Names and "
    "argument orders are conventions; the weights are not.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [BALANCED_PARTNER, JEFFREYS, DIRECTIONS]
