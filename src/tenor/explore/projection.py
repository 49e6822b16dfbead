"""A map of the documents: two dimensions that keep neighbours together (openTSNE).

Neighbours are found by cosine: rows are scaled to length one, where the squared Euclidean
distance is 2 − 2·cosine. They are exact up to :data:`EXACT` documents, then approximate (Annoy).
The start is the principal components (Kobak & Berens 2019), so the large picture means
something too, and the end is turned so that the map is wider than high.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.neighbours import unit_rows

EXACT = 20_000  # documents up to which every pair is looked at (20,000 × 20,000: seconds)
PAIRS = 1 << 24  # similarities in memory at once while looking: 64 MB
EXAGGERATED, REFINED = 250, 500  # steps with attraction exaggerated, and without
FEW = 2_000  # documents below which Barnes-Hut is used; from there interpolation is twice as fast
SPREAD = 1e-4  # standard deviation of the start: larger ones freeze the picture

Progress = Callable[[int, int], None]


def project(
    vectors: ArrayLike,
    seed: int = 0,
    *,
    perplexity: float = 30.0,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> NDArray[np.float64]:
    """Lay documents (D, K) out in the plane by t-SNE; rows may repeat or be zero.

    The (D, 2) points are centred. ``seed`` is that of the tiny shifts that part equal documents,
    and of the approximate search; ``perplexity`` how many neighbours a document holds on to,
    clipped to (D − 1) / 3. The same number of threads gives the same map. ``progress`` is called
    with (steps done, steps in all) every 50 steps.
    """
    rows = unit_rows(checks.matrix("vectors", vectors))
    if not perplexity >= 1:
        raise InputError(f"perplexity must be at least 1, not {perplexity}")
    start = _principal_plane(rows, seed)
    if len(rows) < 4:
        return start / max(float(np.abs(start).max(initial=0.0)), 1e-12)
    tsne = _opentsne()
    kept = min(perplexity, (len(rows) - 1) / 3)
    n_neighbours = min(len(rows) - 1, int(3 * kept))
    index: dict[str, Any] = {"method": "annoy", "k_neighbors": n_neighbours}
    if len(rows) <= EXACT:
        found = tsne.nearest_neighbors.PrecomputedNeighbors(*_neighbours(rows, n_neighbours))
        index = {"knn_index": found}
    affinities = tsne.affinity.PerplexityBasedNN(
        None if "knn_index" in index else rows,
        perplexity=kept,
        metric="euclidean",
        n_jobs=n_jobs,
        random_state=seed,
        **index,
    )
    embedding = tsne.TSNE(
        n_jobs=n_jobs,
        random_state=seed,
        early_exaggeration_iter=EXAGGERATED,
        n_iter=REFINED,
        negative_gradient_method="bh" if len(rows) < FEW else "fft",
        callbacks=_reporter(progress) if progress else None,
        callbacks_every_iters=50,
    ).fit(affinities=affinities, initialization=start * SPREAD)
    return _turned(np.asarray(embedding, dtype=np.float64))


def _opentsne() -> Any:
    try:
        import openTSNE
        import openTSNE.affinity
        import openTSNE.nearest_neighbors
    except ImportError:
        raise InputError('a map needs openTSNE: pip install "tenor[map]"') from None
    return openTSNE


def _principal_plane(rows: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """(D, 2) the first two principal components, the first of variance one."""
    centred = rows - rows.mean(axis=0) if len(rows) else rows
    _, axes = np.linalg.eigh(centred.T @ centred)
    plane = np.zeros((len(rows), 2))
    leading = axes[:, ::-1][:, :2]  # eigh puts the largest last
    leading = leading * np.where(leading.sum(axis=0) < 0, -1.0, 1.0)
    plane[:, : leading.shape[1]] = centred @ leading
    spread = float(plane[:, 0].std()) if len(rows) else 0.0
    plane /= spread if spread > 1e-9 else 1.0
    shifts = np.random.default_rng(seed).normal(size=plane.shape)
    return np.asarray(plane + 1e-3 * shifts)  # equal documents cannot part from one point


def _neighbours(rows: NDArray[np.float64], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(D, k) every document's nearest others and their distances, nearest first."""
    n, single = len(rows), rows.astype(np.float32)
    nearest, distances = np.empty((n, k), dtype=np.int64), np.empty((n, k))
    size = max(1, PAIRS // n)
    for start in range(0, n, size):
        block = single[start : start + size]
        similar = block @ single.T
        similar[np.arange(len(block)), np.arange(start, start + len(block))] = -np.inf
        chosen = np.argpartition(-similar, k - 1, axis=1)[:, :k]
        squared = 2.0 - 2.0 * np.take_along_axis(similar, chosen, axis=1).astype(np.float64)
        order = np.lexsort((chosen, squared), axis=1)
        nearest[start : start + size] = np.take_along_axis(chosen, order, axis=1)
        ordered = np.take_along_axis(squared, order, axis=1)
        distances[start : start + size] = np.sqrt(np.maximum(ordered, 0.0))
    return nearest, distances


def _reporter(progress: Progress) -> Callable[[int, float, Any], None]:
    """openTSNE counts each of its two phases from 1; a person wants one count."""
    done = 0

    def report(iteration: int, error: float, embedding: Any) -> None:
        nonlocal done
        done += 50
        progress(min(done, EXAGGERATED + REFINED), EXAGGERATED + REFINED)

    return report


def _turned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The map turned to its principal axes: wider than high, the same way every time."""
    centred = points - points.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    turned = centred @ axes[:, ::-1]
    skew = (turned**3).sum(axis=0)
    return np.asarray(turned * np.where(skew < 0, -1.0, 1.0))
