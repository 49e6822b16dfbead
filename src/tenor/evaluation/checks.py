"""What every measure asks of its arrays, said in the same words."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.errors import InputError
from tenor.explore import neighbours

Floats = NDArray[np.float64]
Label = Hashable | None
Vectors = Any
"""(D, K) documents as rows: a NumPy array, or a SciPy sparse matrix (which has no types)."""


def vector(name: str, values: ArrayLike, size: int | None = None) -> Floats:
    """``values`` as (n,) finite float64.

    Raises:
        InputError: when the shape is another, or an entry is not a finite number.
    """
    array = _floats(name, values)
    if array.ndim != 1:
        raise InputError(f"{name} must have one number a document, not the shape {array.shape}")
    if size is not None and len(array) != size:
        raise InputError(f"{name} has {len(array)} entries, but there are {size} documents")
    _refuse_infinite(name, array)
    return array


def matrix(name: str, values: ArrayLike, rows: int | None = None) -> Floats:
    """``values`` as (D, K) finite float64; raises as :func:`vector` does."""
    array = _floats(name, values)
    if array.ndim != 2 or array.shape[1] == 0:
        raise InputError(f"{name} must have the shape (documents, dimensions), not {array.shape}")
    if rows is not None and len(array) != rows:
        raise InputError(f"{name} has {len(array)} rows, but there are {rows} documents")
    _refuse_infinite(name, array)
    return array


def whole(name: str, value: Any, least: int) -> int:
    """``value`` as a whole number of at least ``least``.

    Raises:
        InputError: when it is anything else.
    """
    number = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not number or value < least:
        raise InputError(f"{name} must be a whole number of at least {least}, not {value!r}")
    return int(value)


def labelled_rows(name: str, labels: Sequence[Label], documents: int) -> NDArray[np.int64]:
    """The rows whose label is not None.

    Raises:
        InputError: when there is not one label a document, or every one is None.
    """
    if isinstance(labels, str) or len(labels) != documents:
        raise InputError(f"{name} has {len(labels)} entries, but there are {documents} documents")
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
    _refuse_infinite(name, sparse.data)
    norms = np.sqrt(np.asarray(sparse.multiply(sparse).sum(axis=1)).ravel())
    sparse.data /= np.repeat(np.where(norms > 0, norms, 1.0), np.diff(sparse.indptr))
    return sparse


def _floats(name: str, values: ArrayLike) -> Floats:
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "fiu":
            raise TypeError
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be an array of numbers") from None


def _refuse_infinite(name: str, array: Floats) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        place = int(np.argwhere(~finite)[0][0])
        raise InputError(f"{name} must be finite, but entry {place} is NaN or infinite")
