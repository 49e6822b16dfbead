"""A fit that looks at its sums now and then, as on a GPU, is the one that looks at every step."""

from __future__ import annotations

import pytest
import torch

from tenor.errors import TrainingError
from tenor.training.checkpoint import Checkpoint
from tenor.training.tally import Tally


@pytest.fixture
def looks_seldom(monkeypatch):
    monkeypatch.setattr(Tally, "is_due", lambda tally, step: step % 3 == 1)


def test_the_same_history_and_weights(make_fit, same, monkeypatch):
    always = make_fit(epochs=3).run()
    monkeypatch.setattr(Tally, "is_due", lambda tally, step: step % 3 == 1)
    seldom = make_fit(epochs=3).run()
    assert seldom.history == always.history
    assert same(seldom.weights, always.weights)


def test_watchers_are_told_at_the_end_of_an_epoch(make_fit, stops_after, looks_seldom):
    watcher = stops_after(100, lambda: None)
    make_fit(epochs=2, watcher=watcher, batch_size=10).run()
    assert [moment.step for moment in watcher.moments] == [1, 4, 6, 1, 4, 6]


def test_the_first_step_that_was_not_finite_is_named(make_fit, monkeypatch, looks_seldom):
    fit = make_fit(epochs=2, batch_size=10, judged=False)
    began_with = fit.weights
    backward = torch.Tensor.backward

    def breaks(loss, *args, **kwargs):
        backward(loss, *args, **kwargs)
        if fit.state.position.step in (1, 3):  # the step between is fine
            fit.network.decoder.weight.grad[0, 0] = float("inf")

    monkeypatch.setattr(torch.Tensor, "backward", breaks)
    with pytest.raises(TrainingError, match="epoch 1, step 2"):
        fit.run()
    assert all(torch.equal(value, began_with[name]) for name, value in fit.weights.items())


def test_stopped_between_two_looks_it_goes_on_exactly(make_fit, same, monkeypatch, tmp_path):
    whole = make_fit(epochs=2, batch_size=10).run()
    monkeypatch.setattr(Tally, "is_due", lambda tally, step: step % 3 == 1)
    fit = make_fit(epochs=2, batch_size=10, checkpoint=Checkpoint(tmp_path))
    step = fit.trainer.step

    def until_the_third(*given):
        step(*given)
        if fit.state.position.step == 2:
            import signal

            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(fit.trainer, "step", until_the_third)
    fit.run()
    assert fit.state.outcome == "interrupted" and fit.state.position.step == 3
    resumed = make_fit(epochs=2, batch_size=10, checkpoint=Checkpoint(tmp_path))
    assert resumed.trainer.checkpoint.load(resumed.state)
    resumed.run()
    assert resumed.history == whole.history
    assert same(resumed.weights, whole.weights)
