"""Documents: a row stays one document however they are sliced, taken and selected."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import tenor
from tenor.documents import BLOCK, Column, Documents
from tenor.errors import InputError
from tenor.sharded import ShardedBag

D, M = 30, 3
NUMBERS = np.random.default_rng(0).normal(size=(D, M)).astype(np.float32)


@pytest.fixture(params=["one", "many"])
def documents(request, random_bag):
    """Whose counts and numbers come in one piece, or in pieces with other borders."""
    bag = random_bag(D, 9)
    if request.param == "one":
        return Documents.of(bag, {"e": NUMBERS})
    shards = ShardedBag(tuple(bag.blocks(8)))
    return Documents(shards, {"e": Column.of("e", [NUMBERS[:11], NUMBERS[11:11], NUMBERS[11:]])})


def same(documents, rows, as_dense, bag):
    assert len(documents) == len(rows) == len(documents.columns["e"])
    np.testing.assert_array_equal(as_dense(documents.bag.joined()), as_dense(bag)[rows])
    found = documents.columns["e"].joined()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, NUMBERS[rows])


def test_rows_stay_together(documents, random_bag, as_dense):
    bag, every = random_bag(D, 9), np.arange(D)
    rows = np.array([29, 0, 11, 11, 10])
    same(documents, every, as_dense, bag)
    same(documents[5:19], every[5:19], as_dense, bag)
    same(documents[7:3], every[:0], as_dense, bag)
    same(documents.take(rows), rows, as_dense, bag)
    chosen = documents.select(every[::-1])
    same(chosen, every[::-1], as_dense, bag)
    same(chosen[2:9], every[::-1][2:9], as_dense, bag)
    same(chosen.select(rows).take(np.array([4, 0])), every[::-1][rows[[4, 0]]], as_dense, bag)
    start = 0
    for block in chosen.blocks(7):
        same(block, every[::-1][start : start + 7], as_dense, bag)
        start += 7
    assert len(list(chosen.blocks(7))) == 5


def test_nothing_is_copied_before_it_is_asked_for(random_bag):
    documents = Documents.of(random_bag(D, 9), {"e": NUMBERS})
    chosen = documents.select(np.arange(D))[3:9]
    assert chosen.columns["e"].shards[0] is NUMBERS


def test_other_counts_keep_the_numbers(documents, random_bag, as_dense):
    other = random_bag(D, 9, seed=5)
    same(documents.counted_as(other), np.arange(D), as_dense, other)
    with pytest.raises(InputError, match="'e' has 30 rows, but there are 4 documents"):
        documents.counted_as(random_bag(4, 9))


BAD = [
    (NUMBERS[:-1], "the column 'e' has 29 rows, but there are 30 documents"),
    (NUMBERS[:, 0], r"must be numbers \(documents, width\), not float32 of shape \(30,\)"),
    (NUMBERS.astype(str), r"must be numbers \(documents, width\), not <U"),
    (np.where(np.arange(D)[:, None] == 17, np.nan, NUMBERS), "row 17 of the column 'e' is not"),
    (
        np.where(np.arange(D)[:, None] == 4, 1e300, NUMBERS.astype(float)),
        "row 4 of the column 'e' is not",
    ),
]


@pytest.mark.parametrize(("numbers", "said"), BAD)
def test_bad_numbers_are_one_line(random_bag, numbers, said):
    with pytest.raises(InputError, match=said) as error:
        Documents.of(random_bag(D, 9), {"e": numbers})
    assert "\n" not in str(error.value)


def test_bad_numbers_are_found_in_any_block_and_shard(monkeypatch):
    monkeypatch.setattr("tenor.documents.BLOCK", 2 * M)
    assert BLOCK > D * M, "the arrays here are else looked at at once"
    late = NUMBERS.copy()
    late[13, 2] = np.inf
    with pytest.raises(InputError, match="row 43 of"):
        Column.of("e", [NUMBERS, late])
    with pytest.raises(InputError, match=r"not float32 of shape \(30, 2\)"):
        Column.of("e", [NUMBERS, NUMBERS[:, :2]])


# From a corpus: the dense columns of its table


def corpus(column, texts=("one two", "two", "three one")):
    made = tenor.Corpus.from_texts(texts, rule=tenor.VocabularyRule(1, 1.0))
    return tenor.Corpus(made.table.append_column("e", column), made.vocabulary)


def lists(*rows):
    return pa.array(list(rows), pa.list_(pa.float32(), 2))


def test_a_corpus_has_the_dense_columns_of_its_table():
    given = corpus(lists([1, 2], [3, 4], [5, 6]))
    documents = given.documents
    assert documents.bag is given.bag
    np.testing.assert_array_equal(documents.columns["e"].joined(), [[1, 2], [3, 4], [5, 6]])
    np.testing.assert_array_equal(given[1:].documents.columns["e"].joined(), [[3, 4], [5, 6]])
    np.testing.assert_array_equal(given[[2, 0]].documents.columns["e"].joined(), [[5, 6], [1, 2]])
    assert len(given[:0].documents) == len(given[:0].documents.columns["e"]) == 0


def test_it_is_a_view_of_the_table():
    given = corpus(pa.FixedSizeListArray.from_arrays(pa.array(np.arange(6, dtype=np.float32)), 2))
    (shard,) = given[1:].documents.columns["e"].shards
    table = given.table.column("e").chunk(0).values.to_numpy()
    assert np.shares_memory(shard, table)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (([1, 2], None, [5, 6]), "row 1 of the column 'e' is missing"),
        (([1, 2], [3, 4], [5, None]), "row 2 of the column 'e' is not finite"),
        (([1, 2], [3, 4], [5, float("nan")]), "row 2 of the column 'e' is not finite"),
    ],
)
def test_a_missing_number_is_refused(rows, said):
    with pytest.raises(InputError, match=said):
        corpus(lists(*rows)).documents  # noqa: B018
