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


def main() -> None:
    who, words, batch, length, seconds = sys.argv[1:]
    contestant = {"tenor": tenor_steps, "dense": dense_steps}[who]
    contestant(zipf.documents(32, 50, 8), 8)[0]()  # thread pools and libraries' own buffers
    bag = zipf.documents(max(2 * int(batch), 2000), int(words), float(length))
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # VmHWM counts from here
    anonymous, resident = watching.sizes_of()
    watching.stage("steps")
    step, kept = contestant(bag, int(batch))
    step()
    each: list[float] = []
    while len(each) < 3 or sum(each) < float(seconds):
        began = time.perf_counter()
        step()
        each.append(time.perf_counter() - began)
    watching.stage("end")
    watching.result(
        anonymous=anonymous, resident=resident, kept=kept(), highest=highest(),
        seconds=statistics.median(each),
    )  # fmt: skip


def tenor_steps(bag: BagOfWords, batch: int) -> tuple[Callable[[], None], Callable[[], int]]:
    stepper = stepping.Stepper.begin(stepping.network(bag.n_words), bag, stepping.settings(batch))
    return (
        lambda: stepper.step(stepper.draw(0, 0)),
        lambda: held(stepper.trainer.network, stepper.state.optimizer),
    )


def dense_steps(bag: BagOfWords, batch: int) -> tuple[Callable[[], None], Callable[[], int]]:
    training = dense.DenseTraining(dense.DenseNVDM(bag.n_words), stepping.settings(batch))
    counts = dense.matrix(bag)
    order = torch.randperm(len(bag)).numpy()[:batch]
    weights, epsilon = torch.ones(batch), torch.randn(batch, 50)
    return (
        lambda: training.step(dense.densify(counts, order), weights, 1e4, epsilon, 1e-3) and None,
        lambda: held(training.model, training.optimizer),
    )


def held(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Bytes of parameters, their gradients and the optimiser's state, as they are."""
    tensors: list[torch.Tensor] = list(model.parameters())
    tensors += [p.grad for p in model.parameters() if p.grad is not None]
    for state in optimizer.state.values():
        tensors += [value for value in state.values() if isinstance(value, torch.Tensor)]
    return sum(map(size, tensors))


def size(tensor: torch.Tensor) -> int:
    if tensor.is_sparse:
        return size(tensor._values()) + size(tensor._indices())
    return tensor.numel() * tensor.element_size()


def highest() -> int:
    """VmHWM, the kernel's own resident peak since it was reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
