"""Documents as they flow into a network: counts, and named dense columns beside them.

Sliced, taken and selected together, so a row stays one document. Nothing is copied before a few
rows are asked for: bags and columns may be views of mapped files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor.bow import DocumentCounts, Integers
from tenor.checks import amount
from tenor.errors import InputError
from tenor.sharded import selection

Floats = NDArray[np.float32]
BLOCK = 1 << 20  # numbers looked at together


@final
@dataclass(frozen=True, eq=False)
class Column:
    """M numbers a document, in one or more arrays, or some of their rows."""

    shards: tuple[Floats, ...]  # (D_i, M), one or more
    rows: Integers | None = None  # (D,) rows counted through all shards, in order; None: all

    @classmethod
    def of(cls, name: str, arrays: Sequence[Any]) -> Column:
        """A column of arrays one after the other, looked through once.

        Raises:
            InputError: when they are no (D, M) numbers of one width, or one is not finite.
        """
        shards: list[Floats] = []
        for array in map(np.asarray, arrays):
            fits = array.ndim == 2 and array.shape[1] == (shards or [array])[0].shape[1]
            if not fits or array.dtype.kind not in "fiu":
                raise InputError(
                    f"the column {name!r} must be numbers (documents, width), "
                    f"not {array.dtype} of shape {array.shape}"
                )
            with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
                shards.append(array.astype(np.float32, copy=False))
        column = cls(tuple(shards))
        size = max(1, BLOCK // max(column.width, 1))
        for first, shard in zip(column._starts.tolist(), shards, strict=False):
            for start in range(0, len(shard), size):
                good = np.isfinite(shard[start : start + size]).all(axis=1)
                if not good.all():
                    row = first + start + int(np.argmin(good))
                    raise InputError(f"row {row} of the column {name!r} is not finite")
        return column

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """(shards + 1,) where each shard begins among all rows."""
        return np.cumsum([0, *map(len, self.shards)])

    @property
    def width(self) -> int:
        """M, the numbers a document has."""
        return int(self.shards[0].shape[1])

    def __len__(self) -> int:
        return int(self._starts[-1]) if self.rows is None else len(self.rows)

    def take(self, rows: Integers) -> Floats:
        """(n, M) the rows with these numbers from 0, in that order, copied."""
        rows = rows if self.rows is None else self.rows[rows]
        found = np.empty((len(rows), self.width), dtype=np.float32)
        shard_of = np.searchsorted(self._starts[1:], rows, side="right")
        for number in np.unique(shard_of):
            own = shard_of == number
            found[own] = self.shards[number][rows[own] - self._starts[number]]
        return found

    def joined(self) -> Floats:
        """(D, M) all rows, copied."""
        return self.take(np.arange(len(self)))

    def select(self, rows: Integers) -> Column:
        """The rows with these numbers, in that order, without a copy."""
        return Column(self.shards, rows if self.rows is None else self.rows[rows])


@final
@dataclass(frozen=True, eq=False)
class Documents:
    """D documents.

    Attributes:
        bag: their counts.
        columns: further numbers of each, by name.

    Raises:
        InputError: when a column has another number of rows.
    """

    bag: DocumentCounts
    columns: Mapping[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, column in self.columns.items():
            if len(column) != len(self.bag):
                raise InputError(
                    f"the column {name!r} has {amount(len(column), 'row')}, "
                    f"but there are {amount(len(self.bag), 'document')}"
                )

    @classmethod
    def of(cls, bag: DocumentCounts, columns: Mapping[str, Any] | None = None) -> Documents:
        """Counts, and (D, M) arrays of numbers by name.

        Raises:
            InputError: when an array does not fit the counts, or a number is not finite.
        """
        given = columns or {}
        return cls(bag, {name: Column.of(name, [array]) for name, array in given.items()})

    def __len__(self) -> int:
        return len(self.bag)

    def __getitem__(self, documents: slice) -> Documents:
        """A run of neighbouring documents, their counts a view wherever they lie together."""
        rows = np.arange(*documents.indices(len(self)))
        return Documents(self.bag[documents], self._columns(rows))

    def take(self, rows: Integers) -> Documents:
        """The documents ``rows``, in that order, their counts copied."""
        return Documents(self.bag.take(rows), self._columns(rows))

    def select(self, rows: Integers) -> Documents:
        """The documents ``rows``, in that order, without a copy."""
        return Documents(selection(self.bag, rows), self._columns(rows))

    def _columns(self, rows: Integers) -> dict[str, Column]:
        return {name: column.select(rows) for name, column in self.columns.items()}

    def blocks(self, size: int) -> Iterator[Documents]:
        """Neighbouring runs of at most ``size`` documents."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def counted_as(self, bag: DocumentCounts) -> Documents:
        """The same documents with other counts."""
        return replace(self, bag=bag)
