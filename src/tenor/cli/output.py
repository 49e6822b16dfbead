"""What is printed: one JSON document, or tables for a person."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, final

from tenor.errors import TenorError
from tenor.legible import json_for_screens, legible

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod
    from rich.table import Table
    from rich.text import Text

_WIDE = 100_000  # a pipe has no edge: nothing is wrapped or cut there


def print_json(value: Any) -> None:
    """One document on standard output; what is not a finite number becomes null."""
    _write(json_for_screens(_finite(value), sys.stdout.encoding) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value


def show(*parts: Any) -> None:
    """Tables and lines: coloured and wrapped on a terminal, plain and unwrapped elsewhere.

    Strings are shown as they are: nothing in them is markup, an emoji's name or obeyed.
    """
    parts = tuple(said(part) if isinstance(part, str) else part for part in parts)
    if sys.stdout.isatty():
        _console(sys.stdout).print(*parts, sep="\n")
        return
    plain = _console(io.StringIO(), width=_WIDE, color_system=None)
    with plain.capture() as captured:
        plain.print(*parts, sep="\n")
    lines = captured.get().split("\n")
    _write("\n".join(line.rstrip() for line in lines))


def _console(file: Any, **how: Any) -> Console:
    from rich.console import Console

    return Console(file=file, highlight=False, markup=False, emoji=False, **how)


def table(*columns: str, right: tuple[str, ...] = (), wide: str | None = None) -> Rows:
    """A table without lines; ``right`` columns are numbers, ``wide`` takes the room left over."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        side: JustifyMethod = "right" if name in right else "left"
        made.add_column(said(name), justify=side, no_wrap=name != wide, overflow="fold")
    return Rows(made)


@final
class Rows:
    """A table of rich whose cells are users' data."""

    def __init__(self, made: Table) -> None:
        self.made = made

    def __rich__(self) -> Table:
        return self.made

    def add_row(self, *cells: str | Text, end_section: bool = False) -> None:
        """Add a row; a string is shown as it is."""
        self.made.add_row(*map(said, cells), end_section=end_section)

    def add_section(self) -> None:
        """Leave a line out."""
        self.made.add_section()


def said(*parts: str | Text) -> Text:
    """Parts of a line, strings as they are shown."""
    from rich.text import Text

    return Text.assemble(*(legible(part) if isinstance(part, str) else part for part in parts))


def styled(text: str, style: str = "dim") -> Text:
    """A part of a line that looks different on a terminal."""
    from rich.text import Text

    return Text(legible(text), style=style)


def lines(parts: Iterable[str]) -> Text:
    """Lines, one below the other."""
    from rich.text import Text

    return Text("\n").join(map(said, parts))


def shortened(text: str | None, width: int) -> str:
    """The beginning of a text in one line."""
    if not text:
        return ""
    line = " ".join(text[: 8 * width].split())
    cut = len(line) > width or len(text) > 8 * width
    return line[: width - 1].rstrip() + "…" if cut else line


def say(text: str) -> None:
    """A line on standard output."""
    _write(legible(text) + "\n")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        said = f"cannot write to standard output: {error.strerror or error}"
        raise TenorError(said) from error


def note(text: str) -> None:
    """A line for the person, beside the result."""
    print(legible(text), file=sys.stderr, flush=True)
