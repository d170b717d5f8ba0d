"""Clusters of vectors as cells: centres are fitted on the baseline, and stay where they are.

Embeddings have no cells of their own, so k-means makes some. Two things go wrong easily. Centres
fitted on both sides together follow the drift. And centres lie closer to the rows they were fitted
on than to any others: in 300 dimensions, 16 clusters of 1000 rows tell these rows from 1000 new
ones of the same law every time. So the centres are fitted on one part of the baseline, and the
baseline is counted on the rest.

And a third: vectors of another model have the same length and mean something else. Vectors alone
cannot tell, so an `Embedder` is kept with the centres, and others are refused.
"""

import hashlib
import json
import warnings
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from klteach.drift.binning import CATEGORIES, Binning
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram

FAR = "far"
MOST_FITTED = 20_000  # rows; more of them move the centres by less than a cell cares about
LEAST_ROWS = 4  # of the baseline for each cluster
FAR_SHARE = 0.001
ROUNDS = 25
# rows whose distances are held in memory together
BLOCK = 8192


@dataclass(frozen=True, eq=False)
class Embedder:
    """What made the vectors: a name, and what it makes of a few fixed texts, the probes.

    name       whatever changes a vector: model, version, pooling, the template around the text
    probes     (n, d) vectors of the same n texts, embedded anew each time; None to go by the name
    tolerance  how far a probe may move, relative to its length, for a model that is not exact

    >>> was = Embedder("mini 1, mean pooling", [[1.0, 0.0], [0.0, 1.0]])
    >>> was.refusal(Embedder("mini 1, mean pooling", [[1.0, 0.001], [0.0, 1.0]]))
    ''
    >>> was.refusal(Embedder("mini 1, mean pooling", [[0.8, 0.6], [0.0, 1.0]]))
    'probe 0 has moved by 63 % of its length, and 1 % is allowed'
    """

    name: str
    probes: np.ndarray | None = None
    tolerance: float = 0.01

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.strip():
            raise DriftError("an embedder needs a name: model, version, pooling and template.")
        if self.probes is None:
            return
        probes = _table(self.probes).astype(float)
        if not len(probes) or not np.isfinite(probes).all() or not probes.any(axis=1).all():
            raise DriftError("the probes are empty, 0 or not finite: embed a few texts.")
        object.__setattr__(self, "probes", probes)

    def refusal(self, now: "Embedder") -> str:
        """Why vectors of `now` may not be compared with those of this one; "" if they may."""
        if self.name != now.name:
            return f"the baseline was embedded by {self.name!r} and these by {now.name!r}"
        if self.probes is None:
            return ""
        if now.probes is None:
            return "the baseline has probes and these vectors come without: embed the same texts"
        if now.probes.shape != self.probes.shape:
            return f"the probes have the shape {now.probes.shape} and had {self.probes.shape}"
        lengths = np.linalg.norm(self.probes, axis=1)
        moved = np.linalg.norm(now.probes - self.probes, axis=1) / lengths
        furthest = int(moved.argmax())
        if moved[furthest] <= self.tolerance:
            return ""
        return (
            f"probe {furthest} has moved by {_percent(moved[furthest])} of its length, and "
            f"{_percent(self.tolerance)} is allowed"
        )

    def to_dict(self) -> dict:
        """Plain values for a JSON file."""
        probes = None if self.probes is None else self.probes.tolist()
        return {"name": self.name, "probes": probes, "tolerance": self.tolerance}

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same name, probes and tolerance: 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.to_dict()).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Clusters:
    """Cells around centres; a row belongs to the nearest centre, by Euclidean distance.

    centres    (k, d)
    radius     a row further than this from every centre falls into the cell "far"
    held_out   numbers of the rows of the baseline that the centres have not seen, rising
    baseline   the histogram of those rows: what current data is to be compared with
    embedder   what made the vectors, None if that was not said

    The column is called after a digest of centres and radius, so that counts around other centres
    are other columns and cannot be compared. A row with a value that is not finite is missing. With
    an embedder, every call that reads vectors must name the one that made them: another is refused.
    """

    centres: np.ndarray
    radius: float
    held_out: np.ndarray = field(default_factory=lambda: np.array([], dtype=int), repr=False)
    baseline: Histogram[Binning] | None = field(default=None, repr=False)
    embedder: Embedder | None = None

    @classmethod
    def of(
        cls, vectors, count: int = 16, seed: int = 0, embedder: Embedder | None = None
    ) -> "Clusters":
        """Centres by k-means, from a random half of the baseline, or 20,000 rows of it.

        The radius is the 99.9 % quantile of the other rows' distances from their nearest centre.
        Columns that are measured in larger units weigh more: scale them before. Fewer distinct
        rows than `count` give a cluster each. The same seed gives the same centres.
        Shapes: (n, d). Errors: DriftError if there are fewer than four rows for a cluster.

        >>> left, right = np.zeros((50, 2)), np.full((50, 2), 9.0)
        >>> clusters = Clusters.of(np.concatenate([left, right]), count=2)
        >>> sorted(clusters.centres.tolist())
        [[0.0, 0.0], [9.0, 9.0]]
        >>> clusters.assign([[8.9, 9.0], [500.0, 0.0], [np.nan, 0.0]])[1:]
        ['far', None]
        """
        vectors = _table(vectors)
        generator = np.random.default_rng(seed)
        # All rows are split, not only the complete ones: else those that miss something would all
        # be held out, and their share among the rows held out would be too large.
        order = generator.permutation(len(vectors))
        fitted = order[: min(len(order) // 2, MOST_FITTED)]
        held_out = np.sort(order[len(fitted) :])
        usable = np.isfinite(vectors).all(axis=1)
        for rows in (fitted[usable[fitted]], held_out[usable[held_out]]):
            if count < 1 or 2 * len(rows) < LEAST_ROWS * count:
                raise DriftError(
                    f"{count} clusters from {usable.sum()} rows without a missing value: at least "
                    f"1 cluster and {LEAST_ROWS} rows for each are needed."
                )
        centres = _k_means(vectors[fitted[usable[fitted]]].astype(float), count, generator)
        _, distances = _nearest(vectors[rows], centres)
        radius = np.quantile(distances, 1 - FAR_SHARE, method="inverted_cdf")
        clusters = cls(centres, float(radius), held_out, embedder=embedder)
        return replace(clusters, baseline=clusters.count(vectors[held_out], embedder))

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same centres and radius: 64 hexadecimal digits."""
        text = json.dumps([self.centres.tolist(), self.radius])
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def binning(self) -> Binning:
        """A cell for each cluster, and "far"."""
        names = (*(f"cluster {place}" for place in range(len(self.centres))), FAR)
        return Binning(f"cluster (centres {self.fingerprint[:12]})", CATEGORIES, values=names)

    def assign(self, vectors, embedder: Embedder | None = None) -> list[str | None]:
        """The cell of each row, None for a missing one: values for `binning`."""
        names = (*self.binning.values, "", None)  # nothing is ever "other" here
        return [names[place] for place in self._places(vectors, embedder)]

    def count(self, vectors, embedder: Embedder | None = None) -> Histogram[Binning]:
        """The histogram of the rows."""
        places = self._places(vectors, embedder)
        return Histogram(self.binning, np.bincount(places, minlength=len(self.binning.cells)))

    def count_windows(
        self, vectors, windows: Iterable[Hashable], embedder: Embedder | None = None
    ) -> np.ndarray:
        """A row of counts for each window, in the order in which they first appear: (W, k)."""
        places, windows = self._places(vectors, embedder), list(windows)
        if len(windows) != len(places):
            raise DriftError(f"{len(places)} rows have {len(windows)} names of windows.")
        rows = {window: row for row, window in enumerate(dict.fromkeys(windows))}
        counts = np.zeros((len(rows), len(self.binning.cells)), dtype=np.int64)
        np.add.at(counts, (np.array([rows[window] for window in windows], dtype=int), places), 1)
        return counts

    def require_embedder(self, embedder: Embedder | None) -> None:
        """DriftError if another model made the vectors, or if it is not said which one did.

        Clusters that were saved without an embedder have nothing to compare with, and pass.
        """
        if self.embedder is None:
            return
        if embedder is None:
            raise DriftError(
                f"the baseline was embedded by {self.embedder.name!r}. Which model made these "
                "vectors? Pass embedder=Embedder(...)."
            )
        if refusal := self.embedder.refusal(embedder):
            raise DriftError(
                f"another model made these vectors: {refusal}. Embed the baseline again, with the "
                "new one, and fit the clusters on that."
            )

    def _places(self, vectors, embedder) -> np.ndarray:
        self.require_embedder(embedder)
        vectors = _table(vectors)
        if vectors.shape[1] != self.centres.shape[1]:
            raise DriftError(
                f"the vectors have {vectors.shape[1]} dimensions and the centres "
                f"{self.centres.shape[1]}. Was another model used for them?"
            )
        places = np.full(len(vectors), len(self.centres) + 2)  # missing
        usable = np.isfinite(vectors).all(axis=1)
        nearest, distances = _nearest(vectors[usable], self.centres)
        places[usable] = np.where(distances > self.radius, len(self.centres), nearest)
        return places

    def to_dict(self) -> dict:
        """Centres, radius and baseline as plain values for a JSON file."""
        counts = None if self.baseline is None else self.baseline.counts.tolist()
        return {
            "centres": self.centres.tolist(),
            "radius": self.radius,
            "fingerprint": self.fingerprint,
            "baseline": counts,
            **self._embedder_as_saved(),
        }

    def _embedder_as_saved(self) -> dict:
        if self.embedder is None:
            return {}
        return {"embedder": self.embedder.to_dict() | {"fingerprint": self.embedder.fingerprint}}

    @classmethod
    def from_dict(cls, saved: dict) -> "Clusters":
        """The clusters that `to_dict` described; DriftError if they have been changed since."""
        clusters = cls(
            np.array(saved["centres"], dtype=float),
            float(saved["radius"]),
            embedder=_saved_embedder(saved.get("embedder")),  # older files have none
        )
        if clusters.fingerprint != saved["fingerprint"]:
            raise DriftError(
                f"the centres have the fingerprint {clusters.fingerprint[:12]}, and "
                f"{saved['fingerprint'][:12]} was saved with them: they have been changed. Fit "
                "them again on the baseline."
            )
        if saved["baseline"] is not None:
            counts = np.array(saved["baseline"], dtype=np.int64)
            clusters = replace(clusters, baseline=Histogram(clusters.binning, counts))
        return clusters


def _percent(share: float) -> str:
    """Two digits, and whole numbers from ten on."""
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def _saved_embedder(saved: dict | None) -> Embedder | None:
    if saved is None:
        return None
    embedder = Embedder(saved["name"], saved["probes"], saved["tolerance"])
    if embedder.fingerprint != saved["fingerprint"]:
        raise DriftError(
            "the embedder's name, probes or tolerance have been changed in the file since it was "
            "saved. Embed the baseline again and fit the clusters on that."
        )
    return embedder


def _table(vectors) -> np.ndarray:
    try:
        vectors = np.asarray(vectors)
        if vectors.dtype.kind not in "fiu":
            vectors = vectors.astype(float)
    except (TypeError, ValueError) as error:
        raise DriftError(f"the vectors are not a table of numbers: {error}") from None
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise DriftError(
            f"the vectors have the shape {vectors.shape}; pass a row for each of them, (n, d)."
        )
    return vectors


def _nearest(vectors, centres) -> tuple[np.ndarray, np.ndarray]:
    """The number of the nearest centre of each row, and the distance from it."""
    from scipy.cluster.vq import vq

    nearest = np.zeros(len(vectors), dtype=int)
    distances = np.zeros(len(vectors))
    for start in range(0, len(vectors), BLOCK):
        rows = slice(start, start + BLOCK)
        block = vectors[rows].astype(float)
        nearest[rows], _ = vq(block, centres, check_finite=False)
        # vq takes squares apart, and on a centre it may find a distance of 1e-8 of the length
        distances[rows] = np.linalg.norm(block - centres[nearest[rows]], axis=1)
    return nearest, distances


def _k_means(points, count, generator) -> np.ndarray:
    from scipy.cluster.vq import kmeans2

    distinct = np.unique(points, axis=0)
    if len(distinct) <= count:
        return distinct
    start = _far_apart(points, count, generator)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="One of the clusters is empty")
        centres, _ = kmeans2(points, start, iter=ROUNDS, minit="matrix")
    # a centre that has lost all its rows is not a cell
    return centres[np.unique(_nearest(points, centres)[0])]


def _far_apart(points, count, generator) -> np.ndarray:
    """Starting points: each is drawn in proportion to its squared distance from those before.

    Source: D. Arthur and S. Vassilvitskii, "k-means++" (2007).
    """
    chosen = [generator.integers(len(points))]
    nearest = np.inf
    while len(chosen) < count:
        nearest = np.minimum(nearest, np.square(points - points[chosen[-1]]).sum(axis=1))
        chosen.append(generator.choice(len(points), p=nearest / nearest.sum()))
    return points[chosen]
