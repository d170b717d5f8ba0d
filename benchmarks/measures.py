"""How long kl_divergence takes, and how many digits it has near p = q, beside what people use.

    .venv/bin/python -m benchmarks.measures [--rounds 15] [--without-1e7]

All ways run in one process and take turns, so that a busy machine slows all alike; what is printed
is the median of the rounds. Ratios are to scipy.stats.entropy(p, q) in the same round. The floor is
the time of reading both arrays once. dit is measured where it is installed. Pairs are drawn far
apart, with zeros, with heavy tails and nearly equal. Below, the other measures that have a quick
way are held against SciPy's function or, where there is none, the plain formula.
"""

import argparse
import platform
import statistics
import time
from importlib import metadata, util

import mpmath
import numpy as np
import scipy.spatial
import scipy.special
import scipy.stats

from klteach import jeffreys_divergence, js_distance, kl_divergence, normalize

SHAPES = {  # shape -> ratio to SciPy that kl_divergence is meant to keep
    (10,): 0.10,
    (1_000,): 0.15,
    (1_000_000,): 0.25,
    (10_000_000,): 0.25,
    (10_000, 100): 0.25,
}
FAR = "far apart"
KINDS = (FAR, "a tenth is 0", "heavy tails", "KL 5e-03", "KL 5e-07")
NOISE = {"KL 5e-03": 1e-1, "KL 5e-07": 1e-3}
OURS, PEER, FLOOR = "klteach.kl_divergence", "scipy.stats.entropy", "reading both once"
SHORTEST = 0.002  # a round repeats a short call until it takes this many seconds
STEPS = (1.0, 1e-1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-9)


def plain_sum(p, q):
    return np.sum(p * np.log(p / q), axis=-1)


def sum_of_rel_entr(p, q):
    return scipy.special.rel_entr(p, q).sum(axis=-1)


def scipy_entropy(p, q):
    return scipy.stats.entropy(p, q, axis=-1)


def scipy_jensenshannon(p, q):
    return scipy.spatial.distance.jensenshannon(p, q, axis=-1)


def plain_jeffreys(p, q):
    return np.sum((p - q) * np.log(p / q), axis=-1)


OTHERS = {
    "js_distance / scipy.spatial.distance.jensenshannon": (js_distance, scipy_jensenshannon),
    "jeffreys_divergence / sum((p-q) * log(p/q))": (jeffreys_divergence, plain_jeffreys),
}


def ways():
    """Name -> function of (p, q) that returns nats; None for what is not installed."""
    found = {
        OURS: kl_divergence,
        PEER: scipy_entropy,
        "scipy.special.rel_entr": sum_of_rel_entr,
        "sum(p * log(p/q))": plain_sum,
        "dit": None,
    }
    if util.find_spec("dit"):
        from dit.divergences.pmf import relative_entropy

        found["dit"] = lambda p, q: relative_entropy(p, q) * np.log(2)
    return found


def pair(shape, kind=FAR):
    """Two distributions of this kind: drawn apart, or p = q exp(step * noise)."""
    generator = np.random.default_rng(2)
    q = normalize(generator.exponential(size=shape))
    if kind in NOISE:
        return near(q, NOISE[kind], generator), q
    p = generator.exponential(size=shape)
    if kind == "heavy tails":
        p, q = generator.pareto(0.7, shape), normalize(generator.pareto(0.7, shape))
    if kind == "a tenth is 0":
        p[..., 1:] *= generator.random(p[..., 1:].shape) > 0.1
    return normalize(p), q


def near(q, step, generator):
    return normalize(q * np.exp(step * generator.standard_normal(q.shape)))


def seconds(function, p, q, calls):
    start = time.perf_counter()
    for _ in range(calls):
        function(p, q)
    return (time.perf_counter() - start) / calls


def take_turns(functions, p, q, rounds):
    """Name -> seconds of a call, one number for each round."""
    calls = {name: calls_for(function, p, q) for name, function in functions.items()}
    times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(seconds(function, p, q, calls[name]))
    return times


def calls_for(function, p, q):
    function(p, q)
    return max(1, round(SHORTEST / seconds(function, p, q, 1)))


def spread(values):
    """The median, and between which values the middle half lies."""
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{median:.3f} ({low:.3f}-{high:.3f})"


def compare_times(functions, shape, kind, rounds):
    p, q = pair(shape, kind)
    with np.errstate(all="ignore"):
        times = take_turns(functions | {FLOOR: np.vecdot}, p, q, rounds)
    for name, own in times.items():
        ratios = [one / other for one, other in zip(own, times[PEER], strict=True)]
        floors = [one / other for one, other in zip(own, times[FLOOR], strict=True)]
        print(
            f"  {name:24}{statistics.median(own) * 1e6:14,.1f} µs   {spread(ratios):>22}"
            f"{statistics.median(floors):10.1f} x floor"
        )
    return statistics.median(
        one / other for one, other in zip(times[OURS], times[PEER], strict=True)
    )


def compare_others(shapes, rounds):
    for name, (ours, peer) in OTHERS.items():
        print(f"\n{name} (middle half):\n")
        for shape in shapes:
            ratios = []
            for kind in (FAR, "KL 5e-07"):
                p, q = pair(shape, kind)
                with np.errstate(all="ignore"):
                    times = take_turns({"ours": ours, "peer": peer}, p, q, rounds)
                ratio = [a / b for a, b in zip(times["ours"], times["peer"], strict=True)]
                ratios.append(f"{kind} {spread(ratio)}")
            print(f"  {' x '.join(map(str, shape)):>12}   " + "   ".join(ratios))


def compare_errors(functions):
    print("\nRelative error near p = q (10 outcomes; truth with 100 digits):\n")
    print(f"  {'KL in nats':12}" + "".join(f"{name:>24}" for name in functions))
    for step in STEPS:
        p, q = pair((10,), FAR)
        p = near(q, step, np.random.default_rng(2))
        truth = exact(p, q)
        cells = []
        for function in functions.values():
            value = function(p, q)
            sign = "  wrong sign" if value < 0 else ""
            cells.append(f"{float(abs(value / truth - 1)):.1e}{sign}")
        print(f"  {float(truth):<12.2g}" + "".join(f"{cell:>24}" for cell in cells))


def exact(p, q):
    """The divergence of p/Σp and q/Σq."""
    mpmath.mp.dps = 100
    p, q = ([mpmath.mpf(float(value)) for value in values] for values in (p, q))
    log_totals = mpmath.log(mpmath.fsum(p) / mpmath.fsum(q))
    terms = (a * (mpmath.log(a / b) - log_totals) for a, b in zip(p, q, strict=True))
    return mpmath.fsum(terms) / mpmath.fsum(p)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="rounds per size (default 15)")
    parser.add_argument("--without-1e7", action="store_true", help="leave out the longest arrays")
    arguments = parser.parse_args()
    if arguments.rounds < 2:
        parser.error("--rounds must be at least 2: the spread is printed, too.")
    shapes = dict(SHAPES)
    if arguments.without_1e7:
        del shapes[(10_000_000,)]
    functions = ways()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "scipy"))
    print(f"Python {platform.python_version()}, {versions}, {platform.machine()}")
    if functions["dit"] is None:
        print("dit is not installed and not measured; `pip install dit` adds it")
        del functions["dit"]
    summary = []
    for shape, target in shapes.items():
        size = " x ".join(f"{length:,}" for length in shape)
        for kind in KINDS:
            limit = target if kind == FAR else 1.0
            print(f"\n{size}, {kind}:    time, ratio to SciPy (middle half), ratio to the floor\n")
            ratio = compare_times(functions, shape, kind, arguments.rounds)
            summary.append(f"  {size:>12} {kind:12} {ratio:.3f}   wanted: {limit:.2f} at most")
    compare_errors(functions)
    print(f"\n{OURS} / {PEER}:\n")
    print("\n".join(summary))
    compare_others(shapes, arguments.rounds)


if __name__ == "__main__":
    main()
