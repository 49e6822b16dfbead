"""Documents with their vectors, wherever they are kept: in a corpus after a fit, on disk later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.checks import brief
from tenor.errors import InputError

BATCH = 4096


@dataclass(frozen=True, eq=False)
class CountedDocuments:
    """Documents with their counts and (n, K) vectors, held in memory.

    ``rows`` (n,) are their places in the collection they are from, ascending, which has
    ``n_documents``: more than n where they were drawn from it.
    """

    rows: NDArray[np.int64]
    bag: BagOfWords
    vectors: NDArray[np.float32]
    n_documents: int


class DocumentCollection(Protocol):
    """D documents in a fixed order; the id is the key."""

    @property
    def ids(self) -> Sequence[str]:
        """D unique names."""

    @property
    def labels(self) -> Sequence[str | None]:
        """D labels, None where there is none."""

    @property
    def vectors(self) -> NDArray[np.float32]:
        """(D, K)."""

    def __len__(self) -> int: ...

    def row(self, name: str) -> int:
        """The row of an id."""

    def texts(self, rows: Sequence[int]) -> list[str | None]:
        """The texts of these rows, None where they were not kept."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what was kept of the documents beside these."""

    def column(self, name: str) -> pa.ChunkedArray:
        """A kept column: D values."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Arrow batches: id, label, text, vector, counts where there are any, kept columns."""

    @property
    def wordless(self) -> NDArray[np.bool_] | None:
        """(D,) which have no word of the vocabulary; None without counts."""

    def counted(self, n_words: int, limit: int) -> CountedDocuments | None:
        """All documents with their counts, or ``limit`` drawn at random; None without counts."""


def drawn_rows(n_documents: int, limit: int, seed: int = 0) -> NDArray[np.int64]:
    """All rows, or ``limit`` of them drawn at random; ascending."""
    if n_documents <= limit:
        return np.arange(n_documents)
    drawn = np.random.default_rng(seed).choice(n_documents, limit, replace=False)
    return np.sort(drawn).astype(np.int64)


def unknown_id(name: str, ids: Sequence[str]) -> InputError:
    """One line that names ids near the one asked for."""
    near = get_close_matches(str(name), ids[:50_000], n=3)  # difflib is slow
    hint = f"; near ones are {', '.join(near)}" if near else ""
    return InputError(f"there is no document {brief(name)!r} among {len(ids):,}{hint}")


def batch_of(
    ids: Any,
    labels: Any,
    texts: Any,
    vectors: NDArray[np.float32],
    bag: BagOfWords | None = None,
    kept: Mapping[str, Any] | None = None,
) -> pa.RecordBatch:
    """Documents as an Arrow batch: id, label, text, vector and, of a bag, words and counts.

    Strings are Arrow arrays or lists, labels and texts may be None; ``kept`` are further Arrow
    arrays by name.
    """
    strings = {"id": ids, "label": labels, "text": texts}
    columns = {
        name: values if isinstance(values, pa.Array) else pa.array(values, pa.string())
        for name, values in strings.items()
    }
    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    if bag is not None:
        bag = bag.compact()
        offsets = pa.array(bag.offsets.astype(np.int32))
        for name, values in (("words", bag.words), ("counts", bag.counts)):
            flat = pa.array(np.ascontiguousarray(values, dtype=np.int32))
            columns[name] = pa.ListArray.from_arrays(offsets, flat)
    return pa.RecordBatch.from_pydict(columns | dict(kept or {}))


def bag_of(batch: pa.RecordBatch, n_words: int) -> BagOfWords:
    """The counts of a batch that :func:`batch_of` made with a bag."""
    words, counts = batch.column("words"), batch.column("counts")
    # Arrow's own way to NumPy imports pandas where it is installed.
    offsets = np.from_dlpack(words.offsets).astype(np.int64)
    ids = np.from_dlpack(words.flatten()).astype(np.int32, copy=False)
    often = np.from_dlpack(counts.flatten()).astype(np.int32, copy=False)
    return BagOfWords(offsets - offsets[0], ids, often, n_words)
