"""A model's topics, with the documents they are read in, as files for other tools."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tenor.bow import BagOfWords
from tenor.explore.collection import CountedDocuments, DocumentCollection
from tenor.model.trained import TrainedModel
from tenor.topics.export import TopicTables
from tenor.topics.topics import Topics

SHOWN = 25  # words a topic: what measures of topics ask for at most


def tables_of(
    trained: TrainedModel,
    topics: Topics,
    names: Sequence[str],
    counted: CountedDocuments,
    store: DocumentCollection,
    texts: bool = False,
) -> TopicTables:
    """The topics in the documents that they were measured in, without those that have no word.

    Args:
        trained: the model.
        topics: T of its topics, measured in these documents.
        names: T names.
        counted: the documents looked at, one with a word among them.
        store: the documents that these are from.
        texts: whether to read their texts as well.
    """
    said = np.flatnonzero(counted.bag.distinct > 0)
    rows, vectors, bag = counted.rows[said], counted.vectors[said], counted.bag.take(said)
    density = topics.word_distributions()
    kept = np.flatnonzero((bag.word_frequency > 0) & (density > 0).all(axis=0))
    density = density[:, kept]
    vocabulary = trained.vocabulary.words
    words = [vocabulary[word] for word in kept]
    known = set(kept.tolist())
    return TopicTables(
        words=words,
        ids=topics.ids,
        names=list(names),
        shown=[
            [vocabulary[word] for word, _ in one if word in known]
            for one in topics.top_words(SHOWN)
        ],
        word_distributions=density / density.sum(axis=1, keepdims=True),
        weights=topics.weights(vectors, np.zeros(len(said), dtype=np.bool_)),
        bag=_restricted(bag, kept),
        vectors=vectors,
        rows=rows,
        texts=store.texts(rows.tolist()) if texts else [None] * len(rows),
        wordless=len(counted.rows) - len(said),
        n_documents=counted.n_documents,
        n_words=len(trained.vocabulary),
    )


def _restricted(bag: BagOfWords, kept: NDArray[np.int64]) -> BagOfWords:
    """The same documents over the words ``kept`` only."""
    counts = csr_array((bag.counts, bag.words, bag.offsets), shape=bag.shape)[:, kept]
    return BagOfWords(counts.indptr, counts.indices, counts.data, len(kept))
