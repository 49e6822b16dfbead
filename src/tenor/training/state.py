"""Everything a fit is in the middle of: what a checkpoint holds and a resume brings back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from tenor.networks.network import VariationalNetwork
from tenor.training.settings import TrainingSettings


@dataclass
class Position:
    """The plain values of a fit's state; JSON keeps them exactly.

    Attributes:
        epoch: epoch under way (or next), from 0.
        step: steps already taken in it.
        sums: running sums over the epoch: bound, reconstruction, kl, tokens, documents.
        best_bound: best held-out bound per token so far, if any documents are held out.
        best_epoch: the epoch that reached it.
        stale: epochs since then.
        history: one record an epoch.
    """

    epoch: int = 0
    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    best_bound: float | None = None
    best_epoch: int | None = None
    stale: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class TrainingState:
    """A network in training: its weights, its optimiser, its best weights, its position."""

    network: VariationalNetwork
    optimizer: torch.optim.Optimizer
    position: Position = field(default_factory=Position)
    best: dict[str, Tensor] | None = None
    outcome: str = "unfinished"  # then "completed", "stopped early" or "interrupted"

    @classmethod
    def begin(cls, network: VariationalNetwork, settings: TrainingSettings) -> TrainingState:
        """A state before the first step."""
        return cls(network, make_optimizer(network, settings))

    def keep_best(self) -> None:
        """Remember the weights as they are now."""
        self.best = {k: v.detach().clone() for k, v in self.network.state_dict().items()}

    def restore_best(self) -> None:
        """Go back to the best weights, if any were kept."""
        if self.best is not None:
            self.network.load_state_dict(self.best)

    def named_moments(self) -> Iterator[tuple[str, Tensor]]:
        """The optimiser's tensors, named parameter.moment."""
        for name, parameter in self.network.named_parameters():
            for moment, value in self.optimizer.state.get(parameter, {}).items():
                yield f"{name}.{moment}", value

    def load_moments(self, moments: dict[str, Tensor]) -> None:
        """Put the optimiser's tensors back."""
        parameters = dict(self.network.named_parameters())
        for key, value in moments.items():
            name, moment = key.rsplit(".", 1)
            parameter = parameters[name]
            # A fused Adam counts its steps on the weights' device, any other on the CPU.
            fused = bool(self.optimizer.defaults.get("fused"))
            device = parameter.device if fused or moment != "step" else value.device
            self.optimizer.state[parameter][moment] = value.to(device)


def make_optimizer(
    network: VariationalNetwork, settings: TrainingSettings
) -> torch.optim.Optimizer:
    """Adam with decoupled weight decay on the decoder's weights alone."""
    decayed: list[nn.Parameter] = list(network.decayed_parameters())
    names = {id(p) for p in decayed}
    others = [p for p in network.parameters() if id(p) not in names]
    groups = [
        {"params": decayed, "weight_decay": settings.weight_decay, "rate": settings.decoder_rate},
        {"params": others, "weight_decay": 0.0, "rate": 1.0},
    ]
    fused = network.device.type in ("cpu", "cuda")
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=fused)
