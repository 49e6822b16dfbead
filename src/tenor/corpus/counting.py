"""Counting words in three pure steps: count some texts, merge what was counted, encode it.

    counted = [count(texts, tokenizer) for texts in …]   # every text is tokenised once
    vocabulary = rule.vocabulary_of(merged_by_range([some.statistics for some in counted]))
    bags = [encode(some, vocabulary) for some in counted]

No step sees another's input and none has state, so texts may be counted in any thread, in any
order. They keep their documents over words of their own, in 8 bytes per document and distinct
word: memory grows with the text, never with documents × vocabulary.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Several
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenor.bow import BagOfWords, concatenate
from tenor.corpus.placement import Placement, ends_of, placement_of
from tenor.corpus.sequence import Sequence, phrases_among
from tenor.errors import InputError
from tenor.text.decoding import is_storable
from tenor.text.scanning import Tokens, intern, scan
from tenor.text.strings import offsets_of
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, WordStatistics

BLOCK = 1 << 20  # bytes scanned together: what is made of them stays in the cache
WORDS_AT_ONCE = 1 << 20  # of all that was counted together, about: a stretch of the alphabet
_EVERY = 256  # a word in so many is looked at to find where to cut
_SORTED_AT_ONCE = 1 << 22  # values; bounds what sorting needs beside the result
_REFUSED = -1


@dataclass(frozen=True, eq=False)
class CountedTexts:
    """Documents counted over the words they brought themselves."""

    words: Any  # W of them, an Arrow string array in alphabetical (code point) order
    bag: BagOfWords  # over their places
    word_frequency: NDArray[np.int64]  # (W,)
    placement: Placement  # of the words in these documents
    sequence: Sequence | None = None  # the documents in order, where phrases are asked for

    def __len__(self) -> int:
        return len(self.bag)

    @property
    def n_tokens(self) -> int:
        """How many tokens the texts have, of whatever words."""
        return int(self.word_frequency.sum())

    @property
    def statistics(self) -> WordStatistics:
        """What a vocabulary is chosen by."""
        found = self.bag.document_frequency
        return WordStatistics(self.words, found, self.word_frequency, len(self))


def count(texts: Any, tokenizer: Tokenizer) -> CountedTexts:
    """Tokenise and count some documents: an Arrow string array, or any iterable of str.

    A tokenizer function is called text by text, which is the slow path; so is a class of
    tokenizers made elsewhere, whose methods may say anything.
    """
    if not is_native(tokenizer):
        texts = texts.to_pylist() if isinstance(texts, pa.Array) else texts
        return _counted(*_token_by_token(texts, tokenizer), tokenizer)
    if not isinstance(texts, pa.Array):
        texts = pa.array(list(texts), pa.string())
    letters_only = tokenizer.pattern == "a-z"
    scanned = [scan(block, letters_only, tokenizer.lowercase) for block in _blocks(texts)]
    return _counted(*intern(scanned, tokenizer), tokenizer)


def is_native(tokenizer: Tokenizer) -> bool:
    """Whether texts are tokenised column-wise, without a Python call for each."""
    return type(tokenizer) is Tokenizer and tokenizer.function_name is None


def merged_by_range(counted: Several[WordStatistics]) -> Iterator[WordStatistics]:
    """The statistics of all together, a stretch of the alphabet at a time.

    All words are in alphabetical order, so a stretch is a slice of each, and the sums over it are
    final: exact frequencies of any number of different words, in the memory of some of them.
    """
    n_documents = sum(one.n_documents for one in counted)
    begins = [0] * len(counted)
    for limit in [*_cuts([one.words for one in counted]), None]:
        ends = [_place(one.words, limit, begin) for one, begin in zip(counted, begins, strict=True)]
        spans = zip(counted, begins, ends, strict=True)
        slices = [one.slice(begin, end) for one, begin, end in spans if end > begin]
        begins = ends
        if slices:
            yield _summed(slices, n_documents)
        elif limit is None and not any(begins):
            yield replace(counted[0], n_documents=n_documents)  # nothing


def encode(counted: CountedTexts, vocabulary: Vocabulary) -> BagOfWords:
    """The documents over ``vocabulary``: every row stays, unknown words fall away."""
    bag, n_words = counted.bag, len(vocabulary)
    if not len(counted.words):
        return BagOfWords(bag.offsets, bag.words, bag.counts, n_words)
    places = pc.index_in(counted.words, value_set=vocabulary.arrow)
    known = places.fill_null(_REFUSED).to_numpy()
    if counted.sequence is not None:
        return _encode_in_order(counted.sequence, counted.words, known, vocabulary)
    ids = known[bag.words]
    kept = ids != _REFUSED
    before = np.zeros(len(kept) + 1, dtype=np.int64)
    np.cumsum(kept, out=before[1:])
    offsets, ids, counts = before[bag.offsets], ids[kept], bag.counts[kept]
    there = known[known != _REFUSED]
    if not bool((there[1:] > there[:-1]).all()):  # else the order is the local one
        _sort_rows(offsets, ids, counts, n_words)
    return BagOfWords(offsets, ids, counts, n_words)


def _encode_in_order(
    sequence: Sequence, words: Any, known: NDArray[np.int32], vocabulary: Vocabulary
) -> BagOfWords:
    """:func:`encode` with the phrases of the vocabulary; ``known``: the id of each word."""
    phrases, ids_of_phrases = phrases_among(words, vocabulary)
    tokens = sequence.joined(phrases)
    ids = np.concatenate([known, [_REFUSED], ids_of_phrases]).astype(np.int32)[tokens.ids]
    kept = ids != _REFUSED
    return _tally(Tokens(len(sequence), tokens.documents[kept], ids[kept]), len(vocabulary))


def _blocks(texts: Any) -> Iterable[Any]:
    """Runs of whole texts, each about a block long."""
    offsets = offsets_of(texts)
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
            raise InputError("the tokenizer returned half a surrogate pair: no valid Unicode")
    new = np.full(len(index), len(kept), dtype=np.int32)
    new[[index[word] for word in kept]] = np.arange(len(kept))
    documents = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    tokens = Tokens(len(sizes), documents, new[np.array(ids, dtype=np.int64)])
    return pa.array(kept, pa.string()), [tokens]


def _counted(words: Any, blocks: Iterable[Tokens], tokenizer: Tokenizer) -> CountedTexts:
    bags, ends, in_order = [], [], []
    for block in blocks:
        tokens = block.below(len(words))
        bags.append(_tally(tokens, len(words)))
        ends.append(ends_of(tokens))
        if tokenizer.phrases:
            in_order.append(block)
    if not bags:
        none = np.zeros(0, dtype=np.int32)
        bags = [BagOfWords(np.zeros(1, dtype=np.int64), none, none, len(words))]
    bag = concatenate(bags)
    frequency = bag.word_frequency
    sequence = Sequence.of_blocks(in_order, len(words)) if tokenizer.phrases else None
    return CountedTexts(words, bag, frequency, placement_of(ends, frequency), sequence)


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


def _sort_rows(
    offsets: NDArray[np.int64], ids: NDArray[np.int32], counts: NDArray[np.int32], n_words: int
) -> None:
    """Sort each document's words in place, some millions of values at a time."""
    first = 0
    while first < len(offsets) - 1:
        last = int(np.searchsorted(offsets, offsets[first] + _SORTED_AT_ONCE, side="right")) - 1
        last = max(last, first + 1)  # a document longer than that is sorted whole
        some = slice(int(offsets[first]), int(offsets[last]))
        document = np.repeat(np.arange(last - first), np.diff(offsets[first : last + 1]))
        order = np.argsort(document * n_words + ids[some])
        ids[some], counts[some] = ids[some][order], counts[some][order]
        first = last


def _summed(slices: Several[WordStatistics], n_documents: int) -> WordStatistics:
    """The statistics of all words there are in the slices."""
    table = pa.Table.from_batches([pa.record_batch(one.columns()) for one in slices])
    if len(slices) > 1:
        sums = [("df", "sum"), ("cf", "sum")]
        table = table.group_by("word", use_threads=False).aggregate(sums)
        table = table.rename_columns(["word", "df", "cf"])
    return WordStatistics.of_columns(table.combine_chunks().to_batches()[0], n_documents)


def _cuts(columns: Several[Any]) -> list[str]:
    """Words that cut the alphabet into stretches of about as many words each."""
    total = sum(map(len, columns))
    if total <= WORDS_AT_ONCE:
        return []
    every = min(_EVERY, max(WORDS_AT_ONCE // (4 * len(columns)), 1))
    places = (pa.array(range(0, len(column), every), pa.int64()) for column in columns)
    samples = pa.concat_arrays([c.take(some) for c, some in zip(columns, places, strict=True)])
    step = max(WORDS_AT_ONCE // every, 1)
    chosen = pc.sort_indices(samples)[step::step]
    cuts: list[str] = samples.take(chosen).unique().to_pylist()
    return cuts


def _place(words: Any, limit: str | None, begin: int) -> int:
    """How many words are before ``limit``; begin: so many are, surely."""
    if limit is None:
        return len(words)
    return bisect_left(range(len(words)), limit, lo=begin, key=lambda n: words[n].as_py())
