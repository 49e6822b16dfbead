"""The arrays every part of exploring begins with, checked once and in the same words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor.errors import InputError

Floats = NDArray[np.floating[Any]]


def matrix(name: str, values: ArrayLike, columns: int | None = None) -> Floats:
    """``values`` as a two-dimensional array of finite floats, as wide as asked for.

    Raises:
        InputError: when it has another shape, is not numeric or holds NaN or infinity.
    """
    array = _floats(name, values)
    if array.ndim != 2 or (columns is not None and array.shape[1] != columns):
        wanted = "(rows, columns)" if columns is None else f"(rows, {columns})"
        raise InputError(f"{name} must have the shape {wanted}, not {array.shape}")
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(f"{name} must be finite; row {row} holds NaN or infinity")
    return array


def vector(name: str, values: ArrayLike, size: int | None = None) -> Floats:
    """``values`` as a one-dimensional array of finite floats, as long as asked for.

    Raises:
        InputError: when it has another shape, is not numeric or holds NaN or infinity.
    """
    array = _floats(name, values)
    if array.ndim != 1 or (size is not None and len(array) != size):
        wanted = "(n,)" if size is None else f"({size},)"
        raise InputError(f"{name} must have the shape {wanted}, not {array.shape}")
    if not np.isfinite(array).all():
        raise InputError(f"{name} must be finite; it holds NaN or infinity")
    return array


def at_least_one(name: str, value: int) -> int:
    """``value``, a whole number of at least 1.

    Raises:
        InputError: when it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InputError(f"{name} must be a whole number of at least 1, not {value!r}")
    return int(value)


def same_length(name: str, values: Any, rows: int) -> None:
    """Check that ``values`` holds one entry a row.

    Raises:
        InputError: when it does not.
    """
    if len(values) != rows:
        raise InputError(f"{name} must have one entry for each of {rows} rows, not {len(values)}")


def _floats(name: str, values: ArrayLike) -> Floats:
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "fiub":
            raise TypeError
        return array if array.dtype.kind == "f" else array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be an array of numbers") from None
