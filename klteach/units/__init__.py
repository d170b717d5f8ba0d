"""The course in one table: its parts and its units. A new unit gets its row here.

Everything that lists units reads it: the map, the README, the lines that lead from one notebook to
the next, the warm-ups, the tests. The ways through the course are in `routes.py`, and what a unit
holds is found by `lookup.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """One unit of the course.

    number   its place in the course
    slug     its name in files and folders
    title    its name in links
    label    its name on the map, in short lines
    minutes  how long the lesson is planned to take, without its exercises
    written  whether it is a part of the course already; until then it is on its way
    """

    number: int
    slug: str
    title: str
    label: str
    minutes: int
    written: bool = False

    @property
    def code(self) -> str:
        """How the unit is called in a text: "13"."""
        return f"{self.number:02d}"

    @property
    def name(self) -> str:
        """The name of its notebooks, without the ending: "13_pinsker"."""
        return f"{self.code}_{self.slug}"

    @property
    def package(self) -> str:
        """Where its Python is: "klteach.units.u13_pinsker"."""
        return f"{__name__}.u{self.name}"


@dataclass(frozen=True)
class Part:
    """A part of the course: a letter, a title and its units in order."""

    letter: str
    title: str
    units: tuple[Unit, ...]


PARTS = (
    Part(
        "A",
        "What KL is",
        (
            Unit(0, "start_here", "Start here", "start here", 20, written=True),
            Unit(
                1,
                "surprise_entropy_bits",
                "Surprise, entropy, bits and nats",
                "surprise,\nbits, nats",
                40,
                written=True,
            ),
            Unit(
                2,
                "cross_entropy_and_kl",
                "Cross-entropy",
                "cross-entropy\nand KL",
                45,
                written=True,
            ),
            Unit(3, "never_negative", "Never negative", "never\nnegative", 45, written=True),
            Unit(
                4,
                "zeros_and_smoothing",
                "Zeros and smoothing",
                "zeros and\nsmoothing",
                40,
                written=True,
            ),
            Unit(5, "two_directions", "Two directions", "two\ndirections", 40, written=True),
            Unit(
                6,
                "densities_and_gaussians",
                "Densities and Gaussians",
                "densities,\nGaussians",
                50,
                written=True,
            ),
        ),
    ),
    Part(
        "B",
        "Structure",
        (
            Unit(7, "chain_rule", "Chain rule", "chain rule", 45, written=True),
            Unit(8, "data_processing", "Data processing", "data\nprocessing", 45, written=True),
            Unit(
                9,
                "mutual_information",
                "Mutual information",
                "mutual\ninformation",
                45,
                written=True,
            ),
            Unit(
                10,
                "fisher_information",
                "Fisher information",
                "Fisher\ninformation",
                50,
                written=True,
            ),
        ),
    ),
    Part(
        "C",
        "Comparisons, limits",
        (
            Unit(
                11,
                "divergence_zoo",
                "The divergence zoo",
                "divergence\nzoo",
                50,
                written=True,
            ),
            Unit(12, "f_divergences", "f-divergences", "f-divergences", 50, written=True),
            Unit(13, "pinsker", "Pinsker", "Pinsker", 45, written=True),
            Unit(
                14,
                "hypothesis_testing",
                "Hypothesis testing",
                "hypothesis\ntesting",
                50,
                written=True,
            ),
        ),
    ),
    Part(
        "D",
        "Estimating",
        (
            Unit(
                15,
                "maximum_likelihood",
                "Maximum likelihood",
                "MLE is\nforward KL",
                45,
                written=True,
            ),
            Unit(
                16,
                "covering_and_seeking",
                "Covering and seeking",
                "covering,\nseeking",
                45,
                written=True,
            ),
            Unit(17, "from_samples", "KL from samples", "from\nsamples", 50, written=True),
            Unit(
                18,
                "variational_bounds",
                "Variational bounds",
                "variational\nbounds",
                50,
                written=True,
            ),
        ),
    ),
    Part(
        "E",
        "Machine learning",
        (
            Unit(19, "classifiers", "Classifiers", "classifiers,\ncalibration", 50, written=True),
            Unit(20, "elbo_and_vae", "ELBO and VAE", "ELBO, VAE", 50, written=True),
            Unit(21, "distillation", "Distillation", "distillation", 45, written=True),
            Unit(22, "rlhf", "RLHF", "RLHF", 50, written=True),
        ),
    ),
    Part(
        "F",
        "In the field",
        (
            Unit(
                23,
                "psi_and_its_null",
                "PSI and its null",
                "PSI and\nits null",
                50,
                written=True,
            ),
            Unit(
                24,
                "thirty_four_features",
                "Thirty-four features",
                "tables",
                50,
                written=True,
            ),
            Unit(25, "token_histograms", "Token histograms", "text", 50, written=True),
            Unit(26, "embedding_clusters", "Embedding clusters", "embeddings", 50, written=True),
            Unit(27, "agent_trajectories", "Agent trajectories", "agents", 50, written=True),
            Unit(28, "comparable_groups", "Comparable groups", "A/B groups", 45, written=True),
            Unit(29, "after_the_alarm", "After the alarm", "after the\nalarm", 50, written=True),
        ),
    ),
    Part(
        "G",
        "Closing",
        (
            Unit(30, "bug_museum", "Bug museum", "bug museum", 50, written=True),
            Unit(31, "capstone", "Capstone", "capstone", 55, written=True),
        ),
    ),
)

UNITS = tuple(unit for part in PARTS for unit in part.units)
WRITTEN = tuple(unit for unit in UNITS if unit.written)
