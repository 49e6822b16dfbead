"""The formats that are read, by how the names of their files end. A new one is an entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tenor.sources.facts import TEXT

if TYPE_CHECKING:
    from tenor.sources.batches import TextBatch
    from tenor.sources.tables import Selection


@dataclass(frozen=True)
class Format:
    """A format of files."""

    name: str  # what people call it
    module: str  # of this room, whose read(path, selection) reads a file
    has_columns: bool = True  # a document is a row with named columns

    @property
    def unit(self) -> str:
        """What a document is in such a file."""
        return "row" if self.has_columns else "line"

    def read(self, path: Path, selection: Selection) -> Iterator[TextBatch]:
        """The documents of a file; its reader is imported only now, with what it needs."""
        module = import_module(f"tenor.sources.{self.module}")
        batches: Iterator[TextBatch] = module.read(path, selection)
        return batches

    def n_rows(self, path: Path) -> int | None:
        """How many rows a file says it has, by its reader's ``n_rows``; None where none can."""
        module = import_module(f"tenor.sources.{self.module}")
        count: Callable[[Path], int | None] = getattr(module, "n_rows", lambda path: None)
        return count(path)


LINES = Format(TEXT, "texts", has_columns=False)
CSV = Format("CSV", "csv_rows")
JSON_LINES = Format("JSON lines", "json_lines")
PARQUET = Format("Parquet", "parquet")

FORMATS = {
    ".txt": LINES,
    ".text": LINES,
    ".csv": CSV,
    ".tsv": CSV,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
}


def usual_suffixes() -> list[str]:
    """Of every format the ending that stands for it in a help text."""
    return list({kind: suffix for suffix, kind in reversed(FORMATS.items())}.values())[::-1]
