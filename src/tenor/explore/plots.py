"""A map of documents as a picture: PNG or SVG.

Names stand on the map where their group is densest, the legend beside it counts. Documents are
drawn in shuffled order, so that no group hides another only by coming later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.explore import palette, pictures
from tenor.explore.groups import NAMED, SUBTITLE, UNLABELLED, Group, arrange, default_title
from tenor.explore.labels import fit_labels, spread_labels
from tenor.explore.pictures import DPI, INK, SOFT, fit, one_line, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

SUFFIXES = pictures.SUFFIXES
HEIGHT, MARGIN, HEAD, LEGEND = 8.4, 0.3, 0.95, 3.7  # inches
PART = 0.19  # inches of a line of the legend for a part of a group
BESIDE = np.array([12.0, 0.0])  # pixels between two small names on one line
VECTOR_LIMIT = 5000  # an SVG with more points embeds them as one picture


def draw_map(
    points: ArrayLike,
    groups: Sequence[Any] | None,
    path: str | Path,
    *,
    title: str | None = None,
    subtitle: str = SUBTITLE,
    noun: str = "documents",
    by: str = "label",
    above: Mapping[str, str] | None = None,
    unlabelled: str = UNLABELLED,
    overwrite: bool = False,
) -> Path:
    """Draw documents as points, coloured by group, into ``path``; whole or not at all.

    Args:
        points: (D, 2) the map.
        groups: D labels or cluster names, of which the 24 largest get a colour and a name; None or
            "" for a document without one; None for no groups at all.
        path: ends in .png or .svg.
        title: by default "tenor map: D {noun} by {by}".
        subtitle: a line below the title; "" for none.
        noun, by: what the documents and the groups are, for instance "posts" and "newsgroup".
        above: for a group the name of the wider one that gives it its colour, if it is within
            one, and is written large; on a page the group's own name comes as one comes nearer.
        unlabelled: what documents without a group are called.
        overwrite: whether a file that is there may be replaced.
    """
    path = pictures.checked_path(path, "a map", overwrite)
    places = checks.matrix("points", points, 2).astype(np.float64)
    found = arrange(places, groups, above=above, unlabelled=unlabelled)
    heading = default_title(places, found, noun, by) if title is None else title
    legend = 0.0 if groups is None else LEGEND
    with pictures.drawing():
        figure = pictures.blank(HEIGHT - HEAD + 2.6 + legend, HEIGHT)
        pictures.write_head(figure, MARGIN, heading, subtitle, 0.64)
        axes = _draw_points(figure, places, found, legend)
        _write_names(axes, found)
        if groups is not None:
            _write_legend(figure, found, by, noun)
        save(figure, path)
    return path


def _draw_points(
    figure: Figure, points: NDArray[np.float64], groups: list[Group], legend: float
) -> Axes:
    width = figure.get_figwidth()
    wide = width - 2 * MARGIN - legend
    high = HEIGHT - HEAD - MARGIN
    axes = figure.add_axes((MARGIN / width, MARGIN / HEIGHT, wide / width, high / HEIGHT))
    axes.set(xticks=[], yticks=[], facecolor="#fbfbfc")
    for spine in axes.spines.values():
        spine.set(color="#e4e4e8", linewidth=0.8)
    _frame(axes, points, wide / high)
    n = max(len(points), 1)
    colours = np.zeros((len(points), 4))
    colours[:, 3] = np.clip(1.22 - 0.075 * np.log(n), 0.3, 0.92)
    named = np.zeros(len(points), dtype=np.bool_)
    for group in groups:
        colours[group.rows, :3] = palette.rgb(group.colour)
        named[group.rows] = group.kind == NAMED
    shuffled = np.random.default_rng(0).permutation(len(points))
    order = np.concatenate([shuffled[~named[shuffled]], shuffled[named[shuffled]]])  # grey below
    x, y = points[order].T
    axes.scatter(
        x,
        y,
        s=float(np.clip(1150 / n**0.55, 1.2, 70)),
        c=colours[order],
        linewidths=0.6 if n <= 500 else 0.0,
        edgecolors="white" if n <= 500 else "none",
        rasterized=n > VECTOR_LIMIT,
    )
    return axes


def _frame(axes: Axes, points: NDArray[np.float64], ratio: float) -> None:
    """Limits around the points, the same scale on both axes, filling the box."""
    low, high = (points.min(axis=0), points.max(axis=0)) if len(points) else np.zeros((2, 2))
    middle, (width, height) = (low + high) / 2, np.maximum(high - low, 1e-9) * 1.07
    height = max(height, width / ratio)
    width = height * ratio
    axes.set_xlim(middle[0] - width / 2, middle[0] + width / 2)
    axes.set_ylim(middle[1] - height / 2, middle[1] + height / 2)


def _write_names(axes: Axes, groups: list[Group]) -> None:
    """The groups' names where they are densest, moved apart, with a line where moved far.

    Names of the groups within them stand between these, smaller, as many as there is room for.
    """
    named = [group for group in groups if group.kind == NAMED]
    if not named:
        return
    size = 11.5 if len(named) <= 10 else 9.5
    box = axes.get_window_extent()
    frame, origin = (box.width, box.height), np.array([box.x0, box.y0])
    back = axes.transData.inverted()
    texts, anchors, sizes = _names(axes, named, size, "bold")
    places, written = spread_labels(anchors - origin, sizes, frame)
    _place(texts, back.transform(places + origin), written)
    far = (np.abs(places + origin - anchors) > sizes / 2 + 6).any(axis=1)
    for place in np.flatnonzero(written & far):
        line = back.transform(np.array([places[place] + origin, anchors[place]]))
        colour = palette.ink(named[place].colour)
        axes.plot(line[:, 0], line[:, 1], color="white", lw=2.4, zorder=2.5)
        axes.plot(line[:, 0], line[:, 1], color=colour, lw=0.9, zorder=2.6)
    if parts := _parts(named):
        taken = places[written], sizes[written]
        texts, anchors, sizes = _names(axes, parts, size - 4, "normal")
        places, written = fit_labels(anchors - origin, sizes + BESIDE, frame, taken)
        _place(texts, back.transform(places + origin), written)


def _names(
    axes: Axes, groups: list[Group], size: float, weight: str
) -> tuple[list[Text], NDArray[np.float64], NDArray[np.float64]]:
    """The groups' names, and (k, 2) each where they belong and how large they are, in pixels."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=0.28 * size, foreground="white", alpha=0.92)]
    style: dict[str, Any] = {"size": size, "weight": weight, "ha": "center", "va": "center"}
    texts = []
    for group in groups:
        name, colour = one_line(group.name), palette.ink(group.colour)
        texts.append(axes.text(0, 0, name, color=colour, path_effects=halo, **style))
        fit(texts[-1], 2.6 * DPI)
    extents = [text.get_window_extent() for text in texts]
    anchors = np.array([group.anchor for group in groups], dtype=np.float64)
    return (
        texts,
        np.asarray(axes.transData.transform(anchors)),
        np.array([[extent.width, extent.height] for extent in extents]),
    )


def _place(texts: list[Text], places: NDArray[np.float64], written: NDArray[np.bool_]) -> None:
    for text, place, shown in zip(texts, places, written, strict=True):
        text.set_visible(bool(shown))
        text.set_position((float(place[0]), float(place[1])))


def _write_legend(figure: Figure, groups: list[Group], by: str, noun: str) -> None:
    """Names and counts, the largest first, in a column of its own; below them the largest parts."""
    from matplotlib.lines import Line2D

    width = figure.get_figwidth()
    left, right = width - LEGEND + 0.05, width - MARGIN
    top, room = HEIGHT - HEAD - 0.12, HEIGHT - HEAD - MARGIN - 0.3
    row = min(0.3, room / max(len(groups), 1))
    n_parts = max(0, int((room - row * len(groups)) / PART))
    shown = _parts(groups)[:n_parts]
    figure.text(left / width, top / HEIGHT, one_line(by), size=9.5, color=SOFT, va="center")
    figure.text(
        right / width, top / HEIGHT, one_line(noun), size=9.5, color=SOFT, va="center", ha="right"
    )

    def write(group: Group, y: float, indent: float, size: float, ink: str) -> None:
        style: dict[str, Any] = {"size": size, "va": "center_baseline"}
        at = y / HEIGHT
        name = figure.text((left + indent) / width, at, one_line(group.name), color=ink, **style)
        fit(name, (right - left - indent - 0.6) * DPI)
        count = f"{len(group.rows):,}"
        figure.text(right / width, at, count, color=SOFT, ha="right", **style)

    y = top - 0.3
    for group in groups:
        x = (left + 0.07) / width
        figure.add_artist(Line2D([x], [y / HEIGHT], marker="o", ms=8, color=group.colour, lw=0))
        write(group, y, 0.25, 10.5, INK if group.kind == NAMED else SOFT)
        y -= row
        for part in group.parts:
            if part in shown:
                write(part, y + 0.08, 0.25, 8.5, SOFT)
                y -= PART


def _parts(groups: list[Group]) -> list[Group]:
    """The groups within others, the largest first."""
    parts = [part for group in groups for part in group.parts]
    return sorted(parts, key=lambda part: -len(part.rows))
