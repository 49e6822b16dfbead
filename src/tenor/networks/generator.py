"""h(z) of NVDM: the latent vector itself, or hidden layers beside it or in its place."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from tenor.networks.layers import Linear
from tenor.networks.noise import Noise
from tenor.networks.parts import Map


@final
class Generator(Map):
    """The identity, or hidden tanh layers beside it or in its place. A document's vector is z.

    no sizes:  h = z
    beside:    h = [z, g(z)]     stacked:  h = g(z)

    with g(z) = tanh(Wₙ … tanh(W₁ z + b₁) … + bₙ) and dropout on g(z).
    """

    def __init__(
        self, n_components: int, sizes: tuple[int, ...], kind: str, dropout: float, noise: Noise
    ) -> None:
        super().__init__()
        widths = (n_components, *sizes)
        pairs = zip(widths, sizes, strict=False)
        self.layers = nn.ModuleList(Linear(n_in, n_out, noise) for n_in, n_out in pairs)
        self.beside = kind == "beside"
        self.dropout = dropout
        self.n_components = self.n_vector = n_components
        self.n_features = n_components + sizes[-1] if sizes and self.beside else widths[-1]

    def forward(self, z: Tensor, noise: Noise | None = None) -> Tensor:
        if not self.layers:
            return z
        hidden = z
        for layer in self.layers:
            hidden = torch.tanh(layer(hidden))
        if noise is not None:
            hidden = noise.dropout(hidden, self.dropout)
        return torch.cat([z, hidden], dim=-1) if self.beside else hidden

    def vector(self, mean: Tensor) -> Tensor:
        """z: a person walks in the space before the hidden layers."""
        return mean

    def of_vector(self, vector: Tensor) -> Tensor:
        return self.forward(vector)
