"""softmax_nll does no product that nobody asked for."""

from __future__ import annotations

import pytest
import torch

from tenor.kernels import softmax_nll

COUNTS = [[1, 0, 2, 0, 0], [0, 4, 0, 0, 1]]


@pytest.mark.parametrize(
    ("asked", "products"),
    # R and b share a product, so b alone costs what R does
    [((0,), 2), ((1,), 2), ((2,), 2), ((0, 2), 3), ((1, 2), 2), ((0, 1, 2), 3)],
)
def test_only_the_gradients_asked_for(to_bag, parameters, products_of, asked, products):
    inputs = [t.requires_grad_(i in asked) for i, t in enumerate(parameters((2, 5)))]
    bag = to_bag(COUNTS)
    assert products_of(lambda: softmax_nll(*inputs, bag).sum().backward()) == products
    assert [i for i, t in enumerate(inputs) if t.grad is not None] == list(asked)


def test_none_without_gradients(to_bag, parameters, products_of):
    bag, inputs = to_bag(COUNTS), parameters((2, 5))
    with torch.no_grad():
        assert products_of(lambda: softmax_nll(*inputs, bag)) == 1
        assert not softmax_nll(*inputs, bag).requires_grad
    frozen = [t.detach() for t in inputs]
    assert products_of(lambda: softmax_nll(*frozen, bag)) == 1


def test_no_grad_gives_the_same_values(to_bag, parameters):
    bag, inputs = to_bag(COUNTS), parameters((2, 5), 3)
    with torch.no_grad():
        quiet = softmax_nll(*inputs, bag)
    assert torch.equal(quiet, softmax_nll(*inputs, bag).detach())
