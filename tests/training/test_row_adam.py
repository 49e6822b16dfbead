"""RowAdam against Adam that takes every step on every row, in float64."""

from __future__ import annotations

import math

import pytest
import torch

from tenor.training.row_adam import RowAdam

V, H, STEPS = 40, 5, 600


def rate_at(step):
    return 1e-2 * min(1.0, (step + 1) / 50) * 0.5 * (1 + math.cos(math.pi * step / STEPS))


def gradients():
    """Sparse gradients of 600 steps: frequent and rare rows, sizes from 1e-9 to 1e-3."""
    generator = torch.Generator().manual_seed(0)
    chance = torch.arange(1, V + 1, dtype=torch.float64) ** -1.5
    for _ in range(STEPS):
        drawn = torch.rand(V, generator=generator, dtype=torch.float64) < chance
        rows = torch.nonzero(drawn).flatten()
        sizes = 10 ** (6 * torch.rand(len(rows), 1, generator=generator, dtype=torch.float64) - 9)
        values = sizes * torch.randn(len(rows), H, generator=generator, dtype=torch.float64)
        yield sparse(rows, values)


def sparse(rows, values):
    return torch.sparse_coo_tensor(
        rows[None], values, (V, H), is_coalesced=True, check_invariants=False
    )


def started(dtype):
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(V, H, generator=generator, dtype=torch.float64)
    return torch.nn.Parameter(values.to(dtype))


@pytest.fixture(scope="module")
def step_by_step():
    """The weights after every hundredth step of Adam on dense float64 gradients."""
    parameter, kept = started(torch.float64), {}
    adam = torch.optim.Adam([parameter], foreach=False)
    for step, gradient in enumerate(gradients()):
        parameter.grad = gradient.to_dense()
        adam.param_groups[0]["lr"] = rate_at(step)
        adam.step()
        if (step + 1) % 100 == 0:
            kept[step + 1] = parameter.detach().clone()
    return kept


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("settled", ["often", "at the end"])
def test_equals_adam_on_dense_gradients(step_by_step, dtype, settled):
    parameter = started(dtype)
    adam = RowAdam(parameter)
    for step, gradient in enumerate(gradients()):
        adam.catch_up(gradient.indices()[0])
        adam.step(gradient.to(dtype), rate_at(step))
        if (step + 1) % 100 == 0 and settled == "often":
            adam.catch_up_all()
            torch.testing.assert_close(
                parameter.detach().double(), step_by_step[step + 1], rtol=0, atol=1e-5
            )
    adam.catch_up_all()
    moved = (parameter.detach() - started(dtype).detach()).abs().max()
    assert moved > 0.1  # so that 1e-5 says something
    torch.testing.assert_close(parameter.detach().double(), step_by_step[STEPS], rtol=0, atol=1e-5)


def test_a_row_is_as_it_should_be_whenever_it_is_read(step_by_step):
    """Catching a row up to step 100 does not wait for its next gradient."""
    parameter = started(torch.float64)
    adam = RowAdam(parameter)
    for step, gradient in zip(range(100), gradients(), strict=False):
        adam.step(gradient, rate_at(step))
    rare = torch.tensor([V - 3, V - 1])
    adam.catch_up(rare)
    torch.testing.assert_close(parameter.detach()[rare], step_by_step[100][rare], rtol=0, atol=1e-5)
    before = parameter.detach().clone()
    adam.catch_up(rare)
    assert torch.equal(before, parameter.detach())  # what is paid is not paid again


def test_a_row_never_touched_stays():
    parameter = started(torch.float32)
    adam = RowAdam(parameter)
    row = torch.tensor([3])
    for step in range(5):
        adam.step(sparse(row, torch.ones(1, H)), rate_at(step))
    adam.catch_up_all()
    still = torch.ones(V, dtype=torch.bool)
    still[3] = False
    assert torch.equal(parameter.detach()[still], started(torch.float32).detach()[still])
    assert not torch.equal(parameter.detach()[3], started(torch.float32).detach()[3])


def test_kept_and_put_back_it_goes_on_bit_for_bit():
    whole, stopped, steps = started(torch.float32), started(torch.float32), list(gradients())
    one, other = RowAdam(whole), RowAdam(stopped)
    for step, gradient in enumerate(steps[:80]):
        one.step(gradient.float(), rate_at(step))
        other.step(gradient.float(), rate_at(step))
    resumed = RowAdam(torch.nn.Parameter(stopped.detach().clone()))
    resumed.load(other.tensors())
    for step, gradient in enumerate(steps[80:120], start=80):
        one.step(gradient.float(), rate_at(step))
        resumed.step(gradient.float(), rate_at(step))
    one.catch_up_all()
    resumed.catch_up_all()
    assert torch.equal(whole, resumed.parameter)
