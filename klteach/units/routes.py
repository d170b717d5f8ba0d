"""The routes through the course: which units whoever comes for one thing needs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """A way through the course: its name, whom it is for, and the numbers of its units."""

    name: str
    purpose: str
    numbers: frozenset[int]


CORE = frozenset({0, 1, 2, 4, 5, 6, 11, 13, 15, 16, 17, 19, 23})
ROUTES = (
    Route("Core", "everyone", CORE),
    Route("LLM", "losses, distillation, RLHF, agents", CORE | {7, 20, 21, 22, 25, 27}),
    Route("Statistician", "proofs, tests, estimators", CORE | {3, 8, 10, 12, 14, 18}),
    Route(
        "Monitoring",
        "drift alarms in production",
        frozenset({*range(6), 11, 13, 17, *range(23, 30)}),
    ),
)
