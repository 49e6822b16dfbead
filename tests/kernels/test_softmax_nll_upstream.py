"""Gradients of softmax_nll are right under any upstream gradient."""

from __future__ import annotations

import pytest
import torch

from tenor.kernels import softmax_nll

COUNTS = torch.tensor([[1, 0, 2, 0], [0, 4, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]])
UPSTREAMS = {
    "different": [0.5, 2.0, 1.0, -0.25],
    "uniform": [0.1, 0.1, 0.1, 0.1],
    "zero": [0.0, 0.0, 0.0, 0.0],
    "zero for some": [1.0, 2.0, 1.0, 0.0],
}


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_any_upstream_gives_the_right_gradient(reference, to_bag, parameters, blocks, upstream):
    inputs = parameters((4, 4), 2)
    nll = softmax_nll(*inputs, to_bag(COUNTS.numpy()))
    expected_nll = reference.softmax_nll(*inputs, COUNTS)
    torch.testing.assert_close(nll, expected_nll)
    along = torch.tensor(UPSTREAMS[upstream], dtype=torch.float64).expand(2, 4)
    found = torch.autograd.grad(nll, inputs, along)
    expected = torch.autograd.grad(expected_nll, inputs, along)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


def test_backward_twice_is_the_same_twice(to_bag, parameters):
    inputs = parameters((2, 5))
    nll = softmax_nll(*inputs, to_bag([[1, 0, 2, 0, 0], [0, 4, 0, 0, 1]]))
    along = torch.full_like(nll, 0.3)
    first = torch.autograd.grad(nll, inputs, along, retain_graph=True)
    first = [gradient.clone() for gradient in first]
    second = torch.autograd.grad(nll, inputs, along)
    for one, other in zip(first, second, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
