"""The normal posterior against torch.distributions, and its KL against Monte Carlo."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Independent, Normal, kl_divergence

from tenor.networks.noise import Noise
from tenor.networks.normal import (
    LOG_SIGMA_BOUND,
    NormalPosterior,
    StandardNormal,
    bounded_log_sigma,
)

PRIOR = StandardNormal(3)


@pytest.fixture
def posterior():
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(2, 5, 3, generator=generator, dtype=torch.float64)
    return NormalPosterior(drawn[0], drawn[1])


def as_distribution(posterior):
    return Independent(Normal(posterior.mean, posterior.log_sigma.exp()), 1)


def test_kl(posterior):
    prior = Independent(Normal(torch.zeros(5, 3).double(), 1.0), 1)
    found = PRIOR.kl(posterior, None)
    torch.testing.assert_close(found, kl_divergence(as_distribution(posterior), prior))


def test_kl_of_the_prior_is_zero():
    zero = torch.zeros(2, 4)
    assert StandardNormal(4).kl(NormalPosterior(zero, zero), None).tolist() == [0.0, 0.0]


def test_log_prob(posterior):
    z = torch.randn(7, 5, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    torch.testing.assert_close(posterior.log_prob(z), as_distribution(posterior).log_prob(z))
    prior = Independent(Normal(torch.zeros(3).double(), 1.0), 1)
    torch.testing.assert_close(PRIOR.log_prob(z, None), prior.log_prob(z))


def test_kl_by_monte_carlo(posterior):
    z = posterior.sample(posterior.noise(100_000, Noise("cpu", 0, "test")))
    drawn = posterior.log_prob(z) - PRIOR.log_prob(z, None)
    error = drawn.std(0) / len(drawn) ** 0.5
    assert ((drawn.mean(0) - PRIOR.kl(posterior, None)).abs() < 5 * error).all()


def test_samples_have_the_posterior_s_moments(posterior):
    z = posterior.sample(posterior.noise(100_000, Noise("cpu", 0, "test")))
    sigma = posterior.log_sigma.exp()
    assert ((z.mean(0) - posterior.mean).abs() < 5 * sigma / len(z) ** 0.5).all()
    torch.testing.assert_close(z.std(0), sigma, rtol=0.02, atol=0)


def test_one_set_of_noise_for_all_documents(posterior):
    epsilon = torch.randn(4, 1, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    z = posterior.sample(epsilon)
    assert z.shape == (4, 5, 3)
    back = (z - posterior.mean) / posterior.log_sigma.exp()
    torch.testing.assert_close(back, epsilon.expand(4, 5, 3))


def test_log_sigma_is_bounded_and_the_identity_near_zero():
    raw = torch.tensor([-1e30, -7.0, -0.01, 0.0, 0.01, 7.0, 1e30], dtype=torch.float64)
    bounded = bounded_log_sigma(raw)
    assert bounded.abs().max() <= LOG_SIGMA_BOUND
    assert (bounded.diff() > 0).all()
    torch.testing.assert_close(bounded[2:5], raw[2:5], rtol=1e-5, atol=0)
