"""Randomness that can be replayed: every draw is a function of a key, not of earlier draws."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor


def seed_of(*key: int | str) -> int:
    """A 63-bit seed from a key such as (seed, purpose, epoch, step, rank)."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def numpy_generator(*key: int | str) -> np.random.Generator:
    """NumPy's generator for ``key``."""
    return np.random.Generator(np.random.Philox(seed_of(*key)))


class Noise:
    """A stream of tensors on one device that depends on its key alone."""

    def __init__(self, device: torch.device | str, *key: int | str) -> None:
        self._generator = torch.Generator(device=device).manual_seed(seed_of(*key))

    @property
    def generator(self) -> torch.Generator:
        """The generator behind the stream, for functions that draw from one."""
        return self._generator

    def normal(self, *shape: int) -> Tensor:
        """Standard normal values."""
        return torch.randn(shape, generator=self._generator, device=self._generator.device)

    def dropout(self, values: Tensor, rate: float) -> Tensor:
        """``values`` with a share ``rate`` set to 0 and the rest scaled to the same mean."""
        if rate == 0:
            return values
        draw = torch.rand(values.shape, generator=self._generator, device=values.device)
        return values * draw.ge_(rate).to(values.dtype).div_(1 - rate)
