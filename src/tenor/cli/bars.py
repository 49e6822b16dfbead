"""Bars on a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import final

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from tenor.amounts import amount
from tenor.cli.output import escaped
from tenor.cli.progress import Display, Pace, Speed, Tell
from tenor.corpus.preparing import Reading
from tenor.training.watch import Moment, Watcher


@final
class Bars(Display):
    """Bars on a terminal, gone when the work is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._pace = Pace()

    def reading(self, documents: int) -> None:
        """A count, since nobody knows the end."""
        self._progress.update(self._task("reading", None), detail=amount(documents, "document"))

    def counting(self, reading: Reading) -> None:
        """A bar where the size of the source is known, else a count."""
        task = self._task("reading", reading.total)
        self._progress.update(task, completed=reading.read, detail=self._pace.told(reading))

    def writing(self, done: int, total: int) -> None:
        """A bar."""
        self.steps("writing", done, total)

    def note(self, line: str) -> None:
        """A line above the bars."""
        self._progress.console.print(escaped(line), highlight=False)

    def steps(self, what: str, done: int, total: int) -> None:
        """A bar."""
        self._progress.update(self._task(what, total), completed=done)

    def stage(self, what: str) -> None:
        """A bar without an end."""
        self._task(what, None)

    def pace(self, what: str) -> Tell:
        """A bar, without an end where that is not known."""
        speed = Speed()

        def tell(done: int, total: int | None) -> None:
            rate, _ = speed.at(done, total)
            detail = f"{amount(done, 'document')}, {rate:,.0f} documents/s"
            self._progress.update(self._task(what, total), completed=done, detail=detail)

        return tell

    def watcher(self) -> Watcher:
        """A bar over the whole fit."""
        return RichWatcher(self)

    def training(self, moment: Moment, detail: str) -> None:
        """Where a fit stands."""
        self._end("reading")
        total = moment.epochs * moment.steps
        done = moment.epoch * moment.steps + moment.step
        what = f"epoch {moment.epoch + 1}/{moment.epochs}"
        task = self._task("training", total)
        self._progress.update(task, completed=done, description=what, detail=detail)

    def _task(self, what: str, total: int | None) -> TaskID:
        if what not in self._tasks:
            for other in list(self._tasks):
                self._end(other)
            self._tasks[what] = self._progress.add_task(what, total=total, detail="")
        return self._tasks[what]

    def _end(self, what: str) -> None:
        if what in self._tasks:
            self._progress.remove_task(self._tasks.pop(what))


@final
class RichWatcher(Watcher):
    """A bar over the whole fit: bound per token, held-out bound, documents a second, time left."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._start: float | None = None

    def step(self, moment: Moment) -> None:
        """Move the bar."""
        if self._start is None:  # reading the documents is not part of the pace
            self._start = time.monotonic()
        speed = moment.documents / max(time.monotonic() - self._start, 1e-9)
        detail = f"bound/token {moment.bound:.4f}"
        if moment.held_out is not None:
            detail += f", held-out {moment.held_out:.4f}"
        if moment.best_epoch is not None:
            detail += f" (best {moment.best_epoch + 1})"
        self._bars.training(moment, f"{detail}, {speed:,.0f} documents/s")

    def epoch(self, moment: Moment) -> None:
        """Move the bar: the held-out bound is new."""
        self.step(moment)


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars on standard error."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[detail]}"),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)
