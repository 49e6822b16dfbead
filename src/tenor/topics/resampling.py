"""Means under the bootstrap: documents drawn anew, with replacement, as many as there are.

Efron & Tibshirani (1993), chapter 13: percentile intervals. Draws are counted (a document drawn
twice weighs two), so a resample is a row of counts and all means of a block of resamples are one
matrix product. Where there are many documents, bundles of them are drawn instead, put together
by chance: the mean has the same variance, known to 1 / √(2 · 4,096) of its standard error, and
the work is that of 4,096 documents however many there are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.topics.document_weights import BLOCK

BUNDLES = 4096  # drawn at most
AT_ONCE = 1 << 19  # counts held together
LEVEL = 0.95
FEWEST = 40  # resamples of which one lies beyond each end of a 95 % interval


def checked_bootstraps(n_bootstrap: int) -> int:
    """``n_bootstrap``, enough for a 95 % interval.

    Raises:
        InputError: when it is no whole number of at least 40.
    """
    if checks.whole("n_bootstrap", n_bootstrap) < FEWEST:
        raise InputError(f"n_bootstrap must be at least {FEWEST} for a 95 % interval")
    return int(n_bootstrap)


def bootstrap_means(
    rows: NDArray[np.floating[Any]], n_bootstrap: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(n_bootstrap, T) the mean of each resample of the (n, T) ``rows``, n at least 1.

    Memory beyond the rows is flat in n and in n_bootstrap, but for what is returned.
    """
    sums, sizes = _bundles(rows, rng)
    n = len(sums)
    means = np.empty((n_bootstrap, sums.shape[1]))
    at_once = max(1, AT_ONCE // n)
    for start in range(0, n_bootstrap, at_once):
        stop = min(start + at_once, n_bootstrap)
        drawn = rng.integers(0, n, size=(stop - start, n), dtype=np.int64)
        counts = np.array([np.bincount(draw, minlength=n) for draw in drawn], dtype=np.float64)
        means[start:stop] = (counts @ sums) / (counts @ sizes)[:, None]
    return means


def interval(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, 2) where the middle 95 % of the resamples (n_bootstrap, T) lie."""
    ends = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return np.asarray(ends.T, dtype=np.float64)


def _bundles(
    rows: NDArray[np.floating[Any]], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums (n, T) and sizes (n,) of what is drawn: single documents while they are few."""
    if len(rows) <= BUNDLES:
        return rows.astype(np.float64), np.ones(len(rows))
    bundle = rng.permutation(len(rows)) % BUNDLES  # of each row: sizes differ by one at most
    sums = np.zeros((BUNDLES, rows.shape[1]))
    for start in range(0, len(rows), BLOCK):
        sums += _sums(rows[start : start + BLOCK], bundle[start : start + BLOCK], BUNDLES)
    return sums, np.bincount(bundle, minlength=BUNDLES).astype(np.float64)


def _sums(rows: NDArray[np.floating[Any]], groups: NDArray[np.intp], n: int) -> NDArray[np.float64]:
    from scipy.sparse import csr_matrix

    members = csr_matrix((np.ones(len(rows)), (groups, np.arange(len(rows)))), (n, len(rows)))
    return np.asarray(members @ rows.astype(np.float64))
