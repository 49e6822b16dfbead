"""Counting words in three pure steps: count each shard, merge, encode each shard.

    shards = [count(texts, tokenizer) for texts in …]   # every text is tokenised once
    vocabulary = rule.vocabulary(merge(shards))
    bags = [encode(shard, vocabulary) for shard in shards]

No step sees another's input and none has state, so shards may be counted in any process, and a
native engine may take the place of one step or all. A counted shard keeps its documents over
the words of its own, in 8 bytes per document and distinct word: memory grows with the text,
never with documents × vocabulary.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

_REFUSED = -1
_ID_BITS = 32
_ID_MASK = (1 << _ID_BITS) - 1
_SORTED_AT_ONCE = 1 << 22  # values; bounds what sorting needs beside the result


@dataclass(frozen=True, eq=False)
class CountedShard:
    """Documents counted over the words they brought themselves, in order of appearance.

    Attributes:
        words: the shard's words; their places are its local ids.
        offsets: (D + 1,) int64; where each document begins and ends.
        ids: (nnz,) int32 local ids, ascending and without repeats in a document.
        counts: (nnz,) int32, at least 1.
    """

    words: list[str]
    offsets: NDArray[np.int64]
    ids: NDArray[np.int32]
    counts: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, eq=False)
class WordStatistics:
    """What pruning needs to know of a whole corpus.

    Attributes:
        words: W different words, in order of appearance.
        document_frequency: (W,) int64; in how many documents each occurs.
        word_frequency: (W,) int64; how often each occurs in all.
        n_documents: D, empty documents included.
    """

    words: list[str]
    document_frequency: NDArray[np.int64]
    word_frequency: NDArray[np.int64]
    n_documents: int


def count(texts: Iterable[str], tokenizer: Tokenizer) -> CountedShard:
    """Tokenise and count the documents of one shard, reading ``texts`` once."""
    local, split = _LocalIds(tokenizer.keeps), tokenizer.split
    tokens, ends = array("i"), array("q", [0])
    for text in texts:
        tokens.extend(map(local.__getitem__, split(text)))
        ends.append(len(tokens))
    return CountedShard(local.words, *_tally(np.asarray(tokens), np.asarray(ends)))


def merge(shards: Iterable[CountedShard]) -> WordStatistics:
    """The statistics of all shards together."""
    index: dict[str, int] = {}
    documents = occurrences = np.zeros(0, dtype=np.int64)
    n_documents = 0
    for shard in shards:
        places = np.fromiter(
            (index.setdefault(word, len(index)) for word in shard.words), np.int64, len(shard.words)
        )
        documents, occurrences = _grown(documents, len(index)), _grown(occurrences, len(index))
        documents[places] += np.bincount(shard.ids, minlength=len(places))
        np.add.at(occurrences, places[shard.ids], shard.counts)
        n_documents += len(shard)
    return WordStatistics(list(index), documents, occurrences, n_documents)


def encode(shard: CountedShard, vocabulary: Vocabulary) -> BagOfWords:
    """The shard's documents over ``vocabulary``: every row stays, unknown words fall away."""
    index = vocabulary.index
    known = np.fromiter(
        (index.get(word, _REFUSED) for word in shard.words), np.int32, len(shard.words)
    )
    if not len(known):
        return BagOfWords(shard.offsets, shard.ids, shard.counts, len(vocabulary))
    ids = known[shard.ids]
    offsets, ids, counts = _select(ids != _REFUSED, shard.offsets, ids, shard.counts)
    _sort_rows(offsets, ids, counts, len(vocabulary))
    return BagOfWords(offsets, ids, counts, len(vocabulary))


class _LocalIds(dict[str, int]):
    """Token to local id, growing; a token that does not count as a word is judged only once."""

    def __init__(self, keeps: Callable[[str], bool]) -> None:
        super().__init__()
        self.words: list[str] = []
        self._keeps = keeps

    def __missing__(self, token: str) -> int:
        if self._keeps(token):
            self[token] = len(self.words)
            self.words.append(token)
        else:
            self[token] = _REFUSED
        return self[token]


def _tally(
    tokens: NDArray[np.int32], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Offsets, ids and counts of documents given token by token; refused tokens fall away."""
    documents = len(offsets) - 1
    keys = np.repeat(np.arange(documents, dtype=np.int64) << _ID_BITS, np.diff(offsets))
    keys |= tokens
    keys = keys[tokens != _REFUSED]
    keys.sort()
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    counts = np.diff(first, append=len(keys)).astype(np.int32)
    keys = keys[first]
    sizes = np.bincount(keys >> _ID_BITS, minlength=documents)
    ids = (keys & _ID_MASK).astype(np.int32)
    return np.concatenate([[0], np.cumsum(sizes)]), ids, counts


def _select(
    kept: NDArray[np.bool_],
    offsets: NDArray[np.int64],
    ids: NDArray[np.int32],
    counts: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """The entries that are kept; always a copy."""
    before = np.zeros(len(kept) + 1, dtype=np.int64)
    np.cumsum(kept, out=before[1:])
    return before[offsets], ids[kept], counts[kept]


def _sort_rows(
    offsets: NDArray[np.int64], ids: NDArray[np.int32], counts: NDArray[np.int32], n_words: int
) -> None:
    """Sort each document's words in place, some millions of values at a time."""
    first = 0
    while first < len(offsets) - 1:
        last = int(np.searchsorted(offsets, offsets[first] + _SORTED_AT_ONCE, side="right")) - 1
        last = max(last, first + 1)  # a document longer than that is sorted whole
        part = slice(int(offsets[first]), int(offsets[last]))
        document = np.repeat(np.arange(last - first), np.diff(offsets[first : last + 1]))
        order = np.argsort(document * n_words + ids[part])
        ids[part], counts[part] = ids[part][order], counts[part][order]
        first = last


def _grown(values: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    result = np.zeros(size, dtype=np.int64)
    result[: len(values)] = values
    return result
