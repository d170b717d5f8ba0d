"""The generators of the exercises of unit 12: what a learner tries is what `check` passes."""

import numpy as np

from klteach.measures import f_divergences


class NamedGenerator:
    """A generator of the library with its limits and nothing else, shown by its name.

    Unlike the library's it does not refuse a ratio of infinity or 0/0 but gives what NumPy makes of
    it, so that feedback can tell of more than the zeros. It has no other methods of the library,
    which would be the answer, and which an answer does not have where marks are made.
    """

    def __init__(self, name):
        self.name = name
        generator = getattr(f_divergences, name)
        self._function = generator.function
        self.value_at_zero = generator.value_at_zero
        self.final_slope = generator.final_slope

    def __call__(self, ratios):
        ratios = np.asarray(ratios)
        with np.errstate(all="ignore"):
            return np.where(ratios == 0, self.value_at_zero, self._function(ratios))[()]

    def __getattr__(self, name):
        raise AttributeError(
            f"'{name}' of a generator is the library's, and here the answer is yours to write: "
            "f(t), f.value_at_zero and f.final_slope are at hand"
        )

    @property
    def attributes(self) -> dict:
        """What an answer in another process knows of it, beside its values."""
        return {name: getattr(self, name) for name in ("name", "value_at_zero", "final_slope")}

    def __repr__(self):
        return self.name


KL = NamedGenerator("KL")
REVERSE_KL = NamedGenerator("REVERSE_KL")
JEFFREYS = NamedGenerator("JEFFREYS")
TOTAL_VARIATION = NamedGenerator("TOTAL_VARIATION")
SQUARED_HELLINGER = NamedGenerator("SQUARED_HELLINGER")
CHI_SQUARE = NamedGenerator("CHI_SQUARE")
JENSEN_SHANNON = NamedGenerator("JENSEN_SHANNON")
