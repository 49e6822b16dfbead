"""softmax_nll in tiles of words × documents that never leave the cache: CPU, float32, compiled.

Two passes over the vocabulary, each tile's logits made anew:

    forward    log Z = logsumexp_v(l_v), from a running sum and reference for each document
    backward   p_v = exp(l_v − log Z),   c = u N
               ∂/∂h = c Σ_v (p_v − x_v / N) R_v,   ∂/∂(R_v, b_v) = Σ_d c (p_v − x_v / N) (h, 1)

That is four products where blocks of documents need three, but a block of logits has to go out
to memory and come back, and a tile does not; the exponential is taken in registers
(docs/decisions/0007). p ≤ 1 and the running reference leave nothing to overflow. Threads share
out chunks of the vocabulary. A chunk's sums are its own and are added in one order, so the
result does not depend on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from tenor.kernels import recycled
from tenor.kernels.bag import Bag
from tenor.kernels.compiled import array_of, can_take, tiles

_Array = NDArray[Any]
_Arrays = tuple[_Array, _Array, _Array, _Array, _Array, _Array]

MOST_SUMS = 1 << 16  # features × documents of which each of 32 chunks keeps sums: 8 MiB


def takes(features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> bool:
    """Whether :func:`tiled_softmax_nll` is for these."""
    return can_take(features, weight, bias, bag.counts) and weight.numel() > 0


def tiled_softmax_nll(features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> Tensor:
    """:func:`tenor.kernels.softmax_nll` of features (S, B, F)."""
    nll: Tensor = _SoftmaxNLL.apply(  # type: ignore[no-untyped-call]
        features, weight, bias, bag
    )
    return nll


class _SoftmaxNLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> Tensor:
        groups = _groups(features)
        bags = [bag.between(*group) for group in groups]
        parts, log_zs = [], []
        for (start, stop), part in zip(groups, bags, strict=True):
            documents = _Documents(features[:, start:stop].contiguous(), part)
            log_z, nll = documents.forward(weight, bias)
            parts.append(nll)
            log_zs.append(log_z)
        ctx.groups, ctx.bags = groups, bags
        ctx.save_for_backward(features, weight, bias, *log_zs)
        return torch.cat(parts, 1) if parts else features.new_empty(features.shape[:2])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias, *log_zs = ctx.saved_tensors
        for_features, for_weight, for_bias = ctx.needs_input_grad[:3]
        for_decoder = for_weight or for_bias
        sizes = (weight.shape, bias.shape) if for_decoder else ((0,), (0,))
        by_weight, by_bias = (recycled.empty(*size, like=weight) for size in sizes)
        parts = []
        for (start, stop), part, log_z in zip(ctx.groups, ctx.bags, log_zs, strict=True):
            documents = _Documents(features[:, start:stop].contiguous(), part)
            by_features = features.new_empty(documents.features.shape if for_features else 0)
            gradients = (by_features, by_weight, by_bias)
            documents.backward(weight, bias, log_z, upstream[:, start:stop], gradients, start > 0)
            parts.append(by_features)
        if not parts:  # no documents
            parts = [torch.zeros_like(features)]
            by_weight, by_bias = by_weight.zero_(), by_bias.zero_()
        return (
            torch.cat(parts, 1) if for_features else None,
            by_weight if for_weight else None,
            by_bias if for_bias else None,
            None,
        )


def _groups(features: Tensor) -> list[tuple[int, int]]:
    """Where groups of documents start and stop that go through the vocabulary together."""
    n_samples, n_documents, n_features = features.shape
    if not n_samples:
        return []
    size = max(MOST_SUMS // (n_features * n_samples), 1)
    n = -(-n_documents // size)
    return [(n_documents * i // n, n_documents * (i + 1) // n) for i in range(n)]


@dataclass(frozen=True)
class _Documents:
    """Documents as the compiled passes take them.

    Attributes:
        features: h, (S, B, F).
        bag: the counts of the B documents.
    """

    features: Tensor
    bag: Bag

    def forward(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """log₂ Z of every row, with those that fill the last panel, and the nll (S, B)."""
        n_samples, n_documents, _ = self.features.shape
        panels = -(-n_samples * n_documents // tiles.PANEL)
        log_z = self.features.new_empty(panels * tiles.PANEL)
        nll = self.features.new_empty(n_samples, n_documents)
        tiles.forward(
            array_of(weight),
            array_of(bias),
            array_of(self.features),
            *self._arrays,
            array_of(log_z),
            array_of(nll),
            n_samples,
            torch.get_num_threads(),
        )
        return log_z, nll

    def backward(
        self,
        weight: Tensor,
        bias: Tensor,
        log_z: Tensor,
        upstream: Tensor,
        gradients: tuple[Tensor, Tensor, Tensor],
        add: bool,
    ) -> None:
        """Put the gradients of features, weight and bias into those of ``gradients`` not empty.

        With ``add``, those of weight and bias are added.
        """
        by_features, by_weight, by_bias = gradients
        tiles.backward(
            array_of(weight),
            array_of(bias),
            array_of(self.features),
            *self._arrays,
            array_of(log_z),
            array_of(upstream),
            array_of(by_features),
            array_of(by_weight),
            array_of(by_bias),
            add,
            len(self.features),
            torch.get_num_threads(),
        )

    @property
    def _arrays(self) -> _Arrays:
        bag, by_word = self.bag, self.bag.by_word
        return (
            array_of(bag.offsets),
            array_of(bag.counts),
            array_of(bag.documents),
            array_of(by_word.words),
            array_of(by_word.offsets),
            array_of(by_word.order),
        )
