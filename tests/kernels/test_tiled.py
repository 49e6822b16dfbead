"""The compiled softmax_nll against dense float64: edges of tiles, panels, chunks and groups."""

from __future__ import annotations

import pytest
import torch

from tenor.kernels import COMPILED, softmax_nll, tiled
from tenor.kernels.compiled import tiles

pytestmark = pytest.mark.skipif(not COMPILED, reason="no compiled kernels")


def case(n_documents, n_words, n_features, n_samples, scale=1.0, density=0.2):
    """Random counts, and h, R and b in float32."""
    generator = torch.Generator().manual_seed(n_documents + n_words)
    drawn = torch.rand(n_documents, n_words, generator=generator) < density
    counts = drawn * torch.randint(1, 5, (n_documents, n_words), generator=generator)
    shapes = ((n_samples, n_documents, n_features), (n_words, n_features), (n_words,))
    inputs = [(scale * torch.randn(s, generator=generator)).requires_grad_(True) for s in shapes]
    return counts, inputs


def compare(reference, counts, inputs, bag, asked=(0, 1, 2)):
    """Values and the gradients asked for, along an upstream of its own for each row."""
    inputs = [t.detach().requires_grad_(i in asked) for i, t in enumerate(inputs)]
    nll = softmax_nll(*inputs, bag)
    expected_nll = reference.softmax_nll(*inputs, counts)
    torch.testing.assert_close(nll.double(), expected_nll, rtol=1e-5, atol=1e-4)
    along = torch.randn(nll.shape, generator=torch.Generator().manual_seed(1))
    sought = [inputs[i] for i in asked]
    found = torch.autograd.grad(nll, sought, along)
    expected = torch.autograd.grad(expected_nll, sought, along.double())
    for one, other in zip(found, expected, strict=True):
        size = max(1.0, float(other.abs().max()))
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5 * size)


# Around 6 and 96 words, 16 and 64 documents, 8 and 16 features with one more for the bias.
@pytest.mark.parametrize("n_words", [1, 5, 6, 7, 95, 96, 97, 200])
@pytest.mark.parametrize("n_documents", [1, 15, 16, 17, 63, 65])
def test_edges_of_tiles(reference, to_bag, n_words, n_documents):
    counts, inputs = case(n_documents, n_words, 5, 1)
    compare(reference, counts, inputs, to_bag(counts.numpy(), torch.float32))


@pytest.mark.parametrize("n_features", [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 50, 130])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_numbers_of_features(reference, to_bag, n_features, n_samples):
    counts, inputs = case(21, 101, n_features, n_samples, scale=0.5)
    compare(reference, counts, inputs, to_bag(counts.numpy(), torch.float32))


def test_more_words_than_chunks_have_tiles(reference, to_bag):
    counts, inputs = case(20, 32 * 96 + 100, 3, 1, density=0.01)
    compare(reference, counts, inputs, to_bag(counts.numpy(), torch.float32))


@pytest.mark.parametrize("most_sums", [1, 30, 100, 1 << 16])
@pytest.mark.parametrize("asked", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)], ids=str)
def test_groups_of_documents_and_what_is_asked_for(
    reference, to_bag, monkeypatch, most_sums, asked
):
    monkeypatch.setattr(tiled, "MOST_SUMS", most_sums)
    counts, inputs = case(23, 50, 4, 2)
    counts[:2] = 0
    compare(reference, counts, inputs, to_bag(counts.numpy(), torch.float32), asked)


@pytest.mark.parametrize("ascending", [True, False])
def test_logits_far_apart(reference, to_bag, ascending):
    """The reference of log Z rises through hundreds of powers of two, or begins at the top."""
    counts, inputs = case(3, 300, 2, 1)
    bias = torch.linspace(-900, 900, 300)
    inputs[2] = bias if ascending else bias.flip(0)
    compare(reference, counts, inputs, to_bag(counts.numpy(), torch.float32))


def test_processors_without_avx2(reference, to_bag):
    counts, inputs = case(21, 101, 9, 2)
    tiles.only_plain(True)
    try:
        compare(reference, counts, inputs, to_bag(counts.numpy(), torch.float32))
    finally:
        tiles.only_plain(False)


def test_sums_over_many_words_stay_exact(to_bag):
    """Each chunk adds up 31,296 words: tile by tile, or float32 would lose digits."""
    n_words = 1_000_000
    bag = to_bag([[3] + [0] * (n_words - 1)], torch.float32)
    generator = torch.Generator().manual_seed(0)
    shapes = ((1, 2), (n_words, 2), (n_words,))
    inputs = [torch.rand(s, generator=generator).requires_grad_(True) for s in shapes]
    nll = softmax_nll(*inputs, bag)
    h, weight, bias = (t.detach().double().requires_grad_(True) for t in inputs)
    logits = h @ weight.t() + bias
    expected = 3 * (torch.logsumexp(logits, 1) - logits[:, 0])
    torch.testing.assert_close(nll.double(), expected, rtol=1e-6, atol=0)
    (found,) = torch.autograd.grad(nll, inputs[:1])
    (right,) = torch.autograd.grad(expected, [h])
    torch.testing.assert_close(found.double(), right, rtol=3e-6, atol=0)


def test_any_number_of_threads_gives_the_same_bits(to_bag):
    counts, inputs = case(70, 1000, 9, 2)
    bag, before = to_bag(counts.numpy(), torch.float32), torch.get_num_threads()

    def run(n_threads):
        torch.set_num_threads(n_threads)
        nll = softmax_nll(*inputs, bag)
        return nll, *torch.autograd.grad(nll.square().sum(), inputs)

    try:
        alone = run(1)
        for n_threads in (2, 5):
            for one, other in zip(alone, run(n_threads), strict=True):
                assert torch.equal(one, other)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("where", [0, 1, 2])
def test_what_is_not_a_number_stays_so(to_bag, where):
    counts, inputs = case(2, 40, 3, 1)
    with torch.no_grad():
        inputs[where].view(-1)[0] = float("nan")
    nll = softmax_nll(*inputs, to_bag(counts.numpy(), torch.float32))
    assert nll.flatten()[0].isnan()


def test_transposed_weights_and_views(reference, to_bag):
    counts, inputs = case(9, 33, 4, 2)
    inputs[1] = inputs[1].detach().t().contiguous().t()
    inputs[0] = inputs[0].detach().transpose(0, 1).contiguous().transpose(0, 1)
    compare(reference, counts, inputs, to_bag(counts.numpy(), torch.float32))


def test_backward_twice_is_the_same_twice(to_bag):
    counts, inputs = case(9, 33, 4, 2)
    nll = softmax_nll(*inputs, to_bag(counts.numpy(), torch.float32)).sum()
    first = torch.autograd.grad(nll, inputs, retain_graph=True)
    for one, other in zip(first, torch.autograd.grad(nll, inputs), strict=True):
        assert torch.equal(one, other)


def test_torch_makes_no_product(to_bag, monkeypatch, products_of):
    counts, inputs = case(9, 33, 4, 2)
    bag = to_bag(counts.numpy(), torch.float32)
    assert products_of(lambda: softmax_nll(*inputs, bag).sum().backward()) == 0
    monkeypatch.setattr("tenor.kernels.compiled.COMPILED", False)
    assert products_of(lambda: softmax_nll(*inputs, bag).sum().backward()) == 3
