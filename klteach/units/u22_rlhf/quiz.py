"""Unit 22: predictions and review questions on the KL penalty of RLHF."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "22-limit",
        "A reference gives four answers with probability 0.4, 0.3, 0.2 and 0.1. Their rewards are "
        "0, 1, 2 and 4. The price β of a nat goes to 0. What does KL(π‖ref) of the best policy do?",
        Choice(
            (
                Option(
                    "it grows without end: nothing holds the policy back",
                    "The policy can do no more than always give one answer, and that one has a "
                    "probability of 0.1 under the reference, not of 0.",
                    "no-penalty-no-limit",
                ),
                Option(
                    "it stops at 1.386, log 4, as there are four answers",
                    "log 4 would be it if the reference were uniform.",
                    "limit-is-log-of-outcomes",
                ),
                Option(
                    "it stops at 2.303, log 10",
                    "In the end the best answer comes always, and the reference gives it with 0.1.",
                ),
                Option(
                    "it stops at 4, the highest reward",
                    "Rewards say where the policy goes. How far that is depends on the reference.",
                    "kl-limit-is-the-reward",
                ),
            )
        ),
        reveal="The policy ends in always giving the best answer, and its KL is −log 0.1 = 2.303 "
        "nats. Without any penalty KL is bounded by what the reference says of the best answer.",
    ),
    Prediction(
        "22-proxy",
        "A model of raters' taste says that longer answers are better. Up to 200 words that is "
        "true, and most answers of the reference are shorter; beyond, length hurts. The penalty is "
        "lowered step by step. What happens to the reward as the raters really feel it?",
        Choice(
            (
                Option(
                    "it rises with the proxy, only less",
                    "At first it does. But the policy is drawn to where the proxy is highest, and "
                    "that is where the proxy is wrong.",
                    "proxy-keeps-its-promise",
                ),
                Option(
                    "it rises, and then falls below where it began",
                    "The more the policy earns from the proxy, the more of its answers lie where "
                    "the proxy is wrong.",
                ),
                Option(
                    "it stays: what the proxy gets wrong it gets right elsewhere",
                    "Errors do not cancel for one who looks for them. The policy goes where the "
                    "proxy errs upwards.",
                    "proxy-errors-cancel",
                ),
                Option(
                    "it falls from the start",
                    "Near the reference the proxy is right, and a small step pays.",
                    "any-proxy-hurts",
                ),
            )
        ),
        reveal="It rises, turns round, and in the picture of this lesson ends below the reference. "
        "The proxy rises all the way, so nothing in the training log shows the turn.",
    ),
    Prediction(
        "22-loss",
        "From samples of π, k3 is an unbiased estimate of KL(π‖ref), and never negative. A trainer "
        "draws such samples, averages k3 over them, and lets gradient descent lower that average. "
        "Which divergence does it lower, on average?",
        Choice(
            (
                Option(
                    "KL(π‖ref): k3 is an unbiased estimate of it",
                    "The value is unbiased. Its gradient is not that of KL(π‖ref), since the "
                    "samples are drawn before anything is differentiated.",
                    "unbiased-value-unbiased-gradient",
                ),
                Option(
                    "KL(ref‖π), the other direction",
                    "With the samples held still, the gradient of r − 1 − log r, r = ref/π, "
                    "averages to that of KL(ref‖π).",
                ),
                Option(
                    "neither: its gradient is 0 on average",
                    "That is k1, the log ratio itself.",
                    "k3-has-no-gradient",
                ),
                Option(
                    "half of each, as k3 is symmetric near r = 1",
                    "Near r = 1 both directions agree, and that is why nobody notices. Far from it "
                    "they do not.",
                    "k3-is-symmetric",
                ),
            )
        ),
        reveal="KL(ref‖π). As losses, k1 lowers nothing, k2 lowers KL(π‖ref) and k3 lowers "
        "KL(ref‖π): all three by enumeration in the next cell.",
    ),
]


def _times_as_likely(price, reward) -> tuple[str, Choice]:
    """How often the odds of two answers change, at a price in tenths and a reward in tenths."""
    beta, more = price / 10, reward / 10
    factor = math.exp(more / beta)
    return (
        f"One answer has {more:.1f} more reward than another, and the price of a nat is "
        f"β = {beta:.1f}. By which factor does the best policy change the odds of the two?",
        Choice(
            (
                Option(
                    f"by {factor:.1f}",
                    "By e to the difference of the rewards over β, whatever the reference says.",
                ),
                Option(
                    f"by {math.exp(more * beta):.1f}",
                    "The reward is divided by β: a higher price means less change.",
                    "price-multiplies-reward",
                ),
                Option(
                    f"by {more / beta:.1f}",
                    "That is the change of the log odds, in nats.",
                    "log-odds-are-odds",
                ),
            )
        ),
    )


def _rare_answer(digits, tenths) -> tuple[str, Choice]:
    """What a rare answer needs to be as likely as all others."""
    beta = tenths / 10
    needed = beta * digits * math.log(10)
    return (
        f"A reference gives an answer once in 10^{digits} times. All other answers have one and "
        f"the same reward, and β = {beta:.1f}. How much more reward makes it half of what the "
        "best policy says?",
        Choice(
            (
                Option(
                    "any amount: the best policy takes the answer with the highest reward",
                    "That is the policy for β = 0. At any price above it the reference counts.",
                    "best-answer-wins",
                ),
                Option(
                    f"{needed:.1f}, β times the log of 10^{digits}",
                    "Every factor of ten in the reference costs β · 2.303 of reward.",
                ),
                Option(
                    f"{beta * 10**digits:.0f}, β times 10^{digits}",
                    "The reward stands in an exponent, so the logarithm of the odds counts.",
                    "rareness-costs-in-proportion",
                ),
            )
        ),
    )


def _best_of(n) -> tuple[str, Choice]:
    """What the best of n draws costs at most."""
    bound = math.log(n) - (n - 1) / n
    return (
        f"You draw {n} answers from a model and keep the one that a reward model likes best. How "
        "far is that from the model itself, in KL(kept‖model)?",
        Choice(
            (
                Option(
                    f"exactly {bound:.3f} nats",
                    "That is the most it can be. Where draws are often the same, or rewards equal, "
                    "it is less.",
                    "best-of-n-bound-is-exact",
                ),
                Option(
                    f"at most {bound:.3f} nats",
                    "log n − (n − 1)/n is a bound, whatever the reward model is.",
                ),
                Option(
                    "it depends on the reward model, without a limit",
                    "Choosing among draws can make an answer n times as likely, and no more.",
                    "choosing-has-no-limit",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "22-odds",
        *_times_as_likely(5, 10),
        vary=lambda random: _times_as_likely(*random.choice([(5, 10), (4, 8), (5, 15), (2, 6)])),
    ),
    ReviewQuestion(
        "22-rare",
        *_rare_answer(6, 2),
        vary=lambda random: _rare_answer(random.choice([4, 5, 6]), random.choice([1, 2, 5])),
    ),
    ReviewQuestion(
        "22-best-of-n",
        *_best_of(4),
        vary=lambda random: _best_of(random.choice([2, 4, 8, 16, 64])),
    ),
    ReviewQuestion(
        "22-negative",
        "A training log shows a KL(π‖ref) of −5 nats an answer, averaged over thousands of "
        "answers, and it stays there. What is the likeliest reason?",
        Choice(
            (
                Option(
                    "the policy is nearer to the reference than the reference itself",
                    "Nothing is: KL is 0 at the reference and above 0 everywhere else.",
                    "negative-kl-is-nearness",
                ),
                Option(
                    "chance: an estimate may be negative",
                    "Of few answers, yes. Over thousands, chance is much smaller than 5 nats.",
                    "negative-kl-is-chance",
                ),
                Option(
                    "the answers are not plain samples from the policy",
                    "With top-k or a minimum length another distribution writes than the one that "
                    "is scored, and the average log ratio is no KL.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "22-where-k1",
        "You want KL(π‖ref) to come down, and have log π and log ref of sampled answers. What may "
        "you do with k1 = log π − log ref?",
        Choice(
            (
                Option(
                    "take β · k1 off the reward of each answer, as a number",
                    "Then the policy gradient weighs each answer by it, and that is the gradient "
                    "of β · KL(π‖ref).",
                ),
                Option(
                    "add β times its average to the loss, and differentiate",
                    "Its gradient is ∇log π, whose average under π is 0.",
                    "unbiased-value-unbiased-gradient",
                ),
                Option(
                    "either, that is the same",
                    "In a reward it is a number that weighs; in a loss it is differentiated.",
                    "reward-or-loss-is-the-same",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "22-mean",
        "A trainer divides each answer's Σ(log π − log ref) by the number of its tokens, and "
        "multiplies by β. What does that do to the price of a nat?",
        Choice(
            (
                Option(
                    "nothing: a mean is only tidier than a sum",
                    "A nat of an answer with 500 tokens then costs a 500th of β.",
                    "token-mean-keeps-the-price",
                ),
                Option(
                    "it falls with the length: long answers stray almost for free",
                    "Nats of an answer add up over its tokens; divided by them, they do not count.",
                ),
                Option(
                    "it rises with the length: long answers pay more",
                    "A sum rises with the length, and should: it is nats times their price.",
                    "token-mean-punishes-length",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "22-goodhart",
        "While a model is trained against a reward model, its reward rises and KL(π‖ref) rises. "
        "How do you see that the model has become worse for people?",
        Choice(
            (
                Option(
                    "the reward begins to fall",
                    "The proxy rises all the way along its frontier, as far as one goes.",
                    "proxy-shows-its-own-fault",
                ),
                Option(
                    "KL passes a known limit of a few nats",
                    "Where the turn is depends on the reward model. KL says how far, not how good.",
                    "kl-measures-quality",
                ),
                Option(
                    "only by another measure: people, or a reward model held back",
                    "What is optimised cannot judge its own optimum.",
                ),
            )
        ),
    ),
]
