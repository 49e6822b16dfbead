"""A model's topics as a person reads them, and as tables for other tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tenor.bow import BagOfWords
from tenor.model.discovery import DocumentSample
from tenor.topics.export import TopicTables
from tenor.topics.flags import Flag
from tenor.topics.topics import Topics

SHOWN = 25  # words a topic: what measures of topics ask for at most


@dataclass(frozen=True)
class TopicRecord:
    """One topic as a person reads it.

    Attributes:
        id: its number, which stays.
        name: a person's, the namer's, or its three most telling words.
        given: whether a person gave the name.
        size: mean weight over the documents; the sizes of all topics add up to one.
        words: (word, score), the most telling first.
        npmi, document_frequency, token_share, stability, flags: see
            :class:`tenor.topics.discovery.Figures`; None and empty where not measured.
        parts: names of the topics it was merged from.
    """

    id: int
    name: str
    given: bool
    size: float
    words: tuple[tuple[str, float], ...]
    npmi: float | None
    document_frequency: float | None
    token_share: float | None
    stability: float | None
    flags: tuple[Flag, ...]
    parts: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        words = [{"word": word, "weight": score} for word, score in self.words]
        return asdict(self) | {
            "words": words,
            "flags": [flag.to_json() for flag in self.flags],
            "parts": list(self.parts),
        }


@dataclass(frozen=True)
class TopicDocument:
    """A document that shows a topic: where it stands, what it says, its weight."""

    row: int
    id: str
    label: str | None
    text: str | None
    weight: float

    def to_json(self) -> dict[str, Any]:
        """The document as JSON values."""
        return asdict(self)


def tables_of(
    sample: DocumentSample, topics: Topics, names: Sequence[str], texts: bool = False
) -> TopicTables:
    """The topics in the documents looked at, where they were measured, but for wordless ones.

    ``texts`` says whether to read their texts as well.
    """
    from scipy.sparse import csr_array

    counted, said = sample.counted, np.flatnonzero(~sample.wordless)
    rows, vectors, bag = counted.rows[said], counted.vectors[said], counted.bag.take(said)
    density = topics.word_distributions()
    kept = np.flatnonzero((bag.word_frequency > 0) & (density > 0).all(axis=0))
    density = density[:, kept]
    vocabulary, known = sample.trained.vocabulary.words, set(kept.tolist())
    counts = csr_array((bag.counts, bag.words, bag.offsets), shape=bag.shape)[:, kept]
    return TopicTables(
        words=[vocabulary[word] for word in kept],
        ids=topics.ids,
        names=list(names),
        shown=[
            [vocabulary[word] for word, _ in one if word in known]
            for one in topics.top_words(SHOWN)
        ],
        word_distributions=density / density.sum(axis=1, keepdims=True),
        weights=topics.weights(vectors, np.zeros(len(said), dtype=np.bool_)),
        bag=BagOfWords(counts.indptr, counts.indices, counts.data, len(kept)),
        vectors=vectors,
        rows=rows,
        texts=sample.collection.texts(rows.tolist()) if texts else [None] * len(rows),
        wordless=len(counted.rows) - len(said),
        n_documents=counted.n_documents,
        n_words=len(vocabulary),
    )
