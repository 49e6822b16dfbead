"""The log-linear decoder: softmax(R h + b), whose rows of R are the word vectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
import torch
from torch import Tensor, nn

from tenor.documents import Documents
from tenor.kernels import softmax_nll
from tenor.networks.layers import glorot
from tenor.networks.noise import Noise
from tenor.networks.parts import Batch, Decoder, Observed


@final
class LogLinearDecoder(Decoder):
    """log p(x|h) = Σ_v x_v log softmax(R h + b)_v, with R (V, F) and b (V,)."""

    def __init__(self, n_words: int, n_features: int, observes: Observed, noise: Noise) -> None:
        super().__init__()
        self.n_words = n_words
        self.observes = observes
        self.weight = glorot(noise, n_words, n_features)
        self.bias = nn.Parameter(torch.zeros(n_words))

    def learn(self, documents: Documents) -> None:
        """Start b at the log word frequencies, so training starts from the unigram model."""
        frequency = documents.bag.word_frequency + 1.0
        log_frequency = np.log(frequency) - np.log(frequency).mean()
        with torch.no_grad():
            self.bias.copy_(torch.as_tensor(log_frequency, dtype=self.bias.dtype))

    def nll(self, features: Tensor, batch: Batch, noise: Noise | None = None) -> Tensor:
        return softmax_nll(features, self.weight, self.bias, batch.bag, batch.weights)

    def probabilities(self, features: Tensor) -> Tensor:
        return torch.softmax(nn.functional.linear(features, self.weight, self.bias), dim=-1)

    def slope(self, features: Tensor) -> Tensor:
        """R, wherever h is: log p(v|h) = R_v h + b_v − a normaliser that all words share."""
        return self.weight.detach()

    def decayed(self) -> Iterator[nn.Parameter]:
        yield self.weight

    @torch.no_grad()
    def finish(self) -> None:
        """R −= mean over words, b −= mean: the same softmax, and cosines that mean something."""
        self.weight.sub_(self.weight.mean(0))
        self.bias.sub_(self.bias.mean())
