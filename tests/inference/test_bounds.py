"""The ELBO and the importance-weighted bound against their definitions in dense float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, logsumexp
from scipy.stats import norm

from tenor.documents import Documents
from tenor.errors import InputError
from tenor.inference.bounds import document_bounds, document_elbos, log_likelihood_given
from tenor.inference.encode import encode
from tenor.networks.noise import Noise

S = 6


@pytest.fixture(params=["counts", "presence"])
def network(request, trained):
    return trained(likelihood=request.param)


def dense_bounds(network, some, dense, seed, n_samples):
    """(elbo, importance-weighted, reconstruction, kl) of one block of documents."""
    q = encode(network, some)
    mean, sigma = q.mean.astype(np.float64), np.exp(q.log_sigma.astype(np.float64))
    epsilon = Noise("cpu", seed, "evaluate", 0).normal(n_samples, *mean.shape).numpy()
    z = mean + sigma * epsilon.astype(np.float64)
    log_likelihood = np.stack([dense_log_likelihood(network, one, dense) for one in z])
    kl = 0.5 * (mean**2 + sigma**2 - 1 - 2 * np.log(sigma)).sum(1)
    log_weight = log_likelihood + norm.logpdf(z).sum(-1) - norm.logpdf(z, mean, sigma).sum(-1)
    weighted = logsumexp(log_weight, 0) - np.log(n_samples)
    return log_likelihood.mean(0) - kl, weighted, log_likelihood.mean(0), kl


def dense_log_likelihood(network, z, dense):
    """Σ_v x_v log p(v | z), through the network's own h, R and b."""
    h = network.generator(torch.as_tensor(z, dtype=torch.float32)).double().numpy()
    weight, bias = network.decoder.weight.double().numpy(), network.decoder.bias.double().numpy()
    return (dense * log_softmax(h @ weight.T + bias, axis=1)).sum(1)


def test_against_the_definitions(network, documents, as_dense):
    some = documents(30)
    dense = as_dense(network.observed(some).bag)
    found = document_bounds(network, some, S, seed=3)
    elbo, weighted, reconstruction, kl = dense_bounds(network, some, dense, 3, S)
    np.testing.assert_allclose(found.elbo, elbo, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.importance_weighted, weighted, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.reconstruction, reconstruction, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found.kl, kl, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found.lengths, dense.sum(1))
    np.testing.assert_array_equal(found.mean, encode(network, some).mean)
    assert (found.n_samples, found.refine) == (S, 0)
    assert found.elbo.dtype == np.float64


def test_one_sample_weighs_by_log_q(network, documents):
    """With S = 1 the importance-weighted bound is log p(x|z) + log p(z) − log q(z|x)."""
    some = documents(30)
    found = document_bounds(network, some, 1, seed=0)
    q = encode(network, some)
    epsilon = Noise("cpu", 0, "evaluate", 0).normal(1, 30, 4).numpy()[0]
    z = q.mean + np.exp(q.log_sigma) * epsilon
    log_q = norm.logpdf(epsilon).sum(1) - q.log_sigma.sum(1)
    expected = found.reconstruction + norm.logpdf(z).sum(1) - log_q
    np.testing.assert_allclose(found.importance_weighted, expected, rtol=1e-5, atol=1e-4)


def test_more_weighted_samples_give_a_higher_bound(network, documents):
    some = documents(200)
    few, many = document_bounds(network, some, 2), document_bounds(network, some, 50)
    assert many.importance_weighted.mean() > few.importance_weighted.mean()
    assert many.importance_weighted.mean() > many.elbo.mean() + 0.05


def test_empty_documents_have_no_likelihood_to_lose(network, documents):
    found = document_bounds(network, documents(20), S)
    assert found.reconstruction[3] == 0
    assert found.lengths[3] == 0
    assert np.isfinite(found.importance_weighted).all()


def test_an_empty_collection(network, documents):
    found = document_bounds(network, documents(20)[:0], S, refine=2)
    for name in ("elbo", "importance_weighted", "reconstruction", "kl", "lengths"):
        assert getattr(found, name).shape == (0,)
    assert found.mean.shape == (0, 4)


def test_the_same_call_and_the_seed(network, documents):
    some = documents(300)
    first = document_bounds(network, some, 2, seed=0)
    np.testing.assert_array_equal(first.elbo, document_bounds(network, some, 2, seed=0).elbo)
    other = document_bounds(network, some, 2, seed=1)
    full = np.flatnonzero(first.lengths)
    assert (first.elbo[full] != other.elbo[full]).all()
    np.testing.assert_array_equal(first.kl, other.kl)


def test_blocks_draw_noise_of_their_own(network, documents, as_bag, as_dense):
    one = as_dense(documents(1).bag)
    many = Documents(as_bag(np.repeat(one, 512, axis=0)))
    found = document_bounds(network, many, 1).reconstruction
    assert np.isclose(found[:256], found[256:], rtol=1e-6).mean() < 0.05


def test_shares_of_workers_add_up_bit_for_bit(network, documents):
    some = documents(700)  # three blocks, for four workers
    whole, lengths = document_elbos(network, some, 2, seed=1)
    shares = [document_elbos(network, some, 2, seed=1, share=(i, 4))[0] for i in range(4)]
    assert np.array_equal(sum(shares), whole)
    assert not shares[3].any() and all(share.any() for share in shares[:3])
    np.testing.assert_array_equal(whole, document_bounds(network, some, 2, seed=1).elbo)
    assert len(lengths) == 700


def test_log_likelihood_of_given_vectors(network, documents, as_dense):
    some = documents(300)
    latent = encode(network, some).mean
    expected = dense_log_likelihood(network, latent, as_dense(network.observed(some).bag))
    found = log_likelihood_given(network, latent, some)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)
    assert log_likelihood_given(network, latent[:0], some[:0]).shape == (0,)


@pytest.mark.parametrize("bad", [{"n_samples": 0}, {"n_samples": 2.5}, {"refine": -1}], ids=str)
def test_numbers_that_are_not_whole_get_one_line(network, documents, bad):
    with pytest.raises(InputError, match="must be a whole number"):
        document_bounds(network, documents(2), **bad)
