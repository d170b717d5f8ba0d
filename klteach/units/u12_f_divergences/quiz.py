"""Unit 12: predictions and review questions on generators and what they make."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "12-meters",
        "You are told the ratio p/q and the share q of every outcome, q above 0 throughout, and "
        "not which outcome is which. From that you can compute all but one of these four. Which "
        "is out of reach?",
        Choice(
            (
                Option(
                    "Jensen–Shannon: it needs the middle M",
                    "The middle is known too: its share is q · (t + 1)/2.",
                    "js-needs-the-middle",
                ),
                Option(
                    "total variation: it needs differences, not ratios",
                    "A difference is a ratio in disguise: |p − q| = q · |t − 1|.",
                    "difference-is-no-ratio",
                ),
                Option(
                    "W1: it needs to know where the outcomes lie",
                    "Ratios and shares say how much is to be carried, and not how far.",
                ),
                Option(
                    "KL: it is weighted by p, and you have q",
                    "You have p as well: it is q · t.",
                    "weights-cannot-change",
                ),
            )
        ),
        reveal="KL, reverse KL, TV, squared Hellinger and JS are averages of a function of p/q "
        "under Q. W1 is not: give the outcomes other places on the line, and it changes while all "
        "ratios stay. What is such an average is called an f-divergence.",
    ),
    Prediction(
        "12-tilt",
        "P and Q stay, and to the generator f you add 5(t − 1), a straight line through t = 1. "
        "What happens to D_f(P‖Q)?",
        Choice(
            (
                Option(
                    "it grows: most ratios are now worth more",
                    "Where t is above 1 a bar grows, and where t is below 1 one shrinks.",
                    "tilt-adds",
                ),
                Option(
                    "it grows or falls, as P and Q happen to be",
                    "Each bar does. What they gain and lose sums to 5(Σp − Σq).",
                    "tilt-depends-on-the-pair",
                ),
                Option("nothing", "The line adds 5 · (p − q) to each bar, and both sum to 1."),
                Option(
                    "it may become negative, for the new f does",
                    "f may dip below 0, and single bars do. Their sum cannot, as long as f is "
                    "convex and f(1) = 0.",
                    "generator-must-be-positive",
                ),
            )
        ),
        reveal="Nothing. Under the weights q the line adds q · 5(p/q − 1) = 5(p − q) to each bar, "
        "and these sum to 5 · (1 − 1) = 0. So a generator is known up to c(t − 1) only.",
    ),
    Prediction(
        "12-zero",
        "P = (0.45, 0.45, 0.1), and Q = (0.5, 0.5, 0) rules the third outcome out. There p/q is "
        "infinite. Which of the six are infinite: KL, reverse KL, TV, squared Hellinger, χ², JS?",
        Choice(
            (
                Option(
                    "all six: f is taken at an infinite ratio",
                    "It is, with the weight q = 0. What q · f(p/q) comes to is p times the slope "
                    "of f at infinity.",
                    "infinite-ratio-infinite-sum",
                ),
                Option("KL and χ²", "Their generators get ever steeper; the others do not."),
                Option(
                    "KL alone",
                    "χ² as well: it divides by q. Its generator (t − 1)² gets steeper even faster.",
                    "only-kl-is-infinite",
                ),
                Option(
                    "KL, reverse KL and χ²",
                    "Reverse KL draws from Q, and Q never meets the outcome that it rules out.",
                    "swapped-roles",
                ),
            )
        ),
        reveal="KL and χ². The outcome adds p times the slope of f at infinity: infinite for "
        "t log t and (t − 1)², 0 for −log t, ½ for TV, 1 for squared Hellinger and ½ log 2 for JS. "
        "With the other outcomes that makes 0.105 for reverse KL, 0.100 for TV, 0.103 for squared "
        "Hellinger and 0.036 for JS.",
    ),
]


def _near_equality(js) -> tuple[str, Choice]:
    """The question on PSI where JS is given in thousandths of a nat."""
    text = (
        f"Two samples are close, and JS between their bins is {js / 1000:.3f} nats. About what is "
        "their PSI?"
    )
    return text, Choice(
        (
            Option(
                f"{js / 1000:.3f}",
                "Up close each divergence has a scale of its own, ½ f″(1) times χ².",
                "divergences-share-a-scale",
            ),
            Option(
                f"{2 * js / 1000:.3f}",
                "A factor 2 lies between PSI and KL. Between KL and JS lies another 4.",
                "jeffreys-is-js",
            ),
            Option(f"{8 * js / 1000:.3f}", "The curvatures are 2 and ¼, so the ratio is 8."),
        )
    )


REVIEW = [
    ReviewQuestion(
        "12-weights",
        "D_f(P‖Q) averages f(p/q). With which weights?",
        Choice(
            (
                Option(
                    "p, for P is the truth",
                    "With the ratio p/q the weights are q; p f(q/p) would fit as well, and is the "
                    "other direction.",
                    "weights-are-p",
                ),
                Option(
                    "q, what stands below the line",
                    "Then the average ratio is 1, as Jensen needs.",
                ),
                Option(
                    "none: f(p/q) is added up as it is",
                    "Then an outcome counts as much as any other, however rare it is.",
                    "unweighted-mean",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "12-never-negative",
        "The generator f(t) = t log t is negative between 0 and 1. Why is Σ q f(p/q) never "
        "negative?",
        Choice(
            (
                Option(
                    "negative values are cut off",
                    "None is: single terms of KL are negative, and they count.",
                    "generator-must-be-positive",
                ),
                Option(
                    "because p/q is never below 1",
                    "It is below 1 wherever q > p, and there is such an outcome unless P = Q.",
                    "differ-without-excess",
                ),
                Option(
                    "f is convex, and the average ratio is 1, where f is 0",
                    "Jensen: the average of f is at least f of the average.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "12-near",
        *_near_equality(10),
        vary=lambda random: _near_equality(random.randrange(2, 16)),
    ),
    ReviewQuestion(
        "12-conjugate",
        "KL(P‖Q) has the generator t log t. Which one has KL(Q‖P)?",
        Choice(
            (
                Option("−log t", "t · f(1/t) = t · (1/t) log(1/t) = −log t."),
                Option(
                    "−t log t",
                    "That bends down, and makes −KL(P‖Q): a minus turns nothing round.",
                    "swapping-flips-the-sign",
                ),
                Option(
                    "1/(t log t)",
                    "It is the ratio that is turned upside down, not the function.",
                    "conjugate-is-reciprocal",
                ),
                Option(
                    "t log t, as before",
                    "Only a symmetric divergence has the same generator both ways.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "12-ceiling",
        "The generator f(t) = (√t − 1)² has f(0) = 1 and a slope of 1 at infinity. P and Q share "
        "no outcome. What is D_f?",
        Choice(
            (
                Option(
                    "infinite, for p/q is",
                    "With the weight q = 0. Each side adds its mass times a finite limit.",
                    "infinite-ratio-infinite-sum",
                ),
                Option("2", "Q's outcomes add f(0) = 1 in all, and those of P the slope, 1."),
                Option(
                    "1, like every Hellinger",
                    "With a half before it. Without one, both sides add 1.",
                    "hellinger-has-one-scale",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "12-unnormalised",
        "P sums to 1, and by mistake Q sums to 1.1. You add t − 1 to the generator. What does "
        "Σ q f(p/q) do?",
        Choice(
            (
                Option(
                    "nothing: a tilt changes nothing",
                    "For two distributions. What it adds is Σp − Σq, and here the sums differ.",
                    "tilt-needs-no-sums",
                ),
                Option(
                    "it grows by 0.1",
                    "The sign: what is added is Σ q (p/q − 1) = Σp − Σq.",
                    "tilt-upside-down",
                ),
                Option("it falls by 0.1", "Σ q (p/q − 1) = Σp − Σq = 1 − 1.1."),
            )
        ),
    ),
]
