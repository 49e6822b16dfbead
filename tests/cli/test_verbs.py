"""Every verb on a small model, for a person and as JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenor as library
from tenor.explore.spaces import SPACES


def test_fit_prints_one_json_document(tenor, tmp_path, documents, columns, tiny):
    shown = tenor("fit", documents, "-o", tmp_path / "m", *columns, *tiny, "--json")
    assert (shown.status, shown.err) == (0, "")
    facts = shown.json
    assert (facts["what"], facts["n_documents"], facts["n_components"]) == ("model", 80, 4)
    assert len(facts["history"]) == facts["epochs_done"] == 4
    assert facts["settings"]["random_state"] == 3
    assert not (tmp_path / "m" / "checkpoint").exists()


def test_fit_tells_how_it_goes_on_standard_error(tenor, tmp_path, documents, columns, tiny):
    loud = [flag for flag in tiny if flag != "-q"]
    shown = tenor("fit", documents, "-o", tmp_path / "m", *columns, *loud)
    assert shown.status == 0
    assert "epoch 4/4: bound/token" in shown.err and "epoch" in shown.out
    assert "80 documents" in shown.out and "held-out perplexity" in shown.out


def test_axes(tenor, model):
    axes = tenor("topics", model, "--axes", "-n", "3", "--json").json["axes"]
    assert [axis["topic"] for axis in axes] == [0, 1, 2, 3]
    assert {len(axis[pole]) for axis in axes for pole in ("positive", "negative")} == {3}
    shown = tenor("topics", model, "--axes", "-n", "3")
    for topic in axes:
        assert " ".join(pair["word"] for pair in topic["positive"]) in shown.out


def test_words(tenor, model):
    found = tenor("words", model, "orbit", "judge", "-n", "5", "--json").json["words"]
    assert list(found) == ["orbit", "judge"]
    assert [len(near) for near in found.values()] == [5, 5]
    expected = library.load(model).most_similar("orbit", 5)
    assert [(near["word"], near["cosine"]) for near in found["orbit"]] == expected
    shown = tenor("words", model, "orbit", "-n", "1")
    assert expected[0][0] in shown.out and "orbit" in shown.out


@pytest.mark.parametrize("space", SPACES)
def test_docs_by_id_and_row_are_the_same(tenor, model, space):
    by_id = tenor("docs", model, "--id", "doc-5", "-n", "4", "--space", space, "--json").json
    by_row = tenor("docs", model, "--row", "5", "-n", "4", "--space", space, "--json").json
    assert by_id == by_row
    assert [document["row"] for document in by_id["documents"]].count(5) == 0
    assert set(by_id["documents"][0]) == {"row", "id", "label", "text", "score"}


def test_docs_like_a_text(tenor, model, documents):
    text = json.loads(documents.read_text().splitlines()[6])["body"]
    shown = tenor("docs", model, "--text", text, "-n", "2")
    assert shown.status == 0
    first = shown.out.splitlines()[1]
    assert "doc-6" in first and "food" in first and text in first and "1.000" in first


def test_transform_keeps_every_row(tenor, tmp_path, model):
    source = tmp_path / "new.csv"
    source.write_text("key,text,group\nb,moon rocket,x\na,,\nc,zzz qqq,y\n")
    target = tmp_path / "v.parquet"
    named = ["--id-column", "key", "--label-column", "group", "-q"]
    shown = tenor("transform", model, source, "-o", target, *named, "--json")
    assert shown.json["n_documents"] == 3 and shown.json["n_empty"] == 2
    table = pq.read_table(target)
    assert table.column("id").to_pylist() == ["b", "a", "c"]
    assert table.column("label").to_pylist() == ["x", None, "y"]
    assert table.column("empty").to_pylist() == [False, True, True]
    assert table.schema.field("vector").type == pa.list_(pa.float32(), 4)
    expected = library.load(model).transform(["moon rocket", "", "zzz qqq"])
    np.testing.assert_allclose(table.column("vector").to_pylist(), expected, rtol=1e-4, atol=1e-5)
    assert (
        "3 documents, 2 of them empty"
        in tenor("transform", model, source, "-o", target, *named, "--overwrite").out
    )


def test_transform_of_passages(tenor, tmp_path, model):
    source = tmp_path / "new.csv"
    source.write_text('key,text\na,"moon\n\nrocket bread"\nb,\n')
    target = tmp_path / "v.parquet"
    named = ["--id-column", "key", "--split", "paragraphs"]
    shown = tenor("transform", model, source, "-o", target, *named, "--json")
    assert shown.json["n_documents"] == 3 and shown.json["read"]["n_split"] == 2
    assert "2 documents split into 3 passages (1 without a text)" in shown.json["read"]["summary"]
    table = pq.read_table(target)
    assert table.column("id").to_pylist() == ["a#1", "a#2", "b#1"]
    assert table.column("document").to_pylist() == ["a", "a", "b"]
    expected = library.load(model).transform(["moon", "rocket bread", ""])
    np.testing.assert_allclose(table.column("vector").to_pylist(), expected, rtol=1e-4, atol=1e-5)


def test_transform_refines(tenor, tmp_path, model, documents, columns):
    vectors = []
    for steps in ("0", "5"):
        target = tmp_path / f"{steps}.parquet"
        named = columns[2:]
        tenor("transform", model, documents, "-o", target, "--refine", steps, *named, "-q")
        vectors.append(np.array(pq.read_table(target).column("vector").to_pylist()))
    assert not np.allclose(*vectors, atol=1e-3)


def test_evaluate(tenor, model, documents, columns):
    arguments = ["evaluate", model, documents, *columns, "--samples", "3", "--refine", "2", "-q"]
    measured = tenor(*arguments, "--json").json
    assert measured["perplexity"]["estimator"] == "ELBO, 3 samples, no refinement"
    assert measured["perplexity"]["refined"]["estimator"].endswith("2 refinement steps")
    assert set(measured["retrieval"]) == set(measured["clustering"]) == set(SPACES)
    shown = tenor(*arguments)
    assert shown.status == 0
    for part in ("word frequencies alone", "NPMI", "diversity", "P@10", "second halves"):
        assert part in shown.out
    corpus = f"{measured['perplexity']['corpus']:,.1f}"
    assert corpus in shown.out


def test_evaluate_without_labels(tenor, model, documents, columns):
    shown = tenor("evaluate", model, documents, *columns[:4], "--samples", "2", "-q")
    assert shown.status == 0 and "P@10" not in shown.out


def test_evaluate_says_what_it_left_out(tenor, tmp_path, documents, columns, tiny):
    model, few = tmp_path / "m", tmp_path / "few.jsonl"
    assert tenor("fit", documents, "-o", model, *columns[:4], *tiny).status == 0
    rows = [{"body": word, "name": word, "kind": word} for word in ("orbit", "goal")]
    few.write_text("".join(json.dumps(row) + "\n" for row in rows))
    shown = tenor("evaluate", model, few, *columns, "--samples", "2", "-q")
    assert shown.status == 0, shown.err
    assert "no completion: " in shown.out and "no retrieval: precision@10 needs 10" in shown.out
    assert "NMI" in shown.out and "second halves" not in shown.out and "P@10" not in shown.out


@pytest.mark.parametrize("ending", ["png", "svg", "html"])
def test_map(tenor, tmp_path, model, ending):
    pytest.importorskip("openTSNE")
    target = tmp_path / f"map.{ending}"
    drawn = tenor("map", model, "-o", target, "--by", "cluster", "--clusters", "3", "--json", "-q")
    assert drawn.status == 0, drawn.err
    assert target.stat().st_size > 1000
    facts = drawn.json
    assert (facts["n_drawn"], facts["by"], len(facts["groups"])) == (80, "cluster", 3)
    assert sum(facts["groups"].values()) == 80


def test_map_by_label_of_some_documents(tenor, tmp_path, model):
    pytest.importorskip("openTSNE")
    target = tmp_path / "map.svg"
    drawn = tenor("map", model, "-o", target, "--max-documents", "40", "-q")
    assert "40 of 80 documents" in drawn.out and "4 labels" in drawn.out
    assert "sport" in target.read_text()


def test_map_by_topic(tenor, tmp_path, model, documents, columns, tiny):
    pytest.importorskip("openTSNE")
    target = tmp_path / "map.html"
    asked = ["map", model, "-o", target, "--by", "topic", "--json", "-q"]
    drawn = tenor(*asked)
    assert drawn.status == 0, drawn.err
    assert drawn.json["by"] == "topic" and 1 <= sum(drawn.json["groups"].values()) <= 80
    assert "tenor map: 80 documents by topic" in target.read_text()
    assert tenor("fit", documents, "-o", tmp_path / "m", *columns[:4], *tiny).status == 0
    bare = tenor("map", tmp_path / "m", "-o", tmp_path / "map.svg", "-q")
    assert bare.status == 0 and re.search(r"80 documents, \d+ topics?, laid out", bare.out)


def test_map_leaves_out_documents_without_words(tenor, tmp_path, documents, columns, tiny):
    pytest.importorskip("openTSNE")
    source = tmp_path / "some.jsonl"
    wordless = "".join(
        json.dumps({"name": f"no-{i}", "body": "…", "kind": "x"}) + "\n" for i in "abc"
    )
    source.write_text(documents.read_text() + wordless)
    assert tenor("fit", source, "-o", tmp_path / "m", *columns, *tiny).status == 0
    facts = tenor("map", tmp_path / "m", "-o", tmp_path / "map.svg", "--json", "-q").json
    assert (facts["n_documents"], facts["n_drawn"], facts["n_wordless"]) == (83, 80, 3)
    assert "x" not in facts["groups"]


def test_info_of_a_model(tenor, model):
    facts = tenor("info", model, "--json").json
    assert facts["source"].endswith("documents.jsonl")
    shown = tenor("info", model)
    assert "--components 4" in shown.out and "80 documents" in shown.out and "epoch 4" in shown.out


@pytest.mark.parametrize(
    ("kernels", "told"),
    [("compiled", "compiled"), ("torch", "slower"), ("none", "torch is not installed")],
)
def test_info_says_which_kernels_run(tenor, model, monkeypatch, kernels, told):
    from tenor.kernels import COMPILED

    assert tenor("info", model, "--json").json["kernels"] == ("compiled" if COMPILED else "torch")
    monkeypatch.setattr("tenor.model.description.kernels", lambda: kernels)
    assert told in tenor("info", model).out


def test_prepare_then_fit(tenor, tmp_path, documents, columns, tiny):
    folder = tmp_path / "corpus"
    shown = tenor("prepare", documents, "-o", folder, *columns, "--min-df", "2", "--json")
    assert (shown.status, shown.json["what"], shown.json["n_labels"]) == (0, "corpus", 4)
    assert "80 documents" in tenor("info", folder).out
    flags = [flag for flag in tiny if flag not in ("--min-df", "2")]
    assert tenor("fit", folder, "-o", tmp_path / "m", *flags).status == 0
    assert tenor("docs", tmp_path / "m", "--id", "doc-1", "-n", "1", "--json").status == 0


def test_fit_without_documents(tenor, tmp_path, documents, columns, tiny):
    folder = tmp_path / "m"
    shown = tenor("fit", documents, "-o", folder, *columns, *tiny, "--no-documents")
    assert shown.status == 0 and "not kept" in shown.out
    refused = tenor("map", folder, "-o", tmp_path / "map.png")
    assert refused.status == 1 and "keeps no documents" in refused.err
    assert refused.err.count("\n") == 1


def test_a_pipe_that_closes_early_is_no_error(model):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "tenor", "topics", str(model), "--json"]
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_reads_standard_input(shell, model, tmp_path):
    target = tmp_path / "v.parquet"
    arguments = ["transform", model, "-", "-o", target, "-q"]
    done = shell(*arguments, stdin=b"moon rocket\n\njudge court\n")
    assert done.status == 0, done.err
    assert pq.read_table(target).column("id").to_pylist() == ["0", "1", "2"]
