"""Documents with their vectors, wherever they are kept: in a corpus after a fit, on disk later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor.errors import InputError

BATCH = 4096


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

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The documents as Arrow batches with the columns id, label, text and vector."""


def unknown_id(name: str, ids: Sequence[str]) -> InputError:
    """One line that names ids near the one asked for."""
    near = get_close_matches(str(name), ids[:50_000], n=3)  # difflib is slow
    hint = f"; near ones are {', '.join(near)}" if near else ""
    return InputError(f"there is no document {name!r} among {len(ids):,}{hint}")


def batch_of(ids: Any, labels: Any, texts: Any, vectors: NDArray[np.float32]) -> pa.RecordBatch:
    """Documents as an Arrow batch with the columns id, label, text and vector.

    Args:
        ids, labels, texts: Arrow arrays of strings or lists; labels and texts may hold None.
        vectors: (n, K).
    """
    flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).ravel())
    return pa.RecordBatch.from_pydict(
        {
            "id": _strings(ids),
            "label": _strings(labels),
            "text": _strings(texts),
            "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
        }
    )


def _strings(values: Any) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values, pa.string())
