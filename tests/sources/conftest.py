"""The slow, plain reference of the readers: a row at a time, in Python's own values."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.errors import SourceError
from tenor.sources.columns import Columns, Dialect, refuse_absent
from tenor.sources.dialects import UNQUOTED, Opened
from tenor.sources.objects import no_object
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
    data = path.read_bytes()
    if b"\n" not in data and b"\r" in data[:-1]:
        data = data.replace(b"\r", b"\n")
    text = decoded_lines(io.BytesIO(data), str(path), errors)
    first = next(text, "")
    rows = csv.reader(chain([first], text), delimiter=columns.dialect.delimiter, strict=True)
    first_row = next_row(rows, path, 1) or []
    header = [re.sub(r"\s*[\r\n]\s*", " ", name.strip()) for name in first_row]
    if not header:
        raise SourceError(f"{path} is empty; its first line must name the columns")
    columns, _ = columns.resolve(header, lambda: {n: [] for n in header}, str(path))
    row, line = 0, rows.line_num + 1
    while (fields := next_row(rows, path, line)) is not None:
        where, begin = f"{path}, line {line}", line
        line = rows.line_num + 1
        if not fields and len(header) > 1:
            continue
        fields = fields or [""]
        if len(fields) != len(header):
            s = "" if len(fields) == 1 else "s"
            said = f"{where} has {len(fields)} field{s}, the header {len(header)}"
            if line - begin > 1:
                raise SourceError(f"{said}; it goes on to line {line - 1}: ", *UNQUOTED)
            raise SourceError(
                f"{said}; mend the line, or name what separates fields with delimiter"
            )
        values: dict[str, Any] = dict(zip(header, fields, strict=True))
        values = {n: v if v or n == columns.id else None for n, v in values.items()}
        yield document(values, columns, row, where)
        row += 1


def json_lines(path: Path, columns: Columns, errors: str) -> Iterator[Row]:
    row = 0
    with reading(path) as file:
        for number, line in enumerate(decoded_lines(file, str(path), errors), start=1):
            if not line.strip():
                continue
            where = f"{path}, line {number}"
            values = json_object(line, where)
            named = [column for _, column in sorted(columns.chosen())]
            for column in named:
                if values.get(("twice", column)):
                    raise SourceError(f'{where} has the key "{column}" twice')
            if columns.id is not None:
                keys = [key for key in values if isinstance(key, str)]
                refuse_absent([(columns.id, "for the id")], keys, where, "key")
            values = {n: values.get(n) for n in named}
            if errors == "replace":
                values = {k: storable(v) if isinstance(v, str) else v for k, v in values.items()}
            yield document(values, columns, row, where)
            row += 1


def parquet(path: Path, columns: Columns, errors: str) -> Iterator[Row]:
    table = pq.read_table(path)
    texts = [f.name for f in table.schema if is_text(f.type)]
    columns, _ = columns.resolve(table.schema.names, lambda: {n: [] for n in texts}, str(path))
    if columns.text not in texts and columns.text is not None:
        kind = table.schema.field(columns.text).type
        if not pa.types.is_null(kind) and not pa.types.is_floating(kind):
            raise SourceError(f'{path}: column "{columns.text}" holds {kind}, not text')
    needed = [column for _, column in sorted(columns.chosen(), reverse=True)]
    for row in range(len(table)):
        where = f"{path}, row {row}"
        values = {n: value(table.column(n)[row], n, errors, where) for n in needed}
        if columns.text not in texts and values[columns.text] is not None:
            raise SourceError(f'{where}: "{columns.text}" holds {kind}, not text')
        yield document(values, columns, row, where)


def document(values: dict[str, Any], columns: Columns, row: int, where: str) -> Row:
    """The document of one row; ids and labels of any plain kind become text."""
    assert columns.text is not None
    text = values[columns.text]
    if isinstance(text, float) and math.isnan(text):
        text = None
    if text is not None and not isinstance(text, str):
        raise SourceError(f'{where}: "{columns.text}" is {type(text).__name__}, not text')
    refuse_surrogates("text", text, where)
    identity, label = str(row), None
    if columns.id is not None:
        given = name(values[columns.id], columns.id, where)
        refuse_surrogates("id", given, where)
        if not given:
            raise SourceError(f'{where}: the id "{columns.id}" is empty; every row needs one')
        identity = given
    if columns.label is not None:
        label = name(values[columns.label], columns.label, where)
        refuse_surrogates("label", label, where)
    return identity, text or "", label or None


def name(value: Any, column: str, where: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and math.isnan(value):
        return None
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


def next_row(rows: Any, path: Path, first: int) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        raise Opened(rows, path, ",", Dialect(), 0).fault(error, first) from error


def json_object(line: str, where: str) -> dict[Any, Any]:
    def made(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
        keys = [key for key, _ in pairs]
        return dict(pairs) | {("twice", key): True for key in keys if keys.count(key) > 1}

    try:
        values = json.loads(line, object_pairs_hook=made)
    except (ValueError, RecursionError) as error:
        said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(f"{where} is not JSON: {said}{column}") from error
    if not isinstance(values, dict):
        raise no_object(values, where)
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
