"""Topics of a model beside other documents than those they were found in."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from tenor.errors import InputError


@pytest.fixture
def topics(model: Any) -> Any:
    """Six topics of docstrings, two of them joined."""
    found = pickle.loads(pickle.dumps(model)).find_topics(6)
    found.merge([1, 4])
    found.rename(0, "first")
    return found


def test_sizes_figures_and_examples_are_of_these_documents(docs: Any, topics: Any) -> None:
    some = docs[100:220]
    bound = topics.with_documents(some)
    assert bound.ids == topics.ids and bound.words() == topics.words()
    assert bound.names == topics.names and bound.found.n_documents == 120
    weights = topics.weights(some)
    np.testing.assert_allclose(bound.sizes, weights.sum(axis=0) / weights.sum(), rtol=1e-4)
    unedited = bound.found.topics.topic_sizes
    assert np.abs(unedited - topics.found.topics.topic_sizes).max() > 1e-3
    holding = np.bincount(some.bag.compact().words, minlength=len(docs.vocabulary))
    known = docs.vocabulary
    mean = [np.mean([holding[known.id_of(word)] for word, _ in words]) for words in bound.words()]
    measured = {record.id: record for record in bound.table()}
    np.testing.assert_allclose([measured[i].document_frequency for i in bound.ids], mean)
    stable = {record.id: record.stability for record in topics.table()}
    assert {i: record.stability for i, record in measured.items()} == stable
    assert {d.id for d in bound.documents(2)} <= set(some.ids)
    assert set(bound.shares().groups) == set(filter(None, some.labels))


def test_the_topics_themselves_stay_as_they_are(docs: Any, topics: Any) -> None:
    before, edits = topics.table(), len(topics.edits)
    topics.with_documents(docs[:50]).drop(2)
    assert topics.table() == before and len(topics.edits) == edits
    with pytest.raises(InputError, match="no document has a word"):
        topics.with_documents(["…"])
