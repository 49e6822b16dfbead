"""Who is told how a fit goes: nobody, a log, or (in the command line) a progress bar."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TextIO, final


@dataclass(frozen=True)
class Moment:
    """Where a fit stands."""

    epoch: int  # under way, from 0, of …
    epochs: int
    step: int  # steps done in it, of …
    steps: int
    documents: int  # seen since this run began
    bound: float  # mean training bound per token of the epoch so far, in nats
    held_out: float | None  # the last bound per token on held-out documents, if there are any
    best_epoch: int | None  # with the best one


class Watcher(ABC):
    """Is told of every step (of every sixteenth on a GPU) and of the end of every epoch."""

    @abstractmethod
    def step(self, moment: Moment) -> None:
        """A step was taken."""

    @abstractmethod
    def epoch(self, moment: Moment) -> None:
        """An epoch ended."""


@final
class Silent(Watcher):
    """Says nothing."""

    def step(self, moment: Moment) -> None: ...

    def epoch(self, moment: Moment) -> None: ...


@final
class LineWatcher(Watcher):
    """One plain line an epoch: bound, speed, time left."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._start = 0.0
        self._first: int | None = None

    def step(self, moment: Moment) -> None:
        if self._first is None:  # reading the documents is not part of the pace
            self._first, self._start = moment.epoch, time.monotonic()

    def epoch(self, moment: Moment) -> None:
        first = moment.epoch if self._first is None else self._first
        elapsed = max(time.monotonic() - self._start, 1e-9)
        left = elapsed / (moment.epoch + 1 - first) * (moment.epochs - moment.epoch - 1)
        held_out = "" if moment.held_out is None else f", held-out {moment.held_out:.4f}"
        print(
            f"epoch {moment.epoch + 1}/{moment.epochs}: bound/token {moment.bound:.4f}{held_out}, "
            f"{moment.documents / elapsed:,.0f} documents/s, {left:.0f} s left",
            file=self._stream,
            flush=True,
        )
