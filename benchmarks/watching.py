"""Runs a contestant in a process of its own: its memory sampled, its stages told, its time limited.

The parent samples RssAnon of the child and all its descendants (Linux, /proc); pages that a fork
shares count once in each process. The child tells its stages and its result through
:func:`stage` and :func:`result`, one line of standard output each.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STAGE, RESULT = "@@stage ", "@@result "
INTERVAL = 0.02  # seconds between two samples
HERE = Path(__file__).parent


def stage(name: str) -> None:
    """Child: what follows is ``name``; its peak is told apart."""
    print(STAGE + name, flush=True)


def result(**values: Any) -> None:
    """Child: what was measured, as JSON values."""
    print(RESULT + json.dumps(values), flush=True)


@dataclass
class Peak:
    """The highest sampled sizes of a stage, in bytes, over the child and its descendants."""

    anonymous: int = 0
    resident: int = 0
    samples: int = 0

    def take(self, anonymous: int, resident: int) -> None:
        self.samples += 1
        self.anonymous = max(self.anonymous, anonymous)
        self.resident = max(self.resident, resident)


@dataclass
class Outcome:
    """What came of a child.

    Attributes:
        seconds: from its start to its end.
        stages: peaks by stage; "start" is what comes before the first told stage.
        result: what it told, empty when nothing.
        failure: why there is no result: "> 240 s", "> 10 GiB", or its last line of standard error.
    """

    seconds: float = 0.0
    stages: dict[str, Peak] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    failure: str | None = None

    @property
    def peak(self) -> Peak:
        """Over all stages."""
        whole = Peak()
        for peak in self.stages.values():
            whole.take(peak.anonymous, peak.resident)
        return whole


def script(name: str, *arguments: object) -> list[str]:
    """The command that runs a script of this folder with this Python."""
    return [sys.executable, str(HERE / name), *map(str, arguments)]


def watch(
    command: Sequence[str],
    limit: float = 600.0,
    interval: float = INTERVAL,
    ceiling: float = math.inf,
    **environment: str,
) -> Outcome:
    """Run ``command`` to its end, or kill it and its descendants.

    Args:
        command: what to run.
        limit: seconds it may take.
        interval: seconds between two samples.
        ceiling: anonymous bytes it may have.
        environment: further variables.
    """
    outcome, current = Outcome(stages={"start": Peak()}), ["start"]
    with tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        child = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
            env={**os.environ, **environment},
        )
        reader = threading.Thread(target=_listen, args=(child, outcome, current), daemon=True)
        reader.start()
        try:
            while child.poll() is None:
                sizes = _sizes(child.pid)
                outcome.stages[current[0]].take(*sizes)
                if sizes[0] > ceiling:
                    outcome.failure = f"> {ceiling / 2**30:.0f} GiB"
                    break
                if time.perf_counter() - began > limit:
                    outcome.failure = f"> {limit:g} s"
                    break
                time.sleep(interval)
        finally:
            outcome.seconds = time.perf_counter() - began
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            reader.join(timeout=5)
            if child.stdout is not None:
                child.stdout.close()
        if outcome.failure is None and child.returncode:
            errors.seek(0)
            lines = errors.read().strip().splitlines() or [f"ended with {child.returncode}"]
            outcome.failure = lines[-1][:200]
    return outcome


def _listen(child: subprocess.Popen[str], outcome: Outcome, current: list[str]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith(STAGE):
            name = line.removeprefix(STAGE).strip()
            outcome.stages.setdefault(name, Peak())
            current[0] = name
        elif line.startswith(RESULT):
            outcome.result.update(json.loads(line.removeprefix(RESULT)))


def _sizes(pid: int) -> tuple[int, int]:
    """Anonymous and resident bytes of a process and its descendants, now."""
    anonymous = resident = 0
    for process in _family(pid):
        found = sizes_of(process)
        anonymous, resident = anonymous + found[0], resident + found[1]
    return anonymous, resident


def sizes_of(process: int | str = "self") -> tuple[int, int]:
    """Anonymous and resident bytes of one process; 0 when it is gone."""
    found = {"RssAnon": 0, "VmRSS": 0}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0]) * 1024
    return found["RssAnon"], found["VmRSS"]


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                for child in (task / "children").read_text().split():
                    yield from _family(int(child))
