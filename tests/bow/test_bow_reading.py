"""BagOfWords against dense counts and collections.Counter."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array

from tenor.bow import BagOfWords, concatenate
from tenor.errors import InputError

shapes = st.tuples(st.integers(0, 6), st.integers(1, 5))
counts = arrays(np.int64, shapes, elements=st.sampled_from([0, 0, 0, 1, 2, 7, 10**6]))


def bag_from_scipy(dense: np.ndarray) -> BagOfWords:
    matrix = csr_array(dense)
    return BagOfWords(matrix.indptr, matrix.indices, matrix.data, dense.shape[1])


@given(counts)
def test_sums_and_frequencies(dense):
    bag = bag_from_scipy(dense)
    assert bag.shape == dense.shape
    assert len(bag) == len(dense)
    assert bag.nnz == np.count_nonzero(dense)
    np.testing.assert_array_equal(bag.lengths, dense.sum(1))
    np.testing.assert_array_equal(bag.distinct, (dense > 0).sum(1))
    np.testing.assert_array_equal(bag.document_frequency, (dense > 0).sum(0))
    np.testing.assert_array_equal(bag.word_frequency, dense.sum(0))


def test_word_frequency_against_a_counter():
    documents = [[0, 2, 2], [], [2, 3, 3, 3]]
    dense = np.array([[Counter(d)[v] for v in range(5)] for d in documents])
    everything = Counter(word for d in documents for word in d)
    bag = bag_from_scipy(dense)
    assert bag.word_frequency.tolist() == [everything[v] for v in range(5)]
    assert bag.lengths.tolist() == [3, 0, 4]


@given(counts, st.data())
def test_take_gives_the_rows_in_the_order_asked_for(as_dense, dense, data):
    bag = bag_from_scipy(dense)
    some = st.lists(st.integers(0, len(dense) - 1)) if len(dense) else st.just([])
    rows = np.array(data.draw(some), dtype=np.int64)
    taken = bag.take(rows)
    np.testing.assert_array_equal(as_dense(taken), dense[rows])
    assert taken.offsets[0] == 0


def test_take_copies(as_bag):
    bag = as_bag([[1, 2], [3, 4]])
    taken = bag.take(np.array([0]))
    assert not np.shares_memory(taken.counts, bag.counts)


@given(counts)
def test_presence(as_dense, dense):
    bag = bag_from_scipy(dense)
    np.testing.assert_array_equal(as_dense(bag.presence()), dense > 0)
    np.testing.assert_array_equal(as_dense(bag), dense)


three_wide = arrays(np.int64, st.tuples(st.integers(0, 4), st.just(3)), elements=st.integers(0, 2))


@given(st.lists(three_wide, min_size=1, max_size=4))
def test_concatenate(as_dense, parts):
    bags = [bag_from_scipy(part) for part in parts]
    np.testing.assert_array_equal(as_dense(concatenate(bags)), np.concatenate(parts))


def test_concatenate_slices(as_bag, as_dense):
    dense = np.arange(12).reshape(4, 3) % 5
    bag = as_bag(dense)
    joined = concatenate([bag[2:4], bag[0:1], bag[1:1]])
    np.testing.assert_array_equal(as_dense(joined), dense[[2, 3, 0]])


def test_concatenate_refuses_other_vocabularies(as_bag):
    with pytest.raises(InputError, match="one vocabulary"):
        concatenate([as_bag([[1, 2]]), as_bag([[1, 2, 3]])])
    with pytest.raises(InputError, match="one vocabulary"):
        concatenate([])
