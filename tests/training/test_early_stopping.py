"""Held-out documents decide when to stop and which weights to keep."""

from __future__ import annotations

import math

import pytest

from tenor.documents import Documents
from tenor.errors import TrainingError
from tenor.inference.bounds import document_bounds
from tenor.training import loop

OVERFITS = {"learning_rate": 0.3, "schedule": "constant", "epochs": 30}


def judged(fit):
    return [record["held_out_bound_per_token"] for record in fit.history]


@pytest.mark.parametrize("patience", [3, None])
def test_the_best_weights_are_restored(make_fit, planted, patience):
    fit = make_fit(**OVERFITS, patience=patience).run()
    best = max(judged(fit))
    position = fit.state.position
    assert judged(fit)[-1] < best  # or this test would say nothing
    assert position.best_bound == best
    assert judged(fit).index(best) == position.best_epoch
    bounds = document_bounds(
        fit.network, Documents(planted(40, seed=1)), loop.HELD_OUT_SAMPLES, seed=0
    )
    assert bounds.elbo.sum() / bounds.lengths.sum() == best


def test_patience_counts_epochs_without_a_better_bound(make_fit):
    fit = make_fit(**OVERFITS, patience=3).run()
    assert fit.state.outcome == "stopped early"
    assert len(fit.history) == fit.state.position.best_epoch + 1 + 3
    assert len(fit.history) < 30


def test_without_patience_all_epochs_are_taken(make_fit):
    fit = make_fit(**OVERFITS, patience=None).run()
    assert fit.state.outcome == "completed"
    assert len(fit.history) == 30


def test_without_held_out_documents_the_last_weights_stay(make_fit, stops_after):
    fit = make_fit(epochs=2, judged=False)
    last = []
    fit.trainer.watcher = stops_after(8, lambda: last.append(fit.weights))
    fit.run()
    assert fit.state.position.best_epoch is None
    assert "held_out_bound_per_token" not in fit.history[0]
    for name, value in fit.weights.items():
        assert value.equal(last[0][name])


def test_a_bound_that_is_not_a_number_ends_the_fit(make_fit, monkeypatch):
    """NaN compares false to everything: kept once, no later epoch would beat it."""
    fit = make_fit(epochs=3)
    real, calls = loop.document_bounds, []

    def second_is_nan(*args, **kwargs):
        bounds = real(*args, **kwargs)
        calls.append(None)
        if len(calls) == 2:  # an epoch looks at a few documents before it judges
            bounds.elbo[0] = math.nan
        return bounds

    monkeypatch.setattr(loop, "document_bounds", second_is_nan)
    with pytest.raises(TrainingError, match="epoch 2"):
        fit.run()
    assert fit.state.position.best_epoch == 0
    assert all(value.equal(fit.state.best[name]) for name, value in fit.weights.items())
