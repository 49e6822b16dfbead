"""A document's posterior depends on the document alone."""

from __future__ import annotations

import numpy as np
import pytest

from tenor.inference.encode import encode, features
from tenor.inference.refine import Refinement

CLOSE = {"rtol": 1e-4, "atol": 1e-5}
NETWORKS = [{}, {"input_transform": "tfidf"}, {"likelihood": "presence", "encoder": "plain"}]


@pytest.fixture(params=NETWORKS, ids=str)
def network(request, trained):
    return trained(**request.param)


def test_alone_in_a_batch_and_in_any_order(network, documents):
    some = documents(300)  # more than one block
    together = encode(network, some)
    rows = np.random.default_rng(0).permutation(300)
    shuffled = encode(network, some.take(rows))
    np.testing.assert_allclose(shuffled.mean, together.mean[rows], **CLOSE)
    np.testing.assert_allclose(shuffled.log_sigma, together.log_sigma[rows], **CLOSE)
    for row in (0, 3, 255, 256, 299):
        alone = encode(network, some[row : row + 1])
        np.testing.assert_allclose(alone.mean[0], together.mean[row], **CLOSE)
        np.testing.assert_allclose(alone.log_sigma[0], together.log_sigma[row], **CLOSE)


def test_the_same_call_gives_the_same_bits(network, documents):
    some = documents(300)
    first, second = encode(network, some), encode(network, some)
    np.testing.assert_array_equal(first.mean, second.mean)
    np.testing.assert_array_equal(first.log_sigma, second.log_sigma)


def test_documents_differ(network, documents):
    """Guards the tests above: equal posteriors for all would pass them."""
    assert encode(network, documents(20)).mean.std(0).min() > 0.01


def test_empty_documents(network, documents):
    found = encode(network, documents(20)[3:4])
    assert found.mean.shape == found.log_sigma.shape == (1, 4)
    assert np.isfinite(found.mean).all()
    assert np.isfinite(found.log_sigma).all()


@pytest.mark.parametrize("refinement", [None, Refinement(3)])
def test_an_empty_collection(network, documents, refinement):
    found = encode(network, documents(20)[:0], refinement)
    assert found.mean.shape == found.log_sigma.shape == (0, 4)
    assert found.mean.dtype == np.float32


def test_features_are_those_of_the_network(network, documents):
    latent = encode(network, documents(300)).mean
    found = features(network, latent)
    assert found.shape == (300, 9)
    np.testing.assert_array_equal(found[:, :4], latent)  # beside: h = [z, g(z)]
    np.testing.assert_allclose(found[299:], features(network, latent[299:]), **CLOSE)
    assert features(network, latent[:0]).shape == (0, 9)
