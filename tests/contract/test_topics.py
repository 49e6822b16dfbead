"""Topics of every model: found where counting alone fails, and nothing in the model changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, vstack
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score as nmi
from sklearn.preprocessing import normalize

import tenor

CLOSE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture(scope="session")
def topics(fitted: Any) -> Any:
    """Six topics of the model of this round; not to be changed."""
    return fitted.find_topics(6)


def test_planted_topics_are_found(topics: Any, planted: Any) -> None:
    kmeans = KMeans(6, n_init=10, random_state=0)
    plain = nmi(planted.topic, kmeans.fit_predict(normalize(planted.counts.astype(float))))
    assert plain < 0.2, "the topics are too easy: k-means on the counts finds them"
    assert nmi(planted.topic, topics.weights(planted.counts).argmax(axis=1)) > 0.45
    named = [{int(word.removeprefix("word")) for word, _ in shown} for shown in topics.words(10)]
    for words in planted.words[:4]:  # a third of a topic's words are its neighbour's as well
        assert max(len(shown & set(words.tolist())) for shown in named) >= 7


def test_weights_do_not_depend_on_batch_mates_or_order(topics: Any, planted: Any) -> None:
    documents = planted.counts[:200]
    together = topics.weights(documents)
    assert together.dtype == np.float32 and together.shape == (200, 6)
    np.testing.assert_allclose(together.sum(axis=1), 1, rtol=1e-5)
    order = np.random.default_rng(0).permutation(200)
    np.testing.assert_allclose(topics.weights(documents[order]), together[order], **CLOSE)
    for row in (0, 199):
        alone = topics.weights(documents[row : row + 1])
        np.testing.assert_allclose(alone[0], together[row], **CLOSE)


def test_an_empty_document_has_no_topic_and_keeps_its_row(topics: Any, planted: Any) -> None:
    nothing = csr_array((1, planted.counts.shape[1]), dtype=np.int64)
    found = topics.weights(vstack([planted.counts[:2], nothing, planted.counts[2:4]]).tocsr())
    assert (found[2] == 0).all()
    np.testing.assert_allclose(found[[0, 1, 3, 4]], topics.weights(planted.counts[:4]), **CLOSE)


def test_finding_topics_changes_no_bit_of_the_model(fitted: Any, planted: Any) -> None:
    some = planted.counts[:100]
    before = {name: value.clone() for name, value in fitted.trained_.network.state_dict().items()}
    likelihood, vectors = fitted.perplexity(some), fitted.transform(some)
    fitted.find_topics(6).measure()
    after = fitted.trained_.network.state_dict()
    assert before.keys() == after.keys()
    assert all((before[name] == after[name]).all() for name in before)
    assert fitted.perplexity(some) == likelihood
    assert np.array_equal(fitted.transform(some), vectors)


def test_saved_topics_are_bit_identical(fitted: Any, planted: Any, tmp_path: Path) -> None:
    topics = fitted.find_topics(6)
    fitted.save(tmp_path / "model")
    loaded = tenor.load(tmp_path / "model", device="cpu").topics_
    assert loaded.words(10) == topics.words(10) and loaded.ids == topics.ids
    assert np.array_equal(loaded.weights(planted.counts), topics.weights(planted.counts))
    assert np.array_equal(loaded.word_distributions(), topics.word_distributions())
    assert loaded.table() == topics.table()
    assert loaded.documents(0) == topics.documents(0)
