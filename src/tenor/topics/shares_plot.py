"""Topic shares of groups as a picture: a row a topic, a column a group, a bar a share.

Every bar starts at its column's line and has the same scale, a thin line is its interval and a
short stroke the share in all other groups. Blue are real differences upwards, light orange real
ones downwards, grey is what may be chance. Groups that differ alike stand side by side, and each
topic stands near the group that holds most more of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore import pictures
from tenor.explore.pictures import DPI, INK, SOFT, fit, one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tenor.topics.by_group import Floats, GroupShares

MARGIN, HEAD, FOOT, NAMES = 0.35, 1.0, 1.05, 2.75  # inches
ROW, BAR, NUMBER = 0.32, 0.16, 0.36
NARROW, WIDE = 0.68, 1.0  # columns: the narrowest, and with room for a number beside each bar
SLOPE = 38  # degrees of names that are too long for their column
# Fill and line: apart also for people who do not see red and green apart.
MORE, LESS = ("#0072b2", "#00263d"), ("#f0b98a", "#9c4a00")
CHANCE = ("#c9c9ce", "#6a6a72")
STRIPE, RULE = "#f6f6f8", "#d4d4da"


@dataclass(frozen=True, eq=False)
class _Layout:
    """What is drawn where: groups and topics by number in drawing order, lengths in inches."""

    groups: NDArray[np.intp]
    topics: NDArray[np.intp]
    labels: list[str]
    upright: bool  # whether each fits above its column without being turned
    column: float  # a column's width
    head: float  # where the first row begins
    width: float
    height: float

    @property
    def wide(self) -> bool:
        """Whether every bar has room for a number beside it."""
        return self.column >= WIDE

    @property
    def longest(self) -> float:
        """The length of the longest bar or interval."""
        return self.column - (NUMBER if self.wide else 0.07)

    def x(self, column: Any) -> Any:
        """Where the bars of columns begin."""
        return NAMES + column * self.column

    def y(self, row: Any) -> Any:
        """The middles of rows."""
        return self.head + (row + 0.5) * ROW


def draw_shares(
    shares: GroupShares,
    names: Sequence[str],
    path: str | Path,
    title: str | None = None,
    *,
    noun: str = "documents",
    by: str = "label",
    max_topics: int = 20,
    max_groups: int = 24,
    overwrite: bool = False,
) -> Path:
    """Draw which topics each group holds more and less of, into ``path``; whole or not at all.

    ``names`` are one a topic of ``shares``, for instance three words each; ``noun`` and ``by``
    what the documents and the groups are, for instance "posts" and "newsgroup". Rows are the best
    topic of each group, then the largest differences; columns the largest groups. The path ends
    in .png or .svg, and is refused where it exists unless ``overwrite``.
    """
    path = pictures.checked_path(path, "a picture of shares", overwrite)
    checks.same_length("names", names, shares.means.shape[1])
    max_topics = checks.whole("max_topics", max_topics)
    groups, topics = _chosen(shares, max_topics, checks.whole("max_groups", max_groups))
    layout = _lay_out(shares, groups, topics)
    heading = f"What the {noun} of each {by} are about" if title is None else title
    with pictures.drawing():
        figure = pictures.blank(layout.width, layout.height)
        pictures.write_head(figure, MARGIN, heading, _subtitle(shares, layout, noun), 0.66)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, layout.width), ylim=(layout.height, 0))  # inches, from the top left
        axes.set_axis_off()
        _write_topics(axes, layout, [one_line(names[topic]) for topic in topics])
        _write_groups(axes, layout, shares, noun)
        scale = _draw_cells(axes, layout, shares)
        _write_foot(axes, layout, scale)
        pictures.save(figure, path)
    return path


def _chosen(
    shares: GroupShares, max_topics: int, max_groups: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The groups and topics worth a place, ordered so that what belongs together is near."""
    with_words = np.flatnonzero(shares.documents > 0)
    if not len(with_words):
        raise InputError("no group has a document with words: there is nothing to draw")
    largest = with_words[np.argsort(-shares.documents[with_words], kind="stable")]
    groups = np.sort(largest[:max_groups])
    apart = np.nan_to_num(shares.means - shares.rest)[groups]
    apart = np.where(shares.real[groups], apart, 0.0)
    if not apart.any():  # nothing is real: the largest topics
        apart = shares.means[groups]
    topics = _telling(apart, max_topics)
    order = _alike(apart[:, topics])
    groups, apart = groups[order], apart[order]
    home = apart[:, topics].argmax(axis=0)
    rows = np.lexsort((-apart[home, topics], home))
    return groups, topics[rows]


def _telling(apart: Floats, n: int) -> NDArray[np.intp]:
    """The best topic of every group, then those that differ most in any."""
    reach = np.abs(apart).max(axis=0)
    own = apart.argmax(axis=1)[apart.max(axis=1) > 0]
    chosen = sorted(set(own.tolist()), key=lambda topic: -reach[topic])[:n]
    others = [int(topic) for topic in np.argsort(-reach, kind="stable") if topic not in chosen]
    return np.array(chosen + others[: n - len(chosen)], dtype=np.intp)


def _alike(apart: Floats) -> NDArray[np.intp]:
    """An order of the groups in which neighbours differ from all others in the same way."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    if len(apart) < 3:
        return np.arange(len(apart))
    lengths = np.linalg.norm(apart, axis=1, keepdims=True)
    directions = apart / np.where(lengths > 0, lengths, 1.0)
    tree = linkage(directions, "average", optimal_ordering=True)
    return np.asarray(leaves_list(tree), dtype=np.intp)


def _lay_out(shares: GroupShares, groups: NDArray[np.intp], topics: NDArray[np.intp]) -> _Layout:
    labels = [one_line(shares.groups[group]) for group in groups]
    column = float(np.clip(11.5 / len(labels), NARROW, 2.6))
    longest = min(max(len(label) for label in labels) * 0.078, 2.2)  # some 0.078 inches a letter
    upright = longest < column
    turned = np.deg2rad(SLOPE)
    head = HEAD + (0.5 if upright else 0.35 + longest * np.sin(turned))
    side = MARGIN if upright else max(MARGIN, longest * np.cos(turned) - column + 0.15)
    width = max(NAMES + len(labels) * column + side, 8.7)
    height = head + len(topics) * ROW + FOOT
    return _Layout(groups, topics, labels, upright, column, float(head), float(width), height)


def _subtitle(shares: GroupShares, layout: _Layout, noun: str) -> str:
    shown = int(shares.documents[layout.groups].sum())
    n_topics, n_groups = shares.means.shape[1], int((shares.documents > 0).sum())
    left_out = n_groups - len(layout.groups)
    parts = [f"Mean topic shares of {shown:,} {noun}, each of which weighs one"]
    if len(layout.topics) < n_topics:
        parts.append(f"the {len(layout.topics)} most telling of {n_topics} topics")
    if left_out:
        parts.append(f"the {len(layout.groups)} largest of {n_groups} groups")
    return "; ".join(parts)


def _write_topics(axes: Axes, layout: _Layout, names: list[str]) -> None:
    right = layout.x(len(layout.labels))
    for row, name in enumerate(names):
        y = layout.y(row)
        if row % 2 == 0:
            axes.fill_between([MARGIN - 0.1, right], y - ROW / 2, y + ROW / 2, color=STRIPE, lw=0)
        text = axes.text(MARGIN, y, name, size=9.5, color=INK, va="center_baseline")
        fit(text, (NAMES - MARGIN - 0.12) * DPI)


def _write_groups(axes: Axes, layout: _Layout, shares: GroupShares, noun: str) -> None:
    """Names above the columns, turned where they are long, and sizes below."""
    y = layout.y(len(layout.topics)) - 0.02
    soft: dict[str, Any] = {"size": 8.5, "color": SOFT, "va": "center_baseline"}
    axes.text(NAMES - 0.12, y, one_line(noun), ha="right", **soft)
    for column, label in enumerate(layout.labels):
        x = layout.x(column)
        style: dict[str, Any] = {"size": 9.5, "color": INK, "va": "bottom"}
        text = axes.text(x, layout.head - 0.1, label, **style)
        fit(text, (layout.column if layout.upright else 2.2) * DPI)
        if not layout.upright:
            text.set(rotation=SLOPE, rotation_mode="anchor", x=x + 0.06)
        axes.text(x, y, f"{shares.documents[layout.groups[column]]:,}", **soft)


def _draw_cells(axes: Axes, layout: _Layout, shares: GroupShares) -> float:
    """Bars, intervals, strokes and the larger numbers; returns the inches of a share of one."""
    place = np.ix_(layout.groups, layout.topics)
    means, ends, rest = shares.means[place], shares.intervals[place], shares.rest[place]
    kinds = np.where(shares.real[place], np.where(means > rest, 1, 2), 0)
    fills, lines = (
        np.array(side)[kinds.ravel()].tolist() for side in zip(CHANCE, MORE, LESS, strict=True)
    )
    longest = max(float(np.nanmax([means, ends[..., 0], ends[..., 1], rest])), 1e-6)
    scale = layout.longest / longest
    columns, rows = np.indices(means.shape)
    x, y = layout.x(columns), layout.y(rows)
    low, high = x + scale * ends[..., 0], x + scale * ends[..., 1]
    bar: dict[str, Any] = {"capstyle": "butt", "lw": 72 * BAR}  # points
    axes.hlines(y.ravel(), x.ravel(), (x + scale * means).ravel(), colors=fills, **bar)
    axes.hlines(y.ravel(), low.ravel(), high.ravel(), colors=lines, lw=1.1, capstyle="butt")
    rise, ink = (BAR / 2 + 0.03, INK) if layout.wide else (BAR / 2, SOFT)
    others = (x + scale * rest).ravel()
    axes.vlines(others, (y - rise).ravel(), (y + rise).ravel(), colors=ink, lw=0.8)
    foot = layout.y(len(layout.topics) - 0.5)
    axes.vlines(x[:, 0], layout.head - 0.05, foot, colors=RULE, lw=0.8)
    for cell in zip(*np.nonzero(kinds == 1), strict=True):
        if layout.wide or means[cell] > 0.2 * longest:
            end = float(np.nanmax([means[cell], ends[cell][1]]))
            _write_number(axes, layout, (x[cell], y[cell]), scale * end, float(means[cell]))
    return scale


def _write_number(
    axes: Axes, layout: _Layout, at: tuple[float, float], end: float, share: float
) -> None:
    """A share in per cent: beside the bar and its interval, which ends there, or in the bar."""
    decimals = 1 if layout.wide and share < 0.095 else 0
    within = not layout.wide and end > 0.36  # beside it, the next column would be in the way
    x = at[0] + (0.05 if within else end + 0.04)
    size = 7.5 if layout.wide else 7.0
    style: dict[str, Any] = {"size": size, "va": "center_baseline", "zorder": 5}
    colour = "white" if within else MORE[0]
    axes.text(x, at[1], f"{100 * share:.{decimals}f} %", color=colour, **style)


def _write_foot(axes: Axes, layout: _Layout, scale: float) -> None:
    """What the marks mean, and the scale."""
    y = layout.height - 0.55
    x = MARGIN
    half = [y - BAR / 2, y + BAR / 2]
    for (fill, _), said in (
        (MORE, "more than in all other groups"),
        (LESS, "less"),
        (CHANCE, "may be chance (false discovery rate 5 %)"),
    ):
        axes.fill_betweenx(half, x, x + 0.22, color=fill, lw=0)
        x = _write_key(axes, x + 0.3, y, said)
    y, x = y + 0.27, MARGIN
    axes.plot([x, x + 0.22], [y, y], color=INK, lw=1.1)
    x = _write_key(axes, x + 0.3, y, "95 % interval")
    axes.plot([x + 0.11, x + 0.11], [y - 0.09, y + 0.09], color=INK, lw=0.8)
    x = _write_key(axes, x + 0.3, y, "all other groups")
    step = _step(layout.longest / scale)
    for across, down in (([x, x + step * scale], [y, y]), ([x] * 2, [y - 0.04, y + 0.04])):
        axes.plot(across, down, color=SOFT, lw=1)
    axes.plot([x + step * scale] * 2, [y - 0.04, y + 0.04], color=SOFT, lw=1)
    _write_key(axes, x + step * scale + 0.08, y, f"a share of {100 * step:g} %")


def _write_key(axes: Axes, x: float, y: float, said: str) -> float:
    """Writes an entry of the foot; returns where the next may begin."""
    text = axes.text(x, y, said, size=9, color=SOFT, va="center_baseline")
    return x + text.get_window_extent().width / DPI + 0.25


def _step(longest: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50 … hundredths (or less) that is no longer than this."""
    power = 10.0 ** np.floor(np.log10(longest))
    return float(max(step * power for step in (1, 2, 5) if step * power <= longest))
