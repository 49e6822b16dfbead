"""Do document vectors go by the labels that people gave the documents?

Whether a document's nearest neighbours have its own label, and whether k-means finds the groups.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass
from math import floor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.checks import Doubles, amount, kind_of, matrix, vector, whole
from tenor.errors import InputError
from tenor.explore import neighbours
from tenor.explore.clusters import k_means
from tenor.text.missing import labels_in

Label = Hashable | None
Vectors = Any
"""(D, K) documents as rows: a NumPy array, or a SciPy sparse matrix (which has no types)."""

_SCORES_AT_ONCE = 1 << 22
_DECIMALS = 9


@dataclass(frozen=True)
class RetrievalScores:
    """Mean precision over the queries, in [0, 1].

    Attributes:
        precision_at_10: share of the 10 nearest documents with the query's label.
        precision_at_2_percent: the same among the nearest 2 % of the collection.
        n_nearest: how many documents 2 % are.
        n_queries, n_collection: labelled documents that asked, and that could be found.
        n_unlabelled: documents, of both sets, left out for want of a label.
    """

    precision_at_10: float
    precision_at_2_percent: float
    n_nearest: int
    n_queries: int
    n_collection: int
    n_unlabelled: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def retrieval_scores(
    queries: Vectors,
    query_labels: Sequence[Label],
    base: Vectors | None = None,
    base_labels: Sequence[Label] | None = None,
    exclude: ArrayLike | None = None,
) -> RetrievalScores:
    """Precision among the nearest documents by cosine.

    Documents without a label (None, NaN, "", …) neither ask nor can be found. Without ``base`` the
    queries are searched among themselves, each one itself excluded. Cosines are compared to 9
    decimals; equal ones rank by row, the first first. A row of zeros has cosine 0 with everything.
    2 % is rounded half up, at least 1: 226 of 11,290.

    Args:
        queries: (Q, K) array or SciPy sparse matrix; ``base``: (D, K) likewise. A block of
            queries at a time meets the D documents; Q × D never exists.
        exclude: (Q,) the row of ``base`` that is the query itself and is not to be found, or −1.

    Raises:
        InputError: for vectors that are not finite or of different widths, labels of another
            number, no labels, fewer than 10 documents to find, or excluded rows that are not there.
    """
    known: dict[Label, int] = {}
    unit, asking, wanted = _labelled("query", queries, query_labels, known)
    n_unlabelled = len(query_labels) - len(wanted)
    if base is None:
        if base_labels is not None:
            raise InputError("base_labels were given without base")
        if exclude is not None:
            raise InputError("exclude was given without base")
        found, labels, own = unit, wanted, np.arange(len(wanted))
    else:
        if base_labels is None:
            raise InputError("base_labels are needed to search base")
        found, rows, labels = _labelled("base", base, base_labels, known)
        n_unlabelled += len(base_labels) - len(labels)
        place = np.full(len(base_labels) + 1, -1, dtype=np.int64)  # the last one is that of -1
        place[rows] = np.arange(len(rows))
        own = place[_excluded(exclude, len(query_labels), len(base_labels))[asking]]
    if unit.shape[1] != found.shape[1]:
        raise InputError(f"queries have {unit.shape[1]} dimensions, but base has {found.shape[1]}")
    n_found = len(labels) - bool((own >= 0).any())
    if n_found < 10:
        raise InputError(f"precision@10 needs 10 labelled documents to find; there are {n_found}")
    nearest = max(1, floor(0.02 * n_found + 0.5))
    hits = np.zeros(2)
    step = max(1, _SCORES_AT_ONCE // len(labels))
    for start in range(0, len(wanted), step):
        scores = _cosines(unit[start : start + step], found)
        itself = own[start : start + step]
        there = np.flatnonzero(itself >= 0)
        scores[there, itself[there]] = -np.inf
        same = wanted[start : start + step, None] == labels
        hits += [(_nearest(scores, n) & same).sum() / n for n in (10, nearest)]
    precision = hits / len(wanted)
    return RetrievalScores(
        float(precision[0]), float(precision[1]), nearest, len(wanted), n_found, n_unlabelled
    )


def _excluded(exclude: ArrayLike | None, queries: int, base: int) -> NDArray[np.int64]:
    """(Q,) the row of each query that is not to be found, or −1."""
    own = np.full(queries, -1) if exclude is None else np.asarray(exclude)
    if own.dtype.kind not in "iu" or own.shape != (queries,):
        raise InputError(f"exclude must be {queries} rows of base, one a query")
    if len(own) and (own.min() < -1 or own.max() >= base):
        raise InputError(f"exclude must hold rows of base, 0 to {base - 1}, or -1")
    return own


def _labelled(
    name: str, vectors: Vectors, labels: Sequence[Label], known: dict[Label, int]
) -> tuple[Vectors, NDArray[np.int64], NDArray[np.int64]]:
    """The vectors and rows of the documents that have a label, and the numbers of the labels."""
    unit = _unit_rows(f"{name} vectors", vectors)
    listed, rows = _labelled_rows(f"{name}_labels", labels, unit.shape[0])
    return unit[rows], rows, _codes(listed, rows, known)


def _cosines(queries: Vectors, found: Vectors) -> Doubles:
    """(block, D), rounded: products of equal rows may differ in their last bit."""
    product = queries @ found.T
    if hasattr(product, "tocsr"):
        product = product.toarray()  # a block of documents × documents, never × words
    cosines: Doubles = np.asarray(product, dtype=np.float64)
    return np.round(cosines, _DECIMALS, out=cosines)


def _nearest(scores: Doubles, n: int) -> NDArray[np.bool_]:
    """Where the ``n`` highest scores of each row are; among equals the first columns."""
    last = np.partition(scores, scores.shape[1] - n, axis=1)[:, [scores.shape[1] - n]]
    above, equal = scores > last, scores == last
    room = n - above.sum(axis=1, keepdims=True)
    chosen: NDArray[np.bool_] = above | (equal & (equal.cumsum(axis=1) <= room))
    return chosen


class MeanSd(NamedTuple):
    """A mean over seeds and its standard deviation (divisor n − 1; 0 for one seed)."""

    mean: float
    sd: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.sd:.3f}"


@dataclass(frozen=True)
class ClusterScores:
    """k-means against labels; each score is at most 1, and 1 is perfect.

    Attributes:
        purity: share of documents whose label is the commonest of their cluster.
        nmi: normalised mutual information, arithmetic mean of the entropies.
        ari: adjusted Rand index, 0 for chance.
        n_documents, n_unlabelled: documents that were clustered, and left out for want of a label.
    """

    purity: MeanSd
    nmi: MeanSd
    ari: MeanSd
    n_clusters: int
    seeds: int
    n_documents: int
    n_unlabelled: int

    def to_json(self) -> dict[str, Any]:
        scores = {name: getattr(self, name)._asdict() for name in ("purity", "nmi", "ari")}
        return asdict(self) | scores


def cluster_scores(
    vectors: Vectors, labels: Sequence[Label], n_clusters: int, seeds: int = 5
) -> ClusterScores:
    """k-means on the documents' directions, scored against their labels.

    Rows are scaled to unit length (rows of zeros stay zero), then clustered by k-means with
    n_init = 10 for each of the seeds 0 … ``seeds`` − 1.

    Args:
        vectors: (D, K) array or SciPy sparse matrix.
        labels: one a document; what is missing is left out of the clustering and reported.

    Raises:
        InputError: for vectors that are not finite, labels of another number, no labels, or more
            clusters than labelled documents.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    n_clusters, seeds = whole("n_clusters", n_clusters, 1), whole("seeds", seeds, 1)
    unit = _unit_rows("vectors", vectors)
    listed, rows = _labelled_rows("labels", labels, unit.shape[0])
    if n_clusters > len(rows):
        raise InputError(
            f"{n_clusters} clusters cannot be made of {amount(len(rows), 'labelled document')}"
        )
    truth = _codes(listed, rows, {})
    scores = []
    for seed in range(seeds):
        found, _ = k_means(unit[rows], n_clusters, seed, 10)
        nmi = normalized_mutual_info_score(truth, found, average_method="arithmetic")
        scores.append((purity(truth, found), float(nmi), float(adjusted_rand_score(truth, found))))
    of_purity, of_nmi, of_ari = (_mean_sd(values) for values in zip(*scores, strict=True))
    n_unlabelled = unit.shape[0] - len(rows)
    return ClusterScores(of_purity, of_nmi, of_ari, n_clusters, seeds, len(rows), n_unlabelled)


def purity(truth: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """The share of documents whose label is the commonest of their cluster; both (D,) from 0."""
    from sklearn.metrics.cluster import contingency_matrix

    return float(contingency_matrix(truth, found).max(axis=0).sum() / len(truth))


def _mean_sd(values: Sequence[float]) -> MeanSd:
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return MeanSd(float(np.mean(values)), sd)


def _labelled_rows(
    name: str, labels: Sequence[Label], documents: int
) -> tuple[list[Label], NDArray[np.int64]]:
    """The labels, None where one is missing, and the rows that have one."""
    found = 0 if isinstance(labels, str) else len(labels)
    if found != documents:
        raise InputError(f"{name} has {found} entries, but there are {documents} documents")
    listed = labels_in(labels)
    there = [row for row, label in enumerate(listed) if label is not None]
    if not there:
        raise InputError(f"{name} holds no label: this measure needs documents that have one")
    for row in there:
        if not isinstance(listed[row], Hashable):
            raise InputError(f"{name} has {kind_of(listed[row])} in row {row}, which is no label")
    return listed, np.array(there, dtype=np.int64)


def _codes(labels: Sequence[Label], rows: NDArray[np.int64], known: dict[Label, int]) -> Any:
    """The labels of ``rows`` as int64 numbers; ``known`` gains the ones it had not seen."""
    return np.array([known.setdefault(labels[row], len(known)) for row in rows], dtype=np.int64)


def _unit_rows(name: str, vectors: Vectors) -> Vectors:
    """``vectors`` with rows of length 1, copied; rows of zeros stay zero. Sparse stays sparse."""
    if not hasattr(vectors, "tocsr"):
        return neighbours.unit_rows(matrix(name, vectors))
    sparse = vectors.tocsr().astype(np.float64, copy=True)
    vector(name, sparse.data)
    norms = np.sqrt(np.asarray(sparse.multiply(sparse).sum(axis=1)).ravel())
    sparse.data /= np.repeat(np.where(norms > 0, norms, 1.0), np.diff(sparse.indptr))
    return sparse
