"""Documents in shards are read as if they were joined."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenor import bow
from tenor.bow import concatenate
from tenor.errors import InputError
from tenor.sharded import ShardedBag, selection

shard_sizes = st.lists(st.integers(0, 7), min_size=1, max_size=5)


def make(as_bag, sizes, seed=0):
    """Shards of random counts over 6 words, many documents empty, and all of them joined."""
    rng = np.random.default_rng(seed)
    bags = [as_bag(rng.poisson(0.4, (size, 6))) for size in sizes]
    return ShardedBag(tuple(bags)), concatenate(bags)


def same(found, expected):
    for name in ("offsets", "words", "counts"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert found.n_words == expected.n_words


def same_figures(found, expected):
    for name in ("lengths", "distinct", "document_frequency", "word_frequency"):
        values = getattr(found, name)
        np.testing.assert_array_equal(values, getattr(expected, name))
        assert values.dtype == np.int64
    assert (found.nnz, found.shape, len(found)) == (expected.nnz, expected.shape, len(expected))


@given(shard_sizes, st.data())
def test_everything_equals_the_joined_bag(as_bag, sizes, data):
    sharded, joined = make(as_bag, sizes)
    same_figures(sharded, joined)
    same_figures(sharded.presence(), joined.presence())
    same(sharded.joined(), joined)
    n = len(joined)
    start, stop = (data.draw(st.integers(0, n)) for _ in range(2))
    same(sharded[start:stop], joined[start:stop])
    some = st.lists(st.integers(-n, n - 1)) if n else st.just([])
    rows = np.array(data.draw(some), dtype=np.int64)
    same(sharded.take(rows), joined.take(rows))
    same(sharded.presence().take(rows), joined.presence().take(rows))
    for found, expected in zip(sharded.blocks(4), joined.blocks(4), strict=True):
        same(found, expected)


@given(shard_sizes, st.data())
def test_a_selection_is_the_documents_taken(as_bag, sizes, data):
    sharded, joined = make(as_bag, sizes)
    n = len(joined)
    some = st.lists(st.integers(0, n - 1)) if n else st.just([])
    rows = np.array(data.draw(some), dtype=np.int64)
    taken = joined.take(rows)
    for bag in (sharded, joined):
        chosen = selection(bag, rows)
        same_figures(chosen, taken)
        same(chosen.joined(), taken)
        same(chosen[1:3], taken[1:3])
        again = np.arange(len(rows))[::-2]
        same(chosen.take(again), taken.take(again))
        same(selection(chosen, again).joined(), taken.take(again))


def test_a_selection_keeps_four_bytes_a_document(as_bag):
    sharded, _ = make(as_bag, [50, 50])
    chosen = selection(sharded, np.arange(1, 90, 2))
    assert chosen.rows.dtype == np.int32
    assert all(a is b for a, b in zip(chosen.shards, sharded.shards, strict=True))


def test_a_slice_within_one_shard_is_a_view(as_bag):
    sharded, _ = make(as_bag, [5, 6])
    part = sharded[6:9]
    assert np.shares_memory(part.words, sharded.shards[1].words)
    ones = sharded.shards[0].presence().counts
    assert ones.strides == (0,), "presence holds one number, not one for each entry"


def test_rows_that_are_not_there_are_refused(as_bag):
    sharded, _ = make(as_bag, [3, 3])
    for row in (6, -7):
        with pytest.raises(IndexError):
            sharded.take(np.array([0, row]))
    with pytest.raises(InputError, match="step 1"):
        sharded[::2]
    with pytest.raises(InputError, match="one vocabulary"):
        ShardedBag((as_bag([[1, 2]]), as_bag([[1]])))


def test_figures_are_counted_in_parts(as_bag, random_bag, monkeypatch):
    bag = random_bag(40, 7)
    whole = {name: getattr(bag, name) for name in ("lengths", "word_frequency")}
    for at_once in (1, 5, 1000):
        monkeypatch.setattr(bow, "AT_ONCE", at_once)
        for name, expected in whole.items():
            np.testing.assert_array_equal(getattr(bag, name), expected)
            np.testing.assert_array_equal(
                getattr(bag[7:30], name), getattr(bag[7:30].take(np.arange(23)), name)
            )


def test_a_pickled_selection_is_the_same(as_bag):
    sharded, _ = make(as_bag, [4, 5])
    chosen = selection(sharded, np.array([8, 0, 3]))
    same(pickle.loads(pickle.dumps(chosen)).joined(), chosen.joined())
