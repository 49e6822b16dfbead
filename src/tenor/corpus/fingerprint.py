"""The fingerprint of a corpus, taken shard by shard."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from tenor.bow import BagOfWords
from tenor.corpus import layout
from tenor.text.vocabulary import Vocabulary


class Fingerprint:
    """SHA-256 over ids, words and counts, whatever the shards; labels and texts stand aside."""

    def __init__(self) -> None:
        self._lengths, self._characters = hashlib.sha256(), hashlib.sha256()
        self._offsets = hashlib.sha256(np.zeros(1, dtype="<i8").tobytes())
        self._words, self._counts = hashlib.sha256(), hashlib.sha256()
        self.documents = self.values = self.tokens = self.empty = 0

    def add(self, batch: Any) -> None:
        """Take in the next record batch."""
        offsets, characters = layout.string_buffers(batch.column("id"))
        self._lengths.update(np.diff(offsets).astype("<i8").tobytes())
        self._characters.update(characters)
        bag: BagOfWords = layout.bag_of_batch(batch, 0)
        self._offsets.update((bag.offsets[1:].astype("<i8") + self.values).tobytes())
        self._words.update(np.ascontiguousarray(bag.words, dtype="<i4").data)
        self._counts.update(np.ascontiguousarray(bag.counts, dtype="<i4").data)
        self.documents += len(bag)
        self.values += bag.nnz
        self.tokens += int(bag.counts.sum(dtype=np.int64))
        self.empty += int((bag.distinct == 0).sum())

    def hexdigest(self, vocabulary: Vocabulary) -> str:
        """The fingerprint of what was taken in, over these words."""
        ids = hashlib.sha256(self._lengths.digest() + self._characters.digest())
        digest = hashlib.sha256(ids.digest())
        digest.update(vocabulary.fingerprint().encode())
        for part in (self._offsets, self._words, self._counts):
            digest.update(part.digest())
        return digest.hexdigest()
