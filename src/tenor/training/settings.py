"""How a network is trained; what is saved with a fit and taken up on resume."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tenor.errors import InputError

STEPS, FEWEST_EPOCHS, MOST_EPOCHS = 2000, 5, 200  # of a fit whose epochs are not given
UPDATES = ("joint", "alternating")
THINNED = ("input", "document")
SCHEDULES = ("cosine", "linear", "constant")


@dataclass(frozen=True)
class TrainingSettings:
    """Every choice of the training loop.

    Attributes:
        epochs: passes over the training documents, at most; None takes as many as make about
            2,000 steps, but 5 at least and 200 at most.
        batch_size: documents a step.
        learning_rate: Adam's step size at its highest.
        schedule: how it falls after the warm-up: "cosine", "linear" (both to 0) or "constant".
        warmup: share of all steps over which it first rises from 0.
        decoder_rate: how many times faster the decoder's weights learn.
        weight_decay: decoupled decay of the decoder's weights (Loshchilov & Hutter 2019).
        clip_norm: the gradient's norm is cut to this; None leaves it.
        n_samples: posterior samples a document and step.
        kl_warmup: epochs over which the KL's weight rises to 1.
        thinning: each training document is thinned binomially at a rate drawn from
            [thinning, 1] at every visit, but not below 5 tokens on average; 1 leaves them whole.
        thinning_end: where the lowest rate goes, linearly over the second half of the fit; None
            leaves it. 1 ends on whole documents, which closes the encoder's gap.
        thinned: "input", only what the encoder sees, so that it learns to foretell the words
            left out (Im et al. 2017, arXiv:1511.06406); or the "document" as such.
        length_weighting: a; a document of N tokens weighs N^−a in the loss. 0: every token
            counts the same; 1: every document.
        updates: "joint", or "alternating" decoder and encoder as in the paper.
        alternating_epochs: epochs a phase lasts when alternating.
        patience: epochs without a better bound on held-out documents before the fit stops;
            None never stops early (the best weights are restored all the same).
        seed: of every draw.

    Raises:
        InputError: when a value is out of its range.
    """

    epochs: int | None = None
    batch_size: int = 200
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    warmup: float = 0.05
    decoder_rate: float = 1.0
    weight_decay: float = 0.0
    clip_norm: float | None = 5.0
    n_samples: int = 1
    kl_warmup: int = 0
    thinning: float = 1.0
    thinning_end: float | None = None
    thinned: str = "input"
    length_weighting: float = 0.0
    updates: str = "joint"
    alternating_epochs: int = 1
    patience: int | None = 20
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch_size", "n_samples", "alternating_epochs"):
            _whole(name, getattr(self, name), 1)
        if self.epochs is not None:
            _whole("epochs", self.epochs, 1)
        _whole("kl_warmup", self.kl_warmup, 0)
        if self.patience is not None:
            _whole("patience", self.patience, 1)
        _positive("learning_rate", self.learning_rate)
        if self.clip_norm is not None:
            _positive("clip_norm", self.clip_norm)
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise InputError(f"weight_decay must be 0 or more, not {self.weight_decay}")
        _positive("decoder_rate", self.decoder_rate)
        if not 0 <= self.length_weighting <= 1:
            raise InputError(f"length_weighting must be in [0, 1], not {self.length_weighting}")
        _one_of("thinned", self.thinned, THINNED)
        if not 0 <= self.warmup < 1:
            raise InputError(f"warmup must be in [0, 1), not {self.warmup}")
        for name, rate in (("thinning", self.thinning), ("thinning_end", self.thinning_end)):
            if rate is not None and not 0 < rate <= 1:
                raise InputError(f"{name} must be in (0, 1], not {rate}")
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("updates", self.updates, UPDATES)

    def for_documents(self, n_documents: int) -> TrainingSettings:
        """The same settings with the number of epochs settled."""
        if self.epochs is not None:
            return self
        steps_per_epoch = max(1, -(-n_documents // self.batch_size))
        epochs = round(STEPS / steps_per_epoch)
        return replace(self, epochs=min(max(epochs, FEWEST_EPOCHS), MOST_EPOCHS))


def _whole(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{name} must be a whole number of at least {least}, not {value!r}")


def _positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name} must be greater than 0, not {value}")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
