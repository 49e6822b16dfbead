"""The documents of files, folders, patterns and standard input, read as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import final

import pyarrow.compute as pc

from tenor.checks import amount
from tenor.errors import InputError, ParameterName, SourceError
from tenor.sources import texts
from tenor.sources.batches import Stream, TextBatch, from_rows
from tenor.sources.columns import Columns, RawDocument
from tenor.sources.facts import STANDARD_INPUT, ReadFacts
from tenor.sources.finding import Found, called, find
from tenor.sources.formats import CSV, FORMATS, Format
from tenor.sources.looks import LOOKED_AT, looks_like
from tenor.sources.opening import File
from tenor.sources.tables import Selection

_NO_TEXT = "has no text in it, as scans and files under a password have none"
REPLACE, _REPLACED = "replace", "\N{REPLACEMENT CHARACTER}"  # of ``errors``; what it puts
_MOST_NOTES = 3  # of files that hold nothing


def stream(
    names: str | Path | Sequence[str | Path],
    columns: Columns | None = None,
    errors: str = "strict",
    format: str | None = None,
    documents: str | None = None,
) -> Stream:
    """The documents of what some names stand for, in their order; see :func:`find`."""
    named = (str(names),) if isinstance(names, str | Path) else tuple(map(str, names))
    columns = columns or Columns()
    found = find(named, format, documents)
    kinds = {kind for _, kind in found.files}
    for file, kind in found.files:
        kind.refuse_unready(str(file))
    if not found.is_of_tables:
        what = "standard input" if named == (STANDARD_INPUT,) else called(named)
        columns.refuse(f"{what} is read as text and has no columns")
        if columns.missing_text == "refuse" and not any(kind.is_whole for kind in kinds):
            left_out = ParameterName("missing_text")
            raise InputError(f"{what} is read as text, which is there; leave ", left_out, " out")
    elif CSV not in kinds:
        columns.dialect.refuse(f"{called(named)} is no CSV")
    reading = _Reading(named, found, Selection(columns, errors))
    if columns.keep and len(found.files) > 1:
        for file, kind in found.files:
            reading.selection.hold(kind.types(file.path))
    batches = reading.texts() if found.of_texts else reading.selection.typed(reading.batches())
    if errors == REPLACE:
        batches = reading.replaced(batches)
    return Stream(batches, reading.total, columns.id is None, lambda: reading.facts)


def nothing_in(*names: str) -> str:
    """The message for a source without documents."""
    return f"{called(names)} hold{'s' * (len(names) == 1)} no documents"


@final
@dataclass(eq=False)
class _Reading:
    """Some files being read, and what was found in them so far."""

    names: tuple[str, ...]
    found: Found
    selection: Selection
    _notes: list[str] = field(default_factory=list)
    _bare: list[str] = field(default_factory=list)  # files that held nothing
    _textless: list[str] = field(default_factory=list)  # documents without a text
    _n_replaced: int = 0  # documents in which a character stands for bytes

    @property
    def total(self) -> int | None:
        """Bytes of all files, packed as they are."""
        files = [file for file, _ in self.found.files]
        if self.found.of_texts or any(file.is_stream for file in files):
            return None
        return sum(file.stat().st_size for file in files)

    @property
    def facts(self) -> ReadFacts:
        """So far; whole at the end."""
        found, selection = self.found, self.selection
        kinds = [kind for _, kind in found.files]
        asked = selection.asked
        return ReadFacts(
            tuple(dict.fromkeys(kind.name for kind in kinds)),
            "file" if found.of_texts else kinds[0].unit,
            self.names,
            sum(not file.is_input for file, _ in found.files),
            selection.names,
            selection.taken,
            selection.taken is not None and asked.text is None,
            skipped=found.skipped,
            others=selection.others,
            n_missing=selection.n_missing,
            notes=(
                *self._notes,
                *self._said_of_replaced(),
                *_said_of(self._bare, "holds no documents", "do"),
                *_said_of(self._textless, _NO_TEXT, "have"),
            ),
        )

    def texts(self) -> Iterator[TextBatch]:
        """A document a file."""
        return from_rows(self._document(file, kind) for file, kind in self.found.files)

    def batches(self) -> Iterator[TextBatch]:
        """The files one after the other; without an id column a document is called file:row."""
        before = 0
        for file, kind in self.found.files:
            prefix = "" if self.found.is_alone else f"{texts.as_id(self.found.inside(file))}:"
            first: list[str] = []  # lines
            rows = 0
            for batch in kind.read(file, self.selection):
                if not kind.has_columns and len(first) < LOOKED_AT:
                    first += batch.columns["text"][:LOOKED_AT].to_pylist()
                rows += len(batch)
                columns = dict(batch.columns)
                if prefix and self.selection.asked.id is None:
                    columns["id"] = pc.binary_join_element_wise(prefix, columns["id"], "")
                yield replace(batch, columns=columns, read=before + file.read_of(batch.read))
            self._look_at(file, first)
            if not rows:
                self._bare.append(str(file))
            before += 0 if file.is_stream else file.stat().st_size

    def _document(self, file: File, kind: Format) -> RawDocument:
        text = kind.text(file, self.selection.errors)
        if kind.is_whole and not text:
            if self.selection.asked.missing_text == "refuse":
                raise SourceError(
                    f"{file} {_NO_TEXT}; leave it out, or read such files as empty documents with ",
                    ParameterName("missing_text", 'missing_text="empty"', "empty"),
                )
            self.selection.n_missing += 1
            self._textless.append(str(file))
        return texts.document(self.found.inside(file), text, str(file))

    def replaced(self, batches: Iterator[TextBatch]) -> Iterator[TextBatch]:
        """The same, counting the documents that are not what their bytes were."""
        for batch in batches:
            found = pc.sum(pc.match_substring(batch.columns["text"], _REPLACED)).as_py()
            self._n_replaced += found or 0
            yield batch

    def _look_at(self, file: File, lines: Sequence[str]) -> None:
        """Say so once where lines look like rows."""
        kind = looks_like(lines)
        if kind is not None and not self._notes:
            self._notes.append(
                f"the lines of {file} look like {FORMATS[f'.{kind}'].name}, and are read as text; "
                f'--format {kind} (format="{kind}") reads rows'
            )

    def _said_of_replaced(self) -> Iterator[str]:
        if self._n_replaced:
            yield (
                f"bytes that are no UTF-8 were replaced: {amount(self._n_replaced, 'document')} "
                f"with U+FFFD; where the files are of another encoding, convert them instead"
            )


def _said_of(files: Sequence[str], what: str, more: str) -> Iterator[str]:
    """A line for each of the first files, and one for the rest."""
    yield from (f"{file} {what}" for file in files[:_MOST_NOTES])
    if len(files) > _MOST_NOTES:
        yield f"nor {more} {len(files) - _MOST_NOTES} more files"
