"""Clusters of documents: k-means over directions, so that near means a high cosine.

Rows are scaled to length one; a document without direction (a row of zeros) keeps its row and
goes to the cluster whose centre is nearest, but helps to form none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.neighbours import best, unit_rows

CHOICES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 24, 30, 40)  # where the number is looked for
ENOUGH = 0.95  # of the best silhouette: fewer clusters that are nearly as clear read better
MANY = 100_000  # documents from which k-means uses more than one thread
SAMPLE = 3000  # documents the choice is made on: a silhouette costs the square of this


@dataclass(frozen=True, eq=False)
class Clusters:
    """D documents in k clusters, the largest first.

    Attributes:
        labels: (D,) the cluster of each document, 0 to k − 1.
        centres: (k, K) float32 directions of length one.
        scores: (D,) float32 cosine of each document with the centre of its cluster.
        criterion: how the number of clusters came about, in a few words.
    """

    labels: NDArray[np.int64]
    centres: NDArray[np.float32]
    scores: NDArray[np.float32]
    criterion: str

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """(k,) documents in each cluster."""
        return np.bincount(self.labels, minlength=len(self)).astype(np.int64)

    def rows(self, cluster: int) -> NDArray[np.int64]:
        """The documents of a cluster, in their own order."""
        return np.flatnonzero(self.labels == self._checked(cluster)).astype(np.int64)

    def representatives(self, cluster: int, n: int = 5) -> list[tuple[int, float]]:
        """The ``n`` documents nearest to the centre: ``[(row, cosine), …]``."""
        rank = np.where(self.labels == self._checked(cluster), self.scores, -np.inf)
        chosen = best(rank.astype(np.float64), checks.whole("n", n))
        return [(int(row), float(self.scores[row])) for row in chosen]

    def _checked(self, cluster: int) -> int:
        if not 0 <= cluster < len(self):
            raise InputError(f"there is no cluster {cluster}: they are 0 to {len(self) - 1}")
        return cluster


def cluster(vectors: ArrayLike, n_clusters: int | None = None, seed: int = 0) -> Clusters:
    """Group documents by direction with k-means (scikit-learn, four starts).

    Without ``n_clusters`` it is the smallest number among :data:`CHOICES`, up to the square root
    of the documents, whose mean silhouette (Rousseeuw 1987; cosine distance) on a seeded sample
    of at most :data:`SAMPLE` documents reaches :data:`ENOUGH` of the best one's.

    Args:
        vectors: (D, K) documents in any of :mod:`tenor.explore.spaces`.
        n_clusters: k; None to have it chosen.
        seed: for the starts and the sample.

    Raises:
        InputError: when there are no documents or fewer distinct directions than clusters.
    """
    rows = checks.matrix("vectors", vectors)
    if not len(rows):
        raise InputError("there are no documents to cluster")
    directions = unit_rows(rows)
    pointing = directions[directions.any(axis=1)]
    distinct = len(np.unique(pointing, axis=0))
    if n_clusters is None:
        k, criterion = _chosen(pointing, distinct, seed)
    else:
        k, criterion = checks.whole("n_clusters", n_clusters), "given"
    if k > max(distinct, 1):
        raise InputError(
            f"{k} clusters need {k} documents that differ, and there are {distinct}; ask for fewer"
        )
    centres = _centres(pointing, k, seed, starts=4) if k > 1 else pointing.sum(axis=0)[None]
    return _assigned(directions, unit_rows(centres), criterion)


def _assigned(
    directions: NDArray[np.float64], centres: NDArray[np.float64], criterion: str
) -> Clusters:
    """Every document to its nearest centre; clusters numbered by size."""
    labels, k = np.argmax(directions @ centres.T, axis=1), len(centres)
    order = np.argsort(-np.bincount(labels, minlength=k), kind="stable")
    number = np.empty(k, dtype=np.int64)
    number[order] = np.arange(k)
    labels, centres = number[labels], centres[order]
    scores = np.clip(np.einsum("ij,ij->i", directions, centres[labels]), -1.0, 1.0)
    return Clusters(labels, centres.astype(np.float32), scores.astype(np.float32), criterion)


def _chosen(directions: NDArray[np.float64], distinct: int, seed: int) -> tuple[int, str]:
    """The number of clusters with the best silhouette, and how that is said."""
    from sklearn.metrics import silhouette_score

    limit = min(int(np.sqrt(len(directions))), distinct)
    sample = directions
    if len(directions) > SAMPLE:
        picked = np.random.default_rng(seed).choice(len(directions), SAMPLE, replace=False)
        sample = directions[np.sort(picked)]
    scores: dict[int, float] = {}
    for k in (k for k in CHOICES if k <= limit):
        labels = np.argmax(sample @ unit_rows(_centres(sample, k, seed, starts=2)).T, axis=1)
        if 2 <= len(np.unique(labels)) < len(sample):
            scores[k] = round(float(silhouette_score(sample, labels, metric="cosine")), 6)
    if not scores:
        return 1, "too few documents to tell clusters apart"
    top = max(scores.values())
    k = min(k for k, score in scores.items() if score >= min(ENOUGH * top, top))
    return k, (
        f"mean silhouette {scores[k]:.3f}, the best of {min(scores)} to {max(scores)} clusters"
        f" {top:.3f}"
    )


def _centres(
    directions: NDArray[np.float64], k: int, seed: int, starts: int
) -> NDArray[np.floating[Any]]:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # Threads that wait for each other cost more than they do: ten times, on a busy machine.
    with threadpool_limits(1 if len(directions) < MANY else None):
        fitted = KMeans(n_clusters=k, n_init=starts, random_state=seed)
        fitted.fit(directions.astype(np.float32))
    return np.asarray(fitted.cluster_centers_)
