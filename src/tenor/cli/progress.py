"""How work goes, on standard error: a bar on a terminal, plain lines elsewhere, or nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, final

from tenor.checks import amount
from tenor.cli.output import note, said
from tenor.corpus.preparing import Listener
from tenor.legible import legible
from tenor.training.watch import LineWatcher, Moment, Watcher

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from tenor.corpus.origin import Origin
    from tenor.corpus.preparing import Reading
    from tenor.model.trained import TrainedModel

_SECONDS = 5.0  # between plain lines while reading


Tell = Callable[[int, int | None], None]


@final
class Speed:
    """Documents a second since the first call: what was done before it counts for nothing."""

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None  # where and when

    def at(self, done: int, total: int | None) -> tuple[float, float | None]:
        """The speed so far and the seconds left; 0 and None where nobody can tell."""
        now = time.monotonic()
        first, start = self._first = self._first or (done, now)
        rate = (done - first) / max(now - start, 1e-9) if done > first else 0.0
        return rate, None if total is None or not rate else (total - done) / rate


class Display(Listener):
    """Tells of reading and of steps; quiet unless one of the two kinds below."""

    def read(self, origin: Origin, model: TrainedModel | None = None) -> None:
        """A source was read, over the words of a model where there is one.

        What may not have been meant so is told also where nothing else is.
        """
        for line in _doubts(origin, model):
            note(line)

    def steps(self, what: str, done: int, total: int) -> None:
        """So many steps of something were done."""

    def stage(self, what: str) -> None:
        """Something began that nobody can count."""

    def pace(self, what: str) -> Tell:
        """To be told how many documents are done, and how many there are where that is known."""
        return lambda done, total: None

    def watcher(self) -> Watcher | None:
        """Who watches a fit."""
        return None


class Pace:
    """How fast a source is read, from the moment this is made."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._first: Reading | None = None

    def told(self, reading: Reading) -> str:
        """Documents and MB of text a second; what was counted before a kill is no merit."""
        seconds = max(time.monotonic() - self._start, 1e-9)
        line = amount(reading.documents, "document")
        if reading.text_bytes:
            line += f", {reading.text_bytes / 1e6 / seconds:,.1f} MB/s"
        return line

    def left(self, reading: Reading) -> str:
        """The time left, where the size of the source is known."""
        if not reading.total or not reading.read:
            return ""
        seconds = (time.monotonic() - self._start) * (reading.total / reading.read - 1)
        minutes, rest = divmod(round(max(seconds, 0)), 60)
        hours, minutes = divmod(minutes, 60)
        return f", {100 * reading.read // reading.total} %, {hours}:{minutes:02}:{rest:02} left"


@final
class Lines(Display):
    """Plain lines, for a log."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._pace = Pace()

    def reading(self, documents: int) -> None:
        if self._is_time():
            self.note(f"{amount(documents, 'document')} read")

    def counting(self, reading: Reading) -> None:
        if self._is_time():
            self.note(f"{self._pace.told(reading)} read{self._pace.left(reading)}")

    def writing(self, done: int, total: int) -> None:
        if self._is_time():
            self.note(f"{done:,} of {total:,} shards written")

    def note(self, line: str) -> None:
        note(line)

    def read(self, origin: Origin, model: TrainedModel | None = None) -> None:
        for line in _findings(origin, model):
            self.note(line)

    def stage(self, what: str) -> None:
        self.note(f"{what} …")

    def pace(self, what: str) -> Tell:
        speed, begun = Speed(), False

        def tell(done: int, total: int | None) -> None:
            nonlocal begun
            if not begun:
                self.stage(what if total is None else f"{what} {amount(total, 'document')}")
            begun = True
            rate, left = speed.at(done, total)
            if rate and (done == total or self._is_time()):
                some = "" if total is None else f"{done:,} of "
                some += amount(done if total is None else total, "document")
                after = "" if left is None else f", {left:,.0f} s left"
                self.note(f"{what}: {some}, {rate:,.0f} documents/s{after}")

        return tell

    def watcher(self) -> Watcher:
        return LineWatcher()

    def _is_time(self) -> bool:
        due = time.monotonic() - self._last >= _SECONDS
        if due:
            self._last = time.monotonic()
        return due


@final
class Bars(Display):
    """Bars on a terminal, gone when the work is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._pace = Pace()

    def reading(self, documents: int) -> None:
        self._progress.update(self._task("reading", None), detail=amount(documents, "document"))

    def counting(self, reading: Reading) -> None:
        task = self._task("reading", reading.total)
        self._progress.update(task, completed=reading.read, detail=self._pace.told(reading))

    def writing(self, done: int, total: int) -> None:
        self.steps("writing", done, total)

    def note(self, line: str) -> None:
        self._progress.console.print(said(line), highlight=False)

    def read(self, origin: Origin, model: TrainedModel | None = None) -> None:
        self._end("reading")
        for line in _findings(origin, model):
            self.note(line)

    def steps(self, what: str, done: int, total: int) -> None:
        self._progress.update(self._task(what, total), completed=done)

    def stage(self, what: str) -> None:
        self._task(what, None)

    def pace(self, what: str) -> Tell:
        speed = Speed()

        def tell(done: int, total: int | None) -> None:
            rate, _ = speed.at(done, total)
            detail = f"{amount(done, 'document')}, {rate:,.0f} documents/s"
            self._progress.update(self._task(what, total), completed=done, detail=detail)

        return tell

    def watcher(self) -> Watcher:
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
            self._tasks[what] = self._progress.add_task(legible(what), total=total, detail="")
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
        self.step(moment)


def _findings(origin: Origin, model: TrainedModel | None) -> list[str]:
    """Lines on all that was found while documents were read."""
    lines = [f"read {origin}", *origin.notes]
    if model is not None and origin.coverage is not None:
        lines.append(origin.coverage.line(model.unknown_share) or "")
    return list(filter(None, lines))


def _doubts(origin: Origin, model: TrainedModel | None) -> list[str]:
    """Those of them that a person must see."""
    lines, known = [*origin.warnings], origin.coverage
    if model is not None and known is not None and known.is_poor(model.unknown_share):
        lines.append(known.line(model.unknown_share) or "")
    return lines


@contextmanager
def display(quiet: bool) -> Iterator[Display]:
    """What fits standard error."""
    if quiet:
        yield Display()
        return
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[detail]}", markup=False),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)
