"""The documents of a model that has just been trained: a view of their corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor.corpus.corpus import Corpus
from tenor.explore.collection import BATCH, CountedDocuments, batch_of, drawn_rows, unknown_id
from tenor.model.trained import TrainedModel
from tenor.text.strings import Strings


@final
class CorpusDocuments:
    """A :class:`DocumentCollection` of a corpus, with the vectors that a model gives.

    Memory: nothing by itself, since the columns may be a mapped file. ``vectors`` holds (D, K)
    once it is asked for; :meth:`batches`, by which a model is saved, makes them a block at a time.
    """

    def __init__(self, corpus: Corpus, trained: TrainedModel) -> None:
        self.corpus, self.trained = corpus, trained

    def __len__(self) -> int:
        return len(self.corpus)

    @property
    def ids(self) -> Sequence[str]:
        return self._strings("id")

    @property
    def labels(self) -> Sequence[str | None]:
        return self._strings("label")

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        return self.trained.vectors(self.corpus.documents)

    def row(self, name: str) -> int:
        row = self._strings("id").find(name)
        if row < 0:
            raise unknown_id(name, self.ids)
        return row

    def texts(self, rows: Sequence[int]) -> list[str | None]:
        column = self._strings("text")
        return [column[row] for row in rows]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.corpus.columns

    def column(self, name: str) -> Any:
        return self.corpus.column(name)

    def batches(self) -> Iterator[Any]:
        strings = [self._strings(name).column for name in ("id", "label", "text")]
        kept = {name: self.corpus.column(name) for name in self.columns}
        for start in range(0, len(self), BATCH):
            documents = self.corpus.documents[start : start + BATCH]
            block = self.trained.vectors(documents)
            ids, labels, texts = (c.slice(start, BATCH).combine_chunks() for c in strings)
            further = {n: c.slice(start, BATCH).combine_chunks() for n, c in kept.items()}
            yield batch_of(ids, labels, texts, block, documents.bag.joined(), further)

    @property
    def wordless(self) -> NDArray[np.bool_]:
        return np.asarray(self.corpus.empty)

    def counted(self, n_words: int, limit: int) -> CountedDocuments:
        rows, chosen, found = drawn_rows(len(self), limit), self.corpus.documents, None
        if len(rows) < len(self):
            chosen = chosen.take(rows)
            found = self.trained.vectors(chosen)
        return CountedDocuments(
            rows, chosen.bag.joined(), self.vectors if found is None else found, len(self)
        )

    def _strings(self, name: str) -> Strings:
        return self.corpus.strings(name) or Strings.none(len(self))
