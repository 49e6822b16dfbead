from __future__ import annotations

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.evaluation.coherence import topic_coverage

TOPICS = [[3, 1, 0, 7], [11, 2, 3, 8, 9, 4], [6, 3]]


@pytest.mark.parametrize(("top", "least"), [(10, 3), (3, 2), (2, 1)])
def test_equals_dense_counts(random_counts, as_bag, top, least):
    found = topic_coverage(TOPICS, as_bag(random_counts), top=top, least=least)
    cut = [topic[:top] for topic in TOPICS]
    frequency = [int((random_counts[:, word] > 0).sum()) for topic in cut for word in topic]
    words = sorted({word for topic in cut for word in topic})
    shown = [
        any((row[topic] > 0).sum() >= least for topic in cut)
        for row in random_counts
        if row.sum() > 0
    ]
    assert found.mean_document_frequency == pytest.approx(np.mean(frequency))
    assert found.median_document_frequency == np.median(frequency)
    assert found.token_share == pytest.approx(random_counts[:, words].sum() / random_counts.sum())
    assert found.document_share == pytest.approx(np.mean(shown))
    assert (found.n_documents, found.top, found.least) == (28, top, least)


def test_parts_of_the_documents_change_nothing(random_counts, as_bag, monkeypatch):
    whole = topic_coverage(TOPICS, as_bag(random_counts))
    monkeypatch.setattr("tenor.bow.AT_ONCE", 20)
    assert len(list(as_bag(random_counts).parts())) > 3
    assert topic_coverage(TOPICS, as_bag(random_counts)) == whole


def test_nothing_dense_is_made():
    import tracemalloc

    documents, words = 2_000, 50_000
    ids = np.random.default_rng(0).integers(0, words, documents)
    ones, offsets = np.ones(documents, dtype=np.int64), np.arange(documents + 1)
    bag = BagOfWords(offsets, ids, ones, words)
    topics = np.arange(1_000).reshape(100, 10)
    tracemalloc.start()
    topic_coverage(topics, bag)
    assert tracemalloc.get_traced_memory()[1] < 4e6  # dense, even at the top words alone: 16e6
    tracemalloc.stop()


def test_bad_input_gets_one_line(as_bag):
    with pytest.raises(InputError, match="outside the vocabulary"):
        topic_coverage([[9]], as_bag([[1, 2]]))
    with pytest.raises(InputError, match="no document"):
        topic_coverage([[0]], as_bag([[0, 0]]))
