"""Unit 16: predictions and review questions on the two fits, local minima and mean field."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "16-apart",
        "P is two equally heavy bells of standard deviation 1, at −a and a, and a grows slowly "
        "from 1 on. What does the normal Q with the least KL(Q‖P) do?",
        Choice(
            (
                Option(
                    "it moves onto one bell as soon as P has two hills",
                    "P has two hills from a = 1 on, but while they are near each other the valley "
                    "between them is shallow, and one wide bell pays little for it.",
                    "seeks-at-once",
                ),
                Option(
                    "it slides from the middle towards one bell, little by little",
                    "The best Q is in the middle or on a bell, and never half way: there it would "
                    "pay for the valley and for the lost bell.",
                    "best-fit-slides",
                ),
                Option(
                    "it stays in the middle for long, then jumps onto one bell",
                    "Another valley of the landscape becomes the deepest one.",
                ),
                Option(
                    "it stays in the middle and gets ever wider",
                    "That is what the fit under KL(P‖Q) does. Under KL(Q‖P) the mass in the "
                    "valley costs more and more, and a bell that is left out does not.",
                    "reverse-averages",
                ),
            )
        ),
        reveal="It stays in the middle up to a = 2.80. Right after that it sits on one bell, and "
        "its standard deviation is 1.04 in the place of 2.60.",
    ),
    Prediction(
        "16-start",
        "Two equally heavy bells of standard deviation 1, at −3 and 3. Gradient descent on "
        "KL(Q‖P) starts between them: Q has the mean 0.5 and the standard deviation 3. Where does "
        "it end?",
        Choice(
            (
                Option(
                    "at mean 0, though another normal has a smaller KL(Q‖P)",
                    "The middle is a minimum, and not the best one.",
                ),
                Option(
                    "on the right bell, which is nearer",
                    "Downhill counts, not near: from there KL(Q‖P) falls towards the middle.",
                    "nearest-mode-wins",
                ),
                Option(
                    "at mean 0, and no normal has a smaller KL(Q‖P)",
                    "It does end at mean 0. But descent cannot know what lies behind a ridge.",
                    "descent-finds-the-best",
                ),
                Option(
                    "on one of the bells: the middle is a ridge, and it falls off",
                    "The middle is a valley here, with ridges on both sides.",
                    "middle-is-a-ridge",
                ),
            )
        ),
        reveal="At mean 0 and standard deviation 2.744, a minimum with 0.841 nats. On each bell "
        "there is one with 0.689 nats.",
    ),
    Prediction(
        "16-mean-field",
        "P: two coordinates, each of standard deviation 1, correlation 0.9. What standard "
        "deviations has the best independent Q?",
        Choice(
            (
                Option(
                    "1 under both: a correlation does not change standard deviations",
                    "Not those of P. But a wide independent Q puts mass beside the narrow cloud "
                    "of P, and KL(Q‖P) makes it pay for that.",
                    "mean-field-keeps-spread",
                ),
                Option(
                    "1 under KL(P‖Q), about 0.32 under KL(Q‖P)",
                    "That is √(1 − ρ). What is left of a variance when the other coordinate is "
                    "known is 1 − ρ².",
                    "one-minus-rho",
                ),
                Option(
                    "more than 1 under KL(P‖Q), 1 under KL(Q‖P)",
                    "Under KL(P‖Q) each coordinate is fitted by itself, and its standard "
                    "deviation is 1.",
                    "mean-field-too-wide",
                ),
                Option(
                    "1 under KL(P‖Q), about 0.44 under KL(Q‖P)",
                    "√(1 − ρ²): as wide as P is in one coordinate while the other is held.",
                ),
            )
        ),
        reveal="1 and √(1 − 0.81) = 0.436. One direction keeps the spread that each coordinate "
        "has by itself, the other the spread that it has while the other is held.",
    ),
]


def _lost_mode(share) -> tuple[str, Choice]:
    """What it costs to sit on a bell with so many hundredths of P."""
    w = share / 100
    return (
        f"P is two bells, far apart. Q is exactly the one that holds {share} % of P. How large is "
        "KL(Q‖P), nearly?",
        Choice(
            (
                Option(
                    "infinite: a whole bell is missing",
                    "Q never meets what it leaves out. KL(P‖Q) is the one that is large here.",
                    "dropped-mode-is-infinite",
                ),
                Option(
                    f"log(1/{w:.2f}) = {-math.log(w):.2f} nats",
                    "On its own ground Q has p = w q, so log q/p is log 1/w everywhere.",
                ),
                Option(
                    f"log(1/{1 - w:.2f}) = {-math.log(1 - w):.2f} nats",
                    "That would be the share of the bell that is left out. What counts is how "
                    "much of P is where Q goes.",
                    "price-is-of-the-lost-share",
                ),
                Option(
                    "that grows with the distance of the bells",
                    "From some distance on it does not change any more: Q is never over there.",
                    "price-grows-with-distance",
                ),
            )
        ),
    )


def _covering_sd(a) -> tuple[str, Choice]:
    """The standard deviation of the covering fit to bells at −a and a."""
    right = math.sqrt(1 + a**2)
    return (
        f"P is two equal bells of standard deviation 1, at −{a} and {a}. What is the standard "
        "deviation of the normal Q with the least KL(P‖Q)?",
        Choice(
            (
                Option(
                    "1, as that of a bell",
                    "Then it would sit on one bell, and half of the draws of P come from the "
                    "other.",
                    "forward-seeks",
                ),
                Option(
                    f"{a}, the distance of the bells from the mean",
                    "Each bell has a variance of its own, too.",
                    "spread-of-centres-only",
                ),
                Option(
                    f"{1 + a}, both together",
                    "Variances add up, standard deviations do not.",
                    "sds-add-up",
                ),
                Option(f"√(1 + {a}²) = {right:.2f}", "That of P: variances add up."),
            )
        ),
    )


def _mean_field(rho) -> tuple[str, Choice]:
    """The standard deviation of an independent fit for so many hundredths of correlation."""
    r = rho / 100
    return (
        f"Two coordinates of standard deviation 1 with a correlation of {r:.2f}. What standard "
        "deviation does the best independent Q under KL(Q‖P) have in each?",
        Choice(
            (
                Option(
                    f"√(1 − {r:.2f}²) = {math.sqrt(1 - r**2):.2f}",
                    "As wide as P is in one coordinate while the other is held.",
                ),
                Option(
                    f"1 − {r:.2f}² = {1 - r**2:.2f}",
                    "That is the variance.",
                    "variance-is-the-sd",
                ),
                Option(
                    f"1 − {r:.2f} = {1 - r:.2f}",
                    "A correlation takes its square away from a variance.",
                    "one-minus-rho",
                ),
                Option(
                    "1, as in P",
                    "That is the fit under KL(P‖Q).",
                    "mean-field-keeps-spread",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "16-lost-mode",
        *_lost_mode(40),
        vary=lambda random: _lost_mode(random.choice([10, 20, 25, 30, 60, 70, 75, 80])),
    ),
    ReviewQuestion(
        "16-covering-sd",
        *_covering_sd(2),
        vary=lambda random: _covering_sd(random.randrange(2, 10)),
    ),
    ReviewQuestion(
        "16-mean-field-sd",
        *_mean_field(80),
        vary=lambda random: _mean_field(random.choice([28, 60, 80, 96])),
    ),
    ReviewQuestion(
        "16-who-draws",
        "You can compute p up to a constant factor, and you can sample your model Q. You have no "
        "samples from P. Which KL can you lower?",
        Choice(
            (
                Option(
                    "KL(P‖Q), as in maximum likelihood",
                    "It is an average over draws from P, and there are none.",
                    "forward-needs-no-samples",
                ),
                Option(
                    "neither, as long as the constant is not known",
                    "A constant factor of p adds the same number for every Q. It does not change "
                    "which Q is best.",
                    "constant-decides",
                ),
                Option(
                    "KL(Q‖P)",
                    "It is an average over draws from Q of log q − log p, up to a constant.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "16-two-runs",
        "Two runs of a fit by KL(Q‖P) end at different means. At both the slope is 0; KL(Q‖P) is "
        "0.84 nats at one and 0.69 at the other. What now?",
        Choice(
            (
                Option(
                    "run the first one longer: it has not arrived",
                    "Its slope is 0. It has arrived, in a valley of its own.",
                    "descent-finds-the-best",
                ),
                Option(
                    "keep the second, and try more starts",
                    "The lower minimum is the better one of the two. Whether it is the best of "
                    "all, only further starts can tell.",
                ),
                Option(
                    "take the mean of both fits",
                    "Half way between two valleys is a ridge.",
                    "average-of-fits",
                ),
                Option(
                    "report that P has exactly two modes",
                    "Minima of KL(Q‖P) are not modes: two equal bells at ±3 have three minima, "
                    "and at ±2 they have one.",
                    "minima-are-modes",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "16-too-simple",
        "An image model is much too simple for its data, and was fitted by KL(P‖Q), with P the "
        "data. What fault is typical?",
        Choice(
            (
                Option(
                    "it makes images unlike any in the data",
                    "It must be ready for every image that comes, and covers what lies between "
                    "them as well.",
                ),
                Option(
                    "it leaves whole kinds of images out",
                    "That would be very expensive: each of them would come as a surprise. It is "
                    "the fault of KL(Q‖P).",
                    "forward-seeks",
                ),
                Option(
                    "none: the fit is the best that there is",
                    "The best of its family, under this divergence. The family is too small.",
                    "best-is-good",
                ),
            )
        ),
    ),
]
