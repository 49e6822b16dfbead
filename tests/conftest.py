"""What many rooms' tests need: bags from dense counts and back, planted topics, one thread."""

from __future__ import annotations

import numpy as np
import pytest

from tenor.bow import BagOfWords


def bag_of(dense) -> BagOfWords:
    dense = np.asarray(dense)
    documents, words = np.nonzero(dense)
    offsets = np.searchsorted(documents, np.arange(len(dense) + 1))
    return BagOfWords(offsets, words, dense[documents, words].astype(np.int64), dense.shape[1])


def dense_of(bag: BagOfWords) -> np.ndarray:
    dense = np.zeros(bag.shape, dtype=np.int64)
    for d in range(len(bag)):
        own = slice(int(bag.offsets[d]), int(bag.offsets[d + 1]))
        dense[d, bag.words[own]] = bag.counts[own]
    return dense


@pytest.fixture(scope="session")
def as_bag():
    """Dense (D, V) counts to a bag."""
    return bag_of


@pytest.fixture(scope="session")
def as_dense():
    """A bag to dense (D, V) counts."""
    return dense_of


@pytest.fixture(scope="session")
def random_bag():
    """(n_documents, n_words, seed) to a bag of Poisson counts, every fifth document empty."""

    def draw(n_documents: int, n_words: int, seed: int = 0, rate: float = 0.7) -> BagOfWords:
        dense = np.random.default_rng(seed).poisson(rate, size=(n_documents, n_words))
        dense[4::5] = 0
        return bag_of(dense)

    return draw


@pytest.fixture(scope="session")
def planted():
    """(n_documents, seed) to documents of 4 planted topics over 40 words, 30 tokens each."""

    def draw(n_documents: int, seed: int = 0) -> BagOfWords:
        rng = np.random.default_rng(seed)
        topics = np.full((4, 40), 0.05 / 40)
        for topic in range(4):
            topics[topic, topic * 10 : topic * 10 + 10] += 0.95 / 10
        mixed = rng.dirichlet([0.2] * 4, size=n_documents) @ topics
        return bag_of(np.stack([rng.multinomial(30, p / p.sum()) for p in mixed]))

    return draw


@pytest.fixture(scope="session")
def bound_of():
    """A network, a batch, noise, and samples to the bound that a training step makes."""

    def draw(network, batch, noise, n_samples: int = 1):
        posterior = network.encoder(batch, noise)
        return network.bound(posterior, batch, posterior.noise(n_samples, noise), noise)

    return draw


@pytest.fixture(autouse=True)
def one_thread():
    """Tests share the machine: torch keeps to one thread where it is used at all."""
    import sys

    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
