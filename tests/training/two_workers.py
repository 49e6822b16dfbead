"""A fit by one worker and the same fit by two: run by test_world.py with a folder to work in.

Asked "to stop", the second of the two is interrupted in the middle of its second epoch.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch

from tenor.bow import BagOfWords
from tenor.documents import Documents
from tenor.networks.models import NVDMConfig, nvdm
from tenor.networks.network import Network
from tenor.networks.noise import Noise
from tenor.storage.tensors import write_tensors
from tenor.training import loop
from tenor.training import state as training_state
from tenor.training.checkpoint import Checkpoint
from tenor.training.settings import TrainingSettings
from tenor.training.state import TrainingState
from tenor.training.watch import Watcher
from tenor.training.world import World

torch.set_num_threads(1)
training_state.FEW = 2.0 if sys.argv[2] == "row by row" else 0.0


class Still(Noise):
    """No noise at all: each worker's stream is its own, so only without can workers compare."""

    def normal(self, *shape):
        return torch.zeros(shape)


class Interrupted(Watcher):
    """Sends itself Ctrl-C after seven steps."""

    steps = 0

    def step(self, moment):
        self.steps += 1
        if self.steps == 7:
            os.kill(os.getpid(), signal.SIGINT)

    def epoch(self, moment):
        pass


def train(rank: int, size: int, folder: Path) -> tuple[Network, dict[str, str]]:
    loop.Noise = Still
    dense = np.random.default_rng(0).poisson(0.6, size=(25, 30))
    dense[::6] = 0
    documents, words = np.nonzero(dense)
    offsets = np.searchsorted(documents, np.arange(26))
    bag = BagOfWords(offsets, words, dense[documents, words], 30)
    some = Documents(bag)
    settings = TrainingSettings(
        epochs=3,
        batch_size=4,
        learning_rate=0.01,
        decoder_rate=1.0,
        weight_decay=0.0,
        clip_norm=0.5,
        thinning=1.0,
        length_weighting=0.5,
        patience=20,
    )
    config = NVDMConfig(n_words=30, n_components=3, encoder_sizes=(8,), dropout=0.0)
    network = nvdm(config)
    network.learn(some[:17])
    state = TrainingState.begin(network, settings, some[:17])
    world = World(torch.device("cpu"), rank, size)
    # 17 documents, 4 a step: the last step has one document, and the second worker none.
    checkpoint = Checkpoint(folder / f"checkpoint-{rank}-of-{size}")
    trainer = loop.Trainer(network, some[:17], settings, world, some[17:], checkpoint=checkpoint)
    if rank == 1 and sys.argv[2] == "to stop":
        trainer.watcher = Interrupted()
    trainer.run(state)
    position = state.position
    return network, {
        "history": json.dumps(position.history),
        "outcome": state.outcome,
        "at": f"epoch {position.epoch}, step {position.step}",
    }


def worker(rank: int, folder: Path) -> None:
    meeting = (folder / "meeting").as_uri()
    torch.distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=2)
    network, told = train(rank, 2, folder)
    write_tensors(folder / str(rank), network.state_dict(), told)
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    children = []
    for rank in range(2):  # forked before torch trains anything here: importing it is slow
        child = os.fork()
        if not child:
            worker(rank, place)
            os._exit(0)
        children.append(child)
    network, told = train(0, 1, place)
    write_tensors(place / "alone", network.state_dict(), told)
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
