"""The groups of a map: which have a name and a colour, and where their names are written.

Groups may lie within wider ones, as topics do within topics of topics. Then the wider ones have
the colours, since nobody tells fifty apart, and both have a name: the wider ones' for the whole
map, the others' for a part of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.checks import amount
from tenor.explore import palette
from tenor.text.missing import labels_in

CELLS = 64  # of the grid on which density is looked at
SUBTITLE = "One point is one document; documents about similar things lie close together."
NAMED, OTHER, UNLABELLED = "named", "other", "unlabelled"


@dataclass(frozen=True, eq=False)
class Group:
    """Documents that share a colour; parts are the groups within it, the largest first."""

    name: str
    kind: str  # named, other (all beyond the largest) or unlabelled
    colour: str
    rows: NDArray[np.intp]
    anchor: tuple[float, float] | None = None  # where they lie most densely, if named
    parts: tuple[Group, ...] = ()


def arrange(
    points: NDArray[np.float64],
    groups: Sequence[Any] | None,
    limit: int = len(palette.COLOURS),
    above: Mapping[str, str] | None = None,
    unlabelled: str = UNLABELLED,
) -> list[Group]:
    """Sort documents into groups, the largest first, then "other", then "unlabelled".

    Args:
        points: (D, 2) finite.
        groups: D labels, each anything printable; a document may have none.
        limit: how many groups have a name and a colour of their own, at most 24.
        above: for a label the name of the wider group that it is part of, and has its colour
            from; a label that has none, or its own name, is a group by itself.
        unlabelled: what the documents without a label are called.
    """
    if groups is None:
        return [Group("documents", UNLABELLED, palette.COLOURS[0], np.arange(len(points)))]
    checks.same_length("groups", groups, len(points))
    labels = ["" if label is None else _line(label) for label in labels_in(groups)]
    wider = {_line(part): _line(whole) for part, whole in (above or {}).items()}
    parts = _rows_of(labels)
    wholes = _rows_of([wider.get(label, label) for label in labels])
    nothing = wholes.pop("", None)
    names = list(wholes)
    density = np.array([_density(points, wholes[name]) for name in names[:limit]])
    colours = palette.assign(_touching(density)) if names else []
    found = []
    for name, colour in zip(names[:limit], colours, strict=True):
        within = [part for part in parts if part and wider.get(part, part) == name]
        own = tuple(
            Group(part, NAMED, colour, parts[part], _anchor(points, parts[part]))
            for part in within
            if within != [name]
        )
        rows = wholes[name]
        found.append(Group(name, NAMED, colour, rows, _anchor(points, rows), own))
    if left_over := names[limit:]:
        rows = np.sort(np.concatenate([wholes[name] for name in left_over]))
        name = f"other ({amount(len(left_over), 'group')})"
        found.append(Group(name, OTHER, palette.OTHER, rows))
    if nothing is not None:
        found.append(Group(unlabelled, UNLABELLED, palette.UNLABELLED, nothing))
    return found


def default_title(points: NDArray[np.float64], groups: list[Group], noun: str, by: str) -> str:
    """What the map shows, in words: ``tenor map: 11,290 posts by newsgroup``."""
    named = any(group.kind == NAMED for group in groups)
    return f"tenor map: {len(points):,} {noun}" + (f" by {by}" if named else "")


def _line(label: Any) -> str:
    return " ".join(str(label).split())


def _rows_of(labels: list[str]) -> dict[str, NDArray[np.intp]]:
    """The documents of each label, the largest first, then by name."""
    sizes = Counter(labels)
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    number = {name: place for place, name in enumerate(names)}
    numbers = np.array([number[label] for label in labels], dtype=np.intp)
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum([sizes[name] for name in names])
    return {name: order[end - sizes[name] : end] for name, end in zip(names, ends, strict=True)}


def _density(points: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """(CELLS, CELLS) smoothed share of a group's documents in each cell of the map."""
    from scipy.ndimage import gaussian_filter

    cells = np.zeros((CELLS, CELLS))
    np.add.at(cells, tuple(_cells(points)[rows].T), 1.0 / len(rows))
    return np.asarray(gaussian_filter(cells, sigma=1.5), dtype=np.float64)


def _cells(points: NDArray[np.float64]) -> NDArray[np.intp]:
    low = points.min(axis=0)
    extent = max(float(np.ptp(points, axis=0).max()), 1e-12)
    cells = np.minimum((points - low) / extent * CELLS, CELLS - 1)
    return np.asarray(cells, dtype=np.intp)


def _touching(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, k) how much groups lie on or beside each other."""
    from scipy.ndimage import gaussian_filter

    spread = gaussian_filter(density, sigma=(0, 2, 2)).reshape(len(density), -1)
    spread /= np.linalg.norm(spread, axis=1, keepdims=True)
    touching = spread @ spread.T + 1e-3  # all groups meet in the legend, if not on the map
    np.fill_diagonal(touching, 0.0)
    return np.asarray(touching)


def _anchor(points: NDArray[np.float64], rows: NDArray[np.intp]) -> tuple[float, float]:
    """The middle of the documents around the densest cell: a median may lie between two heaps."""
    peak = np.unravel_index(int(np.argmax(_density(points, rows))), (CELLS, CELLS))
    near = np.abs(_cells(points)[rows] - peak).max(axis=1)
    x, y = np.median(points[rows][near <= max(3, int(near.min()))], axis=0)
    return float(x), float(y)
