"""What a mixture's completion is, and that peers' words and documents are lined up with tenor's."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def peer(random_bag):
    import peers

    class Known(peers.Peer):
        def documents(self, bag):
            return self.tokens(bag)

        def fit(self, documents, iterations):
            pass

        def topics(self):
            return np.random.default_rng(1).dirichlet([0.5] * len(self.words), size=3)

        def infer(self, documents):
            return np.random.default_rng(2).dirichlet([1.0] * 3, size=len(documents))

    return Known([f"word{n}" for n in range(30)])


def test_a_mixture_is_judged_at_the_words_present(peer, random_bag, as_dense):
    bag = random_bag(25, 30)
    mixtures = peer.infer(peer.documents(bag))
    expected = (as_dense(bag) * np.log(mixtures @ peer.topics())).sum(1)
    assert np.allclose(peer.log_likelihood(mixtures, bag), expected)
    assert np.allclose(peer.log_likelihood(mixtures[10:], bag[10:]), expected[10:])


def test_tokens_are_the_counts(peer, random_bag, as_dense):
    bag = random_bag(25, 30)
    documents = peer.documents(bag[5:])
    for document, row in zip(documents, as_dense(bag)[5:], strict=True):
        assert [document.count(word) for word in peer.words] == row.tolist()


def test_unseen_words_get_what_the_prior_gives(peer):
    topics = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    wide = peer.spread(topics, ["word4", "word0", "word9"])
    assert np.allclose(wide.sum(1), 1) and wide.shape == (2, 30)
    assert np.allclose(wide[0, [4, 0, 9]] / wide[0, 4], [1, 2 / 7, 1 / 7])
    assert np.allclose(wide[:, 1], wide.min(1))
