"""With one latent dimension log p(x) is an integral that a grid gives: the bounds lie below it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, logsumexp
from scipy.stats import norm

from tenor.documents import Documents
from tenor.inference.bounds import document_bounds
from tenor.networks.models import NVDMConfig, nvdm

REPEATS = 200  # copies of each document, so that the bounds' expectations are known well


@pytest.fixture(scope="module")
def network():
    config = NVDMConfig(
        n_words=5,
        n_components=1,
        encoder_sizes=(4,),
        encoder="plain",
        activation="tanh",
        input_transform="log1p",
        dropout=0.0,
        generator_sizes=(),
    )
    network = nvdm(config)
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.7 * torch.randn(parameter.shape, generator=generator)
    return network.requires_grad_(False)


COUNTS = np.array([[3, 0, 1, 0, 0], [0, 2, 0, 2, 6], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]])


def log_evidence(network, x):
    """log ∫ p(x|z) N(z; 0, 1) dz by the trapezium rule on a fine grid."""
    z = np.linspace(-12, 12, 24_001)
    weight, bias = network.decoder.weight.double().numpy(), network.decoder.bias.double().numpy()
    log_p = log_softmax(z[:, None] @ weight.T + bias, axis=1)
    return logsumexp(log_p @ x + norm.logpdf(z)) + np.log(z[1] - z[0])


@pytest.fixture(scope="module")
def evidence(network):
    return np.array([log_evidence(network, x) for x in COUNTS])


def expectations(network, as_bag, n_samples, refine=0):
    """(elbo, importance-weighted, error of the latter) of each document, over its copies."""
    copies = Documents(as_bag(np.repeat(COUNTS, REPEATS, axis=0)))
    found = document_bounds(network, copies, n_samples, refine=refine)
    weighted = found.importance_weighted.reshape(-1, REPEATS)
    elbo = found.elbo.reshape(-1, REPEATS)
    return elbo.mean(1), weighted.mean(1), weighted.std(1) / REPEATS**0.5


def test_both_bounds_lie_below_the_evidence_and_the_weighted_one_reaches_it(
    network, as_bag, evidence
):
    few_elbo, few, _ = expectations(network, as_bag, 4)
    _, many, error = expectations(network, as_bag, 400)
    assert (few_elbo[:3] < evidence[:3] - 0.01).all()
    assert (few_elbo[:3] < few[:3]).all()
    assert (few[:3] < many[:3]).all()
    assert (many < evidence + 5 * error + 1e-3).all()
    np.testing.assert_allclose(many, evidence, atol=0.05)


def test_refined_bounds_still_lie_below_the_evidence(network, as_bag, evidence):
    before, *_ = expectations(network, as_bag, 20)
    after, weighted, error = expectations(network, as_bag, 20, refine=60)
    assert (after[:3] > before[:3]).all()
    assert (after < evidence + 1e-2).all()
    assert (weighted < evidence + 5 * error + 1e-3).all()
