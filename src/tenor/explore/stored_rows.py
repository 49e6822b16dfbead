"""The rows of a document store: which columns they have, and what is refused.

id, label, text, vector    the id is the key; label and text may be missing
words, counts              the document's bag, in lists; stores of before have none
others                     kept under their own names, the same of all documents
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tenor import checks
from tenor.errors import InputError

COLUMNS = ("id", "label", "text", "vector")
COUNTS = ("words", "counts")
ROW_GROUP = 4096


def write(file: IO[bytes], batches: Iterator[pa.RecordBatch]) -> None:
    """Write rows that conform, a row group at a time; InputError when there are none."""
    first = next(batches, None)
    if first is None:
        raise InputError("there are no documents to add: not one record batch came")
    how = {"compression": "zstd", "use_dictionary": ["label"], "write_page_checksum": True}
    with pq.ParquetWriter(file, first.schema, **how) as writer:
        for batch in chain((first,), batches):
            writer.write_batch(batch, row_group_size=ROW_GROUP)


def conforming(
    batches: Iterable[pa.RecordBatch], known: set[str] | None, schema: pa.Schema | None
) -> Iterator[pa.RecordBatch]:
    """Batches with our columns: those of ``schema``, or else of the first batch.

    Ids join ``known``; None forgets those of a batch with it.
    """
    for batch in batches:
        conformed = _conformed(batch, set() if known is None else known, schema)
        schema = conformed.schema
        yield conformed


def counts_in(schema: pa.Schema) -> tuple[str, ...]:
    """The columns of counts: both or neither."""
    return COUNTS if set(COUNTS) <= set(schema.names) else ()


def further_in(schema: pa.Schema) -> tuple[str, ...]:
    """The columns that are kept besides."""
    return tuple(name for name in schema.names if name not in (*COLUMNS, *COUNTS))


def _conformed(batch: pa.RecordBatch, known: set[str], before: pa.Schema | None) -> pa.RecordBatch:
    for name in ("id", "vector"):
        if name not in batch.schema.names:
            raise InputError(f"documents to add need a column {name!r}")
    kind = batch.schema.field("vector").type
    if not pa.types.is_fixed_size_list(kind) or not pa.types.is_floating(kind.value_type):
        raise InputError(f"the column 'vector' must hold fixed-size lists of float32, not {kind}")
    size = checks.whole("the size of a vector", kind.list_size)
    counts = counts_in(batch.schema)
    if not counts and not set(COUNTS).isdisjoint(batch.schema.names):
        raise InputError("documents to add have words or counts: they need both columns or neither")
    if before is not None:
        _refuse_others(batch.schema, before)
    ids = _cast(batch, "id", pa.string(), "strings")
    for name in ids.to_pylist():
        if name is None or name in known:
            what = "without an id" if name is None else f"{name!r} twice"
            raise InputError(f"a document comes {what}; every document needs an id of its own")
        known.add(name)
    vectors = batch.column("vector")
    bad = vectors.is_null().to_numpy(zero_copy_only=False)
    if not bad.any():
        matrix = matrix_of(vectors, len(batch))
        bad = ~np.isfinite(matrix).all(axis=1)
    if bad.any():
        raise InputError(f"the vector of {ids[int(np.argmax(bad))]} is missing or not finite")
    columns = {
        "id": ids,
        "label": _cast(batch, "label", pa.string(), "strings"),
        "text": _cast(batch, "text", pa.string(), "strings"),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), size),
    }
    for name in counts:
        columns[name] = _cast(batch, name, pa.list_(pa.int32()), "lists of whole numbers")
    kept = {name: batch.column(name) for name in further_in(batch.schema)}
    return pa.RecordBatch.from_pydict(columns | kept)


def _refuse_others(schema: pa.Schema, before: pa.Schema) -> None:
    """All documents of a store have vectors of one size and the same further columns."""
    size, stored = (one.field("vector").type.list_size for one in (schema, before))
    if size != stored:
        raise InputError(f"vectors to add have {size} dimensions, those of the store {stored}")
    if counts_in(schema) != counts_in(before):
        here, there = ("with", "without") if counts_in(schema) else ("without", "with")
        raise InputError(
            f"documents {here} words and counts cannot join those {there} in the store: "
            "either all documents have these columns, or none"
        )
    kinds = [{name: one.field(name).type for name in further_in(one)} for one in (schema, before)]
    if kinds[0] != kinds[1]:
        here, there = (
            ", ".join(f"{name} ({kind})" for name, kind in one.items()) or "none" for one in kinds
        )
        raise InputError(f"documents to add have the columns {here}, those of the store {there}")


def _cast(batch: pa.RecordBatch, name: str, kind: pa.DataType, what: str) -> pa.Array:
    """The column, or nulls where the batch has none."""
    if name not in batch.schema.names:
        return pa.nulls(len(batch), kind)
    try:
        return batch.column(name).cast(kind)
    except pa.ArrowException:
        raise InputError(f"the column {name!r} must hold {what}") from None


def matrix_of(vectors: pa.FixedSizeListArray, rows: int) -> NDArray[np.float32]:
    """(D, K) of the vectors of ``rows`` documents."""
    values = vectors.flatten()
    if not values.null_count and not pa.types.is_float16(values.type):
        # Arrow's own way to NumPy imports pandas where it is installed.
        found = np.from_dlpack(values).reshape(rows, vectors.type.list_size)
        return found.astype(np.float32, copy=False)
    values = values.to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float32).reshape(rows, vectors.type.list_size)
