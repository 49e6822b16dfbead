"""Do a topic's top words belong together, and do the topics differ from one another?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.bow import DocumentCounts
from tenor.checks import whole
from tenor.errors import InputError
from tenor.evaluation.top_words import Topics, occurrences, top_words


@dataclass(frozen=True)
class Coherence:
    """NPMI in [−1, 1]: 1, words always together; 0, by chance; −1, never.

    Attributes:
        mean: over topics.
        per_topic: one value a topic, the mean over its pairs of words.
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
    no dense D × V.

    Args:
        topics: word ids of each topic, the best first.
        reference: documents over the same vocabulary, the model's own or others.
        top: words taken of each topic; a topic may hold fewer, at least 2.

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
            _add_together(found, held[:, own])
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


def _add_together(found: NDArray[np.int64], held: Any) -> None:
    """Add to ``found`` (top, top) how many documents hold both words."""
    both = (held.T @ held).tocoo()
    found[both.coords] += both.data


def _topic_npmi(together: NDArray[np.int64], n_documents: int) -> float:
    pairs = combinations(range(len(together)), 2)
    single = together.diagonal()
    return float(
        np.mean([_npmi(together[i, j], single[i], single[j], n_documents) for i, j in pairs])
    )


def _npmi(both: int, one: int, other: int, n_documents: int) -> float:
    if both == 0:
        return -1.0
    if both == n_documents:
        return 0.0
    return log(both * n_documents / (int(one) * int(other))) / -log(both / n_documents)
