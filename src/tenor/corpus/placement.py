"""Where words stand in their texts, summed while counting into three numbers a word.

Headers stand at the beginning of their texts, signatures and addresses at the end. The beginning
and the end of a text of n tokens are its first and last ⌊(3n + 10) / 20⌋: those whose middle,
(i + ½) / n, lies in its first and last 15 %. That is .15 n rounded, so a word scattered anywhere
has a share of .15 in each on average, in whole numbers throughout. A text of fewer than 20 tokens
has neither, and its tokens have no place.

The tokens are those of :meth:`tenor.text.tokenizer.Tokenizer.tokens`, also those that are not in
the vocabulary, so the numbers of a word are the same whatever the other words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenor.errors import InputError
from tenor.text.scanning import Tokens
from tenor.text.vocabulary import Vocabulary

SHORTEST = 20  # tokens: in a shorter text one token would be far from 15 %
COLUMNS = ("early_frequency", "late_frequency", "placed_frequency")

# The words in the beginnings of texts, in their ends, and in texts too short to have either.
Ends = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Placement:
    """Where the tokens of V words stand in their texts; (V,) each."""

    early_frequency: NDArray[np.int64]  # tokens in the beginnings of their texts
    late_frequency: NDArray[np.int64]  # in their ends
    placed_frequency: NDArray[np.int64]  # in texts that are long enough to have either

    @property
    def early_share(self) -> NDArray[np.float64]:
        """(V,) early / placed; NaN for a word of short texts only. .15 is a word anywhere."""
        return self._share(self.early_frequency)

    @property
    def late_share(self) -> NDArray[np.float64]:
        """(V,) late / placed; NaN for a word of short texts only. .15 is a word anywhere."""
        return self._share(self.late_frequency)

    def _share(self, frequency: NDArray[np.int64]) -> NDArray[np.float64]:
        share = np.full(len(frequency), np.nan)
        np.divide(frequency, self.placed_frequency, out=share, where=self.placed_frequency > 0)
        return share

    def plus(self, other: Placement) -> Placement:
        """Of both sets of texts together."""
        return Placement(*(getattr(self, name) + getattr(other, name) for name in COLUMNS))

    @classmethod
    def of_nothing(cls, n_words: int) -> Placement:
        """Of no texts."""
        return cls(*(np.zeros(n_words, dtype=np.int64) for _ in COLUMNS))

    def over(self, vocabulary: Vocabulary, words: Any) -> Placement:
        """The numbers of the words of a vocabulary; ``words``: those of this placement."""
        found = Placement.of_nothing(len(vocabulary))
        if len(words):
            places = pc.index_in(words, value_set=vocabulary.arrow)
            known = places.is_valid().to_numpy(zero_copy_only=False)
            ids = places.drop_null().to_numpy()
            for name in COLUMNS:
                getattr(found, name)[ids] = getattr(self, name)[known]
        return found

    def columns(self) -> dict[str, Any]:
        """As Arrow arrays by name."""
        return {name: pa.array(getattr(self, name), pa.int64()) for name in COLUMNS}

    @classmethod
    def of_columns(cls, table: Any) -> Placement | None:
        """What :meth:`columns` gave, from an Arrow table or record batch that has them, or None."""
        missing = [name for name in COLUMNS if name not in table.schema.names]
        if len(missing) == len(COLUMNS):
            return None
        if missing:
            raise InputError(f'of {", ".join(COLUMNS)} it has no column "{missing[0]}"')
        early, late, placed = (_numbers(table, name) for name in COLUMNS)
        if ((early < 0) | (late < 0) | (early + late > placed)).any():
            raise InputError(
                f"{COLUMNS[0]} and {COLUMNS[1]} must be at least 0 and in sum at most {COLUMNS[2]}"
            )
        return cls(early, late, placed)


def ends_of(tokens: Tokens) -> Ends:
    """What tells the placement of the words of a block of texts."""
    numbers = np.arange(tokens.n_documents + 1, dtype=tokens.documents.dtype)
    bounds = np.searchsorted(tokens.documents, numbers)
    starts, stops = bounds[:-1], bounds[1:]
    lengths = stops - starts
    short = lengths < SHORTEST
    sizes = np.where(short, 0, (3 * lengths + 10) // 20)
    return (
        tokens.ids[_from(starts, sizes)],
        tokens.ids[_from(stops - sizes, sizes)],
        tokens.ids[_from(starts, np.where(short, lengths, 0))],
    )


def placement_of(blocks: Sequence[Ends], word_frequency: NDArray[np.int64]) -> Placement:
    """The placement of the W words of some blocks; ``word_frequency``: (W,) their tokens."""
    none = np.zeros(0, dtype=np.int32)
    early, late, unplaced = (
        np.bincount(np.concatenate(words), minlength=len(word_frequency)).astype(np.int64)
        for words in zip((none, none, none), *blocks, strict=True)
    )
    return Placement(early, late, word_frequency - unplaced)


def _from(starts: NDArray[np.int64], how_many: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places of the first so many from each start."""
    before = np.cumsum(how_many) - how_many
    places = np.repeat(starts - before, how_many)
    places += np.arange(len(places))
    return places


def _numbers(table: Any, name: str) -> NDArray[np.int64]:
    column = table.column(name)
    if column.type != pa.int64() or column.null_count:
        raise InputError(f'its column "{name}" must hold whole numbers only')
    joined = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    # Arrow's own way to NumPy imports pandas where it is installed; a view would keep its memory.
    numbers: NDArray[np.int64] = np.array(np.from_dlpack(joined), dtype=np.int64)
    return numbers
