"""The upstream gradient known beforehand saves time and never changes a result."""

from __future__ import annotations

import pytest
import torch

from tenor.kernels import softmax_nll

COUNTS = torch.tensor([[1, 0, 2, 0], [0, 4, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]])
HINT = torch.tensor([0.5, 2.0, 1.0, -0.25], dtype=torch.float64)

UPSTREAMS = {
    "as said": HINT,
    "as said, scaled": -3 * HINT,
    "another": torch.tensor([1.0, 2.0, 1.0, 0.0], dtype=torch.float64),
    "uniform": torch.ones(4, dtype=torch.float64),
    "zero": torch.zeros(4, dtype=torch.float64),
    "almost as said": HINT * torch.tensor([1, 1, 1, 1.001], dtype=torch.float64),
}


@pytest.mark.parametrize(
    "hint", [HINT, torch.zeros(4), HINT.roll(1)], ids=["right", "zero", "wrong"]
)
@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_any_hint_gives_the_right_gradient(reference, to_bag, parameters, blocks, hint, upstream):
    inputs = parameters((4, 4), 2)
    nll = softmax_nll(*inputs, to_bag(COUNTS.numpy()), hint)
    expected_nll = reference.softmax_nll(*inputs, COUNTS)
    torch.testing.assert_close(nll, expected_nll)
    along = UPSTREAMS[upstream].expand(2, 4)
    found = torch.autograd.grad(nll, inputs, along)
    expected = torch.autograd.grad(expected_nll, inputs, along)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


def test_a_right_hint_saves_the_second_pass(to_bag, parameters, products_of):
    inputs, bag = parameters((4, 4)), to_bag(COUNTS.numpy())

    def products(hint, upstream):
        return products_of(
            lambda: torch.autograd.grad(softmax_nll(*inputs, bag, hint), inputs, upstream)
        )

    assert products(HINT, 2 * HINT) == 3
    assert products(None, torch.full_like(HINT, 0.1)) == 3
    assert products(None, HINT) == 6


def test_backward_twice_is_the_same_twice(to_bag, parameters):
    """Gradients made ahead are scaled in place; a second backward must not scale them again."""
    inputs = parameters((2, 5))
    nll = softmax_nll(*inputs, to_bag([[1, 0, 2, 0, 0], [0, 4, 0, 0, 1]]))
    along = torch.full_like(nll, 0.3)
    first = torch.autograd.grad(nll, inputs, along, retain_graph=True)
    first = [gradient.clone() for gradient in first]
    second = torch.autograd.grad(nll, inputs, along)
    for one, other in zip(first, second, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
