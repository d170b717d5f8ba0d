"""Unit 20: predictions and review questions on the ELBO, its gap, and what β does to a VAE."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "20-prior",
        "You have seen x = 1.5 and take the prior itself for q, so that KL(q‖prior) is 0. How far "
        "below log p(x) is the ELBO then?",
        Choice(
            (
                Option(
                    "0 nats: no KL is left to pay",
                    "The KL that is paid and the gap are two things. The gap is KL(q‖posterior), "
                    "and the prior has not looked at x.",
                    "gap-is-kl-to-prior",
                ),
                Option(
                    "about 0.2 nats: the prior is a fair guess",
                    "It puts much of its mass where x = 1.5 is unlikely, at z below 0, and the "
                    "log takes that hard.",
                    "wide-guess-is-cheap",
                ),
                Option(
                    "about 2 nats",
                    "KL(prior‖posterior): the posterior is N(1, 1/3), much narrower and shifted.",
                ),
                Option(
                    "nobody can know: log p(x) cannot be computed",
                    "Not for a network. Here everything is normal: x is N(0, 1.5) before it is "
                    "seen, so log p(x) is a number.",
                    "evidence-is-never-known",
                ),
            )
        ),
        reveal="1.951 nats: log p(x) is −1.872 and the ELBO −3.822. Nothing was paid for leaving "
        "the prior, and so nothing of x was used.",
    ),
    Prediction(
        "20-beta-zero",
        "A VAE with β next to 0 was trained on a hundred images until they came back nearly "
        "perfect. You draw a z from the prior. What does the decoder draw?",
        Choice(
            (
                Option(
                    "an image as sharp and as good as those that come back",
                    "It is as sharp. But the decoder was only ever asked about the z of a hundred "
                    "images, and your z is most likely none of them.",
                    "good-reconstruction-good-samples",
                ),
                Option(
                    "a copy of one of the hundred images",
                    "If your z fell on one of the dots. They are so small that it falls between "
                    "them, and most lie far out, where the prior hardly goes.",
                    "prior-finds-the-codes",
                ),
                Option(
                    "the grey mean of all images",
                    "That is what a model with too large a β draws.",
                    "small-beta-is-blurry",
                ),
                Option(
                    "strokes that are no digit, most of the time",
                    "Between the dots nobody ever told the decoder what to draw.",
                ),
            )
        ),
        reveal="At β = 0.01 such a drawing is 77 nats away from the nearest real image on average. "
        "At β = 1 it is 10. Move the slider, and drag z.",
    ),
    Prediction(
        "20-noise",
        "Train the same networks again on the same images, but let the decoder's noise have a "
        "standard deviation of 0.4 in each pixel instead of 0.2. From which β on does nothing of "
        "the images come through?",
        Choice(
            (
                Option(
                    "from about 5 on",
                    "Four times the variance makes every error a quarter as dear, so a quarter of "
                    "the β is enough.",
                ),
                Option(
                    "from about 9 on",
                    "The error is divided by the variance of the noise, and that is four times as "
                    "large, not twice.",
                    "collapse-by-the-sd",
                ),
                Option(
                    "from about 19 on, as before: β is what weighs KL",
                    "It weighs KL against the error, and the noise decides how many nats an error "
                    "is.",
                    "collapse-ignores-noise",
                ),
                Option(
                    "from about 75 on: more noise asks for more KL",
                    "The other way round. A noisy decoder expects errors, so they cost it less.",
                    "noise-holds-collapse-off",
                ),
            )
        ),
        reveal="From 4.7 on, a quarter of 18.7. Only β s² counts: β = 4.7 with s = 0.4 has the "
        "same loss as β = 18.7 with s = 0.2, but for a factor of all of it.",
    ),
]


def _gap(evidence, bound) -> tuple[str, Choice]:
    """KL(q‖posterior) from two numbers in tenths of a nat below 0."""
    return (
        f"For some x, log p(x) is −{evidence / 10:.1f} nats, and the ELBO −{bound / 10:.1f} nats. "
        "How large is KL(q‖posterior)?",
        Choice(
            (
                Option(
                    f"{bound / 10:.1f} nats", "That is minus the ELBO itself.", "loss-is-the-gap"
                ),
                Option(
                    f"{(bound - evidence) / 10:.1f} nats",
                    "The bound and the gap always add up to log p(x).",
                ),
                Option(
                    "not known: one needs the posterior for that",
                    "Not if log p(x) is known: the gap is what the ELBO lacks to it.",
                    "gap-needs-the-posterior",
                ),
            )
        ),
    )


def _mean_over_latents(latents) -> tuple[str, Choice]:
    """What a mean over so many latents does to β."""
    return (
        f"A loss has KL as a mean over {latents} latents, beside a sum over the pixels. Which β is "
        "that?",
        Choice(
            (
                Option(
                    "β = 1: a mean and a sum differ by a constant only",
                    "A constant factor on one of two terms is just what β is.",
                    "mean-is-a-constant",
                ),
                Option(
                    f"β = {latents}",
                    "A mean is the smaller number: KL weighs less, not more.",
                    "mean-weighs-more",
                ),
                Option(f"β = 1/{latents}", "And it changes with every change of the network."),
            )
        ),
    )


def _log_variance(value) -> tuple[str, Choice]:
    """The standard deviation that a log variance of minus so much means."""
    return (
        f"An encoder gives a log variance of −{value} for a latent. What is the standard deviation "
        "of q there?",
        Choice(
            (
                Option(
                    f"{math.exp(-value):.3f}",
                    "That is the variance.",
                    "variance-is-sd",
                ),
                Option(f"{math.exp(-value / 2):.3f}", "The root of exp of it."),
                Option(
                    "none: a variance cannot be negative",
                    "The logarithm of a variance below 1 is negative.",
                    "log-variance-is-variance",
                ),
            )
        ),
    )


def _named(count, kl) -> tuple[str, Choice]:
    """How much of a mean KL must be gap with so many images."""
    least = kl - math.log(count)
    return (
        f"A VAE was trained on {count} images. KL(q(z|x)‖prior) is {kl} nats on average. How much "
        "of it is the gap, KL of the mean of all posteriors from the prior?",
        Choice(
            (
                Option(
                    f"all of it, {kl} nats",
                    "A part says which image it was. The mean of the posteriors does not know.",
                    "kl-is-all-gap",
                ),
                Option(
                    "none: with a good encoder all of it is information",
                    f"To name one of {count} images takes {math.log(count):.1f} nats and no more.",
                    "kl-is-all-information",
                ),
                Option(
                    f"at least {least:.1f} nats",
                    f"The information is at most log {count} = {math.log(count):.1f}.",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "20-gap",
        *_gap(35, 52),
        vary=lambda random: _gap(random.randrange(20, 40), random.randrange(45, 70)),
    ),
    ReviewQuestion(
        "20-mean-over-latents",
        *_mean_over_latents(32),
        vary=lambda random: _mean_over_latents(random.choice([8, 16, 64, 128, 512])),
    ),
    ReviewQuestion(
        "20-log-variance",
        *_log_variance(2),
        vary=lambda random: _log_variance(random.choice([1, 3, 4, 5, 6])),
    ),
    ReviewQuestion(
        "20-named",
        *_named(100, 20),
        vary=lambda random: _named(random.choice([50, 200, 1000]), random.choice([12, 15, 25])),
    ),
    ReviewQuestion(
        "20-two-betas",
        "One run ends at a loss of 14 with β = 0.1, another at 20 with β = 1. The loss is error + "
        "β KL. Which model has the better bound on log p(x)?",
        Choice(
            (
                Option(
                    "that of β = 0.1, since its loss is lower",
                    "Its loss counts a tenth of its KL. A loss with another β is another ruler.",
                    "losses-compare-across-betas",
                ),
                Option(
                    "that of β = 1, since only its loss is a bound",
                    "Only it is one. But the other model has a bound too, error + KL, and nobody "
                    "has said how large that is.",
                    "only-trained-bounds-count",
                ),
                Option(
                    "one cannot tell: compute error + KL for both",
                    "The bound has β = 1, whatever the training had.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "20-all-alike",
        "A VAE draws the same blurry image whatever goes in, and its KL is 0.001 nats. What "
        "happened?",
        Choice(
            (
                Option(
                    "the posterior collapsed: q is the prior for every image",
                    "KL weighs so much that it pays to tell nothing.",
                ),
                Option(
                    "the fit is perfect: KL(q‖posterior) is 0",
                    "The gap may well be near 0, but what is bounded is the log p(x) of a decoder "
                    "that ignores z.",
                    "small-kl-good-model",
                ),
                Option(
                    "it memorised its images",
                    "Then each would come back as itself, with a large KL.",
                    "blurry-is-memorised",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "20-direction",
        "A posterior has two separate hills, and q is one normal distribution, fitted by the ELBO. "
        "What does it look like?",
        Choice(
            (
                Option(
                    "wide, over both hills",
                    "That is what KL(posterior‖q) would give. In the ELBO q stands first.",
                    "elbo-covers",
                ),
                Option(
                    "on one of the hills, if they are far enough apart",
                    "The ELBO's gap is KL(q‖posterior), reverse KL: it seeks.",
                ),
                Option(
                    "like the prior",
                    "Only if x said nothing of z, or KL weighed far too much.",
                    "elbo-stays-at-the-prior",
                ),
            )
        ),
    ),
]
