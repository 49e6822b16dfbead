"""What all pictures share: their fonts, their ink, texts that fit, files whole or not at all."""

from __future__ import annotations

import warnings
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenor import checks
from tenor.errors import InputError
from tenor.storage.atomic import new_file
from tenor.storage.target import check_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

SUFFIXES = (".png", ".svg")
DPI = 160
INK, SOFT = "#1f1f24", "#77777f"
# Fonts that know other scripts, tried in turn where they are installed.
FONTS = (
    *("DejaVu Sans", "Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans Arabic"),
    *("Noto Sans Hebrew", "Noto Sans Devanagari", "WenQuanYi Zen Hei", "IPAexGothic"),
    *("Arial Unicode MS", "Hiragino Sans", "Microsoft YaHei", "Malgun Gothic"),
)


def checked_path(path: str | Path, what: str, overwrite: bool) -> Path:
    """The path of a picture, which ends in .png or .svg."""
    return check_file(checks.path(path), overwrite, what, SUFFIXES)


@contextmanager
def drawing() -> Iterator[None]:
    """matplotlib with our settings, for this block only."""
    try:
        import matplotlib
        from matplotlib import font_manager
    except ImportError:
        raise InputError('a picture needs matplotlib: pip install "tenor[map]"') from None
    installed = set(font_manager.get_font_names())
    settings: dict[Any, Any] = {
        "font.family": [font for font in FONTS if font in installed] or ["sans-serif"],
        "text.parse_math": False,  # a label may hold dollar signs
        "svg.hashsalt": "tenor",
    }
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


def save(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all; the same picture is the same file."""
    with new_file(path) as file:
        kind = path.suffix.lower()[1:]
        metadata = {"Date": None} if kind == "svg" else None
        figure.savefig(file, format=kind, metadata=metadata)


def blank(width: float, height: float) -> Figure:
    """A white figure, in inches; its canvas measures texts as PNG shows them."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def write_head(
    figure: Figure,
    margin: float,
    title: str,
    subtitle: str,
    down: float,
    sizes: tuple[float, float] = (17, 10.5),
) -> None:
    """A title and, ``down`` inches from the top, a line below it, ``margin`` inches off the edges.

    Both are the first to be drawn, as they are the first to be read in an SVG.
    """
    width, height = figure.get_size_inches()
    bold: dict[str, Any] = {"size": sizes[0], "weight": "bold", "color": INK}
    soft: dict[str, Any] = {"size": sizes[1], "color": SOFT}
    for said, top, style in ((title, 0.28, bold), (subtitle, down, soft)):
        text = figure.text(
            margin / width, 1 - top / height, one_line(said), va="top", zorder=-1, **style
        )
        fit(text, (width - 2 * margin) * DPI)


def fit(text: Text, width: float) -> None:
    """Shorten a text with an ellipsis until it is at most ``width`` pixels wide."""
    whole = text.get_text()[:500]

    def fits(kept: int) -> bool:
        text.set_text(whole if kept == len(whole) else whole[:kept].rstrip() + "…")
        return text.get_window_extent().width <= width

    if not fits(len(whole)):
        fits(max(1, bisect_left(range(len(whole)), True, key=lambda kept: not fits(kept)) - 1))


def one_line(text: str) -> str:
    """The text in one line, without signs that cannot be seen."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
