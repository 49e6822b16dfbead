"""softmax_nll in tiles of words × documents that never leave the cache: CPU, float32, compiled.

Two passes over the vocabulary, each tile's logits made anew:

    forward    log Z = logsumexp_v(l_v), from a running sum and reference for each document
    backward   p_v = exp(l_v − log Z),   c = u N
               ∂/∂h = c Σ_v p_v R_v − u Σ_v x_v R_v,   ∂/∂(R_v, b_v) = Σ_d c (p_v − x_v / N) (h, 1)

That is four products where blocks of documents need three, but a block of logits has to go out
to memory and come back, and a tile does not; the exponential is taken in registers
(docs/decisions/0007). p ≤ 1 and the running reference leave nothing to overflow. Threads share
out chunks of the vocabulary. A chunk's sums are its own and are added in one order, so the
result does not depend on the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from tenor.kernels.bag import Bag
from tenor.kernels.blocked import seen_rows

try:
    from tenor.kernels import _tiles
except ImportError:  # installed where no C compiler with OpenMP was
    _tiles = None  # type: ignore[assignment]

LOG2_E = 1 / math.log(2)
PANEL = 16  # documents whose features stand side by side
MOST_CHUNKS = 32
MOST_SUMS = 1 << 16  # features × documents of which every chunk keeps sums: 8 MiB in all
LEAST = -1e30


def compiled() -> bool:
    """Whether tenor's compiled kernels are installed."""
    return _tiles is not None


def takes(features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> bool:
    """Whether :func:`tiled_softmax_nll` is for these."""
    return (
        compiled()
        and all(t.device.type == "cpu" for t in (features, weight, bias, bag.words))
        and all(t.dtype == torch.float32 for t in (features, weight, bias, bag.counts))
        and weight.numel() > 0
    )


def array_of(tensor: Tensor) -> NDArray[Any]:
    """A tensor on the CPU as compiled code takes it: the same memory, if it is contiguous."""
    array: NDArray[Any] = tensor.detach().contiguous().numpy()
    return array


def tiled_softmax_nll(features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> Tensor:
    """:func:`tenor.kernels.softmax_nll` of features (S, B, F)."""
    nll: Tensor = _SoftmaxNLL.apply(  # type: ignore[no-untyped-call]
        features, weight, bias, bag
    )
    return nll


class _SoftmaxNLL(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, bag: Bag) -> Tensor:
        nll = features.new_empty(features.shape[:2])
        log_zs = []
        for start, stop in _groups(features):
            tiles = _Tiles(features[:, start:stop], weight, bias, _between(bag, start, stop))
            log_z, at_words = tiles.sums()
            nll[:, start:stop] = tiles.nll(log_z, at_words)
            log_zs.append(log_z)
        ctx.bag = bag
        ctx.save_for_backward(features, weight, bias, *log_zs)
        return nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, weight, bias, *log_zs = ctx.saved_tensors
        for_features, for_weight, for_bias = ctx.needs_input_grad[:3]
        by_features = torch.empty_like(features) if for_features else features.new_empty(0)
        decoder = weight.numel() if for_weight or for_bias else 0
        by_weight = weight.new_empty(weight.shape if decoder else 0)
        by_bias = bias.new_empty(bias.shape if decoder else 0)
        for (start, stop), log_z in zip(_groups(features), log_zs, strict=True):
            tiles = _Tiles(features[:, start:stop], weight, bias, _between(ctx.bag, start, stop))
            scale = upstream[:, start:stop]
            means = tiles.gradients(log_z, scale, for_features, by_weight, by_bias, start > 0)
            if for_features:
                seen = seen_rows(tiles.bag, weight, scale, len(features))
                by_features[:, start:stop] = means - seen
        if decoder and not features.shape[1]:
            by_weight.zero_()
            by_bias.zero_()
        return (
            by_features if for_features else None,
            by_weight if for_weight else None,
            by_bias if for_bias else None,
            None,
        )


def _groups(features: Tensor) -> list[tuple[int, int]]:
    """Where groups of documents start and stop that go through the vocabulary together."""
    n_samples, n_documents, n_features = features.shape
    size = max(MOST_SUMS // max(n_features * n_samples, 1), 1)
    n = -(-n_documents // size)
    return [(n_documents * i // n, n_documents * (i + 1) // n) for i in range(n)]


def _between(bag: Bag, start: int, stop: int) -> Bag:
    """A group of documents; all of them as they are, for a bag is sorted by word only once."""
    return bag if stop - start == len(bag) else bag.between(start, stop)


@dataclass(frozen=True)
class _Tiles:
    """Documents as the compiled passes take them.

    Attributes:
        features: h, (S, B, F).
        weight, bias: R, (V, F), and b, (V,).
        bag: the counts of the B documents.
    """

    features: Tensor
    weight: Tensor
    bias: Tensor
    bag: Bag

    def sums(self) -> tuple[Tensor, Tensor]:
        """log₂ Z of the rows, filled up to whole panels, and (S, nnz) logits at the words."""
        rows = self.features.flatten(0, 1) * LOG2_E
        n_chunks, size = self._chunks
        totals = rows.new_zeros(n_chunks, self._n_rows)
        references = torch.full_like(totals, LEAST)
        at_words = rows.new_empty(len(self.features), len(self.bag.words))
        inputs = (self.weight, self.bias * LOG2_E, self._panels(rows), rows)
        self._run(_tiles.sums, inputs, (totals, references, at_words), size)
        highest = references.amax(0)
        return highest + (totals * (references - highest).exp2_()).sum(0).log2(), at_words

    def nll(self, log_z: Tensor, at_words: Tensor) -> Tensor:
        """(S, B) negative log-likelihoods, in nats."""
        log_z = log_z[: at_words.shape[0] * len(self.bag)].view(len(at_words), -1)
        terms = (log_z[:, self.bag.documents] - at_words).clamp_(min=0.0)  # below 0 by rounding
        terms *= self.bag.counts
        return self.bag.sum_by_document(terms.t().contiguous()).t() / LOG2_E

    def gradients(
        self,
        log_z: Tensor,
        upstream: Tensor,
        for_features: bool,
        by_weight: Tensor,
        by_bias: Tensor,
        add: bool,
    ) -> Tensor:
        """c Σ_v p_v R_v, (S, B, F), if it is asked for; the decoder's gradients in place.

        Those are put into ``by_weight`` and ``by_bias``, or added; not where they are empty.
        """
        rows = self.features.flatten(0, 1)
        n_features = rows.shape[1]
        factor = (upstream * self.bag.lengths).reshape(-1, 1)
        scaled = rows.new_zeros(self._n_rows, -(-(n_features + 1) // 8) * 8)
        scaled[: len(rows), :n_features] = rows * factor
        scaled[: len(rows), n_features : n_features + 1] = factor
        shares = self.bag.counts / self.bag.lengths[self.bag.documents]
        n_chunks, size = self._chunks
        n_sums = n_chunks if for_features else 0
        means = rows.new_zeros(n_sums, self._n_rows // PANEL, n_features, PANEL)
        panels = self._panels(rows * LOG2_E)
        inputs = (self.weight, self.bias * LOG2_E, panels, log_z, scaled, shares)
        self._run(_tiles.gradients, inputs, (means, by_weight, by_bias), size, add)
        summed = means.sum(0).transpose(1, 2).reshape(-1, n_features)[: len(rows)]
        return (summed * factor).view(self.features.shape)

    @property
    def _n_rows(self) -> int:
        """S·B filled up to whole panels."""
        n_samples, n_documents, _ = self.features.shape
        return -(-n_samples * n_documents // PANEL) * PANEL

    @property
    def _chunks(self) -> tuple[int, int]:
        """How many chunks the vocabulary has, and how many words each."""
        n_words, tile = len(self.weight), _tiles.TILE
        size = -(-n_words // (MOST_CHUNKS * tile)) * tile
        return -(-n_words // size), size

    def _panels(self, rows: Tensor) -> Tensor:
        """(S·B, F) to (panels, F, 16)."""
        filled = rows.new_zeros(self._n_rows, rows.shape[1])
        filled[: len(rows)] = rows
        return filled.view(-1, PANEL, rows.shape[1]).transpose(1, 2).contiguous()

    def _run(
        self,
        kernel: Callable[..., None],
        inputs: tuple[Tensor, ...],
        outputs: tuple[Tensor, ...],
        size: int,
        *options: bool,
    ) -> None:
        """The kernel in as many threads as torch has."""
        by_word = self.bag.by_word
        entries = (by_word.words, by_word.offsets, by_word.order, self.bag.documents)
        n_samples, n_documents, _ = self.features.shape
        kernel(
            *map(array_of, inputs),
            tuple(map(array_of, entries)),
            *map(array_of, outputs),
            n_documents,
            n_samples,
            size,
            *options,
            torch.get_num_threads(),
        )
