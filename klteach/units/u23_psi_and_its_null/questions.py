"""The questions of unit 23: PSI in locked cells, its threshold, its null, and new values."""

import math

import numpy as np

from klteach.practice.common_mistakes import SMALL_NUMBERS, special
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns, choices

LESSON = "23_psi_and_its_null"


# E1: PSI of two samples in cells that are locked on the baseline


def quantiles(values, cells):
    return np.quantile(values, np.arange(1, cells) / cells)


def counts_in(edges, values):
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)


def both_counts(current, baseline, cells) -> tuple[np.ndarray, np.ndarray]:
    edges = quantiles(baseline, cells)
    return counts_in(edges, current), counts_in(edges, baseline)


def both_shares(current, baseline, cells):
    a, b = both_counts(current, baseline, cells)
    return a / len(current), b / len(baseline)


def kl(p, q):
    return special().rel_entr(p, q).sum()


def jeffreys(p, q):
    return kl(p, q) + kl(q, p)


def psi(current, baseline, cells):
    return jeffreys(*both_shares(current, baseline, cells))


def _of_shares(function):
    """A mistake in the formula: right cells, right shares."""
    return lambda *arguments: function(*both_shares(*arguments))


def _of_edges(first, second=None, filled=lambda shares: shares):
    """A mistake in the cells: the edges of the current sample, and those of the baseline."""

    def wrong(current, baseline, cells):
        edges = first(current, baseline, cells)
        others = edges if second is None else second(current, baseline, cells)
        p, q = counts_in(edges, current), counts_in(others, baseline)
        return jeffreys(filled(p / len(current)), filled(q / len(baseline)))

    return wrong


def _equal_width(everything):
    def edges(current, baseline, cells):
        values = np.concatenate([current, baseline]) if everything else baseline
        return np.linspace(values.min(), values.max(), cells + 1)[1:-1]

    return edges


def _of_baseline(current, baseline, cells):
    """The right edges, of all three arguments."""
    return quantiles(baseline, cells)


def _closed(edges, of_those_counted, filled=lambda shares: shares):
    """Cells that end at the smallest and the largest row of the baseline."""

    def wrong(current, baseline, cells):
        inner = edges(current, baseline, cells)
        closed = np.concatenate([[baseline.min()], inner, [baseline.max()]])
        p, q = (np.histogram(side, closed)[0] for side in (current, baseline))
        total = max(p.sum(), 1) if of_those_counted else len(current)
        return jeffreys(filled(p / total), filled(q / len(baseline)))

    return wrong


def _densities(current, baseline, cells):
    edges = np.quantile(baseline, np.arange(cells + 1) / cells)
    return jeffreys(*(np.histogram(side, edges, density=True)[0] for side in (current, baseline)))


def _own_histograms(filled=lambda shares: shares):
    def wrong(current, baseline, cells):
        p, q = (np.histogram(side, cells)[0] / len(side) for side in (current, baseline))
        return jeffreys(filled(p), filled(q))

    return wrong


def _added(small):
    return lambda shares: shares + small


def _at_least(small):
    return lambda shares: np.maximum(shares, small)


FILLED = tuple(how(small) for how in (_at_least, _added) for small in (0.01, *SMALL_NUMBERS))


def _filled(wrong):
    """A mistake, its empty cells filled with one of the usual small numbers."""
    return tuple(wrong(filled) for filled in FILLED)


def _without_last_cells(current, baseline, cells):
    """Counts that end with the last cell in which there is a row, as `bincount` counts."""
    edges = quantiles(baseline, cells)
    p, q = (np.bincount(np.searchsorted(edges, side)) / len(side) for side in (current, baseline))
    return jeffreys(*np.broadcast_arrays(p, q))


def _without_empty_cells(current, baseline, cells):
    """Counts of the cells in which there is a row, as `np.unique` counts."""
    p, q = (shares[shares > 0] for shares in both_shares(current, baseline, cells))
    # NumPy stretches one cell over all, and refuses anything else
    return jeffreys(*np.broadcast_arrays(p, q)) if len(p) in (1, len(q)) else math.inf


def _of_the_snippet(filled):
    """Equal width in the form of a snippet that goes round: its last edge may miss the maximum."""

    def wrong(current, baseline, cells):
        edges = np.arange(cells + 1) / cells * 100
        edges = edges / 100 * (baseline.max() - baseline.min()) + baseline.min()
        p, q = (np.histogram(side, edges)[0] / len(side) for side in (current, baseline))
        return jeffreys(filled(p), filled(q))

    return wrong


def _with_ends_as_edges(side):
    """All k + 1 quantiles taken for inner edges: k + 2 cells."""

    def wrong(current, baseline, cells):
        edges = np.quantile(baseline, np.arange(cells + 1) / cells)
        p, q = (
            np.bincount(np.searchsorted(edges, rows, side=side), minlength=cells + 2) / len(rows)
            for rows in (current, baseline)
        )
        return jeffreys(p, q)

    return wrong


def _without_empty(p, q):
    both = (p > 0) & (q > 0)
    return jeffreys(p[both], q[both])


def _largest_number(p, q):
    """What `np.nan_to_num` makes of ∞ in each cell."""
    with np.errstate(all="ignore"):
        return np.nan_to_num((p - q) * np.log(p / q)).sum()


def samples(random):
    """Shifts, other widths, outliers, long tails, sizes that differ, empty cells at either end.

    Where the last cells are empty today all rows are in the first: an answer whose counts end
    there gives numbers, and not only an error.

    No edge is a row, whichever sample the quantiles come from: so it does not matter to which side
    an answer puts a row on an edge.
    """

    def normal(size, mean=0.0, sd=1.0):
        return random.normal(mean, sd, size)

    known = normal(50)
    low = known.min(), np.quantile(known, 0.25)
    return [
        case(
            [1.2, 3.1, 4.1, 5.1, 5.5, 6.1, 7.1, 8.1, 9.1, 10.3], [1.5, 2, 3, 4, 5, 6, 7, 8.6], 4,
            label="ten rows against eight",
        ),
        case([2.2, 4.9, 5.6, 6.1, 7.2, 9.9], [3, 5, 6, 7, 8, 12], 4, label="cells of unlike size"),
        case(normal(90, 0.4), normal(122), 5),
        case(normal(40, 0.4), normal(12), 5),
        case(normal(300, 0.2, 1.6), normal(150), 10),
        case(random.exponential(2.0, 200), random.exponential(1.5, 320), 8),
        case(np.append(normal(60), [900.0, -800.0]), normal(78), 4, label="two outliers"),
        case(normal(80, 0.1), normal(81, 0.1), 3),
        case(normal(30, 2.5), normal(60), 6, label="a cell that no row of today falls into"),
        case(random.uniform(*low, 20), known, 4, label="all rows of today in the first cell"),
    ]  # fmt: skip


PSI = Question(
    "psi",
    points=3,
    reference=psi,
    unit="nats",
    visible=[
        case(
            [2.2, 3.4, 4.1, 5.3, 6.6, 7.2, 8.3, 9.9],
            [1, 2, 3, 4, 5, 6, 7, 8],
            4,
            label="eight rows each",
        ),
        case([0.5, 2.6, 2.9, 3.2, 4.3, 5.9], [1, 2, 3, 4, 5], 3, label="five rows in three cells"),
        case([3.2, 3.5, 4.6, 5.2], [1, 2, 3, 4], 2, label="the lower cell is empty today"),
        case([0.1, 0.7, 1.6, 2.2], [1, 2, 3, 4], 2, label="the upper cell is empty today"),
    ],
    inputs=[samples],
    mistakes=[
        Mistake(
            "separate cells",
            (
                _of_edges(lambda c, b, k: quantiles(c, k), lambda c, b, k: quantiles(b, k)),
                _own_histograms(),
                *_filled(_own_histograms),
            ),
            "Each sample got cells of its own, so the third cell of the one is not the third cell "
            "of the other. With own quantiles the two even agree whatever has happened. Which of "
            "the two samples may say where the edges are?",
        ),
        Mistake(
            "cells of the current data",
            _of_edges(lambda c, b, k: quantiles(c, k)),
            "The edges come from the current data, so they move every day and no two days can be "
            "compared. Lock them on the baseline.",
        ),
        Mistake(
            "cells of both together",
            _of_edges(lambda c, b, k: quantiles(np.concatenate([c, b]), k)),
            "The edges come from both samples together. Then the current data help to draw the "
            "ruler that they are measured with; lock the cells on the baseline.",
        ),
        Mistake(
            "equal width",
            (
                *(_of_edges(_equal_width(everything)) for everything in (True, False)),
                *(_closed(_equal_width(False), of_those) for of_those in (True, False)),
            ),
            "Your cells are equally wide. One outlier stretches them until nearly all rows share a "
            "cell. The question asks for cells that hold equally many rows of the baseline: cut at "
            "its quantiles.",
        ),
        Mistake(
            "equal width, empty cells filled",
            (
                *_filled(_of_the_snippet),
                *(
                    wrong
                    for of_those in (True, False)
                    for wrong in _filled(
                        lambda filled, of_those=of_those: _closed(
                            _equal_width(False), of_those, filled
                        )
                    )
                ),
                *(
                    wrong
                    for everything in (True, False)
                    for wrong in _filled(
                        lambda filled, everything=everything: _of_edges(
                            _equal_width(everything), filled=filled
                        )
                    )
                ),
            ),
            "Two things. Your cells are equally wide: cut at the quantiles of the baseline, and "
            "leave the outer cells open. And a small number stands where a cell is empty; the "
            "question asks for the plain shares, where PSI is `np.inf` then.",
        ),
        Mistake(
            "outer cells closed, empty cells filled",
            tuple(
                wrong
                for of_those in (True, False)
                for wrong in _filled(
                    lambda filled, of_those=of_those: _closed(_of_baseline, of_those, filled)
                )
            ),
            "Right quantiles, and two things beside them. Rows beyond the smallest and the largest "
            "row of the baseline fell into no cell: `np.histogram` leaves them out without a word, "
            "so let the outer cells be open. And a small number stands where a cell is empty; the "
            "question asks for the plain shares, where PSI is `np.inf` then.",
        ),
        Mistake(
            "outer cells closed",
            (_closed(_of_baseline, False), _closed(_of_baseline, True)),
            "Rows beyond the smallest and the largest row of the baseline fell into no cell: "
            "`np.histogram` leaves them out without a word. They are the ones to worry about. Let "
            "the outer cells be open.",
        ),
        Mistake(
            "densities",
            _densities,
            "`density=True` divides by the widths of the cells. PSI compares shares: rows in the "
            "cell over all rows.",
        ),
        Mistake(
            "ends taken for inner edges",
            (_with_ends_as_edges("left"), _with_ends_as_edges("right")),
            "All k + 1 quantiles, the smallest and the largest row among them, went in as edges, "
            "so there are k + 2 cells, and outside the ends the baseline has hardly a row or none. "
            "k cells need the k - 1 inner edges.",
        ),
        Mistake(
            "always ten cells",
            _of_edges(lambda c, b, k: quantiles(b, 10)),
            "Ten cells, whatever `cells` says.",
        ),
        Mistake(
            "cells sorted by their rows",
            _of_shares(lambda p, q: jeffreys(np.sort(p), np.sort(q))),
            "Each side was sorted by how many rows its cells hold, as `value_counts` does, so "
            "the fullest cell of the one is compared with the fullest of the other. Each cell "
            "must stand beside itself: keep the order of the edges.",
        ),
        Mistake(
            "last cells not counted",
            _without_last_cells,
            "Where the last cells have no row today, your counts end before them, and NumPy "
            "stretches what is left over all cells. `np.bincount` stops at the largest number that "
            "it meets: `minlength=cells`.",
        ),
        Mistake(
            "empty cells not counted",
            _without_empty_cells,
            "A cell without a row today is in no count of yours, as `np.unique` knows only what it "
            "meets, and NumPy stretches what is left over all cells. Each cell needs its number, 0 "
            "among them.",
        ),
        Mistake(
            "one cell too few",
            _of_edges(lambda c, b, k: np.quantile(b, np.linspace(0, 1, k)[1:-1])),
            "One cell too few. k cells have k - 1 inner edges; count yours.",
        ),
        Mistake(
            "one cell too many",
            _of_edges(lambda c, b, k: np.quantile(b, np.linspace(0, 1, k + 2)[1:-1])),
            "One cell too many. k cells have k - 1 inner edges; count yours.",
        ),
        Mistake(
            "one direction",
            (_of_shares(kl), _of_shares(lambda p, q: kl(q, p))),
            "That is one direction of KL. PSI adds both: what do the rows that went missing add, "
            "and what those that came?",
        ),
        Mistake(
            "half of it",
            _of_shares(lambda p, q: jeffreys(p, q) / 2),
            "Half of it: the mean of both directions. PSI is their sum.",
        ),
        Mistake(
            "difference of the directions",
            (
                _of_shares(lambda p, q: _minus(kl(p, q), kl(q, p))),
                _of_shares(lambda p, q: _minus(kl(q, p), kl(p, q))),
            ),
            "You subtracted one direction from the other. PSI adds them: each is a price, and both "
            "are paid.",
        ),
        Mistake(
            "percentages",
            _of_shares(lambda p, q: 100 * jeffreys(p, q)),
            "A hundred times too large: percentages were put in where fractions belong. The ratio "
            "inside the logarithm does not notice, the difference in front of it does.",
        ),
        Mistake(
            "counts",
            lambda *arguments: jeffreys_of_counts(*both_counts(*arguments)),
            "Counts went into a formula for shares, so the result grows with the number of rows. "
            "Divide each side by its own total first.",
        ),
        Mistake(
            "one total for both",
            (
                lambda c, b, k: _over(*both_counts(c, b, k), len(c), len(c)),
                lambda c, b, k: _over(*both_counts(c, b, k), len(b), len(b)),
                lambda c, b, k: _over(*both_counts(c, b, k), len(b), len(c)),
                lambda c, b, k: _over(*both_counts(c, b, k), len(b) + len(c), len(b) + len(c)),
            ),
            "Both sides were not divided by their own totals. Shares of each side sum to 1; check "
            "that yours do.",
        ),
        Mistake(
            "small number added",
            (
                *_filled(lambda filled: _of_shares(lambda p, q: jeffreys(filled(p), filled(q)))),
                *_filled(
                    lambda filled: _of_shares(
                        lambda p, q: jeffreys(*(filled(x) / filled(x).sum() for x in (p, q)))
                    )
                ),
                _of_shares(_largest_number),
            ),
            "Where a cell is empty on one side PSI is `np.inf` here, and yours is the number that "
            "was put in its place: another one gives another PSI. What to do about an empty cell "
            "is a decision, and E4's subject.",
        ),
        Mistake(
            "smoothed",
            tuple(
                lambda c, b, k, alpha=alpha: jeffreys(
                    *((side + alpha) / (side.sum() + alpha * k) for side in both_counts(c, b, k))
                )
                for alpha in (0.5, 1.0)
            ),
            "You smoothed the counts. That is a good policy, and one to name; this question asks "
            "for the plain shares, where an empty cell gives `np.inf`.",
        ),
        Mistake(
            "empty cells removed",
            _of_shares(_without_empty),
            "You left out a cell that is empty on one side. It is the cell where everything "
            "changed.",
        ),
        Mistake(
            "bits",
            _of_shares(lambda p, q: jeffreys(p, q) / math.log(2)),
            "Right but for the unit: this is in bits, and the question asks for nats.",
        ),
        Mistake(
            "log10",
            _of_shares(lambda p, q: jeffreys(p, q) / math.log(10)),
            "Right but for the unit: this comes from a logarithm to base 10, and nats come from "
            "`np.log`.",
        ),
        Mistake(
            "sign",
            _of_shares(lambda p, q: -jeffreys(p, q)),
            "Right but for the sign: (p - q) goes with log(p/q), so that both change sign together "
            "and no cell adds less than 0.",
        ),
        Mistake(
            "mean of the cells",
            _of_shares(lambda p, q: jeffreys(p, q) / len(p)),
            "You took the mean over the cells. The shares are weights already: add the cells up.",
        ),
        Mistake(
            "chi-square",
            (
                _of_shares(lambda p, q: ((p - q) ** 2 / q).sum()),
                _of_shares(lambda p, q: (2 * (p - q) ** 2 / (p + q)).sum()),
            ),
            "You squared the differences. Near p = q that is nearly PSI, and further away it is "
            "not: PSI has a logarithm.",
        ),
        Mistake(
            "jensen-shannon",
            _of_shares(lambda p, q: (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2),
            "You compared with the mean of both histograms. That is Jensen-Shannon, about an "
            "eighth of PSI for histograms that are close, and never infinite.",
        ),
        Mistake(
            "total variation",
            (
                _of_shares(lambda p, q: np.abs(p - q).sum()),
                _of_shares(lambda p, q: np.abs(p - q).sum() / 2),
            ),
            "The logarithm is missing: these are the differences of the shares alone.",
        ),
    ],
    hints=[
        "Who says where the edges are, and what happens to a row beyond them?",
        "Edges at the quantiles 1/k, ..., (k - 1)/k of the baseline, the outer cells open. Then "
        "Σ (p - q) log(p/q) over the cells",
        "`edges = np.quantile(baseline, np.arange(1, cells) / cells)`, then "
        "`p, q = (np.bincount(np.searchsorted(edges, x), minlength=cells) / len(x) "
        "for x in (current, baseline))` and then `return np.sum((p - q) * np.log(p / q))`",
    ],
    insight="PSI is Jeffreys' divergence of the shares, in cells that the baseline has locked. "
    "Whatever moves the cells moves the number.",
    lesson=LESSON,
    section="The idea",
)


def jeffreys_of_counts(a, b):
    """Σ (a - b) log(a/b), whatever a and b sum to."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(a == b, 0.0, (a - b) * np.log(a / b)).sum()


def _over(a, b, first, second):
    return jeffreys_of_counts(a / first, b / second)


def _minus(a, b):
    """A difference that stays infinite where a direction is: inf - inf would be nan."""
    return a - b if math.isfinite(a) and math.isfinite(b) else math.inf


# E2: the threshold of the large-sample null, and how many rows a cutoff needs


def point(degrees, above=0.05):
    """The point that χ² exceeds with the probability `above`."""
    return float(special().chdtri(degrees, above))


def psi_threshold(n, m, cells):
    return (1 / n + 1 / m) * point(cells - 1)


def tables(random):
    """Sizes that differ, both ways, and many numbers of cells."""
    sizes = [(60, 6000, 4), (6000, 60, 4), (800, 800, 3), (312, 8753, 10), (25, 30, 3)]
    sizes += [(int(random.integers(100, 5000)), int(random.integers(100, 5000)), 15)]
    return [case(*size) for size in sizes] + [case(100_000, 100_000, 10), case(400, 900, 50)]


PSI_THRESHOLD = Question(
    "psi_threshold",
    points=2,
    reference=psi_threshold,
    visible=[
        case(200, 200, 10, label="200 rows on each side, ten cells"),
        case(200, 20000, 10, label="a large baseline"),
        case(200, 200, 20, label="twice as many cells"),
    ],
    inputs=[tables],
    mistakes=[
        Mistake(
            "current noise forgotten",
            lambda n, m, cells: point(cells - 1) / m,
            "The noise of the current data is missing: 1/n. A baseline of any size does not make "
            "today's rows more.",
        ),
        Mistake(
            "baseline noise forgotten",
            lambda n, m, cells: point(cells - 1) / n,
            "You took the baseline for the truth: its 1/m is missing. It is a sample too.",
        ),
        Mistake(
            "one pool",
            (
                lambda n, m, cells: point(cells - 1) / (n + m),
                lambda n, m, cells: 2 * point(cells - 1) / (n + m),
                lambda n, m, cells: 4 * point(cells - 1) / (n + m),
            ),
            "You put both sides into one pool, n + m. The noise of each side counts by itself, "
            "1/n + 1/m, and the smaller side decides.",
        ),
        Mistake(
            "larger noise only",
            lambda n, m, cells: point(cells - 1) / min(n, m),
            "You took the noise of the smaller side alone. The other one is a sample as well, and "
            "both noises add up: 1/n + 1/m.",
        ),
        Mistake(
            "brackets",
            (
                lambda n, m, cells: 1 / n + 1 / m * point(cells - 1),
                lambda n, m, cells: point(cells - 1) * 1 / n + 1 / m,
            ),
            "Brackets: χ² multiplies one of the two noises only. It multiplies their sum, "
            "(1/n + 1/m).",
        ),
        Mistake(
            "mean of the noises",
            lambda n, m, cells: (1 / n + 1 / m) / 2 * point(cells - 1),
            "Half of it. Either you took the mean of 1/n and 1/m, or this is the threshold of one "
            "direction of KL, which is about half of PSI.",
        ),
        Mistake(
            "product",
            lambda n, m, cells: point(cells - 1) / (n * m),
            "You multiplied 1/n and 1/m. Variances of independent samples add up.",
        ),
        Mistake(
            "noise upside down",
            (
                lambda n, m, cells: point(cells - 1) / (1 / n + 1 / m),
                lambda n, m, cells: point(cells - 1) * n * m / (n + m),
            ),
            "Upside down: your threshold grows with the rows. PSI times nm/(n + m) is about χ², so "
            "PSI itself is χ² times what?",
        ),
        Mistake(
            "root",
            lambda n, m, cells: np.sqrt(1 / n + 1 / m) * point(cells - 1),
            "A root too many. Without drift PSI falls like 1/n, not like 1/√n: it is made of "
            "squared differences.",
        ),
        Mistake(
            "noise left out",
            lambda n, m, cells: point(cells - 1),
            "That is the point of χ² itself. PSI is smaller by the factor 1/n + 1/m, so the "
            "threshold depends on the rows.",
        ),
        Mistake(
            "B degrees",
            lambda n, m, cells: (1 / n + 1 / m) * point(cells),
            "One degree of freedom too many. The shares of a side sum to 1, so the last one is "
            "known from the others.",
        ),
        Mistake(
            "B - 2 degrees",
            lambda n, m, cells: (1 / n + 1 / m) * point(cells - 2),
            "One degree of freedom too few. Of B shares that sum to 1, how many are free?",
        ),
        Mistake(
            "degrees doubled",
            lambda n, m, cells: (1 / n + 1 / m) * point(2 * (cells - 1)),
            "Twice the degrees of freedom. Both sides are random, and that is what 1/n + 1/m says; "
            "what varies are B - 1 differences.",
        ),
        Mistake(
            "cdf for ppf",
            (
                lambda n, m, cells: (1 / n + 1 / m) * special().chdtr(cells - 1, 0.95),
                lambda n, m, cells: (1 / n + 1 / m) * special().chdtrc(cells - 1, 0.95),
            ),
            "`cdf` turns a point into the share below it, and `sf` into the share above. You need "
            "the way back: the point that has 95 % below it, `ppf`.",
        ),
        Mistake(
            "no quantile",
            lambda n, m, cells: math.nan,
            "`nan` on every input, as if the quantile function had been asked for something that "
            "is no share. It is `ppf(share, degrees)`: the share first, as a fraction.",
        ),
        Mistake(
            "lower tail",
            (
                lambda n, m, cells: (1 / n + 1 / m) * point(cells - 1, 0.95),
                lambda n, m, cells: (1 / n + 1 / m) * point(cells - 1, 0.975),
            ),
            "That is a quantile from the lower end: nearly all comparisons without drift lie above "
            "it and would alarm. Which tail do alarms come from?",
        ),
        Mistake(
            "two tails",
            lambda n, m, cells: (1 / n + 1 / m) * point(cells - 1, 0.025),
            "You left 2.5 % above, as for a test with two tails. Drift makes PSI large, never "
            "small: all 5 % belong above.",
        ),
        Mistake(
            "another rate",
            (
                lambda n, m, cells: (1 / n + 1 / m) * point(cells - 1, 0.01),
                lambda n, m, cells: (1 / n + 1 / m) * point(cells - 1, 0.1),
            ),
            "Another false-alarm rate: the question asks for 5 %.",
        ),
        Mistake(
            "average",
            lambda n, m, cells: (1 / n + 1 / m) * (cells - 1),
            "That is PSI without drift on average. Nearly half of the comparisons lie above it: a "
            "threshold needs the 95 % point.",
        ),
        Mistake(
            "bell curve",
            tuple(
                lambda n, m, cells, z=z: (
                    (1 / n + 1 / m) * (cells - 1 + z * math.sqrt(2 * (cells - 1)))
                )
                for z in (1.645, 1.6448536269514722, 1.96, 1.959963984540054, 2, 3)
            ),
            "The mean of χ² plus so many of its standard deviations: that treats χ² as a bell "
            "curve. With few cells it leans to the right, so take the point from χ² itself.",
        ),
        Mistake(
            "degrees of the rows",
            (
                lambda n, m, cells: (1 / n + 1 / m) * point(n + m - 2),
                lambda n, m, cells: (1 / n + 1 / m) * point(n - 1),
                lambda n, m, cells: (1 / n + 1 / m) * point(min(n, m) - 1),
            ),
            "The degrees of freedom come from the rows here, as in a t test. It is the shares of "
            "the cells that are free to vary, all but one.",
        ),
        Mistake(
            "degrees missing",
            (
                lambda n, m, cells: (1 / n + 1 / m) * point(1),
                lambda n, m, cells: (1 / n + 1 / m) * special().ndtri(0.95),
                lambda n, m, cells: (1 / n + 1 / m) * special().ndtri(0.975),
            ),
            "The number of cells takes no part. Each further cell adds noise of its own.",
        ),
        Mistake(
            "by custom",
            (lambda n, m, cells: 0.1, lambda n, m, cells: 0.25, lambda n, m, cells: 0.2),
            "A fixed number, whatever the rows and the cells are. That is the custom which this "
            "threshold replaces.",
        ),
    ],
    hints=[
        "Which side of the comparison is noisy, and how many shares are free to vary?",
        "(1/n + 1/m) times the point that χ² with B - 1 degrees of freedom exceeds with "
        "probability 5 %",
        "`from scipy.stats import chi2` and then "
        "`return (1 / n + 1 / m) * chi2.ppf(0.95, cells - 1)`",
    ],
    insight="The line falls with the rows and rises with the cells. It trusts that rows are "
    "independent and cells well filled; the next exercises need less.",
    lesson=LESSON,
    section="The idea",
)


def rows_needed(cells, cutoff):
    """The fewest rows on each side at which the 95 % line is no higher than the cutoff."""
    return float(math.ceil(2 * point(cells - 1) / cutoff))


def cells_and_cutoffs(random):
    cases = [case(cells, 0.25) for cells in (3, 5, 20)] + [case(8, 0.02), case(50, 0.1)]
    return cases + [case(int(random.integers(4, 40)), float(random.uniform(0.01, 0.3)))]


def _rows(function):
    """Rounded up, whatever the mistake is."""
    return lambda cells, cutoff: float(math.ceil(function(cells, cutoff)))


ROWS_NEEDED = Question(
    "rows_needed",
    points=2,
    reference=rows_needed,
    exchangeable=False,
    visible=[
        case(10, 0.1, label="ten cells and the cutoff 0.1"),
        case(5, 0.1, label="five cells"),
        case(20, 0.1, label="twenty cells"),
    ],
    inputs=[cells_and_cutoffs],
    mistakes=[
        Mistake(
            "one side only",
            _rows(lambda cells, cutoff: point(cells - 1) / cutoff),
            "Half as many. You counted the noise of one side; with n rows on each, 1/n + 1/m is "
            "2/n.",
        ),
        Mistake(
            "rounded too early",
            lambda cells, cutoff: math.ceil(2 * point(cells - 1)) / cutoff,
            "Rounded up before the division. It is the rows that are whole, so round last.",
        ),
        Mistake(
            "a quarter",
            _rows(lambda cells, cutoff: point(cells - 1) / (2 * cutoff)),
            "A quarter as many. With n rows on each side 1/n + 1/m is 2/n: that 2 belongs above "
            "the line.",
        ),
        Mistake(
            "both sides together",
            (
                _rows(lambda cells, cutoff: 4 * point(cells - 1) / cutoff),
                lambda cells, cutoff: 2 * rows_needed(cells, cutoff),
            ),
            "Twice as many: those are the rows of both sides together. Count the rows on each.",
        ),
        Mistake(
            "rounded down",
            (
                lambda cells, cutoff: float(math.floor(2 * point(cells - 1) / cutoff)),
                lambda cells, cutoff: float(round(2 * point(cells - 1) / cutoff)),
            ),
            "Rounded the wrong way: with so few rows the line of the null still lies above the "
            "cutoff. The first whole number that is enough lies above.",
        ),
        Mistake(
            "not rounded",
            lambda cells, cutoff: 2 * point(cells - 1) / cutoff,
            "The right idea, but rows come in whole numbers. Which is the first one that is "
            "enough?",
        ),
        Mistake(
            "one too many",
            lambda cells, cutoff: rows_needed(cells, cutoff) + 1,
            "One row too many: rounding up is enough.",
        ),
        Mistake(
            "B degrees",
            _rows(lambda cells, cutoff: 2 * point(cells) / cutoff),
            "One degree of freedom too many: of B shares that sum to 1, B - 1 are free.",
        ),
        Mistake(
            "lower tail",
            _rows(lambda cells, cutoff: 2 * point(cells - 1, 0.95) / cutoff),
            "You used the 5 % quantile of χ². With that few rows, 95 of 100 comparisons without "
            "drift alarm.",
        ),
        Mistake(
            "two tails",
            _rows(lambda cells, cutoff: 2 * point(cells - 1, 0.025) / cutoff),
            "You left 2.5 % above the line. Drift makes PSI large, never small: all 5 % belong "
            "above.",
        ),
        Mistake(
            "average",
            _rows(lambda cells, cutoff: 2 * (cells - 1) / cutoff),
            "With so many rows PSI without drift is the cutoff on average, so it alarms nearly "
            "every other time. Use the 95 % point.",
        ),
        Mistake(
            "rows in each cell",
            (
                _rows(lambda cells, cutoff: 2 * point(cells - 1) / cutoff / cells),
                _rows(lambda cells, cutoff: 2 * point(cells - 1) / cutoff * cells),
            ),
            "The number of cells was counted twice: it is in the degrees of freedom already. n is "
            "the number of all rows on a side.",
        ),
        Mistake(
            "cutoff squared",
            (
                _rows(lambda cells, cutoff: 2 * point(cells - 1) / cutoff**2),
                _rows(lambda cells, cutoff: (2 * point(cells - 1) / cutoff) ** 2),
            ),
            "A square too many. Without drift PSI falls like 1/n, so half the cutoff needs twice "
            "the rows.",
        ),
        Mistake(
            "cutoff multiplied",
            (
                _rows(lambda cells, cutoff: 2 * point(cells - 1) * cutoff),
                _rows(lambda cells, cutoff: cutoff / (2 * point(cells - 1))),
            ),
            "The cutoff is on the wrong side. A smaller cutoff must need more rows.",
        ),
    ],
    hints=[
        "Put m = n into the threshold. For which n does it come down to the cutoff?",
        "(2/n) χ² ≤ cutoff, so n ≥ 2 χ² / cutoff, rounded up",
        "`from scipy.stats import chi2` and then "
        "`return int(np.ceil(2 * chi2.ppf(0.95, cells - 1) / cutoff))`",
    ],
    insight="Below that number of rows a fixed cutoff alarms more often than 5 %; far above it, it "
    "sleeps through shifts that the rows show clearly.",
    lesson=LESSON,
    section="The idea",
)


# E3: the exact null for independent rows, and its p-value


def shuffled_counts(current, baseline, draws, seed):
    random = np.random.default_rng(seed)
    pool = np.asarray(current) + baseline
    return random.multivariate_hypergeometric(pool, int(np.sum(current)), size=draws)


def judge_shuffled(current, baseline, draws, seed, values):
    """None if the rows of `values` may be draws of the null; else what they are."""
    pool, n, m = current + baseline, current.sum(), baseline.sum()
    if (values < 0).any():
        return "no counts", "Some entries are below 0. Draw rows and count them."
    if not np.isfinite(values).all() or (values != np.rint(values)).any():
        return "no counts", (
            "Some entries are no whole numbers. Draw rows and count them; shares and PSI come "
            "later."
        )
    sums = set(values.sum(axis=1).tolist())
    if sums != {float(n)}:
        return _wrong_sums(sums, n, m)
    mean, expected = values.mean(axis=0), n * pool / (n + m)
    if (values == values[0]).all():
        return "always the same", (
            "Every draw is the same. A null needs chance: draw the rows anew each time."
        )
    variance = n * (pool / (n + m)) * (1 - pool / (n + m)) * m / (n + m - 1)
    if (abs(mean - expected) > 8 * np.sqrt(variance / draws) + 1e-9).any():
        return _wrong_mean(mean, current, baseline, pool)
    if (values > pool).any():
        return "with replacement", (
            "Some cell got more rows than both sides have in it together. A row was drawn more "
            "than once: draw without replacement."
        )
    spread = values.var(axis=0).sum() / variance.sum()
    if spread > 1.4:
        return "with replacement", (
            "The right means, but the draws vary more than they can if rows are dealt. Was each "
            "row put back before the next was drawn? Who is dealt to the current side is missing "
            "on the other. Or does a draw hang on the one before it?"
        )
    if spread < 0.6:
        return "too little chance", (
            "The right means, but the draws vary too little. Every one of the rows must be free to "
            "fall on either side, in every draw."
        )
    return None


def _wrong_sums(sums, n, m):
    if sums == {float(m)}:
        return "the other side", (
            f"Each draw has {m} rows, as many as the baseline. Return the draws of the current "
            f"side, {n} rows each."
        )
    if sums == {float(n + m)}:
        return "the pool", (
            f"Each draw has all {n + m} rows. Deal {n} of them to the current side; the others are "
            "the baseline of that draw."
        )
    return "wrong number of rows", (
        f"Each draw deals as many rows as the current data have, {n}. Yours has others: are the "
        "cells drawn one by one, or independently of each other?"
    )


def _wrong_mean(mean, current, baseline, pool):
    n = current.sum()
    origins = {
        "from the baseline": baseline,
        "from the current data": current,
        "cells shuffled": np.ones(len(pool)),
    }
    distance = {name: abs(mean - n * side / side.sum()).max() for name, side in origins.items()}
    nearest = min(distance, key=distance.__getitem__)
    says = {
        "from the baseline": "The rows are drawn from the baseline alone, as if it were the truth. "
        "Without drift all rows are of one kind: draw from both sides together.",
        "from the current data": "The rows are drawn from the current data alone. That shows how "
        "today's rows scatter, and not what no drift looks like: pool both sides first.",
        "cells shuffled": "The cells came out alike. It is rows that are dealt anew, not the names "
        "of the cells: a cell that is rare in the pool stays rare in a draw.",
    }
    if distance[nearest] > 0.1 * n:
        return "other means", (
            "On average a draw must have each cell in the share that it has in the pool, and yours "
            "has not. Are rows drawn from the counts of both sides added up?"
        )
    return nearest, says[nearest]


SHUFFLED_COUNTS = Question(
    "shuffled_counts",
    points=2,
    reference=shuffled_counts,
    judge=judge_shuffled,
    returns=Returns(
        "an array of whole numbers, a row for each draw and a column for each cell",
        lambda current, baseline, draws, seed: (draws, len(current)),
    ),
    exchangeable=False,
    visible=[
        case([6, 3, 1], [3, 6, 5], 500, 1, label="ten rows against fourteen"),
        case([40, 2], [25, 35], 500, 2, label="two cells"),
        case([9, 0, 4, 7], [3, 4, 0, 3], 500, 3, label="a cell empty on each side"),
    ],
    inputs=[
        lambda random: [
            case([450, 300, 180, 60, 10], [500, 300, 150, 50, 0], 500, 4),
            case([12, 3, 9], [100, 110, 90], 500, 5),
            case([90, 20, 10], [8, 5, 17], 500, 6),
        ]
    ],
    mistakes=[],
    hints=[
        "If nothing has changed, what distinguishes a current row from a row of the baseline?",
        "Add the counts of both sides up to one pool and draw n rows from it, without replacement: "
        "a multivariate hypergeometric law",
        "`random = np.random.default_rng(seed)` and then "
        "`return random.multivariate_hypergeometric(current + baseline, int(current.sum()), "
        "size=draws)`",
    ],
    insight="Counts are all that PSI sees, so dealing counts is the same as shuffling the rows, "
    "and thousands of times quicker. What is left of the pool is the baseline of that draw.",
    lesson=LESSON,
    section="The idea",
)


def p_value(observed, null):
    return (1 + np.count_nonzero(null >= observed)) / (1 + len(null))


def _by_percentile(observed, null):
    """1 - SciPy's `percentileofscore`, which gives ties their mean rank."""
    above, reached = np.count_nonzero(null > observed), np.count_nonzero(null >= observed)
    return (above + reached - (reached > above)) / (2 * len(null))


def observed_and_nulls(random):
    """Nulls with ties, with infinities, with everything on one side."""
    cases = []
    for draws in (19, 99, 400):
        null = np.round(random.chisquare(4, draws), 1)
        cases += [case(float(null[0]), null), case(float(random.uniform(2, 9)), null)]
    null = np.append(random.chisquare(3, 30), [np.inf, np.inf])
    return [*cases, case(np.inf, null, label="an infinite PSI"), case(1.0, null)]


P_VALUE = Question(
    "p_value",
    points=1,
    reference=p_value,
    visible=[
        case(0.3, [0.1, 0.2, 0.4, 0.1, 0.2, 0.5, 0.1], label="seven draws"),
        case(0.2, [0.1, 0.2, 0.2, 0.1], label="ties"),
        case(0.9, [0.1, 0.2, 0.4, 0.1], label="larger than every draw"),
    ],
    inputs=[observed_and_nulls],
    mistakes=[
        Mistake(
            "observation left out",
            (
                lambda observed, null: np.count_nonzero(null >= observed) / len(null),
                _by_percentile,
            ),
            "You left the observation itself out, so a p-value of 0 can come out: more than any "
            "number of draws can prove. Without drift the observation is one draw more: count it "
            "above and below.",
        ),
        Mistake(
            "one above only",
            (
                lambda observed, null: (1 + np.count_nonzero(null >= observed)) / len(null),
                lambda observed, null: np.count_nonzero(null >= observed) / (1 + len(null)),
            ),
            "The observation is counted on one side of the fraction only. It belongs to those that "
            "reach it and to the total.",
        ),
        Mistake(
            "ties dropped",
            lambda observed, null: (1 + np.count_nonzero(null > observed)) / (1 + len(null)),
            "A draw that equals the observation is as extreme as it is: count ≥, not >.",
        ),
        Mistake(
            "ties and the observation left out",
            (
                lambda observed, null: np.count_nonzero(null > observed) / len(null),
                lambda observed, null: np.count_nonzero(null > observed) / (1 + len(null)),
                lambda observed, null: (1 + np.count_nonzero(null > observed)) / len(null),
            ),
            "Two things. A draw that equals the observation is as extreme as it is: count ≥, not "
            ">. And without drift the observation is one draw more: it belongs to those that reach "
            "it and to the total.",
        ),
        Mistake(
            "two added below",
            lambda observed, null: (1 + np.count_nonzero(null >= observed)) / (2 + len(null)),
            "One added above and two below, as when a share is smoothed. Here one draw is added, "
            "the observation, and it counts once above and once below.",
        ),
        Mistake(
            "floor",
            tuple(
                lambda observed, null, more=more: max(
                    np.count_nonzero(null >= observed) / len(null), 1 / (more + len(null))
                )
                for more in (0, 1)
            ),
            "It is never 0 now, but a floor puts right only the one case in which no draw reaches "
            "the observation. Without drift the observation is one draw more, always: count it "
            "above and below.",
        ),
        Mistake(
            "brackets",
            (
                lambda observed, null: 1 + np.count_nonzero(null >= observed) / (1 + len(null)),
                lambda observed, null: 1 + np.count_nonzero(null >= observed) / 1 + len(null),
                lambda observed, null: np.count_nonzero(null >= observed) + 1 / (1 + len(null)),
                lambda observed, null: (1 + np.count_nonzero(null >= observed)) / 1 + len(null),
            ),
            "Brackets: a probability cannot exceed 1. All that stands above the line belongs "
            "together, and all that stands below it.",
        ),
        Mistake(
            "lower tail",
            (
                lambda observed, null: (1 + np.count_nonzero(null <= observed)) / (1 + len(null)),
                lambda observed, null: np.count_nonzero(null <= observed) / len(null),
                lambda observed, null: np.count_nonzero(null < observed) / len(null),
                lambda observed, null: (1 + np.count_nonzero(null < observed)) / (1 + len(null)),
                lambda observed, null: 1 - p_value(observed, null),
                lambda observed, null: np.count_nonzero(null <= observed) / (1 + len(null)),
            ),
            "You counted the draws below the observation. A large PSI is the suspicious one: how "
            "many draws are at least as large?",
        ),
        Mistake(
            "two tails",
            lambda observed, null: 2 * p_value(observed, null),
            "Doubled, as for a test with two tails. Drift makes PSI large, never small: one tail.",
        ),
        Mistake(
            "percent",
            lambda observed, null: 100 * p_value(observed, null),
            "In percent. The question asks for a probability, between 0 and 1.",
        ),
        Mistake(
            "count",
            (
                lambda observed, null: np.count_nonzero(null >= observed),
                lambda observed, null: 1 + np.count_nonzero(null >= observed),
            ),
            "That is how many draws reach the observation. Divide by how many there are, the "
            "observation included.",
        ),
        Mistake(
            "verdict",
            (
                lambda observed, null: float(p_value(observed, null) <= 0.05),
                lambda observed, null: float(observed > np.quantile(null, 0.95)),
            ),
            "That is the verdict at 5 %. Return the p-value; the rate is chosen by whoever reads "
            "it.",
        ),
    ],
    hints=[
        "Without drift the observation is one more draw. Among all of them, how many are at least "
        "as large?",
        "p = (1 + number of draws ≥ observed) / (1 + number of draws)",
        "`return (1 + np.sum(null >= observed)) / (1 + len(null))`",
    ],
    insight="Without drift such a p-value is at most 5 % in at most 5 % of all comparisons, for "
    "any number of draws. It is never 0.",
    lesson=LESSON,
    section="The idea",
)


# E4: what to do about a category that only one side has

INFINITE, MERGE, ADD_ALPHA = "infinite", "merge", "add-alpha"
SITUATIONS = (
    (
        INFINITE,
        {
            MERGE: "1 (currency): merged with the rest, the forbidden value disappears in a cell "
            "that nobody reads. The contract says never; let one row refute it.",
            ADD_ALPHA: "1 (currency): half a row added to its cell makes one row in 40 000 cost "
            "next to nothing. Has it been unseen by chance, or is it forbidden?",
        },
    ),
    (
        MERGE,
        {
            INFINITE: "2 (articles): infinite every day, for new articles come every day. An alarm "
            "that always rings says nothing.",
            ADD_ALPHA: "2 (articles): a cell for each of two dozen names, each with a row or two, "
            "adds noise and no news. Does it matter here which one was sold?",
        },
    ),
    (
        ADD_ALPHA,
        {
            INFINITE: "3 (age bands): 2 % of the baseline and none of 80 rows: in one day of five "
            "that is chance alone. Unseen today is not impossible.",
            MERGE: "3 (age bands): merging with a neighbour would do for one day, and tomorrow "
            "other bands are empty: every day has other cells. The band is possible and has a "
            "meaning; keep it.",
        },
    ),
    (
        ADD_ALPHA,
        {
            INFINITE: "4 (new way to pay): infinite today, tomorrow and every day until the "
            "baseline is renewed, so it cannot show how fast the mix moves.",
            MERGE: "4 (new way to pay): 12 % of the rows would vanish in the cell of the rare. It "
            "is the one category that everybody wants to see.",
        },
    ),
    (
        MERGE,
        {
            INFINITE: "5 (referrers): new names come every day and none of them is forbidden, so "
            "this alarm would never stop.",
            ADD_ALPHA: "5 (referrers): a cell for each new name cuts what you watch, their share "
            "together, into crumbs.",
        },
    ),
    (
        INFINITE,
        {
            MERGE: "6 (interlock): open and closed together is no rare case of something else. Who "
            "merges it will not see it.",
            ADD_ALPHA: "6 (interlock): one row in a million, with half a row added on the other "
            "side, moves PSI by nothing that shows. By construction it cannot be: say so.",
        },
    ),
)
# as the lesson and the monitor call them: `merge-empty`, `additive:0.5`
POLICIES = choices(
    INFINITE,
    MERGE,
    ADD_ALPHA,
    count=len(SITUATIONS),
    also={"merge-empty": MERGE, "additive": ADD_ALPHA},
)


def new_category():
    return [policy for policy, _ in SITUATIONS]


def judge_policies(values):
    """None if all fit; else a sentence about each situation with a policy that does not."""
    chosen = POLICIES.as_returned(values)
    if len(set(chosen)) == 1:
        return "one policy for all", (
            f"You chose {chosen[0]!r} six times. Ask of each: is the value forbidden, without a "
            "meaning of its own, or possible and unseen so far?"
        )
    pairs = zip(SITUATIONS, chosen, strict=True)
    wrong = [says[policy] for (right, says), policy in pairs if policy != right]
    if not wrong:
        return None
    count = "1 does" if len(wrong) == 1 else f"{len(wrong)} do"
    return f"{len(wrong)} wrong", "\n".join([f"Of the six, {count} not fit.", *wrong])


NEW_CATEGORY = Question(
    "new_category",
    points=2,
    reference=new_category,
    returns=POLICIES,
    judge=judge_policies,
    visible=[case()],
    inputs=[],
    mistakes=[],
    hints=[
        "Three questions of each value. Is it forbidden? Does it matter which one it is? Could it "
        "have come before?",
        "Forbidden: infinite. Without a meaning of its own: merge. Possible, meaningful and unseen "
        "so far: add-alpha",
        f"`return {new_category()}`",
    ],
    insight="The policy is a statement about the world, so it is chosen for each column, by "
    "somebody who knows what the column means, and printed with every result.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [PSI, PSI_THRESHOLD, ROWS_NEEDED, SHUFFLED_COUNTS, P_VALUE, NEW_CATEGORY]
