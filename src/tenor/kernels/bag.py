"""A batch of bags of words as tensors: what the kernels read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tenor.bow import BagOfWords


@dataclass(frozen=True, eq=False)
class ByWord:
    """The entries of a bag, word by word: its transpose without the empty rows; all int64."""

    words: Tensor  # (U,) the different words, ascending
    offsets: Tensor  # (U + 1,) where the entries of each begin and end in order
    order: Tensor  # (nnz,) entry numbers, sorted by word, then by document


@dataclass(frozen=True, eq=False)
class Bag:
    """B documents over V words as CSR tensors on one device."""

    offsets: Tensor  # (B + 1,) int64; where each document begins and ends
    words: Tensor  # (nnz,) int64 in [0, V)
    counts: Tensor  # (nnz,) float; how often each word occurs
    documents: Tensor  # (nnz,) int64; the document of each entry
    n_words: int  # V
    bounds: NDArray[np.int64]  # the offsets on the host, where asking waits for no device

    @classmethod
    def of(
        cls,
        bag: BagOfWords,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> Bag:
        """Copy a (slice of a) NumPy bag to ``device``."""
        bag = bag.compact()
        device = torch.device(device)
        return cls(
            copied(bag.offsets, torch.int64, device),
            copied(bag.words, torch.int64, device),
            copied(bag.counts, dtype, device),
            copied(np.repeat(np.arange(len(bag)), bag.distinct), torch.int64, device),
            bag.n_words,
            np.asarray(bag.offsets, dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @property
    def lengths(self) -> Tensor:
        """(B,) the number of tokens N_d of each document."""
        return self.sum_by_document(self.counts)

    @cached_property
    def order(self) -> Tensor:
        """(nnz,) int64; entry numbers, sorted by word, then by document, whoever asks first."""
        if self.words.device.type == "cpu" and self.n_words <= 1 << 16:  # NumPy sorts by radix
            order = np.argsort(self.words.numpy().astype(np.uint16), kind="stable")
            return torch.from_numpy(order)
        return torch.argsort(self.words, stable=True)

    @cached_property
    def by_word(self) -> ByWord:
        """The transpose; a GPU is waited for, since nobody knows how many words there are."""
        words, sizes = torch.unique_consecutive(self.words[self.order], return_counts=True)
        return ByWord(words, torch.cat([sizes.new_zeros(1), sizes.cumsum(0)]), self.order)

    def sum_by_document(self, values: Tensor) -> Tensor:
        """(nnz,) or (nnz, S) values, summed over the entries of each document: (B,) or (B, S)."""
        if len(values) == 0:
            return values.new_zeros((len(self), *values.shape[1:]))
        summed: Tensor = torch.segment_reduce(values, "sum", offsets=self.offsets, initial=0)
        return summed

    def between(self, start: int, stop: int) -> Bag:
        """Documents ``start`` to ``stop`` (exclusive); words and counts stay views."""
        if (start, stop) == (0, len(self)):
            return self
        first, last = self.bounds[start].item(), self.bounds[stop].item()
        return Bag(
            self.offsets[start : stop + 1] - first,
            self.words[first:last],
            self.counts[first:last],
            self.documents[first:last] - start,
            self.n_words,
            self.bounds[start : stop + 1] - first,
        )


def copied(values: NDArray[Any], dtype: torch.dtype, device: torch.device) -> Tensor:
    """``values`` as a tensor; to CUDA from pinned memory, so that nobody waits for the copy."""
    tensor = torch.tensor(values, dtype=dtype)
    if device.type != "cuda":  # elsewhere memory may be gone before it is copied
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)
