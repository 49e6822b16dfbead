"""Bag: a NumPy bag as tensors."""

from __future__ import annotations

import numpy as np
import torch

from tenor.kernels import Bag


def test_of_a_slice(as_bag):
    dense = np.array([[1, 0], [0, 0], [2, 3], [0, 4]])
    bag = Bag.of(as_bag(dense)[1:4])
    assert len(bag) == 3
    assert bag.offsets.tolist() == [0, 0, 2, 3]
    assert bag.words.tolist() == [0, 1, 1]
    assert bag.counts.tolist() == [2.0, 3.0, 4.0]
    assert bag.documents.tolist() == [1, 1, 2]
    assert bag.lengths.tolist() == [0.0, 5.0, 4.0]
    assert bag.counts.dtype == torch.float32


def test_of_read_only_memory(as_bag):
    bag = as_bag(np.array([[1, 2]]))
    for array in (bag.offsets, bag.words, bag.counts):
        array.flags.writeable = False
    tensors = Bag.of(bag)
    tensors.counts[0] = 7.0
    assert bag.counts.tolist() == [1, 2]


def test_between(counts, to_bag, as_dense):
    bag = to_bag(counts)
    for start in range(len(counts)):
        for stop in range(start, len(counts) + 1):
            part = bag.between(start, stop)
            dense = np.zeros((stop - start, counts.shape[1]))
            dense[part.documents, part.words] = part.counts
            np.testing.assert_array_equal(dense, counts[start:stop])
            assert part.lengths.tolist() == counts[start:stop].sum(1).tolist()


def test_sum_by_document(to_bag):
    bag = to_bag([[0, 2, 1], [0, 0, 0], [5, 0, 0]])
    values = torch.tensor([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    assert bag.sum_by_document(values).tolist() == [[3.0, 30.0], [0.0, 0.0], [3.0, 30.0]]
    assert bag.sum_by_document(values[:, 0]).tolist() == [3.0, 0.0, 3.0]


def test_by_word_is_the_transpose(counts, to_bag):
    bag = to_bag(counts)
    by_word = bag.by_word
    found = torch.zeros(bag.n_words, len(bag), dtype=torch.float64)
    words = torch.repeat_interleave(by_word.words, by_word.offsets.diff())
    found[words, bag.documents[by_word.order]] = bag.counts[by_word.order]
    assert found.t().tolist() == torch.as_tensor(counts).double().tolist()
    assert by_word.words.tolist() == sorted(set(bag.words.tolist()))
