"""Readers of tables: .csv and .tsv, .jsonl, .parquet; one document a row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tenor.amounts import amount
from tenor.errors import SourceError
from tenor.sources.batches import BATCH_BYTES
from tenor.sources.columns import Columns, RawDocument, is_usual
from tenor.text.decoding import REPLACING, decoded_lines, reading, storable

_FIELD_LIMIT = 2**31 - 1  # the csv module stops at 128 KiB a field
_DELIMITERS = ",;\t"
_PARQUET_ROWS = (64, 1 << 16)  # read together


def csv_rows(path: Path, columns: Columns, errors: str) -> Iterator[RawDocument]:
    """The rows below a header line. The delimiter is that of , ; and tab the header has most of.

    An empty field is an empty text, or no label. A line that is wholly blank is no row, but under
    a header of one column it is an empty document.

    Raises:
        SourceError: names the line with a bad byte, a stray quote or the wrong number of fields.
    """
    allow_long_fields()
    with reading(path) as file:
        lines = decoded_lines(file, str(path), errors)
        first = next(lines, "")
        rows = csv.reader(_again(first, lines), delimiter=delimiter_of(first), strict=True)
        header = [name.strip() for name in _next_row(rows, path) or []]
        if not header:
            raise SourceError(f"{path} is empty; its first line must name the columns")
        if len(set(header)) != len(header):
            raise SourceError(f"{path} names a column twice; it has: {', '.join(header)}")
        columns = columns.resolve(header, header, str(path))
        row, line = 0, rows.line_num + 1
        while (fields := _next_row(rows, path)) is not None:
            where = f"{path}, line {line}"
            line = rows.line_num + 1
            if not fields and len(header) > 1:
                continue
            fields = fields or [""]
            if len(fields) != len(header):
                raise SourceError(
                    f"{where} has {amount(len(fields), 'field')}, the header {len(header)}"
                )
            values = dict(zip(header, fields, strict=True))
            if columns.label is not None and values[columns.label] == "":
                values[columns.label] = None  # type: ignore[assignment]
            yield _document(values, columns, row, where)
            row += 1


def allow_long_fields() -> None:
    """Let the csv module read texts of any length."""
    csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))


def delimiter_of(header: str) -> str:
    """The one of , ; and tab that the header line has most of."""
    return max(_DELIMITERS, key=header.count)


def json_lines(path: Path, columns: Columns, errors: str) -> Iterator[RawDocument]:
    """A JSON object a line; blank lines are no rows. The first object settles the text column,
    by its usual name whatever the value, else by holding text.

    Raises:
        SourceError: names the line that is no JSON object, lacks a key or holds no text.
    """
    settled: Columns | None = None
    row = 0
    with reading(path) as file:
        for number, line in enumerate(decoded_lines(file, str(path), errors), start=1):
            if not line.strip():
                continue
            where = f"{path}, line {number}"
            values = _json_object(line, where)
            if settled is None:
                texts = [k for k, v in values.items() if isinstance(v, str) or is_usual(k)]
                settled = columns.resolve(list(values), texts, where)
            for role, column in settled.chosen().items():
                if column not in values:
                    keys = ", ".join(values) or "none"
                    raise SourceError(f'{where} has no "{column}" for the {role}; its keys: {keys}')
            if errors == "replace":
                values = {k: storable(v) if isinstance(v, str) else v for k, v in values.items()}
            yield _document(values, settled, row, where)
            row += 1


def parquet(path: Path, columns: Columns, errors: str) -> Iterator[RawDocument]:
    """The rows of a Parquet file; only the columns that are needed are read.

    Raises:
        SourceError: when it is no Parquet file, is damaged, or a column does not fit.
    """
    row = 0
    with reading(path) as file:
        try:
            table = pq.ParquetFile(file)
            schema = table.schema_arrow
            texts = [field.name for field in schema if is_text(field.type)]
            columns = columns.resolve(schema.names, texts, str(path))
            if columns.text not in texts:
                kind = schema.field(columns.text).type
                raise SourceError(f'{path}: column "{columns.text}" holds {kind}, not text')
            needed = sorted(set(columns.chosen().values()))
            for batch in table.iter_batches(batch_size=rows_at_once(table), columns=needed):
                read = {name: _values(batch, name, errors, path, row) for name in needed}
                for values in _rows(read):
                    yield _document(values, columns, row, f"{path}, row {row}")
                    row += 1
        except (pa.ArrowException, OSError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise SourceError(f"{path} cannot be read as Parquet: {said}") from error


def rows_at_once(table: Any) -> int:
    """How many rows of a Parquet file make a batch, by the mean size of a row."""
    metadata = table.metadata
    size = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    mean = size / max(metadata.num_rows, 1)
    least, most = _PARQUET_ROWS
    return int(min(max(BATCH_BYTES / max(mean, 1), least), most))


def _document(values: dict[str, Any], columns: Columns, row: int, where: str) -> RawDocument:
    """The document of one row; ids and labels of any plain kind become text."""
    assert columns.text is not None
    text = values[columns.text]
    if text is not None and not isinstance(text, str):
        raise SourceError(f'{where}: "{columns.text}" is {type(text).__name__}, not text')
    identity, label = str(row), None
    if columns.id is not None:
        given = _name(values[columns.id], columns.id, where)
        if not given:
            raise SourceError(f'{where}: the id "{columns.id}" is empty')
        identity = given
    if columns.label is not None:
        label = _name(values[columns.label], columns.label, where)
    return RawDocument(identity, text, label, where)


def _name(value: Any, column: str, where: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict | list | bytes):
        raise SourceError(
            f'{where}: "{column}" is {type(value).__name__}; a name or number is needed'
        )
    return str(value)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _next_row(rows: Any, path: Path) -> list[str] | None:
    try:
        row: list[str] | None = next(rows, None)
    except csv.Error as error:
        raise SourceError(f"{path}, line {rows.line_num}: {error}") from error
    return row


def _json_object(line: str, where: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(f"{where} is not JSON: {said}{column}") from error
    if not isinstance(values, dict):
        raise SourceError(f"{where} is a JSON {type(values).__name__}, not an object {{…}}")
    return values


def is_text(kind: Any) -> bool:
    """Whether a column of this Arrow type holds text."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _values(batch: Any, name: str, errors: str, path: Path, first_row: int) -> list[Any]:
    """A column as Python values; Parquet writers do not always check that text is UTF-8."""
    column = batch.column(name)
    try:
        values: list[Any] = column.to_pylist()
        return values
    except UnicodeDecodeError:
        column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    decoded: list[str | None] = []
    for place, value in enumerate(column.cast(pa.binary()).to_pylist()):
        try:
            decoded.append(None if value is None else value.decode("utf-8", errors))
        except UnicodeDecodeError as error:
            raise SourceError(
                f'{path}, row {first_row + place}: "{name}" is not UTF-8 '
                f"(byte {error.start}); read it with ",
                REPLACING,
            ) from error
    return decoded


def _rows(columns: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    names = list(columns)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))
