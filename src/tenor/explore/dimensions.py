"""What each dimension of a document's vector is about: its top words, at one pole or at both.

A dimension that is not bounded, as NVDM's, means something in both directions: a document far on
its negative side uses the words of its negative pole. Topic proportions have one pole only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.explore.neighbours import best

WeightedWords = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Dimension:
    """One dimension of the vectors in words.

    Attributes:
        index: the dimension, from 0.
        positive: (word, weight) pairs, the strongest first.
        negative: the same at the other pole, the most negative first; empty with one pole.
    """

    index: int
    positive: WeightedWords
    negative: WeightedWords = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the positive pole."""
        return tuple(word for word, _ in self.positive)

    @property
    def negative_words(self) -> tuple[str, ...]:
        """The words of the negative pole."""
        return tuple(word for word, _ in self.negative)

    def __str__(self) -> str:
        if not self.negative:
            return f"{self.index:>3}   {' '.join(self.words)}"
        positive = f"{self.index:>3} + {' '.join(self.words)}"
        return f"{positive}\n    - {' '.join(self.negative_words)}"

    def to_json(self) -> dict[str, Any]:
        """The dimension as plain JSON values."""
        positive, negative = (
            [{"word": word, "weight": weight} for word, weight in pole]
            for pole in (self.positive, self.negative)
        )
        return {"topic": self.index, "positive": positive, "negative": negative}


def top_words(
    components: ArrayLike, words: Sequence[str], n: int = 10, both_poles: bool = True
) -> list[Dimension]:
    """The ``n`` strongest words of each dimension, from (K, V) the weights of V words in it.

    ``both_poles``: whether the negative end means something too (NVDM: yes).
    """
    weights = checks.matrix("components", components)
    checks.same_length("words", words, weights.shape[1])
    positive = top_word_ids(weights, n)
    negative = top_word_ids(-weights, n) if both_poles else positive[:, :0]

    def weighed(dimension: int, ids: NDArray[np.intp]) -> WeightedWords:
        return tuple((words[word], float(weights[dimension, word])) for word in ids)

    return [
        Dimension(index, weighed(index, positive[index]), weighed(index, negative[index]))
        for index in range(len(weights))
    ]


def top_word_ids(components: ArrayLike, n: int = 10) -> NDArray[np.intp]:
    """(K, n) the ids of each dimension's ``n`` strongest words, as coherence wants them.

    Equal weights come in the order of the vocabulary.
    """
    weights = checks.matrix("components", components)
    n = min(checks.whole("n", n), weights.shape[1])
    chosen = [best(row.astype(np.float64), n) for row in weights]
    return np.array(chosen, dtype=np.intp).reshape(len(weights), n)
