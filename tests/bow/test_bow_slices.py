"""Slices of a bag: views that behave as the rows they stand for, however deep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor.bow import BagOfWords
from tenor.errors import InputError

DENSE = np.array([[1, 0, 2], [0, 0, 0], [3, 1, 0], [0, 5, 0], [0, 0, 0], [2, 2, 2]])

bounds = st.one_of(st.none(), st.integers(-8, 8))


@pytest.fixture(scope="module")
def bag(as_bag):
    return as_bag(DENSE)


@given(bounds, bounds, bounds, bounds)
def test_a_slice_of_a_slice(as_bag, as_dense, start, stop, inner_start, inner_stop):
    bag = as_bag(DENSE)
    outer, inner = slice(start, stop), slice(inner_start, inner_stop)
    np.testing.assert_array_equal(as_dense(bag[outer]), DENSE[outer])
    np.testing.assert_array_equal(as_dense(bag[outer][inner]), DENSE[outer][inner])


def test_a_slice_is_a_view(bag):
    part = bag[2:5]
    assert np.shares_memory(part.words, bag.words)
    assert np.shares_memory(part.counts, bag.counts)


def test_steps_are_refused(bag):
    with pytest.raises(InputError, match="take"):
        bag[::2]


@pytest.fixture(scope="module")
def offset_bag(bag):
    """Documents 2 to 5, whose offsets do not begin at 0 and whose words run past the end."""
    return BagOfWords(bag.offsets[2:6], bag.words, bag.counts, bag.n_words)


def test_a_first_offset_other_than_zero(offset_bag, as_dense):
    own = DENSE[2:5]
    assert offset_bag.offsets[0] != 0
    assert offset_bag.nnz == np.count_nonzero(own)
    np.testing.assert_array_equal(offset_bag.lengths, own.sum(1))
    np.testing.assert_array_equal(offset_bag.distinct, (own > 0).sum(1))
    np.testing.assert_array_equal(offset_bag.document_frequency, (own > 0).sum(0))
    np.testing.assert_array_equal(offset_bag.word_frequency, own.sum(0))
    np.testing.assert_array_equal(as_dense(offset_bag.take(np.array([2, 0]))), own[[2, 0]])
    np.testing.assert_array_equal(as_dense(offset_bag.presence()), own > 0)
    np.testing.assert_array_equal(as_dense(offset_bag[1:]), own[1:])


def test_compact_counts_from_zero(offset_bag, as_dense):
    compact = offset_bag.compact()
    assert compact.offsets[0] == 0
    assert len(compact.words) == len(compact.counts) == compact.offsets[-1]
    np.testing.assert_array_equal(as_dense(compact), DENSE[2:5])


@pytest.mark.parametrize("size", [1, 2, 4, 6, 100])
def test_blocks_cover_everything_once(bag, as_dense, size):
    blocks = list(bag.blocks(size))
    assert all(1 <= len(block) <= size for block in blocks)
    np.testing.assert_array_equal(np.concatenate([as_dense(b) for b in blocks]), DENSE)


def test_no_blocks_of_nothing(bag):
    assert list(bag[3:3].blocks(4)) == []
