"""tenor's training step as the benchmarks drive it: the one place that knows the loop's inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tenor.bow import BagOfWords
from tenor.networks.nvdm import NVDMConfig, NVDMNetwork
from tenor.training.batches import Share
from tenor.training.loop import Trainer
from tenor.training.settings import TrainingSettings
from tenor.training.state import TrainingState
from tenor.training.world import World

# tenor.NVDM's defaults in training; documents whole, as the dense model sees them.
DEFAULTS: dict[str, Any] = {
    "learning_rate": 3e-3,
    "decoder_rate": 3.0,
    "weight_decay": 0.3,
    "length_weighting": 0.5,
    "epochs": 200,
}


def settings(batch_size: int, **changed: Any) -> TrainingSettings:
    """The training settings of the comparison."""
    return TrainingSettings(batch_size=batch_size, **{**DEFAULTS, **changed})


def network(n_words: int, bag: BagOfWords | None = None) -> NVDMNetwork:
    """tenor's default network, K = 50, without dropout."""
    made = NVDMNetwork(NVDMConfig(n_words=n_words, dropout=0.0))
    if bag is not None:
        made.learn(bag)
    return made


@dataclass
class Stepper:
    """A trainer that takes one given share after the other."""

    trainer: Trainer
    state: TrainingState

    @classmethod
    def begin(cls, model: NVDMNetwork, bag: BagOfWords, chosen: TrainingSettings) -> Stepper:
        """Ready for the first step."""
        model.requires_grad_(True)
        trainer: Any = Trainer(model, bag, chosen, World(torch.device("cpu")))
        trainer.documents_seen = 0  # which a run would begin with
        return cls(trainer, TrainingState.begin(model, chosen))

    def draw(self, epoch: int, step: int) -> Share:
        """The share of a step."""
        source = self.trainer.source
        return source.draw(self._order(epoch), epoch, step)

    def step(self, share: Share) -> None:
        """One training step, optimiser included."""
        trainer: Any = self.trainer
        if hasattr(trainer, "step"):
            trainer.step(self.state, share)
            return
        own = trainer.source
        trainer.source = _Given(own, share)
        try:
            trainer._step(self.state, None)
        finally:
            trainer.source = own

    def noise(self, size: int, n_components: int = 50) -> Tensor:
        """(B, K) the noise that the next step draws, while its epoch and step stay at 0."""
        from tenor.networks.noise import Noise

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

    def _order(self, epoch: int) -> Any:
        if getattr(self, "_known", (None,))[0] != epoch:
            self._known = (epoch, self.trainer.source.order(epoch))
        return self._known[1]


@dataclass
class _Given:
    """A source whose next draw is known already."""

    own: Any
    share: Share

    @property
    def epochs(self) -> int:
        return int(self.own.epochs)

    @property
    def steps_per_epoch(self) -> int:
        return int(self.own.steps_per_epoch)

    def draw(self, order: Any, epoch: int, step: int) -> Share:
        return self.share
