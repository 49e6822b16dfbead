"""Child of step.py: one contestant's steps, for its memory to be sampled.

    step_memory.py tenor|dense WORDS BATCH LENGTH SECONDS

Tells the memory before the model was made, the bytes of parameters, gradients and optimiser, and
the median seconds of a step, the drawing of its batch included.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dense
import stepping
import torch
import watching
import zipf

from tenor.bow import BagOfWords

LEAST = {"tenor": 12, "dense": 3}  # steps; tenor's first, second, fourth and eighth settle


def main() -> None:
    who, words, batch, length, seconds = sys.argv[1:]
    contestant = {"tenor": tenor_steps, "dense": dense_steps}[who]
    contestant(zipf.documents(32, 50, 8), 8)[0](0)  # thread pools and libraries' own buffers
    bag = zipf.documents(max(4 * int(batch), 2000), int(words), float(length))
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # VmHWM counts from here
    anonymous, resident = watching.sizes_of()
    watching.stage("steps")
    step, kept = contestant(bag, int(batch))
    step(0)
    each: list[float] = []
    while len(each) < LEAST[who] or sum(each) < float(seconds):
        began = time.perf_counter()
        step(len(each) + 1)
        each.append(time.perf_counter() - began)
    watching.stage("end")
    watching.result(
        anonymous=anonymous, resident=resident, kept=kept(), highest=highest(),
        seconds=statistics.median(each),
    )  # fmt: skip


Steps = tuple[Callable[[int], object], Callable[[], int]]


def tenor_steps(bag: BagOfWords, batch: int) -> Steps:
    network = stepping.network(bag.n_words)
    stepper = stepping.Stepper.begin(network, bag, stepping.settings(batch))
    return lambda step: stepper.step(stepper.draw(step)), stepper.held


def dense_steps(bag: BagOfWords, batch: int) -> Steps:
    training = dense.DenseTraining(dense.DenseNVDM(bag.n_words), stepping.settings(batch))
    counts = dense.matrix(bag)
    order = torch.randperm(len(bag)).numpy()
    weights, epsilon = torch.ones(batch), torch.randn(batch, 50)

    def step(number: int) -> None:
        start = number * batch % (len(order) - batch + 1)
        x = dense.densify(counts, order[start : start + batch])
        training.step(x, weights, 1e4, epsilon, 1e-3)

    return step, training.held


def highest() -> int:
    """VmHWM, the kernel's own resident peak since it was reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
