"""What changes as training goes on: the learning rate, the KL's weight, who is updated."""

from __future__ import annotations

import math

from tenor.training.settings import TrainingSettings


def learning_rate(settings: TrainingSettings, step: int, total: int) -> float:
    """Adam's step size at step ``step`` (from 0) of ``total``."""
    warmup = math.ceil(settings.warmup * total)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, total - warmup)
    cosine = 0.5 * (1 + math.cos(math.pi * done))
    falling = {"cosine": cosine, "linear": 1 - done, "constant": 1.0}
    return settings.learning_rate * falling[settings.schedule]


def kl_weight(settings: TrainingSettings, epoch: int, step: int, steps_per_epoch: int) -> float:
    """What the KL counts for: linear from 0 to 1 over ``kl_warmup`` epochs, then 1."""
    if settings.kl_warmup == 0:
        return 1.0
    done = epoch + step / steps_per_epoch
    return min(1.0, done / settings.kl_warmup)


def thinning(settings: TrainingSettings, step: int, total: int) -> float:
    """The lowest rate documents are thinned at, at step ``step`` (from 0) of ``total``."""
    if settings.thinning_end is None:
        return settings.thinning
    done = max(0.0, 2 * step / total - 1)
    return settings.thinning + (settings.thinning_end - settings.thinning) * done


def phase(settings: TrainingSettings, epoch: int) -> str:
    """Which parameters the epoch updates: "joint", "decoder" or "encoder"."""
    if settings.updates == "joint":
        return "joint"
    return "decoder" if (epoch // settings.alternating_epochs) % 2 == 0 else "encoder"
