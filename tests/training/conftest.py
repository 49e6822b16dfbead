"""Small fits on planted topics, every setting named."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tenor.documents import Documents
from tenor.networks.models import NVDMConfig, nvdm
from tenor.training.loop import Trainer
from tenor.training.settings import TrainingSettings
from tenor.training.state import TrainingState
from tenor.training.watch import Silent, Watcher
from tenor.training.world import World

PLAIN = TrainingSettings(
    epochs=4,
    batch_size=16,
    learning_rate=0.01,
    schedule="cosine",
    warmup=0.05,
    decoder_rate=1.0,
    weight_decay=0.0,
    clip_norm=5.0,
    n_samples=1,
    kl_warmup=0,
    thinning=1.0,
    thinned="input",
    length_weighting=0.0,
    updates="joint",
    alternating_epochs=1,
    patience=None,
    seed=0,
)


class StopsAfter(Watcher):
    """Calls ``action`` after so many steps of this run."""

    def __init__(self, steps, action):
        self.left, self.action, self.moments = steps, action, []

    def step(self, moment):
        self.moments.append(moment)
        self.left -= 1
        if self.left == 0:
            self.action()

    def epoch(self, moment):
        pass


class Fit:
    """A network, its trainer and its state; ``run()`` trains."""

    def __init__(self, documents, held_out, settings, watcher, checkpoint, seed, shape):
        config = {
            "n_words": documents.bag.n_words,
            "n_components": 4,
            "encoder_sizes": (12, 12),
            "encoder": "residual",
            "activation": "tanh",
            "input_transform": "log1p",
            "dropout": 0.0,
            "generator_sizes": (),
            "generator": "beside",
            "generator_dropout": 0.0,
            "likelihood": "counts",
        }
        self.network = nvdm(NVDMConfig(**{**config, **shape}), seed)
        self.network.learn(documents)
        world = World(torch.device("cpu"))
        self.trainer = Trainer(
            self.network, documents, settings, world, held_out, watcher or Silent(), checkpoint
        )
        self.state = TrainingState.begin(self.network, settings, documents)

    def run(self):
        self.trainer.run(self.state)
        return self

    @property
    def weights(self):
        return {name: v.detach().clone() for name, v in self.network.state_dict().items()}

    @property
    def history(self):
        return self.state.position.history


@pytest.fixture
def plain():
    """Settings with nothing switched on."""
    return PLAIN


@pytest.fixture
def make_fit(planted):
    """Changed settings, and what else differs, to a Fit of 56 documents, 16 a step."""
    documents, held_out = Documents(planted(56)), Documents(planted(40, seed=1))

    def make(*, watcher=None, checkpoint=None, judged=True, seed=0, shape=None, **changed) -> Fit:
        settings = replace(PLAIN, **changed)
        kept = held_out if judged else None
        return Fit(documents, kept, settings, watcher, checkpoint, seed, shape or {})

    return make


@pytest.fixture(scope="session")
def same():
    """Whether two dictionaries of tensors are equal bit for bit."""

    def compare(one, other):
        assert one.keys() == other.keys()
        return all(torch.equal(one[name], other[name]) for name in one)

    return compare


@pytest.fixture(scope="session")
def stops_after():
    """Watchers that act after so many steps."""
    return StopsAfter
