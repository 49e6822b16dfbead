"""What documents say of a topic's words: coherence, how common they are, how much they cover."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.bow import DocumentCounts
from tenor.checks import whole
from tenor.errors import InputError
from tenor.evaluation.coherence import npmi
from tenor.topics.topics import Topics

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Support:
    """One entry a topic, in the order of the topics.

    Attributes:
        npmi: (T,) of the words shown, in [−1, 1]; NaN for a topic of fewer than 2 words. It can
            be raised by rare words, so read it beside the next two.
        document_frequency: (T,) the mean number of documents that hold one of its words; NaN for
            a topic without words.
        token_share: (T,) which share of all tokens its words are.
        size: (T,) the mean θ; they add up to one.
    """

    npmi: Floats
    document_frequency: Floats
    token_share: Floats
    size: Floats

    def to_json(self) -> list[dict[str, float | None]]:
        """One record a topic; None for NaN."""
        names = [field.name for field in fields(self)]
        columns = [getattr(self, name).tolist() for name in names]
        return [
            {name: _or_none(value) for name, value in zip(names, row, strict=True)}
            for row in zip(*columns, strict=True)
        ]


def support(topics: Topics, bag: DocumentCounts, top: int = 10) -> Support:
    """What ``bag`` says of each topic's ``top`` words.

    Args:
        topics: T topics over V words.
        bag: documents over the same V words, those of the fit or others.
        top: words of each topic, at least 2.

    Raises:
        InputError: when the vocabularies differ in size, ``top`` is too small, or no document of
            the bag has a word.
    """
    whole("top", top, 2)
    same_vocabulary(topics, bag)
    shown = [[word for word, _ in words] for words in topics.top_words(top)]
    frequency = bag.word_frequency
    tokens = int(frequency.sum())
    if tokens == 0:
        raise InputError("no document has a word of the vocabulary; nothing supports the topics")
    found = bag.document_frequency
    return Support(
        npmi=_npmi(shown, bag, top),
        document_frequency=np.array([_mean(found[words]) for words in shown]),
        token_share=np.array([int(frequency[words].sum()) / tokens for words in shown]),
        size=topics.topic_sizes,
    )


def same_vocabulary(topics: Topics, bag: DocumentCounts) -> None:
    """Check that both count the same words.

    Raises:
        InputError: when there are not as many words in the one as in the other.
    """
    if bag.n_words != len(topics.frequency):
        raise InputError(
            f"the documents are counted over {bag.n_words} words, the topics over "
            f"{len(topics.frequency)}; count them over the model's vocabulary"
        )


def _npmi(shown: list[list[int]], bag: DocumentCounts, top: int) -> Floats:
    found = np.full(len(shown), np.nan)
    places = [place for place, words in enumerate(shown) if len(words) > 1]
    if places:
        found[places] = npmi([shown[place] for place in places], bag, top).per_topic
    return found


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
