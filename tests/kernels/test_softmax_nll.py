"""softmax_nll: values and all gradients against the dense float64 reference."""

from __future__ import annotations

import pytest
import torch

from tenor.kernels import softmax_nll


def upstream_like(values, kind):
    if kind == "uniform":
        return torch.full_like(values, 0.37)
    generator = torch.Generator().manual_seed(1)
    return torch.randn(values.shape, generator=generator, dtype=torch.float64).to(values.dtype)


def gradients(nll, upstream, inputs):
    return torch.autograd.grad(nll, inputs, upstream)


@pytest.mark.parametrize("n_samples", [None, 3])
@pytest.mark.parametrize("upstream", ["uniform", "each its own"])
def test_float64(reference, counts, to_bag, parameters, blocks, n_samples, upstream):
    inputs = parameters(counts.shape, n_samples)
    nll = softmax_nll(*inputs, to_bag(counts))
    expected_nll = reference.softmax_nll(*inputs, torch.as_tensor(counts))
    assert nll.shape == expected_nll.shape
    torch.testing.assert_close(nll, expected_nll, rtol=1e-10, atol=1e-10)
    along = upstream_like(nll, upstream)
    for found, expected in zip(
        gradients(nll, along, inputs), gradients(expected_nll, along, inputs), strict=True
    ):
        size = max(1.0, float(expected.abs().max()) if expected.numel() else 1.0)
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-10 * size)


@pytest.mark.parametrize("upstream", ["uniform", "each its own"])
def test_float32(reference, counts, to_bag, parameters, way, upstream):
    inputs = parameters(counts.shape, 2, dtype=torch.float32)
    nll = softmax_nll(*inputs, to_bag(counts, torch.float32))
    expected_nll = reference.softmax_nll(*inputs, torch.as_tensor(counts))
    torch.testing.assert_close(nll.double(), expected_nll, rtol=1e-5, atol=1e-4)
    along = upstream_like(nll, upstream)
    expected_all = gradients(expected_nll, along.double(), inputs)
    for found, expected in zip(gradients(nll, along, inputs), expected_all, strict=True):
        size = max(1.0, float(expected.abs().max()) if expected.numel() else 1.0)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5 * size)


def test_gradcheck(to_bag, parameters, blocks):
    counts = [[0, 2, 0, 1, 0], [0, 0, 0, 0, 0], [3, 0, 1, 1, 4]]
    bag = to_bag(counts)
    inputs = parameters((3, 5), 2, n_features=3)
    assert torch.autograd.gradcheck(lambda *t: softmax_nll(*t, bag), inputs)


def test_no_second_derivatives(to_bag, parameters, way):
    inputs = parameters((1, 3), dtype=torch.float32)
    nll = softmax_nll(*inputs, to_bag([[1, 0, 2]], torch.float32))
    (first,) = torch.autograd.grad(nll.square().sum(), inputs[:1], create_graph=True)
    with pytest.raises(RuntimeError):  # silently wrong ones would be worse than none
        torch.autograd.grad(first.sum(), inputs[:1])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_large_logits(reference, to_bag, way, dtype):
    """Logits of ±1000 overflow exp() and underflow softmax; the nll is finite and exact."""
    logits = torch.tensor([[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1000.0]], dtype=dtype)
    counts = torch.tensor([[1, 1, 10**6], [0, 3, 10**4]])
    inputs = [logits.requires_grad_(True), torch.eye(3, dtype=dtype), torch.zeros(3, dtype=dtype)]
    for value in inputs[1:]:
        value.requires_grad_(True)
    nll = softmax_nll(*inputs, to_bag(counts.numpy(), dtype))
    expected_nll = reference.softmax_nll(*inputs, counts)
    rtol = 1e-12 if dtype == torch.float64 else 1e-6
    torch.testing.assert_close(nll.double(), expected_nll, rtol=rtol, atol=rtol)
    along = torch.tensor([0.5, -2.0], dtype=dtype)
    expected_all = gradients(expected_nll, along.double(), inputs)
    for found, expected in zip(gradients(nll, along, inputs), expected_all, strict=True):
        size = float(expected.abs().max())
        torch.testing.assert_close(found.double(), expected.double(), rtol=rtol, atol=rtol * size)


def test_a_certain_word_costs_nothing(to_bag, way):
    """Where p(v) = 1 the nll is 0, not a small negative number."""
    bias = torch.tensor([200.0, 0.0, -200.0])
    nll = softmax_nll(
        torch.zeros(1, 2), torch.zeros(3, 2), bias, to_bag([[10**6, 0, 0]], bias.dtype)
    )
    assert nll.item() == 0.0


def test_the_same_call_gives_the_same_bits(to_bag, parameters, way):
    generator = torch.Generator().manual_seed(3)
    counts = torch.poisson(torch.full((40, 31), 0.4), generator=generator).long().numpy()
    inputs = parameters(counts.shape, 2, dtype=torch.float32)
    bag = to_bag(counts, torch.float32)

    def once():
        nll = softmax_nll(*inputs, bag)
        return nll, *gradients(nll, upstream_like(nll, "each its own"), inputs)

    for first, second in zip(once(), once(), strict=True):
        assert torch.equal(first, second)
