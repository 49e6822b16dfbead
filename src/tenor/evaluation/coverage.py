"""How much of the documents do topics speak of? What coherence alone hides."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tenor.bow import DocumentCounts
from tenor.checks import whole
from tenor.errors import InputError
from tenor.evaluation.top_words import Topics, occurrences, top_words


@dataclass(frozen=True)
class Coverage:
    """Rare words raise NPMI; these fall with them.

    Attributes:
        mean_document_frequency: documents that hold a top word, the mean over all topics' words
            (a word that heads two topics counts twice).
        median_document_frequency: the median of the same.
        token_share: share of all tokens that are a top word of any topic.
        document_share: share of documents that hold ``least`` different top words of one topic.
        n_documents: documents that hold any word; the others count nowhere.
        top, least: words taken of each topic, and how many of them a document must hold.
    """

    mean_document_frequency: float
    median_document_frequency: float
    token_share: float
    document_share: float
    n_documents: int
    top: int
    least: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def topic_coverage(
    topics: Topics, documents: DocumentCounts, top: int = 10, least: int = 3
) -> Coverage:
    """How common the topics' ``top`` words are, and in how many documents a topic shows.

    Args:
        topics: word ids of each topic, the best first.
        documents: over the same vocabulary.
        top: words taken of each topic; a topic may hold fewer.
        least: different top words of one topic by which a document shows it.

    Raises:
        InputError: for no topics, an empty topic, a repeated word, an id outside the vocabulary,
            or documents without a word.
    """
    from scipy.sparse import csc_array

    top, least = whole("top", top, 1), whole("least", least, 1)
    chosen = top_words(topics, top, documents.n_words)
    words, place = np.unique(np.concatenate(chosen), return_inverse=True)
    topic = np.repeat(np.arange(len(chosen)), [len(one) for one in chosen])
    member = csc_array((np.ones(len(place), dtype=np.int64), (place, topic)))
    n_documents = int((documents.distinct > 0).sum())
    if n_documents == 0:
        raise InputError("there is no document that holds a word")
    shown = 0
    for part in documents.parts():
        held = (occurrences(part, words) @ member).tocoo()
        shown += len(np.unique(held.coords[0][held.data >= least]))
    frequency = documents.document_frequency[words][place]
    tokens = documents.word_frequency
    return Coverage(
        mean_document_frequency=float(frequency.mean()),
        median_document_frequency=float(np.median(frequency)),
        token_share=float(tokens[words].sum() / tokens.sum()),
        document_share=shown / n_documents,
        n_documents=n_documents,
        top=top,
        least=least,
    )
