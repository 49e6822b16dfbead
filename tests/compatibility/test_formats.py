"""docs/formats.md is enough to read what tenor writes: reader.py knows nothing else."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenor
from tenor.cli import main
from tenor.storage.sealed import read_sealed

HERE = Path(__file__).parent
DATA = HERE.parent / "data" / "before-issue-10"
PAGE = (HERE.parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")


def beside(name: str):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reader, make_saved = beside("reader"), beside("make_saved")

SHAPES = {
    "the defaults": {},
    "without hidden layers": {"encoder_sizes": (), "input_transform": "binary"},
    "one layer": {"encoder_sizes": (9,), "activation": "softplus"},
    "plain": {
        "encoder": "plain",
        "encoder_sizes": (9, 7, 5),
        "activation": "relu",
        "input_transform": "l1",
    },
    "beside": {"input_transform": "tfidf", "activation": "gelu", "generator_sizes": (6, 4)},
    "stacked": {
        "generator_sizes": (6,),
        "generator": "stacked",
        "likelihood": "presence",
        "input_transform": "counts",
    },
}


@pytest.fixture(scope="module")
def corpus():
    texts, labels = make_saved.texts()
    labels[3] = None
    return tenor.Corpus.from_texts(texts, labels=labels)


@pytest.fixture(scope="module")
def saved(corpus, tmp_path_factory):
    """The name of a shape to the model and the folder it is saved in."""
    known = {}

    def fit(name: str):
        if name not in known:
            folder = tmp_path_factory.mktemp("saved") / "model"
            shape = {"encoder_sizes": (12, 12), **SHAPES[name]}
            model = tenor.NVDM(**make_saved.SMALL, epochs=2, device="cpu", **shape).fit(corpus)
            model.topics_.measure()
            model.save(folder)
            known[name] = model, folder
        return known[name]

    return fit


def test_the_reader_imports_nothing_of_tenor():
    tree = ast.parse((HERE / "reader.py").read_text(encoding="utf-8"))
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for node in ast.walk(tree):
        names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
    assert names and not any(name.startswith("tenor") for name in names)


@pytest.mark.parametrize("folder", [DATA / "corpus", DATA / "unfinished" / "corpus", None])
def test_a_corpus(folder, corpus, tmp_path):
    if folder is None:
        folder = tmp_path / "corpus"
        corpus.save(folder)
    ours, theirs = tenor.Corpus.open(folder), reader.Corpus.read(folder)
    assert theirs.fingerprint() == theirs.manifest["fingerprint"] == ours.fingerprint()
    assert theirs.words == list(ours.vocabulary.words)
    assert theirs.table.column("id").to_pylist() == list(ours.ids)
    for found, name in zip(theirs.bag, ("offsets", "words", "counts"), strict=True):
        np.testing.assert_array_equal(found, getattr(ours.bag.joined(), name))


def test_further_columns_are_no_fault(corpus, tmp_path):
    """Of any type, and dense ones; no reader refuses them, and the fingerprint is the same."""
    dense = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(3 * len(corpus), dtype="f4")), 3)
    years = pa.array([None, *range(1, len(corpus))], pa.int16())
    table = corpus.table.append_column("vector of another", dense).append_column("year", years)
    wider = tenor.Corpus(table, corpus.vocabulary, corpus.tokenizer, None, corpus.placement)
    wider.save(tmp_path / "wider")
    theirs = reader.Corpus.read(tmp_path / "wider")
    ours = tenor.Corpus.open(tmp_path / "wider")
    assert theirs.fingerprint() == ours.fingerprint() == corpus.fingerprint()
    found = reader.dense(theirs.table.column("vector of another"))
    np.testing.assert_array_equal(found, np.arange(3 * len(corpus)).reshape(-1, 3))
    assert theirs.table.column("year").to_pylist() == years.to_pylist()


def test_columns_of_a_source_are_where_the_page_says(corpus, tmp_path):
    n = len(corpus)
    columns = {
        "text": pa.array(corpus.texts),
        "field": pa.array(["a", "b", None, "a"] * (n // 4)).dictionary_encode(),
        "day": pa.array(np.arange(n), pa.int32()).cast(pa.date32()),
        "meaning": pa.FixedSizeListArray.from_arrays(pa.array(np.arange(2 * n, dtype="f4")), 2),
    }
    pq.write_table(pa.table(columns), tmp_path / "source.parquet")
    flags = ["--keep", "field,day", "--embedding-column", "meaning", "--min-df", "2", "-q"]
    source, folder = str(tmp_path / "source.parquet"), tmp_path / "corpus"
    assert main(["prepare", source, "-o", str(folder), *flags]) == 0
    theirs = reader.Corpus.read(folder).table
    for name, values in columns.items():
        assert theirs.schema.field(name).type == values.type
        assert theirs.column(name).to_pylist() == values.to_pylist()


@pytest.mark.parametrize("name", SHAPES)
def test_a_model_reads_documents(saved, corpus, name, tmp_path):
    model, folder = saved(name)
    corpus.save(tmp_path / "corpus")
    theirs = reader.Model.read(folder)
    mean, log_sigma = theirs.posterior(reader.Corpus.read(tmp_path / "corpus").bag)
    ours = model.posterior(corpus)
    np.testing.assert_allclose(mean, model.transform(corpus), atol=1e-5)
    np.testing.assert_allclose(mean, ours.mean, atol=1e-5)
    np.testing.assert_allclose(log_sigma, ours.log_sigma, atol=1e-5)
    assert np.ptp(mean) > 0.01
    of_texts, _ = theirs.posterior(theirs.counted(make_saved.other_texts()))
    np.testing.assert_allclose(of_texts, model.transform(make_saved.other_texts()), atol=1e-5)


@pytest.mark.parametrize("name", ["the defaults", "beside", "stacked"])
def test_a_model_writes_words(saved, corpus, name):
    model, folder = saved(name)
    theirs = reader.Model.read(folder)
    found = np.exp(theirs.log_probabilities(model.transform(corpus).astype(float))[:4])
    presence = theirs.config["network"]["likelihood"] == "presence"
    lengths = corpus.bag.distinct[:4] if presence else corpus.bag.lengths[:4]
    top = -np.sort(-found * lengths[:, None])[:, :5]
    for mine, own in zip(model.reconstruct(corpus[:4], top=5), top, strict=True):
        assert [count for _, count in mine] == pytest.approx(own.tolist(), rel=1e-4)


def test_documents_and_frequencies(saved, corpus):
    model, folder = saved("the defaults")
    kept = pq.read_table(folder / "documents.parquet")
    np.testing.assert_array_equal(reader.dense(kept.column("vector")), model.documents_.vectors)
    assert kept.column("text").to_pylist() == list(corpus.texts)
    assert kept.column("label").to_pylist() == list(corpus.labels)
    lists = (kept.column(name).combine_chunks() for name in ("words", "counts"))
    offsets, words, counts = reader.bag_of(*lists)
    table = pq.read_table(folder / "vocabulary.parquet")
    n_words = len(table)
    frequencies = {
        "word_frequency": np.bincount(words, counts, n_words),
        "document_frequency": np.bincount(words, minlength=n_words),
    }
    for name, expected in frequencies.items():
        np.testing.assert_array_equal(table.column(name), expected)
    n_empty = int((np.diff(offsets) == 0).sum())
    assert reader.Model.read(folder).config["documents"]["n_empty"] == n_empty == 5


def test_topics(saved, corpus):
    model, folder = saved("the defaults")
    theirs = reader.Topics.read(reader.Model.read(folder))
    assert len(theirs.about["ids"]) == len(model.topics_) > 2
    found = theirs.weights(model.transform(corpus), corpus.empty)
    np.testing.assert_allclose(found, model.topics_.weights(corpus), atol=1e-5)
    shown = theirs.words(reader.Model.read(folder), 6)
    assert shown == [[word for word, _ in own] for own in model.topics_.words(6)]


def test_vectors(saved, tmp_path, capsys):
    _, folder = saved("the defaults")
    lines = ["the moon and the rocket", "nothing known", "god and the church"]
    (tmp_path / "more.txt").write_text("".join(line + "\n" for line in lines))
    out = tmp_path / "vectors.parquet"
    command = ["transform", str(folder), str(tmp_path / "more.txt"), "-o", str(out)]
    assert main([*command, "--topic-weights", "-q"]) == 0
    table = pq.read_table(out)
    theirs = reader.Model.read(folder)
    mean, _ = theirs.posterior(theirs.counted(lines))
    np.testing.assert_allclose(reader.dense(table.column("vector")), mean, atol=1e-5)
    assert table.column("empty").to_pylist() == [False, True, False]
    topics = reader.Topics.read(theirs)
    empty = table.column("empty").to_numpy()
    found = reader.dense(table.column("topics"))
    np.testing.assert_allclose(found, topics.weights(mean, empty), atol=1e-5)
    assert json.loads(table.schema.metadata[b"topics"]) == topics.about["ids"]
    assert table.schema.field("like_none").type == pa.bool_()


def test_a_model_saved_before():
    theirs = reader.Model.read(DATA / "model")
    expected = json.loads((DATA / "expected.json").read_text())
    mean, _ = theirs.posterior(theirs.counted(make_saved.other_texts()))
    np.testing.assert_allclose(mean, make_saved.array(expected["vectors"]), atol=1e-5)
    reader.Topics.read(theirs)
    edits = json.loads((DATA / "model" / "topic-edits.json").read_text())
    assert [edit["kind"] for edit in edits["edits"]] == ["rename", "merge", "keep_out"]


def test_an_unfinished_fit():
    begun = json.loads((DATA / "unfinished" / "fit.json").read_text())
    corpus = reader.Corpus.read(DATA / "unfinished" / "corpus")
    assert begun["fingerprint"] == reader.fit_fingerprint(corpus)


def test_the_page_names_every_key_and_tensor(saved):
    """What a folder holds and the page does not say is a gap in one of them."""
    _, folder = saved("beside")
    named = {re.sub(r"\.\d+\.", ".i.", tensor) for tensor in reader.Model.read(folder).tensors}
    for tensor in named - {t for t in named if t.endswith(".bias")}:
        assert f"`{tensor}`" in PAGE, tensor
    for path in (*folder.glob("*.json"), *folder.glob("*/*.json"), DATA / "unfinished/fit.json"):
        for key in json.loads(path.read_text()):
            assert f"`{key}`" in PAGE, (path.name, key)
    for key in reader.Model.read(folder).config["network"]:
        assert f"`{key}`" in PAGE, key
    for key in reader.Topics.read(reader.Model.read(folder)).tensors:
        assert f"`{key}`" in PAGE, key
    for path in (folder / "documents.parquet", folder / "vocabulary.parquet"):
        for column in pq.read_schema(path).names:
            assert f"`{column}`" in PAGE, column


def test_what_the_page_does_not_name_is_ignored(saved, corpus, tmp_path):
    _, folder = saved("the defaults")
    corpus.save(tmp_path / "corpus")
    shutil.copytree(folder, tmp_path / "model")
    for path in (tmp_path / "corpus" / "manifest.json", tmp_path / "model" / "config.json"):
        about = read_sealed(path)
        path.write_text(json.dumps({"of another day": [1], **about}))
        (path.parent / "notes.txt").write_text("a person's")
    assert tenor.Corpus.open(tmp_path / "corpus").fingerprint() == corpus.fingerprint()
    assert tenor.load(tmp_path / "model").n_components == 5
    for path in (tmp_path / "corpus" / "manifest.json", tmp_path / "model" / "config.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 2}))
    with pytest.raises(tenor.errors.ArtifactError, match="version 2"):
        tenor.Corpus.open(tmp_path / "corpus")
    with pytest.raises(tenor.errors.ArtifactError, match="version 2"):
        tenor.load(tmp_path / "model")
