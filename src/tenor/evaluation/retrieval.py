"""Are a document's nearest neighbours documents of its own label?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import floor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.checks import Doubles
from tenor.errors import InputError
from tenor.evaluation.labelled import Label, Vectors, codes, labelled_rows, unit_rows

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

    Documents without a label (None) neither ask nor can be found. Without ``base`` the queries
    are searched among themselves, each one itself excluded. Cosines are compared to 9 decimals;
    equal ones rank by row, the first first. A row of zeros has cosine 0 with everything. 2 % is
    rounded half up, at least 1: 226 of 11,290.

    Args:
        queries: (Q, K) array or SciPy sparse matrix; ``base``: (D, K) likewise. A block of
            queries at a time meets the D documents; Q × D never exists.
        exclude: (Q,) the row of ``base`` that is the query itself and is not to be found, or −1.

    Raises:
        InputError: for vectors that are not finite or of different widths, labels of another
            number, no labels, fewer than 10 documents to find, or excluded rows that are not there.
    """
    known: dict[Label, int] = {}
    unit, wanted = _labelled("query", queries, query_labels, known)
    all_rows = queries.shape[0] if hasattr(queries, "shape") else len(queries)
    if base is None:
        if base_labels is not None:
            raise InputError("base_labels were given without base")
        if exclude is not None:
            raise InputError("exclude was given without base")
        found, labels, own = unit, wanted, np.arange(len(wanted))
        unlabelled = all_rows - len(wanted)
    else:
        if base_labels is None:
            raise InputError("base_labels are needed to search base")
        found, labels = _labelled("base", base, base_labels, known)
        unlabelled = all_rows + len(base_labels) - len(wanted) - len(labels)
        own = _own_rows(exclude, query_labels, base_labels)
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
        asking = np.flatnonzero(itself >= 0)
        scores[asking, itself[asking]] = -np.inf
        same = wanted[start : start + step, None] == labels
        hits += [(_nearest(scores, n) & same).sum() / n for n in (10, nearest)]
    precision = hits / len(wanted)
    return RetrievalScores(
        float(precision[0]), float(precision[1]), nearest, len(wanted), n_found, unlabelled
    )


def _own_rows(
    exclude: ArrayLike | None, query_labels: Sequence[Label], base_labels: Sequence[Label]
) -> NDArray[np.int64]:
    """For each labelled query the place among the labelled documents that is itself, or −1."""
    asking = labelled_rows("query_labels", query_labels, len(query_labels))
    if exclude is None:
        return np.full(len(asking), -1, dtype=np.int64)
    own = np.asarray(exclude)
    if own.dtype.kind not in "iu" or own.shape != (len(query_labels),):
        raise InputError(f"exclude must be {len(query_labels)} rows of base, one a query")
    if len(own) and (own.min() < -1 or own.max() >= len(base_labels)):
        raise InputError(f"exclude must hold rows of base, 0 to {len(base_labels) - 1}, or -1")
    place = np.full(len(base_labels) + 1, -1, dtype=np.int64)  # the last one is that of -1
    rows = labelled_rows("base_labels", base_labels, len(base_labels))
    place[rows] = np.arange(len(rows))
    found: NDArray[np.int64] = place[own[asking]]
    return found


def _labelled(
    name: str, vectors: Vectors, labels: Sequence[Label], known: dict[Label, int]
) -> tuple[Vectors, NDArray[np.int64]]:
    unit = unit_rows(f"{name} vectors", vectors)
    rows = labelled_rows(f"{name}_labels", labels, unit.shape[0])
    return unit[rows], codes(labels, rows, known)


def _cosines(queries: Vectors, found: Vectors) -> Doubles:
    """(block, D), rounded: products of equal rows may differ in their last bit."""
    product = queries @ found.T
    if hasattr(product, "tocsr"):
        sparse = product.tocsr()
        sparse.sum_duplicates()
        rows = np.repeat(np.arange(sparse.shape[0]), np.diff(sparse.indptr))
        product = np.zeros(sparse.shape)
        product[rows, sparse.indices] = sparse.data
    cosines: Doubles = np.asarray(product, dtype=np.float64)
    return np.round(cosines, _DECIMALS, out=cosines)


def _nearest(scores: Doubles, n: int) -> NDArray[np.bool_]:
    """Where the ``n`` highest scores of each row are; among equals the first columns."""
    last = np.partition(scores, scores.shape[1] - n, axis=1)[:, [scores.shape[1] - n]]
    above, equal = scores > last, scores == last
    room = n - above.sum(axis=1, keepdims=True)
    chosen: NDArray[np.bool_] = above | (equal & (equal.cumsum(axis=1) <= room))
    return chosen
