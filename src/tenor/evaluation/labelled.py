"""Documents with labels, as the measures by label take them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.checks import matrix, vector
from tenor.errors import InputError
from tenor.explore import neighbours

Label = Hashable | None
Vectors = Any
"""(D, K) documents as rows: a NumPy array, or a SciPy sparse matrix (which has no types)."""


def one_a_document(name: str, values: Any, documents: int) -> None:
    """Check that there is an entry a document.

    Raises:
        InputError: when there is not.
    """
    if len(values) != documents:
        raise InputError(f"{name} has {len(values)} entries, but there are {documents} documents")


def labelled_rows(name: str, labels: Sequence[Label], documents: int) -> NDArray[np.int64]:
    """The rows whose label is not None.

    Raises:
        InputError: when there is not one label a document, or every one is None.
    """
    one_a_document(name, () if isinstance(labels, str) else labels, documents)
    rows = np.array([row for row, label in enumerate(labels) if label is not None], dtype=np.int64)
    if len(rows) == 0:
        raise InputError(f"{name} holds no label: this measure needs documents that have one")
    return rows


def codes(labels: Sequence[Label], rows: NDArray[np.int64], known: dict[Label, int]) -> Any:
    """The labels of ``rows`` as int64 numbers; ``known`` gains the ones it had not seen."""
    return np.array([known.setdefault(labels[row], len(known)) for row in rows], dtype=np.int64)


def unit_rows(name: str, vectors: Vectors) -> Vectors:
    """``vectors`` with rows of length 1, copied; rows of zeros stay zero. Sparse stays sparse.

    Raises:
        InputError: when they are no (D, K) array of finite numbers.
    """
    if not hasattr(vectors, "tocsr"):
        return neighbours.unit_rows(matrix(name, vectors))
    sparse = vectors.tocsr().astype(np.float64, copy=True)
    vector(name, sparse.data)
    norms = np.sqrt(np.asarray(sparse.multiply(sparse).sum(axis=1)).ravel())
    sparse.data /= np.repeat(np.where(norms > 0, norms, 1.0), np.diff(sparse.indptr))
    return sparse
