"""tenor topics: what it shows, what a person's hand does, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenor as library
from tenor.cli import main, output, topic_tables
from tenor.cli.app import parser_of
from tenor.errors import ArtifactError
from tenor.model.topic_files import EDITS, FOLDER
from tenor.storage.atomic import sha256_file
from tenor.storage.sealed import read_sealed
from tenor.topics.by_group import shares_by_group
from tenor.topics.export import SUFFIXES


@pytest.fixture
def own(model: Path, tmp_path: Path) -> Path:
    """A copy of the model, to do with as one likes."""
    return Path(shutil.copytree(model, tmp_path / "own"))


@pytest.fixture(scope="session")
def lean(tmp_path_factory, documents, columns, tiny) -> Path:
    """A model that keeps no documents."""
    folder = tmp_path_factory.mktemp("lean") / "model"
    fit = ["fit", str(documents), "-o", str(folder), *columns, *tiny, "--no-documents"]
    assert main(fit) == 0
    return folder


@pytest.fixture
def old(model: Path, tmp_path: Path) -> Path:
    """The model as it was before there were topics."""
    folder = Path(shutil.copytree(model, tmp_path / "old"))
    shutil.rmtree(folder / FOLDER)
    path = folder / "documents.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["words", "counts"]), path)
    config = read_sealed(folder / "config.json")
    config["files"]["documents.parquet"] = sha256_file(path)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_json_is_as_documented(tenor, model):
    shown = tenor("topics", model, "--json").json
    records = shown["topics"]
    assert {"asked", "number", "n_documents", "looked_at", "edits", "lost"} < set(shown)
    assert (shown["asked"], shown["number"], shown["edits"], shown["lost"]) == (50, None, 0, [])
    assert [record["id"] for record in sorted(records, key=lambda r: -r["size"])] == [0, 1, 2, 3]
    for record in records:
        assert {"name", "size", "npmi", "document_frequency", "stability", "flags"} < set(record)
        assert set(record["words"][0]) == {"word", "weight"}
        assert [w["weight"] for w in record["words"]] == sorted(
            (w["weight"] for w in record["words"]), reverse=True
        )
    topics = library.load(model, device="cpu").topics_
    assert {r["id"]: [w["word"] for w in r["words"]] for r in records} == {
        topic: [word for word, _ in words]
        for topic, words in zip(topics.ids, topics.words(), strict=True)
    }


def test_a_line_a_topic(tenor, model):
    shown = tenor("topics", model, "-n", "3")
    assert (shown.status, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert lines[0].split() == ["topic", "share", "stable", "words"]
    topics = library.load(model, device="cpu").topics_
    for line, record in zip(lines[1:], topics.table(3), strict=True):
        assert line.split()[:3] == [str(record.id), f"{record.size:.1%}", f"{record.stability:.0%}"]
        assert [word for word, _ in record.words] == line.split()[3:6]


def test_one_topic_with_its_documents(tenor, model):
    shown = tenor("topics", model, "--topic", "1", "--json").json
    assert shown["topic"]["id"] == 1 and 1 <= len(shown["documents"]) <= 5
    assert set(shown["documents"][0]) == {"row", "id", "label", "text", "weight"}
    told = tenor("topics", model, "--topic", "1").out
    assert shown["documents"][0]["id"] in told and f"1: {shown['topic']['name']}" in told
    topic = shown["topic"]
    for part in (
        f"{topic['token_share']:.1%} are its",
        f"{topic['npmi']:.3f}",
        f"is in {topic['document_frequency']:.0f} documents",
    ):
        assert part in told
    refused = tenor("topics", model, "--topic", "9")
    assert refused.status == 1 and "there is no topic 9; the topics are 0 to 3" in refused.err


def test_a_tree(tenor, model):
    nodes = tenor("topics", model, "--tree", "--json").json
    assert nodes
    shown = tenor("topics", model, "--tree")
    assert shown.status == 0 and len(shown.out.splitlines()) >= 4


def test_by_label(tenor, model, tmp_path, documents, columns, tiny):
    shares = tenor("topics", model, "--by", "label", "--json").json
    assert [group["group"] for group in shares["groups"]] == ["food", "law", "space", "sport"]
    ids = library.load(model, device="cpu").topics_.ids
    assert [topic["topic"] for topic in shares["groups"][0]["topics"]] == list(ids)
    picture = tmp_path / "s.svg"
    shown = tenor("topics", model, "--by", "label", "--plot", picture)
    assert shown.status == 0 and "space" in shown.out and "(others" in shown.out
    assert "sport" in picture.read_text()
    bad = tenor("topics", model, "--by", "label", "--plot", tmp_path / "s.txt")
    assert bad.status == 1 and ".png or .svg" in bad.err and bad.err.count("\n") == 1
    fit = ["fit", documents, "-o", tmp_path / "m", *columns[:4], *tiny]
    assert tenor(*fit).status == 0
    refused = tenor("topics", tmp_path / "m", "--by", "label")
    assert refused.status == 1 and refused.out == ""
    assert "no labels" in refused.err and "--label-column" in refused.err


def test_what_cannot_be_shown_is_refused_before_the_work(
    tenor, own, documents, columns, tmp_path, monkeypatch
):
    monkeypatch.setattr(library.NVDM, "find_topics", _not_asked)
    for flags in (["--by", "label"], ["--topics", "auto"]):
        shown = tenor("topics", own, *flags, "--plot", tmp_path / "s.txt")
        assert (shown.status, shown.out) == (1, "") and ".png or .svg" in shown.err
    refused = tenor("topics", own, documents, *columns[:4], "--topics", "3", "--by", "label")
    assert (refused.status, refused.out) == (1, "") and "--label-column" in refused.err
    path = own / "documents.parquet"
    table = pq.read_table(path)
    at = table.column_names.index("label")
    pq.write_table(table.set_column(at, "label", pa.nulls(len(table), pa.string())), path)
    config = read_sealed(own / "config.json")
    config["files"]["documents.parquet"] = sha256_file(path)
    (own / "config.json").write_text(json.dumps(config))
    refused = tenor("topics", own, "--topics", "3", "--by", "label")
    assert (refused.status, refused.out) == (1, "") and "no labels" in refused.err


def _not_asked(*_: Any, **__: Any) -> None:
    raise AssertionError("nobody asked for this work")


def test_nothing_is_measured_that_is_not_shown(tenor, own, tmp_path, monkeypatch):
    measured = "tenor.model.discovery.bootstrapped_words"
    with monkeypatch.context() as patched:
        patched.setattr(measured, _not_asked)
        for flags in (
            ["--tree"],
            ["--by", "label"],
            ["--export", "octis", "-o", tmp_path / "x.npz"],
        ):
            assert tenor("topics", own, "--topics", "3", *flags).status == 0
        for flags in ([], ["--topic", "0"], ["--tree", "--keep"]):
            assert tenor("topics", own, "--topics", "3", *flags).status == 1
    assert tenor("topics", own, "--topics", "3", "--tree", "--keep").status == 0
    monkeypatch.setattr(measured, _not_asked)
    assert all(record["stability"] for record in tenor("topics", own, "--json").json["topics"])


def test_kept_topics_beside_other_documents(tenor, lean, documents, columns, tmp_path, monkeypatch):
    own = Path(shutil.copytree(lean, tmp_path / "own"))
    mine = tenor("topics", own, "--merge", "1,2", "--rename", "0=mine", "--json").json["topics"]
    monkeypatch.setattr(library.NVDM, "find_topics", _not_asked)
    before = contents(own)
    some = tmp_path / "some.jsonl"
    some.write_text("\n".join(documents.read_text().splitlines()[:40]))
    there = ["topics", own, some, *columns]
    shown = tenor(*there, "--json").json
    assert shown["n_documents"] == 40
    words = {record["id"]: record["words"] for record in mine}
    assert {record["id"]: record["words"] for record in shown["topics"]} == words
    topics = library.load(own, device="cpu").topics_
    weights = topics.weights([json.loads(line)["body"] for line in some.read_text().splitlines()])
    sizes = {record["id"]: record["size"] for record in shown["topics"]}
    np.testing.assert_allclose([sizes[i] for i in topics.ids], weights.mean(axis=0), rtol=1e-4)
    shares = tenor(*there, "--by", "label", "--json").json
    assert sum(group["documents"] for group in shares["groups"]) == 40
    assert len(tenor(*there, "--topic", "0", "--json").json["documents"]) > 0
    assert tenor(*there, "--tree").status == 0
    assert tenor(*there, "--export", "octis", "-o", tmp_path / "x.npz").status == 0
    assert contents(own) == before
    assert tenor(*there, "--rename", "0=yours", "--json").json["edits"] == 3
    assert "yours" in tenor("topics", own).out


def test_edits_are_done_in_the_order_given(tenor, own):
    topics = tenor("topics", own, "--split", "0=2", "--rename", "4=half", "--json").json["topics"]
    assert {record["id"]: record["name"] for record in topics}[4] == "half"
    shown = tenor("topics", own, "--rename", "1=one", "--undo", "--undo", "--json").json
    assert shown["edits"] == 1 and len(shown["topics"]) == 5


def test_another_number_is_shown_and_kept_when_asked(tenor, own):
    before = contents(own)
    assert len(tenor("topics", own, "--topics", "2", "--json").json["topics"]) == 2
    shown = tenor("topics", own, "--topics", "auto", "--json").json
    assert shown["asked"] == "auto" and shown["number"]["n"] == len(shown["topics"])
    assert "too few to estimate" in tenor("topics", own, "--topics", "auto").out
    assert contents(own) == before
    for n in (2, 3):  # twice: what is there is replaced
        assert tenor("topics", own, "--topics", n, "--keep").status == 0
        assert len(tenor("topics", own, "--json").json["topics"]) == n
        assert tenor("info", own, "--json").json["n_topics"] == n
    assert {path.name for path in own.iterdir()} == {
        Path(p).relative_to(own).parts[0] for p in before
    }


def test_seed_words(tenor, own):
    seeds = ["--seed-words", "space=orbit,moon", "--topics", "4"]
    shown = tenor("topics", own, *seeds, "--json").json["topics"]
    (space,) = (record for record in shown if record["name"] == "space")
    assert {word["word"] for word in space["words"][:2]} == {"orbit", "moon"}
    twice = ["--seed-words", "space=orbit", "--seed-words", "space=moon", "--topics", "4"]
    assert tenor("topics", own, *twice, "--json").json["topics"] == shown
    free = tenor("topics", own, *seeds, "--free-seeds", "--json").json["topics"]
    assert "space" in {record["name"] for record in free}
    refused = tenor("topics", own, "--seed-words", "space=orbitt")
    assert refused.status == 1 and refused.out == "" and "near it: orbit" in refused.err
    both = ["--seed-words", "a=orbit", "--seed-words", "b=orbit"]
    assert "'orbit' cannot be a seed word of both 'a' and 'b'" in tenor("topics", own, *both).err


def test_several_edits_in_one_command(tenor, own):
    word = tenor("topics", own, "--json").json["topics"][0]["words"][0]["word"]
    edits = ["--rename", "1=the goal = far", "--merge", "2,3", "--keep-out", word]
    shown = tenor("topics", own, *edits, "--split", "0", "--json").json
    assert shown["edits"] == 4 and shown["lost"] == []
    assert {record["id"] for record in shown["topics"]} == {1, 2, 4, 5}
    named = {record["id"]: record for record in shown["topics"]}
    assert named[1]["name"] == "the goal = far" and named[1]["given"]
    assert len(named[2]["parts"]) == 2
    assert word not in {w["word"] for record in shown["topics"] for w in record["words"]}
    assert tenor("topics", own, "--json").json == shown
    assert "the goal = far" in tenor("topics", own).out
    assert tenor("topics", own, "--undo", "--undo", "--json").json["edits"] == 2
    assert tenor("topics", own, "--undo", "--undo", "--json").json["edits"] == 0
    assert not (own / EDITS).exists()
    refused = tenor("topics", own, "--undo")
    assert refused.status == 1 and "no edit" in refused.err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--drop", "99"], "there is no topic 99; the topics are 0 to 3"),
        (["--merge", "1"], "at least two topics"),
        (["--merge", "1,1"], "each once"),
        (["--rename", "1="], "must not be empty"),
        (["--split", "1=99"], "too few words"),
        (["--keep-out", "orbitt"], "near it: orbit"),
        (["--undo", "--undo"], "no edit"),
        (["-n", "0"], "-n must be a whole number of at least 1"),
        (["--topic", "99"], "there is no topic 99"),
        (["--by", "label", "--plot", "shares.gif"], ".png or .svg"),
    ],
)
def test_an_edit_beside_something_wrong_is_not_kept(tenor, own, flags, said):
    before = contents(own)
    shown = tenor("topics", own, "--rename", "0=mine", *flags)
    assert (shown.status, shown.out) == (1, "")
    assert said in shown.err and shown.err.count("\n") == 1 and "Traceback" not in shown.err
    assert contents(own) == before


def test_topics_are_not_kept_when_their_edit_fails(tenor, own):
    before = contents(own)
    shown = tenor("topics", own, "--topics", "2", "--keep", "--rename", "7=x")
    assert shown.status == 1 and contents(own) == before


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--axes", "--tree"], "one"),
        (["--topic", "0", "--tree"], "one"),
        (["--by", "label", "--export", "octis", "-o", "x.npz"], "one"),
        (["--axes", "--rename", "0=x"], "latent dimensions"),
        (["--axes", "--topics", "3"], "latent dimensions"),
        (["DOCS", "--axes"], "latent dimensions"),
        (["--topics", "3", "--rename", "0=x"], "add --keep"),
        (["DOCS", "--text-column", "body", "--topics", "3", "--drop", "0"], "add --keep"),
        (["--keep"], "say how many with --topics"),
        (["--free-seeds"], "--seed-words"),
        (["--plot", "x.svg"], "--plot draws"),
        (["--export", "octis"], "--export and -o"),
        (["-o", "x.npz"], "--export and -o"),
        (["--export", "word", "-o", "x"], "is none of"),
        (["--text-column", "body"], "need a SOURCE"),
        (["--topics", "some"], "'some' is no whole number"),
        (["--rename", "3"], "'3' is no ID=NAME"),
        (["--merge", "a,b"], "'a' is no whole number"),
        (["--split", "0=x"], "'x' is no whole number"),
        (["--keep-out", ","], "no WORD,WORD"),
        (["--seed-words", "orbit"], "no NAME=WORD,WORD"),
        (["--seed-words", "=orbit"], "no NAME=WORD,WORD"),
        (["--by", "cluster"], "invalid choice"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(tenor, model, documents, flags, said):
    before = contents(model)
    flags = [str(documents) if flag == "DOCS" else flag for flag in flags]
    shown = tenor("topics", model, *flags)
    assert (shown.status, shown.out) == (2, "")
    assert said in shown.err and shown.err.count("\n") == 1
    assert contents(model) == before


def test_bad_numbers_are_named_by_their_flags(tenor, model, documents, columns, tmp_path, tiny):
    said = '--topics must be a whole number of at least 1 or "auto", not 0'
    assert said in tenor("topics", model, "--topics", "0").err
    fit = ["fit", documents, "-o", tmp_path / "m", *columns, *tiny, "--topics", "0"]
    assert said in tenor(*fit).err
    assert not (tmp_path / "m").exists()


def test_without_documents(tenor, lean, documents, columns, tmp_path):
    own = Path(shutil.copytree(lean, tmp_path / "own"))
    shown = tenor("topics", own, "--topic", "0")
    assert shown.status == 0 and "keeps no documents" in shown.out
    assert "tenor topics MODEL SOURCE" in shown.out
    assert f"tenor topics {own} SOURCE" in tenor("info", own).out
    assert tenor("topics", own, "--topic", "0", "--json").json["documents"] is None
    assert tenor("topics", own, "--rename", "0=first", "--json").json["edits"] == 1
    for flags in (["--topics", "2"], ["--by", "label"], ["--tree"]):
        refused = tenor("topics", own, *flags)
        assert (refused.status, refused.out) == (1, "") and refused.err.count("\n") == 1
        assert "keeps no documents" in refused.err and "tenor topics MODEL SOURCE" in refused.err
        assert "find_topics" not in refused.err
    found = tenor("topics", own, documents, *columns, "--topics", "2", "--by", "label")
    assert found.status == 0 and "sport" in found.out


def test_a_model_of_before_finds_topics_in_a_source(tenor, old, documents, columns):
    before = contents(old)
    refused = tenor("topics", old)
    assert (refused.status, refused.out) == (1, "") and refused.err.count("\n") == 1
    assert "tenor topics MODEL SOURCE" in refused.err
    told = tenor("info", old).out
    assert "not kept" not in told and f"none yet; tenor topics {old} SOURCE --keep" in told
    shown = tenor("topics", old, documents, *columns, "--json").json
    assert shown["n_documents"] == 80 and len(shown["topics"]) == 4
    assert contents(old) == before
    keep = ["topics", old, documents, *columns, "--keep", "--rename", "1=second"]
    assert tenor(*keep).status == 0
    kept = tenor("topics", old, "--json").json
    assert [r["words"] for r in kept["topics"]] == [r["words"] for r in shown["topics"]]
    assert "second" in {record["name"] for record in kept["topics"]}
    assert tenor("transform", old, documents, *columns, "-o", old / "v.parquet", "-q").status == 0


def test_topics_that_are_gone_are_found_and_kept(tenor, own):
    before = tenor("topics", own, "--rename", "1=second", "--json").json
    shutil.rmtree(own / FOLDER)
    assert tenor("topics", own, "--json").json == before
    assert (own / FOLDER).is_dir() and (own / EDITS).is_file()


def test_a_folder_that_cannot_be_written_is_still_read(tenor, own, monkeypatch):
    shutil.rmtree(own / FOLDER)

    def refuse(*_: Any) -> None:
        raise ArtifactError("cannot write: read-only file system")

    monkeypatch.setattr("tenor.model.topic_files.write_kept", refuse)
    shown = tenor("topics", own)
    assert shown.status == 0 and "star" in shown.out and "found anew each time" in shown.err
    shown = tenor("topics", own, "--topics", "2", "--keep")
    assert (shown.status, shown.out) == (1, "") and "read-only" in shown.err


@pytest.mark.parametrize("damage", ["topics.json", "topics.safetensors"])
def test_damaged_topics_are_named(tenor, own, damage):
    path = own / FOLDER / damage
    path.write_bytes(path.read_bytes()[:-40])
    assert tenor("words", own, "orbit").status == 0  # which reads no topics
    for verb in (["topics", own], ["info", own]):
        shown = tenor(*verb)
        assert (shown.status, shown.out) == (1, "") and shown.err.count("\n") == 1
        assert str(own / FOLDER) in shown.err and "remove it" in shown.err
    shutil.rmtree(own / FOLDER)
    assert tenor("topics", own).status == 0


def test_damaged_edits_are_named(tenor, own):
    assert tenor("topics", own, "--rename", "0=x").status == 0
    (own / EDITS).write_text((own / EDITS).read_text().replace('"rename"', '"renamed"'))
    shown = tenor("topics", own)
    assert shown.status == 1 and shown.err.count("\n") == 1
    assert str(own / EDITS) in shown.err and "not what was written" in shown.err
    by_hand = json.loads((own / EDITS).read_text())
    del by_hand["seal"], by_hand["sha256"]
    (own / EDITS).write_text(json.dumps(by_hand))
    shown = tenor("topics", own)
    assert shown.status == 1 and str(own / EDITS) in shown.err and "kind is one of" in shown.err


def test_names_and_words_are_no_markup(tenor, own, capsys):
    shown = tenor("topics", own, "--rename", "0=[red]stars[/] [link=x]y", "--topic", "0")
    assert "[red]stars[/] [link=x]y" in shown.out
    for flags in ([], ["--tree"], ["--by", "label"]):
        assert "[red]stars[/] [link=x]y" in tenor("topics", own, *flags).out
    refused = tenor("topics", own, "--rename", "0=\x1b[31mred")
    assert refused.status == 1 and "printable" in refused.err
    words = ["[bold]a[/]", "b[/c]", "[link=d]", "\x1be", "[/]"]
    counts = np.kron(np.eye(5, dtype=int), np.ones((30, 1), dtype=int)) + 1
    corpus = library.Corpus.from_counts(
        counts, words, labels=[f"[i]{d % 2}[/i]" for d in range(150)]
    )
    model = library.NVDM(2, encoder_sizes=(8,), epochs=1, device="cpu").fit(corpus)
    capsys.readouterr()
    output.show(*topic_tables.all_topics(model.topics_, 10, False))
    output.show(*topic_tables.one_topic(model.topics_, 0, 10, False))
    output.show(*topic_tables.topic_tree(model.topics_.tree(), model.vocabulary_, False))
    shares = model.topics_.shares()
    output.show(*topic_tables.topic_shares(shares, model.topics_.names, False))
    out = capsys.readouterr().out
    assert "\x1b" not in out and all(word in out for word in words if word.isprintable())


def test_lost_edits_are_said(tenor, own, tmp_path, documents, columns):
    names = [f"--rename={topic}=name {topic}" for topic in range(4)]
    assert tenor("topics", own, *names).status == 0
    shown = tenor("topics", own, "--topics", "1", "--json")
    assert len(shown.json["lost"]) == 3 and len(shown.err.splitlines()) == 3
    assert tenor("topics", own, "--topics", "1", "--keep").status == 0
    assert len(tenor("topics", own).err.splitlines()) == 3
    more = ["--continue-from", own, "-o", tmp_path / "further", "--epochs", "1", "-q"]
    further = tenor("fit", documents, *columns, *more)
    assert further.status == 0, further.err
    lost = tenor("info", tmp_path / "further", "--json").json["lost_edits"]
    assert [line for line in further.err.splitlines() if "name" in line] == lost


def test_a_further_fit_keeps_ids_and_names(tenor, own, tmp_path, documents, columns):
    before = tenor("topics", own, "--rename", "1=second", "--json").json["topics"]
    more = ["--continue-from", own, "-o", tmp_path / "further", "--epochs", "1", "-q"]
    slow = ["--learning-rate", "0.00001"]
    assert tenor("fit", documents, *columns, *more, *slow).status == 0
    after = tenor("topics", tmp_path / "further", "--json").json
    assert after["lost"] == [] and after["edits"] == 1
    named = {record["name"]: record["id"] for record in after["topics"]}
    assert named["second"] == 1
    shown = {r["id"]: {w["word"] for w in r["words"]} for r in before}
    for record in after["topics"]:
        words = {word["word"] for word in record["words"]}
        assert len(words & shown.get(record["id"], words)) >= min(3, len(words))


def test_weights_of_topics_beside_vectors(tenor, own, tmp_path, documents, columns):
    assert tenor("topics", own, "--merge", "0,2").status == 0
    source = tmp_path / "more.jsonl"
    source.write_text(documents.read_text() + json.dumps({"name": "no", "body": "…", "kind": "x"}))
    target = tmp_path / "v.parquet"
    shown = tenor("transform", own, source, *columns, "-o", target, "--topic-weights", "-q")
    assert shown.status == 0 and "weights of 3 topics" in shown.out and "like_none)" in shown.out
    table = pq.read_table(target)
    assert table.column_names == ["id", "label", "empty", "vector", "topics", "like_none"]
    topics = library.load(own, device="cpu").topics_
    assert json.loads(table.schema.metadata[b"topics"]) == list(topics.ids)
    texts = [json.loads(line)["body"] for line in source.read_text().splitlines()]
    found = np.array(table.column("topics").to_pylist(), dtype=np.float32)
    np.testing.assert_allclose(found, topics.weights(texts), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), [1] * 80 + [0], rtol=1e-5)
    again = ["-o", target, "--overwrite", "--topic-weights", "--json", "-q"]
    facts = tenor("transform", own, source, *columns, *again)
    assert facts.json["n_topics"] == 3 and facts.json["columns"][-2:] == ["topics", "like_none"]
    assert "topics" not in pq.read_table(_plain(tenor, own, source, columns, tmp_path)).column_names


def test_weights_of_topics_instead_of_vectors(tenor, own, tmp_path, documents, columns):
    source, target = tmp_path / "more.jsonl", tmp_path / "v.parquet"
    bodies = ["orbit rocket moon orbit", "…", "orbit goal bread court", "moon dough judge coach"]
    rows = [{"name": str(n), "body": body, "kind": "x"} for n, body in enumerate(bodies)]
    source.write_text("\n".join(map(json.dumps, rows)))
    command = ["transform", own, source, *columns, "-o", target, "-q"]
    command += ["--overwrite", "--topic-weights"]
    assert tenor(*command).status == 0
    beside = pq.read_table(target)
    shown = tenor(*command, "only")
    assert shown.status == 0 and "vectors" not in shown.out and "weights of 4 topics" in shown.out
    only = pq.read_table(target)
    assert only.column_names == ["id", "label", "empty", "topics", "like_none"]
    assert only.equals(beside.drop_columns("vector"))
    topics = library.load(own, device="cpu").topics_
    like_none = [*(topics.likeness(bodies) < topics.limit)]
    like_none[1] = True  # no known word
    assert only.column("like_none").to_pylist() == like_none
    assert tenor(*command, "only", "--json").json["n_components"] is None
    wrong = tenor("transform", own, "--topic-weights", source, "-o", target)
    assert wrong.status == 2 and "neither beside nor only; SOURCE comes before it" in wrong.err


def _plain(tenor, own, source, columns, tmp_path) -> Path:
    target = tmp_path / "plain.parquet"
    assert tenor("transform", own, source, *columns, "-o", target, "-q").status == 0
    assert b"topics" not in (pq.read_table(target).schema.metadata or {})
    return target


def test_weights_need_topics(tenor, old, documents, columns, tmp_path):
    target = tmp_path / "v.parquet"
    shown = tenor("transform", old, documents, *columns, "-o", target, "--topic-weights", "-q")
    assert (shown.status, shown.out) == (1, "") and shown.err.count("\n") == 1
    assert "tenor topics MODEL SOURCE --keep" in shown.err and not target.exists()


def test_the_facts_and_the_card_tell_of_topics(tenor, own):
    facts = tenor("info", own, "--json").json
    assert facts["n_topics"] == len(facts["topics"]) == 4 and facts["counts_bytes"] > 0
    shown = tenor("info", own).out
    assert f"4, the largest: {' '.join(facts['topics'][0][:4])}" in shown
    assert "with their counts" in shown
    sizes = library.load(own, device="cpu").topics_.topics.topic_sizes
    first, last = np.argsort(-sizes)[[0, -1]]
    merged = tenor("topics", own, "--merge", f"{last},{first}", "--json").json["topics"]
    largest = max(merged, key=lambda record: record["size"])
    words = [word["word"] for word in largest["words"]]
    assert f"3, the largest: {' '.join(words[:4])}" in tenor("info", own).out
    card = (own / "README.md").read_text()
    assert "## Topics" in card and " ".join(facts["topics"][0][:8]) in card


def test_the_help_says_what_each_flag_takes(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    shown = " ".join(parser_of("topics").format_help().split())
    for part in (
        "find again:",
        "a person's hand",
        "tenor topics news --rename 3=space --merge 3,7",
    ):
        assert part in shown
    for flag in ("--topic ID", "--topics N|auto", "--split ID[=N]", "--keep-out WORD,WORD"):
        assert flag in shown
    assert "which are no topics" in shown and "done in the order given" in shown
    assert all(tool in shown for tool in SUFFIXES)


def test_shares_are_told_by_the_topics_numbers(capsys):
    rng = np.random.default_rng(0)
    weights = rng.dirichlet([1.0, 1.0], size=200)
    weights[:100] = rng.dirichlet([9.0, 1.0], size=100)
    shares = shares_by_group(weights, ["a"] * 100 + ["b"] * 100, 40, ids=[8, 1])
    output.show(*topic_tables.topic_shares(shares, ["eight", "one"], as_json=False))
    told = capsys.readouterr().out
    assert "more eight" in " ".join(told.split())
    output.print_json(topic_tables.topic_shares(shares, ["eight", "one"], as_json=True))
    group = json.loads(capsys.readouterr().out)["groups"][0]["topics"]
    assert [(topic["topic"], topic["name"]) for topic in group] == [(8, "eight"), (1, "one")]
