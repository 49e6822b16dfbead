"""What a fit adds up step by step, on its device, and fetches only when somebody looks."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from tenor.networks.network import Bound
from tenor.training.state import Position
from tenor.training.world import World

SUMS = ("bound", "reconstruction", "kl", "tokens", "documents")
EVERY = 16  # steps between two looks at a GPU, which would have to be waited for


@final
class Tally:
    """The sums of an epoch under way, and how many of its steps came before one not finite.

    They are added step by step in float64, so it changes no bit when they are looked at.
    """

    def __init__(self, position: Position, world: World) -> None:
        self._world = world
        self._begin = position.step
        device = world.device
        dtype = torch.float32 if device.type == "mps" else torch.float64  # which Apple's has not
        start = [position.sums.get(name, 0.0) for name in SUMS]
        self._totals = torch.tensor([*start, 0.0], dtype=dtype, device=device)
        self._finite = torch.ones((), dtype=torch.bool, device=device)

    def add(self, bound: Bound, counts: Tensor, finite: Tensor) -> None:
        """Take in a step: this worker's bounds and counts, and whether all workers' are finite."""
        terms = [bound.elbo.detach(), bound.reconstruction.detach(), bound.kl.detach(), counts]
        number = torch.full((), len(bound.kl), dtype=counts.dtype, device=counts.device)
        step = torch.stack([*(term.sum() for term in terms), number])
        self._world.sum_([step])
        self._finite = self._finite & finite
        self._totals += torch.cat([step, self._finite[None]])

    def is_due(self, step: int) -> bool:
        """Whether to look after so many steps of the epoch."""
        # The first too: from there on watchers tell the pace.
        return self._world.device.type == "cpu" or step % EVERY == 1

    def look(self, position: Position) -> int | None:
        """Bring the sums to ``position``; the first step that was not finite, from 0, if any."""
        *sums, finite = self._totals.tolist()
        position.sums = dict(zip(SUMS, sums, strict=True))
        first = self._begin + int(finite)
        return first if first < position.step else None
