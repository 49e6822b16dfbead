"""Refinement: each document's own posterior, improved by gradient steps on its own bound.

The encoder's q(z|x) is a guess made for all documents at once; the gap to the best posterior of
its kind for a document is its amortisation gap (Cremer et al. 2018, arXiv:1801.03558). Adam
(Kingma & Ba 2015) climbs the bound of every document from the encoder's guess.

The noise is one fixed set of ε, the same for all documents: a few antithetic pairs ±ε for each
step, so that no posterior settles on the quirks of a handful of samples, and a larger set on
which start and end are compared; a document that did not gain keeps the encoder's answer.
Adam's steps are made number by number, so a document's result depends on nothing but itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from tenor.checks import whole
from tenor.networks.network import Network
from tenor.networks.noise import Noise
from tenor.networks.parts import Batch, Posterior

CHECK_PAIRS = 8


@dataclass(frozen=True)
class Refinement:
    """How posteriors are refined."""

    steps: int  # of gradient, a document
    seed: int = 0  # of the noise, which is independent of the noise that evaluation draws
    n_pairs: int = 1  # antithetic pairs ±ε a step
    step_size: float = 0.05  # Adam's at the start; it falls to 0 along a cosine

    def __post_init__(self) -> None:
        whole("refine", self.steps, 0)

    @classmethod
    def of(cls, steps: int, seed: int = 0) -> Self | None:
        """So many steps; None for 0, which leave the encoder's answer."""
        asked = cls(steps, seed)
        return asked if asked.steps else None

    def __call__(self, network: Network, batch: Batch, posterior: Posterior) -> Posterior:
        """The refined posterior of every document of ``batch``."""
        noise = Noise(network.device, self.seed, "refine")
        climbing = _Ascent(posterior)
        for step in range(self.steps):
            epsilon = posterior.shared_noise(self.n_pairs, noise)
            elbo = network.bound(climbing.posterior, batch, epsilon).elbo
            falling = 0.5 * (1 + math.cos(math.pi * step / self.steps))
            climbing.step(elbo, self.step_size * falling)
        epsilon, end = self.check_noise(posterior), climbing.posterior
        with torch.no_grad():
            ends, starts = (network.bound(q, batch, epsilon).elbo for q in (end, posterior))
            better = (ends > starts)[:, None]
            return posterior.with_free(torch.where(better, end.free, posterior.free))

    def check_noise(self, posterior: Posterior) -> Tensor:
        """(S, 1, K) the ε on which start and end are compared."""
        noise = Noise(posterior.mean.device, self.seed, "refine", "check")
        return posterior.shared_noise(CHECK_PAIRS, noise)


class _Ascent:
    """Adam on the numbers that make a posterior, each by itself."""

    BETAS = (0.9, 0.99)

    def __init__(self, start: Posterior) -> None:
        self.start = start
        self.values = start.free.detach().clone().requires_grad_(True)
        self.first = torch.zeros_like(self.values, requires_grad=False)
        self.second = torch.zeros_like(self.values, requires_grad=False)
        self.count = 0

    @property
    def posterior(self) -> Posterior:
        return self.start.with_free(self.values)

    def step(self, elbo: Tensor, size: float) -> None:
        # The sum's gradient with respect to one document's numbers is that of its own bound.
        (gradient,) = torch.autograd.grad(elbo.sum(), self.values)
        self.count += 1
        decay, decay_square = self.BETAS
        self.first.lerp_(gradient, 1 - decay)
        self.second.lerp_(gradient.square(), 1 - decay_square)
        mean = self.first / (1 - decay**self.count)
        scale = (self.second / (1 - decay_square**self.count)).sqrt() + 1e-8
        with torch.no_grad():
            self.values += size * mean / scale
            self.start.hold_(self.values)
