"""What a learner can move: a number, a distribution, a choice.

A state is {control name: raw value}. Raw values are exact: a slider's number, a list of whole
numbers that sum to a distribution's `total`, the index of a choice. `numeric` turns the raw values
of many states into the array that `update` computes with, and `raw` leads back.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np


@dataclass(frozen=True)
class Slider:
    """One number between `minimum` and `maximum`, in steps.

    `names`, one for each step, are shown and read out in place of a number that says little.
    """

    name: str
    label: str
    minimum: float
    maximum: float
    step: float
    start: float
    unit: str = ""
    names: Sequence[str] = ()

    kind = "slider"

    def __post_init__(self):
        if not self.minimum < self.maximum:
            raise ValueError(
                f"control {self.name!r}: minimum {self.minimum} is not below maximum {self.maximum}"
            )
        if not self.step > 0:
            raise ValueError(f"control {self.name!r}: step must be above 0, got {self.step}")
        if self.names and len(self.names) != self.count():
            raise ValueError(
                f"control {self.name!r}: {len(self.names)} names for {self.count()} steps"
            )
        self.check(self.start)

    def describe(self):
        return {
            "min": self.minimum,
            "max": self.maximum,
            "step": self.step,
            "decimals": self.decimals,
            "unit": self.unit,
            "names": list(self.names),
            "value": self.start,
        }

    def count(self):
        return round((self.maximum - self.minimum) / self.step) + 1

    def every(self):
        return [self.snap(self.minimum + i * self.step) for i in range(self.count())]

    def key(self, raw):
        return [round((raw - self.minimum) / self.step)]

    @property
    def decimals(self):
        """As many as it takes to write the smallest value and the step."""
        exponents = [int(Decimal(repr(x)).as_tuple().exponent) for x in (self.minimum, self.step)]
        return max(0, *(-exponent for exponent in exponents))

    def snap(self, raw):
        # rounded, so that 0.1 + 0.2 is 0.3 on the screen too
        steps = round((raw - self.minimum) / self.step)
        return round(self.minimum + steps * self.step, self.decimals)

    def check(self, raw):
        if not isinstance(raw, (int, float)) or isinstance(raw, bool) or not math.isfinite(raw):
            raise ValueError(f"control {self.name!r}: expected a number, got {raw!r}")
        if not self.minimum <= raw <= self.maximum:
            raise ValueError(
                f"control {self.name!r}: {raw} is outside {self.minimum} to {self.maximum}"
            )
        return self.snap(raw)

    def numeric(self, raws):
        return np.array(raws, dtype=float)

    def raw(self, value):
        return self.check(float(value))


@dataclass(frozen=True)
class Simplex:
    """A probability distribution in steps of 1/`total`; moving one share rescales the others."""

    name: str
    label: str
    outcomes: Sequence[str]
    total: int
    start: Sequence[int]
    minimum: int = 0

    kind = "simplex"

    def __post_init__(self):
        self.check(list(self.start))

    def describe(self):
        return {
            "labels": list(self.outcomes),
            "total": self.total,
            "minimum": self.minimum,
            "value": list(self.start),
        }

    def count(self):
        free = self.total - self.minimum * len(self.outcomes)
        return math.comb(free + len(self.outcomes) - 1, len(self.outcomes) - 1)

    def every(self):
        free = self.total - self.minimum * len(self.outcomes)
        slots = free + len(self.outcomes) - 1
        for bars in itertools.combinations(range(slots), len(self.outcomes) - 1):
            edges = (-1, *bars, slots)
            yield [b - a - 1 + self.minimum for a, b in itertools.pairwise(edges)]

    def key(self, raw):
        return raw

    def check(self, raw):
        if not isinstance(raw, list) or len(raw) != len(self.outcomes):
            raise ValueError(
                f"control {self.name!r}: expected {len(self.outcomes)} whole numbers, got {raw!r}"
            )
        for outcome, share in zip(self.outcomes, raw, strict=True):
            if not isinstance(share, int) or isinstance(share, bool) or share < self.minimum:
                raise ValueError(
                    f"control {self.name!r}: the share of {outcome} must be a whole number "
                    f"of at least {self.minimum}, got {share!r}"
                )
        if sum(raw) != self.total:
            raise ValueError(
                f"control {self.name!r}: the shares sum to {sum(raw)} and must sum to {self.total}"
            )
        return raw

    def numeric(self, raws):
        return np.array(raws, dtype=float) / self.total

    def raw(self, shares):
        return self.check([round(share * self.total) for share in shares])


@dataclass(frozen=True)
class Choice:
    """One of a few named options; `update` receives its index."""

    name: str
    label: str
    options: Sequence[str]
    start: int = 0

    kind = "choice"

    def __post_init__(self):
        self.check(self.start)

    def describe(self):
        return {"options": list(self.options), "value": self.start}

    def count(self):
        return len(self.options)

    def every(self):
        return range(len(self.options))

    def key(self, raw):
        return [raw]

    def check(self, raw):
        if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw < len(self.options):
            raise ValueError(
                f"control {self.name!r}: expected the index of one of {list(self.options)}, "
                f"got {raw!r}"
            )
        return raw

    def numeric(self, raws):
        return np.array(raws, dtype=int)

    def raw(self, value):
        return self.check(int(value))
