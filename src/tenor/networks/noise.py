"""Randomness that can be replayed: every draw is a function of a key, not of earlier draws."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

_SIXTEEN_BITS = 1 << 16
_FILL_64_BITS = ("cpu", "cuda")  # devices whose generators can; Apple's cannot


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
        self.generator = torch.Generator(device=device).manual_seed(seed_of(*key))

    def normal(self, *shape: int) -> Tensor:
        """Standard normal values."""
        return torch.randn(shape, generator=self.generator, device=self.generator.device)

    def dropout(self, values: Tensor, rate: float) -> Tensor:
        """``values`` with a share ``rate`` set to 0 and the rest scaled to the same mean.

        The share is a multiple of 2⁻¹⁶, the nearest: sixteen random bits a value take a third
        of the time that a random float does.
        """
        dropped = min(round(rate * _SIXTEEN_BITS), _SIXTEEN_BITS - 1)
        if dropped == 0:
            return values
        kept = self._sixteen_bits(values.shape).ge(dropped - _SIXTEEN_BITS // 2)
        return values * kept.to(values.dtype).div_(1 - dropped / _SIXTEEN_BITS)

    def _sixteen_bits(self, shape: torch.Size) -> Tensor:
        """Uniform whole numbers in [−2¹⁵, 2¹⁵)."""
        device = self.generator.device
        if device.type not in _FILL_64_BITS:
            drawn = torch.empty(shape, dtype=torch.int32, device=device)
            return drawn.random_(-(2**15), 2**15, generator=self.generator)
        draws = torch.empty(-(-shape.numel() // 4), dtype=torch.int64, device=device)
        draws.random_(-(2**63), None, generator=self.generator)
        return draws.view(torch.int16)[: shape.numel()].view(shape)
