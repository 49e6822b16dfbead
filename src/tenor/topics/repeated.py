"""Documents with the very same words as often: found by a number a document."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords


def repeated_texts(
    bag: BagOfWords, owners: NDArray[np.int64], n_topics: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n_topics,) the most documents of each topic that are equal, and (n_topics,) its documents.

    Args:
        bag: D documents, each with a word.
        owners: (D,) the topic of each, from 0.
        n_topics: how many topics there are.
    """
    pairs = np.column_stack([owners.astype(np.uint64), row_numbers(bag)])
    unique, counts = np.unique(pairs, axis=0, return_counts=True)
    largest = np.zeros(n_topics, dtype=np.int64)
    np.maximum.at(largest, unique[:, 0].astype(np.intp), counts)
    return largest, np.bincount(owners, minlength=n_topics).astype(np.int64)


def row_numbers(bag: BagOfWords) -> NDArray[np.uint64]:
    """(D,) Σ_v x_dv a_v modulo 2⁶⁴ with a_v drawn at random: equal for equal documents.

    Two different documents get the same number with a probability of 2⁻⁶⁴ times the largest
    power of two that divides all differences of their counts: never, in practice.
    """
    bag = bag.compact()
    drawn = np.random.default_rng(0).integers(0, 2**64, bag.n_words, dtype=np.uint64)
    running = np.zeros(bag.nnz + 1, dtype=np.uint64)
    np.cumsum(drawn[bag.words] * bag.counts.astype(np.uint64), out=running[1:])
    return running[bag.offsets[1:]] - running[bag.offsets[:-1]]
