"""The centres of topics: k-medoids over words to begin with, then spherical k-means with documents.

Medoids: maximise Σ_v w_v max_j u_v·u_{m_j} over k words m, chosen among the heaviest: greedily, as
in the facility location problem (Cornuéjols, Fisher & Nemhauser 1977), then by the best single swap
until none gains (Kaufman & Rousseeuw 1987, PAM). No random numbers.

Weighted spherical k-means over words and documents at once (Dhillon & Modha 2001): maximise
(1 − ρ) Σ_v w_v max_k u_v·c_k + ρ Σ_d m_d max_k [d_d ; d_d]/√2·c_k over centres c_k of
length one, with Σ w = Σ m = 1: each Lloyd step gives every point to its nearest centre, and makes
a centre the direction of its points' weighted sum. A centre without points stays where it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenor.explore.neighbours import unit_rows

Floats = NDArray[np.float64]

BLOCK = 1 << 14  # points compared with all centres at a time
SWAPS = 200  # at most; some tens are usual
GAIN = 1e-9  # of the objective: less is rounding


def medoids(
    vectors: Floats, weights: Floats, k: int, n_candidates: int, held: Floats | None = None
) -> NDArray[np.intp]:
    """(k,) the rows chosen.

    Args:
        vectors: (n, M) of length one, the heaviest first.
        weights: (n,) from 0.
        k: how many, at most n.
        n_candidates: the first rows, among which is chosen; at least k.
        held: (h, M) directions that stand already, besides the k.
    """
    similar = vectors @ vectors[:n_candidates].T
    nearest = np.full(len(vectors), -1.0)
    if held is not None and len(held):
        nearest = (vectors @ held.T).max(axis=1)
    chosen = _greedy(similar, weights, nearest.copy(), k)
    for _ in range(SWAPS):
        swap = _best_swap(similar, weights, nearest, chosen)
        if swap is None:
            break
        chosen[swap[0]] = swap[1]
    return np.array(chosen, dtype=np.intp)


def _greedy(similar: Floats, weights: Floats, nearest: Floats, k: int) -> list[int]:
    chosen: list[int] = []
    for _ in range(k):
        gains = weights @ np.maximum(similar - nearest[:, None], 0.0)
        gains[chosen] = -1.0
        place = int(np.argmax(gains))
        chosen.append(place)
        np.maximum(nearest, similar[:, place], out=nearest)
    return chosen


def _best_swap(
    similar: Floats, weights: Floats, held: Floats, chosen: list[int]
) -> tuple[int, int] | None:
    """Which of the chosen to replace by which candidate; None when nothing gains."""
    own = np.column_stack([similar[:, chosen], held])
    order = np.argsort(-own, axis=1, kind="stable")[:, :2]
    rows = np.arange(len(own))
    first, second = own[rows, order[:, 0]], own[rows, order[:, 1]]
    kept = np.maximum(similar, first[:, None])
    kept *= weights[:, None]
    left = np.maximum(similar, second[:, None])
    left *= weights[:, None]
    left -= kept  # what a word loses when its own medoid goes
    objective = np.empty((len(chosen), similar.shape[1]))
    total = kept.sum(axis=0)
    for place in range(len(chosen)):
        objective[place] = total + left[order[:, 0] == place].sum(axis=0)
    objective[:, chosen] = -np.inf
    leaving, candidate = divmod(int(np.argmax(objective)), objective.shape[1])
    now = float(weights @ first)
    if objective[leaving, candidate] <= now + GAIN * abs(now):
        return None
    return leaving, candidate


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
