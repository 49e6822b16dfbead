"""Small dense building blocks whose weights come from a generator of their own."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tenor.networks.noise import Noise

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "softplus": nn.functional.softplus,
    "gelu": nn.functional.gelu,
}


def glorot(noise: Noise, fan_out: int, fan_in: int, gain: float = 1.0) -> nn.Parameter:
    """A (fan_out, fan_in) parameter, uniform as in Glorot & Bengio (2010)."""
    weight = torch.empty(fan_out, fan_in)
    nn.init.xavier_uniform_(weight, gain=gain, generator=noise.generator)
    return nn.Parameter(weight)


class Linear(nn.Module):
    """x ↦ W x + b with W (n_out, n_in)."""

    def __init__(self, n_in: int, n_out: int, noise: Noise, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = glorot(noise, n_out, n_in, gain)
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, values: Tensor) -> Tensor:
        """(…, n_in) to (…, n_out)."""
        return nn.functional.linear(values, self.weight, self.bias)
