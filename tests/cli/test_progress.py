"""Bars on a terminal, lines elsewhere."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rich.progress import Progress

from tenor.cli.output import said, shortened
from tenor.cli.progress import Bars, Display, Lines, display
from tenor.corpus.preparing import Reading
from tenor.training.watch import Moment

MOMENT = Moment(
    epoch=1, epochs=4, step=5, steps=10, documents=90, bound=-6.5, held_out=-7.25, best_epoch=0
)


@pytest.fixture
def bars():
    progress = Progress(console=Console(file=io.StringIO(), force_terminal=True))
    return Bars(progress), progress


def test_training_takes_over_from_reading(bars):
    shown, progress = bars
    shown.reading(1000)
    assert [task.fields["detail"] for task in progress.tasks] == ["1,000 documents"]
    watcher = shown.watcher()
    watcher.step(MOMENT)
    (task,) = progress.tasks
    assert (task.completed, task.total, task.description) == (15, 40, "epoch 2/4")
    for part in ("-6.5000", "held-out -7.2500", "best 1", "documents/s"):
        assert part in task.fields["detail"]
    watcher.epoch(replace(MOMENT, step=10))
    assert progress.tasks[0].completed == 20


def test_a_prepare_tells_documents_speed_and_time_left(bars, capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("tenor.cli.progress.time.monotonic", lambda: now[0])
    lines = Lines()
    lines.counting(Reading(documents=1, text_bytes=1, read=1, total=100))  # too early
    now[0] = 20.0
    lines.counting(Reading(documents=1500, text_bytes=40_000_000, read=25, total=100))
    now[0] = 40.0
    lines.counting(Reading(documents=1600, text_bytes=50_000_000, read=30, total=None))
    first, second = capsys.readouterr().err.splitlines()
    assert first == "1,500 documents, 2.0 MB/s read, 25 %, 0:01:00 left"
    assert second == "1,600 documents, 1.2 MB/s read"
    lines.note("going on")
    assert capsys.readouterr().err == "going on\n"
    shown, progress = bars
    shown.counting(Reading(documents=1500, text_bytes=40_000_000, read=25, total=100))
    (task,) = progress.tasks
    assert (task.completed, task.total) == (25, 100)
    assert task.fields["detail"].startswith("1,500 documents, ")
    shown.writing(2, 9)
    assert [(task.description, task.completed) for task in progress.tasks] == [("writing", 2)]


def test_steps_of_something(bars):
    shown, progress = bars
    shown.steps("layout", 50, 750)
    shown.steps("layout", 100, 750)
    assert [(task.completed, task.total) for task in progress.tasks] == [(100, 750)]


def test_quiet_and_plain():
    with display(quiet=True) as silent:
        assert type(silent) is Display and silent.watcher() is None
    with display(quiet=False) as plain:  # pytest's standard error is no terminal
        assert type(plain) is Lines


def test_texts_are_shown_in_one_line_and_cannot_speak_to_the_terminal():
    assert shortened("a  b\nc", 10) == "a b c"
    assert shortened("word " * 50, 12) == "word word w…"
    assert said("\x1b[31mred", ":b:[bold]").plain == "\\x1b[31mred:b:[bold]"


def test_the_pace_of_documents(bars, capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("tenor.cli.progress.time.monotonic", lambda: now[0])
    tell, lines = bars[0].pace("encoding"), Lines().pace("encoding")
    for done, seconds in ((500, 0), (700, 2), (1500, 6), (2500, 2)):
        now[0] += seconds
        tell(done, 2500)
        lines(done, 2500)
    (task,) = bars[1].tasks
    assert (task.completed, task.total) == (2500, 2500)
    assert task.fields["detail"] == "2,500 documents, 200 documents/s"
    assert capsys.readouterr().err.splitlines() == [
        "encoding 2,500 documents …",
        "encoding: 1,500 of 2,500 documents, 125 documents/s, 8 s left",
        "encoding: 2,500 of 2,500 documents, 200 documents/s, 0 s left",
    ]
    unknown = Lines().pace("encoding")
    unknown(0, None)
    now[0] += 10
    unknown(50, None)
    said = capsys.readouterr().err.splitlines()
    assert said == ["encoding …", "encoding: 50 documents, 5 documents/s"]


@pytest.mark.parametrize("compiled", [True, False])
def test_a_fit_without_compiled_kernels_says_so(
    tenor, documents, columns, tiny, tmp_path, monkeypatch, compiled
):
    monkeypatch.setattr("tenor.kernels.COMPILED", compiled)
    loud = [flag for flag in tiny if flag not in {"-q", "--quiet"}]
    done = tenor("fit", documents, "-o", tmp_path / "model", *columns, *loud)
    assert done.status == 0
    assert ("without its compiled kernels" in done.err) == (not compiled)
