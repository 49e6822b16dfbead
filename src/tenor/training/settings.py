"""How a network is trained, as the loop sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tenor.parameters import check
from tenor.settings import TrainingParameters

STEPS, FEWEST_EPOCHS, MOST_EPOCHS = 2000, 5, 200  # of a fit whose epochs are not given


@dataclass(kw_only=True)
class TrainingSettings(TrainingParameters):
    """Every choice of the training loop; never changed. A value out of range is an InputError."""

    seed: int = 0  # of every draw

    def __post_init__(self) -> None:
        check(self)

    def for_documents(self, n_documents: int) -> TrainingSettings:
        """The same settings with the number of epochs settled."""
        if self.epochs is not None:
            return self
        steps_per_epoch = max(1, -(-n_documents // self.batch_size))
        epochs = round(STEPS / steps_per_epoch)
        return replace(self, epochs=min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS))
