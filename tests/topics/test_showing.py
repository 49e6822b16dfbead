"""The documents that show a topic: full of it, long enough, and different."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.topics.showing import DOUBT, NEAR, RELEVANCE, show_documents


def bag(rows, n_words=60):
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    words = np.concatenate([sorted(row) for row in rows]).astype(np.int32)
    counts = np.concatenate([[row[word] for word in sorted(row)] for row in rows]).astype(np.int32)
    return BagOfWords(offsets, words, counts, n_words)


def ones(*words):
    return dict.fromkeys(words, 1)


def column(values):
    values = np.asarray(values, dtype=np.float32)
    return np.column_stack([1 - values, values])


def spread(n, seed=0, n_words=60, size=12):
    """Documents of words drawn at random, which have little in common."""
    rng = np.random.default_rng(seed)
    return [ones(*map(int, rng.choice(n_words, size, replace=False))) for _ in range(n)]


def reference(weights, rows, n, n_words):
    """The rule in dense float64."""
    dense = np.zeros((len(rows), n_words))
    for place, row in enumerate(rows):
        for word, count in row.items():
            dense[place, word] = count
    df = (dense > 0).sum(axis=0)
    x = np.log1p(dense) * np.where(df > 0, np.log(len(rows) / np.maximum(df, 1)), 0)
    x /= np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-300)
    distinct = (dense > 0).sum(axis=1)
    shows = weights * distinct / (distinct + DOUBT)
    chosen = []
    while len(chosen) < n:
        best, worth = None, -np.inf
        for place in range(len(rows)):
            near = max((float(x[place] @ x[other]) for other in chosen), default=0.0)
            value = RELEVANCE * shows[place] / shows.max() - (1 - RELEVANCE) * near
            if place not in chosen and near <= NEAR and value > worth and shows[place] > 0:
                best, worth = place, value
        if best is None:
            break
        chosen.append(best)
    return chosen


def test_the_rule_is_that_of_a_plain_reference():
    rows = spread(80, n_words=40)
    weights = np.random.default_rng(1).uniform(size=80).astype(np.float32)
    found = show_documents(column(weights), 1, 12, bag(rows, 40))
    assert found.tolist() == reference(weights.astype(np.float64), rows, 12, 40)


def test_a_few_words_do_not_win():
    rows = [ones(0, 1), ones(*range(2, 32)), ones(40, 41, 42)]
    assert show_documents(column([0.9, 0.6, 0.1]), 1, 1, bag(rows)).tolist() == [1]


def test_the_same_text_is_shown_once():
    rows = spread(30)
    rows[3] = rows[9] = rows[0]
    rows[5] = {**rows[0], 59: 1}  # nearly the same
    weights = np.linspace(1, 0.5, 30)
    weights[5] = 1.0
    found = show_documents(column(weights), 1, 30, bag(rows))
    assert len({0, 3, 5, 9} & set(found.tolist())) == 1 and len(found) >= 20


def test_a_text_that_is_repeated_hundreds_of_times_leaves_room():
    text = range(12)
    others = spread(2000, seed=2, n_words=300)
    repeated = [ones(*text)] * 100 + [ones(*text, 20 + n) for n in range(200)]
    weights = np.concatenate([np.full(300, 0.9), np.full(2000, 0.2)])
    found = show_documents(column(weights), 1, 5, bag([*repeated, *others], 300))
    assert len(found) == 5 and (found >= 300).sum() == 4


def test_fewer_come_back_where_fewer_differ():
    rows = [ones(1, 2, 3), ones(1, 2, 3), ones(4, 5), {}]
    assert show_documents(column([0.5, 0.6, 0.4, 0.0]), 1, 9, bag(rows)).tolist() == [1, 2]
    assert show_documents(np.zeros((4, 2)), 1, 9, bag(rows)).tolist() == []


def test_equal_texts_of_everyday_words_are_shown_once():
    assert show_documents(column([0.5, 0.6, 0.4]), 1, 9, bag([ones(1, 2)] * 3)).tolist() == [1]


def test_the_order_of_documents_decides_nothing():
    rows = spread(60, seed=4)
    weights = np.random.default_rng(5).uniform(size=60)
    order = np.random.default_rng(6).permutation(60)
    found = show_documents(column(weights), 1, 8, bag(rows))
    moved = show_documents(column(weights[order]), 1, 8, bag([rows[row] for row in order]))
    assert order[moved].tolist() == found.tolist()


def test_documents_of_planted_topics(planted):
    wordless = planted.bag.distinct == 0
    weights = planted.topics.weights(planted.vectors, wordless)
    for place in range(len(planted.topics)):
        found = show_documents(weights, place, 5, planted.bag)
        assert len(found) == 5 and len(set(planted.theme[found])) == 1


def test_what_does_not_fit_is_refused():
    rows = bag([ones(1), ones(2)])
    with pytest.raises(InputError, match="weights"):
        show_documents(np.ones((3, 2)), 0, 1, rows)
    with pytest.raises(InputError, match="no topic at 2"):
        show_documents(np.ones((2, 2)), 2, 1, rows)
    with pytest.raises(InputError, match="n must"):
        show_documents(np.ones((2, 2)), 0, 0, rows)


def test_memory_does_not_grow_with_the_documents():
    """Only a few candidates are copied, whatever the others hold."""
    n, length = 6000, 1000
    rng = np.random.default_rng(0)
    words = rng.integers(0, 20, (n, length), dtype=np.int32)
    words += 20 * np.arange(length, dtype=np.int32)
    counts = np.ones(words.size, dtype=np.int32)
    documents = BagOfWords(length * np.arange(n + 1), words.ravel(), counts, 20 * length)
    weights = rng.uniform(size=(n, 2)).astype(np.float32)
    tracemalloc.start()
    show_documents(weights, 0, 5, documents)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 0.4 * words.size * 8
