"""Answers to the questions of unit 29: right in other words, and wrong."""

import math

import numpy as np
from scipy import special, stats


def both_entropies(parts, baseline):
    p, q = parts.sum(0) + 0.5, baseline + 0.5
    return stats.entropy(p, q) + stats.entropy(q, p)


def part_by_part(parts, baseline):
    today = [0.5] * len(baseline)
    for part in parts:
        for cell, count in enumerate(part):
            today[cell] += count
    known = [count + 0.5 for count in baseline]
    total = 0.0
    for a, b in zip(today, known, strict=True):
        p, q = a / sum(today), b / sum(known)
        total += (p - q) * math.log(p / q)
    return total


def relative_entropies(parts, baseline):
    p, q = np.sum(parts, axis=0) + 0.5, np.array(baseline) + 0.5
    p, q = p / np.sum(p), q / np.sum(q)
    return special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()


def from_the_largest(null, rate, least_effect):
    ordered = sorted(null, reverse=True)
    place = math.floor(rate * (len(null) + 1))
    return max(ordered[place - 1], least_effect) if place else math.inf


def by_p_values(null, rate, least_effect):
    """The smallest good day above which a new one has a p-value of at most the rate."""
    fits = [x for x in null if (1 + np.sum(null > x)) / (1 + len(null)) <= rate]
    return max(min(fits), least_effect) if fits else np.inf


def by_partition(null, rate, least_effect):
    place = int((len(null) + 1) * rate)
    return np.maximum(np.partition(null, -place)[-place], least_effect) if place > 0 else np.inf


def day_by_day(values, rows, line, least_rows):
    codes = []
    for value, n in zip(values, rows, strict=True):
        if n < least_rows or math.isinf(line):
            codes.append(2)
        elif value > line:
            codes.append(1)
        else:
            codes.append(0)
    return codes


def by_select(values, rows, line, least_rows):
    judged = (rows >= least_rows) & np.isfinite(line)
    return np.select([~judged, values > line], [2, 1], 0)


def one_by_one(golden, golden_before, review, review_before, least):
    codes = []
    for place in range(len(golden)):
        if golden_before[place] - golden[place] >= least:
            codes.append(2)
        elif review_before[place] - review[place] >= least:
            codes.append(1)
        else:
            codes.append(0)
    return codes


def overwritten(golden, golden_before, review, review_before, least):
    codes = np.zeros(len(golden), int)
    codes[review <= review_before - least] = 1
    codes[golden <= golden_before - least] = 2
    return codes


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "psi_of_parts": {
        "both entropies": both_entropies,
        "part by part": part_by_part,
        "relative entropies": relative_entropies,
    },
    "alarm_line": {
        "from the largest": from_the_largest,
        "by p-values": by_p_values,
        "partition": by_partition,
    },
    "daily_check": {
        "day by day": day_by_day,
        "select": by_select,
        "floats": lambda *given: np.array(day_by_day(*given), dtype=float),
    },
    "decide": {
        "one by one": one_by_one,
        "overwritten": overwritten,
        "floats": lambda *given: np.array(one_by_one(*given), dtype=float),
    },
}

SINGLE_PRECISION = {
    "psi_of_parts": lambda parts, baseline: both_entropies(
        parts.astype(np.float32), baseline.astype(np.float32)
    ),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    (
        "psi_of_parts",
        "today = parts.sum(axis=0) + 0.5",
        "today = (parts + 0.5).sum(axis=0)",
        "half a row in each part",
    ),
    (
        "psi_of_parts",
        "today = parts.sum(axis=0) + 0.5",
        "s = parts + 0.5\n    today = (s / s.sum(axis=1, keepdims=True)).mean(axis=0)",
        "shares averaged",
    ),
    ("psi_of_parts", "parts.sum(axis=0) + 0.5", "parts[0] + 0.5", "one part only"),
    ("psi_of_parts", "baseline + 0.5", "baseline + 0.0", "smoothed on one side"),
    (
        "psi_of_parts",
        "    today = parts.sum(axis=0) + 0.5\n    known = baseline + 0.5",
        "    today = parts.sum(axis=0) + 0\n    known = baseline + 0",
        "not smoothed",
    ),
    (
        "psi_of_parts",
        "    today = parts.sum(axis=0) + 0.5\n    known = baseline + 0.5",
        "    today = parts.sum(axis=0) + 1\n    known = baseline + 1",
        "a whole row",
    ),
    (
        "psi_of_parts",
        "today / today.sum(), known / known.sum()",
        "today / parts.sum(), known / baseline.sum()",
        "divided by rows without the half ones",
    ),
    (
        "psi_of_parts",
        "today / today.sum(), known / known.sum()",
        "today, known",
        "counts for shares",
    ),
    (
        "psi_of_parts",
        "today / today.sum(), known / known.sum()",
        "parts.sum(axis=0) / parts.sum() + 0.5, baseline / baseline.sum() + 0.5",
        "half added to the shares",
    ),
    (
        "psi_of_parts",
        "    return",
        "    m = (parts.sum(axis=0) > 0) & (baseline > 0)\n"
        "    p, q = parts.sum(axis=0)[m] / parts.sum(), baseline[m] / baseline.sum()\n    return",
        "empty cells left out",
    ),
    ("psi_of_parts", "(p - q) * np.log(p / q)", "np.abs(p - q)", "sum of differences"),
    (
        "psi_of_parts",
        "    return np.sum((p",
        "    p, q = parts.sum() + 0.5, baseline.sum() + 0.5\n    return np.sum((p",
        "all cells together",
    ),
    (
        "psi_of_parts",
        "    return",
        "    p = parts.sum(axis=0) / parts.sum() + 1e-6\n"
        "    q = baseline / baseline.sum() + 1e-6\n    return",
        "another small number",
    ),
    ("psi_of_parts", "(p - q) *", "p *", "one direction"),
    ("psi_of_parts", "(p - q) * np.log(p / q)", "q * np.log(q / p)", "the other direction"),
    ("psi_of_parts", "(p - q) *", "(q - p) *", "sign"),
    ("psi_of_parts", "np.sum(", "np.mean(", "mean over cells"),
    *(
        (
            "psi_of_parts",
            "    today = parts.sum(axis=0) + 0.5",
            "    def one(part):\n"
            "        p, q = part + 0.5, baseline + 0.5\n"
            "        p, q = p / p.sum(), q / q.sum()\n"
            "        return np.sum((p - q) * np.log(p / q))\n\n"
            f"    return {how}\n    today = 1",
            name,
        )
        for how, name in (
            ("np.mean([one(part) for part in parts])", "mean of the parts"),
            ("sum(one(part) for part in parts)", "sum of the parts"),
            ("max(one(part) for part in parts)", "largest of the parts"),
            (
                "sum(one(part) * part.sum() for part in parts) / parts.sum()",
                "mean weighted by rows",
            ),
        )
    ),
    (
        "alarm_line",
        "    place = int(",
        "    return max(np.quantile(null, 1 - rate), least_effect)\n    place = int(",
        "quantile",
    ),
    ("alarm_line", "max(np.sort(null)[-place], least_effect)", "np.sort(null)[-place]",
     "least effect ignored"),
    ("alarm_line", "    place = int(", "    return least_effect\n    place = int(",
     "least effect only"),
    ("alarm_line", "        return np.inf\n    return max(",
     "        return least_effect\n    return min(", "smaller of the two"),
    ("alarm_line", "max(np.sort(null)[-place], least_effect)",
     "np.sort(null)[-place] + least_effect", "added"),
    ("alarm_line", "(1 + len(null))", "len(null)", "new day does not count"),
    ("alarm_line", "    place = int(", "    return max(null.max(), least_effect)\n    place = int(",
     "largest value"),
    ("alarm_line", "return np.inf", "return max(null.max(), least_effect)",
     "too few days and still a line"),
    ("alarm_line", "int(rate * (1 + len(null)))", "int(rate * (1 + len(null))) + 1",
     "one place too low"),
    ("alarm_line", "int(rate * (1 + len(null)))", "int(rate * (1 + len(null))) - 1",
     "one place too high"),
    ("alarm_line", "int(rate * (1 + len(null)))", "round(rate * (1 + len(null)))", "rounded"),
    ("alarm_line", "np.sort(null)[-place]", "np.sort(null)[place - 1]", "wrong tail"),
    ("alarm_line", "np.sort(null)[-place]", "null[-place]", "not sorted"),
    ("alarm_line", "    place = int(",
     "    return max(null.mean() + 3 * null.std(), least_effect)\n    place = int(",
     "mean and standard deviations"),
    ("daily_check", "np.where(unknown, 2, codes)",
     "np.where(rows < least_rows, 0, np.where(unknown, 2, codes))", "too few rows are quiet"),
    ("daily_check", "(rows < least_rows) | np", "np", "too few rows not asked for"),
    ("daily_check", "np.where(unknown, 2, codes)",
     "np.where(unknown & (codes == 0), 2, codes)", "alarm before rows"),
    ("daily_check", " | np.isinf(line)", "", "no line is quiet"),
    ("daily_check", "values > line", "values >= line", "on the line"),
    ("daily_check", "rows < least_rows", "rows <= least_rows", "exactly enough rows"),
    ("daily_check", "values > line", "values < line", "below the line"),
    ("daily_check", "unknown, 2, codes", "unknown, 1, 2 * codes", "1 and 2 exchanged"),
    ("daily_check", "unknown, 2, codes", "unknown, 2, 1 - codes", "0 and 1 exchanged"),
    ("daily_check", "unknown, 2, codes", "unknown, -1, codes", "minus one"),
    ("daily_check", "unknown, 2, codes", "unknown, 1, codes", "cannot tell is an alarm"),
    ("daily_check", "unknown, 2, codes", "unknown, 0, codes", "cannot tell is quiet"),
    ("decide", "golden_before - golden >= least", "golden < -1", "golden set not asked"),
    ("decide", "np.where(system, 2, np.where(world, 1, 0))", "2 * system + world", "codes added"),
    ("decide", "golden_before - golden >= least\n    world = review_before - review >= least",
     "golden_before - review >= least\n    world = review_before - golden >= least",
     "each against the other before"),
    ("decide", "np.where(system, 2, np.where(world, 1, 0))",
     "np.where(system | world, np.where(\n"
     "        golden_before - golden >= review_before - review, 2, 1), 0)", "larger drop decides"),
    ("decide", "np.where(system, 2, np.where(world, 1, 0))",
     "np.where(world, 1, np.where(system, 2, 0))", "rows first"),
    ("decide", "np.where(system, 2, np.where(world, 1, 0))",
     "np.where(system & world, 2, np.where(world & ~system, 1, 0))",
     "roll back only if both fell"),
    ("decide", "review_before - review >= least", "review < -1", "rows not asked"),
    ("decide", "review_before - review >= least", "review > -1", "always retrain"),
    ("decide", "golden >= least\n    world = review_before - review >= least",
     "golden > least\n    world = review_before - review > least", "a drop of exactly the least"),
    ("decide", "golden_before - golden >= least\n    world = review_before - review >= least",
     "golden - golden_before >= least\n    world = review - review_before >= least", "sign"),
    ("decide", "golden_before - golden >= least\n    world = review_before - review >= least",
     "abs(golden_before - golden) >= least\n    world = abs(review_before - review) >= least",
     "any change"),
    ("decide", "golden_before - golden >= least\n    world = review_before - review >= least",
     "(golden_before - golden) / golden_before >= least\n"
     "    world = (review_before - review) / review_before >= least", "relative drop"),
    ("decide", "golden >= least\n    world = review_before - review >= least",
     "golden > 0\n    world = review_before - review > 0", "any drop"),
    ("decide", "golden_before - golden >= least\n    world = review_before - review >= least",
     "golden < 1 - least\n    world = review < 1 - least", "levels instead of drops"),
    ("decide", "review_before - review >=", "golden_before - review >=",
     "rows against the golden set"),
    ("decide", "np.where(system, 2, np.where(world, 1, 0))",
     "np.where(system, 1, np.where(world, 2, 0))",
     "decisions exchanged"),
    ("decide", "np.where(system, 2, np.where(world, 1, 0))",
     "np.where(system, 0, np.where(world, 1, 2))", "codes turned round"),
]  # fmt: skip

# Mutants that change nothing, each for its own reason.
EQUIVALENT_MUTANTS = {
    "alarm_line": {"np.inf + 0.001", "np.inf * 1.0001"},  # ∞ is what it was
}
