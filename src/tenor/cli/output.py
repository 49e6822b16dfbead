"""What is printed: one JSON document, or tables for a person."""

from __future__ import annotations

import io
import json
import math
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.table import Table

_WIDE = 100_000  # a pipe has no edge: nothing is wrapped or cut there


def print_json(value: Any) -> None:
    """One document on standard output; what is not a finite number becomes null."""
    print(json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, indent=2))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value


def show(*parts: Any) -> None:
    """Tables and lines: coloured and wrapped on a terminal, plain and unwrapped elsewhere."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console(highlight=False).print(*parts, sep="\n")
        return
    plain = Console(width=_WIDE, highlight=False, file=io.StringIO(), color_system=None)
    with plain.capture() as captured:
        plain.print(*parts, sep="\n")
    lines = captured.get().split("\n")
    sys.stdout.write("\n".join(line.rstrip() for line in lines))


def table(*columns: str, right: tuple[str, ...] = (), wide: str | None = None) -> Table:
    """A table without lines; ``right`` columns are numbers, ``wide`` takes the room left over."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        side: JustifyMethod = "right" if name in right else "left"
        made.add_column(name, justify=side, no_wrap=name != wide, overflow="fold")
    return made


def escaped(text: str) -> str:
    """Text of a document or a file: its brackets are no markup, its control signs are not sent."""
    from rich.markup import escape

    return escape("".join(sign if sign.isprintable() else " " for sign in text))


def shortened(text: str | None, width: int) -> str:
    """The beginning of a text in one line."""
    if not text:
        return ""
    line = " ".join(text[: 8 * width].split())
    cut = len(line) > width or len(text) > 8 * width
    return line[: width - 1].rstrip() + "…" if cut else line


def note(text: str) -> None:
    """A line for the person, beside the result."""
    print(text, file=sys.stderr)
