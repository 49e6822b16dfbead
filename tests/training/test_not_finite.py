"""A loss that is no longer finite ends the fit with one line and leaves weights that work."""

from __future__ import annotations

import pytest
import torch

from tenor.errors import TrainingError


def spoil(fit, value):
    """What a broken step might do to the weights."""
    with torch.no_grad():
        fit.network.encoder.embedding[0, 0] = value


def same_values(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_the_best_weights_so_far_are_kept(make_fit, stops_after, same, value):
    fit = make_fit(epochs=3, shape={"encoder": "plain", "activation": "relu"})
    fit.trainer.watcher = stops_after(6, lambda: spoil(fit, value))
    with pytest.raises(TrainingError, match="epoch 2, step 3") as error:
        fit.run()
    assert "\n" not in str(error.value)
    assert "learning_rate" in str(error.value)
    assert same(fit.weights, fit.state.best)
    assert all(torch.isfinite(value).all() for value in fit.weights.values())
    assert not any(p.requires_grad for p in fit.network.parameters())


@pytest.mark.parametrize("judged", [True, False])
def test_a_huge_learning_rate(make_fit, judged):
    fit = make_fit(epochs=3, learning_rate=1e25, warmup=0.0, clip_norm=None, judged=judged)
    with pytest.raises(TrainingError, match="no longer finite") as error:
        fit.run()
    assert "\n" not in str(error.value)
    assert all(torch.isfinite(value).all() for value in fit.weights.values())


def test_the_weights_kept_from_a_first_epoch_give_finite_bounds(make_fit):
    """The step before the failure may be the one that spoilt them."""
    fit = make_fit(epochs=3, learning_rate=1e25, warmup=0.0, clip_norm=None, judged=False)
    before = fit.weights
    with pytest.raises(TrainingError):
        fit.run()
    assert same_values(fit.weights, before)


def test_without_held_out_documents_the_last_whole_epoch_is_kept(make_fit, stops_after):
    fit = make_fit(epochs=3, judged=False, shape={"encoder": "plain", "activation": "relu"})
    kept = []
    steps = fit.trainer.source.steps_per_epoch

    def spoil_later():
        kept.append(fit.weights)
        fit.trainer.watcher = stops_after(2, lambda: spoil(fit, float("nan")))

    fit.trainer.watcher = stops_after(steps, spoil_later)
    with pytest.raises(TrainingError):
        fit.run()
    assert same_values(fit.weights, kept[0])


def test_an_infinite_gradient_is_not_applied(make_fit, monkeypatch):
    fit = make_fit(epochs=2, judged=False)
    began_with = fit.weights
    backward = torch.Tensor.backward

    def breaks(loss, *args, **kwargs):
        backward(loss, *args, **kwargs)
        if fit.state.position.step == 2:
            fit.network.decoder.weight.grad[0, 0] = float("inf")

    monkeypatch.setattr(torch.Tensor, "backward", breaks)
    with pytest.raises(TrainingError, match="epoch 1, step 3"):
        fit.run()
    assert same_values(fit.weights, began_with)
    assert fit.state.outcome == "no longer finite"
