"""The Arrow layout of a corpus: one row a document, its counts as two list columns.

    id: string     words: list<int32>     counts: list<int32>     [text: string]  [label: string]

``words`` and ``counts`` share their offsets, so they *are* CSR: :func:`bag_of` looks at them
as NumPy arrays without a copy. Any other column is metadata that was asked for, under the name it
has in the source: strings, numbers, dates, dictionaries (categories), or a dense array (D, M) as
lists of fixed size M, which have no nulls and hold finite numbers only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from tenor.bow import BagOfWords, DocumentCounts
from tenor.documents import Column
from tenor.errors import ArtifactError, InputError
from tenor.sharded import ShardedBag
from tenor.text.strings import offsets_of

COUNTS_TYPE = pa.list_(pa.int32())
TYPES = {
    "id": pa.string(),
    "words": COUNTS_TYPE,
    "counts": COUNTS_TYPE,
    "text": pa.string(),
    "label": pa.string(),
}
BATCH_VALUES = 1 << 30  # values, or bytes of text, in a record batch: well below 2³¹
_BLOCK = 1 << 24  # values looked at together: keeps what checking needs small


def batch_of(bag: BagOfWords, columns: dict[str, Any]) -> Any:
    """A record batch of documents: their counts, not copied where they are int32, and columns."""
    offsets, words, counts = (
        pa.array(np.ascontiguousarray(values, dtype=np.int32))
        for values in (bag.offsets, bag.words, bag.counts)
    )
    first = {
        "id": columns["id"],
        "words": pa.ListArray.from_arrays(offsets, words),
        "counts": pa.ListArray.from_arrays(offsets, counts),
    }
    return pa.RecordBatch.from_pydict(first | columns)


def columns_of(batch: Any) -> dict[str, Any]:
    """The columns of a record batch that are no counts."""
    return {n: batch.column(n) for n in batch.schema.names if n not in ("words", "counts")}


def kept_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Those of these columns that are metadata under their own names."""
    return tuple(name for name in names if name not in TYPES)


def is_dense(kind: Any) -> bool:
    """Whether a column of this Arrow type is a dense array."""
    return bool(pa.types.is_fixed_size_list(kind) and pa.types.is_floating(kind.value_type))


def not_finite(dense: Any) -> int | None:
    """The first row of an Arrow array of dense rows that has a null or a number that is none."""
    if dense.null_count:
        return int(np.argmax(dense.is_null().to_numpy(zero_copy_only=False)))
    width = dense.type.list_size
    rows = max(_BLOCK // max(width, 1), 1)
    for start in range(0, len(dense), rows):
        some = dense.slice(start, rows)
        numbers = some.flatten().to_numpy(zero_copy_only=False)  # a null is NaN
        numbers = numbers.reshape(len(some), width)
        good = np.isfinite(numbers).all(axis=1)
        if not good.all():
            return start + int(np.argmin(good))
    return None


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
    """The columns of fixed-size float lists, by name: read-only views of the table's memory."""
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
        size += _size(batch)
        if groups and size <= BATCH_VALUES:
            groups[-1].append(batch)
        else:
            groups.append([batch])
            size = _size(batch)
    return pa.Table.from_batches([_one_batch(group) for group in groups])


def write_batch(file: IO[bytes], batch: Any) -> None:
    """One record batch as an uncompressed Arrow IPC file, which maps as it lies."""
    with pa.ipc.new_file(file, batch.schema) as out:
        out.write_batch(batch)


def map_batch(path: Path) -> Any:
    """The one record batch of such a file, in mapped memory."""
    return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def column_digest(column: Any) -> bytes:
    """SHA-256 of a column, whatever its record batches; of strings lengths first, then the text."""
    if pa.types.is_dictionary(column.type):  # by what it says
        column = column.cast(column.type.value_type)
    if not pa.types.is_string(column.type):
        return _values_digest(column)
    digest = StringDigest()
    for chunk in column.chunks:
        digest.add(chunk)
    return digest.digest()


class StringDigest:
    """SHA-256 of strings, lengths first, then the text, whatever the arrays they come in."""

    def __init__(self) -> None:
        self._lengths, self._characters = hashlib.sha256(), hashlib.sha256()

    def add(self, strings: Any) -> None:
        """Take in the next Arrow array."""
        offsets, data = offsets_of(strings), strings.buffers()[2]
        self._lengths.update(np.diff(offsets).astype("<i8").tobytes())
        if data is not None and len(offsets):
            self._characters.update(memoryview(data)[int(offsets[0]) : int(offsets[-1])])

    def digest(self) -> bytes:
        """The digest of what was taken in."""
        return hashlib.sha256(self._lengths.digest() + self._characters.digest()).digest()


def check_batch(batch: Any, n_words: int, where: Path) -> None:
    """Raise ArtifactError unless the batch has the layout and sound counts over ``n_words`` words.

    Checked: columns and types, no nulls but in labels and metadata, equal offsets of words and
    counts, words in range, ascending and without repeats in a document, counts of at least 1,
    finite numbers in dense arrays, valid UTF-8.
    """
    faults = (_columns_fault, _memory_fault, _dense_fault, partial(_counts_fault, n_words=n_words))
    said = next(filter(None, (fault(batch) for fault in faults)), None)
    if said:
        raise ArtifactError(f"{where} is damaged: {said}; prepare the corpus again")


def _columns_fault(batch: Any) -> str | None:
    for name in ("id", "words", "counts"):
        if name not in batch.schema.names:
            return f'it has no column "{name}"'
    for field in batch.schema:
        expected = TYPES.get(field.name)
        if expected is not None and field.type != expected:
            return f'column "{field.name}" is {field.type}, not {expected}'
        if expected is not None and field.name != "label" and batch.column(field.name).null_count:
            return f'column "{field.name}" has nulls'
    return None


def _memory_fault(batch: Any) -> str | None:
    try:
        batch.validate(full=True)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        return str(error).splitlines()[0]
    for name in ("words", "counts"):
        if batch.column(name).values.null_count:
            return f'column "{name}" has nulls'
    return None


def _dense_fault(batch: Any) -> str | None:
    for field in batch.schema:
        row = not_finite(batch.column(field.name)) if is_dense(field.type) else None
        if row is not None:
            return f'row {row} of column "{field.name}" is not finite'
    return None


def _counts_fault(batch: Any, n_words: int) -> str | None:
    if not len(batch):
        return "it holds no documents"
    words, counts = batch.column("words"), batch.column("counts")
    offsets = words.offsets.to_numpy()
    if not np.array_equal(offsets, counts.offsets.to_numpy()):
        return "words and counts do not have the same offsets"
    ids = words.values.to_numpy(zero_copy_only=True)
    values = counts.values.to_numpy(zero_copy_only=True)
    for start in range(int(offsets[0]), int(offsets[-1]), _BLOCK):
        stop = min(start + _BLOCK, int(offsets[-1]))
        some = ids[start:stop]
        if some.min() < 0 or some.max() >= n_words:
            return f"a word id is not below {n_words}"
        if values[start:stop].min() < 1:
            return "a count is less than 1"
        if _unsorted(ids, offsets, start, stop):
            return "the words of a document are not ascending"
    return None


def _unsorted(ids: Any, offsets: Any, start: int, stop: int) -> bool:
    """Whether a value of ids[start:stop] is not above the one before it in its document."""
    before = max(start, int(offsets[0]) + 1)
    rising = ids[before:stop] > ids[before - 1 : stop - 1]
    inside = offsets[np.searchsorted(offsets, before) : np.searchsorted(offsets, stop)]
    rising[inside - before] = True  # where a document begins there is nothing to compare
    return not bool(rising.all())


def _values_digest(column: Any) -> bytes:
    """Of anything but strings: which values are there, then the values, 0 for none."""
    digest = hashlib.sha256(column.is_null().to_numpy().tobytes())
    for chunk in column.chunks:
        if is_dense(chunk.type):
            chunk = chunk.flatten()
        elif pa.types.is_boolean(chunk.type):
            chunk = chunk.cast(pa.uint8())
        elif pa.types.is_temporal(chunk.type):
            chunk = chunk.cast(pa.int32() if chunk.type.bit_width == 32 else pa.int64())
        numbers = chunk.fill_null(0).to_numpy(zero_copy_only=False)
        digest.update(np.ascontiguousarray(numbers).data)
    return digest.digest()


def _size(batch: Any) -> int:
    """What comes nearest the limit of 2³¹ in any one column."""
    strings = [c.nbytes for c in batch.columns if pa.types.is_string(c.type)]
    return int(max(len(batch.column("words").values), *strings))


def _one_batch(group: list[Any]) -> Any:
    if len(group) == 1:
        return group[0]
    names = group[0].schema.names

    def column(name: str) -> Any:
        return pa.concat_arrays([batch.column(name) for batch in group])

    with ThreadPoolExecutor(len(names)) as pool:  # fresh memory is slow to come by
        return pa.RecordBatch.from_arrays(list(pool.map(column, names)), names)
