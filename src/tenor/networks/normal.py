"""The diagonal normal posterior q(z|x) and the standard normal prior p(z)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from tenor.networks.noise import Noise

LOG_SIGMA_BOUND = 5.0


def bounded_log_sigma(raw: Tensor) -> Tensor:
    """log σ = c tanh(a / c) with c = 5: any real a gives σ in (e⁻⁵, e⁵), near 0 it is a itself."""
    return LOG_SIGMA_BOUND * torch.tanh(raw / LOG_SIGMA_BOUND)


@dataclass(frozen=True, eq=False)
class NormalPosterior:
    """q(z|x) = Normal(μ, diag σ²), one a document.

    Attributes:
        mean: μ, (B, K).
        log_sigma: log σ, (B, K).
    """

    mean: Tensor
    log_sigma: Tensor

    def sample(self, epsilon: Tensor) -> Tensor:
        """z = μ + σ ⊙ ε for ε (S, B, K) or (S, 1, K): (S, B, K)."""
        return self.mean + self.log_sigma.exp() * epsilon

    def noise(self, n_samples: int, noise: Noise) -> Tensor:
        """ε for ``n_samples`` samples of every document: (S, B, K)."""
        return noise.normal(n_samples, *self.mean.shape)

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z|x) of z (S, B, K): (S, B)."""
        standard = (z - self.mean) / self.log_sigma.exp()
        return -(0.5 * standard.square() + self.log_sigma + 0.5 * math.log(2 * math.pi)).sum(-1)

    def kl(self) -> Tensor:
        """KL(q ‖ N(0, I)) in nats, in closed form: ½ Σ (μ² + σ² − 1 − 2 log σ), (B,)."""
        return self.kl_by_dimension().sum(-1)

    def kl_by_dimension(self) -> Tensor:
        """The K terms of the KL, (B, K)."""
        variance = (2 * self.log_sigma).exp()
        return 0.5 * (self.mean.square() + variance - 1 - 2 * self.log_sigma)


def standard_normal_log_prob(z: Tensor) -> Tensor:
    """log p(z) under N(0, I) for z (S, B, K): (S, B)."""
    return -(0.5 * z.square() + 0.5 * math.log(2 * math.pi)).sum(-1)
