"""What lesson 17 says of estimators of KL, their means and how far they scatter: by simulation.

    python -m benchmarks.estimators [--runs 2000] [--seed 0] [section ...]

Each run draws its samples anew. A line says what was tried, what came out with its standard error,
what the lesson says, and how many standard errors lie between the two, beyond the rounding of what
the lesson says. More than three are marked, and the exit code is then 1; with so many lines that is
bad luck now and then, and another `--seed` tells.

Sections: ratios, shares, neighbours, same, beyond, rounded, units; without any, all of them, which
takes two minutes of one processor.
"""

import argparse
import math
import sys
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from klteach.inference import k1, k2, k3, nearest_neighbour_kl, plug_in_bias, plug_in_kl

POINTS, NEIGHBOURS, SHIFT = 1000, 5, 1.0  # of each sample of points; the truth is SHIFT² / 2
CELLS, ROWS = 10, 50  # of the counts
DRAWS = 1000  # of each run of the ratios
MOST_ERRORS = 3

# what the lesson says: for normal pairs (mean of P, width of P) against the standard normal the sd
# of one sample as a multiple of KL, for k1, k2 and k3, and how much too large k2 is
SPREADS = {
    (0.1, 1.0): (20.0, 1.42, 1.42),
    (1.0, 1.0): (2.0, 1.73, 1.7),
    (0.0, 1.25): (6.85, 5.4, 2.86),
    (0.0, 0.9): (12.97, 3.16, 4.51),
    (0.0, 0.8): (5.9, 2.62, 6.21),
    (0.0, 0.75): (4.49, 2.37, 8.54),
    (0.0, 0.7): (3.55, 2.13, math.inf),
}
BIAS_OF_K2 = {
    (0.1, 1.0): 0.0025,
    (1.0, 1.0): 0.25,
    (0.0, 1.25): 0.39,
    (0.0, 0.9): -0.12,
    (0.0, 0.8): -0.23,
    (0.0, 0.75): -0.27,
    (0.0, 0.7): -0.31,
}
PLUG_IN_MEAN, PLUG_IN_SD, CORRECTED_MEAN = 0.0945, 0.045, 0.0045
BY_DIMENSION = {1: 0.48, 2: 0.45, 5: 0.39, 10: 0.35}
SD_OF_A_RUN = 0.05
NEGATIVE = 0.5
TIED, WITH_NOISE = 0.94, 0.45
BEYOND = 0.46  # where KL is 0.81
BY_UNIT = {1: 0.45, 10: 0.37, 100: 0.21, 1000: 0.02}


@dataclass
class Findings:
    """Prints a line for each finding, and counts those that are not as the lesson says."""

    off: int = 0

    def heading(self, words):
        print(f"\n{words}\n\n  {'':52}{'measured':>22}{'lesson':>10}{'off by':>9}")

    def mean(self, what, values, said, digits):
        """The mean of one value for each run, against a number of so many decimals."""
        values = np.asarray(values, dtype=float)
        self._line(what, values.mean(), values.std(ddof=1) / math.sqrt(len(values)), said, digits)

    def sd(self, what, values, said, digits):
        """The standard deviation over the runs; its own error by leaving out one block of ten."""
        blocks = np.array_split(np.asarray(values, dtype=float), 10)
        without = [np.concatenate(blocks[:i] + blocks[i + 1 :]).std(ddof=1) for i in range(10)]
        self._line(what, np.std(values, ddof=1), math.sqrt(9) * np.std(without), said, digits)

    def _line(self, what, measured, error, said, digits):
        outside = max(abs(measured - said) - 0.5 * 10.0**-digits, 0) / max(error, 1e-12)
        mark = " <" if outside > MOST_ERRORS else ""
        self.off += bool(mark)
        found = f"{measured:.5f} ± {error:.5f}"
        print(f"  {what:52}{found:>22}{said:>10.{digits}f}{outside:>7.1f} s{mark}")


def ratios(findings, random, runs):
    """k1, k2 and k3 of P = N(mean, width²) against Q = N(0, 1), one sample at a time."""
    findings.heading("Log-probabilities: one sample as a multiple of KL")
    for (mean, width), spreads in SPREADS.items():
        kl = -math.log(width) + (width**2 + mean**2 - 1) / 2
        x, weights = _weighted(random, mean, width, runs)
        log_p, log_q = _log_density(x, mean, width), _log_density(x, 0, 1)
        for name, estimate, spread in zip(("k1", "k2", "k3"), (k1, k2, k3), spreads, strict=True):
            if math.isinf(spread):
                continue
            values = estimate(log_p, log_q) / kl
            means, squares = (weights * values).mean(axis=1), (weights * values**2).mean(axis=1)
            bias = BIAS_OF_K2[mean, width] if name == "k2" else 0.0
            pair = f"mean {mean:g}, width {width:g}: {name}"
            findings.mean(f"{pair}, mean less 1", means - 1, bias, 4 if 0 < bias < 0.01 else 2)
            variance = squares.mean() - means.mean() ** 2
            # what each run adds to the root of the variance, to first order
            parts = squares - 2 * means.mean() * means - squares.mean() + 2 * means.mean() ** 2
            sds = math.sqrt(variance) + parts / (2 * math.sqrt(variance))
            findings.mean(f"{pair}, sd", sds, spread, 2)


def _weighted(random, mean, width, runs):
    """Samples from a law with wider tails than P has, and the weights that make them P's.

    Under P itself k3 has no fourth moment below a width of 0.866, so that its spread would be
    measured without a standard error of its own.
    """
    left = 2 - 1 / min(width, 1) ** 2
    wide = max(width, 1 / math.sqrt(left)) if left > 0 else width
    centres = mean * np.array([-1, 0, 1])
    x = random.normal(random.choice(centres, (runs, DRAWS)), wide)
    drawn = sum(np.exp(_log_density(x, centre, wide)) for centre in centres) / len(centres)
    return x, np.exp(_log_density(x, mean, width)) / drawn


def shares(findings, random, runs):
    """Counts of a law with ten equal shares, scored on that law: the truth is 0."""
    findings.heading(f"Counts: {ROWS} rows in {CELLS} cells, P = Q uniform, KL = 0")
    q = np.full(CELLS, 1 / CELLS)
    estimates = plug_in_kl(random.multinomial(ROWS, q, 20 * runs), q)
    findings.mean("plug-in, mean", estimates, PLUG_IN_MEAN, 4)
    findings.sd("plug-in, sd", estimates, PLUG_IN_SD, 3)
    findings.mean("less (k − 1)/2n, mean", estimates - plug_in_bias(CELLS, ROWS), CORRECTED_MEAN, 4)


def neighbours(findings, random, runs):
    """Two standard normal samples, one of them shifted by 1 along one coordinate."""
    findings.heading(f"Points: {POINTS} of each, k = {NEIGHBOURS}, KL = {SHIFT**2 / 2:g}")
    for dimensions, said in BY_DIMENSION.items():
        estimates = [nearest_neighbour_kl(*_points(random, dimensions)) for _ in range(runs)]
        findings.mean(f"d = {dimensions}, mean", estimates, said, 2)
        findings.sd(f"d = {dimensions}, sd", estimates, SD_OF_A_RUN, 2)


def same(findings, random, runs):
    """Two samples of one law: how often the estimate is below 0."""
    findings.heading(f"Points of one law: {POINTS} of each, k = {NEIGHBOURS}, KL = 0")
    for dimensions in (1, 2, 5):
        estimates = [nearest_neighbour_kl(*_points(random, dimensions, 0)) for _ in range(runs)]
        findings.mean(f"d = {dimensions}, share below 0", np.less(estimates, 0), NEGATIVE, 1)


def rounded(findings, random, runs):
    """Two coordinates, rounded to one decimal."""
    findings.heading("Points rounded to one decimal, 2 dimensions, KL = 0.5")
    tied, estimates = [], []
    for _ in range(runs):
        x, y = (np.round(points, 1) for points in _points(random, 2))
        own = cKDTree(x).query(x, k=[NEIGHBOURS + 1])[0]
        other = cKDTree(y).query(x, k=[NEIGHBOURS])[0]
        tied.append((own == 0).any() or (other == 0).any())
        x, y = (points + random.uniform(-0.05, 0.05, points.shape) for points in (x, y))
        estimates.append(nearest_neighbour_kl(x, y))
    findings.mean("share of runs with a distance of 0", tied, TIED, 2)
    findings.mean("noise as wide as the rounding, mean", estimates, WITH_NOISE, 2)


def beyond(findings, random, runs):
    """P twice as wide as Q, so that some of its points lie beyond all those of Q."""
    kl = -math.log(2) + 2**2 / 2 - 0.5
    findings.heading(f"Points, 1 dimension, P twice as wide as Q, KL = {kl:.2f}")
    estimates = []
    for _ in range(runs):
        x, y = random.normal(size=(2, POINTS))
        estimates.append(nearest_neighbour_kl(2 * x, y))
    findings.mean("mean", estimates, BEYOND, 2)


def units(findings, random, runs):
    """Two coordinates, the one that does not tell P from Q in ever smaller units."""
    findings.heading("Points, 2 dimensions, the second coordinate times a factor, KL = 0.5")
    for factor, said in BY_UNIT.items():
        estimates = []
        for _ in range(runs):
            x, y = (points * [1, factor] for points in _points(random, 2))
            estimates.append(nearest_neighbour_kl(x, y))
        findings.mean(f"times {factor}, mean", estimates, said, 2)


def _points(random, dimensions, shift=SHIFT):
    x, y = random.normal(size=(2, POINTS, dimensions))
    y[:, 0] += shift
    return x, y


def _log_density(x, mean, width):
    return -0.5 * ((x - mean) / width) ** 2 - math.log(width * math.sqrt(2 * math.pi))


SECTIONS = {
    each.__name__: each for each in (ratios, shares, neighbours, same, beyond, rounded, units)
}


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("sections", nargs="*", metavar="section", help=", ".join(SECTIONS))
    chosen = parser.parse_args(words)
    unknown = set(chosen.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {list(SECTIONS)}")
    print(f"{chosen.runs} runs each, seed {chosen.seed}; ± is one standard error")
    findings = Findings()
    for name in chosen.sections or SECTIONS:
        SECTIONS[name](findings, np.random.default_rng([chosen.seed, *name.encode()]), chosen.runs)
    print(f"\n{findings.off} of what the lesson says is more than {MOST_ERRORS} errors off")
    return 1 if findings.off else 0


if __name__ == "__main__":
    sys.exit(main())
