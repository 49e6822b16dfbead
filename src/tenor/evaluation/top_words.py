"""Topics as lists of words, checked, and the documents that hold those words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.amounts import amount
from tenor.bow import BagOfWords
from tenor.errors import InputError

Topics = Sequence[Sequence[int]]
"""Word ids of each topic, the best first."""


def top_words(
    topics: Topics, top: int, n_words: int | None = None, least: int = 1
) -> list[NDArray[np.int64]]:
    """The first ``top`` word ids of each topic, fewer where a topic has no more.

    Args:
        topics: word ids of each topic, the best first.
        top: how many are taken.
        n_words: V, the size of the vocabulary; None does not check it.
        least: words that a topic needs.

    Raises:
        InputError: for no topics, a topic of fewer than ``least`` words, a repeated word, or an
            id outside the vocabulary.
    """
    if len(topics) == 0:
        raise InputError("there are no topics to score")
    chosen = []
    for number, topic in enumerate(topics):
        words = np.asarray(topic[:top])
        if len(words) < least:
            raise InputError(
                f"topic {number} has {amount(len(words), 'word')}; it needs at least {least}"
            )
        if words.ndim != 1 or words.dtype.kind not in "iu":
            raise InputError(f"topic {number} must be a list of word ids (whole numbers)")
        if len(np.unique(words)) < len(words):
            raise InputError(f"topic {number} holds a word twice")
        if words.min() < 0 or (n_words is not None and words.max() >= n_words):
            limit = "" if n_words is None else f", which has {amount(n_words, 'word')}"
            raise InputError(f"topic {number} holds an id outside the vocabulary{limit}")
        chosen.append(words.astype(np.int64))
    return chosen


def occurrences(documents: BagOfWords, words: NDArray[np.int64]) -> Any:
    """(D, len(words)) sparse by column, int64: 1 where the document holds the word."""
    from scipy.sparse import csc_array

    bag = documents.compact()
    column = np.full(bag.n_words, -1, dtype=np.int64)
    column[words] = np.arange(len(words))
    columns = column[bag.words]
    places = np.flatnonzero(columns >= 0)
    rows = np.searchsorted(bag.offsets, places, side="right") - 1
    ones = np.ones(len(places), dtype=np.int64)
    return csc_array((ones, (rows, columns[places])), shape=(len(bag), len(words)))
