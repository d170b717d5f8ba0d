"""The questions of unit 26: cells that the baseline locks, whole addresses, rows, a retriever."""

import numpy as np

from klteach.measures import js_divergence, kl_divergence, kl_terms, normalize, to_bits
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns, named_numbers

LESSON = "26_embedding_clusters"


# locked_clusters: one round of k-means on the baseline, then the current rows are counted


def vectors_of_both(random):
    """Clouds around the starts; the current ones lie elsewhere, and one cell may stay empty."""
    cases = []
    for k, size, rows in ((3, 2, 40), (4, 3, 60), (6, 5, 90), (5, 2, 70)):
        start = random.normal(0, 3, (k, size)) + 2
        lean = random.normal(0, 1.5, size)
        of, now = random.integers(k, size=(2, rows))
        baseline = start[of] + lean + random.normal(0, 1.6, (rows, size))
        current = start[now % max(2, k - 1)] + random.normal(0, 2.2, (rows, size)) + 1.5
        while len(set(_nearest(baseline, start))) < k:
            baseline = start[random.integers(k, size=rows)] + random.normal(0, 1, (rows, size))
        cases.append(case(start, baseline, current[: rows - 7]))
    return cases


def _squares(rows, centres):
    return np.square(rows[:, None] - centres[None]).sum(axis=2)


def _nearest(rows, centres):
    return _squares(rows, centres).argmin(axis=1)


def _moved(start, rows, nearest=_nearest, middle=np.mean):
    """Each centre at the middle of its rows; one without rows stays."""
    places = nearest(rows, start)
    return np.array(
        [
            middle(rows[places == place], axis=0) if (places == place).any() else centre
            for place, centre in enumerate(start)
        ]
    )


def _counted(rows, centres, nearest=_nearest):
    return np.bincount(nearest(rows, centres), minlength=len(centres))


def locked_clusters(start, baseline, current):
    return _counted(current, _moved(start, baseline))


def _by_sizes(rows, centres):
    return np.abs(rows[:, None] - centres[None]).sum(axis=2).argmin(axis=1)


def _by_largest(rows, centres):
    return np.abs(rows[:, None] - centres[None]).max(axis=2).argmin(axis=1)


def _by_product(rows, centres):
    return (rows @ centres.T).argmax(axis=1)


def _by_angle(rows, centres):
    lengths = np.linalg.norm(centres, axis=1)
    return (rows @ centres.T / np.where(lengths > 0, lengths, 1)).argmax(axis=1)


def _furthest(rows, centres):
    return _squares(rows, centres).argmax(axis=1)


def _furthest_where_some(start, baseline, current):
    """As NumPy has it: a centre without rows is the mean of none, nan, and `argmax` takes a nan."""
    places = _furthest(baseline, start)
    centres = np.array(
        [
            baseline[places == place].mean(axis=0) if (places == place).any() else centre * np.nan
            for place, centre in enumerate(start)
        ]
    )
    return _counted(current, centres, _furthest)


def _one_mean(rows, axis):
    return np.full(rows.shape[1], rows.mean())


def _rounds(start, rows, count):
    for _ in range(count):
        start = _moved(start, rows)
    return start


def _shares_of(start, baseline, current):
    return locked_clusters(start, baseline, current) / len(current)


LOCKED_CLUSTERS = Question(
    "locked_clusters",
    points=3,
    reference=locked_clusters,
    returns=Returns(
        "an array of k whole numbers, one for each row of `start`",
        lambda start, baseline, current: (len(start),),
    ),
    exchangeable=False,
    visible=[
        case(
            [[0.0], [10.0]],
            [[1.0], [3.0], [8.0], [16.0]],
            [[6.0], [6.5], [9.0], [2.0]],
            label="on a line: the centres move to 2 and 12",
        ),
        case(
            [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]],
            [[0.0, 1.0], [6.0, 0.0], [6.0, 2.0], [1.0, 9.0]],
            [[2.5, 1.0], [3.5, 1.0], [5.0, 1.0]],
            label="a cluster that stays empty today",
        ),
    ],
    inputs=[vectors_of_both],
    mistakes=[
        Mistake(
            "centres of both",
            (
                lambda start, baseline, current: _counted(
                    current, _moved(start, np.concatenate([baseline, current]))
                ),
            ),
            "The centres moved to the means of both sides together. So they follow the drift that "
            "they are to show, and the baseline's own counts change with every day. Which rows may "
            "move a centre?",
        ),
        Mistake(
            "centres of the current rows",
            lambda start, baseline, current: _counted(current, _moved(start, current)),
            "The centres moved to the means of the current rows. Then each day has cells of its "
            "own, made to suit it. The baseline moves the centres, once.",
        ),
        Mistake(
            "centres not moved",
            lambda start, baseline, current: _counted(current, start),
            "You counted around `start`. First each centre moves to the mean of the baseline rows "
            "that are nearest to it.",
        ),
        Mistake(
            "roles exchanged",
            lambda start, baseline, current: _counted(baseline, _moved(start, current)),
            "The current rows moved the centres and the baseline was counted. It is the other way "
            "round.",
        ),
        Mistake(
            "the baseline counted",
            (
                lambda start, baseline, current: _counted(baseline, _moved(start, baseline)),
                lambda start, baseline, current: _counted(baseline, start),
            ),
            "These are counts of the baseline. It makes the cells; what is counted in them is "
            "today's rows.",
        ),
        Mistake(
            "all rows counted",
            lambda start, baseline, current: _counted(
                np.concatenate([baseline, current]), _moved(start, baseline)
            ),
            "The right cells, and too many rows in them: the baseline was counted with the current "
            "rows.",
        ),
        Mistake(
            "all rows counted around the start",
            lambda start, baseline, current: _counted(np.concatenate([baseline, current]), start),
            "All rows of both sides were counted around `start`. The centres move first, and only "
            "the current rows are counted.",
        ),
        Mistake(
            "differences without squares",
            lambda start, baseline, current: _counted(
                current, _moved(start, baseline, _by_sizes), _by_sizes
            ),
            "You took the centre with the smallest sum of |differences|. Nearest means by the "
            "Euclidean distance here: squares, added up.",
        ),
        Mistake(
            "largest difference",
            lambda start, baseline, current: _counted(
                current, _moved(start, baseline, _by_largest), _by_largest
            ),
            "You took the centre whose largest single difference is smallest. The Euclidean "
            "distance adds up the squares of all of them.",
        ),
        Mistake(
            "by the product",
            lambda start, baseline, current: _counted(
                current, _moved(start, baseline, _by_product), _by_product
            ),
            "You took the centre with the largest inner product. That prefers long centres: near "
            "is a small Euclidean distance.",
        ),
        Mistake(
            "by the angle",
            lambda start, baseline, current: _counted(
                current, _moved(start, baseline, _by_angle), _by_angle
            ),
            "You took the centre in the most similar direction, the cosine. These rows have no "
            "common length, and the question asks for the Euclidean distance.",
        ),
        Mistake(
            "furthest",
            (
                lambda start, baseline, current: _counted(
                    current, _moved(start, baseline, _furthest), _furthest
                ),
                lambda start, baseline, current: _counted(
                    current, _moved(start, baseline), _furthest
                ),
                lambda start, baseline, current: _counted(
                    current, _moved(start, baseline, _furthest)
                ),
                _furthest_where_some,
            ),
            "Rows went to the centre that is furthest away: `argmax` where `argmin` belongs.",
        ),
        Mistake(
            "sums for means",
            lambda start, baseline, current: _counted(
                current, _moved(start, baseline, middle=np.sum)
            ),
            "A centre moved to the sum of its rows. It stands in their middle: the mean.",
        ),
        Mistake(
            "one mean for all coordinates",
            lambda start, baseline, current: _counted(
                current, _moved(start, baseline, middle=_one_mean)
            ),
            "Each centre is a single number, the mean over all coordinates of its rows: "
            "`.mean(axis=0)` keeps them apart.",
        ),
        Mistake(
            "centres cut to whole numbers",
            lambda start, baseline, current: _counted(current, _moved(start, baseline).astype(int)),
            "Your centres have lost all that stands after the point: an array of whole numbers "
            "cuts off what is put into it. Make it with `dtype=float`.",
        ),
        Mistake(
            "moved half way",
            lambda start, baseline, current: _counted(
                current, (start + _moved(start, baseline)) / 2
            ),
            "Each centre moved half of the way to the mean of its rows. It moves all of it.",
        ),
        Mistake(
            "one row counted",
            (
                lambda start, baseline, current: _counted(current[:1], _moved(start, baseline)),
                lambda start, baseline, current: _counted(current[-1:], _moved(start, baseline)),
            ),
            "Only one current row was counted. Does `return` stand inside the loop, or are the "
            "counts made anew in it?",
        ),
        Mistake(
            "medians",
            lambda start, baseline, current: _counted(
                current, _moved(start, baseline, middle=np.median)
            ),
            "The centres moved to medians. The means in k-means are means.",
        ),
        Mistake(
            "many rounds",
            tuple(
                lambda start, baseline, current, count=count: _counted(
                    current, _rounds(start, baseline, count)
                )
                for count in (2, 3, 10, 20, 25, 50, 100, 300)
            ),
            "The centres moved more than once. A full k-means goes on until they rest; here it is "
            "one round, so that the answer is one.",
        ),
        Mistake(
            "shares",
            _shares_of,
            "These are the shares, and right. The question asks for counts: they can be added up "
            "and smoothed, shares cannot.",
        ),
        Mistake(
            "largest first",
            lambda start, baseline, current: -np.sort(-locked_clusters(start, baseline, current)),
            "The right counts, but sorted. Cluster 0 is the one that began at `start[0]`: only "
            "with its place does a count mean the same tomorrow.",
        ),
    ],
    hints=[
        "Which rows may say where the centres stand, and which are only counted?",
        "nearest(x) = argmin over i of Σ (x - centre_i)²; centre_i = mean of the baseline rows "
        "whose nearest start is i",
        "`near = lambda x, c: ((x[:, None] - c) ** 2).sum(axis=2).argmin(axis=1)`, then "
        "`own = near(baseline, start)`, "
        "`centres = np.array([baseline[own == i].mean(axis=0) for i in range(len(start))])` and "
        "`return np.bincount(near(current, centres), minlength=len(start))`",
    ],
    insight="The centres are a part of the baseline, like bin edges and a vocabulary: locked once, "
    "and stored with the counts.",
    lesson=LESSON,
)


# address_null: halves of whole addresses


def addresses_and_picks(random):
    """Counts of addresses that lean to topics of their own, and halves of them."""
    cases = []
    for addresses, cells, draws in ((6, 3, 4), (9, 5, 6), (17, 8, 10)):
        lean = random.dirichlet(np.full(cells, 1.5), addresses)
        sizes = random.integers(15, 90, addresses)
        counts = np.array([random.multinomial(n, p) for n, p in zip(sizes, lean, strict=True)])
        picks = np.array([random.permutation(addresses)[: addresses // 2] for _ in range(draws)])
        cases.append(case(counts, picks))
    return cases


def _halves(counts, picks):
    half = counts[picks].sum(axis=1)
    return half, counts.sum(axis=0) - half


def _kl(current, baseline, alpha=0.5):
    return kl_divergence(normalize(current + alpha), normalize(baseline + alpha))


def address_null(counts, picks):
    return _kl(*_halves(counts, picks))


def _both_ways(counts, picks):
    half, rest = _halves(counts, picks)
    return _kl(half, rest) + _kl(rest, half)


def _own_halves(counts, picks):
    """Halves drawn anew, as many and as large as those of `picks`."""
    random = np.random.default_rng(0)
    drawn = [random.permutation(len(counts))[: picks.shape[1]] for _ in picks]
    return address_null(counts, np.array(drawn))


def _mean_shares(counts, picks):
    """The mean of the addresses' own shares, so that a short one weighs as much as a long one."""
    shares = normalize(counts + 0.5)
    half = shares[picks].mean(axis=1)
    others = [np.delete(shares, pick, axis=0).mean(axis=0) for pick in picks]
    return kl_divergence(half, np.array(others))


def _means(counts, picks):
    half = counts[picks].mean(axis=1)
    others = np.array([np.delete(counts, pick, axis=0).mean(axis=0) for pick in picks])
    return _kl(half, others)


def _with_complement(change):
    """The right half, against something else."""

    def values(counts, picks):
        half, rest = _halves(counts, picks)
        return change(counts, picks, half, rest)

    return values


def _sum_of_terms(p, q):
    """Σ p log(p/q) of what need not sum to 1."""
    return (p * np.log(p / q)).sum(axis=1)


def _raw(counts, picks):
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = map(normalize, _halves(counts, picks))
        return np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / q), 0.0).sum(axis=1)


def _smoothed_first(counts, picks):
    """½ added to every address, not to the sums."""
    half, rest = _halves(counts + 0.5, picks)
    return kl_divergence(normalize(half), normalize(rest))


ADDRESS_NULL = Question(
    "address_null",
    points=2,
    reference=address_null,
    returns=Returns("an array of D numbers", lambda counts, picks: (len(picks),)),
    exchangeable=False,
    unit="nats",
    visible=[
        case([[6, 2], [1, 7], [5, 3]], [[0, 2]], label="two addresses against one"),
        case([[9, 0], [4, 4], [0, 3]], [[0], [2]], label="one against two others, twice"),
    ],
    inputs=[addresses_and_picks],
    mistakes=[
        Mistake(
            "the half in its own baseline",
            _with_complement(lambda counts, picks, half, rest: _kl(half, counts.sum(axis=0))),
            "Each half was held against all addresses, itself among them. A text is nearer to what "
            "contains it, so the threshold comes out too low. Which addresses are the others?",
        ),
        Mistake(
            "the rest first",
            _with_complement(lambda counts, picks, half, rest: _kl(rest, half)),
            "This is KL(rest‖picked). The picked addresses play the current data, which supply the "
            "samples and stand first.",
        ),
        Mistake(
            "both directions",
            (
                _both_ways,
                lambda counts, picks: _both_ways(counts, picks) / 2,
            ),
            "Both directions, added or averaged: that is PSI, or half of it. The question asks for "
            "KL(picked‖rest).",
        ),
        Mistake(
            "not smoothed",
            _raw,
            "The counts were not smoothed. Add ½ to each count of both sides, or a cluster that "
            "the rest lacks makes the null infinite.",
        ),
        Mistake(
            "smoothed by one",
            _with_complement(lambda counts, picks, half, rest: _kl(half, rest, 1.0)),
            "You added 1 to each count. The question asks for ½.",
        ),
        Mistake(
            "half added too often",
            (_smoothed_first, _means),
            "½ weighs too much. It went into each address before they were added up, or was added "
            "to the mean of the addresses, which comes to the same: a half of eight addresses got "
            "4. Add the counts up first, then ½ to each sum.",
        ),
        Mistake(
            "mean of shares",
            _mean_shares,
            "You averaged the addresses' shares, so one of 15 paragraphs weighs as much as one of "
            "90. Add up counts, then divide.",
        ),
        Mistake(
            "one side smoothed",
            (
                _with_complement(
                    lambda counts, picks, half, rest: kl_divergence(
                        normalize(half), normalize(rest + 0.5)
                    )
                ),
            ),
            "Only the rest got its ½. Both sides are smoothed by one rule.",
        ),
        Mistake(
            "half taken off the rest",
            _with_complement(
                lambda counts, picks, half, rest: kl_divergence(
                    normalize(half + 0.5),
                    np.maximum(rest - 0.5, 0) / (rest - 0.5).sum(axis=1, keepdims=True),
                )
            ),
            "½ was added to the picked side before it was taken off the total, so the rest has ½ "
            "too little in each cell. Subtract first, then add ½ to both.",
        ),
        Mistake(
            "alpha once in the total",
            _with_complement(
                lambda counts, picks, half, rest: _sum_of_terms(
                    *(
                        (side + 0.5) / (side.sum(axis=1, keepdims=True) + 0.5)
                        for side in (half, rest)
                    )
                )
            ),
            "The totals grew by one ½. There is one for each cluster.",
        ),
        Mistake(
            "an address forgotten",
            (
                lambda counts, picks: _kl(*_halves(counts, picks[:, 1:])),
                lambda counts, picks: _kl(*_halves(counts, picks[:, :-1])),
            ),
            "One of the picked addresses is on the wrong side. A draw is the sum of all that it "
            "names, the first and the last as well.",
        ),
        Mistake(
            "jensen-shannon",
            tuple(
                _with_complement(
                    lambda counts, picks, half, rest, root=root: root(
                        js_divergence(normalize(half + 0.5), normalize(rest + 0.5))
                    )
                )
                for root in (np.asarray, np.sqrt)
            ),
            "You compared both sides with their mean: that is Jensen-Shannon, or its root. The "
            "question asks for KL(picked‖rest).",
        ),
        Mistake(
            "not picked first",
            _with_complement(lambda counts, picks, half, rest: _kl(rest, counts.sum(axis=0))),
            "You held the rest against all addresses. It is the picked ones against the rest.",
        ),
        Mistake(
            "only the last one picked",
            (
                lambda counts, picks: _kl(
                    counts[picks[:, -1]], counts.sum(axis=0) - counts[picks[:, -1]]
                ),
                lambda counts, picks: _kl(
                    counts[picks[:, 0]], counts.sum(axis=0) - counts[picks[:, 0]]
                ),
            ),
            "Only one address of each draw was used. A draw is the sum of all that it names.",
        ),
        Mistake(
            "halves of one's own",
            _own_halves,
            "You drew halves of your own. `picks` says which addresses are in each, so that the "
            "null is the same whenever it is computed.",
        ),
        Mistake(
            "bits",
            lambda counts, picks: to_bits(address_null(counts, picks)),
            "Right but for the unit: this is in bits, and the question asks for nats.",
        ),
        Mistake(
            "mean over clusters",
            lambda counts, picks: address_null(counts, picks) / counts.shape[1],
            "You took the mean over the clusters. KL is a sum over them.",
        ),
        Mistake(
            "counts as shares",
            _with_complement(
                lambda counts, picks, half, rest: (
                    (half + 0.5) * np.log((half + 0.5) / (rest + 0.5))
                ).sum(axis=1)
            ),
            "Counts stand where shares belong. Divide each side by its own total.",
        ),
        Mistake(
            "sorted",
            lambda counts, picks: np.sort(address_null(counts, picks)),
            "The right numbers, sorted. Keep the order of the draws.",
        ),
        Mistake(
            "weighted by the rest",
            _with_complement(lambda counts, picks, half, rest: -_kl(rest, half)),
            "The shares of the rest stand in front of the logarithm, which makes minus the other "
            "direction. The picked addresses weigh the terms.",
        ),
    ],
    hints=[
        "If half of the addresses is the current data, what is the baseline?",
        "For each draw: a = sum of the picked rows, b = sum of all other rows; add ½, divide, "
        "Σ p log(p/q)",
        "`half = counts[picks].sum(axis=1) + 0.5`, `rest = counts.sum(axis=0) + 1 - half`, "
        "`p, q = (x / x.sum(axis=1, keepdims=True) for x in (half, rest))` and "
        "`return np.sum(p * np.log(p / q), axis=1)`",
    ],
    insight="The 95 % quantile of these is the line by addresses. The same sums with single "
    "paragraphs dealt out give about half as much, and an alarm every term.",
    lesson=LESSON,
)


# to_review: the rows of the cluster that carries the divergence


def cells_and_baseline(random):
    """A cluster that vanished carries most in some, one that grew in others; unlike rankings."""
    cases = []
    for k, rows in ((4, 40), (6, 80), (8, 120), (8, 200), (12, 300)):
        for _ in range(200):
            q = random.dirichlet(np.full(k, 1.2)) + 0.01
            p = normalize(q * np.exp(random.normal(0, 1.0, k)))
            cells = random.permutation(np.repeat(np.arange(k), random.multinomial(rows, p)))
            baseline = random.multinomial(6 * rows, normalize(q)) + 1
            if _tells(cells, baseline):
                break
        cases.append(case(cells, baseline))
    pairs = [(_parts, other) for other in OTHER_PARTS]
    pairs += [(one, other) for one in DIFFERENCES for other in REVERSED]
    return [*cases, *(_small(random, *pair) for pair in pairs)]


def _small(random, one, other):
    """A few rows, for which two sorts of parts lead in two clusters, and by no hair in either."""
    while True:
        k = int(random.integers(3, 6))
        baseline = random.integers(0, 25, k)
        cells = random.integers(k, size=random.integers(6, 16))
        right, *leading = (_first(parts, cells, baseline) for parts in (_parts, one, other))
        if None not in (right, *leading) and leading[0] != leading[1]:
            return case(cells, baseline)


def _first(parts, cells, baseline):
    """The cluster that leads; None if it leads by a hair."""
    with np.errstate(all="ignore"):
        values = parts(np.bincount(cells, minlength=len(baseline)), baseline)
    if np.isnan(values).any():
        return None
    second, first = np.sort(values)[-2:]
    return int(values.argmax()) if first > second + 1e-3 else None


def _with_signs(above, below, logarithm=np.log):
    """What each cluster that grew carries, -1 for the others; other numbers may be added."""

    def parts(now, then):
        p, q = now + above, then + below
        p, q = p / p.sum(), q / q.sum()
        values = np.where(p > 0, p * logarithm(np.where(p > 0, p, 1) / q), 0.0) - p + q
        return np.where(p > q, values, -1.0)

    return parts


_parts = _with_signs(0.5, 0.5)
OTHER_PARTS = (
    _with_signs(0.0, 0.0),
    _with_signs(1.0, 1.0),
    _with_signs(-0.5, 0.5),
    _with_signs(0.5, -0.5),
    _with_signs(0.5, 0.0),
    _with_signs(0.0, 0.5),
    _with_signs(0.5, 0.5, np.log2),
)


DIFFERENCES = (
    lambda now, then: normalize(now + 0.5) - normalize(then + 0.5),
    lambda now, then: np.abs(normalize(now + 0.5) - normalize(then + 0.5)),
)
REVERSED = (
    lambda now, then: kl_terms(normalize(then + 0.5), normalize(now + 0.5)),
    lambda now, then: normalize(then + 0.5) * np.log(normalize(now + 0.5) / normalize(then + 0.5)),
)


def _marked(parts):
    """The rows of the cluster in which these parts lead."""

    def rows(cells, baseline):
        with np.errstate(all="ignore"):
            values = parts(np.bincount(cells, minlength=len(baseline)), baseline)
        return cells == int(np.argmax(values))

    return rows


def _of_cells(cells, baseline):
    counts = np.bincount(cells, minlength=len(baseline))
    return normalize(counts + 0.5), normalize(baseline + 0.5)


def _place(cells, baseline, score, grew=True):
    p, q = _of_cells(cells, baseline)
    values = score(p, q)
    return int(np.argmax(np.where(p > q, values, -np.inf) if grew else values))


def _tells(cells, baseline):
    """Whether the other rankings name another cluster, or at least two of them do."""
    right = _first(_parts, cells, baseline)
    others = [_place(cells, baseline, score) for score in (_ratio, _difference, _common)]
    return sum(other != right for other in others) >= 2


def _ratio(p, q):
    return p / q


def _difference(p, q):
    return p - q


def _common(p, q):
    return p


def to_review(cells, baseline):
    return cells == _place(cells, baseline, kl_terms)


def _rows_by(score, grew=True):
    return lambda cells, baseline: cells == _place(cells, baseline, score, grew)


def _of_terms(cells, baseline):
    return kl_terms(*_of_cells(cells, baseline))


def _grew(cells, baseline):
    return np.greater(*_of_cells(cells, baseline))


def _with_counts(cells, baseline):
    """Counts of two sides of unlike size, taken for shares."""
    now = np.bincount(cells, minlength=len(baseline)) + 0.5
    then = baseline + 0.5
    return cells == int(np.argmax(now * np.log(now / then)))


def _with_counts_that_grew(cells, baseline):
    now = np.bincount(cells, minlength=len(baseline)) + 0.5
    then = baseline + 0.5
    return cells == int(np.argmax(np.where(now > then, now * np.log(now / then) - now + then, -1)))


TO_REVIEW = Question(
    "to_review",
    points=2,
    reference=to_review,
    returns=Returns(
        "an array of n values, True or False",
        lambda cells, baseline: (len(cells),),
        booleans=True,
    ),
    exchangeable=False,
    visible=[
        case([0, 1, 1, 0, 1], [30, 10], label="cluster 1 grew"),
        case([2, 1, 1, 2, 2], [60, 10, 20], label="two grew"),
        case(
            [0, 1, 0, 1, 0],
            [10, 10, 70],
            label="cluster 2 vanished, two others grew",
        ),
    ],
    inputs=[cells_and_baseline],
    mistakes=[
        Mistake(
            "clusters that shrank too",
            _rows_by(kl_terms, grew=False),
            "The cluster that carries most may have shrunk: then you hand over the few rows that "
            "are left of it, or none. Rows that are gone cannot be read. Look among the clusters "
            "that grew.",
        ),
        Mistake(
            "by ratio",
            (_rows_by(_ratio), _rows_by(lambda p, q: np.abs(np.log(p / q)), grew=False)),
            "Chosen by the ratio p/q: a tiny cluster can double without carrying anything. Which "
            "terms add up to KL?",
        ),
        Mistake(
            "by difference",
            (_rows_by(_difference), _rows_by(lambda p, q: np.abs(p - q), grew=False)),
            "Chosen by the difference of the shares. It does not know how large the cluster was: "
            "5 points on top of 2 % say more than on top of 30 %.",
        ),
        Mistake(
            "the largest cluster",
            (_rows_by(_common, grew=False), _rows_by(_common)),
            "These are the rows of a large cluster of today. It carries nothing unless its share "
            "has changed.",
        ),
        Mistake(
            "the largest of the baseline",
            _rows_by(lambda p, q: q, grew=False),
            "These are the rows of the baseline's largest cluster. It carries nothing unless its "
            "share has changed.",
        ),
        Mistake(
            "the smallest contribution",
            (
                _rows_by(lambda p, q: -kl_terms(p, q), grew=False),
                _rows_by(lambda p, q: -kl_terms(p, q)),
                _rows_by(lambda p, q: p <= q, grew=False),
            ),
            "You took the smallest of the parts: `argmin`, or the first of an upward `argsort`, "
            "where the largest belongs.",
        ),
        Mistake(
            "a cluster that shrank",
            _rows_by(lambda p, q: np.where(p < q, kl_terms(p, q), -1), grew=False),
            "These are the rows that are left in a cluster that shrank. What came is in a cluster "
            "that grew: p > q.",
        ),
        Mistake(
            "place among those that grew",
            lambda cells, baseline: (
                cells == np.argmax(_of_terms(cells, baseline)[_grew(cells, baseline)])
            ),
            "You took `np.argmax` of the clusters that grew, and it counts the places among those "
            "alone. Give the others -1 in the place of their part, and nothing moves up.",
        ),
        Mistake(
            "two clusters",
            lambda cells, baseline: np.isin(
                cells,
                np.argsort(-np.where(_grew(cells, baseline), _of_terms(cells, baseline), -1.0))[:2],
            ),
            "You marked the rows of two clusters. The question asks for the one that carries most.",
        ),
        Mistake(
            "parts",
            (
                lambda cells, baseline: _of_terms(cells, baseline)[cells],
                lambda cells, baseline: np.where(
                    _grew(cells, baseline), _of_terms(cells, baseline), -1.0
                )[cells],
            ),
            "For each row you returned what its cluster carries. The question asks for True in the "
            "rows of the cluster that carries most, and False in all others.",
        ),
        Mistake(
            "all that grew",
            lambda cells, baseline: np.subtract(*_of_cells(cells, baseline))[cells] > 0,
            "You marked the rows of every cluster that grew. Begin with the one that carries most: "
            "somebody has to read them.",
        ),
        Mistake(
            "the other rows",
            lambda cells, baseline: ~to_review(cells, baseline),
            "The right cluster, and the rows that are *not* in it.",
        ),
        Mistake(
            "the other direction",
            (
                _rows_by(lambda p, q: kl_terms(q, p), grew=False),
                _rows_by(lambda p, q: -q * np.log(q / p)),
            ),
            "This cluster carries KL(baseline‖current). The current data supply the samples: "
            "p stands first.",
        ),
        Mistake(
            "not smoothed",
            _marked(OTHER_PARTS[0]),
            "The counts were not smoothed, so one row in a cluster that the baseline lacks carries "
            "infinitely much. Add ½ to each count on both sides.",
        ),
        Mistake(
            "smoothed by one",
            _marked(OTHER_PARTS[1]),
            "You added 1 to each count. The question asks for ½, and with few rows another cluster "
            "can lead.",
        ),
        Mistake(
            "one side smoothed",
            (_marked(OTHER_PARTS[4]), _marked(OTHER_PARTS[5])),
            "Only one side got its ½. Both sides are smoothed by one rule.",
        ),
        Mistake(
            "bits in the logarithm alone",
            _marked(OTHER_PARTS[6]),
            "The logarithm is to base 2, and q - p belongs to the natural one, so the parts are "
            "out of proportion and another cluster can lead.",
        ),
        Mistake(
            "counts as shares",
            (_with_counts, _with_counts_that_grew),
            "Counts of two samples of unlike size were compared as they are, so every cluster "
            "seems to have changed by the same factor. Divide each side by its own total.",
        ),
    ],
    hints=[
        "What does each cluster add to KL(current‖baseline), and can one read rows that are gone?",
        "c_i = p_i log(p_i/q_i) - p_i + q_i from counts + ½; the largest among the clusters with "
        "p_i > q_i; then the rows with that number",
        "`p = np.bincount(cells, minlength=len(baseline)) + 0.5`, `p = p / p.sum()`, "
        "`q = (baseline + 0.5) / np.sum(baseline + 0.5)`, "
        "`parts = np.where(p > q, p * np.log(p / q) - p + q, -1)` and "
        "`return cells == np.argmax(parts)`",
    ],
    insight="An alarm without rows is a number. These rows go to the check that follows: are the "
    "answers to them worse than the others?",
    lesson=LESSON,
)


# retriever_check: recall and the similarity of what is handed out


def indexes_and_lists(random):
    """An index, a list that got rows on top, vectors of unlike lengths, questions near sources."""
    cases = []
    for rows, size, added, asked in ((8, 3, 2, 6), (20, 5, 7, 15), (40, 8, 1, 30), (40, 8, 0, 30)):
        index = random.normal(0, 1, (rows, size)) * random.uniform(0.3, 3, (rows, 1))
        texts = np.concatenate([random.normal(0, 1, (added, size)), index])
        sources = random.integers(rows, size=asked)
        lengths = random.uniform(0.4, 2.5, (asked, 1))
        noise = random.normal(0, 0.45, (asked, size)) * np.linalg.norm(
            index[sources], axis=1, keepdims=True
        )
        cases.append(case(index, texts, (index[sources] + noise) * lengths, sources))
    return cases


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def _cosine(a, b):
    return (_unit(a) * _unit(b)).sum(axis=1)


def _found(index, questions):
    return (_unit(questions) @ _unit(index).T).argmax(axis=1)


def retriever_check(index, texts, questions, sources):
    found = _found(index, questions)
    return [np.mean(found == sources), _cosine(texts[found], index[sources]).mean()]


def _with_similarity(similarity):
    """The right recall beside another similarity, a function of everything and of what is found."""

    def pair(index, texts, questions, sources):
        found = _found(index, questions)
        right = np.mean(found == sources)
        return [right, similarity(index, texts, questions, sources, found)]

    return pair


def _with_search(search):
    """Both numbers from another search, a function of index and questions."""

    def pair(index, texts, questions, sources):
        found = search(index, questions)
        return [np.mean(found == sources), _cosine(texts[found], index[sources]).mean()]

    return pair


def _over_the_right_ones(index, texts, questions, sources, found):
    right = found == sources
    if not right.any():
        return 0.0
    return _cosine(texts[found[right]], index[sources[right]]).mean()


def _in_the_new_list(index, texts, questions, sources):
    found = _found(texts, questions)
    return [np.mean(found == sources), _cosine(texts[found], index[sources]).mean()]


def judge_retriever(index, texts, questions, sources, values):
    """None if both numbers are right; otherwise which is not, and a question about it."""
    right = np.isclose(
        values, retriever_check(index, texts, questions, sources), rtol=1e-5, atol=1e-6
    )
    if right.all():
        return None
    if not right[0]:
        return (
            "wrong: recall",
            "Not yet: the recall. It is the share of the questions for which the row that is found "
            "in `index`, by the cosine, is the row in `sources`.",
        )
    return (
        "wrong: similarity",
        "The recall is right, the similarity is not yet. Which vector was handed out, and which "
        "one did the question come from?",
    )


RETRIEVER_CHECK = Question(
    "retriever_check",
    points=3,
    reference=retriever_check,
    returns=named_numbers("recall", "similarity"),
    judge=judge_retriever,
    one_right_value=True,
    exchangeable=False,
    visible=[
        case(
            [[1.0, 0.0], [0.0, 2.0]],
            [[1.0, 1.0], [1.0, 0.0], [0.0, 2.0]],
            [[3.0, 0.5], [1.0, 1.5]],
            [0, 1],
            label="a text was put on top of the list",
        ),
        case(
            [[4.0, 1.0], [0.0, 1.0], [1.0, 0.0]],
            [[4.0, 1.0], [0.0, 1.0], [1.0, 0.0]],
            [[2.0, 0.1], [0.2, 1.0], [1.0, 0.4]],
            [2, 1, 0],
            label="index and list agree",
        ),
    ],
    inputs=[indexes_and_lists],
    mistakes=[
        Mistake(
            "today's text of the source row",
            _with_similarity(lambda i, t, q, s, f: _cosine(t[f], t[s]).mean()),
            "The similarity compares two texts of the *new* list, `texts[found]` and "
            "`texts[sources]`. If the list has moved, both have moved with it and look alike. "
            "What the question came from is the vector in `index`.",
        ),
        Mistake(
            "the vector in the index",
            _with_similarity(lambda i, t, q, s, f: _cosine(i[f], i[s]).mean()),
            "The similarity compares the found vector with the source as the index has them, or as "
            "the list has them once it is moved back to fit. For the index nothing has changed. "
            "What was handed out is `texts[found]`.",
        ),
        Mistake(
            "the retriever's own score",
            _with_similarity(lambda i, t, q, s, f: _cosine(q, i[f]).mean()),
            "This is the retriever's own score: question against index. It stays as it was, "
            "whatever is handed out.",
        ),
        Mistake(
            "against the question",
            _with_similarity(lambda i, t, q, s, f: _cosine(q, t[f]).mean()),
            "You compared what was handed out with the question. That is a useful check too, and "
            "needs no sources; here it is compared with the source.",
        ),
        Mistake(
            "question and source",
            _with_similarity(lambda i, t, q, s, f: _cosine(q, i[s]).mean()),
            "This compares the questions with their own sources. The retriever takes no part.",
        ),
        Mistake(
            "searched in the new list",
            _in_the_new_list,
            "You searched in `texts`. The retriever searches in its index, and then hands out the "
            "text with that row number: that the two may differ is the point.",
        ),
        Mistake(
            "product",
            (
                _with_search(lambda index, questions: (questions @ index.T).argmax(axis=1)),
                _with_search(lambda index, questions: (_unit(questions) @ index.T).argmax(axis=1)),
            ),
            "The search takes the largest inner product, which prefers long vectors of the index. "
            "The cosine divides by both lengths.",
        ),
        Mistake(
            "euclidean",
            _with_search(
                lambda index, questions: (
                    np.square(questions[:, None] - index[None]).sum(axis=2).argmin(axis=1)
                )
            ),
            "The search takes the nearest row by the Euclidean distance. These vectors have unlike "
            "lengths, and the question asks for the cosine.",
        ),
        Mistake(
            "least similar",
            _with_search(
                lambda index, questions: (_unit(questions) @ _unit(index).T).argmin(axis=1)
            ),
            "You took the row that is least like the question: `argmin` where `argmax` belongs.",
        ),
        Mistake(
            "similarity without lengths",
            _with_similarity(lambda i, t, q, s, f: (t[f] * i[s]).sum(axis=1).mean()),
            "The similarity is an inner product. The cosine divides it by both lengths.",
        ),
        Mistake(
            "distance for similarity",
            (
                _with_similarity(lambda i, t, q, s, f: 1 - _cosine(t[f], i[s]).mean()),
                _with_similarity(lambda i, t, q, s, f: np.linalg.norm(t[f] - i[s], axis=1).mean()),
            ),
            "This grows as the texts become less alike: 1 - cosine, or the Euclidean distance. "
            "The question asks for the cosine itself.",
        ),
        Mistake(
            "only where it was right",
            _with_similarity(_over_the_right_ones),
            "The mean runs over the questions whose row was found. The others were answered too.",
        ),
        Mistake(
            "of the means",
            _with_similarity(
                lambda i, t, q, s, f: _cosine(
                    t[f].mean(axis=0)[None], i[s].mean(axis=0)[None]
                ).mean()
            ),
            "You averaged the vectors and then took one cosine. What is wrong row by row cancels "
            "in the means: take the cosine of each row first.",
        ),
        Mistake(
            "median",
            _with_similarity(lambda i, t, q, s, f: np.median(_cosine(t[f], i[s]))),
            "This is the median of the similarities; the question asks for the mean.",
        ),
        Mistake(
            "number found",
            lambda index, texts, questions, sources: [
                np.sum(_found(index, questions) == sources),
                retriever_check(index, texts, questions, sources)[1],
            ],
            "The first number counts the questions whose source was found. Recall is their share.",
        ),
        Mistake(
            "percent",
            lambda index, texts, questions, sources: [
                100 * np.mean(_found(index, questions) == sources),
                retriever_check(index, texts, questions, sources)[1],
            ],
            "The recall is in percent. A share lies between 0 and 1.",
        ),
        Mistake(
            "recall of the texts",
            lambda index, texts, questions, sources: [
                np.mean(np.isclose(texts[_found(index, questions)], index[sources]).all(axis=1)),
                retriever_check(index, texts, questions, sources)[1],
            ],
            "Your recall compares the text that was handed out with the source. That is a better "
            "question, and the second number asks it. Recall compares row numbers.",
        ),
        Mistake(
            "all pairs",
            _with_similarity(lambda i, t, q, s, f: (_unit(t[f]) @ _unit(i[s]).T).mean()),
            "The mean runs over all pairs, each text with every source. Each text belongs to one "
            "source: multiply row by row and sum over the coordinates.",
        ),
        Mistake(
            "share missed",
            lambda index, texts, questions, sources: [
                np.mean(_found(index, questions) != sources),
                retriever_check(index, texts, questions, sources)[1],
            ],
            "The first number is the share that was missed. Recall is the share that was found.",
        ),
        Mistake(
            "order",
            lambda *arguments: retriever_check(*arguments)[::-1],
            "The right two numbers in the other order: recall first, then similarity.",
        ),
    ],
    hints=[
        "Where does the retriever search, and where does the text stand that it hands out?",
        "found = argmax of cos(question, index row); recall = share with found = source; "
        "similarity = mean of cos(texts[found], index[sources])",
        "`unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)`, "
        "`found = np.argmax(unit(questions) @ unit(index).T, axis=1)`, "
        "`alike = np.sum(unit(texts[found]) * unit(index[sources]), axis=1)` and "
        "`return [np.mean(found == sources), np.mean(alike)]`",
    ],
    insight="Recall asks the index about itself. Only what was handed out, held against its "
    "source, can say that the list has moved away under the index.",
    lesson=LESSON,
)


QUESTIONS = [LOCKED_CLUSTERS, ADDRESS_NULL, TO_REVIEW, RETRIEVER_CHECK]
