"""h(z): from the latent vector to the features that the log-linear decoder reads."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tenor.networks.layers import Linear
from tenor.networks.noise import Noise


class Generator(nn.Module):
    """The identity, or hidden tanh layers beside it or in its place.

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
        self.n_features = n_components + sizes[-1] if sizes and self.beside else widths[-1]

    def forward(self, z: Tensor, noise: Noise | None = None) -> Tensor:
        """(…, K) to (…, F)."""
        if not self.layers:
            return z
        hidden = z
        for layer in self.layers:
            hidden = torch.tanh(layer(hidden))
        if noise is not None:
            hidden = noise.dropout(hidden, self.dropout)
        return torch.cat([z, hidden], dim=-1) if self.beside else hidden

    def slope_at_origin(self) -> Tensor:
        """∂h/∂z at z = 0, (F, K)."""
        first = next(self.parameters(), torch.empty(self.n_features, self.n_features))
        origin = first.new_zeros(first.shape[1])
        slope: Tensor = torch.autograd.functional.jacobian(self.forward, origin)  # type: ignore[no-untyped-call]
        return slope
