"""Do a topic's top words belong together, do topics differ, and how much do they speak of?

And do two runs find the same ones? All by the topics' top words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords, DocumentCounts
from tenor.checks import amount, whole
from tenor.errors import InputError

Topics = Sequence[Sequence[int]]
"""Word ids of each topic, the best first."""


def top_words(
    topics: Topics, top: int, n_words: int | None = None, least: int = 1
) -> list[NDArray[np.int64]]:
    """The first ``top`` word ids of each topic, fewer where a topic has no more.

    Raises:
        InputError: for no topics, a topic of fewer than ``least`` words, a repeated word, or an
            id outside the vocabulary of ``n_words`` (None does not check it).
    """
    if len(topics) == 0:
        raise InputError("there are no topics to score")
    chosen = []
    for number, topic in enumerate(topics):
        words = np.asarray(topic[:top])
        if len(words) < least:
            raise InputError(
                f"topic {number} has {amount(len(words), 'word')}; it needs at least {least}"
            )
        if words.ndim != 1 or words.dtype.kind not in "iu":
            raise InputError(f"topic {number} must be a list of word ids (whole numbers)")
        if len(np.unique(words)) < len(words):
            raise InputError(f"topic {number} holds a word twice")
        if words.min() < 0 or (n_words is not None and words.max() >= n_words):
            limit = "" if n_words is None else f", which has {amount(n_words, 'word')}"
            raise InputError(f"topic {number} holds an id outside the vocabulary{limit}")
        chosen.append(words.astype(np.int64))
    return chosen


def occurrences(documents: BagOfWords, words: NDArray[np.int64]) -> Any:
    """(D, len(words)) sparse by column, int64: 1 where the document holds the word."""
    from scipy.sparse import csc_array

    bag = documents.compact()
    column = np.full(bag.n_words, -1, dtype=np.int64)
    column[words] = np.arange(len(words))
    columns = column[bag.words]
    places = np.flatnonzero(columns >= 0)
    rows = np.searchsorted(bag.offsets, places, side="right") - 1
    ones = np.ones(len(places), dtype=np.int64)
    return csc_array((ones, (rows, columns[places])), shape=(len(bag), len(words)))


@dataclass(frozen=True)
class Coherence:
    """NPMI in [−1, 1]: 1, words always together; 0, by chance; −1, never.

    Attributes:
        mean, per_topic: over topics, and of each topic the mean over its pairs of words.
        absent: ids of top words that no reference document holds, ascending.
        n_documents: reference documents that hold any word at all.
        top: how many words of each topic were taken.
    """

    mean: float
    per_topic: tuple[float, ...]
    absent: tuple[int, ...]
    n_documents: int
    top: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def npmi(topics: Topics, reference: DocumentCounts, top: int = 10) -> Coherence:
    """Normalised pointwise mutual information of each topic's ``top`` words.

    NPMI(i, j) = log(p_ij / (p_i p_j)) / −log p_ij, with p the share of the reference documents
    that hold the word, or both (Lau, Newman & Baldwin 2014; Bouma 2009). A pair that never
    occurs together scores −1 (Röder, Both & Hinneburg 2015), and so does each pair with a word
    that the reference lacks: such words are listed, not skipped. A pair that is in every
    document scores 0, its PMI. Documents without any word do not count.

    Only the top words' occurrences are ever gathered, of some documents at a time: no V × V and
    no dense D × V. A topic may hold fewer than ``top`` words, but 2.

    Raises:
        InputError: for no topics, a topic of fewer than 2 words, a repeated word, an id outside
            the vocabulary, or an empty reference.
    """
    chosen = top_words(topics, whole("top", top, 2), reference.n_words, least=2)
    n_documents = int((reference.distinct > 0).sum())
    if n_documents == 0:
        raise InputError("the reference corpus has no document that holds a word")
    words = np.unique(np.concatenate(chosen))
    places = [np.searchsorted(words, topic) for topic in chosen]
    together = [np.zeros((len(topic), len(topic)), dtype=np.int64) for topic in chosen]
    present = np.zeros(len(words), dtype=np.int64)
    for part in reference.parts():
        held = occurrences(part, words)
        present += np.diff(held.indptr)
        for found, own in zip(together, places, strict=True):
            both = (held[:, own].T @ held[:, own]).tocoo()
            found[both.coords] += both.data
    per_topic = tuple(_topic_npmi(found, n_documents) for found in together)
    absent = tuple(int(word) for word in words[present == 0])
    return Coherence(float(np.mean(per_topic)), per_topic, absent, n_documents, top)


def diversity(topics: Topics, top: int = 25) -> float:
    """The share of unique words among the top words of all topics, in (0, 1].

    1: no word heads two topics; 1/K: all K topics are the same (Dieng, Ruiz & Blei 2020).

    Raises:
        InputError: for no topics, an empty topic, or a word repeated within a topic.
    """
    words = np.concatenate(top_words(topics, whole("top", top, 1)))
    return len(np.unique(words)) / len(words)


def _topic_npmi(together: NDArray[np.int64], n_documents: int) -> float:
    """The mean over pairs of words, from (top, top) documents that hold both."""
    found = []
    for one, other in combinations(range(len(together)), 2):
        both = int(together[one, other])
        if both in (0, n_documents):
            found.append(0.0 if both else -1.0)
        else:
            alone = int(together[one, one]) * int(together[other, other])
            found.append(log(both * n_documents / alone) / -log(both / n_documents))
    return float(np.mean(found))


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


def topic_coverage(
    topics: Topics, documents: DocumentCounts, top: int = 10, least: int = 3
) -> Coverage:
    """How common the topics' ``top`` words are, and in how many documents a topic shows.

    A document shows a topic by ``least`` different of its top words.

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


@dataclass(frozen=True)
class MatchedWords:
    """How many of its top words each topic shares with its counterpart.

    Attributes:
        mean, per_topic: shared words of each topic of the first run, 0 without a counterpart.
        partner: the counterpart's number in the second run; −1 without one.
        top: words taken of each topic.
    """

    mean: float
    per_topic: tuple[int, ...]
    partner: tuple[int, ...]
    top: int


def matched_words(one: Topics, other: Topics, top: int = 10) -> MatchedWords:
    """Topics of two runs matched one to one, so that they share as many top words as can be.

    Both hold word ids over one vocabulary, the best first. Where the first run has more topics
    than the second, some stay without a counterpart.

    Raises:
        InputError: for no topics, an empty topic, or a word repeated within a topic.
    """
    from scipy.optimize import linear_sum_assignment

    top = whole("top", top, 1)
    first, second = (
        [set(topic.tolist()) for topic in top_words(topics, top)] for topics in (one, other)
    )
    shared = np.array([[len(words & others) for others in second] for words in first])
    rows, columns = linear_sum_assignment(shared, maximize=True)
    per_topic = np.zeros(len(one), dtype=np.int64)
    partner = np.full(len(one), -1)
    per_topic[rows], partner[rows] = shared[rows, columns], columns
    mean = float(per_topic.mean())
    return MatchedWords(mean, tuple(per_topic.tolist()), tuple(partner.tolist()), top)
