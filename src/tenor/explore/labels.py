"""Names on a map that do not cover each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 400
LINES = (0.0, -1.0, 1.0, -2.0, 2.0)  # a label may stand this many of its heights off


def spread_labels(
    anchors: NDArray[np.float64],
    sizes: NDArray[np.float64],
    frame: tuple[float, float],
    gap: float = 2.0,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Move labels apart, as little as it takes, and keep them in the frame.

    Boxes that overlap push each other along the direction in which they overlap less, the
    others drift back to their anchors, (k, 2) in pixels. What still overlaps at the end goes
    unwritten, the later label first: pass the most important one first. No chance in it.

    Returns:
        (k, 2) the labels' middles, and (k,) which are written.
    """
    places, half = anchors.astype(np.float64), sizes / 2 + gap / 2
    low, high = half, np.maximum(np.array(frame) - half, half)
    places = np.clip(places, low, high)
    for step in range(STEPS):
        pull = 0.05 * (1 - step / STEPS)
        places += pull * (anchors - places)
        shift = _push(places, half)
        places = np.clip(places + shift, low, high)
        if not shift.any() and step > STEPS // 2:
            break
    return places, _written(places, half)


def fit_labels(
    anchors: NDArray[np.float64],
    sizes: NDArray[np.float64],
    frame: tuple[float, float],
    taken: tuple[NDArray[np.float64], NDArray[np.float64]],
    gap: float = 2.0,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Write labels where there is room: at their anchors, or a line or two above or below.

    ``taken`` are the middles (n, 2) and sizes (n, 2) of labels that stand already; for the rest
    see :func:`spread_labels`.
    """
    standing, spans = [*taken[0]], [*(taken[1] / 2 + gap / 2)]
    places, written = anchors.astype(np.float64), np.zeros(len(anchors), dtype=np.bool_)
    for label, half in enumerate(sizes / 2 + gap / 2):
        for lines in LINES:
            place = places[label] + (0.0, lines * 2 * half[1])
            place = np.clip(place, half, np.maximum(np.array(frame) - half, half))
            apart = np.abs(np.reshape(standing, (-1, 2)) - place)
            if not (apart < half + np.reshape(spans, (-1, 2))).all(axis=1).any():
                places[label], written[label] = place, True
                standing.append(place)
                spans.append(half)
                break
    return places, written


def _push(places: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, 2) half of every overlap, away from each other."""
    shift = np.zeros_like(places)
    first, second = np.tril_indices(len(places), -1)
    apart = places[first] - places[second]
    overlap = half[first] + half[second] - np.abs(apart)
    pair, axis = np.arange(len(first)), np.argmin(overlap, axis=1)
    way = 0.5 * overlap[pair, axis] * np.where(apart[pair, axis] >= 0, 1.0, -1.0)
    way[(overlap <= 0).any(axis=1)] = 0.0
    np.add.at(shift, (first, axis), way)
    np.subtract.at(shift, (second, axis), way)
    return shift


def _written(places: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.bool_]:
    written = np.zeros(len(places), dtype=np.bool_)
    for label in range(len(places)):
        apart = np.abs(places[label] - places[written])
        overlap = half[label] + half[written] - apart
        written[label] = not (overlap > 1.0).all(axis=1).any()
    return written
