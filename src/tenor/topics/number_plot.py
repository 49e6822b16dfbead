"""How many topics, as a picture: what was measured at each number, and where the estimates stand.

Three curves over the number of topics, in octaves, each with the estimate that is read from it;
below them all estimates, and through everything a line where their median is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenor.errors import InputError
from tenor.explore.palette import COLOURS
from tenor.explore.pictures import INK, SOFT, blank, checked_path, drawing, save, write_head

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tenor.topics.number import NumberOfTopics

WIDTH, HEAD, CURVE, ESTIMATE, FOOT = 7.9, 0.95, 1.55, 0.3, 0.75  # inches
LEFT, RIGHT, GAP = 1.9, 0.35, 0.22
LINE, RULE = COLOURS[0], "#e4e4e8"
MEDIAN = COLOURS[4]
# What is drawn: the measure, how it is called, and whose estimate is read from it.
CURVES = (
    ("npmi", "held-out NPMI", "held-out NPMI"),
    ("cosine", "held-out cosine", "held-out cosine"),
    ("stability", "shared words", "stability"),
)


def draw_curve(number: NumberOfTopics, path: str | Path, overwrite: bool = False) -> Path:
    """Draw the curve and the estimates into ``path`` (.png or .svg); whole or not at all."""
    path = checked_path(path, "a curve", overwrite)
    if not number.curve:
        raise InputError(
            "there is no curve to draw: so few documents or words tell nothing of how many topics"
        )
    with drawing():
        strip = ESTIMATE * (len(number.estimates) + 0.6)
        height = HEAD + len(CURVES) * (CURVE + GAP) + strip + FOOT
        figure = blank(WIDTH, height)
        said = (
            f"The median of {len(number.estimates)} estimates, {number.spread:.1f} octaves apart;"
            f" from two halves of {number.n_documents:,} documents."
        )
        write_head(figure, 0.35, f"About {number.n} topics", said, 0.62, (15, 9.5))
        top = height - HEAD
        for measure, name, estimator in CURVES:
            axes = _axes(figure, number, top, CURVE, height)
            _draw_measure(axes, number, measure, name, number.estimates.get(estimator))
            top -= CURVE + GAP
        _draw_estimates(_axes(figure, number, top, strip, height), number)
        save(figure, path)
    return path


def _axes(figure: Figure, number: NumberOfTopics, top: float, high: float, height: float) -> Axes:
    """A strip of the figure over the number of topics; the median marked."""
    wide = WIDTH - LEFT - RIGHT
    axes = figure.add_axes((LEFT / WIDTH, (top - high) / height, wide / WIDTH, high / height))
    axes.set_xscale("log", base=2)
    numbers = [point.n for point in number.curve]
    reach = 2.0**0.3
    axes.set_xlim(numbers[0] / reach, numbers[-1] * reach)
    axes.set_xticks(numbers, [""] * len(numbers))
    axes.minorticks_off()
    axes.tick_params(length=0, labelsize=9, labelcolor=SOFT)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set(color=RULE, linewidth=0.8, visible=side in ("left", "bottom"))
    axes.axvline(number.n, color=MEDIAN, linewidth=1.4, zorder=1)
    return axes


def _draw_measure(
    axes: Axes, number: NumberOfTopics, measure: str, name: str, estimate: int | None
) -> None:
    numbers = [point.n for point in number.curve]
    values = [float(getattr(point, measure)) for point in number.curve]
    axes.plot(numbers, values, color=LINE, linewidth=1.8, marker="o", markersize=4, zorder=3)
    if estimate in numbers:
        style: dict[str, Any] = {"facecolors": "none", "edgecolors": INK, "linewidths": 1.6}
        axes.scatter([estimate], [values[numbers.index(estimate)]], s=90, zorder=4, **style)
    low, high = min(values), max(values)
    room = 0.16 * max(high - low, 1e-3)
    axes.set_ylim(low - room, high + room)
    axes.yaxis.set_major_formatter("{x:.0%}" if measure == "stability" else "{x:.2f}")
    axes.locator_params(axis="y", nbins=4)
    axes.set_ylabel(name, rotation=0, ha="left", va="center", size=10, color=INK)
    axes.yaxis.set_label_coords(-(LEFT - 0.35) / (WIDTH - LEFT - RIGHT), 0.5)


def _draw_estimates(axes: Axes, number: NumberOfTopics) -> None:
    """A row an estimator, its answer as a dot with the number beside it."""
    first, last = number.curve[0].n, number.curve[-1].n
    axes.set_ylim(len(number.estimates) - 0.2, -0.8)
    axes.set_yticks([])
    axes.set_xticks([point.n for point in number.curve], [f"{p.n}" for p in number.curve])
    axes.set_xlabel("topics", size=10, color=INK)
    outside = axes.get_yaxis_transform()
    start = -(LEFT - 0.35) / (WIDTH - LEFT - RIGHT)
    for place, (name, found) in enumerate(number.estimates.items()):
        axes.text(start, place, name, transform=outside, size=10, color=INK, va="center")
        if found is None:
            axes.text(first, place, "no answer", size=9, color=SOFT, va="center")
            continue
        axes.scatter([found], [place], s=38, color=INK, zorder=3)
        near_end = found > last / 1.3
        axes.annotate(
            f"{found}",
            (found, place),
            xytext=(-7 if near_end else 7, 0),
            textcoords="offset points",
            ha="right" if near_end else "left",
            va="center",
            size=9,
            color=INK,
        )
