"""Fits that kill themselves and are resumed: run by test_sigkill.py with a folder to work in."""

from __future__ import annotations

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
from tenor.training import state as training_state
from tenor.training.checkpoint import Checkpoint
from tenor.training.loop import Trainer
from tenor.training.settings import TrainingSettings
from tenor.training.state import TrainingState
from tenor.training.watch import Watcher
from tenor.training.world import World

torch.set_num_threads(1)
training_state.FEW = 2.0  # row by row, which has the most to keep


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class KillsAtStep(Watcher):
    def __init__(self, left):
        self.left = left

    def step(self, moment):
        self.left -= 1
        if self.left == 0:
            kill()

    def epoch(self, moment):
        pass


def kill_in_write(left: int) -> None:
    """Die with half a checkpoint on the disk, the moment before it is synced."""
    fsync = os.fsync

    def dies(handle):
        nonlocal left
        if Path(f"/proc/self/fd/{handle}").resolve().is_file():
            left -= 1
            if left == 0:
                os.truncate(f"/proc/self/fd/{handle}", 100)
                kill()
        fsync(handle)

    os.fsync = dies


def fit(folder: Path, watcher: Watcher) -> Network:
    dense = np.random.default_rng(0).poisson(0.6, size=(50, 30))
    documents, words = np.nonzero(dense)
    offsets = np.searchsorted(documents, np.arange(51))
    bag = BagOfWords(offsets, words, dense[documents, words], 30)
    some = Documents(bag)
    settings = TrainingSettings(
        epochs=6,
        batch_size=10,
        learning_rate=0.01,
        decoder_rate=1.0,
        weight_decay=0.0,
        thinning=0.5,
        length_weighting=0.0,
        updates="alternating",
        patience=20,
    )
    config = NVDMConfig(n_words=30, n_components=3, encoder_sizes=(8, 8), dropout=0.2)
    network = nvdm(config)
    network.learn(some[:40])
    checkpoint = Checkpoint(folder)
    state = TrainingState.begin(network, settings, some)
    checkpoint.load(state)
    world = World(torch.device("cpu"))
    Trainer(network, some[:40], settings, world, some[40:], watcher, checkpoint).run(state)
    return network


def killed(folder: Path, what: str, number: int) -> int:
    """The exit status of a process that fits and dies; forked, since torch is slow to import."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if what == "write":
        kill_in_write(number)
    fit(folder, KillsAtStep(number if what == "step" else 0))
    os._exit(0)


KILLS = {"mid-epoch": ("step", 11), "mid-write": ("write", 3), "first write": ("write", 1)}

if __name__ == "__main__":
    place = Path(sys.argv[1])
    for name, (what, number) in KILLS.items():  # all forks come before torch trains anything here
        assert killed(place / name, what, number) == -signal.SIGKILL, name
    left = sorted(path.name for path in (place / "mid-write").iterdir())
    assert len(left) == 2, left  # the checkpoint before, and half of the next one
    whole = fit(place / "whole", KillsAtStep(0)).state_dict()
    for name in KILLS:
        resumed = fit(place / name, KillsAtStep(0)).state_dict()
        assert all(torch.equal(value, whole[key]) for key, value in resumed.items()), name
    print("equal")
