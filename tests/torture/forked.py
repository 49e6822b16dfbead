"""Runs tenor's commands, each in a fork of a process that has loaded all they need.

A line of JSON a job comes in: ``arguments``, ``folder`` to work in, and at most one of

    "fail": [n, errno, for_good]    the n-th change of the disk fails
    "album": folder                 the folder is copied as it would be found after each change
    "seconds": s                    killed by SIGKILL so many seconds after it began

A line goes out: ``status`` (negative: the signal), ``said`` on standard error, ``printed`` on
standard output, ``changes`` of the disk, ``seconds``. Work is cut small, so that a few documents
are many pieces; one thread does all, so that changes come in one order.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from failing_disk import Disk, Failing, Remembered

from tenor.cli import main
from tenor.corpus import piece_folder, pieces, preparing
from tenor.model import inputs
from tenor.sources import batches

SIZE = 500  # bytes of text in a piece

for module in (
    *("cli.fit", "cli.prepare", "cli.progress", "cli.transform", "cli.topics", "cli.info"),
    *("cli.docs", "cli.map", "cli.evaluate", "model.description", "explore.pictures"),
):
    import_module(f"tenor.{module}")
import_module("torch._dynamo")
import_module("sklearn.cluster")
import_module("matplotlib.backends.backend_agg")


def small() -> None:
    batches.BATCH_BYTES = pieces.PIECE_BYTES = SIZE
    piece_folder.SHARD_BYTES = preparing.HELD_BYTES = 3 * SIZE
    inputs.BLOCK = 16
    pieces.cores = lambda: 1
    torch.set_num_threads(1)


def disk_of(job: dict[str, Any]) -> Disk | None:
    if "fail" in job:
        return Failing(*job["fail"])
    if "album" in job:
        return Remembered(Path(job["folder"]), Path(job["album"]))
    return Disk() if job.get("count") else None


def child(job: dict[str, Any], outcome: Path) -> int:
    os.chdir(job["folder"])
    small()
    disk = disk_of(job)
    if disk is not None:
        disk.mount()
    status = main(job["arguments"])
    if isinstance(disk, Remembered):
        disk.finish()
    if disk is not None:
        outcome.write_text(json.dumps(disk.changes))
    return status


def run(job: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        return watched(job, Path(name))


def watched(job: dict[str, Any], room: Path) -> dict[str, Any]:
    files, outcome = [room / "printed", room / "said"], room / "changes"
    for file in files:
        file.touch()  # the child may be killed before it has begun
    began = time.monotonic()
    pid = os.fork()
    if not pid:
        for number, file in enumerate(files, start=1):
            os.dup2(os.open(file, os.O_CREAT | os.O_WRONLY), number)
        os._exit(child(job, outcome))
    end = os.pidfd_open(pid)
    if not select.select([end], [], [], job.get("seconds", job.get("limit", 60)))[0]:
        os.kill(pid, signal.SIGKILL)
    os.close(end)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    answer: dict[str, Any] = {"status": status, "seconds": time.monotonic() - began}
    answer |= {file.name: file.read_text(errors="replace") for file in files}
    if outcome.exists():
        answer["changes"] = json.loads(outcome.read_text())
    return answer


if __name__ == "__main__":
    torch.set_num_threads(1)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
