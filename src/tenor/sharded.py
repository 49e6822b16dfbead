"""Documents in several bags read as one, without joining them: a corpus that fits no memory.

The bags are views of mapped files; beside them only row numbers are held, and only where some
of the documents were selected. A selection is how training and held-out documents are told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords, DocumentCounts, Integers, concatenate
from tenor.errors import InputError

_BLOCK = 1 << 11  # documents of a selection counted together


@final
@dataclass(frozen=True, eq=False)
class ShardedBag(DocumentCounts):
    """D documents over one vocabulary in one or more bags, or some of these documents."""

    shards: tuple[BagOfWords, ...]  # over the same words, one or more
    rows: Integers | None = None  # (D,) documents counted through all shards, in order; None: all

    def __post_init__(self) -> None:
        if len({shard.n_words for shard in self.shards}) != 1:
            raise InputError("only bags over one vocabulary can be read as one")
        object.__setattr__(self, "n_words", self.shards[0].n_words)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """(shards + 1,) where each shard begins among all documents."""
        return np.cumsum([0, *map(len, self.shards)])

    def __len__(self) -> int:
        return int(self._starts[-1]) if self.rows is None else len(self.rows)

    @property
    def nnz(self) -> int:
        if self.rows is None:
            return sum(shard.nnz for shard in self.shards)
        return int(self.distinct.sum())

    @property
    def lengths(self) -> NDArray[np.int64]:
        return self._chosen([shard.lengths for shard in self.shards])

    @property
    def distinct(self) -> NDArray[np.int64]:
        return self._chosen([shard.distinct for shard in self.shards])

    def _run(self, start: int, stop: int) -> BagOfWords:
        if self.rows is not None:
            return self.take(np.arange(start, stop))
        parts = [
            shard[max(start - first, 0) : max(stop - first, 0)]
            for shard, first in zip(self.shards, self._starts.tolist(), strict=False)
            if first < stop and start < first + len(shard)
        ]
        return concatenate(parts) if parts else self.shards[0][0:0]

    def take(self, rows: Integers) -> BagOfWords:
        rows = np.asarray(rows)
        if self.rows is not None:
            rows = self.rows[rows]
        elif len(rows) and not -len(self) <= rows.min() <= rows.max() < len(self):
            raise IndexError(f"a row is not one of {len(self)} documents")
        elif len(rows) and rows.min() < 0:
            rows = np.where(rows < 0, rows + len(self), rows)
        if len(self.shards) == 1:
            return self.shards[0].take(rows)
        return self._gathered(rows)

    def _gathered(self, rows: Integers) -> BagOfWords:
        """The documents of these rows: read shard by shard, each put in its place."""
        shard_of = np.searchsorted(self._starts[1:], rows, side="right")
        by_shard = np.argsort(shard_of, kind="stable")
        edges = [0, *np.cumsum(np.bincount(shard_of, minlength=len(self.shards))).tolist()]
        local = (rows - self._starts[shard_of])[by_shard]
        begins, ends = np.empty((2, len(rows)), dtype=np.int64)
        for shard, first, last in zip(self.shards, edges, edges[1:], strict=False):
            if first < last:
                own = local[first:last]
                begins[first:last] = shard.offsets[own]
                ends[first:last] = shard.offsets[own + 1]
        sizes = ends - begins
        running, offsets = np.zeros((2, len(rows) + 1), dtype=np.int64)
        np.cumsum(sizes, out=running[1:])
        offsets[1:][by_shard] = sizes
        np.cumsum(offsets, out=offsets)
        within = np.arange(running[-1])
        source = within + np.repeat(begins - running[:-1], sizes)
        target = within + np.repeat(offsets[:-1][by_shard] - running[:-1], sizes)
        words = np.empty(len(within), dtype=self.shards[0].words.dtype)
        counts = np.empty(len(within), dtype=self.shards[0].counts.dtype)
        edges = running[edges].tolist()
        for shard, first, last in zip(self.shards, edges, edges[1:], strict=False):
            if first < last:
                places, own = target[first:last], source[first:last]
                words[places] = shard.words[own]
                counts[places] = shard.counts[own]
        return BagOfWords(offsets, words, counts, self.n_words)

    def parts(self) -> Iterator[BagOfWords]:
        if self.rows is not None:
            yield from self.blocks(_BLOCK)
        else:
            for shard in self.shards:
                yield from shard.parts()

    def presence(self) -> ShardedBag:
        return ShardedBag(tuple(shard.presence() for shard in self.shards), self.rows)

    def joined(self) -> BagOfWords:
        return self[:] if self.rows is not None else concatenate(list(self.shards))

    def _chosen(self, by_shard: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        values = np.concatenate(by_shard)
        return values if self.rows is None else values[self.rows]


def selection(bag: DocumentCounts, rows: Integers) -> ShardedBag:
    """The documents ``rows`` of a bag, in that order, without a copy.

    Row numbers are kept in 32 bits where they fit, so a selection costs 4 bytes a document.
    """
    small = np.int32 if len(bag) < 2**31 else np.int64
    rows = np.asarray(rows).astype(small)
    if isinstance(bag, ShardedBag):
        return ShardedBag(bag.shards, rows if bag.rows is None else bag.rows[rows])
    return ShardedBag((bag.joined(),), rows)
