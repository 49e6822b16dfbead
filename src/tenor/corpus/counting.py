"""Counting words in three pure steps: count each shard, merge, encode each shard.

    shards = [count(texts, tokenizer) for texts in …]   # every text is tokenised once
    vocabulary = rule.vocabulary(merge(shards))
    bags = [encode(shard, vocabulary) for shard in shards]

No step sees another's input and none has state, so shards may be counted in any thread, in any
order. A counted shard keeps its documents over the words of its own, in 8 bytes per document and
distinct word: memory grows with the text, never with documents × vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenor.bow import BagOfWords, concatenate
from tenor.corpus.placement import Ends, Placement, placement_of
from tenor.errors import InputError
from tenor.text.decoding import is_storable
from tenor.text.interning import Tokens, intern
from tenor.text.scanning import scan
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, WordStatistics

BLOCK = 1 << 20  # bytes scanned together: what is made of them stays in the cache
_SORTED_AT_ONCE = 1 << 22  # values; bounds what sorting needs beside the result
_REFUSED = -1


@dataclass(frozen=True, eq=False)
class CountedShard:
    """Documents counted over the words they brought themselves.

    Attributes:
        words: the shard's W words, an Arrow string array in alphabetical (code point) order;
            their places are its local ids.
        bag: the documents over the local ids.
        word_frequency: (W,) int64; how often each word occurs.
        placement: where the words stand in these documents.
    """

    words: Any
    bag: BagOfWords
    word_frequency: NDArray[np.int64]
    placement: Placement

    def __len__(self) -> int:
        return len(self.bag)


def count(texts: Any, tokenizer: Tokenizer) -> CountedShard:
    """Tokenise and count the documents of one shard.

    Args:
        texts: an Arrow string array without nulls, or any iterable of str, read once.
        tokenizer: a tokenizer function is called text by text, which is the slow path; so is a
            class of tokenizers made elsewhere, whose methods may say anything.
    """
    if not is_native(tokenizer):
        texts = texts.to_pylist() if isinstance(texts, pa.Array) else texts
        return _counted(*_token_by_token(texts, tokenizer))
    if not isinstance(texts, pa.Array):
        texts = pa.array(list(texts), pa.string())
    letters_only = tokenizer.pattern == "a-z"
    scanned = [scan(block, letters_only, tokenizer.lowercase) for block in _blocks(texts)]
    return _counted(*intern(scanned, tokenizer))


def is_native(tokenizer: Tokenizer) -> bool:
    """Whether texts are tokenised column-wise, without a Python call for each."""
    return type(tokenizer) is Tokenizer and tokenizer.function_name is None


def statistics(shard: CountedShard) -> WordStatistics:
    """The statistics of one shard."""
    document_frequency = shard.bag.document_frequency
    return WordStatistics(shard.words, document_frequency, shard.word_frequency, len(shard))


def merge(shards: Iterable[CountedShard]) -> WordStatistics:
    """The statistics of all shards together."""
    return merged([statistics(shard) for shard in shards])


def merged(parts: Sequence[WordStatistics]) -> WordStatistics:
    """The statistics of all parts together."""
    n_documents = sum(part.n_documents for part in parts)
    table = pa.table(
        {
            "word": pa.chunked_array([part.words for part in parts], pa.string()),
            "df": pa.chunked_array([pa.array(part.document_frequency) for part in parts]),
            "cf": pa.chunked_array([pa.array(part.word_frequency) for part in parts]),
        }
    )
    if len(parts) > 1:
        sums = [("df", "sum"), ("cf", "sum")]
        table = table.group_by("word", use_threads=False).aggregate(sums)
        table = table.rename_columns(["word", "df", "cf"])
    return WordStatistics(
        pa.concat_arrays(table.column("word").chunks or [pa.array([], pa.string())]),
        table.column("df").to_numpy(),
        table.column("cf").to_numpy(),
        n_documents,
    )


def encode(shard: CountedShard, vocabulary: Vocabulary) -> BagOfWords:
    """The shard's documents over ``vocabulary``: every row stays, unknown words fall away."""
    bag, n_words = shard.bag, len(vocabulary)
    if not len(shard.words):
        return BagOfWords(bag.offsets, bag.words, bag.counts, n_words)
    places = pc.index_in(shard.words, value_set=vocabulary.arrow)
    known = places.fill_null(_REFUSED).to_numpy()
    ids = known[bag.words]
    offsets, ids, counts = _select(ids != _REFUSED, bag.offsets, ids, bag.counts)
    there = known[known != _REFUSED]
    if not bool((there[1:] > there[:-1]).all()):  # else the order is the local one
        _sort_rows(offsets, ids, counts, n_words)
    return BagOfWords(offsets, ids, counts, n_words)


def _blocks(texts: Any) -> Iterable[Any]:
    """Runs of whole texts, each about a block long."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    start = 0
    while start < len(texts):
        stop = int(np.searchsorted(offsets, int(offsets[start]) + BLOCK))
        stop = min(max(stop, start + 1), len(texts))
        yield texts.slice(start, stop - start)
        start = stop


def _token_by_token(texts: Iterable[str], tokenizer: Tokenizer) -> tuple[Any, list[Tokens]]:
    """As :func:`intern`, in plain Python; a token is judged once."""
    index: dict[str, int] = {}
    ids: list[int] = []
    sizes: list[int] = []
    for text in texts:
        before = len(ids)
        ids.extend(index.setdefault(token, len(index)) for token in tokenizer.split(text))
        sizes.append(len(ids) - before)
    kept = sorted(token for token in index if tokenizer.keeps(token))
    for word in kept:
        if not is_storable(word):
            raise InputError(f"the tokenizer returned half a surrogate pair, in {word!r}")
    new = np.full(len(index), len(kept), dtype=np.int32)
    new[[index[word] for word in kept]] = np.arange(len(kept))
    documents = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    tokens = Tokens.kept(len(sizes), documents, new[np.array(ids, dtype=np.int64)], len(kept))
    return pa.array(kept, pa.string()), [tokens]


def _counted(words: Any, blocks: Iterable[Tokens]) -> CountedShard:
    bags, ends = [], []
    for tokens in blocks:
        bags.append(_tally(tokens, len(words)))
        ends.append(Ends.of(tokens))
    if not bags:
        none = np.zeros(0, dtype=np.int32)
        bags = [BagOfWords(np.zeros(1, dtype=np.int64), none, none, len(words))]
    bag = concatenate(bags)
    frequency = bag.word_frequency
    return CountedShard(words, bag, frequency, placement_of(ends, frequency))


def _tally(tokens: Tokens, n_words: int) -> BagOfWords:
    """Count equal tokens of a document."""
    bits = n_words.bit_length()
    narrow = tokens.n_documents < 1 << (32 - bits)
    kind = np.dtype(np.uint32 if narrow else np.int64)
    keys = tokens.documents.astype(kind)
    keys <<= kind.type(bits)
    keys |= tokens.ids.astype(kind)
    keys.sort()
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    first = np.flatnonzero(new)
    counts = np.diff(first, append=len(keys)).astype(np.int32)
    keys = keys[first]
    ids = (keys & kind.type((1 << bits) - 1)).astype(np.int32)
    beginnings = np.arange(tokens.n_documents + 1, dtype=kind) << kind.type(bits)
    offsets = np.searchsorted(keys, beginnings)
    return BagOfWords(offsets, ids, counts, n_words)


def _select(
    kept: NDArray[np.bool_],
    offsets: NDArray[Any],
    ids: NDArray[Any],
    counts: NDArray[Any],
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
