"""The topic weights of documents as every comparison of groups takes them: checked, in one order.

A comparison must not depend on the order in which documents come. So rows are put in an order
that only their contents decide before anything is added up or drawn by chance: rows that hold
the same numbers are the same to every mean.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError

BLOCK = 1 << 15  # rows looked at together
TOLERANCE = 1e-3  # of a row's sum: weights in half precision pass

_Words = NDArray[np.uint64]


def checked_weights(weights: ArrayLike) -> tuple[checks.Floats, NDArray[np.bool_]]:
    """(D, T) weights, and (D,) which documents have any: a row sums to one, or is all zero.

    Raises:
        InputError: for another shape, for NaN, and for a row with another sum or below zero.
    """
    rows = checks.matrix("weights", weights)
    worded = np.zeros(len(rows), dtype=np.bool_)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        sums = block.sum(axis=1, dtype=np.float64)
        worded[start : start + BLOCK] = found = block.any(axis=1)
        wrong = (found & (np.abs(sums - 1) > TOLERANCE)) | (block < 0).any(axis=1)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                f"weights must be at least 0 and sum to one in every row, or be all zero for a "
                f"document without words; row {start + row} sums to {sums[row]:.4g}"
            )
    return rows, worded


def checked_ids(ids: Sequence[int] | None, n_topics: int) -> tuple[int, ...]:
    """The numbers of T topics; 0 to T − 1 when None.

    Raises:
        InputError: when there is not one a topic.
    """
    if ids is None:
        return tuple(range(n_topics))
    if len(ids) != n_topics:
        raise InputError(f"ids must have one number for each of {n_topics} topics, not {len(ids)}")
    return tuple(int(topic) for topic in ids)


def canonical_order(rows: checks.Floats) -> NDArray[np.intp]:
    """(D,) row numbers by the rows' contents alone: the same documents, however they came."""
    multipliers = np.random.default_rng(0).integers(1, 1 << 63, rows.shape[1], dtype=np.uint64)
    keys = np.zeros(len(rows), dtype=np.uint64)
    for start in range(0, len(rows), BLOCK):
        bits = np.ascontiguousarray(rows[start : start + BLOCK], dtype=np.float64).view(np.uint64)
        mixed: _Words = (bits ^ (bits >> np.uint64(29))) * (multipliers | np.uint64(1))
        keys[start : start + BLOCK] = mixed.sum(axis=1, dtype=np.uint64)  # wraps around
    return np.argsort(keys, kind="stable")
