"""The formats that are read, by how the names of their files end. A new one is an entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenor.errors import ParameterName, SourceError
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
    is_whole: bool = False  # a document is always a file
    needs: str | None = None  # a library of the extra tenor[documents]
    seeks: bool = False  # it is read from its end, so neither packed nor from a pipe

    @property
    def unit(self) -> str:
        """What a document is in such a file."""
        return "row" if self.has_columns else "file" if self.is_whole else "line"

    def refuse_unready(self, where: str) -> None:
        """Raise SourceError when the library is not there that such a file needs."""
        if self.needs is not None and find_spec(self.needs) is None:
            raise SourceError(
                f'{where}: to read {self.name}, pip install "tenor[documents]"; text files alone '
                "are read with ",
                ParameterName("format", 'format="txt"', "txt"),
            )

    def read(self, path: File, selection: Selection) -> Iterator[TextBatch]:
        """The documents of a file; its reader is imported only now, with what it needs."""
        module = import_module(f"tenor.sources.{self.module}")
        batches: Iterator[TextBatch] = module.read(path, selection)
        return batches

    def text(self, file: File, errors: str) -> str:
        """The text of a file that is one document, by its reader's ``text``; "" for none."""
        module = import_module(f"tenor.sources.{self.module}")
        text: str = module.text(file, errors)
        return text

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
HTML = Format("HTML", "html", has_columns=False, is_whole=True, needs="lxml")
PDF = Format("PDF", "pdf", has_columns=False, is_whole=True, needs="pypdf")
WORD = Format("Word", "docx", has_columns=False, is_whole=True, needs="docx")

FORMATS = {
    ".txt": LINES,
    ".text": LINES,
    ".csv": CSV,
    ".tsv": CSV,
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".pdf": PDF,
    ".docx": WORD,
}


def flag_of(kind: Format) -> str:
    """What ``format`` calls a format: its usual ending."""
    return next(suffix[1:] for suffix, known in FORMATS.items() if known is kind)


def usual_suffixes(wanted: Callable[[Format], bool]) -> list[str]:
    """Of the wanted formats the ending that stands for each in a help text."""
    return [f".{flag_of(kind)}" for kind in dict.fromkeys(FORMATS.values()) if wanted(kind)]
