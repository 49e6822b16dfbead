"""softmax_nll in blocks of documents, with torch alone: any device, any precision.

Documents are taken a block at a time: the block's logits, a row a word, become e = exp(l − m) in
place and are gone after two more products; backward makes them anew. With Z = Σ_v e_v, the
upstream gradient u and c = u N / Z,

    ∂/∂h = c Σ_v e_v R_v − u Σ_v x_v R_v,    ∂/∂(R_v, b_v) = Σ_d c (e − x Z / N) (h, 1)

so that c, one number a document, scales rows of h and never the block. R, b and a column of
ones stand side by side: one product makes the logits with their bias, one Σ e R and Z, one both
gradients. The exponential is to base 2 (log₂ e goes into h), which is twice as fast, and m is 0
where the size of R and h says that nothing can overflow. Blocks over V would need the logits
twice, four products to three; measured, they lose here (docs/decisions/0005). The block is a
function of the shapes alone, so results do not depend on timing.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tenor.kernels.bag import Bag
from tenor.kernels.weighted_rows import weighted_rows

BLOCK_ELEMENTS = 1 << 22  # logits held at a time, 16 MiB of float32, unless V is huge:
FEWEST_ROWS = 64  # products with fewer rows run at half the speed,
MOST_ROWS = 256  # those with more no faster
ALIGNED = 4
SAFE_EXPONENT = 80.0  # 2⁸⁰ times a million words and counts is far from float32's end
LOG2_E = 1 / math.log(2)


def blocked_softmax_nll(features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> Tensor:
    """:func:`tenor.kernels.softmax_nll` of features (S, B, F), on any device, of any precision."""
    nll: Tensor = _SoftmaxNLL.apply(features, weight, bias, bag)  # type: ignore[no-untyped-call]
    return nll


class _SoftmaxNLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> Tensor:
        ctx.bag = bag
        ctx.save_for_backward(features, weight, bias)
        return _blocked(features, weight, bias, bag)[0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        needs = tuple(ctx.needs_input_grad[:3])
        features, weight, bias = ctx.saved_tensors
        return *_blocked(features, weight, bias, ctx.bag, upstream, needs)[1], None


def _blocked(
    features: Tensor,
    weight: Tensor,
    bias: Tensor,
    bag: Bag,
    upstream: Tensor | None = None,
    needs: tuple[bool, ...] = (False, False, False),
) -> tuple[Tensor, tuple[Tensor | None, Tensor | None, Tensor | None]]:
    """nll (S, B), and the gradients ``needs`` asks for under ``upstream`` (S, B)."""
    n_samples, n_documents, n_features = features.shape
    nll = features.new_empty(n_samples, n_documents)
    by_features = torch.empty_like(features) if needs[0] else None
    decoder = _side_by_side(weight, bias, 1.0)
    by_decoder = torch.zeros_like(decoder) if needs[1] or needs[2] else None
    blocks = _blocks(n_documents, n_samples, bag.n_words)
    most = max((stop - start for start, stop in blocks), default=0)
    memory = features.new_empty(most * n_samples * bag.n_words)  # the same pages for every block
    shifted = _may_overflow(features, weight, bias)
    for start, stop in blocks:
        rows = _side_by_side(features[:, start:stop].flatten(0, 1), 1.0, 0.0)
        logits = memory[: len(rows) * bag.n_words].view(bag.n_words, len(rows))
        torch.mm(decoder, (rows * LOG2_E).t(), out=logits)
        part = bag.between(start, stop)
        if shifted:
            logits -= logits.amax(0)
        flat = logits.view(-1)
        first = torch.arange(n_samples, device=flat.device)[:, None] * len(part)
        places = part.words * len(rows) + part.documents + first  # (S, nnz) of the words present
        at_words = flat[places]  # l − m; from here on logits are e
        logits.exp2_()
        if needs[0]:
            sums = torch.mm(logits.t(), decoder)
            normaliser = sums[:, n_features + 1]
        else:
            normaliser = logits.sum(0)
        nll[:, start:stop] = _nll(part, at_words, normaliser)
        if upstream is None:
            continue
        scale = upstream[:, start:stop]
        factor = (part.lengths * scale).reshape(-1, 1) / normaliser[:, None]  # c, (S·B, 1)
        if by_features is not None:
            seen = _seen_rows(part, weight, scale)
            by_features[:, start:stop] = (sums[:, :n_features] * factor).view_as(seen) - seen
        if by_decoder is not None:
            per_token = normaliser.view(n_samples, -1) / part.lengths  # N = 0 has no entries
            # A document holds each word once, so no place repeats.
            flat[places] -= part.counts * per_token[:, part.documents]
            by_decoder.addmm_(logits, rows * factor)
    if by_decoder is None:
        return nll, (by_features, None, None)
    del memory, decoder  # before the gradients are copied out
    by_weight = by_decoder[:, :n_features].contiguous() if needs[1] else None
    by_bias = by_decoder[:, n_features].contiguous() if needs[2] else None
    return nll, (by_features, by_weight, by_bias)


def _side_by_side(matrix: Tensor, *columns: Tensor | float) -> Tensor:
    """The matrix, further columns, and zeros up to a multiple of 4: aligned rows are faster."""
    n_rows, width = matrix.shape
    joined = matrix.new_zeros(n_rows, -(-(width + len(columns)) // ALIGNED) * ALIGNED)
    joined[:, :width] = matrix
    for place, column in enumerate(columns, start=width):
        joined[:, place] = column
    return joined


def _blocks(n_documents: int, n_samples: int, n_words: int) -> list[tuple[int, int]]:
    """Where blocks of documents start and stop, about equal in size."""
    rows = min(max(BLOCK_ELEMENTS // n_words, FEWEST_ROWS), MOST_ROWS)
    size = max(rows // n_samples, 1)
    n = -(-n_documents // size)
    return [(n_documents * i // n, n_documents * (i + 1) // n) for i in range(n)]


def _may_overflow(features: Tensor, weight: Tensor, bias: Tensor) -> bool:
    """Whether a logit can be larger than is safe, by Cauchy and Schwarz. Off the CPU it always
    may, since asking would wait for the device."""
    if features.device.type != "cpu" or not features.numel():
        return True
    product = features.norm(dim=-1).max() * weight.norm(dim=-1).max()
    return not bool((product + bias.abs().max()) * LOG2_E < SAFE_EXPONENT)  # nor if not a number


def _nll(bag: Bag, at_words: Tensor, normaliser: Tensor) -> Tensor:
    """(S, B), given the logits l − m at the words present (S, nnz) and Z (S·B,)."""
    logarithms = normaliser.log2().view(len(at_words), -1)[:, bag.documents]
    terms = bag.counts * (logarithms - at_words).clamp_(min=0.0)  # below 0 by rounding
    return bag.sum_by_document(terms.t().contiguous()).t() / LOG2_E


def _seen_rows(bag: Bag, weight: Tensor, upstream: Tensor) -> Tensor:
    """(S, B, F) u Σ_v x_v R_v."""
    values = bag.counts * upstream[:, bag.documents]
    return torch.stack([weighted_rows(bag.words, bag.offsets, v, weight) for v in values])
