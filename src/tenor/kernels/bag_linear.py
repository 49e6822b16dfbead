"""bag_linear: a sparse bag times a dense matrix, forward and backward, in nnz × H steps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from tenor.kernels.bag import Bag


def bag_linear(bag: Bag, values: Tensor, weight: Tensor) -> Tensor:
    """Σ_v values_dv · weight_v for every document d.

    Args:
        bag: B documents; only their words and offsets are read.
        values: (nnz,) what each entry weighs (counts, or a transform of them); not differentiated.
        weight: (V, H).

    Returns:
        (B, H). The gradient of ``weight`` is the transposed bag times the upstream gradient,
        summed word by word, so it is the same whatever the thread count.
    """
    product: Tensor = _BagLinear.apply(weight, values, bag)  # type: ignore[no-untyped-call]
    return product


class _BagLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor, values: Tensor, bag: Bag) -> Tensor:
        ctx.bag, ctx.values = bag, values
        return _weighted_rows(bag.words, bag.offsets, values, weight)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, None, None]:
        if not ctx.needs_input_grad[0]:
            return None, None, None
        bag = ctx.bag
        by_word = torch.argsort(bag.words, stable=True)
        offsets = bag.offsets.new_zeros(bag.n_words + 1)
        torch.cumsum(torch.bincount(bag.words, minlength=bag.n_words), 0, out=offsets[1:])
        gradient = _weighted_rows(
            bag.documents[by_word], offsets, ctx.values[by_word], upstream.contiguous()
        )
        return gradient, None, None


def _weighted_rows(rows: Tensor, offsets: Tensor, values: Tensor, matrix: Tensor) -> Tensor:
    """Σ over each run of ``offsets`` of values · matrix[rows]."""
    if len(rows) == 0:
        return matrix.new_zeros(len(offsets) - 1, matrix.shape[1])
    return embedding_bag(
        rows, matrix, offsets, mode="sum", per_sample_weights=values, include_last_offset=True
    )
