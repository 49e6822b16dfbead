"""What updates the weights: Adam, row by row where a step touches few rows of a matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
from torch import Tensor, nn

from tenor.bow import DocumentCounts
from tenor.kernels import recycled
from tenor.networks.network import Network
from tenor.networks.parts import Batch
from tenor.training.row_adam import RowAdam, whole_moments
from tenor.training.settings import TrainingSettings
from tenor.training.whole_adam import WholeAdam

FEW = 0.4  # share of the rows; above it dense Adam is as fast (docs/decisions/0005)


@final
class Optimizer:
    """Adam with decoupled weight decay on the decoder's weights alone.

    ``by_row`` is for parameters whose rows belong to words, where a batch has few of the words;
    ``whole`` for those that every step touches as a whole.
    """

    def __init__(self, network: Network, settings: TrainingSettings, row_by_row: bool) -> None:
        network.encoder.sparse_gradient = row_by_row
        self.by_row = [RowAdam(p) for p in network.encoder.word_parameters()] if row_by_row else []
        decayed = list(network.decoder.decayed())
        apart = {id(p) for p in (*decayed, *(adam.parameter for adam in self.by_row))}
        others = [p for p in network.parameters() if id(p) not in apart]
        self.whole = [
            WholeAdam(decayed, settings.decoder_rate, settings.weight_decay),
            WholeAdam(others, 1.0, 0.0),
        ]

    def prepare(self, batch: Batch) -> None:
        """Bring the rows that ``batch`` reads to the present."""
        for adam in self.by_row:
            adam.catch_up(batch.seen.by_word.words)

    def settle(self) -> None:
        """Bring all weights to the present: before anything but the next batch reads them."""
        for adam in self.by_row:
            adam.catch_up_all()

    def zero_grad(self) -> None:
        """Forget the gradients; nobody may read them again."""
        whole = (parameter for adam in self.whole for parameter in adam.parameters)
        for parameter in (*whole, *(rows.parameter for rows in self.by_row)):
            if parameter.grad is not None:
                gradient, parameter.grad = parameter.grad, None
                recycled.give_back(gradient._values() if gradient.is_sparse else gradient)

    def step(self, rate: float, divisor: Tensor | None, finite: Tensor) -> None:
        """Update every parameter that has a gradient, divided by ``divisor`` (), if given.

        Nothing is updated where ``finite`` () is false.
        """
        looks = finite.device.type == "cpu" or not WholeAdam.fused(finite.device)
        if looks and not finite:
            return
        for adam in self.whole:
            adam.step(rate, divisor, finite)
        for rows in self.by_row:
            if rows.parameter.grad is not None:
                scale = 1.0 if divisor is None else 1 / float(divisor)
                rows.step(rows.parameter.grad, rate, scale)

    def named_tensors(self, network: nn.Module) -> Iterator[tuple[str, Tensor]]:
        """All there is to keep beside the weights, named parameter.what."""
        kept = {id(rows.parameter): rows.tensors() for rows in self.by_row}
        for adam in self.whole:
            kept.update((id(parameter), adam.moments[parameter]) for parameter in adam.moments)
        for name, parameter in network.named_parameters():
            for what, value in kept.get(id(parameter), {}).items():
                yield f"{name}.{what}", value

    def load(self, network: nn.Module, tensors: dict[str, Tensor]) -> None:
        """Put back what :meth:`named_tensors` gave; KeyError when it is of other parameters."""
        parameters = dict(network.named_parameters())
        by_name: dict[str, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            name, what = key.rsplit(".", 1)
            by_name.setdefault(name, {})[what] = value
        by_row = {id(rows.parameter): rows for rows in self.by_row}
        whole = {id(parameter): adam for adam in self.whole for parameter in adam.parameters}
        for name, kept in by_name.items():
            parameter = parameters[name]
            if id(parameter) in by_row:
                by_row[id(parameter)].load(kept)
            else:
                whole[id(parameter)].load(parameter, whole_moments(parameter, kept))


def touched_share(bag: DocumentCounts, batch_size: int) -> float:
    """The share of the words that a batch of random documents has, on average."""
    absent = (1 - bag.document_frequency / max(len(bag), 1)) ** batch_size
    return float(np.mean(1 - absent))
