"""Nearest rows by cosine: exact, in blocks, with the same answer every time.

A row of zeros points nowhere: its cosine is 0 and it comes after every other row. Rows whose
cosines agree to 12 decimals count as equally near and come in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError

BLOCK = 8192  # rows in double precision at a time: at 50 columns 3 MB, which stays in cache
DECIMALS = 12  # the same row in another place of a block may differ in the last bits
LAST = -2.0  # ranks rows of zeros below the smallest cosine


def nearest(
    query: ArrayLike, matrix: ArrayLike, n: int, exclude: int | Iterable[int] | None = None
) -> list[tuple[int, float]]:
    """The ``n`` rows of ``matrix`` nearest to ``query``, nearest first.

    Args:
        query: (K,) a vector.
        matrix: (D, K) the rows to search, of any float type.
        n: how many; fewer come back when there are fewer rows.
        exclude: row or rows to leave out, for instance the query itself.

    Returns:
        ``[(row, cosine), …]``.

    Raises:
        InputError: for shapes that do not fit, NaN, n < 1 or an excluded row that is not there.
    """
    rows = checks.matrix("matrix", matrix)
    direction = checks.vector("query", query, rows.shape[1])
    n = checks.whole("n", n)
    rank, cosines = _rank(direction, rows)
    for row in _excluded(exclude, len(rows)):
        rank[row] = -np.inf
    chosen = best(rank, n)
    return [(int(row), float(cosines[row])) for row in chosen]


def best(rank: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """The rows of the ``n`` highest ranks, ties by row number; −∞ is never chosen."""
    candidates = np.flatnonzero(rank > -np.inf)
    if n < len(candidates):
        values = rank[candidates]
        threshold = np.partition(values, len(values) - n)[len(values) - n]
        candidates = candidates[values >= threshold]
    order = np.lexsort((candidates, -rank[candidates]))
    return candidates[order[:n]]


def unit_rows(matrix: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """(D, K) every row divided by its length in double precision; zero rows stay zero."""
    rows = np.asarray(matrix, dtype=np.float64)
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    rows = rows / np.where(largest > 0, largest, 1.0)  # squares of tiny numbers would be zero
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), dtype=np.float64)


def _rank(
    query: NDArray[np.floating[Any]], rows: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(D,) what to sort by, and (D,) the cosines."""
    direction = unit_rows(query[None])[0]
    cosines = np.zeros(len(rows))
    rank = np.full(len(rows), LAST)
    for start, block in _blocks(rows):
        found = np.clip(np.einsum("ij,j->i", block, direction), -1.0, 1.0)
        cosines[start : start + len(block)] = found
        pointing = block.any(axis=1)
        rank[start : start + len(block)][pointing] = np.round(found[pointing], DECIMALS)
    return rank, cosines


def _blocks(rows: NDArray[np.floating[Any]]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    for start in range(0, len(rows), BLOCK):
        yield start, unit_rows(rows[start : start + BLOCK])


def _excluded(exclude: int | Iterable[int] | None, rows: int) -> list[int]:
    if exclude is None:
        return []
    wanted = [exclude] if isinstance(exclude, (int, np.integer)) else exclude
    left_out = [int(row) for row in wanted]
    for row in left_out:
        if not 0 <= row < rows:
            raise InputError(f"row {row} cannot be excluded: there are rows 0 to {rows - 1}")
    return left_out
