"""tenor's training step as the benchmarks drive it: the one place that knows the loop's inside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from tenor.bow import BagOfWords
from tenor.documents import Documents
from tenor.networks.models import NVDMConfig, nvdm
from tenor.networks.network import Network
from tenor.networks.noise import Noise
from tenor.training.loop import Trainer
from tenor.training.settings import TrainingSettings
from tenor.training.shares import Share
from tenor.training.state import TrainingState
from tenor.training.tally import Tally
from tenor.training.world import World

# Documents whole, as the dense model sees them; for the rest tenor.NVDM's defaults in training.
WHOLE: dict[str, Any] = {"thinning": 1.0, "epochs": 200}


def settings(batch_size: int, **changed: Any) -> TrainingSettings:
    """The training settings of the comparison."""
    return TrainingSettings(batch_size=batch_size, **{**WHOLE, **changed})


def network(n_words: int, bag: BagOfWords | None = None) -> Network:
    """tenor's default network, K = 50, without dropout."""
    made = nvdm(NVDMConfig(n_words=n_words, dropout=0.0))
    if bag is not None:
        made.learn(Documents(bag))
    return made


@dataclass
class Stepper:
    """A trainer that takes one given share after the other."""

    trainer: Trainer
    state: TrainingState
    tally: Tally

    @classmethod
    def begin(cls, model: Network, bag: BagOfWords, chosen: TrainingSettings) -> Stepper:
        """Ready for the first step."""
        model.requires_grad_(True)
        trainer = Trainer(model, Documents(bag), chosen, World(torch.device("cpu")))
        trainer.documents_seen = 0  # which a run would begin with
        state = TrainingState.begin(model, chosen, Documents(bag))
        return cls(trainer, state, Tally(state.position, trainer.world))

    @cached_property
    def order(self) -> Any:
        """The first epoch's order of documents."""
        return self.trainer.source.order(0)

    def draw(self, step: int) -> Share:
        """The share of a step of the first epoch; after its last whole batch it begins again."""
        whole = len(self.order) // self.trainer.settings.batch_size
        return self.trainer.source.draw(self.order, 0, step % max(whole, 1))

    def step(self, share: Share) -> None:
        """One training step, optimiser included."""
        self.trainer.step(self.state, share, self.tally)
        self.tally.look(self.state.position)

    def settle(self) -> None:
        """What the optimiser puts off until the end of an epoch."""
        self.state.optimizer.settle()

    def pass_start(self, steps: int = 300) -> None:
        """As after so many steps without a gradient.

        In the first 256 steps the row-wise optimiser settles at every power of two; what is
        timed are the thousands of steps that come then.
        """
        for adam in self.state.optimizer.by_row:
            adam.step_number = steps
            adam.last.fill_(steps)
            adam.catch_up_all()

    def noise(self, size: int, n_components: int = 50) -> Tensor:
        """(B, K) the noise that the next step draws, while its epoch and step stay at 0."""
        position = self.state.position
        key = (self.trainer.settings.seed, "train", position.epoch, position.step, 0)
        return Noise("cpu", *key).normal(1, size, n_components)[0]

    def gradients(self) -> dict[str, Tensor]:
        """What the last step left in the parameters.

        Raises:
            RuntimeError: when it left none: then this adapter must learn where they went.
        """
        found: dict[str, Tensor] = {}
        for name, parameter in self.trainer.network.named_parameters():
            if parameter.grad is None:
                raise RuntimeError(f"tenor's step left no gradient in {name}")
            gradient = parameter.grad
            found[name] = gradient.to_dense() if gradient.is_sparse else gradient.clone()
        return found

    def held(self) -> int:
        """Bytes of parameters, their gradients and the optimiser's state."""
        network = self.trainer.network
        tensors = [*network.parameters(), *(p.grad for p in network.parameters())]
        tensors += [tensor for _, tensor in self.state.optimizer.named_tensors(network)]
        return sum(size(tensor) for tensor in tensors if tensor is not None)


def size(tensor: Tensor) -> int:
    """Bytes of a tensor, dense or with sparse rows."""
    if tensor.is_sparse:
        return size(tensor._values()) + size(tensor._indices())
    return tensor.numel() * tensor.element_size()
