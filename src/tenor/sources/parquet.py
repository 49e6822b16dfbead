"""The reader of .parquet; only the columns that are needed are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenor.errors import SourceError
from tenor.sources import batches
from tenor.sources.batches import TextBatch, by_halves
from tenor.sources.guessing import LOOKED_AT
from tenor.sources.opening import File
from tenor.sources.tables import Selection
from tenor.sources.values import is_text
from tenor.text.decoding import reading

_ROWS = (64, 1 << 16)  # read together: at least, at most
# A page is unpacked as a whole: so many bytes of a column in a row group are read whatever they are
# packed to, and more where they are not packed so many times.
_MOST_UNPACKED, _MOST_TIMES = 1 << 28, 100
_FLAT: dict[str, Any] = {"buffer_size": 1 << 20, "pre_buffer": False}


def read(path: File, selection: Selection) -> Iterator[TextBatch]:
    """The rows."""
    with reading(path) as file:
        try:
            yield from _batches(file, path, selection)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise SourceError(f"{path} cannot be read as Parquet: {said}") from error


def types(path: Path) -> dict[str, Any]:
    """The Arrow type of each column of a file, by name, as its footer says."""
    try:
        return {field.name: field.type for field in pq.read_schema(path)}
    except (pa.ArrowException, OSError):
        return {}  # reading it says what is wrong


def n_rows(path: Path) -> int | None:
    """The documents of a file, as its footer says."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return None  # reading it says what is wrong


def _batches(file: Any, path: File, selection: Selection) -> Iterator[TextBatch]:
    parquet = pq.ParquetFile(file, **_FLAT)
    parquet = pq.ParquetFile(
        file, metadata=parquet.metadata, read_dictionary=_folded(parquet), **_FLAT
    )
    schema = parquet.metadata.schema.to_arrow_schema()
    rows = parquet.metadata.num_rows
    at_once = _at_once(parquet.metadata)
    table = selection.table(schema.names, lambda: _sample(parquet, schema, path), str(path))
    for column in table.columns.texts:
        kind = schema.field(column).type
        if not (is_text(kind) or pa.types.is_null(kind) or pa.types.is_floating(kind)):
            raise SourceError(f'{path}: column "{column}" holds {kind}, not text')
    _refuse_bombs(parquet.metadata, table.needed, path)
    size = path.stat().st_size

    def batch(some: Any) -> TextBatch | None:
        if not len(some):
            return None
        first, read = table.row, size * (table.row + len(some)) // rows
        values = {name: some.column(name) for name in table.needed}
        return table.batch(values, lambda row: f"{path}, row {first + row}", read)

    for some in parquet.iter_batches(batch_size=at_once, columns=table.needed):
        for part in _unfolded(some, schema):
            yield from by_halves(part, batch)
    if table.row != rows:
        raise SourceError(f"{path} is damaged: it says it has {rows:,} rows, and has {table.row:,}")


def _folded(parquet: Any) -> list[str]:
    """The columns of strings that may be kept once for many rows."""
    metadata, strings = parquet.metadata, (pa.types.is_string, pa.types.is_large_string)
    if not metadata.num_row_groups:
        return []
    group = metadata.row_group(0)
    columns = map(group.column, range(group.num_columns))
    kinds = {field.name: field.type for field in parquet.schema_arrow}
    return [
        column.path_in_schema
        for column in columns
        if "RLE_DICTIONARY" in column.encodings
        and any(is_one(kinds.get(column.path_in_schema, pa.null())) for is_one in strings)
    ]


def _unfolded(some: Any, schema: Any) -> Iterator[Any]:
    """Rows as the schema has them, as many together as there is room for: a string that is kept
    once may be that of every row.
    """
    folded = [c for c in some.columns if pa.types.is_dictionary(c.type) and is_text(c.type)]
    kept_once = {field.name for field in schema if pa.types.is_dictionary(field.type)}
    sizes = np.zeros(len(some), np.int64)
    for column in folded:
        lengths = pc.take(pc.binary_length(column.dictionary), column.indices)
        sizes += pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False)
    ends = np.cumsum(sizes)
    start = 0
    while start < len(some):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + batches.BATCH_BYTES, "right")))
        part = some.slice(start, stop - start)
        # Of columns of one name the last: which is meant nobody asks here.
        columns = dict(zip(part.schema.names, part.columns, strict=True))
        for name, column in columns.items():
            if name not in kept_once and pa.types.is_dictionary(column.type):
                columns[name] = column.dictionary_decode()
        yield pa.RecordBatch.from_pydict(columns) if columns else part
        start = stop


def _refuse_bombs(metadata: Any, names: Sequence[str], path: File) -> None:
    """Raise SourceError for a column that is small in the file and unpacks to gigabytes."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            column = group.column(place)
            packed, whole = column.total_compressed_size, column.total_uncompressed_size
            if whole > _MOST_UNPACKED and whole > _MOST_TIMES * packed:
                name = column.path_in_schema.split(".")[0]
                if name in names:
                    raise SourceError(
                        f'{path}: column "{name}" unpacks to {whole / 1e9:.1f} GB from '
                        f"{packed / 1e6:.1f} MB; write it in smaller row groups"
                    )


def _sample(parquet: Any, schema: Any, path: File) -> dict[str, list[str | None]]:
    """The first values of each column that holds text."""
    texts = [field.name for field in schema if is_text(field.type)]
    _refuse_bombs(parquet.metadata, texts, path)
    # Without rows; a column of nulls only may be the text all the same, which is missing then.
    found: dict[str, list[str | None]] = {
        field.name: [] for field in schema if is_text(field.type) or pa.types.is_null(field.type)
    }
    for batch in islice(parquet.iter_batches(LOOKED_AT, columns=texts), 1):
        for some in islice(_unfolded(batch, schema), 1):
            for name, column in zip(some.schema.names, some.columns, strict=True):
                if pa.types.is_dictionary(column.type):
                    column = column.dictionary_decode()
                if not is_text(column.type):  # another of the same name
                    continue
                values = column.cast(pa.large_binary()).to_pylist()  # which may be no UTF-8
                found[name] = [v if v is None else v.decode("utf-8", "replace") for v in values]
    return found


def _at_once(metadata: Any) -> int:
    """How many rows make a batch, by the mean size of a row."""
    size = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    mean = size / max(metadata.num_rows, 1)
    least, most = _ROWS
    return int(min(max(batches.BATCH_BYTES / max(mean, 1), least), most))
