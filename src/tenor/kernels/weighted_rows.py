"""Weighted sums of rows of a matrix: a product with a sparse matrix from the left."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from tenor.kernels import recycled
from tenor.kernels.bag import Bag
from tenor.kernels.compiled import array_of, can_take, sums


def weighted_rows(rows: Tensor, offsets: Tensor, values: Tensor, matrix: Tensor) -> Tensor:
    """Σ over each run of ``offsets`` of values · matrix[rows]."""
    if len(rows) == 0:
        return matrix.new_zeros(len(offsets) - 1, matrix.shape[1])
    return embedding_bag(
        rows, matrix, offsets, mode="sum", per_sample_weights=values, include_last_offset=True
    )


def sums_by_word(bag: Bag, values: Tensor, matrix: Tensor) -> Tensor:
    """Σ over the entries of each different word of values (nnz,) · matrix (B, H) [document].

    (U, H), as ``bag.by_word.words`` are; each sum is taken in the order of the documents.
    """
    by_word = bag.by_word
    if can_take(values, matrix) and matrix.numel() > 0:
        return _compiled(bag, values, matrix, torch.arange(len(by_word.words)), len(by_word.words))
    return _sums(bag, by_word.offsets, values, matrix)


def sums_by_every_word(bag: Bag, values: Tensor, matrix: Tensor) -> Tensor:
    """The same for all words: (V, H), zeros where a word is absent. No device is waited for."""
    if can_take(values, matrix) and matrix.numel() > 0:
        return _compiled(bag, values, matrix, bag.by_word.words, bag.n_words)
    every = torch.arange(bag.n_words + 1, device=bag.words.device)
    return _sums(bag, torch.searchsorted(bag.words[bag.order], every), values, matrix)


def _sums(bag: Bag, offsets: Tensor, values: Tensor, matrix: Tensor) -> Tensor:
    order = bag.order
    return weighted_rows(bag.documents[order], offsets, values[order], matrix.contiguous())


def _compiled(bag: Bag, values: Tensor, matrix: Tensor, at: Tensor, size: int) -> Tensor:
    out = recycled.empty(size, matrix.shape[1], like=matrix)
    sums.by_run(
        array_of(matrix),
        array_of(bag.documents),
        array_of(bag.order),
        array_of(values),
        array_of(bag.by_word.offsets),
        array_of(at),
        array_of(out),
        matrix.shape[1],
        torch.get_num_threads(),
    )
    return out
