"""Refinement: each document's own μ and log σ, improved by gradient steps on its own bound.

The encoder's q(z|x) is a guess made for all documents at once; the gap to the best normal
posterior of a document is its amortisation gap (Cremer et al. 2018, arXiv:1801.03558). Adam
(Kingma & Ba 2015) climbs the bound of every document from the encoder's guess.

The noise is one fixed set of ε, the same for all documents: a few antithetic pairs ±ε for each
step, so that no posterior settles on the quirks of a handful of samples, and a larger set on
which start and end are compared; a document that did not gain keeps the encoder's answer.
Adam's steps are made number by number, so a document's result depends on nothing but itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tenor.checks import whole
from tenor.kernels import Bag
from tenor.networks.network import Batch, VariationalNetwork
from tenor.networks.noise import Noise
from tenor.networks.normal import LOG_SIGMA_BOUND, NormalPosterior

CHECK_PAIRS = 8


@dataclass(frozen=True)
class Refinement:
    """How posteriors are refined.

    Attributes:
        steps: gradient steps a document.
        seed: of the noise, which is independent of the noise that evaluation draws.
        n_pairs: antithetic pairs ±ε a step.
        step_size: Adam's step size at the start; it falls to 0 along a cosine.

    Raises:
        InputError: when ``steps`` is no whole number of at least 0.
    """

    steps: int
    seed: int = 0
    n_pairs: int = 1
    step_size: float = 0.05

    def __post_init__(self) -> None:
        whole("refine", self.steps, 0)

    def __call__(
        self, network: VariationalNetwork, batch: Batch, posterior: NormalPosterior
    ) -> NormalPosterior:
        """The refined posterior of every document of ``batch``."""
        noise = Noise(network.device, self.seed, "refine")
        climbing = _Ascent(posterior)
        for step in range(self.steps):
            epsilon = _pairs(noise, self.n_pairs, network.n_components)
            bound = own_bound(network, batch.bag, climbing.posterior, epsilon)
            falling = 0.5 * (1 + math.cos(math.pi * step / self.steps))
            climbing.step(bound, self.step_size * falling)
        return _better(network, batch.bag, posterior, climbing.posterior, self.check_noise(network))

    def check_noise(self, network: VariationalNetwork) -> Tensor:
        """(S, 1, K) the ε on which start and end are compared."""
        noise = Noise(network.device, self.seed, "refine", "check")
        return _pairs(noise, CHECK_PAIRS, network.n_components)


def own_bound(
    network: VariationalNetwork, bag: Bag, posterior: NormalPosterior, epsilon: Tensor
) -> Tensor:
    """(B,) the bound of every document under ε (S, 1, K)."""
    nll = network.nll(network.features(posterior.sample(epsilon)), bag)
    return -nll.mean(0) - posterior.kl()


def _pairs(noise: Noise, n_pairs: int, n_components: int) -> Tensor:
    epsilon = noise.normal(n_pairs, 1, n_components)
    return torch.cat([epsilon, -epsilon])


@torch.no_grad()
def _better(
    network: VariationalNetwork,
    bag: Bag,
    start: NormalPosterior,
    end: NormalPosterior,
    epsilon: Tensor,
) -> NormalPosterior:
    """For every document the one of two posteriors with the higher bound under ε."""
    gained = own_bound(network, bag, end, epsilon) > own_bound(network, bag, start, epsilon)
    chosen = gained[:, None]
    return NormalPosterior(
        torch.where(chosen, end.mean, start.mean),
        torch.where(chosen, end.log_sigma, start.log_sigma),
    )


class _Ascent:
    """Adam on (μ, log σ), number by number."""

    BETAS = (0.9, 0.99)

    def __init__(self, start: NormalPosterior) -> None:
        self.values = torch.stack([start.mean, start.log_sigma]).detach().clone()
        self.values.requires_grad_(True)
        self.first = torch.zeros_like(self.values, requires_grad=False)
        self.second = torch.zeros_like(self.values, requires_grad=False)
        self.count = 0

    @property
    def posterior(self) -> NormalPosterior:
        return NormalPosterior(self.values[0], self.values[1])

    def step(self, bound: Tensor, size: float) -> None:
        # The sum's gradient with respect to one document's numbers is that of its own bound.
        (gradient,) = torch.autograd.grad(bound.sum(), self.values)
        self.count += 1
        decay, decay_square = self.BETAS
        self.first.lerp_(gradient, 1 - decay)
        self.second.lerp_(gradient.square(), 1 - decay_square)
        mean = self.first / (1 - decay**self.count)
        scale = (self.second / (1 - decay_square**self.count)).sqrt() + 1e-8
        with torch.no_grad():
            self.values += size * mean / scale
            self.values[1].clamp_(-LOG_SIGMA_BOUND, LOG_SIGMA_BOUND)
