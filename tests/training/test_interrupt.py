"""Ctrl-C ends the step under way, no more; a second one ends at once."""

from __future__ import annotations

import os
import signal
import threading

import pytest
import torch

from tenor.training.interrupt import stop_on_ctrl_c


def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_asks_and_the_second_interrupts():
    before = signal.getsignal(signal.SIGINT)
    with stop_on_ctrl_c() as stop:
        assert not stop.asked
        ctrl_c()
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            ctrl_c()
    assert signal.getsignal(signal.SIGINT) is before


def test_the_handler_comes_back_after_an_error():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(RuntimeError), stop_on_ctrl_c():
        raise RuntimeError
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_train_too():
    seen = []

    def run():
        with stop_on_ctrl_c() as stop:
            seen.append(stop.asked)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [False]


def test_a_fit_stops_after_the_step_under_way(make_fit, stops_after):
    watcher = stops_after(6, ctrl_c)
    fit = make_fit(epochs=4, watcher=watcher).run()
    assert fit.state.outcome == "interrupted"
    assert (fit.state.position.epoch, fit.state.position.step) == (1, 2)
    assert len(watcher.moments) == 6


def test_at_the_end_of_an_epoch_the_epoch_is_finished(make_fit, stops_after):
    fit = make_fit(epochs=4, watcher=stops_after(4, ctrl_c)).run()
    assert fit.state.outcome == "interrupted"
    assert (fit.state.position.epoch, fit.state.position.step) == (1, 0)
    assert len(fit.history) == 1


def test_a_second_ctrl_c_leaves_the_best_weights(make_fit, stops_after):
    """Raised where it comes, it must not leave weights between two steps."""

    def second_ctrl_c():
        raise KeyboardInterrupt

    fit = make_fit(epochs=3, watcher=stops_after(6, second_ctrl_c))
    with pytest.raises(KeyboardInterrupt):
        fit.run()
    assert fit.state.best is not None
    assert all(torch.equal(fit.weights[name], v) for name, v in fit.state.best.items())
