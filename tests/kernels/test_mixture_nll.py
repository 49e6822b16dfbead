"""mixture_nll: values and both gradients against the dense float64 reference."""

from __future__ import annotations

from importlib import import_module

import pytest
import torch

from tenor.kernels import mixture_nll

K = 4


@pytest.fixture(params=[1, 24, 1 << 20], ids=["blocks-of-1", "small-blocks", "one-block"])
def blocks(request, monkeypatch):
    """How many entries × topics are held at a time."""
    kernel = import_module("tenor.kernels.mixture_nll")
    monkeypatch.setattr(kernel, "BLOCK_ELEMENTS", request.param)


def mixtures(shape, n_samples=None, dtype=torch.float64, scale=1.0):
    """log θ and log β, normalised, asking for gradients."""
    generator = torch.Generator().manual_seed(0)
    leading = () if n_samples is None else (n_samples,)

    def draw(*size):
        return scale * torch.randn(size, generator=generator, dtype=torch.float64)

    proportions = torch.log_softmax(draw(*leading, shape[0], K), -1)
    topics = torch.log_softmax(draw(shape[1], K), 0)
    return [t.to(dtype).requires_grad_(True) for t in (proportions, topics)]


@pytest.mark.parametrize("n_samples", [None, 3])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_value_and_gradients(reference, counts, to_bag, blocks, n_samples, dtype):
    inputs = mixtures(counts.shape, n_samples, dtype)
    nll = mixture_nll(*inputs, to_bag(counts, dtype))
    expected = reference.mixture_nll(*inputs, torch.as_tensor(counts))
    assert nll.shape == expected.shape
    rtol = 1e-11 if dtype == torch.float64 else 2e-6
    torch.testing.assert_close(nll.double(), expected, rtol=rtol, atol=rtol)
    along = torch.randn(nll.shape, generator=torch.Generator().manual_seed(1), dtype=dtype)
    found_all = torch.autograd.grad(nll, inputs, along)
    expected_all = torch.autograd.grad(expected, inputs, along.double())
    for found, wanted in zip(found_all, expected_all, strict=True):
        size = max(1.0, float(wanted.abs().max()) if wanted.numel() else 1.0)
        torch.testing.assert_close(
            found.double(), wanted.double(), rtol=10 * rtol, atol=10 * rtol * size
        )


def test_gradcheck(to_bag, blocks):
    bag = to_bag([[0, 2, 0, 1, 0], [0, 0, 0, 0, 0], [3, 0, 1, 1, 4]])
    assert torch.autograd.gradcheck(lambda *t: mixture_nll(*t, bag), mixtures((3, 5), 2))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_logits_of_a_thousand(reference, to_bag, dtype):
    """θ and β that underflow as numbers are exact as logarithms."""
    counts = torch.tensor([[1, 10**4, 10**4], [0, 2, 1]])
    inputs = mixtures((2, 3), dtype=dtype, scale=1000.0)
    nll = mixture_nll(*inputs, to_bag(counts.numpy(), dtype))
    expected = reference.mixture_nll(*inputs, counts)
    assert float(expected.detach().max()) > 1e5
    rtol = 1e-12 if dtype == torch.float64 else 1e-6
    torch.testing.assert_close(nll.double(), expected, rtol=rtol, atol=rtol)
    gradients = torch.autograd.grad(nll.sum(), inputs)
    for found, wanted in zip(gradients, torch.autograd.grad(expected.sum(), inputs), strict=True):
        torch.testing.assert_close(found.double(), wanted.double(), rtol=1e-4, atol=1e-2)


def test_a_word_that_no_topic_has(to_bag):
    topics = torch.tensor([[0.0, 0.0], [-torch.inf, -torch.inf]]).requires_grad_(True)
    proportions = torch.zeros(2, 2).requires_grad_(True)
    nll = mixture_nll(proportions, topics, to_bag([[1, 1], [1, 0]], torch.float32))
    assert nll[0] == torch.inf
    assert torch.isfinite(nll[1])
    nll.sum().backward()
    assert torch.isfinite(proportions.grad).all()
    assert torch.isfinite(topics.grad).all()


@pytest.mark.parametrize("asked", [0, 1])
def test_only_the_gradient_asked_for(to_bag, asked):
    inputs = [t.detach().requires_grad_(i == asked) for i, t in enumerate(mixtures((1, 3)))]
    mixture_nll(*inputs, to_bag([[1, 0, 2]])).sum().backward()
    assert [t.grad is not None for t in inputs] == [asked == 0, asked == 1]


def test_nothing_as_large_as_documents_by_words(to_bag, monkeypatch):
    """At V = 10⁶ the work is the words present: the largest tensor made stays small."""
    from torch.utils._python_dispatch import TorchDispatchMode

    from tenor.bow import BagOfWords
    from tenor.kernels import Bag

    largest = 0

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            nonlocal largest
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                largest = max(largest, result.numel())
            return result

    import numpy as np

    n_words, n_documents = 1_000_000, 64
    words = np.sort(np.random.default_rng(0).integers(0, n_words, (n_documents, 8)), axis=1)
    bag = BagOfWords(np.arange(n_documents + 1) * 8, words.ravel(), np.ones(512, int), n_words)
    topics = torch.zeros(n_words, 2).requires_grad_(True)
    proportions = torch.zeros(n_documents, 2).requires_grad_(True)
    with Watch():
        mixture_nll(proportions, topics, Bag.of(bag)).sum().backward()
    assert largest == 2 * n_words  # the gradient of β; one dense matrix is 64 · 10⁶
