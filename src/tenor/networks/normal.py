"""The diagonal normal posterior q(z|x) and the standard normal prior p(z)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from tenor.networks.noise import Noise
from tenor.networks.parts import Batch, Posterior, Prior

LOG_SIGMA_BOUND = 5.0


def bounded_log_sigma(raw: Tensor) -> Tensor:
    """log σ = c tanh(a / c) with c = 5: any real a gives σ in (e⁻⁵, e⁵), near 0 it is a itself."""
    return LOG_SIGMA_BOUND * torch.tanh(raw / LOG_SIGMA_BOUND)


@final
@dataclass(frozen=True, eq=False)
class NormalPosterior(Posterior):
    """q(z|x) = Normal(μ, diag σ²), one a document.

    Attributes:
        mean: μ, (B, K).
        log_sigma: log σ, (B, K).
    """

    mean: Tensor
    log_sigma: Tensor

    def noise(self, n_samples: int, noise: Noise) -> Tensor:
        return noise.normal(n_samples, *self.mean.shape)

    def shared_noise(self, n_pairs: int, noise: Noise) -> Tensor:
        epsilon = noise.normal(n_pairs, 1, self.mean.shape[1])
        return torch.cat([epsilon, -epsilon])

    def sample(self, epsilon: Tensor) -> Tensor:
        """z = μ + σ ⊙ ε for ε (S, B, K) or (S, 1, K): (S, B, K)."""
        return self.mean + self.log_sigma.exp() * epsilon

    def log_prob(self, z: Tensor) -> Tensor:
        standard = (z - self.mean) / self.log_sigma.exp()
        return -(0.5 * standard.square() + self.log_sigma + 0.5 * math.log(2 * math.pi)).sum(-1)

    @property
    def free(self) -> Tensor:
        """(2, B, K) μ and log σ."""
        return torch.stack([self.mean, self.log_sigma])

    def with_free(self, free: Tensor) -> NormalPosterior:
        return NormalPosterior(free[0], free[1])

    def hold_(self, free: Tensor) -> None:
        free[1].clamp_(-LOG_SIGMA_BOUND, LOG_SIGMA_BOUND)


@final
class StandardNormal(Prior[NormalPosterior]):
    """p(z) = Normal(0, I)."""

    def __init__(self, n_components: int) -> None:
        super().__init__()
        self.n_components = n_components

    def log_prob(self, z: Tensor, batch: Batch) -> Tensor:
        return -(0.5 * z.square() + 0.5 * math.log(2 * math.pi)).sum(-1)

    def kl(self, posterior: NormalPosterior, batch: Batch) -> Tensor:
        """½ Σ (μ² + σ² − 1 − 2 log σ), (B,)."""
        variance = (2 * posterior.log_sigma).exp()
        terms = 0.5 * (posterior.mean.square() + variance - 1 - 2 * posterior.log_sigma)
        return terms.sum(-1)

    def sample(self, n: int, noise: Noise) -> Tensor:
        return noise.normal(n, self.n_components)
