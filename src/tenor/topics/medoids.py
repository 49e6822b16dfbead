"""k-medoids over words: where topics start. No random numbers.

Maximise Σ_v w_v max_j u_v·u_{m_j} over k words m, chosen among the heaviest: greedily, as in the
facility location problem (Cornuéjols, Fisher & Nemhauser 1977), then by the best single swap
until none gains (Kaufman & Rousseeuw 1987, PAM).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

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
