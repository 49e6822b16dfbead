"""Exports of topics: what stands in the files, against the model; what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array

import tenor
from tenor.cli import main
from tenor.errors import ArtifactError, InputError
from tenor.model.discovery import DocumentSample
from tenor.model.topic_records import tables_of
from tenor.model.topics import ModelTopics
from tenor.topics import export


@pytest.fixture(scope="module")
def fitted(docs):
    """A model of texts, two of which have no known word, and one word that is nowhere in them."""
    texts = [*docs.texts[:150], "", "0 0 0", *docs.texts[150:300]]
    corpus = tenor.Corpus.from_texts(texts, vocabulary=docs.vocabulary)
    return tenor.NVDM(
        8, encoder_sizes=(32,), epochs=4, batch_size=64, device="cpu", random_state=0
    ).fit(corpus)


@pytest.fixture(scope="module")
def topics(fitted):
    return fitted.find_topics(5)


@pytest.fixture(scope="module")
def tables(topics):
    return tables_of(topics._sample, topics.topics, topics.names, texts=True)


def test_tables_hold_what_the_model_says(topics, tables):
    counted = topics._sample.counted
    said = np.flatnonzero(counted.bag.distinct > 0)
    assert tables.wordless == len(counted.bag) - len(said) >= 2
    np.testing.assert_array_equal(tables.rows, counted.rows[said])
    kept = [topics.trained.vocabulary.id_of(word) for word in tables.words]
    assert 0 < len(kept) < tables.n_words == len(topics.trained.vocabulary)
    assert (np.delete(counted.bag.word_frequency, kept) == 0).all()

    np.testing.assert_array_equal(tables.bag.word_frequency, counted.bag.word_frequency[kept])
    np.testing.assert_array_equal(tables.bag.lengths, counted.bag.lengths[said])
    np.testing.assert_allclose(
        tables.word_distributions, topics.word_distributions()[:, kept], rtol=1e-5
    )
    texts = topics._sample.collection.texts(tables.rows.tolist())
    np.testing.assert_allclose(tables.weights, topics.weights(texts), atol=1e-5)
    assert tables.texts == texts


def test_pyldavis_gets_the_arguments_of_prepare(topics, tables, tmp_path):
    told = topics.export("pyldavis", tmp_path / "p.json")
    given = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))

    asked = {"topic_term_dists", "doc_topic_dists", "doc_lengths", "vocab", "term_frequency"}
    assert given.keys() - asked == {"sort_topics", "plot_opts"}
    for name, array in (
        ("topic_term_dists", tables.word_distributions),
        ("doc_topic_dists", tables.weights),
    ):
        found = np.array(given[name])
        np.testing.assert_allclose(found, array, rtol=1e-6)
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert (np.array(given["topic_term_dists"]) > 0).all()
    assert given["vocab"] == list(tables.words)
    assert given["doc_lengths"] == tables.bag.lengths.tolist()
    assert given["term_frequency"] == tables.bag.word_frequency.tolist()
    assert min(given["doc_lengths"]) > 0 and min(given["term_frequency"]) > 0
    assert given["plot_opts"]["note"] == told.note == tables.note
    assert given["plot_opts"]["topic_names"] == topics.names


def test_octis_gets_a_model_output(topics, tables, tmp_path):
    topics.export("octis", tmp_path / "o.npz")
    with np.load(tmp_path / "o.npz", allow_pickle=False) as given:
        shown = [[word for word in words if word] for words in given["topics"].tolist()]
        assert shown == [[word for word, _ in words] for words in topics.words(25)]
        np.testing.assert_array_equal(given["topic-word-matrix"], tables.word_distributions)
        np.testing.assert_array_equal(given["topic-document-matrix"], tables.weights.T)
        about = json.loads(bytes(given["json"]))
    assert about["vocabulary"] == list(tables.words)
    assert about["without_words"] == tables.wordless


def test_topicwizard_gets_sparse_counts_and_texts(topics, tables, as_dense, tmp_path):
    topics.export("topicwizard", tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz", allow_pickle=False) as given:
        counts = csr_array((given["data"], given["indices"], given["indptr"]))
        np.testing.assert_array_equal(given["document_topic_matrix"], tables.weights)
        np.testing.assert_array_equal(given["topic_term_matrix"], tables.word_distributions)
        np.testing.assert_array_equal(given["document_representation"], tables.vectors)
        about = json.loads(bytes(given["json"]))
    assert counts.shape == (len(tables.rows), len(tables.words))
    np.testing.assert_array_equal(counts.toarray(), as_dense(tables.bag))
    assert (about["corpus"], about["vocab"]) == (list(tables.texts), list(tables.words))
    assert about["texts_not_kept"] == 0


def test_counted_words_stand_for_texts_that_were_not_kept(tables, tmp_path):
    export.write("topicwizard", tmp_path / "w.npz", replace(tables, texts=[None] * len(tables.bag)))
    with np.load(tmp_path / "w.npz", allow_pickle=False) as given:
        about = json.loads(bytes(given["json"]))
    assert about["texts_not_kept"] == len(tables.bag)
    assert [len(text.split()) for text in about["corpus"]] == tables.bag.lengths.tolist()


def test_edited_topics_are_exported_as_edited(fitted, tmp_path):
    topics = fitted.find_topics(5)
    topics.merge(topics.ids[:2])
    topics.rename(topics.ids[0], "Ünder one name")
    topics.export("pyldavis", tmp_path / "p.json")
    given = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert np.shape(given["topic_term_dists"])[0] == len(topics) == 4
    assert "Ünder one name" in given["plot_opts"]["topic_names"]
    assert given["plot_opts"]["topic_ids"] == list(topics.ids)


def test_a_sample_is_called_one(tables):
    sample = replace(tables, n_documents=5_000_000)
    assert "drawn at random" in sample.note and "5,000,000" in sample.note
    assert "drawn" not in tables.note


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("ldavis", "p.json", "pyldavis"),
        ("pyldavis", "p.npz", ".json"),
        ("octis", "o.json", ".npz"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(kind, name, says, tmp_path):
    nothing = SimpleNamespace()  # asked of anything, it raises something else
    with pytest.raises(InputError, match=says) as refused:
        ModelTopics.export(nothing, kind, tmp_path / name)
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_models_without_documents_say_so(fitted, topics, tmp_path):
    bare = type(topics)(DocumentSample(topics.trained, None), topics.found, topics._read)
    with pytest.raises(InputError, match="keeps no documents"):
        bare.export("octis", tmp_path / "o.npz")


def test_nothing_is_left_half_written(tables, tmp_path, monkeypatch):
    old = tmp_path / "p.json"
    old.write_text("old")

    def full(matrix):
        yield b"[["
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "_lines", full)
    with pytest.raises(ArtifactError, match="No space left"):
        export.write("pyldavis", old, tables)
    assert [path.name for path in tmp_path.iterdir()] == ["p.json"]
    assert old.read_text() == "old"


def test_tables_that_do_not_fit_are_refused(tables):
    for change in (
        {"weights": tables.weights * 0.9},
        {"word_distributions": tables.word_distributions[:, 1:]},
        {"names": tables.names[1:]},
        {"bag": tables.bag[:0]},
        {"texts": tables.texts[1:]},
    ):
        with pytest.raises(InputError):
            replace(tables, **change)


def test_pyldavis_cannot_lay_out_one_topic(tables, tmp_path):
    one = replace(
        tables,
        ids=tables.ids[:1],
        names=tables.names[:1],
        shown=tables.shown[:1],
        word_distributions=tables.word_distributions[:1],
        weights=np.ones((len(tables.bag), 1), dtype=np.float32),
    )
    with pytest.raises(InputError, match="at least 2 topics"):
        export.write("pyldavis", tmp_path / "p.json", one)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_and_says_what_is_in(fitted, tmp_path, capsys):
    fitted.save(tmp_path / "m")
    where = str(tmp_path / "o.npz")
    assert main(["topics", str(tmp_path / "m"), "--export", "octis", "-o", where, "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"written": [where]}
    assert "without a known word" in printed.err

    assert main(["topics", str(tmp_path / "m"), "--export", "octis", "-o", "o.csv"]) != 0
    assert ".npz" in capsys.readouterr().err
