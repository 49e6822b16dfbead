"""bag_linear: a sparse bag times a dense matrix, forward and backward, in nnz × H steps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tenor.kernels.bag import Bag
from tenor.kernels.weighted_rows import sums_by_every_word, sums_by_word, weighted_rows


def bag_linear(bag: Bag, values: Tensor, weight: Tensor, sparse_gradient: bool = False) -> Tensor:
    """Σ_v values_dv · weight_v for every document d.

    Args:
        bag: B documents; only their words and offsets are read.
        values: (nnz,) what each entry weighs (counts, or a transform of them); not differentiated.
        weight: (V, H).
        sparse_gradient: the gradient comes as a coalesced sparse tensor with a row for every
            word of the bag, as that of :class:`torch.nn.Embedding` may.

    Returns:
        (B, H). The gradient of ``weight`` is the transposed bag times the upstream gradient,
        summed word by word, so it is the same whatever the thread count.
    """
    product: Tensor = _BagLinear.apply(  # type: ignore[no-untyped-call]
        weight, values, bag, sparse_gradient
    )
    return product


class _BagLinear(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, weight: Tensor, values: Tensor, bag: Bag, sparse_gradient: bool
    ) -> Tensor:
        ctx.bag, ctx.values, ctx.sparse_gradient = bag, values, sparse_gradient
        return weighted_rows(bag.words, bag.offsets, values, weight)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, None, None, None]:
        if not ctx.needs_input_grad[0]:
            return None, None, None, None
        bag = ctx.bag
        if not ctx.sparse_gradient:
            return sums_by_every_word(bag, ctx.values, upstream), None, None, None
        rows = sums_by_word(bag, ctx.values, upstream)
        shape = (bag.n_words, upstream.shape[1])
        gradient = torch.sparse_coo_tensor(
            bag.by_word.words[None], rows, shape, is_coalesced=True, check_invariants=False
        )
        return gradient, None, None, None
