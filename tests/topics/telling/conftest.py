"""Planted themes, beside words that are no theme: said everywhere, or of one text many times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.topics.finding import find
from tenor.topics.space import SharedSpace, shared_space
from tenor.topics.topics import Topics

EACH = 12  # words a group: the themes', then everyday words, then addresses


@dataclass(frozen=True, eq=False)
class Ground:
    word_vectors: Any
    vectors: Any
    dense: Any
    bag: BagOfWords
    space: SharedSpace
    topics: Topics

    @property
    def shown(self) -> list[list[int]]:
        return [[word for word, _ in words] for words in self.topics.top_words(10)]

    def of_group(self, group: int) -> int:
        """The place of the topic that shows most words of a group."""
        counts = [sum(word // EACH == group for word in words) for words in self.shown]
        return int(np.argmax(counts))


@pytest.fixture(scope="session")
def grow(as_bag):
    """(themes, documents, seed, copies) to themes, group ``themes`` everyday, the next addresses.

    The documents of theme 0 are copies of one text where ``copies`` is given: that share of them.
    """

    def draw(themes: int = 6, documents: int = 600, seed: int = 0, copies: float = 0.0) -> Ground:
        rng = np.random.default_rng(seed)
        groups = themes + 2
        theme = np.arange(documents) % themes
        talks, signed = rng.random(documents) < 0.3, rng.random(documents) < 0.2
        axes = np.eye(groups + 2)
        vectors = axes[theme] + talks[:, None] * axes[themes] + signed[:, None] * axes[themes + 1]
        vectors = vectors + 0.15 * rng.normal(size=vectors.shape)
        rows = axes[np.arange(groups * EACH) // EACH]
        rows = rows + 0.05 * rng.normal(size=rows.shape)
        rates = np.full((documents, groups), 0.02)
        rates[np.arange(documents), theme] = 1.0
        rates[:, themes] = np.where(talks, 1.2, 0.5)
        rates[:, themes + 1] = np.where(signed, 0.6, 0.02)
        dense = rng.poisson(np.repeat(rates, EACH, axis=1))
        same = np.flatnonzero(theme == 0)[: round(copies * (theme == 0).sum())]
        if len(same):
            dense[same], vectors[same] = dense[same[0]], vectors[same[0]]
        dense[-1] = 0  # one document without words
        return ground(rows, vectors, dense, groups)

    def ground(rows: Any, vectors: Any, dense: Any, n_topics: int) -> Ground:
        bag = as_bag(dense)
        space = shared_space(rows, vectors, bag)
        return Ground(rows, vectors, dense, bag, space, find(space, n_topics))

    return draw


@pytest.fixture(scope="session")
def planted_themes(grow) -> Ground:
    return grow()
