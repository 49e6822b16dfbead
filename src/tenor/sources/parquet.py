"""The reader of .parquet; only the columns that are needed are read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
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


def read(path: File, selection: Selection) -> Iterator[TextBatch]:
    """The rows."""
    with reading(path) as file:
        try:
            yield from _batches(file, path, selection)
        except (pa.ArrowException, OSError) as error:
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
    parquet = pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False)
    schema, rows = parquet.schema_arrow, parquet.metadata.num_rows
    at_once = _at_once(parquet.metadata)
    table = selection.table(schema.names, lambda: _sample(parquet, at_once), str(path))
    for column in table.columns.texts:
        kind = schema.field(column).type
        if not (is_text(kind) or pa.types.is_null(kind) or pa.types.is_floating(kind)):
            raise SourceError(f'{path}: column "{column}" holds {kind}, not text')
    size = path.stat().st_size

    def batch(some: Any) -> TextBatch | None:
        if not len(some):
            return None
        first, read = table.row, size * (table.row + len(some)) // rows
        values = {name: some.column(name) for name in table.needed}
        return table.batch(values, lambda row: f"{path}, row {first + row}", read)

    for some in parquet.iter_batches(batch_size=at_once, columns=table.needed):
        yield from by_halves(some, batch)


def _sample(parquet: Any, at_once: int) -> dict[str, list[str | None]]:
    """The first values of each column that holds text."""
    texts = [field.name for field in parquet.schema_arrow if is_text(field.type)]
    found: dict[str, list[str | None]] = {name: [] for name in texts}  # without rows
    for some in islice(parquet.iter_batches(min(at_once, LOOKED_AT), columns=texts), 1):
        for name, column in zip(some.schema.names, some.columns, strict=True):
            if pa.types.is_dictionary(column.type):
                column = column.dictionary_decode()
            values = column.cast(pa.large_binary()).to_pylist()  # which may be no UTF-8
            found[name] = [v if v is None else v.decode("utf-8", "replace") for v in values]
    return found


def _at_once(metadata: Any) -> int:
    """How many rows make a batch, by the mean size of a row."""
    size = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    mean = size / max(metadata.num_rows, 1)
    least, most = _ROWS
    return int(min(max(batches.BATCH_BYTES / max(mean, 1), least), most))
