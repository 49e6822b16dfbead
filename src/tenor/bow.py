"""Bags of words as CSR arrays: what every layer of tenor passes on, in NumPy only.

Document d holds the words ``words[offsets[d]:offsets[d + 1]]``, ascending and without
repeats, and each of them ``counts[...]`` times (at least once). A slice of a bag is a view
of the same memory; :meth:`BagOfWords.take` copies just the documents asked for. Arrays may be
read-only views of a mapped file, so nothing here makes a copy of them all: what is counted
over a whole bag is counted a few million values at a time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor.errors import InputError

Integers = NDArray[np.integer[Any]]
AT_ONCE = 1 << 20  # values looked at together


class DocumentCounts(ABC):
    """D documents over V words, however they are kept.

    Either a :class:`BagOfWords` or a :class:`tenor.sharded.ShardedBag`.

    Attributes:
        n_words: V, the size of the vocabulary.
    """

    n_words: int

    @property
    def shape(self) -> tuple[int, int]:
        """(D, V)."""
        return len(self), self.n_words

    @property
    @abstractmethod
    def nnz(self) -> int:
        """How many (document, word) pairs there are."""

    @property
    @abstractmethod
    def lengths(self) -> NDArray[np.int64]:
        """(D,) the number of tokens N_d = Σ_v x_dv of every document."""

    @property
    @abstractmethod
    def distinct(self) -> NDArray[np.int64]:
        """(D,) the number of distinct words of every document."""

    @property
    def document_frequency(self) -> NDArray[np.int64]:
        """(V,) in how many documents each word occurs."""
        found = np.zeros(self.n_words, dtype=np.int64)
        for part in self.parts():
            found += np.bincount(part.words, minlength=self.n_words)
        return found

    @property
    def word_frequency(self) -> NDArray[np.int64]:
        """(V,) how often each word occurs in all."""
        found = np.zeros(self.n_words, dtype=np.int64)
        for part in self.parts():
            # Float64 weights hold whole numbers exactly up to 2**53.
            sums = np.bincount(part.words, weights=part.counts, minlength=self.n_words)
            found += sums.astype(np.int64)
        return found

    @abstractmethod
    def __len__(self) -> int: ...

    def __getitem__(self, documents: slice) -> BagOfWords:
        """A run of neighbouring documents; a view wherever they lie together."""
        start, stop, step = documents.indices(len(self))
        if step != 1:
            raise InputError("a bag of words is sliced with step 1; use take(rows) for other rows")
        return self._run(start, max(start, stop))

    @abstractmethod
    def _run(self, start: int, stop: int) -> BagOfWords:
        """Documents ``start`` to ``stop``, both in [0, D]."""

    @abstractmethod
    def take(self, rows: Integers) -> BagOfWords:
        """The documents ``rows``, in that order, copied."""

    def blocks(self, size: int) -> Iterator[BagOfWords]:
        """Neighbouring runs of at most ``size`` documents."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    @abstractmethod
    def parts(self) -> Iterator[BagOfWords]:
        """Neighbouring runs that are small whatever the documents, for counting over them all."""

    @abstractmethod
    def presence(self) -> DocumentCounts:
        """x replaced by min(x, 1)."""

    @abstractmethod
    def joined(self) -> BagOfWords:
        """All documents in one bag: itself, or a copy of everything."""


@final
@dataclass(frozen=True, eq=False)
class BagOfWords(DocumentCounts):
    """D documents over a vocabulary of ``n_words`` words, as CSR.

    Attributes:
        offsets: (D + 1,) integers; where each document begins and ends.
        words: (nnz,) integers in [0, n_words).
        counts: (nnz,) integers, at least 1.
        n_words: V, the size of the vocabulary.
    """

    offsets: Integers
    words: Integers
    counts: Integers
    n_words: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def nnz(self) -> int:
        return int(self.offsets[-1] - self.offsets[0])

    @property
    def lengths(self) -> NDArray[np.int64]:
        lengths = np.empty(len(self), dtype=np.int64)
        first = 0
        for part in self.parts():
            running = np.zeros(part.nnz + 1, dtype=np.int64)
            np.cumsum(part.counts, out=running[1:])
            lengths[first : first + len(part)] = np.diff(running[part.offsets])
            first += len(part)
        return lengths

    @property
    def distinct(self) -> NDArray[np.int64]:
        return np.diff(self.offsets).astype(np.int64)

    def _run(self, start: int, stop: int) -> BagOfWords:
        offsets = self.offsets[start : stop + 1]
        return BagOfWords(offsets, self.words, self.counts, self.n_words).compact()

    def compact(self) -> BagOfWords:
        """The same documents with offsets counted from 0; words and counts stay views."""
        first, last = int(self.offsets[0]), int(self.offsets[-1])
        offsets = self.offsets if first == 0 else self.offsets - first
        return BagOfWords(offsets, self.words[first:last], self.counts[first:last], self.n_words)

    def take(self, rows: Integers) -> BagOfWords:
        starts = self.offsets[:-1][rows].astype(np.int64)
        sizes = (self.offsets[1:][rows] - starts).astype(np.int64)
        offsets = np.zeros(len(sizes) + 1, dtype=np.int64)
        np.cumsum(sizes, out=offsets[1:])
        places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], sizes)
        return BagOfWords(offsets, self.words[places], self.counts[places], self.n_words)

    def with_counts(self, counts: Integers) -> BagOfWords:
        """This compact bag with other counts (nnz,); words that have none now are left out."""
        kept = counts > 0
        running = np.zeros(self.nnz + 1, dtype=np.int64)
        np.cumsum(kept, out=running[1:])
        return BagOfWords(running[self.offsets], self.words[kept], counts[kept], self.n_words)

    def presence(self) -> BagOfWords:
        one = np.ones((), dtype=self.counts.dtype)  # one number in memory, seen everywhere
        ones = np.broadcast_to(one, self.counts.shape)
        return BagOfWords(self.offsets, self.words, ones, self.n_words)

    def joined(self) -> BagOfWords:
        return self

    def parts(self) -> Iterator[BagOfWords]:
        first = 0  # views of about AT_ONCE values, or of one document
        while first < len(self):
            limit = min(int(self.offsets[first]) + AT_ONCE, int(self.offsets[-1]))
            # In the offsets' own type: another would have searchsorted copy them all.
            sought = self.offsets.dtype.type(limit)
            last = int(np.searchsorted(self.offsets, sought, side="right")) - 1
            last = max(last, first + 1)
            yield self[first:last]
            first = last


def concatenate(bags: list[BagOfWords]) -> BagOfWords:
    """Bags over one vocabulary, one after the other.

    Raises:
        InputError: when there is none, or their vocabularies differ in size.
    """
    if len({bag.n_words for bag in bags}) != 1:
        raise InputError("only bags over one vocabulary can be joined")
    bags = [bag.compact() for bag in bags]
    if len(bags) == 1:
        return bags[0]
    sizes = np.concatenate([np.diff(bag.offsets) for bag in bags])
    offsets = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return BagOfWords(
        offsets,
        np.concatenate([bag.words for bag in bags]),
        np.concatenate([bag.counts for bag in bags]),
        bags[0].n_words,
    )
