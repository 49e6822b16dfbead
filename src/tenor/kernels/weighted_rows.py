"""Weighted sums of rows of a matrix: a product with a sparse matrix from the left."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from tenor.kernels import recycled
from tenor.kernels.bag import ByWord
from tenor.kernels.compiled import array_of, can_take, sums


def weighted_rows(rows: Tensor, offsets: Tensor, values: Tensor, matrix: Tensor) -> Tensor:
    """Σ over each run of ``offsets`` of values · matrix[rows]."""
    if len(rows) == 0:
        return matrix.new_zeros(len(offsets) - 1, matrix.shape[1])
    return embedding_bag(
        rows, matrix, offsets, mode="sum", per_sample_weights=values, include_last_offset=True
    )


def weighted_rows_by_word(
    rows: Tensor, by_word: ByWord, values: Tensor, matrix: Tensor, n_words: int | None
) -> Tensor:
    """Σ over the entries of each word of values · matrix[rows].

    Args:
        rows: (nnz,) int64, a row of ``matrix`` for every entry of the bag.
        by_word: its entries word by word.
        values: (nnz,).
        matrix: (M, H).
        n_words: V, for a row for every word, those of absent words 0; None for a row for each
            of the U different words only.

    Returns:
        (V, H) or (U, H); each sum is taken in the order of ``by_word``.
    """
    if can_take(values, matrix) and matrix.numel() > 0:
        return _compiled(rows, by_word, values, matrix, n_words)
    offsets = by_word.offsets
    if n_words is not None:  # a run for every word, the absent ones' empty
        every = torch.arange(n_words + 1, device=offsets.device)
        offsets = offsets[torch.searchsorted(by_word.words, every)]
    order = by_word.order
    return weighted_rows(rows[order], offsets, values[order], matrix.contiguous())


def _compiled(
    rows: Tensor, by_word: ByWord, values: Tensor, matrix: Tensor, n_words: int | None
) -> Tensor:
    n_different = len(by_word.words)
    at = by_word.words if n_words is not None else torch.arange(n_different)
    out = recycled.empty(n_words or n_different, matrix.shape[1], like=matrix)
    sums.by_run(
        array_of(matrix),
        array_of(rows),
        array_of(by_word.order),
        array_of(values),
        array_of(by_word.offsets),
        array_of(at),
        array_of(out),
        matrix.shape[1],
        torch.get_num_threads(),
    )
    return out
