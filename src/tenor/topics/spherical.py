"""Weighted spherical k-means over words and documents at once (Dhillon & Modha 2001).

Maximise (1 − ρ) Σ_v w_v max_k u_v·c_k + ρ Σ_d m_d max_k [d_d ; d_d]/√2·c_k over centres c_k of
length one, with Σ w = Σ m = 1: each Lloyd step gives every point to its nearest centre, and makes
a centre the direction of its points' weighted sum. A centre without points stays where it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenor.explore.neighbours import unit_rows

Floats = NDArray[np.float64]

BLOCK = 1 << 14  # points compared with all centres at a time


def lloyd(
    words: Floats,
    word_weights: Floats,
    documents: Floats,
    document_weights: Floats,
    centres: Floats,
    *,
    share: float = 0.3,
    steps: int = 30,
    pinned: NDArray[np.intp] | None = None,
) -> Floats:
    """(k, 2K) the centres after at most ``steps`` steps.

    Args:
        words: (n, 2K) of length one.
        word_weights: (n,) from 0.
        documents: (D, K) of length one; each counts as [d ; d] / √2.
        document_weights: (D,) from 0.
        centres: (k, 2K) of length one, to start from.
        share: ρ, the documents' share of all weight.
        steps: at most.
        pinned: (n,) the centre that a word belongs to whatever is nearest; −1 for any.
    """
    k, half = len(centres), documents.shape[1]
    word_part = (1 - share) * word_weights / word_weights.sum()
    total = document_weights.sum()
    document_part = share * document_weights / (total if total > 0 else 1.0)
    before: list[NDArray[np.intp]] = []
    for _ in range(steps):
        owners = [nearest(words, centres), nearest(documents, folded(centres, half))]
        if pinned is not None:
            owners[0] = np.where(pinned >= 0, pinned, owners[0])
        if before and all(map(np.array_equal, before, owners)):
            break
        before = owners
        sums = _sums(words, word_part, owners[0], k)
        there = _sums(documents, document_part, owners[1], k) * np.sqrt(0.5)
        sums += np.hstack([there, there])
        moved = np.abs(sums).max(axis=1) > 0
        centres = np.where(moved[:, None], unit_rows(sums), centres)
    return centres


def folded(centres: Floats, half: int) -> Floats:
    """(k, K) what a document's own direction d is multiplied with: (c_R + c_M) / √2."""
    both: Floats = (centres[:, :half] + centres[:, half:]) * np.sqrt(0.5)
    return both


def nearest(points: Floats, centres: Floats) -> NDArray[np.intp]:
    """(n,) the nearest centre of every point; the first of equals."""
    owners = np.empty(len(points), dtype=np.intp)
    for start in range(0, len(points), BLOCK):
        block = points[start : start + BLOCK]
        owners[start : start + BLOCK] = np.argmax(block @ centres.T, axis=1)
    return owners


def _sums(points: Floats, weights: Floats, owners: NDArray[np.intp], k: int) -> Floats:
    """(k, M) the weighted sum of each centre's points."""
    from scipy.sparse import csr_array

    of = csr_array((weights, (owners, np.arange(len(points)))), shape=(k, len(points)))
    return np.asarray(of @ points)
