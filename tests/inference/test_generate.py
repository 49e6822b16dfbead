"""What the model expects, and what it makes up."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenor.errors import InputError
from tenor.inference import generate
from tenor.inference.encode import encode
from tenor.inference.generate import expected_counts, sample_documents
from tenor.networks.noise import Noise

WORDS = [f"w{v}" for v in range(40)]


@pytest.fixture
def network(trained):
    return trained()


def test_expected_counts_sum_to_the_length(network, documents):
    some = documents(20)
    found = expected_counts(network, some, WORDS, top=40)
    assert len(found) == 20
    for pairs, length in zip(found, some.bag.lengths, strict=True):
        assert {word for word, _ in pairs} == set(WORDS)
        assert sum(count for _, count in pairs) == pytest.approx(length, rel=1e-5)


def test_expected_counts_are_those_at_the_posterior_mean(network, documents):
    some = documents(20)
    latent = torch.as_tensor(encode(network, some).mean)
    p = network.decoder.probabilities(network.generator(latent)).numpy() * some.bag.lengths[:, None]
    for row, pairs in enumerate(expected_counts(network, some, WORDS, top=5)):
        assert len(pairs) == 5
        values = [value for _, value in pairs]
        assert values == sorted(values, reverse=True)
        np.testing.assert_allclose(values, np.sort(p[row])[::-1][:5], rtol=1e-5)
        for word, value in pairs:
            assert value == pytest.approx(p[row, WORDS.index(word)], rel=1e-5)


def test_expected_counts_in_small_pieces(network, documents, monkeypatch):
    whole = expected_counts(network, documents(300), WORDS, top=3)
    monkeypatch.setattr(generate, "AT_ONCE", 80)
    pieces = expected_counts(network, documents(300), WORDS, top=3)
    assert [[v for _, v in row] for row in pieces] == [
        pytest.approx([v for _, v in row], rel=1e-5) for row in whole
    ]


def test_more_words_than_there_are(network, documents):
    assert [len(row) for row in expected_counts(network, documents(2), WORDS, 1000)] == [40, 40]
    assert expected_counts(network, documents(2)[:0], WORDS, 3) == []


def test_samples_have_the_length_asked_for(network):
    found = sample_documents(network, WORDS, n=5, length=37, seed=0)
    assert len(found) == 5
    for pairs in found:
        counts = [count for _, count in pairs]
        assert sum(counts) == 37
        assert min(counts) >= 1
        assert counts == sorted(counts, reverse=True)
        assert len({word for word, _ in pairs}) == len(pairs)


def test_samples_depend_on_the_seed_and_their_number(network):
    first = sample_documents(network, WORDS, 3, 50, seed=0)
    assert first == sample_documents(network, WORDS, 3, 50, seed=0)
    assert first[:2] == sample_documents(network, WORDS, 2, 50, seed=0)
    assert first != sample_documents(network, WORDS, 3, 50, seed=1)
    assert first[0] != first[1]


def test_samples_follow_the_model(network):
    """One very long document has the frequencies p(v|z) of its own z."""
    (pairs,) = sample_documents(network, WORDS, 1, 10**6, seed=3)
    share = np.zeros(40)
    for word, count in pairs:
        share[WORDS.index(word)] = count / 1e6
    z = Noise("cpu", 3, "sample", 0).normal(1, 4)
    p = network.decoder.probabilities(network.generator(z))[0].numpy()
    assert p.std() > 0.01
    np.testing.assert_allclose(share, p, atol=0.002)


def test_bad_numbers_are_refused(network, documents):
    for n, length in ((0, 5), (5, 0), (2.5, 5), (5, 2.5)):
        with pytest.raises(InputError, match="at least 1"):
            sample_documents(network, WORDS, n, length, seed=0)
    with pytest.raises(InputError, match="top"):
        expected_counts(network, documents(2), WORDS, 0)
    with pytest.raises(InputError, match="top"):
        expected_counts(network, documents(2), WORDS, 2.5)
