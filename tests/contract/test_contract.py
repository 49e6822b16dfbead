"""What every model promises, whatever its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, vstack
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score as nmi
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import normalize

import tenor

CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def weights(model: Any) -> dict[str, Any]:
    return dict(model.trained_.network.state_dict())


def equal_weights(one: Any, other: Any) -> bool:
    a, b = weights(one), weights(other)
    return all((a[name] == b[name]).all() for name in a)


def test_an_empty_document_is_fine(fitted: Any, planted: Any) -> None:
    nothing = csr_array((1, planted.counts.shape[1]), dtype=np.int64)
    with_empty = vstack([planted.counts[:3], nothing, planted.counts[3:5]]).tocsr()
    vectors = fitted.transform(with_empty)
    assert vectors.shape == (6, len(fitted.components_)) and np.isfinite(vectors).all()
    np.testing.assert_allclose(
        np.delete(vectors, 3, 0), fitted.transform(planted.counts[:5]), **CLOSE
    )
    assert fitted.perplexity(with_empty).n_empty == 1


def test_empty_documents_are_trained_on_and_keep_their_rows(make: Any, planted: Any) -> None:
    nothing = csr_array((20, planted.counts.shape[1]), dtype=np.int64)
    documents = vstack([nothing, planted.counts[:80], nothing]).tocsr()
    model = make(epochs=1).fit(documents)
    assert np.isfinite(model.transform(documents)).all()
    assert len(model.documents_) == 120


@pytest.mark.parametrize("refine", [0, 3])
def test_transform_does_not_depend_on_batch_mates_or_order(
    fitted: Any, planted: Any, refine: int
) -> None:
    documents = planted.counts[:300]
    together = fitted.transform(documents, refine=refine)
    order = np.random.default_rng(0).permutation(300)
    shuffled = fitted.transform(documents[order], refine=refine)
    np.testing.assert_allclose(shuffled, together[order], **CLOSE)
    for row in (0, 7, 299):
        alone = fitted.transform(documents[row : row + 1], refine=refine)
        np.testing.assert_allclose(alone[0], together[row], **CLOSE)


def test_the_same_call_gives_the_same_bits(fitted: Any, planted: Any) -> None:
    first, second = (fitted.transform(planted.counts[:50], refine=2) for _ in range(2))
    assert np.array_equal(first, second)
    assert fitted.perplexity(planted.counts[:50]) == fitted.perplexity(planted.counts[:50])


def test_save_and_load_are_bit_identical(fitted: Any, planted: Any, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    loaded = tenor.load(tmp_path / "model", device="cpu")
    assert equal_weights(fitted, loaded)
    assert np.array_equal(fitted.transform(planted.counts), loaded.transform(planted.counts))
    assert np.array_equal(fitted.components_, loaded.components_)
    assert fitted.get_params() == loaded.get_params()
    assert fitted.similar_documents(5, row=3) == loaded.similar_documents(5, row=3)
    assert fitted.perplexity(planted.counts) == loaded.perplexity(planted.counts)


def test_the_same_seed_gives_the_same_weights_and_another_does_not(make: Any, planted: Any) -> None:
    documents = planted.counts[:200]
    first, again, zero, other = (
        make(epochs=2, random_state=seed).fit(documents) for seed in (5, 5, 0, 6)
    )
    assert equal_weights(first, again)
    assert not equal_weights(first, other)
    assert equal_weights(zero, make(epochs=2, random_state=0).fit(documents))
    assert not equal_weights(zero, make(epochs=2, random_state=None).fit(documents))


def test_planted_topics_are_recovered(fitted: Any, planted: Any) -> None:
    kmeans = KMeans(6, n_init=10, random_state=0)
    plain = nmi(planted.topic, kmeans.fit_predict(normalize(planted.counts.astype(float))))
    assert plain < 0.2, "the topics are too easy: k-means on the counts finds them"
    vectors = fitted.transform(planted.counts)
    found = nmi(planted.topic, kmeans.fit_predict(normalize(vectors)))
    assert found > 0.55
    # Each topic, small ones too, has a direction: the words its documents make likelier.
    for topic, words in enumerate(planted.words):
        direction = vectors[planted.topic == topic].mean(0) - vectors.mean(0)
        own = np.isin(np.arange(planted.counts.shape[1]), words)
        assert roc_auc_score(own, direction @ fitted.components_) > 0.85


def test_held_out_perplexity_beats_word_frequencies(make: Any, planted: Any) -> None:
    model = make().fit(planted.counts[:1200])
    result = model.perplexity(planted.counts[1200:])
    assert result.corpus < 0.97 * result.unigram_corpus
    assert result.importance_weighted_corpus < result.corpus
    assert result.bound == pytest.approx(-np.log(result.corpus))


def test_refinement_improves_the_bound(fitted: Any, planted: Any) -> None:
    result = fitted.perplexity(planted.counts[:200], refine=20)
    assert result.refined.corpus < result.corpus
    assert "20 refinement steps" in result.refined.estimator
    assert "no refinement" in result.estimator


def test_counts_of_another_vocabulary_are_refused(fitted: Any, planted: Any) -> None:
    for method in (fitted.perplexity, fitted.transform, fitted.score):
        with pytest.raises(ValueError, match=r"vocabulary|features"):
            method(planted.counts[:, :-1])


def test_reconstruct_expects_as_many_words_as_there_are(fitted: Any, planted: Any) -> None:
    documents = planted.counts[:4]
    full = fitted.reconstruct(documents, top=planted.counts.shape[1])
    if fitted.trained_.network.decoder.observes == "counts":
        sums = [sum(count for _, count in document) for document in full]
        np.testing.assert_allclose(sums, documents.sum(1), rtol=1e-4)
    short = fitted.reconstruct(documents, top=3)
    assert [[w for w, _ in d] for d in short] == [[w for w, _ in d[:3]] for d in full]


def test_samples_are_documents_of_the_model(fitted: Any) -> None:
    documents = fitted.sample(3, length=40)
    assert [sum(count for _, count in document) for document in documents] == [40, 40, 40]
    assert fitted.sample(3, length=40) == documents
    assert fitted.sample(3, length=40, seed=1) != documents


def test_partial_fit_learns_pass_by_pass(make: Any, planted: Any) -> None:
    model = make(learning_rate=3e-3)
    scores = []
    for _ in range(8):
        for start in range(0, 1200, 400):
            model.partial_fit(planted.counts[start : start + 400])
        scores.append(model.score(planted.counts[1200:]))
    assert scores[-1] > scores[0] + 0.02
    assert np.isfinite(model.transform(planted.counts[:5])).all()
