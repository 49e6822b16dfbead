"""Workers and devices: two workers end as one does, and a world of one is ordinary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tenor.errors import InputError
from tenor.storage.tensors import read_tensors
from tenor.training.world import World, choose_device

SCRIPT = Path(__file__).with_name("two_workers.py")


@pytest.fixture
def two_workers(tmp_path):
    """Runs two_workers.py, and gives what one worker alone and either of two ended with."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")

    def run(how):
        done = subprocess.run(
            [sys.executable, SCRIPT, tmp_path, how],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [read_tensors(tmp_path / name) for name in ("alone", "0", "1")]

    return run


@pytest.mark.parametrize("how", ["dense", "row by row"])
def test_two_workers_end_as_one(two_workers, same, how):
    (alone, told), (first, history), (second, again) = two_workers(how)
    assert same(first, second)
    assert history == again
    for name, value in alone.items():
        torch.testing.assert_close(first[name], value, rtol=1e-4, atol=1e-5)
    for one, other in zip(json.loads(told["history"]), json.loads(history["history"]), strict=True):
        assert one.pop("phase") == other.pop("phase") == "joint"
        assert one == pytest.approx(other, rel=1e-4)


def test_a_stop_asked_of_one_stops_both_and_the_first_alone_writes(two_workers, same, tmp_path):
    (_, alone), (first, told), (second, again) = two_workers("to stop")
    assert alone["outcome"] == "completed"
    assert told["outcome"] == "interrupted"
    assert told["at"] == "epoch 1, step 2"
    assert told == again
    assert same(first, second)
    written = {path.name for path in tmp_path.glob("checkpoint*")}
    assert written == {"checkpoint-0-of-1", "checkpoint-0-of-2"}


def test_a_world_of_one_sums_nothing():
    value, world = torch.ones(2), World(torch.device("cpu"))
    world.sum_([value])
    assert value.tolist() == [1.0, 1.0]
    numbers = np.array([0.1, 0.2])
    assert world.sum_of(numbers) is numbers
    assert world.any(True) is True
    assert world.any(False) is False
    assert world.is_first


def test_choose_device():
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:99", "", "cpu:x", "meta", None, 3])
def test_a_device_that_is_not_here_is_refused(name):
    with pytest.raises(InputError, match="'auto'") as error:
        choose_device(name)
    assert "\n" not in str(error.value)
    assert repr(name) in str(error.value)
