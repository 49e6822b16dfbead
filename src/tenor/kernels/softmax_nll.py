"""softmax_nll: −log p(x | h) under a log-linear decoder, without the documents × words logits.

For document d with counts x, features h and N = Σ_v x_v:

    l = R h + b,   nll = Σ_v x_v (logsumexp(l) − l_v),   ∂nll/∂l = N softmax(l) − x

The sum runs over the words present, each term ≥ 0, so nothing cancels. Documents are taken a
block at a time: block × V logits live in cache, are turned into the gradient in place, and are
gone. The block is a function of the shapes alone, so results do not depend on timing.
The idea is that of cut cross-entropy (Wijmans et al. 2024, arXiv:2411.09009) with counts in
place of one target.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tenor.kernels.bag import Bag

BLOCK_ELEMENTS = 1 << 19  # logits held at a time: 2 MiB of float32, about a core's share of cache
FEWEST_DOCUMENTS = 8  # at a huge V, a block still amortises one pass over R


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
    n_samples, n_documents, _ = features.shape
    nll = features.new_empty(n_samples, n_documents)
    by_features = torch.empty_like(features) if needs[0] else None
    by_weight = torch.zeros_like(weight) if needs[1] else None
    by_bias = torch.zeros_like(bias) if needs[2] else None
    size = max(FEWEST_DOCUMENTS, BLOCK_ELEMENTS // (bag.n_words * n_samples))
    for start in range(0, n_documents, size):
        stop = min(start + size, n_documents)
        block = bag.between(start, stop)
        rows = features[:, start:stop].reshape(n_samples * (stop - start), -1)
        logits = torch.addmm(bias, rows, weight.t())
        nll[:, start:stop] = _nll_to_softmax(logits, block, n_samples)
        if not any(needs):
            continue
        scale = None if upstream is None else upstream[:, start:stop]
        _softmax_to_gradient(logits, block, scale, n_samples)
        if by_features is not None:
            by_features[:, start:stop] = (logits @ weight).view(n_samples, stop - start, -1)
        if by_weight is not None:
            by_weight.addmm_(logits.t(), rows)
        if by_bias is not None:
            by_bias += logits.sum(0)
    return nll, (by_features, by_weight, by_bias)


def _entries(block: Bag, n_samples: int) -> tuple[Tensor, Tensor]:
    """Where in the flat (S·B × V) logits each entry of each sample stands: (S, nnz)."""
    flat = block.documents * block.n_words + block.words
    steps = torch.arange(n_samples, device=flat.device) * (len(block) * block.n_words)
    return flat + steps[:, None], block.counts.expand(n_samples, -1)


def _nll_to_softmax(logits: Tensor, block: Bag, n_samples: int) -> Tensor:
    """(S, B) negative log-likelihoods; ``logits`` becomes their softmax, in place."""
    logits -= logits.amax(1, keepdim=True)
    places, counts = _entries(block, n_samples)
    at_words = logits.view(-1)[places]
    normaliser = logits.exp_().sum(1, keepdim=True)
    log_normaliser = normaliser.log().view(n_samples, -1)
    logits /= normaliser
    terms = counts * (log_normaliser[:, block.documents] - at_words)
    return block.sum_by_document(terms.t().contiguous()).t()


def _softmax_to_gradient(
    softmax: Tensor, block: Bag, upstream: Tensor | None, n_samples: int
) -> None:
    """Turn softmax(l) into upstream · (N softmax(l) − x), in place."""
    scale = block.lengths.expand(n_samples, -1)
    places, counts = _entries(block, n_samples)
    if upstream is not None:
        scale = scale * upstream
        counts = counts * upstream[:, block.documents]
    softmax *= scale.reshape(-1, 1)
    flat = softmax.view(-1)
    flat[places] -= counts  # a document holds each word once, so no place repeats
