"""Clusters of documents, and words for them.

k-means over directions, so that near means a high cosine. Rows are scaled to length one; a document
without direction (a row of zeros) keeps its row and goes to the cluster whose centre is nearest,
but helps to form none. A cluster's words are what its documents say and the others do not, by the
score of :mod:`tenor.explore.telling`; only counts that exist are looked at.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.explore.collection import drawn_rows
from tenor.explore.neighbours import best, unit_rows
from tenor.explore.telling import distinct_names, telling_words

CHOICES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 24, 30, 40)  # where the number is looked for
ENOUGH = 0.95  # of the best silhouette: fewer clusters that are nearly as clear read better
MANY = 100_000  # documents from which k-means uses more than one thread
SAMPLE = 3000  # documents the choice is made on: a silhouette costs the square of this


@dataclass(frozen=True, eq=False)
class Clusters:
    """D documents in k clusters, the largest first.

    Attributes:
        labels: (D,) the cluster of each document, 0 to k − 1.
        centres: (k, K) directions of length one.
        scores: (D,) cosine of each document with the centre of its cluster.
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
    """Group documents (D, K) by direction with k-means (scikit-learn, four starts).

    Without ``n_clusters`` it is the smallest number among :data:`CHOICES`, up to the square root
    of the documents, whose mean silhouette (Rousseeuw 1987; cosine distance) on a seeded sample
    of at most :data:`SAMPLE` documents reaches :data:`ENOUGH` of the best one's.
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
    centres = (
        k_means(pointing.astype(np.float32), k, seed, 4)[1] if k > 1 else pointing.sum(axis=0)[None]
    )
    centres = unit_rows(centres)
    labels = np.argmax(directions @ centres.T, axis=1)
    order = np.argsort(-np.bincount(labels, minlength=k), kind="stable")  # the largest first
    labels, centres = np.argsort(order)[labels], centres[order]
    scores = np.clip(np.einsum("ij,ij->i", directions, centres[labels]), -1.0, 1.0)
    return Clusters(labels, centres.astype(np.float32), scores.astype(np.float32), criterion)


def _chosen(directions: NDArray[np.float64], distinct: int, seed: int) -> tuple[int, str]:
    """The number of clusters with the best silhouette, and how that is said."""
    from sklearn.metrics import silhouette_score

    limit = min(int(np.sqrt(len(directions))), distinct)
    sample = directions[drawn_rows(len(directions), SAMPLE, seed)]
    scores: dict[int, float] = {}
    for k in (k for k in CHOICES if k <= limit):
        labels = np.argmax(
            sample @ unit_rows(k_means(sample.astype(np.float32), k, seed, 2)[1]).T, axis=1
        )
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


def k_means(
    rows: Any, k: int, seed: int, starts: int
) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
    """(D,) the cluster of each of ``rows`` (D, K), dense or sparse, and (k, K) the centres."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # Threads that wait for each other cost more than they do: ten times, on a busy machine.
    with threadpool_limits(1 if rows.shape[0] < MANY else None), warnings.catch_warnings():
        # That documents are alike, so that fewer clusters are found, is nothing to do about.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = KMeans(n_clusters=k, n_init=starts, random_state=seed).fit(rows)
    return fitted.labels_.astype(np.int64), np.asarray(fitted.cluster_centers_)


@dataclass(frozen=True)
class ClusterWords:
    """A cluster in words: (word, z) pairs, the most distinctive first; z is in standard deviations.

    The name is the first words, as many as make it differ from every other cluster's name.
    """

    cluster: int
    size: int
    words: tuple[tuple[str, float], ...]
    name: str

    def __str__(self) -> str:
        return f"{self.cluster:>3}  {self.size:>7,}  {' '.join(word for word, _ in self.words)}"

    def to_json(self) -> dict[str, Any]:
        """The cluster as plain JSON values."""
        words = [{"word": word, "z": z} for word, z in self.words]
        return {"cluster": self.cluster, "name": self.name, "size": self.size, "words": words}


def name_clusters(
    labels: ArrayLike, bag: BagOfWords, words: Sequence[str], n: int = 10, in_name: int = 3
) -> list[ClusterWords]:
    """Name every cluster 0 … max(labels) by its ``n`` most distinctive words, or fewer.

    ``labels`` (D,) are the clusters of the documents in ``bag``; a name has ``in_name`` words.
    """
    clusters = np.asarray(labels)
    if clusters.ndim != 1 or (clusters.size and clusters.dtype.kind not in "iu"):
        raise InputError("labels must be one whole number a document")
    if clusters.size and int(clusters.min()) < 0:
        raise InputError("labels must be numbers from 0; a document outside every cluster has none")
    clusters = clusters.astype(np.int64)
    checks.same_length("labels", clusters, len(bag))
    checks.same_length("words", words, bag.n_words)
    n, in_name = checks.whole("n", n), checks.whole("in_name", in_name)
    distinctive = [
        tuple((words[word], float(z)) for word, z in pairs)
        for pairs in _distinctive(clusters, bag, max(n, in_name))
    ]
    names = distinct_names(
        [[word for word, _ in pairs] for pairs in distinctive],
        in_name,
        [f"cluster {number}" for number in range(len(distinctive))],
    )
    sizes = np.bincount(clusters, minlength=len(distinctive))
    return [
        ClusterWords(number, int(sizes[number]), pairs[:n], names[number])
        for number, pairs in enumerate(distinctive)
    ]


def _distinctive(
    labels: NDArray[np.int64], bag: BagOfWords, n: int
) -> list[list[tuple[int, float]]]:
    """For each cluster (word id, z), the most distinctive first."""
    from scipy.sparse import csr_matrix

    k = int(labels.max(initial=-1)) + 1
    bag = bag.compact()
    presence = csr_matrix((np.ones(bag.nnz), bag.words, bag.offsets), shape=bag.shape)
    members = csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), (k, len(labels)))
    counts = csr_matrix(members @ presence)  # (k, V), as sparse as the clusters' vocabularies
    corpus = bag.document_frequency.astype(np.float64)
    total = float(corpus.sum())
    found = []
    for row in (counts[number] for number in range(k)):
        row.sort_indices()
        size = float(row.data.sum())
        outside = corpus[row.indices] - row.data
        pairs = telling_words(row.data, outside, n, (size, total - size))
        found.append([(int(row.indices[place]), z) for place, z in pairs])
    return found
