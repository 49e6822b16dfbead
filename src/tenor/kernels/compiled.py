"""What is compiled, and how tensors get there."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

try:  # after torch, whose OpenMP library they then share; all or none
    from tenor.kernels import _rows, _sums, _tiles
except ImportError:  # installed where no C compiler with OpenMP was
    COMPILED = False
    rows: Any = None
    sums: Any = None
    tiles: Any = None
else:
    COMPILED = True
    rows, sums, tiles = _rows, _sums, _tiles


def can_take(*tensors: Tensor) -> bool:
    """Whether compiled code is there, and for these: float32, on the CPU."""
    return COMPILED and all(t.device.type == "cpu" and t.dtype == torch.float32 for t in tensors)


def array_of(tensor: Tensor) -> NDArray[Any]:
    """A tensor on the CPU as compiled code takes it: the same memory, if it is contiguous."""
    array: NDArray[Any] = tensor.detach().contiguous().numpy()
    return array
