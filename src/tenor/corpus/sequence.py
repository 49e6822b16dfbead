"""Texts as their words in order, and pairs of neighbours joined to one word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenor.text.scanning import Tokens
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

Keys = NDArray[np.int64]


@final
@dataclass(frozen=True, eq=False)
class Sequence:
    """The words of D texts in order, as places among W words; W for a token that is no word."""

    n_words: int
    offsets: NDArray[np.int64]  # (D + 1,) where each text begins
    ids: NDArray[np.int32]  # (T,)

    @classmethod
    def of_blocks(cls, blocks: Iterable[Tokens], n_words: int) -> Self:
        """Of neighbouring blocks of texts."""
        offsets, ids = [np.zeros(1, dtype=np.int64)], [np.zeros(0, dtype=np.int32)]
        for block in blocks:
            ends = np.searchsorted(block.documents, np.arange(block.n_documents), side="right")
            offsets.append(offsets[-1][-1] + ends)
            ids.append(block.ids)
        return cls(n_words, np.concatenate(offsets), np.concatenate(ids))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def renamed(self, places: NDArray[np.int32], n_words: int) -> Sequence:
        """The same over other words; ``places``: (W,) where each is, ``n_words`` for nowhere."""
        return Sequence(n_words, self.offsets, np.append(places, np.int32(n_words))[self.ids])

    def pairs(self) -> Keys:
        """(T − 1,) of neighbours a b the number a W + b; −1 where one of them is no word."""
        first, second = self.ids[:-1], self.ids[1:]
        keys = first.astype(np.int64) * self.n_words + second
        keys[(first == self.n_words) | (second == self.n_words)] = -1
        ends = self.offsets[1:-1]  # where the next text begins
        keys[ends[(ends > 0) & (ends < len(self.ids))] - 1] = -1
        return keys

    def joined(self, phrases: Keys) -> Tokens:
        """The tokens with phrase j, one of these sorted pairs, as one of the number W + 1 + j.

        From left to right; a word is in one phrase at most.
        """
        documents = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.offsets))
        if not len(phrases):
            return Tokens(len(self), documents, self.ids)
        keys = self.pairs()
        place = np.minimum(np.searchsorted(phrases, keys), len(phrases) - 1)
        taken = _every_other(np.flatnonzero(phrases[place] == keys))
        ids = self.ids.copy()
        ids[taken] = (self.n_words + 1 + place[taken]).astype(np.int32)
        stays = np.ones(len(ids), dtype=bool)
        stays[taken + 1] = False
        return Tokens(len(self), documents[stays], ids[stays])

    def column(self) -> Any:
        """As an Arrow array of lists."""
        return pa.LargeListArray.from_arrays(pa.array(self.offsets), pa.array(self.ids))

    @classmethod
    def of_column(cls, column: Any, n_words: int) -> Self:
        """What :meth:`column` gave."""
        return cls(n_words, column.offsets.to_numpy(), column.values.to_numpy())


def phrase_ids(vocabulary: Vocabulary, tokenizer: Tokenizer | None) -> NDArray[np.int64]:
    """Which words are two tokens each, as this tokenizer cuts texts."""
    asked = tokenizer is not None and tokenizer.phrases > 0
    return vocabulary.phrases[0] if asked else np.zeros(0, dtype=np.int64)


def phrases_among(words: Any, vocabulary: Vocabulary) -> tuple[Keys, NDArray[np.int64]]:
    """The phrases of a vocabulary as sorted pairs of W other words, and the id of each.

    Those of which a part is not among ``words``, an Arrow string array, are left out.
    """
    ids, first, second = vocabulary.phrases
    places = [pc.index_in(part, value_set=words) for part in (first, second)]
    there = pc.and_(*(place.is_valid() for place in places)).to_numpy(zero_copy_only=False)
    a, b = (place.fill_null(0).to_numpy().astype(np.int64)[there] for place in places)
    keys = a * len(words) + b
    order = np.argsort(keys)
    return keys[order], ids[there][order]


def _every_other(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each run of neighbouring places the first, third, … ."""
    begins = np.diff(places, prepend=-2) != 1
    first = places[begins][np.cumsum(begins) - 1]
    taken: NDArray[np.int64] = places[(places - first) % 2 == 0]
    return taken
