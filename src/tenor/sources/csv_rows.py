"""The reader of .csv and .tsv: a row a document, below a header line."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import Any, NamedTuple

from tenor.checks import amount
from tenor.errors import InputError, ParameterName, SourceError
from tenor.sources import batches
from tenor.sources.batches import TextBatch, by_halves, halved
from tenor.sources.dialects import UNQUOTED, Newlines, Opened, opened
from tenor.sources.guessing import LOOKED_AT
from tenor.sources.opening import File
from tenor.sources.tables import Selection
from tenor.text.decoding import LONGEST, blocks_of, reading

_AT_ONCE = 512  # rows, before their size is looked at
_BLOCKS = 16  # of the file, for a batch: as bytes and decoded they lie beside its rows
_BREAK = re.compile(r"\s*[\r\n]\s*")  # in names, which spreadsheets have
_LONGEST_NAME = 100  # characters, and words, that a column of texts may be called by
_MOST_WORDS = 8


def read(path: File, selection: Selection) -> Iterator[TextBatch]:
    """The rows below the header.

    An empty field is nothing: a missing text or label. A line that is wholly blank is no row, but
    under a header of one column it is a row without a text.
    """
    if selection.asked.embedding is not None:
        raise InputError(
            f"{path}: CSV holds no lists of numbers; leave ",
            ParameterName("embedding_column"),
            " out, or give a .parquet or .jsonl file",
        )
    csv.field_size_limit(LONGEST)  # else the csv module stops at 128 KiB a field
    done = 0

    def lines() -> Iterator[Iterator[str]]:
        nonlocal done
        size = max(batches.BATCH_BYTES // _BLOCKS, 1)
        for block in blocks_of(Newlines(file), str(path), size):
            done = block.end
            yield block.lines(selection.errors)

    with reading(path) as file:
        begun = opened(chain.from_iterable(lines()), selection.asked.dialect, path)
        header, rows, line = _header(begun, selection.asked.dialect.header)
        gathered = _gathered(begun, rows, line)
        first: list[_Rows] = []

        def sample() -> dict[str, list[str]]:
            first.extend(islice(gathered, 1))
            some = [row for row in (first[0].fields if first else []) if len(row) == len(header)]
            values = [[row[place] for row in some[:LOOKED_AT]] for place in range(len(header))]
            return dict(zip(header, values, strict=True))

        table = selection.table(header, sample, str(path))
        if selection.asked.dialect.header and not selection.asked.texts:
            _refuse_row(table.columns.texts, path)
        places = [(name, header.index(name)) for name in table.needed]

        def batch(rows: _Rows) -> TextBatch | None:
            fields, numbers = rows.of_width(len(header), path)
            if not fields:
                return None
            if not isinstance(numbers, range):
                begun.refuse_doubtful(fields, numbers)
            columns = list(zip(*fields, strict=True))
            values: dict[str, Any] = {name: columns[place] for name, place in places}
            for name, given in values.items():
                if "" in given and name != table.columns.id:
                    values[name] = tuple(value or None for value in given)
            return table.batch(values, lambda row: f"{path}, line {numbers[row]}", done)

        for some in chain(first, gathered):
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
                said = f"{path}, line {line} has {amount(len(row), 'field')}, the header {width}"
                if height := "".join(row).count("\n"):
                    raise SourceError(f"{said}; it goes on to line {line + height}: ", *UNQUOTED)
                raise SourceError(
                    f"{said}; mend the line, or name what separates fields with ",
                    ParameterName("delimiter"),
                )
        return _Rows([row for row, _ in kept], [line for _, line in kept])

    def halves(self) -> tuple[_Rows, ...]:
        return tuple(map(_Rows, halved(self.fields), halved(self.lines)))


def _header(begun: Opened, named: bool) -> tuple[list[str], Iterator[list[str]], int]:
    """The names of the columns, the rows below, and the line that these begin with."""
    first_line = begun.line + 1
    try:
        first: list[str] = next(begun.rows, [])
    except csv.Error as error:
        raise begun.fault(error, first_line) from error
    if not first:
        what = "name the columns" if named else "be a row"
        raise SourceError(f"{begun.path} is empty; its first line must {what}")
    if not named:
        return (
            [str(place) for place in range(1, len(first) + 1)],
            chain([first], begun.rows),
            first_line,
        )
    return [_BREAK.sub(" ", name.strip()) for name in first], begun.rows, begun.line + 1


def _refuse_row(names: Sequence[str], path: File) -> None:
    """Raise SourceError when the column that the text was found in is called by a text."""
    for name in names:
        if len(name) > _LONGEST_NAME or len(name.split()) > _MOST_WORDS:
            raise SourceError(
                f"{path}: the first line, which names the columns, reads like a row; if it is "
                "one, read the file with ",
                ParameterName("header", "header=False"),
            )


def _gathered(begun: Opened, rows: Iterator[list[str]], line: int) -> Iterator[_Rows]:
    """Rows of about a batch's size together, the first of which begins with a line; those before
    a fault come before it is raised.
    """
    fault: SourceError | None = None
    more = True
    while more:
        gathered: list[list[str]] = []
        size = 0
        while more and size < batches.BATCH_BYTES:
            before = len(gathered)
            try:
                gathered.extend(islice(rows, _AT_ONCE))
            except csv.Error as error:
                fault = begun.fault(error, line + sum(map(_height, gathered)))
            except SourceError as error:
                fault = error
            some = gathered[before:]
            size += sum(sum(map(len, fields)) for fields in some)
            more = len(some) > 0 and fault is None
        if gathered:
            numbers = _line_numbers(gathered, line, begun.line)
            line = begun.line + 1
            yield _Rows(gathered, numbers)
    if fault is not None:
        raise fault


def _height(fields: list[str]) -> int:
    """How many lines a row takes."""
    return 1 + "".join(fields).count("\n")


def _line_numbers(rows: list[list[str]], first: int, last: int) -> Sequence[int]:
    """The line that each row begins with, when the first and the last line read are known."""
    if last + 1 - first == len(rows):
        return range(first, last + 1)
    return array("q", accumulate(map(_height, rows[:-1]), initial=first))
