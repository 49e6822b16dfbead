"""Documents with their vectors, wherever they are kept: in memory after a fit, on disk later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor.errors import InputError

BATCH = 4096


class DocumentCollection(Protocol):
    """D documents in a fixed order; the id is the key."""

    @property
    def ids(self) -> list[str]:
        """D unique names."""

    @property
    def labels(self) -> list[str | None]:
        """D labels, None where there is none."""

    @property
    def vectors(self) -> NDArray[np.float32]:
        """(D, K)."""

    def __len__(self) -> int: ...

    def row(self, name: str) -> int:
        """The row of an id."""

    def texts(self, rows: Sequence[int]) -> list[str | None]:
        """The texts of these rows, None where they were not kept."""


@dataclass(frozen=True, eq=False)
class HeldDocuments:
    """Documents in memory.

    Attributes:
        ids: D unique names.
        vectors: (D, K) float32.
        labels: D labels, None where there is none.
        all_texts: D texts, or None when they were not kept.
    """

    ids: list[str]
    vectors: NDArray[np.float32]
    labels: list[str | None]
    all_texts: list[str] | None

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.ids)}

    def row(self, name: str) -> int:
        """The row of an id.

        Raises:
            InputError: when it is not there; names near ones.
        """
        if name not in self._rows:
            raise unknown_id(name, self.ids)
        return self._rows[name]

    def texts(self, rows: Sequence[int]) -> list[str | None]:
        """The texts of these rows."""
        return [None if self.all_texts is None else self.all_texts[row] for row in rows]


def unknown_id(name: str, ids: list[str]) -> InputError:
    """One line that names ids near the one asked for."""
    near = get_close_matches(str(name), ids[:50_000], n=3)  # difflib is slow
    hint = f"; near ones are {', '.join(near)}" if near else ""
    return InputError(f"there is no document {name!r} among {len(ids):,}{hint}")


def record_batches(documents: DocumentCollection) -> Iterator[pa.RecordBatch]:
    """The documents as Arrow batches with the columns id, label, text and vector."""
    vectors = np.ascontiguousarray(documents.vectors, dtype=np.float32)
    for start in range(0, len(documents), BATCH):
        rows = range(start, min(start + BATCH, len(documents)))
        block = pa.array(vectors[rows.start : rows.stop].ravel())
        yield pa.RecordBatch.from_pydict(
            {
                "id": pa.array(documents.ids[rows.start : rows.stop], pa.string()),
                "label": pa.array(documents.labels[rows.start : rows.stop], pa.string()),
                "text": pa.array(documents.texts(rows), pa.string()),
                "vector": pa.FixedSizeListArray.from_arrays(block, vectors.shape[1]),
            }
        )
