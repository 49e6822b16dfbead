"""What updates the weights: Adam, row by row where a step touches few rows of a matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn

from tenor.bow import DocumentCounts
from tenor.kernels.adam_rows import BETA1, BETA2, EPSILON
from tenor.networks.network import Batch, VariationalNetwork
from tenor.training.row_adam import RowAdam, whole_moments
from tenor.training.settings import TrainingSettings

FEW = 0.4  # share of the rows; above it dense Adam is as fast (docs/decisions/0005)


@final
class Optimizer:
    """Adam with decoupled weight decay on the decoder's weights alone.

    Attributes:
        dense: for the parameters that every step touches as a whole.
        by_row: for those whose rows belong to words, where a batch has few of the words.
    """

    def __init__(
        self, network: VariationalNetwork, settings: TrainingSettings, row_by_row: bool
    ) -> None:
        network.ask_sparse_gradients(row_by_row)
        self.by_row = [RowAdam(p) for p in network.word_parameters()] if row_by_row else []
        apart = {id(adam.parameter) for adam in self.by_row}
        decayed = list(network.decayed_parameters())
        apart_too = apart | {id(p) for p in decayed}
        others = [p for p in network.parameters() if id(p) not in apart_too]
        groups = [
            {
                "params": decayed,
                "weight_decay": settings.weight_decay,
                "rate": settings.decoder_rate,
            },
            {"params": others, "weight_decay": 0.0, "rate": 1.0},
        ]
        self.dense = torch.optim.AdamW(
            groups,
            lr=settings.learning_rate,
            betas=(BETA1, BETA2),
            eps=EPSILON,
            fused=network.device.type in ("cpu", "cuda"),
        )

    def prepare(self, batch: Batch) -> None:
        """Bring the rows that ``batch`` reads to the present."""
        for adam in self.by_row:
            adam.catch_up(batch.seen.by_word.words)

    def settle(self) -> None:
        """Bring all weights to the present: before anything but the next batch reads them."""
        for adam in self.by_row:
            adam.catch_up_all()

    def zero_grad(self) -> None:
        """Forget the gradients."""
        self.dense.zero_grad(set_to_none=True)
        for adam in self.by_row:
            adam.parameter.grad = None

    def step(self, rate: float) -> None:
        """Update every parameter that has a gradient."""
        for group in self.dense.param_groups:
            group["lr"] = rate * group["rate"]
        self.dense.step()
        for adam in self.by_row:
            if adam.parameter.grad is not None:
                adam.step(adam.parameter.grad, rate)

    def named_tensors(self, network: nn.Module) -> Iterator[tuple[str, Tensor]]:
        """All there is to keep beside the weights, named parameter.what."""
        rows = {id(adam.parameter): adam for adam in self.by_row}
        for name, parameter in network.named_parameters():
            kept: dict[str, Any] = self.dense.state.get(parameter, {})
            if id(parameter) in rows:
                kept = rows[id(parameter)].tensors()
            for what, value in kept.items():
                yield f"{name}.{what}", value

    def load(self, network: nn.Module, tensors: dict[str, Tensor]) -> None:
        """Put back what :meth:`named_tensors` gave.

        Raises:
            KeyError: when they are of other parameters.
        """
        parameters = dict(network.named_parameters())
        by_name: dict[str, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            name, what = key.rsplit(".", 1)
            by_name.setdefault(name, {})[what] = value
        rows = {id(adam.parameter): adam for adam in self.by_row}
        for name, kept in by_name.items():
            parameter = parameters[name]
            if id(parameter) in rows:
                rows[id(parameter)].load(kept)
            else:
                self._load_dense(parameter, whole_moments(parameter, kept))

    def _load_dense(self, parameter: nn.Parameter, kept: dict[str, Tensor]) -> None:
        for what, value in kept.items():
            # A fused Adam counts its steps on the weights' device, any other on the CPU.
            fused = bool(self.dense.defaults.get("fused"))
            device = parameter.device if fused or what != "step" else value.device
            self.dense.state[parameter][what] = value.to(device)


def touched_share(bag: DocumentCounts, batch_size: int) -> float:
    """The share of the words that a batch of random documents has, on average."""
    absent = (1 - bag.document_frequency / max(len(bag), 1)) ** batch_size
    return float(np.mean(1 - absent))
