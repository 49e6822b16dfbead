"""Batches drawn in turn, or ahead by another thread: what a training step takes with its drawing.

    python benchmarks/drawing.py

The two ways in turn, on the same Zipf documents, with as many of torch's threads as a fit takes
("one thread": with one, so that a core is free where there are two). docs/decisions/0008.
"""

from __future__ import annotations

import argparse
import statistics
import time
from contextlib import closing

import stepping
import torch
import zipf

from tenor.training.read_ahead import read_ahead
from tenor.training.threads import threads_worth

POINTS = ((2_000, 200, 60, 0), (30_000, 200, 8, 0), (2_000, 64, 8, 1))  # V, B, tokens, threads


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=60, help="of each repeat (60)")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    available = torch.get_num_threads()
    print("| V | B | tokens | threads | ms a step: in turn | ahead | ahead / in turn |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for words, batch, length, threads in POINTS:
        bag = zipf.documents(batch * asked.steps, words, length)
        model = stepping.network(words, bag)
        stepper = stepping.Stepper.begin(model, bag, stepping.settings(batch, thinning=0.5))
        used = threads or threads_worth(model, batch, available)
        torch.set_num_threads(used)
        seconds: dict[bool, list[float]] = {False: [], True: []}
        for repeat in range(asked.repeats + 1):
            for ahead, found in seconds.items():
                took = epoch(stepper, ahead)
                if repeat:  # the first makes buffers and the optimiser's state
                    found.append(1e3 * took)
        in_turn, ahead_of_it = (statistics.median(seconds[ahead]) for ahead in (False, True))
        ratio = ahead_of_it / in_turn
        print(
            f"| {words:,} | {batch} | {length} | {used} | {in_turn:.1f} | {ahead_of_it:.1f} | "
            f"**{ratio:.2f}×** |"
        )


def epoch(stepper: stepping.Stepper, ahead: bool) -> float:
    """Seconds a step, its drawing included."""
    steps = stepper.trainer.source.steps_per_epoch
    shares = (stepper.draw(step) for step in range(steps))
    began = time.perf_counter()
    with closing(read_ahead(shares) if ahead else shares) as drawn:
        for share in drawn:
            stepper.step(share)
    return (time.perf_counter() - began) / steps


if __name__ == "__main__":
    main()
