"""WholeAdam against torch's AdamW."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from tenor.documents import Documents
from tenor.kernels import COMPILED, recycled
from tenor.networks.models import NVDMConfig, nvdm
from tenor.training.loop import Trainer
from tenor.training.optimizer import Optimizer
from tenor.training.state import TrainingState
from tenor.training.whole_adam import WholeAdam
from tenor.training.world import World

FIT = """
import sys, tenor
model = tenor.NVDM(n_components=2, encoder_sizes=(4,), epochs=1, min_df=1, max_df=1.0)
model.fit(["one two three", "two three four"] * 10)
print([name for name in ("torch._dynamo", "torch._inductor", "sympy") if name in sys.modules])
"""


def parameters():
    generator = torch.Generator().manual_seed(0)
    shapes = ((7, 5), (5,), (300, 40))
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]


def gradients(steps):
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        yield [torch.randn(p.shape, generator=generator) for p in parameters()]


def reference(steps, decay, factor, scale):
    taken = parameters()
    adam = torch.optim.AdamW(taken, weight_decay=decay, fused=True)
    for step, slopes in enumerate(gradients(steps)):
        for parameter, slope in zip(taken, slopes, strict=True):
            parameter.grad = scale * slope
        adam.param_groups[0]["lr"] = factor * 1e-2 / (1 + step)
        adam.step()
    return taken


@pytest.mark.parametrize("scale", [1.0, 0.25, 0.37])
def test_equals_torch_s_class(scale):
    taken = parameters()
    adam = WholeAdam(taken, factor=3.0, weight_decay=0.3)
    for step, slopes in enumerate(gradients(20)):
        for parameter, slope in zip(taken, slopes, strict=True):
            parameter.grad = slope.clone()
        adam.step(1e-2 / (1 + step), torch.tensor(1 / scale))
    for own, other in zip(taken, reference(20, 0.3, 3.0, scale), strict=True):
        if scale == 1:
            assert torch.equal(own, other)
        torch.testing.assert_close(own, other, rtol=1e-5, atol=1e-6)


def test_without_fused_loops_too(monkeypatch):
    monkeypatch.setattr(WholeAdam, "fused", staticmethod(lambda device: False))
    taken = parameters()
    adam = WholeAdam(taken, factor=1.0, weight_decay=0.0)
    for step, slopes in enumerate(gradients(5)):
        for parameter, slope in zip(taken, slopes, strict=True):
            parameter.grad = slope.clone()
        adam.step(1e-2 / (1 + step), torch.tensor(1 / 0.37))
    for own, other in zip(taken, reference(5, 0.0, 1.0, 0.37), strict=True):
        torch.testing.assert_close(own, other, rtol=1e-5, atol=1e-6)


def test_a_parameter_without_a_gradient_stays_and_has_no_moments():
    still, moved = parameters()[:2]
    before = still.detach().clone()
    adam = WholeAdam([still, moved], factor=1.0, weight_decay=0.5)
    adam.step(1e-2)
    assert not adam.moments
    moved.grad = torch.ones_like(moved)
    adam.step(1e-2)
    assert torch.equal(still, before) and list(adam.moments) == [moved]


def test_goes_on_from_moments_that_were_kept():
    ways = []
    for stop in (None, 3):
        taken = parameters()
        adam = WholeAdam(taken, factor=1.0, weight_decay=0.1)
        for step, slopes in enumerate(gradients(6)):
            if step == stop:
                kept = [adam.moments[p] for p in taken]
                adam = WholeAdam(taken, factor=1.0, weight_decay=0.1)
                for parameter, moments in zip(taken, kept, strict=True):
                    adam.load(parameter, moments)
            for parameter, slope in zip(taken, slopes, strict=True):
                parameter.grad = slope.clone()
            adam.step(1e-2)
        ways.append(taken)
    assert all(torch.equal(one, other) for one, other in zip(*ways, strict=True))


def test_gradients_give_their_memory_back(random_bag, plain, monkeypatch):
    """Every step of a fit takes the memory of the one before, and nothing is kept after it."""
    if not COMPILED:
        pytest.skip("torch's own loops bring their own memory")
    documents = Documents(random_bag(60, recycled.LEAST // 20))
    n_words = documents.bag.n_words
    network = nvdm(NVDMConfig(n_words=n_words, n_components=24, encoder_sizes=(24,)))
    trainer = Trainer(network, documents, replace(plain, epochs=1), World(torch.device("cpu")))
    places, prepare = [], Optimizer.prepare

    def look(optimizer, batch):
        prepare(optimizer, batch)
        places.append(sorted(flat.data_ptr() for flat in recycled._kept))

    monkeypatch.setattr(Optimizer, "prepare", look)
    trainer.run(TrainingState.begin(network, trainer.settings, documents))
    assert places[0] == [] and len(places[1]) == 2 and places[1] == places[-1]
    assert recycled._kept == [] and all(p.grad is None for p in network.parameters())


def test_an_error_on_the_way_of_sparse_rows_comes_out(make_fit, monkeypatch):
    monkeypatch.setattr("tenor.training.state.FEW", 2.0)

    def breaks(world, rows):
        raise ConnectionError("a worker is gone")

    monkeypatch.setattr(World, "sum_of_rows", breaks)
    with pytest.raises(ConnectionError, match="a worker is gone"):
        make_fit(epochs=1).run()


def test_a_fit_does_not_load_torch_s_compiler():
    done = subprocess.run([sys.executable, "-c", FIT], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr
