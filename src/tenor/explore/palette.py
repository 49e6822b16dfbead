"""Colours that stay apart, also for people who do not see red and green apart.

Twenty-four colours: the first six are Okabe and Ito's, the others were searched for the
largest smallest distance in OKLab as seen with normal, deuteranopic and protanopic vision
(Machado, Oliveira & Fernandes 2009). Nobody tells twenty-four colours apart by hue alone, so
:func:`assign` gives groups that touch on the map the colours that differ most, and the maps write
each group's name on the map itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

COLOURS = (
    *("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"),
    *("#921864", "#d6c698", "#823606", "#5439a8", "#6e67d9", "#8c6072"),
    *("#84b495", "#cccf2c", "#2c92f2", "#30e0ef", "#2d5379", "#0a7143"),
    *("#fb95bb", "#b73437", "#8992cc", "#9e499d", "#a99949", "#61c864"),
)
OTHER = "#9a9a9a"  # groups too small for a colour of their own
UNLABELLED = "#c9c9c9"
CONTRAST = 4.5  # of text on white

_DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
_PROTANOPIA = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_OKLAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def rgb(colour: str) -> tuple[float, float, float]:
    """Red, green and blue in [0, 1] of a colour written ``#rrggbb``."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def darker(colour: str, share: float = 0.35) -> str:
    """The colour with a share of black, for text on white."""
    return "#" + "".join(f"{round(255 * (1 - share) * part):02x}" for part in rgb(colour))


def ink(colour: str) -> str:
    """The colour dark enough to be read on white: a contrast of 4.5 at least (WCAG 2.1, 1.4.3)."""
    shares = [0.35 + 0.05 * step for step in range(14)]
    dark = [darker(colour, share) for share in shares]
    return next(found for found in dark if 1.05 / (_luminance(found) + 0.05) >= CONTRAST)


def _luminance(colour: str) -> float:
    return float(_linear((colour,))[0] @ (0.2126, 0.7152, 0.0722))


def _linear(colours: Sequence[str]) -> NDArray[np.float64]:
    """(n, 3) amounts of light."""
    srgb = np.array([rgb(colour) for colour in colours])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def distances(colours: Sequence[str]) -> NDArray[np.float64]:
    """(n, n) OKLab distance of every two colours, as seen by whoever tells them apart worst."""
    apart = []
    for vision in (np.eye(3), _DEUTERANOPIA, _PROTANOPIA):
        light = np.clip(_linear(colours) @ np.transpose(vision), 0, 1)
        seen = np.cbrt(light @ np.transpose(_TO_CONES)) @ np.transpose(_TO_OKLAB)
        apart.append(np.linalg.norm(seen[:, None] - seen[None], axis=-1))
    return np.asarray(np.minimum.reduce(apart), dtype=np.float64)


def assign(touching: NDArray[np.float64]) -> list[str]:
    """k of the first k colours, so that groups that touch differ most.

    Pairs are exchanged until no exchange helps: no chance in it. ``touching`` (k, k) is
    symmetric: how much of each other two groups cover; k is at most 24.
    """
    k = len(touching)
    closeness = 1.0 / np.maximum(distances(COLOURS[:k]), 1e-3) ** 2
    np.fill_diagonal(closeness, 0.0)
    order = np.arange(k)

    def cost(order: NDArray[np.intp]) -> float:
        return float((touching * closeness[np.ix_(order, order)]).sum())

    lowest, improved = cost(order), True
    while improved:
        improved = False
        for first, second in zip(*np.tril_indices(k, -1), strict=True):
            trial = order.copy()
            trial[[first, second]] = trial[[second, first]]
            found = cost(trial)
            if found < lowest * (1 - 1e-9):
                order, lowest, improved = trial, found, True
    return [COLOURS[place] for place in order]
