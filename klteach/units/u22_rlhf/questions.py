"""The questions of unit 22: the best policy, three losses, the best of n draws, a penalty."""

import math
from functools import wraps

import numpy as np

from klteach.practice.common_mistakes import terms
from klteach.practice.diagnosis import ROWS
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns
from klteach.practice.wording import show

LESSON = "22_rlhf"
LN_2 = math.log(2)


def if_nothing_general_fits(row):
    """A row of the diagnosis of one question that speaks where no row of all questions does."""

    @wraps(row)
    def last(evidence):
        found = row(evidence)
        return None if found is None or any(general(evidence) for general in ROWS) else found

    return last


def shares_from(logs):
    """Numbers in proportion to exp(logs), which sum to 1; exp(-inf) is 0."""
    weights = np.exp(logs - np.max(logs))
    return weights / weights.sum()


def log_of(ref):
    with np.errstate(divide="ignore"):
        return np.log(ref)


# E1: the policy that a reward and a price make of the reference


def tilted_policy(ref, reward, beta):
    return shares_from(log_of(ref) + reward / beta)


def references_and_rewards(random):
    """Few and many answers, prices below and above 1, and rewards of both signs."""
    cases = []
    for size, beta in ((2, 2.5), (3, 0.4), (5, 1.7), (8, 0.15), (30, 0.6)):
        ref = random.dirichlet(np.full(size, 1.5))
        cases.append(case(ref, random.normal(0.3, 1.0, size), beta))
    ref = random.dirichlet(np.ones(4)) * 0.75
    with_zero = np.insert(ref / ref.sum(), 2, 0.0)
    rewards = random.uniform(-1, 1, 5)
    rewards[2] = 1.5
    return [
        *cases,
        case(with_zero, rewards, 0.7, label="the best answer is one that ref never gives"),
        case(random.dirichlet(np.ones(4)), np.full(4, 0.8), 0.3, label="all rewards equal"),
    ]


def steep(random):
    """Rewards that are thousands of times the price: exp(reward / beta) is beyond float64."""
    ref = random.dirichlet(np.full(4, 3.0))
    rewards = np.array([-20.0, 41.0, 60.0, 60.0])
    return [
        case(ref, rewards, 0.02, label="rewards that are large beside beta"),
        case(
            np.append(ref, 0.0),  # all else is 0 once the largest reward is taken away
            [-8.0, -8.01, -8.02, -9.0, 8.0],
            0.02,
            label="the best answer by far is one that ref never gives",
        ),
    ]


def untilted(logs):
    """exp of the logarithms as it is, beyond float64 included."""
    with np.errstate(over="ignore"):
        return np.exp(logs)


def in_proportion(e):
    """The right probabilities but for a factor: what is left is to divide by the sum."""
    sums = [float(np.sum(values)) for values in e.values]
    if not all(np.isfinite(total) and abs(total) > 1e-9 for total in sums):
        return None
    if all(abs(total - 1) < 1e-6 for total in sums):
        return None
    for values, total, right in zip(e.values, sums, e.references, strict=True):
        if not np.allclose(values / total, right, rtol=1e-6, atol=1e-12):
            return None
    return (
        "The right proportions, but your numbers do not add up to 1. Divide them by their sum, "
        "last of all.",
        e.small([i for i, total in enumerate(sums) if abs(total - 1) >= 1e-6]),
    )


def only_steep_rewards(e):
    """Right but where exp(reward / beta) is beyond float64."""
    steep = [np.max(np.abs(case.arguments[1])) / case.arguments[2] > 700 for case in e.cases]
    if [not right for right in e.right] != steep:
        return None
    return (
        "Right but where rewards are hundreds of times the price. Was the exponent cut off, or a "
        "small number put in somewhere? Subtract the largest logarithm before the exponential; "
        "nothing overflows then, and what becomes 0 may be 0.",
        steep.index(True),
    )


@if_nothing_general_fits
def what_the_best_policy_is_like(e):
    """Which property of the best policy is missing: equal rewards, a sum of 1, the log ratios."""
    for i, tried in enumerate(e.cases):
        if np.ptp(tried.arguments[1]) == 0 and not np.allclose(e.values[i], tried.arguments[0]):
            return "With all rewards equal the best policy is ref itself, and yours is not.", i
    shown = e.small(e.wrong)
    total = float(np.sum(e.values[shown]))
    if abs(total - 1) > 1e-6:
        return f"Your probabilities add up to {total:.6g} on the input below.", shown
    ref, reward, beta = e.cases[shown].arguments
    first, second = e.values[shown][:2]
    if min(first, second, ref[0], ref[1]) <= 0:
        return None
    rises = math.log(second / ref[1]) - math.log(first / ref[0])
    return (
        "log(π/ref) rises from one answer to another by the difference of their rewards, divided "
        f"by beta. In yours it rises by {rises:.4g} from the first answer to the second, whose "
        f"rewards are {show(reward[0])} and {show(reward[1])}, at beta = {show(beta)}.",
        shown,
    )


def standardised(reward):
    return (reward - reward.mean()) / (reward.std() + 1e-9)


def best_alone(ref, reward):
    best = np.zeros(len(ref))
    best[np.argmax(np.where(ref > 0, reward, -np.inf))] = 1.0
    return best


TILTED_POLICY = Question(
    "tilted_policy",
    points=2,
    reference=tilted_policy,
    returns=Returns("an array with one probability per answer", lambda ref, *_: np.shape(ref)),
    rows=[in_proportion, only_steep_rewards, what_the_best_policy_is_like],
    where_p_is_zero="An answer that the reference never gives has probability 0, whatever its "
    "reward is: 0 times anything is 0.",
    visible=[
        case([0.4, 0.3, 0.2, 0.1], [0.0, 1.0, 2.0, 4.0], 1.0, label="the answers of the text"),
        case([0.4, 0.3, 0.2, 0.1], [0.0, 1.0, 2.0, 4.0], 4.0, label="a higher price"),
        case([0.5, 0.5, 0.0], [1.0, 0.0, 3.0], 0.5, label="an answer that ref never gives"),
    ],
    inputs=[references_and_rewards, steep],
    mistakes=[
        Mistake(
            "times beta",
            lambda ref, reward, beta: shares_from(log_of(ref) + reward * beta),
            "You multiplied the reward by beta. beta is a price: the higher it is, the nearer the "
            "policy must stay to ref, so the reward is divided by it.",
        ),
        Mistake(
            "beta not used",
            lambda ref, reward, beta: shares_from(log_of(ref) + reward),
            "beta has no effect on yours: right where it is 1, and only there. Where does the "
            "price of a nat come in?",
        ),
        Mistake(
            "reference forgotten",
            (
                lambda ref, reward, beta: shares_from(reward / beta),
                lambda ref, reward, beta: shares_from(reward * beta),
                lambda ref, reward, beta: shares_from(reward),
            ),
            "This is a softmax of the rewards alone: ref is not in it. Where all rewards are "
            "equal the policy must be ref, and yours is uniform.",
        ),
        Mistake(
            "not normalised",
            (
                lambda ref, reward, beta: ref * untilted(reward / beta),
                lambda ref, reward, beta: ref * untilted(reward * beta),
            ),
            "Your numbers do not add up to 1. Divide by their sum, which is Z.",
        ),
        Mistake(
            "softmax too early",
            lambda ref, reward, beta: ref * shares_from(reward / beta),
            "The rewards were made into shares before ref came in, and the products do not add up "
            "to 1. Divide by the sum last.",
        ),
        Mistake(
            "sign",
            (
                lambda ref, reward, beta: shares_from(log_of(ref) - reward / beta),
                lambda ref, reward, beta: shares_from(log_of(ref) - reward * beta),
            ),
            "The sign of the reward is turned round: the best answers lose. In a physicist's "
            "exp(-energy / temperature) low is good; a reward is good when it is high.",
        ),
        Mistake(
            "logarithm of ref missing",
            lambda ref, reward, beta: shares_from(ref + reward / beta),
            "You added ref itself to the reward in the exponent. What is added there is log ref.",
        ),
        Mistake(
            "reference tempered",
            lambda ref, reward, beta: shares_from((log_of(ref) + reward) / beta),
            "log ref was divided by beta as well, so ref comes in as ref to the power of 1/beta. "
            "Only the reward is divided: with equal rewards the policy must be ref.",
        ),
        Mistake(
            "reward as a factor",
            (
                lambda ref, reward, beta: ref * reward / np.sum(ref * reward),
                lambda ref, reward, beta: ref * reward / beta,
                lambda ref, reward, beta: ref * reward,
            ),
            "You multiplied ref by the reward. A reward may be 0 or negative, and a probability "
            "not: it goes into an exponential first.",
        ),
        Mistake(
            "base 2",
            lambda ref, reward, beta: shares_from(log_of(ref) + LN_2 * reward / beta),
            "You took 2 to the power of reward / beta. beta is a price for a nat, so the "
            "exponential has the base e.",
        ),
        Mistake(
            "rewards standardised",
            lambda ref, reward, beta: shares_from(log_of(ref) + standardised(reward) / beta),
            "The rewards were divided by their standard deviation. That changes the price: beta is "
            "a price in the units of the reward as it is. (To subtract the mean does no harm.)",
        ),
        Mistake(
            "best answer alone",
            lambda ref, reward, beta: best_alone(ref, reward),
            "All goes to the best answer. That is the limit for a price of 0; at a price above 0 "
            "every answer of ref keeps some probability.",
        ),
        Mistake(
            "sign of log ref",
            lambda ref, reward, beta: shares_from(reward / beta - np.log(np.maximum(ref, 1e-300))),
            "log ref was taken away where it is to be added: answers that ref gives rarely became "
            "the likely ones.",
        ),
        Mistake(
            "likeliest answer alone",
            lambda ref, reward, beta: best_alone(ref, log_of(ref) + reward / beta),
            "All goes to one answer, the one that the best policy gives most often. The question "
            "asks for the probabilities of all of them.",
        ),
        Mistake(
            "logarithms",
            (
                lambda ref, reward, beta: log_of(tilted_policy(ref, reward, beta)),
                lambda ref, reward, beta: log_of(ref) + reward / beta,
            ),
            "These are logarithms. The question asks for probabilities: `np.exp` of them, divided "
            "by the sum of all.",
        ),
        Mistake(
            "step of gradient",
            (
                lambda ref, reward, beta: ref * (1 + reward / beta - ref @ reward / beta),
                lambda ref, reward, beta: ref * (1 + reward / beta) / (1 + ref @ reward / beta),
            ),
            "This is the first order of the exponential, 1 + reward / beta. It holds only where "
            "rewards are small beside beta, and elsewhere it goes below 0.",
        ),
        Mistake(
            "mixture",
            (
                lambda ref, reward, beta: (ref + shares_from(reward / beta)) / 2,
                lambda ref, reward, beta: (beta * ref + shares_from(reward)) / (1 + beta),
            ),
            "You mixed ref with a softmax of the rewards. A mixture keeps answers that ref never "
            "gives; the best policy multiplies ref.",
        ),
    ],
    hints=[
        "With all rewards equal the policy must be ref. What multiplies it if they are not?",
        "ref · exp(reward / beta), divided by its sum Z. Where exp overflows: add log ref and "
        "reward / beta, subtract the largest, then exp",
        "`logs = np.log(ref) + reward / beta`, `weights = np.exp(logs - logs.max())`, then "
        "`return weights / weights.sum()`",
    ],
    insight="The policy is never far from this form: its log ratio to ref is reward / beta, less "
    "one number for all answers. So a reward can be read off a policy, which is what DPO does.",
    lesson=LESSON,
)


# E2: what three losses do


CLOSE = 1e-6
NEARLY = 2e-3
ROUGHLY = 0.05
LOSSES = ("k1", "k2", "k3")


def through_softmax(policy, slopes):
    """Σ π(x) slopes(x) ∇log π(x), in the logits."""
    return policy * (slopes - policy @ slopes)


def parts(logits, ref):
    """(policy, log policy - log ref)"""
    policy = shares_from(logits)
    return policy, np.log(policy / ref)


def loss_gradients(logits, ref):
    policy, ratio = parts(logits, ref)
    return np.array([np.zeros(len(ref)), through_softmax(policy, ratio), policy - ref])


def slopes_of(ratio):
    """How k1, k2 and k3 change with log π(x)."""
    return [np.ones(len(ratio)), ratio, -np.expm1(-ratio)]


def values_of(ratio):
    return [ratio, ratio**2 / 2, np.expm1(-ratio) + ratio]


def through_the_weights(logits, ref):
    policy, ratio = parts(logits, ref)
    reverse = through_softmax(policy, ratio)
    return np.array([reverse, through_softmax(policy, ratio + ratio**2 / 2), reverse])


def in_the_reward(logits, ref):
    policy, ratio = parts(logits, ref)
    return np.array([through_softmax(policy, value) for value in values_of(ratio)])


def weighted(weights_of):
    """The gradient of each outcome, with other weights than those of the policy."""

    def wrong(logits, ref):
        policy, ratio = parts(logits, ref)
        weights = weights_of(policy, ref)
        scores = np.eye(len(ref)) - policy
        return np.array([(weights * slopes) @ scores for slopes in slopes_of(ratio)])

    return wrong


def in_the_probabilities(logits, ref):
    _, ratio = parts(logits, ref)
    return np.array(slopes_of(ratio))


def in_the_log_probabilities(logits, ref):
    policy, ratio = parts(logits, ref)
    return policy * np.array(slopes_of(ratio))


def of_the_averages(logits, ref):
    """The averages of k1, k2 and k3, one for each logit: what has no gradient in it."""
    policy, ratio = parts(logits, ref)
    return np.array([np.full(len(ref), policy @ value) for value in values_of(ratio)])


def logits_taken_for_logs(logits, ref):
    ratio = logits - np.log(ref)
    policy = shares_from(logits)
    return np.array([through_softmax(policy, slopes) for slopes in slopes_of(ratio)])


def logits_taken_for_policy(logits, ref):
    policy = np.exp(logits)
    ratio = logits - np.log(ref)
    return np.array([policy * (s - policy @ s) for s in slopes_of(ratio)])


WHOLE = {
    "through the weights": (
        through_the_weights,
        "You differentiated Σ π(x) k(x) as a whole, the weights π(x) included. That is the "
        "gradient of the average, and for k1 and k3 it is the gradient of KL(π‖ref), the one that "
        "people want. But a training program draws the samples first, and automatic "
        "differentiation takes them as given: π(x) only says how often x comes.",
    ),
    "in the reward": (
        in_the_reward,
        "You weighted the scores by the values of k1, k2 and k3. That is what they do as a part "
        "of the reward, where nothing is differentiated but log π. As a loss it is k itself that "
        "is differentiated.",
    ),
    "every outcome once": (
        weighted(lambda policy, ref: np.full(len(ref), 1.0)),
        "Every outcome counts once in yours. The samples come from the policy, so outcome x comes "
        "with the weight π(x).",
    ),
    "plain mean": (
        weighted(lambda policy, ref: np.full(len(ref), 1.0 / len(ref))),
        "You took the plain mean over the outcomes. The samples come from the policy, so outcome "
        "x comes with the weight π(x).",
    ),
    "weighted by ref": (
        weighted(lambda policy, ref: ref),
        "You weighted the outcomes by ref. The samples come from the policy; ref only scores them.",
    ),
    "sign": (
        lambda logits, ref: -loss_gradients(logits, ref),
        "All signs are turned round: this is the direction in which descent goes. The question "
        "asks for the gradient itself.",
    ),
    "in the probabilities": (
        in_the_probabilities,
        "These are derivatives with respect to the probabilities, as if each could move alone. "
        "They are a softmax of the logits: raising one logit lowers all other probabilities.",
    ),
    "in the log-probabilities": (
        in_the_log_probabilities,
        "These are derivatives with respect to the log-probabilities. One step is left: a logit "
        "moves log π(x) of every x, by 1 at its own place, less π at that place, everywhere.",
    ),
    "averages": (
        of_the_averages,
        "These are the averages of k1, k2 and k3, not their gradients.",
    ),
    "not normalised": (
        logits_taken_for_logs,
        "The logits stand in the log ratio in the place of log π. They differ from it by the "
        "logarithm of Σ exp(logits).",
    ),
    "exp alone": (
        logits_taken_for_policy,
        "exp(logits) stands in the place of π. It does not sum to 1: divide by its sum.",
    ),
    "columns": (
        lambda logits, ref: loss_gradients(logits, ref)[[0, 2, 1]],
        "The rows of k2 and k3 have changed places.",
    ),
    "upside down": (
        lambda logits, ref: rows_with(logits, ref, k3=inverse_k3),
        "k1 and k2 are right. In your k3 the ratio is upside down: it is r - 1 - log r with "
        "r = ref/π, as the samples come from π (unit 17).",
    ),
    "twice": (
        lambda logits, ref: 2 * loss_gradients(logits, ref),
        "Twice the right gradients, in all rows. Central differences reach one step to either "
        "side: divide by two steps.",
    ),
    "half": (
        lambda logits, ref: loss_gradients(logits, ref) / 2,
        "Half of the right gradients, in all rows. Differences to one side are divided by one "
        "step, those to both sides by two.",
    ),
    "half missing in k2": (
        lambda logits, ref: loss_gradients(logits, ref) * [[1], [2], [1]],
        "k1 and k3 are right, and the row of k2 is twice too large: k2 is half of the square.",
    ),
}


def inverse_k3(policy, ratio):
    return through_softmax(policy, np.expm1(ratio))


def rows_with(logits, ref, k3):
    rows = loss_gradients(logits, ref)
    rows[2] = k3(*parts(logits, ref))
    return rows


def close(a, b, within=CLOSE):
    return bool(np.allclose(a, b, rtol=within, atol=within))


def judge_gradients(logits, ref, values):
    """None for the three expected gradients, be they from formulas or from differences."""
    right = loss_gradients(logits, ref)
    if close(values, right):
        return None
    if close(values, right, NEARLY):
        return "not exact", (
            f"Nearly: the largest error is {np.abs(values - right).max():.1g}, and 1e-06 is "
            "allowed. Central differences with a step of 1e-5 are exact enough, or a formula."
        )
    for name, (function, message) in WHOLE.items():
        if close(values, function(logits, ref)):
            return name, message
    if np.abs(values - right).max() < ROUGHLY * np.abs(right).max():
        return "an estimate", (
            "Near the right values, all of them, and not equal. Is it an average over drawn "
            "samples? Enumerate instead: outcome x comes with the weight π(x)."
        )
    for row, loss in enumerate(LOSSES):
        if not close(values[row], right[row]):
            return _fault_of_row(logits, ref, row, loss, values[row])
    raise AssertionError("some row is wrong")


def _fault_of_row(logits, ref, row, loss, values):
    policy, ratio = parts(logits, ref)
    reverse, forward = through_softmax(policy, ratio), policy - ref
    value = values_of(ratio)[row]
    right = loss_gradients(logits, ref)[row]
    known = (
        (
            reverse,
            "is the gradient of KL(π‖ref): that of the average if its weights π(x) are "
            "differentiated, too. The samples are drawn before: hold the weights still.",
        ),
        (forward, "is the gradient of KL(ref‖π), which belongs to another loss."),
        (
            through_softmax(policy, slopes_of(ratio)[row] + value),
            "is the gradient of the whole average, weights included. The samples are drawn before "
            "the loss is differentiated: hold the weights π(x) still.",
        ),
        (
            through_softmax(policy, value),
            "weighs the scores by the value of the loss, as if it were a reward. As a loss it is "
            "differentiated itself.",
        ),
        (-right, "has the wrong sign."),
        (
            np.zeros(len(ref)),
            "is 0, but this loss has a gradient. Was π held still inside it as well?",
        ),
        (
            policy * slopes_of(ratio)[row],
            "is the derivative in log π(x). Each logit moves log π of every x.",
        ),
    )
    for candidate, words in known:
        if close(values, candidate):
            return f"row of {loss}", f"The row of {loss} {words}"
    total = values.sum()
    if abs(total) > 1e-4:
        return f"row of {loss}", (
            f"The row of {loss} adds up to {total:.3g}. Adding one number to all logits leaves the "
            "softmax as it is, so the entries of a gradient in the logits add up to 0."
        )
    return f"row of {loss}", (
        f"The row of {loss} is not right yet. It is Σ π(x) times the gradient of {loss}(x), with "
        "π(x) held still: first how the loss changes with log π(x), then how that changes with "
        "each logit."
    )


def six_outcomes(random):
    """Policies over a few outcomes, near the reference and far from it."""
    cases = []
    for size, spread in ((6, 1.0), (6, 0.1), (3, 2.0), (9, 0.7)):
        ref = 0.9 * random.dirichlet(np.full(size, 3.0)) + 0.1 / size
        logits = np.log(ref) + random.normal(0, spread, size) + random.normal(0, 1)
        cases.append(case(logits, ref))
    ref = random.dirichlet(np.full(6, 4.0))
    return [*cases, case(np.log(ref) + 0.7, ref, label="a policy that is the reference")]


LOSS_GRADIENTS = Question(
    "loss_gradients",
    points=3,
    reference=loss_gradients,
    judge=judge_gradients,
    one_right_value=True,
    exchangeable=False,
    returns=Returns(
        "an array of 3 rows, those of k1, k2 and k3, with a number for each logit",
        lambda logits, *_: (3, len(logits)),
    ),
    visible=[
        case([1.0, 0.0], [0.4, 0.6], label="two bent coins"),
        case([0.5, 0.0, -0.5], [0.2, 0.3, 0.5], label="three answers"),
    ],
    inputs=[six_outcomes],
    mistakes=[Mistake(name, *rest) for name, rest in WHOLE.items()],
    hints=[
        "Which of π(x) and k(x) is differentiated, if the samples are drawn first? And what is the "
        "gradient of log π(x) in the logits?",
        "Σ π(x) · dk/dlog π(x) · (one-hot of x - π). With log π falling or rising: dk1 = 1, "
        "dk2 = log(π/ref), dk3 = 1 - ref/π",
        "`p = np.exp(logits - logits.max())`, `p = p / p.sum()`, `d = np.log(p / ref)`, "
        "`score = np.eye(len(p)) - p`, "
        "`slopes = [np.ones(len(p)), d, 1 - ref / p]`, then "
        "`return np.array([(p * slope) @ score for slope in slopes])`",
    ],
    insight="As a loss k1 does nothing on average, k2 lowers KL(π‖ref), and k3 lowers KL(ref‖π). "
    "Whether an estimate is good and whether its gradient is are two questions.",
    lesson=LESSON,
    section="Predict again",
)


# E3: the best of n draws


def best_shares(ref, reward, n):
    """The law of the best of n draws, for rewards that all differ."""
    order = np.argsort(reward)
    up_to = np.cumsum(ref[order])
    below = np.append(0.0, up_to[:-1])
    best = np.empty(len(ref))
    best[order] = up_to**n - below**n
    return best


def kl(p, q):
    return float(terms(p, q).sum())


def best_of_n_kl(ref, reward, n):
    return kl(best_shares(ref, reward, n), ref)


def listed_order(ref, n):
    return best_shares(ref, np.arange(len(ref)), n)


def drawn_at_least_once(ref, n):
    seen = 1 - (1 - ref) ** n
    return seen / seen.sum()


def to_the_power(ref, n):
    return ref**n / np.sum(ref**n)


def out_of_step(ref, reward, n):
    """The shares from the worst to the best answer, beside a reference in the order of the list."""
    order = np.argsort(reward)
    return kl(listed_order(ref[order], n), ref)


def not_differenced(ref, reward, n):
    """F^n in the place of the shares, in the order of the list."""
    return np.array([ref[reward <= each].sum() for each in reward]) ** n


def by_density(ref, reward, n):
    """n F^(n-1) ref, which is right where every answer is rare."""
    up_to = np.array([ref[reward <= each].sum() for each in reward])
    return n * up_to ** (n - 1) * ref


def signed_kl(shares, ref):
    """Σ shares log(shares/ref) of numbers that need not add up to 1."""
    return float(np.sum(shares * np.log(shares / ref)))


def strictly_below(ref, reward):
    return np.array([ref[reward < each].sum() for each in reward])


def kl_of_some(shares, ref):
    """Σ shares log(shares/ref) over those that are not 0."""
    some = shares > 0
    return signed_kl(shares[some], ref[some])


def argsort_for_ranks(ref, reward, n):
    places = np.argsort(reward)
    up_to = np.array([ref[places <= place].sum() for place in places])
    return kl(up_to**n - (up_to - ref) ** n, ref)


def without_the_worst(ref, reward, n):
    return float(terms(best_shares(ref, reward, n), ref)[np.argsort(reward)][1:].sum())


@if_nothing_general_fits
def what_a_choice_is_like(e):
    """A single draw chooses nothing; and no choice leads beyond the bounds."""
    for i, tried in enumerate(e.cases):
        if tried.arguments[2] == 1 and abs(e.values[i]) > 1e-9:
            return "With a single draw nothing is chosen, so the divergence is 0. Yours is not.", i
    shown = e.small(e.wrong)
    n = e.cases[shown].arguments[2]
    value = float(e.values[shown])
    if value > bound(n) + 1e-9:
        return (
            f"Above log n - (n-1)/n, which is {bound(n):.4g} for the input below and which no "
            "choice among n draws exceeds. Does the law of the best draw add up to 1?",
            shown,
        )
    return (
        "Print the law of the best draw for the input below. Do its entries add up to 1, and does "
        "the best answer have the chance that it is among the n draws at all?",
        shown,
    )


def bound(n):
    return math.log(n) - (n - 1) / n


def choices_of_answers(random):
    cases = []
    for size, n in ((3, 2), (4, 8), (6, 16), (12, 32), (5, 3)):
        ref = 0.8 * random.dirichlet(np.full(size, 2.0)) + 0.2 / size
        cases.append(case(ref, random.normal(0, 1, size), n))
    ref = random.dirichlet(np.full(4, 4.0))
    return [*cases, case(ref, random.normal(0, 1, 4), 1, label="a single draw")]


BEST_OF_N_KL = Question(
    "best_of_n_kl",
    points=3,
    reference=best_of_n_kl,
    exchangeable=False,
    unit="nats",
    rows=[what_a_choice_is_like],
    visible=[
        case([0.4, 0.3, 0.2, 0.1], [0.0, 1.0, 2.0, 4.0], 4, label="the answers of the text"),
        case([0.1, 0.2, 0.3, 0.4], [4.0, 2.0, 1.0, 0.0], 2, label="the best answer first"),
        case([0.5, 0.25, 0.25], [2.0, 7.0, -1.0], 3, label="rewards in no order"),
    ],
    inputs=[choices_of_answers],
    mistakes=[
        Mistake(
            "bound taken for the value",
            lambda ref, reward, n: bound(n),
            "This is log n - (n-1)/n: an upper bound, whatever ref and the rewards are. It would "
            "be the divergence if every single answer were rare. Here answers are common, and two "
            "draws are often the same.",
        ),
        Mistake(
            "smaller of two bounds",
            lambda ref, reward, n: min(bound(n), -math.log(ref[np.argmax(reward)])),
            "log n - (n-1)/n and minus the log of the best answer's ref are both upper bounds, and "
            "so is the smaller of them. The question asks for the value: find the law of the best "
            "draw first.",
        ),
        Mistake(
            "not differenced",
            (
                lambda ref, reward, n: signed_kl(not_differenced(ref, reward, n), ref),
                lambda ref, reward, n: kl(
                    not_differenced(ref, reward, n) / not_differenced(ref, reward, n).sum(), ref
                ),
            ),
            "F(x)^n is the probability that all n draws are at most as good as x, so better "
            "answers have the worse ones in theirs. Take away the part in which all are worse.",
        ),
        Mistake(
            "density",
            (
                lambda ref, reward, n: signed_kl(by_density(ref, reward, n), ref),
                lambda ref, reward, n: kl(
                    by_density(ref, reward, n) / by_density(ref, reward, n).sum(), ref
                ),
            ),
            "n F^(n-1) times ref is the derivative of F^n: right where every single answer is "
            "rare. Here F jumps, and the difference of F^n from one answer to the next is needed.",
        ),
        Mistake(
            "worst answer left out",
            without_the_worst,
            "The worst answer is not in the sum: `np.diff` gives one number less than it gets. "
            "Below the worst answer F is 0: `prepend=0`.",
        ),
        Mistake(
            "argsort for ranks",
            argsort_for_ranks,
            "`argsort` says which answer comes first, second, ... in the order of rewards. It was "
            "used as if it gave each answer its rank; that would be the argsort of it.",
        ),
        Mistake(
            "expected reward",
            lambda ref, reward, n: float(best_shares(ref, reward, n) @ reward),
            "This is the reward of the best draw, on average. KL compares two laws; the rewards "
            "serve to sort the answers and for nothing else.",
        ),
        Mistake(
            "cross-entropy",
            lambda ref, reward, n: -float(best_shares(ref, reward, n) @ np.log(ref)),
            "This is the cross-entropy of the best draw under ref. Its own entropy is in it, and "
            "has to go.",
        ),
        Mistake(
            "hit exactly once",
            lambda ref, reward, n: kl_of_some(
                n * ref * (strictly_below(ref, reward) ** (n - 1)), ref
            ),
            "n · ref · F(below)^(n-1) is the chance that x is drawn exactly once and the others "
            "are worse. It may be drawn more often, and still is the best.",
        ),
        Mistake(
            "log n",
            lambda ref, reward, n: math.log(n),
            "log n is even more than the bound, log n - (n-1)/n, which itself is too much here. "
            "Compute the law of the best draw first.",
        ),
        Mistake(
            "rewards not used",
            (
                lambda ref, reward, n: kl(listed_order(ref, n), ref),
                lambda ref, reward, n: kl(listed_order(ref[::-1], n), ref[::-1]),
            ),
            "The answers were taken in the order of the list, as if it went from worst to best or "
            "back. Sort them by reward first.",
        ),
        Mistake(
            "worst of n",
            lambda ref, reward, n: kl(best_shares(ref, -reward, n), ref),
            "This belongs to the worst of n draws: the shares were added up from the best answer "
            "down. F(x) is the probability of a reward that is at most that of x.",
        ),
        Mistake(
            "out of step",
            out_of_step,
            "The shares of the best draw are sorted by reward, and ref is not: each is compared "
            "with the reference of another answer. Sort both.",
        ),
        Mistake(
            "other direction",
            lambda ref, reward, n: kl(ref, best_shares(ref, reward, n)),
            "This is KL(ref‖best). The samples come from the best of n, so it stands first.",
        ),
        Mistake(
            "weighted by ref",
            lambda ref, reward, n: -kl(ref, best_shares(ref, reward, n)),
            "The log ratios best/ref are right and were averaged under ref. The samples come from "
            "the best of n.",
        ),
        Mistake(
            "bits",
            lambda ref, reward, n: best_of_n_kl(ref, reward, n) / LN_2,
            "The unit: this is in bits. The question asks for nats.",
        ),
        Mistake(
            "drawn at least once",
            lambda ref, reward, n: kl(drawn_at_least_once(ref, n), ref),
            "1 - (1 - ref)^n is the chance that an answer is among the n at all. It is kept only "
            "if none of the others is better.",
        ),
        Mistake(
            "power of ref",
            lambda ref, reward, n: kl(to_the_power(ref, n), ref),
            "You raised ref itself to the power of n. It is the distribution function that is: "
            "all n draws are at most x with the probability F(x)^n.",
        ),
        Mistake(
            "best answer alone",
            lambda ref, reward, n: -math.log(ref[np.argmax(reward)]),
            "This is the divergence if the best answer always came: the limit for n without end. "
            "With n draws it may not be among them.",
        ),
        Mistake(
            "one draw too many or too few",
            (
                lambda ref, reward, n: kl(best_shares(ref, reward, n + 1), ref),
                lambda ref, reward, n: kl(best_shares(ref, reward, n - 1), ref) if n > 1 else 0.0,
            ),
            "The divergence of another number of draws, by one. All n of them are at most x with "
            "F(x)^n, and the best is one of the n.",
        ),
        Mistake(
            "first term alone",
            lambda ref, reward, n: float(
                terms(best_shares(ref, reward, n), ref)[np.argsort(reward)][0]
            ),
            "Only the worst answer is in the sum. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "last term alone",
            lambda ref, reward, n: float(
                terms(best_shares(ref, reward, n), ref)[np.argsort(reward)][-1]
            ),
            "Only the best answer is in the sum. Does each turn of the loop overwrite the result "
            "(`=`) where it should add to it (`+=`)?",
        ),
        Mistake(
            "entropy",
            lambda ref, reward, n: -kl(best_shares(ref, reward, n), np.ones(len(ref))),
            "This is the entropy of the best draw. ref is to be compared with it.",
        ),
    ],
    hints=[
        "When is answer x the best of n draws? How likely is it that all n draws are at most as "
        "good as x, and that all are worse?",
        "Sorted by reward: P(x) = F(x)^n - F(one below x)^n, with F = cumsum of ref. Then "
        "Σ P log(P/ref)",
        "`ref = ref[np.argsort(reward)]`, `up_to = np.cumsum(ref)`, "
        "`best = np.diff(up_to**n, prepend=0)`, then `return np.sum(best * np.log(best / ref))`",
    ],
    insight="Always at most log n - (n-1)/n, and never more than minus the log of the best "
    "answer's ref. Sixteen draws cost less than 2 nats, whatever is drawn.",
    lesson=LESSON,
    section="The idea",
)


# E4: the penalty of a batch


def ratios(log_policy, log_ref, mask):
    """The log ratio of each real token, 0 for padding."""
    return np.where(mask != 0, log_policy - log_ref, 0.0)


def batch_penalty(log_policy, log_ref, mask, beta):
    return beta * float(ratios(log_policy, log_ref, mask).sum(axis=1).mean())


def padded_answers(random):
    """Answers of unlike lengths; what stands at the padding is like the rest."""
    cases = []
    for answers, longest, beta in ((3, 5, 0.5), (4, 12, 0.04), (2, 30, 2.0), (6, 7, 0.1)):
        log_ref = -random.gamma(2.0, 0.8, (answers, longest)) - 0.05
        log_policy = np.minimum(log_ref + random.normal(0.15, 0.5, log_ref.shape), -0.01)
        lengths = random.integers(1, longest, answers)
        lengths[0] = longest
        mask = (np.arange(longest) < lengths[:, None]).astype(int)
        cases.append(case(log_policy, log_ref, mask, beta))
    log_ref = -random.gamma(2.0, 0.8, (3, 4)) - 0.05
    log_policy = np.minimum(log_ref + random.normal(0.1, 0.4, (3, 4)), -0.01)
    log_policy[1] = log_ref[1] - 1.5
    mask = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 0, 0]])
    cases.append(case(log_policy, log_ref, mask, 0.2, label="an average below 0"))
    same = -random.gamma(2.0, 0.8, (3, 4))
    return [*cases, case(same, same.copy(), mask, 0.3, label="a policy that is the reference")]


def of_tokens(function):
    """A wrong answer made of the log ratios of all places and the mask."""
    return lambda log_policy, log_ref, mask, beta: float(
        function(log_policy - log_ref, mask != 0, beta)
    )


@if_nothing_general_fits
def what_a_penalty_is_like(e):
    """What must leave it as it is, and what must double it, tried on one wrong input."""
    shown = e.small(e.wrong)
    log_policy, log_ref, mask, beta = e.cases[shown].copies()
    column = np.full((len(mask), 1), -0.5)
    twice_as_far = log_ref + 2 * (log_policy - log_ref)
    changed = [
        case(
            np.hstack([log_policy, column]),
            np.hstack([log_ref, 4 * column]),
            np.hstack([mask, np.zeros_like(mask[:, :1])]),
            beta,
        ),
        case(*(np.vstack([table, table]) for table in (log_policy, log_ref, mask)), beta),
        case(twice_as_far, log_ref, mask, beta),
        case(log_policy, log_ref, mask, 2 * beta),
    ]
    value = float(e.values[shown])
    wider, longer, further, costlier = (None if v is None else float(v) for v in e.call(changed))
    for after, right, words in (
        (wider, value, "With one more column of padding the penalty stays as it is"),
        (longer, value, "With every answer of the batch twice the penalty stays as it is"),
        (costlier, 2 * value, "At twice the price the penalty is twice as high"),
        (further, 2 * value, "If every log ratio doubles, the penalty doubles"),
    ):
        if after is not None and not math.isclose(after, right, rel_tol=1e-6, abs_tol=1e-9):
            return f"{words}. Yours goes from {value:.4g} to {after:.4g}.", shown
    return (
        "Each real token adds its log ratio to the sum of its answer, in full, and each answer "
        "counts alike. Do all the real tokens of the input below count in yours, and as much as "
        "each other?",
        shown,
    )


def lengths_of(real):
    return real.sum(axis=1)


_POLICY = [[-1.0, -0.5, -2.0], [-0.25, -3.0, -1.0]]
_REF = [[-1.5, -0.75, -1.0], [-1.25, -2.0, -4.0]]

BATCH_PENALTY = Question(
    "batch_penalty",
    points=2,
    reference=batch_penalty,
    exchangeable=False,
    rows=[what_a_penalty_is_like],
    visible=[
        case(_POLICY, _REF, [[1, 1, 1], [1, 0, 0]], 0.5, label="two answers, one of one token"),
        case(_POLICY, _REF, [[1, 1, 0], [1, 1, 1]], 2.0, label="the same places, other lengths"),
    ],
    inputs=[padded_answers],
    mistakes=[
        Mistake(
            "mean over tokens",
            of_tokens(lambda d, real, beta: beta * d[real].mean()),
            "You averaged over all tokens of the batch. That is nats a token; beta is the price "
            "of a nat, and an answer has as many as its tokens have together: sum over an answer, "
            "then average over answers.",
        ),
        Mistake(
            "mean of the means",
            of_tokens(
                lambda d, real, beta: (
                    beta * np.mean(np.where(real, d, 0).sum(axis=1) / lengths_of(real))
                )
            ),
            "You divided each answer by its length. A long answer then pays no more than a short "
            "one, and each of its nats a fraction of the price: the log ratio of an answer is a "
            "sum.",
        ),
        Mistake(
            "divided by the longest",
            of_tokens(lambda d, real, beta: beta * np.where(real, d, 0).mean()),
            "The sum over the real tokens, divided by all places of the batch, padding included. "
            "The penalty of an answer then depends on the longest one beside it.",
        ),
        Mistake(
            "padding counted",
            of_tokens(lambda d, real, beta: beta * d.sum(axis=1).mean()),
            "Padding is counted as if it were text: the mask is not used, or not before the sum.",
        ),
        Mistake(
            "mean, padding counted",
            of_tokens(lambda d, real, beta: beta * d.mean()),
            "Two things at once: padding is counted as text, and you averaged over tokens where "
            "each answer has a sum.",
        ),
        Mistake(
            "summed over answers",
            (
                of_tokens(lambda d, real, beta: beta * d[real].sum()),
                of_tokens(lambda d, real, beta: beta * d.sum()),
            ),
            "You added up over the answers as well. The penalty is that of one answer, on "
            "average: with twice as many in the batch it should not double.",
        ),
        Mistake(
            "one answer for each",
            of_tokens(lambda d, real, beta: beta * d[real].sum() / real.any(axis=0).sum()),
            "The sum was divided by the number of columns, not by that of the answers. Rows are "
            "answers: sum over `axis=1`, then take the mean.",
        ),
        Mistake(
            "upside down",
            of_tokens(lambda d, real, beta: -beta * np.where(real, d, 0).sum(axis=1).mean()),
            "Right but for the sign: log ref - log π. The answers come from the policy, so its "
            "logarithm stands first, and what is taken off the reward is beta times that.",
        ),
        Mistake(
            "beta missing",
            of_tokens(lambda d, real, beta: np.where(real, d, 0).sum(axis=1).mean()),
            "This is the estimated KL in nats. The penalty is beta times it, in units of reward.",
        ),
        Mistake(
            "divided by beta",
            of_tokens(lambda d, real, beta: np.where(real, d, 0).sum(axis=1).mean() / beta),
            "You divided by beta. It is the price of a nat: nats times price. (It is the reward "
            "that is divided by it, in the best policy.)",
        ),
        Mistake(
            "absolute values",
            (
                of_tokens(lambda d, real, beta: beta * np.abs(d[real]).sum() / len(d)),
                of_tokens(
                    lambda d, real, beta: beta * np.abs(np.where(real, d, 0).sum(axis=1)).mean()
                ),
            ),
            "You took absolute values. Log ratios of both signs belong into the sum: where they "
            "cancel, the policy is no further from the reference.",
        ),
        Mistake(
            "cut off at 0",
            (
                of_tokens(lambda d, real, beta: beta * np.maximum(d[real], 0).sum() / len(d)),
                of_tokens(
                    lambda d, real, beta: (
                        beta * np.maximum(np.where(real, d, 0).sum(axis=1), 0).mean()
                    )
                ),
                of_tokens(
                    lambda d, real, beta: max(0.0, beta * np.where(real, d, 0).sum(axis=1).mean())
                ),
            ),
            "You cut off what is below 0. KL is not negative, but an estimate from a few answers "
            "may be, and only with its negative part is it right on average.",
        ),
        Mistake(
            "k3",
            of_tokens(lambda d, real, beta: beta * (np.expm1(-d) + d)[real].sum() / len(d)),
            "This is k3, token by token: an estimate of KL as well, but taken off a reward it has "
            "another gradient. The question asks for the plain log ratio, k1.",
        ),
        Mistake(
            "k3 of the answer",
            of_tokens(
                lambda d, real, beta: (
                    beta
                    * (
                        np.expm1(-np.where(real, d, 0).sum(axis=1))
                        + np.where(real, d, 0).sum(axis=1)
                    ).mean()
                )
            ),
            "This is k3 of each answer, which grows beyond all bounds where an answer is likelier "
            "under ref. The question asks for k1, the log ratio itself.",
        ),
        Mistake(
            "k3, averaged over tokens",
            of_tokens(lambda d, real, beta: beta * (np.expm1(-d) + d)[real].mean()),
            "Two things at once: this is k3, where k1 is asked, and it is averaged over tokens, "
            "where each answer has a sum.",
        ),
        Mistake(
            "shifted",
            (
                of_tokens(
                    lambda d, real, beta: beta * np.where(real, d, 0)[:, 1:].sum(axis=1).mean()
                ),
                of_tokens(
                    lambda d, real, beta: (
                        beta * np.where(real[:, 1:], d[:, :-1], 0).sum(axis=1).mean()
                    )
                ),
                of_tokens(
                    lambda d, real, beta: (
                        beta * np.where(real[:, :-1], d[:, 1:], 0).sum(axis=1).mean()
                    )
                ),
            ),
            "Something is shifted by a token. Here each column holds the log-probability of its "
            "own token already, the first included, and the mask belongs to the same columns.",
        ),
        Mistake(
            "cut to the shortest",
            of_tokens(
                lambda d, real, beta: beta * d[:, : lengths_of(real).min()].sum(axis=1).mean()
            ),
            "Every answer was cut to the length of the shortest one. All the real tokens of an "
            "answer count: the mask says which they are.",
        ),
        Mistake(
            "mask on one side",
            (
                lambda log_policy, log_ref, mask, beta: float(
                    beta * (log_policy * mask - log_ref).sum(axis=1).mean()
                ),
                lambda log_policy, log_ref, mask, beta: float(
                    beta * (log_policy - log_ref * mask).sum(axis=1).mean()
                ),
            ),
            "The mask was applied to one of the two log-probabilities alone. The other one still "
            "counts at the padding: a bracket around the difference is missing.",
        ),
        Mistake(
            "bits",
            of_tokens(lambda d, real, beta: beta * np.where(real, d, 0).sum(axis=1).mean() / LN_2),
            "The log ratio was turned into bits. beta is the price of a nat.",
        ),
        Mistake(
            "median",
            of_tokens(lambda d, real, beta: beta * np.median(np.where(real, d, 0).sum(axis=1))),
            "You took the median over the answers. KL is a mean: the few answers that are far from "
            "the reference count.",
        ),
        Mistake(
            "beta twice",
            of_tokens(lambda d, real, beta: beta**2 * np.where(real, d, 0).sum(axis=1).mean()),
            "beta is in it twice. The penalty is nats times the price of a nat.",
        ),
        Mistake(
            "logarithm twice",
            lambda log_policy, log_ref, mask, beta: float(
                beta * np.where(mask != 0, np.log(log_policy / log_ref), 0).sum(axis=1).mean()
            ),
            "You took the logarithm of a ratio of logarithms. The arguments are logarithms "
            "already: log(π/ref) is log_policy - log_ref.",
        ),
        Mistake(
            "k2",
            (
                of_tokens(lambda d, real, beta: beta * (d**2 / 2)[real].sum() / len(d)),
                of_tokens(lambda d, real, beta: beta * (d**2)[real].sum() / len(d)),
            ),
            "You squared the log ratios. The question asks for the log ratio of the answer itself.",
        ),
        Mistake(
            "ratio without logarithm",
            (
                of_tokens(lambda d, real, beta: beta * np.exp(d)[real].sum() / len(d)),
                lambda log_policy, log_ref, mask, beta: float(
                    beta
                    * np.where(mask != 0, np.exp(log_policy) - np.exp(log_ref), 0)
                    .sum(axis=1)
                    .mean()
                ),
            ),
            "You took exp of the log-probabilities. The log ratio is a difference of logarithms, "
            "and the arguments are logarithms already.",
        ),
        Mistake(
            "weighted by the policy",
            lambda log_policy, log_ref, mask, beta: float(
                beta * (np.exp(log_policy) * ratios(log_policy, log_ref, mask)).sum(axis=1).mean()
            ),
            "You weighted each token by its probability under π. It was drawn from π, so what is "
            "likely is in the batch more often already.",
        ),
        Mistake(
            "mask the wrong way",
            of_tokens(lambda d, real, beta: beta * np.where(real, 0, d).sum(axis=1).mean()),
            "You summed over the padding and left out the text: 1 in the mask is a real token.",
        ),
        Mistake(
            "first answer alone",
            of_tokens(lambda d, real, beta: beta * d[0][real[0]].sum()),
            "Only the first answer is in your number. Does a `return` stand inside the loop?",
        ),
        Mistake(
            "last answer alone",
            (
                of_tokens(lambda d, real, beta: beta * d[-1][real[-1]].sum()),
                of_tokens(lambda d, real, beta: beta * d[-1][real[-1]].sum() / len(d)),
            ),
            "Only the last answer is in your number. Does each turn of the loop overwrite the "
            "result (`=`) where it should add to it (`+=`)?",
        ),
    ],
    hints=[
        "beta is the price of a nat. How many nats has one answer, and what is averaged over the "
        "answers?",
        "beta · mean over answers of Σ mask · (log_policy - log_ref), the sum over the tokens of "
        "an answer",
        "`per_answer = np.sum(mask * (log_policy - log_ref), axis=1)`, then "
        "`return beta * np.mean(per_answer)`",
    ],
    insight="Long answers may differ more from the reference, and pay for it. Divide by the length "
    "and the price of a nat falls with every token added.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [TILTED_POLICY, LOSS_GRADIENTS, BEST_OF_N_KL, BATCH_PENALTY]
