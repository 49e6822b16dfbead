"""Questions to a model of real docstrings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tenor
from tenor.errors import InputError, UnknownWordError
from tenor.explore.spaces import SMOOTHED, SPACES
from tenor.model.spaces import in_space


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


def test_a_text_without_a_known_word_is_like_nothing(model: Any) -> None:
    for text in ("zzzz qqqq", ""):
        with pytest.raises(InputError, match="no word of the text is in the vocabulary"):
            model.similar_documents(3, text=text)


@pytest.mark.parametrize("asked", [{"row": 1.7}, {"row": True}, {"text": 3}], ids=str)
def test_a_row_is_whole_and_a_text_is_a_str(model: Any, asked: Any) -> None:
    with pytest.raises(InputError, match="must be a"):
        model.similar_documents(3, **asked)


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")  # 40 labels of 40 documents
def test_part_of_the_training_documents_do_not_find_themselves(model: Any, docs: Any) -> None:
    alone = tenor.NVDM(3, encoder_sizes=(8,), epochs=1, device="cpu").fit(docs[:40])
    ids = [str(row) for row in range(40)]
    own_label = tenor.Corpus.from_counts(
        docs[:40].counts, docs.vocabulary, docs[:40].ids, labels=ids
    )
    alone.index_documents(own_label)
    found = alone.evaluate(own_label[:12], n_samples=1).retrieval["latent"]
    assert (found.precision_at_10, found.n_collection) == (0.0, 39)
    # a document of the same name with other words is another document
    moved = tenor.Corpus.from_counts(
        docs[:40].counts[::-1], docs.vocabulary, docs[:40].ids, labels=ids
    )
    assert alone.evaluate(moved, n_samples=1).retrieval["latent"].n_collection == 40


def test_what_cannot_be_measured_is_left_out_and_says_why(model: Any, docs: Any) -> None:
    alone = tenor.NVDM(3, encoder_sizes=(8,), epochs=1, device="cpu", keep_documents=False)
    found = alone.fit(docs).evaluate(docs[:6], n_samples=1)
    assert found.retrieval == {} and set(found.clustering) == set(SPACES) - {SMOOTHED}
    assert "needs 10 labelled documents" in found.left_out["retrieval"]
    assert found.to_json()["left_out"] == found.left_out
    one_word = tenor.NVDM(2, encoder_sizes=(4,), epochs=1, device="cpu", validation_fraction=0.0)
    found = one_word.fit(np.ones((12, 1), dtype=int)).evaluate(np.ones((3, 1), dtype=int))
    assert (found.completion, found.coherence) == (None, None)
    assert set(found.left_out) == {"completion", "coherence", "retrieval", "clustering"}
    assert found.to_json()["coherence"] is None
    with pytest.raises(InputError, match="seed"):
        model.evaluate(docs[:20], seed=-1)


def test_coherence_is_counted_over_the_reference_of_choice(model: Any, docs: Any) -> None:
    own = model.evaluate(docs[:60], n_samples=1).coherence
    assert own == model.evaluate(docs[:60], n_samples=1, reference=docs[:60]).coherence
    other = model.evaluate(docs[:60], n_samples=1, reference=docs.texts).coherence
    assert other.n_documents > own.n_documents and other.mean != own.mean
    with pytest.raises(InputError, match="no document that holds"):
        raise InputError(
            model.evaluate(docs[:60], n_samples=1, reference=["zzzz"]).left_out["coherence"]
        )
