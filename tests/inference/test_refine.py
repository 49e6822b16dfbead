"""Refinement climbs each document's own bound and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenor.inference import refine
from tenor.inference.bounds import document_bounds
from tenor.inference.encode import encode
from tenor.inference.refine import Refinement
from tenor.networks.noise import Noise
from tenor.networks.normal import LOG_SIGMA_BOUND

CLOSE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture(params=["counts", "presence"])
def network(request, trained):
    return trained(likelihood=request.param)


def own_bound(network, batch, posterior, refinement):
    """The bound under the ε on which the refinement compares start and end."""
    return network.bound(posterior, batch, refinement.check_noise(posterior)).elbo


@pytest.mark.parametrize("step_size", [0.1, 30.0], ids=["sound", "far-too-large"])
@pytest.mark.parametrize("steps", [1, 10])
def test_never_below_the_start_under_its_own_noise(network, documents, steps, step_size):
    refinement = Refinement(steps, seed=2, step_size=step_size)
    batch = network.batch(documents(50))
    start = network.encoder(batch)
    refined = refinement(network, batch, start)
    before = own_bound(network, batch, start, refinement)
    after = own_bound(network, batch, refined, refinement)
    assert (after >= before - 1e-4).all()
    if step_size < 1:
        assert (after > before).float().mean() > 0.9
    assert refined.log_sigma.abs().max() <= LOG_SIGMA_BOUND
    assert not refined.mean.requires_grad


def test_more_steps_climb_higher(network, documents):
    batch = network.batch(documents(50))
    start = network.encoder(batch)
    few, many = Refinement(5), Refinement(60)
    gain = own_bound(network, batch, many(network, batch, start), many) - own_bound(
        network, batch, few(network, batch, start), few
    )
    assert gain.mean() > 0


def test_higher_under_independent_noise(network, documents):
    some = documents(150)
    before = document_bounds(network, some, 20)
    after = document_bounds(network, some, 20, refine=40)
    assert after.elbo.mean() > before.elbo.mean() + 0.05
    assert after.importance_weighted.mean() > before.importance_weighted.mean() - 0.05
    assert after.refine == 40


@pytest.mark.parametrize("steps", [10, 100])
def test_a_document_s_result_is_its_own(network, documents, steps):
    some, refinement = documents(300), Refinement(steps)
    together = encode(network, some, refinement)
    rows = np.random.default_rng(0).permutation(300)[:40]
    shuffled = encode(network, some.take(rows), refinement)
    np.testing.assert_allclose(shuffled.mean, together.mean[rows], **CLOSE)
    np.testing.assert_allclose(shuffled.log_sigma, together.log_sigma[rows], **CLOSE)
    for row in (0, 3, 299):
        alone = encode(network, some[row : row + 1], refinement)
        np.testing.assert_allclose(alone.mean[0], together.mean[row], **CLOSE)
        np.testing.assert_allclose(alone.log_sigma[0], together.log_sigma[row], **CLOSE)


def test_the_same_call_gives_the_same_bits(network, documents):
    first, second = (encode(network, documents(60), Refinement(10)) for _ in range(2))
    np.testing.assert_array_equal(first.mean, second.mean)
    np.testing.assert_array_equal(first.log_sigma, second.log_sigma)


def test_its_noise_is_not_the_evaluation_s(network, documents, monkeypatch):
    """Otherwise the reported bound would be fitted to its own samples."""
    keys = []

    class Recorded(Noise):
        def __init__(self, device, *key):
            keys.append(key)
            super().__init__(device, *key)

    monkeypatch.setattr(refine, "Noise", Recorded)
    monkeypatch.setattr("tenor.inference.bounds.Noise", Recorded)
    document_bounds(network, documents(20), 3, seed=9, refine=1)
    assert len(set(keys)) == len(keys) == 3  # climbing, comparing, evaluating


def test_the_network_is_left_as_it_was(network, documents):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.requires_grad_(True)
    encode(network, documents(20), Refinement(3))
    assert all(p.grad is None for p in network.parameters())
    network.requires_grad_(False)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
