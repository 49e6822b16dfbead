"""bag_linear: values and gradient against the dense float64 reference."""

from __future__ import annotations

import pytest
import torch

from tenor.kernels import Bag, bag_linear


def weight_for(counts, dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(counts.shape[1], 3, generator=generator, dtype=torch.float64)
    return weight.to(dtype).requires_grad_(True)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("upstream", ["random", "expanded"])
def test_value_and_gradient(reference, counts, to_bag, dtype, upstream):
    bag, weight = to_bag(counts, dtype), weight_for(counts, dtype)
    found = bag_linear(bag, bag.counts, weight)
    expected = reference.bag_linear(torch.as_tensor(counts), weight)
    rtol = 1e-12 if dtype == torch.float64 else 1e-5
    torch.testing.assert_close(found.double(), expected, rtol=rtol, atol=rtol)
    along = torch.randn(found.shape, generator=torch.Generator().manual_seed(1), dtype=dtype)
    if upstream == "expanded":  # stride 0, as .sum() hands down
        along = torch.ones((), dtype=dtype).expand(found.shape)
    (gradient,) = torch.autograd.grad(found, weight, along)
    (expected_gradient,) = torch.autograd.grad(expected, weight, along.double())
    size = max(1.0, float(expected_gradient.abs().max()))
    torch.testing.assert_close(
        gradient.double(), expected_gradient.double(), rtol=rtol, atol=rtol * size
    )


def test_values_other_than_the_counts(to_bag):
    bag = to_bag([[0, 2, 1], [0, 0, 0], [5, 0, 0]])
    values = torch.tensor([0.5, -1.0, 3.0], dtype=torch.float64)
    weight = torch.eye(3, dtype=torch.float64)
    expected = [[0, 0.5, -1.0], [0, 0, 0], [3.0, 0, 0]]
    assert bag_linear(bag, values, weight).tolist() == expected


def test_gradcheck(to_bag):
    bag = to_bag([[0, 2, 1], [0, 0, 0], [5, 0, 1]])
    weight = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda w: bag_linear(bag, bag.counts, w), weight)


def test_no_gradient_where_none_is_asked(to_bag):
    bag = to_bag([[0, 2, 1]])
    weight = torch.ones(3, 2, dtype=torch.float64, requires_grad=True)
    assert not bag_linear(bag, bag.counts, weight.detach()).requires_grad
    with torch.no_grad():
        assert not bag_linear(bag, bag.counts, weight).requires_grad


def test_the_same_bits_whatever_the_thread_count(as_bag):
    generator = torch.Generator().manual_seed(0)
    counts = torch.poisson(torch.full((300, 40), 0.5), generator=generator).long().numpy()
    bag = Bag.of(as_bag(counts))
    weight = torch.randn(40, 33, generator=generator).requires_grad_(True)
    along = torch.randn(300, 33, generator=generator)
    results = []
    for threads in (1, 2, 1):
        torch.set_num_threads(threads)
        value = bag_linear(bag, bag.counts, weight)
        results.append((value, *torch.autograd.grad(value, weight, along)))
    torch.set_num_threads(1)
    for value, gradient in results[1:]:
        assert torch.equal(value, results[0][0])
        assert torch.equal(gradient, results[0][1])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_sparse_gradient_is_the_dense_one(counts, to_bag, dtype):
    bag, weight = to_bag(counts, dtype), weight_for(counts, dtype)
    along = torch.randn(len(bag), 3, generator=torch.Generator().manual_seed(1), dtype=dtype)
    (dense,) = torch.autograd.grad(bag_linear(bag, bag.counts, weight), weight, along)
    found = bag_linear(bag, bag.counts, weight, sparse_gradient=True)
    (sparse,) = torch.autograd.grad(found, weight, along)
    assert sparse.is_sparse
    assert torch.equal(sparse.to_dense(), dense)
    assert sparse._indices()[0].tolist() == sorted(set(bag.words.tolist()))
