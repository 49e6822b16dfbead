"""Bags of words as CSR arrays: what every layer of tenor passes on, in NumPy only.

Document d holds the words ``words[offsets[d]:offsets[d + 1]]``, ascending and without
repeats, and each of them ``counts[...]`` times (at least once). A slice of a bag is a view
of the same memory; :meth:`BagOfWords.take` copies just the documents asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.errors import InputError

Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class BagOfWords:
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
    def shape(self) -> tuple[int, int]:
        """(D, V)."""
        return len(self), self.n_words

    @property
    def nnz(self) -> int:
        """How many (document, word) pairs are held."""
        return int(self.offsets[-1] - self.offsets[0])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(D,) the number of tokens N_d = Σ_v x_dv of every document."""
        return self._sum_by_document(self.counts)

    @property
    def distinct(self) -> NDArray[np.int64]:
        """(D,) the number of distinct words of every document."""
        return np.diff(self.offsets).astype(np.int64)

    @property
    def document_frequency(self) -> NDArray[np.int64]:
        """(V,) in how many documents each word occurs."""
        return np.bincount(self._own(self.words), minlength=self.n_words).astype(np.int64)

    @property
    def word_frequency(self) -> NDArray[np.int64]:
        """(V,) how often each word occurs in all."""
        words, counts = self._own(self.words), self._own(self.counts)
        # Float64 weights hold whole numbers exactly up to 2**53.
        return np.bincount(words, weights=counts, minlength=self.n_words).astype(np.int64)

    def __getitem__(self, documents: slice) -> BagOfWords:
        """A run of neighbouring documents, as a view."""
        start, stop, step = documents.indices(len(self))
        if step != 1:
            raise InputError("a bag of words is sliced with step 1; use take(rows) for other rows")
        stop = max(start, stop)
        offsets = self.offsets[start : stop + 1]
        return BagOfWords(offsets, self.words, self.counts, self.n_words).compact()

    def compact(self) -> BagOfWords:
        """The same documents with offsets counted from 0; words and counts stay views."""
        first, last = int(self.offsets[0]), int(self.offsets[-1])
        offsets = self.offsets if first == 0 else self.offsets - first
        return BagOfWords(offsets, self.words[first:last], self.counts[first:last], self.n_words)

    def take(self, rows: Integers) -> BagOfWords:
        """The documents ``rows``, in that order, copied."""
        starts = self.offsets[:-1][rows].astype(np.int64)
        sizes = (self.offsets[1:][rows] - starts).astype(np.int64)
        offsets = np.zeros(len(sizes) + 1, dtype=np.int64)
        np.cumsum(sizes, out=offsets[1:])
        places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], sizes)
        return BagOfWords(offsets, self.words[places], self.counts[places], self.n_words)

    def presence(self) -> BagOfWords:
        """x replaced by min(x, 1)."""
        return BagOfWords(self.offsets, self.words, np.ones_like(self.counts), self.n_words)

    def blocks(self, size: int) -> Iterator[BagOfWords]:
        """Neighbouring runs of at most ``size`` documents, as views."""
        for start in range(0, len(self), size):
            yield self[start : start + size]

    def _own(self, values: Integers) -> Integers:
        return values[int(self.offsets[0]) : int(self.offsets[-1])]

    def _sum_by_document(self, values: Integers) -> NDArray[np.int64]:
        running = np.zeros(self.nnz + 1, dtype=np.int64)
        np.cumsum(self._own(values), out=running[1:])
        sums: NDArray[np.int64] = np.diff(running[self.offsets - self.offsets[0]])
        return sums


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
