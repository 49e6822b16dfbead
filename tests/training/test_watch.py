"""Watchers are told of every step and epoch."""

from __future__ import annotations

import io

from tenor.training.watch import LineWatcher


def test_moments(make_fit, stops_after, planted):
    watcher = stops_after(100, None)
    fit = make_fit(epochs=2, watcher=watcher).run()
    places = [(m.epoch, m.step) for m in watcher.moments]
    assert places == [(epoch, step) for epoch in range(2) for step in range(1, 5)]
    assert [m.documents for m in watcher.moments] == [16, 32, 48, 56, 72, 88, 104, 112]
    assert {(m.epochs, m.steps) for m in watcher.moments} == {(2, 4)}
    assert watcher.moments[3].bound == fit.history[0]["bound_per_token"]
    assert watcher.moments[3].held_out is None
    assert watcher.moments[4].held_out == fit.history[0]["held_out_bound_per_token"]
    assert watcher.moments[4].best_epoch == 0


def test_one_line_an_epoch(make_fit):
    stream = io.StringIO()
    make_fit(epochs=2, watcher=LineWatcher(stream)).run()
    lines = stream.getvalue().splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert "held-out" in lines[0]
    assert lines[1].endswith(" 0 s left")
    quiet = io.StringIO()
    make_fit(epochs=1, judged=False, watcher=LineWatcher(quiet)).run()
    assert "held-out" not in quiet.getvalue()
