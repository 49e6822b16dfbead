"""The documents of a model that has just been trained: a view of their corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tenor.corpus.corpus import Corpus
from tenor.explore.collection import (
    BATCH,
    CountedDocuments,
    batch_of,
    drawn_rows,
    unknown_id,
)
from tenor.inference.encode import vectors
from tenor.networks.network import Network
from tenor.text.strings import Strings


@final
class CorpusDocuments:
    """Ids, labels and texts where the corpus has them; vectors when they are first asked for.

    Memory: nothing by itself, since the columns may be a mapped file. ``vectors`` holds (D, K)
    once it is asked for; :meth:`batches`, by which a model is saved, makes them a block at a time.
    """

    def __init__(self, corpus: Corpus, network: Network) -> None:
        """Documents of ``corpus``, with the vectors ``network`` gives them."""
        self.corpus = corpus
        self.network = network

    def __len__(self) -> int:
        return len(self.corpus)

    @property
    def ids(self) -> Sequence[str]:
        """D unique names."""
        return self._column("id")

    @property
    def labels(self) -> Sequence[str | None]:
        """D labels, None where there is none."""
        return self._column("label")

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """(D, K)."""
        return vectors(self.network, self.corpus.documents)

    def row(self, name: str) -> int:
        """The row of an id.

        Raises:
            InputError: when it is not there; names near ones.
        """
        row = self._column("id").find(name)
        if row < 0:
            raise unknown_id(name, self.ids)
        return row

    def texts(self, rows: Sequence[int]) -> list[str | None]:
        """The texts of these rows, None where they were not kept."""
        column = self._column("text")
        return [column[row] for row in rows]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the corpus's kept columns."""
        return self.corpus.columns

    def column(self, name: str) -> Any:
        """A kept column: D values, as :meth:`tenor.Corpus.column` gives them."""
        return self.corpus.column(name)

    def batches(self) -> Iterator[Any]:
        """The documents as Arrow batches: id, label, text, vector, words, counts, kept columns."""
        columns = [self._column(name).column for name in ("id", "label", "text")]
        kept = {name: self.corpus.column(name) for name in self.corpus.columns}
        for start in range(0, len(self), BATCH):
            documents = self.corpus.documents[start : start + BATCH]
            block = vectors(self.network, documents)
            ids, labels, texts = (c.slice(start, BATCH).combine_chunks() for c in columns)
            further = {n: c.slice(start, BATCH).combine_chunks() for n, c in kept.items()}
            yield batch_of(ids, labels, texts, block, documents.bag.joined(), further)

    def counted(self, n_words: int, limit: int) -> CountedDocuments:
        """All documents with their counts, or ``limit`` drawn at random."""
        if len(self) <= limit:
            rows = np.arange(len(self))
            return CountedDocuments(rows, self.corpus.bag.joined(), self.vectors, len(self))
        rows = drawn_rows(len(self), limit)
        chosen = self.corpus.documents.take(rows)
        found = vectors(self.network, chosen)
        return CountedDocuments(rows, chosen.bag.joined(), found, len(self))

    def _column(self, name: str) -> Strings:
        return self.corpus.strings(name) or Strings.none(len(self))
