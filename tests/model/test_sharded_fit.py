"""A corpus of many shards, mapped from disk, is to a model what the same documents in one are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenor
from tenor.bow import BagOfWords
from tenor.inference.bounds import document_bounds, document_elbos
from tenor.inference.encode import encode, vectors
from tenor.sharded import ShardedBag

SETTINGS = {"encoder_sizes": (8,), "epochs": 3, "batch_size": 16, "device": "cpu"}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    """70 labelled documents in one record batch, and the same in four shards on disk."""
    rng = np.random.default_rng(0)
    words = [f"w{i:02d}" for i in range(30)]
    texts = [" ".join(rng.choice(words[10 * (d % 3) :][:10], 9)) for d in range(70)]
    texts[33] = ""
    one = tenor.Corpus.from_texts(
        texts,
        ids=[f"d{d}" for d in range(70)],
        labels=[None if d == 5 else f"l{d % 3}" for d in range(70)],
        rule=tenor.VocabularyRule(1, 1.0),
    )
    batches = [one.table.slice(a, 20).combine_chunks().to_batches()[0] for a in range(0, 70, 20)]
    folder = tmp_path_factory.mktemp("sharded") / "corpus"
    table = pa.Table.from_batches(batches)
    tenor.Corpus(table, one.vocabulary, one.tokenizer, origin=one.origin).save(folder)
    return one, tenor.Corpus.open(folder)


def test_the_same_fit_to_the_bit(corpora):
    one, many = corpora
    assert isinstance(one.bag, BagOfWords) and isinstance(many.bag, ShardedBag)
    assert len(many.bag.shards) == 4
    for settings in ({}, {"likelihood": "presence", "input_transform": "tfidf"}):
        first, second = (tenor.NVDM(3, **SETTINGS, **settings).fit(c) for c in (one, many))
        states = [model.trained_.network.state_dict() for model in (first, second)]
        assert all(states[0][name].equal(states[1][name]) for name in states[0])
        assert first.history_ == second.history_
        assert first.trained_.provenance == second.trained_.provenance
        assert first.evaluate(one, 2).to_json() == second.evaluate(many, 2).to_json()
        assert first.reconstruct(one, 3) == second.reconstruct(many, 3)
        passes = [tenor.NVDM(3, **SETTINGS, **settings).partial_fit(c) for c in (one, many)]
        np.testing.assert_array_equal(passes[0].transform(one), passes[1].transform(many))


def test_an_evaluation_joins_no_documents(corpora, monkeypatch):
    one, many = corpora
    model = tenor.NVDM(3, **SETTINGS).fit(one)
    expected = model.evaluate(one, 2)
    joined, most = ShardedBag.joined, []
    monkeypatch.setattr(ShardedBag, "joined", lambda bag: (most.append(len(bag)), joined(bag))[1])
    assert model.evaluate(many, 2).to_json() == expected.to_json()
    assert not most
    monkeypatch.setattr("tenor.model.evaluation.ENCODED", 16)
    monkeypatch.setattr("tenor.bow.AT_ONCE", 30)
    found = model.evaluate(many, 2)
    assert found.completion == pytest.approx(expected.completion, rel=1e-5)
    assert found.coherence == expected.coherence


def test_the_documents_are_explored_and_kept(corpora, tmp_path):
    model = tenor.NVDM(3, **SETTINGS).fit(corpora[1])
    held = model.documents_
    assert "vectors" not in vars(held), "made only when they are asked for"
    one = corpora[0]
    assert (held.ids, held.labels, held.texts(range(70))) == (one.ids, one.labels, one.texts)
    before = model.similar_documents(5, id="d40")
    np.testing.assert_array_equal(held.vectors, model.transform(one))
    assert sum(len(model.clusters(3).clusters.rows(n)) for n in range(3)) == 70
    with pytest.raises(tenor.errors.InputError, match="near ones are"):
        model.similar_documents(5, id="dd40")
    model.save(tmp_path / "m")
    again = tenor.load(tmp_path / "m", device="cpu")
    assert [d.id for d in again.similar_documents(5, id="d40")] == [d.id for d in before]
    np.testing.assert_array_equal(again.documents_.vectors, held.vectors)
    table = pq.read_table(tmp_path / "m" / "documents.parquet")
    assert table.column("text").to_pylist() == one.texts
    assert table.column("label").to_pylist() == one.labels


def test_vectors_and_bounds_without_what_is_not_asked_for(corpora, monkeypatch):
    model = tenor.NVDM(3, **SETTINGS).fit(corpora[0])
    network, some = model.trained_.network, corpora[1].documents
    mean = encode(network, some).mean
    np.testing.assert_array_equal(vectors(network, some), mean)
    elbo, lengths = document_elbos(network, some, 2, seed=3)
    bounds = document_bounds(network, some, 2, seed=3)
    np.testing.assert_array_equal(elbo, bounds.elbo)
    np.testing.assert_array_equal(lengths, bounds.lengths)
    monkeypatch.setattr("tenor.inference.encode.MOST_VALUES", 30)  # of 9 or so a document
    monkeypatch.setattr("tenor.bow.AT_ONCE", 30)
    np.testing.assert_allclose(vectors(network, some), mean, rtol=1e-4, atol=1e-5)
