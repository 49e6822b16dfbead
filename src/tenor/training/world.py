"""Who trains: rank, size and device. A world of one is ordinary; only this file reduces."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, distributed

from tenor.errors import InputError

DEVICES = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")


@dataclass(frozen=True)
class World:
    """One of ``size`` workers, each with a device; sums go over all of them.

    More than one worker needs an initialised ``torch.distributed`` process group.
    """

    device: torch.device
    rank: int = 0
    size: int = 1

    def sum_(self, tensors: Iterable[Tensor]) -> None:
        """Replace every tensor by its sum over the workers."""
        if self.size > 1:
            for tensor in tensors:
                distributed.all_reduce(tensor)


def choose_device(name: str) -> torch.device:
    """The device called ``name``: "auto" takes CUDA where there is one, else the CPU.

    Raises:
        InputError: when there is no such device here.
    """
    if not isinstance(name, str) or not DEVICES.fullmatch(name):
        raise InputError(f"there is no device {name!r}; try 'auto', 'cpu', 'cuda:0' or 'mps'")
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        raise InputError(f"device {name!r} cannot be used here; try 'auto'") from None
    return device
