"""Unit 06: predictions and review questions on densities, normals and changes of units."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "06-units",
        "A length X has the density p, and a model of it the density q. You switch from metres to "
        "centimetres: every x is multiplied by 100. What changes: the entropy h(X) = −∫ p log p dx "
        "or KL(P‖Q)?",
        Choice(
            (
                Option(
                    "both",
                    "Both densities are divided by 100, so their ratio stays, and with it KL.",
                    "density-kl-has-a-unit",
                ),
                Option(
                    "neither",
                    "KL stays. But the same mass now lies on 100 times as many units, so p is "
                    "lower by that factor and −log p is larger.",
                    "density-entropy-has-no-unit",
                ),
                Option("h(X) only", "Its density has a unit; the ratio of two densities has none."),
            )
        ),
        reveal="In centimetres every density is lower by the factor 100, so −log p grows by "
        "ln 100 = 4.605 nats everywhere, and h(X) with it. In p/q the factor cancels: KL moves "
        "by 0.",
    ),
    Prediction(
        "06-ten",
        "P is normal with standard deviation 1. Two models have the right mean: one is ten times "
        "too wide, with standard deviation 10, the other ten times too narrow, with 0.1. Which one "
        "has the larger KL(P‖Q)?",
        Choice(
            (
                Option(
                    "the one that is too wide",
                    "It spreads its mass too thin, but it never calls a sample of P impossible.",
                    "wide-model-costs-most",
                ),
                Option(
                    "the one that is too narrow",
                    "Most samples of P lie many of its standard deviations away.",
                ),
                Option(
                    "they are equal: a factor of ten either way",
                    "The logarithms are equal but for the sign; the squares are not.",
                    "width-error-is-symmetric",
                ),
            )
        ),
        reveal="Too wide costs 1.808 nats, too narrow 47.197. A wide model pays ln 10 for its low "
        "density. A narrow one pays for the square of the distance in its own widths, on average "
        "½ · 100. Overconfidence is the expensive error.",
    ),
]

REVIEW = [
    ReviewQuestion(
        "06-density-above-one",
        "A density takes the value 3 at some x. Is that possible?",
        Choice(
            (
                Option(
                    "no, a probability is at most 1",
                    "A density is probability per unit. Only its integral is a probability.",
                    "density-is-a-probability",
                ),
                Option("yes", "Mass 1 squeezed into a quarter of a unit has the density 4."),
            )
        ),
    ),
    ReviewQuestion(
        "06-negative-entropy",
        "The differential entropy of a normal with standard deviation 0.1 comes out as −0.88 nats. "
        "What went wrong?",
        Choice(
            (
                Option(
                    "nothing: it may be negative",
                    "Where a density is above 1, −log p is below 0.",
                ),
                Option(
                    "a sign: no entropy is negative",
                    "That holds for the entropy of outcomes. A density may exceed 1.",
                    "density-entropy-not-negative",
                ),
                Option(
                    "nothing, and KL may be negative as well",
                    "h may be. KL averages a ratio of densities, and Gibbs keeps it at 0 or above.",
                    "kl-can-be-negative",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "06-feet",
        "There are 3.28 feet to a metre. h(X) is 1.00 nats in metres. And in feet?",
        Choice(
            (
                Option(
                    "3.28 nats",
                    "Entropy is a logarithm: a factor on x adds its logarithm.",
                    "unit-multiplies-entropy",
                ),
                Option(
                    "1.00 nats",
                    "Differential entropy has a unit in it: the same mass lies on more feet.",
                    "density-entropy-has-no-unit",
                ),
                Option("2.19 nats", "1.00 + ln 3.28."),
            )
        ),
    ),
    ReviewQuestion(
        "06-equal-widths",
        "Two normals have the same standard deviation and different means. KL(P‖Q) and KL(Q‖P) "
        "are …",
        Choice(
            (
                Option("equal", "Both are (μ₁ − μ₂)² / (2σ²): mirror the picture."),
                Option(
                    "different: KL is not symmetric",
                    "Not in general, but some pairs are symmetric, and this is one.",
                    "directions-always-differ",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "06-bins",
        "You put two densities into the same bins. The KL of the binned distributions is …",
        Choice(
            (
                Option(
                    "larger, since bins add error",
                    "Within a bin nothing can be told apart any more: bins only lose.",
                    "bins-add-divergence",
                ),
                Option(
                    "the KL of the densities less log of the bin width",
                    "In a ratio of masses the bin width cancels; it is entropy that moves so.",
                    "density-kl-has-a-unit",
                ),
                Option(
                    "at most the KL of the densities",
                    "Bins lose what differs inside a bin, and narrow ones lose little.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "06-check-the-mass",
        "You integrate p log(p/q) numerically over an interval. What do you check first?",
        Choice(
            (
                Option(
                    "that p log(p/q) is never negative",
                    "It is negative wherever q > p; only its integral is not.",
                    "every-term-non-negative",
                ),
                Option(
                    "that p integrates to 1 over it",
                    "If mass of P lies outside, its share of KL is missing too.",
                ),
                Option(
                    "nothing: the routine gives 8 digits",
                    "Eight digits of the wrong integral, if P has mass outside the interval.",
                    "quadrature-needs-no-check",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "06-determinant",
        "With 300 coordinates `np.linalg.det(cov)` gives 0.0, though cov is positive definite. "
        "Its logarithm …",
        Choice(
            (
                Option(
                    "is finite: take it before multiplying",
                    "`slogdet` and the Cholesky factor add logarithms instead.",
                ),
                Option(
                    "is −∞, so KL is infinite",
                    "The product only left the range of floats: no variance is 0.",
                    "underflow-is-zero",
                ),
                Option(
                    "is finite once 1e-300 is added to the determinant",
                    "Then the answer is the 1e-300 that you added.",
                    "eps-is-smoothing",
                ),
            )
        ),
    ),
]
