"""The file that document vectors become, as its suffix says; written a piece after the other.

Parquet and Arrow files have the same columns. A CSV file has a column for every number: vector_0,
vector_1, …, and topic_ID for each topic's weights. A NumPy array (.npy) is the vectors alone, or
the weights: row i is document i, and ids, labels and kept columns are in the other three.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from tenor.errors import InputError
from tenor.sources.passages import DOCUMENT

VECTOR, WEIGHTS = "vector", "topics"  # the columns of numbers
TOPIC_IDS = "topics"  # in the schema's metadata: the JSON list of the topics' numbers
_PLACED = re.compile(rf"({VECTOR}|topic)_[\d.]+")  # what a CSV file calls a number of many
# Of any model and source; none of these is asked for as a column.
_BESIDE = ("id", "label", DOCUMENT, "empty", "like_none", VECTOR, WEIGHTS)


Writer = Callable[[IO[bytes], Any, int, Iterable[Any]], None]
"""Takes an open file, the schema of the pieces, how many rows they have, and the record batches."""


def writer_of(path: Path) -> Writer:
    """What writes a file of this suffix, in whatever case: one of :data:`WRITERS`."""
    return WRITERS[path.suffix.lower()]


def held(path: Path, columns: Sequence[str]) -> tuple[str, ...]:
    """Those of the columns of the pieces that a file of this suffix holds."""
    only = path.suffix.lower() == NPY
    return tuple(name for name in columns if not only or name in (VECTOR, WEIGHTS))


def refuse_unfit(path: Path, columns: Iterable[str]) -> None:
    """Raise InputError when a file of that suffix cannot hold what these columns are for."""
    columns, suffix = list(columns), path.suffix.lower()
    clash = next(filter(_PLACED.fullmatch, columns), None)
    if suffix == CSV and clash is not None:
        raise InputError(f'{path}: a column of the file is called "{clash}" already; rename yours')
    if suffix != NPY:
        return
    others = ", ".join(name for name in columns if name not in _BESIDE)
    if others:
        raise InputError(f"{path}: an array has no columns to keep ({others}); write {PARQUET}")
    if {VECTOR, WEIGHTS} <= set(columns):
        raise InputError(
            f"{path}: an array holds vectors or weights of topics, not both; write {PARQUET}, "
            "or two files"
        )


def _write_parquet(file: IO[bytes], schema: Any, n_rows: int, batches: Iterable[Any]) -> None:
    """A row group a piece."""
    # Floats hardly shrink: left as they are, a file is written three times as fast.
    compression = dict.fromkeys(schema.names, "zstd")
    for name in (VECTOR, WEIGHTS):
        if compression.pop(name, None):
            compression[f"{name}.list.element"] = "none"
    labels = ["label"] if "label" in schema.names else []
    with pq.ParquetWriter(file, schema, compression=compression, use_dictionary=labels) as writer:
        for batch in batches:
            writer.write_batch(batch, row_group_size=len(batch))


def _write_arrow(file: IO[bytes], schema: Any, n_rows: int, batches: Iterable[Any]) -> None:
    """An IPC file, which maps as it lies; dictionaries are decoded, as pieces have their own."""
    flat = pa.schema([f.with_type(_plain(f.type)) for f in schema], schema.metadata)
    with pa.ipc.new_file(file, flat) as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(list(_decoded(batch)), schema=flat))


def _write_csv(file: IO[bytes], schema: Any, n_rows: int, batches: Iterable[Any]) -> None:
    """UTF-8 with a header; floats as short as they can be read again without a loss."""
    names = _csv_names(schema)
    writer = None
    for batch in batches:
        columns = [part for column in _decoded(batch) for part in _csv_columns(column)]
        table = pa.RecordBatch.from_arrays(columns, names=names)
        writer = writer or pyarrow.csv.CSVWriter(file, table.schema)
        writer.write_batch(table)
    if writer is not None:
        writer.close()


def _write_npy(file: IO[bytes], schema: Any, n_rows: int, batches: Iterable[Any]) -> None:
    """A float32 array (D, K), or (D, T)."""
    (name,) = (name for name in schema.names if name in (VECTOR, WEIGHTS))
    shape = (n_rows, schema.field(name).type.list_size)
    about = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, about)
    for batch in batches:
        numbers = batch.column(name).flatten().to_numpy(zero_copy_only=True)
        file.write(np.ascontiguousarray(numbers, dtype="<f4").data)


def _csv_names(schema: Any) -> list[str]:
    names: list[str] = []
    topics = json.loads((schema.metadata or {}).get(TOPIC_IDS.encode(), b"[]"))
    for field in schema:
        if not pa.types.is_fixed_size_list(field.type):
            names.append(field.name)
        elif field.name == WEIGHTS:
            names += [f"topic_{topic}" for topic in topics]
        else:
            names += [f"{field.name}_{place}" for place in range(field.type.list_size)]
    return names


def _csv_columns(column: Any) -> Iterator[Any]:
    """A column of one value a cell as it is; of lists, each of their places."""
    if not pa.types.is_fixed_size_list(column.type):
        yield column if not pa.types.is_duration(column.type) else column.cast(pa.int64())
        return
    numbers = column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1)
    for place in range(column.type.list_size):
        yield pa.array(np.ascontiguousarray(numbers[:, place]))


def _plain(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _decoded(batch: Any) -> Iterator[Any]:
    for column in batch.columns:
        yield column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


PARQUET, ARROW, CSV, NPY = ".parquet", ".arrow", ".csv", ".npy"
WRITERS: dict[str, Writer] = {
    PARQUET: _write_parquet,
    ARROW: _write_arrow,
    CSV: _write_csv,
    NPY: _write_npy,
}
