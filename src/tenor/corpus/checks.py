"""Whether a record batch from disk is the counts it claims to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.corpus import layout
from tenor.errors import ArtifactError

_BLOCK = 1 << 24  # values looked at together: keeps what checking needs small


def check_batch(batch: Any, n_words: int, where: Path) -> None:
    """Raise unless the batch has the corpus layout and sound counts over ``n_words`` words.

    Checked: columns and types, no nulls but in labels, equal offsets of words and counts, words
    in range, ascending and without repeats in a document, counts of at least 1, valid UTF-8.

    Raises:
        ArtifactError: names the file and the first fault.
    """
    fault = _columns_fault(batch) or _memory_fault(batch) or _counts_fault(batch, n_words)
    if fault:
        raise ArtifactError(f"{where} is damaged: {fault}; prepare the corpus again")


def _columns_fault(batch: Any) -> str | None:
    for name in layout.REQUIRED:
        if name not in batch.schema.names:
            return f'it has no column "{name}"'
    for field in batch.schema:
        expected = layout.TYPES.get(field.name)
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
        part = ids[start:stop]
        if part.min() < 0 or part.max() >= n_words:
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
