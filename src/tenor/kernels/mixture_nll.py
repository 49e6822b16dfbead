"""mixture_nll: −log p(x | θ) under a mixture of topics, at the words present alone.

For document d with counts x, proportions θ and topics β:

    nll = −Σ_v x_v log p_v,    p_v = Σ_k θ_k β_kv

    ∂nll/∂log θ_k  = −Σ_v x_v r_vk,    ∂nll/∂log β_kv = −Σ_d x_v r_vk,    r_vk = θ_k β_kv / p_v

The responsibilities r (of topic k for word v) are in [0, 1], so working in logarithms keeps both
values and gradients finite where θ or β underflow. Costs nnz × K; words that are absent cost
nothing. Blei, Ng & Jordan (2003), JMLR 3, equation 3 for one document's words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tenor.kernels.bag import Bag

BLOCK_ELEMENTS = 1 << 20  # entries × topics held at a time


def mixture_nll(log_proportions: Tensor, log_topics: Tensor, bag: Bag) -> Tensor:
    """The negative log-likelihood of every document under its mixture of topics.

    Args:
        log_proportions: log θ, (B, K) or (S, B, K) for S samples a document.
        log_topics: log β with a row a word, (V, K).
        bag: the counts x of the B documents.

    Returns:
        (B,) or (S, B). Differentiable in both logarithms, which need not be normalised; only
        the gradients asked for are computed. A word that no topic has makes it infinite and
        leaves the gradients at 0 there.
    """
    samples = log_proportions if log_proportions.dim() == 3 else log_proportions.unsqueeze(0)
    nll: Tensor = _MixtureNLL.apply(samples, log_topics, bag)  # type: ignore[no-untyped-call]
    return nll if log_proportions.dim() == 3 else nll.squeeze(0)


class _MixtureNLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, log_proportions: Tensor, log_topics: Tensor, bag: Bag) -> Tensor:
        ctx.bag = bag
        ctx.save_for_backward(log_proportions, log_topics)
        nll = log_proportions.new_empty(log_proportions.shape[:2])
        for sample, start, stop in _blocks(bag, *log_proportions.shape[::2]):
            block = bag.between(start, stop)
            joint = _joint(log_proportions[sample, start:stop], log_topics, block)
            log_p = joint.logsumexp(1)
            nll[sample, start:stop] = -block.sum_by_document(block.counts * log_p)
        return nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        log_proportions, log_topics = ctx.saved_tensors
        bag = ctx.bag
        by_proportions = torch.empty_like(log_proportions) if ctx.needs_input_grad[0] else None
        by_topics = torch.zeros_like(log_topics) if ctx.needs_input_grad[1] else None
        for sample, start, stop in _blocks(bag, *log_proportions.shape[::2]):
            block = bag.between(start, stop)
            joint = _joint(log_proportions[sample, start:stop], log_topics, block)
            weights = -block.counts * upstream[sample, start:stop][block.documents]
            weighted = _responsibilities(joint).mul_(weights[:, None])
            if by_proportions is not None:
                by_proportions[sample, start:stop] = block.sum_by_document(weighted)
            if by_topics is not None:
                _add_by_word(by_topics, weighted, block)
        return by_proportions, by_topics, None


def _blocks(bag: Bag, n_samples: int, n_topics: int) -> Iterator[tuple[int, int, int]]:
    """(sample, first document, last + 1), so that a block's entries × K stay below the limit."""
    limit = max(BLOCK_ELEMENTS // n_topics, 1)
    offsets = bag.offsets
    for sample in range(n_samples):
        start = 0
        while start < len(bag):
            full = torch.searchsorted(offsets, offsets[start] + limit, right=True)
            stop = min(max(int(full) - 1, start + 1), len(bag))
            yield sample, start, stop
            start = stop


def _joint(log_proportions: Tensor, log_topics: Tensor, block: Bag) -> Tensor:
    """(nnz, K) log θ_k + log β_kv of every entry."""
    joint = log_topics.index_select(0, block.words)
    return joint.add_(log_proportions.index_select(0, block.documents))


def _responsibilities(joint: Tensor) -> Tensor:
    """(nnz, K) r, in place; 0 where no topic has the word."""
    log_p = joint.logsumexp(1, keepdim=True)
    return joint.sub_(log_p.masked_fill_(log_p == -torch.inf, 0.0)).exp_()


def _add_by_word(total: Tensor, values: Tensor, block: Bag) -> None:
    """Add each word's entries to its row: in one order, so the same bits come out every time."""
    if not len(values):
        return
    by_word = block.by_word
    rows = torch.segment_reduce(values[by_word.order], "sum", offsets=by_word.offsets)
    total.index_add_(0, by_word.words, rows)
