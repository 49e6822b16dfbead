"""The formats that are read, by how the names of their files end. A new one is an entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenor.sources.facts import TEXT

if TYPE_CHECKING:
    from tenor.sources.batches import TextBatch
    from tenor.sources.opening import File
    from tenor.sources.tables import Selection


@dataclass(frozen=True)
class Format:
    """A format of files."""

    name: str  # what people call it
    module: str  # of this room, whose read(path, selection) reads a file
    has_columns: bool = True  # a document is a row with named columns
    seeks: bool = False  # it is read from its end, so neither packed nor from a pipe

    @property
    def unit(self) -> str:
        """What a document is in such a file."""
        return "row" if self.has_columns else "line"

    def read(self, path: File, selection: Selection) -> Iterator[TextBatch]:
        """The documents of a file; its reader is imported only now, with what it needs."""
        module = import_module(f"tenor.sources.{self.module}")
        batches: Iterator[TextBatch] = module.read(path, selection)
        return batches

    def types(self, path: Path) -> Mapping[str, Any]:
        """The Arrow types of the columns that a file says it has, by its reader's ``types``."""
        module = import_module(f"tenor.sources.{self.module}")
        types: Callable[[Path], Mapping[str, Any]] = getattr(module, "types", lambda path: {})
        return types(path)

    def n_rows(self, path: Path) -> int | None:
        """How many rows a file says it has, by its reader's ``n_rows``; None where none can."""
        module = import_module(f"tenor.sources.{self.module}")
        count: Callable[[Path], int | None] = getattr(module, "n_rows", lambda path: None)
        return count(path)


LINES = Format(TEXT, "texts", has_columns=False)
CSV = Format("CSV", "csv_rows")
JSON = Format("JSON", "json_values")
JSON_LINES = Format("JSON lines", "json_lines")
PARQUET = Format("Parquet", "parquet", seeks=True)

FORMATS = {
    ".txt": LINES,
    ".text": LINES,
    ".csv": CSV,
    ".tsv": CSV,
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
}


def flag_of(kind: Format) -> str:
    """What ``format`` calls a format: its usual ending."""
    return next(suffix[1:] for suffix, known in FORMATS.items() if known is kind)


def usual_suffixes() -> list[str]:
    """Of every format the ending that stands for it in a help text."""
    return list({kind: suffix for suffix, kind in reversed(FORMATS.items())}.values())[::-1]
