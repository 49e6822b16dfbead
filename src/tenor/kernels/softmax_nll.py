"""softmax_nll: −log p(x | h) under a log-linear decoder, without the documents × words logits.

For document d with counts x, features h and N = Σ_v x_v:

    l = R h + b,   nll = Σ_v x_v (logsumexp(l) − l_v),   ∂nll/∂l = N softmax(l) − x

The sum runs over the words present, each term ≥ 0, so nothing cancels. Documents are taken a
block at a time: the block's logits are made, turned in place into e = exp(l − max l), and are
gone after three products. With Z = Σ_v e_v and the upstream gradient u,

    ∂nll/∂l = c (e − x Z / N),   c = u N / Z

so c and Z, one number a document each, scale rows of h and never the block × V matrix. The
exponential is taken to base 2 (log₂ e goes into h and b), which is twice as fast. Blocks over V
would need the logits twice: four products to three; measured, they lose (docs/decisions/0005).
The block is a function of the shapes alone, so results do not depend on timing.
The idea is that of cut cross-entropy (Wijmans et al. 2024, arXiv:2411.09009) with counts in
place of one target.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from tenor.kernels.bag import Bag

BLOCK_ELEMENTS = 1 << 22  # logits held at a time, 16 MiB of float32, unless V is huge:
FEWEST_ROWS = 64  # products with fewer rows run at half the speed,
MOST_ROWS = 256  # those with more no faster
LOG2_E = 1 / math.log(2)


def softmax_nll(
    features: Tensor, weight: Tensor, bias: Tensor, bag: Bag, upstream: Tensor | None = None
) -> Tensor:
    """The negative log-likelihood of every document under softmax(R h + b).

    Args:
        features: h, (B, F) or (S, B, F) for S samples a document.
        weight: R, (V, F).
        bias: b, (V,).
        bag: the counts x of the B documents.
        upstream: (B,) the documents' weights in the loss, where they differ and are known: the
            gradient that will come, up to one factor. It saves time and changes no result.

    Returns:
        (B,) or (S, B). Differentiable in features, weight and bias; only the gradients asked
        for are computed, none under ``no_grad``, and memory stays at one block of logits.
    """
    samples = features if features.dim() == 3 else features.unsqueeze(0)
    asks = torch.is_grad_enabled() and any(t.requires_grad for t in (features, weight, bias))
    if asks:
        hint = samples.new_ones(1) if upstream is None else upstream.to(samples.dtype)
        nll: Tensor = _SoftmaxNLL.apply(  # type: ignore[no-untyped-call]
            samples, weight, bias, bag, hint.expand(len(samples), len(bag))
        )
    else:
        nll, _ = _blocked(samples, weight, bias, bag, None, (False, False, False))
    return nll if features.dim() == 3 else nll.squeeze(0)


Gradients = tuple[Tensor | None, Tensor | None, Tensor | None]


class _SoftmaxNLL(torch.autograd.Function):
    """Gradients are made in the forward pass, while the logits are at hand, for a hinted upstream.

    A mean over documents has one and the same upstream gradient for all of them: the hint is
    right up to a factor, which scales the result. Otherwise (importance weights) the blocks
    run again.
    """

    @staticmethod
    def forward(
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, bag: Bag, hint: Tensor
    ) -> Tensor:
        nll, ctx.gradients = _blocked(
            features, weight, bias, bag, hint, tuple(ctx.needs_input_grad[:3])
        )
        ctx.bag = bag
        ctx.save_for_backward(features, weight, bias, hint)
        return nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias, hint = ctx.saved_tensors
        factor = upstream.flatten()[:1] / hint.flatten()[:1]
        if torch.allclose(upstream, hint * factor, rtol=1e-6, atol=0.0):
            gradients = ctx.gradients
            factor = factor.squeeze() if factor.numel() else upstream.new_zeros(())
            return *(None if g is None else g * factor for g in gradients), None, None
        needs = tuple(ctx.needs_input_grad[:3])
        _, gradients = _blocked(features, weight, bias, ctx.bag, upstream, needs)
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
    # h with a 1 at its end, [R, b]: one product makes the logits, one both gradients.
    decoder = torch.cat([weight, bias[:, None]], dim=1)
    by_decoder = torch.zeros_like(decoder) if needs[1] or needs[2] else None
    for start, stop in _blocks(n_documents, n_samples, bag.n_words):
        block = bag.between(start, stop)
        rows = nn.functional.pad(features[:, start:stop], (0, 1), value=1.0).flatten(0, 1)
        logits = torch.mm(rows * LOG2_E, decoder.t())
        nll[:, start:stop], normaliser = _exponentiate(logits, block, n_samples)
        if not any(needs):
            continue
        scale = None if upstream is None else upstream[:, start:stop]
        factor = _to_gradient(logits, normaliser, block, scale, n_samples)
        if by_features is not None:
            shape = (n_samples, len(block), n_features)
            by_features[:, start:stop] = (logits @ weight).mul_(factor).view(shape)
        if by_decoder is not None:
            by_decoder.addmm_(logits.t(), rows * factor)
    if by_decoder is None:
        return nll, (by_features, None, None)
    by_weight = by_decoder[:, :n_features].contiguous() if needs[1] else None
    by_bias = by_decoder[:, n_features].contiguous() if needs[2] else None
    return nll, (by_features, by_weight, by_bias)


def _blocks(n_documents: int, n_samples: int, n_words: int) -> Iterator[tuple[int, int]]:
    """Where blocks of documents start and stop, about equal in size."""
    rows = min(max(BLOCK_ELEMENTS // n_words, FEWEST_ROWS), MOST_ROWS)
    size = max(rows // n_samples, 1)
    n_blocks = -(-n_documents // size)
    for number in range(n_blocks):
        yield n_documents * number // n_blocks, n_documents * (number + 1) // n_blocks


def _entries(block: Bag, n_samples: int) -> Tensor:
    """Where in the flat (S·B × V) logits each entry of each sample stands: (S, nnz)."""
    flat = block.documents * block.n_words + block.words
    steps = torch.arange(n_samples, device=flat.device) * (len(block) * block.n_words)
    return flat + steps[:, None]


def _exponentiate(logits: Tensor, block: Bag, n_samples: int) -> tuple[Tensor, Tensor]:
    """(S, B) negative log-likelihoods and (S·B, 1) Z of base-2 logits, which become e in place."""
    logits -= logits.amax(1, keepdim=True)
    at_words = logits.view(-1)[_entries(block, n_samples)]
    normaliser = logits.exp2_().sum(1, keepdim=True)
    log_normaliser = normaliser.log2().view(n_samples, -1)
    terms = block.counts * (log_normaliser[:, block.documents] - at_words)
    nll = block.sum_by_document(terms.t().contiguous()).t() / LOG2_E
    return nll, normaliser


def _to_gradient(
    exponentials: Tensor,
    normaliser: Tensor,
    block: Bag,
    upstream: Tensor | None,
    n_samples: int,
) -> Tensor:
    """Turn e into e − x Z / N in place; (S·B, 1) c, which is still to be multiplied with it."""
    lengths = block.lengths.expand(n_samples, -1)
    per_token = (
        normaliser.view(n_samples, -1) / lengths
    )  # endless where no word is there to read it
    flat = exponentials.view(-1)
    # A document holds each word once, so no place repeats.
    flat[_entries(block, n_samples)] -= block.counts * per_token[:, block.documents]
    weights = lengths if upstream is None else lengths * upstream
    return weights.reshape(-1, 1) / normaliser
