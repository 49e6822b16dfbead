"""Do document vectors fall into the groups that people gave the documents?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tenor.amounts import amount
from tenor.checks import whole
from tenor.errors import InputError
from tenor.evaluation.labelled import Label, Vectors, codes, labelled_rows, unit_rows
from tenor.explore.clusters import k_means


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
        labels: one a document; None = unlabelled, left out of the clustering and reported.

    Raises:
        InputError: for vectors that are not finite, labels of another number, no labels, or more
            clusters than labelled documents.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    n_clusters, seeds = whole("n_clusters", n_clusters, 1), whole("seeds", seeds, 1)
    unit = unit_rows("vectors", vectors)
    rows = labelled_rows("labels", labels, unit.shape[0])
    if n_clusters > len(rows):
        raise InputError(
            f"{n_clusters} clusters cannot be made of {amount(len(rows), 'labelled document')}"
        )
    truth = codes(labels, rows, {})
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
    labels = int(truth.max()) + 1
    pairs, counts = np.unique(found.astype(np.int64) * labels + truth, return_counts=True)
    commonest = np.zeros(int(found.max()) + 1, dtype=np.int64)
    np.maximum.at(commonest, pairs // labels, counts)
    return float(commonest.sum() / len(truth))


def _mean_sd(values: Sequence[float]) -> MeanSd:
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return MeanSd(float(np.mean(values)), sd)
