"""Who trains: rank, size and device. A world of one is ordinary; only this file reduces."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed

from tenor.checks import shown
from tenor.errors import InputError, ParameterName
from tenor.kernels import recycled

DEVICES = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")


@dataclass(frozen=True)
class World:
    """One of ``size`` workers, each with a device; sums go over all of them.

    More than one worker needs an initialised ``torch.distributed`` process group, and all of them
    ask the same in the same order.
    """

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this is the worker that writes and speaks for all."""
        return self.rank == 0

    def any(self, so: bool) -> bool:
        """Whether it is so for one worker at least."""
        if self.size == 1:
            return so
        count = torch.tensor(float(so), device=self.device)
        self.sum_([count])
        return bool(count)

    def sum_of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum over the workers of numbers on the host."""
        if self.size == 1:
            return values
        summed = torch.as_tensor(values, device=self.device)
        self.sum_([summed])
        return summed.cpu().numpy()

    def sum_(self, tensors: Iterable[Tensor]) -> None:
        """Replace every tensor by its sum over the workers."""
        if self.size > 1:
            for tensor in tensors:
                distributed.all_reduce(tensor)

    def sum_of_rows(self, rows: Tensor) -> Tensor:
        """The sum over the workers of a sparse gradient, its rows ascending without repeats."""
        # Autograd forgets that a gradient was coalesced, which is all that is wrong with it.
        indices, values = rows._indices()[0], rows._values()
        if self.size == 1:
            return torch.sparse_coo_tensor(
                indices[None], values, rows.shape, is_coalesced=True, check_invariants=False
            )
        counts = [torch.zeros(1, dtype=torch.int64, device=rows.device) for _ in range(self.size)]
        distributed.all_gather(counts, counts[0].new_tensor([len(indices)]))
        most = int(max(counts))  # gathering takes equal sizes, so all are filled up to the longest
        all_indices = self._gathered(indices, most)
        all_values = self._gathered(values, most)
        recycled.give_back(values)
        kept = [slice(int(count)) for count in counts]
        return torch.sparse_coo_tensor(
            torch.cat([part[own] for part, own in zip(all_indices, kept, strict=True)])[None],
            torch.cat([part[own] for part, own in zip(all_values, kept, strict=True)]),
            rows.shape,
            check_invariants=False,
        ).coalesce()

    def _gathered(self, tensor: Tensor, size: int) -> list[Tensor]:
        padded = tensor.new_zeros((size, *tensor.shape[1:]))
        padded[: len(tensor)] = tensor
        parts = [torch.empty_like(padded) for _ in range(self.size)]
        distributed.all_gather(parts, padded)
        return parts


def choose_device(name: str) -> torch.device:
    """The device called ``name``: "auto" takes CUDA where there is one, else the CPU."""
    if not isinstance(name, str) or not DEVICES.fullmatch(name):
        said = f" must be 'auto', 'cpu', 'cuda:0' or 'mps', not {shown(name)}"
        raise InputError(ParameterName("device"), said)
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        said = f"={name!r} cannot be used here; try 'auto'"
        raise InputError(ParameterName("device"), said) from None
    return device
