"""The reader of .csv and .tsv: a row a document, below a header line."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import Any, NamedTuple

from tenor.checks import amount
from tenor.errors import InputError, ParameterName, SourceError
from tenor.sources import batches
from tenor.sources.batches import TextBatch, by_halves, halved
from tenor.sources.opening import File
from tenor.sources.tables import Selection
from tenor.text.decoding import blocks_of, reading

_FIELD_LIMIT = 2**31 - 1  # the csv module stops at 128 KiB a field
_DELIMITERS = ",;\t"
_AT_ONCE = 512  # rows, before their size is looked at
_BLOCKS = 16  # of the file, for a batch: as bytes and decoded they lie beside its rows


def read(path: File, selection: Selection) -> Iterator[TextBatch]:
    """The rows below the header. The delimiter is that of , ; and tab the header has most of.

    An empty field is an empty text, or nothing in any other column. A line that is wholly blank
    is no row, but under a header of one column it is an empty document.
    """
    if selection.asked.embedding is not None:
        raise InputError(
            f"{path}: CSV holds no lists of numbers; leave ",
            ParameterName("embedding_column"),
            " out, or give a .parquet or .jsonl file",
        )
    csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))
    done = 0

    def lines() -> Iterator[Iterator[str]]:
        nonlocal done
        for block in blocks_of(file, str(path), max(batches.BATCH_BYTES // _BLOCKS, 1)):
            done = block.end
            yield block.lines(selection.errors)

    with reading(path) as file:
        text = chain.from_iterable(lines())
        first = next(text, "")
        delimiter = max(_DELIMITERS, key=first.count)
        rows = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
        header = _header(rows, path)
        table = selection.table(header, header, str(path))
        nothing = {name for name in (*table.columns.keep, table.columns.label) if name is not None}

        def batch(rows: _Rows) -> TextBatch | None:
            fields, numbers = rows.of_width(len(header), path)
            if not fields:
                return None
            values = dict(zip(header, zip(*fields, strict=True), strict=True))
            for name in nothing:
                values[name] = tuple(value or None for value in values[name])
            return table.batch(values, lambda row: f"{path}, line {numbers[row]}", done)

        for some in _gathered(rows, path):
            yield from by_halves(some, batch, _Rows.halves)


class _Rows(NamedTuple):
    """Rows, and the number of the line that each begins with."""

    fields: list[list[str]]
    lines: Sequence[int]

    def of_width(self, width: int, path: File) -> _Rows:
        """Those that are rows of the table."""
        fields, lines = self
        if set(map(len, fields)) == {width}:
            return self
        blank = [[""]] if width == 1 else []
        kept: list[tuple[list[str], int]] = []
        for row, line in zip(fields, lines, strict=True):
            kept += ((given, line) for given in ([row] if row else blank))
            if row and len(row) != width:
                raise SourceError(
                    f"{path}, line {line} has {amount(len(row), 'field')}, the header {width}"
                )
        return _Rows([row for row, _ in kept], [line for _, line in kept])

    def halves(self) -> tuple[_Rows, ...]:
        return tuple(map(_Rows, halved(self.fields), halved(self.lines)))


def _header(rows: Any, path: File) -> list[str]:
    try:
        header = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise SourceError(f"{path}, line {rows.line_num}: {error}") from error
    if not header:
        raise SourceError(f"{path} is empty; its first line must name the columns")
    if len(set(header)) != len(header):
        raise SourceError(f"{path} names a column twice; it has: {', '.join(header)}")
    return header


def _gathered(rows: Any, path: File) -> Iterator[_Rows]:
    """Rows of about a batch's size together; those before a fault come before it is raised."""
    fault: SourceError | None = None
    more = True
    while more:
        gathered: list[list[str]] = []
        line, size = rows.line_num + 1, 0
        while more and size < batches.BATCH_BYTES:
            before = len(gathered)
            try:
                gathered.extend(islice(rows, _AT_ONCE))
            except csv.Error as error:
                fault = SourceError(f"{path}, line {rows.line_num}: {error}")
            except SourceError as error:
                fault = error
            some = gathered[before:]
            size += sum(sum(map(len, fields)) for fields in some)
            more = len(some) > 0 and fault is None
        if gathered:
            yield _Rows(gathered, _line_numbers(gathered, line, rows.line_num))
    if fault is not None:
        raise fault


def _line_numbers(rows: list[list[str]], first: int, last: int) -> Sequence[int]:
    """The line that each row begins with, when the first and the last line read are known."""
    if last + 1 - first == len(rows):
        return range(first, last + 1)
    heights = (1 + "".join(fields).count("\n") for fields in rows[:-1])
    return array("q", accumulate(heights, initial=first))
