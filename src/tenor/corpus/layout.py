"""The Arrow layout of a corpus: one row a document, its counts as two list columns.

    id: string     words: list<int32>     counts: list<int32>     [text: string]  [label: string]

``words`` and ``counts`` share their offsets, so they *are* CSR: :func:`bag_of` looks at them
as NumPy arrays without a copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor.bow import BagOfWords, DocumentCounts
from tenor.documents import Column
from tenor.errors import InputError
from tenor.sharded import ShardedBag

COUNTS_TYPE = pa.list_(pa.int32())
TYPES = {
    "id": pa.string(),
    "words": COUNTS_TYPE,
    "counts": COUNTS_TYPE,
    "text": pa.string(),
    "label": pa.string(),
}
REQUIRED = ("id", "words", "counts")
BATCH_VALUES = 1 << 30  # values, or bytes of text, in a record batch: well below 2³¹


def batch_of(bag: BagOfWords, columns: dict[str, Any]) -> Any:
    """A record batch of documents.

    Args:
        bag: their counts; its arrays are taken over, not copied, where they are int32.
        columns: Arrow arrays by name: "id", optional "text" and "label", and any others.
    """
    offsets = pa.array(np.ascontiguousarray(bag.offsets, dtype=np.int32))
    words = pa.array(np.ascontiguousarray(bag.words, dtype=np.int32))
    counts = pa.array(np.ascontiguousarray(bag.counts, dtype=np.int32))
    there = {
        "id": columns["id"],
        "words": pa.ListArray.from_arrays(offsets, words),
        "counts": pa.ListArray.from_arrays(offsets, counts),
    }
    there.update({name: column for name, column in columns.items() if name not in there})
    return pa.RecordBatch.from_pydict(there)


def bag_of(table: Any, n_words: int) -> DocumentCounts:
    """The counts of a table: read-only views of its memory, a bag for each record batch."""
    bags = [bag_of_batch(batch, n_words) for batch in table.to_batches()]
    if not bags:
        none = np.zeros(0, dtype=np.int32)
        return BagOfWords(np.zeros(1, dtype=np.int32), none, none, n_words)
    return bags[0] if len(bags) == 1 else ShardedBag(tuple(bags))


def bag_of_batch(batch: Any, n_words: int) -> BagOfWords:
    """The counts of a record batch, as read-only views of its memory."""
    words, counts = batch.column("words"), batch.column("counts")
    offsets = words.offsets.to_numpy(zero_copy_only=True)
    ids = words.values.to_numpy(zero_copy_only=True)
    values = counts.values.to_numpy(zero_copy_only=True)
    return BagOfWords(offsets, ids, values, n_words).compact()


def dense_columns(table: Any) -> dict[str, Column]:
    """The columns of fixed-size float lists, by name: read-only views of the table's memory.

    Raises:
        InputError: when a list or a number is missing or not finite; names the row.
    """
    return {
        field.name: _dense_column(field.name, table.column(field.name))
        for field in table.schema
        if pa.types.is_fixed_size_list(field.type) and pa.types.is_float32(field.type.value_type)
    }


def _dense_column(name: str, column: Any) -> Column:
    if column.null_count:
        row = int(np.argmax(np.asarray(column.is_null())))
        raise InputError(f"row {row} of the column {name!r} is missing")
    width = column.type.list_size
    flat = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    arrays = [values.reshape(-1, width) for values in flat]
    return Column.of(name, arrays or [np.zeros((0, width), dtype=np.float32)])


def joined(batches: Sequence[Any]) -> Any:
    """A table of as few record batches as the size limit allows; neighbours are put together."""
    groups: list[list[Any]] = []
    size = 0
    for batch in batches:
        grown = size + _size(batch)
        if groups and grown <= BATCH_VALUES:
            groups[-1].append(batch)
            size = grown
        else:
            groups.append([batch])
            size = _size(batch)
    whole = [_one_batch(group) for group in groups]
    return pa.Table.from_batches(whole)


def strings_digest(column: Any) -> bytes:
    """SHA-256 of a string column, whatever its record batches: lengths first, then the text."""
    lengths, characters = hashlib.sha256(), hashlib.sha256()
    for chunk in column.chunks:
        offsets, data = string_buffers(chunk)
        lengths.update(np.diff(offsets).astype("<i8").tobytes())
        characters.update(data)
    return hashlib.sha256(lengths.digest() + characters.digest()).digest()


def string_buffers(strings: Any) -> tuple[NDArray[np.int32], Any]:
    """The offsets of an Arrow string array, and the bytes from the first to the last of them."""
    offsets = np.frombuffer(strings.buffers()[1] or b"", np.int32)
    offsets = offsets[strings.offset :][: len(strings) + 1]
    data = strings.buffers()[2]
    if data is None or not len(offsets):
        return offsets, b""
    return offsets, memoryview(data)[int(offsets[0]) : int(offsets[-1])]


def _size(batch: Any) -> int:
    """What comes nearest the limit of 2³¹ in any one column."""
    sizes = [len(batch.column("words").values)]
    if "text" in batch.schema.names:
        sizes.append(batch.column("text").nbytes)
    return max(sizes)


def _one_batch(group: list[Any]) -> Any:
    if len(group) == 1:
        return group[0]
    names = group[0].schema.names

    def column(name: str) -> Any:
        return pa.concat_arrays([batch.column(name) for batch in group])

    with ThreadPoolExecutor(len(names)) as pool:  # fresh memory is slow to come by
        return pa.RecordBatch.from_arrays(list(pool.map(column, names)), names)
