"""What is asked of a batch of documents before it joins others in a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor import checks
from tenor.errors import InputError

COLUMNS = ("id", "label", "text", "vector")
COUNTS = ("words", "counts")  # the document's bag, in lists; both or neither


def counts_in(schema: pa.Schema) -> tuple[str, ...]:
    """The columns of counts, where there are any."""
    """The columns of counts: both or neither."""
    return COUNTS if set(COUNTS) <= set(schema.names) else ()


def further_columns(schema: pa.Schema) -> tuple[str, ...]:
    """The columns that were kept beside ours."""
    return tuple(name for name in schema.names if name not in (*COLUMNS, *COUNTS))


def all_conformed(
    batches: Iterable[pa.RecordBatch],
    before: pa.Schema | None = None,
    known: set[str] | None = None,
) -> Iterator[pa.RecordBatch]:
    """The batches with our columns, alike; their ids join ``known``, None: and are let go."""
    for batch in batches:
        conformed = _conformed(batch, set() if known is None else known, before)
        before = conformed.schema
        yield conformed


def _conformed(batch: pa.RecordBatch, known: set[str], before: pa.Schema | None) -> pa.RecordBatch:
    """The batch with our columns, those of documents ``before``; its ids join ``known``."""
    for name in ("id", "vector"):
        if name not in batch.schema.names:
            raise InputError(f"documents to add need a column {name!r}")
    size = _size(batch.schema.field("vector").type)
    if before is not None and size != (kept := before.field("vector").type.list_size):
        raise InputError(f"vectors to add have {size} dimensions, those of the store {kept}")
    counts = counts_in(batch.schema)
    if not counts and not set(COUNTS).isdisjoint(batch.schema.names):
        raise InputError("documents to add have words or counts: they need both columns or neither")
    if before is not None and counts != counts_in(before):
        here, there = ("with", "without") if counts else ("without", "with")
        raise InputError(
            f"documents {here} words and counts cannot join those {there} in the store: "
            "either all documents have these columns, or none"
        )
    kept = {name: batch.column(name) for name in further_columns(batch.schema)}
    if before is not None:
        _refuse_other_columns(batch.schema, before)
    ids = _strings(batch, "id")
    for name in ids.to_pylist():
        if name is None or name in known:
            what = "without an id" if name is None else f"{name!r} twice"
            raise InputError(f"a document comes {what}; every document needs an id of its own")
        known.add(name)
    vectors = batch.column("vector")
    matrix = None if vectors.null_count else matrix_of(vectors, len(batch))
    if matrix is None or not np.isfinite(matrix).all():
        finite = np.zeros(len(batch)) if matrix is None else np.isfinite(matrix).all(axis=1)
        first = ids[int(np.argmin(finite))].as_py() if matrix is not None else "a document"
        raise InputError(f"the vector of {first} is missing or not finite")
    columns = [ids, _strings(batch, "label"), _strings(batch, "text")]
    vector = pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), size)
    numbers = [_numbers(batch, name) for name in counts]
    return pa.RecordBatch.from_arrays(
        [*columns, vector, *numbers, *kept.values()], names=[*COLUMNS, *counts, *kept]
    )


def _refuse_other_columns(schema: pa.Schema, before: pa.Schema) -> None:
    """All documents of a store have the same kept columns, of the same types."""
    here, there = (
        {name: kept.field(name).type for name in further_columns(kept)} for kept in (schema, before)
    )
    if here != there:
        said, stored = (
            ", ".join(f"{name} ({kind})" for name, kind in kept.items()) or "none"
            for kept in (here, there)
        )
        raise InputError(f"documents to add have the columns {said}, those of the store {stored}")


def _size(kind: pa.DataType) -> int:
    if not pa.types.is_fixed_size_list(kind) or not pa.types.is_floating(kind.value_type):
        raise InputError(f"the column 'vector' must hold fixed-size lists of float32, not {kind}")
    return checks.whole("the size of a vector", kind.list_size)


def _strings(batch: pa.RecordBatch, name: str) -> pa.Array:
    if name not in batch.schema.names:
        return pa.nulls(len(batch), pa.string())
    try:
        return batch.column(name).cast(pa.string())
    except pa.ArrowException:
        raise InputError(f"the column {name!r} must hold strings") from None


def _numbers(batch: pa.RecordBatch, name: str) -> pa.Array:
    try:
        return batch.column(name).cast(pa.list_(pa.int32()))
    except pa.ArrowException:
        raise InputError(f"the column {name!r} must hold lists of whole numbers") from None


def matrix_of(vectors: pa.FixedSizeListArray, rows: int) -> NDArray[np.float32]:
    """(rows, K)."""
    values = vectors.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float32).reshape(rows, vectors.type.list_size)
