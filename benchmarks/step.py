"""One training step, optimiser included: tenor, plain dense PyTorch, and the machine's floor.

    python benchmarks/step.py
    python benchmarks/step.py --points 2000x200,100000x512 --no-memory

The two take steps in turn in one process, from the same weights, with the same noise, on the same
batch; their losses and gradients are compared first. Drawing the batch (tenor) and densifying it
(dense) are timed apart, and so is what tenor's optimiser puts off until the end of an epoch.
Memory comes from a process of each one's own.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

import dense
import floor
import numpy as np
import results
import stepping
import torch
import watching
import zipf
from tables import mebibytes

from tenor.bow import BagOfWords
from tenor.kernels import Bag

SHARES = 4  # different batches that tenor's steps take in turn, so that rows fall behind
VOCABULARIES, BATCHES = (2_000, 10_000, 50_000, 100_000), (64, 256, 1024)
BARS = ((2_000, 200), (100_000, 512))
# glibc keeps up to 64 MiB that a program freed; for both, only what is in use shall count.
GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": str(1 << 22)}
TOLERANCE = 1e-5
SLOW = 0.7  # seconds of a step that is taken three times only
FEWEST_SAMPLES = 20  # of a step's memory
LEAST = 0.05  # seconds a timing covers, by as many steps as that takes


@dataclass(frozen=True)
class Point:
    """A place in the table: V, B and the documents' mean length."""

    words: int
    batch: int
    length: float


def main() -> None:
    parser = results.parser(__doc__)
    parser.add_argument("--points", help="VxB,VxB,…; default: the issue's grid and the two bars")
    parser.add_argument("--length", type=float, default=100, help="tokens a document (100)")
    parser.add_argument("--short", type=float, default=8, help="of the second table; 0 for none")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-memory", action="store_true")
    asked = parser.parse_args()
    report = results.Report("step", "1. One training step", asked)
    report.line(
        "K = 50, encoder 500-500, no dropout, documents whole; the optimiser is part of the step. "
        "Zipf-distributed documents of 100 tokens, about 65 distinct at V = 2,000, as in 20 "
        "Newsgroups. ms are medians of steps taken in turn. Floor: the products' flops at the "
        "rate measured for these shapes plus the bytes that must move at the measured copy rate; "
        "in brackets with the products cut into the best blocks, which is a lower floor. Equal: "
        "the largest difference between the two losses or gradients, relative to their scale."
    )
    copy = floor.copy_rate()
    report.line(f"\nCopy rate {copy / 1e9:.1f} GB/s (read + written).")
    grid = points(asked)
    compare(report, [Point(v, b, asked.length) for v, b in grid], asked, copy)
    if asked.short and not asked.points:
        report.line(f"\nDocuments of {asked.short:.0f} tokens:")
        few = [grid[0]] if asked.quick else [(30_000, 256), (30_000, 1024), *BARS]
        compare(report, [Point(v, b, asked.short) for v, b in few], asked, copy)
    report.save()


def points(asked: argparse.Namespace) -> list[tuple[int, int]]:
    if asked.points:
        pairs = [pair.split("x") for pair in asked.points.split(",")]
        return [(int(v), int(b)) for v, b in pairs]
    if asked.quick:
        return [(500, 32), (2_000, 64)]
    return sorted({(v, b) for v in VOCABULARIES for b in BATCHES} | set(BARS))


def compare(
    report: results.Report, grid: list[Point], asked: argparse.Namespace, copy: float
) -> None:
    report.header(
        "V", "B", "distinct", "tenor ms", "dense ms", "dense / tenor", "floor ms",
        "share of floor", "equal to", "draw ms", "densify ms", "epoch's end ms",
    )  # fmt: skip
    for point in grid:
        _time(report, point, asked.repeats, copy)
    if asked.no_memory:
        return
    report.line(
        "\nPeak memory of the steps beyond parameters, their gradients and the optimiser's state, "
        "the batch included: anonymous, sampled every 2 ms (in brackets: the kernel's resident "
        "peak)."
    )
    report.header(
        "V", "B", "parameters and state MiB: tenor", "dense", "beyond MiB: tenor", "dense",
        "dense / tenor",
    )  # fmt: skip
    for point in grid:
        _memory(report, point, 0.3 if asked.quick else 1.0)


def _time(report: results.Report, point: Point, repeats: int, copy: float) -> None:
    bag = zipf.documents(max(SHARES * point.batch, 2000), point.words, point.length)
    equal = difference(point, bag)
    ms, batch = _measured(point, bag, repeats)
    gc.collect()
    least = floor.floor(
        point.words,
        point.batch,
        len(batch.words),
        int((batch.words.bincount() > 0).sum()),
        repeats,
        copy,
    )
    whole, blocked = 1e3 * least.whole, 1e3 * least.blocked
    report.row(
        f"{point.words:,}", point.batch, f"{len(batch.words) / point.batch:.1f}",
        f"{ms['tenor']:.1f}", f"{ms['dense']:.1f}", f"**{ms['dense'] / ms['tenor']:.1f}×**",
        f"{whole:.1f} ({blocked:.1f})",
        f"{whole / ms['tenor']:.0%} ({blocked / ms['tenor']:.0%})",
        f"{equal:.0e}" + ("" if equal <= TOLERANCE else " **differs**"),
        f"{ms['draw']:.2f}", f"{ms['densify']:.2f}", f"{ms['settle']:.1f}",
    )  # fmt: skip


def _measured(point: Point, bag: BagOfWords, repeats: int) -> tuple[dict[str, float], Bag]:
    """Milliseconds of every contestant, and the batch they worked on."""
    chosen = stepping.settings(point.batch)
    model = stepping.network(point.words, bag)
    plain = dense.DenseTraining(dense.DenseNVDM.like(model), chosen)
    stepper = stepping.Stepper.begin(model, bag, chosen)
    stepper.pass_start()
    shares = cycle([stepper.draw(step) for step in range(SHARES)])
    share = next(shares)
    counts, rows = dense.matrix(bag), share.batch.rows.numpy()
    x, epsilon = dense.densify(counts, rows), torch.randn(point.batch, 50)
    contestants: dict[str, Callable[[], object]] = {
        "tenor": lambda: stepper.step(next(shares)),
        "dense": lambda: plain.step(x, share.weights, share.total, epsilon, 1e-4),
        "draw": lambda: stepper.draw(0),
        "densify": lambda: dense.densify(counts, rows),
    }
    seconds = alternate(contestants, repeats, torch.get_num_threads())
    seconds["settle"] = timed(stepper.settle, 1)
    return {who: 1e3 * value for who, value in seconds.items()}, share.batch.bag


def alternate(
    contestants: dict[str, Callable[[], object]], repeats: int, threads: int
) -> dict[str, float]:
    """Median seconds of each, all in turn, each turn of enough calls to be timed well."""
    calls, slowest = {}, 0.0
    for who, run in contestants.items():
        run()  # buffers, optimiser state
        once = timed(run, 1)
        calls[who] = max(1, int(np.ceil(LEAST / max(once, 1e-6))))
        slowest = max(slowest, once)
    seconds: dict[str, list[float]] = {who: [] for who in contestants}
    for _ in range(min(repeats, 3) if slowest > SLOW else repeats):
        for who, run in contestants.items():
            torch.set_num_threads(threads)  # whatever the one before chose
            run()  # a step among its like: the one before left its own memory and caches
            seconds[who].append(timed(run, calls[who]))
    return {who: statistics.median(values) for who, values in seconds.items()}


def timed(run: Callable[[], object], calls: int) -> float:
    """Seconds a call."""
    began = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - began) / calls


def difference(point: Point, bag: BagOfWords) -> float:
    """How far tenor's first step is from the dense one's: of the bound and of every gradient.

    Each difference is the largest in absolute value over the largest of the dense one's values.
    """
    chosen = stepping.settings(point.batch, clip_norm=None)
    model = stepping.network(point.words, bag)
    plain = dense.DenseTraining(dense.DenseNVDM.like(model), chosen)
    stepper = stepping.Stepper.begin(model, bag, chosen)
    share = stepper.draw(0)
    epsilon = stepper.noise(len(share.batch))
    stepper.step(share)
    x = dense.densify(dense.matrix(bag), share.batch.rows.numpy())
    _, bound = plain.step(x, share.weights, share.total, epsilon, 1e-4)
    own = stepper.state.position.sums["bound"]
    worst = abs(own - bound) / abs(bound)
    found = stepper.gradients()
    for name, parameter in plain.model.named_parameters():
        assert parameter.grad is not None
        scale = parameter.grad.abs().max().clamp(min=1e-30)
        worst = max(worst, float((found[name] - parameter.grad).abs().max() / scale))
    return worst


def _memory(report: results.Report, point: Point, seconds: float) -> None:
    beyond, resident, held = {}, {}, {}
    for who in ("tenor", "dense"):
        command = watching.script(
            "step_memory.py", who, point.words, point.batch, point.length, seconds
        )
        outcome = watching.watch(command, limit=120, interval=0.002, **GIVEN_BACK)
        if not outcome.failure and outcome.stages["steps"].samples < FEWEST_SAMPLES:
            outcome.failure = "too few samples; is the machine busy?"
        if outcome.failure or not outcome.result:
            report.row(f"{point.words:,}", point.batch, f"{who}: {outcome.failure}", *[""] * 4)
            return
        kept = held[who] = outcome.result["kept"]
        peak = outcome.stages["steps"].anonymous
        beyond[who] = peak - outcome.result["anonymous"] - kept
        resident[who] = outcome.result["highest"] - outcome.result["resident"] - kept
    report.row(
        f"{point.words:,}", point.batch, mebibytes(held["tenor"]), mebibytes(held["dense"]),
        *(f"{mebibytes(beyond[who])} ({mebibytes(resident[who])})" for who in beyond),
        f"**{beyond['dense'] / max(beyond['tenor'], 2**20):.1f}×**",
    )  # fmt: skip


if __name__ == "__main__":
    main()
