from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tenor.errors import InputError
from tenor.evaluation.completion import halves
from tenor.evaluation.perplexity import perplexity


@given(
    arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=st.integers(0, 9))
)
def test_halves_are_halves_and_add_up(as_bag, as_dense, counts):
    first, second = halves(as_bag(counts), seed=3)
    assert np.array_equal(as_dense(first) + as_dense(second), counts)
    lengths = counts.sum(axis=1)
    assert np.array_equal(first.lengths, (lengths + 1) // 2)
    assert np.array_equal(second.lengths, lengths // 2)
    for half in (first, second):
        assert (half.counts > 0).all() and half.nnz == (as_dense(half) > 0).sum()


def test_a_document_is_split_alike_in_any_company(random_counts, as_bag, as_dense):
    bag = as_bag(random_counts)
    whole = as_dense(halves(bag, seed=1)[0])
    rows = np.array([20, 3, 17, 9])
    assert np.array_equal(as_dense(halves(bag.take(rows), 1, rows=rows)[0]), whole[rows])
    assert np.array_equal(as_dense(halves(bag[5:9], 1, rows=np.arange(5, 9))[0]), whole[5:9])


def test_the_split_is_pinned_so_that_figures_stay_comparable(as_bag, as_dense):
    first, _ = halves(as_bag([[2, 2, 2, 2], [2, 2, 2, 2], [0, 0, 9, 0]]), seed=0)
    assert as_dense(first).tolist() == [[0, 1, 1, 2], [0, 1, 1, 2], [0, 0, 5, 0]]


def test_seeds_and_documents_differ_and_every_token_has_even_odds(as_bag, as_dense):
    bag = as_bag(np.ones((4000, 6), dtype=int))
    first = as_dense(halves(bag, seed=0)[0])
    assert (first != as_dense(halves(bag, seed=1)[0])).any(axis=1).mean() > 0.9
    assert len(np.unique(first, axis=0)) == math.comb(6, 3)
    assert np.abs(first.mean(axis=0) - 0.5).max() < 4 * 0.5 / math.sqrt(4000)
    # pairs as well: both in the first half with odds C(4, 1) / C(6, 3)
    together = first.T @ first / 4000
    assert np.abs(together[np.triu_indices(6, 1)] - 0.2).max() < 4 * 0.4 / math.sqrt(4000)


def test_memory_grows_with_entries_and_not_with_tokens(as_bag, as_dense):
    bag = as_bag(np.full((1, 40), 1_000_000))
    tracemalloc.start()
    first, _ = halves(bag, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
    share = as_dense(first) / 1_000_000
    assert first.lengths[0] == 20_000_000 and np.abs(share - 0.5).max() < 0.01


def test_a_document_of_too_many_tokens_gets_one_line(as_bag):
    with pytest.raises(InputError, match=r"document 1 has 1,200,000,000 tokens"):
        halves(as_bag([[1, 1], [600_000_000, 600_000_000]]))


def test_completion_perplexity_leaves_empty_second_halves_out():
    corpus, per_document = perplexity([-4.0, 0.0, -9.0], [2, 0, 3])
    assert corpus == pytest.approx(math.exp(13 / 5))
    assert per_document == pytest.approx(math.exp(2.5))


def test_bad_seeds_and_rows_get_one_line(random_counts, as_bag):
    bag = as_bag(random_counts)
    for seed in (-1, 0.5, None, True):
        with pytest.raises(InputError, match="seed must be"):
            halves(bag, seed)
    for rows in (np.arange(3), -np.ones(30, dtype=int), np.zeros(30)):
        with pytest.raises(InputError, match="rows must be"):
            halves(bag, 0, rows=rows)


def test_a_document_that_is_too_long_is_named_by_its_row(as_bag):
    with pytest.raises(InputError, match="document 41 has"):
        halves(as_bag([[1, 1], [600_000_000, 600_000_000]]), rows=[40, 41])


def test_no_documents_have_no_halves(as_bag):
    first, second = halves(as_bag(np.zeros((0, 3), dtype=int)))
    assert len(first) == len(second) == 0
