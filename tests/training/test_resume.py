"""A fit that was stopped anywhere and resumed ends as the one that never was: bit for bit."""

from __future__ import annotations

import os
import signal

import pytest
import torch

from tenor.training.checkpoint import Checkpoint

STEPS = 3  # an epoch
EPOCHS = 4

KINDS = {
    "joint": {},
    "alternating": {"updates": "alternating", "alternating_epochs": 1},
    "everything": {
        "thinning": 0.5,
        "kl_warmup": 3,
        "n_samples": 2,
        "weight_decay": 0.1,
        "length_weighting": 0.5,
        "shape": {"dropout": 0.3, "generator_sizes": (5,), "generator_dropout": 0.2},
    },
    "thinned documents": {"thinning": 0.5, "thinned": "document", "patience": 2},
    "past the best epoch": {"learning_rate": 1.0, "schedule": "constant", "warmup": 0.5},
    "not judged": {"judged": False},
    "row by row": {"thinning": 0.5, "shape": {"dropout": 0.3}},
    "row by row, alternating": {"updates": "alternating", "alternating_epochs": 1},
}


class StoppedError(Exception):
    """Stands for a kill: nothing is saved on the way out."""


def killed():
    raise StoppedError


def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(params=KINDS)
def kind(request, monkeypatch):
    by_row = request.param.startswith("row by row")
    monkeypatch.setattr("tenor.training.state.FEW", 2.0 if by_row else 0.0)
    return {"epochs": EPOCHS, "batch_size": 20, **KINDS[request.param]}


@pytest.fixture
def whole(make_fit, kind):
    """The fit that was never stopped."""
    return make_fit(**kind).run()


def resume(make_fit, kind, checkpoint):
    """A new network and a new state, as in a new process, brought to the checkpoint."""
    fit = make_fit(**kind, checkpoint=checkpoint)
    found = checkpoint.load(fit.state)
    return fit, found


def finished_alike(fit, whole, same):
    left, right = fit.state.position, whole.state.position
    assert left == right
    assert fit.state.outcome == whole.state.outcome
    assert same(fit.weights, whole.weights)


def test_stopped_by_ctrl_c_at_every_step(make_fit, kind, whole, same, stops_after, tmp_path):
    for steps in range(1, STEPS * len(whole.history)):
        checkpoint = Checkpoint(tmp_path / str(steps), every=100)
        watcher = stops_after(steps, ctrl_c)
        stopped = make_fit(**kind, watcher=watcher, checkpoint=checkpoint).run()
        assert stopped.state.outcome == "interrupted"
        fit, found = resume(make_fit, kind, checkpoint)
        assert found
        assert fit.state.position.epoch * STEPS + fit.state.position.step == steps
        finished_alike(fit.run(), whole, same)


@pytest.mark.parametrize("every", [1, 2])
def test_killed_at_any_step(make_fit, kind, whole, same, stops_after, tmp_path, every):
    for steps in (1, 3, 4, 6, 8, 10):
        checkpoint = Checkpoint(tmp_path / str(steps), every=every)
        fit = make_fit(**kind, watcher=stops_after(steps, killed), checkpoint=checkpoint)
        with pytest.raises(StoppedError):
            fit.run()
        fit, found = resume(make_fit, kind, checkpoint)
        assert found == (steps > STEPS * every)  # the step's end comes before the epoch's
        finished_alike(fit.run(), whole, same)


def test_stopped_again_and_again(make_fit, kind, whole, same, stops_after, tmp_path):
    checkpoint = Checkpoint(tmp_path, every=100)
    for _ in range(STEPS * EPOCHS):
        fit, _ = resume(make_fit, kind, checkpoint)
        fit.trainer.watcher = stops_after(3, ctrl_c)
        if fit.run().state.outcome != "interrupted":
            break
    finished_alike(fit, whole, same)


def test_a_finished_fit_has_nothing_left_to_do(make_fit, kind, whole, same, tmp_path):
    checkpoint = Checkpoint(tmp_path)
    make_fit(**kind, checkpoint=checkpoint).run()
    fit, found = resume(make_fit, kind, checkpoint)
    assert found
    fit.run()
    assert fit.trainer.documents_seen == 0
    finished_alike(fit, whole, same)


def test_checkpoints_change_nothing(make_fit, kind, whole, same, tmp_path):
    fit = make_fit(**kind, checkpoint=Checkpoint(tmp_path)).run()
    finished_alike(fit, whole, same)


def test_past_the_best_epoch_is_what_it_says(make_fit):
    fit = make_fit(epochs=EPOCHS, **KINDS["past the best epoch"]).run()
    assert fit.state.position.best_epoch < len(fit.history) - 2


@pytest.mark.parametrize("few", [(2.0, 0.0), (0.0, 2.0)], ids=["rows-to-dense", "dense-to-rows"])
def test_a_fit_goes_on_where_the_other_adam_is_used(
    make_fit, monkeypatch, stops_after, tmp_path, few
):
    """As on another device: equal to float32, where it cannot be to the bit."""
    settings = {"epochs": EPOCHS, "batch_size": 20}
    whole = make_fit(**settings).run()
    checkpoint = Checkpoint(tmp_path, every=100)
    monkeypatch.setattr("tenor.training.state.FEW", few[0])
    make_fit(**settings, watcher=stops_after(5, ctrl_c), checkpoint=checkpoint).run()
    monkeypatch.setattr("tenor.training.state.FEW", few[1])
    fit, found = resume(make_fit, settings, checkpoint)
    assert found
    fit.run()
    for name, value in whole.weights.items():
        torch.testing.assert_close(fit.weights[name], value, rtol=1e-3, atol=1e-4)
