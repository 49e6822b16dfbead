"""Sums word by word against the dense float64 product, compiled and not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tenor.kernels import COMPILED, Bag
from tenor.kernels.compiled import array_of, sums
from tenor.kernels.weighted_rows import sums_by_every_word, sums_by_word


@pytest.mark.parametrize("width", [1, 3, 16, 33, 500])
@pytest.mark.parametrize("all_words", [False, True])
def test_equals_the_dense_product(counts, as_bag, way, width, all_words):
    bag = Bag.of(as_bag(counts))
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(len(bag), width, generator=generator)
    sums_of = sums_by_every_word if all_words else sums_by_word
    found = sums_of(bag, bag.counts, matrix)
    expected = torch.as_tensor(counts, dtype=torch.float64).T @ matrix.double()
    if not all_words:
        expected = expected[bag.by_word.words]
    assert found.shape == expected.shape
    size = max(1.0, float(expected.abs().max())) if expected.numel() else 1.0
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=2e-7 * size)


def test_the_same_bits_whatever_the_thread_count(as_bag, way):
    counts = np.random.default_rng(0).poisson(0.5, (300, 70))
    bag, matrix = Bag.of(as_bag(counts)), torch.randn(300, 41)
    found = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        found.append(sums_by_every_word(bag, bag.counts, matrix))
    torch.set_num_threads(1)
    assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2])


@pytest.fixture
def arrays(to_bag):
    """What the compiled loop takes, by name: two words of three in two documents."""
    if not COMPILED:
        pytest.skip("no compiled kernels")
    bag = to_bag([[1, 0, 2], [0, 0, 3]], torch.float32)
    by_word = bag.by_word
    tensors = {
        "matrix": torch.tensor([[1.0, 10.0], [2.0, 20.0]]),
        "rows": bag.documents,
        "order": by_word.order,
        "values": bag.counts,
        "offsets": by_word.offsets,
        "at": by_word.words,
        "out": torch.full((3, 2), torch.nan),
    }
    return {name: array_of(tensor).copy() for name, tensor in tensors.items()}


def test_rows_between_are_zeros(arrays):
    sums.by_run(*arrays.values(), 2, 1)
    assert arrays["out"].tolist() == [[1, 10], [0, 0], [8, 80]]


@pytest.mark.parametrize("name", ["rows", "order", "values", "offsets", "at", "out"])
def test_arrays_of_another_size_are_refused(arrays, name):
    arrays[name] = arrays[name].ravel()[:-1].copy()
    with pytest.raises(ValueError, match=r"due|is not in|ascend"):
        sums.by_run(*arrays.values(), 2, 1)


@pytest.mark.parametrize("name", ["rows", "order", "at", "offsets"])
@pytest.mark.parametrize("value", [-1, 4])
def test_indices_outside_are_refused(arrays, name, value):
    arrays[name][-1 if value > 0 else 0] = value
    with pytest.raises(ValueError, match=r"is not in|ascend"):
        sums.by_run(*arrays.values(), 2, 1)


def test_a_width_or_threads_of_zero_are_refused(arrays):
    for width, threads in ((0, 1), (2, 0), (3, 1)):
        with pytest.raises(ValueError, match="are due"):
            sums.by_run(*arrays.values(), width, threads)
