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

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from tenor.kernels import recycled
from tenor.kernels.bag import Bag
from tenor.kernels.compiled import array_of, can_take, tiles

MOST_SUMS = 1 << 16  # features × documents of which each of 32 chunks keeps sums: 8 MiB


def takes(features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> bool:
    """Whether :func:`tiled_softmax_nll` is for these."""
    return can_take(features, weight, bias, bag.counts) and weight.numel() > 0


def tiled_softmax_nll(features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> Tensor:
    """:func:`tenor.kernels.softmax_nll` of features (S, B, F)."""
    nll: Tensor = _SoftmaxNLL.apply(features, weight, bias, bag)  # type: ignore[no-untyped-call]
    return nll


class _SoftmaxNLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> Tensor:
        ctx.groups = _groups(features)
        ctx.bags = [bag.between(*group) for group in ctx.groups]
        n_samples, parts, log_zs = len(features), [], []
        for (start, stop), part in zip(ctx.groups, ctx.bags, strict=True):
            # log₂ Z of every row, with those that fill the last panel
            panels = -(-n_samples * len(part) // tiles.PANEL)
            log_z = features.new_empty(panels * tiles.PANEL)
            nll = features.new_empty(n_samples, len(part))
            tiles.forward(
                array_of(weight),
                array_of(bias),
                array_of(features[:, start:stop]),
                *_arrays(part),
                array_of(log_z),
                array_of(nll),
                n_samples,
                torch.get_num_threads(),
            )
            parts.append(nll)
            log_zs.append(log_z)
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
            own = features[:, start:stop]
            by_features = features.new_empty(own.shape if for_features else 0)
            tiles.backward(
                array_of(weight),
                array_of(bias),
                array_of(own),
                *_arrays(part),
                array_of(log_z),
                array_of(upstream[:, start:stop]),
                array_of(by_features),  # these three are made where they are not empty,
                array_of(by_weight),
                array_of(by_bias),
                start > 0,  # and the decoder's are added after the first group
                len(features),
                torch.get_num_threads(),
            )
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


def _arrays(bag: Bag) -> tuple[NDArray[Any], ...]:
    by_word = bag.by_word
    entries = (bag.offsets, bag.counts, bag.documents)
    return tuple(map(array_of, (*entries, by_word.words, by_word.offsets, by_word.order)))
