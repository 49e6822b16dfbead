"""A step never waits for its device: on torch's "meta" device there is nothing to wait for.

Tensors there have shapes and no values, and torch refuses to hand any value over to Python; an
accelerator would hand it over after a pause. What runs is what a GPU would run, but the numbers.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tenor.documents import Documents
from tenor.networks.models import NVDMConfig, nvdm
from tenor.training.loop import Trainer
from tenor.training.state import TrainingState
from tenor.training.tally import EVERY, Tally
from tenor.training.whole_adam import WholeAdam
from tenor.training.world import World

META = torch.device("meta")


class ShapesOnly:
    """Noise of the right shapes: torch has no generator there."""

    def __init__(self, device, *key):
        self.device = device

    def normal(self, *shape):
        return torch.empty(shape, device=self.device)

    def dropout(self, values, rate):
        return values * torch.empty_like(values)


@pytest.fixture
def make_trainer(planted, plain, monkeypatch):
    monkeypatch.setattr("tenor.training.loop.Noise", ShapesOnly)
    # the loop of its own that torch has for CUDA
    monkeypatch.setattr(WholeAdam, "fused", staticmethod(lambda device: True))

    def make(shape, **changed):
        documents = Documents(planted(56))
        network = nvdm(NVDMConfig(n_words=documents.bag.n_words, n_components=4, **shape)).to(META)
        trainer = Trainer(network, documents, replace(plain, **changed), World(META))
        return trainer, TrainingState.begin(network, trainer.settings, documents)

    return make


@pytest.mark.parametrize("shape", [{}, {"generator_sizes": (8,), "generator_dropout": 0.1}])
@pytest.mark.parametrize("transform", ["log1p", "l1", "binary"])
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("rows", [5, 256])
def test_a_step_asks_for_no_value(make_trainer, monkeypatch, shape, transform, samples, rows):
    monkeypatch.setattr("tenor.kernels.blocked.MOST_ROWS", rows)
    shape = {**shape, "encoder_sizes": (12, 12), "input_transform": transform}
    trainer, state = make_trainer(shape, n_samples=samples, thinning=0.5)
    trainer.network.requires_grad_(True)
    tally, order = Tally(state.position, trainer.world), trainer.source.order(0)
    for step in range(2):
        trainer.step(state, trainer.source.draw(order, 0, step), tally)
        state.position.step += 1
    assert len(state.optimizer.whole[1].moments) > 5, "they were updated"
    with pytest.raises(RuntimeError, match="meta"):  # here it would be waited for
        tally.look(state.position)


def test_a_gpu_is_looked_at_now_and_then():
    world = World(META)
    tally = Tally(TrainingState(None, None).position, world)
    assert [step for step in range(1, 50) if tally.is_due(step)] == [
        1,
        EVERY + 1,
        2 * EVERY + 1,
        3 * EVERY + 1,
    ]
