"""The training loop learns, keeps to its settings, and is a function of its seed."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import pairwise

import pytest
import torch

from tenor.documents import Documents
from tenor.inference.bounds import document_bounds


def test_the_bound_rises_on_planted_topics(make_fit):
    fit = make_fit(epochs=30).run()
    bounds = [record["held_out_bound_per_token"] for record in fit.history]
    assert fit.state.outcome == "completed"
    assert [record["epoch"] for record in fit.history] == list(range(1, 31))
    assert max(bounds) > bounds[0] + 0.15
    assert fit.history[-1]["bound_per_token"] > fit.history[0]["bound_per_token"] + 0.15


def test_history_is_what_an_epoch_saw(make_fit, planted):
    fit = make_fit(epochs=2).run()
    for record in fit.history:
        kl = record["kl_per_document"] * 56
        tokens = planted(56).lengths.sum()
        whole = record["reconstruction_per_token"] * tokens
        assert record["bound_per_token"] * tokens == pytest.approx(whole - kl, rel=1e-6)
        assert record["phase"] == "joint"


def test_one_seed_gives_one_set_of_weights(make_fit, same):
    settings = {"epochs": 2, "thinning": 0.5, "shape": {"dropout": 0.3}}
    torch.manual_seed(1)
    first = make_fit(**settings).run()
    torch.manual_seed(2)  # the global generator must not matter
    assert same(first.weights, make_fit(**settings).run().weights)
    assert first.history == make_fit(**settings).run().history
    other = make_fit(
        **{**settings, "seed": 0},
    ).run()
    assert same(first.weights, other.weights)


def test_the_training_seed_matters(make_fit):
    weights = []
    for seed in (0, 1):
        fit = make_fit(epochs=1)
        fit.trainer.settings = replace(fit.trainer.settings, seed=seed)
        fit.trainer.__post_init__()
        weights.append(fit.run().weights["decoder.weight"])
    assert not torch.equal(*weights)


def test_parameters_ask_for_gradients_only_while_training(make_fit, stops_after):
    asked = []
    fit = make_fit(epochs=1)
    fit.trainer.watcher = stops_after(
        1, lambda: asked.extend(p.requires_grad for p in fit.network.parameters())
    )
    fit.run()
    assert asked
    assert all(asked)
    assert not any(p.requires_grad for p in fit.network.parameters())


def test_alternating_updates_change_only_their_phase(make_fit, stops_after):
    fit = make_fit(updates="alternating", epochs=4, alternating_epochs=1, judged=False)
    snapshots = [fit.weights]
    fit.trainer.watcher = every_step(stops_after, lambda: snapshots.append(fit.weights))
    fit.run()
    generative = {id(p) for p in fit.network.generative_parameters()}
    names = dict(fit.network.named_parameters())
    for step, (before, after) in enumerate(pairwise(snapshots)):
        decoder_phase = (step // 4) % 2 == 0
        for name, parameter in names.items():
            moves = (id(parameter) in generative) == decoder_phase
            assert torch.equal(before[name], after[name]) != moves, (step, name)
    assert [record["phase"] for record in fit.history] == ["decoder", "encoder"] * 2


def every_step(stops_after, action):
    watcher = stops_after(1, action)
    tell = watcher.step

    def step(moment):
        watcher.left = 1
        tell(moment)

    watcher.step = step
    return watcher


def test_clipping_cuts_the_gradient_s_norm(make_fit, monkeypatch):
    norms = {}
    for clip in (None, 1e-3):
        fit = make_fit(epochs=1, clip_norm=clip, judged=False)
        seen = norms.setdefault(clip, [])
        step = fit.state.optimizer.step

        def record(rate, divisor, finite, fit=fit, seen=seen, step=step):
            gradients = [p.grad for p in fit.network.parameters() if p.grad is not None]
            norm = float(torch.nn.utils.get_total_norm(gradients))
            seen.append(norm if divisor is None else norm / float(divisor))
            step(rate, divisor, finite)

        monkeypatch.setattr(fit.state.optimizer, "step", record)
        fit.run()
    assert min(norms[None]) > 1e-2
    assert norms[1e-3] == pytest.approx([1e-3] * len(norms[1e-3]), rel=1e-3)


def test_weight_decay_shrinks_the_decoder_alone(make_fit):
    still = {"epochs": 1, "learning_rate": 1e-3, "judged": False, "schedule": "constant"}
    plain, decayed = make_fit(**still).run(), make_fit(**still, weight_decay=50.0).run()
    decoder = [fit.weights["decoder.weight"].norm() for fit in (plain, decayed)]
    assert decoder[1] < 0.9 * decoder[0]
    encoder = [fit.weights["encoder.embedding"].norm() for fit in (plain, decayed)]
    torch.testing.assert_close(encoder[1], encoder[0], rtol=1e-2, atol=0)


def test_the_decoder_may_learn_faster(make_fit):
    """Adam's first step has the size of the learning rate, whatever the gradient."""
    still = {"epochs": 1, "batch_size": 56, "schedule": "constant", "warmup": 0.0}
    fit = make_fit(**still, learning_rate=1e-3, decoder_rate=3.0, clip_norm=None, judged=False)
    before = fit.weights
    after = fit.run().weights
    moved = {name: float((after[name] - before[name]).abs().max()) for name in before}
    assert moved["decoder.weight"] == pytest.approx(3e-3, rel=1e-2)
    assert moved["encoder.embedding"] == pytest.approx(1e-3, rel=1e-2)


def test_kl_warm_up_is_judged_at_weight_one(make_fit, planted):
    """The held-out figure is the whole bound, also while the KL hardly counts in training."""
    fit = make_fit(epochs=1, kl_warmup=100).run()
    bounds = document_bounds(fit.network, Documents(planted(40, seed=1)), 2, seed=0)
    whole = (bounds.reconstruction - bounds.kl).sum() / bounds.lengths.sum()
    assert fit.history[0]["held_out_bound_per_token"] == pytest.approx(whole, rel=1e-6)
    assert bounds.kl.sum() > 0.1


def test_kl_warm_up_frees_the_kl(make_fit):
    early = make_fit(epochs=6, kl_warmup=50, judged=False).run().history[-1]["kl_per_document"]
    assert early > 1.5 * make_fit(epochs=6, judged=False).run().history[-1]["kl_per_document"]


def test_the_last_batch_may_be_small_and_documents_empty(make_fit, random_bag):
    documents = Documents(random_bag(17, 40))
    fit = make_fit(epochs=2, batch_size=8, judged=False)
    fit.trainer.documents = documents
    fit.trainer.__post_init__()
    fit.run()
    assert fit.trainer.documents_seen == 34
    assert fit.state.position.epoch == 2
    assert asdict(fit.state.position)["sums"] == {}
