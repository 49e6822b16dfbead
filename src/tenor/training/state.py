"""Everything a fit is in the middle of: what a checkpoint holds and a resume brings back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor

from tenor.documents import Documents
from tenor.networks.network import Network
from tenor.training.optimizer import FEW, Optimizer, touched_share
from tenor.training.settings import TrainingSettings

# How a fit ended; the first is that of one under way.
Outcome = Literal["unfinished", "completed", "stopped early", "interrupted", "no longer finite"]


@dataclass
class Position:
    """The plain values of a fit's state; JSON keeps them exactly."""

    epoch: int = 0  # under way (or next)
    step: int = 0  # steps already taken in it
    sums: dict[str, float] = field(default_factory=dict)  # over the epoch, see tally.SUMS
    best_bound: float | None = None  # per held-out token so far, if any documents are held out
    best_epoch: int | None = None  # reached it
    stale: int = 0  # epochs since then
    history: list[dict[str, Any]] = field(default_factory=list)  # one record an epoch


@dataclass
class TrainingState:
    """A network in training: its weights, its optimiser, its best weights, its position."""

    network: Network
    optimizer: Optimizer
    position: Position = field(default_factory=Position)
    best: dict[str, Tensor] | None = None
    outcome: Outcome = "unfinished"

    @classmethod
    def begin(
        cls, network: Network, settings: TrainingSettings, documents: Documents
    ) -> TrainingState:
        """A state before the first step on ``documents``."""
        # A GPU reads and writes all moments in less time than it takes to ask which rows.
        on_cpu = network.device.type == "cpu"
        row_by_row = on_cpu and touched_share(documents.bag, settings.batch_size) < FEW
        return cls(network, Optimizer(network, settings, row_by_row))

    def keep_best(self) -> None:
        """Remember the weights as they are now."""
        self.best = {k: v.detach().clone() for k, v in self.network.state_dict().items()}

    def restore_best(self) -> None:
        """Go back to the best weights, if any were kept."""
        if self.best is not None:
            self.network.load_state_dict(self.best)
