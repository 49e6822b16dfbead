"""Questions to a model of real docstrings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tenor
from tenor.errors import InputError, UnknownWordError
from tenor.estimators.answers import in_space
from tenor.explore.spaces import SPACES


def test_most_similar_leaves_the_word_itself_out_and_sorts(model: Any) -> None:
    found = model.most_similar("datetime", 8)
    words, scores = zip(*found, strict=True)
    assert "datetime" not in words and len(set(words)) == 8
    assert list(scores) == sorted(scores, reverse=True)
    vectors = model.word_vectors_ / np.linalg.norm(model.word_vectors_, axis=1, keepdims=True)
    index = {word: place for place, word in enumerate(model.vocabulary_)}
    expected = vectors[index[words[0]]] @ vectors[index["datetime"]]
    assert scores[0] == pytest.approx(expected, abs=1e-5)


def test_an_unknown_word_names_near_spellings(model: Any) -> None:
    with pytest.raises(UnknownWordError, match=r'"datetimee" is not in the vocabulary.*datetime'):
        model.most_similar("datetimee")


@pytest.mark.parametrize("space", [*SPACES, None])
def test_similar_documents_by_row_id_and_text_agree(model: Any, docs: Any, space: Any) -> None:
    row = 25
    by_row = model.similar_documents(5, row=row, space=space)
    by_id = model.similar_documents(5, id=docs.ids[row], space=space)
    by_text = model.similar_documents(6, text=docs.texts[row], space=space)
    assert by_row == by_id
    assert row not in [document.row for document in by_row]
    same = [document for document in by_text if document.row != row][:5]
    assert [d.row for d in same] == [d.row for d in by_row]
    assert by_row[0].text == docs.texts[by_row[0].row]
    assert by_row[0].label == docs.labels[by_row[0].row]


def test_neighbours_share_labels_far_more_often_than_chance(model: Any, docs: Any) -> None:
    labels = np.array(docs.labels)
    hits = [
        document.label == labels[row]
        for row in range(0, len(docs), 40)
        for document in model.similar_documents(5, row=row)
    ]
    chance = (np.unique(labels, return_counts=True)[1] / len(labels)) ** 2
    assert np.mean(hits) > chance.sum() + 0.15


def test_logits_space_compares_centred_logits_weighted_by_idf(model: Any) -> None:
    latent = np.random.default_rng(0).normal(size=(4, 12)).astype(np.float32)
    logits = latent.astype(np.float64) @ model.components_.astype(np.float64)
    logits *= model.trained_.idf
    unit = logits / np.linalg.norm(logits, axis=1, keepdims=True)
    vectors = in_space(model.trained_, latent, "logits").astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(vectors @ vectors.T, unit @ unit.T, atol=1e-5)


@pytest.mark.parametrize("asked", [{}, {"row": 1, "text": "a"}, {"row": -1}, {"row": 10**6}])
def test_exactly_one_document_that_exists_is_asked_about(model: Any, asked: Any) -> None:
    with pytest.raises(InputError, match=r"exactly one|no row"):
        model.similar_documents(3, **asked)


def test_clusters_have_names_from_their_words(model: Any) -> None:
    found = model.clusters(4)
    assert len(found.names) == len(found.clusters) == 4
    assert all(name.name and name.size > 0 for name in found.names)
    assert sum(name.size for name in found.names) == len(model.documents_)


def test_without_kept_documents_it_says_what_to_do(docs: Any) -> None:
    lean = tenor.NVDM(3, encoder_sizes=(8,), epochs=1, keep_documents=False, device="cpu").fit(docs)
    with pytest.raises(InputError, match="index_documents"):
        lean.similar_documents(2, row=0)
    lean.index_documents(docs[:10])
    assert len(lean.similar_documents(20, row=0)) == 9


def test_evaluation_measures_what_labels_allow(model: Any, docs: Any) -> None:
    found = model.evaluate(docs).to_json()
    assert set(found["retrieval"]) == set(found["clustering"]) == set(SPACES)
    assert found["retrieval"]["latent"]["n_collection"] == len(docs) - 1
    assert 0 < found["diversity"] <= 1
    assert found["perplexity"]["estimator"] == "ELBO, 20 samples, no refinement"
    unlabelled = tenor.Corpus.from_texts(
        docs.texts, tokenizer=docs.tokenizer, vocabulary=docs.vocabulary
    )
    assert model.evaluate(unlabelled).to_json()["retrieval"] == {}


def test_top_words_show_both_poles(model: Any) -> None:
    topics = model.top_words(5)
    assert len(topics) == 12
    for topic in topics:
        row = model.components_[topic.index]
        assert topic.positive[0][1] == pytest.approx(row.max())
        assert topic.negative[0][1] == pytest.approx(row.min())
