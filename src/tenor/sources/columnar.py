"""The readers of :mod:`tenor.sources.files` and :mod:`tenor.sources.tables` column by column.

They read the same rows from the same bytes, many times faster. Where something is odd they leave
it to the reader that goes row by row, which finds it again and says where it is: its messages are
the only ones.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenor.errors import SourceError
from tenor.sources import tables
from tenor.sources.batches import BATCH_BYTES, TextBatch, from_rows, no_labels
from tenor.sources.columns import Columns, RawDocument, is_usual
from tenor.text.decoding import decode, decoded_lines, reading, refuse_longer
from tenor.text.scanning import strings

_ROWS = 512  # of a table, read before their size is looked at
_ODD = (csv.Error, ValueError, KeyError, TypeError, RecursionError)
_LINE_END, _RETURN = b"\n", b"\r"


class _OddError(Exception):
    """Something that the reader by rows must look at."""


def lines(file: IO[bytes], where: str, errors: str) -> Iterator[TextBatch]:
    """A document a line, as :func:`tenor.sources.files.documents` reads them."""
    row = offset = 0

    def place() -> str:
        return f"{where}, line {row + 1}"

    for block in _whole_lines(file, place):
        data = block.removeprefix(codecs.BOM_UTF8) if offset == 0 else block
        try:
            texts = _split_lines(data)
            texts.validate(full=True)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            given = io.BytesIO(block)
            read = decoded_lines(given, where, errors, row + 1, offset)
            texts = pa.array([line.rstrip("\r\n") for line in read], pa.string())
        offset += len(block)
        columns = {"id": numbers(row, len(texts)), "text": texts, "label": no_labels(len(texts))}
        yield TextBatch(columns, read=offset)
        row += len(texts)


def csv_rows(path: Path, columns: Columns, errors: str) -> Iterator[TextBatch]:
    """As :func:`tenor.sources.tables.csv_rows`."""
    return _or_by_rows(
        _csv_rows(path, columns, errors), lambda: tables.csv_rows(path, columns, errors)
    )


def json_lines(path: Path, columns: Columns, errors: str) -> Iterator[TextBatch]:
    """As :func:`tenor.sources.tables.json_lines`."""
    return _or_by_rows(
        _json_lines(path, columns, errors), lambda: tables.json_lines(path, columns, errors)
    )


def parquet(path: Path, columns: Columns, errors: str) -> Iterator[TextBatch]:
    """As :func:`tenor.sources.tables.parquet`."""
    return _or_by_rows(_parquet(path, columns), lambda: tables.parquet(path, columns, errors))


def numbers(first: int, n_rows: int) -> Any:
    """Row numbers as ids."""
    return pa.array(np.arange(first, first + n_rows)).cast(pa.string())


def prefixed(prefix: str, ids: Any) -> Any:
    """``ids``, each with ``prefix`` before it."""
    return pc.binary_join_element_wise(prefix, ids, "")


def _or_by_rows(
    batches: Iterator[TextBatch], by_rows: Callable[[], Iterator[RawDocument]]
) -> Iterator[TextBatch]:
    """``batches``; what is odd about them, and all that follows it, is read row by row."""
    done = 0
    try:
        for batch in batches:
            yield batch
            done += len(batch)
    except (_OddError, SourceError, pa.ArrowException, *_ODD):
        yield from from_rows(islice(by_rows(), done, None))


def _whole_lines(file: IO[bytes], where: Callable[[], str]) -> Iterator[bytes]:
    """A file in blocks that end where a line ends.

    Raises:
        SourceError: when a line is longer than a document may be; ``where`` is then asked for the
            place of the first line that is not handed on.
    """
    rest: list[bytes] = []
    held = 0
    while block := file.read(BATCH_BYTES):
        end = block.rfind(_LINE_END) + 1
        refuse_longer(held + (block.find(_LINE_END) if end else len(block)), where())
        if not end:
            rest.append(block)
            held += len(block)
            continue
        yield b"".join([*rest, block[:end]])
        rest, held = [block[end:]], len(block) - end
    if last := b"".join(rest):
        yield last


def _split_lines(data: bytes) -> Any:
    """The lines without their ends, as an Arrow string array."""
    values = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(values == _LINE_END[0]).astype(np.int32)
    if not data.endswith(_LINE_END):
        ends = np.append(ends, np.int32(len(data)))
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int32)
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    np.cumsum(ends - starts, out=offsets[1:])
    texts = strings(offsets, values[values != _LINE_END[0]])
    return pc.ascii_rtrim(texts, "\r") if _RETURN in data else texts


def _csv_rows(path: Path, columns: Columns, errors: str) -> Iterator[TextBatch]:
    tables.allow_long_fields()
    with reading(path) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", errors, newline="\n")
        first = next(text, "")
        rows = csv.reader(chain([first], text), delimiter=tables.delimiter_of(first), strict=True)
        header = [name.strip() for name in next(rows, [])]
        if not header or len(set(header)) != len(header):
            raise _OddError
        columns = columns.resolve(header, header, str(path))
        done = 0
        for gathered in _gathered(rows, lambda fields: sum(map(len, fields))):
            if set(map(len, gathered)) != {len(header)}:
                blank: list[list[str]] = [[""]] if len(header) == 1 else []
                gathered = [row for fields in gathered for row in ([fields] if fields else blank)]
                if set(map(len, gathered)) - {len(header)}:
                    raise _OddError
                if not gathered:
                    continue
            values = dict(zip(header, zip(*gathered, strict=True), strict=True))
            if columns.label is not None:
                values[columns.label] = tuple(label or None for label in values[columns.label])
            yield _batch(values, columns, done, file.tell())
            done += len(gathered)


def _json_lines(path: Path, columns: Columns, errors: str) -> Iterator[TextBatch]:
    settled: Columns | None = None
    done = offset = 0
    with reading(path) as file:
        for block in _whole_lines(file, lambda: str(path)):
            text = decode(block, str(path), errors, offset)
            offset += len(block)
            objects = [json.loads(line) for line in text.split("\n") if line.strip()]
            if not objects:
                continue
            if set(map(type, objects)) != {dict}:
                raise _OddError
            if settled is None:
                first = objects[0]
                texts = [k for k, v in first.items() if isinstance(v, str) or is_usual(k)]
                settled = columns.resolve(list(first), texts, str(path))
            needed = set(settled.chosen().values())
            values = {name: [given[name] for given in objects] for name in needed}
            yield _batch(values, settled, done, offset)
            done += len(objects)


def _parquet(path: Path, columns: Columns) -> Iterator[TextBatch]:
    size, done = path.stat().st_size, 0
    with reading(path) as file:
        table = pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
        schema = table.schema_arrow
        texts = [field.name for field in schema if tables.is_text(field.type)]
        columns = columns.resolve(schema.names, texts, str(path))
        if columns.text not in texts:
            raise _OddError
        needed = sorted(set(columns.chosen().values()))
        rows = table.metadata.num_rows
        for batch in table.iter_batches(batch_size=tables.rows_at_once(table), columns=needed):
            if not len(batch):
                continue
            values = {name: _plain(batch.column(name)) for name in needed}
            done += len(batch)
            yield _batch(values, columns, done - len(batch), size * done // rows)


def _plain(column: Any) -> Any:
    """A column as strings, where Arrow writes its values as Python does; else as a list."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        return column.cast(pa.string())
    if pa.types.is_string_view(kind):
        return column.cast(pa.string())
    return column.to_pylist()


def _batch(values: dict[str, Any], columns: Columns, row: int, read: int) -> TextBatch:
    """The documents of some rows, ids and labels made strings; anything odd is left to others."""
    assert columns.text is not None
    texts = _strings(values[columns.text], named=False)
    texts = texts.fill_null("") if texts.null_count else texts
    ids, labels = numbers(row, len(texts)), no_labels(len(texts))
    if columns.id is not None:
        ids = _strings(values[columns.id], named=True)
        if ids.null_count or pc.min(pc.binary_length(ids)).as_py() == 0:
            raise _OddError
    if columns.label is not None:
        labels = _strings(values[columns.label], named=True)
    return TextBatch({"id": ids, "text": texts, "label": labels}, read=read)


def _strings(values: Any, named: bool) -> Any:
    if not isinstance(values, pa.Array):
        if named:
            values = [v if v is None or isinstance(v, str) else _name(v) for v in values]
        values = pa.array(values, pa.string())
    else:
        values.validate(full=True)
    refuse_longer(values.nbytes, "all together")  # the reader by rows takes them one by one
    return values


def _name(value: Any) -> str:
    if isinstance(value, dict | list | bytes):
        raise _OddError
    return str(value)


def _gathered(rows: Iterable[Any], size: Callable[[Any], int]) -> Iterator[list[Any]]:
    """Rows in lists of about a batch's size."""
    stream = iter(rows)
    gathered: list[Any] = []
    total = 0
    while some := list(islice(stream, _ROWS)):
        gathered += some
        total += sum(map(size, some))
        if total >= BATCH_BYTES:
            yield gathered
            gathered, total = [], 0
    if gathered:
        yield gathered
