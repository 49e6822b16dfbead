"""The inference network: bags of words to the mean and log σ of q(z|x)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn

from tenor.documents import Documents
from tenor.kernels import bag_linear
from tenor.networks.layers import ACTIVATIONS, Linear, glorot
from tenor.networks.noise import Noise
from tenor.networks.normal import NormalPosterior, bounded_log_sigma
from tenor.networks.parts import Batch, Encoder
from tenor.networks.transforms import InputTransform


@final
class BagEncoder(Encoder[NormalPosterior]):
    """An MLP whose first layer sums embedding rows, so its cost is nnz × H.

    plain:     h₁ = f(W₁ t(x) + b₁),      hᵢ₊₁ = f(Wᵢ₊₁ hᵢ + bᵢ₊₁)
    residual:  h₁ = f(LN(W₁ t(x) + b₁)),  hᵢ₊₁ = hᵢ + f(LN(Wᵢ₊₁ hᵢ + bᵢ₊₁))   (equal sizes only)

    with dropout on every hᵢ, then μ = W_μ h + b_μ and log σ = 5 tanh((W_σ h + b_σ) / 5).
    LN is layer normalisation (Ba et al. 2016), f the activation, t the input transform.
    """

    def __init__(
        self,
        n_words: int,
        n_components: int,
        sizes: tuple[int, ...],
        kind: str,
        activation: str,
        input_transform: str,
        dropout: float,
        noise: Noise,
    ) -> None:
        super().__init__()
        self.transform = InputTransform(input_transform, n_words)
        self.activation = ACTIVATIONS[activation]
        self.residual = kind == "residual"
        self.dropout = dropout
        first = sizes[0] if sizes else 2 * n_components
        # (V, H): a word's row is what one occurrence of it adds to the first layer.
        self.embedding = glorot(noise, n_words, first)
        self.bias = nn.Parameter(torch.zeros(first))
        self.hidden = nn.ModuleList(Linear(*pair, noise) for pair in pairwise(sizes))
        normed = sizes if self.residual else ()
        self.norms = nn.ModuleList(nn.LayerNorm(size) for size in normed)
        self.head = Linear(sizes[-1], 2 * n_components, noise) if sizes else None

    def learn(self, documents: Documents) -> None:
        """Take the inputs' idf."""
        self.transform.learn(documents.bag)

    def word_parameters(self) -> Iterator[nn.Parameter]:
        yield self.embedding

    def forward(self, batch: Batch, noise: Noise | None = None) -> NormalPosterior:
        bag = batch.seen
        values = bag_linear(bag, self.transform(bag), self.embedding, self.sparse_gradient)
        values = values + self.bias
        if self.head is not None:
            values = self.head(self._layers(values, noise))
        mean, raw = values.chunk(2, dim=-1)
        return NormalPosterior(mean, bounded_log_sigma(raw))

    def _layers(self, values: Tensor, noise: Noise | None) -> Tensor:
        hidden = values
        for number in range(len(self.hidden) + 1):
            step = self.hidden[number - 1](hidden) if number else values
            step = self.activation(self.norms[number](step) if self.residual else step)
            hidden = hidden + step if self.residual and number else step
            if noise is not None:
                hidden = noise.dropout(hidden, self.dropout)
        return hidden
