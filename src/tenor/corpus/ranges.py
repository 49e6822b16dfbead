"""The statistics of all words, a stretch of the alphabet at a time.

Every part has its words sorted, so a stretch is a slice of each, and the sums over a stretch are
final: exact frequencies of any number of different words, in the memory of some of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tenor.corpus.counting import merged
from tenor.text.vocabulary import WordStatistics

WORDS_AT_ONCE = 1 << 20  # of all parts together, about
_EVERY = 256  # a word in so many is looked at to find where to cut


def merged_by_range(parts: Sequence[WordStatistics]) -> Iterator[WordStatistics]:
    """The statistics of all parts together, in pieces without a word in common.

    Args:
        parts: their words in alphabetical (code point) order; mapped files do well.
    """
    n_documents = sum(part.n_documents for part in parts)
    begins = [0] * len(parts)
    for limit in [*_cuts([part.words for part in parts]), None]:
        pieces = []
        for number, part in enumerate(parts):
            begin, end = begins[number], _place(part.words, limit, begins[number])
            begins[number] = end
            if end > begin:
                pieces.append(_slice(part, begin, end))
        if pieces:
            piece = merged(pieces)
            yield WordStatistics(
                piece.words, piece.document_frequency, piece.word_frequency, n_documents
            )
        elif limit is None and not any(begins):
            yield WordStatistics(*_nothing(parts), n_documents)


def _cuts(columns: Sequence[Any]) -> list[str]:
    """Words that cut the alphabet into stretches of about as many words each."""
    total = sum(map(len, columns))
    if total <= WORDS_AT_ONCE:
        return []
    every = min(_EVERY, max(WORDS_AT_ONCE // (4 * len(columns)), 1))
    samples = pa.concat_arrays([column.take(_multiples(every, column)) for column in columns])
    step = max(WORDS_AT_ONCE // every, 1)
    chosen = pc.sort_indices(samples)[step::step]
    cuts: list[str] = samples.take(chosen).unique().to_pylist()
    return cuts


def _multiples(every: int, column: Any) -> Any:
    return pa.array(range(0, len(column), every), pa.int64())


def _place(words: Any, limit: str | None, begin: int) -> int:
    """How many words are before ``limit``; begin: so many are, surely."""
    if limit is None:
        return len(words)
    return bisect_left(range(len(words)), limit, lo=begin, key=lambda n: words[n].as_py())


def _slice(part: WordStatistics, begin: int, end: int) -> WordStatistics:
    return WordStatistics(
        part.words.slice(begin, end - begin),
        part.document_frequency[begin:end],
        part.word_frequency[begin:end],
        0,
    )


def _nothing(parts: Sequence[WordStatistics]) -> tuple[Any, Any, Any]:
    first = parts[0]
    return first.words, first.document_frequency, first.word_frequency
