"""Runs fits that kill themselves with SIGKILL, each in a fork, at a moment that is named.

    python killed.py '[{"arguments": ["fit", …], "moment": ["step", 7]}, …]'

Moments: ["step", n] before the n-th step of the run; ["write", n] in the middle of the n-th
checkpoint, its file written and not yet renamed; ["saved", n] right after it; ["interrupt", n]
is SIGINT, as Ctrl-C sends it, before the n-th step. Of a transform: ["part", n] in the middle of
its n-th part, ["assembled", 1] when the vectors are one file and the parts are still there. With
"part": size in a job, parts hold so many documents. Of topics: ["found", 1] before they are found,
["measured", 1] before they are measured, ["topics", 1] before what is written of them is renamed,
["written", 1] right after; ["stop", 1] is SIGINT before they are measured.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module

import torch

from tenor.cli import main
from tenor.model import artifact, discovery, inputs, topic_files, topic_search, vectors
from tenor.storage import atomic
from tenor.training import checkpoint, loop

for module in ("cli.fit", "cli.progress", "cli.transform", "model.description"):
    import_module(f"tenor.{module}")  # whatever they load, once for all the forks: seconds each
import_module("torch._dynamo")


GENTLE = ("interrupt", "stop")


def stop_at(kind: str, n: int) -> None:
    """Arrange for this process to end then."""
    place, name = {
        "step": (loop.Trainer, "step"),
        "interrupt": (loop.Trainer, "step"),
        "write": (os, "replace"),
        "saved": (checkpoint.Checkpoint, "save"),
        "part": (os, "replace"),
        "assembled": (vectors.VectorPieces, "remove"),
        "found": (topic_search, "discover"),
        "measured": (discovery, "bootstrapped_words"),
        "stop": (discovery, "bootstrapped_words"),
        "topics": (atomic, "publish"),
        "written": (artifact, "write_kept"),
    }[kind]
    original, calls = getattr(place, name), 0

    def counted(*arguments, **named):
        nonlocal calls
        ending = {"write": checkpoint.FILE, "part": ".arrow"}.get(kind)
        is_ours = ending is None or str(arguments[1]).endswith(ending)
        if kind == "topics":
            is_ours = (arguments[0] / topic_files.ABOUT).is_file()
        calls += is_ours
        after = kind in ("saved", "written")
        if after:
            original(*arguments)
        if calls == n and is_ours:
            os.kill(os.getpid(), signal.SIGINT if kind in GENTLE else signal.SIGKILL)
        return None if after else original(*arguments, **named)

    setattr(place, name, counted)


def run(arguments: list[str], moment: tuple[str, int], part: int | None = None) -> int:
    child = os.fork()
    if not child:
        inputs.BLOCK = part or inputs.BLOCK
        stop_at(*moment)
        os._exit(main(arguments))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's "&" has it ignored
    torch.set_num_threads(1)
    jobs = json.loads(sys.argv[1])
    print(json.dumps([run(**job) for job in jobs]))
