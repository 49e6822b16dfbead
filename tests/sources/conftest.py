"""The slow, plain reference of the readers: a row at a time, in Python's own values."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.errors import SourceError
from tenor.sources.columns import Columns, is_usual
from tenor.text.decoding import decode, is_storable, reading, storable

Row = tuple[str, str, str | None]  # id, text and label


@pytest.fixture(scope="session")
def by_rows() -> Callable[[Path, Columns, str], Iterator[Row]]:
    """A file's documents, read row by row."""
    readers = {".txt": lines, ".csv": csv_rows, ".jsonl": json_lines, ".parquet": parquet}
    return lambda path, columns, errors: readers[path.suffix](path, columns, errors)


def decoded_lines(file: Any, path: str, errors: str) -> Iterator[str]:
    offset = 0
    for number, line in enumerate(file, start=1):
        where = path if number == 1 else f"{path}, line {number},"
        yield decode(line, where, errors, offset)
        offset += len(line)


def lines(path: Path, columns: Columns, errors: str) -> Iterator[Row]:
    with reading(path) as file:
        for row, line in enumerate(decoded_lines(file, str(path), errors)):
            yield str(row), line.rstrip("\r\n"), None


def csv_rows(path: Path, columns: Columns, errors: str) -> Iterator[Row]:
    with reading(path) as file:
        text = decoded_lines(file, str(path), errors)
        first = next(text, "")
        delimiter = max(",;\t", key=first.count)
        rows = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
        header = [name.strip() for name in next_row(rows, path) or []]
        if not header:
            raise SourceError(f"{path} is empty; its first line must name the columns")
        if len(set(header)) != len(header):
            raise SourceError(f"{path} names a column twice; it has: {', '.join(header)}")
        columns = columns.resolve(header, header, str(path))
        row, line = 0, rows.line_num + 1
        while (fields := next_row(rows, path)) is not None:
            where = f"{path}, line {line}"
            line = rows.line_num + 1
            if not fields and len(header) > 1:
                continue
            fields = fields or [""]
            if len(fields) != len(header):
                s = "" if len(fields) == 1 else "s"
                raise SourceError(f"{where} has {len(fields)} field{s}, the header {len(header)}")
            values: dict[str, Any] = dict(zip(header, fields, strict=True))
            if columns.label is not None and values[columns.label] == "":
                values[columns.label] = None
            yield document(values, columns, row, where)
            row += 1


def json_lines(path: Path, columns: Columns, errors: str) -> Iterator[Row]:
    settled: Columns | None = None
    row = 0
    with reading(path) as file:
        for number, line in enumerate(decoded_lines(file, str(path), errors), start=1):
            if not line.strip():
                continue
            where = f"{path}, line {number}"
            values = json_object(line, where)
            if settled is None:
                texts = [k for k, v in values.items() if isinstance(v, str) or is_usual(k)]
                settled = columns.resolve(list(values), texts, where)
            for role, column in settled.chosen().items():
                if column not in values:
                    keys = ", ".join(values) or "none"
                    raise SourceError(f'{where} has no "{column}" for the {role}; its keys: {keys}')
            if errors == "replace":
                values = {k: storable(v) if isinstance(v, str) else v for k, v in values.items()}
            yield document(values, settled, row, where)
            row += 1


def parquet(path: Path, columns: Columns, errors: str) -> Iterator[Row]:
    table = pq.read_table(path)
    texts = [f.name for f in table.schema if is_text(f.type)]
    columns = columns.resolve(table.schema.names, texts, str(path))
    if columns.text not in texts:
        kind = table.schema.field(columns.text).type
        raise SourceError(f'{path}: column "{columns.text}" holds {kind}, not text')
    needed = [column for _, column in sorted(columns.chosen().items(), reverse=True)]
    for row in range(len(table)):
        where = f"{path}, row {row}"
        values = {n: value(table.column(n)[row], n, errors, where) for n in needed}
        yield document(values, columns, row, where)


def document(values: dict[str, Any], columns: Columns, row: int, where: str) -> Row:
    """The document of one row; ids and labels of any plain kind become text."""
    assert columns.text is not None
    text = values[columns.text]
    if text is not None and not isinstance(text, str):
        raise SourceError(f'{where}: "{columns.text}" is {type(text).__name__}, not text')
    refuse_surrogates("text", text, where)
    identity, label = str(row), None
    if columns.id is not None:
        given = name(values[columns.id], columns.id, where)
        refuse_surrogates("id", given, where)
        if not given:
            raise SourceError(f'{where}: the id "{columns.id}" is empty')
        identity = given
    if columns.label is not None:
        label = name(values[columns.label], columns.label, where)
        refuse_surrogates("label", label, where)
    return identity, text or "", label


def name(value: Any, column: str, where: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict | list | bytes):
        raise SourceError(
            f'{where}: "{column}" is {type(value).__name__}; a name or number is needed'
        )
    return str(value)


def refuse_surrogates(role: str, value: str | None, where: str) -> None:
    if not is_storable(value or ""):
        raise SourceError(
            f"{where}: the {role} holds half a surrogate pair, which is not valid Unicode; "
            'mend it, or read a file with encoding_errors="replace"'
        )


def next_row(rows: Any, path: Path) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        raise SourceError(f"{path}, line {rows.line_num}: {error}") from error


def json_object(line: str, where: str) -> dict[str, Any]:
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
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return kind in (pa.string(), pa.large_string(), pa.string_view())


def value(scalar: Any, column: str, errors: str, where: str) -> Any:
    """A value as Python's; Parquet writers do not always check that text is UTF-8."""
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        if pa.types.is_dictionary(scalar.type):
            scalar = pa.array([scalar]).dictionary_decode()[0]
    try:
        return scalar.cast(pa.binary()).as_py().decode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise SourceError(
            f'{where}: "{column}" is not UTF-8 (byte {error.start}); '
            'read it with encoding_errors="replace"'
        ) from error
