"""Words for clusters: what the documents of a cluster say and the others do not.

The score is that of :mod:`tenor.explore.telling`. Only counts that exist are looked at: the cost
is that of the corpus' nnz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.explore.names import distinct_names
from tenor.explore.telling import telling_words


@dataclass(frozen=True)
class ClusterWords:
    """A cluster in words.

    Attributes:
        cluster: its number.
        size: documents in it.
        words: (word, z) pairs, the most distinctive first; z is in standard deviations.
        name: the first words, as many as make it differ from every other cluster's name.
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
    """Name every cluster by its most distinctive words.

    Args:
        labels: (D,) whole numbers from 0, the cluster of each document.
        bag: the same D documents.
        words: the V words of the bag.
        n: words a cluster, fewer where fewer are distinctive.
        in_name: words in a name.

    Returns:
        One entry for each cluster 0 … max(labels), also for one that is empty or wordless.

    Raises:
        InputError: when labels, bag and words do not fit together.
    """
    clusters = _whole_numbers(labels)
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
    presence = csr_matrix(
        (np.ones(bag.nnz), bag.words, bag.offsets), shape=bag.shape, dtype=np.float64
    )
    members = csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), (k, len(labels)))
    counts = csr_matrix(members @ presence)  # (k, V), as sparse as the clusters' vocabularies
    corpus = bag.document_frequency.astype(np.float64)
    total = float(corpus.sum())
    found = []
    for cluster in range(k):
        row = counts[cluster]
        row.sort_indices()
        inside, outside = row.data, corpus[row.indices] - row.data
        size = float(inside.sum())
        pairs = telling_words(inside, outside, n, (size, total - size))
        found.append([(int(row.indices[place]), z) for place, z in pairs])
    return found


def _whole_numbers(labels: ArrayLike) -> NDArray[np.int64]:
    clusters = np.asarray(labels)
    if clusters.ndim != 1 or (clusters.size and clusters.dtype.kind not in "iu"):
        raise InputError("labels must be one whole number a document")
    if clusters.size and int(clusters.min()) < 0:
        raise InputError("labels must be numbers from 0; a document outside every cluster has none")
    return clusters.astype(np.int64)
