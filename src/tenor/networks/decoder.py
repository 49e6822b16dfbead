"""The log-linear decoder: softmax(R h + b), whose rows of R are the word vectors."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from tenor.bow import DocumentCounts
from tenor.kernels import Bag, softmax_nll
from tenor.networks.layers import glorot
from tenor.networks.noise import Noise


class LogLinearDecoder(nn.Module):
    """log p(x|h) = Σ_v x_v log softmax(R h + b)_v, with R (V, F) and b (V,)."""

    def __init__(self, n_words: int, n_features: int, noise: Noise) -> None:
        super().__init__()
        self.weight = glorot(noise, n_words, n_features)
        self.bias = nn.Parameter(torch.zeros(n_words))

    def learn(self, bag: DocumentCounts) -> None:
        """Start b at the log word frequencies, so training starts from the unigram model."""
        frequency = bag.word_frequency + 1.0
        log_frequency = np.log(frequency) - np.log(frequency).mean()
        with torch.no_grad():
            self.bias.copy_(torch.as_tensor(log_frequency, dtype=self.bias.dtype))

    def nll(self, features: Tensor, bag: Bag, weights: Tensor | None = None) -> Tensor:
        """−log p(x|h) in nats: (S, B) for features (S, B, F)."""
        return softmax_nll(features, self.weight, self.bias, bag, weights)

    def probabilities(self, features: Tensor) -> Tensor:
        """p(v|h) of a few documents: (B, V) for features (B, F)."""
        return torch.softmax(nn.functional.linear(features, self.weight, self.bias), dim=-1)

    @torch.no_grad()
    def centre(self) -> None:
        """R −= mean over words, b −= mean: the same softmax, and cosines that mean something."""
        self.weight.sub_(self.weight.mean(0))
        self.bias.sub_(self.bias.mean())
