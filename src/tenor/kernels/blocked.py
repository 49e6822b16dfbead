"""softmax_nll in blocks of documents, with torch alone: any device, any precision.

Documents are taken a block at a time: the block's logits, a row a word, become e = exp(l − m) in
place and are gone after three products. With Z = Σ_v e_v, the upstream gradient u and c = u N / Z,

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


def blocked_softmax_nll(
    features: Tensor, weight: Tensor, bias: Tensor, bag: Bag, upstream: Tensor | None
) -> Tensor:
    """:func:`tenor.kernels.softmax_nll` of features (S, B, F), on any device, of any precision."""
    if torch.is_grad_enabled() and any(t.requires_grad for t in (features, weight, bias)):
        hint = _hint(features, upstream)
        nll: Tensor = _SoftmaxNLL.apply(  # type: ignore[no-untyped-call]
            features, weight, bias, bag, hint
        )
        return nll
    return _blocked(features, weight, bias, bag, None, (False, False, False))[0]


Gradients = tuple[Tensor | None, Tensor | None, Tensor | None]


def _hint(features: Tensor, upstream: Tensor | None) -> Tensor | None:
    """(S, B) the upstream gradient to expect; None off the CPU, where looking whether it was right
    would wait for the device."""
    if features.device.type != "cpu":
        return None
    hint = features.new_ones(1) if upstream is None else upstream.to(features.dtype)
    return hint.expand(features.shape[:2])


class _SoftmaxNLL(torch.autograd.Function):
    """Gradients are made in the forward pass, while the logits are at hand, for a hinted upstream.

    A mean over documents has one and the same upstream gradient for all of them: the hint is
    right up to a factor, which scales the result. Otherwise (importance weights, or no hint) the
    blocks run again.
    """

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, bag: Bag, hint: Tensor | None
    ) -> Tensor:
        needs = (False, False, False) if hint is None else tuple(ctx.needs_input_grad[:3])
        nll, gradients = _blocked(features, weight, bias, bag, hint, needs)
        ctx.gradients = None if hint is None else gradients
        ctx.bag = bag
        ctx.save_for_backward(features, weight, bias, hint)
        return nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias, hint = ctx.saved_tensors
        gradients, ctx.gradients = ctx.gradients, None  # scaled in place, so used only once
        factor = None if gradients is None else upstream.flatten()[:1] / hint.flatten()[:1]
        if factor is None or not torch.allclose(upstream, hint * factor, rtol=1e-6, atol=0.0):
            needs = tuple(ctx.needs_input_grad[:3])
            _, gradients = _blocked(features, weight, bias, ctx.bag, upstream, needs)
        elif factor.numel():
            gradients = tuple(None if g is None else g.mul_(factor) for g in gradients)
        return *gradients, None, None


def _blocked(
    features: Tensor,
    weight: Tensor,
    bias: Tensor,
    bag: Bag,
    upstream: Tensor | None,
    needs: tuple[bool, ...],
) -> tuple[Tensor, Gradients]:
    """nll (S, B), and the gradients ``needs`` asks for under ``upstream`` (S, B), or under 1."""
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
        block = _Block(bag.between(start, stop), n_samples, logits)
        at_words = block.exponentiate(shifted)
        if needs[0]:
            sums = torch.mm(logits.t(), decoder)
            normaliser = sums[:, n_features + 1]
        else:
            normaliser = logits.sum(0)
        nll[:, start:stop] = block.nll(at_words, normaliser)
        if not any(needs):
            continue
        scale = None if upstream is None else upstream[:, start:stop]
        factor = block.factor(normaliser, scale)
        if by_features is not None:
            seen = _seen_rows(block.bag, weight, scale, n_samples)
            by_features[:, start:stop] = (sums[:, :n_features] * factor).view_as(seen) - seen
        if by_decoder is not None:
            block.subtract_counts(normaliser)
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


class _Block:
    """Documents with their (V, S·B) matrix of logits to base 2, which is worked on in place."""

    def __init__(self, bag: Bag, n_samples: int, logits: Tensor) -> None:
        self.bag = bag
        self.n_samples = n_samples
        self.logits = logits
        first = torch.arange(n_samples, device=logits.device)[:, None] * len(bag)
        # (S, nnz) where the entries of each sample stand in the flat matrix
        self.places = bag.words * logits.shape[1] + bag.documents + first

    def exponentiate(self, shifted: bool) -> Tensor:
        """(S, nnz) the logits l − m at the words present; all become e."""
        if shifted:
            self.logits -= self.logits.amax(0)
        at_words = self.logits.view(-1)[self.places]
        self.logits.exp2_()
        return at_words

    def nll(self, at_words: Tensor, normaliser: Tensor) -> Tensor:
        """(S, B) negative log-likelihoods, given Z (S·B,)."""
        logarithms = normaliser.log2().view(self.n_samples, -1)[:, self.bag.documents]
        terms = self.bag.counts * (logarithms - at_words).clamp_(min=0.0)  # below 0 by rounding
        return self.bag.sum_by_document(terms.t().contiguous()).t() / LOG2_E

    def factor(self, normaliser: Tensor, upstream: Tensor | None) -> Tensor:
        """(S·B, 1) c."""
        lengths = self.bag.lengths.expand(self.n_samples, -1)
        weights = lengths if upstream is None else lengths * upstream
        return (weights.reshape(-1) / normaliser)[:, None]

    def subtract_counts(self, normaliser: Tensor) -> None:
        """e becomes e − x Z / N."""
        per_token = normaliser.view(self.n_samples, -1) / self.bag.lengths  # N = 0 has no entries
        flat = self.logits.view(-1)
        # A document holds each word once, so no place repeats.
        flat[self.places] -= self.bag.counts * per_token[:, self.bag.documents]


def _seen_rows(bag: Bag, weight: Tensor, upstream: Tensor | None, n_samples: int) -> Tensor:
    """(S, B, F) u Σ_v x_v R_v."""
    if upstream is None:
        rows = weighted_rows(bag.words, bag.offsets, bag.counts, weight)
        return rows.expand(n_samples, -1, -1)
    values = bag.counts * upstream[:, bag.documents]
    return torch.stack([weighted_rows(bag.words, bag.offsets, v, weight) for v in values])
