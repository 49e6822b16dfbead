"""The model that tenor is compared with: NVDM as one writes it in PyTorch, on dense batches.

tenor's default network without dropout: log(1 + x), a residual encoder of two layers of 500 with
layer normalisation and tanh, K = 50, a log-linear decoder with bias. Well written: one
``log_softmax``, fused AdamW, in-place densifying into float32, the same clipping and groups.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn

from tenor.bow import BagOfWords
from tenor.networks.network import Network
from tenor.training.settings import TrainingSettings


class DenseNVDM(nn.Module):
    """Parameters are called as tenor's, so that one loads the other's."""

    def __init__(self, n_words: int, n_components: int = 50, hidden: int = 500) -> None:
        super().__init__()
        self.encoder = _Encoder(n_words, n_components, hidden)
        self.decoder = _Decoder(n_words, n_components)

    @classmethod
    def like(cls, network: Network) -> DenseNVDM:
        """The same weights, copied."""
        made = cls(network.n_words, network.n_components)
        made.load_state_dict(network.state_dict())
        return made

    def bound(self, x: Tensor, epsilon: Tensor) -> Tensor:
        """(B,) the evidence lower bound of dense counts (B, V) under noise (B, K)."""
        mean, log_sigma = self.encoder(torch.log1p(x))
        z = mean + log_sigma.exp() * epsilon
        log_p = torch.log_softmax(
            nn.functional.linear(z, self.decoder.weight, self.decoder.bias), 1
        )
        kl = 0.5 * (mean.square() + (2 * log_sigma).exp() - 1 - 2 * log_sigma).sum(1)
        bound: Tensor = (x * log_p).sum(1) - kl
        return bound


class _Encoder(nn.Module):
    def __init__(self, n_words: int, n_components: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(n_words, hidden))
        nn.init.xavier_uniform_(self.embedding)
        self.bias = nn.Parameter(torch.zeros(hidden))
        self.hidden = nn.ModuleList([nn.Linear(hidden, hidden)])
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(2))
        self.head = nn.Linear(hidden, 2 * n_components)

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.tanh(self.norms[0](torch.addmm(self.bias, values, self.embedding)))
        h = h + torch.tanh(self.norms[1](self.hidden[0](h)))
        mean, raw = self.head(h).chunk(2, dim=1)
        return mean, 5 * torch.tanh(raw / 5)


class _Decoder(nn.Module):
    def __init__(self, n_words: int, n_components: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_words, n_components))
        nn.init.xavier_uniform_(self.weight)
        self.bias = nn.Parameter(torch.zeros(n_words))


class DenseTraining:
    """A DenseNVDM with its optimiser: AdamW as tenor sets it up."""

    def __init__(self, model: DenseNVDM, settings: TrainingSettings) -> None:
        self.model, self.settings = model, settings
        decayed = [model.decoder.weight]
        others = [p for p in model.parameters() if p is not model.decoder.weight]
        groups: list[dict[str, Any]] = [
            {"params": decayed, "weight_decay": settings.weight_decay,
             "rate": settings.decoder_rate},
            {"params": others, "weight_decay": 0.0, "rate": 1.0},
        ]  # fmt: skip
        self.optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)

    def step(
        self, x: Tensor, weights: Tensor, total: float, epsilon: Tensor, rate: float
    ) -> tuple[float, float]:
        """One step, optimiser included: the loss and Σ bound of the batch."""
        bound = self.model.bound(x, epsilon)
        loss = -(weights * bound).sum() / total
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.settings.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["rate"]
        self.optimizer.step()
        return loss.item(), bound.detach().sum().item()

    def held(self) -> int:
        """Bytes of parameters, their gradients and the optimiser's state."""
        tensors = [*self.model.parameters(), *(p.grad for p in self.model.parameters())]
        for state in self.optimizer.state.values():
            tensors += [value for value in state.values() if isinstance(value, Tensor)]
        return sum(t.numel() * t.element_size() for t in tensors if t is not None)


def matrix(bag: BagOfWords) -> csr_array:
    """Counts as float32, as a user would hold them to densify batches."""
    bag = bag.compact()
    counts = bag.counts.astype(np.float32)
    return csr_array((counts, bag.words, bag.offsets), shape=bag.shape)


def densify(counts: csr_array, rows: Any) -> Tensor:
    """The (B, V) batch."""
    return torch.from_numpy(counts[rows].toarray())
