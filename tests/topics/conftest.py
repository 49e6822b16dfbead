"""Planted topics: six themes of twelve words each, and twelve words that are everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.topics.finding import find
from tenor.topics.space import SharedSpace, shared_space
from tenor.topics.topics import Topics

THEMES = ("space", "faith", "sport", "car", "chip", "health")
EACH, K = 12, 14


@dataclass(frozen=True, eq=False)
class Planted:
    vocabulary: list[str]
    word_vectors: Any
    vectors: Any
    theme: Any  # (D,) of each document
    bag: BagOfWords
    space: SharedSpace
    topics: Topics

    def ids(self, *words: str) -> list[int]:
        return [self.vocabulary.index(word) for word in words]


def _plant(seed: int, n_documents: int = 900) -> Planted:
    rng = np.random.default_rng(seed)
    vocabulary = [f"{theme}{n}" for theme in (*THEMES, "the") for n in range(EACH)]
    theme_of_word = np.arange(len(vocabulary)) // EACH
    axes = np.eye(K)
    half = np.arange(len(vocabulary)) % EACH >= EACH // 2  # each theme has two halves
    rows = (
        axes[theme_of_word]
        + 0.4 * axes[len(THEMES) + 1 + theme_of_word] * np.where(half, 1, -1)[:, None]
    )
    rows[theme_of_word == len(THEMES)] = 0.0
    rows = rows + 0.03 * rng.normal(size=rows.shape)
    theme = rng.integers(0, len(THEMES), n_documents)
    part = rng.integers(0, 2, n_documents)
    vectors = axes[theme] + 0.4 * axes[len(THEMES) + 1 + theme] * (2 * part - 1)[:, None]
    vectors = vectors + 0.1 * rng.normal(size=vectors.shape)
    dense = np.zeros((n_documents, len(vocabulary)), dtype=np.int64)
    for d, own in enumerate(theme):
        p = np.full(len(vocabulary), 0.02 / len(vocabulary))
        p[(theme_of_word == own) & (half == part[d])] += 0.5 / (EACH // 2)
        p[theme_of_word == own] += 0.28 / EACH
        p[theme_of_word == len(THEMES)] += 0.2 / EACH
        dense[d] = rng.multinomial(25, p)
    documents, words = np.nonzero(dense)
    offsets = np.searchsorted(documents, np.arange(len(dense) + 1))
    bag = BagOfWords(offsets, words, dense[documents, words], len(vocabulary))
    space = shared_space(rows, vectors, bag)
    return Planted(vocabulary, rows, vectors, theme, bag, space, find(space, len(THEMES)))


@pytest.fixture(scope="session")
def planted() -> Planted:
    return _plant(0)


@pytest.fixture(scope="session")
def planted_again() -> Planted:
    """The same themes in other documents, as after a refit."""
    return _plant(1)
